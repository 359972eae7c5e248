"""Parses what a person asks for into a tree of conditions.

    words            every word must occur, anywhere          бердянск путь
    "words"          side by side, in this order              "путь домой"   (also «…», “…”, „…“)
    OR AND NOT -     in capitals; AND binds tighter than OR   (вдова OR widow) -сводка
    word*            words that begin so                      мобилиз*
    channel:NAME     of this channel only
    since:, until:   2023, 2023-12, 2023-12-29, 2023-12-29T21:30Z, or 36h, 7d, 2w ago; UTC, both ends included
    has:KIND         has:video, has:photo, has:link, …

Lower-case and, or, not, and Russian И, ИЛИ, НЕ, are words to be found. What stands together without spaces and holds
several words (`t.me/channel`, 38,000, Ростов-на-Дону, any Chinese sentence) is a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import msgspec

from holdfast.errors import UsageError
from holdfast.search.words import words

__all__ = [
    "All",
    "Channel",
    "Either",
    "Has",
    "Node",
    "Not",
    "Query",
    "Since",
    "Term",
    "Until",
    "fail_at",
    "parse_query",
]

MAX_CHARACTERS = 20_000
MAX_WORDS = 500
MAX_DEPTH = 50


class Term(msgspec.Struct, frozen=True, tag=True):
    """One word, or several side by side. `prefix`: the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False


class Channel(msgspec.Struct, frozen=True, tag=True):
    """`at`: where in the query the name stands, for an error about it."""

    name: str
    at: int


class Since(msgspec.Struct, frozen=True, tag=True):
    """Units: Unix seconds, included."""

    second: int


class Until(msgspec.Struct, frozen=True, tag=True):
    """Units: Unix seconds, included."""

    second: int


class Has(msgspec.Struct, frozen=True, tag=True):
    kind: str


class Not(msgspec.Struct, frozen=True, tag=True):
    part: Node


class All(msgspec.Struct, frozen=True, tag=True):
    parts: tuple[Node, ...]


class Either(msgspec.Struct, frozen=True, tag=True):
    parts: tuple[Node, ...]


Node = Term | Channel | Since | Until | Has | Not | All | Either


class Query(msgspec.Struct, frozen=True):
    """A parsed query; `text` as it was typed."""

    text: str
    root: Node


class _Open:
    """A bracket that is not closed yet: alternatives, each a list of parts that must all hold."""

    def __init__(self, at: int, negated: bool) -> None:
        self.at = at
        self.negated = negated
        self.branches: list[list[Node]] = [[]]
        self.operator: tuple[str, int] | None = None  # one that still waits for its right side
        self.negate_next = False
        self.skipped = False  # something stood here that holds no word, such as a dash

    def add(self, node: Node) -> None:
        self.branches[-1].append(_negated(node) if self.negate_next else node)
        self.operator, self.negate_next = None, False

    def skip(self) -> None:
        self.operator, self.negate_next, self.skipped = None, False, True

    def node(self) -> Node | None:
        branches = [_all(parts) for parts in self.branches if parts]
        if not branches:
            return None
        return branches[0] if len(branches) == 1 else Either(tuple(branches))


_QUOTES = {'"': '"', "«": "»", "“": "”", "„": "“”"}
_FILTER = re.compile(r"(channel|since|until|has):", re.IGNORECASE)
_BREAKS = re.compile(r'[\s()"«“„]')
_PERIOD = re.compile(r"(\d{1,5})([hdw])", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_KIND = re.compile(r"[a-z_]{1,32}")


def parse_query(text: str, *, now: datetime | None = None) -> Query:
    """A query from its text. `now`: what `7d` is counted back from (default: the clock).

    Errors: UsageError with a line that points at the place, for quotation marks or brackets
    without their partner, operators without a side, dates that are none, and queries over the limits.
    """
    if len(text) > MAX_CHARACTERS:
        raise UsageError(
            f"the query has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read",
            remedy="search for a part of it",
        )
    return _Parser(text, now).parse()


class _Parser:
    def __init__(self, text: str, now: datetime | None) -> None:
        self.text = text
        self.now = now
        self.word_count = 0
        self.stack = [_Open(0, False)]

    def parse(self) -> Query:
        text, at = self.text, 0
        while at < len(text):
            character = text[at]
            if character.isspace():
                at += 1
            elif character == "(":
                self.open(at)
                at += 1
            elif character == ")":
                self.close(at)
                at += 1
            elif (
                character == "-"
                and at + 1 < len(text)
                and not text[at + 1].isspace()
                and text[at + 1] not in ")-"
            ):
                self.negate(at)
                at += 1
            elif character in _QUOTES:
                at = self.quoted(at)
            elif named := _FILTER.match(text, at):
                at = self.filter(named)
            else:
                at = self.chunk(at)
        frame = self.stack[-1]
        if len(self.stack) > 1:
            fail_at(text, frame.at, "this bracket is never closed", "add ) where the group ends")
        self.settle(frame)
        root = frame.node()
        if root is None:
            fail_at(text, 0, "there is no word to search for", "give a word, a phrase in quotes, or a filter")
        return Query(text, root)

    def settle(self, frame: _Open) -> None:
        if frame.operator:
            operator, at = frame.operator
            fail_at(
                self.text, at, f"{operator} has nothing after it", "add what should follow, or quote the word"
            )

    def open(self, at: int) -> None:
        if len(self.stack) > MAX_DEPTH:
            fail_at(self.text, at, f"brackets stand more than {MAX_DEPTH} deep", "take some out")
        self.stack.append(_Open(at, False))

    def close(self, at: int) -> None:
        if len(self.stack) == 1:
            fail_at(
                self.text, at, "this bracket was never opened", "add ( where the group begins, or quote it"
            )
        frame = self.stack.pop()
        self.settle(frame)
        node = frame.node()
        if node is not None:
            self.stack[-1].add(node)
        elif frame.skipped:
            self.stack[-1].skip()
        else:
            fail_at(
                self.text, frame.at, "these brackets are empty", "put a word between them, or take them out"
            )

    def negate(self, at: int) -> None:
        frame = self.stack[-1]
        frame.negate_next = not frame.negate_next
        frame.operator = ("-" if self.text[at] == "-" else "NOT", at)

    def operator(self, word: str, at: int) -> None:
        frame = self.stack[-1]
        if frame.operator:
            fail_at(
                self.text,
                at,
                f"{word} follows {frame.operator[0]}",
                f'take one out, or quote the word: "{word}"',
            )
        if not frame.branches[-1] and not frame.skipped:
            fail_at(
                self.text, at, f"{word} has nothing before it", f'add a word, or quote this one: "{word}"'
            )
        if word == "OR":
            frame.branches.append([])
        frame.operator = (word, at)

    def chunk(self, at: int) -> int:
        end = self.end_of_chunk(at)
        raw = self.text[at:end]
        if raw == "NOT":
            self.negate(at)
        elif raw in ("AND", "OR"):
            self.operator(raw, at)
        else:
            self.term(raw, at)
        return end

    def end_of_chunk(self, at: int) -> int:
        text, end = self.text, at
        while found := _BREAKS.search(text, end):
            end = found.start()
            if text[end] != '"' or not _between_hebrew(text, end):
                return end
            end += 1
        return len(text)

    def quoted(self, at: int) -> int:
        content, end = self.inside_quotes(at)
        if self.text[end : end + 1] == "*":
            content, end = content + "*", end + 1
        self.term(content, at)
        return end

    def inside_quotes(self, at: int) -> tuple[str, int]:
        closers = _QUOTES[self.text[at]]
        for end in range(at + 1, len(self.text)):
            if self.text[end] in closers and not (self.text[end] == '"' and _between_hebrew(self.text, end)):
                return self.text[at + 1 : end], end + 1
        mark = closers[0]
        return fail_at(
            self.text,
            at,
            "this quotation mark is never closed",
            f"add {mark} where the phrase ends, or take it out",
        )

    def term(self, raw: str, at: int) -> None:
        frame = self.stack[-1]
        prefix = raw.endswith("*")
        found = tuple(words(raw.rstrip("*")))
        if not found:
            if prefix and raw.strip("*") == "":
                fail_at(self.text, at, "* alone stands for no word", "put the beginning of a word before it")
            frame.skip()
            return
        self.word_count += len(found)
        if self.word_count > MAX_WORDS:
            fail_at(self.text, at, f"the query has more than {MAX_WORDS} words", "search for a part of it")
        frame.add(Term(found, prefix))

    def filter(self, named: re.Match[str]) -> int:
        name, at = named.group(1).lower(), named.end()
        if at < len(self.text) and self.text[at] in _QUOTES:
            value, end = self.inside_quotes(at)
        else:
            end = self.end_of_chunk(at)
            value = self.text[at:end]
        value = value.strip()
        if not value:
            fail_at(
                self.text, named.start(), f"{name}: has no value", f"write it right behind: {_EXAMPLES[name]}"
            )
        frame = self.stack[-1]
        self.word_count += 1
        if self.word_count > MAX_WORDS:
            fail_at(self.text, at, f"the query has more than {MAX_WORDS} words", "search for a part of it")
        if name == "channel":
            frame.add(Channel(value, at))
        elif name == "has":
            if not _KIND.fullmatch(value.lower()):
                fail_at(self.text, at, "this is no kind of attachment", f"for example {_EXAMPLES['has']}")
            frame.add(Has(value.lower()))
        else:
            first, last = self.moment(value, at)
            frame.add(Since(first) if name == "since" else Until(last))
        return end

    def moment(self, value: str, at: int) -> tuple[int, int]:
        """First and last second that a date's text stands for."""
        try:
            if period := _PERIOD.fullmatch(value):
                now = self.now or datetime.now(UTC)
                second = int((now - int(period.group(1)) * _UNITS[period.group(2)]).timestamp())
                return second, second
            if date := _DATE.fullmatch(value):
                return _span_of_date(date)
            if value[10:11] in ("T", "t"):
                moment = datetime.fromisoformat(value)
                first = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
                return first, first + (0 if _HAS_SECONDS.match(value) else 59)
        except (ValueError, OverflowError):
            pass  # said below, with the place
        return fail_at(
            self.text,
            at,
            "this is no date",
            f"for example {_EXAMPLES['since']}, since:2023-12-29T21:30Z or since:7d",
        )


_HAS_SECONDS = re.compile(r".{11}\d\d:?\d\d:?\d\d")
_EXAMPLES = {
    "channel": "channel:put_domoi",
    "since": "since:2023-12-01",
    "until": "until:2023-12-31",
    "has": "has:video",
}


def _span_of_date(date: re.Match[str]) -> tuple[int, int]:
    year, month, day = int(date[1]), int(date[2] or 0), int(date[3] or 0)
    first = datetime(year, month or 1, day or 1, tzinfo=UTC)
    if day:
        days = 1
    elif month:
        days = monthrange(year, month)[1]
    else:
        days = 337 + monthrange(year, 2)[1]
    start = int(first.timestamp())
    return start, start + days * 86_400 - 1


def _between_hebrew(text: str, at: int) -> bool:
    """Whether a quotation mark belongs to a Hebrew acronym."""
    return 0 < at < len(text) - 1 and "א" <= text[at - 1] <= "ת" and "א" <= text[at + 1] <= "ת"


def _all(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _negated(node: Node) -> Node:
    return node.part if isinstance(node, Not) else Not(node)


def fail_at(text: str, at: int, what: str, remedy: str) -> NoReturn:
    """Raises a UsageError whose second and third line show the place."""
    start = max(0, at - 40)
    shown = "".join(c if c.isprintable() else " " for c in text[start : at + 40])
    before = shown[: at - start]
    width = sum(
        2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in before
    )
    raise UsageError(f"{what}\n  {shown}\n  {' ' * width}^", remedy=remedy)
