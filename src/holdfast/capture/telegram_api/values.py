"""Single values of an answer as a sealed record may hold them: times, numbers, ids, persons."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from holdfast.model import Restriction

__all__ = [
    "EXACT_INT",
    "OMITTED",
    "Peers",
    "Unknown",
    "base64_of",
    "clipped",
    "decimal",
    "fields_of",
    "kind_of",
    "listed",
    "number",
    "peer_id",
    "restrictions",
    "snake",
    "usernames",
    "utc",
    "whole",
    "words",
]

EXACT_INT: Final = 2**53
"""Whole numbers from here on are kept as decimal strings."""
MAX_CHARS: Final = 64 * 1024
MAX_ITEMS: Final = 1024
MAX_DEPTH: Final = 6
OMITTED: Final = "(left out here: too large; the raw answer holds it)"

Unknown = Counter[str]
"""How often a class of object was met that the mapping has no name for."""


def kind_of(value: Any) -> str:
    """The name of the value's class: Telethon's own is the schema's, with a capital."""
    return type(value).__name__


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def utc(moment: Any) -> str | None:
    """RFC 3339 in UTC, whole seconds; None if that is no time."""
    if not isinstance(moment, datetime):
        return None
    aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole(value: Any) -> int | None:
    """A length of time in whole seconds: newer layers give fractions, older ones none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value) if 0 <= value < EXACT_INT else None


def number(value: Any) -> int | None:
    """A counter as a sealed record may hold it; None where it is none, or beyond exact numbers."""
    return (
        value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < EXACT_INT else None
    )


def decimal(value: Any) -> str | None:
    """A coordinate as a decimal string, the shortest that means the same double."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return format(Decimal(repr(value)), "f")


def clipped(value: str) -> str:
    return value if len(value) <= MAX_CHARS else OMITTED


def words(value: Any) -> str | None:
    """The words of a string or of a text with entities; None where there are none."""
    if not isinstance(value, str):
        value = getattr(value, "text", None)
    return clipped(value) if isinstance(value, str) and value else None


def listed(value: Any) -> list[Any]:
    """The items of a vector, which hostile bytes may have replaced by anything."""
    return value if isinstance(value, list) else []


def peer_id(peer: Any) -> str | None:
    """`user1`, `chat1` or `channel1`, as exports spell them."""
    for word in ("user", "channel", "chat"):
        found = getattr(peer, f"{word}_id", None)
        if isinstance(found, int) and kind_of(peer) == f"Peer{word.capitalize()}":
            return f"{word}{found}"
    return None


class Peers:
    """The users and chats that came with an answer: ids say who spoke, these say how they are called."""

    def __init__(self, users: Iterable[Any] = (), chats: Iterable[Any] = ()) -> None:
        self._named: dict[str, Any] = {}
        for user in users:
            if kind_of(user) == "User":
                self._named[f"user{user.id}"] = user
        for chat in chats:
            kind = kind_of(chat)
            if kind in ("Channel", "ChannelForbidden"):
                self._named[f"channel{chat.id}"] = chat
            elif kind in ("Chat", "ChatForbidden"):
                self._named[f"chat{chat.id}"] = chat

    def get(self, identity: str | None) -> Any:
        return self._named.get(identity or "")

    def name(self, identity: str | None) -> str | None:
        """A person's first and last name, or a chat's title; None where the answer does not say."""
        found = self.get(identity)
        title = getattr(found, "title", None)
        if isinstance(title, str):
            return clipped(title) or None
        parts = (getattr(found, "first_name", None), getattr(found, "last_name", None))
        return clipped(" ".join(part for part in parts if isinstance(part, str) and part)) or None

    def username(self, identity: str | None) -> str | None:
        return next(iter(usernames(self.get(identity))), None)


def usernames(owner: Any) -> list[str]:
    """All active usernames of a user or channel, the one that it shows first."""
    names = [getattr(owner, "username", None)]
    names += [each.username for each in listed(getattr(owner, "usernames", None)) if _is_active(each)]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _is_active(each: Any) -> bool:
    return kind_of(each) == "Username" and bool(each.active)


def restrictions(owner: Any) -> tuple[Restriction, ...] | None:
    """Where this is withheld, and why, as the platform words it; None where nothing is said."""
    found = [
        Restriction(clipped(each.platform), clipped(each.reason), clipped(each.text) or None)
        for each in listed(getattr(owner, "restriction_reason", None))[:MAX_ITEMS]
        if kind_of(each) == "RestrictionReason"
    ]
    return tuple(found) or None


_PERSONAL: Final = frozenset(
    {
        *("user_id", "users", "inviter_id", "from_id", "to_id", "peer", "peers", "peer_id", "boost_peer"),
        *("new_creator_id", "winners", "other_participants", "auto_setting_from", "released_by", "saved_id"),
        *("phone_number", "first_name", "last_name", "vcard", "info", "charge", "owner_name", "recipient_id"),
        *("sender_id", "owner_id", "completed_by", "bot_id", "values", "credentials", "birthday"),
    }
)
"""Names of fields that hold persons, or what only they should decide about."""


_LISTS_OF_IDS: Final = ("channels", "users", "winners")


def fields_of(source: Any, persons: dict[str, Any]) -> dict[str, Any]:
    """The plain fields of an object that nobody here has names for; those of persons go to `persons`.

    What is false or empty is left out, and so are bytes, which say nothing to a reader, and access hashes, which are the
    account's.
    """
    return _fields(source, persons, MAX_DEPTH)


def _fields(source: Any, persons: dict[str, Any], depth: int) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in sorted(vars(source).items()):
        if key.startswith("_") or key == "access_hash" or value is None or value is False:
            continue
        plain = _plain(key, value, persons, depth)
        if plain is None:
            continue
        if key in _PERSONAL or (peer_id(value) or "").startswith("user"):
            persons[key] = plain
        else:
            kept[key] = plain
    return kept


def _plain(key: str, value: Any, persons: dict[str, Any], depth: int) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return (
            str(value)
            if key.endswith("id") or key in _LISTS_OF_IDS or not -EXACT_INT < value < EXACT_INT
            else value
        )
    if isinstance(value, str):
        return clipped(value) or None
    if isinstance(value, float):
        return decimal(value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, bytes):
        return None
    if depth == 0:
        return OMITTED
    if isinstance(value, list):
        items = [_plain(key, each, persons, depth - 1) for each in value[:MAX_ITEMS]]
        return [each for each in items if each is not None] or None
    if kind_of(value) == "TextWithEntities":
        return words(value)
    return peer_id(value) or {"type": snake(kind_of(value)), **_fields(value, persons, depth - 1)}


def base64_of(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
