"""Cuts a text into its words, in one normal form.

The normal form ("exact form") of a word is what was written, up to:

- Unicode normalisation (NFKC), case (full case folding) and invisible characters (zero-width,
  bidirectional and variation marks, soft hyphens, the Arabic tatweel, skin tones of emoji);
- ё, which is е: Russian texts write one for the other;
- acute and grave stress marks over Cyrillic vowels (й and ї stay themselves);
- the kind of apostrophe inside a word (п'ять, п’ять); at its ends an apostrophe is a quotation mark.

Accents, Arabic vowel marks and Hebrew points are part of the exact form; they go in the looser forms
(see `folding`). Words end at anything that is no letter, digit or mark: `#tag`, `@name`, `№5`, `38,000`,
`snake_case` and addresses fall into their parts, so each part is found, and the whole as a phrase. Scripts that are
written without spaces (Han, Kana, Bopomofo, Thai, Lao, Khmer, Burmese) give one word per code point, so that any part
of them is found as a phrase; each emoji is a word.

The result depends on the Unicode tables of the running Python for characters newer than those tables.
"""

from __future__ import annotations

import re
import unicodedata
from codecs import charmap_build, charmap_decode, charmap_encode
from collections.abc import Iterator

__all__ = ["LONGEST_WORD", "is_single", "spaced", "spans", "words"]

LONGEST_WORD = 255
"""Units: code points. A longer run is cut into successive words of this length: a phrase still finds it."""

_APOSTROPHES = "'’‘‛ʼʻʹʾʿ`′＇׳״"
_SIGNS = "№™℠"  # NFKC would turn these into letters and glue them to the next word
_SINGLE = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3040, 0x312F),  # Kana, Bopomofo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_EMOJI = re.compile("[\u203c\u2049\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_DROPPED = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f"  # so far format characters; from here on marks and letters that only adorn
    "\u034f\u0640\u07fa\u180b-\u180d\u180f\u20e3\ufe00-\ufe0f\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff]"
)
_STRESS = re.compile("(?<=[аеиоуыэюяієѣ])[\u0300\u0301]+")
_HEBREW_QUOTE = re.compile('(?<=[א-ת])"(?=[א-ת])')  # the ASCII stand-in for gershayim in acronyms
_odd_characters = re.compile("[^ 0-9a-zа-я]").findall
_runs = re.compile(r"\S+").finditer
_MEMO_LIMIT = 20_000


def is_single(character: str) -> bool:
    """Whether a code point is a word by itself because its script is written without spaces."""
    point = ord(character)
    return point >= 0x0E00 and any(low <= point <= high for low, high in _SINGLE)


def _place(character: str) -> str:
    """What one code point of an NFKC, case-folded text becomes; spaces part words."""
    if character in _APOSTROPHES:
        return "'"
    if character <= " " or character in "_©®":
        return " "
    if _DROPPED.match(character):
        return ""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if _EMOJI.match(character):
        return f" {character} "
    if category[0] not in "LNM":
        return " "
    return f" {character} " if is_single(character) else character


class _Alone(dict[str, str | None]):
    """What one lower-case code point becomes wherever it stands, None where its neighbours matter."""

    def __missing__(self, character: str) -> str | None:
        result: str | None
        if character in _SIGNS:
            result = " "
        elif character in _APOSTROPHES:
            result = _place(character) if not "\u05d0" <= character <= "\u05f4" else None
        else:
            folded = _normal(character)
            neighbourly = (
                "\u0591" <= character <= "\u05f4"  # Hebrew: a quotation mark may be part of a word
                or "\u1100" <= character <= "\u11ff"
                or "\ua960" <= character <= "\ua97f"
                or "\ud7b0" <= character <= "\ud7ff"  # Hangul letters compose
                or character in "\uff9e\uff9f"
                or any(unicodedata.category(c)[0] == "M" and not _DROPPED.match(c) for c in folded)
            )
            result = None if neighbourly else "".join(map(_place, folded))
        if len(self) < _MEMO_LIMIT:
            self[character] = result
        return result


class _Places(dict[int, str]):
    """`_place` as a table for `str.translate`."""

    def __missing__(self, point: int) -> str:
        result = _place(chr(point))
        if len(self) < _MEMO_LIMIT:
            self[point] = result
        return result


def _normal(text: str) -> str:
    # Twice, because case folding can leave a text that is not normalised.
    normal = unicodedata.normalize("NFKC", text)
    folded = unicodedata.normalize("NFKC", normal.casefold()).casefold()
    return unicodedata.normalize("NFKC", _STRESS.sub("", folded.translate(_LEVELLED)))


_alone = _Alone()
_places = _Places()
_LEVELLED = str.maketrans("ёѐѝ", "ееи")
_signs = str.maketrans(dict.fromkeys(_SIGNS, " "))


def _usual_table() -> tuple[str, str]:
    """(code points, what each becomes), place by place: those that become one code point wherever they stand."""
    usual = [*map(chr, range(127)), *"АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя"]
    usual += "ЁёІіЇїЄєҐґЎў\xa0«»‹›“”„–—…№©®·•→₽€"
    pairs = [(one, _alone[one.lower()]) for one in usual]
    # An apostrophe may have to go from the end of a word.
    plain = [(one, place) for one, place in pairs if place is not None and len(place) == 1 and place != "'"]
    return "".join(one for one, _ in plain), "".join(place for _, place in plain)


_usual, _become = _usual_table()
# The codec's tables are the quickest way there is in the standard library from code points to code points.
_to_places = charmap_build(_usual.ljust(256, "\ufffe"))


def words(text: str) -> list[str]:
    """The exact forms of a text's words, in order.

    Cutting the words joined by spaces gives the same words again; a text and its NFC and NFD give
    the same words.
    """
    return spaced(text).split()


def spaced(text: str) -> str:
    """The exact forms of a text's words, in order, with one space or more between them; empty if there are none."""
    try:
        folded = charmap_decode(charmap_encode(text, "strict", _to_places)[0], "strict", _become)[0]
    except UnicodeEncodeError:
        return " ".join(_words_of_any(text))
    if len(folded) > LONGEST_WORD and _is_overlong(folded):
        return " ".join(_words_of_folded(folded, False))
    return "" if folded.isspace() else folded


def _is_overlong(folded: str) -> bool:
    """Whether a word is too long: it would lie across one of these places."""
    for at in range(0, len(folded), LONGEST_WORD + 1):
        end = folded.find(" ", at)
        if (len(folded) if end < 0 else end) - folded.rfind(" ", 0, at) - 1 > LONGEST_WORD:
            return True
    return False


def _words_of_any(text: str) -> list[str]:
    folded = text.lower()
    odd = set(_odd_characters(folded))
    apostrophes = False
    for character in odd:
        place = _alone[character]
        if place is None:
            return _words_of_folded(_fold(text), True)
        if "'" in place:
            apostrophes = True
        if place != character:
            folded = folded.replace(character, place)
    return _words_of_folded(folded, apostrophes)


def _fold(text: str) -> str:
    # Before and after: what is dropped may stand between a letter and its mark, or come out of normalisation.
    text = _normal(_DROPPED.sub("", text.translate(_signs)))
    text = _HEBREW_QUOTE.sub("'", _normal(_DROPPED.sub("", text)))
    return text.translate(_places)


def _words_of_folded(folded: str, loose_ends: bool) -> list[str]:
    """`loose_ends`: words may begin or end with apostrophes, or begin with marks."""
    if loose_ends:
        found = [word for run in folded.replace("''", "  ").split() if (word := _trimmed(run))]
    else:
        found = folded.split()
    if len(folded) > LONGEST_WORD and max(map(len, found), default=0) > LONGEST_WORD:
        return [piece for word in found for piece in _pieces(word)]
    return found


def _trimmed(run: str) -> str:
    run = run.strip("'")
    while run and unicodedata.category(run[0])[0] == "M" and not is_single(run[0]):
        run = run[1:].lstrip("'")
    return run


def _pieces(word: str) -> Iterator[str]:
    """A word, or the successive words an over-long one is cut into."""
    while len(word) > LONGEST_WORD:
        yield _trimmed(word[:LONGEST_WORD]) or word[:LONGEST_WORD]
        word = _trimmed(word[LONGEST_WORD:])
    if word:
        yield word


def spans(text: str) -> list[tuple[int, int, str]]:
    """The words with their places: (start, end, exact form), in code points of the text as given.

    Same words as `words(text)`; slower, since every code point is followed.
    """
    if (folded := _folded_in_place(text)) is not None:
        return list(_cut(folded))
    text = _HEBREW_QUOTE.sub("'", text)
    pieces: list[str] = []
    origin: list[int] = []
    ends: dict[int, int] = {}
    for start, end, cluster in _clusters(text):
        low = cluster.lower()
        place = _alone[low] if len(low) == 1 else None
        piece = _fold(cluster) if place is None else place
        pieces.append(piece)
        origin.extend([start] * len(piece))
        ends[start] = end
    return [(origin[start], ends[origin[end - 1]], word) for start, end, word in _cut("".join(pieces))]


def _folded_in_place(text: str) -> str | None:
    """The folded text if each code point became exactly one, which keeps every place; most texts do."""
    folded = text.lower()
    if len(folded) != len(text):
        return None
    for character in set(_odd_characters(folded)):
        place = _alone[character]
        if place is None or len(place) != 1:
            return None
        if place != character:
            folded = folded.replace(character, place)
    return folded


def _cut(folded: str) -> Iterator[tuple[int, int, str]]:
    """The words of a folded text with their places in it."""
    for run in _runs(folded.replace("''", "  ")):
        at = run.start()
        for piece in _pieces(_trimmed(run.group())):
            at = folded.index(piece, at)
            yield at, at + len(piece), piece
            at += len(piece)


def _clusters(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of code points that belong together: a starter and the marks and invisible characters behind it."""
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text):
            character = text[at]
            if (character > "\u02ff" or character == "\u00ad") and _continues(character):
                continue
        if at > start:
            yield start, at, text[start:at]
        start = at


def _continues(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or "\u1160" <= character <= "\u11ff"
        or "\ud7b0" <= character <= "\ud7ff"
        or _DROPPED.match(character) is not None
        or character in "\uff9e\uff9f"
    )
