"""Reads the exports of Telegram Desktop: JSON and HTML of every year's shape, with the media beside them."""

from holdfast.capture.telegram_export.coverage import CoverageBuilder
from holdfast.capture.telegram_export.media import media_file
from holdfast.capture.telegram_export.plan import Document, Plan, plan_export
from holdfast.capture.telegram_export.problems import PROBLEM_CODES, RECORD_CODES
from holdfast.capture.telegram_export.reading import parse_region, read_export

__all__ = [
    "PROBLEM_CODES",
    "RECORD_CODES",
    "CoverageBuilder",
    "Document",
    "Plan",
    "media_file",
    "parse_region",
    "plan_export",
    "read_export",
]
