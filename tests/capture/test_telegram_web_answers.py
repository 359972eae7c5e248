"""What an answer of the preview pages is: statuses, redirects, landing pages, cards, runs of ids."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.capture.contract import AnswerSeen
from holdfast.capture.telegram_web import PROBLEM_CODES, Asked, landing_path, parse_answer, path_of
from holdfast.errors import UsageError
from holdfast.model import ANSWERS, CardSeen, ChannelSeen, Label, Reading, Restriction
from tests.capture.web_pages import (
    CHANNEL,
    NAME,
    SEEN_S,
    block,
    channel_page,
    embed,
    landing,
    photo,
    side,
    text,
    view,
)

CHANNEL_PAGE = Asked("channel", NAME)
POST_PAGE = Asked("post", NAME, post=7)
USERNAME_ID = f"username:{NAME.lower()}"


def answer_to(asked: Asked, body: bytes, **options: Any) -> AnswerSeen:
    answer = parse_answer(asked, 200, None, "text/html; charset=utf-8", body, **options)
    assert answer.answered in ANSWERS
    assert {found.code for found in answer.problems} <= PROBLEM_CODES.keys()
    assert {found.outcome for found in answer.problems} <= {"skipped", "repaired", "repeated"}
    if answer.card is not None:
        assert (answer.card.answered, asked.what) == (answer.answered, "channel")
        assert answer.card.channel is not None
    return answer


def shown(*blocks: str, before: int | None = None, **options: Any) -> AnswerSeen:
    return answer_to(Asked("channel", NAME, before), channel_page(*blocks, **options))


def codes(answer: AnswerSeen) -> list[tuple[str, str, str | None]]:
    return [(found.code, found.outcome, found.post) for found in answer.problems]


def test_every_question_has_its_path() -> None:
    assert path_of(CHANNEL_PAGE) == f"/s/{NAME}"
    assert path_of(Asked("channel", "ab", before=304)) == "/s/ab?before=304"
    assert path_of(POST_PAGE) == f"/{NAME}/7?embed=1&mode=tme"
    assert landing_path("a_1") == "/a_1"


@pytest.mark.parametrize(
    "asked",
    [
        Asked("channel", "a"),
        Asked("channel", "x" * 33),
        Asked("channel", "a/b"),
        Asked("channel", "канал"),
        Asked("channel", "ab\n"),
        Asked("channel", "ab", post=1),
        Asked("channel", "ab", before=0),
        Asked("channel", "ab", before=2**63),
        Asked("post", "ab"),
        Asked("post", "ab", post=0),
        Asked("post", "ab", post=2**63),
        Asked("post", "ab", before=1, post=1),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(asked: Asked) -> None:
    with pytest.raises(UsageError):
        path_of(asked)
    if asked.name != "ab":
        with pytest.raises(UsageError):
            landing_path(asked.name)


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        (429, "rate limited"),
        (500, "server error"),
        (503, "server error"),
        (599, "server error"),
        (403, "blocked here"),
        (451, "blocked here"),
        (404, "not understood"),
        (206, "not understood"),
        (0, "not understood"),
        (999, "not understood"),
    ],
)
def test_a_status_speaks_before_the_page_does(status: int, answered: str) -> None:
    for asked in (CHANNEL_PAGE, POST_PAGE):
        answer = parse_answer(asked, status, None, "text/html", channel_page(block(7)))
        assert (answer.answered, answer.detail, answer.posts) == (answered, f"status {status}", ())
        assert answer.card is None


@pytest.mark.parametrize(
    ("asked", "location", "answered"),
    [
        (CHANNEL_PAGE, "https://telegram.org/", "not found"),
        (CHANNEL_PAGE, "https://telegram.org", "not found"),
        (CHANNEL_PAGE, "//telegram.org/", "not found"),
        (CHANNEL_PAGE, "/", "not found"),
        (POST_PAGE, "http://127.0.0.1:8000/", "not found"),
        (CHANNEL_PAGE, f"https://t.me/{NAME}", "no preview"),
        (CHANNEL_PAGE, f"/{NAME.lower()}/", "no preview"),
        (CHANNEL_PAGE, f"/{NAME}?x=1", "no preview"),
        (POST_PAGE, f"/{NAME}", "not understood"),
        (CHANNEL_PAGE, f"/s/{NAME}", "not understood"),
        (CHANNEL_PAGE, "?before=5", "not understood"),
        (CHANNEL_PAGE, "https://telegram.org/faq", "not understood"),
        (CHANNEL_PAGE, "/Other", "not understood"),
        (CHANNEL_PAGE, "javascript:alert(1)", "not understood"),
        (CHANNEL_PAGE, "https://[", "not understood"),
        (CHANNEL_PAGE, "", "not understood"),
        (CHANNEL_PAGE, None, "not understood"),
    ],
)
def test_a_redirect_is_read_only_where_its_meaning_is_known(
    asked: Asked, location: str | None, answered: str
) -> None:
    answer = parse_answer(asked, 302, location, None, b"")
    assert (answer.answered, answer.card) == (answered, None)
    assert answer.detail


def test_a_page_says_which_posts_it_shows_and_which_run_of_ids_it_speaks_of() -> None:
    answer = shown(block(285), block(290, classes="service_message"), block(303), card=side(), before=None)
    assert (answer.answered, answer.ids) == ("shown", (285, 290, 303))
    assert (answer.first, answer.last, answer.older, answer.is_start) == (285, 303, None, True)
    assert answer.source_time == SEEN_S
    assert (answer.problems, answer.unknown, answer.detail) == ((), (), None)
    body = channel_page(block(285), block(303), before=280)
    answer = answer_to(Asked("channel", NAME, before=310), body)
    # Nothing between 280 and 284 nor between 304 and 309 is on the page, and no other page speaks of them.
    assert (answer.first, answer.last, answer.older, answer.is_start) == (280, 309, 280, False)


@pytest.mark.parametrize(
    "head",
    ['<link rel="prev" href="/s/x?before=280">', '<a class="tme_messages_more" href="/s/x?q=&before=280">'],
)
def test_the_way_to_older_posts_stands_in_several_places(head: str) -> None:
    answer = shown(block(285), head=head)
    assert (answer.older, answer.is_start) == (280, False)


@pytest.mark.parametrize("claim", ["0", "x", "-5", "99999999999999999999", "400"])
def test_a_link_that_does_not_lead_to_older_posts_is_mended(claim: str) -> None:
    answer = answer_to(CHANNEL_PAGE, channel_page(block(285), before=claim))
    assert (answer.older, answer.first, answer.is_start) == (285, 285, False)
    assert codes(answer) == [("bad_link", "repaired", None)]
    answer = answer_to(Asked("channel", NAME, before=200), channel_page(block(285), before=claim))
    assert answer.older is None
    assert not answer.is_start


def test_a_link_to_newer_posts_is_none_to_older_ones() -> None:
    newer = f'<a href="/s/{NAME}?after=303" class="tme_messages_more" data-after="303"></a>'
    answer = shown(block(285), newer)
    assert (answer.older, answer.is_start) == (None, True)


def test_posts_that_are_not_before_the_id_asked_for_are_reported() -> None:
    answer = answer_to(Asked("channel", NAME, before=300), channel_page(block(285), block(303), before=285))
    assert codes(answer) == [("not_as_asked", "repaired", None)]
    assert (answer.first, answer.last) == (285, 303)


def test_posts_out_of_order_leave_no_run_of_ids() -> None:
    answer = shown(block(303), block(285))
    assert ([post.post.id for post in answer.posts], answer.ids) == (["285", "303"], (285, 303))
    assert (answer.first, answer.last) == (None, None)
    assert codes(answer) == [("out_of_order", "repaired", None)]


def test_a_post_that_is_there_twice_is_kept_once() -> None:
    answer = shown(block(5, text("first")), block(5, text("again") + photo(5)))
    assert [post.text for post in answer.posts] == ["first"]
    assert answer.files == ()
    assert codes(answer) == [("repeated", "repeated", "5")]


def test_posts_of_another_channel_are_left_out_and_counted() -> None:
    other_id = block(6, mark=view(6, -99))
    answer = shown(block(5), block(6, name="Other_Channel"), other_id, block(7))
    assert answer.ids == (5, 7)
    assert codes(answer) == [("foreign_post", "skipped", None), ("foreign_post", "skipped", "6")]
    answer = shown(block(6, name="Other_Channel"), card=side(username=None))
    assert (answer.answered, answer.posts, answer.is_start) == ("not understood", (), False)


def test_a_page_that_names_another_username_is_read_and_reported() -> None:
    answer = shown(block(5, name="New_name"), card=side(username="New_name"))
    assert answer.ids == (5,)
    assert codes(answer) == [("other_name", "repaired", None)]
    assert answer.card is not None
    assert answer.card.channel is not None
    assert answer.card.channel.username == "New_name"
    # What is known of the name that was asked for says nothing about this one.
    body = channel_page(block(5, name="New_name", mark=""), card=side(username="New_name"))
    assert answer_to(CHANNEL_PAGE, body, channel="12").posts[0].post.channel == "username:new_name"


@pytest.mark.parametrize("number", ["0", "-1", "x", "9223372036854775808", "1" * 30, ""])
def test_a_post_without_an_id_is_left_out_and_leaves_no_run(number: str) -> None:
    answer = shown(block(5), block(number), block(7))
    assert (answer.ids, answer.first, answer.last, answer.is_start) == ((5, 7), None, None, False)
    assert codes(answer) == [("bad_id", "skipped", None)]


def test_ids_up_to_the_largest_are_exact() -> None:
    answer = shown(block(2**53 + 1), block(2**63 - 1))
    assert answer.ids == (2**53 + 1, 2**63 - 1)
    assert answer.posts[0].post.id == "9007199254740993"


@pytest.mark.parametrize(
    ("chat", "channel"),
    [
        (-CHANNEL, str(CHANNEL)),
        (-1_000_000_000_000 - CHANNEL, str(CHANNEL)),
        (-7, "7"),
        (-(10**12), str(10**12)),
    ],
)
def test_the_channels_id_is_as_exports_write_it(chat: int, channel: str) -> None:
    answer = answer_to(CHANNEL_PAGE, channel_page(block(5, mark=view(5, chat))), channel="12")
    assert answer.posts[0].post.channel == channel
    assert answer.card is not None
    assert answer.card.channel is not None
    assert answer.card.channel.id == channel


@pytest.mark.parametrize(
    "mark",
    [
        view(6),
        view("x"),
        view(5, 7),
        view(5, 0),
        view(5, "x"),
        view(5, -(2**70)),
        view(5, seen_s="now"),
        "!!!",
        "é",
        "AAAA",
        "e30",
        "W10",
    ],
)
def test_a_mark_of_a_view_that_says_something_else_is_not_believed(mark: str) -> None:
    answer = shown(block(5, mark=mark))
    assert (answer.source_time, answer.posts[0].post.channel) == (None, USERNAME_ID)
    assert codes(answer) == [("bad_view", "repaired", "5")]


def test_without_any_id_on_the_page_the_known_one_counts() -> None:
    body = channel_page(block(5, mark=""))
    assert answer_to(CHANNEL_PAGE, body, channel="12").posts[0].post.channel == "12"
    assert answer_to(CHANNEL_PAGE, body).posts[0].post.channel == USERNAME_ID
    peer = channel_page(block(5, mark="", attributes=f' data-peer="c{CHANNEL}_-45"'))
    assert answer_to(CHANNEL_PAGE, peer, channel="12").posts[0].post.channel == str(CHANNEL)
    both = channel_page(block(5, attributes=' data-peer="c99_-45"'))
    assert codes(answer_to(CHANNEL_PAGE, both)) == [("bad_view", "repaired", "5")]


def test_the_servers_clock_is_the_latest_on_the_page_and_album_marks_count() -> None:
    answer = shown(
        block(5, mark=view("5g", seen_s=SEEN_S)),
        block(6, mark=view(6, seen_s=SEEN_S + 9)),
        block(7, mark=view(7, seen_s=-4)),
    )
    assert (answer.source_time, answer.problems) == (SEEN_S + 9, ())


def test_the_card_stands_beside_the_posts() -> None:
    counters = (
        ("38.1K", "subscribers"),
        ("1 204", "photos"),
        ("1", "video"),
        ("12", "files"),
        ("3", "links"),
    )
    answer = shown(block(5), card=side(counters, above="38.1K subscribers"))
    assert answer.card == CardSeen(
        "shown",
        ChannelSeen(str(CHANNEL), "Teahouse", "channel", None, NAME, "Tea & talk\nevery day"),
        Reading(38_050, 38_199, "38.1K"),
        None,
        (("photos", 1204), ("videos", 1), ("files", 12), ("links", 3)),
    )


@pytest.mark.parametrize(
    ("beside", "above", "followers"),
    [
        ("301", "301 subscribers", 301),
        ("1", "1 subscriber", 1),
        ("38.1K", "38 120 subscribers", 38120),
        ("301", "302 subscribers", None),
        ("301", None, 301),
        ("14 909", "подписчиков", 14909),
    ],
)
def test_two_counts_of_followers_must_agree(beside: str, above: str | None, followers: int | None) -> None:
    answer = shown(block(5), card=side(((beside, "subscribers"),), above=above))
    assert answer.card is not None
    assert answer.card.followers == followers
    assert codes(answer) == ([("contradiction", "repaired", None)] if followers is None else [])


def test_counters_without_a_name_are_counted() -> None:
    answer = shown(block(5), card=side((("3", "dreams"), ("many", "photos"), ("14 909", "подписчиков"))))
    assert answer.unknown == (("counter:dreams", 1), ("counter:photos", 1))
    assert answer.card is not None
    assert (answer.card.followers, answer.card.counters) == (14909, None)
    assert shown(block(5), card=side((), above="a lot")).unknown == (("header counter", 1),)


@pytest.mark.parametrize(
    ("marks", "labels"),
    [
        ("", None),
        ('<i class="verified-icon"> ✔</i>', (Label("verified", shown="✔"),)),
        ('<i class="scam-icon"></i>', (Label("scam"),)),
        ('<span class="tgme_label">FAKE</span>', (Label("fake", shown="FAKE"),)),
        ("SCAM", (Label("scam", shown="SCAM"),)),
        ('<i class="premium-icon"></i>', (Label("unknown:premium-icon"),)),
        ("<b>Restricted</b>", (Label("unknown:Restricted", shown="Restricted"),)),
        ('<i class="fake-icon">SCAM</i>', (Label("unknown:fake-icon", shown="SCAM"),)),
        ('<i class="verified-icon"></i><i class="verified-icon"></i><i></i>', (Label("verified"),)),
    ],
)
def test_only_marks_that_are_there_are_told_and_none_means_unknown(marks: str, labels: Any) -> None:
    card = shown(block(5), card=side(labels=marks)).card
    assert card is not None
    assert card.labels == labels


def test_comments_among_the_marks_are_no_marks() -> None:
    card = shown(block(5), card=side(labels="<!-- none --><?none?>")).card
    assert card is not None
    assert card.labels is None


def test_a_new_channel_is_shown_empty() -> None:
    answer = shown(card=side((("3", "subscribers"), ("0", "photos"))))
    assert (answer.answered, answer.ids, answer.first, answer.is_start) == ("shown", (), None, True)
    assert answer.card is not None
    assert answer.card.followers == 3


def test_the_page_before_the_first_post_is_the_start() -> None:
    nothing = '<div class="tgme_widget_message_centered"><div class="tme_no_messages_found">No posts found</div></div>'
    answer = answer_to(Asked("channel", NAME, before=1), channel_page(nothing, card=side((("9", "photos"),))))
    assert (answer.answered, answer.is_start, answer.older, answer.problems) == ("shown", True, None, ())


def test_a_page_that_speaks_of_posts_and_shows_none_is_not_believed() -> None:
    for body in (
        channel_page(card=side((("88K", "subscribers"), ("1 204", "photos")))),
        channel_page(card=side((("1K", "links"),))),
        channel_page(before=80),
        channel_page(history=False),
    ):
        answer = answer_to(CHANNEL_PAGE, body)
        assert (answer.answered, answer.is_start, answer.first) == ("not understood", False, None)
        assert answer.card is None
        assert answer.detail


def landed(*arguments: Any, **options: Any) -> AnswerSeen:
    return answer_to(CHANNEL_PAGE, landing(*arguments, **options))


def test_landing_pages_of_channels() -> None:
    answer = landed(
        "Teahouse",
        "14\u202f909 subscribers",
        "Tea &amp; talk<br>daily",
        marks='<i class="verified-icon">✔</i>',
    )
    assert answer.card == CardSeen(
        "no preview",
        ChannelSeen(USERNAME_ID, "Teahouse", "channel", None, NAME, "Tea & talk\ndaily"),
        14909,
        (Label("verified", shown="✔"),),
        detail="14 909 subscribers · View in Telegram",
    )
    preview = f'<a class="tgme_page_context_link" href="/s/{NAME}">Preview channel</a>'
    answer = landed("Teahouse", "1 subscriber", more=preview)
    assert (answer.answered, answer.ids, answer.is_start) == ("shown", (), False)
    assert answer_to(POST_PAGE, landing("T", "1 subscriber", more=preview)).answered == "not understood"
    assert answer_to(POST_PAGE, landing("T", "1 subscriber")).answered == "no preview"
    assert answer_to(CHANNEL_PAGE, landing("T", "1 subscriber"), channel="12").card == CardSeen(
        "no preview",
        ChannelSeen("12", "T", "channel", None, NAME),
        1,
        detail="1 subscriber · View in Telegram",
    )


def test_a_landing_page_of_another_name_is_reported() -> None:
    answer = landed("T", "1 subscriber", link="tg://resolve?domain=Other")
    assert codes(answer) == [("other_name", "repaired", None)]
    answer = answer_to(
        CHANNEL_PAGE, landing("T", "1 subscriber", link="tg://resolve?domain=Other"), channel="12"
    )
    assert answer.card is not None
    assert answer.card.channel is not None
    assert answer.card.channel.id == "username:other"


YOU_CAN = "If you have<b>Telegram</b>, you can "


@pytest.mark.parametrize(
    ("answered", "kind", "arguments"),
    [
        ("group", "group", ("T", "9 767 members, 1 295 online")),
        ("group", "group", ("T", "1 member", YOU_CAN + "view and join <b>T</b> right away.")),
        ("user", None, ("Olga", "@olga")),
        ("user", None, ("Olga", None, None, "Send Message")),
        ("user", None, ("Olga", "@olga", "words", "Send Message")),
        ("bot", None, ("T", "@teabot")),
        ("bot", None, ("T", "@tea", None, "Start Bot")),
        ("bot", None, ("T", "12 000 monthly users", None, "Start Bot")),
        ("private", "private", ("T", None, YOU_CAN + "view and join<b>T</b>right away.", "Join Channel")),
        ("private", "group", ("T", None, None, "Join Group")),
        ("private", "private", ("T", None, None, "Request to Join")),
        ("not found", None, (None, None, YOU_CAN + "contact<b>@x</b>right away.", "Send Message")),
        ("no preview", None, (None, None, YOU_CAN + "view posts by<b>@x</b>right away.")),
        ("no preview", None, (None, None, YOU_CAN + "view and join<b>@x</b>right away.")),
        ("not understood", None, (None, None, YOU_CAN + "launch <b>x</b> right away.")),
        ("not understood", None, (None, "5 subscribers", YOU_CAN + "contact<b>@x</b>right away.")),
        ("not understood", None, (None,)),
        ("not understood", None, ("T",)),
        ("not understood", None, ("T", "5 dreams")),
        ("not understood", None, ("T", "many subscribers")),
        ("not understood", None, ("T", "5 subscribers", None, "Start Bot")),
        ("not understood", None, ("T", "5 subscribers", YOU_CAN + "contact <b>@x</b> right away.")),
        ("not understood", None, ("Olga", "@olga", None, "Join Channel")),
    ],
)
def test_landing_pages_of_everything_else(
    answered: str, kind: str | None, arguments: tuple[Any, ...]
) -> None:
    answer = landed(*arguments)
    assert answer.answered == answered
    assert (answer.card.channel.kind if answer.card and answer.card.channel else None) == kind


def test_an_invitation_to_a_channel_with_followers_is_private() -> None:
    answer = landed("T", "5 subscribers", None, "Join Channel", link="tg://join?invite=x")
    assert answer.card == CardSeen(
        "private", ChannelSeen(USERNAME_ID, "T", "private"), 5, detail="5 subscribers · Join Channel"
    )


@pytest.mark.parametrize(
    "words",
    [
        "This channel can&#39;t be displayed because it was used to spread pornographic content.",
        "This channel cannot be displayed because it violated local laws.",
        "This group can’t be accessed.",
    ],
)
def test_a_withheld_channel_is_told_in_the_services_words(words: str) -> None:
    answer = landed("T", None, words)
    said = words.replace("&#39;", "'")
    assert (answer.answered, answer.detail) == ("restricted", said)
    assert answer.card is not None
    assert answer.card.restrictions == (Restriction("web", "unknown", said),)
    # The same words in the description of a channel with followers are the channel's own.
    assert landed("T", "5 subscribers", words).answered == "no preview"


def test_a_single_post() -> None:
    answer = answer_to(POST_PAGE, embed(block(7, text("words"))))
    assert (answer.answered, answer.ids, answer.first, answer.last) == ("shown", (7,), 7, 7)
    assert (answer.posts[0].text, answer.source_time, answer.is_start) == ("words", SEEN_S, False)


def test_a_member_of_an_album_is_there_when_it_is_shown_among_the_others() -> None:
    album = f'<div class="tgme_widget_message_grouped_wrap">{photo("6?single")}{photo("7?single")}</div>'
    answer = answer_to(POST_PAGE, embed(block(6, album)))
    assert (answer.answered, answer.ids, answer.first, answer.last) == ("shown", (6, 7), 7, 7)


@pytest.mark.parametrize(
    "body",
    [
        embed(block(8)),
        embed(block(7, name="Other_Channel")),
        channel_page(block(5), block(9)),
        channel_page(),
    ],
)
def test_a_page_of_something_else_is_no_answer_about_the_post(body: bytes) -> None:
    answer = answer_to(POST_PAGE, body)
    assert (answer.answered, answer.first) == ("not understood", None)
    assert answer.detail


def test_a_page_is_not_believed_if_the_post_asked_for_is_cut() -> None:
    body = embed(block(7, text("words")))
    answer = answer_to(POST_PAGE, body[: body.find(b"words")])
    assert (answer.answered, answer.ids, answer.posts, answer.first) == ("not understood", (7,), (), None)
    assert codes(answer) == [("cut_short", "repaired", None), ("cut_short", "skipped", "7")]


@pytest.mark.parametrize(
    ("words", "answered"),
    [
        ("Post not found", "not found"),
        ("Channel with username <b>@x</b> not found", "not found"),
        ("Channel is private", "private"),
        ("This post can't be displayed because it violated copyright", "restricted"),
        ("Something went wrong", "not understood"),
        ("", "not understood"),
    ],
)
def test_a_notice_in_place_of_the_post_is_told_in_its_own_words(words: str, answered: str) -> None:
    body = embed(
        f'<div class="tgme_widget_message"><div class="tgme_widget_message_error">{words}</div></div>'
    )
    for asked in (POST_PAGE, CHANNEL_PAGE):
        answer = answer_to(asked, body)
        assert (answer.answered, answer.detail) == (
            answered,
            words.replace("<b>", "").replace("</b>", "") or None,
        )


def test_a_withheld_post_is_restricted_and_an_unsupported_one_is_shown() -> None:
    def one(label: str, more: str = "") -> AnswerSeen:
        inside = f'<div class="message_media_not_supported_wrap"><i class="message_media_not_supported_label">{label}</i></div>'
        return answer_to(POST_PAGE, embed(block(7, more + inside)))

    withheld = "This message couldn't be displayed on your device because it violates the rules"
    answer = one(withheld)
    assert (answer.answered, answer.detail, answer.ids) == ("restricted", withheld, (7,))
    assert answer.posts[0].post.other == {"type": "unsupported", "shown": withheld}
    assert one("Please open Telegram to view this post").answered == "shown"
    assert one(withheld, text("words")).answered == "shown"


def test_the_front_page_after_a_redirect_means_that_nobody_has_the_name() -> None:
    front = '<html><head><meta property="og:title" content="Telegram – a new era of messaging"></head><body>{}</body></html>'
    main = '<div class="tl_main_wrap">x</div>'
    assert answer_to(CHANNEL_PAGE, front.format(main).encode()).answered == "not found"
    assert answer_to(CHANNEL_PAGE, front.format("").encode()).answered == "not understood"
    assert answer_to(CHANNEL_PAGE, f"<html>{main}</html>".encode()).answered == "not understood"


def test_a_page_of_two_kinds_at_once_is_not_understood() -> None:
    page, notice = channel_page(block(7)), b'<div class="tgme_widget_message_error">Post not found</div>'
    door = landing("T", "5 subscribers")
    for body in (door + page, notice + door, notice + page, door + channel_page()):
        for asked in (CHANNEL_PAGE, POST_PAGE):
            answer = answer_to(asked, body)
            assert (answer.answered, answer.posts) == ("not understood", ())


@pytest.mark.parametrize("kind", ["application/json", "image/png", "text/plain; charset=utf-8"])
def test_what_is_no_page_is_not_read(kind: str) -> None:
    assert parse_answer(CHANNEL_PAGE, 200, None, kind, channel_page(block(7))).answered == "not understood"


@pytest.mark.parametrize("kind", [None, "", "text/html", "TEXT/HTML;charset=x", "application/xhtml+xml"])
def test_a_page_is_read_whatever_its_type_adds(kind: str | None) -> None:
    assert parse_answer(CHANNEL_PAGE, 200, None, kind, channel_page(block(7))).answered == "shown"
