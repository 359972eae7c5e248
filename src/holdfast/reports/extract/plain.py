"""The characters of a report as its rules read them, each with its place in the original.

`text` is composed (NFC) and free of characters that nobody sees; `low` has the same length, in lower case, with ё as е, one
kind of apostrophe, dash and space, and look-alike letters of the other alphabet put right inside a word ("тыc." with a Latin c).
"""

from __future__ import annotations

import re
import unicodedata
from array import array

__all__ = ["Plain", "read_plain"]

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_STRESS = re.compile("(?<=[аеиоуыэюяАЕИОУЫЭЮЯ])[\u0300\u0301]")
_LEVEL = str.maketrans(
    {
        "ё": "е",
        "’": "'",
        "ʼ": "'",
        "`": "'",
        "′": "'",
        "‘": "'",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\t": " ",
        "‐": "-",
        "‑": "-",
        "‒": "-",
    }
)
# Only from a word's first letter: from any other it would find nothing, and take a long word's length squared for that.
_MIXED = re.compile("(?<![a-zа-яіїєґў])(?:[a-z]+[а-яіїєґў][a-zа-яіїєґў]*|[а-яіїєґў]+[a-z][a-zа-яіїєґў]*)")
_TO_CYRILLIC = str.maketrans("aceopxyikmhtbn", "асеорхуікмнтвп")
_TO_LATIN = str.maketrans("асеорхукмнтві", "aceopxykmhtbi")


class Plain:
    """A text cleaned for reading. Units: offsets count code points."""

    __slots__ = ("_places", "low", "original", "text")

    def __init__(self, original: str, text: str, places: array[int] | None) -> None:
        self.original = original
        self.text = text
        self.low = _levelled(text)
        self._places = places

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the original."""
        if self._places is None:
            return start, end
        return self._places[start], self._places[end]


def read_plain(original: str) -> Plain:
    """The report's characters, ready to be read. Any text at all: nothing is an error."""
    if (
        _UNSEEN.search(original) is None
        and _STRESS.search(original) is None
        and unicodedata.is_normalized("NFC", original)
    ):
        return Plain(original, original, None)
    kept: list[str] = []
    places = array("Q")
    for start, end in _clusters(original):
        piece = unicodedata.normalize("NFC", original[start:end])
        piece = _UNSEEN.sub("", piece)
        # A stress mark on the letter before it, which is in the same cluster.
        piece = _STRESS.sub("", piece)
        kept.append(piece)
        places.extend([start] * len(piece))
    places.append(len(original))
    return Plain(original, "".join(kept), places)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Runs that compose together: a character with the marks that follow it."""
    found = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not unicodedata.combining(text[at]):
            found.append((start, at))
            start = at
    return found if text else []


def _levelled(text: str) -> str:
    low = text.lower()
    if len(low) != len(text):  # İ has a lower case of two characters
        low = "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in text)
    low = low.translate(_LEVEL)
    return _MIXED.sub(_one_alphabet, low)


def _one_alphabet(found: re.Match[str]) -> str:
    """A word of two alphabets in the one that it has more letters of, if the rest look alike in it."""
    word = found[0]
    latin = sum("a" <= letter <= "z" for letter in word)
    if latin * 2 > len(word):
        other = word.translate(_TO_LATIN)
        return other if other.isascii() else word
    other = word.translate(_TO_CYRILLIC)
    return word if any("a" <= letter <= "z" for letter in other) else other
