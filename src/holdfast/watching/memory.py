"""Remembers of each watched channel what was covered and looked at; made anew from the catalog at every start."""

from __future__ import annotations

from datetime import datetime

from holdfast.catalog import queries
from holdfast.catalog.schema import Engine
from holdfast.catalog.timeline import FAILURES
from holdfast.schedule import YOUNG_S, Due, Pattern, back_off_s, due_posts, missing_runs
from holdfast.watching.source import Source
from holdfast.watching.sweep import Plan, Swept

__all__ = ["Watched"]

YOUNG_POSTS = 2_000
"""Posts of a channel that are looked at by their age; beyond them a channel is paged through once a month."""
SLACK_S = 300
"""Posts that are due so soon are looked at now: a sweep that comes a little early must not cost them an hour."""
STALE_EVERY_S = 24 * 3_600


class Watched:
    """One channel under watch."""

    def __init__(
        self, source: Source, name: str, pattern: Pattern, *, history: int | None, pages: int
    ) -> None:
        self.source, self.name, self.pattern = source, name, pattern
        self.history, self.pages = history, pages
        self.channel: str | None = None
        self.next_at = 0
        self.failures = 0
        self.sweeps = 0
        self._newest = 0
        self._covered: list[tuple[int, int]] = []
        self._recent: list[tuple[int, int, int]] = []
        self._young: dict[int, tuple[int | None, int]] = {}
        self._stale_at = 0

    def load(self, engine: Engine, now: int) -> None:
        """Take up what earlier watches left in the catalog."""
        found = [row for row in queries.channels_named(engine, self.name) if _bears(row, self.name)]
        if len(found) != 1:
            return
        row = found[0]
        self._rest_until(queries.last_looks(engine, row.row, self.source.name, 20))
        if not row.id.isdigit():
            return
        self.channel = row.id
        looked: list[tuple[int, int, int]] = []
        for first, last, seen_at in queries.coverage_of(engine, row.row, self.source.name):
            looked.append((first, last, int(datetime.fromisoformat(seen_at).timestamp())))
        self._covered = _merged([(first, last) for first, last, _ in looked])
        self._recent = [each for each in looked if each[2] > now - YOUNG_S]
        for post, published in queries.newest_posts(engine, row.row, YOUNG_POSTS):
            self._newest = max(self._newest, post)
            if published is None or published > now - YOUNG_S:
                at = max((when for first, last, when in self._recent if first <= post <= last), default=0)
                self._young[post] = (published, at)

    def _rest_until(self, looks: list[tuple[str, str]]) -> None:
        """A restart asks no sooner than the watch before it would have. `looks`: (seen_at, answered), newest first."""
        if not looks:
            return
        for _, answered in looks:
            if answered not in FAILURES:
                break
            self.failures += 1
        last = int(datetime.fromisoformat(looks[0][0]).timestamp())
        self.next_at = last + back_off_s(self.failures, self.pattern.card_s())

    def plan(self, now: int) -> Plan:
        """What the next sweep is to ask for."""
        due = due_posts(
            (Due(post, published, looked - SLACK_S) for post, (published, looked) in self._young.items()),
            now,
            self.pattern,
        )
        gaps = self._gaps()
        if not gaps and now >= self._stale_at:
            # Once a day: what no answer has covered for a month is paged through again.
            self._stale_at = now + STALE_EVERY_S
            self._recent = [each for each in self._recent if each[2] > now - YOUNG_S]
            oldest = min(self._young, default=self._newest + 1)
            recent = [(first, last) for first, last, _ in self._recent]
            gaps = self._within(missing_runs(oldest - 1, recent))
        return Plan(tuple(due), tuple(gaps), self._newest or None, self.pages)

    def _gaps(self) -> list[tuple[int, int]]:
        return self._within(missing_runs(self._newest, self._covered)) if self._newest else []

    def _within(self, runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Runs of ids, as far back as the history is wanted."""
        if self.history is None:
            return runs
        lowest = max(1, self._newest - self.history + 1)
        return [(max(first, lowest), last) for first, last in runs if last >= lowest]

    def took(self, swept: Swept, now: int) -> None:
        """Note what a sweep covered, and when the next one is due."""
        self.sweeps += 1
        answered = swept.card.seen.answered
        if answered == "shown":
            self.channel = swept.channel if swept.channel.isdigit() else self.channel
        before = list(self._covered)
        for first, last, when in swept.spans:
            self._newest = max(self._newest, last)
            self._recent.append((first, last, when))
            for post in [each for each in self._young if first <= each <= last]:
                self._young[post] = (self._young[post][0], when)
        self._covered = _merged([*self._covered, *((first, last) for first, last, _ in swept.spans)])
        gone = {each.post for each in swept.missing}
        for answer in swept.answers:
            for seen in answer.seen.posts:
                published = seen.post.published_at
                at = int(datetime.fromisoformat(published).timestamp()) if published else None
                if at is None or at > now - YOUNG_S:
                    self._young[int(seen.post.id)] = (at, answer.seen_at)
        for post in list(self._young):
            at = self._young[post][0]
            if post in gone or (at is not None and at < now - YOUNG_S):
                del self._young[post]
        while len(self._young) > YOUNG_POSTS:
            del self._young[min(self._young)]
        usual = self.pattern.card_s()
        failed = swept.outcome == "failed" and answered in FAILURES
        self.failures = self.failures + 1 if failed else 0
        if failed:
            self.next_at = now + back_off_s(self.failures, usual)
        elif self.has_more and swept.outcome == "complete" and self._covered != before:
            self.next_at = now  # the history goes on as fast as the door lets it
        else:
            self.next_at = swept.started_at + usual

    @property
    def has_more(self) -> bool:
        """Whether there is history left that was never covered."""
        return bool(self._gaps())


def _bears(row: queries.ChannelRow, name: str) -> bool:
    plain = name.casefold().removeprefix("@")
    return plain in (row.id, (row.username or "").casefold())


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
