"""Hostile exports in a real Chromium: nothing of them runs, asks for anything, or passes for something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from holdfast.archive import Archive, create
from holdfast.importing import import_export
from tests.web.browsing import Chromium, Misdeeds, enter
from tests.web.desks import Served, served
from tests.web.hostile import ARABIC, HTML, ID, SCRIPT, SVG, hostile_export

pytestmark = pytest.mark.slow
POSTS = (1, 2, 10, 11, 12, 20, 21)
PATHS = (
    "/",
    f"/channel/{ID}",
    f"/channel/{ID}?kind=all",
    f"/posts/{ID}",
    f"/posts/{ID}?only=media",
    "/search?q=file",
    "/search?q=script",
    f"/search?q=script&channel={ID}&sort=newest",
    "/vault",
    "/take-in",
    "/entry/0",
    "/entry/1",
    *(f"/post/{number}/{ID}" for number in POSTS),
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    create(folder / "vault", "test.example/hostile")
    with Archive.open(folder / "vault", workers=0) as archive:
        import_export(archive, hostile_export(folder / "export"))
    with served(folder / "vault") as found:
        yield found


def test_a_hostile_vault_does_nothing_but_look_odd(page: Page, misdeeds: Misdeeds, hostile: Served) -> None:
    enter(page, hostile)
    for path in PATHS:
        page.goto(hostile.base + path)
        foreign = page.locator(
            "script:not([src^='/static/']), iframe, frame, object, embed, base, style, [style], [srcdoc]"
        )
        assert foreign.count() == 0, path
        handlers = "[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length"
        assert page.evaluate(handlers) == 0, path
        strange = "[...document.links].filter((e) => !/^https?:/.test(e.href)).map((e) => e.href)"
        assert page.evaluate(strange) == [], path
        for link in page.locator("a[target=_blank]").all():
            assert "noopener" in (link.get_attribute("rel") or ""), path
        misdeeds.none_on(hostile)


def test_scripts_of_a_hostile_vault_would_not_run_even_if_they_stood_in_a_page(
    page: Page, misdeeds: Misdeeds, hostile: Served
) -> None:
    enter(page, hostile)
    page.goto(f"{hostile.base}/post/1/{ID}")
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate("(text) => { document.getElementById('captured').innerHTML = text; }", SCRIPT)
    with page.expect_event("requestfailed") as waited:
        page.evaluate(
            "() => { const e = document.createElement('img'); e.setAttribute('src', 'https://evil.example/x.png');"
            " document.getElementById('captured').append(e); }"
        )
    assert waited.value.failure == "csp", "it was stopped before it was sent"
    assert any("Content Security Policy" in each for each in misdeeds.complaints)
    assert not [each for each in misdeeds.complaints if each.startswith("dialog")]


def test_archived_pages_and_drawings_are_saved_and_never_opened(
    page: Page, misdeeds: Misdeeds, hostile: Served
) -> None:
    enter(page, hostile)
    for number, content in ((10, SVG), (11, HTML), (12, SVG), (20, HTML)):
        page.goto(f"{hostile.base}/post/{number}/{ID}")
        link = page.locator("figure.media a[href^='/media/']").first
        address = link.get_attribute("href")
        assert address is not None
        with page.expect_download() as waited:
            page.evaluate("(address) => { location.assign(address); }", address)
        assert Path(waited.value.path()).read_bytes() == content
        assert waited.value.suggested_filename.endswith((".svg", ".html", ".jpg", ".png", "_"))
        assert page.url.endswith(f"/post/{number}/{ID}"), "the page is still there"
    misdeeds.none_on(hostile)


def test_right_to_left_text_stands_from_the_right_and_turns_nothing_else(page: Page, hostile: Served) -> None:
    enter(page, hostile)
    page.goto(f"{hostile.base}/post/2/{ID}")
    captured = page.locator("#captured")
    expect(captured).to_contain_text(ARABIC)
    assert captured.evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    assert page.locator("main").evaluate("(e) => getComputedStyle(e).direction") == "ltr"
    page.goto(f"{hostile.base}/post/1/{ID}")
    assert "\u202e" not in page.locator("body").inner_text()
    assert "⟨U+202E⟩" in captured.inner_text()


def test_a_look_alike_link_shows_what_it_asks_for(page: Page, hostile: Served) -> None:
    enter(page, hostile)
    page.goto(f"{hostile.base}/post/1/{ID}")
    captured = page.locator("#captured")
    for true in ("⟨https://evil.example/login⟩", "⟨javascript:alert(6)⟩", "xn--80ak6aa92e.example"):
        expect(captured).to_contain_text(true)
    assert captured.locator("a", has_text="press here").count() == 0


def test_the_proof_of_a_hostile_post_is_checked_all_the_same(
    page: Page, misdeeds: Misdeeds, hostile: Served
) -> None:
    enter(page, hostile)
    for number in POSTS:
        page.goto(f"{hostile.base}/post/{number}/{ID}")
        page.get_by_role("button", name="Check the proof in this browser").click()
        expect(page.locator("#checking")).to_have_attribute("data-verdict", "good")
    misdeeds.none_on(hostile)


def test_names_of_any_length_break_no_page_on_a_phone(page: Page, hostile: Served) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    enter(page, hostile)
    for path in PATHS:
        page.goto(hostile.base + path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, (path, page.evaluate(BROAD))


BROAD = "[...document.querySelectorAll('#main *')].filter((e) => e.getBoundingClientRect().right > 361).map((e) => e.outerHTML.slice(0, 120))"


def test_a_page_of_somebody_else_can_neither_post_nor_read_nor_frame(
    chromium: Chromium, hostile: Served
) -> None:
    """Another site that is open in the same browser, played by a second server on loopback."""
    context = chromium.context()
    page = context.new_page()
    enter(page, hostile)
    other = hostile.base.replace("127.0.0.1", "127.0.0.2")
    page.route("http://127.0.0.2*/**", lambda route: route.fulfill(body="<h1>another</h1>", content_type="text/html"))  # fmt: skip
    page.goto(f"{other}/")
    send = f"fetch('{hostile.base}/vault/verify', {{method: 'POST', mode: 'no-cors', credentials: 'include'}}).then((r) => r.type, () => 'refused')"
    assert page.evaluate(send) in ("opaque", "refused")
    assert not hostile.desk.worker.jobs, "nothing was begun"
    read = f"fetch('{hostile.base}/api/v1/status', {{credentials: 'include'}}).then((r) => r.text(), () => 'refused')"
    assert page.evaluate(read) == "refused"
    framed = (
        f"new Promise((done) => {{ const f = document.createElement('iframe'); f.src = '{hostile.base}/'; f.onload = () => {{"
        " try { done(f.contentDocument ? f.contentDocument.body.textContent : 'closed'); } catch { done('closed'); } };"
        " document.body.append(f); }"
        ")"
    )
    assert page.evaluate(framed) == "closed"
    form = (
        f"(() => {{ const f = document.createElement('form'); f.method = 'post'; f.action = '{hostile.base}/vault/verify';"
        " document.body.append(f); f.submit(); })()"
    )
    with page.expect_navigation() as waited:
        page.evaluate(form)
    answer = waited.value
    assert answer is not None
    assert answer.status == 403
    assert not hostile.desk.worker.jobs
    context.close()
