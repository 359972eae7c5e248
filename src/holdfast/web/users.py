"""Who may sign in where others can reach the server: names, roles and argon2id hashes in `users.json`."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from holdfast.errors import FormatError, StorageError, UsageError
from holdfast.web.beside import folder_of, replace_file
from holdfast.web.sessions import Role

__all__ = ["FILE", "User", "Users", "load_users", "store_user"]

FILE = "users.json"
PASSWORD_LEAST, PASSWORD_MOST = 12, 1024
"""Characters. The upper bound keeps a hash from taking a minute."""
FAILURES_FREE = 5
REST_S = 30.0
"""After so many failures in a row a name rests: guessing takes years, a reader who mistyped half a minute."""
NAMES_MOST = 1_000

_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}", re.ASCII)
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
"""Checked for a name that nobody bears, so that an answer takes as long as for one that somebody does."""
_one_at_a_time = threading.Lock()


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    role: Role
    password: str
    """Its argon2id hash in the usual spelling, salt and cost included."""

    def __repr__(self) -> str:
        return f"User({self.name!r}, {self.role})"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format_version: int
    users: tuple[User, ...]


def load_users(vault: Path) -> tuple[User, ...]:
    """The users of a vault's server. Errors: FormatError, StorageError."""
    path = folder_of(vault) / FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise FormatError(
            f"{FILE}: is not what this program writes", remedy="mend or delete the file"
        ) from error
    if found.format_version != 1:
        raise FormatError(f"{FILE}: format version {found.format_version} is unknown")
    return found.users


def store_user(vault: Path, name: str, password: str, role: Role) -> None:
    """Add a user, or give one another password or role. Effects: replaces the file, mode 0600. Errors: UsageError, StorageError."""
    if not _NAME.fullmatch(name):
        raise UsageError("a user's name is 1 to 64 letters, digits and _ . @ -")
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise UsageError(f"a password has {PASSWORD_LEAST} characters at least", remedy="take a longer one")
    user = User(name, role, _hasher.hash(password))
    users = (*(each for each in load_users(vault) if each.name != name), user)
    content = msgspec.json.format(msgspec.json.encode(_File(1, users)), indent=1) + b"\n"
    replace_file(folder_of(vault) / FILE, content)


class Users:
    """Checks passwords. Safe for several threads; one hash at a time, so that guesses cost no memory."""

    def __init__(self, users: tuple[User, ...], clock: Callable[[], float] = time.monotonic) -> None:
        self._users = {each.name: each for each in users}
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}

    def check(self, name: str, password: str) -> User | None:
        """The user of a name and password; None if they do not belong together, or the name rests."""
        if not _NAME.fullmatch(name) or len(password) > PASSWORD_MOST:
            return None
        with _one_at_a_time:
            count, at = self._failures.get(name, (0, 0.0))
            if count >= FAILURES_FREE and self._clock() < at + REST_S:
                return None
            user = self._users.get(name)
            try:
                _hasher.verify(user.password if user else _NOBODY, password)
                matches = user is not None
            except (Argon2Error, InvalidHashError):
                matches = False
            if matches:
                self._failures.pop(name, None)
                return user
            if len(self._failures) >= NAMES_MOST:
                self._failures.clear()
            self._failures[name] = count + 1, self._clock()
            return None
