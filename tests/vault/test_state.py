"""The trusted lock: what it stores and gives back, and which errors are damage and which the disk's refusal."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import HoldfastError, IntegrityError, StorageError
from holdfast.vault import merkle
from holdfast.vault.log import Log
from holdfast.vault.state import Head, State, read_tail
from tests.vault.writers import IDENTITY, ORIGIN, Clock, grow, new_vault, open_log

ROWS = [(b"entry %d" % number, b"frame %d" % number) for number in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    State.create(tmp_path / "state.db", ORIGIN, merkle.EMPTY_ROOT)
    return tmp_path / "state.db"


def test_a_new_state_is_that_of_an_empty_log(path: Path) -> None:
    state = State(path)
    assert state.load(ORIGIN) == (Head(0, merkle.EMPTY_ROOT, 0, 0), [[]])
    assert state.note() is None
    assert state.rows(0, 0) == []
    state.close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["state.db"]


def test_what_is_committed_is_given_back_by_the_next_writer(path: Path) -> None:
    state = State(path)
    state.commit(0, ROWS, [(1, bytes(32))], Head(256 + 5, b"root", 7, 256))
    state._db.execute("UPDATE tail SET position = position + 256")
    state.store_note(3, b"note")
    state.close()
    state = State(path)
    assert state.load(ORIGIN) == (Head(261, b"root", 7, 256), [[], [bytes(32)]])
    assert state.rows(256, 261) == ROWS
    assert state.rows(258, 260) == ROWS[2:4]
    assert state.note() == (3, b"note")
    state.store_note(4, b"newer")
    assert state.note() == (4, b"newer")
    state.close()


def test_every_commit_is_synced_and_survives_without_a_close(path: Path) -> None:
    state = State(path)
    (mode,) = state._db.execute("PRAGMA journal_mode").fetchone()
    (synchronous,) = state._db.execute("PRAGMA synchronous").fetchone()
    (vacuum,) = state._db.execute("PRAGMA auto_vacuum").fetchone()
    assert (mode, synchronous, vacuum) == ("wal", 2, 2)
    state.commit(0, ROWS, [], Head(5, b"root", 0, 0))
    for name in ("state.db", "state.db-wal"):
        copy = path.parent / "copy" / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((path.parent / name).read_bytes())
    other = State(path.parent / "copy" / "state.db")
    assert other.rows(0, 5) == ROWS
    other.close()
    state.close()


def test_a_batch_is_stored_whole_or_not_at_all(path: Path) -> None:
    state = State(path)
    state.commit(0, ROWS, [], Head(5, b"root", 0, 0))
    with pytest.raises(IntegrityError, match="cannot commit entries: UNIQUE"):
        state.commit(4, ROWS, [(1, b"x" * 32)], Head(9, b"other", 0, 0))
    assert state.load(ORIGIN)[0] == Head(5, b"root", 0, 0)
    with pytest.raises(IntegrityError, match="the tail does not hold the entries from 0 to 6"):
        state.rows(0, 6)
    state.close()


def test_what_is_released_leaves_no_byte_behind(path: Path) -> None:
    state = State(path)
    big = [(b"entry %d " % number + bytes(3_000), b"secret %d " % number * 5_000) for number in range(256)]
    state.commit(0, big, [], Head(256, b"root", 0, 0))
    state.release(256)
    state.tidy()
    assert not [each for each in path.parent.iterdir() if b"secret" in each.read_bytes()]
    assert path.stat().st_size < 64_000
    state.close()


def error_of(code: int | None) -> sqlite3.Error:
    error = sqlite3.OperationalError("as SQLite says it")
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (sqlite3.SQLITE_CORRUPT, IntegrityError, "state.db is damaged: cannot"),
        (sqlite3.SQLITE_NOTADB, IntegrityError, "state.db is damaged: cannot"),
        (sqlite3.SQLITE_ERROR, IntegrityError, "state.db is damaged: cannot"),
        (sqlite3.SQLITE_FULL, StorageError, "the disk is full: cannot"),
        (sqlite3.SQLITE_READONLY, StorageError, "as SQLite says it"),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageError, "as SQLite says it"),
        (sqlite3.SQLITE_BUSY, StorageError, "as SQLite says it"),
        (sqlite3.SQLITE_CANTOPEN, StorageError, "as SQLite says it"),
        (None, StorageError, "as SQLite says it"),
    ],
)
def test_damage_is_told_from_a_disk_that_refuses(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int | None, kind: type[HoldfastError], says: str
) -> None:
    state = State(path)

    class Refusing:
        in_transaction = False

        def execute(self, *_: Any) -> Any:
            raise error_of(code)

        executescript = execute

    monkeypatch.setattr(state, "_db", real := state._db)
    calls: list[Any] = [
        state.note,
        state.tidy,
        lambda: state.load(ORIGIN),
        lambda: state.rows(0, 1),
        lambda: state.commit(0, ROWS, [], Head(5, b"", 0, 0)),
        lambda: state.release(0),
        lambda: state.store_note(1, b""),
    ]
    for call in calls:
        with monkeypatch.context() as patch:
            patch.setattr(state, "_db", Refusing())
            with pytest.raises(kind, match=says) as caught:
                call()
        assert isinstance(caught.value.__cause__, sqlite3.Error)
        assert ("restore state.db" in caught.value.remedy) == (kind is IntegrityError)
    assert state._db is real
    state.close()


def test_a_folder_where_no_state_can_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot open the tables in state\.db"):
        State.create(tmp_path / "nowhere" / "state.db", ORIGIN, merkle.EMPTY_ROOT)


def test_a_close_that_cannot_tidy_up_lets_the_lock_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    vault = new_vault(tmp_path, clock)

    def refuse(self: State) -> None:
        raise StorageError("as the disk says")

    with monkeypatch.context() as patch:
        patch.setattr(State, "tidy", refuse)
        grow(vault, 3, clock)
    with open_log(vault, clock) as log:
        assert log.size == 3


# --- readers -----------------------------------------------------------------------------------------


def test_readers_see_the_tail_as_far_as_it_goes(tmp_path: Path) -> None:
    clock = Clock()
    vault = new_vault(tmp_path, clock)
    grow(vault, 260, clock)
    path = vault / "state.db"
    assert len(read_tail(path, 256, 260)) == 4
    assert len(read_tail(path, 257, 300)) == 3
    assert read_tail(path, 257, 259) == read_tail(path, 256, 260)[1:3]
    assert read_tail(path, 260, 261) == []
    assert read_tail(path, 255, 260) == [], "what was released lies in files: the rest alone would be misread"
    assert read_tail(path, 0, 1) == []
    with open_log(vault, clock):
        assert len(read_tail(path, 256, 260)) == 4


@pytest.mark.parametrize(
    "statement", ["UPDATE tail SET frame = 'text'", "DROP TABLE tail", "UPDATE tail SET entry = 5"]
)
def test_a_tail_that_cannot_be_read_is_none(path: Path, statement: str) -> None:
    state = State(path)
    state.commit(0, ROWS, [], Head(5, b"root", 0, 0))
    assert read_tail(path, 0, 5) == ROWS
    state._db.execute(statement)
    state.close()
    assert read_tail(path, 0, 5) == []


def test_without_a_state_there_is_no_tail(tmp_path: Path) -> None:
    assert read_tail(tmp_path / "state.db", 0, 5) == []
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "state.db").write_bytes(b"garbage" * 1_000)
    assert read_tail(tmp_path / "state.db", 0, 5) == []
    (tmp_path / "folder").mkdir()
    assert read_tail(tmp_path / "folder", 0, 5) == []


def test_a_path_is_taken_as_written(tmp_path: Path) -> None:
    vault = tmp_path / "a?mode=memory#%20b"
    vault.mkdir()
    Log.create(vault, IDENTITY)
    assert (vault / "state.db").stat().st_size
    state = State(vault / "state.db")
    state.commit(0, ROWS, [], Head(5, b"root", 0, 0))
    assert read_tail(vault / "state.db", 0, 1) == ROWS[:1]
    state.close()
