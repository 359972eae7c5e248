"""Rarer wordings, and what others have misread: each line was once wrong here or elsewhere."""

from __future__ import annotations

from datetime import tzinfo

import pytest

from holdfast.errors import FormatError
from holdfast.reports.claim import Claim
from holdfast.reports.extract import extract, parse_published
from holdfast.reports.extract.calendar import local_zone

PUBLISHED = parse_published("2023-12-29T14:05+03:00", source="given")
Counts = list[tuple[str, str, int | tuple[int, int]]]

ENGLISH: list[tuple[str, Counts]] = [
    ("The channel has two and a half million subscribers.", [("followers", "exact", 2_500_000)]),
    ("The channel has 2 and a half million subscribers.", [("followers", "exact", 2_500_000)]),
    ("The channel has a quarter of a million subscribers.", [("followers", "exact", 250_000)]),
    ("The channel has half a dozen subscribers.", [("followers", "about", 6)]),
    ("The channel has one hundred and twenty subscribers.", [("followers", "exact", 120)]),
    ("The channel has two million three hundred thousand subscribers.", [("followers", "exact", 2_300_000)]),
    ("The channel has thirty-eight thousand five hundred subscribers.", [("followers", "exact", 38_500)]),
    ("The channel has a couple of thousand subscribers.", [("followers", "about", 2_000)]),
    ("The channel has a few hundred subscribers.", [("followers", "at_least", 200)]),
    ("The channel has hundreds of thousands of subscribers.", [("followers", "at_least", 200_000)]),
    ("The channel has tens of subscribers.", []),
    ("The channel has 1,234.5 subscribers on average.", []),
    ("The clip got 3-million views.", [("views", "exact", 3_000_000)]),
    ("The clip got one to two million views.", [("views", "exact", (1_000_000, 2_000_000))]),
    ("The clip got 20 or 30 views.", [("views", "exact", (20, 30))]),
    ("The clip got 30-20 views.", []),
    ("The clip got 900 views or more.", [("views", "exact", 900)]),
    ("The clip got 900 or more views.", [("views", "at_least", 900)]),
    ("The clip got some 900-odd views.", [("views", "about", 900)]),
    ("The clip got 900-plus views.", [("views", "over", 900)]),
    ("The clip got 900 plus 100 views.", [("views", "exact", 100)]),
    ("The clip sailed past 900 views.", [("views", "over", 900)]),
    ("The clip went past 900 views.", [("views", "over", 900)]),
    ("The clip was liked 900 times.", [("reactions", "exact", 900)]),
    ("The clip was cut 900 times.", []),
    ("He fell four times.", []),
    ("The clip was watched by 900 viewers.", [("views", "exact", 900)]),
    ("The channel is followed by 900 journalists.", [("followers", "exact", 900)]),
    ("The chat (900 members) is open.", [("followers", "exact", 900)]),
    ("Two members of the chat were fined.", [("people", "exact", 2)]),
    ("About 900 members of the chat were fined.", [("followers", "about", 900)]),
    ("Nine members of its board left.", [("people", "exact", 9)]),
    ("She sold 300 video games and 20 post offices.", []),
    ("Its audience grew fivefold to nearly 1.3 million.", [("followers", "nearly", 1_300_000)]),
    ("The number of channels passed 300.", [("other", "over", 300)]),
    ("The number of protesters reached 300.", [("people", "at_least", 300)]),
    ("The number of posts passed 300.", [("posts", "over", 300)]),
    ("Views: 900", []),
    ("The second channel in subscribers is Quiet Barn, with a count of 6.4 million.", [("followers", "exact", 6_400_000)]),
    ("The clip has 900 views, up from 200.", [("views", "exact", 900), ("views", "exact", 200)]),
    ("The clip had 900 views. The figure has since passed 1,000.", [("views", "exact", 900), ("views", "over", 1_000)]),
    ("The clip has 900 views. It cost $300.", [("views", "exact", 900)]),
    ("Police held 25, and 26 for vandalism.", [("people", "exact", 26)]),
    ("Fifteen people were hurt, five of them badly.", [("people", "exact", 15)]),
    ("It was the ninth of the weekly gatherings.", [("other", "exact", 9)]),
    ("It was the ninth day of the week.", []),
    ("The 9th rally was the largest.", [("other", "exact", 9)]),
    ("A two-minute, 30-second clip was posted.", [("duration", "exact", 150)]),
    ("A half-hour film was posted.", [("duration", "exact", 1800)]),
    ("A half-hour walk was taken.", []),
    ("An hour-long walk was taken.", []),
    ("A nine-minute video call took place.", []),
    ("A nine-minute speech, a video, was posted.", [("duration", "exact", 540)]),
    ("A 10 minute long clip was posted.", [("duration", "exact", 600)]),
    ("The clip runs for 9 min. 30 sec.", [("duration", "exact", 570)]),
    ("The clip runs for 2:75.", []),
    ("The post has 11,000 years of age. participants", [("followers", "exact", 11_000)]),
    ("The clip had about 900 views and 90 likes.", [("views", "about", 900), ("reactions", "about", 90)]),
    ("The clip had, in all, about 900 views, 90 likes and 9 shares.", [("views", "about", 900), ("reactions", "exact", 90), ("reactions", "exact", 9)]),
    ("Section 12 followers of the route 5 bus left.", []),
    ("See page A-10 and post #15.", []),
    ("The channel has 900* followers.", [("followers", "exact", 900)]),
    ("The channel grew by 2 and a half times.", []),
    ("Nine minutes of footage was lost.", [("duration", "exact", 540)]),
    ("A nine-minute and quite long dull old video was posted.", []),
    ("The number was 300 times larger, and 900 more.", []),
    ("The number of likes fell 900 times.", []),
    ("Its following reached 900.", [("followers", "at_least", 900)]),
    ("The total of new groups is 300.", [("other", "exact", 300)]),
    ("The groups count is 300.", [("other", "exact", 300)]),
    ("The clip has 900 likes and views.", [("reactions", "exact", 900)]),
    ("The clip has 20 — 30 views.", [("views", "exact", 30)]),
    ("The clip has views from 20", []),
    ("The clip got 20,000 to 10,000 views.", [("views", "exact", 10_000)]),
    ("Only a dozen people came.", [("people", "about", 12)]),
    ("The clip, with a count of 900, is old.", []),
]  # fmt: skip

RUSSIAN: list[tuple[str, Counts]] = [
    ("У канала два с половиной миллиона подписчиков.", [("followers", "exact", 2_500_000)]),
    ("У канала 2 с половиной тысячи подписчиков.", [("followers", "exact", 2_500)]),
    ("У канала пол миллиона подписчиков.", [("followers", "exact", 500_000)]),
    ("У канала пол-миллиона подписчиков.", [("followers", "exact", 500_000)]),
    ("У канала полторы сотни подписчиков.", [("followers", "exact", 150)]),
    ("У канала около полутора десятков подписчиков.", [("followers", "about", 15)]),
    ("У канала полсотни подписчиков.", [("followers", "exact", 50)]),
    ("У канала несколько десятков тысяч подписчиков.", [("followers", "at_least", 20_000)]),
    ("У канала десятки тысяч подписчиков.", [("followers", "at_least", 20_000)]),
    ("У канала более сотни тысяч подписчиков.", [("followers", "over", 100_000)]),
    ("У канала два миллиона триста тысяч подписчиков.", [("followers", "exact", 2_300_000)]),
    ("У канала чуть меньше 40 тысяч подписчиков.", [("followers", "nearly", 40_000)]),
    ("Канал добрался до отметки в 40 тысяч подписчиков.", [("followers", "at_least", 40_000)]),
    ("Число подписчиков дошло до отметки в 40 тысяч.", [("followers", "at_least", 40_000)]),
    ("Пост перешагнул отметку в 40 тысяч просмотров.", [("views", "over", 40_000)]),
    ("До отметки в 900 просмотров пост не дотянул.", [("views", "at_least", 900)]),
    ("За 900 просмотров пост не вышел.", [("views", "exact", 900)]),
    ("Число прочитавших пост приблизилось к 73 тыс. человек.", [("views", "nearly", 73_000)]),
    ("Общее количество подписчиков этих каналов — 16 945 человек.", [("followers", "exact", 16_945)]),
    ("На третьем месте канал «Пила» (чуть более 843 тыс. читателей).", [("followers", "over", 843_000)]),
    ("У чата 300 участников (было 200).", [("followers", "exact", 300)]),
    ("За день у канала 900 подписчиков. Показатель уже превысил отметку в тысячу.", [("followers", "exact", 900), ("followers", "over", 1_000)]),
    ("Аудитория канала приближалась к шестизначному числу.", [("followers", "nearly", 100_000)]),
    ("Один из каналов, два из них, все 20 из списка молчат.", []),
    ("Это была девятая по счёту акция.", [("other", "exact", 9)]),
    ("Удалено более 373 тысяч публикаций и каналов.", [("other", "over", 373_000)]),
    ("Число групп и каналов превысило 300.", [("other", "over", 300)]),
    ("Ролику поставили лайк 505 тысяч раз.", [("reactions", "exact", 505_000)]),
    ("Его спросили об этом пять раз.", []),
    ("Сорокапятисекундный ролик выложили вчера.", [("duration", "exact", 45)]),
    ("9-ти минутный ролик выложили вчера.", [("duration", "exact", 540)]),
    ("Шестичасовой эфир, получасовая прогулка.", [("duration", "exact", 21_600)]),
    ("Ста минутная прогулка и многочасовой ролик.", []),
    ("Ролик на 3 минуты 20 секунд удалили.", [("duration", "exact", 200)]),
    ("Ролик (3 мин. 20 сек.) удалили.", [("duration", "exact", 200)]),
    ("На видео видно, как 5 минут льёт дождь.", []),
    ("В 12 часов канал молчал.", []),
    ("Четверть канала молчит, полтора канала нет.", []),
    ("Запись прочитавших пост — 73 тысячи человек.", [("views", "exact", 73_000)]),
    ("Более 20 и менее 30 человек пришли.", [("people", "under", 30)]),
    ("С 20 до вечера было 30 человек.", [("people", "exact", 30)]),
    ("У канала 20 и 30 подписчиков.", [("followers", "exact", 30)]),
    ("Пришли 20 до полудня.", []),
    ("От двух до трёх тысяч человек пришли.", [("people", "exact", (2_000, 3_000))]),
    ("Больше уже на 900 подписчиков.", [("followers", "over", 900)]),
]  # fmt: skip


def counts(text: str, lang: str) -> Counts:
    found: Counts = []
    for claim in extract(text, published=None, lang=lang):
        quantity = claim.quantity
        if quantity is not None and quantity.hi:
            found.append(
                (
                    claim.kind,
                    quantity.comparator,
                    quantity.lo if quantity.lo == quantity.hi else (quantity.lo, quantity.hi),
                )
            )
    return found


@pytest.mark.parametrize(("text", "expected"), ENGLISH, ids=[row[0][:45] for row in ENGLISH])
def test_a_rare_english_count_is_read(text: str, expected: Counts) -> None:
    assert counts(text, "en") == expected


@pytest.mark.parametrize(("text", "expected"), RUSSIAN, ids=[row[0][:45] for row in RUSSIAN])
def test_a_rare_russian_count_is_read(text: str, expected: Counts) -> None:
    assert counts(text, "ru") == expected


def whens(text: str, published: str = "2023-12-29T14:05+03:00") -> list[tuple[str, str, int]]:
    when = parse_published(published, source="given")
    timed = [claim for claim in extract(text, published=when) if claim.time]
    return [(reading.lo[:10], reading.why, reading.prior) for claim in timed[:1] for reading in claim.time]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Published between 23:59 and 00:01 by a clock of minutes only.
        ("The clip was posted today.", [("2024-01-02", "time.today", 50), ("2024-01-01", "time.today", 50)]),
        (
            "The clip was posted on Tuesday.",
            [("2024-01-02", "time.weekday_same", 50), ("2023-12-26", "time.weekday", 50)],
        ),
        ("The clip was posted on Sunday.", [("2023-12-31", "time.weekday", 100)]),
        ("The clip was posted last month.", [("2023-12-01", "time.last_month", 100)]),
    ],
)
def test_a_report_published_around_midnight_has_two_days_to_be_read_against(
    text: str, expected: list[tuple[str, str, int]]
) -> None:
    published = parse_published("2024-01-01", source="given")
    around = type(published)(lo="2024-01-01T23:30:00Z", hi="2024-01-02T00:30:00Z", zone="UTC")
    (claim,) = [claim for claim in extract(text, published=around) if claim.time]
    assert [(reading.lo[:10], reading.why, reading.prior) for reading in claim.time] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The clip was posted on Friday, 28 December.", [("2023-12-27", "time.weekday_does_not_fit", 60), ("2023-12-28", "time.weekday_does_not_fit", 40)]),
        ("The clip was posted in the first half of November.", [("2023-10-31", "time.month_recent_part", 100)]),
        ("The clip was posted late last week.", [("2023-12-21", "time.last_week_part", 100)]),
        ("The clip was posted several months ago.", [("2023-03-27", "time.ago_several", 100)]),
        ("The clip was posted several years ago.", [("2013-12-31", "time.ago_several", 100)]),
        ("The clip was posted earlier this summer.", [("2023-05-31", "time.season_recent", 100)]),
        ("The clip was posted tonight.", [("2023-12-29", "time.today+evening", 100)]),
        ("The clip was posted this afternoon.", [("2023-12-29", "time.today+afternoon", 100)]),
        ("The clip was posted last weekend.", [("2023-12-22", "time.weekend", 100)]),
        ("The clip was posted on Christmas Day.", [("2023-12-24", "time.eve_year_missing", 100)]),
        ("The clip was posted overnight on Thursday.", [("2023-12-27", "time.weekday+overnight", 100)]),
        ("Ролик выложили в ночь на сегодня.", [("2023-12-28", "time.weekday_same+night_to", 100)]),
        ("Ролик выложили позапрошлым летом.", [("2021-05-31", "time.season_before_last", 100)]),
        ("Ролик выложили в ноябре позапрошлого года.", [("2021-10-31", "time.month_year_before_last", 100)]),
        ("Ролик выложили с начала недели.", [("2023-12-24", "time.since_start", 100)]),
        ("Ролик выложили с начала месяца.", [("2023-11-30", "time.since_start", 100)]),
        ("Ролик выложили в пятницу после обеда.", [("2023-12-29", "time.weekday_same+afternoon", 100)]),
        ("Ролик выложили в четверг в 11 ночи.", [("2023-12-28", "time.weekday+clock", 100)]),
        ("Ролик выложили в четверг ночью.", [("2023-12-28", "time.weekday+night", 100)]),
        ("Ролик выложили весной 2021 года.", [("2021-02-28", "time.season", 100)]),
        ("Ролик выложили летом прошлого года.", [("2022-05-31", "time.season_last_year", 100)]),
        ("The clip was posted late in the evening on Thursday.", [("2023-12-28", "time.weekday+evening", 100)]),
        ("The clip was posted late evening Thursday.", [("2023-12-28", "time.weekday+late_evening", 100)]),
        ("The clip was posted on Thursday. The road was shut on Friday.", [("2023-12-27", "time.weekday", 100)]),
        ("The clip was posted on Thursday, in November it was not.", [("2023-12-27", "time.weekday", 100)]),
        ("The clip was posted on Thursday, next week it will go.", [("2023-12-27", "time.weekday", 100)]),
        ("The clip was posted between Thursday and 29 December.", [("2023-12-28", "time.dm_year_missing", 100)]),
        ("The clip was posted on December 28-26.", [("2023-12-27", "time.md_year_missing", 100)]),
        ("The clip was posted later that day.", []),
        ("The clip was posted on Sundays, and most mondays.", []),
        ("The clip was posted every Sunday.", []),
        ("The clip may go, and march on.", []),
        ("Ролик выложили до вечера в четверг.", [("2023-12-28", "time.weekday+evening", 100)]),
        ("Добрый вечер, Мая позвали весны ради, лета ради.", []),
    ],
)  # fmt: skip
def test_a_rare_phrase_of_time_is_read(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert whens(text) == expected


def test_on_a_weekend_the_last_one_is_a_week_ago_and_this_one_is_running() -> None:
    assert whens("The clip was posted last weekend.", "2023-12-31T12:00Z") == [
        ("2023-12-23", "time.weekend", 100)
    ]
    assert whens("The clip was posted over the weekend.", "2023-12-31T12:00Z") == [
        ("2023-12-30", "time.weekend", 100)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The clip was posted 999 months ago and 999 years ago.",
        "The clip was posted on 31 November 2023.",
        "The clip was posted on Feb 30.",
        "The clip was posted at 25:99 on Thursday.",
        "The clip was posted on 99/99/2023.",
        "Ролик выложили 31 февраля.",
        "Ролик выложили в четверг в 99 утра.",
    ],
)
def test_a_time_of_no_calendar_is_never_a_crash_and_never_made_up(text: str) -> None:
    for claim in extract(text, published=PUBLISHED):
        for reading in claim.time:
            assert reading.lo[:4] >= "1000"
            assert "-02-30" not in reading.lo


def test_without_a_publication_a_period_that_names_its_year_is_read() -> None:
    (claim,) = [c for c in extract("С начала 2022 года канал удалили.", published=None) if c.time]
    assert (claim.time[0].lo[:10], claim.time[0].hi[:10]) == ("2022-01-01", "2023-01-01")


def quotes(text: str) -> list[tuple[str, str | None]]:
    found = []
    for claim in extract(text, published=None):
        if claim.kind == "quote":
            speaker = claim.attribution[0].speaker
            found.append((claim.span.exact, (speaker.name or speaker.text) if speaker else None))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Ask my boss,” came the reply.", [("Ask my boss,", None)]),
        ("“Good riddance”, as my neighbour puts it.", [("Good riddance", "my neighbour")]),
        ("Quiet Barn denied it, saying the ship was “never there at all”.", [("never there at all", "Quiet Barn")]),
        ("In a comment to the paper 'Harbour', the press service stated that nobody came.", []),
        ("A banner shows the notice: “This channel is blocked here.”", [("This channel is blocked here.", "notice")]),
        ("При попытке зайти появляется сообщение: «Этот канал больше не доступен».", [("Этот канал больше не доступен", "сообщение")]),
        ("The letter pays tribute with the words “never forget this day”.", [("never forget this day", None)]),
        ("Кто-то заметил, что «там никого не было», а «дверь была открыта».", [("там никого не было", "Кто-то"), ("дверь была открыта", "Кто-то")]),
        ("Вдова пришла сама. «Там никого не было», — рассказала агентству «Порт» вдова.", [("Там никого не было", "вдова")]),
        ("«Там никого не было», — заявил в разговоре с «Вестями» Олег Белов.", [("Там никого не было", "Олег Белов")]),
        ("IT-эксперт Мона Архипова рассказала: «Там никого не было».", [("Там никого не было", "Мона Архипова")]),
        ("— Дождь идёт, — и больше ничего.", []),
        ("«Первая, — и не последняя, — акция прошла тихо», — сказал Олег Белов.", [("Первая, — и не последняя, — акция прошла тихо", "Олег Белов")]),
        ("Ann Lee said the ship, “an old one”, and the port, “a new one”, were shut.", [("an old one", "Ann Lee"), ("a new one", "Ann Lee")]),
        ("“Nobody was there at all,” but the ship, a ferry, left.", [("Nobody was there at all,", None)]),
        ("By the port, the mayor, Ann Lee, said: “Never.”", [("Never.", "Ann Lee")]),
        ("The ship came. Her sign: “Nobody is ever here at all”.", [("Nobody is ever here at all", "sign")]),
        ("The new channel of the port: “Nobody is ever here at all”.", [("Nobody is ever here at all", "The new channel of the port")]),
        ("“We came here in May,” said Ann Lee, and “we shall stay here”.", [("We came here in May,", "Ann Lee"), ("we shall stay here", "Ann Lee")]),
        ("“We came here in May.\n\n“We shall stay here for good.\n\n“It is cold,” said Ann Lee.", [("We came here in May.", None), ("We shall stay here for good.", None), ("It is cold,", "Ann Lee")]),
        ("“We came here in May,” said Ann Lee. “It was cold.\n\n“And wet too.”", [("We came here in May,", "Ann Lee"), ("It was cold.", "Ann Lee"), ("And wet too.", "Ann Lee")]),
        ("Ann Lee said they were “very happy” people.", []),
        ("«Там никого не было», — сообщил в целом Олег Белов.", [("Там никого не было", "Олег Белов")]),
        ("«Там никого не было», — рассказали изданию «Порт и море» в группе.", [("Там никого не было", "в группе")]),
        ("— «Там никого не было», — сказал Олег Белов.", [("Там никого не было", "Олег Белов")]),
        ("“Nobody was there at all,” its founder, a nurse, said.", [("Nobody was there at all,", "its founder")]),
        ("According to its founder, Graz, and others, it was “never there at all”.", [("never there at all", "its founder")]),
    ],
)  # fmt: skip
def test_a_rare_way_to_quote_is_read(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert quotes(text) == expected


def test_a_machine_without_a_table_of_zones_still_knows_moscow_time(monkeypatch: pytest.MonkeyPatch) -> None:
    known = local_zone

    def without_table(name: str | None) -> tzinfo:
        if name is not None and "/" in name:
            raise FormatError("no table")
        return known(name)

    monkeypatch.setattr("holdfast.reports.extract.zones.local_zone", without_table)
    (moscow,) = [
        c
        for c in extract("The clip was posted at 9:40 p.m. Moscow time on Thursday.", published=PUBLISHED)
        if c.time
    ]
    assert [zone.zone for zone in moscow.time[0].zones] == ["+03:00"]
    (other,) = [
        c
        for c in extract("The clip was posted at 9:40 p.m. Kyiv time on Thursday.", published=PUBLISHED)
        if c.time
    ]
    assert [zone.zone for zone in other.time[0].zones] == ["+03:00", "UTC"]


def test_local_time_is_the_time_of_every_zone_that_may_be_meant() -> None:
    (claim,) = [
        c
        for c in extract("The clip was posted at 9:40 p.m. local time on Thursday.", published=PUBLISHED)
        if c.time
    ]
    assert [zone.zone for zone in claim.time[0].zones] == ["+03:00", "UTC"]


def test_a_dateline_that_is_no_date_dates_nothing() -> None:
    (claim,) = [
        c
        for c in extract("31 February 2023\n\nThe clip was posted on Thursday.", published=None)
        if c.time_phrase
    ]
    assert claim.report.published is None


def kinds(text: str) -> list[str]:
    return [claim.kind for claim in extract(text, published=PUBLISHED)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The post about the removed media is long.", []),
        ("They failed to delete the channel.", []),
        ("Police blocked the road to the port.", []),
        ("The video has gone viral.", []),
        ("The channel was taken down.", ["disappearance"]),
        ("The mayor was taken down from the list.", []),
        ("The law was changed.", []),
        ("Its name was changed on the channel.", ["edit"]),
        ("The channel posts clips.", ["existence"]),
        ("The prize was issued yesterday.", ["date"]),
        ("Дорогу перекрыли, улицу закрыли.", []),
        ("Канал закрыли.", ["disappearance"]),
        ("A fake story was told.", []),
        ("The court labelled the channel “fake”.", ["label"]),
    ],
)
def test_a_happening_is_one_of_a_post_or_channel(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


def test_a_label_set_by_a_court_is_not_the_platforms() -> None:
    (claim,) = extract("The court labelled the channel “fake”.", published=None)
    assert claim.authority == "state:court"


def test_an_address_is_a_channel() -> None:
    (claim,) = [c for c in extract("See @quiet_barn, which has 900 followers.", published=None) if c.quantity]
    assert isinstance(claim, Claim)
    assert claim.mention is not None
    assert (claim.mention.kind, claim.mention.name) == ("channel", "@quiet_barn")


@pytest.mark.parametrize(
    "text",
    [
        "The group expects the film, once posted, to get 900 views.",
        "They plan, come what may, 900 views of the film, and must get 800 followers.",
        "The film, they hope, would get 900 views.",
        "If the port, the town and the sea agree, it gets 900 views.",
    ],
)
def test_a_comma_ends_the_reach_of_a_wish_but_not_of_its_own_clause(text: str) -> None:
    for claim in extract(text, published=None):
        assert claim.kind in {"views", "followers", "existence", "published", "other"}
