"""The trusted lock: the log's tail, right edge, head and last signature, in one SQLite file.

Source: docs/format.md section 8. After a failed commit its outcome is *unknown*: close, and open again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from holdfast.errors import HoldfastError, IntegrityError, StorageError, VersionError
from holdfast.vault.identity import FORMAT_VERSION

__all__ = ["Edge", "Head", "State", "read_tail"]

Edge = list[list[bytes]]
"""The hashes of each level's unfinished tile, from level 0 up."""

_REMEDY = (
    "keep this copy untouched; restore state.db from a backup as new as log/checkpoint: without it the vault can"
    " be read and verified, not written"
)
_SCHEMA = (
    """CREATE TABLE head(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,
        root BLOB NOT NULL, ts INTEGER NOT NULL, flushed INTEGER NOT NULL)""",
    "CREATE TABLE edge(level INTEGER PRIMARY KEY, hashes BLOB NOT NULL)",
    "CREATE TABLE tail(position INTEGER PRIMARY KEY, entry BLOB NOT NULL, frame BLOB NOT NULL)",
    "CREATE TABLE note(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, bytes BLOB NOT NULL)",
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=ON",
    # Zeros where that costs no further write. Pages that a row has left are given back on `tidy`: with ON each
    # frame would be written four times on its way through the tail instead of once or twice (measured).
    "secure_delete=FAST",
    "wal_autocheckpoint=4096",
)
_ROWS = "entry, frame FROM tail WHERE position >= ? AND position < ? ORDER BY position"
_HASH_BYTES = 32
_WIDTH = 256
# What says that the file is not what we wrote; all else is the disk's refusal.
_DAMAGE = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
}


class Head(msgspec.Struct, frozen=True):
    """The log as committed. `flushed`: entries below it lie in full bundles. Units: `ts` seconds since 1970."""

    size: int
    root: bytes
    ts: int
    flushed: int


def _refused(error: sqlite3.Error, doing: str) -> HoldfastError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    if code in _DAMAGE:
        return IntegrityError(f"state.db is damaged: cannot {doing}: {error}", remedy=_REMEDY)
    if code == sqlite3.SQLITE_FULL:
        return StorageError(f"the disk is full: cannot {doing} in state.db")
    return StorageError(f"cannot {doing} in state.db: {error}")


class State:
    """One writer's connection to `state.db`. Errors of every method: StorageError; IntegrityError for damage."""

    def __init__(self, path: Path) -> None:
        """Open the file that is there. Errors: IntegrityError if there is none, or nothing in it."""
        if not path.is_file() or not path.stat().st_size:
            raise IntegrityError("state.db is missing or empty", remedy=_REMEDY)
        self._db = _connect(path, "rw")

    @classmethod
    def create(cls, path: Path, origin: str, root: bytes) -> None:
        """Make the state of an empty log with this root. Errors: StorageError, also if there is a file."""
        if path.exists():
            raise StorageError(f"{path} exists already")
        with closing(_connect(path, "rwc")) as db, _transaction(db, "make the tables"):
            for statement in _SCHEMA:
                db.execute(statement)
            db.execute("INSERT INTO head VALUES (1, 0, ?, 0, 0)", (root,))
            meta = [("format_version", str(FORMAT_VERSION)), ("origin", origin)]
            db.executemany("INSERT INTO meta VALUES (?, ?)", meta)

    def close(self) -> None:
        self._db.close()

    # -- reading ----------------------------------------------------------------------------------

    def load(self, origin: str) -> tuple[Head, Edge]:
        """The head, and the edge from level 1 up (level 0 follows from the tail), held to each other's sizes.

        Errors: VersionError; IntegrityError if it is another vault's or contradicts itself.
        """
        meta = dict(self._all("SELECT name, value FROM meta"))
        heads = self._all("SELECT size, root, ts, flushed FROM head")
        levels = dict(self._all("SELECT level, hashes FROM edge"))
        span = self._all("SELECT count(*), min(position), max(position) FROM tail")
        if meta.get("format_version") != str(FORMAT_VERSION):
            raise VersionError(
                f"state.db has format {meta.get('format_version')}, this program {FORMAT_VERSION}"
            )
        if meta.get("origin") != origin:
            raise _contradiction("it belongs to another vault than vault.json")
        try:
            head = msgspec.convert(dict(zip(Head.__struct_fields__, heads[0], strict=True)), Head)
        except (msgspec.ValidationError, IndexError) as error:
            raise _contradiction("its head is not one") from error
        if not 0 <= head.flushed <= head.size or head.flushed % _WIDTH:
            raise _contradiction(f"{head.flushed} of {head.size} entries cannot have been flushed")
        if span != [(head.size - head.flushed, *self._ends(head))]:
            raise _contradiction(f"the tail does not hold the entries from {head.flushed} to {head.size}")
        edge: Edge = [[]]
        while count := head.size >> 8 * len(edge):
            raw = levels.pop(len(edge), b"")
            if not isinstance(raw, bytes) or len(raw) != count % _WIDTH * _HASH_BYTES:
                raise _contradiction(f"its edge does not fit a tree of {head.size} entries")
            edge.append([raw[at : at + _HASH_BYTES] for at in range(0, len(raw), _HASH_BYTES)])
        if levels:
            raise _contradiction(f"its edge has more levels than a tree of {head.size} entries")
        return head, edge

    @staticmethod
    def _ends(head: Head) -> tuple[int | None, int | None]:
        return (head.flushed, head.size - 1) if head.size > head.flushed else (None, None)

    def rows(self, start: int, end: int) -> list[tuple[bytes, bytes]]:
        """(entry, frame) of the entries from `start` up to `end`, which the tail must hold."""
        rows = self._all(f"SELECT {_ROWS}", (start, end))
        if len(rows) != end - start or not all(type(each) is bytes for row in rows for each in row):
            raise _contradiction(f"the tail does not hold the entries from {start} to {end}")
        return rows

    def note(self) -> tuple[int, bytes] | None:
        """(size, bytes) of the last signed checkpoint."""
        rows = self._all("SELECT size, bytes FROM note")
        if rows and (type(rows[0][0]) is not int or type(rows[0][1]) is not bytes):
            raise _contradiction("its last signature is none")
        return rows[0] if rows else None

    def _all(self, query: str, values: Sequence[int] = ()) -> list[tuple]:  # type: ignore[type-arg]  # of any shape
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise _refused(error, "read") from error

    # -- writing ----------------------------------------------------------------------------------

    def commit(
        self, first: int, rows: Sequence[tuple[bytes, bytes]], levels: Iterable[tuple[int, bytes]], head: Head
    ) -> None:
        """Add entries with their frames from `first` on, with the edge's changed levels and the new head."""
        with _transaction(self._db, "commit entries"):
            self._db.executemany(
                "INSERT INTO tail VALUES (?, ?, ?)",
                ((first + at, entry, frame) for at, (entry, frame) in enumerate(rows)),
            )
            self._db.executemany("INSERT OR REPLACE INTO edge VALUES (?, ?)", levels)
            self._db.execute(
                "UPDATE head SET size = ?, root = ?, ts = ?, flushed = ?",
                (head.size, head.root, head.ts, head.flushed),
            )

    def release(self, flushed: int) -> None:
        """Let go of the entries below `flushed`: they lie in files."""
        with _transaction(self._db, "release the tail"):
            self._db.execute("DELETE FROM tail WHERE position < ?", (flushed,))
            self._db.execute("UPDATE head SET flushed = ?", (flushed,))

    def store_note(self, size: int, note: bytes) -> None:
        with _transaction(self._db, "store the signature"):
            self._db.execute("INSERT OR REPLACE INTO note VALUES (1, ?, ?)", (size, note))

    def tidy(self) -> None:
        """Give back every page that rows have left, and empty the write-ahead log.

        Effects: afterwards nothing but the tail is left of what went through here.
        """
        try:
            # As a script, because `execute` takes one step, and each step gives back one page.
            self._db.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise _refused(error, "tidy up") from error


def read_tail(path: Path, start: int, end: int) -> list[tuple[bytes, bytes]]:
    """(entry, frame) of the entries from `start` up to `end` as far as the tail holds them, for readers without a lock.

    Empty if it does not hold the first: then that lies in files. A copy of a vault without its state, or with one
    that cannot be read, has no tail.
    """
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            rows = db.execute(f"SELECT position, {_ROWS}", (start, end)).fetchall()
    except sqlite3.Error:
        return []
    if not rows or rows[0][0] != start or not all(type(each) is bytes for row in rows for each in row[1:]):
        return []
    return [(entry, frame) for _, entry, frame in rows]


def _contradiction(what: str) -> IntegrityError:
    return IntegrityError(f"state.db contradicts itself: {what}", remedy=_REMEDY)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            # Said again to a file that has it, auto_vacuum would write to it.
            for pragma in ("auto_vacuum=INCREMENTAL", *_PRAGMAS) if mode == "rwc" else _PRAGMAS:
                db.execute(f"PRAGMA {pragma}")
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise _refused(error, "open the tables") from error
    return db


@contextmanager
def _transaction(db: sqlite3.Connection, doing: str) -> Iterator[None]:
    """Failure: *unknown* once COMMIT was asked for, *nothing happened* before."""
    try:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise _refused(error, doing) from error
