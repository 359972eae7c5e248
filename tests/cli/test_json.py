"""docs/json.md says what real answers hold: every key, its type, and no key more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.cli import main
from holdfast.demo import write_exports
from holdfast.fake_telegram import ScenarioClock, demo_scenario, parse_scenario, serve_in_thread
from tests.archives import ORIGIN, write_export
from tests.capture.exports import message

ROW = re.compile(r"^\| `([^`]+)` \| (boolean|number|string|object)(\??) \| (.+) \|$", re.MULTILINE)
KINDS: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object"}


def documented(repository: Path) -> dict[str, dict[str, tuple[str, bool]]]:
    """By verb, each key with its type and whether it may be null."""
    text = (repository / "docs" / "json.md").read_text("utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {
        part.partition("\n")[0]: {name: (kind, bool(null)) for name, kind, null, _ in ROW.findall(part)}
        for part in parts
    }


def keys(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from keys(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{path}[]")
    else:
        yield path, value


def named(path: str, known: dict[str, tuple[str, bool]]) -> str | None:
    """The documented key that a path falls under."""
    if path in known:
        return path
    for name in known:
        if name.endswith(".*") and path.startswith(name[:-1]):
            return name
    return None


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Real answers of every verb, of a channel with all that can be met."""
    folder = tmp_path_factory.mktemp("json")
    first, second = write_exports(folder / "exports")
    wounded = write_export(folder / "wounded", message(1), b"{nonsense}", message(2), id=8)
    (vault, proof) = (folder / "vault", folder / "proof")
    group = write_export(
        folder / "group", message(1, date_unixtime=None), type="private_group", id=9, name="G"
    )
    calls = [
        ("init", [str(vault), "--origin", ORIGIN]),
        *(("import", [str(path)]) for path in (first, second, first, second, wounded)),
        ("import", [str(group), "--include-private"]),
        ("find", ["Бердянск"]),
        ("find", ["post"]),
        ("show", ["Тихий берег/11"]),
        ("show", ["Тихий берег/12"]),
        ("show", ["Тихий берег/7"]),
        ("show", ["Тихий берег/9"]),
        ("show", ["quiet_shore_demo/13"]),
        ("prove", ["Тихий берег/7", "--out", str(proof), "--withhold", "author"]),
        (
            "check",
            [str(report_of(folder)), "--published", "2023-11-18T14:00+03:00", "--outlet", "Invented Post"],
        ),
        ("check", [str(report_of(folder)), "--no-keep"]),
        ("check", [str(report_of(folder, "2099-01-01\n")), "--no-keep"]),
        ("check", [str(report_of(folder)), str(report_of(folder, "Again.\n")), "--published", "2023-11-18"]),
        ("verify", [str(proof)]),
        ("verify", [str(vault), "--sample", "3"]),
        ("status", []),
        ("rebuild", []),
        ("config show", []),
    ]
    found: dict[str, list[Any]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOLDFAST_VAULT", str(vault))
        patch.setenv("HOLDFAST_WORKERS", "0")
        for verb, words in calls:
            found.setdefault(verb, []).append(answer([*verb.split(), *words]))
            if verb == "init":
                found["import"] = []
                found["watch"] = watched()
                found["timeline"] = [
                    answer(["timeline", name]) for name in ("quiet_shore_demo", "4000000002")
                ]
        (vault / "log" / "stranger").write_text("")
        found["verify"].append(answer(["verify"]))
    return found


MARKED = """
format = 1
name = "A channel whose mark comes and goes"
start = 2023-11-16T10:00:00Z
end = "+48h"

[[channel]]
id = 4000000002
username = "marked_demo"
title = "Marked"
labels = ["verified"]

[[channel.event]]
at = "+22h"
what = "label removed"
label = "verified"

[[channel.post]]
at = "+1h"
text = "Invented."
"""


def report_of(folder: Path, head: str = "") -> Path:
    """An invented report, which names one thing in two spellings."""
    path = folder / f"report{len(head)}.txt"
    path.write_text(
        f"{head}Put Domoi’s Telegram channel published a nine-minute video late Thursday. Put Domoi’s Telegram channel has over"
        " 90,000 followers. The movement of the wives Put Dumoi gathered about 30 people. Put Dumoi’s channel has over"
        " 38,000 followers. Tikhiy Bereg’s Telegram channel has over 30,000 followers.",
        encoding="utf-8",
    )
    return path


def watched() -> list[Any]:
    """Made-up channels, looked at on their two days: before and after an edit, a disappearance, a mark, the end."""
    found = []
    for scenario, name in (
        (demo_scenario(), "@quiet_shore_demo"),
        (parse_scenario(MARKED, "marked"), "t.me/marked_demo"),
    ):
        clock = ScenarioClock(scenario.start)
        with serve_in_thread(scenario, clock) as server:
            for hours in (21, 29, 33, 45, 47.5):
                clock.set(scenario.start + hours * 3600)
                words = [name, "--once", "--telegram-web", server.base_url, "--rate", "10000"]
                found.append(answer(["watch", *words]))
    return found


def answer(words: list[str]) -> Any:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main([*words, "--json"])
    said = json.loads(out.getvalue())
    assert said["ok"] is True, said
    return said["data"]


def test_every_verb_that_answers_is_documented(repository: Path, answers: dict[str, list[Any]]) -> None:
    assert list(documented(repository)) == list(answers)


def test_answers_hold_what_the_page_says_and_nothing_else(
    repository: Path, answers: dict[str, list[Any]]
) -> None:
    for verb, known in documented(repository).items():
        met: set[str] = set()
        for each in answers[verb]:
            for path, value in keys(each):
                name = named(path, known)
                assert name is not None or value is None, f"{verb}: {path} is not in docs/json.md"
                if name is None:
                    assert any(key.startswith(f"{path}.") or key == f"{path}.*" for key in known), (
                        verb,
                        path,
                    )
                    continue
                met.add(name)
                kind, may_be_null = known[name]
                if kind != "object":
                    assert (value is None and may_be_null) or KINDS.get(type(value)) == kind, (
                        verb,
                        path,
                        value,
                    )
        assert set(known) == met, f"{verb}: documented and never met: {sorted(set(known) - met)}"
