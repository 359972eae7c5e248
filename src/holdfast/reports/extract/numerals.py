"""Reads a number in digits or words, with the place value of its last significant digit as written."""

from __future__ import annotations

import re
from decimal import Decimal

from holdfast.reports.extract.number import (
    HALF,
    HIGHEST,
    Number,
    granule_of,
    scale_after,
    scale_words,
    with_half,
)
from holdfast.reports.extract.numerals_english import read_english
from holdfast.reports.extract.numerals_russian import read_russian
from holdfast.reports.extract.words import Word, kind_at

__all__ = ["read_number"]

_GROUPED = re.compile(r"\d{1,3}(?:([ ,.'])\d{3})(?:\1\d{3})*")


def read_number(words: list[Word], at: int, lang: str, *, genitive: bool = False) -> Number | None:
    """The number that begins at this word, as long as it goes. `genitive`: a comparator stands before it."""
    word = words[at]
    if word.kind == "num":
        return _read_digits(words, at, lang)
    if word.kind != "word":
        return None
    if lang == "en":
        return read_english(words, at)
    return read_russian(words, at, genitive=genitive)


def _read_digits(words: list[Word], at: int, lang: str) -> Number | None:
    raw = words[at].low
    if at and words[at].glued and words[at - 1].kind in {"word", "user", "clock"}:
        return None
    after = at + 1
    scale, rule = scale_after(words, after, lang)
    grouped = _GROUPED.fullmatch(raw)
    digits = raw
    if grouped and grouped[1] in " '":
        digits = re.sub("[ ']", "", raw)
    elif grouped and (not scale or raw.count(grouped[1]) > 1 or (lang == "en" and grouped[1] == ",")):
        digits = raw.replace(grouped[1], "")
    elif len(re.findall("[.,]", raw)) > 1 or (" " in raw or "'" in raw):
        # 1,234.56 has a group and a fraction; 12.03.2025 is no number.
        split = re.fullmatch(r"(\d{1,3}(?:[ ,.']\d{3})+)([.,])(\d+)", raw)
        if not split or split[2] in split[1]:
            return None
        digits = re.sub("[ ,.']", "", split[1]) + "." + split[3]
    if len(digits) > 24:
        return Number(Decimal(0), Decimal(1), at, after, "number.digits", unread="more digits than any count")
    value = Decimal(digits.replace(",", "."))
    if scale:
        end = after + scale_words(words, after)
        decimals = len(digits.replace(",", ".").partition(".")[2])
        granule = scale.scaleb(-decimals) if decimals else granule_of(value) * scale
        return _checked(Number(value * scale, granule, at, end, rule, scaled=True))
    following = words[after] if after < len(words) else None
    if following is not None and following.glued and following.kind in {"word", "user"}:
        return _unread_exponent(words, at, value)
    decimals = len(digits.replace(",", ".").partition(".")[2])
    granule = Decimal(1).scaleb(-decimals) if decimals else granule_of(value)
    half = with_half(words, after, lang)
    if half:
        scale, rule = scale_after(words, half, lang)
        if scale:
            end = half + scale_words(words, half)
            return Number((value + HALF) * scale, scale * HALF, at, end, "number.half", scaled=True)
        return Number(value + HALF, HALF, at, half, "number.half")
    return _checked(Number(value, granule, at, after, "number.digits"))


def _unread_exponent(words: list[Word], at: int, value: Decimal) -> Number | None:
    if re.fullmatch("e", words[at + 1].low) and kind_at(words, at + 2) == "num" and words[at + 2].glued:
        return Number(
            value, Decimal(1), at, at + 3, "number.exponent", unread="a number in scientific notation"
        )
    return None


def _checked(number: Number) -> Number:
    return number._replace(unread="a number too large to be a count") if number.value > HIGHEST else number
