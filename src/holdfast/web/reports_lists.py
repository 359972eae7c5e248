"""Lists of checked reports: a line for each check, as the catalog knows it."""

from __future__ import annotations

from typing import Any

from holdfast.archive import Archive
from holdfast.catalog import checked
from holdfast.errors import HoldfastError
from holdfast.web.desk import Ask
from holdfast.web.reports_sealed import SealedCheck

__all__ = ["lately", "others_of", "title_of"]

HEADLINE_MOST = 120
OTHERS_SHOWN = 20


def lately(ask: Ask, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """The last checks below an entry (None: of all), newest first."""
    engine = ask.desk.shelf.archive().engine()
    return [_row(ask, each) for each in checked.checks_before(engine, before, limit)]


def others_of(ask: Ask, check: SealedCheck) -> list[dict[str, Any]]:
    """The other checks of the same report, newest first."""
    engine = ask.desk.shelf.archive().engine()
    rows = checked.checks_of(engine, check.report_entry, OTHERS_SHOWN)
    return [_row(ask, each) for each in rows if each.entry != check.entry]


def title_of(check: SealedCheck) -> str | None:
    """The report's title, or its first line; None where neither is held."""
    if check.report is not None and check.report.title:
        return check.report.title
    return _first_line(check.text or "")


def _row(ask: Ask, row: checked.CheckRow) -> dict[str, Any]:
    return {
        "entry": row.entry,
        "report_entry": row.report,
        "headline": row.title or _headline(ask, row.report),
        "outlet": row.outlet,
        "url": row.url,
        "lang": row.lang,
        "published": None if row.published_lo is None else {"lo": row.published_lo, "hi": row.published_hi},
        "checked_at": row.ts,
        "claims": row.claims,
        "counts": dict(row.labels),
        "digest": row.digest,
    }


def _headline(ask: Ask, entry: int | None) -> str | None:
    """The first line of a report that has no title; None where its text is not held."""

    def first_line(archive: Archive) -> str | None:
        if entry is None:
            return None
        try:
            text = archive.reader.opened(entry)[1].value("text")
        except HoldfastError:
            return None  # the list stands without it; the entry's own page says what is wrong
        return _first_line(text) if isinstance(text, str) else None

    return ask.desk.shelf.kept(("headline", entry), first_line)


def _first_line(text: str) -> str | None:
    line = next((each for each in text[:5_000].splitlines() if each.strip()), "").strip()
    return (line if len(line) <= HEADLINE_MOST else line[: HEADLINE_MOST - 1].rstrip() + "…") or None
