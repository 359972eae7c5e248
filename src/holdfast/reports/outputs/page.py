"""A checked report as one page: its text with numbered marks, its verdicts beside it, no scripts, nothing from elsewhere; pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from holdfast.reports.checking import CheckedReport
from holdfast.reports.outputs.rows import Row, rows_of

__all__ = ["report_page"]

_STYLE = (
    "body{font:16px/1.5 serif;margin:2em auto;max-width:70em;padding:0 1em;color:#111;background:#fff}"
    "main{display:grid;grid-template-columns:3fr 2fr;gap:2em}"
    "@media (max-width:50em){main{display:block}}"
    "article{white-space:pre-wrap;overflow-wrap:anywhere}"
    "mark{background:#fff3b0;color:inherit}"
    "sup{font-size:.7em}"
    "ol{padding-left:2em}li{margin-bottom:1em;overflow-wrap:anywhere}"
    ".v{font-weight:bold}.s{color:#444;font-size:.9em}blockquote{margin:.3em 0 .3em 1em}"
    "@media print{main{display:block}mark{background:none;text-decoration:underline}a{color:inherit}}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def report_page(found: CheckedReport) -> str:
    """The page. The report is set anew as plain text: none of its own markup, pictures or addresses comes along as such."""
    report, rows = found.report, rows_of(found.claims)
    title = escape(report.title or report.name)
    facts = [
        ("Outlet", report.outlet),
        ("Address", report.url),
        (
            "Published",
            f"{report.published.lo} to {report.published.hi} ({report.published.source})"
            if report.published
            else "not known",
        ),
        ("SHA-256 of the file", report.artefact),
        ("SHA-256 of the text", report.sha256),
        ("Archive", found.tool.archive),
        ("Check", found.digest),
        ("Sealed", _sealed(found)),
    ]
    head = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    counts = ", ".join(f"{count} {label}" for label, count in found.counts.items())
    findings = "".join(
        f"<li>{escape(each.detail)}: {escape(', '.join(each.names))}</li>" for each in found.findings
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>Checked: {title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1><p>{counts}</p><dl>{head}</dl>"
        f"{f'<h2>Names</h2><ul>{findings}</ul>' if findings else ''}"
        f'<main><article lang="{escape(report.lang)}">{_marked(found.text, found, rows)}</article>'
        f"<ol>{''.join(_item(row) for row in rows)}</ol></main>"
        "<p>A verdict says what was captured and sealed, by when; never that what was published is true.</p>"
        "</body></html>\n"
    )


def _sealed(found: CheckedReport) -> str | None:
    if found.report_entry is None:
        return None
    checks = ", ".join(str(entry) for entry in found.check_entries)
    return f"report in entry {found.report_entry}, check in entry {checks}"


def _marked(text: str, found: CheckedReport, rows: Sequence[Row]) -> str:
    """The text with each claim's words marked, and its number where they end; marks may overlap."""
    spans = [
        (each.claim.span.start, each.claim.span.end, row)
        for each, row in zip(found.claims, rows, strict=True)
    ]
    edges = sorted({0, len(text), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    parts = []
    for start, end in itertools.pairwise(edges):
        piece = escape(text[start:end])
        parts.append(
            f"<mark>{piece}</mark>" if any(lo <= start and end <= hi for lo, hi, _ in spans) else piece
        )
        parts += [
            f'<sup id="m{row.number}"><a href="#c{row.number}" title="{escape(row.label)}">{row.number}</a></sup>'
            for _, hi, row in spans
            if hi == end
        ]
    return "".join(parts)


def _item(row: Row) -> str:
    lines = [f'<span class="v">{escape(row.label)}</span> · {escape(row.kind)} · {escape(row.claim)}']
    told = [("says", row.said_by), ("as of", row.as_of), ("about", row.subject), ("captured", row.seen)]
    told += [("why", row.why), ("would settle it", row.settle)]
    told += [("note", note) for note in row.notes] + [("taken for granted", each) for each in row.assumptions]
    told += [("receipt", each) for each in row.evidence]
    lines += [f'<span class="s">{name}: {escape(value)}</span>' for name, value in told if value]
    quotes = "".join(
        f'<blockquote>{escape(text)}<br><span class="s">{escape(where)}</span></blockquote>'
        for text, where in row.passages
    )
    return f'<li id="c{row.number}"><a href="#m{row.number}">↑</a> {"<br>".join(lines)}{quotes}</li>'
