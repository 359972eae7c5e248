"""Compressed artefacts that can be read from any place: frames and their table; pure."""

from __future__ import annotations

import io
import os
import struct
from bisect import bisect_right
from collections.abc import Iterable
from typing import BinaryIO

import zstandard

from holdfast.errors import FormatError

__all__ = ["FRAME_BYTES", "Frames", "SeekTable", "encode_frame", "encode_table"]

FRAME_BYTES = 1 << 20
"""Content bytes of one frame of a compressed artefact."""

_LEVEL = 3
_FRAMES_MAX = 4 << 20
"""4 TiB of content; the table of so many frames still fits into memory."""
_PACKED_MAX_BYTES = 2 * FRAME_BYTES
_TABLE_MAGIC, _TABLE_CLOSE = 0x184D2A5E, 0x8F92EAB1
_PAIR, _FOOT = struct.Struct("<II"), struct.Struct("<IBI")


def encode_frame(content: bytes) -> bytes:
    """One frame. Shapes: 1 byte to 1 MiB of content."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(content)


def encode_table(sizes: Iterable[tuple[int, int]]) -> bytes:
    """The table that closes an artefact, from (packed, content) sizes. Source: Zstandard Seekable Format 0.1.0."""
    pairs = [_PAIR.pack(packed, content) for packed, content in sizes]
    table = b"".join(pairs) + _FOOT.pack(len(pairs), 0, _TABLE_CLOSE)
    return _PAIR.pack(_TABLE_MAGIC, len(table)) + table


class SeekTable:
    """Where each frame of a compressed artefact begins. Source: Zstandard Seekable Format 0.1.0."""

    def __init__(self, raw_tail: bytes, file_size_bytes: int) -> None:
        """Read the table from a file's last bytes, `table_bytes` at least (the whole file will do).

        Errors: FormatError.
        """
        length = self.table_bytes(raw_tail[-_FOOT.size :], file_size_bytes)
        if len(raw_tail) < length:
            raise FormatError("a compressed artefact's seek table is cut short")
        start = len(raw_tail) - length
        if _PAIR.unpack_from(raw_tail, start) != (_TABLE_MAGIC, length - _PAIR.size):
            raise FormatError("a compressed artefact's seek table has no head")
        self.packed, self.content = [0], [0]
        """Where the frames begin in the file and in the content; the last item is where they end."""
        for packed, content in _PAIR.iter_unpack(raw_tail[start + _PAIR.size : len(raw_tail) - _FOOT.size]):
            if content > FRAME_BYTES or packed > _PACKED_MAX_BYTES:
                raise FormatError("a frame of a compressed artefact is over 1 MiB")
            self.packed.append(self.packed[-1] + packed)
            self.content.append(self.content[-1] + content)
        if self.packed[-1] + length != file_size_bytes:
            raise FormatError("a compressed artefact's seek table does not add up to its size")

    @staticmethod
    def table_bytes(raw_foot: bytes, file_size_bytes: int) -> int:
        """How long the table is that ends in `raw_foot` (9 bytes). Errors: FormatError."""
        if len(raw_foot) < _FOOT.size:
            raise FormatError("a compressed artefact ends before its seek table")
        count, descriptor, close = _FOOT.unpack(raw_foot)
        length = _PAIR.size + count * _PAIR.size + _FOOT.size
        if close != _TABLE_CLOSE or descriptor != 0 or count > _FRAMES_MAX or length > file_size_bytes:
            raise FormatError("a compressed artefact does not end with a seek table")
        return int(length)

    @classmethod
    def of(cls, handle: BinaryIO) -> SeekTable:
        """Effects: moves the handle. Memory: the table, at most 32 MiB. Errors: FormatError, OSError."""
        size = handle.seek(0, os.SEEK_END)
        handle.seek(max(0, size - _FOOT.size))
        handle.seek(size - cls.table_bytes(handle.read(_FOOT.size), size))
        return cls(handle.read(), size)


class Frames(io.RawIOBase):
    """The content of a compressed artefact, readable and seekable. `name` is for messages."""

    def __init__(self, handle: BinaryIO, name: str = "a compressed artefact") -> None:
        """Effects: owns the handle from now on. Errors: FormatError, OSError."""
        self._handle, self._name = handle, name
        try:
            self._table = SeekTable.of(handle)
        except BaseException:
            handle.close()
            raise
        self._at = 0
        self._cached = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._table.content[-1]}[whence]
        if base + offset < 0:
            raise ValueError(f"no place {base + offset} in an artefact")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed has no name for a writable buffer on 3.11
        if self._at >= self._table.content[-1]:
            return 0
        number = bisect_right(self._table.content, self._at) - 1
        if self._cached[0] != number:
            self._cached = (number, self._frame(number))
        inside = self._at - self._table.content[number]
        part = self._cached[1][inside : inside + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _frame(self, number: int) -> bytes:
        start, end = self._table.packed[number], self._table.packed[number + 1]
        size = self._table.content[number + 1] - self._table.content[number]
        self._handle.seek(start)
        packed = self._handle.read(end - start)
        try:
            # Memory is taken for what a frame states, so that is looked at first.
            if zstandard.frame_content_size(packed) != size:
                raise FormatError(f"frame {number} of {self._name} states another size than its table says")
            return zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise FormatError(f"frame {number} of {self._name} does not decompress") from error

    def close(self) -> None:
        self._handle.close()
        super().close()
