"""Seals records: entry bytes that show nothing, with the salts and the body that open them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from holdfast.errors import FormatError
from holdfast.vault.canon.spelling import (
    ELEMENT,
    FILL,
    NAME,
    SALT_BYTES,
    UNIT_HEADS,
    digest_of,
    digests_of,
    digests_of_all,
    spell_salts,
)

ENTRY_MAX_BYTES = 60_000
ELEMENTS_MAX = 128

_UNIT_LINES = b"+\n" + b"".join(head + b"%b]\n" for head in UNIT_HEADS)
_UNIT_TEXTS = b"".join(b'["%b",' + head + b"%b]%b" for head in UNIT_HEADS)
_UNIT_SIZES = tuple(len(b'["",]') + 22 + len(head) for head in UNIT_HEADS)


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
    if not units or not all(NAME.fullmatch(name) for name, _ in units):
        raise FormatError("an entry needs disclosures, each with a name in plain ASCII")
    salts: bytes = random(SALT_BYTES * len(units))
    lines = [b'"%b",%b]' % (name.encode("ascii"), value) for name, value in units]
    texts = [b'["%b",%b' % pair for pair in zip(spell_salts(salts), lines, strict=True)]
    entry = b'{"_sd":["%b"],"_sd_alg":"sha-256","t":"%b","ts":"%b","v":1}' % (
        b'","'.join(sorted(digests_of_all(texts))),
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
    spelled = spell_salts(salts)
    size0, size1, size2, size3, size4, size5 = _UNIT_SIZES
    fill, lines, texts = FILL, _UNIT_LINES, _UNIT_TEXTS
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
    units = digests_of(b"".join(filled), sizes)
    groups = [sorted(units[at : at + 6]) for at in range(0, len(units), 6)]
    elements = digests_of_all(
        [ELEMENT % (salt, b'","'.join(group)) for salt, group in zip(spelled[1::7], groups, strict=True)]
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
