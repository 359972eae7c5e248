"""One question to a server, and what came back or did not."""

from __future__ import annotations

from typing import Literal, get_args
from urllib.parse import urldefrag, urljoin

import msgspec

from holdfast.fetch.body import BODY_MAX_BYTES, decode_body

__all__ = ["OUTCOMES", "Exchange", "Headers", "Kept", "Outcome", "redirect_target"]

Headers = tuple[tuple[str, str], ...]
"""(name, value) pairs in the order of the wire; each character stands for one byte (ISO 8859-1)."""

Outcome = Literal[
    "answered",
    "timed out",
    "refused",
    "name not found",
    "cut",
    "too large",
    "tls",
    "network",
    "private address",
    "held",
]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
"""What became of an exchange.

"answered": a whole answer came, whatever its status. "timed out": it did not, or not all of it, in time.
"refused": nobody takes connections there. "name not found": the name has no address. "cut": the connection ended
inside the body, or the length or framing lied. "too large": there is more than was allowed; the rest was not
fetched. "tls": no trustworthy secure connection. "network": anything else between us and the server.
"private address": the name leads only to addresses that must not be asked, and nothing was sent. "held": the
server had asked for a pause that is not over, and nothing was sent.
"""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """Where the body went if it is not in `raw_body`: into a file, `size_bytes` of it from byte `start` on.

    `digest` is the lowercase hex SHA-256 of those bytes.
    """

    digest: str
    start: int
    size_bytes: int


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one request.

    Shapes: `status` None if no answer began; `request_headers` as sent, empty if nothing was sent; `raw_body` as
    received, without the framing of the transfer, with its content coding. Units: `started_at`, `finished_at`,
    `retry_at` in unix seconds by our clock. `address` is the server's IP address, None if a proxy chose it.
    `retry_at`: when the server is willing to be asked again, if it said so. `detail` is in our words.
    """

    url: str
    method: str = "GET"
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    request_headers: Headers = ()
    response_headers: Headers = ()
    raw_body: bytes = b""
    started_at: float = 0.0
    finished_at: float = 0.0
    outcome: Outcome = "answered"
    detail: str = ""
    address: str | None = None
    retry_at: float | None = None
    kept: Kept | None = None

    def header(self, name: str) -> str | None:
        """The first response header of this name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.response_headers if key.lower() == wanted), None)

    def body(self, max_bytes: int = BODY_MAX_BYTES) -> bytes:
        """The body without its content coding; of an answer that broke off, what can be read of it.

        Errors: FormatError (unknown coding, not what it claims to be, or more than `max_bytes`).
        """
        codings = ",".join(value for key, value in self.response_headers if key.lower() == "content-encoding")
        return decode_body(self.raw_body, codings, max_bytes=max_bytes, cut=self.outcome != "answered")


def redirect_target(exchange: Exchange) -> str | None:
    """Where a 30x answer points, as a whole address without fragment; None if it is no redirect.

    The address is the server's word: only `Door.get` says whether it may be asked.
    """
    location = exchange.header("location")
    if exchange.status not in (301, 302, 303, 307, 308) or not location:
        return None
    raw = location.encode("latin-1", "replace")
    try:
        written = raw.decode()
    except UnicodeDecodeError:
        written = location
    try:
        return urldefrag(urljoin(exchange.url, written.strip())).url
    except ValueError:
        return None  # not an address at all
