"""Measures Holdfast against what people use today, and writes the figures into docs/benchmarks.md.

`make bench` calls this. Settings come from the environment: EXPORT (a result.json or its folder; by
default one is generated), POSTS (300000), ROUNDS (5), FULL=1 (also a 2 GB export). The document is written only by a run
of the generated export of 300,000 posts in five rounds; every other run prints its table alone.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import baseline, measures, pages, serve, watch
from bench.generate import generate
from bench.meter import median, quantile
from bench.queries import make_queries

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "bench" / "out"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
FIGURES = re.compile(r"(<!-- figures -->\n)(.*?)(<!-- end -->)", re.DOTALL)
STANDARD_POSTS, STANDARD_ROUNDS = 300_000, 5
MEDIA = "8x128MB"


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None where nothing was aimed at."""

    what: str
    ours: str
    theirs: str = ""
    aim: str = ""
    met: bool | None = None

    def cells(self) -> list[str]:
        verdict = "" if self.met is None else "met" if self.met else "**missed**"
        return [self.what, self.ours, self.theirs, self.aim, verdict]


HEAD = ["measured", "Holdfast", "compared with", "aim", "aim is"]


def import_rows(result: measures.Imports, generated: bool) -> Iterator[Row]:
    rate = result.post_count / median(result.holdfast_s)
    array = result.post_count / median(result.array_s)
    lines = result.post_count / median(result.lines_s)
    yield Row(
        "import: sealed, catalogued, searchable",
        f"{rate:,.0f} posts/s",
        f"sqlite-utils, array: {array:,.0f} posts/s ({rate / array:.1f} times)",
        "2 times (wish: 3)",
        rate >= 2 * array,
    )
    yield Row("", "", f"sqlite-utils, lines: {lines:,.0f} posts/s ({rate / lines:.1f} times)")
    if result.peak_pss:
        peak = max(result.peak_pss) / 1e6
        yield Row("peak memory of the import (PSS)", f"{peak:,.0f} MB", "", "under 300 MB", peak < 300)
        yield Row("the same as RSS, shared pages counted anew", f"{max(result.peak_rss) / 1e6:,.0f} MB")
    total = sum(result.part_bytes.values()) / result.post_count
    parts = ", ".join(f"{part} {size / result.post_count:,.0f}" for part, size in result.part_bytes.items())
    if generated:
        yield Row("disk", f"{total:,.0f} bytes a post", parts, "at most 1,000", total <= 1000)
    else:
        yield Row("disk, with media", f"{total:,.0f} bytes a post", parts)


def search_rows(result: measures.Searches, of: str) -> Iterator[Row]:
    ours, ours_95 = measures.spread(result.hits_s)
    typed, typed_95 = measures.spread(result.exact_s)
    full, full_95 = measures.spread(result.texts_s)
    theirs, theirs_95 = measures.spread(result.fts5_s)
    wide, wide_95 = measures.spread(result.widened_s)
    yield Row(
        f"search, {of}: median of {len(result.queries)}",
        f"{ours * 1e3:.2f} ms",
        f"FTS5 asked for the same forms: {wide * 1e3:.2f} ms ({wide / ours:.1f} times)",
        "20 times as fast",
        wide >= 20 * ours,
    )
    yield Row(
        f"search, {of}: 95th percentile",
        f"{ours_95 * 1e3:.2f} ms",
        f"the same: {wide_95 * 1e3:.2f} ms ({wide_95 / ours_95:.1f} times)",
        "under 10 ms",
        ours_95 < 0.010,
    )
    yield Row(
        "the form as typed alone (`--match exact`)",
        f"median {typed * 1e3:.2f} ms, 95th percentile {typed_95 * 1e3:.2f} ms",
        f"FTS5 as typed: {theirs * 1e3:.2f} ms ({theirs / typed:.1f} times), {theirs_95 * 1e3:.2f} ms",
    )
    yield Row(
        f"all {len(result.queries)} one after the other",
        f"{sum(result.hits_s) * 1e3:.0f} ms",
        f"FTS5: {sum(result.widened_s) * 1e3:.0f} ms; as typed {sum(result.fts5_s) * 1e3:.0f} ms",
    )
    yield Row(
        "the default with the total, the sealed posts read and opened",
        f"median {full * 1e3:.2f} ms, 95th percentile {full_95 * 1e3:.2f} ms",
    )
    yield Row("queries that found something", f"{result.found}", f"FTS5 as typed: {result.fts5_found}")
    for kind in dict.fromkeys(query.kind for query in result.queries):
        at = [place for place, query in enumerate(result.queries) if query.kind == kind]
        mine, same, other = (
            median([times[place] for place in at])
            for times in (result.hits_s, result.widened_s, result.fts5_s)
        )
        yield Row(
            f"{of}, {kind} ({len(at)}): median",
            f"{mine * 1e3:.2f} ms",
            f"FTS5: {same * 1e3:.2f} ms; as typed {other * 1e3:.2f} ms",
        )


def check_rows(result: measures.Checks, post_count: int) -> Iterator[Row]:
    ours = result.file_bytes / median(result.files_s) / 1e6
    theirs = result.file_bytes / median(result.sha256sum_s) / 1e6
    yield Row(
        "verify: artefacts",
        f"{ours:,.0f} MB/s",
        f"sha256sum: {theirs:,.0f} MB/s ({ours / theirs:.2f} times)",
        "0.7 times",
        ours >= 0.7 * theirs,
    )
    rate = post_count / median(result.vault_s)
    yield Row("verify: whole vault", f"{rate:,.0f} posts/s", "", "60,000 posts/s", rate >= 60_000)


def proof_rows(built_s: float, verified_s: float) -> Iterator[Row]:
    yield Row("proof of one post: built", f"{built_s * 1e3:.1f} ms", "", "under 20 ms", built_s < 0.020)
    yield Row(
        "proof of one post: verified", f"{verified_s * 1e3:.1f} ms", "", "under 50 ms", verified_s < 0.050
    )


def memory_rows(work: Path, sizes: list[int]) -> Iterator[Row]:
    for size in sizes:
        export_bytes, run = measures.measure_memory(work, size)
        peak = (run.peak_pss or 0) / 1e6
        shown = f"{peak:,.0f} MB in {run.wall_s:,.0f} s" if run.peak_pss else "not measurable here"
        what = f"peak memory, export of {export_bytes / 1e6:,.0f} MB"
        yield Row(what, shown, "", "under 300 MB", peak < 300 if run.peak_pss else None)


def page_rows() -> Iterator[Row]:
    """One full preview page: a real one where shared/ lies beside the repository, else a made-up one."""
    found = pages.measure()
    ours, first, theirs = found["ours_s"], found["first_s"], found["beautifulsoup_s"]
    yield Row(
        f"a {found['page']} preview page of {found['page_bytes'] / 1e3:,.0f} kB parsed, CPU",
        f"{ours * 1e3:.1f} ms; the first of ten {first * 1e3:.1f} ms",
        f"BeautifulSoup: {theirs * 1e3:.1f} ms ({theirs / ours:.1f} times; {theirs / first:.1f})",
        "20 times as fast",
        theirs >= 20 * ours,
    )


def watch_rows(work: Path, rounds: int) -> Iterator[Row]:
    first, second, peak = watch.measure_watch(work, rounds)
    for what, times in (("first look", first), ("second look", second)):
        rate = watch.CHANNELS / median(times) * 60
        yield Row(
            f"watch: {what} at {watch.CHANNELS:,} channels, sealed and published",
            f"{rate:,.0f} channels a minute",
            "",
            "2,000 a minute",
            rate >= 2_000,
        )
    yield Row("peak memory of the watch (PSS)", f"{peak / 1e6:,.0f} MB" if peak else "not measurable here")


def serve_rows(work: Path, export: Path) -> Iterator[Row]:
    """Fifty readers on the vault of the import: alone, then while another channel is imported into it."""
    texts = [baseline.text_of(post) for post in baseline.read_posts(export)]
    found = serve.measure_served(work, work / "vault", make_queries(texts))
    for told, times in (("alone", found.alone_s), ("while an import runs", found.importing_s)):
        for kind in serve.KINDS:
            seconds = times[kind]
            slow = quantile(seconds, 0.95)
            yield Row(
                f"web: {serve.READERS} readers {told}, {kind} page: 95th percentile of {len(seconds)}",
                f"{slow * 1e3:,.0f} ms (median {median(seconds) * 1e3:,.1f} ms)",
                "",
                "under 100 ms",
                slow < 0.1,
            )
    first = found.first_s
    yield Row(
        "web: the first search after the start", f"{first * 1e3:,.0f} ms", "", "under 100 ms", first < 0.1
    )
    yield Row("the import beside them", f"{found.imported_posts_per_s:,.0f} posts/s")
    peak = found.peak_pss / 1e6
    yield Row(
        "peak memory of the server (PSS)",
        f"{peak:,.0f} MB" if peak else "not measurable here",
        "",
        "under 250 MB",
        peak < 250 if peak else None,
    )


def machine() -> str:
    """The facts that figures depend on; no names, no paths."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
        model = found[1] if found else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    today = datetime.datetime.now(tz=datetime.UTC).date()
    return (
        f"{today}; {cores} cores ({model}), {memory:.0f} GiB of memory;"
        f" {platform.system()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def table(rows: list[Row]) -> str:
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def write_document(text: str) -> None:
    old = DOCUMENT.read_text(encoding="utf-8")
    if not FIGURES.search(old):
        raise SystemExit(f"{DOCUMENT.name} has no <!-- figures --> … <!-- end --> to write into")
    DOCUMENT.write_text(FIGURES.sub(lambda found: f"{found[1]}\n{text}\n{found[3]}", old), encoding="utf-8")


def main() -> int:
    given = os.environ.get("EXPORT", "")
    posts = int(os.environ.get("POSTS") or STANDARD_POSTS)
    rounds = int(os.environ.get("ROUNDS") or STANDARD_ROUNDS)
    full = os.environ.get("FULL") == "1"
    OUT.mkdir(parents=True, exist_ok=True)
    work = OUT / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    if given:
        path = Path(given).expanduser()
        export = path / "result.json" if path.is_dir() else path
        if not export.is_file():
            print(f"{given}: no result.json there; give EXPORT= a JSON export", file=sys.stderr)
            return 2
        said = "a real export"
    else:
        folder = OUT / f"export-{posts}"
        if not (folder / "result.json").exists():
            print(f"generating an export of {posts:,} posts", flush=True)
            generate(folder, posts=posts)
        export = folder / "result.json"
        said = "the generated export"

    def step(what: str) -> None:
        print(f"{what} …", flush=True)

    step(f"import, {rounds} rounds")
    imports = measures.measure_imports(export, work, rounds)
    rows = list(import_rows(imports, not given))
    step(f"search, {rounds} rounds")
    asked, by_frequency = measures.measure_searches(export, work, rounds)
    rows += search_rows(asked, "as people ask")
    rows += search_rows(by_frequency, "by frequency of words")
    step(f"verify, {rounds} rounds")
    rows += check_rows(measures.measure_checks(work, rounds, MEDIA), imports.post_count)
    step("preview pages")
    rows += page_rows()
    step("watch")
    rows += watch_rows(work, min(rounds, 3))
    step("proof of one post")
    rows += proof_rows(*measures.measure_proofs(export, work, rounds))
    step("web pages")
    rows += serve_rows(work, export)
    shutil.rmtree(work / "vault")
    if full:
        step("memory")
        rows += memory_rows(work, [300_000_000, 2_000_000_000])
    size = export.stat().st_size
    text = (
        f"{machine()}. {said.capitalize()}: {imports.post_count:,} posts, {size / 1e6:,.0f} MB of JSON,"
        f" {size / imports.post_count:,.0f} bytes a post; medians of {rounds}.\n\n{table(rows)}"
    )
    print(f"\n{text}")
    shutil.rmtree(work)
    if not given and posts == STANDARD_POSTS and rounds >= STANDARD_ROUNDS:
        write_document(text)
        print(f"written into {DOCUMENT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
