"""Reads landing pages: what a name leads to, where its posts are not shown."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from holdfast.capture.telegram_web.card import FOLLOWERS, count_and_noun, labels_in
from holdfast.capture.telegram_web.markup import classes_of, clipped, line_of, words_of
from holdfast.capture.telegram_web.wording import RESTRICTED
from holdfast.model import Count, Label

__all__ = ["LandingSeen", "read_landing"]

_BOILERPLATE = re.compile(
    r"If you have\s*Telegram, you can\s*(?P<act>contact|view and join|view posts by|launch|view)\b.*",
    re.DOTALL,
)
_MEMBERS: Final = frozenset(("member", "members", "участник", "участника", "участников"))
_BOTS: Final = frozenset(("monthly user", "monthly users"))
_ONLINE = re.compile(r",.*online\s*\Z", re.DOTALL)
_JOINS: Final = ("join channel", "join group", "request to join")
_CHANNEL, _GROUP, _USER, _BOT = "channel", "group", "user", "bot"
_DOMAIN = re.compile(r"tg://resolve\?(?:[^#]*&)?domain=([A-Za-z0-9_]{2,32})(?:[&#].*)?", re.ASCII | re.DOTALL)


class LandingSeen(NamedTuple):
    """`answered`: one of model.ANSWERS; `kind`: channel, group or private, None if it is neither or not said."""

    answered: str
    detail: str | None = None
    kind: str | None = None
    title: str | None = None
    username: str | None = None
    description: str | None = None
    followers: Count | None = None
    labels: tuple[Label, ...] | None = None


def read_landing(head: LexborHTMLParser) -> LandingSeen:
    """What a landing page says. A page whose words contradict each other, or fit no kind, is "not understood"."""
    heading = head.css_first(".tgme_page_title")
    title = line_of(heading.css_first("span") or heading) if heading is not None else None
    extra = line_of(head.css_first(".tgme_page_extra"))
    described = words_of(head.css_first(".tgme_page_description"))
    added = words_of(head.css_first(".tgme_page_additional"))
    button = line_of(head.css_first(".tgme_action_button_new"))
    action = (button or "").casefold()
    boilerplate = next(
        (match for words in (described, added) if (match := _BOILERPLATE.fullmatch(words or ""))), None
    )
    act = boilerplate["act"] if boilerplate is not None else None
    if described is not None and _BOILERPLATE.fullmatch(described):
        described = None
    detail = clipped(" · ".join(filter(None, (extra, button))))
    if title is None:
        return _untitled(act, extra, line_of(head.css_first(".tgme_page_description")) or detail)
    if extra is None and described is not None and RESTRICTED.fullmatch(described):
        return LandingSeen("restricted", clipped(described), "channel", title)

    kind, followers = _kind(extra, action)
    says_join = action.startswith(_JOINS)
    if kind is None and extra is None and says_join:
        sort = _GROUP if action.startswith("join group") else "private"
        return LandingSeen("private", detail, sort, title, None, described)
    if kind in (_USER, _BOT) and not says_join:
        return LandingSeen(kind, detail)
    if kind not in (_CHANNEL, _GROUP) or action in ("start bot", "send message") or act == "contact":
        return LandingSeen("not understood", detail)
    labels = labels_in([_marks(heading)]) if heading is not None else None
    facts = (kind, title, _domain(head), described, followers, labels)
    if kind == _GROUP:
        return LandingSeen("group", detail, *facts)
    if says_join and _domain(head) is None:
        return LandingSeen("private", detail, "private", *facts[1:])
    # A channel with a preview has a landing page too, with a way to its posts.
    has_preview = any(
        (link.attributes.get("href") or "").startswith("/s/") for link in head.css(".tgme_page a")
    )
    return LandingSeen("shown" if has_preview else "no preview", detail, *facts)


def _untitled(act: str | None, extra: str | None, detail: str | None) -> LandingSeen:
    """Whoever exists has a title, so a page that offers to contact a name without one knows nobody of that name."""
    if extra is not None:
        return LandingSeen("not understood", detail)
    if act == "contact":
        return LandingSeen("not found", detail)
    if act in ("view and join", "view posts by"):
        return LandingSeen("no preview", detail)
    return LandingSeen("not understood", detail)


def _kind(extra: str | None, action: str) -> tuple[str | None, Count | None]:
    if extra is None:
        return {"start bot": _BOT, "send message": _USER}.get(action), None
    if extra.startswith("@"):
        is_bot = action == "start bot" or extra.casefold().endswith("bot")
        return _BOT if is_bot else _USER, None
    counted = count_and_noun(_ONLINE.sub("", extra))
    if counted is None:
        return None, None
    count, noun = counted
    for kind, nouns in ((_CHANNEL, FOLLOWERS), (_GROUP, _MEMBERS), (_BOT, _BOTS)):
        if noun in nouns:
            return kind, count
    return None, None


def _marks(heading: LexborNode) -> LexborNode:
    """The heading without its words, so that what is left are marks."""
    for child in list(heading.iter()):
        if child.tag != "i" or "emoji" in classes_of(child):
            child.decompose()
    for child in list(heading.iter(include_text=True)):
        if child.is_text_node:
            child.decompose()
    return heading


def _domain(head: LexborHTMLParser) -> str | None:
    """The username in the case that the page has it in."""
    for link in head.css(".tgme_page_action a, .tgme_page_photo a"):
        match = _DOMAIN.fullmatch(link.attributes.get("href") or "")
        if match is not None:
            return match[1]
    return None
