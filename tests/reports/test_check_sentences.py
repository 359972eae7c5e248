"""Sentences held against a world whose truth is known: what is counted, denied, passed on, said by somebody, or not yet signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from holdfast.archive import Archive
from holdfast.errors import IntegrityError
from holdfast.reports.check import Checker
from holdfast.reports.evidence import Archived
from holdfast.reports.extract import extract
from holdfast.reports.keeping import append_flat
from holdfast.reports.pointers import recheck
from holdfast.reports.resolve import Aliases
from holdfast.reports.verdict import Checked, Pointer
from tests.gold.records import published_of
from tests.gold.truth import Moment
from tests.gold.worlds import HOUR, REGIMES, World, play


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> World:
    return play(REGIMES[0], tmp_path_factory.mktemp("harbour"))


@pytest.fixture(scope="module")
def meadow(tmp_path_factory: pytest.TempPathFactory) -> World:
    return play(REGIMES[3], tmp_path_factory.mktemp("meadow"))


@pytest.fixture
def archive(harbour: World) -> Iterator[Archive]:
    with _opened(harbour) as opened:
        yield opened


def _opened(world: World) -> Archive:
    ticks = iter(range(1_800_000_000, 1_900_000_000))
    return Archive.open(world.vault, workers=0, clock=lambda: next(ticks))


def _moment(world: World, hour: int = 103) -> Moment:
    at = world.scenario.start + hour * HOUR
    return Moment(at, at + 59, world.regime.zone, at)


def judged(world: World, text: str, kind: str, hour: int = 103, aliases: Aliases = Aliases()) -> Checked:  # noqa: B008 (frozen)
    published = published_of(_moment(world, hour))
    with _opened(world) as archive:
        found = Checker(Archived(archive), aliases).check(text, extract(text, published=published), published)
    return [each for each in found if each.claim.kind == kind][-1]


def outcome(checked: Checked) -> str:
    return checked.verdict.reason or checked.verdict.label


@pytest.mark.parametrize(
    ("text", "kind", "verdict"),
    [
        # how many
        ("Tikhaya Gavan published a video.", "existence", "supported"),
        ("Tikhaya Gavan published two videos.", "existence", "coverage unknown"),
        ("Tikhaya Gavan published videos.", "existence", "coverage unknown"),
        ("Tikhaya Gavan published 3 posts.", "existence", "supported"),
        ("Tikhaya Gavan has not published a video.", "existence", "contradicted"),
        ("Tikhaya Gavan has not published a video longer than an hour.", "existence", "ambiguous subject"),
        ("Tikhaya Gavan reposted a video.", "existence", "ambiguous subject"),
        ("Tikhaya Gavan reposted a video on Wednesday.", "published", "ambiguous subject"),
        # what kind of number
        ("Tikhaya Gavan gained 3,000 subscribers.", "followers", "reading-dependent"),
        ("Tikhaya Gavan has grown by more than 1,000 subscribers.", "followers", "reading-dependent"),
        ("Tikhaya Gavan initially had 300 subscribers.", "followers", "reading-dependent"),
        ("Tikhaya Gavan may have 300 subscribers.", "followers", "opinion or vague"),
        ("Tikhaya Gavan has 38,700 subscribers, up from 300.", "followers", "reading-dependent"),
        ("The Tuesday video on Tikhaya Gavan has over 25,000 views.", "views", "supported"),
        ("The video on Tikhaya Gavan published late on Thursday has over 25,000 views.", "views", "supported"),
        ("По состоянию на пятницу у канала «Тихая гавань» больше 30 тысяч подписчиков.", "followers", "supported"),
        ("Видео «Тихой гавани» не набрало и 20 тысяч просмотров.", "views", "contradicted"),
        ("Канал «Тихая гавань», существующий с 2021 года, имеет больше 30 тысяч подписчиков.", "followers", "supported"),
        # marks
        ("Tikhaya Gavan was labelled “fake” by Telegram on Wednesday.", "label", "no capture in window"),
        ("Tikhaya Gavan was stripped of its “fake” label by Telegram.", "label", "contradicted"),
        ("Telegram labelled Tikhaya Gavan “fake” and removed two posts.", "label", "supported"),
        ("The channel Tikhaya Gavan is not verified by Telegram.", "label", "no capture in window"),
        # presence
        ("Tikhaya Gavan’s channel was deleted on Friday.", "disappearance", "contradicted"),
        ("Tikhaya Gavan’s channel was deleted in 2022.", "disappearance", "no capture in window"),
        ("Tikhaya Gavan Yug’s channel was deleted on Friday.", "disappearance", "supported"),
        ("The video on Tikhaya Gavan was deleted.", "disappearance", "contradicted"),
        ("The video on Tikhaya Gavan’s channel was deleted.", "disappearance", "ambiguous subject"),
    ],
)  # fmt: skip
def test_a_sentence_is_held_against_what_it_says_and_no_more(
    harbour: World, text: str, kind: str, verdict: str
) -> None:
    assert outcome(judged(harbour, text, kind)) == verdict


def test_an_edit_after_the_report_is_none_that_it_tells_of(meadow: World) -> None:
    text = "Granite Lamp published a photo. The caption of the photo was later edited."
    assert outcome(judged(meadow, text, "edit", 104)) == "supported"
    assert outcome(judged(meadow, text, "edit", 97)) == "coverage unknown"


def test_views_that_were_seen_to_fall_need_captures_on_both_sides(meadow: World) -> None:
    fell = judged(meadow, "Second Ferry’s video has 2,100 views.", "views", 104)
    assert any("fallen" in note for note in fell.verdict.notes)
    assert {each.code for each in fell.assumptions}.isdisjoint({"views rise"})


SAID = "Tikhaya Gavan is a Telegram channel. “Мы не пойдем на уступки руководству порта,” {}."


@pytest.mark.parametrize(
    ("tail", "verdict"),
    [
        ("Tikhaya Gavan wrote", "supported"),
        ("Severny Sklad wrote", "ambiguous subject"),
        ("Lena Orlova said on Tikhaya Gavan’s channel", "ambiguous subject"),
        ("a docker said on Tikhaya Gavan’s channel", "supported"),
    ],
)
def test_words_are_only_theirs_who_are_shown_to_say_them(harbour: World, tail: str, verdict: str) -> None:
    found = judged(harbour, SAID.format(tail), "quote")
    assert outcome(found) == verdict
    assert found.passages


def test_the_zone_of_a_channels_readers_may_be_the_one_that_is_meant(harbour: World) -> None:
    text = "Tikhaya Gavan published a video on Friday."
    assert outcome(judged(harbour, text, "published")) == "contradicted"
    aliases = Aliases(zones=(("Тихая гавань", "Asia/Vladivostok"),))
    # There it was Friday already: in one of the zones the sentence is true.
    found = judged(harbour, text, "published", aliases=aliases)
    assert outcome(found) == "reading-dependent"
    assert "zone" in found.verdict.flips


# -- what is not signed yet ---------------------------------------------------------------------------


def _of_transcript(entry: int) -> Pointer:
    return Pointer(entry, "transcript", "text", "2024-03-20T00:00:00Z", channel="7", post="1")


def test_an_entry_that_no_checkpoint_covers_yet_is_said_to_be_so(archive: Archive) -> None:
    with archive.writing() as writing:
        units = {"capture": {"seen_at": "2024-03-20T00:00:00Z"}, "transcript": {"channel": "7", "post": "1"}}
        entry = append_flat(writing, "transcript", units)
        view = Archived(archive)
        assert recheck(view, _of_transcript(entry)) is False
        with pytest.raises(IntegrityError):
            recheck(view, Pointer(entry, "transcript", "text", "2024-03-20T00:00:00Z", channel="8", post="1"))
        writing.log.publish()
        assert recheck(Archived(archive), _of_transcript(entry)) is True


def test_evidence_that_is_not_signed_yet_is_told_with_the_verdict(tmp_path: Path) -> None:
    kept: list[bytes] = []
    world = play(REGIMES[2], tmp_path, founded=lambda vault: kept.append(_checkpoint(vault).read_bytes()))
    text = "Tikhaya Gavan published a video late on Thursday."
    published = published_of(_moment(world))
    claims = extract(text, published=published)

    def codes() -> Sequence[str]:
        with _opened(world) as archive:
            (checked,) = Checker(Archived(archive), Aliases()).check(text, claims, published)
        assert checked.evidence
        return [each.code for each in checked.assumptions]

    assert "not yet signed" not in codes()
    # As if nothing had been published since the vault was founded: the entries are there, signed is the empty log.
    _checkpoint(world.vault).write_bytes(kept[0])
    assert "not yet signed" in codes()


def _checkpoint(vault: Path) -> Path:
    return vault / "log" / "checkpoint"


def test_a_leaf_that_the_tree_does_not_hold_is_found_out(tmp_path: Path) -> None:
    world = play(REGIMES[2], tmp_path)
    with _opened(world) as archive:
        pointer = Archived(archive).followers(1)[0].pointer
        assert recheck(Archived(archive), pointer)
    tiles = [path for path in (world.vault / "log" / "tile" / "0").rglob("*") if path.is_file()]
    for path in tiles:
        raw = bytearray(path.read_bytes())
        raw[32 * pointer.entry] ^= 1
        path.write_bytes(raw)
    with _opened(world) as archive, pytest.raises(IntegrityError, match="tree"):
        recheck(Archived(archive), pointer)
