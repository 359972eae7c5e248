"""Artefacts: stored once under their digest, whole or not at all, and read back from any place."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import FormatError, IntegrityError, SourceError, StorageError
from holdfast.vault import durable
from holdfast.vault.blobs import Artefact, Blobs, blob_path
from holdfast.vault.seekable import FRAME_BYTES

BIG = b"".join(hashlib.sha256(b"%d" % n).digest() + b" " * 96 for n in range(FRAME_BYTES * 3 // 128))


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def add(blobs: Blobs, data: bytes, *, compress: bool = False, probe: bool = False) -> Artefact:
    return blobs.add(io.BytesIO(data), compress=compress, name="file.bin", probe=probe)


def files(vault: Path) -> list[str]:
    return sorted(str(path.relative_to(vault)) for path in vault.rglob("*") if path.is_file())


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("data", [b"", b"x", b"a" * FRAME_BYTES, BIG], ids=["empty", "one", "frame", "big"])
def test_bytes_read_back_from_under_their_digest(tmp_path: Path, data: bytes, compress: bool) -> None:
    blobs = Blobs(tmp_path)
    artefact = add(blobs, data, compress=compress)
    assert artefact == Artefact(digest_of(data), len(data))
    name = blob_path(artefact.digest) + (".zst" if compress else "")
    assert files(tmp_path) == [name]
    assert blobs.path(artefact.digest) == tmp_path / name
    assert (tmp_path / name).stat().st_mode & 0o222 == 0
    with blobs.open(artefact.digest) as handle:
        assert handle.read() == data
        handle.seek(len(data) // 2)
        assert handle.read(100) == data[len(data) // 2 :][:100]
    if compress:
        with zstandard.ZstdDecompressor().stream_reader(
            (tmp_path / name).read_bytes(), read_across_frames=True
        ) as stream:
            assert stream.read() == data


def test_frames_hold_a_mebibyte_of_content_each(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    path = blobs.path(add(blobs, BIG + b"rest", compress=True).digest)
    assert path is not None
    raw, sizes = path.read_bytes(), []
    while raw[:4] == b"\x28\xb5\x2f\xfd":
        size = zstandard.frame_content_size(raw)
        reader = zstandard.ZstdDecompressor().decompressobj()
        assert len(reader.decompress(raw)) == size
        sizes.append(size)
        raw = reader.unused_data
    assert sizes == [FRAME_BYTES] * 3 + [4]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_read_back(tmp_path: Path, data: bytes, compress: bool) -> None:
    blobs = Blobs(tmp_path)
    with blobs.open(add(blobs, data, compress=compress).digest) as handle:
        assert handle.read() == data


@pytest.mark.parametrize("probe", [False, True])
@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (False, False)])
def test_the_same_bytes_are_stored_once(tmp_path: Path, first: bool, second: bool, probe: bool) -> None:
    blobs = Blobs(tmp_path)
    add(blobs, b"data", compress=first)
    before = {name: (tmp_path / name).stat().st_ino for name in files(tmp_path)}
    assert add(blobs, b"data", compress=second, probe=probe) == Artefact(digest_of(b"data"), 4)
    assert {name: (tmp_path / name).stat().st_ino for name in files(tmp_path)} == before


def test_a_probe_reads_on_from_where_the_source_is(tmp_path: Path) -> None:
    source = io.BytesIO(b"headdata")
    source.seek(4)
    assert Blobs(tmp_path).add(source, compress=False, name="x", probe=True).digest == digest_of(b"data")


def test_progress_counts_every_byte(tmp_path: Path) -> None:
    counted: list[int] = []
    Blobs(tmp_path).add(io.BytesIO(BIG), compress=False, name="x", progress=counted.append)
    assert sum(counted) == len(BIG)
    assert len(counted) == 3


class Failing(io.BytesIO):
    """A source that fails after its first chunk."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize(("compress", "probe"), [(False, False), (True, False), (False, True)])
def test_a_source_that_cannot_be_read_leaves_nothing(tmp_path: Path, compress: bool, probe: bool) -> None:
    with pytest.raises(SourceError, match=r"cannot read film\.mp4: Input/output error"):
        Blobs(tmp_path).add(Failing(BIG), compress=compress, name="film.mp4", probe=probe)
    assert files(tmp_path) == []


def test_a_source_that_cannot_be_probed_is_named(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def tell(self) -> int:
            raise OSError(errno.ESPIPE, "Illegal seek")

    with pytest.raises(SourceError, match="cannot read x: Illegal seek"):
        Blobs(tmp_path).add(Pipe(b"data"), compress=False, name="x", probe=True)


@pytest.mark.parametrize("compress", [False, True])
def test_a_full_disk_leaves_nothing_and_the_same_call_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: bool
) -> None:
    def full(_: BinaryIO) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    blobs = Blobs(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("holdfast.vault.blobs.sync_file", full)
        with pytest.raises(StorageError, match="the disk is full"):
            add(blobs, BIG, compress=compress)
    assert files(tmp_path) == []
    assert add(blobs, BIG, compress=compress).digest == digest_of(BIG)


def test_a_file_size_limit_stops_the_write_with_a_clear_error(tmp_path: Path) -> None:
    program = (
        "import io, resource, signal, sys\n"
        "from pathlib import Path\n"
        "from holdfast.errors import StorageError\n"
        "from holdfast.vault.blobs import Blobs\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    Blobs(Path(sys.argv[1])).add(io.BytesIO(bytes(8192)), compress=False, name='x')\n"
        "except StorageError as error:\n"
        "    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True, env=os.environ
    )
    assert "File too large" in done.stdout
    assert files(tmp_path) == []


def test_the_bytes_are_synced_before_their_name_and_the_folders_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[int] = []
    linked = -1
    real_sync, real_link = durable._sync, os.link

    def sync(descriptor: int) -> None:
        order.append(os.fstat(descriptor).st_ino)
        real_sync(descriptor)

    def link(source: Any, target: Any) -> None:
        order.append(linked)
        real_link(source, target)

    monkeypatch.setattr(durable, "_sync", sync)
    monkeypatch.setattr(os, "link", link)
    blobs = Blobs(tmp_path)
    digest = add(blobs, b"data").digest
    path = tmp_path / blob_path(digest)
    folders = [each.stat().st_ino for each in path.parents if each.is_relative_to(tmp_path)]
    assert order[:2] == [path.stat().st_ino, linked]
    assert sorted(order[2:]) == sorted(folders)
    order.clear()
    add(blobs, b"data")
    add(blobs, b"data", probe=True)
    assert order == folders[:1] * 2


@pytest.mark.parametrize(
    "digest", ["", "0" * 63, "0" * 65, "A" * 64, "../" + "0" * 61, "0" * 63 + "\n", "é" * 64]
)
def test_what_is_no_digest_names_no_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(FormatError, match="not a SHA-256"):
        blob_path(digest)
    with pytest.raises(FormatError):
        Blobs(tmp_path).path(digest)


def test_an_artefact_that_is_not_there_or_not_readable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = Blobs(tmp_path)
    digest = digest_of(b"data")
    assert blobs.path(digest) is None
    with pytest.raises(IntegrityError, match=f"artefact {digest} is not in the vault"):
        blobs.open(digest)
    path = tmp_path / (blob_path(digest) + ".zst")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no table")
    with pytest.raises(IntegrityError, match=f"artefact {digest} cannot be read: .*seek table"):
        blobs.open(digest)
    path.unlink()
    add(blobs, b"data")
    path = tmp_path / blob_path(digest)
    monkeypatch.setattr(Blobs, "path", lambda *_: path.parent)
    with pytest.raises(IntegrityError, match="cannot be read"):
        blobs.open(digest)


def test_a_damaged_frame_of_an_artefact_is_named_when_it_is_reached(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = add(blobs, BIG, compress=True).digest
    path = blobs.path(digest)
    assert path is not None
    raw = bytearray(path.read_bytes())
    raw[:4] = b"\0\0\0\0"
    path.chmod(0o644)
    path.write_bytes(raw)
    with blobs.open(digest) as handle:
        with pytest.raises(FormatError, match=f"frame 0 of artefact {digest}"):
            handle.read(1)
        handle.seek(FRAME_BYTES)
        assert handle.read(50) == BIG[FRAME_BYTES : FRAME_BYTES + 50]
