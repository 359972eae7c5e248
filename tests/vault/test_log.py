"""The log's writer: what it writes at every size, in which order, and what it refuses to start from."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import (
    ClockError,
    FormatError,
    HoldfastError,
    IntegrityError,
    RollbackError,
    SourceError,
    StorageError,
    VaultLockedError,
    VersionError,
)
from holdfast.vault import merkle
from holdfast.vault.canon import ENTRY_MAX_BYTES, seal
from holdfast.vault.durable import replace
from holdfast.vault.format import tiles
from holdfast.vault.format.checkpoint import Checkpoint
from holdfast.vault.format.key import KeyKind, Signer
from holdfast.vault.format.note import sign_checkpoint
from holdfast.vault.identity import Identity, encode_identity
from holdfast.vault.log import Log, now, writer_lock
from holdfast.vault.private import encode_frame
from holdfast.vault.reading import Reader
from holdfast.vault.state import State
from tests.vault.writers import (
    IDENTITY,
    ORIGIN,
    SIGNERS,
    START,
    Clock,
    doubt,
    grow,
    new_vault,
    open_log,
    record,
    records,
)
from tests.vectors import naive_log, naive_vault


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Path:
    return new_vault(tmp_path, clock)


def names(vault: Path, *tops: str) -> list[str]:
    """Every file below the named folders."""
    return sorted(
        str(path.relative_to(vault)) for top in tops for path in (vault / top).rglob("*") if path.is_file()
    )


# --- what is written ---------------------------------------------------------------------------------


def test_an_empty_log_has_a_checkpoint_and_no_files(vault: Path) -> None:
    assert doubt(vault, 0).entries == []
    assert names(vault, "log", "private") == ["log/checkpoint"]
    text = (vault / "log" / "checkpoint").read_text().split("\n")[:3]
    assert text == [ORIGIN, "0", naive_log.b64(hashlib.sha256(b"").digest())]


def test_the_files_of_a_growing_log_are_these(vault: Path, clock: Clock) -> None:
    """The golden list: what lies there after each publication."""
    expected: dict[int, list[str]] = {
        1: ["log/tile/0/000.p/1", "log/tile/entries/000.p/1", "private/entries/000.p/1"],
        3: [
            *("log/tile/0/000.p/1", "log/tile/0/000.p/3"),
            *("log/tile/entries/000.p/1", "log/tile/entries/000.p/3"),
            "private/entries/000.p/3",
        ],
        256: ["log/tile/0/000", "log/tile/1/000.p/1", "log/tile/entries/000", "private/entries/000"],
        300: [
            *("log/tile/0/000", "log/tile/0/001.p/44", "log/tile/1/000.p/1"),
            *("log/tile/entries/000", "log/tile/entries/001.p/44"),
            *("private/entries/000", "private/entries/001.p/44"),
        ],
        301: [
            *("log/tile/0/000", "log/tile/0/001.p/44", "log/tile/0/001.p/45", "log/tile/1/000.p/1"),
            *("log/tile/entries/000", "log/tile/entries/001.p/44", "log/tile/entries/001.p/45"),
            *("private/entries/000", "private/entries/001.p/45"),
        ],
        770: [
            *("log/tile/0/000", "log/tile/0/001", "log/tile/0/002", "log/tile/0/003.p/2"),
            *("log/tile/1/000.p/1", "log/tile/1/000.p/3"),
            *(f"log/tile/entries/{name}" for name in ("000", "001", "002", "003.p/2")),
            *(f"private/entries/{name}" for name in ("000", "001", "002", "003.p/2")),
        ],
    }
    size = 0
    for wanted, files in expected.items():
        grow(vault, wanted - size, clock)
        size = wanted
        assert names(vault, "log", "private") == sorted([*files, "log/checkpoint"]), wanted
        doubt(vault, wanted)


def test_a_log_appended_published_and_reopened_at_every_step_stays_whole(vault: Path, clock: Clock) -> None:
    """1,030 entries in steps of every size, over four bundle borders; each published size keeps its partial files."""
    steps = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 24, 1, 254, 1, 2, 255, 1, 259, 1]
    assert sum(steps) == 1_030
    published: list[int] = []
    size = 0
    entries: list[bytes] = []
    for step in steps:
        with open_log(vault, clock) as log:
            assert log.size == log.published_size == size
            assert log.append(records(size, step)) == size
            size += step
            assert log.size == size
            assert log.published_size == size - step
            log.publish()
            assert log.published_size == size
        published.append(size)
        checked = doubt(vault, size)
        assert checked.entries[: len(entries)] == entries
        entries = checked.entries
        for earlier in published:
            number, width = divmod(earlier, 256)
            full = f"log/tile/entries/{number:03}"
            kept = {f"{full}.p/{width}", f"log/tile/0/{number:03}.p/{width}"}
            if width and full not in checked.names:
                assert kept <= checked.names
        partials = [name for name in checked.names if name.startswith("private/") and ".p/" in name]
        assert partials == [f"private/entries/{size // 256:03}.p/{size % 256}"][: size % 256 > 0]
    times = [entry[-28:-8] for entry in entries]
    assert len(set(times)) == len(steps)


def test_batches_that_complete_many_bundles_at_once_are_written_alike(tmp_path: Path, clock: Clock) -> None:
    for batches in ([1_030], [600, 430], [255, 1, 256, 257, 261]):
        vault = new_vault(tmp_path / str(len(batches)), clock)
        with open_log(vault, clock) as log:
            for count in batches:
                log.append(records(log.size, count))
            log.publish()
        assert doubt(vault, 1_030).names >= {"private/entries/003", "private/entries/004.p/6"}


def test_a_tile_of_level_1_completes_at_65536_entries(tmp_path: Path, clock: Clock) -> None:
    vault = new_vault(tmp_path, clock)
    ts = "2026-11-23T03:43:00Z"
    clock.now = START
    # Entries need not open to be hashed: one frame for all keeps this quick.
    frame = encode_frame(b"", b"")
    sealed = [seal("x", ts, [("n", b"%d" % number)], random=bytes).entry for number in range(65_536 + 300)]
    leaves = [merkle.leaf_hash(entry) for entry in sealed]

    def root_of(size: int) -> bytes:
        return merkle.root(leaves[:size])

    size = 0
    for count in (65_535, 1, 1, 255, 44):
        with open_log(vault, clock) as log:
            log.append([(entry, frame) for entry in sealed[size : size + count]])
            size += count
            note = log.publish()
        assert note.split(b"\n")[1:3] == [b"%d" % size, naive_log.b64(root_of(size)).encode()]
    row = [merkle.root(leaves[at : at + 256]) for at in range(0, 65_536, 256)]
    assert (vault / "log/tile/1/000").read_bytes() == b"".join(row)
    assert (vault / "log/tile/2/000.p/1").read_bytes() == merkle.root(row)
    assert (vault / "log/tile/1/001.p/1").read_bytes() == merkle.root(leaves[65_536:65_792])
    expected = {tile.path for tile in [*tiles.tiles_for(size), *tiles.bundles_for(size)]}
    assert expected <= {name.removeprefix("log/") for name in names(vault, "log")}
    left = [name for name in names(vault, "log/tile/1") if name.startswith("log/tile/1/000.p/")]
    assert left == [], "partial tiles of level 1 go when it is full"
    reader = Reader(vault, IDENTITY)
    hashes = tiles.TileHashes(size, reader.tile)
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        proof = merkle.inclusion_proof(index, size, hashes)
        merkle.verify_inclusion(leaves[index], index, size, proof, root_of(size))


def test_a_tile_of_level_1_is_not_built_on_damage(tmp_path: Path, clock: Clock) -> None:
    frame = encode_frame(b"", b"")
    one = seal("x", "2026-11-23T03:43:00Z", [("n", b"1")]).entry
    clock.now = START
    vault = new_vault(tmp_path, clock)
    with open_log(vault, clock) as log:
        log.append([(one, frame)] * 65_535)
        log.publish()
    wound(vault, "log/tile/0/007")
    with open_log(vault, clock) as log:
        with pytest.raises(IntegrityError, match=r"below log/tile/1/000 are not of this log's tree"):
            log.append([(one, frame)])
        assert not log.alive
    assert not (vault / "log/tile/1/000").exists()
    # It was committed all the same, and the next start says so again until the file is mended.
    with pytest.raises(IntegrityError, match=r"of another tree of 65535 entries than state\.db and"):
        open_log(vault, clock)
    wound(vault, "log/tile/0/007")
    with open_log(vault, clock) as log:
        assert log.size == 65_536
    row = merkle.root([merkle.leaf_hash(one)] * 256)
    assert (vault / "log/tile/1/000").read_bytes() == row * 256


def wound(vault: Path, name: str, at: int = 0) -> None:
    """Flip a bit of a file."""
    path = vault / name
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(raw)


def test_both_keys_sign(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock, SIGNERS) as log:
        log.append(records(0, 3))
        log.publish()
    facts, note = Reader(vault, IDENTITY).checkpoint()
    assert [one.key.kind for one in facts.signed] == [KeyKind.ED25519, KeyKind.ML_DSA_44]
    assert facts.signed[1].time == clock.now
    assert note == (vault / "log/checkpoint").read_bytes()
    doubt(vault, 3)


def test_a_publication_without_growth_shows_the_same_signature(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock, SIGNERS) as log:
        log.append(records(0, 3))
        first = log.publish()
        before = names(vault, "log", "private")
        assert log.publish() == first
        assert names(vault, "log", "private") == before
    with open_log(vault, clock, SIGNERS) as log:
        assert log.publish() == first


def test_an_empty_batch_changes_nothing(vault: Path, clock: Clock) -> None:
    grow(vault, 2, clock)
    before = {name: (vault / name).read_bytes() for name in names(vault, "log", "private")}
    with open_log(vault, clock) as log:
        assert log.append([]) == 2
        assert log.size == 2
    assert {name: (vault / name).read_bytes() for name in names(vault, "log", "private")} == before


def test_the_files_of_a_step_are_synced_before_the_next_step(
    vault: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of docs/format.md section 7, as calls."""
    seen: list[str] = []
    real_fsync, real_link, real_replace = os.fsync, os.link, os.replace
    real_commit, real_release, real_store = State.commit, State.release, State.store_note

    def noted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            seen.append(name)
            return real(*arguments)

        return call

    monkeypatch.setattr(os, "fsync", noted("sync", real_fsync))
    monkeypatch.setattr(os, "link", noted("link", real_link))
    monkeypatch.setattr(os, "replace", noted("show", real_replace))
    monkeypatch.setattr(State, "commit", noted("commit", real_commit))
    monkeypatch.setattr(State, "release", noted("release", real_release))
    monkeypatch.setattr(State, "store_note", noted("sign", real_store))
    with open_log(vault, clock) as log:
        log.append(records(0, 257))
        log.publish()
    steps = "".join({"sync": "s", "link": "l"}.get(each, f" {each} ") for each in seen)
    commit, files, after = steps.partition(" release ")
    assert commit.startswith(" commit slslsl")
    assert set(commit.removeprefix(" commit slslsl")) == {"s"}
    assert files == " release "
    partial, _, shown = after.partition(" sign ")
    assert partial.count("l") == 4  # an entry bundle, a private bundle, tiles of level 0 and 1
    assert partial.startswith("slslslsl")
    assert partial.endswith("ss")
    assert shown == "s show s"


# --- what may be appended ----------------------------------------------------------------------------


def sealed_at(ts: str) -> tuple[bytes, bytes]:
    one = seal("channel", ts, [("a", b"1")])
    return one.entry, encode_frame(one.salts, one.body)


def test_entries_sealed_elsewhere_keep_their_own_time(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock) as log:
        ts = log.time_now()
        clock.now += 100
        first = log.append([sealed_at(ts), sealed_at(ts), record(2)])
        log.publish()
    times = [entry[-28:-8].decode() for entry in doubt(vault, first + 3).entries]
    assert times[:2] == [ts, ts]
    assert times[2] > ts


@pytest.mark.parametrize(
    "wrong",
    [
        (b"{}", b""),
        (seal("x", "2026-11-23T03:43:00Z", [("a", b"1")]).entry + b" ", b""),
        (b'{"_sd":[' + b" " * ENTRY_MAX_BYTES + b'"ts":"2026-11-23T03:43:00Z","v":1}', b""),
        sealed_at("2026-11-22T03:43:00Z"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_before_anything_is_written(
    vault: Path, clock: Clock, wrong: tuple[bytes, bytes]
) -> None:
    grow(vault, 2, clock)
    with open_log(vault, clock) as log:
        with pytest.raises(FormatError):
            log.append([record(2), wrong, record(3)])
        assert log.alive
        assert log.size == 2
        assert log.append([record(2)]) == 2
        log.publish()
    doubt(vault, 3)


@pytest.mark.parametrize(
    "error", [FormatError("too big"), SourceError("gone"), KeyboardInterrupt(), ValueError()]
)
def test_a_record_that_fails_to_seal_leaves_the_log_alive_and_unchanged(
    vault: Path, clock: Clock, error: BaseException
) -> None:
    def fail(ts: str) -> Any:
        raise error

    with open_log(vault, clock) as log:
        with pytest.raises(type(error)):
            log.append([record(0), fail])
        assert log.alive
        assert log.size == 0
        log.append(records(0, 1))
        log.publish()
    doubt(vault, 1)


# --- time --------------------------------------------------------------------------------------------


def test_a_clock_that_goes_backwards_stops_the_writer_and_nothing_is_written(
    vault: Path, clock: Clock
) -> None:
    grow(vault, 3, clock)
    before = contents(vault)
    last = clock.now
    with pytest.raises(ClockError, match="before the vault's last entry of") as caught:
        open_log(vault, lambda: START - 100)
    assert caught.value.exit_code == 13
    assert "set this machine's clock" in caught.value.remedy
    assert contents(vault) == before
    times = iter([last + 10, START, START, last + 10, last + 10, last + 10])
    with open_log(vault, lambda: next(times)) as log:
        with pytest.raises(ClockError):
            log.append([record(3)])
        with pytest.raises(ClockError):
            log.time_now()
        assert log.alive
        assert log.append([record(3)]) == 3
    grow(vault, 0, Clock(last + 100))
    doubt(vault, 4)


def test_an_entry_from_the_future_is_refused(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock) as log:
        with pytest.raises(ClockError):
            log.append([sealed_at("2030-01-01T00:00:00Z")])
        assert log.size == 0
        assert log.alive


def test_the_clock_of_this_machine_is_used_by_default(vault: Path) -> None:
    with Log.open(vault, IDENTITY, SIGNERS[:1]) as log:
        if now() < START + 10:
            pytest.skip("this machine's clock is before the vault's first entry")
        log.append([record(0)])
        log.publish()
    doubt(vault, 1)


def contents(vault: Path) -> dict[str, bytes]:
    """Every file but the lock's own and what SQLite keeps beside its database while it is open."""
    return {
        str(path.relative_to(vault)): path.read_bytes()
        for path in vault.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


# --- one writer --------------------------------------------------------------------------------------


def test_a_second_writer_is_refused(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock) as log:
        with pytest.raises(VaultLockedError, match="another process is writing") as caught:
            open_log(vault, clock)
        assert caught.value.exit_code == 11
        with pytest.raises(VaultLockedError), writer_lock(vault):
            raise AssertionError
        log.append(records(0, 1))
        log.publish()
    with writer_lock(vault), pytest.raises(VaultLockedError):
        open_log(vault, clock)
    doubt(vault, 1)
    open_log(vault, clock).close()


def test_a_lock_held_by_another_process_is_respected_until_it_dies(vault: Path, clock: Clock) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from holdfast.vault.log import writer_lock\n"
        "with writer_lock(Path(sys.argv[1])):\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, vault], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(VaultLockedError):
            open_log(vault, clock)
        holder.kill()
    open_log(vault, clock).close()


def test_closing_twice_is_closing_once(vault: Path, clock: Clock) -> None:
    log = open_log(vault, clock)
    log.close()
    handle = os.open(vault / "lock", os.O_RDONLY)  # takes the number that the lock had
    log.close()
    os.close(handle)
    assert not log.alive
    with pytest.raises(StorageError, match="open the vault again"):
        log.append(records(0, 1))


def test_a_lock_that_cannot_be_had_is_named(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if Path(path).name == "lock":
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(StorageError, match=r"cannot open the lock .*Read-only") as caught:
            open_log(vault)
    assert caught.value.exit_code == 13

    def unlockable(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unlockable)
    with pytest.raises(StorageError, match="No locks available"):
        open_log(vault)


def test_a_failed_start_lets_the_lock_go(vault: Path, clock: Clock) -> None:
    raw = (vault / "state.db").read_bytes()
    for damage in (None, b"", b"garbage" * 1_000):
        (vault / "state.db").unlink()
        if damage is not None:
            (vault / "state.db").write_bytes(damage)
        with pytest.raises(HoldfastError):
            open_log(vault, clock)
        (vault / "state.db").write_bytes(raw)
        open_log(vault, clock).close()


# --- what it refuses to start from -------------------------------------------------------------------


@contextmanager
def untouched(vault: Path) -> Iterator[None]:
    """Nothing in the vault is changed inside."""
    before = contents(vault)
    yield
    after = contents(vault)
    assert after.keys() == before.keys()
    assert [name for name, data in before.items() if after[name] != data and name != "lock"] == []


@contextmanager
def refused(vault: Path, kind: type[HoldfastError], match: str) -> Iterator[None]:
    """After what is done inside, opening is refused and changes nothing."""
    yield
    with untouched(vault), pytest.raises(kind, match=match) as caught:
        open_log(vault, Clock(START + 10_000))
    assert caught.value.remedy
    assert caught.value.exit_code in (4, 12, 13)
    if kind in (IntegrityError, RollbackError):
        assert "keep this copy untouched" in caught.value.message + caught.value.remedy


def saved(vault: Path) -> bytes:
    return (vault / "state.db").read_bytes()


def restore(vault: Path, state: bytes) -> None:
    for name in ("state.db-wal", "state.db-shm"):
        (vault / name).unlink(missing_ok=True)
    (vault / "state.db").write_bytes(state)


def test_a_restored_state_under_a_newer_checkpoint_is_a_rollback(vault: Path, clock: Clock) -> None:
    grow(vault, 3, clock)
    older = saved(vault)
    grow(vault, 2, clock)
    with refused(vault, RollbackError, "log/checkpoint is of 5 entries, state.db knows of 3 signed"):
        restore(vault, older)


def test_a_restored_state_from_before_the_first_signature_is_a_rollback(tmp_path: Path, clock: Clock) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    Log.create(vault, IDENTITY)
    older = saved(vault)
    open_log(vault, clock).close()
    with refused(vault, RollbackError, "state.db knows of 0 signed"):
        restore(vault, older)


@pytest.mark.parametrize("grown", [300, 256, 5])
def test_a_restored_state_under_files_that_were_written_since_is_a_rollback(
    vault: Path, clock: Clock, grown: int
) -> None:
    """Even where the checkpoint is no newer: entries that were promised an index are not there any more."""
    grow(vault, 2, clock)
    older, note = saved(vault), (vault / "log/checkpoint").read_bytes()
    grow(vault, grown, clock)
    replace(vault / "log/checkpoint", note)
    with refused(vault, RollbackError, "goes beyond the 2 entries of state.db"):
        restore(vault, older)


def test_only_a_private_bundle_beyond_the_state_is_a_rollback_too(vault: Path, clock: Clock) -> None:
    grow(vault, 2, clock)
    (vault / "private/entries/000.p/3").write_bytes(b"")
    with refused(vault, RollbackError, r"private/entries/000\.p/3 goes beyond"):
        (vault / "private/entries/000.p/junk").write_bytes(b"")
    (vault / "private/entries/000.p/3").unlink()
    with refused(vault, RollbackError, "private/entries/000 goes beyond"):
        (vault / "private/entries/000").write_bytes(b"")


def test_a_state_that_is_missing_is_not_made_anew(vault: Path) -> None:
    with refused(vault, IntegrityError, r"state\.db is missing or empty"):
        (vault / "state.db").unlink()
    assert not (vault / "state.db").exists()


@pytest.mark.parametrize(
    ("damage", "match"), [(b"", "is missing or empty"), (b"garbage " * 1_000, "is damaged")]
)
def test_a_state_that_is_no_database_is_refused(vault: Path, damage: bytes, match: str) -> None:
    with refused(vault, IntegrityError, rf"state\.db {match}"):
        restore(vault, damage)


def test_a_state_that_was_cut_is_refused(vault: Path, clock: Clock) -> None:
    grow(vault, 200, clock)
    whole = saved(vault)
    assert len(whole) > 20_000
    for end in (100, 4_096, 8_192, len(whole) // 2, len(whole) - 4_096, len(whole) - 1):
        with refused(vault, IntegrityError, r"state\.db"):
            restore(vault, whole[:end])


def sql(vault: Path, *statements: str) -> None:
    db = sqlite3.connect(vault / "state.db", isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


@pytest.mark.parametrize(
    ("statement", "kind", "match"),
    [
        ("UPDATE meta SET value = '2' WHERE name = 'format_version'", VersionError, "format 2"),
        ("UPDATE meta SET value = 'other' WHERE name = 'origin'", IntegrityError, "another vault"),
        ("DELETE FROM meta WHERE name = 'origin'", IntegrityError, "another vault"),
        ("DELETE FROM head", IntegrityError, "head is not one"),
        ("UPDATE head SET size = 'x'", IntegrityError, "head is not one"),
        ("UPDATE head SET size = -1", IntegrityError, "cannot have been flushed"),
        ("UPDATE head SET size = size + 1", IntegrityError, "the tail does not hold"),
        ("UPDATE head SET size = size - 1", IntegrityError, "the tail does not hold"),
        ("UPDATE head SET flushed = 0", IntegrityError, "the tail does not hold"),
        ("UPDATE head SET flushed = 255", IntegrityError, "cannot have been flushed"),
        ("UPDATE head SET flushed = 512", IntegrityError, "cannot have been flushed"),
        ("UPDATE head SET root = x'00'", IntegrityError, "does not hash to its head"),
        ("UPDATE head SET ts = 2.5", IntegrityError, "head is not one"),
        ("DELETE FROM tail WHERE position = 257", IntegrityError, "the tail does not hold"),
        ("UPDATE tail SET entry = x'00' WHERE position = 257", IntegrityError, "does not hash to its head"),
        ("UPDATE tail SET entry = 'text' WHERE position = 257", IntegrityError, "the tail does not hold"),
        ("UPDATE tail SET frame = x'00' WHERE position = 257", IntegrityError, "entry 257 does not open"),
        (
            "UPDATE tail SET frame = (SELECT frame FROM tail WHERE position = 258) WHERE position = 257",
            IntegrityError,
            "entry 257 does not open",
        ),
        ("UPDATE tail SET position = 1000 WHERE position = 257", IntegrityError, "the tail does not hold"),
        ("UPDATE edge SET hashes = zeroblob(32)", IntegrityError, "does not hash to its head"),
        ("UPDATE edge SET hashes = zeroblob(31)", IntegrityError, "its edge does not fit"),
        ("UPDATE edge SET hashes = zeroblob(64)", IntegrityError, "its edge does not fit"),
        ("UPDATE edge SET hashes = 'text'", IntegrityError, "its edge does not fit"),
        ("DELETE FROM edge", IntegrityError, "its edge does not fit"),
        ("INSERT INTO edge VALUES (2, zeroblob(32))", IntegrityError, "more levels"),
        ("INSERT INTO edge VALUES (0, x'')", IntegrityError, "more levels"),
        ("UPDATE note SET size = 299", IntegrityError, "signed 300 entries and holds 300"),
        ("UPDATE note SET bytes = x'00'", IntegrityError, "last signature in state.db does not hold"),
        ("UPDATE note SET bytes = 'text'", IntegrityError, "its last signature is none"),
        ("DELETE FROM note", RollbackError, "state.db knows of 0 signed"),
        ("DROP TABLE note", IntegrityError, "state.db is damaged: cannot read"),
        ("DROP TABLE tail", IntegrityError, "state.db is damaged: cannot read"),
    ],
)
def test_a_state_that_contradicts_itself_is_refused(
    vault: Path, clock: Clock, statement: str, kind: type[HoldfastError], match: str
) -> None:
    grow(vault, 300, clock)
    with refused(vault, kind, match):
        sql(vault, statement)


def signed(size: int, root: bytes, signers: list[Signer] = SIGNERS[:1], origin: str = ORIGIN) -> bytes:
    return sign_checkpoint(Checkpoint(origin, size, root), signers, time=START)


STRANGER = Signer(ORIGIN, KeyKind.ED25519, bytes(32))


@pytest.mark.parametrize(
    ("note", "kind", "match"),
    [
        (signed(300, bytes(32)), IntegrityError, "log/checkpoint is of another tree of 300 entries"),
        (signed(299, bytes(32)), IntegrityError, "log/checkpoint is of another tree of 299 entries"),
        (signed(44, bytes(32)), IntegrityError, "log/checkpoint is of another tree of 44 entries"),
        (signed(256, bytes(32)), IntegrityError, "log/checkpoint is of another tree of 256 entries"),
        (signed(0, bytes(32)), IntegrityError, "log/checkpoint does not hold: .*empty tree"),
        (signed(301, bytes(32)), RollbackError, "log/checkpoint is of 301 entries"),
        (signed(301, bytes(32), [STRANGER]), IntegrityError, "log/checkpoint does not hold: .*no signature"),
        (b"garbage", IntegrityError, "log/checkpoint does not hold"),
        (b"", IntegrityError, "log/checkpoint does not hold"),
    ],
)
def test_a_checkpoint_that_is_not_of_this_log_is_refused(
    vault: Path, clock: Clock, note: bytes, kind: type[HoldfastError], match: str
) -> None:
    grow(vault, 300, clock)
    with refused(vault, kind, match):
        replace(vault / "log/checkpoint", note)


def test_a_checkpoint_that_cannot_be_read_stops_the_writer(vault: Path, clock: Clock) -> None:
    (vault / "log/checkpoint").unlink()
    (vault / "log/checkpoint").mkdir()
    with pytest.raises(StorageError, match=r"cannot read .*checkpoint"):
        open_log(vault, clock)


def test_the_state_of_another_vault_of_the_same_name_is_refused(tmp_path: Path, clock: Clock) -> None:
    vault, other = new_vault(tmp_path / "a", clock), new_vault(tmp_path / "b", clock)
    grow(vault, 3, clock)
    grow(other, 5, clock)
    with refused(vault, IntegrityError, "is of another tree of 3 entries"):
        restore(vault, saved(other))


@pytest.mark.parametrize(
    ("name", "match"),
    [
        (
            "log/tile/entries/002",
            "log/tile/entries/002 or private/entries/002 does not hold what its tile says",
        ),
        ("log/tile/0/002", "does not hold what its tile says"),
        ("private/entries/002", "cannot be read"),
    ],
)
def test_damage_at_the_right_edge_is_found_before_anything_is_built_on_it(
    vault: Path, clock: Clock, name: str, match: str
) -> None:
    grow(vault, 770, clock)
    size = (vault / name).stat().st_size
    with refused(vault, IntegrityError, match):
        wound(vault, name, size - 1)
    wound(vault, name, size - 1)
    grow(vault, 1, clock)
    with refused(vault, IntegrityError, "cannot be read"):
        (vault / name).unlink()


def test_a_right_edge_of_another_log_is_refused(tmp_path: Path, clock: Clock) -> None:
    vault, other = new_vault(tmp_path / "a", clock), new_vault(tmp_path / "b", clock)
    grow(vault, 256, clock)
    grow(other, 256, clock)
    with refused(vault, IntegrityError, "log/tile/0/000 is not of this log's tree"):
        for name in ("log/tile/entries/000", "log/tile/0/000", "private/entries/000"):
            (vault / name).unlink()
            (vault / name).write_bytes((other / name).read_bytes())


def test_a_private_bundle_of_fewer_frames_is_refused(vault: Path, clock: Clock) -> None:
    grow(vault, 3, clock)
    short = (vault / "private/entries/000.p/3").read_bytes()
    grow(vault, 253, clock)
    with refused(vault, IntegrityError, "does not hold what its tile says"):
        (vault / "private/entries/000").unlink()
        (vault / "private/entries/000").write_bytes(short)


def test_an_origin_that_is_not_the_states_is_refused(vault: Path) -> None:
    other = Identity("other.example.org/x", IDENTITY.keys, IDENTITY.created_at)
    with pytest.raises(IntegrityError, match="another vault"):
        Log.open(vault, other, SIGNERS[:1], clock=Clock())


def test_a_state_is_made_once(vault: Path) -> None:
    with untouched(vault), pytest.raises(StorageError, match="exists already"):
        Log.create(vault, IDENTITY)


def test_a_new_state_needs_no_parent_that_may_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        if Path(path) == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    new_vault(tmp_path)


# --- what it takes up --------------------------------------------------------------------------------


def test_a_lost_checkpoint_is_shown_again(vault: Path, clock: Clock) -> None:
    grow(vault, 300, clock)
    note = (vault / "log/checkpoint").read_bytes()
    (vault / "log/checkpoint").unlink()
    with open_log(vault, clock) as log:
        assert log.published_size == 300
    assert (vault / "log/checkpoint").read_bytes() == note
    doubt(vault, 300)


@pytest.mark.parametrize("older", [3, 250, 256])
def test_an_older_checkpoint_of_this_log_is_replaced(vault: Path, clock: Clock, older: int) -> None:
    grow(vault, older, clock)
    note = (vault / "log/checkpoint").read_bytes()
    grow(vault, 600 - older, clock)
    newest = (vault / "log/checkpoint").read_bytes()
    replace(vault / "log/checkpoint", note)
    open_log(vault, clock).close()
    assert (vault / "log/checkpoint").read_bytes() == newest
    doubt(vault, 600)


def test_another_signature_of_the_same_head_gives_way_to_the_stored_one(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock, SIGNERS) as log:
        log.append(records(0, 3))
        note = log.publish()
    root = merkle.root([merkle.leaf_hash(entry) for entry in doubt(vault).entries])
    replace(vault / "log/checkpoint", sign_checkpoint(Checkpoint(ORIGIN, 3, root), SIGNERS, time=START))
    open_log(vault, clock).close()
    assert (vault / "log/checkpoint").read_bytes() == note


def test_what_was_committed_and_not_published_is_published_on_the_next_start(
    vault: Path, clock: Clock
) -> None:
    grow(vault, 2, clock)
    grow(vault, 300, clock, publish=False)
    doubt(vault, 2)
    with open_log(vault, clock) as log:
        assert log.published_size == 302
    doubt(vault, 302)


def test_what_left_the_tail_is_gone_from_the_state(vault: Path, clock: Clock) -> None:
    with open_log(vault, clock) as log:
        log.append(records(0, 250))
        log.append(records(250, 6))
        log.append(records(256, 3))
    assert not (vault / "state.db-wal").exists()
    raw = saved(vault)
    entries = {index: Reader(vault, IDENTITY).raw(index) for index in range(259)}
    assert [index for index, (entry, _, _) in entries.items() if entry in raw] == [256, 257, 258]
    assert [index for index, (_, salts, _) in entries.items() if salts in raw] == [256, 257, 258]
    # No part of an entry either: its digests are unique.
    assert [index for index, (entry, _, _) in entries.items() if entry[8:51] in raw] == [256, 257, 258]
    assert len(raw) < 100_000


def test_left_overs_of_killed_writers_are_cleared(vault: Path, clock: Clock) -> None:
    grow(vault, 3, clock)
    (vault / "keys").mkdir()
    (vault / "blobs/sha256").mkdir(parents=True)
    for folder in ("", "keys", "log", "private", "blobs/sha256"):
        (vault / folder / ".tmp-0123").write_bytes(b"half")
    open_log(vault, clock).close()
    assert list(vault.rglob(".tmp-*")) == []


def test_foreign_files_beside_partial_ones_are_left_alone(vault: Path, clock: Clock) -> None:
    grow(vault, 3, clock)
    for folder in ("log/tile/0/000.p", "private/entries/000.p"):
        (vault / folder / "notes.txt").write_bytes(b"mine")
    grow(vault, 2, clock)
    assert (vault / "private/entries/000.p/notes.txt").read_bytes() == b"mine"
    grow(vault, 300, clock)
    left = [name for name in names(vault, "log", "private") if "/000.p/" in name and "/1/" not in name]
    assert left == ["log/tile/0/000.p/notes.txt", "private/entries/000.p/notes.txt"]


def test_a_partial_file_that_cannot_be_removed_is_left(
    vault: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(vault, 3, clock)
    real = os.unlink

    def refuse(path: Any, *arguments: Any, **options: Any) -> None:
        if Path(path).name == "3":
            raise PermissionError(errno.EACCES, "Permission denied")
        real(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        grow(vault, 300, clock)
    assert (vault / "private/entries/000.p/3").exists()
    doubt(vault, 303)


def test_the_whole_vault_is_the_same_for_the_programs_own_check(vault: Path, clock: Clock) -> None:
    grow(vault, 300, clock)
    naive = naive_vault.check(vault)
    reader = Reader(vault)
    assert [entry for _, entry, _ in reader.entries(0, 300)] == naive.entries
    assert encode_identity(reader.identity) == (vault / "vault.json").read_bytes()


def test_a_tile_of_level_1_that_was_committed_and_never_written_is_written_on_the_next_start(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = encode_frame(b"", b"")
    one = seal("x", "2026-11-23T03:43:00Z", [("n", b"1")]).entry
    clock.now = START
    vault = new_vault(tmp_path, clock)
    with open_log(vault, clock) as log:
        log.append([(one, frame)] * 100)
        log.publish()
    with monkeypatch.context() as patch, open_log(vault, clock) as log:
        # Killed behind the commit of a batch over 256 bundles.
        patch.setattr(log, "_flush", lambda: None)
        log.append([(one, frame)] * 65_500)
    assert not (vault / "log/tile/entries/000").exists()
    with open_log(vault, clock) as log:
        assert log.size == log.published_size == 65_600
    row = merkle.root([merkle.leaf_hash(one)] * 256)
    assert (vault / "log/tile/1/000").read_bytes() == row * 256
    assert (vault / "log/tile/2/000.p/1").read_bytes() == merkle.root([row] * 256)
