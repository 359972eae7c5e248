"""What the API states of a channel -> its card: exact followers, and each mark as there or not there."""

from __future__ import annotations

from typing import Any, Final

from holdfast.capture.telegram_api.values import (
    clipped,
    kind_of,
    listed,
    number,
    restrictions,
    usernames,
    words,
)
from holdfast.model import CardSeen, ChannelSeen, Label

__all__ = ["MARKS", "card_from_chat", "card_from_full"]

MARKS: Final = ("verified", "scam", "fake", "restricted")
"""Flags of the schema that are marks on a channel."""


def card_from_full(answer: Any) -> CardSeen:
    """The card of a `messages.ChatFull`, as large as the API tells it.

    Errors: AttributeError, TypeError or ValueError if the object was built of parts that do not belong together.
    """
    full = answer.full_chat
    chat = next((each for each in listed(answer.chats) if getattr(each, "id", None) == full.id), None)
    linked = getattr(full, "linked_chat_id", None)
    followers = number(getattr(full, "participants_count", None))
    return card_from_chat(
        chat,
        description=words(full.about),
        followers=followers,
        linked_chat=None if linked is None else str(linked),
    )


def card_from_chat(
    chat: Any, *, description: str | None = None, followers: int | None = None, linked_chat: str | None = None
) -> CardSeen:
    """The card of a channel, group or person, by what leads to it. None is no chat: "not understood"."""
    match kind_of(chat):
        case "Channel":
            return CardSeen(
                "shown" if chat.broadcast else "group",
                _channel(chat, description),
                followers if followers is not None else number(chat.participants_count),
                _labels(chat),
                None,
                restrictions(chat),
                linked_chat,
            )
        case "ChannelForbidden":
            seen = ChannelSeen(
                str(chat.id),
                words(chat.title),
                "group" if chat.megagroup else "channel",
                "channel_forbidden",
            )
            # An end of the ban is told only to those who are banned.
            is_banned = chat.until_date is not None
            return CardSeen("banned" if is_banned else "private", seen, detail="channelForbidden")
        case "Chat":
            seen = ChannelSeen(str(chat.id), words(chat.title), "group", "chat", description=description)
            moved_to = getattr(chat.migrated_to, "channel_id", None)
            return CardSeen(
                "group",
                seen,
                number(chat.participants_count),
                linked_chat=linked_chat,
                moved_to=None if moved_to is None else str(moved_to),
            )
        case "ChatForbidden":
            return CardSeen(
                "private", ChannelSeen(str(chat.id), words(chat.title), "group", "chat_forbidden")
            )
        case "User":
            return CardSeen("bot" if chat.bot else "user")
        case name:
            return CardSeen("not understood", detail=name)


def _channel(chat: Any, description: str | None) -> ChannelSeen:
    source_type = "broadcast" if chat.broadcast else "gigagroup" if chat.gigagroup else "megagroup"
    return ChannelSeen(
        str(chat.id),
        clipped(chat.title) or None,
        "channel" if chat.broadcast else "group",
        source_type,
        next(iter(usernames(chat)), None),
        description,
    )


def _labels(chat: Any) -> tuple[Label, ...]:
    """Every mark, there or not there. A chat told in short ("min") may lack flags, so what it does not set is unknown."""
    told = [(name, bool(getattr(chat, name))) for name in MARKS]
    return tuple(Label(name, is_set) for name, is_set in told if is_set or not chat.min)
