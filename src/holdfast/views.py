"""What the archive answers: a post with its observations, a hit, a page of hits."""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.catalog import queries
from holdfast.model import PostSeen

__all__ = ["Found", "Page", "PostView"]


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
