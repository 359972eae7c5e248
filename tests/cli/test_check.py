"""`holdfast check` as a person meets it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from holdfast import cli
from tests.reports.archives import CHANNEL, TRANSCRIPT, VIDEO, invented, scenario_text, watched

TEXT = (
    "Put Domoi’s Telegram channel published a nine-minute video late Thursday. Put Domoi’s Telegram channel, which has over 90,000 followers, "
    "has been branded as “fake” by Telegram. “I came <script>alert(1)</script> on my own to Berdiansk,” Ishkova said in the video. "
    "The movement of the wives Put Dumoi gathered about 30 people. Put Dumoi’s channel has over 38,000 followers."
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched(tmp_path_factory.mktemp("cli") / "vault", scenario_text(), from_h=90, until_h=100)


@pytest.fixture
def report(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    vault = shutil.copytree(source, tmp_path / "vault")
    monkeypatch.setenv("HOLDFAST_VAULT", str(vault))
    monkeypatch.setenv("HOLDFAST_WORKERS", "0")
    return invented(TEXT, tmp_path, "talk.txt")


GIVEN = ["--published", "2023-12-29T14:00+03:00"]


def test_a_table_says_each_verdict_with_its_reason_and_receipts(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(report), *GIVEN, "--no-keep"]) == 0
    out, err = capsys.readouterr()
    assert re.search(r"CONTRADICTED +followers: .*90,000", out)
    assert re.search(r"SUPPORTED +label", out)
    assert "offline event: it is about what happened outside the channels" in out
    assert re.search(r"\[entries \d+, \d+\]", out)
    assert "would have settled it: a transcript" in out
    assert "names: one channel is named in 2 ways" in out
    assert "taken for granted:" in out
    assert "Nothing was sealed" in err


def test_a_check_is_sealed_and_the_same_check_is_not_sealed_again(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(report), *GIVEN]) == 0
    assert "as before" not in capsys.readouterr().err
    assert cli.main(["check", str(report), *GIVEN]) == 0
    assert "as before" in capsys.readouterr().err


def test_json_has_the_claim_records_and_files_are_written(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, review = tmp_path / "page.html", tmp_path / "review.json"
    words = [
        "--html",
        str(page),
        "--claimreview",
        str(review),
        "--organisation",
        "Invented Desk",
        "--review-url",
        "https://desk.example/1",
    ]
    told = ["--outlet", "Invented Post", "--url", "https://post.example/a", "--channel", CHANNEL]
    transcript = ["--transcript", f"{VIDEO}={TRANSCRIPT}"]
    assert cli.main(["check", str(report), *GIVEN, *words, *told, *transcript, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["report"]["outlet"] == "Invented Post"
    assert data["counts"]["contradicted"] == 1
    assert data["check_entries"]
    assert {each["verdict"]["label"] for each in data["claims"]} == {
        "supported",
        "contradicted",
        "not checkable",
    }
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in re.sub(r"https://post\.example/a|http-equiv", "", html)
    assert html.count("<sup ") == len(data["claims"]) == html.count('<li id="c')
    assert "<blockquote>" in html
    assert "t=" in html
    reviews = json.loads(review.read_bytes())["@graph"]
    assert len(reviews) == len(data["claims"])
    assert {each["author"]["name"] for each in reviews} == {"Invented Desk"}
    assert all("ratingValue" not in each["reviewRating"] for each in reviews)
    assert reviews[0]["itemReviewed"]["appearance"]["url"] == "https://post.example/a"


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["--claimreview", "x.json"], 2, "--organisation"),
        (["--claimreview", "x.json", "--organisation", "Desk"], 2, "--review-url"),
        (["--days-apart", "-1"], 2, "cannot be negative"),
        (["--transcript", "nothing"], 2, "CHANNEL/ID=FILE"),
        (["--channel", "nobody"], 2, "no channel is called"),
        (["--aliases", "nowhere.toml"], 2, "does not exist"),
        (["--html", "/dev/null/page.html"], 20, "cannot write"),
        (["--published", "Friday"], 2, "publication time"),
    ],
)
def test_what_is_given_wrongly_is_said_with_a_remedy(
    report: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, error: str
) -> None:
    assert cli.main(["check", str(report), "--no-keep", *words]) == code
    assert error in capsys.readouterr().err


def test_a_review_says_of_the_report_what_is_known(report: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    filler = "This paragraph gives the page a body of some length and says nothing of anybody at all. " * 5
    page.write_text(
        f"<html><head><title>A headline</title></head><body><article><p>{TEXT}</p><p>{filler}</p></article></body></html>"
    )
    review = tmp_path / "review.json"
    words = [
        "--claimreview",
        str(review),
        "--organisation",
        "Desk",
        "--review-url",
        "https://desk.example/1",
        "--no-keep",
    ]
    assert cli.main(["check", str(page), *words]) == 0
    work = json.loads(review.read_bytes())["@graph"][0]["itemReviewed"]["appearance"]
    assert work == {"@type": "CreativeWork", "headline": "A headline"}


def test_a_report_in_which_nothing_is_read_says_so(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report.write_text("Їжак їсть її яблука.", "utf-8")
    assert cli.main(["check", str(report), "--no-keep"]) == 0
    out, err = capsys.readouterr()
    assert "publication time not known" in out
    assert "No claim was read" in err
