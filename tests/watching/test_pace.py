"""How a watch asks: at its pace, hourly and then less often, and never sooner because it was started again."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

from holdfast.schedule import Pattern
from tests.watching.playing import DAY, HOUR, START, Playing, playing, post, scene

NAMES = [f"channel_{number}" for number in range(6)]
MANY = "".join(
    f"""
[[channel]]
id = {100 + number}
username = "{name}"
title = "{name}"

[[channel.post]]
at = "+1m"
text = "Eins"
"""
    for number, name in enumerate(NAMES)
)


def asked_at(played: Playing) -> list[float]:
    return [each.at for each in played.server.journal.asks()]


def test_one_host_is_never_asked_faster_than_the_rate_however_many_channels_are_due(tmp_path: Path) -> None:
    with playing(scene(channel=MANY), tmp_path) as played:
        played.watch(*NAMES, until=HOUR // 2, policy={"per_host_rate": 0.5})
        times = sorted(asked_at(played))
        assert len(times) == len(NAMES)
        assert min(b - a for a, b in itertools.pairwise(times)) >= 2 - 0.01


def test_after_a_pause_that_was_asked_for_nobody_asks_sooner_and_not_all_at_once(tmp_path: Path) -> None:
    fault = '[[fault]]\nkind = "status"\nstatus = 429\nretry_after = 90\nuntil = "+20s"\n'
    with playing(scene(fault, channel=MANY), tmp_path) as played:
        played.watch(*NAMES, until=HOUR // 2, policy={"per_host_rate": 1.0, "per_host_concurrency": 1})
        asks = played.server.journal.asks()
        refused = [each.at for each in asks if each.status == 429]
        after = sorted(each.at for each in asks if each.status != 429)
        assert len(refused) == 1
        assert after[0] >= refused[0] + 90
        assert min(b - a for a, b in itertools.pairwise(after)) >= 1 - 0.01
        assert {sweep.answered for sweep in played.sweeps} == {"shown"}


def test_a_slow_channel_delays_no_other(tmp_path: Path) -> None:
    fault = '[[fault]]\nkind = "slow"\nwait = 25\npath = "/s/channel_0"\n'
    with playing(scene(fault, channel=MANY), tmp_path) as played:
        played.watch(*NAMES, until=2 * HOUR, parallel=2)
        waited = {sweep.name: sweep.started_at - START for sweep in reversed(played.sweeps)}
        assert max(waited[name] for name in NAMES) < 30
        counted = Counter(sweep.name for sweep in played.sweeps)
        assert {counted[name] for name in NAMES[1:]} == {2}


def test_posts_are_looked_at_hourly_for_two_days_then_at_growing_intervals_then_monthly(
    tmp_path: Path,
) -> None:
    body = post("+1m", "Первая") + "".join(post(f"+{3 + n}m", f"Запись {n}") for n in range(40))
    with playing(scene(body), tmp_path) as played:
        played.watch("pier_news", until=40 * DAY, pattern=Pattern())
        # The newest page shows the last twenty ids each hour; the first post is further down.
        looked = [
            each.at - START
            for each in played.server.journal.asks()
            if "before=" in each.target and each.status == 200
        ]
        young = [at for at in looked if at < 2 * DAY]
        assert 46 <= len(young) / 2 <= 50  # two pages an hour reach it
        later = sorted({round(at / HOUR) for at in looked if 2 * DAY + HOUR < at < 30 * DAY})
        gaps = [b - a for a, b in itertools.pairwise(later)]
        assert gaps[:3] == [2, 2, 2] or gaps[0] in (2, 3)
        assert max(gaps) >= 28
        assert all(b >= a - 1 for a, b in itertools.pairwise(gaps))
        assert len([at for at in looked if at > 32 * DAY]) <= 4


def test_every_interval_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    with playing(scene(post("+1m", "Первая")), tmp_path) as played:
        played.watch("pier_news", until=3 * HOUR, pattern=Pattern(10 * 60))
        times = [sweep.started_at - START for sweep in played.sweeps]
        assert times == [600 * n for n in range(18)]


def test_a_watch_that_is_started_again_asks_no_sooner_than_it_would_have(tmp_path: Path) -> None:
    with playing(scene(post("+1m", "Первая")), tmp_path) as played:
        played.watch("pier_news", until=90 * 60)
        played.watch("pier_news", until=4 * HOUR)
        assert [sweep.started_at - START for sweep in played.sweeps] == [0, HOUR, 2 * HOUR, 3 * HOUR]
        played.watch("pier_news", once=True)
        assert len(played.sweeps) == 5
        played.doubt()


def test_history_is_asked_for_as_far_back_as_it_is_wanted(tmp_path: Path) -> None:
    body = "".join(post(f"+{n + 1}m", f"Запись {n}") for n in range(90))
    for wanted, lowest in ((0, 71), (50, 31), (None, 1)):
        with playing(scene(body), tmp_path / str(wanted)) as played:
            played.clock.set(START + 2 * HOUR)
            played.watch("pier_news", once=True, history=wanted)
            with played.open() as archive, archive.engine().connect() as connection:
                found = int(connection.exec_driver_sql("SELECT min(post) FROM post").scalar_one())
            assert abs(found - lowest) <= 20
            assert (found == 1) == (lowest == 1)


def test_what_a_page_shows_nothing_before_is_asked_for_again_once_a_day(tmp_path: Path) -> None:
    body = post("+1m", "Erste", id=5) + "".join(post(f"+{n + 2}m", f"Запись {n}") for n in range(60))
    with playing(scene(body), tmp_path) as played:
        played.clock.set(START + 2 * HOUR)
        played.watch("pier_news", until=49 * HOUR)
        asked = [each.at for each in played.server.journal.asks() if each.target.endswith("before=5")]
        assert len(asked) == 2
        assert asked[1] - asked[0] >= DAY
        assert len(played.sweeps) <= 54
        played.doubt()
