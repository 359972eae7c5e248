"""The scenario's own time."""

from __future__ import annotations

import pytest

from holdfast.errors import UsageError
from holdfast.fake_telegram import ScenarioClock


def test_a_clock_without_speed_stands_until_it_is_set() -> None:
    real = iter(range(100))
    clock = ScenarioClock(50, real=lambda: float(next(real)))
    assert [clock(), clock()] == [50, 50]
    clock.set(60)
    assert (clock.advance(5), clock()) == (65, 65)


def test_a_clock_with_speed_runs_that_many_times_as_fast_and_goes_on_from_where_it_is_set() -> None:
    now = [100.0]
    clock = ScenarioClock(0, speed=60, real=lambda: now[0])
    now[0] += 2
    assert clock() == 120
    clock.set(1000)
    now[0] += 1
    assert clock() == 1060
    now[0] -= 5  # a real clock that jumps back does not turn the scenario's back behind where it was set
    assert clock() == 1000


def test_a_clock_goes_only_forward() -> None:
    clock = ScenarioClock(50)
    for back in (lambda: clock.set(49), lambda: clock.advance(-1)):
        with pytest.raises(UsageError, match="cannot go back"):
            back()
    with pytest.raises(UsageError, match="negative"):
        ScenarioClock(0, speed=-1)
    assert clock() == 50


def test_who_watches_is_told_of_each_set_until_it_ends() -> None:
    clock = ScenarioClock(50)
    told: list[float] = []
    end = clock.watch(lambda: told.append(clock()))
    clock.advance(1)
    end()
    end()
    clock.advance(1)
    assert told == [51]
