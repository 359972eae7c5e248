"""The one place where the rooms meet: capture, seal, index, check; read this first.

import   plan -> artefacts sealed -> regions parsed and sealed on all cores -> entries appended
         -> tables and index follow -> absences and the capture's own entry -> checkpoint
find     query -> index -> tables -> the sealed text -> snippets
show     name/id -> tables -> sealed observations, oldest first
prove    name/id -> entries, disclosures, tree path, checkpoint, media -> a folder
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import msgspec

from holdfast import jobs
from holdfast.catalog import queries, schema
from holdfast.catalog.follow import Follower
from holdfast.catalog.known import REMEDY
from holdfast.errors import (
    FormatError,
    HoldfastError,
    IntegrityError,
    NoVaultError,
    StorageError,
    UsageError,
    VaultLockedError,
)
from holdfast.model import PostSeen
from holdfast.progress import Progress, Report, silent
from holdfast.sealing import follow_entries, load_post
from holdfast.search.grammar import parse_query
from holdfast.search.index import SearchIndex
from holdfast.search.query import Hits, search
from holdfast.vault.founding import create
from holdfast.vault.keys import load_signers
from holdfast.vault.log import Log, now, writer_lock
from holdfast.vault.reading import Reader, read_identity
from holdfast.views import Found, Page, PostView

__all__ = ["Archive", "Found", "Page", "PostView", "Writing", "create"]

FOLLOW_AT_ONCE = 64
"""Entries that are opened in one task when the catalog catches up."""
ASIDE = ".tmp-catalog"
"""Where a catalog waits to be deleted while the next one is made."""
GROUPED_AT_LEAST = 1_000
"""Hits among which revisions of one post are looked for, so that small answers are counted exactly."""


class Writing:
    """The writer's side of an archive: the log, and the catalog that follows it."""

    def __init__(self, log: Log, follower: Follower, index: SearchIndex) -> None:
        self.log, self.follower, self.index = log, follower, index


class Archive:
    """A vault with its catalog. Opening never creates a vault; reading takes no lock.

    Errors of every method: VaultError and its kinds, IntegrityError, StorageError.
    """

    def __init__(
        self,
        vault: Path,
        *,
        passphrase: Callable[[], str | None] = lambda: None,
        workers: int | None = None,
        clock: Callable[[], int] = now,
        report: Report = silent,
        record_host: bool = True,
    ) -> None:
        if not vault.exists():
            raise NoVaultError(f"there is no vault at {vault}")
        self.vault = vault
        self.identity = read_identity(vault)
        self._local = threading.local()
        self._opening = threading.RLock()
        self.workers, self.clock, self.report = workers, clock, report
        self.record_host = record_host
        self._passphrase = passphrase
        self._engine: schema.Engine | None = None
        self._index: SearchIndex | None = None
        self._channels: tuple[schema.Engine, int, dict[int, queries.ChannelRow]] | None = None
        self._elsewhere: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def open(cls, vault: Path, **options: Any) -> Archive:
        """The archive in a folder. See the class for options."""
        return cls(Path(vault), **options)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def reader(self) -> Reader:
        """A reader of the vault's entries; each thread has its own."""
        found = getattr(self._local, "reader", None)
        if found is None:
            found = self._local.reader = Reader(self.vault, self.identity)
        return found

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        if self._index is not None:
            self._index.close()
        if self._elsewhere is not None:
            self._elsewhere.cleanup()
        self._engine = self._index = self._elsewhere = self._channels = None

    @property
    def catalog_folder(self) -> Path:
        return self.vault / "catalog"

    # -- reading ----------------------------------------------------------------------------------

    def engine(self) -> schema.Engine:
        """The catalog, for reading; caught up with the published log if that can be done now."""
        with self._opening:
            if self._engine is None:
                self._freshen()
                self._engine = schema.open_engine(self.catalog_folder, write=False)
            return self._engine

    @contextmanager
    def tables(self) -> Iterator[schema.Engine]:
        """The catalog as committed, without catching up: for the writer, which follows the log itself."""
        engine = schema.open_engine(self.catalog_folder, write=False)
        try:
            yield engine
        finally:
            engine.dispose()

    def index(self) -> SearchIndex:
        with self._opening:
            if self._index is None:
                self.engine()
                self._index = self._open_index()
            return self._index

    def _open_index(self) -> SearchIndex:
        folder = self.catalog_folder / "search"
        try:
            return SearchIndex.open(folder)
        except HoldfastError:
            if not (folder / "posts").is_dir() or os.access(folder / "posts", os.W_OK):
                raise
        # The engine makes a lock file even to read. Where it may not, it finds the same files elsewhere.
        if self._elsewhere is None:
            self._elsewhere = tempfile.TemporaryDirectory(prefix="holdfast-search-")
            other = Path(self._elsewhere.name)
            (other / "posts").mkdir()
            for path in [*folder.glob("words.db"), *folder.glob("posts/*")]:
                if path.suffix != ".lock":
                    (other / path.relative_to(folder)).symlink_to(path.resolve())
        return SearchIndex.open(Path(self._elsewhere.name))

    def _freshen(self) -> None:
        """Let the catalog catch up where a killed run left it behind; a running writer does it itself.

        Where that cannot be done now (another writer, a disk that is read-only or full) a whole catalog is read as
        it stands: a little behind the log, never wrong about what it shows.
        """
        size = self.reader.checkpoint()[0].checkpoint.size
        is_whole = False
        with suppress(HoldfastError):
            engine = schema.open_engine(self.catalog_folder, write=False)
            try:
                with engine.connect() as connection:
                    row = connection.execute(schema.followed.select()).one_or_none()
            finally:
                engine.dispose()
            is_whole = row is not None and self._fits(row.schema_version, row.origin)
            # An index that is damaged or gone is found here, not in the middle of a question.
            self._open_index().close()
            if is_whole and row is not None and row.entries >= size:
                return
        try:
            with writer_lock(self.vault), self._following() as (follower, _index):
                self._catch_up(follower, size)
        except (VaultLockedError, StorageError):
            if not is_whole:
                raise

    def _fits(self, version: int, origin: str) -> bool:
        return version == schema.SCHEMA_VERSION and origin == self.identity.origin

    def channel(self, name: str) -> queries.ChannelRow:
        """The one channel of a name: id, username or title, or the beginning of one. Errors: UsageError."""
        found = queries.channels_named(self.engine(), name)
        if len(found) == 1:
            return found[0]
        if not found:
            known = ", ".join(each.id for each in queries.channels(self.engine())[:10])
            raise UsageError(
                f"no channel is called {name!r}",
                remedy=f"channels here: {known or 'none yet'} (see `holdfast status`)",
            )
        listed = ", ".join(f"{each.id} ({each.title})" for each in found[:10])
        raise UsageError(f"{len(found)} channels are called {name!r}", remedy=f"name one by its id: {listed}")

    def post(self, name: str) -> PostView:
        """A post named CHANNEL/ID with all that is sealed of it. Errors: UsageError."""
        channel_name, slash, number = name.rpartition("/")
        if not slash or not number.removeprefix("-").isascii() or not number.removeprefix("-").isdigit():
            raise UsageError(f"{name!r} names no post", remedy="write CHANNEL/ID, such as 1878264527/6")
        channel = self.channel(channel_name)
        engine = self.engine()
        state = queries.post_state(engine, channel.row, int(number)) if len(number) < 20 else None
        if state is None:
            raise UsageError(
                f"post {number} of {channel.title or channel.id} is not in this vault",
                remedy=f'try `holdfast find "words" --vault {self.vault}`',
            )
        seen = [
            (each, self._sealed(channel, state.post, each.entry, each.element))
            for each in queries.observations(engine, state)
        ]
        absences = queries.post_absences(engine, channel.row, state.post)
        captures = {each.capture for each, _ in seen if each.capture} | {each[1] for each in absences}
        return PostView(
            channel,
            state,
            seen,
            queries.post_media(engine, channel.row, state.post),
            absences,
            queries.covered_since(engine, channel.row, state.post, state.entry),
            queries.capture_entries(engine, sorted(captures)),
            self.reader.checkpoint()[0].checkpoint.size,
        )

    def find(
        self,
        text: str,
        *,
        match: Literal["all", "exact", "stem", "any"] = "all",
        limit: int = 20,
        offset: int = 0,
        sort: Literal["rank", "newest", "oldest"] = "rank",
        count: bool = True,
    ) -> Hits:
        """Posts that match a query, best first, as the index holds them; `found` adds what is sealed.

        Without `count` the total is None, and no more is looked at than the hits need. Errors: UsageError, with a caret under what is wrong in the query.
        """
        return search(
            self.index(),
            parse_query(text),
            match=match,
            limit=limit,
            offset=offset,
            sort=sort,
            count=count,
            channels=lambda name: [each.row for each in queries.channels_named(self.engine(), name)],
        )

    def found(self, hits: Hits) -> list[Found]:
        """The sealed posts behind hits, in the same order; a hit that the tables do not know yet is left out."""
        engine = self.engine()
        rows = self._channel_rows(engine)
        found = []
        for hit in hits.hits:
            channel = rows.get(hit.channel)
            state = queries.post_state(engine, hit.channel, int(hit.post)) if channel else None
            if channel is not None and state is not None:
                seen = self._sealed(channel, state.post, hit.entry, hit.element)
                found.append(Found(channel, hit, seen, state))
        return found

    def _channel_rows(self, engine: schema.Engine) -> dict[int, queries.ChannelRow]:
        """Channels by their row. Kept until the catalog follows further: to read them counts every post."""
        with engine.connect() as connection:
            followed = connection.execute(schema.followed.select()).one_or_none()
        # Before the rows: what comes in between is read again the next time.
        entries = followed.entries if followed is not None else 0
        kept = self._channels
        if kept is None or kept[0] is not engine or kept[1] != entries:
            kept = self._channels = engine, entries, {each.row: each for each in queries.channels(engine)}
        return kept[2]

    def find_posts(
        self,
        text: str,
        *,
        match: Literal["all", "exact", "stem", "any"] = "all",
        limit: int = 20,
        offset: int = 0,
        sort: Literal["rank", "newest", "oldest"] = "rank",
    ) -> Page:
        """Posts that match a query, each once, with the revision of it that matches best.

        `limit` 0 only counts. Errors: UsageError, with a caret under what is wrong in the query.
        """
        if limit < 0 or offset < 0:
            raise UsageError(
                "a count of results cannot be negative", remedy="give --limit and --offset from 0 on"
            )
        if not queries.has_revisions(self.engine()):
            hits = self.find(text, match=match, limit=max(1, limit), offset=offset, sort=sort)
            shown = msgspec.structs.replace(hits, hits=hits.hits[:limit])
            return Page(hits.total or 0, True, self.found(shown), hits.undated, hits.bounded)
        # Hits are revisions: those of one post are told apart from the first hit on, so that pages do not overlap.
        want, end = GROUPED_AT_LEAST, offset + limit
        while True:
            want = max(want, end)
            hits = self.find(text, match=match, limit=want, sort=sort)
            posts: dict[tuple[int, str], Any] = {}
            for hit in hits.hits:
                best = posts.setdefault((hit.channel, hit.post), hit)
                if hit.revision > best.revision and hit.matched == best.matched:
                    posts[hit.channel, hit.post] = (
                        hit  # in the place of the best, the newest that says the same
                    )
            total = hits.total or 0
            if len(hits.hits) >= total or len(posts) >= end:
                break
            want = min(total, 2 * want)
        is_exact = len(hits.hits) >= total
        shown = msgspec.structs.replace(hits, hits=tuple(posts.values())[offset:end])
        return Page(
            len(posts) if is_exact else total, is_exact, self.found(shown), hits.undated, hits.bounded
        )

    def _sealed(self, channel: queries.ChannelRow, post: int, entry: int, element: int) -> PostSeen | None:
        """A sealed post, where the catalog says that it is. Errors: IntegrityError; FormatError if the catalog errs."""
        seen = load_post(self.reader, entry, element)
        if seen is not None and (seen.post.channel, seen.post.id) != (channel.id, str(post)):
            raise FormatError(
                f"the catalog is damaged: entry {entry} holds another post than it says", remedy=REMEDY
            )
        return seen

    def sample(self, channel: int, limit: int) -> Iterator[PostSeen]:
        """Up to `limit` of a channel's posts as sealed, in the order of their ids."""
        for entry, element in queries.places(self.engine(), channel, limit):
            seen = load_post(self.reader, entry, element)
            if seen is not None:
                yield seen

    # -- writing ----------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Become the vault's one writer: the log recovered, the catalog caught up.

        Effects: takes the lock; on the way out publishes what was appended and shows it in the catalog,
        also after an error (but not after a failed write: then the next writer does).
        """
        self.close()
        signers = load_signers(self.vault, self.identity.keys, self._passphrase)
        log = Log.open(self.vault, self.identity, signers, clock=self.clock)
        with log, self._following() as (follower, index):
            shutil.rmtree(self.vault / ASIDE, ignore_errors=True)
            self._catch_up(follower, log.size)
            try:
                yield Writing(log, follower, index)
            finally:
                if log.alive:
                    log.publish()
                    if not follower.broken:
                        follower.commit()

    def rebuild(self) -> queries.Totals:
        """Make the catalog anew from the vault alone. Effects: takes the lock, replaces `catalog/`."""
        self.close()
        aside = self.vault / ASIDE
        with writer_lock(self.vault):
            shutil.rmtree(aside, ignore_errors=True)
            if self.catalog_folder.exists():
                os.replace(self.catalog_folder, aside)
            with self._following() as (follower, _index):
                self._catch_up(follower, self.reader.checkpoint()[0].checkpoint.size)
            shutil.rmtree(aside, ignore_errors=True)
        return queries.totals(self.engine())

    @contextmanager
    def _following(self) -> Iterator[tuple[Follower, SearchIndex]]:
        """The catalog for writing. What is damaged, of another schema or of another vault is made anew."""
        for attempt in (1, 2):
            engine, index = None, None
            try:
                engine = schema.open_engine(self.catalog_folder, write=True)
                index = SearchIndex.open(self.catalog_folder / "search", write=True)
                with engine.connect() as connection:
                    row = connection.execute(schema.followed.select()).one_or_none()
                entries = row.entries if row else 0
                if row is None and queries.holds_entries(engine):
                    raise FormatError("the catalog does not say how far it has come", remedy=REMEDY)
                if row is not None and not self._fits(row.schema_version, row.origin):
                    raise FormatError("the catalog is of another version or vault", remedy=REMEDY)
                if index.cursor < entries:
                    raise FormatError("the search index is behind the tables", remedy=REMEDY)
                if index.cursor > entries:
                    index.rewind(entries)
                break
            except HoldfastError as error:
                if index is not None:
                    index.close()
                if engine is not None:
                    engine.dispose()
                # What the disk refuses is no reason to delete anything.
                if attempt == 2 or not isinstance(error, FormatError):
                    raise
                shutil.rmtree(self.catalog_folder, ignore_errors=True)
        assert engine is not None
        assert index is not None
        follower = Follower(
            engine, index, self.identity.origin, lambda entry, element: load_post(self.reader, entry, element)
        )
        try:
            yield follower, index
        finally:
            follower.close()
            index.close()
            engine.dispose()

    def _catch_up(self, follower: Follower, size: int) -> None:
        """Follow the log from where the catalog stands. Effects: opens entries on all cores."""
        start = follower.cursor
        if start > size:
            raise IntegrityError(
                f"the catalog follows {start} entries, the log has {size}",
                remedy="find out whether the vault was set back to an older copy; if it was, on purpose: `holdfast rebuild`",
            )
        if start == size:
            follower.commit()
            return

        def grouped() -> Iterator[list[tuple[int, bytes, bytes]]]:
            group = []
            for each in self.reader.entries(start, size):
                group.append(each)
                if len(group) == FOLLOW_AT_ONCE:
                    yield group
                    group = []
            if group:
                yield group

        few = size - start <= FOLLOW_AT_ONCE
        workers = 0 if few else self.workers
        with jobs.executor(workers, preload=["holdfast.sealing"]) as pool:
            pending = 0
            ahead = 2 * (workers or jobs.cores())
            work = partial(follow_entries, secrets.token_hex(8))
            for group, followed in jobs.ordered(pool, work, grouped(), ahead=ahead):
                follower.apply(followed)
                pending += len(group)
                self.report(Progress("catalog", follower.cursor, size, "entries"))
                if pending >= 4 * FOLLOW_AT_ONCE:
                    follower.commit()
                    pending = 0
        follower.commit()
