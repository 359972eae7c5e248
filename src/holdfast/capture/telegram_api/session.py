"""Keeps an account's session at rest: encrypted, for its owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from holdfast.errors import FormatError, StorageError, UsageError

__all__ = ["KEY_SUFFIX", "Session", "load_session", "save_session"]

KEY_SUFFIX: Final = ".key"
"""What the name of the key file beside the session ends in, where there is no passphrase."""
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_MAX_BYTES: Final = 64 * 1024
_WORD_MAX_BYTES: Final = 1_023
_SCRYPT_N: Final = 2**15
"""With r=8 and p=1: 32 MiB a guess. Files of version 1 have exactly this; another cost is another version."""
_DAMAGED: Final = "log in again; if a copy of the file exists, put it back"


class Session(msgspec.Struct, frozen=True, gc=False):
    """What lets this program speak as an account: whoever has it needs no password. `text` is Telethon's own form.

    `api_id` and `api_hash` are the application's, from Telegram's site for developers. None of it is ever shown.
    """

    text: str
    api_id: int
    api_hash: str

    def __repr__(self) -> str:
        return "Session(…)"

    __str__ = __repr__

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return []


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    telegram_session: Literal[1]
    key: Literal["scrypt", "file"]
    salt: bytes
    nonce: bytes
    sealed: bytes


def save_session(path: Path, session: Session, passphrase: str | None = None) -> None:
    """Write the session, encrypted with AES-256-GCM under a key from the passphrase (scrypt) or, without one, from a random
    key file beside it.

    A key file protects copies of the session that travel alone (a backup of one folder), not a stolen disk.
    Effects: writes `path` and, without a passphrase, `path` + KEY_SUFFIX, each whole or not at all, mode 0600. Errors:
    UsageError for a passphrase that cannot be one, StorageError.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    key_path = path.with_name(path.name + KEY_SUFFIX)
    if passphrase is not None:
        key, how = _derived(passphrase, salt), "scrypt"
    else:
        key, how = secrets.token_bytes(_KEY_BYTES), "file"
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, msgspec.json.encode(session), _bound(how, salt))
    record = _Sealed(1, "scrypt" if how == "scrypt" else "file", salt, nonce, sealed)
    if how == "file":
        # The key first: a session whose key is of another writing cannot be opened, and then one logs in again.
        _replace(key_path, key)
    _replace(path, msgspec.json.encode(record))


def load_session(path: Path, passphrase: str | None = None) -> Session:
    """The session that `save_session` wrote.

    Errors: UsageError where there is none, a passphrase is missing or wrong, or others can read the files; FormatError if the
    file is damaged; StorageError. None of them says anything of the content. A changed file and a wrong passphrase
    look alike, by design of the cipher.
    """
    data = _read(path, "session")
    try:
        record = msgspec.json.decode(data, type=_Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Not chained: the cause may quote what it read.
        raise FormatError(f"{path} is no session of this program", remedy=_DAMAGED) from None
    if len(record.salt) != _SALT_BYTES or len(record.nonce) != _NONCE_BYTES:
        raise FormatError(f"{path} is no session of this program", remedy=_DAMAGED)
    if record.key == "file":
        key = _read(path.with_name(path.name + KEY_SUFFIX), "session's key")
        if len(key) != _KEY_BYTES:
            raise FormatError(f"the key beside {path} is no key", remedy=_DAMAGED)
    elif not passphrase:
        raise UsageError(
            f"the session {path} is encrypted", remedy="set HOLDFAST_PASSPHRASE, or run at a terminal"
        )
    else:
        key = _derived(passphrase, record.salt)
    try:
        opened = AESGCM(key).decrypt(record.nonce, record.sealed, _bound(record.key, record.salt))
        return msgspec.json.decode(opened, type=Session)
    except InvalidTag:
        if record.key == "scrypt":
            raise UsageError(
                f"the passphrase does not open {path}, or the file was changed",
                remedy="try again with the right one, or log in again",
            ) from None
        raise FormatError(f"{path} does not fit the key beside it", remedy=_DAMAGED) from None
    except msgspec.DecodeError:
        raise FormatError(f"{path} holds no session", remedy=_DAMAGED) from None


def _bound(how: str, salt: bytes) -> bytes:
    """What is sealed along, so that a changed header does not open."""
    return b"holdfast telegram session 1 " + how.encode() + salt


def _derived(passphrase: str, salt: bytes) -> bytes:
    try:
        # What the environment held in another encoding comes as surrogates.
        word = passphrase.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        word = b""
    if not 1 <= len(word) <= _WORD_MAX_BYTES:
        raise UsageError(f"a passphrase is text of 1 to {_WORD_MAX_BYTES} bytes", remedy="choose another")
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_N, r=8, p=1).derive(word)


def _read(path: Path, what: str) -> bytes:
    try:
        with open(path, "rb") as handle:
            mode = os.fstat(handle.fileno()).st_mode
            data = handle.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no {what} at {path}", remedy="log in first") from None
    except OSError as error:
        raise StorageError(f"cannot read the {what} {path}: {error.strerror}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(
            f"the {what} {path} can be read by others",
            remedy=f"chmod 600 {path}, and end the session from another device if others may have read it",
        )
    if len(data) > _MAX_BYTES:
        raise FormatError(f"{path} is too large for a {what}", remedy=_DAMAGED)
    return data


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all: written beside, flushed, renamed. An error leaves what was there before."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
