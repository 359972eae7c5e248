"""Finds which file of a log is wounded where its entries, its tiles and its signed root disagree.

Entries and tiles say the same thing twice, and the root a third time, so that one wound can be told from its
neighbours: what hashes to the signed root is right, and what differs from it is wounded.

1. For each bundle: the leaf hashes of its entries, and those that its level-0 tile holds.
2. Where they differ, or neither is what the tile above names, there are several candidates for its root.
3. The combination of candidates that hashes to the signed root is right; at most MAX_TRIALS are tried, those
   that the tiles above agree with first.
4. Every tile is held against the hashes of the right combination, at its own level.

Memory: one hash for each bundle, and both lists of a bundle only where they differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from holdfast.vault import merkle
from holdfast.vault.format.tiles import TILE_WIDTH, Tile, split_tile, tiles_for
from holdfast.verify.findings import Findings

__all__ = ["MAX_TRIALS", "Judgement", "ReadTile", "Tree"]

MAX_TRIALS = 256
_HEIGHT = 8

Hashes = Sequence[bytes]
ReadTile = Callable[[Tile], bytes | None]
"""The bytes of a tile; None where there is none to read, which is then another's finding."""


@dataclass
class Judgement:
    """`holds`: the entries hash to the signed root (None: there was none to compare with).

    `wounded`: bundle number -> the places in it whose entries are not what the tree holds.
    `rows[l - 1]`: the hashes of level l, as far as they are known.
    """

    holds: bool | None
    wounded: dict[int, set[int]] = field(default_factory=dict)
    rows: list[list[bytes]] = field(default_factory=list)


class Tree:
    """Takes level 0 bundle by bundle, in order; then judges. `superfluous`: tiles of smaller, earlier trees."""

    def __init__(
        self, size: int, read_tile: ReadTile, findings: Findings, superfluous: Iterable[Tile] = ()
    ) -> None:
        self._size, self._read, self._findings = size, read_tile, findings
        self._older: dict[tuple[int, int], list[Tile]] = {}
        for tile in superfluous:
            self._older.setdefault((tile.level, tile.number), []).append(tile)
        self._bundles: list[Hashes | bytes | None] = []
        """Root of each full bundle, hashes of the last one, None where neither entries nor tile could be read."""
        self._open: dict[int, tuple[Hashes | None, Hashes | None]] = {}
        """Bundle number -> (hashes of its entries, hashes of its tile), where they differ."""
        self.tile_count = 0

    def add(self, entries: Hashes | None) -> None:
        """Step 1: the leaf hashes of the next bundle, None if its entries could not be read."""
        number = len(self._bundles)
        width = min(TILE_WIDTH, self._size - number * TILE_WIDTH)
        raw = self._read(Tile(0, number, width))
        stored = None if raw is None else split_tile(raw, width)
        self.tile_count += stored is not None
        if entries != stored:
            self._open[number] = (entries, stored)
        best = entries if entries is not None else stored
        self._check_older(0, number, *(each for each in (entries, stored) if each is not None))
        self._bundles.append(merkle.root(best) if best is not None and width == TILE_WIDTH else best)

    def judge(self, root: bytes | None) -> Judgement:
        """Steps 2 to 4. `root`: the signed root, None if there is none to believe."""
        stored = {tile: self._stored(tile) for tile in tiles_for(self._size) if tile.level}
        self.tile_count += sum(hashes is not None for hashes in stored.values())
        candidates = [self._candidates(number, stored) for number in range(len(self._bundles))]
        if not all(candidates):
            # Some bundle has neither entries nor tile nor a tile above: all that is missing has been named.
            return self._undecided(candidates, None if root is None else False)
        chosen = tuple(options[0] for options in candidates)
        if root is None:
            holds = None
        else:
            trials = itertools.islice(itertools.product(*candidates), MAX_TRIALS)
            right = next((trial for trial in trials if self._root(trial) == root), None)
            if right is None:
                return self._undecided(candidates, False)
            chosen, holds = right, True
        judged = Judgement(holds)
        for number, value in enumerate(chosen):
            self._judge_bundle(number, value, judged)
        self._judge_upper(chosen, stored, judged)
        return judged

    # -- candidates -------------------------------------------------------------------------------

    def _stored(self, tile: Tile) -> list[bytes] | None:
        raw = self._read(tile)
        return None if raw is None else split_tile(raw, tile.width)

    def _candidates(self, number: int, stored: dict[Tile, list[bytes] | None]) -> list[Hashes | bytes]:
        """Step 2: what bundle `number` may be, the likeliest first: a root, or the hashes of the last one."""
        is_full = (number + 1) * TILE_WIDTH <= self._size
        found: list[Hashes | bytes] = [] if self._bundles[number] is None else [self._bundles[number] or b""]
        for hashes in self._open.get(number, ()):
            if hashes is not None:
                value = merkle.root(hashes) if is_full else hashes
                if value not in found:
                    found.append(value)
        if is_full:
            above = self._above(number, stored)
            if above is not None:
                if above in found and len(found) > 1:
                    found.remove(above)
                    found.insert(0, above)
                elif above not in found:
                    found.append(above)
        return found

    def _above(self, number: int, stored: dict[Tile, list[bytes] | None]) -> bytes | None:
        at, place = divmod(number, TILE_WIDTH)
        width = min(TILE_WIDTH, (self._size >> _HEIGHT) - at * TILE_WIDTH)
        hashes = stored[Tile(1, at, width)]
        return None if hashes is None else hashes[place]

    def _root(self, chosen: Sequence[Hashes | bytes]) -> bytes:
        return merkle.root([each if isinstance(each, bytes) else merkle.root(each) for each in chosen])

    # -- judging ----------------------------------------------------------------------------------

    def _judge_bundle(self, number: int, right: Hashes | bytes, judged: Judgement) -> None:
        entries, stored = self._open.get(number, (None, None))
        if number not in self._open:
            if self._bundles[number] not in (None, right):
                # Entries and tile agree with each other and not with the tree above: both were rewritten.
                self._wound_entries(judged, number, None, None)
                self._wound_tile(Tile(0, number))
            return
        width = min(TILE_WIDTH, self._size - number * TILE_WIDTH)

        def is_right(hashes: Hashes | None) -> bool:
            return hashes is not None and right == (
                merkle.root(hashes) if isinstance(right, bytes) else hashes
            )

        if entries is not None and not is_right(entries):
            self._wound_entries(judged, number, entries, stored if is_right(stored) else None)
        if stored is not None and not is_right(stored):
            self._wound_tile(Tile(0, number, width))

    def _wound_entries(
        self, judged: Judgement, number: int, entries: Hashes | None, right: Hashes | None
    ) -> None:
        width = min(TILE_WIDTH, self._size - number * TILE_WIDTH)
        every = entries is None or right is None
        judged.wounded[number] = {
            place
            for place in range(width)
            if every or entries[place] != right[place]  # type: ignore[index]
        }

    def _wound_tile(self, tile: Tile) -> None:
        self._findings.alarm(
            f"log/{tile.path}", "tile", "does not hold the hashes of the tree that was signed"
        )

    def _judge_upper(
        self,
        chosen: Sequence[Hashes | bytes],
        stored: dict[Tile, list[bytes] | None],
        judged: Judgement,
    ) -> None:
        """Step 4 above level 0."""
        row = [each for each in chosen if isinstance(each, bytes)]
        level = 1
        while row:
            judged.rows.append(row)
            for number in range(-(-len(row) // TILE_WIDTH)):
                hashes = row[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]
                tile = Tile(level, number, len(hashes))
                if stored[tile] is not None and stored[tile] != hashes:
                    self._wound_tile(tile)
                self._check_older(level, number, hashes)
            whole = len(row) - len(row) % TILE_WIDTH
            row = [merkle.root(row[at : at + TILE_WIDTH]) for at in range(0, whole, TILE_WIDTH)]
            level += 1

    def _undecided(self, candidates: list[list[Hashes | bytes]], holds: bool | None) -> Judgement:
        """No combination is the signed one: say so, and where entries and tiles disagree."""
        judged = Judgement(holds)
        if holds is False and all(candidates):
            self._findings.alarm(
                "log/checkpoint", "root", "what is signed here is not the root of the log's entries"
            )
        for number, (entries, stored) in self._open.items():
            if entries is not None and stored is not None:
                width = min(TILE_WIDTH, self._size - number * TILE_WIDTH)
                self._wound_entries(judged, number, entries, stored)
                self._wound_tile(Tile(0, number, width))
        return judged

    def _check_older(self, level: int, number: int, *right: Hashes) -> None:
        """A tile of an earlier, smaller tree holds the first hashes of what stands there now."""
        for tile in self._older.get((level, number), ()):
            raw = self._read(tile)
            if raw is not None and right and raw not in [b"".join(each[: tile.width]) for each in right]:
                self._findings.alarm(
                    f"log/{tile.path}", "tile", "does not hold the first hashes of the tile that follows it"
                )
