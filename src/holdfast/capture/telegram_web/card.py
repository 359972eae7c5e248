"""Reads the card of a channel beside its posts: title, description, counters, marks."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from holdfast.capture.telegram_web.counts import parse_count
from holdfast.capture.telegram_web.markup import classes_of, line_of, words_of
from holdfast.capture.telegram_web.problems import problem
from holdfast.model import Count, Label, Problem, Reading

__all__ = ["FOLLOWERS", "SideSeen", "count_and_noun", "labels_in", "read_side"]

FOLLOWERS: Final = frozenset(("subscriber", "subscribers", "подписчик", "подписчика", "подписчиков"))
_NOUNS: Final = {
    **dict.fromkeys(("photo", "photos", "фотография", "фотографии", "фотографий", "фото"), "photos"),
    **dict.fromkeys(("video", "videos", "видео"), "videos"),
    **dict.fromkeys(("file", "files", "файл", "файла", "файлов"), "files"),
    **dict.fromkeys(("link", "links", "ссылка", "ссылки", "ссылок"), "links"),
}
_COUNTED = re.compile(r"(\S.*?)\s+([^\W\d_]{3,40}(?: [^\W\d_]{3,40})?)", re.DOTALL)
_MARKS: Final = frozenset(("verified", "scam", "fake"))
_WORD = re.compile(r"[^a-z]+")
_HOLDERS: Final = ".tgme_channel_info_header_labels, .tgme_header_labels"
_MAX_LABELS: Final = 20


class SideSeen(NamedTuple):
    """`shows_posts`: a counter says that there are photos, videos, files or links, so there must be posts."""

    title: str | None
    username: str | None
    description: str | None
    followers: Count | None
    counters: tuple[tuple[str, Count], ...] | None
    labels: tuple[Label, ...] | None
    shows_posts: bool
    problems: list[Problem]


def read_side(head: LexborHTMLParser, unknown: Counter[str]) -> SideSeen:
    """The card of a channel page. A counter or mark that has no name here is counted in `unknown`."""
    problems: list[Problem] = []
    found: list[Count] = []
    counters: dict[str, Count] = {}
    for node in head.css(".tgme_channel_info_counter"):
        noun = (line_of(node.css_first(".counter_type")) or "").casefold()
        count = parse_count(line_of(node.css_first(".counter_value")) or "")
        name = _NOUNS.get(noun)
        if count is None or (name is None and noun not in FOLLOWERS):
            unknown[f"counter:{noun[:50]}"] += 1
        elif name is not None:
            counters[name] = count
        else:
            found.append(count)
    above = line_of(head.css_first(".tgme_header_counter"))
    if above is not None:
        counted = count_and_noun(above)
        if counted is not None and counted[1] in FOLLOWERS:
            found.append(counted[0])
        elif not found:
            unknown["header counter"] += 1
    followers = _one_of(found)
    if found and followers is None:
        problems.append(
            problem("contradiction", "repaired", detail="two counts of followers exclude each other")
        )
    title = _title(head.css_first(".tgme_channel_info_header_title")) or _title(
        head.css_first(".tgme_header_title")
    )
    username = line_of(head.css_first(".tgme_channel_info_header_username"))
    return SideSeen(
        title,
        username.removeprefix("@") if username is not None else None,
        words_of(head.css_first(".tgme_channel_info_description")),
        followers,
        tuple(counters.items()) or None,
        labels_in(head.css(_HOLDERS)),
        any((count.high if isinstance(count, Reading) else count) > 0 for count in counters.values()),
        problems,
    )


def _one_of(found: list[Count]) -> Count | None:
    """What all of `found` say together: the narrowest, if no two exclude each other."""
    spans = [(count.low, count.high) if isinstance(count, Reading) else (count, count) for count in found]
    if not spans or max(low for low, _ in spans) > min(high for _, high in spans):
        return None
    widths = [high - low for low, high in spans]
    return found[widths.index(min(widths))]


def count_and_noun(words: str) -> tuple[Count, str] | None:
    """("14 909 subscribers") as a count and its noun in lower case; None if it is not that."""
    match = _COUNTED.fullmatch(words)
    count = parse_count(match[1]) if match is not None else None
    return None if match is None or count is None else (count, match[2].casefold())


def _title(node: LexborNode | None) -> str | None:
    """A title without the marks that may stand behind it."""
    if node is None:
        return None
    return line_of(node.css_first("span") or node)


def labels_in(holders: list[LexborNode]) -> tuple[Label, ...] | None:
    """The marks in their holders. None if there are none: a preview does not say that a mark is not there."""
    found: dict[str, Label] = {}
    for holder in holders:
        marks = [child for child in holder.iter() if child.is_element_node]
        if not marks and line_of(holder):
            marks = [holder]
        for mark in marks[:_MAX_LABELS]:
            own = " ".join(classes_of(mark)) if mark is not holder else ""
            label = _label(own, line_of(mark))
            if label is not None:
                found.setdefault(label.name, label)
    return tuple(found.values()) or None


def _label(classes: str, words: str | None) -> Label | None:
    by_class = _MARKS.intersection(_WORD.split(classes.casefold()))
    by_words = _MARKS.intersection(((words or "").casefold(),))
    named = by_class | by_words
    if len(named) == 1:
        return Label(next(iter(named)), shown=words)
    what = classes or words
    return Label(f"unknown:{what[:200]}", shown=words) if what else None
