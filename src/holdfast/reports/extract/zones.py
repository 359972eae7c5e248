"""What phrases of time are read against: the days of publication, and the zones that may be meant."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from holdfast.errors import FormatError
from holdfast.reports.claim import PublishedAt, TimeReading, ZonedSpan
from holdfast.reports.extract.calendar import days_of, in_zone, local_zone
from holdfast.reports.extract.periods import Meaning

__all__ = ["Anchor", "anchor_of", "zoned"]


class Anchor(NamedTuple):
    """What phrases of time are read against. `zones` are (name, zone) pairs, the likeliest first; `first`, `last` the local
    days on which the report may have been published, None when that is unknown or spread over more than two days."""

    zones: tuple[tuple[str, tzinfo], ...]
    first: date | None
    last: date | None
    until: datetime | None
    """The latest local moment of publication."""
    span: tuple[date, date] | None = None
    """The days of publication, however many."""


def anchor_of(published: PublishedAt | None, channel_zone: str | None) -> Anchor:
    """The anchor of a report. Errors: FormatError for a zone that is not known."""
    names = [published.zone if published else None, channel_zone, "UTC"]
    zones: list[tuple[str, tzinfo]] = []
    for name in names:
        if name is not None and name not in [known for known, _ in zones]:
            zones.append((name, local_zone(name)))
    if published is None:
        return Anchor(tuple(zones), None, None, None)
    first, last = days_of(published)
    until = datetime.fromisoformat(published.hi).astimezone(zones[0][1]).replace(tzinfo=None)
    near = (last - first).days <= 1
    return Anchor(tuple(zones), first if near else None, last if near else None, until, (first, last))


_ZONES = {
    "moscow": "Europe/Moscow", "msk": "Europe/Moscow", "kyiv": "Europe/Kyiv", "kiev": "Europe/Kyiv", "minsk": "Europe/Minsk",
    "london": "Europe/London", "berlin": "Europe/Berlin", "paris": "Europe/Paris", "gmt": "UTC", "utc": "UTC", "bst": "+01:00", "cet": "+01:00",
    "cest": "+02:00", "eet": "+02:00", "eest": "+03:00", "est": "-05:00", "edt": "-04:00", "pst": "-08:00", "pdt": "-07:00",
    "eastern": "America/New_York", "et": "America/New_York", "new": "America/New_York", "pacific": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "tbilisi": "Asia/Tbilisi", "istanbul": "Europe/Istanbul", "riga": "Europe/Riga", "vilnius": "Europe/Vilnius", "tallinn": "Europe/Tallinn",
    "warsaw": "Europe/Warsaw", "московскому": "Europe/Moscow", "москве": "Europe/Moscow", "мск": "Europe/Moscow", "киевскому": "Europe/Kyiv",
    "киеву": "Europe/Kyiv", "минскому": "Europe/Minsk", "минску": "Europe/Minsk", "гринвичу": "UTC", "екатеринбургскому": "Asia/Yekaterinburg",
    "владивостокскому": "Asia/Vladivostok", "европейскому": "Europe/Berlin", "центральноевропейскому": "Europe/Berlin",
}  # fmt: skip


# What these zones were in the years that channels exist, where a machine has no table of zones.
_FIXED = {"Europe/Moscow": "+03:00", "Europe/Minsk": "+03:00", "Europe/Istanbul": "+03:00"}


def zoned(meanings: list[Meaning], zone: str | None, anchor: Anchor) -> tuple[TimeReading, ...]:
    zones = anchor.zones
    if zone is not None:
        name = next((_ZONES[word] for word in re.findall(r"[^\W\d_]+", zone) if word in _ZONES), None)
        if name is not None:
            try:
                zones = ((name, local_zone(name)),)
            except FormatError:
                fixed = _FIXED.get(name)
                zones = ((fixed, local_zone(fixed)),) if fixed else anchor.zones
    found: list[TimeReading] = []
    for meaning in meanings:
        spans = [_zoned_span(meaning, name, place) for name, place in zones]
        kept = tuple(
            span
            for index, span in enumerate(spans)
            if (span.lo, span.hi) not in [(s.lo, s.hi) for s in spans[:index]]
        )
        first = kept[0]
        found.append(
            TimeReading(
                lo=first.lo,
                hi=first.hi,
                zone=first.zone,
                why=meaning.why,
                wide_lo=first.wide_lo,
                wide_hi=first.wide_hi,
                zones=kept,
                part_of_day=meaning.part,
                prior=meaning.prior,
            )
        )
    return tuple(found)


def _zoned_span(meaning: Meaning, name: str, zone: tzinfo) -> ZonedSpan:
    lo, hi = in_zone(meaning.core, zone)
    wide_lo, wide_hi = in_zone(meaning.wide, zone)
    return ZonedSpan(zone=name, lo=lo, hi=hi, wide_lo=wide_lo, wide_hi=wide_hi)
