"""How many channels a minute one watch looks at: cards and newest posts, asked of the stand-in, sealed and published."""

from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

from bench.measures import fresh_vault, holdfast
from bench.meter import Run

__all__ = ["CHANNELS", "measure_watch"]

CHANNELS = 1_000
POSTS = 8
_START = """format = 1
name = "Many channels that never were"
start = 2023-11-14T22:13:20Z
"""


def scenario(channels: int) -> str:
    parts = [_START]
    for number in range(channels):
        parts.append(
            f'\n[[channel]]\nid = {10_000 + number}\nusername = "channel_{number}"\ntitle = "Channel {number}"\n'
            f'followers = [["+0h", {100 + number}], ["+24h", {200 + 3 * number}]]\n'
        )
        parts += [
            f'\n[[channel.post]]\nat = "+{post}m"\ntext = "Запись {post} канала {number}"\nviews = {7 * post}\n'
            for post in range(1, POSTS + 1)
        ]
    return "".join(parts)


def measure_watch(work: Path, rounds: int, channels: int = CHANNELS) -> tuple[list[float], list[float], int]:
    """Seconds of a first look at every channel, of a second one, and the peak memory (PSS, bytes) of all of them."""
    path, vault = work / "watch.toml", work / "watch-vault"
    path.write_text(scenario(channels), encoding="utf-8")
    names = [f"channel_{number}" for number in range(channels)]
    first: list[float] = []
    second: list[float] = []
    peak = 0
    for _ in range(rounds):
        fresh_vault(vault)
        with _Server(path) as address:
            for times in (first, second):
                run = _looked(vault, names, address)
                times.append(run.wall_s)
                peak = max(peak, run.peak_pss or 0)
    path.unlink()
    return first, second, peak


def _looked(vault: Path, names: list[str], address: str) -> Run:
    settings = ["--telegram-web", address, "--rate", "10000", "--parallel", "64"]
    wanted = ["--once", "--history", "none", "--media", "none", "--vault", str(vault)]
    return holdfast("watch", *names, *settings, *wanted)


class _Server:
    """The stand-in, in a process of its own."""

    def __init__(self, path: Path) -> None:
        self._words = [
            sys.executable,
            "-m",
            "holdfast.fake_telegram",
            str(path),
            "--at",
            "+1h",
            "--speed",
            "0",
        ]

    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            self._words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        while select.select([self._process.stdout], [], [], 30)[0]:
            line = self._process.stdout.readline()
            found = next((word for word in line.split() if word.startswith("http://")), None)
            if found is not None:
                return "/".join(found.split("/")[:3])
            if not line:
                break
        self._process.kill()
        raise SystemExit("the stand-in for Telegram did not say where it listens")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
