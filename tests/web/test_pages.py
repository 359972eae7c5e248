"""The pages on real vaults: what they say, and what they do not."""

from __future__ import annotations

import io
import shutil
import sqlite3
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest

from holdfast.archive import Archive, create
from holdfast.catalog.timeline import Event, Moment
from holdfast.errors import IntegrityError
from holdfast.importing import import_export
from holdfast.vault.private import encode_frame
from holdfast.verify.findings import Verdict
from holdfast.verify.proof import verify_proof
from holdfast.web.home import labels_now, standing_now
from tests.verify.small_vault import flat_record
from tests.web.desks import Served, served
from tests.web.hostile import ARABIC, ID, hostile_export

CHANNEL = "4000000001"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    create(folder / "vault", "test.example/hostile")
    with Archive.open(folder / "vault", workers=0) as archive:
        import_export(archive, hostile_export(folder / "export"))
    with served(folder / "vault") as found:
        yield found


def counted(low: int, high: int) -> str:
    """A reading as pages in English write it."""
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


# -- home ---------------------------------------------------------------------------------------------


def test_home_says_what_each_channel_is_like_now(live: Served) -> None:
    text = live.get("/").text
    assert "Тихий берег. Ищем своих" in text
    last = live.data(f"/channel/{CHANNEL}", params={"kind": "followers"})["events"][0]
    assert f"<strong>{counted(last['low'], last['high'])}</strong>" in text
    assert "labels: not known" in text
    assert "1 gap in the coverage" in text
    assert "not found" in text
    assert "not checked here yet" in text
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in text


def test_homes_twin_is_what_status_answers_and_more(live: Served) -> None:
    data = live.data("/status")
    [channel] = data["channels"]
    assert channel["labels"] is None, "unknown is never no"
    last = live.data(f"/channel/{CHANNEL}", params={"kind": "followers"})["events"][0]
    assert (channel["followers"]["low"], channel["followers"]["high"]) == (last["low"], last["high"])
    assert channel["standing"]["answered"] == "not found"
    assert channel["gaps"] == 1
    assert data["verified"] is None
    assert data["checkpoint"]["size"] == data["totals"]["followed"] > 100
    assert "/" not in data["vault"], "where the vault lies on this machine is nobody's business"


def test_an_empty_vault_says_what_to_do(empty: Served) -> None:
    text = empty.get("/").text
    assert "Nothing is kept here yet" in text
    assert 'href="/take-in"' in text
    for path in ("/search?q=a", "/vault", "/take-in"):
        assert empty.get(path).status_code == 200
    assert empty.data("/vault")["entries"] == []


# -- channel ------------------------------------------------------------------------------------------


def test_a_channel_is_drawn_and_told_in_a_table_with_receipts(live: Served) -> None:
    text = live.get(f"/channel/{CHANNEL}").text
    for mark in ("mark-held", "mark-between", "mark-gap", "mark-unspoken", "mark-disappearance", "mark-edit"):
        assert f'class="{mark}"' in text, mark
    assert text.count('class="drawing"') == 2, "one for a desk, one for a phone"
    assert "Nobody could look: server error (2 times)." in text
    assert 'href="/entry/142"' in text
    assert "Missing; answered: not found." in text
    assert "mark, text (3 words of the text)" in text
    assert "event-followers" not in text, "readings are drawn, and asked for on their own"


def test_the_table_narrows_by_kind_and_day(live: Served) -> None:
    followers = live.data(f"/channel/{CHANNEL}", params={"kind": "followers"})
    assert {each["kind"] for each in followers["events"]} == {"followers"}
    assert followers["events_total"] == len(followers["events"]) > 20
    day = live.data(f"/channel/{CHANNEL}", params={"from": "2023-11-18", "to": "2023-11-18", "kind": "all"})
    assert {each["first_after"]["seen_at"][:10] for each in day["events"]} == {"2023-11-18"}
    later = live.data(f"/channel/{CHANNEL}", params={"kind": "followers", "skip": "20"})
    assert later["events"] == followers["events"][20:]
    odd = live.data(f"/channel/{CHANNEL}", params={"kind": "nonsense", "skip": "-5", "from": "'"})
    assert odd["kind"] is None
    assert odd["skip"] == 0


def test_posts_are_leafed_through_without_end_and_without_doubles(live: Served) -> None:
    seen: list[str] = []
    before: str | None = ""
    while before is not None:
        page = live.data(f"/posts/{CHANNEL}", params={"before": before} if before else {})
        seen += [each["id"] for each in page["list"]]
        before = None if page["next_before"] is None else str(page["next_before"])
    assert seen == [str(number) for number in range(22, 0, -1)]
    assert 'data-next href="/posts/4000000001?only=all&amp;before=3"' in live.get(f"/channel/{CHANNEL}").text


def test_lists_narrow_to_revised_missing_and_with_media(live: Served) -> None:
    def ids(only: str) -> list[str]:
        return [each["id"] for each in live.data(f"/posts/{CHANNEL}", params={"only": only})["list"]]

    assert ids("revised") == ["13"]
    assert ids("absent") == ["12"]
    assert "17" in ids("media")
    assert "15" not in ids("media")
    text = live.get(f"/posts/{CHANNEL}?only=absent").text
    assert "missing when last looked for" in text
    assert 'aria-current="page">missing' in text


def test_a_list_shows_thumbnails_views_and_marks(live: Served) -> None:
    text = live.get(f"/posts/{CHANNEL}").text
    assert '<img class="thumb" src="/media/' in text
    assert "views 15,450–15,599" in text
    assert "2 revisions" in text


# -- post ---------------------------------------------------------------------------------------------


def test_a_post_shows_its_text_its_change_its_curve_and_its_receipt(live: Served) -> None:
    text = live.get(f"/post/13/{CHANNEL}").text
    assert "Сбор у маяка переносится на 19:30." in text
    assert "<del>причала</del><ins>маяка</ins>" in text
    assert "16 readings as a table" in text
    assert "15,450–15,599" in text
    assert "Not visible to whoever asked" in text
    assert "the source’s claim" in text
    assert 'data-proof="/api/v1/proof/13/4000000001"' in text
    assert 'rel="next" href="/post/14/4000000001"' in text


def test_a_post_that_is_gone_says_between_when_and_what_was_answered(live: Served) -> None:
    text = live.get(f"/post/12/{CHANNEL}").text
    assert "Gone: asked for itself, the source says there is none" in text
    assert text.index("last seen <time datetime=") < text.index("first missing <time datetime=")
    data = live.data(f"/post/12/{CHANNEL}")
    assert data["standing"]["state"] == "gone"


def test_what_is_not_recorded_is_never_zero(server: Served) -> None:
    text = server.get(f"/post/7/{server.data('/status')['channels'][0]['id']}").text
    assert "not recorded" in text
    assert "Views</dt><dd>0" not in text


def test_media_without_bytes_says_why(live: Served) -> None:
    lacking = [
        (each["post"].rpartition("/")[2], media)
        for each in live.data(f"/posts/{CHANNEL}")["list"]
        for media in each["media"]
        if media["state"] != "sealed" and not media["picture"]
    ]
    assert lacking
    for number, media in lacking:
        text = live.get(f"/post/{number}/{CHANNEL}").text
        assert 'src="/media/' not in text
        assert media["kind"] == "poll" or "no file is held" in text or "found" in text, media


def test_what_is_not_here_is_told_as_such(live: Served) -> None:
    for path in ("/channel/nobody", "/posts/nobody", f"/post/999/{CHANNEL}", "/post/1/nobody", f"/post/x/{CHANNEL}",
                 f"/proof.zip/999/{CHANNEL}", "/proof.zip/1/nobody", "/entry/999999", "/job/none", "/nowhere", "/entry/x"):  # fmt: skip
        assert live.get(path).status_code == 404, path
    for path in ("/channel/nobody", "/posts/nobody", f"/post/999/{CHANNEL}", f"/proof/999/{CHANNEL}", "/proof/1/nobody",
                 "/jobs/none", "/jobs/none/events", "/entries/999999", "/nowhere"):  # fmt: skip
        answer = live.get(f"/api/v1{path}")
        assert answer.status_code == 404, path
        assert answer.json()["error"]["code"] == "not_found"


# -- search -------------------------------------------------------------------------------------------


def test_search_finds_any_spelling_and_marks_the_hits(live: Served) -> None:
    text = live.get("/search", params={"q": "berdyansk"}).text
    assert "<mark>Berdyansk</mark>" in text
    assert "<mark>Бердянська</mark>" in text or "<mark>Бердянськ</mark>" in text
    assert "other spelling or script" in text
    exact = live.data("/search", params={"q": "berdyansk", "match": "exact"})
    assert exact["total"] == 1


def test_the_address_of_a_search_holds_all_of_it(live: Served) -> None:
    asked = {
        "q": "маяк OR собака",
        "match": "stem",
        "sort": "newest",
        "channel": CHANNEL,
        "since": "2023-11-16",
        "until": "2023-11-17",
    }
    text = live.get("/search", params=asked).text
    assert 'value="stem" checked' in text
    assert 'value="newest" selected' in text
    assert 'value="2023-11-17"' in text
    data = live.data("/search", params=asked)
    assert data["hits"]
    assert all(hit["published_at"] < "2023-11-18" for hit in data["hits"])
    assert data["hits"][0]["published_at"] > data["hits"][-1]["published_at"]


def test_filters_alone_are_a_query(live: Served) -> None:
    data = live.data("/search", params={"has": "photo"})
    assert data["total"] > 0
    assert live.data("/search", params={"q": " "})["hits"] == []


def test_hits_are_leafed_through(live: Served) -> None:
    first = live.data("/search", params={"q": "since:1970", "sort": "oldest"})
    second = live.data("/search", params={"q": "since:1970", "sort": "oldest", "offset": "5"})
    assert second["hits"] == first["hits"][5:]
    text = live.get("/search", params={"q": "since:1970", "offset": "5"}).text
    assert 'rel="prev"' in text
    assert '<ol class="hits" start="6">' in text


def test_a_query_that_is_off_is_pointed_at(live: Served) -> None:
    answer = live.get("/search", params={"q": '"never closed'})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "never closed" in answer.text
    twin = live.get("/api/v1/search", params={"q": "((("})
    assert twin.status_code == 400
    assert twin.json()["error"]["code"] == "usage"


# -- vault --------------------------------------------------------------------------------------------


def test_entries_are_leafed_through_with_what_is_held_of_each(live: Served) -> None:
    last = live.data("/vault")
    size = last["followed"]
    assert [each["entry"] for each in last["entries"]] == list(range(size - 50, size))
    assert all(each["signed"] and each["not_held"] == 0 and each["disclosed"] for each in last["entries"])
    first = live.data("/vault", params={"from": "0"})
    assert first["entries"][0]["channel"] == CHANNEL
    text = live.get("/vault?from=50").text
    assert 'href="?from=0#entries"' in text
    assert 'href="?from=100#entries"' in text
    assert live.data("/vault", params={"from": "99999"})["entries"][-1]["entry"] == size - 1


def test_an_entry_shows_what_is_public_and_what_is_held(live: Served) -> None:
    data = live.data("/entries/1")
    text = live.get("/entry/1").text
    assert data["leaf_hash"] in text
    assert "_sd_alg" in text
    assert "Тихий" not in data["raw"]
    assert data["posts"][0]["units"][0]["name"] == "post"


def test_two_vaults_that_change_places_are_noticed(server: Served, live_vault: Path) -> None:
    assert server.data("/status")["totals"]["posts"] < 22
    vault = server.desk.shelf.vault
    catalog = vault / "catalog"
    shutil.rmtree(catalog)
    with Archive.open(vault, workers=0) as archive:
        archive.rebuild()
    assert server.get("/").status_code == 200
    assert server.data("/search", params={"q": "Бердянск"})["total"] > 0


def test_an_entry_that_does_not_open_is_named_and_hides_no_other(server: Served) -> None:
    vault = server.desk.shelf.vault
    with closing(sqlite3.connect(vault / "state.db")) as state, state:
        frame = bytearray(state.execute("SELECT frame FROM tail WHERE position = 1").fetchone()[0])
        frame[len(frame) // 2] ^= 1
        state.execute("UPDATE tail SET frame = ? WHERE position = 1", (bytes(frame),))
    answer = server.get("/vault?from=0")
    assert answer.status_code == 200
    assert 'class="badge bad"' in answer.text
    channel = server.data("/status")["channels"][0]["id"]
    listed = server.data(f"/posts/{channel}")["list"]
    assert server.get("/").status_code == 200
    wounded = next(each["id"] for each in listed if not each["held"])
    answer = server.get(f"/post/{wounded}/{channel}")
    assert answer.status_code == 500
    assert "keep this copy untouched" in answer.text


# -- hostile content ----------------------------------------------------------------------------------


def test_what_was_archived_is_text_in_every_page(hostile: Served) -> None:
    entries = hostile.data("/vault")["followed"]
    paths = [
        "/",
        f"/channel/{ID}",
        f"/posts/{ID}",
        "/search?q=file",
        "/search?q=script",
        "/vault",
        "/take-in",
    ]
    paths += [f"/post/{number}/{ID}" for number in (1, 2, 10, 11, 12, 20, 21)]
    paths += [f"/entry/{number}" for number in range(entries)]
    for path in paths:
        answer = hostile.get(path)
        assert answer.status_code == 200, path
        assert "<script>" not in answer.text, path
        assert "onerror=" not in answer.text.replace("onerror=alert(2)&gt;", ""), path
        assert "<img src=x" not in answer.text, path
        assert answer.text.count("<script ") == answer.text.count('<script src="/static/'), path
    assert "&lt;script&gt;alert(1)" in hostile.get(f"/post/1/{ID}").text


def test_links_show_their_true_address_and_some_lead_nowhere(hostile: Served) -> None:
    text = hostile.get(f"/post/1/{ID}").text
    assert 'href="https://evil.example/login" rel="noreferrer noopener' in text
    assert "⟨https://evil.example/login⟩" in text
    assert "⟨javascript:alert(6)⟩" in text
    assert 'href="javascript' not in text
    assert 'href="data:' not in text
    assert 'href="https://xn--80ak6aa92e.example/"' in text, "аррӏе is shown as what is asked for"
    assert "\u202e" not in text
    assert "⟨U+202E⟩" in text
    assert "⟨U+200B⟩" in text
    assert ARABIC in hostile.get(f"/post/2/{ID}").text


def test_pages_come_in_the_readers_language(live: Served) -> None:
    russian = live.get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}).text
    assert '<html lang="ru">' in russian
    chosen = live.reader()
    chosen.cookies = live.client.cookies
    assert (
        chosen.post("/language", data={"language": "uk", "back": "/vault"}, headers=live.origin).headers[
            "location"
        ]
        == "/vault"
    )
    assert '<html lang="uk">' in chosen.get("/", headers={"Accept-Language": "ru"}).text
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"):
        answer = chosen.post("/language", data={"language": "xx", "back": back}, headers=live.origin)
        assert answer.headers["location"] == "/", back


# -- proofs -------------------------------------------------------------------------------------------


def test_a_proof_to_take_away_holds_for_a_stranger_with_its_media(live: Served, tmp_path: Path) -> None:
    answer = live.get(f"/proof.zip/17/{CHANNEL}")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="proof-{CHANNEL}_17.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        assert found.testzip() is None
        assert all(name.startswith(f"proof-{CHANNEL}_17/") for name in found.namelist())
        found.extractall(tmp_path)
    folder = tmp_path / f"proof-{CHANNEL}_17"
    assert list((folder / "artefacts").iterdir())
    assert verify_proof(folder).verdict is Verdict.HOLDS
    text = next((folder / "entries").glob("*.disclosures"))
    text.write_text(text.read_text("ascii")[:-9], "ascii")
    assert verify_proof(folder).verdict is not Verdict.HOLDS


def test_the_proof_for_the_browser_is_what_the_folder_holds(live: Served) -> None:
    data = live.data(f"/proof/13/{CHANNEL}")
    assert data["post"] == f"{CHANNEL}/13"
    with zipfile.ZipFile(io.BytesIO(live.get(f"/proof.zip/13/{CHANNEL}").content)) as found:
        folder = f"proof-{CHANNEL}_13"
        assert b64decode(data["checkpoint"]) == found.read(f"{folder}/checkpoint")
        for each in data["entries"]:
            assert b64decode(each["proof"]) == found.read(f"{folder}/entries/{each['index']}.tlog-proof")
            assert each["disclosures"] == found.read(f"{folder}/entries/{each['index']}.disclosures").decode().split()  # fmt: skip


def test_making_a_proof_leaves_nothing_behind(
    live: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    live.get(f"/proof.zip/13/{CHANNEL}")
    live.data(f"/proof/13/{CHANNEL}")
    assert live.get(f"/proof.zip/999/{CHANNEL}").status_code == 404
    monkeypatch.setattr("holdfast.web.post.prove_post", broken)
    assert live.get(f"/proof.zip/13/{CHANNEL}").status_code == 500
    assert list(tmp_path.iterdir()) == []


def broken(*_: object, **__: object) -> None:
    raise IntegrityError("entry 1: keep this copy untouched")


def test_a_post_that_no_checkpoint_covers_yet_has_no_proof_and_says_so(server: Served) -> None:
    answer = server.get(f"/post/7/{CHANNEL}")
    assert "/proof.zip/" in answer.text


# -- what is withheld or erased -----------------------------------------------------------------------


def withheld(vault: Path, entry: int) -> None:
    """Take all disclosures of an entry out of a vault's private half."""
    with closing(sqlite3.connect(vault / "state.db")) as state, state:
        state.execute("UPDATE tail SET frame = ? WHERE position = ?", (encode_frame(b"", b""), entry))


def test_what_is_withheld_is_told_as_not_held_and_never_as_nothing(
    export_vault: Path, demo: Served, tmp_path: Path
) -> None:
    vault = Path(shutil.copytree(export_vault, tmp_path / "vault"))
    entries = [each["entry"] for each in demo.data("/vault")["entries"] if each["type"] == "posts"]
    for entry in entries:
        withheld(vault, entry)
    with served(vault) as found:
        text = found.get("/vault").text
        assert "0 disclosed" in text
        assert "withheld" in text
        assert "not held: withheld or erased" in found.get(f"/entry/{entries[0]}").text
        listed = found.data(f"/posts/{CHANNEL}")["list"]
        assert not [each for each in listed if each["held"]]
        assert "not held: withheld or erased" in found.get(f"/posts/{CHANNEL}").text
        page = found.get(f"/post/7/{CHANNEL}").text
        assert "The post’s content is not held: withheld or erased." in page
        assert "no text" not in page


def test_what_was_erased_is_marked_with_the_entry_that_says_so(server: Served) -> None:
    vault = server.desk.shelf.vault
    told = flat_record("erasure", erasure={"entries": [{"index": 1}, {"index": "x"}, 5]})
    with Archive.open(vault, workers=0) as archive:
        with archive.writing() as writing:
            said = writing.log.append([told])
        with archive.writing():
            pass  # the catalog follows
    withheld(vault, 1)
    rows = {each["entry"]: each for each in server.data("/vault")["entries"]}
    assert rows[1]["erased_by"] == said
    assert rows[2]["erased_by"] is None
    assert "erased by" in server.get("/vault").text
    assert f'href="/entry/{said}"' in server.get("/entry/1").text


# -- what a source says of labels ---------------------------------------------------------------------


def test_labels_are_there_not_there_or_not_known_and_nothing_else() -> None:
    at = Moment("2023-11-16T10:00:00Z", 7, "telegram_api")
    later = Moment("2023-11-16T12:00:00Z", 9, "telegram_api")
    there = Event("label", at, name="fake", after="there", last_after=later)
    silent = Event("label", at, name="scam", after="there", unspoken_since=later)
    gone = Event("label", later, name="verified", after="not there")
    found = {each["name"]: each for each in labels_now([there, silent, gone]) or ()}
    assert {name: each["state"] for name, each in found.items()} == {
        "fake": "there",
        "scam": "not known",
        "verified": "not there",
    }
    assert found["fake"]["seen_at"] == later.seen_at
    assert labels_now([Event("title", at, after="A")]) is None, "unknown is never no"
    assert standing_now([]) is None


def test_an_error_of_ours_is_json_in_the_twin_and_a_page_in_the_page(server: Served) -> None:
    shutil.rmtree(server.desk.shelf.vault / "log")
    page, twin = server.get("/vault"), server.get("/api/v1/vault")
    assert page.status_code == twin.status_code >= 500
    assert "This cannot be answered" in page.text
    assert set(twin.json()["error"]) == {"code", "message", "remedy"}


def test_a_missing_style_sheet_leads_a_stranger_to_the_door(server: Served) -> None:
    assert server.stranger.get("/static/none.css").headers["location"] == "/sign-in"
    assert server.client.get("/static/none.css").status_code == 404
    assert server.client.get("/static/../app.py").status_code == 404
    assert server.client.get("/static/%2e%2e/app.py").status_code == 404


def test_answers_that_nobody_asks_for_again_make_room(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.web.shelf.KEPT", 2)
    for path in ("/", "/vault", f"/channel/{CHANNEL}"):
        assert server.get(path).status_code == 200
    assert len(server.desk.shelf._kept) <= 2


# -- markup -------------------------------------------------------------------------------------------

VOID = frozenset({"meta", "link", "input", "img", "br", "hr", "source", "wbr"})
NOT_IN_P = frozenset(
    "p div form ul ol dl table section article figure details h1 h2 h3 pre fieldset header footer nav main".split()
)


class Nesting(HTMLParser):
    """What browsers would mend in silence, and so otherwise than was meant."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_IN_P and "p" in self.open:
            self.wrong.append(f"{tag} in a p, line {self.getpos()[0]}")
        if len({name for name, _ in attrs}) != len(attrs):
            self.wrong.append(f"{tag} says something twice, line {self.getpos()[0]}")
        self._option_ends()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "svg" not in self.open and tag not in VOID:
            self.wrong.append(f"{tag} closes itself, line {self.getpos()[0]}")

    def _option_ends(self) -> None:
        """An option may be left open: the next one, or the end of the list, ends it."""
        if self.open[-1:] == ["option"]:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag != "option":
            self._option_ends()
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag} closes something else, line {self.getpos()[0]}")


def test_every_page_is_nested_as_it_is_written(live: Served, hostile: Served, server: Served) -> None:
    job = server.post("/vault/verify").headers["location"]
    server.post("/take-in/watch", data={"do": "add", "name": "@somebody"})
    asked = [
        *((live, path) for path in ("/", f"/channel/{CHANNEL}?kind=all", f"/posts/{CHANNEL}", "/vault", "/entry/1",
                                    "/search?q=маяк", "/search?q=%22", "/take-in", "/reports", "/nowhere")),
        *((live, f"/post/{number}/{CHANNEL}") for number in range(1, 23)),
        *((hostile, path) for path in ("/", f"/channel/{ID}", f"/posts/{ID}", "/search?q=script", "/entry/0")),
        *((hostile, f"/post/{number}/{ID}") for number in (1, 2, 10, 11, 12, 20, 21)),
        (server, job),
        (server, "/take-in"),
    ]  # fmt: skip
    for found, path in asked:
        nesting = Nesting()
        nesting.feed(found.get(path).text)
        assert nesting.wrong == [], path
        assert nesting.open == [], path
