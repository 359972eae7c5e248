"""Sessions at rest and logins: what opens, what does not, and that nothing is ever shown."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from holdfast.capture.telegram_api import Session, load_session, login, save_session
from holdfast.capture.telegram_api import session as room
from holdfast.capture.telegram_api.refusals import NetworkError
from holdfast.errors import FormatError, HoldfastError, SourceError, StorageError, UsageError
from tests.capture.test_telegram_api_fake import refusal

SECRET = "1SecretSessionText"
SESSION = Session(SECRET, 12_345, "0123456789abcdef")


@pytest.fixture(autouse=True)
def _cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SCRYPT_N", 2**4)


@pytest.mark.parametrize("passphrase", [None, "a word", "слово", "\udcff"])
def test_a_session_comes_back_and_its_files_are_for_the_owner_alone(
    tmp_path: Path, passphrase: str | None
) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION, passphrase)
    assert load_session(path, passphrase) == SESSION
    names = {each.name for each in tmp_path.iterdir()}
    assert names == ({"account", "account.key"} if passphrase is None else {"account"})
    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
        assert SECRET.encode() not in each.read_bytes()


def test_the_cost_of_a_guess_is_that_of_32_mebibytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    assert room._SCRYPT_N == 2**15
    save_session(tmp_path / "a", SESSION, "word")
    assert load_session(tmp_path / "a", "word") == SESSION


def test_a_session_shows_nothing_of_itself() -> None:
    for shown in (repr(SESSION), str(SESSION), f"{SESSION}", f"{[SESSION]}"):
        assert SECRET not in shown
        assert "0123456789abcdef" not in shown
        assert "12345" not in shown
    assert SESSION.__rich_repr__() == []


def test_saving_again_replaces_the_session_whole(tmp_path: Path) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION, "one")
    save_session(path, Session("other", 1, "x"), None)
    assert load_session(path, "ignored").text == "other"
    assert len(list(tmp_path.iterdir())) == 2


def refused(kind: type[HoldfastError], path: Path, passphrase: str | None = None) -> HoldfastError:
    with pytest.raises(kind) as caught:
        load_session(path, passphrase)
    told = f"{caught.value.message} {caught.value.remedy} {caught.value.__cause__}"
    assert SECRET not in told
    assert "word" not in told.replace("password", "")
    return caught.value


def test_a_wrong_or_missing_passphrase_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION, "word")
    refused(UsageError, path, "other")
    refused(UsageError, path, None)
    refused(UsageError, path, "")


@pytest.mark.parametrize("passphrase", ["", "x" * 1_024, "\ud800"])
def test_what_cannot_be_a_passphrase_is_refused(tmp_path: Path, passphrase: str) -> None:
    with pytest.raises(UsageError):
        save_session(tmp_path / "account", SESSION, passphrase)
    assert list(tmp_path.iterdir()) == []


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION, "word")
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((UsageError, FormatError)):
            load_session(path, "word")


@pytest.mark.parametrize(
    "change",
    [
        lambda record: b"",
        lambda record: b"\xff\xfe",
        lambda record: b"{}",
        lambda record: json.dumps({**record, "salt": "AAAA"}).encode(),
        lambda record: json.dumps({**record, "nonce": "AAAA"}).encode(),
        lambda record: json.dumps({**record, "more": 1}).encode(),
        lambda record: json.dumps(record).encode() + b" " * 70_000,
    ],
)
def test_what_is_no_session_file_is_a_format_error(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION)
    path.write_bytes(change(json.loads(path.read_bytes())))
    refused(FormatError, path)


def test_a_key_of_another_session_or_none_does_not_open(tmp_path: Path) -> None:
    path, other = tmp_path / "account", tmp_path / "other"
    save_session(path, SESSION)
    save_session(other, SESSION)
    os.replace(tmp_path / "other.key", tmp_path / "account.key")
    refused(FormatError, path)
    (tmp_path / "account.key").write_bytes(b"short")
    refused(FormatError, path)
    (tmp_path / "account.key").unlink()
    refused(UsageError, path)


def test_a_file_that_opens_and_holds_no_session_is_a_format_error(tmp_path: Path) -> None:
    path = tmp_path / "account"
    save_session(path, ["no", "session"])  # type: ignore[arg-type]
    refused(FormatError, path)


def test_files_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION)
    path.with_name("account.key").chmod(0o640)
    refused(UsageError, path)
    path.chmod(0o604)
    assert "chmod 600" in refused(UsageError, path).remedy


def test_a_session_that_is_not_there_or_cannot_be_read_says_so(tmp_path: Path) -> None:
    refused(UsageError, tmp_path / "none")
    refused(StorageError, tmp_path)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "account"
    save_session(path, SESSION, "word")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", _full)
        with pytest.raises(StorageError):
            save_session(path, Session("other", 1, "x"), "word")
    assert load_session(path, "word") == SESSION
    assert [each.name for each in tmp_path.iterdir()] == ["account"]


def _full(*_: Any) -> None:
    raise OSError(28, "No space left on device")


class FakeLogin:
    """A login that knows one number, the codes given, and maybe a password."""

    def __init__(self, *, codes: list[Any], password: str | None = None, phone: Any = "+1") -> None:
        self.codes, self.password, self.phone = codes, password, phone
        self.sent = 0
        self.is_in = False

    async def connect(self) -> None:
        if isinstance(self.phone, NetworkError):
            raise self.phone

    async def send_code(self, phone: str) -> None:
        if isinstance(self.phone, Exception):
            raise self.phone
        if phone != self.phone:
            raise refusal("PHONE_NUMBER_INVALID")
        self.sent += 1

    async def sign_in(self, phone: str, code: str) -> None:
        answer = self.codes.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if code != answer:
            raise refusal("PHONE_CODE_INVALID")
        if self.password is not None:
            raise refusal("SESSION_PASSWORD_NEEDED", 401)
        self.is_in = True

    async def check_password(self, password: str) -> None:
        if password != self.password:
            raise refusal("PASSWORD_HASH_INVALID")
        self.is_in = True

    def session(self) -> Session:
        assert self.is_in
        return SESSION


class Person:
    """Gives prepared words; `whys` is what the questions said."""

    def __init__(self, *words: str | None) -> None:
        self.words = list(words)
        self.whys: list[str] = []

    def __call__(self, why: str) -> str | None:
        self.whys.append(why)
        return self.words.pop(0)


def try_login(
    client: FakeLogin, phone: Person | None = None, code: Person | None = None, password: Person | None = None
) -> Session:
    asked = (phone or Person("+1"), code or Person("1"), password or Person())
    return asyncio.run(login(client, *asked))


def test_a_login_with_a_code() -> None:
    assert try_login(FakeLogin(codes=["1"])) == SESSION


def test_a_login_with_a_password_besides() -> None:
    password = Person("wrong", "right")
    assert try_login(FakeLogin(codes=["1"], password="right"), password=password) == SESSION
    assert password.whys == ["", "wrong password"]


def test_a_number_or_code_that_is_wrong_is_asked_for_again() -> None:
    phone, code = Person("+2", "+1"), Person("0", "1")
    assert try_login(FakeLogin(codes=["1", "1"]), phone, code) == SESSION
    assert (phone.whys, code.whys) == (["", "no such number"], ["", "wrong code"])


def test_what_is_no_number_code_or_password_is_not_even_sent() -> None:
    phone, code, password = Person("call me", "+1"), Person("", "1"), Person("", "right")
    assert try_login(FakeLogin(codes=["1"], password="right"), phone, code, password) == SESSION
    assert phone.whys == ["", "that is no phone number"]
    assert code.whys == ["", "that is no code"]
    assert password.whys == ["", "that is no password"]


def test_an_expired_code_is_sent_anew_once() -> None:
    client = FakeLogin(codes=[refusal("PHONE_CODE_EXPIRED"), "2"])
    assert try_login(client, code=Person("1", "2")) == SESSION
    assert client.sent == 2
    twice = FakeLogin(codes=[refusal("PHONE_CODE_EXPIRED")] * 2)
    with pytest.raises(SourceError, match="expired twice"):
        try_login(twice, code=Person("1", "2"))
    assert twice.sent == 2


def test_three_wrong_answers_are_enough_and_nobody_has_to_answer() -> None:
    with pytest.raises(UsageError, match="refused 3 times"):
        try_login(FakeLogin(codes=["1"] * 3), code=Person("0", "0", "0"))
    for told in (
        {"phone": Person(None)},
        {"code": Person(None)},
        {"password": Person(None)},
    ):
        with pytest.raises(UsageError, match="was given"):
            try_login(FakeLogin(codes=["1"], password="right"), **told)


def test_a_refusal_while_the_code_is_given_ends_the_login() -> None:
    with pytest.raises(SourceError, match="37 s"):
        try_login(FakeLogin(codes=[refusal("FLOOD_WAIT_37", 420)]))


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        ("FLOOD_WAIT_3600", 420, "3600 s"),
        ("PHONE_NUMBER_FLOOD", 400, "for now"),
        ("PHONE_NUMBER_BANNED", 400, "closed this account"),
        ("PHONE_NUMBER_UNOCCUPIED", 400, "no account"),
        ("API_ID_INVALID", 400, "api id"),
        ("NOBODY_KNOWS_THIS", 400, "NOBODY_KNOWS_THIS"),
    ],
)
def test_a_refused_number_says_why_and_never_which(word: str, code: int, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        try_login(FakeLogin(codes=[], phone=refusal(word, code)), Person("+1555"))
    assert "1555" not in f"{caught.value} {caught.value.remedy}"


def test_a_login_without_a_network_says_so() -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        try_login(FakeLogin(codes=[], phone=NetworkError("TimeoutError")))
