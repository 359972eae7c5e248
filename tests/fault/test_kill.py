"""kill -9 at random moments of an import: the vault holds each time, and in the end it is as if nothing had been."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.generate import generate
from holdfast.archive import Archive
from tests.archives import ORIGIN, rows
from tests.fault.program import answers, doubt, run, start, wait_until_gone

POSTS = 5_000
KILLS = 5
QUERIES = ("пристань", "город OR дом", "has:photo", "the", "Источник")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "ChatExport_2023-12-29"
    assert generate(folder, posts=POSTS, seed=7) == POSTS
    return folder


@pytest.fixture(scope="module")
def calm(export: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[float, Any, Any]:
    """Of an import that nothing disturbs: seconds, what the tables say of the posts, what a search answers."""
    vault = tmp_path_factory.mktemp("calm") / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    began = time.monotonic()
    run("import", str(export), "--vault", str(vault))
    seconds = time.monotonic() - began
    with Archive.open(vault, workers=0) as archive:
        return seconds, rows(archive, whole=False), answers(archive, *QUERIES)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_kill_9_at_random_moments_of_an_import_loses_and_repeats_nothing(
    seed: int, export: Path, calm: tuple[float, Any, Any], tmp_path: Path
) -> None:
    seconds, expected, found = calm
    random = Random(seed)
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    sizes = [0]
    for number in range(KILLS):
        delay = random.uniform(0.15, 0.95) * seconds
        process = start("import", str(export), "--vault", str(vault))
        time.sleep(delay)  # the moment is the matter of the test
        if random.random() < 0.5:
            process.kill()  # its workers find out by themselves
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)
        wait_until_gone(process.pid)
        doubt(vault, seed, number, delay)
        with Archive.open(vault, workers=0) as archive:
            sizes.append(archive.reader.checkpoint()[0].checkpoint.size)
    assert sizes == sorted(sizes)
    run("import", str(export), "--vault", str(vault))
    doubt(vault, seed)
    with Archive.open(vault, workers=0) as archive:
        assert len(expected["post"]) == POSTS
        assert rows(archive, whole=False) == expected  # so every post is there, once, as it was seen first
        assert answers(archive, *QUERIES) == found
        archive.rebuild()
        assert rows(archive, whole=False) == expected
        assert answers(archive, *QUERIES) == found
