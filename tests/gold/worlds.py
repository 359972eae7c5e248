"""Plays the invented worlds, lets a watch look at them, and notes who looked when, without asking the vault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from holdfast.archive import Archive, create
from holdfast.fake_telegram import Scenario, ScenarioClock, parse_scenario, serve_in_thread
from holdfast.fetch import Door, Policy
from holdfast.schedule import Pattern
from holdfast.watching.clock import RehearsalClock
from holdfast.watching.media import MediaPolicy
from holdfast.watching.run import Options, watch
from holdfast.watching.web import WebSource, note_attempt

__all__ = ["HOUR", "REGIMES", "Look", "Regime", "World", "load_scenario", "play"]

HOUR = 3_600
WORLDS = Path(__file__).with_name("scenarios")


class Regime(NamedTuple):
    """How a world is watched: from one hour of it to another, every so many; `reports`: the hours at which reports are published."""

    name: str
    world: str
    zone: str
    from_h: int
    until_h: int
    every_h: int
    reports: tuple[int, ...]


REGIMES = (
    Regime("harbour-hourly", "harbour", "Europe/Moscow", 84, 110, 1, (100, 103)),
    Regime("harbour-sixths", "harbour", "Europe/Moscow", 60, 138, 6, (101, 119)),
    Regime("harbour-late", "harbour", "Europe/Moscow", 172, 174, 1, (100,)),
    Regime("meadow-hourly", "meadow", "Europe/Kyiv", 84, 110, 1, (100, 104)),
    Regime("meadow-sixths", "meadow", "Europe/Kyiv", 60, 138, 6, (103, 120)),
    Regime("meadow-daily", "meadow", "Europe/Kyiv", 24, 216, 24, (107,)),
)


class Look(NamedTuple):
    """One answer that a watch was given. Units: `at` in unix seconds. `what`: "page" (posts and card), "landing" (card), or "post"."""

    at: int
    channel: int
    what: str


class World(NamedTuple):
    """A vault, what truly happened, and the looks that the vault was made of."""

    regime: Regime
    scenario: Scenario
    vault: Path
    looks: tuple[Look, ...]


def load_scenario(name: str) -> Scenario:
    return parse_scenario((WORLDS / f"{name}.toml").read_bytes(), name)


def play(regime: Regime, folder: Path, *, founded: Callable[[Path], object] = lambda _: None) -> World:
    """Watch a world. `founded` is called with the vault before anything is in it. Effects: makes a vault in `folder`; serves on loopback meanwhile."""
    scenario = load_scenario(regime.world)
    vault = folder / regime.name
    clock = ScenarioClock(scenario.start + regime.from_h * HOUR)
    rehearsal = RehearsalClock(clock, clock.advance)
    create(vault, "gold.invalid/worlds", clock=rehearsal.now)
    founded(vault)
    names = [channel.username for channel in scenario.channels]
    options = Options(
        until=scenario.start + regime.until_h * HOUR,
        pattern=Pattern(regime.every_h * HOUR),
        media=MediaPolicy("none", 0),
    )

    async def run(address: str) -> None:
        policy = Policy(
            allowed_hosts=(address.partition("//")[2],), allow_private=True, per_host_rate=1_000_000.0
        )
        async with Door(policy, on_exchange=note_attempt, clock=clock, sleep=rehearsal.sleep) as door:
            with Archive.open(vault, clock=rehearsal.now, workers=0, record_host=False) as archive:
                web = WebSource(door, address, rehearsal.now)
                await watch(archive, [(web, name) for name in names], options, clock=rehearsal)

    with serve_in_thread(scenario, clock) as server:
        asyncio.run(run(server.base_url))
        asks = server.journal.asks()
    ids = {channel.username: channel.id for channel in scenario.channels}
    looks = []
    for asked in asks:
        path = asked.target.partition("?")[0].strip("/").split("/")
        page = path[0] == "s"
        name = path[1] if page else path[0]
        if name in ids and asked.fault is None:
            what = "page" if page else "landing" if len(path) == 1 else "post"
            looks.append(Look(int(asked.at), ids[name], what))
    return World(regime, scenario, vault, tuple(looks))
