"""What worker processes know of the catalog: where posts stand, and what they hand over for it.

Kept apart from the tables, so that a worker loads no database toolkit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.catalog.rows import PostRow
from holdfast.errors import FormatError, HoldfastError, StorageError

__all__ = ["REMEDY", "FollowedFlat", "FollowedPosts", "KnownPosts", "catalog_error"]


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


class KnownPosts:
    """Where posts stand, asked by the processes that seal: {post: (entry, element, fingerprint, absent)}."""

    def __init__(self, folder: Path) -> None:
        uri = f"{(folder / 'catalog.db').resolve().as_uri()}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, timeout=10, check_same_thread=False)

    def __del__(self) -> None:
        if hasattr(self, "_db"):
            self._db.close()

    def get(self, channel: int, posts: Sequence[int]) -> dict[int, tuple[int, int, bytes, int | None]]:
        """Errors: FormatError, StorageError."""
        found = {}
        for at in range(0, len(posts), 500):
            part = posts[at : at + 500]
            try:
                rows = self._db.execute(
                    "SELECT post, entry, element, fingerprint, absent FROM post"
                    f" WHERE channel = ? AND post IN ({','.join('?' * len(part))})",
                    (channel, *part),
                ).fetchall()
            except sqlite3.Error as error:
                raise catalog_error(error) from error
            found.update({row[0]: (row[1], row[2], row[3], row[4]) for row in rows})
        return found


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
