"""Serves archived files: pictures, sound and films play; everything else is a download; nothing is ever a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from holdfast.errors import HoldfastError
from holdfast.model import MediaSeen
from holdfast.sealing import load_post
from holdfast.web.guard import SANDBOX
from holdfast.web.shelf import Shelf
from holdfast.web.streaming import TidiedResponse

__all__ = ["Served", "file_path", "media_response", "picture_of", "range_of", "sniffed"]

CHUNK = 128 << 10
HEAD_BYTES = 64
NUMBER_MOST = 2**62
OTHER = "application/octet-stream"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}


class Served(msgspec.Struct, frozen=True):
    """A file as a page links it. `media_type` is told from its bytes, never from what the source says."""

    path: str
    media_type: str

    @property
    def family(self) -> str:
        """ "image", "video", "audio" or "other"."""
        found = self.media_type.partition("/")[0]
        return found if found in ("image", "video", "audio") else "other"


def sniffed(head: bytes) -> str:
    """The type of a file by its first bytes, of those few that a browser may be shown; all else is bytes. HTML, SVG and PDF
    are never told apart: they are downloads."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    return OTHER


def file_path(entry: int, element: int, digest: str) -> str:
    """Where a sealed file of a post is served: only an observation that names it leads to it."""
    return f"/media/{entry}/{element}/{digest}"


def picture_of(each: MediaSeen, entry: int, element: int) -> str | None:
    """Where the smallest picture of a media item is served; None if no bytes of any are held."""
    small = each.thumbnail
    if small is not None and small.artefact:
        return file_path(entry, element, small.artefact)
    if each.artefact and each.kind in ("photo", "sticker"):
        return file_path(entry, element, each.artefact)
    return None


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """(first, end) of the bytes that a Range header asks for; None for the whole. Errors: ValueError if there are none such.
    Source: RFC 9110 section 14.2: what is not understood, several ranges included, is answered whole."""
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        first, end = max(0, size - int(found[2])), size
    else:
        first = int(found[1])
        end = min(size, int(found[2]) + 1) if found[2] else size
        if found[2] and int(found[2]) < first:
            return None
    if first >= end:
        raise ValueError("no such bytes")
    return first, end


def media_response(shelf: Shelf, request: Request) -> Response:
    """One sealed file of a post, whole or in part. Effects: reads."""
    entry, element = int(request.path_params["entry"]), int(request.path_params["element"])
    digest = request.path_params["digest"]
    archive = shelf.archive()
    try:
        is_name = _DIGEST.fullmatch(digest) and max(entry, element) < NUMBER_MOST
        seen = load_post(archive.reader, entry, element) if is_name else None
        item = next(
            (each for each in _items((seen.media if seen else None) or ()) if each.artefact == digest), None
        )
        if item is None:
            return Response("no such file\n", 404, media_type="text/plain")
        handle = archive.reader.blobs.open(digest)
    except HoldfastError:
        return Response("this file is not held, or does not open\n", 404, media_type="text/plain")
    size = handle.seek(0, 2)
    handle.seek(0)
    kind = sniffed(handle.read(HEAD_BYTES))
    headers = {
        "Content-Security-Policy": SANDBOX,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400, immutable",
        "ETag": f'"{digest}"',
        "Content-Disposition": _disposition(item, digest, inline=kind != OTHER),
    }
    try:
        part = range_of(request.headers.get("range"), size)
    except ValueError:
        handle.close()
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    first, end = part or (0, size)
    headers["Content-Length"] = str(end - first)
    if part:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    if request.method == "HEAD":
        handle.close()
        return Response(status_code=206 if part else 200, headers=headers, media_type=kind)
    return TidiedResponse(
        _chunks(handle, first, end),
        tidy=handle.close,
        status_code=206 if part else 200,
        headers=headers,
        media_type=kind,
    )


def _items(media: tuple[MediaSeen, ...]) -> Iterator[MediaSeen]:
    for each in media:
        yield each
        if each.thumbnail is not None:
            yield each.thumbnail


def _chunks(handle: BinaryIO, first: int, end: int) -> Iterator[bytes]:
    handle.seek(first)
    left = end - first
    while left > 0:
        chunk = handle.read(min(CHUNK, left))
        if not chunk:
            return  # cut short: the length that was promised tells the browser
        left -= len(chunk)
        yield chunk


def _disposition(item: MediaSeen, digest: str, *, inline: bool) -> str:
    """How the file is named when it is saved: its own name, harmless, after a piece of its digest."""
    name = item.file_name or (item.source_path or "").rpartition("/")[2]
    safe = re.sub(r"[^\w.-]", "_", name)[-80:].lstrip(".") or "file"
    quoted = quote(f"{digest[:12]}-{safe}", safe="")
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quoted}"
