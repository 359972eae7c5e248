"""The scorer counts right, wrong and missing answers as it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast.reports.claim import TimeReading
from tools.score import Passage, Score, is_counted, same_time
from tools.score.__main__ import main

TEXT = "The channel has over 900 followers. “We came,” said Ann Lee on Thursday."


def scored(*gold: dict[str, Any], text: str = TEXT, when: str | None = "2023-12-29") -> Score:
    score = Score()
    score.add(Passage("p1", "own", "en", text, when, None, "open", list(gold)))
    return score


def counts(score: Score, measure: str) -> tuple[int, int, int]:
    tally = score.tallies[measure, "en", "own"]
    return tally.right, tally.wrong, tally.missed


FOLLOWERS = {
    "kind": "followers",
    "text": "over 900 followers",
    "comparator": "over",
    "value": 900,
    "unit": "followers",
}
QUOTE = {"kind": "quote", "text": "We came", "speaker": "Ann Lee"}


def test_value_comparator_and_unit_must_all_be_right() -> None:
    assert counts(scored(FOLLOWERS), "quantity") == (1, 0, 0)
    assert counts(scored(FOLLOWERS | {"comparator": "nearly"}), "quantity") == (0, 1, 1)
    assert counts(scored(FOLLOWERS | {"kind": "views"}), "quantity") == (0, 1, 1)
    assert counts(scored(FOLLOWERS | {"value": 901}), "quantity") == (0, 1, 1)


def test_a_count_that_no_one_labelled_is_wrong() -> None:
    assert counts(scored(), "quantity") == (0, 1, 0)


def test_a_quotation_counts_with_its_speaker() -> None:
    assert counts(scored(QUOTE), "quote and speaker") == (1, 0, 0)
    assert counts(scored(QUOTE | {"speaker": "Oleg Belov"}), "quote and speaker") == (0, 1, 1)
    assert counts(scored(QUOTE | {"text": "We stayed at home"}), "quote and speaker") == (0, 1, 1)


def test_a_time_counts_when_its_day_is_among_the_readings() -> None:
    thursday = {
        "kind": "date",
        "text": "on Thursday",
        "date_phrase": "Thursday",
        "resolved_date": "2023-12-28",
    }
    assert counts(scored(thursday), "time") == (1, 0, 0)
    assert counts(scored(thursday | {"resolved_date": "2023-12-27"}), "time") == (0, 1, 1)
    assert counts(scored(thursday, when=None), "time") == (0, 0, 1)


def test_claims_of_a_passage_without_any_are_counted_but_for_dates() -> None:
    assert scored(text="The mayor left on Thursday.").fired == 0
    assert scored(text="The channel has 900 followers.").fired == 1


@pytest.mark.parametrize(
    ("gold", "counted"),
    [
        (FOLLOWERS, True),
        (FOLLOWERS | {"is_claim": False}, False),
        (FOLLOWERS | {"about": "event"}, False),
        (FOLLOWERS | {"tags": ["derived-count"]}, False),
        ({"kind": "posts", "value": 0}, False),
        ({"kind": "duration", "value": 1, "unit": "months"}, False),
        ({"kind": "duration", "value": 41, "unit": "s"}, True),
        ({"kind": "other", "value": [20, 30], "unit": "channels"}, True),
        ({"kind": "label", "value": "fake"}, False),
        ({"kind": "views"}, False),
    ],
)
def test_only_numbers_that_are_written_and_claimed_are_counted(gold: dict[str, Any], counted: bool) -> None:
    assert is_counted(gold) is counted


def reading(lo: str, hi: str, part: str | None = None, why: str = "time.x") -> TimeReading:
    return TimeReading(lo, hi, "UTC", why, lo, hi, part_of_day=part)


@pytest.mark.parametrize(
    ("read", "wanted", "same"),
    [
        (reading("2023-12-28T00:00:00Z", "2023-12-29T00:00:00Z"), "2023-12-28", True),
        (reading("2023-12-28T00:00:00Z", "2023-12-30T00:00:00Z"), "2023-12-28", False),
        (reading("2023-12-28T20:00:00Z", "2023-12-29T02:00:00Z", "late"), "2023-12-28", True),
        (reading("2023-12-01T00:00:00Z", "2023-12-29T14:06:00Z"), "2023-12-01/2023-12-28", True),
        (reading("2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z"), "2022", True),
        (reading("2022-12-01T00:00:00Z", "2023-01-01T00:00:00Z"), "2022-12", True),
        (reading("2022-12-05T00:00:00Z", "2023-01-01T00:00:00Z"), "2022-12", False),
        (reading("2022-12-05T00:00:00Z", "2023-01-01T00:00:00Z", why="time.since"), "2022-12-05", True),
        (reading("2022-12-05T18:40:00Z", "2022-12-05T18:41:00Z"), "2022-12-05T18:40Z", True),
    ],
)
def test_times_are_compared_as_days_intervals_or_moments(read: TimeReading, wanted: str, same: bool) -> None:
    assert same_time(read, wanted) is same


def test_the_table_and_its_json_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--reading", "--split", "open", "--json"]) == 0
    measures = json.loads(capsys.readouterr().out)["measures"]
    assert measures["quantity · en · own"]["right"] > 30
    assert main(["--reading", "--split", "open", "--misses"]) == 0
    printed = capsys.readouterr().out
    assert "quantity · en · own" in printed


def test_locked_passages_are_never_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--reading", "--split", "locked", "--misses"])
    after = capsys.readouterr().out.partition("claims made of them")[2]
    assert ":" not in after.partition("\n")[2]


def test_the_shared_set_holds_no_quotation_against_us_that_it_did_not_look_for() -> None:
    def extra(origin: str, *gold: dict[str, Any]) -> int:
        score = Score()
        score.add(Passage("p1", origin, "en", TEXT, "2023-12-29", None, "shared", list(gold)))
        return sum(tally.wrong for (measure, _, _), tally in score.tallies.items() if "quote" in measure)

    another = {"kind": "quote", "text": "We stayed"}
    assert (extra("own"), extra("shared"), extra("shared", another)) == (1, 0, 1)
