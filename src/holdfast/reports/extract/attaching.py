"""Decides which phrase of time says when of which number or event of its sentence."""

from __future__ import annotations

from typing import NamedTuple

from holdfast.reports.extract.events import Event
from holdfast.reports.extract.quantities import Found
from holdfast.reports.extract.times import Phrase
from holdfast.reports.extract.words import Word, words_between

__all__ = ["attach_times"]

_FARTHEST = 16
_SIGN = 7
_CONJUNCTION = 4


class _Target(NamedTuple):
    at: int
    what: str
    which: int


def attach_times(
    words: list[Word], quantities: list[Found], events: list[Event], times: list[Phrase]
) -> dict[tuple[str, int], Phrase]:
    """The phrase of each ("quantity", index) or ("event", index) that has one: the nearest, signs counting as distance.

    A phrase belongs to one thing at most; one that is near nothing is left out.
    """
    # Events come first: at the same distance "the post of 3 November" is dated, not its count.
    targets = [_Target(event.at, "event", index) for index, event in enumerate(events)]
    targets += [_Target(item.first, "quantity", index) for index, item in enumerate(quantities)]
    belongs: dict[tuple[str, int], tuple[int, Phrase]] = {}
    for phrase in times:
        if phrase.is_future or not targets:
            continue
        first, after = words_between(words, phrase.start, phrase.end)
        # "By Tuesday", "as of Tuesday" are said of counters.
        fitting = [target for target in targets if target.what == "quantity"] if phrase.bound == "by" else []
        distance, target = min(
            ((_distance(words, first, after, target.at), target) for target in fitting or targets),
            key=lambda pair: pair[0],
        )
        key = (target.what, target.which)
        if distance <= (2 if fitting else 1) * _FARTHEST and (
            key not in belongs or distance < belongs[key][0]
        ):
            belongs[key] = (distance, phrase)
    return {key: phrase for key, (_, phrase) in belongs.items()}


def _distance(words: list[Word], first: int, after: int, at: int) -> int:
    """Units: words between; a sign or conjunction keeps things farther apart than a word does."""
    between = words[after:at] if at >= after else words[at:first]
    # "Yesterday, …": the comma after a fronted phrase keeps nothing apart.
    if first <= 2 and at >= after and between and between[0].low == ",":
        between = between[1:]
    return len(between) + sum(_breadth(word.low) for word in between)


def _breadth(low: str) -> int:
    if low in {",", ";", "—", "(", ")"}:
        return _SIGN
    return _CONJUNCTION if low in {"and", "but", "и", "но", "а"} else 0
