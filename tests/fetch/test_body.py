"""Bodies without their content coding: whole, broken off, and bombs."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError
from holdfast.fetch import decode_body

TEXT = b"a channel's page, " * 400


def bare(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


@pytest.mark.parametrize(
    ("raw", "codings"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT, mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0), " X-GZIP "),
        (zlib.compress(TEXT), "deflate"),
        (bare(TEXT), "deflate"),
        (zlib.compress(gzip.compress(TEXT, mtime=0)), "gzip, deflate"),
        (gzip.compress(TEXT[:99], mtime=0) + gzip.compress(TEXT[99:], mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"\0\0padding", "gzip"),
    ],
)
def test_a_body_comes_out_of_its_codings(raw: bytes, codings: str) -> None:
    assert decode_body(raw, codings) == TEXT


@pytest.mark.parametrize("codings", ["gzip", "deflate", "gzip, gzip"])
def test_no_bytes_are_an_empty_body_in_any_coding(codings: str) -> None:
    assert decode_body(b"", codings) == b""


@pytest.mark.parametrize(
    ("raw", "codings", "words"),
    [
        (TEXT, "br", "not read here"),
        (TEXT, "gzip", "does not decompress"),
        (gzip.compress(TEXT, mtime=0)[:-9], "gzip", "ends early"),
        (b"x", "gzip,gzip,gzip,gzip", "4 times"),
        (gzip.compress(b"", mtime=0) * 65, "gzip", "more than 64 members"),
        (b"\xff\xff\xff", "deflate", "does not decompress"),
    ],
)
def test_what_is_no_body_of_its_coding_is_named(raw: bytes, codings: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        decode_body(raw, codings)


def test_a_bomb_is_given_up_at_the_agreed_size() -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    with pytest.raises(FormatError, match="grows beyond 1000000 bytes"):
        decode_body(bomb, "gzip", max_bytes=1_000_000)
    with pytest.raises(FormatError, match="grows beyond 1000000 bytes"):
        decode_body(gzip.compress(bomb), "gzip, gzip", max_bytes=1_000_000)
    assert len(decode_body(gzip.compress(b"\0" * 1_000_000), "gzip", max_bytes=1_000_000)) == 1_000_000
    with pytest.raises(FormatError, match="larger than 10 bytes"):
        decode_body(b"x" * 11, "", max_bytes=10)


@given(st.binary(max_size=2000), st.integers(0, 2000), st.sampled_from(["gzip", "deflate"]))
def test_of_a_broken_off_body_what_came_can_be_read(data: bytes, at: int, coding: str) -> None:
    raw = gzip.compress(data) if coding == "gzip" else zlib.compress(data)
    assert data.startswith(decode_body(raw[:at], coding, cut=True) if at >= 2 or coding == "gzip" else b"")


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "deflate,gzip", "br", "\xff,"]))
def test_any_bytes_are_a_body_or_a_format_error(raw: bytes, codings: str) -> None:
    with contextlib.suppress(FormatError):
        assert len(decode_body(raw, codings, max_bytes=10_000)) <= 10_000
