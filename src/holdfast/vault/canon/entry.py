"""Reads entries, strictly: one spelling, no digest twice."""

from __future__ import annotations

import re

import msgspec

from holdfast.errors import FormatError
from holdfast.vault.canon.sealing import ELEMENTS_MAX, ENTRY_MAX_BYTES
from holdfast.vault.canon.spelling import parse_json, parse_time

_DIGEST = rb'"[A-Za-z0-9_-]{43}"'
_POST = rb'\{"\.\.\.":' + _DIGEST + rb"\}"
_ENTRY = re.compile(
    rb'\{"_sd":\[(' + _DIGEST + rb"(?:," + _DIGEST + rb')*|)\],"_sd_alg":"sha-256",'
    rb'(?:"posts":\[(' + _POST + rb"(?:," + _POST + rb")*)\],)?"
    rb'"t":"([a-z][a-z_]{0,31})","ts":"([0-9TZ:-]{20})","v":1\}'
)
_STEP, _POST_STEP = len('"",') + 43, len('{"...":""},') + 43


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A parsed entry. `digests` of its own disclosures, `elements` of its posts, each 43 ASCII bytes."""

    kind: str
    ts: str
    digests: tuple[bytes, ...]
    elements: tuple[bytes, ...]


def parse_entry(raw: bytes) -> Entry:
    """Read an entry strictly: exact keys, canonical bytes, no digest twice.

    Errors: FormatError. Source: docs/format.md section 2.
    """
    if len(raw) > ENTRY_MAX_BYTES:
        raise FormatError(f"an entry of {len(raw)} bytes is over the cap of {ENTRY_MAX_BYTES}")
    found = _ENTRY.fullmatch(raw)
    if found is None:
        raise FormatError(_fault(raw))
    listed, posts, kind, ts = found.groups()
    digests = tuple([listed[at : at + 43] for at in range(1, len(listed), _STEP)])
    elements = tuple([posts[at : at + 43] for at in range(8, len(posts), _POST_STEP)]) if posts else ()
    if (kind == b"posts") != bool(elements) or len(elements) > ELEMENTS_MAX:
        raise FormatError(f"a posts entry, and no other, holds 1 to {ELEMENTS_MAX} posts")
    if list(digests) != sorted(digests):
        raise FormatError("_sd is not sorted")
    if len({*digests, *elements}) != len(digests) + len(elements):
        raise FormatError("a digest is repeated in an entry")
    parse_time(ts.decode("ascii"))
    return Entry(kind.decode("ascii"), ts.decode("ascii"), digests, elements)


def _fault(raw: bytes) -> str:
    """What is wrong with bytes that are no entry, as near as JSON can tell. Errors: FormatError if they are no JSON."""
    found = parse_json(raw)
    if not isinstance(found, dict):
        return "an entry is not a JSON object"
    if found.get("v") != 1 or found["v"] is True:
        return "an entry of another version"
    if found.get("_sd_alg") != "sha-256":
        return "an entry with another digest algorithm than sha-256"
    keys = {"_sd", "_sd_alg", "t", "ts", "v"} | ({"posts"} if found.get("t") == "posts" else set())
    if found.keys() != keys:
        return "an entry with other keys than its type may have"
    return "an entry with a value that is none, or not in canonical form"
