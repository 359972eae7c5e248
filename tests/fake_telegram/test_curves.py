"""Counters over time, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.capture.telegram_web import parse_count
from holdfast.fake_telegram.counters import abbreviated, counted, duration, spaced
from holdfast.fake_telegram.curves import Curve


def test_a_curve_without_points_stands_still() -> None:
    assert [Curve(values=(7,)).at(time) for time in (0, 10**10)] == [7, 7]


def test_between_two_points_a_counter_goes_straight_and_outside_it_stands() -> None:
    curve = Curve(times=(100, 200, 300), values=(10, 20, 0))
    assert [curve.at(time) for time in (0, 100, 155, 200, 250, 299, 300, 900)] == [
        10,
        10,
        15,
        20,
        10,
        1,
        0,
        0,
    ]


def test_growth_adds_half_of_what_is_left_in_each_half_life() -> None:
    curve = Curve(times=(100,), values=(0, 8000), half_life_s=10)
    assert [curve.at(time) for time in (0, 100, 110, 120, 130, 10**6)] == [0, 0, 4000, 6000, 7000, 8000]


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=6, unique=True), st.integers(0, 10**9))
def test_a_counter_never_leaves_the_values_around_it(times: list[int], time: int) -> None:
    ordered = sorted(times)
    curve = Curve(times=tuple(ordered), values=tuple(range(len(ordered))))
    value = curve.at(time)
    assert 0 <= value < len(ordered)
    assert ordered[value] <= max(time, ordered[0])


@pytest.mark.parametrize(
    ("count", "cut", "rounded"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1K", "1K"),
        (1049, "1K", "1K"),
        (1050, "1K", "1.1K"),
        (25_149, "25.1K", "25.1K"),
        (25_199, "25.1K", "25.2K"),
        (436_649, "436.6K", "436.6K"),
        (999_949, "999.9K", "999.9K"),
        (999_950, "999.9K", "1M"),
        (10_750_000, "10.7M", "10.8M"),
        (2_000_000_000, "2B", "2B"),
        (9_999_999_999_999, "9999.9B", "10000B"),
    ],
)
def test_a_counter_is_written_as_pages_do(count: int, cut: str, rounded: str) -> None:
    assert (abbreviated(count), abbreviated(count, "round")) == (cut, rounded)


@given(st.integers(0, 5 * 10**9), st.sampled_from(["cut", "round"]))
def test_what_the_parser_reads_out_of_a_written_counter_holds_the_true_one(count: int, rounding: str) -> None:
    read = parse_count(abbreviated(count, rounding))
    assert read is not None
    low, high = (read, read) if isinstance(read, int) else (read.low, read.high)
    assert low <= count <= high


def test_another_decimal_mark_can_be_asked_for() -> None:
    assert abbreviated(25_149, decimal_mark=",") == "25,1K"


def test_landing_pages_write_counters_whole_in_groups_of_three() -> None:
    assert [spaced(count) for count in (7, 999, 14_909, 1_234_567)] == ["7", "999", "14 909", "1 234 567"]


def test_one_is_singular() -> None:
    assert (counted("1", 1, "view"), counted("0", 0, "view"), counted("1K", 1000, "view")) == (
        "1 view",
        "0 views",
        "1K views",
    )


def test_lengths_have_hours_only_when_there_are_any() -> None:
    assert [duration(length) for length in (0, 6, 540, 3599, 3723)] == [
        "0:00",
        "0:06",
        "9:00",
        "59:59",
        "1:02:03",
    ]
