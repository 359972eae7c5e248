"""Gathers the readings of one claim and concludes by the rule of all readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from holdfast.reports.claim import Claim, PublishedAt, SubjectCandidate, TimeReading, ZonedSpan
from holdfast.reports.evidence import Archived, unix
from holdfast.reports.extract.calendar import iso, local_zone
from holdfast.reports.resolve.channels import ChannelFinder
from holdfast.reports.verdict import (
    CONTRADICTED,
    FALSE,
    NOT_CHECKABLE,
    REASONS,
    SUPPORTED,
    TRUE,
    UNKNOWN,
    Assumption,
    Checked,
    Passage,
    Pointer,
    ReadingResult,
    Verdict,
)

__all__ = ["SURE", "Context", "Outcome", "TimeSlot", "time_slots", "windows_of"]

SURE = 95
"""From this score on a subject is the one that is named; below, nothing is contradicted by it."""
_TIERS = ("exact point", "bracketed", "bound only", "fuzzy name", "fuzzy quote")


class Context(msgspec.Struct, frozen=True):
    """All that the claims of one report are held against."""

    text: str
    view: Archived
    finder: ChannelFinder
    claims: tuple[Claim, ...]
    groups: dict[str, int]
    published: PublishedAt | None
    apart_s: int

    def group(self, claim: Claim) -> list[Claim]:
        """The other claims that speak of the same post."""
        number = self.groups.get(claim.id)
        return [each for each in self.claims if each.id != claim.id and self.groups.get(each.id) == number]

    def slots(self, claim: Claim) -> list[TimeSlot]:
        """Every reading of a claim's time, in the zone of its channel's readers as well where the user's table knows it."""
        channel = next((each.id for each in self.finder.of(claim)), None) if self.finder.zones else None
        return time_slots(claim, self.finder.zones.get(channel or ""))

    def row(self, channel: str) -> int:
        return next(row for row, known in self.finder.ids.items() if known == channel)


class TimeSlot(msgspec.Struct, frozen=True):
    """One reading of a time. Units: unix seconds; `wide` is the lenient one."""

    choice: tuple[tuple[str, str], ...]
    lo: int
    hi: int
    wide_lo: int
    wide_hi: int


def time_slots(claim: Claim, zone: str | None = None) -> list[TimeSlot]:
    """Every reading of when a claim says that it happened, in every zone that may be meant; `zone`: that of the channel's readers."""
    found = []
    for reading in claim.time:
        zones: Sequence[ZonedSpan | TimeReading] = reading.zones or (reading,)
        # A text that names its zone leaves no other.
        if zone is not None and len(zones) > 1 and all(each.zone != zone for each in zones):
            zones = [*zones, _in_zone(zones[0], zone)]
        for each in zones:
            choice = (("time", f"{reading.why} {reading.lo[:10]}"), ("zone", each.zone))
            found.append(
                TimeSlot(choice, unix(each.lo), unix(each.hi), unix(each.wide_lo), unix(each.wide_hi))
            )
    return found


def _in_zone(span: ZonedSpan | TimeReading, zone: str) -> ZonedSpan:
    """The same time of the clock in another zone."""
    own, other = local_zone(span.zone), local_zone(zone)

    def moved(at: str) -> str:
        return iso(datetime.fromisoformat(at).astimezone(own).replace(tzinfo=other))

    return ZonedSpan(zone, moved(span.lo), moved(span.hi), moved(span.wide_lo), moved(span.wide_hi))


def windows_of(claim: Claim, published: PublishedAt | None, *, both: bool = False) -> list[TimeSlot]:
    """Every reading of the time as of which a number is claimed; none where nobody says it. The last moment is inside.

    `both`: a stated time may be that of something else, so that the report's own moment is a reading as well.
    """
    window = claim.as_of
    found = []
    if window is not None and window.basis == "stated":
        for reading in window.readings:
            for zone in reading.zones or (reading,):
                choice = (("as of", f"{reading.why} {reading.lo[:10]}"), ("zone", zone.zone))
                lo, hi = unix(zone.lo), unix(zone.hi) - 1
                if published is not None:
                    hi = max(lo, min(hi, unix(published.hi) - 1))
                found.append(TimeSlot(choice, lo, hi, lo, hi))
        if found and both and published is not None:
            lo, hi = unix(published.lo), unix(published.hi) - 1
            found.append(TimeSlot((("as of", "the report's own moment"),), lo, hi, lo, hi))
        if found:
            return found
    lo_hi = (window.lo, window.hi) if window is not None and window.lo and window.hi else None
    if lo_hi is None and published is not None:
        lo_hi = (published.lo, published.hi)
    if lo_hi is None:
        return []
    lo, hi = unix(lo_hi[0]), unix(lo_hi[1]) - 1
    return [TimeSlot((), lo, max(lo, hi), lo, max(lo, hi))]


class Outcome:
    """What is found out about one claim. `unknown` keeps the reason of each reading that decided nothing."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.readings: list[ReadingResult] = []
        self.evidence: list[Pointer] = []
        self.subject: list[SubjectCandidate] = []
        self.passages: list[Passage] = []
        self.leads: list[Pointer] = []
        self.assumptions: list[Assumption] = [
            Assumption(each.code, each.detail) for each in claim.assumptions
        ]
        self.notes: list[str] = []
        self.unknown: list[str] = []
        self.strengths: set[str] = set()
        self.detail = ""
        self.settle: str | None = None

    def point_at(self, *pointers: Pointer | None) -> tuple[int, ...]:
        """The places of pointers in the list of evidence, each once. Effects: adds those that are new."""
        places = []
        for each in pointers:
            if each is None:
                continue
            if each not in self.evidence:
                self.evidence.append(each)
            place = self.evidence.index(each)
            if place not in places:
                places.append(place)
        return tuple(places)

    def read(
        self,
        result: str,
        choice: Sequence[tuple[str, str]],
        evidence: Sequence[Pointer | None] = (),
        *,
        reason: str = "no capture in window",
        strength: str | None = None,
    ) -> None:
        """Note one reading."""
        self.readings.append(ReadingResult(result, tuple(choice), self.point_at(*evidence)))
        if result == UNKNOWN:
            self.unknown.append(reason)
        elif strength is not None:
            self.strengths.add(strength)

    def assume(self, code: str, detail: str) -> None:
        if not any(each.code == code for each in self.assumptions):
            self.assumptions.append(Assumption(code, detail))

    def not_checkable(self, reason: str, detail: str = "", settle: str | None = None) -> Checked:
        """The verdict where no reading is needed."""
        assert reason in REASONS
        return self._checked(
            Verdict(NOT_CHECKABLE, reason, None, detail or self.detail, settle or self.settle)
        )

    def conclude(self) -> Checked:
        """Supported if every reading is true, contradicted if every one is false and there is one sure subject; else not checkable,
        naming the slots that flip it."""
        results = {each.result for each in self.readings}
        flips = _flips(self.readings)
        if results == {TRUE}:
            return self._checked(Verdict(SUPPORTED, None, self._strength(), self.detail))
        if results == {FALSE}:
            if (
                len(self.subject) == 1
                and self.subject[0].score >= SURE
                and not self.claim.extraction.assisted
            ):
                return self._checked(Verdict(CONTRADICTED, None, self._strength(), self.detail))
            if len(self.subject) > 1:
                return self.not_checkable("ambiguous subject", f"no candidate fits: {self.detail}")
            self.notes.append(
                "what was captured does not fit, but the name is not surely that of this subject"
            )
            return self.not_checkable(
                "ambiguous subject", self.detail, "an alias that says which channel the name means"
            )
        # Several readings that do not agree: the words or the subject decide, unless nothing was captured at all.
        if len(results) > 1 and (UNKNOWN not in results or len(set(self.unknown)) > 1 or flips):
            reason = "ambiguous subject" if flips == ("subject",) else "reading-dependent"
        else:
            reason = self.unknown[0] if self.unknown else "no subject"
        verdict = Verdict(
            NOT_CHECKABLE, reason, None, self.detail, self.settle, flips if len(results) > 1 else ()
        )
        return self._checked(verdict)

    def _strength(self) -> str:
        """The weakest tier among those that the readings rest on."""
        found = set(self.strengths)
        if self.subject and self.subject[0].score < SURE:
            found.add("fuzzy name")
        return max(found or {"exact point"}, key=_TIERS.index)

    def _checked(self, verdict: Verdict) -> Checked:
        verdict = msgspec.structs.replace(verdict, notes=tuple(dict.fromkeys(self.notes)))
        return Checked(
            self.claim,
            verdict,
            tuple(self.subject),
            tuple(self.readings),
            tuple(self.evidence),
            tuple(self.passages),
            tuple(self.leads),
            tuple(self.assumptions),
        )


def _flips(readings: Sequence[ReadingResult]) -> tuple[str, ...]:
    """The slots of which some choice changes the result."""
    slots: dict[str, dict[str, set[str]]] = {}
    for reading in readings:
        for slot, value in reading.choice:
            slots.setdefault(slot, {}).setdefault(value, set()).add(reading.result)
    return tuple(
        slot
        for slot, values in slots.items()
        if len(values) > 1 and len({frozenset(results) for results in values.values()}) > 1
    )
