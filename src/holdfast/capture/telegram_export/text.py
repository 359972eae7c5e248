"""Turns the exporter's shapes of a text into one: plain, or runs that do not depend on the export."""

from __future__ import annotations

from typing import Any, Final

from holdfast.capture.telegram_export.values import RESERVED, bounded
from holdfast.model import Text

__all__ = ["text_from_runs", "text_of"]

_EMPTY_MEANS_ABSENT: Final = ("language", "collapsed")


def text_of(value: Any) -> Text | None:
    """The text that `value` (a string, or a list of strings and objects) stands for.

    The same text in any of its shapes gives equal results: neighbouring plain pieces are joined,
    a single plain piece is a string, an empty text is None. `document_id` of a custom emoji is
    left out (it names a file of that one export), as are an empty `language` and a false `collapsed`
    (older exports do not write them). Raises TypeError if `value` has another shape.
    """
    if value.__class__ is str:
        return value or None
    if value.__class__ is not list:
        raise TypeError(value.__class__.__name__)
    return text_from_runs(value)


def text_from_runs(pieces: list[Any]) -> Text | None:
    """The text of a list of pieces. Raises TypeError if a piece is neither string nor object with a text."""
    runs: list[str | dict[str, Any]] = []
    plain = ""
    for piece in pieces:
        if piece.__class__ is str:
            plain += piece
            continue
        if piece.__class__ is not dict:
            raise TypeError(piece.__class__.__name__)
        kind, words = piece.get("type"), piece.get("text", "")
        if words.__class__ is not str or (kind is not None and kind.__class__ is not str):
            raise TypeError("text")
        if kind == "plain" or kind is None:
            plain += words
            continue
        if len(piece) != 2 or "text" not in piece:
            piece = _stable(kind, piece)
        if plain:
            runs.append(plain)
            plain = ""
        runs.append(piece)
    if not runs:
        return plain or None
    if plain:
        runs.append(plain)
    return tuple(runs)


def _stable(kind: str, piece: dict[str, Any]) -> dict[str, Any]:
    kept = {"type": kind, "text": piece.get("text", "")}
    for key, value in piece.items():
        if key in kept or value is None or (key == "document_id" and kind == "custom_emoji"):
            continue
        if key in _EMPTY_MEANS_ABSENT and not value:
            continue
        kept[RESERVED.get(key, key)] = bounded(value, key)
    return kept
