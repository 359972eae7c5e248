"""Archived text -> what may stand in a page: runs of plain text with a kind, links with their true address; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

import msgspec

from holdfast.model import Text

__all__ = ["Run", "address_shown", "runs_of", "safe_address", "visible"]

KINDS = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "code",
        "pre",
        "blockquote",
        "mention",
        "hashtag",
    }
)
LINKS = {"link", "text_link", "email", "phone"}
OPENED = ("http", "https")
"""Schemes of addresses that a reader can follow. All others are shown, and lead nowhere."""
KEPT_SIGNS = "\n\t\u200c\u200d\u200e\u200f"
"""Joiners and marks of direction that words are written with; signs that turn whole stretches are shown instead."""
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+", re.ASCII)
"""A name, or an IPv6 address."""
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


class Run(msgspec.Struct, frozen=True):
    """A stretch of text. `address`: where it leads, as the source says; `href`: the same where it may be followed;
    `is_plain`: the text itself says where."""

    text: str
    kind: str = "plain"
    address: str | None = None
    href: str | None = None
    is_plain: bool = False


def visible(text: str) -> str:
    """Text in which every sign that hides or turns others is shown by its number."""
    rare = {each for each in set(text) if not each.isprintable() and each not in KEPT_SIGNS}
    if not rare:
        return text
    return text.translate(
        {
            ord(each): f"\u27e8U+{ord(each):04X}\u27e9"
            for each in rare
            if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co")
        }
    )


def runs_of(text: Text | None) -> list[Run]:
    """The runs of a sealed text, in order."""
    if text is None:
        return []
    if isinstance(text, str):
        return [Run(visible(text))]
    return [Run(visible(each)) if isinstance(each, str) else _run(each) for each in text]


def _run(piece: dict[str, Any]) -> Run:
    kind, words = str(piece.get("type", "plain")), visible(str(piece.get("text", "")))
    if kind in LINKS:
        address = str(piece.get("href") or piece.get("text") or "")
        if kind == "link" and not _SCHEME.match(address):
            address = f"https://{address}"
        if kind in ("email", "phone"):
            return Run(words, "link", None, None, True)
        shown = address_shown(address)
        return Run(words, "link", shown, safe_address(address), _says(words, shown))
    return Run(words, kind if kind in KINDS else "plain")


def safe_address(address: str) -> str | None:
    """The address, if a reader may follow it: http or https, to a host that every program reads alike. Else None.

    Browsers and other programs do not agree on names before an @, backslashes, escapes and blanks in a host: what is shown would not
    be what is asked for.
    """
    shown = address_shown(address)
    try:
        parts = urlsplit(shown)
        host = parts.hostname
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    if parts.scheme.lower() not in OPENED or not host or any(ord(each) < 0x21 for each in address.strip()):
        return None
    if not _HOST.fullmatch(host) or "@" in parts.netloc or "\\" in shown:
        return None
    return shown


def address_shown(address: str) -> str:
    """The address as it truly is: its host in the ASCII form that is asked for, its other signs visible."""
    address = visible(address.strip())
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        if host.isascii() or "@" in parts.netloc:
            return address
        ascii_host = host.encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
        return parts._replace(netloc=f"{ascii_host}{port}").geturl()
    except (ValueError, UnicodeError):
        return address


def _says(words: str, address: str) -> bool:
    """Whether the words of a link are its address, up to scheme and final slash."""
    bare = re.sub(r"^https?://", "", words.strip(), flags=re.IGNORECASE).rstrip("/")
    return bare == re.sub(r"^https?://", "", address, flags=re.IGNORECASE).rstrip("/")
