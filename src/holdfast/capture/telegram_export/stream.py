"""Reads forward-only streams in pieces of a wanted size, whatever sizes they give."""

from __future__ import annotations

from typing import BinaryIO, Final

__all__ = ["MAX_RECORD_BYTES", "REGION_BYTES", "read_fully", "read_on"]

REGION_BYTES: Final = 512 * 1024
"""What is read at once, and what a region aims at."""

MAX_RECORD_BYTES: Final = 64 * 1024 * 1024
"""A record above this is skipped and counted."""


def read_on(stream: BinaryIO, held: int) -> bytes:
    """The next piece where `held` bytes are still unread: twice as much each time, so that growing is
    linear, but never far beyond the largest record."""
    return read_fully(stream, max(REGION_BYTES, min(held, MAX_RECORD_BYTES + REGION_BYTES - held)))


def read_fully(stream: BinaryIO, size: int) -> bytes:
    """`size` bytes, fewer only at the end: streams that decompress give less than they are asked for."""
    first = stream.read(size)
    if not first or len(first) >= size:
        return first
    pieces = [first]
    missing = size - len(first)
    while missing > 0 and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
