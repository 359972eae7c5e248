"""Who is signed in: one-time tokens become sessions, which live in this process's memory alone."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Literal

import msgspec

__all__ = ["COOKIE", "Role", "Session", "Sessions"]

Role = Literal["viewer", "editor"]
COOKIE = "holdfast"
"""The cookie's name, or what it begins with."""
LIFE_S = 12 * 3600
SESSIONS_MOST = 200
"""The oldest goes when one more comes."""


class Session(msgspec.Struct, frozen=True):
    """`name` is the user's, None for whoever came with the link."""

    role: Role
    name: str | None
    until: float


class Sessions:
    """Safe for several threads. Secrets are kept as digests: a copy of this memory signs nobody in.

    `cookie`: the name under which browsers keep a secret. Browsers keep one jar for all ports of a machine: two servers need two names.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.cookie = COOKIE
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[bytes, Session] = {}
        self._tokens: set[bytes] = set()

    def __repr__(self) -> str:
        return f"Sessions({len(self._open)} open)"

    def token(self) -> str:
        """A token that opens one session, once."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.add(_digest(token))
        return token

    def enter(self, token: str) -> str | None:
        """The secret of a new session for a token; None if it was used before or never given."""
        wanted = _digest(token)
        with self._lock:
            found = next((each for each in self._tokens if hmac.compare_digest(each, wanted)), None)
            if found is None:
                return None
            self._tokens.discard(found)
        return self.begin("editor", None)

    def begin(self, role: Role, name: str | None) -> str:
        """The secret of a new session."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            self._open = {key: each for key, each in self._open.items() if each.until > now}
            while len(self._open) >= SESSIONS_MOST:
                del self._open[next(iter(self._open))]
            self._open[_digest(secret)] = Session(role, name, now + LIFE_S)
        return secret

    def find(self, secret: str | None) -> Session | None:
        """The session of a cookie; None if there is none, or its time is over."""
        if not secret:
            return None
        with self._lock:
            found = self._open.get(_digest(secret))
        return found if found is not None and found.until > self._clock() else None

    def end(self, secret: str | None) -> None:
        with self._lock:
            self._open.pop(_digest(secret or ""), None)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()
