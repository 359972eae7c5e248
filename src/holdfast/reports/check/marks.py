"""Holds claims about marks and presence against looks before, in and after a window: labels, edits, disappearances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from holdfast.reports.check.counters import NO_TIME
from holdfast.reports.check.outcome import Context, Outcome, TimeSlot, windows_of
from holdfast.reports.check.subjects import post_candidates
from holdfast.reports.check.window import sides
from holdfast.reports.claim import Claim
from holdfast.reports.evidence import Mark, unix, utc
from holdfast.reports.extract.calendar import local_zone
from holdfast.reports.resolve.posts import LOOK_BACK_S
from holdfast.reports.verdict import FALSE, TRUE, UNKNOWN, Checked

__all__ = ["check_disappearance", "check_edit", "check_label", "state_in"]

_LABELS = {
    "fake": "fake фейк фейковый фейковая фейковое фейка фейком фальшивый подделка",
    "scam": "scam скам мошенник мошенничество мошеннический мошенника",
    "verified": "verified верифицирован верифицированный проверенный официальный",
    "restricted": "restricted ограничен ограниченный sensitive",
}
_OF_A_POST = re.compile(
    r"\b(?:posts?|messages?|publications?|videos?|clips?|photos?|пост\w{0,3}|сообщени\w+|публикаци\w+|запис\w+|видео\w*|фото\w*)\b",
    re.IGNORECASE,
)
_NAMES = {word: name for name, words in _LABELS.items() for word in words.split()}


def check_label(context: Context, claim: Claim) -> Checked:
    """A platform's mark on a channel: there on both sides of the moment, or on the report's day."""
    outcome = Outcome(claim)
    if claim.authority is not None and not claim.authority.startswith("platform"):
        return outcome.not_checkable(
            "offline event", "it is no mark of the platform's, so no capture shows it"
        )
    name = _NAMES.get((claim.label or "").strip("“”«»\"' ").casefold())
    if name is None:
        return outcome.not_checkable("opinion or vague", "the text names no mark that the platform shows")
    channels = context.finder.of(claim)
    outcome.subject = list(channels)
    if not channels:
        return outcome.not_checkable(
            "no subject", "; ".join(channels.vetoes), "captures of the channel that is meant"
        )
    slots = context.slots(claim)
    windows = windows_of(claim, context.published)
    if not windows and not slots:
        return outcome.not_checkable(
            "reading-dependent", NO_TIME, "the moment at which the report was published"
        )
    removed = "label removed" in claim.vague
    for candidate in channels:
        marks = context.view.labels(context.row(candidate.id), name)
        if slots:
            for slot in slots:
                _read_onset(context, outcome, marks, slot, candidate.id, removed, returns=True)
        else:
            for window in windows:
                _read_state(
                    context,
                    outcome,
                    marks,
                    window,
                    candidate.id,
                    removed != (claim.polarity == "denied"),
                    f"mark “{name}”",
                )
    if not outcome.evidence:
        outcome.settle = "captures by a source that shows marks (such as `holdfast watch --api`) before and after the report"
    return outcome.conclude()


def state_in(
    marks: Sequence[Mark], lo: int, hi: int, day: tuple[int, int], apart_s: int
) -> tuple[str, list[Mark]]:
    """Whether something was there throughout a window: TRUE, FALSE or UNKNOWN, with the marks that say so.

    There: seen on both sides and never missing between; or seen on the report's day by the window's end, and not missing then: what
    is first seen later may have come later. Not there: missing on both sides, `apart_s` apart at most.
    """
    found = sides(marks, lo, hi)
    around = [mark for mark in (found.before, *found.inside, found.after) if mark is not None]
    today = [mark for mark in marks if day[0] <= mark.at < min(day[1], hi + 1)]
    # Of what was seen before the window only the last counts: what came or went that morning is as it then was.
    today = [mark for mark in today if mark.at <= lo][-1:] + [mark for mark in today if mark.at > lo]
    if found.before is not None and found.after is not None:
        if all(mark.is_there for mark in around):
            return TRUE, around
        near = found.after.at - found.before.at <= apart_s + (hi - lo)
        if near and not any(mark.is_there for mark in around):
            return FALSE, around
    if today and all(mark.is_there for mark in today) and (found.after is None or found.after.is_there):
        return TRUE, today
    return UNKNOWN, around


def _day_of(context: Context, window: TimeSlot) -> tuple[int, int]:
    """The local day that a window's last moment lies in."""
    zone = local_zone(context.published.zone if context.published is not None else None)
    start = datetime.fromtimestamp(window.hi, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(start.timestamp()), int((start + timedelta(days=1)).timestamp())


def _read_state(
    context: Context,
    outcome: Outcome,
    marks: Sequence[Mark],
    window: TimeSlot,
    subject: str,
    inverted: bool,
    what: str,
) -> None:
    result, seen = state_in(marks, window.lo, window.hi, _day_of(context, window), context.apart_s)
    onset = _onset(marks)
    if inverted:
        result = {TRUE: FALSE, FALSE: TRUE}.get(result, UNKNOWN)
    pointers = [mark.pointer for mark in seen]
    around = len({mark.at <= window.lo for mark in seen}) == 2
    outcome.read(
        result,
        (("subject", subject), *window.choice),
        pointers,
        strength="bracketed" if around else "exact point",
    )
    if not marks:
        outcome.detail = f"no capture speaks of the {what}"
    else:
        outcome.detail = f"{what}: {_told(onset)}"
    if result == UNKNOWN:
        outcome.settle = f"captures that speak of the {what} of {subject} before {utc(window.lo)} and after {utc(window.hi)}"


def _onset(marks: Sequence[Mark]) -> tuple[Mark | None, Mark | None]:
    """The last look without, before the first look with; and that first look."""
    first = next((mark for mark in marks if mark.is_there), None)
    before = [mark for mark in marks if not mark.is_there and (first is None or mark.at < first.at)]
    return (before[-1] if before else None), first


def _told(onset: tuple[Mark | None, Mark | None]) -> str:
    before, first = onset
    if first is None:
        return f"never seen; last looked at {utc(before.at)}" if before else "never seen"
    return f"first seen {utc(first.at)}" + (
        f", last seen without {utc(before.at)}" if before else ", never seen without"
    )


def _read_onset(
    context: Context,
    outcome: Outcome,
    marks: Sequence[Mark],
    slot: TimeSlot,
    subject: str,
    removed: bool,
    *,
    returns: bool,
) -> None:
    """Whether something began (or, `removed`, ended) inside a time that the text states, before the report was published.

    `returns`: what ended may begin again, as marks do; what is gone is taken to stay away.
    """
    denied = outcome.claim.polarity == "denied"
    if removed:
        marks = [Mark(mark.at, not mark.is_there, mark.pointer, mark.said) for mark in marks]
        there = next((at for at, mark in enumerate(marks) if not mark.is_there), len(marks))
        marks = marks[there:]
    last = unix(context.published.hi) - 1 if context.published is not None else slot.wide_hi
    end = max(slot.wide_lo, min(slot.wide_hi, last))
    before, first = _onset(marks)
    result, seen = UNKNOWN, [mark for mark in (before, first) if mark is not None]
    if first is not None and first.at < slot.wide_lo:
        result = FALSE  # it was there already
    elif before is not None and first is not None and slot.wide_lo <= before.at and first.at <= slot.wide_hi:
        result = TRUE
    elif not returns:
        # What was seen there later had not gone; long before it may have gone and come back.
        recent = context.published is None or end >= unix(context.published.lo) - LOOK_BACK_S
        if before is not None and before.at >= end and recent:
            result = FALSE
    else:
        # What comes can go: it was not so if it was looked for on both sides of that time, and seen on none.
        around = sides(marks, slot.wide_lo, end)
        looked = [mark for mark in (around.before, *around.inside, around.after) if mark is not None]
        if (
            around.before is not None
            and around.after is not None
            and not any(mark.is_there for mark in looked)
            and around.after.at - around.before.at <= context.apart_s + end - slot.wide_lo
        ):
            result, seen = FALSE, looked
    if denied:
        result = {TRUE: FALSE, FALSE: TRUE}.get(result, UNKNOWN)
    pointers = [mark.pointer for mark in seen]
    outcome.read(result, (("subject", subject), *slot.choice), pointers, strength="bracketed")
    outcome.detail = f"it {'ended' if removed else 'began'}: {_told((before, first))}"
    if result == UNKNOWN:
        outcome.settle = f"captures that speak of it at {utc(slot.lo)} and at {utc(slot.hi)}"


def check_disappearance(context: Context, claim: Claim) -> Checked:
    """That a channel or post went away: missing on both sides of the moment, or on the report's day; never why."""
    outcome = Outcome(claim)
    windows = windows_of(claim, context.published)
    if not windows:
        return outcome.not_checkable(
            "reading-dependent", NO_TIME, "the moment at which the report was published"
        )
    rows: list[tuple[str, list[Mark]]] = []
    if _is_of_post(context, claim):
        rows = [
            (candidate.id, context.view.post_presence(post.channel, post))
            for post, candidate in post_candidates(context, claim, outcome)
        ]
    elif _OF_A_POST.search(claim.span.exact):
        return outcome.not_checkable("ambiguous subject", "it may speak of a post or of its channel")
    else:
        channels = context.finder.of(claim)
        outcome.subject = list(channels)
        rows = [(each.id, context.view.presence(context.row(each.id))) for each in channels]
    if not rows:
        return outcome.not_checkable("no subject", outcome.detail, outcome.settle)
    slots = context.slots(claim)
    for subject, marks in rows:
        # What was never seen there cannot be said to have gone.
        was_there = any(mark.is_there for mark in marks)
        gone = [Mark(mark.at, not mark.is_there, mark.pointer, mark.said) for mark in marks]
        if not was_there:
            outcome.read(
                UNKNOWN,
                (("subject", subject),),
                [mark.pointer for mark in marks[-1:]],
                reason="coverage unknown",
            )
            outcome.detail = "it was never seen to be there"
        elif slots:
            for slot in slots:
                _read_onset(context, outcome, gone, slot, subject, False, returns=False)
        else:
            for window in windows:
                _read_state(context, outcome, gone, window, subject, claim.polarity == "denied", "absence")
    outcome.notes.append("a capture shows that it was not there, never who took it away or why")
    return outcome.conclude()


def _is_of_post(context: Context, claim: Claim) -> bool:
    """Whether a post is what went: its noun stands there, or it was spoken of and no channel is named there."""
    mention = claim.mention
    if mention is None or mention.kind != "post":
        return False
    discourse = context.finder.discourse
    return discourse.is_beside(mention.start, claim.span.start) or not discourse.spots_there(claim)


def check_edit(context: Context, claim: Claim) -> Checked:
    """That a post was changed: two observations before the report that differ in text or media."""
    outcome = Outcome(claim)
    posts = post_candidates(context, claim, outcome)
    if not posts:
        return outcome.not_checkable("no subject")
    last = unix(context.published.hi) if context.published is not None else None
    for post, candidate in posts:
        # What was first seen changed after the report may have been changed after it.
        texts = [
            each
            for each in context.view.texts(post.channel, [post])
            if last is None or unix(each.pointer.seen_at) < last
        ]
        if len(texts) > 1:
            result = TRUE if claim.polarity == "affirmed" else FALSE
            outcome.read(
                result, (("subject", candidate.id),), [each.pointer for each in texts], strength="bracketed"
            )
            outcome.detail = f"the post was captured with {len(texts)} different texts"
        else:
            # One text only: what stood there before the first capture, nobody knows.
            outcome.read(
                UNKNOWN,
                (("subject", candidate.id),),
                [each.pointer for each in texts],
                reason="coverage unknown",
            )
            outcome.detail = "all captures of the post show one text"
            outcome.settle = "captures of the post before and after it was changed"
    return outcome.conclude()
