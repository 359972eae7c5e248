"""Archives to check reports against: a scenario played on loopback, watched, and its twins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from holdfast import fake_telegram
from holdfast.archive import Archive
from holdfast.fake_telegram import ScenarioClock, parse_scenario, serve_in_thread
from holdfast.fetch import Door, Policy
from holdfast.reports.checking import CheckedReport
from holdfast.reports.verdict import Checked
from holdfast.schedule import Pattern
from holdfast.vault.founding import create
from holdfast.watching.clock import RehearsalClock
from holdfast.watching.media import MediaPolicy
from holdfast.watching.run import Options, watch
from holdfast.watching.web import WebSource, note_attempt

SCENARIOS = Path(__file__).with_name("scenarios")
RECONSTRUCTION = Path(fake_telegram.__file__).with_name("reconstruction.toml")
TRANSCRIPT = RECONSTRUCTION.with_suffix(".srt")
CHANNEL = "4000000029"
VIDEO = f"{CHANNEL}/104"


def scenario_text(name: str = "reference", changes: Sequence[tuple[str, str]] = ()) -> str:
    """A scenario's text with some words changed, each of which must be there."""
    path = RECONSTRUCTION if name == "reference" else SCENARIOS / f"{name}.toml"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def watched(
    folder: Path,
    text: str,
    channel: str = "put_domoi_made_up",
    *,
    from_h: float = 78,
    until_h: float = 108,
    every_s: int = 3600,
    files: bool = False,
) -> Path:
    """A vault that watched a scenario's channel from one hour of it to another."""
    scenario = parse_scenario(text.encode(), "scenario.toml")
    start = int(scenario.start + from_h * 3600)
    clock = ScenarioClock(start)
    rehearsal = RehearsalClock(clock, clock.advance)
    create(folder, "made-up.invalid/check", clock=rehearsal.now)

    async def run(address: str) -> None:
        policy = Policy(allowed_hosts=(address.split("//")[1],), allow_private=True, per_host_rate=1000.0)
        async with Door(policy, on_exchange=note_attempt, clock=clock, sleep=rehearsal.sleep) as door:
            with Archive.open(folder, clock=rehearsal.now, workers=0) as archive:
                options = Options(
                    until=int(scenario.start + until_h * 3600),
                    pattern=Pattern(every_s),
                    media=MediaPolicy() if files else MediaPolicy("none", 0),
                )
                await watch(
                    archive, [(WebSource(door, address, rehearsal.now), channel)], options, clock=rehearsal
                )

    with serve_in_thread(scenario, clock) as server:
        asyncio.run(run(server.base_url))
    return folder


def opened(vault: Path, at: int = 1_705_000_000) -> Archive:
    """The archive of a vault, in one process, with a clock that stands after all that was captured."""
    ticks = iter(range(at, at + 1_000_000))
    return Archive.open(vault, workers=0, clock=lambda: next(ticks))


def invented(text: str, folder: Path, name: str = "report.txt") -> Path:
    """A report in a file."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def pier_vault(folder: Path, *, files: bool = False) -> Path:
    """A vault that watched the tour's two days: an edit, a disappearance, a new title, the channel's end."""
    text = Path(fake_telegram.__file__).with_name("tour.toml").read_text("utf-8")
    return watched(folder, text, "quiet_shore_demo", from_h=1, until_h=48, files=files)


def by_words(found: CheckedReport, words: str) -> Checked:
    """The one claim in whose words something stands."""
    (claim,) = [each for each in found.claims if words in each.claim.span.exact]
    return claim


def of_kind(found: CheckedReport, kind: str) -> Checked:
    """The first claim of a kind."""
    return next(each for each in found.claims if each.claim.kind == kind)
