"""Keeps the word table and the state of the search index, in SQLite.

The table maps any-script forms to exact forms: one tree, ordered by both, so that all forms of a key lie together.
A form that is its own any-script form has no row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from holdfast.errors import FormatError, StorageError, VaultLockedError

__all__ = ["REMEDY", "WordTable", "engine_errors"]

REMEDY = "run `holdfast rebuild`: the index is made again from the vault"


@contextmanager
def engine_errors(folder: Path, doing: str) -> Iterator[None]:
    """Turns what SQLite and tantivy raise into our errors. `doing`: "opened", "read" or "written"."""
    where = f"the search index in {folder}"
    try:
        yield
    except sqlite3.OperationalError as error:
        if doing != "written" and "no such table" in str(error):
            raise FormatError(f"{where} is not complete", remedy=REMEDY) from error
        raise StorageError(f"{where} could not be {doing}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise FormatError(f"{where} is damaged: {error}", remedy=REMEDY) from error
    except (ValueError, OSError) as error:
        if "LockBusy" in str(error):
            raise VaultLockedError(f"{where} is being written by another process") from error
        if doing == "written":
            raise StorageError(f"{where} could not be written: {_first_line(error)}") from error
        raise FormatError(f"{where} is damaged: {_first_line(error)}", remedy=REMEDY) from error
    except BaseException as error:
        # A panic of the Rust side is no Exception; damaged files can cause one.
        if type(error).__name__ != "PanicException":
            raise
        raise FormatError(f"{where} is damaged: {_first_line(error)}", remedy=REMEDY) from error


def _first_line(error: BaseException) -> str:
    with suppress(Exception):  # the text of a foreign error is a courtesy, never worth another error
        return str(error).splitlines()[0][:200]
    return type(error).__name__


class WordTable:
    """The table and the state of one index. The errors of SQLite are the caller's to turn (`engine_errors`)."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self._connection = _connect(path, write)

    def create(self, state: dict[str, int]) -> None:
        """Makes the tables with a first state, in one transaction."""
        execute = self._connection.execute
        execute("BEGIN")
        execute(
            "CREATE TABLE word (key TEXT NOT NULL, form TEXT NOT NULL, PRIMARY KEY (key, form)) WITHOUT ROWID"
        )
        execute("CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID")
        self._connection.executemany("INSERT INTO state VALUES (?, ?)", state.items())
        self._connection.commit()

    def is_made(self) -> bool:
        """Whether the tables are there: they come all at once."""
        found = self._connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('word', 'state')")
        return bool(found.fetchone()[0] == 2)

    def state(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT name, value FROM state").fetchall())

    def set_state(self, name: str, value: int) -> None:
        """Effects: durable with the next `commit`."""
        self._connection.execute("UPDATE state SET value = ? WHERE name = ?", (value, name))

    def add(self, rows: Iterable[tuple[str, str]]) -> None:
        """Adds (any-script form, exact form). Effects: durable with the next `commit`; readers wait for nothing."""
        ordered = sorted(rows)  # neighbours in the tree are written together
        if ordered:
            self._connection.executemany("INSERT OR IGNORE INTO word VALUES (?, ?)", ordered)

    def forms_of(self, keys: Sequence[str], limit: int) -> list[str]:
        """Exact forms that have one of the any-script forms. Shapes: at most `limit`."""
        marks = ",".join("?" * len(keys))
        found = self._connection.execute(
            f"SELECT form FROM word WHERE key IN ({marks}) LIMIT {limit:d}", keys
        )
        return list(dict.fromkeys(form for (form,) in found))

    def forms_beginning(self, key: str, limit: int) -> list[str]:
        """Exact forms that have an any-script form beginning so. Shapes: at most `limit`."""
        found = self._connection.execute(
            f"SELECT form FROM word WHERE key >= ? AND key < ? LIMIT {limit:d}", (key, key + "\U0010ffff")
        )
        return list(dict.fromkeys(form for (form,) in found))

    def empty(self) -> None:
        """Deletes every word. Effects: at once and durable; their bytes are overwritten in the files."""
        self._connection.execute("DELETE FROM word")
        self._connection.commit()
        self._connection.execute("VACUUM")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()


def _connect(path: Path, write: bool) -> sqlite3.Connection:
    address = path.absolute().as_uri()
    if write:
        table = sqlite3.connect(f"{address}?mode=rwc", uri=True, check_same_thread=False, timeout=30)
        # NORMAL: a power cut may lose the last transactions, in order, so never a word whose cursor is kept.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-16000"):
            table.execute(f"PRAGMA {pragma}")
        return table
    table = sqlite3.connect(f"{address}?mode=ro", uri=True, check_same_thread=False, timeout=30)
    try:
        table.execute("SELECT 1 FROM state LIMIT 1")
    except sqlite3.OperationalError:
        # A folder we may not write to, with no writer about: WAL needs a file beside the table otherwise.
        table.close()
        table = sqlite3.connect(f"{address}?immutable=1", uri=True, check_same_thread=False)
    return table
