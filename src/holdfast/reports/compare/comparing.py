"""Groups what several checked reports say of one fact, beside the archive's own readings of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from holdfast.archive import Archive
from holdfast.reports.check.window import falls
from holdfast.reports.checking import CheckedReport
from holdfast.reports.compare.differences import Difference, difference
from holdfast.reports.compare.grouping import group_statements
from holdfast.reports.compare.statements import Statement, statements_of
from holdfast.reports.evidence import Archived, Point, utc
from holdfast.reports.verdict import Pointer

__all__ = ["Comparison", "Group", "Said", "compare_reports", "in_order"]

CURVE_MAX = 24
"""Readings of a group that are shown; of more, those around each report's moment and others evenly between."""
_COUNTERS = {"views": "views", "forwards": "forwards", "comments": "replies", "reactions": "reactions"}


class Said(msgspec.Struct, frozen=True):
    """One report's statement in a group. `report`, `claim`: their numbers from 1. `as_of_lo`, `as_of_hi`: RFC 3339 in UTC, the moments that
    it may speak of, None where nothing says; `stated`: whether the text says when, rather than the report's own moment."""

    report: int
    claim: int
    label: str
    text: str
    exact: str
    as_of_lo: str | None
    as_of_hi: str | None
    stated: bool


class Group(msgspec.Struct, frozen=True):
    """What reports say of one fact, in the order of the moments. `metric`: what is told; `subject`: what of the archive it is told of,
    None where that is not known, and then `name` is the reports' own name for it, None where they have none. `differences`: each statement
    but the first with the one before it that counts the same. `curve`: the archive's readings, in order; `left_out`: how many more lie between them."""

    metric: str
    subject: str | None
    name: str | None
    said: tuple[Said, ...]
    differences: tuple[Difference, ...]
    curve: tuple[Pointer, ...]
    left_out: int = 0


class Comparison(msgspec.Struct, frozen=True):
    """The groups of some reports. `digest` is the same for the same reports in whatever order they were given."""

    groups: tuple[Group, ...]
    digest: str


def in_order(reports: Sequence[CheckedReport]) -> list[CheckedReport]:
    """Reports in the one order that they are laid side by side in, each once: by publication, those without one last."""
    once = {each.digest: each for each in reports}
    return sorted(
        once.values(),
        key=lambda each: (
            each.report.published.lo if each.report.published else "~",
            each.report.identity,
            each.digest,
        ),
    )


def compare_reports(archive: Archive, reports: Sequence[CheckedReport]) -> Comparison:
    """Lay checked reports side by side; their numbers are their places in `reports`. Effects: reads the vault. Errors: IntegrityError."""
    view = Archived(archive)
    statements = [
        each
        for number, report in enumerate(reports, 1)
        for each in statements_of(number, report.text, report.claims, report.report.published)
    ]
    made = [_group(view, each) for each in group_statements(statements)]
    groups = tuple(each for each in made if _says_something(each))
    told = [[each.digest for each in reports], groups]
    return Comparison(groups, hashlib.sha256(msgspec.json.encode(told)).hexdigest())


def _says_something(group: Group) -> bool:
    """One report that says a thing twice, alike, is no comparison."""
    alike = all(each.kind in ("agreement", "same words") for each in group.differences)
    return len({each.report for each in group.said}) > 1 or not alike


def _group(view: Archived, members: Sequence[Statement]) -> Group:
    ordered = sorted(members, key=_order)
    points = _points(view, ordered)
    fell = points is not None and falls(points)
    found = [_difference(ordered, at, fell) for at in range(1, len(ordered))]
    subject = next((each.subject for each in ordered if each.subject is not None), None)
    names = sorted({each.name for each in ordered if each.name is not None})
    curve, left_out = _curve(ordered, points)
    return Group(
        ordered[0].metric,
        subject,
        names[0] if names and subject is None else None,
        tuple(_said(each) for each in ordered),
        tuple(found),
        curve,
        left_out,
    )


def _difference(ordered: Sequence[Statement], at: int, fell: bool) -> Difference:
    """What a statement is to the last one before it that counts the same; to its neighbour where none does."""
    found = []
    for before in range(at - 1, -1, -1):
        told = difference(ordered[before], ordered[at], fell=fell)
        found.append(msgspec.structs.replace(told, first=before, second=at))
        if told.kind not in ("different object", "subset"):
            return found[-1]
    return found[0]


def _order(each: Statement) -> tuple[bool, int, int, int, int]:
    """Earliest first; what says no time comes last."""
    return each.lo is None, each.lo or 0, each.hi or 0, each.report, each.claim


def _said(each: Statement) -> Said:
    return Said(
        each.report,
        each.claim,
        each.checked.verdict.label,
        each.of.text,
        each.of.span.exact,
        None if each.lo is None else utc(each.lo),
        None if each.hi is None else utc(each.hi + 1),
        each.stated,
    )


def _points(view: Archived, ordered: Sequence[Statement]) -> list[Point] | None:
    """Every reading of the counter that a group is about; None for what is no counter, or of nothing known."""
    subject = next((each.subject for each in ordered if each.subject is not None), None)
    if subject is None:
        return None
    channel, _, post = subject.partition("/")
    row = next((row for row, each in view.channels.items() if each.id == channel), None)
    if row is None:
        return None
    if ordered[0].metric == "followers":
        return view.followers(row)
    name = _COUNTERS.get(ordered[0].metric)
    return view.counter(row, int(post), name) if name is not None and post else None


def _curve(ordered: Sequence[Statement], points: list[Point] | None) -> tuple[tuple[Pointer, ...], int]:
    """What the archive saw around the reports' moments; of what is no counter, what the verdicts rest on."""
    if points is None:
        told = {pointer: None for each in ordered for pointer in each.checked.evidence}
        found = sorted(told, key=lambda each: (each.seen_at, each.entry, each.element or 0, each.field))
        return tuple(found[:CURVE_MAX]), max(0, len(found) - CURVE_MAX)
    lows = [each.lo for each in ordered if each.lo is not None]
    highs = [each.hi for each in ordered if each.hi is not None]
    if lows and highs:
        before = [at for at, point in enumerate(points) if point.at <= min(lows)]
        after = [at for at, point in enumerate(points) if point.until >= max(highs)]
        first = before[-1] if before else 0
        last = max(first, after[0]) if after else len(points) - 1
        points = points[first : last + 1]
    kept = _thinned(points, ordered)
    return tuple(point.pointer for point in kept), len(points) - len(kept)


def _thinned(points: list[Point], ordered: Sequence[Statement]) -> list[Point]:
    """At most CURVE_MAX of some readings: the first and last, the nearest on both sides of each moment, and others evenly."""
    if len(points) <= CURVE_MAX:
        return points
    wanted = {0: None, len(points) - 1: None}
    for each in ordered:
        for lo, hi in each.windows:
            before = [at for at, point in enumerate(points) if point.at <= lo]
            after = [at for at, point in enumerate(points) if point.until >= hi]
            wanted |= dict.fromkeys([*before[-1:], *after[:1]])
    chosen = set(list(wanted)[:CURVE_MAX])
    step = len(points) / max(1, CURVE_MAX - len(chosen))
    for number in range(CURVE_MAX - len(chosen)):
        chosen.add(int(number * step))
    return [points[at] for at in sorted(chosen)]
