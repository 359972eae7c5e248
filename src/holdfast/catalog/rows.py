"""One observation -> the values that the catalog's tables hold of it; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from holdfast.errors import FormatError
from holdfast.model import (
    UNITS,
    Author,
    Count,
    MediaSeen,
    Metrics,
    PostFacts,
    PostSeen,
    RawRange,
    Text,
    plain_text,
)

__all__ = [
    "PostRow",
    "bounds",
    "decode_post",
    "encode_units",
    "fingerprint",
    "is_storable",
    "post_row",
    "published",
    "searchable_text",
]

_encoder = msgspec.json.Encoder()
_encode = _encoder.encode
_NULL = b"null"

# A wall clock without a zone may be that of any inhabited zone: UTC-12 to UTC+14.
_EAST_S, _WEST_S = 14 * 3600, 12 * 3600
_DAY_S = 86_400


class PostRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the catalog keeps of one observation. Times in unix seconds; see `published`."""

    post: int
    kind: int
    earliest: int | None
    latest: int | None
    fingerprint: bytes
    readings: tuple[tuple[str, int, int], ...]
    media: tuple[tuple[str, str | None, str | None, int | None, int | None], ...]
    has: tuple[str, ...]
    tokens: str


def encode_units(seen: PostSeen) -> tuple[bytes, ...]:
    """The six values that are sealed, in UNITS order, as compact JSON."""
    return (
        _encode(seen.post),
        _NULL if seen.author is None else _encode(seen.author),
        _NULL if seen.text is None else _encode(seen.text),
        _NULL if seen.media is None else _encode(seen.media),
        _NULL if seen.metrics is None else _encode(seen.metrics),
        _NULL if seen.raw is None else _encode(seen.raw),
    )


_DECODERS: tuple[msgspec.json.Decoder[object], ...] = (
    msgspec.json.Decoder(PostFacts),
    msgspec.json.Decoder(Author | None),
    msgspec.json.Decoder(Text | None),
    msgspec.json.Decoder(tuple[MediaSeen, ...] | None),
    msgspec.json.Decoder(Metrics | None),
    msgspec.json.Decoder(RawRange | None),
)


def decode_post(units: Sequence[bytes | None]) -> PostSeen | None:
    """Inverse of encode_units; a unit that is not held reads as None.

    Returns None where even the post's own facts are not held. Errors: FormatError.
    """
    if units[0] is None:
        return None
    try:
        values = [None if raw is None else _DECODERS[at].decode(raw) for at, raw in enumerate(units)]
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FormatError(f"a sealed post has another shape than format 1 gives it: {error}") from error
    return PostSeen(**dict(zip(UNITS, values, strict=True)))  # type: ignore[arg-type]  # each decoder is typed


def published(facts: PostFacts) -> tuple[int | None, int | None]:
    """When a post may have been published: (earliest, latest) in unix seconds, None where nothing is known."""
    if facts.published_at is not None:
        try:
            at = int(datetime.fromisoformat(facts.published_at).timestamp())
        except (ValueError, OverflowError):
            return None, None
        return at, at
    if facts.published_local is not None:
        try:
            local = int(datetime.fromisoformat(facts.published_local).replace(tzinfo=UTC).timestamp())
        except (ValueError, OverflowError):
            return None, None
        day = _DAY_S - 1 if len(facts.published_local) == 10 else 0
        return local - _EAST_S, local + day + _WEST_S
    return None, None


def _bare(each: MediaSeen) -> MediaSeen:
    """Media without what differs between exports of an unchanged post: where the file lies."""
    thumbnail = None if each.thumbnail is None else _bare(each.thumbnail)
    return msgspec.structs.replace(each, source_path=None, thumbnail=thumbnail)


def fingerprint(seen: PostSeen, units: Sequence[bytes]) -> bytes:
    """16 bytes that are equal for observations without any difference. Never leaves this machine.

    `units` are encode_units' of `seen`. Sealed bytes count, but not the file's path in the export.
    """
    media = units[3] if seen.media is None else _encode([_bare(each) for each in seen.media])
    return blake2b(b"\n".join((*units[:3], media, units[4])), digest_size=16).digest()


def searchable_text(seen: PostSeen) -> str:
    """All of a post's words: its text, and those of its polls, files, places and service acts."""
    parts = [plain_text(seen.text)]
    for each in seen.media or ():
        parts.extend(part for part in (each.title, each.performer, each.file_name) if part)
        for value in (each.data or {}).values():
            parts.extend(_strings(value))
    if seen.post.action:
        parts.extend(
            value for key, value in seen.post.action.items() if key != "type" and isinstance(value, str)
        )
    return "\n".join(part for part in parts if part)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [each for item in value[:100] for each in _strings(item)]
    if isinstance(value, dict):
        return [each for item in list(value.values())[:100] for each in _strings(item)]
    return []


def is_storable(number: int) -> bool:
    """Whether the tables can hold a number: 64 bits. What is sealed may be larger; it was a source's claim."""
    return -(2**63) <= number < 2**63


def _storable(number: int | None) -> int | None:
    return number if number is not None and is_storable(number) else None


def bounds(count: Count) -> tuple[int, int]:
    """The (lowest, highest) that a counter may have been."""
    return (count, count) if isinstance(count, int) else (count.low, count.high)


def _readings(metrics: Metrics) -> tuple[tuple[str, int, int], ...]:
    found = []
    for name, count in (
        ("views", metrics.views),
        ("forwards", metrics.forwards),
        ("replies", metrics.replies),
        ("voters", metrics.voters),
    ):
        if count is not None:
            found.append((name, *bounds(count)))
    if metrics.reactions is not None:
        each = [bounds(count) for _, count in metrics.reactions]
        found.append(("reactions", sum(low for low, _ in each), sum(high for _, high in each)))
    return tuple(one for one in found if is_storable(one[1]) and is_storable(one[2]))


_LINKS = frozenset({"link", "text_link"})


def post_row(seen: PostSeen, units: Sequence[bytes], tokens: Callable[[str], str]) -> PostRow:
    """What the catalog keeps of one observation. `units` are encode_units' of `seen`; `tokens` cuts words for the index.

    Errors: FormatError if the post id is no 64-bit integer.
    """
    try:
        number = int(seen.post.id)
    except ValueError as error:
        raise FormatError("a post id is no integer") from error
    if not is_storable(number):
        raise FormatError("a post id does not fit into 64 bits")
    earliest, latest = published(seen.post)
    has = []
    media: tuple[tuple[str, str | None, str | None, int | None, int | None], ...] = ()
    if seen.media:
        has = ["media", *{each.kind for each in seen.media}]
        media = tuple(
            (
                each.kind,
                each.state,
                each.artefact,
                _storable(each.observed_size_bytes or each.size_bytes),
                _storable(each.duration_s),
            )
            for each in seen.media
        )
    if seen.text.__class__ is tuple and any(
        run.__class__ is dict and run.get("type") in _LINKS for run in seen.text
    ):
        has.append("link")
    facts = seen.post
    if facts.reply is not None:
        has.append("reply")
    if facts.forward is not None:
        has.append("forward")
    if facts.kind == "service":
        has.append("service")
    readings = () if seen.metrics is None else _readings(seen.metrics)
    return PostRow(
        number,
        1 if facts.kind == "service" else 0,
        earliest,
        latest,
        fingerprint(seen, units),
        readings,
        media,
        tuple(has),
        tokens(searchable_text(seen) if seen.media or facts.action else plain_text(seen.text)),
    )
