"""Reads the sentence of a service row: what happened, and to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from holdfast.capture.telegram_export.json_record import View
from holdfast.model import Author

__all__ = ["ServiceRow", "service_row"]

_UNSUPPORTED: Final = "This message is not supported by this version of Telegram Desktop."


class ServiceRow(NamedTuple):
    kind: str
    action: dict[str, Any] | None
    other: dict[str, Any] | None
    author: Author | None


# A sentence, its action in the words of the JSON export, and the fields that hold no person.
_SENTENCES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), action)
    for pattern, action in (
        (r"Channel «(?P<title>.*)» created", "create_channel"),
        (r"Channel title changed to «(?P<title>.*)»", "edit_group_title"),
        (r"Channel photo changed", "edit_group_photo"),
        (r"Channel photo removed", "delete_group_photo"),
        (r"Voice chat(?: \((?P<duration>[0-9]{1,9}) seconds\))?", "group_call"),
        (r"Voice chat scheduled for (?P<scheduled_text>.*)", "group_call_scheduled"),
        (r"New messages will (?:not )?auto-delete(?: in (?P<period_text>.*))?", "set_messages_ttl"),
        (r"History cleared", "clear_history"),
        (r"(?P<actor>.*) pinned this message", "pin_message"),
        (r"(?P<actor>.*) created group «(?P<title>.*)» with members (?P<members>.*)", "create_group"),
        (r"(?P<actor>.*) created group «(?P<title>.*)»", "create_group"),
        (r"(?P<actor>.*) changed group title to «(?P<title>.*)»", "edit_group_title"),
        (r"(?P<actor>.*) changed group photo", "edit_group_photo"),
        (r"(?P<actor>.*) removed group photo", "delete_group_photo"),
        (r"(?P<actor>.*) joined group by link from (?P<inviter>.*)", "join_group_by_link"),
        (r"(?P<actor>.*) joined group by request", "join_group_by_request"),
        (r"(?P<actor>.*) converted this group to a supergroup", "migrate_to_supergroup"),
        (r"(?P<actor>.*) invited (?P<members>.*) to the voice chat", "invite_to_group_call"),
        (r"(?P<actor>.*) invited (?P<members>.*)", "invite_members"),
        (r"(?P<actor>.*) removed (?P<members>.*)", "remove_members"),
        (r"(?P<actor>.*) started voice chat(?: \((?P<duration>[0-9]{1,9}) seconds\))?", "group_call"),
    )
)
_PERSONS: Final = ("members", "inviter")
_LIKE: Final[dict[str, Callable[[str], Any]]] = {"duration": int}


def service_row(words: str, target: str | None, view: View) -> ServiceRow:
    """What a service row says; `target` is the post it links to.

    A sentence that is not known may name persons anywhere, so the whole of it is kept with the author.
    """
    if words.startswith(_UNSUPPORTED):
        return ServiceRow("post", None, {"type": "unsupported"}, None)
    action: dict[str, Any] = {}
    for pattern, kind in _SENTENCES:
        match = pattern.fullmatch(words)
        if match is None:
            continue
        said = {key: value for key, value in match.groupdict().items() if value is not None}
        actor = said.pop("actor", None)
        actor = None if actor is None or view.is_own(actor.strip(), None) else actor.strip()
        persons: dict[str, Any] = {key: said.pop(key) for key in _PERSONS if key in said}
        action = {"type": kind, **{key: _LIKE.get(key, str)(value) for key, value in said.items()}}
        if target is not None:
            action["message_id"] = target
        author = Author(name=actor, persons=persons or None)
        return ServiceRow("service", action, None, author if author != Author() else None)
    action = {"type": "unknown"}
    if target is not None:
        action["message_id"] = target
    return ServiceRow("service", action, None, Author(persons={"sentence": words}) if words else None)
