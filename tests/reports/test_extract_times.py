"""Phrases of time, read against the moment of publication, as sets of intervals on the outlet's wall clock."""

from __future__ import annotations

from datetime import datetime

import pytest

from holdfast.errors import FormatError
from holdfast.reports.claim import TimeReading
from holdfast.reports.extract import extract, parse_published
from holdfast.reports.extract.calendar import local_zone

FRIDAY = "2023-12-29T14:05+03:00"
Spans = list[tuple[str, str]]

ENGLISH: list[tuple[str, Spans]] = [
    ("late Thursday", [("2023-12-28 20:00", "2023-12-29 02:00")]),
    ("on Thursday", [("2023-12-28", "2023-12-29")]),
    ("on Friday", [("2023-12-29", "2023-12-30")]),
    ("on Friday morning", [("2023-12-29 06:00", "2023-12-29 12:00")]),
    ("on Friday evening", [("2023-12-22 17:00", "2023-12-23")]),
    ("on Saturday", [("2023-12-23", "2023-12-24")]),
    ("early on Wednesday", [("2023-12-27", "2023-12-27 09:00")]),
    ("last Thursday", [("2023-12-28", "2023-12-29"), ("2023-12-21", "2023-12-22")]),
    ("last Saturday", [("2023-12-23", "2023-12-24")]),
    ("on Thursday last week", [("2023-12-21", "2023-12-22")]),
    ("on Thursday, December 28", [("2023-12-28", "2023-12-29")]),
    ("on Dec. 28", [("2023-12-28", "2023-12-29")]),
    ("on 28 December 2022", [("2022-12-28", "2022-12-29")]),
    ("on December 28th, 2022", [("2022-12-28", "2022-12-29")]),
    ("on 30 December", [("2022-12-30", "2022-12-31")]),
    ("on 2023-11-02", [("2023-11-02", "2023-11-03")]),
    ("on 02.11.2023", [("2023-11-02", "2023-11-03")]),
    ("on 11/02/2023", [("2023-02-11", "2023-02-12"), ("2023-11-02", "2023-11-03")]),
    ("on 11/22/2023", [("2023-11-22", "2023-11-23")]),
    ("on December 26-28", [("2023-12-26", "2023-12-29")]),
    ("between 14 November and 20 December", [("2023-11-14", "2023-12-21")]),
    ("from 14 November to 20 December", [("2023-11-14", "2023-12-21")]),
    ("between 20 December and 3 January 2023", [("2022-12-20", "2023-01-04")]),
    ("yesterday", [("2023-12-28", "2023-12-29")]),
    ("yesterday evening", [("2023-12-28 17:00", "2023-12-29")]),
    ("the day before yesterday", [("2023-12-27", "2023-12-28")]),
    ("today", [("2023-12-29", "2023-12-30")]),
    ("last night", [("2023-12-28 18:00", "2023-12-29 06:00")]),
    ("this morning", [("2023-12-29 06:00", "2023-12-29 12:00")]),
    ("three days ago", [("2023-12-26", "2023-12-27")]),
    ("a week ago", [("2023-12-22", "2023-12-23")]),
    ("two hours ago", [("2023-12-29 11:36", "2023-12-29 12:36")]),
    ("a year ago", [("2022-01-01", "2023-01-01")]),
    ("several days ago", [("2023-12-22", "2023-12-28")]),
    ("earlier this week", [("2023-12-25", "2023-12-29 14:06")]),
    ("last week", [("2023-12-18", "2023-12-25")]),
    ("earlier this month", [("2023-12-01", "2023-12-29 14:06")]),
    ("last month", [("2023-11-01", "2023-12-01")]),
    ("this year", [("2023-01-01", "2023-12-29 14:06")]),
    ("last year", [("2022-01-01", "2023-01-01")]),
    ("over the weekend", [("2023-12-23", "2023-12-25")]),
    ("in November", [("2023-11-01", "2023-12-01")]),
    ("in late November", [("2023-11-21", "2023-12-01")]),
    ("in mid-November", [("2023-11-11", "2023-11-21")]),
    ("at the beginning of November", [("2023-11-01", "2023-11-11")]),
    ("in December", [("2023-12-01", "2023-12-29 14:06")]),
    ("in November 2021", [("2021-11-01", "2021-12-01")]),
    ("in November last year", [("2022-11-01", "2022-12-01")]),
    ("in August this year", [("2023-08-01", "2023-09-01")]),
    ("last November", [("2023-11-01", "2023-12-01"), ("2022-11-01", "2022-12-01")]),
    ("last fall", [("2023-09-01", "2023-12-01"), ("2022-09-01", "2022-12-01")]),
    ("last summer", [("2023-06-01", "2023-09-01"), ("2022-06-01", "2022-09-01")]),
    ("this autumn", [("2023-09-01", "2023-12-01")]),
    ("in the spring of 2021", [("2021-03-01", "2021-06-01")]),
    ("in the winter of 2021", [("2020-12-01", "2021-03-01"), ("2021-12-01", "2022-03-01")]),
    ("in 2021", [("2021-01-01", "2022-01-01")]),
    ("in early 2021", [("2021-01-01", "2021-05-02")]),
    ("since Tuesday", [("2023-12-26", "2023-12-29 14:06")]),
    ("since 24 February 2022", [("2022-02-24", "2023-12-29 14:06")]),
    ("at 9:40 p.m. on Thursday", [("2023-12-28 21:40", "2023-12-28 21:41")]),
    ("at 9 p.m. on Thursday", [("2023-12-28 21:00", "2023-12-28 22:00")]),
    ("on Thursday at 12 a.m.", [("2023-12-28", "2023-12-28 01:00")]),
    ("around noon on Thursday", [("2023-12-28 11:00", "2023-12-28 13:00")]),
    ("on New Year's Eve", [("2022-12-31", "2023-01-01")]),
    ("at 10:15", [("2023-12-29 10:15", "2023-12-29 10:16")]),
]  # fmt: skip

RUSSIAN: list[tuple[str, Spans]] = [
    ("поздно вечером в четверг", [("2023-12-28 20:00", "2023-12-29 02:00")]),
    ("в четверг", [("2023-12-28", "2023-12-29")]),
    ("в пятницу", [("2023-12-29", "2023-12-30")]),
    ("в пятницу вечером", [("2023-12-22 17:00", "2023-12-23")]),
    ("вечером среды", [("2023-12-27 17:00", "2023-12-28")]),
    ("в прошлый четверг", [("2023-12-28", "2023-12-29"), ("2023-12-21", "2023-12-22")]),
    ("в минувшую субботу", [("2023-12-23", "2023-12-24")]),
    ("в четверг на прошлой неделе", [("2023-12-21", "2023-12-22")]),
    ("в ночь на пятницу", [("2023-12-28 21:00", "2023-12-29 06:00")]),
    ("в ночь с четверга на пятницу", [("2023-12-28 21:00", "2023-12-29 06:00")]),
    ("в ночь на 28 декабря", [("2023-12-27 21:00", "2023-12-28 06:00")]),
    ("28 декабря", [("2023-12-28", "2023-12-29")]),
    ("28 декабря 2022 года", [("2022-12-28", "2022-12-29")]),
    ("28 декабря прошлого года", [("2022-12-28", "2022-12-29")]),
    ("30 декабря", [("2022-12-30", "2022-12-31")]),
    ("26-28 декабря", [("2023-12-26", "2023-12-29")]),
    ("с 14 ноября по 20 декабря", [("2023-11-14", "2023-12-21")]),
    ("утром 28 декабря", [("2023-12-28 06:00", "2023-12-28 12:00")]),
    ("02.11.2023", [("2023-11-02", "2023-11-03")]),
    ("накануне", [("2023-12-28", "2023-12-29")]),
    ("накануне вечером", [("2023-12-28 17:00", "2023-12-29")]),
    ("вчера", [("2023-12-28", "2023-12-29")]),
    ("вчера вечером", [("2023-12-28 17:00", "2023-12-29")]),
    ("позавчера", [("2023-12-27", "2023-12-28")]),
    ("сегодня утром", [("2023-12-29 06:00", "2023-12-29 12:00")]),
    ("три дня назад", [("2023-12-26", "2023-12-27")]),
    ("неделю назад", [("2023-12-22", "2023-12-23")]),
    ("две недели назад", [("2023-12-15", "2023-12-16")]),
    ("полгода назад", [("2023-06-13", "2023-07-14")]),
    ("год назад", [("2022-01-01", "2023-01-01")]),
    ("на прошлой неделе", [("2023-12-18", "2023-12-25")]),
    ("на этой неделе", [("2023-12-25", "2023-12-29 14:06")]),
    ("в прошлом месяце", [("2023-11-01", "2023-12-01")]),
    ("в прошлом году", [("2022-01-01", "2023-01-01")]),
    ("в минувшие выходные", [("2023-12-23", "2023-12-25")]),
    ("в ноябре", [("2023-11-01", "2023-12-01")]),
    ("в ноябре прошлого года", [("2022-11-01", "2022-12-01")]),
    ("в ноябре 2021 года", [("2021-11-01", "2021-12-01")]),
    ("в начале ноября", [("2023-11-01", "2023-11-11")]),
    ("в конце ноября", [("2023-11-21", "2023-12-01")]),
    ("прошлой осенью", [("2023-09-01", "2023-12-01"), ("2022-09-01", "2022-12-01")]),
    ("осенью 2022 года", [("2022-09-01", "2022-12-01")]),
    ("летом прошлого года", [("2022-06-01", "2022-09-01")]),
    ("этим летом", [("2023-06-01", "2023-09-01")]),
    ("осенью", [("2023-09-01", "2023-12-01")]),
    ("в 2021 году", [("2021-01-01", "2022-01-01")]),
    ("с начала года", [("2023-01-01", "2023-12-29 14:06")]),
    ("с начала декабря", [("2023-12-01", "2023-12-29 14:06")]),
    ("с начала 2022 года", [("2022-01-01", "2023-12-29 14:06")]),
    ("со вторника", [("2023-12-26", "2023-12-29 14:06")]),
    ("в четверг в 21:40", [("2023-12-28 21:40", "2023-12-28 21:41")]),
    ("в четверг в 9 вечера", [("2023-12-28 21:00", "2023-12-28 22:00")]),
    ("в четверг в 12 часов", [("2023-12-28 12:00", "2023-12-28 13:00")]),
    ("к полудню четверга", [("2023-12-28 11:00", "2023-12-28 13:00")]),
    ("в полночь в четверг", [("2023-12-28 23:00", "2023-12-29 01:00")]),
    ("на сегодняшний день", [("2023-12-29", "2023-12-30")]),
]  # fmt: skip


def spans(readings: tuple[TimeReading, ...]) -> Spans:
    found = []
    for reading in readings:
        zone = local_zone(reading.zone)
        ends = [datetime.fromisoformat(end).astimezone(zone) for end in (reading.lo, reading.hi)]
        shown = [
            f"{end:%Y-%m-%d}" if end.hour == end.minute == 0 else f"{end:%Y-%m-%d %H:%M}" for end in ends
        ]
        found.append((shown[0], shown[1]))
    return found


def times(text: str, published: str | None = FRIDAY, zone: str | None = None) -> tuple[TimeReading, ...]:
    """The readings of the only phrase of time in a text."""
    when = parse_published(published, source="given", zone=zone) if published else None
    found = {
        claim.time_phrase.start: claim.time for claim in extract(text, published=when) if claim.time_phrase
    }
    (readings,) = found.values()
    return readings


@pytest.mark.parametrize(("phrase", "expected"), ENGLISH, ids=[row[0] for row in ENGLISH])
def test_an_english_phrase_of_time_gives_its_intervals(phrase: str, expected: Spans) -> None:
    assert spans(times(f"The women were detained in the city {phrase}.")) == expected


@pytest.mark.parametrize(("phrase", "expected"), RUSSIAN, ids=[row[0] for row in RUSSIAN])
def test_a_russian_phrase_of_time_gives_its_intervals(phrase: str, expected: Spans) -> None:
    assert spans(times(f"Их задержали {phrase}.")) == expected


def test_late_on_a_day_has_a_core_and_a_lenient_reading_in_each_zone_that_may_be_meant() -> None:
    (reading,) = times("The video was published on the channel late Thursday.")
    assert (reading.lo, reading.hi) == ("2023-12-28T17:00:00Z", "2023-12-28T23:00:00Z")
    assert (reading.wide_lo, reading.wide_hi) == ("2023-12-28T14:00:00Z", "2023-12-29T00:00:00Z")
    assert [(zone.zone, zone.lo) for zone in reading.zones] == [
        ("+03:00", "2023-12-28T17:00:00Z"),
        ("UTC", "2023-12-28T20:00:00Z"),
    ]
    assert reading.part_of_day == "late"


def test_a_zone_that_the_text_names_is_the_only_one() -> None:
    for text in (
        "The clip was posted at 9:40 p.m. Moscow time on Thursday.",
        "Ролик выложили в четверг в 21:40 по московскому времени.",
        "Ролик выложили в четверг в 21:40 мск.",
    ):
        (reading,) = times(text, published="2023-12-29T12:00+01:00")
        assert [zone.lo for zone in reading.zones] == ["2023-12-28T18:40:00Z"]


def test_a_zone_with_summer_time_is_that_of_the_day() -> None:
    (winter,) = times("The clip was posted at 9 p.m. London time on 10 January 2024.", published="2024-08-01")
    (summer,) = times("The clip was posted at 9 p.m. London time on 10 July 2024.", published="2024-08-01")
    assert (winter.lo[11:16], summer.lo[11:16]) == ("21:00", "20:00")


def test_the_channels_own_zone_is_one_more_reading_of_the_same_words() -> None:
    when = parse_published("2023-12-29T12:00+01:00", source="given")
    (claim,) = [
        claim
        for claim in extract(
            "The clip was posted on the channel on Thursday.", published=when, channel_zone="+10:00"
        )
        if claim.time
    ]
    assert [zone.zone for zone in claim.time[0].zones] == ["+01:00", "+10:00", "UTC"]


@pytest.mark.parametrize(
    "phrase", ["on Thursday", "yesterday", "in November", "on 3 June", "last fall", "two days ago"]
)
def test_without_a_publication_time_a_phrase_without_a_year_stays_open(phrase: str) -> None:
    text = f"The video was published on the channel {phrase}."
    (claim,) = [claim for claim in extract(text, published=None) if claim.time_phrase]
    assert claim.time == ()
    assert "undated" in claim.vague


def test_without_a_publication_time_a_full_date_is_read() -> None:
    assert spans(times("The video was published on March 5, 2020.", published=None)) == [
        ("2020-03-05", "2020-03-06")
    ]


def test_a_month_of_publication_dates_months_but_no_days() -> None:
    assert spans(times("The clip was posted in November.", published="2023-12")) == [
        ("2023-11-01", "2023-12-01")
    ]
    assert times("The clip was posted on Thursday.", published="2023-12") == ()


def test_published_around_midnight_each_day_that_may_be_meant_is_a_reading() -> None:
    readings = times("The clip was posted yesterday.", published="2023-12-29")
    assert spans(readings) == [("2023-12-28", "2023-12-29")]


def test_a_clock_time_alone_is_of_the_day_spoken_of_before() -> None:
    when = parse_published(FRIDAY, source="given")
    text = "The roof fell on Wednesday. A clip of it was posted at 18:05."
    claims = [claim for claim in extract(text, published=when) if claim.time]
    assert spans(claims[-1].time) == [("2023-12-27 18:05", "2023-12-27 18:06")]


def test_the_day_before_said_after_a_date_is_before_that_date() -> None:
    when = parse_published(FRIDAY, source="given")
    text = "The clip was posted on 30 September. She had filmed it at home the day before."
    claims = [claim for claim in extract(text, published=when) if claim.time]
    assert spans(claims[-1].time) == [("2023-09-29", "2023-09-30")]


@pytest.mark.parametrize(
    "text",
    [
        "The march may be long, and spring rolls were sold.",
        "Накануне выборов всё было тихо.",
        "В среде журналистов об этом говорят.",
        "Shares fall on bad news every Monday.",
        "The match was a 6:0 win.",
        "На 45 минуте забили гол.",
    ],
)
def test_words_of_time_that_mean_something_else_are_no_dates(text: str) -> None:
    when = parse_published(FRIDAY, source="given")
    assert [claim for claim in extract(text, published=when) if claim.time] == []


@pytest.mark.parametrize(
    "text",
    [
        "The film will be released on Friday.",
        "The film will be shown tomorrow on the channel.",
        "The video is to be published next week.",
        "Фильм выйдет завтра.",
        "Видео будет опубликовано в пятницу.",
        "Видео опубликуют на следующей неделе.",
    ],
)
def test_what_has_not_happened_is_no_claim(text: str) -> None:
    when = parse_published(FRIDAY, source="given")
    assert [claim for claim in extract(text, published=when) if claim.time] == []


def test_a_words_of_time_inside_a_quotation_are_not_read_against_the_report() -> None:
    when = parse_published(FRIDAY, source="given")
    claims = extract("“They came yesterday and left today,” said Ann Lee.", published=when)
    assert [claim.kind for claim in claims] == ["quote"]


def test_moving_the_publication_by_a_week_moves_every_reading_by_a_week() -> None:
    for phrase, _ in ENGLISH:
        if any(word in phrase for word in ("day", "week", "ago", "night", "morning")) and not any(
            sign.isdigit() or word in phrase for sign in phrase for word in ("Dec", "year", "New")
        ):
            text = f"The women were detained in the city {phrase}."
            first, second = times(text), times(text, published="2024-01-05T14:05+03:00")
            for before, after in zip(first, second, strict=True):
                moved = datetime.fromisoformat(after.lo) - datetime.fromisoformat(before.lo)
                assert moved.days == 7, phrase


@pytest.mark.parametrize(
    ("text", "lo", "hi"),
    [
        ("2023-12-29", "2023-12-29T00:00:00Z", "2023-12-30T00:00:00Z"),
        ("2023-12", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2023-12-29T14:05+03:00", "2023-12-29T11:05:00Z", "2023-12-29T11:06:00Z"),
        ("2023-12-29 14:05:30+0300", "2023-12-29T11:05:30Z", "2023-12-29T11:05:31Z"),
        ("2023-12-29T14:05:30.125Z", "2023-12-29T14:05:30Z", "2023-12-29T14:05:31Z"),
    ],
)
def test_a_publication_time_is_an_interval_as_wide_as_it_was_given(text: str, lo: str, hi: str) -> None:
    published = parse_published(text, source="given")
    assert (published.lo, published.hi) == (lo, hi)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2023",
        "2023-13-01",
        "2023-02-30",
        "29.12.2023",
        "0999-01-01",
        "9999-12-31",
        "2023-12-29T25:00Z",
        "2023-12-29T10:00+99:00",
    ],
)
def test_a_publication_time_that_is_none_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        parse_published(text, source="given")


def test_an_unknown_zone_is_a_format_error() -> None:
    with pytest.raises(FormatError):
        parse_published("2023-12-29T10:00", source="given", zone="Mars/Olympus")
    with pytest.raises(FormatError):
        extract("Text.", published=None, channel_zone="../etc/passwd")


def test_a_full_date_in_the_dateline_is_taken_when_none_is_given() -> None:
    for head in (
        "TALLINN, 29 December 2023 (Harbour) - ",
        "29 December 2023, 14:05\n\n",
        " date 2023-12-29 ",
    ):
        claims = extract(head + "The video was published on the channel on Thursday.", published=None)
        (claim,) = [claim for claim in claims if claim.time]
        assert spans(claim.time) == [("2023-12-28", "2023-12-29")]
        assert claim.report.published is not None
        assert claim.report.published.source == "dateline"
