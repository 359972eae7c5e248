"""Which statements of several reports come together, in what order, beside which readings of the archive."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.archive import Archive
from holdfast.reports.check.tolerance import Bounds, judge, zones
from holdfast.reports.checking import CheckedReport, check_report
from holdfast.reports.compare import Comparison, Group, compare_reports, in_order
from holdfast.reports.compare.comparing import CURVE_MAX
from holdfast.reports.compare.differences import difference
from holdfast.reports.compare.grouping import group_statements
from holdfast.reports.compare.statements import Statement, statements_of
from holdfast.reports.verdict import FALSE
from tests.reports.archives import CHANNEL, VIDEO, invented, opened, scenario_text, watched

NAME = "Put Domoi’s Telegram channel"
VIDEO_OF = f"{NAME} published a nine-minute video on Thursday. The video"
MORNING, NOON, EVENING = "2023-12-29T11:05+03:00", "2023-12-29T14:05+03:00", "2023-12-29T20:05+03:00"
LONG_AFTER = 1_790_000_000
"""No report of the gold set lies in its future."""


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched(tmp_path_factory.mktemp("groups") / "vault", scenario_text())


def checked(archive: Archive, folder: Path, *told: tuple[str, str | None]) -> list[CheckedReport]:
    return [
        check_report(archive, invented(text, folder, f"{number}.txt"), published=when, keep=False)
        for number, (text, when) in enumerate(told)
    ]


def laid(vault: Path, folder: Path, *told: tuple[str, str | None]) -> Comparison:
    with opened(vault, LONG_AFTER) as archive:
        return compare_reports(archive, in_order(checked(archive, folder, *told)))


def group_of(found: Comparison, metric: str) -> Group:
    (group,) = [each for each in found.groups if each.metric == metric]
    return group


RUSSIAN = (
    "Канал «Путь домой» в Telegram опубликовал в четверг видео длиной девять минут. Видео набрало более 28 тысяч просмотров. "
    "На канал «Путь домой» подписано 38,2 тысячи человек."
)
THREE = (
    (f"{VIDEO_OF} has over 25,000 views. {NAME} has 38,000 followers.", MORNING),
    (f"{VIDEO_OF} has over 26,000 views. Put Domoi’s chat has 11,000 participants.", NOON),
    (RUSSIAN, EVENING),
)  # fmt: skip


def test_statements_stand_in_the_order_of_their_moments_beside_what_was_captured(
    vault: Path, tmp_path: Path
) -> None:
    group = group_of(laid(vault, tmp_path, *THREE), "views")
    assert group.subject == VIDEO
    assert [each.report for each in group.said] == [1, 2, 3]
    assert [each.as_of_lo for each in group.said] == sorted(str(each.as_of_lo) for each in group.said)
    assert [each.kind for each in group.differences] == ["growth", "growth"]
    seen = [each.seen_at for each in group.curve]
    assert seen == sorted(seen)
    assert seen[0] <= str(group.said[0].as_of_lo)
    assert seen[-1] >= str(group.said[-1].as_of_lo)
    assert all(
        each.post == VIDEO.partition("/")[2] and each.low is not None and each.high is not None
        for each in group.curve
    )
    assert group.left_out == 0


def test_what_counts_another_thing_stands_aside_and_the_others_are_compared_with_each_other(
    vault: Path, tmp_path: Path
) -> None:
    group = group_of(laid(vault, tmp_path, *THREE), "followers")
    assert [(each.kind, each.first, each.second) for each in group.differences] == [
        ("different object", 0, 1),
        ("rounding", 0, 2),
    ]


def test_the_order_in_which_reports_are_given_changes_nothing(vault: Path, tmp_path: Path) -> None:
    with opened(vault) as archive:
        found = checked(archive, tmp_path, *THREE)
        made = {
            msgspec.json.encode([in_order(order), compare_reports(archive, in_order(order))])
            for order in itertools.permutations(found)
        }
    assert len(made) == 1


def test_a_report_that_is_given_twice_stands_once(vault: Path, tmp_path: Path) -> None:
    with opened(vault) as archive:
        (one,) = checked(archive, tmp_path, THREE[0])
        assert in_order([one, one]) == [one]


def test_many_copies_of_a_report_are_one_voice(vault: Path, tmp_path: Path) -> None:
    found = laid(vault, tmp_path, *((THREE[0][0], f"2023-12-29T{hour:02}:00Z") for hour in range(20)))
    for metric in ("views", "followers"):
        group = group_of(found, metric)
        assert len(group.said) == 20
        assert {each.kind for each in group.differences} == {"same words"}


def test_reports_without_a_time_come_last_and_nothing_is_said_of_their_order(
    vault: Path, tmp_path: Path
) -> None:
    group = group_of(laid(vault, tmp_path, (f"{VIDEO_OF} has over 12,000 views.", None), THREE[0]), "views")
    assert [each.as_of_lo is None for each in group.said] == [False, True]
    assert group.differences[0].kind == "agreement"
    group = group_of(laid(vault, tmp_path, (f"{VIDEO_OF} has 12,000 views.", None), THREE[0]), "views")
    assert group.differences[0].kind == "unclear"


def test_facts_of_two_subjects_do_not_come_together(vault: Path, tmp_path: Path) -> None:
    other = "Severny Veter’s Telegram channel has 38,000 followers."
    assert laid(vault, tmp_path, THREE[0], (other, NOON)).groups == ()
    again = "Severnyy Veter’s Telegram channel has over 38,000 followers."
    group = group_of(laid(vault, tmp_path, (other, NOON), (again, EVENING)), "followers")
    assert group.subject is None
    assert group.name == "Severny Veter"
    assert group.curve == ()
    assert group.differences[0].kind == "comparator"


def test_what_no_report_names_is_compared_with_a_reserve(vault: Path, tmp_path: Path) -> None:
    found = laid(
        vault, tmp_path, ("The video has 5,000 views.", MORNING), ("The video has 9,000 views.", EVENING)
    )
    assert group_of(found, "views").differences[0].detail.endswith("if both mean one")
    found = laid(
        vault, tmp_path, ("The video has 9,000 views.", MORNING), ("The video has 5,000 views.", EVENING)
    )
    assert group_of(found, "views").differences[0].kind == "unclear"
    found = laid(
        vault, tmp_path, ("The video has 9,000 views.", MORNING), ("This video had 9,000 views.", EVENING)
    )
    assert group_of(found, "views").differences[0].detail.endswith("if both mean one")


def test_what_no_report_names_is_compared_only_within_days(vault: Path, tmp_path: Path) -> None:
    one, other = "The video has 5,000 views.", "The video has 9,000 views."
    assert laid(vault, tmp_path, (one, MORNING), (other, "2024-03-29")).groups == ()
    assert laid(vault, tmp_path, (one, MORNING), (other, None)).groups == ()


def test_one_report_alone_is_laid_side_by_side_only_where_it_disagrees_with_itself(
    vault: Path, tmp_path: Path
) -> None:
    twice = f"{NAME} has over 38,000 followers. As was said, {NAME} has over 38,000 followers."
    other = ("At least one woman was detained.", NOON)
    assert laid(vault, tmp_path, (twice, NOON), other).groups == ()
    apart = f"{NAME} has over 38,000 followers. As was said, {NAME} has 38,000 followers."
    assert (
        group_of(laid(vault, tmp_path, (apart, NOON), other), "followers").differences[0].kind == "comparator"
    )


def test_a_happening_of_another_day_is_another(vault: Path, tmp_path: Path) -> None:
    def groups(first: str, second: str, *when: str) -> int:
        return len(laid(vault, tmp_path, (first, when[0]), (second, when[1])).groups)

    one, other = "Police detained 27 people.", "Police detained 40 people."
    assert groups(one, other, "2023-12-29", "2023-12-30") == 1
    assert groups(one, other, "2023-12-29", "2024-01-29") == 0
    assert groups(one, "About 40 people were killed.", "2023-12-29", "2023-12-29") == 0
    assert groups(one, "There were 40 people.", "2023-12-29", "2023-12-29") == 0


# -- speech -------------------------------------------------------------------------------------------

SAID = "Ishkova said in the video."
SPEECH: list[tuple[str, str, str | None]] = [
    (f"“We left the harbour by bus to look for the lighthouse,” {SAID}", f"“We left the harbour by bus to look for the lighthouse,” {SAID}", "same words"),
    (f"“We left the harbour by bus to look for the lighthouse,” {SAID}", f"“We did not leave the harbour by bus to look for the lighthouse,” {SAID}", "wording"),
    (f"“We left the harbour by bus to look for the lighthouse with our children,” {SAID}", f"“We left the harbour by bus to look for the lighthouse,” {SAID}", "wording"),
    (f"“We left the harbour by bus to Genichesk to look for the lighthouse,” {SAID}", "«Мы уехали из порта автобусом, в Геническ, искать маяк», — сказала Ишкова в видео.", "translation"),
    (f"“We want 3 buses and 20 tents by the evening,” {SAID}", "«Нам нужны 3 автобуса и 20 палаток к вечеру», — сказала Ишкова в видео.", "translation"),
    (f"“We want 3 buses and 20 tents by the evening,” {SAID}", "«Нам нужны 4 автобуса и 20 палаток к вечеру», — сказала Ишкова в видео.", None),
    (f"“We left the harbour by bus to look for the lighthouse,” {SAID}", "«Мы уехали из порта автобусом, чтобы искать маяк», — сказала Ишкова в видео.", None),
    (f"“We left the harbour by bus to look for the lighthouse,” {SAID}", "“We left the harbour by bus to look for the lighthouse,” Ishkov said in the video.", None),
    (f"“We left the harbour by bus to look for the lighthouse,” {SAID}", f"“The roads are closed and nobody knows until when,” {SAID}", None),
    (f"“Nobody came here,” {SAID}", f"“Somebody came here,” {SAID}", None),
    (f"“We left the harbour by bus,” {SAID}", "“We left the harbour by bus,” it says in the video.", "same words"),
    (f"“We left the harbour by bus to look for the lighthouse,” {SAID}", "“We left the harbour by bus to look for a light,” it says in the video.", None),
    (f"“Come,” {SAID} “We left the harbour by bus, all of us, with children and dogs, to Genichesk.” ", "«Мы в Геническе, в городе», — сказала Ишкова в видео.", None),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "kind"), SPEECH)
def test_speech_comes_together_where_it_may_be_one_and_is_never_contradicted(
    vault: Path, tmp_path: Path, one: str, other: str, kind: str | None
) -> None:
    found = laid(
        vault,
        tmp_path,
        (f"{NAME} published a video. {one}", NOON),
        (f"{NAME} published a video. {other}", EVENING),
    )
    groups = [each for each in found.groups if each.metric == "quote"]
    assert [each.kind for group in groups for each in group.differences] == ([] if kind is None else [kind])


# -- what must not be called a contradiction ----------------------------------------------------------


@pytest.fixture(scope="module")
def falling(vault: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Statement, Statement]:
    """Two statements that contradict each other."""
    folder = tmp_path_factory.mktemp("falling")
    told = ((f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} has 12,000 views.", EVENING))
    with opened(vault) as archive:
        reports = checked(archive, folder, *told)
    found = [
        statement
        for number, each in enumerate(reports, 1)
        for statement in statements_of(number, each.text, each.claims, each.report.published)
        if statement.metric == "views"
    ]
    assert difference(found[0], found[1]).kind == "contradiction"
    return found[0], found[1]


def altered(each: Statement, **claim: Any) -> Statement:
    return msgspec.structs.replace(
        each,
        checked=msgspec.structs.replace(each.checked, claim=msgspec.structs.replace(each.of, **claim)),
    )


def test_no_doubt_of_any_kind_leaves_a_contradiction_standing(falling: tuple[Statement, Statement]) -> None:
    one, other = falling
    replaced = msgspec.structs.replace
    assisted = replaced(one.of.extraction, assisted=True)
    doubted = [
        (replaced(one, is_sure=False), other),
        (one, replaced(other, is_sure=False)),
        (replaced(one, subject=None), replaced(other, subject=None)),
        (altered(one, extraction=assisted), other),
        (altered(one, polarity="denied"), other),
        (one, altered(other, vague=("garbled",))),
        (one, replaced(other, windows=())),
        (replaced(one, windows=(*one.windows, *other.windows)), other),
        (replaced(one, metric="reactions"), replaced(other, metric="reactions")),
    ]
    kinds = [difference(first, second).kind for first, second in doubted]
    assert "contradiction" not in kinds, " ".join(kinds)
    told = difference(one, other, fell=True)
    assert (told.kind, "fell" in told.detail) == ("unclear", True)


COMPARATORS = ("over", "at_least", "nearly", "about", "exact", "up_to", "under")
WORDED = st.tuples(st.sampled_from(COMPARATORS), st.integers(0, 12), st.sampled_from((1, 10)))


def worded(each: Statement, comparator: str, number: int, granule: int) -> Statement:
    assert each.of.quantity is not None
    value = number * granule
    quantity = msgspec.structs.replace(
        each.of.quantity, lo=value, hi=value, comparator=comparator, granule=granule
    )
    return altered(each, quantity=quantity)


def allowed(each: Statement) -> list[int]:
    """Every value that does not make it false."""
    assert each.of.quantity is not None
    table = zones(each.of.quantity)
    return [value for value in range(400) if judge(table, Bounds(value, value)) != FALSE]


@given(WORDED, WORDED)
def test_a_contradiction_leaves_no_two_values_that_a_counter_could_have_had(
    falling: tuple[Statement, Statement], before: tuple[str, int, int], after: tuple[str, int, int]
) -> None:
    one, other = worded(falling[0], *before), worded(falling[1], *after)
    found = difference(one, other)
    least, most = min(allowed(one), default=None), max(allowed(other), default=None)
    could_be = least is not None and most is not None and least <= most
    if found.kind == "contradiction":
        assert not could_be, (found, least, most)
    if found.kind in ("agreement", "growth", "rounding", "comparator"):
        assert could_be, (found, least, most)


def test_one_recording_among_several_is_not_surely_the_same(vault: Path, tmp_path: Path) -> None:
    told = (
        (f"{NAME} published a nine-minute video on Thursday.", NOON),
        (f"{NAME} published a 14-minute video on Thursday.", EVENING),
    )
    with opened(vault) as archive:
        reports = checked(archive, tmp_path, *told)
    one, other = (
        next(
            s
            for s in statements_of(1, each.text, each.claims, each.report.published)
            if s.metric == "duration"
        )
        for each in reports
    )
    assert difference(one, other).kind == "contradiction"
    pointer = msgspec.structs.replace(other.checked.evidence[0], field="media[1].duration_s")
    second = msgspec.structs.replace(
        other, checked=msgspec.structs.replace(other.checked, evidence=(pointer,))
    )
    assert difference(one, second).kind == "unclear"


def test_times_that_do_not_meet_contradict_only_of_a_post_that_is_surely_one(
    vault: Path, tmp_path: Path
) -> None:
    gone = (
        ("Severny Veter’s channel was deleted on Tuesday.", NOON),
        ("Severny Veter’s channel was deleted on Friday.", EVENING),
    )
    assert group_of(laid(vault, tmp_path, *gone), "disappearance").differences[0].kind == "unclear"
    one, other = (
        ("The channel Severny Veter was deleted.", NOON),
        ("Severny Veter’s channel was deleted on Friday.", EVENING),
    )
    assert group_of(laid(vault, tmp_path, one, other), "disappearance").differences[0].kind == "agreement"
    denied = ("Severny Veter’s channel was not deleted.", EVENING)
    found = laid(vault, tmp_path, one, denied)
    assert [each.kind for group in found.groups for each in group.differences] == ["unclear"]


# -- what is left open --------------------------------------------------------------------------------


def test_what_one_report_leaves_open_may_be_what_the_other_means(
    falling: tuple[Statement, Statement],
) -> None:
    def together(**changes: Any) -> bool:
        return bool(
            group_statements([msgspec.structs.replace(one, **own), msgspec.structs.replace(other, **changes)])
        )

    one, other = falling
    own: dict[str, Any] = {}
    several = frozenset({VIDEO, f"{CHANNEL}/102"})
    assert together(subject=None, candidates=several)
    assert not together(subject=None, candidates=frozenset({f"{CHANNEL}/102"}))
    assert not together(subject=None, candidates=frozenset())
    assert not together(subject=f"{CHANNEL}/102")
    own = {"subject": None, "candidates": several}
    assert together(subject=None, candidates=frozenset({VIDEO}))
    assert not together(subject=None, candidates=frozenset())
    own = {"subject": None, "candidates": frozenset(), "channels": frozenset({CHANNEL})}
    assert together(subject=None, candidates=frozenset(), channels=frozenset({CHANNEL}))
    assert not together(subject=None, candidates=frozenset(), channels=frozenset({"4000000030"}))
    own = {"report": 2, "sentence": other.sentence}
    assert not together()


MARKS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"label": None}, {}, "unclear"),
    ({"authority": "state:Justice Ministry"}, {"authority": "platform"}, "different object"),
    ({"authority": "platform:Telegram"}, {"authority": "platform"}, "agreement"),
    ({"authority": "platform:Telegram"}, {"authority": "platform:YouTube"}, "different object"),
    ({"authority": "other"}, {"authority": "platform"}, "agreement"),
    ({"polarity": "denied"}, {"polarity": "denied"}, "agreement"),
]


def test_two_words_for_a_mark_are_one_unless_it_was_surely_set_by_others(vault: Path, tmp_path: Path) -> None:
    told = (f"{NAME} was labeled “fake” by Telegram.", NOON), (f"Telegram branded {NAME} as “fake”.", EVENING)
    with opened(vault) as archive:
        reports = checked(archive, tmp_path, *told)
    one, other = (
        next(
            s for s in statements_of(1, each.text, each.claims, each.report.published) if s.metric == "label"
        )
        for each in reports
    )
    for ours, theirs, kind in MARKS:
        assert difference(altered(one, **ours), altered(other, **theirs)).kind == kind, (ours, theirs)
    unknown = msgspec.structs.replace(other, subject=None)
    told_of = difference(one, unknown)
    assert (told_of.kind, "only one of them" in told_of.detail) == ("unclear", True)


def test_times_of_one_length_that_meet_agree(falling: tuple[Statement, Statement]) -> None:
    one, other = (
        msgspec.structs.replace(each, metric="published", stated=True, windows=((lo, lo + 100),))
        for each, lo in zip(falling, (0, 50), strict=True)
    )
    assert difference(one, other).kind == "agreement"
    apart = msgspec.structs.replace(other, windows=((500, 600),), is_sure=False)
    assert difference(one, apart).kind == "unclear"
    assert difference(msgspec.structs.replace(one, stated=False), apart).kind == "agreement"


# -- the archive's curve ------------------------------------------------------------------------------


def test_a_long_curve_is_thinned_around_the_moments(vault: Path, tmp_path: Path) -> None:
    found = laid(
        vault,
        tmp_path,
        (f"{NAME} has over 30,000 followers.", "2023-12-28T19:05+03:00"),
        (f"{NAME} has over 31,000 followers.", "2023-12-29T23:05+03:00"),
    )
    group = group_of(found, "followers")
    assert len(group.curve) <= CURVE_MAX
    assert group.left_out > 0
    seen = [each.seen_at for each in group.curve]
    assert seen == sorted(seen)
    assert seen[0] <= str(group.said[0].as_of_lo)
    assert seen[-1] >= str(group.said[1].as_of_hi)


def test_without_a_moment_the_whole_curve_is_shown(vault: Path, tmp_path: Path) -> None:
    texts = (f"{NAME} has over 30,000 followers.", f"{NAME} has 38,000 followers.")
    group = group_of(laid(vault, tmp_path, *((text, None) for text in texts)), "followers")
    assert len(group.curve) + group.left_out > CURVE_MAX
    assert {each.channel for each in group.curve} == {CHANNEL}


def test_what_is_no_counter_is_shown_with_what_the_verdicts_rest_on(vault: Path, tmp_path: Path) -> None:
    told = (f"{NAME} was labeled “fake” by Telegram.", NOON), (f"Telegram branded {NAME} as “fake”.", EVENING)
    group = group_of(laid(vault, tmp_path, *told), "label")
    assert {each.field for each in group.curve} == {"label:fake"}


# -- the gold set -------------------------------------------------------------------------------------

METRICS = {"views": "views", "followers": "followers", "event-count": "people"}


def test_reports_that_the_gold_set_calls_in_conflict_come_together(
    vault: Path, tmp_path: Path, shared_data: Path
) -> None:
    file = shared_data / "reports-gold.jsonl"
    if not file.is_file():
        pytest.skip("the gold set is not here")
    wanted: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    for line in file.read_text("utf-8").splitlines():
        article = json.loads(line)
        for claim in article["claims"]:
            if claim.get("conflict_group") and claim["kind"] in METRICS and isinstance(claim["value"], int):
                wanted[claim["conflict_group"]].append((article, claim))
    met = 0
    for members in wanted.values():
        articles = {article["id"]: article for article, _ in members}
        if len(articles) < 2:
            continue
        texts = [
            ("\n".join(each["excerpt_needed"]), each["date"] or each.get("context_date"))
            for each in articles.values()
        ]
        with opened(vault, LONG_AFTER) as archive:
            reports = in_order(checked(archive, tmp_path, *texts))
            found = compare_reports(archive, reports)
        read: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for article, claim in members:
            text = "\n".join(article["excerpt_needed"])
            for number, report in enumerate(reports, 1):
                if report.text == text:
                    read[article["id"]] |= {
                        (number, place)
                        for place, each in enumerate(report.claims, 1)
                        if each.claim.kind == METRICS[claim["kind"]]
                        and each.claim.quantity is not None
                        and each.claim.quantity.lo == claim["value"]
                    }
        together = [{(each.report, each.claim) for each in group.said} for group in found.groups]
        for one, other in itertools.combinations([each for each in read.values() if each], 2):
            assert any(not group.isdisjoint(one) and not group.isdisjoint(other) for group in together), (
                one,
                other,
                together,
            )
            met += 1
    assert met >= 6
