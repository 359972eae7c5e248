"""Runs a parsed query over the index and ranks exact hits before stemmed before any-script ones.

Each word is widened to exact forms through the word table. The ranks are searched one after the other, each without the
hits of the one before, so a hit's rank is a fact, not a weight; within a rank the order is BM25. What is negated is
always taken in the widest sense asked for: `a -b` and `a b` together are `a`.

Which hits there are, and their ranks, depend on the log alone. The order within a rank does not quite: equal scores come in
the order of the index's segments, and rows that were deleted but not yet merged away count in BM25's statistics. So an
index made anew, or made by an import that was killed in between, may order like hits otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import tantivy
from tantivy import Query as Engine

from holdfast.errors import UsageError
from holdfast.search.grammar import (
    All,
    Channel,
    Either,
    Has,
    Node,
    Not,
    Query,
    Since,
    Term,
    Until,
    fail_at,
    parse_query,
)
from holdfast.search.index import SearchIndex
from holdfast.search.widening import Level, Widening

__all__ = ["Hit", "Hits", "Match", "Query", "parse_query", "search"]

Match = Literal["all", "exact", "stem", "any"]
Sort = Literal["rank", "newest", "oldest"]

_LEVELS: dict[str, tuple[Level, ...]] = {
    "exact": ("exact",),
    "stem": ("exact", "stem"),
    "all": ("exact", "stem", "any"),
    "any": ("exact", "stem", "any"),
}
_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_INTEGER = tantivy.FieldType.Integer
MAX_WINDOW = 100_000


class Hit(msgspec.Struct, frozen=True, gc=False):
    """One revision of a post that answers the query. `matched`: the narrowest sense in which it does."""

    channel: int
    post: str
    revision: int
    entry: int
    element: int
    score: float
    matched: Level


class Hits(msgspec.Struct, frozen=True):
    """`total`: all hits, counted exactly, or None where counting was not asked for.

    `undated`: rows that meet all but the dates, their time unknown. `bounded`: a word had more forms than are looked for,
    so there may be hits beyond `total`.
    """

    total: int | None
    hits: tuple[Hit, ...]
    undated: int = 0
    bounded: bool = False


def search(
    index: SearchIndex,
    query: Query,
    *,
    match: Match = "all",
    limit: int = 20,
    offset: int = 0,
    sort: Sort = "rank",
    count: bool = True,
    channels: Callable[[str], list[int]],
) -> Hits:
    """The hits from `offset` on, at most `limit`. `channels` gives the row numbers a name may mean.

    `match="any"` finds what `"all"` finds, but ranks without regard to the sense. Queries without a word to rank by
    come newest first; posts of unknown time come last in both orders. `count=False` leaves out `total` and `undated`,
    and saves widening the words when the first ranks fill the page.
    Errors: UsageError for an unknown channel or a window past 100,000.
    """
    if limit < 1 or offset < 0 or offset + limit > MAX_WINDOW:
        raise UsageError(
            f"hits {offset} to {offset + limit} were asked for; the first {MAX_WINDOW:,} can be listed",
            remedy="narrow the query with since:, until: or channel:",
        )
    index.refresh()
    return _Search(index, query, _LEVELS[match], channels).run(match, limit, offset, sort, count)


_Found = tuple[float, tantivy.DocAddress, Level]


class _Search:
    def __init__(
        self,
        index: SearchIndex,
        query: Query,
        levels: tuple[Level, ...],
        channels: Callable[[str], list[int]],
    ) -> None:
        self.index = index
        self.query = query
        self.schema = index.schema
        self.levels = levels
        self.widest = levels[-1]
        self.channels = channels
        self.words = Widening(index, self.widest)
        self.has_dates = False
        self.ids: dict[str, list[int]] = {}
        self.compiled: dict[Level, Engine] = {}

    def run(self, match: Match, limit: int, offset: int, sort: Sort, count: bool) -> Hits:
        if sort == "rank" and not _ranks(self.query.root):
            sort = "newest"
        if sort == "rank" and match != "any":
            total, found = self.ranked(limit, offset, count)
        else:
            total, found = self.sorted(limit, offset, sort, count)
        undated = 0
        if self.has_dates and count:
            undated = self.index.count(self.compile(self.query.root, self.widest, undated=True))
        rows = self.index.stored([address for _, address, _ in found])
        hits = tuple(
            Hit(row.channel, row.post, row.revision, row.entry, row.element, score, level)
            for row, (score, _, level) in zip(rows, found, strict=True)
        )
        return Hits(total, hits, undated, self.words.bounded)

    def ranked(self, limit: int, offset: int, count: bool) -> tuple[int | None, list[_Found]]:
        # Each sense is asked whole, and what a narrower one gave is passed over here: those hits are all known, because
        # a wider sense is asked only when the narrower ones are exhausted. To exclude them would run their query again.
        end = offset + limit
        found: list[_Found] = []
        known: set[tuple[int, int]] = set()
        pages: dict[Level, list[_Found]] = {}
        total: int | None = None
        # To count along with the last question costs less than to count apart.
        last = self.differing()[-1] if count else None

        def fresh(level: Level) -> list[_Found]:
            nonlocal total
            if level not in pages:
                counted, page = self.index.search(self.whole(level), end, count=level == last)
                total = counted if level == last else total
                pages[level] = [(float(score), address, level) for score, address in page]
            return [each for each in pages[level] if _place(each) not in known]

        found += fresh("exact")
        if len(found) < end:
            known.update(map(_place, found))
            wider = self.differing()[1:]
            # A phrase seldom stands anywhere in other forms: one look in the widest sense often ends the search.
            if wider and _has_phrase(self.query.root) and not fresh(wider[-1]):
                wider = []
            for level in wider:
                new = fresh(level)
                found += new
                if len(found) >= end:
                    break
                known.update(map(_place, new))
        if not count:
            return None, found[offset:end]
        if len(found) < end:
            total = len(found)
        elif total is None:
            total = self.index.count(self.whole(self.widest))
        return max(total or 0, len(found)), found[offset:end]

    def whole(self, level: Level) -> Engine:
        """The whole query in one sense."""
        if level not in self.compiled:
            self.compiled[level] = self.compile(self.query.root, level)
        return self.compiled[level]

    def differing(self) -> list[Level]:
        """The senses that may find other posts than the next narrower one, the narrowest first. Effects: widens all words."""
        self.whole(self.widest)
        return [level for level in self.levels if level == "exact" or level in self.words.widened]

    def sorted(self, limit: int, offset: int, sort: Sort, count: bool) -> tuple[int | None, list[_Found]]:
        levels = self.differing()
        widest = self.whole(self.widest)
        narrower = [(level, self.whole(level)) for level in levels[:-1]]
        if sort == "rank":
            counted, page = self.index.search(widest, limit, count=count, offset=offset)
        else:
            order = tantivy.Order.Desc if sort == "newest" else tantivy.Order.Asc
            counted, page = self.index.search(
                widest, limit, count=count, offset=offset, order_by_field="earliest", order=order
            )
        found: list[_Found] = []
        for score, address in page:
            matching = (level for level, query in narrower if self.matches(query, address))
            found.append((float(score) if sort == "rank" else 0.0, address, next(matching, levels[-1])))
        return (counted or 0) if count else None, found

    def matches(self, query: Engine, address: tantivy.DocAddress) -> bool:
        try:
            query.explain(self.index.searcher, address)
        except ValueError:  # how the engine says "does not match"
            return False
        return True

    # -- a tree of conditions into the engine's ---------------------------------------------------

    def compile(self, node: Node, level: Level, *, undated: bool = False, negative: bool = False) -> Engine:
        match node:
            case Term():
                return self.words.term(node, self.widest if negative else level)
            case Not(part):
                inner = self.compile(part, level, undated=undated, negative=True)
                return Engine.boolean_query([(_MUST, Engine.all_query()), (_MUST_NOT, inner)])
            case All(parts):
                return self.every(parts, level, undated, negative)
            case Either(parts):
                return Engine.boolean_query(
                    [
                        (_SHOULD, self.compile(part, level, undated=undated, negative=negative))
                        for part in parts
                    ]
                )
            case _:
                return self.filter(node, undated)

    def every(self, parts: Sequence[Node], level: Level, undated: bool, negative: bool) -> Engine:
        clauses = []
        positive = False
        for part in parts:
            if isinstance(part, Not):
                inner = self.compile(part.part, level, undated=undated, negative=True)
                clauses.append((_MUST_NOT, inner))
            else:
                positive = True
                clauses.append((_MUST, self.compile(part, level, undated=undated, negative=negative)))
        if not positive:
            clauses.append((_MUST, Engine.all_query()))
        return Engine.boolean_query(clauses)

    def filter(self, node: Node, undated: bool) -> Engine:
        match node:
            case Has(kind):
                query = Engine.term_query(self.schema, "has", kind)
            case Channel(name, at):
                query = Engine.term_set_query(self.schema, "channel", self.channel_ids(name, at))
            case Since() | Until():
                self.has_dates = True
                query = self.unknown_time() if undated else self.time(node)
            case _:
                raise AssertionError(f"no filter: {type(node).__name__}")
        return Engine.const_score_query(query, 0.0)

    def channel_ids(self, name: str, at: int) -> list[int]:
        if name not in self.ids:
            self.ids[name] = self.channels(name)
        if not self.ids[name]:
            fail_at(
                self.query.text,
                at,
                "no channel of this name or id is in the archive",
                "`holdfast status` lists them",
            )
        return self.ids[name]

    def time(self, node: Since | Until) -> Engine:
        """Rows that may have been published then: their interval touches the range."""
        if isinstance(node, Until):
            return Engine.range_query(self.schema, "earliest", _INTEGER, None, node.second)
        return Engine.boolean_query(
            [
                (_SHOULD, Engine.range_query(self.schema, field, _INTEGER, node.second, None))
                for field in ("earliest", "latest")
            ]
        )

    def unknown_time(self) -> Engine:
        return Engine.boolean_query(
            [(_MUST, Engine.all_query()), (_MUST_NOT, Engine.exists_query("earliest"))]
        )


def _ranks(node: Node) -> bool:
    """Whether some word is asked for, rather than excluded: without one there is nothing to rank by."""
    match node:
        case Term():
            return True
        case All(parts) | Either(parts):
            return any(map(_ranks, parts))
        case _:
            return False


def _has_phrase(node: Node) -> bool:
    """Whether some words are asked for side by side."""
    match node:
        case Term(words):
            return len(words) > 1
        case Not(part):
            return _has_phrase(part)
        case All(parts) | Either(parts):
            return any(map(_has_phrase, parts))
        case _:
            return False


def _place(found: _Found) -> tuple[int, int]:
    return found[1].segment_ord, found[1].doc
