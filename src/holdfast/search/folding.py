"""One word and its exact, stemmed and any-script forms.

A word is found three ways, each wider than the one before:

exact   the same exact form (see `words`).
stem    a shared stem: the word without its inflection, without Arabic vowel marks and Hebrew points, accents of Latin
        letters and apostrophes. A word's own bare form counts as one of its stems, so that Харьков meets Харькове
        although the Snowball rules cut both differently.
any     a shared sound skeleton (see `romanise`) of the word or of its stem: Бердянске meets Berdyansk.

The language of a single word is not known, so the script decides: Snowball's Russian rules for Cyrillic (Ukrainian endings
first, where the word has a letter that only Ukrainian or Belarusian has), English for Latin, and Arabic, Persian, Greek,
Armenian, Hindi and Tamil for theirs. Any other word is its own stem. Stems run together what lemmas would keep apart and
Ишкова (her) shares a stem with Ишков (him): never take a stem for a person. `transliteration_keys` keeps them apart.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

import Stemmer

from holdfast.search.romanise import readings
from holdfast.search.words import is_single, words

__all__ = [
    "FOLDING_VERSION",
    "NewWords",
    "any_keys",
    "prepare",
    "stem_key",
    "stems",
    "transliteration_keys",
    "word_rows",
    "words",
]

FOLDING_VERSION = 2
"""Raised whenever a word's forms change: an index made under another version has to be rebuilt."""

# Cache size 0: each distinct word comes by once, and the cache would grow by the vocabulary.
_russian = Stemmer.Stemmer("russian", 0).stemWord
_english = Stemmer.Stemmer("english", 0).stemWord
_arabic = Stemmer.Stemmer("arabic", 0).stemWord
_persian = Stemmer.Stemmer("persian", 0).stemWord
_BY_SCRIPT = {
    "GREEK": Stemmer.Stemmer("greek", 0).stemWord,
    "ARMENIAN": Stemmer.Stemmer("armenian", 0).stemWord,
    "DEVANAGARI": Stemmer.Stemmer("hindi", 0).stemWord,
    "TAMIL": Stemmer.Stemmer("tamil", 0).stemWord,
}

_is_latin = re.compile("[a-z']+").fullmatch
_is_russian = re.compile("[а-я]+").fullmatch
_is_cyrillic = re.compile("[а-яѐ-ԯ']+").fullmatch
_is_ukrainian = re.compile("[іїєґў]").search
_to_russian_letters = str.maketrans("іїєґў", "ииегу")
_UKRAINIAN_ENDING = re.compile("(?<=...)(?:ості|істю|ість|ові|еві|єві|ої|єї|ів)(?:ся)?$")

_ARABIC_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC_LETTERS = str.maketrans("أإآٱىةکی", "ااااىهكي".replace("ى", "ي"))
_has_persian = re.compile("[پچژگکی]").search
_ARABIC_ARTICLE = re.compile("^(?:[وف]?[بك]?ال|[وف]?لل)(?=...)")
_HEBREW_MARKS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
_HEBREW_PREFIXES = "והבלמשכ"


def stem_key(form: str) -> str:
    """The stem of a word in its exact form."""
    return stems(form)[-1]


def stems(form: str) -> tuple[str, ...]:
    """All stems of a word in its exact form: its bare form first, its likeliest stem last."""
    if _is_russian(form):
        stem = _russian(form)
        return (form,) if stem == form or len(stem) < 3 < len(form) else (form, stem)
    if _is_latin(form):
        bare = form.replace("'", "") or form
        stem = _english(form).replace("'", "") or bare
        return (bare,) if stem == bare else (bare, stem)
    return _stems_of_others(form)


def _stems_of_others(form: str) -> tuple[str, ...]:
    first = form[0]
    if form.isdigit() or is_single(first):
        return (form,)
    if _is_cyrillic(form):
        bare = form.replace("'", "") or form
        stem = _ukrainian(bare) if _is_ukrainian(bare) else _russian(bare)
        return _unique(bare, bare if len(stem) < 3 < len(bare) else stem)
    if first < "\u0250":
        bare = _without_accents(form.replace("'", "")) or form
        return _unique(bare, _english(bare))
    if "\u0590" <= first <= "\u05ff":
        bare = _HEBREW_MARKS.sub("", form).replace("'", "") or form
        # The article, "and", "in", "to" … are written onto the word; a word may also just begin so.
        return _unique(bare, bare[1:] if len(bare) > 3 and bare[0] in _HEBREW_PREFIXES else bare)
    if "\u0600" <= first <= "\u06ff":
        return _arabic_stems(form)
    by_script = _BY_SCRIPT.get(unicodedata.name(first, "").partition(" ")[0])
    return _unique(form, by_script(form)) if by_script else (form,)


def _unique(*found: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem for stem in found if stem))


def _ukrainian(form: str) -> str:
    """Snowball has no Ukrainian rules; its Russian ones serve once the endings Russian lacks are gone.

    Words without a Ukrainian letter go the Russian way, so мові (here) and мова (there) must end alike: мов.
    """
    cut = _UKRAINIAN_ENDING.sub("", form)
    if cut != form:
        return cut.translate(_to_russian_letters)
    return str(_russian(form.translate(_to_russian_letters)))


def _arabic_stems(form: str) -> tuple[str, ...]:
    bare = _ARABIC_MARKS.sub("", form).replace("'", "") or form
    if _has_persian(bare):
        return _unique(bare.translate(_ARABIC_LETTERS), _persian(bare).translate(_ARABIC_LETTERS))
    plain = bare.translate(_ARABIC_LETTERS)
    stem = _arabic(_ARABIC_ARTICLE.sub("", plain)) or plain
    if len(stem) > 3 and stem[0] == "و":  # "and" is written onto the word
        return _unique(plain, stem, _arabic(stem[1:]))
    return _unique(plain, stem)


def _without_accents(form: str) -> str:
    decomposed = unicodedata.normalize("NFD", form)
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


def any_keys(form: str) -> tuple[str, ...]:
    """The any-script forms of a word in its exact form: skeletons of itself and of its stems.

    Two words meet in the any-script sense when they share one; words that share a stem always do.
    """
    if (form.isdigit() and form.isascii()) or (len(form) == 1 and not form.isalpha()):
        return (form,)
    keys = readings(form[:-2]) + readings(form) if form.endswith("'s") else readings(form)
    for stem in stems(form):
        if stem != form:
            keys += readings(stem)[:1]
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else keys


def transliteration_keys(word: str) -> tuple[str, ...]:
    """Skeletons of a word (or of several, read as one name) as it stands, without stemming.

    Spellings of one name in any script share a key; Ишкова and Ишков share none.
    """
    parts = [readings(form) for form in words(word)]
    # A name has few parts with few readings each; the bound is for hostile input.
    found = (" ".join(choice) for choice in itertools.product(*parts))
    return tuple(dict.fromkeys(itertools.islice(found, 64))) if parts else ()


def word_rows(form: str) -> list[tuple[str, str]]:
    """Rows (any-script form, exact form) of the word table; none where the form finds itself."""
    return [(key, form) for key in any_keys(form) if key != form]


def prepare(text: str) -> tuple[str, list[str]]:
    """What the index takes for a text: its words joined by single spaces, and the words."""
    found = words(text)
    return " ".join(found), found


class NewWords:
    """Gives each word's table rows once, for work that is spread over processes.

    Memory is bounded: when `limit` words are remembered, the memory starts anew and rows may
    come again, which the table ignores.
    """

    def __init__(self, limit: int = 200_000) -> None:
        self._limit = limit
        self._seen: set[str] = set()

    def rows(self, found: Iterable[str]) -> list[tuple[str, str]]:
        """Table rows of those words that were not seen before; cheapest for the words of many posts at once."""
        fresh = set(found) - self._seen
        if not fresh:
            return []
        if len(self._seen) + len(fresh) > self._limit:
            self._seen = set()
        self._seen |= fresh
        return [row for form in fresh for row in word_rows(form)]

    def forget(self) -> None:
        """Forgets every word, after a failure to store their rows."""
        self._seen = set()
