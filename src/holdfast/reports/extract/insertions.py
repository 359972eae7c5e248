"""Finds speech that quotation marks alone do not show: «A, — said she. — B», and paragraphs that begin with a dash."""

from __future__ import annotations

import re

from holdfast.reports.extract.cues import is_cue
from holdfast.reports.extract.quotation import Quoted

__all__ = ["find_dialogue", "open_insertions"]


_INSERTION = re.compile(r"(?<=[,!?….])\s+[—–-]\s+(?P<said>[^«»“”„\"\n]{3,140}?)[.,:]?\s+[—–-]\s+")


def open_insertions(low: str, quoted: list[Quoted], lang: str) -> list[Quoted]:
    """Cuts «A, — said she. — B» into its two spoken parts, so that the words between are the reporter's."""
    opened: list[Quoted] = []
    for span in quoted:
        at = span.start
        if span.level == 0:
            for found in _INSERTION.finditer(low, span.inner_start, span.inner_end):
                if not any(is_cue(word, lang) for word in re.findall(r"[^\W\d_]+", found["said"])[:8]):
                    continue
                inner = span.inner_start if at == span.start else at
                opened.append(Quoted(at, found.start(), inner, found.start(), 0, True))
                at = found.end()
        inner = span.inner_start if at == span.start else at
        opened.append(span._replace(start=at, inner_start=inner))
    return sorted(opened)


_DIALOGUE = re.compile(
    r"^[ ]*[—–]\s+(?P<said>[^\n]{3,600}?)(?<=[,!?…])\s+[—–]\s+(?P<tail>[^\n—–]{3,120})", re.MULTILINE
)


def find_dialogue(low: str, quoted: list[Quoted], lang: str) -> list[Quoted]:
    """Speech that begins a paragraph with a dash, as Russian prose writes it."""
    found = []
    for match in _DIALOGUE.finditer(low):
        start, end = match.span("said")
        if any(span.start < end and start < span.end for span in quoted):
            continue
        if any(is_cue(word, lang) for word in re.findall(r"[^\W\d_]+", match["tail"])[:4]):
            found.append(Quoted(start, end, start, end, 0, True))
    return found
