"""Exchanges as the records of a WARC file, the same bytes each time; pure.

One gzip member a record: `warcinfo`, then for each exchange its `request` (if one was sent) and what became of it:
`response`; `revisit`, where the body lies elsewhere under its digest; or `metadata`, where no answer began.
Source: ISO 28500:2017 (WARC/1.1). Fields of ours begin with "Holdfast-"; other readers pass over them.

The body of an exchange has no transfer coding any more, so a Transfer-Encoding header would be untrue of the bytes
below it. It stands as "X-Orig-Transfer-Encoding", as Webrecorder's tools write it, and `warc_reading` turns it back.
Content-Encoding stays: the bytes are still so coded. A request's target is written without scheme and host, also if
a proxy was sent the whole address.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from holdfast.errors import UsageError
from holdfast.fetch.exchange import Exchange, Headers

__all__ = ["REDACTED", "REVISIT_PROFILE", "encode_warc"]

REDACTED = "(redacted)"
"""Stands for the value of a request header that lets others act in our name."""
REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"

_SECRETS = frozenset({"authorization", "proxy-authorization", "cookie", "cookie2"})
_TRUNCATED = {"cut": "disconnect", "timed out": "time", "too large": "length"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACE = uuid.UUID("6f1c7d2e-6f4b-5d0a-9d7e-3c1b8a90e2d5")
_BREAK = re.compile(r"[\x00\r\n]")
_MOVED = re.compile(r"(x-orig-)*transfer-encoding", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(r"https?://[^/?#]+([\x21-\x7e]*)", re.ASCII)


def encode_warc(
    exchanges: Iterable[Exchange], *, software: str, created_at: float
) -> tuple[bytes, list[tuple[int, int]]]:
    """A whole WARC file, and for each exchange the place (offset, length) of the record of its answer.

    Units: `created_at` unix seconds. `software` is like "Holdfast/1.0". Record ids follow from content and order, so
    the same exchanges make the same file (with the same zlib). Secrets in request headers are redacted.
    Errors: UsageError if an exchange cannot stand in a record: a line break in a header, a time outside the calendar.
    """
    records = _Records(created_at)
    info = f"software: {_line(software)}\r\nformat: WARC File Format 1.1\r\n".encode()
    records.add("warcinfo", {"WARC-Date": _date(created_at)}, None, info)
    places = [_encode_exchange(records, exchange) for exchange in exchanges]
    return records.content, places


def _encode_exchange(records: _Records, exchange: Exchange) -> tuple[int, int]:
    address = _ADDRESS.fullmatch(exchange.url)
    if address is None:
        raise UsageError("an exchange's address is not one that can be asked")
    about = {
        "WARC-Target-URI": exchange.url,
        "WARC-Date": _date(exchange.started_at),
    }
    if exchange.address is not None:
        about["WARC-IP-Address"] = _line(exchange.address)
    said = about | _said(exchange)
    if exchange.status is None:
        kind, head = "metadata", None
        body = f"outcome: {exchange.outcome}\r\ndetail: {_line(exchange.detail)}\r\n".encode()
    else:
        kind, head, body = "response", _answer_head(exchange), exchange.raw_body
        digest = hashlib.sha256(body).hexdigest()
        if exchange.kept is not None:
            kind, body, digest = "revisit", b"", exchange.kept.digest
            said["WARC-Profile"] = REVISIT_PROFILE
            said["Holdfast-Kept"] = f"{exchange.kept.start} {exchange.kept.size_bytes}"
        said["WARC-Payload-Digest"] = f"sha256:{digest}"
        if exchange.outcome in _TRUNCATED:
            said["WARC-Truncated"] = _TRUNCATED[exchange.outcome]
    if exchange.request_headers:
        target = address[1] if address[1].startswith("/") else "/" + address[1]
        request = _head(f"{exchange.method} {target} HTTP/1.1", _redacted(exchange.request_headers))
        # The request stands before the answer and names it, so the answer's id has to be known by now.
        answer_id = records.next_id(kind, said, head, body, ahead=1)
        records.add("request", about | {"WARC-Concurrent-To": answer_id}, request, b"")
    return records.add(kind, said, head, body)


def _said(exchange: Exchange) -> dict[str, str]:
    """What the record's own fields have no place for."""
    said = {
        "Holdfast-Finished-At": _date(exchange.finished_at),
        "Holdfast-Outcome": exchange.outcome,
    }
    if exchange.detail:
        said["Holdfast-Detail"] = _line(exchange.detail)
    if exchange.retry_at is not None:
        said["Holdfast-Retry-At"] = _date(exchange.retry_at)
    if exchange.method != "GET":
        said["Holdfast-Method"] = _line(exchange.method)
    return said


def _answer_head(exchange: Exchange) -> bytes:
    moved = tuple(
        ("X-Orig-" + name if _MOVED.fullmatch(name) else name, value)
        for name, value in exchange.response_headers
    )
    if not 100 <= (exchange.status or 0) <= 999:
        raise UsageError("an exchange's status is not of three digits")
    return _head(f"{exchange.http_version or 'HTTP/1.1'} {exchange.status} {exchange.reason}", moved)


def _head(first: str, headers: Headers) -> bytes:
    for name, value in headers:
        if not name or ":" in name or _BREAK.search(name) or _BREAK.search(value):
            raise UsageError("a header of an exchange cannot stand in a record")
    lines = [
        first if not _BREAK.search(first) else _line(first),
        *(f"{name}: {value}" for name, value in headers),
    ]
    try:
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    except UnicodeEncodeError as error:
        raise UsageError("a header of an exchange holds a character that is no byte") from error


def _redacted(headers: Headers) -> Headers:
    return tuple((name, REDACTED if name.lower() in _SECRETS else value) for name, value in headers)


def _line(text: str) -> str:
    if _BREAK.search(text) or text != text.strip():
        raise UsageError("a field of a record holds a line break or begins or ends with a space")
    return text


def _date(seconds: float) -> str:
    """RFC 3339 in UTC with microseconds."""
    try:
        moment = _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))
    except (OverflowError, ValueError) as error:
        raise UsageError("an exchange's time lies outside the calendar") from error
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


class _Head(StatusAndHeaders):  # type: ignore[misc]  # the library ships no types
    """The head of an HTTP block, to the byte: the library would percent-encode what is not ASCII."""

    def __init__(self, raw: bytes) -> None:
        super().__init__("", [])
        self._raw = raw

    def __bool__(self) -> bool:
        return True

    def compute_headers_buffer(self, header_filter: object = None) -> None:  # noqa: ARG002 (the library's call)
        self.headers_buff = self._raw


class _Records:
    """A file in the making. Every digest is made here, so the library has none to add."""

    def __init__(self, created_at: float) -> None:
        self._out = io.BytesIO()
        self._writer: Any = WARCWriter(self._out, gzip=True, warc_version="WARC/1.1")
        self._writer.NO_PAYLOAD_DIGEST_TYPES = ("warcinfo", "revisit", "request", "metadata")
        self._count = 0
        self._seed = _date(created_at)
        self._info_id: str | None = None

    @property
    def content(self) -> bytes:
        return self._out.getvalue()

    def next_id(
        self, kind: str, fields: dict[str, str], head: bytes | None, body: bytes, *, ahead: int = 0
    ) -> str:
        """The id that a record gets if it is added after `ahead` others."""
        parts = [self._seed, str(self._count + ahead), kind, _block_digest(head, body)]
        named = parts + [f"{name}: {value}" for name, value in fields.items()]
        return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, chr(10).join(named))}>"

    def add(self, kind: str, fields: dict[str, str], head: bytes | None, body: bytes) -> tuple[int, int]:
        """Its place in the file: offset and length."""
        own_id = self.next_id(kind, fields, head, body)
        every = {"WARC-Type": kind, "WARC-Record-ID": own_id, **fields}
        if self._info_id is None:
            self._info_id = own_id
        else:
            every["WARC-Warcinfo-ID"] = self._info_id
        every["WARC-Block-Digest"] = _block_digest(head, body)
        record = self._writer.create_warc_record(
            fields.get("WARC-Target-URI", ""),
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            warc_headers_dict=every,
            http_headers=None if head is None else _Head(head),
        )
        start = self._out.tell()
        self._writer.write_record(record)
        self._count += 1
        return start, self._out.tell() - start


def _block_digest(head: bytes | None, body: bytes) -> str:
    digest = hashlib.sha256(head or b"")
    digest.update(body)
    return f"sha256:{digest.hexdigest()}"
