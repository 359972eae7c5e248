"""Made-up answers of the API as Telethon's own objects, and a client that gives their bytes; with tests that it is fair."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from holdfast.capture.telegram_api import Answered, ApiClient, ApiSource, PaceRules, parse_raw
from holdfast.capture.telegram_api.client import CHUNK_BYTES, refusal_of, vector
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.refusals import NetworkError
from holdfast.capture.telegram_api.tlbytes import read_object
from holdfast.errors import UsageError
from holdfast.model import PostSeen

telethon = pytest.importorskip("telethon")
from telethon.errors import rpc_message_to_error  # noqa: E402 - after the look for telethon itself
from telethon.tl import alltlobjects  # noqa: E402
from telethon.tl import functions as functions  # noqa: E402 - the other tests take it from here
from telethon.tl import types as types  # noqa: E402

CHANNEL = 4_000_000_001
"""Beyond 32 bits, as ids of today may be."""
HASH = -7_777_777_777_777_777_777
LAYER: int = alltlobjects.LAYER
NOON = datetime(2026, 11, 14, 12, 0, 0, tzinfo=UTC)
START_S = NOON.timestamp()
T = TypeVar("T")


def run(call: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(call)


async def everything(pages: AsyncIterator[T]) -> list[T]:
    return [each async for each in pages]


def again(thing: Any) -> Any:
    """The object after a journey as bytes."""
    found, used = read_object(bytes(thing))
    assert used == len(bytes(thing))
    return found


def a_channel(number: int = CHANNEL, **told: Any) -> Any:
    told = {"broadcast": True, "access_hash": HASH, "username": "quiet_shore", **told}
    return types.Channel(number, told.pop("title", "Quiet shore"), types.ChatPhotoEmpty(), NOON, **told)


def a_full(chats: list[Any] | None = None, number: int = CHANNEL, **told: Any) -> Any:
    told = {"participants_count": 38_123, **told}
    full = types.ChannelFull(
        id=number,
        about=told.pop("about", "An invented channel."),
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=types.PhotoEmpty(0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=1,
        **told,
    )
    return types.messages.ChatFull(full, [a_channel(number)] if chats is None else chats, [])


def a_user(number: int = 55, **told: Any) -> Any:
    told = {"first_name": "Ada", "last_name": "Example", "username": "ada_example", **told}
    return types.User(number, access_hash=1, **told)


def a_post(number: int = 10, text: str = "", channel: int = CHANNEL, **told: Any) -> Any:
    return types.Message(number, types.PeerChannel(channel), NOON, text, post=True, **told)


def a_service(number: int, action: Any, **told: Any) -> Any:
    return types.MessageService(number, types.PeerChannel(CHANNEL), NOON, action=action, post=True, **told)


def a_page(posts: list[Any], *, count: int | None = None, users: Any = (), chats: Any = None) -> Any:
    chats = [a_channel()] if chats is None else list(chats)
    return types.messages.ChannelMessages(
        1, len(posts) if count is None else count, posts, [], chats, list(users)
    )


def resolved(chat: Any) -> Any:
    is_user = isinstance(chat, types.User)
    peer = types.PeerUser(chat.id) if is_user else types.PeerChannel(chat.id)
    return types.contacts.ResolvedPeer(peer, [] if is_user else [chat], [chat] if is_user else [])


def a_document(*attributes: Any, number: int = 9_007_199_254_740_995, size: int = 1_000, **told: Any) -> Any:
    return types.Document(
        number, 8, b"ref", NOON, told.pop("mime", "video/mp4"), size, 2, list(attributes), **told
    )


def a_photo(number: int = 77, size: int = 900, reference: bytes = b"ref") -> Any:
    sizes = [
        types.PhotoStrippedSize("i", b"\1"),
        types.PhotoSize("m", 320, 240, 100),
        types.PhotoSizeProgressive("y", 1280, 960, [10, 400, size]),
        types.PhotoSize("x", 800, 600, 500),
    ]
    return types.Photo(number, 8, reference, NOON, sizes, 2)


def refusal(word: str, code: int = 400) -> Exception:
    """The API's error after its way through Telethon's classes."""
    return refusal_of(rpc_message_to_error(types.RpcError(code, word), functions.help.GetConfigRequest()))


class FakeClient:
    """Answers from a list, in order: an object is given as its bytes, bytes as they are, an exception is raised."""

    layer = LAYER

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []
        self.told: list[Any] = []
        self.files: dict[int, bytes] = {}
        self.references: dict[int, bytes] = {}
        self.part_errors: list[Exception | None] = []
        self.running = 0
        self.offsets: list[int] = []

    async def connect(self) -> None:
        pass

    async def disconnect(self) -> None:
        pass

    async def invoke(self, request: Any) -> bytes:
        bytes(request)  # what cannot be written cannot be sent
        self.requests.append(request)
        assert self.running == 0, "two requests at a time"
        self.running += 1
        await asyncio.sleep(0)
        self.running -= 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else bytes(answer)

    async def updates(self) -> AsyncGenerator[bytes, None]:
        for each in self.told:
            if isinstance(each, Exception):
                raise each
            yield each if isinstance(each, bytes) else vector(each[0], list(each[1:]))

    async def download(self, place: FilePlace, offset: int) -> AsyncGenerator[bytes, None]:
        if place.file_reference != self.references.get(place.id, place.file_reference):
            raise refusal("FILE_REFERENCE_EXPIRED")
        whole = self.files[place.id]
        self.offsets.append(offset)
        for start in range(offset, len(whole), CHUNK_BYTES):
            error = self.part_errors.pop(0) if self.part_errors else None
            if error is not None:
                raise error
            yield whole[start : start + CHUNK_BYTES]


class Clock:
    """A clock that goes on only when somebody sleeps; `slept` is every sleep."""

    def __init__(self) -> None:
        self.now = START_S
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Bench:
    """A source over a fake client, with its clock and its raw record."""

    def __init__(
        self,
        *answers: Any,
        known: bool = True,
        known_before: Any = (),
        rules: PaceRules | None = None,
        **more: Any,
    ) -> None:
        self.client = FakeClient(*answers)
        self.clock = Clock()
        self.record: list[bytes] = []
        rules = rules or PaceRules(gap_s=1, jitter_s=0, history_gap_s=1)
        self.source = ApiSource(
            self.client,
            rules=rules,
            clock=self.clock,
            sleep=self.clock.sleep,
            rng=lambda: 0.5,
            on_exchange=self.record.append,
            known=known_before,
            **more,
        )
        if known:
            self.source._learn_chats([a_channel()], "quiet_shore")

    def card(self, name: str = "quiet_shore") -> Answered:
        return run(self.source.card(name))

    def by_id(self, *ids: int) -> Answered:
        return run(self.source.posts_by_id(str(CHANNEL), ids))

    def history(self, before: int | None = None, limit: int = 100) -> Answered:
        return run(self.source.history(str(CHANNEL), before, limit))


def only_post(answered: Answered) -> PostSeen:
    (post,) = answered.seen.posts
    return post


def test_the_fake_is_what_a_source_asks_for() -> None:
    client: ApiClient = FakeClient()
    assert client.layer == LAYER


def test_a_made_up_answer_is_read_back_as_it_was_built() -> None:
    page = a_page([a_post(5, "words"), a_service(6, types.MessageActionPinMessage())], users=[a_user()])
    assert bytes(again(page)) == bytes(page)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("CHANNEL_PRIVATE", 400),
        ("FLOOD_WAIT_37", 420),
        ("FLOOD_PREMIUM_WAIT_3", 420),
        ("SLOWMODE_WAIT_9", 420),
        ("FILE_REFERENCE_EXPIRED", 400),
        ("PHONE_MIGRATE_4", 303),
        ("SESSION_REVOKED", 401),
        ("USER_DEACTIVATED_BAN", 401),
        ("NOBODY_KNOWS_THIS", 400),
        ("NOBODY_KNOWS_THIS", 555),
    ],
)
def test_the_word_of_a_refusal_survives_telethons_classes(word: str, code: int) -> None:
    refused: Any = refusal(word, code)
    assert refused.word == word
    assert abs(refused.code) == code


def test_the_fake_refuses_an_expired_reference_and_drops_connections_when_told() -> None:
    client = FakeClient(NetworkError("OSError"))
    with pytest.raises(NetworkError):
        run(client.invoke(functions.help.GetConfigRequest()))
    client.references[1] = b"new"
    place = FilePlace("photo", 1, 2, b"old", 2)
    with pytest.raises(Exception, match="FILE_REFERENCE_EXPIRED"):
        run(everything(client.download(place, 0)))


def test_the_benchs_record_can_be_read() -> None:
    bench = Bench(a_full())
    answered = bench.card()
    assert bench.record == [answered.raw]
    assert parse_raw(answered.raw).form == "received"


def test_asking_a_stranger_by_id_is_a_mistake_of_the_call() -> None:
    with pytest.raises(UsageError):
        Bench(known=False).by_id(1)
