"""Bytes reach the disk whole, once and in order: every call that can fail does, before and after its effect."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import IntegrityError, StorageError
from holdfast.vault import durable
from holdfast.vault.durable import (
    FolderSyncs,
    clear_temporary,
    make_folder,
    publish_name,
    replace,
    sync_file,
    temporary,
    write_once,
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that reach the disk, in order, by the last part of what they touch."""
    seen: list[str] = []
    opened: dict[int, str] = {}

    def log(name: str, describe: Callable[..., str]) -> None:
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            result = real(*arguments, **options)
            if name == "open":
                opened[result] = Path(arguments[0]).name
            else:
                seen.append(f"{name} {describe(*arguments)}")
            return result

        monkeypatch.setattr(os, name, call)

    def stem(path: Any) -> str:
        return "temporary" if Path(path).name.startswith(durable.TEMPORARY) else Path(path).name

    log("open", str)
    log("fsync", lambda handle: stem(opened[handle]))
    for name in ("link", "rename", "replace"):
        log(name, lambda source, target: f"{stem(source)} {stem(target)}")
    log("mkdir", lambda path, *_: stem(path))
    log("unlink", stem)
    return seen


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.name.startswith(durable.TEMPORARY))


# --- write once --------------------------------------------------------------------------------------


def test_a_file_is_synced_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, calls: list[str]
) -> None:
    syncs = FolderSyncs()
    write_once(tmp_path / "a" / "b" / "file", b"data", syncs)
    syncs.sync()
    assert calls == [
        "mkdir a",
        "mkdir b",
        "fsync temporary",
        "link temporary file",
        "unlink temporary",
        f"fsync {tmp_path.name}",
        "fsync a",
        "fsync b",
    ]
    assert (tmp_path / "a/b/file").read_bytes() == b"data"
    assert (tmp_path / "a/b/file").stat().st_mode & 0o777 == 0o444 & ~umask()
    assert left(tmp_path) == []


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027])
def test_modes_heed_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_once(tmp_path / "once", b"", FolderSyncs())
        replace(tmp_path / "secret", b"", mode=0o600)
        replace(tmp_path / "public", b"")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"once": 0o444 & ~mask, "secret": 0o600, "public": 0o644 & ~mask}


def test_the_same_bytes_may_be_written_again_and_their_folder_is_synced(
    tmp_path: Path, calls: list[str]
) -> None:
    path = tmp_path / "file"
    write_once(path, b"data", FolderSyncs())
    calls.clear()
    syncs = FolderSyncs()
    write_once(path, b"data", syncs)
    syncs.sync()
    assert calls == [f"fsync {tmp_path.name}"]


@pytest.mark.parametrize("there", [b"", b"dat", b"data ", b"DATA"])
def test_other_bytes_are_never_written_over(tmp_path: Path, there: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(there)
    with pytest.raises(IntegrityError, match=r"keep this copy untouched.*exists with other bytes"):
        write_once(path, b"data", FolderSyncs())
    assert path.read_bytes() == there


def test_a_name_that_is_taken_meanwhile_is_compared_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for there, error in ((b"data", None), (b"other", IntegrityError)):
        path = tmp_path / f"file-{there.decode()}"

        def make(*_: object, path: Path = path, there: bytes = there) -> None:
            path.write_bytes(there)

        monkeypatch.setattr(durable, "make_folder", make)
        if error is None:
            write_once(path, b"data", FolderSyncs())
        else:
            with pytest.raises(error):
                write_once(path, b"data", FolderSyncs())
        assert path.read_bytes() == there
        assert left(tmp_path) == []


def test_a_link_to_nowhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="cannot read"):
        write_once(tmp_path / "file", b"data", FolderSyncs())
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_may_be_written_in_another_folder_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "staging").mkdir()
    made: list[Path] = []
    real = os.link

    def link(source: Any, target: Any) -> None:
        made.append(Path(source).parent)
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    write_once(tmp_path / "a" / "file", b"data", FolderSyncs(), staging=tmp_path / "staging")
    assert made == [tmp_path / "staging"]
    assert list((tmp_path / "staging").iterdir()) == []
    assert (tmp_path / "a" / "file").read_bytes() == b"data"


# --- replace -----------------------------------------------------------------------------------------


def test_a_replacement_is_whole_and_synced(tmp_path: Path, calls: list[str]) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    replace(path, b"new")
    assert calls == ["fsync temporary", "replace temporary file", f"fsync {tmp_path.name}"]
    assert path.read_bytes() == b"new"
    assert left(tmp_path) == []


def test_a_replacement_makes_its_folder(tmp_path: Path) -> None:
    replace(tmp_path / "a" / "b" / "file", b"new")
    assert (tmp_path / "a/b/file").read_bytes() == b"new"


# --- folders -----------------------------------------------------------------------------------------


def test_folders_are_synced_once_each_and_upwards_when_they_are_met_first(
    tmp_path: Path, calls: list[str]
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    calls.clear()
    syncs = FolderSyncs(tmp_path)
    syncs.add(tmp_path / "a" / "b")
    syncs.add(tmp_path / "a" / "b")
    syncs.sync()
    assert calls == [f"fsync {tmp_path.name}", "fsync a", "fsync b"]
    calls.clear()
    syncs.sync()
    assert calls == []
    syncs.add(tmp_path / "a" / "b")
    syncs.sync()
    assert calls == ["fsync b"]
    calls.clear()
    (tmp_path / "a" / "c").mkdir()
    calls.clear()
    syncs.add(tmp_path / "a" / "c")
    syncs.sync()
    assert calls == ["fsync a", "fsync c"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match=r"cannot make the folder .*file"):
        make_folder(tmp_path / "file" / "below", FolderSyncs())
    assert make_folder(tmp_path, FolderSyncs()) is None  # type: ignore[func-returns-value]  # it is there


def test_a_folder_that_cannot_be_synced_is_named(tmp_path: Path) -> None:
    syncs = FolderSyncs()
    syncs.add(tmp_path / "gone")
    with pytest.raises(StorageError, match=r"cannot sync the folder .*gone"):
        syncs.sync()


# --- what fails --------------------------------------------------------------------------------------


def failing(
    monkeypatch: pytest.MonkeyPatch, name: str, code: int, *, stored: bool, only: Callable[..., bool]
) -> None:
    """Make os.<name> fail once, before its effect or after it."""
    real = getattr(os, name)
    done: list[bool] = []

    def call(*arguments: Any, **options: Any) -> Any:
        if done or not only(*arguments):
            return real(*arguments, **options)
        done.append(True)
        if stored:
            real(*arguments, **options)
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, name, call)


def any_call(*_: Any) -> bool:
    return True


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
@pytest.mark.parametrize(
    ("name", "stored"), [("fsync", False), ("fsync", True), ("link", False), ("link", True), ("mkdir", False)]
)
def test_a_failed_write_says_so_and_the_same_call_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stored: bool, code: int
) -> None:
    path = tmp_path / "a" / "file"
    with monkeypatch.context() as patch:
        failing(patch, name, code, stored=stored, only=any_call)
        with pytest.raises(StorageError) as caught:
            write_once(path, b"data", FolderSyncs())
    full = code in (errno.ENOSPC, errno.EDQUOT)
    assert caught.value.message.startswith("the disk is full" if full else "cannot ")
    assert caught.value.exit_code == 13
    assert "run the same command again" in caught.value.remedy
    assert left(tmp_path) == []
    write_once(path, b"data", FolderSyncs())
    assert path.read_bytes() == b"data"


def test_a_folder_that_was_made_in_spite_of_an_error_is_used_and_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    failing(monkeypatch, "mkdir", errno.EIO, stored=True, only=any_call)
    syncs = FolderSyncs()
    write_once(tmp_path / "a" / "file", b"data", syncs)
    syncs.sync()
    assert calls[-2:] == [f"fsync {tmp_path.name}", "fsync a"]


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failed_replacement_leaves_the_old_bytes_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, stored: bool
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        failing(patch, name, errno.EIO, stored=stored, only=any_call)
        with pytest.raises(StorageError):
            replace(path, b"new")
    assert path.read_bytes() == (b"new" if stored and name == "replace" else b"old")
    assert left(tmp_path) == []


def test_a_file_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot create"), temporary(tmp_path / "nowhere"):
        raise AssertionError


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with temporary(tmp_path) as (handle, _):
            handle.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="the disk is full: cannot write"):
        fail()
    assert left(tmp_path) == []


def test_an_interruption_passes_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), temporary(tmp_path):
        raise KeyboardInterrupt
    assert left(tmp_path) == []


def test_a_left_over_that_cannot_be_removed_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing(patch, "unlink", errno.EIO, stored=False, only=any_call)
        write_once(tmp_path / "file", b"data", FolderSyncs())
    assert (tmp_path / "file").read_bytes() == b"data"
    assert len(left(tmp_path)) == 1


# --- names -------------------------------------------------------------------------------------------


def prepared(folder: Path) -> Path:
    source = folder / ".tmp-x"
    source.write_bytes(b"data")
    return source


@pytest.mark.parametrize("code", sorted(durable._NO_LINKS))
def test_where_there_are_no_hard_links_a_file_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    failing(monkeypatch, "link", code, stored=False, only=any_call)
    assert publish_name(prepared(tmp_path), tmp_path / "file", FolderSyncs())
    assert (tmp_path / "file").read_bytes() == b"data"
    assert left(tmp_path) == []


def test_where_there_are_no_hard_links_a_name_is_given_once_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "link", errno.EPERM, stored=False, only=any_call)
    (tmp_path / "file").write_bytes(b"first")
    assert not publish_name(prepared(tmp_path), tmp_path / "file", FolderSyncs())
    assert (tmp_path / "file").read_bytes() == b"first"


def test_a_rename_that_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "link", errno.EPERM, stored=False, only=any_call)
    failing(monkeypatch, "rename", errno.EIO, stored=False, only=any_call)
    with pytest.raises(StorageError, match="cannot create"):
        publish_name(prepared(tmp_path), tmp_path / "file", FolderSyncs())


def test_a_name_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"first")
    assert not publish_name(prepared(tmp_path), tmp_path / "file", FolderSyncs())
    assert (tmp_path / "file").read_bytes() == b"first"
    assert publish_name(tmp_path / ".tmp-x", tmp_path / "other", FolderSyncs())


# --- the rest ----------------------------------------------------------------------------------------


def test_where_the_system_has_a_fuller_sync_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(durable, "_FULL_SYNC", 51)
    monkeypatch.setattr(fcntl, "fcntl", lambda handle, what: asked.append((handle, what)))
    with open(tmp_path / "file", "wb") as handle:
        handle.write(b"data")
        sync_file(handle)
        assert (tmp_path / "file").read_bytes() == b"data"
        assert asked == [(handle.fileno(), 51)]


def test_what_killed_writers_left_is_cleared_where_it_is_written(tmp_path: Path) -> None:
    for name in (".tmp-1", ".tmp-2", "file", "tmp-3"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".tmp-folder").mkdir()
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / ".tmp-4").write_bytes(b"")
    assert clear_temporary(tmp_path) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [".tmp-folder", "below", "file", "tmp-3"]
    assert (tmp_path / "below" / ".tmp-4").exists()
    assert clear_temporary(tmp_path / "nowhere") == 0
