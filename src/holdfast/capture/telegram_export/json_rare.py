"""Says what a record means that is not of the usual fields and types: service posts, polls, damaged ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from holdfast.capture.telegram_export.json_lenient import Unreadable, repeated
from holdfast.capture.telegram_export.json_objects import object_media, votes_of, without_persons
from holdfast.capture.telegram_export.json_record import Record, View, file_media, who_speaks
from holdfast.capture.telegram_export.text import text_of
from holdfast.capture.telegram_export.values import (
    EXACT_INT,
    bounded,
    persons_id,
    reaction_name,
    utc_from_unix,
)
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostFacts, PostSeen, RawRange, Reply, Text

__all__ = ["NoPostError", "post_from_dict"]

_FILE_WORDS: Final = (
    *("file_name", "thumbnail", "media_type", "mime_type"),
    *("title", "performer", "sticker_emoji"),
)
_NULL_IS_ABSENT: Final = frozenset(Record.__struct_encode_fields__) - {"forwarded_from", "forwarded_from_id"}
_TYPES: Final = ("message", "service", "unsupported")


class NoPostError(Exception):
    """The object is no post that can be kept; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_exact(value: Any) -> bool:
    return _is_whole(value) and -EXACT_INT < value < EXACT_INT


def _take(rest: dict[str, Any], key: str, fits: Callable[[Any], bool]) -> Any:
    """The value if it fits, out of `rest`. Null is absent; what does not fit stays, to be kept as it is."""
    value = rest.get(key)
    if value is not None and not fits(value):
        return None
    rest.pop(key, None)
    return value


def post_from_dict(
    source: dict[str, Any], view: View, raw: RawRange, repairs: tuple[str, ...], written: bytes
) -> PostSeen:
    """The post that a record stands for, whatever of it can be read; `written` is its bytes.

    A field that cannot be understood is kept in `PostFacts.other`. Raises NoPostError.
    """
    rest = {key: value for key, value in source.items() if value is not None or key not in _NULL_IS_ABSENT}
    number, kind = rest.pop("id", None), source.get("type")
    if not _is_whole(number):
        raise NoPostError("bad_id")
    if kind not in _TYPES and source.get("date") is None and "date_unixtime" not in source:
        raise NoPostError("not_a_post")
    is_service = kind == "service"
    if kind in ("message", "service"):
        rest.pop("type")
    persons: dict[str, Any] = {}

    published_at, published_local = _take_time(rest, "date")
    edited_at, edited_local = _take_time(rest, "edited")
    text = _take_text(rest, written if source.get("action") == "send_webview_data" else None)
    speaker = "actor" if is_service else "from"
    author, forward = who_speaks(
        view,
        _take(rest, speaker, _is_string),
        _take_peer(rest, f"{speaker}_id"),
        None if is_service else _take(rest, "author", _is_string),
        _take(rest, "forwarded_from", _is_string),
        _take_peer(rest, "forwarded_from_id"),
    )
    if forward is None and ("forwarded_from" in source or "forwarded_from_id" in source):
        forward = Forward()  # null: from somebody who is gone
    via_bot = None if is_service else _take(rest, "via_bot", _is_string)
    reply = _take_reply(rest, persons)
    media = _take_files(rest)
    reactions = _take_reactions(rest, persons)
    poll = rest.get("poll")
    media += object_media(rest, persons)
    votes, voters = votes_of(poll)

    rest = without_persons(rest, persons)
    action = None
    if is_service:
        action = {"type": rest.pop("action", None), **rest}
        action = bounded({key: value for key, value in action.items() if value is not None})
        rest = {}
    other = bounded(rest)
    author = msgspec.structs.replace(author or Author(), via_bot=via_bot, persons=bounded(persons) or None)
    metrics = Metrics(reactions=reactions, votes=votes, voters=voters)
    return PostSeen(
        PostFacts(
            view.channel,
            str(number),
            "service" if is_service else "post",
            published_at,
            published_local,
            edited_at,
            edited_local,
            reply,
            forward,
            action or None,
            other or None,
            repairs or None,
        ),
        author if author != Author() else None,
        text,
        tuple(media) or None,
        metrics if metrics != Metrics() else None,
        raw,
    )


def _take_time(rest: dict[str, Any], key: str) -> tuple[str | None, str | None]:
    """(UTC, local) of a claimed time: only one of them. A claim that is no time stays in `rest`."""
    unix = f"{key}_unixtime"
    value = rest.get(unix)
    claim = str(value) if _is_whole(value) else value
    utc = utc_from_unix(claim) if isinstance(claim, str) else None
    if utc is not None:
        del rest[unix]
        rest.pop(key, None)
        return utc, None
    if value is None:
        rest.pop(unix, None)
    local = _take(rest, key, _is_string)
    return None, local


def _take_text(rest: dict[str, Any], webview: bytes | None) -> Text | None:
    entities = rest.pop("text_entities", None)
    if webview is not None:
        # This action writes its own `text` (a button's) before the post's; the last one counts for both.
        try:
            found = [value for value in repeated(webview, "text") if isinstance(value, str)]
        except Unreadable:
            found = []
        if len(found) > 1 and found[0]:
            rest["button_text"] = found[0]
    value = rest.get("text")
    if value is None:
        rest.pop("text", None)
        value, key = entities, "text_entities"
    else:
        key = "text"
    if value is None:
        return None
    try:
        text = text_of(value)
    except TypeError:
        rest[key] = value
        return text_of(_readable_pieces(value))
    rest.pop("text", None)
    return text


def _readable_pieces(value: Any) -> list[Any]:
    """The pieces of a damaged text that can be read; the whole of it is kept beside it."""
    pieces: list[Any] = []
    for piece in value if isinstance(value, list) else [value]:
        if isinstance(piece, str):
            pieces.append(piece)
        elif isinstance(piece, dict) and isinstance(piece.get("text"), str):
            kind = piece.get("type")
            pieces.append({**piece, "type": kind} if isinstance(kind, str) else piece["text"])
    return pieces


def _take_peer(rest: dict[str, Any], key: str) -> str | None:
    """An id that newer exports write as `user1` and older ones as a bare number."""
    value = _take(rest, key, lambda value: _is_string(value) or _is_whole(value))
    return None if value is None else str(value)


def _take_reply(rest: dict[str, Any], persons: dict[str, Any]) -> Reply | None:
    post = _take(rest, "reply_to_message_id", _is_whole)
    if post is None:
        return None
    peer = _take(rest, "reply_to_peer_id", _is_string)
    if peer is None or peer.startswith("channel"):
        return Reply(str(post), peer[7:] if peer else None)
    if persons_id(peer):
        persons["reply_to_peer_id"] = peer
    else:
        rest["reply_to_peer_id"] = peer
    return Reply(str(post))


def _take_files(rest: dict[str, Any]) -> list[MediaSeen]:
    record = Record(id=0)
    record.photo = _take(rest, "photo", _is_string)
    record.file = _take(rest, "file", _is_string)
    if record.photo is None and record.file is None:
        return []
    if record.photo is not None:
        record.photo_file_size = _take(rest, "photo_file_size", _is_exact)
    record.width = _take(rest, "width", _is_exact)
    record.height = _take(rest, "height", _is_exact)
    record.media_spoiler = _take(rest, "media_spoiler", _is_flag)
    destruct = _take(rest, "self_destruct_period_seconds", _is_exact)
    if record.file is not None:
        for key in _FILE_WORDS:
            setattr(record, key, _take(rest, key, _is_string))
        for key in ("file_size", "thumbnail_file_size", "duration_seconds"):
            setattr(record, key, _take(rest, key, _is_exact))
    return list(file_media(record, None if destruct is None else {"self_destruct_s": destruct}))


def _take_reactions(rest: dict[str, Any], persons: dict[str, Any]) -> tuple[tuple[str, int], ...] | None:
    source = _take(rest, "reactions", lambda value: isinstance(value, list))
    if source is None:
        return None
    counted: list[tuple[str, int]] = []
    unread: list[Any] = []
    reacted: list[Any] = []
    for reaction in source:
        fields = dict(reaction) if isinstance(reaction, dict) else {}
        count = fields.pop("count", None)
        name = reaction_name(*(_take(fields, key, _is_string) for key in ("type", "emoji", "document_id")))
        recent = fields.pop("recent", None)
        if not _is_exact(count) or fields:
            unread.append(without_persons({"reaction": reaction}, {}))
        if _is_exact(count):
            counted.append((name, count))
        if recent:
            reacted.append({"reaction": name, "recent": bounded(recent)})
    if reacted:
        persons["reactions"] = reacted
    if unread:
        rest["reactions"] = unread
    return tuple(sorted(counted))
