"""Ends connections whose request does not come: whoever sends nothing, or a letter a minute, takes no place for long."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEADERS_S", "Patient"]

HEADERS_S = 15.0
"""How long the first line and the headers of a request may take. Bodies have bounds of their own (`desk.Limits`), and between two
requests uvicorn waits for as long as it is told."""
IDLE = "IDLE"
"""What h11 calls the state of who has not sent all headers of the next request."""


class Patient(H11Protocol):
    """uvicorn's protocol, which itself waits for headers as long as the other side likes."""

    _headers_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if repr(self.conn.their_state) == IDLE:
            self._wait()
        else:
            self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._headers_due is None:
            self._headers_due = self.loop.call_later(HEADERS_S, self.transport.abort)

    def _done(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None
