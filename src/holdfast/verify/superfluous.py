"""Checks what lies in a log beside the files of its signed head: those of earlier heads and those not yet signed.

A writer that was killed leaves files beyond the head, in the order of docs/format.md section 7: an entry
bundle, its private bundle, its tiles. They must continue the signed log; then they are worth a note, since the
next import ends what was begun. Anything else of that kind was put there by someone else.
"""

from __future__ import annotations

from pathlib import Path

from holdfast.vault import merkle
from holdfast.vault.format.tiles import ENTRIES, TILE_WIDTH, Tile
from holdfast.verify.bundles import BundleTask, check_bundle
from holdfast.verify.disclosures import EntryFacts
from holdfast.verify.files import read_file
from holdfast.verify.findings import Findings, Wound
from holdfast.verify.inventory import Inventory, private_name, superfluous, width_at
from holdfast.verify.ledger import Ledger, entry_place
from holdfast.verify.tree import Judgement

__all__ = ["Superfluous"]


class Superfluous:
    """`judged`: what the log of `size` entries turned out to be."""

    def __init__(
        self,
        folder: Path,
        inventory: Inventory,
        size: int,
        findings: Findings,
        ledger: Ledger,
        judged: Judgement,
    ) -> None:
        self._folder, self._inventory, self._size = folder, inventory, size
        self._findings, self._ledger, self._judged = findings, ledger, judged
        self._leaves: dict[int, list[bytes]] = {}
        """Bundle number -> leaf hashes beyond the head, those below it included."""

    def check(self) -> None:
        older, later = superfluous(self._inventory.log, self._size)
        older_private, later_private = superfluous(self._inventory.private, self._size)
        for bundle in [tile for tile in older if tile.level == ENTRIES]:
            self._bundle(bundle, bundle in self._inventory.private)
        for bundle in [tile for tile in later if tile.level == ENTRIES]:
            leaves = self._bundle(bundle, bundle in self._inventory.private)
            if len(leaves) > len(self._leaves.get(bundle.number, ())):
                self._leaves[bundle.number] = leaves
        for bundle in [*older_private, *later_private]:
            if bundle not in self._inventory.log:
                self._lone_private(bundle)
        rows = self._rows()
        for tile in [tile for tile in later if tile.level != ENTRIES]:
            self._tile(tile, rows)
        count = len(later) + len(later_private)
        if count:
            message = (
                f"{count} files beyond the {self._size} signed entries; the next import signs what they hold"
            )
            self._findings.note("log", "unsigned", message)

    def _bundle(self, bundle: Tile, has_private: bool) -> list[bytes]:
        """Check a bundle of another size than the head's on its own, and that it tells the same story."""
        name = f"log/{bundle.path}"
        private = private_name(bundle) if has_private else None
        leaves, facts = self._open(bundle.number, bundle, name, private, bundle.width)
        known = min(width_at(ENTRIES, bundle.number, self._size), bundle.width)
        wounded = self._judged.wounded.get(bundle.number, set())
        same = self._known(bundle.number, known)
        if leaves and same is not None and not wounded and leaves[:known] != same:
            self._findings.alarm(name, "bundle", "holds other entries than the bundle of the signed head")
            return []
        self._findings_of(bundle.number, facts, name, private, skip=wounded)
        return leaves

    def _open(
        self, number: int, log: Tile, name: str, private: str | None, width: int
    ) -> tuple[list[bytes], tuple[EntryFacts, ...]]:
        task = BundleTask(
            str(self._folder), number, tuple(range(width)), name, log.width, private, width if private else 0
        )
        result = check_bundle(task)
        self._findings.add(*result.findings)
        return list(result.leaves), result.facts

    def _findings_of(
        self, number: int, facts: tuple[EntryFacts, ...], name: str, private: str | None, skip: set[int]
    ) -> None:
        for place, one in enumerate(facts):
            index = number * TILE_WIDTH + place
            if place in skip:
                continue
            if index >= self._size:
                self._ledger.claim(index, one)
                for code, message in one.entry_wounds:
                    self._findings.alarm(entry_place(name, index), code, message)
            for post, code, message in one.private_wounds:
                self._findings.alarm(entry_place(private or name, index, post), code, message)

    def _known(self, number: int, width: int) -> list[bytes] | None:
        """The leaf hashes of the signed log's own bundle; None where it cannot be read or has none."""
        bundle = Tile(ENTRIES, number, width_at(ENTRIES, number, self._size))
        found = self._inventory.file_for(bundle, self._inventory.log) if bundle.width else None
        if found is None:
            return [] if not bundle.width else None
        task = BundleTask(
            str(self._folder), number, tuple(range(width)), f"log/{found.path}", found.width, None, 0
        )
        return list(check_bundle(task).leaves) or None

    def _lone_private(self, bundle: Tile) -> None:
        """A private bundle without an entry bundle of its size beside it: older than one that is there, or added."""
        current = Tile(ENTRIES, bundle.number, width_at(ENTRIES, bundle.number, self._size))
        found = self._inventory.file_for(current, self._inventory.log) if current.width else None
        name = private_name(bundle)
        if found is None or found.width < bundle.width:
            self._findings.alarm(name, "added", "opens entries that are not there")
            return
        _, facts = self._open(bundle.number, found, f"log/{found.path}", name, bundle.width)
        wounded = self._judged.wounded.get(bundle.number, set())
        self._findings_of(bundle.number, facts, f"log/{found.path}", name, skip=wounded)

    def _rows(self) -> list[list[bytes]]:
        """The hashes of every level in the tree that goes on into the files beyond the head."""
        row = list(self._judged.rows[0]) if self._judged.rows else []
        while len(self._leaves.get(len(row), ())) == TILE_WIDTH:
            row.append(merkle.root(self._leaves[len(row)]))
        rows = []
        while row:
            rows.append(row)
            whole = len(row) - len(row) % TILE_WIDTH
            row = [merkle.root(row[at : at + TILE_WIDTH]) for at in range(0, whole, TILE_WIDTH)]
        return rows

    def _tile(self, tile: Tile, rows: list[list[bytes]]) -> None:
        name = f"log/{tile.path}"
        if tile.level == 0:
            expected = self._leaves.get(tile.number, [])[: tile.width]
        else:
            row = rows[tile.level - 1] if tile.level <= len(rows) else []
            expected = row[tile.number * TILE_WIDTH :][: tile.width]
        try:
            data = read_file(self._folder, name, TILE_WIDTH * merkle.HASH_BYTES)
        except Wound as wound:
            self._findings.wound(name, wound)
            return
        if len(expected) != tile.width:
            self._findings.alarm(name, "added", "goes beyond the entries that are there")
        elif data != b"".join(expected):
            self._findings.alarm(name, "tile", "does not hold the hashes of the entries below it")
