"""The measurements, one function each: both sides in the same round, one after the other."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bench import baseline
from bench.generate import generate
from bench.meter import Run, folder_bytes, measure, median, quantile
from bench.queries import Query, make_queries, make_spread_queries
from holdfast.archive import Archive
from holdfast.proving import prove_post
from holdfast.verify.proof import verify_proof

ORIGIN = "bench.example/holdfast"
PARTS = ("log", "private", "blobs", "state.db", "catalog")


def holdfast(*arguments: str) -> Run:
    """One command of the program under test, in a process of its own."""
    start = "import sys; from holdfast.cli import main; sys.exit(main())"
    return measure([sys.executable, "-c", start, *arguments])


def data_of(run: Run) -> dict[str, Any]:
    """What a command answered with --json."""
    answer: dict[str, Any] = json.loads(run.output.splitlines()[-1])
    return answer


def fresh_vault(vault: Path) -> None:
    shutil.rmtree(vault, ignore_errors=True)
    holdfast("init", str(vault), "--origin", ORIGIN)


@dataclass
class Imports:
    """Seconds a run and peaks in bytes, round by round."""

    holdfast_s: list[float] = field(default_factory=list)
    array_s: list[float] = field(default_factory=list)
    lines_s: list[float] = field(default_factory=list)
    peak_pss: list[int] = field(default_factory=list)
    peak_rss: list[int] = field(default_factory=list)
    post_count: int = 0
    part_bytes: dict[str, int] = field(default_factory=dict)


def measure_imports(export: Path, work: Path, rounds: int) -> Imports:
    """Import into a new vault, against `sqlite-utils insert` and `enable-fts` of the same posts."""
    result = Imports(post_count=baseline.write_forms(export, work))
    vault = work / "vault"
    for _ in range(rounds):
        fresh_vault(vault)
        run = holdfast("import", str(export), "--vault", str(vault), "--json")
        result.holdfast_s.append(run.wall_s)
        if run.peak_pss is not None and run.peak_rss is not None:
            result.peak_pss.append(run.peak_pss)
            result.peak_rss.append(run.peak_rss)
        for form, times in ((baseline.ARRAY, result.array_s), (baseline.LINES, result.lines_s)):
            times.append(sum(part.wall_s for part in baseline.insert_and_index(work, form)))
    for part in PARTS:
        path = vault / part
        result.part_bytes[part] = folder_bytes(path) if path.is_dir() else path.stat().st_size
    return result


@dataclass
class Searches:
    """Seconds a query (the median of its rounds), in the order of `queries`.

    `exact_s`: the form as typed, which is all that FTS5 finds; `hits_s`: in any spelling or script, the default;
    both the best 20 without a total, as FTS5 gives them. `texts_s`: the default with the total and the opened posts.
    `fts5_s`: FTS5 asked for the form as typed; `widened_s`: for every form that means the same, given to it for nothing.
    """

    queries: list[Query]
    exact_s: list[float]
    hits_s: list[float]
    texts_s: list[float]
    fts5_s: list[float]
    widened_s: list[float]
    found: int
    fts5_found: int


def measure_searches(export: Path, work: Path, rounds: int) -> tuple[Searches, Searches]:
    """The best 20 posts of each query, from the library and from FTS5, in this process, after one warm-up.

    Two sets: what is asked for (words and phrases of running text), and words by their frequency (see `bench.queries`).
    """
    texts = [baseline.text_of(post) for post in baseline.read_posts(export)]
    with Archive.open(work / "vault") as archive:
        asked, spread_out = (
            _searched(archive, work, queries, rounds)
            for queries in (make_queries(texts), make_spread_queries(texts))
        )
    return asked, spread_out


def _searched(archive: Archive, work: Path, queries: list[Query], rounds: int) -> Searches:
    passes: list[list[list[float]]] = []
    found = fts5_found = 0
    for _ in range(rounds + 1):
        exact_s, hits_s, texts_s, found = [], [], [], 0
        for query in queries:
            # What was found out about words for one query must not speed up the same query of the next round.
            archive.index().widened.clear()
            started = time.perf_counter()
            archive.find(query.holdfast, match="exact", limit=baseline.LIMIT, count=False)
            typed = time.perf_counter()
            archive.find(query.holdfast, limit=baseline.LIMIT, count=False)
            widened = time.perf_counter()
            page = archive.find_posts(query.holdfast, limit=baseline.LIMIT)
            texts_s.append(time.perf_counter() - widened)
            exact_s.append(typed - started)
            hits_s.append(widened - typed)
            found += bool(page.posts)
        fts5_s, fts5_found = baseline.search_times(work, queries)
        widened_s, _ = baseline.widened_times(work, queries, archive.index())
        passes.append([exact_s, hits_s, texts_s, fts5_s, widened_s])
    middle = [
        [statistics.median(times) for times in zip(*each, strict=True)]
        for each in zip(*passes[1:], strict=True)
    ]
    exact, hits, opened, fts5, widened_fts5 = middle
    return Searches(queries, exact, hits, opened, fts5, widened_fts5, found, fts5_found)


@dataclass
class Checks:
    """Seconds: the whole vault of the import, a vault of large files, and sha256sum of these files."""

    vault_s: list[float] = field(default_factory=list)
    files_s: list[float] = field(default_factory=list)
    sha256sum_s: list[float] = field(default_factory=list)
    file_bytes: int = 0


def measure_checks(work: Path, rounds: int, media: str) -> Checks:
    """`holdfast verify` in full: of many posts, and of few posts with much media."""
    folder, vault = work / "media-export", work / "media-vault"
    generate(folder, posts=60, media=media)
    fresh_vault(vault)
    holdfast("import", str(folder), "--vault", str(vault), "--json")
    files = sorted((folder / "files").iterdir())
    result = Checks(file_bytes=sum(path.stat().st_size for path in files))
    for _ in range(rounds):
        result.vault_s.append(holdfast("verify", str(work / "vault"), "--json").wall_s)
        result.files_s.append(holdfast("verify", str(vault), "--json").wall_s)
        result.sha256sum_s.append(baseline.sha256sum(files).wall_s)
    shutil.rmtree(folder)
    shutil.rmtree(vault)
    return result


def measure_proofs(export: Path, work: Path, rounds: int) -> tuple[float, float]:
    """Median seconds to build the proof of one post and to verify it, warm: 20 posts a round."""
    random = Random(1)
    posts = list(baseline.read_posts(export))
    channel = json.loads(export.read_bytes())["id"]
    chosen = [f"{channel}/{post['id']}" for post in random.sample(posts, min(20, len(posts)))]
    built: list[float] = []
    verified: list[float] = []
    with Archive.open(work / "vault") as archive:
        for number in range(rounds + 1):
            for post in chosen:
                out = work / "proof"
                shutil.rmtree(out, ignore_errors=True)
                started = time.perf_counter()
                prove_post(archive, post, out)
                halfway = time.perf_counter()
                verify_proof(out)
                if number:
                    built.append(halfway - started)
                    verified.append(time.perf_counter() - halfway)
    shutil.rmtree(work / "proof", ignore_errors=True)
    return median(built), median(verified)


def measure_memory(work: Path, size: int) -> tuple[int, Run]:
    """(bytes of the export, one import of it)."""
    folder, vault = work / "memory-export", work / "memory-vault"
    generate(folder, size=size)
    export_bytes = (folder / "result.json").stat().st_size
    fresh_vault(vault)
    run = holdfast("import", str(folder), "--vault", str(vault), "--json")
    shutil.rmtree(folder)
    shutil.rmtree(vault)
    return export_bytes, run


def spread(values: list[float]) -> tuple[float, float]:
    """(median, 95th percentile)."""
    return median(values), quantile(values, 0.95)
