"""Every file of a small sealed vault and of a proof is wounded in turn: the report names it, and accuses no other."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from holdfast.errors import VersionError
from holdfast.vault.format import tiles
from holdfast.vault.private import encode_bundle, parse_bundle, parse_frame, private_path
from holdfast.verify.findings import Report, Severity, Verdict
from holdfast.verify.proof import verify_proof
from holdfast.verify.vault import verify_vault
from tests.verify.small_vault import copy_of, make_proof, make_vault

Verify = Callable[[Path], Report]
FLIPS = 24
"""Bits flipped in each file; its first and last bytes are always among them."""


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tamper")
    vaults = {size: make_vault(folder / str(size), size) for size in (5, 300)}
    return {
        "vault of 5": copy_of(vaults[5], folder, "vault of 5"),
        "vault of 300": copy_of(vaults[300], folder, "vault of 300"),
        "proof": make_proof(vaults[5], folder / "proof", [0, 4], "1"),
    }


EARLIER = {"log/tile/0/000.p/1", "log/tile/entries/000.p/1"}
"""What the first of the vaults' two publications left, where nothing full has replaced it."""
SUBJECTS = ["vault of 5", "vault of 300", "proof"]


def subject(sealed: dict[str, Path], name: str, folder: Path) -> tuple[Path, Verify]:
    target = folder / "wounded"
    shutil.copytree(sealed[name], target)
    return target, verify_proof if name == "proof" else verify_vault


def files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        # The page that explains a proof is for people; no check reads it.
        if path.is_file() and path.name != "index.html":
            yield str(path.relative_to(folder))


def accused(report: Report) -> set[str]:
    """The files that alarms name."""
    return {one.place.split(" ")[0] for one in report.of(Severity.ALARM)}


@pytest.mark.parametrize("name", SUBJECTS)
def test_untouched_copies_hold(sealed: dict[str, Path], name: str, tmp_path: Path) -> None:
    folder, verify = subject(sealed, name, tmp_path)
    assert (verify(folder).verdict, verify(folder).findings) == (Verdict.HOLDS, ())


# Bits that say nothing that was sealed, so that no check can miss them: when the vault was made, as far as its
# first entry does not contradict it.
def _says_nothing(name: str, data: bytes, at: int) -> bool:
    start = data.find(b'"created_at":"') + len(b'"created_at":"')
    return name == "vault.json" and start <= at < start + 20


def unpacked(name: str, data: bytes) -> list[object]:
    """What a compressed file says; nothing for a file that is not compressed."""
    if name.startswith("private/"):
        return [parse_frame(frame) for frame in parse_bundle(data)]
    return (
        [zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()]
        if name.endswith(".zst")
        else []
    )


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_flipped_bit_in_any_file_is_named_and_nothing_else_is(
    sealed: dict[str, Path], name: str, tmp_path: Path
) -> None:
    folder, verify = subject(sealed, name, tmp_path)
    chance = random.Random(name)
    for each in files(folder):
        path = folder / each
        data = path.read_bytes()
        places = {0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(FLIPS) if data)}
        for at in sorted(places) if data else []:
            if _says_nothing(each, data, at):
                continue
            bit = chance.randrange(8)
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :])
            try:
                report = verify(folder)
            except VersionError:
                assert each in ("vault.json", "proof.json")
                continue
            if report.verdict is Verdict.HOLDS:
                # Zstandard can say one thing in several ways: what was sealed is then still what is there.
                assert unpacked(each, path.read_bytes()) == unpacked(each, data) != []
                continue
            assert accused(report) == {each}, f"{each} byte {at} bit {bit}"
        path.write_bytes(data)
    assert verify(folder).verdict is Verdict.HOLDS


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_file_that_is_dropped_is_named_and_nothing_else_is(
    sealed: dict[str, Path], name: str, tmp_path: Path
) -> None:
    folder, verify = subject(sealed, name, tmp_path)
    for each in files(folder):
        path = folder / each
        data = path.read_bytes()
        path.unlink()
        # A file of an earlier head may go; a compressed artefact is missing under its plain name.
        expected = set() if each in EARLIER else {each.removesuffix(".zst")}
        assert accused(verify(folder)) == expected
        path.write_bytes(data)


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_file_that_is_cut_emptied_or_grown_is_named_and_nothing_else_is(
    sealed: dict[str, Path], name: str, tmp_path: Path
) -> None:
    folder, verify = subject(sealed, name, tmp_path)
    for each in files(folder):
        path = folder / each
        data = path.read_bytes()
        for changed in (data[:-1], data[: len(data) // 2], b"", data + b"\0", data + data, b"\0" * len(data)):
            if changed != data:
                path.write_bytes(changed)
                assert accused(verify(folder)) == {each}
        path.write_bytes(data)


@pytest.mark.parametrize("name", SUBJECTS)
def test_two_files_that_are_swapped_are_both_named(
    sealed: dict[str, Path], name: str, tmp_path: Path
) -> None:
    folder, verify = subject(sealed, name, tmp_path)
    names = list(files(folder))
    chance = random.Random(name)
    pairs = [(one, other) for one in names for other in names if one < other]
    for one, other in chance.sample(pairs, min(len(pairs), 25)):
        first, second = (folder / one).read_bytes(), (folder / other).read_bytes()
        (folder / one).write_bytes(second)
        (folder / other).write_bytes(first)
        found = accused(verify(folder))
        if _swapped_back(one, other):
            # Either of the two, read in the place of the other, explains the rest.
            assert found <= {one, other}
            assert found
        else:
            assert found == {one, other}
        (folder / one).write_bytes(first)
        (folder / other).write_bytes(second)


def _swapped_back(one: str, other: str) -> bool:
    """What opens an entry cannot be looked at while the entry is wounded: the one hides the other."""
    return {one.split("/")[0], other.split("/")[0]} <= {"log", "private"} or one.startswith("entries/")


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_file_that_is_added_beside_any_other_is_named_and_nothing_else_is(
    sealed: dict[str, Path], name: str, tmp_path: Path
) -> None:
    folder, verify = subject(sealed, name, tmp_path)
    for parent in sorted({(folder / each).parent for each in files(folder)}):
        path = parent / "added"
        path.write_bytes(b"")
        assert accused(verify(folder)) == {str(path.relative_to(folder))}
        path.unlink()


def test_entries_that_change_places_are_named(sealed: dict[str, Path], tmp_path: Path) -> None:

    folder, verify = subject(sealed, "vault of 300", tmp_path)
    name = f"log/{tiles.bundle_path(0)}"
    entries = tiles.split_bundle((folder / name).read_bytes())
    entries[10], entries[20] = entries[20], entries[10]
    (folder / name).write_bytes(tiles.join_bundle(entries))
    assert [one.place for one in verify(folder).of(Severity.ALARM)] == [
        f"{name} entry 10",
        f"{name} entry 20",
    ]


def test_disclosures_that_change_places_are_named(sealed: dict[str, Path], tmp_path: Path) -> None:
    folder, verify = subject(sealed, "vault of 300", tmp_path)
    name = private_path(0)
    frames = parse_bundle((folder / name).read_bytes())
    frames[10], frames[20] = frames[20], frames[10]
    (folder / name).write_bytes(encode_bundle(frames))
    assert [one.place for one in verify(folder).of(Severity.ALARM)] == [
        f"{name} entry 10",
        f"{name} entry 20",
    ]
