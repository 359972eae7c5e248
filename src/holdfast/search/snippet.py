"""Shows where a query's words stand in a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from holdfast.search.folding import any_keys, stems
from holdfast.search.grammar import All, Either, Node, Query, Term
from holdfast.search.query import Match
from holdfast.search.romanise import readings
from holdfast.search.widening import number_variants
from holdfast.search.words import spans

__all__ = ["Highlighter", "snippet"]

_CHUNK = 20_000
"""Units: code points. Long texts are looked through in pieces, until one holds a hit."""
_MEMO_LIMIT = 50_000
ELLIPSIS = "…"


class Highlighter:
    """Knows which words of a text a query asks for, in the same senses as the search that found it.

    Only what is asked for counts, not what is excluded. Words of a phrase count where the whole phrase stands.
    """

    def __init__(self, query: Query, match: Match = "all") -> None:
        self._level = {"exact": 0, "stem": 1}.get(match, 2)
        self._phrases: list[tuple[Term, tuple[_Wanted, ...]]] = []
        for term in _terms(query.root):
            sequences = [term.words] if self._level == 0 else [term.words, *number_variants(term.words)]
            for sequence in sequences:
                wanted = tuple(
                    _Wanted(word, self._level, term.prefix and place == len(sequence) - 1)
                    for place, word in enumerate(sequence)
                )
                self._phrases.append((term, wanted))

    def hits(self, text: str) -> list[tuple[int, int, int]]:
        """Places of wanted words: (start, end, number of the term), in order, not overlapping."""
        found = spans(text)
        forms = [form for _, _, form in found]
        taken: dict[int, int] = {}
        numbers: dict[int, int] = {}
        for term, wanted in self._phrases:
            number = numbers.setdefault(id(term), len(numbers))
            first = wanted[0]
            for at in range(len(forms) - len(wanted) + 1):
                if first.meets(forms[at]) and all(
                    other.meets(forms[at + place]) for place, other in enumerate(wanted) if place
                ):
                    for place in range(len(wanted)):
                        taken.setdefault(at + place, number)
        marked: list[tuple[int, int, int]] = []
        for at in sorted(taken):
            start, end, _ = found[at]
            start, end = _whole_graphemes(text, start, end)
            if marked and start < marked[-1][1]:
                start = marked[-1][1]
            if start < end:
                marked.append((start, end, taken[at]))
        return marked


class _Wanted:
    """One word of the query, and whether a word of a text meets it."""

    def __init__(self, word: str, level: int, prefix: bool) -> None:
        self._word = word
        self._level = level
        self._prefix = prefix
        self._stems = set(stems(word))
        self._keys = readings(word) if prefix else any_keys(word)
        self._memo: dict[str, bool] = {}

    def meets(self, form: str) -> bool:
        known = self._memo.get(form)
        if known is None:
            known = self._compare(form)
            if len(self._memo) < _MEMO_LIMIT:
                self._memo[form] = known
        return known

    def _compare(self, form: str) -> bool:
        if form == self._word:
            return True
        if self._prefix:
            if form.startswith(self._word):
                return True
            return (
                self._level == 2
                and len(self._word) > 1
                and any(key.startswith(self._keys) for key in any_keys(form))
            )
        if self._level and not self._stems.isdisjoint(stems(form)):
            return True
        return self._level == 2 and not set(self._keys).isdisjoint(any_keys(form))


def _terms(root: Node) -> Iterator[Term]:
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Term):
            yield node
        elif isinstance(node, All | Either):
            waiting[:0] = node.parts


def snippet(text: str, highlighter: Highlighter, width: int = 160) -> list[tuple[str, bool]]:
    """The part of a text that shows most of what was asked for: runs, each with whether it is a hit.

    Shapes: about `width` code points, and more only where one hit is longer. The runs are the text as it is; an ellipsis
    run stands where it was cut. Words are cut only when one is longer than the snippet, what a reader sees as one
    character never.
    """
    base, piece, hits = _first_piece(text, highlighter)
    start, end = _window(piece, hits, width)
    runs: list[tuple[str, bool]] = []
    if base + start > 0:
        runs.append((ELLIPSIS, False))
    at = start
    for hit_start, hit_end, _ in hits:
        if hit_start < start or hit_end > end:
            continue
        if hit_start > at:
            runs.append((piece[at:hit_start], False))
        gap_free = bool(runs) and runs[-1][1] and hit_start == at
        if gap_free:
            runs[-1] = (runs[-1][0] + piece[hit_start:hit_end], True)
        else:
            runs.append((piece[hit_start:hit_end], True))
        at = hit_end
    if at < end:
        runs.append((piece[at:end], False))
    if base + end < len(text):
        runs.append((ELLIPSIS, False))
    return runs


def _first_piece(text: str, highlighter: Highlighter) -> tuple[int, str, list[tuple[int, int, int]]]:
    """The first piece of the text with a hit in it, else the first: its place, itself, its hits."""
    if len(text) <= _CHUNK:
        return 0, text, highlighter.hits(text)
    start = 0
    while start < len(text):
        end = min(len(text), start + _CHUNK)
        piece = text[start : _backward(text, end, start + _CHUNK // 2)]
        hits = highlighter.hits(piece)
        if hits:
            return start, piece, hits
        if start + len(piece) >= len(text):
            break
        # Pieces overlap, so that a phrase across their border is seen in one of them.
        start = _forward(text, start + len(piece) - 2_000, start + len(piece))
    return 0, text[: _backward(text, _CHUNK, _CHUNK // 2)], []


def _window(text: str, hits: list[tuple[int, int, int]], width: int) -> tuple[int, int]:
    if len(text) <= width:
        return 0, len(text)
    if not hits:
        return 0, _backward(text, width, width // 2)
    best, best_score, last = 0, (-1, -1), 0
    for first in range(len(hits)):
        last = max(last, first)
        while last + 1 < len(hits) and hits[last + 1][1] - hits[first][0] <= width:
            last += 1
        score = (len({number for _, _, number in hits[first : last + 1]}), last - first)
        if score > best_score:
            best, best_score, best_last = first, score, last
    left, right = hits[best][0], hits[best_last][1]
    spare = max(0, width - (right - left))
    start = max(0, left - spare // 3)
    end = min(len(text), max(right, start + width))
    start = max(0, min(start, left, end - width))
    return _forward(text, start, left), _backward(text, end, right)


def _forward(text: str, at: int, limit: int) -> int:
    """The first place from `at` to `limit` where a word begins, else where a grapheme does."""
    if at <= 0:
        return 0
    for place in range(at, min(limit, at + 40)):
        if text[place - 1].isspace() and not text[place].isspace() and _is_break(text, place):
            return place
    while at < limit and not _is_break(text, at):
        at += 1
    return at


def _backward(text: str, at: int, limit: int) -> int:
    """The last place from `at` down to `limit` where a word ends, else where a grapheme does."""
    if at >= len(text):
        return len(text)
    for place in range(at, max(limit, at - 40), -1):
        if text[place].isspace() and not text[place - 1].isspace() and _is_break(text, place):
            return place
    while at > limit and not _is_break(text, at):
        at -= 1
    return at


def _whole_graphemes(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and not _is_break(text, start):
        start -= 1
    while end < len(text) and not _is_break(text, end):
        end += 1
    return start, end


def _is_break(text: str, at: int) -> bool:
    """Whether a reader sees two characters here: not before a mark, beside a joiner or inside a flag (UAX 29, in short)."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if after < "\u0300" and before < "\u0300":
        return not (before == "\r" and after == "\n")
    if (
        unicodedata.category(after)[0] == "M"
        or after in "\u200c\u200d\uff9e\uff9f\u0e33\u0eb3"
        or before == "\u200d"
    ):
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    if _is_jamo(before) and (
        "\u1160" <= after <= "\u11ff" or ("\u1100" <= before <= "\u115f" and _is_jamo(after))
    ):
        return False
    if "\uac00" <= before <= "\ud7a3" and "\u1160" <= after <= "\u11ff":
        return False
    if _is_flag_letter(before) and _is_flag_letter(after):
        first = at - 1
        while first > 0 and _is_flag_letter(text[first - 1]):
            first -= 1
        return (at - first) % 2 == 0
    return True


def _is_jamo(character: str) -> bool:
    return "\u1100" <= character <= "\u11ff" or "\uac00" <= character <= "\ud7a3"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
