"""Resolves disclosures that are shown one by one against the entry they should belong to; pure.

As RFC 9901 section 7 has it: every disclosure must stand behind exactly one digest, of the entry or of an
element that is itself shown; none may be left over, and no digest may occur twice.
"""

from __future__ import annotations

import binascii
from typing import Any

from holdfast.errors import FormatError
from holdfast.vault.canon import Entry, digest_of, parse_disclosure, parse_salt
from holdfast.verify.disclosures import EntryFacts, collect
from holdfast.verify.findings import Wound
from holdfast.verify.opening import NO_POST

__all__ = ["MAX_LINES", "Shown", "resolve"]

MAX_LINES = 2_000
"""More than an entry's own disclosures and seven for each of its 128 posts."""

_STANDARD = bytes.maketrans(b"-_", b"+/")


class Shown:
    """What was proved of one entry: `own` name -> value, `posts` place -> name -> value, and its facts.

    `withheld`: (post, digest) of what is not shown of the entry itself and of the posts that are shown.
    """

    def __init__(self) -> None:
        self.own: dict[str, Any] = {}
        self.posts: dict[int, dict[str, Any]] = {}
        self.withheld: list[tuple[int, bytes]] = []
        self.facts = EntryFacts()


def resolve(entry: Entry, data: bytes) -> Shown:
    """Open `entry` with the lines of a `.disclosures` file. Errors: Wound."""
    table = _table(data)
    shown = Shown()
    seen = [*entry.digests, *entry.elements]
    try:
        shown.own = _object(entry, NO_POST, entry.digests, table, shown)
        for place, digest in enumerate(entry.elements):
            text = table.pop(digest, None)
            if text is not None:
                shown.facts.disclosures += 1
                units = _element(text)
                seen += units
                shown.posts[place] = _object(entry, place, units, table, shown)
    except FormatError as error:
        raise Wound.of("value", error) from error
    if len(set(seen)) != len(seen):
        raise Wound("repeated_digest", "a digest occurs twice in what is shown of the entry")
    if table:
        raise Wound("disclosure", f"{len(table)} of its disclosures belong to nothing in the entry")
    shown.facts.posts = len(shown.posts)
    return shown


def _table(data: bytes) -> dict[bytes, bytes]:
    """Digest -> text of each line. Errors: Wound."""
    lines = data.split(b"\n")
    if not data:
        raise Wound("missing", "shows nothing of its entry")
    if lines.pop() or len(lines) > MAX_LINES:
        raise Wound("disclosure", f"the last line is not ended, or there are more than {MAX_LINES}")
    table: dict[bytes, bytes] = {}
    for number, line in enumerate(lines, 1):
        try:
            padded = line.translate(_STANDARD) + b"=" * (-len(line) % 4)
            text = binascii.a2b_base64(padded, strict_mode=True)
        except binascii.Error as error:
            raise Wound("disclosure", f"line {number} is not base64url") from error
        spelled = (
            binascii.b2a_base64(text, newline=False).translate(bytes.maketrans(b"+/", b"-_")).rstrip(b"=")
        )
        if spelled != line:
            raise Wound("disclosure", f"line {number} is not canonical base64url")
        digest = digest_of(text)
        if digest in table:
            raise Wound("disclosure", f"line {number} repeats another")
        table[digest] = text
    return table


def _object(
    entry: Entry, post: int, digests: tuple[bytes, ...], table: dict[bytes, bytes], shown: Shown
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for digest in digests:
        text = table.pop(digest, None)
        if text is None:
            shown.withheld.append((post, digest))
            continue
        shown.facts.disclosures += 1
        salt, name, value = parse_disclosure(text)
        parse_salt(salt)
        if name is None:
            raise FormatError("a disclosure has no name")
        if name in values:
            raise FormatError("a name is disclosed twice in one object")
        values[name] = value
        collect(entry.kind, name, value, shown.facts)
    return values


def _element(text: bytes) -> tuple[bytes, ...]:
    """The digests of an element's units. Errors: FormatError."""
    salt, name, value = parse_disclosure(text)
    parse_salt(salt)
    if name is not None or not isinstance(value, dict) or value.keys() != {"_sd"}:
        raise FormatError("an element is not a salt and an object of digests")
    units = value["_sd"]
    if not isinstance(units, list) or not all(isinstance(each, str) and each.isascii() for each in units):
        raise FormatError("an element's digests are not texts")
    if units != sorted(units):
        raise FormatError("an element's digests are not sorted")
    return tuple(each.encode("ascii") for each in units)
