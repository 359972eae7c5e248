"""Whatever stops a watch, what was answered before is sealed, and the next watch goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import SourceError, StorageError
from holdfast.vault.blobs import Blobs
from holdfast.watching.run import Sweep
from holdfast.watching.source import Answer
from holdfast.watching.web import WebSource
from tests.watching.playing import CHANNEL, HOUR, START, Playing, playing, post, scene

LONG = "".join(post(f"+{n + 1}m", f"Запись {n}") for n in range(70))
OTHER = CHANNEL.replace("71", "72").replace("Pier_News", "Other_News").replace('"Pier"', '"Other"')


class Failing:
    """A web source that raises when it is asked for what lies before."""

    def __init__(self, source: WebSource, error: Exception, names: tuple[str, ...]) -> None:
        self._source, self._error, self._names = source, error, names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def before(self, name: str, channel: str, post: int) -> Answer:
        if name.lower() in self._names:
            raise self._error
        return await self._source.before(name, channel, post)

    async def latest(self, name: str, channel: str | None) -> Answer:
        if f"{name.lower()} itself" in self._names:
            raise self._error
        return await self._source.latest(name, channel)


def failing(error: Exception, *names: str) -> Callable[[WebSource], Any]:
    return lambda source: Failing(source, error, names)


def posts_of(played: Playing) -> int:
    with played.open() as archive, archive.engine().connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM post").scalar_one())


def test_a_source_that_may_not_ask_any_more_ends_the_watch_and_its_answers_stay(tmp_path: Path) -> None:
    with playing(scene(LONG), tmp_path) as played:
        played.clock.set(START + 3 * HOUR)
        lost = SourceError("the account may not ask", remedy="log in again")
        with pytest.raises(SourceError, match="may not ask"):
            played.watch("pier_news", once=True, source=failing(lost, "pier_news"))
        assert posts_of(played) == 20
        played.doubt()
        played.watch("pier_news", once=True)
        assert posts_of(played) == 70
        played.doubt()


def test_a_bug_in_one_channels_answers_does_not_end_the_watch_of_the_others(tmp_path: Path) -> None:
    with playing(scene(LONG + OTHER), tmp_path) as played:
        played.clock.set(START + 3 * HOUR)
        wrong = failing(ZeroDivisionError("a bug"), "pier_news", "other_news itself")
        found = played.watch("pier_news", "other_news", once=True, source=wrong)
        told = {sweep.name: (sweep.outcome, sweep.detail) for sweep in played.sweeps}
        assert told == {
            "pier_news": ("partial", "the program failed: ZeroDivisionError"),
            "other_news": ("failed", "the program failed: ZeroDivisionError"),
        }
        assert found.last == {"pier_news": "partial", "other_news": "failed"}
        assert posts_of(played) == 20
        played.doubt()


def test_a_disk_that_refuses_ends_the_watch_and_the_next_one_has_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with playing(scene(LONG), tmp_path) as played:
        played.clock.set(START + 3 * HOUR)
        add = Blobs.add
        calls = []

        def full(self: Blobs, *given: Any, **more: Any) -> Any:
            calls.append(given)
            if len(calls) > 1:
                raise StorageError("the disk is full")
            return add(self, *given, **more)

        monkeypatch.setattr(Blobs, "add", full)
        with pytest.raises(StorageError, match="disk is full"):
            played.watch("pier_news", until=6 * HOUR, pages=1)
        monkeypatch.undo()
        assert posts_of(played) > 0
        played.doubt()
        played.watch("pier_news", once=True)
        assert posts_of(played) == 70
        played.doubt()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_signal_ends_the_watch_and_seals_what_was_answered(number: int, tmp_path: Path) -> None:
    def stop(sweep: Sweep) -> None:
        if sweep.name == "pier_news":
            os.kill(os.getpid(), number)

    slow = '[[fault]]\nkind = "hang"\npath = "*before=*"\n'
    with playing(scene(LONG + OTHER + slow), tmp_path) as played:
        found = played.watch("other_news", "pier_news", until=9 * HOUR, report=stop, history=0)
        assert found.is_stopped
        assert {sweep.name for sweep in played.sweeps} == {"pier_news", "other_news"}
        played.doubt()


def test_a_sweep_that_is_stopped_in_the_middle_is_sealed_as_interrupted(tmp_path: Path) -> None:
    class Stopping(Failing):
        async def before(self, name: str, channel: str, post: int) -> Answer:
            os.kill(os.getpid(), signal.SIGINT)
            return await self._source.before(name, channel, post)

    slow = '[[fault]]\nkind = "hang"\npath = "*before=*"\n'
    with playing(scene(LONG + slow), tmp_path) as played:
        played.clock.set(START + 3 * HOUR)
        played.watch(
            "pier_news",
            until=9 * HOUR,
            source=lambda web: Stopping(web, RuntimeError(), ()),
            policy={"retries": 0},
        )
        (sweep,) = played.sweeps
        assert sweep.outcome == "interrupted"
        assert posts_of(played) == 20
        played.doubt()


def test_many_channels_that_end_at_once_are_sealed_together_and_each_by_itself(tmp_path: Path) -> None:
    many = "".join(
        CHANNEL.replace("71", str(100 + n)).replace("Pier_News", f"News_{n}") + post("+1m", f"Eins {n}")
        for n in range(12)
    )
    with playing(scene(channel=many), tmp_path) as played:
        played.clock.set(START + HOUR)
        played.watch(*(f"news_{n}" for n in range(12)), once=True, parallel=12)
        entries = [sweep.kept.entry for sweep in played.sweeps]
        assert len(set(entries)) == 12
        assert posts_of(played) == 12
        played.doubt()
