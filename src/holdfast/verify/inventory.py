"""Sorts the files of a vault into those a log of its size has, earlier and later ones, and strangers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from holdfast.errors import FormatError
from holdfast.vault.format.tiles import ENTRIES, TILE_WIDTH, Tile, parse_log_path
from holdfast.verify.files import Listed, walk
from holdfast.verify.findings import Findings, Severity, Wound, shown

__all__ = ["Inventory", "artefact_files", "implied_size", "private_name", "superfluous", "width_at"]

TEMPORARY = ".tmp-"
_FILES = {"vault.json", "lock", "state.db", "state.db-wal", "state.db-shm", "state.db-journal"}
_FOLDERS = {"keys", "log", "private", "blobs", "catalog"}
_KEYS = {"keys/ed25519.pem", "keys/mldsa44.pem"}
_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})(\.zst)?", re.ASCII)


def private_name(bundle: Tile) -> str:
    """The private bundle of an entry bundle, below the vault."""
    return "private" + bundle.path.removeprefix("tile")


class Inventory:
    """What lies in `log/` and `private/`; strangers anywhere become findings on the way."""

    def __init__(self, root: Path, findings: Findings) -> None:
        self._root, self._findings = root, findings
        self.log: set[Tile] = set()
        self.private: set[Tile] = set()
        self._top()
        for top, found in (("log", self.log), ("private", self.private)):
            for listed in walk(root, top):
                name = listed.name
                if name == "log/checkpoint":
                    continue
                path = name.removeprefix("log/") if top == "log" else "tile" + name.removeprefix("private")
                try:
                    tile = parse_log_path(path)
                    if top == "private" and tile.level != ENTRIES:
                        raise FormatError("not an entry bundle's path")
                except FormatError:
                    stranger(listed, findings)
                else:
                    # Whatever kind of file it is: reading it says so.
                    found.add(tile)

    def _top(self) -> None:
        try:
            with os.scandir(self._root) as found:
                children = sorted(found, key=lambda child: child.name)
        except OSError as error:
            message = f"cannot be listed: {error.strerror}"
            self._findings.wound(".", Wound("unreadable", message, Severity.UNCHECKED))
            return
        for child in children:
            if child.name in (_FOLDERS if child.is_dir() else _FILES):
                continue
            if child.name in _FOLDERS:
                self._findings.alarm(child.name, "not_a_folder", "is a file, expected a folder")
            else:
                stranger(Listed(child.name, 0), self._findings)
        for listed in walk(self._root, "keys"):
            if listed.name not in _KEYS:
                stranger(listed, self._findings)
        lock = self._root / "lock"
        if lock.is_file() and lock.stat().st_size:
            self._findings.alarm("lock", "added", "holds bytes, expected an empty file")

    def file_for(self, tile: Tile, found: set[Tile]) -> Tile | None:
        """The file to read a tile or bundle from: its own, else the full one that replaced it."""
        if tile in found:
            return tile
        full = tile._replace(width=TILE_WIDTH)
        return full if full in found else None


def width_at(level: int, number: int, size: int) -> int:
    """How many hashes (entries, at level ENTRIES) a file of this place holds in a tree of `size`; 0: none."""
    count = size if level == ENTRIES else size >> 8 * level
    return max(0, min(TILE_WIDTH, count - number * TILE_WIDTH))


def superfluous(found: set[Tile], size: int) -> tuple[list[Tile], list[Tile]]:
    """(files of smaller trees, files of larger trees), in order, for a log of `size` entries."""
    older, later = [], []
    for tile in sorted(found):
        width = width_at(tile.level, tile.number, size)
        if tile.width < width:
            older.append(tile)
        elif tile.width > width:
            later.append(tile)
    return older, later


def implied_size(found: set[Tile]) -> int:
    """The size of the log that the entry bundles add up to, where no checkpoint can be believed."""
    size, number = 0, 0
    while Tile(ENTRIES, number) in found:
        size, number = size + TILE_WIDTH, number + 1
    partial = [tile.width for tile in found if tile.level == ENTRIES and tile.number == number]
    return size + max(partial, default=0)


def artefact_files(root: Path, findings: Findings) -> Iterator[tuple[str, str, int]]:
    """(digest, name, size on disk in bytes) of every artefact's file; strangers become findings."""
    for listed in walk(root, "blobs"):
        match = _BLOB.fullmatch(listed.name)
        if match is None:
            stranger(listed, findings)
        elif listed.wound is not None:
            findings.wound(listed.name, listed.wound)
        else:
            yield match[3], listed.name, listed.size_bytes


def stranger(listed: Listed, findings: Findings) -> None:
    """A file that no run of the program leaves, or a write that did not end."""
    place = shown(listed.name)
    if listed.wound is not None:
        findings.wound(place, listed.wound)
    elif listed.name.rpartition("/")[2].startswith(TEMPORARY):
        findings.note(place, "temporary", "a write that did not end; the next import removes it")
    else:
        findings.alarm(place, "added", "is no part of a vault")
