"""Disclosures by entry, in bundles beside the log's: kept, shown, erased."""

from __future__ import annotations

import struct
from collections.abc import Sequence

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
]

BODY_MAX_BYTES = 256 << 20
LEVEL = 3

_SALTS_MAGIC = 0x184D2A50
_INDEX_MAGIC = 0x184D2A51
_CLOSE = b"HFPRIV01"
_HEAD = struct.Struct("<II")
_COUNT = struct.Struct("<I")


def private_path(index: int, width: int = tiles.TILE_WIDTH) -> str:
    """Where the disclosures of an entry bundle lie, below the vault. Source: docs/format.md section 5."""
    return "private" + tiles.bundle_path(index, width).removeprefix("tile")


def encode_frame(salts: bytes, body: bytes) -> bytes:
    """One entry's part of a bundle. Source: docs/format.md section 5."""
    return _HEAD.pack(_SALTS_MAGIC, len(salts)) + salts + zstandard.ZstdCompressor(level=LEVEL).compress(body)


def parse_frame(frame: bytes) -> tuple[bytes, bytes]:
    """(salts, body) of one frame. Errors: FormatError, also where the body would exceed 256 MiB."""
    if len(frame) < _HEAD.size:
        raise FormatError("a private frame is cut short")
    magic, length = _HEAD.unpack_from(frame)
    if magic != _SALTS_MAGIC or _HEAD.size + length > len(frame):
        raise FormatError("a private frame does not begin with its salts")
    packed = frame[_HEAD.size + length :]
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= BODY_MAX_BYTES:
            raise FormatError("a private body does not state a size within 256 MiB")
        reader = zstandard.ZstdDecompressor().decompressobj()
        body = reader.decompress(packed) if size else reader.decompress(packed) or b""
    except zstandard.ZstdError as error:
        raise FormatError("a private body does not decompress") from error
    if not reader.eof or reader.unused_data or len(body) != size:
        raise FormatError("a private frame is not exactly one compressed body")
    return frame[_HEAD.size : _HEAD.size + length], body


def encode_bundle(frames: Sequence[bytes]) -> bytes:
    """A bundle of frames with its index. Shapes: 1 to 256 frames."""
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


def parse_bundle(raw: bytes) -> list[bytes]:
    """The frames of a whole bundle. Errors: FormatError."""
    return [raw[at : at + length] for at, length in Bundle(raw[-Bundle.TAIL_BYTES :], len(raw)).spans]
