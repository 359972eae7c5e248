"""Holds counted claims against readings: views, forwards, reactions, comments, followers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from holdfast.reports.check.outcome import Context, Outcome, TimeSlot, windows_of
from holdfast.reports.check.subjects import post_candidates
from holdfast.reports.check.tolerance import Bounds, Zones, judge, understates, zones
from holdfast.reports.check.window import Bracket, bracket, falls
from holdfast.reports.claim import Claim, Quantity
from holdfast.reports.evidence import Point, utc
from holdfast.reports.verdict import FALSE, TRUE, UNKNOWN, Checked

__all__ = ["LOOK_S", "check_followers", "check_post_counter", "is_as_of", "no_count"]

LOOK_S = 3 * 3600
"""How long before publication a reporter may have looked: a number that is too low is not false if it was true then."""
_AS_OF = re.compile(
    r"(?:\bby|\bas (?:of|at)|\bк|\bпо состоянию на|\bна момент|\bна)\s+(?:the\s+|early\s+|late\s+|утро\s+|вечер\s+|конец\s+)?$",
    re.IGNORECASE,
)
_IN_BETWEEN = re.compile(r"\b(?:already|уже|now|today|сегодня|сейчас|currently|at present)\b", re.IGNORECASE)
_COUNTERS = {"views": "views", "forwards": "forwards", "comments": "replies", "reactions": "reactions"}
NO_TIME = "the report's publication time is not known: give it with --published"


def no_count(claim: Claim) -> tuple[str, str] | None:
    """Why a number is no counter at a moment that the text gives: (reason, detail)."""
    if "change" in claim.vague or "additional" in claim.vague:
        return (
            "reading-dependent",
            "it is by how much a counter changed, and the text does not say between which moments",
        )
    if "earlier" in claim.vague and (claim.as_of is None or claim.as_of.basis != "stated"):
        return "reading-dependent", "it is told as a number of before, and the text does not say when"
    if "modal" in claim.vague:
        return "opinion or vague", "it is told as a possibility"
    return None


_ATTRIBUTE = re.compile(
    r"(?:[’']s)?\s+(?:\w+\s+)?(?:videos?|clips?|films?|posts?|photos?|messages?|recordings?|footage)(?!\w)",
    re.IGNORECASE,
)


_SINCE = re.compile(r"(?:since|с|со)\s", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"(?:published|posted|uploaded|released|shared|aired|вышедш\w+|опубликованн\w+|выложенн\w+|размещенн\w+|появивш\w+)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)


def windows_for(context: Context, claim: Claim) -> list[TimeSlot]:
    """The moments as of which a number may be claimed. "Tuesday's video has 431,000 views" says nothing of Tuesday's views."""
    phrase = claim.time_phrase
    if (
        phrase is not None
        and context.published is not None
        and (
            # "It has existed since 2021 and has 5,500 subscribers."
            _SINCE.match(phrase.exact)
            or any(reading.why == "time.since" for reading in claim.time)
            or _ATTRIBUTE.match(context.text, phrase.end)
            or _PUBLISHED.search(context.text, max(0, phrase.start - 60), phrase.start)
        )
    ):
        claim = msgspec.structs.replace(claim, as_of=None)
    return windows_of(claim, context.published, both=not is_as_of(context.text, claim))


def is_as_of(text: str, claim: Claim) -> bool:
    """Whether a stated time is surely that of the number ("by Friday"): a bare day may be that of what is told beside it."""
    phrase = claim.time_phrase
    return phrase is not None and (
        "earlier" in claim.vague
        or _AS_OF.search(text, max(0, phrase.start - 30), phrase.start) is not None
        or _IN_BETWEEN.search(phrase.exact) is not None
    )


def check_post_counter(context: Context, claim: Claim) -> Checked:
    """A counter of a post as of the report's moment, or of the moment that the text states."""
    outcome = Outcome(claim)
    quantity = claim.quantity
    if quantity is None or claim.extraction.unread:
        return outcome.not_checkable(
            "opinion or vague", claim.extraction.unread or "the text gives no number"
        )
    if (why := no_count(claim)) is not None:
        return outcome.not_checkable(*why)
    name = _COUNTERS.get(quantity.unit)
    if name is None:
        return outcome.not_checkable(
            "offline event",
            f"the source counts no {quantity.unit}: a view is an impression of a post, not a viewer",
        )
    posts = post_candidates(context, claim, outcome)
    if not posts:
        return outcome.not_checkable("no subject", outcome.detail, outcome.settle)
    windows = windows_for(context, claim)
    if not windows:
        return outcome.not_checkable(
            "reading-dependent", NO_TIME, "the moment at which the report was published"
        )
    table = _table(claim, quantity)
    for post, candidate in posts:
        points = context.view.counter(post.channel, post.post, name)
        # Reactions and comments can be taken back; views are not known to be.
        rises = name in ("views", "forwards") and not falls(points)
        if name == "views":
            _assume_views(outcome, rises)
        for window in windows:
            _read(outcome, claim, table, points, window, candidate.id, rises, context.apart_s)
    return outcome.conclude()


def check_followers(context: Context, claim: Claim) -> Checked:
    """The followers of a channel: captures on both sides of the moment, near each other."""
    outcome = Outcome(claim)
    quantity = claim.quantity
    if quantity is None or claim.extraction.unread:
        return outcome.not_checkable(
            "opinion or vague", claim.extraction.unread or "the text gives no number"
        )
    if (why := no_count(claim)) is not None:
        return outcome.not_checkable(*why)
    channels = context.finder.of(claim)
    outcome.subject = list(channels)
    if not channels:
        return outcome.not_checkable(
            "no subject", "; ".join(channels.vetoes), "captures of the channel that is meant"
        )
    windows = windows_for(context, claim)
    if not windows:
        return outcome.not_checkable(
            "reading-dependent", NO_TIME, "the moment at which the report was published"
        )
    table = _table(claim, quantity)
    outcome.assume(
        "between", "between two captures a counter that can fall is taken to have stayed between them"
    )
    for candidate in channels:
        points = context.view.followers(context.row(candidate.id))
        for window in windows:
            _read(outcome, claim, table, points, window, candidate.id, False, context.apart_s)
    return outcome.conclude()


def _table(claim: Claim, quantity: Quantity) -> Zones:
    found = zones(quantity, vague="vague plural" in claim.vague)
    return found.swapped() if claim.polarity == "denied" else found


def _assume_views(outcome: Outcome, rises: bool) -> None:
    if rises:
        outcome.assume(
            "views rise", "the views of a post are taken never to fall; no capture of it shows that they did"
        )
    else:
        outcome.notes.append(
            "a capture shows these views to have fallen: a bound on one side says nothing then"
        )


def _read(
    outcome: Outcome,
    claim: Claim,
    table: Zones,
    points: Sequence[Point],
    window: TimeSlot,
    subject: str,
    rises: bool,
    apart_s: int,
) -> None:
    """One reading: a subject and a window."""
    found = bracket(points, window.lo, window.hi, rises=rises, apart_s=apart_s)
    earlier = bracket(points, window.lo - LOOK_S, window.hi, rises=rises, apart_s=apart_s)
    if not rises and earlier.bounds.low is None:
        earlier = found  # nothing was captured that early: what was captured around the window must do
    result = judge(
        table,
        found.bounds,
        _nearest(found, earlier, [point for point in points if window.lo - LOOK_S < point.at < window.hi])
        if rises
        else _either(found, earlier),
    )
    if result == TRUE and claim.quantity is not None and understates(claim.quantity, found.bounds):
        outcome.notes.append("true, and less than half of what was captured: the claim understates it")
    pointers = [point.pointer for point in (found.low_by, found.high_by, found.before, found.after) if point]
    choice = (("subject", subject), *window.choice)
    outcome.read(
        result,
        choice,
        pointers,
        reason=_why(table, found, points, window, outcome),
        strength=_tier(result, found),
    )
    outcome.detail = _told(claim, table, found, result, window)
    if result == UNKNOWN:
        unit = claim.quantity.unit if claim.quantity else "counter"
        outcome.settle = (
            f"a capture of the {unit} of {subject} between {utc(window.lo - LOOK_S)} and {utc(window.lo)}"
            + ("" if rises else f", and one within days after {utc(window.hi)}")
        )


def _nearest(found: Bracket, earlier: Bracket, inside: Sequence[Point]) -> Bounds:
    """What a counter that is taken never to fall may have been, by the captures next to that time alone (`inside` it as well): a fall that
    rounding hides does not make a number false."""
    return Bounds(
        min([earlier.before.low, *(each.low for each in inside)]) if earlier.before is not None else None,
        max([found.after.high, *(each.high for each in inside)]) if found.after is not None else None,
    )


def _either(found: Bracket, earlier: Bracket) -> Bounds:
    """What a counter that can fall may have been at the report or in the hours before it, when the reporter may have looked."""
    lows, highs = (found.bounds.low, earlier.bounds.low), (found.bounds.high, earlier.bounds.high)
    return Bounds(
        None if None in lows else min(each for each in lows if each is not None),
        None if None in highs else max(each for each in highs if each is not None),
    )


def _tier(result: str, found: Bracket) -> str:
    low, high = found.bounds.low, found.bounds.high
    if low is not None and low == high:
        return "exact point"
    if low is not None and high is not None:
        return "bracketed"
    return "bound only" if result in (TRUE, FALSE) else "bracketed"


def _why(table: Zones, found: Bracket, points: Sequence[Point], window: TimeSlot, outcome: Outcome) -> str:
    """Which reason of the list it is that nothing is decided."""
    low, high = found.bounds.low, found.bounds.high
    if low is not None and high is not None:
        if judge(table, Bounds(low, low)) == judge(table, Bounds(high, high)) == UNKNOWN:
            return "tolerance grey zone"
        near = [point for point in (found.before, found.after) if point is not None]
        if any(_straddles(table, point) for point in near):
            return "rounded counter"
    if points and window.hi - window.lo >= 6 * 3600:
        # Known at the end of a long window, not at its beginning: the hour of publication decides.
        ends = [bracket(points, at, at, rises=True).bounds for at in (window.lo, window.hi)]
        results = {judge(table, bounds) for bounds in ends}
        if TRUE in results or FALSE in results:
            outcome.notes.append(
                "it is decided at one end of the time that the report may have been published in, not at the other"
            )
            return "reading-dependent"
    return "no capture in window"


def _straddles(table: Zones, point: Point) -> bool:
    ends = {judge(table, Bounds(value, value)) for value in (point.low, point.high)}
    return point.low != point.high and len(ends) > 1


def _told(claim: Claim, table: Zones, found: Bracket, result: str, window: TimeSlot) -> str:
    low, high = found.bounds.low, found.bounds.high
    unit = claim.quantity.unit if claim.quantity else "counter"
    least = f"at least {low:,} by {found.low_by.pointer.seen_at}" if low is not None and found.low_by else ""
    most = ""
    if high is not None and found.high_by:
        by = found.high_by.pointer
        most = f"at most {high:,} by {by.held_until or by.seen_at}"
    seen = " and ".join(part for part in (least, most) if part) or f"no capture bounds the {unit} then"
    verb = {TRUE: "which is", FALSE: "which is not", UNKNOWN: "which leaves open"}[result]
    return f"{unit}: {seen}; {verb} “{table.rule}” as of {utc(window.hi)}"
