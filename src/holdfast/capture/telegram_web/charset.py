"""Turns a page's bytes into UTF-8, whatever they are said to be."""

from __future__ import annotations

import codecs
import re
from typing import Final

__all__ = ["as_utf8"]

_DECLARED = re.compile(rb"<meta\b[^<>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_PARAMETER = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_HEAD_BYTES: Final = 4096
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_READ: Final = ("cp125", "iso8859", "koi8", "cp866", "mac-", "utf-16", "gb", "big5", "shift_jis", "euc")
"""Python's names of character sets that pages are written in begin so; its other codecs are no business of a page."""


def as_utf8(body: bytes, content_type: str | None) -> tuple[bytes, str | None]:
    """(the page in UTF-8, what had to be done for it): None, "charset" or "encoding" of PROBLEM_CODES.

    Telegram writes UTF-8, and what is valid UTF-8 is nothing else by accident: so a declaration (the header's, then
    the page's own) counts only where the bytes are no UTF-8.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            body = body[len(mark) :]
            if name != "utf-8":
                return body.decode(name, "replace").encode(), "charset"
    try:
        body.decode()
    except UnicodeDecodeError:
        pass
    else:
        return body, None
    parameter = _PARAMETER.search(content_type or "")
    declared = _DECLARED.search(body[:_HEAD_BYTES])
    for claim in (parameter and parameter[1], declared and declared[1].decode("ascii")):
        try:
            codec = codecs.lookup(claim or "")
            if codec.name.startswith(_READ):
                return body.decode(codec.name).encode(), "charset"
        except (LookupError, UnicodeError):
            continue
    return body.decode("utf-8", "replace").encode(), "encoding"
