"""Vaults to look at, made once a run, servers in front of them, and a browser."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from holdfast.archive import Archive, create
from holdfast.demo import write_exports
from holdfast.fake_telegram import ScenarioClock, demo_scenario, serve_in_thread
from holdfast.fetch import Door, Policy
from holdfast.importing import import_export
from holdfast.watching.clock import RehearsalClock
from holdfast.watching.run import Options, watch
from holdfast.watching.web import WebSource, note_attempt
from tests.web.browsing import Chromium, Misdeeds, chromium_or_skip
from tests.web.desks import Served, served

ORIGIN = "test.example/web"
CHANNEL = "4000000001"


@pytest.fixture(scope="session")
def live_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of a channel that is watched: growth, an edit, a disappearance, a gap, another title, and its end."""
    vault = tmp_path_factory.mktemp("live") / "vault"
    scenario = demo_scenario()
    clock = ScenarioClock(scenario.start)
    rehearsal = RehearsalClock(clock, clock.advance)
    create(vault, ORIGIN, clock=rehearsal.now)
    with serve_in_thread(scenario, clock) as server:

        async def look() -> None:
            policy = Policy(allowed_hosts=(server.base_url.partition("//")[2],), allow_private=True)
            async with Door(policy, on_exchange=note_attempt, clock=clock, sleep=rehearsal.sleep) as door:
                with Archive.open(vault, clock=rehearsal.now, workers=0) as archive:
                    source = WebSource(door, server.base_url, rehearsal.now)
                    until = int(scenario.start) + 48 * 3600
                    await watch(
                        archive, [(source, "quiet_shore_demo")], Options(until=until), clock=rehearsal
                    )

        asyncio.run(look())
    return vault


@pytest.fixture(scope="session")
def export_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up channel as two exports, a day apart, with the exports beside the vault."""
    folder = tmp_path_factory.mktemp("exported")
    vault = folder / "vault"
    create(vault, ORIGIN)
    for path in write_exports(folder / "exports"):
        with Archive.open(vault, workers=0) as archive:
            import_export(archive, path)
    return vault


@pytest.fixture(scope="session")
def live(live_vault: Path) -> Iterator[Served]:
    """A reader who is signed in, in front of the watched channel. Nobody changes anything there."""
    with served(live_vault) as found:
        yield found


@pytest.fixture(scope="session")
def demo(export_vault: Path) -> Iterator[Served]:
    """The same in front of the exported channel."""
    with served(export_vault) as found:
        yield found


@pytest.fixture(params=["live", "demo"])
def shown(request: pytest.FixtureRequest) -> Served:
    """The watched channel of the tour, and the demo's two exports."""
    found: Served = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def server(export_vault: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of its own for each test, over a copy of the exported channel."""
    vault = tmp_path / "vault"
    shutil.copytree(export_vault, vault)
    with served(vault) as found:
        yield found


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """A server over a vault in which nothing is kept yet."""
    create(tmp_path / "vault", ORIGIN)
    with served(tmp_path / "vault") as found:
        yield found


# -- the browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser of this worker."""
    found = Chromium(chromium_or_skip())
    yield found
    found.close()


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """A page of a reader who has never been here."""
    context = chromium.do(chromium.context)
    yield chromium.do(context.new_page)
    chromium.do(context.close)


@pytest.fixture
def misdeeds(chromium: Chromium, page: Page) -> Misdeeds:
    """What the page did that no page may do."""
    return chromium.do(lambda: Misdeeds(page.context))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test with a browser runs in the browser's thread."""
    chromium = pyfuncitem.funcargs.get("chromium")
    if not isinstance(chromium, Chromium):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    chromium.do(lambda: pyfuncitem.obj(**arguments))
    return True
