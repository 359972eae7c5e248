"""The pages in a real Chromium: by eye, by keyboard, on a phone, in the dark, in print, and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from holdfast.web.language import LANGUAGES
from tests.capture.exports import export_bytes, message
from tests.web.browsing import Chromium, Misdeeds, enter
from tests.web.desks import Served

pytestmark = pytest.mark.slow
CHANNEL = "4000000001"
PAGES = (
    "/",
    f"/channel/{CHANNEL}",
    f"/channel/{CHANNEL}?kind=all",
    f"/posts/{CHANNEL}",
    f"/post/13/{CHANNEL}",
    f"/post/12/{CHANNEL}",
    "/search",
    "/search?q=%D0%BC%D0%B0%D1%8F%D0%BA",
    "/vault",
    "/entry/1",
    "/take-in",
)


def test_the_link_leads_to_the_channels_and_stays_in_no_address(page: Page, live: Served) -> None:
    page.goto(f"{live.base}/enter?token={live.desk.sessions.token()}")
    page.wait_for_url(f"{live.base}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Channels")
    assert page.evaluate("document.cookie") == "", "no script can read the session"
    page.go_back()
    assert "token" not in page.evaluate("document.body.innerHTML")


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_no_page_complains_or_asks_anyone_else_or_scrolls_sideways(
    page: Page, misdeeds: Misdeeds, shown: Served
) -> None:
    enter(page, shown)
    for path in PAGES:
        answer = page.goto(shown.base + path)
        assert answer is not None
        assert answer.status == 200, path
        assert fits(page), path
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 740})
        assert fits(page), path
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 800})
    misdeeds.none_on(shown)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_page_fits_a_phone_in_every_language(page: Page, live: Served, language: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page, live)
    page.get_by_role("combobox").select_option(language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    for path in PAGES:
        page.goto(live.base + path)
        assert page.locator("html").get_attribute("lang") == language
        assert fits(page), path


def test_a_phone_gets_a_drawing_made_for_it(page: Page, live: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, live)
    page.goto(f"{live.base}/channel/{CHANNEL}")
    expect(page.locator("figure .narrow")).to_be_visible()
    expect(page.locator("figure .wide")).to_be_hidden()
    small = page.evaluate(
        "Math.min(...[...document.querySelectorAll('.narrow text')].map((e) => e.getBoundingClientRect().height))"
    )
    assert small >= 9, "letters on a phone can be read"


def test_the_dark_is_dark_and_the_light_is_light(page: Page, live: Served) -> None:
    enter(page, live)
    lightness = "(() => { const p = getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).map(Number); return p[0] + p[1] + p[2]; })()"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(lightness) < 150
    page.emulate_media(color_scheme="light")
    assert page.evaluate(lightness) > 650


# -- by keyboard --------------------------------------------------------------------------------------


def test_a_search_goes_by_keyboard_from_the_first_key_to_the_proof(
    page: Page, misdeeds: Misdeeds, live: Served
) -> None:
    enter(page, live)
    page.keyboard.press("/")
    expect(page.locator("#quick")).to_be_focused()
    page.keyboard.type("маяк")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("маяк")
    page.keyboard.press("ArrowDown")
    hits = page.locator(".hit h2 a")
    expect(hits.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    address = hits.first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.base}{address}")
    tab_to(page, "#check")
    page.keyboard.press("Enter")
    expect(page.locator("#check-verdict")).to_have_text("Everything that was checked holds.")
    misdeeds.none_on(live)


def tab_to(page: Page, wanted: str) -> None:
    """Go there with the Tab key alone, as somebody without a mouse must."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.locator(wanted).evaluate("(e) => e === document.activeElement"):
            return
    pytest.fail(f"the Tab key never reaches {wanted}")


def test_the_reader_skips_to_the_content_with_the_first_key(page: Page, live: Served) -> None:
    enter(page, live)
    page.goto(f"{live.base}/vault")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_what_has_the_focus_is_seen_to_have_it(page: Page, live: Served) -> None:
    enter(page, live)
    for path in (f"/post/13/{CHANNEL}", f"/channel/{CHANNEL}", "/take-in"):
        page.goto(live.base + path)
        for _ in range(25):
            page.keyboard.press("Tab")
            drawn = page.evaluate(
                "document.activeElement === document.body ? 'nothing' :"
                " getComputedStyle(document.activeElement.matches('.hidden') ? document.activeElement.closest('label') :"
                " document.activeElement).outlineStyle"
            )
            assert drawn != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_a_channel_is_taken_from_home_to_a_filtered_table_by_keyboard(page: Page, live: Served) -> None:
    enter(page, live)
    tab_to(page, ".card h2 a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/channel/{CHANNEL}")
    tab_to(page, "select[name=kind]")
    page.keyboard.type("Stand")
    tab_to(page, ".filters button")
    page.keyboard.press("Enter")
    page.wait_for_url("**kind=standing**")
    assert {each.split()[0] for each in page.locator("tbody tr").evaluate_all(
        "(rows) => rows.map((e) => e.className.replace('event ', ''))")} == {"event-standing", "event-gap"}  # fmt: skip


# -- what a script adds -------------------------------------------------------------------------------


def test_lists_have_no_end(page: Page, misdeeds: Misdeeds, live: Served) -> None:
    enter(page, live)
    page.goto(f"{live.base}/posts/{CHANNEL}")
    page.mouse.wheel(0, 20_000)
    expect(page.locator(".post")).to_have_count(22)
    expect(page.locator("a[data-next]")).to_have_count(0)
    misdeeds.none_on(live)


def test_times_stand_in_the_readers_zone_with_utc_beside(chromium: Chromium, live: Served) -> None:
    context = chromium.context(timezone_id="Europe/Kyiv")
    page = context.new_page()
    enter(page, live)
    page.goto(f"{live.base}/post/13/{CHANNEL}")
    told = page.locator("time[datetime='2023-11-17T11:00:00Z']").first.inner_text()
    assert "1:00" in told
    assert "(2023-11-17 11:00 UTC)" in told
    context.close()


def test_a_check_of_the_vault_is_followed_live(page: Page, misdeeds: Misdeeds, server: Served) -> None:
    enter(page, server)
    page.goto(f"{server.base}/vault")
    page.get_by_role("button", name="Check every byte of the vault").click()
    expect(page.locator(".stands.good")).to_contain_text("Holds: every byte")
    misdeeds.none_on(server)


def test_a_file_is_taken_in_from_the_page(page: Page, misdeeds: Misdeeds, empty: Served) -> None:
    enter(page, empty)
    page.goto(f"{empty.base}/take-in")
    body = export_bytes(message(1, text="hello"), id=5, name="Taken")
    file = {"name": "result.json", "mimeType": "application/json", "buffer": body}
    page.get_by_label("A zip or a JSON file").set_input_files(file)  # type: ignore[arg-type]  # a dict is what it takes
    page.get_by_role("button", name="Take it in").first.click()
    expect(page.locator(".stands.good")).to_contain_text("Complete")
    expect(page.locator(".card h2")).to_have_text("Taken")
    misdeeds.none_on(empty)


def test_a_folder_is_taken_in_from_the_page(page: Page, empty: Served, tmp_path: Path) -> None:
    folder = tmp_path / "ChatExport_2024-01-02"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "result.json").write_bytes(export_bytes(message(1, photo="photos/p.png"), id=6, name="Whole"))
    enter(page, empty)
    page.goto(f"{empty.base}/take-in")
    page.get_by_label("A folder").set_input_files(folder)
    page.get_by_role("button", name="Take it in").nth(1).click()
    expect(page.locator(".stands.good")).to_contain_text("Complete")
    assert empty.data("/status")["captures"][0]["exported_hint"] == "2024-01-02", "the folder keeps its name"


def test_an_upload_that_is_refused_says_why_on_the_page(
    page: Page, misdeeds: Misdeeds, empty: Served
) -> None:
    enter(page, empty)
    page.goto(f"{empty.base}/take-in")
    long = {"name": "x" * 300, "mimeType": "application/json", "buffer": b"{}"}
    page.get_by_label("A zip or a JSON file").set_input_files(long)  # type: ignore[arg-type]  # as above
    page.get_by_role("button", name="Take it in").first.click()
    expect(page.get_by_role("alert")).to_contain_text("name")
    assert [each for each in misdeeds.complaints if "422" not in each] == []


# -- without a script, and on paper -------------------------------------------------------------------


def test_pages_work_without_a_script(chromium: Chromium, shown: Served) -> None:
    context = chromium.context(java_script_enabled=False)
    misdeeds = Misdeeds(context)
    page = context.new_page()
    enter(page, shown)
    for path in PAGES:
        page.goto(shown.base + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"{shown.base}/search")
    page.locator("#q").fill("собака")
    page.get_by_role("button", name="Find").click()
    page.locator(".hit h2 a").first.click()
    expect(page.locator("#captured")).to_contain_text("обака")
    expect(page.locator("#check")).to_be_hidden()
    expect(page.locator("noscript p")).to_be_visible()
    page.goto(f"{shown.base}/posts/{CHANNEL}")
    page.get_by_label("Language").select_option("uk")
    page.get_by_role("button", name="Switch").click()
    assert page.locator("html").get_attribute("lang") == "uk"
    misdeeds.none_on(shown)
    context.close()


def test_a_check_is_followed_without_a_script(chromium: Chromium, server: Served) -> None:
    context = chromium.context(java_script_enabled=False)
    page = context.new_page()
    enter(page, server)
    page.goto(f"{server.base}/vault")
    page.get_by_role("button", name="Check every byte of the vault").click()
    expect(page.locator(".stands.good")).to_contain_text("Holds: every byte")
    context.close()


@pytest.mark.parametrize("path", [f"/post/13/{CHANNEL}", f"/channel/{CHANNEL}", "/vault"])
def test_a_page_prints_black_on_white_without_what_only_a_screen_can_do(
    page: Page, live: Served, path: str
) -> None:
    enter(page, live)
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(live.base + path)
    for each in (".top", ".filters", ".pager", "#check"):
        for found in page.locator(each).all():
            expect(found).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(FAINT) == []
    for table in page.locator(".scroll").all():
        assert table.evaluate("(e) => e.scrollHeight <= e.clientHeight"), "a table is printed whole"
    for folded in page.locator("#main details pre, #main details td").all():
        expect(folded).to_be_visible()
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF-")
    pages = pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ")
    assert 1 <= pages <= 12


# Letters that would be pale on paper: lighter than a mid grey.
FAINT = """() => {
  const bad = new Set();
  const walk = document.createTreeWalker(document.getElementById("main"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.checkVisibility() || e.closest("option, .hidden, noscript, .mark-value")) continue;
    const c = getComputedStyle(e)[e.closest("svg") ? "fill" : "color"].match(/[\\d.]+/g).map(Number);
    if (c[0] + c[1] + c[2] > 390) bad.add(`${e.tagName}.${e.className.baseVal ?? e.className}`);
  }
  return [...bad];
}"""
