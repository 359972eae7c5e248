"""Checked reports as one page: their text with numbered marks, a card for each verdict beside it, no scripts, nothing from elsewhere; pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import datetime
from html import escape

from holdfast.reports.checking import CheckedReport
from holdfast.reports.compare import DIFFERENCES, Comparison
from holdfast.reports.outputs.rows import Row, rows_of, subject_words
from holdfast.reports.outputs.side_by_side import SIGNS, GroupRow, group_rows, name_of
from holdfast.reports.outputs.style import STYLE
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, SUPPORTED

__all__ = ["report_page", "reports_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_LOOK = {SUPPORTED: ("yes", "✓"), CONTRADICTED: ("no", "✗"), NOT_CHECKABLE: ("open", "?")}
"""Class and sign of each verdict: colour is never alone."""
_MEANING = {
    SUPPORTED: "What was captured agrees, however the words are read. It says nothing of whether what the channel published is true.",
    CONTRADICTED: "What was captured excludes it, however the words are read.",
    NOT_CHECKABLE: "What was captured can neither confirm nor exclude it. The card says why, and what would have settled it. This is no mark against the report.",
}
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_WINDOW = re.compile(rf"({_STAMP.pattern}) to ({_STAMP.pattern})")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Signs that turn the direction of what follows: a text could show its marks where they are not."""


def report_page(found: CheckedReport) -> str:
    """The page of one report. It is set anew as plain text: none of its own markup, pictures or addresses comes along as such."""
    title = found.report.title or found.report.name
    return _page(title, f"{_how()}{_report(found, '')}")


def reports_page(reports: Sequence[CheckedReport], comparison: Comparison) -> str:
    """The page of several reports, one after the other, and of what they say of the same facts. Marks and cards of the nth report have
    ids that begin with "rn"."""
    groups = group_rows(reports, comparison)
    listed = "".join(
        f'<li><a href="#r{number}">{_t(name_of(each))}</a>: {_counts(each)}</li>'
        for number, each in enumerate(reports, 1)
    )
    head = (
        f"{_how()}<ol>{listed}</ol>"
        f'<p><a href="#beside">Side by side</a>: {len(groups)} {"fact" if len(groups) == 1 else "facts"} told more than once</p>'
    )
    parts = "".join(
        f'<section id="r{number}"><p class="soft">Report {number}</p>{_report(each, f"r{number}")}</section>'
        for number, each in enumerate(reports, 1)
    )
    return _page(f"{len(reports)} reports", f"<h1>{len(reports)} reports</h1>{head}{parts}{_beside(groups)}")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>Checked: {_t(title)}</title>'
        f"<style>{STYLE}</style></head><body>{body}"
        '<footer class="soft">A verdict says what was captured and sealed, by when; never that what was published is true. '
        "Anybody with a copy of the archive can look up each entry again: <code>holdfast verify</code> checks that nothing was altered since."
        "</footer></body></html>\n"
    )


def _how() -> str:
    """What somebody has to know who never heard of the program."""
    verdicts = "".join(
        f'<dt><span class="tag {look}"><span class="sign">{sign}</span> <span class="word">{label}</span></span></dt><dd>{_MEANING[label]}</dd>'
        for label, (look, sign) in _LOOK.items()
    )
    return (
        '<section class="how"><h2>How to read this</h2><p>A computer program read the report, listed what it says of channels and posts, and '
        "compared each claim with an archive that had been watching those channels. The numbers in the text lead to the cards beside it. "
        f"No model and no editor decided: the rules are fixed, and each card names the rule.</p><dl>{verdicts}</dl>"
        '<p class="soft">An <em>entry</em> is a numbered, sealed record of the archive that can be shown and checked. Times are in UTC. A number '
        "such as 26,350–26,799 means that the source showed a rounded figure, and the true one lies between. Claims about what happened outside the "
        "channels are listed, never judged.</p></section>"
    )


def _report(found: CheckedReport, prefix: str) -> str:
    """One report: what is known of it, then its text and cards, a row for each of its paragraphs."""
    report, rows = found.report, rows_of(found.claims)
    published = report.published
    facts = [
        ("Outlet", report.outlet),
        ("Address", report.url),
        ("Published", _span(published.lo, published.hi, published.source) if published else None),
        (
            "Published",
            None if published else "not known: only claims that need no time could be checked",
        ),
        ("Not used", found.not_used and f"the date {found.not_used}, which lies in the future"),
        ("Names", "; ".join(f"{each.detail}: {', '.join(each.names)}" for each in found.findings)),
        ("Archive", found.tool.archive),
        ("Sealed", _sealed(found)),
        ("SHA-256 of the file", report.artefact),
        ("SHA-256 of the text", report.sha256),
        ("Check", f"{found.digest}, rules {found.tool.rules[:16]}, version {found.tool.version}"),
    ]
    head = "".join(f"<dt>{name}</dt><dd>{_t(value)}</dd>" for name, value in facts if value)
    title = f"<h{2 if prefix else 1}>{_t(report.title or report.name)}</h{2 if prefix else 1}>"
    counts = "".join(
        f'<li class="{_LOOK[label][0]}"><span class="sign">{_LOOK[label][1]}</span> {count} <span class="word">{label}</span></li>'
        for label, count in found.counts.items()
    )
    parts = "".join(_part(found, rows, start, end, prefix) for start, end in _paragraphs(found.text))
    nothing = "" if rows else "<p>No claim was read in this text.</p>"
    return f'{title}<ul class="sum">{counts}</ul>{nothing}{parts}<h3>About this check</h3><dl class="facts">{head}</dl>'


def _counts(found: CheckedReport) -> str:
    return ", ".join(f"{count} {label}" for label, count in found.counts.items())


def _sealed(found: CheckedReport) -> str | None:
    if found.report_entry is None:
        return "no: the check was made without keeping it"
    checks = ", ".join(str(entry) for entry in found.check_entries)
    return f"report in entry {found.report_entry}, check in entry {checks}"


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """From where to where each paragraph goes, its line feeds left out; none that are empty."""
    return [(each.start(), each.end()) for each in re.finditer(r"[^\n]+", text) if each[0].strip()] or [
        (0, len(text))
    ]


def _part(found: CheckedReport, rows: Sequence[Row], start: int, end: int, prefix: str) -> str:
    """A paragraph with its marks, and the cards of the claims that end in it."""
    spans = [
        (each.claim.span.start, each.claim.span.end, row)
        for each, row in zip(found.claims, rows, strict=True)
        if each.claim.span.start < end and each.claim.span.end > start
    ]
    inner = {at for lo, hi, _ in spans for at in (lo, hi) if start < at < end}
    parts = []
    for low, high in itertools.pairwise(sorted({start, end, *inner})):
        piece = _t(found.text[low:high])
        over = {row.label for lo, hi, row in spans if lo <= low and high <= hi}
        label = next((each for each in (CONTRADICTED, SUPPORTED, NOT_CHECKABLE) if each in over), None)
        parts.append(f'<mark class="{_LOOK[label][0]}">{piece}</mark>' if label else piece)
        parts += [_number(row, prefix) for _, hi, row in spans if hi == high]
    cards = "".join(_card(row, prefix) for _, hi, row in spans if start < hi <= end)
    # The text may have its own language and direction; the page around it is English.
    return (
        f'<div class="part"><p class="text" dir="auto" lang="{escape(found.report.lang)}">{"".join(parts)}</p>'
        f'<ol class="cards">{cards}</ol></div>'
    )


def _number(row: Row, prefix: str) -> str:
    return (
        f'<sup id="{prefix}m{row.number}" class="{_LOOK[row.label][0]}" dir="ltr">'
        f'<a href="#{prefix}c{row.number}" title="{row.label}">{row.number}</a></sup>'
    )


def _card(row: Row, prefix: str) -> str:
    look, sign = _LOOK[row.label]
    told = [
        ("Said by", row.said_by),
        ("As of", row.as_of),
        ("About", row.subject and subject_words(row.subject)),
        ("Captured", row.seen),
        ("Why", row.why),
        ("Would settle it", row.settle),
        *(("Note", each) for each in row.notes),
        *(("Assumed", each) for each in row.assumptions),
    ]
    lines = "".join(f"<dt>{name}</dt><dd>{_t(value)}</dd>" for name, value in told if value)
    quotes = "".join(
        f'<blockquote dir="auto">{_t(text)}<br><span class="soft">{_t(where)}</span></blockquote>'
        for text, where in row.passages
    )
    receipts = "".join(f"<li>{_t(each)}</li>" for each in row.evidence)
    return (
        f'<li id="{prefix}c{row.number}" class="card {look}"><div class="top"><a class="num" href="#{prefix}m{row.number}">{row.number}</a>'
        f'<span class="tag {look}"><span class="sign">{sign}</span> <span class="word">{row.label}</span></span>'
        f'<span class="soft">{_t(row.kind)}</span></div><p class="claim" dir="auto">{_t(row.claim)}</p><dl>{lines}</dl>{quotes}'
        + (f'<ul class="receipts">{receipts}</ul>' if receipts else "")
        + "</li>"
    )


def _beside(groups: Sequence[GroupRow]) -> str:
    """A table for each fact that is told more than once."""
    if not groups:
        return '<section id="beside"><h2>Side by side</h2><p>No fact was found that more than one report tells.</p></section>'
    kinds = dict.fromkeys(each.kind for group in groups for each in group.said if each.kind is not None)
    words = "".join(f"<dt>{SIGNS[kind]} {kind}</dt><dd>{DIFFERENCES[kind]}</dd>" for kind in kinds)
    tables = []
    for group in groups:
        lines = []
        for each in group.said:
            if each.kind is not None:
                look = ' class="told no"' if each.kind == "contradiction" else ' class="told"'
                lines.append(
                    f'<tr{look}><td colspan="4"><span class="sign">{SIGNS[each.kind]}</span> <span class="word">{each.kind}</span>: '
                    f"{_t(each.difference or '')}{f' ({each.against})' if each.against else ''}</td></tr>"
                )
            look, sign = _LOOK[each.label]
            lines.append(
                f'<tr><td>{each.report}. {_t(each.outlet)}</td><td>{_t(each.when)}</td><td><a href="#r{each.report}c{each.mark}">{_t(each.text)}</a></td>'
                f'<td class="{look}"><span class="sign">{sign}</span> {each.label}</td></tr>'
            )
        curve = "".join(
            f"<li>{_t(each)}</li>" for each in (*group.curve, *((group.more,) if group.more else ()))
        )
        seen = (
            f'<p class="soft">What was captured:</p><ul class="receipts">{curve}</ul>'
            if curve
            else '<p class="soft">Nothing was captured of it.</p>'
        )
        tables.append(
            f'<h3>{group.letter}. {_t(group.heading)}</h3><table class="beside"><thead><tr><th>Report</th><th>When</th><th>Says</th>'
            f"<th>Verdict</th></tr></thead><tbody>{''.join(lines)}</tbody></table>{seen}"
        )
    return (
        f'<section id="beside"><h2>Side by side</h2><dl class="facts">{words}</dl>{"".join(tables)}</section>'
    )


def _t(text: str) -> str:
    """Text for people: escaped, times as people write them, without signs that turn its direction."""
    text = _WINDOW.sub(lambda found: _window(found[1], found[2]), text.translate(_TURNING))
    return escape(_STAMP.sub(lambda found: _moment(found[0]), text))


def _window(lo: str, hi: str) -> str:
    """ "29 Dec 2023, 11:05 to 11:06 UTC"; the day twice only where there are two."""
    first, last = _moment(lo), _moment(hi)
    return (
        f"{first.removesuffix(' UTC')} to {last.partition(', ')[2]}"
        if lo[:10] == hi[:10]
        else f"{first} to {last}"
    )


def _moment(stamp: str) -> str:
    """ "29 Dec 2023, 11:05 UTC"; seconds only where there are some."""
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {clock} UTC"


def _span(lo: str, hi: str, source: str) -> str:
    how = {"given": "as given", "dateline": "as its first line says"}.get(
        source, f"as the page says ({source})"
    )
    return f"{lo} to {hi}, {how}"
