"""What Holdfast is measured against: sqlite-utils, SQLite FTS5 and sha256sum.

sqlite-utils gets the same posts in two forms, both made beforehand and not timed:

    array   the export's `messages` as they are, one JSON array: what a user would cut out of result.json
    lines   one JSON object a line, the text already one string: the form that sqlite-utils reads fastest

Both keep every field. It seals nothing.

FTS5 finds words as they were typed (without case and Latin accents). Who wants from it what Holdfast finds by default, a word
in any inflection, spelling or script, has two ways, and both need a list or a key of forms that SQLite does not have:

    widened   first the words as typed, best first; where that leaves the page of 20 unfilled, an OR of every form that the
              archive holds of each word. Here it gets these forms from Holdfast's own word table, for nothing. It finds
              the same posts, but for text without word spaces, which FTS5 does not cut, and words with ё, which the
              table holds with е; `agreement` counts on how many queries
    folded    first the words as typed; then a second index over the texts in which every word is replaced by its
              any-script form, made by Holdfast's own folding. Quicker, and not the same answer: a word has several
              such forms and the column holds one; a phrase is found in another inflection only by chance

Phrases of words with very many forms (over `MAX_PHRASES` combinations) are asked of `widened` as words anywhere in a
post: more than was asked for, and quicker than the phrases.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from bench.meter import Run, measure
from bench.queries import Query, quoted
from holdfast.search.folding import any_keys, words
from holdfast.search.grammar import All, Term, parse_query
from holdfast.search.index import SearchIndex
from holdfast.search.romanise import readings
from holdfast.search.widening import Widening

LIMIT = 20
ARRAY = ("posts.json",)
LINES = ("posts.nl", "--nl")
DATABASE = "posts.db"
FOLDED = "folded.db"
MAX_PHRASES = 500


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


_TYPED = (
    "select posts.id, posts.text from posts join posts_fts on posts.rowid = posts_fts.rowid"
    f" where posts_fts match ? order by posts_fts.rank limit {LIMIT}"
)
_FOLDED = (
    "select posts.id, posts.text from folded.posts_folded join posts on posts.rowid = posts_folded.rowid"
    f" where posts_folded match ? order by posts_folded.rank limit {LIMIT}"
)


def search_times(work: Path, queries: Sequence[Query]) -> tuple[list[float], int]:
    """Seconds a query, and how many found something: the best 20 posts by rank, with their texts, as typed.

    Of the database that `insert_and_index` left, in the form `lines`: there the text is plain.
    """
    times, answers = _ask(work, [(query.fts5,) for query in queries])
    return times, sum(map(bool, answers))


def widened_times(
    work: Path, queries: Sequence[Query], index: SearchIndex
) -> tuple[list[float], list[list[int]]]:
    """Seconds a query, and the posts it found, in the way `widened`."""
    index.refresh()
    return _ask(work, [(query.fts5, widened(index, query.holdfast)) for query in queries])


def folded_times(work: Path, queries: Sequence[Query]) -> tuple[list[float], list[list[int]]]:
    """Seconds a query, and the posts it found, in the way `folded`. `fold_posts` was called before."""
    return _ask(work, [(query.fts5, folded(query.holdfast)) for query in queries], is_folded=True)


def _ask(
    work: Path, steps: Sequence[tuple[str, ...]], *, is_folded: bool = False
) -> tuple[list[float], list[list[int]]]:
    """Asks each query's steps until one fills the page: (seconds, posts) of each query."""
    connection = sqlite3.connect(f"file:{work / DATABASE}?mode=ro", uri=True)
    if is_folded:
        connection.execute("attach ? as folded", (str(work / FOLDED),))
    times, answers = [], []
    for first, *then in steps:
        started = time.perf_counter()
        rows = connection.execute(_TYPED, (first,)).fetchall()
        if len(rows) < LIMIT:
            for step in then:
                rows = connection.execute(_FOLDED if is_folded else _TYPED, (step,)).fetchall()
        times.append(time.perf_counter() - started)
        answers.append([int(row[0]) for row in rows])
    connection.close()
    return times, answers


def agreement(ours: Sequence[Sequence[int]], theirs: Sequence[Sequence[int]]) -> int:
    """On how many queries both find the same posts, or both fill the page: which 20 of many are best is a matter of taste."""
    return sum(
        set(one) == set(other) or len(one) == len(other) == LIMIT
        for one, other in zip(ours, theirs, strict=True)
    )


def widened(index: SearchIndex, query: str) -> str:
    """A query of words, phrases and beginnings, as an FTS5 expression of every form that the archive holds."""
    widening = Widening(index, "any")
    asked = []
    for term in _terms(query):
        last = len(term.words) - 1
        places = [
            widening.forms_at(word, "any", prefix=term.prefix and place == last)
            for place, word in enumerate(term.words)
        ]
        if prod(map(len, places)) <= MAX_PHRASES:
            asked.append(_either([quoted(choice) for choice in product(*places)]))
        else:
            asked += [_either([quoted([form]) for form in forms]) for forms in places]
    return " AND ".join(asked)


def fold_posts(work: Path) -> None:
    """Makes the index of the way `folded` beside the posts. Effects: replaces it."""
    (work / FOLDED).unlink(missing_ok=True)
    made = sqlite3.connect(work / FOLDED)
    made.execute("create virtual table posts_folded using fts5(text, content='')")
    made.execute("attach ? as plain", (str(work / DATABASE),))
    rows = made.execute("select rowid, text from plain.posts")
    made.executemany(
        "insert into posts_folded (rowid, text) values (?, ?)",
        ((row, " ".join(map(_key, words(text or "")))) for row, text in rows.fetchall()),
    )
    made.execute("insert into posts_folded (posts_folded) values ('optimize')")
    made.commit()
    made.close()


def folded(query: str) -> str:
    """A query as an FTS5 expression over the folded texts."""
    asked = []
    for term in _terms(query):
        if term.prefix:
            asked.append(_either([quoted([key]) + "*" for key in readings(term.words[-1])]))
        elif len(term.words) == 1:
            asked.append(_either([quoted([key.replace("'", "")]) for key in any_keys(term.words[0])]))
        else:
            asked.append(quoted(list(map(_key, term.words))))
    return " AND ".join(asked)


def _terms(query: str) -> list[Term]:
    root = parse_query(query).root
    parts = root.parts if isinstance(root, All) else (root,)
    terms = [part for part in parts if isinstance(part, Term)]
    assert len(terms) == len(parts), "the bench asks for words alone"
    return terms


def _either(expressions: list[str]) -> str:
    return f"({' OR '.join(expressions)})"


@cache
def _key(word: str) -> str:
    """The one any-script form of a word that a folded column can hold: that of its stem."""
    return any_keys(word)[-1].replace("'", "")


def sha256sum(paths: list[Path]) -> Run:
    """`sha256sum` over files that were read once before, so that both programs find them in memory."""
    return measure(["sha256sum", *map(os.fspath, paths)])
