"""Reads a report's text into claims, English and Russian, without a network or a model."""

from __future__ import annotations

from holdfast.reports.extract.calendar import parse_published
from holdfast.reports.extract.reading import extract, read_language

__all__ = ["extract", "parse_published", "read_language"]
