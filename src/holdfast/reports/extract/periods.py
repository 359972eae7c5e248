"""What "last week", "in November", "last fall", "two days ago" mean on the day of publication."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from holdfast.reports.extract.calendar import Local, month, season, whole_days

__all__ = ["Meaning", "meanings_of_period"]


class Meaning(NamedTuple):
    """One interval that a phrase may mean, on the wall clock. `wide` is the lenient one; `prior` in percent."""

    core: Local
    wide: Local
    why: str
    part: str | None
    prior: int


_WORDS = {
    **{word: n for n, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())},
    "a": 1, "an": 1, "один": 1, "одну": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9,
    "десять": 10,
}  # fmt: skip
_SEVERAL = re.compile("few|several|couple|несколько|пару")


def meanings_of_period(
    fields: tuple[str | int | None, ...],
    last: date | None,
    until: datetime | None,
    span: tuple[date, date] | None,
) -> list[Meaning]:
    """The readings of a piece in the slot "period". `last`: the day of publication; without them only what names
    its year can be read. `span`: the days of publication when they are further apart (a month)."""
    what = fields[0]
    latest = last or (span[1] if span else None)
    if what == "month":
        return _months(int(fields[1] or 1), fields[2], str(fields[3]), latest, until)
    if what == "season":
        return _seasons(str(fields[1]), fields[2], str(fields[3]), latest, until)
    if what == "year":
        return _year(int(fields[1] or 1), str(fields[2]), until)
    said = str(fields[1])
    if named := re.search(r"(?:19|20)\d{2}", said):
        return _since_start(said, int(named[0]), latest, until)
    if latest is None or until is None:
        return []
    if last is None and not re.search("year|month|год|месяц", said):
        return []
    if what == "ago":
        return _ago(said, latest, until)
    return _relative(said, latest, until)


def _one(span: Local, why: str, part: str | None = None) -> list[Meaning]:
    return [Meaning(span, span, why, part, 100)]


def _day(day: date, why: str, part: str | None = None) -> list[Meaning]:
    return _one(whole_days(day, day), why, part)


def _clipped(span: Local, until: datetime | None) -> Local:
    """A period that is still running ends with the publication."""
    return (span[0], until) if until is not None and span[0] < until < span[1] else span


def _third(span: Local, said: str) -> tuple[Local, Local] | None:
    """The part of a month or year that "early", "mid", "late" names: (core, lenient)."""
    start, stop = span
    length = stop - start
    if re.search(r"\b(?:early|beginning|start)\b|начал", said):
        return (start, start + _days(length, 1, 3)), (start, start + _days(length, 1, 2))
    if re.search(r"\b(?:mid|middle)\b|середин", said):
        return (start + _days(length, 1, 3), start + _days(length, 2, 3)), (
            start + _days(length, 1, 5),
            start + _days(length, 4, 5),
        )
    if re.search(r"\b(?:late|end)\b|кон[ец][цаеуо]", said):
        return (start + _days(length, 2, 3), stop), (start + _days(length, 1, 2), stop)
    if "first half" in said:
        return (start, start + _days(length, 1, 2)), (start, start + _days(length, 1, 2))
    return None


def _days(length: timedelta, part: int, parts: int) -> timedelta:
    return timedelta(days=length.days * part // parts)


def _part_of(span: Local, said: str, why: str, prior: int = 100) -> Meaning:
    third = _third(span, said)
    return Meaning(*third, f"{why}_part", None, prior) if third else Meaning(span, span, why, None, prior)


def _months(
    number: int, year: object, said: str, latest: date | None, until: datetime | None
) -> list[Meaning]:
    if isinstance(year, int):
        return [_part_of(month(year, number), said, "time.month")]
    if latest is None:
        return []
    recent = latest.year if number <= latest.month else latest.year - 1
    if re.search(r"last year|\bпрошлого года|минувшего года", said):
        return [_part_of(month(latest.year - 1, number), said, "time.month_last_year")]
    if "позапрошлого" in said:
        return [_part_of(month(latest.year - 2, number), said, "time.month_year_before_last")]
    if re.search("this year|(?:этого|нынешнего|текущего) года", said):
        return [_part_of(_clipped(month(latest.year, number), until), said, "time.month_this_year")]
    if said.startswith("last "):
        before = recent - 1 if number == latest.month and recent == latest.year else recent
        years = dict.fromkeys((before, latest.year - 1))
        return _shared([(month(y, number), "time.month_last") for y in years])
    return [_part_of(_clipped(month(recent, number), until), said, "time.month_recent")]


def _shared(spans: list[tuple[Local, str]]) -> list[Meaning]:
    priors = {1: (100,), 2: (60, 40)}[len(spans)]
    return [Meaning(span, span, why, None, prior) for (span, why), prior in zip(spans, priors, strict=True)]


def _seasons(
    name: str, year: object, said: str, latest: date | None, until: datetime | None
) -> list[Meaning]:
    if isinstance(year, int):
        if name == "winter":
            # "Winter 2022" began in December of that year or of the year before.
            return _shared(
                [
                    (season(year, name), "time.winter_ending"),
                    (season(year + 1, name), "time.winter_beginning"),
                ]
            )
        return [_part_of(season(year, name), said, "time.season")]
    if latest is None or until is None:
        return []
    if re.search("позапрошл", said):
        return [_part_of(season(latest.year - 2, name), said, "time.season_before_last")]
    started = [y for y in (latest.year + 1, latest.year, latest.year - 1) if season(y, name)[0] < until]
    recent = started[0]
    if re.match("last|прошл", said):
        running = season(recent, name)[1] > until
        finished = recent - 1 if running else recent
        before = finished if finished < latest.year else finished - 1
        return _shared([(season(y, name), "time.season_last") for y in dict.fromkeys((finished, before))])
    if re.search("прошлого года", said):
        return [_part_of(season(latest.year - 1, name), said, "time.season_last_year")]
    return [_part_of(_clipped(season(recent, name), until), said, "time.season_recent")]


def _year(year: int, said: str, until: datetime | None) -> list[Meaning]:
    span = _clipped((datetime(year, 1, 1), datetime(year + 1, 1, 1)), until)
    return [_part_of(span, said, "time.year")]


def _since_start(said: str, year: int, latest: date | None, until: datetime | None) -> list[Meaning]:
    """«с начала 2026 г.», «с начала февраля 2025 года»."""
    number = _month_named(said)
    start = datetime(year, number or 1, 1)
    if until is not None and until > start:
        return _one((start, until), "time.since_start")
    del latest
    return _one(month(year, number) if number else (start, datetime(year + 1, 1, 1)), "time.since_start")


_MONTH_STEMS = ("январ", "феврал", "март", "апрел", "мая", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")  # fmt: skip


def _month_named(said: str) -> int | None:
    return next((n for n, stem in enumerate(_MONTH_STEMS, 1) if stem in said), None)


def _ago(said: str, latest: date, until: datetime) -> list[Meaning]:
    found = re.search(r"\d+", said)
    several = bool(_SEVERAL.search(said))
    words = said.split()
    count = int(found[0]) if found else _WORDS.get(words[0], 1)
    unit = next((u for u, stem in _AGO_UNITS if re.search(stem, said)), "day")
    if "полгода" in said:
        unit, count = "month", 6
    if unit in {"minute", "hour"}:
        step = timedelta(minutes=count) if unit == "minute" else timedelta(hours=count)
        slack = (
            timedelta(minutes=max(1, count // 4))
            if unit == "minute"
            else timedelta(minutes=30 * max(1, count // 4))
        )
        span = (until - step - slack, until - step + slack)
        return _one(span, "time.ago")
    if unit in {"day", "week"}:
        days = count * (7 if unit == "week" else 1)
        if several:
            far = 7 if unit == "day" else 8 * 7
            near = 2 if unit == "day" else 2 * 7
            return _one(
                whole_days(latest - timedelta(days=far), latest - timedelta(days=near)),
                "time.ago_several",
            )
        centre = latest - timedelta(days=days)
        slack_days = 0 if unit == "day" else 3
        core = whole_days(centre, centre)
        return [
            Meaning(
                core,
                whole_days(centre - timedelta(days=slack_days), centre + timedelta(days=slack_days)),
                "time.ago",
                None,
                100,
            )
        ]
    if unit == "month":
        if several:
            return _one(whole_days(_months_back(latest, 9), _months_back(latest, 2)), "time.ago_several")
        centre = _months_back(latest, count)
        return [Meaning(whole_days(centre - timedelta(days=15), centre + timedelta(days=15)),
                        whole_days(centre - timedelta(days=31), centre + timedelta(days=31)), "time.ago", None, 100)]  # fmt: skip
    year = latest.year - count
    if several:
        return _one((datetime(latest.year - 9, 1, 1), datetime(latest.year - 1, 1, 1)), "time.ago_several")
    core = (datetime(year, 1, 1), datetime(year + 1, 1, 1))
    # In January, "a year ago" may still be said of the December before.
    return [Meaning(core, (core[0] - timedelta(days=183), core[1]), "time.ago", None, 100)]


_AGO_UNITS = (
    ("minute", "minute|минут"),
    ("hour", r"hour|\bчас"),
    ("week", "week|недел"),
    ("month", "month|месяц"),
    ("year", r"year|год|\bлет\b"),
    ("day", "day|день|дня|дней|сут"),
)


def _months_back(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 - count
    return date(index // 12, index % 12 + 1, min(day.day, 28))


def _relative(said: str, latest: date, until: datetime) -> list[Meaning]:
    for pattern, meaning in _RELATIVE:
        if re.search(pattern, said):
            return meaning(said, latest, until)
    return []


def _week(latest: date, back: int) -> Local:
    monday = latest - timedelta(days=latest.weekday() + 7 * back)
    return whole_days(monday, monday + timedelta(days=6))


def _weekend(_: str, latest: date, until: datetime) -> list[Meaning]:
    """The last Saturday and Sunday that had begun."""
    saturday = latest - timedelta(days=(latest.weekday() - 5) % 7)
    return _one(_clipped(whole_days(saturday, saturday + timedelta(days=1)), until), "time.weekend")


def _last_weekend(said: str, latest: date, until: datetime) -> list[Meaning]:
    if latest.weekday() >= 5:
        return _weekend(said, latest - timedelta(days=latest.weekday() - 4), until)
    return _weekend(said, latest, until)


def _yesterday(said: str, latest: date, _: datetime) -> list[Meaning]:
    del said
    return _day(latest - timedelta(days=1), "time.yesterday")


def _two_days_back(said: str, latest: date, _: datetime) -> list[Meaning]:
    del said
    return _day(latest - timedelta(days=2), "time.day_before_yesterday")


def _day_before(said: str, latest: date, _: datetime) -> list[Meaning]:
    del said
    return _day(latest - timedelta(days=1), "time.day_before")


def _today(said: str, latest: date, until: datetime) -> list[Meaning]:
    midnight = datetime(latest.year, latest.month, latest.day)
    if "tonight" in said or "evening" in said:
        return [
            Meaning(
                (midnight + timedelta(hours=17), midnight + timedelta(hours=24)),
                whole_days(latest, latest),
                "time.today+evening",
                "evening",
                100,
            )
        ]
    if "morning" in said:
        return [
            Meaning(
                (midnight + timedelta(hours=6), midnight + timedelta(hours=12)),
                whole_days(latest, latest),
                "time.today+morning",
                "morning",
                100,
            )
        ]
    if "afternoon" in said:
        return [
            Meaning(
                (midnight + timedelta(hours=12), midnight + timedelta(hours=18)),
                whole_days(latest, latest),
                "time.today+afternoon",
                "afternoon",
                100,
            )
        ]
    del until
    return _day(latest, "time.today")


def _last_night(said: str, latest: date, _: datetime) -> list[Meaning]:
    del said
    midnight = datetime(latest.year, latest.month, latest.day)
    core = (midnight - timedelta(hours=6), midnight + timedelta(hours=6))
    return [
        Meaning(
            core,
            (midnight - timedelta(hours=8), midnight + timedelta(hours=8)),
            "time.last_night",
            "night",
            100,
        )
    ]


def _this_week(said: str, latest: date, until: datetime) -> list[Meaning]:
    span = _clipped(_week(latest, 0), until)
    return [_part_of(span, said, "time.this_week")] if "недели" in said else _one(span, "time.this_week")


def _last_week(said: str, latest: date, _: datetime) -> list[Meaning]:
    core = _week(latest, 1)
    third = _third(core, said)
    if third:
        return [Meaning(*third, "time.last_week_part", None, 100)]
    return [Meaning(core, (core[0] - timedelta(days=1), core[1]), "time.last_week", None, 100)]


def _this_month(said: str, latest: date, until: datetime) -> list[Meaning]:
    return [_part_of(_clipped(month(latest.year, latest.month), until), said, "time.this_month")]


def _last_month(said: str, latest: date, _: datetime) -> list[Meaning]:
    first = _months_back(latest.replace(day=1), 1)
    return [_part_of(month(first.year, first.month), said, "time.last_month")]


def _this_year(said: str, latest: date, until: datetime) -> list[Meaning]:
    return [
        _part_of(
            _clipped((datetime(latest.year, 1, 1), datetime(latest.year + 1, 1, 1)), until),
            said,
            "time.this_year",
        )
    ]


def _last_year(said: str, latest: date, _: datetime) -> list[Meaning]:
    return [_part_of((datetime(latest.year - 1, 1, 1), datetime(latest.year, 1, 1)), said, "time.last_year")]


def _this_season(said: str, latest: date, until: datetime) -> list[Meaning]:
    name = next(n for n in ("spring", "summer", "autumn", "fall", "winter") if n in said)
    return _seasons("autumn" if name == "fall" else name, None, "this", latest, until)


def _from_start(said: str, latest: date, until: datetime) -> list[Meaning]:
    number = _month_named(said)
    if number:
        start = month(latest.year if number <= latest.month else latest.year - 1, number)[0]
    elif "недел" in said:
        start = _week(latest, 0)[0]
    elif "месяц" in said:
        start = datetime(latest.year, latest.month, 1)
    else:
        start = datetime(latest.year, 1, 1)
    return _one((start, until), "time.since_start")


def _nothing(said: str, latest: date, until: datetime) -> list[Meaning]:
    del said, latest, until
    return []


_RELATIVE = (
    (r"^с начала", _from_start),
    (r"day before yesterday|позавчера", _two_days_back),
    (r"yesterday|вчера", _yesterday),
    (r"накануне|day before|previous day|a day earlier|днем (?:ранее|раньше)", _day_before),
    (r"last night", _last_night),
    (r"later (?:that|the same)", _nothing),
    (r"earlier in the day|сегодня|сегодняшний|today|tonight|this (?:morning|afternoon|evening)", _today),
    (
        r"last weekend|прошлые выходные|минувшие выходные|прошедшие выходные|прошлых выходных|минувших выходных",
        _last_weekend,
    ),
    (r"weekend|выходны", _weekend),
    (r"last (?:morning|afternoon|evening)", _yesterday),
    (r"last week|(?:прошлой|минувшей|прошедшей) недел", _last_week),
    (r"week|недел", _this_week),
    (r"last month|(?:прошлом|минувшем) месяце|прошлого месяца", _last_month),
    (r"month|месяц", _this_month),
    (r"last year|(?:прошлом|минувшем) году|годом (?:ранее|раньше)|прошлого года", _last_year),
    (r"year|год", _this_year),
    (r"spring|summer|autumn|fall|winter", _this_season),
)
