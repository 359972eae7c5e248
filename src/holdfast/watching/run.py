"""Runs a watch: sweeps when they are due, side by side, each sealed as it comes, until it is told to stop."""

from __future__ import annotations

import asyncio
import heapq
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from holdfast.archive import Archive, Writing
from holdfast.capture.contract import AnswerSeen
from holdfast.errors import HoldfastError
from holdfast.importing import close_interrupted
from holdfast.schedule import Pattern
from holdfast.watching.clock import Clock, SystemClock
from holdfast.watching.commits import Commits
from holdfast.watching.keeping import Keeper, Kept
from holdfast.watching.media import MediaPolicy, Taken, Taking
from holdfast.watching.memory import Watched
from holdfast.watching.source import Answer, Source
from holdfast.watching.sweep import Asking, Swept, Target

__all__ = ["Options", "Sweep", "Watch", "watch"]

SLOW_S = 10
"""A sweep that takes longer does not count among those that run side by side: a slow channel delays no other."""
SLOW_TIMES = 8
"""So many times as many sweeps as `parallel` says may run at all, slow ones included."""

_log = logging.getLogger(__name__)


class Options(msgspec.Struct, frozen=True):
    """How to watch. `until`: unix seconds at which the watch ends by itself; `history`: how many ids back, None for all."""

    once: bool = False
    pattern: Pattern = Pattern()
    media: MediaPolicy = MediaPolicy()
    history: int | None = None
    parallel: int = 8
    pages: int = 50
    until: int | None = None


class Sweep(msgspec.Struct, frozen=True):
    """What a watch reports of one sweep. Units: times in unix seconds; `next_at` None if there is none; `history_left`: earlier
    ids that are wanted and were never asked for."""

    name: str
    source: str
    answered: str
    outcome: str
    detail: str | None
    kept: Kept
    followers: Any
    files: int
    started_at: int
    next_at: int | None
    requests: int
    history_left: int = 0


class Watch(msgspec.Struct):
    """How a watch went: its sweeps by outcome, and the last outcome of each name that was asked for."""

    sweeps: dict[str, int] = {}
    last: dict[str, str] = {}
    is_stopped: bool = False


class _Watch:
    def __init__(
        self,
        archive: Archive,
        writing: Writing,
        watched: Sequence[Watched],
        options: Options,
        clock: Clock,
        report: Callable[[Sweep], None],
    ) -> None:
        self.archive, self.options, self.clock, self.report = archive, options, clock, report
        self.watched = list(watched)
        self.keeper = Keeper(archive, writing)
        self.stopping = asyncio.Event()
        self.result = Watch()
        self.commits = Commits(self.keeper)
        self._taking: dict[int, Taking] = {}

    # -- the story --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Sweep until the end. Errors: what sealing raises; then nothing more is asked for."""
        try:
            await self._sweep_all(self.commits.task)
        finally:
            await self.commits.end()

    async def _sweep_all(self, keeping: asyncio.Task[None]) -> None:
        due = [(watched.next_at, at) for at, watched in enumerate(self.watched)]
        if self.options.once:
            due = [(watched.held_until, at) for at, watched in enumerate(self.watched)]
        heapq.heapify(due)
        running: dict[asyncio.Task[bool], tuple[int, int]] = {}
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            while (due or running) and not self.stopping.is_set():
                now = self.clock.now()
                if self.options.until is not None and now >= self.options.until:
                    due.clear()
                    if not running:
                        break
                while due and due[0][0] <= now and self._has_room(running, now):
                    _, at = heapq.heappop(due)
                    running[asyncio.create_task(self._one(self.watched[at]))] = at, now
                waits: set[asyncio.Task[Any]] = {*running, stopped, keeping}
                wait_s = self._wait_s(due, running, now)
                if wait_s is not None:
                    waits.add(asyncio.create_task(self.clock.sleep(wait_s)))
                done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for each in waits - running.keys() - {stopped, keeping}:
                    each.cancel()
                for task in [each for each in running if each in done]:
                    at, _ = running.pop(task)
                    if task.result():
                        heapq.heappush(due, (self.watched[at].next_at, at))
                if keeping in done:
                    break
        finally:
            self.result.is_stopped = self.stopping.is_set()
            stopped.cancel()
            for task in running:
                task.cancel()
            for found in await asyncio.gather(*running, return_exceptions=True):
                # A watch that ends for another reason already has its error; this one is told if there is none.
                if isinstance(found, Exception) and not keeping.done():
                    raise found

    def _has_room(self, running: dict[asyncio.Task[bool], tuple[int, int]], now: int) -> bool:
        """Whether another sweep may begin. Slow ones do not take the place of others, up to a limit."""
        quick = sum(now - began < SLOW_S for _, began in running.values())
        return quick < self.options.parallel and len(running) < SLOW_TIMES * self.options.parallel

    def _wait_s(
        self, due: Sequence[tuple[int, int]], running: dict[asyncio.Task[bool], tuple[int, int]], now: int
    ) -> int | None:
        """How long nothing begins; None while only the end of a sweep can change that."""
        if not due or (running and not self.clock.is_real):
            return None
        if self._has_room(running, now):
            return max(0, min(due[0][0], self.options.until or due[0][0]) - now)
        slow_at = [began + SLOW_S for _, began in running.values() if now - began < SLOW_S]
        return max(1, min(slow_at) - now) if slow_at else None

    async def _one(self, watched: Watched) -> bool:
        """One sweep of a channel, sealed, with its files. Returns whether there is another one to come."""
        now = self.clock.now()
        plan = watched.plan(now)
        known = partial(self.keeper.known, watched.source.name)
        asking = Asking(
            watched.source, Target(watched.name, self._channel_of(watched)), plan, known, self.clock.now
        )
        swept, interrupted = asking.swept, False
        try:
            await asking.run()
        except asyncio.CancelledError:
            if not swept.answers:
                raise
            # What was answered so far stays.
            interrupted = True
            self._close(asking, "interrupted", None)
        except HoldfastError as error:
            # Asking ends here, for this channel or for all; what was answered so far is sealed first.
            if swept.answers:
                self._close(asking, "partial", error.message)
                await self.commits.seal(swept)
            raise
        except Exception as error:  # noqa: BLE001 (a bug in one source must not end the watch of all others)
            _log.exception("@%s: the program failed while it asked", watched.name)
            self._failed(asking, f"the program failed: {type(error).__name__}")
        kept = await asyncio.shield(self.commits.seal(swept))
        watched.took(swept, self.clock.now())
        files = 0
        try:
            if not interrupted:
                files = await self._files(watched, swept)
        finally:
            again = (watched.goes_on and not interrupted) if self.options.once else True
            self._tell(watched, swept, kept, files, again)
        if interrupted:
            raise asyncio.CancelledError
        return again

    def _channel_of(self, watched: Watched) -> str | None:
        """The channel that an answer speaks of where it names none. One that is seen under another name is not spoken of."""
        for other in self.watched:
            if (
                other is not watched
                and other.source.name == watched.source.name
                and other.channel == watched.channel
                and other.answered == "shown" != watched.answered
            ):
                return None
        return watched.channel

    def _close(self, asking: Asking, outcome: str, detail: str | None) -> None:
        asking.close()
        asking.swept.outcome, asking.swept.detail = outcome, detail

    def _failed(self, asking: Asking, detail: str) -> None:
        if asking.swept.answers:
            self._close(asking, "partial", detail)
            return
        seen = AnswerSeen("not understood", detail=detail)
        asking.swept.answers.append(Answer("the channel", seen, self.clock.now(), ()))
        self._close(asking, "failed", detail)

    def _tell(self, watched: Watched, swept: Swept, kept: Kept, files: int, again: bool) -> None:
        card = swept.card.seen.card
        outcomes = self.result.sweeps
        outcomes[swept.outcome] = outcomes.get(swept.outcome, 0) + 1
        self.result.last[watched.name] = swept.outcome
        self.report(
            Sweep(
                watched.name,
                watched.source.name,
                swept.card.seen.answered,
                swept.outcome,
                swept.detail,
                kept,
                card.followers if card else None,
                files,
                swept.started_at,
                watched.next_at if again else None,
                sum(len(each.raw) for each in swept.answers),
                watched.history_left,
            )
        )

    # -- files ------------------------------------------------------------------------------------

    async def _files(self, watched: Watched, swept: Swept) -> int:
        """Fetch what the sweep's posts name. Returns how many files were sealed."""
        taking = self._taking.get(id(watched.source))
        if taking is None:
            taking = self._taking[id(watched.source)] = Taking(
                watched.source, self.options.media, self.archive.catalog_folder / "partial", self.keeper.blobs
            )
        sealed = 0
        # A post is sealed with its files as it was shown last; one that turned out to be missing is not.
        last = {int(each.post.id): answer for answer in swept.answers for each in answer.seen.posts}
        for each in swept.missing:
            last.pop(each.post, None)
        for answer in swept.answers:
            posts = {
                int(each.post.id): each for each in answer.seen.posts if last.get(int(each.post.id)) is answer
            }
            held = partial(self.keeper.held_files, swept.channel)
            taken = Taken()
            try:
                await taking.take(taken, swept.channel, posts, answer.seen.files, held, self.clock.now())
            finally:
                if taken.raw or taken.posts:
                    self.keeper.keep_files(swept, answer, taken, self.clock.now())
                    sealed += taken.sealed
        return sealed


async def watch(
    archive: Archive,
    sources: Sequence[tuple[Source, str]],
    options: Options,
    *,
    clock: Clock | None = None,
    report: Callable[[Sweep], None] = lambda _: None,
) -> Watch:
    """Watch channels, each by a source under a name, until told to stop by a signal, the options or cancellation.

    Effects: holds the writer's lock throughout; network by the sources;
    the first SIGINT or SIGTERM ends the sweeps under way and seals what they brought, a second one stops at once.
    Errors: VaultError, StorageError, IntegrityError; what was sealed before stays.
    """
    clock = clock or SystemClock()
    with archive.writing() as writing:
        close_interrupted(archive, writing)
        watched = [
            Watched(source, name, options.pattern, history=options.history, pages=options.pages)
            for source, name in sources
        ]
        with archive.tables() as engine:
            for each in watched:
                each.load(engine, clock.now())
        for source in {id(each.source): each.source for each in watched}.values():
            # A pause is asked for by a host: it holds for all channels there.
            mine = [each for each in watched if each.source is source]
            held_until = max(each.held_until for each in mine)
            for each in mine:
                each.held_until = held_until
                each.next_at = max(each.next_at, held_until)
        running = _Watch(archive, writing, watched, options, clock, report)
        with _stopped_by_signals(running.stopping):
            await running.run()
        return running.result


class _stopped_by_signals:
    """While inside, the first signal sets the event, the second has its usual effect."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            # Not in the main thread, or a platform without: whoever runs us cancels instead.
            with suppress(ValueError, NotImplementedError, RuntimeError):
                self._loop.add_signal_handler(number, self._note)

    def _note(self) -> None:
        self._event.set()
        self.__exit__()

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError, NotImplementedError, RuntimeError):
                self._loop.remove_signal_handler(number)
