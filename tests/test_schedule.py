"""What is looked at next, and when: hourly, then less and less often; nothing is left out and nothing is asked twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.schedule import HOUR_S, Due, Pattern, back_off_s, due_posts, missing_runs, pages_for

DAY_S = 24 * HOUR_S


@pytest.mark.parametrize(
    ("age_s", "wait_s"),
    [
        (0, HOUR_S),
        (48 * HOUR_S, HOUR_S),
        (49 * HOUR_S, 49 * HOUR_S // 24),
        (10 * DAY_S, 10 * HOUR_S),
        (30 * DAY_S, 30 * HOUR_S),
        (30 * DAY_S + 1, 30 * DAY_S),
        (3_000 * DAY_S, 30 * DAY_S),
    ],
)
def test_a_post_is_looked_at_hourly_then_at_growing_intervals_then_monthly(age_s: int, wait_s: int) -> None:
    assert Pattern().post_s(age_s) == wait_s
    assert Pattern(600).post_s(age_s) == 600


def test_what_is_due_comes_newest_first_and_a_clock_that_went_back_makes_nothing_due() -> None:
    now = 1_700_000_000
    posts = [
        Due(1, now - 10 * DAY_S, now - 11 * HOUR_S),
        Due(2, now - 10 * DAY_S, now - 9 * HOUR_S),
        Due(3, now - HOUR_S, now - HOUR_S),
        Due(4, now + DAY_S, now - HOUR_S),
        Due(5, None, now - DAY_S),
        Due(6, now - HOUR_S, now + DAY_S),
    ]
    assert due_posts(posts, now, Pattern()) == [4, 3, 1]
    assert due_posts(posts, now, Pattern(60)) == [5, 4, 3, 2, 1]


@given(st.sets(st.integers(1, 400), max_size=40), st.integers(1, 30))
def test_every_post_stands_on_one_of_the_pages_asked_for(posts: set[int], span: int) -> None:
    before = pages_for(sorted(posts, reverse=True), span).before
    for post in posts:
        assert any(end - span <= post < end for end in before)
    assert len(before) <= len(posts)


@given(
    st.integers(0, 60),
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20)).map(lambda run: (run[0], run[0] + run[1]))),
)
def test_the_missing_runs_are_all_that_nothing_covered_newest_first(
    newest: int, covered: list[tuple[int, int]]
) -> None:
    runs = missing_runs(newest, covered)
    found = {post for first, last in runs for post in range(first, last + 1)}
    assert found == {
        post for post in range(1, newest + 1) if not any(first <= post <= last for first, last in covered)
    }
    assert runs == sorted(runs, reverse=True)
    assert all(first <= last for first, last in runs)


def test_a_channel_that_answers_badly_is_asked_half_as_often_each_time_but_once_a_day() -> None:
    assert [back_off_s(count, HOUR_S) // HOUR_S for count in range(8)] == [1, 1, 2, 4, 8, 16, 24, 24]
    assert back_off_s(1_000, HOUR_S) == DAY_S
    assert back_off_s(3, 7 * DAY_S) == 7 * DAY_S
