"""Reads whose words a post is: author, the place it was forwarded from, the post it answers."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from selectolax.lexbor import LexborNode

from holdfast.capture.telegram_web.markup import classes_of, clipped, line_of
from holdfast.model import Forward, Reply

__all__ = ["Link", "Origin", "link_of"]

_LINK = re.compile(
    r"(?:https?://)?(?:t|telegram)\.me/(c/)?([A-Za-z0-9_]{1,64})(?:/([0-9]{1,19}))?/?(?:[?#].*)?",
    re.DOTALL | re.ASCII,
)
_PREFIX: Final = "tgme_widget_message_"
_VIA, _OWNER, _NAME = _PREFIX + "via_bot", _PREFIX + "owner_name", _PREFIX + "author_name"
_FROM_NAME, _FROM_AUTHOR = _PREFIX + "forwarded_from_name", _PREFIX + "forwarded_from_author"


class Link(NamedTuple):
    """Where a link of the service leads: to a name or a post of it; `channel` is as `Reply.channel` and the like have it."""

    name: str
    channel: str
    post: str | None


def link_of(node: LexborNode | None) -> Link | None:
    """Where an element leads within the service; None if elsewhere."""
    match = _LINK.fullmatch(node.attrs.get("href") or "") if node is not None else None
    if match is None:
        return None
    name = match[2].casefold()
    return Link(name, name if match[1] else f"username:{name}", str(int(match[3])) if match[3] else None)


class Origin:
    """Collects the persons and places of one post of the channel with the username `own`, in lower case."""

    author: str | None = None
    via_bot: str | None = None
    forward: Forward | None = None
    forward_name: str | None = None
    forward_id: str | None = None
    reply: Reply | None = None
    _heading: LexborNode | None = None

    def __init__(self, own: str) -> None:
        self._own = own
        self.persons: dict[str, Any] = {}
        self.other: dict[str, Any] = {}

    @property
    def own_title(self) -> str | None:
        """The channel's title as this post is headed with it."""
        return line_of(self._heading)

    def take_author(self, part: LexborNode) -> None:
        """Adds the line above a post. The channel speaking in its own name tells nothing about a person."""
        for child in part.traverse():
            classes = classes_of(child)
            if _VIA in classes:
                self.via_bot = line_of(child)
            elif _OWNER in classes or _NAME in classes:
                link = link_of(child)
                if link is not None and link.name == self._own:
                    self._heading = child
                else:
                    self.author = line_of(child)

    def take_forward(self, part: LexborNode) -> None:
        """Adds where the post was first published. Only channels have posts to link to; all else may be a person, whose
        name must be erasable with the author."""
        is_name = _FROM_NAME in classes_of(part)
        named = part if is_name else part.css_first(f".{_FROM_NAME}")
        signed = None if is_name else line_of(part.css_first(f".{_FROM_AUTHOR}"))
        name, link = line_of(named), link_of(named)
        if link is not None and link.post is not None:
            self.forward = Forward(name, link.channel)
            self.forward_name = signed
            self.other["forward_post"] = link.post
            return
        self.forward = Forward()
        self.forward_name = name
        self.forward_id = link.channel if link is not None else None
        if signed is not None:
            self.persons["forward_signature"] = signed

    def take_reply(self, part: LexborNode) -> None:
        """Adds which post is answered; what is quoted of it belongs to that post."""
        link = link_of(part)
        if link is None or link.post is None:
            self.other["reply_to"] = clipped(part.attrs.get("href")) or "no address"
            return
        self.reply = Reply(link.post, None if link.channel == f"username:{self._own}" else link.channel)
