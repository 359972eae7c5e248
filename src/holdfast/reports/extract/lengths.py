"""Reads how long a video or recording is: "nine-minute video", "lasts 9 min 30 s", «девятиминутный ролик», "2:31 long"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from holdfast.reports.extract.comparators import before_number
from holdfast.reports.extract.number import Number
from holdfast.reports.extract.numeral_words import compound_number
from holdfast.reports.extract.numerals import read_number
from holdfast.reports.extract.words import Word, low_at

__all__ = ["Length", "find_lengths"]


class Length(NamedTuple):
    """A length as written. Units: seconds; `first`, `after` are indices of words.

    `about` is "media" when it is a video's or recording's own, "event" when it is the time that something took.
    """

    seconds: int
    granule: int
    comparator: str
    first: int
    after: int
    about: str
    rules: tuple[str, ...]


_UNITS = {
    "en": {
        **dict.fromkeys("s sec secs second seconds".split(), 1),
        **dict.fromkeys("m min mins minute minutes".split(), 60),
        **dict.fromkeys("h hr hrs hour hours".split(), 3600),
    },
    "ru": {
        **dict.fromkeys("с сек секунда секунды секунд секунду секундой секундами".split(), 1),
        **dict.fromkeys(
            "м мин минута минуты минут минуту минутой минутами хвилин хвилини хвилину".split(), 60
        ),
        **dict.fromkeys("ч час часа часов часом часами годину години годин".split(), 3600),
    },
}
_EVENT_UNITS = {
    "en": {
        "hour": 3600,
        "hours": 3600,
        "day": 86400,
        "days": 86400,
        "week": 604800,
        "weeks": 604800,
        "minutes": 60,
    },
    "ru": {
        **dict.fromkeys(("час", "часа", "часов"), 3600),
        **dict.fromkeys("сутки суток день дня дней".split(), 86400),
        **dict.fromkeys("неделю недели недель".split(), 604800),
        **dict.fromkeys("минут минуты".split(), 60),
    },
}
_MEDIA = {
    "en": re.compile(
        r"^(?:videos?|clips?|footage|recordings?|films?|audio|message|podcast|broadcast|livestream|stream|interview|documentary|address|"
        r"monologue|note|trailer|reel|reels|short|voice|excerpt|episode|movie|fragment|tape|appeal|video-?message|soundbite|compilation|montage|animation|segment|cut|statement|speech|plea|testimony)$"
    ),
    "ru": re.compile(
        r"^(?:видео|видео(?:ролик|запис|обращен|сюжет|послан|фрагмент|интервью|клип).*|ролик\w*|запис[ьиюяе]\w*|аудио\w*|фильм\w*|клип\w*|сюжет\w*|"
        r"выпуск\w*|интервью|подкаст\w*|эфир\w*|стрим\w*|трансляци\w*|голосов\w+|круж\w+|монолог\w*|обращени\w*|отрыв\w+|фрагмент\w*|"
        r"нарезк\w*|документальн\w+|сообщени\w*|відео|ролик\w*|съемк\w*|кадр\w*|трейлер\w*|послани\w*|расследовани\w*|репортаж\w*)$"
    ),
}
_NOT_MEDIA_AFTER = {"call", "calls", "conference", "link", "game", "games", "meeting", "chat", "звонок", "звонка", "звонке", "конференция", "конференции"}  # fmt: skip
_LASTS = {
    "en": re.compile(
        r"^(?:lasts?|lasted|lasting|runs?|running|ran|clocks|clocking|duration|length|long|runtime|spanning|totals?)$"
    ),
    "ru": re.compile(
        r"^(?:длится|длилось|длился|длилась|длящ\w+|длительност\w+|продолжительност\w+|хронометраж\w*|длиной|длинной|длиною|продолжается|идет|занимает|"
        r"триває|тривалістю|длина|длину|минутаж\w*)$"
    ),
}
_RU_COMPOUND = re.compile(r"^([а-я]+?)(секундн|минутн|часов)(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$")
_RU_ENDING = re.compile(r"^(секундн|минутн|часов)(?:ый|ого|ому|ым|ом|ая|ой|ую|ое|ые|ых|ыми)$")
_RU_UNIT = {"секундн": 1, "минутн": 60, "часов": 3600}


def find_lengths(words: list[Word], lang: str, has_media_before: bool) -> list[Length]:
    """Every length in one sentence. `has_media_before`: the sentence before speaks of a video or recording."""
    found: list[Length] = []
    at = 0
    while at < len(words):
        length = _compound(words, at, lang) or _spoken(words, at, lang, has_media_before)
        if length is not None:
            found.append(length)
            at = max(length.after, at + 1)
        else:
            at += 1
    return found


def _language(lang: str) -> str:
    return "en" if lang == "en" else "ru"


def _media_follows(words: list[Word], at: int, lang: str, reach: int = 4) -> bool:
    """Whether a media noun comes soon, adjectives between, before any stop."""
    for index in range(at, min(len(words), at + reach)):
        word = words[index]
        if word.kind == "sign" and word.low not in {"-", "\x01"}:
            return False
        if _MEDIA[_language(lang)].match(word.low):
            return low_at(words, index + 1) not in _NOT_MEDIA_AFTER
    return False


def _compound(words: list[Word], at: int, lang: str) -> Length | None:
    """ "nine-minute-long video", "41-second audio clip", «9-минутный ролик», «девятиминутное видео»."""
    word = words[at]
    if lang != "en" and word.kind == "word":
        return _russian_compound(words, at, lang)
    if word.kind not in {"num", "word"}:
        return None
    if lang == "en" and word.low in {"hour", "minute"}:
        return _bare_compound(words, at)
    number = read_number(words, at, lang)
    if number is None or number.implied == "at_least":
        return None
    if lang != "en":
        return _digits_compound(words, number, lang)
    after = number.after
    if low_at(words, after) == "-":
        after += 1
    elif not (word.kind == "num" and after < len(words)):
        return None
    unit = low_at(words, after)
    seconds = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600}.get(unit)
    if seconds is None or (after == number.after and not unit.endswith(("second", "minute", "hour"))):
        return None
    after += 1
    extra = Decimal(0)
    if low_at(words, after) in {"-", ","} and (second := read_number(words, after + 1, "en")) is not None:
        # "a two-minute, 30-second clip"
        step = second.after + (1 if low_at(words, second.after) == "-" else 0)
        if low_at(words, step) == "second" and seconds == 60:
            extra, after = second.value, step + 1
    if low_at(words, after) == "-" and low_at(words, after + 1) == "long":
        after += 2
    elif low_at(words, after) == "long":
        after += 1
    if not _media_follows(words, after, lang):
        return None
    return _length(
        words,
        number.value * seconds + extra,
        1 if extra else int(number.granule * seconds),
        number,
        after,
        lang,
        "length.compound",
    )


def _bare_compound(words: list[Word], at: int) -> Length | None:
    """ "an hour-long video", "a half-hour film"."""
    unit = 3600 if words[at].low == "hour" else 60
    if low_at(words, at + 1) != "-" or low_at(words, at + 2) != "long":
        half = low_at(words, at - 1) == "-" and low_at(words, at - 2) == "half"
        if not half or not _media_follows(words, at + 1, "en"):
            return None
        number = Number(Decimal("0.5"), Decimal("0.5"), at - 2, at + 1, "number.part")
        return _length(words, Decimal(unit) / 2, unit // 2, number, at + 1, "en", "length.compound")
    if not _media_follows(words, at + 3, "en"):
        return None
    half = low_at(words, at - 1) == "-" and low_at(words, at - 2) == "half"
    number = Number(Decimal(1), Decimal(1), at - 2 if half else at, at + 3, "number.words")
    return _length(words, Decimal(unit) / (2 if half else 1), unit, number, at + 3, "en", "length.compound")


def _russian_compound(words: list[Word], at: int, lang: str) -> Length | None:
    word = words[at]
    number: int | None
    if bare := _RU_ENDING.match(word.low):
        if bare[1] != "часов" or low_at(words, at - 1) == "-":
            return None
        value, unit, granule = Decimal(1), 3600, Decimal(1)
    elif found := _RU_COMPOUND.match(word.low):
        unit = _RU_UNIT[found[2]]
        if found[1] in {"полутора", "полторы"}:
            value, granule = Decimal("1.5"), Decimal("0.5")
        elif found[1] in {"полу", "пол"}:
            value, granule = Decimal("0.5"), Decimal("0.5")
        else:
            number = compound_number(found[1])
            if number is None:
                return None
            value, granule = Decimal(number), Decimal(10 if number % 10 == 0 else 1)
    else:
        return None
    if not _media_follows(words, at + 1, lang):
        return None
    return _length(
        words,
        value * unit,
        int(granule * unit),
        Number(value, granule, at, at + 1, "number.compound"),
        at + 1,
        lang,
        "length.compound",
    )


def _digits_compound(words: list[Word], number: Number, lang: str) -> Length | None:
    """«9-минутный», «9-ти минутный»."""
    after = number.after
    if low_at(words, after) != "-":
        return None
    after += 1
    if low_at(words, after) in {"ти", "и", "х", "ми", "но"}:
        after += 2 if low_at(words, after + 1) == "-" else 1
    found = _RU_ENDING.match(low_at(words, after))
    if not found or not _media_follows(words, after + 1, lang):
        return None
    unit = _RU_UNIT[found[1]]
    return _length(
        words,
        number.value * unit,
        max(1, int(number.granule * unit)),
        number,
        after + 1,
        lang,
        "length.compound",
    )


def _length(
    words: list[Word], seconds: Decimal, granule: int, number: Number, after: int, lang: str, rule: str
) -> Length:
    comparison = before_number(words, number.first, lang, 0)
    first = comparison.first if comparison else number.first
    comparator = comparison.comparator if comparison else number.implied or "exact"
    return Length(int(seconds), max(1, granule), comparator, first, after, "media", (rule, number.rule))


def _spoken(words: list[Word], at: int, lang: str, has_media_before: bool) -> Length | None:
    """ "nine minutes and 30 seconds", "9:30": a media length where the words around say so."""
    language = _language(lang)
    first = at
    seconds, granule, after = Decimal(0), 0, at
    rules: tuple[str, ...] = ("length.spoken",)
    comparator = None
    if words[at].kind == "clock":
        parts = [int(part) for part in words[at].low.split(":")]
        if len(parts) == 2 and parts[1] > 59:
            return None
        seconds = Decimal(sum(part * 60**power for power, part in enumerate(reversed(parts))))
        granule, after, rules = 1, at + 1, ("length.clock",)
    else:
        least = 10**9
        while after < len(words) and words[after].kind in {"num", "word"}:
            number = read_number(words, after, lang)
            single = None
            if number is None and language == "en" and words[after].low in {"a", "an"}:
                single = _UNITS["en"].get(low_at(words, after + 1))
            if number is None and single is None:
                break
            end = number.after if number else after + 1
            if number is not None and (number.implied == "at_least" or number.unread):
                break
            unit = _UNITS[language].get(low_at(words, end))
            if (
                unit is None
                or unit >= least
                or (
                    unit in {1, 60, 3600} and len(low_at(words, end)) == 1 and not _is_abbreviated(words, end)
                )
            ):
                break
            value = number.value if number else Decimal(1)
            step = number.granule if number else Decimal(1)
            seconds += value * unit
            granule, least, after = int(step * unit), unit, end + 1
            if low_at(words, after) == "." and words[after].glued and len(low_at(words, end)) <= 3:
                after += 1
            if language == "en" and [low_at(words, after + n) for n in range(3)] == ["and", "a", "half"]:
                seconds, granule, after = seconds + Decimal(unit) / 2, unit // 2, after + 3
            joint = 1 if low_at(words, after) in {"and", "и", ",", "с"} else 0
            if not _goes_on(words, after + joint, lang, least):
                break
            after += joint
    if after == at or not seconds:
        return None
    if not _is_media_length(words, first, after, lang, has_media_before):
        return None
    comparison = before_number(words, first, lang, 0)
    if comparison:
        first, comparator = comparison.first, comparison.comparator
    return Length(int(seconds), max(1, granule), comparator or "exact", first, after, "media", rules)


def _is_abbreviated(words: list[Word], at: int) -> bool:
    return words[at].glued or low_at(words, at + 1) == "." or words[at - 1].kind == "num"


def _goes_on(words: list[Word], at: int, lang: str, least: int) -> bool:
    if at >= len(words) or words[at].kind not in {"num", "word"}:
        return False
    number = read_number(words, at, lang)
    if number is None:
        return False
    return _UNITS[_language(lang)].get(low_at(words, number.after), least) < least


def _is_media_length(words: list[Word], first: int, after: int, lang: str, has_media_before: bool) -> bool:
    """The words that make a length a video's own: "lasts", "long", "of footage", «длительностью», «видео на 9 минут»."""
    language = _language(lang)
    before = [word.low for word in words[max(0, first - 6) : first]]
    follows = [word.low for word in words[after : after + 3]]
    pattern, lasts = _MEDIA[language], _LASTS[language]
    media_in_sentence = any(pattern.match(word.low) for word in words[max(0, first - 14) : after + 6])
    has_media = media_in_sentence or has_media_before
    if has_media and follows and lasts.match(follows[0]) and follows[0] not in {"long", "run", "runs"}:
        return True  # «1 час 20 минут длится запись»
    if words[first].kind == "clock" and after == first + 1 and follows and pattern.match(follows[0]):
        return follows[1:2] == [] or follows[1] not in _NOT_MEDIA_AFTER
    if language == "en":
        if follows[:1] == ["long"] or follows[:2] == ["in", "length"]:
            return has_media
        if follows[:1] == ["of"] and any(pattern.match(word) for word in follows[1:]):
            return True
    if has_media and any(lasts.match(word) for word in before):
        # "running for 30 minutes": of the people in the video, unless the video itself comes before.
        return True
    close = [word.low for word in words[max(0, first - 3) : first]]
    if (
        language == "ru"
        and close
        and close[-1] in {"на", "в"}
        and any(pattern.match(word) for word in close[:-1])
    ):
        return close[-1] == "на" or any(word in {"длиной", "длительностью"} for word in before)
    if (
        close
        and close[-1] in {"of", "(", ","}
        and language == "en"
        and any(pattern.match(word) for word in close[:-1])
    ):
        return close[-1] in {"of", "("}
    return bool(close) and close[-1] == "(" and follows[:1] == [")"] and any(pattern.match(w) for w in before)
