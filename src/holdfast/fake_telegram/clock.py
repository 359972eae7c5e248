"""The scenario's own time: it only goes forward, by itself or when it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from holdfast.errors import UsageError

__all__ = ["ScenarioClock"]


class ScenarioClock:
    """A clock that is called for unix seconds. Safe to set from any thread.

    `speed`: how many scenario seconds pass in one second of `real`; 0: it stands until it is set. Errors: UsageError if it
    is told to go back.
    """

    def __init__(
        self, start: float, *, speed: float = 0.0, real: Callable[[], float] = time.monotonic
    ) -> None:
        if speed < 0:
            raise UsageError("the clock's speed is negative", remedy="give 0 to let it stand, or more")
        self._lock = threading.Lock()
        self._real = real
        self._since, self._base = real(), start
        self._watchers: list[Callable[[], None]] = []
        self.speed = speed

    def __call__(self) -> float:
        with self._lock:
            return self._now()

    def _now(self) -> float:
        return self._base + max(0.0, self._real() - self._since) * self.speed

    def set(self, moment: float) -> None:
        """Go to a moment that is not before now. Whoever watches has been told before this returns."""
        with self._lock:
            now = self._now()
            if moment < now:
                raise UsageError(
                    f"the clock stands at {now:.0f} and cannot go back to {moment:.0f}",
                    remedy="begin a new server for an earlier time",
                )
            self._since, self._base = self._real(), moment
        for watcher in tuple(self._watchers):
            watcher()

    def advance(self, seconds: float) -> float:
        """Go forward, and say what time it is then."""
        moment = self() + seconds
        self.set(moment)
        return moment

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Have `watcher` called after each set, in the thread that sets. Returns what ends that."""
        self._watchers.append(watcher)

        def end() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end
