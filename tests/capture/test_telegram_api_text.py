"""Entities counted in UTF-16 units become runs whose words are always the text, however hostile they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.capture.telegram_api.text import text_from_entities
from holdfast.capture.telegram_api.values import Unknown
from holdfast.model import plain_text
from tests.capture.test_telegram_api_fake import NOON, types

BOLD, ITALIC = types.MessageEntityBold, types.MessageEntityItalic


def test_no_text_is_none_and_a_text_without_marks_is_a_string() -> None:
    assert text_from_entities("", [BOLD(0, 1)]) is None
    assert text_from_entities("words", None) == "words"
    assert text_from_entities("words", []) == "words"


def test_marks_are_counted_in_utf_16_units() -> None:
    text = "🇺🇦 Бердянск 👩‍👩‍👧 end"
    units = len("🇺🇦 ".encode("utf-16-le")) // 2
    assert text_from_entities(text, [BOLD(units, 8)]) == (
        "🇺🇦 ",
        {"type": "bold", "text": "Бердянск"},
        " 👩‍👩‍👧 end",
    )


@pytest.mark.parametrize(
    ("entity", "run"),
    [
        (types.MessageEntityMention(0, 4), {"type": "mention"}),
        (types.MessageEntityHashtag(0, 4), {"type": "hashtag"}),
        (types.MessageEntityCashtag(0, 4), {"type": "cashtag"}),
        (types.MessageEntityBotCommand(0, 4), {"type": "bot_command"}),
        (types.MessageEntityUrl(0, 4), {"type": "link"}),
        (types.MessageEntityEmail(0, 4), {"type": "email"}),
        (types.MessageEntityPhone(0, 4), {"type": "phone"}),
        (types.MessageEntityBold(0, 4), {"type": "bold"}),
        (types.MessageEntityItalic(0, 4), {"type": "italic"}),
        (types.MessageEntityUnderline(0, 4), {"type": "underline"}),
        (types.MessageEntityStrike(0, 4), {"type": "strikethrough"}),
        (types.MessageEntitySpoiler(0, 4), {"type": "spoiler"}),
        (types.MessageEntityCode(0, 4), {"type": "code"}),
        (types.MessageEntityPre(0, 4, "python"), {"type": "pre", "language": "python"}),
        (types.MessageEntityPre(0, 4, ""), {"type": "pre"}),
        (types.MessageEntityTextUrl(0, 4, "https://e.org"), {"type": "text_link", "href": "https://e.org"}),
        (types.MessageEntityMentionName(0, 4, 2**60), {"type": "mention_name", "user_id": str(2**60)}),
        (types.MessageEntityCustomEmoji(0, 4, 2**60), {"type": "custom_emoji", "document_id": str(2**60)}),
        (types.MessageEntityBlockquote(0, 4), {"type": "blockquote"}),
        (types.MessageEntityBlockquote(0, 4, collapsed=True), {"type": "blockquote", "collapsed": True}),
        (types.MessageEntityBankCard(0, 4), {"type": "bank_card"}),
        (
            types.MessageEntityFormattedDate(0, 4, NOON),
            {"type": "formatted_date", "date": "2026-11-14T12:00:00Z"},
        ),
        (types.MessageEntityUnknown(0, 4), {"type": "unknown"}),
    ],
)
def test_every_kind_of_mark_has_the_name_that_exports_give_it(entity: Any, run: Any) -> None:
    unknown = Unknown()
    assert text_from_entities("word and more", [entity], unknown) == ({"text": "word", **run}, " and more")
    assert not unknown


def test_a_mark_that_nobody_here_knows_keeps_its_own_name_and_is_counted() -> None:
    unknown = Unknown()
    assert text_from_entities("word", [types.MessageEntityDiffInsert(0, 4)], unknown) == (
        {"type": "diff_insert", "text": "word"},
    )
    assert text_from_entities("word", [types.PeerUser(1)], unknown) == "word"
    assert unknown == {"MessageEntityDiffInsert": 1, "PeerUser": 1}
    assert text_from_entities("word", [types.PeerUser(1)]) == "word"


def test_of_nested_marks_the_first_makes_the_run_and_the_others_are_kept_inside_it() -> None:
    link = types.MessageEntityTextUrl(2, 3, "https://e.org")
    assert text_from_entities("ab cd ef", [BOLD(0, 5), link, ITALIC(0, 5)]) == (
        {
            "type": "bold",
            "text": "ab cd",
            "also": [
                {"type": "italic", "offset": 0, "length": 5},
                {"type": "text_link", "offset": 2, "length": 3, "href": "https://e.org"},
            ],
        },
        " ef",
    )


def test_a_mark_that_begins_inside_another_and_ends_outside_keeps_its_whole_length() -> None:
    assert text_from_entities("abcdef", [BOLD(0, 3), ITALIC(2, 4)]) == (
        {"type": "bold", "text": "abc", "also": [{"type": "italic", "offset": 2, "length": 4}]},
        "def",
    )


@pytest.mark.parametrize(
    ("offset", "length"), [(-1, 2), (0, 0), (0, -3), (3, 2), (4, 1), (2**31 - 1, 2**31 - 1)]
)
def test_a_mark_outside_the_text_is_left_out(offset: int, length: int) -> None:
    assert text_from_entities("word", [BOLD(offset, length)]) == "word"


def test_an_offset_inside_a_surrogate_pair_is_moved_to_the_characters_edge() -> None:
    assert text_from_entities("a😀b", [BOLD(2, 1)]) == ("a", {"type": "bold", "text": "😀"}, "b")
    assert text_from_entities("a😀b", [BOLD(0, 2)]) == ({"type": "bold", "text": "a😀"}, "b")


_WHOLE = st.integers(-5, 40)
_ENTITY = st.one_of(
    st.builds(BOLD, _WHOLE, _WHOLE),
    st.builds(types.MessageEntityPre, _WHOLE, _WHOLE, st.text(max_size=3)),
    st.builds(types.MessageEntityTextUrl, _WHOLE, _WHOLE, st.text(max_size=3)),
    st.builds(types.MessageEntityBlockquote, _WHOLE, _WHOLE, st.booleans()),
)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=24), st.lists(_ENTITY, max_size=12))
def test_the_words_of_the_runs_are_always_exactly_the_text(text: str, entities: list[Any]) -> None:
    runs = text_from_entities(text, entities)
    assert plain_text(runs) == text
    if isinstance(runs, tuple):
        assert all(run if isinstance(run, str) else run["text"] for run in runs)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="aЖ😀\U00010000", min_size=1, max_size=20), st.data())
def test_a_mark_on_whole_characters_marks_exactly_them(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    offset = len(text[:start].encode("utf-16-le")) // 2
    length = len(text[start:end].encode("utf-16-le")) // 2
    runs = text_from_entities(text, [BOLD(offset, length)])
    assert [run["text"] for run in runs or () if isinstance(run, dict)] == [text[start:end]]


def test_of_more_than_a_thousand_marks_the_rest_is_counted() -> None:
    unknown = Unknown()
    runs = text_from_entities("ab" * 500, [BOLD(i % 7, 1 + i % 300) for i in range(100_000)], unknown)
    assert plain_text(runs) == "ab" * 500
    assert unknown == {"marks beyond a thousand": 99_000}
