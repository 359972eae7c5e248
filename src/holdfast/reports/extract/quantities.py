"""Reads comparator, number and noun together: what was counted, how many, and how sure the words are."""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.reports.extract.comparators import Comparison, after_number, before_number
from holdfast.reports.extract.counting import Counted
from holdfast.reports.extract.noun_after import counted_after
from holdfast.reports.extract.noun_before import counted_before
from holdfast.reports.extract.number import Number
from holdfast.reports.extract.numerals import read_number
from holdfast.reports.extract.words import Word, kind_at, low_at

__all__ = ["Found", "find_quantities"]


class Found(NamedTuple):
    """One quantity of the text. Units: `lo`, `hi`, `granule` in `unit`; `first`, `after` are indices of words.

    `start`, `end`: the characters from the comparator to the noun. `kind` is the kind of claim that it makes.
    """

    kind: str
    unit: str
    lo: int
    hi: int
    granule: int
    comparator: str
    first: int
    after: int
    start: int
    end: int
    noun: str
    rules: tuple[str, ...]
    marks: tuple[str, ...] = ()
    unread: str | None = None


def find_quantities(words: list[Word], lang: str, taken: set[int], earlier: str | None) -> list[Found]:
    """Every quantity of one sentence. `taken`: words that belong to times and lengths; `earlier`: the unit of the last
    counter in the sentence before, for a number that leaves its noun out."""
    found: list[Found] = []
    at = 0
    while at < len(words):
        if at in taken or words[at].kind not in {"num", "word"}:
            at += 1
            continue
        floor = max((item.after for item in found[-8:]), default=0)
        comparison = before_number(words, at, lang, floor)
        ordinal = _ordinal(words, at, lang)
        if ordinal is not None:
            found.append(ordinal)
            at = ordinal.after
            continue
        number = read_number(words, at, lang, genitive=comparison is not None)
        if number is None or any(index in taken for index in range(number.first, number.after)):
            at += 1
            continue
        at = number.after
        if _is_no_count(words, number) or _is_old_count(words, number, lang):
            continue
        low, number = _range(words, number, lang)
        item = _assemble(words, low, number, comparison, lang, found, earlier, taken)
        if item is not None:
            found.append(item)
            at = max(at, item.after if item.after > number.after else at)
        else:
            at = max(at, number.after)
    return found


_ORDINALS = {
    **{
        word: n
        for n, word in enumerate("fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 4)
    },
    **{
        stem: n
        for n, stem in enumerate("четверт пят шест седьм восьм девят десят одиннадцат двенадцат".split(), 4)
    },
}
_RU_ORDINAL = re.compile(
    "(четверт|пят|шест|седьм|восьм|девят|десят|одиннадцат|двенадцат)(?:ый|ая|ое|ой|ого|ую|ым|ом)$"
)
_GATHERING = re.compile(
    r"(?:rall(?:y|ies)|protests?|gatherings?|actions?|pickets?|demonstrations?|march(?:es)?|vigils?|акци\w+|митинг\w*|протест\w*|пикет\w*|собрани\w+|шестви\w+|выход\w*)$"
)


def _ordinal(words: list[Word], at: int, lang: str) -> Found | None:
    """ "the ninth of such gatherings": which one in a row it was."""
    low, after = words[at].low, at + 1
    value: int | None
    if (
        words[at].kind == "num"
        and low_at(words, after) in {"th", "я", "й"}
        and words[after].glued
        and low.isdigit()
    ):
        value, after = int(low) if len(low) < 5 else None, after + 1
    elif lang == "en":
        value = _ORDINALS.get(low)
    else:
        form = _RU_ORDINAL.match(low)
        value = _ORDINALS[form[1]] if form else None
    if value is None or value < 4:
        return None
    following = [word.low for word in words[after : after + 7]]
    stop = next((n for n, word in enumerate(following) if word in {".", ",", ";", "—"}), len(following))
    noun = next((word for word in following[:stop] if _GATHERING.match(word)), None)
    if (
        noun is None
        and following[:3] not in (["one", "in", "sequence"], ["one", "in", "a"], ["подряд"])
        and following[:1] != ["подряд"]
    ):
        return None
    return Found(
        "other",
        "ordinal",
        value,
        value,
        1,
        "exact",
        at,
        after,
        words[at].start,
        words[after - 1].end,
        noun or "",
        ("number.ordinal",),
    )


def _is_old_count(words: list[Word], number: Number, lang: str) -> bool:
    """The first number of "grew from 20 to 30 thousand": only the second is so now."""
    if low_at(words, number.after) not in {"to", "до"} or number.after + 1 >= len(words):
        return False
    if read_number(words, number.after + 1, lang) is None:
        return False
    before = low_at(words, number.first - 1)
    return before in {"с", "со"} or (before in {"from", "от"} and _changes(words, number.first, lang))


def _is_no_count(words: list[Word], number: Number) -> bool:
    """Scores, fractions, money, model names, versions, years: numbers that count nothing here."""
    first, after = number.first, number.after
    before, follows = low_at(words, first - 1), low_at(words, after)
    if _is_share(words, after) or (
        before in {"of", "in", "из"} and _is_share(words, first - 1 - (before == "of"))
    ):
        return True  # "nine out of ten comments", "one in ten members"
    if words[first].kind == "num":
        if before in set("/№#:$€£₴₽&_\\=*^") or (
            before == "." and words[first].glued and words[first - 1].glued
        ):
            return True
        if before in {"-", "–"} and words[first].glued and words[first - 1].glued and first >= 2:
            return True  # A-10, 6-0: a range was read from its first number
        if follows in set("/°№$€£₴₽\\=^") and not (follows == "/" and not words[after].glued):
            return True
        if (
            follows in {"-", "–", ":"}
            and words[after].glued
            and kind_at(words, after + 1) == "num"
            and _falls(words, first, after + 1)
        ):
            return True
        if (
            first
            and words[first - 1].kind == "word"
            and words[first - 1].raw[:1].isalpha()
            and words[first - 1].raw != words[first - 1].low
            and words[first - 1].low in _NUMBERED
        ):
            return True
        if not number.scaled and words[first].low.isdigit() and 1900 <= int(number.value) <= 2100:
            years = {
                "in",
                "since",
                "of",
                "by",
                "from",
                "the",
                "until",
                "в",
                "с",
                "к",
                "за",
                "по",
                "от",
                "до",
                "early",
                "late",
            }
            if before in years or follows in {"год", "года", "году", "годом", "г", "годов", "год)"}:
                return True
    if number.value == 1 and number.rule == "number.words" and not _begins_range(words, number):
        # "one protester", "один из каналов" name one of many; "at least one person" counts.
        return before not in {
            "least",
            "only",
            "just",
            "exactly",
            "хотя",
            "бы",
            "мере",
            "минимум",
            "только",
            "лишь",
            "ровно",
            "всего",
            "even",
        }
    return False


_TENS = frozenset(
    "two three four five six seven eight nine ten twenty hundred двух трех трёх четырех пяти шести семи восьми девяти десяти двадцати ста сотни".split()
)


def _is_share(words: list[Word], at: int) -> bool:
    """Whether "out of ten", "in ten", «из десяти» begins here, after a small number."""
    said = [low_at(words, at + step) for step in range(3)]
    step = 2 if said[:2] == ["out", "of"] else 1 if said[0] in {"in", "из"} else 0
    if not step or at < 1 or not _is_small(words, at - 1):
        return False
    return _is_small(words, at + step)


def _is_small(words: list[Word], at: int) -> bool:
    low = low_at(words, at)
    return (
        low in _TENS
        or low in {"one", "один", "одна", "одного"}
        or (low.isdigit() and int(low) <= 100)
        or low in _SMALL
        or low in {"шесть", "семь", "восемь", "девять"}
    )


def _begins_range(words: list[Word], number: Number) -> bool:
    """ "one to two million"."""
    return low_at(words, number.after) in {"to", "or", "-", "–", "до", "или"} and (
        kind_at(words, number.after + 1) == "num" or low_at(words, number.after + 1) in _SMALL
    )


_SMALL = frozenset("two three four five two-three два две двух три трех четыре пять".split())
_NUMBERED = frozenset(
    "iphone galaxy pixel windows android ios room flight gate route bus line article act chapter page step day su boeing airbus "
    "телеграф рейс автобус статья статье статьи ст глава дом квартира школа школе школы маршрут том часть пункт день дня № номер "
    "channel kanal part episode season phase version group g section type model q level".split()
)


def _falls(words: list[Word], first: int, second: int) -> bool:
    """A score, not a range: the second number is not the larger."""
    low, high = (re.sub("[^0-9]", "", words[at].low) for at in (first, second))
    return int(high[:18] or 0) <= int(low[:18] or 0)


def _range(words: list[Word], number: Number, lang: str) -> tuple[Number, Number]:
    """The two ends of "20 to 30", "1-1,3 млн"; twice the same number when it is no range."""
    joint = low_at(words, number.after)
    dashes = {"-", "–", "—"}
    ties = dashes | ({"to", "or", "and"} if lang == "en" else {"до", "или", "и"})
    if joint not in ties or number.implied == "at_least":
        return number, number
    if joint == "—" and not words[number.after].glued:
        return number, number
    if number.after + 1 >= len(words):
        return number, number
    other = read_number(words, number.after + 1, lang)
    if other is None or other.implied == "at_least" or other.unread:
        return number, number
    before = low_at(words, number.first - 1)
    if joint in {"and", "и"} and before not in {"between", "между"}:
        return number, number
    if joint == "до" and before != "от":
        return number, number
    low = number
    if other.scaled and not number.scaled and number.value < 1000:
        factor = _scale_of(words, other, lang)
        if factor and number.value <= other.value / factor:
            low = number._replace(value=number.value * factor, granule=number.granule * factor)
    if low.value >= other.value:
        return number, number
    return low, other._replace(first=number.first)


def _scale_of(words: list[Word], number: Number, lang: str) -> int | None:
    """The factor of the scale word that a number ends with."""
    bare = read_number([*words[number.first : number.first + 1]], 0, lang)
    return int(number.value / bare.value) if bare is not None and bare.value else None


_GROWTH = {
    "en": ("grew", "grow", "rose", "risen", "rise", "climb", "increas", "jump", "fell", "fall", "drop", "shr", "surg", "swell", "went", "declin", "soar"),
    "ru": ("вырос", "увелич", "дорос", "поднял", "возрос", "упал", "снизил", "сократил", "уменьш", "вырас", "рост"),
}  # fmt: skip


def _changes(words: list[Word], at: int, lang: str) -> bool:
    starts = _GROWTH["en" if lang == "en" else "ru"]
    return any(word.low.startswith(starts) for word in words[max(0, at - 10) : at])


def _assemble(
    words: list[Word],
    low: Number,
    high: Number,
    comparison: Comparison | None,
    lang: str,
    found: list[Found],
    earlier: str | None,
    taken: set[int],
) -> Found | None:
    trailing = after_number(words, high.after, lang)
    after = trailing.after if trailing else high.after
    counted = counted_after(words, high, after, lang, taken) or counted_before(
        words,
        comparison.first if comparison else high.first,
        lang,
        found[-1].unit if found else earlier,
        after,
    )
    if counted is None:
        return None
    comparison = trailing or comparison
    rules = [high.rule, counted.rule]
    marks = list(counted.marks)
    if comparison is None and found and _shares(words, found[-1], high.first, counted):
        comparator = found[-1].comparator
        rules.append("cmp.shared")
    elif comparison is None:
        comparator = high.implied or "exact"
        rules.append(f"cmp.{comparator}_implied" if high.implied else "cmp.bare")
    else:
        comparator, rules = comparison.comparator, [*rules, comparison.rule]
        marks += comparison.marks
        if comparator == "exact" and high.implied:
            comparator = high.implied
    if high.rule in {"number.vague_plural", "number.several"}:
        marks.append("vague plural")
    if low is not high:
        rules.append("number.range")
    first = min(comparison.first, low.first) if comparison else low.first
    if _is_earlier(words, first, lang):
        marks.append("earlier")
    if (
        low_at(words, first - 1) in {"by", "на"}
        and counted.kind in {"followers", "views", "reactions"}
        and _changes(words, first, lang)
    ):
        marks.append("change")  # "has grown by more than a thousand"
    unread = high.unread or counted.unread
    before = low_at(words, (comparison.first if comparison and not trailing else high.first) - 1)
    if (
        before in {"-", "−", "–"}
        and unread is None
        and words[high.first].kind == "num"
        and _is_minus(words, high.first)
    ):
        unread = "a negative number"
    if (low.value % 1 or high.value % 1) and unread is None:
        unread = "a fraction of something that is counted whole"
    last = max(after, counted.after)
    return Found(
        kind=counted.kind,
        unit=counted.unit,
        lo=int(low.value),
        hi=int(high.value),
        granule=max(1, int(min(low.granule, high.granule))),
        comparator=comparator,
        first=first,
        after=last,
        start=words[first].start,
        end=words[last - 1].end,
        noun=counted.noun,
        rules=tuple(rules),
        marks=tuple(dict.fromkeys(marks)),
        unread=unread,
    )


_EARLIER_PHRASES = {
    "en": {("up", "from"), ("down", "from"), ("compared", "with"), ("compared", "to"), ("versus",), ("vs",), ("vs", "."), ("instead", "of"), ("as", "against"), ("used", "to", "have")},
    "ru": {("против",), ("по", "сравнению", "с"), ("вместо",)},
}  # fmt: skip
_EARLIER = {
    "en": frozenset("initially originally previously formerly once".split()),
    "ru": frozenset("изначально первоначально раньше прежде ранее когда-то".split()),
}


def _is_earlier(words: list[Word], first: int, lang: str) -> bool:
    """Whether a number is told as one of before: "down from 15,400", "it initially had 300", «против 15 тысяч»."""
    language = "en" if lang == "en" else "ru"
    lows = [word.low for word in words[max(0, first - 3) : first]]
    if any(tuple(lows[-len(each) :]) == each for each in _EARLIER_PHRASES[language]):
        return True
    if lows[-1:] in (["from"], ["с"], ["со"]) and _changes(words, first, lang):
        return True
    for word in reversed(words[max(0, first - 7) : first]):
        if word.low in {",", ";", ":", "—", "(", ")"}:
            return False
        if word.low in _EARLIER[language]:
            return True
    return False


def _is_minus(words: list[Word], at: int) -> bool:
    return at >= 1 and words[at].glued and not words[at - 1].glued


def _shares(words: list[Word], previous: Found, first: int, counted: Counted) -> bool:
    """ "More than 38 million views and 2.6 million likes": the comparator governs both of exactly two."""
    if previous.comparator in {"exact", "at_least"} or "number.vague_plural" in previous.rules:
        return False
    between = [word.low for word in words[previous.after : first]]
    if between not in (["and"], ["и"], ["та"], ["і"]) or counted.kind == "people":
        return False
    return "," not in [word.low for word in words[max(0, previous.first - 1) : previous.first]]
