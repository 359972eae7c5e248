"""How quickly pages come while fifty people read and an import runs: the server in one process, its readers in another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from urllib.parse import quote

import httpx

from bench.generate import CHANNEL_ID, generate
from bench.meter import sampled
from bench.queries import Query

__all__ = ["READERS", "THINKS_S", "Served", "measure_served"]

READERS = 50
THINKS_S = 2.0
"""What a reader needs for a page, on average (exponential): fifty of them ask about 25 pages a second."""
IMPORTED = 100_000
KINDS = ("channel", "post", "search")


@dataclass
class Served:
    """Seconds a page, by kind, alone and while an import runs; peak memory of the server (PSS, bytes); pages answered."""

    alone_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    importing_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    first_s: float = 0.0
    peak_pss: int = 0
    imported_posts_per_s: float = 0.0


class _Server:
    """`holdfast serve` on a vault, and the cookie that its link gives."""

    def __init__(self, vault: Path) -> None:
        start = "import sys; from holdfast.cli import main; sys.exit(main())"
        self._words = [sys.executable, "-c", start, "serve", "--no-browser", "--vault", str(vault)]

    def __enter__(self) -> _Server:
        self.process = subprocess.Popen(
            self._words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        link = self.process.stdout.readline().strip()
        if not link:
            raise RuntimeError("the server did not start")
        self.base = link[: link.index("/enter")]
        self.cookies = dict(httpx.get(link).cookies)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(20)


def measure_served(work: Path, vault: Path, queries: list[Query], seconds: float = 20.0) -> Served:
    """Fifty readers, first alone, then while an export of another channel is imported into the same vault by another process.

    The import ends when it ends; readers stop with it. Effects: `vault` holds another channel afterwards.
    """
    result = Served()
    more = work / "more"
    generate(more, posts=IMPORTED, seed=7)
    export = more / "result.json"
    export.write_bytes(export.read_bytes().replace(str(CHANNEL_ID).encode(), str(CHANNEL_ID + 76).encode()))
    with _Server(vault) as server, sampled(server.process.pid) as sampler:
        paths = _paths(server, queries)
        started = time.perf_counter()
        httpx.get(server.base + paths["search"][0], cookies=server.cookies)
        result.first_s = time.perf_counter() - started
        asyncio.run(_read(server, paths, result.alone_s, seconds, lambda: True))
        words = [sys.executable, "-m", "holdfast", "import", str(export), "--vault", str(vault), "--json"]
        begun = time.perf_counter()
        importing = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        asyncio.run(_read(server, paths, result.importing_s, 600.0, lambda: importing.poll() is None))
        if importing.wait(600) != 0:
            raise RuntimeError("the import did not succeed")
        result.imported_posts_per_s = IMPORTED / (time.perf_counter() - begun)
    result.peak_pss = sampler.peak_pss
    return result


def _paths(server: _Server, queries: list[Query]) -> dict[str, list[str]]:
    """Pages to ask for: the channel's with filters, posts spread over it, and what people search for."""
    status = httpx.get(f"{server.base}/api/v1/status", cookies=server.cookies).json()["data"]
    channel = max(status["channels"], key=lambda each: each["posts"])
    name = quote(channel["id"], safe="")
    draw = Random(11)
    below = [draw.randrange(100, channel["posts"]) for _ in range(40)]
    posts: list[str] = []
    for each in below:
        answer = httpx.get(f"{server.base}/api/v1/posts/{name}?before={each}", cookies=server.cookies)
        posts += [post["id"] for post in answer.json()["data"]["list"]]
    pages = [f"/channel/{name}", *(f"/posts/{name}?before={each}" for each in below)]
    return {
        "channel": pages,
        "post": [f"/post/{each}/{name}" for each in posts],
        "search": [f"/search?q={quote(each.holdfast)}" for each in queries],
    }


async def _read(
    server: _Server,
    paths: dict[str, list[str]],
    times: dict[str, list[float]],
    seconds: float,
    goes_on: Callable[[], bool],
) -> None:
    until = time.perf_counter() + seconds
    limits = httpx.Limits(max_connections=READERS)
    async with httpx.AsyncClient(
        base_url=server.base, cookies=server.cookies, limits=limits, timeout=60
    ) as client:

        async def reader(number: int) -> None:
            draw = Random(number)
            await asyncio.sleep(draw.random() * THINKS_S)
            while time.perf_counter() < until and goes_on():
                kind = draw.choice(KINDS)
                path = draw.choice(paths[kind])
                started = time.perf_counter()
                answer = await client.get(path)
                times[kind].append(time.perf_counter() - started)
                if answer.status_code != 200:
                    raise RuntimeError(f"{kind} answered {answer.status_code}")
                await asyncio.sleep(draw.expovariate(1 / THINKS_S))

        await asyncio.gather(*(reader(number) for number in range(READERS)))
