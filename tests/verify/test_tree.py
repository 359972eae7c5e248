"""Several wounds at once: what hashes to the signed root is told apart from what does not, as far as it can be."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.vault import merkle
from holdfast.vault.format.tiles import TILE_WIDTH, Tile, join_tile, tiles_for
from holdfast.verify import tree as tree_module
from holdfast.verify.findings import Findings, Severity
from holdfast.verify.tree import Judgement, Tree


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % index) for index in range(size)]


def tiles_of(leaves: list[bytes]) -> dict[Tile, bytes]:
    found: dict[Tile, bytes] = {}
    row, level = leaves, 0
    for tile in tiles_for(len(leaves)):
        if tile.level != level:
            row = [merkle.root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
            level += 1
        found[tile] = join_tile(row[tile.number * 256 :][: tile.width])
    return found


def flipped(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def judge(
    size: int,
    bundles: dict[int, list[bytes] | None],
    tiles: dict[Tile, bytes | None],
    root: bytes | None = b"",
) -> tuple[Judgement, list[str]]:
    """Judge a right tree of `size` in which some bundles' leaf hashes and some tiles are replaced."""
    leaves = leaves_of(size)
    right = tiles_of(leaves)
    findings = Findings()
    tree = Tree(size, lambda tile: tiles.get(tile, right.get(tile)), findings)
    for number in range(-(-size // TILE_WIDTH)):
        tree.add(bundles.get(number, leaves[number * 256 : number * 256 + 256]))
    judged = tree.judge(merkle.root(leaves) if root == b"" else root)
    return judged, sorted(one.place for one in findings.all() if one.severity is Severity.ALARM)


def wounded(leaves: list[bytes], *places: int) -> list[bytes]:
    return [flipped(leaf) if place in places else leaf for place, leaf in enumerate(leaves)]


SIZE = 600
LEAVES = leaves_of(SIZE)
FIRST, SECOND, LAST = LEAVES[:256], LEAVES[256:512], LEAVES[512:]
T0, T1, T2, UP = Tile(0, 0), Tile(0, 1), Tile(0, 2, 88), Tile(1, 0, 2)
RIGHT = tiles_of(LEAVES)


@pytest.mark.parametrize(
    ("bundles", "tiles", "entries", "places"),
    [
        ({}, {}, {}, []),
        ({0: wounded(FIRST, 3, 9)}, {}, {0: {3, 9}}, []),
        ({2: wounded(LAST, 87)}, {}, {2: {87}}, []),
        ({}, {T0: flipped(RIGHT[T0])}, {}, [T0]),
        ({}, {T2: flipped(RIGHT[T2])}, {}, [T2]),
        ({}, {UP: flipped(RIGHT[UP])}, {}, [UP]),
        # Two and three wounds in different files.
        (
            {0: wounded(FIRST, 0), 1: wounded(SECOND, 1), 2: wounded(LAST, 2)},
            {},
            {0: {0}, 1: {1}, 2: {2}},
            [],
        ),
        ({0: wounded(FIRST, 0)}, {T1: flipped(RIGHT[T1])}, {0: {0}}, [T1]),
        ({0: wounded(FIRST, 0)}, {UP: flipped(RIGHT[UP])}, {0: {0}}, [UP]),
        ({2: wounded(LAST, 0)}, {UP: flipped(RIGHT[UP], 40)}, {2: {0}}, [UP]),
        ({}, {T0: flipped(RIGHT[T0]), T2: flipped(RIGHT[T2]), UP: flipped(RIGHT[UP])}, {}, [T0, T2, UP]),
        # Entries and their own tile rewritten alike: the tile above knows.
        (
            {0: wounded(FIRST, 0)},
            {T0: join_tile(wounded(FIRST, 0))},
            {0: set(range(256))},
            [T0],
        ),
        # Entries and their tile wounded differently.
        ({0: wounded(FIRST, 0)}, {T0: flipped(RIGHT[T0], 64)}, {0: set(range(256))}, [T0]),
        # What could not be read is another's finding; the other one is still judged.
        ({0: None}, {}, {}, []),
        ({0: None, 2: None}, {}, {}, []),
        ({0: None}, {T0: flipped(RIGHT[T0])}, {}, [T0]),
        ({}, {T0: None, T2: None, UP: None}, {}, []),
        ({0: wounded(FIRST, 0)}, {T0: None}, {0: set(range(256))}, []),
        ({0: None}, {T0: None}, {}, []),
    ],
)
def test_each_wound_is_found_where_it_is(
    bundles: dict[int, list[bytes] | None],
    tiles: dict[Tile, bytes | None],
    entries: dict[int, set[int]],
    places: list[Tile],
) -> None:
    judged, found = judge(SIZE, bundles, tiles)
    assert judged.holds is True
    assert judged.wounded == entries
    assert found == sorted(f"log/{tile.path}" for tile in places)


def test_a_log_of_one_bundle_needs_no_tile_above() -> None:
    leaves = leaves_of(5)
    judged, found = judge(5, {0: wounded(leaves, 4)}, {})
    assert (judged.holds, judged.wounded, found) == (True, {0: {4}}, [])
    judged, found = judge(5, {}, {Tile(0, 0, 5): flipped(join_tile(leaves))})
    assert (judged.holds, judged.wounded, found) == (True, {}, ["log/tile/0/000.p/5"])


@pytest.mark.parametrize(
    ("bundles", "tiles", "places"),
    [
        # Entries, tile and head: nothing is left that hashes to the head.
        ({2: wounded(LAST, 0)}, {T2: flipped(RIGHT[T2], 64)}, ["log/checkpoint", f"log/{T2.path}"]),
        ({2: wounded(LAST, 0)}, {T2: join_tile(wounded(LAST, 0))}, ["log/checkpoint"]),
    ],
)
def test_where_nothing_hashes_to_the_head_the_head_is_named_too(
    bundles: dict[int, list[bytes] | None], tiles: dict[Tile, bytes | None], places: list[str]
) -> None:
    judged, found = judge(SIZE, bundles, tiles)
    assert (judged.holds, found) == (False, places)


def test_where_a_bundle_is_gone_altogether_the_head_is_not_blamed() -> None:
    judged, found = judge(SIZE, {0: None, 1: wounded(SECOND, 0)}, {T0: None, UP: None})
    assert (judged.holds, judged.wounded, found) == (False, {1: {0}}, ["log/tile/0/001"])
    judged, found = judge(SIZE, {0: None, 1: None, 2: wounded(LAST, 0)}, {T0: None, UP: None})
    assert (judged.holds, judged.wounded, found) == (False, {2: {0}}, ["log/tile/0/002.p/88"])
    judged, found = judge(SIZE, {2: None}, {T2: None}, None)
    assert (judged.holds, found) == (None, [])


def test_without_a_head_the_tiles_above_decide() -> None:
    judged, found = judge(SIZE, {0: wounded(FIRST, 7)}, {}, None)
    assert (judged.holds, judged.wounded, found) == (None, {0: {7}}, [])
    judged, found = judge(SIZE, {}, {T1: flipped(RIGHT[T1])}, None)
    assert (judged.wounded, found) == ({}, ["log/tile/0/001"])


def test_trials_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 256 * 12
    leaves = leaves_of(size)
    bundles: dict[int, list[bytes] | None] = {
        number: wounded(leaves[number * 256 :][:256], 0) for number in range(12)
    }
    judged, _ = judge(size, bundles, {})
    assert judged.wounded == {number: {0} for number in range(12)}
    # Without the tile above each bundle is an open question: 4,096 combinations, the last one right.
    above: dict[Tile, bytes | None] = {Tile(1, 0, 12): None}
    judged, found = judge(size, bundles, above)
    assert (judged.holds, len(judged.wounded), len(found)) == (False, 12, 13)
    monkeypatch.setattr(tree_module, "MAX_TRIALS", 5_000)
    judged, found = judge(size, bundles, above)
    assert (judged.holds, len(judged.wounded), found) == (True, 12, [])


def test_tiles_of_three_levels_are_each_held_against_what_is_below() -> None:
    size = 256 * 256 + 300
    leaves = leaves_of(size)
    right = tiles_of(leaves)
    assert [tile for tile in right if tile.level] == [Tile(1, 0), Tile(1, 1, 1), Tile(2, 0, 1)]
    for tile in (Tile(0, 200), Tile(1, 0), Tile(1, 1, 1), Tile(2, 0, 1)):
        findings = Findings()
        read = {**right, tile: flipped(right[tile], 5)}
        tree = Tree(size, read.get, findings, [Tile(1, 0, 17), Tile(2, 0, 9)])
        for at in range(0, size, 256):
            tree.add(leaves[at : at + 256])
        judged = tree.judge(merkle.root(leaves))
        assert judged.holds is True
        assert [one.place for one in findings.all()] == [f"log/{tile.path}"]


@given(st.data())
def test_any_one_wound_is_named_alone(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1, 5, 256, 257, 600]))
    leaves = leaves_of(size)
    right = tiles_of(leaves)
    where = data.draw(st.sampled_from([*range(-(-size // 256)), *right]))
    if isinstance(where, Tile):
        at = data.draw(st.integers(0, len(right[where]) - 1))
        judged, found = judge(size, {}, {where: flipped(right[where], at)})
        assert (judged.wounded, found) == ({}, [f"log/{where.path}"])
    else:
        part = leaves[where * 256 :][:256]
        place = data.draw(st.integers(0, len(part) - 1))
        judged, found = judge(size, {where: wounded(part, place)}, {})
        assert (judged.wounded, found) == ({where: {place}}, [])
    assert judged.holds is True


def test_the_likeliest_combination_is_tried_first() -> None:
    assert list(itertools.islice(itertools.product([1, 2], [3, 4]), 1)) == [(1, 3)]
