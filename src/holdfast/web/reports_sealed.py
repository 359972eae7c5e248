"""Reads a check back from the vault: the report, its text and every verdict, as they are sealed."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from holdfast.archive import Archive
from holdfast.errors import FormatError, HoldfastError
from holdfast.reports.checking import CheckedReport, ReportFacts
from holdfast.reports.claim import Tool
from holdfast.reports.resolve.findings import Finding
from holdfast.reports.verdict import Checked
from holdfast.vault.canon import Opened

__all__ = ["SealedCheck", "load_check"]

PARTS_MOST, CLAIMS_MOST = 10_000, 1_000_000
"""Entries and claims of one check: a report of the largest size has fewer."""


Found = TypeVar("Found")


class SealedCheck(msgspec.Struct, frozen=True):
    """A check as its entries hold it. `entry` is the first; `claims` in their order, None where one is withheld or erased; `report`,
    `text`: None where they are. `ts`: when it was sealed; `options`: what it was made with."""

    entry: int
    ts: str
    check_entries: tuple[int, ...]
    digest: str
    report_entry: int
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    tool: Tool
    claims: tuple[Checked | None, ...]
    claim_entries: tuple[int | None, ...]
    report: ReportFacts | None
    text: str | None
    seen_at: str | None
    checkpoint_size: int
    options: dict[str, Any] = {}
    not_used: str | None = None
    was_sealed: bool = True

    @property
    def size(self) -> int:
        """How much of the archive the check looked at: the entries below."""
        digits = (self.tool.archive or "").rpartition("@")[2]
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else self.entry

    @property
    def lacking(self) -> int:
        """How many of its claims are not held."""
        return sum(each is None for each in self.claims)

    def whole(self) -> CheckedReport | None:
        """What the check answered when it was made; None where something of it is not held."""
        held = tuple(each for each in self.claims if each is not None)
        if self.report is None or self.text is None or len(held) != len(self.claims):
            return None
        return CheckedReport(
            self.report, self.text, held, self.counts, self.findings, self.tool, self.digest,
            self.report_entry, self.check_entries, self.was_sealed, self.checkpoint_size, self.not_used,
        )  # fmt: skip


class _Head(msgspec.Struct, frozen=True):
    """The `check` disclosure of each part."""

    part: int
    parts: int
    report: int
    digest: str
    claims: int
    counts: dict[str, int]
    tool: Tool
    findings: tuple[Finding, ...] = ()
    options: dict[str, Any] = {}
    not_used: str | None = None


def load_check(archive: Archive, entry: int) -> SealedCheck | None:
    """The check that begins at an entry; None where none is held there.

    Effects: reads the vault. Errors: IntegrityError if an entry does not open, FormatError if what opens is no check of ours.
    """
    parsed, opened = archive.reader.opened(entry)
    head = _head(opened, entry) if parsed.kind == "check" else None
    if head is None or head.part != 1:
        return None
    if not 1 <= head.parts <= PARTS_MOST or not 0 <= head.claims <= CLAIMS_MOST:
        raise FormatError(
            f"entry {entry} claims to be one of {head.parts} parts of a check of {head.claims} claims"
        )
    claims: dict[int, tuple[int, Checked]] = {}
    entries = tuple(range(entry, entry + head.parts))
    for at in entries:
        _, part = archive.reader.opened(at)
        said = _head(part, at)
        if said is not None and said.digest != head.digest:
            raise FormatError(f"entry {at} is no part of the check in entry {entry}")
        claims.update((number, (at, each)) for number, each in _claims(part, at))
    numbers = range(max([head.claims, *(number + 1 for number in claims)]))
    report, text, seen_at = _report(archive, head.report)
    return SealedCheck(
        entry, parsed.ts, entries, head.digest, head.report, head.counts, head.findings, head.tool,
        tuple(claims[number][1] if number in claims else None for number in numbers),
        tuple(claims[number][0] if number in claims else None for number in numbers),
        report, text, seen_at, archive.reader.checkpoint()[0].checkpoint.size, head.options, head.not_used,
    )  # fmt: skip


def _head(opened: Opened, entry: int) -> _Head | None:
    return _as(_Head, opened.value("check"), entry)


def _claims(opened: Opened, entry: int) -> list[tuple[int, Checked]]:
    found = []
    for each in opened.disclosures:
        word, _, number = (each.name or "").partition(" ")
        if word == "claim" and number.isascii() and number.isdigit() and len(number) < 7:
            checked = _as(Checked, each.value, entry)
            if checked is not None:
                found.append((int(number), checked))
    return found


def _report(archive: Archive, entry: int) -> tuple[ReportFacts | None, str | None, str | None]:
    """The report with its text, and when it was taken in; what is not held of it is None."""
    try:
        parsed, opened = archive.reader.opened(entry)
    except HoldfastError:
        # The verdicts are sealed beside it and still stand; the entry's own page says what is wrong.
        return None, None, None
    if parsed.kind != "report":
        return None, None, None
    text = opened.value("text")
    came = opened.value("capture")
    seen_at = came.get("seen_at") if isinstance(came, dict) else None
    return (
        _as(ReportFacts, opened.value("report"), entry),
        text if isinstance(text, str) else None,
        seen_at if isinstance(seen_at, str) else None,
    )


def _as(kind: type[Found], value: Any, entry: int) -> Found | None:
    if value is None:
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise FormatError(f"what is sealed in entry {entry} is no check of ours") from error
