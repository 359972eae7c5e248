"""What an export says of a chat: its card, and whether it is a channel."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from holdfast.capture.contract import Chat
from holdfast.model import ChannelSeen

__all__ = ["chat_from_header", "is_known_type"]

_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "public_channel": "channel",
        "private_channel": "channel",
        "public_group": "group",
        "private_group": "group",
        "public_supergroup": "group",
        "private_supergroup": "group",
        "personal_chat": "private",
        "bot_chat": "private",
        "saved_messages": "private",
        "replies": "private",
        "verify_codes": "private",
    }
)
"""Types of chat that Telegram Desktop writes. A type that is not here is private: unclear is not public."""


def is_known_type(source_type: Any) -> bool:
    """Whether Telegram Desktop writes this as a chat's type."""
    return isinstance(source_type, str) and source_type in _KINDS


def chat_from_header(index: int, header: Mapping[str, Any], *, include_private: bool) -> Chat:
    """The chat whose `name`, `type` and `id` are `header`. Only channels are included unless asked."""
    title, source_type, number = header.get("name"), header.get("type"), header.get("id")
    kind = _KINDS.get(source_type, "private") if isinstance(source_type, str) else "private"
    title = title if isinstance(title, str) and title else None
    if isinstance(number, bool) or not isinstance(number, int | str) or not str(number).lstrip("-").isdigit():
        identity = f"title:{title or ''}"
    else:
        identity = str(number)
    channel = ChannelSeen(
        id=identity,
        title=title,
        kind=kind,
        source_type=source_type if isinstance(source_type, str) else None,
    )
    return Chat(index, channel, included=kind == "channel" or include_private)
