"""Seals sweeps as they come, many in one commit of the log, and shows them to readers."""

from __future__ import annotations

import asyncio
from collections import deque

from holdfast.errors import StorageError
from holdfast.watching.keeping import Keeper, Kept
from holdfast.watching.sweep import Swept

__all__ = ["Commits"]

SHOW_EVERY_S = 1.0
"""Sealed sweeps are published and shown to readers at once after a pause, and this often while more are coming in."""
AT_ONCE = 64
"""Sweeps that are sealed in one commit."""

_Waiting = tuple[Swept, asyncio.Future[Kept]]


class Commits:
    """Sweeps that wait to be sealed, and the task that seals them."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._waiting: deque[_Waiting] = deque()
        self._came = asyncio.Event()
        self._is_ending = False
        self.task = asyncio.create_task(self._run())

    def seal(self, swept: Swept) -> asyncio.Future[Kept]:
        """What becomes of a sweep. Errors: StorageError if nothing is sealed any more."""
        if self.task.done():
            raise StorageError("sealing has stopped: what was answered last is not kept")
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append((swept, future))
        self._came.set()
        return future

    async def end(self) -> None:
        """Seal what waits, show it, and stop. Errors: what ended the sealing, if something did."""
        self._is_ending = True
        self._came.set()
        await self.task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        shown_at, is_hidden = loop.time() - SHOW_EVERY_S, False
        while True:
            try:
                async with asyncio.timeout_at(shown_at + SHOW_EVERY_S if is_hidden else None):
                    await self._came.wait()
            except TimeoutError:
                pass
            sweeps = self._next()
            try:
                kept = self._keeper.keep([swept for swept, _ in sweeps]) if sweeps else []
                is_hidden |= bool(sweeps)
                is_last = self._is_ending and not self._waiting
                if is_last or loop.time() - shown_at >= SHOW_EVERY_S:
                    self._keeper.show()
                    shown_at, is_hidden = loop.time(), False
            except BaseException as error:
                self._refuse(sweeps, error)
                raise
            for (_, future), one in zip(sweeps, kept, strict=True):
                if not future.done():
                    future.set_result(one)
            if is_last:
                return

    def _next(self) -> list[_Waiting]:
        """What is sealed in the next commit: no two sweeps of one channel, because each is compared with what was sealed."""
        found: list[_Waiting] = []
        channels: set[str] = set()
        while self._waiting and len(found) < AT_ONCE and self._waiting[0][0].channel not in channels:
            channels.add(self._waiting[0][0].channel)
            found.append(self._waiting.popleft())
        if not self._waiting and not self._is_ending:
            self._came.clear()
        return found

    def _refuse(self, sweeps: list[_Waiting], error: BaseException) -> None:
        """Tell all who wait that nothing is sealed any more."""
        for _, future in [*sweeps, *self._waiting]:
            if not future.done():
                future.set_exception(error)
                future.exception()  # told once, by the task that seals
        self._waiting.clear()
