"""Reads a suspect's files: only regular ones, never more than expected, never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from holdfast.verify.findings import Severity, Wound

__all__ = ["Listed", "open_file", "read_file", "walk"]


class Listed(NamedTuple):
    """`name` below the walked root, with slashes. `wound`: why it is no file to read, if it is none."""

    name: str
    size_bytes: int
    wound: Wound | None = None


def _unreadable(error: OSError) -> Wound:
    return Wound("unreadable", f"cannot be read: {error.strerror or error}", Severity.UNCHECKED)


def _kind(mode: int) -> Wound | None:
    if stat.S_ISREG(mode):
        return None
    what = (
        "a symbolic link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no regular file"
    )
    return Wound("not_a_file", f"is {what}, expected a file")


@contextmanager
def open_file(root: Path, name: str) -> Iterator[tuple[BinaryIO, int]]:
    """The file and its size in bytes. Errors: Wound, for read errors inside the block too."""
    path = root / name
    try:
        # A pipe or a device would block or never end, so the kind is looked at before opening.
        wound = _kind(os.lstat(path).st_mode)
        if wound is not None:
            raise wound
        with open(path, "rb") as handle:
            yield handle, os.fstat(handle.fileno()).st_size
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Wound("missing", "is missing") from error
    except OSError as error:
        raise _unreadable(error) from error


def read_file(root: Path, name: str, max_bytes: int) -> bytes:
    """A whole file. Errors: Wound if it is missing, unreadable, no file, or larger than `max_bytes`."""
    with open_file(root, name) as (handle, size):
        data = handle.read(max_bytes + 1) if size <= max_bytes else b""
        if size > max_bytes or len(data) > max_bytes:
            raise Wound("oversized", f"has {max(size, len(data))} bytes, at most {max_bytes} are expected")
        return data


def walk(root: Path, top: str) -> Iterator[Listed]:
    """Everything below `root`/`top` that is no folder; links are never followed.

    A folder that cannot be listed is one item with its wound. Yields nothing where `top` is missing.
    Memory: one folder's names and the folders still to be listed.
    """
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder if folder else root) as found:
                children = sorted(found, key=lambda one: one.name)
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            yield Listed(folder, 0, Wound("not_a_folder", "is a file, expected a folder"))
            continue
        except OSError as error:
            yield Listed(folder, 0, _unreadable(error))
            continue
        for child in children:
            name = f"{folder}/{child.name}" if folder else child.name
            try:
                if child.is_dir(follow_symlinks=False):
                    folders.append(name)
                    continue
                status = child.stat(follow_symlinks=False)
            except OSError as error:
                yield Listed(name, 0, _unreadable(error))
                continue
            yield Listed(name, status.st_size, _kind(status.st_mode))
