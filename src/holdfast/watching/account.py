"""Opens the API behind an account for a watch, and keeps with the session what it has met and how much it has asked."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from holdfast.capture.telegram_api import (
    ApiClient,
    ApiSource,
    KnownChannel,
    PaceRules,
    TelethonClient,
    load_session,
)
from holdfast.errors import StorageError, UsageError
from holdfast.watching.api import AccountSource

__all__ = ["account_source", "opened"]


class _Kept(msgspec.Struct, frozen=True):
    """What is kept beside the session: hashes of channels, which are this account's own, and the day's count of requests."""

    known: tuple[KnownChannel, ...] = ()
    used: tuple[int, int] = (0, 0)


def opened(session: Path, passphrase: Callable[[], str | None]) -> TelethonClient:
    """A client of the session in a file. Errors: UsageError (none there, wrong passphrase, no Telethon), FormatError."""
    if not session.exists():
        return TelethonClient(load_session(session))  # says what to do
    try:
        return TelethonClient(load_session(session))
    except UsageError:
        word = passphrase()
        if word is None:
            raise
        return TelethonClient(load_session(session, word))


@asynccontextmanager
async def account_source(
    client: ApiClient, session: Path, now: Callable[[], int], rules: PaceRules | None = None
) -> AsyncIterator[AccountSource]:
    """The source of sweeps behind a client. Effects: connects when it is asked; writes beside `session` at the end."""
    path = session.with_name(session.name + ".known")
    kept = _read(path)
    source = ApiSource(client, rules=rules, clock=lambda: float(now()), known=kept.known, used=kept.used)
    try:
        yield AccountSource(source, now)
    finally:
        _write(path, _Kept(source.known, source.pace.used))
        await client.disconnect()


def _read(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return _Kept()  # names are asked for anew
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error


def _write(path: Path, kept: _Kept) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(msgspec.json.encode(kept))
        os.replace(part, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
