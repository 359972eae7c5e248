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
from holdfast.errors import (
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
from holdfast.vault.canon import encode_time
from holdfast.vault.durable import replace
from holdfast.vault.format.checkpoint import parse_origin
from holdfast.vault.identity import Identity, encode_identity
from holdfast.vault.keys import load_signers, make_keys
from holdfast.vault.log import Log, now, writer_lock
from holdfast.vault.reading import Reader, read_identity

__all__ = ["Archive", "Found", "PostView", "Writing", "create"]

FOLLOW_AT_ONCE = 64
"""Entries that are opened in one task when the catalog catches up."""


def create(
    vault: Path, origin: str, *, passphrase: str | None = None, clock: Callable[[], int] = now
) -> Identity:
    """Make a new vault in `vault`, with its keys and its first, empty checkpoint.

    `vault.json` is written last: a folder without it is no vault, and a killed `create` can be run again.
    Errors: UsageError if something else lies there; FormatError for an impossible origin; StorageError.
    """
    parse_origin(origin)
    ours = {"keys", "lock", "log", "state.db", "state.db-wal", "state.db-shm", "private", "blobs"}
    try:
        vault.mkdir(parents=True, exist_ok=True)
        there = set(os.listdir(vault))
    except OSError as error:
        raise StorageError(f"cannot make {vault}: {error.strerror}") from error
    if "vault.json" in there:
        raise UsageError(f"{vault} already is a vault", remedy="use it, or name another folder")
    if not there <= ours or {"private", "blobs"} & there:
        raise UsageError(f"{vault} is not empty and no vault", remedy="name an empty or new folder")
    for name in there - {"lock"}:  # an init that was killed before it wrote vault.json
        path = vault / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    signers = make_keys(vault, origin, passphrase)
    identity = Identity(origin, tuple(each.verifier for each in signers), encode_time(clock()))
    Log.create(vault, identity)
    replace(vault / "vault.json", encode_identity(identity))
    Log.open(vault, identity, signers, clock=clock).close()
    return identity


class PostView(msgspec.Struct, frozen=True):
    """A post with every observation of it that was sealed, oldest first; None where its facts are not held."""

    channel: queries.ChannelRow
    state: queries.PostState
    observations: list[tuple[queries.ObservationRow, PostSeen | None]]
    media: list[queries.MediaRow]
    absences: list[tuple[int, str, str | None, str]]
    covered: list[tuple[str, str | None, int]]
    checkpoint_size: int
    """Entries below it are covered by the published checkpoint."""


class Found(msgspec.Struct, frozen=True):
    """One hit: the post with the observation that proves it, as sealed."""

    channel: queries.ChannelRow
    hit: Any
    seen: PostSeen | None
    state: queries.PostState | None


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
        self.reader = Reader(vault, self.identity)
        self.workers, self.clock, self.report = workers, clock, report
        self.record_host = record_host
        self._passphrase = passphrase
        self._engine: schema.Engine | None = None
        self._index: SearchIndex | None = None

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

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        if self._index is not None:
            self._index.close()
        self._engine = self._index = None

    @property
    def catalog_folder(self) -> Path:
        return self.vault / "catalog"

    # -- reading ----------------------------------------------------------------------------------

    def engine(self) -> schema.Engine:
        """The catalog, for reading; caught up with the published log if that can be done now."""
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
        if self._index is None:
            self.engine()
            self._index = SearchIndex.open(self.catalog_folder / "search")
        return self._index

    def _freshen(self) -> None:
        """Let the catalog catch up where a killed run left it behind; a running writer does it itself."""
        size = self.reader.checkpoint()[0].checkpoint.size
        with suppress(HoldfastError):
            engine = schema.open_engine(self.catalog_folder, write=False)
            try:
                with engine.connect() as connection:
                    row = connection.execute(schema.followed.select()).one_or_none()
            finally:
                engine.dispose()
            fits = row is not None and self._fits(row.schema_version, row.origin)
            if fits and row is not None and row.entries >= size:
                return
        try:
            with writer_lock(self.vault), self._following() as (follower, _index):
                self._catch_up(follower, size)
        except VaultLockedError:
            if not (self.catalog_folder / "catalog.db").exists():
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
            (each, load_post(self.reader, each.entry, each.element))
            for each in queries.observations(engine, state)
        ]
        return PostView(
            channel,
            state,
            seen,
            queries.post_media(engine, channel.row, state.post),
            queries.post_absences(engine, channel.row, state.post),
            queries.covered_since(engine, channel.row, state.post, state.entry),
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
    ) -> Hits:
        """Posts that match a query, best first, as the index holds them; `found` adds what is sealed.

        Errors: UsageError, with a caret under what is wrong in the query.
        """
        return search(
            self.index(),
            parse_query(text),
            match=match,
            limit=limit,
            offset=offset,
            sort=sort,
            channels=lambda name: [each.row for each in queries.channels_named(self.engine(), name)],
        )

    def found(self, hits: Hits) -> list[Found]:
        """The sealed posts behind hits, in the same order."""
        engine = self.engine()
        rows = {each.row: each for each in queries.channels(engine)}
        return [
            Found(
                rows[hit.channel],
                hit,
                load_post(self.reader, hit.entry, hit.element),
                queries.post_state(engine, hit.channel, int(hit.post)),
            )
            for hit in hits.hits
        ]

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
        aside = self.vault / ".tmp-catalog"
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
                if row is not None and not self._fits(row.schema_version, row.origin):
                    raise StorageError("the catalog is of another version or vault")
                if index.cursor < entries:
                    raise StorageError("the search index is behind the tables")
                if index.cursor > entries:
                    index.rewind(entries)
                break
            except (StorageError, IntegrityError):
                if index is not None:
                    index.close()
                if engine is not None:
                    engine.dispose()
                if attempt == 2:
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
            raise IntegrityError(f"the catalog follows {start} entries, the log has {size}")
        if start == size:
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
