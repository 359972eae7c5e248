"""Flag over environment over file over default, and nothing unknown in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.errors import UsageError
from holdfast.settings import config_path, load_settings


def origins(environment: dict[str, str], **flags: object) -> dict[str, str]:
    return {each.name: each.origin for each in load_settings(flags, environment).found}


def test_the_nearest_source_wins(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('vault = "/file"\nworkers = 3\n')
    environment = {"HOLDFAST_CONFIG": str(file)}
    assert origins({"HOME": str(tmp_path)})["vault"] == "default"
    found = load_settings({}, environment)
    assert (found.vault, found.workers) == (Path("/file"), 3)
    environment["HOLDFAST_VAULT"] = "/environment"
    assert load_settings({}, environment).vault == Path("/environment")
    assert load_settings({"vault": Path("/flag")}, environment).vault == Path("/flag")
    assert origins(environment, vault="/flag") == {
        "vault": "flag",
        "workers": "file",
        "record_host": "default",
        "telegram_web": "default",
        "proxy": "default",
        "user_agent": "default",
        "rate": "default",
        "passphrase": "default",
    }


def test_the_file_is_where_users_keep_theirs() -> None:
    assert config_path({"HOLDFAST_CONFIG": "/a.toml"}) == Path("/a.toml")
    assert config_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/holdfast/config.toml")
    assert config_path({"HOME": "/h"}) == Path("/h/.config/holdfast/config.toml")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("colour = 1", "unknown key 'colour'"),
        ('passphrase = "x"', "unknown key 'passphrase'"),
        ("vault = ", "cannot be read"),
        ("workers = 1.5", "workers"),
        ("workers = true", "workers"),
        ("workers = -1", "workers"),
        ("workers = 1000", "workers"),
        ('record_host = "perhaps"', "record_host"),
    ],
)
def test_what_cannot_be_is_refused_with_its_source(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=fault) as caught:
        load_settings({}, {"HOLDFAST_CONFIG": str(file)})
    assert caught.value.remedy


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings({}, {"HOLDFAST_CONFIG": str(tmp_path / "config.toml")})


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_settings({}, {"HOLDFAST_CONFIG": str(tmp_path / "nowhere.toml")})


@pytest.mark.parametrize(("word", "value"), [("1", True), ("YES", True), ("false", False), ("0", False)])
def test_words_for_yes_and_no(tmp_path: Path, word: str, value: bool) -> None:
    environment = {"HOME": str(tmp_path), "HOLDFAST_RECORD_HOST": word}
    assert load_settings({}, environment).record_host is value


@pytest.mark.parametrize("word", ["many", "1.5", "-1", "²"])
def test_workers_are_a_whole_number(tmp_path: Path, word: str) -> None:
    with pytest.raises(UsageError, match="HOLDFAST_WORKERS in the environment"):
        load_settings({}, {"HOME": str(tmp_path), "HOLDFAST_WORKERS": word})


def test_the_passphrase_is_never_shown(tmp_path: Path) -> None:
    found = load_settings({}, {"HOME": str(tmp_path), "HOLDFAST_PASSPHRASE": "open sesame"})
    assert found.passphrase == "open sesame"
    assert "sesame" not in repr(found)
    assert not any("sesame" in str(each.value) for each in found.found)
    assert "passphrase=None" in repr(load_settings({}, {"HOME": str(tmp_path)}))


def test_the_users_home_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home-of-a-user")
    assert load_settings({"vault": "~/vault"}, {"HOME": "/nowhere"}).vault == Path("/home-of-a-user/vault")
