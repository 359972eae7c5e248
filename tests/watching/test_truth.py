"""The timeline of played scenarios, held against the truth of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.fake_telegram import demo_scenario
from tests.watching.playing import CHANNEL, HOUR, START, event, playing, post, scene
from tests.watching.truth import events_of, hold, receipts_open, told_lies, unix

POSTS = "".join(post(f"+{n}m", f"post {n}", views=100 * n) for n in range(1, 7))


def test_titles_usernames_and_descriptions_are_told_as_they_were_at_the_looks(tmp_path: Path) -> None:
    body = (
        event("+2h30m", "title", to="Pier, new")
        + event("+3h15m", "description", to="Another one.")
        + event("+3h45m", "description", to="A third one.")
        + event("+5h30m", "title", to="Pier")
        + POSTS
    )
    with playing(scene(body), tmp_path) as played:
        played.watch("pier_news", until=8 * HOUR)
        events = hold(played)
        assert [each.after for each in events if each.kind == "title"] == ["Pier", "Pier, new", "Pier"]
        assert "Another one." not in {each.after for each in events}


def test_edits_deletions_returns_and_albums_lie_inside_their_intervals(tmp_path: Path) -> None:
    album = '[{ kind = "photo" }, { kind = "photo", deleted_at = "+4h30m" }, { kind = "photo" }]'
    body = (
        POSTS
        + post("+90m", "one", ("+3h10m", "two"), ("+3h40m", "three"), ("+6h30m", "four"))
        + post("+91m", "soon gone", deleted_at='"+4h30m"')
        + post("+92m", "unmarked", deleted_at='"+7h1m"')
        + post("+93m", "an album", media=album)
        + post("+94m", service='"pinned"', service_text='"one"')
        + post("+3h10m", "never seen", deleted_at='"+3h50m"')
        + post("+95m", "after", id=40)
    )
    with playing(scene(body), tmp_path) as played:
        played.watch("pier_news", until=10 * HOUR)
        events = hold(played)
        kinds = [each.kind for each in events]
        assert kinds.count("disappearance") == 3
        assert [each.words for each in events if each.kind == "edit" and each.post == 7] == [1, 1]


def test_the_built_in_scenario_is_told_as_it_was(tmp_path: Path) -> None:
    with playing(demo_scenario(), tmp_path) as played:
        played.watch("quiet_shore_demo", until=48 * HOUR)
        hold(played, channel="4000000001", name="quiet_shore_demo")


def test_how_a_channel_answers_is_told_through_every_door_that_closes_and_opens(tmp_path: Path) -> None:
    body = (
        event("+1h30m", "preview off")
        + event("+3h30m", "preview on")
        + event("+4h30m", "restricted", text="This channel can't be displayed because it broke a rule.")
        + event("+6h30m", "unrestricted")
        + event("+7h30m", "private")
        + event("+8h30m", "public")
        + event("+10h30m", "gone")
        + POSTS
        + post("+20m", "deleted while nobody could see it", deleted_at='"+5h"')
        + post("+20m", "edited while nobody could see it", ("+5h", "so"))
    )
    with playing(scene(body), tmp_path) as played:
        played.watch("pier_news", until=13 * HOUR)
        events = hold(played)
        assert [each.after for each in events if each.kind == "standing"] == [
            "shown",
            "no preview",
            "shown",
            "restricted",
            "shown",
            "private",
            "shown",
            "not found",
        ]
        # The landing page of a channel without a preview counts its followers exactly.
        exact = [each for each in events if each.kind == "followers" and each.low == each.high]
        assert exact


def test_a_title_that_changes_while_the_preview_is_off_is_told_if_the_rest_of_the_card_is_as_before(
    tmp_path: Path,
) -> None:
    body = (
        event("+1h30m", "preview off")
        + event("+2h30m", "title", to="Pier, closed")
        + event("+5h30m", "preview on")
    )
    with playing(scene(body + POSTS), tmp_path) as played:
        played.watch("pier_news", until=8 * HOUR)
        assert "Pier, closed" in {each.after for each in hold(played)}


OTHER = """
[[channel]]
id = 72
username = "Pier_News"
title = "Somebody else"
description = "Not about ferries."
followers = 12
appears_at = "+5h30m"
[[channel.post]]
at = "+5h31m"
id = 2
text = "we took the name"
"""


def test_a_username_that_another_channel_takes_is_told_of_neither_wrongly(tmp_path: Path) -> None:
    body = event("+3h30m", "username", to="Pier_Two") + POSTS
    with playing(scene(body + OTHER), tmp_path) as played:
        played.watch("pier_news", "pier_two", until=9 * HOUR)
        events = events_of(played)
        told_lies(played, events, 71)
        kinds = [(each.kind, each.after) for each in events if each.kind in ("username", "standing")]
        # Under the old name it was not found, which is true; after that the new name alone speaks of it.
        assert sorted(kinds) == [
            ("standing", "not found"),
            ("standing", "shown"),
            ("standing", "shown"),
            ("username", "Pier_News"),
            ("username", "Pier_Two"),
        ]
        others = events_of(played, "72")
        told_lies(played, others, 72)
        assert [each.after for each in others if each.kind == "title"] == ["Somebody else"]
        with played.open() as archive:
            receipts_open(archive, "71", events)
            receipts_open(archive, "72", others)
        played.doubt()


def test_a_name_that_leads_elsewhere_says_nothing_of_the_posts_that_were_there(tmp_path: Path) -> None:
    body = event("+3h30m", "username", to="Pier_Two") + POSTS
    with playing(scene(body + OTHER.replace("+5h30m", "+3h40m")), tmp_path) as played:
        played.watch("pier_news", until=7 * HOUR)
        events = events_of(played)
        assert [each for each in events if each.kind == "disappearance"] == []
        last = [each for each in events if each.kind == "standing"][-1]
        assert last.after == "not found"
        assert "asked for as @pier_news: the name leads to channel 72 now" in (last.detail or "")
        played.doubt()


@pytest.mark.parametrize("more", ['preview = "off"', "group", "user"])
def test_a_card_without_posts_is_not_taken_for_the_channel_whose_name_it_bears(
    more: str, tmp_path: Path
) -> None:
    other = OTHER.replace("+5h30m", "+3h40m").partition("[[channel.post]]")[0]
    if "preview" in more:
        other += event("+3h40m", "preview off")
    else:
        other += f'kind = "{more}"\n'
    body = event("+3h30m", "username", to="Pier_Two") + POSTS
    with playing(scene(body + other), tmp_path) as played:
        played.watch("pier_news", until=6 * HOUR)
        events = events_of(played)
        told_lies(played, events, 71)
        assert {each.after for each in events if each.kind == "title"} == {"Pier"}
        assert all(each.low is not None and each.low > 500 for each in events if each.kind == "followers")
        standing = [each.after for each in events if each.kind == "standing"]
        assert standing == (["shown"] if "preview" in more else ["shown", more])
        assert [each.kind for each in events][-1] == ("gap" if "preview" in more else "standing")
        played.doubt()


def test_a_label_is_told_while_it_is_shown_and_unspoken_of_when_it_is_not(tmp_path: Path) -> None:
    channel = CHANNEL + 'shown_labels = ["verified", "fake"]\n'
    body = (
        event("+2h30m", "label added", label="fake", warning="Beware.")
        + event("+5h30m", "label removed", label="fake")
        + POSTS
    )
    with playing(scene(body, channel=channel), tmp_path) as played:
        played.watch("pier_news", until=8 * HOUR)
        events = hold(played)
        (label,) = [each for each in events if each.kind == "label"]
        assert (label.name, label.after, label.before) == ("fake", "there", None)
        assert [unix(at) - START for at in (label.first_after, label.last_after, label.unspoken_since)] == [
            3 * HOUR,
            5 * HOUR,
            6 * HOUR,
        ]


@pytest.mark.parametrize("left", [5, 0])
def test_a_mass_deletion_is_told_post_by_post(left: int, tmp_path: Path) -> None:
    body = "".join(
        post(f"+{n}m", f"post {n}", **({} if n <= left else {"deleted_at": '"+3h30m"'}))
        for n in range(1, 151)
    )
    with playing(scene(body), tmp_path) as played:
        played.watch("pier_news", until=7 * HOUR)
        events = events_of(played)
        told_lies(played, events, 71)
        gone = sorted(each.post or 0 for each in events if each.kind == "disappearance")
        assert gone == list(range(left + 1, 151))
        # What one sweep has no room for is gone on with at once.
        assert all(
            unix(each.first_after) - START < 5 * HOUR for each in events if each.kind == "disappearance"
        )
        with played.open() as archive:
            receipts_open(archive, "71", events)
        played.doubt()
