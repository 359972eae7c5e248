"""What holds for every export: nothing is lost, nothing raises, both ways of reading a record agree."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.capture.contract import Chat
from holdfast.capture.telegram_export.json_lenient import loads
from holdfast.capture.telegram_export.json_rare import NoPostError, post_from_dict
from holdfast.capture.telegram_export.json_record import RareRecordError, Record, View, post_from_record
from holdfast.errors import SourceError
from holdfast.model import ChannelSeen, RawRange, plain_text
from tests.capture.exports import (
    ARTEFACT,
    export_bytes,
    html_page,
    html_row,
    html_service,
    html_text,
    import_bytes,
    message,
    service,
)

words = st.text(st.characters(codec="utf-8"), max_size=30)
whole = st.integers(-(2**70), 2**70)
run_objects = st.fixed_dictionaries(
    {"type": st.sampled_from(["bold", "plain", "custom_emoji", "text_link", "pre"]), "text": words},
    optional={
        "href": words,
        "document_id": words,
        "language": words,
        "collapsed": st.booleans(),
        "user_id": whole,
    },
)
texts = words | st.lists(words | run_objects, max_size=5)
anything = st.recursive(
    st.none() | st.booleans() | whole | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
unix = st.integers(-(10**13), 10**13).map(str) | words
KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["message", "service", "unsupported", "new"]),
    "date": words,
    "date_unixtime": unix,
    "edited": words,
    "edited_unixtime": unix,
    "from": words | st.none(),
    "from_id": st.sampled_from(["channel7", "channel8", "user5"]) | whole,
    "author": words,
    "text": texts,
    "text_entities": texts,
    "reply_to_message_id": whole,
    "reply_to_peer_id": st.sampled_from(["channel8", "user5", "x"]),
    "forwarded_from": words | st.none(),
    "forwarded_from_id": st.sampled_from(["channel8", "user5", "x"]),
    "photo": words,
    "file": words,
    "file_name": words,
    "file_size": whole,
    "width": whole,
    "media_type": st.sampled_from(["sticker", "voice_message", "x"]),
    "duration_seconds": whole,
    "title": words,
    "media_spoiler": st.booleans(),
    "reactions": st.lists(
        st.fixed_dictionaries(
            {"count": whole, "type": words},
            optional={"emoji": words, "document_id": words, "recent": anything},
        ),
        max_size=3,
    ),
    "action": words,
    "members": st.lists(words, max_size=3),
    "poll": anything,
    "location_information": anything,
}
records = st.fixed_dictionaries(
    {"id": whole}, optional={key: value | anything for key, value in KNOWN.items()}
)
ordinary = st.fixed_dictionaries(
    {"id": whole, "type": st.just("message")},
    optional={key: value for key, value in KNOWN.items() if key != "type"},
)


@given(st.lists(records, max_size=6), st.sampled_from([None, 0, 1, 2]), st.booleans())
def test_every_record_becomes_a_post_or_a_problem_and_its_range_holds_it(
    chosen: list[dict[str, Any]], indent: int | None, ascii_only: bool
) -> None:
    header = {"name": "N", "type": "public_channel", "id": 7}
    content = json.dumps({**header, "messages": chosen}, indent=indent, ensure_ascii=ascii_only).encode()
    result = import_bytes(content)
    skipped = [problem for problem in result.problems if problem.outcome == "skipped"]
    assert result.read == len(chosen) == len(result.posts) + len(skipped)
    assert {problem.code for problem in skipped} <= {"not_a_post"}
    kept = iter(result.posts)
    for record in chosen:
        kind = record.get("type")
        typed = isinstance(kind, str) and kind in ("message", "service", "unsupported")
        if not typed and record.get("date") is None and "date_unixtime" not in record:
            continue
        post = next(kept)
        assert post.raw is not None
        assert post.raw.offset is not None
        assert post.raw.length is not None
        written = content[post.raw.offset :][: post.raw.length]
        assert json.loads(written) == record
        assert post.post.id == str(record["id"])
        msgspec.json.encode(post)
        assert "__float__" not in str(_floats(msgspec.to_builtins(post)))


def _floats(value: Any) -> Any:
    if isinstance(value, float):
        return "__float__"
    if isinstance(value, dict):
        return [_floats(item) for item in value.values()]
    return [_floats(item) for item in value] if isinstance(value, list | tuple) else None


@given(ordinary)
def test_the_fast_way_and_the_forgiving_way_give_the_same_post(record: dict[str, Any]) -> None:
    written = json.dumps(record).encode()
    view = View(Chat(0, ChannelSeen("7", "N")))
    raw = RawRange(ARTEFACT, 0, len(written))
    source, repairs = loads(written)
    try:
        fast = post_from_record(msgspec.json.decode(written, type=Record), view, raw)
    except (msgspec.DecodeError, RareRecordError):
        return
    assert fast == post_from_dict(source, view, raw, repairs, written)


@given(st.lists(st.tuples(words, st.sampled_from(["bold", None])), max_size=6))
def test_a_text_is_its_pieces_in_order(pieces: list[tuple[str, str | None]]) -> None:
    runs = [word if kind is None else {"type": kind, "text": word} for word, kind in pieces]
    (post,) = import_bytes(export_bytes(message(1, text=runs))).posts
    assert plain_text(post.text) == "".join(word for word, _ in pieces)


def small_exports() -> list[tuple[str, bytes]]:
    rich = [
        message(
            1,
            text=["a", {"type": "bold", "text": "б"}],
            reactions=[{"type": "emoji", "count": 1, "emoji": "❤"}],
        ),
        service(2, "pin_message", message_id=1),
        message(
            3, file="f (File not included. x)", thumbnail="t", media_type="sticker", poll={"answers": [{}]}
        ),
        message(4, location_information={"latitude": 1.5}, contact_information={"first_name": "O"}),
    ]
    account = {
        "chats": {"list": [json.loads(export_bytes(*rich)), {"type": "bot_chat", "id": 1, "messages": []}]}
    }
    rows = html_service(-1, "28 December 2023") + html_service(1, "Channel &laquo;x&raquo; created")
    rows += html_row(2, html_text('a <b>c</b><a href="x">y</a>')) + html_row(
        3,
        '<div class="media_wrap"><div class="media media_file"><div class="title">f</div></div></div>'
        '<span class="reactions"><span class="reaction"><span class="count">3</span></span></span>',
        author=None,
    )
    return [
        ("result.json", export_bytes(*rich)),
        ("result.json", export_bytes(*rich, indent=None)),
        ("result.json", json.dumps(account, indent=1).encode()),
        ("messages.html", html_page(rows)),
    ]


@pytest.mark.parametrize(
    ("name", "content"), small_exports(), ids=["indented", "minified", "account", "html"]
)
def test_no_bytes_whatever_raise_anything_but_a_refusal(name: str, content: bytes) -> None:
    dice = random.Random(0)
    snippets = [
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\0",
        b"\xff",
        b"\\x1F",
        b"\\ud800",
        b"NaN",
        b"-",
        b"9" * 30,
    ]
    snippets += [
        b"<div>",
        b"</div>",
        b"<",
        b">",
        b"&#x",
        b"\n",
        b" ",
        b"null",
        b'{"id":1}',
        b",,",
        b":",
        b"e9",
    ]
    for _ in range(400):
        mutated = bytearray(content)
        for _ in range(dice.choice([1, 1, 2, 5, 20])):
            at = dice.randrange(len(mutated) + 1)
            match dice.randrange(4):
                case 0:
                    mutated[at : at + 1] = bytes([dice.randrange(256)])
                case 1:
                    mutated[at:at] = dice.choice(snippets)
                case 2:
                    del mutated[at : at + dice.randrange(1, 40)]
                case _:
                    start = dice.randrange(len(mutated) + 1)
                    mutated[at:at] = mutated[start : start + dice.randrange(60)]
        try:
            result = import_bytes(bytes(mutated), name, include_private=True)
        except SourceError as error:
            assert "\n" not in error.message  # noqa: PT017
            continue
        for post in result.posts:
            msgspec.json.encode(post)
        for coverage in result.coverage:
            assert all(first <= last for first, last in coverage.spans)
            assert list(coverage.spans) == sorted(coverage.spans)


@given(st.dictionaries(words, anything, max_size=6))
def test_any_object_with_an_id_is_kept_or_named(fields: dict[str, Any]) -> None:
    view = View(Chat(0, ChannelSeen("7", "N")))
    source = {**fields, "id": 5, "type": "message"}
    try:
        post = post_from_dict(source, view, RawRange(ARTEFACT), (), b"")
    except NoPostError as error:
        pytest.fail(error.code)
    assert post.post.id == "5"
