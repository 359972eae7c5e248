"""Tells whether counted people follow a channel, watched a video, or are just people."""

from __future__ import annotations

import re

from holdfast.reports.extract.counting import CHANNEL, MEDIA, Counted, is_near
from holdfast.reports.extract.noun_before import AUDIENCES, number_of
from holdfast.reports.extract.number import Number
from holdfast.reports.extract.words import Word, low_at

__all__ = ["CHANGE", "FOLLOW_VERB", "VIEW_NOT", "VIEW_VERB", "audience"]


VIEW_VERB = {
    "en": re.compile(
        r"^(?:view|watch|seen$|saw$|see$|heard|listen|stream|play(?:ed)?$|read$|clicked|open(?:ed)?$|consum)"
    ),
    "ru": re.compile(
        r"^(?:по|про)?(?:смотр|слуш|гляд|чита|чит[а]?л|видел|клик)|^увид|^прочит|^прочли|^посмотр|^просмотр|^откры(?:ли|то)|^подивил|^переглян"
    ),
}


VIEW_NOT = re.compile(
    "^(?:viewpoint|viewer|player|readers?$|просмотров$|просмотра$|просмотры$|читател|слушател)"
)


FOLLOW_VERB = {
    "en": re.compile(r"^(?:follow(?:ed|s|ing)?$|subscrib|joined$|sign(?:ed)?$)"),
    "ru": re.compile(r"^(?:подписа|подписы|подпишет|следят|следит|следило|читают|читает$|вступил|насчитыва)"),
}


_HOLDS = {
    "en": frozenset("has have had with counts counted count boasts boasted boasting counting having attracts drew numbers numbering lists over than".split()),
    "ru": frozenset("насчитывает насчитывал насчитывала насчитывало имеет имел у с состоит состояло было есть сейчас собрал набрал набрала объединяет включает сегодня больше уже".split()),
}  # fmt: skip


CHANGE = re.compile(
    r"^(?:gain|los[et]|lost$|losing|add(?:ed|ing)?$|new$|attract|amass|won$|shed$|picked|потерял|потерял|прибав|приобр|лишил|отпис|подписывалось$|подписывались$|прирос|нов(?:ых|ые|ыми)$|подписалось$|подписались$|привлек|ушло$|ушли$|пришл|left$|quit$|unsubscrib)"
)


_LIKE_VERB = re.compile(r"^(?:liked|лайкнул[аио]?|оценил[аио]?)$")


def audience(
    words: list[Word],
    number: Number,
    word: Word,
    at: int,
    start: int,
    end: int,
    lang: str,
    marks: tuple[str, ...],
    change: bool,
) -> Counted:
    """People, users, members, participants: followers of a channel, watchers of a video, or just people."""
    follow = is_near(words, max(start, number.first - 10), number.first, FOLLOW_VERB[lang])
    follow = follow or is_near(words, at + 1, min(end, at + 3), FOLLOW_VERB[lang])
    view_near = is_near(words, max(start, number.first - 5), number.first, VIEW_VERB[lang], VIEW_NOT)
    view_near = view_near or is_near(words, at + 1, min(end, at + 6), VIEW_VERB[lang], VIEW_NOT)
    before = [item.low for item in words[start : number.first]]
    follow = follow or (lang == "ru" and bool(set(before) & AUDIENCES))
    follow = follow or (
        bool(set(before) & {"состоит", "состояло", "состоят", "насчитывается", "насчитывалось"})
        and is_near(words, start, end, CHANNEL)
    )
    if is_near(words, max(start, number.first - 4), number.first, _LIKE_VERB):
        return Counted("reactions", "reactions", word.low, at + 1, "noun.people_who_liked", marks)
    if follow:
        marks = (*marks, "change") if change or is_near(words, start, at, CHANGE) else marks
        return Counted("followers", "followers", word.low, at + 1, "noun.people_who_follow", marks)
    if view_near and _watches_media(words, at, start, end):
        return Counted(
            "views", "viewers", word.low, at + 1, "noun.people_who_watch", (*marks, "views as people")
        )
    named = number_of(words, number.first, start, lang)
    if named is not None and named.kind in {"followers", "views"}:
        return named._replace(after=at + 1, marks=marks)
    if lang == "ru" and is_near(words, start, number.first, _READ):
        return Counted(
            "views", "viewers", word.low, at + 1, "noun.number_of_readers", (*marks, "views as people")
        )
    if _in_brackets_of_channel(words, number.first):
        return Counted("followers", "followers", word.low, at + 1, "noun.members_of_channel", marks)
    members = word.low.startswith(("member", "participant", "участни", "учасник", "subscriber"))
    if members and _of_channel(words, number, at, start, lang):
        marks = (*marks, "change") if change else marks
        return Counted("followers", "followers", word.low, at + 1, "noun.members_of_channel", marks)
    if "garbled" in marks:
        return Counted("followers", "followers", word.low, at + 1, "noun.members_of_channel", marks)
    return Counted("people", "people", word.low, at + 1, "noun.people", marks)


_READ = re.compile("^(?:прочитавш|посмотревш|просмотревш)")


def _in_brackets_of_channel(words: list[Word], first: int) -> bool:
    """«канал «Топор» (чуть более 843 тыс. читателей)»."""
    for at in range(first - 1, max(-1, first - 5), -1):
        if words[at].low == "(":
            return any(CHANNEL.match(word.low) or word.kind == "user" for word in words[max(0, at - 8) : at])
        if words[at].kind != "word":
            return False
    return False


def _watches_media(words: list[Word], at: int, start: int, end: int) -> bool:
    if is_near(words, start, end, MEDIA):
        return True
    # "watched within minutes": no object of its own, so what was watched is the video spoken of before.
    following = [word.low for word in words[at + 1 : at + 4]]
    return bool(following) and following[-1] in {"within", "in", "on", "by", "since", "so"}


def _of_channel(words: list[Word], number: Number, at: int, start: int, lang: str) -> bool:
    back = max(start, number.first - 8)
    before = [word.low for word in words[back : number.first]]
    channel = is_near(words, start, min(len(words), at + 6), CHANNEL)
    partitive = words[at - 1].low in {"its", "their"} and words[at - 2].low == "of" if at >= 2 else False
    if partitive:
        return False
    holds = bool(set(before) & _HOLDS[lang])
    if number.value < 10 and not holds:
        return False  # two members of a chat who did something
    if lang == "ru" and at + 1 < len(words) and low_at(words, at + 1) == "(":
        return channel
    following = [word.low for word in words[at + 1 : at + 6]]
    within = any(word in {"channel", "chat", "канале", "чате", "группе"} for word in following)
    return (
        (holds and (channel or not _verb_follows(words, at, lang)))
        or within
        or (channel and lang == "ru" and not _verb_follows(words, at, lang))
    )


def _verb_follows(words: list[Word], at: int, lang: str) -> bool:
    """Whether the counted people do something: then they are people, not a counter."""
    low = low_at(words, at + 1)
    if lang == "en":
        return low.endswith("ed") or low in {
            "were",
            "had",
            "have",
            "took",
            "held",
            "staged",
            "came",
            "left",
            "who",
            "are",
        }
    return bool(re.match(r".+(?:ли|лись|лся|лось|ло|ют|ят|ут|ат)$", low))
