"""Single values of an export: bounded JSON, times, ids, reactions and paths, each as its source claims."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

__all__ = [
    "EXACT_INT",
    "OMITTED",
    "RESERVED",
    "bounded",
    "path_or_state",
    "persons_id",
    "reaction_name",
    "utc_from_unix",
]

EXACT_INT: Final = 2**53
"""Whole numbers from here on are kept as decimal strings."""

MAX_DEPTH: Final = 24
MAX_BYTES: Final = 64 * 1024
RESERVED: Final = {"_sd": "(_sd)", "...": "(...)"}
"""Names that mean something inside a disclosure (RFC 9901), and what stands for them here."""
OMITTED: Final = "(left out here: too large or too deeply nested; the raw bytes hold it)"


def bounded(value: Any, key: str = "") -> Any:
    """`value` as a sealed record may hold it: no floats, ids and large numbers as strings, of bounded size.

    What is nested deeper than 24 or larger than 64 KiB is replaced by OMITTED.
    """
    budget = [MAX_BYTES]
    return _bounded(value, key, MAX_DEPTH, budget)


def _bounded(value: Any, key: str, depth: int, budget: list[int]) -> Any:
    if value is None or isinstance(value, bool):
        budget[0] -= 5
        return value
    if isinstance(value, str):
        budget[0] -= len(value) + 3
        return value if budget[0] >= 0 else OMITTED
    if isinstance(value, int):
        budget[0] -= 8
        return str(value) if key.endswith("id") or not -EXACT_INT < value < EXACT_INT else value
    if isinstance(value, float):
        return repr(value)
    if depth == 0 or budget[0] < 0:
        return OMITTED
    if isinstance(value, list):
        listed = []
        for item in value:
            if budget[0] < 0:
                listed.append(OMITTED)
                break
            budget[0] -= 1
            listed.append(_bounded(item, key, depth - 1, budget))
        return listed
    kept: dict[str, Any] = {}
    for name, item in value.items():
        if budget[0] < 0:
            kept["…"] = OMITTED
            break
        budget[0] -= len(name) + 4
        kept[RESERVED.get(name, name)] = _bounded(item, name, depth - 1, budget)
    return kept


_is_unix = re.compile(r"-?[0-9]{1,12}", re.ASCII).fullmatch
_FIRST_SECOND: Final = -62_135_596_800  # 0001-01-01T00:00:00Z
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31T23:59:59Z
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MINUTES: Final = tuple(f"{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))
_SECONDS: Final = tuple(f"{second:02d}Z" for second in range(60))


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    day = date.fromordinal(_EPOCH) + timedelta(days=number)
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}T"


def utc_from_unix(claim: str) -> str | None:
    """RFC 3339 in UTC of seconds since 1970 in decimal, None if that is no second of the years 1 to 9999."""
    if _is_unix(claim) is None:
        return None
    seconds = int(claim)
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        return None
    rest = seconds % 86400
    return _day(seconds // 86400) + _MINUTES[rest // 60] + _SECONDS[rest % 60]


_PERSON = re.compile(r"user-?[0-9]+", re.ASCII)


def persons_id(value: Any) -> bool:
    """Whether `value` is the exporter's id of a person (`user123`), or a list that holds one."""
    if isinstance(value, str):
        return _PERSON.fullmatch(value) is not None
    return isinstance(value, list) and any(persons_id(item) for item in value[:64] if isinstance(item, str))


_PLACEHOLDER = re.compile(
    r"(?s)(.*?) ?\((?:File|Photo|Video) (not included|exceeds maximum size|unavailable)[^()]*\)\s*\Z"
)
_STATES: Final = {
    "not included": "not_included",
    "exceeds maximum size": "too_big",
    "unavailable": "unavailable",
}


def path_or_state(claim: str) -> tuple[str | None, str | None, str | None]:
    """(source_path, state, file_name) of what stands where a path would: a path, or why there is none."""
    if claim[-1:] == ")" or claim[-1:].isspace():
        match = _PLACEHOLDER.match(claim)
        if match is not None:
            return None, _STATES[match[2]], match[1] or None
    return claim or None, None, None


def reaction_name(kind: str | None, emoji: str | None, document_id: str | None) -> str:
    """The name under which a reaction is counted.

    A custom emoji is "custom:<id>" where the export recorded its id, and "custom" where it recorded
    a path instead: paths are numbered anew by every export, so they cannot name anything.
    """
    if kind == "paid":
        return "paid"
    if document_id is not None or kind == "custom_emoji":
        is_id = document_id is not None and document_id.isascii() and document_id.isdigit()
        return f"custom:{document_id}" if is_id else "custom"
    return emoji if emoji else kind or "unknown"
