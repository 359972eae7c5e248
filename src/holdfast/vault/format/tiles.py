"""Names the files of a log and frames what they hold; pure.

Geometry: a tile at level L holds up to 256 hashes, hash i of tile n being the root of the complete
subtree of 256^L leaves that starts at leaf (256·n + i)·256^L. An entry bundle holds the entries whose
leaf hashes are the level-0 tile of the same number. A file with fewer than 256 is partial and carries
its width in its path. Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from holdfast.errors import FormatError
from holdfast.vault import merkle

__all__ = [
    "ENTRIES",
    "MAX_ENTRY_BYTES",
    "MAX_SIZE",
    "TILE_WIDTH",
    "Tile",
    "TileHashes",
    "bundle_path",
    "bundles_between",
    "bundles_for",
    "join_bundle",
    "join_tile",
    "parse_log_path",
    "parse_tile_path",
    "split_bundle",
    "split_tile",
    "tile_path",
    "tiles_between",
    "tiles_for",
]

TILE_WIDTH = 256
MAX_ENTRY_BYTES = 65_535
"""What the framing can carry; sealed entries are kept far enough below it by `vault.canon`."""
MAX_SIZE = 2**63 - 1
ENTRIES = -1
"""The level of an entry bundle in a `Tile`: it stands one below the leaf hashes."""

_HEIGHT = 8
_TILE_PATH = re.compile(
    r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class Tile(NamedTuple):
    """One file of the log: the `number`-th of its level, holding `width` hashes (or entries)."""

    level: int
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        if self.level == ENTRIES:
            return bundle_path(self.number, self.width)
        return tile_path(self.level, self.number, self.width)

    @property
    def is_full(self) -> bool:
        return self.width == TILE_WIDTH


# --- paths -----------------------------------------------------------------------------------------


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """`tile/0/x001/x234/067`, with `.p/<width>` behind it when partial. Errors: ValueError out of range."""
    if not 0 <= level <= 63:
        raise ValueError(f"no tile level {level}")
    return f"tile/{level}/{_number_path(number, width)}"


def bundle_path(number: int, width: int = TILE_WIDTH) -> str:
    """`tile/entries/000.p/7`. Errors: ValueError out of range."""
    return f"tile/entries/{_number_path(number, width)}"


def _number_path(number: int, width: int) -> str:
    if not 0 <= number <= MAX_SIZE or not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"no tile {number} of width {width}")
    digits = str(number)
    digits = digits.zfill(len(digits) + -len(digits) % 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "".join(f"x{group}/" for group in groups[:-1]) + groups[-1]
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


def parse_log_path(path: str) -> Tile:
    """The tile or bundle (level ENTRIES) that a path below the log names; inverse of `Tile.path`.

    Errors: FormatError for every spelling but the one canonical one.
    """
    match = _TILE_PATH.fullmatch(path)
    if match is None:
        raise FormatError("not the path of a tile or an entry bundle")
    level, number, width = match.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(number.replace("/", "").replace("x", "")),
        TILE_WIDTH if width is None else int(width),
    )
    try:
        canonical = tile.path
    except ValueError as error:
        raise FormatError(f"path of a log file: {error}") from error
    if canonical != path:
        raise FormatError("path of a log file: not in its canonical spelling")
    return tile


def parse_tile_path(path: str) -> tuple[int, int, int]:
    """(level, number, width) of a tile's path. Errors: FormatError, for an entry bundle's path too."""
    tile = parse_log_path(path)
    if tile.level == ENTRIES:
        raise FormatError("path of a tile expected, this is an entry bundle's")
    return tile


# --- which files a tree has ------------------------------------------------------------------------


def tiles_for(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves, level by level, left to right, partial ones last in each."""
    return tiles_between(0, size)


def tiles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles of the tree of `new_size` that the tree of `old_size` does not have."""
    old, new, level = old_size, new_size, 0
    while new:
        yield from _files(level, old, new)
        old >>= _HEIGHT
        new >>= _HEIGHT
        level += 1


def bundles_for(size: int) -> Iterator[Tile]:
    """Every entry bundle of a tree of `size` leaves, in log order, a partial one last."""
    return _files(ENTRIES, 0, size)


def bundles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """The entry bundles of the tree of `new_size` that the tree of `old_size` does not have."""
    return _files(ENTRIES, old_size, new_size)


def _files(level: int, old: int, new: int) -> Iterator[Tile]:
    full, partial = divmod(new, TILE_WIDTH)
    for number in range(old // TILE_WIDTH, full):
        yield Tile(level, number)
    if partial and new != old:
        yield Tile(level, full, partial)


# --- what the files hold ---------------------------------------------------------------------------


def join_tile(hashes: Sequence[bytes]) -> bytes:
    """Bytes of a tile. Errors: ValueError unless 1 to 256 hashes of 32 bytes."""
    if not 1 <= len(hashes) <= TILE_WIDTH or any(len(value) != merkle.HASH_BYTES for value in hashes):
        raise ValueError("a tile holds 1 to 256 hashes of 32 bytes")
    return b"".join(hashes)


def split_tile(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """The hashes of a tile of `width`. Errors: FormatError if it has another length."""
    step = merkle.HASH_BYTES
    if len(data) != width * step:
        raise FormatError(f"tile: {len(data)} bytes, expected {width * step}")
    return [data[at : at + step] for at in range(0, len(data), step)]


def join_bundle(entries: Iterable[bytes]) -> bytes:
    """Frames entries: a big-endian uint16 length before each. Errors: ValueError above 65,535 bytes."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ValueError(f"an entry of {len(entry)} bytes does not fit into a bundle")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def split_bundle(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """The entries of a bundle of `width`. Errors: FormatError if cut, with bytes left or another count."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        stop = start + int.from_bytes(data[at:start], "big")
        if start > end or stop > end:
            raise FormatError(f"entry bundle: cut off in entry {len(entries)} at offset {at}")
        if len(entries) == width:
            raise FormatError(f"entry bundle: bytes left after {width} entries at offset {at}")
        entries.append(data[start:stop])
        at = stop
    if len(entries) != width:
        raise FormatError(f"entry bundle: {len(entries)} entries, expected {width}")
    return entries


class TileHashes:
    """Hash of any complete subtree of a tree, read from its tiles: the `read_hash` that proofs ask for.

    `read_tile` is given a tile of the tree of `size` leaves and answers with its bytes; it may cut them
    from a wider tile of the same level and number. The last tiles read are kept (Units: `keep` tiles).
    Errors: ValueError for a subtree the tree does not have; FormatError for a tile of another length;
    and what `read_tile` raises.
    """

    def __init__(self, size: int, read_tile: Callable[[Tile], bytes], *, keep: int = 64) -> None:
        self.size = size
        self._read_tile = read_tile
        self._keep = keep
        self._tiles: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()

    def __call__(self, level: int, index: int) -> bytes:
        if (index + 1) << level > self.size:
            raise ValueError(f"subtree ({level}, {index}) is not complete in a tree of {self.size}")
        tile_level, height = divmod(level, _HEIGHT)
        number, start = divmod(index << height, TILE_WIDTH)
        hashes = self._hashes(tile_level, number)
        return merkle.root(hashes[start : start + (1 << height)])

    def _hashes(self, level: int, number: int) -> list[bytes]:
        key = (level, number)
        hashes = self._tiles.get(key)
        if hashes is None:
            width = min(TILE_WIDTH, (self.size >> _HEIGHT * level) - number * TILE_WIDTH)
            hashes = split_tile(self._read_tile(Tile(level, number, width)), width)
            self._tiles[key] = hashes
            if len(self._tiles) > self._keep:
                self._tiles.popitem(last=False)
        else:
            self._tiles.move_to_end(key)
        return hashes
