"""Reads the media of a post: files with their addresses, and what is no file."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborNode

from holdfast.capture.telegram_web.counts import parse_count
from holdfast.capture.telegram_web.markup import (
    Address,
    address_of,
    background_of,
    classes_of,
    clipped,
    line_of,
    words_of,
)
from holdfast.model import Count, MediaSeen

__all__ = ["MEDIA", "ItemSeen", "service_photo"]

_DURATION = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,3}):([0-9]{2})", re.ASCII)
_PHOTO_ID = re.compile(r"[0-9]{6,20}", re.ASCII)
_PLACE = re.compile(r"[?&]q=(-?[0-9.]{1,24}),(-?[0-9.]{1,24})", re.ASCII)
_PERCENT = re.compile(r"\s*([0-9]{1,3})\s*%\s*", re.ASCII)
_SIZE = re.compile(r"[0-9.,]+\s?(?:[KMGT]i?)?B", re.ASCII)
_MAX_ANSWERS: Final = 100
_NO_ADDRESS: Final = Address(None, None)


class ItemSeen(NamedTuple):
    """One item of media. `url` and `thumbnail_url`: where its bytes can be had now; `persons`, `shares` and `voters` belong
    to the post."""

    media: MediaSeen
    url: str | None = None
    thumbnail_url: str | None = None
    persons: dict[str, Any] | None = None
    shares: tuple[tuple[str, int], ...] | None = None
    voters: Count | None = None


def _seconds(node: LexborNode | None) -> int | None:
    match = _DURATION.fullmatch(line_of(node) or "")
    if match is None:
        return None
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])


def _file(kind: str, file: Address, thumbnail: Address = _NO_ADDRESS, **claims: Any) -> ItemSeen:
    picture = MediaSeen("photo", source_path=thumbnail.path) if thumbnail.path else None
    media = MediaSeen(kind, source_path=file.path, thumbnail=picture, **claims)
    return ItemSeen(media, file.url, thumbnail.url)


def _photo(node: LexborNode, base: str) -> ItemSeen:
    named = next(filter(_PHOTO_ID.fullmatch, classes_of(node)), None)
    return _file("photo", background_of(node, base), data={"photo_id": named} if named else None)


def service_photo(node: LexborNode, base: str) -> ItemSeen:
    """The picture that a service post shows."""
    picture = node.css_first("img")
    return _file("photo", address_of(picture.attrs.get("src") if picture is not None else None, base))


def _video(node: LexborNode, base: str) -> ItemSeen:
    film = node.css_first("video.js-message_video, video")
    length = node.css_first("time")
    # What plays by itself again and again, without a length, was published as an animation.
    moves = film is not None and "loop" in film.attributes
    return _file(
        "animation" if moves or length is None else "video",
        address_of(film.attrs.get("src") if film is not None else None, base),
        background_of(node.css_first("i.tgme_widget_message_video_thumb"), base),
        state="too_big" if "not_supported" in classes_of(node) else None,
        duration_s=_seconds(length),
    )


def _round_video(node: LexborNode, base: str) -> ItemSeen:
    film = node.css_first("video")
    return _file(
        "round_video",
        address_of(film.attrs.get("src") if film is not None else None, base),
        background_of(node.css_first("i.tgme_widget_message_roundvideo_thumb"), base),
        duration_s=_seconds(node.css_first("time")),
    )


def _voice(node: LexborNode, base: str) -> ItemSeen:
    sound = node.css_first("audio")
    claim = sound.attrs.get("src") if sound is not None else None
    return _file("voice", address_of(claim, base), duration_s=_seconds(node.css_first("time")))


def _sticker(node: LexborNode, base: str) -> ItemSeen:
    """A still, moving or filmed sticker; its bytes are named in three ways."""
    claim = None
    for part in node.traverse():
        names = part.attributes
        claim = names.get("data-webp") or names.get("srcset") or names.get("src")
        if claim and not claim.startswith("data:"):
            break
    return _file("sticker", address_of(claim, base))


def _document(node: LexborNode, _base: str) -> ItemSeen:
    title = line_of(node.css_first(".tgme_widget_message_document_title"))
    extra = line_of(node.css_first(".tgme_widget_message_document_extra"))
    icon = node.css_first(".tgme_widget_message_document_icon")
    if icon is not None and "audio" in classes_of(icon):
        return ItemSeen(MediaSeen("audio", title=title, performer=extra))
    key = "size_text" if _SIZE.fullmatch(extra or "") else "extra"
    return ItemSeen(MediaSeen("document", file_name=title, data={key: extra} if extra else None))


def _place(node: LexborNode, _base: str) -> ItemSeen:
    data: dict[str, Any] = {}
    point = _PLACE.search(node.attrs.get("href") or "")
    if point is not None:
        data["latitude"], data["longitude"] = point[1], point[2]
    name = line_of(node.css_first(".tgme_widget_message_location_title, .tgme_widget_message_venue_title"))
    address = line_of(
        node.css_first(".tgme_widget_message_location_address, .tgme_widget_message_venue_address")
    )
    if address:
        data["address"] = address
    return ItemSeen(MediaSeen("venue" if name else "location", title=name, data=data or None))


def _contact(node: LexborNode, _base: str) -> ItemSeen:
    named = line_of(node.css_first(".tgme_widget_message_contact_name"))
    number = line_of(node.css_first(".tgme_widget_message_contact_phone"))
    person = {"name": named or (line_of(node) if number is None else None), "phone_number": number}
    return ItemSeen(MediaSeen("contact"), persons={"contact": person})


def _poll(node: LexborNode, _base: str) -> ItemSeen:
    answers: list[str] = []
    shares: list[tuple[str, int]] = []
    for option in node.css(".tgme_widget_message_poll_option")[:_MAX_ANSWERS]:
        answer = line_of(option.css_first(".tgme_widget_message_poll_option_text")) or ""
        answers.append(answer)
        share = _PERCENT.fullmatch(
            words_of(option.css_first(".tgme_widget_message_poll_option_percent")) or ""
        )
        if share is not None and int(share[1]) <= 100:
            shares.append((answer, int(share[1])))
    sort = line_of(node.css_first(".tgme_widget_message_poll_type"))
    question = line_of(node.css_first(".tgme_widget_message_poll_question"))
    data: dict[str, Any] = {"question": question or "", "answers": answers}
    if sort:
        data["closed"] = sort.casefold() == "final results"
        data["type_text"] = sort
    total = (line_of(node.css_first(".tgme_widget_message_poll_votes")) or "").rpartition(" ")[0]
    return ItemSeen(
        MediaSeen("poll", data=data),
        shares=tuple(shares) if shares and len(shares) == len(answers) else None,
        voters=parse_count(total) if total else None,
    )


def _offer(kind: str) -> Callable[[LexborNode, str], ItemSeen]:
    """Games and invoices: a title and a description of the same shape."""

    def read(node: LexborNode, _base: str) -> ItemSeen:
        name = line_of(node.css_first(f".tgme_widget_message_{kind}_title"))
        words = clipped(words_of(node.css_first(f".tgme_widget_message_{kind}_description")))
        return ItemSeen(MediaSeen(kind, title=name, data={"description": words} if words else None))

    return read


_game, _invoice = _offer("game"), _offer("invoice")

MEDIA: Final[dict[str, Callable[[LexborNode, str], ItemSeen]]] = {
    "tgme_widget_message_photo_wrap": _photo,
    "tgme_widget_message_video_player": _video,
    "tgme_widget_message_roundvideo_player": _round_video,
    "tgme_widget_message_voice_player": _voice,
    "tgme_widget_message_sticker_wrap": _sticker,
    "tgme_widget_message_document_wrap": _document,
    "tgme_widget_message_location_wrap": _place,
    "tgme_widget_message_venue_wrap": _place,
    "tgme_widget_message_contact_wrap": _contact,
    "tgme_widget_message_contact": _contact,
    "tgme_widget_message_poll": _poll,
    "tgme_widget_message_game": _game,
    "tgme_widget_message_invoice": _invoice,
}
"""What reads the media in an element of that class; `base` is the address that the page came from."""
