"""Posts on preview pages: text, media, origin, counters, albums."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.capture.contract import AnswerSeen, FileOffer
from holdfast.capture.telegram_web import PROBLEM_CODES, Asked, parse_answer
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostSeen, Reading, Reply
from tests.capture.web_pages import CHANNEL, NAME, block, channel_page, footer, photo, text

HTML = "text/html; charset=utf-8"
FILE = "https://cdn.example/file/"


def page(*blocks: str, **options: Any) -> AnswerSeen:
    answer = parse_answer(Asked("channel", NAME), 200, None, HTML, channel_page(*blocks, **options))
    assert {found.code for found in answer.problems} <= PROBLEM_CODES.keys()
    return answer


def only(inside: str, **options: Any) -> PostSeen:
    answer = page(block(7, inside, **options))
    assert (answer.problems, answer.unknown) == ((), ())
    (post,) = answer.posts
    return post


def other(inside: str, **options: Any) -> Any:
    return only(inside, **options).post.other


def test_a_post_has_the_channels_id_its_own_and_its_time_in_utc() -> None:
    post = only(text("Tea &amp; talk"))
    assert (post.post.channel, post.post.id, post.post.kind) == (str(CHANNEL), "7", "post")
    assert (post.post.published_at, post.post.published_local) == ("2023-12-28T20:10:00Z", None)
    assert post.text == "Tea & talk"
    assert post.metrics == Metrics(views=12)
    assert (post.author, post.media, post.raw, post.post.edited_at, post.post.other) == (None,) * 5


@pytest.mark.parametrize(
    ("claim", "utc", "local"),
    [
        ("2023-12-28T20:10:00+00:00", "2023-12-28T20:10:00Z", None),
        ("2023-12-28T23:10:00+03:00", "2023-12-28T20:10:00Z", None),
        ("2023-12-28T20:10:00Z", "2023-12-28T20:10:00Z", None),
        ("2023-12-28T20:10:00.75+00:00", "2023-12-28T20:10:00Z", None),
        ("2023-12-28T20:10:00", None, "2023-12-28T20:10:00"),
    ],
)
def test_a_time_is_told_as_the_page_claims_it(claim: str, utc: str | None, local: str | None) -> None:
    (post,) = page(block(7, below=footer(7, moment=claim))).posts
    assert (post.post.published_at, post.post.published_local) == (utc, local)


@pytest.mark.parametrize(
    "claim", ["yesterday", "2023-02-30T00:00:00+00:00", "0001-01-01T00:00:00+23:59", "2023-12-28"]
)
def test_a_time_that_is_none_is_kept_as_a_claim_and_reported(claim: str) -> None:
    answer = page(block(7, below=footer(7, moment=claim)))
    assert [(found.code, found.outcome, found.post) for found in answer.problems] == [
        ("bad_time", "repaired", "7")
    ]
    assert answer.posts[0].post.other == {"date": claim}
    assert answer.posts[0].post.published_at is None


def test_a_date_without_a_time_in_it_is_none() -> None:
    below = '<div class="tgme_widget_message_footer"><a class="tgme_widget_message_date"><time>20:10</time></a></div>'
    answer = page(block(7, below=below))
    assert ([found.code for found in answer.problems], answer.posts[0].post.other) == (["bad_time"], None)


def test_a_post_without_any_time_is_kept() -> None:
    answer = page(block(7, text("words"), below="<time datetime='2023-12-28T20:10:00+00:00'>20:10</time>"))
    assert [found.code for found in answer.problems] == ["bad_time"]
    assert (answer.posts[0].text, answer.posts[0].post.published_at) == ("words", None)


def test_formatting_becomes_the_runs_of_an_export() -> None:
    glyph = '<i class="emoji" style="background-image:url(\'//telegram.org/e.png\')"><b>🔥</b></i>'
    words = (
        f"a {glyph}<b>b<br>c</b><br/><strong>B</strong><em>i</em><i>I</i><u>u</u><ins>n</ins><s>s</s><del>d</del>"
        "<tg-spoiler>x</tg-spoiler><span class='tg-spoiler'>y</span><code>c</code>"
        "<pre><code class='hl language-python'>p<br/>q</code></pre><pre><code class='hl'>r</code></pre>"
        f"<blockquote>q</blockquote><blockquote expandable>long {glyph}</blockquote>"
        f'<tg-emoji emoji-id="5465">{glyph}</tg-emoji>'
        '<a href="https://e.org/">https://e.org/</a><a href="http://e.org/A?b=1">E.org/A?b=1</a>'
        '<a href="https://e.org/?a=1&amp;b" onclick="return confirm(1)"><b>here</b></a>'
        '<a href="?q=%23tea">#tea</a><a href="?q=%24TON">$TON</a><a href="https://t.me/Tea_Master"><b>@tea_master</b></a>'
        '<a href="https://t.me/other">@x</a><a href="mailto:a@b.c">a@b.c</a><a href="tel:+7901">+7 901</a>'
        '<a href="tg://user?id=5">Olga</a><a href="tg://bot_command?command=go">/go</a><a>bare</a>'
        "<span>plain</span> &lt;end&gt;"
    )
    assert only(text(words)).text == (
        "a 🔥",
        {"type": "bold", "text": "b\nc"},
        "\n",
        {"type": "bold", "text": "B"},
        {"type": "italic", "text": "i"},
        {"type": "italic", "text": "I"},
        {"type": "underline", "text": "u"},
        {"type": "underline", "text": "n"},
        {"type": "strikethrough", "text": "s"},
        {"type": "strikethrough", "text": "d"},
        {"type": "spoiler", "text": "x"},
        {"type": "spoiler", "text": "y"},
        {"type": "code", "text": "c"},
        {"type": "pre", "text": "p\nq", "language": "python"},
        {"type": "pre", "text": "r"},
        {"type": "blockquote", "text": "q"},
        {"type": "blockquote", "text": "long 🔥", "collapsed": True},
        {"type": "custom_emoji", "text": "🔥", "document_id": "5465"},
        {"type": "link", "text": "https://e.org/"},
        {"type": "link", "text": "E.org/A?b=1"},
        {"type": "text_link", "text": "here", "href": "https://e.org/?a=1&b"},
        {"type": "hashtag", "text": "#tea"},
        {"type": "cashtag", "text": "$TON"},
        {"type": "mention", "text": "@tea_master"},
        {"type": "text_link", "text": "@x", "href": "https://t.me/other"},
        {"type": "email", "text": "a@b.c"},
        {"type": "phone", "text": "+7 901"},
        {"type": "mention_name", "text": "Olga", "user_id": "5"},
        {"type": "bot_command", "text": "/go"},
        {"type": "text_link", "text": "bare", "href": ""},
        "plain <end>",
    )


def test_a_link_inside_other_formatting_keeps_its_address_beside_the_text() -> None:
    post = only(
        text(
            '<b>see <a href="https://e.org/x">this</a></b><blockquote><i><a href="tg://user?id=5">O</a></i></blockquote>'
        )
    )
    assert post.text == ({"type": "bold", "text": "see this"}, {"type": "blockquote", "text": "O"})
    assert post.post.other == {"nested_links": [["this", "https://e.org/x"], ["O", "tg://user?id=5"]]}


def test_the_templates_white_space_is_no_text() -> None:
    assert only(text("\n  words<br/>  more\n   ")).text == "words\n  more"
    assert only(text("  \n ")).text is None
    assert only(text(" <b>x</b> ")).text == ({"type": "bold", "text": "x"},)


def test_scripts_and_entities_in_a_text_stay_words() -> None:
    words = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;b&amp;gt; &#x41;&#1234567890;&unknown;"
    assert only(text(words)).text == "<script>alert(1)</script>&lt;b&gt; A\ufffd&unknown;"


def test_an_edited_post_is_marked_and_its_signature_kept_with_the_author() -> None:
    signed = '<span class="tgme_widget_message_from_author" dir="auto">O. P.</span>,&nbsp;edited &nbsp;'
    post = only(text("x"), below=footer(7, before=signed))
    assert post.author == Author(signature="O. P.")
    assert post.post.other == {"edited_mark": True}
    assert post.post.edited_at is None
    post = only(text("x"), below=footer(7, before='<span class="tgme_widget_message_edited">edited</span> '))
    assert post.post.other == {"edited_mark": True}
    assert (
        other(
            text("x"), below=footer(7, before='<span class="tgme_widget_message_from_author">edited</span>, ')
        )
        is None
    )


def test_an_unknown_word_beside_the_date_is_kept_and_counted() -> None:
    answer = page(block(7, below=footer(7, before="boosted ")))
    assert answer.unknown == (("meta", 1),)
    assert answer.posts[0].post.other == {"unknown_markup": [["meta", "boosted"]]}


def test_counters_are_exact_or_intervals_and_never_guessed() -> None:
    assert only("", below=footer(7, "25.1K")).metrics == Metrics(views=Reading(25_050, 25_199, "25.1K"))
    assert only("", below=footer(7, None)).metrics is None
    answer = page(block(7, below=footer(7, "many")))
    assert (answer.posts[0].metrics, answer.unknown) == (None, (("views", 1),))


def test_reactions_are_sorted_by_name_and_may_be_intervals() -> None:
    reactions = (
        '<div class="tgme_widget_message_reactions"><span class="tgme_reaction"><i class="emoji"><b>👍</b></i>1.2K</span>'
        '<span class="tgme_reaction tgme_reaction_paid"><i class="icon"></i>3</span><b>not one</b>'
        '<span class="tgme_reaction"><tg-emoji emoji-id="546"></tg-emoji>2</span></div>'
    )
    expected = (("custom:546", 2), ("paid", 3), ("👍", Reading(1_150, 1_299, "1.2K")))
    assert only(reactions).metrics == Metrics(views=12, reactions=expected)
    after = block(7, below=footer(7) + reactions)
    assert page(after).posts[0].metrics == Metrics(views=12, reactions=expected)


def test_a_reaction_that_cannot_be_read_or_is_there_twice_is_reported() -> None:
    one = '<span class="tgme_reaction"><i class="emoji"><b>👍</b></i>{}</span>'
    row = f'<div class="tgme_widget_message_reactions">{one.format(1)}{one.format(2)}{one.format("x")}</div>'
    answer = page(block(7, row))
    assert answer.posts[0].metrics == Metrics(views=12, reactions=(("👍", 1),))
    assert answer.unknown == (("reaction", 2),)


def forwarded(link: str, more: str = "") -> str:
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;'
        f'<a class="tgme_widget_message_forwarded_from_name"{link}><span dir="auto">News</span></a>{more}</div>'
    )


def test_a_forward_of_a_channels_post_names_the_channel() -> None:
    signed = ' (<span class="tgme_widget_message_forwarded_from_author">O. P.</span>)'
    post = only(forwarded(' href="https://t.me/Other_News/1428"', signed) + text("x"))
    assert post.post.forward == Forward("News", "username:other_news")
    assert post.post.other == {"forward_post": "1428"}
    assert post.author == Author(forward_name="O. P.")
    post = only(forwarded(' href="https://t.me/c/987/65"'))
    assert post.post.forward == Forward("News", "987")


def test_the_name_of_whoever_else_is_forwarded_can_be_erased_with_the_author() -> None:
    post = only(forwarded(' href="https://t.me/Some_User"') + text("x"))
    assert post.post.forward == Forward()
    assert post.author == Author(forward_name="News", forward_id="username:some_user")
    post = only(forwarded("", ' (<span class="tgme_widget_message_forwarded_from_author">O. P.</span>)'))
    assert post.author == Author(forward_name="News", persons={"forward_signature": "O. P."})
    bare = '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/u">N</a>'
    assert only(bare).author == Author(forward_name="N", forward_id="username:u")


@pytest.mark.parametrize(
    ("link", "reply"),
    [
        (f"https://t.me/{NAME}/19", Reply("19")),
        (f"https://t.me/{NAME.upper()}/19?single", Reply("19")),
        ("https://t.me/Other/5", Reply("5", "username:other")),
        ("https://t.me/c/987/5", Reply("5", "987")),
    ],
)
@pytest.mark.parametrize("quote", ["tgme_widget_message_metatext", "tgme_widget_message_text"])
def test_a_reply_names_its_post_and_the_quoted_words_are_not_the_posts_own(
    link: str, reply: Reply, quote: str
) -> None:
    inside = (
        f'<a class="tgme_widget_message_reply" href="{link}"><div class="tgme_widget_message_author">'
        '<span class="tgme_widget_message_author_name">Somebody</span></div>'
        f'<div class="{quote} js-message_reply_text">quoted</div></a>{text("own")}'
    )
    post = only(inside)
    assert (post.post.reply, post.text, post.author) == (reply, "own", None)


def test_a_quote_beside_the_text_is_not_the_text() -> None:
    quote = '<div class="tgme_widget_message_text js-message_reply_text">quoted</div>'
    assert only(quote + text("own")).text == "own"


def test_a_reply_that_leads_nowhere_is_kept_as_it_stands() -> None:
    assert other('<a class="tgme_widget_message_reply" href="https://e.org/">x</a>') == {
        "reply_to": "https://e.org/"
    }
    assert other('<a class="tgme_widget_message_reply">x</a>') == {"reply_to": "no address"}


def test_an_author_who_is_not_the_channel_is_personal() -> None:
    author = (
        '<div class="tgme_widget_message_author"><a class="tgme_widget_message_author_name" href="https://t.me/olga">'
        '<span>Olga</span></a> via <a class="tgme_widget_message_via_bot" href="https://t.me/gif">@gif</a></div>'
    )
    assert only("", author=author).author == Author(name="Olga", via_bot="@gif")


def test_a_photo_is_offered_with_its_whole_address_and_kept_without_what_expires() -> None:
    answer = page(block(7, photo(7, f"{FILE}p.jpg?token=t#f", extra="blured 5172795381250108682 1204_45")))
    assert answer.posts[0].media == (
        MediaSeen("photo", source_path=f"{FILE}p.jpg", data={"photo_id": "5172795381250108682"}),
    )
    assert answer.files == (FileOffer(7, 0, f"{FILE}p.jpg?token=t#f", "photo"),)


@pytest.mark.parametrize(
    ("address", "path", "url"),
    [
        ("//cdn.example/p.jpg?t", "https://cdn.example/p.jpg", "https://cdn.example/p.jpg?t"),
        ("/file/p.jpg?t", "http://127.0.0.1:8080/file/p.jpg", "http://127.0.0.1:8080/file/p.jpg?t"),
        ("http://127.0.0.1:8080/p", "http://127.0.0.1:8080/p", "http://127.0.0.1:8080/p"),
        ("https://cdn.example:8443/p", "https://cdn.example:8443/p", "https://cdn.example:8443/p"),
        ("http://127.0.0.1:9/p", "http://127.0.0.1:9/p", None),
        ("http://e.org/p.jpg", "http://e.org/p.jpg", None),
        ("ftp://e.org/p.jpg", "ftp://e.org/p.jpg", None),
        ("file:///etc/passwd", "file:///etc/passwd", None),
        ("https:///p", "https:///p", None),
        ("https://e.org/a b", "https://e.org/a b", None),
        ("https://[e/p", "https://[e/p", None),
        ("data:image/svg+xml;base64,AA", None, None),
    ],
)
def test_only_https_and_the_host_that_was_asked_are_offered(
    address: str, path: str | None, url: str | None
) -> None:
    body = channel_page(block(7, photo(7, address)))
    base = "http://127.0.0.1:8080" if "cdn" not in address else "https://t.me"
    answer = parse_answer(Asked("channel", NAME), 200, None, HTML, body, base=base)
    assert answer.posts[0].media == (MediaSeen("photo", source_path=path),)
    assert [offer.url for offer in answer.files] == ([url] if url else [])


def test_an_address_beyond_reason_is_clipped_and_not_offered() -> None:
    answer = page(block(7, photo(7, "https://cdn.example/" + "x" * 6000)))
    (media,) = answer.posts[0].media or ()
    assert len(media.source_path or "") == 4097
    assert answer.files == ()


def video(
    attributes: str = "", length: str = "1:09:05", classes: str = "", source: str = f"{FILE}v.mp4?token=1"
) -> str:
    film = (
        f'<video src="{source}" class="tgme_widget_message_video js-message_video"{attributes}></video>'
        if source
        else ""
    )
    duration = f'<time class="message_video_duration">{length}</time>' if length else ""
    return (
        f'<a class="tgme_widget_message_video_player {classes} js-message_video_player" href="https://t.me/{NAME}/7">'
        f'<i class="tgme_widget_message_video_thumb" style="background-image:url(\'{FILE}t\')"></i>'
        f'<div class="tgme_widget_message_video_wrap">{film}</div>{duration}<div class="message_media_not_supported_wrap">'
        '<div class="message_media_not_supported_label">Media is too big</div></div></a>'
    )


def test_films_have_their_length_and_a_small_picture() -> None:
    thumbnail = MediaSeen("photo", source_path=f"{FILE}t")
    answer = page(block(7, video()))
    assert answer.posts[0].media == (
        MediaSeen("video", source_path=f"{FILE}v.mp4", duration_s=4145, thumbnail=thumbnail),
    )
    assert answer.files == (
        FileOffer(7, 0, f"{FILE}v.mp4?token=1", "video"),
        FileOffer(7, 0, f"{FILE}t", "video", True),
    )
    assert only(video(classes="not_supported", source="", length="0:52")).media == (
        MediaSeen("video", state="too_big", duration_s=52, thumbnail=thumbnail),
    )
    for moving in (video(" autoplay loop"), video(length="")):
        (media,) = only(moving).media or ()
        assert media.kind == "animation"
    (media,) = only(video(length="soon")).media or ()
    assert (media.kind, media.duration_s) == ("video", None)


def test_every_other_kind_of_media() -> None:
    def media(inside: str) -> tuple[MediaSeen, ...] | None:
        return only(inside).media

    assert media(
        f'<div class="tgme_widget_message_roundvideo_player"><i class="tgme_widget_message_roundvideo_thumb" style='
        f'"background-image:url(\'{FILE}t\')"></i><video src="{FILE}r.mp4?x" loop></video><time>0:12</time></div>'
    ) == (
        MediaSeen(
            "round_video",
            source_path=f"{FILE}r.mp4",
            duration_s=12,
            thumbnail=MediaSeen("photo", source_path=f"{FILE}t"),
        ),
    )
    voice = '<a class="tgme_widget_message_voice_player" href="https://t.me/x/7">{}<time>0:01</time></a>'
    assert media(voice.format(f'<audio src="{FILE}v.ogg?t"></audio>')) == (
        MediaSeen("voice", source_path=f"{FILE}v.ogg", duration_s=1),
    )
    assert media(voice.format("")) == (MediaSeen("voice", duration_s=1),)
    assert media('<div class="tgme_widget_message_roundvideo_player"></div>') == (MediaSeen("round_video"),)
    for picture in (
        f'<i class="tgme_widget_message_sticker" style="background-image:url(\'data:x\')" data-webp="{FILE}s"></i>',
        f'<picture class="tgme_widget_message_tgsticker"><img src="data:x"/><source srcset="{FILE}s"></picture>',
        f'<div class="tgme_widget_message_videosticker"><video src="{FILE}s"></video></div>',
    ):
        sticker = f'<div class="tgme_widget_message_sticker_wrap media_supported_cont">{picture}</div>'
        assert media(sticker) == (MediaSeen("sticker", source_path=f"{FILE}s"),)
    assert media('<div class="tgme_widget_message_sticker_wrap"><i></i></div>') == (MediaSeen("sticker"),)
    document = (
        '<a class="tgme_widget_message_document_wrap" href="https://t.me/x/7"><div class="tgme_widget_message_document_icon'
        ' {}"></div><div class="tgme_widget_message_document"><div class="tgme_widget_message_document_title">{}</div>'
        '<div class="tgme_widget_message_document_extra">{}</div></div></a>'
    )
    assert media(document.format("audio", "Gruppa krovi", "Kino")) == (
        MediaSeen("audio", title="Gruppa krovi", performer="Kino"),
    )
    assert media(document.format("", "report.pdf", "1.0 MB")) == (
        MediaSeen("document", file_name="report.pdf", data={"size_text": "1.0 MB"}),
    )
    assert media(document.format("", "report.pdf", "a report")) == (
        MediaSeen("document", file_name="report.pdf", data={"extra": "a report"}),
    )
    assert media(document.format("", "report.pdf", "")) == (MediaSeen("document", file_name="report.pdf"),)
    for kind in ("game", "invoice"):
        shown = (
            f'<div class="tgme_widget_message_{kind}"><div class="tgme_widget_message_{kind}_title">T</div>'
            f'<div class="tgme_widget_message_{kind}_description">D</div></div>'
        )
        assert media(shown) == (MediaSeen(kind, title="T", data={"description": "D"}),)
        assert media(f'<div class="tgme_widget_message_{kind}"></div>') == (MediaSeen(kind),)


def test_places() -> None:
    place = '<a class="tgme_widget_message_{}_wrap" href="https://maps.example/maps?q=-23.93,44.0863&ll=1,2">{}</a>'
    data = {"latitude": "-23.93", "longitude": "44.0863"}
    assert only(place.format("location", "")).media == (MediaSeen("location", data=data),)
    named = (
        '<div class="tgme_widget_message_location_info"><div class="tgme_widget_message_location_title">Tea</div>'
        '<div class="tgme_widget_message_location_address">Hill 1</div></div>'
    )
    for kind in ("location", "venue"):
        assert only(place.format(kind, named)).media == (
            MediaSeen("venue", title="Tea", data={**data, "address": "Hill 1"}),
        )
    assert only('<a class="tgme_widget_message_location_wrap" href="/">x</a>').media == (
        MediaSeen("location"),
    )


def test_a_contact_is_personal() -> None:
    inside = (
        '<div class="tgme_widget_message_contact"><div class="tgme_widget_message_contact_name">Olga</div>'
        '<div class="tgme_widget_message_contact_phone">+7 901</div></div>'
    )
    post = only(inside)
    assert post.media == (MediaSeen("contact"),)
    assert post.author == Author(persons={"contact": {"name": "Olga", "phone_number": "+7 901"}})
    assert only('<a class="tgme_widget_message_contact_wrap">Olga</a>').author == Author(
        persons={"contact": {"name": "Olga", "phone_number": None}}
    )


def poll(sort: str, *options: tuple[str, str], more: str = "") -> str:
    shown = "".join(
        '<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">'
        f'{percent}</div><div class="tgme_widget_message_poll_option_value"><div class="tgme_widget_message_poll_option_text">'
        f"{answer}</div></div></div>"
        for answer, percent in options
    )
    return (
        '<div class="tgme_widget_message_poll js-poll"><div class="tgme_widget_message_poll_question">Tea?</div>'
        f'<div class="tgme_widget_message_poll_type">{sort}</div><a class="tgme_widget_message_poll_options" '
        f'href="https://t.me/{NAME}/7">{shown}</a>{more}</div>'
    )


def test_a_poll_shows_shares_and_no_votes() -> None:
    voters = '<span class="tgme_widget_message_voters">1.2K</span><span class="copyonly"> voters</span>'
    post = only(poll("Anonymous Poll", ("Yes", "67%"), ("No", "33%")), below=footer(7, more=voters))
    assert post.media == (
        MediaSeen(
            "poll",
            data={
                "question": "Tea?",
                "answers": ["Yes", "No"],
                "closed": False,
                "type_text": "Anonymous Poll",
            },
        ),
    )
    assert post.metrics == Metrics(
        views=12, voters=Reading(1_150, 1_299, "1.2K"), shares=(("Yes", 67), ("No", 33))
    )


def test_a_poll_whose_shares_are_incomplete_has_none() -> None:
    total = '<div class="tgme_widget_message_poll_votes">12 votes</div>'
    post = only(poll("Final results", ("Yes", "100%"), ("No", "101%"), more=total))
    assert post.metrics == Metrics(views=12, voters=12)
    (media,) = post.media or ()
    assert media.data == {
        "question": "Tea?",
        "answers": ["Yes", "No"],
        "closed": True,
        "type_text": "Final results",
    }
    (media,) = only('<div class="tgme_widget_message_poll"></div>').media or ()
    assert media.data == {"question": "", "answers": []}


def test_a_link_preview_stands_apart_from_the_text() -> None:
    inside = (
        f'{text("see")}<a class="tgme_widget_message_link_preview" href="https://e.org/"><i class="link_preview_image" '
        f'style="background-image:url(\'{FILE}i\')"></i><div class="link_preview_site_name">E</div>'
        '<div class="link_preview_title">Title</div><div class="link_preview_description">One<br/>two</div></a>'
    )
    assert other(inside) == {
        "link_preview": {"url": "https://e.org/", "site": "E", "title": "Title", "description": "One\ntwo"}
    }


def test_buttons_are_kept_in_their_rows() -> None:
    button = '<a class="tgme_widget_message_inline_button url_button"{}><span>{}</span></a>'
    row = '<div class="tgme_widget_message_inline_row">{}</div>'
    keyboard = row.format(button.format(' href="https://e.org/"', "Go")) + row.format(
        button.format("", "Vote")
    )
    assert other(f'<div class="tgme_widget_message_inline_keyboard">{keyboard}</div>') == {
        "inline_bot_buttons": [
            [{"type": "url", "text": "Go", "data": "https://e.org/"}],
            [{"type": "callback", "text": "Vote"}],
        ]
    }


def grouped(*members: int) -> str:
    inside = "".join(
        photo(f"{member}?single", f"{FILE}{member}.jpg", extra="grouped_media_wrap") for member in members
    )
    return (
        '<div class="media_supported_cont"><div class="tgme_widget_message_one_media"><div class="media_supported_cont">'
        '<div class="tgme_widget_message_grouped_wrap"><div class="tgme_widget_message_grouped">'
        f'<div class="tgme_widget_message_grouped_layer">{inside}</div></div></div>'
        f"{text(text('Caption'))}</div></div></div>"
    )


def test_each_member_of_an_album_is_a_post_and_the_caption_is_the_named_ones() -> None:
    reactions = '<div class="tgme_widget_message_reactions"><span class="tgme_reaction"><i class="emoji">👍</i>1</span></div>'
    signed = '<span class="tgme_widget_message_from_author">O. P.</span>,&nbsp;edited '
    answer = page(block(5, grouped(5, 6, 7) + reactions, below=footer(5, before=signed)), block(9))
    assert answer.ids == (5, 6, 7, 9)
    first, second, third, _ = answer.posts
    assert [post.media for post in (first, second, third)] == [
        (MediaSeen("photo", source_path=f"{FILE}{number}.jpg"),) for number in (5, 6, 7)
    ]
    assert (first.text, first.metrics) == ("Caption", Metrics(views=12, reactions=(("👍", 1),)))
    assert first.post.other == {"album": "5", "edited_mark": True}
    for member in (second, third):
        assert (member.text, member.metrics, member.author) == (None, None, Author(signature="O. P."))
        assert member.post.other == {"album": "5"}
        assert member.post.published_at == first.post.published_at
    assert [(offer.post, offer.position) for offer in answer.files] == [(5, 0), (6, 0), (7, 0)]


def test_several_media_that_lead_to_one_post_are_no_album() -> None:
    post = only(photo(7) + photo(7, f"{FILE}2.jpg") + photo(9, f"{FILE}3.jpg", name="Elsewhere"))
    assert post.post.other is None
    assert len(post.media or ()) == 3


def service(words: str, more: str = "") -> PostSeen:
    post = only(more + text(words), classes="service_message", below=footer(7, None))
    assert (post.post.kind, post.text, post.metrics) == ("service", None, None)
    return post


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("Channel created", {"type": "create_channel"}),
        (
            'Channel name was changed to «<span class="tgme_widget_service_strong_text">Путь «домой»</span>»',
            {"type": "edit_group_title", "title": "Путь «домой»"},
        ),
        ("Channel photo updated", {"type": "edit_group_photo"}),
        ("Channel photo removed", {"type": "delete_group_photo"}),
        ("Live stream started", {"type": "group_call"}),
        ("Live stream finished (2 minutes)", {"type": "group_call", "duration_text": "2 minutes"}),
        ("Live stream finished", {"type": "group_call"}),
        ("Live stream scheduled for May 1", {"type": "group_call_scheduled", "scheduled_text": "May 1"}),
        ("Teahouse pinned «Going»", {"type": "pin_message", "quote": "Going"}),
        ("Teahouse pinned a photo", {"type": "pin_message"}),
    ],
)
def test_service_posts_say_what_happened_in_the_words_of_exports(words: str, action: dict[str, str]) -> None:
    post = service(words)
    assert (post.post.action, post.author) == (action, None)


def test_persons_in_service_posts_can_be_erased() -> None:
    assert service("Olga pinned «x»").author == Author(persons={"actor": "Olga"})
    post = service("Olga did something new")
    assert (post.post.action, post.author) == (
        {"type": "unknown"},
        Author(persons={"sentence": "Olga did something new"}),
    )
    assert service("").post.action == {"type": "unknown"}


def test_the_new_picture_of_a_channel_is_media_of_the_service_post() -> None:
    post = service(
        "Channel photo updated", f'<a class="tgme_widget_message_service_photo"><img src="{FILE}c.jpg"></a>'
    )
    assert post.media == (MediaSeen("photo", source_path=f"{FILE}c.jpg"),)
    assert service("x", '<a class="tgme_widget_message_service_photo"></a>').media == (MediaSeen("photo"),)


def fallback(label: str) -> str:
    return (
        '<div class="message_media_not_supported_wrap"><div class="message_media_not_supported">'
        f'<div class="message_media_not_supported_label">{label}</div></div></div>'
    )


def test_what_a_page_cannot_show_is_unsupported_and_not_missing() -> None:
    please = "Please open Telegram to view this post"
    assert other(fallback(please)) == {"type": "unsupported"}
    assert other(fallback("Something else")) == {"type": "unsupported", "shown": "Something else"}
    # On most posts the same element is a hidden fallback.
    assert (
        other(
            f'<div class="media_supported_cont">{text("x")}</div><div class="media_not_supported_cont">{fallback(please)}</div>'
        )
        is None
    )
    assert other(photo(7) + fallback(please)) is None


def test_markup_without_a_name_is_counted_and_its_words_are_kept() -> None:
    inside = (
        '<div class="tgme_widget_message_hologram"><b class="tgme_hologram_part">shiny</b></div>'
        f'<div class="novelty">new</div><section>bare</section><div class="tgme_widget_message_empty"></div>{text("x")}'
        f"{text('second')}"
    )
    answer = page(block(7, inside))
    assert answer.unknown == (
        ("<section>", 1),
        ("novelty", 1),
        ("second text", 1),
        ("tgme_hologram_part", 1),
        ("tgme_widget_message_empty", 1),
        ("tgme_widget_message_hologram", 1),
    )
    assert answer.posts[0].text == "x"
    assert answer.posts[0].post.other == {
        "unknown_markup": [
            ["tgme_widget_message_hologram", "shiny"],
            ["novelty", "new"],
            ["<section>", "bare"],
            ["second text", "second"],
        ]
    }
    answer = page(block(7, text("a<marquee>b</marquee> tgme_in_words")))
    assert (answer.unknown, answer.posts[0].text) == ((("<marquee>", 1),), "ab tgme_in_words")


def test_a_post_without_a_bubble_is_read_too() -> None:
    bare = (
        f'<div class="tgme_widget_message" data-post="{NAME}/80">{text("words")}<div class="tgme_widget_message_footer">'
        '<span class="tgme_widget_message_views">980</span><a class="tgme_widget_message_date">'
        '<time datetime="2026-08-02T08:30:00+00:00">Aug 2</time></a></div></div>'
    )
    (post,) = page(bare).posts
    assert (post.text, post.metrics, post.post.published_at) == (
        "words",
        Metrics(views=980),
        "2026-08-02T08:30:00Z",
    )
    assert post.post.channel == f"username:{NAME.lower()}"
