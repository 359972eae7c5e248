"""`holdfast watch` and `holdfast timeline` as a person meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.cli import main
from holdfast.fake_telegram import FakeServer, ScenarioClock, demo_scenario, serve_in_thread
from tests.archives import ORIGIN

NAME = "quiet_shore_demo"


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeServer, ScenarioClock]]:
    """The tour's channel, and a vault that the environment names."""
    monkeypatch.setenv("HOLDFAST_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("HOLDFAST_WORKERS", "0")
    monkeypatch.setenv("HOLDFAST_RATE", "10000")
    scenario = demo_scenario()
    clock = ScenarioClock(scenario.start)
    with serve_in_thread(scenario, clock) as server:
        monkeypatch.setenv("HOLDFAST_TELEGRAM_WEB", server.base_url)
        assert main(["init", str(tmp_path / "vault"), "--origin", ORIGIN]) == 0
        yield server, clock


def at(played: tuple[FakeServer, ScenarioClock], hours: float) -> None:
    played[1].set(demo_scenario().start + hours * 3600)


def test_a_sweep_is_told_in_a_line_and_a_timeline_gives_intervals_with_receipts(
    played: tuple[FakeServer, ScenarioClock], capsys: pytest.CaptureFixture[str]
) -> None:
    for hours in (21, 29, 33, 36):
        at(played, hours)
        assert main(["watch", f"@{NAME}", "--once", "--media", "none"]) == 0
    told = capsys.readouterr().out
    assert "new" in told
    assert "followers 36" in told or "followers 37" in told or "followers 38" in told
    assert main(["timeline", NAME]) == 0
    lines = capsys.readouterr().out
    assert "post 13: changed: edit mark, text (3 words)" in lines
    assert "post 12: missing, answered not found" in lines
    assert "between " in lines
    assert "→" in lines
    assert main(["timeline", NAME, "--kind", "disappearance"]) == 0
    assert "post 13" not in capsys.readouterr().out
    assert main(["timeline", NAME, "--kind", "counter"]) == 0
    assert "photos" in capsys.readouterr().out
    assert main(["timeline", NAME, "--kind", "weather"]) == 2
    assert "is no kind of event" in capsys.readouterr().err


def test_without_a_name_all_are_looked_at_that_were_watched_before(
    played: tuple[FakeServer, ScenarioClock], capsys: pytest.CaptureFixture[str]
) -> None:
    at(played, 3)
    assert main(["watch", "--once"]) == 2
    assert "no channel is named" in capsys.readouterr().err
    assert main(["watch", f"https://t.me/s/{NAME}", "--once", "--media", "none", "--history", "10"]) == 0
    capsys.readouterr()
    assert main(["watch", "--once", "--json", "--media", "none"]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["data"]["name"] for each in said] == [NAME]


def test_nothing_usable_is_a_source_that_failed_and_a_part_of_it_is_incomplete(
    played: tuple[FakeServer, ScenarioClock], capsys: pytest.CaptureFixture[str]
) -> None:
    at(played, 26)  # every answer is an error for three hours
    server = played[0]
    assert main(["watch", NAME, "--once"]) == 20
    assert "no channel gave an answer" in capsys.readouterr().err
    assert all(each.status == 502 for each in server.journal.asks())


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["@no spaces"], "names no channel"),
        ([NAME, "--every", "soon"], "no length of time"),
        ([NAME, "--max-media", "much"], "is no size"),
        ([NAME, "--history", "some"], "is no number of posts"),
        ([NAME, "--telegram-web", "ftp://x"], "is no base address"),
        ([NAME, "--no-pages"], "nothing is to be asked"),
        ([NAME, "--user-agent", "ü"], "user agent"),
        ([NAME, "--rate", "-1"], "rate (flag) is not a number"),
        ([NAME, "--proxy", "gopher://x"], "a proxy is an address"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(
    words: list[str], what: str, played: tuple[FakeServer, ScenarioClock], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", *words, "--once"]) == 2
    assert what in capsys.readouterr().err
    assert not played[0].journal.asks()


def test_an_account_needs_its_session_and_a_login_a_terminal(
    played: tuple[FakeServer, ScenarioClock], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = main(["watch", NAME, "--once", "--api", "--session", str(tmp_path / "none")])
    assert code == 2
    assert main(["login"]) == 2
    assert "run it at a terminal" in capsys.readouterr().err


def test_a_login_keeps_a_session_that_nobody_else_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from holdfast.capture.telegram_api import Session, load_session
    from holdfast.cli import login as verb

    asked: list[str] = []

    async def logged_in(client: Any, *asks: Any) -> Session:
        asked.extend(ask("") for ask in asks)
        return Session("made up", 7, "hash")

    class Client:
        def __init__(self, session: Session) -> None:
            assert (session.api_id, session.api_hash) == (7, "hash")

        async def disconnect(self) -> None:
            asked.append("gone")

    monkeypatch.setattr(verb, "login", logged_in)
    monkeypatch.setattr(verb, "TelethonLogin", Client)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    given = iter(["seven", "7", "+49 1"])
    monkeypatch.setattr("builtins.input", lambda _="": next(given))
    hidden = iter(["hash", "12345", "", "", "hash", "12345", "pw", ""])
    monkeypatch.setattr("getpass.getpass", lambda _="": next(hidden))
    path = tmp_path / "deep" / "session"
    assert main(["login", "--session", str(path)]) == 2
    assert "is a number" in capsys.readouterr().err
    assert main(["login", "--session", str(path)]) == 0
    assert asked == ["+49 1", "12345", None, "gone"]
    assert load_session(path).text == "made up"
    assert path.stat().st_mode & 0o077 == 0
    said = capsys.readouterr()
    assert "made up" not in said.out + said.err
