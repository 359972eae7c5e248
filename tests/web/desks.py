"""Servers for tests: the real application over a real vault, listening on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from holdfast.fetch import Policy
from holdfast.web.app import application
from holdfast.web.desk import Desk, Limits
from holdfast.web.listening import listen
from holdfast.web.patience import Patient
from holdfast.web.sessions import Sessions
from holdfast.web.shelf import Shelf
from holdfast.web.users import User, Users
from holdfast.web.watchlist import WatchList
from holdfast.web.work import Worker

__all__ = ["Served", "served", "until", "wait_for"]


class Served:
    """A running server. `client` is signed in as an editor, `stranger` is not."""

    def __init__(self, desk: Desk, base: str) -> None:
        self.desk, self.base = desk, base
        self.origin = {"Origin": base}
        self._readers: list[httpx.Client] = []
        self.client, self.stranger = self.reader(), self.reader()

    def reader(self) -> httpx.Client:
        """Somebody with a browser of their own, who is not signed in."""
        self._readers.append(httpx.Client(base_url=self.base, timeout=60, trust_env=False))
        return self._readers[-1]

    def close(self) -> None:
        for each in self._readers:
            each.close()

    def post(self, path: str, **how: Any) -> httpx.Response:
        """A form of our own pages, sent by the editor."""
        return self.client.post(path, headers=self.origin, **how)

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.client.get(path, **how)

    def data(self, path: str, **how: Any) -> dict[str, Any]:
        """What a page's twin answers."""
        answer = self.client.get(f"/api/v1{path}", **how)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found


class _Quiet(uvicorn.Server):
    """Says when it listens, and takes no signals: it is not in the main thread."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextmanager
def served(
    vault: Path,
    *,
    users: tuple[User, ...] = (),
    limits: Limits | None = None,
    policy: Policy | None = None,
    base: str = "https://t.me",
    workers: int = 0,
) -> Iterator[Served]:
    """The server over a vault, its worker running."""
    worker = Worker(vault, WatchList(vault), policy=policy, base=base, workers=workers)
    sessions = Sessions()
    desk = Desk(Shelf(vault), worker, sessions, Users(users) if users else None, limits=limits)
    hosts: set[str] = set()
    origins: set[str] = set()
    config = uvicorn.Config(
        application(desk, hosts, origins), port=0, log_level="error", access_log=False, http=Patient, ws="none",
        timeout_graceful_shutdown=10, timeout_keep_alive=2, date_header=False, server_header=False, proxy_headers=False,
    )  # fmt: skip
    listening = listen("127.0.0.1", 0)
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    hosts.add(address)
    origins.add(f"http://{address}")
    server = _Quiet(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    assert server.listens.wait(30)
    found = Served(desk, f"http://{address}")
    found.client.get("/enter", params={"token": sessions.token()})
    try:
        yield found
    finally:
        found.close()
        server.should_exit = True
        thread.join(60)
        listening.close()


def wait_for(found: Served, answer: httpx.Response) -> dict[str, Any]:
    """The job that an answer leads to, when its events say that it is over."""
    assert answer.status_code == 303, answer.text
    job = answer.headers["location"].removeprefix("/job/")
    with found.client.stream("GET", f"/api/v1/jobs/{job}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        for line in events.iter_lines():
            if line == "event: end":
                break
    return found.data(f"/jobs/{job}")


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    waiting = threading.Event()
    for _ in range(600):
        if holds():
            return
        waiting.wait(0.05)
    raise AssertionError("it never came")
