"""Which words meet, in which sense, and which must not."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.search.folding import (
    NewWords,
    any_keys,
    prepare,
    stem_key,
    stems,
    transliteration_keys,
    word_rows,
    words,
)

ONE_NAME = [
    "Бердянск Бердянськ Berdyansk Berdiansk Berdians'k Berdjansk Berdânsk БЕРДЯНСК",
    "Путь Put' Put’ Putʹ Put",
    "домой domoi domoy domoj Domoĭ",
    "Зеленский Зеленський Zelensky Zelenskyy Zelenskiy Zelenskij Zelens'kyy Zelenskyi",
    "Харьков Харків Kharkov Kharkiv Charkow Kharkoff",
    "Щербаков Shcherbakov Scherbakov Ščerbakov Schtscherbakow Chtcherbakov",
    "Юлия Юлія Yulia Julia Iuliia Yuliya Julija Yuliia Ûliâ",
    "Ёлкин Елкин Yolkin Elkin Yelkin Ëlkin",
    "Хрущёв Хрущев Хрущов Khrushchev Hruščëv Chruščëv Chruschtschow Khrushchyov Khrouchtchev",
    "Киев Київ Kyiv Kiev Kyjiv Kiew",
    "Андреева Andreeva Andreyeva Andrejeva Andreewa",
    "Ельцин Yeltsin Jelzin Eltsine El'cin Eltsin",
    "Путин Putin Poutine",
    "Горбачёв Горбачев Gorbachev Gorbatschow Gorbatchev Gorbačëv Gorbachyov",
    "Чехов Chekhov Tchekhov Tschechow Čechov Čehov",
    "Луганск Луганськ Lugansk Luhansk Luhans'k",
    "Запорожье Запоріжжя Zaporizhzhia Zaporizhzhya Zaporozhye Zaporižžja",
    "Чернобыль Чорнобиль Chernobyl Chornobyl Tschernobyl Tchernobyl Černobyl'",
    "Лукашенко Lukashenko Lukaschenko Loukachenko Lukašenko",
    "Шойгу Shoigu Shoygu Schoigu Choïgou",
    "Васильевич Vasilyevich Vasil'evich Vasilievich Vasiljevič",
    "Александр Alexander Alexandr Aleksandr",
    "Воробьёв Воробьев Воробйов Vorobyov Vorobyev Vorobiev Vorob'ev",
    "Ђоковић Đoković Đokovic",
    "Вучић Vučić Vucic",
    "България Bălgarija Balgaria Bulgaria",
    "Семёнов Semyonov Semenov Semjonow",
    "Гриценко Gritsenko Hrytsenko Grytsenko",
    "Чернигов Чернігів Chernigov Chernihiv",
    "Львов Львів Lvov Lviv L'viv",
    "Днепр Дніпро Dnepr Dnipro",
    "Николаев Миколаїв Nikolaev Mykolaiv Mykolayiv",
    "Авдеевка Авдіївка Avdeevka Avdiivka Avdiyivka",
    "Винница Вінниця Vinnitsa Vinnytsia",
    "Жуков Zhukov Žukov Joukov",
    "Мария Марія Maria Mariya Marija Mariia",
    "Ишкова Ishkova Iškova Ischkowa",
    "Аўдзееў Audzeeu",
    "Αθήνα Athina",
    "თბილისი Tbilisi",
    "Երևան Yerevan Ереван",
    "서울 Seoul",
    "château chateau Château",
    "Счастливцев Shchastlivtsev Schastlivtsev Sčastlivcev",
    "счастье щастье schastye schast'e shchastye",
    "расчёт расчет raschet raschyot rasčët",
    "отзыв otzyv",
    "Зайцев Zaitsev Zaytzev Zajcev",
    "Кац Katz Kats",
    "частжим chastzhim",
    "Анна Anna Ana",
    "СССР SSSR",
    "Россия Rossiya Rosiya",
]

INFLECTED = [
    ("Бердянске", "Berdyansk", "any"),
    ("Бердянську", "Berdiansk", "any"),
    ("Бердянском", "Бердянск", "stem"),
    ("Харькове", "Харьков", "stem"),
    ("войны", "войной", "stem"),
    ("мові", "мова", "stem"),
    ("мовою", "мови", "stem"),
    ("президентові", "президент", "stem"),
    ("нової", "нового", "stem"),
    ("незалежності", "незалежність", "stem"),
    ("солдатів", "солдати", "stem"),
    ("армії", "армію", "stem"),
    ("п'ять", "пять", "stem"),
    ("Putin's", "Putin", "stem"),
    ("Luhansk’s", "Луганск", "any"),
    ("videos", "video", "stem"),
    ("видео", "video", "any"),
    ("cafés", "cafe", "stem"),
    ("مُحَمَّد", "محمد", "stem"),
    ("والكتاب", "كتاب", "stem"),
    ("ومحمد", "محمد", "stem"),
    ("المدينة", "مدينة", "stem"),
    ("أحمد", "احمد", "stem"),
    ("کتابها", "کتاب", "stem"),
    ("שָׁלוֹם", "שלום", "stem"),
    ("המדינה", "מדינה", "stem"),
    ("αθήνας", "αθήνα", "stem"),
    ("लड़के", "लड़का", "stem"),
]

APART = [
    ("Ишкова", "Ишков"),
    ("Ishkova", "Ishkov"),
    ("дом", "дым"),
    ("она", "оно"),
    ("мой", "май"),
    ("Ленин", "Лунин"),
    ("Минск", "Мурманск"),
    ("Шаров", "Жаров"),
    ("Сонин", "Шонин"),
    ("Павлов", "Павлова"),
    ("Сорока", "Шорока"),
    ("war", "var"),
    ("now", "nov"),
    ("follow", "Белов"),
    ("good", "hood"),
    ("count", "cant"),
    ("війна", "вина"),
    ("лес", "лис"),
    ("год", "код"),
    ("人", "入"),
    ("слово44", "слово4"),
    ("covid1199", "covid19"),
    ("zzzz", "z"),
    ("zzzzz", "zz"),
    ("СССР", "ср"),
    ("бррррр", "бр"),
    ("hmmmmm", "hm"),
    ("вввв", "в"),
    ("отзыв", "оцив"),
    ("счёт", "сет"),
    ("счёт", "чет"),
]


def meets(first: str, second: str, sense: str) -> bool:
    (one,), (other,) = words(first), words(second)
    keys = stems if sense == "stem" else any_keys
    return not set(keys(one)).isdisjoint(keys(other))


@pytest.mark.parametrize("group", ONE_NAME)
def test_spellings_of_one_name_meet_across_scripts_and_systems(group: str) -> None:
    first, *others = group.split()
    assert [other for other in others if not meets(first, other, "any")] == []
    keys = set(transliteration_keys(first))
    assert [other for other in others if keys.isdisjoint(transliteration_keys(other))] == []


@pytest.mark.parametrize(("one", "other", "sense"), INFLECTED)
def test_inflected_and_marked_words_meet(one: str, other: str, sense: str) -> None:
    assert meets(one, other, sense)
    assert meets(other, one, "any")
    assert sense == "stem" or not meets(one, other, "stem")


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_words_share_no_transliteration(one: str, other: str) -> None:
    assert set(transliteration_keys(one)).isdisjoint(transliteration_keys(other))


def test_his_and_her_surname_share_a_stem_but_no_transliteration() -> None:
    assert meets("Ишкова", "Ишков", "stem")
    assert set(transliteration_keys("Ишкова")).isdisjoint(transliteration_keys("Ishkov"))
    assert transliteration_keys("Put’ Domoi") == transliteration_keys("Путь домой") == ("put domoi",)


def test_names_that_a_precise_key_keeps_apart_are_known() -> None:
    # Written down so that a change is noticed: these are one name to a person, not to the keys.
    for one, other in [("Андрей", "Andriy"), ("Зеленский", "Selenskyj"), ("Цыпкин", "Zypkin"), ("發", "发")]:
        assert not meets(one, other, "any")


def test_what_shares_a_stem_shares_an_any_script_form() -> None:
    vocabulary = " ".join([*ONE_NAME, *(f"{one} {other}" for one, other, _ in INFLECTED)])
    for one, other in itertools.combinations(sorted(set(words(vocabulary))), 2):
        if not set(stems(one)).isdisjoint(stems(other)):
            assert not set(any_keys(one)).isdisjoint(any_keys(other)), (one, other)


@given(st.text(max_size=40) | st.text("аеиоуйяюёєїіьъшщжчцхгкqwxchtsjyz'", max_size=12))
def test_every_word_has_forms_and_finds_itself(text: str) -> None:
    for form in words(text):
        assert stem_key(form)
        assert all(stems(form))
        assert all(any_keys(form))
        found = {key for key, _ in word_rows(form)} | ({form} & set(any_keys(form)))
        assert found == set(any_keys(form))


@given(
    st.text("аеиоуйяюєїіьшщжчцхгкstzoehcjyqwx'", min_size=1, max_size=10),
    st.sampled_from(["", "а", "ом", "s", "'s"]),
)
def test_a_shared_stem_always_implies_a_shared_any_script_form(root: str, ending: str) -> None:
    for one in words(root):
        for other in words(root + ending):
            if not set(stems(one)).isdisjoint(stems(other)):
                assert not set(any_keys(one)).isdisjoint(any_keys(other))


def test_numbers_emoji_and_single_characters_need_no_row() -> None:
    assert [word_rows(form) for form in words("38 2023 👍 人 が ก ב")] == [[]] * 6 + [[("v", "ב")]]


def test_new_words_come_once_and_memory_is_bounded() -> None:
    new = NewWords(limit=100)
    assert new.rows(["дом", "дома"]) == word_rows("дом") + word_rows("дома") or new.rows(["дом"]) == []
    assert new.rows(["дом", "дома"]) == []
    new.rows(f"слово{at}" for at in range(99))
    assert new.rows(["дом"]) == word_rows("дом")


def test_prepared_text_is_the_words_joined() -> None:
    assert prepare("Путь — «Домой»!") == ("путь домой", ["путь", "домой"])


def test_folding_keeps_pace_with_an_import() -> None:
    # Generous: what is tested is that no word falls off a cliff, not the machine.
    text = "Сегодня в Бердянске мобилизованный записал обращение, прочитайте его полностью на канале. " * 3
    started = time.process_time()
    for _ in range(2_000):
        prepare(text)
    assert (time.process_time() - started) / 2_000 < 100e-6
    hostile = ["щ" * 255, "j" * 255, "sch" * 85, "ts" * 127, "ii" * 127, "ы'" * 127]
    started = time.process_time()
    for form in hostile * 10:
        word_rows(form)
    assert (time.process_time() - started) / 60 < 5e-3
