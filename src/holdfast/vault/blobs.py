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
    """The artefacts of one vault. Safe for several processes of one writer: names are given once.

    Not safe for several threads at once.
    """

    def __init__(self, vault: Path) -> None:
        self._vault = vault
        self._root = vault / "blobs" / "sha256"
        self._syncs = FolderSyncs(vault)

    def path(self, digest: str) -> Path | None:
        """The file that holds an artefact (`.zst` if compressed), or None. Errors: FormatError."""
        plain = self._vault / blob_path(digest)
        packed = plain.with_name(plain.name + ".zst")
        return packed if os.path.isfile(packed) else plain if os.path.isfile(plain) else None

    def open(self, digest: str) -> BinaryIO:
        """The artefact's bytes, seekable. Errors: IntegrityError if it is not there or not readable."""
        path = self.path(digest)
        if path is None:
            raise IntegrityError(f"artefact {digest} is not in the vault")
        try:
            handle = open(path, "rb")  # noqa: SIM115 (the caller closes it)
            if path.suffix != ".zst":
                return handle
            return io.BufferedReader(Frames(handle, f"artefact {digest}"), FRAME_BYTES)
        except (OSError, FormatError) as error:
            raise IntegrityError(f"artefact {digest} cannot be read: {error}") from error

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
            found = self._probe(source, name)
            if found is not None:
                return found
        make_folder(self._root, self._syncs)
        with temporary(self._root) as (handle, path):
            digest = sha256()
            chunks = _chunks(source, name, digest, progress)
            size = _write_frames(chunks, handle) if compress else _write(chunks, handle)
            hexed = digest.hexdigest()
            final = self._vault / blob_path(hexed)
            if self.path(hexed) is None:
                sync_file(handle)
                make_folder(final.parent, self._syncs)
                publish_name(path, final.with_name(hexed + ".zst") if compress else final, self._syncs)
            else:
                # It may have got its name from a run that was killed before it synced the folder.
                self._syncs.add(final.parent)
        self._syncs.sync()
        return Artefact(hexed, size)

    def _probe(self, source: BinaryIO, name: str) -> Artefact | None:
        """The artefact, if the bytes of `source` are here; else None, and `source` is where it was."""
        digest = sha256()
        try:
            start = source.tell()
            size = sum(map(len, _chunks(source, name, digest, None)))
            source.seek(start)
        except OSError as error:
            raise SourceError(f"cannot read {name}: {error.strerror or error}") from error
        found = self.path(digest.hexdigest())
        if found is None:
            return None
        self._syncs.add(found.parent)
        self._syncs.sync()
        return Artefact(digest.hexdigest(), size)


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


def _write(chunks: Iterator[bytes], handle: BinaryIO) -> int:
    size = 0
    for chunk in chunks:
        handle.write(chunk)
        size += len(chunk)
    return size


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
