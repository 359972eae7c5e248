"""Disclosures by entry, in bundles beside the log's: kept, shown, erased."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import BinaryIO

import zstandard

from holdfast.errors import FormatError
from holdfast.vault.format import tiles

__all__ = [
    "BODY_MAX_BYTES",
    "Bundle",
    "encode_bundle",
    "encode_frame",
    "parse_bundle",
    "parse_frame",
    "private_path",
    "read_index",
]

BODY_MAX_BYTES = 256 << 20
LEVEL = 3

_SALTS_MAGIC = 0x184D2A50
_INDEX_MAGIC = 0x184D2A51
_CLOSE = b"HFPRIV01"
_HEAD = struct.Struct("<II")
_COUNT = struct.Struct("<I")
_EMPTY = bytes.fromhex("28b52ffd2000010000")
"""The one spelling of an empty body."""


def private_path(index: int, width: int = tiles.TILE_WIDTH) -> str:
    """Where the disclosures of an entry bundle lie, below the vault. Source: docs/format.md section 5."""
    return "private" + tiles.bundle_path(index, width).removeprefix("tile")


def encode_frame(salts: bytes, body: bytes) -> bytes:
    """One entry's part of a bundle. Errors: FormatError past 256 MiB. Source: docs/format.md section 5."""
    if len(body) > BODY_MAX_BYTES:
        raise FormatError(f"a private body of {len(body)} bytes is over the cap of {BODY_MAX_BYTES}")
    return _HEAD.pack(_SALTS_MAGIC, len(salts)) + salts + zstandard.ZstdCompressor(level=LEVEL).compress(body)


def parse_frame(frame: bytes) -> tuple[bytes, bytes]:
    """(salts, body) of one frame, in no more memory than it states: at most 256 MiB. Errors: FormatError."""
    if len(frame) < _HEAD.size:
        raise FormatError("a private frame is cut short")
    magic, length = _HEAD.unpack_from(frame)
    start = _HEAD.size + length
    if magic != _SALTS_MAGIC or start > len(frame):
        raise FormatError("a private frame does not begin with its salts")
    packed = frame[start:]
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= BODY_MAX_BYTES:
            raise FormatError("a private body does not state a size within 256 MiB")
        # In one call: a stream would hand out more than the frame states before it sees the contradiction.
        # Nothing at all is the one size for which the call does not look at the frame.
        body = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False) if size else b""
    except zstandard.ZstdError as error:
        raise FormatError("a private body does not decompress to the size it states") from error
    if not size and packed != _EMPTY:
        raise FormatError("a private body states no content and has some")
    # Bit 4 of the descriptor is ignored by every decoder: nothing but this check sees it flipped.
    if packed[4] & 0x18:
        raise FormatError("a private body has an unknown mark in its head")
    return frame[_HEAD.size : start], body


def encode_bundle(frames: Sequence[bytes]) -> bytes:
    """A bundle of frames with its index. Errors: ValueError unless 1 to 256 frames."""
    if not 1 <= len(frames) <= tiles.TILE_WIDTH:
        raise ValueError(f"a private bundle holds 1 to {tiles.TILE_WIDTH} frames, not {len(frames)}")
    lengths = b"".join(_COUNT.pack(len(frame)) for frame in frames)
    payload = lengths + _COUNT.pack(len(frames)) + _CLOSE
    return b"".join([*frames, _HEAD.pack(_INDEX_MAGIC, len(payload)), payload])


class Bundle:
    """The index of a private bundle: where each entry's frame lies. Units: bytes."""

    TAIL_BYTES = _HEAD.size + 256 * _COUNT.size + _COUNT.size + len(_CLOSE)
    """Reading this many bytes from a bundle's end always yields its whole index."""

    def __init__(self, tail: bytes, size_bytes: int) -> None:
        """Read the index from a bundle's last bytes. Errors: FormatError."""
        fixed = _COUNT.size + len(_CLOSE)
        if len(tail) < fixed + _HEAD.size or not tail.endswith(_CLOSE):
            raise FormatError("a private bundle does not end with its index")
        count = _COUNT.unpack_from(tail, len(tail) - fixed)[0]
        length = count * _COUNT.size + fixed
        if not 1 <= count <= 256 or length + _HEAD.size > len(tail):
            raise FormatError("a private bundle's index has an impossible count")
        start = len(tail) - length
        if _HEAD.unpack_from(tail, start - _HEAD.size) != (_INDEX_MAGIC, length):
            raise FormatError("a private bundle's index has no head")
        lengths = struct.unpack_from(f"<{count}I", tail, start)
        offsets = [0]
        for each in lengths:
            offsets.append(offsets[-1] + each)
        if offsets[-1] + length + _HEAD.size != size_bytes:
            raise FormatError("a private bundle's index does not add up to its size")
        self.spans = tuple(zip(offsets[:-1], lengths, strict=True))
        """(offset, length) of each frame."""


def read_index(handle: BinaryIO) -> Bundle:
    """The index of an open bundle. Effects: moves the handle. Errors: FormatError, OSError."""
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - Bundle.TAIL_BYTES))
    return Bundle(handle.read(Bundle.TAIL_BYTES), size)


def parse_bundle(raw: bytes) -> list[bytes]:
    """The frames of a whole bundle. Errors: FormatError."""
    return [raw[at : at + length] for at, length in Bundle(raw[-Bundle.TAIL_BYTES :], len(raw)).spans]
