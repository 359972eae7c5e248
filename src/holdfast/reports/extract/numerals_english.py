"""Reads English numbers in words: "thirty-eight thousand", "half a million", "two dozen", "tens of thousands"."""

from __future__ import annotations

from decimal import Decimal

from holdfast.reports.extract.number import HALF, Number, granule_of, scale_after, scale_words, with_half
from holdfast.reports.extract.numeral_words import ONES, SCALES, TENS_AND_MORE, VAGUE
from holdfast.reports.extract.words import Word, low_at

__all__ = ["read_english"]


def read_english(words: list[Word], at: int) -> Number | None:
    low = words[at].low
    if low in VAGUE["en"]:
        return _vague_english(words, at)
    if low in {"several", "few", "many", "multiple"} or (
        low == "a" and low_at(words, at + 1) in {"few", "couple"}
    ):
        return _several_english(words, at)
    if low in {"half", "quarter"}:
        return _part_english(words, at)
    article = low in {"a", "an"}
    if article and low_at(words, at + 1) in {"half", "quarter"}:
        number = _part_english(words, at + 1)
        return number._replace(first=at) if number else None
    start = at + 1 if article else at
    if article and low_at(words, start) not in {"dozen", "hundred", "thousand", "million", "billion"}:
        return None
    number = _sum_english(words, start, one=article)
    return number._replace(first=at) if number else None


def _sum_english(words: list[Word], at: int, *, one: bool) -> Number | None:
    total, group = Decimal(0), Decimal(0)
    seen, after = one, at
    dozen = scaled = False
    if one:
        group = Decimal(1)
    last_kind = "one" if one else ""
    while after < len(words):
        low = words[after].low
        if low in ONES["en"] and last_kind in {"", "tens", "scale", "and"}:
            if last_kind == "tens" and ONES["en"][low] > 9:
                break
            group += ONES["en"][low]
            last_kind = "ones"
        elif low in TENS_AND_MORE["en"] and last_kind in {"", "scale", "and"}:
            group += TENS_AND_MORE["en"][low]
            last_kind = "tens"
        elif low == "dozen" and last_kind in {"one", "ones", "tens", ""} and seen:
            group *= 12
            dozen, last_kind = True, "dozen"
        elif low in SCALES["en"] and low not in {"k", "mn", "thousands", "millions", "billions"} and seen:
            scale = SCALES["en"][low]
            if scale == 100:
                group = max(group, Decimal(1)) * 100
            else:
                total += max(group, Decimal(1)) * scale
                group = Decimal(0)
            scaled, last_kind = True, "scale"
        elif low == "and" and last_kind == "scale" and _adds(words, after + 1):
            last_kind = "and"
            after += 1
            continue
        elif (
            low == "-"
            and words[after].glued
            and last_kind == "tens"
            and low_at(words, after + 1) in ONES["en"]
        ):
            after += 1
            continue
        else:
            break
        seen = True
        after += 1
    if not seen or last_kind in {"", "one"}:
        return None
    value = total + group
    half = with_half(words, after, "en")
    if half and not scaled and not dozen:
        power, _ = scale_after(words, half, "en")
        end = half + scale_words(words, half) if power else half
        power = power or Decimal(1)
        return Number((value + HALF) * power, power * HALF, at, end, "number.half", scaled=power > 1)
    if dozen:
        return Number(value, Decimal(12), at, after, "number.dozen", implied="about")
    return Number(value, granule_of(value), at, after, "number.words", scaled=scaled)


def _adds(words: list[Word], at: int) -> bool:
    """Whether "and" joins two parts of one number: "two hundred and fifty", not "a hundred and two hundred"."""
    low = low_at(words, at)
    return (low in ONES["en"] or low in TENS_AND_MORE["en"]) and low_at(words, at + 1) not in SCALES["en"]


def _vague_english(words: list[Word], at: int) -> Number | None:
    value, after = VAGUE["en"][words[at].low], at + 1
    if words[at].low == "tens" and low_at(words, after) != "of":
        return None
    if low_at(words, after) == "of" and low_at(words, after + 1) in {
        "thousands",
        "millions",
        "billions",
        "hundreds",
    }:
        inner = low_at(words, after + 1)
        ten = {"tens": 20, "dozens": 24, "scores": 24, "hundreds": 200, "thousands": 2000}.get(
            words[at].low, 2
        )
        value = ten * SCALES["en"].get(inner, 100)
        after += 2
    elif words[at].low == "tens":
        return None
    return Number(Decimal(value), Decimal(value), at, after, "number.vague_plural", implied="at_least")


def _several_english(words: list[Word], at: int) -> Number | None:
    after = at + 1 if words[at].low != "a" else at + 2
    couple = low_at(words, after - 1) == "couple"
    if low_at(words, after) == "of":
        after += 1
    low = low_at(words, after)
    unit = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6}.get(low)
    if unit is None:
        return None
    implied = "about" if couple else "at_least"
    return Number(Decimal(2 * unit), Decimal(unit), at, after + 1, "number.several", implied=implied)


def _part_english(words: list[Word], at: int) -> Number | None:
    part = HALF if words[at].low == "half" else Decimal("0.25")
    after = at + 1
    while low_at(words, after) in {"a", "an", "of", "-", "one"}:
        after += 1
    low = low_at(words, after)
    unit = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}.get(low)
    if unit is None or after - at > 5:
        return None
    value = part * unit
    implied = "about" if low == "dozen" else None
    return Number(value, granule_of(value), at, after + 1, "number.part", implied=implied, scaled=True)
