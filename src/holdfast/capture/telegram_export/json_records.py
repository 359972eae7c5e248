"""Cuts a list of posts into regions of whole records without looking at each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from holdfast.capture.telegram_export.json_cut import (
    LIST_END,
    Border,
    are_whole_records,
    learn_border,
    next_span,
)
from holdfast.capture.telegram_export.json_lenient import post_id_hint
from holdfast.capture.telegram_export.json_window import CutShortError, Skimmer, Window
from holdfast.capture.telegram_export.stream import MAX_RECORD_BYTES, REGION_BYTES

__all__ = ["Cut", "cut_records", "decode_border"]

_GAP = re.compile(rb"[ \t\r\n,]*")
_HEAD_BYTES: Final = 4096
PIECE_BYTES: Final = 128 * 1024
"""What a cut aims at: the posts of so many bytes stay in a core's own cache while they are worked on."""


class Cut(NamedTuple):
    """Whole elements of the list; or one that was passed because it is too large (`body` is its head)."""

    offset: int
    body: bytes
    context: str | None
    too_large: bool = False


def cut_records(window: Window) -> Iterator[Cut]:
    """Pass the list that begins here (its `[` is the next byte), giving what is in it.

    Memory: the window's, which grows to one record where that is longer than a region.
    Errors: CutShortError if the bytes end before the list does; what was whole was given before.
    """
    window.at += 1
    while window.held < REGION_BYTES and window.more():
        pass
    border = learn_border(window.data, window.at)
    context = _encode_border(border)
    while True:
        if window.held < REGION_BYTES:
            window.more()
        start, end = _whole_elements(window, border)
        if end > start:
            window.at = end
            yield Cut(window.base + start, window.data[start:end], context)
            continue
        gap = _GAP.match(window.data, window.at)
        window.at = gap.end() if gap else window.at
        if window.held and LIST_END.match(window.data, window.at) is not None:
            window.at += 1
            return
        if window.held > MAX_RECORD_BYTES:
            yield _pass_too_large(window, border)
        elif not window.more():
            began = window.offset
            head = window.data[window.at : window.at + _HEAD_BYTES]
            window.at = len(window.data)
            raise CutShortError(began, in_record=bool(head), post=post_id_hint(head))


def decode_border(context: str | None) -> Border | None:
    """The border that a region's context holds."""
    return None if context is None else Border(*(part.encode("latin-1") for part in json.loads(context)))


def _encode_border(border: Border | None) -> str | None:
    return None if border is None else json.dumps([part.decode("latin-1") for part in border])


def _whole_elements(window: Window, border: Border | None) -> tuple[int, int]:
    """(start, end) in the buffer of at least one whole element and at most about a piece; (0, 0) if none."""
    data = window.data
    gap = _GAP.match(data, window.at)
    start = gap.end() if gap else window.at
    if border is not None:
        # 1. The last likely border in a piece's length. That the bytes before it parse proves it.
        likely = data.rfind(border.pattern, start, start + PIECE_BYTES)
        if likely >= 0:
            end = likely + border.end_at
            if are_whole_records(data[start:end]):
                return start, end
    # 2. Something in between is no JSON, or no border was found: one element after the other.
    first = end = 0
    position = start
    while position - start < PIECE_BYTES:
        span = next_span(data, position, border, final=window.ended)
        if span is None or span.code == "cut_short":
            break
        first, end = (first if end else span.start), span.end
        position = end
    return first, end


def _pass_too_large(window: Window, border: Border | None) -> Cut:
    """Pass one element of any length: to its end, or to the next likely border if that comes first."""
    began, head = window.offset, window.data[window.at : window.at + _HEAD_BYTES]
    skimmer = Skimmer()
    overlap = 0
    while True:
        data, at = window.data, window.at
        end = skimmer.feed(data, at + overlap)
        likely = data.find(border.pattern, at) if border is not None else -1
        if likely >= 0 and border is not None and (end is None or likely + border.end_at < end):
            end = likely + border.end_at
        if end is not None:
            window.at = end
            return Cut(began, head, None, too_large=True)
        overlap = min(len(border.pattern) - 1, len(data) - at) if border is not None else 0
        window.at = len(data) - overlap
        if not window.more():
            window.at = len(window.data)
            raise CutShortError(began, in_record=True, post=post_id_hint(head))
