"""Reads phrases of time as sets of intervals, against the moment at which the report was published."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

from holdfast.reports.claim import TimeReading
from holdfast.reports.extract.calendar import Local
from holdfast.reports.extract.days import meanings_of
from holdfast.reports.extract.periods import Meaning
from holdfast.reports.extract.time_pieces import Piece, find_pieces
from holdfast.reports.extract.zones import Anchor, zoned

__all__ = ["Phrase", "find_times"]


class Phrase(NamedTuple):
    """A phrase of time. Units: characters. `bound`: since, by, until, after, before or None; `is_future`: not yet come."""

    start: int
    end: int
    readings: tuple[TimeReading, ...]
    why: str
    slots: frozenset[str]
    bound: str | None
    is_future: bool
    meanings: tuple[Meaning, ...] = ()


_GLUE = {
    "en": re.compile(
        r"[\s,(]*(?:(?:on|at|in|of|the|by|around|about|shortly|just|after|before|from)\s+){0,3}"
    ),
    "ru": re.compile(r"[\s,(]*(?:(?:в|во|на|по|около|примерно|ближе|к|с|сразу|после|где-то|уже)\s+){0,3}"),
}


_BOUND = {
    "en": re.compile(
        r"(?P<since>\bsince|\bstarting(?: from| on)?|\bever since)|(?P<by>\bby|\bas of|\bas at)|(?P<until>\buntil|\btill|\bthrough)|(?P<after>\bafter|\bfollowing)|(?P<before>\bbefore|\bprior to)"
    ),
    "ru": re.compile(
        r"(?P<by>\bпо состоянию на|\bк|\bна момент)|(?P<since>\bначиная со?|\bсо?)|(?P<until>\bдо|\bвплоть до)|(?P<after>\bпосле)|(?P<before>\bперед|\bранее)"
    ),
}


_BETWEEN = {
    "en": (
        re.compile(r"\s*(?:and|to|until|till|–|-|—|through)\s*"),
        re.compile(r"\b(?:between|from)\s+(?:the\s+)?$"),
    ),
    "ru": (re.compile(r"\s*(?:по|до|и|–|-|—)\s*"), re.compile(r"\b(?:с|со|между|от)\s+$")),
}


def find_times(text: str, low: str, lang: str, anchor: Anchor, breaks: list[int]) -> list[Phrase]:
    """Every phrase of time in order. `low` is the levelled text with quotations blanked; `breaks`: where sentences begin."""
    language = "en" if lang == "en" else "ru"
    pieces = [piece for piece in find_pieces(text, low, lang) if not _is_misread(piece, low, language)]
    phrases: list[Phrase] = []
    at = 0
    while at < len(pieces):
        group = [pieces[at]]
        while at + len(group) < len(pieces) and _joins(group, pieces[at + len(group)], low, language, breaks):
            group.append(pieces[at + len(group)])
        span = _second_end(pieces, at + len(group), group, low, language, breaks)
        phrase = _phrase(low, group, span, language, anchor, phrases)
        if phrase is not None:
            phrases.append(phrase)
        at += len(group) + (len(span) if span else 0)
    return phrases


_EVE_OF = re.compile(
    r"\s+(?:[а-я]+(?:ов|ев|ей|ия|ения|ания|ого|его|ых|их|ства|ости|ии)\b(?!\s)|(?:нового года|войны|акции|протеста|выборов|вторжения|дня|праздник|суда|митинга|заседания|вечера памяти|[а-я]+ого |[а-я]+их |[а-я]+ых ))"
)


_STAMP = re.compile(r"(?:^|\n)[\s•*–—-]*$")


def _is_misread(piece: Piece, low: str, language: str) -> bool:
    """Words of time that are something else here."""
    said = low[piece.start : piece.end]
    before, after = low[max(0, piece.start - 24) : piece.start], low[piece.end : piece.end + 24]
    if said == "накануне":
        return bool(_EVE_OF.match(low[piece.end : piece.end + 40]))
    if language == "ru" and said in {"среды", "среде", "среда"}:
        return not re.search(
            r"(?:утр[оау]м?|вечер[оау]?м?|ночи|ночью|к|до|с|со|днем|утру|полудню)\s+$", before
        )
    if (
        piece.what == "clock"
        and language == "ru"
        and re.search("час", said)
        and not re.search("утра|вечера|дня|ночи", said)
    ):
        return not re.search(r"\b(?:в|к|около|после|до|с)\s+$", before) or bool(
            re.search(r"\b(?:за|на|через|длит\w+)\s+$", before)
        )
    if piece.what == "clock" and _STAMP.search(before) and re.match(r"\s+\S", after):
        return True  # "13:40 The channel …": the stamp of an entry
    if piece.what == "clock" and re.match(r"\s*(?:long|minutes?|min\b|clip|video|ролик|видео)", after):
        return True
    if piece.what == "part":
        if said in {"вечера", "утра", "утро", "вечер"}:
            return not re.search(r"\b(?:до|с|к|после|около)\s+$", before)
        return bool(re.search(r"(?:every|each|каждое|каждый|каждым)\s+$", before)) or after.startswith(
            ("-", " watch", " shift", " patrol")
        )
    if piece.what == "day":
        return bool(re.search(r"(?:every|each|каждый|каждую|каждое|any|любой)\s+$", before))
    if piece.what == "season" and language == "en":
        return bool(re.match(r"\s+(?:in|of the|from|to|into|on|off|down|apart)\b", after)) and said.endswith(
            "fall"
        )
    if piece.what == "clock" and re.search(r"\b(?:score|счетом|won|lost|длится|lasts?)\s+$", before):
        return True
    return (
        piece.what == "mon"
        and language == "en"
        and re.search(r"\b(?:a|the|protest|to)\s+$", before) is not None
        and said == "march"
    )


_ALONE = {"date", "period"}


def _joins(group: list[Piece], piece: Piece, low: str, language: str, breaks: list[int]) -> bool:
    last = group[-1]
    gap = low[last.end : piece.start]
    if len(gap) > 24 or "\n" in gap or "." in gap or not _GLUE[language].fullmatch(gap + " "):
        return False
    if any(last.end <= place <= piece.start for place in _between(breaks, last.end, piece.start)):
        return False
    slots = {member.slot for member in group}
    if "future" in slots or piece.slot == "future":
        return False
    if piece.slot in slots:
        return False
    if "," in gap and piece.slot == "period" and slots & {"weekday"}:
        return False
    if piece.slot in _ALONE and slots & _ALONE:
        return False
    if (piece.slot == "weekday" and "period" in slots) or (piece.slot == "period" and "weekday" in slots):
        member = piece if piece.slot == "period" else next(m for m in group if m.slot == "period")
        return member.fields[0] == "rel" and (
            "week" in str(member.fields[1]) or "недел" in str(member.fields[1])
        )
    if piece.slot in {"date", "weekday", "period"} and slots == {"zone"}:
        return False
    if (piece.slot == "period" and slots & {"part", "clock"}) or (
        piece.slot in {"part", "clock"} and "period" in slots
    ):
        member = piece if piece.slot == "period" else next(m for m in group if m.slot == "period")
        return member.fields[0] == "rel" and _is_day_word(str(member.fields[1]))
    return True


def _between(breaks: list[int], start: int, end: int) -> list[int]:
    return [place for place in breaks[_index(breaks, start) :][:2] if start < place <= end]


def _index(breaks: list[int], at: int) -> int:
    lo, hi = 0, len(breaks)
    while lo < hi:
        mid = (lo + hi) // 2
        lo, hi = (mid + 1, hi) if breaks[mid] < at else (lo, mid)
    return lo


def _is_day_word(said: str) -> bool:
    return bool(
        re.search("yesterday|today|tonight|day before|previous day|вчера|сегодня|накануне|днем", said)
    )


def _second_end(
    pieces: list[Piece], at: int, group: list[Piece], low: str, language: str, breaks: list[int]
) -> list[Piece] | None:
    """The other end of "between 14 March and 20 May"."""
    if at >= len(pieces) or not {piece.slot for piece in group} & {"date", "period", "weekday"}:
        return None
    between, opener = _BETWEEN[language]
    first, second = group[0], pieces[at]
    gap = low[group[-1].end : second.start]
    if second.slot not in {"date", "period", "weekday"} or not between.fullmatch(gap):
        return None
    if second.slot != first.slot or _between(breaks, group[-1].end, second.start):
        return None
    dash = gap.strip() in {"–", "—", "-"}
    if not dash and not opener.search(low[max(0, first.start - 14) : first.start]):
        return None
    return [second]


def _phrase(
    low: str,
    group: list[Piece],
    span: list[Piece] | None,
    language: str,
    anchor: Anchor,
    before: list[Phrase],
) -> Phrase | None:
    slots = frozenset(piece.slot for piece in group)
    start, end = group[0].start, (span or group)[-1].end
    if "future" in slots:
        return Phrase(start, end, (), "time.future", slots, None, True)
    if not slots & {"date", "weekday", "period", "clock"}:
        return None  # "in the morning" alone says nothing that can be checked
    bound = _bound(low, start, language)
    known = [phrase.meanings[0] for phrase in before[-12:] if phrase.meanings and phrase.bound != "since"]
    meanings = meanings_of(group, anchor, known, low)
    if span is not None:
        ends = meanings_of(span, anchor, known, low)
        if meanings and ends:
            # One range, from the start of the first to the end of the second; the year is that of the second.
            stop = ends[-1]
            begin = max(
                (m for m in meanings if m.core[0] <= stop.core[0]),
                default=meanings[0],
                key=lambda m: m.core[0],
            )
            if begin.core[0] > stop.core[0]:
                begin = begin._replace(core=_a_year_before(begin.core), wide=_a_year_before(begin.wide))
            meanings = [
                Meaning((begin.core[0], stop.core[1]), (begin.wide[0], stop.wide[1]), "time.range", None, 100)
            ]
        bound = None
    elif bound == "since" and anchor.until is not None:
        when = re.match(r"\s*,?\s*(?:when|когда)\b", low[end : end + 12])
        if not when:
            meanings = [
                m._replace(
                    core=(m.core[0], max(anchor.until, m.core[1])),
                    wide=(m.wide[0], max(anchor.until, m.wide[1])),
                    why="time.since",
                    part=None,
                )
                for m in meanings
                if m.core[0] <= anchor.until
            ]
    zone = next((str(piece.fields[0]) for piece in group if piece.slot == "zone"), None)
    why = meanings[0].why if meanings else f"time.{group[0].what}"
    readings = zoned(meanings, zone, anchor)
    return Phrase(start, end, readings, why, slots, bound, False, tuple(meanings))


def _a_year_before(span: Local) -> Local:
    return span[0] - timedelta(days=365), span[1]


def _bound(low: str, start: int, language: str) -> str | None:
    before = low[max(0, start - 26) : start].rstrip()
    before = re.sub(r"(?:\s+(?:the|on|at|в|во|around|about|noon|early|late))+$", "", " " + before)
    for found in _BOUND[language].finditer(before):
        if found.end() == len(before):
            return found.lastgroup
    return None
