"""Finds where records begin and end in the bytes of a list, however they are formatted or damaged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from holdfast.capture.telegram_export.json_lenient import Unreadable, loads

__all__ = [
    "LIST_END",
    "Border",
    "Span",
    "are_whole_records",
    "learn_border",
    "next_span",
    "spans",
    "value_end",
]

RESYNC_BYTES: Final = 256 * 1024
"""How far past a likely border the end of a record that does not parse there is looked for."""


_MAX_DEPTH: Final = 200_000


class _Anything(msgspec.Struct):
    """Decoding to this checks that bytes are a JSON object, and builds nothing."""


_OBJECT = msgspec.json.Decoder(_Anything)
_OBJECTS = msgspec.json.Decoder(list[_Anything])
_FAILURES: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]"]', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*")
_GAP = re.compile(rb"[ \t\r\n,]*")
_FIRST_KEY = re.compile(rb'\s*"[^"\\]{0,64}"\s*:')
_SCALAR = re.compile(rb"[^,{}\[\]\"]+")  # with the white space in it, so that prose is one piece


class Border(NamedTuple):
    """What stands between two records, learnt from the first one: `tail` `}` `gap` `{` `key`.

    Finding `pattern` is a guess, never a proof: what it cuts is believed only if it parses whole.
    A record cannot be cut inside a string by it, since what precedes is known to be a record's start.
    """

    tail: bytes
    gap: bytes
    key: bytes

    @property
    def pattern(self) -> bytes:
        return self.tail + b"}" + self.gap + b"{" + self.key

    @property
    def end_at(self) -> int:
        """From the start of a match to the first byte after the record."""
        return len(self.tail) + 1

    @property
    def next_at(self) -> int:
        """From the start of a match to the next record's first byte."""
        return len(self.tail) + 1 + len(self.gap)


class Span(NamedTuple):
    """A piece of a list: bytes [start, end). `code` is None where it is known to be one JSON object.

    Other codes: "unsure" (its end was found, its content not yet checked), "bad_json" (its end is where
    the next record seems to begin), "not_a_record" (no object), "cut_short" (the bytes end before it does).
    """

    start: int
    end: int
    code: str | None


def are_whole_records(body: bytes) -> bool:
    """Whether `body` is JSON objects with commas between, which proves that it was cut at true borders."""
    try:
        _OBJECTS.decode(b"[" + body + b"]")
    except _FAILURES:
        return False
    return True


def value_end(data: bytes, start: int, limit: int) -> int | None:
    """Where the object or list that begins at `start` ends; None if not before `limit`.

    Strings may hold anything but an unescaped quote. Brackets that do not match end the search, and so
    does a nesting that nothing could read.
    """
    expected: list[bytes] = []
    for match in _TOKEN.finditer(data, start, limit):
        token = match[0]
        if token == b"{":
            expected.append(b"}")
        elif token == b"[":
            expected.append(b"]")
        elif token in (b"}", b"]"):
            if not expected or expected.pop() != token:
                return None
            if not expected:
                return match.end()
        elif token == b'"':
            return None  # nothing closes it
        if len(expected) > _MAX_DEPTH:
            return None
    return None


def learn_border(data: bytes, opened: int) -> Border | None:
    """The border of a list whose first element begins after `opened` (the index after its `[`).

    None if there is nothing to learn from (an empty list, or a single record without a line of its own).
    """
    match = _SPACE.match(data, opened)
    lead = match[0] if match else b""
    first = opened + len(lead)
    if data[first : first + 1] != b"{":
        return None
    line = _own_line(lead)
    end = value_end(data, first, len(data))
    if end is not None and (match := _GAP.match(data, end)) is not None:
        gap, after = match[0], match.end()
        if data[after : after + 1] == b"{" and b"," in gap:
            if _own_line(gap):
                before = data[max(first, end - 256) : end - 1]
                return Border(_own_line(before[len(before.rstrip(b" \t\r\n")) :]), gap, b"")
            key = _FIRST_KEY.match(data, after + 1)
            return Border(b"", gap, key[0] if key else b"")
    return Border(line, b"," + line, b"") if line else None


def _own_line(space: bytes) -> bytes:
    """The last line break in `space` with the indent after it; empty if there is no such indent.

    Without an indent every object, however deeply nested, would stand on a line like a record's.
    """
    at = space.rfind(b"\n")
    if at < 0 or at + 1 == len(space):
        return b""
    return space[at - 1 if space[at - 1 : at] == b"\r" else at :]


def _is_object(data: bytes, start: int, end: int) -> bool:
    try:
        _OBJECT.decode(memoryview(data)[start:end])
    except _FAILURES:
        return False
    return True


_LIKELY = re.compile(rb'\}[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"id"[ \t\r\n]*:')
_NEXT = re.compile(
    rb'[ \t\r\n]*,?[ \t\r\n]*\{[ \t\r\n]*"id"[ \t\r\n]*:[ \t\r\n]*-?[0-9]+[ \t\r\n]*,'
    rb'[ \t\r\n]*"type"[ \t\r\n]*:[ \t\r\n]*"(?:message|service|unsupported)"'
)
"""How a record begins. No string can hold it: its quotes would be escaped."""
LIST_END = re.compile(rb'[ \t\r\n]*\][ \t\r\n]*(?:,[ \t\r\n]*"|\}|\Z)')
"""The end of a list of posts: what follows is another key of the chat, or the chat's end."""


def _likely_end(data: bytes, start: int, border: Border | None) -> int:
    """Where the record at `start` seems to end, by what follows it; -1 if nothing tells."""
    if border is None:
        match = _LIKELY.search(data, start)
        return match.start() + 1 if match else -1
    at = data.find(border.pattern, start)
    if at < 0 and border.tail:
        at = data.find(border.tail + b"}", start)
        if at >= 0 and LIST_END.match(data, at + border.end_at) is None:
            return -1
    return at + border.end_at if at >= 0 else -1


def next_span(data: bytes, position: int, border: Border | None, *, final: bool) -> Span | None:
    """The next element of a list at or after `position`.

    None if the list ends here (`data[position:]` then begins with `]` after white space, or is empty) or
    if `data` holds too little to tell; with `final`, no more will come, so a piece is always returned.
    """
    match = _GAP.match(data, position)
    start = match.end() if match else position
    size = len(data)
    if start >= size or LIST_END.match(data, start) is not None:
        return None
    if data[start : start + 1] != b"{":
        return _other_element(data, start, border, final=final)
    likely = _likely_end(data, start, border)
    if likely >= 0 and _is_object(data, start, likely):
        return Span(start, likely, None)
    # 1. The border is not there, or what it cuts is no JSON: look for the true end, not too far beyond.
    limit = min(size, likely + RESYNC_BYTES) if likely >= 0 else size
    end = value_end(data, start, limit)
    if end is None:
        if likely >= 0 and (final or limit < size):
            return Span(start, _damaged_end(data, start, likely), "bad_json")
        if not final:
            return None
        damaged = _damaged_end(data, start, size)
        return Span(start, damaged, "bad_json" if damaged < size else "cut_short")
    # 2. The brackets match. Past a likely border that is only believed if the whole can be read.
    if likely < 0 or end <= likely:
        return Span(start, end, "unsure")
    try:
        loads(data[start:end])
    except Unreadable:
        return Span(start, _damaged_end(data, start, likely), "bad_json")
    return Span(start, end, "unsure")


def _damaged_end(data: bytes, start: int, end: int) -> int:
    """Where the next record seems to begin inside [start, end), which is no record; `end` if nowhere."""
    match = _NEXT.search(data, start + 1, end)
    return match.start() if match else end


def _other_element(data: bytes, start: int, border: Border | None, *, final: bool) -> Span | None:
    first = data[start : start + 1]
    end: int | None = None
    if first in (b"[", b'"'):
        if first == b"[":
            end = value_end(data, start, len(data))
        else:
            match = _TOKEN.match(data, start)
            end = match.end() if match and match.end() > start + 1 else None
    elif scalar := _SCALAR.match(data, start):
        end = scalar.end() if scalar.end() < len(data) or final else None
    else:
        end = start + 1  # a closing bracket of the wrong kind
    if end is not None:
        return Span(start, end, "not_a_record")
    if (likely := _likely_end(data, start, border)) >= 0:
        return Span(start, _damaged_end(data, start, likely), "not_a_record")
    return Span(start, len(data), "cut_short") if final else None


def spans(data: bytes, border: Border | None) -> Iterator[Span]:
    """Every element of a list whose elements are `data`."""
    position = 0
    while (span := next_span(data, position, border, final=True)) is not None:
        yield span
        position = span.end
