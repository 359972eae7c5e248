"""The normal form of words, and how texts are cut into them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.search.words import LONGEST_WORD, spaced, spans, words

TABLE = [
    ("Put' Domoi", ["put", "domoi"]),
    ("Put’ Dumoi’s", ["put", "dumoi's"]),
    ("Putʹ", ["put"]),
    ("п'ять п’ять пʼять п`ять", ["п'ять"] * 4),
    ("‘quoted’ 'quoted' ''quoted''", ["quoted"] * 3),
    ("don’t", ["don't"]),
    ("Ёлка ёж Е\u0308ж", ["елка", "еж", "еж"]),
    ("за́мок замо́к", ["замок", "замок"]),
    ("и\u0306 й Й", ["й", "й", "й"]),
    ("ї і\u0308", ["ї", "ї"]),
    ("№5 38,000 1.5", ["5", "38", "000", "1", "5"]),
    ("@user_name #тег #tag", ["user", "name", "тег", "tag"]),
    ("https://t.me/put_domoi/12?a=b", ["https", "t", "me", "put", "domoi", "12", "a", "b"]),
    ("Ростов-на-Дону", ["ростов", "на", "дону"]),
    ("co\u00adop\u200bera\ufefftion", ["cooperation"]),
    ("\u202bשלום\u202c", ["שלום"]),
    ("Straße ΣΊΣΥΦΟΣ ﬁn", ["strasse", "σίσυφοσ", "fin"]),
    ("İstanbul", ["i\u0307stanbul"]),
    ("人民网 ひらがな ﾃｽﾄ", [*"人民网ひらがなテスト"]),
    ("ทดสอบ", [*"ทดสอบ"]),
    ("ສະບາຍ", [*"ສະບາຍ"]),
    ("ភាសា", [*"ភាសា"]),
    ("မြန်မာ", [*"မြန်မာ"]),
    ("中文abc中文", ["中", "文", "abc", "中", "文"]),
    ("👍🏽 ❗️ок👨\u200d👩\u200d👧", ["👍", "❗", "ок", "👨", "👩", "👧"]),
    ("🇺🇦 1️⃣", ["🇺", "🇦", "1"]),
    ('צה"ל צה״ל ג׳ירפה', ["צה'ל", "צה'ל", "ג'ירפה"]),
    ('אמר "שלום" לי', ["אמר", "שלום", "לי"]),
    ("مُحَمَّد محـــمد", ["مُحَمَّد", "محمد"]),
    ("हिन्दी में", ["हिन्दी", "में"]),
    ("한국어 한국어", ["한국어", "한국어"]),
    ("café cafe\u0301", ["café", "café"]),
    ("„Вот“ «так» — да…", ["вот", "так", "да"]),
    ("a\u0000b\ud800c", ["a", "b", "c"]),
    ("\u0301\u0301 '' _ - ", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_a_text_is_cut_into_words_in_one_normal_form(text: str, expected: list[str]) -> None:
    assert words(text) == [unicodedata.normalize("NFC", word) for word in expected]


def test_an_over_long_run_becomes_successive_words_and_loses_nothing() -> None:
    run = "".join(chr(ord("а") + at % 32) for at in range(3 * LONGEST_WORD + 7))
    found = words(f"до {run} после")
    assert found[0] == "до"
    assert found[-1] == "после"
    assert "".join(found[1:-1]) == run
    assert max(map(len, found)) == LONGEST_WORD


ALPHABET = "aЯё'’\" -_.,№5й\u0301\u0306\u0308人がｶﾞก็ำ👍🏽\u200d\ufe0f🇺שָל״مُـ한ㅎᄒ\u1161ßİﬁ½ǅ\ud800\x00क्"
texts = st.text() | st.text(alphabet=ALPHABET, max_size=30) | st.text(st.characters(max_codepoint=0x3100))


@given(texts)
@example("`\u0300")
@example("ﾞ\u3099")
def test_cutting_words_again_changes_nothing(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found


@given(texts)
def test_canonically_equal_texts_have_the_same_words(text: str) -> None:
    found = words(text)
    assert words(unicodedata.normalize("NFC", text)) == found
    assert words(unicodedata.normalize("NFD", text)) == found


@given(texts)
def test_compatible_texts_have_the_same_words(text: str) -> None:
    # Except for the signs that NFKC would glue to their neighbours as letters: № 5 is 5, not No5.
    text = "".join(character for character in text if character not in "№™℠")
    assert words(unicodedata.normalize("NFKC", text)) == words(text)


@given(texts)
def test_case_makes_no_difference(text: str) -> None:
    assert words(text.casefold()) == words(text)


@given(texts)
def test_spans_are_the_same_words_with_their_places(text: str) -> None:
    found = spans(text)
    assert [word for _, _, word in found] == words(text)
    last = 0
    for start, end, _ in found:
        assert 0 <= start < end <= len(text)
        assert start >= last  # several words can come from one character (½), none from before
        last = start


def test_a_span_covers_what_was_written() -> None:
    text = "За́мок «Пу\u00adть» ½ שָׁלוֹם 👍🏽!"
    assert [text[start:end] for start, end, _ in spans(text)] == [
        "За́мок",
        "Пу\u00adть",
        "½",
        "½",
        "שָׁלוֹם",
        "👍🏽",
    ]


USUAL = st.text(
    st.sampled_from("".join(map(chr, range(128))) + "АБЁЖйъыяёіЇєҐґЎў\xa0«»“”„–—…№©®·•→₽€"), max_size=40
)


@given(USUAL, st.sampled_from(["", " ", "\n", "."]))
@example("а" * (LONGEST_WORD + 1), " ")
@example(" " + "а" * LONGEST_WORD, " ")
@example("x" * (LONGEST_WORD + 2) + "'", "")
def test_usual_letters_are_cut_as_they_are_among_unusual_ones(text: str, between: str) -> None:
    # An emoji takes the whole text another way, and is a word of its own.
    assert words(f"{text}{between}\U0001f600{between}{text}") == [*words(text), "\U0001f600", *words(text)]


@pytest.mark.parametrize("text", ["", " \n", "… — «»!", "\u200b", "'’"])
def test_a_text_without_words_leaves_nothing(text: str) -> None:
    assert spaced(text) == ""
    assert words(text) == []


@given(st.text(max_size=60))
def test_the_spaced_form_holds_the_words_and_spaces(text: str) -> None:
    assert spaced(text).split(" ") == [""] or [each for each in spaced(text).split(" ") if each] == words(
        text
    )


@pytest.mark.parametrize("before", range(0, 3 * LONGEST_WORD, 7))
def test_a_long_word_is_cut_wherever_it_stands(before: int) -> None:
    head = ["ab"] * (before // 3)
    for length in (LONGEST_WORD - 1, LONGEST_WORD, LONGEST_WORD + 1, 2 * LONGEST_WORD + 1):
        cut = ["ж" * min(LONGEST_WORD, length - at) for at in range(0, length, LONGEST_WORD)]
        text = " ".join([*head, " " * (before % 3) + "Ж" * length, "end"])
        assert words(text) == [*head, *cut, "end"]
