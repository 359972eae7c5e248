"""Addresses of media files: names that mean nothing to the reader, and tokens that run out."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

import msgspec

from holdfast.fake_telegram import filebytes
from holdfast.fake_telegram.filebytes import FileBytes
from holdfast.fake_telegram.parts import Media, Post
from holdfast.fake_telegram.scenario import Scenario

__all__ = ["File", "address", "find_file", "token_holds"]

NO_BYTES = frozenset({"poll", "location", "document", "audio"})
"""Kinds that a page offers no bytes of: documents and music are opened in the application alone."""

_REFERENCE = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,14})-(\d{1,2})-(\d{1,6})-([ftp])")
_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "webp": "image/webp",
}


class File(msgspec.Struct, frozen=True, gc=False):
    """What an address leads to."""

    content: FileBytes
    content_type: str
    etag: str


def address(
    scenario: Scenario, origin: str, at: float, channel: int, post: int, index: int, revision: int, media: Media | None,
    part: str = "f",
) -> str:  # fmt: skip
    """Where the file can be had for at least the scenario's `media_lifetime`. `part`: "f" the file, "t" its small picture,
    "p" the channel's own picture (then `media` is None)."""
    reference = f"{channel:x}-{post:x}-{index}-{revision}-{part}"
    lifetime = scenario.media_lifetime_s
    # The same address all through one lifetime: pages of one state are equal byte for byte, as a cache would have them.
    until = (int(at) // lifetime + 2) * lifetime
    name = f"{_opaque(scenario.seed, reference)}.{_suffix(media, part)}"
    return f"{origin}/file/{reference}/{name}?token={_token(scenario.seed, reference, until)}"


def _opaque(seed: int, text: str) -> str:
    return hashlib.blake2b(f"{seed}/{text}".encode(), digest_size=5).hexdigest()


def _token(seed: int, reference: str, until: int) -> str:
    return f"{until:x}-{_opaque(seed, f'{reference}/{until}')}"


def _suffix(media: Media | None, part: str) -> str:
    if part != "f" or media is None:
        return "jpg"
    if media.kind == "photo":
        return "png" if media.format == "png" else "jpg"
    suffixes = {"voice": "ogg", "sticker": "webp"}
    return suffixes.get(media.kind, "mp4")


def token_holds(scenario: Scenario, reference: str, token: str, at: float) -> bool:
    """Whether a token was made for this file and has not run out."""
    until, _, _ = token.partition("-")
    try:
        moment = int(until, 16)
    except ValueError:
        return False
    return at < moment and token == _token(scenario.seed, reference, moment)


def find_file(scenario: Scenario, reference: str) -> File | None:
    """The file of an address, whether or not its post is still there: as at the source, bytes outlive the page."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    channel_id, post_id, index, revision = int(match[1], 16), int(match[2], 16), int(match[3]), int(match[4])
    key = f"{scenario.seed}/{reference}".encode()
    channel = next((each for each in scenario.channels if each.id == channel_id), None)
    if channel is None:
        return None
    if match[5] == "p":
        return _file(key, None, "p")
    post = next((each for each in channel.posts if each.id == post_id), None)
    media = None if post is None else _media_of(post, revision)
    if media is None or index >= len(media):
        return None
    item = media[index]
    offered = item.kind not in NO_BYTES and not (item.too_big and match[5] == "f")
    return _file(key, item, match[5]) if offered else None


def _media_of(post: Post, revision: int) -> tuple[Media, ...] | None:
    if revision > len(post.edits):
        return None
    media = post.media
    for edit in post.edits[:revision]:
        media = edit.media if edit.media is not None else media
    return media


@lru_cache(maxsize=64)
def _file(key: bytes, media: Media | None, part: str) -> File:
    content = _content(key, media, part)
    etag = hashlib.blake2b(key, digest_size=8).hexdigest()
    return File(content, _TYPES[_suffix(media, part)], f'"{etag}"')


def _content(key: bytes, media: Media | None, part: str) -> FileBytes:
    if media is None:
        return filebytes.jpeg(key, 1024, 160, 160)
    if part == "t":
        return filebytes.jpeg(key, 1024, 320, 180)
    size = media.size_bytes
    if not size:
        return FileBytes(b"")
    if media.kind == "photo":
        make = filebytes.png if media.format == "png" else filebytes.jpeg
        return make(key, size, media.width, media.height)
    if media.kind == "voice":
        return filebytes.voice(key, size)
    if media.kind == "sticker":
        return filebytes.webp(key, size)
    return filebytes.mp4(key, size, media.duration_s)
