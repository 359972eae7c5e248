"""Shows answers, progress and errors: stdout is data, stderr is for people."""

from __future__ import annotations

import re
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from holdfast.errors import HoldfastError
from holdfast.model import Count
from holdfast.progress import Progress

__all__ = ["Output", "counted", "day", "many", "plain", "plain_line", "size"]

_JOINERS = "\u200c\u200d"
"""Signs without a width that words of Persian and emoji are written with; all others only hide or turn text."""
_MARKS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(f"({_MARKS}{{3}}){_MARKS}+")

STAGES = {
    "artefacts": "sealing the files",
    "posts": "sealing posts",
    "catalog": "following the log",
    "verify": "verifying",
}


def plain(text: str) -> str:
    """Text of a source made harmless for a terminal: control characters are shown, direction marks and other signs
    without a width taken out, marks that pile up cut, lone surrogates replaced. Line feeds and tabs stay."""
    rare = {each for each in set(text) if not each.isprintable()} - {"\n", "\t"}
    if rare:
        text = text.translate({ord(each): _harmless(each) for each in rare})
    return _PILE.sub(r"\1", text)


def _harmless(sign: str) -> str:
    match unicodedata.category(sign):
        case "Cc":
            return f"\\x{ord(sign):02x}"
        case "Cf":
            return sign if sign in _JOINERS else ""
        case "Cs":
            return "\ufffd"
        case "Zl" | "Zp":
            return "\n"
        case _:  # a space of another width, or a sign that is newer than this Python
            return sign


def plain_line(text: str) -> str:
    """`plain` for what stands in one line: line feeds and tabs are shown too."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def day(unix_s: int | None) -> str:
    """A time for people, always in UTC."""
    if unix_s is None:
        return "time not recorded"
    try:
        return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{unix_s} s"


def size(count: int) -> str:
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def many(count: int, one: str, several: str | None = None) -> str:
    """A count with its noun."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def counted(count: Count) -> str:
    """A counter for people: a number, or what was shown with its bounds."""
    if isinstance(count, int):
        return str(count)
    return f"{plain_line(count.shown or '')} ({count.low:,}–{count.high:,})".strip()


class Output:
    """Where a verb's answer goes. Use as a context manager around work that reports progress."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.people = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
        self._bars: Bars | None = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_progress()

    def answer(self, data: Any) -> None:
        """The machine's answer: one line, `{"ok":true,"data":…}`."""
        sys.stdout.write(
            msgspec.json.encode({"ok": True, "data": msgspec.to_builtins(data, enc_hook=_hook)}).decode()
            + "\n"
        )

    def line(self, text: str = "") -> None:
        """A line of the answer for people who read stdout."""
        sys.stdout.write(text + "\n")

    def flush(self) -> None:
        """Let readers of a long call see what it has said so far."""
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """A line for people; never part of the answer."""
        sys.stdout.flush()  # what both streams say to one terminal stays in order
        self.end_progress()
        self.people.print(text)

    def error(self, error: HoldfastError) -> None:
        self.failure(error.code, error.message, error.remedy)

    def failure(self, code: str, message: str, remedy: str) -> None:
        """Say what went wrong: on stderr, and with `--json` as `{"ok":false,"error":…}` on stdout too."""
        self.end_progress()
        if self.json:
            found = {"code": code, "message": message, "remedy": remedy}
            sys.stdout.write(msgspec.json.encode({"ok": False, "error": found}).decode() + "\n")
            sys.stdout.flush()
        self.people.print(f"holdfast: {plain(message)}")
        if remedy:
            self.people.print(f"  what to do: {plain(remedy)}")

    def report(self, event: Progress) -> None:
        """Draw progress, on a terminal only."""
        if not self.people.is_terminal or self.json:
            return
        if self._bars is None:
            self._bars = Bars(
                TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
                TimeRemainingColumn(), console=self.people, transient=True,
            )  # fmt: skip
            self._bars.start()
        if event.stage not in self._tasks:
            self._tasks[event.stage] = self._bars.add_task(
                STAGES.get(event.stage, event.stage), total=event.total
            )
        self._bars.update(self._tasks[event.stage], completed=event.done, total=event.total)

    def end_progress(self) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars, self._tasks = None, {}


def _hook(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))
