"""Loads Telethon when it is needed, or says how to get it."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from holdfast.errors import UsageError

__all__ = ["layer", "telethon"]


@cache
def telethon(part: str = "") -> Any:
    """The module `telethon`, or the one of that name inside it. Errors: UsageError where it is not installed.

    Telethon ships no types, so what comes out of it is Any; its objects are told apart by the names of their classes.
    """
    try:
        # The package first: loading it puts its own classes of posts into the table of constructors.
        whole = importlib.import_module("telethon")
        return importlib.import_module(f"telethon.{part}") if part else whole
    except ImportError as error:
        raise UsageError(
            "asking Telegram with an account needs Telethon, which is not installed",
            remedy="install it with `pip install 'holdfast[api]'`, or watch the public pages instead",
        ) from error


def layer() -> int:
    """The version of Telegram's schema that the installed Telethon reads."""
    return int(telethon("tl.alltlobjects").LAYER)
