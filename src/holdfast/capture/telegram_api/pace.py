"""How fast an account asks: one request at a time, with gaps, a limit a day, and floods obeyed to the second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec

__all__ = ["HeldError", "Pace", "PaceRules"]

_DAY_S: Final = 86_400
_SLOWEST: Final = 8


class PaceRules(msgspec.Struct, frozen=True, gc=False):
    """Gaps between requests, in seconds, and limits. The defaults stay far below what has cost accounts their access.

    To each gap comes a random part of up to `jitter_s`. Reading back a long history grows slower page by page, from `gap_s`
    to `history_gap_s` over `history_pages` pages on end. Parts of one file follow each other after `chunk_gap_s`. Of
    `requests_a_day` (by the clock's UTC day) a file counts as one. A flood wait of up to `max_wait_s` is waited out, a longer
    one is reported, and so is the last of `floods` on end.
    """

    gap_s: float = 1.2
    jitter_s: float = 0.8
    history_gap_s: float = 4.0
    history_pages: int = 50
    chunk_gap_s: float = 0.3
    requests_a_day: int = 5_000
    max_wait_s: int = 300
    floods: int = 3


class HeldError(Exception):
    """Not asked, because of what was answered before, or of our own daily limit. `wait_s`: whole seconds until it may be."""

    def __init__(self, reason: str, wait_s: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s


class Pace:
    """The turn-taking of one account. `clock` gives unix seconds, `sleep` waits, `rng` gives numbers from 0 to 1.

    `used` is (UTC day since 1970, requests in it): keep it, and give it back after a restart, or the daily limit starts anew.
    """

    def __init__(
        self,
        rules: PaceRules,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        rng: Callable[[], float],
        used: tuple[int, int] = (0, 0),
    ) -> None:
        self.rules = rules
        self.used = used
        self._clock, self._sleep, self._rng = clock, sleep, rng
        self._turn = asyncio.Lock()
        self._last: float | None = None
        self._pages = 0
        self._slower = 1
        self._held: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, kind: str) -> AsyncIterator[None]:
        """Waits until a request of this kind ("name", "card", "history", …) may be sent, and lets no other go meanwhile.

        Errors: HeldError where that is not within `max_wait_s`: then nothing may be asked.
        """
        async with self._turn:
            await self._wait_out(kind)
            self._count()
            await self._sleep_gap(self._gap(kind))
            try:
                yield
            finally:
                self._last = self._clock()

    async def chunk(self) -> None:
        """Waits between two parts of one file. Call it within that file's turn."""
        self._last = self._clock()
        await self._sleep_gap(self.rules.chunk_gap_s + self._rng() * self.rules.chunk_gap_s)

    async def flood(self, kind: str, wait_s: int, times: int) -> bool:
        """Obeys the flood wait that was answered `times` on end: waits it out to the second and says True, or notes it and says
        False if it is too long, or one too many.

        From then to the day's end everything goes more slowly. Call it within the turn that was refused.
        """
        self._slower = min(self._slower * 2, _SLOWEST)
        if wait_s > self.rules.max_wait_s or times >= self.rules.floods:
            self._held[kind] = self._clock() + wait_s
            return False
        await self._sleep(wait_s)
        return True

    async def _wait_out(self, kind: str) -> None:
        rest = self._held.get(kind, 0.0) - self._clock()
        if rest > self.rules.max_wait_s:
            raise HeldError("a flood wait that was ordered before is not over", _up(rest))
        if rest > 0:
            await self._sleep(rest)
        self._held.pop(kind, None)

    def _count(self) -> None:
        now = self._clock()
        day, count = self.used
        today = int(now // _DAY_S)
        if today > day:
            # A clock that goes back does not give a day twice.
            day, count = today, 0
            self._slower = 1
        if count >= self.rules.requests_a_day:
            raise HeldError(
                f"the limit of {self.rules.requests_a_day} requests a day is reached",
                _up((day + 1) * _DAY_S - now),
            )
        self.used = (day, count + 1)

    def _gap(self, kind: str) -> float:
        rules = self.rules
        self._pages = self._pages + 1 if kind == "history" else 0
        share = min(max(self._pages - 1, 0) / rules.history_pages, 1.0)
        gap = rules.gap_s + share * (rules.history_gap_s - rules.gap_s)
        return gap * self._slower + self._rng() * rules.jitter_s

    async def _sleep_gap(self, gap_s: float) -> None:
        if self._last is None:
            return
        # If the clock went back, the whole gap is due.
        passed = max(self._clock() - self._last, 0.0)
        if passed < gap_s:
            await self._sleep(gap_s - passed)


def _up(seconds: float) -> int:
    return int(seconds) + (seconds > int(seconds))
