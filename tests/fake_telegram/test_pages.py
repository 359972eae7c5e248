"""The pages: structure, windows, counters, and what the product's own parser makes of them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from holdfast.fake_telegram import (
    Answer,
    Scenario,
    parse_scenario,
    render_channel,
    render_landing,
    render_post,
)
from holdfast.fake_telegram.pages import page_window
from holdfast.model import Reading
from tests.fake_telegram.scenes import CHANNEL, HEAD, HOUR, ORIGIN, START, posts, scenario, seen

ALBUM = '[[channel.post]]\nat = "+1m"\nmedia = [{kind = "photo"}, {kind = "video", duration = 8}, {kind = "photo"}]\ntext = "three"\n'


def page(told: Scenario, *, before: int | None = None, at: float = START + HOUR) -> LexborHTMLParser:
    return LexborHTMLParser(render_channel(told, "pier_news", before, at, origin=ORIGIN).body.decode())


def one(parser: LexborHTMLParser, selector: str) -> Any:
    found = parser.css(selector)
    assert len(found) == 1, (selector, len(found))
    return found[0]


def test_a_page_names_each_post_with_the_case_of_the_username_kept() -> None:
    parser = page(scenario(posts(3)))
    assert [node.attributes["data-post"] for node in parser.css("div.tgme_widget_message[data-post]")] == [
        "Pier_News/1",
        "Pier_News/2",
        "Pier_News/3",
    ]


def test_what_the_page_gives_back_tells_the_servers_own_time_and_an_album_by_its_letter() -> None:
    told = scenario(ALBUM + posts(1))
    answer = render_channel(told, "pier_news", None, START + HOUR, skew_s=-90)
    views = [
        json.loads(urlsafe_b64decode((node.attributes["data-view"] or "") + "=="))
        for node in LexborHTMLParser(answer.body.decode()).css("[data-view]")
    ]
    assert [(view["c"], view["p"], view["t"]) for view in views] == [
        (-71, "1g", START + HOUR - 90),
        (-71, 4, START + HOUR - 90),
    ]
    assert len({view["h"] for view in views}) == 2


def test_a_page_holds_twenty_ids_and_names_the_one_to_ask_before() -> None:
    told = scenario(posts(45))
    shown = seen(render_channel(told, "Pier_News", None, START + HOUR))
    assert (shown.ids, shown.older, shown.is_start) == (tuple(range(26, 46)), 26, False)
    shown = seen(render_channel(told, "Pier_News", 26, START + HOUR))
    assert (shown.ids, shown.older) == (tuple(range(6, 26)), 6)
    shown = seen(render_channel(told, "Pier_News", 6, START + HOUR))
    assert (shown.ids, shown.older, shown.is_start) == (tuple(range(1, 6)), None, True)
    links = {
        node.attributes["rel"]: node.attributes["href"] for node in page(told, before=26).css("link[rel]")
    }
    assert links == {
        "prev": "/s/Pier_News?before=6",
        "next": "/s/Pier_News?after=25",
        "canonical": "/s/Pier_News?before=26",
    }


def test_before_the_first_post_the_page_says_that_there_are_none() -> None:
    told = scenario(posts(3))
    assert one(page(told, before=1), ".tme_no_messages_found").text() == "No posts found"
    shown = seen(render_channel(told, "Pier_News", 1, START + HOUR))
    assert (shown.answered, shown.ids, shown.is_start) == ("shown", (), True)


def test_a_channel_without_posts_is_shown_without_posts() -> None:
    shown = seen(render_channel(scenario(posts(3)), "Pier_News", None, START))
    assert (shown.answered, shown.ids, shown.card and shown.card.followers) == ("shown", (), 12)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 10), st.booleans(), st.integers(0, 3)), min_size=1, max_size=25),
    st.integers(0, 130),
)
def test_paging_back_meets_every_post_that_is_there_once_and_tears_no_album(
    plan: list[tuple[int, bool, int]], start: int
) -> None:
    body, number = "", 1
    for size, gone, gap in plan:
        number += gap
        media = "".join('{kind = "photo"},' for _ in range(size))
        body += f'[[channel.post]]\nid = {number}\nat = "+1m"\nmedia = [{media}]\n' + (
            'deleted_at = "+2m"\n' if gone else ""
        )
        number += size
    channel = scenario(body).channel(71)
    there = [number for post in channel.posts if post.deleted_at is None for number in post.ids]
    met: list[int] = []
    before: int | None = None
    while True:
        window, older, newer = page_window(channel, START + HOUR, before=before)
        ids = [number for state in window for number in state.ids]
        assert len(ids) <= 20
        assert newer == (bool(met) and bool(ids))
        for state in window:
            assert state.ids == tuple(state.post.ids)
        met = ids + met
        if not older:
            break
        before = ids[0]
    assert met == there
    window, _, _ = page_window(channel, START + HOUR, after=start)
    ids = [number for state in window for number in state.ids]
    assert ids == [number for number in there if number > start][: len(ids)]
    assert ids or not [number for number in there if number > start]


def test_asked_in_the_middle_of_an_album_the_page_shows_what_lies_below() -> None:
    shown = seen(render_channel(scenario(ALBUM + posts(1)), "Pier_News", 3, START + HOUR))
    assert shown.ids == (1, 2)


def test_an_album_whose_first_members_vanished_lies_above_their_ids() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\nmedia = [{kind = "photo", deleted_at = "+2m"}, {kind = "photo"}]\n'
    )
    assert seen(render_channel(told, "Pier_News", None, START + HOUR)).ids == (2,)
    assert seen(render_channel(told, "Pier_News", 2, START + HOUR)).ids == ()
    assert not page(told).css('link[rel="prev"]')
    assert seen(render_post(told, "Pier_News", 1, START + HOUR), post=1).answered == "not found"


def test_an_album_without_a_caption_has_no_text_in_either_layout() -> None:
    for layout in ("2023", "2026"):
        told = scenario(ALBUM.replace('text = "three"\n', ""), head=f'layout = "{layout}"')
        assert [post.text for post in seen(render_channel(told, "Pier_News", None, START + HOUR)).posts] == [
            None
        ] * 3


def test_a_vanished_post_is_on_no_page_and_its_own_page_says_not_found() -> None:
    told = scenario(posts(2) + '[[channel.post]]\nat = "+3m"\ntext = "c"\ndeleted_at = "+30m"\n' + posts(1))
    assert seen(render_channel(told, "Pier_News", None, START + 1799)).ids == (1, 2, 3, 4)
    assert seen(render_channel(told, "Pier_News", None, START + 1800)).ids == (1, 2, 4)
    assert seen(render_post(told, "Pier_News", 3, START + 1799), post=3).answered == "shown"
    assert seen(render_post(told, "Pier_News", 3, START + 1800), post=3).answered == "not found"
    assert seen(render_post(told, "Pier_News", 99, START + 1800), post=99).answered == "not found"


def test_views_are_exact_below_a_thousand_and_short_above() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\ntext = "a"\nviews = [["+1m", 1], ["+2m", 999], ["+3m", 25149]]\n'
    )

    def views(at: float) -> tuple[str, str]:
        parser = page(told, at=at)
        after = one(parser, ".tgme_widget_message_info > .copyonly").text()
        return one(parser, ".tgme_widget_message_views").text(), after

    assert [views(START + at) for at in (60, 120, 180)] == [
        ("1", " view"),
        ("999", " views"),
        ("25.1K", " views"),
    ]


def test_rounding_and_the_decimal_mark_are_the_scenarios_to_choose() -> None:
    body = '[[channel.post]]\nat = "+1m"\ntext = "a"\nviews = 25199\n'
    for head, shown in (('rounding = "round"', "25.2K"), ('rounding = "cut"\ndecimal_mark = ","', "25,1K")):
        assert one(page(scenario(body, head=head)), ".tgme_widget_message_views").text() == shown


def test_an_edited_post_says_so_and_keeps_its_first_time() -> None:
    told = scenario(posts(1) + '[[channel.post.edit]]\nat = "+10m"\ntext = "other words"\n')
    before, after = (seen(render_channel(told, "Pier_News", None, START + at)).posts[0] for at in (599, 600))
    assert (before.text, before.post.other) == ("post 1", None)
    assert (after.text, after.post.other) == ("other words", {"edited_mark": True})
    assert before.post.published_at == after.post.published_at == "2023-11-14T22:14:20Z"


def test_the_header_counts_followers_and_what_was_posted() -> None:
    told = scenario(
        ALBUM
        + '[[channel.post]]\nat = "+2m"\ntext = "see https://a.example/"\nmedia = [{kind = "document", file_name = "a.pdf"}]\n',
        channel="photos = 1203\n",
    )
    shown = seen(render_channel(told, "Pier_News", None, START + HOUR))
    assert shown.card is not None
    assert shown.card.followers == 12
    counters = dict(shown.card.counters or ())
    assert {name: counters[name] for name in ("videos", "files", "links")} == {
        "videos": 1,
        "files": 1,
        "links": 1,
    }
    photos = counters["photos"]
    assert isinstance(photos, Reading)
    assert photos.shown == "1.2K"
    assert one(page(told), ".tgme_header_counter").text() == "12 subscribers"


def test_marks_stand_in_both_holders_only_if_the_page_has_one_for_them() -> None:
    told = scenario(posts(1), channel='labels = ["verified", "fake"]\n')
    parser = page(told)
    for holder in (".tgme_channel_info_header_labels", ".tgme_header_labels"):
        assert [node.attributes["class"] for node in one(parser, holder).css("i")] == ["verified-icon"]
    for answer in (
        render_channel(told, "Pier_News", None, START + HOUR),
        render_landing(told, "Pier_News", START + HOUR),
    ):
        card = seen(answer).card
        assert card is not None
        assert [label.name for label in card.labels or ()] == ["verified"]


def test_a_scenario_may_show_marks_that_no_real_page_is_known_to_have() -> None:
    told = scenario(posts(1), channel='labels = ["fake", "haunted"]\nshown_labels = ["fake", "haunted"]\n')
    card = seen(render_channel(told, "Pier_News", None, START + HOUR)).card
    assert card is not None
    names = [label.name for label in card.labels or ()]
    assert len(names) == 2
    assert names[1].startswith("unknown:")


def test_without_a_mark_the_holders_are_there_and_empty() -> None:
    assert one(page(scenario(posts(1))), ".tgme_header_labels").text() == ""
    card = seen(render_channel(scenario(posts(1)), "Pier_News", None, START + HOUR)).card
    assert card is not None
    assert card.labels is None


def event(what: str, more: str = "") -> Scenario:
    return scenario(
        posts(2) + f'[[channel.event]]\nat = "+1m"\nwhat = "{what}"\n{more}', head='landing = "direct"'
    )


@pytest.mark.parametrize(
    ("told", "answered", "post"),
    [
        (event("preview off"), "no preview", "shown"),
        (event("private"), "private", "private"),
        (event("restricted", "text = \"This channel can't be displayed because it is invented.\""), "restricted", "restricted"),
        (event("gone"), "not found", "not found"),
        (scenario(head='landing = "direct"', channel='kind = "group"\nonline = 3\n'), "group", "not found"),
        (scenario(head='landing = "direct"', channel='kind = "user"\n'), "user", "not found"),
        (scenario(head='landing = "direct"', channel='kind = "bot"\n'), "bot", "not found"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_shows_no_posts_says_what_it_is(told: Scenario, answered: str, post: str) -> None:
    at = START + HOUR
    assert seen(render_channel(told, "Pier_News", None, at)).answered == answered
    if answered != "not found":
        assert seen(render_landing(told, "Pier_News", at)).answered == answered
    assert seen(render_post(told, "Pier_News", 1, at), post=1).answered == post


def test_without_a_preview_the_channels_page_leads_to_its_landing_page() -> None:
    told = scenario(posts(1) + '[[channel.event]]\nat = "+1m"\nwhat = "preview off"\n')
    answer = render_channel(told, "pier_news", None, START + HOUR, origin=ORIGIN)
    assert (answer.status, dict(answer.headers)["Location"]) == (302, f"{ORIGIN}/Pier_News")
    landing = seen(render_landing(told, "pier_news", START + HOUR))
    assert landing.card is not None
    assert (landing.answered, landing.card.followers) == ("no preview", 12)


def test_a_name_that_leads_nowhere_is_sent_to_the_front_page() -> None:
    answer = render_channel(scenario(posts(1)), "nobody_here", None, START)
    assert (answer.status, dict(answer.headers)["Location"]) == (302, "https://telegram.org/")
    assert seen(answer, name="nobody_here").answered == "not found"
    assert seen(render_landing(scenario(), "nobody_here", START), name="nobody_here").answered == "not found"


def test_a_landing_page_counts_followers_exactly() -> None:
    told = parse_scenario(
        HEAD + CHANNEL.replace("12", "38154") + 'description = "By the water"\n' + posts(1), "scene.toml"
    )
    landing = seen(render_landing(told, "Pier_News", START)).card
    preview = seen(render_channel(told, "Pier_News", None, START)).card
    assert landing is not None
    assert landing.channel is not None
    assert preview is not None
    assert (landing.followers, landing.channel.description) == (38_154, "By the water")
    assert isinstance(preview.followers, Reading)
    assert preview.followers.shown == "38.1K"


def test_the_platforms_warning_stands_in_the_description_while_the_label_is_on() -> None:
    told = scenario(
        posts(1)
        + '[[channel.event]]\nat = "+10m"\nwhat = "label added"\nlabel = "fake"\nwarning = "Beware!"\n'
        + '[[channel.event]]\nat = "+20m"\nwhat = "label removed"\nlabel = "fake"\n',
        channel='description = "By the water"\n',
    )
    descriptions = []
    for at in (599, 600, 1200):
        card = seen(render_channel(told, "Pier_News", None, START + at)).card
        assert card is not None
        assert card.channel is not None
        descriptions.append(card.channel.description)
    assert descriptions == ["By the water", "Beware!\n\nBy the water", "By the water"]


def test_a_rename_of_title_and_username_is_on_the_page_from_its_second_on() -> None:
    told = scenario(
        posts(1)
        + '[[channel.event]]\nat = "+10m"\nwhat = "title"\nto = "Pier & Port"\n'
        + '[[channel.event]]\nat = "+20m"\nwhat = "username"\nto = "pier_port"\n'
    )
    shown = seen(render_channel(told, "Pier_News", None, START + 600))
    assert shown.card is not None
    assert shown.card.channel is not None
    assert (shown.card.channel.title, shown.card.channel.id) == ("Pier & Port", "71")
    assert seen(render_channel(told, "Pier_News", None, START + 1200)).answered == "not found"
    assert seen(render_channel(told, "pier_port", None, START + 1200), name="pier_port").ids == (1,)


def test_service_posts_have_no_views_on_pages_and_are_not_supported_when_embedded() -> None:
    told = scenario(
        "".join(
            f'[[channel.post]]\nat = "+1m"\nservice = "{kind}"\nservice_text = "Words"\n'
            for kind in ("created", "title", "photo", "pinned")
        )
    )
    shown = seen(render_channel(told, "Pier_News", None, START + HOUR))
    assert [post.post.kind for post in shown.posts] == ["service"] * 4
    assert [post.metrics for post in shown.posts] == [None] * 4
    parser = page(told)
    assert len(parser.css(".service_message")) == 4
    assert [node.text() for node in parser.css(".tgme_widget_service_strong_text")] == ["Words", "Words"]
    embedded = LexborHTMLParser(render_post(told, "Pier_News", 2, START + HOUR).body.decode())
    assert len(embedded.css(".tgme_widget_message_bubble > .message_media_not_supported_wrap")) == 1
    assert not embedded.css(".service_message, .js-message_text")
    assert seen(render_post(told, "Pier_News", 2, START + HOUR), post=2).answered == "shown"


def test_an_embedded_post_names_its_channel_by_number_and_shows_its_whole_date() -> None:
    parser = LexborHTMLParser(render_post(scenario(posts(1)), "Pier_News", 1, START + HOUR).body.decode())
    block = one(parser, "div.tgme_widget_message")
    assert (block.attributes["data-peer"] or "").startswith("c71_")
    assert (block.attributes["data-post"], block.attributes["data-post-id"]) == ("Pier_News/1", "1")
    assert one(parser, "time").text() == "Nov 14, 2023 at 22:14"


def test_a_member_of_an_album_can_be_asked_for_alone() -> None:
    told = scenario(ALBUM)
    whole = seen(render_post(told, "Pier_News", 2, START + HOUR), post=2)
    assert whole.ids == (1, 2, 3)
    alone = LexborHTMLParser(render_post(told, "Pier_News", 2, START + HOUR, single=True).body.decode())
    assert one(alone, "div.tgme_widget_message").attributes["data-post"] == "Pier_News/2"
    assert len(alone.css("video")) == 1
    assert not alone.css(".tgme_widget_message_grouped_wrap")


def test_a_reply_to_what_has_vanished_shows_no_quote() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\ntext = "asked"\ndeleted_at = "+10m"\n[[channel.post]]\nat = "+2m"\nmedia = [{kind = "round_video"}]\n'
        '[[channel.post]]\nat = "+3m"\ntext = "answer"\nreply = 1\n[[channel.post]]\nat = "+4m"\ntext = "answer"\nreply = 2\n'
        '[[channel.post]]\nid = 9\nat = "+4m"\nservice = "created"\n[[channel.post]]\nat = "+4m"\ntext = "answer"\nreply = 9\n'
    )
    early, late = page(told, at=START + 300), page(told, at=START + 600)
    assert [node.text() for node in early.css(".js-message_reply_text")] == [
        "asked",
        "Round video",
        "Message",
    ]
    assert [node.text() for node in late.css(".js-message_reply_text")] == ["Round video", "Message"]
    replies = [post.post.reply for post in seen(render_channel(told, "Pier_News", None, START + 300)).posts]
    assert [reply and reply.post for reply in replies] == [None, None, "1", "2", None, "9"]


def test_a_forward_without_a_name_to_go_to_has_no_link() -> None:
    parser = page(scenario(posts(1) + 'forward = {name = "Some person"}\n'))
    assert one(parser, ".tgme_widget_message_forwarded_from_name").tag == "span"


HOSTILE = st.text(alphabet="<>/&;\"'=!scriptbx \n", max_size=24)


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_title_description_or_name_can_write_markup_of_its_own(
    title: str, description: str, name: str
) -> None:
    quoted = json.dumps(name)
    told = scenario(
        f"[[channel.post]]\nat = '+1m'\ntext = 'a'\nsignature = {quoted}\nforward = {{name = {quoted}, username = {quoted}}}\n"
    )
    channel = msgspec.structs.replace(told.channel(71), title=title, description=description)
    told = msgspec.structs.replace(told, channels=(channel,))
    plain = scenario(
        "[[channel.post]]\nat = '+1m'\ntext = 'a'\nsignature = 'b'\nforward = {name = 'b', username = 'b'}\n"
    )
    asks: tuple[Callable[[Scenario], Answer], ...] = (
        lambda told: render_channel(told, "Pier_News", None, START + HOUR),
        lambda told: render_landing(told, "Pier_News", START + HOUR),
        lambda told: render_post(told, "Pier_News", 1, START + HOUR),
    )
    for ask in asks:
        # A description may have a line that quotes; nothing else of its own.
        assert tags(ask(told)) - {"br", "blockquote"} <= tags(ask(plain))


def tags(answer: Answer) -> set[str]:
    """Every element of a page with the names of its attributes."""
    nodes = LexborHTMLParser(answer.body.decode()).css("*")
    return {str(node.tag) for node in nodes} | {f"@{name}" for node in nodes for name in node.attributes}
