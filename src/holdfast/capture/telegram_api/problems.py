"""The closed list of what can be wrong in an answer of Telegram's API."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from holdfast.model import Problem

__all__ = ["PROBLEM_CODES", "skipped"]

PROBLEM_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bad_post": "the post is built of parts that do not belong together",
        "foreign_post": "the answer holds a post of another channel",
        "not_asked": "the answer holds a post whose id was not asked for",
        "repeated": "the answer holds the same id twice",
        "trailing_bytes": "bytes follow the end of the answer",
        "unreadable": "from here on the answer is of a shape that this program cannot read",
    }
)
"""Every `Problem.code` that this adapter uses, with its meaning."""


def skipped(code: str, *, post: int | None = None, detail: str | None = None) -> Problem:
    """A problem that cost a post, or the rest of an answer."""
    outcome = "repeated" if code == "repeated" else "skipped"
    return Problem(code, outcome, detail or PROBLEM_CODES[code], post=None if post is None else str(post))
