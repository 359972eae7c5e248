"""Lays reports side by side: what they say of one fact, in order, and what each difference between them is."""

from __future__ import annotations

from holdfast.reports.compare.comparing import Comparison, Group, Said, compare_reports, in_order
from holdfast.reports.compare.differences import DIFFERENCES, Difference

__all__ = ["DIFFERENCES", "Comparison", "Difference", "Group", "Said", "compare_reports", "in_order"]
