"""What an exchange says of itself, and where a redirect points."""

from __future__ import annotations

import gzip

import pytest

from holdfast.errors import FormatError
from holdfast.fetch import OUTCOMES, Exchange, redirect_target


def redirect(location: str, status: int = 302) -> Exchange:
    return Exchange(url="https://t.me/s/one?x=1", status=status, response_headers=(("LOCATION", location),))


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/two", "https://t.me/two"),
        ("two", "https://t.me/s/two"),
        ("?y=2", "https://t.me/s/one?y=2"),
        ("//other.example/z#part", "https://other.example/z"),
        (" http://other.example/ ", "http://other.example/"),
        ("/канал".encode().decode("latin-1"), "https://t.me/канал"),
        ("/\xe9", "https://t.me/\xe9"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("http://[half", None),
        ("", None),
    ],
)
def test_a_redirect_points_where_its_location_says(location: str, target: str | None) -> None:
    assert redirect_target(redirect(location)) == target


def test_only_redirects_point_anywhere() -> None:
    assert redirect_target(redirect("/two", 200)) is None
    assert redirect_target(redirect("/two", 304)) is None
    assert redirect_target(Exchange(url="https://t.me/", status=301)) is None
    assert redirect_target(redirect("/two", 308)) == "https://t.me/two"


def test_a_body_that_broke_off_gives_what_can_be_read() -> None:
    raw = gzip.compress(b"a" * 5000 + bytes(range(256)) * 9)[:-12]
    coded = (("content-encoding", "gzip"),)
    assert Exchange(url="", status=200, outcome="cut", response_headers=coded, raw_body=raw).body()
    with pytest.raises(FormatError):
        Exchange(url="", status=200, response_headers=coded, raw_body=raw).body()


def test_headers_are_found_in_any_case_and_the_first_one_counts() -> None:
    exchange = Exchange(url="", status=200, response_headers=(("Set-Cookie", "a"), ("set-cookie", "b")))
    assert exchange.header("SET-COOKIE") == "a"
    assert exchange.header("date") is None
    assert "answered" in OUTCOMES
