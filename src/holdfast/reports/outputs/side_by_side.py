"""Groups of statements of several reports, in words: who says what when, what the difference is, what was captured; pure."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Sequence

import msgspec

from holdfast.reports.checking import CheckedReport
from holdfast.reports.compare import Comparison, Group, Said
from holdfast.reports.outputs.rows import receipt, subject_words
from holdfast.reports.verdict import Pointer

__all__ = ["SIGNS", "GroupRow", "SaidRow", "group_rows", "name_of"]

SIGNS = {
    "agreement": "=",
    "same words": "≡",
    "growth": "↗",
    "fall": "↘",
    "rounding": "≈",
    "comparator": "±",
    "subset": "⊂",
    "different object": "≠",
    "translation": "⇄",
    "wording": "~",
    "contradiction": "✗",
    "unclear": "?",
}
"""A sign for each difference, beside its word."""


class SaidRow(msgspec.Struct, frozen=True):
    """One statement for readers. `report`: its number from 1; `mark`: the number of its claim there; `when`: as RFC 3339, or that it is
    not known. `kind`, `difference`: what it is to an earlier statement, None for the first; `against`: which one, where that is not the one
    right before it."""

    report: int
    mark: int
    outlet: str
    text: str
    label: str
    when: str
    kind: str | None
    difference: str | None
    against: str | None


class GroupRow(msgspec.Struct, frozen=True):
    """A group for readers. `letter`: A, B, …; `heading`: what is told of what; `curve`: what was captured, a line a reading."""

    letter: str
    heading: str
    said: tuple[SaidRow, ...]
    curve: tuple[str, ...]
    more: str | None


def group_rows(reports: Sequence[CheckedReport], comparison: Comparison) -> list[GroupRow]:
    """The groups of a comparison, in order. `reports` are those that were compared, in their order."""
    return [_row(number, reports, group) for number, group in enumerate(comparison.groups)]


def name_of(report: CheckedReport) -> str:
    """What a report is called beside others: its outlet, else its title, else its file."""
    return report.report.outlet or report.report.title or report.report.name


def _row(number: int, reports: Sequence[CheckedReport], group: Group) -> GroupRow:
    of = subject_words(group.subject) if group.subject else group.name
    heading = f"{group.metric} of {of}" if of else group.metric
    if not of and not group.metric.startswith("people"):
        heading += " (what of is not named)"
    before = {each.second: each for each in group.differences}
    said = []
    for at, each in enumerate(group.said):
        told = before.get(at)
        said.append(
            SaidRow(
                each.report,
                each.claim,
                name_of(reports[each.report - 1]),
                each.text,
                each.label,
                _when(each),
                told.kind if told else None,
                told.detail if told else None,
                _against(group, told.first) if told and told.first != at - 1 else None,
            )
        )
    more = f"and {group.left_out:,} more between them" if group.left_out else None
    return GroupRow(_letter(number), heading, tuple(said), tuple(_runs(group.curve)), more)


def _against(group: Group, place: int) -> str:
    each = group.said[place]
    return f"against report {each.report}, claim {each.claim}"


def _runs(curve: Sequence[Pointer]) -> Iterator[str]:
    """A line for each reading, and one for several in a row that say the same."""
    for _, run in itertools.groupby(
        curve, key=lambda each: (each.channel, each.post, each.field, each.low, each.high, each.value)
    ):
        first, *rest = run
        if not rest:
            yield receipt(first)
            continue
        last = rest[-1]
        yield f"{receipt(first)}; the same {len(rest)} more times, last {last.held_until or last.seen_at} (entry {last.held_by or last.entry})"


def _when(said: Said) -> str:
    if said.as_of_lo is None or said.as_of_hi is None:
        return "at a time that is not known"
    how = "as of" if said.stated else "when it was published,"
    return f"{how} {said.as_of_lo} to {said.as_of_hi}"


def _letter(number: int) -> str:
    """A … Z, AA, AB, …"""
    found = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = string.ascii_uppercase[rest] + found
    return found
