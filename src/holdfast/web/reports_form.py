"""Takes the form of a report from the wire: a pasted text, a file or an address, with what is known of its publication."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from holdfast.errors import FormatError, SourceError, StorageError, UsageError
from holdfast.reports.checking import Given
from holdfast.web.desk import Limits
from holdfast.web.text import safe_address
from holdfast.web.uploading import Upload, _chunks

__all__ = ["TEXT_MOST", "ReportForm", "Submitted", "receive_report"]

TEXT_MOST = 5_000_000
"""Bytes of a pasted text."""
BODY_MOST = 24 << 20
"""Bytes of the whole form: a file of the largest size that is read as a report, a pasted text, and the fields."""
FIELD_MOST = 500
PASTED = "pasted.txt"


class Submitted(msgspec.Struct, frozen=True):
    """A report that is to be checked. `raw`: its bytes, None where they are to be fetched from `name`, an address."""

    name: str
    raw: bytes | None
    given: Given
    channels: tuple[str, ...]


class ReportForm(Upload):
    """An upload whose field `text` may be long: a pasted report."""

    def __init__(self, root: Path, limits: Limits) -> None:
        super().__init__(root, limits)
        self._pasted = bytearray()

    def part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field != "text":
            super().part_data(data, start, end)
            return
        self._pasted += data[start:end]
        if len(self._pasted) > TEXT_MOST:
            raise UsageError(
                f"the text is longer than {TEXT_MOST:,} bytes", remedy="send it as a file, or in parts"
            )

    def part_ends(self) -> None:
        if self._field == "text":
            self.fields["text"] = self._pasted.decode("utf-8", "replace")
            self._pasted.clear()
            return
        super().part_ends()


async def receive_report(request: Request, root: Path, limits: Limits) -> Submitted:
    """The form, its file or text below `root`.

    Errors: UsageError (no report, several, or a time that is none), FormatError, SourceError (too much, too slow, cut short),
    StorageError; what was written before stays for the caller to delete.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise UsageError("this is no report", remedy="use the form of the page")
    form = ReportForm(root, msgspec.structs.replace(limits, upload_files=1))
    try:
        parser = MultipartParser(options[b"boundary"], form.callbacks())
        async for chunk in _chunks(request, limits, BODY_MOST):
            await asyncio.to_thread(parser.write, chunk)
        parser.finalize()
    except MultipartParseError as error:
        raise FormatError("the form is not what it claims to be") from error
    finally:
        form.close()
    if not form.is_whole:
        raise SourceError("the form ended before its end", remedy="send it again")
    return _submitted(form, root)


def _submitted(form: ReportForm, root: Path) -> Submitted:
    def field(name: str) -> str | None:
        found = " ".join(form.fields.get(name, "").split())
        if len(found) > FIELD_MOST:
            raise UsageError(f"the field “{name}” is too long")
        return found or None

    text, address = form.fields.get("text", ""), field("address")
    files = [path for path in root.rglob("*") if path.is_file()]
    if bool(text.strip()) + bool(files) > 1:
        raise UsageError("there are a text and a file", remedy="give one of them")
    if address is not None and (safe_address(address) is None or "@" in urlsplit(address).netloc):
        raise UsageError(
            "the address is none of the web",
            remedy="give one that begins with https:// or http://, without a name or password in it",
        )
    published = field("date")
    if published is not None and (time := field("time")) is not None:
        published = f"{published}T{time}"
    given = Given(published, field("zone"), field("outlet"), address)
    given.check()
    channel = field("channel")
    channels = () if channel is None else (channel,)
    if text.strip():
        # A browser ends lines as e-mail does; the text that is sealed has the ends that its author typed.
        return Submitted(PASTED, text.replace("\r\n", "\n").encode("utf-8"), given, channels)
    if files:
        return Submitted(files[0].name, _read(files[0]), given, channels)
    if address is None:
        raise UsageError("there is no report", remedy="paste its text, choose its file, or give its address")
    return Submitted(address, None, given, channels)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read the upload: {error.strerror}") from error
