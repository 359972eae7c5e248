"""Verdicts are held against worlds whose truth is known, by a second implementation and by hand; the figures may not fall."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from holdfast.archive import Archive
from holdfast.reports.check import Checker
from holdfast.reports.evidence import Archived
from holdfast.reports.extract import extract
from holdfast.reports.resolve import Aliases
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, SUPPORTED
from tests.gold.articles import load_articles
from tests.gold.passages import Report, reports_on
from tests.gold.phrases import granule
from tests.gold.records import published_of
from tests.gold.truth import Fact, Moment, says
from tests.gold.worlds import HOUR, REGIMES, World, load_scenario, play
from tools.score import read_all
from tools.score.__main__ import main
from tools.score.document import DOCUMENT, MARKED, figures, written
from tools.score.verdicts import Verdicts, VerdictScores, score_verdicts


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> VerdictScores:
    return score_verdicts(tmp_path_factory.mktemp("worlds"), of=30)


def test_verdicts_on_gold_claims_are_what_the_captures_allow(scores: VerdictScores) -> None:
    given = scores.given
    assert not given.misses, "\n".join(given.misses)
    assert given.macro() >= 0.95
    assert given.held[CONTRADICTED] >= 80


def test_what_is_contradicted_is_false_and_what_is_supported_is_not(scores: VerdictScores) -> None:
    for each in (scores.given, scores.whole, scores.articles):
        assert each.f1(CONTRADICTED)[0] >= 0.98
        assert each.unsound == Counter({SUPPORTED: 0, CONTRADICTED: 0}), "\n".join(each.misses)


def test_verdicts_from_the_text_alone_hold_their_floors(scores: VerdictScores) -> None:
    assert scores.whole.macro() >= 0.97, "\n".join(scores.whole.misses)
    assert scores.articles.macro() >= 0.80, "\n".join(scores.articles.misses)
    assert scores.articles.f1(SUPPORTED)[0] >= 0.98
    assert scores.articles.f1(SUPPORTED)[1] >= 0.75
    assert scores.articles.f1(CONTRADICTED)[1] >= 0.60


def test_every_pointer_to_evidence_re_verifies(scores: VerdictScores) -> None:
    assert scores.pointers > 300
    assert scores.reverified == scores.pointers


def test_the_figures_go_into_their_place_in_the_document(scores: VerdictScores) -> None:
    block = figures(read_all("open"), scores)
    assert "given gold claims" in block
    document = "# Benchmarks\n\n## Run it\n\nmore\n"
    once = written(document, block)
    assert written(once, block) == once
    assert once.count("<!-- score -->") == 1
    assert once.index(block) < once.index("## Run it")
    assert written(once, "\n").count("|") == 0


def test_the_document_holds_the_last_figures_and_they_reach_their_aims() -> None:
    found = MARKED.search(DOCUMENT.read_text("utf-8"))
    assert found is not None
    (given,) = re.findall(r"^\| given gold claims \|.*$", found[2], re.MULTILINE)
    cells = [cell.strip() for cell in given.split("|")]
    assert float(cells[3]) >= 0.95
    assert int(cells[4]) >= 150
    assert float(cells[5]) >= 0.98
    told = re.search(r"(\d+) evidence pointers, of which (\d+) re-verify", found[2])
    assert told is not None
    assert told[1] == told[2]


def test_the_command_prints_verdicts_beside_the_reading(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.score.verdicts.REGIMES", REGIMES[:1])
    assert main(["--split", "open", "--of", "300", "--misses"]) == 0
    assert "verdicts, given gold claims" in capsys.readouterr().out
    assert main(["--split", "open", "--of", "300", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["verdicts"]
    assert found["pointers"] == found["pointers_that_reverify"] > 0


# -- the gold itself ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> World:
    return play(REGIMES[0], tmp_path_factory.mktemp("harbour"))


def test_the_gold_has_every_mutation_in_both_languages(harbour: World) -> None:
    reports = list(reports_on(harbour))
    assert len({report.key for report in reports}) == len(reports)
    for lang in ("en", "ru"):
        rules = {gold.rule for report in reports if report.lang == lang for gold in report.claims}
        assert {"x1.5", "x3", "day before", "day after", "zone", "speaker", "channel", "comparator", "negation"} <= rules  # fmt: skip
    for report in reports:
        for gold in report.claims:
            assert 0 <= gold.start < gold.end <= len(report.text)


def test_a_share_of_the_reports_is_always_the_same(harbour: World) -> None:
    def keys(reports: list[Report]) -> list[str]:
        return [report.key for report in reports]

    some = keys(list(reports_on(harbour, of=20)))
    assert some == keys(list(reports_on(harbour, of=20)))
    assert set(some) < set(keys(list(reports_on(harbour))))


@pytest.mark.parametrize(
    ("comparator", "said", "outcomes"),
    [
        ("over", 38_000, {38_001: "true", 37_999: "false", 38_000: "open"}),
        ("at_least", 38_000, {38_000: "true", 37_999: "false"}),
        ("under", 38_000, {37_999: "true", 38_001: "false", 38_000: "open"}),
        (
            "nearly",
            38_000,
            {35_000: "true", 34_000: "open", 30_000: "false", 39_500: "false", 38_500: "open"},
        ),
        ("about", 38_000, {36_000: "true", 34_000: "open", 28_000: "false", 48_000: "false"}),
        ("exact", 38_000, {37_500: "true", 38_999: "true", 39_000: "open", 28_000: "false"}),
        ("exact", 38_123, {38_123: "true", 38_124: "false"}),
    ],
)
def test_the_second_implementation_keeps_the_table_of_tolerances(
    comparator: str, said: int, outcomes: dict[int, str]
) -> None:
    for value, outcome in outcomes.items():
        fact = Fact("followers", 1, comparator=comparator, value=said, granule=granule(said))
        assert says(fact, value) == outcome, value
        opposite = {"true": "false", "false": "true", "open": "open"}[outcome]
        assert says(fact._replace(denied=True), value) == opposite


def test_articles_are_of_many_styles_and_both_languages() -> None:
    articles = load_articles()
    for lang in ("en", "ru"):
        assert len({article.style for article in articles if article.lang == lang}) >= 10
    for article in articles:
        for each in article.expected:
            assert each.verdict in (SUPPORTED, CONTRADICTED, NOT_CHECKABLE)


# -- sentences that speak of something else -----------------------------------------------------------

SENTENCES = Path(__file__).with_name("scenarios")


def _checked(world: World, text: str) -> list[tuple[str, str, str]]:
    at = world.scenario.start + 103 * HOUR
    published = published_of(Moment(at, at + 59, world.regime.zone, at))
    ticks = iter(range(1_800_000_000, 1_900_000_000))
    with Archive.open(world.vault, workers=0, clock=lambda: next(ticks)) as archive:
        found = Checker(Archived(archive), Aliases()).check(
            text, extract(text, published=published), published
        )
    return [(each.claim.kind, each.claim.span.exact, each.verdict.label) for each in found]


def test_a_sentence_about_something_else_is_never_contradicted(harbour: World) -> None:
    lines = (SENTENCES / "elsewhere.txt").read_text("utf-8").splitlines()
    assert len(lines) >= 90
    wrong = []
    for line in lines:
        topic = (
            "Tikhaya Gavan is a Telegram channel. "
            if line.isascii() or "’" in line
            else "Телеграм-канал «Тихая гавань» пишет о порте. "
        )
        for text in (line, topic + line):
            wrong += [
                (line, kind, words) for kind, words, label in _checked(harbour, text) if label == CONTRADICTED
            ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tikhaya Gavan has 90,000 subscribers.", "followers"),
        ("Tikhaya Gavan’s Telegram channel now has more than 90,000 subscribers.", "followers"),
        ("The Telegram channel Tikhaya Gavan, by contrast, has fewer than 3,000 subscribers.", "followers"),
        ("The owner claimed that Tikhaya Gavan has over 90,000 subscribers.", "followers"),
        ("The video on Tikhaya Gavan’s channel has been viewed over 90,000 times.", "views"),
        ("Tikhaya Gavan’s video, recorded in haste, has a whopping 2 million views.", "views"),
        ("Tikhaya Gavan published a 19-minute video.", "duration"),
        ("The video on Tikhaya Gavan is 19 minutes long.", "duration"),
        ("Tikhaya Gavan published a video of Anna Belova on Wednesday.", "published"),
        ("Tikhaya Gavan’s channel was deleted on Thursday.", "disappearance"),
        ("Tikhaya Gavan was not labelled “fake” by Telegram.", "label"),
        ("Tikhaya Gavan has not published a video.", "existence"),
        ("У канала «Тихая гавань» 90 тысяч подписчиков.", "followers"),
        ("На канал «Тихая гавань» подписаны более 90 тысяч человек.", "followers"),
        ("Видео в канале «Тихая гавань» посмотрели более 90 тысяч раз.", "views"),
        ("Телеграм-канал «Тихая гавань» опубликовал 19-минутное видео.", "duration"),
        ("Канал «Тихая гавань» опубликовал видео в среду.", "published"),
        ("Канал «Тихая гавань» удалили в четверг.", "disappearance"),
    ],
)  # fmt: skip
def test_a_plain_sentence_that_is_false_is_contradicted(harbour: World, text: str, kind: str) -> None:
    assert (kind, CONTRADICTED) in [(each[0], each[2]) for each in _checked(harbour, text)]


def test_counts_of_verdicts_are_what_they_say() -> None:
    counts = Verdicts()
    assert (counts.macro(), counts.soundness(CONTRADICTED)) == (1.0, 1.0)
    for wanted, given in (
        (SUPPORTED, SUPPORTED),
        (SUPPORTED, CONTRADICTED),
        (CONTRADICTED, CONTRADICTED),
        (NOT_CHECKABLE, SUPPORTED),
    ):
        counts.count("views", "en", wanted, given, "told")
    assert counts.f1(SUPPORTED) == (0.5, 0.5, 0.5)
    assert counts.f1(CONTRADICTED)[:2] == (0.5, 1.0)
    assert counts.f1(NOT_CHECKABLE) == (0.0, 0.0, 0.0)
    assert (counts.soundness(CONTRADICTED), counts.soundness(SUPPORTED)) == (0.5, 1.0)
    assert len(counts.misses) == 2
    assert load_scenario("harbour").start
