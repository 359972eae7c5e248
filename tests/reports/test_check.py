"""Reports are held against real vaults: each claim comes out as what was captured allows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from holdfast.catalog.checked import Checks
from holdfast.catalog.schema import open_engine
from holdfast.errors import SourceError, UsageError
from holdfast.reports.check import CheckOptions
from holdfast.reports.checking import CLAIMS_AT_ONCE, CheckedReport, check_report
from holdfast.reports.resolve import Aliases
from holdfast.reports.transcripts import import_transcript
from tests.archives import doubt
from tests.reports.archives import (
    CHANNEL,
    SCENARIOS,
    TRANSCRIPT,
    VIDEO,
    by_words,
    invented,
    of_kind,
    opened,
    pier_vault,
    scenario_text,
    watched,
)

MOMENT = "2023-12-29T14:00+03:00"
VIEWS = 'views = [["+82h12m", 0], ["+88h", 14000], ["+95h", 25600], ["+97h", 26400], ["+106h", 29800], ["+14d", 61000]]'
MARKED = '[[channel.event]]\nat = "+2h"\nwhat = "label added"'
OWN = (
    "Put Domoi’s Telegram channel published a video of Maria Ishkova from Berdiansk late Thursday. The nine-minute video has gathered over 25,000 views. "
    "Put Domoi’s Telegram channel, which has over 38,000 followers, has been branded as “fake” by Telegram."
)


@pytest.fixture(scope="module")
def watched_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched(tmp_path_factory.mktemp("check") / "vault", scenario_text())


@pytest.fixture(scope="module")
def pier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pier_vault(tmp_path_factory.mktemp("pier") / "vault")


def checked(vault: Path, report: Path, published: str | None = MOMENT, **options: object) -> CheckedReport:
    with opened(vault) as archive:
        return check_report(archive, report, published=published, **{"keep": False, **options})  # type: ignore[arg-type]


def told(found: CheckedReport) -> dict[str, tuple[str, str | None]]:
    return {
        each.claim.kind: (each.verdict.label, each.verdict.reason or each.verdict.strength)
        for each in found.claims
        if each.claim.kind in ("existence", "duration", "published", "views", "followers", "label")
    }


TRUE = {
    "duration": ("supported", "exact point"),
    "published": ("supported", "exact point"),
    "views": ("supported", "bracketed"),
    "followers": ("supported", "bracketed"),
    "label": ("supported", "bracketed"),
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return invented(OWN, tmp_path)


def test_what_was_captured_before_and_after_a_report_supports_it(watched_vault: Path, own: Path) -> None:
    found = checked(watched_vault, own)
    assert told(found) == TRUE
    assert of_kind(found, "views").subject[0].id == VIDEO
    assert of_kind(found, "followers").subject[0].id == CHANNEL
    assert found.counts == {"supported": 5, "contradicted": 0, "not checkable": 0}
    assert "views rise" in {each.code for each in of_kind(found, "views").assumptions}


TWINS: list[tuple[str, list[tuple[str, str]], dict[str, tuple[str, str | None]]]] = [
    (
        "fewer views",
        [
            (
                VIEWS,
                'views = [["+82h12m", 0], ["+95h", 23600], ["+97h", 24000], ["+106h", 24400], ["+14d", 61000]]',
            )
        ],
        {"views": ("contradicted", "bracketed")},
    ),
    (
        "the mark came later",
        [(MARKED, MARKED.replace("+2h", "+104h"))],
        {"label": ("not checkable", "no capture in window")},
    ),
    ("a longer video", [("9m4s", "14m4s")], {"duration": ("contradicted", "exact point")}),
    (
        "published a day before",
        [('at = "+82h12m"\ntext', 'at = "+58h12m"\ntext'), (VIEWS, VIEWS.replace("+82h12m", "+58h12m"))],
        {"published": ("contradicted", "exact point")},
    ),
]


@pytest.mark.parametrize(("changes", "turned"), [row[1:] for row in TWINS], ids=[row[0] for row in TWINS])
def test_a_twin_with_one_fact_altered_turns_that_verdict_and_no_other(
    tmp_path: Path, own: Path, changes: list[tuple[str, str]], turned: dict[str, tuple[str, str | None]]
) -> None:
    vault = watched(tmp_path / "vault", scenario_text(changes=changes))
    assert told(checked(vault, own)) == {**TRUE, **turned}


@pytest.mark.parametrize(("changes", "turned"), [row[1:] for row in TWINS], ids=[row[0] for row in TWINS])
def test_the_reference_report_turns_with_each_twin(
    tmp_path: Path,
    shared_data: Path,
    changes: list[tuple[str, str]],
    turned: dict[str, tuple[str, str | None]],
) -> None:
    report = shared_data / "report-2023-12-29.txt"
    if not report.is_file():
        pytest.skip("the reference report is not here")
    vault = watched(tmp_path / "vault", scenario_text(changes=changes))
    expected = {**TRUE, "existence": ("supported", "exact point"), **turned}
    assert told(checked(vault, report)) == expected


def test_a_channel_that_was_not_captured_that_week_supports_no_counter_of_it(
    tmp_path: Path, own: Path
) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=230, until_h=234)
    found = checked(vault, own)
    for kind in ("views", "followers", "label"):
        verdict = of_kind(found, kind).verdict
        assert (verdict.label, verdict.reason) == ("not checkable", "no capture in window")
        assert verdict.settle
    assert "not replaced" in {each.code for each in of_kind(found, "duration").assumptions}


def test_a_date_alone_leaves_open_what_was_true_only_by_the_end_of_the_day(
    watched_vault: Path, own: Path
) -> None:
    found = checked(watched_vault, own, "2023-12-29")
    views = of_kind(found, "views").verdict
    assert (views.label, views.reason) == ("not checkable", "reading-dependent")
    assert any("at one end" in note for note in views.notes)
    assert told(found)["label"] == ("supported", "bracketed")


def test_without_any_date_nothing_that_changes_is_decided(watched_vault: Path, own: Path) -> None:
    found = checked(watched_vault, own, None)
    for kind in ("views", "followers", "label"):
        assert of_kind(found, kind).verdict.reason == "reading-dependent"
    assert of_kind(found, "published").verdict.label == "not checkable"


def test_the_same_inputs_give_the_same_bytes(watched_vault: Path, own: Path) -> None:
    assert msgspec.json.encode(checked(watched_vault, own)) == msgspec.json.encode(
        checked(watched_vault, own)
    )


def test_the_reference_report_comes_out_as_the_reconstruction_says(
    watched_vault: Path, shared_data: Path
) -> None:
    report = shared_data / "report-2023-12-29.txt"
    if not report.is_file():
        pytest.skip("the reference report is not here")
    found = checked(watched_vault, report)
    assert told(found) == {**TRUE, "existence": ("supported", "exact point")}
    reasons = [each.verdict.reason for each in found.claims if each.claim.kind == "quote"]
    assert set(reasons) == {"no transcript", "private speech"}
    assert {each.verdict.reason for each in found.claims if each.claim.kind == "people"} == {"offline event"}
    assert "cause" in {each.verdict.reason for each in found.claims if each.claim.kind == "date"}
    assert [each.kind for each in found.findings] == ["spellings", "alike"]
    assert found.counts["contradicted"] == 0


def test_an_invented_report_of_the_tour_meets_every_kind_of_verdict(pier: Path) -> None:
    found = checked(pier, SCENARIOS / "pier.txt", "2023-11-18T02:00Z")

    def verdict(words: str) -> tuple[str, str | None]:
        one = by_words(found, words).verdict
        return one.label, one.reason or one.strength

    assert of_kind(found, "views").verdict.reason == "reading-dependent"
    assert verdict("1,000 reactions") == ("supported", "bracketed")
    assert any("understates" in note for note in by_words(found, "1,000 reactions").verdict.notes)
    assert verdict("300 comments") == ("not checkable", "no capture in window")
    assert verdict("30,000 followers") == ("supported", "bracketed")
    assert verdict("36,000 followers") == ("supported", "bracketed")
    assert verdict("5,000 followers") == ("not checkable", "no subject")
    assert verdict("labeled “fake”") == ("not checkable", "no capture in window")
    assert verdict("foreign agent") == ("not checkable", "offline event")
    assert verdict("200 people") == ("not checkable", "offline event")
    assert verdict("відкрита") == ("supported", "exact point")
    assert verdict("ошейникам") == ("supported", "fuzzy quote")
    assert verdict("с восьми") == ("not checkable", "tolerance grey zone")
    assert verdict("Ничего подобного") == ("not checkable", "coverage unknown")
    assert verdict("lighthouse keeper") == ("not checkable", "language gap")
    assert by_words(found, "lighthouse keeper").passages
    assert verdict("Another post") == ("not checkable", "ambiguous subject")
    gone = next(each for each in found.claims if each.claim.kind == "disappearance")
    assert gone.verdict.label == "contradicted"  # it was still there on Saturday
    assert ("spellings", ("Tikhiy Bereg", "Tikhy Bereg")) in {
        (each.kind, each.names) for each in found.findings
    }


MORE = """Tikhiy Bereg is a Telegram channel. {}"""
SENTENCES = [
    ("Tikhiy Bereg’s channel was deleted.", "2023-11-18T09:30Z", "disappearance", "supported"),
    ("Tikhiy Bereg’s channel was deleted.", "2023-11-18T02:00Z", "disappearance", "contradicted"),
    ("Tikhiy Bereg’s channel was deleted.", None, "disappearance", "reading-dependent"),
    ("Tikhiy Bereg’s channel was deleted on Saturday.", "2023-11-18T09:30Z", "disappearance", "supported"),
    ("Severny Veter’s channel was deleted.", "2023-11-18T09:30Z", "disappearance", "no subject"),
    ("Severny Veter’s channel was labeled “scam” by Telegram.", "2023-11-18T02:00Z", "label", "no subject"),
    ("Tikhiy Bereg’s channel has thousands of followers.", "2023-11-18T02:00Z", "followers", "contradicted"),
    ("Tikhiy Bereg’s channel does not have over 90,000 followers.", "2023-11-18T02:00Z", "followers", "supported"),
    ("Tikhiy Bereg’s channel has over 90,000 followers.", "2023-11-18T02:00Z", "followers", "contradicted"),
    ("Tikhiy Bereg’s channel has over 37,900 followers.", "2023-11-18T02:00Z", "followers", "rounded counter"),
    ("Tikhiy Bereg’s channel has nearly 46,000 followers.", "2023-11-18T02:00Z", "followers", "tolerance grey zone"),
    ("Tikhiy Bereg’s channel and its YouTube page on Telegram have over 90,000 followers.", "2023-11-18T02:00Z", "followers", "ambiguous subject"),
    ("The video on Tikhiy Bereg’s Telegram channel was watched by 25,000 people.", "2023-11-18T02:00Z", "views", "offline event"),
    ("Severny Veter’s channel published a video. The video has 500 views.", "2023-11-18T02:00Z", "views", "no subject"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "published", "kind", "outcome"), SENTENCES)
def test_a_sentence_meets_what_was_captured(
    pier: Path, tmp_path: Path, sentence: str, published: str | None, kind: str, outcome: str
) -> None:
    found = checked(pier, invented(MORE.format(sentence), tmp_path), published)
    verdicts = [each.verdict for each in found.claims if each.claim.kind == kind]
    assert verdicts, [each.claim for each in found.claims]
    assert (verdicts[-1].reason or verdicts[-1].label) == outcome, verdicts[-1]


# -- sealing ------------------------------------------------------------------------------------------


def test_report_and_check_are_sealed_once_and_survive_a_rebuild(tmp_path: Path, own: Path) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=90, until_h=100)
    with opened(vault) as archive:
        first = check_report(archive, own, published=MOMENT)
        again = check_report(archive, own, published=MOMENT)
        other = check_report(archive, own, published="2023-12-29T15:00+03:00", outlet="Invented Post")
    assert (first.was_sealed, again.was_sealed, other.was_sealed) == (False, True, False)
    assert (again.report_entry, again.check_entries) == (first.report_entry, first.check_entries)
    assert first.digest == again.digest != other.digest
    assert other.report_entry != first.report_entry
    doubt(vault)
    with opened(vault, 1_706_000_000) as archive:
        archive.rebuild()
        with archive.engine().connect() as connection:
            labels = connection.exec_driver_sql(
                "SELECT label, count(*) FROM verdict WHERE entry = ? GROUP BY label", first.check_entries
            ).fetchall()
            reports = connection.exec_driver_sql("SELECT entry, outlet FROM report ORDER BY entry").fetchall()
        assert [tuple(row) for row in labels] == [("supported", 5)]
        assert [tuple(row) for row in reports] == [
            (first.report_entry, None),
            (other.report_entry, "Invented Post"),
        ]
        assert check_report(archive, own, published=MOMENT).digest == first.digest
        assert first.report_entry is not None
        sealed = archive.reader.opened(first.report_entry)[1]
        assert sealed.value("text") == OWN
        assert sealed.value("report")["sha256"] == first.report.sha256


def test_what_was_erased_of_a_report_or_check_leaves_no_row(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "catalog", write=True)
    with engine.connect() as connection:
        checks = Checks(connection)
        for kind in ("report", "check"):
            checks.follow(kind, 1, "2023-12-29T00:00:00Z", {"text": "kept"})
        checks.follow(
            "check", 2, "2023-12-29T00:00:00Z", {"check": {"part": 2, "digest": "d"}, "claim 0": None}
        )
        checks.transcript(1, 3, {"post": "no number"}, {"seen_at": "2023-12-29T00:00:00Z"})
        checks.transcript(1, 3, {"post": "5"}, {})
        for table in ("report", "checked", "claim", "verdict", "transcript"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
    engine.dispose()


def test_a_long_report_is_sealed_in_parts(tmp_path: Path, watched_vault: Path) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=97, until_h=98)
    long = invented(
        "Put Domoi’s Telegram channel has over 38,000 followers.\n" * (CLAIMS_AT_ONCE + 5), tmp_path
    )
    with opened(vault) as archive:
        found = check_report(archive, long, published=MOMENT)
        assert len(found.claims) == CLAIMS_AT_ONCE + 5
        assert len(found.check_entries) == 2
        with archive.engine().connect() as connection:
            count = connection.exec_driver_sql(
                "SELECT count(*) FROM claim WHERE digest = ?", (found.digest,)
            ).scalar()
            assert count == CLAIMS_AT_ONCE + 5
    doubt(vault)


def test_a_report_without_a_claim_is_sealed_as_such(tmp_path: Path) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=97, until_h=98)
    with opened(vault) as archive:
        found = check_report(archive, invented("Ласкаво просимо. Їжак їсть її яблука.", tmp_path))
    assert found.claims == ()
    assert len(found.check_entries) == 1
    doubt(vault)


# -- what is given ------------------------------------------------------------------------------------


def test_what_is_no_report_is_refused(watched_vault: Path, tmp_path: Path) -> None:
    (tmp_path / "raw.txt").write_bytes(b"\xff\xfe\x00")
    for name in ("nowhere.txt", "raw.txt"):
        with pytest.raises(SourceError):
            checked(watched_vault, tmp_path / name)


@pytest.mark.parametrize(
    "given", [{"published": "Friday"}, {"published": "2023-12-29", "zone": "Mars/Crater"}]
)
def test_a_time_that_is_none_is_the_users_to_mend(
    watched_vault: Path, own: Path, given: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        checked(watched_vault, own, **given)


PAGE = """<!doctype html><html lang="en"><head><title>Made up</title>
<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"%s","publisher":{"name":"Invented Post"}}</script>
</head><body><nav>Home About</nav><article><h1>Made up</h1><p>%s</p><p>%s</p></article></body></html>"""
FILL = (
    "This paragraph is here so that the page has a body of some length, as newspapers do, and says nothing at all of anybody. "
    * 3
)


def test_a_saved_page_brings_its_own_time_and_places_in_its_bytes(
    watched_vault: Path, tmp_path: Path
) -> None:
    page = invented(PAGE % ("2023-12-29T14:00+03:00", OWN, FILL), tmp_path, "page.html")
    found = checked(watched_vault, page, None)
    assert told(found) == TRUE
    assert found.report.outlet == "Invented Post"
    assert found.report.published is not None
    assert found.report.published.source == "json-ld"
    raw = page.read_bytes()
    for each in found.claims:
        if each.claim.kind not in TRUE:
            assert each.source_range is None  # it stands there more than once
            continue
        assert each.source_range is not None, each.claim.span
        offset, length = each.source_range
        assert raw[offset : offset + length].decode() == each.claim.span.exact


def test_a_page_with_a_date_that_the_calendar_lacks_has_none(watched_vault: Path, tmp_path: Path) -> None:
    page = invented(PAGE % ("2023-13-45", OWN, FILL), tmp_path, "page.html")
    assert checked(watched_vault, page, None).report.published is None


def test_a_date_in_front_of_a_text_is_its_day_in_the_zone_that_is_given(
    watched_vault: Path, tmp_path: Path
) -> None:
    report = invented(f"2023-12-29\n\n{OWN}", tmp_path)
    found = checked(watched_vault, report, None, zone="Europe/Moscow")
    assert found.report.published is not None
    assert (found.report.published.lo, found.report.published.source) == ("2023-12-28T21:00:00Z", "dateline")


def test_a_channel_that_no_name_leads_to_can_be_named_by_alias_or_by_the_user(
    watched_vault: Path, tmp_path: Path
) -> None:
    report = invented("The Way Home’s Telegram channel has over 38,000 followers.", tmp_path)
    assert of_kind(checked(watched_vault, report), "followers").verdict.reason == "no subject"
    aliases = Aliases(channels=(("The Way Home", CHANNEL),))
    assert of_kind(checked(watched_vault, report, aliases=aliases), "followers").verdict.label == "supported"
    plain = invented("The channel has over 38,000 followers.", tmp_path, "plain.txt")
    named = checked(watched_vault, plain, options=CheckOptions(channels=(CHANNEL,)))
    assert of_kind(named, "followers").verdict.label == "supported"


# -- transcripts --------------------------------------------------------------------------------------

SPOKEN = (
    "Put Domoi’s Telegram channel published a nine-minute video late Thursday. “Я приехала в Бердянск одна, чтобы встретить праздник рядом с ним,” "
    "Ishkova said in the video. “I came to Berdiansk on my own,” she said."
)


def test_a_transcript_finds_a_quotation_with_its_time_and_shows_what_was_translated(tmp_path: Path) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=90, until_h=100)
    report = invented(SPOKEN, tmp_path)
    assert by_words(checked(vault, report), "Бердянск").verdict.reason == "no transcript"
    with opened(vault) as archive:
        summary = import_transcript(archive, TRANSCRIPT, VIDEO)
    assert (summary.segments, summary.format, summary.post) == (4, "srt", VIDEO)
    doubt(vault)
    found = checked(vault, report)
    said = by_words(found, "Бердянск")
    assert (said.verdict.label, said.verdict.strength) == ("supported", "exact point")
    assert (said.evidence[0].media_start_ms, said.evidence[0].media_end_ms) == (70_000, 79_000)
    translated = by_words(found, "on my own")
    assert translated.verdict.reason == "language gap"
    assert translated.passages[0].matched


def test_a_transcript_that_doubts_itself_decides_nothing(tmp_path: Path) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=90, until_h=100)
    words = "Я приехала в Бердянск одна, чтобы встретить праздник рядом с ним"
    unsure = invented(
        f'{{"language":"ru","segments":[{{"start":70.0,"end":79.5,"text":"{words}","avg_logprob":-1.6,"no_speech_prob":0.7}}]}}',
        tmp_path, "talk.json",
    )  # fmt: skip
    with opened(vault) as archive:
        import_transcript(archive, unsure, VIDEO)
    found = checked(vault, invented(SPOKEN, tmp_path))
    assert by_words(found, "Бердянск").verdict.reason == "low transcript confidence"


def test_a_transcript_needs_a_recording_and_a_form_that_is_known(tmp_path: Path) -> None:
    vault = watched(tmp_path / "vault", scenario_text(), from_h=97, until_h=98)
    with opened(vault) as archive:
        with pytest.raises(UsageError):
            import_transcript(archive, TRANSCRIPT, f"{CHANNEL}/103")
        for path in (tmp_path / "nowhere.srt", invented("nothing", tmp_path, "empty.srt")):
            with pytest.raises(SourceError):
                import_transcript(archive, path, VIDEO)
