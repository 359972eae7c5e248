"""What a difference between two statements of one fact is: growth, rounding, a contradiction, …; pure."""

from __future__ import annotations

import msgspec

from holdfast.reports.check.matching import departures, script_of
from holdfast.reports.compare.numbers import Told, number_difference, surely_one
from holdfast.reports.compare.statements import Statement
from holdfast.search.words import words

__all__ = ["DIFFERENCES", "Difference", "difference"]

DIFFERENCES = {
    "agreement": "both can be true of one and the same moment",
    "same words": "the sentence is the same, word for word: one report may have it from the other, so this is one voice",
    "growth": "a counter that may rise, counted at two moments: both can be true",
    "fall": "a counter that may fall, counted at two moments: both can be true",
    "rounding": "one number or time, said more or less exactly",
    "comparator": "one number, with another word before it",
    "subset": "one counts a part of what the other counts",
    "different object": "they do not count the same thing",
    "translation": "the same speech in another language: a person has to compare them",
    "wording": "the same speech in other words: a shorter cut, or two translations",
    "contradiction": "both cannot be true, however the words are read",
    "unclear": "the texts do not say enough to tell what the difference is",
}
"""The closed list of differences, in words for a reader."""

_SENTENCE_MIN = 20
"""Letters of a sentence from which two that are alike are hardly so by chance."""


class Difference(msgspec.Struct, frozen=True):
    """What the second statement of two neighbours is to the first. `kind` is one of DIFFERENCES; `detail` says by what, in a sentence;
    `first`, `second`: their places in the group."""

    kind: str
    detail: str
    first: int = 0
    second: int = 0


def difference(one: Statement, other: Statement, *, fell: bool = False) -> Difference:
    """What `other` is to `one`, which comes first in time. `fell`: a capture shows that this counter fell.

    A contradiction is only what no admissible reading lets both be true: both about one thing that is surely meant, read without a doubt,
    and their moments in an order that is certain.
    """
    if one.metric == "quote":
        kind, detail = _speech(one, other)
    elif words(one.sentence) == words(other.sentence) and len(one.sentence) >= _SENTENCE_MIN:
        kind, detail = "same words", DIFFERENCES["same words"]
    elif one.metric in ("published", "edit", "disappearance"):
        kind, detail = _times(one, other)
    elif one.metric == "label":
        kind, detail = _labels(one, other)
    else:
        kind, detail = number_difference(one, other, fell=fell)
    is_open = (one.subject is None) != (other.subject is None)
    if is_open and one.metric != "quote" and kind not in ("different object", "same words", "unclear"):
        # A chat or a channel elsewhere may bear the same name.
        return Difference("unclear", f"{detail}; but only one of them is surely about what was captured")
    return Difference(kind, detail)


def _times(one: Statement, other: Statement) -> Told:
    if one.of.polarity != other.of.polarity:
        return "unclear", "one denies what the other says"
    if not one.stated or not other.stated:
        return "agreement", "both say it; not both say when"
    if one.windows == other.windows:
        return "agreement", "both give the same time"
    if any(lo <= end and start <= hi for lo, hi in one.windows for start, end in other.windows):
        ours, theirs = (max(hi - lo for lo, hi in each.windows) for each in (one, other))
        if ours == theirs:
            return "agreement", "one time fits both"
        return (
            "rounding",
            f"one time fits both; the {'second' if ours > theirs else 'first'} says it more exactly",
        )
    if one.metric != "published":
        return "unclear", "two times that do not meet: it may have happened twice, or lasted"
    if not surely_one(one, other):
        return "unclear", "two times that do not meet, but it is not certain that both mean one post"
    return "contradiction", "a post is published once, and no reading of the two times meets"


def _labels(one: Statement, other: Statement) -> Told:
    ours, theirs = one.of.label, other.of.label
    if ours is None or theirs is None:
        return "unclear", "not both say which mark"
    if words(ours) != words(theirs):
        return "different object", f"they speak of two marks, “{ours}” and “{theirs}”"
    if _set_by_others(one.of.authority, other.of.authority):
        return "different object", "the same word, but not set by the same authority"
    if one.of.polarity != other.of.polarity:
        return "unclear", "one says that the mark is there, the other that it is not: marks come and go"
    return (
        "agreement",
        f"both say that the mark is {'there' if one.of.polarity == 'affirmed' else 'not there'}",
    )


def _set_by_others(one: str | None, other: str | None) -> bool:
    """Whether two authorities are surely not one: "platform" and "platform:Telegram" may be, "other" says nothing."""
    if None in (one, other) or "other" in (one, other):
        return False
    (kind, _, name), (kind_too, _, name_too) = str(one).partition(":"), str(other).partition(":")
    return kind != kind_too or bool(name and name_too and name.casefold() != name_too.casefold())


def _speech(one: Statement, other: Statement) -> Told:
    ours, theirs = one.of.quote or one.of.span.exact, other.of.quote or other.of.span.exact
    if words(ours) == words(theirs):
        return "same words", "the same words are quoted"
    if one.lang != other.lang or script_of(ours) != script_of(theirs):
        return "translation", DIFFERENCES["translation"]
    changed = departures(ours, theirs)
    return "wording", f"the words are not the same{': ' + ', '.join(changed) if changed else ''}"
