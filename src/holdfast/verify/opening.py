"""Opens an entry with its private body, every digest and every value checked; pure.

`vault.canon.open_body` reads the same format to hand out disclosures; this only wants to know whether they hold, for
every post there is. So it is written a second time, as a plain loop, and a test holds the two to each other.
"""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import sha256
from typing import Any

import msgspec

from holdfast.errors import FormatError, IntegrityError
from holdfast.vault.canon import Entry, parse_disclosure

__all__ = ["NO_POST", "Object", "Unit", "UnitValues", "open_entry", "strict_values"]

SALT_BYTES = 16
DIGEST_CHARS = 43
_URLSAFE = bytes.maketrans(b"+/", b"-_")
_FORBIDDEN = frozenset({"_sd", "..."})


def _no_float(_text: str) -> Any:
    raise ValueError("a float where the format allows none")


_decoder = msgspec.json.Decoder(tuple[str, Any], float_hook=_no_float)
_encoder = msgspec.json.Encoder()

Unit = tuple[str, Any]
"""Name and value of a disclosure."""

NO_POST = -1
"""The post of what belongs to an entry as a whole."""


class Object(msgspec.Struct, frozen=True, gc=False):
    """The entry itself (`number` is NO_POST) or one of its posts, with its units in the body: `first` to `end - 1`."""

    number: int
    first: int
    end: int


class UnitValues(msgspec.Struct, frozen=True, gc=False):
    """A body whose digests all hold.

    `lines`: its units as stored, `<name>,<value>]`; `missing`: (post, digest) of what is not held; `digests`: all that
    occur in the entry and in what is held of it.
    """

    lines: list[bytes]
    objects: list[Object]
    missing: list[tuple[int, bytes]]
    digests: list[bytes]


def open_entry(entry: Entry, salts: bytes, body: bytes) -> UnitValues:
    """Check every digest of a private body.

    Errors: FormatError if the bytes break the grammar; IntegrityError if something opens to a digest that the entry
    does not hold, or two things to one. Source: docs/format.md section 5.
    """
    if body and not body.endswith(b"\n"):
        raise FormatError("a private body does not end with a line feed")
    lines = body.split(b"\n")
    lines.pop()
    units = [line for line in lines if line[:1] == b'"']
    shown = len([line for line in lines if line[:1] == b"+"])
    if len(salts) != SALT_BYTES * (len(units) + shown):
        raise FormatError("a private body has more or fewer salts than disclosures")
    # 16 bytes pad to 18, so that one call yields aligned groups of 24 characters, 22 of them a salt.
    texts = b2a_base64(
        b"".join([salts[at : at + 16] + b"\0\0" for at in range(0, len(salts), 16)]), newline=False
    ).translate(_URLSAFE)
    b64, tr, digest_of, end = b2a_base64, _URLSAFE, sha256, len(lines)
    place = at = unit = 0
    digests: list[bytes] = [*entry.digests, *entry.elements]
    missing: list[tuple[int, bytes]] = []
    objects: list[Object] = []

    # 1. The entry's own disclosures.
    wanted = set(entry.digests)
    while place < end and lines[place][:1] == b'"':
        text = (
            b64(b'["%s",%s' % (texts[at : at + 22], lines[place]), newline=False).translate(tr).rstrip(b"=")
        )
        digest = b64(digest_of(text).digest(), newline=False).translate(tr)[:43]
        if digest not in wanted:
            raise IntegrityError(f"disclosure {place} does not belong to its entry")
        wanted.discard(digest)
        place += 1
        at += 24
    unit = place
    objects.append(Object(NO_POST, 0, unit))
    missing += [(NO_POST, digest) for digest in sorted(wanted)]

    # 2. Its elements, each closed over its units and over what is not held of it.
    for number, element in enumerate(entry.elements):
        if place >= end:
            if body:
                raise FormatError("a private body ends before its entry's posts do")
            missing.append((number, element))
            continue
        mark = lines[place]
        place += 1
        if mark == b"-":
            missing.append((number, element))
            continue
        if mark[:1] != b"+" or (len(mark) - 1) % DIGEST_CHARS:
            raise FormatError("a line of a private body is neither disclosure nor element")
        found = [mark[cut : cut + DIGEST_CHARS] for cut in range(1, len(mark), DIGEST_CHARS)]
        missing += [(number, digest) for digest in found]
        head = texts[at : at + 22]
        at += 24
        first = unit
        hashes = []
        while place < end and lines[place][:1] == b'"':
            text = (
                b64(b'["%s",%s' % (texts[at : at + 22], lines[place]), newline=False)
                .translate(tr)
                .rstrip(b"=")
            )
            hashes.append(digest_of(text).digest())
            place += 1
            at += 24
        unit += len(hashes)
        # 32 bytes and a zero are 44 characters, 43 of them the digest: one call for all units.
        spelled = b64(b"\0".join([*hashes, b""]), newline=False).translate(tr)
        found += [spelled[cut : cut + DIGEST_CHARS] for cut in range(0, len(spelled), DIGEST_CHARS + 1)]
        found.sort()
        digests += found
        text = b64(b'["%s",{"_sd":["%s"]}]' % (head, b'","'.join(found)), newline=False)
        text = text.translate(tr).rstrip(b"=")
        if b64(digest_of(text).digest(), newline=False).translate(tr)[:43] != element:
            raise IntegrityError(f"post {number} does not open to its digest")
        objects.append(Object(number, first, unit))
    if place != end:
        raise FormatError("a private body goes on after its entry's last post")
    return UnitValues(units, objects, missing, digests)


def strict_values(lines: list[bytes]) -> list[Unit | FormatError]:
    """Name and value of each unit, or why it is none: no repeated key, no float, no forbidden name.

    Shapes: `lines` as stored, `<name>,<value>]`.
    """
    if not lines:
        return []
    text = b"[" + b"\n[".join(lines) + b"\n"
    try:
        values = _decoder.decode_lines(text)
        # What encodes to the same bytes held no key twice (a decoder keeps one of them), and one value a line.
        if _encoder.encode_lines(values) == text and _FORBIDDEN.isdisjoint([name for name, _ in values]):
            return list(values)
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError):
        pass  # lone surrogates, other spellings, depth: the strict reader has the last word, line by line
    return [_strict(line) for line in lines]


def _strict(line: bytes) -> Unit | FormatError:
    try:
        _, name, value = parse_disclosure(b'["",' + line)
    except FormatError as error:
        return error
    return FormatError("a disclosure has no name") if name is None else (name, value)
