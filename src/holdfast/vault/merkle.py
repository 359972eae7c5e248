"""Hashes the log's tree and makes and checks its proofs; pure.

The tree is that of RFC 6962 section 2.1 over SHA-256: the empty tree is SHA-256 of nothing, a leaf is
SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right), and a tree of n > 1 leaves splits at the
largest power of two below n. Hashes are 32-byte `bytes` everywhere.

Coordinates: the subtree at (level, index) covers the leaves [index·2^level, (index+1)·2^level); it is
complete in a tree of `size` leaves when it ends at or before `size`.

A proof says nothing about the tree's size: one leaf with one sibling is as good a path in a tree of 2
as in a tree of 65. So `size` and `root` must come from a signed checkpoint, never from the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from holdfast.errors import FormatError, IntegrityError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "ReadHash",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

ReadHash = Callable[[int, int], bytes]
"""(level, index) -> hash of that complete subtree."""


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes in log order.

    Pairing neighbours level by level and carrying a last odd one up unchanged is the same tree as the
    standard's recursive split, without the recursion.
    Errors: FormatError if a hash is not 32 bytes. Source: RFC 6962 section 2.1.
    """
    _check_hashes(hashes)
    if not hashes:
        return EMPTY_ROOT
    digest = sha256
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) & 1 else []
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [digest(b"\x01" + left + right).digest() for left, right in pairs]
        row += odd
    return row[0]


# --- the growing right edge ------------------------------------------------------------------------


class Frontier:
    """The right edge of a tree: all that is needed to append to it and to know its root.

    Holds one hash for each set bit of `size`, largest subtree first (a compact range from 0).
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Takes up an edge where `peaks` left it. Errors: FormatError if the two do not fit together."""
        if size < 0 or len(peaks) != size.bit_count():
            raise FormatError(f"tree edge: {len(peaks)} hashes cannot be the edge of a tree of {size}")
        _check_hashes(peaks)
        self._size = size
        self._peaks = list(peaks)

    @property
    def size(self) -> int:
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """What to store so that `Frontier(size, peaks)` goes on from here."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Appends leaf hashes in order. Errors: FormatError at a malformed one; those before it stay."""
        digest = sha256
        peaks, size = self._peaks, self._size
        try:
            for leaf in leaves:
                if len(leaf) != HASH_BYTES:
                    raise FormatError(f"a hash has {len(leaf)} bytes, expected {HASH_BYTES}")
                merged, bits = leaf, size
                while bits & 1:
                    merged = digest(b"\x01" + peaks.pop() + merged).digest()
                    bits >>= 1
                peaks.append(merged)
                size += 1
        finally:
            self._size = size

    def root(self) -> bytes:
        if not self._peaks:
            return EMPTY_ROOT
        result = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            result = node_hash(peak, result)
        return result

    def copy(self) -> Frontier:
        return Frontier(self._size, self._peaks)


# --- making proofs ---------------------------------------------------------------------------------


def inclusion_proof(index: int, size: int, read_hash: ReadHash) -> list[bytes]:
    """Sibling hashes from the leaf to the root. Errors: ValueError unless 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    return _path(0, index, size, read_hash)


def consistency_proof(size1: int, size2: int, read_hash: ReadHash) -> list[bytes]:
    """Proof that the tree of `size1` is a prefix of that of `size2`; empty when they are equal.

    Errors: ValueError unless 0 < size1 <= size2. Source: RFC 6962 section 2.1.2.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"no consistency proof from size {size1} to size {size2}")
    if size1 == size2:
        return []
    level, _ = _trailing(size1)
    index = (size1 - 1) >> level
    # The largest complete subtree that ends the old tree starts the path, and is left out when it is
    # the whole old tree, whose root the reader has.
    seed = [read_hash(level, index)] if index else []
    return seed + _path(level, index, size2, read_hash)


def _path(level: int, index: int, size: int, read_hash: ReadHash) -> list[bytes]:
    """Siblings of the complete subtree (level, index) on its way up to the root of `size` leaves."""
    inner, _ = _decompose(index, ((size - 1) >> level) + 1)
    proof = []
    for step in range(inner):
        at, sibling = level + step, (index >> step) ^ 1
        # Only the last inner sibling can be cut short by the tree's right edge.
        complete = (sibling + 1) << at <= size
        proof.append(read_hash(at, sibling) if complete else _range_hash(sibling << at, size, read_hash))
    above = index >> inner
    while above:
        zeros, above = _trailing(above)
        inner += zeros
        above -= 1
        proof.append(read_hash(level + inner, above))
    return proof


def _range_hash(start: int, end: int, read_hash: ReadHash) -> bytes:
    """Hash over the leaves [start, end) where `start` is aligned to a power of two not below the length."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(read_hash(level, start >> level))
        start += 1 << level
    result = parts.pop()
    while parts:
        result = node_hash(parts.pop(), result)
    return result


# --- checking proofs -------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """The leaf hash stands at `index` in the tree of `size` leaves under `root`.

    `size` and `root` MUST come from a verified checkpoint.
    Errors: FormatError if a hash is not 32 bytes; IntegrityError if the proof does not hold, a hash
    more or fewer than the path needs included. Source: RFC 6962 section 2.1.1.
    """
    _check_hashes((leaf, root, *proof))
    if not 0 <= index < size:
        raise IntegrityError(f"inclusion proof: no leaf {index} in a tree of {size}")
    inner, border = _decompose(index, size)
    _check_length("inclusion", proof, inner + border)
    result = leaf
    for step, sibling in enumerate(proof[:inner]):
        result = node_hash(sibling, result) if index >> step & 1 else node_hash(result, sibling)
    for sibling in proof[inner:]:
        result = node_hash(sibling, result)
    _check_root(f"inclusion of leaf {index}", result, root)


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """The tree of `size1` leaves under `root1` is a prefix of that of `size2` under `root2`.

    A first tree of size 0 is refused: it is a prefix of everything, so such a "proof" proves nothing.
    Errors: FormatError if a hash is not 32 bytes; IntegrityError if the proof does not hold.
    Source: RFC 6962 section 2.1.2.
    """
    if not 0 < size1 <= size2:
        raise IntegrityError(f"consistency proof: none can lead from size {size1} to size {size2}")
    if size1 == size2:
        _check_length("consistency", proof, 0)
        # Nothing is hashed here: the two roots are one or not (a published case has roots of 12 bytes).
        _check_root(f"consistency at size {size1}", root2, root1)
        return
    _check_hashes((root1, root2, *proof))
    level, odd = _trailing(size1)
    inner, border = _decompose(size1 - 1, size2)
    inner -= level
    seeded = 0 if odd == 1 else 1
    _check_length("consistency", proof, seeded + inner + border)
    old = new = proof[0] if seeded else root1
    index = (size1 - 1) >> level
    for step, sibling in enumerate(proof[seeded : seeded + inner]):
        if index >> step & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    for sibling in proof[seeded + inner :]:
        old, new = node_hash(sibling, old), node_hash(sibling, new)
    _check_root(f"consistency, tree of {size1}", old, root1)
    _check_root(f"consistency, tree of {size2}", new, root2)


def _decompose(index: int, size: int) -> tuple[int, int]:
    """Steps of a leaf's path: (below its fork with the last leaf, along the tree's left border)."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _trailing(number: int) -> tuple[int, int]:
    """(count of trailing zero bits, the number without them) of a positive number."""
    zeros = (number & -number).bit_length() - 1
    return zeros, number >> zeros


def _check_hashes(hashes: Iterable[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise FormatError(f"a hash has {len(value)} bytes, expected {HASH_BYTES}")


def _check_length(what: str, proof: Sequence[bytes], expected: int) -> None:
    if len(proof) != expected:
        raise IntegrityError(f"{what} proof: {len(proof)} hashes, expected {expected}")


def _check_root(what: str, got: bytes, expected: bytes) -> None:
    if got != expected:
        raise IntegrityError(f"{what}: root {got.hex()[:16]}…, expected {expected.hex()[:16]}…")
