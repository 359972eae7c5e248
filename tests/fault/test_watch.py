"""A watch that is killed, stopped or out of disk: what was answered is sealed or asked for again, nothing is harmed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from holdfast.archive import Archive
from holdfast.fake_telegram import FakeServer, parse_scenario, serve_in_thread
from tests.archives import ORIGIN, doubt, rows
from tests.fault.program import run, start, wait_until_gone

POSTS = 400
SCENE = (
    """
format = 1
name = "A long history"
start = 2023-11-14T22:13:20Z

[[channel]]
id = 71
username = "pier_news"
title = "Pier"
"""
    + "".join(
        f'\n[[channel.post]]\nat = "+{n}m"\ntext = "Запись {n}"\nviews = {n}\n' for n in range(1, POSTS + 1)
    )
    + '\n[[fault]]\nkind = "slow"\nwait = 0.02\nwait_by = "real"\n'
)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    scenario = parse_scenario(SCENE, "long.toml")
    with serve_in_thread(scenario, lambda: scenario.start + POSTS * 60 + 3_600) as found:
        yield found


def words(vault: Path, server: FakeServer, *more: str) -> list[str]:
    return [
        "watch",
        "pier_news",
        "--vault",
        str(vault),
        "--telegram-web",
        server.base_url,
        "--rate",
        "1000",
        *more,
    ]


def posts(vault: Path) -> int:
    with Archive.open(vault, workers=0) as archive:
        return len(rows(archive)["post"])


def no_capture_is_open(vault: Path) -> None:
    with Archive.open(vault, workers=0) as archive:
        assert not [row for row in rows(archive)["capture"] if "open" in row]


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_9_at_random_moments_of_a_sweep_harms_nothing_and_the_next_one_goes_on(
    seed: int, server: FakeServer, tmp_path: Path
) -> None:
    random = Random(seed)
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    for _ in range(4):
        process = start(*words(vault, server))
        time.sleep(random.uniform(0.5, 1.6))  # the moment is the matter of the test
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)
        wait_until_gone(process.pid)
        doubt(vault)
    run(*words(vault, server, "--once"))
    assert posts(vault) == POSTS
    no_capture_is_open(vault)
    doubt(vault)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_seals_what_was_answered(number: int, server: FakeServer, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    process = start(*words(vault, server, "--history", "none"))
    assert process.stdout is not None
    assert "pier_news" in process.stdout.readline()  # a first sweep is told, so it is sealed
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (0, 130), (out, err)
    assert posts(vault) >= 20
    no_capture_is_open(vault)
    doubt(vault)


def test_two_watches_of_one_vault_are_one_too_many(server: FakeServer, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    process = start(*words(vault, server, "--history", "none"))
    assert process.stdout is not None
    process.stdout.readline()
    try:
        _, err = run(*words(vault, server, "--once"), code=11)
        assert "another" in err
        # Reading needs no lock.
        out, _ = run("timeline", "pier_news", "--vault", str(vault))
        assert "Pier" in out
    finally:
        process.terminate()
        process.communicate(timeout=60)
    doubt(vault)
