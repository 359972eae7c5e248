"""`holdfast check`: holds what news reports say against what was captured, and lays several side by side."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from cyclopts import Parameter

from holdfast.answers import check_json, envelope
from holdfast.archive import Archive
from holdfast.cli.call import Call
from holdfast.cli.check_lines import beside_lines, report_lines
from holdfast.cli.output import Output, plain_line
from holdfast.errors import SourceError, UsageError
from holdfast.reports.check import CheckOptions
from holdfast.reports.checking import CheckedReport, Given, TakenIn, check_taken_in, read_report
from holdfast.reports.compare import Comparison, compare_reports, in_order
from holdfast.reports.outputs import (
    claim_reviews,
    report_page,
    reports_page,
    web_annotations,
)
from holdfast.reports.resolve import load_aliases
from holdfast.reports.transcripts import import_transcript
from holdfast.settings import Settings

__all__ = ["run"]

AS_IT_SAYS = "auto"
"""Stands for what the report itself says, where a flag is given once for each report."""


@Parameter(name="*")
@dataclass(frozen=True)
class _Options:
    """Options of every verb, with a --json that can name a file.

    Parameters
    ----------
    vault
        The vault to use: this flag, then $HOLDFAST_VAULT, then the file's `vault`, then ./vault.
    json
        Answer as one line of JSON on stdout; with a file whose name ends in .json, write that line there and show the table.
    log_json
        Log as one JSON object a line on stderr.
    """

    vault: Path | None = None
    json: Annotated[tuple[str, ...] | None, Parameter(negative="", consume_multiple=True)] = None
    log_json: Annotated[bool, Parameter(negative="")] = False


def run(
    *reports: Annotated[str, Parameter(name="REPORTS")],
    published: Annotated[list[str] | None, Parameter(negative="")] = None,
    zone: Annotated[list[str] | None, Parameter(negative="")] = None,
    outlet: Annotated[list[str] | None, Parameter(negative="")] = None,
    url: Annotated[list[str] | None, Parameter(negative="")] = None,
    channel: Annotated[list[str] | None, Parameter(negative="")] = None,
    aliases: Path | None = None,
    transcript: Annotated[list[str] | None, Parameter(negative="")] = None,
    days_apart: int = 7,
    keep: Annotated[bool, Parameter(negative="--no-keep")] = True,
    html: Path | None = None,
    annotations: Path | None = None,
    claimreview: Path | None = None,
    organisation: str | None = None,
    review_url: str | None = None,
    proxy: str | None = None,
    user_agent: str | None = None,
    options: _Options = _Options(),
) -> int:
    """Hold what news reports say against what was captured: supported, contradicted or not checkable, with receipts.

    Each report and its check are sealed in the vault. Several reports are laid side by side too: what they say of the same fact, in order.

    Parameters
    ----------
    reports
        Pages saved as .html, texts in UTF-8, or addresses (https://…), which are fetched and sealed.
    published
        When it was published: 2023-12-29T14:05+03:00, or a day. Goes before what the page says; the hour decides much. Of several reports:
        once for all, or once for each in their order, with auto for what the report itself says. So too --zone and --outlet.
    zone
        The outlet's time zone, such as Europe/Moscow, where its time has none.
    outlet
        Who published it.
    url
        Where it was published, where it is given as a file; once for each report. It is only noted.
    channel
        A channel that the reports are about, where they name none (repeat for more).
    aliases
        A table of other names of channels and people; by default aliases.toml in the vault's folder, if there is one.
    transcript
        CHANNEL/ID=FILE: first seal a transcript (.srt, .vtt, Whisper's .json) beside the recording of a post.
    days_apart
        How far apart captures on both sides of a moment may be, for what can fall or go.
    keep
        Seal reports and checks in the vault.
    html
        Write a page with the marked text and the verdicts.
    annotations
        Write marks and verdicts as Web Annotations (JSON-LD).
    claimreview
        Write the verdicts as schema.org's ClaimReview (JSON-LD); needs --organisation.
    organisation
        Who answers for the ClaimReview.
    review_url
        Where the page of --html will be published; without it each review's address is its place in the ClaimReview file.
    proxy
        Fetch addresses through this proxy, such as socks5h://127.0.0.1:9050 for Tor.
    user_agent
        What the program calls itself: identifying (by default), plain (as an ordinary browser), or a text of yours.
    """
    # It tells of pages that it cannot take apart; so do we, in words that say what to do.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    to_file, named = _json_file(options.json, reports)
    call = Call(options.vault, options.json is not None and to_file is None, options.log_json)
    if days_apart < 0:
        raise UsageError("days cannot be negative", remedy="give --days-apart from 0 on")
    given = _given(named, published, zone, outlet, url)
    if to_file is not None and reports != named and len(set(map(repr, given))) > 1:
        raise UsageError(
            "reports stand after --json", remedy="put --json FILE behind them, so that their order is plain"
        )
    if claimreview is not None:
        claim_reviews(
            [], organisation, review_url
        )  # what is wrong with these is said before anything is sealed
    flags = {"proxy": proxy, "user_agent": user_agent}
    settings = call.settings(flags)
    with call.output() as output, call.archive(output, flags) as archive:
        table = load_aliases(aliases, archive.vault)
        check = CheckOptions(days_apart * 86_400, tuple(archive.channel(each).id for each in channel or ()))
        for each in transcript or ():
            post, equals, file = each.partition("=")
            if not equals or not file:
                raise UsageError(f"{each!r} names no transcript", remedy="write CHANNEL/ID=FILE")
            summary = import_transcript(archive, Path(file), post)
            output.note(f"transcript of {plain_line(summary.post)} sealed in entry {summary.entry}")
        taken = _taken_in(archive, named, given, settings, output, keep=keep)
        found = in_order([check_taken_in(archive, each, table, check, keep=keep) for each in taken])
        comparison = compare_reports(archive, found) if len(found) > 1 else None
        if html is not None:
            page = report_page(found[0]) if comparison is None else reports_page(found, comparison)
            _write(html, page.encode())
        if annotations is not None:
            _write(annotations, _pretty(web_annotations(found)))
        if claimreview is not None:
            _write(claimreview, _pretty(claim_reviews(found, organisation, review_url)))
        answer = _json(found, comparison)
        if to_file is not None:
            _write(to_file, envelope(answer) + b"\n")
        if call.json:
            output.answer(answer)
            return 0
        _show(output, found, comparison)
        if claimreview is not None and review_url is None:
            output.note(
                "ClaimReview: no --review-url was given, so each review's address is its place in that file (#c1, #c2, …)."
            )
        return 0


# -- what is given ------------------------------------------------------------------------------------


def _json_file(
    words: tuple[str, ...] | None, reports: tuple[str, ...]
) -> tuple[Path | None, tuple[str, ...]]:
    """(the file that --json names, the reports). A word behind --json is its file if it ends in .json, which no report does; else it and
    what follows are reports."""
    if words and words[0].lower().endswith(".json"):
        return Path(words[0]), (*reports, *words[1:])
    named = (*reports, *(words or ()))
    if not named:
        raise UsageError("no report is named", remedy="holdfast check REPORT.html, or an address")
    return None, named


def _given(
    reports: Sequence[str],
    published: Sequence[str] | None,
    zone: Sequence[str] | None,
    outlet: Sequence[str] | None,
    url: Sequence[str] | None,
) -> list[Given]:
    """What is given of each report. Errors: UsageError where it is not plain of which."""
    if not reports:
        raise UsageError("no report is named", remedy="holdfast check REPORT.html, or an address")
    if url and len(url) == 1 and len(reports) > 1:
        raise UsageError(
            "one address is given for several reports",
            remedy="give --url once for each, with auto where there is none",
        )
    told = [
        _each("--published", published, len(reports)),
        _each("--zone", zone, len(reports)),
        _each("--outlet", outlet, len(reports)),
        _each("--url", url, len(reports)),
    ]
    found = [Given(*each) for each in zip(*told, strict=True)]
    for each in found:
        each.check()
    return found


def _each(flag: str, values: Sequence[str] | None, count: int) -> list[str | None]:
    found = [None if value == AS_IT_SAYS else value for value in values or (AS_IT_SAYS,)]
    if len(found) == 1:
        return found * count
    if len(found) != count:
        raise UsageError(
            f"{flag} is given {len(found)} times for {count} report{'s' if count > 1 else ''}",
            remedy=f"give {flag} once for all, or once for each report in their order",
        )
    return found


def _taken_in(
    archive: Archive,
    reports: Sequence[str],
    given: Sequence[Given],
    settings: Settings,
    output: Output,
    *,
    keep: bool,
) -> list[TakenIn]:
    """Every report once, in the order that they are laid side by side in. Effects: files read; addresses fetched, and sealed with `keep`."""
    found: dict[str, TakenIn] = {}
    for name, of in zip(reports, given, strict=True):
        if "://" in name[:12]:
            from holdfast.reports.fetching import (
                fetch_report,
            )  # here: files need none of it, and it is slow to load

            taken = fetch_report(archive, name, _policy(settings, name), of, keep=keep)
        else:
            taken = read_report(Path(name), of, archive.clock())
        if taken.report.identity in found:
            output.note(f"{plain_line(taken.told)} is the same report as one before it: it is checked once.")
        found.setdefault(taken.report.identity, taken)
    return sorted(
        found.values(),
        key=lambda each: (each.report.published.lo if each.report.published else "~", each.report.identity),
    )


def _policy(settings: Settings, address: str) -> Any:
    """How the door is to behave: any public host, nothing private but what the settings name as the place of preview pages."""
    from holdfast.cli.watch import policy_of

    policy = policy_of(settings)
    try:
        port = urlsplit(address).port
    except ValueError as error:
        raise UsageError(f"{address[:100]!r} is no address", remedy="give one such as https://…") from error
    hosts = ("*", f"*:{port}") if port else ("*",)
    return msgspec.structs.replace(policy, allowed_hosts=(*policy.allowed_hosts, *hosts))


# -- what is answered ---------------------------------------------------------------------------------


def _write(path: Path, raw: bytes) -> None:
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror}", remedy="name another file") from error


def _pretty(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _json(found: Sequence[CheckedReport], comparison: Comparison | None) -> dict[str, Any]:
    """What `check` answers: of one report its check, of several their checks and what they say side by side."""
    if comparison is None:
        return check_json(found[0])
    return {
        "reports": [check_json(each) for each in found],
        "groups": [msgspec.to_builtins(each) for each in comparison.groups],
        "digest": comparison.digest,
    }


def _show(output: Output, found: Sequence[CheckedReport], comparison: Comparison | None) -> None:
    for number, each in enumerate(found, 1):
        if comparison is not None:
            output.line(f"{'' if number == 1 else chr(10)}Report {number}")
        for line in report_lines(each):
            output.line(line)
    if comparison is not None:
        for line in beside_lines(found, comparison):
            output.line(line)
    _notes(output, found)


def _notes(output: Output, found: Sequence[CheckedReport]) -> None:
    undated = [each.report.name for each in found if each.report.published is None]
    if undated:
        names = f" of {plain_line(', '.join(undated))}" if len(found) > 1 else ""
        output.note(
            f"The publication time{names} is not known: give it with --published. Only claims that need no time were checked."
        )
    for each in found:
        if each.not_used is not None:
            output.note(
                f"The date that {plain_line(each.report.name)} bears, {each.not_used}, lies in the future and was not used."
            )
        if not each.claims:
            output.note(
                f"No claim was read in {plain_line(each.report.name)}: English and Russian are read, and only what says something of posts,"
                " channels or events."
            )
        if each.report_entry is not None:
            checks = ", ".join(map(str, each.check_entries))
            same = ", as before" if each.was_sealed else ""
            output.note(f"Report sealed in entry {each.report_entry}, check in entry {checks}{same}.")
    if found[0].report_entry is None:
        output.note("Nothing was sealed (--no-keep).")
    output.note("A verdict says what was captured by when, never that what was published is true.")
