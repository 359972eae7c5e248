"""Checks artefacts: the bytes hash to their name, in either form, whatever they would unpack to."""

from __future__ import annotations

import hashlib
import queue
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from holdfast.errors import FormatError
from holdfast.verify.files import open_file
from holdfast.verify.findings import Wound
from holdfast.verify.unpacking import unpack

__all__ = ["ArtefactResult", "ArtefactTask", "check_artefact", "check_artefacts"]

_FRAME_BYTES = 1 << 20
_PIECE_BYTES = 1 << 20
_MAX_FRAMES = 4 << 20
"""4 TiB of content; the table of so many frames still fits into memory."""
_AHEAD = 8
_TABLE_MAGIC, _TABLE_CLOSE = 0x184D2A5E, 0x8F92EAB1
_PAIR, _FOOT = struct.Struct("<II"), struct.Struct("<IBI")


class ArtefactTask(msgspec.Struct, frozen=True):
    """A group of artefacts for one worker. `names` below the root, each ending in `<hex>` or `<hex>.zst`."""

    root: str
    names: tuple[str, ...]


class ArtefactResult(msgspec.Struct, frozen=True):
    """Of one artefact: its content's size in bytes, or its wound as (code, message, severity)."""

    name: str
    size_bytes: int
    wound: tuple[str, str, str] | None = None


def check_artefacts(task: ArtefactTask) -> list[ArtefactResult]:
    """Hash a group. Effects: reads the files."""
    results = []
    for name in task.names:
        try:
            results.append(ArtefactResult(name, check_artefact(Path(task.root), name)))
        except Wound as wound:
            results.append(ArtefactResult(name, 0, (wound.code, wound.message, wound.severity.value)))
    return results


def check_artefact(root: Path, name: str) -> int:
    """The content hashes to the digest in its name; returns the content's size in bytes.

    Memory: a few MiB whatever the file unpacks to. Errors: Wound.
    """
    packed = name.endswith(".zst")
    expected = name.removesuffix(".zst").rpartition("/")[2]
    digest = hashlib.sha256()
    with open_file(root, name) as (handle, size_bytes):
        if not packed:
            size = _hash_plain(handle, digest)
        else:
            size = 0
            # One thread unpacks, this one hashes; both let go of the interpreter meanwhile.
            with _ahead(_frames(handle, size_bytes)) as pieces:
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
    if digest.hexdigest() != expected:
        got = digest.hexdigest()[:16]
        raise Wound("digest", f"its content hashes to {got}…, expected {expected[:16]}…")
    return size


def _hash_plain(handle: BinaryIO, digest: hashlib._Hash) -> int:
    size = 0
    view = memoryview(bytearray(_PIECE_BYTES))
    while count := handle.readinto(view):  # type: ignore[attr-defined]  # a BinaryIO from open() has it
        digest.update(view[:count])
        size += count
    return size


def _frames(handle: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    """The content of a compressed artefact, frame by frame, all of its bytes accounted for. Errors: Wound."""
    table = _seek_table(handle, size_bytes)
    handle.seek(0)
    for number, (packed_bytes, content_bytes) in enumerate(_PAIR.iter_unpack(table)):
        packed = handle.read(packed_bytes)
        try:
            content = unpack(packed, _FRAME_BYTES)
        except FormatError as error:
            raise Wound("compressed", f"frame {number} {error.message}") from error
        if len(content) != content_bytes:
            raise Wound("compressed", f"frame {number} has {len(content)} bytes, expected {content_bytes}")
        yield content


def _seek_table(handle: BinaryIO, size_bytes: int) -> bytes:
    """(packed, content) bytes of each frame, as pairs of u32le. Errors: Wound.

    Source: Zstandard Seekable Format 0.1.0.
    """
    handle.seek(max(0, size_bytes - _FOOT.size))
    foot = handle.read(_FOOT.size)
    if len(foot) < _FOOT.size:
        raise Wound("compressed", "ends before its seek table")
    count, descriptor, close = _FOOT.unpack(foot)
    length = 8 + count * _PAIR.size + _FOOT.size
    if close != _TABLE_CLOSE or descriptor != 0 or length > size_bytes or count > _MAX_FRAMES:
        raise Wound("compressed", "does not end with a seek table")
    handle.seek(size_bytes - length)
    table = handle.read(length)
    if _PAIR.unpack_from(table) != (_TABLE_MAGIC, length - 8):
        raise Wound("compressed", "its seek table has no head")
    table = table[8 : len(table) - _FOOT.size]
    if sum(packed for packed, _ in _PAIR.iter_unpack(table)) + length != size_bytes:
        raise Wound("compressed", "its seek table does not add up to its size")
    if any(
        packed > 2 * _FRAME_BYTES or content > _FRAME_BYTES for packed, content in _PAIR.iter_unpack(table)
    ):
        raise Wound("compressed", f"a frame states more than {_FRAME_BYTES} bytes")
    return table


@contextmanager
def _ahead(pieces: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """Runs `pieces` in a thread, a few ahead of the reader; the thread ends with the block."""
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(_AHEAD)
    stop = threading.Event()

    def produce() -> None:
        last: BaseException | None = None
        try:
            for piece in pieces:
                waiting.put(piece)
                if stop.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 (handed over to the reader, who raises it)
            last = error
        waiting.put(last)

    def consume() -> Iterator[bytes]:
        while (piece := waiting.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    thread = threading.Thread(target=produce, name="holdfast-unpack", daemon=True)
    thread.start()
    try:
        yield consume()
    finally:
        stop.set()
        while thread.is_alive():
            # A producer that waits for room is let go.
            with suppress(queue.Empty):
                waiting.get(timeout=0.05)
        thread.join()
