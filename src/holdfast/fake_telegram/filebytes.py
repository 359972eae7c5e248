"""Makes the bytes of media files out of nothing but a key, the same ones every time."""

from __future__ import annotations

import hashlib
import struct
import zlib

import msgspec

__all__ = ["MAX_PICTURE", "FileBytes", "jpeg", "mp4", "png", "voice", "webp"]

BLOCK = 65_536
MAX_PICTURE = 16 * 1024 * 1024
"""The largest picture, in bytes: pictures are made whole, in memory."""


class FileBytes(msgspec.Struct, frozen=True, gc=False):
    """A file that may be far larger than memory: `head`, then `filler_bytes` of noise that depends on `key` alone."""

    head: bytes
    key: bytes = b""
    filler_bytes: int = 0

    @property
    def size(self) -> int:
        return len(self.head) + self.filler_bytes

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`; fewer at the end of the file."""
        stop = min(stop, self.size)
        parts = [self.head[start:stop]]
        place, last = max(0, start - len(self.head)), stop - len(self.head)
        while place < last:
            number, inside = divmod(place, BLOCK)
            noise = hashlib.shake_128(self.key + number.to_bytes(8, "big")).digest(BLOCK)
            parts.append(noise[inside : inside + last - place])
            place += len(parts[-1])
        return b"".join(parts)


def _noise(key: bytes, size: int) -> bytes:
    return hashlib.shake_128(key).digest(size)


def png(key: bytes, size: int, width: int, height: int) -> FileBytes:
    """A grey picture of at most 64 rows and columns in one shade; a private chunk fills it up to `size`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width, height = min(width, 64), min(height, 64)
    rows = (b"\0" + _noise(key, 1) * width) * height
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    end = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    missing = size - len(start) - len(end) - 12
    return FileBytes(start + (chunk(b"faKe", _noise(key, missing)) if missing >= 0 else b"") + end)


def jpeg(key: bytes, size: int, width: int, height: int) -> FileBytes:
    """A grey picture in one shade: every block of 8 by 8 pixels is two codes long. Comments fill it up to `size`.

    Source: ITU-T T.81, baseline, one component.
    """

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    # One table each: the DC codes 0 ("no difference") and 10 ("seven bits follow"), the AC code 0 ("end of block").
    direct = segment(0xC4, bytes([0x00, 1, 1, *[0] * 14, 0, 7]))
    alternate = segment(0xC4, bytes([0x10, 1, *[0] * 15, 0]))
    blocks = -(-width // 8) * -(-height // 8)
    shade = _noise(key, 1)[0] & 0x7F
    bits = f"10{shade:07b}0" + "00" * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    start = b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xDB, b"\0" + b"\x08" * 64)
    end = (
        segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
        + direct
        + alternate
        + segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0]))
        + scan
        + b"\xff\xd9"
    )
    missing = size - len(start) - len(end)
    comments: list[bytes] = []
    while missing >= 4:
        length = min(missing - 4, 65_533)
        # What is left after this one must again hold a comment, or nothing.
        length -= 4 if 0 < missing - 4 - length < 4 else 0
        comments.append(segment(0xFE, _noise(key + bytes([len(comments) & 0xFF]), length)))
        missing -= length + 4
    return FileBytes(start + b"".join(comments) + end)


def mp4(key: bytes, size: int, duration_s: int) -> FileBytes:
    """The boxes of a film without tracks: its length is there, its pictures are noise."""

    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + kind + data

    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = struct.pack(">5I", 0, 0, 0, 1000, min(duration_s * 1000, 2**32 - 1))
    header += (
        struct.pack(">IH10x", 0x10000, 0x100) + matrix + struct.pack(">6I", *[0] * 6) + struct.pack(">I", 1)
    )
    head = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"moov", box(b"mvhd", header))
    filler = max(0, size - len(head) - 16)
    return FileBytes(head + struct.pack(">I4sQ", 1, b"mdat", filler + 16), key, filler)


def voice(key: bytes, size: int) -> FileBytes:
    """The first page of an Ogg stream, and noise."""
    opus = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, 48_000, 0, 0)
    head = b"OggS" + struct.pack("<BBQIIIB", 0, 2, 0, 1, 0, 0, 1) + bytes([len(opus)]) + opus
    return FileBytes(head, key, max(0, size - len(head)))


def webp(key: bytes, size: int) -> FileBytes:
    """One pixel without loss, and a private chunk up to `size` (even: such files are)."""
    pixel = b"VP8L" + struct.pack("<I", 13) + b"\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0"
    missing = size - 12 - len(pixel) - 8
    missing -= missing % 2
    filler = b"faKe" + struct.pack("<I", missing) + _noise(key, missing) if missing >= 0 else b""
    body = b"WEBP" + pixel + filler
    return FileBytes(b"RIFF" + struct.pack("<I", len(body)) + body)
