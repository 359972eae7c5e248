"""Text that is made to cost much: read like any other, in time that grows with its length alone."""

from __future__ import annotations

import pytest

from holdfast.reports.extract import extract
from holdfast.reports.extract.quotation import find_quoted

LONG = 3_000


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("He said “a b”, " * LONG, "quote", LONG),
        ("about 25,000 views and " * LONG, "views", LONG),
        ("Канал набрал более 5 тысяч просмотров, " * LONG, "views", LONG),
        ("“ab " * LONG, "quote", 0),
        ("a" * LONG + "б", "other", 0),
        ("1 2 3 " * LONG, "views", 0),
        (". " * LONG, "other", 0),
    ],
    ids=[
        "quotations",
        "numbers",
        "numbers in Russian",
        "unclosed marks",
        "a long word",
        "digits",
        "full stops",
    ],
)
def test_repeated_words_are_read_each_time_they_stand_there(text: str, kind: str, count: int) -> None:
    assert sum(each.kind == kind for each in extract(text, published=None)) == count


def test_a_quotation_after_many_stray_marks_is_still_found() -> None:
    text = "“stray " * 40 + "and then Anna Petrova said: “The pier is open.”"
    assert [text[each.start : each.end] for each in find_quoted(text)] == ["“The pier is open.”"]
