"""Unpacks one Zstandard frame in no more memory than it states; pure."""

from __future__ import annotations

import zstandard

from holdfast.errors import FormatError

__all__ = ["unpack"]

_NOTHING = zstandard.ZstdCompressor(level=3).compress(b"")


def unpack(packed: bytes, max_bytes: int) -> bytes:
    """The content of exactly one frame that states its size. Errors: FormatError.

    In one call, since a stream hands out what a frame holds before it sees that it is more than stated.
    """
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= max_bytes:
            raise FormatError(f"does not state a content of at most {max_bytes} bytes")
        # Bits 3 and 4 of the descriptor mean nothing; bit 4 is ignored by every decoder but this one.
        if packed[4] & 0x18:
            raise FormatError("has an unknown mark in its head")
        # For a frame without content the call would not look at the frame.
        content = zstandard.ZstdDecompressor().decompress(packed, allow_extra_data=False) if size else b""
    except zstandard.ZstdError as error:
        raise FormatError("does not decompress to the size it states") from error
    if not size and packed != _NOTHING:
        raise FormatError("states no content and has some")
    return content
