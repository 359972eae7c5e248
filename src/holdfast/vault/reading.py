"""Reads entries and their disclosures back from a vault, without its lock."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

from holdfast.errors import FormatError, IntegrityError, NoVaultError, StorageError
from holdfast.vault import merkle
from holdfast.vault.blobs import Blobs
from holdfast.vault.canon import Entry, Opened, open_body, parse_entry
from holdfast.vault.format import tiles
from holdfast.vault.format.note import VerifiedCheckpoint, verify_checkpoint
from holdfast.vault.identity import Identity, parse_identity
from holdfast.vault.private import parse_frame, private_path, read_index
from holdfast.vault.state import read_tail

__all__ = ["Reader", "read_identity"]

WIDTH = tiles.TILE_WIDTH
KEPT_ENTRIES, KEPT_BYTES = 64, 32 << 20
KEPT_PLACES = 64
"""Bundles of which a reader remembers where their entries lie; about 60 kB each."""
LOOKS = 5
"""How often an entry is looked for: a writer may move its bundle while we look, but not that often."""


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


_Spans = tuple[tuple[int, int], ...]
"""(offset, length) of each entry or frame of a file, in log order."""
_Stamp = tuple[int, int, int]
"""Which file it was: inode, size in bytes, time of its last change in nanoseconds."""


class Reader:
    """A vault's entries by index: from full bundles, else from the tail, else from partial bundles.

    Keeps the last few opened entries, and where entries lie in the last bundles that were read: of a bundle
    known so, only the bytes of the entry asked for are read. Not safe for several threads at once.
    """

    def __init__(self, vault: Path, identity: Identity | None = None) -> None:
        self.vault = vault
        self._root = f"{vault}{os.sep}"
        self.identity = identity or read_identity(vault)
        self.blobs = Blobs(vault)
        self._bodies: OrderedDict[int, tuple[bytes, bytes, bytes]] = OrderedDict()
        self._kept_bytes = 0
        self._places: OrderedDict[tuple[int, int], tuple[_Stamp, _Spans, _Stamp, _Spans]] = OrderedDict()

    def checkpoint(self) -> tuple[VerifiedCheckpoint, bytes]:
        """The published head, its signatures checked, and its exact bytes. Errors: IntegrityError."""
        path = self.vault / "log" / "checkpoint"
        note = _read(path)
        if note is None:
            raise IntegrityError(f"{path} is missing")
        try:
            return verify_checkpoint(note, self.identity.origin, self.identity.keys), note
        except (FormatError, IntegrityError) as error:
            raise IntegrityError(f"{path} does not hold: {error}") from error

    def raw(self, index: int) -> tuple[bytes, bytes, bytes]:
        """(entry, salts, body) of an entry. Errors: IntegrityError if the vault does not hold it."""
        found = self._bodies.get(index)
        if found is not None:
            self._bodies.move_to_end(index)
            return found
        [(entry, frame)] = self._part(index, index + 1)
        try:
            found = (entry, *parse_frame(frame))
        except FormatError as error:
            raise IntegrityError(f"entry {index}: {error.message}") from error
        self._bodies[index] = found
        self._kept_bytes += len(found[2])
        while len(self._bodies) > KEPT_ENTRIES or (self._kept_bytes > KEPT_BYTES and len(self._bodies) > 1):
            self._kept_bytes -= len(self._bodies.popitem(last=False)[1][2])
        return found

    def opened(self, index: int) -> tuple[Entry, Opened]:
        """An entry with what opens it, every digest checked. Errors: IntegrityError."""
        raw, salts, body = self.raw(index)
        try:
            entry = parse_entry(raw)
            return entry, open_body(entry, salts, body)
        except (FormatError, IntegrityError) as error:
            raise IntegrityError(f"entry {index}: {error}") from error

    def entries(self, start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
        """(index, entry, frame) of the entries from `start` up to `end`, a bundle in memory at a time."""
        at = start
        while at < end:
            stop = min(end, (at // WIDTH + 1) * WIDTH)
            for entry, frame in self._part(at, stop):
                yield at, entry, frame
                at += 1

    def tile(self, tile: tiles.Tile) -> bytes:
        """A tile's bytes, cut from a wider one where that is what lies there. Errors: IntegrityError."""
        full = self.vault / "log" / tiles.tile_path(tile.level, tile.number)
        # The full one is looked for again: it is there before its partial ones go.
        for path in (full, self.vault / "log" / tile.path, full):
            data = _read(path)
            if data is not None:
                return data[: tile.width * merkle.HASH_BYTES]
        raise IntegrityError(f"log/{tile.path} is missing")

    # -- where entries lie ------------------------------------------------------------------------

    def _part(self, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
        """(entry, frame) of entries of one bundle. Memory: the bundle's entries and one frame."""
        number, place = divmod(start, WIDTH)
        count = stop - start
        # A writer may move the bundle while we look: from the tail to a full file, or to a wider partial one.
        for _ in range(LOOKS if start >= 0 else 0):
            if not self._is_full(number):
                rows = read_tail(self.vault / "state.db", start, stop)
                if len(rows) == count:
                    yield from rows
                    return
            width = WIDTH if self._is_full(number) else self._partial_width(number)
            if place + count > width:
                break
            opened = self._open(number, width)
            if opened is None:
                continue
            log, private = opened
            with log, private:
                _, entries, _, frames = self._spans(number, width, log, private)
                for at in range(place, place + count):
                    yield _cut(log, *entries[at]), _cut(private, *frames[at])
            return
        raise IntegrityError(f"entry {start} is not in the vault")

    def _is_full(self, number: int) -> bool:
        # Of a bundle's two files the private one is written last: where it is, both are.
        return os.path.exists(self._root + private_path(number))

    def _partial_width(self, number: int) -> int:
        folder = (self.vault / private_path(number, 1)).parent
        try:
            names = set(os.listdir(folder))
        except OSError:
            return 0
        return max((width for width in range(1, WIDTH) if str(width) in names), default=0)

    def _open(self, number: int, width: int) -> tuple[BinaryIO, BinaryIO] | None:
        """The two files of a bundle; None if one is gone."""
        with ExitStack() as opened:
            handles = []
            for path in ("log/" + tiles.bundle_path(number, width), private_path(number, width)):
                try:
                    handles.append(opened.enter_context(open(self._root + path, "rb")))
                except (FileNotFoundError, NotADirectoryError):
                    return None
                except OSError as error:
                    raise IntegrityError(f"{path} cannot be read: {error.strerror}") from error
            opened.pop_all()
            log, private = handles
            return log, private

    def _spans(
        self, number: int, width: int, log: BinaryIO, private: BinaryIO
    ) -> tuple[_Stamp, _Spans, _Stamp, _Spans]:
        """Where entries and frames lie in the two files; looked up anew when either is another file than before."""
        try:
            stamps = _stamp(log), _stamp(private)
            known = self._places.get((number, width))
            if known is not None and (known[0], known[2]) == stamps:
                self._places.move_to_end((number, width))
                return known
            entries = tiles.split_bundle(log.read(), width)
            frames = read_index(private).spans
            if len(frames) != width:
                raise FormatError(f"it holds {len(frames)} frames, not {width}")
        except (FormatError, OSError) as error:
            paths = f"{private_path(number, width)} or log/{tiles.bundle_path(number, width)}"
            raise IntegrityError(f"{paths} cannot be read: {error}") from error
        ends = accumulate(len(entry) + 2 for entry in entries)
        spans = tuple((end - len(entry), len(entry)) for end, entry in zip(ends, entries, strict=True))
        known = self._places[number, width] = (stamps[0], spans, stamps[1], frames)
        while len(self._places) > KEPT_PLACES:
            self._places.popitem(last=False)
        return known


def _stamp(handle: BinaryIO) -> _Stamp:
    status = os.fstat(handle.fileno())
    return status.st_ino, status.st_size, status.st_mtime_ns


def _cut(handle: BinaryIO, offset: int, length: int) -> bytes:
    try:
        handle.seek(offset)
        return handle.read(length)
    except OSError as error:
        raise IntegrityError(f"{handle.name} cannot be read: {error.strerror}") from error


def _read(path: Path) -> bytes | None:
    """A file's bytes, None if there is none. Errors: IntegrityError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise IntegrityError(f"{path} cannot be read: {error.strerror}") from error
