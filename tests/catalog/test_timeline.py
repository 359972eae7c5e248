"""Intervals from observations: last seen so, first seen otherwise, and never more than was seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.catalog.rows import encode_units, post_row
from holdfast.catalog.timeline import curve, post_events, timeline
from holdfast.model import Metrics, PostFacts, PostSeen, Reading
from tests.catalog.test_follow import World

HOURS = [f"2026-11-23T{hour:02d}:00:00Z" for hour in range(24)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path)
    yield found
    found.follower.close()
    found.index.close()
    found.engine.dispose()


def of(hour: int, source: str = "telegram_web") -> dict[str, Any]:
    return {"id": f"{source}-{hour}", "channel": "5", "seen_at": HOURS[hour], "source": source}


def seen(number: int, text: str, views: int | None = None) -> PostSeen:
    return PostSeen(PostFacts("5", str(number)), None, text, None, Metrics(views=views), None)


def look(
    world: World, hour: int, *posts: PostSeen, absent: int | None = None, source: str = "telegram_web"
) -> None:
    """One sweep: its posts, what is missing, and what it covered."""
    if posts:
        world.posts(*posts, capture=of(hour, source))
    if absent is not None:
        gone = {"channel": "5", "posts": [str(absent)], "answered": "not found", "asked": "its page"}
        world.flat("absence", capture=of(hour, source), absence=gone)
    world.flat(
        "capture",
        capture=of(hour, source),
        source={"adapter": source},
        coverage=[{"channel": "5", "spans": [["1", "9"]], "answers": [["1", "9", HOURS[hour]]]}],
        outcome={"state": "complete"},
    )
    world.follower.commit()


def test_an_edit_lies_between_the_last_look_that_saw_it_so_and_the_first_that_did_not(world: World) -> None:
    look(world, 1, seen(1, "one two"))
    look(world, 2)
    look(world, 3)
    look(world, 4, seen(1, "one three"))
    (event,) = post_events(world.engine, 1, 1)
    assert event.kind == "edit"
    assert event.differs == ("text",)
    assert event.last_before is not None
    assert (event.last_before.seen_at, event.first_after.seen_at) == (HOURS[3], HOURS[4])
    assert event.places == ((0, 0), (event.first_after.entry, 0))


def test_looks_while_a_post_is_missing_do_not_say_how_it_was(world: World) -> None:
    look(world, 1, seen(1, "one", 10))
    look(world, 2)
    look(world, 3, absent=1)
    look(world, 4)
    look(world, 5)
    look(world, 6, seen(1, "two", 12))
    events = {each.kind: each for each in post_events(world.engine, 1, 1)}
    assert set(events) == {"disappearance", "return", "edit"}
    assert events["disappearance"].last_before.seen_at == HOURS[2]  # type: ignore[union-attr]
    assert events["edit"].last_before.seen_at == HOURS[2]  # type: ignore[union-attr]
    assert events["return"].last_before.seen_at == HOURS[3]  # type: ignore[union-attr]
    first, second = curve(world.engine, 1, 1)
    assert (first.low, first.held_until) == (10, HOURS[2])
    assert (second.low, second.held_until) == (12, None)


def test_a_look_of_another_source_says_nothing_of_what_this_one_saw(world: World) -> None:
    look(world, 1, seen(1, "one"))
    look(world, 2, seen(1, "one"), source="telegram_api")
    look(world, 3, source="telegram_api")
    look(world, 4, seen(1, "two"))
    events = post_events(world.engine, 1, 1)
    (edit,) = [each for each in events if each.kind == "edit"]
    assert edit.last_before is not None
    assert (edit.last_before.seen_at, edit.last_before.source) == (HOURS[1], "telegram_web")
    assert not [each for each in events if each.kind == "disagreement"]


def test_two_sources_that_cannot_both_be_right_disagree(world: World) -> None:
    look(world, 1, seen(1, "one", 10))
    look(world, 2, seen(1, "other", 900), source="telegram_api")
    (event,) = post_events(world.engine, 1, 1)
    assert (event.kind, event.differs) == ("disagreement", ("text",))
    assert event.detail == "telegram_web and telegram_api do not say the same"


def test_a_reading_keeps_its_bounds(world: World) -> None:
    shown = PostSeen(
        PostFacts("5", "1"), None, "one", None, Metrics(views=Reading(25_050, 25_199, "25.1K")), None
    )
    row = post_row(shown, encode_units(shown), lambda text: text)
    assert row.readings == (("views", 25_050, 25_199),)
    look(world, 1, shown)
    (found,) = curve(world.engine, 1, 1)
    assert (found.low, found.high) == (25_050, 25_199)


def card(
    world: World, hour: int, *, source: str = "telegram_web", answered: str = "shown", **told: Any
) -> None:
    units = {"capture": of(hour, source), "standing": {"answered": answered}, **told}
    world.flat("channel", **units)
    world.follower.commit()


def test_a_mark_that_a_page_shows_no_more_is_not_said_to_be_gone(world: World) -> None:
    channel = {"id": "5", "title": "T", "username": "t"}
    card(world, 1, channel=channel, labels=None)
    card(world, 2, channel=channel, labels=[{"name": "fake"}])
    card(world, 3, channel=channel, labels=[{"name": "fake"}])
    card(world, 4, channel=channel, labels=None)
    (event,) = [each for each in timeline(world.engine, 1) if each.kind == "label"]
    assert (event.name, event.before, event.after) == ("fake", None, "there")
    assert event.last_before is None
    assert event.last_after is not None
    assert event.unspoken_since is not None
    assert (event.last_after.seen_at, event.unspoken_since.seen_at) == (HOURS[3], HOURS[4])


def test_a_mark_that_the_api_denies_and_then_states_came_in_between(world: World) -> None:
    channel = {"id": "5", "title": "T", "username": "t"}
    for hour, is_set in ((1, False), (2, False), (3, True), (4, True)):
        labels = [{"name": "fake", "is_set": is_set}]
        card(world, hour, source="telegram_api", channel=channel, labels=labels)
    before, event = [each for each in timeline(world.engine, 1) if each.kind == "label"]
    assert before.after == "not there"
    assert event.last_before is not None
    assert event.last_after is not None
    assert (event.before, event.after) == ("not there", "there")
    assert [event.last_before.seen_at, event.first_after.seen_at, event.last_after.seen_at] == HOURS[2:5]


def test_answers_that_say_nothing_are_a_gap_and_change_no_standing(world: World) -> None:
    channel = {"id": "5", "title": "T", "username": "t"}
    card(world, 1, channel=channel)
    card(world, 2, answered="rate limited")
    card(world, 3, answered="server error")
    card(world, 4, channel=channel)
    card(world, 9, channel=channel)
    card(world, 10, answered="network failure")
    events = timeline(world.engine, 1)
    assert [each.after for each in events if each.kind == "standing"] == ["shown"]
    gaps = [
        (
            each.last_before.seen_at if each.last_before else None,
            each.first_after.seen_at,
            each.detail,
            each.after,
        )
        for each in events
        if each.kind == "gap"
    ]
    assert gaps == [
        (HOURS[1], HOURS[4], "rate limited, server error (2 times)", "seen again"),
        (HOURS[4], HOURS[9], "nobody looked", "seen again"),
        (HOURS[9], HOURS[10], "network failure", "not seen since"),
    ]


def test_two_sources_that_name_a_channel_differently_are_told(world: World) -> None:
    page = {"id": "5", "title": "One", "username": "t", "description": "a\nb"}
    card(world, 1, channel=page)
    card(world, 2, source="telegram_api", channel={**page, "title": "Two", "description": "a b "})
    (event,) = [each for each in timeline(world.engine, 1) if each.kind == "disagreement"]
    assert (event.name, event.before, event.after) == ("title", "One", "Two")


def test_what_was_answered_while_only_a_username_was_known_is_the_channels_own(world: World) -> None:
    world.flat("channel", capture={**of(1), "channel": "username:t"}, standing={"answered": "not found"})
    card(world, 2, channel={"id": "5", "title": "T", "username": "T"})
    world.follower.commit()
    told = [
        (each.before, each.after)
        for each in timeline(world.engine, world.follower.row_of("5") or 0)
        if each.kind == "standing"
    ]
    assert told == [(None, "not found"), ("not found", "shown")]
