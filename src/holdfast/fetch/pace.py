"""When a request to one host may leave: one by one, at the host's pace, and not during a pause it asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

__all__ = ["Gate", "Pace"]


class Pace:
    """The next moment that is free. Pure; Units: seconds of any clock that does not go back."""

    def __init__(self, rate: float) -> None:
        self._interval_s = 1.0 / rate
        self._next_at = float("-inf")
        self._held_until = float("-inf")

    def held_s(self, now: float) -> float:
        """How much is left of a pause that the host asked for."""
        return max(0.0, self._held_until - now)

    def wait_s(self, now: float) -> float:
        """How long until a request may leave."""
        return max(0.0, self._next_at - now, self._held_until - now)

    def leave(self, now: float) -> None:
        """A request leaves now. A late one makes the next one late: two are never closer than the pace."""
        self._next_at = now + self._interval_s

    def hold(self, until: float) -> None:
        """Nothing leaves before `until`; a shorter pause does not end a longer one."""
        self._held_until = max(self._held_until, until)


class Gate:
    """The way to one host, shared by all who ask it.

    A place is taken first, then a turn; those who wait for a turn leave in the order they came, one by one, also
    after a pause. Whoever is cancelled gives both back.
    """

    def __init__(
        self,
        pace: Pace,
        concurrency: int,
        ticks: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self.pace = pace
        self._ticks, self._sleep = ticks, sleep
        self._places = asyncio.Semaphore(concurrency)
        self._turn = asyncio.Lock()
        self._inside = 0

    @property
    def is_idle(self) -> bool:
        """Whether nobody is here and nothing would be forgotten with this gate."""
        return self._inside == 0 and self.pace.wait_s(self._ticks()) == 0

    def held_s(self) -> float:
        return self.pace.held_s(self._ticks())

    def hold_for(self, wait_s: float) -> None:
        self.pace.hold(self._ticks() + wait_s)

    @asynccontextmanager
    async def passage(self, max_wait_s: float) -> AsyncIterator[bool]:
        """Wait for a place and a turn, and keep the place. False: the host's pause is longer than `max_wait_s`."""
        self._inside += 1
        try:
            if self.held_s() > max_wait_s:
                yield False
                return
            async with self._places:
                yield await self._take_turn(max_wait_s)
        finally:
            self._inside -= 1

    async def _take_turn(self, max_wait_s: float) -> bool:
        async with self._turn:
            while True:
                now = self._ticks()
                if self.pace.held_s(now) > max_wait_s:
                    return False
                wait = self.pace.wait_s(now)
                if wait <= 0:
                    self.pace.leave(now)
                    return True
                await self._sleep(wait)
