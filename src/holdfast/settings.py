"""Flags, environment, file, defaults -> one frozen object."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from holdfast.errors import UsageError

__all__ = ["KEYS", "Setting", "Settings", "config_path", "load_settings", "session_path"]


class Setting(msgspec.Struct, frozen=True):
    """One effective value and where it came from: "flag", "environment", "file" or "default"."""

    name: str
    value: Any
    origin: str


KEYS: Mapping[str, tuple[str, str]] = {
    "vault": ("HOLDFAST_VAULT", "the vault to use"),
    "workers": ("HOLDFAST_WORKERS", "processes that seal and verify; 0 works in one process"),
    "record_host": ("HOLDFAST_RECORD_HOST", "seal this machine's name in each capture (its own disclosure)"),
    "telegram_web": ("HOLDFAST_TELEGRAM_WEB", "where Telegram's preview pages are asked for"),
    "proxy": (
        "HOLDFAST_PROXY",
        "the proxy that everything is asked through, such as socks5h://127.0.0.1:9050",
    ),
    "user_agent": (
        "HOLDFAST_USER_AGENT",
        "what the program calls itself: identifying, plain, or a text of yours",
    ),
    "rate": ("HOLDFAST_RATE", "requests a second that one host is asked at most"),
    "passphrase": ("HOLDFAST_PASSPHRASE", "opens encrypted signing keys; never written anywhere"),
}
"""Every key: its environment variable and what it is for. The file may hold all but the passphrase."""


class Settings(msgspec.Struct, frozen=True):
    """What a run uses. `found` tells for each value where it came from; the passphrase is redacted there."""

    vault: Path
    workers: int | None
    record_host: bool
    telegram_web: str
    proxy: str | None
    user_agent: str
    rate: float
    passphrase: str | None
    file: Path
    found: tuple[Setting, ...]

    def __repr__(self) -> str:
        return f"Settings(vault={str(self.vault)!r}, workers={self.workers}, passphrase={'set' if self.passphrase else None})"


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the file is looked for: $HOLDFAST_CONFIG, else holdfast/config.toml in the user's configuration folder."""
    if given := environment.get("HOLDFAST_CONFIG"):
        return Path(given)
    base = environment.get("XDG_CONFIG_HOME") or str(
        Path(environment.get("HOME", "~")).expanduser() / ".config"
    )
    return Path(base) / "holdfast" / "config.toml"


def session_path(environment: Mapping[str, str] | None = None) -> Path:
    """Where the session of an account is kept: beside the configuration file."""
    return config_path(os.environ if environment is None else environment).parent / "telegram.session"


def load_settings(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Flag over environment over file over default. `flags` holds only what was given.

    Errors: UsageError naming the source of a value that cannot be, or of a key that is unknown.
    """
    environment = os.environ if environment is None else environment
    file = config_path(environment)
    written = _read(file, required="HOLDFAST_CONFIG" in environment)
    defaults = {
        "vault": "vault",
        "workers": None,
        "record_host": True,
        "telegram_web": "https://t.me",
        "proxy": None,
        "user_agent": "identifying",
        "rate": 1.0,
        "passphrase": None,
    }
    values: dict[str, Any] = {}
    found = []
    for key, (variable, _) in KEYS.items():
        if flags.get(key) is not None:
            origin, value = "flag", flags[key]
        elif environment.get(variable):
            origin, value = "environment", environment[variable]
        elif key in written:
            origin, value = "file", written[key]
        else:
            origin, value = "default", defaults[key]
        values[key] = _typed(
            key, value, f"{variable} in the environment" if origin == "environment" else origin
        )
        # A proxy's address may hold a password.
        secret = key == "passphrase" or (key == "proxy" and "@" in str(value))
        shown = ("set" if value else None) if secret else values[key]
        found.append(Setting(key, None if shown is None else str(shown), origin))
    return Settings(file=file, found=tuple(found), **values)


def _read(file: Path, *, required: bool) -> dict[str, Any]:
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if required:
            raise UsageError(
                f"{file} does not exist", remedy="set HOLDFAST_CONFIG to a file, or unset it"
            ) from None
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}", remedy="mend the file: it is TOML") from error
    unknown = sorted(set(written) - (KEYS.keys() - {"passphrase"}))
    if unknown:
        known = ", ".join(sorted(KEYS.keys() - {"passphrase"}))
        raise UsageError(f"{file}: unknown key {unknown[0]!r}", remedy=f"keys are: {known}")
    return written


def _typed(key: str, value: Any, origin: str) -> Any:
    if key == "vault":
        return Path(str(value)).expanduser()
    if key == "workers" and value is not None:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if type(value) is not int or not 0 <= value <= 256:
            raise UsageError(
                f"workers ({origin}) is not a whole number from 0 to 256",
                remedy="set it right, or not at all",
            )
    if key == "rate":
        try:
            rate = float(value)
        except (TypeError, ValueError):
            rate = 0.0
        if not 0 < rate <= 10_000:
            raise UsageError(
                f"rate ({origin}) is not a number of requests a second",
                remedy="write a number such as 1 or 0.5",
            )
        return rate
    if key in ("telegram_web", "user_agent", "proxy") and value is not None and not isinstance(value, str):
        raise UsageError(f"{key} ({origin}) is not a text", remedy="put it in quotes")
    if key == "record_host" and not isinstance(value, bool):
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if str(value).lower() not in words:
            raise UsageError(
                f"record_host ({origin}) is neither true nor false", remedy="write true or false"
            )
        return words[str(value).lower()]
    return value
