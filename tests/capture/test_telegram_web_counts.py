"""Counters of preview pages: what they show exactly, and what only within an interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.capture.telegram_web import parse_count
from holdfast.model import Reading


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ("0", 0),
        ("1", 1),
        ("999", 999),
        ("14 909", 14909),
        ("14\u202f909", 14909),
        ("14\u2009909", 14909),
        ("14\u00a0909", 14909),
        ("1,204", 1204),
        ("1’204’003", 1204003),
        ("12٬345", 12345),
        ("٣٠١", 301),
        ("۱۴۹۰۹", 14909),
        ("३०१", 301),
        ("\u200f301\u200e", 301),
        (" 12 ", 12),
        ("301000", 301000),
    ],
)
def test_a_number_without_a_unit_is_exact(shown: str, count: int) -> None:
    assert parse_count(shown) == count


@pytest.mark.parametrize(
    ("shown", "low", "high"),
    [
        ("25.1K", 25_050, 25_199),
        ("38.1K", 38_050, 38_199),
        ("38K", 37_500, 38_999),
        ("147k", 146_500, 147_999),
        ("436.6K", 436_550, 436_699),
        ("10.7M", 10_650_000, 10_799_999),
        ("1.25M", 1_245_000, 1_259_999),
        ("1B", 500_000_000, 1_999_999_999),
        ("25,1 тыс.", 25_050, 25_199),
        ("3,2 млн", 3_150_000, 3_299_999),
        ("38К", 37_500, 38_999),
        ("38т", 37_500, 38_999),
        ("2 млрд", 1_500_000_000, 2_999_999_999),
        ("٢٥٫١K", 25_050, 25_199),
        ("0.1K", 50, 199),
        ("0K", 0, 999),
        ("1 234.5K", 1_234_450, 1_234_599),
    ],
)
def test_a_number_with_a_unit_is_every_number_that_may_show_so(shown: str, low: int, high: int) -> None:
    assert parse_count(shown) == Reading(low, high, shown)


@pytest.mark.parametrize(
    "shown",
    [
        *(
            "",
            " ",
            "views",
            "-1",
            "+1",
            "1.5",
            "25,1",
            "1.204",
            "1,204K",
            "1.234K",
            "12 34",
            "1,20",
            "1 204,003",
        ),
        *(
            "1e5",
            "007",
            "K",
            "1KK",
            "1 x",
            "1..2K",
            "1.2.3K",
            "²",
            "½",
            "12.",
            "9" * 16,
            "9" * 15 + "B",
        ),
        *("1" * 41, "1\n2", "١.٢", "12%", "тыс.", "1 000000", "1\u0000"),
    ],
)
def test_what_is_no_number_beyond_doubt_is_not_read(shown: str) -> None:
    assert parse_count(shown) is None


@given(st.integers(1_000, 999_949_999))
def test_the_interval_holds_the_number_whether_the_page_rounds_or_cuts(number: int) -> None:
    unit, letter = (1_000, "K") if number < 999_950 else (1_000_000, "M")
    cut = number * 10 // unit
    rounded = (number * 10 + unit // 2) // unit
    for tenths in (cut, rounded):
        for shown in {f"{tenths // 10}.{tenths % 10}{letter}", f"{tenths / 10:g}{letter}"}:
            reading = parse_count(shown)
            assert isinstance(reading, Reading)
            assert reading.low <= number <= reading.high
            assert reading.shown == shown


@given(st.integers(0, 10**15 - 1))
def test_grouped_digits_are_the_number_they_group(number: int) -> None:
    for separator in (" ", "\u202f", ","):
        assert parse_count(f"{number:,}".replace(",", separator)) == number


@given(st.text(max_size=50))
def test_no_text_raises(shown: str) -> None:
    count = parse_count(shown)
    if isinstance(count, Reading):
        assert 0 <= count.low <= count.high
    else:
        assert count is None or 0 <= count < 10**15
