"""Snippets: the hits of a query, marked in the text as it was written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.search.grammar import parse_query
from holdfast.search.query import Match
from holdfast.search.snippet import ELLIPSIS, Highlighter, snippet

TEXT = (
    "Сегодня, 28 декабря, вдова мобилизованного Мария Ишкова записала видео в оккупированном Бердянске:\n"
    "«Я приехала сама в Запорожскую область, чтобы встретить Новый год с мужем». "
    "Канал «Путь домой» набрал 38 000 подписчиков."
)


def marked(text: str, query: str, match: Match = "all", width: int = 1000) -> str:
    runs = snippet(text, Highlighter(parse_query(query), match), width)
    return "".join(f"[{run}]" if hit else run for run, hit in runs)


def hits(text: str, query: str, match: Match = "all") -> list[str]:
    return [run for run, hit in snippet(text, Highlighter(parse_query(query), match), 10_000) if hit]


MARKS = [
    (TEXT, "berdyansk", ["Бердянске"]),
    (TEXT, "вдовы видео", ["вдова", "видео"]),
    (TEXT, "Put' Domoi", ["Путь", "домой"]),
    (TEXT, '"put domoj"', ["Путь", "домой"]),
    (TEXT, '"домой путь"', []),
    (TEXT, "38000", ["38", "000"]),
    (TEXT, "38,000", ["38", "000"]),
    (TEXT, "вдова -видео", ["вдова"]),
    (TEXT, "(вдова OR сводка) has:video", ["вдова"]),
    (TEXT, "мобилиз*", ["мобилизованного"]),
    (TEXT, "mobiliz*", ["мобилизованного"]),
    ("За́мок ЁЖ", "замок еж", ["За́мок", "ЁЖ"]),
    ("今天人民网发布了新闻", "人民网", ["人民网"]),
    ("人民 人民 民人", "人民", ["人民", "人民"]),
    ("วันนี้ภาษาไทย", "ภาษา", ["ภาษา"]),
    ("שָׁלוֹם לכל", "שלום", ["שָׁלוֹם"]),
    ("قال مُحَمَّد إن", "محمد", ["مُحَمَّد"]),
    ("ok 👍🏽👍 🇺🇦🇷🇺", "👍", ["👍🏽👍"]),
    ("🇺🇦🇷🇺", "🇷🇺", ["🇷🇺"]),
    ("п’ять Putin’s", "п'ять putin", ["п’ять", "Putin’s"]),
    ("", "a", []),
]


@pytest.mark.parametrize(("text", "query", "expected"), MARKS)
def test_hits_are_marked_as_they_were_written(text: str, query: str, expected: list[str]) -> None:
    assert hits(text, query) == expected


def test_a_narrower_sense_marks_less() -> None:
    assert hits(TEXT, "вдовы berdyansk видео", "exact") == ["видео"]
    assert hits(TEXT, "вдовы berdyansk видео", "stem") == ["вдова", "видео"]


def test_a_snippet_shows_the_place_with_most_of_the_query() -> None:
    text = "путь " + "слово " * 100 + "путь домой конец " + "слово " * 100
    shown = marked(text, "путь домой конец", width=60)
    assert "[путь] [домой] [конец]" in shown
    assert shown.startswith(ELLIPSIS)
    assert shown.endswith(ELLIPSIS)
    assert len(shown) <= 60 + 6 + 2


def test_a_text_without_hits_shows_its_beginning() -> None:
    assert marked("слово " * 100, "нет", width=20) == "слово слово слово" + ELLIPSIS


def test_a_hit_late_in_a_very_long_text_is_shown_soon() -> None:
    text = "слово " * 800_000 + "конец"
    highlighter = Highlighter(parse_query("konets"))
    started = time.process_time()
    runs = snippet(text, highlighter)
    assert runs[-1] == ("конец", True)
    assert time.process_time() - started < 10


ALPHABET = "ab яё人ก็👍🏽🇺🇦\u200d'\u0301\n한ᄒ\u1161שָל.-½ﬁ"
texts = st.text(ALPHABET, max_size=120)


@given(texts, st.sampled_from(["a", "я", "人", "👍", "ก", '"a b"', "a*", "ל", "🇺🇦"]), st.integers(1, 60))
def test_runs_are_the_text_itself(text: str, query: str, width: int) -> None:
    runs = snippet(text, Highlighter(parse_query(query)), width)
    cut = [run for run, _ in runs]
    if cut and cut[0] == ELLIPSIS:
        cut = cut[1:]
    if cut and cut[-1] == ELLIPSIS:
        cut = cut[:-1]
    assert "".join(cut) in text
    assert all(run for run, _ in runs)
    if len(text) <= width:
        assert "".join(cut) == text
    for run, _ in runs:
        # Never begins with what belongs to the character before it.
        assert run[0] not in "\u0301\u200d🏽ָ็" or text.startswith(run)


@given(texts)
def test_every_word_of_a_text_is_marked_when_it_is_asked_for(text: str) -> None:
    from holdfast.search.words import words

    for word in words(text):
        runs = snippet(text, Highlighter(parse_query(f'"{word}"')), 1000)
        assert any(hit for _, hit in runs), word
