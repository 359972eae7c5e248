"""Reads entries and their disclosures back from a vault, without its lock."""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from holdfast.errors import FormatError, IntegrityError, NoVaultError, StorageError
from holdfast.vault.blobs import Blobs
from holdfast.vault.canon import Entry, Opened, open_body, parse_entry
from holdfast.vault.format import tiles
from holdfast.vault.format.note import VerifiedCheckpoint, verify_checkpoint
from holdfast.vault.identity import Identity, parse_identity
from holdfast.vault.private import Bundle, parse_frame, private_path

__all__ = ["Reader", "read_identity"]

WIDTH = tiles.TILE_WIDTH


def read_identity(vault: Path) -> Identity:
    """Which vault lies in a folder. Errors: NoVaultError, VersionError, IntegrityError, StorageError."""
    path = vault / "vault.json"
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoVaultError(f"there is no vault at {vault}") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    try:
        return parse_identity(raw)
    except FormatError as error:
        raise IntegrityError(f"{path}: {error.message}") from error


class Reader:
    """A vault's entries by index: from full bundles, else from the tail, else from partial bundles.

    Keeps the last few opened entries. Not safe for several threads at once.
    """

    def __init__(self, vault: Path, identity: Identity | None = None) -> None:
        self.vault = vault
        self.identity = identity or read_identity(vault)
        self.blobs = Blobs(vault)
        self._bodies: OrderedDict[int, tuple[bytes, bytes, bytes]] = OrderedDict()

    def checkpoint(self) -> tuple[VerifiedCheckpoint, bytes]:
        """The published head, its signatures checked, and its exact bytes. Errors: IntegrityError."""
        path = self.vault / "log" / "checkpoint"
        try:
            note = path.read_bytes()
        except OSError as error:
            raise IntegrityError(f"{path} cannot be read: {error.strerror}") from error
        try:
            return verify_checkpoint(note, self.identity.origin, self.identity.keys), note
        except FormatError as error:
            raise IntegrityError(f"{path}: {error.message}") from error

    def raw(self, index: int) -> tuple[bytes, bytes, bytes]:
        """(entry, salts, body) of an entry. Errors: IntegrityError if the vault does not hold it."""
        found = self._bodies.get(index)
        if found is None:
            entry, frame = self._find(index)
            try:
                found = (entry, *parse_frame(frame))
            except FormatError as error:
                raise IntegrityError(f"entry {index}: {error.message}") from error
            self._bodies[index] = found
            if len(self._bodies) > 64:
                self._bodies.popitem(last=False)
        else:
            self._bodies.move_to_end(index)
        return found

    def opened(self, index: int) -> tuple[Entry, Opened]:
        """An entry with what opens it, every digest checked. Errors: IntegrityError."""
        raw, salts, body = self.raw(index)
        try:
            entry = parse_entry(raw)
            return entry, open_body(entry, salts, body)
        except FormatError as error:
            raise IntegrityError(f"entry {index}: {error.message}") from error

    def entries(self, start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
        """(index, entry, frame) of the entries from `start` up to `end`, a bundle in memory at a time."""
        at = start
        while at < end:
            number = at // WIDTH
            stop = min(end, (number + 1) * WIDTH)
            full = self.vault / "log" / tiles.bundle_path(number)
            if full.exists():
                entries = self._bundle(full, WIDTH)
                data = self._bytes(self.vault / private_path(number))
                spans = self._index(data[-Bundle.TAIL_BYTES :], len(data), number).spans
                for index in range(at, stop):
                    offset, length = spans[index % WIDTH]
                    yield index, entries[index % WIDTH], data[offset : offset + length]
            else:
                for index in range(at, stop):
                    yield index, *self._find(index)
            at = stop

    def tile(self, tile: tiles.Tile) -> bytes:
        """A tile's bytes, cut from a wider one where that is what lies there. Errors: IntegrityError."""
        folder = self.vault / "log"
        for path in (folder / tiles.tile_path(tile.level, tile.number), folder / tile.path):
            if path.exists():
                return self._bytes(path)[: tile.width * 32]
        raise IntegrityError(f"log/{tile.path} is missing")

    # -- where an entry lies ----------------------------------------------------------------------

    def _find(self, index: int) -> tuple[bytes, bytes]:
        number, place = divmod(index, WIDTH)
        full = self.vault / "log" / tiles.bundle_path(number)
        if full.exists():
            return self._bundle(full, WIDTH)[place], self._frame(self.vault / private_path(number), place)
        tail = self._tail(index)
        if tail is not None:
            return tail
        if full.exists():  # the bundle was completed while we looked into the tail
            return self._bundle(full, WIDTH)[place], self._frame(self.vault / private_path(number), place)
        width = self._partial(number)
        if place >= width:
            raise IntegrityError(f"entry {index} is not in the vault")
        log = self.vault / "log" / tiles.bundle_path(number, width)
        return self._bundle(log, width)[place], self._frame(self.vault / private_path(number, width), place)

    def _tail(self, index: int) -> tuple[bytes, bytes] | None:
        path = self.vault / "state.db"
        if not path.exists():
            return None
        try:
            db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
            try:
                row = db.execute("SELECT entry, frame FROM tail WHERE position = ?", (index,)).fetchone()
            finally:
                db.close()
        except sqlite3.Error:
            return None  # a copy of a vault without its trusted lock is read from files alone
        return (row[0], row[1]) if row else None

    def _partial(self, number: int) -> int:
        folder = (self.vault / private_path(number, 1)).parent
        try:
            names = os.listdir(folder)
        except OSError:
            return 0
        return max((int(name) for name in names if name.isascii() and name.isdigit()), default=0)

    def _bundle(self, path: Path, width: int) -> list[bytes]:
        try:
            return tiles.split_bundle(self._bytes(path), width)
        except FormatError as error:
            raise IntegrityError(f"{path}: {error.message}") from error

    def _frame(self, path: Path, place: int) -> bytes:
        try:
            with open(path, "rb") as handle:
                size = handle.seek(0, os.SEEK_END)
                handle.seek(max(0, size - Bundle.TAIL_BYTES))
                spans = self._index(handle.read(), size, path).spans
                if place >= len(spans):
                    raise IntegrityError(f"{path} holds {len(spans)} entries, not the one at {place}")
                handle.seek(spans[place][0])
                return handle.read(spans[place][1])
        except OSError as error:
            raise IntegrityError(f"{path} cannot be read: {error.strerror}") from error

    def _index(self, tail: bytes, size: int, where: object) -> Bundle:
        try:
            return Bundle(tail, size)
        except FormatError as error:
            raise IntegrityError(f"{where}: {error.message}") from error

    def _bytes(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise IntegrityError(f"{path} cannot be read: {error.strerror}") from error
