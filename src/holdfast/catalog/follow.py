"""Follows the log into the tables, from the last entry it has seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from holdfast.catalog import queries, schema
from holdfast.catalog.cards import Cards
from holdfast.catalog.changes import REVISING, differences, differences_across
from holdfast.catalog.checked import Checks
from holdfast.catalog.known import LAST_OF_SOURCE, FollowedFlat, FollowedPosts, Standing, known_posts
from holdfast.catalog.rows import PostRow, is_storable
from holdfast.model import PostSeen
from holdfast.search.index import IndexRow

__all__ = ["Follower", "PostIndex"]


class PostIndex(Protocol):
    """What the follower asks of the search index."""

    def add(self, rows: Iterable[IndexRow]) -> None: ...
    def add_words(self, forms: Iterable[str]) -> None: ...
    def commit(self, cursor: int) -> None: ...


_INSERT_POST = "INSERT INTO post VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_READING = "INSERT OR REPLACE INTO post_reading VALUES (?,?,?,?,?,?)"
_INSERT_MEDIA = "INSERT OR REPLACE INTO media VALUES (?,?,?,?,?,?,?,?,?)"


FIRST_OF_SOURCE = "source"
"""Stands among the differences of an observation that is the first one of its source."""
CAPTURES_REMEMBERED = 1_000

_Before = tuple[int, int, int, int, int | None, bytes, str | None]
"""Where a post stood: (entry, element, observations, revision, absent, fingerprint, source)."""


class Follower:
    """The one writer of the catalog. `load` gives a sealed post by (entry, element).

    Everything here depends on the log's bytes alone, in log order: following it again gives the same tables.
    Between two `commit`s nothing is visible to readers.
    """

    def __init__(
        self, engine: Engine, index: PostIndex, origin: str, load: Callable[[int, int], PostSeen | None]
    ) -> None:
        self._connection: Connection = engine.connect()
        self._index, self._load = index, load
        self.broken = False
        row = self._connection.execute(schema.followed.select()).one_or_none()
        if row is None:
            self._connection.execute(
                schema.followed.insert().values(
                    one=1, entries=0, schema_version=schema.SCHEMA_VERSION, origin=origin
                )
            )
        self.cursor: int = row.entries if row else 0
        self._committed: int | None = row.entries if row else None
        rows = self._connection.exec_driver_sql("SELECT id, row FROM channel").fetchall()
        self._channels: dict[str, int] = {each[0]: each[1] for each in rows}
        rows = self._connection.exec_driver_sql(
            "SELECT channel, max(post) FROM post GROUP BY channel"
        ).fetchall()
        self._newest: dict[int, int] = {each[0]: each[1] for each in rows}
        self._capture_names: dict[str, None] = {}
        self._cards = Cards(self._connection, self._channels)
        self._checks = Checks(self._connection)

    def close(self) -> None:
        """Effects: what was applied since the last commit is dropped, and will be followed again."""
        self._connection.rollback()
        self._connection.close()

    def commit(self) -> None:
        """Make what was applied visible: the index first, so that it is never behind the tables."""
        if self._committed == self.cursor:
            return
        self._index.commit(self.cursor)
        self._connection.exec_driver_sql("UPDATE followed SET entries = ?", (self.cursor,))
        self._connection.commit()
        self._committed = self.cursor

    def apply(self, entries: Iterable[FollowedPosts | FollowedFlat]) -> dict[str, int]:
        """Follow entries, which continue where the cursor stands. Returns how often each kind of change was met."""
        changes: dict[str, int] = {}
        self.broken = True  # until the last entry is followed whole: half an entry must never be committed
        for each in entries:
            if each.entry != self.cursor:
                raise AssertionError(f"entry {each.entry} does not continue the catalog at {self.cursor}")
            if isinstance(each, FollowedPosts):
                for name, count in self._posts(each).items():
                    changes[name] = changes.get(name, 0) + count
            else:
                self._flat(each)
            self.cursor += 1
        self.broken = False
        return changes

    # -- names ------------------------------------------------------------------------------------

    def channel_row(self, channel: str, entry: int) -> int:
        """The number of a channel, given at its first appearance in the log."""
        row = self._channels.get(channel)
        if row is None:
            row = self._channels[channel] = len(self._channels) + 1
            self._connection.execute(
                schema.channel.insert().values(row=row, id=channel, kind="channel", entry=entry)
            )
            self._connection.execute(
                schema.channel_name.insert().values(channel=row, name=channel, entry=entry)
            )
        return row

    def _capture(self, capture: dict[str, Any]) -> str:
        name = str(capture.get("id"))
        if name not in self._capture_names:
            # A watch makes captures without end: only the last ones are remembered.
            if len(self._capture_names) >= CAPTURES_REMEMBERED:
                del self._capture_names[next(iter(self._capture_names))]
            self._capture_names[name] = None
            self._connection.exec_driver_sql(
                "INSERT OR IGNORE INTO capture (id, source, seen_at, state) VALUES (?,?,?,'open')",
                (name, capture.get("source"), capture.get("seen_at")),
            )
        return name

    def _entry(
        self, entry: int, kind: str, ts: str, capture: str | None, channel: int | None, of: dict[str, Any]
    ) -> None:
        """`of` is the entry's `capture` disclosure, empty where it is not held."""
        self._connection.exec_driver_sql(
            "INSERT INTO entry VALUES (?,?,?,?,?,?,?)",
            (entry, kind, ts, capture, channel, of.get("seen_at"), of.get("source")),
        )

    # -- posts ------------------------------------------------------------------------------------

    def _posts(self, each: FollowedPosts) -> dict[str, int]:
        entry = each.entry
        if not each.capture:  # erased or withheld: nothing says whose posts these are
            self._entry(entry, "posts", each.ts, None, None, {})
            return {}
        channel = self.channel_row(str(each.capture.get("channel")), entry)
        self._entry(entry, "posts", each.ts, self._capture(each.capture), channel, each.capture)
        source = each.capture.get("source")
        known = self._known(channel, [row.post for _, row in each.rows])
        fresh, readings, media, documents = [], [], [], []
        changes: dict[str, int] = {}
        new, newest = 0, self._newest.get(channel, -(2**63))
        for element, row in each.rows:
            post, revision = row.post, 1
            newest = max(newest, post)
            before = known.get(post)
            if before is None:
                fresh.append(
                    (
                        channel,
                        post,
                        row.kind,
                        row.earliest,
                        row.latest,
                        entry,
                        element,
                        1,
                        1,
                        None,
                        row.fingerprint,
                    )
                )
                known[post] = (entry, element, 1, 1, None, row.fingerprint, source)
                new += 1
            else:
                if fresh:  # a post repeated within the batch must find its first row
                    self._connection.exec_driver_sql(_INSERT_POST, fresh)
                    fresh = []
                found = self._changed(channel, row, (entry, element, source), before)
                if found is None:
                    continue
                after, names = found
                known[post] = after
                for name in names:
                    changes[name] = changes.get(name, 0) + 1
                changes["changed"] = changes.get("changed", 0) + 1
                revision = after[3]
            for name, low, high in row.readings:
                readings.append((channel, post, entry, name, low, high))
            for position, item in enumerate(row.media):
                media.append((channel, post, entry, position, *item))
            if row.tokens and (before is None or revision != before[3]):
                documents.append(
                    IndexRow(
                        channel,
                        str(post),
                        revision,
                        entry,
                        element,
                        row.earliest,
                        row.latest,
                        row.has,
                        row.tokens,
                    )
                )
        execute = self._connection.exec_driver_sql
        if fresh:
            execute(_INSERT_POST, fresh)
        if readings:
            execute(_INSERT_READING, readings)
        if media:
            execute(_INSERT_MEDIA, media)
        if each.words:
            self._index.add_words(each.words)
        if documents:
            self._index.add(documents)
        if each.rows:
            self._newest[channel] = newest
        if new:
            changes["new"] = new
        return changes

    def _known(self, channel: int, posts: list[int]) -> dict[int, _Before]:
        """Where known posts stand, by id."""
        newest = self._newest.get(channel)
        wanted = [] if newest is None else [post for post in posts if post <= newest]
        if not wanted:
            return {}
        marks = ",".join("?" * len(wanted))
        rows = self._connection.exec_driver_sql(
            "SELECT p.post, p.entry, p.element, p.observations, p.revision, p.absent, p.fingerprint, e.source FROM post p"
            f" JOIN entry e ON e.entry = p.entry WHERE p.channel = ? AND p.post IN ({marks})",
            (channel, *wanted),
        ).fetchall()
        return {row[0]: tuple(row[1:]) for row in rows}

    def standing(self, channel: int, posts: Sequence[int], source: str) -> dict[int, Standing]:
        """Where those of some posts stand that are known, as far as it was followed, committed or not."""
        execute = self._connection.exec_driver_sql
        return known_posts(lambda sql, values: execute(sql, values).fetchall(), channel, posts, source)

    def row_of(self, channel: str) -> int | None:
        """The number of a channel, None if it never appeared."""
        return self._channels.get(channel)

    def standing_ids(self, channel: str, source: str, first: int, last: int) -> list[int]:
        """Ids of a channel's posts between two that are not missing, ascending, committed or not.

        Service posts that the source itself never showed are left out: that it does not show them says nothing.
        """
        rows = self._connection.exec_driver_sql(
            "SELECT p.post FROM post p JOIN entry e ON e.entry = p.entry WHERE p.channel = ? AND p.post BETWEEN ? AND ?"
            " AND p.absent IS NULL AND (p.kind = 0 OR e.source = ? OR EXISTS (SELECT 1 FROM observation o"
            " JOIN entry x ON x.entry = o.entry WHERE o.channel = p.channel AND o.post = p.post AND x.source = ?))"
            " ORDER BY p.post",
            (self._channels.get(channel), first, last, source, source),
        ).fetchall()
        return [row[0] for row in rows]

    def places_of_files(self, channel: str, posts: Sequence[int]) -> list[tuple[int, int, int]]:
        """(post, entry, element) of the observations of some posts that brought files, committed or not.

        Those before a post's last edit are left out: their files need not be what is attached now.
        """
        found: list[tuple[int, int, int]] = []
        for at in range(0, len(posts), 500):
            part = posts[at : at + 500]
            rows = self._connection.exec_driver_sql(
                queries.BROUGHT_FILES.format(",".join("?" * len(part))),
                (self._channels.get(channel), *part),
            ).fetchall()
            found += [(row[0], row[1], row[2]) for row in rows]
        return found

    def _changed(
        self, channel: int, row: PostRow, place: tuple[int, int, str | None], before: _Before
    ) -> tuple[_Before, frozenset[str]] | None:
        """Record a further observation; None if it says nothing new."""
        entry, element, source = place
        old_entry, old_element, observations, revision, absent, mark, of = before
        names: frozenset[str] = frozenset()
        revises = False
        if of != source:
            names, revises = self._across(channel, row.post, place, before)
        elif mark != row.fingerprint:
            old, new = self._load(old_entry, old_element), self._load(entry, element)
            if old is not None and new is not None:
                names = differences(old, new)
                if "files" in names and self._are_other_files(channel, row, entry, source):
                    names |= {"media"}
                revises = bool(names & REVISING)
        if absent is not None:
            names |= {"back"}
        if not names:
            return None
        execute = self._connection.exec_driver_sql
        if observations == 1:
            execute(
                "INSERT INTO observation VALUES (?,?,1,1,?,?,'')", (channel, row.post, old_entry, old_element)
            )
        observations += 1
        revision += revises
        execute(
            "INSERT INTO observation VALUES (?,?,?,?,?,?,?)",
            (channel, row.post, observations, revision, entry, element, ",".join(sorted(names))),
        )
        execute(
            "UPDATE post SET kind=?, earliest=?, latest=?, entry=?, element=?, observations=?, revision=?,"
            " absent=NULL, fingerprint=? WHERE channel=? AND post=?",
            (
                row.kind,
                row.earliest,
                row.latest,
                entry,
                element,
                observations,
                revision,
                row.fingerprint,
                channel,
                row.post,
            ),
        )
        return (entry, element, observations, revision, None, row.fingerprint, source), names

    def _are_other_files(self, channel: int, row: PostRow, entry: int, source: str | None) -> bool:
        """Whether the bytes that came are others than those that the same source gave in their place before."""
        for position, item in enumerate(row.media):
            before = self._connection.exec_driver_sql(
                "SELECT m.artefact FROM media m JOIN entry e ON e.entry = m.entry WHERE m.channel = ? AND m.post = ?"
                " AND m.position = ? AND m.entry < ? AND m.artefact IS NOT NULL AND e.source IS ?"
                " ORDER BY m.entry DESC LIMIT 1",
                (channel, row.post, position, entry, source),
            ).first()
            if before is not None and item[2] is not None and before[0] != item[2]:
                return True
        return False

    def _across(
        self, channel: int, post: int, place: tuple[int, int, str | None], before: _Before
    ) -> tuple[frozenset[str], bool]:
        """What differs where the last observation is another source's, and whether it makes a revision.

        A source is compared with itself first: that one spells a post in another way than another is no change.
        """
        entry, element, source = place
        latest, new = self._load(before[0], before[1]), self._load(entry, element)
        if latest is None or new is None:
            return frozenset({FIRST_OF_SOURCE}), False
        apart = differences_across(latest, new)
        own = self._connection.exec_driver_sql(LAST_OF_SOURCE, (channel, post, source)).fetchall()
        mine = self._load(own[0][0], own[0][1]) if own else None
        if mine is None:
            return apart | {FIRST_OF_SOURCE}, bool(apart & REVISING)
        names = differences(mine, new)
        return names, bool(names & REVISING) and bool(apart & REVISING)

    # -- other entries ----------------------------------------------------------------------------

    def _flat(self, each: FollowedFlat) -> None:
        values = each.values
        of = values.get("capture") or {}
        capture = self._capture(of) if of.get("id") else None
        channel = None
        if each.kind == "channel":
            named = (values.get("channel") or {}).get("id") or of.get("channel")
            if named:
                channel = self.channel_row(str(named), each.entry)
                self._cards.follow(channel, each.entry, of, values)
        elif each.kind == "absence" and values.get("absence") and capture:
            channel = self._absent(values["absence"], each.entry, capture)
        elif each.kind == "capture" and capture:
            self._close(each, capture)
        elif each.kind == "transcript" and values.get("transcript"):
            channel = self.channel_row(str(values["transcript"].get("channel")), each.entry)
            self._checks.transcript(channel, each.entry, values["transcript"], of)
        elif each.kind in ("report", "check"):
            self._checks.follow(each.kind, each.entry, each.ts, values)
        self._entry(each.entry, each.kind, each.ts, capture, channel, of)

    def _absent(self, absence: dict[str, Any], entry: int, capture: str) -> int:
        channel = self.channel_row(str(absence.get("channel")), entry)
        answered = str(absence.get("answered"))
        posts = [int(post) for post in absence.get("posts", ())]
        execute = self._connection.exec_driver_sql
        if posts:
            execute(
                "INSERT OR IGNORE INTO absence VALUES (?,?,?,?,?,?)",
                [(channel, post, entry, capture, answered, absence.get("asked")) for post in posts],
            )
            execute(
                "UPDATE post SET absent = ? WHERE channel = ? AND post = ?",
                [(entry, channel, post) for post in posts],
            )
        return channel

    def _close(self, each: FollowedFlat, capture: str) -> None:
        values = each.values
        outcome = values.get("outcome") or {}
        self._connection.execute(
            schema.capture.update()
            .where(schema.capture.c.id == capture)
            .values(
                entry=each.entry,
                source=(values.get("source") or {}).get("adapter"),
                seen_at=values["capture"].get("seen_at"),
                finished_at=values["capture"].get("finished_at"),
                exported_hint=(values.get("source") or {}).get("exported_hint"),
                state=outcome.get("state"),
                detail=outcome.get("detail"),
                counts=json.dumps(values.get("counts"), sort_keys=True),
                problems=json.dumps((values.get("problems") or {}).get("counts"), sort_keys=True),
            )
        )
        execute = self._connection.exec_driver_sql
        for part in values.get("coverage") or ():
            channel = self.channel_row(str(part.get("channel")), each.entry)
            seen_at, source = values["capture"].get("seen_at"), (values.get("source") or {}).get("adapter")
            # A live source is asked many times in one capture; an export answers once.
            spans = [
                (int(first), int(last), when)
                for first, last, when in part.get("answers")
                or ((*span, seen_at) for span in part.get("spans", ()))
            ]
            rows = [
                (channel, each.entry, low, when, high, capture, source)
                for low, high, when in spans
                if is_storable(low) and is_storable(high) and when
            ]
            if rows:
                execute("INSERT OR REPLACE INTO coverage VALUES (?,?,?,?,?,?,?)", rows)
        artefacts = [
            (capture, part.get("digest"), part.get("name"), part.get("size_bytes"))
            for part in values.get("artefacts") or ()
        ]
        if artefacts:
            execute("INSERT OR REPLACE INTO artefact VALUES (?,?,?,?)", artefacts)
