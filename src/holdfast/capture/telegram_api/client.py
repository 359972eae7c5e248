"""The few calls that are made of Telethon, and Telethon's answers to them as bytes."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import AsyncGenerator
from functools import cache
from typing import Any, Final, Protocol

from holdfast.capture.telegram_api.extra import layer, telethon
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.refusals import NetworkError, RefusedError
from holdfast.capture.telegram_api.session import Session
from holdfast.capture.telegram_api.tlbytes import Cut, read_object
from holdfast.errors import UsageError

__all__ = ["CHUNK_BYTES", "ApiClient", "TelethonClient", "keep_bytes", "refusal_of", "vector"]

CHUNK_BYTES: Final = 512 * 1024
"""What the API gives of a file at once; downloads resume at multiples of it."""
_TIMEOUT_S: Final = 60
_MAX_WAITING: Final = 10_000
_VECTOR: Final = 0x1CB5C415


class ApiClient(Protocol):
    """What a source needs of a protocol client. All but `layer` raise NetworkError if nothing is answered, and
    RefusedError with the API's own word if it refuses. What is repeated, and when, is the source's business."""

    @property
    def layer(self) -> int: ...

    async def connect(self) -> None: ...

    async def disconnect(self) -> None: ...

    async def invoke(self, request: Any) -> bytes:
        """The answer's bytes, as they came out of the transport."""
        ...

    def updates(self) -> AsyncGenerator[bytes, None]:
        """What the source tells of channels unasked: vectors of one update and whoever it names, until the connection ends."""
        ...

    def download(self, place: FilePlace, offset: int) -> AsyncGenerator[bytes, None]:
        """The parts of a file from `offset` (a multiple of CHUNK_BYTES) on; the next is asked for when it is wanted."""
        ...


def vector(update: Any, entities: list[Any]) -> bytes:
    """An update and whoever it names in the schema's binary form, for `ApiClient.updates`."""
    return struct.pack("<Ii", _VECTOR, 1 + len(entities)) + b"".join(
        bytes(each) for each in (update, *entities)
    )


def keep_bytes(request: Any) -> Any:
    """The request, made to answer with the bytes that came instead of the object that Telethon makes of them."""
    return _keeping()(request)


@cache
def _keeping() -> type[Any]:
    base: Any = telethon("tl").TLRequest

    class Keeping(base):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:
            self.inner = inner
            # Telethon remembers flood waits under it.
            self.CONSTRUCTOR_ID = inner.CONSTRUCTOR_ID

        async def resolve(self, client: Any, utils: Any) -> None:
            await self.inner.resolve(client, utils)

        def to_dict(self) -> Any:
            return self.inner.to_dict()

        def _bytes(self) -> Any:
            return self.inner._bytes()

        @staticmethod
        def read_result(reader: Any) -> bytes:
            # What Telethon hands over may go on into the next answer of the same container, so it is cut where the
            # object ends. If it cannot be read, nobody knows where that is, and all of it is kept.
            rest = bytes(reader.read())
            try:
                _, used = read_object(rest)
            except Cut:
                return rest
            return rest[:used]

    return Keeping


def refusal_of(error: Any) -> RefusedError:
    """Telethon's exception back to the API's own word and number."""
    listed = telethon("errors.rpcerrorlist")
    words = {kind: word for word, kind in listed.rpc_errors_dict.items()}
    word = words.get(type(error))
    shape = next((shape for shape, kind in listed.rpc_errors_re if kind is type(error)), None)
    if shape is not None:
        # Each of them has a name of its own for its number, and gives it where it is pickled.
        _, (_, captured, *_) = error.__reduce__()
        word = shape.replace("(\\d+)", str(captured))
    return RefusedError(int(error.code or 0), word or str(error.message or "UNKNOWN"))


_LOST: Final = (OSError, EOFError, BufferError)
"""What Telethon raises when nothing was answered (no connection, a broken one, a timeout, a cut frame)."""


def _silent() -> logging.Logger:
    logger = logging.getLogger(f"{__name__}.telethon")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


class TelethonClient:
    """Telethon, told to do next to nothing on its own: it sleeps through no flood, does not reconnect, and repeats at most one
    request that failed inside Telegram. It logs nothing: its words may quote what it received."""

    def __init__(self, session: Session, *, proxy: Any = None) -> None:
        whole = telethon()
        try:
            stored = telethon("sessions").StringSession(session.text)
        except (ValueError, struct.error) as error:
            raise UsageError(
                "the stored session is none that Telethon reads", remedy="log in again"
            ) from error
        self._session = session
        self._client = whole.TelegramClient(
            stored,
            session.api_id,
            session.api_hash,
            proxy=proxy,
            flood_sleep_threshold=0,
            auto_reconnect=False,
            connection_retries=1,
            request_retries=1,
            raise_last_call_error=True,
            base_logger=_silent(),
            device_model="Holdfast",
            app_version="1",
        )

    @property
    def layer(self) -> int:
        return layer()

    async def connect(self) -> None:
        if not self._client.is_connected():
            await self._guarded(self._client.connect())

    async def disconnect(self) -> None:
        await self._client.disconnect()

    async def invoke(self, request: Any) -> bytes:
        await self.connect()
        answer: bytes = await self._guarded(self._client(keep_bytes(request)))
        return answer

    async def _guarded(self, call: Any) -> Any:
        try:
            return await asyncio.wait_for(call, _TIMEOUT_S)
        except telethon("errors").RPCError as error:
            # Not chained: the error carries the request, and that the account's own numbers.
            raise refusal_of(error) from None
        except telethon("errors").AuthKeyNotFound:
            # The transport's own way to say that nobody knows the session's key.
            raise RefusedError(401, "AUTH_KEY_UNREGISTERED") from None
        except (*_LOST, telethon("errors").SecurityError, telethon("errors").InvalidChecksumError) as error:
            raise NetworkError(type(error).__name__) from None

    async def updates(self) -> AsyncGenerator[bytes, None]:
        await self.connect()
        events, types = telethon("events"), telethon("tl.types")
        # Only what tells of channels: private chats are nobody's business here, and are not even looked at.
        wanted = events.Raw(
            [types.UpdateNewChannelMessage, types.UpdateEditChannelMessage, types.UpdateDeleteChannelMessages]
        )
        waiting: asyncio.Queue[bytes] = asyncio.Queue(_MAX_WAITING)

        async def note(update: Any) -> None:
            entities = list((getattr(update, "_entities", None) or {}).values())
            await waiting.put(vector(update, entities))

        self._client.add_event_handler(note, wanted)
        end = asyncio.ensure_future(asyncio.shield(self._client.disconnected))
        try:
            while True:
                next_one = asyncio.ensure_future(waiting.get())
                await asyncio.wait((next_one, end), return_when=asyncio.FIRST_COMPLETED)
                if not next_one.done():
                    next_one.cancel()
                    raise NetworkError("disconnected")
                yield next_one.result()
        finally:
            end.cancel()
            self._client.remove_event_handler(note, wanted)

    async def download(self, place: FilePlace, offset: int) -> AsyncGenerator[bytes, None]:
        await self.connect()
        types = telethon("tl.types")
        kind = types.InputPhotoFileLocation if place.kind == "photo" else types.InputDocumentFileLocation
        location = kind(place.id, place.access_hash, place.file_reference, place.thumb_size)
        parts = aiter(
            self._client.iter_download(
                location,
                offset=offset,
                request_size=CHUNK_BYTES,
                dc_id=place.dc_id,
                file_size=place.size_bytes,
            )
        )
        try:
            while True:
                try:
                    part = await self._guarded(anext(parts))
                except StopAsyncIteration:
                    return
                yield bytes(part)
        finally:
            if getattr(parts, "_sender", None) is not None:
                await parts.close()  # gives the connection to another data centre back
