"""The pace of one host: one by one, in order, also after a pause, and nothing is lost to the cancelled."""

from __future__ import annotations

import asyncio

import pytest

from holdfast.fetch.pace import Gate, Pace
from tests.fetch.servers import FakeTime


def gate(time: FakeTime, rate: float = 1.0, concurrency: int = 2) -> Gate:
    return Gate(Pace(rate), concurrency, time.clock, time.sleep)


def test_the_first_leaves_at_once_and_each_next_one_an_interval_later() -> None:
    pace = Pace(2.0)
    assert pace.wait_s(10.0) == 0
    pace.leave(10.0)
    assert pace.wait_s(10.0) == 0.5
    assert pace.wait_s(10.4) == pytest.approx(0.1)
    pace.leave(11.0)  # late: no burst to make up for it
    assert pace.wait_s(11.1) == pytest.approx(0.4)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pace = Pace(1.0)
    pace.hold(50.0)
    pace.hold(20.0)
    assert pace.held_s(10.0) == 40
    assert pace.wait_s(10.0) == 40
    assert pace.held_s(60.0) == 0


def test_those_who_wait_leave_one_by_one_in_the_order_they_came() -> None:
    async def main() -> None:
        time = FakeTime(0.0)
        way, left = gate(time, rate=2.0, concurrency=10), []

        async def ask(name: int) -> None:
            async with way.passage(99) as free:
                assert free
                left.append((name, time.now))

        await asyncio.gather(*map(ask, range(6)))
        assert left == [(n, n * 0.5) for n in range(6)]
        assert not way.is_idle
        time.now += 1
        assert way.is_idle

    asyncio.run(main())


def test_after_a_pause_there_is_no_stampede() -> None:
    async def main() -> None:
        time = FakeTime(0.0)
        way, left = gate(time, concurrency=50), []

        async def ask(name: int) -> None:
            async with way.passage(99):
                left.append(time.now)
                if name == 2:
                    way.hold_for(30.0)

        await asyncio.gather(*map(ask, range(8)))
        assert left == [0, 1, 2, 32, 33, 34, 35, 36]

    asyncio.run(main())


def test_a_pause_longer_than_agreed_is_handed_back_to_all_who_wait() -> None:
    async def main() -> None:
        time = FakeTime(0.0)
        way = gate(time, concurrency=5)

        async def ask(name: int) -> tuple[bool, float]:
            async with way.passage(60) as free:
                if name == 0:
                    await asyncio.sleep(0)  # the others are on their way by now
                    way.hold_for(62.0)
                return free, time.now

        # The second one sleeps until its turn, then sees the pause; nobody behind it waits any longer.
        assert await asyncio.gather(*map(ask, range(5))) == [(True, 0), *[(False, 1)] * 4]
        assert await ask(9) == (False, 1)
        time.now = 2.0
        assert await ask(9) == (True, 62)

    asyncio.run(main())


def test_one_slow_request_holds_its_own_place_only() -> None:
    async def main() -> None:
        time = FakeTime(0.0)
        way, finished = gate(time, rate=float("inf"), concurrency=2), asyncio.Event()
        done = []

        async def slow() -> None:
            async with way.passage(9):
                await finished.wait()
                done.append("slow")

        async def quick(name: int) -> None:
            async with way.passage(9):
                done.append(str(name))

        task = asyncio.create_task(slow())
        await asyncio.sleep(0)
        await asyncio.gather(*map(quick, range(5)))
        finished.set()
        await task
        assert done == ["0", "1", "2", "3", "4", "slow"]

    asyncio.run(main())


def test_no_more_are_under_way_at_once_than_agreed() -> None:
    async def main() -> None:
        time = FakeTime(0.0)
        way, inside, most = gate(time, rate=float("inf"), concurrency=3), 0, 0

        async def ask() -> None:
            nonlocal inside, most
            async with way.passage(9):
                inside += 1
                most = max(most, inside)
                for _ in range(5):
                    await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(ask() for _ in range(20)))
        assert most == 3

    asyncio.run(main())


@pytest.mark.parametrize("when", ["waiting for a place", "waiting for a turn", "under way"])
def test_the_cancelled_give_back_place_and_turn(when: str) -> None:
    async def main() -> None:
        time = FakeTime(0.0)
        way = Gate(Pace(1.0), 1, time.clock, lambda _: forever.wait())
        forever = asyncio.Event()

        async def ask() -> None:
            async with way.passage(9):
                await forever.wait()

        first = asyncio.create_task(ask())
        await asyncio.sleep(0)
        second = first
        if when == "waiting for a place":
            second = asyncio.create_task(ask())
        elif when == "waiting for a turn":
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            second = asyncio.create_task(ask())
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        time.now = 5.0
        assert way.is_idle
        async with way.passage(9) as free:
            assert free

    asyncio.run(main())
