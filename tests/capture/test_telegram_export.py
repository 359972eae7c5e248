"""What records of JSON exports mean: one test for each trap that real exports hold."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from holdfast.model import Author, Forward, MediaSeen, Metrics, PostSeen, Reply, plain_text
from tests.capture.exports import ARTEFACT, export_bytes, import_bytes, import_records, message, service


def only(record: dict[str, Any], **options: Any) -> PostSeen:
    result = import_records(record, **options)
    assert result.problems == []
    (post,) = result.posts
    return post


def test_the_time_is_the_unix_time_in_utc_and_the_exporters_wall_clock_is_left_out() -> None:
    post = only(message(1, edited="2023-12-29T00:00:01", edited_unixtime="1703797201"))
    assert post.post.published_at == "2023-12-28T20:10:00Z"
    assert post.post.edited_at == "2023-12-28T21:00:01Z"
    assert post.post.published_local is post.post.edited_local is None


def test_an_old_export_without_unix_times_gives_the_local_time_without_a_zone() -> None:
    post = only(message(1, date_unixtime=..., edited="2021-03-28T03:30:00"))
    assert (post.post.published_at, post.post.published_local) == (None, "2023-12-28T23:10:00")
    assert (post.post.edited_at, post.post.edited_local) == (None, "2021-03-28T03:30:00")


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("-62135596800", "0001-01-01T00:00:00Z"),
        ("253402300799", "9999-12-31T23:59:59Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("-1", "1969-12-31T23:59:59Z"),
        (1703794200, "2023-12-28T20:10:00Z"),
    ],
)
def test_every_second_of_the_years_1_to_9999_is_a_time(claim: Any, expected: str) -> None:
    assert only(message(1, date_unixtime=claim)).post.published_at == expected


@pytest.mark.parametrize(
    "claim", ["-62135596801", "253402300800", "soon", "", "1e9", "9" * 30, [1], 1.5, "١٢"]
)
def test_a_unix_time_that_is_none_falls_back_to_the_local_time_and_is_kept_as_a_claim(claim: Any) -> None:
    post = only(message(1, date_unixtime=claim))
    assert (post.post.published_at, post.post.published_local) == (None, "2023-12-28T23:10:00")
    assert post.post.other == {"date_unixtime": "1.5" if claim == 1.5 else claim}


def test_the_channel_speaking_for_itself_is_no_author() -> None:
    assert only(message(1)).author is None
    assert only(message(1, from_id=...)).author is None
    assert only(message(1, from_id=1700000001)).author is None
    assert only(service(1, "pin_message", message_id=7)).author is None


def test_a_person_who_posts_in_a_channel_and_a_signature_lie_with_the_author_only() -> None:
    post = only(message(1, **{"from": "Olga", "from_id": "user5", "author": "O. P.", "via_bot": "@gif"}))
    assert post.author == Author(name="Olga", source_id="user5", signature="O. P.", via_bot="@gif")
    assert b"Olga" not in msgspec.json.encode((post.post, post.text, post.media, post.metrics))


def test_nobody_is_named_where_the_source_says_null() -> None:
    post = only(message(1, **{"from": None, "forwarded_from": None, "location_information": None}))
    assert post.author is None
    assert post.post.forward == Forward()
    assert post.media == (MediaSeen("location"),)


def test_a_forward_from_a_channel_is_a_fact_and_one_from_a_person_is_personal() -> None:
    channel = only(message(1, forwarded_from="News", forwarded_from_id="channel9"))
    assert (channel.post.forward, channel.author) == (Forward("News", "9"), None)
    person = only(message(1, forwarded_from="Olga", forwarded_from_id="user9"))
    assert person.post.forward == Forward()
    assert person.author == Author(forward_name="Olga", forward_id="user9")


def test_a_forward_without_an_id_may_be_from_a_person() -> None:
    post = only(message(1, forwarded_from="Olga"))
    assert (post.post.forward, post.author) == (Forward(), Author(forward_name="Olga"))


def test_a_reply_names_its_post_and_the_other_channel() -> None:
    assert only(message(1, reply_to_message_id=2**53 + 1)).post.reply == Reply("9007199254740993")
    other = only(message(1, reply_to_message_id=5, reply_to_peer_id="channel77"))
    assert other.post.reply == Reply("5", "77")
    person = only(message(1, reply_to_message_id=5, reply_to_peer_id="user77"))
    assert person.post.reply == Reply("5")
    assert person.author == Author(persons={"reply_to_peer_id": "user77"})


@pytest.mark.parametrize(
    "shape",
    [
        "ab",
        ["ab"],
        ["a", "b"],
        [{"type": "plain", "text": "a"}, "", "b"],
        [{"type": "plain", "text": "ab"}],
    ],
)
def test_the_same_plain_text_in_any_shape_is_one_string(shape: Any) -> None:
    assert only(message(1, text=shape)).text == "ab"
    assert only(message(1, text=..., text_entities=shape)).text == "ab"


@pytest.mark.parametrize("shape", ["", [], [""], [{"type": "plain", "text": ""}]])
def test_no_text_is_none(shape: Any) -> None:
    assert only(message(1, text=shape)).text is None


def test_formatted_runs_keep_their_attributes() -> None:
    runs = [
        "see ",
        {"type": "text_link", "text": "this", "href": "https://example.org/"},
        {"type": "mention_name", "text": "Olga", "user_id": 9007199254740993},
        {"type": "pre", "text": "x = 1", "language": "python"},
        {"type": "blockquote", "text": "q", "collapsed": True},
    ]
    text = only(message(1, text=runs)).text
    assert isinstance(text, tuple)
    assert text[1] == {"type": "text_link", "text": "this", "href": "https://example.org/"}
    assert text[2] == {"type": "mention_name", "text": "Olga", "user_id": "9007199254740993"}
    assert text[3] == runs[3]
    assert text[4] == runs[4]
    assert plain_text(text) == "see thisOlgax = 1q"


def test_what_differs_between_exports_of_an_unchanged_text_is_left_out() -> None:
    first = [
        {"type": "custom_emoji", "text": "🔥", "document_id": "stickers/sticker (7).webp"},
        {"type": "pre", "text": "x", "language": ""},
        {"type": "blockquote", "text": "q", "collapsed": False},
    ]
    second = [
        {"type": "custom_emoji", "text": "🔥", "document_id": "stickers/sticker (9).webp"},
        {"type": "pre", "text": "x"},
        {"type": "blockquote", "text": "q"},
    ]
    assert (
        only(message(1, text=first)).text
        == only(message(1, text=second)).text
        == tuple({"type": run["type"], "text": run["text"]} for run in second)
    )


def test_a_run_cannot_smuggle_in_the_names_that_disclosures_use() -> None:
    text = only(
        message(1, text=[{"type": "bold", "_sd": ["x"]}, {"type": "bold", "text": "b", "...": "y"}])
    ).text
    assert text == (
        {"type": "bold", "text": "", "(_sd)": ["x"]},
        {"type": "bold", "text": "b", "(...)": "y"},
    )
    other = only(message(1, _sd=["x"], deep={"...": 1})).post.other
    assert other == {"(_sd)": ["x"], "deep": {"(...)": 1}}


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("(File not included. Change data exporting settings to download.)", "not_included"),
        ("(File exceeds maximum size. Change data exporting settings to download.)", "too_big"),
        ("(File unavailable, please try again later)", "unavailable"),
    ],
)
def test_a_placeholder_is_never_a_path(words: str, state: str) -> None:
    (photo,) = only(message(1, photo=words, width=3, height=2)).media or ()
    assert photo == MediaSeen("photo", state=state, width=3, height=2)
    (file,) = only(message(1, file=f"report (1).pdf {words}", thumbnail=words)).media or ()
    assert (file.state, file.source_path, file.file_name) == (state, None, "report (1).pdf")
    assert file.thumbnail == MediaSeen("photo", state=state)


def test_a_path_that_ends_in_a_bracket_is_a_path() -> None:
    (file,) = only(message(1, file="files/report (final)")).media or ()
    assert (file.source_path, file.state) == ("files/report (final)", None)


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("sticker", "sticker"),
        ("video_file", "video"),
        ("video_message", "round_video"),
        ("voice_message", "voice"),
        ("audio_file", "audio"),
        ("animation", "animation"),
        (..., "document"),
    ],
)
def test_the_kind_of_a_file(media_type: Any, kind: str) -> None:
    record = message(
        1,
        file="video_files/v.mp4",
        file_name="v.mp4",
        file_size=12,
        thumbnail="video_files/v.mp4_thumb.jpg",
        thumbnail_file_size=3,
        media_type=media_type,
        mime_type="video/mp4",
        duration_seconds=540,
        width=1280,
        height=720,
        media_spoiler=True,
    )
    assert only(record).media == (
        MediaSeen(
            kind,
            source_path="video_files/v.mp4",
            file_name="v.mp4",
            mime="video/mp4",
            size_bytes=12,
            width=1280,
            height=720,
            duration_s=540,
            spoiler=True,
            thumbnail=MediaSeen("photo", source_path="video_files/v.mp4_thumb.jpg", size_bytes=3),
        ),
    )


def test_a_kind_of_file_that_is_not_known_is_told_by_its_own_word() -> None:
    (file,) = only(message(1, file="x", media_type="hologram", self_destruct_period_seconds=9)).media or ()
    assert (file.kind, file.data) == ("other", {"self_destruct_s": 9, "media_type": "hologram"})


def test_coordinates_are_the_decimal_strings_that_are_written() -> None:
    raw = b'{"id":1,"type":"message","date":"x","text":"","location_information":{"latitude":46.750,"longitude":36},"live_location_period_seconds":60}'
    (place,) = import_records(raw).posts[0].media or ()
    assert place == MediaSeen("location", data={"latitude": "46.750", "longitude": "36", "live_period_s": 60})
    venue = only(message(1, place_name="Pier", address="Sea 1", location_information={"latitude": 1.5})).media
    assert venue == (MediaSeen("venue", title="Pier", data={"latitude": "1.5", "address": "Sea 1"}),)


def test_a_contact_is_personal() -> None:
    record = message(
        1,
        contact_information={"first_name": "Olga", "last_name": "P", "phone_number": "+7 900"},
        contact_vcard="contacts/contact_1.vcard",
        contact_vcard_file_size=9,
    )
    post = only(record)
    assert post.media == (MediaSeen("contact", source_path="contacts/contact_1.vcard", size_bytes=9),)
    assert post.author is not None
    assert post.author.persons == {
        "contact": {"first_name": "Olga", "last_name": "P", "phone_number": "+7 900"}
    }


def test_the_counts_of_a_poll_are_metrics_and_its_words_are_not() -> None:
    poll = {
        "question": "Why?",
        "closed": True,
        "total_voters": 3,
        "answers": [
            {"text": "b", "voters": 1, "chosen": True},
            {"text": "a", "voters": 2, "chosen": False},
        ],
    }
    post = only(message(1, poll=poll))
    assert post.media == (
        MediaSeen("poll", data={"question": "Why?", "answers": ["b", "a"], "closed": True}),
    )
    assert post.metrics == Metrics(votes=(("b", 1), ("a", 2)), voters=3)


def test_games_and_invoices_and_what_else_has_a_title() -> None:
    assert only(message(1, game_title="2048", game_link="https://t.me/g?game=x")).media == (
        MediaSeen("game", title="2048", data={"link": "https://t.me/g?game=x"}),
    )
    invoice = {"title": "Mug", "amount": 500, "currency": "EUR", "receipt_message_id": 7}
    assert only(message(1, invoice_information=invoice)).media == (
        MediaSeen("invoice", title="Mug", data={"amount": 500, "currency": "EUR", "receipt_message_id": "7"}),
    )
    (todo,) = only(message(1, todo_list={"title": "x", "completed_by": "user5"})).media or ()
    assert (todo.kind, todo.data) == ("todo", {"todo_list": {"title": "x"}})


def test_reactions_are_sorted_so_that_their_order_is_no_change() -> None:
    reactions = [
        {"type": "emoji", "count": 2, "emoji": "👍"},
        {"type": "paid", "count": 5},
        {"type": "custom_emoji", "count": 1, "document_id": "5368324170671202286"},
        {"type": "custom_emoji", "count": 4, "document_id": "stickers/sticker (3).webp"},
        {"type": "emoji", "count": 7, "emoji": "❤"},
    ]
    expected = (
        ("custom", 4),
        ("custom:5368324170671202286", 1),
        ("paid", 5),
        ("❤", 7),
        ("👍", 2),
    )
    for order in (reactions, reactions[::-1]):
        assert only(message(1, reactions=order)).metrics == Metrics(reactions=expected)


def test_who_reacted_is_personal() -> None:
    recent = [{"from": "Olga", "from_id": "user5", "date": "2024-01-01T00:00:00"}]
    post = only(message(1, reactions=[{"type": "emoji", "count": 1, "emoji": "❤", "recent": recent}]))
    assert post.metrics == Metrics(reactions=(("❤", 1),))
    assert post.author is not None
    assert post.author.persons == {"reactions": [{"reaction": "❤", "recent": recent}]}
    assert post.post.other is None


def test_what_the_source_does_not_record_is_none_and_never_zero() -> None:
    post = only(message(1, text=""))
    assert (post.author, post.text, post.media, post.metrics) == (None, None, None, None)
    assert post.raw is not None
    assert post.raw.artefact == ARTEFACT


def test_a_service_post_has_its_action_and_no_persons_in_it() -> None:
    post = only(
        service(4, "invite_members", actor="Olga", actor_id="user5", members=["Ivan", None], inviter="Pyotr")
    )
    assert post.post.kind == "service"
    assert post.post.action == {"type": "invite_members"}
    assert post.author == Author(
        name="Olga", source_id="user5", persons={"members": ["Ivan", None], "inviter": "Pyotr"}
    )


def test_a_group_call_has_a_duration_of_its_own_name() -> None:
    assert only(service(4, "group_call", duration=61)).post.action == {"type": "group_call", "duration": 61}
    call = only(service(4, "phone_call", duration_seconds=9, discard_reason="hangup"))
    assert call.post.action == {"type": "phone_call", "duration_seconds": 9, "discard_reason": "hangup"}
    assert call.media is None


def test_a_new_photo_of_the_channel_is_a_medium_of_a_service_post() -> None:
    post = only(service(2, "edit_group_photo", photo="photos/p.jpg", width=640, height=640))
    assert post.post.action == {"type": "edit_group_photo"}
    assert post.media == (MediaSeen("photo", source_path="photos/p.jpg", width=640, height=640),)


def test_a_pinned_post_is_named_by_a_string() -> None:
    assert only(service(2, "pin_message", message_id=2**60)).post.action == {
        "type": "pin_message",
        "message_id": str(2**60),
    }


def test_the_button_text_of_a_web_view_is_kept_although_its_key_is_repeated() -> None:
    raw = b'{"id":1,"type":"service","date":"x","action":"send_webview_data","text":"Send","text":"","text_entities":[]}'
    (post,) = import_records(raw).posts
    assert post.post.action == {"type": "send_webview_data", "button_text": "Send"}
    assert post.text is None


def test_an_unsupported_post_has_neither_date_nor_text() -> None:
    post = only({"id": 9, "type": "unsupported"})
    assert (post.post.kind, post.post.other, post.text) == ("post", {"type": "unsupported"}, None)
    assert post.post.published_at is post.post.published_local is None


def test_fields_that_no_name_stands_for_are_kept_as_they_are_but_for_floats_and_large_numbers() -> None:
    raw = b'{"id":1,"type":"message","date":"x","text":"","new":{"a":1.50,"b":[null,true,1e3],"big":9007199254740993,"n":5}}'
    (post,) = import_records(raw).posts
    assert post.post.other == {
        "new": {"a": "1.50", "b": [None, True, "1e3"], "big": "9007199254740993", "n": 5}
    }


def test_an_unknown_field_that_holds_a_person_is_personal() -> None:
    post = only(message(1, moderator="Olga", moderator_id="user5", buttons=[[{"text": "x", "user_id": 7}]]))
    assert post.post.other == {"buttons": [[{"text": "x"}]]}
    assert post.author == Author(persons={"moderator": "Olga", "moderator_id": "user5", "user_id": "7"})


def test_an_unknown_field_of_any_size_or_depth_is_bounded() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    other = only(message(1, huge="x" * 100_000, deep=deep)).post.other
    assert other is not None
    assert len(msgspec.json.encode(other)) < 70_000
    assert "left out" in other["huge"]


@pytest.mark.parametrize("number", [0, -5, 2**53 + 1, 2**63 + 5, 10**30])
def test_an_id_is_any_whole_number_without_loss(number: int) -> None:
    assert only(message(number)).post.id == str(number)


def test_groups_and_private_chats_are_told_of_but_not_read() -> None:
    for source_type, kind in [
        ("private_group", "group"),
        ("public_supergroup", "group"),
        ("personal_chat", "private"),
        ("bot_chat", "private"),
        ("saved_messages", "private"),
    ]:
        result = import_records(message(1), type=source_type)
        assert [(chat.included, chat.channel.kind) for chat in result.chats] == [(False, kind)]
        assert (result.posts, result.problems) == ([], [])


def test_in_a_group_every_name_is_an_author() -> None:
    record = message(
        1, **{"from": "Olga", "from_id": "user5", "forwarded_from": "N", "forwarded_from_id": "channel9"}
    )
    post = only(record, type="private_group", include_private=True)
    assert post.author == Author(name="Olga", source_id="user5", forward_name="N", forward_id="channel9")
    assert post.post.forward == Forward()


def test_wrong_types_everywhere_lose_nothing() -> None:
    record = {
        "id": 9,
        "type": "message",
        "date": 5,
        "date_unixtime": "1703794200",
        "text": [["a"], "b", {"type": 5, "text": "c"}, {"text": 7}, None],
        "photo": 3,
        "file": [1],
        "reactions": {"x": 1},
        "poll": [1],
        "width": "q",
        "author": {"a": 1},
        "reply_to_message_id": "x",
        "edited": True,
        "contact_vcard": 5,
        "place_name": [],
        "game_title": 0,
        "invoice_information": 1,
    }
    post = only(record)
    assert post.text == "bc"
    assert post.post.published_at == "2023-12-28T20:10:00Z"
    assert post.post.other is not None
    left = {key: value for key, value in record.items() if key not in ("id", "type", "date", "date_unixtime")}
    assert post.post.other == left


def test_null_everywhere_is_absence() -> None:
    names = (
        "date_unixtime text from from_id photo file reactions edited author via_bot thumbnail width".split()
    )
    post = only(message(9, **dict.fromkeys(names)))
    assert post.post.other is None
    assert (post.author, post.text, post.media, post.metrics) == (None, None, None, None)
    assert post.post.published_local == "2023-12-28T23:10:00"


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_a_rare_record_leaves_its_neighbours_where_they_are(indent: int | None) -> None:
    # After each record that is read the forgiving way, the next one begins behind a border again.
    records: list[dict[str, Any] | bytes] = []
    for number in range(1, 400, 4):
        records += [message(number), service(number + 1, "pin_message"), message(number + 2, text="два")]
        records += [message(number + 3, text=["a ", {"type": "bold", "text": "b"}], new_field=number)]
    content = export_bytes(*records, indent=indent)
    found = import_bytes(content)
    assert found.ids == [str(number) for number in range(1, 401)]
    assert not found.problems
    for post in found.posts:
        assert post.raw is not None
        assert post.raw.offset is not None
        assert post.raw.length is not None
        written = json.loads(content[post.raw.offset : post.raw.offset + post.raw.length])
        assert str(written["id"]) == post.post.id


def test_records_larger_than_a_piece_are_whole() -> None:
    long = "слово " * 40_000
    found = import_records(message(1), message(2, text=long), message(3, text=long), message(4))
    assert found.ids == ["1", "2", "3", "4"]
    assert found.post(2).text == found.post(3).text == long
    assert found.coverage[0].spans == ((1, 4),)
