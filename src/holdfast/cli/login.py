"""`holdfast login`: makes the session with which the API is asked."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path

from holdfast.capture.telegram_api import Session, TelethonLogin, login, save_session
from holdfast.cli.call import Call
from holdfast.errors import UsageError
from holdfast.settings import session_path

__all__ = ["run"]


def run(
    *,
    api_id: int | None = None,
    session: Path | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Log in to Telegram with your account, for `holdfast watch --api`.

    Needs the extra `holdfast[api]`, and an application's id and hash from Telegram's site for developers. What is asked for is
    not shown and not kept, but for the session, which is encrypted and readable by you alone.

    Parameters
    ----------
    api_id
        The application's id; asked for if it is not given.
    session
        Where the session is kept; in your configuration folder by default.
    """
    if not sys.stdin.isatty():
        raise UsageError("logging in asks for a code that Telegram sends", remedy="run it at a terminal")
    path = session or session_path()
    with call.output() as output:
        number = api_id if api_id is not None else _number(input("application id (api_id): "))
        secret = getpass.getpass("application hash (api_hash): ").strip()
        client = TelethonLogin(Session("", number, secret))
        found = asyncio.run(_login(client))
        word = getpass.getpass("passphrase for the session (empty: a key file beside it): ")
        path.parent.mkdir(parents=True, exist_ok=True)
        save_session(path, found, word or None)
        if output.json:
            output.answer({"session": str(path), "encrypted_with": "passphrase" if word else "key file"})
        else:
            output.line(f"the session is kept in {path}; `holdfast watch @channel --api` uses it")
    return 0


async def _login(client: TelethonLogin) -> Session:
    try:
        return await login(
            client,
            lambda why: _asked("phone number, with country code", why, input),
            lambda why: _asked("the code that Telegram sent", why, getpass.getpass),
            lambda why: _asked("your two-step password", why, getpass.getpass),
        )
    finally:
        await client.disconnect()


def _asked(what: str, why: str, ask: object) -> str | None:
    assert callable(ask)
    given = ask(f"{what}{f' ({why})' if why else ''}: ")
    return str(given).strip() or None


def _number(text: str) -> int:
    if not text.strip().isdigit():
        raise UsageError(
            "an application's id is a number", remedy="find it on Telegram's site for developers"
        )
    return int(text)
