"""The source asks for one account: floods, bans, closed channels, moved names, missing ids, poison posts, files."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from holdfast.capture.telegram_api import (
    Answered,
    ApiSource,
    Asked,
    KnownChannel,
    PaceRules,
    parse_raw,
    parse_sealed,
)
from holdfast.capture.telegram_api.client import CHUNK_BYTES
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.refusals import NetworkError
from holdfast.errors import SourceError, StorageError, UsageError
from holdfast.model import Label
from tests.capture.test_telegram_api_fake import (
    CHANNEL,
    HASH,
    NOON,
    START_S,
    Bench,
    FakeClient,
    a_channel,
    a_document,
    a_full,
    a_page,
    a_photo,
    a_post,
    a_user,
    everything,
    functions,
    only_post,
    refusal,
    resolved,
    run,
    types,
)

OWN = str(CHANNEL)


def test_a_name_is_asked_for_once_and_then_known() -> None:
    bench = Bench(resolved(a_channel()), a_full(), a_full(), known=False)
    first, second = bench.card("@Quiet_Shore"), bench.card("quiet_shore")
    assert first.seen.card is not None
    assert first.seen.card.followers == 38_123
    assert second.seen == first.seen
    kinds = [type(each) for each in bench.client.requests]
    full = functions.channels.GetFullChannelRequest
    assert kinds == [functions.contacts.ResolveUsernameRequest, full, full]
    assert [parse_raw(raw).asked.what for raw in bench.record] == ["name", "card", "card"]
    assert bench.source.known == (KnownChannel(CHANNEL, HASH, "quiet_shore"),)


def test_a_channel_that_was_kept_from_before_is_asked_by_id_without_its_name() -> None:
    bench = Bench(a_full(), known_before=[KnownChannel(CHANNEL, HASH)], known=False)
    assert bench.card(OWN).seen.answered == "shown"
    (request,) = bench.client.requests
    assert (request.channel.channel_id, request.channel.access_hash) == (CHANNEL, HASH)


def test_nothing_of_the_account_is_in_what_is_recorded_of_the_question() -> None:
    bench = Bench(a_full())
    header, _, body = bench.card().raw.partition(b"\n")
    assert str(HASH).encode() not in header
    assert body == bytes(a_full())
    assert str(HASH) not in repr(bench.source.known)
    assert "ref" not in repr(FilePlace("photo", 1, HASH, b"ref", 2))
    assert str(HASH) not in repr(FilePlace("photo", 1, HASH, b"ref", 2))


def test_a_name_that_leads_elsewhere_is_answered_by_what_it_leads_to() -> None:
    assert Bench(resolved(a_user()), known=False).card().seen.answered == "user"
    closed = types.ChannelForbidden(CHANNEL, HASH, "Closed", broadcast=True)
    assert Bench(resolved(closed), known=False).card().seen.answered == "private"
    assert Bench(refusal("USERNAME_NOT_OCCUPIED"), known=False).card().seen.answered == "not found"
    group = a_channel(broadcast=False, megagroup=True)
    assert Bench(resolved(group), a_full([group]), known=False).card().seen.answered == "group"


def test_a_name_that_has_moved_to_another_channel_is_asked_for_anew() -> None:
    renamed = a_full([a_channel(username="new_name")])
    other = a_channel(9, username="quiet_shore")
    bench = Bench(renamed, resolved(other), a_full([other], number=9))
    first = bench.card()
    assert first.seen.card is not None
    assert first.seen.card.channel is not None
    assert first.seen.card.channel.username == "new_name"
    assert bench.card().seen.channel == "9"
    assert [(each.id, each.username) for each in bench.source.known] == [
        (9, "quiet_shore"),
        (CHANNEL, "new_name"),
    ]


def test_a_name_taken_over_by_another_channel_is_no_longer_the_old_ones() -> None:
    bench = Bench(
        resolved(a_channel(9, username="other", usernames=[types.Username("quiet_shore", active=True)]))
    )
    bench.source._learn_chats([a_channel(9, username="quiet_shore")], "quiet_shore")
    assert [(each.id, each.username) for each in bench.source.known] == [(9, "quiet_shore"), (CHANNEL, None)]


def test_what_is_known_of_a_name_is_renewed_if_the_api_no_longer_takes_it() -> None:
    bench = Bench(refusal("CHANNEL_INVALID"), resolved(a_channel()), a_full())
    assert bench.card().seen.answered == "shown"
    stubborn = Bench(refusal("CHANNEL_INVALID"), resolved(a_channel()), refusal("CHANNEL_INVALID"))
    assert stubborn.card().seen.answered == "not found"
    assert stubborn.client.answers == []


def test_an_old_group_that_moved_says_where_to() -> None:
    chat = types.Chat(
        12, "Old", types.ChatPhotoEmpty(), 5, NOON, 1, migrated_to=types.InputChannel(CHANNEL, HASH)
    )
    full = types.ChatFull(12, "", types.ChatParticipantsForbidden(12), types.PeerNotifySettings())
    card = Bench(types.messages.ChatFull(full, [chat], [])).card("chat12").seen.card
    assert card is not None
    assert card.moved_to == OWN


@pytest.mark.parametrize("name", ["", "x", "1abc", "a-b", "t.me/abc", "ж" * 5, "a" * 33, "@@abc"])
def test_what_is_no_username_is_a_mistake_of_the_call(name: str) -> None:
    bench = Bench()
    with pytest.raises(UsageError):
        bench.card(name)
    assert bench.client.requests == []


def test_an_id_that_the_account_never_met_cannot_be_asked_for() -> None:
    for name in ("9", "chat9", "stranger"):
        with pytest.raises(UsageError):
            run(Bench().source.history(name))
    with pytest.raises(UsageError):
        Bench().card("9")


@pytest.mark.parametrize("ids", [(), (0,), (-1,), (2**31,), tuple(range(1, 102))])
def test_ids_that_cannot_be_asked_for_are_a_mistake_of_the_call(ids: Any) -> None:
    with pytest.raises(UsageError):
        Bench().by_id(*ids)
    with pytest.raises(UsageError):
        Bench().history(limit=0)


def test_ids_are_asked_for_once_each_and_told_absent_where_the_answer_is_silent() -> None:
    bench = Bench(a_page([a_post(3)]))
    answered = bench.by_id(3, 1, 3, 2)
    assert [each.id for each in bench.client.requests[0].id] == [3, 1, 2]
    assert (answered.seen.ids, answered.seen.absent) == ((3,), (1, 2))
    assert parse_raw(answered.raw).asked == Asked("posts", channel=OWN, ids=(3, 1, 2))


@pytest.mark.parametrize(
    ("word", "answered"),
    [("CHANNEL_PRIVATE", "private"), ("USER_BANNED_IN_CHANNEL", "banned"), ("CHAT_RESTRICTED", "restricted")],
)
def test_a_refusal_is_an_answer_that_can_be_sealed_and_read_again(word: str, answered: str) -> None:
    told = Bench(refusal(word)).history()
    assert told.seen.answered == answered
    assert parse_raw(told.raw).form == "rewritten"
    assert parse_sealed(told.raw) == told.seen


def test_a_network_failure_is_an_answer_and_no_bytes() -> None:
    told = Bench(NetworkError("TimeoutError")).card()
    assert (told.seen.answered, told.seen.detail) == ("network failure", "TimeoutError")
    assert parse_raw(told.raw).body == b""


def test_a_flood_is_waited_out_to_the_second_and_both_answers_are_recorded() -> None:
    bench = Bench(refusal("FLOOD_WAIT_37", 420), a_full())
    assert bench.card().seen.answered == "shown"
    assert bench.clock.slept == [37]
    assert [parse_sealed(raw).answered for raw in bench.record] == ["rate limited", "shown"]


def test_after_a_flood_everything_goes_more_slowly_until_the_day_ends() -> None:
    bench = Bench(refusal("FLOOD_WAIT_5", 420), *[a_full()] * 4)
    bench.card()
    bench.card()
    assert bench.clock.slept == [5, 2]
    bench.clock.now += 86_400
    bench.card()
    bench.card()
    assert bench.clock.slept == [5, 2, 1]


def test_a_long_flood_is_reported_and_that_kind_of_question_is_not_asked_before_its_end() -> None:
    bench = Bench(refusal("FLOOD_WAIT_4000", 420), a_page([a_post(1)]), a_full())
    told = bench.card()
    assert (told.seen.answered, told.seen.retry_after_s) == ("rate limited", 4000)
    again = bench.card()
    assert (again.seen.answered, again.seen.retry_after_s) == ("rate limited", 4000)
    assert parse_raw(again.raw).failure == "not asked: a flood wait that was ordered before is not over"
    assert len(bench.client.requests) == 1
    assert bench.history().seen.answered == "shown"
    bench.clock.now = START_S + 4000 - 200
    assert bench.card().seen.answered == "shown"
    assert bench.clock.now >= START_S + 4000


def test_floods_on_end_are_waited_out_twice_and_then_reported() -> None:
    bench = Bench(*[refusal("FLOOD_WAIT_2", 420)] * 3)
    told = bench.card()
    assert (told.seen.answered, told.seen.retry_after_s) == ("rate limited", 2)
    assert bench.clock.slept == [2, 2]


def test_requests_keep_their_distance_and_a_clock_that_goes_back_gains_nothing() -> None:
    bench = Bench(*[a_full()] * 4)
    bench.card()
    bench.card()
    bench.clock.now += 0.25
    bench.card()
    bench.clock.now -= 5_000
    bench.card()
    assert bench.clock.slept == [1, 0.75, 1]


def test_a_long_history_is_read_ever_more_slowly_up_to_a_limit() -> None:
    rules = PaceRules(gap_s=1, jitter_s=1, history_gap_s=3, history_pages=2)
    bench = Bench(*[a_page([a_post(50)])] * 5, a_full(), rules=rules)
    for _ in range(5):
        bench.history()
    bench.card()
    assert bench.clock.slept == [2.5, 3.5, 3.5, 3.5, 1.5]


def test_the_daily_limit_is_kept_over_a_restart_and_a_clock_that_goes_back() -> None:
    rules = PaceRules(gap_s=0, jitter_s=0, requests_a_day=2)
    bench = Bench(a_full(), a_full(), rules=rules)
    bench.card()
    bench.card()
    held = bench.card()
    assert (held.seen.answered, held.seen.retry_after_s) == ("rate limited", 12 * 3600)
    day = int(START_S // 86_400)
    assert bench.source.pace.used == (day, 2)
    later = Bench(a_full(), rules=rules, used=bench.source.pace.used)
    later.clock.now -= 86_400
    assert later.card().seen.answered == "rate limited"
    later.clock.now += 2 * 86_400
    assert later.card().seen.answered == "shown"
    assert later.source.pace.used == (day + 1, 1)


def test_questions_asked_at_once_are_sent_one_after_the_other() -> None:
    bench = Bench(*[a_full()] * 3)

    async def all_at_once() -> list[Answered]:
        return list(await asyncio.gather(*[bench.source.card("quiet_shore") for _ in range(3)]))

    assert [each.seen.answered for each in run(all_at_once())] == ["shown"] * 3
    assert bench.clock.slept == [1, 1]


@pytest.mark.parametrize("word", ["AUTH_KEY_UNREGISTERED", "SESSION_REVOKED", "USER_DEACTIVATED"])
def test_a_session_that_is_no_longer_good_ends_the_source_and_says_to_log_in(word: str) -> None:
    bench = Bench(refusal(word, 401))
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            bench.card()
        assert caught.value.remedy == "log in again"
    assert len(bench.client.requests) == 1
    assert parse_sealed(bench.record[0]).detail == f"401 {word}"


def test_an_account_that_was_closed_is_told_once_and_never_asks_again() -> None:
    bench = Bench(refusal("USER_DEACTIVATED_BAN", 401))
    assert bench.card().seen.answered == "banned"
    for call in (bench.card, bench.history):
        with pytest.raises(SourceError):
            call()
    with pytest.raises(SourceError):
        run(bench.source.media(OWN, 1, 0, Path("x"), max_bytes=1))
    with pytest.raises(SourceError):
        run(everything(bench.source.updates([OWN])))
    assert len(bench.client.requests) == 1


def test_a_history_is_walked_to_its_start() -> None:
    bench = Bench(a_page([a_post(9), a_post(7)]), a_page([a_post(4)]), a_page([]))
    pages = run(everything(bench.source.pages(OWN)))
    assert [page.seen.ids for page in pages] == [(7, 9), (4,), ()]
    assert [request.offset_id for request in bench.client.requests] == [0, 7, 4]


def test_a_walk_ends_at_an_answer_that_is_none() -> None:
    bench = Bench(a_page([a_post(9)]), refusal("CHANNEL_PRIVATE"))
    pages = run(everything(bench.source.pages(OWN)))
    assert [page.seen.answered for page in pages] == ["shown", "private"]


class PoisonedChannel:
    """Answers requests from a channel in which one post is of a newer layer."""

    def __init__(self, bench: Bench, ids: range, poison: int) -> None:
        self.ids, self.poison = ids, poison
        bench.client.invoke = self.invoke  # type: ignore[method-assign]

    async def invoke(self, request: Any) -> bytes:
        if isinstance(request, functions.messages.GetHistoryRequest):
            given = [each for each in reversed(self.ids) if each < (request.offset_id or 2**31)][
                : request.limit
            ]
        else:
            given = [each.id for each in request.id]
        posts = [a_post(each) if each in self.ids else types.MessageEmpty(each, None) for each in given]
        body = bytes(a_page(posts))
        whole = bytes(a_post(self.poison))
        return body.replace(whole, b"\xef\xbe\xad\xde" + whole[4:])


@pytest.mark.parametrize("poison", [1, 2, 17, 24, 25, 30])
def test_a_poison_post_neither_ends_the_walk_nor_is_passed_over(poison: int) -> None:
    bench = Bench()
    PoisonedChannel(bench, range(1, 31), poison)
    pages = run(everything(bench.source.pages(OWN, before=31, limit=8)))
    seen = {number for page in pages for number in page.seen.ids}
    assert seen == set(range(1, 31)) - {poison}
    named = [each.post for page in pages for each in page.seen.problems if each.post is not None]
    assert named == [str(poison)]
    assert not {number for page in pages for number in page.seen.absent} & set(range(1, 31))


def test_a_walk_around_a_poison_post_ends_where_the_channel_closes() -> None:
    bench = Bench()
    channel = PoisonedChannel(bench, range(1, 31), 30)

    async def closing(request: Any) -> bytes:
        if isinstance(request, functions.channels.GetMessagesRequest):
            raise refusal("CHANNEL_PRIVATE")
        return await channel.invoke(request)

    bench.client.invoke = closing  # type: ignore[method-assign]
    pages = run(everything(bench.source.pages(OWN, before=31, limit=8)))
    assert [page.seen.answered for page in pages] == ["not understood", "private"]


def test_a_walk_whose_newest_post_is_poison_ends_if_nobody_knows_its_id() -> None:
    bench = Bench()
    PoisonedChannel(bench, range(1, 31), 30)
    pages = run(everything(bench.source.pages(OWN, limit=8)))
    assert [page.seen.answered for page in pages] == ["not understood"]


def test_updates_of_watched_channels_are_told_and_those_of_others_are_not_even_recorded() -> None:
    bench = Bench()
    bench.client.told = [
        [types.UpdateNewChannelMessage(a_post(4, "new"), 1, 1)],
        [types.UpdateNewChannelMessage(a_post(5, "private words", channel=9), 1, 1)],
        [types.UpdateDeleteMessages([3], 1, 1)],
        [types.UpdateNewChannelMessage(types.Message(6, types.PeerUser(1), NOON, "x"), 1, 1)],
        [types.UpdateEditChannelMessage(a_post(4, "edited"), 1, 1)],
        [types.UpdateDeleteChannelMessages(CHANNEL, [4], 1, 1)],
        b"\xef\xbe\xad\xde",
        b"\xb5\x75\x72\x99",
        NetworkError("disconnected"),
    ]
    told = run(everything(bench.source.updates([OWN])))
    assert [(each.seen.event, each.seen.answered) for each in told] == [
        ("new", "shown"),
        ("edited", "shown"),
        ("deleted", "not found"),
        (None, "network failure"),
    ]
    assert only_post(told[1]).text == "edited"
    assert bench.record == [each.raw for each in told]
    assert b"private words" not in b"".join(bench.record)


def with_video(reference: bytes = b"ref", number: int = 5, size: int = 7) -> Any:
    document = a_document(number=number, size=size)
    document.file_reference = reference
    return a_page([a_post(1, media=types.MessageMediaDocument(document=document))])


def fetch(bench: Bench, path: Path, **told: Any) -> Any:
    return run(bench.source.media(OWN, 1, told.pop("position", 0), path, **{"max_bytes": 10_000_000, **told}))


def test_a_file_is_fetched_after_asking_for_its_post(tmp_path: Path) -> None:
    bench = Bench(with_video())
    bench.client.files[5] = b"content"
    done = fetch(bench, tmp_path / "a", file_id="5")
    assert (tmp_path / "a").read_bytes() == b"content"
    assert (done.outcome, done.size_bytes, done.file_id) == ("complete", 7, "5")
    assert done.artefact == hashlib.sha256(b"content").hexdigest()
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    fetch(bench, tmp_path / "b")
    assert len(bench.client.requests) == 1


def test_a_reference_that_has_expired_is_renewed_once(tmp_path: Path) -> None:
    bench = Bench(with_video(b"old"), with_video(b"new"))
    bench.client.files[5] = b"content"
    bench.client.references[5] = b"new"
    bench.by_id(1)
    assert fetch(bench, tmp_path / "a").outcome == "complete"
    assert bench.client.answers == []


def test_a_reference_that_expires_at_once_is_not_renewed_again(tmp_path: Path) -> None:
    bench = Bench(with_video(b"old"), with_video(b"older"))
    bench.client.references[5] = b"new"
    bench.by_id(1)
    done = fetch(bench, tmp_path / "a")
    assert (done.outcome, done.detail) == ("failed", "the file's reference expires at once")


@pytest.mark.parametrize(
    ("answer", "outcome", "answered"),
    [
        (a_page([types.MessageEmpty(1, None)]), "gone", "not found"),
        (refusal("CHANNEL_PRIVATE"), "failed", "private"),
        (NetworkError("x"), "failed", "network failure"),
        (a_page([a_post(1)]), "gone", "shown"),
        (with_video(number=6), "gone", "shown"),
    ],
)
def test_a_file_whose_post_is_gone_or_closed_or_changed_is_not_fetched(
    tmp_path: Path, answer: Any, outcome: str, answered: str
) -> None:
    done = fetch(Bench(answer), tmp_path / "a", file_id="5")
    assert (done.outcome, done.answered) == (outcome, answered)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_replaced_while_its_reference_expired_is_gone(tmp_path: Path) -> None:
    bench = Bench(with_video(b"old"), with_video(b"new", number=6))
    bench.client.references[5] = b"new"
    bench.by_id(1)
    assert fetch(bench, tmp_path / "a", file_id="5").outcome == "gone"
    assert list(tmp_path.iterdir()) == []


def test_a_medium_that_is_not_there_or_has_no_small_picture_is_gone(tmp_path: Path) -> None:
    for told in ({"position": 1}, {"position": -1}, {"thumbnail": True}):
        bench = Bench(with_video(), with_video())
        assert fetch(bench, tmp_path / "a", **told).outcome == "gone"


def test_a_small_picture_is_fetched_as_what_it_is(tmp_path: Path) -> None:
    document = a_document(number=5, thumbs=[types.PhotoSize("m", 9, 9, 5)])
    bench = Bench(a_page([a_post(1, media=types.MessageMediaDocument(document=document))]))
    bench.client.files[5] = b"small"
    assert fetch(bench, tmp_path / "a", thumbnail=True).outcome == "complete"


def test_a_photo_is_fetched_too(tmp_path: Path) -> None:
    bench = Bench(a_page([a_post(1, media=types.MessageMediaPhoto(photo=a_photo(77, size=900)))]))
    bench.client.files[77] = bytes(900)
    assert fetch(bench, tmp_path / "a").outcome == "complete"


def test_more_bytes_than_allowed_are_never_kept(tmp_path: Path) -> None:
    claimed = Bench(with_video(size=11))
    assert fetch(claimed, tmp_path / "a", max_bytes=10).outcome == "too large"
    assert claimed.client.offsets == []
    lied = Bench(with_video(size=3))
    lied.client.files[5] = b"more than three"
    assert fetch(lied, tmp_path / "a", max_bytes=10).outcome == "too large"
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_size_than_claimed_is_complete_and_says_so(tmp_path: Path) -> None:
    bench = Bench(with_video(size=3))
    bench.client.files[5] = b"more"
    done = fetch(bench, tmp_path / "a")
    assert (done.outcome, done.size_bytes, done.detail) == ("size lied", 4, "3 bytes were claimed")


def test_a_file_that_was_cut_goes_on_where_it_stopped(tmp_path: Path) -> None:
    content = bytes(range(256)) * (2 * CHUNK_BYTES // 256) + b"end"
    bench = Bench(with_video(size=len(content)))
    bench.client.files[5] = content
    bench.client.part_errors = [None, NetworkError("x")]
    cut = fetch(bench, tmp_path / "a")
    assert (cut.outcome, cut.answered, cut.size_bytes) == ("cut", "network failure", CHUNK_BYTES)
    part = next(tmp_path.iterdir())
    part.write_bytes(part.read_bytes() + b"half a part")
    done = fetch(bench, tmp_path / "a")
    assert (done.outcome, done.artefact) == ("complete", hashlib.sha256(content).hexdigest())
    assert bench.client.offsets == [0, CHUNK_BYTES]
    assert (tmp_path / "a").read_bytes() == content


def test_a_flood_in_the_middle_of_a_file_is_waited_out(tmp_path: Path) -> None:
    content = bytes(CHUNK_BYTES + 1)
    bench = Bench(with_video(size=len(content)))
    bench.client.files[5] = content
    bench.client.part_errors = [None, refusal("FLOOD_PREMIUM_WAIT_8", 420)]
    assert fetch(bench, tmp_path / "a").outcome == "complete"
    assert 8 in bench.clock.slept
    assert bench.client.offsets == [0, CHUNK_BYTES]


def test_a_long_flood_or_a_refusal_leaves_what_came_and_says_why(tmp_path: Path) -> None:
    content = bytes(CHUNK_BYTES + 1)
    bench = Bench(with_video(size=len(content)))
    bench.client.files[5] = content
    bench.client.part_errors = [None, refusal("FLOOD_WAIT_9000", 420)]
    cut = fetch(bench, tmp_path / "a")
    assert (cut.outcome, cut.answered, cut.retry_after_s) == ("cut", "rate limited", 9000)
    held = fetch(bench, tmp_path / "a")
    assert (held.outcome, held.answered, held.retry_after_s) == ("failed", "rate limited", 9000)
    refused = Bench(with_video())
    refused.client.files[5] = b"content"
    refused.client.part_errors = [refusal("CHANNEL_PRIVATE")]
    assert fetch(refused, tmp_path / "b").answered == "private"


def test_a_disk_that_refuses_is_a_storage_error(tmp_path: Path) -> None:
    bench = Bench(with_video())
    bench.client.files[5] = b"content"
    with pytest.raises(StorageError):
        fetch(bench, tmp_path / "missing" / "a")


def test_places_of_files_are_forgotten_before_they_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.capture.telegram_api.source._MAX_PLACES", 3)
    many = [a_post(each, media=types.MessageMediaPhoto(photo=a_photo(each))) for each in range(1, 6)]
    bench = Bench(a_page(many), with_video())
    bench.client.files = {5: b"content", 3: bytes(900)}
    bench.by_id(1, 2, 3, 4, 5)
    assert run(bench.source.media(OWN, 3, 0, tmp_path / "a", max_bytes=900)).outcome == "complete"
    assert len(bench.client.requests) == 1
    fetch(bench, tmp_path / "b")
    assert len(bench.client.requests) == 2


def test_a_channel_without_a_name_is_known_by_its_id() -> None:
    bench = Bench(a_full([a_channel(username=None)]), a_full())
    bench.card()
    assert bench.source.known == (KnownChannel(CHANNEL, HASH),)
    assert bench.card(OWN).seen.answered == "shown"


def test_a_source_needs_no_record_and_a_stream_may_simply_end() -> None:
    client = FakeClient(a_full())
    source = ApiSource(client, known=[KnownChannel(CHANNEL, HASH)])
    assert run(source.card(OWN)).seen.answered == "shown"
    assert run(everything(source.updates([OWN]))) == []


def test_marks_come_both_ways_and_followers_to_the_last_one() -> None:
    card = Bench(a_full([a_channel(fake=True)], participants_count=38_050)).card().seen.card
    assert card is not None
    assert card.labels == (
        Label("verified", False),
        Label("scam", False),
        Label("fake"),
        Label("restricted", False),
    )
    assert msgspec.to_builtins(card)["followers"] == 38_050
