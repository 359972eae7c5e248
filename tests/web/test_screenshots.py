"""Pictures of the pages for the README, drawn anew with HOLDFAST_SCREENSHOTS=docs/pictures; otherwise only their making is tested."""

from __future__ import annotations

import os
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from holdfast.demo import PUBLISHED, write_reports
from holdfast.reports.checking import check_report
from holdfast.reports.transcripts import import_transcript
from tests.reports.archives import TRANSCRIPT, VIDEO, opened, scenario_text, watched
from tests.web.browsing import DESK, PHONE, enter
from tests.web.desks import Served, served

pytestmark = pytest.mark.slow
# Read here, while the module is loaded: no test sees the user's variables.
ASKED = os.environ.get("HOLDFAST_SCREENSHOTS")
CHANNEL = "4000000001"
BYTES_MOST = 150_000
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "home": ("/", {}),
    "channel": (f"/channel/{CHANNEL}", {}),
    "channel-dark": (f"/channel/{CHANNEL}", {"dark": True}),
    "channel-phone": (f"/channel/{CHANNEL}", {"phone": True}),
    "post": (f"/post/13/{CHANNEL}", {}),
    "proof": (f"/post/11/{CHANNEL}", {"check": True}),
    "search": ("/search?q=berdyansk", {}),
}


@pytest.mark.parametrize("name", PICTURES if ASKED else ["channel-phone", "proof"])
def test_pictures_of_the_pages_are_taken(
    page: Page, live: Served, demo: Served, tmp_path: Path, name: str
) -> None:
    path, how = PICTURES[name]
    # A proof with few entries, so that its steps can be seen.
    found = demo if how.get("check") else live
    page.set_viewport_size(PHONE if how.get("phone") else DESK)  # type: ignore[arg-type]  # a dict is what it takes
    page.emulate_media(color_scheme="dark" if how.get("dark") else "light", reduced_motion="reduce")
    enter(page, found)
    page.goto(found.base + path)
    if how.get("check"):
        page.get_by_role("button", name="Check the proof in this browser").click()
        expect(page.locator("#checking")).to_have_attribute("data-verdict", "good")
    page.wait_for_load_state("networkidle")
    folder = Path(ASKED) if ASKED else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(packed(page, page.screenshot()))
    assert (folder / f"{name}.png").stat().st_size < BYTES_MOST


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The tour's reconstructed channel, with one of its two invented reports checked."""
    folder = tmp_path_factory.mktemp("reported")
    vault = watched(folder / "vault", scenario_text())
    _, russian = write_reports(folder)
    with opened(vault) as archive:
        import_transcript(archive, TRANSCRIPT, VIDEO)
        check_report(archive, russian, published=PUBLISHED[russian.name], outlet="Выдуманный вестник")
    with served(vault) as found:
        yield found


def test_a_picture_of_a_report_is_taken(page: Page, reported: Served, tmp_path: Path) -> None:
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # a dict is what it takes
    enter(page, reported)
    page.goto(reported.base + "/reports")
    page.get_by_role("link", name="Эта заметка выдумана").click()
    page.wait_for_load_state("networkidle")
    folder = Path(ASKED) if ASKED else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.png").write_bytes(packed(page, page.screenshot()))
    assert (folder / "report.png").stat().st_size < BYTES_MOST


def packed(page: Page, picture: bytes) -> bytes:
    """The same pixels in fewer bytes: the browser packs for speed, and its filters do letters no good."""
    page.goto("about:blank")
    width, height, pixels = page.evaluate(PIXELS, b64encode(picture).decode())
    rgba = b64decode(pixels)
    rgb = bytearray(3 * width * height)
    for at in range(3):
        rgb[at::3] = rgba[at::4]
    rows = b"".join(b"\0" + rgb[at : at + 3 * width] for at in range(0, len(rgb), 3 * width))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


PIXELS = """async (picture) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const drawn = canvas.getContext("2d");
  drawn.drawImage(image, 0, 0);
  const pixels = drawn.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < pixels.length; at += 8192) text += String.fromCharCode(...pixels.subarray(at, at + 8192));
  return [image.width, image.height, btoa(text)];
}"""
