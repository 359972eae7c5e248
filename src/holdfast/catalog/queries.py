"""Asks the tables; the one place where questions are put to the catalog."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Engine

from holdfast.errors import UsageError

__all__ = [
    "BearerRow",
    "CaptureRow",
    "ChannelRow",
    "LookRow",
    "MediaRow",
    "ObservationRow",
    "PostState",
    "Totals",
    "capture_entries",
    "captures",
    "channels",
    "channels_named",
    "coverage_of",
    "covered_since",
    "has_revisions",
    "holds_entries",
    "is_sealed",
    "known_ids",
    "last_bearer",
    "last_looks",
    "latest_hint",
    "newest_posts",
    "observations",
    "open_captures",
    "places",
    "post_absences",
    "post_media",
    "post_state",
    "totals",
    "watched_names",
]


class ChannelRow(msgspec.Struct, frozen=True):
    """A channel as last seen. `posts` counts those known, gone ones included."""

    row: int
    id: str
    kind: str
    title: str | None
    username: str | None
    source_type: str | None
    entry: int
    posts: int


class PostState(msgspec.Struct, frozen=True):
    """Where a post stands. `absent` is the entry that last found it missing."""

    channel: int
    post: int
    kind: int
    earliest: int | None
    latest: int | None
    entry: int
    element: int
    observations: int
    revision: int
    absent: int | None


BROUGHT_FILES = (
    "SELECT o.post, o.entry, o.element FROM observation o WHERE o.channel = ? AND o.changed LIKE '%files%'"
    " AND o.post IN ({}) AND o.number > coalesce((SELECT max(x.number)"
    " FROM observation x WHERE x.channel = o.channel AND x.post = o.post AND x.changed NOT LIKE '%files%'"
    " AND (x.changed LIKE '%media%' OR x.changed LIKE '%edit mark%')), 0) ORDER BY o.number"
)
"""Which observations of some posts brought files, without those before a post's last edit: theirs need not be what is attached now."""


class ObservationRow(msgspec.Struct, frozen=True):
    number: int
    revision: int
    entry: int
    element: int
    changed: tuple[str, ...]
    capture: str | None
    seen_at: str | None


class MediaRow(msgspec.Struct, frozen=True):
    entry: int
    position: int
    kind: str
    state: str | None
    artefact: str | None
    size_bytes: int | None
    duration_s: int | None


class CaptureRow(msgspec.Struct, frozen=True):
    """A capture; `state` is "open" while no `capture` entry has closed it. `exported_hint`: the day that the
    export's own name claims."""

    id: str
    entry: int | None
    source: str | None
    seen_at: str | None
    finished_at: str | None
    exported_hint: str | None
    state: str | None
    detail: str | None
    counts: dict[str, int] | None
    problems: dict[str, int] | None


class LookRow(msgspec.Struct, frozen=True):
    """One time that a channel was asked for. `retry_at`: before it the source asked not to be asked again."""

    seen_at: str
    answered: str
    retry_at: str | None


class BearerRow(msgspec.Struct, frozen=True):
    """A channel that bears a name."""

    row: int
    id: str
    title: str | None
    description: str | None


class Totals(msgspec.Struct, frozen=True):
    followed: int
    channels: int
    posts: int
    observations: int
    revised: int
    absent: int
    media: int
    captures: int


def _all(engine: Engine, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(sql, values).fetchall())


_CHANNEL = (
    "SELECT row, id, kind, title, username, source_type, entry,"
    " (SELECT count(*) FROM post WHERE post.channel = channel.row) FROM channel"
)


def channels(engine: Engine) -> list[ChannelRow]:
    """All channels, in the order of their first appearance."""
    return [ChannelRow(*row) for row in _all(engine, f"{_CHANNEL} ORDER BY row")]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip().removeprefix("@")


def channels_named(engine: Engine, name: str) -> list[ChannelRow]:
    """Channels that bear or bore a name: id, username (with or without @) or title.

    Case and width do not matter. Where nothing matches whole, names that begin with it are taken.
    """
    plain = _plain(name)
    if not plain:
        raise UsageError("a channel's name is empty", remedy="name it by its id, username or title")
    names = _all(engine, "SELECT channel, name FROM channel_name")
    whole = {row for row, each in names if _plain(each) == plain}
    found = whole or {row for row, each in names if _plain(each).startswith(plain)}
    return [each for each in channels(engine) if each.row in found]


def post_state(engine: Engine, channel: int, post: int) -> PostState | None:
    rows = _all(
        engine,
        "SELECT channel, post, kind, earliest, latest, entry, element, observations, revision, absent"
        " FROM post WHERE channel = ? AND post = ?",
        (channel, post),
    )
    return PostState(*rows[0]) if rows else None


def has_revisions(engine: Engine) -> bool:
    """Whether any post was revised: only then can two hits of a search be one post."""
    return bool(_all(engine, "SELECT EXISTS (SELECT 1 FROM post WHERE revision > 1)")[0][0])


def is_sealed(engine: Engine, digest: str) -> bool:
    """Whether an earlier capture sealed a document of this digest."""
    return bool(_all(engine, "SELECT EXISTS (SELECT 1 FROM artefact WHERE digest = ?)", (digest,))[0][0])


def holds_entries(engine: Engine) -> bool:
    """Whether anything was followed at all."""
    return bool(_all(engine, "SELECT EXISTS (SELECT 1 FROM entry)")[0][0])


def places(engine: Engine, channel: int, limit: int) -> list[tuple[int, int]]:
    """(entry, element) of a channel's posts by ascending id, service posts left out."""
    sql = "SELECT entry, element FROM post WHERE channel = ? AND kind = 0 ORDER BY post LIMIT ?"
    return [(row[0], row[1]) for row in _all(engine, sql, (channel, limit))]


def observations(engine: Engine, state: PostState) -> list[ObservationRow]:
    """All sealed observations of a post, oldest first."""
    rows = _all(
        engine,
        "SELECT o.number, o.revision, o.entry, o.element, o.changed, e.capture, e.seen_at FROM observation o"
        " JOIN entry e ON e.entry = o.entry"
        " WHERE o.channel = ? AND o.post = ? ORDER BY o.number",
        (state.channel, state.post),
    ) or _all(
        engine,
        "SELECT 1, 1, e.entry, ?, '', e.capture, e.seen_at FROM entry e WHERE e.entry = ?",
        (state.element, state.entry),
    )
    return [
        ObservationRow(row[0], row[1], row[2], row[3], tuple(filter(None, row[4].split(","))), row[5], row[6])
        for row in rows
    ]


def post_media(engine: Engine, channel: int, post: int) -> list[MediaRow]:
    rows = _all(
        engine,
        "SELECT entry, position, kind, state, artefact, size_bytes, duration_s FROM media"
        " WHERE channel = ? AND post = ? ORDER BY entry, position",
        (channel, post),
    )
    return [MediaRow(*row) for row in rows]


def post_absences(engine: Engine, channel: int, post: int) -> list[tuple[int, str, str | None, str]]:
    """(entry, capture, seen_at, what was answered) of each time the post was looked for and not there."""
    return [
        tuple(row)
        for row in _all(
            engine,
            "SELECT a.entry, a.capture, e.seen_at, a.answered FROM absence a"
            " LEFT JOIN entry e ON e.entry = a.entry"
            " WHERE a.channel = ? AND a.post = ? ORDER BY a.entry",
            (channel, post),
        )
    ]


def covered_since(engine: Engine, channel: int, post: int, entry: int) -> list[tuple[str, str | None, int]]:
    """(capture, seen_at, entry) of the closed captures after `entry` whose coverage holds the post's id."""
    return [
        tuple(row)
        for row in _all(
            engine,
            "SELECT v.capture, v.seen_at, v.entry FROM coverage v"
            " WHERE v.channel = ? AND v.first <= ? AND v.last >= ? AND v.entry > ? ORDER BY v.seen_at, v.entry",
            (channel, post, post, entry),
        )
    ]


def capture_entries(engine: Engine, captures: Sequence[str]) -> list[int]:
    """The entries that closed some captures, ascending; one that is still open has none."""
    marks = ",".join("?" * len(captures))
    sql = f"SELECT entry FROM capture WHERE entry IS NOT NULL AND id IN ({marks}) ORDER BY entry"
    return [row[0] for row in _all(engine, sql, tuple(captures))]


def known_ids(engine: Engine, channel: int, first: int, last: int, before_entry: int) -> Iterator[int]:
    """Ids of posts inside (first, last) that stood there before `before_entry` and are not absent, ascending."""
    with engine.connect() as connection:
        result = connection.exec_driver_sql(
            "SELECT post FROM post WHERE channel = ? AND post BETWEEN ? AND ? AND absent IS NULL AND entry < ?"
            " ORDER BY post",
            (channel, first, last, before_entry),
        )
        while rows := result.fetchmany(10_000):
            yield from (row[0] for row in rows)


def coverage_of(engine: Engine, channel: int, source: str) -> list[tuple[int, int, str]]:
    """(first, last, seen_at) of all that one source was asked of a channel, in log order."""
    sql = "SELECT first, last, seen_at FROM coverage WHERE channel = ? AND source = ? ORDER BY entry, seen_at, first"
    return [(row[0], row[1], row[2]) for row in _all(engine, sql, (channel, source))]


def watched_names(engine: Engine, source: str) -> list[str]:
    """The usernames of the channels that a live source was asked for, in the order of their first appearance."""
    sql = (
        "SELECT username, id FROM channel c WHERE EXISTS"
        " (SELECT 1 FROM channel_look l WHERE l.channel = c.row AND l.source = ?) ORDER BY row"
    )
    names = (row[0] or row[1].removeprefix("username:") for row in _all(engine, sql, (source,)))
    return [name for name in names if not name.isdigit()]


def newest_posts(engine: Engine, channel: int, limit: int) -> list[tuple[int, int | None]]:
    """(post, earliest time of publication in unix seconds) of the posts that stand, newest first."""
    sql = "SELECT post, earliest FROM post WHERE channel = ? AND absent IS NULL ORDER BY post DESC LIMIT ?"
    return [(row[0], row[1]) for row in _all(engine, sql, (channel, limit))]


def last_looks(engine: Engine, channel: int, source: str, limit: int) -> list[LookRow]:
    """The last times that a source was asked for a channel itself, newest first."""
    sql = (
        "SELECT seen_at, answered, retry_at FROM channel_look WHERE channel = ? AND source = ?"
        " ORDER BY entry DESC LIMIT ?"
    )
    return [LookRow(*row) for row in _all(engine, sql, (channel, source, limit))]


def last_bearer(engine: Engine, username: str, source: str) -> BearerRow | None:
    """The channel that a source was last asked for under a username, or an id; None if it never was."""
    sql = (
        "SELECT c.row, c.id, c.title, c.description FROM channel c JOIN channel_look l ON l.channel = c.row"
        " WHERE (lower(c.username) = ? OR c.id IN (?, ?)) AND l.source = ? ORDER BY l.entry DESC LIMIT 1"
    )
    plain = _plain(username)
    rows = _all(engine, sql, (plain, plain, f"username:{plain}", source))
    return BearerRow(*rows[0]) if rows else None


def captures(engine: Engine, *, limit: int | None = None) -> list[CaptureRow]:
    """Captures, newest first."""
    rows = _all(
        engine,
        "SELECT id, entry, source, seen_at, finished_at, exported_hint, state, detail, counts, problems FROM capture"
        " ORDER BY coalesce(entry, 9223372036854775807) DESC, id LIMIT ?",
        (-1 if limit is None else limit,),
    )
    return [CaptureRow(*row[:8], *(json.loads(each) if each else None for each in row[8:10])) for row in rows]


def latest_hint(engine: Engine, channel: int) -> str | None:
    """The last day on which an export of the channel was made, by the exports' own names; None if none says so."""
    rows = _all(
        engine,
        "SELECT max(c.exported_hint) FROM capture c WHERE c.id IN (SELECT capture FROM coverage WHERE channel = ?)",
        (channel,),
    )
    return rows[0][0] if rows else None


def open_captures(engine: Engine) -> list[tuple[str, str | None, str | None, int]]:
    """(id, source, seen_at, posts sealed) of captures that no entry has closed: their writer was killed."""
    return [
        tuple(row)
        for row in _all(
            engine,
            "SELECT c.id, c.source, c.seen_at, (SELECT count(*) FROM post p JOIN entry e ON e.entry = p.entry"
            " WHERE e.capture = c.id) FROM capture c WHERE c.state = 'open' ORDER BY c.id",
        )
    ]


def totals(engine: Engine) -> Totals:
    row = _all(
        engine,
        "SELECT (SELECT entries FROM followed), (SELECT count(*) FROM channel), (SELECT count(*) FROM post),"
        " (SELECT coalesce(sum(observations), 0) FROM post), (SELECT count(*) FROM post WHERE revision > 1),"
        " (SELECT count(*) FROM post WHERE absent IS NOT NULL),"
        " (SELECT count(DISTINCT artefact) FROM media WHERE artefact IS NOT NULL),"
        " (SELECT count(*) FROM capture)",
    )[0]
    return Totals(*row)
