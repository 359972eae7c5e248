"""Reads the sentence of a service post: what happened, in the words that exports have for it."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from holdfast.capture.telegram_web.markup import clipped

__all__ = ["ServiceSeen", "service_of"]


class ServiceSeen(NamedTuple):
    """`persons`: what of the sentence may name a person."""

    action: dict[str, Any]
    persons: dict[str, Any] | None


_SENTENCES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), action)
    for pattern, action in (
        (r"Channel created", "create_channel"),
        (r"Channel name was changed to «(?P<title>.*)»", "edit_group_title"),
        (r"Channel (?:photo|video) (?:updated|changed)", "edit_group_photo"),
        (r"Channel (?:photo|video) removed", "delete_group_photo"),
        (
            r"(?:Live stream|Video chat|Voice chat) scheduled for (?P<scheduled_text>.*)",
            "group_call_scheduled",
        ),
        (r"(?:Live stream|Video chat|Voice chat) started", "group_call"),
        (
            r"(?:Live stream|Video chat|Voice chat) (?:finished|ended)(?: \((?P<duration_text>.*)\))?",
            "group_call",
        ),
    )
)
_PINNED = re.compile(
    r"(?P<actor>.*?) pinned (?:«(?P<quote>.*)»|(?P<what>an? [a-z ]{1,40}|this message))", re.DOTALL
)


def service_of(words: str | None, own_title: str | None) -> ServiceSeen:
    """What a service post says. A sentence that is not known may name persons anywhere, so it is kept as personal."""
    if words is None:
        return ServiceSeen({"type": "unknown"}, None)
    for pattern, kind in _SENTENCES:
        match = pattern.fullmatch(words)
        if match is not None:
            said = {key: clipped(value) for key, value in match.groupdict().items() if value is not None}
            return ServiceSeen({"type": kind, **said}, None)
    match = _PINNED.fullmatch(words)
    if match is not None:
        action: dict[str, Any] = {"type": "pin_message"}
        if match["quote"] is not None:
            action["quote"] = clipped(match["quote"])
        actor = match["actor"].strip()
        return ServiceSeen(action, None if actor == own_title else {"actor": clipped(actor)})
    return ServiceSeen({"type": "unknown"}, {"sentence": clipped(words)})
