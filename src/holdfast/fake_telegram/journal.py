"""What was asked of the fake, when, and what it did: for tests of pace and stampede."""

from __future__ import annotations

import threading
from collections import deque

import msgspec

__all__ = ["Asked", "Journal"]


class Asked(msgspec.Struct, gc=False):
    """One ask. Units: `at` unix seconds by the scenario's clock, `real_s` seconds of a steady clock that tells only differences.

    `connection` counts from 1; `open_asks` how many were being answered at that moment, this one included; `status` 0: nothing was
    answered (yet); `fault`: what was made to go wrong.
    """

    at: float
    real_s: float
    connection: int
    open_asks: int
    method: str
    target: str
    status: int = 0
    sent_bytes: int = 0
    fault: str | None = None


class Journal:
    """The last `size` asks, in the order of their coming. May be read from another thread while the server writes."""

    def __init__(self, size: int = 100_000) -> None:
        self._asks: deque[Asked] = deque(maxlen=size)
        self._lock = threading.Lock()
        self.count = 0

    def note(self, asked: Asked) -> None:
        with self._lock:
            self._asks.append(asked)
            self.count += 1

    def asks(self, path: str | None = None) -> tuple[Asked, ...]:
        """The asks so far; with `path`, only those of that address, whatever follows its question mark."""
        with self._lock:
            kept = tuple(self._asks)
        return kept if path is None else tuple(a for a in kept if a.target.partition("?")[0] == path)

    @property
    def most_at_once(self) -> int:
        """The largest number of asks that were being answered at one moment."""
        return max((asked.open_asks for asked in self.asks()), default=0)
