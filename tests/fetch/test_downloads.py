"""Files fetched to disk: whole, in pieces, and from servers that lie about what they send."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import re
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import StorageError
from holdfast.fetch import Download, Exchange, download, encode_warc, partial_paths, read_warc
from tests.fetch.servers import Asked, Handler, Server, door_for, says, scripted, sends, serving

FILE = random.Random(5).randbytes(300_000)
DIGEST = hashlib.sha256(FILE).hexdigest()
ETAG = 'ETag: "one"'


def ranged(
    data: bytes = FILE, *headers: str, stop: Callable[[int], int | None] = lambda number: None
) -> Handler:
    """A good server of one file; `stop` says after how many bytes the n-th answer breaks off."""
    headers = headers or (ETAG,)

    async def handler(asked: Asked) -> bool | None:
        found = re.fullmatch(r"bytes=([0-9]+)-", asked.header("range") or "")
        start = int(found[1]) if found else 0
        validators = {line.split(": ", 1)[1] for line in headers}
        if found and asked.header("if-range") not in validators:
            start, found = 0, None
        if start >= len(data) and found:
            await asked.answer(416, b"", f"Content-Range: bytes */{len(data)}")
            return None
        body = data[start:]
        more = [*headers]
        if found:
            more.append(f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}")
        most = stop(asked.number)
        await asked.answer(206 if found else 200, body[:most], *more, length=len(body))
        return most is None

    return handler


def fetch(
    path: Path, handler: Handler, *, seen: list[Exchange] | None = None, **changes: Any
) -> tuple[Download, Server]:
    """One call, from a server of its own."""
    arguments: dict[str, Any] = {"max_bytes": 10**6}
    for key in ("max_bytes", "expected_size", "on_progress"):
        if key in changes:
            arguments[key] = changes.pop(key)

    async def main() -> tuple[Download, Server]:
        async with serving(handler) as server, door_for(server, seen=seen, **changes) as door:
            found = await download(door, server.url("/file"), path, **arguments)
            return found, server

    return asyncio.run(main())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.bin"


def left(path: Path) -> list[str]:
    return sorted(found.name for found in path.parent.iterdir())


def test_a_file_is_fetched_whole_and_hashed_and_nothing_else_is_left(path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    seen: list[Exchange] = []
    found, server = fetch(
        path, ranged(), seen=seen, on_progress=lambda *now: told.append(now), expected_size=len(FILE)
    )
    assert (found.outcome, found.digest, found.size_bytes) == ("complete", DIGEST, len(FILE))
    assert path.read_bytes() == FILE
    assert left(path) == ["file.bin"]
    assert told[-1] == (len(FILE), len(FILE))
    assert told == sorted(told)
    assert server.asked[0].header("accept-encoding") == "identity"
    assert seen == [found.exchange]
    assert seen[0].raw_body == b""
    assert msgspec.structs.astuple(seen[0].kept) == (DIGEST, 0, len(FILE))  # type: ignore[arg-type]


def test_an_empty_file_is_a_file(path: Path) -> None:
    found, _ = fetch(path, says(200, b""))
    assert (found.outcome, found.size_bytes, path.read_bytes()) == ("complete", 0, b"")
    assert found.digest == hashlib.sha256(b"").hexdigest()
    assert left(path) == ["file.bin"]


def test_a_file_of_unknown_size_is_complete_at_its_end(path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert fetch(path, sends(chunked))[0].outcome == "complete"
    found, _ = fetch(path, sends(b"HTTP/1.1 200 OK\r\n\r\nabcd"), expected_size=4)
    assert (found.outcome, path.read_bytes()) == ("complete", b"abcd")
    assert "end of the connection" in found.detail


def test_a_broken_download_goes_on_where_it_stopped_within_one_call(path: Path) -> None:
    seen: list[Exchange] = []
    stops = {0: 100_000, 1: 50_000}
    found, server = fetch(path, ranged(stop=stops.get), seen=seen, retries=3)
    assert (found.outcome, found.digest, path.read_bytes()) == ("complete", DIGEST, FILE)
    assert [asked.header("range") for asked in server.asked] == [None, "bytes=100000-", "bytes=150000-"]
    assert {asked.header("if-range") for asked in server.asked[1:]} == {'"one"'}
    # Each answer's record says which bytes it brought, and the file proves it.
    assert [exchange.outcome for exchange in seen] == ["cut", "cut", "answered"]
    for exchange in seen:
        assert exchange.kept is not None
        part = FILE[exchange.kept.start :][: exchange.kept.size_bytes]
        assert hashlib.sha256(part).hexdigest() == exchange.kept.digest
    raw, _ = encode_warc(seen, software="x", created_at=0)
    assert [exchange.kept for _, _, exchange in read_warc(raw)] == [exchange.kept for exchange in seen]


def test_a_broken_download_goes_on_in_a_later_call(path: Path) -> None:
    async def main() -> None:
        async with serving(ranged(stop={0: 100_000}.get)) as server, door_for(server) as door:
            first = await download(door, server.url("/file"), path, max_bytes=10**6)
            assert (first.outcome, first.size_bytes, first.digest) == ("cut", 100_000, None)
            assert left(path) == ["file.bin.part", "file.bin.part.json"]
            assert partial_paths(path)[0].read_bytes() == FILE[:100_000]
            second = await download(door, server.url("/file"), path, max_bytes=10**6)
            assert (second.outcome, second.digest) == ("complete", DIGEST)
            assert server.asked[1].header("range") == "bytes=100000-"
        assert path.read_bytes() == FILE
        assert left(path) == ["file.bin"]

    asyncio.run(main())


def later(
    path: Path, first: Handler, second: Handler, *, between: Callable[[], object] = lambda: None
) -> tuple[Download, Server]:
    """Two calls with another server behaviour each; what the second one gives."""

    async def main() -> tuple[Download, Server]:
        state = [first]

        async def handler(asked: Asked) -> bool | None:
            return await state[0](asked)

        async with serving(handler) as server, door_for(server) as door:
            assert (await download(door, server.url("/file"), path, max_bytes=10**6)).outcome == "cut"
            between()
            state[0] = second
            return await download(door, server.url("/file"), path, max_bytes=10**6), server

    return asyncio.run(main())


def test_a_file_that_changed_meanwhile_is_fetched_anew(path: Path) -> None:
    other = FILE[::-1] + b"more"
    found, server = later(path, ranged(stop=lambda _: 1000), ranged(other, 'ETag: "two"'))
    assert server.asked[1].header("range") == "bytes=1000-"
    assert (found.outcome, path.read_bytes()) == ("complete", other)


@pytest.mark.parametrize(
    "headers",
    [
        ("X: y",),
        ('ETag: W/"weak"',),
        ("ETag: none",),
        (
            "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT",
        ),  # without a Date nothing says that it is old enough
        ("Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT", "Date: Tue, 14 Nov 2023 22:14:19 GMT"),
        ("Last-Modified: soon", "Date: Tue, 14 Nov 2023 22:14:19 GMT"),
    ],
)
def test_without_a_strong_validator_nothing_is_gone_on_with(path: Path, headers: tuple[str, ...]) -> None:
    async def main() -> None:
        async with serving(ranged(FILE, *headers, stop={0: 1000}.get)) as server, door_for(server) as door:
            first = await download(door, server.url("/file"), path, max_bytes=10**6)
            assert (first.outcome, first.size_bytes) == ("cut", 0)
            assert left(path) == []
            assert (await download(door, server.url("/file"), path, max_bytes=10**6)).digest == DIGEST
            assert server.asked[1].header("range") is None

    asyncio.run(main())


def test_a_last_modified_well_in_the_past_is_a_validator(path: Path) -> None:
    headers = ("Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT", "Date: Tue, 14 Nov 2023 22:14:20 GMT")
    found, server = fetch(path, ranged(FILE, *headers, stop={0: 1000}.get), retries=1)
    assert (found.outcome, server.asked[1].header("range")) == ("complete", "bytes=1000-")


@pytest.mark.parametrize(
    "damage", ["flip", "shorter", "note gone", "note garbage", "note of another", "no validator"]
)
def test_a_part_that_is_not_what_its_note_says_is_not_believed(path: Path, damage: str) -> None:
    part, note = partial_paths(path)

    def between() -> None:
        if damage == "flip":
            part.write_bytes(FILE[1:1001])
        elif damage == "shorter":
            os.truncate(part, 999)
        elif damage == "note gone":
            note.unlink()
        elif damage == "note garbage":
            note.write_bytes(b"\xff{")
        else:
            data = msgspec.json.decode(note.read_bytes())
            data |= {"validator": ""} if damage == "no validator" else {"url": "http://other.example/"}
            note.write_bytes(msgspec.json.encode(data))

    found, server = later(path, ranged(stop=lambda _: 1000), ranged(), between=between)
    assert (found.outcome, found.digest, server.asked[1].header("range")) == ("complete", DIGEST, None)
    assert left(path) == ["file.bin"]


def test_what_lies_behind_the_noted_bytes_is_cut_off(path: Path) -> None:
    def between() -> None:
        with open(partial_paths(path)[0], "ab") as handle:
            handle.write(b"\0" * 5000)  # written by a run that was killed before its next note

    found, server = later(path, ranged(stop=lambda _: 1000), ranged(), between=between)
    assert (found.outcome, path.read_bytes()) == ("complete", FILE)
    assert server.asked[1].header("range") == "bytes=1000-"


def partly(content_range: str, body: bytes = FILE[1000:], status: int = 206) -> Handler:
    return says(status, body, ETAG, content_range)


@pytest.mark.parametrize(
    "answer",
    [
        partly("Content-Range: bytes 0-299999/300000"),
        partly("Content-Range: bytes 999-299999/300000"),
        partly("Content-Range: bytes 1000-299999/300001"),
        partly("Content-Range: bytes 1000-300000/300000"),
        partly("Content-Range: bytes 1000-999/300000", b""),
        partly("Content-Range: items 1000-299999/300000"),
        partly("Content-Range: bytes 1000-299999/" + "9" * 30),
        partly("X: y"),
        partly("Content-Range: bytes 1000-1999/300000"),  # more bytes than it names
        partly("Content-Range: bytes */300000", b"", 416),
        partly("X: y", b"", 416),
    ],
)
def test_a_part_that_was_not_asked_for_is_not_joined_on(path: Path, answer: Handler) -> None:
    async def main() -> None:
        handler = scripted(ranged(stop=lambda _: 1000), answer, ranged())
        async with serving(handler) as server, door_for(server, retries=1) as door:
            url = server.url("/file")
            found = await download(door, url, path, max_bytes=10**6)
            if found.outcome != "complete":
                assert not path.exists()
                found = await download(door, url, path, max_bytes=10**6)
            assert (found.outcome, path.read_bytes()) == ("complete", FILE)
            assert server.asked[1].header("range") == "bytes=1000-"
            assert server.asked[2].header("range") is None

    asyncio.run(main())


def test_a_server_that_sends_less_than_the_rest_is_asked_for_more(path: Path) -> None:
    async def handler(asked: Asked) -> bool | None:
        found = re.fullmatch(r"bytes=([0-9]+)-", asked.header("range") or "")
        start = int(found[1]) if found else 0
        if not found:
            await asked.answer(200, FILE[:1000], ETAG, length=len(FILE))
            return False
        body = FILE[start : start + 100_000]
        place = f"Content-Range: bytes {start}-{start + len(body) - 1}/{len(FILE)}"
        await asked.answer(206, body, ETAG, place)
        return None

    found, server = fetch(path, handler, retries=1)
    assert (found.outcome, found.digest) == ("complete", DIGEST)
    assert len(server.asked) == 4


def test_a_server_that_sends_crumbs_is_given_up(path: Path) -> None:
    async def handler(asked: Asked) -> bool | None:
        start = int((asked.header("range") or "bytes=0-")[6:-1])
        if asked.header("range") is None:
            await asked.answer(200, FILE[:10], ETAG, length=len(FILE))
            return False
        place = f"Content-Range: bytes {start}-{start}/{len(FILE)}"
        await asked.answer(206, FILE[start : start + 1], ETAG, place)
        return None

    found, server = fetch(path, handler, retries=1)
    assert (found.outcome, found.size_bytes) == ("cut", 10 + 16)
    assert len(server.asked) == 17


def test_a_file_that_is_announced_as_too_large_is_not_fetched(path: Path) -> None:
    seen: list[Exchange] = []
    found, _ = fetch(path, ranged(), max_bytes=len(FILE) - 1, seen=seen)
    assert (found.outcome, found.size_bytes, found.digest) == ("too large", 0, None)
    assert left(path) == []
    assert (seen[0].outcome, seen[0].kept, seen[0].status) == ("too large", None, 200)
    assert fetch(path, ranged(), max_bytes=len(FILE))[0].outcome == "complete"


def test_no_byte_beyond_the_limit_is_written(path: Path) -> None:
    sizes: list[int] = []

    async def endless(asked: Asked) -> bool | None:
        await asked.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await asked.send(b"x" * 10_000)

    found, _ = fetch(path, endless, max_bytes=123_456, on_progress=lambda size, _: sizes.append(size))
    assert found.outcome == "too large"
    assert max(sizes) <= 123_456
    assert left(path) == []


def test_a_size_other_than_the_expected_one_is_told_and_the_file_is_kept(path: Path) -> None:
    found, _ = fetch(path, ranged(), expected_size=len(FILE) + 1)
    assert (found.outcome, found.digest, path.read_bytes()) == ("size lied", DIGEST, FILE)
    assert "300001" in found.detail
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert fetch(path, sends(chunked), expected_size=4)[0].outcome == "size lied"


def test_an_open_ended_body_that_is_too_short_was_cut(path: Path) -> None:
    found, _ = fetch(path, sends(b"HTTP/1.1 200 OK\r\n\r\nabc"), expected_size=4)
    assert (found.outcome, found.digest, left(path)) == ("cut", None, [])


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_gone_is_told_and_the_part_stays(path: Path, status: int) -> None:
    found, _ = later(path, ranged(stop=lambda _: 1000), says(status, b"no such file"))
    assert (found.outcome, found.size_bytes, found.exchange.status) == ("gone", 1000, status)
    assert found.exchange.body() == b"no such file"
    assert left(path) == ["file.bin.part", "file.bin.part.json"]


@pytest.mark.parametrize("answer", [says(500), says(302, b"", "Location: /x"), says(429, b"", "Retry-After: 9999"),
    says(200, b"x", "Content-Encoding: gzip"), sends(b"")])  # fmt: skip
def test_anything_else_failed_and_the_exchange_says_how(path: Path, answer: Handler) -> None:
    found, _ = fetch(path, answer)
    assert (found.outcome, found.digest, left(path)) == ("failed", None, [])


def test_a_long_error_page_does_not_fill_the_memory(path: Path) -> None:
    found, _ = fetch(path, says(404, b"x" * 1_000_000))
    assert (found.outcome, found.exchange.raw_body) == ("gone", b"")


def test_a_disk_that_refuses_is_a_storage_error_and_closes_the_file(path: Path) -> None:
    with pytest.raises(StorageError):
        fetch(path.parent / "no" / "such" / "folder" / "file.bin", ranged())
    path.mkdir()
    (path / "in the way").touch()
    with pytest.raises(StorageError):
        fetch(path, ranged())


def test_a_full_disk_is_a_storage_error(path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            fetch(path, ranged())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()
    assert fetch(path, ranged())[0].digest == DIGEST


def test_a_cancelled_download_leaves_a_part_that_is_gone_on_with(path: Path) -> None:
    async def main() -> None:
        async def stalls(asked: Asked) -> bool | None:
            await asked.answer(200, FILE[:70_000], ETAG, length=len(FILE))
            await asyncio.Event().wait()
            return None

        arrived = asyncio.Event()

        def progress(size: int, _total: int | None) -> None:
            if size == 70_000:
                arrived.set()

        async with serving(scripted(stalls, ranged())) as server, door_for(server) as door:
            url = server.url("/file")
            task = asyncio.create_task(download(door, url, path, max_bytes=10**6, on_progress=progress))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            found = await download(door, url, path, max_bytes=10**6)
            assert (found.outcome, found.digest) == ("complete", DIGEST)
            assert server.asked[1].header("range") == "bytes=70000-"

    asyncio.run(main())


def test_progress_is_noted_on_the_way_so_that_a_kill_loses_little(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.fetch.downloads._NOTE_EVERY_BYTES", 100_000)
    noted: list[int] = []

    def progress(_size: int, _total: int | None) -> None:
        if partial_paths(path)[1].exists():
            noted.append(msgspec.json.decode(partial_paths(path)[1].read_bytes())["size_bytes"])
            assert partial_paths(path)[0].stat().st_size >= noted[-1]

    assert fetch(path, ranged(), on_progress=progress)[0].outcome == "complete"
    assert len(set(noted)) >= 2


@settings(max_examples=15)
@given(stops=st.lists(st.integers(0, 40_000), max_size=5))
def test_wherever_it_breaks_off_the_file_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int]
) -> None:
    path = tmp_path_factory.mktemp("d") / "file.bin"
    data = FILE[:50_000]
    found, _ = fetch(path, ranged(data, stop=dict(enumerate(stops)).get), retries=6)
    assert (found.outcome, path.read_bytes()) == ("complete", data)
    assert found.digest == hashlib.sha256(data).hexdigest()


def test_a_long_file_over_a_bad_line_gets_its_retries_anew_with_each_good_piece(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.fetch.door._PROGRESS_BYTES", 50_000)
    found, server = fetch(path, ranged(stop=dict.fromkeys(range(5), 50_000).get), retries=1)
    assert (found.outcome, len(server.asked)) == ("complete", 6)
    small, server = fetch(path, ranged(stop=dict.fromkeys(range(5), 49_999).get), retries=1)
    assert (small.outcome, len(server.asked)) == ("cut", 2)


def test_a_note_that_cannot_be_written_is_a_storage_error(path: Path) -> None:
    note = partial_paths(path)[1]
    (note.parent / (note.name + ".new")).mkdir()
    with pytest.raises(StorageError):
        fetch(path, ranged(stop=lambda _: 1000))
