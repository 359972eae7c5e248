"""One observation and the values that the tables hold of it."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.catalog.rows import decode_post, encode_units, post_row, published, searchable_text
from holdfast.errors import FormatError
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostFacts, PostSeen, RawRange, Reply

WHOLE = PostSeen(
    PostFacts("1", "7", published_at="2023-12-28T20:10:00Z", reply=Reply("3"), forward=Forward(name="A")),
    Author(name="Ольга"),
    ("see ", {"type": "text_link", "text": "here", "href": "https://a.example"}),
    (
        MediaSeen(
            "video", "sealed", "a" * 64, 10, file_name="film.mp4", size_bytes=12, duration_s=125, title="t"
        ),
    ),
    Metrics(views=5, forwards=2, reactions=(("👍", 2), ("🎉", 3)), voters=4),
    RawRange("b" * 64, 1, 2),
)


def row(seen: PostSeen) -> Any:
    return post_row(seen, encode_units(seen), lambda text: text)


def test_units_decode_to_what_was_encoded() -> None:
    assert decode_post(encode_units(WHOLE)) == WHOLE
    bare = PostSeen(PostFacts("1", "2"), None, None, None, None, None)
    assert encode_units(bare)[1:] == (b"null",) * 5
    assert decode_post(encode_units(bare)) == bare


def test_a_unit_that_is_not_held_reads_as_none() -> None:
    units = list[bytes | None](encode_units(WHOLE))
    units[2] = None
    found = decode_post(units)
    assert found is not None
    assert found.text is None
    assert decode_post([None, *units[1:]]) is None


@pytest.mark.parametrize("raw", [b"[]", b'{"channel":1,"id":"2"}', b"{", b"[" * 100_000])
def test_another_shape_is_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError, match="another shape"):
        decode_post([raw, None, None, None, None, None])


def test_a_row_holds_what_the_tables_ask_for() -> None:
    found = row(WHOLE)
    assert (found.post, found.kind, found.earliest, found.latest) == (7, 0, 1_703_794_200, 1_703_794_200)
    assert set(found.has) == {"media", "video", "link", "reply", "forward"}
    assert {name: low for name, low, _ in found.readings} == {
        "views": 5,
        "forwards": 2,
        "reactions": 5,
        "voters": 4,
    }
    assert found.media == (("video", "sealed", "a" * 64, 10, 125),)
    assert found.tokens == "see here\nt\nfilm.mp4"
    assert "service" in row(PostSeen(PostFacts("1", "2", kind="service"), None, None, None, None, None)).has


@pytest.mark.parametrize("number", ["x", "1.5", "", str(2**63), str(-(2**63) - 1)])
def test_an_id_beyond_64_bits_is_a_format_error(number: str) -> None:
    with pytest.raises(FormatError, match="post id"):
        row(PostSeen(PostFacts("1", number), None, None, None, None, None))


@pytest.mark.parametrize("number", [2**53 + 1, -1, 2**63 - 1, -(2**63)])
def test_an_id_within_64_bits_is_kept(number: int) -> None:
    assert row(PostSeen(PostFacts("1", str(number)), None, None, None, None, None)).post == number


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (None, None)),
        ({"published_at": "0001-01-01T00:00:00Z"}, (-62_135_596_800, -62_135_596_800)),
        ({"published_at": "9999-12-31T23:59:59Z"}, (253_402_300_799, 253_402_300_799)),
        ({"published_at": "yesterday"}, (None, None)),
        ({"published_local": "2023-01-02T00:00:00"}, (1_672_617_600 - 14 * 3600, 1_672_617_600 + 12 * 3600)),
        ({"published_local": "2023-01-02"}, (1_672_617_600 - 14 * 3600, 1_672_617_600 + 36 * 3600 - 1)),
        ({"published_local": "soon"}, (None, None)),
    ],
)
def test_a_time_without_a_zone_is_an_interval(
    facts: dict[str, str], expected: tuple[int | None, int | None]
) -> None:
    assert published(PostFacts("1", "2", **facts)) == expected  # type: ignore[arg-type]  # names are tested above


def test_where_a_file_lies_does_not_change_the_fingerprint() -> None:
    def mark(path: str, thumbnail: str, size: int = 1) -> bytes:
        media = MediaSeen(
            "photo", source_path=path, size_bytes=size, thumbnail=MediaSeen("photo", source_path=thumbnail)
        )
        found: bytes = row(PostSeen(PostFacts("1", "2"), None, None, (media,), None, None)).fingerprint
        return found

    assert mark("a", "b") == mark("c", "d")
    assert mark("a", "b") != mark("a", "b", 2)


def test_every_word_of_a_post_can_be_searched() -> None:
    poll = {
        "question": "Когда",
        "answers": [{"text": "в субботу"}, {"text": "никогда", "n": 5}],
        "closed": True,
    }
    facts = PostFacts("1", "2", kind="service", action={"type": "edit_title", "title": "Новое имя", "n": 5})
    seen = PostSeen(facts, None, "текст", (MediaSeen("poll", data=poll, performer="Хор"),), None, None)
    assert searchable_text(seen).split("\n") == ["текст", "Хор", "Когда", "в субботу", "никогда", "Новое имя"]
