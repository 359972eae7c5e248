"""Cuts a text into words, numbers, addresses and signs, each with its place."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from holdfast.reports.extract.plain import Plain

__all__ = ["Word", "cut_words", "kind_at", "low_at", "words_between"]

_WORD = re.compile(
    r"(?P<url>https?://[^\s»”\"<>]+|(?<![\w.])t\.me/[\w+/]+)"
    r"|(?P<user>@[a-z]\w{3,31})"
    r"|(?P<clock>(?<![\d:.,])\d{1,2}:\d{2}(?::\d{2})?(?![\d:]))"
    r"|(?P<num>(?<![\d.,])\d{1,3}(?:(?P<gap>[ ,.']|)\d{3})(?:(?P=gap)\d{3})*(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*'?)"
    r"|(?P<sign>[^\w\s\x01]|_)"
)
_KINDS = ("url", "user", "clock", "num", "word", "sign")


class Word(NamedTuple):
    """One word, number or sign. `low` is its levelled form, `raw` as written, `glued`: nothing stands before it."""

    kind: str
    start: int
    end: int
    low: str
    raw: str
    glued: bool

    @property
    def is_capital(self) -> bool:
        return self.raw[:1].isupper()


def cut_words(plain: Plain, low: str) -> list[Word]:
    """Every word of `low`, the levelled text with what is quoted blanked out (same length as the text)."""
    words = []
    end = -1
    for found in _WORD.finditer(low):
        start = found.start()
        kind = next(name for name in _KINDS if found[name] is not None)
        text = found[0]
        stop = found.end()
        if kind == "word" and text.endswith("'"):
            text, stop = text[:-1], stop - 1
        if kind == "url":
            text = text.rstrip(".,;:!?)")
            stop = start + len(text)
        words.append(Word(kind, start, stop, text, plain.text[start:stop], start == end))
        end = stop
    return words


def words_between(words: list[Word], start: int, end: int) -> tuple[int, int]:
    """The indices of the words that lie in a range of characters, the end excluded."""
    return bisect_left(words, start, key=_start), bisect_left(words, end, key=_start)


def low_at(words: list[Word], at: int) -> str:
    """The levelled word at an index, empty beyond either end."""
    return words[at].low if 0 <= at < len(words) else ""


def kind_at(words: list[Word], at: int) -> str:
    """The kind of the word at an index, empty beyond either end."""
    return words[at].kind if 0 <= at < len(words) else ""


def _start(word: Word) -> int:
    return word.start
