"""A channel: its life drawn and in a table, and its posts in a list without end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from holdfast.answers import channel_json, timeline_json
from holdfast.archive import Archive
from holdfast.catalog import listing, queries
from holdfast.catalog.timeline import Event
from holdfast.errors import HoldfastError
from holdfast.model import PostSeen, plain_text
from holdfast.sealing import load_post
from holdfast.views import Attached, attached
from holdfast.web import drawing
from holdfast.web.desk import Answer, Ask, missing
from holdfast.web.home import labels_now, standing_now
from holdfast.web.lanes import Lanes, lanes_of
from holdfast.web.media import picture_of
from holdfast.web.telling import KINDS, drawing_words, group_of

__all__ = ["channel", "posts"]

POSTS_SHOWN = 20
EVENTS_SHOWN = 100
TEXT_SHOWN = 600
CAPTURES_SHOWN = 10
READINGS = ("followers", "counters")
"""Left out of the table unless asked for: they are many, and the band above tells them."""


def channel(ask: Ask) -> Answer:
    """What happened to a channel, readings left out unless `kind` asks for them. `kind`, `from` and `to` narrow the table; `skip` leafs in it."""
    shelf = ask.desk.shelf
    row = shelf.channel(ask.path["channel"])
    if row is None:
        return missing("there is no such channel here", "the first page lists them all")
    archive = shelf.archive()
    events = shelf.history(row)
    kind = ask.one_of("kind", "", "all", *KINDS)
    since, until = ask.query.get("from", "")[:10], ask.query.get("to", "")[:10]
    chosen = [each for each in events if _is_wanted(each, kind, since, until)]
    skip = ask.number("skip", 0)
    # The newest first: what happened last is what is asked for.
    page = chosen[::-1][skip : skip + EVENTS_SHOWN]
    listed = _posts(archive, row, None, "all")
    size = archive.reader.checkpoint()[0].checkpoint.size
    captures = listing.channel_captures(archive.engine(), row.row, CAPTURES_SHOWN)
    data = {
        **timeline_json(row, page, size),
        "posts": row.posts,
        "description": listing.description(archive.engine(), row.row),
        "labels": labels_now(events),
        "standing": standing_now(events),
        "events_total": len(chosen),
        "skip": skip,
        "kind": kind or None,
        "from": since or None,
        "to": until or None,
        "captures": captures,
    }
    drawn = shelf.kept(("drawn", row.row, ask.language), lambda _: _drawn(ask, events))
    view = {"drawn": drawn, "events": page, "kinds": KINDS, "list": listed, "row": row, "step": EVENTS_SHOWN}
    return Answer("channel.html", data, view)


def _is_wanted(each: Event, kind: str, since: str, until: str) -> bool:
    seen = each.first_after.seen_at[:10]
    group = group_of(each.kind)
    return (
        (group not in READINGS if not kind else kind in ("all", group))
        and (not since or seen >= since)
        and (not until or seen <= until)
    )


def _drawn(ask: Ask, events: list[Event]) -> tuple[Markup, Markup, Lanes] | None:
    lanes = lanes_of(events)
    if lanes is None or not (lanes.spans or lanes.bands or lanes.marks):
        return None
    words = drawing_words(ask.t)
    return (
        drawing.timeline_svg(lanes, words, ask.language),
        drawing.timeline_svg(lanes, words, ask.language, narrow=True),
        lanes,
    )


def posts(ask: Ask) -> Answer:
    """Some of a channel's posts, newest first, below the id `before`; `only` narrows to revised, absent or with media."""
    shelf = ask.desk.shelf
    row = shelf.channel(ask.path["channel"])
    if row is None:
        return missing("there is no such channel here", "the first page lists them all")
    before = ask.number("before", 0, least=-(2**62)) if ask.query.get("before") else None
    only = ask.one_of("only", "all", "revised", "absent", "media")
    listed = _posts(shelf.archive(), row, before, only)
    return Answer("posts.html", {"channel": channel_json(row), **listed}, {"list": listed, "row": row})


def _posts(archive: Archive, row: queries.ChannelRow, before: int | None, only: Any) -> dict[str, Any]:
    engine = archive.engine()
    states = listing.posts_before(engine, row.row, before, POSTS_SHOWN + 1, only)
    more = len(states) > POSTS_SHOWN
    states = states[:POSTS_SHOWN]
    views = listing.last_views(engine, row.row, [each.post for each in states])
    files: dict[int, list[tuple[int, int]]] = {}
    for number, entry, element in listing.brought_files(engine, row.row, [each.post for each in states]):
        files.setdefault(number, []).append((entry, element))
    return {
        "only": only,
        "next_before": states[-1].post if more else None,
        "list": [
            _post(archive, row, each, views.get(each.post), files.get(each.post, ())) for each in states
        ],
    }


def _post(
    archive: Archive,
    row: queries.ChannelRow,
    state: queries.PostState,
    views: tuple[int, int] | None,
    files: Sequence[tuple[int, int]],
) -> dict[str, Any]:
    """`files`: observations whose files are attached to the post now."""
    seen: PostSeen | None = None
    media: list[Attached] = []
    trouble = None
    try:
        seen = load_post(archive.reader, state.entry, state.element)
        if seen is not None:
            brought = ((*place, load_post(archive.reader, *place)) for place in files)
            earlier = [(entry, element, post) for entry, element, post in brought if post is not None]
            media = attached((state.entry, state.element), seen, earlier)
    except HoldfastError as error:
        trouble = error.message  # one wounded entry must not hide its neighbours
    text = plain_text(seen.text) if seen else ""
    return {
        "post": f"{row.id}/{state.post}",
        "id": str(state.post),
        "kind": "service" if state.kind else "post",
        "action": (seen.post.action or {}).get("type") if seen else None,
        "published_at": seen.post.published_at if seen else None,
        "published_local": seen.post.published_local if seen else None,
        "text": text[:TEXT_SHOWN],
        "is_cut": len(text) > TEXT_SHOWN,
        "views": None if views is None else {"low": views[0], "high": views[1]},
        "revisions": state.revision,
        "absent": state.absent is not None,
        "entry": state.entry,
        "element": state.element,
        "held": seen is not None,
        "trouble": trouble,
        "media": [_media(each) for each in media],
    }


def _media(each: Attached) -> dict[str, Any]:
    return {
        "kind": each.item.kind,
        "state": each.item.state,
        "duration_s": each.item.duration_s,
        "picture": picture_of(each.item, each.entry, each.element),
    }
