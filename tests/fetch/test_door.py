"""The door against servers that lie, stall, break off and flood; what it sends, and whom it never asks."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from holdfast.errors import FormatError, UsageError
from holdfast.fetch import Door, Exchange, redirect_target
from tests.fetch.servers import (
    Asked,
    FakeTime,
    Handler,
    door_for,
    policy_for,
    says,
    scripted,
    sends,
    serving,
)


def get(handler: Handler, *, max_bytes: int | None = None, **changes: Any) -> Exchange:
    """One question to one server."""

    async def main() -> Exchange:
        async with serving(handler) as server, door_for(server, **changes) as door:
            return await door.get(server.url("/s/one?before=5"), max_bytes=max_bytes)

    return asyncio.run(main())


async def hangs(asked: Asked) -> bool | None:
    await asyncio.Event().wait()
    return None


def test_an_exchange_tells_what_was_sent_and_what_came() -> None:
    async def main() -> None:
        time = FakeTime()
        seen: list[Exchange] = []
        answer = says(
            200, b"page", "X-One: a", "x-two:  b ", "X-One: \xe9".encode("latin-1").decode("latin-1")
        )
        async with serving(answer) as server, door_for(server, time=time, seen=seen) as door:
            exchange = await door.get(
                server.url("/s/one?before=5#part"), headers=[("Accept-Language", "ru")], accept="text/html"
            )
            assert seen == [exchange]
            asked = server.asked[0]
            assert (asked.method, asked.path, asked.version) == ("GET", "/s/one?before=5", "HTTP/1.1")
            assert tuple(asked.headers) == exchange.request_headers
            assert [name for name, _ in asked.headers] == [
                "Host",
                "User-Agent",
                "Accept",
                "Accept-Encoding",
                "Accept-Language",
            ]
            assert asked.header("host") == server.authority
            assert asked.header("accept") == "text/html"
            assert exchange.url == server.url("/s/one?before=5")
        assert (exchange.outcome, exchange.detail) == ("answered", "")
        assert (exchange.status, exchange.reason, exchange.http_version) == (200, "Said", "HTTP/1.1")
        assert exchange.response_headers[:3] == (("Content-Length", "4"), ("X-One", "a"), ("x-two", "b"))
        assert exchange.raw_body == exchange.body() == b"page"
        assert exchange.address == "127.0.0.1"
        assert exchange.started_at == exchange.finished_at == time.now

    asyncio.run(main())


def test_the_callers_headers_take_the_place_of_ours_but_not_of_the_doors_own() -> None:
    async def main() -> None:
        async with serving(says()) as server, door_for(server, user_agent="me") as door:
            exchange = await door.get(server.url(), headers=[("accept-encoding", "identity")])
            assert [v for k, v in exchange.request_headers if k.lower() == "accept-encoding"] == ["identity"]
            assert server.asked[0].header("user-agent") == "me"
            for name, value in [
                ("Host", "t.me"),
                ("user-agent", "x"),
                ("Connection", "close"),
                ("X\r\nY", "z"),
                ("", "z"),
                ("X", "a\r\nb: c"),
                ("X", "é"),
                ("X", " a"),
            ]:
                with pytest.raises(UsageError):
                    await door.get(server.url(), headers=[(name, value)])
            assert len(server.asked) == 1

    asyncio.run(main())


def test_a_chunked_body_comes_without_its_framing_and_with_its_coding() -> None:
    packed = gzip.compress(b"a long page" * 99)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    raw = head + b"5\r\n" + packed[:5] + b"\r\n" + f"{len(packed) - 5:x}".encode() + b"\r\n" + packed[5:]
    exchange = get(sends(raw + b"\r\n0\r\n\r\n"))
    assert exchange.raw_body == packed
    assert exchange.body() == b"a long page" * 99
    assert exchange.outcome == "answered"
    assert exchange.header("transfer-encoding") == "chunked"


def test_a_bomb_stays_small_until_it_is_opened_and_then_is_refused() -> None:
    exchange = get(says(200, gzip.compress(b"\0" * 20_000_000), "Content-Encoding: gzip"))
    assert len(exchange.raw_body) < 30_000
    with pytest.raises(FormatError):
        exchange.body(max_bytes=1_000_000)


@pytest.mark.parametrize(
    ("raw", "status", "outcome", "detail", "body"),
    [
        (b"", None, "network", "closed without an answer", b""),
        (b"garbage\r\n\r\n", None, "network", "not HTTP", b""),
        (b"SSH-2.0-OpenSSH_9.6\r\n", None, "network", "", b""),
        (b"\x15\x03\x01\x00\x02\x02", None, "network", "", b""),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", None, "network", "not HTTP", b""),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", None, "network", "not HTTP", b""),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000, None, "network", "not HTTP", b""),
        (b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 40_000, None, "network", "not HTTP", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab", None, "network", "not HTTP", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", None, "network", "not HTTP", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 200, "cut", "ended inside", b"abc"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", 200, "answered", "", b"ab"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", 200, "cut", "ended inside", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", 200, "cut", "framing", b""),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", 200, "answered", "only the end", b"to the end"),
        (b"HTTP/1.0 404 No\r\nContent-Length: 2\r\n\r\nno", 404, "answered", "", b"no"),
        (b"HTTP/1.1 204 \r\n\r\n", 204, "answered", "", b""),
        (b"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "answered", "", b""),
    ],
)  # fmt: skip
def test_whatever_bytes_come_the_exchange_says_what_became_of_it(
    raw: bytes, status: int | None, outcome: str, detail: str, body: bytes
) -> None:
    exchange = get(sends(raw))
    assert (exchange.status, exchange.outcome, exchange.raw_body) == (status, outcome, body)
    assert detail in exchange.detail
    assert "garbage" not in exchange.detail
    assert exchange.request_headers


def test_headers_that_are_no_ascii_are_kept_byte_for_byte() -> None:
    exchange = get(sends(b"HTTP/1.1 200 \xffK\r\nX-Name: \xd0\x9f\xff\r\nContent-Length: 0\r\n\r\n"))
    assert exchange.header("x-name") == b"\xd0\x9f\xff".decode("latin-1")


def test_silence_before_the_answer_times_out() -> None:
    exchange = get(hangs, read_timeout_s=0.05)
    assert (exchange.status, exchange.outcome, exchange.detail) == (None, "timed out", "no answer in time")
    assert exchange.request_headers


def test_headers_that_drip_time_out_as_a_whole() -> None:
    async def drips(asked: Asked) -> bool | None:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000:
            await asked.send(bytes([byte]))
            await asyncio.sleep(0.01)
        return False

    exchange = get(drips, read_timeout_s=5, total_timeout_s=0.1)
    assert (exchange.outcome, exchange.detail) == ("timed out", "the whole exchange took too long")


def test_informational_answers_without_end_time_out() -> None:
    async def goes_on(asked: Asked) -> bool | None:
        while True:
            await asked.send(b"HTTP/1.1 103 Early\r\n\r\n" * 10)
            await asyncio.sleep(0.001)

    assert get(goes_on, total_timeout_s=0.1).outcome == "timed out"


@pytest.mark.parametrize("changes", [{"read_timeout_s": 0.05}, {"total_timeout_s": 0.05}])
def test_of_a_body_that_falls_silent_what_came_is_kept(changes: dict[str, Any]) -> None:
    async def stalls(asked: Asked) -> bool | None:
        await asked.answer(200, b"half", length=8)
        return await hangs(asked)

    exchange = get(stalls, **changes)
    assert (exchange.status, exchange.outcome, exchange.raw_body) == (200, "timed out", b"half")


def test_a_body_that_keeps_coming_may_take_longer_and_one_that_drips_may_not() -> None:
    async def steady(asked: Asked) -> bool | None:
        await asked.answer(200, b"", length=40_000)
        for _ in range(20):
            await asked.send(b"x" * 2000)
            await asyncio.sleep(0.02)
        return None

    assert get(steady, total_timeout_s=0.3, slowest_bytes_s=1000).outcome == "answered"
    slow = get(steady, total_timeout_s=0.3, slowest_bytes_s=1e9)
    assert slow.outcome == "timed out"
    assert 0 < len(slow.raw_body) < 40_000


def test_an_endless_body_is_left_at_the_agreed_size() -> None:
    async def endless(asked: Asked) -> bool | None:
        await asked.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await asked.send(b"x" * 10_000)

    exchange = get(endless, max_bytes=123_456)
    assert (exchange.outcome, exchange.status) == ("too large", 200)
    assert exchange.raw_body == b"x" * 123_456


def test_a_body_that_is_announced_as_too_large_is_not_fetched() -> None:
    exchange = get(says(200, b"x" * 2000), max_bytes=1999)
    assert (exchange.outcome, exchange.raw_body) == ("too large", b"")
    assert get(says(200, b"x" * 2000), max_bytes=2000).outcome == "answered"
    assert get(says(200, length=10**30)).outcome in ("too large", "network")


def test_a_server_that_resets_the_connection_is_a_network_fault() -> None:
    async def resets(asked: Asked) -> bool | None:
        raw_socket = asked.writer.get_extra_info("socket")
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        asked.writer.transport.abort()
        return False

    assert get(resets).outcome == "network"


def test_a_closed_port_is_refused_and_nothing_was_sent() -> None:
    async def main() -> None:
        async with serving(says()) as server:
            pass
        async with door_for(server) as door:
            exchange = await door.get(server.url())
        assert (exchange.outcome, exchange.status, exchange.request_headers) == ("refused", None, ())
        assert exchange.address == "127.0.0.1"

    asyncio.run(main())


def test_connections_are_kept_open_and_used_again() -> None:
    async def main() -> None:
        async with serving(says(200, b"page")) as server, door_for(server) as door:
            for _ in range(5):
                assert (await door.get(server.url())).outcome == "answered"
            assert (len(server.asked), server.connections) == (5, 1)

    asyncio.run(main())


def test_a_connection_that_the_server_closed_meanwhile_costs_no_failure() -> None:
    async def main() -> None:
        async with serving(scripted(says(200, b"one", length=3), says(200, b"two"))) as server:
            async with door_for(server) as door:
                assert (await door.get(server.url())).body() == b"one"
                for _ in range(20):  # the server hangs up
                    await asyncio.sleep(0)
                assert (await door.get(server.url())).body() == b"two"
            assert server.connections == 2

    asyncio.run(main())


def test_ipv6_is_spoken() -> None:
    async def main() -> None:
        try:
            async with serving(says(200, b"six"), host="::1") as server, door_for(server) as door:
                exchange = await door.get(server.url("/x"))
                assert (exchange.body(), exchange.address) == (b"six", "::1")
                assert server.asked[0].header("host") == server.authority
        except OSError:
            pytest.skip("no IPv6 on this machine's loopback")

    asyncio.run(main())


def test_the_client_follows_no_redirect_and_the_next_address_is_checked_like_the_first() -> None:
    async def main() -> None:
        async with serving(says(200, b"secret")) as inner:
            off = says(302, b"", f"Location: {inner.url('/admin')}")
            on = says(301, b"", "Location: /two")
            async with serving(scripted(on, off)) as server, door_for(server) as door:
                first = await door.get(server.url("/one"))
                assert (first.status, redirect_target(first)) == (301, server.url("/two"))
                second = await door.get(redirect_target(first) or "")
                assert redirect_target(second) == inner.url("/admin")
                with pytest.raises(UsageError, match="not among the allowed hosts"):
                    await door.get(redirect_target(second) or "")
            assert inner.asked == []

    asyncio.run(main())


def test_a_closed_door_asks_nobody() -> None:
    async def main() -> None:
        async with serving(says()) as server:
            door = door_for(server)
            with pytest.raises(UsageError, match="closed"):
                await door.get(server.url())
            async with door:
                pass
            with pytest.raises(UsageError, match="closed"):
                await door.get(server.url())
            assert server.connections == 0

    asyncio.run(main())


# --- names and addresses ---------------------------------------------------------------------------------------


def named_door(
    answers: dict[str, Sequence[str] | Exception], port: int, **changes: object
) -> tuple[Door, list[str]]:
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        found = answers[host]
        if isinstance(found, Exception):
            raise found
        return found

    hosts = tuple(f"{host}:{port}" for host in answers)
    settings = {"allowed_hosts": hosts, "allow_private": True} | changes
    return Door(policy_for(**settings), resolve=resolve), asked


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_stays_in_the_request() -> None:
    async def main() -> None:
        async with serving(says(200, b"page")) as server:
            door, asked = named_door({"t.example": ["127.0.0.1"]}, server.port)
            async with door:
                for _ in range(3):
                    exchange = await door.get(f"http://t.example:{server.port}/x")
                assert exchange.url == f"http://t.example:{server.port}/x"
                assert exchange.address == "127.0.0.1"
                assert server.asked[0].header("host") == f"t.example:{server.port}"
            assert asked == ["t.example"]
            assert server.connections == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%1", "0.0.0.0", "?"],
)
def test_a_name_that_leads_into_a_private_network_is_not_asked(address: str) -> None:
    async def main() -> None:
        async with serving(says(200, b"secret")) as server:
            door, _ = named_door({"t.example": [address]}, server.port, allow_private=False)
            async with door:
                exchange = await door.get(f"http://t.example:{server.port}/")
            assert (exchange.outcome, exchange.status, exchange.request_headers) == (
                "private address",
                None,
                (),
            )
            assert address in exchange.detail
            assert server.connections == 0

    asyncio.run(main())


def test_a_name_below_an_allowed_one_never_leads_into_a_private_network() -> None:
    async def main() -> None:
        async with serving(says(200, b"secret")) as server:
            door, _ = named_door(
                {"a.cdn.example": ["127.0.0.1"]}, server.port, allowed_hosts=(f".cdn.example:{server.port}",)
            )
            async with door:
                assert (await door.get(f"http://a.cdn.example:{server.port}/")).outcome == "private address"
            assert server.connections == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "name not found"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "network"),
        (UnicodeError("label too long"), "name not found"),
        (OSError(5, "x"), "network"),
        ([], "name not found"),
    ],
)
def test_a_name_that_is_not_there_and_a_name_server_that_fails_are_told_apart(
    answer: Sequence[str] | Exception, outcome: str
) -> None:
    async def main() -> None:
        door, _ = named_door({"t.example": answer}, 80)
        async with door:
            exchange = await door.get("http://t.example/")
        assert (exchange.outcome, exchange.request_headers, exchange.address) == (outcome, (), None)

    asyncio.run(main())


def test_a_name_server_that_is_silent_times_out() -> None:
    async def main() -> None:
        async def resolve(host: str, port: int) -> Sequence[str]:
            await asyncio.Event().wait()
            return []

        async with Door(
            policy_for(allowed_hosts=("t.example",), connect_timeout_s=0.02), resolve=resolve
        ) as door:
            exchange = await door.get("http://t.example/")
        assert (exchange.outcome, exchange.detail) == ("timed out", "the name was not looked up in time")

    asyncio.run(main())


def test_an_address_that_takes_no_connection_is_passed_over_and_remembered() -> None:
    async def main() -> None:
        async with serving(says(200, b"page")) as server:
            answers: dict[str, Sequence[str] | Exception] = {"t.example": ["127.0.0.9", "127.0.0.1"]}
            door, asked = named_door(answers, server.port)
            async with door:
                first = await door.get(f"http://t.example:{server.port}/")
                again = await door.get(f"http://t.example:{server.port}/")
                assert first.address == again.address == "127.0.0.1"
                assert asked == ["t.example"]
            assert server.connections == 1

    asyncio.run(main())


def test_a_name_none_of_whose_addresses_answers_is_looked_up_again() -> None:
    async def main() -> None:
        async with serving(says()) as server:
            answers: dict[str, Sequence[str] | Exception] = {"t.example": ["127.0.0.9"]}
            door, asked = named_door(answers, server.port)
            async with door:
                assert (await door.get(f"http://t.example:{server.port}/")).outcome == "refused"
                answers["t.example"] = ["127.0.0.1"]
                assert (await door.get(f"http://t.example:{server.port}/")).outcome == "answered"
            assert asked == ["t.example"] * 2

    asyncio.run(main())


def test_the_systems_resolver_is_asked_for_loopback_too() -> None:
    async def main() -> None:
        async with serving(says(200, b"local")) as server:
            policy = policy_for(allowed_hosts=(f"localhost:{server.port}",))
            async with Door(policy) as door:
                assert (await door.get(f"http://localhost:{server.port}/")).body() == b"local"
            async with Door(
                policy_for(allowed_hosts=(f"localhost:{server.port}",), allow_private=False)
            ) as door:
                assert (await door.get(f"http://localhost:{server.port}/")).outcome == "private address"

    asyncio.run(main())


def test_connections_to_many_hosts_do_not_pile_up() -> None:
    async def main() -> None:
        async with serving(says(200, b"x")) as server:
            names = {f"h{n}.example": ["127.0.0.1"] for n in range(80)}
            door, _ = named_door(dict(names), server.port)
            async with door:
                for name in names:
                    assert (await door.get(f"http://{name}:{server.port}/")).outcome == "answered"
                assert len(door._wire._lines) == 64
            assert server.connections == 80

    asyncio.run(main())


def test_a_connection_that_is_in_use_is_never_closed_to_make_room() -> None:
    async def main() -> None:
        finish = asyncio.Event()

        async def waits(asked: Asked) -> bool | None:
            await finish.wait()
            await asked.answer(200, b"late")
            return None

        async with serving(waits) as server:
            names = {f"h{n}.example": ["127.0.0.1"] for n in range(70)}
            door, _ = named_door(dict(names), server.port)
            async with door:
                asking = [asyncio.create_task(door.get(f"http://{name}:{server.port}/")) for name in names]
                while len(server.asked) < 70:
                    await asyncio.sleep(0)
                finish.set()
                assert {found.body() for found in await asyncio.gather(*asking)} == {b"late"}

    asyncio.run(main())


def test_looked_up_names_do_not_pile_up_and_the_address_in_use_stays_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        monkeypatch.setattr("holdfast.fetch.wire._NAME_GOOD_FOR_S", 0.0)
        monkeypatch.setattr("holdfast.fetch.wire._LINES_MAX", 2)
        async with serving(says(200, b"x"), host="127.0.0.2") as server:
            answers: dict[str, Sequence[str] | Exception] = {"t.example": ["127.0.0.2"]}
            answers |= {f"h{n}.example": ["127.0.0.2"] for n in range(20)}
            door, _ = named_door(answers, server.port)
            async with door:
                assert (await door.get(f"http://t.example:{server.port}/")).address == "127.0.0.2"
                answers["t.example"] = ["127.0.0.3", "127.0.0.2"]
                assert (await door.get(f"http://t.example:{server.port}/")).address == "127.0.0.2"
                assert server.connections == 1
                for name in answers:
                    await door.get(f"http://{name}:{server.port}/")
                assert len(door._wire._names) <= 8
                assert len(door._wire._lines) <= 2

    asyncio.run(main())


@pytest.mark.parametrize(
    "left_over", [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale", b"HTTP/1.1 204 No\r\n\r\n", b"x"]
)
def test_what_is_left_over_of_one_answer_is_not_taken_for_the_next(left_over: bytes) -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> bool | None:
            body = asked.path.encode() + (left_over if asked.path == "/one" else b"")
            await asked.answer(200, body, length=4)
            return None

        seen: list[Exchange] = []
        async with serving(handler) as server, door_for(server, seen=seen, retries=1) as door:
            assert (await door.get(server.url("/one"))).body() == b"/one"
            assert (await door.get(server.url("/two"))).body() == b"/two"
            assert (await door.get(server.url("/tre"))).body() == b"/tre"
            assert server.connections == 2
        assert [exchange.outcome for exchange in seen] == ["answered", "network", "answered", "answered"]

    asyncio.run(main())
