"""Reads who a post is: its name on the page, and the mark by which the page counts a view of it."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from typing import Final, NamedTuple

import msgspec

from holdfast.capture.telegram_web.asking import MAX_ID

__all__ = ["Mark", "mark_of"]

_POST = re.compile(r"(c/)?([A-Za-z0-9_]{1,64})/([0-9]{1,19})", re.ASCII)
_PEER = re.compile(r"c([0-9]{1,19})_.*", re.ASCII | re.DOTALL)
_ATTRIBUTE = re.compile(r"""\s(class|data-post|data-view|data-peer)=(?:"([^"]{0,2000})"|'([^']{0,2000})')""")
_ALBUM_SUFFIX: Final = "g"
_PREFIXED: Final = 10**12
"""Where ids of chats are written as one negative number, channels stand below this: -100 before ten digits."""
_LAST_SECOND: Final = 253_402_300_799


class _View(msgspec.Struct):
    c: int
    p: int | str
    t: int


_decoder = msgspec.json.Decoder(_View)


class Mark(NamedTuple):
    """`name` and `post` as the page says, `post` None if it is no id; `channel`: the decimal id; `seen_s`: unix
    seconds by the source's clock; `is_bad`: a mark of a view is there, but is none of this post."""

    name: str | None
    post: int | None
    channel: str | None
    seen_s: int | None
    is_bad: bool


def mark_of(piece: bytes) -> Mark | None:
    """Who the post is that begins with the tag at the start of `piece`; None if it is no post of these pages.

    Read from the tag alone, so that it is known also of a post that cannot be parsed. Never raises.
    """
    names: dict[str, str] = {}
    for name, value, other in _ATTRIBUTE.findall(piece[: piece.find(b">")].decode("utf-8", "replace")):
        names.setdefault(name, value or other)
    if "tgme_widget_message" not in names.get("class", "").split():
        return None
    match = _POST.fullmatch(names.get("data-post") or "")
    post = int(match[3]) if match is not None else None
    if match is None or post is None or not 0 < post <= MAX_ID:
        return Mark(None, None, None, None, False)
    name = match[2]
    written, peer = names.get("data-view"), _PEER.fullmatch(names.get("data-peer") or "")
    of_peer = str(int(peer[1])) if peer is not None else None
    if not written:
        return Mark(name, post, of_peer, None, False)
    view = _view(written)
    if view is None or str(view.p).removesuffix(_ALBUM_SUFFIX) != str(post):
        return Mark(name, post, of_peer, None, True)
    channel = _channel(view.c)
    if channel is None or (of_peer is not None and of_peer != channel):
        return Mark(name, post, None, None, True)
    return Mark(name, post, channel, view.t if 0 < view.t <= _LAST_SECOND else None, False)


def _view(written: str) -> _View | None:
    try:
        return _decoder.decode(urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    except (
        binascii.Error,
        ValueError,
    ):  # no base64, no ASCII, no JSON of that shape (msgspec's are ValueErrors)
        return None


def _channel(number: int) -> str | None:
    """The decimal id of a channel, as exports write it, from the negative id of its chat."""
    number = -number
    if number > _PREFIXED:
        number -= _PREFIXED
    return str(number) if 0 < number <= MAX_ID else None
