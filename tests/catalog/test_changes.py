"""What counts as a difference between two observations of a post."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.catalog.changes import REVISING, differences
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostFacts, PostSeen, RawRange, Reply, Text

FACTS: dict[str, Any] = {"channel": "1", "id": "1"}


def seen(
    text: Text | None = "text",
    *media: MediaSeen,
    author: Author | None = None,
    metrics: Metrics | None = None,
    **facts: Any,
) -> PostSeen:
    return PostSeen(PostFacts(**FACTS, **facts), author, text, media or None, metrics, RawRange("a" * 64))


def photo(**fields: Any) -> MediaSeen:
    return MediaSeen("photo", **fields)


FORWARD = Forward(name="A", source_id="channel1", published_at="2023-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # Text: words, marks, attributes that both sides record.
        (seen("a"), seen("b"), {"text"}),
        (seen("a"), seen(None), {"text"}),
        (seen(""), seen(None), set()),
        (seen(("a ", "b")), seen("a b"), set()),
        (seen(({"type": "plain", "text": "a"}, "b")), seen("ab"), set()),
        (seen(({"type": "bold", "text": "a"},)), seen("a"), {"text"}),
        (
            seen(({"type": "pre", "text": "a", "language": "js"},)),
            seen(({"type": "pre", "text": "a"},)),
            set(),
        ),
        (
            seen(({"type": "link", "text": "a", "href": "x"},)),
            seen(({"type": "link", "text": "a", "href": "y"},)),
            {"text"},
        ),
        (
            seen(({"type": "custom_emoji", "text": "a", "document_id": "1"},)),
            seen(({"type": "custom_emoji", "text": "a", "document_id": "2"},)),
            set(),
        ),
        # Times: absolute ones only.
        (seen(published_at="a"), seen(published_at="b"), {"published"}),
        (seen(published_local="a"), seen(published_local="b"), set()),
        (seen(published_local="a"), seen(published_at="b"), set()),
        (seen(), seen(edited_at="2024-01-01T00:00:00Z"), {"edit mark"}),
        (seen(edited_at="2024-01-01T00:00:00Z"), seen(), set()),
        (
            seen(edited_at="2024-01-02T00:00:00Z"),
            seen(edited_at="2024-01-01T00:00:00Z"),
            {"edit mark", "older edit mark"},
        ),
        # Kind, act, reply, forward, the rest.
        (seen(), seen(kind="service"), {"kind"}),
        (seen(action={"type": "x"}), seen(action={"type": "y"}), {"action"}),
        (seen(reply=Reply("1")), seen(reply=Reply("2")), {"reply"}),
        (seen(reply=Reply("1", "2")), seen(other={"reply_to": "a post in another chat"}), set()),
        (seen(reply=Reply("1")), seen(), {"reply"}),
        (seen(other={"a": 1}), seen(other={"a": 2}), {"other"}),
        (seen(forward=FORWARD), seen(), {"forward"}),
        (seen(forward=FORWARD), seen(forward=Forward(name="A")), set()),
        (seen(forward=FORWARD), seen(forward=Forward(name="B")), {"forward"}),
        # Persons.
        (seen(author=Author(name="A")), seen(author=Author(name="B")), {"author"}),
        (seen(), seen(author=Author(signature="A")), {"author"}),
        (seen(author=Author(name="A", source_id="user1")), seen(author=Author(name="A")), set()),
        (
            seen(author=Author(name="A", source_id="user1")),
            seen(author=Author(name="A", source_id="user2")),
            {"author"},
        ),
        (seen(author=Author(persons={"x": 1})), seen(author=Author(persons={"x": 2})), set()),
        # Media: what both know; files that one side holds.
        (seen("a", photo()), seen("a"), {"media"}),
        (seen("a", photo()), seen("a", MediaSeen("video")), {"media"}),
        (seen("a", photo(width=1)), seen("a", photo(width=2)), {"media"}),
        (seen("a", photo(width=1)), seen("a", photo()), set()),
        (seen("a", photo(title="a")), seen("a", photo()), set()),
        (seen("a", photo(title="a")), seen("a", photo(title="b")), {"media"}),
        (seen("a", photo(source_path="a")), seen("a", photo(source_path="b")), set()),
        (seen("a", photo(data={"size_text": "1 MB"})), seen("a", photo(size_bytes=1_000_000)), set()),
        (seen("a", photo(data={"x": 1})), seen("a", photo(data={"x": 2})), {"media"}),
        (
            seen("a", MediaSeen("poll", data={"question": "a"})),
            seen("a", MediaSeen("poll", data={"question": "b"})),
            {"poll"},
        ),
        (seen("a", photo(state="not_included")), seen("a", photo(state="too_big")), set()),
        (seen("a", photo(state="missing")), seen("a", photo(state="unavailable")), {"files"}),
        (seen("a", photo(state="missing")), seen("a", photo(state="sealed", artefact="b")), {"files"}),
        (seen("a", photo(state="sealed", artefact="b")), seen("a", photo(state="missing")), set()),
        (seen("a", photo(artefact="b")), seen("a", photo(artefact="c")), {"media"}),
        # Readings.
        (seen(metrics=Metrics(reactions=(("👍", 1),))), seen(metrics=Metrics(reactions=(("👍", 2),))), {"reactions"}),
        (seen(metrics=Metrics(reactions=(("👍", 1),))), seen(), {"reactions"}),
        (seen(metrics=Metrics(views=5)), seen(), set()),
        (seen(metrics=Metrics(views=5)), seen(metrics=Metrics(views=6)), {"views"}),
        (seen(metrics=Metrics(voters=5)), seen(metrics=Metrics(voters=6)), {"votes"}),
    ],
)  # fmt: skip
def test_what_differs_is_named_and_nothing_else(old: PostSeen, new: PostSeen, expected: set[str]) -> None:
    assert differences(old, new) == expected
    assert differences(old, old) == differences(new, new) == frozenset()


def test_content_revises_and_readings_do_not() -> None:
    assert not REVISING & {
        "reactions",
        "votes",
        "views",
        "forwards",
        "edit mark",
        "older edit mark",
        "files",
        "back",
        "other",
    }
    assert {"text", "media", "poll", "author", "forward", "reply", "published", "action", "kind"} == REVISING


texts = st.none() | st.text(max_size=5) | st.lists(
    st.text(max_size=3)
    | st.fixed_dictionaries({"type": st.sampled_from(["plain", "bold", "link"]), "text": st.text(max_size=3)}),
    max_size=4,
).map(tuple)  # fmt: skip


@given(texts, texts)
def test_text_differs_either_way_or_not_at_all(one: Text | None, other: Text | None) -> None:
    assert differences(seen(one), seen(other)) == differences(seen(other), seen(one))
    assert not differences(seen(one), seen(one))
