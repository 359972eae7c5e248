"""What SQLite is asked in the bench is the same question that Holdfast answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import baseline
from bench.queries import Query
from holdfast.search.folding import prepare
from holdfast.search.index import IndexRow, SearchIndex
from holdfast.search.query import parse_query, search

TEXTS = [
    "Сводка из Бердянска",
    "Berdyansk in the morning",
    "в Бердянске, у моря",
    "Путь домой открыт",
    "Пути домой нет",
    "домой лежит путь",
    "Put domoi, a channel",
    "ничего нового",
    *[f"новость номер {number}" for number in range(30)],
]
ASKED = [
    Query("word", "бердянск", '"бердянск"'),
    Query("other script", "berdyansk", '"бердянск"'),
    Query("phrase", '"путь домой"', '"путь домой"'),
    Query("two words", "путь домой", '"путь" "домой"'),
    Query("beginning", "берд*", '"берд"*'),
    Query("word", "новость", '"новость"'),
    Query("word", "нет", '"нет"'),
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    with SearchIndex.open(tmp_path / "index", write=True) as made:
        for number, text in enumerate(TEXTS):
            tokens, found = prepare(text)
            made.add_words(found)
            made.add([IndexRow(1, str(number), 0, number, 0, None, None, (), tokens)])
        made.commit(len(TEXTS))
        yield made


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A database as `sqlite-utils insert` and `enable-fts` leave it."""
    with sqlite3.connect(tmp_path / baseline.DATABASE) as made:
        made.execute("create table posts (id integer primary key, text text)")
        made.executemany("insert into posts values (?, ?)", enumerate(TEXTS))
        made.execute("create virtual table posts_fts using fts5 (text, content=posts)")
        made.execute("insert into posts_fts (rowid, text) select id, text from posts")
    made.close()
    baseline.fold_posts(tmp_path)
    return tmp_path


def ours(index: SearchIndex) -> list[list[int]]:
    found = (search(index, parse_query(query.holdfast), channels=lambda _: []) for query in ASKED)
    return [[int(hit.post) for hit in each.hits] for each in found]


def test_as_typed_it_finds_the_typed_form_alone(work: Path) -> None:
    times, found = baseline.search_times(work, ASKED)
    assert len(times) == len(ASKED)
    assert found == 5  # not `бердянск`, which stands nowhere in that form


def test_widened_it_finds_what_holdfast_finds(work: Path, index: SearchIndex) -> None:
    _, theirs = baseline.widened_times(work, ASKED, index)
    assert [set(posts) for posts in theirs[:5]] == [{0, 1, 2}, {0, 1, 2}, {3, 4, 6}, {3, 4, 5, 6}, {0, 1, 2}]
    assert (len(theirs[5]), theirs[6]) == (baseline.LIMIT, [4])
    assert baseline.agreement(ours(index), theirs) == len(ASKED)


def test_a_phrase_of_too_many_forms_is_asked_as_words(
    work: Path, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "MAX_PHRASES", 1)
    _, theirs = baseline.widened_times(work, ASKED, index)
    assert set(theirs[2]) == {3, 4, 5, 6}
    assert baseline.agreement(ours(index), theirs) == len(ASKED) - 1


def test_folded_it_finds_words_in_any_script_but_not_all_that_was_asked_for(work: Path) -> None:
    _, theirs = baseline.folded_times(work, ASKED)
    assert [set(posts) for posts in theirs[:2]] == [{0, 1, 2}, {0, 1, 2}]
    assert set(theirs[2]) == {3, 4}  # "Put domoi" has another stem than "Путь домой"
    assert len(theirs[5]) == baseline.LIMIT


def test_which_of_many_posts_fill_the_page_is_no_disagreement() -> None:
    full, other = list(range(20)), list(range(5, 25))
    assert baseline.agreement([full, [1, 2], [1], [], full], [other, [2, 1], [2], [], [1]]) == 3
