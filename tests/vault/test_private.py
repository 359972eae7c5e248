"""Private bundles: frames of salts and bodies, the index that finds them, and everything malformed."""

from __future__ import annotations

import contextlib
import io
import struct
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError
from holdfast.vault import private
from holdfast.vault.private import (
    Bundle,
    encode_bundle,
    encode_frame,
    parse_bundle,
    parse_frame,
    private_path,
    read_index,
)
from tests.vectors import naive_canon, naive_vault

SALTS = bytes(range(32))
BODY = b'"a",1]\n"b",null]\n' * 50
FRAME = encode_frame(SALTS, BODY)


@given(st.binary(max_size=64), st.binary(max_size=5_000))
def test_a_frame_reads_back(salts: bytes, body: bytes) -> None:
    frame = encode_frame(salts, body)
    assert parse_frame(frame) == (salts, body)
    assert naive_vault.unpacked(frame) == (salts, body)


def test_a_frame_of_another_encoder_opens() -> None:
    assert parse_frame(naive_canon.frame([SALTS], BODY)) == (SALTS, BODY)
    for level in (1, 19):
        packed = zstandard.ZstdCompressor(level=level, write_checksum=True).compress(BODY)
        assert parse_frame(naive_canon.skippable(0x184D2A50, SALTS) + packed) == (SALTS, BODY)


def test_an_erased_frame_has_one_spelling() -> None:
    erased = encode_frame(b"", b"")
    assert erased == bytes.fromhex("502a4d1800000000" + "28b52ffd2000010000")
    assert parse_frame(erased) == (b"", b"")


def packed(body: bytes, **options: object) -> bytes:
    return zstandard.ZstdCompressor(level=3, **options).compress(body)  # type: ignore[arg-type]


HEAD = FRAME[: 8 + len(SALTS)]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        FRAME[:7],
        FRAME[:8],
        FRAME[:20],
        HEAD,
        FRAME[:-1],
        FRAME + b"\0",
        FRAME + packed(b"more"),
        b"\0" + FRAME,
        FRAME.replace(b"\x50\x2a", b"\x51\x2a", 1),
        struct.pack("<II", 0x184D2A50, 2**32 - 1) + FRAME[8:],
        HEAD + packed(BODY, write_content_size=False),
        HEAD + b"not a frame at all",
        HEAD + naive_canon.skippable(0x184D2A50, b""),
        HEAD + packed(BODY)[:-1],
        HEAD + naive_canon.zstd_raw(b"abc").replace(b"\x03", b"\x04", 1),  # states one byte more than it has
        HEAD + naive_canon.zstd_raw(b"abc").replace(b"\x03", b"\x02", 1),  # states one byte less
        HEAD + naive_canon.zstd_raw(b"abc").replace(b"\x03", b"\x00", 1),  # states nothing
        HEAD + b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00" + b"\0\0\0\0",  # nothing, with a checksum
        HEAD + bytes([*naive_canon.zstd_raw(b"abc")[:4], 0b1111_0000, *naive_canon.zstd_raw(b"abc")[5:]]),
    ],
)
def test_what_is_not_exactly_a_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(FormatError):
        parse_frame(frame)


def test_a_body_past_the_cap_is_neither_written_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "BODY_MAX_BYTES", len(BODY) - 1)
    with pytest.raises(FormatError, match="over the cap"):
        encode_frame(SALTS, BODY)
    with pytest.raises(FormatError, match="within 256 MiB"):
        parse_frame(FRAME)
    monkeypatch.setattr(private, "BODY_MAX_BYTES", len(BODY))
    assert parse_frame(encode_frame(SALTS, BODY)) == (SALTS, BODY)


def test_a_frame_that_states_more_than_the_cap_takes_no_memory() -> None:
    bomb = b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**60) + b"\x01\x00\x00"
    with pytest.raises(FormatError, match="within 256 MiB"):
        parse_frame(HEAD + bomb)


@given(st.binary(max_size=200))
def test_random_bytes_are_a_frame_or_a_format_error(data: bytes) -> None:
    for frame in (data, HEAD + data):
        with contextlib.suppress(FormatError):
            parse_frame(frame)


@given(st.integers(0, len(FRAME) - 1), st.integers(0, 7))
def test_a_flipped_bit_changes_what_is_read_or_is_refused(at: int, bit: int) -> None:
    frame = bytearray(FRAME)
    frame[at] ^= 1 << bit
    try:
        read = parse_frame(bytes(frame))
    except FormatError:
        return
    # Without a checksum some flips decode to other bytes: their digests are what tells.
    assert read != (SALTS, BODY)


# --- bundles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 255, 256])
def test_a_bundle_reads_back(count: int) -> None:
    frames = [encode_frame(bytes([n]) * 16, b"%d" % n * n) for n in range(count)]
    raw = encode_bundle(frames)
    assert parse_bundle(raw) == frames == naive_vault.unbundled(raw)
    assert raw == naive_canon.bundle(frames)
    assert read_index(io.BytesIO(raw)).spans == Bundle(raw, len(raw)).spans
    assert len(naive_canon.index(frames)) <= Bundle.TAIL_BYTES


def test_a_bundle_is_a_stream_that_any_zstd_shows() -> None:
    raw = encode_bundle([FRAME, encode_frame(b"", b""), FRAME])
    with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as stream:
        assert stream.read() == BODY + BODY


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_of_none_or_too_many_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 256 frames"):
        encode_bundle([FRAME] * count)


RAW = encode_bundle([FRAME, FRAME])
INDEX = naive_canon.index([FRAME, FRAME])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HFPRIV01",
        RAW[:-1],
        RAW + b"\0",
        RAW[1:],
        b"\0" + RAW,
        RAW[: -len(INDEX)] + INDEX.replace(b"HFPRIV01", b"HFPRIV02"),
        RAW[: -len(INDEX)] + INDEX.replace(b"\x51\x2a", b"\x50\x2a"),
        RAW[: -len(INDEX)] + INDEX.replace(struct.pack("<I", 20), struct.pack("<I", 21), 1),
        RAW[: -len(INDEX)] + naive_canon.index([FRAME, FRAME, FRAME]),
        RAW[: -len(INDEX)] + naive_canon.index([FRAME]),
        RAW[: -len(INDEX)] + naive_canon.index([FRAME, FRAME[:-1]]),
        RAW[: -len(INDEX)] + INDEX[:-12] + struct.pack("<I", 0) + INDEX[-8:],
        RAW[: -len(INDEX)] + INDEX[:-12] + struct.pack("<I", 257) + INDEX[-8:],
        RAW[: -len(INDEX)] + INDEX[:-12] + struct.pack("<I", 2**32 - 1) + INDEX[-8:],
        naive_canon.index([]),
        naive_canon.index([b""] * 257),
    ],
)
def test_what_is_not_exactly_a_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_bundle(raw)
    with pytest.raises(FormatError):
        read_index(io.BytesIO(raw))


@given(st.binary(max_size=100))
def test_random_bytes_are_a_bundle_or_a_format_error(data: bytes) -> None:
    for raw in (data, data + b"HFPRIV01", RAW[:-30] + data):
        with contextlib.suppress(FormatError):
            parse_bundle(raw)


def test_a_private_bundle_has_the_number_of_its_entry_bundle() -> None:
    assert private_path(0) == "private/entries/000"
    assert private_path(1_234_067, 7) == "private/entries/x001/x234/067.p/7"
    assert Path(private_path(5)).name == "005"
