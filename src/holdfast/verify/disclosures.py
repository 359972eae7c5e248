"""Checks what opens one entry: every digest, every value's grammar, and what the values refer to; pure.

1. The entry is canonical (`parse_entry`), and everything that is held opens to a digest in it (`open_entry`).
2. No digest and no name of one object occurs twice.
3. Every value is strict JSON: no repeated key, no float, no forbidden name.
4. What is not held is listed by digest: only a later erasure may explain it.
5. What the values say of artefacts is collected, to be held against their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from holdfast.errors import FormatError, IntegrityError
from holdfast.vault.canon import parse_entry
from holdfast.verify.findings import Wound
from holdfast.verify.opening import NO_POST, open_entry, strict_values

__all__ = ["NO_POST", "Claim", "EntryFacts", "check_entry", "collect"]

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_TELLING = frozenset({"artefacts", "erasure", "media", "raw"})
"""The names of disclosures that say something of others."""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What a disclosure says of an artefact. Units: bytes; `end` is where a range inside it ends."""

    digest: str
    size_bytes: int | None = None
    end: int = 0


class EntryFacts(msgspec.Struct, gc=False):
    """What one entry and its frame proved.

    `entry_wounds`: (code, message) of the entry itself; `private_wounds`: (post, code, message) of what should
    open it; `missing`: (post, digest) not held; `erased`: (entry index, digests) that this entry declares erased.
    """

    kind: str | None = None
    ts: str | None = None
    posts: int = 0
    disclosures: int = 0
    entry_wounds: list[tuple[str, str]] = []
    private_wounds: list[tuple[int, str, str]] = []
    missing: list[tuple[int, bytes]] = []
    claims: list[Claim] = []
    erased: list[tuple[int, tuple[bytes, ...]]] = []
    erased_artefacts: list[str] = []


def check_entry(raw: bytes, opening: Callable[[], tuple[bytes, bytes]] | None) -> EntryFacts:
    """Check one entry with what opens it: (salts, body), or FormatError (None: not held or not readable)."""
    facts = EntryFacts()
    try:
        entry = parse_entry(raw)
    except FormatError as error:
        facts.entry_wounds.append(("entry", error.message))
        return facts
    facts.kind, facts.ts = entry.kind, entry.ts
    if opening is None:
        return facts
    try:
        found = open_entry(entry, *opening())
    except (FormatError, IntegrityError) as error:
        wound = Wound.of("disclosure", error)
        facts.private_wounds.append((NO_POST, wound.code, wound.message))
        return facts
    facts.missing = found.missing
    facts.posts = len(found.objects) - 1
    facts.disclosures = len(found.lines) + facts.posts
    if len(set(found.digests)) != len(found.digests):
        facts.private_wounds.append(
            (NO_POST, "repeated_digest", "a digest occurs twice in what opens the entry")
        )
    values = strict_values(found.lines)
    for one in found.objects:
        names = set()
        for value in values[one.first : one.end]:
            if isinstance(value, FormatError):
                facts.private_wounds.append((one.number, "value", value.message))
                continue
            names.add(value[0])
            if value[0] in _TELLING:
                try:
                    collect(entry.kind, value[0], value[1], facts)
                except FormatError as error:
                    facts.private_wounds.append((one.number, "value", error.message))
        if len(names) < one.end - one.first and not facts.private_wounds:
            message = "a name is disclosed twice in one object"
            facts.private_wounds.append((one.number, "repeated_name", message))
    facts.claims = _merged(facts.claims)
    return facts


def _merged(claims: list[Claim]) -> list[Claim]:
    """Most posts of an entry point into one artefact: what they say of it, once."""
    ends: dict[tuple[str, int | None], int] = {}
    for claim in claims:
        key = (claim.digest, claim.size_bytes)
        ends[key] = max(claim.end, ends.get(key, 0))
    return [Claim(digest, size_bytes, end) for (digest, size_bytes), end in ends.items()]


# --- what the values say of others -----------------------------------------------------------------


def collect(kind: str, name: str, value: Any, facts: EntryFacts) -> None:
    """Step 5: what the disclosure `name` of an entry of `kind` says. Errors: FormatError if it cannot be read."""
    if value is None:
        return
    if kind == "posts" and name == "media":
        facts.claims += _media_claims(value)
    elif kind == "posts" and name == "raw":
        facts.claims.append(_raw_claim(value))
    elif kind == "capture" and name == "artefacts":
        facts.claims += [
            Claim(_hex(one.get("digest")), _count(one.get("size_bytes"))) for one in _objects(value)
        ]
    elif kind == "erasure" and name == "erasure":
        _collect_erasure(value, facts)


def _media_claims(value: Any) -> Iterator[Claim]:
    for one in _objects(value):
        part: Any = one
        while part is not None:
            if not isinstance(part, dict):
                raise FormatError("a thumbnail is not an object")
            if part.get("artefact") is not None:
                yield Claim(_hex(part["artefact"]), _count(part.get("observed_size_bytes")))
            part = part.get("thumbnail")


def _raw_claim(value: Any) -> Claim:
    if not isinstance(value, dict):
        raise FormatError("raw is not an object")
    offset, length = _count(value.get("offset")), _count(value.get("length"))
    return Claim(_hex(value.get("artefact")), None, (offset or 0) + (length or 0))


def _collect_erasure(value: Any, facts: EntryFacts) -> None:
    """`{"artefacts":[<hex>…]?,"entries":[{"digests":[<digest>…],"index":n}…],…}`."""
    if not isinstance(value, dict):
        raise FormatError("an erasure is not an object")
    for one in _objects(value.get("entries", [])):
        index, digests = _count(one.get("index")), one.get("digests")
        if index is None or not isinstance(digests, list):
            raise FormatError("an erasure names no entry or no digests")
        if not all(isinstance(each, str) and _DIGEST.fullmatch(each) for each in digests):
            raise FormatError("an erasure names something that is no digest")
        facts.erased.append((index, tuple(each.encode() for each in digests)))
    artefacts = value.get("artefacts", [])
    if not isinstance(artefacts, list):
        raise FormatError("an erasure's artefacts are not a list")
    facts.erased_artefacts += map(_hex, artefacts)


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise FormatError("a list of objects is expected")
    return value


def _hex(value: Any) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise FormatError("an artefact is not named by a SHA-256 in lowercase hex")
    return value


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or value < 0:
        raise FormatError("a size or an offset is not a count")
    return value
