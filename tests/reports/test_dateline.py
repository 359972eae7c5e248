"""A date in front of a report is its day, not the day of what its first sentence tells."""

from __future__ import annotations

import pytest

from holdfast.reports.extract import extract
from holdfast.reports.extract.plain import read_plain
from holdfast.reports.extract.reading import find_dateline

SENTENCE = "Pier News’ Telegram channel published a nine-minute video late Thursday."


@pytest.mark.parametrize(
    "front",
    [
        "2023-12-29 ",
        " 2023-12-29: ",
        "2023-12-29\n",
        "29.12.2023 ",
        "date 2023-12-29 ",
        "December 29, 2023 ",
        "Dec. 29, 2023: ",
        "29 December 2023 ",
        "29 December 2023 — ",
        "LISBON, Dec 29, 2023 (Invented Wire) - ",
    ],
)
def test_a_whole_date_in_front_is_the_reports_own(front: str) -> None:
    found = find_dateline(read_plain(front + SENTENCE), "en")
    assert found is not None
    assert found.lo[:10] == "2023-12-29"
    (claim,) = [each for each in extract(front + SENTENCE, published=found) if each.kind == "published"]
    assert claim.span.exact.startswith("Pier News")
    assert {each.lo[:10] for each in claim.time} == {"2023-12-28"}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("December 28, 2023, was the day when Pier News published a video.", "en"),
        ("On 28 December 2023 Pier News’ Telegram channel published a video.", "en"),
        ("28 December 2023 saw Pier News’ Telegram channel publish a video.", "en"),
        ("28 декабря 2023 года телеграм-канал «Пирс» опубликовал видео.", "ru"),
        ("28 декабря 2023 Телеграм-канал «Пирс» опубликовал видео.", "ru"),
    ],
)
def test_a_date_that_belongs_to_the_first_sentence_is_not_the_reports(text: str, lang: str) -> None:
    assert find_dateline(read_plain(text), lang) is None


def test_a_date_in_figures_in_front_of_a_russian_report_is_its_own() -> None:
    found = find_dateline(read_plain("29.12.2023 Телеграм-канал «Пирс» опубликовал видео."), "ru")
    assert found is not None
    assert found.lo[:10] == "2023-12-29"
