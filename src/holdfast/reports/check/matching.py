"""Finds quoted words in a captured text: letter by letter, nearly, or not at all; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from rapidfuzz import fuzz

from holdfast.search.words import words

__all__ = ["CLOSE_SCORE", "LEAD", "Match", "Prepared", "best_match", "departures", "prepare", "script_of"]

CLOSE_SCORE, LEAD = 70, 12
"""From so many percent of alike letters, and so many more than the next best place, a passage is the one that is quoted."""
_GAP_WORDS = 60
"""Words that may have been left out where a quotation has an ellipsis; more were said at another place."""
_FEW_WORDS = 3
_PARTS = re.compile(r"\[[^\]]*\]|…|\.\.\.|\(\.\.\.\)")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_NUMBER = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundreds?|thousands?|millions?)|"
    r"(?:дв[ае]|двух|тр[иё]х?|трех|четыр\w+|пят[ьи]|шест[ьи]|сем[ьи]|восьми|восемь|девят[ьи]|десят[ьи]\w*|двадцат\w+|тридцат\w+|сорок\w*|пятьдесят|сто|ста|"
    r"сот(?:ни|ен)|тысяч\w*|миллион\w*)"
)
_NEGATIONS = frozenset(
    "not no never n't nobody nothing neither nor without cannot не нет ни никогда никто ничего нельзя без".split()
)


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A text cut into words: `forms` in their exact form, `spans` where each stands in the text."""

    text: str
    forms: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    joined: str
    starts: tuple[int, ...]
    """Where each word begins in `joined`."""


class Match(msgspec.Struct, frozen=True):
    """Where a quotation stands in a text. `how`: verbatim, close or none; `score` in percent; `lead` over the next best place;
    `far`: its parts stand far apart."""

    how: str
    start: int
    end: int
    score: int
    lead: int
    far: bool = False


def prepare(text: str) -> Prepared:
    """Cut a text into words, once for many quotations."""
    forms: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        for form in words(match[0].replace("-", " ")):
            forms.append(form.replace("'", ""))
            spans.append((match.start(), match.end()))
    starts, at = [], 0
    for form in forms:
        starts.append(at)
        at += len(form) + 1
    return Prepared(text, tuple(forms), tuple(spans), " ".join(forms), tuple(starts))


def script_of(text: str) -> str:
    """ "cyrillic", "latin" or "other", by the letters that most of a text is written in."""
    cyrillic = sum("Ѐ" <= sign <= "ԯ" for sign in text)
    latin = sum(sign.isascii() and sign.isalpha() for sign in text)
    if max(cyrillic, latin) * 2 < sum(map(str.isalpha, text)):
        return "other"
    return "cyrillic" if cyrillic > latin else "latin"


def best_match(quote: str, text: Prepared) -> Match:
    """The best place of a quotation in a text. "…" is a gap, [words in brackets] are the editor's."""
    parts = [list(prepare(part).forms) for part in _PARTS.split(quote)]
    parts = [part for part in parts if part]
    if not parts or not text.forms:
        return Match("none", 0, 0, 0, 0)
    exact = _verbatim(parts, text.forms)
    if exact is not None:
        first, last, far = exact
        return Match("verbatim", text.spans[first][0], text.spans[last][1], 100, 100, far)
    wanted = " ".join(form for part in parts for form in part)
    if sum(map(len, parts)) <= _FEW_WORDS or len(wanted) > len(text.joined) * 1.5:
        return Match("none", 0, 0, 0, 0)
    # Parts that are told apart by an ellipsis are looked for one by one: the longest decides the place.
    anchor = " ".join(max(parts, key=lambda part: len(" ".join(part))))
    found = fuzz.partial_ratio_alignment(anchor, text.joined)
    if found is None or len(anchor) < 12:
        return Match("none", 0, 0, 0, 0)
    begin, end = found.dest_start, found.dest_end
    rest = text.joined[:begin] + " " + text.joined[end:]
    second = fuzz.partial_ratio(anchor, rest) if len(rest) >= len(anchor) else 0.0
    score, lead = int(found.score), int(found.score - second)
    # Each other part has to be near, in its order, or the quotation is no more than its longest part.
    far = any(
        len(" ".join(part)) >= 12
        and fuzz.partial_ratio(" ".join(part), text.joined[max(0, begin - 600) : end + 600]) < CLOSE_SCORE
        for part in parts
    )
    how = "close" if score >= CLOSE_SCORE and lead >= LEAD and not far else "none"
    first, last = _place(text, begin), _place(text, max(begin, end - 1))
    return Match(how, text.spans[first][0], text.spans[last][1], score, lead, far)


def _place(text: Prepared, at: int) -> int:
    """The word that a place in `joined` lies in."""
    found = 0
    for number, start in enumerate(text.starts):
        if start > at:
            break
        found = number
    return found


def _verbatim(parts: Sequence[Sequence[str]], forms: Sequence[str]) -> tuple[int, int, bool] | None:
    """(first word, last word, whether parts stand far apart) of the parts one after the other."""
    first_of: list[int] = []
    at, far = 0, False
    last = -1
    for number, part in enumerate(parts):
        place = _find(part, forms, at)
        if place is None:
            return None
        if number and place - last - 1 > _GAP_WORDS:
            far = True
        first_of.append(place)
        last = place + len(part) - 1
        at = last + 1
    return first_of[0], last, far


def _find(part: Sequence[str], forms: Sequence[str], start: int) -> int | None:
    head, length = part[0], len(part)
    for at in range(start, len(forms) - length + 1):
        if forms[at] == head and list(forms[at : at + length]) == list(part):
            return at
    return None


def departures(quote: str, passage: str) -> list[str]:
    """What a quotation changes of the passage it is close to: a negation, a number, a name."""
    ours, theirs = prepare(_PARTS.sub(" ", quote)), prepare(passage)
    found = []
    if _negations(ours.forms) != _negations(theirs.forms):
        found.append("a negation differs")
    numbers = [
        {form for form in each.forms if any(map(str.isdigit, form)) or _NUMBER.fullmatch(form)}
        for each in (ours, theirs)
    ]
    if numbers[0] != numbers[1]:
        found.append("a number differs")
    names = {
        form
        for form, (start, _) in zip(ours.forms, ours.spans, strict=True)
        if start
        and ours.text[start].isupper()
        and ours.text[max(0, start - 2) : start - 1] not in ".!?…"
        and len(form) > 2
    }
    if any(max((fuzz.ratio(name, form) for form in theirs.forms), default=0) < 75 for name in names):
        found.append("a name differs")
    return found


def _negations(forms: Sequence[str]) -> int:
    return sum(form in _NEGATIONS or (form.endswith("nt") and form[:-2] in _SHORT) for form in forms)


_SHORT = frozenset("do does did is are was were wo ca would could should have has had".split())
