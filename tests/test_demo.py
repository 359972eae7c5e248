"""The made-up channel of the tour."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from holdfast.archive import Archive
from holdfast.cli import main
from holdfast.cli.demo import EDITED, VANISHED, WATCHED, play_tour
from holdfast.demo import CHANNEL_ID, TITLE, write_exports
from holdfast.fake_telegram import demo_scenario
from holdfast.history import channel_history
from holdfast.verify.findings import Verdict
from holdfast.verify.proof import verify_proof
from tests.archives import doubt


def test_the_two_exports_differ_as_the_tour_says(tmp_path: Path) -> None:
    first, second = write_exports(tmp_path)
    exports = [json.loads((path / "result.json").read_text("utf-8")) for path in (first, second)]
    assert all((each["id"], each["name"]) == (CHANNEL_ID, TITLE) for each in exports)
    before, after = ({each["id"]: each for each in export["messages"]} for export in exports)
    assert set(before) - set(after) == {12}
    changed = {number for number in after if before[number] != after[number]}
    texts = {number for number in changed if before[number]["text"] != after[number]["text"]}
    assert texts == {11}
    assert any("reactions" in after[number] for number in changed)
    photo = next(each["photo"] for each in before.values() if "photo" in each)
    assert (first / photo).read_bytes().startswith(b"\x89PNG\r\n")


def test_the_exports_are_the_same_every_time(tmp_path: Path) -> None:
    one, other = write_exports(tmp_path / "a"), write_exports(tmp_path / "b")
    assert (one[0] / "result.json").read_bytes() == (other[0] / "result.json").read_bytes()


def test_two_days_under_watch_are_played_as_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = demo_scenario()
    vault = tmp_path / "vault"
    play_tour(vault, scenario)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"$ holdfast watch @{WATCHED} --telegram-web http://127.0.0.1:")
    assert len(said) < 50
    assert said[1].startswith("2023-11-16 10:00:00 UTC")
    for part in ("1 absent", "status 502", "no preview", "not found", "looks that brought no more"):
        assert any(part in line for line in said), part
    doubt(vault)
    with Archive.open(vault, workers=0) as archive:
        row = archive.channel(WATCHED)
        events = channel_history(archive, row)
        times = [datetime.fromisoformat(each.first_after.seen_at).timestamp() for each in events]
        assert all(scenario.start <= at <= scenario.end + 3600 for at in times)
        told = {(each.kind, each.post) for each in events}
        assert {("disappearance", VANISHED), ("edit", EDITED), ("standing", None), ("title", None)} <= told


def test_the_whole_tour_ends_with_a_proof_that_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    steps = [line.split()[2] for line in said.splitlines() if line.startswith("$ holdfast ")]
    watched = ["watch", "timeline", "show", "show", "prove", "verify", "verify"]
    assert steps[-10:] == [*watched, "watch", "check", "check"]
    assert said.count("HOLDS") == 4
    # What the second paper exaggerates is contradicted; nothing else is, in either.
    assert [line for line in said.splitlines() if " CONTRADICTED " in line] == [
        "  3  CONTRADICTED   views: Видео: over 50,000 views"
    ]
    assert "6 supported, 0 contradicted, 2 not checkable" in said
    for page in ("courier", "vestnik"):
        assert (tmp_path / f"{page}.html").read_text("utf-8").startswith("<!doctype html>")
    doubt(tmp_path / "watched")
    assert verify_proof(tmp_path / "watched-proof").verdict is Verdict.HOLDS
    assert "watch @channel" in said
