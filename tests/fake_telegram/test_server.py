"""The server: real sockets on loopback, good answers and every way of failing."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import httpx
import pytest

from holdfast.errors import UsageError
from holdfast.fake_telegram import FakeServer, Scenario, ScenarioClock, render_channel, serve_in_thread
from tests.fake_telegram.scenes import HOUR, START, posts, scenario, seen

PAGE = "/s/Pier_News"


@contextmanager
def playing(told: Scenario, at: float = HOUR) -> Iterator[tuple[FakeServer, ScenarioClock, httpx.Client]]:
    clock = ScenarioClock(START + at)
    with (
        serve_in_thread(told, clock) as server,
        httpx.Client(base_url=server.base_url, timeout=20, trust_env=False) as client,
    ):
        yield server, clock, client


def faulty(fault: str, body: str = "") -> Scenario:
    return scenario(posts(3) + body + f"[[fault]]\n{fault}\n")


def test_a_page_is_served_as_it_is_at_the_clocks_time() -> None:
    with playing(scenario(posts(3)), at=60) as (server, clock, client):
        first = client.get(PAGE)
        assert first.text.count("data-post=") == 1
        assert parsedate_to_datetime(first.headers["date"]).timestamp() == START + 60
        clock.advance(60)
        assert client.get(PAGE).text.count("data-post=") == 2
        assert client.get("/s/nobody", follow_redirects=False).headers["location"] == "https://telegram.org/"
        asked = server.journal.asks()
        assert [(ask.at - START, ask.target, ask.status, ask.connection) for ask in asked] == [
            (60, PAGE, 200, 1),
            (120, PAGE, 200, 1),
            (120, "/s/nobody", 302, 1),
        ]
        assert asked[0].sent_bytes == len(first.content)
        assert (server.journal.count, server.journal.most_at_once, len(server.journal.asks(PAGE))) == (
            3,
            1,
            2,
        )


def test_the_same_page_of_one_second_is_the_same_bytes() -> None:
    with playing(scenario(posts(3))) as (_, clock, client):
        first, second = client.get(PAGE).content, client.get(PAGE).content
        clock.advance(1)
        assert first == second != client.get(PAGE).content


def test_many_pages_are_kept_only_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.fake_telegram.server.KEPT_PAGES", 2)
    with playing(scenario(posts(3))) as (server, _, client):
        for number in (1, 2, 3, 4):
            assert client.get(f"{PAGE}?before={number}").status_code == 200
        assert len(server._pages) == 2


def test_a_file_comes_whole_in_parts_and_as_a_head_alone() -> None:
    told = scenario('[[channel.post]]\nat = "+1m"\nmedia = [{kind = "video", size = 700000}]\n')
    with playing(told) as (server, _, client):
        page = client.get(PAGE)
        video = page.text.partition('<video src="')[2].partition('"')[0]
        assert video.startswith(server.base_url)
        whole = client.get(video)
        assert (whole.status_code, len(whole.content), whole.headers["content-type"]) == (
            200,
            700_000,
            "video/mp4",
        )
        part = client.get(video, headers={"Range": "bytes=300000-599999"})
        assert (part.status_code, part.content) == (206, whole.content[300_000:600_000])
        head = client.head(video)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "700000")
        assert client.get(video, headers={"Range": "bytes=700000-"}).status_code == 416


def talk(server: FakeServer, sent: bytes) -> bytes:
    """Everything that comes back for these bytes on one connection, up to its end."""
    host, _, port = server.base_url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/9\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"GET / HTTP/1.0\r\n\r\n", b"200"),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"200"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", b"405"),
    ],
)
def test_what_is_no_ask_is_refused_and_the_connection_ends(sent: bytes, status: bytes) -> None:
    with playing(scenario()) as (server, _, _client):
        assert talk(server, sent).split(b" ", 2)[1] == status


def test_asks_sent_ahead_are_answered_in_order_on_one_connection() -> None:
    with playing(scenario(posts(2))) as (server, _, _client):
        came = talk(
            server,
            b"GET /robots.txt HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET /s/nobody HTTP/1.1\r\nConnection: close\r\n\r\n",
        )
        assert re.findall(rb"HTTP/1.1 (\d+) ", came) == [b"404", b"200", b"302"]
        assert {ask.connection for ask in server.journal.asks()} == {1}


def test_a_burst_of_429_says_when_to_come_back_and_passes() -> None:
    told = faulty('kind = "status"\nstatus = 429\nretry_after = 30\nfrom = "+1h"\nuntil = "+2h"\nfirst = 2')
    with playing(told) as (server, _, client):
        answers = [client.get(PAGE) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [429, 429, 200]
        assert answers[0].headers["retry-after"] == "30"
        assert [ask.fault for ask in server.journal.asks()] == ["status", "status", None]


def test_a_wrong_clock_shows_in_the_date_and_on_the_page() -> None:
    with playing(faulty('kind = "clock"\nskew = -7200')) as (server, _, client):
        page = client.get(PAGE)
        assert parsedate_to_datetime(page.headers["date"]).timestamp() == START - HOUR
        assert server.journal.asks()[0].fault == "clock"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ('kind = "cut"\nkeep = 0.5', httpx.RemoteProtocolError),
        ('kind = "cut"\nkeep = 0', httpx.RemoteProtocolError),
        ('kind = "length"\nform = "longer"', httpx.RemoteProtocolError),
        ('kind = "garbage"\nform = "answer"', httpx.RemoteProtocolError),
        ('kind = "reset"\nkeep = 0', httpx.ReadError),
    ],
)
def test_a_broken_answer_is_an_error_of_its_own_kind_at_the_client(
    fault: str, error: type[Exception]
) -> None:
    with playing(faulty(fault + '\npath = "/s/*"')) as (server, _, client):
        with pytest.raises(error):
            client.get(PAGE)
        assert client.get("/Pier_News").status_code == 200
        assert server.journal.asks(PAGE)[0].fault == fault.split('"')[1]


def test_a_reset_in_the_middle_is_no_end() -> None:
    with (
        playing(faulty('kind = "reset"\nkeep = 0.5')) as (_, _clock, client),
        pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)),
    ):
        client.get(PAGE)


def test_a_cut_page_holds_the_first_part_of_the_true_one() -> None:
    with playing(scenario(posts(3))) as (_, _clock, client):
        whole = client.get(PAGE).content
    with playing(faulty('kind = "cut"\nkeep = 0.5')) as (server, _clock, _client):
        came = talk(server, b"GET /s/Pier_News HTTP/1.1\r\n\r\n")
        head, _, body = came.partition(b"\r\n\r\n")
        # The port stands in the addresses of pictures, so that lengths may differ by a few digits.
        claimed = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
        assert len(body) == claimed // 2
        assert body[:100] == whole[:100]


def test_a_length_too_short_hides_the_end_of_the_page() -> None:
    with playing(faulty('kind = "length"\nform = "shorter"')) as (server, _clock, _client):
        head, _, body = talk(server, b"GET /s/Pier_News HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")
        claimed = int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
        assert claimed == len(body) // 2


def test_a_large_file_is_cut_without_being_held_whole() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\nmedia = [{kind = "video", size = 1000000000000}]\n[[fault]]\nkind = "cut"\npath = "/file/*.mp4*"\n'
        "keep = 0.0000006\n"
    )
    with playing(told) as (server, _, client):
        target = client.get(PAGE).text.partition(f'<video src="{server.base_url}')[2].partition('"')[0]
        body = talk(server, f"GET {target} HTTP/1.1\r\n\r\n".encode()).partition(b"\r\n\r\n")[2]
        assert len(body) == 600_000


def test_an_empty_page_comes_although_there_are_posts() -> None:
    with playing(faulty('kind = "empty"')) as (_, _clock, client):
        assert "tme_no_messages_found" in client.get(PAGE).text


def test_a_head_alone_is_never_given_a_body_whatever_goes_wrong() -> None:
    for fault in ('kind = "slow"\npieces = 3', 'kind = "length"\nform = "shorter"', 'kind = "status"'):
        with playing(faulty(fault)) as (server, _, _client):
            came = talk(server, b"HEAD /s/Pier_News HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert came.endswith(b"\r\n\r\n")
            assert came.count(b"\r\n\r\n") == 1
            assert server.journal.asks()[0].sent_bytes == 0


def test_a_slow_answer_waits_for_the_scenarios_clock() -> None:
    with playing(faulty('kind = "slow"\nwait = 600\npath = "/s/*"')) as (server, clock, client):
        came: list[httpx.Response] = []
        thread = threading.Thread(target=lambda: came.append(client.get(PAGE)))
        thread.start()
        with httpx.Client(base_url=server.base_url, trust_env=False) as other:
            while not server.journal.asks(PAGE):
                other.get("/robots.txt")
            for _ in range(20):
                other.get("/robots.txt")
            assert not came
            assert server.journal.most_at_once == 2
            clock.advance(600)
        thread.join(20)
        assert [answer.status_code for answer in came] == [200]
        assert parsedate_to_datetime(came[0].headers["date"]).timestamp() == START + HOUR + 600


def test_a_slow_body_comes_in_pieces_and_is_whole_in_the_end() -> None:
    with playing(faulty('kind = "slow"\npieces = 7\nwait = 0.07\nwait_by = "real"')) as (server, _, client):
        answer = client.get(PAGE)
        assert answer.text.count("data-post=") == 3
        assert client.get(PAGE).status_code == 200
        # The next answer of a connection comes when the one before is written down.
        assert server.journal.asks()[0].sent_bytes == len(answer.content)
        assert {ask.connection for ask in server.journal.asks()} == {1}


def test_an_ask_that_hangs_is_never_answered_and_the_server_still_stops() -> None:
    with playing(faulty('kind = "hang"\npath = "/s/*"')) as (server, _, client):
        with pytest.raises(httpx.ReadTimeout):
            client.get(PAGE, timeout=0.2)
        with socket.create_connection(("127.0.0.1", int(server.base_url.rpartition(":")[2]))) as held:
            held.sendall(b"GET /s/Pier_News HTTP/1.1\r\n\r\n")
            assert client.get("/Pier_News").status_code == 200
        assert [ask.status for ask in server.journal.asks(PAGE)][:1] == [0]


def test_connections_are_refused_in_their_window_and_taken_again_on_the_same_port() -> None:
    with playing(faulty('kind = "refuse"\nfrom = "+2h"\nuntil = "+3h"')) as (server, clock, client):
        assert client.get(PAGE).status_code == 200
        address = server.base_url
        clock.set(START + 2 * HOUR)
        for _ in range(3):
            with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
                client.get(PAGE)
        with pytest.raises(httpx.ConnectError):
            client.get(PAGE)
        clock.set(START + 3 * HOUR)
        assert client.get(PAGE).status_code == 200
        assert server.base_url == address


def test_inside_one_loop_the_server_settles_when_it_is_told_to() -> None:
    async def play() -> list[bool]:
        clock = ScenarioClock(START)
        told = faulty('kind = "refuse"\nfrom = "+2h"\nuntil = "+3h"')
        found = []
        async with FakeServer(told, clock) as server:
            for hours in (0, 2, 3):
                clock.set(START + hours * HOUR)
                await server.settle()
                try:
                    _, writer = await asyncio.open_connection(
                        "127.0.0.1", int(server.base_url.rpartition(":")[2])
                    )
                except ConnectionRefusedError:
                    found.append(False)
                    continue
                writer.close()
                await writer.wait_closed()
                found.append(True)
        return found

    assert asyncio.run(play()) == [True, False, True]


def test_a_clock_of_any_kind_is_looked_at_again_and_again_for_refusals() -> None:
    now = [float(START)]
    told = faulty('kind = "refuse"\nfrom = "+2h"\nuntil = "+3h"')
    with (
        serve_in_thread(told, lambda: now[0]) as server,
        httpx.Client(base_url=server.base_url, trust_env=False) as client,
    ):

        def answers() -> bool:
            try:
                return client.get(PAGE).status_code == 200
            except httpx.HTTPError:
                return False

        assert answers()
        now[0] += 2 * HOUR
        while answers():
            pass
        now[0] += HOUR
        while not answers():
            pass


def test_without_a_clock_time_stands_at_the_start_until_it_is_set() -> None:
    with serve_in_thread(scenario(posts(1))) as server:
        assert isinstance(server.clock, ScenarioClock)
        assert server.clock() == START
        server.clock.advance(60)
        with httpx.Client(base_url=server.base_url, trust_env=False) as client:
            assert "Pier_News/1" in client.get(PAGE).text


def test_only_this_machine_can_be_listened_on() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "example.org", "::"):
        with pytest.raises(UsageError, match="not this machine alone"):
            FakeServer(scenario(), host=host)
    for port in (-1, 65_536):
        with pytest.raises(UsageError, match="is no port"):
            FakeServer(scenario(), port=port)
    assert FakeServer(scenario(), host="::1", port=5).base_url == "http://[::1]:5"
    assert FakeServer(scenario(), host="localhost", port=5).base_url == "http://localhost:5"


def test_a_port_that_is_taken_is_the_callers_to_know() -> None:
    with serve_in_thread(scenario()) as server:
        port = int(server.base_url.rpartition(":")[2])
        with pytest.raises(OSError), serve_in_thread(scenario(), port=port):
            pytest.fail("two servers on one port")


def test_a_server_that_stops_lets_go_of_every_connection() -> None:
    with playing(scenario(posts(1))) as (server, _, _client):
        held = socket.create_connection(("127.0.0.1", int(server.base_url.rpartition(":")[2])), timeout=20)
        held.sendall(b"GET /robots.txt HTTP/1.1\r\n\r\n")
        assert held.recv(15) == b"HTTP/1.1 404 No"
    with held:
        try:
            while held.recv(65_536):
                pass
        except ConnectionResetError:
            pass


def test_a_client_that_goes_away_in_the_middle_harms_no_other() -> None:
    told = scenario('[[channel.post]]\nat = "+1m"\nmedia = [{kind = "video", size = 50000000}]\n')
    with playing(told) as (server, _, client):
        target = client.get(PAGE).text.partition(f'<video src="{server.base_url}')[2].partition('"')[0]
        with socket.create_connection(
            ("127.0.0.1", int(server.base_url.rpartition(":")[2])), timeout=20
        ) as gone:
            gone.sendall(f"GET {target} HTTP/1.1\r\n\r\n".encode())
            assert gone.recv(1000)
        assert client.get(PAGE).status_code == 200


def test_the_journal_forgets_the_oldest_and_still_counts_them() -> None:
    with serve_in_thread(scenario(), journal_size=2) as server:
        with httpx.Client(base_url=server.base_url, trust_env=False) as client:
            for number in range(5):
                client.get(f"/{number}/")
        assert [ask.target for ask in server.journal.asks()] == ["/3/", "/4/"]
        assert server.journal.count == 5


def test_what_comes_over_the_wire_is_what_the_pure_call_gives() -> None:
    with playing(scenario(posts(3))) as (server, _, client):
        came = client.get(PAGE)
        pure = render_channel(server.scenario, "Pier_News", None, START + HOUR, origin=server.base_url)
        assert came.content == pure.body
        assert seen(pure).ids == (1, 2, 3)
