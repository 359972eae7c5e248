"""What Holdfast is measured against: sqlite-utils, SQLite FTS5 and sha256sum.

sqlite-utils gets the same posts in two forms, both made beforehand and not timed:

    array   the export's `messages` as they are, one JSON array: what a user would cut out of result.json
    lines   one JSON object a line, the text already one string: the form that sqlite-utils reads fastest

Both keep every field. It seals nothing.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.meter import Run, measure
from bench.queries import Query

LIMIT = 20
ARRAY = ("posts.json",)
LINES = ("posts.nl", "--nl")
DATABASE = "posts.db"


def read_posts(export: Path) -> Iterator[dict[str, Any]]:
    """The posts of a result.json, whole in memory: this is the bench, not the product."""
    yield from json.loads(export.read_bytes())["messages"]


def text_of(post: dict[str, Any]) -> str:
    """The text of a post without its formatting."""
    text = post.get("text", "")
    if isinstance(text, str):
        return text
    return "".join(run if isinstance(run, str) else run.get("text", "") for run in text)


def write_forms(export: Path, work: Path) -> int:
    """Writes both forms of the posts into `work` and returns how many there are."""
    posts = list(read_posts(export))
    with (work / ARRAY[0]).open("w", encoding="utf-8") as out:
        json.dump(posts, out, ensure_ascii=False)
    with (work / LINES[0]).open("w", encoding="utf-8") as out:
        for post in posts:
            out.write(json.dumps(post | {"text": text_of(post)}, ensure_ascii=False) + "\n")
    return len(posts)


def insert_and_index(work: Path, form: tuple[str, ...]) -> tuple[Run, Run]:
    """`sqlite-utils insert` and `enable-fts` as a user would type them. Effects: replaces the database."""
    program = str(Path(sys.executable).parent / "sqlite-utils")
    database = work / DATABASE
    database.unlink(missing_ok=True)
    file, *options = form
    rows = [str(work / file), *options]
    inserted = measure(
        [program, "insert", str(database), "posts", *rows, "--pk", "id", "--alter", "--silent"]
    )
    return inserted, measure([program, "enable-fts", str(database), "posts", "text"])


def search_times(work: Path, queries: list[Query]) -> tuple[list[float], int]:
    """Seconds a query, and how many found something: the best 20 posts by rank, with their texts.

    Of the database that `insert_and_index` left, in the form `lines`: there the text is plain.
    """
    connection = sqlite3.connect(f"file:{work / DATABASE}?mode=ro", uri=True)
    statement = (
        "select posts.id, posts.text from posts join posts_fts on posts.rowid = posts_fts.rowid"
        f" where posts_fts match ? order by posts_fts.rank limit {LIMIT}"
    )
    times, found = [], 0
    for query in queries:
        started = time.perf_counter()
        rows = connection.execute(statement, (query.fts5,)).fetchall()
        times.append(time.perf_counter() - started)
        found += bool(rows)
    connection.close()
    return times, found


def sha256sum(paths: list[Path]) -> Run:
    """`sha256sum` over files that were read once before, so that both programs find them in memory."""
    return measure(["sha256sum", *map(os.fspath, paths)])
