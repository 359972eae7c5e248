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
from holdfast.progress import Progress

__all__ = ["Output", "day", "plain", "size"]

_BAD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C], "")

STAGES = {
    "artefacts": "sealing the files",
    "posts": "sealing posts",
    "catalog": "following the log",
    "verify": "verifying",
}


def plain(text: str) -> str:
    """Text of a source made harmless for a terminal: control characters shown, direction marks and overlong runs of marks cut."""
    text = _BAD.sub(lambda each: f"\\x{ord(each[0]):02x}", text).translate(_BIDI)
    if any(unicodedata.combining(each) for each in text):
        text = re.sub(r"([\u0300-\u036f\u0483-\u0489]{3})[\u0300-\u036f\u0483-\u0489]+", r"\1", text)
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)


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

    def note(self, text: str) -> None:
        """A line for people; never part of the answer."""
        self.end_progress()
        self.people.print(text)

    def error(self, error: HoldfastError) -> None:
        self.end_progress()
        if self.json:
            found = {"code": error.code, "message": error.message, "remedy": error.remedy}
            sys.stdout.write(msgspec.json.encode({"ok": False, "error": found}).decode() + "\n")
        self.people.print(f"holdfast: {plain(error.message)}")
        if error.remedy:
            self.people.print(f"  what to do: {plain(error.remedy)}")

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
    if isinstance(value, bytes):
        return value.hex()
    raise NotImplementedError(type(value))
