"""The built-in scenario holds the story that the tour tells."""

from __future__ import annotations

import pytest

from holdfast.fake_telegram import Scenario, demo_scenario, render_channel, render_post
from holdfast.fake_telegram.faults import FaultPlan
from holdfast.model import Count, Reading, plain_text
from tests.fake_telegram.scenes import HOUR, seen

NAME = "quiet_shore_demo"


@pytest.fixture(scope="module")
def tour() -> Scenario:
    return demo_scenario()


def holds(seen: Count | None, true: int) -> bool:
    """Whether a counter as it was read can be the true one."""
    if isinstance(seen, Reading):
        return seen.low <= true <= seen.high
    return seen == true


def hours(tour: Scenario, kind: str) -> list[float]:
    return [(event.at - tour.start) / HOUR for event in tour.truth(NAME) if event.kind == kind]


def test_it_is_said_to_be_invented_wherever_a_reader_may_come_in(tour: Scenario) -> None:
    state = tour.state(NAME, tour.start)
    assert (state.channel.id, state.username) == (4_000_000_001, NAME)
    assert "invented" in tour.name
    for title in (state.title, tour.state(NAME, tour.end).title):
        assert "выдуман" in title
    assert "выдуман" in state.description


def test_it_lasts_two_days_in_which_everything_happens_once(tour: Scenario) -> None:
    assert tour.end - tour.start == 48 * HOUR
    assert {kind: hours(tour, kind) for kind in ("post edited", "post vanished", "label added", "title", "preview off", "gone")} == {
        "post edited": [32],
        "post vanished": [30],
        "label added": [31],
        "title": [34],
        "preview off": [44],
        "gone": [47],
    }  # fmt: skip


def test_the_nine_minute_video_passes_25_000_views_within_a_day(tour: Scenario) -> None:
    (film,) = [post for post in tour.channel(NAME).posts if post.media and post.media[0].duration_s == 540]
    assert film.views.at(film.at) == 0
    assert film.views.at(film.at + 12 * HOUR) < 25_000 < film.views.at(film.at + 24 * HOUR)
    shown = seen(render_post(tour, NAME, film.id, film.at + 24 * HOUR), post=film.id, name=NAME)
    assert shown.answered == "shown"


def test_followers_pass_38_000_after_the_video(tour: Scenario) -> None:
    film_at = tour.start + 12 * HOUR
    assert tour.state(NAME, film_at).followers < 10_000
    assert tour.state(NAME, film_at + 24 * HOUR).followers > 38_000


def test_the_edit_changes_two_words(tour: Scenario) -> None:
    (edit,) = [event for event in tour.truth(NAME) if event.kind == "post edited"]
    before, after = edit.details["from"].split(), edit.details["to"].split()
    assert len(before) == len(after)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 2


def test_the_label_is_on_no_page_and_the_platforms_warning_is(tour: Scenario) -> None:
    for at, warned in ((31 * HOUR - 1, False), (31 * HOUR, True)):
        card = seen(render_channel(tour, NAME, None, tour.start + at), name=NAME).card
        assert card is not None
        assert card.channel is not None
        assert card.labels is None
        assert ("предупреждение" in (card.channel.description or "")) is warned
    assert tour.state(NAME, tour.start + 31 * HOUR).labels == ("fake",)


def test_each_hour_of_it_is_read_by_the_products_parser_without_a_problem(tour: Scenario) -> None:
    for hour in range(49):
        at = tour.start + hour * HOUR
        shown = seen(render_channel(tour, NAME, None, at), name=NAME)
        assert (shown.problems, shown.unknown) == ((), ())
        true = tour.state(NAME, at)
        assert shown.answered == true.answer
        if shown.answered == "shown":
            there = [number for state in tour.posts(NAME, at) for number in state.ids]
            assert list(shown.ids) == there[-20:]
            assert shown.source_time == at
            assert shown.card is not None
            assert holds(shown.card.followers, true.followers)
            posts = {int(post.post.id): post for post in shown.posts}
            for state in tour.posts(NAME, at):
                post = posts.get(state.ids[0])
                if post is None or state.post.service:
                    continue
                assert plain_text(post.text) == (state.text.plain if state.text else "")
                assert post.metrics is not None
                assert holds(post.metrics.views, state.views)
                reactions = dict(post.metrics.reactions or ())
                assert reactions.keys() == dict(state.reactions).keys()
                assert all(holds(reactions[name], count) for name, count in state.reactions)


def test_it_has_one_burst_of_429_and_one_spell_in_which_nothing_is_answered(tour: Scenario) -> None:
    plan = FaultPlan(tour.faults, tour.seed)
    met: dict[int, list[float]] = {}
    for minute in range(0, 48 * 60, 10):
        fault, _ = plan.pick(f"/s/{NAME}", tour.start + minute * 60)
        if fault is not None:
            met.setdefault(fault.status, []).append(minute / 60)
    assert sorted(met) == [429, 502]
    assert len(met[429]) == 2
    assert (min(met[502]), max(met[502])) == (25.5, 28 + 20 / 60)
