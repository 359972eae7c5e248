"""Checked claims as schema.org's ClaimReview, in the name of an organisation; pure."""

from __future__ import annotations

from typing import Any

from holdfast.errors import UsageError
from holdfast.reports.checking import CheckedReport
from holdfast.reports.outputs.rows import Row, rows_of

__all__ = ["claim_reviews"]


def claim_reviews(found: CheckedReport, organisation: str | None, review_url: str | None) -> dict[str, Any]:
    """One ClaimReview a claim. `review_url`: where the organisation publishes them; each gets its mark on that page.

    No review bears a number: a word and its reason say what was found. Errors: UsageError without an organisation or address, since
    a tool is no fact-checker. Source: schema.org ClaimReview.
    """
    if not (organisation or "").strip():
        raise UsageError(
            "a ClaimReview needs somebody who answers for it", remedy="name yourselves with --organisation"
        )
    if not (review_url or "").startswith(("https://", "http://")):
        raise UsageError(
            "a ClaimReview needs the address where it is published", remedy="give it with --review-url"
        )
    rows = rows_of(found.claims)
    return {
        "@context": "https://schema.org",
        "@graph": [_review(found, row, str(organisation).strip(), str(review_url)) for row in rows],
    }


def _review(found: CheckedReport, row: Row, organisation: str, review_url: str) -> dict[str, Any]:
    report = found.report
    work: dict[str, Any] = {"@type": "CreativeWork"}
    if report.url:
        work["url"] = report.url
    if report.title:
        work["headline"] = report.title
    if report.published is not None:
        work["datePublished"] = report.published.lo
    if report.outlet:
        work["publisher"] = {"@type": "Organization", "name": report.outlet}
    why = [row.seen, row.why, *row.notes]
    return {
        "@type": "ClaimReview",
        "url": f"{review_url}#c{row.number}",
        "claimReviewed": row.claim,
        "author": {"@type": "Organization", "name": organisation},
        "itemReviewed": {"@type": "Claim", "appearance": work},
        "reviewRating": {
            "@type": "Rating",
            "alternateName": row.label,
            "ratingExplanation": ". ".join(each for each in why if each),
        },
    }
