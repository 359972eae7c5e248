"""Reads one JSON object that may break the rules in the ways exports are known to."""

from __future__ import annotations

import json
import re
from typing import Any, Final

__all__ = ["Unreadable", "loads", "post_id_hint", "repeated"]

_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    r"|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.?)",
    re.DOTALL,
)
_SIMPLE: Final = frozenset('"\\/bfnrt')
_LONGEST_INT: Final = 18  # digits that surely fit into 64 bits
_ID_HINT = re.compile(rb'"id"\s*:\s*(-?[0-9]{1,40})(?![0-9.eE])')


class Unreadable(Exception):
    """The bytes are no object of JSON even after mending; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def loads(raw: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The object that `raw` holds, with the codes of what had to be mended.

    Numbers with a fraction or an exponent stay the text they are written as; so do whole numbers of more
    than 18 digits. Of repeated keys the last counts. Raises Unreadable.
    """
    repairs: list[str] = []
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        repairs.append("encoding")
    odd_numbers: list[str] = []
    mended = _mend_escapes(text, repairs)
    try:
        value = _load(mended, odd_numbers, strict=True)
    except ValueError:
        odd_numbers.clear()
        try:
            value = _load(mended, odd_numbers, strict=False)
        except ValueError:
            raise Unreadable("bad_json") from None
        repairs.append("control_character")
    if odd_numbers:
        repairs.append("number")
    if not isinstance(value, dict):
        raise Unreadable("not_a_record")
    return value, tuple(sorted(set(repairs)))


def repeated(raw: bytes, key: str) -> list[Any]:
    """Every value that stands under `key` at the top of the object `raw`, in order. Raises Unreadable."""
    found: list[Any] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found[:] = [value for name, value in pairs if name == key]  # the outermost object comes last
        return {}

    text = _mend_escapes(raw.decode("utf-8", "replace"), [])
    try:
        json.loads(text, object_pairs_hook=collect, strict=False, parse_int=_whole)
    except (ValueError, RecursionError):
        raise Unreadable("bad_json") from None
    return found


def post_id_hint(raw: bytes) -> str | None:
    """The id that an unreadable record seems to have."""
    match = _ID_HINT.search(raw[:4096])
    return str(int(match[1])) if match else None


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INT else _large(digits)


def _large(digits: str) -> int | str:
    # Longer ones than any id are kept as text: Python refuses to convert thousands of digits.
    return int(digits) if len(digits) <= 40 else digits


def _load(text: str, odd_numbers: list[str], *, strict: bool) -> Any:
    def constant(name: str) -> str:
        odd_numbers.append(name)
        return name

    try:
        return json.loads(text, parse_float=str, parse_int=_whole, parse_constant=constant, strict=strict)
    except RecursionError:
        raise Unreadable("too_deep") from None


def _mend_escapes(text: str, repairs: list[str]) -> str:
    """`text` without escapes that JSON does not know and without halves of surrogate pairs."""
    if "\\" not in text:
        return text

    def mend(match: re.Match[str]) -> str:
        escape = match[0]
        kind = escape[1:2]
        if kind in _SIMPLE:
            return escape
        if kind == "u" and len(escape) > 2:
            if len(escape) == 6 and "d800" <= escape[2:].lower() <= "dfff":
                repairs.append("surrogate")
                return "\\ufffd"
            return escape
        if kind == "x" and len(escape) == 4:
            repairs.append("hex_escape")
            return "\\u00" + escape[2:]
        repairs.append("escape")
        return "\\" + escape

    return _ESCAPE.sub(mend, text)
