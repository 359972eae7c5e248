"""Checks a vault's log: every entry with what opens it and every tile, or a sample of entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from random import SystemRandom

from holdfast.errors import FormatError, IntegrityError
from holdfast.jobs import ordered
from holdfast.progress import Progress
from holdfast.progress import Report as OnProgress
from holdfast.vault import merkle
from holdfast.vault.format.tiles import ENTRIES, TILE_WIDTH, Tile, TileHashes, bundles_for, tiles_for
from holdfast.verify.bundles import BundleTask, check_bundle
from holdfast.verify.disclosures import EntryFacts
from holdfast.verify.files import read_file
from holdfast.verify.findings import Findings, Wound
from holdfast.verify.inventory import Inventory, private_name, superfluous, width_at
from holdfast.verify.ledger import Ledger, entry_place
from holdfast.verify.superfluous import Superfluous
from holdfast.verify.tree import Judgement, Tree

__all__ = ["LogCheck"]

_ENTRIES_AT_ONCE = 64
_HASH = merkle.HASH_BYTES


class LogCheck:
    """One check of the log of `size` entries under the signed `root` (None: no signature could be believed)."""

    def __init__(
        self,
        root_folder: Path,
        inventory: Inventory,
        size: int,
        root: bytes | None,
        findings: Findings,
        ledger: Ledger,
    ) -> None:
        self._folder, self._inventory, self._size, self._root = root_folder, inventory, size, root
        self._findings, self._ledger = findings, ledger
        self.bundle_count = self.tile_count = 0

    def expect_files(self) -> None:
        """What a log of this size has and what is not there. A full file stands for its partial one."""
        inventory = self._inventory
        for bundle in bundles_for(self._size):
            if inventory.file_for(bundle, inventory.log) is None:
                self._findings.alarm(f"log/{bundle.path}", "missing", "is missing")
            if inventory.file_for(bundle, inventory.private) is None:
                self._findings.alarm(private_name(bundle), "missing", "is missing")
        for tile in tiles_for(self._size):
            if inventory.file_for(tile, inventory.log) is None:
                self._findings.alarm(f"log/{tile.path}", "missing", "is missing")

    # -- everything -------------------------------------------------------------------------------

    def check(self, pool: Executor, ahead: int, report: OnProgress) -> set[int]:
        """Check all of it. Returns the entries whose bytes are not those that were signed."""
        older, _ = superfluous(self._inventory.log, self._size)
        tree = Tree(self._size, self.read_tile, self._findings, [tile for tile in older if tile.level >= 0])
        leaves: list[bytes] | None = []
        for task, result in ordered(pool, check_bundle, self._tasks(), ahead=ahead):
            self._findings.add(*result.findings)
            self._take(task, result.facts)
            leaves = [*leaves, *result.leaves] if leaves is not None and result.leaves else None
            end = task.places[-1] + 1
            if end == width_at(ENTRIES, task.number, self._size):
                tree.add(leaves)
                self.bundle_count += 1
                leaves = []
            report(Progress("verify", task.number * TILE_WIDTH + end, self._size, "entries"))
        judged = tree.judge(self._root)
        self.tile_count = tree.tile_count
        self._name_wounded(judged)
        Superfluous(self._folder, self._inventory, self._size, self._findings, self._ledger, judged).check()
        return {number * TILE_WIDTH + place for number, places in judged.wounded.items() for place in places}

    def _tasks(self) -> Iterator[BundleTask]:
        for bundle in bundles_for(self._size):
            for start in range(0, bundle.width, _ENTRIES_AT_ONCE):
                yield self._task(bundle, tuple(range(start, min(bundle.width, start + _ENTRIES_AT_ONCE))))

    def _task(self, bundle: Tile, places: tuple[int, ...]) -> BundleTask:
        log = self._inventory.file_for(bundle, self._inventory.log)
        private = self._inventory.file_for(bundle, self._inventory.private)
        return BundleTask(
            str(self._folder),
            bundle.number,
            places,
            None if log is None else f"log/{log.path}",
            0 if log is None else log.width,
            None if private is None else private_name(private),
            0 if private is None else private.width,
        )

    def _take(self, task: BundleTask, facts: Sequence[EntryFacts]) -> None:
        for place, one in zip(task.places, facts, strict=False):
            self._ledger.add(task.number * TILE_WIDTH + place, one, task.log or "", task.private)
        if not facts:
            self._ledger.is_complete = False

    def read_tile(self, tile: Tile) -> bytes | None:
        """A tile's bytes, from the full one if that replaced it; None after a finding, its own or an earlier one."""
        found = self._inventory.file_for(tile, self._inventory.log)
        if found is None:
            return None
        name = f"log/{found.path}"
        try:
            data = read_file(self._folder, name, TILE_WIDTH * _HASH)
            if len(data) != found.width * _HASH:
                raise Wound("tile", f"has {len(data)} bytes, expected {found.width * _HASH}")
        except Wound as wound:
            self._findings.wound(name, wound)
            return None
        return data[: tile.width * _HASH]

    def _name_wounded(self, judged: Judgement) -> None:
        for number, places in judged.wounded.items():
            bundle = Tile(ENTRIES, number, width_at(ENTRIES, number, self._size))
            found = self._inventory.file_for(bundle, self._inventory.log) or bundle
            name = f"log/{found.path}"
            if len(places) == bundle.width > 1:
                self._findings.alarm(name, "entry", "holds other entries than those that were signed")
                continue
            for place in sorted(places):
                where = entry_place(name, number * TILE_WIDTH + place)
                self._findings.alarm(where, "entry", "is not the entry that was signed")

    # -- a sample ---------------------------------------------------------------------------------

    def check_sample(self, count: int, pool: Executor, ahead: int, report: OnProgress) -> set[int]:
        """Check `count` entries drawn at random, each with its path to the signed root."""
        drawn = sorted(SystemRandom().sample(range(self._size), min(count, self._size)))
        hashes = TileHashes(self._size, self._tile_or_wound)
        wounded: set[int] = set()
        done = 0
        for task, result in ordered(pool, check_bundle, self._sample_tasks(drawn), ahead=ahead):
            self._findings.add(*result.findings)
            self._take(task, result.facts)
            for place, leaf in zip(task.places, result.leaves, strict=False):
                index = task.number * TILE_WIDTH + place
                if not self._is_proved(index, leaf, hashes, task.log or ""):
                    wounded.add(index)
            self.bundle_count += 1
            done += len(task.places)
            report(Progress("verify", done, len(drawn), "entries"))
        return wounded

    def _sample_tasks(self, drawn: Sequence[int]) -> Iterator[BundleTask]:
        places: dict[int, list[int]] = {}
        for index in drawn:
            places.setdefault(index // TILE_WIDTH, []).append(index % TILE_WIDTH)
        for number, found in places.items():
            bundle = Tile(ENTRIES, number, width_at(ENTRIES, number, self._size))
            yield self._task(bundle, tuple(found))

    def _tile_or_wound(self, tile: Tile) -> bytes:
        data = self.read_tile(tile)
        if data is None:
            raise Wound("missing", "a tile on the way to the root is not there")
        self.tile_count += 1
        return data

    def _is_proved(self, index: int, leaf: bytes, hashes: TileHashes, name: str) -> bool:
        """Whether the entry hashes into the signed tree; where it does not, its file and its tile are named."""
        if self._root is None:
            return True
        try:
            proof = merkle.inclusion_proof(index, self._size, hashes)
            merkle.verify_inclusion(leaf, index, self._size, proof, self._root)
        except Wound:
            return False  # the missing tile has been named
        except (FormatError, IntegrityError):
            message = "does not hash into the signed tree; a full check tells whether it or a tile is wounded"
            self._findings.alarm(entry_place(name, index), "entry", message)
            return False
        return True
