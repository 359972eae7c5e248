"""Reads a proof's table of contents, which is believed in nothing; pure."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from holdfast.errors import FormatError, VersionError
from holdfast.vault.canon import parse_json

__all__ = ["FORMAT_VERSION", "Contents"]

FORMAT_VERSION = 1
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Contents:
    """`proof.json`: a table of contents, believed in nothing."""

    def __init__(self, raw: bytes) -> None:
        """Errors: FormatError; VersionError."""
        found = parse_json(raw)
        if not isinstance(found, dict) or type(found.get("format_version")) is not int:
            raise FormatError("states no format version")
        if found["format_version"] != FORMAT_VERSION:
            raise VersionError(
                f"this proof has format {found['format_version']}, this program reads format {FORMAT_VERSION}"
            )
        if msgspec.json.encode(found) + b"\n" != raw:
            raise FormatError("is not in the form in which it was written")
        if found.keys() != {"artefacts", "channel", "entries", "format_version", "origin", "post"}:
            raise FormatError("has other keys than a proof's table of contents")
        self.origin, self.channel, self.post = (_text(found[name]) for name in ("origin", "channel", "post"))
        self.entries: dict[int, tuple[str, set[int]]] = {}
        for row in _rows(found["entries"], {"index", "type"}, {"element"}):
            kind, places = self.entries.setdefault(_count(row["index"]), (_text(row["type"]), set()))
            if kind != row["type"]:
                raise FormatError("names one entry with two types")
            if "element" in row:
                places.add(_count(row["element"]))
        self.artefacts: dict[str, tuple[int, str | None]] = {}
        for row in _rows(found["artefacts"], {"digest", "size_bytes"}, {"name"}):
            if not _HEX.fullmatch(_text(row["digest"])):
                raise FormatError("an artefact is not named by a SHA-256 in lowercase hex")
            name = None if row.get("name") is None else _text(row["name"])
            self.artefacts[row["digest"]] = (_count(row["size_bytes"]), name)


def _rows(value: Any, needed: set[str], allowed: set[str]) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise FormatError("a list is expected")
    for row in value:
        if not isinstance(row, dict) or not needed <= row.keys() <= needed | allowed:
            raise FormatError("a row has other keys than it may have")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise FormatError("a text is expected")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise FormatError("a count is expected")
    return value
