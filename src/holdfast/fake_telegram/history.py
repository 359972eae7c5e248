"""What is so at a time, and what truly happened: the scenario's own answer to what a page may only hint at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import msgspec

from holdfast.fake_telegram.parts import Channel, Media, Post, Words

__all__ = [
    "ChannelState",
    "PostState",
    "TrueEvent",
    "channel_at",
    "find_post",
    "is_there",
    "post_at",
    "posts_at",
    "true_events",
]


class TrueEvent(msgspec.Struct, frozen=True, gc=False):
    """`kind`: an event of a channel, or "post appeared", "post edited", "post vanished". Units: unix seconds."""

    at: int
    kind: str
    details: dict[str, Any] = {}


class ChannelState(msgspec.Struct, frozen=True, gc=False):
    """A channel at one time. `answer`: "shown", "no preview", "restricted", "private", "group", "user", "bot" or "not found".

    `username` None: it has none. `warnings` stand before the description while their label is on; `restriction` is what the
    platform says of it.
    """

    channel: Channel
    answer: str
    username: str | None
    title: str
    description: str
    followers: int
    labels: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    restriction: str = ""

    @property
    def shown_description(self) -> str:
        return "\n\n".join(part for part in (*self.warnings, self.description) if part)


class PostState(msgspec.Struct, frozen=True, gc=False):
    """A post at one time. `members`: (id, media, index in the album) of those that are there; `revision` counts its edits,
    `media_revision` is that of the last one which changed its media."""

    post: Post
    id: int
    text: Words | None
    members: tuple[tuple[int, Media, int], ...]
    revision: int
    media_revision: int
    edited: bool
    views: int
    reactions: tuple[tuple[str, int], ...]
    poll_votes: tuple[tuple[str, int], ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(number for number, _, _ in self.members) or (self.id,)


def channel_at(channel: Channel, at: float) -> ChannelState:
    """The channel's true state at a time."""
    answer = "shown" if channel.kind == "channel" else channel.kind
    username: str | None = channel.username
    title, description, restriction = channel.title, channel.description, ""
    labels = list(channel.labels)
    warnings: dict[str, str] = {}
    preview, restricted, private, gone = True, False, False, False
    for event in channel.events:
        if event.at > at:
            break
        what, value = event.what, event.value
        if what == "title":
            title = value
        elif what == "username":
            username = value or None
        elif what == "description":
            description = value
        elif what == "label added":
            if value not in labels:
                labels.append(value)
            warnings[value] = event.warning
        elif what == "label removed":
            labels = [label for label in labels if label != value]
            warnings.pop(value, None)
        elif what in ("preview off", "preview on"):
            preview = what == "preview on"
        elif what in ("restricted", "unrestricted"):
            restricted, restriction = what == "restricted", value
        elif what in ("private", "public"):
            private = what == "private"
        elif what == "gone":
            gone = True
    # What hides the most is what is answered.
    if gone or (channel.appears_at is not None and at < channel.appears_at):
        answer = "not found"
    elif restricted:
        answer = "restricted"
    elif private:
        answer = "private"
    elif answer == "shown" and not preview:
        answer = "no preview"
    return ChannelState(
        channel,
        answer,
        username,
        title,
        description,
        channel.followers.at(at),
        tuple(labels),
        tuple(filter(None, warnings.values())),
        restriction,
    )


def post_at(post: Post, at: float) -> PostState | None:
    """The post's true state at a time; None before it appears and after it has vanished."""
    if at < post.at or (post.deleted_at is not None and at >= post.deleted_at):
        return None
    text, media, revision, media_revision, edited = post.text, post.media, 0, 0, False
    for edit in post.edits:
        if edit.at > at:
            break
        revision += 1
        text = edit.text if edit.text is not None else text
        if edit.media is not None:
            media, media_revision = edit.media, revision
        edited = edited or edit.mark
    members = tuple(
        (post.id + index, item, index)
        for index, item in enumerate(media)
        if item.deleted_at is None or at < item.deleted_at
    )
    if media and not members:
        return None
    poll = members[0][1].poll if members else None
    return PostState(
        post,
        members[0][0] if members else post.id,
        text,
        members,
        revision,
        media_revision,
        edited,
        post.views.at(at),
        tuple((name, count) for name, curve in post.reactions if (count := curve.at(at)) > 0),
        tuple((words, curve.at(at)) for words, curve in poll.answers) if poll is not None else (),
    )


def posts_at(channel: Channel, at: float) -> tuple[PostState, ...]:
    """The posts that are there at a time, by ascending id."""
    return tuple(state for post in channel.posts if (state := post_at(post, at)) is not None)


def is_there(post: Post, at: float) -> bool:
    """Whether anything of a post is there at a time; cheaper than its whole state."""
    if at < post.at or (post.deleted_at is not None and at >= post.deleted_at):
        return False
    return not post.media or any(item.deleted_at is None or at < item.deleted_at for item in post.media)


def find_post(channel: Channel, number: int, at: float) -> PostState | None:
    """The post of this id, or the album that it is a member of, if it is there at a time."""
    place = bisect_right(channel.posts, number, key=lambda post: post.id)
    state = post_at(channel.posts[place - 1], at) if place else None
    return state if state is not None and number in state.ids else None


def true_events(channel: Channel) -> tuple[TrueEvent, ...]:
    """All that happened to a channel and its posts, in order of time. Counters are curves, not events: ask them at a time."""
    found = [*_channel_events(channel), *(event for post in channel.posts for event in _post_events(post))]
    return tuple(sorted(found, key=lambda event: event.at))


def _channel_events(channel: Channel) -> Iterator[TrueEvent]:
    if channel.appears_at is not None:
        yield TrueEvent(channel.appears_at, "appeared", {"username": channel.username})
    for event in channel.events:
        before = channel_at(channel, event.at - 1)
        details: dict[str, Any] = {}
        if event.what in ("title", "username", "description"):
            details = {"from": getattr(before, event.what), "to": event.value or None}
        elif event.what in ("label added", "label removed"):
            details = {"label": event.value, "warning": event.warning or None}
        elif event.what == "restricted":
            details = {"text": event.value}
        yield TrueEvent(event.at, event.what, details)


def _post_events(post: Post) -> Iterator[TrueEvent]:
    yield TrueEvent(post.at, "post appeared", {"post": post.id, "ids": tuple(post.ids)})
    end = post.deleted_at
    for edit in post.edits:
        if end is not None and edit.at >= end:
            continue
        before, after = post_at(post, edit.at - 1), post_at(post, edit.at)
        yield TrueEvent(
            edit.at,
            "post edited",
            {
                "post": post.id,
                "from": before.text.plain if before and before.text else None,
                "to": after.text.plain if after and after.text else None,
                "media": edit.media is not None,
                "mark": edit.mark,
            },
        )
    for index, item in enumerate(post.media):
        if item.deleted_at is not None and not _outlives(post, index, end):
            number = post.id + index
            yield TrueEvent(item.deleted_at, "post vanished", {"post": number, "ids": (number,)})
    if end is not None:
        gone = tuple(post.id + index for index in range(len(post.ids)) if _outlives(post, index, end))
        yield TrueEvent(end, "post vanished", {"post": post.id, "ids": gone})


def _outlives(post: Post, index: int, end: int | None) -> bool:
    """Whether a member of an album is there up to the album's own end."""
    alone = post.media[index].deleted_at if post.media else None
    return alone is None or (end is not None and alone >= end)
