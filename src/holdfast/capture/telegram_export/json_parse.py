"""Makes observations of the posts in one region of a JSON export."""

from __future__ import annotations

from typing import Final

import msgspec

from holdfast.capture.contract import Chat, Parsed, Region
from holdfast.capture.telegram_export.json_cut import next_span
from holdfast.capture.telegram_export.json_lenient import Unreadable, loads, post_id_hint
from holdfast.capture.telegram_export.json_rare import NoPostError, post_from_dict
from holdfast.capture.telegram_export.json_record import RareRecordError, Record, View, post_from_record
from holdfast.capture.telegram_export.json_records import decode_border
from holdfast.capture.telegram_export.problems import PROBLEM_CODES, repaired, skipped
from holdfast.model import PostSeen, Problem, RawRange

__all__ = ["parse_json"]

_RECORD = msgspec.json.Decoder(Record)
_FAILURES: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RareRecordError)


def parse_json(region: Region, chat: Chat, artefact: str) -> Parsed:
    """Every record of the region as a post or as a problem. Pure; lets out no error whatever the bytes."""
    body, base = region.body, region.offset
    view = View(chat)
    border = decode_border(region.context)
    posts: list[PostSeen] = []
    problems: list[Problem] = []
    decode = _RECORD.decode
    read = position = 0
    size = len(body)
    # At the border between two records a search for both braces is what makes this fast.
    pattern, end_at, next_at = (border.pattern, border.end_at, border.next_at) if border else (b"", 0, 0)
    gap = border.gap if border else b""
    while position < size:
        # 1. The usual record between usual borders. That it decodes proves that it was cut right.
        if border is not None:
            at = body.find(pattern, position)
            end = at + end_at if at >= 0 else size
            try:
                raw = RawRange(artefact, base + position, end - position)
                post = post_from_record(decode(body[position:end]), view, raw)
            except _FAILURES:
                pass
            else:
                posts.append(post)
                read += 1
                position = at + next_at if at >= 0 else size
                continue
        # 2. Any other: its true end first, then what it holds.
        span = next_span(body, position, border, final=True)
        if span is None:
            break
        read += 1
        position = span.end
        if gap and body.startswith(gap, position):
            position += len(gap)  # the next record is likely to be usual again, and begins behind the gap
        raw = RawRange(artefact, base + span.start, span.end - span.start)
        written = body[span.start : span.end]
        code = span.code
        if code is None or code == "unsure":
            try:
                post, repairs = _read_one(written, view, raw)
            except (Unreadable, NoPostError) as error:
                code = error.code
            else:
                posts.append(post)
                if repairs:
                    place = base + span.start
                    problems.append(
                        repaired(repairs, document=region.document, offset=place, post=post.post.id)
                    )
                continue
        if code == "cut_short":
            code = "bad_json"  # a region ends where an element ends: nothing is cut short in here
        hint = None if code in ("bad_id", "not_a_record") else post_id_hint(written)
        problems.append(
            skipped(code, PROBLEM_CODES[code], document=region.document, offset=base + span.start, post=hint)
        )
    return Parsed(tuple(posts), tuple(problems), read)


def _read_one(written: bytes, view: View, raw: RawRange) -> tuple[PostSeen, tuple[str, ...]]:
    """One record in the fast way or else the forgiving one. Raises Unreadable or NoPostError."""
    try:
        return post_from_record(_RECORD.decode(written), view, raw), ()
    except _FAILURES:
        pass
    source, repairs = loads(written)
    return post_from_dict(source, view, raw, repairs, written), repairs
