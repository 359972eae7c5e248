"""A report is fetched from its address, and what came back is sealed whether it can be read or not."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from holdfast.archive import Archive
from holdfast.errors import SourceError, UsageError
from holdfast.fetch import Exchange, Policy, read_warc
from holdfast.reports.check import CheckOptions
from holdfast.reports.checking import Given, check_taken_in
from holdfast.reports.fetching import REDIRECTS_MAX, fetch_report
from holdfast.reports.resolve import Aliases
from tests.archives import doubt
from tests.fetch.servers import Asked, Handler, Server, policy_for, says, scripted, sends, serving
from tests.reports.archives import opened, scenario_text, watched

FILLER = "This paragraph gives the page a body of some length and says nothing of anybody at all. " * 5
PAGE = (
    '<html><head><title>A headline</title><script type="application/ld+json">{"datePublished": "2023-12-29T14:00:00+03:00"}</script>'
    "</head><body><article><p>Put Domoi’s Telegram channel has over 38,000 followers. “Тест”.</p>"
    f"<p>{FILLER}</p></article></body></html>"
)
HTML = "Content-Type: text/html; charset=utf-8"


@contextmanager
def web(handler: Handler) -> Iterator[Server]:
    """A loopback server in a thread of its own."""
    loop = asyncio.new_event_loop()
    found: list[Server] = []
    ready, leave = threading.Event(), asyncio.Event()

    async def play() -> None:
        async with serving(handler) as server:
            found.append(server)
            ready.set()
            await leave.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(play()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched(tmp_path_factory.mktemp("fetching") / "vault", scenario_text(), from_h=96, until_h=98)


@pytest.fixture
def vault(source: Path, tmp_path: Path) -> Path:
    return shutil.copytree(source, tmp_path / "vault")


def entries(archive: Archive, since: int) -> list[tuple[str, Any]]:
    """(type, disclosures) of the entries from one on."""
    found = []
    for number in range(since, archive.reader.checkpoint()[0].checkpoint.size):
        entry, opened_entry = archive.reader.opened(number)
        found.append((entry.kind, opened_entry))
    return found


def exchanges(raw: bytes) -> list[Exchange]:
    return [each for _, _, each in read_warc(raw)]


def size(archive: Archive) -> int:
    return archive.reader.checkpoint()[0].checkpoint.size


def test_a_page_is_sealed_as_exchange_and_body_with_a_capture_of_its_own_and_then_checked(
    vault: Path,
) -> None:
    with web(says(200, PAGE.encode(), HTML)) as server, opened(vault) as archive:
        before = size(archive)
        address = server.url("/news/first?id=5#part")
        taken = fetch_report(archive, address, policy_for(server), Given(), keep=True)
        report = taken.report
        assert (report.title, report.url, report.name) == (
            "A headline",
            server.url("/news/first?id=5"),
            "first.html",
        )
        assert report.published is not None
        assert (report.published.lo, report.published.source) == ("2023-12-29T11:00:00Z", "json-ld")
        (kind, told), (last, capture) = entries(archive, before)
        assert (kind, last) == ("report", "capture")
        assert told.value("capture")["id"] == capture.value("capture")["id"]
        assert told.value("report")["artefact"] == report.artefact
        assert capture.value("source")["url"] == report.url
        assert capture.value("outcome") == {"state": "complete"}
        assert capture.value("counts") == {"read": 1, "new": 1}
        warc, body = capture.value("artefacts")
        with archive.reader.blobs.open(body["digest"]) as stored:
            assert stored.read() == PAGE.encode()
        with archive.reader.blobs.open(warc["digest"]) as stored:
            (exchange,) = exchanges(stored.read())
        assert (exchange.status, exchange.url, exchange.raw_body) == (200, report.url, PAGE.encode())
        found = check_taken_in(archive, taken, Aliases(), CheckOptions(), keep=True)
        assert found.report_entry == before
        assert found.counts["supported"] == 1
        assert size(archive) == before + 3
    doubt(vault)


def test_the_same_page_fetched_again_is_one_report_and_two_captures(vault: Path) -> None:
    with web(says(200, PAGE.encode(), HTML)) as server, opened(vault) as archive:
        before = size(archive)
        for _ in range(2):
            fetch_report(archive, server.url("/a"), policy_for(server), Given(), keep=True)
        assert [kind for kind, _ in entries(archive, before)] == ["report", "capture", "capture"]
        assert entries(archive, before)[-1][1].value("counts") == {"read": 1, "unchanged": 1}
    doubt(vault)


def test_a_check_is_the_same_before_and_after_a_page_was_fetched(vault: Path) -> None:
    with web(says(200, PAGE.encode(), HTML)) as server, opened(vault) as archive:
        one = fetch_report(archive, server.url("/a"), policy_for(server), Given(), keep=False)
        first = check_taken_in(archive, one, Aliases(), CheckOptions(), keep=False)
    with web(says(404, b"gone", HTML)) as server, opened(vault, 1_706_000_000) as archive:
        with pytest.raises(SourceError):
            fetch_report(archive, server.url("/b"), policy_for(server), Given(), keep=True)
        again = check_taken_in(archive, one, Aliases(), CheckOptions(), keep=False)
    assert again == first


def test_redirects_are_followed_and_each_is_sealed(vault: Path) -> None:
    async def handler(asked: Asked) -> bool | None:
        if asked.path == "/old":
            await asked.answer(301, b"", "Location: /new")
        else:
            await asked.answer(200, PAGE.encode(), HTML)
        return None

    with web(handler) as server, opened(vault) as archive:
        taken = fetch_report(archive, server.url("/old"), policy_for(server), Given(), keep=True)
        assert taken.report.url == server.url("/new")
        capture = entries(archive, size(archive) - 1)[0][1]
        assert capture.value("request") == {
            "url": server.url("/old"),
            "asked": [server.url("/old"), server.url("/new")],
        }
        with archive.reader.blobs.open(capture.value("artefacts")[0]["digest"]) as stored:
            assert [each.status for each in exchanges(stored.read())] == [301, 200]
    doubt(vault)


PRIVATE = "it leads on to an address that may not be asked"
WINDOWS = PAGE.replace("“Тест”", "«Тест»").replace("’", "'").encode("cp1251")
BAD: list[tuple[str, Handler, str, dict[str, Any]]] = [
    ("404", says(404, b"nothing here", HTML), "answers 404", {}),
    ("500", says(500, b"", HTML), "answers 500", {}),
    ("a picture", says(200, b"\x89PNG", "Content-Type: image/png"), "neither a page nor plain text", {}),
    ("too large", says(200, b"x" * 100, HTML, length=17 << 20), "too large", {}),
    ("cut off", sends(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\nhalf"), "cut", {}),
    ("no HTTP", sends(b"hello\r\n\r\n"), "network", {}),
    ("a bad coding", says(200, b"no gzip", HTML, "Content-Encoding: gzip"), "does not decompress", {}),
    ("empty", says(200, b"", HTML), "is no report", {}),
    ("in circles", says(302, b"", "Location: /again"), "leads in circles", {}),
    ("to a private address", says(302, b"", "Location: http://127.0.0.1:9/"), PRIVATE, {}),
    ("with a password", says(302, b"", "Location: http://user:secret@a.example/"), PRIVATE, {}),
    ("to another scheme", says(302, b"", "Location: ftp://a.example/"), PRIVATE, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("handler", "words", "changes"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
def test_what_is_no_report_is_said_and_sealed(
    vault: Path, handler: Handler, words: str, changes: dict[str, Any]
) -> None:
    with web(handler) as server, opened(vault) as archive:
        before = size(archive)
        with pytest.raises(SourceError, match=words) as failure:
            fetch_report(archive, server.url("/a"), policy_for(server, **changes), Given(), keep=True)
        assert failure.value.exit_code == 20
        assert "secret" not in failure.value.message
        ((kind, capture),) = entries(archive, before)
        assert kind == "capture"
        assert capture.value("outcome") == {"state": "failed", "detail": failure.value.message}
        assert capture.value("counts") == {"read": 0}
        (warc,) = capture.value("artefacts")
        with archive.reader.blobs.open(warc["digest"]) as stored:
            assert 1 <= len(exchanges(stored.read())) <= REDIRECTS_MAX + 1
    doubt(vault)


def test_a_server_that_is_not_there_is_said_and_sealed(vault: Path) -> None:
    with web(says(200)) as server:
        address, policy = server.url("/a"), policy_for(server)
    with opened(vault) as archive:
        before = size(archive)
        with pytest.raises(SourceError, match="refused"):
            fetch_report(archive, address, policy, Given(), keep=True)
        ((_, capture),) = entries(archive, before)
        assert capture.value("outcome")["state"] == "failed"
    doubt(vault)


def test_nothing_is_sealed_unless_it_is_to_be_kept(vault: Path) -> None:
    with web(scripted(says(200, PAGE.encode(), HTML), says(404))) as server, opened(vault) as archive:
        before = size(archive)
        taken = fetch_report(
            archive, server.url("/a"), policy_for(server), Given(outlet="Invented Post"), keep=False
        )
        assert taken.report.outlet == "Invented Post"
        with pytest.raises(SourceError):
            fetch_report(archive, server.url("/a"), policy_for(server), Given(), keep=False)
        assert size(archive) == before


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "ftp://a.example/",
        "http://user:secret@a.example/",
        "http://[::1]/",
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_before_anything_is_sealed(
    vault: Path, address: str
) -> None:
    with opened(vault) as archive:
        before = size(archive)
        with pytest.raises(UsageError) as failure:
            fetch_report(archive, address, Policy(allowed_hosts=("*",)), Given(), keep=True)
        assert "secret" not in failure.value.message + failure.value.remedy
        assert size(archive) == before


def test_a_name_that_leads_to_this_machine_is_not_asked(vault: Path) -> None:
    with web(says(200, PAGE.encode(), HTML)) as server, opened(vault) as archive:
        policy = Policy(allowed_hosts=(f"*:{server.port}",), retries=0)
        with pytest.raises(SourceError, match="private address"):
            fetch_report(archive, f"http://localhost:{server.port}/", policy, Given(), keep=True)
        assert server.asked == []
    doubt(vault)


ENCODED: list[tuple[str, bytes, tuple[str, ...], str]] = [
    ("windows-1251, as the header says", WINDOWS, ("Content-Type: text/html; charset=windows-1251",), "Тест"),
    ("windows-1251, as the page says", WINDOWS.replace(b"<head>", b'<head><meta charset="windows-1251">'), ("Content-Type: text/html",), "Тест"),
    ("gzip", gzip.compress(PAGE.encode(), mtime=0), (HTML, "Content-Encoding: gzip"), "Тест"),
    ("no type", PAGE.encode(), (), "Тест"),
    ("plain text", "Тест: Put Domoi has over 38,000 followers.".encode(), ("Content-Type: text/plain; charset=utf-8",), "Тест"),
    ("plain text in koi8-r", "Тест: over 38,000 followers.".encode("koi8-r"), ("Content-Type: text/plain; charset=koi8-r",), "Тест"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "headers", "words"), [row[1:] for row in ENCODED], ids=[row[0] for row in ENCODED]
)
def test_a_body_is_read_in_the_encoding_that_it_is_in(
    vault: Path, body: bytes, headers: tuple[str, ...], words: str
) -> None:
    with web(says(200, body, *headers)) as server, opened(vault) as archive:
        taken = fetch_report(archive, server.url("/"), policy_for(server), Given(), keep=True)
        assert words in taken.article.text
        found = check_taken_in(archive, taken, Aliases(), CheckOptions(), keep=True)
        assert found.report.name == ("127.0.0.1.txt" if "plain" in "".join(headers) else "127.0.0.1.html")
        for each in found.claims:
            if each.source_range is not None:
                start, length = each.source_range
                assert taken.raw[start : start + length].decode() == each.claim.span.exact
    doubt(vault)


def test_a_pause_that_a_server_asks_for_is_not_waited_for_without_end(vault: Path) -> None:
    patient = says(503, b"", "Retry-After: 9999")
    with (
        web(patient) as server,
        opened(vault) as archive,
        pytest.raises(SourceError, match="answers 503"),
    ):
        fetch_report(archive, server.url("/a"), policy_for(server), Given(), keep=True)
    doubt(vault)


def test_what_is_given_wrongly_is_said_before_anybody_is_asked(vault: Path) -> None:
    with web(says(200, PAGE.encode(), HTML)) as server, opened(vault) as archive:
        with pytest.raises(UsageError):
            fetch_report(archive, server.url("/a"), policy_for(server), Given(published="Friday"), keep=True)
        assert server.asked == []
