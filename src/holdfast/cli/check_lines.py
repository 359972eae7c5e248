"""Checked reports as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from holdfast.cli.output import plain_line
from holdfast.reports.checking import CheckedReport
from holdfast.reports.compare import Comparison
from holdfast.reports.outputs import group_rows, rows_of

__all__ = ["beside_lines", "report_lines"]


def report_lines(found: CheckedReport) -> Iterator[str]:
    """A report, its claims with their verdicts, what its names show, what was taken for granted, and the counts."""
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


def beside_lines(found: Sequence[CheckedReport], comparison: Comparison) -> Iterator[str]:
    """What the reports say of the same facts."""
    groups = group_rows(found, comparison)
    yield ""
    yield f"Side by side: {len(groups)} {'fact' if len(groups) == 1 else 'facts'} told more than once"
    for group in groups:
        yield f"{group.letter:>3}  {plain_line(group.heading)}"
        for each in group.said:
            if each.kind is not None:
                against = f" ({each.against})" if each.against else ""
                yield f"       {each.kind}: {plain_line(each.difference or '')}{against}"
            yield f"     report {each.report}, claim {each.mark} ({plain_line(each.outlet)}), {each.when}: {plain_line(each.text)} [{each.label}]"
        for line in group.curve:
            yield f"     captured: {plain_line(line)}"
        if group.more:
            yield f"     {group.more}"
