"""`holdfast demo`: the tour, on a made-up channel or on a real export."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from holdfast.archive import Archive, create
from holdfast.catalog import queries
from holdfast.cli.call import Call
from holdfast.cli.output import Output, many, plain
from holdfast.cli.watch import show_sweep
from holdfast.demo import PUBLISHED, write_exports, write_reports
from holdfast.errors import HoldfastError, UsageError
from holdfast.fake_telegram import (
    Scenario,
    ScenarioClock,
    demo_scenario,
    reconstruction,
    reconstruction_transcript,
    serve_in_thread,
)
from holdfast.fetch import Door, Policy
from holdfast.model import plain_text
from holdfast.watching.clock import RehearsalClock
from holdfast.watching.run import Options, Sweep, watch
from holdfast.watching.web import WebSource, note_attempt

__all__ = ["play_tour", "run"]

WATCHED, EDITED, VANISHED = "quiet_shore_demo", 13, 12
"""The channel of the built-in scenario, and two of its posts."""

REPORTED, REPORTED_HOURS = "put_domoi_made_up/104", (78.0, 108.0)
"""The reconstructed channel's nine-minute video, and the hours of the scenario around it."""

SAMPLED_POSTS = 2_000
ANY_POST = "since:1970"
"""What to look for where no post has a word."""


def run(
    export: Path | None = None,
    /,
    *,
    out: Path | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Preserve a channel, watch one for two days in a few seconds, prove what was seen, verify it all.

    Parameters
    ----------
    export
        A Telegram Desktop export to take the tour with; a made-up channel by default.
    out
        The folder to make for the tour; a temporary one by default.
    """
    if call.json:
        raise UsageError("the tour is for people", remedy="the verbs that it runs take --json")
    if export is not None and not export.exists():
        raise UsageError(
            f"{export} does not exist", remedy="name an export's folder, result.json or messages.html"
        )
    if out is not None and out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty", remedy="name a new folder")
    folder = out or Path(tempfile.mkdtemp(prefix="holdfast-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if export is None:
        print("Everything in this tour is made-up: its channel never was, nothing in it ever happened.\n")
        print("1. A channel that somebody exported twice")
        _export_tour(folder, *write_exports(folder), is_ours=False)
        print("\n2. Two days of a channel under watch")
        _watch_tour(folder)
        print("\n3. What newspapers said of a channel")
        _report_tour(folder)
    else:
        _export_tour(folder, export, export, is_ours=True)
    _say_what_next(folder, folder / ("proof" if export is not None else "watched-proof") / "index.html")
    return 0


def _say_what_next(folder: Path, page: Path) -> None:
    tool = "holdfast" if shutil.which("holdfast") else str(Path(sys.executable).parent / "holdfast")
    print(f"\nEverything lies in {folder}. A page for strangers: {page}")
    if (folder / "watched").exists():
        print(f"The same in a browser: {tool} serve --vault {shlex.quote(str(folder / 'watched'))}")
    print("Next, on your own data:\n")
    for line in (
        f"{tool} init ./vault --origin archive.example.org/channel-watch",
        f"{tool} import ~/Downloads/ChatExport_2023-12-29 --vault ./vault",
        f"{tool} watch @channel --vault ./vault",
        f'{tool} find "words" --vault ./vault',
    ):
        print(f"    {line}")


def _export_tour(folder: Path, first: Path, second: Path, *, is_ours: bool) -> None:
    """From an export to a proof. `is_ours`: the reader's own, of which nothing is known beforehand."""
    vault, proof = folder / "vault", folder / "proof"
    tour = _Tour(vault)
    tour.step(
        "Make a vault with its own signing keys.", ["init", str(vault), "--origin", "demo.invalid/tour"]
    )
    tour.step(
        "Take an export in: files first, then every post, sealed in a signed log.",
        ["import", str(first)],
        incomplete=True,
    )
    if is_ours:
        word, changed = _choose(vault)
        others = []
    else:
        tour.step(
            "A day later, another export of the same channel: what changed, and what is gone.",
            ["import", str(second)],
        )
        word, others, changed = "Бердянск", ["berdyansk", "Berdiansk", "Бердянськ"], "Тихий берег/11"
    tour.step("Find posts; words match in any spelling, ending or script.", ["find", word, "--limit", "5"])
    for other in others:
        tour.step("", ["find", other, "--limit", "5"])
    tour.step("Look at one post: its observations, and the entries that prove them.", ["show", changed])
    if not is_ours:
        tour.step(
            "One that is gone: last seen, first missing, and what was answered. No motive is guessed.",
            ["show", "Тихий берег/12"],
        )
    tour.step("Write what a stranger needs to check that post.", ["prove", changed, "--out", str(proof)])
    tour.step("Check the proof as a stranger would.", ["verify", str(proof)], vault=False)
    tour.step(
        "Doubt everything: every signature, tile, disclosure and file of the vault.",
        ["verify", str(vault)],
        vault=False,
    )


def _watch_tour(folder: Path) -> None:
    """From watching to a proof, on the clock of a scenario: in a vault of its own, because a log's times never run
    backwards and these are of November 2023."""
    vault, proof = folder / "watched", folder / "watched-proof"
    tour = _Tour(vault)
    print(
        "\n— Watch a channel: once an hour its card, its new posts, its counters, and each post that is missing."
        "\n  A small server on this machine plays the channel, on a clock that runs two days in a few seconds."
    )
    play_tour(vault, demo_scenario())
    _show_what_was_watched(tour, proof)


def _show_what_was_watched(tour: _Tour, proof: Path) -> None:
    tour.step(
        "What changed, as intervals: last seen so, first seen otherwise, and the entries that prove it.",
        ["timeline", WATCHED],
    )
    tour.step("A post whose text was changed, with its view curve.", ["show", f"{WATCHED}/{EDITED}"])
    tour.step(
        "A post that vanished: its page was asked for, and the answer is sealed.",
        ["show", f"{WATCHED}/{VANISHED}"],
    )
    tour.step(
        "Write what a stranger needs to check that: the entries, and the pages as they were received.",
        ["prove", f"{WATCHED}/{VANISHED}", "--out", str(proof)],
    )
    tour.step("Check it as a stranger would, then the whole vault.", ["verify", str(proof)], vault=False)
    tour.step("", ["verify", str(tour.vault)], vault=False)


def _report_tour(folder: Path) -> None:
    """From two reports to verdicts: the same vault goes on watching, a month later, a channel made up to fit a report's figures."""
    tour = _Tour(folder / "watched")
    print(
        "\n— Watch another channel for thirty hours around a video. It is made up to fit the figures of a newspaper's report:"
        "\n  views, followers, a label; what it says was never published anywhere."
    )
    scenario = reconstruction()
    play_tour(tour.vault, scenario, hours=REPORTED_HOURS)
    speech = folder / "interview.srt"
    speech.write_bytes(reconstruction_transcript())
    english, russian = write_reports(folder / "reports")
    tour.step(
        "A newspaper writes of it. Each claim is held against what was captured by the moment it speaks of;"
        "\n  a transcript that somebody made of the video is sealed beside it, for the quotations.",
        ["check", str(english), "--published", PUBLISHED[english.name], "--outlet", "The Invented Courier",
         "--transcript", f"{REPORTED}={speech}", "--html", str(folder / "courier.html")],
    )  # fmt: skip
    tour.step(
        "Another paper, in Russian, has twice the views: no capture of that day leaves room for it.",
        ["check", str(russian), "--published", PUBLISHED[russian.name], "--outlet", "Выдуманный вестник",
         "--html", str(folder / "vestnik.html")],
    )  # fmt: skip


def play_tour(
    vault: Path, scenario: Scenario, *, hours: tuple[float, float] | None = None, record_host: bool = True
) -> None:
    """Watch a scenario's first channel, from its start to its end or between two hours of it, into a vault that is made where there
    is none, and print what a terminal would show.

    Effects: a server on loopback, for as long as this runs; no other network. The clock is the scenario's, for both sides.
    """
    begin, end = scenario.start, scenario.end
    if hours is not None:
        begin, end = (scenario.start + int(each * 3600) for each in hours)
    clock = ScenarioClock(begin)
    rehearsal = RehearsalClock(clock, clock.advance)
    if not (vault / "vault.json").exists():
        create(vault, "demo.invalid/watch", clock=rehearsal.now)
    name = scenario.channels[0].username

    async def play(base: str) -> None:
        policy = Policy(allowed_hosts=(urlsplit(base).netloc,), allow_private=True)
        async with Door(policy, on_exchange=note_attempt, clock=clock, sleep=rehearsal.sleep) as door:
            with Archive.open(vault, clock=rehearsal.now, workers=0, record_host=record_host) as archive:
                await watch(
                    archive,
                    [(WebSource(door, base, rehearsal.now), name)],
                    Options(until=end),
                    clock=rehearsal,
                    report=sweeps,
                )

    with serve_in_thread(scenario, clock) as server:
        words = ["watch", f"@{name}", "--telegram-web", server.base_url, "--vault", str(vault)]
        print(f"$ holdfast {shlex.join(words)}", flush=True)
        sweeps = _Sweeps()
        asyncio.run(play(server.base_url))
        sweeps.end()


class _Sweeps:
    """Says what sweeps brought, a line each; those that brought nothing but numbers are counted together."""

    def __init__(self) -> None:
        self.output, self.quiet = Output(json=False), 0
        self.answered: str | None = None

    def __call__(self, sweep: Sweep) -> None:
        counts = sweep.kept.counts
        is_quiet = not (counts.new or counts.absent or counts.skipped or sweep.files)
        if is_quiet and sweep.outcome == "complete" and sweep.answered == self.answered:
            self.quiet += 1
            return
        self.end()
        self.answered = sweep.answered
        show_sweep(sweep, self.output)

    def end(self) -> None:
        if self.quiet:
            self.output.line(f"    … {many(self.quiet, 'look')} that brought no more than other numbers")
        self.quiet = 0


class _Tour:
    """Shows each command as a person would type it, then runs it through the same door."""

    def __init__(self, vault: Path) -> None:
        self.vault = vault

    def step(self, why: str, words: list[str], *, vault: bool = True, incomplete: bool = False) -> None:
        from holdfast.cli import main

        if why:
            print(f"\n— {why}")
        words = [*words, "--vault", str(self.vault)] if vault and words[0] != "init" else words
        print(f"$ holdfast {shlex.join(words)}", flush=True)
        code = main(words)
        sys.stdout.flush()
        if code and not (incomplete and code == 3):
            stop = HoldfastError(
                f"the tour stopped: `{words[0]}` ended with {code}", remedy="see the lines above"
            )
            stop.exit_code = code
            raise stop


def _choose(vault: Path) -> tuple[str, str]:
    """A word that several posts of the vault share, and one of its posts."""
    with Archive.open(vault) as archive:
        channels = [each for each in queries.channels(archive.engine()) if each.posts]
        if not channels:
            raise UsageError(
                "the export holds no channel",
                remedy="groups and private chats need `holdfast import --include-private`",
            )
        channel = max(channels, key=lambda each: each.posts)
        words: Counter[str] = Counter()
        posts = []
        for each in archive.sample(channel.row, SAMPLED_POSTS):
            found = {
                word
                for word in re.findall(r"\w+", plain_text(each.text))
                if len(word) > 1 and not word.isdigit()
            }
            words.update(found)
            if found:
                posts.append((each.post.id, found))
        # Neither the most common words nor names that occur once.
        ranked = [word for word, count in words.most_common() if count <= max(2, len(posts) // 5)]
        word = max(ranked[:200], key=len, default="") or next(iter(words), ANY_POST)
        post = next((post for post, found in posts if word in found), posts[0][0] if posts else "1")
        return plain(word), f"{channel.id}/{post}"
