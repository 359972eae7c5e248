"""Asks the tables what was captured of a fact up to some entry, for checks of reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Engine

__all__ = [
    "AbsenceRow",
    "CardReading",
    "CoverageRow",
    "KnownPost",
    "PostReading",
    "TranscriptRow",
    "absences",
    "card_readings",
    "channel_names",
    "coverage",
    "evidence_size",
    "ids_are_whole",
    "looks_answered",
    "observations",
    "post_readings",
    "posts_between",
    "sealed_report",
    "transcripts",
]

OF_CHECKS = ("report", "check")
"""Entries that say nothing of what was published: a check is the same before and after they were sealed."""


class PostReading(msgspec.Struct, frozen=True):
    """A counter of a post as one entry holds it."""

    low: int
    high: int
    entry: int
    element: int | None
    seen_at: str
    source: str | None
    capture: str | None


class CardReading(msgspec.Struct, frozen=True):
    """What one answer said of a channel. `of`: the entry whose value it repeats, itself where it is new."""

    value: str | None
    low: int | None
    high: int | None
    entry: int
    of: int
    seen_at: str
    source: str | None
    capture: str | None


class KnownPost(msgspec.Struct, frozen=True):
    """A post with its claimed time in unix seconds and every place where it is sealed, oldest first."""

    post: int
    earliest: int | None
    latest: int | None
    places: tuple[tuple[int, int], ...]
    media: tuple[tuple[str, int | None], ...]
    """(kind, length in seconds) of the files of its last observation."""


class CoverageRow(msgspec.Struct, frozen=True):
    first: int
    last: int
    seen_at: str
    entry: int
    source: str | None
    capture: str | None


class AbsenceRow(msgspec.Struct, frozen=True):
    post: int
    entry: int
    seen_at: str
    answered: str
    source: str | None
    capture: str | None


class TranscriptRow(msgspec.Struct, frozen=True):
    """A transcript that was sealed beside a post."""

    channel: int
    post: int
    entry: int
    artefact: str
    format: str
    lang: str | None
    seen_at: str
    capture: str | None
    confidence: int | None


def _all(engine: Engine, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(sql, values).fetchall())


def evidence_size(engine: Engine) -> int:
    """How many entries there are up to the last that may be evidence: reports and checks do not count."""
    # A report's own capture holds no observation either.
    rows = _all(
        engine,
        "SELECT max(e.entry) FROM entry e LEFT JOIN capture c ON c.id = e.capture"
        " WHERE e.type NOT IN ('report', 'check') AND NOT (e.type = 'capture' AND c.source = 'article')",
    )
    return 0 if rows[0][0] is None else int(rows[0][0]) + 1


def channel_names(engine: Engine) -> list[tuple[int, str, int]]:
    """(channel, name, entry that first showed it) of every name that a channel bears or bore."""
    return [
        tuple(row)
        for row in _all(engine, "SELECT channel, name, entry FROM channel_name ORDER BY channel, name")
    ]


def post_readings(engine: Engine, channel: int, post: int, name: str, size: int) -> list[PostReading]:
    """The readings of a post's counter below entry `size`, in log order."""
    rows = _all(
        engine,
        "SELECT r.low, r.high, r.entry, coalesce(o.element, CASE WHEN p.entry = r.entry THEN p.element END),"
        " e.seen_at, e.source, e.capture FROM post_reading r JOIN entry e ON e.entry = r.entry"
        " LEFT JOIN observation o ON o.channel = r.channel AND o.post = r.post AND o.entry = r.entry"
        " LEFT JOIN post p ON p.channel = r.channel AND p.post = r.post"
        " WHERE r.channel = ? AND r.post = ? AND r.name = ? AND r.entry < ? AND e.seen_at IS NOT NULL"
        " ORDER BY r.entry",
        (channel, post, name, size),
    )
    return [PostReading(*row) for row in rows]


def coverage(engine: Engine, channel: int, post: int, size: int) -> list[CoverageRow]:
    """Every time that a post's place was looked at, in the order of seeing."""
    rows = _all(
        engine,
        "SELECT first, last, seen_at, entry, source, capture FROM coverage WHERE channel = ? AND first <= ?"
        " AND last >= ? AND entry < ? ORDER BY seen_at, entry",
        (channel, post, post, size),
    )
    return [CoverageRow(*row) for row in rows]


def card_readings(engine: Engine, channel: int, name: str, size: int) -> list[CardReading]:
    """What every answer that speaks of a channel's fact said of it, in log order."""
    rows = _all(
        engine,
        "SELECT entry, seen_at, source, capture FROM channel_look WHERE channel = ? AND entry < ?"
        " AND instr(spoke, ',' || ? || ',') > 0 ORDER BY entry",
        (channel, size, name),
    )
    facts = _all(
        engine,
        "SELECT source, entry, value, low, high FROM channel_fact WHERE channel = ? AND name = ? ORDER BY entry",
        (channel, name),
    )
    found = []
    for entry, seen_at, source, capture in rows:
        said = [fact for fact in facts if fact[0] == (source or "") and fact[1] <= entry]
        if said:
            _, of, value, low, high = said[-1]
            found.append(CardReading(value, low, high, entry, of, seen_at, source, capture))
    return found


def looks_answered(engine: Engine, channel: int, size: int) -> list[CardReading]:
    """Every time a channel itself was asked for, with what was answered as value."""
    rows = _all(
        engine,
        "SELECT answered, entry, seen_at, source, capture FROM channel_look WHERE channel = ? AND entry < ?"
        " ORDER BY entry",
        (channel, size),
    )
    return [CardReading(row[0], None, None, row[1], row[1], *row[2:]) for row in rows]


def posts_between(
    engine: Engine, channel: int, first: int | None, last: int | None, size: int, limit: int
) -> list[KnownPost]:
    """The newest posts whose claimed time may lie in a span of unix seconds (None: open), newest first.

    Service posts are left out, and so are posts without a time where a bound is given.
    """
    rows = _all(
        engine,
        "SELECT p.post, p.earliest, p.latest, p.entry, p.element FROM post p WHERE p.channel = ? AND p.kind = 0"
        " AND (? IS NULL OR p.latest >= ?) AND (? IS NULL OR p.earliest <= ?) ORDER BY p.post DESC LIMIT ?",
        (channel, first, first, last, last, limit),
    )
    found = []
    for post, earliest, latest, entry, element in rows:
        places = observations(engine, channel, post, size)
        if not places and entry < size:
            places = [(entry, element)]
        if not places:
            continue
        of = _all(
            engine,
            "SELECT kind, duration_s FROM media WHERE channel = ? AND post = ? AND entry ="
            " (SELECT max(entry) FROM media WHERE channel = ? AND post = ? AND entry < ?) ORDER BY position",
            (channel, post, channel, post, size),
        )
        found.append(KnownPost(post, earliest, latest, tuple(places), tuple((row[0], row[1]) for row in of)))
    return found


def ids_are_whole(engine: Engine, channel: int, lo: int, hi: int, size: int) -> bool:
    """Whether every id from the last post before a span of unix seconds to the first one after it is known.

    Ids are given one after the other, so that a post nobody captured would leave a gap.
    """
    rows = _all(
        engine,
        "SELECT (SELECT max(post) FROM post WHERE channel = ? AND latest < ? AND entry < ?),"
        " (SELECT min(post) FROM post WHERE channel = ? AND earliest > ? AND entry < ?)",
        (channel, lo, size, channel, hi, size),
    )
    first, last = rows[0]
    if first is None or last is None or last < first:
        return False
    count = _all(
        engine, "SELECT count(*) FROM post WHERE channel = ? AND post BETWEEN ? AND ?", (channel, first, last)
    )[0][0]
    return bool(count == last - first + 1)


def observations(engine: Engine, channel: int, post: int, size: int) -> list[tuple[int, int]]:
    """(entry, element) of a post's observations below entry `size`; none where there is but one."""
    rows = _all(
        engine,
        "SELECT entry, element FROM observation WHERE channel = ? AND post = ? AND entry < ? ORDER BY number",
        (channel, post, size),
    )
    return [(row[0], row[1]) for row in rows]


def absences(engine: Engine, channel: int, size: int, post: int | None = None) -> list[AbsenceRow]:
    """Each time that a post was looked for and not there, in log order."""
    rows = _all(
        engine,
        "SELECT a.post, a.entry, e.seen_at, a.answered, e.source, a.capture FROM absence a"
        " JOIN entry e ON e.entry = a.entry WHERE a.channel = ? AND a.entry < ? AND (? IS NULL OR a.post = ?)"
        " AND e.seen_at IS NOT NULL ORDER BY a.entry, a.post",
        (channel, size, post, post),
    )
    return [AbsenceRow(*row) for row in rows]


def transcripts(engine: Engine, channel: int, posts: Sequence[int], size: int) -> list[TranscriptRow]:
    """The transcripts beside some posts, in log order."""
    found = []
    for post in posts:
        rows = _all(
            engine,
            "SELECT channel, post, entry, artefact, format, lang, seen_at, capture, confidence FROM transcript"
            " WHERE channel = ? AND post = ? AND entry < ? ORDER BY entry",
            (channel, post, size),
        )
        found += [TranscriptRow(*row) for row in rows]
    return found


def sealed_report(engine: Engine, sha256: str, identity: str) -> int | None:
    """The entry of a report that was sealed before with the same text, artefact, address and publication."""
    rows = _all(engine, "SELECT entry FROM report WHERE sha256 = ? AND identity = ?", (sha256, identity))
    return int(rows[0][0]) if rows else None


def sealed_check(engine: Engine, digest: str) -> int | None:
    """The first entry of a check that was sealed before with the same result."""
    rows = _all(engine, "SELECT min(entry) FROM checked WHERE digest = ?", (digest,))
    return int(rows[0][0]) if rows and rows[0][0] is not None else None
