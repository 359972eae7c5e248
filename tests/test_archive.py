"""The archive as a library: making, reading, rebuilding, and what it does about damage."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from holdfast.archive import ASIDE, Archive, create
from holdfast.catalog import queries, schema
from holdfast.catalog.known import catalog_error
from holdfast.errors import (
    FormatError,
    HoldfastError,
    IntegrityError,
    NoVaultError,
    StorageError,
    UsageError,
    VaultLockedError,
)
from holdfast.importing import import_export
from holdfast.vault.log import writer_lock
from tests.archives import CHANNEL, ORIGIN, answers, doubt, new_archive, rows, take, ticking, write_export
from tests.capture.exports import message, service

QUERIES = ("Бердянск", "berdyansk", '"post 3"', "post", "has:reply", "since:2023-12-29", "gone OR new")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "vault") as found:
        yield found


@pytest.fixture
def lived(archive: Archive, tmp_path: Path) -> Archive:
    """An archive with revisions, readings, an absence, a return, a title that changed, and a killed capture."""
    first = [
        service(1, "create_channel", title="Путь домой"),
        message(2, text="Автобус до Бердянска"),
        message(3, reactions=[{"type": "emoji", "count": 1, "emoji": "👍"}]),
        message(4, reply_to_message_id=3, text="gone"),
        message(5, date_unixtime=None, text="new", photo="photos/1.jpg"),
    ]
    later = [
        first[0],
        message(2, text="Автобус до Бердянска отменён"),
        message(3, reactions=[{"type": "emoji", "count": 4, "emoji": "👍"}]),
        message(5, date_unixtime=None, text="newer", photo="photos/1.jpg"),
        message(6, text="Berdyansk again"),
    ]
    one = write_export(tmp_path / "a", *first)
    (one / "photos").mkdir()
    (one / "photos" / "1.jpg").write_bytes(b"picture")
    take(archive, one)
    take(archive, write_export(tmp_path / "b", *later, name="Новое имя"))
    take(archive, one)
    take(archive, write_export(tmp_path / "c", *later[:3]))
    take(archive, write_export(tmp_path / "d", message(1, id=7), name="Other", id=5))
    return archive


# -- making and opening -----------------------------------------------------------------------------------


def test_opening_never_makes_a_vault(tmp_path: Path) -> None:
    with pytest.raises(NoVaultError):
        Archive.open(tmp_path / "nowhere")
    with pytest.raises(NoVaultError):
        Archive.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_vault_is_made_once_and_only_in_an_empty_place(tmp_path: Path) -> None:
    create(tmp_path / "vault", ORIGIN)
    with pytest.raises(UsageError, match="already is a vault"):
        create(tmp_path / "vault", ORIGIN)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="not empty"):
        create(tmp_path / "full", ORIGIN)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot make"):
        create(tmp_path / "file", ORIGIN)
    with pytest.raises(HoldfastError):
        create(tmp_path / "bad", "no spaces allowed")
    assert not (tmp_path / "bad").exists()


def test_a_killed_init_can_be_run_again(tmp_path: Path) -> None:
    create(tmp_path / "vault", ORIGIN)
    (tmp_path / "vault" / "vault.json").unlink()  # it is written before the first checkpoint
    shutil.rmtree(tmp_path / "vault" / "log")
    create(tmp_path / "vault", ORIGIN)
    doubt(tmp_path / "vault")


def test_an_encrypted_key_wants_its_passphrase(tmp_path: Path) -> None:
    create(tmp_path / "vault", ORIGIN, passphrase="open sesame")
    export = write_export(tmp_path / "a", message(1))
    for word, fault in ((None, "is encrypted"), ("wrong", "does not open")):
        with (
            Archive.open(tmp_path / "vault", passphrase=lambda word=word: word, workers=0) as archive,
            pytest.raises(UsageError, match=fault),
        ):
            import_export(archive, export)
    with Archive.open(tmp_path / "vault", passphrase=lambda: "open sesame", workers=0) as archive:
        assert take(archive, export).counts.new == 1


# -- rebuilding ------------------------------------------------------------------------------------------


def test_a_rebuild_gives_the_same_tables_and_the_same_answers(lived: Archive) -> None:
    before, answered = rows(lived), list(answers(lived, *QUERIES))
    assert any(total for _, total, _ in answered)
    totals = lived.rebuild()
    assert rows(lived) == before
    assert list(answers(lived, *QUERIES)) == answered
    assert totals == queries.totals(lived.engine())
    assert not (lived.vault / ASIDE).exists()
    doubt(lived.vault)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_deleted_catalog_is_made_anew_when_it_is_asked(lived: Archive, workers: int) -> None:
    before, answered = rows(lived), list(answers(lived, *QUERIES))
    lived.close()
    shutil.rmtree(lived.catalog_folder)
    with Archive.open(lived.vault, workers=workers) as again:
        assert rows(again) == before
        assert list(answers(again, *QUERIES)) == answered


def test_a_long_log_is_followed_on_several_cores_and_in_parts(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.archive.FOLLOW_AT_ONCE", 2)
    for number in range(12):
        import_export(archive, write_export(tmp_path / str(number), message(1, text=f"word{number}")))
    before = rows(archive)
    archive.workers = 2
    archive.rebuild()
    assert rows(archive) == before
    assert archive.find_posts("word3").posts[0].hit.revision == 4


@pytest.mark.parametrize(
    "wound",
    ["cut", "zeros", "empty", "no table", "other schema", "no index", "index cut", "index behind", "words"],
)
def test_a_damaged_catalog_is_made_anew(lived: Archive, wound: str) -> None:
    before, answered = rows(lived), list(answers(lived, *QUERIES))
    lived.close()
    file, index = lived.catalog_folder / "catalog.db", lived.catalog_folder / "search"
    for name in ("catalog.db-wal", "catalog.db-shm"):
        (lived.catalog_folder / name).unlink(missing_ok=True)
    if wound == "cut":
        file.write_bytes(file.read_bytes()[:5_000])
    elif wound == "zeros":
        file.write_bytes(bytes(file.stat().st_size))
    elif wound == "empty":
        file.write_bytes(b"")
    elif wound in ("no table", "other schema"):
        with sqlite3.connect(file) as db:
            db.execute(
                "DROP TABLE post" if wound == "no table" else "UPDATE followed SET schema_version = 99"
            )
            if wound == "no table":
                db.execute("DELETE FROM followed")
        db.close()
    elif wound == "no index":
        shutil.rmtree(index)
    elif wound == "index cut":
        (index / "posts" / "meta.json").write_text("{")
    elif wound == "index behind":
        db = sqlite3.connect(index / "words.db")
        with db:
            db.execute("UPDATE state SET value = 1 WHERE name = 'cursor'")
        db.close()
        with sqlite3.connect(file) as db:
            db.execute("UPDATE followed SET entries = entries - 1")
        db.close()
    else:
        (index / "words.db").write_bytes(b"not a database" * 500)
    with Archive.open(lived.vault, workers=0) as again:
        assert rows(again) == before
        assert list(answers(again, *QUERIES)) == answered


def test_a_catalog_of_another_vault_is_not_believed(lived: Archive, tmp_path: Path) -> None:
    create(tmp_path / "second", "other.example/log")
    lived.close()
    shutil.copytree(lived.catalog_folder, tmp_path / "second" / "catalog")
    with Archive.open(tmp_path / "second", workers=0) as other:
        assert queries.totals(other.engine()).posts == 0


def test_damage_that_shows_late_is_said_with_its_remedy(lived: Archive) -> None:
    lived.close()
    # The catalog names an entry that holds another post.
    db = sqlite3.connect(lived.catalog_folder / "catalog.db")
    with db:
        other = db.execute("SELECT entry, element FROM post WHERE post = 3").fetchone()
        db.execute("UPDATE post SET entry = ?, element = ? WHERE post = 6", other)
    db.close()
    with pytest.raises(FormatError, match="catalog is damaged") as caught:
        lived.post(f"{CHANNEL}/6")
    assert "holdfast rebuild" in caught.value.remedy
    lived.rebuild()
    assert lived.post(f"{CHANNEL}/6").state.post == 6


def test_flipped_bits_in_the_catalog_never_end_in_a_trace(lived: Archive) -> None:
    lived.close()
    file = lived.catalog_folder / "catalog.db"
    whole = file.read_bytes()
    for at in range(100, len(whole), 4_099):
        wounded = bytearray(whole)
        wounded[at : at + 40] = bytes(each ^ 0xFF for each in wounded[at : at + 40])
        file.write_bytes(wounded)
        for name in ("catalog.db-wal", "catalog.db-shm"):
            (lived.catalog_folder / name).unlink(missing_ok=True)
        with Archive.open(lived.vault, workers=0) as again:
            try:
                queries.totals(again.engine())
                again.find_posts("post")
                again.post(f"{CHANNEL}/2")
            except HoldfastError as error:
                assert error.remedy  # noqa: PT017 (most flips hit nothing that is asked for)
        doubt(lived.vault)
    file.write_bytes(whole)


def test_a_catalog_ahead_of_its_log_is_made_anew_by_the_next_writer(lived: Archive) -> None:
    before = rows(lived)
    lived.close()
    db = sqlite3.connect(lived.catalog_folder / "catalog.db")
    with db:
        db.execute("UPDATE followed SET entries = entries + 100")
    db.close()
    with lived.writing():
        pass
    assert rows(lived) == before


def test_a_log_that_was_set_back_behind_its_catalog_is_an_alarm(lived: Archive, tmp_path: Path) -> None:
    lived.close()
    older = tmp_path / "older"
    shutil.copytree(lived.vault, older)
    take(lived, write_export(tmp_path / "e", message(900)))
    lived.close()
    shutil.rmtree(older / "catalog")
    shutil.copytree(lived.catalog_folder, older / "catalog")
    with Archive.open(older, workers=0, clock=lived.clock) as archive:
        with pytest.raises(IntegrityError, match="the catalog follows"), archive.writing():
            pytest.fail("must not be reached")
        archive.rebuild()
        assert queries.totals(archive.engine()).posts == 7


# -- reading beside a writer, and where nothing may be written ----------------------------------------------


def test_reading_needs_no_lock(lived: Archive) -> None:
    with writer_lock(lived.vault), Archive.open(lived.vault, workers=0) as reader:
        assert reader.find_posts("post").total
        assert reader.post(f"{CHANNEL}/2").state.revision == 4
        assert queries.totals(reader.engine()).captures == 5


def test_a_catalog_that_cannot_be_made_now_is_a_clear_error(lived: Archive) -> None:
    lived.close()
    shutil.rmtree(lived.catalog_folder)
    with (
        writer_lock(lived.vault),
        Archive.open(lived.vault, workers=0) as reader,
        pytest.raises(VaultLockedError),
    ):
        reader.engine()


def test_a_catalog_that_is_behind_is_read_as_it_stands_while_another_writes(
    lived: Archive, tmp_path: Path
) -> None:
    lived.close()
    saved = tmp_path / "catalog"
    shutil.copytree(lived.catalog_folder, saved)
    take(lived, write_export(tmp_path / "e", message(900)))
    lived.close()
    shutil.rmtree(lived.catalog_folder)
    shutil.copytree(saved, lived.catalog_folder)
    with writer_lock(lived.vault), Archive.open(lived.vault, workers=0) as reader:
        assert queries.totals(reader.engine()).posts == 7
    with Archive.open(lived.vault, workers=0) as reader:
        assert queries.totals(reader.engine()).posts == 8


READ = """
import os, sys
from pathlib import Path
from holdfast.archive import Archive
from holdfast.catalog import queries
from holdfast.errors import StorageError
from holdfast.vault.log import writer_lock
vault = Path(sys.argv[1])
with Archive.open(Path(sys.argv[2]), workers=0) as archive:  # loads all that is loaded on demand
    archive.find_posts("Бердянск")
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
with Archive.open(vault, workers=0) as archive:
    print(archive.find_posts("Бердянск").total, archive.post("1700000001/2").state.revision)
    print(queries.totals(archive.engine()).posts)
    try:
        archive.rebuild()
    except StorageError as error:
        print(error.exit_code)
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_vault_that_may_not_be_written_is_read(lived: Archive) -> None:
    lived.close()
    # Readable by all, writable by none; where the tests run as root, the reading process becomes nobody.
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        vault = place / "vault"
        shutil.copytree(lived.vault, vault)
        for path in [vault, *vault.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(vault), str(lived.vault)],
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.defpath, "HOME": name},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for path in [vault, *vault.rglob("*")]:
            path.chmod(0o755)
    assert done.stdout.split() == ["2", "4", "7", "13"], done.stderr


def test_a_read_only_catalog_with_unfinished_work_says_so(lived: Archive) -> None:
    lived.close()
    file = lived.catalog_folder / "catalog.db"
    file.with_name("catalog.db-wal").write_bytes(b"x" * 100)
    with pytest.raises(StorageError, match="cannot be used"):
        schema.open_engine(lived.catalog_folder / "nowhere", write=False)
    file.with_name("catalog.db-wal").unlink()


def test_errors_of_the_database_are_ours() -> None:
    def fault(code: int) -> HoldfastError:
        error = sqlite3.OperationalError("it")
        error.sqlite_errorcode = code
        return catalog_error(error)

    assert "held by another" in fault(sqlite3.SQLITE_BUSY).message
    assert "disk is full" in fault(sqlite3.SQLITE_FULL).message
    assert isinstance(fault(sqlite3.SQLITE_IOERR), StorageError)
    assert isinstance(fault(sqlite3.SQLITE_CORRUPT), FormatError)
    assert isinstance(catalog_error(ValueError("it")), FormatError)


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot make"):
        schema.open_engine(tmp_path / "file" / "catalog", write=True)


@pytest.mark.parametrize("name", ["with space", "with#hash", "with?mark", "with%25percent", "знак"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    with new_archive(tmp_path / name) as archive:
        take(archive, write_export(tmp_path / "a", message(1)))
        assert archive.find_posts("post").total == 1
        archive.rebuild()
        assert archive.post(f"{CHANNEL}/1").state.post == 1


# -- several vaults, several threads ------------------------------------------------------------------------


def test_several_vaults_in_one_process_keep_apart(tmp_path: Path) -> None:
    found = [new_archive(tmp_path / name) for name in "abc"]
    for number, each in enumerate(found):
        export = write_export(tmp_path / f"export{number}", message(1, text=f"word{number}"))
        import_export(each, export)
        import_export(each, write_export(tmp_path / f"later{number}", message(1, text=f"other{number}")))
    for number, each in enumerate(found):
        assert each.find_posts(f"word{number}").total == 1
        assert each.find_posts(f"word{(number + 1) % 3}").total == 0
        assert each.post(f"{CHANNEL}/1").state.revision == 2
        each.close()


def test_a_vault_made_anew_in_the_same_place_is_another_vault(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        with new_archive(tmp_path / "vault") as archive:
            import_export(archive, write_export(tmp_path / "a", message(1, text=text)))
            summary = take(archive, write_export(tmp_path / "b", message(1, text=f"{text} more")))
            assert summary.chats[0].changes == {"text": 1}
            archive.rebuild()
            archive.rebuild()
            summary = take(archive, write_export(tmp_path / "b", message(1, text=f"{text} more")))
            assert summary.counts.unchanged == 1
        shutil.rmtree(tmp_path / "vault")


def test_many_threads_read_one_archive(lived: Archive) -> None:
    expected = list(answers(lived, *QUERIES))
    lived.close()
    barrier = threading.Barrier(6)

    def ask(_: int) -> bool:
        barrier.wait(20)
        for _ in range(5):
            assert list(answers(lived, *QUERIES)) == expected
            assert lived.post(f"{CHANNEL}/2").state.revision == 4
        return True

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(ask, range(6)))


# -- asking -----------------------------------------------------------------------------------------------


def test_a_post_is_found_once_however_many_of_its_revisions_match(archive: Archive, tmp_path: Path) -> None:
    for turn in range(4):
        records = [message(number, text=f"common turn{turn}") for number in (1, 2)]
        import_export(archive, write_export(tmp_path / str(turn), *records, message(3, text="common")))
    page = archive.find_posts("common")
    assert (page.total, page.is_exact) == (3, True)
    assert sorted(each.hit.post for each in page.posts) == ["1", "2", "3"]
    assert archive.find("common").total == 9
    old = archive.find_posts("turn1").posts[0]
    assert (old.hit.revision, old.state.revision) == (2, 4)
    pages = [archive.find_posts("common", limit=1, offset=at, sort="newest").posts for at in range(4)]
    assert len({each.hit.post for page in pages for each in page}) == 3
    assert pages[3] == []
    assert archive.find_posts("common", limit=0).posts == []
    assert archive.find_posts("common", limit=0).total == 3


def test_revisions_are_grouped_beyond_the_first_look(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.archive.GROUPED_AT_LEAST", 2)
    for turn in range(5):
        records = [message(number, text=f"common {turn}") for number in range(1, 5)]
        import_export(archive, write_export(tmp_path / str(turn), *records))
    page = archive.find_posts("common", limit=4)
    assert len({each.hit.post for each in page.posts}) == 4
    assert page.total in (4, 20)
    assert not archive.find_posts("common", limit=1).is_exact
    assert archive.find_posts("common", limit=5).total == 4


def test_a_reader_that_stays_open_shows_a_channel_as_it_was_last_seen(
    archive: Archive, tmp_path: Path
) -> None:
    take(archive, write_export(tmp_path / "a", message(1, text="post"), name="Old name"))
    with Archive.open(archive.vault) as reader:
        shown = [each.channel for each in reader.find_posts("post").posts]
        assert [(each.title, each.posts) for each in shown] == [("Old name", 1)]
        more = [message(1, text="post"), message(2, text="another post")]
        take(archive, write_export(tmp_path / "b", *more, name="New name"))
        take(archive, write_export(tmp_path / "c", message(1, text="post, too"), id=5, name="Other"))
        shown = [each.channel for each in reader.find_posts("post").posts]
        assert sorted((each.title or "", each.posts) for each in shown) == [
            ("New name", 2),
            ("New name", 2),
            ("Other", 1),
        ]


def test_a_hit_that_the_tables_do_not_know_yet_is_left_out(lived: Archive) -> None:
    hits = lived.find("post")
    assert lived.found(hits)
    lived.close()
    db = sqlite3.connect(lived.catalog_folder / "catalog.db")
    with db:
        db.execute("DELETE FROM post WHERE post = 3")
    db.close()
    assert all(each.hit.post != "3" for each in lived.found(lived.find("post")))


@pytest.mark.parametrize(("limit", "offset"), [(-1, 0), (1, -1)])
def test_counts_below_zero_are_refused(lived: Archive, limit: int, offset: int) -> None:
    with pytest.raises(UsageError, match="negative"):
        lived.find_posts("post", limit=limit, offset=offset)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("12", "names no post"),
        ("x/", "names no post"),
        ("/5", "empty"),
        ("x/five", "names no post"),
        ("x/¹", "names no post"),
        ("nobody/5", "no channel is called"),
        (f"{CHANNEL}/77", "not in this vault"),
        (f"{CHANNEL}/{'9' * 30}", "not in this vault"),
        ("o/1", "2 channels are called"),
    ],
)
def test_a_name_that_leads_nowhere_says_why(lived: Archive, tmp_path: Path, name: str, fault: str) -> None:
    if name.startswith("o/"):
        take(lived, write_export(tmp_path / "z", message(1), name="One more", id=8))
    with pytest.raises(UsageError, match=fault) as caught:
        lived.post(name)
    assert caught.value.remedy


def test_posts_are_found_by_old_and_new_names_of_their_channel(lived: Archive) -> None:
    for name in (CHANNEL, "Путь домой", "путь ДОМОЙ", "Новое", "@новое имя"):
        assert lived.post(f"{name}/2").channel.id == CHANNEL
    assert lived.find_posts("channel:Other post").total == 1
    assert len(list(lived.sample(1, 10))) == 5


def test_a_clock_that_went_back_stops_the_writer(tmp_path: Path) -> None:
    archive = new_archive(tmp_path / "vault", clock=ticking(2_000_000_000))
    take(archive, write_export(tmp_path / "a", message(1)))
    archive.clock = ticking(1_900_000_000)
    with pytest.raises(HoldfastError) as caught:
        import_export(archive, write_export(tmp_path / "b", message(2)))
    assert caught.value.exit_code == 13
    doubt(archive.vault)
    archive.close()


def test_a_sealed_post_that_was_altered_is_an_alarm(lived: Archive) -> None:
    lived.engine()
    partial = next((lived.vault / "private" / "entries").rglob("*.p/*"))
    for path in [partial, lived.vault / "state.db"]:
        path.chmod(0o600)
    raw = partial.read_bytes()
    db = sqlite3.connect(lived.vault / "state.db")
    with db:
        db.execute("UPDATE tail SET frame = zeroblob(10)")
    db.close()
    partial.write_bytes(raw[:40] + bytes(20) + raw[60:])
    # A reader of its own: one that was there before still holds what it read.
    with (
        Archive.open(lived.vault) as reader,
        pytest.raises(IntegrityError, match=r"^keep this copy untouched"),
    ):
        reader.post(f"{CHANNEL}/6")
