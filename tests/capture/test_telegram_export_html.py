"""HTML pages: rows, what they leave unsaid, their kinds of media, and what can be wrong with them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from holdfast.capture.telegram_export import Document, Plan
from holdfast.errors import SourceError
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostSeen, Reply
from tests.capture.exports import (
    Imported,
    html_day,
    html_page,
    html_row,
    html_service,
    html_text,
    import_bytes,
    run,
)

CREATED = html_service(1, "Channel &laquo;Путь домой&raquo; created")
DAY = html_day(1, "28 December 2023")


def page(rows: str, **options: Any) -> Imported:
    return import_bytes(html_page(rows), "messages.html", **options)


def only(inside: str, **options: Any) -> PostSeen:
    result = page(html_row(7, inside, **options))
    assert result.problems == []
    (post,) = result.posts
    return post


def pages(**contents: bytes) -> Imported:
    documents = tuple(Document(Path(name), f"{name}.html") for name in contents)
    return run(Plan(Path(), "html", documents), lambda document: io.BytesIO(contents[document.path.name]))


def media(block: str) -> tuple[MediaSeen, ...] | None:
    return only(f'<div class="media_wrap clearfix">{block}</div>').media


def generic(name: str, title: str, status: str = "", description: str = "", link: str = "") -> str:
    tag, href = ("a", f' href="{link}"') if link else ("div", "")
    return (
        f'<{tag} class="media clearfix pull_left block_link {name}"{href}><div class="fill pull_left"></div>'
        f'<div class="body"><div class="title bold">\n{title}\n</div>'
        f'<div class="description">\n{description}\n</div><div class="status details">\n{status}\n</div>'
        f"</div></{tag}>"
    )


@pytest.mark.parametrize(
    ("title", "utc", "local"),
    [
        ("28.12.2023 23:10:00 UTC+03:00", "2023-12-28T20:10:00Z", None),
        ("01.01.2024 01:10:00 UTC+05:45", "2023-12-31T19:25:00Z", None),
        ("28.12.2023 23:10:00 UTC-02:30", "2023-12-29T01:40:00Z", None),
        ("16.03.2022 19:24:40", None, "2022-03-16T19:24:40"),
        ("01.01.0001 00:00:00 UTC+03:00", None, "0001-01-01T00:00:00"),
    ],
)
def test_a_time_is_absolute_where_the_page_names_its_offset(
    title: str, utc: str | None, local: str | None
) -> None:
    post = only(html_text("x"), time=title)
    assert (post.post.published_at, post.post.published_local) == (utc, local)


def test_a_time_that_is_none_is_kept_as_a_claim() -> None:
    assert only(html_text("x"), time="yesterday").post.other == {"date": "yesterday"}


def test_service_rows_have_only_the_day_and_negative_ids_are_no_posts() -> None:
    result = page(DAY + CREATED + html_row(2, html_text("x")) + html_day(2, "3 January 2024") + CREATED)
    assert result.ids == ["1", "2", "1"]
    assert [p.post.published_local for p in result.posts] == ["2023-12-28", None, "2024-01-03"]
    assert result.posts[0].post.action == {"type": "create_channel", "title": "Путь домой"}
    assert result.read == 3


def test_a_joined_row_has_the_author_of_the_row_before() -> None:
    rows = (
        CREATED
        + html_row(2, html_text("a"), author="Olga via @gif")
        + html_row(3, html_text("b"), author=None)
        + html_row(4, html_text("c"))
        + html_row(5, html_text("d"), author=None)
    )
    assert [post.author for post in page(rows).posts] == [
        None,
        Author(name="Olga", via_bot="@gif"),
        Author(name="Olga", via_bot="@gif"),
        None,
        None,
    ]


def test_authors_are_carried_over_the_borders_of_regions_and_pages() -> None:
    filler = html_text("слово " * 2000)
    rows = html_row(1, filler, author="Olga") + "".join(
        html_row(n, filler, author=None) for n in range(2, 70)
    )
    result = pages(
        messages=html_page(CREATED + DAY + rows), messages2=html_page(html_row(70, "", author=None))
    )
    assert len(html_page(rows)) > 1_200_000
    assert len(result.posts) == 71
    assert {post.author for post in result.posts[1:]} == {Author(name="Olga")}


def test_formatting_becomes_the_runs_of_the_json_export() -> None:
    words = (
        "a <strong>b</strong><br><em>i</em><code>c</code><pre>p<br>q</pre><u>u</u><s>s</s>"
        '<span class="spoiler hidden" onclick="ShowSpoiler(this)"><span aria-hidden="true">x</span></span>'
        "<blockquote>q</blockquote>"
        '<a href="https://e.org/">https://e.org/</a><a href="https://e.org/?a=1&amp;b">t</a>'
        '<a href="" onclick="return ShowHashtag(&quot;h&quot;)">#h</a>'
        '<a href="" onclick="return ShowMentionName()">Olga</a><a href="https://t.me/putdomoj">@putdomoj</a>'
        '<a href="https://other.org/n/x">@x</a><a href="mailto:a@b.c">a@b.c</a><a href="tel:+1">+1</a>'
        '<a href="tg://user?id=5">O</a><a href = "stickers/sticker.webp">🔥</a> &lt;end&gt;'
    )
    assert only(html_text(words)).text == (
        "a ",
        {"type": "bold", "text": "b"},
        "\n",
        {"type": "italic", "text": "i"},
        {"type": "code", "text": "c"},
        {"type": "pre", "text": "p\nq"},
        {"type": "underline", "text": "u"},
        {"type": "strikethrough", "text": "s"},
        {"type": "spoiler", "text": "x"},
        {"type": "blockquote", "text": "q"},
        {"type": "link", "text": "https://e.org/"},
        {"type": "text_link", "text": "t", "href": "https://e.org/?a=1&b"},
        {"type": "hashtag", "text": "#h"},
        {"type": "mention_name", "text": "Olga"},
        {"type": "mention", "text": "@putdomoj"},
        {"type": "text_link", "text": "@x", "href": "https://other.org/n/x"},
        {"type": "email", "text": "a@b.c"},
        {"type": "phone", "text": "+1"},
        {"type": "mention_name", "text": "O", "user_id": "5"},
        {"type": "custom_emoji", "text": "🔥"},
        " <end>",
    )


def test_only_the_templates_own_line_breaks_are_left_out() -> None:
    assert only(html_text("<br>  a  <br><br>")).text == "\n  a  \n\n"


def test_markup_nested_20000_deep_is_read() -> None:
    assert only(html_text("<b>" * 20_000 + "x" + "</b>" * 20_000)).text == ({"type": "bold", "text": "x"},)


def test_a_forward_has_its_own_date_and_its_name_is_personal() -> None:
    inside = (
        '<div class="pull_left forwarded userpic_wrap"></div><div class="forwarded body">'
        '<div class="from_name">\nNews <span class="date details" title="01.12.2023 10:00:00 UTC+03:00">'
        f" 01.12.2023 10:00:00</span>\n</div>{html_text('words')}</div>"
    )
    post = only(inside)
    assert post.post.forward == Forward(published_at="2023-12-01T07:00:00Z")
    assert post.author == Author(forward_name="News")
    assert post.text == "words"
    assert post.post.published_at == "2023-12-28T20:10:00Z"
    joined = page(html_row(1, inside) + html_row(2, '<div class="forwarded body"></div>', author=None))
    assert joined.post(2).author == Author(forward_name="News")


def test_replies_signatures_and_reactions() -> None:
    post = only(
        '<div class="reply_to details">\nIn reply to <a href="#go_to_message5" '
        'onclick="return GoToMessage(5)">this message</a>\n</div>'
        '<div class="signature details">\nO. P.\n</div><span class="reactions">'
        '<span class="reaction"><span class="emoji">\n👍\n</span><span class="count">\n12\n</span></span>'
        '<span class="reaction active"><span class="emoji">\n<a href="stickers/s.webp">🔥</a>\n</span>'
        '<span class="userpics"><div class="userpic userpic1"><div class="initials" title="Olga">O</div></div>'
        '</span></span><span class="reaction paid"><span class="emoji">⭐</span><span class="count">3</span></span>'
        "</span>"
    )
    assert post.post.reply == Reply("5")
    assert post.author == Author(
        signature="O. P.", persons={"reactions": [{"reaction": "custom", "recent": ["Olga"]}]}
    )
    assert post.metrics == Metrics(reactions=(("custom", 1), ("paid", 3), ("👍", 12)))


@pytest.mark.parametrize(
    ("link", "reply"),
    [("messages2.html#go_to_message77", Reply("77")), ("https://t.me/c/123/45", Reply("45"))],
)
def test_a_reply_may_lead_to_another_page(link: str, reply: Reply) -> None:
    inside = f'<div class="reply_to details">In reply to <a href="{link}">this message</a></div>'
    assert only(inside).post.reply == reply


def test_a_reply_into_another_chat_is_kept_in_its_words() -> None:
    words = "In reply to a message in another chat"
    post = only(f'<div class="reply_to details">\n{words}\n</div>')
    assert (post.post.reply, post.post.other) == (None, {"reply_to": words})


def test_files_with_previews() -> None:
    assert media(
        '<a class="video_file_wrap clearfix pull_left" href="video_files/v.mp4"><div class="video_duration">\n'
        '01:01:48\n</div><img class="video_file" src="video_files/v_thumb.jpg" style="width: 1px"/></a>'
    ) == (
        MediaSeen(
            "video",
            source_path="video_files/v.mp4",
            duration_s=3708,
            thumbnail=MediaSeen("photo", source_path="video_files/v_thumb.jpg"),
        ),
    )
    for name, kind in [("photo_wrap", "photo"), ("animated_wrap", "animation"), ("sticker_wrap", "sticker")]:
        assert media(f'<a class="{name} clearfix" href="x/y"></a>') == (MediaSeen(kind, source_path="x/y"),)


def test_files_without_previews() -> None:
    for description, state in [
        ("Not included, change data exporting settings to download.", "not_included"),
        ("Exceeds maximum size, change data exporting settings to download.", "too_big"),
        ("Unavailable, please try again later.", "unavailable"),
    ]:
        assert media(generic("media_video", "Video file", "09:00, 25.1 MB", description)) == (
            MediaSeen("video", state=state, duration_s=540, data={"size_text": "25.1 MB"}),
        )
    assert media(generic("media_photo", "Photo", "830×101", link="photos/p.jpg")) == (
        MediaSeen("photo", source_path="photos/p.jpg", width=830, height=101),
    )
    assert media(generic("media_photo", "Sticker", "😒, 29.4 KB")) == (
        MediaSeen("sticker", emoji="😒", data={"size_text": "29.4 KB"}),
    )
    assert media(generic("media_file", "report.pdf", "1.0 MB", link="files/report.pdf")) == (
        MediaSeen(
            "document", source_path="files/report.pdf", file_name="report.pdf", data={"size_text": "1.0 MB"}
        ),
    )
    assert media(generic("media_audio_file", "Kino – Gruppa krovi", "04:45", link="files/k.mp3")) == (
        MediaSeen("audio", source_path="files/k.mp3", duration_s=285, title="Gruppa krovi", performer="Kino"),
    )
    assert media(generic("media_voice_message", "Voice message", "00:01", link="v.ogg")) == (
        MediaSeen("voice", source_path="v.ogg", duration_s=1),
    )
    assert media(generic("media_video", "Video message", "00:09", link="r.mp4")) == (
        MediaSeen("round_video", source_path="r.mp4", duration_s=9),
    )
    assert media(generic("media_hologram", "New", "now")) == (
        MediaSeen("other", data={"media_type": "media_hologram", "title": "New"}),
    )


def test_what_is_no_file() -> None:
    maps = "https://maps.google.com/maps?q=46.75,36.8&amp;ll=46.75,36.8&amp;z=16"
    place = {"latitude": "46.75", "longitude": "36.8"}
    assert media(generic("media_location", "Location", "46.75, 36.8", link=maps)) == (
        MediaSeen("location", data=place),
    )
    assert media(generic("media_venue", "Pier", description="Sea 1", link=maps)) == (
        MediaSeen("venue", title="Pier", data={**place, "address": "Sea 1"}),
    )
    assert media(generic("media_invoice", "Mug", "€5.00", "blue")) == (
        MediaSeen("invoice", title="Mug", data={"description": "blue", "amount_text": "€5.00"}),
    )
    contact = only(f'<div class="media_wrap">{generic("media_contact", "Olga P", "+7 900 - vCard")}</div>')
    assert contact.media == (MediaSeen("contact"),)
    assert contact.author == Author(persons={"contact": {"name": "Olga P", "phone_number": "+7 900"}})


def test_a_poll() -> None:
    post = only(
        '<div class="media_wrap clearfix"><div class="media_poll"><div class="question bold">\nWhy?\n</div>'
        '<div class="details">\nFinal results\n</div><div class="answer">\n- b '
        '<span class="details">1 vote</span>\n</div><div class="answer">\n- a '
        '<span class="details">20 votes, chosen vote</span>\n</div><div class="answer">\n- c\n</div>'
        '<div class="total details&#x09;">\n21 votes\n</div></div></div>'
    )
    assert post.media == (
        MediaSeen("poll", data={"question": "Why?", "answers": ["b", "a", "c"], "closed": True}),
    )
    assert post.metrics == Metrics(votes=(("b", 1), ("a", 20), ("c", 0)), voters=21)


@pytest.mark.parametrize(
    ("words", "action", "author"),
    [
        ("Channel photo changed", {"type": "edit_group_photo"}, None),
        ("Channel title changed to &laquo;New&raquo;", {"type": "edit_group_title", "title": "New"}, None),
        ("Voice chat (61 seconds)", {"type": "group_call", "duration": 61}, None),
        (
            'Путь домой pinned <a href="#go_to_message3" onclick="return GoToMessage(3)">this message</a>',
            {"type": "pin_message", "message_id": "3"},
            None,
        ),
        (
            "Olga invited Ivan and Pyotr",
            {"type": "invite_members"},
            Author(name="Olga", persons={"members": "Ivan and Pyotr"}),
        ),
        (
            "Olga did something new to Ivan",
            {"type": "unknown"},
            Author(persons={"sentence": "Olga did something new to Ivan"}),
        ),
    ],
)
def test_the_sentence_of_a_service_row(words: str, action: dict[str, Any], author: Author | None) -> None:
    post = page(CREATED + html_service(5, words)).post(5)
    assert (post.post.kind, post.post.action, post.author) == ("service", action, author)


def test_an_unsupported_row_is_the_unsupported_post_of_the_json() -> None:
    words = (
        "This message is not supported by this version of Telegram Desktop. Please update the application."
    )
    post = page(CREATED + html_service(5, words)).post(5).post
    assert (post.kind, post.other) == ("post", {"type": "unsupported"})


@pytest.mark.parametrize(
    ("rows", "kind", "included"),
    [
        (CREATED + html_row(2, "", author="Olga"), "channel", True),
        (html_row(2, "") + html_row(3, ""), "channel", True),
        (html_row(2, "") + html_row(3, "", author="Olga"), "group", False),
        (html_row(2, "") + html_service(3, "Olga changed group photo"), "group", False),
        (html_service(1, "Olga created group &laquo;Путь домой&raquo;"), "group", False),
        (DAY, "private", False),
    ],
)
def test_a_chat_is_a_channel_only_if_its_rows_say_so(rows: str, kind: str, included: bool) -> None:
    result = page(rows)
    assert [(c.channel.kind, c.included) for c in result.chats] == [(kind, included)]
    assert bool(result.posts) is included
    assert result.codes == (["kind_unknown"] if kind == "private" else [])
    assert result.chats[0].channel.id == "title:Путь домой"


def test_private_rows_are_read_on_request_and_their_authors_lie_with_the_author() -> None:
    result = page(html_row(2, "", author="Olga"), include_private=True)
    assert [post.author for post in result.posts] == [Author(name="Olga")]


def test_a_missing_page_is_told_and_its_ids_are_not_called_absent() -> None:
    result = pages(
        messages=html_page(CREATED + html_row(2, "")),
        messages2=html_page(html_row(3, "") + html_row(5, "")),
        messages4=html_page(html_row(9, "") + html_row(12, "")),
    )
    assert result.codes == ["page_missing"]
    assert result.coverage[0].spans == ((1, 5), (9, 12))
    assert result.coverage[0].reason == "a page missing"


def test_a_page_that_is_none_is_told_and_the_others_are_read() -> None:
    result = pages(
        messages=html_page(CREATED), messages2=b"<html>hello", messages3=html_page(html_row(3, ""))
    )
    assert result.ids == ["1", "3"]
    assert sorted(result.codes) == ["bad_page", "page_missing"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"<html><p>x", "no rows of posts"), ("<html>".encode("utf-16"), "UTF-16")],
)
def test_what_is_no_page_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        import_bytes(content, "messages.html")


def test_a_page_cut_at_any_byte_gives_a_prefix_of_whole_posts() -> None:
    content = html_page(CREATED + html_row(22, html_text("a <b>c</b>")) + html_row(333, html_text("d")))
    whole = import_bytes(content, "messages.html")
    assert (whole.ids, whole.problems) == (["1", "22", "333"], [])
    for size in range(content.index(b'<div class="message service"'), len(content) - 10):
        try:
            result = import_bytes(content[:size], "messages.html", include_private=True)
        except SourceError:
            assert size < content.index(b"created")
            continue
        assert [post.post.id for post in result.posts] == whole.ids[: len(result.posts)]
        assert all(post.text == whole.post(post.post.id).text for post in result.posts)
        assert len(result.posts) + result.codes.count("cut_short") == result.read
        assert result.codes[-1:] in (["cut_short"], ["unfinished"], ["kind_unknown"])


def test_bytes_that_are_no_utf8_cost_only_themselves() -> None:
    content = html_page(CREATED + html_row(2, html_text("@")) + html_row(3, "")).replace(b"@", b"\xff")
    result = import_bytes(content, "messages.html")
    assert result.ids == ["1", "2", "3"]
    assert (result.post(2).text, result.post(2).post.repairs) == ("�", ("encoding",))
    assert [(p.code, p.outcome) for p in result.problems] == [("encoding", "repaired")]


def test_a_row_without_an_id_is_counted() -> None:
    rows = CREATED + html_row(2, "").replace(' id="message2"', "") + html_row(3, "")
    result = page(rows)
    assert (result.ids, result.codes, result.read) == (["1", "3"], ["bad_id"], 3)


def test_every_row_stands_in_the_bytes_that_its_range_names() -> None:
    content = html_page(DAY + CREATED + html_row(22, html_text("слово")) + html_row(333, "", author=None))
    for post in import_bytes(content, "messages.html").posts:
        assert post.raw is not None
        assert post.raw.offset is not None
        assert post.raw.length is not None
        written = content[post.raw.offset :][: post.raw.length].decode()
        assert written.startswith('<div class="message')
        assert f'id="message{post.post.id}"' in written.partition(">")[0]
        assert written.count("<div") == written.count("</div>")


def test_paths_of_a_whole_account_are_paths_below_its_root() -> None:
    content = html_page(
        CREATED
        + html_row(
            2, '<div class="media_wrap"><a class="photo_wrap" href="../../chats/chat_1/p.jpg"></a></div>'
        )
        + html_row(3, '<div class="media_wrap"><a class="photo_wrap" href="../../../etc/passwd"></a></div>')
    )
    plan = Plan(Path(), "html", (Document(Path("x"), "chats/chat_1/messages.html"),))
    result = run(plan, lambda _: io.BytesIO(content))
    paths = [post.media[0].source_path for post in result.posts if post.media]
    assert paths == ["chats/chat_1/p.jpg", "../../../etc/passwd"]
