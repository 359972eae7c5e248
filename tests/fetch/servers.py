"""Loopback servers that answer as they are told, and a clock that moves when somebody sleeps."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from holdfast.fetch import Door, Exchange, Policy


class Asked:
    """A request as the server saw it, and the way to answer."""

    def __init__(self, raw_head: bytes, writer: asyncio.StreamWriter, number: int) -> None:
        lines = raw_head.decode("latin-1").split("\r\n")
        self.method, self.path, self.version = lines[0].split(" ", 2)
        self.headers = [tuple(line.split(": ", 1)) for line in lines[1:] if line]
        self.raw_head, self.writer, self.number = raw_head, writer, number

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(
        self, status: int = 200, body: bytes = b"", *headers: str, length: int | None = None
    ) -> None:
        stated = f"Content-Length: {len(body) if length is None else length}"
        await self.send("\r\n".join([f"HTTP/1.1 {status} Said", stated, *headers, "", ""]).encode() + body)


Handler = Callable[[Asked], Awaitable[bool | None]]
"""Answers one request; False closes the connection."""


class Server:
    """What a loopback server saw."""

    def __init__(self, handler: Handler, host: str) -> None:
        self.handler, self.host, self.port = handler, host, 0
        self.asked: list[Asked] = []
        self.connections = 0

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{self.authority}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            raw = await reader.readuntil(b"\r\n\r\n")
            asked = Asked(raw, writer, len(self.asked))
            self.asked.append(asked)
            if await self.handler(asked) is False:
                break


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listening(
    serve: Serve, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve each connection on a port of loopback; at the end nothing of it is left."""
    tasks: list[asyncio.Future[None]] = []
    writers: list[asyncio.StreamWriter] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        tasks.append(asyncio.ensure_future(served(reader, writer)))

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        for _ in range(5):
            await asyncio.sleep(0)
        for end in ends:
            if isinstance(end, Exception):
                raise end


@contextlib.asynccontextmanager
async def serving(
    handler: Handler, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    server = Server(handler, host)
    async with listening(server.serve, host=host, tls=tls) as server.port:
        yield server


def scripted(*answers: Handler) -> Handler:
    """One answer after the other; the last one again and again."""
    following: Iterator[Handler] = itertools.chain(answers, itertools.repeat(answers[-1]))

    async def handler(asked: Asked) -> bool | None:
        return await next(following)(asked)

    return handler


def says(status: int = 200, body: bytes = b"", *headers: str, length: int | None = None) -> Handler:
    async def handler(asked: Asked) -> bool | None:
        await asked.answer(status, body, *headers, length=length)
        return length is None

    return handler


def sends(raw: bytes) -> Handler:
    """Raw bytes, then the end of the connection."""

    async def handler(asked: Asked) -> bool | None:
        await asked.send(raw)
        return False

    return handler


class FakeTime:
    """A clock that only moves when somebody sleeps, to the earliest moment that somebody waits for."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.now = start
        self.slept: list[float] = []
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Everybody else gets on as far as they can before time moves."""
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.now + seconds, next(self._numbers), future))
        for _ in range(20):
            await asyncio.sleep(0)
        while not future.done():
            at, _, first = heapq.heappop(self._waiting)
            self.now = max(self.now, at)
            if not first.done():
                first.set_result(None)
            for _ in range(20):
                await asyncio.sleep(0)


def policy_for(*servers: Server, **changes: Any) -> Policy:
    settings: dict[str, Any] = {
        "allowed_hosts": tuple(server.authority for server in servers),
        "allow_private": True,
        "per_host_rate": float("inf"),
        "retries": 0,
    }
    return Policy(**(settings | changes))


def door_for(
    *servers: Server, time: FakeTime | None = None, seen: list[Exchange] | None = None, **changes: Any
) -> Door:
    time = time or FakeTime()
    return Door(
        policy_for(*servers, **changes),
        clock=time.clock,
        sleep=time.sleep,
        rng=random.Random(1),
        on_exchange=None if seen is None else seen.append,
    )
