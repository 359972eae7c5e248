"""Making a vault: once, in a place of its own, and again after it was killed at any step."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from holdfast.errors import ClockError, FormatError, NoVaultError, StorageError, UsageError, VaultLockedError
from holdfast.vault import founding
from holdfast.vault.canon import seal
from holdfast.vault.founding import create
from holdfast.vault.keys import load_signers
from holdfast.vault.log import Log, writer_lock
from holdfast.vault.reading import Reader, read_identity
from holdfast.verify.findings import Verdict
from holdfast.verify.vault import verify_vault

ORIGIN = "archive.example.org/channel-watch"
NOW = 1_795_405_380


def tick() -> int:
    return NOW


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every name below a folder, with its bytes (None: a folder)."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def holds(vault: Path) -> None:
    report = verify_vault(vault)
    assert (report.verdict, list(report.findings)) == (Verdict.HOLDS, [])
    identity = read_identity(vault)
    with Log.open(vault, identity, load_signers(vault, identity.keys, lambda: None), clock=tick) as log:
        assert log.size == log.published_size == 0


def test_a_new_vault_is_whole_and_shows_an_empty_checkpoint(tmp_path: Path) -> None:
    vault = tmp_path / "deep" / "down" / "vault"
    identity = create(vault, ORIGIN, clock=tick)
    assert identity == read_identity(vault)
    assert (identity.origin, identity.created_at) == (ORIGIN, "2026-11-23T03:43:00Z")
    assert set(os.listdir(vault)) == {"keys", "lock", "log", "state.db", "vault.json"}
    assert stat.S_IMODE((vault / "keys").stat().st_mode) == 0o700
    found, _ = Reader(vault).checkpoint()
    assert found.checkpoint.size == 0
    holds(vault)


def test_an_empty_folder_will_do_and_an_impossible_origin_makes_none(tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        create(tmp_path / "never", "no spaces allowed")
    assert not (tmp_path / "never").exists()
    (tmp_path / "vault").mkdir()
    create(tmp_path / "vault", ORIGIN, clock=tick)
    holds(tmp_path / "vault")


@pytest.mark.parametrize(
    "name",
    [
        "letter.txt",
        "log/server.log",
        "log/checkpoint",
        "keys/id_rsa",
        "keys/deep/ed25519.pem",
        "private/diary.txt",
        "blobs/photo.jpg",
    ],
)
def test_what_is_not_ours_is_neither_used_nor_touched(tmp_path: Path, name: str) -> None:
    path = tmp_path / "place" / name
    path.parent.mkdir(parents=True)
    path.write_text("not to be lost")
    before = tree(tmp_path)
    with pytest.raises(UsageError) as caught:
        create(tmp_path / "place", ORIGIN, clock=tick)
    assert caught.value.exit_code == 2
    assert "empty" in caught.value.remedy
    assert tree(tmp_path) == before


def test_a_vault_is_made_once_and_one_that_lost_its_name_is_not_made_over(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    create(vault, ORIGIN, clock=tick)
    before = tree(vault)
    with pytest.raises(UsageError, match="already is a vault"):
        create(vault, ORIGIN, clock=tick)
    assert tree(vault) == before
    identity = read_identity(vault)
    with Log.open(vault, identity, load_signers(vault, identity.keys, lambda: None), clock=tick) as log:
        log.append([lambda ts: seal("channel", ts, [("labels", b"null")])])
        log.publish()
    (vault / "vault.json").unlink()
    before = tree(vault)
    with pytest.raises(UsageError, match="not empty"):  # it has sealed: its keys must not be lost
        create(vault, ORIGIN, clock=tick)
    assert tree(vault) == before


def test_a_file_in_the_way_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "vault"):
        with pytest.raises(StorageError, match="cannot make"):
            create(place, ORIGIN, clock=tick)
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "keys").write_text("a file of that name")
    with pytest.raises(StorageError, match="cannot make"):
        create(tmp_path / "vault", ORIGIN, clock=tick)
    (tmp_path / "other" / "state.db").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot remove"):
        create(tmp_path / "other", ORIGIN, clock=tick)
    os.symlink(tmp_path / "nowhere", tmp_path / "link")
    with pytest.raises(StorageError, match="cannot make"):
        create(tmp_path / "link", ORIGIN, clock=tick)


def test_two_do_not_make_one_vault_at_once(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    with writer_lock(vault), pytest.raises(VaultLockedError) as caught:
        create(vault, ORIGIN, clock=tick)
    assert caught.value.exit_code == 11
    assert set(os.listdir(vault)) == {"lock"}
    create(vault, ORIGIN, clock=tick)
    holds(vault)


def test_another_that_ended_while_this_one_waited_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = tmp_path / "vault"
    real = writer_lock

    def late(at: Path) -> object:
        monkeypatch.setattr(founding, "writer_lock", real)
        create(at, ORIGIN, clock=tick)
        return real(at)

    monkeypatch.setattr(founding, "writer_lock", late)
    with pytest.raises(UsageError, match="already is a vault"):
        create(vault, ORIGIN, clock=tick)
    holds(vault)


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it, and nothing is tidied after it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool) -> list[str]:
    """End the process, as it were, at the `step`-th write of a name or a sync; returns the calls that were made."""
    calls: list[str] = []

    def wrap(name: str) -> None:
        real = getattr(os, name)

        def call(*arguments: object, **options: object) -> object:
            calls.append(name)
            if len(calls) == step and not after:
                raise Killed
            result = real(*arguments, **options)
            if len(calls) == step:
                raise Killed
            return result

        monkeypatch.setattr(os, name, call)

    for name in ("mkdir", "replace", "fsync", "link"):
        wrap(name)
    # What is killed removes nothing.
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
    return calls


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_it_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    for step in range(1, 100):
        vault = tmp_path / f"vault{step}"
        with monkeypatch.context() as patched:
            calls = kill_at(patched, step, after=after)
            try:
                create(vault, ORIGIN, clock=tick)
            except Killed:
                pass
            else:
                break
        assert calls
        if (vault / "vault.json").exists():
            with pytest.raises(UsageError, match="already is a vault"):
                create(vault, ORIGIN, clock=tick)
        else:
            with pytest.raises(NoVaultError):
                verify_vault(vault)
            create(vault, ORIGIN, clock=tick)
        holds(vault)
        assert not [name for name in tree(vault) if ".tmp-" in name]
    assert 15 < step < 99


def test_a_clock_that_goes_backwards_meanwhile_harms_nothing(tmp_path: Path) -> None:
    times = iter([NOW, -5])
    with pytest.raises(ClockError):
        create(tmp_path / "vault", ORIGIN, clock=lambda: next(times, -5))
    create(tmp_path / "vault", ORIGIN, clock=tick)
    holds(tmp_path / "vault")
