"""Preview pages that are cut, huge, badly encoded, or made to harm."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.capture.contract import AnswerSeen
from holdfast.capture.telegram_web import PROBLEM_CODES, Asked, parse_answer
from holdfast.model import ANSWERS, MediaSeen, Metrics, plain_text
from tests.capture.web_pages import NAME, a_full_page, block, channel_page, embed, landing, photo, side, text

CHANNEL_PAGE = Asked("channel", NAME)
POST_PAGE = Asked("post", NAME, post=7)


def read(body: bytes, content_type: str | None = "text/html", asked: Asked = CHANNEL_PAGE) -> AnswerSeen:
    answer = parse_answer(asked, 200, None, content_type, body)
    assert answer.answered in ANSWERS
    assert {found.code for found in answer.problems} <= PROBLEM_CODES.keys()
    assert list(answer.ids) == sorted(set(answer.ids))
    assert [int(post.post.id) for post in answer.posts] == sorted(
        {int(post.post.id) for post in answer.posts}
    )
    assert {int(post.post.id) for post in answer.posts} <= set(answer.ids)
    return answer


def codes(answer: AnswerSeen) -> list[tuple[str, str | None]]:
    return [(found.code, found.post) for found in answer.problems]


WHOLE = channel_page(
    block(5, text("пять") + photo(5)),
    block(6, text("six")),
    block(9, text("nine")),
    before=5,
    card=side(above="38.1K subscribers"),
)


@pytest.mark.parametrize("step", range(7))
def test_a_page_cut_anywhere_never_says_more_than_the_whole(step: int) -> None:
    whole = read(WHOLE)
    by_id = {post.post.id: post for post in whole.posts}
    for end in range(step, len(WHOLE) - 40, 7):
        cut = read(WHOLE[:end])
        assert cut.answered in ("shown", "not understood")
        assert not cut.is_start
        for post in cut.posts:
            kept = by_id[post.post.id]
            assert (post.post.published_at, post.media, post.metrics) == (
                kept.post.published_at,
                kept.media,
                kept.metrics,
            )
            assert post.text == kept.text
        if cut.card is not None and cut.card.channel is not None:
            assert whole.card is not None
            assert cut.card == whole.card
        if cut.posts:
            assert "cut_short" in {found.code for found in cut.problems}
            assert (cut.first, cut.last) == (5, max(int(post.post.id) for post in cut.posts))
        else:
            assert (cut.first, cut.last) == (None, None)


def test_of_a_cut_page_the_last_post_is_left_out_but_told() -> None:
    cut = read(WHOLE[: WHOLE.find(b"nine")])
    assert (cut.ids, len(cut.posts)) == ((5, 6, 9), 2)
    assert codes(cut) == [("cut_short", None), ("cut_short", "9")]
    between = read(WHOLE[: WHOLE.find(b"</section>")])
    assert (len(between.posts), codes(between)) == (3, [("cut_short", None)])
    asked = Asked("channel", NAME, before=20)
    assert read(WHOLE, asked=asked).last == 19
    assert read(WHOLE[: WHOLE.find(b"</section>")], asked=asked).last == 9


@pytest.mark.parametrize(
    "body",
    [landing("T", "5 subscribers"), embed("<div class='tgme_widget_message_error'>Post not found</div>")],
)
def test_a_landing_page_or_notice_that_is_cut_is_not_believed(body: bytes) -> None:
    for end in range(len(body) - len(b"</html>") + 1):
        assert read(body[:end]).answered == "not understood"
    assert read(body).answered != "not understood"


def test_a_part_of_a_page_is_no_cut_page() -> None:
    part = block(5).encode()
    answer = read(part)
    assert (answer.problems, answer.ids, answer.is_start) == ((), (5,), False)
    assert [code for code, _ in codes(read(part[:-30]))] == ["cut_short", "cut_short"]


def harmful(count: int) -> dict[str, str]:
    """Pieces whose trees or times would grow without bound."""
    formats = "".join(f"<b id={number}>" for number in range(count))
    return {
        "nested divs": "<div>" * count,
        "nested formatting": "<b>" * count + "x",
        "formatting made anew": f"<p>{formats}" + "</p><p>x" * count,
        "stray ends": "<x>" * count + "</y>" * count,
        "hidden ends": "<div><!--</div>-->" * count,
        "ends in attributes": '<div a="</div>">' * count,
        "tables": "<table><b>x" * count,
        "links in links": "".join(f"<a href={number}>" for number in range(count)),
        "nested containers": '<div class="media_supported_cont">' * count,
        "nested texts": '<div class="tgme_widget_message_text">' * count,
        "templates": "<template>" * count,
        "svg": "<svg><g>" * count,
    }


@pytest.mark.parametrize("name", harmful(0))
def test_a_harmful_post_is_left_out_and_harms_no_other(name: str) -> None:
    body = channel_page(
        block(5, text("five")), block(6, text(harmful(100_000)[name])), block(9, text("nine"))
    )
    answer = read(body)  # without bounds most of these take minutes, or all memory
    assert answer.ids == (5, 6, 9)
    assert [plain_text(post.text) for post in answer.posts] == ["five", "nine"]
    assert codes(answer) == [("too_deep", "6")]
    assert (answer.first, answer.last) == (None, None)


@pytest.mark.parametrize("name", harmful(0))
def test_a_harmful_head_is_not_read(name: str) -> None:
    answer = read(harmful(100_000)[name].encode() + WHOLE)
    assert (answer.answered, answer.posts) == ("not understood", ())
    assert codes(answer) == [("too_deep", None)]


@pytest.mark.parametrize("name", harmful(0))
def test_a_piece_that_is_small_enough_is_read_however_bad(name: str) -> None:
    answer = read(channel_page(block(5, text(harmful(100)[name])), block(6)))
    assert answer.ids[0] == 5
    assert answer.answered == "shown"


def test_a_long_post_of_nothing_but_emoji_is_read() -> None:
    glyph = '<tg-emoji emoji-id="5465"><i class="emoji" style="background-image:url(\'//e.org/x.png\')"><b>🔥</b></i></tg-emoji><br/>'
    answer = read(channel_page(block(5, text(glyph * 2_000)), block(6)))
    assert codes(answer) == []
    assert plain_text(answer.posts[0].text) == ("🔥\n" * 2_000).rstrip("\n")
    assert len(answer.posts[0].text or ()) == 3_999


def test_a_large_post_with_one_element_left_open_is_not_trusted() -> None:
    answer = read(channel_page(block(5, text("<i>a</i>" * 400 + "<b>")), block(6)))
    assert codes(answer) == [("too_deep", "5")]
    answer = read(channel_page(block(5, text("<i>a</i>" * 400 + "<b>" * 70 + "</b>" * 70)), block(6)))
    assert codes(answer) == [("too_deep", "5")]
    drawing = "<svg><path d='M0'/><circle/></svg>"
    answer = read(channel_page(block(5, text("<i>a</i>" * 400 + drawing)), block(6)))
    assert codes(answer) == []


@pytest.mark.parametrize(
    "words", ["<i>a</i>" * 400 + "<table></table>", "<i>a</i>" * 400 + "<!-- x -->", "<i>a</i>" * 400 + "< "]
)
def test_a_large_post_of_elements_that_posts_do_not_have_is_not_trusted(words: str) -> None:
    assert codes(read(channel_page(block(5, text(words)), block(6)))) == [("too_deep", "5")]


def test_a_large_post_without_an_end_is_not_trusted() -> None:
    unclosed = f'<div class="tgme_widget_message" data-post="{NAME}/5">' + "<i>a</i>" * 400
    answer = read(channel_page(unclosed, "<b>", block(6)))
    assert answer.ids == (5, 6)
    assert codes(answer) == [("too_deep", "5")]


def test_comments_anywhere_in_a_post_are_passed_over() -> None:
    comment = "<!-- c --><?c?>"
    reactions = (
        f'<div class="tgme_widget_message_reactions">{comment}<span class="tgme_reaction">{comment}'
        f'<i class="emoji">{comment}👍</i>1</span></div>'
    )
    sticker = f'<div class="tgme_widget_message_sticker_wrap">{comment}<i data-webp="https://cdn.example/s"></i></div>'
    inside = comment + text(f"a{comment}<b>{comment}b</b>") + sticker + reactions
    post = read(channel_page(block(5, inside))).posts[0]
    assert post.text == ("a", {"type": "bold", "text": "b"})
    assert post.metrics == Metrics(views=12, reactions=(("👍", 1),))
    assert post.media == (MediaSeen("sticker", source_path="https://cdn.example/s"),)
    assert post.post.other is None


def test_a_post_of_too_many_elements_is_not_read_even_if_well_formed() -> None:
    answer = read(channel_page(block(5, text("<i>a</i>" * 31_000)), block(6)))
    assert codes(answer) == [("too_deep", "5")]


def test_a_page_of_more_posts_than_a_page_can_hold_is_read_in_part() -> None:
    answer = read(channel_page(*(block(number) for number in range(1, 151))))
    assert len(answer.posts) == 100
    assert codes(answer) == [("too_many", None)]
    assert (answer.first, answer.last, answer.is_start) == (None, None, False)


def test_posts_within_posts_do_not_multiply() -> None:
    inner = block(6, text("six"))
    answer = read(channel_page(block(5, text(f"five{inner}"))))
    assert [plain_text(post.text) for post in answer.posts] == ["five", "six"]


def test_a_page_beyond_reason_is_not_read() -> None:
    answer = read(WHOLE + b" " * (16 * 1024 * 1024))
    assert (answer.answered, answer.detail) == ("not understood", "too large")
    assert codes(answer) == [("too_large", None)]


def test_megabytes_of_text_are_read() -> None:
    answer = read(channel_page(block(5, text("слово " * 500_000)), block(6)))
    assert len(plain_text(answer.posts[0].text)) == 6 * 500_000 - 1


def test_fields_beside_the_text_are_clipped() -> None:
    long = "x" * 10_000
    inside = f'<div class="tgme_novelty">{long}</div>' + "<section>y</section>" * 60
    answer = read(channel_page(block(5, inside)))
    assert answer.posts[0].post.other is not None
    kept = answer.posts[0].post.other["unknown_markup"]
    assert (len(kept), len(kept[0][1])) == (50, 4097)
    assert dict(answer.unknown) == {"<section>": 60, "tgme_novelty": 1}


def test_scripts_and_styles_say_nothing() -> None:
    script = f"<script>var x = '{block(99)}';</script><style>.tgme_widget_message_new{{}}</style>"
    answer = read(
        channel_page(block(5, text("five")), head="<script>document.write('<div class=tgme_page>')</script>")
    )
    assert (answer.answered, answer.ids, answer.unknown) == ("shown", (5,), ())
    assert read(channel_page(block(5), script)).answered == "shown"


@pytest.mark.parametrize(
    ("encoding", "content_type", "declared"),
    [
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("windows-1251", None, '<meta charset="windows-1251">'),
        (
            "koi8-r",
            "text/html; charset=x-unheard-of",
            '<meta http-equiv="x" content="text/html; charset=koi8-r">',
        ),
        ("utf-16", None, ""),
        ("utf-16-be", None, "\ufeff"),
    ],
)
def test_a_page_in_another_character_set_is_read_as_it_declares(
    encoding: str, content_type: str | None, declared: str
) -> None:
    page = WHOLE.decode().replace('<meta charset="utf-8">', declared)
    if declared == "\ufeff":
        page = declared + page
    answer = read(page.encode(encoding), content_type)
    assert codes(answer) == [("charset", None)]
    assert answer.posts[0].text == "пять"


@pytest.mark.parametrize(
    "content_type", ["text/html; charset=windows-1251", "text/html; charset=utf-7", None]
)
def test_valid_utf_8_is_read_as_such_whatever_is_declared(content_type: str | None) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        answer = read(mark + WHOLE, content_type)
        assert (answer.posts[0].text, answer.problems) == ("пять", ())


@pytest.mark.parametrize(
    "claim", ["ascii", "utf-7", "idna", "unicode_escape", "rot13", "zip", "undefined", "utf-8"]
)
def test_bytes_of_no_character_set_are_replaced_and_the_post_says_so(claim: str) -> None:
    body = WHOLE.replace("пять".encode(), b"\xff\xfe broken")
    answer = read(body, f"text/html; charset={claim}")
    assert codes(answer) == [("encoding", None)]
    assert answer.posts[0].text == "\ufffd\ufffd broken"
    assert [post.post.repairs for post in answer.posts] == [("encoding",), None, None]


def test_marks_of_a_post_elsewhere_are_counted_and_no_posts() -> None:
    elsewhere = (
        f'<div class="tgme_comment" data-post="{NAME}/5">x</div><p data-post="x"></p><i a="data-post=">'
    )
    answer = read(channel_page(block(5), elsewhere))
    assert (answer.ids, dict(answer.unknown)) == ((5,), {"data-post elsewhere": 1})


def test_attributes_in_single_quotes_are_read() -> None:
    body = channel_page(f"<div class='tgme_widget_message' data-post='{NAME}/5'>{text('x')}</div>")
    # The place of the mark is found by its name alone.
    assert read(body).ids == (5,)


PIECES = [
    *(
        b'<div class="tgme_widget_message" data-post="',
        NAME.encode(),
        b'/7"',
        b">",
        b"</div>",
        b'<a href="',
        b'">',
    ),
    *(
        b"tgme_widget_message_text",
        b"tgme_widget_message_footer",
        b"tgme_page",
        b'<time datetime="',
        b'data-view="e30"',
    ),
    *(
        b"<html>",
        b"</html>",
        b"<!--",
        b"<script>",
        b"\xff",
        b"\x00",
        b"&#0;",
        b"&#xD800;",
        b"<br",
        b'<svg class="bubble_icon"',
    ),
    *(
        b"tgme_widget_message_error",
        b"tgme_channel_history",
        b"tgme_widget_message_poll",
        b' class="',
        b"7",
        b" ",
        b"'",
    ),
]


@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=60),
    st.sampled_from([CHANNEL_PAGE, POST_PAGE]),
)
@example([b"<div data-post=", b"<div class='tgme_widget_message' data-post=''"], POST_PAGE)
def test_no_bytes_raise(pieces: list[bytes], asked: Asked) -> None:
    read(b"".join(pieces), asked=asked)


@given(
    st.integers(0, 110_000), st.binary(min_size=1, max_size=40), st.sampled_from([CHANNEL_PAGE, POST_PAGE])
)
def test_no_damage_to_a_real_shape_raises(place: int, damage: bytes, asked: Asked) -> None:
    body = a_full_page()
    read(body[:place] + damage + body[place + len(damage) :], asked=asked)


@given(st.integers(-5, 1000), st.text(max_size=40) | st.none(), st.text(max_size=40) | st.none())
def test_no_headers_raise(status: int, location: str | None, content_type: str | None) -> None:
    assert parse_answer(CHANNEL_PAGE, status, location, content_type, b"x").answered in ANSWERS
