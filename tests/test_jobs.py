"""Work on many cores: the order of the tasks, bounds, failures, and the end of the parent."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from holdfast import jobs


def square(number: int) -> int:
    return number * number


def fail(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def ignores_interrupts(_: int) -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@pytest.mark.parametrize("workers", [0, 2])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    with jobs.executor(workers, preload=["holdfast.jobs"]) as pool:
        found = list(jobs.ordered(pool, square, range(20), ahead=4))
    assert found == [(number, number * number) for number in range(20)]


def test_no_more_than_a_few_tasks_are_taken_ahead() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(1) as pool:
        for seen, _ in enumerate(jobs.ordered(pool, square, tasks(), ahead=3)):
            assert len(taken) <= seen + 4


@pytest.mark.parametrize("workers", [0, 2])
def test_a_failure_arrives_where_the_result_would(workers: int) -> None:
    got: list[int] = []
    with jobs.executor(workers) as pool, pytest.raises(ValueError, match="three"):
        got.extend(each for each, _ in jobs.ordered(pool, fail, range(10), ahead=2))
    assert got == [0, 1, 2]


def test_ctrl_c_is_the_parents_to_handle() -> None:
    with jobs.executor(1) as pool:
        assert pool.submit(ignores_interrupts, 0).result(30)


def test_cores_are_those_that_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= jobs.cores() <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert jobs.cores() == 1


def test_a_system_without_a_fork_server_starts_workers_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    with jobs.executor(1) as pool:
        assert pool.submit(square, 3).result(60) == 9


def test_outside_a_worker_there_is_no_parent_to_follow() -> None:
    jobs._follow_parent()  # returns: it must not end this process


def thresholds(_: int) -> tuple[int, int, int]:
    return gc.get_threshold()


def test_workers_look_for_cyclic_garbage_rarely_and_their_parent_as_ever() -> None:
    before = gc.get_threshold()
    with jobs.executor(1) as pool:
        assert pool.submit(thresholds, 0).result(30)[0] > 10_000
    assert gc.get_threshold() == before


@pytest.mark.parametrize("failure", [OSError, AttributeError, TypeError])
def test_an_allocator_without_settings_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    asked: list[object] = []

    def unknown(name: object) -> None:
        asked.append(name)
        raise failure

    monkeypatch.setattr(ctypes, "CDLL", unknown)
    jobs.steady_memory()
    assert asked == [None]
