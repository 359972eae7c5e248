"""Sends an answer while it is made, and tidies up after it, whatever becomes of it: readers leave in the middle, or before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.to_thread
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

__all__ = ["TidiedResponse"]


class TidiedResponse(StreamingResponse):
    """`tidy` is called once the answer is over, also if nobody asked for its first byte."""

    def __init__(self, content: Iterator[bytes], *, tidy: Callable[[], object], **how: Any) -> None:
        super().__init__(content, **how)
        self._tidy = tidy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # The reader is gone, but what was opened for them must not stay.
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._tidy)
