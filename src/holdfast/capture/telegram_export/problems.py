"""The closed list of what can be wrong in a Telegram Desktop export."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from holdfast.model import Problem

__all__ = ["PROBLEM_CODES", "RECORD_CODES", "REPAIR_CODES", "repaired", "skipped"]

PROBLEM_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bad_chat": "an element of the list of chats is no chat",
        "bad_id": "the record's id is missing or no whole number",
        "bad_json": "the record is no JSON, even after mending",
        "bad_page": "a page holds no rows of posts",
        "control_character": "raw control characters stood inside a string",
        "cut_short": "the document ends inside the record",
        "encoding": "bytes that are no UTF-8 were replaced by U+FFFD",
        "escape": "escapes that JSON does not know were read as the characters they consist of",
        "hex_escape": "escapes of the form \\xNN were read as \\u00NN",
        "kind_unknown": "the source does not say whether this chat is a channel",
        "not_a_post": "the object has an id but neither a type nor a date of a post",
        "not_a_record": "an element of the list of posts is no object",
        "number": "NaN or Infinity stood where JSON allows no such number",
        "page_missing": "the numbering of the HTML pages has a gap",
        "surrogate": "lone surrogates were replaced by U+FFFD",
        "too_deep": "the record is nested too deeply to be read",
        "too_large": "the record is larger than 64 MiB",
        "trailing_bytes": "something follows the end of the export",
        "unfinished": "the document ends before it is closed, after a whole record",
    }
)
"""Every `Problem.code` that this adapter uses, with its meaning."""

REPAIR_CODES: Final = frozenset(
    {"control_character", "encoding", "escape", "hex_escape", "number", "surrogate"}
)
"""Codes of records that were kept after mending; the same words stand in `PostFacts.repairs`."""

RECORD_CODES: Final = frozenset(
    {"bad_id", "bad_json", "cut_short", "not_a_post", "not_a_record", "too_deep", "too_large"}
)
"""Codes that stand for one record that was met and not kept; the others speak of a chat or document."""


def skipped(
    code: str, detail: str, *, document: str, offset: int | None = None, post: str | None = None
) -> Problem:
    """A problem that cost a record, a chat or a page."""
    return Problem(code, "skipped", detail, document, offset, post)


def repaired(repairs: tuple[str, ...], *, document: str, offset: int, post: str) -> Problem:
    """The one problem of a record that was kept after one or more mendings."""
    detail = "; ".join(PROBLEM_CODES[code] for code in repairs)
    return Problem(repairs[0], "repaired", detail, document, offset, post)
