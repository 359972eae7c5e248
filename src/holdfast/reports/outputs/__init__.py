"""Shows a checked report: rows for a terminal, a page without scripts, records that others can read; pure."""

from __future__ import annotations

from holdfast.reports.outputs.annotations import web_annotations
from holdfast.reports.outputs.claimreview import claim_reviews
from holdfast.reports.outputs.page import report_page, reports_page
from holdfast.reports.outputs.rows import Row, rows_of
from holdfast.reports.outputs.side_by_side import GroupRow, group_rows

__all__ = [
    "GroupRow",
    "Row",
    "claim_reviews",
    "group_rows",
    "report_page",
    "reports_page",
    "rows_of",
    "web_annotations",
]
