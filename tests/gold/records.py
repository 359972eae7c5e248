"""Turns gold claims into the records that a check takes, without the rules that read reports."""

from __future__ import annotations

import hashlib

from holdfast.reports.claim import (
    AttributionLink,
    Claim,
    Extraction,
    Mention,
    PublishedAt,
    Quantity,
    Report,
    Span,
    TimeReading,
    Window,
    ZonedSpan,
)
from tests.gold.passages import Report as Passage
from tests.gold.phrases import spans
from tests.gold.truth import Moment, utc
from tests.gold.writing import Gold

__all__ = ["gold_claims", "published_of"]


def published_of(moment: Moment) -> PublishedAt:
    return PublishedAt(utc(moment.lo), utc(moment.hi + 1), moment.zone, "given")


def gold_claims(passage: Passage) -> list[Claim]:
    """One claim for each gold claim, in their order."""
    published = published_of(passage.moment)
    report = Report(hashlib.sha256(passage.text.encode()).hexdigest(), published)
    return [_claim(passage, report, number, gold) for number, gold in enumerate(passage.claims)]


def _claim(passage: Passage, report: Report, number: int, gold: Gold) -> Claim:
    fact, text = gold.fact, passage.text
    named = _mention(text, gold.named, "channel", is_name=True)
    mention = _mention(text, gold.mention, "post") if fact.medium is not None else named
    published = published_of(passage.moment)
    quantity = None
    if fact.kind in ("views", "followers", "reactions", "duration"):
        unit = "seconds" if fact.kind == "duration" else fact.kind
        quantity = Quantity(fact.value, fact.value, fact.comparator, unit, fact.granule, "gold")
    time: tuple[TimeReading, ...] = ()
    if fact.when is not None:
        told = spans(fact.when, (passage.moment.zone, "UTC"))
        zones = tuple(
            ZonedSpan(zone, *(utc(at) for at in (lo, hi, wide_lo, wide_hi)))
            for zone, lo, hi, wide_lo, wide_hi in told
        )
        first = zones[0]
        time = (
            TimeReading(first.lo, first.hi, first.zone, "gold", first.wide_lo, first.wide_hi, zones=zones),
        )
    return Claim(
        id=hashlib.sha256(f"{report.sha256}:{number}".encode()).hexdigest()[:24],
        report=report,
        span=Span(gold.start, gold.end, text[gold.start : gold.end]),
        lang=passage.lang,
        kind=fact.kind,
        text=fact.kind,
        extraction=Extraction(("gold",)),
        attribution=(AttributionLink("direct", named, "wrote"),) if fact.kind == "quote" else (),
        mention=mention if fact.kind != "quote" else None,
        channel=named,
        quantity=quantity,
        time=time,
        time_phrase=Span(gold.start, gold.end, text[gold.start : gold.end]) if time else None,
        as_of=Window("published", (), published.lo, published.hi) if quantity else None,
        polarity="denied" if fact.denied else "affirmed",
        label=fact.label,
        authority="platform:telegram" if fact.label else None,
        quote=fact.quote,
    )


def _mention(text: str, place: tuple[int, int] | None, kind: str, *, is_name: bool = False) -> Mention | None:
    if place is None:
        return None
    words = text[place[0] : place[1]]
    return Mention(words, kind, *place, words if is_name else None)
