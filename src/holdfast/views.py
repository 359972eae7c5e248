"""What the archive answers: a post with its observations, a hit, a page of hits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from holdfast.catalog import queries
from holdfast.model import MediaSeen, PostSeen

__all__ = ["Attached", "Found", "Page", "PostView", "attached"]


class Attached(msgspec.Struct, frozen=True):
    """What is attached to a post, with the bytes that are held of it. `entry`, `element`: the observation that brought them,
    perhaps an earlier one, because bytes that are held are not fetched again."""

    item: MediaSeen
    entry: int
    element: int
    is_earlier: bool = False


def attached(
    place: tuple[int, int], seen: PostSeen, earlier: Iterable[tuple[int, int, PostSeen]]
) -> list[Attached]:
    """What is attached to a post as one observation, at `place`, shows it; files that it does not repeat are taken from the
    observations in `earlier`, oldest first, which must be of the same edit."""
    found = [Attached(each, *place) for each in seen.media or ()]
    for entry, element, before in earlier:
        for at, each in enumerate((before.media or ())[: len(found)]):
            now = found[at]
            if each.kind != now.item.kind or (entry, element) == place:
                continue
            if (each.artefact is not None and (now.item.artefact is None or now.is_earlier)) or (
                each.thumbnail is not None and each.thumbnail.artefact and now.item.artefact is None
            ):
                found[at] = Attached(each, entry, element, True)
    return found


class PostView(msgspec.Struct, frozen=True):
    """A post with every observation of it that was sealed, oldest first; None where its facts are not held."""

    channel: queries.ChannelRow
    state: queries.PostState
    observations: list[tuple[queries.ObservationRow, PostSeen | None]]
    media: list[queries.MediaRow]
    absences: list[tuple[int, str, str | None, str]]
    covered: list[tuple[str, str | None, int]]
    """(capture, seen at, entry) of later captures that looked where the post stands, whatever they found."""
    captures: list[int]
    """Entries of the captures that its observations and absences belong to."""
    checkpoint_size: int
    """Entries below it are covered by the published checkpoint."""

    def attached(self) -> list[Attached]:
        """What is attached to the post now, with the files that are held of it, whichever observation brought them."""
        latest = next(((row, seen) for row, seen in reversed(self.observations) if seen is not None), None)
        if latest is None:
            return []
        earlier: list[tuple[int, int, PostSeen]] = []
        for row, seen in self.observations:
            if "files" in row.changed:
                if seen is not None:
                    earlier.append((row.entry, row.element, seen))
            elif {"media", "edit mark"} & {*row.changed}:
                earlier.clear()  # its files need not be what is attached now
        return attached((latest[0].entry, latest[0].element), latest[1], earlier)


class Found(msgspec.Struct, frozen=True):
    """One hit: the post with the observation that proves it, as sealed."""

    channel: queries.ChannelRow
    hit: Any
    seen: PostSeen | None
    state: queries.PostState


class Page(msgspec.Struct, frozen=True):
    """Some of the posts that a query finds. `total` counts posts; where `is_exact` is false it counts their matching
    revisions, so that posts are at most so many. `undated`, `bounded`: see Hits."""

    total: int
    is_exact: bool
    posts: list[Found]
    undated: int
    bounded: bool
