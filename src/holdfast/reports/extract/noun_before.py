"""Finds the noun that stands before its number: "the number of views passed 3 million", «подписчиков — 38 тысяч»."""

from __future__ import annotations

from holdfast.reports.extract.counting import (
    CHANNEL,
    MEDIA,
    PREPOSITIONS,
    STOPS,
    Counted,
    clause_around,
    coordinated,
)
from holdfast.reports.extract.nouns import find_noun
from holdfast.reports.extract.words import Word, low_at

__all__ = ["AUDIENCES", "counted_before", "governing", "number_of"]


_COUNT_OF = {
    "en": frozenset({"number", "count", "total", "tally", "numbers"}),
    "ru": frozenset(
        "число числа числу количество количества аудитория аудитории счетчик кількість чисельність".split()
    ),
}


_BASE_EN = frozenset({"count", "base", "numbers", "tally", "total", "counter", "figure", "audience"})


def governing(words: list[Word], first: int, start: int, lang: str) -> Counted | None:
    """ "the number of subscribers … 20,000", "subscriber base … 1.3 million", "просмотров: 25 000"."""
    named = number_of(words, first, start, lang)
    if named is not None:
        return named
    for at in range(first - 1, max(start, first - 14) - 1, -1):
        low = words[at].low
        if low in {"times", "раз"}:
            return None
        noun = find_noun(low, lang)
        if (
            low in {"audience", "following", "аудитория", "аудитории", "readership", "аудиторія"}
            and low != "following"
        ):
            return Counted("followers", "followers", low, 0, "noun.audience_before")
        if low == "following" and (low_at(words, at - 1) in _WHOSE or low_at(words, at - 1).endswith("'s")):
            return Counted("followers", "followers", low, 0, "noun.audience_before")
        if noun is None or noun.family in {"other"}:
            continue
        previous = [low_at(words, at - back) for back in (1, 2, 3)]
        counts = bool(set(previous) & _COUNT_OF[lang]) or (lang == "en" and low_at(words, at + 1) in _BASE_EN)
        if noun.family == "counter" or (counts and noun.family in {"audience", "people"}):
            followers = noun.family != "counter"
            kind = (
                "followers"
                if followers
                else noun.unit
                if noun.unit in {"views", "followers"}
                else "reactions"
            )
            if counts or _is_label(words, at, first):
                return Counted(kind, "followers" if followers else noun.unit, low, 0, "noun.counted_before")
        if counts and noun.family in {"things", "posts"}:
            kind = "posts" if noun.family == "posts" else "other"
            return _coordinated_before(
                words, at, Counted(kind, noun.unit, low, 0, "noun.counted_before"), lang
            )
    return None


def number_of(words: list[Word], first: int, start: int, lang: str) -> Counted | None:
    """ "the number of subscribers to the channel … 20,000": the noun right after the word of counting, not the nearest one."""
    for at in range(first - 1, max(start, first - 16) - 1, -1):
        if words[at].low in AUDIENCES:
            return Counted("followers", "followers", words[at].low, 0, "noun.audience_before")
        if words[at].low not in _WORDS_OF_COUNTING:
            continue
        for index in range(at + 1, min(first, at + 6)):
            noun = find_noun(words[index].low, lang)
            if noun is None or noun.family in {"other", "viewers"}:
                continue
            if noun.family in {"counter", "audience"} or words[index].low.startswith(("поклонник", "fan")):
                unit = noun.unit if noun.family == "counter" else "followers"
                kind = unit if unit in {"views", "followers"} else "reactions"
                return Counted(kind, unit, words[index].low, 0, "noun.number_of")
            if noun.family in {"posts", "things"}:
                kind = "posts" if noun.family == "posts" else "other"
                found = Counted(kind, noun.unit, words[index].low, 0, "noun.number_of")
                return _coordinated_before(words, index, found, lang)
            return Counted("people", "people", words[index].low, 0, "noun.number_of")
    return None


_WHOSE = frozenset("its their his her online the a".split())
AUDIENCES = frozenset("audience readership аудитория аудитории аудиторию аудиторія".split())


_WORDS_OF_COUNTING = frozenset("number total tally count число количество числа числом кількість".split())


def _coordinated_before(words: list[Word], at: int, counted: Counted, lang: str) -> Counted:
    return coordinated(words, at, counted, lang)._replace(after=0)


_LINKING = frozenset(
    ": — – - стало уже было there now at stood stands около более почти свыше насчитывается больше порядка примерно теперь сейчас всего "
    "reached passed in the у него нее ней них набралось собралось is are was were".split()
)


def _is_label(words: list[Word], at: int, first: int) -> bool:
    """ "Views: 25,000", "подписчиков — 38 тысяч", "подписчиков у канала уже 45 тысяч"."""
    between = words[at + 1 : first]
    return 0 < len(between) <= 6 and all(word.low in _LINKING or CHANNEL.match(word.low) for word in between)


_CARRY: dict[str, list[tuple[str, ...]]] = {
    "en": [
        ("up", "from"), ("down", "from"), ("fell", "to"), ("rose", "to"), ("grew", "to"), ("dropped", "to"), ("climbed", "to"),
        ("shrank", "to"), ("jumped", "to"), ("increased", "to"), ("decreased", "to"), ("there", "are"), ("there", "were"), ("grown", "to"), ("risen", "to"),
        ("fallen", "to"), ("compared", "with"), ("compared", "to"), ("it", "had"), ("it", "has"), ("now", "has"), ("soared", "to"), ("stood", "at"), ("stands", "at"), ("stand", "at"),
    ],
    "ru": [
        ("осталось",), ("стало",), ("их", "было"), ("их",), ("их", "стало"), ("против",), ("их", "уже"), ("выросло", "до"), ("упало", "до"), ("снизилось", "до"),
        ("вырос", "до"), ("выросла", "до"), ("сократилось", "до"), ("увеличилось", "до"), ("сократилась", "до"), ("их", "насчитывалось"), ("по", "сравнению", "с"),
    ],
}  # fmt: skip


def counted_before(
    words: list[Word], first: int, lang: str, earlier: str | None, after: int
) -> Counted | None:
    """The noun that stands before a number, or the one that the last counter had ("up from 14,600")."""
    language = "en" if lang == "en" else "ru"
    follows = words[after] if after < len(words) else None
    if (
        follows is not None
        and follows.kind in {"word", "num"}
        and follows.low not in STOPS | PREPOSITIONS | _CLOSES
    ):
        return None
    if follows is not None and follows.low in {"%", "$", "€", "/"}:
        return None
    start, _ = clause_around(words, first)
    counted = governing(words, first, start, language)
    if counted is not None:
        return counted
    if [word.low for word in words[max(0, first - 3) : first]][-2:] == ["count", "of"]:
        # "leader in subscribers, with a count of 6.4 million"
        named = next(
            (
                noun
                for word in reversed(words[start:first])
                if (noun := find_noun(word.low, language)) and noun.family == "counter"
            ),
            None,
        )
        if named is not None:
            return Counted(
                named.unit if named.unit in {"views", "followers"} else "reactions",
                named.unit,
                "",
                0,
                "noun.count_of",
            )
    if earlier in {"views", "followers", "reactions"}:
        before = [word.low for word in words[max(0, first - 3) : first]]
        for key in _CARRY[language]:
            if before[-len(key) :] == list(key):
                return Counted(earlier, earlier, "", 0, "noun.carried_over", ("noun left out",))
        if _is_told_beside(words, first, before):
            return Counted(earlier, earlier, "", 0, "noun.carried_over", ("noun left out",))
        stands = {"показатель", "цифра", "счетчик", "figure", "tally", "count"} & {
            word.low for word in words[start:first]
        }
        if stands:
            return Counted(earlier, earlier, "", 0, "noun.carried_over", ("noun left out",))
    return None


def _is_told_beside(words: list[Word], first: int, before: list[str]) -> bool:
    """ "Granite Lamp has 1.2 million followers; Blue Meadow has 874", «у одного больше миллиона подписчиков, у другого — меньше тысячи»."""
    if before[-1:] in (["has"], ["had"]):
        return words[first - 2].is_capital or before[-2:-1] == [","]
    if before[-1:] in (["—"], ["–"], ["лишь"], ["всего"]):
        near = words[max(0, first - 9) : first]
        return any(word.low == "у" or MEDIA.match(word.low) for word in near)
    return False


_CLOSES = frozenset(
    "on at last this today yesterday in now ago as overnight сейчас сегодня вчера тогда когда накануне год".split()
)
