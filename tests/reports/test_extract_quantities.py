"""Comparator, number and noun: what is counted, how many, and what must not be taken for a count."""

from __future__ import annotations

import pytest

from holdfast.reports.claim import Claim
from holdfast.reports.extract import extract

Value = int | tuple[int, int]
Row = tuple[str, list[tuple[str, str, Value]]]

ENGLISH: list[Row] = [
    ("The clip has racked up more than half a million views.", [("views", "over", 500000)]),
    ("It was viewed over 1.2M times in a day.", [("views", "over", 1200000)]),
    (
        "The video has 38K likes and 1.1K comments.",
        [("reactions", "exact", 38000), ("reactions", "exact", 1100)],
    ),
    ("The channel has between 20,000 and 30,000 subscribers.", [("followers", "exact", (20000, 30000))]),
    ("The channel has from 20 to 30 thousand subscribers.", [("followers", "exact", (20000, 30000))]),
    ("The channel grew from 20,000 to 30,000 subscribers.", [("followers", "exact", 30000)]),
    ("Upwards of 40,000 people follow the channel.", [("followers", "over", 40000)]),
    ("The post was shared nearly 900 times.", [("reactions", "nearly", 900)]),
    ("The two-minute video shows soldiers.", [("duration", "exact", 120)]),
    ("In a 45-second video, she pleads for help.", [("duration", "exact", 45)]),
    ("The video, which is just over three minutes long, shows it.", [("duration", "over", 180)]),
    ("A video lasting almost two hours was posted.", [("duration", "nearly", 7200)]),
    ("Some two dozen people gathered.", [("people", "about", 24)]),
    ("Several hundred protesters gathered.", [("people", "at_least", 200)]),
    ("Scores of people were arrested.", [("people", "at_least", 24)]),
    ("Police arrested 1,354 people across 38 cities.", [("people", "exact", 1354)]),
    ("At least one person was killed.", [("people", "at_least", 1)]),
    ("One of the largest channels on Telegram posted it.", []),
    ("It has 1.5 million-plus subscribers.", [("followers", "over", 1500000)]),
    ("The channel, with its 250,000 or so subscribers, is popular.", [("followers", "about", 250000)]),
    ("The channel's 12,000-strong audience is loyal.", []),
    ("It gained 10,000 followers overnight.", [("followers", "exact", 10000)]),
    ("The channel's subscriber count has surpassed 100,000.", [("followers", "over", 100000)]),
    ("The number of views exceeded 3 million.", [("views", "over", 3000000)]),
    ("The video hit 10 million views.", [("views", "at_least", 10000000)]),
    ("The video reached the 1 million mark in views.", [("views", "at_least", 1000000)]),
    ("No fewer than 300 people attended.", [("people", "at_least", 300)]),
    ("Not more than 50 people came.", [("people", "up_to", 50)]),
    ("She has a following of around 70,000 on Telegram.", [("followers", "about", 70000)]),
    ("His Telegram channel is followed by half a million people.", [("followers", "exact", 500000)]),
    ("More than 2,000 have signed the petition.", []),
    ("The video had been seen by about 45,000 people as of Friday.", [("views", "about", 45000)]),
    ("It got 3,000 reactions, most of them hearts.", [("reactions", "exact", 3000)]),
    ("The channel published 15 videos in June.", [("posts", "exact", 15)]),
    ("Hundreds of channels were deleted.", [("other", "at_least", 200)]),
    ("Tens of thousands of subscribers left.", [("followers", "at_least", 20000)]),
    ("The group has thirty-eight thousand members.", [("followers", "exact", 38000)]),
    ("Fewer than a hundred people watched the stream.", [("views", "under", 100)]),
    ("The group chat had 56 members.", [("followers", "exact", 56)]),
    ("Almost 9 in 10 respondents use Telegram.", []),
    ("It costs $5 and 20 percent of users pay.", []),
    ("He is 25 years old and has 3 children.", [("people", "exact", 3)]),
    ("In 2022, 500 people were detained.", [("people", "exact", 500)]),
    ("The 2021 video has 5,000 views.", [("views", "exact", 5000)]),
    ("Up to 90,000 views per post is normal for the channel.", [("views", "up_to", 90000)]),
    ("The channel averages 15,000 views a post.", [("views", "exact", 15000)]),
    ("The channel had under 5k subs.", [("followers", "under", 5000)]),
    ("A 1:45 clip was uploaded.", [("duration", "exact", 105)]),
    (
        "The 30-minute-long interview was viewed 2 million times on YouTube.",
        [("duration", "exact", 1800), ("views", "exact", 2000000)],
    ),
    ("The video (4 minutes 12 seconds) was deleted.", [("duration", "exact", 252)]),
    ("an hour and a half long video", [("duration", "exact", 5400)]),
    ("The 1.5-hour film got 700 thousand views.", [("duration", "exact", 5400), ("views", "exact", 700000)]),
    ("The channel lost a third of its subscribers.", []),
    ("It has more than twice as many followers.", []),
    (
        "The post received exactly 1,024 views, 12 comments and 3 shares.",
        [("views", "exact", 1024), ("reactions", "exact", 12), ("reactions", "exact", 3)],
    ),
    (
        "Officials said 12 people, including three children, had died.",
        [("people", "exact", 12), ("people", "exact", 3)],
    ),
    ("The video was liked by 12,000 users.", [("reactions", "exact", 12000)]),
    ("More than 25 000 views", [("views", "over", 25000)]),
    ("It got 25.000 views.", [("views", "exact", 25000)]),
    ("Its Telegram channel (56,789 subscribers) is silent.", [("followers", "exact", 56789)]),
]

RUSSIAN: list[Row] = [
    ("Ролик набрал свыше полумиллиона просмотров.", [("views", "over", 500000)]),
    ("Канал насчитывает без малого 40 тыс. подписчиков.", [("followers", "nearly", 40000)]),
    ("Канал насчитывает от 20 до 30 тысяч подписчиков.", [("followers", "exact", (20000, 30000))]),
    ("Число подписчиков выросло с 20 до 30 тысяч.", [("followers", "about", 30000)]),
    ("Аудитория канала — 1-1,3 млн подписчиков.", [("followers", "exact", (1000000, 1300000))]),
    ("На канал подписаны более 250 тысяч человек.", [("followers", "over", 250000)]),
    ("У канала 38,5 тыс. подписчиков.", [("followers", "exact", 38500)]),
    ("Видео посмотрели более миллиона раз.", [("views", "over", 1000000)]),
    ("Видео посмотрели уже свыше 120 тысяч человек.", [("views", "over", 120000)]),
    ("Видеоролик длится чуть более трёх минут.", [("duration", "over", 180)]),
    (
        "Получасовой фильм посмотрели два миллиона человек.",
        [("duration", "exact", 1800), ("views", "exact", 2000000)],
    ),
    ("Запись длиной в 41 секунду опубликована в канале.", [("duration", "exact", 41)]),
    ("На 12-минутном видео женщина плачет.", [("duration", "exact", 720)]),
    ("В 45-секундном ролике она просит помощи.", [("duration", "exact", 45)]),
    ("Более двух тысяч человек вышли на улицу.", [("people", "over", 2000)]),
    ("Задержаны не менее 27 человек.", [("people", "at_least", 27)]),
    ("Задержали порядка 15 журналистов.", [("people", "about", 15)]),
    ("Собралось около двухсот человек.", [("people", "about", 200)]),
    ("Погибли минимум пять человек.", [("people", "at_least", 5)]),
    ("Пострадали пятеро.", [("people", "exact", 5)]),
    ("Несколько сотен человек вышли на площадь.", [("people", "at_least", 200)]),
    ("Больше сотни женщин подписали обращение.", [("people", "over", 100)]),
    ("Более десятка каналов удалены.", [("other", "over", 10)]),
    ("Тысячи людей посмотрели видео.", [("views", "at_least", 2000)]),
    ("Один из крупнейших каналов сообщил об этом.", []),
    ("Матч начался в 12 часов, пришли 300 болельщиков.", [("people", "exact", 300)]),
    ("За 3 часа ролик собрал 15 тысяч лайков.", [("reactions", "exact", 15000)]),
    (
        "Пост набрал 1 234 реакции и 56 комментариев.",
        [("reactions", "exact", 1234), ("reactions", "exact", 56)],
    ),
    ("Число просмотров превысило отметку в 3 миллиона.", [("views", "over", 3000000)]),
    ("Количество подписчиков достигло 100 тысяч.", [("followers", "at_least", 100000)]),
    ("Канал прибавил 5 тысяч подписчиков за неделю.", [("followers", "exact", 5000)]),
    ("Канал потерял до 10% аудитории.", []),
    ("До 70 человек пришли на встречу.", [("people", "up_to", 70)]),
    ("Аудитория выросла до 62 млн человек.", [("followers", "about", 62000000)]),
    ("В чате состоит 56 человек.", [("followers", "exact", 56)]),
    ("В группе «Возвращение» более 3000 участников.", [("followers", "over", 3000)]),
    ("В акции приняли участие около 3000 участников движения.", [("people", "about", 3000)]),
    ("Стоимость — 25 тысяч рублей, скидка 10 процентов.", []),
    ("Ему 25 лет, у него трое детей.", [("people", "exact", 3)]),
    ("В 2022 году задержали 500 человек.", [("people", "exact", 500)]),
    ("Полтора миллиона просмотров собрал ролик.", [("views", "exact", 1500000)]),
    ("Ролик собрал четверть миллиона просмотров.", [("views", "exact", 250000)]),
    ("Пару тысяч просмотров набрал пост.", [("views", "about", 2000)]),
    ("25 тысяч с лишним просмотров", [("views", "over", 25000)]),
    ("Почти сорок тысяч подписчиков у канала.", [("followers", "nearly", 40000)]),
    ("Двадцать пять тысяч просмотров.", [("views", "exact", 25000)]),
    ("Аудитория канала превышает 300 тысяч.", [("followers", "over", 300000)]),
    ("Подписчиков у канала уже 45 тысяч.", [("followers", "exact", 45000)]),
    ("Просмотров — более 25 тысяч.", [("views", "over", 25000)]),
    ("К видео оставили свыше тысячи комментариев.", [("reactions", "over", 1000)]),
    ("Публикацию переслали 800 раз.", [("reactions", "exact", 800)]),
    ("Опубликовано 15 постов за день.", [("posts", "exact", 15)]),
    ("У неё 120к подписчиков.", [("followers", "exact", 120000)]),
    ("Видео длительностью 1:45 выложили утром.", [("duration", "exact", 105)]),
    ("1 час 20 минут длится запись.", [("duration", "exact", 4800)]),
    ("Видео на три минуты опубликовал канал.", [("duration", "exact", 180)]),
    ("Меньше тысячи просмотров за сутки.", [("views", "under", 1000)]),
    ("Сотни тысяч россиян уехали.", [("people", "at_least", 200000)]),
    ("Каждый пятый житель читает каналы.", []),
    ("373 тыc. подписчиков", [("followers", "exact", 373000)]),
]

UKRAINIAN: list[Row] = [
    ("Відео набрало понад 10 мільйонів переглядів.", [("views", "over", 10_000_000)]),
    ("Канал має майже 40 тисяч підписників.", [("followers", "nearly", 40_000)]),
    ("Зняли сотні власних версій.", [("posts", "at_least", 200)]),
]


def counts(text: str, lang: str) -> list[tuple[str, str, Value]]:
    found: list[tuple[str, str, Value]] = []
    for claim in extract(text, published=None, lang=lang):
        quantity = claim.quantity
        if quantity is not None:
            value = quantity.lo if quantity.lo == quantity.hi else (quantity.lo, quantity.hi)
            found.append((claim.kind, quantity.comparator, value))
    return found


@pytest.mark.parametrize(("text", "expected"), ENGLISH, ids=[row[0][:40] for row in ENGLISH])
def test_an_english_count_is_read_with_its_comparator_and_unit(
    text: str, expected: list[tuple[str, str, Value]]
) -> None:
    assert counts(text, "en") == expected


@pytest.mark.parametrize(("text", "expected"), RUSSIAN, ids=[row[0][:40] for row in RUSSIAN])
def test_a_russian_count_is_read_with_its_comparator_and_unit(
    text: str, expected: list[tuple[str, str, Value]]
) -> None:
    assert counts(text, "ru") == expected


@pytest.mark.parametrize(("text", "expected"), UKRAINIAN)
def test_a_ukrainian_count_is_read_by_the_russian_rules(
    text: str, expected: list[tuple[str, str, Value]]
) -> None:
    assert counts(text, "uk") == expected


@pytest.mark.parametrize(
    ("text", "granule"),
    [
        ("The channel has 38,000 followers.", 1_000),
        ("The channel has 38K followers.", 1_000),
        ("The channel has 1.2M followers.", 100_000),
        ("The channel has 38,417 followers.", 1),
        ("The channel has half a million followers.", 100_000),
        ("У канала 1,2 млн подписчиков.", 100_000),
        ("У канала 2,04 млн подписчиков.", 10_000),
        ("У канала двадцать тысяч подписчиков.", 10_000),
        ("У канала полтора миллиона подписчиков.", 100_000),
    ],
)
def test_the_granule_is_the_place_of_the_last_significant_digit_as_written(text: str, granule: int) -> None:
    (claim,) = [claim for claim in extract(text, published=None) if claim.quantity]
    assert claim.quantity is not None
    assert claim.quantity.granule == granule


@pytest.mark.parametrize(
    "number",
    [
        "25,000",
        "25 000",
        "25\u00a0000",
        "25\u202f000",
        "25\u2009000",
        "25'000",
        "25.000",
        "25000",
        "25k",
        "25K",
        "25 thousand",
    ],
)
def test_every_way_to_part_thousands_is_one_number(number: str) -> None:
    assert counts(f"The post has over {number} views.", "en") == [("views", "over", 25_000)]


@pytest.mark.parametrize(
    "number",
    ["25 тысяч", "25 тыс.", "25\u00a0000", "25.000", "25000", "25к", "двадцать пять тысяч", "25 тыc."],
)
def test_every_russian_way_to_write_thousands_is_one_number(number: str) -> None:
    assert counts(f"Пост набрал свыше {number} просмотров.", "ru") == [("views", "over", 25_000)]


@pytest.mark.parametrize(
    "text",
    [
        "The page loads in 4ms and the score was 6-0.",
        "Add 1/4 cup of milk and 2 spoons of sugar.",
        "The iPhone 11 Pro users among us know.",
        "In 2023 followers were rare.",
        "The 2023 followers of the team met.",
        "38% of followers left, and 12 per cent of viewers stayed.",
        "It costs $25,000 or €300.",
        "One of its members spoke.",
        "Room 101 followers",
        "Встреча началась в 12 часов.",
        "Счёт 6:0, стакан 1/4, страница за 4 мс.",
        "Цена 25 000 рублей, скидка 15%.",
        "Один из участников канала рассказал.",
        "В 2023 подписчиков почти не было.",
        "Ушли 10% подписчиков.",
    ],
)
def test_numbers_that_count_nothing_of_a_channel_make_no_count(text: str) -> None:
    assert [row for row in counts(text, "ru" if "о" in text else "en") if row[0] != "people"] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The post has −5 views.", "negative"),
        ("The post has 1e400 views.", "scientific"),
        ("The post has 99999999999999999999 views.", "too large"),
        ("The post has 1234567890123456789012345678901 views.", "more digits"),
        ("The post has 2.5 views.", "fraction"),
        ("У поста −5 просмотров.", "negative"),
    ],
)
def test_a_number_that_no_counter_shows_is_kept_unread_with_the_reason(text: str, reason: str) -> None:
    (claim,) = extract(text, published=None)
    assert claim.kind == "views"
    assert claim.quantity is None
    assert reason in (claim.extraction.unread or "")


def only(text: str, lang: str = "en") -> Claim:
    (claim,) = [claim for claim in extract(text, published=None, lang=lang) if claim.quantity]
    return claim


def test_reports_about_a_number_that_is_not_round_is_no_approximation() -> None:
    claim = only("The centre reports about 27 detainees, some of them minors.")
    assert claim.quantity is not None
    assert (claim.quantity.comparator, claim.extraction.rules[-1]) == ("exact", "cmp.reports_on")
    rough = only("The centre reports about 30 detainees.")
    assert rough.quantity is not None
    assert rough.quantity.comparator == "about"


def test_what_weakens_a_count_is_marked() -> None:
    assert "views as people" in only("More than 800,000 people have viewed the clip.").vague
    assert "change" in only("The channel gained 3,000 new subscribers.").vague
    assert "additional" in only("Police detained seven more journalists.").vague
    assert "vague plural" in only("Dozens of people came.").vague
    assert "only" in only("Only 300 people came.").vague
    assert "modal" in only("За день в канале может накопиться несколько тысяч видео.", "ru").vague
    assert (
        "unit as printed makes no sense"
        in only("Число подписчиков канала составляет 82 тысячи рублей.", "ru").vague
    )


def test_every_count_names_the_rules_that_made_it() -> None:
    claim = only("The post has over 25,000 views.")
    assert claim.extraction.rules == ("number.digits", "noun.views", "cmp.over")


def test_a_count_in_quotation_marks_is_speech_and_no_count_of_the_report() -> None:
    assert counts("“We have 38,000 followers,” said Ann Lee.", "en") == []
