"""Reads back the WARC files that `warc` writes, and no others: every digest checked, every record in its place; pure."""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

import msgspec

from holdfast.errors import FormatError
from holdfast.fetch.exchange import OUTCOMES, Exchange, Headers, Kept, Outcome

__all__ = ["RECORD_MAX_BYTES", "parse_exchange", "read_warc"]

RECORD_MAX_BYTES = 256 << 20
"""A record's size, unpacked, beyond which it is not read."""

_CHUNK_BYTES = 64 << 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)
_FIELD = re.compile(r"([A-Za-z0-9-]+): (.*)", re.ASCII | re.DOTALL)
_STATUS_LINE = re.compile(r"([^ \r\n]+) ([0-9]{3}) ([^\r\n]*)", re.ASCII)
_REQUEST_LINE = re.compile(r"([^ \r\n]+) ([^ \r\n]+) HTTP/1\.1", re.ASCII)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_MOVED = re.compile(r"(x-orig-)+transfer-encoding", re.IGNORECASE | re.ASCII)


class _Record(msgspec.Struct, frozen=True):
    fields: dict[str, str]
    block: bytes

    def need(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            raise FormatError(f"a WARC record has no field {name}")
        return value


def parse_exchange(raw_record: bytes, *, max_bytes: int = RECORD_MAX_BYTES) -> Exchange:
    """The exchange whose answer's record lies in these bytes: one gzip member.

    What was sent stands in a record of its own, so `request_headers` is empty here.
    Errors: FormatError (damaged, more than one member, larger than `max_bytes`, or no record of an answer).
    """
    records = list(_members(io.BytesIO(raw_record), max_bytes))
    if len(records) != 1:
        raise FormatError("not the place of one WARC record")
    record = _parse_record(records[0][2])
    if record.fields.get("WARC-Type") not in ("response", "revisit", "metadata"):
        raise FormatError("not the WARC record of an answer")
    return _answer(record)


def read_warc(
    source: bytes | BinaryIO, *, max_bytes: int = RECORD_MAX_BYTES
) -> Iterator[tuple[int, int, Exchange]]:
    """Each exchange of a file with the place (offset, length) of its answer's record; requests are put back.

    Memory: one record. Effects: reads `source`. Errors: FormatError, at the first thing that is not as written.
    """
    handle = io.BytesIO(source) if isinstance(source, bytes) else source
    request: _Record | None = None
    info: str | None = None
    for offset, length, content in _members(handle, max_bytes):
        record = _parse_record(content)
        kind = record.need("WARC-Type")
        if info is None:
            if kind != "warcinfo":
                raise FormatError("a WARC file does not begin with its own description")
            info = record.need("WARC-Record-ID")
            continue
        if record.need("WARC-Warcinfo-ID") != info:
            raise FormatError(f"the WARC record at byte {offset} belongs to another file")
        if kind == "request" and request is None:
            request = record
        elif kind in ("response", "revisit", "metadata"):
            exchange = _answer(record)
            yield offset, length, exchange if request is None else _paired(request, record, exchange)
            request = None
        else:
            raise FormatError(f"the WARC record at byte {offset} is out of place")
    if request is not None or info is None:
        raise FormatError("a WARC file ends before its last record")


def _members(handle: BinaryIO, max_bytes: int) -> Iterator[tuple[int, int, bytes]]:
    """(offset, length, content) of each gzip member."""
    offset = 0
    pending = handle.read(_CHUNK_BYTES)
    while pending:
        engine = zlib.decompressobj(31)
        content, length = bytearray(), 0
        while not engine.eof:
            if not pending:
                raise FormatError(f"the gzip member at byte {offset} ends early")
            try:
                content += engine.decompress(pending, max_bytes - len(content) + 1)
            except zlib.error as error:
                raise FormatError(f"there is no sound gzip member at byte {offset}") from error
            if len(content) > max_bytes:
                raise FormatError(f"the gzip member at byte {offset} holds more than {max_bytes} bytes")
            length += len(pending) - len(engine.unused_data)
            pending = engine.unused_data or handle.read(_CHUNK_BYTES)
        yield offset, length, bytes(content)
        offset += length


def _parse_record(content: bytes) -> _Record:
    head, gap, rest = content.partition(b"\r\n\r\n")
    lines = _text(head, "utf-8").split("\r\n")
    if not gap or lines[0] != "WARC/1.1":
        raise FormatError("not a WARC/1.1 record")
    fields: dict[str, str] = {}
    for line in lines[1:]:
        found = _FIELD.fullmatch(line)
        if found is None or found[1] in fields:
            raise FormatError("a field of a WARC record is malformed or stands twice")
        fields[found[1]] = found[2]
    record = _Record(fields, rest[:-4])
    if record.need("Content-Length") != str(len(record.block)) or rest[-4:] != b"\r\n\r\n":
        raise FormatError("a WARC record's length is not what it says")
    _check_digest(record.need("WARC-Block-Digest"), record.block)
    return record


def _check_digest(stated: str, content: bytes) -> None:
    if stated != f"sha256:{hashlib.sha256(content).hexdigest()}":
        raise FormatError("a WARC record's bytes do not have the digest that it states")


def _answer(record: _Record) -> Exchange:
    outcome = record.need("Holdfast-Outcome")
    if outcome not in OUTCOMES:
        raise FormatError("a WARC record has an outcome that is not known")
    retry_at = record.fields.get("Holdfast-Retry-At")
    exchange = Exchange(
        url=record.need("WARC-Target-URI"),
        method=record.fields.get("Holdfast-Method", "GET"),
        started_at=_seconds(record.need("WARC-Date")),
        finished_at=_seconds(record.need("Holdfast-Finished-At")),
        outcome=cast(Outcome, outcome),
        detail=record.fields.get("Holdfast-Detail", ""),
        address=record.fields.get("WARC-IP-Address"),
        retry_at=None if retry_at is None else _seconds(retry_at),
    )
    if record.fields["WARC-Type"] == "metadata":
        return exchange
    first, headers, raw_body = _parse_http(record)
    found = _STATUS_LINE.fullmatch(first)
    if found is None:
        raise FormatError("a WARC record's answer has no status line")
    return msgspec.structs.replace(
        exchange,
        status=int(found[2]),
        reason=found[3],
        http_version=found[1],
        response_headers=tuple(
            (name[len("X-Orig-") :] if _MOVED.fullmatch(name) else name, value) for name, value in headers
        ),
        raw_body=raw_body,
        kept=_kept(record, raw_body),
    )


def _kept(record: _Record, raw_body: bytes) -> Kept | None:
    """Where a revisit's body lies. Errors: FormatError, also if a response's body is not what it states."""
    stated = record.need("WARC-Payload-Digest")
    if record.fields["WARC-Type"] == "response":
        _check_digest(stated, raw_body)
        return None
    digest = _DIGEST.fullmatch(stated)
    place = re.fullmatch(r"([0-9]{1,19}) ([0-9]{1,19})", record.need("Holdfast-Kept"), re.ASCII)
    if digest is None or place is None or raw_body:
        raise FormatError("a WARC revisit record does not say where its body lies")
    return Kept(digest[1], int(place[1]), int(place[2]))


def _paired(request: _Record, record: _Record, exchange: Exchange) -> Exchange:
    first, headers, raw_body = _parse_http(request)
    found = _REQUEST_LINE.fullmatch(first)
    belongs = request.fields.get("WARC-Concurrent-To") == record.need("WARC-Record-ID")
    if found is None or raw_body or not belongs or request.fields.get("WARC-Target-URI") != exchange.url:
        raise FormatError("a WARC request record does not belong to the record after it")
    return msgspec.structs.replace(exchange, method=found[1], request_headers=headers)


def _parse_http(record: _Record) -> tuple[str, Headers, bytes]:
    head, gap, raw_body = record.block.partition(b"\r\n\r\n")
    first, *lines = _text(head, "latin-1").split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon or not name:
            raise FormatError("a WARC record holds a header that is none")
        headers.append((name, value))
    if not gap:
        raise FormatError("a WARC record's HTTP head does not end")
    return first, tuple(headers), raw_body


def _text(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError("a WARC record's head is not text") from error


def _seconds(written: str) -> float:
    """Unix seconds. Errors: FormatError."""
    if not _TIME.fullmatch(written):
        raise FormatError("a WARC record has a time that is none")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise FormatError("a WARC record has a time that is none") from error
    return ((moment - _EPOCH) // timedelta(microseconds=1)) / 1_000_000
