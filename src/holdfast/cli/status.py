"""`holdfast status`: says what a vault holds and how far it has come."""

from __future__ import annotations

from typing import Any

from holdfast.catalog import queries
from holdfast.cli.call import Call
from holdfast.cli.output import plain

__all__ = ["run"]


def run(*, call: Call = Call()) -> int:  # noqa: B008 (frozen)
    """Say what the vault holds: channels, posts, captures, checkpoint."""
    with call.output() as output, call.archive(output) as archive:
        engine = archive.engine()
        checkpoint = archive.reader.checkpoint()[0]
        totals = queries.totals(engine)
        channels = queries.channels(engine)
        captures = queries.captures(engine, limit=10)
        if output.json:
            output.answer(
                {
                    "vault": str(archive.vault),
                    "origin": archive.identity.origin,
                    "checkpoint": {
                        "size": checkpoint.checkpoint.size,
                        "root": checkpoint.checkpoint.root.hex(),
                        "signed_by": [each.key.label for each in checkpoint.signed],
                    },
                    "totals": totals,
                    "channels": channels,
                    "captures": captures,
                }
            )
            return 0
        output.line(f"{plain(archive.identity.origin)}  in {plain(str(archive.vault))}")
        signers = " and ".join(each.key.label for each in checkpoint.signed)
        output.line(
            f"checkpoint of {checkpoint.checkpoint.size} entries, signed by {plain(signers)}; catalog at {totals.followed}"
        )
        output.line(
            f"{totals.posts} posts in {totals.channels} channels, {totals.observations} observations,"
            f" {totals.revised} revised, {totals.absent} missing when last looked for, {totals.media} media files"
        )
        for each in channels:
            name = f" @{plain(each.username)}" if each.username else ""
            output.line(f"  {plain(each.id)}{name}  {plain(each.title or '')}  {each.posts} posts")
        for each_capture in captures:
            output.line(f"  {_capture(each_capture)}")
        output.note(
            "Views, followers and labels are not recorded by exports. `holdfast verify` re-checks every byte."
        )
        return 0


def _capture(row: queries.CaptureRow) -> str:
    counts: dict[str, Any] = row.counts or {}
    parts = [
        f"{counts[name]} {name}"
        for name in ("new", "changed", "unchanged", "absent", "skipped")
        if counts.get(name)
    ]
    state = {"open": "not ended (running, or killed)"}.get(row.state or "", row.state)
    return f"capture {row.id[:8]}  {row.seen_at}  {row.source}  {state}  {', '.join(parts)}"
