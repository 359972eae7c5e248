"""The figures that the reading of reports must reach, on our own passages and on the shared ones where they are present."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tools.score import OWN, SHARED, Score, Tally, load_passages

FLOORS = {"quantity": (0.95, 0.90), "quote and speaker": (0.92, 0.85), "time": (0.92, 0.92)}


@pytest.fixture(scope="module")
def tallies() -> dict[tuple[str, str, str], Tally]:
    score = Score()
    for passage in load_passages("all"):
        score.add(passage)
    return dict(score.tallies)


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("measure", sorted(FLOORS))
def test_own_passages_are_read_as_well_as_promised(
    tallies: dict[tuple[str, str, str], Tally], measure: str, lang: str
) -> None:
    tally = tallies[measure, lang, "own"]
    precision, recall = FLOORS[measure]
    assert tally.right + tally.missed >= 15
    assert tally.right / (tally.right + tally.wrong) >= precision
    assert tally.right / (tally.right + tally.missed) >= recall


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("measure", ["quantity", "time"])
def test_shared_passages_are_read_as_well_as_promised(
    tallies: dict[tuple[str, str, str], Tally], measure: str, lang: str
) -> None:
    if not SHARED.exists():
        pytest.skip("the shared passages are not here")
    tally = tallies[measure, lang, "shared"]
    assert tally.right / (tally.right + tally.wrong) >= 0.92
    assert tally.right / (tally.right + tally.missed) >= 0.90


def test_phrases_of_time_have_few_readings(tallies: dict[tuple[str, str, str], Tally]) -> None:
    sizes = [size for (measure, _, _), tally in tallies.items() if measure == "time" for size in tally.sizes]
    assert sum(sizes) / len(sizes) <= 1.5


def test_passages_without_claims_make_none() -> None:
    score = Score()
    for passage in load_passages("all"):
        score.add(passage)
    assert score.quiet >= 8
    assert score.fired == 0


def test_the_gold_is_two_languages_many_styles_and_a_locked_third() -> None:
    records = [
        json.loads(line)
        for path in sorted(OWN.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    by_lang: dict[str, list[dict[str, object]]] = defaultdict(list)
    for record in records:
        by_lang[record["lang"]].append(record)
    assert len({record["id"] for record in records}) == len(records)
    for lang in ("en", "ru"):
        passages = by_lang[lang]
        assert len(passages) >= 30
        assert sum(record["split"] == "locked" for record in passages) * 3 >= len(passages) - 3
        assert {"wire", "tabloid", "blog", "ngo", "must-not-fire", "altered-twin"} <= {
            record["style"] for record in passages
        }


def test_every_gold_claim_stands_in_its_passage() -> None:
    for path in sorted(Path(OWN).glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            for claim in record["claims"]:
                assert claim["text"] in record["text"]
                assert claim.get("date_phrase", "") in record["text"]
