"""A real Chromium for tests, driven by Playwright: one browser a worker, a fresh context a test, and a list of its misdeeds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from holdfast.web.sessions import COOKIE
from tests.web.desks import Served

__all__ = ["DESK", "PHONE", "Chromium", "Misdeeds", "chromium_or_skip", "enter", "find_chromium"]

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 30_000.0

Done = TypeVar("Done")


def find_chromium() -> str | None:
    """The system's browser, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Chromium:
    """One browser in a thread of its own: Playwright's loop must not be seen by tests that run loops themselves.

    All that touches it goes through `do`; a test that asks for the fixture `page` runs there as a whole.
    """

    def __init__(self, binary: str) -> None:
        self._thread = ThreadPoolExecutor(1, "browser")
        self._playwright: Playwright = self.do(lambda: sync_playwright().start())
        self.browser: Browser = self.do(lambda: self._launched(binary))

    def _launched(self, binary: str) -> Browser:
        return self._playwright.chromium.launch(
            executable_path=binary,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text",
                # Were a page to ask for somebody else, the request would be noted, and still not leave this machine.
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            ],
        )  # fmt: skip

    def do(self, act: Callable[[], Done]) -> Done:
        """Do something where the browser lives, and wait for it."""
        return self._thread.submit(act).result()

    def context(self, **how: Any) -> BrowserContext:
        """A reader's browser, with nothing in it yet. Call it within `do`."""
        how.setdefault("viewport", DESK)
        found = self.browser.new_context(**how)
        found.set_default_timeout(PATIENCE_MS)
        return found

    def close(self) -> None:
        self.do(self.browser.close)
        self.do(self._playwright.stop)
        self._thread.shutdown()


def chromium_or_skip() -> str:
    """Where the browser lies; a test without one is skipped, but fails where CI=true: green must mean that it ran."""
    found = find_chromium()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("no Chromium: where CI=true the pages must be tested in a browser")
    pytest.skip("no Chromium on this machine: the pages are not tested in a browser here")


class Misdeeds:
    """What no page may do, as it happens: errors on the console, dialogs, requests to anyone but the server."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        context.on("console", lambda told: self._said(told.type, told.text))
        context.on("weberror", lambda told: self.complaints.append(f"exception: {told.error}"))
        context.on("dialog", self._dialog)
        context.on("request", lambda asked: self.requests.append(asked.url))

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "assert", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def forget(self) -> None:
        """What happened so far was expected."""
        self.complaints.clear()
        self.requests.clear()

    def none_on(self, found: Served) -> None:
        """Fail if there was any."""
        assert not self.complaints, self.complaints
        others = [
            each for each in self.requests if not each.startswith((f"{found.base}/", "data:image/", "blob:"))
        ]
        assert not others, others


def enter(page: Page, found: Served) -> None:
    """Be signed in as an editor, on the first page."""
    secret = found.desk.sessions.begin("editor", None)
    page.context.add_cookies(
        [{"name": COOKIE, "value": secret, "url": found.base, "httpOnly": True, "sameSite": "Strict"}]
    )
    page.goto(found.base)
