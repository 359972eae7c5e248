"""What a check found: where, how bad, and the verdict that follows."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from holdfast.errors import HoldfastError

__all__ = [
    "MAX_FINDINGS",
    "Counts",
    "Finding",
    "Findings",
    "Head",
    "Report",
    "Severity",
    "Verdict",
    "Wound",
    "shown",
]

MAX_FINDINGS = 10_000
"""How many findings a report lists; those beyond are counted."""


class Severity(StrEnum):
    """`alarm`: no run of the program, killed at any moment, can leave this behind.
    `unchecked`: it could not be read, so nothing is said about it. `note`: harmless, worth knowing."""

    ALARM = "alarm"
    UNCHECKED = "unchecked"
    NOTE = "note"


class Verdict(StrEnum):
    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    NOT_CHECKED = "not checked"

    @property
    def exit_code(self) -> int:
        return {Verdict.HOLDS: 0, Verdict.DOES_NOT_HOLD: 4, Verdict.NOT_CHECKED: 5}[self]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One thing that is not as it should be.

    `place`: a file below the checked folder, with `entry N` or `post N` behind it where it is one of many;
    `code`: from a closed list, for programs; `message`: expected and got, never content.
    """

    place: str
    code: str
    message: str
    severity: Severity = Severity.ALARM


class Wound(Exception):
    """Stops the check of one thing; becomes a Finding at the place that was being checked."""

    def __init__(self, code: str, message: str, severity: Severity = Severity.ALARM) -> None:
        super().__init__(message)
        self.code, self.message, self.severity = code, message, severity

    @classmethod
    def of(cls, code: str, error: HoldfastError) -> Wound:
        return cls(code, error.message.removeprefix("keep this copy untouched: "))

    def at(self, place: str) -> Finding:
        return Finding(place, self.code, self.message, self.severity)


class Counts(msgspec.Struct):
    """How much was checked. Units: `artefact_bytes` of content; `withheld` and `erased` in disclosures."""

    entries: int = 0
    posts: int = 0
    disclosures: int = 0
    withheld: int = 0
    erased: int = 0
    bundles: int = 0
    tiles: int = 0
    artefacts: int = 0
    artefact_bytes: int = 0


class Head(msgspec.Struct, frozen=True):
    """The checkpoint that all else was checked against. `root` in hex; `signed_by` labels `name+id`."""

    origin: str
    size: int
    root: str
    signed_by: tuple[str, ...]


class Report(msgspec.Struct, frozen=True):
    """The outcome of a check.

    `subject`: "vault" or "proof". `keys_from`: "reader", or "vault" / "folder" when the keys came with what was
    checked, so that it proves itself only. `sample`: how many entries were looked at, None for all.
    `unlisted`: findings beyond the first MAX_FINDINGS.
    """

    subject: str
    verdict: Verdict
    head: Head | None
    keys_from: str
    counts: Counts
    findings: tuple[Finding, ...]
    unlisted: int = 0
    sample: int | None = None

    @property
    def exit_code(self) -> int:
        return self.verdict.exit_code

    def of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]


class Findings:
    """Collects findings, each once, bounded; alarms are kept before notes."""

    def __init__(self) -> None:
        self._listed: dict[Finding, None] = {}
        self._seen: set[Severity] = set()
        self.unlisted = 0

    def add(self, *found: Finding) -> None:
        for one in found:
            self._seen.add(one.severity)
            if one in self._listed:
                continue
            if len(self._listed) < MAX_FINDINGS:
                self._listed[one] = None
            else:
                self.unlisted += 1

    def alarm(self, place: str, code: str, message: str) -> None:
        self.add(Finding(place, code, message))

    def note(self, place: str, code: str, message: str) -> None:
        self.add(Finding(place, code, message, Severity.NOTE))

    def wound(self, place: str, wound: Wound) -> None:
        self.add(wound.at(place))

    def all(self) -> tuple[Finding, ...]:
        order = list(Severity)
        return tuple(sorted(self._listed, key=lambda one: order.index(one.severity)))

    @property
    def verdict(self) -> Verdict:
        """One alarm is enough against; without one, what could not be read leaves the question open."""
        if Severity.ALARM in self._seen:
            return Verdict.DOES_NOT_HOLD
        return Verdict.NOT_CHECKED if Severity.UNCHECKED in self._seen else Verdict.HOLDS


def shown(name: str) -> str:
    """A file's name as a message may show it: control characters and undecodable bytes escaped."""
    return name if name.isprintable() else ascii(name)
