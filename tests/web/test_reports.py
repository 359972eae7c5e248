"""Reports in the browser: what is sent in, what the page says of it, and what it says where something is not held."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from markupsafe import Markup
from playwright.sync_api import Page, expect

from holdfast.archive import Archive
from holdfast.cli import main
from holdfast.errors import FormatError, HoldfastError
from holdfast.fetch import Policy
from holdfast.reports.claim import KINDS, Window
from holdfast.reports.compare import DIFFERENCES
from holdfast.reports.verdict import REASONS, STRENGTHS, Checked, Pointer
from holdfast.vault.canon.spelling import SALT_BYTES
from holdfast.vault.log import writer_lock
from holdfast.vault.private import encode_frame, parse_frame
from holdfast.verify.findings import Verdict
from holdfast.verify.vault import verify_vault
from holdfast.web.language import translations
from holdfast.web.reports_cards import CARDS_SHOWN, pieces_of
from holdfast.web.reports_drawing import Told, evidence_svg, told_svg
from holdfast.web.reports_form import TEXT_MOST
from holdfast.web.reports_sealed import load_check
from holdfast.web.reports_words import sentence, wording
from tests.reports.archives import CHANNEL, scenario_text, watched
from tests.web.browsing import DESK, PHONE, Chromium, Misdeeds, enter
from tests.web.desks import Served, served, wait_for

REPORT = (
    "A video that was published on the Telegram channel Put' Domoi on Thursday has gathered over 25,000 views.\n\n"
    "The channel has 5,000 followers, and was labelled “fake” by Telegram. “Bring them home,” one of the women wrote.\n"
)
OTHER = "The Telegram channel Put' Domoi has 38,000 followers. Its video of Thursday was seen 29,900 times.\n"
GIVEN = {"date": "2023-12-29", "time": "18:00", "zone": "Europe/Moscow", "outlet": "The Made-up Times"}
SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture(scope="module")
def watched_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A channel that was watched for thirty hours: views that grow, a mark, a video."""
    return watched(tmp_path_factory.mktemp("reported") / "vault", scenario_text())


@pytest.fixture
def desk(watched_vault: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of its own for each test."""
    shutil.copytree(watched_vault, tmp_path / "vault")
    with served(tmp_path / "vault") as found:
        found.desk.uploads = tmp_path / "uploads"
        found.desk.uploads.mkdir()
        yield found


@pytest.fixture(scope="module")
def checked(watched_vault: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with two checks, which no test changes."""
    vault = tmp_path_factory.mktemp("checked") / "vault"
    shutil.copytree(watched_vault, vault)
    with served(vault) as found:
        sent(found, REPORT)
        sent(found, OTHER, time="20:00", outlet="Another")
        yield found


def sent(found: Served, text: str, **given: str) -> dict[str, Any]:
    """A text that is pasted into the form, and the job when it is over."""
    fields = {**GIVEN, **given}
    return wait_for(
        found, found.post("/reports/check", data={"text": text, **fields}, files={"file": ("", b"")})
    )


def entries(found: Served) -> list[int]:
    """The checks in the list, oldest first."""
    return [each["entry"] for each in reversed(found.data("/reports")["reports"])]


def erased(found: Served, entry: int, *left: str) -> None:
    """Take the disclosures of an entry out of the vault's private half, but for those that are named."""
    with closing(sqlite3.connect(found.desk.shelf.vault / "state.db")) as state:
        [(frame,)] = state.execute("SELECT frame FROM tail WHERE position = ?", (entry,))
        salts, body = parse_frame(frame)
        kept = [
            (line, salts[at * SALT_BYTES : (at + 1) * SALT_BYTES])
            for at, line in enumerate(body.splitlines(keepends=True))
            if line.startswith(tuple(f'"{name}",'.encode() for name in left))
        ]
        new = encode_frame(b"".join(salt for _, salt in kept), b"".join(line for line, _ in kept))
        state.execute("UPDATE tail SET frame = ? WHERE position = ?", (new, entry))
        state.commit()


# -- a report comes in --------------------------------------------------------------------------------


def test_a_pasted_report_is_checked_sealed_and_shown_with_receipts(desk: Served) -> None:
    job = sent(desk, REPORT)
    assert job["state"] == "done", job
    assert job["outcome"]["counts"] == {"supported": 2, "contradicted": 1, "not checkable": 2}
    page = desk.get(f"/reports/{job['outcome']['entry']}").text
    assert "✗</span> 1 contradicted" in page
    assert "The Made-up Times" in page
    assert '<mark class="claimed bad">5,000 followers</mark>' in page
    assert re.search(r'href="#claim-\d+" title="contradicted"><sup>\d+<span aria-hidden="true">✗', page)
    for drawn in ("mark-asof", "mark-claimed", "mark-evidence", "mark-held"):
        assert f'class="{drawn}"' in page, drawn
    assert "How it was read" in page
    assert '<span class="quiet">label “fake”</span> <strong>there</strong>' in page
    assert "captures before and after agree on it" in page
    assert f'href="/post/104/{CHANNEL}"' in page
    assert '<time datetime="2023-12-29T15:00:00Z">' in page
    assert verify_vault(desk.desk.shelf.vault).verdict is Verdict.HOLDS
    assert list((desk.desk.uploads or Path()).iterdir()) == [], "nothing is left of the upload"


def test_what_the_page_shows_comes_from_the_vault_and_not_from_memory(desk: Served) -> None:
    entry = sent(desk, REPORT)["outcome"]["entry"]
    before = desk.data(f"/reports/{entry}")
    with served(desk.desk.shelf.vault) as anew:
        assert anew.data(f"/reports/{entry}") == before
        assert "5,000 followers" in anew.get(f"/reports/{entry}").text


def test_the_twin_answers_what_the_command_answers_and_the_text(
    desk: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = desk.data(f"/reports/{sent(desk, REPORT)['outcome']['entry']}")
    file = tmp_path / "pasted.txt"
    file.write_text(REPORT, "utf-8")
    vault = str(desk.desk.shelf.vault)
    told = ["--published", "2023-12-29T18:00", "--zone", "Europe/Moscow", "--outlet", "The Made-up Times"]
    assert main(["check", "--json", str(file), "--vault", vault, *told]) == 0
    said = json.loads(capsys.readouterr().out)
    answer = said.get("data", said)
    for key in ("claims", "counts", "digest", "tool", "findings"):
        assert data[key] == (answer.get("reports", [answer])[0])[key], key
    assert data["text"] == REPORT
    assert data["not_held"] == 0
    assert data["signed"] is True


def test_the_same_report_is_sealed_once_and_a_later_check_stands_beside_it(desk: Served) -> None:
    first = sent(desk, REPORT)["outcome"]
    again = sent(desk, REPORT)["outcome"]
    assert again["was_sealed"] is True
    assert again["entry"] == first["entry"]
    assert len(entries(desk)) == 1
    (desk.desk.shelf.vault / "aliases.toml").write_text('[channels]\n"put_domoi_made_up" = ["The Way"]\n')
    later = sent(desk, REPORT)["outcome"]
    assert later["report_entry"] == first["report_entry"]
    assert later["entry"] > first["entry"]
    data = desk.data(f"/reports/{later['entry']}")
    assert [each["entry"] for each in data["other_checks"]] == [first["entry"]]
    assert "The same report, checked at other times" in desk.get(f"/reports/{later['entry']}").text
    assert desk.data(f"/reports/{first['report_entry']}")["entry"] == later["entry"], "its last check"


def test_a_file_is_checked_under_its_own_name(desk: Served) -> None:
    page = f"<html><head><title>Way home</title></head><body><article><p>{REPORT * 3}</p></article></body></html>"
    answer = desk.post(
        "/reports/check", files={"file": ("saved.html", page.encode(), "text/html")}, data=GIVEN
    )
    job = wait_for(desk, answer)
    assert job["state"] == "done", job
    data = desk.data(f"/reports/{job['outcome']['entry']}")
    assert data["report"]["name"] == "saved.html"
    assert data["headline"] == "Way home"
    assert "Way home" in desk.get("/reports").text


def test_lines_end_as_the_author_ended_them_and_not_as_a_browser_sends_them(desk: Served) -> None:
    job = sent(desk, REPORT.replace("\n", "\r\n"))
    assert desk.data(f"/reports/{job['outcome']['entry']}")["text"] == REPORT


def test_what_is_no_report_fails_with_a_reason_and_without_a_path(desk: Served) -> None:
    answer = desk.post("/reports/check", files={"file": ("noise.txt", b"\0\1\2")}, data=GIVEN)
    job = wait_for(desk, answer)
    assert job["state"] == "failed"
    assert job["error"]["code"] == "source"
    assert "noise.txt" in job["error"]["message"]
    assert "/" not in job["error"]["message"]
    page = desk.get(answer.headers["location"]).text
    assert "Back to the reports" in page
    assert 'http-equiv="refresh"' not in page


def test_a_report_without_a_claim_says_that_none_was_read(desk: Served) -> None:
    job = sent(desk, "It will rain tomorrow, and on the day after.\n")
    assert job["outcome"]["claims"] == 0
    assert "No claim was read in it" in desk.get(f"/reports/{job['outcome']['entry']}").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "there is no report"),
        ({"text": " \n "}, "there is no report"),
        ({"text": REPORT, "date": "29.12.2023"}, "not of the form"),
        ({"text": REPORT, "date": "2023-02-30"}, "no time of the calendar"),
        ({"text": REPORT, "zone": "Mars/Olympus"}, "zone"),
        ({"text": REPORT, "date": "2023-12-29", "zone": "Mars/Olympus"}, "zone"),
        ({"text": REPORT, "outlet": "x" * 501}, "“outlet” is too long"),
        ({"text": REPORT, "address": "javascript:alert(1)"}, "none of the web"),
        ({"text": REPORT, "address": "https://me:secret@example.org/"}, "none of the web"),
        ({"text": REPORT, "address": "https://exa mple.org/"}, "none of the web"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_done(
    checked: Served, fields: dict[str, str], said: str
) -> None:
    answer = checked.post("/reports/check", data=fields, files={"file": ("", b"")})
    assert answer.status_code == 400
    assert said in answer.text
    assert "secret" not in answer.text
    assert len(entries(checked)) == 2


def test_a_text_and_a_file_at_once_are_refused(checked: Served) -> None:
    answer = checked.post("/reports/check", data={"text": REPORT}, files={"file": ("a.txt", b"text")})
    assert answer.status_code == 400
    assert "there are a text and a file" in answer.text


def test_a_form_of_another_kind_or_cut_short_is_refused(checked: Served) -> None:
    assert checked.post("/reports/check", data={"text": REPORT}).status_code == 400
    headers = {**checked.origin, "Content-Type": "multipart/form-data; boundary=x"}
    cut = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhalf a te'
    answer = checked.client.post("/reports/check", content=cut, headers=headers)
    assert "ended before its end" in answer.text
    wrong = checked.client.post("/reports/check", content=b"--y\r\nnot a form", headers=headers)
    assert wrong.status_code == 422
    assert "not what it claims to be" in wrong.text


def test_a_text_beyond_the_limit_is_refused_and_leaves_nothing(desk: Served) -> None:
    answer = desk.post("/reports/check", data={"text": "a" * (TEXT_MOST + 1)}, files={"file": ("", b"")})
    assert answer.status_code == 400
    assert "the text is longer than" in answer.text
    assert list((desk.desk.uploads or Path()).iterdir()) == []


def test_a_form_beyond_the_limit_is_refused(checked: Served) -> None:
    files = {"file": ("a.txt", b"a" * (25 << 20))}
    answer = checked.post("/reports/check", files=files)
    assert answer.status_code in (400, 422)
    assert len(entries(checked)) == 2


def test_two_files_are_refused(checked: Served) -> None:
    files = [("file", ("a.txt", b"one")), ("file", ("b.txt", b"two"))]
    answer = checked.post("/reports/check", files=files)
    assert answer.status_code == 422
    assert "more than 1 files" in answer.text


def test_when_too_much_waits_a_report_is_refused(checked: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked.desk.worker, "check", lambda *_: None)
    answer = checked.post("/reports/check", data={"text": REPORT}, files={"file": ("", b"")})
    assert answer.status_code == 400
    assert "too much is waiting already" in answer.text


def test_the_channel_that_is_meant_can_be_named_where_the_report_names_none(desk: Served) -> None:
    text = "The channel has 5,000 followers.\n"
    alone = desk.data(f"/reports/{sent(desk, text)['outcome']['entry']}")
    assert alone["claims"][0]["verdict"]["reason"] == "no subject"
    named = desk.data(f"/reports/{sent(desk, text, channel=CHANNEL)['outcome']['entry']}")
    assert named["claims"][0]["subject"][0]["id"] == CHANNEL
    unknown = sent(desk, text, channel="nobody")
    assert unknown["state"] == "failed"


def test_a_report_that_waits_for_another_process_is_checked_afterwards(
    desk: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.web.work.LOCKED_S", 0.01)
    with writer_lock(desk.desk.shelf.vault):
        answer = desk.post("/reports/check", data={"text": REPORT, **GIVEN}, files={"file": ("", b"")})
        place = answer.headers["location"]
        with desk.client.stream("GET", f"/api/v1/jobs/{place.removeprefix('/job/')}/events") as events:
            assert any('"note":"locked"' in line for line in events.iter_lines())
        page = desk.get(place).text
        assert "Another process writes to this vault" in page
        assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page, "without a script"
    assert wait_for(desk, answer)["state"] == "done"
    done = desk.get(place).text
    assert re.search(r'http-equiv="refresh" content="0; url=/reports/\d+"', done)
    assert "Read what came of it" in done


def test_a_check_that_is_stopped_seals_nothing(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.web.work.LOCKED_S", 30)
    with writer_lock(desk.desk.shelf.vault):
        answer = desk.post("/reports/check", data={"text": REPORT, **GIVEN}, files={"file": ("", b"")})
        place = answer.headers["location"]
        with desk.client.stream("GET", f"/api/v1/jobs/{place.removeprefix('/job/')}/events") as events:
            assert any('"note":"locked"' in line for line in events.iter_lines())
        desk.post(f"{place}/stop")
        job = wait_for(desk, answer)
    assert job["state"] == "stopped"
    assert "It was stopped before anything was sealed" in desk.get(place).text
    assert desk.data("/reports")["reports"] == []


# -- an address ---------------------------------------------------------------------------------------


@pytest.fixture
def newspaper() -> Iterator[str]:
    """A newspaper on loopback: its address."""

    class Paper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<html><head><title>Way home</title></head><body><article><p>{REPORT * 3}</p></article></body></html>"
            is_there = self.path == "/report"
            self.send_response(200 if is_there else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode() if is_there else b"no")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Paper)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_is_fetched_sealed_and_checked(
    watched_vault: Path, tmp_path: Path, newspaper: str
) -> None:
    shutil.copytree(watched_vault, tmp_path / "vault")
    policy = Policy(allowed_hosts=(newspaper,), allow_private=True, retries=0, per_host_rate=1000.0)
    with served(tmp_path / "vault", policy=policy) as found:
        assert "An address alone is fetched and sealed" in found.get("/reports").text
        fields = {"address": f"http://{newspaper}/report", **GIVEN}
        job = wait_for(found, found.post("/reports/check", data=fields, files={"file": ("", b"")}))
        assert job["state"] == "done", job
        assert job["name"] == f"http://{newspaper}/report"
        data = found.data(f"/reports/{job['outcome']['entry']}")
        assert data["report"]["url"] == f"http://{newspaper}/report"
        assert data["headline"] == "Way home"
        fields["address"] = f"http://{newspaper}/gone"
        gone = wait_for(found, found.post("/reports/check", data=fields, files={"file": ("", b"")}))
        assert gone["state"] == "failed"
        assert "404" in gone["error"]["message"]
        fields["address"] = "http://127.0.0.1:1/"
        inside = wait_for(found, found.post("/reports/check", data=fields, files={"file": ("", b"")}))
        assert inside["state"] == "failed", "what lies in this machine's own network is not asked"
        assert inside["error"]["code"] == "usage"


def test_a_server_that_asks_nobody_says_so(desk: Served) -> None:
    assert "nothing is fetched from this server" in desk.get("/reports").text
    fields = {"address": "https://example.org/report"}
    answer = desk.post("/reports/check", data=fields, files={"file": ("", b"")})
    assert answer.status_code == 400
    assert "asks nobody on the web" in answer.text
    noted = sent(desk, REPORT, address="https://example.org/report")
    data = desk.data(f"/reports/{noted['outcome']['entry']}")
    assert data["report"]["url"] == "https://example.org/report"
    page = desk.get(f"/reports/{noted['outcome']['entry']}").text
    assert '<a href="https://example.org/report" rel="noreferrer noopener nofollow external"' in page


# -- who may ------------------------------------------------------------------------------------------


def test_a_viewer_reads_reports_and_checks_none(checked: Served) -> None:
    viewer = checked.reader()
    viewer.cookies.set("holdfast", checked.desk.sessions.begin("viewer", "Vera"))
    page = viewer.get("/reports").text
    assert "to check a report, an editor must sign in" in page
    assert 'action="/reports/check"' not in page
    assert viewer.get(f"/reports/{entries(checked)[0]}").status_code == 200
    files = {"text": (None, REPORT)}
    assert viewer.post("/reports/check", files=files, headers=checked.origin).status_code == 403


def test_a_stranger_sees_nothing_and_another_site_sends_nothing(checked: Served) -> None:
    assert checked.stranger.get("/reports").status_code == 401
    assert checked.stranger.get(f"/api/v1/reports/{entries(checked)[0]}").status_code == 401
    files = {"text": (None, REPORT)}
    evil = checked.client.post("/reports/check", files=files, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403


# -- lists --------------------------------------------------------------------------------------------


def test_the_list_names_each_report_with_its_counts_newest_first(checked: Served) -> None:
    rows = checked.data("/reports")["reports"]
    assert [each["outlet"] for each in rows] == ["Another", "The Made-up Times"]
    assert rows[1]["counts"] == {"supported": 2, "contradicted": 1, "not checkable": 2}
    assert rows[1]["headline"].startswith("A video that was published")
    text = checked.get("/reports").text
    assert text.index("Another") < text.index("The Made-up Times")
    assert f'type="checkbox" name="check" value="{rows[0]["entry"]}"' in text


def test_older_checks_stand_on_further_pages(checked: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.web.reports.SHOWN", 1)
    first = checked.data("/reports")
    assert [each["outlet"] for each in first["reports"]] == ["Another"]
    assert f'href="?before={first["next_before"]}#checked"' in checked.get("/reports").text
    second = checked.data("/reports", params={"before": first["next_before"]})
    assert [each["outlet"] for each in second["reports"]] == ["The Made-up Times"]
    assert second["next_before"] is None


def test_the_first_page_shows_what_was_checked_lately(checked: Served, empty: Served) -> None:
    assert "Reports checked lately" in checked.get("/").text
    assert [each["outlet"] for each in checked.data("/status")["reports"]] == ["Another", "The Made-up Times"]
    assert "Check a report" in empty.get("/").text
    assert empty.get("/reports").status_code == 200


def test_an_entry_that_is_no_check_is_said_to_be_none(checked: Served) -> None:
    for entry in (0, 10**6, 2**63):
        assert checked.get(f"/reports/{entry}").status_code == 404
        answer = checked.get(f"/api/v1/reports/{entry}")
        assert answer.json()["error"]["code"] == "not_found"
    assert checked.get("/reports/nonsense").status_code == 404


# -- side by side -------------------------------------------------------------------------------------


def test_reports_stand_side_by_side_in_the_order_of_their_publication(checked: Served) -> None:
    one, other = entries(checked)
    data = checked.data("/reports/compare", params={"check": [other, one, one]})
    assert [each["outlet"] for each in data["reports"]] == ["The Made-up Times", "Another"]
    assert data == checked.data("/reports/compare", params={"check": [one, other]})
    followers = next(each for each in data["groups"] if each["metric"] == "followers")
    assert followers["subject"] == CHANNEL
    assert len(followers["said"]) == 2
    page = checked.get("/reports/compare", params={"check": [one, other]}).text
    assert f'<a href="/channel/{CHANNEL}"><bdi>{CHANNEL}</bdi></a>' in page
    assert 'class="mark-told"' in page
    assert f'href="/reports/{one}?from=1#claim-' in page
    assert "5,000 followers" in page
    assert "38,000 followers" in page


def test_fewer_than_two_are_not_compared(checked: Served) -> None:
    for params in ({}, {"check": ["x", "-1", "9" * 30]}):
        answer = checked.get("/reports/compare", params=params)
        assert answer.status_code == 200
        assert "Choose at least two reports" in answer.text
    assert checked.get("/reports/compare", params={"check": 0}).status_code == 404
    many = checked.get("/reports/compare", params={"check": list(range(30))})
    assert many.status_code == 400


def test_reports_that_share_no_fact_say_so(desk: Served) -> None:
    sent(desk, REPORT)
    sent(desk, "The weather will be fine.\n")
    page = desk.get("/reports/compare", params={"check": entries(desk)}).text
    assert "No two of them speak of the same fact" in page


def test_reports_without_a_time_are_compared_and_not_drawn(desk: Served) -> None:
    for text in ("The Telegram channel Put' Domoi has 38,000 followers.\n", "Put' Domoi, a Telegram channel with 39,000 followers.\n"):  # fmt: skip
        assert sent(desk, text, date="", time="")["state"] == "done"
    data = desk.data("/reports/compare", params={"check": entries(desk)})
    [group] = data["groups"]
    assert [each["as_of_lo"] for each in group["said"]] == [None, None]
    page = desk.get("/reports/compare", params={"check": entries(desk)}).text
    assert "no time is known" in page
    assert "mark-told" not in page


def test_a_report_that_is_not_held_whole_is_left_out_and_named(desk: Served) -> None:
    one = sent(desk, REPORT)["outcome"]
    other = sent(desk, OTHER)["outcome"]
    erased(desk, one["report_entry"], "capture", "report")
    data = desk.data("/reports/compare", params={"check": [one["entry"], other["entry"]]})
    assert [each["entry"] for each in data["left_out"]] == [one["entry"]]
    assert data["groups"] == []
    page = desk.get("/reports/compare", params={"check": [one["entry"], other["entry"]]}).text
    assert "Left out, because something of it is not held" in page


# -- what is not held ---------------------------------------------------------------------------------


def test_without_the_text_the_verdicts_still_stand(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]
    erased(desk, made["report_entry"], "capture", "report")
    page = desk.get(f"/reports/{made['entry']}").text
    assert "The report’s text is not held: withheld or erased." in page
    assert "5,000 followers" in page, "the claim's own words are sealed with its verdict"
    data = desk.data(f"/reports/{made['entry']}")
    assert data["text"] is None
    assert data["report"]["outlet"] == "The Made-up Times"


def test_without_the_report_the_page_says_that_it_is_not_held(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]
    erased(desk, made["report_entry"])
    data = desk.data(f"/reports/{made['entry']}")
    assert data["report"] is None
    assert data["headline"] is None
    assert data["taken_in_at"] is None
    assert "A report that is not held any more" in desk.get(f"/reports/{made['entry']}").text
    assert "A report that is not held any more" in desk.get("/reports").text


def test_a_verdict_that_is_erased_is_counted_and_never_shown_as_another(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]
    erased(desk, made["entry"], "check", "claim 0", "claim 2", "claim 3", "claim 4")
    data = desk.data(f"/reports/{made['entry']}")
    assert data["not_held"] == 1
    assert [each is None for each in data["claims"]] == [False, True, False, False, False]
    page = desk.get(f"/reports/{made['entry']}").text
    assert "1 verdict is not held: withheld or erased" in page
    assert '<span class="badge unknown">not held: withheld or erased</span>' in page
    assert page.count('class="card claim-card') == 5


def test_a_check_that_is_erased_is_no_check_any_more(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]
    erased(desk, made["entry"])
    assert desk.get(f"/reports/{made['entry']}").status_code == 404


def test_a_broken_report_entry_does_not_hide_the_verdicts(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]
    with closing(sqlite3.connect(desk.desk.shelf.vault / "state.db")) as state:
        state.execute("UPDATE tail SET frame = x'00' WHERE position = ?", (made["report_entry"],))
        state.commit()
    data = desk.data(f"/reports/{made['entry']}")
    assert data["report"] is None
    assert len(data["claims"]) == 5
    assert desk.get("/reports").status_code == 200


# -- what is sealed by another hand -------------------------------------------------------------------


def resealed(found: Served, entry: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Seal a check anew with something in it changed, as a program of another hand might."""
    from holdfast.reports.keeping import append_flat

    with Archive.open(found.desk.shelf.vault, workers=0) as archive:
        opened = archive.reader.opened(entry)[1]
        units = {str(each.name): each.value for each in opened.disclosures}
        change(units)
        with archive.writing() as writing:
            append_flat(writing, "check", units)
            writing.log.publish()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda units: units["check"].update(parts=0), "claims to be one of 0 parts"),
        (lambda units: units["check"].update(claims=10**9), "of a check of 1000000000 claims"),
        (lambda units: units["check"].update(counts="many"), "is no check of ours"),
        (lambda units: units["claim 0"].pop("verdict"), "is no check of ours"),
        (lambda units: units["check"].update(parts=2), "keep this copy untouched"),
    ],
)
def test_a_check_of_another_form_is_refused_with_its_entry(
    desk: Served, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    made = sent(desk, REPORT)["outcome"]
    resealed(desk, made["entry"], change)
    with Archive.open(desk.desk.shelf.vault, workers=0) as archive:
        size = archive.reader.checkpoint()[0].checkpoint.size
        with pytest.raises(HoldfastError, match=re.escape(said)):
            load_check(archive, size - 1)
        assert load_check(archive, 0) is None


def test_a_check_that_names_no_report_is_listed_as_one_that_is_not_held(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]
    resealed(desk, made["entry"], lambda units: units["check"].pop("report"))
    [row, _] = desk.data("/reports")["reports"]
    assert row["report_entry"] is None
    assert row["headline"] is None
    assert desk.get("/reports").status_code == 200
    answer = desk.get(f"/reports/{row['entry']}")
    assert answer.status_code == 422
    assert "is no check of ours" in answer.text


def test_a_check_that_points_to_something_else_shows_no_report(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]

    def change(units: dict[str, Any]) -> None:
        units["check"]["report"] = 0
        units["claim 0"] = None
        # Evidence of a channel and of a post that nobody here knows.
        for number, post in ((1, "104"), (2, "9" * 40)):
            for each in units[f"claim {number}"]["evidence"]:
                each.update(channel="1" if number == 1 else CHANNEL, post=post, field="views", low=1, high=2)

    resealed(desk, made["entry"], change)
    entry = desk.data("/reports")["reports"][0]["entry"]
    data = desk.data(f"/reports/{entry}")
    assert data["report"] is None
    assert data["text"] is None
    assert data["not_held"] == 1
    assert desk.get(f"/reports/{entry}").status_code == 200


def test_a_part_of_another_check_is_no_part_of_this_one(desk: Served) -> None:
    made = sent(desk, REPORT)["outcome"]

    def first(units: dict[str, Any]) -> None:
        units["check"].update(parts=2)

    def second(units: dict[str, Any]) -> None:
        units["check"].update(part=2, parts=2, digest="0" * 64)

    resealed(desk, made["entry"], first)
    resealed(desk, made["entry"], second)
    with Archive.open(desk.desk.shelf.vault, workers=0) as archive:
        size = archive.reader.checkpoint()[0].checkpoint.size
        with pytest.raises(FormatError, match="is no part of the check"):
            load_check(archive, size - 2)
        assert load_check(archive, size - 1) is None, "a part that is not the first"


def test_a_long_check_is_shown_in_pages_and_found_by_any_of_its_entries(desk: Served) -> None:
    text = "\n".join(f"The Telegram channel Put' Domoi has {5_000 + at:,} followers." for at in range(150))
    made = sent(desk, text)["outcome"]
    data = desk.data(f"/reports/{made['entry']}")
    assert len(data["claims"]) == 150
    assert len(data["check_entries"]) == 2
    assert desk.data(f"/reports/{data['check_entries'][1]}")["entry"] == made["entry"]
    first = desk.get(f"/reports/{made['entry']}").text
    assert first.count('class="card claim-card') == CARDS_SHOWN
    assert "1–100 of 150" in first
    assert 'href="?from=101#claim-150"' in first, "a mark leads to the page that its card is on"
    rest = desk.get(f"/reports/{made['entry']}?from=101").text
    assert rest.count('class="card claim-card') == 50
    assert 'id="claim-150"' in rest
    [row] = desk.data("/reports")["reports"]
    assert sum(row["counts"].values()) == 150


# -- hostile text -------------------------------------------------------------------------------------


def test_a_report_is_always_text(desk: Served) -> None:
    text = f"{SCRIPT} {REPORT}\u202edrow {SCRIPT}\n"
    made = sent(desk, text, outlet=SCRIPT, address="https://example.org/?q=<script>")["outcome"]
    for path in ("/", "/reports", f"/reports/{made['entry']}", f"/entry/{made['report_entry']}"):
        page = desk.get(path).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "\u202e" not in page, path
    assert "⟨U+202E⟩drow" in desk.get(f"/reports/{made['entry']}").text


def test_spans_of_any_kind_cut_the_text_without_losing_a_sign(checked: Served) -> None:
    with Archive.open(checked.desk.shelf.vault, workers=0) as archive:
        found = load_check(archive, entries(checked)[0])
    assert found is not None
    one = next(each for each in found.claims if each is not None)

    def spanning(start: int, end: int, label: str) -> Checked:
        span = msgspec.structs.replace(one.claim.span, start=start, end=end)
        verdict = msgspec.structs.replace(one.verdict, label=label)
        return msgspec.structs.replace(
            one, claim=msgspec.structs.replace(one.claim, span=span), verdict=verdict
        )

    text = "abcdefghij"
    claims = [
        spanning(0, 10, "supported"),
        spanning(2, 6, "contradicted"),
        None,
        spanning(4, 8, "not checkable"),
        spanning(5, 3, "supported"),
        spanning(-3, 4, "supported"),
        spanning(0, 11, "contradicted"),
        spanning(8, 9, "a verdict that nobody knows"),
    ]
    pieces = list(pieces_of(text, claims))
    assert "".join(each.text for each in pieces) == text
    assert [(each.text, each.colour) for each in pieces] == [
        ("ab", "good"), ("cd", "bad"), ("ef", "bad"), ("gh", "unknown"), ("i", "unknown"), ("j", "good"),
    ]  # fmt: skip
    assert [each.ends for each in pieces if each.ends] == [
        ((2, "✗", "contradicted"),),
        ((4, "?", "not checkable"),),
        ((8, "?", "a verdict that nobody knows"),),
        ((1, "✓", "supported"),),
    ]
    assert [each.text for each in pieces_of("", [])] == []
    assert [each.text for each in pieces_of("plain", [])] == ["plain"]


# -- drawings and words -------------------------------------------------------------------------------


def test_moments_in_a_sentence_become_times_and_its_markup_stays_text() -> None:
    found = sentence("seen <b> 2023-12-28T21:00:00Z, or 2023-99-99T99:99:99Z\u202e")
    assert '<time datetime="2023-12-28T21:00:00Z">2023-12-28 21:00 UTC</time>' in found
    assert "seen &lt;b&gt; " in found
    assert "2023-99-99T99:99:99Z⟨U+202E⟩" in found


def test_only_what_has_a_time_and_is_meant_is_drawn(checked: Served) -> None:
    with Archive.open(checked.desk.shelf.vault, workers=0) as archive:
        found = load_check(archive, entries(checked)[0])
    assert found is not None
    words = wording(translations("en")).drawing
    views = next(each for each in found.claims if each is not None and each.claim.kind == "views")
    assert 'class="mark-claimed"' in evidence_svg(views.claim, views.evidence, (), words, "en")
    assert evidence_svg(views.claim, (), (), words, "en") == Markup("")
    timeless = [msgspec.structs.replace(each, seen_at="never") for each in views.evidence]
    assert evidence_svg(views.claim, timeless, (), words, "en") == Markup("")
    odd = msgspec.structs.replace(views.claim, as_of=Window("published", lo="x", hi="y"))
    assert evidence_svg(odd, views.evidence, (), words, "en") == Markup(""), "what is no time is not drawn"
    seen = [
        Pointer(1, "labels", "label:fake", "2023-12-29T10:00:00Z", value=f"<there> {at}") for at in range(9)
    ]
    strip = evidence_svg(views.claim, seen, (), words, "ru")
    assert "&lt;there&gt;" in strip
    assert "there&gt; 8" not in strip, "the table beside it has the rest"
    claimed = Pointer(1, "post", "published_at", "2024-01-05T00:00:00Z", value="2023-12-29T14:00:00Z")
    drawn = evidence_svg(views.claim, [claimed], (), words, "en")
    assert "2023-12-29 14:00 UTC" in drawn, "the moment that the source claims, not that of the capture"
    assert "2024-01" not in drawn
    told = [Told("1", "2023-12-29T09:00:00Z", "2023-12-29T08:00:00Z", 5, 7), Told("2", "never", "x", 1, 1)]
    assert 'class="mark-toldname"' in told_svg(told, views.evidence, words, "en", narrow=True)
    assert told_svg(told[1:], views.evidence, words, "en", narrow=True) == Markup("")
    assert told_svg(told, (), words, "en", narrow=True) == Markup("")


def test_every_code_that_can_be_sealed_has_words() -> None:
    for language in ("en", "ru", "uk"):
        words = wording(translations(language))
        assert set(words.reasons) == set(REASONS)
        assert set(words.strengths) == set(STRENGTHS)
        assert set(words.kinds) >= set(KINDS)
        assert set(words.differences) == set(DIFFERENCES)
    russian = wording(translations("ru"))
    assert russian.labels["contradicted"] == "опровергнуто"
    assert russian.labels["not checkable"] != russian.labels["contradicted"]


@pytest.mark.parametrize(("language", "said"), [("ru", "Отчёты"), ("uk", "Звіти")])
def test_the_pages_speak_the_readers_language(checked: Served, language: str, said: str) -> None:
    one, other = entries(checked)
    for path in ("/reports", f"/reports/{one}", f"/reports/compare?check={one}&check={other}"):
        page = checked.get(path, headers={"Accept-Language": language}).text
        assert f'<html lang="{language}">' in page
        assert said in page


def test_the_description_names_the_twins(checked: Served) -> None:
    paths = checked.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/reports", "/api/v1/reports/compare", "/api/v1/reports/{entry}"} <= set(paths)


# -- in a browser -------------------------------------------------------------------------------------


def fill(page: Page, found: Served) -> None:
    """Paste a report into the form, and send it."""
    enter(page, found)
    page.goto(f"{found.base}/reports")
    page.fill("textarea[name=text]", f"{REPORT}\n{SCRIPT}\n")
    page.fill("input[name=date]", "2023-12-29")
    page.fill("input[name=time]", "18:00")
    page.fill("input[name=zone]", "Europe/Moscow")
    page.click("button.main")
    page.wait_for_url("**/reports/*")
    page.locator(".claim-card.bad").wait_for()


@pytest.mark.slow
def test_a_report_is_pasted_followed_and_read_in_a_browser(
    desk: Served, page: Page, misdeeds: Misdeeds
) -> None:
    fill(page, desk)
    expect(page.locator("mark.claimed.bad")).to_have_text("5,000 followers")
    page.locator(".claim-mark").first.click()
    assert page.url.endswith("#claim-1")
    page.locator("#claim-1 .claim-number").click()
    assert page.url.endswith("#mark-1")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.pdf(format="A4").startswith(b"%PDF")
    misdeeds.none_on(desk)


@pytest.mark.slow
def test_a_refusal_leaves_the_pasted_text_where_it_was(desk: Served, page: Page) -> None:
    enter(page, desk)
    page.goto(f"{desk.base}/reports")
    page.fill("textarea[name=text]", REPORT)
    page.fill("input[name=zone]", "Mars/Olympus")
    page.click("button.main")
    expect(page.get_by_role("alert")).to_contain_text("zone")
    expect(page.locator("textarea")).to_have_value(REPORT)


@pytest.fixture
def scriptless(chromium: Chromium) -> Iterator[Page]:
    """A reader whose browser runs no script."""
    context = chromium.do(lambda: chromium.context(java_script_enabled=False))
    yield chromium.do(context.new_page)
    chromium.do(context.close)


@pytest.mark.slow
def test_without_a_script_a_report_is_checked_and_read_too(desk: Served, scriptless: Page) -> None:
    fill(scriptless, desk)
    expect(scriptless.locator("mark.claimed.bad")).to_have_text("5,000 followers")


@pytest.fixture
def reader(chromium: Chromium) -> Iterator[Page]:
    """A reader whose browser lets axe in: the policy of our pages would not."""
    context = chromium.do(lambda: chromium.context(bypass_csp=True))
    yield chromium.do(context.new_page)
    chromium.do(context.close)


@pytest.mark.slow
def test_no_page_of_reports_keeps_anybody_out(checked: Served, reader: Page) -> None:
    enter(reader, checked)
    one, other = entries(checked)
    for path in (f"/reports/{one}", f"/reports/compare?check={one}&check={other}", "/reports", "/"):
        reader.goto(checked.base + path)
        reader.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        for scheme, size in (("light", DESK), ("dark", PHONE)):
            reader.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            reader.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert reader.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            found = Axe().run(reader).response
            assert found["passes"], "axe looked"
            serious = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
            assert [(each["id"], each["nodes"][0]["html"]) for each in serious] == [], (path, scheme)
