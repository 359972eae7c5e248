"""The bench's queries are fixed, of every kind, and about words that stand in the posts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from bench import baseline, generate, queries


def texts_of(folder: Path) -> list[str]:
    generate.generate(folder, posts=2_000)
    posts = json.loads((folder / "result.json").read_bytes())["messages"]
    return [baseline.text_of(post) for post in posts]


def test_there_are_200_of_every_kind_and_always_the_same(tmp_path: Path) -> None:
    texts = texts_of(tmp_path)
    made = queries.make_queries(texts)
    assert made == queries.make_queries(texts)
    assert len(set(made)) == 200
    assert Counter(query.kind for query in made) == {
        "word": 60, "two words": 50, "phrase": 50, "beginning": 20, "other script": 20,
    }  # fmt: skip


def test_words_and_phrases_stand_in_some_post(tmp_path: Path) -> None:
    texts = [" ".join(queries.WORD.findall(text.lower())) for text in texts_of(tmp_path)]
    for query in queries.make_queries(texts):
        if query.kind == "phrase":
            assert any(query.fts5.strip('"') in text for text in texts), query
        elif query.kind == "word":
            assert any(query.holdfast in text.split() for text in texts), query


def test_latin_spelling_is_what_an_english_report_would_print() -> None:
    assert queries.to_latin("бердянск") == "berdyansk"
    assert queries.to_latin("щука") == "shchuka"


def test_texts_without_words_give_no_queries() -> None:
    assert queries.make_queries(["", "да"]) == []
