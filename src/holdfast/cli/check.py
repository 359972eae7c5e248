"""`holdfast check`: holds what a news report says against what was captured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from holdfast.cli.call import Call
from holdfast.cli.output import Output, plain_line
from holdfast.errors import SourceError, UsageError
from holdfast.reports.check import CheckOptions
from holdfast.reports.checking import CheckedReport, check_report
from holdfast.reports.outputs import claim_reviews, report_page, rows_of
from holdfast.reports.resolve import load_aliases
from holdfast.reports.transcripts import import_transcript

__all__ = ["run"]


def run(
    report: Path,
    /,
    *,
    published: str | None = None,
    zone: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
    channel: Annotated[list[str] | None, Parameter(negative="")] = None,
    aliases: Path | None = None,
    transcript: Annotated[list[str] | None, Parameter(negative="")] = None,
    days_apart: int = 7,
    keep: Annotated[bool, Parameter(negative="--no-keep")] = True,
    html: Path | None = None,
    claimreview: Path | None = None,
    organisation: str | None = None,
    review_url: str | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Hold what a news report says against what was captured: supported, contradicted or not checkable, with receipts.

    Report and check are sealed in the vault. The report is read from a file: a page that you saved, or plain text.

    Parameters
    ----------
    report
        A page saved as .html, or a text in UTF-8; a date in front of a text is taken for its day.
    published
        When it was published: 2023-12-29T14:05+03:00, or a day. Goes before what the page says; the hour decides much.
    zone
        The outlet's time zone, such as Europe/Moscow, where its time has none.
    outlet
        Who published it.
    url
        Where it was published; nothing is fetched from there.
    channel
        A channel that it is about, where it names none (repeat for more).
    aliases
        A table of other names of channels and people; by default aliases.toml in the vault's folder, if there is one.
    transcript
        CHANNEL/ID=FILE: first seal a transcript (.srt, .vtt, Whisper's .json) beside the recording of a post.
    days_apart
        How far apart captures on both sides of a moment may be, for what can fall or go.
    keep
        Seal report and check in the vault.
    html
        Write a page with the marked text and the verdicts.
    claimreview
        Write the verdicts as schema.org's ClaimReview; needs --organisation and --review-url.
    organisation
        Who answers for the ClaimReview.
    review_url
        Where it will be published.
    """
    with call.output() as output, call.archive(output) as archive:
        if days_apart < 0:
            raise UsageError("days cannot be negative", remedy="give --days-apart from 0 on")
        table = load_aliases(aliases, archive.vault)
        options = CheckOptions(days_apart * 86_400, tuple(archive.channel(each).id for each in channel or ()))
        for each in transcript or ():
            post, equals, file = each.partition("=")
            if not equals or not file:
                raise UsageError(f"{each!r} names no transcript", remedy="write CHANNEL/ID=FILE")
            summary = import_transcript(archive, Path(file), post)
            output.note(f"transcript of {plain_line(summary.post)} sealed in entry {summary.entry}")
        found = check_report(
            archive, report, published=published, zone=zone, outlet=outlet, url=url, aliases=table, options=options, keep=keep
        )  # fmt: skip
        if claimreview is not None:
            reviews = claim_reviews(found, organisation, review_url)
            _write(claimreview, msgspec.json.format(msgspec.json.encode(reviews), indent=2))
        if html is not None:
            _write(html, report_page(found).encode())
        if output.json:
            output.answer(_json(found))
            return 0
        for line in _lines(found):
            output.line(line)
        _notes(output, found)
        return 0


def _write(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror}", remedy="name another file") from error


def _json(found: CheckedReport) -> dict[str, Any]:
    """What `check --json` answers: the claim records, without the report's text."""
    return {
        "report": _all_of(found.report),
        "counts": found.counts,
        "findings": [_all_of(each) for each in found.findings],
        "claims": [msgspec.to_builtins(each) for each in found.claims],
        "tool": _all_of(found.tool),
        "digest": found.digest,
        "report_entry": found.report_entry,
        "check_entries": list(found.check_entries),
        "was_sealed": found.was_sealed,
        "checkpoint_size": found.checkpoint_size,
    }


def _all_of(record: msgspec.Struct) -> dict[str, Any]:
    """Every field of a record, the unknown ones as null."""
    return {name: msgspec.to_builtins(getattr(record, name)) for name in record.__struct_fields__}


def _lines(found: CheckedReport) -> Iterator[str]:
    report = found.report
    when = (
        f"published {report.published.lo} to {report.published.hi}"
        if report.published
        else "publication time not known"
    )
    yield f"{plain_line(report.title or report.name)} ({report.lang}, {when})"
    for row in rows_of(found.claims):
        yield f"{row.number:>3}  {row.label.upper():<14} {row.kind}: {plain_line(row.claim)}"
        as_of = f", as of {row.as_of}" if row.as_of else ""
        about = f", about {plain_line(row.subject)}" if row.subject else ""
        yield f"     said by {plain_line(row.said_by)}{as_of}{about}"
        entries = f"  [{'entry' if len(row.entries) == 1 else 'entries'} {', '.join(map(str, row.entries))}]"
        yield f"     {plain_line(row.seen)}{entries if row.entries else ''}"
        yield f"     {plain_line(row.why)}"
        for text, where in row.passages:
            yield f"     look at: “{plain_line(text)}” ({plain_line(where)})"
        for note in row.notes:
            yield f"     note: {plain_line(note)}"
        if row.settle:
            yield f"     would have settled it: {plain_line(row.settle)}"
    for each in found.findings:
        yield f"names: {each.detail}: {plain_line(', '.join(each.names))}"
    assumed = dict.fromkeys(each.detail for checked in found.claims for each in checked.assumptions)
    for each_assumed in assumed:
        yield f"taken for granted: {plain_line(each_assumed)}"
    yield ", ".join(f"{count} {label}" for label, count in found.counts.items())


def _notes(output: Output, found: CheckedReport) -> None:
    if not found.claims:
        output.note(
            "No claim was read in it: English and Russian are read, and only what says something of posts, channels or events."
        )
    if found.report_entry is None:
        output.note("Nothing was sealed (--no-keep).")
    else:
        checks = ", ".join(map(str, found.check_entries))
        same = ", as before" if found.was_sealed else ""
        output.note(f"Report sealed in entry {found.report_entry}, check in entry {checks}{same}.")
    output.note("A verdict says what was captured by when, never that what was published is true.")
