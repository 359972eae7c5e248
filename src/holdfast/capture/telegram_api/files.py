"""Photos and documents: what is said of the file, and where its bytes can be had for a while."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from holdfast.capture.telegram_api.values import clipped, kind_of, listed, number, whole
from holdfast.model import MediaSeen

__all__ = ["FilePlace", "document_media", "photo_media"]


class FilePlace(msgspec.Struct, frozen=True, gc=False, repr_omit_defaults=True):
    """Where the bytes of a file can be had by this account, until its reference expires (hours).

    `kind` is "photo" or "document", `size_bytes` what the source claims. Access hash and reference belong to the account: they
    are never shown.
    """

    kind: str
    id: int
    access_hash: int
    file_reference: bytes
    dc_id: int
    thumb_size: str = ""
    size_bytes: int | None = None

    def __repr__(self) -> str:
        return f"FilePlace({self.kind!r}, {self.id}, thumb_size={self.thumb_size!r})"


_STICKERS: Final = ("DocumentAttributeSticker", "DocumentAttributeCustomEmoji")


def photo_media(
    photo: Any, *, spoiler: bool | None = None, ttl_s: int | None = None
) -> tuple[MediaSeen, tuple[FilePlace, ...]]:
    """A photo in its largest size, and the place of its bytes (none, if it has expired or is empty)."""
    data: dict[str, Any] = {} if ttl_s is None else {"self_destruct_s": ttl_s}
    largest = _largest(getattr(photo, "sizes", None)) if kind_of(photo) == "Photo" else None
    if largest is None:
        return MediaSeen("photo", state="unavailable", spoiler=spoiler, data=data or None), ()
    size_type, width, height, size = largest
    data["file_id"] = str(photo.id)
    seen = MediaSeen(
        "photo",
        source_path=f"photo/{photo.id}",
        size_bytes=size,
        width=width,
        height=height,
        spoiler=spoiler,
        data=data,
    )
    place = FilePlace(
        "photo", photo.id, photo.access_hash, photo.file_reference, photo.dc_id, size_type, size
    )
    return seen, (place,)


def document_media(
    document: Any, *, spoiler: bool | None = None, ttl_s: int | None = None
) -> tuple[MediaSeen, tuple[FilePlace, ...]]:
    """A file with what its attributes say, and the places of its bytes and of its small picture, if it has one."""
    data: dict[str, Any] = {} if ttl_s is None else {"self_destruct_s": ttl_s}
    if kind_of(document) != "Document":
        return MediaSeen("document", state="unavailable", spoiler=spoiler, data=data or None), ()
    data["file_id"] = str(document.id)
    told = _told(listed(document.attributes))
    kind = told.pop("kind", "document")
    place = FilePlace(
        "document",
        document.id,
        document.access_hash,
        document.file_reference,
        document.dc_id,
        size_bytes=number(document.size),
    )
    places: tuple[FilePlace, ...] = (place,)
    thumbnail = None
    small = _largest(document.thumbs)
    if small is not None:
        size_type, width, height, size = small
        thumbnail = MediaSeen(
            "photo",
            source_path=f"document/{document.id}/{size_type}",
            size_bytes=size,
            width=width,
            height=height,
        )
        places += (msgspec.structs.replace(place, thumb_size=size_type, size_bytes=size),)
    seen = MediaSeen(
        kind,
        source_path=f"document/{document.id}",
        mime=clipped(document.mime_type) or None,
        size_bytes=number(document.size),
        spoiler=spoiler,
        thumbnail=thumbnail,
        data=data,
        **told,
    )
    return seen, places


def _told(attributes: list[Any]) -> dict[str, Any]:
    """Fields of MediaSeen that the attributes speak of. Where they make a file several kinds, the first of
    sticker, round video, voice, animation, video, audio counts."""
    told: dict[str, Any] = {}
    kinds = set()
    for each in attributes:
        match kind_of(each):
            case "DocumentAttributeFilename":
                told["file_name"] = clipped(each.file_name) or None
            case "DocumentAttributeVideo":
                kinds.add("round_video" if each.round_message else "video")
                told |= {
                    "width": each.w or None,
                    "height": each.h or None,
                    "duration_s": whole(each.duration),
                }
            case "DocumentAttributeAudio":
                kinds.add("voice" if each.voice else "audio")
                told["duration_s"] = whole(each.duration)
                if not each.voice:
                    told |= {"title": clipped(each.title or "") or None}
                    told |= {"performer": clipped(each.performer or "") or None}
            case "DocumentAttributeAnimated":
                kinds.add("animation")
            case "DocumentAttributeImageSize":
                told |= {"width": each.w or None, "height": each.h or None}
            case name if name in _STICKERS:
                kinds.add("sticker")
                told["emoji"] = clipped(each.alt) or None
    for kind in ("sticker", "round_video", "voice", "animation", "video", "audio"):
        if kind in kinds:
            told["kind"] = kind
            break
    return told


def _largest(sizes: Any) -> tuple[str, int, int, int | None] | None:
    """(type, width, height, bytes) of the largest picture that can be downloaded."""
    found: list[tuple[int, str, int, int, int | None]] = []
    for each in listed(sizes):
        match kind_of(each):
            case "PhotoSize":
                size = number(each.size)
            case "PhotoSizeProgressive":
                size = number(max(each.sizes, default=None))
            case "PhotoCachedSize":
                size = len(each.bytes)
            case _:
                continue  # a path or a stripped preview: no file of its own
        found.append((each.w * each.h, each.type, each.w, each.h, size))
    if not found:
        return None
    _, size_type, width, height, size = max(found, key=lambda each: each[0])
    return size_type, width, height, size
