"""How the service words that it withholds or does not know something."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["RESTRICTED", "answered_by_error"]

RESTRICTED: Final = re.compile(
    r"(?:This|The) (?:channel|group|chat|message|post|media|content)\b.{0,40}?\b(?:cannot|could not|can['’]t|couldn['’]t) "
    r"be (?:displayed|accessed|shown)\b.*",
    re.DOTALL | re.IGNORECASE,
)
"""The whole of a notice that a channel or post is there and withheld."""

_ERRORS: Final = (
    (re.compile(r"Post not found\.?", re.IGNORECASE), "not found"),
    (
        re.compile(r"(?:Channel|Group|User|Chat) with username .{1,80} not found\.?", re.IGNORECASE),
        "not found",
    ),
    (re.compile(r"(?:This )?(?:channel|group|chat) is private\.?", re.IGNORECASE), "private"),
    (RESTRICTED, "restricted"),
)


def answered_by_error(words: str | None) -> str:
    """Which of model.ANSWERS the notice in place of a post is; "not understood" if it is none that is known."""
    for pattern, answered in _ERRORS:
        if pattern.fullmatch(words or ""):
            return answered
    return "not understood"
