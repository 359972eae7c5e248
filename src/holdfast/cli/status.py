"""`holdfast status`: says what a vault holds and how far it has come."""

from __future__ import annotations

from typing import Any

from holdfast.answers import status_json
from holdfast.archive import Archive
from holdfast.catalog import queries
from holdfast.cli.call import Call
from holdfast.cli.output import Output, many, plain_line

__all__ = ["run"]

SHOWN = 10
"""Captures that are listed."""
LIVE = ("telegram_web", "telegram_api")
"""Sources that are asked again and again, so that it matters when the last time was."""


def run(*, call: Call = Call()) -> int:  # noqa: B008 (frozen)
    """Say what the vault holds: channels, posts, captures, checkpoint."""
    with call.output() as output, call.archive(output) as archive:
        engine = archive.engine()
        checkpoint = archive.reader.checkpoint()[0]
        totals = queries.totals(engine)
        channels = queries.channels(engine)
        captures = queries.captures(engine, limit=SHOWN)
        if output.json:
            origin = archive.identity.origin
            output.answer(status_json(archive.vault, origin, checkpoint, totals, channels, captures))
            return 0
        _show(archive, output, totals, channels, captures)
        return 0


def _show(
    archive: Archive,
    output: Output,
    totals: queries.Totals,
    channels: list[queries.ChannelRow],
    captures: list[queries.CaptureRow],
) -> None:
    verified = archive.reader.checkpoint()[0]
    signers = ", ".join(plain_line(each.key.label) for each in verified.signed)
    output.line(f"origin      {plain_line(archive.identity.origin)}")
    output.line(f"vault       {plain_line(str(archive.vault))}")
    output.line(f"checkpoint  {many(verified.checkpoint.size, 'entry', 'entries')}, signed by {signers}")
    if totals.followed > verified.checkpoint.size:
        rest = many(totals.followed - verified.checkpoint.size, "entry", "entries")
        output.line(f"            and {rest} that the next import signs")
    elif totals.followed < verified.checkpoint.size:
        output.line(f"catalog     behind: it follows {many(totals.followed, 'entry', 'entries')}")
    output.line(
        f"holds       {many(totals.posts, 'post')} in {many(totals.channels, 'channel')},"
        f" {many(totals.observations, 'observation')}, {totals.revised} revised,"
        f" {totals.absent} missing when last looked for, {many(totals.media, 'media file')}"
    )
    if channels:
        output.line("channels")
    width = max((len(each.id) for each in channels), default=0)
    for each in channels:
        kind = "" if each.kind == "channel" else f", {each.kind}"
        name = f"@{each.username}  " if each.username else ""
        title = plain_line(each.title or "")
        output.line(
            f"  {plain_line(each.id):<{width}}  {plain_line(name)}{title}  ({many(each.posts, 'post')}{kind})"
        )
        for source in LIVE:
            for look in queries.last_looks(archive.engine(), each.row, source, 1):
                output.line(f"  {'':<{width}}  last asked for {look.seen_at}: {plain_line(look.answered)}")
    if captures:
        output.line("captures, newest first")
    for capture in captures:
        output.line(f"  {_capture(capture)}")
    if totals.captures > len(captures):
        output.line(f"  and {totals.captures - len(captures)} older")
    output.note(
        "Exports record no views, followers or labels, preview pages no label but “verified”: unknown is not no."
        " `holdfast verify` re-checks every byte."
    )


def _capture(row: queries.CaptureRow) -> str:
    counts: dict[str, Any] = row.counts or {}
    parts = [
        f"{counts[name]} {name}"
        for name in ("new", "changed", "unchanged", "absent", "skipped")
        if counts.get(name)
    ]
    state = {"open": "not ended (running, or killed)"}.get(row.state or "", row.state)
    nothing = plain_line(row.detail or "no posts") if row.source in LIVE else "nothing of a channel"
    return f"{row.id[:8]}  {row.seen_at}  {state}  {', '.join(parts) or nothing}"
