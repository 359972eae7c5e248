"""Widens a query's words to the exact forms that the index holds."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Literal

from tantivy import Occur
from tantivy import Query as Engine

from holdfast.search.folding import any_keys, stems
from holdfast.search.grammar import Term
from holdfast.search.index import SearchIndex
from holdfast.search.romanise import readings

__all__ = ["Level", "Widening", "number_variants"]

Level = Literal["exact", "stem", "any"]

MAX_FORMS = 5_000
"""Exact forms one word may be widened to; `Hits.bounded` says when there were more."""
_MAX_PHRASES = 12
"""Phrases that are asked one by one. From about here on one question by expressions costs the engine less."""
_MAX_EXPRESSIONS = 64
_MAX_SCORED = 48
_MAX_REMEMBERED = 2_000
_REGEX_BYTES = 600  # the engine refuses expressions over 1,000 states
_SHOULD = Occur.Should


class Widening:
    """What one query's words become. `bounded`: a word had more forms than are looked for.

    `widened`: the senses in which some word so far has more forms than in the next narrower one; where a sense is
    not in it, its answers are those of the narrower one.
    """

    def __init__(self, index: SearchIndex, widest: Level) -> None:
        self.index = index
        self.schema = index.schema
        self.widest = widest
        self.bounded = False
        self.forms: dict[tuple[str, bool], dict[Level, list[str]]] = {}
        self.widened: set[Level] = set()

    def term(self, term: Term, level: Level) -> Engine:
        queries = []
        sequences = [term.words] if level == "exact" else [term.words, *number_variants(term.words)]
        if len(sequences) > 1:
            self.widened.add("stem")
        for sequence in sequences:
            places = [
                self.forms_at(word, level, prefix=term.prefix and place == len(sequence) - 1)
                for place, word in enumerate(sequence)
            ]
            queries.append(self.any_of(places[0]) if len(places) == 1 else self.phrase(places))
        return (
            queries[0] if len(queries) == 1 else Engine.boolean_query([(_SHOULD, query) for query in queries])
        )

    def forms_at(self, word: str, level: Level, *, prefix: bool) -> list[str]:
        """Exact forms that the index holds and that answer a word at a level."""
        if level == "exact" and not prefix:
            return [word]
        known = self.forms.get((word, prefix))
        if known is None:
            known = self.forms[word, prefix] = self.known_forms(word, prefix)
            if len(known["stem"]) > len(known["exact"]):
                self.widened.add("stem")
            if len(known["any"]) > len(known["stem"]):
                self.widened.add("any")
        return known[level]

    def known_forms(self, word: str, prefix: bool) -> dict[Level, list[str]]:
        # The index forgets these with every commit it sees, so paging and repeated words cost nothing.
        key = (word, prefix, self.widest)
        remembered = self.index.widened.get(key)
        if remembered is None:
            bounded, self.bounded = self.bounded, False
            remembered = (self.widen_prefix(word) if prefix else self.widen(word)), self.bounded
            self.bounded = self.bounded or bounded
            if len(self.index.widened) >= _MAX_REMEMBERED:
                self.index.widened.clear()  # starts anew: the words asked for now matter more than old ones
            self.index.widened[key] = remembered
        self.bounded = self.bounded or remembered[1]
        return remembered[0]

    def widen(self, word: str) -> dict[Level, list[str]]:
        exact = [word]
        keys, word_stems = any_keys(word), set(stems(word))
        candidates = dict.fromkeys(self.index.forms_of(keys, MAX_FORMS + 1))
        self.bounded = self.bounded or len(candidates) > MAX_FORMS
        # A form that is its own any-script form has no row in the table.
        for key in keys:
            if key not in candidates and self.occurs(key) and key in any_keys(key):
                candidates[key] = None
        candidates.pop(word, None)
        by_stem = [form for form in candidates if not word_stems.isdisjoint(stems(form))]
        others = candidates.keys() - set(by_stem)
        return {
            "exact": exact,
            "stem": exact + by_stem,
            "any": exact + by_stem + sorted(others),
        }

    def widen_prefix(self, word: str) -> dict[Level, list[str]]:
        """Prefixes are of exact forms, or in the widest sense of sound skeletons; stems have no beginning of their own."""
        exact = self.beginning(word)
        if self.widest != "any" or len(word) < 2:
            return {"exact": exact, "stem": exact, "any": exact}
        found = dict.fromkeys(exact)
        for key in readings(word):
            sounding = self.index.forms_beginning(key, MAX_FORMS + 1)
            self.bounded = self.bounded or len(sounding) > MAX_FORMS
            found.update(dict.fromkeys(sounding[:MAX_FORMS]))
            found.update(dict.fromkeys(self.beginning(key)))
        return {"exact": exact, "stem": exact, "any": list(found)}

    def beginning(self, prefix: str) -> list[str]:
        found = [
            form for form, _ in self.index.searcher.terms_with_prefix("text", prefix, limit=MAX_FORMS + 1)
        ]
        self.bounded = self.bounded or len(found) > MAX_FORMS
        return found[:MAX_FORMS]

    def occurs(self, form: str) -> bool:
        return self.index.searcher.doc_freq("text", form) > 0

    def any_of(self, forms: list[str]) -> Engine:
        if not forms:
            return Engine.empty_query()
        if len(forms) == 1:
            return Engine.term_query(self.schema, "text", forms[0])
        if len(forms) > _MAX_SCORED:
            return Engine.term_set_query(self.schema, "text", forms)
        return Engine.boolean_query(
            [(_SHOULD, Engine.term_query(self.schema, "text", form)) for form in forms]
        )

    def phrase(self, places: list[list[str]]) -> Engine:
        """The places side by side, each by any of its forms."""
        if not all(places):
            return Engine.empty_query()
        if prod(map(len, places)) <= _MAX_PHRASES:
            phrases = [Engine.phrase_query(self.schema, "text", list(choice)) for choice in product(*places)]
        else:
            groups = [_grouped(forms) for forms in places]
            while prod(map(len, groups)) > _MAX_EXPRESSIONS:
                # Widest first in every list, so what goes is what is least like the query; and it is said.
                self.bounded = True
                largest = max(range(len(groups)), key=lambda place: len(groups[place]))
                groups[largest] = groups[largest][: len(groups[largest]) // 2 or 1]
            phrases = [
                Engine.regex_phrase_query(self.schema, "text", list(choice)) for choice in product(*groups)
            ]
        return (
            phrases[0]
            if len(phrases) == 1
            else Engine.boolean_query([(_SHOULD, phrase) for phrase in phrases])
        )


def _grouped(forms: list[str]) -> list[str]:
    """Forms as expressions small enough for the engine. Words hold nothing that an expression would read as more."""
    # The engine compiles an expression anew in every segment, so that what is shared is written once.
    whole = forms[0]
    if len(forms) > 1:
        first, last = min(forms), max(forms)  # what these two share at their beginning, all do
        shared = next((at for at, letter in enumerate(first) if letter != last[at]), len(first))
        whole = f"{first[:shared]}({'|'.join([form[shared:] for form in forms])})"
    if len(whole.encode()) <= _REGEX_BYTES:
        return [whole]
    groups: list[list[str]] = [[]]
    size = 0
    for form in forms:
        cost = len(form.encode()) + 2
        if groups[-1] and size + cost > _REGEX_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(form)
        size += cost
    return ["|".join(group) for group in groups]


def number_variants(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The same words with numbers written the other way: 38000 for 38,000 (two words), and back."""
    if not any(map(_is_number, words)):
        return []
    joined: list[str] = []
    split: list[str] = []
    at = 0
    while at < len(words):
        end = at + 1
        if _is_number(words[at]) and len(words[at]) <= 3:
            while end < len(words) and len(words[end]) == 3 and _is_number(words[end]):
                end += 1
        joined.append("".join(words[at:end]))
        split += words[at:end] if end > at + 1 else _thousands(words[at])
        at = end
    return [variant for variant in dict.fromkeys((tuple(joined), tuple(split))) if variant != words]


def _thousands(word: str) -> list[str]:
    if not _is_number(word) or not 4 <= len(word) <= 15 or word[0] == "0":
        return [word]
    first = len(word) % 3 or 3
    return [word[:first], *(word[at : at + 3] for at in range(first, len(word), 3))]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()
