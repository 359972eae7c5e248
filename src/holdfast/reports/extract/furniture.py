"""Tells what is no claim: page furniture, general rules, conditions, plans, things that have not happened."""

from __future__ import annotations

import re

from holdfast.reports.extract.words import Word

__all__ = ["dateline_end", "is_furniture", "is_modal", "is_unreal"]

_START = re.compile(
    r"^\s*(?:[-–—•*>|]\s*)*(?:subscribe|follow us|join (?:us|our)|read (?:more|also|next)|see also|share(?: this| on|\s+\d|$)|sign up|click here|watch also|related:|photos?:|image:|credit:|copyright|©|"
    r"by [a-z.'-]+(?: [a-z.'-]+){0,3}$|updated?:|published:|posted (?:on|by|at):|last (?:updated|modified)|min read|comments?\b\s*\(?\d*|tags?:|advertisement|источник:|фото:|фото\b.{0,40}$|текст:|автор:|"
    r"подпис(?:ывайтесь|аться|ывайся)|читайте|читать|смотрите также|присоединяйтесь|поделиться|просмотр(?:ов|ы)\s*:|комментари(?:и|ев)\s*:|опубликовано:|обновлено:|теги:|реклама\b|по теме|ранее по теме|"
    r"наш (?:телеграм|канал)|новости по теме|главн(?:ая|ое)|все новости|больше новостей|следите за|подробнее:?|views?:\s*\d|просмотры:)"
)
_COUNTERS = re.compile(
    r"\b(?:views?|comments?|shares?|likes?|min|mins|minutes?|read|reading|time|updated|published|posted|by|at|on|am|pm|news|новости|просмотр\w*|комментари\w*|лайк\w*|мин|минут\w*|"
    r"чтения|чтение|опубликовано|обновлено|время|дата|date|автор|г|года|мск|gmt|utc|edt|est|january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|"
    r"ноября|декабря|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|в|k|m|ago|hours?|days?|назад|часов|часа|час|дня|дней|сегодня|вчера|today|yesterday|share|поделиться|рейтинг|rating)\b"
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")


def is_furniture(low: str) -> bool:
    """Whether a sentence (levelled) is of the page and not of the report: a byline, a date line, a counter, a call to subscribe."""
    if _START.match(low):
        return not re.search(r"^\s*(?:share|read|posted|published|updated|follow|читать|join)\b.{40,}", low)
    if len(low) > 160 or not any(letter.isdigit() for letter in low):
        return False
    rest = _COUNTERS.sub(" ", low)
    return len(_LETTERS.findall(rest)) == 0


_DATELINE = re.compile(
    r"^\s*(?:[A-ZА-ЯЁ][\w.’'-]*(?:[\s,/]+[A-ZА-ЯЁ][\w.’'-]*){0,4},?\s+)?(?:(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:,?\s+\d{4})?|\d{1,2}\s+[A-Za-zа-яё]{3,9}\.?(?:\s+\d{4})?)\s*)?"
    r"(?:[.,]\s*)?(?:\([^)\n]{2,30}\)\s*)?(?:/[^/\n]{2,30}/\.?\s*)?[-–—]+\s"
)
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
# A whole date in front of a sentence that begins anew behind it: no English sentence begins so ("On 11 February …", "February 11,
# 2023, was …"). In Russian one may ("11 февраля 2023 года «Пирс» сообщил …"), so there only a date in figures is taken for it.
_SHOWN_DATE = re.compile(
    rf"^\s*(?:date\s+\d{{4}}-\d{{2}}-\d{{2}}\s|(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}})[,:;.]?\s+(?=[“«\"]?[^\W\d_a-zа-яё])"
    rf"|(?:{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{_MONTH},?\s+\d{{4}})[:;.]?\s+(?=[“\"]?[A-Z]))"
)


def dateline_end(text: str) -> int:
    """Where a dateline ("TALLINN, Feb 11 (Wire) - ") at the start of a report ends; 0 when there is none."""
    shown = _SHOWN_DATE.match(text)
    if shown:
        return shown.end()
    found = _DATELINE.match(text[:140])
    if not found:
        return 0
    said = found[0]
    capital = re.match(r"\s*[A-ZА-ЯЁ]{3,}", said)
    return found.end() if capital or ("(" in said or any(letter.isdigit() for letter in said)) else 0


_UNREAL = {
    "en": re.compile(
        r"^(?:if|unless|whether|would|wouldn't|should|shall|hopes?|hoping|aims?|aiming|goal|target|plans?|planning|expects?|expected|suppose|imagine|needs?|must|needed|require[ds]?|once|threshold|limit|wants?|will|won't|shan't)$"
    ),
    "ru": re.compile(
        r"^(?:если|чтобы|бы|ли|нужно|нужен|нужна|нужны|надо|необходимо|цель|планиру\w+|хотят|хотим|хочет|надеется|надеются|обязан\w*|должн\w*|должен|будет|будут|станет|станут|наберет|соберет|наберем|соберем|достигнет|допустим|"
        r"представьте|порог|рассчитыва\w+|намерен\w*|ожида\w+|якби|якщо|щоб|буде|потребуется|требуется|лимит)$"
    ),
}
_AFTER = {
    "en": re.compile(r"^(?:must|shall|should|would|required|obliged|eligible)$"),
    "ru": re.compile(
        r"^(?:обязан\w*|должн\w*|должен|требуется|следует|придется|нужно|необходимо|будет|будут)$"
    ),
}
_MODAL = {
    "en": frozenset("may might could can possibly perhaps likely probably maybe".split()),
    "ru": frozenset(
        "может могут мог могла могли возможно вероятно предположительно видимо наверное пожалуй".split()
    ),
}


# How far each reaches: (words, commas between). A word of wishing governs what follows it closely, a condition its whole clause.
_REACH = {
    **dict.fromkeys(
        "will won't expected once should target plans plan limit need needs goal wants must aim ли".split(),
        (8, 0),
    ),
    **dict.fromkeys(
        "бы would будет будут expects hopes планирует хотят чтобы должны ожидается нужно нужен нужна нужны надо".split(),
        (12, 0),
    ),
    **dict.fromkeys("if если unless якщо whether".split(), (24, 1)),
}
_FARTHEST = (24, 24)


def is_unreal(words: list[Word], at: int, stop: int, lang: str) -> bool:
    """Whether what stands at `words[at:stop]` is only a condition, a plan, a duty or the future."""
    language = "en" if lang == "en" else "ru"
    commas = 0
    for index in range(at - 1, max(-1, at - 1 - _FARTHEST[0]), -1):
        low = words[index].low
        if low in {";", ":"}:
            break
        # A comma right before the words themselves parts nothing.
        commas += low == "," and index + 1 < at
        reach, most = _REACH.get(low, _FARTHEST)
        if _UNREAL[language].match(low) and at - index <= reach and commas <= most:
            return True
    for index in range(stop, min(len(words), stop + 7)):
        if words[index].low in {",", ";", "—"}:
            break
        if _AFTER[language].match(words[index].low):
            # A rule for all: "channels with more than 10,000 subscribers must register".
            return True
    return False


def is_modal(words: list[Word], at: int, lang: str) -> bool:
    """Whether "may", «может» stands close before: a possibility, not a measurement."""
    return any(word.low in _MODAL["en" if lang == "en" else "ru"] for word in words[max(0, at - 6) : at])
