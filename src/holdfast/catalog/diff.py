"""How one text became another, word by word; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

__all__ = ["Piece", "word_changes", "words_changed"]

# Scripts without spaces between words are compared sign by sign.
_TOKEN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0eff"
    r"\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|\s+|[^\w\s]"
)
TOKENS_MOST = 1_500
"""Longer stretches that differ are shown as a whole: to align them would take minutes."""
CONTEXT = 60
"""Characters of unchanged text that are shown beside a change."""

Piece = tuple[str, str]
"""(kind, text): "same", "gone", "come", or "cut" for unchanged text left out (its text is its length)."""


def word_changes(old: str, new: str) -> list[Piece]:
    """What a reader needs to see of a change: gone and new words with a little of what stands around them."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    middle = _aligned(before[start : len(before) - end], after[start : len(after) - end])
    whole = [("same", "".join(before[:start])), *middle, ("same", "".join(before[len(before) - end :]))]
    pieces = [each for each in whole if each[1]]
    return [part for place, each in enumerate(pieces) for part in _shortened(each, place, len(pieces))]


def _aligned(before: list[str], after: list[str]) -> Iterator[Piece]:
    if max(len(before), len(after)) > TOKENS_MOST:
        yield "gone", "".join(before)
        yield "come", "".join(after)
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield "same", "".join(before[a:b])
        else:
            yield "gone", "".join(before[a:b])
            yield "come", "".join(after[c:d])


def _shortened(piece: Piece, place: int, count: int) -> list[Piece]:
    """Unchanged text is cut down to what stands beside a change."""
    kind, text = piece
    if kind != "same" or count == 1:
        return [piece]
    left = CONTEXT if place else 0
    right = CONTEXT if place < count - 1 else 0
    if len(text) <= left + right + 20:
        return [piece]
    cut = len(text) - left - right
    parts = [("same", text[:left]), ("cut", str(cut)), ("same", text[len(text) - right :] if right else "")]
    return [part for part in parts if part[1]]


def words_changed(old: str, new: str) -> int:
    """How many words differ: those that went or those that came, whichever are more."""
    went = came = 0
    for kind, text in word_changes(old, new):
        count = sum(1 for each in _TOKEN.findall(text) if not each.isspace() and each[0].isalnum())
        went += count if kind == "gone" else 0
        came += count if kind == "come" else 0
    return max(went, came)
