"""Whoever does not see, or not well, can use the pages: axe finds nothing serious, and what it cannot find is asked here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Page, expect

from holdfast.archive import Archive, create
from holdfast.importing import import_export
from holdfast.web.users import load_users, store_user
from tests.web.browsing import Chromium, enter
from tests.web.desks import Served, served, wait_for
from tests.web.hostile import ID, hostile_export

pytestmark = pytest.mark.slow
CHANNEL = "4000000001"
PAGES = (
    "/",
    f"/channel/{CHANNEL}",
    f"/channel/{CHANNEL}?kind=standing",
    f"/posts/{CHANNEL}?only=absent",
    f"/post/13/{CHANNEL}",
    f"/post/12/{CHANNEL}",
    "/search",
    "/search?q=%D0%BC%D0%B0%D1%8F%D0%BA",
    f"/search?q=&has=photo&channel={CHANNEL}",
    "/reports",
    "/vault",
    "/entry/1",
    "/take-in",
    "/nowhere",
)
SERIOUS = ("serious", "critical")


def findings(page: Page, *rules: str) -> list[str]:
    """What axe finds, as rule, weight and place; of these rules only, where any are given."""
    how: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        how["runOnly"] = list(rules)
    found: dict[str, Any] = Axe().run(page, options=how).response
    return [
        f"{each['impact']} {each['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for each in found["violations"]
        for node in each["nodes"]
        if each["impact"] in SERIOUS
    ]


def read_by(page: Page, base: str, paths: tuple[str, ...]) -> None:
    """Nothing serious on any of the pages, light and dark, for a desk and for a phone."""
    for path in paths:
        page.goto(base + path)
        assert findings(page) == [], path
        # What else differs in the dark and on a phone.
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 844})
        assert findings(page, "color-contrast", "scrollable-region-focusable", "target-size") == [], path
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 800})


@pytest.fixture
def reader(chromium: Chromium) -> Iterator[Page]:
    """A reader whose browser lets axe in: the policy of our pages would not."""
    context = chromium.do(lambda: chromium.context(bypass_csp=True))
    yield chromium.do(context.new_page)
    chromium.do(context.close)


def test_no_page_has_a_serious_finding(reader: Page, live: Served) -> None:
    enter(reader, live)
    read_by(reader, live.base, PAGES)


def test_the_demos_own_pages_have_no_serious_finding(reader: Page, demo: Served) -> None:
    enter(reader, demo)
    read_by(reader, demo.base, ("/", f"/channel/{CHANNEL}", f"/post/7/{CHANNEL}", f"/post/11/{CHANNEL}"))


def test_axe_does_find_what_is_wrong(reader: Page, live: Served) -> None:
    enter(reader, live)
    reader.evaluate(
        "document.querySelector('main').innerHTML = '<img src=/static/icon.svg><select></select>'"
    )
    assert {each.split()[1] for each in findings(reader)} >= {"image-alt:", "select-name:"}


def test_a_checked_proof_has_no_serious_finding_folded_or_open(reader: Page, live: Served) -> None:
    enter(reader, live)
    reader.goto(f"{live.base}/post/13/{CHANNEL}")
    reader.get_by_role("button", name="Check the proof in this browser").click()
    expect(reader.locator("#checking")).to_have_attribute("data-verdict", "good")
    reader.evaluate("document.querySelectorAll('details').forEach((e, at) => { e.open = at % 9 === 0; })")
    for scheme in ("light", "dark"):
        reader.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert findings(reader) == []


def test_a_hostile_vault_has_no_serious_finding(reader: Page, tmp_path: Path) -> None:
    create(tmp_path / "vault", "test.example/hostile")
    with Archive.open(tmp_path / "vault", workers=0) as archive:
        import_export(archive, hostile_export(tmp_path / "export"))
    with served(tmp_path / "vault") as found:
        enter(reader, found)
        read_by(
            reader, found.base, ("/", f"/post/1/{ID}", f"/post/10/{ID}", f"/post/21/{ID}", f"/posts/{ID}")
        )


def test_the_pages_of_jobs_and_errors_have_no_serious_finding(reader: Page, server: Served) -> None:
    enter(reader, server)
    done = server.post("/vault/verify")
    wait_for(server, done)
    failed = server.post("/take-in/upload", files={"file": ("a.zip", b"PK\x03\x04 no zip")})
    wait_for(server, failed)
    server.post("/take-in/watch", data={"do": "add", "name": "@somebody"})
    paths = (done.headers["location"], failed.headers["location"], "/take-in", "/search?q=%22")
    read_by(reader, server.base, paths)


def test_the_door_has_no_serious_finding(reader: Page, export_vault: Path, tmp_path: Path) -> None:
    store_user(tmp_path / "vault", "olena", "correct horse battery", "viewer")
    with served(export_vault, users=load_users(tmp_path / "vault")) as found:
        read_by(reader, found.base, ("/sign-in", "/enter?token=used"))
        reader.goto(f"{found.base}/sign-in")
        reader.get_by_label("Name").fill("olena")
        reader.get_by_label("Password").fill("wrong")
        reader.keyboard.press("Enter")
        expect(reader.get_by_role("alert")).to_be_visible()
        assert findings(reader) == []
        reader.get_by_label("Name").fill("olena")
        reader.get_by_label("Password").fill("correct horse battery")
        reader.keyboard.press("Enter")
        reader.wait_for_url(f"{found.base}/")
        read_by(reader, found.base, ("/take-in",))


# What axe does not ask: one heading, a language, drawings with words, tables with heads, no id twice.
NAMED = """() => {
  const bad = [];
  if (document.querySelectorAll("h1").length !== 1) bad.push("not one h1");
  if (!document.documentElement.lang) bad.push("no language");
  if (document.querySelectorAll("main").length !== 1) bad.push("not one main");
  for (const e of document.querySelectorAll("svg")) if (e.getAttribute("role") !== "img" || !e.getAttribute("aria-label")) bad.push("a drawing without words");
  for (const e of document.querySelectorAll("table")) if (!e.querySelector("th[scope]")) bad.push("a table without heads");
  for (const e of document.querySelectorAll("a")) if (!e.textContent.trim() && !e.querySelector("img[alt]")) bad.push(`a link without words: ${e.outerHTML.slice(0, 80)}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id).filter((id) => id !== "hatch");
  if (new Set(ids).size !== ids.length) bad.push(`ids twice: ${ids.filter((id, at) => ids.indexOf(id) !== at)}`);
  return bad;
}"""


def test_headings_drawings_and_tables_say_what_they_are(page: Page, live: Served) -> None:
    enter(page, live)
    for path in PAGES:
        page.goto(live.base + path)
        assert page.evaluate(NAMED) == [], path


def test_every_drawing_is_told_in_a_table_beside_it(page: Page, live: Served) -> None:
    enter(page, live)
    for path in (f"/channel/{CHANNEL}", f"/post/13/{CHANNEL}"):
        page.goto(live.base + path)
        label = page.locator("figure .wide svg").get_attribute("aria-label")
        assert label is not None
        assert "table" in label
        assert page.locator("figure ~ * table, figure ~ details table").count() >= 1
        assert page.locator("figure .wide svg title").count() > 5, "marks have words of their own"
