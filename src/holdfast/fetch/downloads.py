"""Fetches one file to disk: in pieces if the line breaks, hashed on the way, never larger than agreed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec

from holdfast.errors import StorageError
from holdfast.fetch.door import Door
from holdfast.fetch.exchange import Exchange, Headers, Kept
from holdfast.fetch.faults import Fault
from holdfast.fetch.retry import parse_http_date

__all__ = ["Download", "download", "partial_paths"]

_ROUNDS_MAX = 16
_PROGRESS_BYTES = 1 << 20
_NOTE_EVERY_BYTES = 8 << 20
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", re.ASCII | re.IGNORECASE)
_GONE = frozenset({403, 404, 410})

DownloadOutcome = Literal["complete", "too large", "cut", "size lied", "gone", "failed"]


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file; a redirect is "failed", and `redirect_target(exchange)` says where it points.

    `outcome`: "complete"; "too large" (more than `max_bytes`; nothing is kept); "cut" (a part is kept beside the path
    and a later call goes on, unless `size_bytes` is 0); "size lied" (whole by the server's word, but not of the expected size; the file is kept);
    "gone" (403, 404, 410); "failed" (anything else: see `exchange`, the last one). `digest` is the lowercase hex
    SHA-256 of the file at the path, None if there is none. `size_bytes`: of the file, or of the part that is kept.
    """

    outcome: DownloadOutcome
    exchange: Exchange
    size_bytes: int = 0
    digest: str | None = None
    detail: str = ""


class _Note(msgspec.Struct, frozen=True):
    """What must be known of a part to go on with it; lies beside it. `digest` is of its first `size_bytes` bytes:
    after a loss of power a file may be as long as it was and hold other bytes."""

    url: str
    validator: str
    total_bytes: int | None
    size_bytes: int
    digest: str


def partial_paths(path: Path) -> tuple[Path, Path]:
    """The part and the note beside it, while a download of `path` is not complete."""
    return path.with_name(path.name + ".part"), path.with_name(path.name + ".part.json")


async def download(
    door: Door,
    url: str,
    path: Path,
    *,
    max_bytes: int,
    expected_size: int | None = None,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> Download:
    """Fetch `url` to `path`; `on_progress` gets the bytes on disk and the total, None if it is not known.

    A part that an earlier call left is gone on with, if the server vouches that the file is still the same one (a
    strong ETag, or a Last-Modified well in the past); else it is fetched anew. One call a path at a time.
    Effects: network; writes the part and its note beside `path`, replaces `path` when it is complete; nothing is
    synced. Errors: UsageError as `Door.get`; StorageError if the disk refuses (the part stays, nothing is lost).
    """
    part = _Part(url, path, max_bytes, on_progress)
    await asyncio.to_thread(part.load)
    for _ in range(_ROUNDS_MAX + max_bytes // _PROGRESS_BYTES):
        exchange = await door.receive(url, part)
        if exchange.status == 416 and part.size_bytes:
            part.drop()  # nothing left to send: our part is not of this file, or of a file that shrank
        elif exchange.outcome != "answered" or exchange.status not in (200, 206) or part.is_whole:
            break
    return _result(part, exchange, expected_size)


def _result(part: _Part, exchange: Exchange, expected_size: int | None) -> Download:
    came = exchange.status in (200, 206)
    if part.is_too_large:
        return Download(outcome="too large", exchange=exchange, detail=exchange.detail)
    if came and exchange.outcome == "answered" and part.is_whole:
        size = part.size_bytes
        if (
            expected_size is not None
            and size < expected_size
            and part.total_bytes is None
            and _is_open_ended(exchange)
        ):
            return _cut(
                part, exchange, "only the end of the connection marked the end, and it came too early"
            )
        digest = part.finish()
        if expected_size in (None, size):
            outcome, detail = "complete", exchange.detail
        else:
            outcome, detail = "size lied", f"{expected_size} bytes were expected"
        return Download(
            outcome=cast(DownloadOutcome, outcome),
            exchange=exchange,
            size_bytes=size,
            digest=digest,
            detail=detail,
        )
    if exchange.status in _GONE:
        return Download(outcome="gone", exchange=exchange, size_bytes=part.size_bytes)
    if came and exchange.outcome in ("answered", "cut", "timed out"):
        return _cut(part, exchange, exchange.detail or "the server sent less than the whole, again and again")
    return Download(outcome="failed", exchange=exchange, size_bytes=part.size_bytes, detail=exchange.detail)


def _cut(part: _Part, exchange: Exchange, detail: str) -> Download:
    if not part.can_go_on:
        part.drop()
    return Download(outcome="cut", exchange=exchange, size_bytes=part.size_bytes, detail=detail)


def _is_open_ended(exchange: Exchange) -> bool:
    return exchange.header("transfer-encoding") is None and exchange.header("content-length") is None


class _Part:
    """The part on disk, and the receiver that lets it grow."""

    def __init__(
        self, url: str, path: Path, max_bytes: int, on_progress: Callable[[int, int | None], None] | None
    ) -> None:
        self._url, self._path, self._max_bytes, self._on_progress = url, path, max_bytes, on_progress
        self._part, self._note = partial_paths(path)
        self._validator = ""
        self._digest = hashlib.sha256()
        self._noted_bytes = 0
        self._handle: BinaryIO | None = None
        self._clear_answer()
        self.size_bytes = 0
        self.total_bytes: int | None = None
        self.is_too_large = False

    def _clear_answer(self) -> None:
        self._start = 0
        self._until: int | None = None
        self._answer_digest = hashlib.sha256()
        self._taking = False

    @property
    def is_whole(self) -> bool:
        return self.total_bytes is None or self.size_bytes == self.total_bytes

    @property
    def can_go_on(self) -> bool:
        return self.size_bytes > 0 and self._validator != ""

    def load(self) -> None:
        """Take up what an earlier call left, if it is what its note says."""
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=_Note)
            with open(self._part, "rb") as handle:
                digest, left = hashlib.sha256(), note.size_bytes
                while left > 0 and (chunk := handle.read(min(left, 1 << 20))):
                    digest.update(chunk)
                    left -= len(chunk)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return
        sound = left == 0 and digest.hexdigest() == note.digest and note.size_bytes <= self._max_bytes
        if sound and note.url == self._url and note.validator:
            self._digest, self.size_bytes = digest, note.size_bytes
            self._validator, self.total_bytes = note.validator, note.total_bytes
            self._noted_bytes = note.size_bytes

    def drop(self) -> None:
        """Forget the part. Effects: deletes it and its note."""
        self._close()
        for path in (self._note, self._part):
            with contextlib.suppress(OSError):  # a part that stays is not believed without its note
                path.unlink()
        self._digest, self.size_bytes, self.total_bytes, self._validator = hashlib.sha256(), 0, None, ""
        self._noted_bytes = 0

    def finish(self) -> str:
        """The part becomes the file."""
        try:
            if not self.size_bytes:
                self._part.touch()
            os.replace(self._part, self._path)
            self._note.unlink(missing_ok=True)
        except OSError as error:
            raise _storage_error(error) from error
        return self._digest.hexdigest()

    def headers(self) -> Headers:
        if not self.can_go_on:
            return ()
        return ("Range", f"bytes={self.size_bytes}-"), ("If-Range", self._validator)

    def begin(self, status: int, headers: Headers) -> Fault | bool:
        self._clear_answer()
        if status not in (200, 206):
            return False
        values = {name.lower(): value for name, value in headers}
        if values.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return "network", "the file was sent compressed, which was not asked for"
        if status == 200:
            self._begin_whole(values)
        elif (fault := self._begin_range(values)) is not None:
            return fault
        if self.total_bytes is not None and self.total_bytes > self._max_bytes:
            return self._too_large(f"{self.total_bytes} bytes are announced")
        self._open()
        self._taking = True
        return True

    def _begin_whole(self, values: dict[str, str]) -> None:
        self.drop()
        length = values.get("content-length", "")
        self.total_bytes = int(length) if re.fullmatch(r"[0-9]{1,18}", length, re.ASCII) else None
        self._validator = _validator(values)

    def _begin_range(self, values: dict[str, str]) -> Fault | None:
        found = _RANGE.fullmatch(values.get("content-range", "").strip())
        total = None if found is None or found[3] == "*" else int(found[3])
        if (
            found is None
            or int(found[1]) != self.size_bytes
            or not int(found[1]) <= int(found[2])
            or (total is not None and int(found[2]) >= total)
            or (total is not None and self.total_bytes not in (None, total))
        ):
            # Not a part of the file that we have, whatever it is: begin anew.
            self.drop()
            return "cut", "not read: another range came than was asked for"
        self._start, self._until = self.size_bytes, int(found[2]) + 1
        self.total_bytes = total if total is not None else self.total_bytes
        return None

    def take(self, part: bytes) -> Fault | None:
        if self.size_bytes + len(part) > self._max_bytes:
            return self._too_large(f"more than {self._max_bytes} bytes came")
        if self._until is not None and self.size_bytes + len(part) > self._until:
            self.drop()
            return "cut", "more bytes came than the range that was named"
        assert self._handle is not None
        try:
            self._handle.write(part)
        except OSError as error:
            raise _storage_error(error) from error
        self._digest.update(part)
        if self._start:
            self._answer_digest.update(part)
        self.size_bytes += len(part)
        if self.size_bytes - self._noted_bytes >= _NOTE_EVERY_BYTES:
            self._write_note()
        if self._on_progress is not None:
            self._on_progress(self.size_bytes, self.total_bytes)
        return None

    def end(self) -> Kept | None:
        if not self._taking:
            return None
        self._taking = False
        if self._handle is None:
            return None  # dropped on the way
        try:
            if self.size_bytes != self._noted_bytes:
                self._write_note()
        finally:
            self._close()
        digest = self._answer_digest if self._start else self._digest
        return Kept(digest.hexdigest(), self._start, self.size_bytes - self._start)

    def _too_large(self, detail: str) -> Fault:
        self.drop()
        self.is_too_large = True
        return "too large", f"{detail}, {self._max_bytes} are allowed"

    def _open(self) -> None:
        try:
            if self.size_bytes:
                self._handle = open(self._part, "r+b")  # noqa: SIM115 (closed by `end`)
                self._handle.truncate(self.size_bytes)
                self._handle.seek(self.size_bytes)
            else:
                self._handle = open(self._part, "wb")  # noqa: SIM115 (closed by `end`)
        except OSError as error:
            raise _storage_error(error) from error

    def _write_note(self) -> None:
        """Effects: the bytes so far are handed to the system, then the note takes the old one's place."""
        assert self._handle is not None
        note = _Note(self._url, self._validator, self.total_bytes, self.size_bytes, self._digest.hexdigest())
        fresh = self._note.with_name(self._note.name + ".new")
        try:
            self._handle.flush()
            if self._validator:
                fresh.write_bytes(msgspec.json.encode(note))
                os.replace(fresh, self._note)
        except OSError as error:
            raise _storage_error(error) from error
        self._noted_bytes = self.size_bytes

    def _close(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def _validator(values: dict[str, str]) -> str:
    """What to put into If-Range, "" if nothing is strong enough. Source: RFC 9110 sections 8.8.2.2 and 13.1.5."""
    etag = values.get("etag", "").strip()
    if re.fullmatch(r'"[\x21\x23-\x7e]*"', etag):
        return etag
    modified = values.get("last-modified", "").strip()
    changed, sent = parse_http_date(modified), parse_http_date(values.get("date", ""))
    if changed is not None and sent is not None and sent - changed >= 60 and modified.isascii():
        return modified
    return ""


def _storage_error(error: OSError) -> StorageError:
    return StorageError(f"a download cannot be written: {error.strerror or error}")
