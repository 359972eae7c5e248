"""Appends entries, extends the tree, signs, recovers after a crash.

The order of writing is docs/format.md section 7, step by step; the numbers here are its numbers.
After any failure of a step the object is dead: the next `Log.open` continues from what is on disk.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from holdfast.errors import (
    ClockError,
    FormatError,
    HoldfastError,
    IntegrityError,
    RollbackError,
    StorageError,
    VaultLockedError,
)
from holdfast.vault import merkle
from holdfast.vault.canon import Sealed, encode_time, parse_time
from holdfast.vault.durable import FolderSyncs, clear_temporary, make_folder, replace, write_once
from holdfast.vault.format import tiles
from holdfast.vault.format.checkpoint import Checkpoint
from holdfast.vault.format.key import Signer
from holdfast.vault.format.note import sign_checkpoint, verify_checkpoint
from holdfast.vault.identity import FORMAT_VERSION, Identity
from holdfast.vault.private import encode_bundle, encode_frame, private_path

__all__ = ["Log", "now", "writer_lock"]

WIDTH = tiles.TILE_WIDTH

_SCHEMA = """
CREATE TABLE IF NOT EXISTS head(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,
    root BLOB NOT NULL, ts INTEGER NOT NULL, flushed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS edge(level INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tail(position INTEGER PRIMARY KEY, entry BLOB NOT NULL, frame BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS note(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def now() -> int:
    """Units: whole seconds since 1970 UTC, by this machine's clock."""
    return int(time.time())


class Log:
    """The one writer of a vault's log. Use as a context manager; holds the writer's lock."""

    def __init__(
        self, vault: Path, identity: Identity, signers: Sequence[Signer], clock: Callable[[], int]
    ) -> None:
        self._vault, self._identity, self._signers, self._clock = vault, identity, signers, clock
        self._dead = False
        self._lock = _take_lock(vault)
        self._db = _connect(vault / "state.db")
        self.size = 0
        self.published_size = 0
        self._ts = 0
        self._flushed = 0
        # Level 0: leaf hashes of the unfinished bundle; level n: roots of the complete tiles below it.
        self._edge: list[list[bytes]] = [[]]

    @classmethod
    def create(cls, vault: Path, identity: Identity) -> None:
        """Make the empty trusted lock of a new vault. Errors: StorageError."""
        db = _connect(vault / "state.db")
        with _storage("create state.db"), db:
            db.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute("INSERT INTO head VALUES (1, 0, ?, 0, 0)", (merkle.EMPTY_ROOT,))
            db.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("format_version", str(FORMAT_VERSION)), ("origin", identity.origin)],
            )
        db.close()

    @classmethod
    def open(
        cls,
        vault: Path,
        identity: Identity,
        signers: Sequence[Signer],
        *,
        clock: Callable[[], int] = now,
    ) -> Log:
        """Take the lock, doubt what is on disk, end what a killed writer began.

        Errors: VaultLockedError; RollbackError if more was published than `state.db` knows;
        IntegrityError if files and `state.db` contradict each other; StorageError.
        """
        log = cls(vault, identity, signers, clock)
        try:
            log._load()
            log._recover()
        except BaseException:
            log.close()
            raise
        return log

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the lock. Effects: nothing is published; a later open continues."""
        try:
            if not self._dead:
                self._db.execute("PRAGMA incremental_vacuum").fetchall()
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            self._dead = True  # tidying failed; the database itself is whole, and the next open says so
        finally:
            self._db.close()
            os.close(self._lock)

    # -- start ------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """False after a failed write: the vault must be opened again."""
        return not self._dead

    def _load(self) -> None:
        """Read the trusted lock and check that it agrees with itself."""
        try:
            meta = dict(self._db.execute("SELECT name, value FROM meta").fetchall())
            head = self._db.execute("SELECT size, root, ts, flushed FROM head").fetchone()
            edge = dict(self._db.execute("SELECT level, hashes FROM edge").fetchall())
            tail = self._db.execute("SELECT position, entry FROM tail ORDER BY position").fetchall()
        except sqlite3.Error as error:
            raise IntegrityError(f"state.db cannot be read: {error}") from error
        if meta.get("origin") != self._identity.origin or head is None:
            raise IntegrityError("state.db belongs to another vault than vault.json")
        self.size, root, self._ts, self._flushed = head
        if [row[0] for row in tail] != list(range(self._flushed, self.size)):
            raise IntegrityError(
                f"state.db: the tail does not hold entries {self._flushed} to {self.size - 1}"
            )
        leaves = [merkle.leaf_hash(row[1]) for row in tail]
        # Bundles that completed but were not flushed yet still stand in the tail.
        self._edge = [leaves[self.size // WIDTH * WIDTH - self._flushed :]]
        for level in range(1, max(edge, default=0) + 1):
            raw = edge.get(level, b"")
            self._edge.append([raw[at : at + 32] for at in range(0, len(raw), 32)])
        if self._root() != root:
            raise IntegrityError("state.db: the right edge of the tree does not hash to its head")

    def _recover(self) -> None:
        """Section 7's table: compare what was published with what is known, then end steps 3 and 4."""
        # 1. A checkpoint that we signed and that is newer than ours: state.db was rolled back.
        stored = self._db.execute("SELECT size, bytes FROM note").fetchone()
        stored_size, stored_note = stored if stored else (-1, b"")
        published = self._published()
        if published is not None:
            at, note = published
            if at.size > stored_size:
                raise RollbackError(
                    f"log/checkpoint is of {at.size} entries, state.db knows of"
                    f" {max(stored_size, 0)} signed: state.db was rolled back"
                )
            if at.size == stored_size and note != stored_note:
                theirs = self._open(stored_note)
                if theirs.root != at.root:
                    raise IntegrityError(f"two checkpoints of {at.size} entries with different roots")
        if stored_size > self.size:
            raise RollbackError(f"state.db signed {stored_size} entries and holds {self.size}")
        clear_temporary(self._vault / "log")
        clear_temporary(self._vault / "private")
        clear_temporary(self._vault / "blobs")
        # 2. Files that a killed writer owes.
        self._flush()
        # 3. A signature that was stored and not shown.
        if stored and (published is None or published[1] != stored_note):
            self._write_partials(stored_size)
            replace(self._vault / "log" / "checkpoint", stored_note)
        self.published_size = max(stored_size, 0)
        # 4. Entries that were committed and not signed.
        if self.size > self.published_size or not stored:
            self.publish()

    def _published(self) -> tuple[Checkpoint, bytes] | None:
        path = self._vault / "log" / "checkpoint"
        try:
            note = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error.strerror}") from error
        try:
            return self._open(note), note
        except FormatError as error:
            raise IntegrityError(f"log/checkpoint: {error.message}") from error

    def _open(self, note: bytes) -> Checkpoint:
        return verify_checkpoint(note, self._identity.origin, self._identity.keys).checkpoint

    # -- append -----------------------------------------------------------------------------------

    def append(self, records: Sequence[Callable[[str], Sealed] | tuple[bytes, bytes]]) -> int:
        """Seal records and commit them together (step 2). Returns the index of the first.

        A record is a function from the entry's time to a Sealed, or (entry, frame) sealed elsewhere with
        an earlier `time_now`. Effects: one synced commit, and files for every bundle it completes
        (step 3). Errors: ClockError, StorageError; the batch is then *unknown* and the log dead.
        """
        if not records:
            return self.size
        with self._alive():
            return self._append(records)

    def time_now(self) -> str:
        """The time to seal an entry with. Errors: ClockError if this machine's clock went backwards."""
        ts = self._clock()
        if ts < self._ts:
            raise ClockError(
                f"this machine's clock says {encode_time(ts)}, before the vault's last entry"
                f" of {encode_time(self._ts)}"
            )
        return encode_time(ts)

    def _append(self, records: Sequence[Callable[[str], Sealed] | tuple[bytes, bytes]]) -> int:
        now_ts = self.time_now()
        ts = encode_time(self._ts)
        rows: list[tuple[int, bytes, bytes]] = []
        for record in records:
            if isinstance(record, tuple):
                entry, frame = record
            else:
                sealed = record(now_ts)
                entry, frame = sealed.entry, encode_frame(sealed.salts, sealed.body)
            # The closing bytes of an entry are fixed: …"ts":"2026-11-23T03:43:00Z","v":1}
            ts, before = entry[-28:-8].decode("ascii"), ts
            if ts < before:
                raise FormatError(f"an entry of {ts} cannot follow one of {before}")
            rows.append((self.size + len(rows), entry, frame))
        first, edge = self.size, [list(level) for level in self._edge]
        for _, entry, _ in rows:
            _extend(edge, merkle.leaf_hash(entry))
        size = first + len(rows)
        with _storage("commit entries"), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO tail VALUES (?, ?, ?)", rows)
            self._db.executemany(
                "INSERT OR REPLACE INTO edge VALUES (?, ?)",
                [(level, b"".join(hashes)) for level, hashes in enumerate(edge) if level],
            )
            self._db.execute(
                "UPDATE head SET size = ?, root = ?, ts = ?", (size, _root(edge), parse_time(ts))
            )
        self.size, self._edge, self._ts = size, edge, parse_time(ts)
        self._flush()
        return first

    def _flush(self) -> None:
        """Step 3: complete bundles and tiles become files, then leave the tail."""
        full = self.size // WIDTH
        first = self._flushed // WIDTH
        if first == full:
            return
        syncs = FolderSyncs()
        for number in range(first, full):
            rows = self._rows(number * WIDTH, (number + 1) * WIDTH)
            entries = [entry for entry, _ in rows]
            self._file(f"log/{tiles.bundle_path(number)}", tiles.join_bundle(entries), syncs)
            self._file(private_path(number), encode_bundle([frame for _, frame in rows]), syncs)
            hashes = [merkle.leaf_hash(entry) for entry in entries]
            self._file(f"log/{tiles.tile_path(0, number)}", tiles.join_tile(hashes), syncs)
            level, index = 0, number
            while (index + 1) % WIDTH == 0:
                level, index = level + 1, index // WIDTH
                below = [
                    merkle.root(tiles.split_tile(self._read(f"log/{tiles.tile_path(level - 1, each)}")))
                    for each in range(index * WIDTH, (index + 1) * WIDTH)
                ]
                self._file(f"log/{tiles.tile_path(level, index)}", tiles.join_tile(below), syncs)
        syncs.sync()
        with _storage("release the tail"), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM tail WHERE position < ?", (full * WIDTH,))
            self._db.execute("UPDATE head SET flushed = ?", (full * WIDTH,))
        self._flushed = full * WIDTH

    # -- publish ----------------------------------------------------------------------------------

    def publish(self) -> bytes:
        """Step 4: write the partial files, sign, store the note, show it. Returns the note.

        Effects: nothing if the log has not grown since the last publication, but for returning its note.
        """
        with self._alive():
            stored = self._db.execute("SELECT size, bytes FROM note").fetchone()
            if stored and stored[0] == self.size:
                return bytes(stored[1])
            self._write_partials(self.size)
            checkpoint = Checkpoint(self._identity.origin, self.size, self._root())
            note = sign_checkpoint(checkpoint, self._signers, time=max(self._clock(), self._ts))
            with _storage("store the signature"), self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.execute("INSERT OR REPLACE INTO note VALUES (1, ?, ?)", (self.size, note))
            replace(self._vault / "log" / "checkpoint", note)
            self._remove_old_partials()
            self.published_size = self.size
            return note

    def _write_partials(self, size: int) -> None:
        """The files of a tree of `size` that are not full. Only ever for a size whose tail is still held."""
        syncs = FolderSyncs()
        make_folder(self._vault / "log", syncs)
        width = size % WIDTH
        if width and size > self._flushed:
            rows = self._rows(size - width, size)
            number = size // WIDTH
            entries = [entry for entry, _ in rows]
            self._file(f"log/{tiles.bundle_path(number, width)}", tiles.join_bundle(entries), syncs)
            self._file(private_path(number, width), encode_bundle([frame for _, frame in rows]), syncs)
            hashes = [merkle.leaf_hash(entry) for entry in entries]
            self._file(f"log/{tiles.tile_path(0, number, width)}", tiles.join_tile(hashes), syncs)
        for level in range(1, len(self._edge)):
            count = size >> (8 * level)
            if count % WIDTH:
                hashes = self._level(level, count)
                path = f"log/{tiles.tile_path(level, count // WIDTH, count % WIDTH)}"
                self._file(path, tiles.join_tile(hashes), syncs)
        syncs.sync()

    def _level(self, level: int, count: int) -> list[bytes]:
        """The last `count % 256` hashes of a level in the tree where it has `count`."""
        if self.size >> (8 * level) == count:
            return self._edge[level]
        return [
            merkle.root(tiles.split_tile(self._read(f"log/{tiles.tile_path(level - 1, each)}")))
            for each in range(count // WIDTH * WIDTH, count)
        ]

    def _remove_old_partials(self) -> None:
        """Private partials that a newer file replaces; the log's own partials once their full file exists.

        Failure leaves files that are merely superfluous.
        """
        current, number = self.size % WIDTH, self.size // WIDTH
        keep = self._vault / private_path(number, current) if current else None
        for tree in ("private/entries", "log/tile"):
            for folder, _names, files in os.walk(self._vault / tree):
                if not folder.endswith(".p"):
                    continue
                full = Path(folder.removesuffix(".p"))
                for each in files:
                    path = Path(folder) / each
                    if full.exists() or (tree == "private/entries" and path != keep):
                        path.unlink(missing_ok=True)
                if full.exists():
                    try:
                        os.rmdir(folder)
                    except OSError:
                        continue  # something foreign lies in it: verify will name it

    # -- parts ------------------------------------------------------------------------------------

    def _rows(self, start: int, end: int) -> list[tuple[bytes, bytes]]:
        rows = self._db.execute(
            "SELECT entry, frame FROM tail WHERE position >= ? AND position < ? ORDER BY position",
            (start, end),
        ).fetchall()
        if len(rows) != end - start:
            raise IntegrityError(f"state.db: the tail does not hold entries {start} to {end - 1}")
        return rows

    def _file(self, name: str, data: bytes, syncs: FolderSyncs) -> None:
        write_once(self._vault / name, data, syncs)

    def _read(self, name: str) -> bytes:
        try:
            return (self._vault / name).read_bytes()
        except OSError as error:
            raise IntegrityError(f"{name} cannot be read: {error.strerror}") from error

    def _root(self) -> bytes:
        return _root(self._edge)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Any failure kills the log: what is on disk is *unknown* until it is opened again."""
        if self._dead:
            raise StorageError("the log stopped after a failed write; open the vault again")
        try:
            yield
        except ClockError:
            raise
        except BaseException:
            self._dead = True
            raise


def _extend(edge: list[list[bytes]], value: bytes) -> None:
    """Add one leaf hash to a right edge, carrying complete tiles upwards."""
    level = 0
    while True:
        if level == len(edge):
            edge.append([])
        edge[level].append(value)
        if len(edge[level]) < WIDTH:
            return
        value = merkle.root(edge[level])
        edge[level] = []
        level += 1


def _root(edge: list[list[bytes]]) -> bytes:
    """Root of the tree with this right edge: each level's hashes, closed by what is unfinished below."""
    below: list[bytes] = []
    for hashes in edge:
        whole = hashes + below
        below = [merkle.root(whole)] if whole else []
    return below[0] if below else merkle.EMPTY_ROOT


def _take_lock(vault: Path) -> int:
    try:
        handle = os.open(vault / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(f"cannot open the lock of {vault}: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise VaultLockedError(f"another process is writing to {vault}") from error
    except OSError as error:
        os.close(handle)
        raise StorageError(f"cannot lock {vault}: {error.strerror}") from error
    return handle


@contextmanager
def writer_lock(vault: Path) -> Iterator[None]:
    """Hold the writer's lock without opening the log. Errors: VaultLockedError, StorageError."""
    handle = _take_lock(vault)
    try:
        yield
    finally:
        os.close(handle)


def _connect(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in (
            "auto_vacuum=INCREMENTAL",
            "journal_mode=WAL",
            "synchronous=FULL",
            "fullfsync=ON",
            "secure_delete=ON",
        ):
            db.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError as error:
        raise IntegrityError(f"state.db cannot be opened: {error}") from error
    return db


@contextmanager
def _storage(doing: str) -> Iterator[None]:
    try:
        yield
    except HoldfastError:
        raise
    except sqlite3.Error as error:
        raise StorageError(f"cannot {doing}: {error}") from error
