"""`holdfast show`: shows a post, its revisions, its media and the entries that prove it."""

from __future__ import annotations

import sys
from typing import Any

from holdfast.answers import post_json, standing_of
from holdfast.archive import PostView
from holdfast.catalog.diff import word_changes
from holdfast.catalog.queries import ObservationRow
from holdfast.catalog.timeline import Reading
from holdfast.cli.call import Call
from holdfast.cli.output import counted, many, plain, plain_line, size
from holdfast.history import PostStory, post_story
from holdfast.model import MediaSeen, PostSeen, plain_text

__all__ = ["run"]

TEXT_SHOWN = 20_000
"""Characters of a text that a person is shown."""
COLOURED = ("\x1b[9;31m", "\x1b[0m", "\x1b[32m", "\x1b[0m")
WRITTEN = ("[-", "-]", "{+", "+}")


def run(post: str, /, *, call: Call = Call()) -> int:  # noqa: B008 (frozen)
    """Show a post, its revisions, its media, and the entries that prove it.

    Parameters
    ----------
    post
        CHANNEL/ID; the channel by id, username or title.
    """
    with call.output() as output, call.archive(output) as archive:
        view = archive.post(post)
        story = post_story(archive, view.channel.row, view.state.post)
        if output.json:
            output.answer(post_json(view, story))
            return 0
        for line in _lines(view, story, COLOURED if sys.stdout.isatty() else WRITTEN):
            output.line(line)
        return 0


def _lines(view: PostView, story: PostStory, marks: tuple[str, str, str, str]) -> list[str]:
    latest = next((seen for _, seen in reversed(view.observations) if seen is not None), None)
    lines = [f"{plain_line(view.channel.title or view.channel.id)} / {view.state.post}"]
    if latest is None:
        lines.append("  the post's facts are not held: withheld or erased")
    else:
        lines += _facts(latest)
    lines += _stands(view, story)
    if latest is not None:
        lines += ["", *_text(plain_text(latest.text) or "(no text)", "  "), ""]
        for each in view.attached():
            brought = f" (entry {each.entry})" if each.is_earlier else ""
            lines.append(f"  media      {_media(each.item)}{brought}")
        lines += _metrics(latest)
    lines += _curve(story.curve)
    lines.append("  proved by")
    before: PostSeen | None = None
    quiet: list[ObservationRow] = []
    for at, (row, seen) in enumerate(view.observations):
        # What brought nothing but new numbers is in the curve above; the newest observation is always shown.
        if row.changed and READINGS.issuperset(row.changed) and at + 1 < len(view.observations):
            quiet.append(row)
            before = seen or before
            continue
        lines += _only_readings(quiet)
        quiet = []
        lines.append(f"    {_observation(view, row, seen)}")
        if before is not None and seen is not None and "text" in row.changed:
            lines += ["", *_text(_changes(before, seen, marks), "       "), ""]
        before = seen or before
    for entry, _, seen_at, answered in view.absences:
        lines.append(
            f"    -  entry {entry}: {plain_line(answered)}, asked {seen_at or 'at a time not recorded'}"
        )
    if raw := (latest.raw if latest else None):
        where = ""
        if raw.offset is not None and raw.length:
            where = f", bytes {raw.offset} to {raw.offset + raw.length - 1}"
        lines.append(f"  raw        artefact {raw.artefact}{where}")
    return lines


def _stands(view: PostView, story: PostStory) -> list[str]:
    standing = standing_of(view, story)
    last_seen = standing["last_seen_at"] or "at a time not recorded"
    match standing["state"]:
        case "present":
            lines = [f"  stands     present when last looked for, {last_seen}"]
            if view.absences:
                entry, _, seen_at, answered = view.absences[-1]
                lines.append(
                    f"             it was missing on {seen_at} ({plain_line(answered)}, entry {entry})"
                )
        case "gone":
            lines = [
                f"  stands     gone: last seen {last_seen}, first missing {standing['first_missing_at']}",
                f"             asked for itself it is “{plain_line(standing['answered'])}” (entry {standing['entry']})",
            ]
        case "not visible":
            when = standing["first_missing_at"] or standing["channel_looked_at"]
            lines = [
                f"  stands     not visible to us: last seen {last_seen}",
                f"             since {when} the answer is “{plain_line(standing['answered'])}” (entry {standing['entry']})",
            ]
        case _:
            lines = [
                f"  stands     missing: last in an export read {last_seen}",
                f"             not in one read {standing['first_missing_at']} (entry {standing['entry']})",
            ]
    return lines


CURVE_SHOWN = 16
_BARS = "▁▂▃▄▅▆▇█"


def _curve(readings: list[Reading]) -> list[str]:
    """The view counter over time: a drawing, and some of its readings with their receipts."""
    views = [each for each in readings if each.name == "views"]
    if not views:
        return []
    top = max(each.high for each in views) or 1
    step = max(1, len(views) // 60)
    bars = "".join(_BARS[min(7, 8 * each.low // (top + 1))] for each in views[::step])
    lines = [f"  view curve {bars}  {many(len(views), 'reading')}"]
    last = len(views) - 1
    places = sorted({round(at * last / (CURVE_SHOWN - 1)) for at in range(CURVE_SHOWN)}) if last else [0]
    for each in (views[at] for at in places):
        count = f"{each.low:,}" if each.low == each.high else f"{each.low:,}–{each.high:,}"
        held = f", still so on {each.held_until}" if each.held_until else ""
        lines.append(f"             {each.moment.seen_at}  {count}{held}  (entry {each.moment.entry})")
    return lines


READINGS = frozenset({"views", "forwards", "replies", "reactions", "votes"})


def _only_readings(rows: list[ObservationRow]) -> list[str]:
    if not rows:
        return []
    first, last = rows[0], rows[-1]
    entries = f"entry {first.entry}" if first is last else f"entries {first.entry} to {last.entry}"
    return [
        f"    {first.number}.{f'–{last.number}.' if first is not last else ''} {entries}: other numbers, nothing else"
    ]


def _observation(view: PostView, row: ObservationRow, seen: PostSeen | None) -> str:
    parts = [
        f"{row.number}. entry {row.entry}, place {row.element}: revision {row.revision}, seen {row.seen_at}"
    ]
    if row.changed:
        parts.append(f"differs in {', '.join(row.changed)}")
    if seen is None:
        parts.append("not held")
    if row.entry >= view.checkpoint_size:
        parts.append("not yet under a published checkpoint")
    return "; ".join(parts)


def _changes(old: PostSeen, new: PostSeen, marks: tuple[str, str, str, str]) -> str:
    """The text's changes in one string; `marks` stand around what went and around what came."""
    before, after = plain_text(old.text), plain_text(new.text)
    if before == after:
        return "(the words are the same; their marks, such as links or bold, differ)"
    parts = []
    for kind, text in word_changes(plain(before), plain(after)):
        if kind == "gone":
            parts.append(f"{marks[0]}{text}{marks[1]}")
        elif kind == "come":
            parts.append(f"{marks[2]}{text}{marks[3]}")
        else:
            parts.append("…" if kind == "cut" else text)
    return "".join(parts)


def _text(text: str, indent: str) -> list[str]:
    """Lines of an archived text, harmless, and cut where nobody would read on."""
    shown = text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN]
    lines = [f"{indent}{line}".rstrip() for line in plain(shown).split("\n")]
    if len(text) > TEXT_SHOWN:
        lines.append(f"{indent}… {len(text) - TEXT_SHOWN:,} characters more: --json has them all")
    return lines


def _facts(seen: PostSeen) -> list[str]:
    facts, author = seen.post, seen.author
    published = facts.published_at or (
        f"{facts.published_local} by the exporter's clock, zone not recorded"
        if facts.published_local
        else "not recorded"
    )
    rows = [("published", f"{published} (the source's claim)")]
    if edited := facts.edited_at or facts.edited_local:
        rows.append(("edited", f"{edited} (the source's mark, which reactions and media move too)"))
    if facts.kind == "service":
        rows.append(("service", _action(facts.action or {})))
    if facts.forward is not None:
        name = facts.forward.name or (author.forward_name if author else None) or facts.forward.source_id
        rows.append(("forwarded", f"from {name or 'a source not recorded'}"))
    if facts.reply is not None:
        rows.append(
            ("reply", f"to {f'{facts.reply.channel}/' if facts.reply.channel else ''}{facts.reply.post}")
        )
    names = [name for name in (author.name, author.signature) if name] if author else []
    if author and author.via_bot:
        names.append(f"via {author.via_bot}")
    if names:
        rows.append(("author", ", ".join(names)))
    if facts.repairs:
        rows.append(("repaired", f"{', '.join(facts.repairs)} (the bytes as they were are sealed)"))
    return [f"  {name:<10} {plain_line(value)}" for name, value in rows]


def _action(action: dict[str, Any]) -> str:
    """A service post's act with its own plain fields, such as a new title."""
    parts = [
        f"{name} {value}"
        for name, value in action.items()
        if name != "type" and isinstance(value, str | int) and not isinstance(value, bool)
    ]
    kind = str(action.get("type", "act"))
    return f"{kind} ({', '.join(parts)})" if parts else kind


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
        parts.append(plain_line(each.file_name))
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
        parts.append(_STATES.get(each.state, plain_line(each.state)))
    if each.kind == "poll" and each.data:
        parts.append(plain_line(str(each.data.get("question", ""))))
    return ", ".join(parts)


def _metrics(seen: PostSeen) -> list[str]:
    metrics = seen.metrics
    lines = []
    views = "not recorded" if metrics is None or metrics.views is None else counted(metrics.views)
    lines.append(f"  views      {views}")
    if metrics is not None and metrics.reactions:
        found = ", ".join(f"{plain_line(name)} {counted(count)}" for name, count in metrics.reactions)
        lines.append(f"  reactions  {found}")
    if metrics is not None and metrics.votes:
        lines += [f"  votes      {plain_line(answer)}: {count}" for answer, count in metrics.votes]
    if metrics is not None and metrics.shares:
        lines += [f"  votes      {plain_line(answer)}: {share} %" for answer, share in metrics.shares]
    return lines
