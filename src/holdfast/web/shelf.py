"""The archive as pages read it: opened anew when its catalog was replaced, answers kept while nothing was added."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Literal, TypeVar

from holdfast.archive import Archive
from holdfast.catalog import listing, queries
from holdfast.catalog.timeline import Event, timeline
from holdfast.errors import IntegrityError
from holdfast.history import channel_history
from holdfast.views import Page

__all__ = ["Shelf"]

KEPT = 256
"""Answers that are kept; each is dropped as soon as the catalog follows further."""
EVENTS_KEPT = 200_000

WORTH_S = 0.02
STANDS = 20
"""While somebody writes, an answer that took longer than WORTH_S to make stands for STANDS times as long as that: pages may be
some seconds behind an import, but they come."""

Kept = TypeVar("Kept")


class _Answer:
    """An answer that was made, or is being made: whoever holds `making` makes it."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.at: tuple[int, int] | None = None
        self.made: Any = None
        self.until = 0.0


class Shelf:
    """Safe for several threads. Errors of every method: as Archive."""

    def __init__(self, vault: Path) -> None:
        self.vault = vault
        self._archive: Archive | None = None
        self._stamp: tuple[int, int] | None = None
        self._opening = threading.Lock()
        self._searching = threading.Lock()
        self._keeping = threading.Lock()
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()

    def archive(self) -> Archive:
        """The archive. A rebuild elsewhere puts other files in the place of the catalog's: then it is opened anew."""
        with self._opening:
            stamp = self._stamped()
            if self._archive is None or stamp != self._stamp:
                # The old one is not closed: a request may be reading from it. It goes when nobody holds it.
                archive = Archive.open(self.vault, workers=0)
                archive.engine()
                self._archive, self._stamp = archive, self._stamped()
            return self._archive

    def _stamped(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.vault / "catalog" / "catalog.db")
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def kept(self, key: Hashable, make: Callable[[Archive], Kept]) -> Kept:
        """What `make` answers, remembered while the catalog follows no further, or for a while if it took long. `key` says what was
        asked; of many who ask at once, one makes the answer."""
        archive = self.archive()
        with self._keeping:
            answer = self._kept.setdefault(key, _Answer())
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        with answer.making:
            at = (id(archive), listing.followed(archive.engine()))
            if answer.at != at and (
                time.monotonic() >= answer.until or answer.at is None or answer.at[0] != at[0]
            ):
                began = time.monotonic()
                answer.made = make(archive)
                took = time.monotonic() - began
                answer.at, answer.until = at, time.monotonic() + (took * STANDS if took > WORTH_S else 0.0)
            return answer.made  # type: ignore[no-any-return]  # one key is always asked with one maker

    # -- what several pages ask -------------------------------------------------------------------

    def channels(self) -> list[queries.ChannelRow]:
        return self.kept("channels", lambda archive: queries.channels(archive.engine()))

    def channel(self, name: str) -> queries.ChannelRow | None:
        """The channel of an id; None if there is none."""
        return next((each for each in self.channels() if each.id == name), None)

    def totals(self) -> queries.Totals:
        return self.kept("totals", lambda archive: queries.totals(archive.engine()))

    def history(self, row: queries.ChannelRow) -> list[Event]:
        """All that changed of a channel. Bounded: its newest events only, where there are very many."""

        def told(archive: Archive) -> list[Event]:
            try:
                found = channel_history(archive, row)
            except IntegrityError:
                # An entry does not open. The page of its post says so; the intervals stand in the tables.
                found = timeline(archive.engine(), row.row)
            return found[-EVENTS_KEPT:]

        return self.kept(("history", row.row), told)

    def find(
        self,
        text: str,
        match: Literal["all", "exact", "stem", "any"],
        sort: Literal["rank", "newest", "oldest"],
        offset: int,
        limit: int,
    ) -> Page:
        """One search at a time: the index is not made for several threads."""
        archive = self.archive()
        with self._searching:
            return archive.find_posts(text, match=match, sort=sort, offset=offset, limit=limit)
