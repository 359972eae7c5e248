"""One record <-> one entry's bytes and its disclosures."""

from __future__ import annotations

import json
import os
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from holdfast.errors import FormatError, IntegrityError
from holdfast.model import UNITS

__all__ = [
    "ELEMENTS_MAX",
    "ENTRY_MAX_BYTES",
    "Disclosure",
    "Element",
    "Entry",
    "Opened",
    "Sealed",
    "digest_of",
    "encode_time",
    "open_body",
    "open_element",
    "parse_disclosure",
    "parse_entry",
    "parse_time",
    "seal",
    "seal_posts",
]

ENTRY_MAX_BYTES = 60_000
ELEMENTS_MAX = 128
SALT_BYTES = 16

_URLSAFE = bytes.maketrans(b"+/", b"-_")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_TYPE = re.compile(r"[a-z][a-z_]{0,31}", re.ASCII)
_UNIT_HEADS = tuple(b'"%s",' % name.encode() for name in UNITS)


def _b64(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(_URLSAFE).rstrip(b"=")


def digest_of(disclosure: bytes) -> bytes:
    """The 43 ASCII bytes that stand for a disclosure in its parent. Source: RFC 9901 section 4.2.3."""
    return b2a_base64(sha256(_b64(disclosure)).digest(), newline=False)[:43].translate(_URLSAFE)


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
        return int(datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise FormatError(f"not a calendar time: {text!r}") from error


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """An entry and what opens it: `salts` and `body` as in docs/format.md section 5."""

    entry: bytes
    salts: bytes
    body: bytes


def seal(kind: str, ts: str, units: Sequence[tuple[str, bytes]], *, random: Any = os.urandom) -> Sealed:
    """Seal one flat record. `units`: (name, value as compact JSON); every name once.

    Effects: draws 16 random bytes a unit. Errors: FormatError if the entry grows past its cap.
    """
    salts: bytes = random(SALT_BYTES * len(units))
    digests, lines = [], []
    for place, (name, value) in enumerate(units):
        line = b'"%s",%s]' % (name.encode("ascii"), value)
        digests.append(digest_of(b'["%s",%s' % (_b64(salts[place * 16 : place * 16 + 16]), line)))
        lines.append(line)
    digests.sort()
    entry = b'{"_sd":["%s"],"_sd_alg":"sha-256","t":"%s","ts":"%s","v":1}' % (
        b'","'.join(digests),
        kind.encode("ascii"),
        ts.encode("ascii"),
    )
    return _sealed(entry, salts, lines)


def seal_posts(
    ts: str, capture: bytes, posts: Sequence[Sequence[bytes]], *, random: Any = os.urandom
) -> Sealed:
    """Seal up to 128 posts. `capture`: its disclosure's value; `posts`: six JSON values each, in UNITS order.

    Effects: draws 16 random bytes for the entry's own disclosure and 7 x 16 for each post.
    """
    # One random draw, one base64 pass: this loop seals every post that Holdfast ever keeps.
    b64, tr, digest = b2a_base64, _URLSAFE, sha256
    if not 1 <= len(posts) <= ELEMENTS_MAX:
        raise FormatError(f"a posts entry holds 1 to {ELEMENTS_MAX} posts, not {len(posts)}")
    count = 1 + 7 * len(posts)
    salts: bytes = random(SALT_BYTES * count)
    # 16 bytes pad to 18 so that one base64 call yields aligned groups of 24 characters, 22 of them salt.
    padded = b"".join([salts[at : at + 16] + b"\0\0" for at in range(0, len(salts), 16)])
    texts = b64(padded, newline=False).translate(tr)
    line = b'"capture",%s]' % capture
    own = digest_of(b'["%s",%s' % (texts[:22], line))
    lines = [line]
    elements = []
    at = 24
    for units in posts:
        start = at
        at += 24
        lines.append(b"+")
        digests = []
        for head, value in zip(_UNIT_HEADS, units, strict=True):
            line = b"%s%s]" % (head, value)
            lines.append(line)
            text = b'["%s",%s' % (texts[at : at + 22], line)
            at += 24
            digests.append(
                b64(digest(b64(text, newline=False).translate(tr).rstrip(b"=")).digest(), newline=False)[
                    :43
                ].translate(tr)
            )
        digests.sort()
        text = b'["%s",{"_sd":["%s"]}]' % (texts[start : start + 22], b'","'.join(digests))
        elements.append(digest_of(text))
    entry = b'{"_sd":["%s"],"_sd_alg":"sha-256","posts":[{"...":"%s"}],"t":"posts","ts":"%s","v":1}' % (
        own,
        b'"},{"...":"'.join(elements),
        ts.encode("ascii"),
    )
    return _sealed(entry, salts, lines)


def _sealed(entry: bytes, salts: bytes, lines: list[bytes]) -> Sealed:
    if len(entry) > ENTRY_MAX_BYTES:
        raise FormatError(f"an entry of {len(entry)} bytes is over the cap of {ENTRY_MAX_BYTES}")
    lines.append(b"")
    return Sealed(entry, salts, b"\n".join(lines))


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A parsed entry. `digests` of its own disclosures, `elements` of its posts, each 43 ASCII bytes."""

    kind: str
    ts: str
    digests: tuple[bytes, ...]
    elements: tuple[bytes, ...]


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


def _digests(found: object, where: str) -> tuple[bytes, ...]:
    if not isinstance(found, list):
        raise FormatError(f"{where} is not a list")
    for each in found:
        if not (isinstance(each, str) and _DIGEST.fullmatch(each)):
            raise FormatError(f"{where} holds something that is no digest")
    return tuple(each.encode("ascii") for each in found)


def parse_entry(raw: bytes) -> Entry:
    """Read an entry strictly: exact keys, canonical bytes, no digest twice.

    Errors: FormatError. Source: docs/format.md section 2.
    """
    if len(raw) > ENTRY_MAX_BYTES:
        raise FormatError(f"an entry of {len(raw)} bytes is over the cap of {ENTRY_MAX_BYTES}")
    found = parse_json(raw)
    if not isinstance(found, dict):
        raise FormatError("an entry is not a JSON object")
    if found.get("v") != 1 or found["v"] is True:
        raise FormatError("an entry of another version")
    if found.get("_sd_alg") != "sha-256":
        raise FormatError("an entry with another digest algorithm than sha-256")
    kind, ts = found.get("t"), found.get("ts")
    if not (isinstance(kind, str) and _TYPE.fullmatch(kind)):
        raise FormatError("an entry without a type")
    if not isinstance(ts, str):
        raise FormatError("an entry without a time")
    parse_time(ts)
    keys = {"_sd", "_sd_alg", "t", "ts", "v"} | ({"posts"} if kind == "posts" else set())
    if found.keys() != keys:
        raise FormatError(f"an entry of type {kind} with other keys than it may have")
    digests = _digests(found["_sd"], "_sd")
    elements: tuple[bytes, ...] = ()
    if kind == "posts":
        posts = found["posts"]
        if not isinstance(posts, list) or not 1 <= len(posts) <= ELEMENTS_MAX:
            raise FormatError(f"a posts entry must hold 1 to {ELEMENTS_MAX} posts")
        if not all(isinstance(each, dict) and each.keys() == {"..."} for each in posts):
            raise FormatError("an element of posts is not a digest")
        elements = _digests([each["..."] for each in posts], "posts")
    if list(digests) != sorted(digests):
        raise FormatError("_sd is not sorted")
    if len({*digests, *elements}) != len(digests) + len(elements):
        raise FormatError("a digest is repeated in an entry")
    canonical = json.dumps(found, separators=(",", ":"), sort_keys=True, ensure_ascii=True)
    if canonical.encode("ascii") != raw:
        raise FormatError("an entry is not in canonical form")
    return Entry(kind, ts, digests, elements)


class Disclosure(msgspec.Struct, frozen=True, gc=False):
    """One opened disclosure: `text` is its exact JSON, `name` None for an element of an array."""

    text: bytes
    digest: bytes
    name: str | None

    @property
    def value(self) -> Any:
        """The disclosed value. Errors: FormatError if the text is not strict JSON of the right shape."""
        return parse_disclosure(self.text)[2]

    @property
    def encoded(self) -> str:
        """The disclosure as RFC 9901 writes it: base64url of its text."""
        return _b64(self.text).decode("ascii")

    def raw_value(self) -> bytes:
        """The value's own bytes, without parsing. Shapes: `["<22 chars>",<name>,<value>]`."""
        if self.name is None:
            return self.text[26:-1]
        return self.text[self.text.index(b",", 26) + 1 : -1]


def parse_disclosure(text: bytes) -> tuple[str, str | None, Any]:
    """(salt, name, value), name None for an array element. Errors: FormatError. Source: RFC 9901 section 4.2."""
    found = parse_json(text)
    if not isinstance(found, list) or len(found) not in (2, 3):
        raise FormatError("a disclosure is not an array of two or three")
    salt, name = found[0], found[1] if len(found) == 3 else None
    if not isinstance(salt, str) or (len(found) == 3 and not isinstance(name, str)):
        raise FormatError("a disclosure's salt or name is not a string")
    if name in ("_sd", "..."):
        raise FormatError("a disclosure has a forbidden name")
    return salt, name, found[-1]


class Element(msgspec.Struct, frozen=True, gc=False):
    """One post of a `posts` entry: what is held of it, and the digests of what is not.

    `own` is None where the element itself is not held (then nothing of the post is).
    """

    own: Disclosure | None
    units: tuple[Disclosure, ...]
    missing: tuple[bytes, ...]


class Opened(msgspec.Struct, frozen=True, gc=False):
    """What opens an entry, every digest checked against it.

    `missing` are the entry's own digests that nothing here opens: withheld or erased.
    """

    disclosures: tuple[Disclosure, ...]
    elements: tuple[Element, ...]
    missing: tuple[bytes, ...]

    def value(self, name: str) -> Any:
        """The value of the entry's own disclosure `name`, or None if it is not held."""
        for each in self.disclosures:
            if each.name == name:
                return each.value
        return None


def open_body(entry: Entry, salts: bytes, body: bytes) -> Opened:
    """Open an entry with its salts and body, checking every digest.

    Errors: FormatError if the bytes break the grammar; IntegrityError if something opens to a
    digest that the entry does not hold, or twice to one. Source: docs/format.md section 5.
    """
    if body and not body.endswith(b"\n"):
        raise FormatError("a private body does not end with a line feed")
    if len(salts) % SALT_BYTES:
        raise FormatError("salts are not whole")
    texts = b2a_base64(
        b"".join([salts[at : at + 16] + b"\0\0" for at in range(0, len(salts), 16)]), newline=False
    ).translate(_URLSAFE)
    lines = body.split(b"\n")
    lines.pop()
    own: list[Disclosure] = []
    elements: list[Element] = []
    wanted = set(entry.digests)
    at, place, total = 0, 0, len(lines)
    b64, tr, digest_ = b2a_base64, _URLSAFE, sha256

    def unit(line: bytes) -> Disclosure:
        text = b'["%s",%s' % (texts[at : at + 22], line)
        digest = b64(digest_(b64(text, newline=False).translate(tr).rstrip(b"=")).digest(), newline=False)[
            :43
        ].translate(tr)
        return Disclosure(text, digest, line[1 : line.index(b'"', 1)].decode("ascii"))

    try:
        while place < total and lines[place][:1] == b'"':
            each = unit(lines[place])
            if each.digest not in wanted:
                raise IntegrityError(f"disclosure {each.name!r} does not belong to its entry")
            wanted.discard(each.digest)
            own.append(each)
            at += 24
            place += 1
        for element in entry.elements if body else ():
            if place >= total:
                raise FormatError("a private body ends before its entry's posts do")
            line = lines[place]
            place += 1
            if line == b"-":
                elements.append(Element(None, (), (element,)))
                continue
            if line[:1] != b"+" or (len(line) - 1) % 43:
                raise FormatError("a line of a private body is neither disclosure nor element")
            missing = tuple(line[cut : cut + 43] for cut in range(1, len(line), 43))
            head = texts[at : at + 22]
            at += 24
            units = []
            while place < total and lines[place][:1] == b'"':
                units.append(unit(lines[place]))
                at += 24
                place += 1
            digests = sorted([*(each.digest for each in units), *missing])
            text = b'["%s",{"_sd":["%s"]}]' % (head, b'","'.join(digests))
            own_digest = digest_of(text)
            if own_digest != element:
                raise IntegrityError(f"post {len(elements)} of the entry does not open to its digest")
            elements.append(Element(Disclosure(text, own_digest, None), tuple(units), missing))
    except (ValueError, UnicodeError) as error:
        raise FormatError("a line of a private body has no name") from error
    if place != total:
        raise FormatError("a private body goes on after its entry's last post")
    if at != len(texts):
        raise FormatError("a private body has more or fewer salts than disclosures")
    if not body:
        elements = [Element(None, (), (element,)) for element in entry.elements]
    return Opened(tuple(own), tuple(elements), tuple(sorted(wanted)))


def open_element(entry: Entry, salts: bytes, body: bytes, place: int) -> Element:
    """Open one post of a `posts` entry alone, its digest checked. Errors: as open_body; FormatError if there is none.

    The quick way to one post: the others' digests are not computed.
    """
    if not 0 <= place < len(entry.elements):
        raise FormatError(f"the entry holds {len(entry.elements)} posts, not one at {place}")
    lines = body.split(b"\n")
    at = salt = 0
    while at < len(lines) and lines[at][:1] == b'"':
        at, salt = at + 1, salt + 1
    for _ in range(place):
        salt += lines[at : at + 1] != [b"-"]
        at += 1
        while at < len(lines) and lines[at][:1] == b'"':
            at, salt = at + 1, salt + 1
    end = at + 1
    while end < len(lines) and lines[end][:1] == b'"':
        end += 1
    if at >= len(lines) - 1:
        if body:
            raise FormatError("a private body ends before its entry's posts do")
        return Element(None, (), (entry.elements[place],))
    held = end - at - (lines[at] == b"-")
    one = Entry(entry.kind, entry.ts, (), (entry.elements[place],))
    part = b"\n".join([*lines[at:end], b""])
    return open_body(one, salts[salt * SALT_BYTES : (salt + held) * SALT_BYTES], part).elements[0]


def parse_salt(text: str) -> bytes:
    """The 16 bytes of a salt written as 22 characters of base64url. Errors: FormatError."""
    try:
        raw = a2b_base64(text.translate(str.maketrans("-_", "+/")) + "==", strict_mode=True)
    except ValueError as error:
        raise FormatError("a salt is not base64url") from error
    if len(raw) != SALT_BYTES or _b64(raw).decode() != text:
        raise FormatError("a salt is not 16 bytes of canonical base64url")
    return raw
