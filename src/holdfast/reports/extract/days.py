"""Which days, and which part of them, a phrase of time may mean."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from holdfast.reports.extract.calendar import PARTS_OF_DAY, whole_days
from holdfast.reports.extract.periods import Meaning, meanings_of_period
from holdfast.reports.extract.time_pieces import Piece
from holdfast.reports.extract.zones import Anchor

__all__ = ["meanings_of"]


def meanings_of(group: list[Piece], anchor: Anchor, before: list[Meaning], low: str) -> list[Meaning]:
    by_slot = {piece.slot: piece for piece in group}
    part = by_slot["part"].fields[0] if "part" in by_slot else None
    clock = by_slot["clock"].fields if "clock" in by_slot else None
    days: list[Meaning]
    if "date" in by_slot:
        days = _dates(by_slot["date"], anchor, by_slot.get("weekday"))
    elif "period" in by_slot:
        days = _periods(by_slot["period"], anchor)
        if "weekday" in by_slot:
            days = [_weekday_in(meaning, by_slot["weekday"]) for meaning in days]
        if (
            days
            and days[0].why == "time.day_before"
            and "day before" in low[by_slot["period"].start : by_slot["period"].end]
        ):
            days = _after_earlier(days, before)
    elif "weekday" in by_slot:
        days = _weekdays(by_slot["weekday"], anchor, part, clock)
    else:
        days = _clock_days(anchor, before)
    if part is not None or clock is not None:
        days = [_within_day(meaning, str(part) if part else None, clock) for meaning in days]
    return days


def _periods(piece: Piece, anchor: Anchor) -> list[Meaning]:
    """A period; of each day of publication, where midnight lies in it."""
    days = meanings_of_period(piece.fields, anchor.last, anchor.until, anchor.span)
    if anchor.first is None or anchor.first == anchor.last or anchor.until is None:
        return days
    midnight = datetime(anchor.until.year, anchor.until.month, anchor.until.day)
    for meaning in meanings_of_period(piece.fields, anchor.first, min(anchor.until, midnight), anchor.span):
        if all(abs(meaning.core[0] - known.core[0]) >= timedelta(days=1) for known in days):
            days = [*days, meaning]
    return [meaning._replace(prior=100 // len(days)) for meaning in days] if len(days) > 1 else days


def _after_earlier(days: list[Meaning], before: list[Meaning]) -> list[Meaning]:
    """ "The day before", said after another day, is before that one."""
    earlier = next((m for m in reversed(before) if (m.core[1] - m.core[0]).days <= 1), None)
    if earlier is None:
        return days
    start = earlier.core[0]
    midnight = datetime(start.year, start.month, start.day)
    span = (midnight - timedelta(days=1), midnight)
    return [Meaning(span, span, "time.day_before_that", None, 100)]


def _dates(piece: Piece, anchor: Anchor, weekday: Piece | None) -> list[Meaning]:
    year, number, day, last, *rest = piece.fields
    mode = rest[0] if rest else None
    years: list[int]
    if year is not None:
        years = [int(year)]
    elif anchor.last is None and anchor.span is None:
        return []
    else:
        latest = anchor.last or (anchor.span[1] if anchor.span else date.min)
        years = [latest.year]
        try:
            shown = date(latest.year, int(number or 0), int(day or 0))
        except ValueError:
            shown = None
        if mode == "last year" or (shown is not None and shown > latest) or shown is None:
            years = [latest.year - 1]
    found = []
    for candidate in years:
        try:
            first = date(candidate, int(number or 0), int(day or 0))
            stop = date(candidate, int(number or 0), int(last)) if isinstance(last, int) else first
        except ValueError:
            continue
        if stop < first:
            stop = first
        span = whole_days(first, stop)
        found.append(Meaning(span, span, f"time.{piece.what}" + ("" if year else "_year_missing"), None, 100))
        if last == "either order":
            other = whole_days(
                date(candidate, int(day or 1), int(number or 1)),
                date(candidate, int(day or 1), int(number or 1)),
            )
            found = [found[-1]._replace(prior=50), Meaning(other, other, "time.either_order", None, 50)]
    if mode == "night to":
        found = [_within_day(meaning, "night to", None) for meaning in found]
    if weekday is not None and len(found) == 1 and isinstance(weekday.fields[0], int):
        return _with_weekday(found[0], weekday.fields[0])
    return found


def _with_weekday(day: Meaning, weekday: int) -> list[Meaning]:
    """A date with its weekday. Where the two do not fit, one of them is a slip: both are readings."""
    start = day.core[0]
    off = (weekday - start.weekday() + 3) % 7 - 3
    if off == 0 or (day.core[1] - start).days > 1:
        return [day]
    other = (start + timedelta(days=off), start + timedelta(days=off + 1))
    return [
        day._replace(prior=60, why="time.weekday_does_not_fit"),
        Meaning(other, other, "time.weekday_does_not_fit", None, 40),
    ]


def _weekdays(piece: Piece, anchor: Anchor, part: object, clock: object) -> list[Meaning]:
    number, mode = piece.fields
    if anchor.last is None or anchor.first is None:
        return []
    night = isinstance(mode, str) and mode.startswith("night to")
    if number is None:
        number = anchor.last.weekday()
    found: list[tuple[date, int, str]] = []
    for day in dict.fromkeys((anchor.last, anchor.first)):
        back = (day.weekday() - int(number)) % 7
        recent = day - timedelta(days=back)
        if mode == "last":
            recent = recent - timedelta(days=7) if back == 0 else recent
            monday = day - timedelta(days=day.weekday() + 7)
            found += [
                (recent, 60, "time.weekday_last"),
                (monday + timedelta(days=int(number)), 40, "time.weekday_of_last_week"),
            ]
        else:
            found.append((recent, 100, "time.weekday_same" if back == 0 else "time.weekday"))
    meanings: list[Meaning] = []
    for day, prior, why in found:
        span = whole_days(day, day)
        meaning = Meaning(span, span, why, None, prior)
        if night:
            meaning = _within_day(meaning, "night to", None)
        elif part is not None or clock is not None:
            probe = _within_day(
                meaning, str(part) if part else None, clock if isinstance(clock, tuple) else None
            )
            if anchor.until is not None and probe.wide[0] >= anchor.until:
                earlier = whole_days(day - timedelta(days=7), day - timedelta(days=7))
                meaning = Meaning(earlier, earlier, "time.weekday_before", None, prior)
        if all(meaning.core != known.core for known in meanings):
            meanings.append(meaning)
    if len(meanings) > 1 and mode == "last":
        return meanings
    return [meaning._replace(prior=100 // len(meanings)) for meaning in meanings]


def _weekday_in(week: Meaning, piece: Piece) -> Meaning:
    number = piece.fields[0]
    monday = week.core[0] - timedelta(days=week.core[0].weekday())
    start = monday + timedelta(days=int(number or 0))
    span = (start, start + timedelta(days=1))
    return Meaning(span, span, "time.weekday_of_week", None, week.prior)


def _clock_days(anchor: Anchor, before: list[Meaning]) -> list[Meaning]:
    """A clock time without a day: the day spoken of before and the one after it, or the day of publication."""
    earlier = before[-1] if before else None
    if earlier is not None and (earlier.core[1] - earlier.core[0]).days <= 1:
        start = earlier.core[0]
        day = date(start.year, start.month, start.day)
        span = whole_days(day, day)
        return [Meaning(span, span, "time.clock_of_day_before", None, 100)]
    if anchor.last is None:
        return []
    span = whole_days(anchor.last, anchor.last)
    return [Meaning(span, span, "time.clock_of_publication", None, 100)]


def _within_day(meaning: Meaning, part: str | None, clock: tuple[str | int | None, ...] | None) -> Meaning:
    """A part of the day, or a time of the clock, of a day."""
    start = meaning.core[0]
    if (meaning.core[1] - start).days > 1:
        return meaning
    if clock is not None:
        hour, minute = int(clock[0] or 0), clock[1]
        if hour > 24 or (isinstance(minute, int) and minute > 59):
            return meaning
        at = start + timedelta(hours=hour, minutes=int(minute or 0))
        if minute is None:
            core = (at, at + timedelta(hours=1))
            wide = (at - timedelta(minutes=30), at + timedelta(hours=1))
        else:
            core = (at, at + timedelta(minutes=1))
            wide = (at - timedelta(minutes=2), at + timedelta(minutes=3))
        return Meaning(core, wide, meaning.why + "+clock", part, meaning.prior)
    if part is None or part not in PARTS_OF_DAY:
        return meaning
    (lo, hi), (wide_lo, wide_hi) = PARTS_OF_DAY[part]
    return Meaning(
        (start + timedelta(hours=lo), start + timedelta(hours=hi)),
        (start + timedelta(hours=wide_lo), start + timedelta(hours=wide_hi)),
        f"{meaning.why}+{part.replace(' ', '_')}",
        part,
        meaning.prior,
    )
