"""Checks reports against the archive: the text taken in, its claims held against what was captured, all of it sealed.

file -> text -> claims -> verdicts -> a `report` entry and a `check` entry, followed by the tables
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.archive import Archive, Writing
from holdfast.capture.article import ARTICLE_MAX_BYTES, Article, parse_article, place_in
from holdfast.capture.telegram_web.charset import as_utf8
from holdfast.catalog import facts
from holdfast.errors import FormatError, SourceError, UsageError
from holdfast.importing import close_interrupted
from holdfast.reports.check import Checker, CheckOptions
from holdfast.reports.claim import Claim, PublishedAt, Tool
from holdfast.reports.evidence import Archived, unix
from holdfast.reports.extract import extract, parse_published, read_language
from holdfast.reports.extract.plain import read_plain
from holdfast.reports.extract.reading import find_dateline
from holdfast.reports.keeping import Act, append_flat, seal_act
from holdfast.reports.resolve.aliases import Aliases
from holdfast.reports.resolve.channels import ChannelFinder
from holdfast.reports.resolve.findings import Finding, find_names_apart
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, SUPPORTED, Checked
from holdfast.vault.blobs import Blobs

__all__ = [
    "ADAPTER",
    "TEXT_MAX",
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
TEXT_MAX = 200_000
"""Characters of a report's text; the longest that newspapers print have half as many."""
WORD_MAX = 5_000
"""Characters without a space between them; no text that people read has so many."""
NESTED_MAX = 5_000
"""Elements inside one another; real pages have some dozens."""
_TAG = re.compile(rb"<(/?)([a-zA-Z][^\s/>]{0,40})")
_FLAT = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd tr td th option thead tbody tfoot".split()
)
"""Elements that hold nothing, or that end where the next one begins."""
AHEAD_S = 26 * 3600
"""How far a date may lie ahead of this machine's clock: somewhere it is tomorrow already."""


class Given(msgspec.Struct, frozen=True):
    """What a user says of a report; it goes before what the report says of itself."""

    published: str | None = None
    zone: str | None = None
    outlet: str | None = None
    url: str | None = None

    def check(self) -> None:
        """Errors: UsageError for a publication time or zone that is none."""
        if self.published is None and self.zone is None:
            return
        try:
            parse_published(self.published or "2000-01-01", source="given", zone=self.zone)
        except FormatError as error:
            raise UsageError(
                error.message, remedy="write 2023-12-29T14:05+03:00, or a day with --zone"
            ) from error


class ReportFacts(msgspec.Struct, frozen=True):
    """A report as it was taken in. `sha256` is of the text's UTF-8 bytes, `artefact` of the file's; `identity` stands for
    all of it. Everything but these is what the file or the user says."""

    sha256: str
    artefact: str
    identity: str
    name: str
    lang: str
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: PublishedAt | None = None


class TakenIn(msgspec.Struct, frozen=True):
    """A report before its check. `raw`: the bytes that are sealed; `not_used`: the time of publication that it claims, where that lies in
    the future and so cannot be right; `told`: what people call it in messages."""

    raw: bytes
    article: Article
    report: ReportFacts
    told: str
    not_used: str | None = None
    is_recoded: bool = False
    """Whether the text was read in another encoding than `raw` is in."""


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


def read_report(path: Path, given: Given, now: int) -> TakenIn:
    """The report in a file. Errors: SourceError, UsageError. Effects: reads the file."""
    given.check()
    try:
        with open(path, "rb") as handle:
            raw = handle.read(ARTICLE_MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    return take_in(raw, path.name, str(path), given, now)


def take_in(
    raw: bytes, name: str, told: str, given: Given, now: int, content_type: str | None = None
) -> TakenIn:
    """A report from its bytes. `name`: of the file; `content_type`: what a server said that they are. Units: `now` in unix seconds.

    Errors: SourceError if it is no report, UsageError if what is given cannot be.
    """
    given.check()
    readable, problem = as_utf8(raw, content_type)
    is_recoded = problem == "charset"
    if _depth(readable) > NESTED_MAX:
        raise SourceError(
            f"{told} is no report: its markup is nested more than {NESTED_MAX:,} deep",
            remedy="save the text of the report as a .txt file, and check that",
        )
    try:
        article = parse_article(readable if is_recoded else raw, name)
    except FormatError as error:
        raise SourceError(
            f"{told} is no report: {error.message}", remedy="give a page saved as .html, or a text in UTF-8"
        ) from error
    _check_size(article.text, told)
    lang = read_language(article.text)
    when = _published(article, lang, given)
    not_used = None
    if when is not None and unix(when.lo) > now + AHEAD_S:
        if when.source == "given":
            raise UsageError(
                f"the publication time that was given, {when.lo}, lies in the future",
                remedy="give the time at which the report was published with --published",
            )
        not_used = when.lo
        when = None
    outlet, url = given.outlet or article.outlet, given.url or article.url
    facts_of = _facts(raw, name, article, lang, when, outlet, url)
    return TakenIn(raw, article, facts_of, told, not_used, is_recoded)


def _check_size(text: str, told: str) -> None:
    """Errors: SourceError for a text that nobody wrote as a report, and that would take minutes to read."""
    if len(text) > TEXT_MAX:
        raise SourceError(
            f"{told} is no report: its text is longer than {TEXT_MAX:,} characters",
            remedy="cut out the article that you mean, and check that",
        )
    if max(map(len, text.split())) > WORD_MAX:
        raise SourceError(
            f"{told} is no report: it has more than {WORD_MAX:,} characters without a space",
            remedy="cut out the article that you mean, and check that",
        )


def _depth(page: bytes) -> int:
    """How deep markup is nested at most, roughly. What takes a page apart takes ever longer the deeper it is."""
    depth = deepest = 0
    for tag in _TAG.finditer(page):
        if tag[2].lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


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


def _published(article: Article, lang: str, given: Given) -> PublishedAt | None:
    """When the report was published: as the user says, else as the page does, else as a line at its beginning does."""
    if given.published is not None:
        return parse_published(given.published, source="given", zone=given.zone)
    if article.published is None:
        line = find_dateline(read_plain(article.text), lang)
        return (
            parse_published(line.lo[:10], source=line.source, zone=given.zone) if line is not None else None
        )
    try:
        return parse_published(article.published, source=article.published_source or "meta", zone=given.zone)
    except FormatError:
        return None  # a page may claim any date; one that the calendar lacks is none


def _facts(
    raw: bytes,
    name: str,
    article: Article,
    lang: str,
    published: PublishedAt | None,
    outlet: str | None,
    url: str | None,
) -> ReportFacts:
    text = hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()
    artefact = hashlib.sha256(raw).hexdigest()
    told = [text, artefact, lang, article.title, outlet, url, msgspec.to_builtins(published)]
    identity = hashlib.sha256(msgspec.json.encode(told)).hexdigest()
    return ReportFacts(text, artefact, identity, name, lang, article.title, outlet, url, published)


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
