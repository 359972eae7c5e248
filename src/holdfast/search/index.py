"""Keeps the posts' words findable on disk, beside the cursor up to which the log was followed.

A folder holds a tantivy index in `posts/` (one field of exact word forms with positions, and fast columns) and
`words.db`, which has the word table (any-script form -> exact forms) and the state. Only distinct words pay for stemming
and folding; a query word is widened to exact forms when it is asked. All of it can be deleted and made again.

Crash rule. `commit` writes (1) the words, (2) the posts, (3) the cursor, each durably before the next. Words too many
are harmless. Posts of entries at or past the cursor are deleted when the index is next opened to write, so
following the log again from the cursor gives each post once. A reader may see such posts before: they are in the log.

Erasure. `remove` hides a post with the next commit; its words stay in the files until tantivy merges the segments, and
in the word table. To be rid of the bytes, `clear` and follow the log again; `has_remains` says that this is due.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import tantivy

from holdfast.errors import FormatError, StorageError
from holdfast.search.folding import FOLDING_VERSION, NewWords
from holdfast.search.pages import release_pages
from holdfast.search.table import REMEDY, WordTable, engine_errors

__all__ = ["IndexRow", "SearchIndex", "Stored"]

_FORMAT = 1
_HEAP_BYTES = 32_000_000
RELEASE_EVERY_ROWS = 4_000
"""After so many rows the pages of merged files are given back: a few times a second in a long import."""
_ELEMENT_BITS = 16
_REVISION_BITS = 24
_FAR = 2**62
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_INTEGER = tantivy.FieldType.Integer


class IndexRow(msgspec.Struct, frozen=True, gc=False):
    """One revision of one post.

    Units: `earliest` and `latest` Unix seconds between which the post was published (None: not known), `entry` and
    `element` (below 65,536) the place of the observation that proves it, `post` the decimal id, `revision` below
    16,777,216, `channel` the catalog's row number, `has` the kinds of what is attached, `tokens` what `prepare` made.
    """

    channel: int
    post: str
    revision: int
    entry: int
    element: int
    earliest: int | None
    latest: int | None
    has: tuple[str, ...]
    tokens: str


class Stored(msgspec.Struct, frozen=True, gc=False):
    """What the index gives back of a row."""

    channel: int
    post: str
    revision: int
    entry: int
    element: int


class SearchIndex:
    """One search index; one writer at a time, any number of readers beside it."""

    @classmethod
    def open(cls, folder: Path, *, write: bool = False) -> SearchIndex:
        """Opens the index; to write, makes it where there is none.

        Errors: FormatError if it is missing, damaged or of another version (the remedy says how
        to make it again); VaultLockedError if another writer has it; StorageError if the disk refuses.
        """
        return cls(folder, write)

    @staticmethod
    def delete(folder: Path) -> None:
        """Deletes an index, damaged or not. Effects: the folder's index files are gone."""
        try:
            shutil.rmtree(folder / "posts", ignore_errors=False)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StorageError(f"cannot delete the search index in {folder}: {error.strerror}") from error
        for name in ("words.db", "words.db-wal", "words.db-shm"):
            (folder / name).unlink(missing_ok=True)

    def __init__(self, folder: Path, write: bool) -> None:
        self._folder = folder
        posts, table = folder / "posts", folder / "words.db"
        self._writer: tantivy.IndexWriter | None = None
        self._added = 0
        self._meta: tuple[int, int] | None = None
        self._meta_path = str(posts / "meta.json")
        self.widened: dict[tuple[str, bool, str], Any] = {}
        """What the room query found out about words; forgotten with every new commit."""
        self._known = NewWords()
        with self._guarded("opened"):
            fresh = write and not _is_made(table)
            if fresh:
                # Never finished, or its state is lost: it starts anew at entry 0.
                self.delete(folder)
                posts.mkdir(parents=True)
            elif not (posts / "meta.json").exists() or not table.exists():
                raise FormatError(f"there is no complete search index in {folder}", remedy=REMEDY)
            self._table = WordTable(table, write=write)
        try:
            with self._guarded("opened"):
                self._index = (
                    tantivy.Index(_schema(), path=str(posts)) if fresh else tantivy.Index.open(str(posts))
                )
                self._index.config_reader("manual")
                if write:
                    self._writer = self._index.writer(_HEAP_BYTES, 1)  # takes the writer's lock
                if fresh:
                    # Last, because it is what says that the index is made.
                    self._table.create(
                        {"format": _FORMAT, "folding": FOLDING_VERSION, "cursor": 0, "removed": 0}
                    )
                self._check_state()
                self.schema = self._index.schema
                if write and not fresh:
                    # Entries from the cursor on come again: without this they would be there twice.
                    self._delete_from(self.cursor)
                self.refresh()
        except BaseException:
            self._table.close()
            raise

    def _check_state(self) -> None:
        state = self._state()
        if (state.get("format"), state.get("folding")) != (_FORMAT, FOLDING_VERSION) or "cursor" not in state:
            raise FormatError(
                f"the search index in {self._folder} was made by another version", remedy=REMEDY
            )

    def _guarded(self, doing: str) -> AbstractContextManager[None]:
        return engine_errors(self._folder, doing)

    # -- reading ---------------------------------------------------------------------------------

    @property
    def cursor(self) -> int:
        """Number of log entries followed, as of the last commit."""
        return self._state().get("cursor", 0)

    @property
    def has_remains(self) -> bool:
        """Whether posts were removed since the index was made or cleared: their words may still lie in its files."""
        return self._state().get("removed", 0) > 0

    @property
    def post_count(self) -> int:
        """Rows that can be found (revisions, not posts)."""
        return int(self.searcher.num_docs)

    def _state(self) -> dict[str, int]:
        with self._guarded("read"):
            return self._table.state()

    def refresh(self) -> None:
        """Sees what was committed since; cheap when nothing was."""
        with self._guarded("read"):
            status = os.stat(self._meta_path)
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._meta:
                self._index.reload()
                self._meta = seen
                self.widened = {}
            self.searcher = self._index.searcher()

    def forms_of(self, keys: Sequence[str], limit: int) -> list[str]:
        """Exact forms in the word table that have one of the any-script forms. Shapes: at most `limit`."""
        with self._guarded("read"):
            return self._table.forms_of(keys, limit)

    def forms_beginning(self, key: str, limit: int) -> list[str]:
        """Exact forms in the word table that have an any-script form beginning so. Shapes: at most `limit`."""
        with self._guarded("read"):
            return self._table.forms_beginning(key, limit)

    def search(
        self, query: tantivy.Query, limit: int, **how: Any
    ) -> tuple[int | None, list[tuple[Any, tantivy.DocAddress]]]:
        """Runs an engine query over what was last refreshed: (all hits, if counted), (score or order, address)."""
        with self._guarded("read"):
            result = self.searcher.search(query, limit, **how)
            # The engine's type stubs forget the attribute.
            return getattr(result, "count", None), result.hits

    def count(self, query: tantivy.Query) -> int:
        """Rows that answer an engine query."""
        with self._guarded("read"):
            # Every row has a place; counting values is about twice as fast as collecting and scoring.
            answer = self.searcher.aggregate(query, {"rows": {"value_count": {"field": "place"}}})
            return int(answer["rows"]["value"])

    def stored(self, addresses: list[tantivy.DocAddress]) -> list[Stored]:
        """The rows at the engine's addresses, in order."""
        with self._guarded("read"):
            column = self.searcher.fast_field_values
            rows = zip(
                column("source", addresses),
                column("post", addresses),
                column("place", addresses),
                addresses,
                strict=True,
            )
            return [
                Stored(
                    channel=int(source or 0) >> _REVISION_BITS,
                    post=str(post) if post is not None else str(self.searcher.doc(address).get_first("name")),
                    revision=int(source or 0) & ((1 << _REVISION_BITS) - 1),
                    entry=int(place or 0) >> _ELEMENT_BITS,
                    element=int(place or 0) & ((1 << _ELEMENT_BITS) - 1),
                )
                for source, post, place, address in rows
            ]

    # -- writing ---------------------------------------------------------------------------------

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise StorageError(f"the search index in {self._folder} was opened for reading")
        return self._writer

    def add_words(self, forms: Iterable[str]) -> None:
        """Adds the words of posts to the word table; words seen before cost one look-up."""
        self.add_word_rows(self._known.rows(forms))

    def add_word_rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Adds rows that `NewWords.rows` (or `word_rows`) made elsewhere. Effects: durable with the next `commit`."""
        self._writing()
        with self._guarded("written"):
            self._table.add(rows)

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Adds rows. Effects: seen and durable with the next `commit`; until then in memory and unfinished files."""
        add, document = self._writing().add_document, tantivy.Document
        if self._added >= RELEASE_EVERY_ROWS:
            release_pages(self._folder)
            self._added = 0
        with self._guarded("written"):
            for row in rows:
                self._added += 1
                made = document()
                integer = made.add_integer
                channel, earliest, latest = row.channel, row.earliest, row.latest
                made.add_text("text", row.tokens)
                integer("channel", channel)
                integer("source", channel << _REVISION_BITS | row.revision)
                integer("place", row.entry << _ELEMENT_BITS | row.element)
                number = _as_number(row.post)
                if number is None:
                    made.add_text("name", row.post)
                else:
                    integer("post", number)
                if earliest is not None or latest is not None:
                    earliest = -_FAR if earliest is None else earliest
                    latest = _FAR if latest is None else latest
                    integer("earliest", earliest)
                    if latest != earliest:
                        integer("latest", latest)
                if row.has:
                    made.add_text("has", " ".join(row.has))
                add(made)

    def remove(self, channel: int, post: str) -> None:
        """Takes every revision of a post out of the answers with the next `commit`; see the module on remains."""
        writer, query, schema = self._writing(), tantivy.Query, self._index.schema
        must = tantivy.Occur.Must
        with self._guarded("written"):
            number = _as_number(post)
            if number is None:
                named = query.term_query(schema, "name", post)
            else:
                named = query.range_query(schema, "post", _INTEGER, number, number)
            of_channel = query.term_query(schema, "channel", channel)
            writer.delete_documents_by_query(query.boolean_query([(must, of_channel), (must, named)]))
            self._table.set_state("removed", 1)

    def _delete_from(self, entry: int) -> None:
        later = tantivy.Query.range_query(self._index.schema, "place", _INTEGER, entry << _ELEMENT_BITS, None)
        self._writing().delete_documents_by_query(later)

    def rewind(self, cursor: int) -> None:
        """Goes back to an earlier cursor: the rows of later entries are deleted, durably."""
        with self._guarded("written"):
            # The cursor first: a crash after it is made good on opening, a crash before it changed nothing.
            self._table.set_state("cursor", min(cursor, self.cursor))
            self._table.commit()
        self._delete_from(cursor)
        self.commit(cursor)

    def commit(self, cursor: int) -> None:
        """Makes all that was added findable, and durable in the order of the crash rule."""
        writer = self._writing()
        with self._guarded("written"):
            self._table.commit()  # 1. words
            writer.commit()  # 2. posts
            self._table.set_state("cursor", cursor)
            self._table.commit()  # 3. cursor
        # Searching refreshes by itself; a writer that only writes need not hold every segment open.
        release_pages(self._folder)

    def clear(self) -> None:
        """Empties the index for following the log from its start; the bytes of what it held are gone from its files."""
        writer = self._writing()
        with self._guarded("written"):
            self._table.rollback()
            # The cursor first, as in `rewind`.
            self._table.set_state("cursor", 0)
            self._table.commit()
            writer.rollback()
            writer.delete_all_documents()
            writer.commit()
            writer.garbage_collect_files()
            self._table.empty()
            self._table.set_state("removed", 0)
            self._table.commit()
        self._known.forget()
        self.refresh()

    def close(self) -> None:
        """Gives up what was not committed, and waits for merges under way. May be called twice."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with self._guarded("written"):
                writer.rollback()
                writer.wait_merging_threads()
        self._table.close()

    def __enter__(self) -> SearchIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_made(table: Path) -> bool:
    if not table.exists():
        return False
    found = WordTable(table, write=True)
    try:
        return found.is_made()
    finally:
        found.close()


def _as_number(post: str) -> int | None:
    """The id as a 64-bit number, if it is one written plainly."""
    if len(post) < 19 and post.isdigit() and post.isascii() and post[0] != "0":
        return int(post)
    if len(post) > 20 or not post.removeprefix("-").isdigit():
        return None
    number = int(post)
    return number if _SMALLEST <= number <= _LARGEST and str(number) == post else None


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("has", stored=False, tokenizer_name="whitespace", index_option="basic")
    # `name` holds the few ids that are no 64-bit numbers; `latest` only what differs from `earliest`.
    builder.add_text_field("name", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("channel", indexed=True)
    # `source` packs channel and revision, `place` entry and element: each column read costs per query.
    for column in ("source", "post", "place", "earliest", "latest"):
        builder.add_integer_field(column, fast=True)
    return builder.build()
