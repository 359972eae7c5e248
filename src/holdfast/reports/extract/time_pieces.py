"""Finds the words of time: weekdays, dates, months, seasons, parts of day, clock times, zones.

A piece fills one slot; `times` joins neighbouring pieces into one phrase. Slots: date (a day with or without its year),
weekday, period (month, season, year, "last week"), part (of day), clock, zone, future.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Piece", "find_pieces"]


class Piece(NamedTuple):
    """`what` names the rule, `fields` its values in the rule's own order."""

    slot: str
    what: str
    start: int
    end: int
    fields: tuple[str | int | None, ...]


_EN_MONTHS = "january february march april may june july august september october november december".split()
_EN_MONTH = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?)"
)
_EN_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_EN_DAY = "(?:" + "|".join(_EN_DAYS) + ")"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a few|several|a couple of|couple of)"
_YEAR = r"(?:19|20)\d{2}"
_TH = "(?:st|nd|rd|th)?"
_EN = re.compile(
    rf"""
    (?P<iso>\b{_YEAR}-\d{{2}}-\d{{2}}\b)
    |(?P<dots>\b\d{{1,2}}[./]\d{{1,2}}[./]{_YEAR}\b)
    |(?P<md>\b{_EN_MONTH}\s+\d{{1,2}}{_TH}\b(?:\s?(?:-|–|to)\s?\d{{1,2}}\b(?!\s?(?:%|percent|{_EN_MONTH})))?(?:,?\s+{_YEAR}\b)?)
    |(?P<dm>\b\d{{1,2}}{_TH}(?:\s?(?:-|–|to)\s?\d{{1,2}}{_TH})?\s+(?:of\s+)?{_EN_MONTH}(?:,?\s+{_YEAR}\b)?)
    |(?P<eve>\bnew\ year's\ (?:eve|day)\b|\bchristmas\ (?:eve|day)\b)
    |(?P<future>\btomorrow\b|\bnext\ (?:week|month|year|{_EN_DAY}|spring|summer|autumn|fall|winter|{_EN_MONTH})\b|\bin\ the\ coming\ (?:days|weeks|months)\b)
    |(?P<ago>\b{_COUNT}\s+(?:minute|hour|day|week|month|year)s?\s+ago\b)
    |(?P<rel>\byesterday\b|\btoday\b|\btonight\b|\blast\ night\b|\bthe\ day\ before\ yesterday\b|\b(?:the\ day\ before|the\ previous\ day|a\ day\ earlier)\b
        |\bearlier\ (?:this|in\ the)\ (?:week|month|year|day|summer|spring|autumn|fall|winter)\b|\blater\ (?:that|the\ same)\ (?:day|week)\b
        |\b(?:earlier\ |late\ |early\ )?(?:this|last)\ (?:week|month|year|weekend|morning|afternoon|evening)\b
        |\b(?:over|at|during|on)\ the\ weekend\b)
    |(?P<mon>\b(?:(?:early|mid|late|last|this|the\ (?:beginning|start|middle|end)\ of|the\ first\ half\ of)[\s-]+(?:in\s+)?)?{_EN_MONTH}
        (?:,?\s+(?:of\s+)?(?:{_YEAR}\b|last\ year\b|this\ year\b))?)
    |(?P<season>\b(?:(?:last|this|early|late|mid|the|past)[\s-]+){{0,2}}(?:spring|summer|autumn|fall|winter)(?:\s+of)?(?:\s+{_YEAR}\b)?)
    |(?P<year>\b(?:in|since|by|until|during|from|of)\s+(?:early\s+|late\s+|mid-)?{_YEAR}\b(?!\s*[-–/]\s*\d)(?!\s+[a-z]+s\b))
    |(?P<day>\b(?:(?:last|this|past)\s+)?{_EN_DAY}(?:s\b)?)
    |(?P<part>\b(?:in\ the\ |the\ )?(?:early\ |late\ )?(?:morning|afternoon|evening|night)\b|\b(?:midnight|noon|midday|overnight|dawn)\b)
    |(?P<edge>\b(?:late|early)(?=(?:\s+on)?\s+(?:{_EN_DAY}|yesterday|today)))
    |(?P<clock>\b\d{{1,2}}(?:[:.]\d{{2}})?\s?[ap]\.?m\b\.?|(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])|\b\d{{1,2}}\ o'clock\b)
    |(?P<zone>\b(?:moscow|kyiv|kiev|minsk|london|berlin|paris|local|eastern|pacific|new\ york|tbilisi|istanbul|riga|vilnius|tallinn|warsaw)\ (?:standard\ )?time\b
        |\b(?:msk|gmt|utc|bst|cet|cest|eet|eest|est|edt|et|pst|pdt|pt)\b)
    """,
    re.VERBOSE,
)
_RU_MONTHS = "январ феврал март апрел ма июн июл август сентябр октябр ноябр декабр".split()
_RU_MONTH = "(?:январ[ьяею]|феврал[ьяею]|март(?:а|е|у)?|апрел[ьяею]|ма[йяею]|июн[ьяею]|июл[ьяею]|август(?:а|е|у)?|сентябр[ьяею]|октябр[ьяею]|ноябр[ьяею]|декабр[ьяею])"
_RU_MONTH_GEN = "(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
_RU_DAYS = (
    ("понедельник", "понедельника", "понедельнику"),
    ("вторник", "вторника", "вторнику"),
    ("среду", "среды", "среде", "среда"),
    ("четверг", "четверга", "четвергу"),
    ("пятницу", "пятницы", "пятнице", "пятница"),
    ("субботу", "субботы", "субботе", "суббота"),
    ("воскресенье", "воскресенья", "воскресенью"),
)
_RU_DAY = "(?:" + "|".join(form for forms in _RU_DAYS for form in forms) + ")"
_RU_COUNT = r"(?:\d{1,3}|один|одну|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|полтора|полгода|несколько|пару)"
_RU_UNIT = (
    "(?:минут[уы]?|час(?:а|ов)?|день|дня|дней|сутки|суток|недел[юиь]|недель|месяц(?:а|ев)?|год(?:а)?|лет)"
)
_RU_YEAR = rf"{_YEAR}(?:\s?(?:года|году|год|г\.|г\b)|-(?:го|м|й)\b(?:\ год[ауе]?)?)"
_RU = re.compile(
    rf"""
    (?P<iso>\b{_YEAR}-\d{{2}}-\d{{2}}\b)
    |(?P<dots>\b\d{{1,2}}[./]\d{{1,2}}[./]{_YEAR}\b)
    |(?P<nightto>\b(?:в|за)?\s?ночь\s+(?:на|с\s+(?:\d{{1,2}}|{_RU_DAY})(?:\ {_RU_MONTH_GEN})?\s+на)\s+(?:\d{{1,2}}\s+{_RU_MONTH_GEN}|{_RU_DAY}|сегодня)(?:\s+{_YEAR}(?:\s+года)?)?)
    |(?P<dm>\b\d{{1,2}}(?:-го)?(?:\s?(?:-|–|—|и)\s?\d{{1,2}}(?:-го)?)?\s+{_RU_MONTH_GEN}\b(?:\s+{_YEAR}(?:\s?(?:года|год|г\.|г\b))?)?(?:\s+(?:прошлого|этого|нынешнего|минувшего)\s+года)?)
    |(?P<future>\b(?:завтра|послезавтра)\b|\b(?:на|в)\ (?:следующ|будущ|предстоящ|ближайш)\w+\ (?:недел\w|месяц\w|год\w|выходн\w+|дни)\b)
    |(?P<ago>\b(?:{_RU_COUNT}\s+)?{_RU_UNIT}\s+(?:тому\s+)?назад\b|\bполгода\s+назад\b)
    |(?P<rel>\bвчера\b|\bпозавчера\b|\bсегодня\b|\bна\ сегодняшний\ день\b|\bнакануне\b|\bднем\ (?:ранее|раньше)\b|\b(?:в|за|на)\ (?:минувшие\ |прошлые\ |прошедшие\ |прошлых\ |минувших\ )?выходны[ех]\b
        |\bв\ (?:начале|середине|конце)\ (?:этого\ |прошлого\ |текущего\ |нынешнего\ )?(?:года|месяца|недели)\b|\bв\ (?:начале|середине|конце)\ (?:этой\ |прошлой\ |минувшей\ )?недели\b
        |\bс\ начала\ (?:этого\ |текущего\ |нынешнего\ )?(?:года|месяца|недели|{_RU_MONTH_GEN})\b(?:\ {_RU_YEAR})?|\bс\ начала\ {_RU_YEAR}
        |\bна\ (?:прошлой|минувшей|прошедшей|этой|текущей|нынешней)\ неделе\b|\bв\ (?:прошлом|минувшем|этом|текущем|нынешнем)\ (?:месяце|году)\b|\bгодом\ (?:ранее|раньше)\b)
    |(?P<mon>\b(?:(?:начал[еоау]|середин[еыау]|конц[еауо]м?|конец)\s+)?{_RU_MONTH}\b(?:\s+(?:{_RU_YEAR}|(?:прошлого|этого|нынешнего|минувшего|текущего|позапрошлого)\s+года\b))?)
    |(?P<season>\b(?:(?:прошл|эт|минувш|нынешн|позапрошл|ранн|поздн|прошедш|текущ)\w{{1,3}}\s+)?(?:весной|летом|осенью|зимой|весны|осени|зимы|лета|весну|осень|зиму|лето|весне|зиме)\b(?:\s+(?:{_RU_YEAR}|(?:прошлого|этого|позапрошлого)\s+года\b))?)
    |(?P<year>\b(?:в|с|к|до|от)\s+(?:начале\s+|конце\s+|середине\s+|начала\s+|концу\s+)?{_RU_YEAR})
    |(?P<day>\b(?:(?:прошл|минувш|прошедш|эт|нынешн)\w{{1,3}}\s+)?{_RU_DAY}\b)
    |(?P<clock>(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d:])|\b\d{{1,2}}\s+(?:час(?:а|ов)\s+)?(?:утра|вечера|дня|ночи)\b|\b(?:[01]?\d|2[0-3])\s+час(?:а|ов)\b|\b(?:семь|восемь|девять|десять|одиннадцать|двенадцать|шесть|пять|четыре|три|два)\s+(?:часов\s+|часа\s+)?(?:утра|вечера|ночи)\b)
    |(?P<part>\b(?:(?:поздно|поздним|рано|ранним)\ )?(?:утром|вечером|ночью)\b|\bднем\b(?!\ (?:рожд|позже|с))|\bпод\ утро\b|\b(?:полдень|полудню|полудня|полночь|полуночи|вечеру|утру|вечера|утра|вечер|утро)\b|\bпосле\ обеда\b|\bобед(?:у)?\b(?=\ (?:понедельник|вторник|сред|четверг|пятниц|суббот|воскресень|\d))|\bв\ ночь\b)
    |(?P<zone>\bпо\ (?:московскому|киевскому|минскому|местному|екатеринбургскому|владивостокскому|европейскому|центральноевропейскому)(?:\ времени)?\b|\bпо\ (?:москве|киеву|минску|гринвичу)\b|\bмск\b|\b(?:gmt|utc)\b)
    """,
    re.VERBOSE,
)


def find_pieces(text: str, low: str, lang: str) -> Iterator[Piece]:
    """Every piece, in order. `low`: the levelled text, quotations blanked; `text`: the same with its capitals."""
    english = lang == "en"
    for found in (_EN if english else _RU).finditer(low):
        what = found.lastgroup
        assert what is not None
        piece = (_english if english else _russian)(what, found[0], text[found.start() : found.end()])
        if piece is not None:
            slot, fields = piece
            start = found.start() + (len(found[0]) - len(found[0].lstrip()))
            yield Piece(slot, what, start, found.end(), fields)


_NUMBER = re.compile(r"\d+")
_YEAR_ALONE = re.compile(rf"(?<!\d){_YEAR}(?!\d)")


def _year_of(said: str) -> int | None:
    found = _YEAR_ALONE.search(said)
    return int(found[0]) if found else None


def _english_month(said: str) -> int | None:
    for word in re.findall("[a-z]+", said):
        for number, name in enumerate(_EN_MONTHS, 1):
            if name == word or (
                len(word) in {3, 4} and name.startswith(word) and word not in {"mid", "mar" * 2}
            ):
                return number
    return None


def _russian_month(said: str) -> int | None:
    for word in re.findall("[а-я]+", said):
        for number, stem in enumerate(_RU_MONTHS, 1):
            if word.startswith(stem) and re.fullmatch(_RU_MONTH, word):
                return number
    return None


_Fields = tuple[str, tuple[str | int | None, ...]]


def _common(what: str, said: str) -> _Fields | None:
    if what == "iso":
        year, month, day = said.split("-")
        return "date", (int(year), int(month), int(day), None)
    if what == "dots":
        first, second, year = re.split("[./]", said)
        if "/" in said and int(first) <= 12 and int(second) <= 12 and first != second:
            return "date", (int(year), int(second), int(first), "either order")
        if "/" in said and int(second) > 12:
            first, second = second, first
        return "date", (int(year), int(second), int(first), None)
    if what == "future":
        return "future", ()
    return None


def _day_range(said: str, year: int | None) -> tuple[int, int | None]:
    numbers = [int(n) for n in _NUMBER.findall(said) if year is None or int(n) != year]
    return numbers[0], numbers[1] if len(numbers) > 1 else None


def _english(what: str, said: str, raw: str) -> _Fields | None:
    if (fields := _common(what, said)) is not None:
        return fields
    year = _year_of(said)
    if what in {"md", "dm"}:
        if not _is_named(raw, said):
            return None
        day, last = _day_range(said, year)
        return "date", (year, _english_month(said), day, last)
    if what == "eve":
        feasts = {"new year's eve": (12, 31), "new year's day": (1, 1), "christmas eve": (12, 24)}
        number, of_month = feasts.get(said, (12, 25))
        return "date", (None, number, of_month, None)
    if what == "ago":
        return "period", ("ago", said)
    if what == "rel":
        return "period", ("rel", said)
    if what == "mon":
        month = _english_month(said)
        if not _is_named(raw, said):
            return None
        return "period", ("month", month, year, said)
    if what == "season":
        name = next(n for n in ("spring", "summer", "autumn", "fall", "winter") if n in said)
        if year is None and not re.match("(?:last|this|the|past|early|late|mid)", said):
            return None
        return "period", ("season", "autumn" if name == "fall" else name, year, said)
    if what == "year":
        return "period", ("year", year, said)
    if what == "day":
        if said.endswith("days"):  # "Sundays": a habit, no day
            return None
        if not raw.split()[-1][0].isupper():
            return None
        number = _EN_DAYS.index(said.split()[-1])
        return "weekday", (
            number,
            "last" if said.startswith("last") else "this" if said.startswith("this") else None,
        )
    if what == "part":
        return "part", (_english_part(said),)
    if what == "edge":
        return "part", (said,)
    if what == "clock":
        return "clock", _english_clock(said)
    return "zone", (said,)


def _is_named(raw: str, said: str) -> bool:
    """Months have a capital: "may" and "march" are verbs too."""
    word = re.search("[a-z]{3,}", said)
    for found in re.finditer(r"[^\W\d_]+", raw):
        if _english_month(found[0].lower()) and found[0][0].isupper():
            return True
    return word is None


def _english_part(said: str) -> str:
    if said in {"overnight", "midnight"}:
        return said
    late, early = "late" in said, "early" in said
    for name in ("morning", "afternoon", "evening", "night"):
        if name in said:
            if late and name in {"evening", "night"}:
                return "late evening"
            return "early morning" if early and name == "morning" else name
    return {"noon": "noon", "midday": "noon", "dawn": "early morning"}.get(said, said)


def _english_clock(said: str) -> tuple[str | int | None, ...]:
    numbers = [int(n) for n in _NUMBER.findall(said)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else None
    if "p" in said.replace("o'clock", "") and hour < 12:
        hour += 12
    elif re.search(r"a\.?m", said) and hour == 12:
        hour = 0
    return hour, minute


def _russian(what: str, said: str, raw: str) -> _Fields | None:
    said = said.strip()
    if (fields := _common(what, said)) is not None:
        return fields
    year = _year_of(said)
    if what == "nightto":
        after = said.rpartition(" на ")[2]
        if "сегодня" in after:
            return "weekday", (None, "night to today")
        weekday = _russian_day(after)
        if weekday is not None:
            return "weekday", (weekday, "night to")
        day, _ = _day_range(after, year)
        return "date", (year, _russian_month(after), day, None, "night to")
    if what == "dm":
        last_year = re.search("(?:прошлого|минувшего)", said)
        day, last = _day_range(said, year)
        return "date", (year, _russian_month(said), day, last, "last year" if last_year else None)
    if what == "ago":
        return "period", ("ago", said)
    if what == "rel":
        return "period", ("rel", said)
    if what == "mon":
        if said in {"май", "мая", "мае", "маю", "март", "марте"} and raw[:1].isupper() and said != "мае":
            return None
        return "period", ("month", _russian_month(said), year, said)
    if what == "season":
        return _russian_season(said, year)
    if what == "year":
        return "period", ("year", year, said)
    if what == "day":
        return _russian_weekday(said)
    if what == "clock":
        return "clock", _russian_clock(said)
    if what == "part":
        return "part", (_russian_part(said),)
    return "zone", (said,)


def _russian_day(said: str) -> int | None:
    words = re.findall("[а-я]+", said)
    for number, forms in enumerate(_RU_DAYS):
        if any(word in forms for word in words):
            return number
    return None


def _russian_weekday(said: str) -> _Fields | None:
    mode = (
        "last"
        if re.match("прошл", said)
        else "recent"
        if re.match("минувш|прошедш", said)
        else "this"
        if re.match("эт|нынешн", said)
        else None
    )
    return "weekday", (_russian_day(said), mode)


def _russian_season(said: str, year: int | None) -> _Fields | None:
    for stem, name in (("весн", "spring"), ("лет", "summer"), ("осен", "autumn"), ("зим", "winter")):
        word = next((w for w in said.split() if w.startswith(stem)), None)
        if word is None:
            continue
        if year is None and not word.endswith(("ой", "ью", "ом")) and not re.match("прошл|эт|минувш", said):
            return None
        if word in {"лета", "лето"} and year is None:
            return None
        return "period", ("season", name, year, said)
    return None


def _russian_part(said: str) -> str:
    if said in {"обед", "обеду"} or "полдень" in said or "полудн" in said:
        return "noon"
    if "полноч" in said or "полуноч" in said:
        return "midnight"
    if "утр" in said:
        return "early morning" if said.startswith(("ран", "под")) else "morning"
    if "вечер" in said:
        return "late evening" if said.startswith("позд") else "evening"
    if "обед" in said:
        return "afternoon"
    return "night" if "ноч" in said else "day"


_RU_HOURS = {"два": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "одиннадцать": 11, "двенадцать": 12}  # fmt: skip


def _russian_clock(said: str) -> tuple[str | int | None, ...]:
    numbers = [int(n) for n in _NUMBER.findall(said)] or [_RU_HOURS.get(said.split()[0], 0)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else None
    if said.endswith(("вечера", "дня")) and hour < 12:
        hour += 12
    elif said.endswith("ночи") and hour >= 10:
        hour = (hour + 12) % 24
    return hour, minute
