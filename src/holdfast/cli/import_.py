"""`holdfast import`: takes an export into the vault."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holdfast.answers import import_json
from holdfast.cli.call import Call
from holdfast.cli.output import Output, many, plain, size
from holdfast.errors import IncompleteError
from holdfast.importing import ChatSummary, ImportSummary, import_export

__all__ = ["run"]


def run(
    path: Path,
    /,
    *,
    include_private: Annotated[bool, Parameter(negative="")] = False,
    channel: str | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Take a Telegram Desktop export into the vault.

    Parameters
    ----------
    path
        The export's folder, its result.json, or its messages.html.
    include_private
        Take groups and private chats too; their authors are sealed apart.
    channel
        The channel's numeric id, for an export that does not record it (HTML): its posts then stand beside those of
        other exports of that channel.
    """
    with call.output() as output, call.archive(output) as archive:
        summary = import_export(archive, path, include_private=include_private, channel=channel)
        output.end_progress()
        incomplete = summary.state != "complete"
        if output.json:
            output.answer(import_json(summary))
        else:
            _show(summary, output)
        for notice in summary.notices:
            output.note(f"note: {plain(notice)}")
        if incomplete:
            output.note(
                "Some records could not be read: they are counted above and in the capture's entry; the files are sealed whole."
            )
        return IncompleteError.exit_code if incomplete else 0


def _show(summary: ImportSummary, output: Output) -> None:
    for chat in summary.chats:
        for line in _chat(chat):
            output.line(line)
    for code, count in summary.problems.items():
        first = next((each for each in summary.examples if each.code == code), None)
        where = "" if first is None else _where(first.document, first.offset, first.post)
        what = "" if first is None or not first.detail else f": {plain(first.detail)}"
        output.line(f"  {count} × {code}{what}{where}")
    first_entry, last_entry = summary.entries
    entries = f"entry {last_entry}" if first_entry == last_entry else f"entries {first_entry}–{last_entry}"
    if not summary.artefacts and not any(chat.included for chat in summary.chats):
        output.line(f"nothing of it was kept; that it was looked at is {entries}")
        return
    output.line(
        f"sealed as {entries}, with {many(summary.artefacts, 'file')} of the export"
        f" ({size(summary.artefact_bytes)}); checkpoint of {summary.checkpoint_size} entries"
    )


def _where(document: str | None, offset: int | None, post: str | None) -> str:
    parts = [
        f"post {post}" if post else "",
        plain(document or ""),
        f"byte {offset}" if offset is not None else "",
    ]
    found = ", ".join(part for part in parts if part)
    return f", first: {found}" if found else ""


def _chat(chat: ChatSummary) -> list[str]:
    name = f"{plain(chat.title or 'without a title')} ({plain(chat.channel)})"
    if not chat.included:
        what = {"group": "a group", "private": "a private chat"}.get(chat.kind, "no channel")
        return [f"{name}: {what}, left out (take it with --include-private)"]
    counts = chat.counts
    labels = ("new", "changed", "unchanged", "absent", "skipped", "repeated", "repaired")
    parts = [f"{value} {label}" for label in labels if (value := getattr(counts, label))]
    lines = [f"{name}: {many(counts.read, 'record')} read" + "".join(f", {part}" for part in parts)]
    if chat.changes:
        lines.append("  differs in: " + ", ".join(f"{what} {count}" for what, count in chat.changes.items()))
    if counts.media_sealed or counts.media_missing:
        media = [f"{many(counts.media_sealed, 'file')} sealed"] if counts.media_sealed else []
        if counts.media_missing:
            media.append(f"{counts.media_missing} named by the export but not readable beside it")
        lines.append(f"  media: {', '.join(media)}")
    reason = f" ({chat.reason})" if chat.reason else ""
    if chat.spans:
        spans = ", ".join(
            f"{first}–{last}" if first != last else f"{first}" for first, last in chat.spans[:5]
        )
        more = f" and {len(chat.spans) - 5} more spans" if len(chat.spans) > 5 else ""
        lines.append(f"  covers ids {spans}{more}{reason}")
    elif chat.reason:
        lines.append(f"  covers no range of ids{reason}: nothing is called absent")
    return lines
