"""Re-verifies pointers: opens the entry again and holds what it says against what the pointer claims."""

from __future__ import annotations

import re
from typing import Any

from holdfast.catalog.rows import bounds
from holdfast.errors import IntegrityError
from holdfast.model import Metrics
from holdfast.reports.evidence import Archived
from holdfast.reports.verdict import Pointer
from holdfast.vault import merkle
from holdfast.vault.format.tiles import TILE_WIDTH, Tile

__all__ = ["recheck"]

_MEDIA = re.compile(r"media\[(\d+)\]\.duration_s")


def recheck(view: Archived, pointer: Pointer) -> bool:
    """Open what a pointer points at and compare. Returns whether a published checkpoint covers it: an entry that was sealed since is held only
    to its own digests. Errors: IntegrityError naming the entry if anything differs.

    1. the entry's leaf stands in the log's tile, where the published checkpoint covers it; 2. every disclosure opens to its digest;
    3. channel, post and capture time are the pointer's; 4. the value is; 5. the raw bytes are there and hash to their name.
    """
    is_covered = _leaf(view, pointer.entry)
    _, opened = view.reader.opened(pointer.entry)
    capture = opened.value("capture") or {}
    if pointer.unit == "coverage":
        _hold(pointer, _was_asked(pointer, opened.value("coverage") or []), "the coverage")
    else:
        _hold(pointer, pointer.seen_at == capture.get("seen_at"), "the time of the capture")
    if pointer.element is not None:
        _post(view, pointer)
    elif pointer.unit in ("followers", "labels", "standing"):
        _card(pointer, opened.value(pointer.unit))
    elif pointer.unit == "absence":
        posts = (opened.value("absence") or {}).get("posts", ())
        _hold(pointer, pointer.post in posts, "the post")
    elif pointer.unit == "transcript":
        told = opened.value("transcript") or {}
        _hold(pointer, (told.get("channel"), told.get("post")) == (pointer.channel, pointer.post), "the post")
    if pointer.artefact is not None and pointer.unit == "transcript":
        view.artefact(pointer.artefact)
    if pointer.held_by is not None:
        _, later = view.reader.opened(pointer.held_by)
        held = Pointer(
            pointer.held_by,
            "coverage",
            "answers",
            pointer.held_until or "",
            None,
            pointer.channel,
            pointer.post,
        )
        _hold(held, _was_asked(held, later.value("coverage") or []), "the coverage")
        is_covered &= _leaf(view, pointer.held_by)
    return is_covered


def _leaf(view: Archived, entry: int) -> bool:
    """Whether a published checkpoint covers an entry; then its leaf is held to the log's tile."""
    size = view.signed_size
    if entry >= size:
        return False
    number, place = divmod(entry, TILE_WIDTH)
    tile = view.reader.tile(Tile(0, number, min(TILE_WIDTH, size - number * TILE_WIDTH)))
    found = tile[place * merkle.HASH_BYTES : (place + 1) * merkle.HASH_BYTES]
    if found != merkle.leaf_hash(view.reader.raw(entry)[0]):
        raise IntegrityError(f"entry {entry} is not the one that the log's tree holds")
    return True


def _hold(pointer: Pointer, holds: bool, what: str) -> None:
    if not holds:
        raise IntegrityError(f"entry {pointer.entry}: {what} is not what a check took from it")


def _post(view: Archived, pointer: Pointer) -> None:
    assert pointer.element is not None
    seen = view.seen(pointer.entry, pointer.element)
    _hold(pointer, seen is not None, "the post")
    assert seen is not None
    _hold(pointer, (seen.post.channel, seen.post.id) == (pointer.channel, pointer.post), "the post")
    if pointer.unit == "metrics":
        _hold(pointer, _counter(seen.metrics, pointer.field) == (pointer.low, pointer.high), pointer.field)
    elif found := _MEDIA.fullmatch(pointer.field):
        media = (seen.media or ())[int(found[1]) :][:1]
        _hold(pointer, bool(media) and media[0].duration_s == pointer.low, "the length")
    elif pointer.field == "published_at" and pointer.value is not None and seen.post.published_at is not None:
        _hold(pointer, seen.post.published_at == pointer.value, "the time of publication")
    if seen.raw is not None and pointer.artefact is not None:
        _hold(pointer, seen.raw.artefact == pointer.artefact, "the artefact")


def _counter(metrics: Metrics | None, name: str) -> tuple[int, int] | None:
    if metrics is None:
        return None
    if name == "reactions":
        each = [bounds(count) for _, count in metrics.reactions or ()]
        return sum(low for low, _ in each), sum(high for _, high in each)
    count = {"views": metrics.views, "forwards": metrics.forwards, "replies": metrics.replies}[name]
    return None if count is None else bounds(count)


def _card(pointer: Pointer, value: Any) -> None:
    if pointer.unit == "followers":
        told = value if isinstance(value, dict) else {"low": value, "high": value}
        found = told.get("low"), told.get("high")
        _hold(pointer, found == (pointer.low, pointer.high), "the followers")
    elif pointer.unit == "labels":
        name = pointer.field.partition(":")[2]
        said = {
            each.get("name"): "there" if each.get("is_set", True) else "not there" for each in value or ()
        }
        _hold(pointer, said.get(name) == pointer.value, "the mark")
    else:
        _hold(pointer, ((value or {}).get("answered") or "shown") == pointer.value, "the answer")


def _was_asked(pointer: Pointer, coverage: list[dict[str, Any]]) -> bool:
    """Whether a capture's coverage says that the post's place was looked at, at that time."""
    post = int(pointer.post or 0)
    for part in coverage:
        if str(part.get("channel")) != pointer.channel:
            continue
        answers = part.get("answers") or [(*span, pointer.seen_at) for span in part.get("spans", ())]
        if any(int(first) <= post <= int(last) and when == pointer.seen_at for first, last, when in answers):
            return True
    return False
