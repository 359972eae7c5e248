"""Shows a checked report: rows for a terminal, a page without scripts, records that others can read; pure."""

from __future__ import annotations

from holdfast.reports.outputs.claimreview import claim_reviews
from holdfast.reports.outputs.page import report_page
from holdfast.reports.outputs.rows import Row, rows_of

__all__ = ["Row", "claim_reviews", "report_page", "rows_of"]
