"""Finds the rows of an HTML page of posts, and what a row leaves unsaid because the rows before say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

import msgspec

__all__ = ["ROW", "Row", "Unsaid", "bare_name", "day_of", "rows", "text_inside", "unsaid_after"]

ROW = re.compile(rb"""<div\b[^<>]{0,400}?\bclass\s*=\s*["']message\s[^<>]{0,400}>""")
"""Where a row begins. Texts cannot contain it: the exporter escapes their angle brackets."""

_DIV = re.compile(rb"<(/?)div\b[^<>]*>", re.IGNORECASE)
_ID = re.compile(rb"""\bid\s*=\s*["']message(-?[0-9]{1,40})["']""")
_DAY_ROW = re.compile(rb'id="message-[0-9]+"[^<>]*>\s*<div class="body details">([^<]*)<')
_FROM_NAME = re.compile(rb'<div class="from_name">(.{0,20000}?)</div>', re.DOTALL)
_SPAN = re.compile(r"<span\b.*", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_VIA = re.compile(r"\s+via\s+(@\w+)\s*\Z")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2,8}) ([0-9]{1,4})")


class Unsaid(msgspec.Struct, frozen=True, omit_defaults=True):
    """What joined rows and service rows take from the rows before: author, origin of a forward, day."""

    day: str | None = None
    author: str | None = None
    via: str | None = None
    forward: str | None = None


class Row(NamedTuple):
    """Bytes [start, end) of a row. `whole` is false if its end was not found; `id` None if it has none."""

    start: int
    end: int
    whole: bool
    id: str | None


def rows(data: bytes) -> Iterator[Row]:
    """The rows in `data`, in order."""
    starts = [match.start() for match in ROW.finditer(data)]
    for position, start in enumerate(starts):
        limit = starts[position + 1] if position + 1 < len(starts) else len(data)
        end = _row_end(data, start, limit)
        tag = data[start : data.find(b">", start) + 1]
        match = _ID.search(tag)
        number = str(int(match[1])) if match else None
        yield Row(start, limit if end is None else end, end is not None, number)


def _row_end(data: bytes, start: int, limit: int) -> int | None:
    depth = 0
    for match in _DIV.finditer(data, start, limit):
        depth += -1 if match[1] else 1
        if depth == 0:
            return match.end()
    return None


def unsaid_after(data: bytes, before: Unsaid) -> Unsaid:
    """What rows after `data` would leave unsaid, given what those in `data` did."""
    day, author, via, forward = before.day, before.author, before.via, before.forward
    for match in _DAY_ROW.finditer(data):
        day = day_of(text_inside(match[1])) or day
    for match in _FROM_NAME.finditer(data):
        inside = match[1].decode("utf-8", "replace")
        name, through = bare_name(unescape(_TAG.sub("", _SPAN.sub("", inside))))
        if "<span" in inside:
            forward = name
        else:
            author, via = name, through
    return Unsaid(day, author, via, forward)


def text_inside(inside: bytes) -> str:
    """The words between two tags, without tags, entities and the white space of the template."""
    return unescape(_TAG.sub("", inside.decode("utf-8", "replace"))).strip()


def bare_name(shown: str) -> tuple[str | None, str | None]:
    """(name, bot) of an author's line such as "Name via @bot"."""
    match = _VIA.search(shown)
    name = shown[: match.start()].strip() if match else shown.strip()
    return name or None, match[1] if match else None


def day_of(words: str) -> str | None:
    """The date of a day's separator such as "18 July 2023"."""
    match = _DAY.fullmatch(words)
    if match is None or match[2] not in _MONTHS:
        return None
    return f"{int(match[3]):04d}-{_MONTHS.index(match[2]) + 1:02d}-{int(match[1]):02d}"
