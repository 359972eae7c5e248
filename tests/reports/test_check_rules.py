"""The rules of a verdict by themselves: tolerance, windows, readings, quotations."""

from __future__ import annotations

import pytest

from holdfast.reports.check.checker import rules_digest
from holdfast.reports.check.marks import state_in
from holdfast.reports.check.matching import best_match, departures, prepare, script_of
from holdfast.reports.check.outcome import Outcome, time_slots, windows_of
from holdfast.reports.check.tolerance import Bounds, judge, length_zones, understates, zones
from holdfast.reports.check.window import bracket, falls, sides
from holdfast.reports.claim import (
    Assumed,
    Claim,
    Extraction,
    PublishedAt,
    Quantity,
    Report,
    Span,
    SubjectCandidate,
    TimeReading,
    Window,
    ZonedSpan,
)
from holdfast.reports.evidence import Mark, Point
from holdfast.reports.verdict import FALSE, TRUE, UNKNOWN, Pointer


def number(comparator: str, lo: int, hi: int | None = None, granule: int = 1) -> Quantity:
    return Quantity(lo, lo if hi is None else hi, comparator, "views", granule, "test")


ROWS = [
    ("over", 25_000, 1_000, {24_999: FALSE, 25_000: UNKNOWN, 25_001: TRUE}),
    ("at_least", 30, 1, {29: FALSE, 30: TRUE}),
    ("under", 100, 100, {99: TRUE, 100: UNKNOWN, 101: FALSE}),
    ("up_to", 70, 10, {70: TRUE, 71: FALSE}),
    ("nearly", 40_000, 10_000, {31_999: FALSE, 32_000: UNKNOWN, 36_000: TRUE, 39_999: TRUE, 40_000: UNKNOWN, 50_001: FALSE}),
    ("about", 1_000, 1_000, {249: FALSE, 400: UNKNOWN, 500: TRUE, 1_500: TRUE, 1_501: UNKNOWN, 2_001: FALSE}),
    ("exact", 38_000, 1_000, {28_499: FALSE, 37_499: UNKNOWN, 37_500: TRUE, 38_999: TRUE, 39_000: UNKNOWN, 47_501: FALSE}),
    ("exact", 38_112, 1, {38_111: FALSE, 38_112: TRUE, 38_113: FALSE}),
]  # fmt: skip


@pytest.mark.parametrize(("comparator", "value", "granule", "expected"), ROWS)
def test_each_row_of_the_tolerance_table_has_its_borders(
    comparator: str, value: int, granule: int, expected: dict[int, str]
) -> None:
    if comparator == "about":
        expected = {
            0: FALSE if granule < value else UNKNOWN,
            **{at: each for at, each in expected.items() if at >= 500},
        }
    table = zones(number(comparator, value, granule=granule))
    assert {at: judge(table, Bounds(at, at)) for at in expected} == expected
    turned = table.swapped()
    opposite = {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}
    assert {at: judge(turned, Bounds(at, at)) for at in expected} == {
        at: opposite[each] for at, each in expected.items()
    }
    assert turned.rule == f"not so: {table.rule}"


def test_a_vague_plural_is_its_decade() -> None:
    table = zones(number("at_least", 200, granule=100), vague=True)
    found = {at: judge(table, Bounds(at, at)) for at in (33, 34, 100, 999, 1_000, 3_001)}
    assert found == {33: FALSE, 34: UNKNOWN, 100: TRUE, 999: TRUE, 1_000: UNKNOWN, 3_001: FALSE}


def test_a_nine_minute_video_is_as_long_as_the_table_says() -> None:
    table = length_zones(Quantity(540, 540, "exact", "seconds", 60, "test"))
    found = {at: judge(table, Bounds(at, at)) for at in (479, 480, 509, 510, 599, 600, 659, 660)}
    assert list(found.values()) == [FALSE, UNKNOWN, UNKNOWN, TRUE, TRUE, UNKNOWN, UNKNOWN, FALSE]
    to_the_second = length_zones(Quantity(544, 544, "exact", "seconds", 1, "test"))
    assert judge(to_the_second, Bounds(543, 545)) == TRUE
    assert judge(to_the_second, Bounds(560, 560)) == FALSE
    assert judge(length_zones(Quantity(540, 540, "over", "seconds", 60, "test")), Bounds(541, 541)) == TRUE


def test_an_interval_decides_only_where_all_of_it_lies_in_one_zone() -> None:
    table = zones(number("over", 25_000))
    assert judge(table, Bounds(24_950, 25_050)) == UNKNOWN
    assert judge(table, Bounds(25_001, None)) == TRUE
    assert judge(table, Bounds(None, 24_999)) == FALSE
    assert judge(table, Bounds(None, None)) == UNKNOWN
    assert judge(table, Bounds(None, 24_000), Bounds(None, None)) == UNKNOWN
    assert understates(number("over", 100), Bounds(201, None))
    assert not understates(number("exact", 100), Bounds(201, None))
    assert "0.5" in zones(number("exact", 1, 2)).rule


# -- windows ------------------------------------------------------------------------------------------


def point(at: int, low: int, high: int | None = None, until: int | None = None) -> Point:
    pointer = Pointer(at, "metrics", "views", str(at))
    return Point(low, low if high is None else high, at, at if until is None else until, pointer)


def test_what_rises_is_bounded_by_one_side_and_what_can_fall_needs_both() -> None:
    points = [point(10, 100), point(20, 200, 210), point(40, 400)]
    rising = bracket(points, 25, 30, rises=True)
    assert rising.bounds == Bounds(200, 400)
    assert bracket(points, 5, 6, rises=True).bounds == Bounds(None, 100)
    assert bracket(points, 50, 60, rises=True).bounds == Bounds(400, None)
    falling = bracket(points, 25, 30, rises=False, apart_s=100)
    assert falling.bounds == Bounds(200, 400)
    assert bracket(points, 25, 30, rises=False, apart_s=5).bounds == Bounds(None, None)
    assert bracket(points, 50, 60, rises=False).bounds == Bounds(None, None)
    assert bracket([*points, point(27, 90)], 25, 30, rises=False).bounds == Bounds(90, 400)


def test_a_counter_that_was_ever_lower_than_before_is_seen_to_fall() -> None:
    assert not falls([point(10, 100), point(20, 90, 110), point(30, 100)])
    assert falls([point(30, 80, 90), point(10, 100), point(20, 100)])


def mark(at: int, there: bool) -> Mark:
    return Mark(at, there, Pointer(at, "labels", "label:fake", str(at)))


@pytest.mark.parametrize(
    ("marks", "result"),
    [
        ([(50, True), (150, True)], TRUE),
        ([(50, False), (150, False)], FALSE),
        ([(50, False), (150, True)], UNKNOWN),
        ([(50, True), (105, False), (150, True)], UNKNOWN),
        ([(10, False), (96, True)], TRUE),
        ([(96, True), (97, False)], UNKNOWN),
        ([(96, True), (150, False)], UNKNOWN),
        ([(-900, False), (150, False)], UNKNOWN),
        ([(20, True)], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_a_mark_is_there_on_both_sides_or_on_the_reports_day(
    marks: list[tuple[int, bool]], result: str
) -> None:
    seen = [mark(at, there) for at, there in marks]
    assert state_in(seen, 100, 110, (90, 200), 200)[0] == result
    assert sides(seen, 100, 110).inside == tuple(each for each in seen if 100 < each.at < 110)


# -- readings -----------------------------------------------------------------------------------------

DAY = "2023-12-29T{:02}:00:00Z"


def claim(**given: object) -> Claim:
    report, span = Report("0" * 64), Span(0, 4, "text")
    return Claim("c", report, span, "en", "views", "text", Extraction(("test",)), **given)  # type: ignore[arg-type]


def reading(lo: int, hi: int, zones_: tuple[str, ...] = ()) -> TimeReading:
    spans = tuple(
        ZonedSpan(each, DAY.format(lo), DAY.format(hi), DAY.format(lo), DAY.format(hi)) for each in zones_
    )
    return TimeReading(DAY.format(lo), DAY.format(hi), "UTC", "test", DAY.format(lo), DAY.format(hi), spans)


def test_windows_are_what_the_text_states_else_the_reports_moment() -> None:
    published = PublishedAt(DAY.format(10), DAY.format(12))
    stated = claim(as_of=Window("stated", (reading(1, 20, ("UTC", "+03:00")),)))
    found = windows_of(stated, published)
    assert len(found) == 2
    assert found[0].hi - found[0].lo == 11 * 3600 - 1  # never past the report itself
    assert len(windows_of(stated, published, both=True)) == 3
    assert len(windows_of(stated, None, both=True)) == 2
    (own,) = windows_of(claim(as_of=Window("published", (), DAY.format(5), DAY.format(6))), published)
    assert own.hi - own.lo == 3599
    assert len(windows_of(claim(as_of=Window("stated")), published)) == 1
    assert windows_of(claim(), None) == []
    assert [
        len(each.choice) for each in time_slots(claim(time=(reading(1, 2), reading(3, 4, ("UTC",)))))
    ] == [2, 2]


SURE = SubjectCandidate("1", "title", 100)


def concluded(
    results: list[tuple[str, str]], *subjects: SubjectCandidate, assisted: bool = False
) -> tuple[str, str | None]:
    each = claim(assumptions=(Assumed("zone", "test"),))
    if assisted:
        each = claim()
        each = Claim(
            each.id, each.report, each.span, "en", "views", "text", Extraction(("t",), assisted=True)
        )
    outcome = Outcome(each)
    outcome.subject = list(subjects)
    for result, slot in results:
        outcome.read(
            result, (("subject", slot),), [None, Pointer(1, "post", "id", "t")], strength="bracketed"
        )
    verdict = outcome.conclude().verdict
    return verdict.label, verdict.reason or verdict.strength


def test_supported_and_contradicted_need_every_reading_and_one_sure_subject() -> None:
    unsure = SubjectCandidate("1", "close", 90)
    other = SubjectCandidate("2", "title", 100)
    assert concluded([(TRUE, "a"), (TRUE, "b")], SURE) == ("supported", "bracketed")
    assert concluded([(TRUE, "a")], unsure) == ("supported", "fuzzy name")
    assert concluded([(FALSE, "a")], SURE) == ("contradicted", "bracketed")
    assert concluded([(FALSE, "a")], unsure) == ("not checkable", "ambiguous subject")
    assert concluded([(FALSE, "a")], SURE, other) == ("not checkable", "ambiguous subject")
    assert concluded([(FALSE, "a")], SURE, assisted=True) == ("not checkable", "ambiguous subject")
    assert concluded([(TRUE, "a"), (FALSE, "b")], SURE, other) == ("not checkable", "ambiguous subject")
    assert concluded([(TRUE, "a"), (FALSE, "a")], SURE) == ("not checkable", "reading-dependent")
    assert concluded([(UNKNOWN, "a")], SURE) == ("not checkable", "no capture in window")
    assert concluded([], SURE) == ("not checkable", "no subject")


# -- quotations ---------------------------------------------------------------------------------------

SAID = prepare(
    "Мы пришли к причалу рано утром и ждали лодку. Потом долго молчали. Никто не обещал нам, что она вернётся до темноты. "
    "А потом зажгли фонари. " + "слово " * 70 + "и разошлись по домам, когда стало тихо."
)  # fmt: skip


@pytest.mark.parametrize(
    ("quote", "how"),
    [
        ("ждали лодку", "verbatim"),
        ("Мы пришли … ждали лодку", "verbatim"),
        ("Мы пришли [сюда] к причалу", "verbatim"),
        ("Мы пришли к причялу рано утром, ждали лотку", "close"),
        ("ждали … разошлись по домам", "verbatim"),
        ("Совсем другие слова о совсем других вещах и людях", "none"),
        ("другие слова", "none"),
        ("…", "none"),
        ("слово " * 400, "none"),
        ("Мы пришли к причялу рано утрам и ждали … Ничего подобного нигде не стояло вовсе", "none"),
        ("аб вг де жз", "none"),
    ],
)
def test_a_quotation_is_found_verbatim_nearly_or_not(quote: str, how: str) -> None:
    found = best_match(quote, SAID)
    assert found.how == how
    if how != "none" or "подобного" in quote:
        assert found.far is ("разошлись" in quote or "подобного" in quote)
    if how == "close":
        assert SAID.text[found.start : found.end].startswith("Мы пришли")


def test_a_quotation_is_not_found_in_nothing() -> None:
    assert best_match("слова", prepare("")).how == "none"


def test_what_a_quotation_changes_is_named() -> None:
    passage = "Nobody in Berdyansk promised 25 boats"
    assert departures("Nobody in Berdyansk promised 25 boats", passage) == []
    assert departures("Somebody in Berdyansk promised 25 boats", passage) == ["a negation differs"]
    assert departures("Nobody in Berdyansk promised 35 boats", passage) == ["a number differs"]
    assert departures("Nobody in Kharkiv promised 25 boats", passage) == ["a name differs"]
    assert departures("They didn’t come", "They came") == ["a negation differs"]
    assert departures("с восьми до шести", "с десяти до шести") == ["a number differs"]


def test_a_text_is_of_the_script_that_most_of_its_letters_are() -> None:
    assert [script_of(each) for each in ("слово word слово", "word слово word", "λόγος", "")] == [
        "cyrillic", "latin", "other", "latin",
    ]  # fmt: skip


def test_the_rules_have_one_digest() -> None:
    assert len(rules_digest()) == 64
