"""From observations to intervals: what changed of a channel and its posts, last seen so and first seen otherwise."""

from __future__ import annotations

import itertools
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from holdfast.catalog.covered import Moment, Wanted, last_covered

__all__ = ["FAILURES", "Event", "Look", "Moment", "Reading", "curve", "looks", "post_events", "timeline"]

FAILURES = frozenset({"rate limited", "server error", "network failure", "not understood", "blocked here"})
"""Answers that say nothing of the channel: while there are no others, nobody can say how it stood."""

QUIET = frozenset(
    {"views", "forwards", "replies", "reactions", "votes", "files", "source", "other", "older edit mark"}
)
"""Differences that are readings or of our own making: they are no event of a post's life."""


class Event(msgspec.Struct, frozen=True):
    """A change, as an interval: never a point in time.

    `kind`: "title", "username", "description", "followers", "label", "restriction", "standing", "linked chat", "moved";
    of posts "edit", "edit mark", "disappearance", "return"; "disagreement" of two sources; "gap" in the coverage. `name` says which
    label, platform or counter. `last_before`: last seen as `before`, None if it was never seen otherwise; `first_after`: first
    seen as `after`; `last_after`: last seen so. `unspoken_since`: from then on the source shows no such mark, which
    does not say that it is gone. `differs`: what differs in a post; `places`: (entry, element) of both observations; `words`:
    how many words of its text differ, where the texts were opened.
    """

    kind: str
    first_after: Moment
    name: str | None = None
    post: int | None = None
    before: str | None = None
    after: str | None = None
    low: int | None = None
    high: int | None = None
    last_before: Moment | None = None
    last_after: Moment | None = None
    unspoken_since: Moment | None = None
    differs: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    detail: str | None = None
    words: int | None = None


class Look(msgspec.Struct, frozen=True):
    """One time that a channel was asked for."""

    moment: Moment
    answered: str
    detail: str | None
    spoke: str


class Reading(msgspec.Struct, frozen=True):
    """A number with its bounds and its moment. `held_until`: last seen unchanged by the same source."""

    name: str
    low: int
    high: int
    moment: Moment
    shown: str | None = None
    held_until: str | None = None


def timeline(engine: Engine, channel: int, *, gap_s: int = 3 * 3600) -> list[Event]:
    """All that changed of a channel and its posts, in the order of first being seen so; `gap_s`: silence longer than that
    is told too."""
    with engine.connect() as connection:
        seen = _looks(connection, channel)
        found = [
            *_facts(connection, channel, seen),
            *_edits(connection, channel),
            *_disappearances(connection, channel),
            *_gaps(seen, gap_s),
        ]
    return sorted(
        found, key=lambda each: (each.first_after.seen_at, each.first_after.entry, each.kind, each.post or 0)
    )


def post_events(engine: Engine, channel: int, post: int) -> list[Event]:
    """All that happened to one post, in the order of first being seen so."""
    with engine.connect() as connection:
        found = [*_edits(connection, channel, post), *_disappearances(connection, channel, post)]
    return sorted(found, key=lambda each: (each.first_after.seen_at, each.first_after.entry))


def looks(engine: Engine, channel: int) -> list[Look]:
    """Every time that a channel itself was asked for, in log order."""
    with engine.connect() as connection:
        return _looks(connection, channel)


def curve(engine: Engine, channel: int, post: int) -> list[Reading]:
    """The readings of a post's counters, in the order of their moments."""
    sql = (
        "SELECT r.name, r.low, r.high, e.seen_at, r.entry, e.source, e.capture FROM post_reading r"
        " JOIN entry e ON e.entry = r.entry WHERE r.channel = ? AND r.post = ? AND e.seen_at IS NOT NULL ORDER BY r.entry"
    )
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(sql, (channel, post)).fetchall()
        following: dict[tuple[str, str | None], int] = {}
        wanted = []
        for name, _, _, _, entry, source, _ in reversed(rows):
            # Any observation of the same source ends what was seen before: its counters were read anew.
            wanted.append(Wanted(post, source, entry, following.get((name, source))))
            following[name, source] = entry
        held = last_covered(connection, channel, wanted[::-1])
    found = []
    for (name, low, high, seen_at, entry, source, capture), last in zip(rows, held, strict=True):
        held_until = last.seen_at if last is not None and last.seen_at > seen_at else None
        found.append(Reading(name, low, high, Moment(seen_at, entry, source, capture), None, held_until))
    return sorted(found, key=lambda each: (each.moment.seen_at, each.moment.entry))


# -- the channel itself -----------------------------------------------------------------------------


def _looks(connection: Connection, channel: int) -> list[Look]:
    rows = connection.exec_driver_sql(
        "SELECT seen_at, entry, source, capture, answered, detail, spoke FROM channel_look WHERE channel = ?"
        " ORDER BY entry",
        (channel,),
    ).fetchall()
    return [Look(Moment(*row[:4]), *row[4:]) for row in rows]


_KINDS = {"answered": "standing", "linked_chat": "linked chat", "moved_to": "moved"}


def _facts(connection: Connection, channel: int, seen: Sequence[Look]) -> Iterator[Event]:
    rows = connection.exec_driver_sql(
        "SELECT name, source, entry, seen_at, value, low, high FROM channel_fact WHERE channel = ?"
        " ORDER BY name, source, entry",
        (channel,),
    ).fetchall()
    of_source: dict[str, list[Look]] = {}
    for look in seen:
        of_source.setdefault(look.moment.source or "", []).append(look)
    of_group = None
    for at, (name, source, entry, seen_at, _value, low, high) in enumerate(rows):
        earlier = rows[at - 1] if at and rows[at - 1][:2] == (name, source) else None
        later = rows[at + 1] if at + 1 < len(rows) and rows[at + 1][:2] == (name, source) else None
        mine = of_source.get(source, [])
        if of_group != (name, source):
            of_group = (name, source)
            spoken = [look for look in mine if f",{name}," in look.spoke]
            entries = [look.moment.entry for look in spoken]
        place = bisect_left(entries, entry)
        end = bisect_left(entries, later[2]) if later else len(entries)
        last = spoken[end - 1] if end else None
        kind, _, which = name.partition(":")
        yield Event(
            _KINDS.get(kind, kind),
            next((look.moment for look in spoken[place : place + 1]), Moment(seen_at, entry, source)),
            name=which or None,
            before=_told(earlier),
            after=_told(rows[at]),
            low=low,
            high=high,
            last_before=spoken[place - 1].moment if earlier is not None and place else None,
            last_after=last.moment if last else None,
            unspoken_since=_unspoken(mine, name, last) if later is None else None,
            detail=next((look.detail for look in spoken[place : place + 1]), None)
            if name == "answered"
            else None,
        )
    yield from _disagreements(rows, of_source)


def _told(row: Any) -> str | None:
    """A fact's value in words; a reading as its bounds."""
    if row is None:
        return None
    value, low, high = row[4], row[5], row[6]
    if low is None:
        return str(value) if value is not None else None
    return str(low) if low == high else f"{low}–{high}" + (f" (shown as {value})" if value else "")


def _alike(one: Any, other: Any) -> bool:
    """Whether two sources say the same; how they break lines is theirs."""
    plain = (" ".join(unicodedata.normalize("NFC", _told(row) or "").split()) for row in (one, other))
    return next(plain) == next(plain)


def _unspoken(mine: Sequence[Look], name: str, last: Look | None) -> Moment | None:
    if last is None or not name.startswith(("label:", "restriction:")):
        return None
    after = (look for look in mine if look.moment.entry > last.moment.entry and look.answered == "shown")
    return next((look.moment for look in after), None)


def _disagreements(rows: Sequence[Any], of_source: dict[str, list[Look]]) -> Iterator[Event]:
    """Where two sources, each as it last spoke, do not say the same of the channel."""
    latest: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row[0] in ("title", "username", "description") or row[0].startswith("label:"):
            latest.setdefault(row[0], {})[row[1]] = row
    for name, told in latest.items():
        pairs = sorted(told.values(), key=lambda row: int(row[2]))
        for one, other in itertools.pairwise(pairs):
            # An export's card is as old as the export, which nobody here knows.
            if _alike(one, other) or "telegram_export" in (one[1], other[1]):
                continue
            spoken = [look.moment for look in of_source.get(one[1], []) if f",{name}," in look.spoke]
            kind, _, which = name.partition(":")
            yield Event(
                "disagreement",
                Moment(other[3], other[2], other[1]),
                name=kind if not which else f"{kind} {which}",
                before=_told(one),
                after=_told(other),
                last_before=spoken[-1] if spoken else Moment(one[3], one[2], one[1]),
                detail=f"{one[1]} and {other[1]} do not say the same",
            )


# -- posts --------------------------------------------------------------------------------------------


_OBSERVED = (
    "SELECT o.post, o.number, o.entry, o.element, o.changed, e.seen_at, e.source, e.capture FROM observation o"
    " JOIN entry e ON e.entry = o.entry WHERE o.channel = ?"
)


def _edits(connection: Connection, channel: int, only: int | None = None) -> Iterator[Event]:
    # Nearly all observations bring nothing but numbers: only those are read that bring more.
    spelled = connection.exec_driver_sql(
        "SELECT DISTINCT changed FROM observation WHERE channel = ? AND (? IS NULL OR post = ?)",
        (channel, only, only),
    ).scalars()
    loud = [changed for changed in spelled if set(filter(None, changed.split(","))) - QUIET]
    rows: list[Any] = []
    for at in range(0, len(loud), 500):
        part = loud[at : at + 500]
        rows += connection.exec_driver_sql(
            f"{_OBSERVED} AND (? IS NULL OR o.post = ?) AND o.changed IN ({','.join('?' * len(part))})",
            (channel, only, only, *part),
        ).fetchall()
    changes: list[Event] = []
    wanted: list[Wanted] = []
    for post, number, entry, element, changed, seen_at, source, capture in sorted(rows):
        names = set(filter(None, changed.split(",")))
        now = Moment(seen_at or "", entry, source, capture)
        if "back" in names:
            yield Event("return", now, post=post, last_before=_missing(connection, channel, post, entry))
        differs = tuple(sorted(names - QUIET - {"back"}))
        if number == 1 or not differs:
            continue
        first = "source" in names
        of = "" if first else " AND e.source IS ?"
        before = f"{_OBSERVED} AND o.post = ? AND o.number < ?{of} ORDER BY o.number DESC LIMIT 1"
        old = connection.exec_driver_sql(
            before, (channel, post, number) if first else (channel, post, number, source)
        ).first()
        if old is None:
            old = connection.exec_driver_sql(before.replace(of, ""), (channel, post, number)).one()
        wanted.append(Wanted(post, old[6], old[2], entry))
        changes.append(
            Event(
                "disagreement" if first else "edit mark" if differs == ("edit mark",) else "edit",
                now,
                post=post,
                last_before=Moment(old[5] or "", old[2], old[6], old[7]),
                differs=differs,
                places=((old[2], old[3]), (entry, element)),
                detail=f"{old[6]} and {source} do not say the same" if first else None,
            )
        )
    yield from _held(connection, channel, changes, wanted)


def _held(
    connection: Connection, channel: int, events: Sequence[Event], wanted: Sequence[Wanted]
) -> Iterator[Event]:
    """Events whose intervals begin with the last look that found all as before."""
    for event, held in zip(events, last_covered(connection, channel, wanted), strict=True):
        moments = [each for each in (held, event.last_before) if each is not None]
        yield msgspec.structs.replace(
            event, last_before=max(moments, key=lambda each: each.seen_at, default=None)
        )


def _missing(connection: Connection, channel: int, post: int, before: int) -> Moment | None:
    row = connection.exec_driver_sql(
        "SELECT e.seen_at, a.entry, e.source, a.capture FROM absence a JOIN entry e ON e.entry = a.entry"
        " WHERE a.channel = ? AND a.post = ? AND a.entry < ? ORDER BY a.entry DESC LIMIT 1",
        (channel, post, before),
    ).first()
    return Moment(*row) if row else None


def _disappearances(connection: Connection, channel: int, only: int | None = None) -> Iterator[Event]:
    rows = connection.exec_driver_sql(
        "SELECT a.post, a.entry, a.answered, e.seen_at, e.source, a.capture, a.asked FROM absence a"
        " JOIN entry e ON e.entry = a.entry WHERE a.channel = ? AND (? IS NULL OR a.post = ?) ORDER BY a.post, a.entry",
        (channel, only, only),
    ).fetchall()
    found: list[Event] = []
    wanted: list[Wanted] = []
    for at, (post, entry, answered, seen_at, source, capture, asked) in enumerate(rows):
        seen = connection.exec_driver_sql(
            "SELECT e.seen_at, x.entry, e.source, e.capture FROM"
            " (SELECT entry FROM observation WHERE channel = ? AND post = ? UNION SELECT entry FROM post"
            " WHERE channel = ? AND post = ?) x JOIN entry e ON e.entry = x.entry WHERE x.entry < ?"
            " ORDER BY x.entry DESC LIMIT 1",
            (channel, post, channel, post, entry),
        ).first()
        last = Moment(seen[0] or "", *seen[1:]) if seen else None
        if at and rows[at - 1][0] == post and (last is None or rows[at - 1][1] > last.entry):
            continue  # missing as before: the first time is the event
        wanted.append(Wanted(post, source, last.entry if last else -1, entry))
        now = Moment(seen_at or "", entry, source, capture)
        found.append(Event("disappearance", now, post=post, last_before=last, after=answered, detail=asked))
    yield from _held(connection, channel, found, wanted)


# -- what nobody can speak of -------------------------------------------------------------------------


def _gaps(seen: Iterable[Look], gap_s: int) -> Iterator[Event]:
    """Times in which no answer said anything of the channel, where they are longer than is usual there."""
    # An export is read when somebody has it; that says nothing of when it was looked.
    live = [look for look in seen if look.moment.source != "telegram_export"]
    usual = _usual(live)
    last: Look | None = None
    failed: list[Look] = []
    for look in sorted(live, key=lambda each: (each.moment.seen_at, each.moment.entry)):
        if look.answered in FAILURES:
            failed.append(look)
            continue
        if last is not None:
            apart = _time(look.moment.seen_at) - _time(last.moment.seen_at)
            # Where another source answered in time, nothing was missed.
            if apart > (usual * 1.5 if failed else max(timedelta(seconds=gap_s), 2 * usual)):
                yield _gap(last, failed, look)
        last, failed = look, []
    if failed:
        yield _gap(last, failed, None)


def _usual(looks: Sequence[Look]) -> timedelta:
    """How far apart the looks of one source usually lie: the middle of all distances."""
    before: dict[str | None, datetime] = {}
    apart = []
    for look in looks:
        now = _time(look.moment.seen_at)
        if look.moment.source in before:
            apart.append(now - before[look.moment.source])
        before[look.moment.source] = now
    return sorted(apart)[len(apart) // 2] if apart else timedelta()


def _gap(last: Look | None, failed: Sequence[Look], until: Look | None) -> Event:
    told = ", ".join(dict.fromkeys(look.answered for look in failed)) or "nobody looked"
    moment = until.moment if until else failed[-1].moment
    return Event(
        "gap",
        moment,
        last_before=last.moment if last else None,
        after="seen again" if until else "not seen since",
        detail=f"{told} ({len(failed)} times)" if len(failed) > 1 else told,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
