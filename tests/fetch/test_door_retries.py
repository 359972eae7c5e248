"""The door's patience: what it asks again, when, and that a pause stops everybody."""

from __future__ import annotations

import asyncio

import pytest

from holdfast.fetch import Door, Exchange
from tests.fetch.servers import Asked, FakeTime, door_for, policy_for, says, scripted, sends, serving


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_trouble_is_asked_again_and_every_attempt_is_recorded(status: int) -> None:
    async def main() -> None:
        time = FakeTime()
        seen: list[Exchange] = []
        handler = scripted(says(status, b"later"), sends(b""), says(200, b"page"))
        async with serving(handler) as server, door_for(server, time=time, seen=seen, retries=3) as door:
            exchange = await door.get(server.url())
            assert len(server.asked) == 3
        assert exchange.body() == b"page"
        assert [found.status for found in seen] == [status, None, 200]
        assert seen[-1] is exchange
        assert seen[0].body() == b"later"

    asyncio.run(main())


def test_the_last_failure_is_handed_back() -> None:
    async def main() -> None:
        seen: list[Exchange] = []
        async with serving(says(503)) as server, door_for(server, seen=seen, retries=2) as door:
            assert (await door.get(server.url())).status == 503
            assert len(server.asked) == len(seen) == 3

    asyncio.run(main())


@pytest.mark.parametrize("status", [404, 403, 200, 302])
def test_a_plain_answer_is_not_asked_for_again(status: int) -> None:
    async def main() -> None:
        async with serving(says(status)) as server, door_for(server, retries=3) as door:
            assert (await door.get(server.url())).status == status
            assert len(server.asked) == 1

    asyncio.run(main())


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_obeyed_to_the_second_by_all_who_ask_that_host(as_date: bool) -> None:
    async def main() -> None:
        time = FakeTime()  # 22:13:20
        after = "Tue, 14 Nov 2023 22:14:00 GMT" if as_date else "40"
        times: list[float] = []
        first = says(429, b"", f"Retry-After: {after}")

        async def handler(asked: Asked) -> bool | None:
            times.append(time.now - 1_700_000_000)
            return await (first(asked) if len(times) == 1 else says(200)(asked))

        async with (
            serving(handler) as server,
            door_for(server, time=time, retries=1, per_host_rate=2.0, per_host_concurrency=9) as door,
        ):
            seen = await door.get(server.url("/first"))
            assert seen.status == 200
            assert times == [0, 40]
            assert all(await asyncio.gather(*(door.get(server.url(f"/{n}")) for n in range(3))))
            assert times == [0, 40, 40.5, 41, 41.5]

    asyncio.run(main())


def test_a_long_pause_is_handed_back_at_once_and_nobody_asks_until_it_is_over() -> None:
    async def main() -> None:
        time = FakeTime()
        seen: list[Exchange] = []
        handler = scripted(says(429, b"", "Retry-After: 3600"), says(200, b"page"))
        async with serving(handler) as server, door_for(server, time=time, seen=seen, retries=3) as door:
            told = await door.get(server.url())
            assert (told.status, told.retry_at) == (429, time.now + 3600)
            time.now += 1000
            held = await door.get(server.url("/other"))
            assert (held.outcome, held.status, held.request_headers) == ("held", None, ())
            assert held.retry_at == told.retry_at
            assert len(server.asked) == len(seen) == 1
            time.now += 2600
            assert (await door.get(server.url())).body() == b"page"

    asyncio.run(main())


def test_a_pause_of_one_host_is_not_one_of_another() -> None:
    async def main() -> None:
        async with (
            serving(says(429, b"", "Retry-After: 3600")) as one,
            serving(says(200), host="127.0.0.2") as two,
            door_for(one, two) as door,
        ):
            assert (await door.get(one.url())).status == 429
            assert (await door.get(two.url())).status == 200
            assert (await door.get(one.url())).outcome == "held"

    asyncio.run(main())


def test_a_slow_answer_does_not_delay_the_others() -> None:
    async def main() -> None:
        finish = asyncio.Event()

        async def handler(asked: Asked) -> bool | None:
            if asked.path == "/slow":
                await finish.wait()
            await asked.answer(200, asked.path.encode())
            return None

        async with serving(handler) as server, door_for(server, per_host_concurrency=2) as door:
            slow = asyncio.create_task(door.get(server.url("/slow")))
            quick = await asyncio.gather(*(door.get(server.url(f"/{n}")) for n in range(6)))
            assert [found.body() for found in quick] == [f"/{n}".encode() for n in range(6)]
            assert not slow.done()
            finish.set()
            assert (await slow).body() == b"/slow"
            assert server.connections == 2

    asyncio.run(main())


def test_waiting_to_ask_again_takes_nobodys_place() -> None:
    async def main() -> None:
        gone_on = asyncio.Event()

        async def sleep(_seconds: float) -> None:
            await gone_on.wait()

        async with serving(scripted(says(500), says(200))) as server:
            policy = policy_for(server, retries=1, per_host_concurrency=1)
            async with Door(policy, sleep=sleep) as door:
                waiting = asyncio.create_task(door.get(server.url("/one")))
                while not server.asked:
                    await asyncio.sleep(0)
                assert (await door.get(server.url("/two"))).status == 200
                assert not waiting.done()
                gone_on.set()
                assert (await waiting).status == 200
            assert [asked.path for asked in server.asked] == ["/one", "/two", "/one"]

    asyncio.run(main())


def test_the_cancelled_give_back_their_place_and_leave_no_connection_behind() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> bool | None:
            if asked.path == "/hang":
                await asked.answer(200, b"x", length=2)
                await asyncio.Event().wait()
            await asked.answer(200, b"page")
            return None

        async with serving(handler) as server, door_for(server, per_host_concurrency=1) as door:
            for _ in range(3):
                task = asyncio.create_task(door.get(server.url("/hang")))
                while not server.asked or server.asked[-1].path != "/hang":
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert (await door.get(server.url("/page"))).body() == b"page"

    asyncio.run(main())


def test_what_the_recorder_raises_comes_out() -> None:
    async def main() -> None:
        def refuses(_exchange: Exchange) -> None:
            raise RuntimeError("the disk is full")

        async with serving(says()) as server, Door(policy_for(server), on_exchange=refuses) as door:
            with pytest.raises(RuntimeError, match="full"):
                await door.get(server.url())
            with pytest.raises(RuntimeError, match="full"):
                await door.get(server.url())

    asyncio.run(main())


def test_gates_of_many_hosts_do_not_pile_up_but_a_pause_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        monkeypatch.setattr("holdfast.fetch.door._GATES_MAX", 4)
        answer = says(429, b"", "Retry-After: 3600")
        async with serving(answer) as server, door_for(server) as door:
            assert (await door.get(server.url())).status == 429
            for n in range(20):
                door._gate(f"h{n}.example")
            assert len(door._gates) <= 5
            assert (await door.get(server.url())).outcome == "held"

    asyncio.run(main())
