"""Whoever sends slowly, or nothing, holds up nobody: connections, headers, bodies and listeners are bounded."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from starlette.requests import Request

from holdfast.errors import FormatError, SourceError, StorageError, UsageError
from holdfast.vault.log import writer_lock
from holdfast.web import events, patience, uploading
from holdfast.web.desk import Limits
from holdfast.web.uploading import read_form, receive
from tests.web.desks import Served, served


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEADERS_S", 0.1)


def ended(line: socket.socket) -> bool:
    """Whether the server hangs up; what it says before is read."""
    line.settimeout(30)
    try:
        while line.recv(4096):
            pass
    except ConnectionResetError:
        return True
    return True


def connect(found: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(found.base.rpartition(":")[2])))


@pytest.mark.usefixtures("hasty")
def test_who_sends_no_request_or_half_of_one_is_hung_up_on(server: Served) -> None:
    host = server.base.removeprefix("http://").encode()
    for sent in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX-Slow: "):
        with connect(server) as line:
            line.sendall(sent)
            assert ended(line)


@pytest.mark.usefixtures("hasty")
def test_a_second_request_on_one_line_is_waited_for_no_longer(server: Served) -> None:
    host = server.base.removeprefix("http://").encode()
    with connect(server) as line:
        line.sendall(b"GET /static/app.js HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET / HTTP/1.1\r\nHost")
        assert ended(line)


@pytest.mark.usefixtures("hasty")
def test_whoever_is_waited_for_is_not_hung_up_on_meanwhile(server: Served) -> None:
    """Following a job takes longer than headers may."""
    with writer_lock(server.desk.shelf.vault):
        job = server.post("/vault/verify").headers["location"].removeprefix("/job/")
        with server.client.stream("GET", f"/api/v1/jobs/{job}/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "event: progress"
            begun = time.monotonic()
            for line in lines:
                if line == "event: end" or time.monotonic() - begun > 0.5:
                    break
    assert server.get("/").status_code == 200


# -- bodies -------------------------------------------------------------------------------------------


def request_of(*chunks: bytes, kind: str = "multipart/form-data; boundary=b", cut: bool = False) -> Request:
    """A request whose body comes in these pieces."""

    async def body() -> AsyncIterator[dict[str, object]]:
        for each in chunks:
            yield {"type": "http.request", "body": each, "more_body": True}
        yield (
            {"type": "http.disconnect"}
            if cut
            else {
                "type": "http.request",
                "body": b"",
                "more_body": False,
            }
        )

    messages = body()
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return Request(scope, lambda: anext(messages))


HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def test_a_body_that_comes_too_slowly_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "GRACE_S", -1.0)
    limits = Limits(slowest_bytes_s=1e12)
    with pytest.raises(SourceError, match="too slowly"):
        anyio.run(receive, request_of(HEAD, b"x" * 100), tmp_path, limits)


def test_a_body_that_is_cut_off_is_told_apart_from_a_whole_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cut off"):
        anyio.run(receive, request_of(HEAD, cut=True), tmp_path, Limits())
    with pytest.raises(SourceError, match="cut off"):
        anyio.run(read_form, request_of(b"a=b", cut=True), Limits())


def test_a_body_of_unknown_length_is_counted_as_it_comes(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="larger than"):
        anyio.run(receive, request_of(HEAD, *[b"x" * 1000] * 20), tmp_path, Limits(upload_bytes=10_000))
    with pytest.raises(UsageError, match="form is too long"):
        anyio.run(read_form, request_of(*[b"x" * 1000] * 20), Limits(form_bytes=10_000))


def test_forms_are_small_and_in_utf_8() -> None:
    for body in (b"name=\xff\xfe", b"&".join(b"a%d=1" % n for n in range(60))):
        with pytest.raises(UsageError, match="no form of ours"):
            anyio.run(read_form, request_of(body), Limits())
    assert anyio.run(read_form, request_of(b"a=1&b=&a=2"), Limits()) == {"a": "2", "b": ""}


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    end = b"\r\n--b--\r\n"
    with pytest.raises(FormatError, match="one name"):
        anyio.run(receive, request_of(HEAD + b"x" + end), tmp_path, Limits())
    below = HEAD.replace(b'"a"', b'"f/a"')
    (tmp_path / "f").write_bytes(b"")
    with pytest.raises((StorageError, FormatError)):
        anyio.run(receive, request_of(below + b"x" + end), tmp_path, Limits())


def test_fields_and_parts_without_a_file_are_taken_as_such(tmp_path: Path) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="channel"\r\n\r\n77\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\nignored\r\n--b--\r\n'
    )
    found = anyio.run(receive, request_of(*(body[at : at + 7] for at in range(0, len(body), 7))), tmp_path, Limits())  # fmt: skip
    assert found.fields == {"channel": "77"}
    assert found.files == 0
    assert found.is_whole
    assert list(tmp_path.iterdir()) == []


def test_readers_go_on_reading_while_somebody_uploads_slowly(export_vault: Path, tmp_path: Path) -> None:
    with served(shutil.copytree(export_vault, tmp_path / "v")) as found:
        found.desk.uploads = tmp_path
        host = found.base.removeprefix("http://")
        lines = ["POST /take-in/upload HTTP/1.1", f"Host: {host}", f"Origin: {found.base}",
                 f"Cookie: holdfast={found.client.cookies['holdfast']}", "Content-Length: 1000",
                 "Content-Type: multipart/form-data; boundary=b", "", "--b\r\n"]  # fmt: skip
        slow = [connect(found) for _ in range(20)]
        for each in slow:
            each.sendall("\r\n".join(lines).encode())
        assert found.get("/").status_code == 200
        assert found.get("/search?q=a").status_code == 200
        for each in slow:
            each.close()


def test_a_full_disk_and_one_that_takes_no_files_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "SPARE_BYTES", 0)  # there is never room in /proc
    with pytest.raises(StorageError, match="cannot write the upload"):
        anyio.run(receive, request_of(HEAD + b"x"), Path("/proc"), Limits())
    upload = uploading.Upload(tmp_path, Limits())
    with open("/dev/full", "wb", buffering=0) as full:
        upload._file = full
        with pytest.raises(StorageError, match="No space left"):
            upload.part_data(b"x", 0, 1)


def test_a_header_without_end_is_refused() -> None:
    with pytest.raises(FormatError, match="header of the form is too long"):
        uploading._bounded(b"x" * 9000)


def test_whoever_listens_long_hears_that_the_line_is_alive(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "QUIET_LOOKS", 1)
    monkeypatch.setattr(events, "LOOK_EVERY_S", 0.01)
    with writer_lock(server.desk.shelf.vault):
        body = {"file": ("result.json", b"{}")}
        job = server.post("/take-in/upload", files=body).headers["location"].removeprefix("/job/")
        with server.client.stream("GET", f"/api/v1/jobs/{job}/events") as answer:
            for line in answer.iter_lines():
                if line == ": still here":
                    break
            else:
                pytest.fail("it never said so")
        server.post(f"/job/{job}/stop")
