"""Calls as people make them: what is answered, on which stream, with which exit code."""

from __future__ import annotations

import io
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from holdfast.cli import VERBS, main
from holdfast.demo import write_exports
from holdfast.vault.log import writer_lock
from tests.archives import CHANNEL, ORIGIN, write_export
from tests.capture.exports import message, service


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        answer = json.loads(self.out)
        assert answer["ok"] is True
        return answer["data"]

    @property
    def error(self) -> dict[str, str]:
        answer = json.loads(self.out)
        assert answer["ok"] is False
        assert set(answer) == {"ok", "error"}
        assert set(answer["error"]) == {"code", "message", "remedy"}
        error: dict[str, str] = answer["error"]
        return error


Say = Callable[..., Said]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Say:
    def call(*words: str | Path) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return Said(code, *capfd.readouterr())

    return call


@pytest.fixture
def vault(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty vault that calls find without being told, in one process."""
    folder = tmp_path / "vault"
    monkeypatch.setenv("HOLDFAST_VAULT", str(folder))
    monkeypatch.setenv("HOLDFAST_WORKERS", "0")
    monkeypatch.chdir(tmp_path)
    assert say("init", "--origin", ORIGIN).code == 0
    return folder


# -- words that are off ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("find",),
        ("find", "x", "--match", "loosely"),
        ("find", "x", "--limit", "many"),
        ("find", "x", "--limit", "-1"),
        ("find", "(x"),
        ("find", 'x "y'),
        ("find", "channel:nobody x"),
        ("find", "since:yesterday x"),
        ("init",),
        ("init", "--origin", ORIGIN),
        ("show", "nothing"),
        ("show", "nobody/1"),
        ("prove", f"{CHANNEL}/1"),
        ("prove", "nobody/1", "--out", "x"),
        ("verify", "--key", "nonsense"),
        ("verify", "--sample", "0"),
        ("import",),
        ("import", ".", "--channel", "abc"),
        ("config", "nonsense"),
        ("demo", "--json"),
        ("demo", "nowhere"),
        ("status", "extra"),
    ],
)
def test_words_that_are_off_are_said_on_both_streams(say: Say, words: tuple[str, ...]) -> None:
    said = say(*words)
    assert said.code == 2, said
    assert said.out == "" or "--json" in words
    assert said.err.startswith("holdfast: ")
    assert "what to do: " in said.err
    if "--json" not in words:
        said = say(*words, "--json")
        assert said.code == 2
        assert said.error["code"] == "usage"
        assert said.error["remedy"]


@pytest.mark.usefixtures("vault")
def test_a_query_that_is_off_is_pointed_at(say: Say) -> None:
    lines = say("find", "road (to home").err.splitlines()
    assert lines[1] == "  road (to home"
    assert lines[2].index("^") == lines[1].index("(")


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        (10, "no_vault", ("status", "--vault", "nowhere")),
        (10, "no_vault", ("verify", "nowhere")),
        (20, "source", ("import", "nowhere")),
        (20, "source", ("import", "vault")),
    ],
)
def test_what_is_not_there_has_its_code(say: Say, code: int, name: str, words: tuple[str, ...]) -> None:
    said = say(*words, "--json")
    assert (said.code, said.error["code"]) == (code, name)


def test_a_vault_of_a_newer_format_is_refused(vault: Path, say: Say) -> None:
    path = vault / "vault.json"
    path.write_text(path.read_text().replace('"format_version":1', '"format_version":2'))
    for verb in (("status",), ("find", "x"), ("verify",), ("rebuild",)):
        said = say(*verb, "--json")
        assert (said.code, said.error["code"]) == (12, "version"), verb


def test_a_locked_vault_is_read_and_not_written(vault: Path, say: Say, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1))
    assert say("import", export).code == 0
    with writer_lock(vault):
        for words in (("status",), ("find", "post"), ("show", f"{CHANNEL}/1"), ("verify",)):
            assert say(*words).code == 0, words
        for words in (("import", str(export)), ("rebuild",)):
            said = say(*words, "--json")
            assert (said.code, said.error["code"]) == (11, "locked")


def test_a_rolled_back_vault_is_refused(vault: Path, say: Say, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    shutil.copytree(vault, saved)
    export = write_export(tmp_path / "a", message(1))
    assert say("import", export).code == 0
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (vault / name).unlink(missing_ok=True)
        if (saved / name).exists():
            shutil.copy(saved / name, vault / name)
    said = say("import", export, "--json")
    assert (said.code, said.error["code"]) == (4, "rollback")


def test_an_older_or_foreign_folder_is_no_vault(say: Say, tmp_path: Path) -> None:
    (tmp_path / "vault.json").write_text("{}")
    said = say("status", "--vault", tmp_path, "--json")
    assert said.code == 4
    (tmp_path / "file").write_text("")
    assert say("status", "--vault", tmp_path / "file").code == 10


@pytest.mark.usefixtures("vault")
def test_a_bug_is_one_line_unless_more_is_asked_for(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError("with content that must not be shown")

    monkeypatch.setattr("holdfast.cli.status.queries.totals", bug)
    said = say("status", "--json")
    assert said.code == 1
    assert said.error["code"] == "bug"
    assert "ZeroDivisionError in test_calls.py" in said.err
    assert "content" not in said.err
    monkeypatch.setenv("HOLDFAST_DEBUG", "1")
    assert "Traceback" in say("status").err


# -- what is answered -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("vault")
def test_a_day_with_the_program(say: Say, tmp_path: Path) -> None:
    first, second = write_exports(tmp_path / "exports")
    said = say("import", first)
    assert said.code == 0
    assert "17 records read, 17 new" in said.out
    assert "1 file sealed" in said.out
    said = say("import", second)
    assert "6 changed, 10 unchanged, 1 absent" in said.out
    assert "differs in: edit mark 1, reactions 4, text 1, votes 1" in said.out
    for word in ("Бердянск", "berdyansk", "Berdiansk", "Бердянськ"):
        assert say("find", word).err.strip() == "3 posts", word
    said = say("show", "Тихий берег/11")
    assert "[-18-]{+19+}" in said.out
    assert "revision 2" in said.out
    said = say("show", "Тихий берег/12")
    assert "not in one read" in said.out
    said = say("prove", "Тихий берег/7", "--out", tmp_path / "proof")
    assert "media dd9d7da9" in said.out
    assert say("verify", tmp_path / "proof").code == 0
    key = (tmp_path / "proof" / "log.vkey").read_text().split()[0]
    said = say("verify", tmp_path / "proof", "--key", key)
    assert "the key you gave" in said.out
    assert say("verify", tmp_path / "proof", "--sample", "3").code == 2
    assert "HOLDS" in say("verify").out
    assert "sample" in say("verify", "--sample", "2").err
    said = say("status")
    assert "17 posts in 1 channel, 23 observations" in said.out
    assert "6 entries followed: 17 posts" in say("rebuild").out


@pytest.mark.usefixtures("vault")
def test_a_person_reads_what_was_left_out(say: Say, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1), b'{"id": 2, "date": }', message(3))
    said = say("import", export)
    assert said.code == 3
    assert "3 records read, 2 new, 1 skipped" in said.out
    assert "1 × bad_json" in said.out
    assert "Some records could not be read" in said.err
    said = say("import", export, "--json")
    assert said.code == 3
    assert said.data["problems"] == {"bad_json": 1}
    group = write_export(tmp_path / "g", message(1), type="private_group", name="Family", id=9)
    said = say("import", group)
    assert said.code == 0
    assert "a group, left out (take it with --include-private)" in said.out


@pytest.mark.usefixtures("vault")
def test_an_export_without_order_covers_nothing_and_says_so(say: Say, tmp_path: Path) -> None:
    shuffled = write_export(tmp_path / "a", message(5), message(2), message(9))
    assert (
        "covers no range of ids (records out of order): nothing is called absent"
        in say("import", shuffled).out
    )
    many: list[dict[str, Any] | bytes] = [message(1), b"[1]", message(3), b"[1]", message(5), b"[1]", message(7), b"[1]", message(9), b"[1]",
            message(11), b"[1]", message(13)]  # fmt: skip
    assert "and 2 more spans" in say("import", write_export(tmp_path / "b", *many)).out


@pytest.mark.usefixtures("vault")
def test_notices_go_to_people(say: Say, tmp_path: Path) -> None:
    say("import", write_export(tmp_path / "ChatExport_2023-12-29", message(1)))
    said = say("import", write_export(tmp_path / "ChatExport_2022-12-29", message(1)), "--json")
    assert "note: " in said.err
    assert said.data["notices"]


@pytest.mark.usefixtures("vault")
def test_find_shows_each_post_once_and_says_how_it_matched(say: Say, tmp_path: Path) -> None:
    say("import", write_export(tmp_path / "a", *[message(n, text=f"дорога {n}") for n in range(1, 31)]))
    records = [message(n, text=f"дорога {n} закрыта" if n == 3 else f"дорога {n}") for n in range(1, 30)]
    say("import", write_export(tmp_path / "b", *records, message(31, text="дорогой", date_unixtime=None)))
    said = say("find", "дорога", "--limit", "2")
    assert said.out.count(f"{CHANNEL}/") == 2
    assert said.err.strip() == "1–2 of 31 posts"
    assert say("find", "дорога", "--limit", "0").err.strip() == "31 posts"
    assert say("find", "дорога", "--offset", "40").err.strip() == "none of 31 posts from 41 on"
    assert say("find", "ничего").err.strip() == "0 posts"
    said = say("find", "дорога", "закрыта")
    assert "[дорога] 3 [закрыта]" in said.out
    said = say("find", "дорогой", "--match", "stem", "--limit", "1")
    assert "2023-12-28T23:10:00 (local)" in said.out
    assert "other ending" in say("find", "дорогами", "--limit", "1").out
    assert "other spelling or script" in say("find", "doroga", "--limit", "1").out
    hits = say("find", "дорога", "--limit", "40", "--json").data["hits"]
    assert len({hit["post"] for hit in hits}) == 31
    assert {hit["revisions"] for hit in hits} == {1, 2}
    assert "missing when last looked for" in say("find", '"дорога 30"').out
    assert "in an earlier revision" not in say("find", '"дорога 3"').out
    assert say("find", "дорога since:2023-12-29T12:00").err.startswith("0 posts")


@pytest.mark.usefixtures("vault")
def test_what_the_index_bounds_or_cannot_date_is_said(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from holdfast.archive import Archive

    say("import", write_export(tmp_path / "a", message(1), message(2, date="", date_unixtime=None)))
    assert "1 more post would match, but the source records no time" in say("find", "post since:2020").err
    real = Archive.find

    def bounded(self: Archive, *words: Any, **options: Any) -> Any:
        return msgspec.structs.replace(real(self, *words, **options), bounded=True)

    monkeypatch.setattr(Archive, "find", bounded)
    assert "2 posts or more" in say("find", "post").err
    assert say("find", "post", "--json").data["total_is_exact"] is False
    say("import", write_export(tmp_path / "b", message(1, text="post, changed"), message(2)))
    monkeypatch.setattr(Archive, "find", real)
    monkeypatch.setattr("holdfast.archive.GROUPED_AT_LEAST", 1)
    assert "1–1 of at most 3 posts" in say("find", "post", "--limit", "1").err


@pytest.mark.usefixtures("vault")
def test_a_long_life_is_listed_in_part(say: Say, tmp_path: Path) -> None:
    for number in range(12):
        say("import", write_export(tmp_path / "a", message(1, text=str(number))))
    say("import", write_export(tmp_path / "g", message(1), type="private_group", id=9), "--include-private")
    said = say("status").out
    assert "and 3 older" in said
    assert "(1 post, group)" in said
    assert say("status", "--json").data["captures"][0]["state"] == "complete"
    assert say("rebuild", "--json").data["captures"] == 13


def test_what_is_not_signed_yet_or_not_followed_yet_is_said(vault: Path, say: Say, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1))
    say("import", export)
    checkpoint, note = (vault / "log" / "checkpoint").read_bytes(), tmp_path / "catalog"
    shutil.copytree(vault / "catalog", note)
    say("import", write_export(tmp_path / "b", message(2)))
    newer = (vault / "log" / "checkpoint").read_bytes()
    (vault / "log" / "checkpoint").write_bytes(checkpoint)
    assert "that the next import signs" in say("status").out
    assert "not yet under a published checkpoint" in say("show", f"{CHANNEL}/2").out
    (vault / "log" / "checkpoint").write_bytes(newer)
    shutil.rmtree(vault / "catalog")
    shutil.copytree(note, vault / "catalog")
    with writer_lock(vault):
        assert "behind: it follows 3 entries" in say("status").out


@pytest.mark.usefixtures("vault")
def test_a_proof_says_what_it_withholds(say: Say, tmp_path: Path) -> None:
    say("import", write_export(tmp_path / "a", message(1, author="Ольга")))
    said = say(
        "prove", f"{CHANNEL}/1", "--out", tmp_path / "proof", "--withhold", "author", "--withhold", "raw"
    )
    assert "withheld: author, raw" in said.out
    data = say("prove", f"{CHANNEL}/1", "--out", tmp_path / "other", "--no-media", "--json").data
    assert data["artefacts"] == []
    assert "withheld" in say("verify", tmp_path / "proof").out


@pytest.mark.usefixtures("vault")
def test_show_tells_all_that_is_sealed(say: Say, tmp_path: Path) -> None:
    records = [
        service(1, "edit_group_title", title="Новое\x07 имя"),
        message(
            2,
            text="ответ",
            author="Ольга",
            via_bot="@bot",
            reply_to_message_id=1,
            forwarded_from="Порт",
            edited="2024-01-01T00:00:00",
            edited_unixtime="1704067200",
            reactions=[{"type": "emoji", "count": 2, "emoji": "👍"}],
            file="(File not included. Change data exporting settings to download.)",
            file_name="film.mp4",
            media_type="video_file",
            mime_type="video/mp4",
            duration_seconds=125,
            width=1280,
            height=720,
            file_size=1_500_000,
        ),
        message(
            3,
            text="",
            poll={
                "question": "Когда?",
                "closed": False,
                "total_voters": 3,
                "answers": [
                    {"text": "да", "voters": 2, "chosen": False},
                    {"text": "нет", "voters": 1, "chosen": False},
                ],
            },
        ),
        message(4, reply_to_message_id=9, reply_to_peer_id="channel5", text="x\\x01y"),
    ]
    say("import", write_export(tmp_path / "a", *records))
    said = say("show", f"{CHANNEL}/1").out
    assert "service    edit_group_title (title Новое\\x07 имя)" in said
    assert "(no text)" in said
    said = say("show", f"{CHANNEL}/2").out
    for part in (
        "edited     2024-01-01T00:00:00Z",
        "forwarded  from Порт",
        "reply      to 1",
        "author     Ольга, via @bot",
        "media      video, film.mp4, 2:05, 1280×720, 1.5 MB, not included in the export",
        "views      not recorded",
        "reactions  👍 2",
        "raw        artefact ",
    ):
        assert part in said, part
    said = say("show", f"{CHANNEL}/3").out
    assert "media      poll, Когда?" in said
    assert "votes      да: 2" in said
    assert "reply      to " in say("show", f"{CHANNEL}/4").out
    data = say("show", f"{CHANNEL}/2", "--json").data
    assert data["observations"][0]["seen"]["metrics"]["reactions"] == [["👍", 2]]


@pytest.mark.usefixtures("vault")
def test_show_tells_of_return_and_of_marks_that_changed(say: Say, tmp_path: Path) -> None:
    one = write_export(tmp_path / "a", message(1), message(2), message(3))
    say("import", one)
    bold = message(3, text=[{"type": "bold", "text": "post 3"}])
    say("import", write_export(tmp_path / "b", message(1), bold))
    say("import", one)
    said = say("show", f"{CHANNEL}/2").out
    assert "it was missing on" in said
    assert "differs in back" in said
    assert "the words are the same" in say("show", f"{CHANNEL}/3").out


@pytest.mark.usefixtures("vault")
def test_a_post_of_five_megabytes_is_shown_in_part(say: Say, tmp_path: Path) -> None:
    say("import", write_export(tmp_path / "a", message(1, text="слово " * 900_000)))
    said = say("show", f"{CHANNEL}/1")
    assert len(said.out) < 30_000
    assert "characters more: --json has them all" in said.out
    said = say("find", "слово")
    assert len(said.out) < 2_000
    say("import", write_export(tmp_path / "b", message(1, text="другое " * 900_000)))
    assert len(say("show", f"{CHANNEL}/1").out) < 60_000


EVIL = "\x1b]0;owned\x07\x1b[2J\u202eevil\u2066\r\nnext\u0000\u009b31m"


@pytest.mark.usefixtures("vault")
def test_hostile_text_never_reaches_a_terminal_raw(say: Say, tmp_path: Path) -> None:
    export = write_export(
        tmp_path / "a",
        message(1, text=f"word {EVIL}", author=EVIL, file=f"x/{EVIL}", file_name=EVIL, forwarded_from=EVIL),
        service(2, EVIL, title=EVIL),
        b'{"id": "' + b"\xff\x1b[2J" + b'", "type": "message"}',
        name=f"Title {EVIL}",
    )
    said = [
        say("import", export),
        say("status"),
        say("find", "word"),
        say("show", f"{CHANNEL}/1"),
        say("show", f"{CHANNEL}/2"),
        say("show", f"{EVIL}/1"),
        say("find", f"channel:{EVIL}"),
        say("prove", f"{CHANNEL}/1", "--out", tmp_path / "proof"),
        say("verify", tmp_path / "proof"),
        say("verify"),
    ]
    for each in said:
        for stream in (each.out, each.err):
            assert not set(stream) & set("\x1b\x07\x00\x9b\r\u202e\u2066"), each


# -- verify --------------------------------------------------------------------------------------------------------


def test_what_does_not_hold_is_named_with_its_place(vault: Path, say: Say, tmp_path: Path) -> None:
    say("import", write_export(tmp_path / "a", message(1)))
    (blob,) = [path for path in (vault / "blobs").rglob("*") if path.is_file()]
    blob.chmod(0o644)
    raw = bytearray(blob.read_bytes())
    raw[len(raw) // 2] ^= 1
    blob.write_bytes(raw)
    (vault / "log" / "stranger").write_text("")
    said = say("verify")
    assert said.code == 4
    assert "DOES NOT HOLD: keep this copy untouched" in said.out
    assert f"alarm       blobs/sha256/{blob.name[:2]}" in said.out
    assert "stranger" in said.out
    data = say("verify", "--json").data
    assert (data["verdict"], data["holds"]) == ("does not hold", False)
    assert {finding["severity"] for finding in data["findings"]} == {"alarm"}


@pytest.mark.usefixtures("vault")
def test_another_key_does_not_fit(say: Say, tmp_path: Path) -> None:
    say("init", tmp_path / "other", "--origin", ORIGIN)
    other = json.loads((tmp_path / "other" / "vault.json").read_text())["keys"][0]
    said = say("verify", "--key", other)
    assert said.code == 4
    assert "no signature could be believed" in said.out


def test_a_vault_whose_keys_are_unreadable_is_not_checked(vault: Path, say: Say) -> None:
    (vault / "vault.json").unlink()
    (vault / "log" / "tile").mkdir()  # without it, and without a name, it is an init that was killed
    said = say("verify")
    assert said.code in (4, 5)
    assert "HOLDS:" not in said.out


def test_many_findings_are_counted(vault: Path, say: Say) -> None:
    for number in range(130):
        (vault / "log" / f"stranger{number}").write_text("")
    said = say("verify")
    assert said.code == 4
    assert "findings more" in said.out
    assert said.out.count("stranger") == 100


# -- streams -------------------------------------------------------------------------------------------------------


def program(*words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "holdfast", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        timeout=60,
        check=False,
        **options,
    )


@pytest.mark.usefixtures("vault")
def test_a_reader_that_goes_away_is_no_error(say: Say, tmp_path: Path) -> None:
    say("import", write_export(tmp_path / "a", *[message(n, text="слово " * 40) for n in range(1, 300)]))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m holdfast find слово --limit 299 | head -n 1"],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Error" not in done.stderr


@pytest.mark.usefixtures("vault")
def test_progress_is_drawn_on_a_terminal_only(tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", *[message(n, text="слово " * 60) for n in range(1, 400)])
    done = program("import", str(export), capture_output=True)
    assert done.returncode == 0
    assert done.stderr == b""
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    os.environ.update(environment)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "holdfast", "rebuild"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        drawn = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            drawn += piece
        assert process.stdout is not None
        out = process.stdout.read()
        process.stdout.close()
        assert process.wait(30) == 0
    finally:
        os.close(ours)
    assert b"following the log" in drawn
    assert b"following" not in out


def test_help_names_every_verb_in_the_order_of_a_first_day(say: Say) -> None:
    said = say("--help")
    assert said.code == 0
    places = [said.out.index(f"│ {verb} ") for verb in VERBS]
    assert places == sorted(places)
    for verb, line in VERBS.items():
        assert line.split(",")[0][:30] in said.out
        assert say(verb, "--help").out.startswith("Usage: holdfast ")
    assert "since:2023-12-01" in say("find", "--help").out
    assert say("--version").out.strip()
    assert say().out.startswith("Usage: holdfast")


@pytest.mark.usefixtures("vault")
def test_log_lines_are_json_when_asked(say: Say, capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    say("status", "--log-json")
    logging.getLogger("holdfast.test").warning("it happened: %s", "так")
    line = capfd.readouterr().err.splitlines()[-1]
    assert json.loads(line) == {"level": "warning", "logger": "holdfast.test", "message": "it happened: так"}
    say("status")
    logging.getLogger("holdfast.test").warning("again")
    assert capfd.readouterr().err == "holdfast: again\n"


# -- settings and keys ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("vault")
def test_config_show_says_where_each_value_came_from(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('record_host = false\nvault = "/elsewhere"\n')
    monkeypatch.setenv("HOLDFAST_CONFIG", str(file))
    monkeypatch.setenv("HOLDFAST_PASSPHRASE", "open sesame")
    said = say("config", "show")
    assert "open sesame" not in said.out
    settings = {each["name"]: each for each in say("config", "show", "--json").data["settings"]}
    assert {name: each["origin"] for name, each in settings.items()} == {
        "vault": "environment",
        "workers": "environment",
        "record_host": "file",
        "telegram_web": "default",
        "proxy": "default",
        "user_agent": "default",
        "rate": "default",
        "passphrase": "environment",
    }
    file.write_text("colour = true\n")
    said = say("status", "--json")
    assert said.code == 2
    assert "unknown key 'colour'" in said.error["message"]


def test_keys_can_be_encrypted(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())  # no terminal to ask at
    said = say("init", tmp_path / "a", "--origin", ORIGIN, "--encrypt-keys", "--json")
    assert said.code == 2
    assert "no passphrase" in said.error["message"]
    monkeypatch.setenv("HOLDFAST_PASSPHRASE", "open sesame")
    assert say("init", tmp_path / "a", "--origin", ORIGIN, "--encrypt-keys").code == 0
    assert b"ENCRYPTED" in (tmp_path / "a" / "keys" / "ed25519.pem").read_bytes()
    export = write_export(tmp_path / "e", message(1))
    assert say("import", export, "--vault", tmp_path / "a").code == 0
    monkeypatch.delenv("HOLDFAST_PASSPHRASE")
    said = say("import", export, "--vault", tmp_path / "a", "--json")
    assert said.code == 2
    assert "is encrypted" in said.error["message"]
    # At a terminal it is asked for.
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _: True})())
    monkeypatch.setattr("getpass.getpass", lambda _: "open sesame")
    assert say("import", export, "--vault", tmp_path / "a").code == 0


# -- the tour ------------------------------------------------------------------------------------------------------


def test_the_tour_tells_its_story(say: Say, tmp_path: Path) -> None:
    said = say("demo", "--out", tmp_path / "tour")
    assert said.code == 0, said
    for part in ("made-up", "1 absent", "Berdyansk", "HOLDS", "index.html", "Next, on your own data"):
        assert part in said.out, part
    assert (tmp_path / "tour" / "proof" / "proof.json").exists()
    assert say("demo", "--out", tmp_path / "tour").code == 2


def test_the_tour_takes_a_real_export(say: Say, shared_data: Path, tmp_path: Path) -> None:
    said = say("demo", shared_data / "exports" / "channel-2025-first", "--out", tmp_path / "tour")
    assert said.code == 0, said
    assert "924 records read, 924 new" in said.out
    assert "made-up" not in said.out


def test_the_tour_takes_what_is_small_odd_or_private(say: Say, tmp_path: Path) -> None:
    odd = write_export(tmp_path / "odd", message(1, text=""), b'{"id": 2, "date": }')
    said = say("demo", odd, "--out", tmp_path / "one")
    assert said.code == 0, said
    group = write_export(tmp_path / "group", message(1), type="private_group")
    said = say("demo", group, "--out", tmp_path / "two")
    assert said.code == 2
    assert "the export holds no channel" in said.err
    other = tmp_path / "other.json"
    other.write_text("[]")
    said = say("demo", other, "--out", tmp_path / "three")
    assert said.code != 0
    assert "the tour stopped" in said.err
