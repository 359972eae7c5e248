"""Keeps the account of one capture: what was counted, seen and covered, and what a person should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from holdfast.capture.contract import Chat
from holdfast.capture.telegram_export import CoverageBuilder, Plan
from holdfast.catalog import queries
from holdfast.catalog.schema import Engine
from holdfast.model import Counts, Problem

__all__ = ["UNNAMED", "ChatSummary", "ChatWork", "ImportSummary", "notices_of"]

UNNAMED = "title:"
"""How the id of a channel begins whose export does not record one."""


class ChatSummary(msgspec.Struct, frozen=True):
    """What became of one chat. `changes` counts posts by what differs ("text", "reactions", "edit mark", …)."""

    channel: str
    title: str | None
    kind: str
    included: bool
    counts: Counts
    changes: dict[str, int]
    spans: tuple[tuple[int, int], ...]
    reason: str | None


class ImportSummary(msgspec.Struct, frozen=True):
    """What a capture brought. `entries` are (first, last) of its entries in the log; `notices` are for people:
    what looks as if it were not what they meant."""

    capture: str
    state: str
    detail: str | None
    format: str
    chats: tuple[ChatSummary, ...]
    counts: Counts
    problems: dict[str, int]
    examples: tuple[Problem, ...]
    artefacts: int
    artefact_bytes: int
    entries: tuple[int, int]
    checkpoint_size: int
    notices: tuple[str, ...] = ()


class PostIds:
    """A set of post ids. Memory: a bit an id where they are dense, about 100 bytes where they are scattered."""

    def __init__(self) -> None:
        # By page of 2^16 ids: the ids themselves while there are few, then one bit each.
        self._pages: dict[int, set[int] | bytearray] = {}

    def add(self, post: int) -> bool:
        """Returns False if the id was in already."""
        number, place = post >> 16, post & 0xFFFF
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = set()
        if isinstance(page, set):
            if place in page:
                return False
            page.add(place)
            if len(page) == 128:
                bits = bytearray(8192)
                for each in page:
                    bits[each >> 3] |= 1 << (each & 7)
                self._pages[number] = bits
            return True
        bit = 1 << (place & 7)
        if page[place >> 3] & bit:
            return False
        page[place >> 3] |= bit
        return True

    def __contains__(self, post: int) -> bool:
        page, place = self._pages.get(post >> 16, ()), post & 0xFFFF
        if isinstance(page, bytearray):
            return bool(page[place >> 3] & 1 << (place & 7))
        return place in page


class ChatWork:
    """The running account of one chat. `seen` holds the ids that the export has."""

    def __init__(self, chat: Chat, row: int | None) -> None:
        self.chat, self.row = chat, row
        self.coverage = CoverageBuilder()
        self.seen = PostIds()
        self.counts: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()

    def see(self, posts: list[int]) -> None:
        """Note which ids the export holds, counting those it holds twice."""
        for post in posts:
            if not self.seen.add(post):
                self.counts["repeated"] += 1

    def total(self) -> Counts:
        return Counts(**{name: self.counts[name] for name in Counts.__struct_fields__})


def notices_of(plan: Plan, chats: Sequence[ChatWork], engine: Engine) -> tuple[str, ...]:
    """What a person should look at: nothing of it is a fault of the export."""
    found = []
    left_out = sum(not work.chat.included for work in chats)
    if 0 < left_out < len(chats):
        found.append(
            f"the export also holds {left_out} groups or private chats. Their posts are left out, but the export's file"
            " is sealed whole and so holds them. If that must not be, export the channel alone into a new vault."
        )
    channels = queries.channels(engine)
    for work in chats:
        if not work.chat.included:
            continue
        seen = work.chat.channel
        if older := work.changes["older edit mark"]:
            found.append(
                f"{seen.id}: {older} of the posts bear an older edit mark than the one sealed before, so this export was"
                " probably made before one that is here already. Changes are told in the order of import."
            )
        elif work.row is not None and (later := _made_before(plan, work.row, engine)):
            found.append(
                f"{seen.id}: by its folder's name this export was made on {plan.exported_hint}, before"
                f" one of {later} that is here already. Changes are told in the order of import."
            )
        if other := work.changes["published"]:
            found.append(
                f"{seen.id}: {other} of the posts bear another time of publication than the one sealed before. If this is"
                " another channel of the same name, tell them apart with --channel in a new vault."
            )
        twins = [
            each.id
            for each in channels
            if each.id != seen.id and each.title and each.title == seen.title and each.posts
        ]
        if seen.id.startswith(UNNAMED) and twins:
            found.append(
                f"the export does not record its channel's id, so its posts stand under {seen.id!r}. If it is of"
                f" {' or '.join(twins)}, import it with --channel {twins[0]} next time."
            )
    return tuple(found)


def _made_before(plan: Plan, channel: int, engine: Engine) -> str | None:
    """The day of a capture of the channel that was made after this export, both by their folders' names."""
    hint, latest = plan.exported_hint, queries.latest_hint(engine, channel)
    return latest if hint is not None and latest is not None and latest > hint else None
