"""The generated export is reproducible and looks as Telegram Desktop would have written it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from bench import generate


def made(folder: Path, **options: Any) -> bytes:
    generate.generate(folder, **options)
    return (folder / "result.json").read_bytes()


def test_the_same_seed_gives_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    digest = hashlib.sha256(made(tmp_path, posts=500)).hexdigest()
    # Changing it makes figures before and after incomparable: say so in docs/benchmarks.md.
    assert digest == "6d21eababeb7f85164828e592a914c146ad5bcd22f83dcfbe8861a0ae78b3cca"


def test_another_seed_or_language_gives_other_posts(tmp_path: Path) -> None:
    first = made(tmp_path, posts=50)
    assert made(tmp_path, posts=50, seed=2) != first
    russian = made(tmp_path, posts=50, language="ru").decode()
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in russian)


def test_it_is_formatted_as_telegram_desktop_formats(tmp_path: Path) -> None:
    data = made(tmp_path, posts=2_000).decode()
    assert json.dumps(json.loads(data), ensure_ascii=False, indent=1) == data


def test_it_has_the_fields_that_real_exports_have(tmp_path: Path) -> None:
    export = json.loads(made(tmp_path, posts=3_000))
    assert export["type"] == "public_channel"
    posts = export["messages"]
    assert len(posts) == 3_000
    ids = [post["id"] for post in posts]
    assert ids == sorted(set(ids))
    assert ids[-1] > len(ids), "no gaps between ids"
    fields = {name for post in posts for name in post}
    assert fields >= {
        "date_unixtime", "edited", "from_id", "author", "forwarded_from", "reply_to_message_id",
        "photo", "file", "reactions", "action", "text_entities",
    }  # fmt: skip
    kinds = {run["type"] for post in posts for run in post["text_entities"]}
    assert kinds == {"plain", "bold", "link", "text_link", "hashtag"}
    for post in posts:
        runs = post["text"] if isinstance(post["text"], list) else [post["text"]]
        text = "".join(run if isinstance(run, str) else run["text"] for run in runs)
        assert text == "".join(run["text"] for run in post["text_entities"])


def test_a_post_has_about_the_stated_size(tmp_path: Path) -> None:
    assert 1_000 < len(made(tmp_path, posts=3_000)) / 3_000 < 1_200


def test_a_size_is_reached_and_hardly_passed(tmp_path: Path) -> None:
    data = made(tmp_path, size=generate.parse_size("300KB"))
    assert 300_000 <= len(data) < 320_000
    json.loads(data)


def test_claimed_media_lie_beside_the_export(tmp_path: Path) -> None:
    export = json.loads(made(tmp_path, posts=20, media="3x10KB"))
    claims = [post["file"] for post in export["messages"] if post.get("file", "").startswith("files/")]
    assert len(claims) == 3
    assert {(tmp_path / claim).stat().st_size for claim in claims} == {10_000}


@pytest.mark.parametrize(("text", "size"), [("5", 5), ("2GB", 2 * 10**9), ("300 mb", 300 * 10**6)])
def test_sizes_are_read(text: str, size: int) -> None:
    assert generate.parse_size(text) == size


def test_what_is_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="not a size"):
        generate.parse_size("2 GiB")
