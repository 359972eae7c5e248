"""The index on disk: what is added is found once, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdfast.errors import FormatError, StorageError, VaultLockedError
from holdfast.search.folding import prepare
from holdfast.search.index import IndexRow, SearchIndex
from holdfast.search.query import Hits, parse_query, search


def row(number: int, text: str, **changes: object) -> IndexRow:
    values: dict[str, object] = {
        "channel": 1,
        "post": str(number),
        "revision": 0,
        "entry": number,
        "element": 0,
        "earliest": 1_700_000_000 + number,
        "latest": 1_700_000_000 + number,
        "has": (),
        "tokens": prepare(text)[0],
    }
    return IndexRow(**{**values, **changes})  # type: ignore[arg-type]


def add(index: SearchIndex, *rows: IndexRow) -> None:
    index.add(rows)
    index.add_words(word for one in rows for word in one.tokens.split())


def find(index: SearchIndex, text: str, limit: int = 100) -> Hits:
    return search(index, parse_query(text), limit=limit, channels=lambda name: [int(name)])


def posts(index: SearchIndex, text: str) -> list[str]:
    return sorted(hit.post for hit in find(index, text).hits)


def test_a_row_comes_back_as_it_was_added(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path / "index", write=True) as index:
        add(
            index,
            row(1, "путь", channel=7, post="-9223372036854775808", revision=3, entry=2**40, element=127),
            row(2, "путь", channel=2**30, post="99999999999999999999999", revision=2**20, element=65_535),
            row(3, "путь", post="007"),
            row(4, "путь", post="9007199254740993"),
        )
        index.commit(2**40 + 1)
        found = {hit.post: hit for hit in find(index, "путь").hits}
    assert set(found) == {"-9223372036854775808", "99999999999999999999999", "007", "9007199254740993"}
    first = found["-9223372036854775808"]
    assert (first.channel, first.revision, first.entry, first.element) == (7, 3, 2**40, 127)
    second = found["99999999999999999999999"]
    assert (second.channel, second.revision, second.entry, second.element) == (2**30, 2**20, 2, 65_535)


def test_what_is_not_committed_is_not_found_and_comes_again(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        assert index.cursor == 0
        add(index, row(0, "путь"), row(1, "путь домой"))
        index.commit(2)
        add(index, row(2, "путь"))
        assert posts(index, "путь") == ["0", "1"]
    with SearchIndex.open(tmp_path, write=True) as index:
        assert index.cursor == 2
        assert posts(index, "путь") == ["0", "1"]


def test_entries_past_the_cursor_are_not_there_twice_after_a_crash_between_posts_and_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        add(index, row(0, "путь"))
        index.commit(1)
        add(index, row(1, "путь"), row(2, "путь"))
        with monkeypatch.context() as patched:
            # The crash: posts are written, the cursor is not.
            patched.setattr(index._table, "set_state", lambda *_: sys.exit("killed"))
            with pytest.raises(SystemExit):
                index.commit(3)
    with SearchIndex.open(tmp_path) as reader:
        assert posts(reader, "путь") == ["0", "1", "2"]
    with SearchIndex.open(tmp_path, write=True) as index:
        assert index.cursor == 1
        add(index, row(1, "путь"), row(2, "путь"))
        index.commit(3)
        assert posts(index, "путь") == ["0", "1", "2"]
        assert index.post_count == 3


CHILD = """
import sys
from pathlib import Path
from holdfast.search.folding import prepare
from holdfast.search.index import IndexRow, SearchIndex
index = SearchIndex.open(Path(sys.argv[1]), write=True)
at = index.cursor
print(at, flush=True)
while True:
    for _ in range(50):
        tokens, words = prepare(f"путь домой слово{at}")
        index.add_words(words)
        index.add([IndexRow(1, str(at), 0, at, 0, at, at, (), tokens)])
        at += 1
    index.commit(at)
    print(at, flush=True)
"""


def test_killed_at_any_moment_it_opens_again_and_holds_each_post_once(
    tmp_path: Path, repository: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    reported = 0
    for patience in (0.0, 0.013, 0.031, 0.05, 0.002):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, env=environment, text=True
        )
        assert child.stdout is not None
        first = int(child.stdout.readline())
        assert first >= reported  # nothing that was reported as committed is lost
        assert child.stdout.readline()
        time.sleep(patience)
        child.send_signal(signal.SIGKILL)
        reported = max([first, *(int(line) for line in child.stdout.read().split() if line)])
        child.wait()
        child.stdout.close()
    with SearchIndex.open(tmp_path, write=True) as index:
        cursor = index.cursor
        index.commit(cursor)
        assert cursor >= reported
        assert index.post_count == cursor
        assert find(index, "put domoj").total == cursor
        assert posts(index, f"slovo{cursor - 1}") == [str(cursor - 1)]


def test_a_crash_while_it_is_made_leaves_an_index_that_can_be_opened(tmp_path: Path) -> None:
    SearchIndex.open(tmp_path / "a", write=True).close()
    (tmp_path / "a" / "words.db").unlink()
    (tmp_path / "b" / "posts").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "words.db").touch()
    for name in "abc":
        with SearchIndex.open(tmp_path / name, write=True) as index:
            assert index.cursor == 0
            add(index, row(0, "путь"))
            index.commit(1)
            assert posts(index, "put") == ["0"]


def test_a_reader_sees_each_commit_of_a_writer_beside_it(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True) as writer, SearchIndex.open(tmp_path) as reader:
        assert find(reader, "путь").total == 0
        for number in range(20):  # enough for segments to be merged away under the reader
            add(writer, row(number, f"Путь{number} домой"))
            assert find(reader, "domoi").total == number
            writer.commit(number + 1)
            assert find(reader, "domoi").total == number + 1
            assert posts(reader, f"put{number}") == [str(number)]
        assert reader.cursor == 20


def test_only_one_may_write(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True), pytest.raises(VaultLockedError):
        SearchIndex.open(tmp_path, write=True)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    SearchIndex.open(tmp_path, write=True).close()
    with SearchIndex.open(tmp_path) as reader:
        with pytest.raises(StorageError):
            reader.add([])
        with pytest.raises(StorageError):
            reader.commit(1)


def test_a_removed_post_is_gone_in_all_its_revisions_and_no_other(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        huge = "99999999999999999999"
        add(index, row(1, "путь"), row(2, "путь", post="1", revision=1), row(3, "путь", post="1", channel=2))
        add(index, row(4, "путь", post=huge), row(5, "путь", post="2"))
        index.commit(6)
        assert not index.has_remains
        index.remove(1, "1")
        index.remove(1, huge)
        index.remove(1, "404")
        index.commit(7)
        assert [(hit.channel, hit.post) for hit in find(index, "путь -channel:2").hits] == [(1, "2")]
        assert find(index, "путь").total == 2
        assert index.has_remains


def test_clearing_leaves_no_byte_of_a_word_and_starts_anew(tmp_path: Path) -> None:
    secret = "удостоверение"
    with SearchIndex.open(tmp_path, write=True) as index:
        add(index, row(0, secret), row(1, "путь"))
        index.commit(2)
        index.remove(1, "0")
        index.commit(3)
        index.clear()
        assert index.cursor == 0
        assert not index.has_remains
        assert find(index, "путь").total == 0
        add(index, row(1, "путь"))
        index.commit(3)
        assert posts(index, "put") == ["1"]
    left = [
        path.name
        for path in tmp_path.rglob("*")
        if path.is_file() and secret[:4].encode() in path.read_bytes()
    ]
    assert left == []


def test_rewinding_deletes_what_came_later(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        add(index, *(row(number, "путь") for number in range(10)))
        index.commit(10)
        index.rewind(4)
        assert index.cursor == 4
        assert posts(index, "путь") == ["0", "1", "2", "3"]


def wound_meta(folder: Path) -> None:
    (folder / "posts" / "meta.json").write_text("{")


def drop_meta(folder: Path) -> None:
    (folder / "posts" / "meta.json").unlink()


def wound_table(folder: Path) -> None:
    (folder / "words.db").write_bytes(b"not a database" * 100)


def drop_table(folder: Path) -> None:
    (folder / "words.db").unlink()


def cut_segment(folder: Path) -> None:
    for path in (folder / "posts").glob("*.idx"):
        path.write_bytes(path.read_bytes()[:3])


def drop_segment(folder: Path) -> None:
    for path in (folder / "posts").glob("*.term"):
        path.unlink()


@pytest.mark.parametrize("wound", [wound_meta, drop_meta, wound_table, drop_table, cut_segment, drop_segment])
def test_a_damaged_index_says_how_to_make_it_again(tmp_path: Path, wound: object) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        add(index, row(0, "путь"))
        index.commit(1)
    wound(tmp_path)  # type: ignore[operator]
    with pytest.raises(FormatError) as caught, SearchIndex.open(tmp_path) as reader:
        find(reader, "путь")
    assert "holdfast rebuild" in caught.value.remedy
    assert caught.value.__class__ is FormatError
    SearchIndex.delete(tmp_path)
    with SearchIndex.open(tmp_path, write=True) as index:
        assert index.cursor == 0


def test_a_missing_index_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        SearchIndex.open(tmp_path / "none")
    assert "holdfast rebuild" in caught.value.remedy
    assert not (tmp_path / "none").exists()  # opening to read makes nothing
    SearchIndex.delete(tmp_path / "none")


def test_an_index_of_another_version_says_so(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        index._table.set_state("folding", 999)
        index._table.commit()
    with pytest.raises(FormatError, match="another version"):
        SearchIndex.open(tmp_path)


def test_five_megabytes_in_one_post_are_found_by_their_last_word(tmp_path: Path) -> None:
    with SearchIndex.open(tmp_path, write=True) as index:
        add(index, row(0, "слово " * 400_000 + "x" * 300 + " конец"), row(1, "конец"))
        index.commit(2)
        assert posts(index, "konets") == ["0", "1"]
        assert posts(index, "x" * 300) == ["0"]
