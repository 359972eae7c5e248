"""Finds the names of the archive's channels in a report, in any script, spelling or ending."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from rapidfuzz import fuzz, process

from holdfast.reports.resolve.naming import LIKELY, core_words, same_name
from holdfast.search.folding import any_keys, transliteration_keys
from holdfast.search.words import words

__all__ = ["ChannelName", "Spot", "spot_channels"]

_WORD = re.compile(r"[^\W_]+(?:['’ʼ´`][^\W_]+)*['’]?")
_WORDS_MAX = 8
_INFLECTED = 97
NAMES_MAX = 20_000
"""Names of an archive that are looked for; the rest is found by id, username or alias only."""


class ChannelName(msgspec.Struct, frozen=True, gc=False):
    """One name of a channel. `how`: title, username or alias."""

    channel: int
    name: str
    how: str


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A place in a report where a channel's name stands. `how`: title, username, alias, other spelling, inflected or close."""

    start: int
    end: int
    channel: int
    text: str
    how: str
    score: int


class _Word(msgspec.Struct, frozen=True, gc=False):
    start: int
    end: int
    form: str
    is_name: bool


def spot_channels(text: str, names: Sequence[ChannelName]) -> list[Spot]:
    """Where the channels' names stand in a text, in order; overlapping finds of one channel are told once, the best.

    A title counts only where its first letter is a capital or a quotation mark stands before it: "put' domoi" in running
    text is two words.
    """
    found: list[Spot] = []
    cut = [
        _Word(match.start(), match.end(), _form(match[0]), _starts_name(text, match))
        for match in _WORD.finditer(text)
    ]
    titles: dict[int, list[tuple[ChannelName, tuple[str, ...]]]] = {}
    for name in names[:NAMES_MAX]:
        if name.how == "username":
            found += _usernames(text, name)
            continue
        core = core_words(name.name)
        if core and len(core) <= _WORDS_MAX and len("".join(core)) > 2:
            titles.setdefault(len(core), []).append((name, core))
    for length, of_length in sorted(titles.items()):
        found += _titles(text, cut, length, of_length)
    return _longest([_whole(text, spot) for spot in _best(found) if not _is_part(text, spot)])


def _form(word: str) -> str:
    """The exact form of a word without a genitive "s", which belongs to no name."""
    form = (words(word.rstrip("'’")) or [""])[0]
    return form.removesuffix("'s") or form


def _starts_name(text: str, match: re.Match[str]) -> bool:
    before = text[match.start() - 1 : match.start()]
    return match[0][0].isupper() or match[0][0].isdigit() or (bool(before) and before in "«“\"„@'‘/")


def _usernames(text: str, name: ChannelName) -> list[Spot]:
    if len(name.name) < 4:
        return []
    pattern = re.compile(r"(?<![\w])@?" + re.escape(name.name) + r"(?!\w)", re.IGNORECASE)
    return [
        Spot(each.start(), each.end(), name.channel, each[0], "username", 100)
        for each in pattern.finditer(text)
        # A username that is a common word counts only where it is written as one.
        if each[0].startswith("@")
        or "_" in name.name
        or text[max(0, each.start() - 5) : each.start()].endswith("t.me/")
    ]


def _titles(
    text: str, cut: Sequence[_Word], length: int, names: Sequence[tuple[ChannelName, tuple[str, ...]]]
) -> list[Spot]:
    starts = [
        at
        for at in range(len(cut) - length + 1)
        if cut[at].is_name and cut[at + length - 1].end - cut[at].start < 40 * length
    ]
    by_key: dict[str, list[int]] = {}
    joined: list[str] = []
    for at in starts:
        first = cut[at].form
        for key in any_keys(first) if first else ():
            by_key.setdefault(key, []).append(at)
        joined.append(
            (transliteration_keys(" ".join(each.form for each in cut[at : at + length])) or ("",))[0]
        )
    found: list[Spot] = []
    for name, core in names:
        wanted = [set(any_keys(word)) for word in core]
        places = {at for key in wanted[0] for at in by_key.get(key, ())}
        for at in sorted(places):
            window = cut[at : at + length]
            if all(
                keys & set(any_keys(word.form))
                for keys, word in zip(wanted, window, strict=True)
                if word.form
            ):
                found.append(_spot(text, window, name, None))
        key = (transliteration_keys(" ".join(core)) or ("",))[0]
        if len(key) >= 6:
            for _, _, place in process.extract(
                key, joined, scorer=fuzz.ratio, score_cutoff=LIKELY, limit=None
            ):
                found.append(_spot(text, cut[starts[place] : starts[place] + length], name, LIKELY))
    return [each for each in found if each.score >= LIKELY]


def _spot(text: str, window: Sequence[_Word], name: ChannelName, _floor: int | None) -> Spot:
    start, end = window[0].start, window[-1].end
    said = text[start:end]
    likeness = same_name(said, name.name)
    if likeness.score == 100:
        how, score = (name.how if likeness.how == "same" else "other spelling"), 100
        if name.how == "alias":
            how = "alias"
    elif _floor is None:
        how, score = "inflected", _INFLECTED
    else:
        how, score = "close", likeness.score
    return Spot(start, end, name.channel, said, how, score)


_QUOTED = re.compile(r"[«“„\"‘]([^«»“”„\"‘\n]{1,90})[»”“\"’]")
_NAME_WORDS = 6
"""More words between quotation marks are speech, not a name."""
_NEXT = re.compile(r"[ \u00a0]([^\W\d_][\w-]*)")
_BEFORE = re.compile(r"(?<![\w’'-])([^\W\d_][\w-]*)[ \u00a0]$")
_NO_PART = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december "
    "i on in at by according but and also the its his her their this that when while after before since for from with as if yesterday today".split()
)
"""Words with a capital that stand beside a name without being of it."""
UNSURE = 80


def _is_part(text: str, spot: Spot) -> bool:
    """Whether a title is no more than a part of the longer name that stands there: "Blue Meadow" of "Blue Meadow South"."""
    if spot.how in ("username", "alias"):
        return False
    ours = len(core_words(spot.text))
    line = text[text.rfind("\n", 0, spot.start) + 1 : spot.end + 120].partition("\n")[0]
    offset = text.rfind("\n", 0, spot.start) + 1
    for quoted in _QUOTED.finditer(line):
        if quoted.start(1) + offset <= spot.start and spot.end <= quoted.end(1) + offset:
            return ours < len(core_words(quoted[1])) <= _NAME_WORDS
    follows = _NEXT.match(text, spot.end)
    return (
        follows is not None
        and not spot.text.endswith(("'s", "’s"))
        and _is_of_a_name(follows[1])
        and not _is_headline(line)
    )


def _is_of_a_name(word: str) -> bool:
    return word[0].isupper() and bool(core_words(word)) and word.casefold() not in _NO_PART


def _is_headline(line: str) -> bool:
    """Whether a line has capitals throughout, so that they tell no names."""
    long = re.findall(r"[^\W\d_]{4,}", line)
    return len(long) > 5 and sum(word[0].isupper() for word in long) * 3 > len(long) * 2


def _whole(text: str, spot: Spot) -> Spot:
    """A name that a capital stands before may be the end of a longer one: enough to support, not to contradict."""
    found = _BEFORE.search(text, max(0, spot.start - 40), spot.start)
    if found is None or spot.how in ("username", "alias") or not _is_of_a_name(found[1]):
        return spot
    start = text[: found.start()].rstrip(" «“„\"'")[-1:]
    if not start or start in ".!?…:;\n—–":
        return spot  # the first word of a sentence has its capital from there
    return Spot(spot.start, spot.end, spot.channel, spot.text, "part of a name", min(spot.score, UNSURE))


def _longest(found: Sequence[Spot]) -> list[Spot]:
    """Without those that lie inside a longer name which is surely there."""
    return [
        spot
        for spot in found
        if not any(
            other.start <= spot.start
            and spot.end <= other.end
            and other.end - other.start > spot.end - spot.start
            and other.score >= _INFLECTED
            and len(core_words(other.text)) > len(core_words(spot.text))
            for other in found
        )
    ]


def _best(found: Iterable[Spot]) -> list[Spot]:
    """One find a place and channel: the best, then the longest."""
    kept: list[Spot] = []
    for each in sorted(
        found, key=lambda spot: (-spot.score, spot.start - spot.end, spot.start, spot.channel)
    ):
        if not any(
            other.channel == each.channel and other.start < each.end and each.start < other.end
            for other in kept
        ):
            kept.append(each)
    return sorted(kept, key=lambda spot: (spot.start, spot.end, spot.channel))
