"""A text and its entities, counted in UTF-16 units -> the runs that an export of the same post would have."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any, Final

from holdfast.capture.telegram_api.values import Unknown, clipped, kind_of, listed, snake, utc
from holdfast.model import Text

__all__ = ["text_from_entities"]

MAX_MARKS: Final = 1_000
"""Of one text; servers take a hundred."""
_PREFIX: Final = "MessageEntity"
_KINDS: Final = {
    **{name: snake(name) for name in ("Mention", "Hashtag", "BotCommand", "Email", "Bold", "Italic", "Code")},
    **{name: snake(name) for name in ("Pre", "MentionName", "Phone", "Cashtag", "Underline", "Blockquote")},
    **{name: snake(name) for name in ("BankCard", "Spoiler", "CustomEmoji", "FormattedDate", "Unknown")},
    "Url": "link",
    "TextUrl": "text_link",
    "Strike": "strikethrough",
}


def text_from_entities(text: str, entities: Any, unknown: Unknown | None = None) -> Text | None:
    """The text in runs. The words of all runs together are always exactly `text`.

    Of entities that overlap, the first makes the run, as in Telegram Desktop's exports; the others stand under the
    run's `also`, with `offset` from the run's start and `length`, in characters. What lies outside the text is left
    out. An offset inside a surrogate pair is moved to the character's edge.
    """
    if not text:
        return None
    marks = _marks(text, entities, unknown)
    if not marks:
        return text
    runs: list[str | dict[str, Any]] = []
    latest: dict[str, Any] = {}
    done = run_start = 0
    for start, end, mark in marks:
        if start < done:
            # Marks are sorted by their start, so this one begins inside the latest run.
            inner = {"type": mark["type"], "offset": start - run_start, "length": end - start, **mark}
            latest.setdefault("also", []).append(inner)
            continue
        if start > done:
            runs.append(text[done:start])
        latest = {"type": mark["type"], "text": text[start:end], **mark}
        runs.append(latest)
        run_start, done = start, end
    if done < len(text):
        runs.append(text[done:])
    return tuple(runs)


def _marks(text: str, entities: Any, unknown: Unknown | None) -> list[tuple[int, int, dict[str, Any]]]:
    """(start, end, mark) in characters, sorted by start, in the source's order where starts are equal."""
    place = _Places(text)
    marks = []
    given = listed(entities)
    if len(given) > MAX_MARKS and unknown is not None:
        unknown["marks beyond a thousand"] += len(given) - MAX_MARKS
    for entity in given[:MAX_MARKS]:
        offset, length = getattr(entity, "offset", None), getattr(entity, "length", None)
        if (
            not isinstance(offset, int)
            or not isinstance(length, int)
            or not kind_of(entity).startswith(_PREFIX)
        ):
            if unknown is not None:
                unknown[kind_of(entity)] += 1
            continue
        if offset < 0 or length <= 0 or offset + length > place.units:
            continue
        marks.append((place.start(offset), place.end(offset + length), _mark(entity, unknown)))
    marks.sort(key=lambda mark: mark[0])
    return marks


def _mark(entity: Any, unknown: Unknown | None) -> dict[str, Any]:
    name = kind_of(entity).removeprefix(_PREFIX)
    if name not in _KINDS and unknown is not None:
        unknown[kind_of(entity)] += 1
    mark: dict[str, Any] = {"type": _KINDS.get(name) or snake(name)}
    if name == "Pre" and entity.language:
        mark["language"] = clipped(entity.language)
    elif name == "TextUrl":
        mark["href"] = clipped(entity.url)
    elif name == "MentionName":
        mark["user_id"] = str(entity.user_id)
    elif name == "CustomEmoji":
        mark["document_id"] = str(entity.document_id)
    elif name == "Blockquote" and entity.collapsed:
        mark["collapsed"] = True
    elif name == "FormattedDate" and utc(entity.date):
        mark["date"] = utc(entity.date)
    return mark


class _Places:
    """Where the UTF-16 units of a text stand among its characters."""

    def __init__(self, text: str) -> None:
        # Units before each character; only texts beyond the basic plane need the table.
        self._before: list[int] | None = None
        self.units = len(text)
        if not text.isascii() and max(text) > "\uffff":
            self._before = []
            units = 0
            for char in text:
                self._before.append(units)
                units += 2 if char > "\uffff" else 1
            self.units = units

    def start(self, unit: int) -> int:
        return unit if self._before is None else bisect_right(self._before, unit) - 1

    def end(self, unit: int) -> int:
        return unit if self._before is None else bisect_left(self._before, unit)
