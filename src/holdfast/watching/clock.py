"""Tells the time and waits; a rehearsal brings a clock of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "RehearsalClock", "SystemClock"]


class Clock(Protocol):
    """Unix seconds, and waiting by them."""

    @property
    def is_real(self) -> bool:
        """Whether time passes by itself, also while nobody waits."""

    def now(self) -> int: ...

    async def sleep(self, wait_s: float) -> None: ...


class SystemClock:
    """This machine's clock."""

    is_real = True

    def now(self) -> int:
        return int(time.time())

    async def sleep(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)


class RehearsalClock:
    """A clock that somebody else moves: waiting moves it, and nothing else does."""

    is_real = False

    def __init__(self, read: Callable[[], float], advance: Callable[[float], object]) -> None:
        self._read, self._advance = read, advance

    def now(self) -> int:
        return int(self._read())

    async def sleep(self, wait_s: float) -> None:
        # Whoever is ready goes first: time passes only when all others wait for something outside.
        await asyncio.sleep(0)
        if wait_s > 0:
            self._advance(wait_s)
