"""What a query's text means, and what is said where it means nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.search.grammar import All, Channel, Either, Has, Node, Not, Since, Term, Until, parse_query

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


def word(*words: str) -> Term:
    return Term(words)


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


MEANINGS: list[tuple[str, Node]] = [
    ("Бердянск", word("бердянск")),
    ("вдова видео", All((word("вдова"), word("видео")))),
    ("вдова AND видео", All((word("вдова"), word("видео")))),
    ("a b OR c d", Either((All((word("a"), word("b"))), All((word("c"), word("d")))))),
    ("a (b OR c)", All((word("a"), Either((word("b"), word("c")))))),
    ("a -b", All((word("a"), Not(word("b"))))),
    ("a NOT b", All((word("a"), Not(word("b"))))),
    ("a AND NOT b", All((word("a"), Not(word("b"))))),
    ("NOT NOT a", word("a")),
    ("-a", Not(word("a"))),
    ("-(a OR b)", Not(Either((word("a"), word("b"))))),
    ('"Путь домой"', word("путь", "домой")),
    ("«Путь домой» “a b” „c d“", All((word("путь", "домой"), word("a", "b"), word("c", "d")))),
    ('-"a b"', Not(word("a", "b"))),
    ('a"b c"d', All((word("a"), word("b", "c"), word("d")))),
    ("and or not И ИЛИ НЕ", All(tuple(word(w) for w in "and or not и или не".split()))),
    ('"AND"', word("and")),
    ("мобилиз*", Term(("мобилиз",), prefix=True)),
    ('"путь дом*"', Term(("путь", "дом"), prefix=True)),
    ('"путь дом"*', Term(("путь", "дом"), prefix=True)),
    ("38,000", word("38", "000")),
    ("Ростов-на-Дону", word("ростов", "на", "дону")),
    ("https://t.me/put_domoi", word("https", "t", "me", "put", "domoi")),
    ("12:30", word("12", "30")),
    ("人民网", word("人", "民", "网")),
    ('צה"ל', word("צה'ל")),
    ('"שלום צה"ל"', word("שלום", "צה'ל")),
    ("Put' Domoi", All((word("put"), word("domoi")))),
    ("a — b !", All((word("a"), word("b")))),
    ("(a) ((b))", All((word("a"), word("b")))),
    ("a (!)", word("a")),
    ("channel:put_domoi", Channel("put_domoi", 8)),
    ('CHANNEL:"Путь домой" a', All((Channel("Путь домой", 8), word("a")))),
    ("-channel:5", Not(Channel("5", 9))),
    ("has:Video", Has("video")),
    ("since:2023-12-01", Since(second("2023-12-01T00:00:00Z"))),
    ("until:2023-12-31", Until(second("2023-12-31T23:59:59Z"))),
    ("since:2023", Since(second("2023-01-01T00:00:00Z"))),
    ("until:2024", Until(second("2024-12-31T23:59:59Z"))),
    ("until:2024-02", Until(second("2024-02-29T23:59:59Z"))),
    ("until:2023-12", Until(second("2023-12-31T23:59:59Z"))),
    ("until:9999", Until(second("9999-12-31T23:59:59Z"))),
    ("since:0001-01-01", Since(second("0001-01-01T00:00:00Z"))),
    ("until:2023-12-29T21:30Z", Until(second("2023-12-29T21:30:59Z"))),
    ("until:2023-12-29T21:30:05+03:00", Until(second("2023-12-29T18:30:05Z"))),
    ("since:2023-12-29T21:30", Since(second("2023-12-29T21:30:00Z"))),
    ("since:7d", Since(second("2024-02-23T12:00:00Z"))),
    ("until:36h", Until(second("2024-02-29T00:00:00Z"))),
    ("since:2w", Since(second("2024-02-16T12:00:00Z"))),
]


@pytest.mark.parametrize(("text", "expected"), MEANINGS)
def test_a_query_means(text: str, expected: Node) -> None:
    query = parse_query(text, now=NOW)
    assert query.root == expected
    assert query.text == text


FAULTS = [
    ('a "b c', 2, "quotation mark is never closed"),
    ("a «b c", 2, "quotation mark is never closed"),
    ("a (b", 2, "bracket is never closed"),
    ("a) b", 1, "bracket was never opened"),
    ("a ()", 2, "brackets are empty"),
    ("a AND", 2, "AND has nothing after it"),
    ("a OR", 2, "OR has nothing after it"),
    ("a NOT", 2, "NOT has nothing after it"),
    ("(a OR) b", 3, "OR has nothing after it"),
    ("OR a", 0, "OR has nothing before it"),
    ("a OR AND b", 5, "AND follows OR"),
    ("", 0, "no word to search for"),
    ("  !!! ", 0, "no word to search for"),
    ("a *", 2, "* alone"),
    ("since:soon", 6, "no date"),
    ("since:2023-02-30", 6, "no date"),
    ("since:2023-13", 6, "no date"),
    ("since:0000", 6, "no date"),
    ("since:99999999w", 6, "no date"),
    ("since:-1d", 6, "no date"),
    ("until:2023-12-29T25:00", 6, "no date"),
    ("a channel: b", 2, "channel: has no value"),
    ("has:ви/део", 4, "no kind of attachment"),
    ("a " * 501, 1000, "more than 500 words"),
    ('"' + "a " * 10_000, 0, "characters"),
    ("(" * 1_000 + "a" + ")" * 1_000, 50, "brackets stand more than 50 deep"),
    ("-(" * 1_000, 101, "brackets stand more than 50 deep"),
    ("channel:a " * 501, 5008, "more than 500 words"),
]


@pytest.mark.parametrize(("text", "at", "what"), FAULTS)
def test_a_fault_is_named_with_its_place_and_a_remedy(text: str, at: int, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_query(text, now=NOW)
    assert what in caught.value.message
    assert caught.value.remedy
    lines = caught.value.message.split("\n")
    if len(lines) == 3:
        shown, caret = lines[1][2:], lines[2][2:]
        assert caret.strip() == "^"
        place = caret.index("^")
        start = max(0, at - 40)
        assert place == at - start
        assert shown == text[start : at + 40]
    else:
        assert len(text) > 20_000


def test_the_caret_stands_under_wide_and_unprintable_characters() -> None:
    with pytest.raises(UsageError) as caught:
        parse_query("人民\x1b[31m (b", now=NOW)
    _, shown, caret = caught.value.message.split("\n")
    assert shown == "  人民 [31m (b"
    assert caret.index("^") == 2 + 2 * 2 + 6  # two wide characters, then six narrow ones


@given(st.text(max_size=60) | st.text("ab\"'()-*: OR AND NOT«»channelsinceuntilhas20d", max_size=60))
def test_any_text_is_a_query_or_a_usage_error(text: str) -> None:
    try:
        meaning: object = parse_query(text, now=NOW).root
    except UsageError as error:
        meaning = error.remedy
    assert meaning
