"""Names, geometry and framing of a log's files, by the specification's examples and a published log."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError
from holdfast.vault import merkle
from holdfast.vault.format import tiles
from holdfast.vault.format.tiles import ENTRIES, Tile
from tests.vectors import generate
from tests.vectors import naive_log as naive

LOG_ENTRIES = [generate.entry(index) for index in range(300)]


def log_files(size: int) -> dict[str, bytes]:
    """The files of a log of `size` entries, made with the code under test."""
    entries = LOG_ENTRIES[:size]
    found = {
        each.path: tiles.join_bundle(entries[each.number * 256 : each.number * 256 + each.width])
        for each in tiles.bundles_for(size)
    }
    row = [merkle.leaf_hash(entry) for entry in entries]
    level = 0
    for each in tiles.tiles_for(size):
        if each.level != level:
            row = [merkle.root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
            level += 1
        found[each.path] = tiles.join_tile(row[each.number * 256 : each.number * 256 + each.width])
    return found


def test_paths_are_those_of_the_specification() -> None:
    assert tiles.tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tiles.tile_path(1, 0, 1) == "tile/1/000.p/1"
    assert tiles.tile_path(63, 999) == "tile/63/999"
    assert tiles.tile_path(0, 1000, 255) == "tile/0/x001/000.p/255"
    assert tiles.bundle_path(0) == "tile/entries/000"
    assert tiles.bundle_path(70_000, 7) == "tile/entries/x070/000.p/7"


def test_out_of_range_coordinates_have_no_path() -> None:
    for level, number, width in ((64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(ValueError, match="no tile"):
            tiles.tile_path(level, number, width)


@given(
    st.sampled_from([ENTRIES, 0, 1, 7, 63]),
    st.one_of(st.integers(0, 2000), st.integers(0, tiles.MAX_SIZE)),
    st.integers(1, 256),
)
def test_every_path_reads_back(level: int, number: int, width: int) -> None:
    tile = Tile(level, number, width)
    assert tiles.parse_log_path(tile.path) == tile
    assert tile.is_full is (width == 256)
    prefix = "entries" if level == ENTRIES else str(level)
    suffix = "" if width == 256 else f".p/{width}"
    assert tile.path == f"tile/{prefix}/{naive.number_path(number)}{suffix}"


def test_a_tiles_path_is_not_an_entry_bundles() -> None:
    assert tiles.parse_tile_path("tile/2/x001/000.p/3") == (2, 1000, 3)
    with pytest.raises(FormatError, match="entry bundle"):
        tiles.parse_tile_path("tile/entries/000")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/1000",
        "tile/0/000.p/+1",
        "tile/0/000/",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/x/000",
        "tile/data/000",
        "tile/entries/x009/x999/x999/x999/x999/x999/999",
        "tile/entries/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/0/000.P/1",
    ],
)
def test_any_other_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(FormatError):
        tiles.parse_log_path(path)


@given(st.text(alphabet="tile/entris0123x.p \n", max_size=40))
def test_a_path_that_reads_is_the_one_it_stands_for(path: str) -> None:
    try:
        tile = tiles.parse_log_path(path)
    except FormatError:
        return
    assert tile.path == path


def test_the_specifications_examples_of_geometry() -> None:
    found = list(tiles.tiles_for(70_000))
    assert [each for each in found if each.level == 0] == [
        *(Tile(0, number) for number in range(273)),
        Tile(0, 273, 112),
    ]
    assert [each for each in found if each.level > 0] == [Tile(1, 0), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles.tiles_for(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.tiles_for(0)) == list(tiles.bundles_for(0)) == []
    assert list(tiles.bundles_for(257)) == [Tile(ENTRIES, 0), Tile(ENTRIES, 1, 1)]


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_what_a_grown_tree_adds_is_what_the_smaller_one_lacks(one: int, other: int) -> None:
    old, new = sorted((one, other))
    for whole, added in ((tiles.tiles_for, tiles.tiles_between), (tiles.bundles_for, tiles.bundles_between)):
        had = set(whole(old))
        assert list(added(old, new)) == [each for each in whole(new) if each not in had]


def test_every_file_of_every_size_to_300_is_the_naive_ones() -> None:
    for size in (*range(20), 254, 255, 256, 257, 258, 299, 300):
        assert log_files(size) == naive.files(LOG_ENTRIES[:size])


def test_files_are_those_of_our_vectors() -> None:
    vectors = json.loads(generate.PATH.read_text(encoding="utf-8"))
    assert hashlib.sha256(b"\n".join(LOG_ENTRIES)).hexdigest() == vectors["entries_sha256"]
    for size, expected in vectors["files"].items():
        found = {path: hashlib.sha256(data).hexdigest() for path, data in log_files(int(size)).items()}
        assert found == expected


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    data = tiles.join_bundle(entries)
    assert tiles.split_bundle(data, len(entries)) == entries
    for width in {len(entries) - 1, len(entries) + 1}:
        with pytest.raises(FormatError):
            tiles.split_bundle(data, width)
    with pytest.raises(FormatError):
        tiles.split_bundle(data[:-1], len(entries))
    with pytest.raises(FormatError):
        tiles.split_bundle(data + b"\0", len(entries))


@given(st.binary(max_size=64), st.integers(0, 8))
def test_bytes_that_read_as_a_bundle_are_its_one_encoding(data: bytes, width: int) -> None:
    try:
        entries = tiles.split_bundle(data, width)
    except FormatError:
        return
    assert tiles.join_bundle(entries) == data


def test_the_largest_entry_fits_and_one_byte_more_does_not() -> None:
    entry = bytes(tiles.MAX_ENTRY_BYTES)
    assert tiles.split_bundle(tiles.join_bundle([entry]), 1) == [entry]
    with pytest.raises(ValueError, match="does not fit"):
        tiles.join_bundle([entry + b"\0"])


def test_a_tile_reads_back_and_no_other_length_does() -> None:
    hashes = [merkle.leaf_hash(entry) for entry in LOG_ENTRIES[:256]]
    assert tiles.split_tile(tiles.join_tile(hashes)) == hashes
    assert tiles.split_tile(tiles.join_tile(hashes[:3]), 3) == hashes[:3]
    for data in (b"", b"x", tiles.join_tile(hashes[:2]), tiles.join_tile(hashes[:4])):
        with pytest.raises(FormatError):
            tiles.split_tile(data, 3)
    for bad in ([], [*hashes, hashes[0]], [b"short"]):
        with pytest.raises(ValueError, match="a tile holds"):
            tiles.join_tile(bad)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300])
def test_proofs_from_tiles_hold_for_every_leaf(size: int) -> None:
    files = log_files(size)
    read = tiles.TileHashes(size, lambda tile: files[tile.path])
    leaves = [merkle.leaf_hash(entry) for entry in LOG_ENTRIES[:size]]
    root = merkle.root(leaves)
    for index in range(size):
        merkle.verify_inclusion(leaves[index], index, size, merkle.inclusion_proof(index, size, read), root)
        proof = merkle.consistency_proof(index + 1, size, read)
        merkle.verify_consistency(index + 1, size, proof, merkle.root(leaves[: index + 1]), root)


def test_only_the_last_tiles_read_are_kept_and_a_kept_one_is_not_read_again() -> None:
    files = log_files(300)
    asked: list[Tile] = []

    def read_tile(tile: Tile) -> bytes:
        asked.append(tile)
        return files[tile.path]

    read = tiles.TileHashes(300, read_tile, keep=1)
    read(0, 3)
    read(1, 3)
    assert asked == [Tile(0, 0)]
    read(8, 0)
    assert asked == [Tile(0, 0), Tile(1, 0, 1)]
    read(0, 299)
    read(0, 0)
    assert asked[2:] == [Tile(0, 1, 44), Tile(0, 0)]


def test_a_subtree_that_is_not_complete_is_not_read() -> None:
    read = tiles.TileHashes(300, lambda tile: bytes(32 * tile.width))
    for level, index in ((0, 300), (2, 75), (8, 1), (9, 0)):
        with pytest.raises(ValueError, match="not complete"):
            read(level, index)


def test_a_tile_of_another_length_is_refused() -> None:
    read = tiles.TileHashes(300, lambda tile: bytes(32 * tile.width - 1))
    with pytest.raises(FormatError):
        read(0, 0)


def test_the_published_log_of_sizes_0_to_15_is_ours_byte_for_byte(published_vectors: Path) -> None:
    folder = published_vectors / "tessera" / "testdata" / "log"
    whole = tiles.split_bundle((folder / tiles.bundle_path(0, 15)).read_bytes(), 15)
    leaves = [merkle.leaf_hash(entry) for entry in whole]
    for size in range(16):
        root = merkle.root(leaves[:size])
        stated = (folder / f"checkpoint.{size}").read_text().split("\n")
        assert stated[1:3] == [str(size), base64.b64encode(root).decode()]
        for bundle in tiles.bundles_for(size):
            assert (folder / bundle.path).read_bytes() == tiles.join_bundle(whole[:size])
        for tile in tiles.tiles_for(size):
            assert (folder / tile.path).read_bytes() == tiles.join_tile(leaves[:size])
    found = {path.relative_to(folder).as_posix() for path in (folder / "tile").rglob("*") if path.is_file()}
    expected = {
        each.path for size in range(16) for each in (*tiles.tiles_for(size), *tiles.bundles_for(size))
    }
    assert found == expected
    assert all(tiles.parse_log_path(path).path == path for path in found)


def test_the_published_mirror_of_300_leaves_adds_up_to_its_root(published_vectors: Path) -> None:
    folder = published_vectors / "sunlight" / "cmd" / "skylight" / "testdata" / "witness" / "mirror"
    (folder,) = (path for path in folder.iterdir() if path.is_dir())
    size, root = 300, base64.b64decode((folder / "checkpoint").read_text().split("\n")[2])
    # Its entry bundles are placeholders ("fake mirrored entry bundle"); its tiles are a real log's.
    leaves = [
        leaf
        for tile in (tiles.Tile(0, 0), tiles.Tile(0, 1, 44))
        for leaf in tiles.split_tile((folder / tile.path).read_bytes(), tile.width)
    ]
    assert merkle.root(leaves) == root
    read = tiles.TileHashes(size, lambda tile: (folder / tile.path).read_bytes())
    for index in (0, 255, 256, 299):
        merkle.verify_inclusion(leaves[index], index, size, merkle.inclusion_proof(index, size, read), root)
