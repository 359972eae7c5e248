"""Fetches the files that posts name, within what the user wants, and hands them over to be sealed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
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

RETRY_S = 1_800
"""A file that failed is tried again after an hour, then after two, and so on; a day at most."""
RETRY_MAX_S = 24 * 3_600
SLACK_S = 300
NEVER_S = 2**40


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
    """The files of one answer's posts. `posts`: those that got any, by id; `raw`: the exchanges."""

    posts: dict[int, PostSeen] = {}
    raw: list[tuple[Any, ...]] = []
    sealed: int = 0
    missing: int = 0
    size_bytes: int = 0


class Taking:
    """Fetches files into a folder of partial ones; what was begun is gone on with after a restart."""

    def __init__(self, source: Source, policy: MediaPolicy, folder: Path, blobs: Blobs) -> None:
        self.source, self.policy, self.folder, self.blobs = source, policy, folder, blobs
        self._failed: dict[_Key, tuple[int, int]] = {}
        """How often a file failed, and unix seconds before which it is not tried again."""

    async def take(
        self,
        taken: Taken,
        channel: str,
        posts: dict[int, PostSeen],
        offers: Sequence[FileOffer],
        held: Callable[[list[int]], set[tuple[int, int, bool]]],
        now: int,
    ) -> None:
        """Fetch what is offered, wanted and not held, into `taken`. Effects: artefacts. Never raises for what the network does.

        `held` says of which (post, position, small) the bytes are sealed already. What was fetched before this is cancelled
        stands in `taken`.
        """
        wanted = [each for each in offers if each.post in posts and self._is_wanted(channel, each, now)]
        if not wanted:
            return
        have = held(sorted({each.post for each in wanted}))
        # A small picture is worth having only where the file itself is not to be had.
        for offer in sorted(wanted, key=lambda each: each.thumbnail):
            place = (offer.post, offer.position)
            if (*place, False) in have or (*place, offer.thumbnail) in have:
                continue
            fetched, digest = await self._one(channel, offer, now)
            if fetched.raw:
                taken.raw.append(fetched.raw)
            if digest is None:
                taken.missing += 1
                continue
            have.add((*place, offer.thumbnail))
            taken.sealed += 1
            taken.size_bytes += fetched.size_bytes
            seen = taken.posts.get(offer.post, posts[offer.post])
            taken.posts[offer.post] = _with_file(seen, offer, digest, fetched.size_bytes)

    def _is_wanted(self, channel: str, offer: FileOffer, now: int) -> bool:
        return self.policy.wants(offer) and now >= self._failed.get(_key(channel, offer), (0, 0))[1]

    async def _one(self, channel: str, offer: FileOffer, now: int) -> tuple[Fetched, str | None]:
        """One file: fetched, and sealed if it came whole."""
        key = _key(channel, offer)
        path = self.folder / sha256(repr(key).encode()).hexdigest()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make {self.folder}: {error.strerror}") from error
        fetched = await self.source.fetch(offer, path, self.policy.max_bytes)
        if fetched.state != "complete":
            # The next page brings a new address for it, so that even one that is gone is tried again, less and less often.
            times = self._failed.get(key, (0, 0))[0] + 1
            wait_s = NEVER_S if fetched.state == "too large" else min(RETRY_S << min(times, 20), RETRY_MAX_S)
            self._failed[key] = (times, now + wait_s - SLACK_S)
            return fetched, None
        self._failed.pop(key, None)
        try:
            with open(path, "rb") as handle:
                artefact = self.blobs.add(handle, compress=False, name=f"{channel}/{offer.post}")
            os.unlink(path)
        except OSError as error:
            raise StorageError(f"cannot use {path}: {error.strerror}") from error
        return fetched, artefact.digest


_Key = tuple[str, int, int, bool]


def _key(channel: str, offer: FileOffer) -> _Key:
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
