"""Reads the schema's binary form with bounds, and shows it to people as JSON."""

from __future__ import annotations

import struct
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec

from holdfast.capture.telegram_api.extra import layer, telethon
from holdfast.capture.telegram_api.values import EXACT_INT, base64_of, kind_of, utc
from holdfast.errors import FormatError

__all__ = ["Cut", "read_object", "to_json"]

MAX_DEPTH: Final = 100
"""How deeply objects may be nested: the deepest real ones (pages of lists of tables) reach about twenty."""

_BROKEN: Final = (
    *(struct.error, BufferError, RuntimeError, TypeError, ValueError, AttributeError),
    *(LookupError, ArithmeticError, MemoryError),
)
"""What Telethon's generated readers raise for bytes that are cut, or of parts that do not belong together."""


class Cut(FormatError):
    """Bytes that cannot be read to their end; `posts` are the posts of the answer's own list that stand before the break."""

    def __init__(self, message: str, posts: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.posts = posts


def read_object(body: bytes) -> tuple[Any, int]:
    """(object, bytes used) of one answer: an object, or a list for a vector.

    Errors: Cut, also for constructors that the installed Telethon does not know (a newer layer). Its message says
    where, never what. Nothing is unpacked, so small bytes stay small.
    """
    reader = _reader_class()(body)
    try:
        found = reader.tgread_object()
    except telethon("errors").TypeNotFoundError as error:
        # Not chained: the error carries the bytes that follow.
        where = f"constructor {error.invalid_constructor_id:08x} at byte {reader.position}"
        raise Cut(f"{where} is not known to layer {layer()}", tuple(reader.posts)) from None
    except FormatError as error:
        raise Cut(error.message, tuple(reader.posts)) from None
    except _BROKEN as error:
        what = "ends too early" if isinstance(error, struct.error | BufferError) else "does not fit together"
        raise Cut(
            f"the answer {what} at byte {min(reader.position, len(body))}", tuple(reader.posts)
        ) from None
    return found, reader.position


@cache
def _reader_class() -> type[Any]:
    base: Any = telethon("extensions").BinaryReader
    packed = telethon("tl.core").core_objects

    class Reader(base):  # type: ignore[misc]
        """Telethon's reader, with a bound on depth and without the envelopes of the transport."""

        def __init__(self, body: bytes) -> None:
            super().__init__(body)
            self.depth = 0
            self.posts: list[Any] = []

        def tgread_object(self) -> Any:
            if self.depth == MAX_DEPTH:
                raise FormatError(f"objects are nested more than {MAX_DEPTH} deep")
            if int.from_bytes(self.stream[self.position : self.position + 4], "little") in packed:
                # A packed envelope inside an answer is nothing a server sends, and a small one may hold gigabytes.
                raise FormatError(f"an envelope of the transport stands at byte {self.position}")
            self.depth += 1
            found = super().tgread_object()
            self.depth -= 1
            if self.depth == 1 and kind_of(found) in ("Message", "MessageService", "MessageEmpty"):
                self.posts.append(found)
            return found

    return Reader


def to_json(value: Any) -> bytes:
    """An object of the schema as JSON for people: one line, the schema's own order.

    Ids and numbers from 2^53 on are strings, floats too, bytes are base64, times RFC 3339. The same object always gives
    the same bytes. It is a view: what counts as evidence is the binary form.
    """
    return msgspec.json.encode(_shown("", value))


def _shown(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        is_id = key.endswith(("id", "hash", "ids")) or not -EXACT_INT < value < EXACT_INT
        return str(value) if is_id else value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, bytes):
        return base64_of(value)
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, list | tuple):
        return [_shown(key, each) for each in value]
    fields = value if isinstance(value, dict) else value.to_dict()
    return {
        "_": fields.get("_"),
        **{name: _shown(name, each) for name, each in fields.items() if name != "_"},
    }
