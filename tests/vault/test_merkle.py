"""Merkle trees and their proofs against the standard's own recursion, published vectors and forgeries."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError, IntegrityError
from holdfast.vault import merkle
from tests.vectors import generate
from tests.vectors import naive_log as naive

SIZES = 300
ENTRIES = [generate.entry(index) for index in range(SIZES)]
LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
ROOTS = [merkle.root(LEAVES[:size]) for size in range(SIZES + 1)]


def read_hash(level: int, index: int) -> bytes:
    """Any complete subtree of the tree of 300, hashed on the spot."""
    part = LEAVES[index << level : (index + 1) << level]
    assert len(part) == 1 << level, "only complete subtrees are asked for"
    return merkle.root(part)


def test_our_vectors_are_what_the_naive_implementation_makes() -> None:
    assert generate.PATH.read_text(encoding="utf-8") == generate.encoded()


def test_roots_and_proofs_are_those_of_our_vectors() -> None:
    vectors = json.loads(generate.PATH.read_text(encoding="utf-8"))
    assert [root.hex() for root in ROOTS] == vectors["roots"]
    for case in vectors["inclusion"]:
        proof = merkle.inclusion_proof(case["index"], case["size"], read_hash)
        assert [each.hex() for each in proof] == case["proof"]
    for case in vectors["consistency"]:
        proof = merkle.consistency_proof(case["size1"], case["size2"], read_hash)
        assert [each.hex() for each in proof] == case["proof"]


def test_the_empty_tree_hashes_to_the_hash_of_nothing() -> None:
    assert merkle.root([]) == merkle.EMPTY_ROOT == merkle.Frontier().root() == naive.mth([])


def test_every_root_to_300_is_that_of_the_recursive_definition() -> None:
    for size in range(SIZES + 1):
        assert ROOTS[size] == naive.mth(ENTRIES[:size])


def test_the_frontier_knows_every_root_and_goes_on_from_where_it_was_put_down() -> None:
    frontier = merkle.Frontier()
    for size in range(SIZES + 1):
        assert frontier.size == size
        assert frontier.root() == ROOTS[size]
        taken_up = merkle.Frontier(frontier.size, frontier.peaks)
        assert taken_up.root() == ROOTS[size]
        taken_up.extend(LEAVES[size:])
        assert taken_up.root() == ROOTS[SIZES]
        if size < SIZES:
            frontier.append(LEAVES[size])


def test_a_copied_frontier_grows_alone() -> None:
    frontier = merkle.Frontier()
    frontier.extend(LEAVES[:3])
    other = frontier.copy()
    other.append(LEAVES[3])
    assert (frontier.root(), other.root()) == (ROOTS[3], ROOTS[4])


def test_a_frontier_whose_hashes_do_not_fit_its_size_is_refused() -> None:
    for size, peaks in ((-1, []), (3, LEAVES[:1]), (4, []), (1, [b"short"])):
        with pytest.raises(FormatError):
            merkle.Frontier(size, peaks)


def test_a_frontier_keeps_what_it_took_before_a_malformed_hash() -> None:
    frontier = merkle.Frontier()
    with pytest.raises(FormatError):
        frontier.extend([*LEAVES[:5], b"short", LEAVES[6]])
    assert (frontier.size, frontier.root()) == (5, ROOTS[5])


def test_every_inclusion_proof_to_size_300_is_the_standards_and_holds() -> None:
    hashed: dict[tuple[int, int], bytes] = {}

    def cached(level: int, index: int) -> bytes:
        if (level, index) not in hashed:
            hashed[level, index] = read_hash(level, index)
        return hashed[level, index]

    for size in range(1, SIZES + 1):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, cached)
            merkle.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


def test_every_consistency_proof_to_size_300_holds() -> None:
    hashed: dict[tuple[int, int], bytes] = {}

    def cached(level: int, index: int) -> bytes:
        if (level, index) not in hashed:
            hashed[level, index] = read_hash(level, index)
        return hashed[level, index]

    for size2 in range(1, SIZES + 1):
        for size1 in range(1, size2 + 1):
            proof = merkle.consistency_proof(size1, size2, cached)
            merkle.verify_consistency(size1, size2, proof, ROOTS[size1], ROOTS[size2])


def test_proofs_of_small_trees_equal_the_recursive_definition() -> None:
    for size in range(1, 34):
        for index in range(size):
            assert merkle.inclusion_proof(index, size, read_hash) == naive.path(index, ENTRIES[:size])
            if index:
                assert merkle.consistency_proof(index, size, read_hash) == naive.proof(index, ENTRIES[:size])


def test_no_proof_is_made_for_what_the_tree_does_not_hold() -> None:
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_proof(index, size, read_hash)
    for size1, size2 in ((0, 5), (6, 5), (-1, 5)):
        with pytest.raises(ValueError, match="no consistency proof"):
            merkle.consistency_proof(size1, size2, read_hash)


def test_a_proof_holds_for_no_other_index_of_its_tree() -> None:
    for size in (1, 2, 3, 7, 8, 64, 65):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, read_hash)
            for other in [*range(index), *range(index + 1, size + 2), -1, index + (1 << 63)]:
                with pytest.raises(IntegrityError):
                    merkle.verify_inclusion(LEAVES[index], other, size, proof, ROOTS[size])


def test_the_size_is_malleable_so_that_only_a_checkpoint_may_state_it() -> None:
    """One leaf, one sibling: the same bytes prove several (index, size). Hence the rule in the docstring."""
    root = naive.sha256(b"\x01" + LEAVES[0] + LEAVES[1])
    for index, size in ((1, 2), (2, 3), (4, 5), (64, 65)):
        merkle.verify_inclusion(LEAVES[1], index, size, [LEAVES[0]], root)
    # With the size from the checkpoint one index is left.
    with pytest.raises(IntegrityError):
        merkle.verify_inclusion(LEAVES[1], 0, 2, [LEAVES[0]], root)


def test_an_inner_node_is_not_accepted_as_a_leaf_of_the_same_tree() -> None:
    proof = merkle.inclusion_proof(0, 4, read_hash)
    with pytest.raises(IntegrityError):
        merkle.verify_inclusion(read_hash(1, 0), 0, 4, proof[1:], ROOTS[4])


@given(st.data())
def test_a_changed_proof_does_not_hold(data: st.DataObject) -> None:
    size2 = data.draw(st.integers(2, SIZES))
    size1 = data.draw(st.integers(1, size2 - 1))
    inclusion = merkle.inclusion_proof(size1, size2, read_hash)
    consistency = merkle.consistency_proof(size1, size2, read_hash)

    def mangled(proof: list[bytes]) -> list[bytes]:
        at = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at], "big") ^ (1 << bit)).to_bytes(32, "big")
        return data.draw(
            st.sampled_from(
                [
                    [*proof[:at], flipped, *proof[at + 1 :]],
                    [*proof[:at], *proof[at + 1 :]],
                    [*proof[:at], ROOTS[0], *proof[at:]],
                    [*proof, proof[at]],
                ]
            )
        )

    with pytest.raises(IntegrityError):
        merkle.verify_inclusion(LEAVES[size1], size1, size2, mangled(inclusion), ROOTS[size2])
    with pytest.raises(IntegrityError):
        merkle.verify_consistency(size1, size2, mangled(consistency), ROOTS[size1], ROOTS[size2])
    with pytest.raises(IntegrityError):
        merkle.verify_consistency(size1, size2, consistency, ROOTS[size1 - 1], ROOTS[size2])
    with pytest.raises(IntegrityError):
        merkle.verify_consistency(size1, size2, consistency, ROOTS[size1], ROOTS[size2 - 1])


def test_consistency_refuses_an_empty_first_tree_and_shrinking() -> None:
    for size1, size2 in ((0, 0), (0, 5), (5, 4), (-1, 3)):
        with pytest.raises(IntegrityError):
            merkle.verify_consistency(size1, size2, [], ROOTS[0], ROOTS[5])


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    merkle.verify_consistency(5, 5, [], ROOTS[5], ROOTS[5])
    with pytest.raises(IntegrityError):
        merkle.verify_consistency(5, 5, [], ROOTS[5], ROOTS[6])
    with pytest.raises(IntegrityError):
        merkle.verify_consistency(5, 5, [ROOTS[5]], ROOTS[5], ROOTS[5])


def test_hashes_of_another_length_are_no_hashes() -> None:
    for bad in (b"", ROOTS[1][:31], ROOTS[1] + b"\0"):
        with pytest.raises(FormatError):
            merkle.root([LEAVES[0], bad])
        with pytest.raises(FormatError):
            merkle.verify_inclusion(bad, 0, 1, [], ROOTS[1])
        with pytest.raises(FormatError):
            merkle.verify_inclusion(LEAVES[0], 0, 2, [bad], ROOTS[2])
        with pytest.raises(FormatError):
            merkle.verify_consistency(1, 2, [bad], ROOTS[1], ROOTS[2])


def published(folder: Path, kind: str) -> list[Path]:
    found = sorted((folder / "merkle" / "testdata" / kind).rglob("*.json"))
    assert len(found) == 98, f"98 published {kind} cases are expected, {len(found)} are there"
    return found


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_the_98_published_inclusion_cases_are_judged_as_they_say(published_vectors: Path) -> None:
    for path in published(published_vectors, "inclusion"):
        case = json.loads(path.read_text())
        try:
            merkle.verify_inclusion(
                raw(case["leafHash"]),
                case["leafIdx"],
                case["treeSize"],
                [raw(each) for each in case["proof"] or []],
                raw(case["root"]),
            )
            holds = True
        except (FormatError, IntegrityError):
            holds = False
        assert holds is not case["wantErr"], path.name


def test_the_98_published_consistency_cases_are_judged_as_they_say(published_vectors: Path) -> None:
    for path in published(published_vectors, "consistency"):
        case = json.loads(path.read_text())
        try:
            merkle.verify_consistency(
                case["size1"],
                case["size2"],
                [raw(each) for each in case["proof"] or []],
                raw(case["root1"]),
                raw(case["root2"]),
            )
            holds = True
        except (FormatError, IntegrityError):
            holds = False
        assert holds is not case["wantErr"], path.name
