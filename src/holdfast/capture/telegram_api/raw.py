"""One exchange with the API as bytes that can be sealed: a line of JSON, then the answer's own bytes."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

from holdfast.capture.telegram_api.tlbytes import Cut, read_object, to_json
from holdfast.errors import FormatError

__all__ = ["MEDIA_TYPE", "Asked", "Exchange", "encode_raw", "json_twin", "parse_raw"]

MEDIA_TYPE: Final = "application/vnd.holdfast.telegram-api"
_MAX_HEADER: Final = 64 * 1024
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What was asked for, without anything that belongs to the account (no access hashes, no file references).

    `what`: "name" (whose is it), "card", "history" (the posts before the id `before`, at most `limit`), "posts" (`ids`) or
    "updates" (nothing was asked, the source told). `channel` is the bare id, `name` the username as asked.
    """

    what: Literal["name", "card", "history", "posts", "updates"]
    channel: str | None = None
    name: str | None = None
    before: int | None = None
    limit: int | None = None
    ids: tuple[int, ...] = ()


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request and what came of it.

    `body` is the answer's bytes in the schema's binary form: "received" as they came out of the encrypted transport,
    "rewritten" where Telethon hands out only what it read from them (updates, refusals), "none" if nothing was answered:
    `failure` then says why. `layer` is the schema's version that was asked for; `at` RFC 3339 in UTC, by our clock.
    """

    asked: Asked
    at: str
    layer: int
    form: Literal["received", "rewritten", "none"]
    body: bytes = b""
    failure: str | None = None


class _Header(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    telegram_api: Literal[1]
    asked: Asked
    at: str
    layer: int
    form: Literal["received", "rewritten", "none"]
    size_bytes: int
    failure: str | None = None


_decoder = msgspec.json.Decoder(_Header)


def encode_raw(exchange: Exchange) -> bytes:
    """The exchange as one artefact: a JSON line, then `body` untouched. The inverse of `parse_raw`."""
    header = _Header(
        1,
        exchange.asked,
        exchange.at,
        exchange.layer,
        exchange.form,
        len(exchange.body),
        exchange.failure,
    )
    return msgspec.json.encode(header) + b"\n" + exchange.body


def parse_raw(raw: bytes) -> Exchange:
    """The exchange that `encode_raw` wrote. Errors: FormatError."""
    end = raw.find(b"\n", 0, _MAX_HEADER)
    if end < 0:
        raise FormatError("a raw answer of the API begins with a line of JSON; this has none")
    try:
        header = _decoder.decode(raw[:end])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError("the first line of a raw answer of the API is not of its form") from error
    body = raw[end + 1 :]
    if header.size_bytes != len(body):
        raise FormatError(
            f"a raw answer of the API is {len(body)} bytes long, its header says {header.size_bytes}"
        )
    if (header.form == "none") == bool(body) or _AT.fullmatch(header.at) is None:
        raise FormatError("the header of a raw answer of the API contradicts itself")
    return Exchange(header.asked, header.at, header.layer, header.form, body, header.failure)


def json_twin(raw: bytes) -> bytes:
    """A raw answer as JSON for people: its header, and the answer as far as this program can read it.

    Deterministic for one version of Telethon. Errors: FormatError if `raw` is no raw answer.
    """
    exchange = parse_raw(raw)
    header: dict[str, Any] = msgspec.to_builtins(_decoder.decode(raw[: raw.index(b"\n")]))
    answer: Any = None
    if exchange.body:
        try:
            found, _ = read_object(exchange.body)
            answer = msgspec.Raw(to_json(found))
        except Cut as error:
            header["unreadable"] = error.message
    return msgspec.json.encode({**header, "answer": answer})
