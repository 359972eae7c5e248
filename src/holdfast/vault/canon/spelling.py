"""How a sealed record is spelled: base64url, salts, digests, times, and strict JSON; pure."""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from holdfast.errors import FormatError
from holdfast.model import UNITS

SALT_BYTES = 16
DIGEST_CHARS = 43

URLSAFE = bytes.maketrans(b"+/", b"-_")
NAME = re.compile(r"[ !#-\[\]-~]{1,32}", re.ASCII)
"""Names of disclosures: they read the same with and without a JSON parser."""
FILL = (b"", b"\0\0", b"\0")
"""What makes a text a whole number of base64's groups, by its length modulo 3."""
UNIT_HEADS = tuple(b'"%s",' % name.encode() for name in UNITS)
ELEMENT = b'["%b",{"_sd":["%b"]}]'
"""The disclosure of a post: its salt, and its units' digests in order."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def base64url(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(URLSAFE).rstrip(b"=")


def digest_of(disclosure: bytes) -> bytes:
    """The 43 ASCII bytes that stand for a disclosure in its parent. Source: RFC 9901 section 4.2.3."""
    return b2a_base64(sha256(base64url(disclosure)).digest(), newline=False)[:DIGEST_CHARS].translate(URLSAFE)


def digests_of(filled: bytes, sizes: Iterable[int]) -> list[bytes]:
    """`digest_of` many texts with two calls of base64. Shapes: the texts of `sizes` back to back in `filled`,
    each followed by its FILL: zeros are what base64 puts behind the last byte anyway, so cutting the
    characters that they add leaves the text's own.
    """
    digest = sha256
    encoded = b2a_base64(filled, newline=False).translate(URLSAFE)
    at, raw = 0, []
    for size in sizes:
        raw.append(digest(encoded[at : at + (4 * size + 2) // 3]).digest())
        at += (size + 2) // 3 * 4
    raw.append(b"")
    digests = b2a_base64(b"\0".join(raw), newline=False).translate(URLSAFE)
    return [digests[at : at + DIGEST_CHARS] for at in range(0, len(digests), DIGEST_CHARS + 1)]


def digests_of_all(texts: list[bytes]) -> list[bytes]:
    return digests_of(b"".join([text + FILL[len(text) % 3] for text in texts]), map(len, texts))


def spell_salts(salts: bytes) -> list[bytes]:
    """Each salt of 16 bytes as its 22 characters."""
    count = len(salts) // SALT_BYTES
    # Filled to 18 bytes, so that one base64 call yields groups of 24 characters, 22 of them salt.
    filled = bytearray(18 * count)
    for place in range(SALT_BYTES):
        filled[place::18] = salts[place::SALT_BYTES]
    text = b2a_base64(filled, newline=False).translate(URLSAFE)
    return [text[at : at + 22] for at in range(0, 24 * count, 24)]


def encode_time(unix_s: int) -> str:
    """Units: whole seconds since 1970 UTC, inside years 1 to 9999. Errors: FormatError outside them."""
    try:
        return datetime.fromtimestamp(unix_s, UTC).replace(tzinfo=None).isoformat() + "Z"
    except (ValueError, OverflowError, OSError) as error:
        raise FormatError(f"no calendar time: {unix_s} seconds") from error


def parse_time(text: str) -> int:
    """Inverse of encode_time, strict: exactly 20 characters, a real date."""
    if not _TIME.fullmatch(text):
        raise FormatError(f"not a time in UTC: {text[:32]!r}")
    try:
        found = datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise FormatError(f"not a calendar time: {text!r}") from error
    if found.isoformat()[:19] != text[:-1]:  # newer Pythons read 24:00:00 as the next day's midnight
        raise FormatError(f"not a calendar time: {text!r}")
    return int(found.timestamp())


def parse_salt(text: str) -> bytes:
    """The 16 bytes of a salt written as 22 characters of base64url. Errors: FormatError."""
    try:
        raw = a2b_base64(text.translate(str.maketrans("-_", "+/")) + "==", strict_mode=True)
    except ValueError as error:
        raise FormatError("a salt is not base64url") from error
    if len(raw) != SALT_BYTES or base64url(raw).decode() != text:
        raise FormatError("a salt is not 16 bytes of canonical base64url")
    return raw


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormatError("a key is repeated in a JSON object")
    return found


def _no_float(_text: str) -> Any:
    raise FormatError("a float where the format allows none")


def parse_json(raw: bytes) -> Any:
    """JSON as sealed records hold it: UTF-8, no repeated key, no float. Errors: FormatError."""
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_no_repeats,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not JSON: {type(error).__name__}") from error
