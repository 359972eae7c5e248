"""Undoes the content codings of a body, within a size that was agreed beforehand; pure."""

from __future__ import annotations

import zlib

from holdfast.errors import FormatError

__all__ = ["ACCEPTED_CODINGS", "BODY_MAX_BYTES", "decode_body"]

ACCEPTED_CODINGS = "gzip, deflate"
"""What is asked for: what the standard library reads, and what every reader of WARC files reads."""

BODY_MAX_BYTES = 64 << 20

_LAYERS_MAX = 3
_MEMBERS_MAX = 64  # each member costs a copy of what follows it
_GZIP, _ZLIB, _RAW = 31, 15, -15


def decode_body(
    raw_body: bytes, codings: str, *, max_bytes: int = BODY_MAX_BYTES, cut: bool = False
) -> bytes:
    """The body as its author wrote it. `codings` is the value of Content-Encoding, "" if there was none.

    With `cut` the bytes may end anywhere, and what can be read of them is returned.
    Errors: FormatError if a coding is unknown, the bytes are not of it, or more than `max_bytes` come out.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    layers = [name for name in names if name not in ("", "identity")]
    if len(layers) > _LAYERS_MAX:
        raise FormatError(f"a body is compressed {len(layers)} times over")
    body = raw_body
    for name in reversed(layers):
        if name in ("gzip", "x-gzip"):
            body = _inflate(body, _GZIP, max_bytes, cut)
        elif name == "deflate":
            # The standard means the zlib format; some servers send the bare stream.
            wrapped = len(body) >= 2 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0
            body = _inflate(body, _ZLIB if wrapped else _RAW, max_bytes, cut)
        else:
            raise FormatError(f"a body has a content coding that is not read here: {name[:20]!r}")
    if len(body) > max_bytes:
        raise FormatError(f"a body is larger than {max_bytes} bytes")
    return body


def _inflate(raw: bytes, window: int, max_bytes: int, cut: bool) -> bytes:
    out = bytearray()
    rest = raw
    for _ in range(_MEMBERS_MAX):
        engine = zlib.decompressobj(window)
        try:
            out += engine.decompress(rest, max_bytes - len(out) + 1)
        except zlib.error as error:
            raise FormatError("a compressed body does not decompress") from error
        if len(out) > max_bytes:
            raise FormatError(f"a compressed body grows beyond {max_bytes} bytes")
        if not engine.eof:
            if cut or not raw:
                return bytes(out)
            raise FormatError("a compressed body ends early")
        rest = engine.unused_data
        # What follows the last member is padding, and ignored as browsers do; the raw bytes keep it.
        if window != _GZIP or not rest.startswith(b"\x1f\x8b"):
            return bytes(out)
    raise FormatError(f"a compressed body has more than {_MEMBERS_MAX} members")
