"""Writes claims as records: their ids, their places in the report as it was given, who says them."""

from __future__ import annotations

import hashlib

import msgspec

from holdfast.reports.claim import (
    Assumed,
    AttributionLink,
    Claim,
    Extraction,
    Mention,
    Quantity,
    Report,
    Span,
    Window,
)
from holdfast.reports.extract.plain import Plain
from holdfast.reports.extract.speakers import Speaker
from holdfast.reports.extract.times import Phrase

__all__ = ["Draft", "Recorder", "mention_of"]

_CONTEXT = 32


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A claim before it is written. Units: `start`, `end` and every mention's place are of the cleaned text."""

    kind: str
    start: int
    end: int
    text: str
    rules: tuple[str, ...]
    link: tuple[AttributionLink, ...] = ()
    mention: Mention | None = None
    channel: Mention | None = None
    quantity: Quantity | None = None
    phrase: Phrase | None = None
    as_of: Window | None = None
    is_denied: bool = False
    vague: tuple[str, ...] = ()
    unread: str | None = None
    label: str | None = None
    authority: str | None = None
    about: str | None = None
    quote: str | None = None


class Recorder:
    """Turns drafts of one report into claims; the second of the same kind and place has an id of its own."""

    def __init__(self, plain: Plain, report: Report, lang: str, assumptions: tuple[Assumed, ...]) -> None:
        self._plain, self._report, self._lang, self._assumptions = plain, report, lang, assumptions
        self._count: dict[str, int] = {}

    def record(self, draft: Draft) -> Claim:
        """The claim. `id`: SHA-256 over the report's digest, place and kind, its first 24 hex digits."""
        span = self._span(draft.start, draft.end)
        key = f"{self._report.sha256}:{span.start}:{span.end}:{draft.kind}"
        repeat = self._count.get(key, 0)
        self._count[key] = repeat + 1
        if repeat:
            key += f":{repeat}"
        phrase, rules, vague = draft.phrase, draft.rules, draft.vague
        if phrase is not None:
            rules = tuple(dict.fromkeys((*rules, phrase.why)))
            if not phrase.readings:
                vague = (*vague, "undated")
        return Claim(
            id=hashlib.sha256(key.encode()).hexdigest()[:24],
            report=self._report,
            span=span,
            lang=self._lang,
            kind=draft.kind,
            text=draft.text,
            extraction=Extraction(rules, unread=draft.unread),
            attribution=tuple(self._placed_link(link) for link in draft.link),
            mention=self._placed(draft.mention),
            channel=self._placed(draft.channel),
            quantity=draft.quantity,
            time=phrase.readings if phrase else (),
            time_phrase=self._span(phrase.start, phrase.end) if phrase else None,
            as_of=draft.as_of,
            polarity="denied" if draft.is_denied else "affirmed",
            vague=vague,
            about=draft.about,
            label=draft.label,
            authority=draft.authority,
            quote=draft.quote,
            assumptions=self._assumptions if phrase and phrase.readings else (),
        )

    def _span(self, start: int, end: int) -> Span:
        original = self._plain.original
        first, last = self._plain.origin(start, end)
        return Span(
            start=first,
            end=last,
            exact=original[first:last],
            prefix=original[max(0, first - _CONTEXT) : first],
            suffix=original[last : last + _CONTEXT],
        )

    def _placed(self, mention: Mention | None) -> Mention | None:
        if mention is None:
            return None
        start, end = self._plain.origin(mention.start, mention.end)
        return msgspec.structs.replace(mention, start=start, end=end)

    def _placed_link(self, link: AttributionLink) -> AttributionLink:
        return msgspec.structs.replace(link, speaker=self._placed(link.speaker), to=self._placed(link.to))


def mention_of(speaker: Speaker | None) -> Mention | None:
    if speaker is None:
        return None
    return Mention(speaker.text, speaker.kind, speaker.start, speaker.end, speaker.name, speaker.confidence)
