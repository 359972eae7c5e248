"""The nouns that cross walls, frozen, without I/O."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "ANSWERS",
    "UNITS",
    "Author",
    "CardSeen",
    "ChannelSeen",
    "Count",
    "Counts",
    "Forward",
    "Label",
    "MediaSeen",
    "Metrics",
    "PostFacts",
    "PostSeen",
    "Problem",
    "RawRange",
    "Reading",
    "Reply",
    "Restriction",
    "Text",
    "plain_text",
]

UNITS = ("post", "author", "text", "media", "metrics", "raw")
"""The units of a post's observation, in sealing order: each is shown, withheld or erased alone."""

JSONValue = Any
"""A value that JSON can hold: no floats in sealed records, 64-bit ids as strings."""


class Frozen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is not recorded by the source is absent (None), never zero or empty."""


class Reading(Frozen, frozen=True):
    """A number as a source showed it. Shapes: it was one of `low` to `high`, both included; `shown` as printed."""

    low: int
    high: int
    shown: str | None = None


Count = int | Reading
"""A counter: exact, or as it was shown."""


class Forward(Frozen, frozen=True):
    """Where a post was first published, as the source says. `name` of a person goes to Author."""

    name: str | None = None
    source_id: str | None = None
    published_at: str | None = None
    published_local: str | None = None


class Reply(Frozen, frozen=True):
    post: str
    channel: str | None = None


class PostFacts(Frozen, frozen=True):
    """Identity and claimed times of a post.

    Units: `published_at`, `edited_at` RFC 3339 in UTC, whole seconds, as the source claims;
    the `_local` twins are the exporter's wall clock without a zone, kept only where no absolute
    time was recorded. `kind` is "post" or "service"; `action` is a service post's own fields.
    """

    channel: str
    id: str
    kind: str = "post"
    published_at: str | None = None
    published_local: str | None = None
    edited_at: str | None = None
    edited_local: str | None = None
    reply: Reply | None = None
    forward: Forward | None = None
    action: dict[str, JSONValue] | None = None
    other: dict[str, JSONValue] | None = None
    """Fields of the source that no name above stands for, verbatim."""
    repairs: tuple[str, ...] | None = None
    """What had to be mended before the record could be read (encoding, lone surrogate, …)."""


class Author(Frozen, frozen=True):
    """Persons behind a post. Erased or withheld alone, so every personal name lies here."""

    name: str | None = None
    source_id: str | None = None
    signature: str | None = None
    via_bot: str | None = None
    forward_name: str | None = None
    forward_id: str | None = None
    persons: dict[str, JSONValue] | None = None
    """Other persons named by the record (members of a service post, who reacted, a contact)."""


Text = str | tuple[str | dict[str, JSONValue], ...]
"""A text: plain, or its runs in order, each plain or an object with `type`, `text` and attributes."""


def plain_text(text: Text | None) -> str:
    """The text without its formatting, every run in order."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    return "".join(run if isinstance(run, str) else str(run.get("text", "")) for run in text)


class MediaSeen(Frozen, frozen=True):
    """One file or object attached to a post.

    `kind`: photo, video, round_video, voice, audio, animation, sticker, document, poll, contact,
    location, venue, game, invoice, giveaway, todo, story, paid, other.
    `state` of the bytes: "sealed" (artefact holds them), "not_included", "too_big", "unavailable",
    "missing", "empty", "unreadable", "outside" (the path leaves the export's folder), None (has none).
    Units: sizes in bytes, lengths in pixels, `duration_s` in whole seconds, all as the source claims;
    `artefact` is the lowercase hex SHA-256 of the bytes we hold, `observed_size_bytes` their count.
    """

    kind: str
    state: str | None = None
    artefact: str | None = None
    observed_size_bytes: int | None = None
    source_path: str | None = None
    file_name: str | None = None
    mime: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: int | None = None
    title: str | None = None
    performer: str | None = None
    emoji: str | None = None
    spoiler: bool | None = None
    thumbnail: MediaSeen | None = None
    data: dict[str, JSONValue] | None = None
    """What is no file: a poll's question and answers, a place's coordinates (as decimal strings)."""


class Metrics(Frozen, frozen=True):
    """Counters of a post at the time of the capture; None is "not recorded".

    `reactions`: (name, count) sorted by name; a name is the emoji, "custom:<id>" or "paid".
    `votes`: (answer, voters) of a poll in the poll's order, `voters` their total; `shares`: (answer, whole percent as
    shown), where a page shows no counts.
    """

    views: Count | None = None
    forwards: Count | None = None
    reactions: tuple[tuple[str, Count], ...] | None = None
    votes: tuple[tuple[str, int], ...] | None = None
    voters: Count | None = None
    shares: tuple[tuple[str, int], ...] | None = None
    replies: Count | None = None


class RawRange(Frozen, frozen=True):
    """Where in an artefact the record stands. Units: bytes; None where the format allows no range."""

    artefact: str
    offset: int | None = None
    length: int | None = None


class PostSeen(Frozen, frozen=True):
    """What one capture saw of one post: one field per unit of erasure, in the order of UNITS."""

    post: PostFacts
    author: Author | None
    text: Text | None
    media: tuple[MediaSeen, ...] | None
    metrics: Metrics | None
    raw: RawRange | None


class ChannelSeen(Frozen, frozen=True):
    """What one capture saw of a channel's card.

    `id`: the source's decimal id (positive), or "title:<title>", "username:<lower-case username>" where it records none.
    `kind`: channel, group or private, and `source_type` the source's own word for it.
    """

    id: str
    title: str | None = None
    kind: str = "channel"
    source_type: str | None = None
    username: str | None = None
    description: str | None = None


class Label(Frozen, frozen=True):
    """A mark that the platform puts on a channel.

    `name`: "verified", "scam", "fake", "restricted", or "unknown:<class or text>" for one that nobody here knows.
    `is_set` False only where the source says that the mark is not there; one that is not spoken of is unknown.
    """

    name: str
    is_set: bool = True
    shown: str | None = None


class Restriction(Frozen, frozen=True):
    """Where a channel or post is withheld, and the reason as the platform words it."""

    platform: str
    reason: str
    text: str | None = None


ANSWERS = (
    "shown",
    "no preview",
    "private",
    "restricted",
    "not found",
    "user",
    "group",
    "bot",
    "banned",
    "blocked here",
    "rate limited",
    "server error",
    "network failure",
    "not understood",
)
"""What was answered when a channel or post was asked for; said as observed, never as a motive.

"shown": what was asked for. "no preview": the channel is there, its posts are not shown to strangers. "private": only
by invitation, or not open to this account. "restricted": the source says that it cannot be displayed. "not found": the
source says that there is no such thing. "user", "group", "bot": the name leads to something else. "banned": the source says that
this account may not see it. "blocked here": refused for this network or country. "not understood": an answer of a shape that nobody here knows.
"""


class CardSeen(Frozen, frozen=True):
    """What one capture saw when it asked for a channel.

    `answered` is one of ANSWERS; `detail` the source's own words for it. `labels` is what is known of marks, None where the
    source does not speak of them. `counters`: (name, count) of "photos", "videos", "files", "links" as shown.
    `moved_to`: the id of the chat that took its place, where the source says so.
    """

    answered: str
    channel: ChannelSeen | None = None
    followers: Count | None = None
    labels: tuple[Label, ...] | None = None
    counters: tuple[tuple[str, Count], ...] | None = None
    restrictions: tuple[Restriction, ...] | None = None
    linked_chat: str | None = None
    moved_to: str | None = None
    detail: str | None = None


class Problem(Frozen, frozen=True):
    """Something that was skipped, mended or repeated.

    `code` is from the adapter's closed list; `outcome` is "skipped" (not kept as a post),
    "repaired" (kept after mending) or "repeated" (seen before in the same capture).
    """

    code: str
    outcome: str
    detail: str = ""
    document: str | None = None
    offset: int | None = None
    post: str | None = None


class Counts(Frozen, frozen=True):
    """Units: posts of one capture, but for the media. `read` counts records met; a post that stands in the export
    more than once is counted each time, and again under `repeated`."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    repeated: int = 0
    repaired: int = 0
    absent: int = 0
    media_sealed: int = 0
    media_missing: int = 0
