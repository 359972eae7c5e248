"""Scores how reports are read and judged, against passages read by hand and worlds whose truth is known."""

from __future__ import annotations

from tools.score.reading import (
    OWN,
    SHARED,
    Passage,
    Score,
    Tally,
    is_counted,
    load_passages,
    read_all,
    same_time,
    table,
)

__all__ = [
    "OWN",
    "SHARED",
    "Passage",
    "Score",
    "Tally",
    "is_counted",
    "load_passages",
    "read_all",
    "same_time",
    "table",
]
