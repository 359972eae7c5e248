"""The verdict on a claim: its label, the one reason, the readings that led to it, and pointers to what was captured."""

from __future__ import annotations

import msgspec

from holdfast.reports.claim import Claim, SubjectCandidate, Tool

__all__ = [
    "CONTRADICTED",
    "FALSE",
    "NOT_CHECKABLE",
    "REASONS",
    "STRENGTHS",
    "SUPPORTED",
    "TRUE",
    "UNKNOWN",
    "Assumption",
    "Checked",
    "Passage",
    "Pointer",
    "ReadingResult",
    "Verdict",
]

SUPPORTED, CONTRADICTED, NOT_CHECKABLE = "supported", "contradicted", "not checkable"
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"

REASONS = {
    "offline event": "it is about what happened outside the channels; the archive cannot hold that",
    "private speech": "it was said to somebody, not published where it could be captured",
    "opinion or vague": "it has no number, time or words that a capture could be held against",
    "cause": "captures can show the order of two things, never that one led to the other",
    "no subject": "nothing in the archive is what the claim speaks of, or it does not say what it speaks of",
    "ambiguous subject": "several things in the archive may be meant, and they do not answer alike",
    "no capture in window": "nothing was captured close enough to the time that the claim is about",
    "rounded counter": "the source showed a rounded number, which allows both",
    "reading-dependent": "the words can be read in more than one way, and the readings do not agree",
    "tolerance grey zone": "the number is near what was said: neither within nor clearly outside its rounding",
    "language gap": "it was said in one language and reported in another: a person has to compare the passages",
    "no transcript": "there is a recording, but no transcript of it is sealed",
    "low transcript confidence": "the transcript is too uncertain where the words may stand",
    "coverage unknown": "what was captured is not all there was, so that it was not found says little",
}
"""The closed list of why a claim is not checkable, in words for a reader."""

STRENGTHS = {
    "exact point": "one capture shows it exactly",
    "bracketed": "captures before and after agree on it",
    "bound only": "a capture on one side settles it, because the counter is taken never to fall",
    "fuzzy name": "what it is about was found by a name that is spelled otherwise",
    "fuzzy quote": "the words were found, but not letter by letter",
}


class _Record(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is not known is absent, never zero or empty."""


class Pointer(_Record, frozen=True):
    """Where in the vault something is sealed, so that anybody can look again.

    `entry`, and `element` in a `posts` entry; `unit`: the disclosure that holds it, `field` what of it. `low`, `high`: the
    value's bounds in the field's own unit, `value` where it is no number. `seen_at` is that of the capture; `held_until`:
    last seen unchanged by the same source, as entry `held_by` says. `artefact`, `offset`, `length`: the raw bytes. `media_start_ms`,
    `media_end_ms`: a stretch of a recording, in milliseconds.
    """

    entry: int
    unit: str
    field: str
    seen_at: str
    element: int | None = None
    channel: str | None = None
    post: str | None = None
    capture: str | None = None
    source: str | None = None
    low: int | None = None
    high: int | None = None
    value: str | None = None
    held_until: str | None = None
    held_by: int | None = None
    artefact: str | None = None
    offset: int | None = None
    length: int | None = None
    media_start_ms: int | None = None
    media_end_ms: int | None = None


class Passage(_Record, frozen=True):
    """Words of a post or transcript to be looked at beside a quotation. `score` in percent of matched characters or words."""

    text: str
    score: int
    pointer: Pointer
    matched: tuple[str, ...] = ()


class ReadingResult(_Record, frozen=True):
    """The outcome under one choice for each ambiguous slot. `evidence`: places in the claim's list of pointers."""

    result: str
    choice: tuple[tuple[str, str], ...] = ()
    evidence: tuple[int, ...] = ()


class Assumption(_Record, frozen=True):
    """Something taken for granted that neither the text nor a capture says."""

    code: str
    detail: str


class Verdict(_Record, frozen=True):
    """`reason` is one of REASONS, None unless the label is "not checkable"; `strength` one of STRENGTHS otherwise.

    `detail`: what decided, in a sentence. `settle`: what capture would have settled it. `flips`: the slots whose choice changes the result.
    """

    label: str
    reason: str | None = None
    strength: str | None = None
    detail: str = ""
    settle: str | None = None
    flips: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Checked(_Record, frozen=True):
    """A claim with its verdict. `subject`: what of the archive it may be about, best first; `source_range`: the claim's
    place in the report's own bytes, where it stands there in one piece."""

    claim: Claim
    verdict: Verdict
    subject: tuple[SubjectCandidate, ...] = ()
    readings: tuple[ReadingResult, ...] = ()
    evidence: tuple[Pointer, ...] = ()
    passages: tuple[Passage, ...] = ()
    leads: tuple[Pointer, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    tool: Tool | None = None
    source_range: tuple[int, int] | None = None
