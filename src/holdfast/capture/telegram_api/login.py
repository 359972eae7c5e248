"""Turns a phone number, a code and maybe a password into a session, asking for each when it is needed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from holdfast.capture.telegram_api.client import TelethonClient
from holdfast.capture.telegram_api.extra import telethon
from holdfast.capture.telegram_api.refusals import NetworkError, RefusedError, meaning_of
from holdfast.capture.telegram_api.session import Session
from holdfast.errors import SourceError, UsageError

__all__ = ["Ask", "LoginClient", "TelethonLogin", "login"]

Ask = Callable[[str], str | None]
"""Asks a person. The argument says why it is asked again ("" the first time); None gives up."""

_TRIES: Final = 3
_PHONE = re.compile(r"\+?[0-9][0-9 ().-]{0,30}", re.ASCII)
_CODE = re.compile(r"\s*[0-9A-Za-z-]{1,64}\s*", re.ASCII)
_PASSWORD = re.compile(r"(?s).{1,4096}")
_BANNED: Final = frozenset({"PHONE_NUMBER_BANNED", "USER_DEACTIVATED_BAN", "USER_DEACTIVATED"})
_NO_ACCOUNT: Final = frozenset({"PHONE_NUMBER_UNOCCUPIED", "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN"})
_TOO_OFTEN: Final = frozenset({"PHONE_NUMBER_FLOOD", "PHONE_PASSWORD_FLOOD", "PEER_FLOOD"})


class LoginClient(Protocol):
    """The calls of a login. All raise RefusedError or NetworkError, as `ApiClient` does."""

    async def connect(self) -> None: ...

    async def send_code(self, phone: str) -> None: ...

    async def sign_in(self, phone: str, code: str) -> None: ...

    async def check_password(self, password: str) -> None: ...

    def session(self) -> Session: ...


class TelethonLogin(TelethonClient):
    """Telethon's login. Never makes an account: a number without one is refused."""

    async def send_code(self, phone: str) -> None:
        await self._guarded(self._client.send_code_request(phone))

    async def sign_in(self, phone: str, code: str) -> None:
        await self._guarded(self._client.sign_in(phone, code))

    async def check_password(self, password: str) -> None:
        await self._guarded(self._client.sign_in(password=password))

    def session(self) -> Session:
        text = telethon("sessions").StringSession.save(self._client.session)
        return Session(text, self._session.api_id, self._session.api_hash)


async def login(client: LoginClient, ask_phone: Ask, ask_code: Ask, ask_password: Ask) -> Session:
    """Log in and return the session.

    Each question is asked at most three times. A code that has expired is sent anew once, never more: asking for codes
    is what gets numbers blocked. Errors: UsageError if the person gives up or the tries are used up; SourceError if the
    account or number is refused, or a wait is ordered (it is not waited for here), or the network fails. None of
    them names number, code or password.
    """
    try:
        await client.connect()
        phone = await _tried(
            ask_phone, "phone number", _PHONE, client.send_code, {"PHONE_NUMBER_INVALID": "no such number"}
        )
        needs_password = await _code(client, phone, ask_code)
        if needs_password:
            wrong = {"PASSWORD_HASH_INVALID": "wrong password", "PASSWORD_EMPTY": "wrong password"}
            await _tried(ask_password, "password", _PASSWORD, client.check_password, wrong)
    except RefusedError as refused:
        raise _hopeless(refused) from None
    except NetworkError as error:
        raise SourceError(
            f"Telegram cannot be reached: {error}", remedy="check the network or the proxy"
        ) from None
    return client.session()


async def _tried(
    ask: Ask, what: str, looks: re.Pattern[str], call: Callable[[str], Awaitable[None]], again: dict[str, str]
) -> str:
    """The first given word that the call takes. Raises RefusedError for what asking again cannot mend."""
    why = ""
    for _ in range(_TRIES):
        given = ask(why)
        if given is None:
            raise UsageError(f"no {what} was given", remedy="log in again when you have it")
        if looks.fullmatch(given) is None:
            why = f"that is no {what}"
            continue
        try:
            await call(given)
        except RefusedError as refused:
            why = again.get(refused.word, "")
            if not why:
                raise
            continue
        return given
    raise UsageError(f"the {what} was refused {_TRIES} times", remedy="look it up, and log in again later")


async def _code(client: LoginClient, phone: str, ask: Ask) -> bool:
    """Signs in with the code that was sent; True if a password is wanted besides."""
    wrong = {"PHONE_CODE_INVALID": "wrong code", "PHONE_CODE_EMPTY": "wrong code"}

    async def sign_in(code: str) -> None:
        await client.sign_in(phone, code)

    try:
        return await _signed_in(ask, sign_in, wrong)
    except RefusedError as refused:
        if refused.word != "PHONE_CODE_EXPIRED":
            raise
    await client.send_code(phone)
    return await _signed_in(ask, sign_in, wrong)


async def _signed_in(ask: Ask, sign_in: Callable[[str], Awaitable[None]], wrong: dict[str, str]) -> bool:
    try:
        await _tried(ask, "code", _CODE, sign_in, wrong)
    except RefusedError as refused:
        if refused.word == "SESSION_PASSWORD_NEEDED":
            return True
        raise
    return False


def _hopeless(refused: RefusedError) -> SourceError:
    meaning = meaning_of(refused.code, refused.word)
    if meaning.retry_after_s is not None:
        wait = meaning.retry_after_s
        return SourceError(
            f"Telegram asks to wait {wait} s before the next login", remedy=f"log in again after {wait} s"
        )
    if refused.word in _TOO_OFTEN:
        return SourceError("Telegram refuses logins of this number for now", remedy="log in again tomorrow")
    if refused.word in _BANNED:
        return SourceError(
            "Telegram has closed this account", remedy="use another account, or the public pages"
        )
    if refused.word in _NO_ACCOUNT:
        return SourceError(
            "there is no account with this number", remedy="make one in Telegram's own app first"
        )
    if refused.word == "PHONE_CODE_EXPIRED":
        return SourceError("the code expired twice", remedy="log in again, with the phone at hand")
    if refused.word in ("API_ID_INVALID", "API_ID_PUBLISHED_FLOOD"):
        return SourceError(
            "Telegram refuses the application's api id", remedy="get your own at my.telegram.org"
        )
    return SourceError(f"Telegram refused the login: {refused.word[:60]}")
