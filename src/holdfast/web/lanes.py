"""Events -> what a timeline draws: bands, spans, marks and gaps; pure.

Three things are told apart everywhere: it was so (held), it changed somewhere in here (between), and nobody can say (gap,
or a source that does not speak of it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from holdfast.catalog.timeline import Event, Moment

__all__ = [
    "SPANNED",
    "Band",
    "Gap",
    "Lanes",
    "Mark",
    "Point",
    "Span",
    "lanes_of",
    "points_of",
    "unix_s",
]

SPANNED = (  # in the order of their rows
    "standing",
    "label",
    "restriction",
    "title",
    "username",
    "description",
)
MARKED = ("edit", "disappearance", "return")
LABELS_ROW = "label"
"""The row that says that no source spoke of labels."""
MARKS_MOST = 400
"""Marks that are drawn; the table lists them all."""


class Point(msgspec.Struct, frozen=True):
    """A reading where it begins or ends. Units: unix seconds; the number was one of `low` to `high`."""

    at: int
    low: int
    high: int


class Band(msgspec.Struct, frozen=True):
    """Two ends of a stretch of readings. `is_held`: seen unchanged from one to the other; else it moved in between."""

    first: Point
    last: Point
    is_held: bool


class Span(msgspec.Struct, frozen=True):
    """A time in which something stood. `state`: "so", "not so", "between" (it changed somewhere in here), "not spoken of"."""

    kind: str
    name: str | None
    source: str | None
    state: str
    start: int
    end: int
    value: str | None = None
    number: int = 0


class Mark(msgspec.Struct, frozen=True):
    """Something that befell a post between two moments; `start` None: nobody saw it as before."""

    kind: str
    post: int | None
    start: int | None
    end: int


class Gap(msgspec.Struct, frozen=True):
    start: int
    end: int
    detail: str | None


class Lanes(msgspec.Struct, frozen=True):
    """All that is drawn, between `start` and `end`. `left_out`: marks beyond those that are drawn."""

    start: int
    end: int
    bands: tuple[Band, ...]
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[Gap, ...]
    left_out: int = 0


def unix_s(moment: Moment | None) -> int | None:
    """A moment's time; None where none is recorded."""
    if moment is None:
        return None
    try:
        when = datetime.fromisoformat(moment.seen_at)
    except ValueError:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def lanes_of(events: Sequence[Event]) -> Lanes | None:
    """What to draw of a channel's events; None where no time is known."""
    times = [
        at
        for each in events
        for at in map(unix_s, (each.first_after, each.last_before, each.last_after))
        if at is not None
    ]
    if not times:
        return None
    start, end = min(times), max(times)
    gaps = tuple(_gaps(events))
    spans = [*_spans(events), *_unspoken_labels(events)]
    marks = _marks(events)
    return Lanes(
        start,
        max(end, start + 60),
        tuple(_bands(events, gaps)),
        tuple(spans),
        tuple(marks[-MARKS_MOST:]),
        gaps,
        max(0, len(marks) - MARKS_MOST),
    )


def _gaps(events: Iterable[Event]) -> Iterable[Gap]:
    for each in events:
        start, end = unix_s(each.last_before), unix_s(each.first_after)
        if each.kind == "gap" and start is not None and end is not None:
            yield Gap(start, end, each.detail)


def _bands(events: Iterable[Event], gaps: Sequence[Gap]) -> Iterable[Band]:
    """Follower readings of each source, cut where nobody looked."""
    last: dict[str | None, Point] = {}
    for each in events:
        if each.kind != "followers" or each.low is None or each.high is None:
            continue
        first, held = unix_s(each.first_after), unix_s(each.last_after)
        if first is None:
            continue
        held = max(first, held if held is not None else first)
        source = each.first_after.source
        before = last.get(source)
        if before is not None and not _is_cut(before.at, first, gaps):
            yield Band(before, Point(first, each.low, each.high), False)
        for start, end in _without(first, held, gaps):
            yield Band(Point(start, each.low, each.high), Point(end, each.low, each.high), True)
        last[source] = Point(held, each.low, each.high)


def _is_cut(start: int, end: int, gaps: Sequence[Gap]) -> bool:
    return any(gap.start < end and gap.end > start for gap in gaps)


def _without(start: int, end: int, gaps: Sequence[Gap]) -> Iterable[tuple[int, int]]:
    """The parts of a time that lie in no gap."""
    at = start
    for gap in sorted(gaps, key=lambda each: each.start):
        if gap.end <= at or gap.start >= end:
            continue
        if gap.start >= at:
            yield at, gap.start
        at = gap.end
    if at <= end:
        yield at, end


def _spans(events: Sequence[Event]) -> Iterable[Span]:
    last_of = _last_looks(events)
    counted: dict[tuple[str, str | None, str | None], int] = {}
    for each in events:
        if each.kind not in SPANNED:
            continue
        row = each.kind, each.name, each.first_after.source
        number = counted[row] = counted.get(row, -1) + 1
        first, before = unix_s(each.first_after), unix_s(each.last_before)
        held = unix_s(each.last_after)
        if first is None:
            continue
        if before is not None and before < first:
            yield Span(*row, "between", before, first, None, number)
        state = "so"
        if (each.kind == "label" and each.after == "not there") or (
            each.kind == "standing" and each.after != "shown"
        ):
            state = "not so"
        yield Span(*row, state, first, max(first, held or first), each.after, number)
        silent = unix_s(each.unspoken_since)
        if silent is not None:
            # From then on, as long as that source was asked.
            yield Span(*row, "not spoken of", silent, max(silent, last_of.get(row[2], silent)), None, number)


def _last_looks(events: Iterable[Event]) -> dict[str | None, int]:
    """When each source was last seen to say anything."""
    found: dict[str | None, int] = {}
    for each in events:
        for moment in (each.first_after, each.last_after):
            at = unix_s(moment)
            if moment is not None and at is not None:
                found[moment.source] = max(at, found.get(moment.source, at))
    return found


def _unspoken_labels(events: Sequence[Event]) -> Iterable[Span]:
    """Where no source ever spoke of labels, that is said: it does not mean that there were none."""
    if any(each.kind == "label" for each in events):
        return
    for each in events:
        first = unix_s(each.first_after)
        if each.kind == "standing" and each.after == "shown" and first is not None:
            last = unix_s(each.last_after)
            yield Span(
                LABELS_ROW, None, each.first_after.source, "not spoken of", first, max(first, last or first)
            )


def _marks(events: Iterable[Event]) -> list[Mark]:
    found = []
    for each in events:
        end = unix_s(each.first_after)
        if each.kind in MARKED and end is not None:
            found.append(Mark(each.kind, each.post, unix_s(each.last_before), end))
    return found


def points_of(events: Iterable[Event]) -> list[Point]:
    """The follower readings alone, for a drawing in small."""
    return [
        Point(at, each.low, each.high)
        for each in events
        if each.kind == "followers" and each.low is not None and each.high is not None
        for at in (unix_s(each.first_after),)
        if at is not None
    ]
