"""Cuts a page into its head and its posts, so that one hostile post can harm no other, nor the machine.

HTML makes trees that are much larger than the page: elements left open are made anew in every paragraph that follows, so
35 kB can become gigabytes. So each piece is parsed alone, small ones as they are, large ones only if well-formed.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["MAX_POSTS", "Pieces", "cut_page", "readable_post"]

MAX_POSTS: Final = 100
"""A page shows the posts of 20 ids."""
_MAX_LOOSE: Final = 600
_MAX_HEAD: Final = 2_000
_MAX_TAGS: Final = 60_000
_MAX_DEPTH: Final = 64
_MARK: Final = b"data-post="
_MAX_TAG: Final = 4_000
_TAG = re.compile(rb"<(/?)([a-z][a-z0-9-]*)\b[^<>]*?(/?)>")
_DIV = re.compile(rb"<(/?)div\b")
_PART = re.compile(rb"\s*<div\b")
_CLOSING = re.compile(rb"</html\s*>", re.IGNORECASE)
_VOID: Final = frozenset(b"br img source input wbr hr".split())
_PLAIN: Final = _VOID | frozenset(
    b"""
    div a span time svg g path circle picture video audio label button details summary
    b strong i em u ins s del strike code pre blockquote tg-emoji tg-spoiler tg-time
    """.split()
)
"""Elements whose end is exactly where their end tag stands, if all of them are well nested."""


class Pieces(NamedTuple):
    """`head`: the page up to the first post, None if it is too badly nested to be read; `posts`: one piece a post, each
    from its own opening tag on; `left_out`: posts beyond MAX_POSTS. `is_whole`: the page's end was received;
    `is_last_whole`: the last post's end was."""

    head: bytes | None
    posts: list[bytes]
    left_out: int
    is_whole: bool
    is_last_whole: bool


def cut_page(text: bytes) -> Pieces:
    """The pieces of a page. A post begins at the element with `data-post`: texts cannot contain it, `<` is escaped there."""
    starts = _starts(text)
    ends = [*starts[1:], len(text)]
    head = text[: starts[0]] if starts else text
    is_closed = _CLOSING.search(text, max(len(text) - 4096, 0)) is not None
    # What was never begun as a page is not cut if its elements are closed: a part of a page, as scripts ask for.
    is_part = not is_closed and _PART.match(text) is not None
    is_last_whole = is_closed or not starts or _div_end(text[starts[-1] :])
    return Pieces(
        head if head.count(b"<") <= _MAX_HEAD else None,
        [text[start:end] for start, end in zip(starts[:MAX_POSTS], ends, strict=False)],
        max(len(starts) - MAX_POSTS, 0),
        is_closed or (is_part and bool(starts) and is_last_whole),
        is_last_whole,
    )


def _starts(text: bytes) -> list[int]:
    """Where posts begin: at each `<div` whose own attributes hold the mark."""
    starts = []
    place = text.find(_MARK)
    while place >= 0:
        start = text.rfind(b"<", max(place - _MAX_TAG, 0), place)
        if start >= 0 and text.startswith(b"<div ", start) and text.find(b">", start, place) < 0:
            starts.append(start)
        place = text.find(_MARK, place + len(_MARK))
    return starts


def _div_end(piece: bytes) -> bool:
    depth = 0
    for match in _DIV.finditer(piece):
        depth += -1 if match[1] else 1
        if depth == 0:
            return True
    return False


def readable_post(piece: bytes) -> bytes | None:
    """As much of `piece` as is the post, if a parser can be trusted with it; else None.

    A piece of many tags must be well-formed throughout; then its tree is exactly as large as it looks.
    """
    count = piece.count(b"<")
    if count <= _MAX_LOOSE:
        return piece
    if count > _MAX_TAGS:
        return None
    open_tags: list[bytes] = []
    for seen, match in enumerate(_TAG.finditer(piece), 1):
        closing, name, empty = match.groups()
        if name not in _PLAIN:
            return None
        if closing:
            if not open_tags or open_tags.pop() != name:
                return None
            if not open_tags:
                end = match.end()
                return piece[:end] if piece.count(b"<", 0, end) == seen else None
        elif name not in _VOID and not (empty and open_tags and b"svg" in open_tags):
            open_tags.append(name)
            if len(open_tags) > _MAX_DEPTH:
                return None
    return None
