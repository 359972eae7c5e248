"""What every adapter promises.

Raw first: the artefact is sealed even when the parser fails. The parser is pure: bytes in,
observations out. Coverage is stated. Failures are observations too. What the source claimed and
what we saw never share a field. Nothing is skipped silently: it is counted and sealed.
"""

from __future__ import annotations

import msgspec

from holdfast.model import ChannelSeen, PostSeen, Problem

__all__ = ["Chat", "Coverage", "Parsed", "Region"]


class Region(msgspec.Struct, frozen=True, gc=False):
    """A run of whole records cut out of one document, small enough to parse at once.

    `chat` counts the chats of the capture from 0; `offset` is the first byte's place in the document.
    """

    chat: int
    document: str
    offset: int
    body: bytes
    context: str | None = None
    """What the adapter's parser must know of the records before (an HTML row that repeats no author)."""


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """What a parser made of one region. `read` counts records met, kept or not."""

    posts: tuple[PostSeen, ...]
    problems: tuple[Problem, ...]
    read: int


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """Which post ids a capture can speak of: inside `spans` an id not seen is absent.

    `spans` are inclusive (first, last) pairs in ascending order; `reason` says why they are fewer
    than one would expect (records out of order, a page missing, an unreadable record, cut short).
    """

    spans: tuple[tuple[int, int], ...] = ()
    reason: str | None = None


class Chat(msgspec.Struct, frozen=True, gc=False):
    """One chat found in a capture, with what the source says of it."""

    index: int
    channel: ChannelSeen
    included: bool = True
