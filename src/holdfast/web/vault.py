"""The vault: its checkpoint, its entries to leaf through, its log to take away, and a check of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from holdfast.answers import checkpoint_json
from holdfast.catalog import listing
from holdfast.errors import HoldfastError, IntegrityError
from holdfast.vault import merkle
from holdfast.vault.canon import Opened
from holdfast.vault.format.key import encode_vkey
from holdfast.vault.format.tiles import ENTRIES, bundles_for, join_bundle, tiles_for
from holdfast.vault.identity import encode_identity
from holdfast.web.desk import Answer, Ask, missing
from holdfast.web.post import zipped

__all__ = ["entry", "log_archive", "vault"]

ENTRIES_SHOWN = 50
ENTRIES_MOST = 2**62
"""No log is so long, and no table counts further than twice that."""


def vault(ask: Ask) -> Answer:
    """The checkpoint, and entries from `from` on (the newest by default)."""
    shelf = ask.desk.shelf
    archive = shelf.archive()
    verified, note = archive.reader.checkpoint()
    size = verified.checkpoint.size
    followed = shelf.totals().followed
    first = ask.number("from", max(0, followed - ENTRIES_SHOWN), most=max(0, followed - 1))
    erased = shelf.kept("erased", lambda it: _erased(it))
    rows = [
        {
            "entry": each.entry,
            "type": each.type,
            "ts": each.ts,
            "capture": each.capture,
            "channel": each.channel,
            "source": each.source,
            "signed": each.entry < size,
            **_held(archive.reader, each.entry, erased),
        }
        for each in listing.log_entries(archive.engine(), first, ENTRIES_SHOWN)
    ]
    worker = ask.desk.worker
    checked = worker.watched.verified
    running = next(
        (each.id for each in worker.jobs.values() if each.kind == "verify" and not each.is_over), None
    )
    data = {
        "origin": archive.identity.origin,
        "created_at": archive.identity.created_at,
        "keys": [encode_vkey(key) for key in archive.identity.keys],
        "checkpoint": checkpoint_json(verified),
        "note": note.decode("utf-8", "replace"),
        "followed": followed,
        "from": first,
        "entries": rows,
        "verified": None
        if checked is None
        else {
            "at": checked.at,
            "verdict": checked.verdict,
            "size": checked.size,
            "findings": checked.findings,
        },
        "verifying": running,
    }
    return Answer("vault.html", data, {"step": ENTRIES_SHOWN})


def _held(reader: Any, index: int, erased: dict[int, int]) -> dict[str, Any]:
    """How many disclosures of an entry are held, and how many are not."""
    try:
        _, opened = reader.opened(index)
    except HoldfastError as error:
        return {
            "disclosed": None,
            "not_held": None,
            "posts": None,
            "erased_by": erased.get(index),
            "trouble": error.message,
        }
    disclosed, not_held = _counts(opened)
    return {
        "disclosed": disclosed,
        "not_held": not_held,
        "posts": len(opened.elements),
        "erased_by": erased.get(index),
        "trouble": None,
    }


def _counts(opened: Opened) -> tuple[int, int]:
    held = len(opened.disclosures)
    lacking = len(opened.missing)
    for each in opened.elements:
        held += len(each.units) + (each.own is not None)
        lacking += len(each.missing)
    return held, lacking


def _erased(archive: Any) -> dict[int, int]:
    """Entry -> the entry that says that something of it was erased."""
    found = {}
    for index in listing.erasures(archive.engine()):
        said = archive.reader.opened(index)[1].value("erasure") or {}
        for each in said.get("entries") or ():
            if isinstance(each, dict) and isinstance(each.get("index"), int):
                found[each["index"]] = index
    return found


def entry(ask: Ask) -> Answer:
    """One entry: its bytes, its leaf hash, and each disclosure that is held."""
    shelf = ask.desk.shelf
    archive = shelf.archive()
    index = int(ask.path["entry"])
    if index >= ENTRIES_MOST:
        return missing("there is no such entry", "the vault’s page lists the entries")
    try:
        raw, _, _ = archive.reader.raw(index)
        parsed, opened = archive.reader.opened(index)
    except IntegrityError as error:
        return missing(error.message, "the vault’s page lists the entries")
    verified = archive.reader.checkpoint()[0]
    known = listing.log_entries(archive.engine(), index, 1)
    data = {
        "entry": index,
        "type": parsed.kind,
        "ts": parsed.ts,
        "signed": index < verified.checkpoint.size,
        "checkpoint": checkpoint_json(verified),
        "raw": raw.decode("ascii"),
        "leaf_hash": merkle.leaf_hash(raw).hex(),
        "disclosures": [_disclosure(each) for each in opened.disclosures],
        "posts": [
            {
                "element": place,
                "held": each.own is not None,
                "units": [_disclosure(unit) for unit in each.units],
                "not_held": len(each.missing),
            }
            for place, each in enumerate(opened.elements)
        ],
        "not_held": len(opened.missing),
        "erased_by": shelf.kept("erased", lambda it: _erased(it)).get(index),
    }
    channel = known[0].channel if known and known[0].entry == index else None
    return Answer("entry.html", data, {"channel": channel})


def _disclosure(each: Any) -> dict[str, Any]:
    return {"name": each.name, "digest": each.digest.decode("ascii"), "value": each.value}


def log_archive(ask: Ask) -> Response:
    """The signed log as a zip: checkpoint, entries, tiles, public keys. No disclosure is in it, and so no content."""
    archive = ask.desk.shelf.archive()
    verified, note = archive.reader.checkpoint()
    size = verified.checkpoint.size

    def files() -> Iterator[tuple[str, bytes]]:
        yield "log/checkpoint", note
        yield "vault.json", encode_identity(archive.identity)
        # Read entry by entry: what a writer moves meanwhile is still found, and it is what the checkpoint covers.
        for bundle in bundles_for(size):
            start = bundle.number * 256
            entries = [raw for _, raw, _ in archive.reader.entries(start, start + bundle.width)]
            yield f"log/{bundle.path}", join_bundle(entries)
        for tile in tiles_for(size):
            assert tile.level != ENTRIES
            yield f"log/{tile.path}", archive.reader.tile(tile)

    headers = {"Content-Disposition": f'attachment; filename="log-{size}.zip"'}
    return StreamingResponse(zipped(files()), headers=headers, media_type="application/zip")
