"""Takes an upload from the wire to the disk, part by part: never whole in memory, never more, slower or elsewhere than allowed."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import time
from pathlib import Path
from typing import Any, BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from holdfast.errors import FormatError, HoldfastError, SourceError, StorageError, UsageError
from holdfast.web.desk import Limits
from holdfast.web.unpacking import SPARE_BYTES, safe_place

__all__ = ["Upload", "read_form", "receive"]

FIELD_MOST = 4 << 10
HEADER_MOST = 8 << 10
GRACE_S = 30.0
"""How long an upload may be slow before its mean pace is looked at."""
_FIELD = re.compile(r"[a-z_]{1,32}", re.ASCII)


class Upload:
    """What came: fields of the form, and files below `root`."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self.root, self.limits = root, limits
        self.fields: dict[str, str] = {}
        self.files = 0
        self.size_bytes = 0
        self._header = b""
        self._value = b""
        self._headers: dict[str, str] = {}
        self._field: str | None = None
        self._buffer = bytearray()
        self._file: BinaryIO | None = None
        self.is_whole = False

    # -- what the parser calls --------------------------------------------------------------------

    def part_begins(self) -> None:
        self._headers, self._header, self._value = {}, b"", b""
        self._field, self._file = None, None
        self._buffer.clear()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = _bounded(self._header + data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value = _bounded(self._value + data[start:end])

    def header_ends(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._header, self._value = b"", b""

    def headers_end(self) -> None:
        kind, options = parse_options_header(self._headers.get("content-disposition", ""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not _FIELD.fullmatch(name):
            raise FormatError("the form has a part that is not ours")
        if b"filename" not in options:
            self._field = name
            return
        given = options[b"filename"].decode("utf-8", "replace")
        if not given:
            self._field = ""  # no file was chosen here
            return
        self.files += 1
        if self.files > self.limits.upload_files:
            raise SourceError(
                f"more than {self.limits.upload_files:,} files", remedy="send a zip, or less at once"
            )
        place = safe_place(self.root, given)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(place, "xb")  # noqa: SIM115 (closed where the part ends)
        except FileExistsError as error:
            raise FormatError("two files of the upload bear one name") from error
        except OSError as error:
            raise StorageError(f"cannot write the upload: {error.strerror}") from error

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            try:
                self._file.write(data[start:end])
            except OSError as error:
                raise StorageError(f"cannot write the upload: {error.strerror}") from error
        elif self._field:
            self._buffer += data[start:end]
            if len(self._buffer) > FIELD_MOST:
                raise FormatError("a field of the form is too long")

    def part_ends(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        elif self._field:
            self.fields[self._field] = self._buffer.decode("utf-8", "replace")

    def ends(self) -> None:
        self.is_whole = True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self.part_begins,
            "on_part_data": self.part_data,
            "on_part_end": self.part_ends,
            "on_header_field": self.header_name,
            "on_header_value": self.header_value,
            "on_header_end": self.header_ends,
            "on_headers_finished": self.headers_end,
            "on_end": self.ends,
        }


def _bounded(found: bytes) -> bytes:
    if len(found) > HEADER_MOST:
        raise FormatError("a header of the form is too long")
    return found


async def receive(request: Request, root: Path, limits: Limits) -> Upload:
    """A form with files, written below `root` as it comes.

    Errors: UsageError (no form), FormatError, SourceError (too much, too slow, cut short), StorageError; what was
    written before stays for the caller to delete.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise UsageError("this is no upload", remedy="use the form of the page")
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > limits.upload_bytes:
        raise _too_much(limits)
    upload = Upload(root, limits)
    try:
        parser = MultipartParser(options[b"boundary"], upload.callbacks())
        async for chunk in _chunks(request, limits, limits.upload_bytes):
            upload.size_bytes += len(chunk)
            if shutil.disk_usage(root).free < SPARE_BYTES:
                raise StorageError("the disk is nearly full: the upload is not taken")
            await asyncio.to_thread(parser.write, chunk)
        parser.finalize()
    except MultipartParseError as error:
        raise FormatError("the upload is not the form that it claims to be") from error
    finally:
        upload.close()
    if not upload.is_whole:
        raise SourceError("the upload ended before its end", remedy="send it again")
    return upload


async def read_form(request: Request, limits: Limits) -> dict[str, str]:
    """A small form: names and values. Errors: UsageError, SourceError."""
    from urllib.parse import parse_qsl

    found = bytearray()
    async for chunk in _chunks(request, limits, limits.form_bytes):
        found += chunk
    try:
        return dict(parse_qsl(found.decode("utf-8"), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise UsageError("this is no form of ours") from error


async def _chunks(request: Request, limits: Limits, most: int) -> Any:
    """The body, no more of it and no slower than allowed."""
    stream = request.stream().__aiter__()
    begun, done = time.monotonic(), 0
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), limits.idle_s)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise SourceError("the upload stopped coming", remedy="send it again") from error
        except ClientDisconnect as error:
            raise SourceError("the upload was cut off", remedy="send it again") from error
        done += len(chunk)
        if done > most:
            raise _too_much(limits) if most == limits.upload_bytes else UsageError("the form is too long")
        spent = time.monotonic() - begun
        if spent > GRACE_S and done < spent * limits.slowest_bytes_s:
            raise SourceError("the upload comes too slowly", remedy="send it again over a better line")
        yield chunk


def _too_much(limits: Limits) -> HoldfastError:
    return SourceError(
        f"the upload is larger than {limits.upload_bytes >> 20:,} MiB",
        remedy="use `holdfast import` on the machine of the vault",
    )


def forget(root: Path) -> None:
    """Delete what an upload left. Effects: as said."""
    with contextlib.suppress(OSError):
        shutil.rmtree(root)
