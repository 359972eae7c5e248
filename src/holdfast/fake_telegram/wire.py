"""The bytes of HTTP/1.1 as the fake speaks it, and how a connection is broken off."""

from __future__ import annotations

import asyncio
import socket
import struct
from email.utils import formatdate
from functools import lru_cache

from holdfast.fake_telegram.answers import Answer, Request

__all__ = ["answer_head", "parse_head", "part", "reset", "skip_body", "write"]

MAX_BODY = 1_048_576
REASONS = {
    200: "OK", 206: "Partial Content", 302: "Found", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 416: "Range Not Satisfiable", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip


@lru_cache(maxsize=8)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def answer_head(reply: Answer, server_time: float, length: int, *, close: bool) -> bytes:
    """The status line and headers. `length`: what Content-Length claims."""
    lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Unknown')}", "Server: cardboard"]
    lines += [f"Date: {_date(int(server_time))}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def parse_head(head: bytes) -> tuple[Request | None, str]:
    """The ask and its version of HTTP; None for the ask if it is none."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        return None, ""
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(words[1], words[0], headers), words[2]


async def skip_body(reader: asyncio.StreamReader, request: Request) -> bool:
    """Read past what came with the ask; False if it is of a form, or a size, that nobody has to send here."""
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isdecimal() or int(length) > MAX_BODY:
        return False
    await reader.readexactly(int(length))
    return True


def part(reply: Answer, start: int, stop: int) -> bytes:
    """The bytes [start, stop) of a body."""
    if reply.file is None:
        return reply.body[start:stop]
    return reply.file.read(reply.start + start, min(reply.stop, reply.start + stop))


async def write(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send, and wait while the other side is slow to take it."""
    writer.write(data)
    await writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection off: with lingering for no time at all the other side gets a reset, not an end."""
    handle = writer.get_extra_info("socket")
    if handle is not None:  # the other side may have gone first
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
