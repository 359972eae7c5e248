"""`holdfast show`: shows a post, its revisions, its media and the entries that prove it."""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.archive import PostView
from holdfast.cli.call import Call
from holdfast.cli.output import plain, size
from holdfast.model import MediaSeen, PostSeen, plain_text

__all__ = ["run"]


def run(post: str, /, *, call: Call = Call()) -> int:  # noqa: B008 (frozen)
    """Show a post, its revisions, its media, and the entries that prove it.

    Parameters
    ----------
    post
        CHANNEL/ID; the channel by id, username or title.
    """
    with call.output() as output, call.archive(output) as archive:
        view = archive.post(post)
        if output.json:
            output.answer(_json(view))
            return 0
        for line in _lines(view):
            output.line(line)
        return 0


def _standing(view: PostView) -> dict[str, Any]:
    """Where the post stands, as observed: never as a motive."""
    last_seen = view.observations[-1][0].seen_at
    for _, seen_at, entry in view.covered:
        if view.state.absent is None or entry < view.state.absent:
            last_seen = seen_at or last_seen
    missing = None
    if view.state.absent is not None:
        missing = next((each for each in view.absences if each[0] == view.state.absent), None)
    return {
        "state": "missing" if missing else "present",
        "last_seen_at": last_seen,
        "first_missing_at": missing[2] if missing else None,
        "answered": missing[3] if missing else None,
        "entry": missing[0] if missing else None,
    }


def _json(view: PostView) -> dict[str, Any]:
    return {
        "post": f"{view.channel.id}/{view.state.post}",
        "channel": {"id": view.channel.id, "title": view.channel.title, "kind": view.channel.kind},
        "standing": _standing(view),
        "revisions": view.state.revision,
        "observations": [
            {
                "number": row.number,
                "revision": row.revision,
                "seen_at": row.seen_at,
                "changed": row.changed,
                "entry": row.entry,
                "element": row.element,
                "capture": row.capture,
                "proved_by_checkpoint": row.entry < view.checkpoint_size,
                "seen": None if seen is None else msgspec.to_builtins(seen),
            }
            for row, seen in view.observations
        ],
        "media": [msgspec.to_builtins(each) for each in view.media],
        "absences": [
            {"entry": entry, "capture": capture, "seen_at": seen_at, "answered": answered}
            for entry, capture, seen_at, answered in view.absences
        ],
        "covered_by": [
            {"capture": capture, "seen_at": seen_at, "entry": entry}
            for capture, seen_at, entry in view.covered
        ],
        "checkpoint_size": view.checkpoint_size,
    }


def _lines(view: PostView) -> list[str]:
    latest = next((seen for _, seen in reversed(view.observations) if seen is not None), None)
    lines = [f"{plain(view.channel.title or view.channel.id)} / {view.state.post}"]
    if latest is None:
        lines.append("  the post's facts are not held: withheld or erased")
    else:
        lines += _facts(latest)
    standing = _standing(view)
    if standing["state"] == "present":
        lines.append(
            f"  stands     there when last looked for, {standing['last_seen_at'] or 'time not recorded'}"
        )
    else:
        lines.append(
            f"  stands     last seen {standing['last_seen_at']}, first missing {standing['first_missing_at']}"
            f" ({plain(str(standing['answered']))}, entry {standing['entry']})"
        )
    if latest is not None:
        lines += [
            "",
            *(f"  {line}" for line in plain(plain_text(latest.text) or "(no text)").split("\n")),
            "",
        ]
        for each in latest.media or ():
            lines.append(f"  {_media(each)}")
        lines += _metrics(latest)
    lines.append("  observations (the entries that prove it):")
    for row, seen in view.observations:
        covered = "" if row.entry < view.checkpoint_size else ", not yet under a published checkpoint"
        differs = f"; differs in {', '.join(row.changed)}" if row.changed else ""
        held = "" if seen is not None else "; not held"
        lines.append(
            f"    {row.number}. revision {row.revision}, seen {row.seen_at}, entry {row.entry}, place {row.element}{covered}{differs}{held}"
        )
    older = [(row, seen) for row, seen in view.observations if seen is not None and "text" in row.changed]
    if older:
        first = next(seen for _, seen in view.observations if seen is not None)
        lines += [
            "",
            "  the text as first seen:",
            *(f"    {line}" for line in plain(plain_text(first.text)).split("\n")),
        ]
    if raw := (latest.raw if latest else None):
        where = (
            f", bytes {raw.offset}–{raw.offset + raw.length - 1}"
            if raw.offset is not None and raw.length
            else ""
        )
        lines.append(f"  raw        artefact {raw.artefact}{where}")
    return lines


def _facts(seen: PostSeen) -> list[str]:
    facts = seen.post
    published = facts.published_at or (
        f"{facts.published_local} by the exporter's clock, zone not recorded"
        if facts.published_local
        else "not recorded"
    )
    lines = [f"  published  {published} (the source's claim)"]
    if edited := facts.edited_at or facts.edited_local:
        lines.append(f"  edited     {edited} (the source's mark: set by reactions and media too)")
    if facts.kind == "service":
        lines.append(f"  service    {plain(str((facts.action or {}).get('type', 'act')))}")
    if facts.forward is not None:
        name = (
            facts.forward.name
            or (seen.author.forward_name if seen.author else None)
            or facts.forward.source_id
        )
        lines.append(f"  forwarded  from {plain(name or 'a source not recorded')}")
    if facts.reply is not None:
        lines.append(
            f"  reply      to {f'{plain(facts.reply.channel)}/' if facts.reply.channel else ''}{facts.reply.post}"
        )
    if seen.author is not None:
        names = (seen.author.name, seen.author.signature, seen.author.via_bot)
        if any(names):
            lines.append(f"  author     {plain(', '.join(name for name in names if name))}")
    if facts.repairs:
        lines.append(f"  repaired   {', '.join(facts.repairs)} (the raw bytes are sealed)")
    return lines


_STATES = {
    "not_included": "not included in the export",
    "too_big": "over the export's size limit",
    "unavailable": "the source said: unavailable",
    "missing": "named by the export, not found beside it",
    "empty": "empty file",
    "unreadable": "unreadable file",
    "outside": "its path leaves the export's folder: not followed",
}


def _media(each: MediaSeen) -> str:
    parts = [each.kind]
    if each.file_name:
        parts.append(plain(each.file_name))
    if each.duration_s is not None:
        parts.append(f"{each.duration_s // 60}:{each.duration_s % 60:02d}")
    if each.width and each.height:
        parts.append(f"{each.width}×{each.height}")
    count = each.observed_size_bytes if each.observed_size_bytes is not None else each.size_bytes
    if count is not None:
        parts.append(size(count))
    if each.artefact:
        parts.append(f"sealed as {each.artefact}")
    elif each.state:
        parts.append(_STATES.get(each.state, plain(each.state)))
    if each.kind == "poll" and each.data:
        parts.append(plain(str(each.data.get("question", ""))))
    return ", ".join(parts)


def _metrics(seen: PostSeen) -> list[str]:
    metrics = seen.metrics
    lines = []
    views = "not recorded" if metrics is None or metrics.views is None else str(metrics.views)
    lines.append(f"  views      {views}")
    if metrics is not None and metrics.reactions:
        lines.append(
            "  reactions  " + ", ".join(f"{plain(name)} {count}" for name, count in metrics.reactions)
        )
    if metrics is not None and metrics.votes:
        lines += [f"  votes      {plain(answer)}: {count}" for answer, count in metrics.votes]
    return lines
