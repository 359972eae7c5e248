"""Tells how a channel and its posts changed: intervals from the tables, words from what is sealed."""

from __future__ import annotations

import msgspec

from holdfast.archive import Archive
from holdfast.catalog import queries, timeline
from holdfast.catalog.diff import words_changed
from holdfast.catalog.timeline import Event, Look, Reading
from holdfast.model import PostSeen, plain_text
from holdfast.sealing import load_post

__all__ = ["PostStory", "channel_history", "post_story"]

TEXTS_OPENED = 2_000
"""Edits whose texts are opened to count their words; of the rest it is only said that the text changed."""


def channel_history(archive: Archive, row: queries.ChannelRow, *, gap_s: int = 3 * 3600) -> list[Event]:
    """All that changed of a channel and its posts, as intervals; edits of texts with the number of words that differ.

    Errors: IntegrityError if what is sealed does not open.
    """
    opened = 0
    found = []
    for each in timeline.timeline(archive.engine(), row.row, gap_s=gap_s):
        if each.places and "text" in each.differs and opened < TEXTS_OPENED:
            opened += 1
            old, new = (load_post(archive.reader, entry, element) for entry, element in each.places)
            each = msgspec.structs.replace(each, words=_words(old, new))
        found.append(each)
    return found


def _words(old: PostSeen | None, new: PostSeen | None) -> int | None:
    if old is None or new is None:
        return None
    return words_changed(plain_text(old.text), plain_text(new.text))


class PostStory(msgspec.Struct, frozen=True):
    """How a post's counters grew, what happened to it, and how its channel was last answered for."""

    curve: list[Reading]
    events: list[Event]
    channel_look: Look | None


def post_story(archive: Archive, channel: int, post: int) -> PostStory:
    """The history of one post. Errors: FormatError, StorageError of the catalog."""
    engine = archive.engine()
    looks = timeline.looks(engine, channel)
    live = [each for each in looks if each.answered not in timeline.FAILURES]
    return PostStory(
        timeline.curve(engine, channel, post),
        timeline.post_events(engine, channel, post),
        live[-1] if live else None,
    )
