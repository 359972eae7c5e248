"""Bytes of a saved report -> its text, and what it says of itself; pure."""

from __future__ import annotations

import codecs
import html
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser

from holdfast.errors import FormatError

__all__ = ["ARTICLE_MAX_BYTES", "Article", "parse_article", "place_in"]

ARTICLE_MAX_BYTES = 16 << 20
_FIELD_MAX = 500
_PAGE = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<!doctype html|<html|<head|<body)", re.IGNORECASE)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?\s?(Z|[+-]\d{2}:?\d{2})?)?"
)
_METAS = (
    'meta[property="article:published_time"]',
    'meta[name="article:published_time"]',
    'meta[itemprop="datePublished"]',
    'meta[name="datePublished"]',
    'meta[name="pubdate"]',
    'meta[name="parsely-pub-date"]',
    'meta[name="date"]',
)
_NODES_MAX = 2_000
"""Objects of a page's JSON-LD that are looked through."""


class Article(msgspec.Struct, frozen=True):
    """A report's text with what the file says of it, all claimed by the source.

    `published`: a day or moment of ISO 8601, as `published_source` ("json-ld" or "meta") gives it; None where a page says nothing,
    and for plain text, whose date line is read with its words. `is_page`: the text was cut out of HTML.
    """

    text: str
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    lang: str | None = None
    published: str | None = None
    published_source: str | None = None
    is_page: bool = False


def parse_article(raw: bytes, name: str) -> Article:
    """The report in a file's bytes; `name` tells a page from plain text where its beginning does not.

    Errors: FormatError if it is neither, holds no text, or is larger than ARTICLE_MAX_BYTES.
    """
    if len(raw) > ARTICLE_MAX_BYTES:
        raise FormatError(f"a report is larger than {ARTICLE_MAX_BYTES} bytes")
    if name.lower().endswith((".html", ".htm", ".xhtml")) or _PAGE.match(raw[:1000]):
        return _page(raw)
    text = _decoded(raw)
    if not text.strip():
        raise FormatError("there is no text in it")
    return Article(text)


def place_in(raw: bytes, article: Article, start: int, exact: str) -> tuple[int, int] | None:
    """(offset, length) in bytes of a stretch of the text in the file; None where it does not stand there in one piece, once."""
    if not article.is_page:
        encoding, skip = _encoding(raw)
        offset = skip + len(article.text[:start].encode(encoding))
        return offset, len(exact.encode(encoding))
    for needle in dict.fromkeys((exact, html.escape(exact, quote=False), html.escape(exact))):
        found = needle.encode("utf-8")
        if found and raw.count(found) == 1:
            return raw.index(found), len(found)
    return None


# -- plain text ---------------------------------------------------------------------------------------


def _encoding(raw: bytes) -> tuple[str, int]:
    """The encoding of a text file and the length of its mark."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if raw.startswith(mark):
            return encoding, len(mark)
    return "utf-8", 0


def _decoded(raw: bytes) -> str:
    encoding, skip = _encoding(raw)
    try:
        text = raw[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        raise FormatError("it is no text in UTF-8 or UTF-16") from error
    if "\0" in text:
        raise FormatError("it is no text: it holds zero bytes")
    return text


# -- pages --------------------------------------------------------------------------------------------


def _page(raw: bytes) -> Article:
    import trafilatura  # here: a plain text needs none of it, and it takes a third of a second

    try:
        found = trafilatura.bare_extraction(
            raw, favor_precision=True, include_comments=False, include_tables=False, with_metadata=False
        )
    except Exception as error:  # hostile bytes: the extractor promises nothing about what it raises
        raise FormatError("the page cannot be taken apart") from error
    text = getattr(found, "text", None)
    if not isinstance(text, str) or not text.strip():
        raise FormatError("no article's text was found on the page")
    tree = LexborHTMLParser(raw)
    linked = list(_linked(tree))
    published, source = _published(tree, linked)
    head = tree.css_first("html")
    return Article(
        text,
        _field(
            _first(linked, "headline") or _meta(tree, 'meta[property="og:title"]') or _words_of(tree, "title")
        ),
        _field(_outlet(linked) or _meta(tree, 'meta[property="og:site_name"]')),
        _address(tree, linked),
        _field((head.attributes.get("lang") if head is not None else None), 20),
        published,
        source,
        True,
    )


def _linked(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Every object of a page's JSON-LD, outermost first."""
    waiting: list[Any] = []
    for node in tree.css('script[type="application/ld+json"]'):
        try:
            waiting.append(json.loads(node.text(deep=True)))
        except (ValueError, RecursionError):
            continue  # other scripts of the page may still be whole
    for _ in range(_NODES_MAX):
        if not waiting:
            return
        each = waiting.pop(0)
        if isinstance(each, dict):
            yield each
            waiting += [value for value in each.values() if isinstance(value, dict | list)]
        elif isinstance(each, list):
            waiting += each[:_NODES_MAX]


def _first(linked: list[dict[str, Any]], name: str) -> str | None:
    return next((each[name] for each in linked if isinstance(each.get(name), str)), None)


def _outlet(linked: list[dict[str, Any]]) -> str | None:
    for each in linked:
        publisher = each.get("publisher")
        if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            return str(publisher["name"])
    return None


def _published(tree: LexborHTMLParser, linked: list[dict[str, Any]]) -> tuple[str | None, str | None]:
    told = _moment(_first(linked, "datePublished"))
    if told is not None:
        return told, "json-ld"
    for selector in _METAS:
        told = _moment(_meta(tree, selector))
        if told is not None:
            return told, "meta"
    return None, None


def _moment(text: str | None) -> str | None:
    found = _MOMENT.fullmatch((text or "").strip())
    if found is None:
        return None
    return found[1] if found[2] is None else f"{found[1]}T{found[2]}{found[3] or ''}"


def _meta(tree: LexborHTMLParser, selector: str) -> str | None:
    node = tree.css_first(selector)
    return None if node is None else node.attributes.get("content")


def _words_of(tree: LexborHTMLParser, selector: str) -> str | None:
    node = tree.css_first(selector)
    return None if node is None else node.text(deep=True)


def _address(tree: LexborHTMLParser, linked: list[dict[str, Any]]) -> str | None:
    node = tree.css_first('link[rel="canonical"]')
    told = node.attributes.get("href") if node is not None else None
    told = told or _meta(tree, 'meta[property="og:url"]') or _first(linked, "url")
    return _field(told) if told and told.startswith(("https://", "http://")) else None


def _field(text: str | None, most: int = _FIELD_MAX) -> str | None:
    """A field in one line, not longer than `most`; None for an empty one."""
    return " ".join((text or "").split())[:most] or None
