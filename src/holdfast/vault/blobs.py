"""Artefacts, stored once under their digest."""

from __future__ import annotations

import io
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from holdfast.errors import FormatError, IntegrityError, SourceError
from holdfast.vault.durable import FolderSyncs, make_folder, publish_name, sync_file, temporary
from holdfast.vault.seekable import FRAME_BYTES, Frames, encode_frame, encode_table

__all__ = ["Artefact", "Blobs", "blob_path"]

_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Artefact(msgspec.Struct, frozen=True, gc=False):
    """Bytes that were sealed: lowercase hex SHA-256 and their count."""

    digest: str
    size_bytes: int


def blob_path(digest: str) -> str:
    """Where an artefact lies in a vault, verbatim form. Errors: FormatError if `digest` is no digest."""
    if not _HEX.fullmatch(digest):
        raise FormatError(f"not a SHA-256 in lowercase hex: {digest[:80]!r}")
    return f"blobs/sha256/{digest[:2]}/{digest[2:4]}/{digest}"


class Blobs:
    """The artefacts of one vault. Safe for several processes of one writer: names are given once."""

    def __init__(self, vault: Path) -> None:
        self._vault = vault
        self._root = vault / "blobs" / "sha256"

    def path(self, digest: str) -> Path | None:
        """The file that holds an artefact (`.zst` if compressed), or None."""
        plain = self._vault / blob_path(digest)
        packed = plain.with_name(plain.name + ".zst")
        return packed if packed.exists() else plain if plain.exists() else None

    def open(self, digest: str) -> BinaryIO:
        """The artefact's bytes, seekable. Errors: IntegrityError if it is not there."""
        path = self.path(digest)
        if path is None:
            raise IntegrityError(f"artefact {digest} is not in the vault")
        handle = open(path, "rb")  # noqa: SIM115 (the caller closes it)
        if path.suffix != ".zst":
            return handle
        return io.BufferedReader(Frames(handle), FRAME_BYTES)

    def add(
        self,
        source: BinaryIO,
        *,
        compress: bool,
        name: str,
        progress: Callable[[int], None] | None = None,
        probe: bool = False,
    ) -> Artefact:
        """Store what `source` yields. `name` is for messages, `progress` gets byte counts.

        With `probe` the bytes are hashed first and only written if they are not here yet (`source` must seek).
        Effects: reads `source` to its end; the bytes and their name are synced on return.
        Failure to write: *nothing happened* (StorageError). Failure to read: SourceError.
        """
        if probe:
            digest = sha256()
            size = sum(map(len, _chunks(source, name, digest, None)))
            if self.path(digest.hexdigest()) is not None:
                return Artefact(digest.hexdigest(), size)
            source.seek(0)
        syncs = FolderSyncs()
        make_folder(self._root, syncs)
        with temporary(self._root) as (handle, path):
            digest = sha256()
            size = 0
            chunks = _chunks(source, name, digest, progress)
            if compress:
                size = _write_frames(chunks, handle)
            else:
                for chunk in chunks:
                    handle.write(chunk)
                    size += len(chunk)
            hexed = digest.hexdigest()
            if self.path(hexed) is None:
                sync_file(handle)
                os.fchmod(handle.fileno(), 0o444)
                final = self._vault / blob_path(hexed)
                make_folder(final.parent, syncs)
                publish_name(path, final.with_name(hexed + ".zst") if compress else final, syncs)
            else:
                syncs.add((self._vault / blob_path(hexed)).parent)
            syncs.sync()
        return Artefact(hexed, size)


def _chunks(
    source: BinaryIO, name: str, digest: object, progress: Callable[[int], None] | None
) -> Iterator[bytes]:
    update = digest.update  # type: ignore[attr-defined]  # hashlib has no public type for its objects
    while True:
        try:
            chunk = source.read(FRAME_BYTES)
        except OSError as error:
            raise SourceError(f"cannot read {name}: {error.strerror or error}") from error
        if not chunk:
            return
        update(chunk)
        if progress is not None:
            progress(len(chunk))
        yield chunk


def _write_frames(chunks: Iterator[bytes], handle: BinaryIO) -> int:
    """Compress on all cores, in order, at most a few chunks ahead."""
    sizes: list[tuple[int, int]] = []
    size = 0
    workers = min(4, os.cpu_count() or 1)
    waiting: deque[tuple[int, Future[bytes]]] = deque()

    def drain(keep: int) -> None:
        while len(waiting) > keep:
            length, future = waiting.popleft()
            packed = future.result()
            handle.write(packed)
            sizes.append((len(packed), length))

    with ThreadPoolExecutor(workers, thread_name_prefix="holdfast-compress") as pool:
        for chunk in chunks:
            waiting.append((len(chunk), pool.submit(encode_frame, chunk)))
            size += len(chunk)
            drain(workers * 2)
        drain(0)
    handle.write(encode_table(sizes))
    return size
