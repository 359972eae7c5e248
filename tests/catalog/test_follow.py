"""The follower: in log order, whole entries, and without what is no longer held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.catalog import queries, schema
from holdfast.catalog.follow import Follower
from holdfast.catalog.known import FollowedFlat, FollowedPosts, KnownPosts
from holdfast.catalog.rows import encode_units, post_row
from holdfast.errors import FormatError, UsageError
from holdfast.model import PostFacts, PostSeen
from holdfast.search.index import SearchIndex

TS = "2026-11-23T03:43:00Z"
OF = {"id": "c1", "channel": "5", "seen_at": TS, "source": "telegram_export"}


def post(number: int, text: str = "text") -> PostSeen:
    return PostSeen(PostFacts("5", str(number)), None, text, None, None, None)


class World:
    """A catalog that follows entries which stand in memory."""

    def __init__(self, folder: Path) -> None:
        self.engine = schema.open_engine(folder, write=True)
        self.index = SearchIndex.open(folder / "search", write=True)
        self.sealed: dict[tuple[int, int], PostSeen | None] = {}
        self.follower = Follower(
            self.engine, self.index, "o.example/l", lambda entry, element: self.sealed[entry, element]
        )
        self.at = 0

    def posts(self, *posts: PostSeen, capture: dict[str, Any] | None = None) -> dict[str, int]:
        rows = []
        for element, seen in enumerate(posts):
            self.sealed[self.at, element] = seen
            rows.append((element, post_row(seen, encode_units(seen), lambda text: text)))
        entry = FollowedPosts(self.at, TS, OF if capture is None else capture, rows, ["text"])
        self.at += 1
        return self.follower.apply([entry])

    def flat(self, kind: str, **values: Any) -> None:
        self.follower.apply([FollowedFlat(self.at, TS, kind, values)])
        self.at += 1


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.follower.close()
    found.index.close()
    found.engine.dispose()


def test_nothing_is_seen_before_a_commit(world: World, tmp_path: Path) -> None:
    world.follower.commit()
    world.posts(post(1))
    reader = schema.open_engine(tmp_path, write=False)
    assert queries.totals(reader).posts == 0
    world.follower.commit()
    assert queries.totals(reader).posts == 1
    assert queries.totals(reader).followed == 1
    reader.dispose()


def test_entries_are_followed_in_order_or_not_at_all(world: World) -> None:
    world.posts(post(1))
    with pytest.raises(AssertionError, match="does not continue"):
        world.follower.apply([FollowedFlat(7, TS, "capture", {})])
    assert world.follower.broken


def test_what_was_erased_leaves_its_entry_and_no_post(world: World) -> None:
    assert world.posts(post(1), capture={}) == {}
    world.flat("capture")
    world.flat("channel", capture=OF, channel=None)
    world.flat("absence", capture=None, absence={"channel": "5", "posts": ["1"], "answered": "x"})
    world.flat("a type of tomorrow", capture=OF, anything=1)
    world.follower.commit()
    assert queries.totals(world.engine).posts == 0
    assert queries.totals(world.engine).followed == 5


def test_a_revision_whose_former_one_is_erased_is_no_claim_of_a_change(world: World) -> None:
    world.posts(post(1))
    world.sealed[0, 0] = None
    assert world.posts(post(1, "otherwise")) == {}


def test_an_equal_post_again_says_nothing_new(world: World) -> None:
    assert world.posts(post(1), post(1), post(2)) == {"new": 2}


def test_an_absence_without_posts_is_kept(world: World) -> None:
    world.flat("absence", capture=OF, absence={"channel": "5", "posts": [], "answered": "x"})
    world.follower.commit()
    assert queries.totals(world.engine).channels == 1


def test_a_capture_with_numbers_beyond_the_tables_is_followed(world: World) -> None:
    world.flat(
        "capture",
        capture={"id": "c1", "seen_at": TS, "finished_at": TS},
        source=None,
        coverage=[{"channel": "5", "spans": [["1", "2"], ["3", str(2**70)], [str(-(2**70)), "0"]]}],
        artefacts=[{"digest": "a", "name": "b", "size_bytes": 1}],
        counts={"new": 1},
        problems=None,
        outcome=None,
    )
    world.follower.commit()
    assert queries.covered_since(world.engine, 1, 2, -1) == [("c1", TS, 0)]
    assert queries.covered_since(world.engine, 1, 3, -1) == []


def test_a_card_gives_a_channel_its_names(world: World) -> None:
    world.flat("channel", capture=OF, channel={"id": "5", "title": "Путь домой", "username": "put_domoi"})
    world.flat("channel", capture=OF, channel={"id": "6", "title": "Путь назад"})
    world.follower.commit()
    for name in ("5", "@PUT_DOMOI", "put_domoi", "путь домой", "Путь Д"):
        assert [each.id for each in queries.channels_named(world.engine, name)] == ["5"], name
    assert len(queries.channels_named(world.engine, "путь")) == 2
    assert queries.channels_named(world.engine, "nobody") == []
    with pytest.raises(UsageError, match="empty"):
        queries.channels_named(world.engine, " @ ")


def test_workers_ask_where_posts_stand(world: World, tmp_path: Path) -> None:
    world.posts(*[post(number) for number in range(1, 121)])
    world.follower.commit()
    known = KnownPosts(tmp_path)
    found = known.get(1, [*range(1, 700)], OF["source"])
    assert set(found) == set(range(1, 121))
    assert (found[7].entry, found[7].element) == (0, 6)
    assert known.get(1, [7], "another source")[7].entry is None
    with world.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE post")
    with pytest.raises(FormatError, match="catalog is damaged"):
        known.get(1, [1], OF["source"])
