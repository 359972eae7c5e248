"""Makes intervals of local time from days, months, seasons and parts of day, and puts them into zones."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from holdfast.errors import FormatError
from holdfast.reports.claim import PublishedAt

__all__ = [
    "PARTS_OF_DAY",
    "Local",
    "days_of",
    "in_zone",
    "iso",
    "local_zone",
    "month",
    "parse_published",
    "season",
    "whole_days",
]

Local = tuple[datetime, datetime]
"""From the first moment to the first moment after, on a wall clock without a zone."""

PARTS_OF_DAY: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "early": ((0, 9), (0, 11)),
    "early morning": ((4, 9), (0, 10)),
    "morning": ((6, 12), (4, 13)),
    "noon": ((11, 13), (10, 15)),
    "day": ((9, 18), (6, 20)),
    "afternoon": ((12, 18), (11, 20)),
    "evening": ((17, 24), (16, 25)),
    "late evening": ((20, 26), (17, 27)),
    "night": ((20, 27), (18, 30)),
    "late": ((20, 26), (17, 27)),
    "midnight": ((23, 25), (22, 27)),
    "overnight": ((-2, 8), (-4, 32)),
    "night to": ((-3, 6), (-6, 8)),
}
"""Units: hours from the midnight that begins the day named, as (core, lenient) ranges; past 24 is the next day, below 0 the
day before. "night to": of "the night to Friday", counted from Friday."""

# Far enough from the calendar's ends that no "999 years ago" leaves it.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

_PARSED = re.compile(
    r"(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?)?"
)


def parse_published(text: str, *, source: str, zone: str | None = None) -> PublishedAt:
    """When a report was published: an ISO 8601 month, day or moment.

    `zone`: a zone name or offset for a text without one; its absence leaves the zone unknown and the interval in UTC.
    Errors: FormatError for any other text.
    """
    found = _PARSED.fullmatch(text.strip())
    if not found:
        raise FormatError(
            "the publication time is not of the form 2023-12-29, 2023-12-29T14:05 or 2023-12-29T14:05+03:00"
        )
    if not EARLIEST_YEAR <= int(found[1]) <= LATEST_YEAR:
        raise FormatError(f"the publication year is not one from {EARLIEST_YEAR} to {LATEST_YEAR}")
    name = _zone_name(found[7]) if found[7] else zone
    try:
        if found[4]:
            start = datetime(*(int(found[group] or 0) for group in range(1, 7)))  # type: ignore[arg-type]
            stop = start + timedelta(seconds=1 if found[6] else 60)
        elif found[3]:
            start = datetime(int(found[1]), int(found[2]), int(found[3]))
            stop = start + timedelta(days=1)
        else:
            start, stop = month(int(found[1]), int(found[2]))
        lo, hi = in_zone((start, stop), local_zone(name))
    except (ValueError, OverflowError) as error:
        raise FormatError("the publication time is no time of the calendar") from error
    return PublishedAt(lo=lo, hi=hi, zone=name, source=source)


def _zone_name(offset: str) -> str:
    return "UTC" if offset == "Z" else offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"


_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")


def local_zone(name: str | None) -> tzinfo:
    """The zone of a name ("Europe/Moscow", "+03:00", "UTC"); UTC for None. Errors: FormatError for an unknown name."""
    if name is None or name == "UTC":
        return UTC
    if found := _OFFSET.fullmatch(name):
        sign = -1 if found[1] == "-" else 1
        if int(found[2]) > 23 or int(found[3]) > 59:
            raise FormatError("a time zone's offset is out of range")
        return timezone(sign * timedelta(hours=int(found[2]), minutes=int(found[3])))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FormatError("the time zone is not known to this machine") from error


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def in_zone(span: Local, zone: tzinfo) -> tuple[str, str]:
    """A local interval as two moments in UTC. Errors: OverflowError outside the calendar."""
    return iso(span[0].replace(tzinfo=zone)), iso(span[1].replace(tzinfo=zone))


def whole_days(first: date, last: date) -> Local:
    start = datetime(first.year, first.month, first.day)
    return start, datetime(last.year, last.month, last.day) + timedelta(days=1)


def month(year: int, number: int) -> Local:
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1), datetime(*following, 1)


def season(year: int, name: str) -> Local:
    """Meteorological: spring from March, summer from June, autumn from September, winter from December of the year before."""
    start = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[name]
    first = datetime(year - 1 if name == "winter" else year, start, 1)
    stop = datetime(year, 3, 1) if name == "winter" else datetime(year, start + 3, 1)
    return first, stop


def days_of(published: PublishedAt) -> tuple[date, date]:
    """The first and last local day on which the report may have been published."""
    zone = local_zone(published.zone)
    lo = datetime.fromisoformat(published.lo).astimezone(zone)
    hi = (datetime.fromisoformat(published.hi) - timedelta(seconds=1)).astimezone(zone)
    return lo.date(), max(lo, hi).date()
