"""Runs work on many cores or many machines behind one `concurrent.futures.Executor`."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, TypeVar

__all__ = ["Inline", "cores", "executor", "ordered"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


class Inline(Executor):
    """Runs each task at once, in this process: for small work, where a pool would cost more than it saves."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 (an executor hands every failure to whoever asks for the result)
            future.set_exception(error)
        return future


def _quiet() -> None:
    # Ctrl-C is the parent's to handle: it lets running tasks end and seals what they did.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def executor(workers: int | None = None, *, preload: Iterable[str] = ()) -> Executor:
    """A pool of processes, one a core by default; `workers=0` runs inline.

    `preload` names modules that the workers share from the start (less memory, quicker start).
    """
    count = cores() if workers is None else workers
    if count <= 0:
        return Inline()
    if "forkserver" in multiprocessing.get_all_start_methods():
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preload))
    else:
        context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_quiet)


def ordered(
    pool: Executor, work: Callable[[Task], Result], tasks: Iterable[Task], *, ahead: int
) -> Iterator[tuple[Task, Result]]:
    """Run `work` on every task, at most `ahead` at a time, and yield results in the order of the tasks.

    Memory: at most `ahead` tasks and results are held. Errors: what `work` raises.
    """
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    try:
        for task in tasks:
            waiting.append((task, pool.submit(work, task)))
            while len(waiting) >= ahead or (waiting and waiting[0][1].done()):
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
