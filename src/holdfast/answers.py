"""The JSON that verbs and pages answer with; pure.

docs/json.md says what each key means, and a test holds these functions to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from holdfast.catalog.rows import searchable_text
from holdfast.model import Reading
from holdfast.search.snippet import Highlighter, snippet

if TYPE_CHECKING:  # each verb loads what it needs, and no more
    from holdfast.account import ImportSummary
    from holdfast.catalog import queries
    from holdfast.catalog.timeline import Event
    from holdfast.history import PostStory
    from holdfast.reports.checking import ReportFacts
    from holdfast.reports.claim import Tool
    from holdfast.reports.resolve.findings import Finding
    from holdfast.reports.verdict import Checked
    from holdfast.vault.format.note import VerifiedCheckpoint
    from holdfast.verify.findings import Report
    from holdfast.views import Found, Page, PostView
    from holdfast.watching.run import Sweep

__all__ = [
    "channel_json",
    "check_json",
    "checkpoint_json",
    "envelope",
    "failure",
    "found_json",
    "import_json",
    "post_json",
    "standing_of",
    "status_json",
    "sweep_json",
    "timeline_json",
    "verify_json",
]


def envelope(data: Any) -> bytes:
    """`{"ok":true,"data":…}`."""
    return msgspec.json.encode({"ok": True, "data": msgspec.to_builtins(data, enc_hook=_hook)})


def failure(code: str, message: str, remedy: str) -> bytes:
    """`{"ok":false,"error":…}`."""
    return msgspec.json.encode({"ok": False, "error": {"code": code, "message": message, "remedy": remedy}})


def _hook(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))


def channel_json(row: queries.ChannelRow) -> dict[str, Any]:
    """A channel, as every answer names it."""
    return {"id": row.id, "title": row.title, "username": row.username, "kind": row.kind}


# -- find ---------------------------------------------------------------------------------------------


def found_json(
    page: Page, marks: Highlighter, *, query: str, match: str, sort: str, offset: int
) -> dict[str, Any]:
    """What `find` answers. `marks` knows the words that the query asks for."""
    return {
        "query": query,
        "match": match,
        "sort": sort,
        "total": page.total,
        "total_is_exact": page.is_exact and not page.bounded,
        "undated": page.undated,
        "offset": offset,
        "hits": [_hit(each, marks) for each in page.posts],
    }


def _hit(each: Found, marks: Highlighter) -> dict[str, Any]:
    facts = each.seen.post if each.seen is not None else None
    parts = snippet(searchable_text(each.seen), marks) if each.seen is not None else []
    return {
        "post": f"{each.channel.id}/{each.hit.post}",
        "channel": channel_json(each.channel),
        "published_at": facts.published_at if facts else None,
        "published_local": facts.published_local if facts else None,
        "matched": each.hit.matched,
        "score": round(each.hit.score, 3),
        "revision": each.hit.revision,
        "revisions": each.state.revision,
        "absent": each.state.absent is not None,
        "entry": each.hit.entry,
        "element": each.hit.element,
        "snippet": [{"text": part, "hit": marked} for part, marked in parts],
        "held": each.seen is not None,
    }


# -- show ---------------------------------------------------------------------------------------------


def standing_of(view: PostView, story: PostStory) -> dict[str, Any]:
    """Where the post stands, as observed: never as a motive.

    "gone": the source, asked for the post itself, said that there is none. "not visible": it is withheld, or its channel is,
    from whoever asked. "missing": an export that covers its place lacks it.
    """
    last_seen = view.observations[-1][0].seen_at
    for _, seen_at, entry in view.covered:
        if view.state.absent is None or entry < view.state.absent:
            last_seen = max(seen_at or "", last_seen or "") or last_seen
    missing = next((each for each in view.absences if each[0] == view.state.absent), None)
    look = story.channel_look
    hidden = look is not None and look.answered != "shown" and look.moment.seen_at > (last_seen or "")
    if missing is not None:
        state = {"not found": "gone", "restricted": "not visible"}.get(missing[3], "missing")
    else:
        state = "not visible" if hidden else "present"
    return {
        "state": state,
        "last_seen_at": last_seen,
        "first_missing_at": missing[2] if missing else None,
        "answered": missing[3] if missing else look.answered if hidden and look else None,
        "entry": missing[0] if missing else look.moment.entry if hidden and look else None,
        "channel_looked_at": look.moment.seen_at if look else None,
    }


def post_json(view: PostView, story: PostStory) -> dict[str, Any]:
    """What `show` answers."""
    return {
        "post": f"{view.channel.id}/{view.state.post}",
        "channel": channel_json(view.channel),
        "standing": standing_of(view, story),
        "curve": [msgspec.to_builtins(each) for each in story.curve],
        "events": [msgspec.to_builtins(each) for each in story.events],
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


# -- timeline, status, verify -------------------------------------------------------------------------


def timeline_json(row: queries.ChannelRow, events: Iterable[Event], checkpoint_size: int) -> dict[str, Any]:
    """What `timeline` answers."""
    return {
        "channel": channel_json(row),
        "events": [msgspec.to_builtins(each) for each in events],
        "checkpoint_size": checkpoint_size,
    }


def checkpoint_json(verified: VerifiedCheckpoint) -> dict[str, Any]:
    """The published head; `verified` says that its signatures were checked."""
    return {
        "size": verified.checkpoint.size,
        "root": verified.checkpoint.root.hex(),
        "signed_by": [each.key.label for each in verified.signed],
    }


def status_json(
    vault: Path,
    origin: str,
    verified: VerifiedCheckpoint,
    totals: queries.Totals,
    channels: Sequence[queries.ChannelRow],
    captures: Sequence[queries.CaptureRow],
) -> dict[str, Any]:
    """What `status` answers."""
    return {
        "vault": str(vault),
        "origin": origin,
        "checkpoint": checkpoint_json(verified),
        "totals": totals,
        "channels": [
            {**channel_json(each), "source_type": each.source_type, "entry": each.entry, "posts": each.posts}
            for each in channels
        ],
        "captures": captures,
    }


def verify_json(report: Report) -> dict[str, Any]:
    """What `verify` answers. `holds` is null where it was not checked to the end: never false, never true."""
    found = msgspec.to_builtins(report)
    found["verdict"] = report.verdict.value
    found["holds"] = {"holds": True, "does not hold": False}.get(report.verdict.value)
    return dict(found)


# -- import, watch ------------------------------------------------------------------------------------


def import_json(summary: ImportSummary) -> dict[str, Any]:
    """What `import` answers: every key, also of what was not met."""
    found: dict[str, Any] = msgspec.structs.asdict(summary)
    found["counts"] = msgspec.structs.asdict(summary.counts)
    found["examples"] = [msgspec.structs.asdict(each) for each in summary.examples]
    found["chats"] = [
        {**msgspec.structs.asdict(each), "counts": msgspec.structs.asdict(each.counts)}
        for each in summary.chats
    ]
    return found


def sweep_json(sweep: Sweep) -> dict[str, Any]:
    """One line of what `watch` answers."""
    found = msgspec.structs.asdict(sweep)
    if isinstance(sweep.followers, int):
        found["followers"] = Reading(sweep.followers, sweep.followers)
    found["kept"] = {
        **msgspec.structs.asdict(sweep.kept),
        "counts": msgspec.structs.asdict(sweep.kept.counts),
    }
    del found["kept"]["fresh"]
    return found


# -- check --------------------------------------------------------------------------------------------


class ToldCheck(Protocol):
    """A check as it was made, or as it is sealed: then what is withheld or erased of it is None."""

    @property
    def report(self) -> ReportFacts | None: ...
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def claims(self) -> Sequence[Checked | None]: ...
    @property
    def tool(self) -> Tool: ...
    @property
    def digest(self) -> str: ...
    @property
    def report_entry(self) -> int | None: ...
    @property
    def check_entries(self) -> Sequence[int]: ...
    @property
    def was_sealed(self) -> bool: ...
    @property
    def checkpoint_size(self) -> int | None: ...
    @property
    def not_used(self) -> str | None: ...


def check_json(found: ToldCheck) -> dict[str, Any]:
    """What `check` answers: the claim records, without the report's text."""
    return {
        "report": None if found.report is None else _all_of(found.report),
        "counts": found.counts,
        "findings": [_all_of(each) for each in found.findings],
        "claims": [None if each is None else msgspec.to_builtins(each) for each in found.claims],
        "tool": _all_of(found.tool),
        "digest": found.digest,
        "report_entry": found.report_entry,
        "check_entries": list(found.check_entries),
        "was_sealed": found.was_sealed,
        "checkpoint_size": found.checkpoint_size,
        "not_used": found.not_used,
    }


def _all_of(record: msgspec.Struct) -> dict[str, Any]:
    """Every field of a record, the unknown ones as null."""
    return {name: msgspec.to_builtins(getattr(record, name)) for name in record.__struct_fields__}
