"""What stands on a terminal is harmless, and readable all the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from holdfast.catalog.diff import word_changes
from holdfast.cli.output import Output, day, many, plain, plain_line, size
from holdfast.progress import Progress


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\rb\x00\x7f\x9b", "a\\x0db\\x00\\x7f\\x9b"),
        ("a\u202eb\u2066c\u200f\ufeff\u00ad\u200b", "abc"),
        ("\ud800", "\ufffd"),
        ("14\u00a0909\u3000人", "14\u00a0909\u3000人"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u2028b\u2029c", "a\nb\nc"),
        ("Z" + "\u0301" * 40, "Z" + "\u0301" * 3),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_text_is_made_harmless_and_stays_legible(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters(), max_size=60))
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    found = plain(text)
    assert not [each for each in found if ord(each) < 32 and each not in "\n\t"]
    assert not set(found) & set("\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert plain(found) == found
    assert "\n" not in plain_line(text)
    found.encode("utf-8")


def test_times_and_sizes_for_people() -> None:
    assert day(1_703_794_200) == "2023-12-28 20:10:00 UTC"
    assert day(None) == "time not recorded"
    assert day(10**15) == "1000000000000000 s"
    assert [size(n) for n in (0, 999, 1_000, 1_500_000, 2 * 10**9, 5 * 10**13)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "1.5 MB",
        "2.0 GB",
        "50000.0 GB",
    ]
    assert [many(1, "entry", "entries"), many(2, "entry", "entries"), many(0, "post")] == [
        "1 entry",
        "2 entries",
        "0 posts",
    ]


def test_bars_are_drawn_on_a_terminal_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = io.StringIO()
    with Output(json=False) as output:
        output.people = Console(file=drawn, force_terminal=True, width=80)
        output.report(Progress("posts", 1, 10, "bytes"))
        output.report(Progress("posts", 10, 10, "bytes"))
        output.report(Progress("unheard of", 1, None, "things"))
        output.note("done")
        output.end_progress()
    assert "sealing posts" in drawn.getvalue()
    assert "unheard of" in drawn.getvalue()
    quiet = Output(json=True)
    quiet.people = Console(file=io.StringIO(), force_terminal=True)
    quiet.report(Progress("posts", 1, 10, "bytes"))
    assert quiet.people.file.getvalue() == ""  # type: ignore[attr-defined]  # it is the StringIO of two lines above
    capsys.readouterr()


def test_answers_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    Output(json=True).answer({"it": Path("a")})
    assert capsys.readouterr().out == '{"ok":true,"data":{"it":"a"}}\n'
    with pytest.raises(NotImplementedError):
        Output(json=True).answer({"it": object()})


# -- how a text changed -----------------------------------------------------------------------------------------


def test_changes_are_told_word_by_word() -> None:
    assert word_changes("the bus leaves at six", "the bus leaves at seven") == [
        ("same", "the bus leaves at "),
        ("gone", "six"),
        ("come", "seven"),
    ]
    assert word_changes("我们明天见", "我们后天见") == [
        ("same", "我们"),
        ("gone", "明"),
        ("come", "后"),
        ("same", "天见"),
    ]


def test_what_did_not_change_is_cut_down() -> None:
    long = "word " * 200
    found = word_changes(f"{long}six {long}", f"{long}seven {long}")
    assert [kind for kind, _ in found] == ["cut", "same", "gone", "come", "same", "cut"]
    assert len("".join(text for _, text in found)) < 200
    both = word_changes(f"one {long}six", f"two {long}seven")
    assert [kind for kind, _ in both] == ["gone", "come", "same", "cut", "same", "gone", "come"]


def test_texts_that_share_nothing_are_shown_whole() -> None:
    old, new = " ".join(f"a{n}" for n in range(2_000)), " ".join(f"b{n}" for n in range(2_000))
    assert word_changes(old, new) == [("gone", old), ("come", new)]


@given(st.text(max_size=30), st.text(max_size=30))
def test_changes_hold_both_texts(old: str, new: str) -> None:
    found = word_changes(old, new)
    if any(kind == "cut" for kind, _ in found):
        return
    assert "".join(text for kind, text in found if kind != "come") == old
    assert "".join(text for kind, text in found if kind != "gone") == new
