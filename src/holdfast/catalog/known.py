"""What worker processes know of the catalog: where posts stand, and what they hand over for it.

Kept apart from the tables, so that a worker loads no database toolkit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.catalog.rows import PostRow
from holdfast.errors import FormatError, HoldfastError, StorageError

__all__ = [
    "LAST_OF_SOURCE",
    "REMEDY",
    "FollowedFlat",
    "FollowedPosts",
    "KnownPosts",
    "Standing",
    "catalog_error",
    "known_posts",
]


REMEDY = "run `holdfast rebuild`: it makes the catalog anew from the vault"


def catalog_error(error: BaseException) -> HoldfastError:
    """What SQLite says, as ours: StorageError where the disk or another process is at fault, else FormatError."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageError("the catalog is held by another process", remedy="wait for it, then try again")
    if primary == sqlite3.SQLITE_FULL:
        return StorageError("the disk is full: the catalog could not be written")
    if primary in (
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    ):
        return StorageError(
            f"the catalog cannot be used: {error}",
            remedy=f"make its folder writable, or copy the vault to where you may write; or {REMEDY}",
        )
    return FormatError(f"the catalog is damaged: {error}", remedy=REMEDY)


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a post stands. (`entry`, `element`): what the asking source itself saw last, None if it never saw it; `fingerprint`
    of that, where it is at hand; `absent`: the entry that last found it missing."""

    entry: int | None
    element: int
    fingerprint: bytes | None
    absent: int | None


def known_posts(
    execute: Callable[[str, tuple[Any, ...]], Iterable[Any]], channel: int, posts: Sequence[int], source: str
) -> dict[int, Standing]:
    """Where those of some posts stand that are known, for one source."""
    found: dict[int, Standing] = {}
    for at in range(0, len(posts), 500):
        part = posts[at : at + 500]
        rows = execute(
            "SELECT p.post, p.entry, p.element, p.fingerprint, p.absent, p.observations, e.source FROM post p"
            f" JOIN entry e ON e.entry = p.entry WHERE p.channel = ? AND p.post IN ({','.join('?' * len(part))})",
            (channel, *part),
        )
        for post, entry, element, mark, absent, observations, of in rows:
            if of == source:
                found[post] = Standing(entry, element, mark, absent)
            elif observations == 1:
                found[post] = Standing(None, 0, None, absent)
            else:
                own = list(execute(LAST_OF_SOURCE, (channel, post, source)))
                found[post] = (
                    Standing(own[0][0], own[0][1], None, absent) if own else Standing(None, 0, None, absent)
                )
    return found


LAST_OF_SOURCE = (
    "SELECT o.entry, o.element FROM observation o JOIN entry e ON e.entry = o.entry"
    " WHERE o.channel = ? AND o.post = ? AND e.source = ? ORDER BY o.number DESC LIMIT 1"
)


class KnownPosts:
    """Where posts stand, asked by the processes that seal."""

    def __init__(self, folder: Path) -> None:
        uri = f"{(folder / 'catalog.db').resolve().as_uri()}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, timeout=10, check_same_thread=False)

    def __del__(self) -> None:
        if hasattr(self, "_db"):
            self._db.close()

    def get(self, channel: int, posts: Sequence[int], source: str) -> dict[int, Standing]:
        """Errors: FormatError, StorageError."""
        try:
            return known_posts(
                lambda sql, values: self._db.execute(sql, values).fetchall(), channel, posts, source
            )
        except sqlite3.Error as error:
            raise catalog_error(error) from error


class FollowedPosts(msgspec.Struct, frozen=True, gc=False):
    """A `posts` entry, ready for the tables. `rows`: (element, row) of each post that is held."""

    entry: int
    ts: str
    capture: dict[str, Any]
    rows: Sequence[tuple[int, PostRow]]
    words: Sequence[str]
    """Words of these posts that the index may not know yet."""


class FollowedFlat(msgspec.Struct, frozen=True, gc=False):
    """Any other entry: its type and what its disclosures hold, by name."""

    entry: int
    ts: str
    kind: str
    values: dict[str, Any]
