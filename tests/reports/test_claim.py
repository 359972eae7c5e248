"""The claim record: what it holds and that it survives the way to JSON and back."""

from __future__ import annotations

import msgspec
import pytest

from holdfast.reports.claim import (
    Claim,
    Evidence,
    Extraction,
    Quantity,
    ReadingChoice,
    Report,
    Span,
    SubjectCandidate,
    Verdict,
)

CLAIM = Claim(
    id="ab" * 12,
    report=Report(sha256="cd" * 32),
    span=Span(0, 4, "text"),
    lang="en",
    kind="views",
    text="video: over 900 views",
    extraction=Extraction(("cmp.over",)),
    quantity=Quantity(900, 900, "over", "views", 100, "number.digits"),
)


def test_what_is_not_known_is_absent_from_the_record() -> None:
    record = msgspec.json.decode(msgspec.json.encode(CLAIM))
    assert set(record) == {"id", "report", "span", "lang", "kind", "text", "extraction", "quantity"}


def test_a_claim_with_a_verdict_is_the_same_after_json() -> None:
    checked = msgspec.structs.replace(
        CLAIM,
        subject=(SubjectCandidate("channel:1", "alias", 90, ("gender",)),),
        verdict=Verdict("not checkable", "rounded counter", "bound only"),
        readings=(ReadingChoice((("zone", "UTC"),), "unknown", (0,)),),
        evidence=(Evidence("7", "ef" * 32, "2023-12-29T00:00:00Z", "views", "880", "920"),),
    )
    assert msgspec.json.decode(msgspec.json.encode(checked), type=Claim) == checked


def test_a_claim_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CLAIM.kind = "followers"  # type: ignore[misc]
