"""Turns what a record holds besides files (places, polls, contacts, …) into media, persons kept apart."""

from __future__ import annotations

from typing import Any, Final, TypeGuard

from holdfast.capture.telegram_export.text import text_of
from holdfast.capture.telegram_export.values import EXACT_INT, OMITTED, bounded, path_or_state, persons_id
from holdfast.model import MediaSeen, plain_text

__all__ = ["object_media", "votes_of", "without_persons"]

_PERSONAL: Final = frozenset(
    {
        "actor",
        "actor_id",
        "boost_peer_id",
        "buyer_id",
        "completed_by",
        "completed_by_id",
        "contact_information",
        "from",
        "from_id",
        "gift_recipient",
        "inviter",
        "inviter_id",
        "member",
        "members",
        "peer",
        "peer_id",
        "peers",
        "phone_number",
        "receiver",
        "receiver_id",
        "recipient",
        "recipient_id",
        "saved_from",
        "saved_from_id",
        "sender",
        "sender_id",
        "to",
        "to_id",
        "user",
        "user_id",
        "users",
        "winners",
    }
)
"""Names of fields that hold persons, wherever they stand."""

_COPIED: Final = {
    "giveaway_information": "giveaway",
    "giveaway_results": "giveaway",
    "story": "story",
    "story_data": "story",
    "todo_list": "todo",
    "paid_media": "paid",
}
_GAME: Final = ("game_title", "game_description", "game_link")
_MAX_DEPTH: Final = 24


def object_media(rest: dict[str, Any], persons: dict[str, Any]) -> list[MediaSeen]:
    """The media that are no files, taken out of `rest`; names and numbers of persons go to `persons`."""
    media: list[MediaSeen] = []
    for make in (_contact, _place, _poll, _game, _invoice):
        entry = make(rest, persons)
        if entry is not None:
            media.append(entry)
    for key, kind in _COPIED.items():
        if isinstance(rest.get(key), dict | list):
            data = bounded(without_persons({key: rest.pop(key)}, persons))
            media.append(MediaSeen(kind, data=data))
    return media


def without_persons(fields: dict[str, Any], persons: dict[str, Any]) -> dict[str, Any]:
    """`fields` without those that hold persons, which are added to `persons` under their own names."""
    return {
        key: _without(value, persons, _MAX_DEPTH)
        for key, value in fields.items()
        if not _moved(fields, key, value, persons)
    }


def _moved(fields: dict[str, Any], key: str, value: Any, persons: dict[str, Any]) -> bool:
    if key not in _PERSONAL and not persons_id(value) and not persons_id(fields.get(f"{key}_id")):
        return False
    if value is None:
        return True
    value = bounded(value, key)
    if key not in persons:
        persons[key] = value
    elif persons[key] != value:
        earlier = persons[key]
        persons[key] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
    return True


def _without(value: Any, persons: dict[str, Any], depth: int) -> Any:
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        return OMITTED
    if isinstance(value, list):
        return [_without(item, persons, depth - 1) for item in value]
    return {
        key: _without(item, persons, depth - 1)
        for key, item in value.items()
        if not _moved(value, key, item, persons)
    }


def _contact(rest: dict[str, Any], persons: dict[str, Any]) -> MediaSeen | None:
    card, vcard = rest.pop("contact_information", None), rest.get("contact_vcard")
    if card is None and not isinstance(vcard, str):
        return None
    if card is not None:
        persons["contact"] = bounded(card)
    if not isinstance(vcard, str):
        return MediaSeen("contact")
    del rest["contact_vcard"]
    size = rest.get("contact_vcard_file_size")
    size = rest.pop("contact_vcard_file_size") if _is_exact(size) else None
    path, state, _ = path_or_state(vcard)
    return MediaSeen("contact", state=state, source_path=path, size_bytes=size)


def _place(rest: dict[str, Any], _persons: dict[str, Any]) -> MediaSeen | None:
    is_venue = isinstance(rest.get("place_name"), str)
    if "location_information" not in rest and not is_venue:
        return None
    data: dict[str, Any] = {}
    point = rest.get("location_information")
    if isinstance(point, dict):
        data = bounded({key: str(value) if _is_number(value) else value for key, value in point.items()})
    if isinstance(point, dict) or point is None:
        rest.pop("location_information", None)
    address = rest.get("address")
    if isinstance(address, str):
        data["address"] = rest.pop("address")
    if _is_exact(rest.get("live_location_period_seconds")):
        data["live_period_s"] = rest.pop("live_location_period_seconds")
    title = rest.pop("place_name") if is_venue else None
    return MediaSeen("venue" if is_venue else "location", title=title, data=data or None)


def _poll(rest: dict[str, Any], persons: dict[str, Any]) -> MediaSeen | None:
    source = rest.get("poll")
    if not isinstance(source, dict):
        return None
    del rest["poll"]
    kept = {key: value for key, value in source.items() if key not in ("question", "answers", "total_voters")}
    data = bounded(without_persons(kept, persons))
    data["question"] = _words(source.get("question"))
    answers = source.get("answers")
    # Which answer the exporter chose says something about a person, and nothing about the post.
    data["answers"] = [_words(_answer(answer)) for answer in answers] if isinstance(answers, list) else []
    return MediaSeen("poll", data=data)


def votes_of(poll: Any) -> tuple[tuple[tuple[str, int], ...] | None, int | None]:
    """(votes, voters) of a poll: (answer, voters) in its order, if every answer has a count; the total."""
    if not isinstance(poll, dict):
        return None, None
    total = poll.get("total_voters")
    answers = poll.get("answers")
    counted: list[tuple[str, int]] = []
    for answer in answers if isinstance(answers, list) else []:
        voters = answer.get("voters") if isinstance(answer, dict) else None
        if not _is_exact(voters):
            counted.clear()
            break
        counted.append((_words(_answer(answer)), voters))
    return tuple(counted) or None, total if _is_exact(total) else None


def _answer(answer: Any) -> Any:
    return answer.get("text") if isinstance(answer, dict) else answer


def _words(value: Any) -> str:
    """The words of a text in any shape."""
    if isinstance(value, dict):
        value = value.get("text")
    try:
        return plain_text(text_of(value))
    except TypeError:
        return "" if value is None else OMITTED if isinstance(value, dict | list) else str(value)


def _game(rest: dict[str, Any], _persons: dict[str, Any]) -> MediaSeen | None:
    if not isinstance(rest.get("game_title"), str):
        return None
    named = {key: rest.pop(key) for key in _GAME if isinstance(rest.get(key), str)}
    data = {key.removeprefix("game_"): value for key, value in named.items() if key != "game_title"}
    return MediaSeen("game", title=named["game_title"], data=data or None)


def _invoice(rest: dict[str, Any], persons: dict[str, Any]) -> MediaSeen | None:
    source = rest.get("invoice_information")
    if isinstance(source, str):
        # Some versions write the object as a string of JSON; it is kept as it stands.
        source = {"information": source}
    if not isinstance(source, dict):
        return None
    del rest["invoice_information"]
    data = bounded(without_persons(source, persons))
    title = data.pop("title", None)
    if not isinstance(title, str):
        return MediaSeen("invoice", data=data if title is None else {**data, "title": title})
    return MediaSeen("invoice", title=title, data=data or None)


def _is_exact(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and -EXACT_INT < value < EXACT_INT


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
