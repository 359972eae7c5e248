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


def kinds(made: list[queries.Query]) -> Counter[str]:
    return Counter(query.kind for query in made)


def test_there_are_200_of_every_kind_and_always_the_same(tmp_path: Path) -> None:
    texts = texts_of(tmp_path)
    made = queries.make_queries(texts)
    assert made == queries.make_queries(texts)
    assert made != queries.make_queries(texts, seed=2)
    assert len(set(made)) == 200
    found = kinds(made)
    assert found["common word"] + found["rare word"] == 60
    assert min(found["common word"], found["rare word"]) > 0
    assert {kind: found[kind] for kind in ("two words", "phrase", "beginning", "other script")} == {
        "two words": 50, "phrase": 50, "beginning": 20, "other script": 20,
    }  # fmt: skip


def test_there_are_200_spread_over_all_frequencies_too(tmp_path: Path) -> None:
    texts = texts_of(tmp_path)
    made = queries.make_spread_queries(texts)
    assert made == queries.make_spread_queries(texts)
    assert len(set(made)) == 200
    assert kinds(made) == {
        "word": 60, "two words": 50, "phrase": 50, "beginning": 20, "other script": 20,
    }  # fmt: skip
    counts = Counter(word for text in texts for word in queries.WORD.findall(text.lower()))
    single = [counts[query.holdfast] for query in made if query.kind == "word"]
    assert single[0] == max(counts.values())
    assert min(single) == 1


def test_words_and_phrases_stand_in_some_post(tmp_path: Path) -> None:
    texts = [" ".join(queries.WORD.findall(text.lower())) for text in texts_of(tmp_path)]
    for query in [*queries.make_queries(texts), *queries.make_spread_queries(texts)]:
        if query.kind == "phrase":
            assert any(query.fts5.strip('"') in text for text in texts), query
        elif query.kind.endswith("word"):
            assert any(query.holdfast in text.split() for text in texts), query


def test_a_common_word_fills_a_page_and_a_rare_one_does_not(tmp_path: Path) -> None:
    texts = [set(queries.WORD.findall(text.lower())) for text in texts_of(tmp_path)]
    for query in queries.make_queries([" ".join(sorted(text)) for text in texts]):
        if query.kind.endswith("word"):
            posts = sum(query.holdfast in text for text in texts)
            assert (query.kind == "common word") == (posts >= queries.PAGE), query


def test_nobody_asks_for_the_commonest_words_alone(tmp_path: Path) -> None:
    texts = texts_of(tmp_path)
    counts = Counter(word for text in texts for word in queries.WORD.findall(text.lower()))
    functional = {word for word, _ in counts.most_common(queries.FUNCTION_WORDS)}
    for query in queries.make_queries(texts):
        asked = query.holdfast.strip('"').split()
        assert not functional.issuperset(asked), query
        assert query.kind == "phrase" or functional.isdisjoint(asked), query


def test_latin_spelling_is_what_an_english_report_would_print() -> None:
    assert queries.to_latin("бердянск") == "berdyansk"
    assert queries.to_latin("щука") == "shchuka"


def test_texts_without_words_give_no_queries() -> None:
    for make in (queries.make_queries, queries.make_spread_queries):
        assert make(["", "да"]) == []
