"""Entries read back: from files, from the tail, from partial files, and while a writer moves them."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.errors import HoldfastError, IntegrityError, NoVaultError, StorageError, VersionError
from holdfast.vault import merkle, reading, state
from holdfast.vault.canon import parse_entry, seal
from holdfast.vault.format import tiles
from holdfast.vault.format.tiles import Tile
from holdfast.vault.log import Log
from holdfast.vault.private import encode_bundle, encode_frame, parse_bundle, parse_frame, private_path
from holdfast.vault.reading import KEPT_ENTRIES, Reader, read_identity
from tests.vault.writers import IDENTITY, Clock, grow, new_vault, open_log, records

SIZE = 600
TAIL = 44
"""Entries published after the two full bundles are 512 to 599; so many more are committed and not published."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 entries published, and 44 that are committed only."""
    clock = Clock()
    vault = new_vault(tmp_path_factory.mktemp("written"), clock)
    with open_log(vault, clock) as log:
        log.append(records(0, SIZE))
        log.publish()
        log.append(records(SIZE, TAIL))
    return vault


@pytest.fixture
def vault(written: Path, tmp_path: Path) -> Path:
    """A writable copy."""
    copy = tmp_path / "vault"
    shutil.copytree(written, copy)
    for path in copy.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return copy


@pytest.fixture
def published(vault: Path) -> Path:
    """A copy without the trusted lock, as a mirror has it."""
    for path in vault.glob("state.db*"):
        path.unlink()
    return vault


def number_of(reader: Reader, index: int) -> int:
    """The number that the writer put into an entry, by opening it."""
    entry, opened = reader.opened(index)
    assert parse_entry(reader.raw(index)[0]) == entry
    [value] = [each.value for each in opened.disclosures if each.name == "capture"]
    return int(value["id"], 16)


# -- which vault ------------------------------------------------------------------------------------


def test_a_vault_is_known_by_its_vault_json(written: Path) -> None:
    assert read_identity(written) == Reader(written).identity == IDENTITY


def test_a_folder_that_is_no_vault_is_told_from_one_that_is_wounded(tmp_path: Path) -> None:
    def refusal(vault: Path) -> HoldfastError:
        with pytest.raises(HoldfastError) as caught:
            read_identity(vault)
        assert "vault" in caught.value.message
        return caught.value

    assert isinstance(refusal(tmp_path / "nowhere"), NoVaultError)
    (tmp_path / "file").write_text("")
    assert isinstance(refusal(tmp_path / "file"), NoVaultError)
    found = refusal(tmp_path)
    assert (found.exit_code, "holdfast init" in found.remedy) == (10, True)
    (tmp_path / "vault.json").write_text("{}")
    assert isinstance(refusal(tmp_path), IntegrityError)
    (tmp_path / "vault.json").write_text('{"format_version":2}')
    assert isinstance(refusal(tmp_path), VersionError)
    (tmp_path / "vault.json").unlink()
    (tmp_path / "vault.json").mkdir()
    assert isinstance(refusal(tmp_path), StorageError)


def test_the_checkpoint_is_checked_whenever_it_is_read(vault: Path) -> None:
    reader = Reader(vault)
    found, note = reader.checkpoint()
    assert found.checkpoint.size == SIZE
    path = vault / "log" / "checkpoint"
    assert path.read_bytes() == note
    path.write_bytes(note.replace(b"\n600\n", b"\n601\n"))
    with pytest.raises(IntegrityError, match="does not hold"):
        reader.checkpoint()
    path.write_bytes(b"")
    with pytest.raises(IntegrityError, match="does not hold"):
        reader.checkpoint()
    path.unlink()
    with pytest.raises(IntegrityError, match="is missing"):
        reader.checkpoint()
    path.mkdir()
    with pytest.raises(IntegrityError, match="cannot be read"):
        reader.checkpoint()


# -- entries ----------------------------------------------------------------------------------------


def test_every_entry_opens_wherever_it_lies(written: Path) -> None:
    reader = Reader(written)
    for index in range(SIZE + TAIL):
        assert number_of(reader, index) == index


def test_a_mirror_without_the_trusted_lock_opens_all_that_was_published(published: Path) -> None:
    reader = Reader(published)
    for index in range(SIZE):
        assert number_of(reader, index) == index
    for index in (SIZE, SIZE + TAIL - 1):
        with pytest.raises(IntegrityError, match=f"entry {index} is not in the vault"):
            reader.raw(index)


@pytest.mark.parametrize("index", [-600, -256, -1, SIZE + TAIL, 767, 768, 10**9])
def test_an_index_outside_the_log_is_not_in_the_vault(written: Path, index: int) -> None:
    with pytest.raises(IntegrityError, match="not in the vault"):
        Reader(written).raw(index)
    with pytest.raises(IntegrityError, match="not in the vault"):
        list(Reader(written).entries(index, index + 1))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 644),
        (0, 1),
        (255, 257),
        (256, 512),
        (511, 513),
        (512, 600),
        (599, 601),
        (643, 644),
        (10, 10),
        (9, 3),
    ],
)
def test_a_run_of_entries_is_what_the_single_ones_are(written: Path, start: int, end: int) -> None:
    reader = Reader(written)
    found = list(reader.entries(start, end))
    assert [index for index, _, _ in found] == list(range(start, end))
    for index, entry, frame in found[:: max(1, len(found) // 9)]:
        assert (entry, *parse_frame(frame)) == Reader(written).raw(index)


def test_a_run_that_goes_past_the_end_says_where_it_ended(written: Path, published: Path) -> None:
    for vault, size in ((written, SIZE + TAIL), (published, SIZE)):
        got = Reader(vault).entries(size - 100, size + 1)
        with pytest.raises(IntegrityError, match="is not in the vault"):
            list(got)


def test_the_last_opened_entries_are_kept_and_no_more(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(written)
    for index in range(KEPT_ENTRIES + 1):
        reader.raw(index)
    kept = reader.raw(1)
    monkeypatch.setattr(reader, "_part", None)  # from now on it has only what it kept
    assert reader.raw(1) is kept
    reader.raw(KEPT_ENTRIES)
    with pytest.raises(TypeError):
        reader.raw(0)


def test_large_entries_are_kept_by_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    vault = new_vault(tmp_path, clock)
    with open_log(vault, clock) as log:
        value = b'"' + b"x" * (9 << 20) + b'"'
        log.append([lambda ts: seal("channel", ts, [("labels", value)])] * 5)
    reader = Reader(vault)
    for index in range(5):
        assert len(reader.raw(index)[2]) > 9 << 20
    monkeypatch.setattr(reader, "_part", None)
    for index in (2, 3, 4):  # 27 MiB of at most 32
        reader.raw(index)
    with pytest.raises(TypeError):
        reader.raw(1)


def test_one_entry_over_the_whole_measure_is_kept_alone(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "KEPT_BYTES", 1)
    reader = Reader(written)
    reader.raw(0)
    found = reader.raw(1)
    assert reader.raw(1) is found
    assert list(reader._bodies) == [1]


# -- wounds -----------------------------------------------------------------------------------------


def change_frame(vault: Path, index: int, change: Callable[[bytes], bytes]) -> None:
    path = vault / private_path(index // 256)
    frames = parse_bundle(path.read_bytes())
    frames[index % 256] = change(frames[index % 256])
    path.write_bytes(encode_bundle(frames))


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame[:4],
        lambda frame: frame[:-1],
        lambda frame: b"\0" + frame[1:],
        lambda frame: encode_frame(bytes(32), parse_frame(frame)[1]),
        lambda frame: encode_frame(parse_frame(frame)[0], b'"capture",{}]\n"channel",{}]\n'),
        lambda frame: encode_frame(parse_frame(frame)[0], parse_frame(frame)[1] + b"x"),
    ],
)
def test_what_does_not_open_its_entry_is_told_with_its_index(
    vault: Path, change: Callable[[bytes], bytes]
) -> None:
    change_frame(vault, 300, change)
    reader = Reader(vault)
    with pytest.raises(IntegrityError, match="entry 300"):
        reader.opened(300)
    assert number_of(reader, 299) == 299
    assert number_of(reader, 301) == 301


def test_an_entry_whose_disclosures_were_all_taken_opens_to_none(vault: Path) -> None:
    change_frame(vault, 300, lambda frame: encode_frame(b"", b""))
    entry, opened = Reader(vault).opened(300)
    assert entry.kind == "channel"
    assert not opened.disclosures


def test_an_entry_that_is_none_is_told_with_its_index(vault: Path) -> None:
    path = vault / "log" / tiles.bundle_path(1)
    entries = tiles.split_bundle(path.read_bytes(), 256)
    path.write_bytes(tiles.join_bundle([b"{}", *entries[1:]]))
    with pytest.raises(IntegrityError, match="entry 256"):
        Reader(vault).opened(256)


def test_a_bundle_that_lost_its_other_half_or_its_shape_is_damage(vault: Path) -> None:
    private, log = vault / private_path(1), vault / "log" / tiles.bundle_path(1)
    whole = private.read_bytes()

    def damage(match: str) -> None:
        with pytest.raises(IntegrityError, match=match):
            Reader(vault).raw(300)

    private.write_bytes(whole[:-1])
    damage("cannot be read")
    private.write_bytes(encode_bundle(parse_bundle(whole)[:255]))
    damage("holds 255 frames, not 256")
    private.unlink()
    private.mkdir()
    damage("cannot be read")
    private.rmdir()
    damage("entry 300 is not in the vault")
    private.write_bytes(whole)
    entries = log.read_bytes()
    log.write_bytes(entries[:-1])
    damage("cannot be read")
    log.unlink()
    damage("entry 300 is not in the vault")
    log.mkdir()
    damage("cannot be read")
    log.rmdir()
    log.write_bytes(entries)
    assert number_of(Reader(vault), 300) == 300


class FailingDisk(io.FileIO):
    """A file of which the first bytes can no longer be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() < 100:
            raise OSError(5, "Input/output error")
        return super().read(-1 if size is None else size) or b""


def test_a_disk_that_fails_while_a_frame_is_read_is_told(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(path: str, mode: str) -> io.IOBase:
        return FailingDisk(path) if "private" in Path(path).parts else Path(path).open("rb")

    monkeypatch.setattr(reading, "open", failing, raising=False)
    with pytest.raises(IntegrityError, match="001 cannot be read: Input/output error"):
        Reader(vault).raw(256)


def test_of_a_bundle_that_was_read_before_only_the_entry_is_read_again(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(vault)
    assert number_of(reader, 300) == 300
    read: list[int] = []

    class Counted(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(-1 if size is None else size) or b""
            read.append(len(found))
            return found

    monkeypatch.setattr(reading, "open", lambda path, mode: Counted(path), raising=False)
    assert number_of(reader, 301) == 301
    entry, salts, body = reader.raw(301)
    [(_, frame)] = [each[1:] for each in Reader(vault).entries(301, 302)]
    assert read[:2] == [len(entry), len(frame)]
    assert (salts, body) == parse_frame(frame)


@pytest.mark.parametrize("erased", [300, 40])
def test_a_bundle_that_was_written_anew_is_not_read_by_its_old_places(vault: Path, erased: int) -> None:
    reader = Reader(vault)
    for index in (299, 301, 39, 41):  # the places of both bundles are known now
        assert number_of(reader, index) == index
    change_frame(vault, erased, lambda frame: encode_frame(b"", b""))
    assert not reader.opened(erased)[1].disclosures
    for index in (erased + 2, erased + 100, erased - 3):
        assert number_of(reader, index) == index


def test_a_bundle_that_is_damaged_after_it_was_read_is_told(vault: Path) -> None:
    reader = Reader(vault)
    assert number_of(reader, 300) == 300
    path = vault / "log" / tiles.bundle_path(1)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IntegrityError, match="cannot be read"):
        reader.raw(301)


def test_places_are_remembered_of_the_last_bundles_only(vault: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "KEPT_PLACES", 1)
    reader = Reader(vault)
    for index in (3, 300, 4, 301, 5):
        assert number_of(reader, index) == index
        assert list(reader._places) == [(index // 256, 256)]


# -- tiles ------------------------------------------------------------------------------------------


def test_a_tile_is_whole_or_cut_from_a_wider_one(vault: Path) -> None:
    reader = Reader(vault)
    leaves = [merkle.leaf_hash(entry) for _, entry, _ in reader.entries(0, SIZE)]
    for number, width in ((0, 256), (0, 7), (1, 256), (2, SIZE - 512)):
        expected = leaves[number * 256 : number * 256 + width]
        assert reader.tile(Tile(0, number, width)) == b"".join(expected)
    assert reader.tile(Tile(1, 0, 2)) == merkle.root(leaves[:256]) + merkle.root(leaves[256:512])
    for missing in (Tile(0, 2, 87), Tile(0, 2, 256), Tile(1, 0, 1), Tile(2, 0, 1)):
        with pytest.raises(IntegrityError, match=f"log/{missing.path} is missing"):
            reader.tile(missing)


# -- while a writer runs ----------------------------------------------------------------------------


def test_a_bundle_that_goes_to_files_between_two_looks_is_found(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = state.read_tail

    def late(path: Path, start: int, end: int) -> list[tuple[bytes, bytes]]:
        monkeypatch.setattr(reading, "read_tail", real)
        grow(vault, 200, Clock(2_000_000_000))
        return real(path, start, end)

    monkeypatch.setattr(reading, "read_tail", late)
    assert number_of(Reader(vault), 620) == 620
    assert (vault / private_path(2)).exists()


def test_a_partial_bundle_that_gives_way_to_a_wider_one_is_followed(
    vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Reader._partial_width
    monkeypatch.setattr(reading, "read_tail", lambda *_: [])  # the state cannot be read by this one

    def late(self: Reader, number: int) -> int:
        width = real(self, number)
        if width == SIZE - 512:
            grow(vault, 3, Clock(2_000_000_000))
        return width

    monkeypatch.setattr(Reader, "_partial_width", late)
    assert number_of(Reader(vault), 599) == 599
    assert not (vault / private_path(2, SIZE - 512)).exists()


WRITER = """
import sys
from pathlib import Path
from tests.vault.writers import Clock, open_log, records

vault, until = Path(sys.argv[1]), int(sys.argv[2])
with open_log(vault, Clock(2_000_000_000)) as log:
    print(log.size, flush=True)
    while log.size < until:
        log.append(records(log.size, 1 + log.size % 37))
        if log.size % 3:
            log.publish()
        print(log.size, flush=True)
"""


@pytest.fixture
def growing(tmp_path: Path, repository: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A vault that another process writes to."""
    vault = new_vault(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(vault), "1600"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(repository), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield vault, process
    finally:
        process.kill()
        process.communicate()


def test_readers_find_every_committed_entry_while_a_writer_runs(
    growing: tuple[Path, subprocess.Popen[str]],
) -> None:
    vault, process = growing
    assert process.stdout is not None
    looks = moves = 0
    last = 0
    for line in process.stdout:
        size = int(line)
        # The newest, the edges of the bundle that is moving, and one anywhere, each with nothing kept.
        for index in {size - 1, size - 2, size // 256 * 256, size // 256 * 256 - 1, last, size * 7 // 11}:
            if 0 <= index < size:
                assert number_of(Reader(vault), index) == index
                looks += 1
        moves += size // 256 - last // 256
        last = size
        found, _ = Reader(vault).checkpoint()
        assert found.checkpoint.size >= 0
    assert process.wait(timeout=10) == 0
    assert last >= 1600
    assert moves >= 6
    assert looks > 150


def test_a_run_of_all_entries_is_whole_while_a_writer_runs(
    growing: tuple[Path, subprocess.Popen[str]],
) -> None:
    vault, process = growing
    deadline = time.monotonic() + 60
    runs = 0
    while process.poll() is None and time.monotonic() < deadline:
        reader = Reader(vault)
        size = reader.checkpoint()[0].checkpoint.size
        found = list(reader.entries(0, size))
        assert [index for index, _, _ in found] == list(range(size))
        leaves = [merkle.leaf_hash(entry) for _, entry, _ in found]
        # What a reader puts together is the tree of the checkpoint that it read before.
        root = reader.checkpoint()[0].checkpoint
        if root.size == size:
            assert merkle.root(leaves) == root.root
        runs += 1
    assert process.wait(timeout=10) == 0
    assert runs > 1
    assert json.loads((vault / "vault.json").read_bytes())["origin"] == IDENTITY.origin


def test_a_closed_log_leaves_a_tail_that_readers_open(vault: Path) -> None:
    with open_log(vault, Clock(2_000_000_000)) as log:
        assert isinstance(log, Log)
    assert number_of(Reader(vault), SIZE + TAIL - 1) == SIZE + TAIL - 1
