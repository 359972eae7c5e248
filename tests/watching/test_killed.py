"""The program is killed in the middle of a sweep: nothing sealed is harmed, nothing stays open, and the next watch goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.archive import Archive
from holdfast.fake_telegram import FakeServer, ScenarioClock, serve_in_thread
from tests.archives import ORIGIN, rows
from tests.fault.program import doubt, run, start, wait_until_gone
from tests.watching.playing import HOUR, START, post, scene

COUNT = 200
LONG = "".join(
    post(f"+{n + 1}m", f"Запись {n}", media='[{ kind = "photo", size = 3000 }]' if n % 50 == 0 else "[]")
    for n in range(COUNT)
).replace("media = []\n", "")


class Watching:
    """A vault and a served channel of two hundred posts, watched by processes that can be killed."""

    def __init__(self, folder: Path, server: FakeServer) -> None:
        self.vault, self.server = folder / "vault", server
        run("init", str(self.vault), "--origin", ORIGIN)

    def words(self, *more: str) -> list[str]:
        asked = ["watch", "pier_news", "--telegram-web", self.server.base_url, "--vault", str(self.vault)]
        return [*asked, *more]

    def stopped_at(self, asks: int, *signals: int, rate: str = "60") -> subprocess.Popen[str]:
        """Begin a watch and send signals once the server was asked so often in all. Returns the ended process."""
        there = threading.Event()
        note = self.server.journal.note

        def noted(asked: object) -> None:
            note(asked)  # type: ignore[arg-type]  # handed on as it came
            if self.server.journal.count >= asks:
                there.set()

        self.server.journal.note = noted  # type: ignore[method-assign]  # the one place that knows when
        process = start(*self.words("--rate", rate))
        assert there.wait(60)
        for number in signals:
            os.kill(process.pid, number)
        process.communicate(timeout=60)
        wait_until_gone(process.pid)
        self.server.journal.note = note  # type: ignore[method-assign]  # as it was
        return process

    def posts(self) -> int:
        with Archive.open(self.vault, workers=0) as archive:
            found = rows(archive)
            assert not [row for row in found["capture"] if "open" in row]
            return len(found["post"])


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    with serve_in_thread(scene(LONG), ScenarioClock(START + 5 * HOUR)) as server:
        yield Watching(tmp_path, server)


@pytest.mark.slow
@pytest.mark.parametrize("asks", [1, 4, 9, 13])
def test_kill_9_in_the_middle_of_a_sweep_harms_nothing_and_the_next_watch_has_it_all(
    asks: int, watching: Watching
) -> None:
    process = watching.stopped_at(asks, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    doubt(watching.vault, asks)
    assert watching.posts() in (0, COUNT)
    run(*watching.words("--once", "--rate", "1000"))
    assert watching.posts() == COUNT
    doubt(watching.vault, asks)
    with Archive.open(watching.vault, workers=0) as archive:
        before = rows(archive)
        archive.rebuild()
        assert rows(archive) == before


@pytest.mark.slow
def test_a_second_signal_stops_at_once_and_what_was_sealed_stays(watching: Watching) -> None:
    process = watching.stopped_at(5, signal.SIGTERM, signal.SIGTERM)
    assert process.returncode in (0, -signal.SIGTERM)
    doubt(watching.vault)
    run(*watching.words("--once", "--rate", "1000"))
    assert watching.posts() == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_a_watch_in_order_and_its_sweep_is_sealed_as_interrupted(
    number: int, watching: Watching
) -> None:
    process = watching.stopped_at(5, number)
    assert process.returncode == 0
    assert 0 < watching.posts() < COUNT
    with Archive.open(watching.vault, workers=0) as archive:
        assert "interrupted" in [state for row in rows(archive)["capture"] for state in row if state]
    doubt(watching.vault)
    run(*watching.words("--once", "--rate", "1000"))
    assert watching.posts() == COUNT


def test_a_second_watch_of_one_vault_is_told_that_another_writes(watching: Watching) -> None:
    with Archive.open(watching.vault, workers=0) as archive, archive.writing():
        out, err = run(*watching.words("--once"), code=11)
    assert out == ""
    assert "what to do" in err
    assert not watching.server.journal.asks()
