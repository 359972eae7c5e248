"""Counters as pages show them: exact, or rounded to an interval."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from holdfast.model import Count, Reading

__all__ = ["parse_count"]

_MAX_CHARACTERS: Final = 40
_LARGEST: Final = 10**15
_UNITS: Final = {
    "": 1,
    **dict.fromkeys(("k", "к", "т", "тыс", "тис"), 1_000),
    **dict.fromkeys(("m", "м", "млн"), 1_000_000),
    **dict.fromkeys(("b", "g", "млрд"), 1_000_000_000),
}
_SPACES: Final = "\u0020\u00a0\u2009\u202f\u2007\u2008\u200a\u2002"
_MARKS: Final = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\ufeff"))
"""Marks of writing direction, which stand around numbers in right-to-left pages."""
_NUMBER = re.compile(
    rf"(?P<whole>[0-9]{{1,3}}(?:(?P<sep>[{_SPACES},٬'’])[0-9]{{3}})(?:(?P=sep)[0-9]{{3}})*|[0-9]{{1,15}})"
    rf"(?:[.,٫](?P<part>[0-9]{{1,3}}))?[{_SPACES}]?(?P<unit>[a-zа-я]{{0,4}})\.?"
)


@lru_cache(maxsize=4096)
def parse_count(text: str) -> Count | None:
    """The number that `text` shows, None if it shows none that is beyond doubt.

    Shapes: without a unit exact ("14 909", "1,204"); with one ("25.1K", "3,2 млн") an interval that holds every number that
    shows so, whether the source rounds or cuts: half a step below, nearly a whole step above. Digits of any script.
    A comma before three digits and a unit ("1,204K") can be read in two ways, so it is not read.
    """
    if len(text) > _MAX_CHARACTERS:
        return None
    shown = text.translate(_MARKS).strip()
    match = _NUMBER.fullmatch("".join(map(_plain, shown.casefold())))
    if match is None:
        return None
    separated, part, unit = match["sep"], match["part"], _UNITS.get(match["unit"])
    if unit is None or (unit == 1 and shown.endswith(".")):
        return None
    whole = re.sub(r"[^0-9]", "", match["whole"])
    if unit == 1:
        if part is not None or (len(whole) > 1 and whole[0] == "0"):
            return None
        return int(whole) if int(whole) < _LARGEST else None
    if separated == "," and part is None:
        return None
    if part is not None and len(part) == 3:
        return None
    step = unit // 10 ** len(part or "")
    value = int(whole + (part or "")) * step
    if value >= _LARGEST:
        return None
    return Reading(max(value - step // 2, 0), value + step - 1, shown)


def _plain(character: str) -> str:
    """A digit of any script as 0 to 9, all else as it is."""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(int(digit))
