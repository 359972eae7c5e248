"""Runs work on many cores or many machines behind one `concurrent.futures.Executor`."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, TypeVar

__all__ = ["Inline", "cores", "executor", "ordered", "steady_memory"]

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
"""Source: mallopt(3)."""

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


def steady_memory() -> None:
    """Keep a few megabytes of free memory and map what is larger than one apart, where the allocator is glibc's.

    By default glibc raises the size from which it maps buffers one by one to that of the largest it has seen freed:
    then a large buffer stays in the heap between small objects, 30 MB a process. Setting that size alone, in turn, lets
    every free of 128 KiB give memory back to the system, to be zeroed and mapped again for the next region: a tenth
    of all work. Elsewhere nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for setting, size in ((_M_MMAP_THRESHOLD, 1 << 20), (_M_TRIM_THRESHOLD, 16 << 20), (_M_TOP_PAD, 4 << 20)):
        mallopt(setting, size)


def few_collections() -> None:
    """Look for cyclic garbage rarely: a region's records are many objects and no cycles."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _quiet() -> None:
    steady_memory()
    few_collections()
    # Ctrl-C is the parent's to handle: it lets running tasks end and seals what they did.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    # Workers hold both ends of their queues: when the parent is killed, nothing else tells them.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def executor(workers: int | None = None, *, preload: Iterable[str] = ()) -> Executor:
    """A pool of processes, one a core by default; `workers=0` runs inline.

    `preload` names modules that the workers share from the start (less memory, quicker start).
    """
    count = cores() if workers is None else workers
    if count <= 0:
        return Inline()
    steady_memory()
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
