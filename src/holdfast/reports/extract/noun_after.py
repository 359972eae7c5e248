"""Finds the noun that follows its number, and decides which kind of claim the pair makes."""

from __future__ import annotations

import re

from holdfast.reports.extract.audiences import CHANGE, FOLLOW_VERB, VIEW_NOT, VIEW_VERB, audience
from holdfast.reports.extract.counting import (
    MEDIA,
    PREPOSITIONS,
    STOPS,
    Counted,
    clause_around,
    coordinated,
    is_near,
)
from holdfast.reports.extract.noun_before import governing
from holdfast.reports.extract.nouns import Noun, find_noun
from holdfast.reports.extract.number import Number
from holdfast.reports.extract.words import Word, low_at

__all__ = ["counted_after"]

_OF_EN = frozenset("its their the his her our your my these those them whom all such other".split())


_NAMES_EN = frozenset(
    "telegram youtube tiktok facebook instagram twitter x vk russian ukrainian belarusian american german polish georgian british western "
    "french chinese israeli palestinian syrian european african asian latin orthodox muslim christian jewish chechen crimean soviet "
    "estonian latvian lithuanian finnish moldovan armenian kazakh moscow kyiv whatsapp twitch rutube".split()
)


_ADJECTIVE_RU = re.compile(
    r".+(?:ых|их|ый|ий|ой|ого|его|ому|ему|ым|им|ыми|ими|ом|ем|ая|яя|ую|юю|ое|ее|ые|ие|ійних|них|ові|і|ї)$|^(?:своих|своим|своими|их|его|ее|еще|уже|уникальных|лишь)$"
)


_CASUALTIES_EN = frozenset(
    "detained arrested killed injured wounded hurt dead died hospitalised hospitalized jailed sentenced missing rescued evacuated "
    "displaced charged imprisoned released hanged executed shot poisoned".split()
)
_CASUALTIES_RU = (
    "задержан",
    "погиб",
    "пострада",
    "ранен",
    "арестова",
    "убит",
    "госпитализ",
    "эвакуир",
    "осужден",
    "пропал",
    "затриман",
    "загинул",
)
_EXTRA = frozenset("more other another additional еще другие других дополнительно extra further ще".split())


def counted_after(
    words: list[Word], number: Number, after: int, lang: str, taken: set[int]
) -> Counted | None:
    """The noun that follows a number, with at most a few adjectives between."""
    language = "en" if lang == "en" else "ru"
    at, marks, skipped = after, [], 0
    if language == "en" and low_at(words, at) == "of" and (
        number.implied == "at_least" or low_at(words, at + 1) in _OF_EN or number.scaled or number.rule == "number.words"
    ):  # fmt: skip
        at += 1
        if (
            low_at(words, at) in {"them", "whom", "those", "us", "these"}
            and find_noun(low_at(words, at + 1), language) is None
        ):
            return None
    elif language == "ru" and low_at(words, at) in {"из", "з", "із"}:
        return None  # "one of", «из них»: part of what was counted before
    second: tuple[Noun, Word] | None = None
    while at < len(words) and skipped <= 4:
        word = words[at]
        if at in taken:
            return None
        if word.kind == "sign":
            if word.low in "-–" and word.glued:
                at += 1
                continue
            if word.low in "*(«\"“'" and skipped == 0 and word.low in "*":
                at += 1
                continue
            break
        if word.kind != "word":
            break
        noun = find_noun(word.low, language)
        if noun is not None and (noun.family == "other" or _is_noun_here(words, at, noun, language)):
            if noun.family == "other" and words[at].glued and words[at - 1].low == "-":
                return None  # a 19-year veteran
            if noun.family == "other" and number.value > 150 and _is_age(words, at):
                at, skipped = at + 3, skipped + 1  # nobody is 11,000 years of age: a translator's slip
                marks.append("garbled")
                while low_at(words, at) in {".", ","}:
                    at += 1
                continue
            second = (noun, word)
            break
        if word.low in {"mark", "milestone", "threshold"} and low_at(words, at + 1) in {"in", "of", "for"}:
            at, skipped = at + 2, skipped + 1
            continue
        if word.low in _EXTRA:
            marks.append("additional")
            if low_at(words, at + 1) in {"than", "чем"}:
                return None
        elif language == "en":
            if word.low in STOPS and word.low not in _OF_EN:
                break
            if word.is_capital and word.low not in _NAMES_EN:
                break
        elif not _ADJECTIVE_RU.match(word.low) or word.low in PREPOSITIONS:
            if _alternative(words, at):
                at += 2
                skipped += 1
                continue
            break
        at += 1
        skipped += 1
    if second is None:
        return _without_noun(words, number, after, lang)
    noun, word = second
    return _classify(words, number, noun, word, at, lang, tuple(marks))


def _alternative(words: list[Word], at: int) -> bool:
    """ "hundreds of thousands or millions of views": the second number is of the same noun."""
    return words[at].low in {"или", "or"} and low_at(words, at + 1).startswith(
        ("миллион", "тысяч", "сот", "million", "thousand", "hundred")
    )


def _is_age(words: list[Word], at: int) -> bool:
    return low_at(words, at) in {"years", "year"} and low_at(words, at + 1) in {"of", "old"}


def _is_noun_here(words: list[Word], at: int, noun: Noun, lang: str) -> bool:
    """English nouns that are verbs or first parts of compounds too: "300 video games", "20 post offices"."""
    if lang != "en":
        return True
    following = words[at + 1] if at + 1 < len(words) else None
    if following is None or following.kind != "word" or words[at].low.endswith("s"):
        return True
    beyond = find_noun(following.low, "en")
    if beyond is not None and following.low not in {
        "like",
        "share",
        "play",
        "view",
        "post",
        "stream",
        "reply",
        "comment",
        "guard",
    }:
        return False
    return not (
        noun.family in {"posts", "counter"} and following.low in {"games", "game", "offices", "office", "calls", "tapes", "conferences", "cards", "graduate"}
    )  # fmt: skip


def _classify(
    words: list[Word], number: Number, noun: Noun, word: Word, at: int, lang: str, marks: tuple[str, ...]
) -> Counted | None:
    language = "en" if lang == "en" else "ru"
    start, end = clause_around(words, at)
    if noun.family == "other":
        return _money_of_followers(words, number, at, start, marks) if language == "ru" else None
    if noun.family == "viewers":
        # Those in a stadium or theatre are people; a video has to be near.
        if word.low.startswith("зрител") and not is_near(words, start, end, MEDIA):
            return Counted("people", "people", word.low, at + 1, "noun.people", marks)
        return Counted("views", "viewers", word.low, at + 1, "noun.viewers", (*marks, "views as people"))
    change = is_near(words, max(start, number.first - 6), at, CHANGE)
    if noun.family == "counter":
        kind = noun.unit if noun.unit in {"views", "followers"} else "reactions"
        if noun.unit == "followers" and change:
            marks = (*marks, "change")
        return coordinated(
            words, at, Counted(kind, noun.unit, word.low, at + 1, f"noun.{noun.unit}", marks), lang
        )
    if noun.family == "audience":
        return audience(words, number, word, at, start, end, language, marks, change)
    if noun.family == "people":
        if is_near(words, number.first - 4, number.first, FOLLOW_VERB[language]):
            return Counted("followers", "followers", word.low, at + 1, "noun.people_who_follow", marks)
        near = is_near(words, at + 1, min(end, at + 6), VIEW_VERB[language], VIEW_NOT) and is_near(
            words, start, end, MEDIA
        )
        if near and language == "ru":
            return Counted(
                "views", "viewers", word.low, at + 1, "noun.people_who_watch", (*marks, "views as people")
            )
        return Counted("people", "people", word.low, at + 1, "noun.people", marks)
    if noun.family == "posts":
        return coordinated(words, at, Counted("posts", "posts", word.low, at + 1, "noun.posts", marks), lang)
    return coordinated(
        words, at, Counted("other", noun.unit, word.low, at + 1, f"noun.{noun.unit}", marks), lang
    )


def _money_of_followers(
    words: list[Word], number: Number, at: int, start: int, marks: tuple[str, ...]
) -> Counted | None:
    """ "the number of fans is 82 thousand roubles": what is counted is named before, the rouble is a slip."""
    counted = governing(words, number.first, start, "ru")
    if counted is None:
        return None
    return counted._replace(after=at + 1, marks=(*marks, "unit as printed makes no sense"))


def _without_noun(words: list[Word], number: Number, after: int, lang: str) -> Counted | None:
    """ "viewed 100 million times", "27 detained", "505 thousand pressed like"."""
    language = "en" if lang == "en" else "ru"
    low = low_at(words, after)
    start, _ = clause_around(words, number.first)
    if low in {"times", "time", "раз", "раза", "разів"}:
        if is_near(words, max(start, number.first - 14), number.first, VIEW_VERB[language], VIEW_NOT):
            return Counted("views", "views", low, after + 1, "noun.times_viewed")
        shared = re.compile("^(?:shar|forward|repost|retweet|перес[ыл]|репост|скопир)")
        if is_near(words, max(start, number.first - 10), number.first, shared):
            return Counted("reactions", "forwards", low, after + 1, "noun.times_shared")
        liked = re.compile(r"^(?:liked|лайк|лайкну\w+)$")
        if is_near(words, max(start, number.first - 10), number.first, liked):
            return Counted("reactions", "reactions", low, after + 1, "noun.times_liked")
        return None
    following = [word.low for word in words[after : after + 4]]
    if language == "en":
        rest = [
            word
            for word in following
            if word not in {"were", "was", "are", "have", "had", "been", "people", "others", "being", "more"}
        ]
        if rest and rest[0] in _CASUALTIES_EN:
            return Counted("people", "people", "", after, "noun.people_left_out")
        if (
            following[:1] == ["for"]
            and len(following) > 1
            and following[1] in {"vandalism", "hooliganism", "disobedience", "extremism", "trespassing"}
        ):
            return Counted("people", "people", "", after, "noun.people_left_out")
        return None
    if any(word.startswith(_CASUALTIES_RU) for word in following[:2]) and following[0] not in {"из", "раз"}:
        return Counted("people", "people", "", after, "noun.people_left_out")
    if number.people:
        return Counted("people", "people", "", after, "noun.people_left_out")
    if following and following[0].startswith("постав") and any(word.startswith("лайк") for word in following):
        return Counted("reactions", "reactions", "лайки", after, "noun.pressed_like", ("subset",))
    return None
