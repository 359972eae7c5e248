"""Reads who speaks from the words around a cue, and resolves she, he and "the widow" with a confidence of its own."""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.reports.extract.cues import is_verb_like
from holdfast.reports.extract.names import Name, gender_of
from holdfast.reports.extract.words import Word

__all__ = ["Speaker", "Speakers", "phrase_after", "phrase_before"]


class Speaker(NamedTuple):
    """Who speaks. `text` as written at `start` to `end`, `name` the person meant, `confidence` in percent. `kind`: person,
    organisation, outlet, channel, pronoun, role, other."""

    text: str
    kind: str
    start: int
    end: int
    name: str | None
    confidence: int


_PRONOUNS = {"she": "f", "he": "m", "they": None, "i": None, "we": None, "it": None, "она": "f", "он": "m", "они": None, "тот": "m", "та": "f", "я": None, "мы": None,
             "who": None, "her": "f", "him": "m", "вона": "f", "він": "m", "вони": None}  # fmt: skip
_ROLES_F = frozenset(
    "widow woman wife mother daughter sister girl spokeswoman actress singer вдова женщина жена мать дочь сестра девушка журналистка активистка певица".split()
)
_ROLES_M = frozenset(
    "man husband father son brother boy spokesman вдовец мужчина муж отец сын брат певец".split()
)


class Speakers:
    """The persons a report has spoken of so far, in order."""

    def __init__(self, names: list[Name]) -> None:
        self._names = [
            name for name in names if name.kind in {"person", "other", "organisation", "outlet", "channel"}
        ]
        self._at = 0
        self._seen: list[Name] = []
        self._spoke: list[Speaker] = []

    def advance(self, place: int) -> None:
        """Takes in every name before this place."""
        while self._at < len(self._names) and self._names[self._at].start < place:
            name = self._names[self._at]
            if name.kind == "person":
                self._seen.append(name)
            self._at += 1

    def name_at(self, start: int, end: int) -> Name | None:
        """The first name inside a range, persons first."""
        inside = [name for name in self._names if start <= name.start and name.end <= end]
        persons = [name for name in inside if name.kind == "person"]
        return next(iter(persons or inside), None)

    def heard(self, speaker: Speaker) -> Speaker:
        if speaker.name is not None:
            self._spoke.append(speaker)
        return speaker

    def resolve(self, text: str, gender: str | None, start: int, end: int, *, kind: str) -> Speaker:
        """A pronoun or a role: the last speaker that it fits, else the last person named."""
        self.advance(start)
        for spoke in reversed(self._spoke[-6:]):
            known = gender_of(spoke.name or "")
            if gender is None or known in {None, gender}:
                confidence = 85 if known == gender and kind == "pronoun" else 70 if kind == "pronoun" else 65
                return Speaker(text, kind, start, end, spoke.name, confidence)
        for name in reversed(self._seen[-8:]):
            if gender is None or name.gender in {None, gender}:
                confidence = 75 if name.gender == gender and kind == "pronoun" else 60
                return Speaker(text, kind, start, end, name.text, confidence)
        return Speaker(text, kind, start, end, None, 0)


_STOP = frozenset(
    "on in at after before when while during by to that with from as about if for over under against since because through using, via amid adding "
    "в во на с со к о об по за из от до при для что когда если после перед через".split()
)
_NOT_SUBJECTS = _STOP | frozenset("who which whose where что который которая которые чей где".split())
_SKIP_BACK = frozenset(
    "also later then has had have previously reportedly already even once recently repeatedly again further earlier still simply just only yesterday "
    "также позже затем ранее уже потом еще тогда тем временем сам сама не снова вчера сегодня накануне так".split()
)


def phrase_after(
    words: list[Word], at: int, stop: int, speakers: Speakers, lang: str, verb: str | None = None
) -> Speaker | None:
    """The noun phrase after a cue: "said Ishkova", "said organiser Marit Laane, whose …", «сообщила в четверг редактор Орлова»."""
    first = at
    # «рассказал журналистам в понедельник бригадир Белкин»: whom and when come first in Russian.
    while (
        first < stop and lang != "en" and not (verb and verb.endswith("ся") and verb.startswith(_IMPERSONAL))
    ):
        step = _skipped_object(words, first, stop)
        if not step:
            break
        first += step
    end = first
    while end < stop and end - first < 9:
        word = words[end]
        if word.kind == "sign" and word.low not in {"-", "«", "»", "'", "\u2019"}:
            break
        if word.kind == "word" and word.low in _STOP and end > first:
            break
        if word.kind == "word" and word.low in {"and", "и", "but", "who", "which", "that"} and end > first:
            break
        end += 1
    named = any(word.is_capital for word in words[first:end])
    if end + 1 < stop and words[end].low == "," and words[end + 1].is_capital and not named:
        # "its founder, Petr Novak, …": the apposition has the name.
        close = next((at for at in range(end + 1, min(stop, end + 6)) if words[at].low == ","), None)
        if close is not None or end + 4 >= stop:
            apposed = _speaker(words, end + 1, close or stop, speakers, lang, verb)
            if apposed is not None and apposed.kind == "person":
                return apposed
    return _speaker(words, first, end, speakers, lang, verb)


_IMPERSONAL = ("говорится", "говорилось", "отмечается", "сообщается", "указывается", "утверждается")


def _skipped_object(words: list[Word], at: int, stop: int) -> int:
    """How many words of an address or a time stand before the speaker."""
    low = words[at].low
    if low in {
        "в",
        "во",
        "на",
        "журналистам",
        "изданию",
        "агентству",
        "корреспонденту",
        "нам",
        "ему",
        "ей",
        "газете",
        "каналу",
        "подписчикам",
        "редакции",
        "мне",
        "сайту",
    }:
        step = 1
        if low in {"в", "во", "на"}:
            while at + step < stop and step < 5 and words[at + step].kind in {"word", "num"}:
                step += 1
                if re.match(
                    r"(?:понедельник|вторник|сред|четверг|пятниц|суббот|воскресень|интервью|эфире|разговоре|беседе|посте|канале|видео|январ|феврал|март|апрел|ма[яй]|июн|июл|август|сентябр|октябр|ноябр|декабр|сообщении|соцсетях|телеграме|комментарии|суде|обращении)",
                    words[at + step - 1].low,
                ):
                    break
            else:
                return 0
        elif low in {"изданию", "агентству", "газете", "каналу", "корреспонденту", "сайту"}:
            while (
                at + step < stop
                and (
                    (words[at + step].kind == "sign" and words[at + step].low in {"«", "»"})
                    or words[at + step].is_capital
                )
                and step < 6
            ):
                step += 1
                if words[at + step - 1].low == "»":
                    break
        return step
    if low == "«":  # «рассказал «Новостям» редактор»: the outlet that was told
        step = 1
        while at + step < stop and words[at + step].low != "»" and step < 6:
            step += 1
        return step + 1
    return 0


def phrase_before(words: list[Word], first: int, cue: int, speakers: Speakers, lang: str) -> Speaker | None:
    """The subject before a cue: "editor Nadia Orlova said", "Roman Vasko, who runs the channel, called"."""
    end = cue
    while end > first and (words[end - 1].low in _SKIP_BACK or words[end - 1].low.endswith("ly")):
        end -= 1
    segments: list[tuple[int, int]] = []
    start = first
    for at in range(first, end):
        if words[at].kind == "sign" and words[at].low in {
            ",",
            "—",
            "–",
            ";",
            ":",
            "(",
            ")",
            '"',
            "”",
            "»",
            "“",
            "«",
            ".",
        }:
            segments.append((start, at))
            start = at + 1
    segments.append((start, end))
    segments = (
        [segment for segment in segments if segment[1] > segment[0]]
        if segments[-1][1] > segments[-1][0]
        else [*segments[:-1], (end, end)]
    )
    if not segments:
        return None
    last = segments[-1]
    if last[1] == last[0]:  # an apposition ends right before the cue
        full = [segment for segment in segments[:-1] if segment[1] > segment[0]]
        for segment in full:
            if words[segment[0]].low not in _NOT_SUBJECTS and _has_name(words, segment, speakers):
                return _speaker(words, *segment, speakers, lang, None)
        return _speaker(words, *full[0], speakers, lang, None) if full else None
    begin = last[0]
    # A clause before the subject: "and she said", "that Ishkova said".
    for at in range(last[1] - 1, last[0] - 1, -1):
        if (
            words[at].low
            in {
                "and",
                "but",
                "that",
                "as",
                "while",
                "when",
                "because",
                "if",
                "where",
                "и",
                "но",
                "что",
                "а",
                "как",
                "когда",
                "it",
                "это",
            }
            and at < last[1] - 1
        ):
            begin = at + 1
            break
    speaker = _speaker(words, begin, last[1], speakers, lang, None)
    if speaker is None and len(segments) > 1:
        return _speaker(words, *segments[0], speakers, lang, None)
    return speaker


def _has_name(words: list[Word], segment: tuple[int, int], speakers: Speakers) -> bool:
    return speakers.name_at(words[segment[0]].start, words[segment[1] - 1].end) is not None


_INDEFINITE = frozenset(
    "a an one another some two three other один одна одно другой другая некий некая два две".split()
)
_PREPOSITION = frozenset("for of from in at with on to by под для из в на с о при".split())


def _speaker(
    words: list[Word], first: int, end: int, speakers: Speakers, lang: str, verb: str | None
) -> Speaker | None:
    while first < end and (words[first].kind != "word" and words[first].low not in {"«"}):
        first += 1
    while end > first and words[end - 1].kind == "sign" and words[end - 1].low not in {"»"}:
        end -= 1
    if first >= end:
        return None
    start, stop = words[first].start, words[end - 1].end
    lows = [word.low for word in words[first:end]]
    said = _text(words, first, end)
    if lows in (["как"], ["as"]):
        return None
    if lows[0] in _PRONOUNS and (len(lows) == 1 or lang != "en" or lows[1] in {"later", "also"}):
        gender = _PRONOUNS[lows[0]] or ("f" if verb and re.search(r"(?:ла|лась)$", verb) else None)
        if lows[0] in {"they", "we", "it", "они", "мы", "i", "я", "who", "вони"}:
            return Speaker(words[first].raw, "pronoun", words[first].start, words[first].end, None, 0)
        return speakers.heard(
            speakers.resolve(words[first].raw, gender, words[first].start, words[first].end, kind="pronoun")
        )
    head_end = next((at for at in range(1, len(lows)) if lows[at] in _PREPOSITION), len(lows))
    name = speakers.name_at(start, words[first + head_end - 1].end)
    if name is None and lang != "en":
        name = speakers.name_at(start, stop)
    if name is not None:
        if name.start == start and any(
            is_verb_like(word.low, lang) and not word.is_capital
            for word in words[first:end]
            if word.start > name.end
        ):
            said, stop = name.text, name.end  # "Telegram denied any involvement, saying"
        return speakers.heard(Speaker(said, name.kind, start, stop, name.text, 95))
    if lows[0] == "the" and len(lows) <= 3 and (set(lows) & (_ROLES_F | _ROLES_M)):
        gender = "f" if set(lows) & _ROLES_F else "m"
        return speakers.resolve(said, gender, start, stop, kind="role")
    if lang != "en" and len(lows) <= 2 and (set(lows) & (_ROLES_F | _ROLES_M)):
        return speakers.resolve(said, "f" if set(lows) & _ROLES_F else "m", start, stop, kind="role")
    capital = [word.raw for word in words[first:end] if word.is_capital and word.kind == "word"]
    if (
        lows[0] in _INDEFINITE
        or lows[0] in {"the", "my", "our", "their", "his", "her", "its", "мой", "наш", "его", "ее", "их"}
        or not capital
        or lang != "en"
    ):
        return Speaker(said, "role", start, stop, None, 80)
    return speakers.heard(Speaker(said, "other", start, stop, " ".join(capital), 80))


def _text(words: list[Word], first: int, end: int) -> str:
    return "".join(
        ("" if words[at].glued or at == first else " ") + words[at].raw for at in range(first, end)
    )
