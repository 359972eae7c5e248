"""The files of a log: bundles and tiles, written once, partial ones until a full one replaces them.

Source: docs/format.md sections 1, 4 and 5. Nothing here decides when; `vault.log` does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from holdfast.errors import FormatError, IntegrityError
from holdfast.vault import merkle
from holdfast.vault.durable import FolderSyncs, make_folder, write_once
from holdfast.vault.format import tiles
from holdfast.vault.private import encode_bundle, private_path, read_index

__all__ = ["LogFiles"]

WIDTH = tiles.TILE_WIDTH


class LogFiles:
    """Below one vault. Every write is *recoverable* by the same call until `sync`, whose failure is *unknown*."""

    def __init__(self, vault: Path) -> None:
        self._vault = vault
        self._syncs = FolderSyncs(vault)

    # -- writing ----------------------------------------------------------------------------------

    def write_bundle(self, number: int, rows: Sequence[tuple[bytes, bytes]]) -> None:
        """Entries with their frames: their bundle, that of their disclosures, and the tile of their hashes.

        Readers find a bundle by its private half, so that is written after the other.
        """
        width, entries = len(rows), [entry for entry, _ in rows]
        self._write(f"log/{tiles.bundle_path(number, width)}", tiles.join_bundle(entries))
        self._write(private_path(number, width), encode_bundle([frame for _, frame in rows]))
        self.write_tile(0, number, [merkle.leaf_hash(entry) for entry in entries])

    def write_tile(self, level: int, number: int, hashes: Sequence[bytes]) -> None:
        self._write(f"log/{tiles.tile_path(level, number, len(hashes))}", tiles.join_tile(hashes))

    def sync(self) -> None:
        """Make the names of all that was written durable."""
        self._syncs.sync()

    def _write(self, name: str, data: bytes) -> None:
        # Written in one place, so that what a killed writer leaves need not be looked for everywhere.
        staging = self._vault / name.partition("/")[0]
        make_folder(staging, self._syncs)
        write_once(self._vault / name, data, self._syncs, staging=staging)

    # -- reading back -----------------------------------------------------------------------------

    def tile(self, level: int, number: int) -> list[bytes]:
        """The hashes of a full tile. Errors: IntegrityError."""
        name = f"log/{tiles.tile_path(level, number)}"
        try:
            return tiles.split_tile((self._vault / name).read_bytes())
        except (FormatError, OSError) as error:
            raise IntegrityError(f"{name} cannot be read: {error}") from error

    def check_bundle(self, number: int) -> None:
        """A full bundle holds the entries of its tile, and its private half as many frames. Errors: IntegrityError."""
        name, private = f"log/{tiles.bundle_path(number)}", private_path(number)
        try:
            entries = tiles.split_bundle((self._vault / name).read_bytes())
            with open(self._vault / private, "rb") as handle:
                frames = len(read_index(handle).spans)
        except (FormatError, OSError) as error:
            raise IntegrityError(f"{name} or {private} cannot be read: {error}") from error
        if frames != WIDTH or [merkle.leaf_hash(entry) for entry in entries] != self.tile(0, number):
            raise IntegrityError(f"{name} or {private} does not hold what its tile says")

    def beyond(self, size: int) -> str | None:
        """A bundle that holds entries from `size` on, if there is one."""
        number, width = divmod(size, WIDTH)
        for name in (f"log/{tiles.bundle_path(number)}", private_path(number)):
            if os.path.lexists(self._vault / name):
                return name
            for each in _partials(self._vault / name):
                if int(each.name) > width:
                    return str(each.relative_to(self._vault))
        return None

    # -- partial files that are superseded ---------------------------------------------------------
    # Failure to remove one leaves a file that is merely superfluous, and still true.

    def remove_partials(self, number: int) -> None:
        """Those of a bundle that is full now, and of the tiles above it that are."""
        _remove(self._vault / f"log/{tiles.bundle_path(number)}")
        _remove(self._vault / private_path(number))
        _remove(self._vault / f"log/{tiles.tile_path(0, number)}")
        level, index = 0, number
        while (index + 1) % WIDTH == 0:
            level, index = level + 1, index // WIDTH
            _remove(self._vault / f"log/{tiles.tile_path(level, index)}")

    def remove_private_partials(self, size: int) -> None:
        """Those of the unfinished bundle but the one of `size`: who holds an older head opens with that one, too."""
        number, width = divmod(size, WIDTH)
        _remove(self._vault / private_path(number), but=str(width))


def _partials(full: Path) -> list[Path]:
    """The partial files of a tile or bundle that is, or will be, `full`."""
    folder = full.with_name(full.name + ".p")
    try:
        return [folder / name for name in os.listdir(folder) if name.isascii() and name.isdigit()]
    except OSError:
        return []


def _remove(full: Path, but: str = "") -> None:
    """Remove partial files, and their folder with the last one."""
    for path in _partials(full):
        if path.name != but:
            with suppress(OSError):
                path.unlink()
    with suppress(OSError):  # refused while a partial file, or something foreign, lies in it
        full.with_name(full.name + ".p").rmdir()
