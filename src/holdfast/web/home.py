"""The first page: the channels, each in a line, and how the vault stands."""

from __future__ import annotations

from typing import Any

from holdfast.answers import channel_json, status_json
from holdfast.archive import Archive
from holdfast.catalog import listing, queries
from holdfast.catalog.timeline import Event
from holdfast.web import drawing
from holdfast.web.desk import Answer, Ask
from holdfast.web.lanes import points_of
from holdfast.web.reports_lists import lately
from holdfast.web.reports_words import wording
from holdfast.web.telling import drawing_words

__all__ = ["home", "labels_now", "standing_now"]

CAPTURES_SHOWN = 8
REPORTS_SHOWN = 5


def home(ask: Ask) -> Answer:
    """The channels with their follower curve in small, labels now, last capture and gaps; the vault's state."""
    shelf = ask.desk.shelf
    archive = shelf.archive()
    verified = archive.reader.checkpoint()[0]
    rows = shelf.channels()
    captures = shelf.kept("captures", lambda it: queries.captures(it.engine(), limit=CAPTURES_SHOWN))
    status = status_json(archive.vault, archive.identity.origin, verified, shelf.totals(), rows, captures)
    told = []
    for row in rows:
        events = shelf.history(row)
        told.append(
            {
                **channel_json(row),
                "posts": row.posts,
                "followers": _followers(events),
                "labels": labels_now(events),
                "standing": standing_now(events),
                "gaps": sum(each.kind == "gap" for each in events),
                "last_capture": _last(archive, row),
            }
        )
    checked = ask.desk.worker.watched.verified
    data = {
        **status,
        "vault": archive.vault.name,
        "channels": told,
        "verified": None
        if checked is None
        else {
            "at": checked.at,
            "verdict": checked.verdict,
            "size": checked.size,
            "findings": checked.findings,
        },
        "reports": lately(ask, REPORTS_SHOWN),
        "watched": [
            {"name": each.name, "is_paused": each.is_paused} for each in ask.desk.worker.watched.channels
        ],
    }
    words = drawing_words(ask.t)

    def small(row: queries.ChannelRow) -> Any:
        return shelf.kept(
            ("small", row.row, ask.language),
            lambda _: drawing.small_svg(points_of(shelf.history(row)), words),
        )

    return Answer("home.html", data, {"small": {row.id: small(row) for row in rows}, "words": wording(ask.t)})


def _followers(events: list[Event]) -> dict[str, Any] | None:
    """The last reading, with its moment; None where no source records any."""
    found = [each for each in events if each.kind == "followers" and each.low is not None]
    if not found:
        return None
    last = found[-1]
    seen = (last.last_after or last.first_after).seen_at
    return {"low": last.low, "high": last.high, "entry": last.first_after.entry, "seen_at": seen}


def labels_now(events: list[Event]) -> list[dict[str, Any]] | None:
    """The marks as last spoken of, each "there", "not there" or "not known"; None where no source speaks of any."""
    last: dict[tuple[str | None, str | None], Event] = {}
    for each in events:
        if each.kind == "label":
            last[each.name, each.first_after.source] = each
    if not last:
        return None
    return [
        {
            "name": name,
            "source": source,
            "state": "not known" if each.unspoken_since else each.after,
            "entry": each.first_after.entry,
            "seen_at": (each.last_after or each.first_after).seen_at,
        }
        for (name, source), each in last.items()
    ]


def standing_now(events: list[Event]) -> dict[str, Any] | None:
    """What was last answered for the channel itself."""
    found = [each for each in events if each.kind == "standing"]
    if not found:
        return None
    last = found[-1]
    seen = (last.last_after or last.first_after).seen_at
    return {"answered": last.after, "entry": last.first_after.entry, "seen_at": seen}


def _last(archive: Archive, row: queries.ChannelRow) -> dict[str, Any] | None:
    found = listing.channel_captures(archive.engine(), row.row, 1)
    if not found:
        return None
    return {
        "id": found[0].id,
        "source": found[0].source,
        "seen_at": found[0].seen_at,
        "state": found[0].state,
    }
