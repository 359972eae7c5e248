"""What comes in through the browser: exports, channels to watch, checks; and what is refused on the way."""

from __future__ import annotations

import io
import json
import shutil
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.archive import Archive
from holdfast.demo import write_exports
from holdfast.errors import FormatError, SourceError, StorageError, UsageError
from holdfast.fake_telegram import ScenarioClock, demo_scenario, serve_in_thread
from holdfast.fetch import Policy
from holdfast.vault.log import writer_lock
from holdfast.verify.findings import Verdict
from holdfast.verify.vault import verify_vault
from holdfast.web import unpacking
from holdfast.web.desk import Limits
from holdfast.web.unpacking import export_root, safe_place, unpack
from holdfast.web.watchlist import WatchList
from tests.archives import write_export
from tests.capture.exports import export_bytes, message
from tests.web.desks import Served, served, until, wait_for


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_exports(tmp_path_factory.mktemp("exports"))


def zipped(folder: Path, prefix: str = "") -> bytes:
    """A folder as a zip."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, prefix + path.relative_to(folder).as_posix())
    return found.getvalue()


def left_behind(found: Served) -> list[Path]:
    """What uploads left on the disk."""
    return list(found.desk.uploads.iterdir()) if found.desk.uploads else []


@pytest.fixture
def taking(empty: Served, tmp_path: Path) -> Served:
    """An empty vault's server whose uploads lie where the test sees them."""
    empty.desk.uploads = tmp_path / "uploads"
    empty.desk.uploads.mkdir()
    return empty


# -- exports ------------------------------------------------------------------------------------------


def test_a_zip_is_taken_in_and_its_summary_told(taking: Served, exports: tuple[Path, Path]) -> None:
    name = "ChatExport_2023-11-18.zip"
    answer = taking.post(
        "/take-in/upload", files={"file": (name, zipped(exports[0], "ChatExport_2023-11-18/"))}
    )
    job = wait_for(taking, answer)
    assert job["state"] == "done"
    assert job["name"] == name
    assert job["outcome"]["counts"]["new"] > 5
    page = taking.get(answer.headers["location"]).text
    assert "Complete" in page
    assert "files sealed" in page
    assert "Тихий берег" in taking.get("/").text
    capture = taking.data("/status")["captures"][0]
    assert capture["exported_hint"] == "2023-11-18", "the day that the zip's name claims"
    assert left_behind(taking) == []
    assert verify_vault(taking.desk.shelf.vault).verdict is Verdict.HOLDS


def test_a_folder_is_taken_in_with_its_media(taking: Served, exports: tuple[Path, Path]) -> None:
    files = [
        ("file", (f"ChatExport_2023-11-19/{path.relative_to(exports[1]).as_posix()}", path.read_bytes()))
        for path in sorted(exports[1].rglob("*"))
        if path.is_file()
    ]
    job = wait_for(taking, taking.post("/take-in/upload", files=files))
    assert job["outcome"]["counts"]["media_sealed"] > 0
    assert job["outcome"]["counts"]["media_missing"] == 0
    assert left_behind(taking) == []


def test_one_json_file_is_taken_in_under_the_channels_own_id(taking: Served) -> None:
    body = export_bytes(message(1), message(2), id=77)
    answer = taking.post("/take-in/upload", files={"file": ("result.json", body)}, data={"channel": " 77 "})
    assert wait_for(taking, answer)["outcome"]["chats"][0]["channel"] == "77"
    wrong = taking.post("/take-in/upload", files={"file": ("result.json", body)}, data={"channel": "78"})
    job = wait_for(taking, wrong)
    assert job["state"] == "failed"
    assert "by its own account" in job["error"]["message"]
    assert "by its own account" in taking.get(wrong.headers["location"]).text


def test_what_was_skipped_is_said_and_why(taking: Served) -> None:
    body = export_bytes(message(1), b"{nonsense}", message(2), id=8)
    answer = taking.post("/take-in/upload", files={"file": ("result.json", body)})
    job = wait_for(taking, answer)
    assert job["outcome"]["state"] == "partial"
    page = taking.get(answer.headers["location"]).text
    assert "What could not be read as it stood, and why" in page
    assert "Some records could not be read" in page


def test_private_chats_come_in_only_when_asked_for(taking: Served) -> None:
    body = export_bytes(message(1), type="private_group", id=9)
    left = wait_for(taking, taking.post("/take-in/upload", files={"file": ("result.json", body)}))
    assert left["outcome"]["counts"]["new"] == 0
    form = {"include_private": "yes"}
    taken = wait_for(taking, taking.post("/take-in/upload", files={"file": ("result.json", body)}, data=form))
    assert taken["outcome"]["counts"]["new"] == 1


def test_what_is_no_export_is_told_so_and_leaves_nothing(taking: Served) -> None:
    for name, body in (("a.zip", b"PK\x03\x04 no zip"), ("notes.txt", b"hello"), ("empty.json", b"")):
        job = wait_for(taking, taking.post("/take-in/upload", files={"file": (name, body)}))
        assert job["state"] == "failed", name
        assert job["error"]["remedy"]
    assert taking.post("/take-in/upload", files={"file": ("", b"")}).status_code == 400
    assert taking.post("/take-in/upload", data={"a": "b"}).status_code == 400
    assert left_behind(taking) == []


def test_names_that_lead_elsewhere_are_refused(taking: Served, tmp_path: Path) -> None:
    for name in (
        "../../evil",
        "/etc/evil",
        "a/../../evil",
        "a//b",
        "C:/evil",
        "..\\..\\evil",
        "x" * 300,
        "a/" * 30 + "b",
    ):
        answer = taking.post("/take-in/upload", files={"file": (name, b"x")})
        assert answer.status_code in (400, 422), name
    assert left_behind(taking) == []
    assert not (tmp_path / "evil").exists()
    same = [("file", ("a.json", b"{}")), ("file", ("a.json", b"{}"))]
    assert taking.post("/take-in/upload", files=same).status_code == 422


def test_forms_that_are_none_of_ours_are_refused(taking: Served) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    begin = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n'
    for body in (
        b"nonsense",
        begin + b"{}",
        b"--b\r\n" + b"X" * 9000 + b": y\r\n\r\n--b--",
        b"--b\r\nX: " + b"y" * 9000 + b"\r\n\r\n--b--",
        b"--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="A B"\r\n\r\nx\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="channel"\r\n\r\n' + b"1" * 5000 + b"\r\n--b--\r\n",
    ):
        answer = taking.client.post("/take-in/upload", content=body, headers={**taking.origin, **kind})
        assert answer.status_code in (400, 422), body[:60]
    assert taking.client.post("/take-in/upload", content=b"x", headers=taking.origin).status_code == 400
    assert left_behind(taking) == []


def test_more_than_is_taken_is_refused_before_and_while_it_comes(export_vault: Path, tmp_path: Path) -> None:
    limits = Limits(upload_bytes=100_000, upload_files=2)
    with served(shutil.copytree(export_vault, tmp_path / "v"), limits=limits) as found:
        found.desk.uploads = tmp_path
        before = set(tmp_path.iterdir())
        stated = found.post("/take-in/upload", files={"file": ("a.json", b"x" * 200_000)})
        assert stated.status_code == 422
        assert "larger than" in stated.text

        def endless() -> Iterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n'
            for _ in range(50):
                yield b"x" * 10_000

        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        counted = found.client.post("/take-in/upload", content=endless(), headers={**found.origin, **kind})
        assert counted.status_code == 422
        many = [("file", (f"{at}.json", b"{}")) for at in range(3)]
        assert "more than 2 files" in found.post("/take-in/upload", files=many).text
        assert set(tmp_path.iterdir()) == before
        long_form = found.post("/take-in/watch", data={"do": "add", "name": "x" * 100_000})
        assert long_form.status_code == 400


def test_ten_gigabytes_are_refused_by_their_length_alone(server: Served) -> None:
    headers = {
        **server.origin,
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(11 << 30),
    }
    host = server.base.removeprefix("http://")
    lines = ["POST /take-in/upload HTTP/1.1", f"Host: {host}", f"Cookie: holdfast={server.client.cookies['holdfast']}",
             *(f"{name}: {value}" for name, value in headers.items()), "", ""]  # fmt: skip
    with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as line:
        line.sendall("\r\n".join(lines).encode())
        assert b" 422 " in line.recv(4096)


def test_a_body_that_stops_coming_is_given_up(export_vault: Path, tmp_path: Path) -> None:
    with served(shutil.copytree(export_vault, tmp_path / "v"), limits=Limits(idle_s=0.2)) as found:
        found.desk.uploads = tmp_path
        before = set(tmp_path.iterdir())
        host = found.base.removeprefix("http://")
        lines = ["POST /take-in/upload HTTP/1.1", f"Host: {host}", f"Origin: {found.base}",
                 f"Cookie: holdfast={found.client.cookies['holdfast']}", "Content-Length: 1000",
                 "Content-Type: multipart/form-data; boundary=b", "", "--b\r\n"]  # fmt: skip
        with socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2]))) as line:
            line.sendall("\r\n".join(lines).encode())
            answer = line.recv(65536)
        assert b" 422 " in answer
        assert set(tmp_path.iterdir()) == before


def test_a_full_disk_stops_an_upload(taking: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.web.uploading.SPARE_BYTES", 1 << 62)
    assert taking.post("/take-in/upload", files={"file": ("a.json", b"{}")}).status_code == 507
    assert left_behind(taking) == []


# -- zips ---------------------------------------------------------------------------------------------


def zip_of(*files: tuple[str, bytes], **how: Any) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = how.get("mode", 0o100644) << 16
            archive.writestr(info, content)
    return found.getvalue()


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "C:\\evil", "a/./b", "a\nb", "", "a//b"]
)
def test_a_zips_names_stay_in_their_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError):
        safe_place(tmp_path, name)
    if name:
        (tmp_path / "a.zip").write_bytes(zip_of((name, b"x")))
        with pytest.raises(FormatError):
            unpack(tmp_path / "a.zip", tmp_path / "out", bytes_most=1000, files_most=10)


def test_folders_in_a_zip_are_made_where_files_need_them(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of(("folder/", b""), ("folder/a", b"x")))
    assert unpack(tmp_path / "a.zip", tmp_path / "out", bytes_most=1000, files_most=10) == 1
    assert (tmp_path / "out" / "folder" / "a").read_bytes() == b"x"


def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path) -> None:
    for mode in (0o120777, 0o020644, 0o010644):
        (tmp_path / "a.zip").write_bytes(zip_of(("a", b"/etc/passwd"), mode=mode))
        with pytest.raises(FormatError, match="link or a device"):
            unpack(tmp_path / "a.zip", tmp_path / "out", bytes_most=1000, files_most=10)


def test_a_bomb_is_stopped_by_what_comes_out_not_by_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = bytearray(zip_of(("a", bytes(3_000_000))))
    size = bomb.rfind((3_000_000).to_bytes(4, "little"))
    bomb[size : size + 4] = (10).to_bytes(4, "little")
    (tmp_path / "lying.zip").write_bytes(bomb)
    (tmp_path / "a.zip").write_bytes(zip_of(("a", bytes(3_000_000))))
    with pytest.raises((SourceError, FormatError)):
        unpack(tmp_path / "lying.zip", tmp_path / "l", bytes_most=5_000_000, files_most=10)
    with pytest.raises(SourceError, match="more than is taken"):
        unpack(tmp_path / "a.zip", tmp_path / "o", bytes_most=1_000_000, files_most=10)
    monkeypatch.setattr(unpacking, "RATIO_FROM", 1 << 20)
    with pytest.raises(SourceError, match="more than is taken"):
        unpack(tmp_path / "a.zip", tmp_path / "r", bytes_most=1 << 40, files_most=10)
    (tmp_path / "two.zip").write_bytes(zip_of(("a", b""), ("b", b"")))
    with pytest.raises(SourceError, match="1 are taken"):
        unpack(tmp_path / "two.zip", tmp_path / "t", bytes_most=100, files_most=1)


def test_a_zip_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = zip_of(("a.json", b"{}" * 1000))
    for at, body in enumerate((b"", b"PK", whole[:-30], whole[:40] + b"\xff" + whole[41:])):
        (tmp_path / "a.zip").write_bytes(body)
        with pytest.raises(FormatError):
            unpack(tmp_path / "a.zip", tmp_path / f"o{at}", bytes_most=10_000, files_most=10)
    encrypted = bytearray(whole)
    encrypted[whole.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(encrypted)
    with pytest.raises(FormatError, match="encrypted"):
        unpack(tmp_path / "a.zip", tmp_path / "e", bytes_most=10_000, files_most=10)
    (tmp_path / "a.zip").write_bytes(whole)
    monkeypatch.setattr(unpacking, "SPARE_BYTES", 1 << 62)
    with pytest.raises(StorageError):
        unpack(tmp_path / "a.zip", tmp_path / "f", bytes_most=10_000, files_most=10)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(unpacking, "SPARE_BYTES", 0)
    with pytest.raises(StorageError):
        unpack(tmp_path / "a.zip", tmp_path / "file", bytes_most=10_000, files_most=10)


def test_the_exports_folder_is_found_below_others(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "photos").mkdir(parents=True)
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "a" / "b" / "result.json").write_bytes(b"{}")
    assert export_root(tmp_path) == tmp_path / "a" / "b"
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "my.json").write_bytes(b"{}")
    assert export_root(tmp_path / "one") == tmp_path / "one" / "my.json"
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "messages.html").write_bytes(b"")
    assert export_root(tmp_path / "page") == tmp_path / "page"
    (tmp_path / "none").mkdir()
    assert export_root(tmp_path / "none") == tmp_path / "none"


# -- checks and other writers -------------------------------------------------------------------------


def test_a_full_check_is_told_live_and_remembered(server: Served) -> None:
    answer = server.post("/vault/verify")
    job = wait_for(server, answer)
    assert job["outcome"]["verdict"] == "holds"
    assert "Holds: every byte that was checked" in server.get(answer.headers["location"]).text
    assert server.data("/status")["verified"]["verdict"] == "holds"
    assert "✓ holds" in server.get("/").text
    assert WatchList(server.desk.shelf.vault).verified is not None
    assert not verify_vault(server.desk.shelf.vault).findings, "our settings beside the vault are no finding"


def test_a_check_that_fails_is_never_shown_as_one_that_holds(server: Served) -> None:
    vault = server.desk.shelf.vault
    blob = next(path for path in (vault / "blobs").rglob("*") if path.is_file())
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    answer = server.post("/vault/verify")
    job = wait_for(server, answer)
    assert job["outcome"]["verdict"] == "does not hold"
    text = server.get(answer.headers["location"]).text
    assert "Does not hold: keep this copy untouched" in text
    assert "Holds: every" not in text
    assert "✗ does not hold" in server.get("/").text


def test_whoever_asks_twice_for_a_check_gets_the_one_under_way(
    taking: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.web.work.LOCKED_S", 0.05)
    assert taking.get("/").status_code == 200
    with writer_lock(taking.desk.shelf.vault):
        body = export_bytes(message(1), id=3)
        first = taking.post("/take-in/upload", files={"file": ("result.json", body)})
        one, two = taking.post("/vault/verify"), taking.post("/vault/verify")
        assert one.headers["location"] == two.headers["location"]
        assert taking.data("/vault")["verifying"] == one.headers["location"].removeprefix("/job/")
        assert "A check is under way" in taking.get("/vault").text
        page = taking.get(first.headers["location"])
        assert 'http-equiv="refresh"' in page.text, "without a script the page asks again"
    assert wait_for(taking, first)["state"] == "done"
    assert wait_for(taking, one)["state"] == "done"


def test_another_writer_is_waited_for_and_readers_are_not_disturbed(server: Served, tmp_path: Path) -> None:
    body = export_bytes(message(1), id=3)
    with writer_lock(server.desk.shelf.vault):
        answer = server.post("/take-in/upload", files={"file": ("result.json", body)})
        job = answer.headers["location"].removeprefix("/job/")
        until(lambda: server.data(f"/jobs/{job}")["note"] == "locked")
        assert server.get("/").status_code == 200
        assert "Another process writes to this vault" in server.get(f"/job/{job}").text
        assert server.post(f"/job/{job}/stop").status_code == 303
        assert wait_for(server, answer)["state"] == "stopped"
        assert "It was stopped" in server.get(f"/job/{job}").text


def test_what_another_process_adds_is_seen_at_once(server: Served, tmp_path: Path) -> None:
    from holdfast.importing import import_export

    before = server.data("/status")["totals"]["posts"]
    export = write_export(
        tmp_path / "e", *(message(n, text=f"lighthouse {n}") for n in range(1, 4)), id=31, name="New"
    )
    with Archive.open(server.desk.shelf.vault, workers=0) as archive:
        import_export(archive, export)
    assert server.data("/status")["totals"]["posts"] == before + 3
    assert server.data("/search", params={"q": "lighthouse"})["total"] == 3
    assert server.get("/channel/31").status_code == 200


def test_too_much_waiting_is_refused(taking: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.web.work.WAITING_MOST", 1)
    monkeypatch.setattr("holdfast.web.work.LOCKED_S", 0.05)
    body = export_bytes(message(1), id=3)
    with writer_lock(taking.desk.shelf.vault):
        first = taking.post("/take-in/upload", files={"file": ("result.json", body)})
        until(lambda: bool(taking.data(f"/jobs/{first.headers['location'][5:]}")["note"]))
        taking.post("/take-in/upload", files={"file": ("result.json", body)})
        assert taking.post("/take-in/upload", files={"file": ("result.json", body)}).status_code == 400
        assert taking.post("/vault/verify").status_code == 400
    assert wait_for(taking, first)["state"] == "done"


def test_only_so_many_pages_listen_at_once(export_vault: Path, tmp_path: Path) -> None:
    with served(shutil.copytree(export_vault, tmp_path / "v"), limits=Limits(streams=0)) as found:
        job = found.post("/vault/verify").headers["location"].removeprefix("/job/")
        assert found.get(f"/api/v1/jobs/{job}/events").status_code == 503


# -- watching -----------------------------------------------------------------------------------------


def test_a_channel_is_watched_paused_and_let_go(tmp_path: Path, export_vault: Path) -> None:
    scenario = demo_scenario()
    clock = ScenarioClock(scenario.start)
    clock.advance(12 * 3600)
    vault = shutil.copytree(export_vault, tmp_path / "v")
    with serve_in_thread(scenario, clock) as telegram:
        policy = Policy(
            allowed_hosts=(telegram.base_url.partition("//")[2],), allow_private=True, per_host_rate=1000.0
        )
        with served(vault, policy=policy, base=telegram.base_url) as found:
            assert (
                found.post("/take-in/watch", data={"do": "add", "name": "t.me/quiet_shore_demo"}).status_code
                == 303
            )
            until(lambda: bool(found.data("/take-in")["watched"][0]["sweeps"]))
            [watched] = found.data("/take-in")["watched"]
            assert watched["sweeps"][0]["answered"] == "shown"
            assert watched["next_at"] > watched["sweeps"][0]["started_at"]
            assert watched["sweeps"][-1]["kept"]["counts"]["read"] >= 1
            text = found.get("/take-in").text
            assert "@quiet_shore_demo" in text
            assert "next look" in text
            found.post("/take-in/watch", data={"do": "pause", "name": "quiet_shore_demo"})
            assert found.data("/take-in")["watched"][0]["is_paused"]
            assert (
                json.loads((tmp_path / "v.web" / "watch.json").read_text())["channels"][0]["is_paused"]
                is True
            )
            found.post("/take-in/watch", data={"do": "resume", "name": "quiet_shore_demo"})
            found.post("/take-in/watch", data={"do": "remove", "name": "quiet_shore_demo"})
            assert found.data("/take-in")["watched"] == []
            # The lock is free between sweeps.
            until(lambda: found.data("/take-in")["sweeping"] is None)
            with writer_lock(vault):
                pass
    assert verify_vault(vault).verdict is Verdict.HOLDS


def test_a_source_that_does_not_answer_is_told_and_asked_later(tmp_path: Path, export_vault: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    policy = Policy(allowed_hosts=(f"127.0.0.1:{port}",), allow_private=True, retries=0, per_host_rate=1000.0)
    with served(
        shutil.copytree(export_vault, tmp_path / "v"), policy=policy, base=f"http://127.0.0.1:{port}"
    ) as found:
        found.post("/take-in/watch", data={"do": "add", "name": "@nobody_here"})
        until(lambda: bool(found.data("/take-in")["watched"][0]["sweeps"]))
        [watched] = found.data("/take-in")["watched"]
        assert watched["sweeps"][0]["answered"] == "network failure"
        assert watched["next_at"] >= watched["sweeps"][0]["started_at"] + 3600


def test_names_that_are_none_are_refused(server: Served) -> None:
    for name in ("", "a b", "https://evil.example/x", "@" + "a" * 100, "<script>"):
        assert server.post("/take-in/watch", data={"do": "add", "name": name}).status_code == 400, name
    assert server.post("/take-in/watch", data={"do": "burn", "name": "abc"}).status_code == 400


def test_the_watch_list_survives_what_others_write_into_it(tmp_path: Path) -> None:
    for text in (
        b"nonsense",
        b'{"format_version":2}',
        b'{"format_version":1,"channels":[{"name":"../x"}]}',
        b'{"x":1}',
    ):
        (tmp_path / "v.web").mkdir(exist_ok=True)
        (tmp_path / "v.web" / "watch.json").write_bytes(text)
        found = WatchList(tmp_path / "v")
        assert found.channels == ()
        assert found.trouble is not None
    assert found.add("@first") == "first"
    found.add("First")
    assert [each.name for each in WatchList(tmp_path / "v").channels] == ["First"]
    assert found.trouble is None
    (tmp_path / "w.web").write_bytes(b"")
    with pytest.raises(StorageError):
        WatchList(tmp_path / "w").add("abc")


def test_no_more_channels_are_watched_than_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.web.watchlist.CHANNELS_MOST", 1)
    found = WatchList(tmp_path)
    found.add("one")
    with pytest.raises(UsageError):
        found.add("two")
