"""The words of posts that are built of blocks (headings, lists, tables), in the order in which they are read."""

from __future__ import annotations

from typing import Any, Final

from holdfast.capture.telegram_api.values import OMITTED, kind_of

__all__ = ["words_of_blocks"]

_MAX_DEPTH: Final = 48
_MAX_CHARS: Final = 1_000_000
_WORDS: Final = {
    "TextPlain": "text",
    "TextCustomEmoji": "alt",
    "TextMath": "source",
    "PageBlockMath": "source",
}
"""Classes that hold words of their own, and the field they are in."""
_ORDER: Final = (
    *("title", "kicker", "header", "cover", "author", "text", "texts", "blocks", "items", "rows", "cells"),
    *("articles", "caption", "credit"),
)
"""Fields that hold text or blocks, in the order in which clients show them."""


def words_of_blocks(rich: Any) -> str | None:
    """All words, each block on a line of its own. Marks, pictures and tables' lines are in the raw answer only."""
    lines: list[str] = []
    budget = [_MAX_CHARS]
    for block in rich.blocks:
        parts: list[str] = []
        _collect(block, parts, _MAX_DEPTH, budget)
        lines.append("".join(parts).strip("\n"))
    return "\n".join(line for line in lines if line) or None


def _collect(value: Any, parts: list[str], depth: int, budget: list[int]) -> None:
    if budget[0] < 0:
        return
    if depth == 0:
        parts.append(OMITTED)
        return
    if isinstance(value, list):
        for each in value:
            _collect(each, parts, depth - 1, budget)
        return
    kind = kind_of(value)
    if kind in _WORDS:
        word = getattr(value, _WORDS[kind])
        budget[0] -= len(word)
        parts.append(word if budget[0] >= 0 else OMITTED)
        return
    for key in _ORDER:
        inner = getattr(value, key, None)
        if inner is not None and not isinstance(inner, str | int):
            _collect(inner, parts, depth - 1, budget)
            if key == "title":
                parts.append("\n")
    if kind.startswith(("PageBlock", "PageListItem", "PageListOrderedItem", "PageTableRow")):
        parts.append("\n")
    elif kind == "PageTableCell":
        parts.append("\t")
