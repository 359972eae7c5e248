"""Says what one answer of the API means: bytes in, observations out."""

from __future__ import annotations

from typing import Any, Final

from holdfast.capture.telegram_api.card import card_from_chat, card_from_full
from holdfast.capture.telegram_api.extra import layer as own_layer
from holdfast.capture.telegram_api.listing import MISFIT, ApiAnswer, Listing, Read
from holdfast.capture.telegram_api.problems import skipped
from holdfast.capture.telegram_api.raw import Asked, parse_raw
from holdfast.capture.telegram_api.refusals import meaning_of
from holdfast.capture.telegram_api.tlbytes import Cut, read_object
from holdfast.capture.telegram_api.values import Peers, kind_of, listed, peer_id
from holdfast.model import CardSeen, Problem

__all__ = ["channel_told", "failed", "parse_answer", "parse_sealed", "read_answer"]

_LISTS: Final = ("ChannelMessages", "Messages", "MessagesSlice")
_EVENTS: Final = {"UpdateNewChannelMessage": "new", "UpdateEditChannelMessage": "edited"}
_POSTS: Final = ("Message", "MessageService")


def parse_sealed(raw: bytes) -> ApiAnswer:
    """What a sealed raw answer says. Errors: FormatError if `raw` is no raw answer; whatever else is wrong is told."""
    exchange = parse_raw(raw)
    if exchange.form == "none":
        return failed(exchange.asked, exchange.failure)
    return parse_answer(exchange.body, exchange.layer, exchange.asked)


def failed(asked: Asked, failure: str | None) -> ApiAnswer:
    """What no answer at all means: our own limit, or the network."""
    answered = (
        "rate limited" if failure is not None and failure.startswith("not asked") else "network failure"
    )
    return ApiAnswer(answered, channel=asked.channel, detail=failure)


def parse_answer(body: bytes, layer: int, asked: Asked) -> ApiAnswer:
    """What the bytes of one answer say of what was asked; pure, and never raises for any bytes.

    `layer` is the version of the schema in which the answer was asked for. What this program's schema cannot read is "not
    understood"; posts that stand before the break are kept. Effects: loads Telethon (UsageError where it is missing).
    """
    return read_answer(body, layer, asked).seen


def read_answer(body: bytes, layer: int, asked: Asked) -> Read:
    """As `parse_answer`, with what the source needs to ask on."""
    try:
        found, used = read_object(body)
    except Cut as error:
        return _cut(error, layer, asked)
    trailing = (skipped("trailing_bytes", detail=f"{len(body) - used} bytes"),) if used < len(body) else ()
    try:
        return _read(found, asked, trailing)
    except MISFIT:
        # Vectors and fields may hold any object of the schema, so hostile bytes can put one where it makes no sense.
        return Read(ApiAnswer("not understood", channel=asked.channel, detail=f"malformed {kind_of(found)}"))


def _read(found: Any, asked: Asked, problems: tuple[Problem, ...]) -> Read:
    if isinstance(found, list):
        return _told(found, asked, problems)
    kind = kind_of(found)
    if kind == "RpcError":
        meaning = meaning_of(found.error_code, found.error_message)
        detail = f"{found.error_code} {found.error_message[:120]}"
        absent = asked.ids if asked.what == "posts" and found.error_message in _NO_SUCH_POST else ()
        seen = ApiAnswer(
            meaning.answered,
            channel=asked.channel,
            absent=absent,
            detail=detail,
            retry_after_s=meaning.retry_after_s,
            problems=problems,
        )
        return Read(seen)
    if kind == "ChatFull" and hasattr(found, "full_chat") and asked.what == "card":
        return _carded(card_from_full(found), listed(found.chats), problems, asked)
    if kind == "ResolvedPeer" and asked.what == "name":
        wanted = peer_id(found.peer)
        everyone = [*listed(found.chats), *listed(found.users)]
        chat = Peers(listed(found.users), listed(found.chats)).get(wanted)
        return _carded(card_from_chat(chat), [each for each in everyone if each is chat], problems, asked)
    if kind in _LISTS and asked.what in ("history", "posts"):
        listing = Listing(asked, Peers(listed(found.users), listed(found.chats)))
        listing.take(found.messages)
        listing.problems.extend(problems)
        return listing.history(getattr(found, "count", None)) if asked.what == "history" else listing.by_id()
    return Read(
        ApiAnswer("not understood", channel=asked.channel, detail=f"answered with {kind}", problems=problems)
    )


_NO_SUCH_POST: Final = frozenset({"MSG_ID_INVALID", "MESSAGE_ID_INVALID"})


def _carded(card: CardSeen, chats: list[Any], problems: tuple[Problem, ...], asked: Asked) -> Read:
    channel = card.channel.id if card.channel is not None else asked.channel
    detail = card.detail
    if asked.what == "card" and channel != asked.channel:
        return Read(
            ApiAnswer("not understood", channel=asked.channel, detail="the card is of another channel")
        )
    return Read(ApiAnswer(card.answered, card, channel=channel, detail=detail, problems=problems), chats)


def _cut(error: Cut, layer: int, asked: Asked) -> Read:
    """An answer that cannot be read to its end. What came before stands; the rest is unknown, not absent."""
    detail = error.message
    if layer != own_layer():
        detail += f" (asked for in layer {layer})"
    listing = Listing(asked, Peers())
    if asked.what in ("history", "posts"):
        listing.take(error.posts)
    one = asked.ids[0] if len(asked.ids) == 1 else None
    listing.problems.append(skipped("unreadable", post=one, detail=detail))
    return listing.broken(detail)


def _told(found: list[Any], asked: Asked, problems: tuple[Problem, ...]) -> Read:
    """What the source told unasked: a vector of one update and whoever it names."""
    update: Any = found[0] if found else None
    others = found[1:]
    kind = kind_of(update)
    if kind == "UpdateDeleteChannelMessages" and asked.what == "updates":
        if str(update.channel_id) != asked.channel:
            return Read(ApiAnswer("not understood", channel=asked.channel, detail="told of another channel"))
        gone = tuple(sorted({each for each in update.messages if isinstance(each, int)}))
        return Read(
            ApiAnswer("not found", channel=asked.channel, absent=gone, event="deleted", problems=problems)
        )
    if kind not in _EVENTS or asked.what != "updates":
        return Read(
            ApiAnswer("not understood", channel=asked.channel, detail=f"told {kind}", problems=problems)
        )
    users = [each for each in others if kind_of(each) == "User"]
    listing = Listing(asked, Peers(users, [each for each in others if kind_of(each) != "User"]))
    listing.problems.extend(problems)
    listing.take([update.message])
    read = listing.read("shown", event=_EVENTS[kind])
    if not read.seen.posts:
        return listing.read("not understood", detail=f"{kind} without a post")
    return read


def channel_told(found: list[Any]) -> str | None:
    """The bare id of the channel that an update speaks of; None for any other, which is nobody's business here."""
    update: Any = found[0] if found else None
    kind = kind_of(update)
    if kind == "UpdateDeleteChannelMessages":
        return str(update.channel_id)
    if kind in _EVENTS and kind_of(update.message) in _POSTS:
        owner = peer_id(update.message.peer_id) or ""
        return owner.removeprefix("channel") if owner.startswith("channel") else None
    return None
