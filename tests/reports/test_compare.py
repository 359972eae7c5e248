"""Reports are laid side by side: what they say of one fact comes together, and each difference is called what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.reports.checking import CheckedReport, check_report
from holdfast.reports.compare import DIFFERENCES, Comparison, Group, compare_reports, in_order
from tests.reports.archives import invented, opened, scenario_text, watched

NAME = "Put Domoi’s Telegram channel"
VIDEO_OF = f"{NAME} published a nine-minute video on Thursday. The video"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched(tmp_path_factory.mktemp("compare") / "vault", scenario_text())


Told = tuple[str, str]
"""A report's text and when it was published."""


def laid(vault: Path, folder: Path, *told: Told) -> tuple[list[CheckedReport], Comparison]:
    with opened(vault) as archive:
        found = [
            check_report(archive, invented(text, folder, f"{number}.txt"), published=when, keep=False)
            for number, (text, when) in enumerate(told)
        ]
        reports = in_order(found)
        return reports, compare_reports(archive, reports)


def group_of(found: Comparison, metric: str) -> Group:
    (group,) = [each for each in found.groups if each.metric == metric]
    return group


MORNING, NOON, EVENING = "2023-12-29T11:05+03:00", "2023-12-29T14:05+03:00", "2023-12-29T20:05+03:00"
LATE = "2023-12-30T02:05+03:00"
ALMOST = "2023-12-29T12:05+03:00"

PAIRS: list[tuple[str, Told, Told, str, str, str]] = [
    ("growth", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} has over 28,000 views.", EVENING), "views", "growth", "counted later"),
    ("the same number", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} now has over 25,000 views.", EVENING), "views", "agreement", "both say over 25,000"),
    ("word for word", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} has over 25,000 views.", EVENING), "views", "same words", "one voice"),
    ("an older number that fits", (f"{VIDEO_OF} has over 26,000 views.", MORNING), (f"{VIDEO_OF} has over 25,000 views.", EVENING), "views", "agreement", "fits both"),
    ("views that fall", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} has 12,000 views.", EVENING), "views", "contradiction", "never to fall"),
    ("views that fall within the hour", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} has 12,000 views.", ALMOST), "views", "unclear", "earlier look"),
    ("views that fall a little", (f"{VIDEO_OF} has 26,000 views.", MORNING), (f"{VIDEO_OF} has 24,000 views.", EVENING), "views", "unclear", "too near"),
    ("views that fall, on one day", (f"{VIDEO_OF} has over 25,000 views.", "2023-12-29"), (f"{VIDEO_OF} has 12,000 views.", "2023-12-29"), "views", "unclear", "not certain"),
    ("views and viewers", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} was watched by 25,000 people.", EVENING), "views", "different object", "viewers"),
    ("a vague plural", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} has thousands of views.", EVENING), "views", "unclear", "no number"),
    ("what may be", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} could have 12,000 views.", EVENING), "views", "unclear", "may be"),
    ("a number that is none", ("The video has over 25,000 views.", MORNING), ("The video has 1e400 views.", EVENING), "views", "unclear", "could not be read"),
    ("denied", (f"{VIDEO_OF} has over 25,000 views.", MORNING), (f"{VIDEO_OF} does not have over 25,000 views.", EVENING), "views", "unclear", "not over 25,000"),
    ("rounding", (f"{NAME} has 38,000 followers.", MORNING), (f"{NAME} has 38,200 followers.", EVENING), "followers", "rounding", "as they are written"),
    ("a dropped comparator", (f"{NAME} has over 38,000 followers.", MORNING), (f"{NAME} has 38,000 followers.", EVENING), "followers", "comparator", "dropped: “over 38,000” became “38,000”"),
    ("an added comparator", (f"{NAME} has 38,000 followers.", MORNING), (f"{NAME} has over 38,000 followers.", EVENING), "followers", "comparator", "added"),
    ("a hardened comparator", (f"{NAME} has at least 38,000 followers.", MORNING), (f"{NAME} has over 38,000 followers.", EVENING), "followers", "comparator", "hardened"),
    ("a softened comparator", (f"{NAME} has over 38,000 followers.", MORNING), (f"{NAME} has about 38,000 followers.", EVENING), "followers", "comparator", "softened"),
    ("a changed comparator", (f"{NAME} has up to 38,000 followers.", MORNING), (f"{NAME} has at least 38,000 followers.", EVENING), "followers", "comparator", "changed"),
    ("a threshold passed", (f"{NAME} has nearly 38,000 followers.", MORNING), (f"{NAME} has over 38,000 followers.", EVENING), "followers", "unclear", "first is not certain"),
    ("fewer followers", (f"{NAME} has over 38,000 followers.", MORNING), (f"{NAME} has 20,000 followers.", EVENING), "followers", "fall", "counted later"),
    ("channel and chat", (f"{NAME} has 38,000 followers.", MORNING), ("Put Domoi’s chat has 11,000 participants.", EVENING), "followers", "different object", "chat"),
    ("participants", (f"{NAME} has 38,000 subscribers.", MORNING), (f"{NAME} has 11,000 participants.", EVENING), "followers", "unclear", "participants"),
    ("an increase", (f"{NAME} has 38,000 followers.", MORNING), (f"{NAME} gained 5,000 followers.", EVENING), "followers", "different object", "increase"),
    ("other lengths", (f"{NAME} published a nine-minute video on Thursday.", MORNING), (f"{NAME} published a 14-minute video on Thursday.", EVENING), "duration", "contradiction", "one length"),
    ("lengths that are near", (f"{NAME} published a nine-minute video on Thursday.", MORNING), (f"{NAME} published an 11-minute video on Thursday.", EVENING), "duration", "unclear", "too near"),
    ("a length that is rounded", (f"{NAME} published a nine-minute video on Thursday.", MORNING), (f"{NAME} published a video of 9 minutes 4 seconds on Thursday.", EVENING), "duration", "rounding", "as they are written"),
    ("a length that fits", (f"{NAME} published a nine-minute video on Thursday.", MORNING), (f"{NAME} published an over eight-minute video on Thursday.", EVENING), "duration", "agreement", "fits both"),
    ("other days", (f"{NAME} published a nine-minute video on Thursday.", MORNING), (f"{NAME} published a nine-minute video on Tuesday.", EVENING), "published", "contradiction", "published once"),
    ("a time that is coarser", (f"{NAME} published a nine-minute video on Thursday.", MORNING), (f"{NAME} published a nine-minute video late Thursday.", EVENING), "published", "rounding", "more exactly"),
    ("the same time", (f"{NAME} published a nine-minute video late Thursday.", MORNING), (f"Late Thursday a nine-minute video was published on {NAME}.", EVENING), "published", "agreement", "same time"),
    ("one mark", (f"{NAME} was labeled “fake” by Telegram.", MORNING), (f"Telegram branded {NAME} as “fake”.", EVENING), "label", "agreement", "is there"),
    ("two marks", (f"{NAME} was labeled “fake” by Telegram.", MORNING), (f"{NAME} was labeled “scam” by Telegram.", EVENING), "label", "different object", "two marks"),
    ("a mark that is denied", (f"{NAME} was labeled “fake” by Telegram.", MORNING), (f"{NAME} was not labeled “fake” by Telegram.", EVENING), "label", "unclear", "come and go"),
    ("people, hardened", ("At least one woman was detained.", MORNING), ("Only one woman was detained.", EVENING), "people detained", "comparator", "hardened: “at least 1” became “only 1”"),
    ("people on top", ("Police detained 27 people.", MORNING), ("Police detained seven more people.", EVENING), "people detained", "subset", "on top of others"),
    ("people among them", ("Police detained 27 people.", MORNING), ("Several were detained, including two journalists.", EVENING), "people detained", "subset", "some of them"),
    ("people of them", ("Police detained 27 people.", MORNING), ("Police detained many people, seven journalists among them.", EVENING), "people detained", "subset", "some of them"),
    ("people of whom", ("Police detained 27 people, of them seven journalists.", MORNING), ("Police have detained 27 people.", EVENING), "people detained", "agreement", "both say 27"),
    ("people of one kind", ("Police detained 27 people.", MORNING), ("Police detained 12 journalists.", EVENING), "people detained", "subset", "may be some of"),
    ("fewer people", ("Police detained 27 people.", MORNING), ("Police have detained 12 people.", EVENING), "people detained", "unclear", "earlier count"),
    ("more people", ("Police detained 27 people.", MORNING), ("Police have detained 40 people.", EVENING), "people detained", "growth", "counted later"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "metric", "kind", "words"), [row[1:] for row in PAIRS], ids=[row[0] for row in PAIRS]
)
def test_a_difference_is_called_what_it_is(
    vault: Path, tmp_path: Path, one: Told, other: Told, metric: str, kind: str, words: str
) -> None:
    _, found = laid(vault, tmp_path, one, other)
    group = group_of(found, metric)
    assert {each.report for each in group.said} == {1, 2}
    (told,) = group.differences
    assert (told.kind, words in told.detail) == (kind, True), told
    assert told.kind in DIFFERENCES
