"""Plays a scenario over HTTP on loopback.

A server of our own, and a minimal one: what has to go wrong here (a body cut short, a false length, a reset in the middle, no
answer at all) is what ready-made servers are built to prevent.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable
from types import TracebackType

from holdfast.errors import UsageError
from holdfast.fake_telegram.answers import Answer, Request, answer
from holdfast.fake_telegram.clock import ScenarioClock
from holdfast.fake_telegram.faults import FaultPlan, spoiled
from holdfast.fake_telegram.journal import Asked, Journal
from holdfast.fake_telegram.parts import Fault
from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.wire import answer_head, parse_head, part, reset, skip_body, write

__all__ = ["FakeServer"]

MAX_HEAD = 32_768
CHUNK = 262_144
KEPT_PAGES = 256
POLL_S = 0.02


class FakeServer:
    """Answers on loopback as the scenario has it at the clock's time.

    `clock` is called for unix seconds; without one it stands at the scenario's start, as `server.clock` to be set. Port 0: any that is
    free. Effects: listens from `start` (or entering) to `stop` (or leaving). Errors: UsageError if `host` is not loopback, OSError from `start` if
    the port is taken.
    """

    def __init__(
        self,
        scenario: Scenario,
        clock: Callable[[], float] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        journal_size: int = 100_000,
    ) -> None:
        if host != "localhost" and not _is_loopback(host):
            raise UsageError(f"{host} is not this machine alone", remedy="listen on 127.0.0.1 or ::1")
        if not 0 <= port <= 65_535:
            raise UsageError(f"{port} is no port", remedy="give 0 for any free one, or up to 65535")
        self.scenario = scenario
        self.clock: Callable[[], float] = ScenarioClock(scenario.start) if clock is None else clock
        self.journal = Journal(journal_size)
        self._host, self._port = host, port
        self._plan = FaultPlan(scenario.faults, scenario.seed)
        self._listener: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._pages: dict[tuple[str, int, int, bool], Answer] = {}
        self._connections = self._open_asks = 0
        self._settling = asyncio.Lock()
        self._poller: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None] = lambda: None

    @property
    def base_url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def __aenter__(self) -> FakeServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to listen; `base_url` is known from then on."""
        self._loop = asyncio.get_running_loop()
        await self._listen()
        if self._plan.ever_refuses:
            if isinstance(self.clock, ScenarioClock):
                self._unwatch = self.clock.watch(self._on_set)
            await self.settle()
            self._poller = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Stop listening and let go of every connection."""
        self._unwatch()
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
        self._close_listener()
        open_now = dict(self._conversations)
        for task, writer in open_now.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        await asyncio.sleep(0)  # transports say goodbye in the loop's next round

    async def settle(self) -> None:
        """See to it that connections are taken, or refused, as the scenario has it now."""
        async with self._settling:
            refuses = self._plan.refuses(self.clock())
            if refuses and self._listener is not None:
                self._close_listener()
                for writer in list(self._conversations.values()):
                    writer.transport.abort()
            elif not refuses and self._listener is None:
                await self._listen()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._converse, self._host, self._port, limit=MAX_HEAD)
        self._port = self._listener.sockets[0].getsockname()[1]

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _on_set(self) -> None:
        """The clock was set: from another thread, wait until the door is as it should be."""
        assert self._loop is not None
        try:
            inside = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            inside = False
        if inside:
            return  # the poller sees it, or the caller awaits `settle`
        asyncio.run_coroutine_threadsafe(self.settle(), self._loop).result(10)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            await self.settle()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations[task] = writer
        self._connections += 1
        connection = self._connections
        try:
            while await self._exchange(reader, writer, connection):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side went away, or the server stops: either way the talk is over
        finally:
            self._conversations.pop(task, None)
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> bool:
        """Read one ask and answer it. Returns whether the connection goes on."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await self._send(writer, Answer(431, ()), self.clock(), close=True)
            return False
        request, version = parse_head(head)
        if request is None:
            await self._send(writer, Answer(400, ()), self.clock(), close=True)
            return False
        if not await skip_body(reader, request):
            await self._send(writer, Answer(400, ()), self.clock(), close=True)
            return False
        at = self.clock()
        self._open_asks += 1
        asked = Asked(at, time.monotonic(), connection, self._open_asks, request.method, request.target)
        self.journal.note(asked)
        try:
            fault, skew_s = self._plan.pick(request.target, at)
            asked.fault = fault.kind if fault is not None else "clock" if skew_s else None
            wants_close = request.headers.get("connection", "").lower() == "close"
            close = wants_close or version != "HTTP/1.1"
            if fault is None:
                reply = self._answer(request, at, skew_s)
                asked.status = reply.status
                asked.sent_bytes = await self._send(
                    writer, reply, at + skew_s, close=close, head_only=request.method == "HEAD"
                )
                return not close
            return await self._go_wrong(fault, reader, writer, request, asked, skew_s) and not close
        finally:
            self._open_asks -= 1

    def _answer(self, request: Request, at: float, skew_s: int, *, empty: bool = False) -> Answer:
        moment = int(at)
        if request.method != "GET" or request.target.startswith("/file/"):
            return answer(self.scenario, request, moment, origin=self.base_url, skew_s=skew_s, empty=empty)
        key = (request.target, moment, skew_s, empty)
        page = self._pages.get(key)
        if page is None:
            page = answer(self.scenario, request, moment, origin=self.base_url, skew_s=skew_s, empty=empty)
            if len(self._pages) >= KEPT_PAGES:
                self._pages.clear()
            self._pages[key] = page
        return page

    async def _go_wrong(
        self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request, asked: Asked, skew_s: int
    ) -> bool:  # fmt: skip
        """Answer as the fault has it. Returns whether the connection goes on."""
        if fault.kind == "hang":
            while await reader.read(CHUNK):  # whatever else is asked here is not answered either
                pass
            return False
        if fault.wait_s and fault.pieces == 1:
            await self._wait(fault, fault.wait_s)
        at = self.clock()
        reply = spoiled(fault, self._answer(request, at, skew_s, empty=fault.kind == "empty"), at + skew_s)
        time_said = at + skew_s
        head_only = request.method == "HEAD"
        asked.status = reply.status
        if fault.kind == "garbage" and fault.form == "answer":
            asked.status = 0
            await write(writer, reply.body)
            asked.sent_bytes = reply.length
            return False
        if fault.kind in ("cut", "length", "reset"):
            claimed = kept = reply.length
            if fault.kind == "length":
                claimed = claimed + 100 if fault.form == "longer" else claimed // 2
            else:
                kept = int(kept * fault.keep)
            if kept or fault.kind != "reset":
                await write(writer, answer_head(reply, time_said, claimed, close=True))
                asked.sent_bytes = 0 if head_only else await self._send_part(writer, reply, 0, kept)
            if fault.kind == "reset":
                reset(writer)
            return False
        if fault.pieces > 1 and not head_only:
            await write(writer, answer_head(reply, time_said, reply.length, close=False))
            for number in range(fault.pieces):
                await self._wait(fault, fault.wait_s / fault.pieces)
                bounds = (reply.length * each // fault.pieces for each in (number, number + 1))
                asked.sent_bytes += await self._send_part(writer, reply, *bounds)
            return True
        asked.sent_bytes = await self._send(writer, reply, time_said, close=False, head_only=head_only)
        return True

    async def _wait(self, fault: Fault, seconds: float) -> None:
        if fault.wait_by == "real":
            await asyncio.sleep(seconds)
            return
        until = self.clock() + seconds
        while self.clock() < until:
            await asyncio.sleep(POLL_S)

    async def _send(
        self, writer: asyncio.StreamWriter, reply: Answer, server_time: float, *, close: bool, head_only: bool = False
    ) -> int:  # fmt: skip
        """Send an answer whole. Returns how many bytes of body went out."""
        head = answer_head(reply, server_time, reply.length, close=close)
        if head_only or reply.file is not None:
            await write(writer, head)
            return 0 if head_only else await self._send_part(writer, reply, 0, reply.length)
        await write(writer, head + reply.body)
        return reply.length

    async def _send_part(self, writer: asyncio.StreamWriter, reply: Answer, start: int, stop: int) -> int:
        """Send the bytes [start, stop) of a body, a file never whole in memory. Returns how many."""
        for place in range(start, stop, CHUNK):
            await write(writer, part(reply, place, min(stop, place + CHUNK)))
        return stop - start


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
