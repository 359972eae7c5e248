"""Small archives for tests: made in a moment, with a clock of their own, doubted after every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from holdfast.archive import Archive, create
from holdfast.catalog import schema
from holdfast.importing import ImportSummary, import_export
from holdfast.verify.findings import Verdict
from holdfast.verify.vault import verify_vault
from tests.capture.exports import export_bytes

ORIGIN = "test.example/log"
CHANNEL = "1700000001"


def ticking(start: int = 1_800_000_000, step: int = 1) -> Callable[[], int]:
    """A clock that only goes forward, one step a look."""
    at = start

    def look() -> int:
        nonlocal at
        at += step
        return at

    return look


def new_archive(folder: Path, **options: Any) -> Archive:
    """An empty archive in `folder`, in one process."""
    clock = options.pop("clock", None) or ticking()
    create(folder, ORIGIN, clock=clock)
    return Archive.open(folder, **{"workers": 0, "clock": clock, **options})


def write_export(folder: Path, *records: dict[str, Any] | bytes, **header: Any) -> Path:
    """An export's folder with its result.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_bytes(export_bytes(*records, **header))
    return folder


def take(archive: Archive, path: Path, **options: Any) -> ImportSummary:
    """Import, then doubt the whole vault."""
    summary = import_export(archive, path, **options)
    doubt(archive.vault)
    return summary


def doubt(vault: Path) -> None:
    """Errors: AssertionError with the findings, if anything in the vault does not hold."""
    report = verify_vault(vault)
    assert report.verdict is Verdict.HOLDS, report.findings
    assert not report.findings, report.findings


PLACES = frozenset({"entry", "element"})
"""Columns that say where in the log something stands."""
OF_A_RUN = frozenset({"capture", "coverage", "artefact", "entry", "followed", "channel_look", "channel_fact"})
"""Tables about captures and the log rather than about posts."""


def rows(archive: Archive, *, whole: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows, sorted; unless `whole`, only what the tables say about posts, wherever it was sealed."""
    found = {}
    with archive.engine().connect() as connection:
        for table in schema.metadata.sorted_tables:
            if not whole and table.name in OF_A_RUN:
                continue
            columns = [each for each in table.columns if whole or each.name not in PLACES]
            got = connection.execute(table.select().with_only_columns(*columns)).fetchall()
            found[table.name] = sorted((tuple(row) for row in got), key=repr)
    return found


def answers(archive: Archive, *queries: str) -> Iterator[tuple[str, int, list[tuple[str, str, int]]]]:
    """What a search answers: (query, total, (channel, post, revision) of each hit)."""
    for query in queries:
        page = archive.find_posts(query, limit=50)
        yield query, page.total, [(each.channel.id, each.hit.post, each.hit.revision) for each in page.posts]
