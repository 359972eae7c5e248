"""Bytes reach the disk whole, once and in order, or not at all.

Each function says which of three cases its failure is: *nothing happened*; *happened and
recoverable* (a later run of the same call ends it); *unknown*, so the process must stop and reopen.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from holdfast.errors import IntegrityError, StorageError

__all__ = [
    "TEMPORARY",
    "FolderSyncs",
    "clear_temporary",
    "make_folder",
    "publish_name",
    "replace",
    "sync_file",
    "temporary",
    "write_once",
]

TEMPORARY = ".tmp-"
"""Prefix of a write that did not end."""

READ_ONLY = 0o444
"""Mode of what never changes again; the umask takes away from it, as from every mode here."""

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}
# macOS: fsync alone leaves the bytes in the drive's cache.
_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)


def _storage(error: OSError, path: Path, doing: str) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"the disk is full: cannot {doing} {path}")
    return StorageError(f"cannot {doing} {path}: {error.strerror or error}")


def _sync(descriptor: int) -> None:
    if _FULL_SYNC is None:
        os.fsync(descriptor)
    else:
        fcntl.fcntl(descriptor, _FULL_SYNC)


class FolderSyncs:
    """Collects the folders whose entries changed, and syncs each once.

    A name is on the disk only after its folder was synced; batching costs one sync a folder, not a file.
    With `root`, the folders above one up to `root` are synced too when it is met first: a run that was
    killed may have made them and synced nothing.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._folders: set[Path] = set()
        self._known: set[Path] = set()

    def add(self, folder: Path) -> None:
        self._folders.add(folder)
        while self._root is not None and folder not in self._known:
            self._known.add(folder)
            if folder == self._root:
                break
            folder = folder.parent
            self._folders.add(folder)

    def sync(self) -> None:
        """Errors: StorageError; the outcome is *unknown*."""
        folders, self._folders = self._folders, set()
        for folder in sorted(folders):
            try:
                handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    _sync(handle)
                finally:
                    os.close(handle)
            except OSError as error:
                raise _storage(error, folder, "sync the folder") from error


def make_folder(folder: Path, syncs: FolderSyncs) -> None:
    """Make a folder and its parents. Failure: *nothing happened* or *recoverable*."""
    missing = []
    at = folder
    while not os.path.isdir(at):  # Path.is_dir lets some errors out
        missing.append(at)
        at = at.parent
    for each in reversed(missing):
        try:
            each.mkdir(exist_ok=True)
        except OSError as error:
            raise _storage(error, each, "make the folder") from error
        syncs.add(each.parent)


@contextlib.contextmanager
def temporary(folder: Path, *, mode: int = READ_ONLY) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file in `folder` to write to; removed on the way out unless it was renamed.

    `mode` is for those who open it later, less what the umask takes. Failure: *nothing happened*.
    """
    path = folder / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        # The mode stands from the first moment: a secret is never open to others, not even while it is empty.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except OSError as error:
        raise _storage(error, path, "create") from error
    try:
        with open(descriptor, "wb") as handle:
            yield handle, path
    except OSError as error:
        raise _storage(error, path, "write") from error
    finally:
        with contextlib.suppress(OSError):  # a left-over is cleared by the next writer
            path.unlink(missing_ok=True)


def sync_file(handle: BinaryIO) -> None:
    """Errors: OSError; the outcome is *unknown* and must not be retried."""
    handle.flush()
    _sync(handle.fileno())


def publish_name(source: Path, path: Path, syncs: FolderSyncs) -> bool:
    """Give a written and synced file its final name, once. Returns False if the name was taken.

    Effects: leaves `source` in place (its owner removes it). Failure: *nothing happened* or *recoverable*.
    """
    # Taken or not: whoever gave the name may not have lived to sync its folder.
    syncs.add(path.parent)
    try:
        os.link(source, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise _storage(error, path, "create") from error
        # A file system without hard links: rename, after making sure that nothing is replaced.
        if os.path.lexists(path):
            return False
        try:
            os.rename(source, path)
        except OSError as again:
            raise _storage(again, path, "create") from again
    return True


def write_once(path: Path, data: bytes, syncs: FolderSyncs, *, staging: Path | None = None) -> None:
    """Write a file that never changes again. The caller syncs the folders.

    `staging`: the folder for the file while it is written, on the same file system, else its own.
    If the file exists, its bytes MUST be identical. Errors: IntegrityError if they are not;
    StorageError. Failure: *recoverable* by the same call.
    """
    if os.path.lexists(path):
        _same(path, data)
        syncs.add(path.parent)
        return
    make_folder(path.parent, syncs)
    with temporary(staging or path.parent) as (handle, name):
        handle.write(data)
        sync_file(handle)
        if not publish_name(name, path, syncs):
            _same(path, data)


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
    with temporary(path.parent, mode=mode) as (handle, name):
        handle.write(data)
        sync_file(handle)
        os.replace(name, path)
    syncs.add(path.parent)
    syncs.sync()


def clear_temporary(folder: Path) -> int:
    """Remove what killed writers left in `folder`; the folders below it are not looked into.

    Returns how many there were. Effects: the caller holds the writer's lock.
    """
    try:
        names = [name for name in os.listdir(folder) if name.startswith(TEMPORARY)]
    except OSError:
        return 0  # no such folder yet, or none to read: a left-over harms nothing
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink()
    return len(names)
