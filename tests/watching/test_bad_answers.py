"""Answers that are wrong, late, cut or missing: nothing untrue is stated, and what was missed is made up for."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.watching.playing import HOUR, START, event, playing, post, scene
from tests.watching.truth import (
    events_of,
    followers_hold,
    looks_of,
    receipts_open,
    stated_changes,
    told_lies,
    true_changes,
    unix,
)

BODY = (
    "".join(post(f"+{n}m", f"Запись {n}: ёж, café", views=3 * n) for n in range(1, 30))
    + event("+3h10m", "title", to="Пирс, café")
    + post("+31m", "Раньше было так", ("+3h20m", "Теперь стало иначе"))
    + post("+32m", "Скоро исчезнет", deleted_at='"+3h30m"')
    + post("+3h40m", "Новая запись, которой раньше не было")
)

FAULTS = {
    "429 for a while": 'kind = "status"\nstatus = 429\nretry_after = 30\nfirst = 2',
    "429 for long": 'kind = "status"\nstatus = 429\nretry_after = 6000',
    "429 until a date": 'kind = "status"\nstatus = 429\nretry_after = 6000\nretry_after_as = "date"',
    "503": 'kind = "status"\nstatus = 503',
    "500 now and then": 'kind = "status"\nstatus = 500\nprobability = 0.5',
    "403": 'kind = "status"\nstatus = 403',
    "404": 'kind = "status"\nstatus = 404',
    "never": 'kind = "hang"\nfirst = 2',
    "slow": 'kind = "slow"\nwait = 20',
    "cut": 'kind = "cut"\nkeep = 0.7',
    "cut early": 'kind = "cut"\nkeep = 0.05',
    "cut now and then": 'kind = "cut"\nkeep = 0.8\nprobability = 0.6',
    "longer than said": 'kind = "length"\nform = "shorter"',
    "shorter than said": 'kind = "length"\nform = "longer"',
    "noise for a page": 'kind = "garbage"\nform = "body"',
    "noise for an answer": 'kind = "garbage"\nform = "answer"',
    "unknown elements": 'kind = "layout"\nform = "extra"',
    "another layout": 'kind = "layout"\nform = "renamed"',
    "another encoding": 'kind = "charset"\nform = "windows-1251"',
    "wide letters": 'kind = "charset"\nform = "utf-16"',
    "an encoding that is not so": 'kind = "charset"\nform = "mislabelled"',
    "no posts": 'kind = "empty"',
    "a clock that is behind": 'kind = "clock"\nskew = -86400',
    "a clock that is ahead": 'kind = "clock"\nskew = 86400000',
    "broken off": 'kind = "reset"\nkeep = 0.5',
    "broken off at once": 'kind = "reset"',
    "refused": 'kind = "refuse"',
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("path", ["/s/*", "/Pier_News/*", "*before=*"], ids=["page", "post", "earlier"])
def test_whatever_is_answered_for_two_hours_nothing_untrue_is_told_and_nothing_stays_untold(
    fault: str, path: str, tmp_path: Path
) -> None:
    if "refuse" in fault and path != "/s/*":
        pytest.skip("whoever refuses connections knows no path")
    where = "" if "refuse" in fault else f'path = "{path}"\n'
    spoilt = f'[[fault]]\n{fault}\n{where}from = "+2h30m"\nuntil = "+4h30m"\n'
    with playing(scene(BODY + spoilt), tmp_path) as played:
        played.watch("pier_news", until=10 * HOUR, policy={"read_timeout_s": 5})
        events = events_of(played)
        told_lies(played, events, 71)
        followers_hold(played, events, 71)
        looks = looks_of(played)
        whole = [at for at in looks if not 2.5 * HOUR < at - START < 4.5 * HOUR]
        # In the end all is told that two whole looks saw the difference of, if not to the hour.
        wanted = {(each[0], each[1]) for each in true_changes(played, whole)}
        stated = {
            (each[0], each[1]) for each in stated_changes(events, [each.started_at for each in played.sweeps])
        }
        assert stated == wanted
        with played.open() as archive:
            receipts_open(archive, "71", events)
        played.doubt()


def test_a_sweep_that_had_no_usable_answer_is_a_gap_and_is_asked_for_less_and_less_often(
    tmp_path: Path,
) -> None:
    spoilt = '[[fault]]\nkind = "status"\nstatus = 503\nfrom = "+1h30m"\nuntil = "+20h"\n'
    with playing(scene(BODY + spoilt), tmp_path) as played:
        played.watch("pier_news", until=40 * HOUR)
        failed = [each.started_at - START for each in played.sweeps if each.outcome == "failed"]
        apart = [round((b - a) / HOUR) for a, b in itertools.pairwise(failed)]
        assert apart == [1, 2, 4, 8]
        following = [each.started_at - START for each in played.sweeps if each.started_at - START > 20 * HOUR]
        assert [b - a for a, b in itertools.pairwise(following)] == [HOUR] * (len(following) - 1)
        (gap,) = [each for each in events_of(played) if each.kind == "gap"]
        assert (unix(gap.last_before) - START, gap.detail) == (HOUR, "server error (5 times)")
        assert unix(gap.first_after) == following[0] + START
        played.doubt()
