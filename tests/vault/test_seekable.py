"""Compressed artefacts: frames and their table read back from any place, and damage is named."""

from __future__ import annotations

import io
import os
import struct

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError
from holdfast.vault.seekable import FRAME_BYTES, Frames, SeekTable, encode_frame, encode_table

CONTENT = [b"first " * 100, b"second " * 50, b"third"]
PACKED = [encode_frame(each) for each in CONTENT]
TABLE = encode_table([(len(a), len(b)) for a, b in zip(PACKED, CONTENT, strict=True)])
FILE = b"".join(PACKED) + TABLE
WHOLE = b"".join(CONTENT)


def frames(raw: bytes = FILE) -> Frames:
    return Frames(io.BytesIO(raw), "artefact x")


def test_the_content_reads_back_from_every_place() -> None:
    with frames() as stream:
        assert stream.readable()
        assert stream.seekable()
        assert not stream.writable()
        assert stream.read() == WHOLE
        assert stream.read() == b""
        for at in range(0, len(WHOLE) + 3, 7):
            assert stream.seek(at) == at == stream.tell()
            assert stream.read(10) == WHOLE[at : at + 10][: len(stream_part(at))]


def stream_part(at: int) -> bytes:
    """What one raw read may give: it ends with its frame."""
    for each in CONTENT:
        if at < len(each):
            return each[at:]
        at -= len(each)
    return b""


@given(st.lists(st.integers(0, len(WHOLE) + 5), max_size=8), st.integers(1, 500))
def test_buffered_reads_in_any_order_give_the_content(places: list[int], count: int) -> None:
    with io.BufferedReader(frames(), 64) as stream:
        for at in places:
            stream.seek(at)
            assert stream.read(count) == WHOLE[at : at + count]


def test_places_are_told_from_the_start_here_and_the_end() -> None:
    stream = frames()
    assert stream.seek(5) == 5
    assert stream.seek(2, os.SEEK_CUR) == 7
    assert stream.seek(-1, os.SEEK_END) == len(WHOLE) - 1
    assert stream.seek(10, os.SEEK_END) == len(WHOLE) + 10
    assert stream.read(5) == b""
    with pytest.raises(ValueError, match="no place -1"):
        stream.seek(-1)


def test_any_zstd_shows_the_content() -> None:
    with zstandard.ZstdDecompressor().stream_reader(FILE, read_across_frames=True) as stream:
        assert stream.read() == WHOLE


def test_an_empty_artefact_is_a_table_alone() -> None:
    raw = encode_table([])
    assert raw == struct.pack("<IIIBI", 0x184D2A5E, 9, 0, 0, 0x8F92EAB1)
    with frames(raw) as stream:
        assert stream.read() == b""


def test_frames_without_content_are_passed_over() -> None:
    empty = encode_frame(b"")
    raw = empty + PACKED[0] + empty + encode_table([(len(empty), 0), (len(PACKED[0]), 600), (len(empty), 0)])
    with frames(raw) as stream:
        assert stream.read() == CONTENT[0]


def test_the_table_is_found_at_the_end() -> None:
    table = SeekTable.of(io.BytesIO(FILE))
    assert table.content == [0, 600, 950, 955]
    assert table.packed[-1] == len(FILE) - len(TABLE)
    assert SeekTable(FILE, len(FILE)).packed == table.packed


def close_of(count: int, descriptor: int = 0, magic: int = 0x8F92EAB1) -> bytes:
    return struct.pack("<IBI", count, descriptor, magic)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        FILE[:-1],
        FILE + b"\0",
        b"\0" + FILE,
        FILE[1:],
        TABLE[-8:],
        TABLE[-9:],
        FILE[:-9] + close_of(4),
        FILE[:-9] + close_of(2),
        FILE[:-9] + close_of(0),
        FILE[:-9] + close_of(2**32 - 1),
        FILE[:-9] + close_of(3, descriptor=0x80),
        FILE[:-9] + close_of(3, magic=0x8F92EAB2),
        FILE[: -len(TABLE)] + TABLE.replace(b"\x5e\x2a", b"\x5d\x2a"),
        FILE[: -len(TABLE)] + encode_table([(len(PACKED[0]), 600)]),
        FILE[: -len(TABLE)] + encode_table([(len(FILE) - len(TABLE), FRAME_BYTES + 1), (0, 0), (0, 0)]),
        bytes(2 * FRAME_BYTES + 1) + encode_table([(2 * FRAME_BYTES + 1, 1)]),
    ],
)
def test_a_file_without_its_table_is_refused_and_closed(raw: bytes) -> None:
    handle = io.BytesIO(raw)
    with pytest.raises(FormatError):
        Frames(handle)
    assert handle.closed


def test_a_table_that_is_longer_than_what_was_read_is_refused() -> None:
    with pytest.raises(FormatError, match="cut short"):
        SeekTable(FILE[-9:], len(FILE))


def test_a_table_of_millions_of_frames_is_not_read() -> None:
    size = 17 + 8 * ((4 << 20) + 1)
    with pytest.raises(FormatError, match="does not end"):
        SeekTable.table_bytes(close_of((4 << 20) + 1), size)
    assert SeekTable.table_bytes(close_of(4 << 20), size) == size - 8


@pytest.mark.parametrize(
    "first",
    [
        PACKED[1],  # another size than the table says
        zstandard.ZstdCompressor(write_content_size=False).compress(CONTENT[0]),
        PACKED[0][:-1],
        PACKED[0] + b"\0",
        b"no frame",
        b"",
        b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**50) + b"\x01\x00\x00",
    ],
)
def test_a_damaged_frame_is_named_and_the_others_read(first: bytes) -> None:
    raw = first + PACKED[1] + encode_table([(len(first), 600), (len(PACKED[1]), len(CONTENT[1]))])
    stream = frames(raw)
    with pytest.raises(FormatError, match="frame 0 of artefact x"):
        stream.read(1)
    stream.seek(600)
    assert stream.read() == CONTENT[1]


@given(st.binary(max_size=60))
def test_random_bytes_are_an_artefact_or_a_format_error(data: bytes) -> None:
    for raw in (data, data + TABLE, FILE[: -len(TABLE)] + data + TABLE[-9:]):
        try:
            with frames(raw) as stream:
                stream.read()
        except FormatError:
            pass
