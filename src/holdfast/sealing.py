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
from holdfast.catalog.known import FollowedFlat, FollowedPosts, KnownPosts, Standing
from holdfast.catalog.rows import PostRow, decode_post, encode_units, post_row
from holdfast.errors import FormatError, HoldfastError, IntegrityError, SourceError
from holdfast.model import UNITS, MediaSeen, PostSeen, Problem
from holdfast.search.words import spaced
from holdfast.vault.blobs import Blobs
from holdfast.vault.canon import ELEMENTS_MAX, Element, open_body, open_element, parse_entry, seal, seal_posts
from holdfast.vault.private import encode_frame, parse_frame
from holdfast.vault.reading import Reader

__all__ = [
    "FlatTask",
    "SealResult",
    "SealTask",
    "Tokens",
    "follow_entries",
    "forget",
    "load_post",
    "says_nothing_new",
    "seal_regions",
    "seal_task",
    "unpack_rows",
]


WORDS_REMEMBERED = 50_000


class SealTask(msgspec.Struct, frozen=True, gc=False):
    """Regions of one document, in its order, with all that sealing them needs.

    `artefact`: digest of the document; `capture`: the `capture` disclosure of its entries;
    `media_root`: where media claims are looked up; `channel_row`: the channel's number if it was seen before.
    """

    vault: Path
    regions: tuple[Region, ...]
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
    """What became of a task. `entries`: (entry, frame); `rows`: those of each entry, for `unpack_rows`."""

    entries: list[tuple[bytes, bytes]]
    rows: list[bytes]
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
    """What the regions add to what the capture can speak of."""


_pack_rows = msgspec.msgpack.Encoder().encode
unpack_rows = msgspec.msgpack.Decoder(list[PostRow]).decode
"""The rows of an entry, in the order of its posts: as bytes they cross to another process cheaply."""


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


class Tokens:
    """Cuts texts for the index and remembers their words."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def __call__(self, text: str) -> str:
        tokens = spaced(text)
        self._texts.append(tokens)
        return tokens

    def fresh(self, session: str) -> list[str]:
        """The words that this process has not given in this run.

        Memory is bounded: the first words are remembered, which are the frequent ones; later ones come again.
        """
        given = _given(session)
        fresh = set(" ".join(self._texts).split()) - given
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


def says_nothing_new(before: Standing, row: PostRow, seen: PostSeen, reader: Reader) -> bool:
    """Whether an observation is as the last one of its source."""
    if before.fingerprint == row.fingerprint:
        return True
    old = None if before.entry is None else load_post(reader, before.entry, before.element)
    return old is not None and not differences(old, seen)


def seal_task(task: SealTask | FlatTask) -> SealResult | tuple[bytes, bytes]:
    """Seal what a task brings: the result of its regions, or one (entry, frame)."""
    if isinstance(task, SealTask):
        return seal_regions(task)
    sealed = seal(task.kind, task.ts, task.units)
    return sealed.entry, encode_frame(sealed.salts, sealed.body)


def seal_regions(task: SealTask) -> SealResult:
    """Parse regions, keep their media, and seal the posts that say something new.

    Effects: stores media files as artefacts; draws randomness. Pure otherwise: the caller appends what is returned.
    """
    work = _Sealing(task)
    # One region after the other: what is parsed of it is let go of while it is still in the core's cache.
    for region in task.regions:
        work.take(region)
    return work.result()


class _Sealing:
    """What has become of a task so far."""

    def __init__(self, task: SealTask) -> None:
        self.task = task
        self.capture = msgspec.json.encode(task.capture)
        self.blobs = Blobs(task.vault)
        self.tokens = Tokens()
        self.coverage = CoverageBuilder()
        self.problems: list[Problem] = []
        self.units: list[tuple[bytes, ...]] = []
        self.rows: list[PostRow] = []
        """Those of `units`, which wait to be sealed."""
        self.entries: list[tuple[bytes, bytes]] = []
        self.packed: list[bytes] = []
        self.posts: list[int] = []
        self.read = self.new = self.changed = self.unchanged = self.sealed = self.missing = 0

    def take(self, region: Region) -> None:
        """Parse a region and keep what is to be sealed of it."""
        task, tokens = self.task, self.tokens
        parsed = parse_region(region, task.chat, task.artefact)
        problems = list(parsed.problems)
        kept: list[PostSeen] = []
        units: list[tuple[bytes, ...]] = []
        rows: list[PostRow] = []
        for seen in parsed.posts:
            if seen.media:
                seen = self._with_media(seen)
            encoded = encode_units(seen)
            try:
                row = post_row(seen, encoded, tokens)
            except FormatError as error:
                problems.append(_problem("bad_id", error.message, region, seen))
                continue
            kept.append(seen)
            units.append(encoded)
            rows.append(row)
        self.posts += [row.post for row in rows]
        self.problems += problems
        self.read += parsed.read
        # A post whose id no table can hold was skipped like any record that could not be read.
        self.coverage.add(Parsed(tuple(kept), tuple(problems), parsed.read), region)
        says_more = self._says_more(kept, rows)
        if says_more is not None:
            units = [each for each, more in zip(units, says_more, strict=True) if more]
            rows = [each for each, more in zip(rows, says_more, strict=True) if more]
        else:
            self.new += len(rows)
        self.units += units
        self.rows += rows
        # Two entries' posts are held back, so that the last entries can be of much the same size.
        while len(self.units) > 2 * ELEMENTS_MAX:
            self._seal(ELEMENTS_MAX)

    def _seal(self, count: int) -> None:
        """Seal the first so many posts that wait. Effects: draws randomness."""
        one = seal_posts(self.task.ts, self.capture, self.units[:count])
        self.entries.append((one.entry, encode_frame(one.salts, one.body)))
        self.packed.append(_pack_rows(self.rows[:count]))
        del self.units[:count], self.rows[:count]

    def _says_more(self, kept: Sequence[PostSeen], rows: Sequence[PostRow]) -> list[bool] | None:
        """Of each post, whether it says something new; None if they all do, because none is known. Effects: counts them."""
        task = self.task
        if task.channel_row is None or not rows:
            return None
        session = task.capture["id"]
        posts = [row.post for row in rows]
        known = _known(task.vault, session).get(task.channel_row, posts, task.capture["source"])
        found = []
        for seen, row in zip(kept, rows, strict=True):
            before = known.get(row.post)
            same = (
                before is not None
                and before.absent is None
                and says_nothing_new(before, row, seen, _reader(task.vault, session))
            )
            found.append(not same)
            self.new += before is None
            self.changed += before is not None and not same
            self.unchanged += same
        return found

    def result(self) -> SealResult:
        """The sealed entries. Effects: draws randomness."""
        # As few entries as can be: one for a single left-over post helps nobody.
        each_holds = -(-len(self.units) // max(1, -(-len(self.units) // ELEMENTS_MAX)))
        while self.units:
            self._seal(each_holds)
        return SealResult(
            self.entries,
            self.packed,
            self.posts,
            tuple(self.problems),
            self.read,
            self.new,
            self.changed,
            self.unchanged,
            self.sealed,
            self.missing,
            self.tokens.fresh(self.task.capture["id"]) if self.entries else [],
            self.coverage,
        )

    # -- media ------------------------------------------------------------------------------------

    def _with_media(self, seen: PostSeen) -> PostSeen:
        """The post with its files sealed. Effects: stores them; counts those that were kept and not found."""
        media = tuple([self._keep(each) for each in seen.media or ()])
        return msgspec.structs.replace(seen, media=media)

    def _keep(self, each: MediaSeen, *, counted: bool = True) -> MediaSeen:
        replace = msgspec.structs.replace
        if each.thumbnail is not None:
            each = replace(each, thumbnail=self._keep(each.thumbnail, counted=False))
        if each.source_path is None or each.state is not None:
            return each
        found = media_file(self.task.media_root, each.source_path)
        if isinstance(found, str):
            self.missing += counted
            return replace(each, state=found)
        probe = self.task.channel_row is not None
        try:
            with open(found, "rb") as handle:
                artefact = self.blobs.add(handle, compress=False, name=each.source_path, probe=probe)
        except (OSError, SourceError):
            self.missing += counted
            return replace(each, state="unreadable")
        self.sealed += counted
        return replace(
            each, state="sealed", artefact=artefact.digest, observed_size_bytes=artefact.size_bytes
        )


def _problem(code: str, detail: str, region: Region, seen: PostSeen) -> Problem:
    offset = seen.raw.offset if seen.raw else None
    return Problem(code, "skipped", detail, region.document, offset, seen.post.id)


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
            rows, tokens = [], Tokens()
            for place, element in enumerate(opened.elements):
                seen = decode_post(held := element_units(element))
                if seen is not None:
                    rows.append((place, post_row(seen, [value or b"null" for value in held], tokens)))
            capture = opened.value("capture") or {}
            followed.append(FollowedPosts(index, entry.ts, capture, rows, tokens.fresh(session)))
        except HoldfastError as error:
            raise IntegrityError(f"entry {index}: {error.message}") from error
    return followed
