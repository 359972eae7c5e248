"""The truth of a scenario: what was so at a time, and what happened."""

from __future__ import annotations

import pytest

from holdfast.fake_telegram import Scenario
from tests.fake_telegram.scenes import HOUR, START, scenario

LIFE = """
[[channel.event]]
at = "+1h"
what = "title"
to = "Pier and Port"
[[channel.event]]
at = "+2h"
what = "username"
to = "pier_port"
[[channel.event]]
at = "+3h"
what = "description"
to = "Now with a port"
[[channel.event]]
at = "+4h"
what = "label added"
label = "fake"
warning = "Beware."
[[channel.event]]
at = "+5h"
what = "label removed"
label = "fake"
[[channel.event]]
at = "+6h"
what = "preview off"
[[channel.event]]
at = "+7h"
what = "preview on"
[[channel.event]]
at = "+8h"
what = "restricted"
text = "This channel can't be displayed because it is invented."
[[channel.event]]
at = "+9h"
what = "unrestricted"
[[channel.event]]
at = "+10h"
what = "private"
[[channel.event]]
at = "+11h"
what = "public"
[[channel.event]]
at = "+12h"
what = "gone"
"""


@pytest.fixture(scope="module")
def life() -> Scenario:
    return scenario(LIFE, channel='labels = ["verified"]\n')


def test_a_channel_changes_at_the_second_of_each_event(life: Scenario) -> None:
    def at(hours: float) -> tuple[str, str | None, str, tuple[str, ...], str]:
        state = life.state(71, START + hours * HOUR)
        return state.answer, state.username, state.title, state.labels, state.shown_description

    assert at(1 - 1 / HOUR) == ("shown", "Pier_News", "Pier", ("verified",), "")
    assert at(1) == ("shown", "Pier_News", "Pier and Port", ("verified",), "")
    assert at(3) == ("shown", "pier_port", "Pier and Port", ("verified",), "Now with a port")
    assert at(4)[3:] == (("verified", "fake"), "Beware.\n\nNow with a port")
    assert at(5)[3:] == (("verified",), "Now with a port")
    assert [at(hours)[0] for hours in (6, 7, 8, 9, 10, 11, 12)] == [
        "no preview", "shown", "restricted", "shown", "private", "shown", "not found",
    ]  # fmt: skip


def test_all_that_happened_is_told_in_order_with_what_it_was_before(life: Scenario) -> None:
    truth = life.truth("pier_news")
    assert [event.kind for event in truth] == [
        "title", "username", "description", "label added", "label removed", "preview off", "preview on", "restricted",
        "unrestricted", "private", "public", "gone",
    ]  # fmt: skip
    assert [event.at for event in truth] == [START + hour * HOUR for hour in range(1, 13)]
    assert truth[0].details == {"from": "Pier", "to": "Pier and Port"}
    assert truth[3].details == {"label": "fake", "warning": "Beware."}
    assert truth[7].details == {"text": "This channel can't be displayed because it is invented."}


def test_a_channel_that_appears_later_is_not_found_before() -> None:
    told = scenario(channel='appears_at = "+1h"\n')
    assert [told.state(71, START + at).answer for at in (HOUR - 1, HOUR)] == ["not found", "shown"]
    assert [(event.at - START, event.kind) for event in told.truth(71)] == [(HOUR, "appeared")]


POSTS = """
[[channel.post]]
at = "+1m"
text = "first"
views = [["+1m", 0], ["+11m", 100]]
reactions = {"👍" = [["+1m", 0], ["+11m", 10]]}
[[channel.post.edit]]
at = "+5m"
text = "second"
[[channel.post.edit]]
at = "+6m"
media = [{kind = "photo"}]
mark = false
[[channel.post.edit]]
at = "+30m"
text = "never: it is gone by then"

[[channel.post]]
id = 4
at = "+2m"
media = [{kind = "photo"}, {kind = "photo", deleted_at = "+8m"}, {kind = "video"}]
"""


def test_a_post_is_there_from_its_time_until_it_vanishes_and_its_counters_are_exact() -> None:
    told = scenario(POSTS.replace('text = "first"', 'text = "first"\ndeleted_at = "+20m"'))
    assert told.posts(71, START + 59) == ()
    (early,) = told.posts(71, START + 60)
    assert (early.views, early.reactions, early.edited, early.revision) == (0, (), False, 0)
    late = told.posts(71, START + 360)[0]
    assert late.text is not None
    assert (late.text.plain, late.views, late.reactions) == ("second", 50, (("👍", 5),))
    assert (late.edited, late.revision, late.media_revision, late.ids) == (True, 2, 2, (1,))
    assert [state.post.id for state in told.posts(71, START + 1200)] == [4]


def test_an_edit_without_a_mark_alone_does_not_look_edited() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\ntext = "a"\n[[channel.post.edit]]\nat = "+2m"\ntext = "b"\nmark = false\n'
    )
    (state,) = told.posts(71, START + HOUR)
    assert (state.edited, state.revision) == (False, 1)
    assert [event.details.get("mark") for event in told.truth(71)] == [None, False]


def test_a_member_of_an_album_may_vanish_alone() -> None:
    told = scenario(POSTS)
    assert [told.posts(71, START + at)[1].ids for at in (120, 479, 480)] == [(4, 5, 6), (4, 5, 6), (4, 6)]
    vanished = [event for event in told.truth(71) if event.kind == "post vanished"]
    assert [(event.at, event.details) for event in vanished] == [(START + 480, {"post": 5, "ids": (5,)})]


def test_an_album_of_which_nothing_is_left_is_gone() -> None:
    told = scenario('[[channel.post]]\nat = "+1m"\nmedia = [{kind = "photo", deleted_at = "+2m"}]\n')
    assert [len(told.posts(71, START + at)) for at in (60, 120)] == [1, 0]


def test_edits_of_what_is_gone_did_not_happen() -> None:
    told = scenario(POSTS.replace('text = "first"', 'text = "first"\ndeleted_at = "+20m"'))
    mine = [event for event in told.truth(71) if event.details["post"] == 1]
    assert [(event.at - START, event.kind) for event in mine] == [
        (60, "post appeared"),
        (300, "post edited"),
        (360, "post edited"),
        (1200, "post vanished"),
    ]
    assert (mine[1].details["from"], mine[1].details["to"]) == ("first", "second")
    assert (mine[2].details["media"], mine[2].details["mark"]) == (True, False)


def test_an_album_that_vanishes_takes_only_the_members_that_were_left() -> None:
    told = scenario(POSTS.replace("id = 4\n", 'id = 4\ndeleted_at = "+9m"\n'))
    vanished = [event for event in told.truth(71) if event.kind == "post vanished"]
    assert [event.details["ids"] for event in vanished] == [(5,), (4, 6)]


def test_a_label_that_is_already_there_is_there_once() -> None:
    told = scenario(
        '[[channel.event]]\nat = "+1h"\nwhat = "label added"\nlabel = "fake"\nwarning = "Beware."\n',
        channel='labels = ["fake"]\n',
    )
    state = told.state(71, START + HOUR)
    assert (state.labels, state.warnings) == (("fake",), ("Beware.",))
