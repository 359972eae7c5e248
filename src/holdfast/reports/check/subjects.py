"""Finds the posts that a claim may be about, through its channel and the other claims of its post."""

from __future__ import annotations

from holdfast.reports.check.outcome import Context, Outcome
from holdfast.reports.check.tolerance import length_zones
from holdfast.reports.claim import Claim, SubjectCandidate
from holdfast.reports.evidence import PostAt
from holdfast.reports.resolve.posts import LOOK_BACK_S, clues_of, narrow

__all__ = ["length_of", "post_candidates"]

CANDIDATES_MAX = 10


def length_of(claim: Claim) -> tuple[int, int] | None:
    """The seconds that a claim of duration does not exclude: only what would contradict it tells posts apart."""
    if claim.quantity is None or claim.extraction.unread:
        return None
    spans = length_zones(claim.quantity).false
    low = next((limit for _, _, limit, _ in spans if limit is not None), None)
    high = next((limit for limit, _, end, _ in spans if limit is not None and end is None), None)
    return int(low or 0), int(high) - 1 if high is not None else 10**9


def post_candidates(
    context: Context, claim: Claim, outcome: Outcome
) -> list[tuple[PostAt, SubjectCandidate]]:
    """The posts that a claim may be about. Effects: notes the subject, what was taken for granted, and why there is none."""
    channels = list(context.finder.of(claim))
    if not channels:
        outcome.detail = "; ".join(context.finder.of(claim).vetoes) or "no channel of the archive is named"
        outcome.settle = "captures of the channel that is meant"
        return []
    clues = clues_of(context.text, claim, context.group(claim), length_of)
    found: list[tuple[PostAt, SubjectCandidate]] = []
    for channel in channels:
        row = context.row(channel.id)
        names = [each.name for each in context.view.names if each.channel == row]
        narrowed = narrow(
            lambda first, last, row=row: context.view.posts(row, first, last),  # type: ignore[misc]
            clues,
            context.published,
            channel,
            names,
        )
        found += narrowed.posts
        if narrowed.looked_back:
            outcome.assume(
                "post window",
                f"the post is taken to be at most {LOOK_BACK_S // 86_400} days older than the report",
            )
    outcome.subject = [candidate for _, candidate in found[:CANDIDATES_MAX]] or list(channels)
    if not found:
        kind = f" with a {clues.media}" if clues.media else ""
        outcome.detail = f"no post{kind} of the channel was captured that the report may mean"
        outcome.settle = "a capture of the channel's posts of the days before the report"
    return found[:CANDIDATES_MAX]
