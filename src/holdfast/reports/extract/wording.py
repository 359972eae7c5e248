"""Restates a claim in at most 75 characters."""

from __future__ import annotations

import re

__all__ = ["LONGEST", "shortened", "stated"]

LONGEST = 75

_COMPARATOR = {
    "over": "over ",
    "at_least": "at least ",
    "nearly": "nearly ",
    "about": "about ",
    "exact": "",
    "up_to": "up to ",
    "under": "under ",
}


def shortened(text: str, longest: int = LONGEST) -> str:
    """The text on one line, cut at a word with … where it is too long."""
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    if " " in cut[longest // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:—–-") + "…"


def stated(subject: str | None, comparator: str, lo: int, hi: int, unit: str) -> str:
    """ "channel Путь домой: over 38,000 followers"."""
    number = f"{lo:,}" if lo == hi else f"{lo:,} to {hi:,}"
    tail = f"{_COMPARATOR[comparator]}{number} {unit}"
    room = LONGEST - len(tail) - 2
    if subject is None or room < 8:
        return shortened(tail)
    return f"{shortened(subject, room)}: {tail}"
