"""Says times and intervals in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.catalog.timeline import Moment

__all__ = ["interval", "moment_of"]


def moment_of(moment: Moment | None) -> str:
    """A moment for people, in UTC."""
    if moment is None:
        return "a time not recorded"
    try:
        when = datetime.fromisoformat(moment.seen_at).astimezone(UTC)
    except ValueError:
        return "a time not recorded"
    return f"{when:%Y-%m-%d %H:%M}" + (f":{when:%S}" if when.second else "")


def interval(before: Moment | None, after: Moment) -> str:
    """Last seen so, first seen otherwise."""
    if before is None:
        return f"seen {moment_of(after)}"
    return f"between {moment_of(before)} and {moment_of(after)}"
