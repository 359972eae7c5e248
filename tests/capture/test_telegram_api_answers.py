"""What whole answers of the API mean, those included that are cut, foreign, newer than this program, or hostile."""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.capture.contract import FileOffer
from holdfast.capture.telegram_api import (
    PROBLEM_CODES,
    Asked,
    Exchange,
    card_from_chat,
    card_from_full,
    encode_raw,
    json_twin,
    parse_answer,
    parse_raw,
    parse_sealed,
    to_json,
)
from holdfast.capture.telegram_api.client import vector
from holdfast.capture.telegram_api.tlbytes import MAX_DEPTH, Cut, read_object
from holdfast.errors import FormatError
from holdfast.model import ANSWERS, CardSeen, ChannelSeen, Label, Restriction
from tests.capture.test_telegram_api_fake import (
    CHANNEL,
    HASH,
    LAYER,
    NOON,
    a_channel,
    a_document,
    a_full,
    a_page,
    a_photo,
    a_post,
    a_service,
    a_user,
    again,
    resolved,
    types,
)

OWN = str(CHANNEL)
CARD = Asked("card", channel=OWN)
HISTORY = Asked("history", channel=OWN, limit=100)
POSTS = Asked("posts", channel=OWN, ids=(1, 2, 3))
UPDATES = Asked("updates", channel=OWN)
NEWER = struct.pack("<I", 0xDEADBEEF)
"""A constructor that no layer has."""


def parsed(answer: Any, asked: Asked) -> Any:
    body = answer if isinstance(answer, bytes) else bytes(answer)
    seen = parse_answer(body, LAYER, asked)
    assert seen.answered in ANSWERS
    assert {each.code for each in seen.problems} <= set(PROBLEM_CODES)
    return seen


def test_a_card_states_exact_followers_and_every_mark_as_there_or_not() -> None:
    chat = a_channel(
        fake=True, restricted=True, restriction_reason=[types.RestrictionReason("ios", "x", "y")]
    )
    card = card_from_full(again(a_full([chat], linked_chat_id=2**40)))
    assert card == CardSeen(
        "shown",
        ChannelSeen(OWN, "Quiet shore", "channel", "broadcast", "quiet_shore", "An invented channel."),
        38_123,
        (Label("verified", False), Label("scam", False), Label("fake"), Label("restricted")),
        None,
        (Restriction("ios", "x", "y"),),
        str(2**40),
    )


def test_of_a_channel_told_in_short_a_mark_that_is_not_set_is_unknown() -> None:
    card = card_from_chat(again(a_channel(min=True, scam=True)))
    assert card.labels == (Label("scam"),)
    assert card.followers is None


def test_the_active_username_is_the_channels_name() -> None:
    names = [types.Username("old_name"), types.Username("new_name", active=True)]
    card = card_from_chat(again(a_channel(username=None, usernames=names)))
    assert card.channel is not None
    assert card.channel.username == "new_name"


@pytest.mark.parametrize(
    ("chat", "answered", "kind"),
    [
        (a_channel(broadcast=False, megagroup=True), "group", "megagroup"),
        (a_channel(broadcast=False, gigagroup=True), "group", "gigagroup"),
        (types.ChannelForbidden(CHANNEL, HASH, "Closed", broadcast=True), "private", "channel_forbidden"),
        (
            types.ChannelForbidden(CHANNEL, HASH, "C", megagroup=True, until_date=NOON),
            "banned",
            "channel_forbidden",
        ),
        (types.ChatForbidden(CHANNEL, "G"), "private", "chat_forbidden"),
    ],
)
def test_what_is_no_open_channel_is_told_apart(chat: Any, answered: str, kind: str) -> None:
    card = card_from_chat(again(chat))
    assert card.channel is not None
    assert (card.answered, card.channel.id, card.channel.source_type) == (answered, OWN, kind)


def test_a_name_can_lead_to_a_person_a_bot_or_nothing_that_is_known() -> None:
    assert card_from_chat(a_user()) == CardSeen("user")
    assert card_from_chat(a_user(bot=True)) == CardSeen("bot")
    assert card_from_chat(None).answered == "not understood"


def test_a_group_that_became_a_channel_says_which() -> None:
    chat = types.Chat(
        12, "Old", types.ChatPhotoEmpty(), 5, NOON, 1, migrated_to=types.InputChannel(CHANNEL, HASH)
    )
    full = types.ChatFull(12, "About", types.ChatParticipantsForbidden(12), types.PeerNotifySettings())
    seen = parsed(types.messages.ChatFull(full, [chat], []), Asked("card", channel="12"))
    assert seen.card == CardSeen(
        "group", ChannelSeen("12", "Old", "group", "chat", description="About"), 5, moved_to=OWN
    )
    still = types.Chat(12, "Old", types.ChatPhotoEmpty(), 5, NOON, 1)
    assert card_from_chat(again(still)).moved_to is None


def test_a_card_of_another_channel_is_not_understood() -> None:
    assert parsed(a_full(number=9), CARD).answered == "not understood"
    assert parsed(a_full([]), CARD).answered == "not understood"


def test_a_name_is_answered_by_what_it_leads_to() -> None:
    asked = Asked("name", name="quiet_shore")
    assert parsed(resolved(a_channel()), asked).channel == OWN
    assert parsed(resolved(a_user(bot=True, bot_info_version=1)), asked).answered == "bot"


def test_a_page_of_history_states_the_run_that_it_covers() -> None:
    posts = [a_post(90), a_service(88, types.MessageActionPinMessage()), a_post(85)]
    seen = parsed(a_page(posts), msgspec.structs.replace(HISTORY, before=100))
    assert (seen.answered, seen.ids, seen.first, seen.last, seen.older) == ("shown", (85, 88, 90), 85, 99, 85)
    assert [post.post.id for post in seen.posts] == ["85", "88", "90"]
    newest = parsed(a_page(posts), HISTORY)
    assert (newest.first, newest.last, newest.is_start) == (85, 90, False)


def test_a_history_starts_at_the_first_id_or_where_nothing_more_is_given() -> None:
    seen = parsed(a_page([a_post(2), a_post(1)]), HISTORY)
    assert (seen.is_start, seen.older, seen.first) == (True, None, 1)
    empty = parsed(a_page([], count=7), msgspec.structs.replace(HISTORY, before=5))
    assert (empty.answered, empty.is_start, empty.ids, empty.first) == ("shown", True, (), None)
    assert parsed(a_page([], count=0), HISTORY).is_start


def test_a_channel_that_counts_posts_and_gives_none_is_not_an_empty_one() -> None:
    assert parsed(a_page([], count=7), HISTORY).answered == "not understood"


def test_posts_that_were_not_asked_for_say_nothing_of_the_run() -> None:
    before = msgspec.structs.replace(HISTORY, before=50)
    assert parsed(a_page([a_post(90)]), before).answered == "not understood"
    mixed = parsed(a_page([a_post(90), a_post(40)]), before)
    assert (mixed.first, mixed.last) == (40, 49)


def test_an_empty_place_in_a_history_is_an_absence() -> None:
    page = a_page([a_post(5), types.MessageEmpty(4, types.PeerChannel(CHANNEL)), types.MessageEmpty(3, None)])
    seen = parsed(page, HISTORY)
    assert (seen.ids, seen.absent, seen.first) == ((5,), (3, 4), 3)


def test_posts_asked_for_are_paired_by_id_and_never_by_place() -> None:
    seen = parsed(a_page([a_post(3, "three"), a_post(1, "one")]), POSTS)
    assert [(post.post.id, post.text) for post in seen.posts] == [("1", "one"), ("3", "three")]
    assert (seen.answered, seen.absent, seen.first) == ("shown", (2,), None)
    empty = [types.MessageEmpty(each, types.PeerChannel(CHANNEL)) for each in (3, 2, 1)]
    gone = parsed(a_page(empty), POSTS)
    assert (gone.answered, gone.absent, gone.posts) == ("not found", (1, 2, 3), ())


def test_strange_posts_in_an_answer_are_counted_and_not_kept() -> None:
    page = a_page([a_post(1), a_post(1), a_post(2, channel=9), a_post(7), types.PeerUser(3)])
    seen = parsed(page, POSTS)
    assert seen.ids == (1,)
    assert [(each.code, each.post) for each in seen.problems] == [
        ("repeated", "1"),
        ("foreign_post", "2"),
        ("not_asked", "7"),
        ("bad_post", None),
    ]


def test_a_post_of_wrong_parts_is_there_but_not_kept_and_no_absence() -> None:
    seen = parsed(a_page([a_post(1, reactions=types.PeerUser(1)), a_post(2)]), POSTS)
    assert (seen.ids, seen.absent) == ((1, 2), (3,))
    assert [post.post.id for post in seen.posts] == ["2"]
    assert [(each.code, each.post) for each in seen.problems] == [("bad_post", "1")]


def test_files_are_offered_by_what_names_them() -> None:
    thumbs = [types.PhotoSize("m", 9, 9, 60)]
    posts = [
        a_post(1, media=types.MessageMediaPhoto(photo=a_photo(77))),
        a_post(2, media=types.MessageMediaDocument(document=a_document(number=5, thumbs=thumbs))),
        a_post(3, media=types.MessageMediaDice(1, "🎲")),
    ]
    assert parsed(a_page(posts), POSTS).files == (
        FileOffer(1, 0, "telegram:photo/77", "photo"),
        FileOffer(2, 0, "telegram:document/5", "document"),
        FileOffer(2, 0, "telegram:document/5/m", "document", True),
    )


def test_names_come_from_the_answer_and_unknown_classes_are_counted() -> None:
    post = a_post(
        1, "x", from_id=types.PeerUser(55), media=types.MessageMediaVideoStream(types.InputGroupCall(1, 2))
    )
    seen = parsed(a_page([post], users=[a_user()]), POSTS)
    assert seen.posts[0].author.name == "Ada Example"
    assert seen.unknown == (("MessageMediaVideoStream", 1),)


@pytest.mark.parametrize("kind", [types.messages.Messages, types.messages.MessagesSlice])
def test_every_shape_of_a_list_of_posts_is_read(kind: Any) -> None:
    lists: dict[str, Any] = {"messages": [a_post(1)], "topics": [], "chats": [], "users": []}
    if kind is types.messages.MessagesSlice:
        lists["count"] = 1
    assert parsed(kind(**lists), POSTS).ids == (1,)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (CARD, a_page([])),
        (POSTS, a_full()),
        (HISTORY, types.messages.MessagesNotModified(3)),
        (UPDATES, a_full()),
        (HISTORY, vector(types.UpdateNewChannelMessage(a_post(1), 1, 1), [])),
    ],
)
def test_an_answer_to_another_question_is_not_understood(asked: Asked, answer: Any) -> None:
    seen = parsed(answer, asked)
    assert (seen.answered, seen.posts, seen.absent) == ("not understood", (), ())


@pytest.mark.parametrize(
    ("word", "code", "answered"),
    [
        ("CHANNEL_PRIVATE", 400, "private"),
        ("CHANNEL_PUBLIC_GROUP_NA", 403, "private"),
        ("USER_BANNED_IN_CHANNEL", 400, "banned"),
        ("USER_DEACTIVATED_BAN", 401, "banned"),
        ("USERNAME_NOT_OCCUPIED", 400, "not found"),
        ("USERNAME_INVALID", 400, "not found"),
        ("CHANNEL_INVALID", 400, "not found"),
        ("CHAT_RESTRICTED", 400, "restricted"),
        ("CHANNEL_BANNED", 400, "restricted"),
        ("PEER_FLOOD", 400, "rate limited"),
        ("FROZEN_METHOD_INVALID", 420, "banned"),
        ("WHATEVER_WAIT", 420, "rate limited"),
        ("Timeout", -503, "server error"),
        ("RPC_CALL_FAIL", 500, "server error"),
        ("NOBODY_KNOWS_THIS", 400, "not understood"),
        ("FILE_REFERENCE_EXPIRED", 400, "not understood"),
        ("SESSION_REVOKED", 401, "not understood"),
    ],
)
def test_every_refusal_is_told_apart_and_none_is_guessed(word: str, code: int, answered: str) -> None:
    seen = parsed(types.RpcError(code, word), CARD)
    assert (seen.answered, seen.detail, seen.channel) == (answered, f"{code} {word}", OWN)
    assert seen.retry_after_s is None


@pytest.mark.parametrize(
    ("word", "wait_s"), [("FLOOD_WAIT_37", 37), ("FLOOD_WAIT_0", 1), ("SLOWMODE_WAIT_5", 5)]
)
def test_a_flood_says_how_long_to_wait(word: str, wait_s: int) -> None:
    seen = parsed(types.RpcError(420, word), CARD)
    assert (seen.answered, seen.retry_after_s) == ("rate limited", wait_s)


def test_only_a_word_about_the_posts_makes_the_posts_absent() -> None:
    assert parsed(types.RpcError(400, "MSG_ID_INVALID"), POSTS).absent == (1, 2, 3)
    assert parsed(types.RpcError(400, "CHANNEL_PRIVATE"), POSTS).absent == ()
    assert parsed(types.RpcError(400, "MSG_ID_INVALID"), HISTORY).absent == ()


def test_what_the_source_tells_unasked_is_new_edited_or_deleted() -> None:
    post = a_post(4, "x", from_id=types.PeerUser(55))
    told = parsed(vector(types.UpdateNewChannelMessage(post, 1, 1), [a_user(), a_channel()]), UPDATES)
    assert (told.answered, told.event, told.ids, told.channel) == ("shown", "new", (4,), OWN)
    assert told.posts[0].author.name == "Ada Example"
    assert parsed(vector(types.UpdateEditChannelMessage(post, 1, 1), []), UPDATES).event == "edited"
    gone = parsed(vector(types.UpdateDeleteChannelMessages(CHANNEL, [9, 3, 9], 1, 1), []), UPDATES)
    assert (gone.answered, gone.event, gone.absent, gone.posts) == ("not found", "deleted", (3, 9), ())


@pytest.mark.parametrize(
    "update",
    [
        types.UpdateDeleteChannelMessages(9, [3], 1, 1),
        types.UpdateDeleteMessages([3], 1, 1),
        types.UpdateNewChannelMessage(a_post(4, channel=9), 1, 1),
        types.UpdateNewChannelMessage(types.MessageEmpty(4, None), 1, 1),
        types.UpdateChannelTooLong(CHANNEL),
    ],
)
def test_what_is_told_of_other_chats_or_without_a_channel_is_no_observation(update: Any) -> None:
    seen = parsed(vector(update, []), UPDATES)
    assert (seen.answered, seen.posts, seen.absent) == ("not understood", (), ())


def test_an_empty_vector_tells_nothing() -> None:
    assert parsed(struct.pack("<Ii", 0x1CB5C415, 0), UPDATES).answered == "not understood"


def with_poison(*before: Any) -> bytes:
    """A page whose list goes on, after these posts, with a post of a newer layer."""
    page = bytes(a_page([*before, a_post(5_555, "poison")]))
    marker = bytes(a_post(5_555, "poison"))
    return page.replace(marker, NEWER + marker[4:])


def test_posts_before_one_of_a_newer_layer_are_kept_and_the_rest_is_unknown_not_absent() -> None:
    seen = parsed(with_poison(a_post(9), a_post(8)), HISTORY)
    assert (seen.answered, seen.ids, seen.older, seen.first, seen.is_start) == (
        "not understood",
        (8, 9),
        8,
        None,
        False,
    )
    assert "deadbeef" in seen.detail
    assert [each.code for each in seen.problems] == ["unreadable"]
    by_id = parsed(with_poison(a_post(3)), POSTS)
    assert (by_id.ids, by_id.absent) == ((3,), ())
    alone = parsed(with_poison(), Asked("posts", channel=OWN, ids=(2,)))
    assert [(each.code, each.post) for each in alone.problems] == [("unreadable", "2")]


def test_an_answer_asked_for_in_another_layer_says_so_if_it_cannot_be_read() -> None:
    assert "layer 999" in str(parse_answer(with_poison(), 999, HISTORY).detail)
    assert parse_answer(bytes(a_full()), 999, CARD).answered == "shown"


def test_bytes_after_the_end_are_counted() -> None:
    seen = parsed(bytes(a_full()) + b"\0\0\0\0", CARD)
    assert seen.answered == "shown"
    assert [(each.code, each.detail) for each in seen.problems] == [("trailing_bytes", "4 bytes")]


def test_a_packed_envelope_inside_an_answer_is_not_opened() -> None:
    bomb = gzip.compress(bytes(1_000_000))
    packed = struct.pack("<I", 0x3072CFA1) + types.TextPlain.serialize_bytes(bomb)
    with pytest.raises(Cut, match="envelope"):
        read_object(packed)
    assert parsed(packed, CARD).answered == "not understood"


def test_objects_nested_too_deeply_are_refused() -> None:
    deep: Any = types.TextPlain("x")
    for _ in range(MAX_DEPTH - 2):
        deep = types.TextBold(deep)
    assert read_object(bytes(deep))[0].CONSTRUCTOR_ID == types.TextBold.CONSTRUCTOR_ID
    with pytest.raises(Cut, match="nested"):
        read_object(bytes(types.TextBold(types.TextBold(deep))))
    many = struct.pack("<Ii", 0x1CB5C415, 1) * 50_000
    with pytest.raises(Cut, match="nested"):
        read_object(many)


_PAGE = bytes(
    a_page(
        [
            a_post(9, "a😀b", entities=[types.MessageEntityBold(1, 2)], views=1, forwards=1),
            a_post(
                8,
                media=types.MessageMediaDocument(
                    document=a_document(types.DocumentAttributeVideo(1.5, 2, 3))
                ),
            ),
            a_service(7, types.MessageActionChatEditPhoto(a_photo())),
        ],
        users=[a_user()],
    )
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(_PAGE)), st.binary(max_size=8))
def test_a_cut_or_changed_answer_never_raises(place: int, junk: bytes) -> None:
    for body in (_PAGE[:place], _PAGE[:place] + junk + _PAGE[place + len(junk) :]):
        for asked in (HISTORY, POSTS, CARD, UPDATES):
            parsed(body, asked)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_object_where_another_belongs_never_raises(data: Any) -> None:
    choices: list[Any] = [
        types.PeerUser(1),
        a_photo(),
        a_channel(),
        a_user(),
        types.TextPlain("x"),
        types.MessageEmpty(1, None),
    ]
    pick = st.sampled_from(choices)
    names = ("media", "reply_to", "fwd_from", "from_id", "reactions", "replies", "factcheck", "reply_markup")
    fields = {name: data.draw(pick) for name in data.draw(st.sets(st.sampled_from(names), max_size=4))}
    post = a_post(9, "x", entities=[data.draw(pick)])
    for name, value in fields.items():
        setattr(post, name, value)
    parsed(a_page([post, data.draw(pick)], users=[data.draw(pick)], chats=[data.draw(pick)]), HISTORY)
    parsed(types.messages.ChatFull(data.draw(pick), [data.draw(pick)], [data.draw(pick)]), CARD)
    parsed(types.contacts.ResolvedPeer(data.draw(pick), [data.draw(pick)], []), Asked("name", name="x"))
    parsed(vector(types.UpdateNewChannelMessage(data.draw(pick), 1, 1), [data.draw(pick)]), UPDATES)


AT = "2026-11-14T12:00:00.000Z"
_ASKED = st.builds(
    Asked,
    st.sampled_from(["name", "card", "history", "posts", "updates"]),
    channel=st.none() | st.just(OWN),
    name=st.none() | st.text(max_size=5),
    before=st.none() | st.integers(0, 2**31),
    ids=st.lists(st.integers(1, 2**31), max_size=3).map(tuple),
)


@settings(max_examples=100, deadline=None)
@given(_ASKED, st.sampled_from(["received", "rewritten"]), st.binary(min_size=1, max_size=40))
def test_a_raw_answer_comes_back_as_it_went_in(asked: Asked, form: Any, body: bytes) -> None:
    exchange = Exchange(asked, AT, LAYER, form, body)
    assert parse_raw(encode_raw(exchange)) == exchange


GOOD = encode_raw(Exchange(CARD, AT, LAYER, "received", b"body"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no line",
        b"not json\nbody",
        b"\xff\xfe\n",
        GOOD + b"x",
        GOOD[:-1],
        GOOD.replace(b'"received"', b'"none"'),
        GOOD.replace(b".000Z", b"+0100"),
        GOOD.replace(b'"telegram_api":1', b'"telegram_api":2'),
        encode_raw(Exchange(CARD, AT, LAYER, "received", b"")),
    ],
)
def test_what_is_no_raw_answer_is_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_raw(raw)


def test_a_sealed_answer_is_read_again_without_asking() -> None:
    body = bytes(a_full())
    sealed = encode_raw(Exchange(CARD, AT, LAYER, "received", body))
    assert parse_sealed(sealed) == parse_answer(body, LAYER, CARD)
    assert sealed.endswith(body)
    lost = parse_sealed(encode_raw(Exchange(CARD, AT, LAYER, "none", failure="TimeoutError")))
    assert (lost.answered, lost.detail) == ("network failure", "TimeoutError")
    held = parse_sealed(encode_raw(Exchange(CARD, AT, LAYER, "none", failure="not asked: enough")))
    assert held.answered == "rate limited"


def test_the_json_twin_is_deterministic_and_loses_no_digit_and_no_byte() -> None:
    sealed = encode_raw(Exchange(CARD, AT, LAYER, "received", bytes(a_full())))
    twin = json_twin(sealed)
    assert twin == json_twin(sealed)
    shown = json.loads(twin, parse_float=pytest.fail)
    assert shown["answer"]["_"] == "ChatFull"
    assert shown["answer"]["full_chat"]["participants_count"] == 38_123
    assert shown["answer"]["chats"][0]["access_hash"] == str(HASH)
    assert shown["asked"] == {"what": "card", "channel": OWN}
    photo = json.loads(to_json(again(a_photo(reference=b"\0\xff"))))
    assert photo["file_reference"] == "AP8="
    assert json.loads(to_json(again(types.GeoPoint(1.5, 2.5, 3))))["long"] == "1.5"


def test_the_json_twin_of_what_cannot_be_read_says_so() -> None:
    shown = json.loads(json_twin(encode_raw(Exchange(CARD, AT, LAYER, "received", NEWER))))
    assert "deadbeef" in shown["unreadable"]
    assert shown["answer"] is None
    assert json.loads(json_twin(encode_raw(Exchange(CARD, AT, LAYER, "none", failure="x"))))["answer"] is None
