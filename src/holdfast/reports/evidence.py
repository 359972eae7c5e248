"""What the archive knows of a fact: readings with their moments, marks, presence, texts, each with a pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

import msgspec

from holdfast.archive import Archive
from holdfast.catalog import facts, queries
from holdfast.catalog.timeline import FAILURES
from holdfast.errors import IntegrityError
from holdfast.model import PostSeen, plain_text
from holdfast.reports.resolve.spotting import ChannelName
from holdfast.reports.verdict import Pointer
from holdfast.sealing import load_post

__all__ = ["Archived", "Mark", "Point", "PostAt", "Words", "unix", "utc"]

POSTS_LOOKED_AT = 2_000
"""Posts of one channel that are looked through for a claim; more are a matter for a search."""


def unix(text: str) -> int:
    """RFC 3339 as unix seconds."""
    return int(datetime.fromisoformat(text).timestamp())


def utc(unix_s: int) -> str:
    """Unix seconds as RFC 3339 in UTC."""
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _parts(title: str) -> list[str]:
    """What of a title may stand for it: without what is in brackets, and what comes before a dash, bar or full stop."""
    bare = re.sub(r"[(\[{][^)\]}]*[)\]}]", " ", title).strip()
    head = re.split(r"\s[|•·—–/-]\s|[|•]|[.!?:]\s", bare, maxsplit=1)[0].strip()
    return [part for part in dict.fromkeys((bare, head)) if part and part != title and len(part) > 4]


class Point(msgspec.Struct, frozen=True):
    """A counter between `low` and `high` at `at`, and still so at `until`. Units: unix seconds."""

    low: int
    high: int
    at: int
    until: int
    pointer: Pointer


class Mark(msgspec.Struct, frozen=True):
    """Whether something was there (a mark on a channel, a post, a channel) when it was looked at. Units: unix seconds."""

    at: int
    is_there: bool
    pointer: Pointer
    said: str | None = None


class Words(msgspec.Struct, frozen=True):
    """A text that was captured: a post as one observation shows it, or a stretch of a transcript. `at`: claimed time of
    publication in unix seconds."""

    text: str
    pointer: Pointer
    at: int | None
    lang: str | None = None
    times: tuple[tuple[int, int, int], ...] = ()
    """Of a transcript: (place in `text`, start, end) of each segment, in milliseconds."""
    confidence: int | None = None
    is_transcript: bool = False


class PostAt(msgspec.Struct, frozen=True):
    """A post with its claimed time in unix seconds and its last observation."""

    channel: int
    post: int
    earliest: int | None
    latest: int | None
    media: tuple[tuple[str, int | None], ...]
    text: str
    places: tuple[tuple[int, int], ...]


class Archived:
    """A view of an archive up to its last entry of evidence: sealing a check does not change it.

    Errors of every method: IntegrityError if what is sealed does not open; FormatError, StorageError of the catalog.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.engine = archive.engine()
        self.reader = archive.reader
        self.size = facts.evidence_size(self.engine)
        self.origin = archive.identity.origin
        self._posts: dict[tuple[int, int], PostSeen | None] = {}
        self._spans: dict[tuple[int, int | None, int | None], list[PostAt]] = {}
        self._captures: dict[int, dict[str, Any]] = {}

    @cached_property
    def channels(self) -> dict[int, queries.ChannelRow]:
        """The channels by their number."""
        return {each.row: each for each in queries.channels(self.engine)}

    @cached_property
    def names(self) -> list[ChannelName]:
        """Every name that a channel bears or bore, with the kind of name."""
        found = []
        for row, name, _ in facts.channel_names(self.engine):
            channel = self.channels[row]
            if row in self._shells:
                continue
            if name == channel.id or name.startswith(("username:", "title:")):
                bare = name.partition(":")[2]
                if bare:
                    found.append(ChannelName(row, bare, name.partition(":")[0]))
                continue
            is_username = name == channel.username or (name.isascii() and " " not in name and "_" in name)
            found.append(ChannelName(row, name, "username" if is_username else "title"))
            if not is_username:
                found += [ChannelName(row, part, "title") for part in _parts(name)]
        return found

    @cached_property
    def _shells(self) -> frozenset[int]:
        """Rows of channels that were known by a username only, whose looks went over to the channel once its id was seen."""
        return frozenset(
            row
            for row, each in self.channels.items()
            if each.id.startswith("username:")
            and not each.posts
            and not facts.looks_answered(self.engine, row, self.size)
        )

    @cached_property
    def signed_size(self) -> int:
        """How many entries the published checkpoint covers, its signatures checked. Errors: IntegrityError."""
        return self.reader.checkpoint()[0].checkpoint.size

    # -- numbers --------------------------------------------------------------------------------------

    def counter(self, row: int, post: int, name: str) -> list[Point]:
        """The readings of a post's counter, in the order of their moments, each held until the same source looked anew."""
        rows = facts.post_readings(self.engine, row, post, name, self.size)
        looked = facts.coverage(self.engine, row, post, self.size)
        found = []
        for at, each in enumerate(rows):
            following = next((later.entry for later in rows[at + 1 :] if later.source == each.source), None)
            held = [
                look
                for look in looked
                if look.source == each.source
                and look.entry > each.entry
                and (following is None or look.entry < following)
                and look.seen_at > each.seen_at
            ]
            pointer = self._post_pointer(row, post, each.entry, each.element, "metrics", name, each.seen_at)
            pointer = msgspec.structs.replace(
                pointer, low=each.low, high=each.high, source=each.source, capture=each.capture
            )
            until = each.seen_at
            if held:
                until = held[-1].seen_at
                pointer = msgspec.structs.replace(pointer, held_until=until, held_by=held[-1].entry)
            found.append(Point(each.low, each.high, unix(each.seen_at), unix(until), pointer))
        return sorted(found, key=lambda point: (point.at, point.pointer.entry))

    def followers(self, row: int) -> list[Point]:
        """Each time that an answer told a channel's followers, in the order of the moments."""
        found = []
        for each in facts.card_readings(self.engine, row, "followers", self.size):
            if each.low is None or each.high is None:
                continue
            at = unix(each.seen_at)
            pointer = self._card_pointer(row, each, "followers", "followers")
            pointer = msgspec.structs.replace(pointer, low=each.low, high=each.high)
            found.append(Point(each.low, each.high, at, at, pointer))
        return sorted(found, key=lambda point: (point.at, point.pointer.entry))

    # -- marks and presence ---------------------------------------------------------------------------

    def labels(self, row: int, name: str) -> list[Mark]:
        """Each time that an answer spoke of a mark on a channel, in the order of the moments."""
        found = []
        for each in facts.card_readings(self.engine, row, f"label:{name}", self.size):
            pointer = self._card_pointer(row, each, "labels", f"label:{name}")
            pointer = msgspec.structs.replace(pointer, value=each.value)
            found.append(Mark(unix(each.seen_at), each.value == "there", pointer, each.value))
        return sorted(found, key=lambda mark: (mark.at, mark.pointer.entry))

    def presence(self, row: int) -> list[Mark]:
        """Each time that a channel itself was asked for and the answer says something of it."""
        found = []
        for each in facts.looks_answered(self.engine, row, self.size):
            if each.value in FAILURES:
                continue
            pointer = self._card_pointer(row, each, "standing", "answered")
            pointer = msgspec.structs.replace(pointer, value=each.value)
            is_there = each.value in ("shown", "no preview", "group")
            found.append(Mark(unix(each.seen_at), is_there, pointer, each.value))
        return sorted(found, key=lambda mark: (mark.at, mark.pointer.entry))

    def post_presence(self, row: int, post: PostAt) -> list[Mark]:
        """Each time that a post was seen, looked for with nothing new, or missing."""
        gone = facts.absences(self.engine, row, self.size, post.post)
        found = []
        for entry, element in post.places:
            pointer = self.place(row, post.post, entry, element, "post", "id")
            found.append(Mark(unix(pointer.seen_at), True, pointer))
        for each in gone:
            pointer = Pointer(
                each.entry, "absence", "posts", each.seen_at, None, self.channels[row].id, str(post.post),
                each.capture, each.source, value=each.answered,
            )  # fmt: skip
            found.append(Mark(unix(each.seen_at), False, pointer, each.answered))
        absent_since = {each.entry for each in gone}
        first = min(entry for entry, _ in post.places)
        for look in facts.coverage(self.engine, row, post.post, self.size):
            said = [
                mark
                for mark in found
                if mark.pointer.entry < look.entry and mark.pointer.source == look.source
            ]
            if look.entry <= first or not said:
                continue
            if max(mark.pointer.entry for mark in said) in absent_since:
                continue
            pointer = Pointer(
                look.entry, "coverage", "answers", look.seen_at, None, self.channels[row].id, str(post.post),
                look.capture, look.source, value="nothing new",
            )  # fmt: skip
            found.append(Mark(unix(look.seen_at), True, pointer))
        return sorted(found, key=lambda mark: (mark.at, mark.pointer.entry))

    # -- posts ----------------------------------------------------------------------------------------

    def posts(self, row: int, first: int | None, last: int | None) -> list[PostAt]:
        """The newest posts whose claimed time may lie between two unix seconds, newest first; see POSTS_LOOKED_AT."""
        key = row, first, last
        if key not in self._spans:
            self._spans[key] = self._posts_between(row, first, last)
        return self._spans[key]

    def _posts_between(self, row: int, first: int | None, last: int | None) -> list[PostAt]:
        known = facts.posts_between(self.engine, row, first, last, self.size, POSTS_LOOKED_AT)
        found = []
        for each in known:
            seen = self.seen(*each.places[-1])
            text = plain_text(seen.text) if seen is not None else ""
            found.append(PostAt(row, each.post, each.earliest, each.latest, each.media, text, each.places))
        return found

    def seen(self, entry: int, element: int) -> PostSeen | None:
        """A sealed post, its digests checked."""
        if (entry, element) not in self._posts:
            self._posts[entry, element] = load_post(self.reader, entry, element)
        return self._posts[entry, element]

    def texts(self, row: int, posts: Sequence[PostAt]) -> Iterator[Words]:
        """The texts of posts, every observation whose text differs, and the captions of their files."""
        for post in posts:
            told: set[str] = set()
            for entry, element in post.places:
                seen = self.seen(entry, element)
                text = plain_text(seen.text) if seen is not None else ""
                if text and text not in told:
                    told.add(text)
                    yield Words(
                        text, self.place(row, post.post, entry, element, "text", "text"), post.earliest
                    )

    def artefact(self, digest: str) -> bytes:
        """An artefact's bytes, hashed again. Errors: IntegrityError."""
        with self.reader.blobs.open(digest) as stored:
            raw = stored.read()
        if sha256(raw).hexdigest() != digest:
            raise IntegrityError(f"artefact {digest} does not hash to its name any more")
        return raw

    def place(self, row: int, post: int, entry: int, element: int, unit: str, field: str) -> Pointer:
        """A pointer to one unit of one observation of a post."""
        if entry not in self._captures:
            self._captures[entry] = self.reader.opened(entry)[1].value("capture") or {}
        capture = self._captures[entry]
        pointer = self._post_pointer(
            row, post, entry, element, unit, field, str(capture.get("seen_at") or "")
        )
        return msgspec.structs.replace(pointer, source=capture.get("source"), capture=capture.get("id"))

    def _post_pointer(
        self, row: int, post: int, entry: int, element: int | None, unit: str, field: str, seen_at: str
    ) -> Pointer:
        raw = None
        if element is not None:
            seen = self.seen(entry, element)
            raw = seen.raw if seen is not None else None
        return Pointer(
            entry, unit, field, seen_at, element, self.channels[row].id, str(post),
            artefact=raw.artefact if raw else None,
            offset=raw.offset if raw else None,
            length=raw.length if raw else None,
        )  # fmt: skip

    def _card_pointer(self, row: int, each: facts.CardReading, unit: str, field: str) -> Pointer:
        return Pointer(
            each.entry,
            unit,
            field,
            each.seen_at,
            None,
            self.channels[row].id,
            None,
            each.capture,
            each.source,
        )
