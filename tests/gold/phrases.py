"""Writes numbers, lengths and times as newspapers do, in English and Russian, and works out what each means."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

__all__ = [
    "COMPARED",
    "When",
    "counted",
    "fitted",
    "granule",
    "length",
    "noun",
    "number",
    "spans",
    "when_words",
]

COMPARED = {
    "en": {
        "over": ("more than ", "over "),
        "at_least": ("at least ",),
        "nearly": ("nearly ", "almost "),
        "about": ("about ", "around ", "roughly "),
        "exact": ("",),
        "under": ("fewer than ",),
    },
    "ru": {
        "over": ("более ", "свыше ", "больше "),
        "at_least": ("не менее ",),
        "nearly": ("почти ",),
        "about": ("около ", "порядка "),
        "exact": ("",),
        "under": ("менее ",),
    },
}
"""The words for each comparator."""


def granule(value: int) -> int:
    """The place value of the last digit that is not zero."""
    place = 1
    while value and value % (place * 10) == 0:
        place *= 10
    return place


def fitted(value: int, comparator: str) -> int:
    """A number that a reporter who means the truth puts beside a comparator: two or three digits of it, the rest zeros."""
    step = 10 ** max(1, len(str(value)) - 2) if value >= 100 else 1
    below = value // step * step
    match comparator:
        case "over":
            return below if below < value else below - step
        case "at_least":
            return below
        case "nearly" | "under":
            return below + step
        case "exactly":
            return value
        case _:
            return (value + step // 2) // step * step


def number(value: int, lang: str, style: int) -> str:
    """A number in digits, or shortened where it is round. `style` picks among the ways of writing it."""
    for unit, english, russian, short in (
        (1_000_000, "million", "миллиона", "млн"),
        (1_000, "thousand", "тысяч", "тыс."),
    ):
        tenths, rest = divmod(value * 10, unit)
        if rest or not 10 <= tenths < 10_000 or (unit == 1_000 and tenths % 10):
            continue
        whole, tenth = divmod(tenths, 10)
        if lang == "en" and style % 3 == 1:
            figures = f"{whole}.{tenth}" if tenth else f"{whole}"
            return f"{figures} {english}" if unit > 1_000 else f"{figures}K"
        if lang == "ru" and style % 2 == 1:
            figures = f"{whole},{tenth}" if tenth else f"{whole}"
            return f"{figures} {short if style % 4 == 1 or not tenth else russian}"
    return f"{value:,}" if lang == "en" else f"{value:,}".replace(",", " ")


def noun(value: int, written: str, forms: tuple[str, str, str]) -> str:
    """The Russian noun after a number: (one, two to four, many)."""
    if not written[-1:].isdigit():
        return forms[2]
    if value % 100 in range(11, 15) or value % 10 in (0, 5, 6, 7, 8, 9):
        return forms[2]
    return forms[0] if value % 10 == 1 else forms[1]


FORMS = {
    "views": ("views", ("просмотр", "просмотра", "просмотров")),
    "followers": ("subscribers", ("подписчик", "подписчика", "подписчиков")),
    "reactions": ("reactions", ("реакция", "реакции", "реакций")),
}


def counted(value: int, comparator: str, unit: str, lang: str, style: int) -> str:
    """ "more than 26,000 views"."""
    words = COMPARED[lang]["exact" if comparator == "exactly" else comparator]
    written = number(value, lang, style)
    english, russian = FORMS[unit]
    if lang == "en":
        said = english
    else:
        # After a comparator all is in the genitive.
        said = noun(value, written, russian) if comparator in ("exact", "exactly", "nearly") else russian[2]
    return f"{words[style % len(words)]}{written} {said}"


def length(seconds: int, lang: str, style: int) -> tuple[str, str, int, int]:
    """(words before the noun, words after it, seconds as said, granule): "nine-minute", or to the second after the noun."""
    minutes, rest = divmod(seconds, 60)
    if style % 2 == 0 and minutes:
        words = f"{minutes}-minute " if lang == "en" else f"{minutes}-минутное "
        return words, "", minutes * 60, 60 * granule(minutes)
    if not minutes:
        return (f"{rest}-second " if lang == "en" else f"{rest}-секундное "), "", rest, granule(rest)
    if lang == "en":
        said = f" lasting {minutes} minutes" + (f" and {rest} seconds" if rest else "")
    else:
        said = f" длительностью {minutes} мин." + (f" {rest} сек." if rest else "")
    return "", said, seconds, granule(rest) if rest else 60 * granule(minutes)


class When(NamedTuple):
    """A time that a text states. `part`: day, late or clock; `zone`: the one that the text names, None for the reader's guess."""

    day: date
    part: str
    hour: int = 0
    minute: int = 0
    zone: str | None = None


EN_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
RU_DAYS = "в понедельник|во вторник|в среду|в четверг|в пятницу|в субботу|в воскресенье".split("|")
EN_MONTHS = "January February March April May June July August September October November December".split()
RU_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
ZONE_WORDS = {
    "Europe/Moscow": ("Moscow time", "по московскому времени"),
    "Europe/Kyiv": ("Kyiv time", "по киевскому времени"),
    "Europe/London": ("London time", "по Гринвичу"),
    "UTC": ("UTC", "по Гринвичу"),
}


def when_words(when: When, lang: str, style: int) -> str:
    """The words for it; with `style` odd a date, else a day of the week."""
    day = when.day
    if lang == "en":
        named = f"{day.day} {EN_MONTHS[day.month - 1]}" if style % 2 else EN_DAYS[day.weekday()]
    else:
        named = f"{day.day} {RU_MONTHS[day.month - 1]}" if style % 2 else RU_DAYS[day.weekday()]
    if when.part == "late":
        return f"late on {named}" if lang == "en" else f"поздно вечером {named}"
    if when.part == "clock":
        assert when.zone is not None
        zone = ZONE_WORDS[when.zone][lang == "ru"]
        if lang == "en":
            half = "a.m." if when.hour < 12 else "p.m."
            return f"at {when.hour % 12 or 12}:{when.minute:02} {half} {zone} on {named}"
        return f"{named} в {when.hour:02}:{when.minute:02} {zone}"
    return f"on {named}" if lang == "en" else named


LATE = ((20, 26), (17, 27))
"""Hours of a late evening from the midnight that begins the day: as most mean it, and at the widest."""


def spans(when: When, zones: tuple[str, ...]) -> list[tuple[str, int, int, int, int]]:
    """(zone, from, to, widest from, widest to) in unix seconds for each zone that may be meant."""
    found: list[tuple[str, int, int, int, int]] = []
    for zone in (when.zone,) if when.zone else zones:
        midnight = datetime(when.day.year, when.day.month, when.day.day)

        def unix(hours: float, midnight: datetime = midnight, zone: str = zone) -> int:
            return int((midnight + timedelta(hours=hours)).replace(tzinfo=ZoneInfo(zone)).timestamp())

        if when.part == "clock":
            at = unix(when.hour) + 60 * when.minute
            each = (zone, at, at + 60, at - 120, at + 180)
        elif when.part == "late":
            (from_, to), (widest, last) = LATE
            each = (zone, unix(from_), unix(to), unix(widest), unix(last))
        else:
            each = (zone, unix(0), unix(24), unix(0), unix(24))
        if each[1:] not in [known[1:] for known in found]:
            found.append(each)
    return found
