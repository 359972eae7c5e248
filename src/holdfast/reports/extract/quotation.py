"""Finds what stands between quotation marks, nested marks included."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Quoted", "find_quoted", "masked"]

_MARK = re.compile("[«»„“”\"‘’'‚‹›\n]")
_CLOSERS = {"«": "»", "„": "“”", "“": "”", '"': '"', "‘": "’", "'": "'", "‚": "‘’", "‹": "›"}
LONGEST = 4000
"""Units: characters. A mark that is not closed within this is taken for a stray one."""
NESTED = 8
"""Marks that are open at once. What is open beyond that was never closed: the outermost is let go of."""


class Quoted(NamedTuple):
    """Text between marks. `start`, `end` take in the marks, `inner_start`, `inner_end` do not.

    `level` counts the quotations around it. `is_closed` False: it runs to the end of its paragraph, as a quotation
    of several paragraphs does.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    level: int
    is_closed: bool


def find_quoted(text: str) -> list[Quoted]:
    """Every quotation, in order of its start."""
    found: list[Quoted] = []
    stack: list[tuple[str, int]] = []
    paragraph = 0
    for mark in _MARK.finditer(text):
        at, sign = mark.start(), mark[0]
        if sign == "\n":
            _close_paragraph(text, stack, paragraph, at, found)
            paragraph = at + 1
            continue
        closes = _closes(text, at, sign, stack)
        if closes is not None:
            # What was opened inside and never closed is no quotation.
            del stack[closes + 1 :]
            opener, start = stack.pop()
            if 1 < at - start <= LONGEST and not (opener == "'" and not _fits_single(text, start, at)):
                found.append(Quoted(start, at + 1, start + 1, at, len(stack), True))
        elif _opens(text, at, sign, stack):
            stack.append((sign, at))
            del stack[:-NESTED]
    _close_paragraph(text, stack, paragraph, len(text), found)
    found.sort()
    return found


def masked(text: str, quoted: list[Quoted], keep: frozenset[int] = frozenset()) -> str:
    """The text with the insides of outer quotations blanked, length unchanged. `keep`: starts of those to leave."""
    pieces, at = [], 0
    for span in quoted:
        if span.level or span.start in keep or span.inner_start < at:
            continue
        pieces += [text[at : span.inner_start], "\x01" * (span.inner_end - span.inner_start)]
        at = span.inner_end
    return "".join([*pieces, text[at:]])


def _closes(text: str, at: int, sign: str, stack: list[tuple[str, int]]) -> int | None:
    """Which open quotation this mark closes."""
    after = text[at + 1 : at + 2]
    if sign in "’'" and after.isalnum():
        return None  # an apostrophe
    if sign == '"' and after.isalnum() and at and not text[at - 1].isalnum() and text[at - 1] not in ".,!?…)":
        return None
    for index in range(len(stack) - 1, -1, -1):
        if sign in _CLOSERS[stack[index][0]]:
            if sign == "'" and at == stack[index][1] + 1:
                return None
            return index
    return None


def _opens(text: str, at: int, sign: str, stack: list[tuple[str, int]]) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if not after or after.isspace():
        return False
    if sign in "«„“‹":
        return True
    if sign in "‘‚":
        return not before.isalnum()
    if sign == '"':
        return not before.isalnum() and not any(opener == '"' for opener, _ in stack)
    return sign == "'" and not before.isalnum() and after.isalpha() and not any(o == "'" for o, _ in stack)


def _fits_single(text: str, start: int, at: int) -> bool:
    """Straight single marks are mostly apostrophes ('90s, the wives' march): only what looks spoken or named counts."""
    inner = text[start + 1 : at]
    return len(inner) <= 600 and (inner[-1:] in ",.!?…" or inner.count(" ") < 6) and bool(inner.strip())


def _close_paragraph(
    text: str, stack: list[tuple[str, int]], paragraph: int, end: int, found: list[Quoted]
) -> None:
    goes_on = text[end : end + 40].lstrip()[:1]
    for level, (sign, start) in enumerate(stack):
        # A quotation of several paragraphs begins each with its mark and closes the last alone; any other was never closed.
        begins = not text[paragraph:start].strip() or goes_on == sign
        if sign in '«“"' and begins and end - start <= LONGEST and level == 0:
            found.append(Quoted(start, end, start + 1, end, level, False))
    stack.clear()
