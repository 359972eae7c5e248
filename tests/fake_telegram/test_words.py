"""Texts as scenarios write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from holdfast.fake_telegram import render_channel
from holdfast.fake_telegram.words import marked_up, words_of_runs
from holdfast.model import plain_text
from tests.fake_telegram.scenes import HOUR, START, scenario, seen


@pytest.mark.parametrize(
    ("source", "runs"),
    [
        ("plain", ("plain",)),
        ("a **b** c", ("a ", {"type": "bold", "text": "b"}, " c")),
        ("__i__~~s~~", ({"type": "italic", "text": "i"}, {"type": "strikethrough", "text": "s"})),
        ("||h|| `x`", ({"type": "spoiler", "text": "h"}, " ", {"type": "code", "text": "x"})),
        ("```\na\nb\n```", ({"type": "pre", "text": "a\nb"},)),
        (
            "[here](https://a.example/b)",
            ({"type": "text_link", "text": "here", "href": "https://a.example/b"},),
        ),
        ("> one\n> two\nrest", ({"type": "blockquote", "text": "one\ntwo"}, "rest")),
        (r"\*\*not bold\*\*", ("**not bold**",)),
        (
            "see https://a.example/b, ok",
            ("see ", {"type": "link", "text": "https://a.example/b"}, ", ok"),
        ),
        (
            "@pier_news and me@mail.example",
            ({"type": "mention", "text": "@pier_news"}, " and me@mail.example"),
        ),
        ("#тег, #", ({"type": "hashtag", "text": "#тег"}, ", #")),
    ],
)
def test_simple_markup_makes_runs(source: str, runs: tuple[object, ...]) -> None:
    assert marked_up(source).runs == runs


def test_the_plain_text_is_all_runs_without_their_marks() -> None:
    assert marked_up("**a** [b](https://c.example) #d").plain == "a b #d"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_what_a_page_shows_is_the_plain_text_whatever_its_letters(text: str) -> None:
    words = words_of_runs([{"type": "bold", "text": text}]) if text else words_of_runs([])
    shown = LexborHTMLParser(f"<div>{words.html}</div>").css_first("div")
    assert shown is not None
    assert shown.text() == text


@given(st.text(alphabet="<>&\"'!\\ab*_~|`[]()#@:/ \n", max_size=40))
def test_no_text_can_write_markup_of_its_own(text: str) -> None:
    tags = {node.tag for node in LexborHTMLParser(f"<div>{marked_up(text).html}</div>").css("div *")}
    assert tags <= {"b", "i", "s", "tg-spoiler", "code", "pre", "a", "br", "blockquote"}


def test_an_emoji_is_a_picture_with_its_glyph_inside() -> None:
    page = LexborHTMLParser(marked_up("ok 👍🏽 🇺🇦 👩‍👧").html)
    assert [node.text() for node in page.css("i.emoji > b")] == ["👍🏽", "🇺🇦", "👩‍👧"]
    assert "40/F09F918DF09F8FBD.png" in (page.css("i.emoji")[0].attributes["style"] or "")


def test_every_type_of_run_reaches_the_parser_as_it_was_meant() -> None:
    told = scenario(
        """
[[channel.post]]
at = "+1m"
text = [
  "a ", {type = "bold", text = "b"}, {type = "italic", text = "c"}, {type = "underline", text = "d"},
  {type = "strikethrough", text = "e"}, {type = "spoiler", text = "f"}, {type = "code", text = "g"}, {type = "pre", text = "h"},
  {type = "blockquote", text = "i"}, {type = "text_link", text = "j", href = "https://a.example/?x=1&y=2"},
  {type = "link", text = "https://b.example/"}, {type = "mention", text = "@pier_news"}, {type = "hashtag", text = "#k"},
  {type = "custom_emoji", text = "🔥", document_id = "5400"},
]
"""
    )
    (post,) = seen(render_channel(told, "Pier_News", None, START + HOUR)).posts
    assert plain_text(post.text) == told.posts(71, START + HOUR)[0].text.plain  # type: ignore[union-attr]
    assert isinstance(post.text, tuple)
    kinds = [run["type"] for run in post.text if not isinstance(run, str)]
    assert kinds == [
        "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote", "text_link", "link",
        "mention", "hashtag", "custom_emoji",
    ]  # fmt: skip
    links = [run for run in post.text if not isinstance(run, str) and run["type"] == "text_link"]
    assert links[0]["href"] == "https://a.example/?x=1&y=2"
