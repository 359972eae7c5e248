"""Reads news reports from files that were saved: pages and plain text, never from the web."""

from __future__ import annotations

from holdfast.capture.article.parse import ARTICLE_MAX_BYTES, Article, parse_article, place_in

__all__ = ["ARTICLE_MAX_BYTES", "Article", "parse_article", "place_in"]
