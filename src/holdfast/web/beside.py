"""Where this server keeps what is no evidence: a folder beside the vault, which a copy of the vault does not take along."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from holdfast.errors import StorageError

__all__ = ["folder_of", "replace_file", "uploads_folder"]

ABANDONED_S = 24 * 3600
"""An upload that nobody wrote to for so long is what a killed server left."""


def folder_of(vault: Path) -> Path:
    """The folder of a vault's server: `archive.web` beside `archive`. Nothing but a server's settings lies in it."""
    whole = Path(os.path.abspath(vault))
    return whole.with_name(f"{whole.name}.web")


def uploads_folder(vault: Path) -> Path:
    """Where uploads lie until they are taken in: on the vault's disk, which has room for them, rather than on that of /tmp.

    Effects: makes the folder, mode 0700; deletes what killed servers left in it. Errors: StorageError.
    """
    folder = folder_of(vault) / "uploads"
    try:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        for each in folder.iterdir():
            if each.stat().st_mtime < time.time() - ABANDONED_S:
                shutil.rmtree(each, ignore_errors=True)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror}") from error
    return folder


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in the place of another, whole or not at all, for its owner's eyes only.

    Effects: makes the folder, mode 0700; the file's mode is 0600. Errors: StorageError.
    """
    work = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        work.unlink(missing_ok=True)
        descriptor = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(work, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
