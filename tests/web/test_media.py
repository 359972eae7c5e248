"""Archived files: what plays, what is a download, and what is never served."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import anyio
import pytest
from starlette.requests import ClientDisconnect

from holdfast.archive import Archive, create
from holdfast.importing import import_export
from holdfast.model import MediaSeen
from holdfast.web.guard import SANDBOX
from holdfast.web.media import _chunks, picture_of, range_of, sniffed
from holdfast.web.streaming import TidiedResponse
from tests.archives import write_export
from tests.capture.exports import message
from tests.web.desks import Served, served
from tests.web.hostile import HTML, ID, SVG, hostile_export

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("files")
    create(folder / "vault", "test.example/files")
    (folder / "more" / "photos").mkdir(parents=True)
    (folder / "more" / "photos" / "p.png").write_bytes(PNG)
    more = write_export(
        folder / "more", message(1, photo="photos/p.png", width=1, height=1, text="drawn"), id=5, name="F"
    )
    with Archive.open(folder / "vault", workers=0) as archive:
        import_export(archive, hostile_export(folder / "export"))
        import_export(archive, more)
    with served(folder / "vault") as found:
        yield found


def path_to(files: Served, post: str, name: str = "") -> str:
    """Where the post's file is served."""
    data = files.data(f"/post/{post}")
    [media] = data["media"]
    element = data["observations"][-1]["element"]
    return f"/media/{media['entry']}/{element}/{name or media['artefact']}"


def test_pages_in_disguise_are_downloads_in_a_sandbox(files: Served) -> None:
    for post, content in ((10, SVG), (11, HTML), (12, SVG), (20, HTML)):
        answer = files.get(path_to(files, f"{post}/{ID}"))
        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-security-policy"] == SANDBOX
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (
            f'<img src="/media/{path_to(files, f"{post}/{ID}")}"' not in files.get(f"/post/{post}/{ID}").text
        )


def test_a_downloads_name_is_harmless(files: Served) -> None:
    name = files.get(path_to(files, f"10/{ID}")).headers["content-disposition"]
    assert "<" not in name
    assert '"' not in name
    assert "/" not in name
    assert name.isascii()


def test_a_picture_is_shown_whole_and_in_part(files: Served) -> None:
    path = path_to(files, "1/5")
    whole = files.get(path)
    assert whole.content == PNG
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-disposition"].startswith("inline;")
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["etag"] == f'"{sha256(PNG).hexdigest()}"'
    part = files.get(path, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == PNG[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(PNG)}"
    end = files.get(path, headers={"Range": "bytes=-7"})
    assert end.content == PNG[-7:]
    rest = files.get(path, headers={"Range": f"bytes={len(PNG) - 3}-"})
    assert rest.content == PNG[-3:]
    beyond = files.get(path, headers={"Range": f"bytes={len(PNG)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(PNG)}"
    head = files.client.head(path, headers={"Range": "bytes=0-9"})
    assert head.status_code == 206
    assert head.headers["content-length"] == "10"
    assert head.content == b""


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", (0, 10)),
        ("bytes=3-5", (3, 6)),
        ("bytes=3-99", (3, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        ("bytes=5-3", None),
        ("bytes=0-1,4-5", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=a-b", None),
        ("bytes=٣-", None),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str | None, expected: tuple[int, int] | None) -> None:
    assert range_of(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-11", "bytes=-0"])
def test_a_range_beyond_the_end_is_no_range(header: str) -> None:
    with pytest.raises(ValueError, match="no such bytes"):
        range_of(header, 10)


def test_only_an_observation_that_names_a_file_leads_to_it(files: Served) -> None:
    export = sha256((files.desk.shelf.vault.parent / "export" / "result.json").read_bytes()).hexdigest()
    assert files.desk.shelf.archive().reader.blobs.path(export) is not None
    for path in (
        path_to(files, f"10/{ID}", export),
        path_to(files, f"10/{ID}", "0" * 64),
        path_to(files, f"10/{ID}", "..%2f..%2fvault.json"),
        path_to(files, f"10/{ID}", "X" * 64),
        path_to(files, f"10/{ID}").replace("/media/", "/media/9"),
        "/media/0/0/" + "0" * 64,
        "/media/1/99999/" + "0" * 64,
    ):
        assert files.get(path).status_code == 404, path


def test_a_file_that_is_missing_is_told(files: Served) -> None:
    path = path_to(files, "1/5")
    stored = files.desk.shelf.archive().reader.blobs.path(sha256(PNG).hexdigest())
    assert stored is not None
    moved = stored.rename(stored.with_name("aside"))
    try:
        assert files.get(path).status_code == 404
        assert "its bytes cannot be read here" in files.get("/post/1/5").text
    finally:
        moved.rename(stored)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x18ftypavif", "image/avif"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"%PDF-1.7", "application/octet-stream"),
        (b"<svg xmlns", "application/octet-stream"),
        (b"<!DOCTYPE html>", "application/octet-stream"),
        (b"\x1f\x8b\x08", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"\xff", "application/octet-stream"),
    ],
)
def test_types_are_told_from_bytes_alone(head: bytes, expected: str) -> None:
    assert sniffed(head) == expected


def test_the_log_to_take_away_holds_no_disclosure_and_verifies(files: Served, tmp_path: Path) -> None:
    import io
    import zipfile

    from holdfast.vault.format.note import verify_checkpoint
    from holdfast.vault.identity import parse_identity

    answer = files.get("/vault/log.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        assert found.testzip() is None
        names = found.namelist()
        content = {name: found.read(name) for name in names}
    assert not [
        name for name in names if "private" in name or "blobs" in name or "state" in name or "keys" in name
    ]
    identity = parse_identity(content["vault.json"])
    verify_checkpoint(content["log/checkpoint"], identity.origin, identity.keys)
    whole = b"".join(content.values())
    assert b"drawn" not in whole
    assert b"salt" not in whole
    vault = files.desk.shelf.vault
    for name in names:
        assert content[name] == (vault / name).read_bytes(), name


def test_the_smallest_picture_is_shown_in_lists() -> None:
    small = MediaSeen(kind="photo", artefact="a" * 64)
    assert picture_of(MediaSeen(kind="video", thumbnail=small), 1, 2) == f"/media/1/2/{'a' * 64}"
    assert picture_of(MediaSeen(kind="photo", artefact="b" * 64), 1, 2) == f"/media/1/2/{'b' * 64}"
    assert picture_of(MediaSeen(kind="video", artefact="b" * 64), 1, 2) is None
    assert picture_of(MediaSeen(kind="photo", thumbnail=MediaSeen(kind="photo")), 1, 2) is None


def test_a_thumbnail_is_served_as_well_as_what_it_stands_for(tmp_path: Path) -> None:
    create(tmp_path / "vault", "test.example/small")
    (tmp_path / "export" / "video").mkdir(parents=True)
    (tmp_path / "export" / "video" / "v.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    (tmp_path / "export" / "video" / "v.mp4_thumb.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    post = message(1, text="seen", file="video/v.mp4", thumbnail="video/v.mp4_thumb.jpg", media_type="video_file",
                   mime_type="text/html")  # fmt: skip
    with Archive.open(tmp_path / "vault", workers=0) as archive:
        import_export(archive, write_export(tmp_path / "export", post, id=5, name="V"))
    with served(tmp_path / "vault") as found:
        text = found.get("/post/1/5").text
        [poster] = re.findall(r'poster="([^"]+)"', text)
        [video] = re.findall(r'<video [^>]*src="([^"]+)"', text)
        assert found.get(poster).headers["content-type"] == "image/jpeg"
        assert found.get(video).headers["content-type"] == "video/mp4"
        assert f'src="{poster}"' in found.get("/posts/5").text


def test_a_file_that_ends_too_soon_ends_the_answer(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    with open(tmp_path / "a", "rb") as handle:
        assert b"".join(_chunks(handle, 1, 100)) == b"bc"


def test_numbers_beyond_all_logs_are_no_file(files: Served) -> None:
    for path in (f"/media/{10**30}/0/", f"/media/1/{10**30}/"):
        assert files.get(path + "0" * 64).status_code == 404


def test_whoever_leaves_before_the_first_byte_leaves_nothing_open(files: Served, tmp_path: Path) -> None:
    handle = (tmp_path / "a").open("wb")
    response = TidiedResponse(iter([b"abc"]), tidy=handle.close)

    async def gone(_message: object) -> None:
        raise OSError("the reader is gone")

    async def slow(_message: object) -> None:
        await anyio.sleep_forever()

    async def nothing() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def call() -> None:
        with contextlib.suppress(ClientDisconnect):
            await response({"type": "http", "asgi": {"spec_version": "2.4"}}, nothing, gone)

    anyio.run(call)
    assert handle.closed
    again = (tmp_path / "a").open("wb")
    cancelled = TidiedResponse(iter([b"abc"]), tidy=again.close)

    async def cancel() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await cancelled({"type": "http", "asgi": {"spec_version": "2.4"}}, nothing, slow)

    anyio.run(cancel)
    assert again.closed
