"""Fetches the files that posts name, within what the user wants, and hands them over to be sealed."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from holdfast.capture.contract import FileOffer
from holdfast.errors import StorageError
from holdfast.model import MediaSeen, PostSeen
from holdfast.vault.blobs import Blobs
from holdfast.watching.source import Fetched, Source

__all__ = ["MediaPolicy", "Taken", "Taking"]

ATTEMPTS = 3


class MediaPolicy(msgspec.Struct, frozen=True):
    """Which files are wanted. Units: `max_bytes` of one file."""

    kinds: Literal["none", "photos", "all"] = "all"
    max_bytes: int = 200_000_000

    def wants(self, offer: FileOffer) -> bool:
        if self.kinds == "none":
            return False
        # A small picture is all that is left of a video that is not shown.
        return self.kinds == "all" or offer.thumbnail or offer.kind == "photo"


class Taken(msgspec.Struct):
    """The files of one channel's posts. `posts`: as sealed with their files; `raw`: the exchanges."""

    posts: list[PostSeen]
    raw: list[tuple[Any, ...]]
    sealed: int = 0
    missing: int = 0
    size_bytes: int = 0


class Taking:
    """Fetches files into a folder of partial ones; what was begun is gone on with after a restart."""

    def __init__(self, source: Source, policy: MediaPolicy, folder: Path, blobs: Blobs) -> None:
        self.source, self.policy, self.folder, self.blobs = source, policy, folder, blobs
        self._failed: dict[tuple[str, int, int, bool], int] = {}

    async def take(
        self,
        channel: str,
        posts: dict[int, PostSeen],
        offers: list[FileOffer],
        held: Callable[[list[int]], set[tuple[int, int]]],
    ) -> Taken:
        """Fetch what is offered, wanted and not held. Effects: artefacts. Never raises for what the network does.

        `held` says of which (post, position) the bytes are sealed already.
        """
        taken = Taken([], [])
        wanted = [
            offer
            for offer in offers
            if offer.post in posts
            and self.policy.wants(offer)
            and self._failed.get(_key(channel, offer), 0) < ATTEMPTS
        ]
        if not wanted:
            return taken
        have = held(sorted({offer.post for offer in wanted}))
        changed: dict[int, PostSeen] = {}
        for offer in wanted:
            if (offer.post, offer.position) in have:
                continue
            fetched, digest = await self._one(channel, offer)
            if fetched.raw:
                taken.raw.append(fetched.raw)
            if digest is None:
                taken.missing += 1
                continue
            taken.sealed += 1
            taken.size_bytes += fetched.size_bytes
            seen = changed.get(offer.post, posts[offer.post])
            changed[offer.post] = _with_file(seen, offer, digest, fetched.size_bytes)
        taken.posts = list(changed.values())
        return taken

    async def _one(self, channel: str, offer: FileOffer) -> tuple[Fetched, str | None]:
        """One file: fetched, and sealed if it came whole."""
        key = _key(channel, offer)
        path = self.folder / sha256(repr(key).encode()).hexdigest()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make {self.folder}: {error.strerror}") from error
        fetched = await self.source.fetch(offer, path, self.policy.max_bytes)
        if fetched.state != "complete":
            # Too large and gone are final; what failed is tried again with the next sweeps.
            self._failed[key] = (
                ATTEMPTS if fetched.state in ("too large", "gone") else self._failed.get(key, 0) + 1
            )
            return fetched, None
        with open(path, "rb") as handle:
            artefact = self.blobs.add(handle, compress=False, name=f"{channel}/{offer.post}")
        os.unlink(path)
        return fetched, artefact.digest


def _key(channel: str, offer: FileOffer) -> tuple[str, int, int, bool]:
    return channel, offer.post, offer.position, offer.thumbnail


def _with_file(seen: PostSeen, offer: FileOffer, digest: str, size_bytes: int) -> PostSeen:
    replace = msgspec.structs.replace
    media: list[MediaSeen] = list(seen.media or ())
    if offer.position >= len(media):
        return seen
    one = media[offer.position]
    if offer.thumbnail:
        small = one.thumbnail or MediaSeen("photo")
        one = replace(
            one, thumbnail=replace(small, state="sealed", artefact=digest, observed_size_bytes=size_bytes)
        )
    else:
        one = replace(one, state="sealed", artefact=digest, observed_size_bytes=size_bytes)
    media[offer.position] = one
    return replace(seen, media=tuple(media))
