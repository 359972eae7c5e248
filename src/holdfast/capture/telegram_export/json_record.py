"""Says what one record of a JSON export means: the usual fields, whose types are as they should be."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from holdfast.capture.contract import Chat
from holdfast.capture.telegram_export.text import text_of
from holdfast.capture.telegram_export.values import path_or_state, reaction_name, utc_from_unix
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostFacts, PostSeen, RawRange, Reply, Text

__all__ = [
    "MEDIA_KINDS",
    "RareRecordError",
    "Reaction",
    "Record",
    "View",
    "file_media",
    "post_from_record",
    "who_speaks",
]

MEDIA_KINDS: Final = {
    "sticker": "sticker",
    "video_file": "video",
    "video_message": "round_video",
    "voice_message": "voice",
    "audio_file": "audio",
    "animation": "animation",
}
"""The exporter's `media_type` and ours; a file without one is a document."""


_NOT_THERE: Final = msgspec.Raw()
_UNSET: Final = msgspec.UNSET


class RareRecordError(Exception):
    """The record holds something that only the forgiving way can keep."""


class Reaction(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    count: int
    type: str | None = None
    emoji: str | None = None
    document_id: str | None = None


class Record(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A record of the usual fields with the usual types; any other does not decode to it.

    Null is as good as absent, except where it says that somebody is gone.
    """

    id: int
    type: str | None = None
    date: str | None = None
    date_unixtime: str | None = None
    edited: str | None = None
    edited_unixtime: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    from_id: str | None = None
    author: str | None = None
    text: str | list[str | dict[str, str | bool | int]] | None = None
    text_entities: msgspec.Raw = _NOT_THERE  # says the same as `text`, which is enough
    reply_to_message_id: int | None = None
    reply_to_peer_id: str | None = None
    forwarded_from: str | msgspec.UnsetType = msgspec.UNSET
    forwarded_from_id: str | msgspec.UnsetType = msgspec.UNSET
    photo: str | None = None
    photo_file_size: int | None = None
    file: str | None = None
    file_name: str | None = None
    file_size: int | None = None
    thumbnail: str | None = None
    thumbnail_file_size: int | None = None
    media_type: str | None = None
    mime_type: str | None = None
    duration_seconds: int | None = None
    width: int | None = None
    height: int | None = None
    title: str | None = None
    performer: str | None = None
    sticker_emoji: str | None = None
    media_spoiler: bool | None = None
    reactions: list[Reaction] | None = None


class View:
    """What must be known of a chat to understand its records."""

    __slots__ = ("channel", "is_channel", "own_ids", "title")

    def __init__(self, chat: Chat) -> None:
        self.channel = chat.channel.id
        self.title = chat.channel.title
        self.is_channel = chat.channel.kind == "channel"
        self.own_ids = frozenset((f"channel{self.channel}", self.channel))

    def is_own(self, name: str | None, source_id: str | None) -> bool:
        """Whether this is the channel speaking in its own name, which tells nothing about a person."""
        if not self.is_channel:
            return False
        return source_id in self.own_ids if source_id is not None else name is None or name == self.title


def post_from_record(record: Record, view: View, raw: RawRange) -> PostSeen:
    """The post that an ordinary record stands for. Raises RareRecordError if it is not so ordinary."""
    if record.type != "message":
        raise RareRecordError
    published_at = edited_at = published_local = edited_local = None
    if record.date_unixtime is not None:
        published_at = utc_from_unix(record.date_unixtime)
        if published_at is None:
            raise RareRecordError
    else:
        published_local = record.date
        if published_local is None:
            raise RareRecordError
    if record.edited_unixtime is not None:
        edited_at = utc_from_unix(record.edited_unixtime)
        if edited_at is None:
            raise RareRecordError
    elif record.edited is not None:
        edited_local = record.edited

    text: Text | None = None
    written = record.text
    if written is not None:
        try:
            # Most texts are plain; a call less for each of them.
            text = (written or None) if written.__class__ is str else text_of(written)
        except TypeError:
            raise RareRecordError from None
    elif bytes(record.text_entities):
        raise RareRecordError

    reply = None
    if record.reply_to_message_id is not None:
        reply = Reply(str(record.reply_to_message_id), _reply_channel(record.reply_to_peer_id))
    elif record.reply_to_peer_id is not None:
        raise RareRecordError
    author = forward = None
    origin, origin_id = record.forwarded_from, record.forwarded_from_id
    # Most posts are the channel's own, and name nobody.
    if not (
        view.is_channel
        and record.from_id in view.own_ids
        and record.author is None
        and origin is _UNSET
        and origin_id is _UNSET
    ):
        author, forward = who_speaks(
            view,
            record.from_,
            record.from_id,
            record.author,
            None if origin is _UNSET else origin,
            None if origin_id is _UNSET else origin_id,
        )

    media: tuple[MediaSeen, ...] | None = None
    if record.photo is not None or record.file is not None:
        media = file_media(record)
    elif _stray_media_fields(record):
        raise RareRecordError

    metrics = None
    if record.reactions is not None:
        counted = [(reaction_name(r.type, r.emoji, r.document_id), r.count) for r in record.reactions]
        metrics = Metrics(reactions=tuple(sorted(counted)))

    facts = PostFacts(
        view.channel,
        str(record.id),
        "post",
        published_at,
        published_local,
        edited_at,
        edited_local,
        reply,
        forward,
    )
    return PostSeen(facts, author, text, media, metrics, raw)


def who_speaks(
    view: View,
    name: str | None,
    source_id: str | None,
    signature: str | None,
    forwarded_from: str | None,
    forwarded_from_id: str | None,
) -> tuple[Author | None, Forward | None]:
    """The persons behind a post, and where it was first published."""
    if view.is_own(name, source_id):
        name = source_id = None
    forward = None
    if forwarded_from is not None or forwarded_from_id is not None:
        if view.is_channel and forwarded_from_id is not None and forwarded_from_id.startswith("channel"):
            forward = Forward(forwarded_from, forwarded_from_id[7:])
            forwarded_from = forwarded_from_id = None
        else:
            # Without an id it may be a person: then the name must be erasable with the author.
            forward = Forward()
    if (
        name is None
        and source_id is None
        and signature is None
        and forwarded_from is None
        and forwarded_from_id is None
    ):
        return None, forward
    return Author(name, source_id, signature, None, forwarded_from, forwarded_from_id), forward


def _reply_channel(peer: str | None) -> str | None:
    if peer is None:
        return None
    if not peer.startswith("channel"):
        raise RareRecordError  # a person's chat, which is nothing to state beside the post
    return peer[7:]


def _stray_media_fields(record: Record) -> bool:
    return _stray_file_fields(record) or not (
        record.width is None
        and record.height is None
        and record.photo_file_size is None
        and record.media_spoiler is None
    )


def _stray_file_fields(record: Record) -> bool:
    return not (
        record.file_name is None
        and record.file_size is None
        and record.thumbnail is None
        and record.thumbnail_file_size is None
        and record.media_type is None
        and record.mime_type is None
        and record.duration_seconds is None
        and record.title is None
        and record.performer is None
        and record.sticker_emoji is None
    )


def file_media(record: Record, data: dict[str, Any] | None = None) -> tuple[MediaSeen, ...]:
    """The photo or the file of a record, or both. What the source does not say stays None."""
    media: list[MediaSeen] = []
    if record.photo is not None:
        path, state, _ = path_or_state(record.photo)
        media.append(
            MediaSeen(
                "photo",
                state=state,
                source_path=path,
                size_bytes=record.photo_file_size,
                width=None if record.file is not None else record.width,
                height=None if record.file is not None else record.height,
                spoiler=record.media_spoiler,
                data=data,
            )
        )
    elif record.photo_file_size is not None:
        raise RareRecordError
    if record.file is None:
        if _stray_file_fields(record):
            raise RareRecordError
        return tuple(media)
    path, state, named = path_or_state(record.file)
    thumbnail = None
    if record.thumbnail is not None:
        thumbnail_path, thumbnail_state, _ = path_or_state(record.thumbnail)
        thumbnail = MediaSeen(
            "photo",
            state=thumbnail_state,
            source_path=thumbnail_path,
            size_bytes=record.thumbnail_file_size,
        )
    kind = "document"
    if record.media_type is not None:
        kind = MEDIA_KINDS.get(record.media_type, "other")
        if kind == "other":
            data = {**(data or {}), "media_type": record.media_type}
    media.append(
        MediaSeen(
            kind,
            state=state,
            source_path=path,
            file_name=record.file_name if record.file_name is not None else named,
            mime=record.mime_type,
            size_bytes=record.file_size,
            width=record.width,
            height=record.height,
            duration_s=record.duration_seconds,
            title=record.title,
            performer=record.performer,
            emoji=record.sticker_emoji,
            spoiler=record.media_spoiler,
            thumbnail=thumbnail,
            data=data,
        )
    )
    return tuple(media)
