"""What a counter was at a moment, from captures before and after it; pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from holdfast.reports.check.tolerance import Bounds
from holdfast.reports.evidence import Mark, Point

__all__ = ["Bracket", "Sides", "bracket", "falls", "sides"]


class Bracket(msgspec.Struct, frozen=True):
    """Bounds of a counter over a window, with the captures that give them. `before`, `after`: the nearest captures on
    either side."""

    bounds: Bounds
    low_by: Point | None
    high_by: Point | None
    before: Point | None
    after: Point | None


class Sides(msgspec.Struct, frozen=True):
    """The marks around a window: the last at or before its beginning, the first at or after its end, those inside."""

    before: Mark | None
    after: Mark | None
    inside: tuple[Mark, ...]


def falls(points: Sequence[Point]) -> bool:
    """Whether a capture ever showed a counter to be lower than one before it did."""
    highest = None
    for point in sorted(points, key=lambda each: each.at):
        if highest is not None and point.high < highest:
            return True
        highest = point.low if highest is None else max(highest, point.low)
    return False


def bracket(points: Sequence[Point], lo: int, hi: int, *, rises: bool, apart_s: int | None = None) -> Bracket:
    """The bounds of a counter at every moment from `lo` to `hi` (unix seconds).

    With `rises` it is taken never to fall: a capture before gives the least, one after the most. Else captures on both sides
    at most `apart_s` apart are needed, and it is taken to have stayed between them.
    """
    before = [point for point in points if point.at <= lo]
    after = [point for point in points if point.until >= hi]
    last = max(before, key=lambda point: (point.at, point.low), default=None)
    first = min(after, key=lambda point: (max(point.at, hi), point.high), default=None)
    if rises:
        low_by = max(before, key=lambda point: (point.low, point.at), default=None)
        high_by = min(after, key=lambda point: (point.high, point.until), default=None)
        return Bracket(
            Bounds(low_by.low if low_by else None, high_by.high if high_by else None),
            low_by,
            high_by,
            last,
            first,
        )
    near = (
        last is not None
        and first is not None
        and (apart_s is None or max(first.at, hi) - min(last.until, lo) <= apart_s)
    )
    if last is None or first is None or not near:
        return Bracket(Bounds(None, None), None, None, last, first)
    inside = [point for point in points if lo <= point.at <= hi]
    around = [last, first, *inside]
    low_by, high_by = min(around, key=lambda point: point.low), max(around, key=lambda point: point.high)
    return Bracket(Bounds(low_by.low, high_by.high), low_by, high_by, last, first)


def sides(marks: Sequence[Mark], lo: int, hi: int) -> Sides:
    """The marks around a window of unix seconds."""
    before = [mark for mark in marks if mark.at <= lo]
    after = [mark for mark in marks if mark.at >= hi]
    inside = tuple(mark for mark in marks if lo < mark.at < hi)
    return Sides(before[-1] if before else None, after[0] if after else None, inside)
