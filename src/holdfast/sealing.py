"""Turns one region of a capture into sealed entries, in any process.

The other direction stands beside it: entries read back become the same rows for the catalog, so that
an import and a rebuild cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from holdfast.capture.contract import Chat, Parsed, Region
from holdfast.capture.telegram_export import CoverageBuilder, media_file, parse_region
from holdfast.catalog.changes import differences
from holdfast.catalog.known import FollowedFlat, FollowedPosts, KnownPosts
from holdfast.catalog.rows import PostRow, decode_post, encode_units, post_row
from holdfast.errors import FormatError, HoldfastError, IntegrityError, SourceError
from holdfast.model import UNITS, MediaSeen, PostSeen, Problem
from holdfast.search.folding import prepare
from holdfast.vault.blobs import Blobs
from holdfast.vault.canon import ELEMENTS_MAX, Element, open_body, open_element, parse_entry, seal, seal_posts
from holdfast.vault.private import encode_frame, parse_frame
from holdfast.vault.reading import Reader

__all__ = [
    "FlatTask",
    "SealResult",
    "SealTask",
    "follow_entries",
    "forget",
    "load_post",
    "seal_region",
    "seal_task",
]


WORDS_REMEMBERED = 50_000


class SealTask(msgspec.Struct, frozen=True, gc=False):
    """A region with all that sealing it needs.

    `artefact`: digest of the region's document; `capture`: the `capture` disclosure of its entries;
    `media_root`: where media claims are looked up; `channel_row`: the channel's number if it was seen before.
    """

    vault: Path
    region: Region
    chat: Chat
    artefact: str
    capture: dict[str, Any]
    ts: str
    media_root: Path
    channel_row: int | None


class FlatTask(msgspec.Struct, frozen=True, gc=False):
    """A record without posts that takes its place among the regions. `units`: (name, value as JSON)."""

    kind: str
    ts: str
    units: tuple[tuple[str, bytes], ...]


class SealResult(msgspec.Struct, frozen=True, gc=False):
    """What became of a region. `entries`: (entry, frame); `rows`: those of each entry, (element, row)."""

    entries: list[tuple[bytes, bytes]]
    rows: list[list[tuple[int, PostRow]]]
    posts: list[int]
    problems: tuple[Problem, ...]
    read: int
    new: int
    changed: int
    unchanged: int
    media_sealed: int
    media_missing: int
    words: list[str]
    """Words of the posts that this process has not given before."""
    coverage: CoverageBuilder
    """What the region adds to what the capture can speak of."""


@lru_cache(maxsize=4)
def _reader(vault: Path, _session: str) -> Reader:
    """One reader a process and run: what a path leads to may be another vault in the next."""
    return Reader(vault)


@lru_cache(maxsize=4)
def _known(vault: Path, _session: str) -> KnownPosts:
    """One connection a process and run: between two, a rebuild may have made another catalog."""
    return KnownPosts(vault / "catalog")


def forget() -> None:
    """Close what this process keeps open between the tasks of a run."""
    _reader.cache_clear()
    _known.cache_clear()


@lru_cache(maxsize=1)
def _given(_session: str) -> set[str]:
    """The words that this process has given in one run; another run may write to another index."""
    return set()


class _Tokens:
    """Cuts texts for the index and remembers their words."""

    def __init__(self) -> None:
        self.words: set[str] = set()

    def __call__(self, text: str) -> str:
        tokens, words = prepare(text)
        self.words.update(words)
        return tokens

    def fresh(self, session: str) -> list[str]:
        """The words that this process has not given in this run.

        Memory is bounded: the first words are remembered, which are the frequent ones; later ones come again.
        """
        given = _given(session)
        fresh = self.words - given
        if len(given) < WORDS_REMEMBERED:
            given |= fresh
        return list(fresh)


def element_units(element: Element) -> list[bytes | None]:
    """The raw values of a post's units in UNITS order, None for one that is not held."""
    held = {each.name: each.raw_value() for each in element.units}
    return [held.get(name) for name in UNITS]


def load_post(reader: Reader, entry: int, element: int) -> PostSeen | None:
    """One sealed post, its digests checked; None if its facts are not held. Errors: IntegrityError."""
    raw, salts, body = reader.raw(entry)
    try:
        return decode_post(element_units(open_element(parse_entry(raw), salts, body, element)))
    except FormatError as error:
        raise IntegrityError(f"entry {entry}, post {element}: {error.message}") from error


def seal_task(task: SealTask | FlatTask) -> SealResult | tuple[bytes, bytes]:
    """Seal what a task brings: a region's result, or one (entry, frame)."""
    if isinstance(task, SealTask):
        return seal_region(task)
    sealed = seal(task.kind, task.ts, task.units)
    return sealed.entry, encode_frame(sealed.salts, sealed.body)


def seal_region(task: SealTask) -> SealResult:
    """Parse a region, keep its media, and seal the posts that say something new.

    Effects: stores media files as artefacts; draws randomness. Pure otherwise: the caller appends what is returned.
    """
    parsed: Parsed = parse_region(task.region, task.chat, task.artefact)
    blobs = Blobs(task.vault)
    problems = list(parsed.problems)
    units: list[tuple[bytes, ...]] = []
    rows: list[PostRow] = []
    posts: list[int] = []
    new = changed = unchanged = sealed = missing = 0
    tokens = _Tokens()
    kept: list[tuple[PostSeen, tuple[bytes, ...], PostRow]] = []
    for seen in parsed.posts:
        if seen.media:
            seen, found, lost = _with_media(seen, task, blobs)
            sealed += found
            missing += lost
        encoded = encode_units(seen)
        try:
            row = post_row(seen, encoded, tokens)
        except FormatError as error:
            problems.append(_problem("bad_id", error.message, task, seen))
            continue
        posts.append(row.post)
        kept.append((seen, encoded, row))
    known = {}
    if task.channel_row is not None and posts:
        known = _known(task.vault, task.capture["id"]).get(task.channel_row, posts)
    for seen, encoded, row in kept:
        before = known.get(row.post)
        if before is None:
            new += 1
        else:
            entry, element, mark, absent = before
            old = None
            if mark != row.fingerprint:
                old = load_post(_reader(task.vault, task.capture["id"]), entry, element)
            same = mark == row.fingerprint or (old is not None and not differences(old, seen))
            if same and absent is None:
                unchanged += 1
                continue
            changed += 1
        units.append(encoded)
        rows.append(row)
    coverage = CoverageBuilder()
    # A post whose id no table can hold was skipped like any record that could not be read.
    coverage.add(Parsed(tuple(seen for seen, _, _ in kept), tuple(problems), parsed.read), task.region)
    capture = msgspec.json.encode(task.capture)
    entries, grouped = [], []
    # As few entries as can be, of much the same size: an entry for a single left-over post helps nobody.
    each_holds = -(-len(units) // max(1, -(-len(units) // ELEMENTS_MAX)))
    for at in range(0, len(units), each_holds or 1):
        one = seal_posts(task.ts, capture, units[at : at + each_holds])
        entries.append((one.entry, encode_frame(one.salts, one.body)))
        grouped.append(list(enumerate(rows[at : at + each_holds])))
    return SealResult(
        entries,
        grouped,
        posts,
        tuple(problems),
        parsed.read,
        new,
        changed,
        unchanged,
        sealed,
        missing,
        tokens.fresh(task.capture["id"]) if rows else [],
        coverage,
    )


def _problem(code: str, detail: str, task: SealTask, seen: PostSeen) -> Problem:
    offset = seen.raw.offset if seen.raw else None
    return Problem(code, "skipped", detail, task.region.document, offset, seen.post.id)


def _with_media(seen: PostSeen, task: SealTask, blobs: Blobs) -> tuple[PostSeen, int, int]:
    """The post with its files sealed, and how many of them were kept and not found."""
    counts = [0, 0]
    media = tuple(_keep(each, task, blobs, counts) for each in seen.media or ())
    return msgspec.structs.replace(seen, media=media), counts[0], counts[1]


def _keep(each: MediaSeen, task: SealTask, blobs: Blobs, counts: list[int]) -> MediaSeen:
    replace = msgspec.structs.replace
    if each.thumbnail is not None:
        each = replace(each, thumbnail=_keep(each.thumbnail, task, blobs, [0, 0]))
    if each.source_path is None or each.state is not None:
        return each
    found = media_file(task.media_root, each.source_path)
    if isinstance(found, str):
        counts[1] += 1
        return replace(each, state=found)
    try:
        with open(found, "rb") as handle:
            artefact = blobs.add(
                handle, compress=False, name=each.source_path, probe=task.channel_row is not None
            )
    except (OSError, SourceError):
        counts[1] += 1
        return replace(each, state="unreadable")
    counts[0] += 1
    return replace(each, state="sealed", artefact=artefact.digest, observed_size_bytes=artefact.size_bytes)


# -- back from the log --------------------------------------------------------------------------------


def follow_entries(
    session: str, entries: Sequence[tuple[int, bytes, bytes]]
) -> list[FollowedPosts | FollowedFlat]:
    """(index, entry, frame) of sealed entries -> what the catalog follows. `session` is the same for one run.

    Errors: IntegrityError naming the entry.
    """
    followed: list[FollowedPosts | FollowedFlat] = []
    for index, raw, frame in entries:
        try:
            entry = parse_entry(raw)
            opened = open_body(entry, *parse_frame(frame))
            if entry.kind != "posts":
                values = {each.name: each.value for each in opened.disclosures if each.name is not None}
                followed.append(FollowedFlat(index, entry.ts, entry.kind, values))
                continue
            rows, tokens = [], _Tokens()
            for place, element in enumerate(opened.elements):
                seen = decode_post(held := element_units(element))
                if seen is not None:
                    rows.append((place, post_row(seen, [value or b"null" for value in held], tokens)))
            capture = opened.value("capture") or {}
            followed.append(FollowedPosts(index, entry.ts, capture, rows, tokens.fresh(session)))
        except HoldfastError as error:
            raise IntegrityError(f"entry {index}: {error.message}") from error
    return followed
