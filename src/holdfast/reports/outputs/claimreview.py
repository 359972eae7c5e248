"""Checked claims as schema.org's ClaimReview, in the name of an organisation; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from holdfast.errors import UsageError
from holdfast.reports.checking import CheckedReport
from holdfast.reports.outputs.rows import Row, rows_of

__all__ = ["claim_reviews"]


def claim_reviews(
    found: CheckedReport | Sequence[CheckedReport], organisation: str | None, review_url: str | None = None
) -> dict[str, Any]:
    """One ClaimReview a claim. `review_url`: where the organisation publishes them; each gets its mark on that page, as `report_page`
    and `reports_page` name them. Without it each is at its own place in this very document, wherever that will be published.

    No review bears a number: a word and its reason say what was found. Errors: UsageError without an organisation, since a tool is no
    fact-checker, and for an address that is none. Source: schema.org ClaimReview; RFC 3986 section 4.4.
    """
    author = (organisation or "").strip()
    if not author:
        raise UsageError(
            "a ClaimReview needs somebody who answers for it", remedy="name yourselves with --organisation"
        )
    if review_url is not None and not review_url.startswith(("https://", "http://")):
        raise UsageError(
            f"{review_url!r} is no address where reviews are published",
            remedy="give one with --review-url that begins with https://, or leave it out",
        )
    reports = [found] if isinstance(found, CheckedReport) else list(found)
    page = (review_url or "").partition("#")[0]
    return {
        "@context": "https://schema.org",
        "@graph": [
            _review(report, row, author, f"{page}#{f'r{number}' if len(reports) > 1 else ''}c{row.number}")
            for number, report in enumerate(reports, 1)
            for row in rows_of(report.claims)
        ],
    }


def _review(found: CheckedReport, row: Row, organisation: str, url: str) -> dict[str, Any]:
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
        "@id": url,
        "url": url,
        "claimReviewed": row.claim,
        "author": {"@type": "Organization", "name": organisation},
        "itemReviewed": {"@type": "Claim", "appearance": work},
        "reviewRating": {
            "@type": "Rating",
            "alternateName": row.label,
            "ratingExplanation": ". ".join(each for each in why if each),
        },
    }
