"""Which documents make up an export, which media files may be read, and what a capture can speak of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from holdfast.capture.contract import Coverage
from holdfast.capture.telegram_export import CoverageBuilder, media_file, parse_region, plan_export
from holdfast.errors import SourceError
from tests.capture.exports import export_bytes, html_page, html_row, import_path, import_records, message


def test_a_folder_its_json_and_a_json_of_any_name_are_the_same_export(tmp_path: Path) -> None:
    folder = tmp_path / "ChatExport_2023-12-29 (1)"
    folder.mkdir()
    (folder / "result.json").write_bytes(export_bytes(message(1)))
    (folder / "messages.html").write_bytes(html_page(html_row(1, "")))
    plan = plan_export(folder)
    assert (plan.format, plan.root, plan.exported_hint) == ("json", folder, "2023-12-29")
    assert [document.name for document in plan.documents] == ["result.json"]
    assert [document.name for document in plan.spare] == ["messages.html"]
    assert plan_export(folder / "result.json").documents == plan.documents
    renamed = (folder / "result.json").rename(folder / "backup.JSON")
    assert [document.name for document in plan_export(renamed).documents] == ["backup.JSON"]
    assert import_path(renamed).ids == ["1"]


def test_pages_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("messages.html", "messages2.html", "messages10.html", "messages9.html", "other.html"):
        (tmp_path / name).write_bytes(html_page(html_row(1, "")))
    expected = ["messages.html", "messages2.html", "messages9.html", "messages10.html"]
    for path in (tmp_path, tmp_path / "messages.html", tmp_path / "messages9.html"):
        plan = plan_export(path)
        assert (plan.format, [document.name for document in plan.documents]) == ("html", expected)


@pytest.mark.parametrize("first", ["messages1.html", "index.html"])
def test_the_first_page_may_have_another_name(first: str, tmp_path: Path) -> None:
    (tmp_path / first).write_bytes(html_page(html_row(1, "")))
    (tmp_path / "messages2.html").write_bytes(html_page(html_row(2, "")))
    for path in (tmp_path, tmp_path / first):
        result = import_path(path)
        assert (result.ids, result.codes) == (["1", "2"], [])


def test_a_whole_account_in_html_has_a_chat_a_folder(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / "chats" / f"chat_{number}"
        folder.mkdir(parents=True)
        (folder / "messages.html").write_bytes(html_page(html_row(number, ""), "Путь домой"))
    (tmp_path / "export_results.html").write_bytes(b"<html>")
    plan = plan_export(tmp_path)
    assert [document.name for document in plan.documents] == [
        "chats/chat_1/messages.html",
        "chats/chat_2/messages.html",
    ]
    assert [document.name for document in plan.spare] == ["export_results.html"]
    result = import_path(tmp_path)
    assert [chat.index for chat in result.chats] == [0, 1]
    assert result.ids == ["1", "2"]


@pytest.mark.parametrize(
    ("folder", "hint"),
    [
        ("ChatExport_29_12_2023", "2023-12-29"),
        ("DataExport_2023-12-29", "2023-12-29"),
        ("ChatExport_2023-13-29", None),
        ("export", None),
    ],
)
def test_the_day_in_a_folders_name_is_a_hint(folder: str, hint: str | None, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "result.json").write_bytes(export_bytes())
    assert plan_export(tmp_path / folder).exported_hint == hint


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        plan_export(path)
    assert "\n" not in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return caught.value.message


def test_what_is_no_export_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "no file or folder" in refusal(tmp_path / "missing")
    assert "neither result.json nor" in refusal(tmp_path)
    for name, content, words in [
        ("a.zip", b"PK\3\4", "packed"),
        ("empty", b"", "empty"),
        ("notes.txt", b"hello", "neither JSON nor HTML"),
        ("page.html", b"<html>", "no page of posts"),
    ]:
        (tmp_path / name).write_bytes(content)
        assert words in refusal(tmp_path / name)
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / "b.json").write_bytes(b"{}")
    assert "2 other JSON files" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in refusal(tmp_path / "pipe")


def test_a_folder_of_exports_names_them(tmp_path: Path) -> None:
    (tmp_path / "ChatExport_2023-12-29").mkdir()
    (tmp_path / "ChatExport_2023-12-29" / "result.json").write_bytes(export_bytes())
    assert "ChatExport_2023-12-29" in refusal(tmp_path)


def test_a_document_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(export_bytes())
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "result.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(SourceError, match="leads out"):
        plan_export(tmp_path / "export")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "export"
    (root / "photos").mkdir(parents=True)
    (root / "photos" / "p.jpg").write_bytes(b"x")
    (root / "photos" / "empty.jpg").write_bytes(b"")
    (root / "photos" / "й.jpg").write_bytes(b"x")
    (root / "photos" / "inside.jpg").symlink_to("p.jpg")
    (root / "photos" / "dangling.jpg").symlink_to("nowhere")
    (root / "photos" / "loop.jpg").symlink_to("loop.jpg")
    (root / "photos" / "out.jpg").symlink_to(tmp_path / "secret")
    (root / "out").symlink_to(tmp_path)
    (root / "photos" / "null").symlink_to("/dev/null")
    os.mkfifo(root / "photos" / "pipe")
    (tmp_path / "secret").write_bytes(b"s")
    return root


def test_a_media_file_is_found_below_the_root(root: Path) -> None:
    for claim in ("photos/p.jpg", "./photos/p.jpg", "photos//p.jpg", "photos/inside.jpg"):
        assert media_file(root, claim) == (root / "photos" / "p.jpg").resolve()
    assert media_file(root, "photos/и\u0306.jpg") == (root / "photos" / "й.jpg").resolve()


@pytest.mark.parametrize(
    ("claim", "state"),
    [
        ("../secret", "outside"),
        ("photos/../../secret", "outside"),
        ("/etc/passwd", "outside"),
        ("C:/x", "outside"),
        ("C:x", "outside"),
        ("photos\\p.jpg", "outside"),
        ("\\\\host\\share", "outside"),
        ("photos/p.jpg\0", "outside"),
        ("photos/out.jpg", "outside"),
        ("out/secret", "outside"),
        ("photos/null", "outside"),
        ("photos/none.jpg", "missing"),
        ("photos/dangling.jpg", "missing"),
        ("photos/p.jpg/x", "missing"),
        ("", "missing"),
        (".", "missing"),
        ("x" * 5000, "missing"),
        ("\ud800", "missing"),
        ("photos/empty.jpg", "empty"),
        ("photos", "unreadable"),
        ("photos/pipe", "unreadable"),
        ("photos/loop.jpg", "unreadable"),
    ],
)
def test_a_media_file_that_cannot_be_had_has_a_state(claim: str, state: str, root: Path) -> None:
    assert media_file(root, claim) == state


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_without_permission_is_unreadable(root: Path) -> None:
    (root / "photos" / "p.jpg").chmod(0)
    assert media_file(root, "photos/p.jpg") == "unreadable"


def spans(*records: dict[str, object] | bytes) -> Coverage:
    (coverage,) = import_records(*records).coverage
    return coverage


def test_a_capture_can_speak_of_every_id_between_its_first_and_last() -> None:
    assert spans(message(3), message(9), message(9), message(20)) == Coverage(((3, 20),))
    assert spans() == Coverage()


def test_an_unreadable_post_is_not_absent() -> None:
    reason = "an unreadable record"
    assert spans(message(3), b'{"id":5,"x":}', message(9)) == Coverage(((3, 4), (6, 9)), reason)
    assert spans(message(3), b'{"id":"5"}', message(9)) == Coverage(((3, 3), (9, 9)), reason)
    assert spans(b'{"id":1,"x":}', message(9), b'{"id":12,"x":}') == Coverage(((9, 9),), reason)
    # An id that does not fit in here may be anything's.
    assert spans(message(3), b'{"id":50,"x":}', message(9)) == Coverage(((3, 3), (9, 9)), reason)
    assert spans(message(3), b'{"id":1,"x":}', message(9)) == Coverage(((3, 3), (9, 9)), reason)


def test_records_out_of_order_are_no_ground_for_absence() -> None:
    assert spans(message(9), message(3)) == Coverage((), "records out of order")


def test_coverage_does_not_depend_on_the_order_of_the_results() -> None:
    from holdfast.capture.contract import Chat, Region
    from holdfast.model import ChannelSeen

    chat = Chat(0, ChannelSeen("1700000001"))
    body = export_bytes(message(1), indent=None)
    record = body[body.index(b"[") + 1 : body.rindex(b"]")]
    regions = [
        Region(0, "result.json", n * 1000, record.replace(b'"id": 1', f'"id": {n}'.encode()))
        for n in range(1, 6)
    ]
    builder = CoverageBuilder()
    for region in reversed(regions):
        builder.add(parse_region(region, chat, ""), region)
    assert builder.result() == Coverage(((1, 5),))
