"""Every step of writing fails once, before its effect and after it; then the vault opens, continues, and holds.

The table of docs/format.md section 7, from inside the process: `failed, not stored` and `failed, stored` for each
call that reaches the disk, with an I/O error, a full disk and an interruption. `test_strace.py` does the same from
outside, at system calls.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import StorageError
from holdfast.vault import state
from holdfast.vault.log import Log
from holdfast.vault.reading import Reader
from tests.vault.writers import IDENTITY, Clock, doubt, grow, new_vault, open_log, records

ALL = os.environ.get("HOLDFAST_FAULTS") == "all"
"""Read here because tests see no HOLDFAST_ variables."""
BEFORE, ADDED, AFTER = 254, 5, 3
"""Entries before the failure, in the batch that completes a bundle, and after it."""


class Fault:
    """Fails at the `at`-th call that reaches the disk, once; counts them where `at` is 0."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, at: int, error: BaseException, *, stored: bool
    ) -> None:
        self.at, self.error, self.stored = at, error, stored
        self.seen: list[str] = []
        for name in ("fsync", "link", "replace", "mkdir", "unlink", "rmdir"):
            monkeypatch.setattr(os, name, self._around(name, getattr(os, name)))
        fault = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                if sql not in ("COMMIT", "BEGIN IMMEDIATE"):
                    return super().execute(sql, *values)
                return fault._around(f"sqlite {sql}", super().execute)(sql, *values)  # type: ignore[no-any-return]

        real = sqlite3.connect

        def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
            return real(*arguments, **options, factory=Connection)

        monkeypatch.setattr(sqlite3, "connect", connect)

    def _around(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.seen.append(name)
            if len(self.seen) != self.at:
                return real(*arguments, **options)
            if self.stored:
                with suppress(OSError):  # some attempts to tidy up fail anyway
                    real(*arguments, **options)
            raise self._as_raised_by(name)

        return call

    def _as_raised_by(self, name: str) -> BaseException:
        if name.startswith("sqlite") and isinstance(self.error, OSError):
            failed = sqlite3.OperationalError("disk I/O error")
            failed.sqlite_errorcode = (
                sqlite3.SQLITE_FULL if self.error.errno == errno.ENOSPC else sqlite3.SQLITE_IOERR_FSYNC
            )
            return failed
        return self.error


def run(vault: Path, clock: Clock) -> None:
    """A batch over a bundle border, published, closed."""
    with open_log(vault, clock) as log:
        log.append(records(log.size, ADDED))
        log.publish()


def prepared(folder: Path, clock: Clock) -> Path:
    vault = new_vault(folder, clock)
    grow(vault, 100, clock)
    grow(vault, BEFORE - 100, clock)
    return vault


def steps_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    clock = Clock()
    vault = prepared(folder, clock)
    with monkeypatch.context() as patch:
        fault = Fault(patch, 0, OSError(), stored=False)
        run(vault, clock)
    doubt(vault, BEFORE + ADDED)
    return fault.seen


def test_a_run_reaches_the_disk_in_these_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = steps_of(tmp_path, monkeypatch)
    commit, release, sign = [at for at, name in enumerate(seen) if name == "sqlite COMMIT"]
    assert seen[commit : commit + 10] == ["sqlite COMMIT", *["fsync", "link", "unlink"] * 3]
    assert "rmdir" in seen[commit:release]
    assert seen[release + 1 : sign].count("link") == 4
    assert seen[sign + 1 : sign + 3] == ["fsync", "replace"]
    assert len(seen) < 90


ERRORS = {
    "an I/O error": OSError(errno.EIO, "Input/output error"),
    "a full disk": OSError(errno.ENOSPC, "No space left on device"),
    "an interruption": KeyboardInterrupt(),
}


@pytest.mark.parametrize("stored", [False, True], ids=["failed, not stored", "failed, stored"])
@pytest.mark.parametrize("what", ERRORS)
def test_after_any_failed_step_the_vault_opens_continues_and_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, stored: bool
) -> None:
    steps = steps_of(tmp_path / "counted", monkeypatch)
    began = Clock()
    template = prepared(tmp_path / "template", began)
    promised = doubt(template, BEFORE).entries
    # By default each step fails in one of the two ways with an I/O error, and some in the others.
    every = 1 if ALL else 2 if what == "an I/O error" else 8
    chosen = range(1 + (stored and every > 1), len(steps) + 1, every)
    for at in chosen:
        clock = Clock(began.now)
        vault = Path(shutil.copytree(template, tmp_path / str(at)))
        committed: list[bytes] = []
        with monkeypatch.context() as patch:
            fault = Fault(patch, at, ERRORS[what], stored=stored)
            failed: BaseException | None = None
            try:
                with open_log(vault, clock) as log:
                    log.append(records(log.size, ADDED))
                    committed = [Reader(vault, IDENTITY).raw(index)[0] for index in range(BEFORE, log.size)]
                    log.publish()
            except (StorageError, KeyboardInterrupt) as error:
                failed = error
            # What cannot be tidied up is left; every other failure is one.
            tidying = steps[at - 1] in ("unlink", "rmdir") and what != "an interruption"
            assert (failed is None) == (
                tidying or (stored and steps[at - 1] == "mkdir" and isinstance(ERRORS[what], OSError))
            ), (at, steps[at - 1])
            if what == "a full disk" and isinstance(failed, StorageError):
                assert "the disk is full" in failed.message, (at, steps[at - 1])
            assert fault.seen[at - 1] == steps[at - 1], "an earlier step failed"
        # What was published before still holds, as it lies there.
        assert doubt_copy(vault).entries[:BEFORE] == promised, (at, steps[at - 1])
        # The next writer ends what was begun, and goes on.
        with open_log(vault, clock) as log:
            size = log.size
            assert size in (BEFORE, BEFORE + ADDED)
            log.append(records(size, AFTER))
            log.publish()
        entries = doubt(vault, size + AFTER).entries
        assert entries[:BEFORE] == promised
        if committed:
            assert entries[BEFORE : BEFORE + ADDED] == committed, "an index was given away twice"


def doubt_copy(vault: Path) -> Any:
    """What lies there before any recovery: left-overs are allowed, wounds are not."""
    for path in vault.rglob(".tmp-*"):
        path.unlink()
    return doubt(vault)


@pytest.mark.parametrize("stored", [False, True])
def test_a_log_that_failed_refuses_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    clock = Clock()
    vault = prepared(tmp_path, clock)
    with open_log(vault, clock) as log:
        with monkeypatch.context() as patch:
            # The database is open already: what fails is the first file.
            Fault(patch, 1, OSError(errno.EIO, "Input/output error"), stored=stored)
            with pytest.raises(StorageError, match="cannot write"):
                log.append(records(log.size, ADDED))
        assert not log.alive
        for attempt in (lambda: log.append(records(0, 1)), log.publish, lambda: log.append([])):
            with pytest.raises(
                StorageError, match="the log stopped after a failed write; open the vault again"
            ):
                attempt()
    grow(vault, 1, clock)
    doubt(vault, BEFORE + ADDED + 1)


def test_an_interruption_inside_a_commit_leaves_a_sound_vault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between the rows of a batch, and right behind its commit."""
    real = state.State.commit

    class Interrupted(list[tuple[bytes, bytes]]):
        """Rows that end in Ctrl-C behind the first."""

        def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
            yield self[0]
            raise KeyboardInterrupt

    def inside(self: state.State, first: int, rows: Any, levels: Any, head: Any) -> None:
        real(self, first, Interrupted(rows), levels, head)

    def behind(self: state.State, first: int, rows: Any, levels: Any, head: Any) -> None:
        real(self, first, rows, levels, head)
        raise KeyboardInterrupt

    for place, commit, stored in (("rows", inside, 0), ("commit", behind, ADDED)):
        clock = Clock()
        vault = prepared(tmp_path / place, clock)
        with monkeypatch.context() as patch:
            patch.setattr(state.State, "commit", commit)
            with open_log(vault, clock) as log:
                with pytest.raises(KeyboardInterrupt):
                    log.append(records(log.size, ADDED))
                assert not log.alive
        grow(vault, AFTER, clock)
        doubt(vault, BEFORE + AFTER + stored)


def test_a_failure_while_a_new_vault_is_made_leaves_nothing_that_looks_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stored in (False, True):
        folder = tmp_path / str(stored)
        folder.mkdir()
        with monkeypatch.context() as patch:
            fault = Fault(patch, 2, OSError(errno.ENOSPC, "No space left on device"), stored=stored)
            with pytest.raises(StorageError, match="the disk is full: cannot make the tables"):
                Log.create(folder, IDENTITY)
            assert fault.seen[1] == "sqlite COMMIT"
        assert not (folder / "vault.json").exists()
