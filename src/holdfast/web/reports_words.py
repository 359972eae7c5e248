"""Verdicts, their reasons and what a claim is made of, in the reader's language; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from gettext import NullTranslations

import msgspec
from markupsafe import Markup, escape

from holdfast.reports.claim import AttributionLink, Claim
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, SUPPORTED
from holdfast.web.showing import time_tag
from holdfast.web.telling import answer_name, drawing_words
from holdfast.web.text import visible

__all__ = ["SIGNS", "Wording", "sentence", "wording"]

DIFFERENCE_COLOURS: Mapping[str, tuple[str, str]] = {
    "contradiction": ("✗", "bad"),
    "agreement": ("✓", "good"),
    "unclear": ("?", "unknown"),
}
"""A difference's shape and the name of its colour; of the others it is "≠", which accuses nobody."""
ANSWERS = (
    "shown",
    "no preview",
    "private",
    "restricted",
    "not found",
    "banned",
    "blocked here",
    "not in export",
)
"""What a source can answer when it is asked for a channel or a post."""
SIGNS: Mapping[str, tuple[str, str]] = {
    SUPPORTED: ("✓", "good"),
    CONTRADICTED: ("✗", "bad"),
    NOT_CHECKABLE: ("?", "unknown"),
}
"""A verdict's shape, and the name of its colour."""


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|\+00:00)", re.ASCII)


def sentence(text: str) -> Markup:
    """A sentence of the program's own, as it was sealed: its moments become times that a browser tells in the reader's zone."""
    found, at = Markup(), 0
    for each in _TIME.finditer(text):
        found += escape(visible(text[at : each.start()])) + time_tag(each[0])
        at = each.end()
    return found + escape(visible(text[at:]))


class Wording(msgspec.Struct, frozen=True):
    """Words by the codes that are sealed. What is in no list is shown as it stands."""

    labels: dict[str, str]
    reasons: dict[str, str]
    strengths: dict[str, str]
    kinds: dict[str, str]
    comparators: dict[str, str]
    results: dict[str, str]
    slots: dict[str, str]
    modes: dict[str, str]
    findings: dict[str, str]
    differences: dict[str, tuple[str, str]]
    drawing: dict[str, str]
    fields: dict[str, str]
    somebody: str
    reporter: str

    @property
    def signs(self) -> Mapping[str, tuple[str, str]]:
        return SIGNS

    @property
    def colours(self) -> Mapping[str, tuple[str, str]]:
        return DIFFERENCE_COLOURS

    def field_name(self, field: str) -> str:
        """What of a thing was seen; a mark by its own name."""
        kind, colon, name = field.partition(":")
        if kind == "label" and colon:
            return f"{self.kinds[kind]} “{name}”"
        return self.fields.get(field.rpartition(".")[2], field)  # media[0].duration_s

    def said_by(self, claim: Claim) -> str:
        """Who says it, the outermost first; the report where nobody else does."""
        return ", ".join(dict.fromkeys(map(self._who, claim.attribution))) or self.reporter

    def _who(self, link: AttributionLink) -> str:
        if link.speaker is None:
            return self.reporter if link.mode == "reporter" else self.somebody
        return visible(link.speaker.name or link.speaker.text)


def wording(t: NullTranslations) -> Wording:
    """All of it, in one language."""
    _ = t.gettext
    return Wording(
        labels={
            SUPPORTED: _("supported"),
            CONTRADICTED: _("contradicted"),
            NOT_CHECKABLE: _("not checkable"),
        },
        reasons=_reasons(t),
        strengths={
            "exact point": _("one capture shows it exactly"),
            "bracketed": _("captures before and after agree on it"),
            "bound only": _("a capture on one side settles it, because the counter is taken never to fall"),
            "fuzzy name": _("what it is about was found by a name that is spelled otherwise"),
            "fuzzy quote": _("the words were found, but not letter by letter"),
        },
        kinds=_kinds(t),
        comparators={
            "over": _("more than"),
            "at_least": _("at least"),
            "nearly": _("nearly"),
            "about": _("about"),
            "exact": _("exactly"),
            "up_to": _("up to"),
            "under": _("less than"),
        },
        results={"true": _("true"), "false": _("false"), "unknown": _("open")},
        slots={
            "subject": _("what it is about"),
            "time": _("when it happened"),
            "as of": _("as of when"),
            "zone": _("time zone"),
            "recording": _("which recording"),
        },
        modes={
            "direct": _("word for word"),
            "mixed": _("some words word for word"),
            "indirect": _("in other words"),
            "reporter": _("the report itself"),
        },
        findings={
            "spellings": _("One name, written in several ways"),
            "alike": _("Names that are alike, of people who are not one"),
        },
        differences=_differences(t),
        drawing={
            **drawing_words(t),
            **{f"={each}": answer_name(each, t) for each in ("there", "not there", *ANSWERS)},
            "evidence": _("decides"),
            "as of": _("the time that is meant"),
            "published_at": _("published"),
            "edited_at": _("edited"),
            "told": _("what the reports say"),
            "report": _("report"),
            "told drawing": _("What the reports say, over what was captured. The table below says the same."),
            "evidence drawing": _(
                "What was captured around the time that is meant. The table below says what decides."
            ),
        },
        fields={
            "published_at": _("published"),
            "edited_at": _("edited"),
            "followers": _("followers"),
            "views": _("views"),
            "reactions": _("reactions"),
            "forwards": _("forwards"),
            "replies": _("comments"),
            "duration_s": _("length"),
            "answered": _("answered"),
            "text": _("text"),
            "id": _("a post"),
        },
        somebody=_("somebody"),
        reporter=_("the report"),
    )


def _reasons(t: NullTranslations) -> dict[str, str]:
    _ = t.gettext
    return {
        "offline event": _("it is about what happened outside the channels; the archive cannot hold that"),
        "private speech": _("it was said to somebody, not published where it could be captured"),
        "opinion or vague": _("it has no number, time or words that a capture could be held against"),
        "cause": _("captures can show the order of two things, never that one led to the other"),
        "no subject": _(
            "nothing in the archive is what the claim speaks of, or it does not say what it speaks of"
        ),
        "ambiguous subject": _("several things in the archive may be meant, and they do not answer alike"),
        "no capture in window": _("nothing was captured close enough to the time that the claim is about"),
        "rounded counter": _("the source showed a rounded number, which allows both"),
        "reading-dependent": _("the words can be read in more than one way, and the readings do not agree"),
        "tolerance grey zone": _(
            "the number is near what was said: neither within nor clearly outside its rounding"
        ),
        "language gap": _(
            "it was said in one language and reported in another: a person has to compare the passages"
        ),
        "no transcript": _("there is a recording, but no transcript of it is sealed"),
        "low transcript confidence": _("the transcript is too uncertain where the words may stand"),
        "coverage unknown": _("what was captured is not all there was, so that it was not found says little"),
    }


def _kinds(t: NullTranslations) -> dict[str, str]:
    _ = t.gettext
    return {
        "existence": _("a post"),
        "views": _("views"),
        "followers": _("followers"),
        "duration": _("length"),
        "published": _("publication"),
        "label": _("label"),
        "edit": _("edit"),
        "disappearance": _("disappearance"),
        "quote": _("quotation"),
        "people": _("people"),
        "posts": _("posts"),
        "reactions": _("reactions"),
        "forwards": _("forwards"),
        "comments": _("comments"),
        "date": _("date"),
        "other": _("other"),
    }


def _differences(t: NullTranslations) -> dict[str, tuple[str, str]]:
    """(name, what it means) of each."""
    _ = t.gettext
    return {
        "agreement": (_("agreement"), _("both can be true of one and the same moment")),
        "same words": (
            _("the same words"),
            _("the sentence is the same, word for word: one report may have it from the other"),
        ),
        "growth": (_("growth"), _("a counter that may rise, counted at two moments: both can be true")),
        "fall": (_("fall"), _("a counter that may fall, counted at two moments: both can be true")),
        "rounding": (_("rounding"), _("one number, written more or less exactly")),
        "comparator": (_("another word before it"), _("one number, with another word before it")),
        "subset": (_("a part"), _("one counts a part of what the other counts")),
        "different object": (_("another thing"), _("they do not count the same thing")),
        "translation": (
            _("translation"),
            _("the same speech in another language: a person has to compare them"),
        ),
        "wording": (
            _("other words"),
            _("the same speech in other words: a shorter cut, or two translations"),
        ),
        "contradiction": (_("contradiction"), _("both cannot be true, however the words are read")),
        "unclear": (_("unclear"), _("the texts do not say enough to tell what the difference is")),
    }
