"""Reads Russian and Ukrainian numbers in words: «двадцать пять тысяч», «полмиллиона», «два десятка», «сотни тысяч»."""

from __future__ import annotations

import re
from decimal import Decimal

from holdfast.reports.extract.number import HALF, Number, granule_of, scale_after, scale_words, with_half
from holdfast.reports.extract.numeral_words import (
    COLLECTIVES,
    COMPOUNDS,
    GENITIVE_SINGULARS,
    ONES,
    SCALES,
    TENS_AND_MORE,
    VAGUE,
)
from holdfast.reports.extract.words import Word, low_at

__all__ = ["read_russian"]


def read_russian(words: list[Word], at: int, *, genitive: bool) -> Number | None:
    low = words[at].low
    if low in COLLECTIVES:
        return Number(Decimal(COLLECTIVES[low]), Decimal(1), at, at + 1, "number.collective", people=True)
    if low in {
        "несколько",
        "нескольких",
        "несколькими",
        "кілька",
        "декілька",
        "пара",
        "пару",
        "пары",
        "парой",
    }:
        return _several_russian(words, at)
    if low in {"пол", "полтора", "полторы", "полутора", "четверть", "четверти"}:
        return _part_russian(words, at)
    if low in {
        "полмиллиона",
        "полтысячи",
        "полсотни",
        "півмільйона",
        "полумиллиона",
        "полумиллионом",
        "полумиллионная",
    }:
        value = Decimal({"полт": 500, "полс": 50}.get(low[:4], 500_000))
        return Number(value, granule_of(value), at, at + 1, "number.part", scaled=True)
    counted = _sum_russian(words, at) or _digits_russian(words, at)
    if counted is not None:
        return counted
    if low in VAGUE["ru"] or low in GENITIVE_SINGULARS:
        return _plural_russian(words, at, genitive=genitive)
    return None


def _sum_russian(words: list[Word], at: int) -> Number | None:
    total, group, after = Decimal(0), Decimal(0), at
    ceiling, top = 1000, 10**12
    seen = scaled = False
    while after < len(words):
        low = words[after].low
        value = ONES["ru"].get(low) or TENS_AND_MORE["ru"].get(low)
        power = SCALES["ru"].get(low)
        if value is not None and value < ceiling:
            group += value
            ceiling = 1 if value < 20 else 10 if value < 100 else 100
            after += 1
        elif power is not None and group and power < top:
            after += scale_words(words, after)
            total += group * power
            group, ceiling, top, scaled = Decimal(0), 1000, power, True
        else:
            break
        seen = True
    if not seen:
        return None
    value_read = total + group
    low = low_at(words, after)
    if low in {"десятка", "десятков", "десятки", "сотни", "сотен", "дюжины", "дюжин"} and not scaled:
        unit = 10 if low.startswith("дес") else 100 if low.startswith("сот") else 12
        end = after + 1
        scale, _ = scale_after(words, end, "ru")
        factor = unit * (scale or 1)
        end += scale_words(words, end) if scale else 0
        return Number(
            value_read * factor, Decimal(factor), at, end, "number.tens", implied="about", scaled=True
        )
    half = with_half(words, after, "ru")
    if half and not scaled:
        scale_half, _ = scale_after(words, half, "ru")
        factor = scale_half or Decimal(1)
        end = half + (scale_words(words, half) if scale_half else 0)
        return Number((value_read + HALF) * factor, factor * HALF, at, end, "number.half", scaled=factor > 1)
    return Number(value_read, granule_of(value_read), at, after, "number.words", scaled=scaled)


_DIGITS_OF = re.compile("(двух|трех|четырех|пяти|шести|семи|восьми)значн")


def _digits_russian(words: list[Word], at: int) -> Number | None:
    """«к шестизначному числу»: the least number of so many digits."""
    found = _DIGITS_OF.match(words[at].low)
    if not found or not low_at(words, at + 1).startswith(("числ", "цифр", "отметк")):
        return None
    value = Decimal(10) ** (COMPOUNDS[found[1]] - 1)
    return Number(value, value, at, at + 2, "number.digit_count", scaled=True)


def _plural_russian(words: list[Word], at: int, *, genitive: bool) -> Number | None:
    low = words[at].low
    after = at + 1
    inner = low_at(words, after)
    scale = SCALES["ru"].get(inner)
    if scale is not None and inner not in {"т"}:
        end = after + scale_words(words, after)
        tens = GENITIVE_SINGULARS.get(low) if genitive or low not in VAGUE["ru"] else None
        if tens is not None:
            return Number(
                Decimal(tens * scale),
                Decimal(tens * scale),
                at,
                end,
                "number.tens",
                implied="about",
                scaled=True,
            )
        ten = VAGUE["ru"].get(low, 2)
        return Number(
            Decimal(ten * scale), Decimal(ten * scale), at, end, "number.vague_plural", implied="at_least"
        )
    if low in GENITIVE_SINGULARS and (genitive or low not in VAGUE["ru"]):
        value = Decimal(GENITIVE_SINGULARS[low])
        implied = "about" if value <= 100 else None
        return Number(value, value, at, after, "number.one_unit", implied=implied, scaled=True)
    value = Decimal(VAGUE["ru"][low])
    return Number(value, value, at, after, "number.vague_plural", implied="at_least")


def _several_russian(words: list[Word], at: int) -> Number | None:
    low = low_at(words, at + 1)
    pair = words[at].low.startswith("пар")
    unit = (
        {"дес": 10, "дюж": 12, "сот": 100}.get(low[:3])
        if low in VAGUE["ru"] or low in GENITIVE_SINGULARS
        else None
    )
    unit = unit or SCALES["ru"].get(low)
    if unit is None:
        return None
    end = at + 1 + scale_words(words, at + 1)
    scale = SCALES["ru"].get(low_at(words, end)) if unit < 1000 else None
    if scale:
        unit, end = unit * scale, end + scale_words(words, end)
    implied = "about" if pair else "at_least"
    return Number(Decimal(2 * unit), Decimal(unit), at, end, "number.several", implied=implied)


def _part_russian(words: list[Word], at: int) -> Number | None:
    low, after = words[at].low, at + 1
    part = (
        Decimal("1.5")
        if low.startswith("пол") and low != "пол"
        else HALF
        if low == "пол"
        else Decimal("0.25")
    )
    if low_at(words, after) == "-":
        after += 1
    unit = low_at(words, after)
    scale = SCALES["ru"].get(unit) or (
        100 if unit.startswith("сот") else 10 if unit.startswith("десятк") else None
    )
    if scale is None:
        if part == Decimal("1.5"):
            return Number(part, HALF, at, at + 1, "number.part")
        return None
    value = part * scale
    end = after + scale_words(words, after)
    return Number(value, granule_of(value), at, end, "number.part", scaled=True)
