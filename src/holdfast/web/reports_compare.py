"""Reports side by side: what several say of one fact, in order, over what was captured of it."""

from __future__ import annotations

from typing import Any

import msgspec
from markupsafe import Markup

from holdfast.archive import Archive
from holdfast.catalog import checked
from holdfast.errors import UsageError
from holdfast.reports.checking import CheckedReport
from holdfast.reports.compare import Comparison, Group, compare_reports, in_order
from holdfast.web.desk import Answer, Ask, missing
from holdfast.web.reports_cards import path_of_subject
from holdfast.web.reports_drawing import Told, told_svg
from holdfast.web.reports_lists import title_of
from holdfast.web.reports_sealed import SealedCheck, load_check
from holdfast.web.reports_words import Wording, sentence, wording

__all__ = ["REPORTS_MOST", "compare"]

REPORTS_MOST = 20
DRAWN_MOST = 30


def compare(ask: Ask) -> Answer:
    """The checks whose entries `check` names (repeated), grouped by what they speak of. The order of the addresses does not matter."""
    entries = _entries(ask)
    if len(entries) > REPORTS_MOST:
        raise UsageError(f"more than {REPORTS_MOST} reports", remedy="choose fewer")
    archive = ask.desk.shelf.archive()
    found: dict[int, SealedCheck] = {}
    for each in entries:
        entry = checked.check_at(archive.engine(), each)
        check = load_check(archive, entry) if entry is not None else None
        if check is None:
            return missing(
                "no check of a report is held in that entry", "the page of reports lists the checks"
            )
        found[check.entry] = check
    whole = {each.digest: (each, told) for each in found.values() if (told := each.whole()) is not None}
    wholes = [whole[each.digest] for each in in_order([told for _, told in whole.values()])]
    words = wording(ask.t)
    key = ("reports compared", tuple(each.entry for each, _ in wholes), ask.language)
    comparison, drawn = ask.desk.shelf.kept(
        key, lambda archive: _compared(archive, [whole for _, whole in wholes], words, ask.language)
    )
    data = {
        "reports": [{**_told(each), "number": number} for number, (each, _) in enumerate(wholes, 1)],
        "left_out": [_told(each) for _, each in sorted(found.items()) if each.digest not in whole],
        "groups": [msgspec.to_builtins(each) for each in comparison.groups],
        "digest": comparison.digest,
    }
    known = {each.id for each in ask.desk.shelf.channels()}
    view = {
        "words": words,
        "sentence": sentence,
        "groups": [
            (each, path_of_subject(each.subject, known) if each.subject else None, drawn.get(at))
            for at, each in enumerate(comparison.groups)
        ],
    }
    return Answer("report_compare.html", data, view)


def _entries(ask: Ask) -> list[int]:
    """The entries that are asked for, each once; what is no number is left out."""
    asked = ask.request.query_params.getlist("check")
    numbers = [int(each) for each in asked if each.isascii() and each.isdigit() and len(each) < 19]
    return list(dict.fromkeys(numbers))


def _told(check: SealedCheck) -> dict[str, Any]:
    report = check.report
    published = report.published if report is not None else None
    return {
        "entry": check.entry,
        "headline": title_of(check),
        "outlet": report.outlet if report is not None else None,
        "published": None if published is None else {"lo": published.lo, "hi": published.hi},
        "checked_at": check.ts,
        "counts": check.counts,
    }


def _compared(
    archive: Archive, reports: list[CheckedReport], words: Wording, language: str
) -> tuple[Comparison, dict[int, tuple[Markup, Markup]]]:
    comparison = compare_reports(archive, reports)
    drawn: dict[int, tuple[Markup, Markup]] = {}
    for at, group in enumerate(comparison.groups):
        if len(drawn) < DRAWN_MOST:
            wide, narrow = (
                told_svg(_levels(group, reports), group.curve, words.drawing, language, narrow=narrow)
                for narrow in (False, True)
            )
            if wide:
                drawn[at] = wide, narrow
    return comparison, drawn


def _levels(group: Group, reports: list[CheckedReport]) -> list[Told]:
    """Each statement that has a number and a moment, where they are of one counter."""
    found: list[Told] = []
    if len({(each.channel, each.post, each.field) for each in group.curve}) != 1:
        return found
    for each in group.said:
        quantity = reports[each.report - 1].claims[each.claim - 1].claim.quantity
        if quantity is not None and each.as_of_lo is not None and each.as_of_hi is not None:
            found.append(Told(str(each.report), each.as_of_lo, each.as_of_hi, quantity.lo, quantity.hi))
    return found
