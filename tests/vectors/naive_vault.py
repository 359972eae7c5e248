"""Checks a whole vault by the naive implementation: every file of its log, every disclosure, its signature.

Nothing of the product is used but the names of its files as docs/format.md gives them.
"""

from __future__ import annotations

import base64
import json
import os
import struct
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.vectors import naive_canon, naive_log


class Checked:
    """A vault that holds. `entries` and their `opened` bodies, up to the published size; `names` of its files."""

    def __init__(self, entries: list[bytes], names: set[str]) -> None:
        self.entries, self.names = entries, names

    @property
    def size(self) -> int:
        return len(self.entries)


def check(vault: Path) -> Checked:
    """Everything that the published checkpoint covers. Errors: AssertionError."""
    identity = json.loads((vault / "vault.json").read_bytes())
    note = (vault / "log" / "checkpoint").read_bytes()
    text, _, tail = note.rpartition(b"\n\n")
    text += b"\n"
    verify_signature(identity["origin"], identity["keys"][0], text, tail.decode())
    origin, size_text, root, last = text.decode().split("\n")
    assert (origin, last) == (identity["origin"], "")
    size = int(size_text)
    entries = read_entries(vault, size)
    assert naive_log.b64(naive_log.mth(entries)) == root, "the files do not hash to the signed root"
    check_files(vault, entries)
    check_private(vault, entries)
    names = {str(path.relative_to(vault)) for path in vault.rglob("*") if path.is_file()}
    assert not [name for name in names if "/.tmp-" in f"/{name}"], "a write that did not end was left"
    times = [json.loads(entry)["ts"] for entry in entries]
    assert times == sorted(times)
    return Checked(entries, names)


def verify_signature(origin: str, vkey: str, text: bytes, lines: str) -> None:
    public = base64.b64decode(vkey.split("+", 2)[2])
    assert public[0] == 1
    head = f"— {origin} "
    signatures = [base64.b64decode(line.removeprefix(head)) for line in lines.splitlines()]
    signed = [each[4:] for each in signatures if each[:4] == naive_log.key_id(origin, 1, public[1:])]
    assert len(signed) == 1
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signed[0], text)


def read_entries(vault: Path, size: int) -> list[bytes]:
    entries: list[bytes] = []
    for number in range((size + 255) // 256):
        width = min(256, size - number * 256)
        full = vault / "log" / "tile" / "entries" / naive_log.number_path(number)
        path = full if full.exists() else full.with_name(f"{full.name}.p") / str(width)
        entries += unframed(path.read_bytes())[:width]
    assert len(entries) == size
    return entries


def unframed(data: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">H", data, at)
        assert at + 2 + length <= len(data)
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


def check_files(vault: Path, entries: list[bytes]) -> None:
    """Every file of a tree of this size is there, or a full one that begins with it."""
    for name, data in naive_log.files(entries).items():
        path = vault / "log" / name
        if not path.exists() and ".p/" in name:
            path = vault / "log" / name.partition(".p/")[0]
            assert path.read_bytes().startswith(data), name
        else:
            assert path.read_bytes() == data, name
        assert path.stat().st_mode & 0o222 == 0, f"{name} can be written to"


def check_private(vault: Path, entries: list[bytes]) -> None:
    """Every entry opens whole."""
    for number in range((len(entries) + 255) // 256):
        width = min(256, len(entries) - number * 256)
        full = vault / "private" / "entries" / naive_log.number_path(number)
        path = full if full.exists() else full.with_name(f"{full.name}.p") / str(width)
        frames = unbundled(path.read_bytes())
        assert len(frames) == (256 if full.exists() else width)
        for place in range(width):
            opened = naive_canon.open_body(entries[number * 256 + place], *unpacked(frames[place]))
            assert opened is not None, f"entry {number * 256 + place} does not open"
            assert not opened["missing"]
            assert all(post is not None and not post[2] for post in opened["posts"])


def unbundled(data: bytes) -> list[bytes]:
    """The frames, found by walking from the front, as `zstd -d` would; then held to the index."""
    assert data.endswith(b"HFPRIV01")
    (count,) = struct.unpack_from("<I", data, len(data) - 12)
    lengths = struct.unpack_from(f"<{count}I", data, len(data) - 12 - 4 * count)
    assert naive_canon.index([b"x" * each for each in lengths]) == data[sum(lengths) :]
    ends = [sum(lengths[: place + 1]) for place in range(count)]
    return [data[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def unpacked(frame: bytes) -> tuple[bytes, bytes]:
    magic, length = struct.unpack_from("<II", frame)
    assert magic == 0x184D2A50
    return frame[8 : 8 + length], zstandard.ZstdDecompressor().decompress(frame[8 + length :])


def check_copy(vault: Path, folder: Path) -> Checked:
    """The published part alone, as a mirror would hold it: no database, no keys, no lock."""
    for name in ("vault.json", "log", "private"):
        os.makedirs(folder, exist_ok=True)
        if not (folder / name).exists():
            (folder / name).symlink_to(vault / name)
    return check(folder)
