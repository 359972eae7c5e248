"""Small questions to an element, and the list of names that the pages are known to use."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

__all__ = [
    "Address",
    "address_of",
    "background_of",
    "classes_of",
    "clipped",
    "count_unknown",
    "line_of",
    "tree_of",
    "words_of",
]

_MAX_WORDS: Final = 4_096
_MAX_ADDRESS: Final = 4_096
_PREFIX: Final = "tgme_"
_NAMES = re.compile(rb"tgme_([A-Za-z0-9_-]*)")
_KNOWN: Final = frozenset(
    """
    widget_message widget_message_wrap widget_message_user widget_message_user_photo widget_message_bubble
    widget_message_bubble_tail widget_message_author widget_message_author_name widget_message_owner_name
    widget_message_via_bot widget_message_forwarded_from widget_message_forwarded_from_name
    widget_message_forwarded_from_author widget_message_reply widget_message_reply_thumb widget_message_metatext
    widget_message_text widget_service_strong_text widget_message_service_photo widget_message_one_media
    widget_message_grouped_wrap widget_message_grouped widget_message_grouped_layer
    widget_message_photo_wrap widget_message_photo widget_message_video_player widget_message_video_thumb
    widget_message_video_wrap widget_message_video widget_message_roundvideo_player widget_message_roundvideo_wrap
    widget_message_roundvideo_thumb widget_message_roundvideo widget_message_roundvideo_muted
    widget_message_roundvideo_border widget_message_roundvideo_progress_wrap widget_message_roundvideo_progress
    widget_message_roundvideo_play widget_message_roundvideo_duration widget_message_voice_player
    widget_message_voice widget_message_voice_play widget_message_voice_wrap widget_message_voice_progress_wrap
    widget_message_voice_progress_bg widget_message_voice_progress widget_message_voice_duration
    widget_message_document_wrap widget_message_document widget_message_document_icon
    widget_message_document_title widget_message_document_extra widget_message_sticker_wrap
    widget_message_sticker widget_message_tgsticker widget_message_videosticker widget_message_location_wrap
    widget_message_location widget_message_location_info widget_message_location_title
    widget_message_location_address widget_message_venue_wrap widget_message_venue_title
    widget_message_venue_address widget_message_contact_wrap widget_message_contact
    widget_message_contact_name widget_message_contact_phone widget_message_game widget_message_game_title
    widget_message_game_description widget_message_game_image widget_message_invoice
    widget_message_invoice_title widget_message_invoice_description widget_message_invoice_image
    widget_message_poll widget_message_poll_question widget_message_poll_type widget_message_poll_options
    widget_message_poll_option widget_message_poll_option_percent widget_message_poll_option_value
    widget_message_poll_option_text widget_message_poll_option_bar widget_message_poll_votes
    widget_message_link_preview widget_message_inline_keyboard widget_message_inline_row
    widget_message_inline_button widget_message_inline_button_text widget_message_inline_button_url
    widget_message_reactions reaction reaction_paid widget_message_footer widget_message_info
    widget_message_views widget_message_voters widget_message_meta widget_message_from_author
    widget_message_edited widget_message_date widget_message_link widget_message_centered
    """.split()
)
"""Class names of a post, without the prefix."""
_KNOWN_BYTES: Final = frozenset(name.encode() for name in _KNOWN)

_DRAWING: Final = b'<svg class="bubble_icon"'
_DRAWN: Final = b"</svg>"
_BREAK = re.compile(rb"<br\b[^<>]*>")
_BACKGROUND = re.compile(r"background-image\s*:\s*url\(\s*['\"]?([^'\"()]{1,8192})")
_ORDINARY = re.compile(r"https://[a-z0-9.-]{1,255}/[!-~]{0,3800}", re.ASCII)


def classes_of(node: LexborNode) -> list[str]:
    """The classes of an element; none of what is no element (a comment)."""
    return [] if not node.is_element_node else (node.attrs.get("class") or "").split()


def tree_of(written: bytes) -> LexborHTMLParser:
    """The tree of a piece of a page. Line breaks become characters first: then an element's text is all its words."""
    start = written.find(_DRAWING)
    if start >= 0:  # the bubble's tail: large, and says nothing
        end = written.find(_DRAWN, start)
        written = written[:start] + (written[end + len(_DRAWN) :] if end >= 0 else b"")
    written = written.replace(b"<br/>", b"\n")
    if b"<br" in written:
        written = _BREAK.sub(b"\n", written)
    return LexborHTMLParser(written)


def words_of(node: LexborNode | None) -> str | None:
    """The words below `node`, line breaks kept, without white space around them; None if there are none."""
    return None if node is None else node.text().strip() or None


def line_of(node: LexborNode | None) -> str | None:
    """The words below `node` on one line, of bounded length."""
    words = words_of(node)
    return None if words is None else clipped(" ".join(words.split()))


def clipped(words: str | None) -> str | None:
    """`words` as far as a field beside the text may hold them; None if there are none. The raw page holds the rest."""
    if words is None or len(words) <= _MAX_WORDS:
        return words or None
    return words[:_MAX_WORDS] + "…"


class Address:
    """Where bytes lie: `path` says which (without what expires), `url` where they can be had now, None if not to be asked."""

    __slots__ = ("path", "url")

    def __init__(self, path: str | None, url: str | None) -> None:
        self.path = path
        self.url = url


def address_of(claim: str | None, base: str) -> Address:
    """A file's address. To be asked are https and the host that the page came from (`base`), which may be plain http."""
    if not claim:
        return Address(None, None)
    claim = claim.strip()
    if claim.startswith("data:"):
        return Address(None, None)
    path = claim.partition("#")[0].partition("?")[0]
    if _ORDINARY.fullmatch(claim):
        return Address(path, claim)
    try:
        url = urljoin(base + "/", claim)
        path = url.partition("#")[0].partition("?")[0]
        place = urlsplit(url)
        may_ask = bool(place.hostname) and (
            place.scheme == "https" or (place.scheme, place.netloc) == urlsplit(base)[:2]
        )
    except ValueError:
        return Address(clipped(path), None)
    if not may_ask or len(url) > _MAX_ADDRESS or not url.isprintable() or " " in url:
        return Address(clipped(path), None)
    return Address(path, url)


def background_of(node: LexborNode | None, base: str) -> Address:
    """The address of an element's background picture, which is how the pages show photos and thumbnails."""
    match = _BACKGROUND.search(node.attrs.get("style") or "") if node is not None else None
    return address_of(match[1] if match else None, base)


def count_unknown(node: LexborNode, written: bytes, unknown: Counter[str]) -> None:
    """Counts the classes of the service's own prefix that nobody here has a name for; `written`: what `node` was made of."""
    if _KNOWN_BYTES.issuperset(_NAMES.findall(written)):
        return  # texts may hold such words too, so only the elements themselves say what is a class
    for part in node.traverse():
        for name in classes_of(part):
            if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in _KNOWN:
                unknown[name[:100]] += 1
