"""Opens entries with what is held of them, every digest checked."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import msgspec

from holdfast.errors import FormatError, IntegrityError
from holdfast.model import UNITS
from holdfast.vault.canon.entry import Entry
from holdfast.vault.canon.spelling import (
    DIGEST_CHARS,
    ELEMENT,
    NAME,
    SALT_BYTES,
    UNIT_HEADS,
    base64url,
    digests_of_all,
    parse_json,
    spell_salts,
)

_DIGEST = re.compile(rb"[A-Za-z0-9_-]{43}")
_HEADS = re.compile(rb'\n(?=[^"])')
"""Before lines that are no disclosures: the heads of posts."""
_UNIT_NAMES = dict(zip(UNIT_HEADS, UNITS, strict=True))


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
        return base64url(self.text).decode("ascii")

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
    spelled = spell_salts(salts)
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
    units = [*map(Disclosure, texts, digests_of_all(texts), names)]
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
            heads.append(ELEMENT % (spelled[post[0]], b'","'.join(digests)))
    found = [*zip(heads, digests_of_all(heads), groups, strict=True)]
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
    if not body.endswith(b"\n"):
        raise FormatError("a private body does not end with a line feed")
    heads = [] if body.startswith(b'"') else [0]
    heads += [found.end() for found in islice(_HEADS.finditer(body), place + 2)]
    heads.append(len(body))  # where the last post ends
    if len(heads) < place + 2:
        raise FormatError("a private body ends before its entry's posts do")
    start, end = heads[place], heads[place + 1]
    part = body[start:end]
    salt = body.count(b"\n", 0, start) - sum(body.startswith(b"-\n", at) for at in heads[:place])
    held = part.count(b"\n") - part.startswith(b"-\n")
    one = Entry(entry.kind, entry.ts, (), (entry.elements[place],))
    return open_body(one, salts[salt * SALT_BYTES : (salt + held) * SALT_BYTES], part).elements[0]


def _lines(body: bytes) -> list[bytes]:
    lines = body.split(b"\n")
    if lines.pop():
        raise FormatError("a private body does not end with a line feed")
    return lines


def _name(line: bytes, end: int) -> str:
    """The name of a disclosure's line, which ends before `end`."""
    name = line[1:end].decode("ascii", "replace")
    if end < 0 or not NAME.fullmatch(name):
        raise FormatError("a line of a private body has no name")
    return name


def _not_held(line: bytes) -> tuple[bytes, ...]:
    """The digests on the line that opens a post."""
    if (len(line) - 1) % DIGEST_CHARS:
        raise FormatError("a line of a private body holds half a digest")
    digests = tuple(line[at : at + DIGEST_CHARS] for at in range(1, len(line), DIGEST_CHARS))
    if not all(map(_DIGEST.fullmatch, digests)):
        raise FormatError("a line of a private body holds something that is no digest")
    return digests
