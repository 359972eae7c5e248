"""Which address is answered how."""

from __future__ import annotations

import pytest

from holdfast.fake_telegram import Request, answer, render_channel
from tests.fake_telegram.scenes import HOUR, ORIGIN, START, posts, scenario, seen

TOLD = scenario(posts(45))


def get(target: str, method: str = "GET") -> tuple[int, bytes]:
    reply = answer(TOLD, Request(target, method), START + HOUR, origin=ORIGIN)
    return reply.status, reply.body


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 200),
        ("/s/Pier_News", 200),
        ("/s/pier_news/", 200),
        ("/s/Pier_News?before=x", 200),
        ("/s/nobody", 302),
        ("/Pier_News", 200),
        ("/Pier_News/3", 200),
        ("/Pier_News/3?embed=1&mode=tme", 200),
        ("/Pier_News/x?embed=1", 404),
        ("/s/Pier_News/3/4", 404),
        ("/s/%D0%9F", 404),
        ("/robots.txt", 404),
        ("/file/1/2", 403),
        ("/file/1/2/3", 404),
        ("/file/1/2?token=1", 403),
        ("//[/", 400),
        ("/s/Pier_News?" + "&".join("abcdefgh" * 9), 200),
    ],
)
def test_each_address_has_its_answer(target: str, status: int) -> None:
    assert get(target)[0] == status


def test_the_page_at_an_id_is_the_one_around_it() -> None:
    told = answer(TOLD, Request("/s/Pier_News/20"), START + HOUR, origin=ORIGIN)
    assert seen(told).ids == tuple(range(10, 30))


def test_newer_posts_can_be_asked_for() -> None:
    assert seen(answer(TOLD, Request("/s/Pier_News?after=20"), START + HOUR)).ids == tuple(range(21, 41))


def test_the_front_page_can_be_this_servers_own() -> None:
    told = scenario(head='front_page = "/"')
    moved = answer(told, Request("/s/nobody"), START)
    assert dict(moved.headers)["Location"] == "/"
    assert seen(answer(told, Request("/"), START)).answered == "not found"


def test_only_reading_is_allowed() -> None:
    assert get("/s/Pier_News", "POST")[0] == 405


def test_too_many_questions_in_one_address_are_not_read() -> None:
    assert get("/s/Pier_News?before=3" + "&a=1" * 64)[1] == get("/s/Pier_News")[1]


def test_pure_calls_and_addresses_give_the_same_bytes() -> None:
    direct = render_channel(TOLD, "Pier_News", 9, START + HOUR, origin=ORIGIN)
    assert direct.body == get("/s/Pier_News?before=9")[1]
