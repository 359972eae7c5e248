"""Follows what was answered when a channel was asked for: its names, followers, labels, and whether it was there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from holdfast.catalog import schema
from holdfast.catalog.rows import bounds, is_storable
from holdfast.catalog.timeline import FAILURES
from holdfast.errors import FormatError
from holdfast.model import Count, Label, Restriction

__all__ = ["Cards"]

_Fact = tuple[str, str | None, int | None, int | None]
"""(name, value, low, high): a text, or a reading's bounds with what was shown."""

_REMEMBERED = 100_000


class Cards:
    """The channels' part of the tables. `rows`: the number of each channel by id, shared with the follower."""

    def __init__(self, connection: Connection, rows: dict[str, int]) -> None:
        self._connection, self._rows = connection, rows
        self._last: dict[tuple[int, str, str], _Fact | None] = {}

    def follow(self, row: int, entry: int, of: dict[str, Any], values: dict[str, Any]) -> None:
        """Record a `channel` entry of the channel with number `row`; `of` is its `capture` disclosure."""
        card = values.get("channel")
        standing = values.get("standing") or {}
        source = str(of.get("source") or "")
        if card:
            self._described(row, entry, card, source)
        seen_at = of.get("seen_at")
        if not seen_at:  # withheld or erased: nothing says when
            return
        facts = list(_facts(card, standing, values))
        self._connection.exec_driver_sql(
            "INSERT OR REPLACE INTO channel_look VALUES (?,?,?,?,?,?,?,?,?)",
            (
                row,
                entry,
                of.get("id"),
                source,
                seen_at,
                standing.get("answered") or "shown",
                _detail(standing),
                f",{','.join(fact[0] for fact in facts)},",
                standing.get("retry_at"),
            ),
        )
        fresh = [fact for fact in facts if self._moved(row, source, fact)]
        if fresh:
            self._connection.exec_driver_sql(
                "INSERT OR REPLACE INTO channel_fact VALUES (?,?,?,?,?,?,?,?)",
                [(row, name, source, entry, seen_at, value, low, high) for name, value, low, high in fresh],
            )

    def _described(self, row: int, entry: int, card: dict[str, Any], source: str) -> None:
        """Take over a card's names; and, with a source's first look, what it answered while only the username was known."""
        channel, username = str(card.get("id")), card.get("username")
        unnamed = self._rows.get(f"username:{str(username).lower()}") if username else None
        if (
            unnamed is not None
            and not channel.startswith("username:")
            and self._is_its_own(row, unnamed, str(username), source)
        ):
            for table in ("channel_look", "channel_fact"):
                self._connection.exec_driver_sql(
                    f"UPDATE {table} SET channel = ? WHERE channel = ? AND source = ?", (row, unnamed, source)
                )
            self._last.clear()
        changed = {
            name: card.get(name)
            for name in ("kind", "source_type", "title", "username", "description")
            # An export records no username: that is no reason to forget it.
            if card.get(name) is not None
        }
        self._connection.execute(
            schema.channel.update().where(schema.channel.c.row == row).values(**changed, entry=entry)
        )
        for name in (card.get("title"), username):
            if name:
                self._connection.exec_driver_sql(
                    "INSERT OR IGNORE INTO channel_name VALUES (?,?,?)", (row, name, entry)
                )

    def _is_its_own(self, row: int, unnamed: int, username: str, source: str) -> bool:
        """Whether nobody else is known to have borne the username: then what was answered under it is the channel's."""
        found = self._connection.exec_driver_sql(
            "SELECT EXISTS (SELECT 1 FROM channel_look WHERE channel = ? AND source = ?)"
            " OR EXISTS (SELECT 1 FROM channel_look WHERE channel = ? AND answered IN ('user', 'group', 'bot'))"
            " OR EXISTS (SELECT 1 FROM channel_name WHERE lower(name) = ? AND channel NOT IN (?, ?))",
            (row, source, unnamed, username.lower(), row, unnamed),
        )
        return not found.scalar()

    def _moved(self, row: int, source: str, fact: _Fact) -> bool:
        """Whether a source says something else than it said last. Effects: remembers it."""
        key = (row, source, fact[0])
        if key not in self._last:
            found = self._connection.exec_driver_sql(
                "SELECT name, value, low, high FROM channel_fact WHERE channel = ? AND source = ? AND name = ?"
                " ORDER BY entry DESC LIMIT 1",
                (row, source, fact[0]),
            ).fetchall()
            if len(self._last) >= _REMEMBERED:
                self._last.clear()
            self._last[key] = tuple(found[0]) if found else None
        if self._last[key] == fact:
            return False
        self._last[key] = fact
        return True


def _detail(standing: dict[str, Any]) -> str | None:
    """The source's words, and the name that was asked for where the answer is about that name rather than the channel."""
    name, detail = standing.get("name"), standing.get("detail")
    if not name or standing.get("answered") in ("shown", *FAILURES):
        return detail
    return f"asked for as @{name}: {detail}" if detail else f"asked for as @{name}"


def _facts(card: dict[str, Any] | None, standing: dict[str, Any], values: dict[str, Any]) -> Iterator[_Fact]:
    """What an entry says of its channel, by name. Errors: FormatError."""
    answered = standing.get("answered") or "shown"
    if answered not in FAILURES:
        # An answer that says nothing of the channel changes nothing of what is known of it.
        yield "answered", answered, None, None
    if card:
        for name in ("title", "username", "description"):
            # A card is whole where its source shows one: a username that went away is "".
            if card.get(name) is not None:
                yield name, str(card[name]), None, None
    try:
        if values.get("followers") is not None:
            yield from _reading("followers", msgspec.convert(values["followers"], Count))
        for name, count in msgspec.convert(values.get("counters") or (), tuple[tuple[str, Count], ...]):
            yield from _reading(name, count)
        labels = msgspec.convert(values.get("labels") or (), tuple[Label, ...])
        restrictions = msgspec.convert(values.get("restrictions") or (), tuple[Restriction, ...])
    except msgspec.ValidationError as error:
        raise FormatError(f"a sealed channel has another shape than the format gives it: {error}") from error
    for label in labels:
        yield f"label:{label.name}", "there" if label.is_set else "not there", None, None
    for each in restrictions:
        yield (
            f"restriction:{each.platform}",
            f"{each.reason}: {each.text}" if each.text else each.reason,
            None,
            None,
        )
    for name in ("linked_chat", "moved_to"):
        if standing.get(name):
            yield name, str(standing[name]), None, None


def _reading(name: str, count: Count) -> Iterator[_Fact]:
    low, high = bounds(count)
    if is_storable(low) and is_storable(high):
        yield name, None if isinstance(count, int) else count.shown, low, high
