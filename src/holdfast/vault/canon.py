"""One record <-> one entry's bytes and its disclosures."""

from __future__ import annotations

import json
import os
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Sequence
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
    "entry_time",
    "open_body",
    "open_element",
    "parse_disclosure",
    "parse_entry",
    "parse_json",
    "parse_salt",
    "parse_time",
    "seal",
    "seal_posts",
]

ENTRY_MAX_BYTES = 60_000
ELEMENTS_MAX = 128
SALT_BYTES = 16
DIGEST_CHARS = 43

_URLSAFE = bytes.maketrans(b"+/", b"-_")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_TYPE = re.compile(r"[a-z][a-z_]{0,31}", re.ASCII)
_NAME = re.compile(r"[ !#-\[\]-~]{1,32}", re.ASCII)
"""Names of disclosures: they read the same with and without a JSON parser."""
_FILL = (b"", b"\0\0", b"\0")
"""What makes a text a whole number of base64's groups, by its length modulo 3."""
_UNIT_HEADS = tuple(b'"%s",' % name.encode() for name in UNITS)
_UNIT_LINES = b"+\n" + b"".join(head + b"%b]\n" for head in _UNIT_HEADS)
_UNIT_TEXTS = b"".join(b'["%b",' + head + b"%b]%b" for head in _UNIT_HEADS)
_UNIT_SIZES = tuple(len(b'["",]') + 22 + len(head) for head in _UNIT_HEADS)
_ELEMENT = b'["%b",{"_sd":["%b"]}]'
_UNIT_NAMES = dict(zip(_UNIT_HEADS, UNITS, strict=True))


def _b64(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(_URLSAFE).rstrip(b"=")


def digest_of(disclosure: bytes) -> bytes:
    """The 43 ASCII bytes that stand for a disclosure in its parent. Source: RFC 9901 section 4.2.3."""
    return b2a_base64(sha256(_b64(disclosure)).digest(), newline=False)[:DIGEST_CHARS].translate(_URLSAFE)


def _digests_of(filled: bytes, sizes: Iterable[int]) -> list[bytes]:
    """`digest_of` many texts with two calls of base64. Shapes: the texts of `sizes` back to back in `filled`,
    each followed by its _FILL: zeros are what base64 puts behind the last byte anyway, so cutting the
    characters that they add leaves the text's own.
    """
    digest = sha256
    encoded = b2a_base64(filled, newline=False).translate(_URLSAFE)
    at, raw = 0, []
    for size in sizes:
        raw.append(digest(encoded[at : at + (4 * size + 2) // 3]).digest())
        at += (size + 2) // 3 * 4
    raw.append(b"")
    digests = b2a_base64(b"\0".join(raw), newline=False).translate(_URLSAFE)
    return [digests[at : at + DIGEST_CHARS] for at in range(0, len(digests), DIGEST_CHARS + 1)]


def _digests_of_all(texts: list[bytes]) -> list[bytes]:
    return _digests_of(b"".join([text + _FILL[len(text) % 3] for text in texts]), map(len, texts))


def _spell_salts(salts: bytes) -> list[bytes]:
    """Each salt of 16 bytes as its 22 characters."""
    count = len(salts) // SALT_BYTES
    # Filled to 18 bytes, so that one base64 call yields groups of 24 characters, 22 of them salt.
    filled = bytearray(18 * count)
    for place in range(SALT_BYTES):
        filled[place::18] = salts[place::SALT_BYTES]
    text = b2a_base64(filled, newline=False).translate(_URLSAFE)
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


def entry_time(entry: bytes) -> int:
    """The time of entry bytes that were sealed here, without parsing them: their closing bytes are fixed.

    Units: seconds since 1970. Errors: FormatError if they do not look like an entry.
    """
    if len(entry) > ENTRY_MAX_BYTES or not entry.startswith(b'{"_sd":[') or not entry.endswith(b'","v":1}'):
        raise FormatError("what is to be appended is no entry")
    return parse_time(entry[-28:-8].decode("ascii", "replace"))


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """An entry and what opens it: `salts` and `body` as in docs/format.md section 5."""

    entry: bytes
    salts: bytes
    body: bytes


def seal(kind: str, ts: str, units: Sequence[tuple[str, bytes]], *, random: Any = os.urandom) -> Sealed:
    """Seal one flat record. `units`: (name, value as compact JSON); every name once.

    Effects: draws 16 random bytes a unit. Errors: FormatError for a name that cannot stand in a body, a value
    with a line feed, an entry past its cap.
    """
    if not units or not all(_NAME.fullmatch(name) for name, _ in units):
        raise FormatError("an entry needs disclosures, each with a name in plain ASCII")
    salts: bytes = random(SALT_BYTES * len(units))
    lines = [b'"%b",%b]' % (name.encode("ascii"), value) for name, value in units]
    texts = [b'["%b",%b' % pair for pair in zip(_spell_salts(salts), lines, strict=True)]
    entry = b'{"_sd":["%b"],"_sd_alg":"sha-256","t":"%b","ts":"%b","v":1}' % (
        b'","'.join(sorted(_digests_of_all(texts))),
        kind.encode("ascii"),
        ts.encode("ascii"),
    )
    return _sealed(entry, salts, b"\n".join([*lines, b""]), len(lines))


def seal_posts(
    ts: str, capture: bytes, posts: Sequence[Sequence[bytes]], *, random: Any = os.urandom
) -> Sealed:
    """Seal up to 128 posts. `capture`: its disclosure's value; `posts`: six JSON values each, in UNITS order.

    Effects: draws 16 random bytes for the entry's own disclosure and 7 x 16 for each post. Errors: as `seal`.
    """
    # One random draw, four base64 passes: this loop seals every post that Holdfast ever keeps.
    if not 1 <= len(posts) <= ELEMENTS_MAX:
        raise FormatError(f"a posts entry holds 1 to {ELEMENTS_MAX} posts, not {len(posts)}")
    salts: bytes = random(SALT_BYTES * (1 + 7 * len(posts)))
    spelled = _spell_salts(salts)
    size0, size1, size2, size3, size4, size5 = _UNIT_SIZES
    fill, lines, texts = _FILL, _UNIT_LINES, _UNIT_TEXTS
    body, filled = [b'"capture",%b]\n' % capture], []
    sizes: list[int] = []
    at = 1
    for post, author, text, media, metrics, raw in posts:
        body.append(lines % (post, author, text, media, metrics, raw))
        in_post, in_author, in_text = size0 + len(post), size1 + len(author), size2 + len(text)
        in_media, in_metrics, in_raw = size3 + len(media), size4 + len(metrics), size5 + len(raw)
        sizes += (in_post, in_author, in_text, in_media, in_metrics, in_raw)
        filled.append(texts % (
            spelled[at + 1], post, fill[in_post % 3],
            spelled[at + 2], author, fill[in_author % 3],
            spelled[at + 3], text, fill[in_text % 3],
            spelled[at + 4], media, fill[in_media % 3],
            spelled[at + 5], metrics, fill[in_metrics % 3],
            spelled[at + 6], raw, fill[in_raw % 3],
        ))  # fmt: skip
        at += 7
    units = _digests_of(b"".join(filled), sizes)
    groups = [sorted(units[at : at + 6]) for at in range(0, len(units), 6)]
    elements = _digests_of_all(
        [_ELEMENT % (salt, b'","'.join(group)) for salt, group in zip(spelled[1::7], groups, strict=True)]
    )
    entry = b'{"_sd":["%b"],"_sd_alg":"sha-256","posts":[{"...":"%b"}],"t":"posts","ts":"%b","v":1}' % (
        digest_of(b'["%b",%b' % (spelled[0], body[0][:-1])),
        b'"},{"...":"'.join(elements),
        ts.encode("ascii"),
    )
    return _sealed(entry, salts, b"".join(body), 1 + 7 * len(posts))


def _sealed(entry: bytes, salts: bytes, body: bytes, lines: int) -> Sealed:
    if len(entry) > ENTRY_MAX_BYTES:
        raise FormatError(f"an entry of {len(entry)} bytes is over the cap of {ENTRY_MAX_BYTES}")
    if body.count(b"\n") != lines:
        raise FormatError("a value to be sealed holds a line feed: it is not compact JSON")
    return Sealed(entry, salts, body)


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
        return self.text[26 if self.name is None else 29 + len(self.name) : -1]


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
    lines = _lines(body)
    if len(salts) != SALT_BYTES * (len(lines) - lines.count(b"-")):
        raise FormatError("a private body has more or fewer salts than disclosures")
    spelled = _spell_salts(salts)
    # 1. The grammar: units in order, and where each post begins: (its salt, its first unit, digests not held).
    texts: list[bytes] = []
    names: list[str] = []
    posts: list[tuple[int, int, tuple[bytes, ...]] | None] = []
    salt, own = 0, -1
    for line in lines:
        mark = line[:1]
        if mark == b'"':
            if posts and posts[-1] is None:
                raise FormatError("a private body discloses a part of a post that it does not hold")
            end = line.find(b'",', 1, 40)
            names.append(_UNIT_NAMES.get(line[: end + 2]) or _name(line, end))
            texts.append(b'["%b",%b' % (spelled[salt], line))
            salt += 1
            continue
        own = len(texts) if own < 0 else own
        if mark == b"+":
            posts.append((salt, len(texts), _not_held(line)))
            salt += 1
        elif line == b"-":
            posts.append(None)
        else:
            raise FormatError("a line of a private body is neither disclosure nor element")
    if body and len(posts) != len(entry.elements):
        raise FormatError(f"a private body speaks of {len(posts)} posts, its entry of {len(entry.elements)}")
    # 2. The entry's own disclosures.
    units = [*map(Disclosure, texts, _digests_of_all(texts), names)]
    opened = units[:own] if posts else units
    wanted = set(entry.digests)
    for each in opened:
        if each.digest not in wanted:
            raise IntegrityError(f"disclosure {each.name!r} does not belong to its entry")
        wanted.discard(each.digest)
    # 3. Its posts: a post's own disclosure follows from its units and from the digests that are not held.
    groups: list[tuple[Disclosure, ...]] = []
    heads: list[bytes] = []
    end = len(units)
    for post in reversed(posts):
        if post is not None:
            groups.append(tuple(units[post[1] : end]))
            end = post[1]
            digests = sorted([*[each.digest for each in groups[-1]], *post[2]])
            heads.append(_ELEMENT % (spelled[post[0]], b'","'.join(digests)))
    found = [*zip(heads, _digests_of_all(heads), groups, strict=True)]
    elements: list[Element] = []
    for element, post in zip(entry.elements, posts or [None] * len(entry.elements), strict=True):
        if post is None:
            elements.append(Element(None, (), (element,)))
            continue
        text, digest, group = found.pop()  # gathered from the last post to the first
        if digest != element:
            raise IntegrityError(f"post {len(elements)} of the entry does not open to its digest")
        elements.append(Element(Disclosure(text, digest, None), group, post[2]))
    return Opened(tuple(opened), tuple(elements), tuple(sorted(wanted)))


def open_element(entry: Entry, salts: bytes, body: bytes, place: int) -> Element:
    """Open one post of a `posts` entry alone, its digest checked. Errors: as open_body; FormatError if there is none.

    The quick way to one post: the others' lines are counted and not looked at.
    """
    if not 0 <= place < len(entry.elements):
        raise FormatError(f"the entry holds {len(entry.elements)} posts, not one at {place}")
    if not body:
        return Element(None, (), (entry.elements[place],))
    lines = _lines(body)
    starts = [at for at, line in enumerate(lines) if line[:1] != b'"']
    if place >= len(starts):
        raise FormatError("a private body ends before its entry's posts do")
    start, end = starts[place], starts[place + 1] if place + 1 < len(starts) else len(lines)
    salt = start - sum(lines[at] == b"-" for at in starts[:place])
    held = end - start - (lines[start] == b"-")
    one = Entry(entry.kind, entry.ts, (), (entry.elements[place],))
    part = b"\n".join([*lines[start:end], b""])
    return open_body(one, salts[salt * SALT_BYTES : (salt + held) * SALT_BYTES], part).elements[0]


def _lines(body: bytes) -> list[bytes]:
    lines = body.split(b"\n")
    if lines.pop():
        raise FormatError("a private body does not end with a line feed")
    return lines


def _name(line: bytes, end: int) -> str:
    """The name of a disclosure's line, which ends before `end`."""
    name = line[1:end].decode("ascii", "replace")
    if end < 0 or not _NAME.fullmatch(name):
        raise FormatError("a line of a private body has no name")
    return name


def _not_held(line: bytes) -> tuple[bytes, ...]:
    """The digests on the line that opens a post."""
    if (len(line) - 1) % DIGEST_CHARS:
        raise FormatError("a line of a private body holds half a digest")
    digests = tuple(line[at : at + DIGEST_CHARS] for at in range(1, len(line), DIGEST_CHARS))
    if not all(_DIGEST.fullmatch(each.decode("ascii", "replace")) for each in digests):
        raise FormatError("a line of a private body holds something that is no digest")
    return digests


def parse_salt(text: str) -> bytes:
    """The 16 bytes of a salt written as 22 characters of base64url. Errors: FormatError."""
    try:
        raw = a2b_base64(text.translate(str.maketrans("-_", "+/")) + "==", strict_mode=True)
    except ValueError as error:
        raise FormatError("a salt is not base64url") from error
    if len(raw) != SALT_BYTES or _b64(raw).decode() != text:
        raise FormatError("a salt is not 16 bytes of canonical base64url")
    return raw
