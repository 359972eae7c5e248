"""`python -m holdfast.fake_telegram` as a user runs it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.fake_telegram.scenes import CHANNEL, HEAD, posts


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "holdfast.fake_telegram", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_it_prints_where_it_plays_and_plays_until_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "pier.toml"
    path.write_text(HEAD + CHANNEL + posts(3), encoding="utf-8")
    with run(str(path), "--at", "+2m", "--speed", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert process.stdout.readline() == "pier.toml: playing until Ctrl-C\n"
        try:
            page = httpx.get(address, trust_env=False, timeout=20)
            assert (address.rpartition("/")[2], page.text.count("data-post=")) == ("Pier_News", 2)
        finally:
            process.send_signal(signal.SIGINT)
        assert (process.wait(20), process.communicate()[1]) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.toml"], "none.toml cannot be read"),
        (["--at", "soon"], "--at soon is no span of time"),
        (["--speed", "-1"], "speed is negative"),
        (["--port", "99999"], "99999 is no port"),
    ],
)
def test_a_mistake_is_named_with_a_remedy_and_exit_code_2(arguments: list[str], said: str) -> None:
    with run(*arguments) as process:
        out, error = process.communicate(timeout=20)
        assert (process.returncode, out) == (2, "")
        assert said in error
        assert len(error.splitlines()) == 2


def test_a_port_that_another_has_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with run("--port", str(taken.getsockname()[1])) as process:
            _, error = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "cannot listen" in error
