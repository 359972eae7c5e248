"""What the difference between two numbers of one fact is; pure."""

from __future__ import annotations

import re
from fractions import Fraction

import msgspec

from holdfast.reports.check.counters import LOOK_S
from holdfast.reports.check.tolerance import Span, Zones, length_zones, zones
from holdfast.reports.compare.statements import Statement

__all__ = ["Told", "number_difference", "surely_one"]

RISES = ("views", "forwards")
"""Counters that are taken never to fall."""
_WORDS = {
    "over": "over ",
    "at_least": "at least ",
    "nearly": "nearly ",
    "about": "about ",
    "exact": "",
    "up_to": "up to ",
    "under": "under ",
}
_EXCLUDES = {"exact": 3, "over": 2, "under": 2, "nearly": 2, "at_least": 1, "up_to": 1, "about": 0}
"""How much a word before a number excludes."""
_UNSURE = {
    "garbled": "the words around a number are damaged",
    "modal": "one says what may be, not what is",
    "vague plural": "a plural such as “hundreds” is no number",
}
_CHAT = re.compile(r"\b(?:chat|group)s?\b|(?<!\w)(?:чат|групп)\w*", re.IGNORECASE)
_CHANNEL = re.compile(r"\bchannels?\b|(?<!\w)канал\w*", re.IGNORECASE)
_GUESTS = re.compile(r"^(?:participant|участни)", re.IGNORECASE)
_READERS = re.compile(r"^(?:follow|subscri|reader|подписч|читател)", re.IGNORECASE)
_PART_BEFORE = re.compile(
    r"(?:\bincluding|\bamong (?:them|these)|\bof (?:them|whom|these|those)"
    r"|(?<!\w)(?:из них|среди них|в том числе|включая))\W+(?:\w+\W+){0,3}$",
    re.IGNORECASE,
)
# "Seven of them", and not "27, of them seven": there the part comes after.
_PART_AFTER = re.compile(
    r"^\s*(?:\w+\s+){0,2}?(?:of (?:them|whom|these|those)|among them|из них|среди них)\b(?!\W*\d)",
    re.IGNORECASE,
)
_ANYBODY = re.compile(r"^(?:people|person|detainee|arrest|человек|люд|задержан)", re.IGNORECASE)

Told = tuple[str, str]
"""(kind of difference, in a sentence by what)."""


class _Number(msgspec.Struct, frozen=True):
    """A statement's number. `words` has what stands before it; `bare`: nothing does."""

    of: Statement
    lo: int
    hi: int
    comparator: str
    granule: int
    unit: str
    noun: str
    zones: Zones
    words: str
    is_denied: bool

    @property
    def is_bare(self) -> bool:
        return self.comparator == "exact" and "only" not in self.of.of.vague

    @property
    def told(self) -> str:
        return f"{self.words} {self.unit}"

    @property
    def excludes(self) -> int:
        return 3 if "only" in self.of.of.vague else _EXCLUDES[self.comparator]


def _number(each: Statement) -> _Number | None:
    """Its number with what makes it true and false; None where it has none that may be used."""
    claim = each.of
    quantity = claim.quantity
    if quantity is None or claim.extraction.unread:
        return None
    if each.metric == "duration":
        table = length_zones(quantity)
    else:
        table = zones(quantity, vague="vague plural" in claim.vague)
    is_denied = claim.polarity == "denied"
    digits = f"{quantity.lo:,}" if quantity.lo == quantity.hi else f"{quantity.lo:,} to {quantity.hi:,}"
    only = "only " if "only" in claim.vague and quantity.comparator == "exact" else ""
    written = f"{'not ' if is_denied else ''}{only}{_WORDS[quantity.comparator]}{digits}"
    return _Number(
        each,
        quantity.lo,
        quantity.hi,
        quantity.comparator,
        quantity.granule,
        quantity.unit,
        quantity.noun or "",
        table.swapped() if is_denied else table,
        written,
        is_denied,
    )


def number_difference(first: Statement, second: Statement, *, fell: bool) -> Told:
    """What the second number is to the first, which comes first in time. `fell`: a capture shows that this counter fell."""
    one, other = _number(first), _number(second)
    if one is None or other is None:
        return "unclear", "one of the numbers could not be read"
    told = f"{one.told}, then {other.told}"
    hedge = "" if _is_named(first) and _is_named(second) else ", if both mean one"
    apart = _objects(one, other, told) or _part(one, other, told)
    if apart is not None:
        return apart
    if (one.lo, one.hi, one.is_denied) == (other.lo, other.hi, other.is_denied):
        if one.words == other.words:
            return "agreement", f"both say {one.told}{hedge}"
        if _overlap(one.zones, other.zones):
            return "comparator", _comparator(one, other)
    doubts = [_UNSURE[mark] for mark in (*first.of.vague, *second.of.vague) if mark in _UNSURE]
    if doubts:
        return "unclear", f"{told}: {doubts[0]}"
    if _rounded(one, other):
        return "rounding", f"{told}: they agree as exactly as they are written"
    if first.metric == "duration":
        return _lengths(one, other, told)
    return _moved(one, other, told, hedge, fell)


def _is_named(each: Statement) -> bool:
    """Whether a report says what it counts; a happening is known by its day."""
    return each.subject is not None or each.name is not None or each.event is not None


def _moved(one: _Number, other: _Number, told: str, hedge: str, fell: bool) -> Told:
    """Two numbers of a counter that agree in no rounding."""
    hi, lo = one.of.hi, other.of.lo
    is_later = hi is not None and lo is not None and hi <= lo
    if other.lo > one.lo and is_later:
        return "growth", f"{told}: counted later{hedge}"
    if hedge:
        return "unclear", f"{told}: not both name what they count"
    if _overlap(one.zones, other.zones):
        return "agreement", f"{told}: one number fits both"
    if other.lo >= one.lo or hi is None or lo is None or not is_later:
        return "unclear", f"{told}: which of them was counted first is not certain"
    if one.of.event is not None:
        return "unclear", f"{told}: the later report may rest on an earlier count"
    if one.of.metric not in RISES:
        return "fall", f"{told}: counted later"
    if fell:
        return "unclear", f"{told}: a capture shows that this counter fell"
    if not surely_one(one.of, other.of):
        return "unclear", f"{told}: views do not fall, but it is not certain that both mean one post"
    if hi > (lo if other.of.stated else lo - LOOK_S):
        return "unclear", f"{told}: the later report may rest on an earlier look"
    least, most = _possible(one.zones)[0], _possible(other.zones)[1]
    if least is None or most is None or most >= least:
        return "unclear", f"{told}: too near to each other to exclude one another"
    return "contradiction", f"{told}: the views of a post are taken never to fall"


def _lengths(one: _Number, other: _Number, told: str) -> Told:
    if _overlap(one.zones, other.zones):
        return "agreement", f"{told}: one length fits both"
    (low, high), (low_too, high_too) = _possible(one.zones), _possible(other.zones)
    is_shorter = high is not None and low_too is not None and high < low_too
    is_longer = high_too is not None and low is not None and high_too < low
    if not is_shorter and not is_longer:
        return "unclear", f"{told}: too near to each other to exclude one another"
    recordings = {
        pointer.field
        for each in (one, other)
        for pointer in each.of.checked.evidence
        if pointer.field.endswith("duration_s")
    }
    if not surely_one(one.of, other.of) or len(recordings) > 1:
        return "unclear", f"{told}: it is not certain that both mean one recording"
    return "contradiction", f"{told}: one recording has one length"


def _objects(one: _Number, other: _Number, told: str) -> Told | None:
    """Whether different things are counted."""
    if one.unit != other.unit:
        return "different object", f"one counts {one.unit}, the other {other.unit}"
    increase = ["change" in each.of.of.vague for each in (one, other)]
    if any(increase) and not all(increase):
        return "different object", f"{told}: one counts an increase, the other a level"
    if one.of.metric != "followers":
        return None
    places = [_place(each.of) for each in (one, other)]
    if None not in places and places[0] != places[1]:
        return "different object", f"{told}: one speaks of a {places[0]}, the other of a {places[1]}"
    nouns = one.noun, other.noun
    is_mixed = any(map(_GUESTS.search, nouns)) and any(map(_READERS.search, nouns))
    if is_mixed and one.lo != other.lo:
        return "unclear", f"{told}: participants may be those of a chat, not of the channel"
    return None


def _place(each: Statement) -> str | None:
    """Whether a count is of a channel or of a chat, if the words say which."""
    told = each.of.mention.text if each.of.mention is not None else ""
    chat, channel = _CHAT.search(told), _CHANNEL.search(told)
    if bool(chat) == bool(channel):
        return None
    return "chat" if chat else "channel"


def _part(one: _Number, other: _Number, told: str) -> Told | None:
    """Whether one counts a part of the other; only of people and things off the platform."""
    if one.of.event is None:
        return None
    for each in (one, other):
        if "additional" in each.of.of.vague:
            return "subset", f"{told}: {each.words} come on top of others"
        if _is_part(each.of):
            return "subset", f"{told}: {each.words} are said to be some of them"
    less, more = (one, other) if one.hi < other.lo else (other, one)
    if less.hi < more.lo and less.noun and _ANYBODY.search(more.noun) and not _ANYBODY.search(less.noun):
        return "subset", f"{told}: {less.noun} may be some of {more.noun}"
    return None


def _is_part(each: Statement) -> bool:
    """Whether the sentence makes the number a part of another: "including two journalists", "seven of them"."""
    before, _, after = each.sentence.partition(each.of.span.exact)
    return bool(_PART_BEFORE.search(before) or _PART_AFTER.search(after))


def surely_one(one: Statement, other: Statement) -> bool:
    """Whether both are read without a doubt and surely of one thing in the archive."""
    return (
        one.subject is not None
        and one.subject == other.subject
        and one.is_sure
        and other.is_sure
        and not (one.of.extraction.assisted or other.of.extraction.assisted)
        and one.of.polarity == other.of.polarity == "affirmed"
    )


def _comparator(one: _Number, other: _Number) -> str:
    """How the word before one number changed."""
    if other.is_bare:
        how = "dropped"
    elif one.is_bare:
        how = "added"
    elif one.excludes == other.excludes:
        how = "changed"
    else:
        how = "hardened" if other.excludes > one.excludes else "softened"
    return f"{how}: “{one.words}” became “{other.words}”"


def _rounded(one: _Number, other: _Number) -> bool:
    """Whether two bare numbers are one, rounded or cut to the places that are written."""
    if any(each.comparator not in ("exact", "about") or each.is_denied for each in (one, other)):
        return False
    (low, high), (low_too, high_too) = _as_written(one), _as_written(other)
    return low < high_too and low_too < high


def _as_written(each: _Number) -> tuple[Fraction, Fraction]:
    """From, and up to but not with, what is written as this number."""
    if each.granule <= 1:
        return Fraction(each.lo), Fraction(each.hi) + Fraction(1, 2)
    return each.lo - Fraction(each.granule, 2), Fraction(each.hi + each.granule)


def _overlap(zones: Zones, others: Zones) -> bool:
    """Whether one value makes both true."""
    return any(_below(left, right) and _below(right, left) for left in zones.true for right in others.true)


def _below(left: Span, right: Span) -> bool:
    """Whether the beginning of one span is not after the end of the other."""
    low, low_in, _, _ = left
    _, _, high, high_in = right
    if low is None or high is None:
        return True
    return low < high or (low == high and low_in and high_in)


def _possible(zones: Zones) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most that does not make it false; None where nothing bounds it."""
    lows = [end for start, _, end, _ in zones.false if start is None and end is not None]
    highs = [start for start, _, end, _ in zones.false if end is None and start is not None]
    return max(lows, default=None), min(highs, default=None)
