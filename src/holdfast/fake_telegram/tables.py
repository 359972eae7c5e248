"""Takes values out of a scenario file's tables, and says where a wrong one stands and what would be right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from holdfast.errors import UsageError

__all__ = ["Table", "parse_span"]

T = TypeVar("T")
_SPAN = re.compile(r"(?P<sign>[+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_REQUIRED: Any = object()


def parse_span(text: str) -> int | None:
    """Seconds of "+1d2h30m15s" or "-45m"; None if it is not of that form."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return -total if match["sign"] == "-" else total


class Table:
    """One table of the file, from which every key must be taken. `place` is what messages call it; `start` counts for "+1h"."""

    def __init__(self, data: Any, place: str, start: int = 0) -> None:
        self.place, self.start = place, start
        if not isinstance(data, dict):
            raise UsageError(f"{place}: a table is expected", remedy="write it as key = value pairs")
        self._data: dict[str, Any] = data
        self._asked: set[str] = set()

    def wrong(self, key: str, message: str, remedy: str) -> UsageError:
        return UsageError(f'{self.place}: "{key}" {message}', remedy=remedy)

    def has(self, key: str) -> bool:
        return key in self._data

    def take(self, key: str, default: Any = _REQUIRED) -> Any:
        """The value as it stands, whatever its type."""
        self._asked.add(key)
        if key in self._data:
            return self._data[key]
        if default is _REQUIRED:
            raise self.wrong(key, "is missing", f"add {key} = … there")
        return default

    def text(self, key: str, default: Any = _REQUIRED, *, one_of: Sequence[str] = ()) -> str:
        value = self.take(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, f"is {_named(value)}, not a text", "put it in quotes")
        if one_of and value not in one_of:
            near = difflib.get_close_matches(value, one_of, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise self.wrong(key, f"is {value!r}, which is unknown", f"{hint}known are: {', '.join(one_of)}")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, f"is {_named(value)}, not true or false", "write true or false")
        return value

    def number(self, key: str, default: Any = _REQUIRED, *, low: int = 0, high: int = 2**63 - 1) -> int:
        return self._bounded(key, self.take(key, default), low, high)

    def _bounded(self, key: str, value: Any, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"is {_named(value)}, not a whole number", "write digits without quotes")
        if not low <= value <= high:
            raise self.wrong(key, f"is {value}", f"give a number from {low} to {high}")
        return value

    def optional_number(self, key: str, *, low: int = 0, high: int = 2**63 - 1) -> int | None:
        return self.number(key, low=low, high=high) if self.has(key) else None

    def share(self, key: str, default: float) -> float:
        """A number from 0 to 1."""
        value = self.take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self.wrong(key, f"is {_named(value)}", "give a number from 0 to 1, such as 0.5")
        return float(value)

    def seconds(self, key: str, default: float, *, high: float = 10 * 365 * 86400) -> float:
        """A span: a number of seconds, or a text such as "1h30m"."""
        value = self.take(key, default)
        if isinstance(value, str):
            span = parse_span(value if value[:1] in ("+", "-") else f"+{value}")
            value = value if span is None else span
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
            raise self.wrong(
                key, f"is {_named(value)}, not a span of time", 'write seconds, or a text such as "1h30m"'
            )
        return float(value)

    def time(self, key: str, default: Any = _REQUIRED) -> int:
        """Unix seconds of an absolute time, or of one counted from the scenario's start."""
        return self._time(key, self.take(key, default))

    def optional_time(self, key: str) -> int | None:
        return self.time(key) if self.has(key) else None

    def _time(self, key: str, value: Any) -> int:
        remedy = 'write 2023-11-16T07:00:00Z, or a time from the start such as "+1h30m"'
        if isinstance(value, str):
            span = parse_span(value)
            if span is not None:
                return self.start + span
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise self.wrong(key, f"is {_short(value)}, which is no time", remedy) from None
        if not isinstance(value, datetime):
            raise self.wrong(key, f"is {_named(value)}, not a time", remedy)
        if value.tzinfo is None:
            raise self.wrong(key, "is a time without its zone", "end it with Z, or with +03:00 and the like")
        unix = value.timestamp()
        if unix != int(unix):
            raise self.wrong(key, "has parts of a second", "give whole seconds: pages show no finer times")
        return int(unix)

    def pairs(self, key: str, value: Any, form: str) -> Iterator[tuple[Any, Any]]:
        """The [first, second] pairs of an array. `form` shows a right one."""
        if not isinstance(value, list) or not value:
            raise self.wrong(key, f"is {_named(value)}, not a list of pairs", f"write {form}")
        for number, pair in enumerate(value, start=1):
            if not isinstance(pair, list) or len(pair) != 2:
                raise self.wrong(key, f"has no pair at place {number}", f"write {form}")
            yield pair[0], pair[1]

    def tables(self, key: str, name: Callable[[int, Any], str]) -> Iterator[Table]:
        """The tables of an array of them; `name` says what one is called, from its number (from 1) and content."""
        value = self.take(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "is no array of tables", f"write [[{key}]] above each one")
        for number, data in enumerate(value, start=1):
            yield Table(data, f"{self.place}, {name(number, data)}", self.start)

    def table(self, key: str) -> Table:
        return Table(self.take(key), f'{self.place}, "{key}"', self.start)

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self.take(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "is no list of texts", f'write {key} = ["one", "two"]')
        return tuple(value)

    def done(self, known: Sequence[str] = ()) -> None:
        """Refuse keys that nobody asked for: a misspelt one would be a silent gap in the story."""
        for key in self._data:
            if key not in self._asked:
                names = sorted({*self._asked, *known})
                near = difflib.get_close_matches(key, names, 1)
                hint = f'did you mean "{near[0]}"? ' if near else ""
                raise self.wrong(key, "is unknown", f"{hint}known here are: {', '.join(names)}")


def _named(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    return f"{names.get(type(value), 'a time')} ({_short(value)})"


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
