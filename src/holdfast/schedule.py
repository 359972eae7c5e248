"""Says what of a channel is to be looked at next, and when; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

__all__ = [
    "CARD_S",
    "HOUR_S",
    "YOUNG_S",
    "Due",
    "Pages",
    "Pattern",
    "back_off_s",
    "due_posts",
    "missing_runs",
    "pages_for",
]

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
CARD_S = HOUR_S
"""How often the channel itself is looked at."""
FRESH_S = 48 * HOUR_S
"""Up to this age a post is looked at every hour: what reports quote is read in the first two days."""
YOUNG_S = 30 * DAY_S
"""Up to this age the intervals grow, to the 24th part of a post's age; from then on a post is looked at monthly."""
MONTH_S = 30 * DAY_S
BACK_OFF_MAX_S = DAY_S


class Pattern(msgspec.Struct, frozen=True):
    """How often things are looked at. `every_s` stands for every interval where it is given."""

    every_s: int | None = None

    def card_s(self) -> int:
        """Seconds between two looks at the channel itself."""
        return self.every_s or CARD_S

    def post_s(self, age_s: int) -> int:
        """Seconds until a post of that age is looked at again."""
        if self.every_s:
            return self.every_s
        if age_s <= FRESH_S:
            return HOUR_S
        return age_s // 24 if age_s <= YOUNG_S else MONTH_S


class Due(msgspec.Struct, frozen=True):
    """A post as the schedule knows it. Units: unix seconds; `published` None where the source says nothing of it."""

    post: int
    published: int | None
    looked: int


class Pages(msgspec.Struct, frozen=True):
    """What to ask for: pages by the id that they end before."""

    before: tuple[int, ...]


def due_posts(posts: Iterable[Due], now: int, pattern: Pattern) -> list[int]:
    """Ids of the posts whose time has come, newest first. A clock that jumped back makes nothing due twice."""
    return sorted(
        (
            each.post
            for each in posts
            if now - each.looked >= pattern.post_s(max(0, now - (each.published or 0)))
        ),
        reverse=True,
    )


def pages_for(posts: Sequence[int], span: int) -> Pages:
    """The fewest pages, of `span` ids each, that show all of some posts. `posts` in descending order."""
    before: list[int] = []
    for post in posts:
        if not before or post < before[-1] - span:
            before.append(post + 1)
    return Pages(tuple(before))


def missing_runs(newest: int, covered: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of ids from 1 to `newest` that no answer has covered yet, newest first."""
    found: list[tuple[int, int]] = []
    end = newest
    for first, last in sorted(covered, key=lambda span: span[1], reverse=True):
        if end < 1:
            break
        if last < end:
            found.append((last + 1, end))
        end = min(end, first - 1)
    if end >= 1:
        found.append((1, end))
    return found


def back_off_s(failures: int, usual_s: int) -> int:
    """Seconds until a channel that answered badly so many times in a row is asked again: doubling, a day at most."""
    doubled = usual_s << min(max(0, failures - 1), 20)
    return min(max(usual_s, BACK_OFF_MAX_S), doubled)
