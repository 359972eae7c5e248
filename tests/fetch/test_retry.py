"""When to ask again: passing troubles only, with jitter, and never before the server is willing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.fetch import Exchange, Policy
from holdfast.fetch.retry import Step, next_step, parse_http_date, retry_after_s

POLICY = Policy(retries=3, backoff_s=2.0, backoff_max_s=5.0, max_wait_s=100.0)


def answer(status: int | None = 200, after: str | None = None, **more: Any) -> Exchange:
    headers: tuple[tuple[str, str], ...] = () if after is None else (("Retry-After", after),)
    date = more.pop("date", None)
    headers += () if date is None else (("Date", date),)
    return Exchange(url="", status=status, response_headers=headers, finished_at=1_700_000_000.0, **more)


def step(exchange: Exchange, attempt: int = 0, seed: int = 1) -> Step:
    return next_step(exchange, attempt, POLICY, random.Random(seed))


@pytest.mark.parametrize("status", [200, 204, 301, 304, 400, 401, 403, 404, 410, 451, 501, 505])
def test_a_plain_answer_is_handed_back(status: int) -> None:
    assert step(answer(status)) == Step()


@pytest.mark.parametrize("outcome", ["too large", "tls", "name not found", "private address", "held"])
def test_what_will_not_pass_is_not_tried_again(outcome: str) -> None:
    assert step(answer(None, outcome=outcome)) == Step()


@pytest.mark.parametrize("exchange", [answer(s) for s in (500, 502, 503, 504)] + [
    answer(None, outcome=o) for o in ("timed out", "refused", "network")] + [answer(200, outcome="cut")])  # fmt: skip
def test_passing_troubles_are_tried_again_after_a_jittered_pause(exchange: Exchange) -> None:
    waits = [[step(exchange, attempt, seed).wait_s for seed in range(200)] for attempt in range(3)]
    for bound, found in zip((2, 4, 5), waits, strict=True):
        assert 0 <= min(found) < bound * 0.1
        assert bound * 0.9 < max(found) <= bound
    assert step(exchange).again
    assert not step(exchange, 3).again


def test_too_many_requests_without_a_time_stops_the_host_for_a_while() -> None:
    holds = [step(answer(429), 1, seed) for seed in range(100)]
    assert all(found.again and found.wait_s == 0 and 2 <= found.hold_s <= 4 for found in holds)


@pytest.mark.parametrize("status", [429, 503, 500])
def test_retry_after_is_obeyed_to_the_second(status: int) -> None:
    assert step(answer(status, "7")) == Step(True, 0.0, 7.0, 7.0)
    assert step(answer(status, "100")) == Step(True, 0.0, 100.0, 100.0)
    assert step(answer(status, "0")) == Step(True, 0.0, 0.0, 0.0)


def test_a_longer_pause_than_agreed_is_handed_back_and_still_kept() -> None:
    assert step(answer(429, "101")) == Step(False, 0.0, 101.0, 101.0)
    assert step(answer(429, "5"), 3) == Step(False, 0.0, 5.0, 5.0)


def test_retry_after_of_other_answers_means_nothing() -> None:
    assert step(answer(200, "50")) == Step()
    assert step(answer(200, "50", outcome="cut")).hold_s == 0


@pytest.mark.parametrize(
    ("after", "date", "seconds"),
    [
        ("120", None, 120),
        (" 5 ", None, 5),
        ("Tue, 14 Nov 2023 22:13:50 GMT", None, 30),  # by our clock
        ("Tue, 14 Nov 2023 22:13:50 GMT", "Tue, 14 Nov 2023 22:13:40 GMT", 10),  # by theirs
        ("Tuesday, 14-Nov-23 22:13:50 GMT", "Tue Nov 14 22:13:49 2023", 1),
        ("Tue, 14 Nov 2023 22:00:00 GMT", None, 0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", "nonsense", 30),
        ("9" * 300, None, 366 * 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 366 * 86400),
        ("-5", None, None),
        ("1.5", None, None),
        ("٣", None, None),
        ("soon", None, None),
        ("", None, None),
        ("9" * 301, None, None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None, None),
    ],
)
def test_retry_after_in_both_its_forms(after: str, date: str | None, seconds: float | None) -> None:
    assert retry_after_s(answer(429, after, date=date)) == seconds


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,9} Nov [0-9]{1,9} [0-9:]{1,8} \S{0,5}"))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_http_date(text)
    assert found is None or isinstance(found, float)
