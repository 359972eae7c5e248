"""Checks a run of entries with their disclosures: the piece of work that one worker does."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from holdfast.errors import FormatError
from holdfast.vault import merkle
from holdfast.vault.format import tiles
from holdfast.vault.private import BODY_MAX_BYTES, Bundle
from holdfast.verify.disclosures import EntryFacts, check_entry
from holdfast.verify.files import open_file, read_file
from holdfast.verify.findings import Finding, Wound
from holdfast.verify.unpacking import unpack

__all__ = ["BundleResult", "BundleTask", "check_bundle", "open_frame", "read_bundle"]

MAX_BUNDLE_BYTES = tiles.TILE_WIDTH * (2 + tiles.MAX_ENTRY_BYTES)
MAX_FRAME_BYTES = BODY_MAX_BYTES + (BODY_MAX_BYTES >> 7) + (1 << 20)
"""What 256 MiB can grow to when they do not compress, with salts."""

_SALTS_MAGIC = 0x184D2A50
_HEAD = struct.Struct("<II")


class BundleTask(msgspec.Struct, frozen=True):
    """The entries at `places` (ascending) of bundle `number`.

    `log` and `private` are files below `root` that hold `log_width` and `private_width` entries; None where
    there is none, which is another's finding.
    """

    root: str
    number: int
    places: tuple[int, ...]
    log: str | None
    log_width: int
    private: str | None
    private_width: int


class BundleResult(msgspec.Struct, frozen=True):
    """`leaves`: the leaf hashes at `places`, or none if the entries cannot be read; `facts` beside them."""

    leaves: tuple[bytes, ...]
    facts: tuple[EntryFacts, ...]
    findings: tuple[Finding, ...]


def check_bundle(task: BundleTask) -> BundleResult:
    """Check a run of entries. Effects: reads two files. Memory: the entries of a bundle and one body."""
    root = Path(task.root)
    findings: list[Finding] = []
    entries: list[bytes] = []
    if task.log is not None:
        try:
            entries = read_bundle(root, task.log, task.log_width)
        except Wound as wound:
            findings.append(wound.at(task.log))
    facts: list[EntryFacts] = []
    if entries:
        frames = _frames(root, task.private, task.private_width, task.places, findings)
        for place, frame in zip(task.places, frames, strict=True):
            facts.append(check_entry(entries[place], None if frame is None else partial(open_frame, frame)))
    elif task.private is not None:
        # Nothing can be opened without the entries, but the bundle's own frame can be looked at.
        list(_frames(root, task.private, task.private_width, (), findings))
    leaves = tuple(merkle.leaf_hash(entries[place]) for place in task.places) if entries else ()
    return BundleResult(leaves, tuple(facts), tuple(findings))


def read_bundle(root: Path, name: str, width: int) -> list[bytes]:
    """The entries of a log bundle. Errors: Wound."""
    try:
        return tiles.split_bundle(read_file(root, name, MAX_BUNDLE_BYTES), width)
    except FormatError as error:
        raise Wound.of("bundle", error) from error


def _frames(
    root: Path, name: str | None, width: int, places: tuple[int, ...], findings: list[Finding]
) -> Iterator[bytes | None]:
    """The frame at each place; None for all once the bundle turns out to be wounded, which is added to `findings`."""
    given = 0
    if name is not None:
        try:
            for frame in _read_frames(root, name, width, places):
                yield frame
                given += 1
        except Wound as wound:
            findings.append(wound.at(name))
    for _ in places[given:]:
        yield None


def _read_frames(root: Path, name: str, width: int, places: tuple[int, ...]) -> Iterator[bytes]:
    with open_file(root, name) as (handle, size):
        handle.seek(max(0, size - Bundle.TAIL_BYTES))
        try:
            spans = Bundle(handle.read(Bundle.TAIL_BYTES), size).spans
        except FormatError as error:
            raise Wound.of("bundle", error) from error
        if len(spans) != width:
            raise Wound("bundle", f"holds the disclosures of {len(spans)} entries, expected {width}")
        for place in places:
            offset, length = spans[place]
            if length > MAX_FRAME_BYTES:
                raise Wound("oversized", f"the frame at {place} states {length} bytes")
            handle.seek(offset)
            yield handle.read(length)


def open_frame(frame: bytes) -> tuple[bytes, bytes]:
    """(salts, body) of one frame, in no more memory than it states. Errors: FormatError.

    Source: docs/format.md section 5.
    """
    if len(frame) < _HEAD.size:
        raise FormatError("a private frame is cut short")
    magic, length = _HEAD.unpack_from(frame)
    start = _HEAD.size + length
    if magic != _SALTS_MAGIC or start > len(frame):
        raise FormatError("a private frame does not begin with its salts")
    try:
        return frame[_HEAD.size : start], unpack(frame[start:], BODY_MAX_BYTES)
    except FormatError as error:
        raise FormatError(f"a private body {error.message}") from error
