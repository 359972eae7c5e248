"""A number as it was written, and the words that scale it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from holdfast.reports.extract.numeral_words import SCALES, SUFFIXES
from holdfast.reports.extract.words import Word, kind_at, low_at

__all__ = ["HALF", "HIGHEST", "Number", "granule_of", "scale_after", "scale_words", "with_half"]


HIGHEST = 10**15


class Number(NamedTuple):
    """A number as written. Units: `first`, `after` are indices of words; `granule` is a place value.

    `implied`: the comparator that the words carry ("dozens" at_least, "a dozen" about). `unread` says why the value is
    not to be used. `people`: a numeral that counts people only.
    """

    value: Decimal
    granule: Decimal
    first: int
    after: int
    rule: str
    implied: str | None = None
    scaled: bool = False
    people: bool = False
    unread: str | None = None


HALF = Decimal("0.5")


def granule_of(value: Decimal) -> Decimal:
    """Place value of the last digit that is not zero; 1 for zero."""
    if not value:
        return Decimal(1)
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(1)


def scale_after(words: list[Word], at: int, lang: str) -> tuple[Decimal, str]:
    """The scale that follows a number, 0 if none does."""
    if kind_at(words, at) == "sign" and words[at].low == "-" and words[at].glued:
        at += 1
        if low_at(words, at) not in SCALES["en"]:
            return Decimal(0), ""
    low = low_at(words, at)
    if not low:
        return Decimal(0), ""
    if words[at].glued and low in SUFFIXES:
        return Decimal(SUFFIXES[low]), "number.suffix"
    value = SCALES["en" if lang == "en" else "ru"].get(low)
    if value is None or (low in {"т", "k"} and not (low == "k" or low_at(words, at + 1) == ".")):
        return Decimal(0), ""
    return Decimal(value), "number.scale"


def scale_words(words: list[Word], at: int) -> int:
    """How many words the scale takes: a full stop after an abbreviation, a hyphen before it."""
    count = 1
    if words[at].low == "-":
        count = 2
    last = words[at + count - 1].low
    if (
        last in {"тыс", "млн", "млрд", "т", "mln"}
        and low_at(words, at + count) == "."
        and words[at + count].glued
    ):
        count += 1
    return count


def with_half(words: list[Word], at: int, lang: str) -> int | None:
    """Where "and a half" ends."""
    low = [low_at(words, at + offset) for offset in range(7)]
    if lang != "en":
        return at + 2 if low[0] in {"с", "з"} and low[1] in {"половиной", "половиною"} else None
    for pattern in (
        ["and", "a", "half"],
        ["-", "and", "-", "a", "-", "half"],
        ["and", "-", "a", "-", "half"],
    ):
        if low[: len(pattern)] == pattern:
            return at + len(pattern)
    return None
