"""Reads the media blocks of a row of an HTML page."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

from selectolax.lexbor import LexborNode

from holdfast.capture.telegram_export.html_text import words_of
from holdfast.model import MediaSeen

__all__ = ["Found", "claimed_path", "media_of"]

_WRAPS: Final = {
    "photo_wrap": "photo",
    "video_file_wrap": "video",
    "animated_wrap": "animation",
    "sticker_wrap": "sticker",
}
_CLASSES: Final = {
    "media_voice_message": "voice",
    "media_audio_file": "audio",
    "media_file": "document",
    "media_contact": "contact",
    "media_location": "location",
    "media_live_location": "location",
    "media_venue": "venue",
    "media_game": "game",
    "media_invoice": "invoice",
    "media_poll": "poll",
}
_TITLES: Final = {
    "Photo": "photo",
    "Self-destructing photo": "photo",
    "Sticker": "sticker",
    "Video message": "round_video",
    "Video file": "video",
    "Self-destructing video": "video",
    "Animation": "animation",
}
_STATES: Final = (
    ("Not included", "not_included"),
    ("Exceeds maximum size", "too_big"),
    ("Unavailable", "unavailable"),
)
_SIZE = re.compile(r"([0-9]{1,7})\s*[×x]\s*([0-9]{1,7})")
_DURATION = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,3}):([0-9]{2})")
_BYTES = re.compile(r"[0-9.,]+ [KMGT]?B")
_PLACE = re.compile(r"[?&]q=(-?[0-9.]{1,24}),(-?[0-9.]{1,24})")
_VOTES = re.compile(r"([0-9]{1,15}) votes?")


class Found:
    """What media blocks hold besides media: persons, and the counts of a poll."""

    def __init__(self) -> None:
        self.persons: dict[str, Any] = {}
        self.votes: tuple[tuple[str, int], ...] | None = None
        self.voters: int | None = None


def claimed_path(document: str, href: str | None) -> str | None:
    """The path below the export's root that a link of `document` names.

    Pages of a whole-account export lie two folders down and begin their links with `../../`. What leads
    out of the root stays as it is written, for `media_file` to refuse.
    """
    if not href:
        return None
    folder = document.rpartition("/")[0]
    if not folder or href.startswith("/") or "\\" in href or "://" in href:
        return href
    joined = posixpath.normpath(posixpath.join(folder, href))
    return href if joined.startswith("../") or joined == ".." else joined


def media_of(wrap: LexborNode, document: str, found: Found) -> list[MediaSeen]:
    """The media in one `div.media_wrap`."""
    media = []
    for node in wrap.iter():
        classes = (node.attributes.get("class") or "").split()
        kind = next((_WRAPS[name] for name in classes if name in _WRAPS), None)
        if kind is not None:
            media.append(_wrapped(node, kind, document))
        elif "media_poll" in classes:
            media.append(_poll(node, found))
        elif "media" in classes:
            media.append(_block(node, classes, document, found))
    return media


def _wrapped(node: LexborNode, kind: str, document: str) -> MediaSeen:
    picture = node.css_first("img")
    thumbnail = None
    if picture is not None:
        source = claimed_path(document, picture.attributes.get("src"))
        thumbnail = MediaSeen("photo", source_path=source) if source else None
    shown = words_of(node.css_first(".video_duration"))
    return MediaSeen(
        kind,
        source_path=claimed_path(document, node.attributes.get("href")),
        duration_s=_seconds(shown or ""),
        thumbnail=thumbnail,
    )


def _block(node: LexborNode, classes: list[str], document: str, found: Found) -> MediaSeen:
    title = words_of(node.css_first(".title"))
    description = words_of(node.css_first(".description"))
    status = words_of(node.css_first(".status")) or ""
    link = node.attributes.get("href")
    name = next((name for name in classes if name.startswith("media_")), "")
    kind = _CLASSES.get(name) or _TITLES.get(title or "", "other")
    if kind == "contact":
        found.persons["contact"] = {"name": title, "phone_number": status.removesuffix(" - vCard") or None}
        return MediaSeen("contact", source_path=claimed_path(document, link))
    if name == "media_call":
        found.persons["call"] = {"name": title}
        return MediaSeen("other", data={"media_type": "call", "status": status})
    if kind in ("location", "venue", "game", "invoice"):
        return _object(kind, name, title, description, status, link)
    state = next((state for words, state in _STATES if (description or "").startswith(words)), None)
    data: dict[str, Any] = {}
    if kind == "other":
        data["media_type"], data["title"] = name, title
    size = _SIZE.search(status)
    rounded = _BYTES.search(status)
    if rounded:
        data["size_text"] = rounded[0]  # rounded by the exporter: never a count of bytes
    if description and state is None:
        data["description"] = description
    if (title or "").startswith("Self-destructing"):
        data["self_destruct"] = status
    performer = None
    song = None
    if kind == "audio" and title and title != "Audio file":
        performer, _, song = title.partition(" – ")
        if not song:
            performer, song = None, title
    emoji = None
    if kind == "sticker":
        emoji = status.partition(",")[0].strip() or None
        emoji = None if emoji and _BYTES.fullmatch(emoji) else emoji
    return MediaSeen(
        kind,
        state=state,
        source_path=claimed_path(document, link),
        file_name=title if kind == "document" and title != "File" else None,
        width=int(size[1]) if size else None,
        height=int(size[2]) if size else None,
        duration_s=_seconds(status),
        title=song,
        performer=performer,
        emoji=emoji,
        data=data or None,
    )


def _object(
    kind: str, name: str, title: str | None, description: str | None, status: str, link: str | None
) -> MediaSeen:
    data: dict[str, Any] = {}
    place = _PLACE.search(link or "")
    if place:
        data["latitude"], data["longitude"] = place[1], place[2]
    elif link:
        data["link"] = link
    if kind == "venue":
        data["address"] = description
    elif description:
        data["description"] = description
    if kind == "invoice" and status:
        data["amount_text"] = status
    if name == "media_live_location":
        data["live"] = True
    data = {key: value for key, value in data.items() if value is not None}
    return MediaSeen(kind, title=None if kind == "location" else title, data=data or None)


def _poll(node: LexborNode, found: Found) -> MediaSeen:
    answers: list[str] = []
    counts: list[int] = []
    for answer in node.css(".answer"):
        details = answer.css_first(".details")
        votes = _VOTES.search(words_of(details) or "") if details is not None else None
        if details is not None:
            details.decompose()
        answers.append((words_of(answer) or "").removeprefix("- "))
        counts.append(int(votes[1]) if votes else 0)
    found.votes = tuple(zip(answers, counts, strict=True)) or None
    total = words_of(node.css_first(".total"))
    match = _VOTES.search(total or "")
    found.voters = int(match[1]) if match else 0 if total == "No votes" else None
    note = words_of(node.css_first(".details"))
    closed = note == "Final results"
    return MediaSeen(
        "poll",
        data={"question": words_of(node.css_first(".question")) or "", "answers": answers, "closed": closed},
    )


def _seconds(shown: str) -> int | None:
    match = _DURATION.search(shown)
    if match is None:
        return None
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
