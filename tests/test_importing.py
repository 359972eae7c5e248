"""Exports taken into a vault, one after the other, as people have them."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.account import ChatWork
from holdfast.archive import Archive
from holdfast.capture.contract import Chat
from holdfast.capture.telegram_export import plan_export
from holdfast.catalog import queries
from holdfast.errors import HoldfastError, SourceError, StorageError, UsageError, VaultLockedError
from holdfast.importing import import_export
from holdfast.interruption import deferred_interrupt
from holdfast.model import ChannelSeen, plain_text
from holdfast.progress import Progress
from holdfast.vault.log import writer_lock
from tests.archives import CHANNEL, doubt, new_archive, rows, take, write_export
from tests.capture.exports import html_page, html_row, html_text, message, service


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "vault") as found:
        yield found


def write_account(folder: Path, *chats: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"chats": {"list": chats}}, ensure_ascii=False), "utf-8")
    return folder


def posts(*numbers: int, **fields: Any) -> list[dict[str, Any]]:
    return [message(number, **fields) for number in numbers]


# -- entries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (1, [1]),
        (128, [128]),
        (129, [65, 64]),
        (300, [128, 86, 86]),
        (1_100, [*[128] * 7, 102, 102]),
    ],
)
def test_posts_fill_as_few_entries_as_can_be_and_none_is_left_over(
    archive: Archive, tmp_path: Path, count: int, sizes: list[int]
) -> None:
    summary = take(archive, write_export(tmp_path / "a", *posts(*range(1, count + 1))))
    assert (summary.counts.read, summary.counts.new) == (count, count)
    assert summary.chats[0].spans == ((1, count),)
    entries = [archive.reader.opened(entry)[0] for entry in range(summary.entries[0], summary.entries[1])]
    assert [len(each.elements) for each in entries if each.kind == "posts"] == sizes
    before = rows(archive)
    archive.rebuild()
    assert rows(archive) == before


def test_posts_of_two_documents_are_not_sealed_together(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, number in (("messages.html", 1), ("messages2.html", 2)):
        (folder / name).write_bytes(html_page(html_row(number, html_text(f"post {number}"))))
    take(archive, folder)
    found = [archive.post(f"title:Путь домой/{number}").observations[0] for number in (1, 2)]
    assert len({each[0].entry for each in found}) == 2
    assert len({each[1].raw.artefact for each in found if each[1] and each[1].raw}) == 2


# -- the samples ------------------------------------------------------------------------------------------


def test_two_exports_of_one_channel_differ_in_what_changed_and_nothing_else(
    archive: Archive, shared_data: Path
) -> None:
    exports = shared_data / "exports"
    first = take(archive, exports / "channel-2025-first")
    assert (first.counts.read, first.counts.new) == (924, 924)
    second = take(archive, exports / "channel-2025-second")
    # 19 records differ; in 6 of them only the order of the reactions does.
    assert (second.counts.new, second.counts.changed, second.counts.unchanged) == (0, 13, 911)
    assert second.chats[0].changes == {"edit mark": 2, "files": 1, "reactions": 9, "text": 1, "votes": 1}
    assert second.counts.absent == 0
    before = rows(archive, whole=False)
    third = take(archive, exports / "channel-2025-second")
    assert third.entries[0] == third.entries[1]
    assert third.counts.unchanged == 924
    assert rows(archive, whole=False) == before


def test_the_same_channel_as_pages_says_the_same(archive: Archive, shared_data: Path) -> None:
    exports = shared_data / "exports"
    take(archive, exports / "channel-2025-second")
    pages = exports / "channel-2025-second" / "messages.html"
    summary = take(archive, pages, channel="1878264527")
    assert summary.counts.unchanged == 924
    assert summary.counts.changed == summary.counts.new == 0
    assert not summary.notices


def test_pages_without_an_id_stand_apart_and_say_how_to_join_them(
    archive: Archive, shared_data: Path
) -> None:
    exports = shared_data / "exports"
    take(archive, exports / "channel-2025-second")
    summary = take(archive, exports / "channel-2025-second" / "messages.html")
    assert summary.chats[0].channel == "title:川陀大学图书馆"
    assert summary.counts.new == 924
    assert "--channel 1878264527" in summary.notices[0]


def test_an_older_export_after_a_newer_one_is_noticed(archive: Archive, shared_data: Path) -> None:
    exports = shared_data / "exports"
    take(archive, exports / "channel-2025-second")
    older = take(archive, exports / "channel-2025-first")
    assert older.chats[0].changes["older edit mark"] == 2
    assert "probably made before one that is here already" in older.notices[0]
    newest = archive.post("1878264527/1032").observations[-1][0]
    assert set(newest.changed) == {"edit mark", "older edit mark", "text"}


def test_a_group_is_left_out_until_asked_for(archive: Archive, shared_data: Path) -> None:
    export = shared_data / "exports" / "group-2022-old-format"
    summary = take(archive, export)
    assert [chat.included for chat in summary.chats] == [False]
    assert summary.counts.read == 0
    assert summary.entries[0] == summary.entries[1]
    summary = take(archive, export, include_private=True)
    assert summary.counts.new == 12
    author = archive.post("Test 2022/428640").observations[0][1]
    assert author is not None
    assert author.author is not None
    assert author.author.name == "Александр Март"
    pages = take(archive, export / "messages.html", include_private=True, channel="123456789")
    assert pages.counts.unchanged == 12


# -- absence, return, parts -----------------------------------------------------------------------------


def test_a_post_that_is_gone_is_absent_once_and_may_come_back(archive: Archive, tmp_path: Path) -> None:
    whole = write_export(tmp_path / "a", *posts(1, 2, 3))
    less = write_export(tmp_path / "b", *posts(1, 3))
    take(archive, whole)
    assert take(archive, less).counts.absent == 1
    assert take(archive, less).counts.absent == 0  # it was said already
    view = archive.post(f"{CHANNEL}/2")
    assert view.state.absent is not None
    assert len(view.absences) == 1
    assert view.absences[0][3] == "not in export"
    again = take(archive, whole)
    assert again.chats[0].changes == {"back": 1}
    view = archive.post(f"{CHANNEL}/2")
    assert view.state.absent is None
    assert [row.changed for row, _ in view.observations] == [(), ("back",)]
    assert view.state.revision == 1
    assert take(archive, less).counts.absent == 1


def test_an_export_of_some_days_calls_no_other_day_absent(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", *posts(1, 2, 3, 4, 5, 6)))
    summary = take(archive, write_export(tmp_path / "b", *posts(3, 5)))
    assert summary.chats[0].spans == ((3, 5),)
    assert summary.counts.absent == 1
    assert [archive.post(f"{CHANNEL}/{number}").state.absent is not None for number in range(1, 7)] == [
        False,
        False,
        False,
        True,
        False,
        False,
    ]


def test_an_unreadable_record_is_skipped_counted_sealed_and_not_absent(
    archive: Archive, tmp_path: Path
) -> None:
    take(archive, write_export(tmp_path / "a", *posts(1, 2, 3)))
    wounded = write_export(tmp_path / "b", message(1), b'{"id": 2, "text": nonsense}', message(3))
    summary = take(archive, wounded)
    assert summary.state == "partial"
    assert summary.problems == {"bad_json": 1}
    assert (summary.counts.read, summary.counts.skipped, summary.counts.absent) == (3, 1, 0)
    (found,) = [each for each in queries.captures(archive.engine()) if each.id == summary.capture]
    assert (found.state, found.problems) == ("partial", {"bad_json": 1})


def test_a_post_that_stands_twice_in_an_export_is_counted(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1), message(2), message(2, text="otherwise"), message(3))
    summary = take(archive, export)
    assert summary.counts.repeated == 1
    view = archive.post(f"{CHANNEL}/2")
    assert [plain_text(seen.text) for _, seen in view.observations if seen] == ["post 2", "otherwise"]
    assert queries.totals(archive.engine()).posts == 3


def test_a_channel_that_an_account_lists_twice_loses_nothing(archive: Archive, tmp_path: Path) -> None:
    whole = write_export(tmp_path / "a", *posts(1, 2, 3, 4))
    take(archive, whole)
    header = {"name": "Путь домой", "type": "public_channel", "id": 1700000001}
    account = write_account(
        tmp_path / "account", {**header, "messages": posts(1, 4)}, {**header, "messages": posts(2, 3)}
    )
    summary = take(archive, account)
    assert summary.counts.absent == 0
    assert summary.counts.unchanged == 4


def test_ids_out_of_order_are_remembered_all_the_same() -> None:
    work = ChatWork(Chat(0, ChannelSeen("1")), None)
    far = [2**63 - 1, -(2**63), 70_000, *range(1_000, 1_400), -3]
    work.see([5, 7, 6, 5, *far, *far])
    assert work.counts["repeated"] == 1 + len(far)
    assert all(post in work.seen for post in (5, 6, 7, *far))
    assert not any(post in work.seen for post in (4, 8, 999, 1_400, -4, 65_536 + 5))


# -- who is who ------------------------------------------------------------------------------------------


def test_an_id_that_contradicts_the_export_is_refused_and_the_attempt_is_sealed(
    archive: Archive, tmp_path: Path
) -> None:
    export = write_export(tmp_path / "a", message(1))
    with pytest.raises(UsageError, match="by its own account"):
        import_export(archive, export, channel="42")
    doubt(archive.vault)
    (found,) = queries.captures(archive.engine())
    assert found.state == "failed"
    assert take(archive, export, channel=CHANNEL).counts.new == 1


@pytest.mark.parametrize("given", ["", "x", "@name", "1" * 30, "¹"])
def test_a_channel_id_is_a_number(archive: Archive, tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError, match="no channel's id"):
        import_export(archive, tmp_path, channel=given)


def test_one_id_cannot_be_given_to_several_chats(archive: Archive, tmp_path: Path) -> None:
    chats = [{"name": name, "type": "public_channel", "messages": []} for name in "ab"]
    account = write_account(tmp_path / "account", *chats)
    with pytest.raises(UsageError, match="several chats"):
        import_export(archive, account, channel="5")


def test_another_channel_under_the_same_name_is_noticed(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1), id=None))
    other = write_export(tmp_path / "b", message(1, date_unixtime="1600000000"), id=None)
    assert "another channel of the same name" in take(archive, other).notices[0]


def test_a_day_in_the_folders_name_tells_an_older_export(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "ChatExport_2023-12-29", message(1)))
    summary = take(archive, write_export(tmp_path / "ChatExport_2023-11-02", message(1)))
    assert "2023-11-02" in summary.notices[0]
    assert "2023-12-29" in summary.notices[0]
    assert not take(archive, write_export(tmp_path / "ChatExport_2024-01-01", message(1))).notices


def test_a_new_title_is_sealed_and_the_old_one_still_finds_the_channel(
    archive: Archive, tmp_path: Path
) -> None:
    take(archive, write_export(tmp_path / "a", message(1), name="Old name"))
    summary = take(archive, write_export(tmp_path / "b", message(1), name="New name"))
    assert summary.entries[1] - summary.entries[0] == 1  # the card, and the capture
    assert archive.channel("old name").title == "New name"
    assert archive.channel("New").id == CHANNEL


# -- media -----------------------------------------------------------------------------------------------


def test_media_beside_an_export_are_sealed_and_what_cannot_be_had_is_named(
    archive: Archive, tmp_path: Path
) -> None:
    export = tmp_path / "export"
    (export / "photos").mkdir(parents=True)
    (tmp_path / "secret").write_text("not yours")
    (export / "photos" / "there.jpg").write_bytes(b"picture")
    (export / "photos" / "empty.jpg").write_bytes(b"")
    (export / "photos" / "link.jpg").symlink_to(tmp_path / "secret")
    (export / "photos" / "folder.jpg").mkdir()
    names = {
        1: "photos/there.jpg",
        2: "photos/empty.jpg",
        3: "photos/link.jpg",
        4: "photos/folder.jpg",
        5: "photos/missing.jpg",
        6: "../secret",
        7: str(tmp_path / "secret"),
        8: "(File not included. Change data exporting settings to download.)",
    }
    write_export(export, *[message(number, photo=name) for number, name in names.items()])
    summary = take(archive, export)
    states = {}
    for number in names:
        seen = archive.post(f"{CHANNEL}/{number}").observations[0][1]
        assert seen is not None
        assert seen.media
        states[number] = seen.media[0].state
    assert states == {
        1: "sealed",
        2: "empty",
        3: "outside",
        4: "unreadable",
        5: "missing",
        6: "outside",
        7: "outside",
        8: "not_included",
    }
    assert (summary.counts.media_sealed, summary.counts.media_missing) == (1, 6)
    assert not any(b"not yours" in path.read_bytes() for path in archive.vault.rglob("*") if path.is_file())


def test_a_file_that_comes_later_is_an_observation_and_no_revision(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1, photo="photos/1.jpg"))
    take(archive, export)
    (export / "photos").mkdir()
    (export / "photos" / "1.jpg").write_bytes(b"picture")
    summary = take(archive, export)
    assert summary.chats[0].changes == {"files": 1}
    (export / "photos" / "1.jpg").unlink()
    assert take(archive, export).counts.unchanged == 1  # an export without the file loses nothing
    (export / "photos" / "1.jpg").write_bytes(b"another picture")
    assert take(archive, export).chats[0].changes == {"media": 1}
    assert archive.post(f"{CHANNEL}/1").state.revision == 2


def test_media_that_others_may_not_read_are_unreadable(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = write_export(tmp_path / "a", message(1, photo="1.jpg"))
    (export / "1.jpg").write_bytes(b"picture")
    # The file goes between the look at it and its reading.
    from holdfast import sealing

    def gone(root: Path, claim: str) -> Path:
        path = root / claim
        path.unlink()
        return path

    monkeypatch.setattr(sealing, "media_file", gone)
    take(archive, export)
    seen = archive.post(f"{CHANNEL}/1").observations[0][1]
    assert seen is not None
    assert seen.media
    assert seen.media[0].state == "unreadable"


# -- what people change by hand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "changes", "revision"),
    [
        ({}, {"text": "another"}, {"text"}, 2),
        ({}, {"edited": "2024-01-01T00:00:00", "edited_unixtime": "1704067200"}, {"edit mark"}, 1),
        ({}, {"reactions": [{"type": "emoji", "count": 2, "emoji": "👍"}]}, {"reactions"}, 1),
        ({}, {"author": "Olga"}, {"author"}, 2),
        ({}, {"reply_to_message_id": 1}, {"reply"}, 2),
        ({}, {"forwarded_from": "Elsewhere"}, {"forward"}, 2),
        ({}, {"date_unixtime": "1703794201"}, {"published"}, 2),
        ({}, {"photo": "(File not included. Change data exporting settings to download.)"}, {"media"}, 2),
        (
            {"text": [{"type": "custom_emoji", "text": "👍", "document_id": "stickers/a (1).webp"}]},
            {"text": [{"type": "custom_emoji", "text": "👍", "document_id": "stickers/a (7).webp"}]},
            set(),
            1,
        ),
        ({"text": ["a ", {"type": "bold", "text": "b"}]}, {"text": "a b"}, {"text"}, 2),
        ({"text": "a b"}, {"text": ["a", " b"]}, set(), 1),
        (
            {"text": [{"type": "pre", "text": "x", "language": ""}]},
            {"text": [{"type": "pre", "text": "x"}]},
            set(),
            1,
        ),
        (
            {"text": [{"type": "text_link", "text": "x", "href": "http://a.example"}]},
            {"text": [{"type": "text_link", "text": "x", "href": "http://b.example"}]},
            {"text"},
            2,
        ),
    ],
)
def test_what_differs_is_named(
    archive: Archive,
    tmp_path: Path,
    before: dict[str, Any],
    after: dict[str, Any],
    changes: set[str],
    revision: int,
) -> None:
    take(archive, write_export(tmp_path / "a", message(1, **before)))
    summary = take(archive, write_export(tmp_path / "b", message(1, **after)))
    assert set(summary.chats[0].changes) == changes
    assert summary.counts.changed == bool(changes)
    assert archive.post(f"{CHANNEL}/1").state.revision == revision


H = 2**70


@pytest.mark.parametrize(
    ("ids", "kept", "spans"),
    [
        ((1, H, 3), 2, ((1, 1), (3, 3))),
        ((2**63 - 1, 2**64), 1, ((2**63 - 1, 2**63 - 1),)),
        ((-H, 1), 1, ((1, 1),)),
        ((2**53 + 1, 2**53 + 2), 2, ((2**53 + 1, 2**53 + 2),)),
        ((-5, 0, 7), 3, ((-5, 7),)),
    ],
)
def test_ids_of_any_size_are_kept_or_counted_and_the_log_can_be_followed(
    archive: Archive, tmp_path: Path, ids: tuple[int, ...], kept: int, spans: tuple[tuple[int, int], ...]
) -> None:
    summary = take(archive, write_export(tmp_path / "a", *posts(*ids)))
    assert (summary.counts.new, summary.counts.skipped) == (kept, len(ids) - kept)
    assert summary.chats[0].spans == spans
    before = rows(archive)
    archive.rebuild()
    assert rows(archive) == before
    assert take(archive, write_export(tmp_path / "a", *posts(*ids))).counts.unchanged == kept


@pytest.mark.parametrize(
    "fields",
    [
        {"reactions": [{"type": "emoji", "count": H, "emoji": "x"}]},
        {"reactions": [{"type": "emoji", "count": -5, "emoji": "x"}]},
        {"file": "a.mp4", "file_size": H, "duration_seconds": H, "width": H},
        {"poll": {"question": "q", "total_voters": H, "answers": [{"text": "a", "voters": H}]}},
        {"date_unixtime": str(H)},
        {"date_unixtime": "-62135596800"},
        {"date_unixtime": "253402300799"},
        {"date": "0001-01-01T00:00:00", "date_unixtime": None},
        {"date": "9999-12-31T23:59:59", "date_unixtime": None},
        {"reply_to_message_id": H},
        {"text": "a\x00b\ud800c"},
        {"text": [1, None, {"type": 5}]},
    ],
)
def test_numbers_and_dates_beyond_reason_end_no_import(
    archive: Archive, tmp_path: Path, fields: dict[str, Any]
) -> None:
    summary = take(archive, write_export(tmp_path / "a", message(1, **fields), message(2)))
    assert summary.counts.new == 2
    assert archive.post(f"{CHANNEL}/1").observations[0][1] is not None
    before = rows(archive)
    archive.rebuild()
    assert rows(archive) == before


def test_a_service_post_is_kept_with_its_act(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", service(1, "edit_group_title", title="New")))
    view = archive.post(f"{CHANNEL}/1")
    assert view.state.kind == 1
    assert archive.find_posts("has:service").total == 1


def test_a_long_import_is_shown_in_parts(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.importing.COMMIT_POSTS", 100)
    seen: list[int] = []

    def look(event: Progress) -> None:
        if event.stage == "posts":
            with archive.tables() as engine:
                seen.append(queries.totals(engine).posts)

    export = write_export(tmp_path / "a", *posts(*range(1, 2_001), text="x" * 900))
    archive.report = look
    take(archive, export)
    assert seen == sorted(seen)
    assert any(0 < each < 2_000 for each in seen)


# -- what goes wrong -------------------------------------------------------------------------------------


def test_nothing_is_kept_of_what_is_no_export(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file or folder"):
        import_export(archive, tmp_path / "nowhere")
    assert queries.totals(archive.engine()).captures == 0
    # A JSON file that means something else is sealed as it came, and the capture says that it failed.
    other = tmp_path / "package.json"
    other.write_text('{"name": "left-pad", "version": "1.0.0", "dependencies": {}}')
    with pytest.raises(SourceError):
        import_export(archive, other)
    doubt(archive.vault)
    (found,) = queries.captures(archive.engine())
    assert found.state == "failed"
    assert found.detail


def test_a_document_that_vanishes_is_a_failure_of_the_source(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = write_export(tmp_path / "a", message(1))
    plan = plan_export(export)
    monkeypatch.setattr("holdfast.importing.plan_export", lambda _: plan)
    (export / "result.json").unlink()
    with pytest.raises(SourceError, match=r"cannot read .*result\.json"):
        import_export(archive, export)
    doubt(archive.vault)


def test_an_export_that_ends_in_the_middle_keeps_what_was_whole(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", *posts(*range(1, 30)))
    raw = (export / "result.json").read_bytes()
    (export / "result.json").write_bytes(raw[: len(raw) * 2 // 3])
    summary = take(archive, export)
    assert summary.state == "partial"
    assert 15 < summary.counts.new < 25
    assert summary.chats[0].reason
    whole = write_export(tmp_path / "b", *posts(*range(1, 30)))
    assert take(archive, whole).counts.new == 29 - summary.counts.new


def test_a_vault_that_another_process_writes_to_is_not_written(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1))
    with writer_lock(archive.vault), pytest.raises(VaultLockedError):
        import_export(archive, export)
    assert take(archive, export).counts.new == 1


def test_ctrl_c_seals_the_capture_as_interrupted_and_the_next_one_continues(
    tmp_path: Path,
) -> None:
    records = posts(*range(1, 3_001), text="x" * 400)
    export = write_export(tmp_path / "a", *records)
    take(archive := new_archive(tmp_path / "vault"), write_export(tmp_path / "b", *posts(1, 2)))

    def interrupt(event: Progress) -> None:
        if event.stage == "posts" and event.done > 600_000:
            os.kill(os.getpid(), signal.SIGINT)

    archive.report = interrupt
    with pytest.raises(KeyboardInterrupt):
        import_export(archive, export)
    archive.report = lambda _: None
    doubt(archive.vault)
    found = queries.captures(archive.engine())[0]
    assert found.state == "interrupted"
    assert found.counts
    assert 0 < found.counts["new"] < 3_000
    # Nothing is said about ids that the capture might have met later.
    assert not queries.covered_since(archive.engine(), 1, 2, 0)[1:]
    summary = take(archive, export)
    assert summary.counts.new == 2_998 - found.counts["new"]
    assert summary.counts.absent == 0
    assert queries.totals(archive.engine()).posts == 3_000
    archive.close()


def test_the_first_ctrl_c_waits_for_a_good_place_and_the_second_does_not() -> None:
    def work(times: int) -> str:
        with deferred_interrupt() as interrupted:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)
            try:
                interrupted()
            except KeyboardInterrupt:
                return "at a good place"
        return "never"

    assert work(0) == "never"
    assert work(1) == "at a good place"
    with pytest.raises(KeyboardInterrupt):
        work(2)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_and_other_handlers_keep_their_signals() -> None:
    seen: list[object] = []

    def elsewhere() -> None:
        with deferred_interrupt() as interrupted:
            interrupted()
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(5)
    assert seen == [signal.default_int_handler]


def test_a_killed_capture_is_closed_by_the_next_writer(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from holdfast.importing import _Import

    class Killed(BaseException):
        pass

    def kill(_self: object) -> None:
        raise Killed

    export = write_export(tmp_path / "a", *posts(1, 2, 3))
    with monkeypatch.context() as patch:
        patch.setattr(_Import, "_seal_absences", kill)
        with pytest.raises(Killed):
            import_export(archive, export)
    assert [each.state for each in queries.captures(archive.engine())] == ["open"]
    summary = take(archive, write_export(tmp_path / "b", *posts(1, 2, 3, 4)))
    assert (summary.counts.new, summary.counts.unchanged) == (1, 3)
    assert [each.state for each in queries.captures(archive.engine())] == ["complete", "interrupted"]


@pytest.mark.parametrize("good", [0, 3, 6, 9, 12, 15])
def test_a_failed_write_is_said_and_the_next_import_continues(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: int
) -> None:
    export = write_export(tmp_path / "a", *posts(1, 2, 3), message(4, photo="1.jpg"))
    (export / "1.jpg").write_bytes(b"picture")
    real, count = os.fsync, 0

    def full(handle: int) -> None:
        nonlocal count
        count += 1
        if count > good:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="disk is full"):
            import_export(archive, export)
    assert count > good
    summary = take(archive, export)
    assert summary.counts.new + summary.counts.unchanged == 4
    assert queries.totals(archive.engine()).posts == 4


def test_a_sealed_copy_that_was_damaged_is_an_alarm_and_no_change_of_posts(
    archive: Archive, tmp_path: Path
) -> None:
    export = write_export(tmp_path / "a", *posts(1, 2, 3))
    take(archive, export)
    (blob,) = [path for path in (archive.vault / "blobs").rglob("*") if path.is_file()]
    blob.chmod(0o600)
    raw = bytearray(blob.read_bytes())
    raw[len(raw) // 2] ^= 1
    blob.write_bytes(raw)
    with pytest.raises(HoldfastError, match="keep this copy untouched"):
        import_export(archive, export)
    assert queries.totals(archive.engine()).captures == 1


def test_pages_cut_in_the_middle_keep_what_was_whole(archive: Archive, tmp_path: Path) -> None:
    row = (
        '<div class="message default clearfix" id="message%d"><div class="body">'
        '<div class="pull_right date details" title="28.12.2023 23:10:00 UTC+03:00">23:10</div>'
        '<div class="from_name">Путь домой</div><div class="text">post %d</div></div></div>\n'
    )
    pages = tmp_path / "pages"
    pages.mkdir()
    page = html_page("".join(row % (number, number) for number in range(1, 20)))
    (pages / "messages.html").write_bytes(page[: len(page) * 2 // 3])
    summary = take(archive, pages)
    assert 8 < summary.counts.new < 16
    (pages / "messages.html").write_bytes(page)
    assert take(archive, pages).counts.new == 19 - summary.counts.new
