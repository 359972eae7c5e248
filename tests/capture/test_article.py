"""A saved report gives its text, and what it says of itself; whatever its bytes, it raises FormatError or answers."""

from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.capture.article import ARTICLE_MAX_BYTES, parse_article, place_in
from holdfast.capture.article.parse import _NODES_MAX
from holdfast.errors import FormatError

BODY = "<p>%s</p>" % (
    "An invented paragraph about an invented pier, long enough to be taken for an article's own. " * 4
)


def page(head: str = "", body: str = BODY, lang: str = ' lang="en-GB"') -> bytes:
    return f"<!doctype html><html{lang}><head>{head}</head><body><article>{body}</article></body></html>".encode()


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_plain_text_is_read_in_the_encoding_of_its_mark_and_placed_in_its_bytes(
    mark: bytes, encoding: str
) -> None:
    text = "Причал 🚢 открыт. Pier."
    raw = mark + text.encode(encoding)
    article = parse_article(raw, "report.txt")
    assert (article.text, article.is_page, article.published) == (text, False, None)
    found = place_in(raw, article, text.index("Pier"), "Pier")
    assert found is not None
    assert raw[found[0] : sum(found)].decode(encoding) == "Pier"


@pytest.mark.parametrize(
    "raw", [b"", b" \n ", b"\xff\xfe\x00", b"\x80abc", b"a\0b", b"x" * (ARTICLE_MAX_BYTES + 1)]
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_article(raw, "report.txt")


@pytest.mark.parametrize("raw", [b"", b"<html></html>", page(body="")])
def test_a_page_without_an_article_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_article(raw, "page.html")


def test_a_page_says_its_title_outlet_address_language_and_time() -> None:
    head = (
        '<script type="application/ld+json">{broken</script>'
        '<script type="application/ld+json">[{"@graph":[{"headline":"A  made-up\\nheadline","datePublished":"2023-12-29 14:05:06.123+0300",'
        '"publisher":{"name":"Invented Post"},"url":"https://post.example/ld"}]}, 7]</script>'
        '<link rel="canonical" href="https://post.example/a"><title>Other</title>'
    )
    found = parse_article(page(head), "saved")
    assert found.is_page
    assert (found.title, found.outlet, found.url, found.lang) == (
        "A made-up headline", "Invented Post", "https://post.example/a", "en-GB",
    )  # fmt: skip
    assert (found.published, found.published_source) == ("2023-12-29T14:05:06+0300", "json-ld")


def test_where_json_ld_is_silent_the_metas_speak() -> None:
    head = (
        '<title>A title</title><meta property="og:site_name" content="Site"><meta property="og:url" content="ftp://post.example/">'
        '<meta name="pubdate" content="yesterday"><meta name="date" content="2023-12-29">'
        '<script type="application/ld+json">{"datePublished":"soon","publisher":"nobody"}</script>'
    )
    found = parse_article(page(head, lang=""), "page.htm")
    assert (found.title, found.outlet, found.url, found.lang) == ("A title", "Site", None, None)
    assert (found.published, found.published_source) == ("2023-12-29", "meta")


def test_a_page_that_says_nothing_of_itself_says_nothing() -> None:
    found = parse_article(page(lang=""), "page.html")
    assert (found.title, found.outlet, found.url, found.published, found.published_source) == (None,) * 5


def test_json_ld_without_end_is_looked_through_up_to_a_limit() -> None:
    head = f'<script type="application/ld+json">[{"[]," * (_NODES_MAX + 5)}{{"headline":"late"}}]</script>'
    assert parse_article(page(head), "page.html").title is None
    deep = f'<script type="application/ld+json">{"[" * 100_000}</script>'
    assert parse_article(page(deep), "page.html").title is None


def test_words_are_placed_in_a_page_only_where_they_stand_once_and_in_one_piece() -> None:
    raw = page(body=f"{BODY}<p>Salt &amp; bread for the pier. One <b>broken</b> piece.</p>")
    article = parse_article(raw, "page.html")
    escaped = place_in(raw, article, 0, "Salt & bread")
    assert escaped is not None
    assert raw[escaped[0] : sum(escaped)] == b"Salt &amp; bread"
    assert place_in(raw, article, 0, "One broken piece") is None
    assert place_in(raw, article, 0, "invented pier") is None
    assert place_in(raw, article, 0, "") is None


@given(raw=st.binary(max_size=400), name=st.sampled_from(["a.txt", "a.html"]))
@settings(max_examples=150)
def test_any_bytes_give_an_article_or_a_format_error(raw: bytes, name: str) -> None:
    for each in (raw, b"<html><body><article><p>" + raw + BODY.encode()):
        with contextlib.suppress(FormatError):
            assert parse_article(each, name).text.strip()
