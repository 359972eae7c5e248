"""The layers under the claims: characters, quotation marks, sentences, words, names."""

from __future__ import annotations

import pytest

from holdfast.reports.extract.names import find_names
from holdfast.reports.extract.plain import read_plain
from holdfast.reports.extract.quotation import find_quoted, masked
from holdfast.reports.extract.sentences import cut_sentences
from holdfast.reports.extract.words import cut_words


def insides(text: str) -> list[tuple[int, str]]:
    return [(span.level, text[span.inner_start : span.inner_end]) for span in find_quoted(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a “b c” d", [(0, "b c")]),
        ('a "b c" d "e" f', [(0, "b c"), (0, "e")]),
        ("«а „б“ в» г", [(0, "а „б“ в"), (1, "б")]),
        ("«а «б» в» г", [(0, "а «б» в"), (1, "б")]),
        ("„б” г", [(0, "б")]),
        ("“he said ‘no’ twice”", [(0, "he said ‘no’ twice"), (1, "no")]),
        ("'Never again,' he said. It's the soldiers' day.", [(0, "Never again,")]),
        ("the soldiers' wives' march of '68", []),
        ("it’s the wives’ day", []),
        ('a 6" pipe and a 7" pipe', []),
        ("“goes on\n“and on” she said", [(0, "goes on"), (0, "and on")]),
        ("never “closed here\nnext", []),
        ("«не закрыта здесь\nдалее", [(0, "не закрыта здесь")]),
        ("“” ", []),
        ("'' \"\" ' \"", []),
    ],
)
def test_quotation_marks_of_every_kind_are_paired(text: str, expected: list[tuple[int, str]]) -> None:
    assert insides(text) == expected


def test_what_is_quoted_is_blanked_without_moving_anything() -> None:
    text = "a “b c” d ‘e’"
    assert masked(text, find_quoted(text)) == "a “\x01\x01\x01” d ‘\x01’"


def cut(text: str) -> list[str]:
    plain = read_plain(text)
    return [text[s.start : s.end] for s in cut_sentences(plain, find_quoted(plain.text))]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One came. Two left.", 2),
        ("Mr. Lee came. St. Petersburg is far.", 2),
        ("It was Feb. 28, 2020. It rained.", 2),
        ("At 9 p.m. Moscow time it rained.", 1),
        ("It rained at 9 p.m. Then it stopped.", 2),
        ("A. B. Lee came to the U.S. last week.", 1),
        ("He wrote it on X. Another read it.", 2),
        ("“One. Two. Three,” said Lee.", 1),
        ("“Never!” Lee shouted.", 1),
        ("“Never.” Lee left.", 2),
        ("He said: “Never.” She left.", 2),
        ("Too late... Nothing came.", 2),
        ("Really? Yes! No.", 3),
        ("One\nTwo\n\nThree", 3),
        ("У канала 38 тыс. подписчиков. Их больше.", 2),
        ("Это было в 2022 г. в Москве.", 1),
        ("Это было в 2022 г. Потом всё стихло.", 2),
        ("И. И. Белов пришёл. А. Белова ушла.", 2),
        ("«Никогда!» — крикнул Белов.", 1),
        ("«Никогда». Белов ушёл.", 2),
        ("Ролик «Я знаю. Я видел» собрал 900 просмотров.", 1),
        ("version 1.5 of 2.0 came", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_they_end(text: str, count: int) -> None:
    assert len(cut(text)) == count


def names(text: str, lang: str) -> list[tuple[str, str]]:
    plain = read_plain(text)
    quoted = find_quoted(plain.text)
    words = cut_words(plain, masked(plain.low, quoted))
    return [(n.text, n.kind) for n in find_names(plain.text, words, quoted, masked(plain.text, quoted), lang)]


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("We saw Anna Belova in Graz.", "en", [("Anna Belova", "person"), ("Graz", "place")]),
        ("It is on the channel Quiet Barn.", "en", [("Quiet Barn", "channel")]),
        ("It is on Tihi Port’s Telegram channel.", "en", [("Tihi Port", "channel")]),
        ("The movement “Open Window” came.", "en", [("Open Window", "organisation")]),
        ("See @quiet_barn and https://t.me/quiet_barn/12.", "en", [("@quiet_barn", "channel"), ("https://t.me/quiet_barn/12", "channel")]),
        ("He told The Harbour Times on Monday.", "en", [("Harbour Times", "outlet")]),
        ("It was on Telegram.", "en", [("Telegram", "platform")]),
        ("Пришла Анна Белова.", "ru", [("Анна Белова", "person")]),
        ("Журналистка Анна Белова пришла.", "ru", [("Анна Белова", "person")]),
        ("Канал «Тихий порт» молчит.", "ru", [("Тихий порт", "channel")]),
        ("Движение «Открытое окно» молчит.", "ru", [("Открытое окно", "organisation")]),
        ("Вчера шёл дождь.", "ru", []),
    ],
)  # fmt: skip
def test_names_are_found_with_their_kind(text: str, lang: str, expected: list[tuple[str, str]]) -> None:
    assert names(text, lang) == expected


def test_a_word_of_two_alphabets_is_read_in_the_one_that_it_has_more_of() -> None:
    assert read_plain("373 тыc. и Tеlegram").low == "373 тыс. и telegram"


def test_a_letter_whose_lower_case_is_longer_moves_nothing() -> None:
    plain = read_plain("İSTANBUL 5")
    assert len(plain.low) == len(plain.text) == 10
