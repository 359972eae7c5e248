"""Groups and private chats that nobody asked for leave no bytes behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holdfast.archive import Archive, create
from holdfast.importing import import_export

SECRET = "слово, которого нет больше нигде"


def _chat(kind: str, number: int, text: str) -> dict[str, object]:
    message = {
        "id": 1,
        "type": "message",
        "date": "2024-01-01T00:00:00",
        "date_unixtime": "1704067200",
        "from": "Somebody",
        "from_id": "user5",
        "text": text,
    }
    return {"name": f"chat {number}", "type": kind, "id": number, "messages": [message]}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    create(tmp_path / "vault", "left-out.example/vault")
    return Archive.open(tmp_path / "vault", workers=0)


def _blobs(archive: Archive) -> list[Path]:
    return [path for path in (archive.vault / "blobs").rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["private_group", "personal_chat", "saved_messages", "public_supergroup"])
def test_an_export_of_a_chat_that_is_left_out_is_not_kept(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps(_chat(kind, 7, SECRET), ensure_ascii=False), encoding="utf-8")
    summary = import_export(archive, path)
    assert summary.artefacts == 0
    assert summary.state == "complete"
    assert [each.included for each in summary.chats] == [False]
    assert not _blobs(archive)
    taken = import_export(archive, path, include_private=True)
    assert taken.counts.new == 1
    assert len(_blobs(archive)) == 1


def test_an_account_of_which_nothing_is_wanted_is_not_kept(archive: Archive, tmp_path: Path) -> None:
    chats = {"about": "", "list": [_chat("personal_chat", 7, SECRET), _chat("private_group", 8, SECRET)]}
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"about": "", "chats": chats}, ensure_ascii=False), encoding="utf-8")
    summary = import_export(archive, path)
    assert [each.included for each in summary.chats] == [False, False]
    assert not _blobs(archive)


def test_a_mixed_account_is_kept_whole_and_says_so(archive: Archive, tmp_path: Path) -> None:
    chats = {"about": "", "list": [_chat("personal_chat", 7, SECRET), _chat("public_channel", 8, "for all")]}
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"about": "", "chats": chats}, ensure_ascii=False), encoding="utf-8")
    summary = import_export(archive, path)
    assert summary.counts.new == 1
    assert len(_blobs(archive)) == 1
    assert any("sealed whole" in notice for notice in summary.notices)


def test_a_channel_without_a_readable_post_is_kept_all_the_same(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"name":"c","type":"public_channel","id":9,"messages":[{"id":"x"}]}', encoding="utf-8")
    summary = import_export(archive, path)
    assert summary.state == "partial"
    assert len(_blobs(archive)) == 1
