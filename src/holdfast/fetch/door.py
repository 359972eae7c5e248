"""Asks the web, politely: allowed hosts only, at their pace, again when it was a passing trouble."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

import msgspec

from holdfast.errors import UsageError
from holdfast.fetch.body import ACCEPTED_CODINGS
from holdfast.fetch.exchange import Exchange, Headers
from holdfast.fetch.hosts import Hosts, Target
from holdfast.fetch.pace import Gate, Pace
from holdfast.fetch.policy import Policy
from holdfast.fetch.retry import next_step
from holdfast.fetch.wire import Receiver, Resolve, Wire, checked_headers, system_resolve

__all__ = ["Door"]

_log = logging.getLogger(__name__)
_GATES_MAX = 1024
_PROGRESS_BYTES = 1 << 20


class Door:
    """The one door to the web. Use as an async context manager; it belongs to one event loop.

    `on_exchange` gets every attempt that was made, in the order they ended, before `get` returns; what it raises
    comes out of `get`. `clock` gives unix seconds for the record; `ticks` the seconds that paces are measured in:
    the machine's steady clock, or `clock` itself if one is given, so that a fake `clock` and `sleep` are enough.
    Time-outs are always real. `resolve` and `tls` stand in for the system's resolver and certificates.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        on_exchange: Callable[[Exchange], None] | None = None,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        rng: random.Random | None = None,
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.policy = policy
        self._hosts = Hosts(policy.allowed_hosts, allow_private=policy.allow_private)
        self._on_exchange, self._clock, self._sleep = on_exchange, clock, sleep
        self._ticks = ticks or (time.monotonic if clock is time.time else clock)
        self._rng = rng or random.Random()
        self._wire = Wire(policy, clock=clock, resolve=resolve, tls=tls)
        self._gates: dict[str, Gate] = {}
        self._is_open = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        await self._wire.close()

    async def get(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        max_bytes: int | None = None,
        accept: str = "*/*",
    ) -> Exchange:
        """Ask for an address; the last attempt's exchange. Redirects are not followed (see `redirect_target`).

        What the network does is in the exchange's outcome, never raised. Errors: UsageError if the address may not
        be asked or a header is none. Effects: network, waiting.
        """
        plain = (("Accept", accept), ("Accept-Encoding", ACCEPTED_CODINGS))
        return await self._ask(
            url,
            lambda: _merged(plain, headers),
            self.policy.max_bytes if max_bytes is None else max_bytes,
            None,
        )

    async def receive(self, url: str, receiver: Receiver) -> Exchange:
        """Like `get`, for bodies that a receiver takes while they come. The size is the receiver's to limit."""
        plain = (("Accept", "*/*"), ("Accept-Encoding", "identity"))
        return await self._ask(
            url, lambda: _merged(plain, receiver.headers()), self.policy.max_bytes, receiver
        )

    async def _ask(
        self, url: str, headers: Callable[[], Headers], max_bytes: int, receiver: Receiver | None
    ) -> Exchange:
        if not self._is_open:
            raise UsageError("the door to the web is closed", remedy="use it inside `async with`")
        target = self._hosts.target(url)
        gate = self._gate(target.host)
        first = (("Host", target.authority), ("User-Agent", self.policy.user_agent))
        attempt = 0
        while True:
            async with gate.passage(self.policy.max_wait_s) as free:
                if not free:
                    return self._held(target, gate.held_s())
                exchange = await self._wire.send(target, first + headers(), max_bytes, receiver)
                step = next_step(exchange, attempt, self.policy, self._rng)
                if step.hold_s > 0:
                    # Still at the gate, so that nobody slips through before the pause is known.
                    gate.hold_for(step.hold_s)
                    _log.info("%s asked for a pause of %.0f s", target.host, step.hold_s)
            if step.asked_s is not None:
                exchange = msgspec.structs.replace(exchange, retry_at=exchange.finished_at + step.asked_s)
            if self._on_exchange is not None:
                self._on_exchange(exchange)
            if not step.again:
                return exchange
            if step.wait_s > 0:
                await self._sleep(step.wait_s)
            attempt += 1
            if exchange.kept is not None and exchange.kept.size_bytes >= _PROGRESS_BYTES:
                attempt = 0  # a long file over a bad line comes in pieces; each may be tried anew

    def _held(self, target: Target, held_s: float) -> Exchange:
        now = self._clock()
        return Exchange(
            url=target.url,
            started_at=now,
            finished_at=now,
            outcome="held",
            detail="not asked: the server's pause is not over",
            retry_at=now + held_s,
        )

    def _gate(self, host: str) -> Gate:
        gate = self._gates.get(host)
        if gate is None:
            if len(self._gates) >= _GATES_MAX:
                self._gates = {name: gate for name, gate in self._gates.items() if not gate.is_idle}
            gate = Gate(
                Pace(self.policy.per_host_rate), self.policy.per_host_concurrency, self._ticks, self._sleep
            )
            self._gates[host] = gate
        return gate


def _merged(plain: Headers, headers: Sequence[tuple[str, str]]) -> Headers:
    """The caller's headers in place of those of the same name. Errors: UsageError."""
    names = {name.lower() for name, _ in headers}
    if not names.isdisjoint({"host", "connection", "content-length", "transfer-encoding", "user-agent"}):
        raise UsageError("this header is the door's own to set")
    return tuple(pair for pair in plain if pair[0].lower() not in names) + checked_headers(headers)
