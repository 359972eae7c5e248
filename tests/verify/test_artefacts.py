"""Artefacts in both forms: what hashes to its name holds, and no file makes the check run out of memory."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import zstandard

from holdfast.errors import FormatError
from holdfast.verify.artefacts import ArtefactTask, check_artefact, check_artefacts
from holdfast.verify.bundles import open_frame
from holdfast.verify.findings import Wound
from tests.verify.small_vault import keep

PAIR, FOOT = struct.Struct("<II"), struct.Struct("<IBI")


def table(
    pairs: list[tuple[int, int]], *, magic: int = 0x184D2A5E, close: int = 0x8F92EAB1, mark: int = 0
) -> bytes:
    body = b"".join(PAIR.pack(*pair) for pair in pairs) + FOOT.pack(len(pairs), mark, close)
    return PAIR.pack(magic, len(body)) + body


def frame(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=6).compress(content)


def bomb(blocks: int, stated: int) -> bytes:
    """A frame that states `stated` bytes and unpacks to 128 KiB a block of four bytes."""
    data = struct.pack("<IBBI", 0xFD2FB528, 2 << 6, (17 - 10) << 3, stated)
    for number in range(blocks):
        last = number == blocks - 1
        data += ((131_072 << 3) | (1 << 1) | last).to_bytes(3, "little") + b"A"
    return data


def stored(folder: Path, content: bytes, data: bytes, suffix: str = ".zst") -> str:
    name = hashlib.sha256(content).hexdigest() + suffix
    (folder / name).write_bytes(data)
    return name


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_what_was_kept_holds_in_both_forms(tmp_path: Path, size: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    for compress in (False, True):
        vault = tmp_path / str(compress)
        vault.mkdir()
        artefact = keep(vault, content, compress=compress)
        (path,) = [path for path in vault.rglob(f"{artefact.digest}*") if path.is_file()]
        assert path.suffix == (".zst" if compress else "")
        assert check_artefact(vault, str(path.relative_to(vault))) == size


def test_a_group_tells_each_outcome(tmp_path: Path) -> None:
    good = stored(tmp_path, b"good", b"good", "")
    bad = stored(tmp_path, b"other", b"changed", "")
    results = check_artefacts(ArtefactTask(str(tmp_path), (good, bad, "0" * 64)))
    assert [(one.size_bytes, one.wound and one.wound[0]) for one in results] == [
        (4, None),
        (0, "digest"),
        (0, "missing"),
    ]


CONTENT = b"content of an artefact " * 100
PACKED = frame(CONTENT)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends before its seek table"),
        (PACKED[:8], "ends before its seek table"),
        (PACKED, "does not end with a seek table"),
        (PACKED + table([(len(PACKED), len(CONTENT))], close=1), "does not end with a seek table"),
        (PACKED + table([(len(PACKED), len(CONTENT))], mark=0x80), "does not end with a seek table"),
        (FOOT.pack(5, 0, 0x8F92EAB1), "does not end with a seek table"),
        (PACKED + table([(len(PACKED), len(CONTENT))], magic=1), "no head"),
        (PACKED + b"x" + table([(len(PACKED), len(CONTENT))]), "add up"),
        (PACKED + table([(len(PACKED), len(CONTENT) + 1)]), r"has \d+ bytes, expected"),
        (PACKED + table([(len(PACKED), 2 << 20)]), "states more than"),
        (bytes(3 << 20) + table([(3 << 20, 1)]), "states more than"),
        (PACKED[:-3] + table([(len(PACKED) - 3, len(CONTENT))]), "does not decompress"),
        (PACKED + b"xx" + table([(len(PACKED) + 2, len(CONTENT))]), "does not decompress"),
        (b"no frame" + table([(8, 1)]), "does not decompress"),
        (bomb(8_000, 1_000) + table([(10 + 4 * 8_000, 1_000)]), "does not decompress"),
        (frame(CONTENT + b"!") + table([(len(frame(CONTENT + b"!")), len(CONTENT) + 1)]), "hashes to"),
        (
            PACKED[:4] + bytes([PACKED[4] | 0x10]) + PACKED[5:] + table([(len(PACKED), len(CONTENT))]),
            "unknown mark",
        ),
    ],
)
def test_a_compressed_artefact_that_is_not_what_it_states_is_wounded(
    tmp_path: Path, data: bytes, message: str
) -> None:
    name = stored(tmp_path, CONTENT, data)
    with pytest.raises(Wound, match=message):
        check_artefact(tmp_path, name)


def test_a_frame_of_an_empty_content_adds_nothing(tmp_path: Path) -> None:
    empty = frame(b"")
    name = stored(tmp_path, CONTENT, empty + PACKED + table([(len(empty), 0), (len(PACKED), len(CONTENT))]))
    assert check_artefact(tmp_path, name) == len(CONTENT)
    # What states no content and has some would not be looked at by the decoder.
    liar = bomb(1, 0)
    name = stored(tmp_path, CONTENT, liar + PACKED + table([(len(liar), 0), (len(PACKED), len(CONTENT))]))
    with pytest.raises(Wound, match="states no content"):
        check_artefact(tmp_path, name)


def test_the_reader_stops_when_the_check_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in the middle of a long artefact leaves no thread behind."""

    artefact = keep(tmp_path, bytes(40 << 20), compress=True)
    (path,) = tmp_path.rglob("*.zst")
    before = threading.active_count()

    class Failing:
        def update(self, _data: bytes) -> None:
            raise MemoryError

    monkeypatch.setattr("holdfast.verify.artefacts.hashlib.sha256", Failing)
    with pytest.raises(MemoryError):
        check_artefact(tmp_path, str(path.relative_to(tmp_path)))
    assert threading.active_count() == before
    assert artefact.size_bytes == 40 << 20


HEAD = struct.Struct("<II")


def private(salts: bytes, packed: bytes) -> bytes:
    return HEAD.pack(0x184D2A50, len(salts)) + salts + packed


@pytest.mark.parametrize("body", [b"", b"x", b"line\n" * 10_000])
def test_a_private_frame_opens_to_what_was_put_in(body: bytes) -> None:
    assert open_frame(private(bytes(16), frame(body))) == (bytes(16), body)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cut short"),
        (bytes(8), "does not begin with its salts"),
        (HEAD.pack(0x184D2A50, 99), "does not begin with its salts"),
        (private(b"", b""), "does not decompress"),
        (private(b"", b"junk"), "does not decompress"),
        (private(b"", frame(b"abc") + b"x"), "does not decompress"),
        (private(b"", frame(b"abc")[:-1]), "does not decompress"),
        (private(b"", frame(b"") + b"x"), "states no content"),
        (private(b"", bomb(24_000, 0)), "states no content"),
        (private(b"", bomb(24_000, 1_000)), "does not decompress"),
        (private(b"", bomb(1, (256 << 20) + 1)), "at most 268435456 bytes"),
        (
            private(b"", zstandard.ZstdCompressor(write_content_size=False).compress(b"abc")),
            "at most 268435456 bytes",
        ),
        (private(b"", PACKED[:4] + bytes([PACKED[4] | 0x10]) + PACKED[5:]), "unknown mark"),
    ],
)
def test_a_private_frame_that_is_not_what_it_states_is_refused(data: bytes, message: str) -> None:

    with pytest.raises(FormatError, match=message):
        open_frame(data)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_frame_that_would_unpack_to_gigabytes_costs_no_more_than_it_states() -> None:

    program = """
import resource, struct, sys
sys.path.insert(0, sys.argv[1])
from tests.verify.test_artefacts import bomb, private
from holdfast.errors import FormatError
from holdfast.verify.bundles import open_frame
data = private(b"", bomb(24_000, 64 << 20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    open_frame(data)
except FormatError:
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    sys.exit(0 if grown < 150_000 else 1)
sys.exit(2)
"""
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", program, str(root)], check=False).returncode == 0
