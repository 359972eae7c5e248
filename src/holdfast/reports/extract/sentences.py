"""Tells a report's language and cuts it into sentences, quotations kept whole."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from holdfast.reports.extract.plain import Plain
from holdfast.reports.extract.quotation import Quoted

__all__ = ["LANGUAGES", "Sentence", "cut_sentences", "language_of"]

LANGUAGES = ("en", "ru", "uk")
"""Languages whose sentences are read into claims; Ukrainian by the Russian rules with its own words."""

_EN_COMMON = re.compile(
    r"\b(?:the|of|and|to|in|is|was|has|have|had|that|for|with|on|at|by|it|from|said|are|were|its|a|an|as|this|be)\b"
)
_LATIN_OTHER = re.compile(
    r"\b(?:der|und|nicht|ist|von|que|los|una|por|les|des|est|dans|pour|jest|nie|się|het|een|och|che|della|ve|bir|el|la|le|die|das|w|z)\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile('«[^«»\n]{1,900}»|“[^“”\n]{1,900}”|„[^„“”\n]{1,900}[“”]|(?<![^\\s(])"[^"\n]{1,900}"')
_CYRILLIC = re.compile("[а-яіїєґўђћјљњџ]")
_OTHER_CYRILLIC = re.compile("[ђћјљњџѓќәіңғүұқөһ]")


def language_of(plain: Plain) -> str:
    """ "en", "ru", "uk" or "be" by script, letters and common words; "und" for any other or for too little text."""
    low = plain.low[:200_000]
    # What is quoted may be in another language than the report; where it is nearly all there is, it has to do.
    own = _QUOTED.sub(" ", low)
    if sum(map(str.isalpha, own)) > 60:
        low = own
    cyrillic = len(_CYRILLIC.findall(low))
    letters = sum(map(str.isalpha, low))
    if not letters:
        return "und"
    if cyrillic * 2 > letters:
        if "ў" in low:
            return "be"
        ukrainian = sum(low.count(letter) for letter in "їєґі")
        russian = sum(low.count(letter) for letter in "ыэъ")
        if ukrainian > russian:
            return "uk"
        # Ukrainian letters are in names too; what no Russian writes is not.
        strange = len(re.findall("[ђћјљњџѓќәңғүұқөһ]", low))
        return "und" if strange * 50 > cyrillic else "ru"
    latin = sum("a" <= letter <= "z" for letter in low)
    if latin * 2 <= letters:
        return "und"
    common, other = len(_EN_COMMON.findall(low)), len(_LATIN_OTHER.findall(low))
    if other > common:
        return "und"
    words = len(_WORD.findall(low))
    return "en" if common or words < 12 else "und"


class Sentence(NamedTuple):
    """A run of the text. `paragraph` counts from 0."""

    start: int
    end: int
    paragraph: int


# Runs are bounded, so that a page of nothing but full stops or quotation marks costs no more than another.
_END = re.compile(
    r"[.!?…]{1,9}[»”\"’')\]]{0,9}(?=\s|$)|[.!?…]{1,9}(?=[«“\"])|[!?…»”\"][»”\"’')\]]{0,9}(?=\s)|\n\s*"
)
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof sen rep gov gen col lt sgt capt st sr jr vs no nos fig inc ltd co corp jan feb mar apr jun jul aug "
    "sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun a.m p.m u.s u.k e.g i.e approx est dept ave min sec vol "
    "тыс млн млрд трлн руб коп г гг в вв им ул д кв обл р-н т е к п ст ред св стр рис см ср др проч акад проф доц зам гл "
    "янв фев февр мар апр авг сен сент окт ноя нояб дек пн вт ср чт пт сб вс мск мин сек ч чел тел исп млн тис "
    "напр тов гр ин мин м".split()
)
# These end a sentence as often as not: what follows decides.
_MAY_END = frozenset(
    "a.m p.m u.s u.k г гг тыс млн млрд руб мин сек чел jr sr inc ltd др проч в вв мск тис ч м".split()
)
_TIME_GOES_ON = re.compile(
    r"(?:Moscow|Kyiv|Kiev|Minsk|London|Berlin|Paris|Eastern|Pacific|New York|Tbilisi|Istanbul|Riga|Vilnius|Tallinn|Warsaw|GMT|UTC|MSK|BST|C?E[SD]?T|"
    r"P[SD]T|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b)"
)
_LAST = re.compile(r"([^\W\d_]+(?:[.-][^\W\d_]+)*)$")
_CUE = re.compile(
    r"\s*(?:[-–—]\s|(?:[\w.'’-]+\s+){0,5}?(?:said|says|asked|told|wrote|writes|added|adds|replied|shouted|continued|explained|"
    r"joked|insisted|recalled|warned|declared|announced|posted|tweeted|reads?|claimed|came the reply)\b)"
)


def cut_sentences(plain: Plain, quoted: list[Quoted]) -> list[Sentence]:
    """The sentences in order; what lies between them is white space. A quotation is never cut."""
    text, low = plain.text, plain.low
    found: list[Sentence] = []
    outer = [span for span in quoted if not span.level]
    starts = [span.start for span in outer]
    start = paragraph = 0

    def keep(end: int) -> None:
        first = start
        while first < end and text[first].isspace():
            first += 1
        last = end
        while last > first and text[last - 1].isspace():
            last -= 1
        if last > first:
            found.append(Sentence(first, last, paragraph))

    for mark in _END.finditer(text):
        at, end = mark.start(), mark.end()
        if "\n" in mark[0]:
            keep(at)
            start, paragraph = end, paragraph + 1
            continue
        index = bisect_right(starts, at) - 1
        inside = outer[index] if index >= 0 and at < outer[index].end else None
        if inside is not None and end < inside.end:
            continue
        if _ends(text, low, start, at, end, inside):
            keep(end)
            start = end
    keep(len(text))
    return found


def _ends(text: str, low: str, start: int, at: int, end: int, inside: Quoted | None) -> bool:
    after = text[end : end + 80].lstrip()
    if not after:
        return True
    if inside is not None:
        # The quotation ends here: with its own stop the sentence may be over, without one it is not.
        stop = text[at : at + 1]
        if stop not in ".!?…" and text[inside.inner_end - 1 : inside.inner_end] not in ".!?…":
            return False
        if _CUE.match(low[end : end + 120]) and (
            text[inside.inner_end - 1 : inside.inner_end] in "!?…" or after[0] in "-–—"
        ):
            return False
        return _begins(after)
    sign = text[at : at + 1]
    if sign not in ".!?…":
        return False
    if not _begins(after):
        return False
    if text[at : at + 3] == "..." or sign == "…":
        return True
    if sign == "." and end - at <= 2:
        last = _LAST.search(low[max(start, at - 20) : at])
        if last:
            word = last[1]
            if len(word) == 1 and text[at - 1].isupper():
                # An initial, unless it is the network X.
                return bool(re.search(r"\b(?:on|via|to|from|and)\s+x$", low[max(start, at - 6) : at]))
            if word in {"a.m", "p.m"} and _TIME_GOES_ON.match(after):
                return False
            if word in _ABBREVIATIONS:
                return word in _MAY_END and (after[0].isupper() or after[0] in '«“"—–-')
        elif at > start and text[at - 1].isdigit() and after[0].isdigit():
            return False
    return True


def _begins(after: str) -> bool:
    first = after[0]
    if first in "«“\"„‘'([#@—–-*•":
        inner = after[1:].lstrip("«“\"„‘'([—–- ")
        return bool(inner) and (not inner[0].islower() or first in "*•")
    return not first.islower() and first not in ",;:)]»”"
