"""docs/scenarios.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from holdfast.fake_telegram import parse_scenario
from holdfast.fake_telegram.parts import EVENTS, FAULTS, KINDS, MEDIA, SERVICES


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "scenarios.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_whole_scenario_of_the_document_can_be_played(page: str) -> None:
    (source,) = blocks(page, "toml")
    told = parse_scenario(source)
    assert [event.kind for event in told.truth("pier_news")] == [
        "post appeared", "post appeared", "post edited", "label added", "post vanished",
    ]  # fmt: skip


def test_the_python_of_the_document_runs(page: str) -> None:
    (source,) = blocks(page, "python")
    exec(compile(source, "docs/scenarios.md", "exec"), {})


def test_every_kind_of_everything_is_in_the_document(page: str) -> None:
    for word in (*EVENTS, *FAULTS, *MEDIA):
        assert f"`{word}`" in page, word
    for word in (*KINDS, *SERVICES):
        assert f'"{word}"' in page, word


def test_every_key_that_a_file_may_have_is_in_the_document(page: str, repository: Path) -> None:
    room = repository / "src" / "holdfast" / "fake_telegram"
    source = "".join((room / name).read_text() for name in ("reading.py", "reading_posts.py"))
    keys = set(re.findall(r'(?:table|growth|run)\.\w+\(\s*"(\w+)"', source))
    assert len(keys) > 50
    missing = {key for key in keys if not re.search(rf"\b{key}\b", page)}
    assert missing == set()
