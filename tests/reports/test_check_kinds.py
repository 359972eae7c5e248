"""Each kind of claim by itself, made by hand, against the two vaults: what no sentence of a report says so plainly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from holdfast.reports.check import Checker
from holdfast.reports.claim import (
    AttributionLink,
    Claim,
    Extraction,
    Mention,
    PublishedAt,
    Quantity,
    Report,
    Span,
    TimeReading,
    Window,
)
from holdfast.reports.evidence import Archived
from holdfast.reports.outputs import rows_of
from holdfast.reports.outputs.rows import receipt
from holdfast.reports.resolve import Aliases
from holdfast.reports.verdict import Checked, Pointer
from tests.reports.archives import opened, pier_vault, scenario_text, watched


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched(tmp_path_factory.mktemp("kinds") / "vault", scenario_text(), from_h=70, until_h=100)


@pytest.fixture(scope="module")
def pier_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pier_vault(tmp_path_factory.mktemp("kinds-pier") / "vault")


@pytest.fixture
def home(reference: Path) -> Iterator[Archived]:
    with opened(reference) as archive:
        yield Archived(archive)


@pytest.fixture
def pier(pier_folder: Path) -> Iterator[Archived]:
    with opened(pier_folder) as archive:
        yield Archived(archive)


TEXT = "So they say: {}. Tikhiy Bereg has that {}."
AFTER = PublishedAt("2023-11-18T02:00:00Z", "2023-11-18T02:01:00Z")
FRIDAY = PublishedAt("2023-12-29T11:00:00Z", "2023-12-29T11:01:00Z")


def time(lo: str, hi: str) -> TimeReading:
    return TimeReading(lo, hi, "UTC", "test", lo, hi)


def judged(view: Archived, kind: str, word: str = "it", published: PublishedAt | None = AFTER, name: str = "Tikhiy Bereg", of: str = "post", said: str = "post", **fields: object) -> Checked:  # fmt: skip
    text = TEXT.replace("Tikhiy Bereg", name).format(word, said)
    extraction = Extraction(("test",), unread=fields.pop("unread", None))  # type: ignore[arg-type]
    at = text.index(name)
    channel = Mention(name, "channel", at, at + len(name), name)
    noun = text.index(said, at + len(name))
    claim = Claim(
        "c", Report("0" * 64), Span(at, len(text) - 1, text[at:-1]), "en", kind, "made by hand", extraction,
        mention=Mention(said, of, noun, noun + len(said)), channel=channel, **fields,  # type: ignore[arg-type]
    )  # fmt: skip
    (found,) = Checker(view, Aliases()).check(text, [claim], published)
    return found


def outcome(found: Checked) -> str:
    return found.verdict.reason or found.verdict.label


# Two words each that stand in one post alone: 13 was edited, 12 disappeared, 8 is the video.
EDITED, GONE, VIDEO = "Возьмите, Фонари", "Подробности, Объявление", "Анна, Лодку"


def test_one_word_in_common_is_enough_to_support_and_not_to_contradict(pier: Archived) -> None:
    assert outcome(judged(pier, "edit", "Возьмите")) == "supported"
    assert outcome(judged(pier, "edit", "Возьмите", polarity="denied")) == "ambiguous subject"


def test_an_edit_is_shown_by_two_texts_and_never_denied_by_one(pier: Archived) -> None:
    assert outcome(judged(pier, "edit", EDITED)) == "supported"
    assert outcome(judged(pier, "edit", EDITED, polarity="denied")) == "contradicted"
    assert outcome(judged(pier, "edit", VIDEO)) == "coverage unknown"
    assert outcome(judged(pier, "edit", name="Dalny Svet")) == "no subject"


def test_a_post_that_went_is_missing_as_of_the_report(pier: Archived) -> None:
    # A post that was found missing is not asked for again: what it was hours later, no capture says.
    assert outcome(judged(pier, "disappearance", GONE)) == "no capture in window"
    that_day = PublishedAt("2023-11-17T20:00:00Z", "2023-11-17T20:01:00Z")
    assert outcome(judged(pier, "disappearance", GONE, that_day)) == "supported"
    assert outcome(judged(pier, "disappearance", GONE, that_day, polarity="denied")) == "contradicted"
    assert outcome(judged(pier, "disappearance", VIDEO)) == "contradicted"
    friday = time("2023-11-17T00:00:00Z", "2023-11-18T00:00:00Z")
    thursday = time("2023-11-16T00:00:00Z", "2023-11-17T00:00:00Z")
    saturday = time("2023-11-18T00:00:00Z", "2023-11-18T02:00:00Z")
    assert outcome(judged(pier, "disappearance", GONE, time=(friday,))) == "supported"
    assert outcome(judged(pier, "disappearance", GONE, time=(thursday,))) == "contradicted"
    assert outcome(judged(pier, "disappearance", GONE, time=(saturday,))) == "contradicted"
    assert outcome(judged(pier, "disappearance", GONE, time=(friday,), polarity="denied")) == "contradicted"
    assert outcome(judged(pier, "disappearance", name="Dalny Svet")) == "no subject"


def test_a_mark_that_was_always_there_began_nobody_knows_when(home: Archived) -> None:
    def mark(label: str = "fake", **fields: object) -> str:
        found = judged(home, "label", "it", FRIDAY, "Put Domoi", "channel", "channel", label=label, **fields)
        return outcome(found)

    assert mark() == "supported"
    assert mark(polarity="denied") == "contradicted"
    assert mark(vague=("label removed",)) == "contradicted"
    assert mark(time=(time("2023-12-29T00:00:00Z", "2023-12-30T00:00:00Z"),)) == "contradicted"
    assert mark(time=(time("2023-11-01T00:00:00Z", "2023-12-01T00:00:00Z"),)) == "no capture in window"
    removed = (time("2023-12-29T00:00:00Z", "2023-12-30T00:00:00Z"),)
    assert mark(vague=("label removed",), time=removed) == "contradicted"
    assert mark("strange") == "opinion or vague"


def test_a_post_exists_or_is_shown_not_to_where_none_can_be_missing(home: Archived) -> None:
    def exists(said: str, **fields: object) -> str:
        return outcome(judged(home, "existence", "it", FRIDAY, "Put Domoi", "post", said, **fields))

    thursday = (time("2023-12-28T00:00:00Z", "2023-12-29T00:00:00Z"),)
    assert exists("video") == "supported"
    assert exists("podcast") == "coverage unknown"
    assert exists("podcast", time=thursday) == "contradicted"
    assert exists("podcast", time=thursday, polarity="denied") == "supported"
    assert (
        exists("podcast", time=(time("2023-12-20T00:00:00Z", "2023-12-29T00:00:00Z"),)) == "coverage unknown"
    )
    assert outcome(judged(home, "existence", published=FRIDAY, name="Dalny Svet")) == "no subject"


NINE = Quantity(540, 540, "exact", "seconds", 60, "test")


def test_a_length_is_the_recordings_and_not_the_events(pier: Archived) -> None:
    assert outcome(judged(pier, "duration", VIDEO, said="video", quantity=NINE)) == "supported"
    assert (
        outcome(judged(pier, "duration", VIDEO, said="video", quantity=NINE, polarity="denied"))
        == "contradicted"
    )
    assert outcome(judged(pier, "duration", VIDEO, quantity=NINE, about="event")) == "offline event"
    assert outcome(judged(pier, "duration", VIDEO)) == "opinion or vague"
    assert outcome(judged(pier, "duration", name="Dalny Svet", quantity=NINE)) == "no subject"
    assert outcome(judged(pier, "duration", "Доброе", said="photo", quantity=NINE)) == "coverage unknown"


def test_a_time_of_publication_is_the_sources_own(pier: Archived) -> None:
    late = (time("2023-11-16T20:00:00Z", "2023-11-17T02:00:00Z"),)
    early = (time("2023-11-16T08:00:00Z", "2023-11-16T12:00:00Z"),)
    assert outcome(judged(pier, "published", VIDEO, said="video", time=late)) == "supported"
    assert outcome(judged(pier, "published", VIDEO, said="video", time=early)) == "contradicted"
    assert (
        outcome(judged(pier, "published", VIDEO, said="video", time=early, polarity="denied")) == "supported"
    )
    assert outcome(judged(pier, "published", VIDEO, said="video", vague=("undated",))) == "reading-dependent"
    assert outcome(judged(pier, "published", VIDEO, said="video")) == "supported"
    assert outcome(judged(pier, "published", name="Dalny Svet", time=late)) == "no subject"
    edited = judged(pier, "published", EDITED, time=(time("2023-11-17T10:00:00Z", "2023-11-17T12:00:00Z"),))
    assert outcome(edited) == "supported"
    assert any("edited" in note for note in edited.verdict.notes)
    wide = TimeReading(
        "2023-11-16T23:00:00Z",
        "2023-11-17T00:00:00Z",
        "UTC",
        "test",
        "2023-11-16T12:00:00Z",
        "2023-11-17T03:00:00Z",
    )
    assert outcome(judged(pier, "published", VIDEO, said="video", time=(wide,))) == "reading-dependent"


MANY = Quantity(100, 100, "over", "views", 100, "test")


def test_a_counter_without_a_number_or_a_post_is_not_checked(pier: Archived) -> None:
    assert outcome(judged(pier, "views", VIDEO)) == "opinion or vague"
    assert outcome(judged(pier, "views", VIDEO, quantity=MANY, unread="two numbers")) == "opinion or vague"
    assert outcome(judged(pier, "views", VIDEO, quantity=MANY, published=None)) == "reading-dependent"
    assert outcome(judged(pier, "followers", of="channel", said="channel")) == "opinion or vague"
    people = msgspec.structs.replace(MANY, unit="people")
    assert outcome(judged(pier, "views", VIDEO, quantity=people)) == "offline event"
    assert outcome(judged(pier, "posts", quantity=MANY)) == "coverage unknown"
    assert outcome(judged(pier, "other", unread="no verb")) == "opinion or vague"


def test_words_that_a_transcript_or_post_cannot_hold_are_not_looked_for(pier: Archived) -> None:
    outlet = Mention("Invented Post", "outlet", 0, 4, "Invented Post")
    speaker = Mention("Anna", "person", 0, 4, "Anna")
    private = (AttributionLink("direct", speaker, "told", outlet),)
    assert outcome(judged(pier, "quote", quote="—", attribution=private)) == "opinion or vague"
    assert outcome(judged(pier, "quote", quote="not ready to talk", attribution=private)) == "private speech"
    assert (
        outcome(judged(pier, "quote", quote="not ready", attribution=private, name="Dalny Svet"))
        == "private speech"
    )
    assert outcome(judged(pier, "quote", quote="not ready", name="Dalny Svet")) == "no subject"
    short = judged(pier, "quote", quote="Возьмите фонари")
    assert outcome(short) == "supported"
    assert any("so few words" in note for note in short.verdict.notes)


def test_rows_say_who_as_of_when_and_where_it_is_sealed(pier: Archived) -> None:
    stated = Window("stated", (time("2023-11-17T00:00:00Z", "2023-11-18T00:00:00Z"),))
    nested = (AttributionLink("indirect", None, "said"), AttributionLink("reporter"))
    (row,) = rows_of([judged(pier, "views", VIDEO, quantity=MANY, as_of=stated, attribution=nested)])
    assert row.said_by == "somebody, the report"
    assert row.as_of == "2023-11-17T00:00:00Z to 2023-11-18T00:00:00Z"
    assert row.entries
    (turned,) = rows_of([judged(pier, "duration", said="video", quantity=NINE)])
    assert "it turns on: subject" in turned.why
    spoken = Pointer(3, "transcript", "segments", "t", media_start_ms=1500, media_end_ms=2000, value="x")
    assert receipt(spoken) == "entry 3: segments x, seen t, t=1.5,2"
    assert receipt(
        Pointer(3, "metrics", "views", "t", 1, low=1050, high=1099, held_until="u", held_by=9)
    ) == ("entry 3, element 1: views 1,050–1,099, seen t, still so u (entry 9)")
