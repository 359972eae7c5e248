"""The made-up channel of the tour."""

from __future__ import annotations

import json
from pathlib import Path

from holdfast.demo import CHANNEL_ID, TITLE, write_exports


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
