"""Runs the fake in a thread of its own, for callers that know no event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.server import FakeServer

__all__ = ["serve_in_thread"]


@contextmanager
def serve_in_thread(
    scenario: Scenario,
    clock: Callable[[], float] | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    journal_size: int = 100_000,
) -> Iterator[FakeServer]:
    """Play a scenario beside the caller: gives the server, whose `base_url`, `journal` and `clock` may be used from here.

    Effects: a thread and a listening socket, both gone when the block is left.
    """
    server = FakeServer(scenario, clock, host=host, port=port, journal_size=journal_size)
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    leave = asyncio.Event()
    failed: list[Exception] = []

    async def play() -> None:
        try:
            await server.start()
        except Exception as error:  # noqa: BLE001 (whatever it is, such as a port that is taken, it is raised in the caller's thread)
            failed.append(error)
            return
        finally:
            ready.set()
        await leave.wait()
        await server.stop()

    def run() -> None:
        try:
            loop.run_until_complete(play())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="fake-telegram", daemon=True)
    thread.start()
    ready.wait()
    try:
        if failed:
            raise failed[0]
        yield server
    finally:
        if not failed:
            loop.call_soon_threadsafe(leave.set)
        thread.join()
