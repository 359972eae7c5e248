"""Asks Telegram's public preview pages, through the one door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from holdfast import __version__
from holdfast.capture.contract import AnswerSeen, FileOffer
from holdfast.capture.telegram_web import Asked, landing_path, parse_answer, path_of
from holdfast.errors import FormatError, UsageError
from holdfast.fetch import Door, Exchange, download, encode_warc, redirect_target
from holdfast.watching.source import UNNAMED, Answer, Fetched, Sealable

__all__ = ["FILE_HOSTS", "WebSource", "note_attempt"]

FILE_HOSTS = (".telegram.org", ".telesco.pe", ".cdn-telegram.org", ".telegram-cdn.org")
"""Where the pages' files lie, besides the host of the pages themselves."""
PAGE_SPAN = 20
PAGE_BYTES = 8_000_000

_attempts: ContextVar[list[Exchange]] = ContextVar("attempts")


def note_attempt(exchange: Exchange) -> None:
    """The door's `on_exchange`: every attempt stands beside the answer that it was made for."""
    _attempts.get().append(exchange)


class WebSource:
    """The preview pages below a base address. The door belongs to the caller; its `on_exchange` is `note_attempt`."""

    name = "telegram_web"
    span = PAGE_SPAN

    def __init__(self, door: Door, base: str, now: Callable[[], int]) -> None:
        parts = urlsplit(base)
        if (
            parts.scheme not in ("http", "https")
            or not parts.netloc
            or parts.path not in ("", "/")
            or parts.query
        ):
            raise UsageError(
                f"{base!r} is no base address of preview pages", remedy="write it like https://t.me"
            )
        self.door, self.base, self.now = door, f"{parts.scheme}://{parts.netloc}", now
        self.route = "proxy" if door.policy.proxy else "direct"

    def described(self) -> dict[str, Any]:
        return {"base": self.base, "user_agent": self.door.policy.user_agent}

    async def latest(self, name: str, channel: str | None) -> Answer:
        """See `Source`. The card's channel is "username:…" where the page does not say which channel it shows."""
        asked = Asked("channel", name)
        answer = await self._ask(asked, None)
        card = answer.seen.card
        if answer.seen.answered == "no preview" and (card is None or card.channel is None):
            # The pages send whoever may not see the posts to the landing page: what the name leads to is said there.
            landing = await self._ask(asked, None, landing_path(name))
            return msgspec.structs.replace(landing, raw=(*answer.raw, *landing.raw))
        if (
            channel is not None
            and answer.seen.posts
            and answer.seen.posts[0].post.channel.startswith(UNNAMED)
        ):
            # A layout whose posts do not say of which channel they are.
            seen = _read(asked, answer.raw[-1], channel, self.base)
            return msgspec.structs.replace(answer, seen=seen)
        return answer

    async def before(self, name: str, channel: str, post: int) -> Answer:
        return await self._ask(Asked("channel", name, before=post), channel)

    async def post(self, name: str, channel: str, post: int) -> Answer:
        return await self._ask(Asked("post", name, post=post), channel)

    async def _ask(self, asked: Asked, channel: str | None, path: str | None = None) -> Answer:
        path = path or path_of(asked)
        attempts: list[Exchange] = []
        _attempts.set(attempts)
        exchange = await self.door.get(self.base + path, max_bytes=PAGE_BYTES, accept="text/html")
        if not attempts:  # held back by a pause that the server asked for
            attempts.append(exchange)
        return Answer(
            path,
            _read(asked, exchange, channel, self.base),
            int(exchange.finished_at),
            tuple(attempts),
            None if exchange.retry_at is None else ceil(exchange.retry_at),
        )

    async def fetch(self, offer: FileOffer, path: Path, max_bytes: int) -> Fetched:
        attempts: list[Exchange] = []
        _attempts.set(attempts)
        try:
            found = await download(self.door, offer.url, path, max_bytes=max_bytes)
        except UsageError:
            # A page may name any address; those that are not the service's are not asked.
            return Fetched("gone", 0)
        return Fetched(_STATES.get(found.outcome, "failed"), found.size_bytes, tuple(attempts))

    def encode(self, answers: Sequence[tuple[Any, ...]], made_at: int) -> Sealable:
        exchanges: list[Exchange] = [each for raw in answers for each in raw]
        body, places = encode_warc(exchanges, software=f"Holdfast/{__version__}", created_at=float(made_at))
        ranges, at = [], 0
        for raw in answers:
            at += len(raw)
            # An answer that nothing was received for has no record, and no posts that would name one.
            ranges.append(places[at - 1] if raw else (0, 0))
        when = datetime.fromtimestamp(made_at, UTC)
        return Sealable(
            body, f"telegram-web-{when:%Y%m%dT%H%M%SZ}.warc.gz", "application/warc", tuple(ranges)
        )


_STATES = {"complete": "complete", "too large": "too large", "gone": "gone"}


def _read(asked: Asked, exchange: Exchange, channel: str | None, base: str) -> AnswerSeen:
    """What an exchange says, in the contract's words."""
    if exchange.outcome == "held":
        return AnswerSeen("rate limited", detail=exchange.detail)
    if exchange.status is None or exchange.outcome in ("too large", "private address"):
        return AnswerSeen("network failure", detail=f"{exchange.outcome}: {exchange.detail}".rstrip(": "))
    try:
        body = exchange.body()
    except FormatError as error:
        return AnswerSeen("not understood", detail=error.message)
    seen = parse_answer(
        asked,
        exchange.status,
        redirect_target(exchange),
        exchange.header("content-type"),
        body,
        channel=channel,
        base=base,
    )
    if exchange.outcome != "answered" and seen.answered == "shown":
        # Cut short: what came is kept, but of what is missing nothing can be said.
        return AnswerSeen("network failure", posts=seen.posts, card=None, detail=exchange.outcome)
    return seen
