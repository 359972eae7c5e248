"""Plays scenarios for the watch: the real door, the real fake server, and a loop whose time passes only when nothing is left to do."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from holdfast.archive import Archive, create
from holdfast.fake_telegram import FakeServer, Scenario, ScenarioClock, parse_scenario, serve_in_thread
from holdfast.fetch import Door, Exchange, Policy
from holdfast.watching.media import MediaPolicy
from holdfast.watching.run import Options, Sweep, watch
from holdfast.watching.web import WebSource, note_attempt
from tests.archives import doubt, rows

T = TypeVar("T")
ORIGIN = "test.example/log"
START = 1_700_000_000
HOUR = 3_600
DAY = 24 * HOUR
SILENCE_S = 0.5
"""So long an answer from outside is waited for before the time passes that its asker allows for it."""
NO_FILES = MediaPolicy("none")


class _Selector(selectors.DefaultSelector):
    """Lets the clock jump where the loop would wait for nothing but time."""

    def __init__(self, clock: ScenarioClock, start: int) -> None:
        super().__init__()
        self._clock, self._start = clock, start
        self.passed_s = clock() - start
        self.in_threads = self.on_the_wire = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        if self.in_threads or timeout is None:
            return super().select(None)
        if self.on_the_wire and (found := super().select(SILENCE_S)):
            return found
        self.passed_s += timeout + 1e-6
        self._clock.set(max(self._clock(), self._start + self.passed_s))
        return []


class PassingLoop(asyncio.SelectorEventLoop):
    """A loop by the scenario's clock: all who sleep, and all time-outs, see the same time pass, in no time."""

    def __init__(self, clock: ScenarioClock, start: int) -> None:
        self._own = _Selector(clock, start)
        super().__init__(self._own)

    def time(self) -> float:
        return self._own.passed_s

    def run_in_executor(self, *given: Any) -> Any:  # type: ignore[override]  # whatever it is given is handed on
        future = super().run_in_executor(*given)
        self._own.in_threads += 1
        future.add_done_callback(self._back)
        return future

    def _back(self, _future: object) -> None:
        self._own.in_threads -= 1

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While inside, somebody waits for an answer that takes real time."""
        self._own.on_the_wire += 1
        try:
            yield
        finally:
            self._own.on_the_wire -= 1


class PassingDoor(Door):
    """The door, which tells its loop while it waits for the other side."""

    async def __aenter__(self) -> PassingDoor:
        await super().__aenter__()
        loop, send = asyncio.get_running_loop(), self._wire.send
        assert isinstance(loop, PassingLoop)

        async def sent(*given: Any) -> Exchange:
            with loop.asking():
                return await send(*given)

        self._wire.send = sent  # type: ignore[assignment, method-assign]  # the one place where it is known who waits for what
        return self


class ScenarioTime:
    """The watch's clock: the loop's own time, counted from the scenario's start."""

    is_real = True

    def __init__(self, start: int) -> None:
        self._start = start

    def now(self) -> int:
        return int(self._start + asyncio.get_running_loop().time())

    async def sleep(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)


class Playing:
    """A scenario that is served, and a vault that watches it. `sweeps`: what the watch reported, all runs together."""

    def __init__(self, scenario: Scenario, folder: Path, server: FakeServer, clock: ScenarioClock) -> None:
        self.scenario, self.server, self.clock = scenario, server, clock
        self.vault = folder / "vault"
        self.sweeps: list[Sweep] = []
        create(self.vault, ORIGIN, clock=self.now)

    def now(self) -> int:
        return int(self.clock())

    def open(self) -> Archive:
        return Archive.open(self.vault, clock=self.now, workers=0, record_host=False)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run something inside a loop whose time is the scenario's."""
        start = self.scenario.start
        with asyncio.Runner(loop_factory=lambda: PassingLoop(self.clock, start)) as runner:
            return runner.run(work())

    def policy(self, **more: Any) -> Policy:
        host = self.server.base_url.partition("//")[2]
        return Policy(**{"allowed_hosts": (host,), "allow_private": True, "per_host_concurrency": 64, **more})

    def watch(
        self,
        *names: str,
        until: int | None = None,
        policy: dict[str, Any] | None = None,
        report: Callable[[Sweep], None] = lambda _: None,
        source: Callable[[WebSource], Any] = lambda each: each,
        **options: Any,
    ) -> Any:
        """Watch channels, until so many seconds after the start of the scenario. Returns what `watch` does."""

        def told(sweep: Sweep) -> None:
            self.sweeps.append(sweep)
            report(sweep)

        async def work() -> Any:
            clock = ScenarioTime(self.scenario.start)
            async with PassingDoor(
                self.policy(**(policy or {})),
                on_exchange=note_attempt,
                clock=self.clock,
                ticks=asyncio.get_running_loop().time,
            ) as door:
                web = source(WebSource(door, self.server.base_url, clock.now))
                end = None if until is None else self.scenario.start + until
                chosen = Options(**{"media": NO_FILES, "until": end, **options})
                with self.open() as archive:
                    return await watch(
                        archive, [(web, name) for name in names], chosen, clock=clock, report=told
                    )

        return self.run(work)

    def doubt(self) -> None:
        """The vault holds, nothing is left open, and a rebuild gives the same tables."""
        doubt(self.vault)
        with self.open() as archive:
            before = rows(archive)
            assert not [row for row in before["capture"] if "open" in row]
            archive.rebuild()
            assert rows(archive) == before


@contextmanager
def playing(scenario: Scenario, folder: Path) -> Iterator[Playing]:
    """Serve a scenario beside the caller, on a clock that stands between the watches."""
    clock = ScenarioClock(scenario.start)
    with serve_in_thread(scenario, clock) as server:
        yield Playing(scenario, folder, server, clock)


HEAD = "format = 1\nstart = 2023-11-14T22:13:20Z\n"
CHANNEL = """
[[channel]]
id = 71
username = "Pier_News"
title = "Pier"
description = "Ferries and weather."
followers = [["+0h", 900], ["+24h", 38050]]
"""


def scene(body: str = "", *, head: str = "", channel: str = CHANNEL) -> Scenario:
    """A scenario of one channel. `head`: more of its first table; `body`: what comes after the channel's own lines."""
    return parse_scenario(f"{HEAD}{head}\n{channel}\n{body}", "scene.toml")


def event(at: str, what: str, **more: str) -> str:
    """One thing that happens to the channel before."""
    rest = "".join(f'{key} = "{value}"\n' for key, value in more.items())
    return f'[[channel.event]]\nat = "{at}"\nwhat = "{what}"\n{rest}'


def post(at: str, text: str | None = None, *edits: tuple[str, str], **more: object) -> str:
    """One post, with (when, new text) of its edits; what stands in `more` is written as it is."""
    lines = [f'[[channel.post]]\nat = "{at}"']
    if text is not None:
        lines.append(f'text = "{text}"')
    lines += [f"{key} = {value}" for key, value in more.items()]
    lines += [f'[[channel.post.edit]]\nat = "{when}"\ntext = "{new}"' for when, new in edits]
    return "\n".join(lines) + "\n"
