"""What posts of the API mean: built as Telethon's objects, sent through their bytes, read back and mapped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from holdfast.capture.telegram_api import post_from_message
from holdfast.capture.telegram_api.listing import MISFIT
from holdfast.capture.telegram_api.post import map_post
from holdfast.capture.telegram_api.values import OMITTED, Peers, Unknown, decimal, fields_of, utc, whole
from holdfast.model import Author, Forward, MediaSeen, Metrics, PostSeen, Reply, plain_text
from tests.capture.test_telegram_api_fake import (
    CHANNEL,
    NOON,
    a_channel,
    a_document,
    a_photo,
    a_post,
    a_service,
    a_user,
    again,
    types,
)

BIG = 9_007_199_254_740_995
"""Beyond 2^53: no float holds it."""


def seen(message: Any, *, users: Any = (), chats: Any = ()) -> PostSeen:
    found = post_from_message(again(message), CHANNEL, Peers(users, chats))
    assert found is not None
    assert list(_floats(found)) == []
    return found


def _floats(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _floats(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _floats(each)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from _floats(getattr(value, name))


def one_media(media: Any, **told: Any) -> MediaSeen:
    found = seen(a_post(media=media, **told)).media
    assert found is not None
    return found[0]


def test_a_plain_post_has_its_ids_times_and_words_and_nothing_else() -> None:
    post = seen(a_post(10, "Тихий берег"))
    assert post.post.channel == str(CHANNEL)
    assert (post.post.id, post.post.kind, post.post.published_at) == ("10", "post", "2026-11-14T12:00:00Z")
    assert post.text == "Тихий берег"
    assert [post.author, post.media, post.metrics, post.raw, post.post.other] == [None] * 5


def test_an_empty_place_is_no_post() -> None:
    assert post_from_message(again(types.MessageEmpty(3, types.PeerChannel(CHANNEL))), CHANNEL) is None


def test_views_and_forwards_that_are_absent_are_unknown_and_those_that_are_zero_are_zero() -> None:
    assert seen(a_post(text="x")).metrics is None
    assert seen(a_post(text="x", views=0, forwards=0)).metrics == Metrics(views=0, forwards=0)
    assert seen(a_post(text="x", views=25_001, forwards=7)).metrics == Metrics(views=25_001, forwards=7)


def test_an_edit_and_an_edit_that_clients_hide_are_both_told() -> None:
    later = datetime(2026, 11, 15, tzinfo=UTC)
    assert seen(a_post(text="x", edit_date=later)).post.edited_at == "2026-11-15T00:00:00Z"
    hidden = seen(a_post(text="x", edit_date=later, edit_hide=True)).post
    assert (hidden.edited_at, hidden.other) == ("2026-11-15T00:00:00Z", {"edit_hidden": True})


def test_reactions_are_named_as_in_exports_and_sorted() -> None:
    results = [
        types.ReactionCount(types.ReactionEmoji("🔥"), 3),
        types.ReactionCount(types.ReactionPaid(), 2),
        types.ReactionCount(types.ReactionCustomEmoji(BIG), 1),
        types.ReactionCount(types.ReactionEmpty(), 4),
    ]
    recent = [types.MessagePeerReaction(types.PeerUser(5), NOON, types.ReactionEmoji("🔥"))]
    post = seen(a_post(text="x", reactions=types.MessageReactions(results, recent_reactions=recent)))
    assert post.metrics is not None
    assert post.metrics.reactions == ((f"custom:{BIG}", 1), ("paid", 2), ("unknown", 4), ("🔥", 3))
    assert post.author is not None
    assert post.author.persons == {
        "reactions": [{"reaction": "🔥", "from_id": "user5", "date": "2026-11-14T12:00:00Z"}]
    }


def test_a_count_below_zero_is_no_count() -> None:
    results = [types.ReactionCount(types.ReactionEmoji("🔥"), -3)]
    post = seen(a_post(text="x", views=-1, forwards=0, reactions=types.MessageReactions(results)))
    assert post.metrics == Metrics(forwards=0, reactions=())


def test_comments_are_counted_as_replies() -> None:
    replies = types.MessageReplies(12, 1, comments=True, channel_id=9)
    assert seen(a_post(text="x", replies=replies)).metrics == Metrics(replies=12)


def test_the_channel_speaking_for_itself_is_no_author_and_a_signature_is_kept() -> None:
    assert seen(a_post(text="x", from_id=types.PeerChannel(CHANNEL))).author is None
    assert seen(a_post(text="x", post_author="A. E.")).author == Author(signature="A. E.")


def test_other_speakers_are_named_from_the_answer_and_known_by_id_where_it_does_not_name_them() -> None:
    post = a_post(text="x", from_id=types.PeerUser(55), via_bot_id=56)
    assert seen(post).author == Author(source_id="user55", via_bot="user56")
    bot = types.User(56, username="poll_bot", bot=True, access_hash=1)
    assert seen(post, users=[a_user(), bot]).author == Author("Ada Example", "user55", via_bot="@poll_bot")
    as_group = a_post(text="x", from_id=types.PeerChat(9))
    assert seen(as_group, chats=[types.ChatForbidden(9, "A group")]).author == Author("A group", "chat9")


def test_the_first_active_of_several_usernames_is_a_bots_name() -> None:
    names = [types.Username("old_bot"), types.Username("new_bot", active=True)]
    bot = types.User(56, usernames=names, access_hash=1)
    assert seen(a_post(text="x", via_bot_id=56), users=[bot]).author == Author(via_bot="@new_bot")


def test_a_forward_from_a_channel_is_told_beside_the_post() -> None:
    header = types.MessageFwdHeader(NOON, from_id=types.PeerChannel(9), channel_post=4)
    post = seen(a_post(text="x", fwd_from=header), chats=[a_channel(9, title="Origin")])
    assert post.post.forward == Forward("Origin", "9", "2026-11-14T12:00:00Z")
    assert post.post.other == {"forward_post": "4"}
    assert post.author is None


def test_a_forward_from_a_person_is_told_with_the_author() -> None:
    header = types.MessageFwdHeader(NOON, from_id=types.PeerUser(55))
    post = seen(a_post(text="x", fwd_from=header), users=[a_user()])
    assert post.post.forward == Forward(published_at="2026-11-14T12:00:00Z")
    assert post.author == Author(forward_name="Ada Example", forward_id="user55")


def test_a_forward_from_someone_who_hides_has_a_name_only_and_its_signature_is_a_persons() -> None:
    header = types.MessageFwdHeader(
        NOON, from_name="Hidden", post_author="H. H.", saved_from_peer=types.PeerUser(55), saved_from_msg_id=3
    )
    post = seen(a_post(text="x", fwd_from=header), users=[a_user()])
    assert post.author == Author(
        forward_name="Hidden",
        persons={"forward_signature": "H. H.", "saved_from_id": "user55", "saved_from": "Ada Example"},
    )


@pytest.mark.parametrize(
    ("header", "reply"),
    [
        (types.MessageReplyHeader(reply_to_msg_id=4), Reply("4")),
        (
            types.MessageReplyHeader(reply_to_msg_id=4, reply_to_peer_id=types.PeerChannel(CHANNEL)),
            Reply("4"),
        ),
        (types.MessageReplyHeader(reply_to_msg_id=4, reply_to_peer_id=types.PeerChannel(9)), Reply("4", "9")),
        (types.MessageReplyHeader(reply_to_msg_id=4, reply_to_peer_id=types.PeerUser(9)), Reply("4")),
        (types.MessageReplyHeader(), None),
        (types.MessageReplyStoryHeader(types.PeerChannel(9), 3), None),
    ],
)
def test_a_reply_names_the_channel_only_if_it_is_another(header: Any, reply: Reply | None) -> None:
    assert seen(a_post(text="x", reply_to=header)).post.reply == reply


def test_a_reply_to_what_is_not_a_post_here_says_so() -> None:
    other = seen(a_post(text="x", reply_to=types.MessageReplyHeader())).post.other
    assert other == {"reply_to": {"elsewhere": True}}
    header = types.MessageReplyStoryHeader(types.PeerChannel(9), 3)
    assert seen(a_post(text="x", reply_to=header)).post.other == {
        "reply_to_story": {"id": "3", "channel": "9"}
    }
    post = seen(
        a_post(text="x", reply_to=types.MessageReplyStoryHeader(types.PeerUser(55), 3)), users=[a_user()]
    )
    assert post.post.other == {"reply_to_story": {"id": "3"}}
    assert post.author == Author(persons={"reply_to_story_of": {"id": "user55", "name": "Ada Example"}})


def test_a_quote_chosen_by_the_writer_is_kept_and_a_person_answered_is_a_person() -> None:
    header = types.MessageReplyHeader(
        quote=True, quote_text="chosen", reply_to_msg_id=4, reply_to_peer_id=types.PeerUser(9)
    )
    post = seen(a_post(text="x", reply_to=header))
    assert post.post.other == {"quote": "chosen"}
    assert post.author == Author(persons={"reply_to_peer_id": "user9"})


def test_flags_and_notes_of_the_platform_are_kept_under_other() -> None:
    post = a_post(
        text="x",
        grouped_id=BIG,
        noforwards=True,
        ttl_period=86_400,
        restriction_reason=[
            types.RestrictionReason("ios", "terms", "Not here"),
            types.RestrictionReason("all", "x", ""),
        ],
        factcheck=types.FactCheck(
            1, need_check=True, country="XX", text=types.TextWithEntities("Checked.", [])
        ),
    )
    assert seen(post).post.other == {
        "album": str(BIG),
        "noforwards": True,
        "ttl_period_s": 86_400,
        "restrictions": [
            {"platform": "ios", "reason": "terms", "text": "Not here"},
            {"platform": "all", "reason": "x"},
        ],
        "factcheck": {"text": "Checked.", "country": "XX", "need_check": True},
    }


def test_a_fact_check_that_is_not_loaded_says_no_more_than_that() -> None:
    assert seen(a_post(text="x", factcheck=types.FactCheck(1))).post.other == {"factcheck": {}}


def test_buttons_keep_their_words_and_where_they_lead() -> None:
    kinds = [
        types.InlineButtonTypeUrl("https://example.org/"),
        types.InlineButtonTypeCallback(b"\0\1"),
        types.InlineButtonTypeCopy("copied"),
    ]
    rows = [types.KeyboardInlineButtonRow([types.KeyboardInlineButton("Press", kind) for kind in kinds])]
    assert seen(a_post(text="x", reply_markup=types.ReplyInlineMarkup(rows))).post.other == {
        "inline_bot_buttons": [
            [
                {"type": "url", "text": "Press", "data": "https://example.org/"},
                {"type": "callback", "text": "Press"},
                {"type": "copy", "text": "Press", "data": "copied"},
            ]
        ]
    }
    assert seen(a_post(text="x", reply_markup=types.ReplyKeyboardHide())).post.other is None


def test_a_post_built_of_blocks_gives_its_words_in_order() -> None:
    plain = types.TextPlain
    cell = types.PageTableCell(text=plain("cell"))
    blocks = [
        types.PageBlockHeading1(plain("Title")),
        types.PageBlockParagraph(types.TextConcat([plain("Some "), types.TextBold(plain("words"))])),
        types.PageBlockTable(plain("table"), [types.PageTableRow([cell, cell])]),
        types.PageBlockMath("a+b"),
        types.PageBlockParagraph(types.TextUrl(types.TextCustomEmoji(1, "👍"), "https://e.org", 1)),
        types.PageBlockDivider(),
    ]
    post = seen(a_post(rich_message=types.RichMessage(blocks, [], [])))
    assert plain_text(post.text).split() == ["Title", "Some", "words", "table", "cell", "cell", "a+b", "👍"]
    assert post.post.other == {"rich": True}


def test_the_words_of_blocks_are_bounded_in_depth_and_size() -> None:
    deep: Any = types.TextPlain("deep")
    for _ in range(60):
        deep = types.TextBold(deep)
    paragraph = types.PageBlockParagraph
    huge = paragraph(types.TextConcat([types.TextPlain("x" * 600_000)] * 4))
    post = seen(a_post(rich_message=types.RichMessage([paragraph(deep), huge], [], [])))
    words = plain_text(post.text)
    assert words.startswith(OMITTED)
    assert words.count(OMITTED) == 2
    assert 600_000 < len(words) < 1_200_000
    empty = types.RichMessage([types.PageBlockDivider()], [], [])
    assert seen(a_post(rich_message=empty)).text is None


def test_a_photo_is_told_in_its_largest_size() -> None:
    media = types.MessageMediaPhoto(photo=a_photo(77), spoiler=True, ttl_seconds=30)
    assert one_media(media) == MediaSeen(
        "photo",
        source_path="photo/77",
        size_bytes=900,
        width=1280,
        height=960,
        spoiler=True,
        data={"self_destruct_s": 30, "file_id": "77"},
    )


@pytest.mark.parametrize("photo", [None, types.PhotoEmpty(1), types.Photo(1, 2, b"", NOON, [], 2)])
def test_a_photo_that_is_gone_is_unavailable(photo: Any) -> None:
    media = types.MessageMediaPhoto(photo=photo, ttl_seconds=5 if photo is None else None)
    assert one_media(media).state == "unavailable"


def test_a_cached_picture_counts_with_the_bytes_it_brings() -> None:
    sizes = [types.PhotoCachedSize("s", 9, 9, b"12345"), types.PhotoPathSize("j", b"1")]
    found = one_media(types.MessageMediaPhoto(photo=types.Photo(1, 2, b"", NOON, sizes, 2)))
    assert (found.size_bytes, found.width) == (5, 9)


VIDEO = types.DocumentAttributeVideo(541.9, 1920, 1080)
ROUND = types.DocumentAttributeVideo(5.0, 240, 240, round_message=True)
VOICE = types.DocumentAttributeAudio(7, voice=True)
AUDIO = types.DocumentAttributeAudio(7, title="Song", performer="Singer")
STICKER = types.DocumentAttributeSticker("👍", types.InputStickerSetEmpty())
EMOJI = types.DocumentAttributeCustomEmoji("👍", types.InputStickerSetEmpty())
ANIMATED = types.DocumentAttributeAnimated()
IMAGE = types.DocumentAttributeImageSize(512, 512)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ((), MediaSeen("document")),
        ((VIDEO,), MediaSeen("video", width=1920, height=1080, duration_s=541)),
        ((VIDEO, ANIMATED), MediaSeen("animation", width=1920, height=1080, duration_s=541)),
        ((ROUND,), MediaSeen("round_video", width=240, height=240, duration_s=5)),
        ((VOICE,), MediaSeen("voice", duration_s=7)),
        ((AUDIO,), MediaSeen("audio", duration_s=7, title="Song", performer="Singer")),
        ((IMAGE, STICKER), MediaSeen("sticker", width=512, height=512, emoji="👍")),
        ((EMOJI, VIDEO), MediaSeen("sticker", width=1920, height=1080, duration_s=541, emoji="👍")),
        ((types.DocumentAttributeFilename("a.pdf"),), MediaSeen("document", file_name="a.pdf")),
        ((types.DocumentAttributeHasStickers(),), MediaSeen("document")),
    ],
)
def test_the_attributes_of_a_file_say_what_it_is(attributes: Any, expected: MediaSeen) -> None:
    found = one_media(types.MessageMediaDocument(document=a_document(*attributes)))
    names = ("kind", "width", "height", "duration_s", "title", "performer", "emoji", "file_name")
    assert [getattr(found, name) for name in names] == [getattr(expected, name) for name in names]
    assert (found.mime, found.size_bytes, found.source_path) == ("video/mp4", 1_000, f"document/{BIG}")
    assert found.data == {"file_id": str(BIG)}


def test_a_files_small_picture_is_its_thumbnail() -> None:
    thumbs = [types.PhotoStrippedSize("i", b"1"), types.PhotoSize("m", 320, 180, 60)]
    found = one_media(types.MessageMediaDocument(document=a_document(VIDEO, thumbs=thumbs)))
    assert found.thumbnail == MediaSeen(
        "photo", source_path=f"document/{BIG}/m", size_bytes=60, width=320, height=180
    )


def test_a_file_that_has_expired_still_says_what_it_was() -> None:
    kinds = {"video": "video", "round": "round_video", "voice": "voice", "nopremium": "document"}
    for flag, kind in kinds.items():
        found = one_media(types.MessageMediaDocument(**{flag: True}, ttl_seconds=1))
        assert found == MediaSeen(kind, state="unavailable", data={"self_destruct_s": 1})


def a_count(option: bytes, voters: int, **told: Any) -> Any:
    return types.PollAnswerVoters(option, voters=voters, recent_voters=[types.PeerUser(5)], **told)


def a_poll(results: Any, **told: Any) -> Any:
    words = types.TextWithEntities
    answers = [types.PollAnswer(words("Yes", []), b"0"), types.PollAnswer(words("No", []), b"1")]
    poll = types.Poll(1, words("Really?", []), answers, 0, **told)
    return types.MessageMediaPoll(poll, results)


def test_a_poll_has_its_questions_in_its_data_and_its_numbers_among_the_counters() -> None:
    results = [a_count(b"1", 3, chosen=True), a_count(b"0", 8)]
    media = a_poll(
        types.PollResults(
            results=results,
            total_voters=11,
            solution="Because.",
            solution_entities=[types.MessageEntityBold(0, 3)],
        ),
        closed=True,
        quiz=True,
        close_date=NOON,
    )
    post = seen(a_post(media=media))
    assert post.media == (
        MediaSeen(
            "poll",
            data={
                "closed": True,
                "quiz": True,
                "close_date": "2026-11-14T12:00:00Z",
                "question": "Really?",
                "answers": ["Yes", "No"],
                "solution": "Because.",
            },
        ),
    )
    assert post.metrics == Metrics(votes=(("Yes", 8), ("No", 3)), voters=11)


def test_a_poll_whose_counts_are_not_shown_has_none() -> None:
    assert seen(a_post(media=a_poll(types.PollResults()))).metrics is None
    partial = types.PollResults(results=[a_count(b"0", 8)], total_voters=8)
    assert seen(a_post(media=a_poll(partial))).metrics == Metrics(voters=8)


POINT = types.GeoPoint(37.6173, 55.7558, 1)


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (
            types.MessageMediaGeo(POINT),
            MediaSeen("location", data={"latitude": "55.7558", "longitude": "37.6173"}),
        ),
        (types.MessageMediaGeo(types.GeoPointEmpty()), MediaSeen("location")),
        (
            types.MessageMediaGeoLive(POINT, 900),
            MediaSeen("location", data={"latitude": "55.7558", "longitude": "37.6173", "live_period_s": 900}),
        ),
        (
            types.MessageMediaVenue(POINT, "Pier", "Shore road 1", "", "", ""),
            MediaSeen(
                "venue",
                title="Pier",
                data={"latitude": "55.7558", "longitude": "37.6173", "address": "Shore road 1"},
            ),
        ),
        (
            types.MessageMediaGame(types.Game(1, 2, "short", "Game", "About it", types.PhotoEmpty(1))),
            MediaSeen("game", title="Game", data={"description": "About it", "short_name": "short"}),
        ),
        (
            types.MessageMediaInvoice("Boat", "A boat", "EUR", 100, "x", receipt_msg_id=9),
            MediaSeen(
                "invoice",
                title="Boat",
                data={"description": "A boat", "currency": "EUR", "amount": 100, "receipt_message_id": "9"},
            ),
        ),
        (
            types.MessageMediaDice(6, "🎲"),
            MediaSeen("other", emoji="🎲", data={"dice": {"emoji": "🎲", "value": 6}}),
        ),
        (types.MessageMediaUnsupported(), MediaSeen("other", data={"type": "unsupported"})),
        (
            types.MessageMediaGiveaway([CHANNEL], 5, NOON, months=3),
            MediaSeen(
                "giveaway",
                data={
                    "giveaway_information": {
                        "channels": [str(CHANNEL)],
                        "months": 3,
                        "quantity": 5,
                        "until_date": "2026-11-14T12:00:00Z",
                    }
                },
            ),
        ),
        (
            types.MessageMediaStory(types.PeerChannel(9), 4),
            MediaSeen("story", data={"story": {"id": "4", "channel": "channel9", "name": None}}),
        ),
        (
            types.MessageMediaPaidMedia(50, [types.MessageExtendedMediaPreview(w=9, h=8, video_duration=7)]),
            MediaSeen("paid", data={"paid_media": {"stars": 50}}),
        ),
        (
            types.MessageMediaToDo(
                types.TodoList(
                    types.TextWithEntities("Todo", []), [types.TodoItem(1, types.TextWithEntities("It", []))]
                ),
                [types.TodoCompletion(1, types.PeerUser(5), NOON)],
            ),
            MediaSeen(
                "todo",
                data={"todo_list": {"title": "Todo", "answers": [{"id": "1", "text": "It", "done": True}]}},
            ),
        ),
    ],
)
def test_what_is_no_file_is_told_by_its_own_fields(media: Any, expected: MediaSeen) -> None:
    assert one_media(media) == expected


def test_persons_in_media_stand_with_the_author() -> None:
    contact = seen(a_post(media=types.MessageMediaContact("+1", "Ada", "Example", "", 55)))
    assert contact.media == (MediaSeen("contact"),)
    assert contact.author == Author(
        persons={
            "contact": {
                "first_name": "Ada",
                "last_name": "Example",
                "phone_number": "+1",
                "user_id": "user55",
            }
        }
    )
    story = seen(a_post(media=types.MessageMediaStory(types.PeerUser(55), 4)), users=[a_user()])
    assert story.media == (MediaSeen("story", data={"story": {"id": "4"}}),)
    assert story.author == Author(persons={"story_of": {"id": "user55", "name": "Ada Example"}})
    winners = types.MessageMediaGiveawayResults(CHANNEL, 3, 1, 0, [55, 56], NOON)
    assert seen(a_post(media=winners)).author == Author(persons={"winners": ["55", "56"]})


def test_what_a_poll_holds_besides_is_counted() -> None:
    unknown = Unknown()
    media = a_poll(types.PollResults(results=[types.PeerUser(1)]))
    media.attached_media = types.MessageMediaDice(1, "🎲")
    mapped = map_post(again(a_post(media=media)), CHANNEL, Peers(), unknown)
    assert mapped is not None
    assert unknown == {"PeerUser": 1, "poll with MessageMediaDice": 1}


def test_a_story_of_nobody_that_is_known_has_its_id_only() -> None:
    assert one_media(types.MessageMediaStory(types.PeerChat(9), 4)).data == {
        "story": {"id": "4", "channel": "chat9", "name": None}
    }
    assert one_media(types.MessageMediaStory(a_photo(), 4)).data == {"story": {"id": "4"}}


def test_paid_media_that_were_paid_for_are_told_themselves() -> None:
    inner = [
        types.MessageExtendedMedia(types.MessageMediaPhoto(photo=a_photo(1))),
        types.MessageExtendedMedia(types.MessageMediaDocument(document=a_document(VIDEO))),
        types.MessageExtendedMediaPreview(w=9, h=8),
        types.MessageExtendedMediaPreview(w=9, h=8, video_duration=7),
    ]
    media = seen(a_post(media=types.MessageMediaPaidMedia(50, inner))).media
    assert media is not None
    assert [each.kind for each in media] == ["paid", "photo", "video", "other", "video"]
    assert media[4] == MediaSeen("video", state="unavailable", width=9, height=8, duration_s=7)
    behind = types.MessageExtendedMediaPreview(w=9, h=8)
    invoice = types.MessageMediaInvoice("Boat", "", "EUR", 1, "x", extended_media=behind)
    found = seen(a_post(media=invoice)).media
    assert found is not None
    assert [each.kind for each in found] == ["invoice", "other"]


@pytest.mark.parametrize(
    ("page", "preview"),
    [
        (
            types.WebPage(
                1, "https://example.org/", "example.org", 0, site_name="Example", title="T", description="D"
            ),
            {"url": "https://example.org/", "site": "Example", "title": "T", "description": "D"},
        ),
        (types.WebPageEmpty(1, url="https://example.org/"), {"url": "https://example.org/"}),
    ],
)
def test_a_link_preview_is_no_media(page: Any, preview: Any) -> None:
    post = seen(a_post(text="https://example.org/", media=types.MessageMediaWebPage(page)))
    assert post.media is None
    assert post.post.other == {"link_preview": preview}


def test_a_preview_that_says_nothing_is_left_out() -> None:
    assert seen(a_post(text="x", media=types.MessageMediaWebPage(types.WebPageEmpty(1)))).post.other is None
    assert seen(a_post(text="x", media=types.MessageMediaEmpty())).media is None


def test_media_that_nobody_here_knows_are_kept_and_counted() -> None:
    unknown = Unknown()
    media = types.MessageMediaVideoStream(types.InputGroupCall(1, 2), rtmp_stream=True)
    mapped = map_post(again(a_post(media=media)), CHANNEL, Peers(), unknown)
    assert mapped is not None
    assert unknown == {"MessageMediaVideoStream": 1}
    assert mapped.post.media == (
        MediaSeen(
            "other",
            data={
                "type": "video_stream",
                "call": {"type": "input_group_call", "id": "1"},
                "rtmp_stream": True,
            },
        ),
    )


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (types.MessageActionChannelCreate("Shore"), {"type": "create_channel", "title": "Shore"}),
        (types.MessageActionChatEditTitle("New"), {"type": "edit_group_title", "title": "New"}),
        (types.MessageActionChatDeletePhoto(), {"type": "delete_group_photo"}),
        (types.MessageActionPinMessage(), {"type": "pin_message", "message_id": "4"}),
        (
            types.MessageActionGroupCall(types.InputGroupCall(1, 2), 60),
            {"type": "group_call", "duration": 60},
        ),
        (
            types.MessageActionGroupCallScheduled(types.InputGroupCall(1, 2), NOON),
            {"type": "group_call_scheduled", "schedule_date": "2026-11-14T12:00:00Z"},
        ),
        (types.MessageActionSetMessagesTTL(86_400), {"type": "set_messages_ttl", "period": 86_400}),
        (types.MessageActionChatMigrateTo(9), {"type": "migrate_to_supergroup", "channel": "9"}),
        (
            types.MessageActionChannelMigrateFrom("Old", 8),
            {"type": "migrate_from_group", "title": "Old", "chat": "8"},
        ),
        (types.MessageActionCustomAction("Words"), {"information_text": "Words"}),
        (
            types.MessageActionSetChatWallPaper(types.WallPaperNoFile(1), same=True),
            {"type": "set_same_chat_wallpaper", "message_id": "4"},
        ),
        (types.MessageActionBotAllowed(attach_menu=True), {"type": "attach_menu_bot_allowed"}),
        (types.MessageActionTopicEdit(title="T"), {"type": "topic_edit", "new_title": "T"}),
        (
            types.MessageActionPhoneCall(BIG, duration=5),
            {"type": "phone_call", "call_id": str(BIG), "duration_seconds": 5},
        ),
        (
            types.MessageActionSuggestedPostRefund(payer_initiated=True),
            {"type": "suggested_post_refund", "payer_initiated": True},
        ),
        (
            types.MessageActionGiftStars("EUR", 1, 2, transaction_id=None),
            {"type": "send_stars_gift", "amount": 1, "currency": "EUR", "stars": 2},
        ),
    ],
)
def test_a_service_post_says_what_happened(action: Any, expected: Any) -> None:
    post = seen(a_service(5, action, reply_to=types.MessageReplyHeader(reply_to_msg_id=4)))
    assert post.post.kind == "service"
    assert post.post.action == expected
    assert post.text is None
    assert (post.post.reply is None) == ("message_id" in expected)


def test_a_new_picture_of_the_channel_is_a_photo_of_the_service_post() -> None:
    post = seen(a_service(5, types.MessageActionChatEditPhoto(a_photo(77))))
    assert post.post.action == {"type": "edit_group_photo"}
    assert post.media is not None
    assert post.media[0].source_path == "photo/77"


def test_members_of_a_service_post_are_persons() -> None:
    users = [a_user()]
    post = seen(a_service(5, types.MessageActionChatAddUser([55, 56])), users=users)
    assert post.post.action == {"type": "invite_members"}
    assert post.author == Author(
        persons={"members": ["Ada Example", None], "member_ids": ["user55", "user56"]}
    )
    gone = seen(a_service(5, types.MessageActionChatDeleteUser(55)), users=users)
    assert gone.author == Author(persons={"members": ["Ada Example"], "member_ids": ["user55"]})
    alone = seen(a_service(5, types.MessageActionChatCreate("G", [])))
    assert alone.author == Author(persons={"members": [], "member_ids": []})


def test_a_vector_where_an_object_belongs_is_a_misfit_and_nothing_else() -> None:
    hostile = a_post(text="x", reactions=types.PeerUser(1), media=types.PeerUser(2))
    with pytest.raises(MISFIT):
        post_from_message(again(hostile), CHANNEL)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (55.0, "55.0"),
        (1e-7, "0.0000001"),
        (-0.5, "-0.5"),
        (math.nan, None),
        (math.inf, None),
        (True, None),
        ("1", None),
    ],
)
def test_a_coordinate_is_a_plain_decimal_or_nothing(value: Any, expected: str | None) -> None:
    assert decimal(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(541.9, 541), (7, 7), (math.nan, None), (-1, None), (True, None), (None, None), (1e300, None)],
)
def test_a_length_of_any_layer_is_in_whole_seconds(value: Any, expected: int | None) -> None:
    assert whole(value) == expected


def test_a_time_without_a_zone_is_utc_and_what_is_no_time_is_none() -> None:
    assert utc(datetime(2026, 1, 2, 3, 4, 5)) == "2026-01-02T03:04:05Z"
    assert utc(5) is None


def test_fields_without_names_are_bounded_and_free_of_persons() -> None:
    persons: dict[str, Any] = {}
    deep: Any = types.TextPlain("x")
    for _ in range(20):
        deep = types.TextBold(deep)
    fields = fields_of(
        types.MessageActionSuggestedPostApproval(reject_comment="y" * 70_000, price=deep), persons
    )
    assert fields["reject_comment"] == OMITTED
    assert OMITTED in str(fields["price"])
    near = fields_of(types.MessageActionGeoProximityReached(types.PeerUser(1), types.PeerUser(2), 3), persons)
    assert near == {"distance": 3}
    assert persons == {"from_id": "user1", "to_id": "user2"}
    place = fields_of(types.ChannelLocation(POINT, "Shore"), persons)
    assert place["geo_point"]["lat"] == "55.7558"
