"""Reads what stands below a post: time, counters, reactions, signature, the mark of an edit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from selectolax.lexbor import LexborNode

from holdfast.capture.telegram_web.counts import parse_count
from holdfast.capture.telegram_web.markup import classes_of, clipped, line_of
from holdfast.model import Count

__all__ = ["Below"]

_UTC = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\+00:00", re.ASCII)
_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_TEMPLATE: Final = " ,\u00a0\n\r\t"
_MAX_REACTIONS: Final = 1000


class Below:
    """What the line below a post says; `unread_date` and `unread_words` are what could not be understood."""

    views: Count | None = None
    voters: Count | None = None
    reactions: tuple[tuple[str, Count], ...] | None = None
    signature: str | None = None
    is_edited = False
    published_at: str | None = None
    published_local: str | None = None
    unread_date: str | None = None
    unread_words: str | None = None

    def __init__(self, unknown: Counter[str]) -> None:
        self._unknown = unknown

    def take_footer(self, part: LexborNode) -> None:
        """Adds what the footer says."""
        is_date = False
        for child in part.traverse():
            for name in classes_of(child):
                if name == _DATE:
                    is_date = True
                elif (step := _FOOTER.get(name)) is not None:
                    step(self, child)
            if is_date and child.tag == "time":
                self._date(child)

    def take_reactions(self, part: LexborNode) -> None:
        """Adds the reactions. One that is there twice, or shows no count, is not counted but reported as unknown."""
        counted: dict[str, Count] = {}
        for reaction in part.iter():
            classes = classes_of(reaction)
            if "tgme_reaction" not in classes or len(counted) > _MAX_REACTIONS:
                continue
            name, shown = "paid" if "tgme_reaction_paid" in classes else "unknown", ""
            for child in reaction.iter(include_text=True):
                if child.is_text_node:
                    shown += child.text_content or ""
                elif child.tag == "tg-emoji":
                    name = f"custom:{(child.attrs.get('emoji-id') or '')[:32]}"
                elif child.is_element_node and "emoji" in classes_of(child):
                    name = line_of(child) or name
            count = parse_count(shown.strip())
            if count is None or name in counted:
                self._unknown["reaction"] += 1
            if count is not None:
                counted.setdefault(name[:100], count)
        self.reactions = tuple(sorted(counted.items(), key=lambda item: item[0])) or None

    def _views(self, part: LexborNode) -> None:
        self.views = self._counted(part, "views")

    def _voters(self, part: LexborNode) -> None:
        self.voters = self._counted(part, "voters")

    def _counted(self, part: LexborNode, what: str) -> Count | None:
        count = parse_count(line_of(part) or "")
        if count is None:
            self._unknown[what] += 1
        return count

    def _signature(self, part: LexborNode) -> None:
        self.signature = line_of(part)

    def _edited(self, _part: LexborNode) -> None:
        self.is_edited = True

    def _meta(self, part: LexborNode) -> None:
        words = part.text(deep=False).strip(_TEMPLATE)
        if words == "edited":
            self.is_edited = True
        elif words:
            self._unknown["meta"] += 1
            self.unread_words = clipped(words)

    def _date(self, moment: LexborNode) -> None:
        claim = moment.attrs.get("datetime")
        if claim is None:
            return
        self.published_at, self.published_local = _time(claim)
        if self.published_at is None and self.published_local is None:
            self.unread_date = claim[:100]


_PREFIX: Final = "tgme_widget_message_"
_DATE: Final = _PREFIX + "date"
_FOOTER: Final[dict[str, Callable[[Below, LexborNode], None]]] = {
    _PREFIX + "views": Below._views,
    _PREFIX + "voters": Below._voters,
    _PREFIX + "from_author": Below._signature,
    _PREFIX + "meta": Below._meta,
    _PREFIX + "edited": Below._edited,
}


def _time(claim: str) -> tuple[str | None, str | None]:
    """(UTC, local) of a claimed time; local where the claim names no zone, neither if it is no time."""
    try:
        moment = datetime.fromisoformat(claim)
        match = _UTC.fullmatch(claim)
        if match is not None:
            return f"{match[1]}Z", None
        if moment.tzinfo is None:
            return (None, claim) if _LOCAL.fullmatch(claim) else (None, None)
        utc = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        return f"{utc.isoformat()}Z", None
    except (ValueError, OverflowError):
        return None, None
