"""Sends one request over the wire and writes down what came back: one attempt, no redirects, no retries."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

import httpx

from holdfast.errors import UsageError
from holdfast.fetch.exchange import Exchange, Headers, Kept
from holdfast.fetch.faults import Fault, lookup_fault, opening_fault, reading_fault
from holdfast.fetch.hosts import Target, is_public
from holdfast.fetch.policy import Policy

__all__ = ["Receiver", "Resolve", "Wire", "system_resolve"]

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port -> IP addresses, best first. Errors: OSError, UnicodeError."""

_LINES_MAX = 64
_ADDRESSES_TRIED = 3
_NAME_GOOD_FOR_S = 60.0
_KEEP_ALIVE_S = 20.0
_ERROR_BODY_MAX_BYTES = 256 << 10


class Receiver(Protocol):
    """Takes a body while it comes, instead of the exchange. A fault that it returns ends the reading."""

    def headers(self) -> Headers:
        """What the next attempt's request says besides (which range is wanted)."""

    def begin(self, status: int, headers: Headers) -> Fault | bool:
        """True: this body is taken; False: it belongs into the exchange (the text of an error)."""

    def take(self, part: bytes) -> Fault | None: ...

    def end(self) -> Kept | None:
        """Called once after each attempt that began, also when it is cancelled."""


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Effects: asks the system's resolver, in a thread."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _Line:
    """Connections to one host, kept open between requests. Each host has its own, because requests go to a checked
    IP address and two names behind one address must not share a connection that was secured for one of them."""

    def __init__(self, transport: httpx.AsyncHTTPTransport) -> None:
        self.transport = transport
        self.users = 0
        self._reads: WeakKeyDictionary[Any, list[int]] = WeakKeyDictionary()

    def watch(self, stream: Any) -> None:
        """Count what is read from a connection, and remember how much was read when an exchange ended."""
        counts = [0, -1]
        read = stream.read

        async def counted(*arguments: Any, **named: Any) -> bytes:
            counts[0] += 1
            return cast(bytes, await read(*arguments, **named))

        stream.read = counted
        self._reads[stream] = counts

    def is_stale(self, stream: Any) -> bool:
        """Whether an answer began without anything being read since the last exchange on this connection ended: then
        it was there before the question, left over from a body longer than it said, and answers something else."""
        read, ended = self._reads.get(stream, (0, -1))
        return read == ended

    def ended(self, stream: Any) -> None:
        counts = self._reads.get(stream)
        if counts is not None:
            counts[1] = counts[0]


class Wire:
    """Connections and looked-up names of one door."""

    def __init__(
        self,
        policy: Policy,
        *,
        clock: Callable[[], float],
        resolve: Resolve,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.policy, self.clock, self._resolve, self._tls = policy, clock, resolve, tls
        self._lines: dict[tuple[str, str, int], _Line] = {}
        self._names: dict[str, tuple[float, list[str]]] = {}

    async def send(
        self, target: Target, headers: Headers, max_bytes: int, receiver: Receiver | None = None
    ) -> Exchange:
        """Effects: network. Nothing that the network does raises."""
        line = await self._line(target)
        line.users += 1
        try:
            return await _Attempt(self, line, target, headers, max_bytes, receiver).run()
        finally:
            line.users -= 1

    async def close(self) -> None:
        """Effects: closes every connection."""
        while self._lines:
            _, line = self._lines.popitem()
            await line.transport.aclose()

    async def addresses(self, target: Target) -> list[str] | Fault:
        """The addresses that may be asked, best first; looked up again after a minute."""
        if target.is_address:
            return [target.host]
        now = time.monotonic()
        good_until, known = self._names.get(target.host, (0.0, []))
        if now < good_until:
            return known
        try:
            async with asyncio.timeout(self.policy.connect_timeout_s):
                found = list(dict.fromkeys(await self._resolve(target.host, target.port)))
        except TimeoutError:
            return "timed out", "the name was not looked up in time"
        except (OSError, UnicodeError) as error:
            return lookup_fault(error)
        allowed = [address for address in found if target.private or _is_public(address)]
        if found and not allowed:
            # Also how a censor's name server answers, so the addresses are part of what was seen.
            return "private address", f"the name leads only to {', '.join(found[:4])}"[:200]
        if not allowed:
            return "name not found", "the name has no address"
        if known and known[0] in allowed:
            # The address that has open connections stays first.
            allowed.remove(known[0])
            allowed.insert(0, known[0])
        if len(self._names) >= 4 * _LINES_MAX:
            self._names.clear()
        self._names[target.host] = (now + _NAME_GOOD_FOR_S, allowed)
        return allowed

    def prefer(self, host: str, address: str) -> None:
        """Next time this address is tried first."""
        _, known = self._names.get(host, (0.0, []))
        if address in known and known[0] != address:
            known.remove(address)
            known.insert(0, address)

    def forget(self, host: str) -> None:
        """None of the addresses took a connection: look the name up again."""
        self._names.pop(host, None)

    async def _line(self, target: Target) -> _Line:
        key = (target.scheme, target.host, target.port)
        line = self._lines.pop(key, None)
        if line is None:
            while len(self._lines) >= _LINES_MAX:
                idle = next((key for key, line in self._lines.items() if line.users == 0), None)
                if idle is None:
                    break
                await self._lines.pop(idle).transport.aclose()
            line = self._lines.get(key) or self._new_line(target)
        self._lines[key] = line  # the last one used stands last
        return line

    def _new_line(self, target: Target) -> _Line:
        proxy = None if self.policy.proxy is None else httpx.Proxy(self.policy.proxy)
        if target.scheme == "https" or (proxy is not None and proxy.url.scheme == "https"):
            # Certificates of the usual authorities; made once, it takes a while.
            self._tls = self._tls or httpx.create_ssl_context(trust_env=False)
        limits = httpx.Limits(
            max_connections=None,  # the gate limits them
            max_keepalive_connections=self.policy.per_host_concurrency,
            keepalive_expiry=_KEEP_ALIVE_S,
        )
        verify = self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return _Line(httpx.AsyncHTTPTransport(verify=verify, limits=limits, proxy=proxy, trust_env=False))


def _is_public(address: str) -> bool:
    try:
        return is_public(address)
    except ValueError:
        return False  # a resolver that returns no address at all


class _Attempt:
    """One attempt, while it lasts."""

    def __init__(
        self,
        wire: Wire,
        line: _Line,
        target: Target,
        headers: Headers,
        max_bytes: int,
        receiver: Receiver | None,
    ) -> None:
        self._wire, self._line, self._target, self._headers = wire, line, target, headers
        self._max_bytes, self._receiver = max_bytes, receiver
        self._address: str | None = None
        self._sent = self._in_handshake = False
        self._opened: Any = None
        self._status: int | None = None
        self._reason = self._version = ""
        self._answer_headers: Headers = ()
        self._parts: list[bytes] = []
        self._got_bytes = 0

    async def run(self) -> Exchange:
        policy = self._wire.policy
        started_at = self._wire.clock()
        kept = None
        try:
            async with asyncio.timeout(policy.total_timeout_s) as self._deadline:
                self._ends_at = self._deadline.when() or 0.0
                outcome, detail = await self._reach()
        except TimeoutError:
            outcome, detail = "timed out", "the whole exchange took too long"
        finally:
            if self._receiver is not None:
                kept = self._receiver.end()
        return Exchange(
            url=self._target.url,
            status=self._status,
            reason=self._reason,
            http_version=self._version,
            request_headers=self._headers if self._sent else (),
            response_headers=self._answer_headers,
            raw_body=b"".join(self._parts),
            started_at=started_at,
            finished_at=self._wire.clock(),
            outcome=outcome,
            detail=detail,
            address=self._address,
            kept=kept,
        )

    async def _reach(self) -> Fault:
        """Try one address after the other until one takes the request."""
        if self._wire.policy.proxy is not None:
            return await self._ask(self._target.url)
        addresses = await self._wire.addresses(self._target)
        if isinstance(addresses, tuple):
            return addresses
        fault: Fault = ("network", "no address")
        for address in addresses[:_ADDRESSES_TRIED]:
            self._address, self._in_handshake = address, False
            fault = await self._ask(self._target.at(address))
            if self._sent or fault[0] == "tls":
                self._wire.prefer(self._target.host, address)
                return fault
        self._wire.forget(self._target.host)
        return fault

    async def _ask(self, url: str) -> Fault:
        policy = self._wire.policy
        extensions: Mapping[str, Any] = {
            "timeout": {
                "connect": policy.connect_timeout_s,
                "read": policy.read_timeout_s,
                "write": policy.read_timeout_s,
                "pool": None,
            },
            # The address in the URL is an IP address; name and certificate are those of the host.
            "sni_hostname": self._target.host,
            "trace": self._trace,
        }
        response = self._opened = None
        try:
            request = httpx.Request("GET", url, headers=self._headers, extensions=extensions)
            response = await self._line.transport.handle_async_request(request)
        except Exception as error:  # noqa: BLE001 (below the client lie four libraries that raise kinds of their own
            # at what a hostile server or proxy sends; whatever it is, no answer began)
            return opening_fault(error, in_handshake=self._in_handshake)
        finally:
            if response is None and self._opened is not None:
                # The client forgets a connection that fell out with a proxy, and leaves it open.
                await self._opened.aclose()
        stream = response.extensions.get("network_stream")
        try:
            if self._line.is_stale(stream):
                return "network", "the answer was there before the question"
            return await self._read(response)
        finally:
            self._line.ended(stream)
            await response.aclose()

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("start_tls.started"):
            self._in_handshake = True
        elif event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self._sent, self._in_handshake = True, False
        elif event.endswith("connect_tcp.complete"):
            self._opened = info["return_value"]
            self._line.watch(self._opened)
        elif event.endswith("start_tls.complete"):
            self._line.watch(info["return_value"])

    async def _read(self, response: httpx.Response) -> Fault:
        self._status = response.status_code
        self._reason = response.extensions["reason_phrase"].decode("latin-1")
        self._version = response.extensions["http_version"].decode("latin-1")
        raw_headers = response.headers.raw
        self._answer_headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in raw_headers
        )
        receiver = self._receiver
        if receiver is not None:
            begun = receiver.begin(self._status, self._answer_headers)
            if isinstance(begun, tuple):
                return begun
            if not begun:
                receiver = None
                self._max_bytes = min(self._max_bytes, _ERROR_BODY_MAX_BYTES)
        stated = response.headers.get("content-length", "")
        if receiver is None and stated.isdecimal() and int(stated[:20]) > self._max_bytes:
            return "too large", f"more than {self._max_bytes} bytes are announced"
        fault = await self._read_body(response, receiver)
        if fault is not None:
            return fault
        if stated or "transfer-encoding" in response.headers or self._status in (204, 304):
            return "answered", ""
        return "answered", "only the end of the connection marked the end of the body"

    async def _read_body(self, response: httpx.Response, receiver: Receiver | None) -> Fault | None:
        stream: Any = response.stream
        # Enough time for a body that keeps coming, none for one that drips.
        pace_s = 1 / self._wire.policy.slowest_bytes_s
        async with aclosing(stream.__aiter__()) as parts:
            while True:
                try:
                    part = await anext(parts)
                except StopAsyncIteration:
                    return None
                except Exception as error:  # noqa: BLE001 (as in _ask; the answer began and did not end)
                    return reading_fault(error)
                self._got_bytes += len(part)
                self._deadline.reschedule(self._ends_at + self._got_bytes * pace_s)
                if receiver is not None:
                    if (fault := receiver.take(part)) is not None:
                        return fault
                elif self._got_bytes > self._max_bytes:
                    self._parts.append(part[: len(part) - (self._got_bytes - self._max_bytes)])
                    return "too large", f"more than {self._max_bytes} bytes came"
                else:
                    self._parts.append(part)


def checked_headers(pairs: Sequence[tuple[str, str]]) -> Headers:
    """Errors: UsageError if one is no header."""
    for name, value in pairs:
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise UsageError("a header's name must be letters, digits and hyphens")
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise UsageError(f"the value of header {name} must be visible ASCII characters")
    return tuple(pairs)
