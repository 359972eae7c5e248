"""Reports: what news reports say, held against what was captured; the form, the list, one check, and several side by side."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.answers import channel_json, check_json
from holdfast.archive import Archive
from holdfast.catalog import checked
from holdfast.errors import UsageError
from holdfast.fetch import Policy
from holdfast.reports.check import CheckOptions
from holdfast.reports.checking import check_taken_in, take_in
from holdfast.reports.fetching import fetch_report
from holdfast.reports.resolve import load_aliases
from holdfast.web import take_in as jobs
from holdfast.web.desk import Answer, Ask, Desk, missing
from holdfast.web.reports_cards import CARDS_SHOWN, TEXT_SHOWN, cards_of, pieces_of
from holdfast.web.reports_form import Submitted, receive_report
from holdfast.web.reports_lists import lately, others_of, title_of
from holdfast.web.reports_sealed import load_check
from holdfast.web.reports_words import sentence, wording
from holdfast.web.text import safe_address
from holdfast.web.uploading import forget
from holdfast.web.work import Stage

__all__ = ["check", "job", "report", "reports"]

SHOWN = 20
BUSY = "too much is waiting already"


def reports(ask: Ask) -> Answer:
    """The checks of reports, newest first, below the entry `before`; and the form to check another."""
    before = ask.number("before", 0) if ask.query.get("before") else None
    rows = lately(ask, SHOWN + 1, before)
    data = {
        "reports": rows[:SHOWN],
        "next_before": rows[SHOWN - 1]["entry"] if len(rows) > SHOWN else None,
        "can_fetch": _policy(ask.desk) is not None,
    }
    channels = [channel_json(row) for row in ask.desk.shelf.channels()]
    return Answer("reports.html", data, {"channels": channels, "words": wording(ask.t)})


def report(ask: Ask) -> Answer:
    """One check of a report as it is sealed, the report's text beside it. `from`: the claim that the page begins with."""
    asked = int(ask.path["entry"])
    shelf = ask.desk.shelf
    archive = shelf.archive()
    entry = checked.check_at(archive.engine(), asked) if asked < 2**63 else None
    found = load_check(archive, entry) if entry is not None else None
    if found is None:
        return missing(
            "no check of a report is held in that entry", "the page of reports lists the checks; what was erased is in none"
        )  # fmt: skip
    first = ask.number("from", 1, least=1, most=max(1, len(found.claims)))
    words = wording(ask.t)
    data = {
        **check_json(found),
        "entry": found.entry,
        "checked_at": found.ts,
        "taken_in_at": found.seen_at,
        "headline": title_of(found),
        "text": found.text,
        "not_held": found.lacking,
        "signed": found.check_entries[-1] < found.checkpoint_size,
        "other_checks": others_of(ask, found),
    }
    view = {
        "check": found,
        "words": words,
        "sentence": sentence,
        "pieces": None if found.text is None else list(pieces_of(found.text, found.claims)),
        "cards": cards_of(ask, found, first, words),
        "is_cut": len(found.text or "") > TEXT_SHOWN,
        "first": first,
        "step": CARDS_SHOWN,
        "href": safe_address(found.report.url) if found.report and found.report.url else None,
    }
    return Answer("report.html", data, view)


def job(ask: Ask) -> Answer:
    """One job; a check of a report has a page of its own kind, which leads on to the report."""
    answer = jobs.job(ask)
    return answer if answer.data.get("kind") != "check" else Answer("report_job.html", answer.data)


# -- what changes something ---------------------------------------------------------------------------


async def check(desk: Desk, request: Request) -> Response:
    """Take a report and hold it against the archive. Effects: a job, which seals the report and its check."""
    root = Path(tempfile.mkdtemp(prefix="holdfast-report-", dir=desk.uploads))
    try:
        submitted = await receive_report(request, root, desk.limits)
    finally:
        await anyio.to_thread.run_sync(forget, root)
    policy = _policy(desk)
    if submitted.raw is None and policy is None:
        raise UsageError("this server asks nobody on the web", remedy="save the page, and choose its file")
    found = desk.worker.check(submitted.name, partial(_checked, submitted, policy))
    if found is None:
        raise UsageError(BUSY, remedy="wait until something has ended")
    return RedirectResponse(f"/job/{found.id}", 303)


def _policy(desk: Desk) -> Policy | None:
    """Whom a report may be fetched from: every public host, at the usual ports; None where this server asks nobody."""
    policy = desk.worker.policy
    if policy is None:
        return None
    return msgspec.structs.replace(policy, allowed_hosts=("*", *policy.allowed_hosts))


def _checked(submitted: Submitted, policy: Policy | None, archive: Archive, stage: Stage) -> dict[str, Any]:
    """What the job answers: where report and check are sealed, and the counts."""
    aliases = load_aliases(None, archive.vault)
    options = CheckOptions(channels=tuple(archive.channel(each).id for each in submitted.channels))
    if submitted.raw is None:
        assert policy is not None  # asked for before the job began
        stage("fetching")
        taken = fetch_report(archive, submitted.name, policy, submitted.given, keep=True)
    else:
        stage("reading")
        taken = take_in(submitted.raw, submitted.name, submitted.name, submitted.given, archive.clock())
    stage("checking")
    found = check_taken_in(archive, taken, aliases, options, keep=True)
    return {
        "entry": found.check_entries[0],
        "report_entry": found.report_entry,
        "claims": len(found.claims),
        "counts": found.counts,
        "was_sealed": found.was_sealed,
    }
