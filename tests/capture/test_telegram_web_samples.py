"""Real saved preview pages: a channel's page, single posts of 30 kinds, landing pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from holdfast.capture.contract import AnswerSeen
from holdfast.capture.telegram_web import Asked, parse_answer
from holdfast.model import Metrics, PostSeen, Reading, Reply, plain_text


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> Path:
    return shared_data / "pages"


@pytest.fixture(scope="module")
def full(pages: Path) -> AnswerSeen:
    body = (pages / "DUCKS_POKER_live_snapshot.html").read_bytes()
    return parse_answer(Asked("channel", "ducks_poker"), 200, None, "text/html; charset=utf-8", body)


def test_the_full_page_is_read_without_a_doubt(full: AnswerSeen) -> None:
    assert (full.answered, full.problems, full.unknown) == ("shown", (), ())
    assert full.ids == tuple(range(284, 304))
    assert (full.first, full.last, full.older, full.is_start) == (284, 303, 284, False)
    assert full.source_time == 1786462218
    assert full.card is not None
    assert full.card.channel is not None
    assert (full.card.channel.id, full.card.channel.username) == ("3835213636", "DUCKS_POKER")
    assert (full.card.followers, full.card.labels) == (301, None)
    assert full.card.counters == (("photos", 183), ("videos", 12), ("links", 94))


def test_the_posts_of_the_full_page(full: AnswerSeen) -> None:
    by_id = {int(post.post.id): post for post in full.posts}
    albums = {number: (post.post.other or {}).get("album") for number, post in by_id.items()}
    assert {number: album for number, album in albums.items() if album} == {
        **dict.fromkeys((286, 287, 288), "286"),
        **dict.fromkeys((289, 290, 291), "289"),
        **dict.fromkeys((297, 298, 299), "297"),
    }
    edited = [number for number, post in by_id.items() if (post.post.other or {}).get("edited_mark")]
    assert edited == [285, 292, 293, 300, 301, 302]
    assert by_id[295].post.other == {"type": "unsupported"}
    (round_video,) = by_id[296].media or ()
    assert (round_video.kind, round_video.duration_s) == ("round_video", 12)
    assert all(len(post.media or ()) <= 1 for post in full.posts)
    assert {"paid", "custom:5406578843081258268"} <= {
        name for name, _ in (by_id[284].metrics or Metrics()).reactions or ()
    }
    views = {number: (post.metrics or Metrics()).views for number, post in by_id.items()}
    assert [number for number, count in views.items() if count is None] == [287, 288, 290, 291, 298, 299]


def test_the_words_of_the_full_page_are_all_there(full: AnswerSeen, pages: Path) -> None:
    markup = (pages / "DUCKS_POKER_live_snapshot.html").read_text()
    for emoji in set(re.findall(r'emoji-id="([0-9]+)"><i', markup)):
        runs = [run for post in full.posts if isinstance(post.text, tuple) for run in post.text]
        nested = re.search(rf'<(?:b|i|u|blockquote)>(?:(?!</?div).)*?emoji-id="{emoji}"', markup, re.DOTALL)
        assert nested or any(isinstance(run, dict) and run.get("document_id") == emoji for run in runs)
    assert plain_text(full.posts[0].text).startswith(
        "🗣 BIG FREE-ROLL BOUNTY — ОХОТА НАЧИНАЕТСЯ СЕГОДНЯ! 🔥\n\nТвой"
    )


def single(pages: Path, name: str) -> AnswerSeen:
    body = (pages / "fragments" / f"{name}.html").read_bytes()
    match = re.search(rb'data-post="([^"/]+)/([0-9]+)"', body)
    assert match is not None
    return parse_answer(Asked("post", match[1].decode(), post=int(match[2])), 200, None, "text/html", body)


def test_every_single_post_is_read_without_a_doubt(pages: Path) -> None:
    files = sorted((pages / "fragments").glob("*.html"))
    assert len(files) == 30
    for path in files:
        answer = single(pages, path.stem)
        assert (answer.answered, answer.problems, answer.unknown) == ("shown", (), ()), path.name
        assert answer.posts[0].post.published_at is not None
        assert answer.source_time is not None


KINDS = {
    "audio_document": ["audio"],
    "audio_message": ["voice"],
    "location_message": ["location"],
    "photo_single": ["photo"],
    "poll": ["poll"],
    "round_video_single": ["round_video"],
    "sticker_message": ["sticker"],
    "video_big": ["video"],
    "video_single": ["video"],
    "multimedia_message": ["video", "photo", "video", "photo"],
    "photo_multiple": ["photo", "photo"],
    "service_message_channel_photo_updated": ["photo"],
    "text_message_multiline": [],
}


@pytest.mark.parametrize("name", KINDS)
def test_single_posts_have_the_media_that_they_show(pages: Path, name: str) -> None:
    answer = single(pages, name)
    assert [media.kind for post in answer.posts for media in post.media or ()] == KINDS[name]


def post_of(pages: Path, name: str) -> PostSeen:
    return single(pages, name).posts[0]


def test_single_posts_say_what_they_are(pages: Path) -> None:
    assert post_of(pages, "text_message_multiline").text == "Bigger\ntext\nmessage\nnumber\n34"
    assert post_of(pages, "text_reply_to_video").post.reply == Reply("19")
    forwarded = post_of(pages, "forwarded_text_message").author
    assert forwarded is not None
    assert (forwarded.forward_name, forwarded.forward_id) == ("Some user", "username:some_user")
    signed = post_of(pages, "signed_edited_text_message")
    assert signed.author is not None
    assert signed.author.signature == "Álvaro Justen"
    assert signed.post.other == {"edited_mark": True}
    big = post_of(pages, "video_big")
    assert (big.media or ())[0].state == "too_big"
    assert big.metrics == Metrics(views=Reading(436_550, 436_699, "436.6K"))
    assert single(pages, "multimedia_message").ids == (84, 85, 86, 87)
    assert post_of(pages, "multimedia_message").text == "Multiple videos and pictures"
    poll = post_of(pages, "poll").metrics
    assert poll == Metrics(views=2, voters=0, shares=(("Opt1", 0), ("Opt2", 0), ("Opt3", 0)))
    actions = {
        "channel_created": {"type": "create_channel"},
        "channel_name_changed": {"type": "edit_group_title", "title": "tchan's test channel"},
        "channel_photo_updated": {"type": "edit_group_photo"},
        "pinned": {"type": "pin_message", "quote": "Going to pin this message"},
        "channel_video_changed": None,
    }
    for name, action in actions.items():
        assert post_of(pages, f"service_message_{name}").post.action == action


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        ("channel_page", "shown"),
        ("contradiction", "not understood"),
        ("empty_channel", "shown"),
        ("group", "group"),
        ("no_page_at_all", "not found"),
        ("no_preview", "no preview"),
        ("no_preview_boilerplate", "no preview"),
        ("not_found", "not found"),
        ("private", "private"),
        ("restricted", "restricted"),
        ("user", "user"),
    ],
)
def test_reduced_pages_are_told_apart(pages: Path, name: str, answered: str) -> None:
    body = (pages / "reduced" / f"mh_{name}.html").read_bytes()
    answer = parse_answer(Asked("channel", "testchannel"), 200, None, None, body)
    assert (answer.answered, answer.unknown) == (answered, ())


def test_a_real_landing_page_of_members_is_a_groups(pages: Path) -> None:
    body = (pages / "ai_machinelearning_landing.html").read_bytes()
    answer = parse_answer(Asked("channel", "AI_machinelearning"), 200, None, "text/html", body)
    assert (answer.answered, answer.problems) == ("group", ())
    assert answer.card is not None
    assert answer.card.channel is not None
    assert (answer.card.followers, answer.card.channel.title) == (280, "AI & Machine Learning")
    assert answer.card.channel.username == "ai_machinelearning"
