"""Fetches the bytes of one file, part by part, where an earlier call left off."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

import msgspec

from holdfast.capture.telegram_api.client import CHUNK_BYTES, ApiClient
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.listing import ApiAnswer
from holdfast.capture.telegram_api.pace import Pace
from holdfast.capture.telegram_api.refusals import NetworkError, RefusedError, meaning_of
from holdfast.errors import StorageError

__all__ = ["Download", "fetch_file"]


class Download(msgspec.Struct, frozen=True, gc=False):
    """What came of fetching a file.

    `outcome`: "complete" (the bytes are at `path`, whole, not yet flushed to disk: that is the caller's job), "too large" (more
    than was allowed, nothing is kept), "cut" (what came is kept beside `path` and the next call goes on from there), "size
    lied" (complete, but not of the claimed size), "gone" (the post holds no such file now), "failed" (not asked, or refused).
    `answered` is one of ANSWERS for the last thing asked. `artefact`: lowercase hex SHA-256; `file_id`: whose bytes they are.
    """

    outcome: str
    answered: str
    size_bytes: int = 0
    artefact: str | None = None
    file_id: str | None = None
    detail: str | None = None
    retry_after_s: int | None = None


async def fetch_file(
    client: ApiClient,
    pace: Pace,
    place: Callable[[], FilePlace | None],
    renewed: Callable[[], Awaitable[ApiAnswer]],
    path: Path,
    *,
    max_bytes: int,
    on_refused: Callable[[RefusedError], None],
) -> Download:
    """Fetch the file at `place()`; where that is unknown or has expired, once after `renewed()` has asked for the post.

    Errors: StorageError if the disk refuses; what `on_refused` raises; HeldError. Effects: see `Download`.
    """
    found = None
    for is_last in (False, True):
        found = place()
        if found is not None:
            if found.size_bytes is not None and found.size_bytes > max_bytes:
                return Download("too large", "shown", detail=f"{found.size_bytes} bytes are claimed")
            done = await _fetch(client, pace, found, path, max_bytes, on_refused)
            if done is not None:
                return done
        if not is_last:
            seen = await renewed()
            if seen.answered != "shown":
                outcome = "gone" if seen.answered == "not found" else "failed"
                return Download(outcome, seen.answered, detail=seen.detail, retry_after_s=seen.retry_after_s)
    if found is None:
        return Download("gone", "shown", detail="the post holds no such file")
    return Download("failed", "not understood", detail="the file's reference expires at once")


async def _fetch(
    client: ApiClient,
    pace: Pace,
    place: FilePlace,
    path: Path,
    max_bytes: int,
    on_refused: Callable[[RefusedError], None],
) -> Download | None:
    """One file with one reference; None if the reference has expired."""
    # Named by the file: what another file has left behind is never taken for the start of this one.
    part = path.with_name(f"{path.name}.{place.kind}-{place.id}{place.thumb_size}.part")
    async with pace.turn("media"):
        times = 0
        while True:
            try:
                with open(part, "a+b") as file:
                    return await _parts(client, pace, place, file, part, path, max_bytes)
            except NetworkError as error:
                return Download("cut", "network failure", _size(part), detail=str(error))
            except RefusedError as refused:
                meaning = meaning_of(refused.code, refused.word)
                if meaning.scope == "file":
                    return None
                on_refused(refused)
                wait_s, times = meaning.retry_after_s, times + 1
                if wait_s is not None and await pace.flood("media", wait_s, times):
                    continue
                outcome = "cut" if _size(part) else "failed"
                return Download(
                    outcome, meaning.answered, _size(part), detail=refused.word[:120], retry_after_s=wait_s
                )
            except OSError as error:
                raise StorageError(f"cannot write {part}: {error.strerror}") from error
            finally:
                if _size(part) == 0:
                    part.unlink(missing_ok=True)


async def _parts(
    client: ApiClient, pace: Pace, place: FilePlace, file: BinaryIO, part: Path, path: Path, max_bytes: int
) -> Download:
    offset = os.fstat(file.fileno()).st_size // CHUNK_BYTES * CHUNK_BYTES
    file.truncate(offset)
    digest, size = hashlib.sha256(), offset
    file.seek(0)
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    async with aclosing(client.download(place, offset)) as pieces:
        async for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                part.unlink()
                return Download("too large", "shown", detail=f"more than {max_bytes} bytes came")
            file.write(piece)
            digest.update(piece)
            if len(piece) == CHUNK_BYTES:
                await pace.chunk()
    file.flush()
    os.replace(part, path)
    has_lied = place.size_bytes is not None and place.size_bytes != size
    detail = f"{place.size_bytes} bytes were claimed" if has_lied else None
    return Download(
        "size lied" if has_lied else "complete", "shown", size, digest.hexdigest(), str(place.id), detail
    )


def _size(part: Path) -> int:
    try:
        return part.stat().st_size
    except OSError:
        return 0
