"""Says what one answer of the preview pages is: status and redirect first, then what the page itself shows."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from holdfast.capture.contract import AnswerSeen
from holdfast.capture.telegram_web.asking import Asked
from holdfast.capture.telegram_web.charset import as_utf8
from holdfast.capture.telegram_web.cutting import cut_page
from holdfast.capture.telegram_web.landing import LandingSeen, read_landing
from holdfast.capture.telegram_web.markup import line_of, tree_of
from holdfast.capture.telegram_web.page import read_page
from holdfast.capture.telegram_web.problems import problem
from holdfast.capture.telegram_web.wording import answered_by_error
from holdfast.model import CardSeen, ChannelSeen, Problem, Restriction

__all__ = ["parse_answer"]

_MAX_BYTES: Final = 16 * 1024 * 1024
_STATUS: Final = {429: "rate limited", 403: "blocked here", 451: "blocked here"}
_HTML: Final = ("text/html", "application/xhtml+xml")
_ERROR: Final = ".tgme_widget_message_error"
_PREVIEW: Final = ".tgme_channel_info, .tgme_channel_history, .tme_no_messages_found"
_FRONT: Final = ".tl_main_wrap"
_FRONT_TITLE: Final = re.compile(r"Telegram\s+[–—-]\s+a new era of messaging", re.IGNORECASE)


def parse_answer(
    asked: Asked,
    status: int,
    location: str | None,
    content_type: str | None,
    body: bytes,
    *,
    channel: str | None = None,
    base: str = "https://t.me",
) -> AnswerSeen:
    """What one answer says, for what was asked; never raises, whatever the bytes.

    `location` and `content_type` are the answer's headers. `channel` is the decimal id under which the channel is known:
    it counts only where the page itself names none. `base` is the address that was asked, without a path.

    `card` is there where the page shows something of the channel itself. A landing page is asked for as its channel: "shown" then means that its posts have a page of their own, and only the
    card is told. For a post, `first` and `last` are the post itself; for a channel whose page was cut, or whose posts
    stand in no order, they say no more than is certain. The ids between `older` and `first` are spoken for too: `first` is
    the lower of the two. Source: telegram.org documents nothing of these pages; all is read from real ones.
    """
    if status in _STATUS:
        return _plain(_STATUS[status], f"status {status}")
    if 500 <= status <= 599:
        return _plain("server error", f"status {status}")
    if 300 <= status <= 399:
        return _redirected(asked, status, location, base)
    if status != 200:
        return _plain("not understood", f"status {status}")
    if content_type and content_type.partition(";")[0].strip().casefold() not in _HTML:
        return _plain("not understood", "the answer is no HTML")
    if len(body) > _MAX_BYTES:
        return _plain("not understood", "too large", (problem("too_large", "skipped"),))
    text, mending = as_utf8(body, content_type)
    pieces = cut_page(text)
    problems = [problem(mending, "repaired")] if mending else []
    if not pieces.is_whole:
        problems.append(problem("cut_short", "skipped" if not pieces.posts else "repaired"))
    if pieces.head is None:
        return _plain("not understood", "badly nested", (*problems, problem("too_deep", "skipped")))

    head = tree_of(pieces.head)
    # A class that is not in the page's bytes need not be looked for in its tree.
    error = head.css_first(_ERROR) if _ERROR[1:].encode() in pieces.head else None
    is_landing = b"tgme_page" in pieces.head and head.css_first(".tgme_page") is not None
    is_preview = bool(pieces.posts) or head.css_first(_PREVIEW) is not None
    if (error is not None) + is_landing + is_preview > 1:
        return _plain("not understood", "the page is of two kinds at once", tuple(problems))
    if is_preview:
        return read_page(asked, head, pieces, problems, channel, base, mending)
    if not pieces.is_whole:
        return _plain("not understood", "cut short", tuple(problems))
    if error is not None:
        words = line_of(error)
        return _plain(answered_by_error(words), words, tuple(problems))
    if is_landing:
        return _landing(asked, read_landing(head), channel, problems)
    if head.css_first(_FRONT) is not None and _is_front(head):
        return _plain("not found", "the service's front page", tuple(problems))
    return _plain("not understood", "a page of a shape that is not known", tuple(problems))


def _plain(answered: str, detail: str | None, problems: tuple[Problem, ...] = ()) -> AnswerSeen:
    """An answer that shows nothing of a channel or post."""
    return AnswerSeen(answered, problems=problems, detail=detail)


def _redirected(asked: Asked, status: int, location: str | None, base: str) -> AnswerSeen:
    here = f"/s/{asked.name}" if asked.what == "channel" else f"/{asked.name}/{asked.post}"
    try:
        target = urlsplit(urljoin(base + here, (location or "").strip())) if location else None
    except ValueError:
        target = None
    if target is None or target.scheme not in ("http", "https"):
        return _plain("not understood", f"status {status} without an address to go to")
    if target.path in ("", "/"):
        return _plain("not found", "redirected to the front page")
    if asked.what == "channel" and target.path.casefold().rstrip("/") == f"/{asked.name}".casefold():
        return _plain("no preview", "redirected to the landing page")
    return _plain("not understood", f"redirected to {target.path[:200]}")


def _is_front(head: LexborHTMLParser) -> bool:
    title = head.css_first('meta[property="og:title"]')
    return title is not None and _FRONT_TITLE.fullmatch(title.attributes.get("content") or "") is not None


def _landing(asked: Asked, seen: LandingSeen, channel: str | None, problems: list[Problem]) -> AnswerSeen:
    name = seen.username or asked.name
    if name.casefold() != asked.name.casefold():
        problems.append(problem("other_name", "repaired"))
        channel = None  # whoever is known by the name that was asked for
    answered = seen.answered
    if asked.what == "post" and answered == "shown":
        answered = "not understood"  # the channel's landing page is no answer about its post
    card = None
    if asked.what == "channel" and seen.title is not None and seen.kind is not None:
        identity = channel or f"username:{name.casefold()}"
        known = ChannelSeen(identity, seen.title, seen.kind, None, seen.username, seen.description)
        withheld = (Restriction("web", "unknown", seen.detail),) if answered == "restricted" else None
        card = CardSeen(
            answered, known, seen.followers, seen.labels, restrictions=withheld, detail=seen.detail
        )
    return AnswerSeen(answered, card, problems=tuple(problems), detail=seen.detail)
