"""Bytes reach the disk whole, once and in order, or not at all.

Each function says which of three cases its failure is: *nothing happened*; *happened and
recoverable* (a later run of the same call ends it); *unknown*, so the process must stop and reopen.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from holdfast.errors import IntegrityError, StorageError

__all__ = ["TEMPORARY", "FolderSyncs", "clear_temporary", "make_folder", "replace", "temporary", "write_once"]

TEMPORARY = ".tmp-"
"""Prefix of a write that did not end."""


def _storage(error: OSError, path: Path, doing: str) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"the disk is full: {doing} {path}")
    return StorageError(f"cannot {doing} {path}: {error.strerror or error}")


class FolderSyncs:
    """Collects the folders whose entries changed, and syncs each once.

    A name is on the disk only after its folder was synced; batching costs one sync a folder, not a file.
    """

    def __init__(self) -> None:
        self._folders: set[Path] = set()

    def add(self, folder: Path) -> None:
        self._folders.add(folder)

    def sync(self) -> None:
        """Errors: StorageError; the outcome is *unknown*."""
        folders, self._folders = self._folders, set()
        for folder in sorted(folders):
            try:
                handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError as error:
                raise _storage(error, folder, "sync the folder") from error


def make_folder(folder: Path, syncs: FolderSyncs) -> None:
    """Make a folder and its parents. Failure: *nothing happened* or *recoverable*."""
    missing = []
    at = folder
    while not at.is_dir():
        missing.append(at)
        at = at.parent
    for each in reversed(missing):
        try:
            each.mkdir(exist_ok=True)
        except OSError as error:
            raise _storage(error, each, "make the folder") from error
        syncs.add(each.parent)


@contextlib.contextmanager
def temporary(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file in `folder` to write to; removed on the way out unless it was renamed.

    Failure: *nothing happened*.
    """
    path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        handle = open(path, "xb")  # noqa: SIM115 (closed below, before the file may be renamed)
    except OSError as error:
        raise _storage(error, path, "create") from error
    try:
        with handle:
            yield handle, path
    except OSError as error:
        raise _storage(error, path, "write") from error
    finally:
        with contextlib.suppress(OSError):  # a left-over is cleared by the next writer
            path.unlink(missing_ok=True)


def sync_file(handle: BinaryIO) -> None:
    """Errors: OSError; the outcome is *unknown* and must not be retried."""
    handle.flush()
    os.fsync(handle.fileno())


def publish_name(source: Path, path: Path, syncs: FolderSyncs) -> bool:
    """Give a written and synced file its final name, once. Returns False if the name was taken.

    Effects: leaves `source` in place (its owner removes it). Failure: *nothing happened* or *recoverable*.
    """
    try:
        os.link(source, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK):
            raise _storage(error, path, "create") from error
        # A file system without hard links: rename, after making sure that nothing is replaced.
        if path.exists():
            return False
        try:
            os.rename(source, path)
        except OSError as again:
            raise _storage(again, path, "create") from again
    syncs.add(path.parent)
    return True


def write_once(path: Path, data: bytes, syncs: FolderSyncs) -> None:
    """Write a file that never changes again. The caller syncs the folders.

    If the file exists, its bytes MUST be identical. Errors: IntegrityError if they are not;
    StorageError. Failure: *recoverable* by the same call.
    """
    if path.exists():
        _same(path, data)
        # It may have been linked by a run that was killed before its folder was synced.
        syncs.add(path.parent)
        return
    make_folder(path.parent, syncs)
    with temporary(path.parent) as (handle, name):
        handle.write(data)
        sync_file(handle)
        os.fchmod(handle.fileno(), 0o444)
        if not publish_name(name, path, syncs):
            _same(path, data)
            syncs.add(path.parent)


def _same(path: Path, data: bytes) -> None:
    try:
        found = path.read_bytes()
    except OSError as error:
        raise _storage(error, path, "read") from error
    if found != data:
        raise IntegrityError(
            f"{path} exists with other bytes than the log holds for it"
            f" ({len(found)} bytes there, {len(data)} expected)"
        )


def replace(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace a file as a whole and sync it: a reader sees the old bytes or the new ones.

    Failure: *unknown* after the rename, *nothing happened* before it.
    """
    syncs = FolderSyncs()
    make_folder(path.parent, syncs)
    with temporary(path.parent) as (handle, name):
        os.fchmod(handle.fileno(), mode)
        handle.write(data)
        sync_file(handle)
        os.replace(name, path)
    syncs.add(path.parent)
    syncs.sync()


def clear_temporary(folder: Path) -> int:
    """Remove what killed writers left below `folder`. Effects: the caller holds the writer's lock."""
    count = 0
    for name, _folders, files in os.walk(folder):
        for each in files:
            if each.startswith(TEMPORARY):
                with contextlib.suppress(OSError):  # a left-over harms nothing; the next writer tries again
                    (Path(name) / each).unlink()
                    count += 1
    return count
