"""A forward-only stream of JSON seen through a buffer that never holds more than one region or record."""

from __future__ import annotations

import re
from typing import Any, BinaryIO, Final

from holdfast.capture.telegram_export.json_lenient import Unreadable, loads
from holdfast.capture.telegram_export.stream import read_on

__all__ = ["MAX_HEADER_BYTES", "CutShortError", "NoJSONError", "Skimmer", "Window"]

MAX_HEADER_BYTES: Final = 64 * 1024
"""Longer names and keys of a chat are passed, not read."""

_SPACE: Final = b" \t\r\n"
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(rb"[^ \t\r\n,{}\[\]\":]+")
_STRING_STOP = re.compile(rb'["\\]')
_STOP = re.compile(rb'["{}\[\]]')


class CutShortError(Exception):
    """The bytes end where more is needed. `offset` is where the unfinished thing began, `post` its id."""

    def __init__(self, offset: int, *, in_record: bool = False, post: str | None = None) -> None:
        super().__init__(offset)
        self.offset = offset
        self.in_record = in_record
        self.post = post


class NoJSONError(Exception):
    """What stands at `offset` is no JSON."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Skimmer:
    """Finds the end of a value of any size, fed in chunks; keeps nothing but its place in the nesting."""

    def __init__(self, *, in_string: bool = False) -> None:
        self._depth = 0
        self._in_string = in_string
        self._escaped = False

    def feed(self, data: bytes, start: int) -> int | None:
        """The index after the value's last byte, or None if it goes on beyond `data`."""
        position, size = start, len(data)
        while position < size:
            if self._escaped:
                self._escaped = False
                position += 1
                continue
            match = (_STRING_STOP if self._in_string else _STOP).search(data, position)
            if match is None:
                return None
            position = match.end()
            byte = match[0]
            if self._in_string:
                if byte == b"\\":
                    self._escaped = True
                else:
                    self._in_string = False
                    if self._depth == 0:
                        return position
            elif byte == b'"':
                self._in_string = True
            else:
                self._depth += 1 if byte in b"{[" else -1
                if self._depth <= 0:
                    return position
        return None


class Window:
    """`data` is what is held, `base` the offset of its first byte, `at` the next byte's index in it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.data = b""
        self.base = 0
        self.at = 0
        self.ended = False

    @property
    def offset(self) -> int:
        return self.base + self.at

    @property
    def held(self) -> int:
        """Bytes not yet passed."""
        return len(self.data) - self.at

    def more(self) -> bool:
        """Forget what was passed and read on. The more is held, the more is read; False at the end."""
        if self.ended:
            return False
        rest = self.data[self.at :]
        chunk = read_on(self._stream, len(rest))
        self.base += self.at
        self.at = 0
        self.ended = not chunk
        self.data = rest + chunk
        return bool(chunk)

    def peek(self) -> int:
        """The next byte that is no white space, not yet passed. Raises CutShortError at the end."""
        while True:
            data, at = self.data, self.at
            while at < len(data) and data[at] in _SPACE:
                at += 1
            self.at = at
            if at < len(data):
                return data[at]
            if not self.more():
                raise CutShortError(self.offset)

    def take_string(self) -> Any:
        """Pass a string; its value, or None if it is long or unreadable."""
        began = self.offset
        while True:
            match = _STRING.match(self.data, self.at)
            if match is not None:
                self.at = match.end()
                return _decoded(match[0]) if len(match[0]) <= MAX_HEADER_BYTES else None
            if self.held > MAX_HEADER_BYTES:
                # Passed like an object, so that no string is too long: a skimmer told that it is in one.
                self.at += 1
                self._skim(Skimmer(in_string=True))
                return None
            if not self.more():
                raise CutShortError(began)

    def take_scalar(self) -> Any:
        """Pass a number or a word; its value, or None if it is none."""
        while True:
            match = _SCALAR.match(self.data, self.at)
            if match is None or match.end() - match.start() > MAX_HEADER_BYTES:
                raise NoJSONError(self.offset)
            if match.end() < len(self.data) or not self.more():
                match = _SCALAR.match(self.data, self.at)
                if match is None:
                    raise NoJSONError(self.offset)
                self.at = match.end()
                return _decoded(match[0])

    def take_value(self) -> Any:
        """Pass any value; what it is if it is a short scalar, else None."""
        byte = self.peek()
        if byte in b"{[":
            self._skim(Skimmer())
            return None
        return self.take_string() if byte == ord('"') else self.take_scalar()

    def _skim(self, skimmer: Skimmer) -> None:
        began = self.offset
        while True:
            end = skimmer.feed(self.data, self.at)
            if end is not None:
                self.at = end
                return
            self.at = len(self.data)
            if not self.more():
                raise CutShortError(began)


def _decoded(raw: bytes) -> Any:
    try:
        return loads(b'{"":' + raw + b"}")[0][""]
    except Unreadable:
        return None
