"""Asks Telegram's API with an account, as a source of sweeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from holdfast.capture.contract import AnswerSeen, FileOffer
from holdfast.capture.telegram_api import MEDIA_TYPE, Answered, ApiSource
from holdfast.watching.source import Answer, Fetched, Sealable

__all__ = ["AccountSource"]

PAGE_SPAN = 100


class AccountSource:
    """The API behind one account. Errors of its methods: SourceError once the account may not ask any more."""

    name = "telegram_api"
    span = PAGE_SPAN
    route = "account"

    def __init__(self, source: ApiSource, now: Callable[[], int]) -> None:
        self.source, self.now = source, now

    def described(self) -> dict[str, Any]:
        return {}

    async def latest(self, name: str, channel: str | None) -> Answer:
        met = {str(each.id) for each in self.source.known}
        card = await self.source.card(channel if channel is not None and channel in met else name)
        number = card.seen.channel
        if card.seen.answered != "shown" or number is None:
            return Answer(f"card of {name}", card.seen, self.now(), (card.raw,))
        page = await self.source.history(number)
        seen = msgspec.structs.replace(page.seen, card=card.seen.card)
        return Answer(
            f"card and newest posts of {name}", _offered(seen, number), self.now(), (card.raw, page.raw)
        )

    async def before(self, name: str, channel: str, post: int) -> Answer:
        page = await self.source.history(channel, post)
        return self._answer(f"posts before {post} of {name}", page, channel)

    async def post(self, name: str, channel: str, post: int) -> Answer:
        found = await self.source.posts_by_id(channel, [post])
        answer = self._answer(f"post {post} of {name}", found, channel)
        if post in found.seen.absent:
            return msgspec.structs.replace(answer, seen=AnswerSeen("not found", detail=found.seen.detail))
        return answer

    def _answer(self, asked: str, answered: Answered, channel: str) -> Answer:
        return Answer(asked, _offered(answered.seen, channel), self.now(), (answered.raw,))

    async def fetch(self, offer: FileOffer, path: Path, max_bytes: int) -> Fetched:
        channel, _, file_id = offer.url.partition("/")
        found = await self.source.media(
            channel,
            offer.post,
            offer.position,
            path,
            max_bytes=max_bytes,
            thumbnail=offer.thumbnail,
            file_id=file_id or None,
        )
        state = found.outcome if found.outcome in ("complete", "too large", "gone") else "failed"
        return Fetched(state, found.size_bytes)

    def encode(self, answers: Sequence[tuple[Any, ...]], made_at: int) -> Sealable:
        """The exchanges one after the other; each says its own size, so that they can be told apart without the ranges."""
        body = bytearray()
        ranges = []
        for raw in answers:
            offset = length = 0
            for each in raw:
                offset, length = len(body), len(each)
                body += each
            ranges.append((offset, length))
        name = f"telegram-api-{datetime.fromtimestamp(made_at, UTC):%Y%m%dT%H%M%SZ}.tl"
        return Sealable(bytes(body), name, MEDIA_TYPE, tuple(ranges))


def _offered(seen: AnswerSeen, channel: str) -> AnswerSeen:
    """An answer whose offers say of which channel they are; the API's have no address of their own."""
    files = tuple(
        msgspec.structs.replace(each, url=f"{channel}/{_file_id(seen, each)}") for each in seen.files
    )
    return msgspec.structs.replace(seen, files=files)


def _file_id(seen: AnswerSeen, offer: FileOffer) -> str:
    for post in seen.posts:
        if post.post.id == str(offer.post) and post.media and offer.position < len(post.media):
            return str((post.media[offer.position].data or {}).get("file_id") or "")
    return ""
