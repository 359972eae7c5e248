"""Lists what pages leaf through: a channel's posts, the log's entries, who was asked last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Engine

from holdfast.catalog.queries import BROUGHT_FILES, CaptureRow, PostState

__all__ = [
    "EntryRow",
    "Only",
    "brought_files",
    "channel_captures",
    "description",
    "erasures",
    "followed",
    "last_views",
    "log_entries",
    "neighbours",
    "posts_before",
]

Only = Literal["all", "revised", "absent", "media"]


class EntryRow(msgspec.Struct, frozen=True):
    """An entry of the log as the tables know it, without opening it. `channel`: the channel's id."""

    entry: int
    type: str
    ts: str
    capture: str | None
    channel: str | None
    seen_at: str | None
    source: str | None


_ONLY = {
    "all": "",
    "revised": " AND revision > 1",
    "absent": " AND absent IS NOT NULL",
    "media": " AND EXISTS (SELECT 1 FROM media m WHERE m.channel = post.channel AND m.post = post.post)",
}


def _all(engine: Engine, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(sql, values).fetchall())


def brought_files(engine: Engine, channel: int, posts: Sequence[int]) -> list[tuple[int, int, int]]:
    """(post, entry, element) of those observations of some posts whose files are what is attached to them now, oldest first."""
    if not posts:
        return []
    sql = BROUGHT_FILES.format(",".join("?" * len(posts)))
    return [(row[0], row[1], row[2]) for row in _all(engine, sql, (channel, *posts))]


def posts_before(
    engine: Engine, channel: int, before: int | None, limit: int, only: Only = "all"
) -> list[PostState]:
    """A channel's posts below an id (None: from the newest), newest first, those that are gone included."""
    sql = (
        "SELECT channel, post, kind, earliest, latest, entry, element, observations, revision, absent"
        f" FROM post WHERE channel = ? AND post < ?{_ONLY[only]} ORDER BY post DESC LIMIT ?"
    )
    top = 2**63 - 1 if before is None else before
    return [PostState(*row) for row in _all(engine, sql, (channel, top, limit))]


def neighbours(engine: Engine, channel: int, post: int) -> tuple[int | None, int | None]:
    """The ids of the posts known before and after one."""
    older = "SELECT max(post) FROM post WHERE channel = ? AND post < ?"
    newer = "SELECT min(post) FROM post WHERE channel = ? AND post > ?"
    return (
        _all(engine, older, (channel, post))[0][0],
        _all(engine, newer, (channel, post))[0][0],
    )


def last_views(engine: Engine, channel: int, posts: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(low, high) of the newest reading of the view counter of each post that has one."""
    found = {}
    for post in posts:
        rows = _all(
            engine,
            "SELECT low, high FROM post_reading WHERE channel = ? AND post = ? AND name = 'views'"
            " ORDER BY entry DESC LIMIT 1",
            (channel, post),
        )
        if rows:
            found[post] = (rows[0][0], rows[0][1])
    return found


def description(engine: Engine, channel: int) -> str | None:
    """The channel's description as last seen."""
    rows = _all(engine, "SELECT description FROM channel WHERE row = ?", (channel,))
    return rows[0][0] if rows else None


def log_entries(engine: Engine, first: int, limit: int) -> list[EntryRow]:
    """Entries from `first` on, ascending, as far as the tables follow the log."""
    sql = (
        "SELECT e.entry, e.type, e.ts, e.capture, c.id, e.seen_at, e.source FROM entry e"
        " LEFT JOIN channel c ON c.row = e.channel WHERE e.entry >= ? ORDER BY e.entry LIMIT ?"
    )
    return [EntryRow(*row) for row in _all(engine, sql, (first, limit))]


def erasures(engine: Engine) -> list[int]:
    """The entries that say what is no longer held on purpose, ascending."""
    return [row[0] for row in _all(engine, "SELECT entry FROM entry WHERE type = 'erasure' ORDER BY entry")]


def channel_captures(engine: Engine, channel: int, limit: int) -> list[CaptureRow]:
    """The last captures that asked for a channel, newest first."""
    sql = (
        "SELECT c.id, c.entry, c.source, c.seen_at, c.finished_at, c.exported_hint, c.state, c.detail, c.counts,"
        " c.problems FROM capture c JOIN (SELECT capture FROM (SELECT capture, max(entry) AS last FROM"
        " (SELECT capture, entry FROM (SELECT capture, entry FROM channel_look WHERE channel = ? ORDER BY entry DESC LIMIT ?)"
        " UNION ALL SELECT capture, entry FROM (SELECT capture, entry FROM coverage WHERE channel = ?"
        " ORDER BY entry DESC LIMIT ?)) GROUP BY capture) ORDER BY last DESC LIMIT ?) x ON x.capture = c.id"
        " ORDER BY coalesce(c.entry, 9223372036854775807) DESC"
    )
    rows = _all(engine, sql, (channel, 4 * limit, channel, 4 * limit, limit))
    return [CaptureRow(*row[:8], *(json.loads(each) if each else None for each in row[8:10])) for row in rows]


def followed(engine: Engine) -> int:
    """How many entries of the log the tables follow."""
    rows = _all(engine, "SELECT entries FROM followed")
    return int(rows[0][0]) if rows else 0
