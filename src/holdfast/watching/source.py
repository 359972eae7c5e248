"""What a live source gives to a sweep, whichever way it asks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from holdfast.capture.contract import AnswerSeen, FileOffer

__all__ = ["UNNAMED", "Answer", "Fetched", "Sealable", "Source"]

UNNAMED = "username:"
"""How the id of a channel begins that is known by its username alone."""


class Answer(msgspec.Struct, frozen=True):
    """One answer: what was asked, what the parser makes of it, when it came (unix seconds), and the raw exchanges that led
    to it, the answer itself last; what they are only their source knows. `retry_at`: unix seconds before which the source
    asked not to be asked again."""

    asked: str
    seen: AnswerSeen
    seen_at: int
    raw: tuple[Any, ...]
    retry_at: int | None = None


class Sealable(msgspec.Struct, frozen=True):
    """Raw answers as one artefact. `ranges`: (offset, length) in bytes of each answer's own record, in their order."""

    body: bytes
    name: str
    media_type: str
    ranges: tuple[tuple[int, int], ...]


class Fetched(msgspec.Struct, frozen=True):
    """What became of a download. `state`: "complete", "too large", "gone" or "failed"; `raw`: its exchanges."""

    state: str
    size_bytes: int
    raw: tuple[Any, ...] = ()


class Source(Protocol):
    """A live source. Its methods never raise for what the network or the other side does: that is an answer too."""

    @property
    def name(self) -> str:
        """The adapter's name, which stands in `capture.source`."""

    @property
    def route(self) -> str:
        """How it asks, for the record: "direct", "proxy", "account"."""

    @property
    def span(self) -> int:
        """How many ids one page is about."""

    def described(self) -> dict[str, Any]:
        """What the capture's `source` disclosure says besides the adapter's name."""

    async def latest(self, name: str, channel: str | None) -> Answer:
        """The channel itself with its newest posts. Its card's id is "username:…" where the answer does not say it."""

    async def before(self, name: str, channel: str, post: int) -> Answer:
        """The posts before an id."""

    async def post(self, name: str, channel: str, post: int) -> Answer:
        """One post: the authority on whether it is there."""

    async def fetch(self, offer: FileOffer, path: Path, max_bytes: int) -> Fetched:
        """A file into `path`, going on with what lies there."""

    def encode(self, answers: Sequence[tuple[Any, ...]], made_at: int) -> Sealable:
        """The raw exchanges of some answers as one artefact."""
