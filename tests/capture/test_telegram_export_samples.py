"""Real exports: two of one channel, JSON beside HTML, and one of the old format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.model import UNITS, plain_text
from tests.capture.exports import Imported, import_path


@pytest.fixture(scope="module")
def exports(shared_data: Path) -> Path:
    return shared_data / "exports"


@pytest.fixture(scope="module")
def first(exports: Path) -> Imported:
    return import_path(exports / "channel-2025-first")


@pytest.fixture(scope="module")
def second(exports: Path) -> Imported:
    return import_path(exports / "channel-2025-second" / "result.json")


def test_every_record_of_the_channel_is_a_post_with_its_bytes(first: Imported, exports: Path) -> None:
    content = (exports / "channel-2025-first" / "result.json").read_bytes()
    records = json.loads(content)["messages"]
    assert first.ids == [str(record["id"]) for record in records]
    assert (len(first.posts), first.problems) == (924, [])
    assert first.coverage[0].spans == ((1, 1048),)
    for post, record in zip(first.posts, records, strict=True):
        assert post.raw is not None
        assert post.raw.offset is not None
        assert post.raw.length is not None
        assert json.loads(content[post.raw.offset :][: post.raw.length]) == record
        assert post.post.other is None
        assert plain_text(post.text) == "".join(
            piece if isinstance(piece, str) else piece["text"] for piece in record["text"]
        )


def test_the_second_export_differs_in_19_records_and_6_of_them_only_in_the_order_of_reactions(
    first: Imported, second: Imported, exports: Path
) -> None:
    def records(name: str) -> dict[str, Any]:
        content = json.loads((exports / name / "result.json").read_bytes())
        return {str(record["id"]): record for record in content["messages"]}

    before, after = records("channel-2025-first"), records("channel-2025-second")
    differing = {number for number in before if before[number] != after[number]}
    assert len(differing) == 19
    found: dict[str, list[str]] = {}
    for one, other in zip(first.posts, second.posts, strict=True):
        units = [unit for unit in UNITS if unit != "raw" and getattr(one, unit) != getattr(other, unit)]
        if units:
            found[one.post.id] = units
    unchanged = differing - found.keys()
    assert len(unchanged) == 6
    for number in unchanged:
        assert sorted(map(str, before[number].pop("reactions"))) == sorted(
            map(str, after[number].pop("reactions"))
        )
        assert before[number] == after[number]
    assert found.pop("82") == ["post"]
    assert found.pop("375") == ["media"]
    assert found.pop("1032") == ["post", "text"]
    assert set(map(tuple, found.values())) == {("metrics",)}
    assert len(found) == 10


def test_the_html_of_an_export_says_the_same_as_its_json(second: Imported, exports: Path) -> None:
    pages = import_path(exports / "channel-2025-second" / "messages.html")
    assert (pages.ids, pages.problems) == (second.ids, [])
    assert pages.chats[0].included
    texts = {}
    for page, record in zip(pages.posts, second.posts, strict=True):
        assert plain_text(page.text) == plain_text(record.text)
        assert (page.post.kind, page.post.action) == (record.post.kind, record.post.action)
        assert (page.author, page.metrics) == (record.author, record.metrics)
        assert [(m.kind, m.source_path, m.duration_s) for m in page.media or ()] == [
            (m.kind, m.source_path, m.duration_s) for m in record.media or ()
        ]
        if record.post.kind == "service":
            assert page.post.published_at is None  # a page tells only the day
        else:
            assert page.post.published_at == record.post.published_at
        if page.text != record.text:
            texts[page.post.id] = (page.text, record.text)
    # HTML does not say the language of code, nor whether a quote is collapsed.
    lost = {"language", "collapsed"}
    for page_text, record_text in texts.values():
        assert page_text == tuple(
            run if isinstance(run, str) else {key: run[key] for key in run if key not in lost}
            for run in record_text or ()
        )
    assert sorted(texts) == ["542", "771", "989"]


def test_a_group_of_the_old_format_is_read_only_on_request(exports: Path) -> None:
    folder = exports / "group-2022-old-format"
    refused = import_path(folder)
    assert ([chat.included for chat in refused.chats], refused.posts) == ([False], [])
    group = import_path(folder, include_private=True)
    assert (len(group.posts), group.problems) == (12, [])
    assert all(post.post.published_at is None and post.post.published_local for post in group.posts)
    pages = import_path(folder / "messages.html", include_private=True)
    assert [chat.channel.kind for chat in pages.chats] == ["group"]
    for page, record in zip(pages.posts, group.posts, strict=True):
        assert (page.post.id, plain_text(page.text)) == (record.post.id, plain_text(record.text))
        assert page.author is not None
        assert record.author is not None
        assert page.author.name == record.author.name
        assert [(m.kind, m.source_path) for m in page.media or ()] == [
            (m.kind, m.source_path) for m in record.media or ()
        ]
