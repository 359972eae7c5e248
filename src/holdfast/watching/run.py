"""Runs a watch: sweeps when they are due, side by side, each sealed as it comes, until it is told to stop."""

from __future__ import annotations

import asyncio
import heapq
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from holdfast.archive import Archive, Writing
from holdfast.capture.contract import FileOffer
from holdfast.importing import close_interrupted
from holdfast.schedule import Pattern
from holdfast.watching.clock import Clock, SystemClock
from holdfast.watching.keeping import Keeper, Kept
from holdfast.watching.media import MediaPolicy, Taking
from holdfast.watching.memory import Watched
from holdfast.watching.source import Source
from holdfast.watching.sweep import Asking, Swept, Target

__all__ = ["Options", "Sweep", "watch"]

SHOW_EVERY_S = 1.0
"""Sealed sweeps are published and shown to readers at least this often, while more are coming in."""
AT_ONCE = 64
"""Sweeps that are sealed in one commit."""


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
    """What a watch reports of one sweep. Units: times in unix seconds; `next_at` None if there is none."""

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
        self._coming: asyncio.Queue[tuple[Swept, asyncio.Future[Kept]] | None] = asyncio.Queue()
        self._taking: dict[int, Taking] = {}
        self.failed = 0

    # -- the story --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Sweep until the end. Errors: what sealing raises; then nothing more is asked for."""
        keeping = asyncio.create_task(self._keep())
        try:
            await self._sweep_all(keeping)
        finally:
            self._coming.put_nowait(None)
            await keeping

    async def _sweep_all(self, keeping: asyncio.Task[None]) -> None:
        due = [(watched.next_at, at) for at, watched in enumerate(self.watched)]
        if self.options.once:
            due = [(0, at) for at in range(len(self.watched))]
        heapq.heapify(due)
        running: dict[asyncio.Task[bool], int] = {}
        stopped = asyncio.create_task(self.stopping.wait())
        try:
            while (due or running) and not self.stopping.is_set():
                now = self.clock.now()
                if self.options.until is not None and now >= self.options.until:
                    due.clear()
                    if not running:
                        break
                while due and due[0][0] <= now and len(running) < self.options.parallel:
                    _, at = heapq.heappop(due)
                    running[asyncio.create_task(self._one(self.watched[at]))] = at
                waits: set[asyncio.Task[Any]] = {*running, stopped, keeping}
                if due and len(running) < self.options.parallel and (self.clock.is_real or not running):
                    until = min(due[0][0], self.options.until or due[0][0])
                    waits.add(asyncio.create_task(self.clock.sleep(max(0, until - now))))
                done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for each in waits - running.keys() - {stopped, keeping}:
                    each.cancel()
                for task in [each for each in running if each in done]:
                    at = running.pop(task)
                    if task.result():
                        heapq.heappush(due, (self.watched[at].next_at, at))
                if keeping in done:
                    break
        finally:
            stopped.cancel()
            for task in running:
                task.cancel()
            for task in running:
                with suppress(asyncio.CancelledError):
                    await task

    async def _one(self, watched: Watched) -> bool:
        """One sweep of a channel, sealed, with its files. Returns whether there is another one to come."""
        plan = watched.plan(self.clock.now())
        asking = Asking(
            watched.source, Target(watched.name, watched.channel), plan, self.keeper.known, self.clock.now
        )
        interrupted = False
        try:
            await asking.run()
        except asyncio.CancelledError:
            if not asking.swept.answers:
                raise
            # What was answered so far stays.
            interrupted = True
            asking.close()
            asking.swept.outcome, asking.swept.detail = "interrupted", None
        swept = asking.swept
        kept = await asyncio.shield(self._sealed(swept))
        watched.took(swept, self.clock.now())
        files = 0
        if not interrupted:
            files = await self._files(watched, swept)
        again = watched.has_more and watched.next_at <= self.clock.now() if self.options.once else True
        card = swept.card.seen.card
        if swept.outcome == "failed":
            self.failed += 1
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
            )
        )
        if interrupted:
            raise asyncio.CancelledError
        return again

    # -- files ------------------------------------------------------------------------------------

    async def _files(self, watched: Watched, swept: Swept) -> int:
        """Fetch what the sweep's posts name. Returns how many files were sealed."""
        taking = self._taking.get(id(watched.source))
        if taking is None:
            taking = self._taking[id(watched.source)] = Taking(
                watched.source, self.options.media, self.archive.catalog_folder / "partial", self.keeper.blobs
            )
        sealed = 0
        for answer in swept.answers:
            offers: list[FileOffer] = list(answer.seen.files)
            posts = {int(each.post.id): each for each in answer.seen.posts}
            taken = await taking.take(
                swept.channel, posts, offers, lambda ids: self.keeper.held_files(swept.channel, ids)
            )
            if taken.raw or taken.posts:
                self.keeper.keep_files(swept, answer, taken, self.clock.now())
                sealed += taken.sealed
        return sealed

    # -- sealing ----------------------------------------------------------------------------------

    def _sealed(self, swept: Swept) -> asyncio.Future[Kept]:
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._coming.put_nowait((swept, future))
        return future

    async def _keep(self) -> None:
        """Seal what comes in, many sweeps in one commit, and show it to readers."""
        loop = asyncio.get_running_loop()
        shown_at = loop.time()
        ended = False
        while not ended:
            waiting = [await self._coming.get()]
            while len(waiting) < AT_ONCE and not self._coming.empty():
                waiting.append(self._coming.get_nowait())
            ended = None in waiting
            sweeps = [each for each in waiting if each is not None]
            try:
                kept = self.keeper.keep([swept for swept, _ in sweeps]) if sweeps else []
                if self._coming.empty() or loop.time() - shown_at >= SHOW_EVERY_S:
                    self.keeper.show()
                    shown_at = loop.time()
            except BaseException as error:
                for _, future in sweeps:
                    if not future.done():
                        future.set_exception(error)
                        future.exception()  # told once, by this task
                raise
            for (_, future), one in zip(sweeps, kept, strict=True):
                if not future.done():
                    future.set_result(one)


async def watch(
    archive: Archive,
    sources: Sequence[tuple[Source, str]],
    options: Options,
    *,
    clock: Clock | None = None,
    report: Callable[[Sweep], None] = lambda _: None,
) -> int:
    """Watch channels, each by a source under a name, until told to stop by a signal, the options or cancellation.

    Returns how many sweeps had no usable answer. Effects: holds the writer's lock throughout; network by the sources;
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
        running = _Watch(archive, writing, watched, options, clock, report)
        with _stopped_by_signals(running.stopping):
            await running.run()
        return running.failed


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
