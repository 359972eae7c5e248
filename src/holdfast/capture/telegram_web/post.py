"""Makes observations of one block of a page: one post, or the posts of one album."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborNode

from holdfast.capture.contract import FileOffer
from holdfast.capture.telegram_web.asking import MAX_ID
from holdfast.capture.telegram_web.below import Below
from holdfast.capture.telegram_web.markup import classes_of, clipped, count_unknown, line_of, words_of
from holdfast.capture.telegram_web.media import MEDIA, ItemSeen, service_photo
from holdfast.capture.telegram_web.origin import Origin, link_of
from holdfast.capture.telegram_web.problems import problem
from holdfast.capture.telegram_web.service import service_of
from holdfast.capture.telegram_web.text import text_of
from holdfast.capture.telegram_web.wording import RESTRICTED
from holdfast.model import Author, Count, Metrics, PostFacts, PostSeen, Problem, Text

__all__ = ["BlockSeen", "read_block"]

_PREFIX: Final = "tgme_widget_message_"
_BUBBLE: Final = _PREFIX + "bubble"
_CONTAINERS: Final = frozenset(
    (
        "media_supported_cont",
        *(_PREFIX + name for name in ("one_media", "grouped_wrap", "grouped", "grouped_layer")),
    )
)
_FALLBACK: Final = frozenset(("media_not_supported_cont", "message_media_not_supported_wrap"))
_SILENT: Final = frozenset((_PREFIX + "bubble_tail", _PREFIX + "user"))
_COMMON_LABELS: Final = frozenset(
    (
        "Please open Telegram to view this post",
        "This media is not supported in your browser",
        "Media is too big",
    )
)
_MAX_KEPT: Final = 50


class BlockSeen(NamedTuple):
    """`restricted`: the source's words if it shows nothing of the post but that it is withheld."""

    posts: list[PostSeen]
    files: list[FileOffer]
    problems: list[Problem]
    restricted: str | None


def read_block(
    node: LexborNode,
    written: bytes,
    channel: str,
    name: str,
    number: int,
    base: str,
    repairs: tuple[str, ...],
    unknown: Counter[str],
) -> BlockSeen:
    """The posts of the block `node`, which is named after the post `number` of the channel with the username `name`.

    `written`: the markup that `node` was made of; `base`: the address that the page came from. What has no name here is
    counted in `unknown`, its words are kept.
    """
    count_unknown(node, written, unknown)
    block = _Block(name.casefold(), number, base, unknown)
    block.read(node)
    return block.seen(channel, repairs)


class _Block:
    """Collects what one block says."""

    _text: LexborNode | None = None
    _spoken: Text | None = None
    _fallback: LexborNode | None = None
    _is_service = False
    _has_supported = False
    _voters: Count | None = None
    _shares: tuple[tuple[str, int], ...] | None = None

    def __init__(self, name: str, number: int, base: str, unknown: Counter[str]) -> None:
        self._name = name
        self._number = number
        self._base = base
        self._unknown = unknown
        self._origin = Origin(name)
        self._below = Below(unknown)
        self._items: list[tuple[int, ItemSeen]] = []
        self._other: dict[str, Any] = {}
        self._unmatched: list[list[str]] = []

    def read(self, node: LexborNode) -> None:
        """Takes each part in order: children of the bubble, and of the containers within it."""
        self._is_service = "service_message" in classes_of(node)
        bubble = next((part for part in node.iter() if _BUBBLE in classes_of(part)), node)
        waiting = list(bubble.iter())[::-1]
        while waiting:
            part = waiting.pop()
            if not part.is_element_node:
                continue  # a comment
            classes = classes_of(part)
            if _CONTAINERS.isdisjoint(classes) or not MEDIA.keys().isdisjoint(classes):
                self._part(part, classes)
            else:
                self._has_supported = True
                waiting += list(part.iter())[::-1]
        if self._text is not None and not self._is_service:
            self._spoken, links = text_of(self._text, self._unknown)
            if links:
                self._other["nested_links"] = links

    def _part(self, part: LexborNode, classes: list[str]) -> None:
        for name in classes:
            if name in MEDIA:
                self._item(part, MEDIA[name](part, self._base))
                return
            if name in _STEPS:
                _STEPS[name](self, part)
                return
            if name in _FALLBACK:
                self._fallback = part
                return
            if name in _SILENT:
                return
        words = line_of(part)
        if words is not None:
            named = next(iter(classes), f"<{part.tag}>")[:100]
            if not named.startswith("tgme_"):  # those are counted wherever they stand
                self._unknown[named] += 1
            self._keep(named, words)

    def _keep(self, named: str, words: str) -> None:
        if len(self._unmatched) < _MAX_KEPT:
            self._unmatched.append([named, words])

    def _item(self, part: LexborNode, item: ItemSeen) -> None:
        link = link_of(part)
        post = self._number
        # Members of an album are told apart by the post that each item leads to.
        if link is not None and link.post is not None and link.name == self._name:
            post = int(link.post) if 0 < int(link.post) <= MAX_ID else post
        self._items.append((post, item))
        self._origin.persons.update(item.persons or {})
        self._shares = item.shares or self._shares
        self._voters = item.voters if item.voters is not None else self._voters

    def _take_text(self, part: LexborNode) -> None:
        if "js-message_reply_text" in classes_of(part):
            return  # what is quoted of another post
        if self._text is None:
            self._text = part
        else:
            self._unknown["second text"] += 1
            self._keep("second text", line_of(part) or "")

    def _take_author(self, part: LexborNode) -> None:
        self._origin.take_author(part)

    def _take_forward(self, part: LexborNode) -> None:
        self._origin.take_forward(part)

    def _take_reply(self, part: LexborNode) -> None:
        self._origin.take_reply(part)

    def _take_reactions(self, part: LexborNode) -> None:
        self._below.take_reactions(part)

    def _take_footer(self, part: LexborNode) -> None:
        self._below.take_footer(part)

    def _take_service_photo(self, part: LexborNode) -> None:
        self._items.append((self._number, service_photo(part, self._base)))

    def _take_preview(self, part: LexborNode) -> None:
        # Its picture's address is left out: it changes while the preview does not.
        preview: dict[str, Any] = {"url": clipped(part.attrs.get("href"))}
        for child in part.traverse():
            for name in classes_of(child):
                if name in ("link_preview_site_name", "link_preview_title", "link_preview_description"):
                    key = name.removeprefix("link_preview_").removesuffix("_name")
                    preview[key] = clipped(words_of(child))
        self._other["link_preview"] = {key: value for key, value in preview.items() if value is not None}

    def _take_buttons(self, part: LexborNode) -> None:
        rows: list[list[dict[str, str]]] = []
        for row in part.css(f".{_PREFIX}inline_row")[:_MAX_KEPT]:
            buttons = []
            for button in row.css(f".{_PREFIX}inline_button")[:_MAX_KEPT]:
                target = clipped(button.attrs.get("href"))
                words = line_of(button) or ""
                buttons.append(
                    {"type": "url", "text": words, "data": target}
                    if target
                    else {"type": "callback", "text": words}
                )
            rows.append(buttons)
        self._other["inline_bot_buttons"] = rows

    def seen(self, channel: str, repairs: tuple[str, ...]) -> BlockSeen:
        """The posts: the one that the block is named after, and the other members if it is an album.

        The page tells time, author, origin and what is answered once: they hold for every member. Text, counters and
        what else was found belong to the named one.
        """
        origin, below = self._origin, self._below
        action: dict[str, Any] | None = None
        if self._is_service:
            said = service_of(words_of(self._text), origin.own_title)
            action = said.action
            origin.persons.update(said.persons or {})
        restricted = self._withheld()
        self._other |= origin.other
        if below.is_edited:
            self._other["edited_mark"] = True
        if below.unread_date is not None:
            self._other["date"] = below.unread_date
        if below.unread_words is not None:
            self._keep("meta", below.unread_words)
        if self._unmatched:
            self._other["unknown_markup"] = self._unmatched
        problems = []
        if below.published_at is None:
            problems.append(problem("bad_time", "repaired", self._number))

        by_post: dict[int, list[ItemSeen]] = {self._number: []}
        for post, item in self._items:
            by_post.setdefault(post, []).append(item)
        is_album = len(by_post) > 1
        posts: list[PostSeen] = []
        files: list[FileOffer] = []
        for post in sorted(by_post):
            items, is_named = by_post[post], post == self._number
            other: dict[str, Any] = {"album": str(self._number)} if is_album else {}
            facts = PostFacts(
                channel,
                str(post),
                "service" if self._is_service else "post",
                below.published_at,
                below.published_local,
                reply=origin.reply,
                forward=origin.forward,
                action=action,
                other=(other | self._other if is_named else other) or None,
                repairs=repairs or None,
            )
            media = tuple(item.media for item in items) or None
            text = self._spoken if is_named else None
            posts.append(
                PostSeen(
                    facts, self._author(is_named), text, media, self._metrics() if is_named else None, None
                )
            )
            for position, item in enumerate(items):
                if item.url:
                    files.append(FileOffer(post, position, item.url, item.media.kind))
                if item.thumbnail_url:
                    files.append(FileOffer(post, position, item.thumbnail_url, item.media.kind, True))
        return BlockSeen(posts, files, problems, restricted)

    def _withheld(self) -> str | None:
        """The source's words if all that it shows is that the post is withheld. Notes what it does not show at all."""
        if self._fallback is None or self._has_supported or self._items or self._is_service:
            return None
        self._other["type"] = "unsupported"
        label = line_of(self._fallback.css_first(".message_media_not_supported_label"))
        if label is None or label in _COMMON_LABELS:
            return None
        self._other["shown"] = label
        return label if self._text is None and RESTRICTED.fullmatch(label) else None

    def _author(self, is_named: bool) -> Author | None:
        origin = self._origin
        persons = (origin.persons or None) if is_named else None
        said = (
            origin.author,
            self._below.signature,
            origin.via_bot,
            origin.forward_name,
            origin.forward_id,
            persons,
        )
        if not any(said):
            return None
        return Author(said[0], None, *said[1:])

    def _metrics(self) -> Metrics | None:
        below = self._below
        voters = self._voters if below.voters is None else below.voters
        metrics = Metrics(below.views, reactions=below.reactions, voters=voters, shares=self._shares)
        return metrics if metrics != Metrics() else None


_STEPS: Final[dict[str, Callable[[_Block, LexborNode], None]]] = {
    _PREFIX + "author": _Block._take_author,
    _PREFIX + "owner_name": _Block._take_author,
    _PREFIX + "forwarded_from": _Block._take_forward,
    _PREFIX + "forwarded_from_name": _Block._take_forward,
    _PREFIX + "reply": _Block._take_reply,
    _PREFIX + "text": _Block._take_text,
    _PREFIX + "link_preview": _Block._take_preview,
    _PREFIX + "service_photo": _Block._take_service_photo,
    _PREFIX + "inline_keyboard": _Block._take_buttons,
    _PREFIX + "reactions": _Block._take_reactions,
    _PREFIX + "footer": _Block._take_footer,
}
