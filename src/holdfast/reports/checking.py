"""Checks reports against the archive: the text taken in, its claims held against what was captured, all of it sealed.

file -> text -> claims -> verdicts -> a `report` entry and a `check` entry, followed by the tables
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.archive import Archive, Writing
from holdfast.capture.article import place_in
from holdfast.catalog import facts
from holdfast.errors import FormatError, SourceError
from holdfast.importing import close_interrupted
from holdfast.reports.check import Checker, CheckOptions
from holdfast.reports.claim import Claim, Tool
from holdfast.reports.evidence import Archived
from holdfast.reports.extract import extract
from holdfast.reports.intake import Given, ReportFacts, TakenIn, read_report, take_in
from holdfast.reports.keeping import Act, append_flat, seal_act
from holdfast.reports.resolve.aliases import Aliases
from holdfast.reports.resolve.channels import ChannelFinder
from holdfast.reports.resolve.findings import Finding, find_names_apart
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, SUPPORTED, Checked
from holdfast.vault.blobs import Blobs

__all__ = [
    "ADAPTER",
    "CheckedReport",
    "Given",
    "ReportFacts",
    "TakenIn",
    "check_report",
    "check_taken_in",
    "read_report",
    "take_in",
]

CLAIMS_AT_ONCE = 128
"""Claims of one `check` entry; a longer check is sealed in several."""
ADAPTER = "article"


class CheckedReport(msgspec.Struct, frozen=True):
    """A report with the verdicts on its claims. `digest` is the same for the same inputs; `report_entry`, `check_entries`: where both
    are sealed, None and empty if they were not to be kept; `was_sealed`: the same check stood there before; `not_used`: see `TakenIn`."""

    report: ReportFacts
    text: str
    claims: tuple[Checked, ...]
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    tool: Tool
    digest: str
    report_entry: int | None = None
    check_entries: tuple[int, ...] = ()
    was_sealed: bool = False
    checkpoint_size: int | None = None
    not_used: str | None = None


def check_report(
    archive: Archive,
    path: Path,
    *,
    published: str | None = None,
    zone: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
    aliases: Aliases = Aliases(),  # noqa: B008 (frozen)
    options: CheckOptions = CheckOptions(),  # noqa: B008 (frozen)
    keep: bool = True,
) -> CheckedReport:
    """Check the report in a file. What is given here goes before what the file says of itself.

    Effects: reads the vault; with `keep` takes the writer's lock, seals file, report and check, and publishes. Errors: SourceError if the
    file cannot be read as a report, UsageError for a publication time or zone that is none, IntegrityError if evidence does not re-verify.
    """
    taken = read_report(path, Given(published, zone, outlet, url), archive.clock())
    return check_taken_in(archive, taken, aliases, options, keep=keep)


def check_taken_in(
    archive: Archive, taken: TakenIn, aliases: Aliases, options: CheckOptions, *, keep: bool
) -> CheckedReport:
    """Check a report that was taken in. Effects, errors: as of `check_report`."""
    article, report = taken.article, taken.report
    try:
        claims = extract(
            article.text, published=report.published, lang=report.lang, outlet=report.outlet, url=report.url
        )
    except FormatError as error:
        raise SourceError(
            f"{taken.told} cannot be read: {error.message}", remedy="save the text again"
        ) from error
    if taken.not_used is not None:
        claims = [_undated(each) for each in claims]
    view = Archived(archive)
    checker = Checker(view, aliases, options)
    checked = tuple(
        msgspec.structs.replace(each, source_range=_place(taken, each))
        for each in checker.check(article.text, claims, report.published)
    )
    labels = Counter(each.verdict.label for each in checked)
    counts = {label: labels[label] for label in (SUPPORTED, CONTRADICTED, NOT_CHECKABLE)}
    findings = tuple(_findings(article.text, report.lang, view, aliases, options))
    digest = _digest(report, checked, aliases, options, findings)
    found = CheckedReport(
        report, article.text, checked, counts, findings, checker.tool, digest, not_used=taken.not_used
    )
    return _sealed(archive, taken.raw, found, aliases, options) if keep else found


def _place(taken: TakenIn, checked: Checked) -> tuple[int, int] | None:
    """(offset, length) of a claim's words in the report's own bytes; None where they do not stand there in one piece."""
    if taken.is_recoded and not taken.article.is_page:
        return None
    return place_in(taken.raw, taken.article, checked.claim.span.start, checked.claim.span.exact)


def _undated(claim: Claim) -> Claim:
    """A claim without the times that were read against a date that cannot be right."""
    return msgspec.structs.replace(
        claim,
        report=msgspec.structs.replace(claim.report, published=None),
        time=(),
        as_of=None,
        vague=tuple(dict.fromkeys((*claim.vague, *(("undated",) if claim.time else ())))),
    )


def _findings(
    text: str, lang: str, view: Archived, aliases: Aliases, options: CheckOptions
) -> Sequence[Finding]:
    ids = {row: each.id for row, each in view.channels.items()}
    finder = ChannelFinder(text, view.names, ids, aliases, options.channels)
    return find_names_apart(text, lang, [spot.text for spot in finder.spots], aliases.people)


def _digest(
    report: ReportFacts,
    checked: Sequence[Checked],
    aliases: Aliases,
    options: CheckOptions,
    findings: Sequence[Finding],
) -> str:
    told = [report.identity, aliases.digest, options, [*checked], [*findings]]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _sealed(
    archive: Archive, raw: bytes, found: CheckedReport, aliases: Aliases, options: CheckOptions
) -> CheckedReport:
    """Seal a report and its check, each unless the same stands in the vault already. Effects: takes the writer's lock, publishes."""
    report = found.report
    with archive.writing() as writing:
        close_interrupted(archive, writing)
        writing.follower.commit()
        with archive.tables() as engine:
            report_entry = facts.sealed_report(engine, report.sha256, report.identity)
            check_entry = facts.sealed_check(engine, found.digest)
        if report_entry is None:
            report_entry = _seal_report(archive, writing, raw, found)
        entries: tuple[int, ...] = (check_entry,) if check_entry is not None else ()
        if check_entry is None:
            entries = _seal_check(writing, found, report_entry, aliases, options)
        writing.log.publish()
        size = writing.log.published_size
    return msgspec.structs.replace(
        found,
        report_entry=report_entry,
        check_entries=entries,
        was_sealed=check_entry is not None,
        checkpoint_size=size,
    )


def _seal_report(archive: Archive, writing: Writing, raw: bytes, found: CheckedReport) -> int:
    report = found.report
    artefact = Blobs(archive.vault).add(io.BytesIO(raw), compress=True, name=report.name, probe=True)
    act = Act(ADAPTER, writing.log.time_now())
    units = {"report": msgspec.to_builtins(report), "text": found.text}
    return seal_act(
        archive, writing, act, "report", units, [(artefact, report.name, True)], {"path": report.name}
    )


def _seal_check(
    writing: Writing, found: CheckedReport, report_entry: int, aliases: Aliases, options: CheckOptions
) -> tuple[int, ...]:
    parts = [
        found.claims[at : at + CLAIMS_AT_ONCE] for at in range(0, len(found.claims), CLAIMS_AT_ONCE)
    ] or [()]
    records = []
    number = 0
    for part, claims in enumerate(parts, 1):
        units: dict[str, Any] = {
            "check": {
                "part": part,
                "parts": len(parts),
                "report": report_entry,
                "sha256": found.report.sha256,
                "digest": found.digest,
                "claims": len(found.claims),
                "counts": found.counts,
                "tool": msgspec.to_builtins(found.tool),
                "aliases": aliases.digest,
                "options": msgspec.to_builtins(options),
                "findings": msgspec.to_builtins(found.findings),
            }
        }
        for each in claims:
            units[f"claim {number}"] = msgspec.to_builtins(each)
            number += 1
        records.append(units)
    first = append_flat(writing, "check", *records)
    return tuple(range(first, first + len(records)))
