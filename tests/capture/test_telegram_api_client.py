"""Telethon itself, without a network: what it hands over as bytes, as errors, as updates, and what happens without it."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import struct
import subprocess
import sys
from collections import deque
from typing import Any

import pytest

from holdfast.capture.telegram_api import (
    Asked,
    Session,
    TelethonClient,
    TelethonLogin,
    extra,
    layer,
    parse_answer,
)
from holdfast.capture.telegram_api.client import CHUNK_BYTES, keep_bytes, vector
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.refusals import NetworkError, RefusedError
from holdfast.errors import UsageError
from tests.capture.test_telegram_api_fake import (
    CHANNEL,
    HASH,
    LAYER,
    a_channel,
    a_full,
    a_post,
    everything,
    functions,
    run,
    types,
)

telethon = pytest.importorskip("telethon")
from telethon.extensions import BinaryReader  # noqa: E402 - after the look for telethon itself
from telethon.tl.core import GzipPacked, RpcResult  # noqa: E402

SESSION = Session("", 12_345, "0123456789abcdef")
FULL = functions.channels.GetFullChannelRequest


def a_request() -> Any:
    return FULL(types.InputChannel(CHANNEL, HASH))


class Wire:
    """Stands where Telethon's connection does: takes requests, gives the bytes of answers to their own readers."""

    def __init__(self, *answers: Any) -> None:
        self.answers = deque(answers)
        self.sent: list[bytes] = []
        self.dc_id = 2

    def is_connected(self) -> bool:
        return True

    def send(self, request: Any, ordered: bool = False) -> Any:
        self.sent.append(bytes(request))
        future = asyncio.get_running_loop().create_future()
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        elif answer is not None:
            future.set_result(request.read_result(BinaryReader(answer)))
        return future


def a_client(*answers: Any, kind: Any = TelethonClient) -> Any:
    client = kind(SESSION)
    client._client._sender = Wire(*answers)
    return client


async def invoke(*answers: Any, request: Any = None) -> bytes:
    client = a_client(*answers)
    return bytes(await client.invoke(a_request() if request is None else request))


def test_the_answers_bytes_are_those_that_came_and_not_what_telethon_made_of_them() -> None:
    body = bytes(a_full())
    assert run(invoke(body)) == body
    assert a_client_sends() == bytes(a_request())


def a_client_sends() -> bytes:
    async def sent() -> bytes:
        client = a_client(bytes(a_full()))
        await client.invoke(a_request())
        return bytes(client._client._sender.sent[0])

    return run(sent())


def test_what_follows_in_the_same_container_is_not_taken_along() -> None:
    body = bytes(a_full())
    assert run(invoke(body + b"another answer, of nobody's business")) == body


def test_an_answer_of_a_newer_layer_is_handed_over_whole() -> None:
    newer = struct.pack("<I", 0xDEADBEEF) + b"whatever"
    assert run(invoke(newer)) == newer
    assert parse_answer(newer, LAYER, Asked("card", channel=str(CHANNEL))).answered == "not understood"


def test_a_packed_answer_is_unpacked_by_the_transport() -> None:
    body = bytes(a_full())
    packed = struct.pack("<IqI", RpcResult.CONSTRUCTOR_ID, 1, GzipPacked.CONSTRUCTOR_ID)
    packed += types.TextPlain.serialize_bytes(gzip.compress(body))
    reader = BinaryReader(packed)
    reader.read_int()
    result = RpcResult.from_reader(reader)
    assert keep_bytes(a_request()).read_result(BinaryReader(result.body)) == body


def test_the_kept_request_looks_like_the_one_inside() -> None:
    kept = keep_bytes(a_request())
    assert kept.CONSTRUCTOR_ID == FULL.CONSTRUCTOR_ID
    assert kept.to_dict() == a_request().to_dict()


def test_a_flood_is_raised_and_never_slept_through() -> None:
    error = telethon.errors.FloodWaitError(request=a_request(), capture=3)
    with pytest.raises(RefusedError, match="FLOOD_WAIT_3"):
        run(invoke(error))


@pytest.mark.parametrize(
    "error", [ConnectionError("x"), asyncio.IncompleteReadError(b"", 4), telethon.errors.SecurityError("x")]
)
def test_a_broken_connection_is_a_network_failure(error: Exception) -> None:
    with pytest.raises(NetworkError, match=type(error).__name__):
        run(invoke(error))


def test_a_key_that_the_transport_does_not_know_is_a_session_to_log_in_again() -> None:
    with pytest.raises(RefusedError, match="AUTH_KEY_UNREGISTERED"):
        run(invoke(telethon.errors.AuthKeyNotFound()))


def test_a_file_that_is_left_in_the_middle_gives_its_connection_back() -> None:
    async def go() -> Any:
        first = types.upload.File(types.storage.FileUnknown(), 0, b"a" * CHUNK_BYTES)
        client = a_client(bytes(first), bytes(first))
        inner = client._client
        inner.session.set_dc(1, "127.0.0.1", 1)
        lent = inner._sender
        given_back: list[Any] = []

        async def borrow(dc_id: int) -> Any:
            return lent

        async def give_back(sender: Any) -> None:
            given_back.append(sender)

        inner._borrow_exported_sender, inner._return_exported_sender = borrow, give_back
        parts = client.download(FilePlace("document", 1, 2, b"ref", 2), 0)
        await anext(parts)
        await parts.aclose()
        return given_back == [lent]

    assert run(go())


def test_an_answer_that_never_comes_is_a_network_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.capture.telegram_api.client._TIMEOUT_S", 0)
    with pytest.raises(NetworkError, match="TimeoutError"):
        run(invoke(None))


def test_a_client_does_nothing_on_its_own() -> None:
    async def look() -> Any:
        return a_client()._client

    inner = run(look())
    assert inner.flood_sleep_threshold == 0
    assert inner._auto_reconnect is False
    assert (inner._connection_retries, inner._request_retries) == (1, 1)


def test_connecting_goes_through_the_same_guard_and_leaving_is_quiet() -> None:
    async def go() -> None:
        client = TelethonClient(SESSION)

        async def connect() -> None:
            raise ConnectionError

        client._client.connect = connect
        with pytest.raises(NetworkError):
            await client.connect()
        await client.disconnect()

    run(go())
    assert layer() == LAYER


def test_a_stored_session_that_telethon_does_not_read_says_to_log_in() -> None:
    for text in ("2xxxx", "1AAAA"):
        with pytest.raises(UsageError) as caught:
            TelethonClient(Session(text, 1, "x"))
        assert caught.value.remedy == "log in again"


def test_updates_of_channels_come_as_vectors_until_the_connection_ends() -> None:
    async def go() -> list[bytes]:
        client = a_client()
        inner = client._client
        inner._sender.disconnected = end = asyncio.get_running_loop().create_future()
        told: list[bytes] = []
        update = types.UpdateNewChannelMessage(a_post(4), 1, 1)
        update._entities = {1: a_channel()}
        other = types.UpdateNewMessage(a_post(5), 1, 1)

        async def tell() -> None:
            for each in (other, update):
                each._client = inner
                for callback, event in [(c, e) for e, c in inner._event_builders]:
                    if event.filter(each):
                        await callback(each)
            await asyncio.sleep(0)
            end.set_result(None)

        stream = client.updates()
        first = asyncio.ensure_future(anext(stream))
        while not inner._event_builders:
            await asyncio.sleep(0)
        telling = asyncio.ensure_future(tell())
        told.append(await first)
        with pytest.raises(NetworkError, match="disconnected"):
            await anext(stream)
        await telling
        assert inner._event_builders == []
        return told

    update = types.UpdateNewChannelMessage(a_post(4), 1, 1)
    assert run(go()) == [vector(update, [a_channel()])]


@pytest.mark.parametrize("kind", ["photo", "document"])
def test_parts_of_a_file_are_asked_for_one_by_one(kind: str) -> None:
    async def go() -> tuple[list[bytes], list[Any]]:
        first = types.upload.File(types.storage.FileUnknown(), 0, b"a" * CHUNK_BYTES)
        last = types.upload.File(types.storage.FileUnknown(), 0, b"b")
        client = a_client(bytes(first), bytes(last))
        client._client.session.set_dc(2, "127.0.0.1", 1)
        place = FilePlace(kind, 1, 2, b"ref", 2, size_bytes=2 * CHUNK_BYTES + 1)
        parts = await everything(client.download(place, CHUNK_BYTES))
        asked = [BinaryReader(each).tgread_object() for each in client._client._sender.sent]
        return parts, asked

    parts, asked = run(go())
    assert [len(each) for each in parts] == [CHUNK_BYTES, 1]
    assert [each.offset for each in asked] == [CHUNK_BYTES, 2 * CHUNK_BYTES]
    assert type(asked[0].location).__name__.lower() == f"input{kind}filelocation"


def test_an_expired_reference_comes_out_as_the_apis_own_word() -> None:
    async def go() -> None:
        client = a_client(telethon.errors.FileReferenceExpiredError(request=a_request()))
        client._client.session.set_dc(2, "127.0.0.1", 1)
        await everything(client.download(FilePlace("document", 1, 2, b"ref", 2), 0))

    with pytest.raises(RefusedError, match="FILE_REFERENCE_EXPIRED"):
        run(go())


def test_a_login_goes_through_telethons_own_calls() -> None:
    code = types.auth.SentCode(types.auth.SentCodeTypeApp(5), "hash")
    errors = telethon.errors
    answers = {
        "GetUsersRequest": errors.AuthKeyUnregisteredError,
        "SendCodeRequest": code,
        "SignInRequest": errors.SessionPasswordNeededError,
        "GetPasswordRequest": errors.PasswordHashInvalidError,
    }

    def send(request: Any, ordered: bool = False) -> Any:
        # A login keeps no bytes, so the answers are objects.
        future = asyncio.get_running_loop().create_future()
        answer = answers[type(request).__name__]
        if isinstance(answer, type):
            future.set_exception(answer(request=request))
        else:
            future.set_result(answer)
        return future

    async def go() -> Session:
        client = a_client(kind=TelethonLogin)
        client._client._sender.send = send
        await client.send_code("+15550100")
        with pytest.raises(RefusedError, match="SESSION_PASSWORD_NEEDED"):
            await client.sign_in("+15550100", "12345")
        with pytest.raises(RefusedError, match="PASSWORD_HASH_INVALID"):
            await client.check_password("word")
        found: Session = client.session()
        return found

    found = run(go())
    assert (found.api_id, found.api_hash) == (SESSION.api_id, SESSION.api_hash)


def test_without_telethon_the_remedy_is_named_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str, package: str | None = None) -> Any:
        raise ImportError(name)

    extra.telethon.cache_clear()
    monkeypatch.setattr(importlib, "import_module", missing)
    try:
        with pytest.raises(UsageError) as caught:
            TelethonClient(SESSION)
        assert "holdfast[api]" in caught.value.remedy
    finally:
        monkeypatch.undo()
        extra.telethon.cache_clear()


def test_the_room_is_loaded_without_telethon() -> None:
    code = (
        "import sys; sys.modules['telethon'] = None\n"
        "import holdfast.capture.telegram_api as room\n"
        "try: room.layer()\n"
        "except Exception as error: print(type(error).__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "UsageError\n"
