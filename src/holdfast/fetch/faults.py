"""What the network's many ways to fail are called; nothing of what the other side wrote gets into the words."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator

import httpx

from holdfast.fetch.exchange import Outcome

__all__ = ["Fault", "lookup_fault", "opening_fault", "reading_fault"]

Fault = tuple[Outcome, str]
"""Outcome and detail."""

# What SOCKS proxies can say (RFC 1928 section 6), as the library below words it.
_SOCKS_REPLIES = {
    "Connection refused": ("refused", "the proxy was refused a connection"),
    "Host unreachable": ("network", "the proxy cannot reach the host"),
    "Network unreachable": ("network", "the proxy cannot reach the network"),
    "Connection not allowed by ruleset": ("network", "the proxy does not allow this host"),
    "TTL expired": ("timed out", "the proxy reached no host in time"),
}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def lookup_fault(error: OSError | UnicodeError) -> Fault:
    """Why a name has no address. A name server that does not answer is not a name that is not there."""
    if isinstance(error, socket.gaierror) and error.errno not in (
        socket.EAI_NONAME,
        getattr(socket, "EAI_NODATA", socket.EAI_NONAME),
    ):
        return "network", "the name could not be looked up"
    if isinstance(error, UnicodeError | socket.gaierror):
        return "name not found", "the name has no address"
    return "network", "the name could not be looked up"


def opening_fault(error: Exception, *, in_handshake: bool) -> Fault:
    """Why no answer began. `in_handshake`: the connection stood, TLS did not."""
    if isinstance(error, httpx.ConnectTimeout):
        return "timed out", "no connection in time"
    if isinstance(error, httpx.TimeoutException):
        return "timed out", "no answer in time"
    if isinstance(error, httpx.ProxyError):
        return _proxy_fault(str(error))
    if isinstance(error, httpx.RemoteProtocolError):
        if str(error).startswith("Server disconnected"):
            return "network", "the connection was closed without an answer"
        return "network", "the answer is not HTTP"
    for link in _chain(error):
        if isinstance(link, ssl.SSLCertVerificationError):
            return (
                "tls",
                f"the certificate is not valid here (OpenSSL code {getattr(link, 'verify_code', 'unknown')})",
            )
        if isinstance(link, ssl.SSLError):
            return "tls", f"no secure connection ({getattr(link, 'reason', None) or 'no reason given'})"
        if isinstance(link, ConnectionRefusedError):
            return "refused", "nobody takes connections there"
        if isinstance(link, socket.gaierror):
            return "network", "the proxy's name could not be looked up"
        if isinstance(link, OSError) and link.errno is not None and not in_handshake:
            return "network", f"the connection failed ({errno.errorcode.get(link.errno, 'unknown')})"
    if in_handshake:
        return "tls", "the connection ended while it was being secured"
    return "network", f"the connection failed ({type(error).__name__})"


def reading_fault(error: Exception) -> Fault:
    """Why a body did not end."""
    if isinstance(error, httpx.TimeoutException):
        return "timed out", "the body fell silent"
    if isinstance(error, httpx.RemoteProtocolError) and "without sending complete" not in str(error):
        return "cut", "the body's framing is broken"
    return "cut", "the connection ended inside the body"


def _proxy_fault(words: str) -> Fault:
    for reply, (outcome, detail) in _SOCKS_REPLIES.items():
        if words.endswith(reply + "."):
            return ("refused", detail) if outcome == "refused" else _plain(outcome, detail)
    status = re.match(r"[1-5][0-9]{2}\b", words)
    return "network", f"the proxy answered {status[0]}" if status else "the proxy made no connection"


def _plain(outcome: str, detail: str) -> Fault:
    return ("timed out", detail) if outcome == "timed out" else ("network", detail)
