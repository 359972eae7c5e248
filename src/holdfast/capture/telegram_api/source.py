"""Asks the API about channels for one account: one question at a time, each answer with its raw bytes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from time import time
from typing import Any, Final

import msgspec

from holdfast.capture.telegram_api.answer import channel_told, failed, read_answer
from holdfast.capture.telegram_api.client import ApiClient
from holdfast.capture.telegram_api.download import Download, fetch_file
from holdfast.capture.telegram_api.extra import telethon
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.listing import MISFIT, ApiAnswer, Read
from holdfast.capture.telegram_api.pace import HeldError, Pace, PaceRules
from holdfast.capture.telegram_api.raw import Asked, Exchange, encode_raw
from holdfast.capture.telegram_api.refusals import NetworkError, RefusedError, meaning_of
from holdfast.capture.telegram_api.tlbytes import Cut, read_object
from holdfast.capture.telegram_api.values import kind_of, usernames
from holdfast.errors import SourceError, UsageError

__all__ = ["Answered", "ApiSource", "KnownChannel"]

MAX_POSTS: Final = 100
"""What the API gives of a history, or takes of ids, at once."""
_MAX_PLACES: Final = 2_000
_STALE: Final = "CHANNEL_INVALID"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,31}", re.ASCII)
_ID = re.compile(r"(chat)?([1-9][0-9]{0,18})", re.ASCII)


class KnownChannel(msgspec.Struct, frozen=True, gc=False):
    """A channel that this account has met: to ask by id, the API wants a hash that is this account's own.

    Keep them with the session, as privately: asking for names again is what accounts are slowed down for first.
    """

    id: int
    access_hash: int
    username: str | None = None

    def __repr__(self) -> str:
        return f"KnownChannel({self.id}, username={self.username!r})"


class Answered(msgspec.Struct, frozen=True, gc=False):
    """What an answer says, and the exchange as bytes to be sealed (`raw.parse_raw` reads them)."""

    seen: ApiAnswer
    raw: bytes


class ApiSource:
    """Telegram's API, asked with one account. Never two requests at a time.

    `on_exchange` is given the raw bytes of every exchange, those included that were refused and then repeated: the raw record.
    What an account may not do any more ends the source: from then on every call raises SourceError without asking.
    Updates come only for channels that the account has joined; gaps in them are found by reading the history.
    """

    def __init__(
        self,
        client: ApiClient,
        *,
        rules: PaceRules | None = None,
        clock: Callable[[], float] = time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: Callable[[], float] | None = None,
        used: tuple[int, int] = (0, 0),
        known: Iterable[KnownChannel] = (),
        on_exchange: Callable[[bytes], None] | None = None,
    ) -> None:
        self.pace = Pace(
            rules or PaceRules(), clock=clock, sleep=sleep, rng=rng or SystemRandom().random, used=used
        )
        self._client = client
        self._clock = clock
        self._on_exchange = on_exchange
        self._known = {each.id: each for each in known}
        self._places: dict[tuple[str, int], tuple[tuple[FilePlace, ...], ...]] = {}
        self._ended: SourceError | None = None

    @property
    def known(self) -> tuple[KnownChannel, ...]:
        """Every channel that this account has met, in order of ids."""
        return tuple(self._known[number] for number in sorted(self._known))

    async def card(self, name_or_id: str) -> Answered:
        """The channel's card by username (with or without @), by bare id if this account has met it, or by `chat<id>`
        for an old group.

        A name that leads to no channel is answered by what it leads to. Errors: UsageError for an id that was never met;
        SourceError if the account cannot ask (log in again).
        """
        number = _ID.fullmatch(name_or_id)
        if number is not None and number[1]:
            request = telethon("tl.functions").messages.GetFullChatRequest(int(number[2]))
            return await self._answered(Asked("card", channel=number[2]), request)
        if number is not None:
            return await self._full(self._met(name_or_id), None)
        name = _checked(name_or_id)
        known = self._by_name(name)
        if known is not None:
            answered = await self._full(known, name)
            if not (answered.seen.detail or "").endswith(_STALE):
                return answered
            # What we know of the name may be of old.
            self._forget(name)
        answered = await self._resolve(name)
        known = self._known.get(int(answered.seen.channel or 0))
        return answered if known is None else await self._full(known, name)

    async def _full(self, known: KnownChannel, name: str | None) -> Answered:
        request = telethon("tl.functions").channels.GetFullChannelRequest(_input(known))
        return await self._answered(Asked("card", channel=str(known.id), name=name), request)

    async def _resolve(self, name: str) -> Answered:
        functions = telethon("tl.functions")
        asked = Asked("name", name=name)
        return await self._answered(asked, functions.contacts.ResolveUsernameRequest(name))

    async def history(self, channel: str, before: int | None = None, limit: int = MAX_POSTS) -> Answered:
        """The posts before the id `before` (the newest, if None), newest first at the source, at most `limit`.

        Where it starts is where it starts for this account: a channel may hide what is older.

        Shapes: `channel` a bare id or a username that was met. Errors: UsageError, SourceError as for `card`.
        """
        known = self._met(channel)
        if not 1 <= limit <= MAX_POSTS:
            raise UsageError(f"a page of history has 1 to {MAX_POSTS} posts")
        request = telethon("tl.functions").messages.GetHistoryRequest(
            peer=telethon("tl.types").InputPeerChannel(known.id, known.access_hash),
            offset_id=before or 0,
            offset_date=None,
            add_offset=0,
            limit=limit,
            max_id=0,
            min_id=0,
            hash=0,
        )
        asked = Asked("history", channel=str(known.id), before=before, limit=limit)
        return await self._answered(asked, request)

    async def posts_by_id(self, channel: str, ids: Sequence[int]) -> Answered:
        """The posts of these ids, at most 100; what the source does not give is in `absent`. Errors: as for `history`."""
        known = self._met(channel)
        wanted = tuple(dict.fromkeys(ids))
        if not 1 <= len(wanted) <= MAX_POSTS or not all(0 < each < 2**31 for each in wanted):
            raise UsageError(
                f"1 to {MAX_POSTS} ids of posts can be asked for at once, each from 1 to 2^31 - 1"
            )
        types = telethon("tl.types")
        request = telethon("tl.functions").channels.GetMessagesRequest(
            _input(known), [types.InputMessageID(each) for each in wanted]
        )
        return await self._answered(Asked("posts", channel=str(known.id), ids=wanted), request)

    async def pages(
        self, channel: str, before: int | None = None, limit: int = MAX_POSTS
    ) -> AsyncIterator[Answered]:
        """The history, page by page to its start, or to an answer that is none (the last one given).

        A post that cannot be read neither ends the walk nor is passed over: the ids around it are asked for by name,
        in ever smaller parts, until it stands alone as "not understood". If it is the newest of all and `before` is None, its id
        is not known, and the walk ends: give an id to begin from.
        """
        while True:
            answered = await self.history(channel, before, limit)
            seen = answered.seen
            yield answered
            if seen.answered == "shown" and not seen.is_start and seen.older is not None:
                before = seen.older
                continue
            is_poisoned = any(each.code == "unreadable" for each in seen.problems)
            edge = seen.older or before
            if not is_poisoned or edge is None or edge <= 1:
                return
            run = range(max(1, edge - limit), edge)
            last: ApiAnswer | None = None
            async for part in self._parts(channel, run):
                last = part.seen
                yield part
            if last is not None and last.answered not in ("shown", "not found", "not understood"):
                return
            before = run.start
            if before <= 1:
                return

    async def _parts(self, channel: str, run: range) -> AsyncIterator[Answered]:
        """The ids of a run, halved around what cannot be read, from the newest on."""
        waiting = [run]
        while waiting:
            part = waiting.pop()
            answered = await self.posts_by_id(channel, part)
            yield answered
            if answered.seen.answered not in ("shown", "not found", "not understood"):
                return
            if any(each.code == "unreadable" for each in answered.seen.problems) and len(part) > 1:
                middle = part.start + len(part) // 2
                waiting += [range(part.start, middle), range(middle, part.stop)]

    async def updates(self, channels: Iterable[str]) -> AsyncIterator[Answered]:
        """New, edited and deleted posts of these channels as the source tells them, until the connection ends.

        The last answer then is "network failure". What is told of other chats is neither kept nor shown.
        """
        watched = {str(self._met(each).id) for each in channels}
        self._check()
        try:
            await self._client.connect()
            async with aclosing(self._client.updates()) as told:
                async for body in told:
                    try:
                        found, _ = read_object(body)
                        channel = channel_told(found) if isinstance(found, list) else None
                    except (Cut, *MISFIT):
                        continue  # Telethon wrote it from what it had read, so what is not readable told of no channel
                    if channel in watched:
                        yield self._note(Asked("updates", channel=channel), body, "rewritten")[1]
        except NetworkError as error:
            yield self._note(Asked("updates"), b"", "none", str(error))[1]

    async def media(
        self,
        channel: str,
        post: int,
        position: int,
        path: Path,
        *,
        max_bytes: int,
        thumbnail: bool = False,
        file_id: str | None = None,
    ) -> Download:
        """The bytes of a post's file, written to `path`.

        `position` counts the post's media from 0. `file_id` (the media's `data`) says which file is meant, where the post may
        have been edited since. A reference that has expired is renewed once, by asking for the post. Effects and outcomes:
        see `Download`.
        """
        known = self._met(channel)
        key = (str(known.id), post)

        async def renewed() -> ApiAnswer:
            return (await self.posts_by_id(str(known.id), [post])).seen

        def place() -> FilePlace | None:
            files = self._places.get(key, ())
            wanted = files[position : position + 1] if position >= 0 else ()
            found = next((each for parts in wanted for each in parts[int(thumbnail) :]), None)
            return found if file_id is None or found is None or str(found.id) == file_id else None

        self._check()
        try:
            return await fetch_file(
                self._client, self.pace, place, renewed, path, max_bytes=max_bytes, on_refused=self._end_if
            )
        except HeldError as held:
            return Download("failed", "rate limited", detail=held.reason, retry_after_s=held.wait_s)

    async def _answered(self, asked: Asked, request: Any) -> Answered:
        """Asks, obeys floods, and reads what came. Every exchange is handed on, the last one is returned."""
        self._check()
        kind = asked.what
        try:
            async with self.pace.turn(kind):
                times = 0
                while True:
                    read, answered = await self._exchange(asked, request)
                    wait_s, times = answered.seen.retry_after_s, times + 1
                    if wait_s is None or not await self.pace.flood(kind, wait_s, times):
                        break
        except HeldError as held:
            _, answered = self._note(asked, b"", "none", f"not asked: {held.reason}")
            seen = msgspec.structs.replace(answered.seen, retry_after_s=held.wait_s)
            return msgspec.structs.replace(answered, seen=seen)
        self._learn(read, asked)
        return answered

    async def _exchange(self, asked: Asked, request: Any) -> tuple[Read, Answered]:
        try:
            body = await self._client.invoke(request)
        except NetworkError as error:
            return self._note(asked, b"", "none", str(error))
        except RefusedError as refused:
            body = bytes(telethon("tl.types").RpcError(refused.code, refused.word))
            noted = self._note(asked, body, "rewritten")
            self._end_if(refused)
            return noted
        return self._note(asked, body, "received")

    def _note(
        self, asked: Asked, body: bytes, form: Any, failure: str | None = None
    ) -> tuple[Read, Answered]:
        at = (
            datetime.fromtimestamp(self._clock(), UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )
        raw = encode_raw(Exchange(asked, at, self._client.layer, form, body, failure))
        if self._on_exchange is not None:
            self._on_exchange(raw)
        read = (
            Read(failed(asked, failure)) if form == "none" else read_answer(body, self._client.layer, asked)
        )
        return read, Answered(read.seen, raw)

    def _learn(self, read: Read, asked: Asked) -> None:
        """Keeps who is who and where files are: never sealed, never shown."""
        self._learn_chats(read.chats, asked.name)
        for number, places in read.places.items():
            self._places.pop((asked.channel or "", number), None)
            self._places[asked.channel or "", number] = places
        while len(self._places) > _MAX_PLACES:
            del self._places[next(iter(self._places))]

    def _learn_chats(self, chats: Sequence[Any], asked_name: str | None) -> None:
        for chat in chats:
            if kind_of(chat) == "Channel" and chat.access_hash is not None and not chat.min:
                names = [each.lower() for each in usernames(chat)]
                wanted = (asked_name or "").lower()
                name = wanted if wanted in names else names[0] if names else None
                if name is not None:
                    self._forget(name)  # it may have been another's
                self._known[chat.id] = KnownChannel(chat.id, chat.access_hash, name)

    def _met(self, channel: str) -> KnownChannel:
        number = _ID.fullmatch(channel)
        if number is None:
            known = self._by_name(_checked(channel))
        else:
            known = None if number[1] else self._known.get(int(number[2]))
        if known is None:
            raise UsageError(
                "this account has not met that channel", remedy="ask for its card by username first"
            )
        return known

    def _by_name(self, name: str) -> KnownChannel | None:
        return next((each for each in self._known.values() if each.username == name.lower()), None)

    def _forget(self, name: str) -> None:
        known = self._by_name(name)
        if known is not None:
            self._known[known.id] = msgspec.structs.replace(known, username=None)

    def _check(self) -> None:
        if self._ended is not None:
            raise self._ended

    def _end_if(self, refused: RefusedError) -> None:
        """Ends the source if the account as a whole was refused; raises if it is no longer logged in."""
        scope = meaning_of(refused.code, refused.word).scope
        if scope == "login":
            self._ended = SourceError(
                f"Telegram no longer knows this session ({refused.word})", remedy="log in again"
            )
            raise self._ended
        if scope == "account":
            self._ended = SourceError(
                f"Telegram has closed or frozen this account ({refused.word})",
                remedy="look into Telegram's own app; until then use the public pages",
            )


def _checked(name: str) -> str:
    name = name.removeprefix("@")
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            "a username is 2 to 32 letters, digits and underscores, a letter first",
            remedy="give it as it stands after t.me/",
        )
    return name


def _input(known: KnownChannel) -> Any:
    return telethon("tl.types").InputChannel(known.id, known.access_hash)
