"""A post: its text, files, revisions, counters, where it stands, and its receipt; and the proof of it, to check or to take away."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from starlette.responses import Response

from holdfast.answers import post_json, standing_of
from holdfast.catalog import listing
from holdfast.catalog.diff import word_changes
from holdfast.errors import HoldfastError, UsageError
from holdfast.history import post_story
from holdfast.model import MediaSeen, PostSeen, plain_text
from holdfast.proving import prove_post
from holdfast.views import Attached, PostView
from holdfast.web import drawing
from holdfast.web.desk import Answer, Ask, missing
from holdfast.web.media import HEAD_BYTES, Served, file_path, sniffed
from holdfast.web.streaming import TidiedResponse
from holdfast.web.telling import drawing_words
from holdfast.web.text import visible

__all__ = ["post", "proof", "proof_archive"]

READINGS = frozenset({"views", "forwards", "replies", "reactions", "votes"})
"""Observations that differ in nothing else are told by the curve."""
OBSERVATIONS_SHOWN = 100
_ID = re.compile(r"-?[0-9]{1,19}", re.ASCII)


def _name(ask: Ask) -> str | None:
    """CHANNEL/ID of the post that is asked for, if the channel is here."""
    row = ask.desk.shelf.channel(ask.path["channel"])
    number = ask.path["post"]
    if row is None or not _ID.fullmatch(number) or abs(int(number)) >= 2**63:
        return None
    return f"{row.id}/{number}"


def post(ask: Ask) -> Answer:
    """A post with all that is sealed of it."""
    archive = ask.desk.shelf.archive()
    name = _name(ask)
    if name is None:
        return missing("there is no such post here", "the channel’s page lists its posts")
    try:
        view = archive.post(name)
    except UsageError as error:
        return missing(error.message, "the channel’s page lists its posts")
    story = post_story(archive, view.channel.row, view.state.post)
    latest = next(((row, seen) for row, seen in reversed(view.observations) if seen is not None), None)
    views = [each for each in story.curve if each.name == "views"]
    words = drawing_words(ask.t)
    older, newer = listing.neighbours(archive.engine(), view.channel.row, view.state.post)
    page = {
        "row": view.channel,
        "standing": standing_of(view, story),
        "seen": latest[1] if latest else None,
        "media": list(_media(ask, view.attached())),
        "curve": views,
        "drawn": drawing.curve_svg(views, words, ask.language) if len(views) > 1 else None,
        "drawn_narrow": drawing.curve_svg(views, words, ask.language, narrow=True)
        if len(views) > 1
        else None,
        "events": story.events,
        "revisions": list(_revisions(view)),
        "observations": _told(view),
        "older": older,
        "newer": newer,
        "root": archive.reader.checkpoint()[0].checkpoint.root.hex(),
        "size": view.checkpoint_size,
        "is_provable": all(row.entry < view.checkpoint_size for row, _ in view.observations),
    }
    return Answer("post.html", post_json(view, story), page)


def _told(view: PostView) -> list[Any]:
    """The observations that a reader wants to see: what brought other numbers alone is in the curve."""
    found = [
        row
        for at, (row, _) in enumerate(view.observations)
        if not row.changed or not READINGS.issuperset(row.changed) or at + 1 == len(view.observations)
    ]
    return found[-OBSERVATIONS_SHOWN:]


def _revisions(view: PostView) -> Iterator[dict[str, Any]]:
    """Each change of the text, word by word."""
    before: tuple[Any, PostSeen] | None = None
    for row, seen in view.observations:
        if seen is None:
            continue
        if before is not None and "text" in row.changed:
            old, new = plain_text(before[1].text), plain_text(seen.text)
            yield {
                "revision": row.revision,
                "last_before": before[0].seen_at,
                "first_after": row.seen_at,
                "entries": (before[0].entry, row.entry),
                "pieces": word_changes(visible(old), visible(new)) if old != new else [],
            }
        before = row, seen


def _media(ask: Ask, files: Sequence[Attached]) -> Iterator[dict[str, Any]]:
    for each in files:
        item, place = each.item, (each.entry, each.element)
        yield {
            "seen": item,
            "earlier": each.entry if each.is_earlier else None,
            "served": _served(ask, *place, item),
            "small": _served(ask, *place, item.thumbnail) if item.thumbnail else None,
        }


def _served(ask: Ask, entry: int, element: int, each: MediaSeen) -> Served | None:
    """How the bytes of a media item are served; None if they are not held or not readable."""
    if not each.artefact:
        return None
    try:
        with ask.desk.shelf.archive().reader.blobs.open(each.artefact) as handle:
            kind = sniffed(handle.read(HEAD_BYTES))
    except (HoldfastError, OSError):
        return None
    return Served(file_path(entry, element, each.artefact), kind)


# -- the proof ----------------------------------------------------------------------------------------


def proof(ask: Ask) -> Answer:
    """The proof of a post as one JSON value, for the check in the browser: what the folder of `holdfast prove` holds, media left out."""
    name = _name(ask)
    if name is None:
        return missing("there is no such post here", "the channel’s page lists its posts")
    with tempfile.TemporaryDirectory(prefix="holdfast-proof-") as folder:
        out = Path(folder) / "proof"
        try:
            summary = prove_post(ask.desk.shelf.archive(), name, out, media=False)
        except UsageError as error:
            return missing(error.message, "the channel’s page lists its posts")
        entries = []
        for each in summary.entries:
            index = each["index"]
            entries.append(
                {
                    **each,
                    "proof": _base64(out / "entries" / f"{index}.tlog-proof"),
                    "disclosures": (out / "entries" / f"{index}.disclosures").read_text("ascii").split(),
                }
            )
        data = {
            "format_version": 1,
            "post": name,
            "checkpoint": _base64(out / "checkpoint"),
            "keys": summary.keys,
            "entries": entries,
        }
    return Answer("error.html", data)


def _base64(path: Path) -> str:
    return b64encode(path.read_bytes()).decode("ascii")


def proof_archive(ask: Ask) -> Response:
    """The folder of `holdfast prove` as a zip, media included."""
    name = _name(ask)
    if name is None:
        return Response("there is no such post here\n", 404, media_type="text/plain")
    folder = tempfile.TemporaryDirectory(prefix="holdfast-proof-")
    out = Path(folder.name) / "proof"
    try:
        prove_post(ask.desk.shelf.archive(), name, out)
    except UsageError as error:
        folder.cleanup()
        return Response(f"{error.message}\n", 404, media_type="text/plain")
    except BaseException:
        folder.cleanup()
        raise
    title = re.sub(r"[^\w-]", "_", name, flags=re.ASCII)

    files = (
        (f"proof-{title}/{path.relative_to(out).as_posix()}", path)
        for path in sorted(out.rglob("*"))
        if path.is_file()
    )
    headers = {"Content-Disposition": f'attachment; filename="proof-{title}.zip"'}
    return TidiedResponse(zipped(files), tidy=folder.cleanup, headers=headers, media_type="application/zip")


class _Sink(io.RawIOBase):
    """What is written is handed on; nothing can be sought, so the zip is written in one pass."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        found = b"".join(self.parts)
        self.parts.clear()
        return found


def zipped(files: Iterator[tuple[str, Path | bytes]]) -> Iterator[bytes]:
    """A zip of (name, file or bytes), made as it is read. Memory: a chunk."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, source in files:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as target:
                if isinstance(source, bytes):
                    target.write(source)
                else:
                    with open(source, "rb") as handle:
                        while chunk := handle.read(256 << 10):
                            target.write(chunk)
                            yield sink.take()
            yield sink.take()
    yield sink.take()
