"""Remembers of each watched channel what was covered and looked at; made anew from the catalog at every start."""

from __future__ import annotations

from datetime import datetime

from holdfast.catalog import queries
from holdfast.catalog.schema import Engine
from holdfast.catalog.timeline import FAILURES
from holdfast.model import ChannelSeen
from holdfast.schedule import YOUNG_S, Due, Pattern, back_off_s, due_posts, missing_runs
from holdfast.watching.source import UNNAMED, Source
from holdfast.watching.sweep import Plan, Swept

__all__ = ["Watched"]

YOUNG_POSTS = 2_000
"""Posts of a channel that are looked at by their age; beyond them a channel is paged through once a month."""
SLACK_S = 300
"""Posts that are due so soon are looked at now: a sweep that comes a little early must not cost them an hour."""
BARE_S = 24 * 3_600
"""So long it is believed that there is nothing before an id: a source says so too when it is asked too fast."""
LOOKS_READ = 20
"""Last looks of a channel that say how often it failed in a row."""


class Watched:
    """One channel under watch, by one source under one name."""

    def __init__(
        self, source: Source, name: str, pattern: Pattern, *, history: int | None, pages: int
    ) -> None:
        self.source, self.name, self.pattern = source, name, pattern
        self.history, self.pages = history, pages
        self.next_at = 0
        self.held_until = 0
        """Until then the source asked not to be asked; it means its host, so all channels there."""
        self.failures = 0
        self.goes_on = False
        """Whether there is more to ask for than the last sweep had room for, so that the next one follows at once."""
        self.answered: str | None = None
        self.channel: str | None = None
        self._forget(None)

    def _forget(self, channel: str | None) -> None:
        """Begin anew with another channel: nothing that is known of one says anything of the other."""
        self.channel = channel
        self._card: ChannelSeen | None = None
        self._newest = 0
        self._covered: list[tuple[int, int]] = []
        self._recent: list[tuple[int, int, int]] = []
        self._young: dict[int, tuple[int | None, int]] = {}
        self._left: int | None = None
        self._bare: tuple[int, int] = (0, 0)
        """Below that id a page showed nothing; until those unix seconds it is not asked for again."""
        self._now = 0

    def load(self, engine: Engine, now: int) -> None:
        """Take up what earlier watches left in the catalog."""
        row = queries.last_bearer(engine, self.name, self.source.name)
        if row is None:
            return
        looks = queries.last_looks(engine, row.row, self.source.name, LOOKS_READ)
        self._rest_until(looks, now)
        self.channel = row.id if not row.id.startswith(UNNAMED) else None
        self._card = ChannelSeen(row.id, row.title, description=row.description)
        for first, last, seen_at in queries.coverage_of(engine, row.row, self.source.name):
            self._recent.append((first, last, _unix(seen_at)))
        self._covered = _merged([(first, last) for first, last, _ in self._recent])
        self._newest = max((last for _, last in self._covered), default=0)
        self._recent = [each for each in self._recent if each[2] > now - YOUNG_S]
        for post, published in queries.newest_posts(engine, row.row, YOUNG_POSTS):
            if published is None or published > now - YOUNG_S:
                at = max((when for first, last, when in self._recent if first <= post <= last), default=0)
                self._young[post] = (published, at)

    def _rest_until(self, looks: list[queries.LookRow], now: int) -> None:
        """A restart asks no sooner than the watch before it would have. `looks`: newest first."""
        if not looks:
            return
        self.answered = looks[0].answered
        for each in looks:
            if each.answered not in FAILURES:
                break
            self.failures += 1
        last = _unix(looks[0].seen_at)
        if looks[0].retry_at is not None:
            self.held_until = _unix(looks[0].retry_at)
        # A look in what is now the future was made while this machine's clock was ahead: it holds nobody back.
        if last <= now:
            self.next_at = max(last + back_off_s(self.failures, self.pattern.card_s()), self.held_until)

    def plan(self, now: int) -> Plan:
        """What the next sweep is to ask for."""
        self._now = now
        gaps = self._gaps()
        return Plan(
            tuple(self._due(now)),
            tuple(gaps or self._stale(now)),
            self._newest or None,
            self.history,
            self._card,
            self.pages,
        )

    def _due(self, now: int) -> list[int]:
        young = (Due(post, published, looked - SLACK_S) for post, (published, looked) in self._young.items())
        return due_posts(young, now, self.pattern)

    def _gaps(self) -> list[tuple[int, int]]:
        """Runs of ids that were never covered, newest first, as far back as the history is wanted."""
        if not self._covered:
            return []
        lowest = 1
        if self.history is not None:
            # What lies between covered ids is no history: it was missed.
            lowest = min(self._covered[0][0], max(1, self._newest - self.history + 1))
        below, until = self._bare
        if self._now < until:
            lowest = max(lowest, min(below, self._covered[0][0]))
        return _within(missing_runs(self._newest, self._covered), lowest)

    def _stale(self, now: int) -> list[tuple[int, int]]:
        """Runs of older ids that no answer has covered for a month, newest first: they are paged through again."""
        if not self._covered:
            return []
        oldest = min(self._young, default=self._newest + 1)
        self._recent = [each for each in self._recent if each[2] > now - YOUNG_S]
        recent = [(first, last) for first, last, _ in self._recent]
        return _within(missing_runs(oldest - 1, recent), self._covered[0][0])

    def took(self, swept: Swept, now: int) -> None:
        """Note what a sweep covered, and when the next one is due."""
        self._now = now
        self.answered = swept.card.seen.answered
        card = swept.card.seen.card
        if card is not None and card.channel is not None:
            named = None if swept.channel.startswith(UNNAMED) else swept.channel
            if self.channel is not None and named is not None and named != self.channel:
                self._forget(named)
            if self.channel is None or named is not None:
                self.channel, self._card = named, card.channel
        for first, last, when in swept.spans:
            self._newest = max(self._newest, last)
            # What the same look covered before says nothing more; so a channel that rests needs no more memory.
            self._recent = [each for each in self._recent if not first <= each[0] <= each[1] <= last]
            self._recent.append((first, last, when))
            for post in [each for each in self._young if first <= each <= last]:
                self._young[post] = (self._young[post][0], when)
        self._covered = _merged([*self._covered, *((first, last) for first, last, _ in swept.spans)])
        if swept.bare is not None:
            self._bare = (swept.bare, now + BARE_S)
        gone = {each.post for each in swept.missing}
        for answer in swept.answers:
            for seen in answer.seen.posts:
                published = seen.post.published_at
                at = _unix(published) if published else None
                if at is None or at > now - YOUNG_S:
                    self._young[int(seen.post.id)] = (at, answer.seen_at)
        for post in list(self._young):
            at = self._young[post][0]
            if post in gone or (at is not None and at < now - YOUNG_S):
                del self._young[post]
        while len(self._young) > YOUNG_POSTS:
            del self._young[min(self._young)]
        self.held_until = max((each.retry_at or 0 for each in swept.answers), default=0)
        self._wait(swept, now)

    def _wait(self, swept: Swept, now: int) -> None:
        """Say when the next sweep is due."""
        usual = self.pattern.card_s()
        is_failed = swept.outcome == "failed"
        self.failures = self.failures + 1 if is_failed else 0
        left, before = self._count_left(swept, now), self._left if self.goes_on else None
        self._left = left
        self.goes_on = bool(left) and not swept.is_refused and (before is None or left < before)
        if is_failed:
            self.next_at = now + back_off_s(self.failures, usual)
        elif self.goes_on:
            self.next_at = now  # as fast as the door lets it
        else:
            self.next_at = swept.started_at + usual
        self.next_at = max(self.next_at, self.held_until)

    def _count_left(self, swept: Swept, now: int) -> int:
        """How many ids a further sweep would ask about at once: history, and what this one had no room for."""
        if self.answered != "shown":
            return 0
        left = self.history_left
        if swept.rest:
            left += len(self._due(now)) + sum(last - first + 1 for first, last in self._stale(now))
            left += len(swept.unresolved)
        return left

    @property
    def history_left(self) -> int:
        """How many earlier ids are wanted and were never covered."""
        return sum(last - first + 1 for first, last in self._gaps())


def _unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _within(runs: list[tuple[int, int]], lowest: int) -> list[tuple[int, int]]:
    return [(max(first, lowest), last) for first, last in runs if last >= lowest]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
