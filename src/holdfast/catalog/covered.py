"""Says when a source last looked where a post stands and found it as before."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

__all__ = ["Moment", "Wanted", "last_covered"]

FEW = 20
"""So many questions are asked one by one; for more of them, all of a channel's coverage is read once."""
_END = 2**62


class Moment(msgspec.Struct, frozen=True):
    """When something was seen, by whom, and the entry that proves it."""

    seen_at: str
    entry: int
    source: str | None = None
    capture: str | None = None


class Wanted(msgspec.Struct, frozen=True):
    """One question: the last look of `source` at the place of `post` between two entries, neither included."""

    post: int
    source: str | None
    after: int
    before: int | None = None


def last_covered(connection: Connection, channel: int, wanted: Sequence[Wanted]) -> list[Moment | None]:
    """The last look that each question asks for, in their order; None where there is none.

    From the first time that a post was missing on, a look that covers its place says nothing of how it was.
    """
    found = _bounded(connection, channel, wanted)
    if len(found) <= FEW:
        return [_one(connection, channel, each) for each in found]
    return _many(connection, channel, found)


def _bounded(connection: Connection, channel: int, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The questions, each ending where its post was first missing."""
    missing: dict[int, list[int]] = {}
    posts = sorted({each.post for each in wanted})
    for at in range(0, len(posts), 500):
        part = posts[at : at + 500]
        rows = connection.exec_driver_sql(
            f"SELECT post, entry FROM absence WHERE channel = ? AND post IN ({','.join('?' * len(part))}) ORDER BY entry",
            (channel, *part),
        )
        for post, entry in rows:
            missing.setdefault(post, []).append(entry)
    found = []
    for each in wanted:
        entries = missing.get(each.post, [])
        place = bisect_right(entries, each.after)
        first = entries[place] if place < len(entries) else _END
        before = min(first, _END if each.before is None else each.before)
        found.append(Wanted(each.post, each.source, each.after, before))
    return found


def _one(connection: Connection, channel: int, each: Wanted) -> Moment | None:
    row = connection.exec_driver_sql(
        "SELECT seen_at, entry, source, capture FROM coverage WHERE channel = ? AND entry > ? AND entry < ?"
        " AND first <= ? AND last >= ? AND source IS ? ORDER BY entry DESC, seen_at DESC LIMIT 1",
        (channel, each.after, each.before, each.post, each.post, each.source),
    ).first()
    return Moment(*row) if row else None


def _many(connection: Connection, channel: int, wanted: Sequence[Wanted]) -> list[Moment | None]:
    """All answers in one pass over the coverage, in log order: what covered each post last is carried along."""
    posts = sorted({each.post for each in wanted})
    latest: dict[tuple[int, str | None], tuple[str, int, str | None, str | None]] = {}
    found: list[Moment | None] = [None] * len(wanted)
    order = sorted(range(len(wanted)), key=lambda at: _end(wanted[at]))
    rows = connection.exec_driver_sql(
        "SELECT first, last, seen_at, entry, source, capture FROM coverage WHERE channel = ? AND entry > ?"
        " ORDER BY entry, seen_at",
        (channel, min(each.after for each in wanted)),
    )
    asked = 0

    def answer(until: int) -> None:
        nonlocal asked
        while asked < len(order) and _end(wanted[order[asked]]) <= until:
            each = wanted[order[asked]]
            row = latest.get((each.post, each.source))
            if row is not None and row[1] > each.after:
                found[order[asked]] = Moment(*row)
            asked += 1

    for first, last, seen_at, entry, source, capture in rows:
        answer(entry)
        for post in posts[bisect_left(posts, first) : bisect_right(posts, last)]:
            latest[post, source] = (seen_at, entry, source, capture)
    answer(_END)
    return found


def _end(each: Wanted) -> int:
    return _END if each.before is None else each.before
