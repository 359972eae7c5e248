"""Finds who a sentence's own words are ascribed to: "X said that …", "according to X", «по словам X»."""

from __future__ import annotations

from typing import NamedTuple

from holdfast.reports.claim import AttributionLink
from holdfast.reports.extract.cues import cue_at, is_cue
from holdfast.reports.extract.records import mention_of
from holdfast.reports.extract.speakers import Speakers, phrase_after, phrase_before
from holdfast.reports.extract.words import Word

__all__ = ["Ascribed", "find_attribution"]

# Cues that do not introduce what follows as a statement.
_NOT_STATEMENTS = frozenset(
    "claiming saying adding writing telling claims states asked called labelled branded dubbed reads read posted accused describes "
    "described puts назвал называет".split()
)


_PASSIVE = frozenset("was were been be being is are".split())


class Ascribed(NamedTuple):
    """`first`: the word of the sentence from which on its words are ascribed."""

    first: int
    at: int
    link: AttributionLink


def find_attribution(words: list[Word], speakers: Speakers, lang: str) -> Ascribed | None:
    """The first attribution of a sentence; None where the reporter speaks."""
    lows = [word.low for word in words]
    stop = len(words)
    for at, low in enumerate(lows):
        step = cue_at(lows, at, lang)
        if step:
            speaker = phrase_after(words, at + step, stop, speakers, lang)
            link = AttributionLink("indirect", mention_of(speaker), " ".join(lows[at : at + step]))
            return Ascribed(0, at, link)
        if not is_cue(low, lang) or (words[at].is_capital and at) or low in _NOT_STATEMENTS:
            continue
        if at and lows[at - 1] in _PASSIVE:
            continue  # "was told", "is said": who says it is not before the verb
        speakers.advance(words[at].start)
        speaker = phrase_before(words, 0, at, speakers, lang) if at else None
        apart = at > 0 and lows[at - 1] in {",", "как", "as"}
        if speaker is None or apart:
            speaker = phrase_after(words, at + 1, stop, speakers, lang, verb=low)
        # At the end of the sentence the cue governs all that stands before it.
        final = apart or (at > 4 and "," in lows[max(0, at - 7) : at] and stop - at < 7)
        return Ascribed(0 if final else at, at, AttributionLink("indirect", mention_of(speaker), low))
    return None
