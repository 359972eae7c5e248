"""Opens the socket that the server listens on; nothing goes out of it."""

from __future__ import annotations

import socket

__all__ = ["listen"]


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections already. Errors: OSError. Effects: the port is taken until it is closed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    # asyncio sets it only for sockets that name their protocol, which this one does not; without it a page waits 40 ms for the
    # reader's machine to acknowledge its headers. Connections inherit it.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
