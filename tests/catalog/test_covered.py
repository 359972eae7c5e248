"""The last look at a post's place: asked one by one, for many at once, and by a naive reading, it is the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from holdfast.catalog import covered, schema
from holdfast.catalog.covered import Wanted, last_covered

SOURCES = ("telegram_web", "telegram_api")
SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(0, 12), st.sampled_from(SOURCES)),
    max_size=30,
    unique_by=lambda each: (each[0], each[1]),
)
ABSENCES = st.sets(st.tuples(st.integers(1, 40), st.integers(0, 60)), max_size=10)
WANTED = st.lists(
    st.builds(
        Wanted,
        st.integers(1, 40),
        st.sampled_from(SOURCES),
        st.integers(-1, 60),
        st.none() | st.integers(0, 61),
    ),
    min_size=1,
    max_size=40,
)


def at(entry: int) -> str:
    return f"2026-11-23T10:{entry // 60:02d}:{entry % 60:02d}Z"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = schema.open_engine(tmp_path_factory.mktemp("tables"), write=True)
    with engine.connect() as found:
        yield found
    engine.dispose()


def naive(spans: list[tuple[int, int, int, str]], absences: set[tuple[int, int]], each: Wanted) -> int | None:
    """The entry of the last look, by reading everything."""
    until = min(
        [each.before if each.before is not None else 10**9]
        + [entry for post, entry in absences if post == each.post and entry > each.after]
    )
    return max(
        (
            entry
            for entry, first, more, source in spans
            if each.after < entry < until and first <= each.post <= first + more and source == each.source
        ),
        default=None,
    )


@given(SPANS, ABSENCES, WANTED)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_questions_are_answered_as_each_alone_and_as_a_naive_reading_does(
    connection: Connection,
    spans: list[tuple[int, int, int, str]],
    absences: set[tuple[int, int]],
    wanted: list[Wanted],
) -> None:
    connection.rollback()
    for entry, first, more, source in spans:
        connection.exec_driver_sql(
            "INSERT INTO coverage VALUES (1,?,?,?,?,?,?)",
            (entry, first, at(entry), first + more, "c", source),
        )
    for post, entry in absences:
        connection.exec_driver_sql("INSERT INTO absence VALUES (1,?,?,'c','not found',NULL)", (post, entry))
    expected = [naive(spans, absences, each) for each in wanted]
    alone = [last_covered(connection, 1, [each])[0] for each in wanted]
    together = last_covered(connection, 1, wanted * (1 + covered.FEW // len(wanted)))[: len(wanted)]
    assert [each.entry if each else None for each in alone] == expected
    assert together == alone
    assert all(each.seen_at == at(each.entry) for each in alone if each)


def test_nothing_is_asked_where_there_is_no_question(connection: Connection) -> None:
    assert last_covered(connection, 1, []) == []
