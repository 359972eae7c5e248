"""Tells a page how far a job is, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from holdfast.answers import failure
from holdfast.web.desk import Desk
from holdfast.web.take_in import job_json

__all__ = ["Streams", "stream"]

LOOK_EVERY_S = 0.2
"""How often a job is looked at: progress is for eyes."""
QUIET_LOOKS = 75
"""After so many looks without news a comment is sent, so that nothing between takes the line for dead."""


class Streams:
    """How many pages listen at once, at most `most`."""

    def __init__(self, most: int) -> None:
        self.most, self.open = most, 0


async def stream(desk: Desk, streams: Streams, request: Request) -> Response:
    """The events of one job, until it is over. Source: the server-sent events of the HTML standard."""
    job = desk.worker.jobs.get(request.path_params["job"])
    if job is None:
        return Response(failure("not_found", "there is no such job", ""), 404, media_type="application/json")
    if streams.open >= streams.most:
        return Response(
            failure("busy", "too many pages listen already", "reload the page"),
            503,
            media_type="application/json",
        )

    async def told() -> AsyncIterator[bytes]:
        streams.open += 1
        try:
            version, quiet = -1, 0
            while True:
                if job.version != version:
                    version, quiet = job.version, 0
                    is_over = job.is_over
                    yield b"event: progress\ndata: " + msgspec.json.encode(job_json(job)) + b"\n\n"
                    if is_over:
                        yield b"event: end\ndata: {}\n\n"
                        return
                elif (quiet := quiet + 1) % QUIET_LOOKS == 0:
                    yield b": still here\n\n"
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            streams.open -= 1

    return StreamingResponse(told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
