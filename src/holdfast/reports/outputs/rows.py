"""One row a claim, in words: what is said, by whom, as of when, what was captured, and why that decides it or not; pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from holdfast.reports.claim import Claim
from holdfast.reports.verdict import NOT_CHECKABLE, REASONS, STRENGTHS, Checked, Pointer

__all__ = ["Row", "media_range", "receipt", "rows_of", "subject_words"]

WORDS_MAX = 75
"""Of words that are repeated as they stand; as long as a restated claim."""


class Row(msgspec.Struct, frozen=True):
    """A claim for readers. `number` counts from 1; `seen`: what was captured, with its moments; `why`: the reason or the tier, in words;
    `entries`: where it is sealed."""

    number: int
    label: str
    kind: str
    claim: str
    exact: str
    said_by: str
    as_of: str | None
    subject: str | None
    seen: str
    why: str
    settle: str | None
    notes: tuple[str, ...]
    entries: tuple[int, ...]
    evidence: tuple[str, ...]
    passages: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]


def rows_of(checked: Sequence[Checked]) -> list[Row]:
    """The rows of a report's claims, in order."""
    return [_row(number, each) for number, each in enumerate(checked, 1)]


def _row(number: int, each: Checked) -> Row:
    verdict = each.verdict
    if verdict.label == NOT_CHECKABLE:
        why = f"{verdict.reason}: {REASONS[verdict.reason or 'no subject']}"
        if verdict.flips:
            why += f" (it turns on: {', '.join(verdict.flips)})"
    else:
        why = f"{verdict.strength}: {STRENGTHS[verdict.strength or 'exact point']}"
    pointers = [*each.evidence, *(passage.pointer for passage in each.passages), *each.leads]
    entries = sorted(
        {entry for each in pointers for entry in (each.entry, each.held_by) if entry is not None}
    )
    return Row(
        number,
        verdict.label,
        each.claim.kind,
        # A number that was not read is not restated: "1e400 views" are no one view.
        each.claim.text if each.claim.extraction.unread is None else _quoted(each.claim.span.exact),
        each.claim.span.exact,
        _said_by(each.claim),
        _as_of(each.claim),
        each.subject[0].id if each.subject else None,
        verdict.detail,
        why,
        verdict.settle,
        verdict.notes,
        tuple(entries),
        tuple(dict.fromkeys(receipt(pointer) for pointer in each.evidence)),
        tuple((passage.text, receipt(passage.pointer)) for passage in each.passages),
        tuple(assumption.detail for assumption in each.assumptions),
    )


def _quoted(words: str) -> str:
    """The report's own words, on one line, cut where they are long."""
    line = " ".join(words.split())
    return f"“{line if len(line) <= WORDS_MAX else line[: WORDS_MAX - 1] + '…'}”"


def _said_by(claim: Claim) -> str:
    """Who says it, the outermost first; the reporter where nobody else does."""
    told = []
    for link in claim.attribution:
        who = "somebody" if link.speaker is None else link.speaker.name or link.speaker.text
        told.append("the report" if link.mode == "reporter" and link.speaker is None else who)
    return ", ".join(dict.fromkeys(told)) or "the report"


def _as_of(claim: Claim) -> str | None:
    window = claim.as_of
    if window is None:
        return None
    if window.readings:
        return " or ".join(dict.fromkeys(f"{each.lo} to {each.hi}" for each in window.readings))
    return f"{window.lo} to {window.hi}" if window.lo and window.hi else None


def receipt(pointer: Pointer) -> str:
    """Where something is sealed, what it says and when it was seen, in a line."""
    place = f"entry {pointer.entry}" + (f", element {pointer.element}" if pointer.element is not None else "")
    told = pointer.value
    if pointer.low is not None and pointer.high is not None:
        told = f"{pointer.low:,}" if pointer.low == pointer.high else f"{pointer.low:,}–{pointer.high:,}"
    held = f", still so {pointer.held_until} (entry {pointer.held_by})" if pointer.held_until else ""
    part = media_range(pointer)
    media = f", {part}" if part else ""
    return f"{place}: {pointer.field}{f' {told}' if told else ''}, seen {pointer.seen_at}{held}{media}"


def subject_words(subject: str) -> str:
    """ "4000000029/104" as "post 104 of channel 4000000029"."""
    channel, _, post = subject.partition("/")
    return f"post {post} of channel {channel}" if post else f"channel {channel}"


def media_range(pointer: Pointer) -> str | None:
    """The stretch of a recording that a pointer names, "t=start,end" in seconds; None where it names none."""
    if pointer.media_start_ms is None or pointer.media_end_ms is None:
        return None
    return f"t={_seconds(pointer.media_start_ms)},{_seconds(pointer.media_end_ms)}"


def _seconds(milliseconds: int) -> str:
    """Seconds as a media fragment writes them. Source: W3C Media Fragments URI 1.0, section 4.2.1."""
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}".rstrip("0").rstrip(".")
