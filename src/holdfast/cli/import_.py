"""`holdfast import`: takes an export into the vault."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holdfast.cli.call import Call
from holdfast.cli.output import plain, size
from holdfast.errors import IncompleteError
from holdfast.importing import ChatSummary, import_export

__all__ = ["run"]


def run(
    path: Path,
    /,
    *,
    include_private: Annotated[bool, Parameter(negative="")] = False,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Take a Telegram Desktop export into the vault.

    Parameters
    ----------
    path
        The export's folder, its result.json, or its messages.html.
    include_private
        Take groups and private chats too; their authors are sealed apart.
    """
    with call.output() as output, call.archive(output) as archive:
        summary = import_export(archive, path, include_private=include_private)
        output.end_progress()
        incomplete = summary.state != "complete"
        if output.json:
            output.answer(summary)
            return IncompleteError.exit_code if incomplete else 0
        for chat in summary.chats:
            for line in _chat(chat):
                output.line(line)
        for code, count in summary.problems.items():
            first = next((each for each in summary.examples if each.code == code), None)
            where = "" if first is None else _where(first.document, first.offset, first.post)
            what = "" if first is None or not first.detail else f" ({plain(first.detail)})"
            output.line(f"  {count} x {code}{what}{where}")
        first_entry, last_entry = summary.entries
        output.line(
            f"sealed as entries {first_entry}–{last_entry}, {summary.artefacts} files of the export"
            f" ({size(summary.artefact_bytes)}), checkpoint {summary.checkpoint_size}"
        )
        if incomplete:
            output.note(
                "Some records could not be read: they are counted above and in the capture's entry; the files are sealed whole."
            )
        return IncompleteError.exit_code if incomplete else 0


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
        return [f"{name}: {chat.kind}, left out (take it with --include-private)"]
    counts = chat.counts
    parts = [
        f"{counts.read} records read",
        f"{counts.new} new",
        f"{counts.changed} changed",
        f"{counts.unchanged} unchanged",
    ]
    rare = [(label, getattr(counts, label)) for label in ("absent", "skipped", "repeated", "repaired")]
    parts += [f"{value} {label}" for label, value in rare if value]
    lines = [f"{name}: " + ", ".join(parts)]
    if chat.changes:
        lines.append("  differs in: " + ", ".join(f"{what} {count}" for what, count in chat.changes.items()))
    if counts.media_sealed or counts.media_missing:
        lines.append(
            f"  media: {counts.media_sealed} files sealed, {counts.media_missing} not found beside the export"
        )
    if chat.spans:
        spans = ", ".join(f"{first}–{last}" for first, last in chat.spans[:5])
        more = f" and {len(chat.spans) - 5} more spans" if len(chat.spans) > 5 else ""
        lines.append(f"  covers ids {spans}{more}{f' ({chat.reason})' if chat.reason else ''}")
    elif chat.reason:
        lines.append(f"  covers no range of ids ({chat.reason}): nothing is called absent")
    return lines
