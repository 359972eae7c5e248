"""What every adapter promises.

Raw first: the artefact is sealed even when the parser fails. The parser is pure: bytes in,
observations out. Coverage is stated. Failures are observations too. What the source claimed and
what we saw never share a field. Nothing is skipped silently: it is counted and sealed.
"""

from __future__ import annotations

import msgspec

from holdfast.model import CardSeen, ChannelSeen, PostSeen, Problem

__all__ = ["AnswerSeen", "Chat", "Coverage", "FileOffer", "Parsed", "Region"]


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


class FileOffer(msgspec.Struct, frozen=True, gc=False):
    """Where the bytes of a post's media can be had, for as long as the offer lasts.

    `position` counts the post's media from 0, `thumbnail` says that its small picture is meant. `kind` is that of the media.
    """

    post: int
    position: int
    url: str
    kind: str
    thumbnail: bool = False


class AnswerSeen(msgspec.Struct, frozen=True, gc=False):
    """What one answer of a live source says; made by a pure parser from the answer's bytes.

    `answered`: one of `model.ANSWERS`, for what was asked (a channel, or one post). `ids`: every post id that the answer
    shows, ascending, members of albums and service posts included; `first` and `last` are the ends of the run of ids
    that the answer is about, so that an id between them that is not in `ids` is not on the page (which is not yet
    an absence: the post itself has to be asked for). `older`: what to ask for the posts before; None with
    `is_start` True: there are none. `source_time`: unix seconds by the source's own clock. `unknown`: (what, how often) of
    markup that the parser has no name for: the layout may be new.
    """

    answered: str
    card: CardSeen | None = None
    posts: tuple[PostSeen, ...] = ()
    ids: tuple[int, ...] = ()
    first: int | None = None
    last: int | None = None
    older: int | None = None
    is_start: bool = False
    source_time: int | None = None
    files: tuple[FileOffer, ...] = ()
    problems: tuple[Problem, ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    detail: str | None = None
