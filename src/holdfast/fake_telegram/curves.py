"""How a counter moves: points in time with straight lines between, or growth that tires."""

from __future__ import annotations

from bisect import bisect_right

import msgspec

__all__ = ["Curve"]


class Curve(msgspec.Struct, frozen=True, gc=False):
    """A counter over time. Shapes: `times` ascending, one of `values` each; empty: always 0.

    With `half_life_s` it grows from the first value to the second, beginning at the only time, and half of what is left is
    added in each half-life. Units: unix seconds.
    """

    times: tuple[int, ...] = ()
    values: tuple[int, ...] = (0,)
    half_life_s: float | None = None

    def at(self, time: float) -> int:
        """The exact count at a time; between points, cut towards the one before. Before the first and after the last it stands still."""
        times, values = self.times, self.values
        if not times:
            return values[0]
        if self.half_life_s is not None:
            passed = max(0.0, time - times[0])
            return values[0] + int((values[1] - values[0]) * (1 - 2 ** (-passed / self.half_life_s)))
        place = bisect_right(times, time)
        if place == 0:
            return values[0]
        if place == len(times):
            return values[-1]
        before, after = times[place - 1], times[place]
        share = (time - before) / (after - before)
        return values[place - 1] + int((values[place] - values[place - 1]) * share)
