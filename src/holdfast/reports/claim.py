"""The claim: one checkable statement of a report, where it stands, who says it and how it was read.

Same inputs give byte-identical records: no floats, no clock, no randomness. Scores, priors and confidences are whole percents. All offsets
count code points of the report's text as it was given.
"""

from __future__ import annotations

import msgspec

__all__ = [
    "KINDS",
    "Assumed",
    "AttributionLink",
    "Claim",
    "Evidence",
    "Extraction",
    "Mention",
    "PublishedAt",
    "Quantity",
    "ReadingChoice",
    "Report",
    "Span",
    "SubjectCandidate",
    "TimeReading",
    "Tool",
    "Verdict",
    "Window",
    "ZonedSpan",
]

KINDS = (
    "existence",
    "views",
    "followers",
    "duration",
    "published",
    "label",
    "edit",
    "disappearance",
    "quote",
    "people",
    "posts",
    "reactions",
    "date",
    "other",
)


class _Record(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is not known is absent, never zero or empty."""


class PublishedAt(_Record, frozen=True):
    """When a report was published. Shapes: `lo` to `hi`, the first moment after, RFC 3339 in UTC; `zone` is the outlet's
    (a zone name or "+03:00"), None where nothing says it; `source`: what says so ("given", "meta", "dateline", …)."""

    lo: str
    hi: str
    zone: str | None = None
    source: str = "given"


class Report(_Record, frozen=True):
    """The text that a claim was read from. `sha256` is of its UTF-8 bytes."""

    sha256: str
    published: PublishedAt | None = None
    outlet: str | None = None
    url: str | None = None


class Span(_Record, frozen=True):
    """Selects a part of the report. Source: W3C Web Annotation, TextQuoteSelector and TextPositionSelector."""

    start: int
    end: int
    exact: str
    prefix: str = ""
    suffix: str = ""


class Mention(_Record, frozen=True):
    """Words that name or point at something. `kind`: channel, post, person, organisation, outlet, platform, pronoun, role, other.

    `name` is the proper name among the words, or the one that a pronoun or role was resolved to, with `confidence` in percent.
    """

    text: str
    kind: str
    start: int
    end: int
    name: str | None = None
    confidence: int = 100


class AttributionLink(_Record, frozen=True):
    """One who says it. `mode`: direct, mixed (quoted words inside the reporter's sentence), indirect, reporter."""

    mode: str
    speaker: Mention | None = None
    cue: str | None = None
    to: Mention | None = None
    """Whom it was said to."""


class Quantity(_Record, frozen=True):
    """A number with its comparator: over, at_least, nearly, about, exact, up_to, under.

    Units: `lo`, `hi` in `unit` (they differ for a range); `granule` is the place value of the last significant digit as written.
    `noun` is the counted noun as written, None where it was left out.
    """

    lo: int
    hi: int
    comparator: str
    unit: str
    granule: int
    rule: str
    noun: str | None = None


class ZonedSpan(_Record, frozen=True):
    """One reading of a time in one zone. Shapes: as in TimeReading."""

    zone: str
    lo: str
    hi: str
    wide_lo: str
    wide_hi: str


class TimeReading(_Record, frozen=True):
    """One thing that a phrase of time may mean.

    Shapes: `lo` to `hi`, the first moment after, RFC 3339 in UTC, in the first of `zones`; `wide_lo` to `wide_hi` is the lenient
    reading ("late Thursday" may begin at 17:00). `zones` is the same local time in each zone that may be meant. `why` is the
    rule; `prior` in percent over the readings of one phrase.
    """

    lo: str
    hi: str
    zone: str
    why: str
    wide_lo: str
    wide_hi: str
    zones: tuple[ZonedSpan, ...] = ()
    part_of_day: str | None = None
    prior: int = 100


class Window(_Record, frozen=True):
    """The time as of which a number is claimed. `basis`: stated (the text says when), published (the report's own moment)."""

    basis: str
    readings: tuple[TimeReading, ...] = ()
    lo: str | None = None
    hi: str | None = None


class Extraction(_Record, frozen=True):
    """How a claim was read. `unread` says why its number or words may not be used."""

    rules: tuple[str, ...]
    assisted: bool = False
    unread: str | None = None


class SubjectCandidate(_Record, frozen=True):
    """What of the archive a claim may be about. `score` in percent; `vetoes` are the rules that speak against it."""

    id: str
    how: str
    score: int
    vetoes: tuple[str, ...] = ()


class Evidence(_Record, frozen=True):
    """An observation that a verdict rests on. Units: `lo`, `hi` of the field's own unit; media times in seconds as decimals."""

    capture: str
    artefact: str
    captured_at: str
    field: str
    lo: str | None = None
    hi: str | None = None
    media_start: str | None = None
    media_end: str | None = None
    entry_index: int | None = None


class ReadingChoice(_Record, frozen=True):
    """The outcome under one choice for each ambiguous slot. `result`: true, false or unknown."""

    choice: tuple[tuple[str, str], ...]
    result: str
    evidence: tuple[int, ...] = ()


class Verdict(_Record, frozen=True):
    """`label`: supported, contradicted, not checkable. `reason` is of a closed list, `strength` a tier."""

    label: str
    reason: str | None = None
    strength: str | None = None


class Assumed(_Record, frozen=True):
    """Something taken for granted that the text does not say."""

    code: str
    detail: str = ""


class Tool(_Record, frozen=True):
    version: str
    rules: str
    archive: str | None = None


class Claim(_Record, frozen=True):
    """One atomic claim. `kind` is of KINDS; `text` restates it in at most 75 characters.

    `attribution`: who says it, the outermost first; empty means the reporter. `mention`: the words for what it is about, `subject` what of
    the archive they may mean. `time` is when it happened, one reading per meaning; `as_of` when its number was so.
    `about` is "media" or "event" for a length; `polarity`: affirmed or denied. `label`, `quote`: the mark's or speech's own words.
    What follows `extraction` is added by a check.
    """

    id: str
    report: Report
    span: Span
    lang: str
    kind: str
    text: str
    extraction: Extraction
    attribution: tuple[AttributionLink, ...] = ()
    mention: Mention | None = None
    channel: Mention | None = None
    quantity: Quantity | None = None
    time: tuple[TimeReading, ...] = ()
    time_phrase: Span | None = None
    as_of: Window | None = None
    polarity: str = "affirmed"
    vague: tuple[str, ...] = ()
    about: str | None = None
    label: str | None = None
    authority: str | None = None
    """Who set a label: "platform:…", "state:…" or "other"."""
    quote: str | None = None
    subject: tuple[SubjectCandidate, ...] = ()
    verdict: Verdict | None = None
    readings: tuple[ReadingChoice, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    assumptions: tuple[Assumed, ...] = ()
    counter_evidence: tuple[Evidence, ...] = ()
    tool: Tool | None = None
