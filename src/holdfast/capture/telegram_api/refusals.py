"""What the API refused, in its own word -> what that answers to the question asked."""

from __future__ import annotations

import re
from typing import Final

import msgspec

__all__ = ["Meaning", "NetworkError", "RefusedError", "meaning_of"]


class RefusedError(Exception):
    """The API answered with an error. `word` is its own ("CHANNEL_PRIVATE", "FLOOD_WAIT_37"), `code` its number."""

    def __init__(self, code: int, word: str) -> None:
        super().__init__(f"{code} {word[:80]}")
        self.code = code
        self.word = word


class NetworkError(Exception):
    """Nothing was answered: no connection, or it broke, or it took too long. The argument says which."""


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """What a refusal answers. `scope`: of what was asked ("asked"), of the file's reference ("file"), or of this account
    as a whole ("account": nothing more may be asked with it; "login": its session is no longer good)."""

    answered: str
    scope: str = "asked"
    retry_after_s: int | None = None


_WAIT = re.compile(
    r"(?:FLOOD_WAIT|FLOOD_PREMIUM_WAIT|FLOOD_TEST_PHONE_WAIT|SLOWMODE_WAIT)_([0-9]{1,9})", re.ASCII
)
_ANSWERED: Final = {
    **dict.fromkeys(("CHANNEL_PRIVATE", "CHANNEL_PUBLIC_GROUP_NA", "CHAT_FORBIDDEN"), "private"),
    **dict.fromkeys(("USER_BANNED_IN_CHANNEL", "USER_KICKED"), "banned"),
    **dict.fromkeys(("USERNAME_NOT_OCCUPIED", "USERNAME_INVALID", "CHANNEL_INVALID"), "not found"),
    **dict.fromkeys(
        ("CHAT_ID_INVALID", "MSG_ID_INVALID", "MESSAGE_ID_INVALID", "CHANNEL_ID_INVALID"), "not found"
    ),
    **dict.fromkeys(("CHAT_RESTRICTED", "CHANNEL_BANNED"), "restricted"),
    "PEER_FLOOD": "rate limited",
}
_ACCOUNT: Final = frozenset({"USER_DEACTIVATED_BAN", "FROZEN_METHOD_INVALID", "FROZEN_PARTICIPANT_MISSING"})
_LOGIN: Final = frozenset(
    {
        *("AUTH_KEY_UNREGISTERED", "AUTH_KEY_INVALID", "AUTH_KEY_DUPLICATED", "AUTH_KEY_PERM_EMPTY"),
        *("SESSION_REVOKED", "SESSION_EXPIRED", "SESSION_PASSWORD_NEEDED", "USER_DEACTIVATED"),
    }
)
_FILE: Final = ("FILE_REFERENCE_", "FILEREF_")


def meaning_of(code: int, word: str) -> Meaning:
    """What the error says about what was asked. One that nobody here knows is "not understood", never guessed at."""
    wait = _WAIT.fullmatch(word)
    if wait is not None:
        # Zero has been seen; to ask again at once would end in a longer one.
        return Meaning("rate limited", retry_after_s=max(1, int(wait[1])))
    if word in _LOGIN:
        return Meaning("not understood", "login")
    if word in _ACCOUNT:
        return Meaning("banned", "account")
    if word.startswith(_FILE):
        return Meaning("not understood", "file")
    if word in _ANSWERED:
        return Meaning(_ANSWERED[word])
    if abs(code) == 420:
        return Meaning("rate limited")
    if abs(code) >= 500:
        return Meaning("server error")
    return Meaning("not understood")
