"""Marks and verdicts of checked reports as Web Annotations, for readers and tools that show marks on texts; pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from holdfast.reports.checking import CheckedReport
from holdfast.reports.outputs.rows import media_range, receipt, rows_of
from holdfast.reports.verdict import Checked, Pointer

__all__ = ["digest_uri", "web_annotations"]

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"


def digest_uri(sha256: str) -> str:
    """Bytes named by their digest, "ni:///sha-256;…". Shapes: `sha256` in hexadecimal. Source: RFC 6920 section 3."""
    return "ni:///sha-256;" + base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode("ascii").rstrip("=")


def web_annotations(reports: Sequence[CheckedReport]) -> dict[str, Any]:
    """One annotation a claim: where it stands, what was found.

    Where it stands: in the report's clean text, named by its digest, by its words and by their place in code points; and, where the address of
    the report is known, there by its words alone, since places in a page are others. What was found: the verdict as a tag, then in words; for
    a stretch of a recording its place, "t=start,end" in seconds.
    Source: W3C Web Annotation Data Model, sections 3.2, 4.2.2, 4.2.4, 4.2.5; Media Fragments URI 1.0.
    """
    items = [
        _annotation(report, each, number)
        for report in reports
        for number, each in enumerate(report.claims, 1)
    ]
    return {
        "@context": CONTEXT,
        "type": "AnnotationCollection",
        "total": len(items),
        "first": {"type": "AnnotationPage", "items": items},
    }


def _annotation(found: CheckedReport, checked: Checked, number: int) -> dict[str, Any]:
    span, row = checked.claim.span, rows_of([checked])[0]
    quote = {"type": "TextQuoteSelector", "exact": span.exact, "prefix": span.prefix, "suffix": span.suffix}
    place = {"type": "TextPositionSelector", "start": span.start, "end": span.end}
    text = {"source": digest_uri(found.report.sha256), "selector": [quote, place]}
    there = [{"source": found.report.url, "selector": [quote]}] if found.report.url else []
    told = [row.claim, row.seen, row.why, *row.notes, *(receipt(each) for each in checked.evidence)]
    body: list[dict[str, Any]] = [
        {"type": "TextualBody", "purpose": "tagging", "value": row.label},
        {
            "type": "TextualBody",
            "purpose": "assessing",
            "format": "text/plain",
            "language": "en",
            "value": f"{row.label}: {'. '.join(each for each in told if each)}",
        },
    ]
    pointers = [*checked.evidence, *(passage.pointer for passage in checked.passages)]
    heard = dict.fromkeys(part for each in pointers if (part := _stretch(each)) is not None)
    body += [
        {
            "type": "SpecificResource",
            "purpose": "linking",
            "source": source,
            "selector": {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": value},
        }
        for source, value in heard
    ]
    return {
        "id": f"{digest_uri(found.digest)}#c{number}",
        "type": "Annotation",
        "motivation": "assessing",
        "body": body,
        "target": [*there, text] if there else text,
    }


def _stretch(pointer: Pointer) -> tuple[str, str] | None:
    """(the post whose recording it is, the part of it); None for what is no part of a recording.

    The address is the one that Telegram gives a post by its channel's id. Source: Telegram's documentation of deep links, "message links".
    """
    value = media_range(pointer)
    if value is None or not (pointer.channel or "").isdigit() or pointer.post is None:
        return None
    return f"https://t.me/c/{pointer.channel}/{pointer.post}", value
