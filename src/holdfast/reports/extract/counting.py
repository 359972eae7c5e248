"""What a number and its noun make together, and the words looked at around them."""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.reports.extract.nouns import find_noun
from holdfast.reports.extract.words import Word, low_at

__all__ = ["CHANNEL", "MEDIA", "PREPOSITIONS", "STOPS", "Counted", "clause_around", "coordinated", "is_near"]


class Counted(NamedTuple):
    """`after`: the index after the noun, 0 when the noun stands before the number."""

    kind: str
    unit: str
    noun: str
    after: int
    rule: str
    marks: tuple[str, ...] = ()
    unread: str | None = None


STOPS = frozenset(
    "and or but to in on at by for with from as than that which who whom was were is are has have had been be will would can could may "
    "might must should do does did not since until before after when while if then into over under about per via".split()
)


PREPOSITIONS = frozenset(
    "в на с со к у о об по за из от до при для и или а но что как чем не без через под над про".split()
)


MEDIA = re.compile(
    r"^(?:video|clip|footage|film|recording|reel|stream|broadcast|post|message|it|them|this|documentary|trailer|episode|видео|ролик|видеоролик|запис|видеозапис|"
    r"фильм|клип|пост|обращен|сюжет|эфир|выпуск|его|ее|их|трансляц|публикац|сообщен|интервью|відео|аудио|голосов|стрим|расследован|канал|телеграм)"
)


CHANNEL = re.compile(
    r"^(?:channels?|chats?|groups?|accounts?|pages?|blogs?|subreddit|server|канал|телеграм|чат|групп|аккаунт|паблик|страниц|сообществ|блог|ютьюб|youtube|telegram$)"
)


CLAUSE_WORDS = 150
"""How far a clause is followed in each direction: no writer's is longer, a list of ten thousand numbers is."""


def clause_around(words: list[Word], at: int) -> tuple[int, int]:
    """The indices of the clause around a word: inside its sentence: between semicolons (a full stop may be of "тыс.")."""
    start, first = at, max(0, at - CLAUSE_WORDS)
    while start > first and words[start - 1].low not in {";", ":"}:
        start -= 1
    end, last = at, min(len(words), at + CLAUSE_WORDS)
    while end < last and words[end].low != ";":
        end += 1
    return start, end


def is_near(
    words: list[Word], start: int, end: int, pattern: re.Pattern[str], never: re.Pattern[str] | None = None
) -> bool:
    return any(
        word.kind == "word" and pattern.match(word.low) and not (never and never.match(word.low))
        for word in words[max(0, start) : end]
    )


def coordinated(words: list[Word], at: int, counted: Counted, lang: str) -> Counted:
    """ "groups and channels": one number for two nouns."""
    language = "en" if lang == "en" else "ru"
    if low_at(words, at + 1) not in {"and", "и", "та", "і", "or", "или"}:
        return counted
    other = find_noun(low_at(words, at + 2), language)
    if other is None or other.family not in {"things", "posts", "counter"} or other.unit == counted.unit:
        return counted
    if counted.kind in {"views", "followers", "reactions"}:
        return counted
    unit = f"{counted.unit} and {other.unit}"
    return counted._replace(kind="other", unit=unit, after=at + 3, rule="noun.two_nouns")
