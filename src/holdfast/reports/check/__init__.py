"""Holds claims against what was captured and gives each its verdict: deterministic, offline, explained."""

from __future__ import annotations

from holdfast.reports.check.checker import Checker, CheckOptions

__all__ = ["CheckOptions", "Checker"]
