"""The closed list of what can be wrong in a preview page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from holdfast.model import Problem

__all__ = ["PROBLEM_CODES", "problem"]

PROBLEM_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bad_id": "a post's id is missing or no whole number from 1 to 2^63 - 1",
        "bad_link": "the link to older posts does not lead to older posts",
        "bad_time": "a post's time is missing or no time with a zone",
        "bad_view": "the mark by which the page counts a view cannot be read, or names another post",
        "charset": "the page is no UTF-8 and was read in the character set that it declares",
        "contradiction": "the page shows one thing in two ways that exclude each other",
        "cut_short": "the page ends before it is closed",
        "encoding": "bytes that are of no known character set were replaced by U+FFFD",
        "foreign_post": "a post of another channel stood on the page",
        "not_as_asked": "the page shows posts from the id on that they were to be before",
        "other_name": "the page names another username than the one asked for",
        "out_of_order": "the posts do not stand in the order of their ids",
        "repeated": "a post stood on the page before",
        "too_deep": "the markup is nested too deeply or too badly to be read safely",
        "too_large": "the page is larger than 16 MiB",
        "too_many": "the page holds more posts than a page can",
    }
)
"""Every `Problem.code` that this adapter uses, with its meaning."""


def problem(code: str, outcome: str, post: int | str | None = None, detail: str | None = None) -> Problem:
    """A problem of the page, or of one post on it."""
    return Problem(code, outcome, detail or PROBLEM_CODES[code], post=None if post is None else str(post))
