"""Appends entries, extends the tree, signs, recovers after a crash.

The order of writing is docs/format.md section 7, step by step; the numbers here are its numbers.
After any failure of a step the object is dead: the next `Log.open` continues from what is on disk.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
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
from holdfast.vault.canon import Sealed, encode_time, open_body, parse_entry, parse_time
from holdfast.vault.durable import FolderSyncs, clear_temporary, replace
from holdfast.vault.format import tiles
from holdfast.vault.format.checkpoint import Checkpoint
from holdfast.vault.format.key import Signer
from holdfast.vault.format.note import sign_checkpoint, verify_checkpoint
from holdfast.vault.identity import Identity
from holdfast.vault.logfiles import LogFiles
from holdfast.vault.private import encode_frame, parse_frame
from holdfast.vault.state import Edge, Head, State

__all__ = ["Log", "now", "writer_lock"]

WIDTH = tiles.TILE_WIDTH


def now() -> int:
    """Units: whole seconds since 1970 UTC, by this machine's clock."""
    return int(time.time())


class Log:
    """The one writer of a vault's log. Use as a context manager; holds the writer's lock."""

    def __init__(
        self, vault: Path, identity: Identity, signers: Sequence[Signer], clock: Callable[[], int]
    ) -> None:
        self._vault, self._identity, self._signers, self._clock = vault, identity, signers, clock
        self._dead = self._closed = False
        self._lock = _take_lock(vault)
        try:
            self._state = State(vault / "state.db")
        except BaseException:
            _release(self._lock)
            raise
        self._files = LogFiles(vault)
        self.size = 0
        self.published_size = 0
        self._ts = 0
        self._flushed = 0
        # Level 0: leaf hashes of the unfinished bundle; level n: roots of the complete tiles below it.
        self._edge: Edge = [[]]

    @classmethod
    def create(cls, vault: Path, identity: Identity) -> None:
        """Make the empty trusted lock of a new vault. Errors: StorageError."""
        State.create(vault / "state.db", identity.origin, merkle.EMPTY_ROOT)
        with suppress(StorageError):  # a parent that we may not open is its owner's to sync
            syncs = FolderSyncs()
            syncs.add(vault.resolve().parent)
            syncs.sync()

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
        IntegrityError if files and `state.db` contradict each other; ClockError; StorageError.
        """
        log = cls(vault, identity, signers, clock)
        try:
            log._load()
            log._doubt()
            log._recover()
        except BaseException:
            log._dead = True
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
        if self._closed:
            return
        self._closed = True
        try:
            if not self._dead:
                with suppress(HoldfastError):  # the database is whole; the next close tidies up
                    self._state.tidy()
        finally:
            self._dead = True
            self._state.close()
            _release(self._lock)

    @property
    def alive(self) -> bool:
        """False after a failed write: the vault must be opened again."""
        return not self._dead

    # -- start ------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Read the trusted lock and check that it agrees with itself."""
        head, edge = self._state.load(self._identity.origin)
        self.size, self._ts, self._flushed = head.size, head.ts, head.flushed
        # Bundles that completed but were not flushed yet still stand in the tail.
        tail = self._state.rows(self._flushed, self.size)
        leaves = [merkle.leaf_hash(entry) for entry, _ in tail]
        edge[0] = leaves[self.size // WIDTH * WIDTH - self._flushed :]
        self._edge = edge
        if _root(edge) != head.root:
            raise IntegrityError("state.db contradicts itself: its edge does not hash to its head")
        for place, (entry, frame) in enumerate(tail):
            try:
                open_body(parse_entry(entry), *parse_frame(frame))
            except (FormatError, IntegrityError) as error:
                raise IntegrityError(
                    f"state.db: entry {self._flushed + place} does not open: {error}"
                ) from error

    def _doubt(self) -> None:
        """Hold what was published against the trusted lock. Effects: none yet."""
        stored = self._state.note()
        signed = self._open(stored[1], "the last signature in state.db") if stored else None
        published = self._published()
        # 1. What was shown or written and is not known here: state.db was rolled back.
        known = signed.size if signed else -1
        if published is not None and published[0].size > known:
            raise RollbackError(
                f"log/checkpoint is of {published[0].size} entries, state.db knows of {max(known, 0)} signed:"
                " state.db was rolled back"
            )
        if known > self.size or (stored and stored[0] != known):
            raise IntegrityError(
                f"state.db contradicts itself: it signed {known} entries and holds {self.size}"
            )
        beyond = self._files.beyond(self.size)
        if beyond is not None:
            raise RollbackError(
                f"{beyond} goes beyond the {self.size} entries of state.db: state.db was rolled back"
            )
        # 2. The files of the right edge are those of this tree, and so are both checkpoints.
        self._check_files()
        for where, checkpoint in (("the last signature in state.db", signed), ("log/checkpoint", published)):
            at = checkpoint[0] if isinstance(checkpoint, tuple) else checkpoint
            if at is not None and _root(self._edge_at(at.size)) != at.root:
                raise IntegrityError(
                    f"{where} is of another tree of {at.size} entries than state.db and the tiles"
                )
        # 3. Time does not go backwards.
        self.time_now()

    def _recover(self) -> None:
        """End what a killed writer began: the table of docs/format.md section 7."""
        for folder in ("", "keys", "log", "private", "blobs/sha256"):
            clear_temporary(self._vault / folder)
        # 1. Files that it owed (step 3).
        self._flush()
        # 2. A signature that was stored and not shown (step 4).
        stored, published = self._state.note(), self._published()
        if stored and (published is None or published[1] != stored[1]):
            self._write_partials(stored[0])
            replace(self._vault / "log" / "checkpoint", stored[1])
        self.published_size = stored[0] if stored else 0
        # 3. Entries that were committed and not signed.
        if stored is None or self.size > stored[0]:
            self.publish()
        else:
            self._files.remove_private_partials(self.size)

    def _published(self) -> tuple[Checkpoint, bytes] | None:
        path = self._vault / "log" / "checkpoint"
        try:
            note = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error.strerror}") from error
        return self._open(note, "log/checkpoint"), note

    def _open(self, note: bytes, where: str) -> Checkpoint:
        try:
            return verify_checkpoint(note, self._identity.origin, self._identity.keys).checkpoint
        except (FormatError, IntegrityError) as error:
            raise IntegrityError(f"{where} does not hold: {error}") from error

    def _check_files(self) -> None:
        """The last full bundle, and the last full tile of every level, hash to what the tree holds of them."""
        level = 0
        while count := self._flushed >> 8 * (level + 1):
            if level == 0:
                self._files.check_bundle(count - 1)
            parent, place = divmod(count - 1, WIDTH)
            if merkle.root(self._hashes(level, count - 1)) != self._hashes(level + 1, parent)[place]:
                raise IntegrityError(f"log/{tiles.tile_path(level, count - 1)} is not of this log's tree")
            level += 1

    # -- append -----------------------------------------------------------------------------------

    def append(self, records: Sequence[Callable[[str], Sealed] | tuple[bytes, bytes]]) -> int:
        """Seal records and commit them together (step 2). Returns the index of the first.

        A record is a function from the entry's time to a Sealed, or (entry, frame) sealed elsewhere with
        an earlier `time_now`. Effects: one synced commit, and files for every bundle it completes
        (step 3). Errors: ClockError, FormatError and what a record raises: *nothing happened*;
        StorageError, IntegrityError: the batch is *unknown* and the log dead.
        """
        self._check_alive()
        if not records:
            return self.size
        first, edge = self.size, [list(level) for level in self._edge]
        rows, ts = self._sealed(records)
        for entry, _ in rows:
            _extend(edge, merkle.leaf_hash(entry))
        changed = [
            (level, b"".join(hashes))
            for level, hashes in enumerate(edge)
            if level and (level >= len(self._edge) or hashes != self._edge[level])
        ]
        head = Head(first + len(rows), _root(edge), ts, self._flushed)
        with self._alive():
            self._state.commit(first, rows, changed, head)
            self.size, self._edge, self._ts = head.size, edge, ts
            self._flush()
        return first

    def time_now(self) -> str:
        """The time to seal an entry with. Errors: ClockError if this machine's clock went backwards."""
        return encode_time(self._forwards(self._clock(), self._ts))

    def _forwards(self, ts: int, before: int) -> int:
        if ts < before:
            raise ClockError(
                f"this machine's clock says {encode_time(ts)}, before the vault's last entry of {encode_time(before)}"
            )
        return ts

    def _sealed(
        self, records: Sequence[Callable[[str], Sealed] | tuple[bytes, bytes]]
    ) -> tuple[list[tuple[bytes, bytes]], int]:
        """The rows of a batch, and the time of its last entry. Effects: none."""
        now_ts, ts = self.time_now(), self._ts
        rows: list[tuple[bytes, bytes]] = []
        for record in records:
            if isinstance(record, tuple):
                entry, frame = record
            else:
                sealed = record(now_ts)
                entry, frame = sealed.entry, encode_frame(sealed.salts, sealed.body)
            # Whole, because what is committed stays for ever.
            before, ts = ts, parse_time(parse_entry(entry).ts)
            if ts < before:
                raise FormatError(f"an entry of {encode_time(ts)} cannot follow one of {encode_time(before)}")
            rows.append((entry, frame))
        self._forwards(parse_time(now_ts), ts)
        return rows, ts

    def _flush(self) -> None:
        """Step 3: complete bundles and tiles become files, then leave the tail."""
        first, full = self._flushed // WIDTH, self.size // WIDTH
        if first == full:
            return
        for number in range(first, full):
            self._files.write_bundle(number, self._state.rows(number * WIDTH, (number + 1) * WIDTH))
            level, index = 0, number
            while (index + 1) % WIDTH == 0:
                level, index = level + 1, index // WIDTH
                hashes = [
                    merkle.root(self._hashes(level - 1, each))
                    for each in range(index * WIDTH, (index + 1) * WIDTH)
                ]
                self._check_carried(level, index, hashes)
                self._files.write_tile(level, index, hashes)
        self._files.sync()
        # A full file stands for its partial ones. Before the release: a killed run comes back to it.
        for number in range(first, full):
            self._files.remove_partials(number)
        self._state.release(full * WIDTH)
        self._flushed = full * WIDTH

    def _check_carried(self, level: int, index: int, hashes: list[bytes]) -> None:
        """The tiles below were read back from files: what the trusted edge keeps of them must be their root."""
        parent, place = divmod(index, WIDTH)
        if merkle.root(hashes) != self._hashes(level + 1, parent)[place]:
            raise IntegrityError(
                f"the files below log/{tiles.tile_path(level, index)} are not of this log's tree"
            )

    # -- publish ----------------------------------------------------------------------------------

    def publish(self) -> bytes:
        """Step 4: write the partial files, sign, store the note, show it. Returns the note.

        Effects: nothing if the log has not grown since the last publication, but for returning its note.
        """
        self._check_alive()
        with self._alive():
            stored = self._state.note()
            if stored and stored[0] == self.size:
                return stored[1]
            self._write_partials(self.size)
            checkpoint = Checkpoint(self._identity.origin, self.size, _root(self._edge))
            note = sign_checkpoint(checkpoint, self._signers, time=max(self._clock(), self._ts))
            self._state.store_note(self.size, note)
            replace(self._vault / "log" / "checkpoint", note)
            self.published_size = self.size
            self._files.remove_private_partials(self.size)
            return note

    def _write_partials(self, size: int) -> None:
        """The files of a tree of `size` that are not full, where no full one stands for them."""
        number, width = divmod(size, WIDTH)
        if width and number * WIDTH >= self._flushed:
            self._files.write_bundle(number, self._state.rows(size - width, size))
        level = 1
        while count := size >> 8 * level:
            number, width = divmod(count, WIDTH)
            if width and number == self.size >> 8 * level >> 8:
                self._files.write_tile(level, number, self._edge[level][:width])
            level += 1
        self._files.sync()

    # -- parts ------------------------------------------------------------------------------------

    def _edge_at(self, size: int) -> Edge:
        """The right edge of the tree when it had `size` entries, at most as many as now."""
        edge: Edge = [self._hashes(0, size // WIDTH)[: size % WIDTH]]
        while count := size >> 8 * len(edge):
            edge.append(self._hashes(len(edge), count // WIDTH)[: count % WIDTH])
        return edge

    def _hashes(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile as far as the tree has them: from the trusted edge, its own file, or the tail."""
        if number == self.size >> 8 * level >> 8:
            return self._edge[level] if level < len(self._edge) else []
        if (number + 1) << 8 * (level + 1) <= self._flushed:
            return self._files.tile(level, number)
        start = number * WIDTH
        if level == 0:
            return [merkle.leaf_hash(entry) for entry, _ in self._state.rows(start, start + WIDTH)]
        return [merkle.root(self._hashes(level - 1, each)) for each in range(start, start + WIDTH)]

    def _check_alive(self) -> None:
        if self._dead:
            raise StorageError("the log stopped after a failed write; open the vault again")

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Any failure kills the log: what is on disk is *unknown* until it is opened again."""
        try:
            yield
        except BaseException:
            self._dead = True
            raise


def _extend(edge: Edge, value: bytes) -> None:
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


def _root(edge: Edge) -> bytes:
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
        _release(handle)
        raise VaultLockedError(f"another process is writing to {vault}") from error
    except OSError as error:
        _release(handle)
        raise StorageError(f"cannot lock {vault}: {error.strerror}") from error
    return handle


def _release(handle: int) -> None:
    with suppress(OSError):  # nothing was written to it, and the kernel lets go of it whatever it says
        os.close(handle)


@contextmanager
def writer_lock(vault: Path) -> Iterator[None]:
    """Hold the writer's lock without opening the log. Errors: VaultLockedError, StorageError."""
    handle = _take_lock(vault)
    try:
        yield
    finally:
        _release(handle)
