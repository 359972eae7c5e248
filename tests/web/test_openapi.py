"""The JSON twins as their OpenAPI description says: whatever is asked for, an answer of the described shape comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from holdfast.web.app import API, PAGES, TWINS, application
from holdfast.web.desk import Desk
from holdfast.web.openapi import description
from holdfast.web.sessions import Sessions
from holdfast.web.shelf import Shelf
from holdfast.web.watchlist import WatchList
from holdfast.web.work import Worker
from tests.web.desks import Served

EXAMPLES = 15
CHANNEL = "4000000001"
PATHS = tuple(each.path for each in TWINS)


def plain(path: str) -> str:
    """A path as the description spells it."""
    return path.replace(":path}", "}").replace(":int}", "}")


@pytest.fixture(scope="module")
def reader(live_vault: Path) -> tuple[Starlette, dict[str, str]]:
    """The application without a server, and the headers of somebody who is signed in."""
    sessions = Sessions()
    worker = Worker(live_vault, WatchList(live_vault), policy=None, base="https://t.me", workers=0)
    desk = Desk(Shelf(live_vault), worker, sessions, None)
    app = application(desk, {"localhost"}, {"http://localhost"})
    secret = sessions.begin("viewer", None)
    return app, {"Host": "localhost", "Cookie": f"{sessions.cookie}={secret}"}


@pytest.fixture(scope="module")
def schema(reader: tuple[Starlette, dict[str, str]]) -> Any:
    app, headers = reader
    return schemathesis.openapi.from_asgi(f"{API}/openapi.json", app, headers=headers)


KNOWN = {"channel": CHANNEL, "post": "13", "entry": 1}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_an_answer_as_described_comes_back(
    schema: Any, reader: tuple[Starlette, dict[str, str]], path: str, mode: GenerationMode
) -> None:
    _, headers = reader
    operation = schema[plain(path)]["GET"]
    known = {name: value for name, value in KNOWN.items() if f"{{{name}" in path}
    asked = [operation.as_strategy(generation_mode=mode)]
    if known:
        # Made-up channels lead nowhere: one that is there, with words of the query that are made up.
        asked.append(operation.as_strategy(generation_mode=mode, path_parameters=known))

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.one_of(asked))
    def ask(case: Any) -> None:
        answer = case.call(headers=headers)
        assert answer.status_code in (200, 400, 404), answer.status_code
        case.validate_response(answer, checks=CHECKS)

    ask()


def test_every_page_has_a_twin_and_every_twin_is_described(live: Served) -> None:
    told = live.get(f"{API}/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {plain(each.path) for each in TWINS}
    assert {f"{API}{twin}" for _, twin, *_ in PAGES} == set(PATHS)
    for path, how in told["paths"].items():
        named = {each["name"] for each in how["get"]["parameters"] if each["in"] == "path"}
        assert named == {part.strip("{}") for part in path.split("/") if part.startswith("{")}, path
        assert all(each["schema"] for each in how["get"]["parameters"])
    assert told["components"]["securitySchemes"]["session"]["name"] == live.desk.sessions.cookie


def test_the_description_names_the_command_whose_answer_it_is() -> None:
    paths = description(TWINS, "cookie")["paths"]
    assert "holdfast find --json" in paths[f"{API}/search"]["get"]["description"]
    assert paths[f"{API}/vault"]["get"]["description"] == paths[f"{API}/vault"]["get"]["summary"]


@pytest.mark.parametrize(
    "path",
    [
        f"/entries/{10**30}",
        f"/entries/{2**63}",
        f"/reports/{10**30}",
        f"/reports/compare?entry={10**30}",
        "/entries/-1",
        "/vault?from=" + "9" * 18,
        "/vault?from=" + "9" * 400,
        f"/posts/{CHANNEL}?before=-{10**18}",
        f"/posts/{CHANNEL}?before=abc",
        f"/posts/{CHANNEL}?before=" + "9" * 19,
        f"/channel/{CHANNEL}?skip={10**17}",
        f"/channel/{CHANNEL}?from=%00&to=%ff",
        f"/post/{10**18}/{CHANNEL}",
        f"/post/{'9' * 19}/{CHANNEL}",
        f"/post/-{'9' * 19}/{CHANNEL}",
        f"/post/{'9' * 200}/{CHANNEL}",
        "/search?q=" + "%28" * 300,
        "/search?q=a&offset=" + "9" * 30,
        "/search?q=" + "a*" * 400,
        "/search?q=%22%00%ed%a0%80",
        "/jobs/..%2f..%2fetc",
        "/channel/" + "x" * 5000,
    ],
)
def test_numbers_and_words_beyond_all_bounds_are_answered_in_good_order(live: Served, path: str) -> None:
    answer = live.get(f"{API}{path}")
    assert answer.status_code in (200, 400, 404), answer.text[:300]
    assert answer.json()["ok"] is (answer.status_code == 200)
