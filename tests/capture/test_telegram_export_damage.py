"""Damaged, hostile and foreign JSON: what can be read is kept, what cannot is counted, nothing else is lost."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from holdfast.capture.contract import Region
from holdfast.capture.telegram_export import (
    PROBLEM_CODES,
    RECORD_CODES,
    Document,
    Plan,
    json_records,
    read_export,
)
from holdfast.capture.telegram_export import stream as stream_module
from holdfast.capture.telegram_export.problems import REPAIR_CODES
from holdfast.errors import SourceError
from tests.capture.exports import export_bytes, import_bytes, import_records, message, run, stream

FORMATS: list[dict[str, Any]] = [{"indent": 1}, {"indent": None}, {"indent": 0}, {"indent": 4}]


def raw(number: int, old: bytes = b"", new: bytes = b"", *, indent: int | None = None) -> bytes:
    return json.dumps(message(number), ensure_ascii=False, indent=indent).encode().replace(old, new)


SKIPPED: dict[str, tuple[bytes, str, str | None]] = {
    "an open string": (raw(9, b'"post 9"', b'"post 9'), "bad_json", "9"),
    "a missing brace": (raw(9)[:-1], "bad_json", "9"),
    "mixed brackets": (b'{"id":9,"type":"message","date":"x","text":[}', "bad_json", "9"),
    "a word": (raw(9, b'"post 9"', b"post"), "bad_json", "9"),
    "10,000 lists": (raw(9, b'"post 9"', b"[" * 10_000 + b"]" * 10_000), "too_deep", "9"),
    "an id in quotes": (raw(9, b'"id": 9', b'"id": "9"'), "bad_id", None),
    "a fraction for an id": (raw(9, b'"id": 9', b'"id": 9.0'), "bad_id", None),
    "an id in powers of ten": (raw(9, b'"id": 9', b'"id": 5.92e+18'), "bad_id", None),
    "true for an id": (raw(9, b'"id": 9', b'"id": true'), "bad_id", None),
    "null for an id": (raw(9, b'"id": 9', b'"id": null'), "bad_id", None),
    "no id": (b'{"type":"message","date":"x"}', "bad_id", None),
    "an id of 5,000 digits": (raw(9, b'"id": 9', b'"id": ' + b"9" * 5000), "bad_id", None),
    "nothing but an id": (b'{"id":9,"words":"x"}', "not_a_post", "9"),
    "null": (b"null", "not_a_record", None),
    "a number": (b"4242", "not_a_record", None),
    "a string": (b'"a,b}"', "not_a_record", None),
    "a list": (b'[{"id":9}]', "not_a_record", None),
}

REPAIRED: dict[str, tuple[bytes, str, str]] = {
    "hex escapes": (rb"a\x0Fb", "a\x0fb", "hex_escape"),
    "an escaped backslash": (rb"a\\x0Fb\x1f", "a\\x0Fb\x1f", "hex_escape"),
    "half a surrogate pair": (rb"\ud83d-\ud83d\ude00-\udc00", "�-😀-�", "surrogate"),
    "another encoding": ("Да".encode("cp1251"), "��", "encoding"),
    "an encoded surrogate": (b"\xed\xa0\x80", "���", "encoding"),
    "a NUL": (b"a\0b", "a\0b", "control_character"),
    "a line break": (b"a\nb", "a\nb", "control_character"),
    "another program's escape": (rb"it\'s", "it\\'s", "escape"),
}


@pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "middle", "last"])
@pytest.mark.parametrize("form", FORMATS, ids=str)
@pytest.mark.parametrize("name", SKIPPED)
def test_a_poison_record_is_counted_and_swallows_no_neighbour(name: str, form: Any, place: int) -> None:
    poison, code, hint = SKIPPED[name]
    records: list[Any] = [message(1), message(2), message(3)]
    records.insert(place, poison)
    content = export_bytes(*records, **form)
    result = import_bytes(content)
    assert result.ids == ["1", "2", "3"]
    (problem,) = result.problems
    if place == 3 and problem.code == "cut_short":
        # What follows the last record cannot tell where a damaged one was meant to end.
        assert name in ("an open string", "a missing brace", "mixed brackets")
    else:
        assert (problem.code, problem.outcome, problem.post) == (code, "skipped", hint)
    assert problem.offset == content.index(poison)
    assert problem.document == "result.json"
    assert result.read == 4


@pytest.mark.parametrize("form", FORMATS, ids=str)
@pytest.mark.parametrize("name", REPAIRED)
def test_a_record_that_can_be_mended_is_kept_and_says_so(name: str, form: Any) -> None:
    written, expected, code = REPAIRED[name]
    content = export_bytes(message(1), raw(9, b"post 9", written), message(2), **form)
    result = import_bytes(content)
    assert result.ids == ["1", "9", "2"]
    post = result.post(9)
    assert (post.text, post.post.repairs) == (expected, (code,))
    assert [(p.code, p.outcome, p.post) for p in result.problems] == [(code, "repaired", "9")]
    assert post.raw is not None
    assert post.raw.offset is not None
    assert post.raw.length is not None
    assert content[post.raw.offset :][: post.raw.length] == raw(9, b"post 9", written)


def test_a_number_that_json_does_not_know_is_kept_as_its_word() -> None:
    result = import_records(raw(9, b'"text"', b'"x":NaN,"y":-Infinity,"text"'))
    assert result.post(9).post.other == {"x": "NaN", "y": "-Infinity"}
    assert result.codes == ["number"]


def test_garbage_between_records_is_one_problem_a_piece_and_loses_no_record() -> None:
    result = import_records(message(1), b"lorem ipsum }]x", message(2))
    assert result.ids == ["1", "2"]
    assert set(result.codes) == {"not_a_record"}


def test_of_repeated_keys_the_last_counts() -> None:
    result = import_records(b'{"id":1,"id":2,"type":"message","date":"x","text":"a","text":"b"}')
    assert (result.ids, result.posts[0].text) == (["2"], "b")


def test_records_of_another_formatting_are_read_among_the_others() -> None:
    # Its inner objects stand on lines that look like borders between records.
    strange = b'{\n"id":9,\n"type":"message",\n"date":"x",\n"text":[\n  {\n  "type":"bold","text":"a"\n  },\n  {\n  "type":"bold","text":"b"\n  }\n]\n}'
    result = import_records(message(1), strange, message(2), raw(3), message(4))
    assert (result.ids, result.problems) == (["1", "9", "2", "3", "4"], [])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "white space"),
        (b"hello", "no JSON object"),
        (b'[{"user":"U1","text":"x","ts":"1"}]', "begins with a list"),
        (b"<html></html>", "no JSON object"),
        (b'{"a": 1}', "neither `messages` nor"),
        (b'{"name":"N","type":"public_channel","id":1}', "neither `messages` nor"),
        (b'{"name":"N","type":"public_channel","id":1,"messages":{}}', "neither `messages` nor"),
        (b'{"name":"N","ty', "ends before its first post"),
        (b'{"name" "N"}', "no JSON at byte 8"),
        (b'{"guild":{"id":"1"},"channel":{},"messages":[{"id":"1","type":"Default"}]}', "another form"),
        (b'{"participants":[],"messages":[{"sender_name":"a","timestamp_ms":5}]}', "another form"),
        (b'{"messages":[{"_":"Message","id":5,"date":"2022-03-13T08:36:31+00:00"}]}', "another form"),
        (b'{"type":"x","id":1,"messages":[]}', "another form"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        ('{"a": 1}'.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_what_is_no_export_is_refused_in_one_line(content: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        import_bytes(content)
    assert "\n" not in caught.value.message + caught.value.remedy
    assert caught.value.message.startswith("result.json")


def test_a_chat_of_unknown_type_with_posts_of_ours_is_not_taken_for_public() -> None:
    result = import_records(message(1), type="hologram")
    assert [chat.included for chat in result.chats] == [False]
    assert (result.codes, result.posts) == (["kind_unknown"], [])


def test_keys_that_stand_behind_the_posts_are_found() -> None:
    content = json.dumps(json.loads(export_bytes(message(1), message(2))), sort_keys=True).encode()
    assert content.index(b'"messages"') < content.index(b'"type": "public_channel"')
    result = import_bytes(content)
    assert result.ids == ["1", "2"]
    assert [(c.channel.id, c.channel.kind) for c in result.chats] == [("1700000001", "channel")]


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter() -> None:
    content = b"\xef\xbb\xbf" + export_bytes(*map(message, range(1, 9))).replace(b"\n", b"\r\n")
    result = import_bytes(content)
    assert (len(result.posts), result.problems) == (8, [])
    raw_range = result.post(8).raw
    assert raw_range is not None
    assert raw_range.offset is not None
    assert raw_range.length is not None
    assert json.loads(content[raw_range.offset :][: raw_range.length])["id"] == 8


def test_a_whole_account_has_each_chat_with_its_own_posts() -> None:
    def chat(name: str, kind: str, number: int) -> dict[str, Any]:
        return {"name": name, "type": kind, "id": number, "messages": [message(number), message(number + 1)]}

    account = {
        "about": "x",
        "personal_information": {"user_id": 5, "first_name": "}]\\"},
        "contacts": {"about": "x", "list": [{"first_name": "[{"}]},
        "chats": {"about": "x", "list": [chat("A", "public_channel", 10), chat("B", "personal_chat", 20), 5]},
        "left_chats": {"list": [chat("C", "private_channel", 30), {"type": "bot_chat", "id": 3}, {}]},
    }
    for indent in (1, None):
        result = import_bytes(json.dumps(account, indent=indent).encode())
        assert [(c.index, c.channel.id, c.included) for c in result.chats] == [
            (0, "10", True),
            (1, "20", False),
            (2, "30", True),
            (3, "3", False),
        ]
        assert [(p.post.channel, p.post.id) for p in result.posts] == [
            ("10", "10"),
            ("10", "11"),
            ("30", "30"),
            ("30", "31"),
        ]
        assert result.codes == ["bad_chat", "bad_chat"]
        assert result.coverage[2].spans == ((30, 31),)


def test_a_chat_that_another_program_put_into_a_list_is_counted() -> None:
    foreign = {"id": 1, "messages": [{"_": "Message"}]}
    ours = json.loads(export_bytes(message(1)))
    result = import_bytes(json.dumps({"chats": {"list": [ours, foreign, ours]}}).encode())
    assert (result.ids, result.codes) == (["1", "1"], ["bad_chat"])


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_a_document_cut_at_any_byte_gives_a_prefix_of_whole_posts(form: Any) -> None:
    content = export_bytes(
        message(1), message(22), message(333, text=[{"type": "bold", "text": "x"}]), **form
    )
    ends = [content.rindex(b"}", 0, content.index(mark)) for mark in (b'"id": 22,', b'"id": 333,')]
    first = content.index(b"[") + 1
    for size in range(len(content)):
        if size < first:
            with pytest.raises(SourceError):
                import_bytes(content[:size])
            continue
        result = import_bytes(content[:size])
        assert result.ids == ["1", "22", "333"][: len(result.ids)]
        assert len(result.ids) >= sum(size > end for end in ends)
        assert result.codes[-1:] in (["cut_short"], ["unfinished"]) or size >= len(content.rstrip()) - 1
        assert result.read == len(result.ids) + result.codes.count("cut_short")
    assert import_bytes(content).problems == []


def test_what_follows_the_end_is_told() -> None:
    assert import_bytes(export_bytes(message(1)) + b"\n garbage").codes == ["trailing_bytes"]
    assert import_bytes(export_bytes(message(1)) + b" \n").codes == []


def test_five_megabytes_of_text_are_one_post() -> None:
    text = "ж\n" * 1_700_000
    result = import_records(message(1), message(2, text=text), message(3))
    assert result.ids == ["1", "2", "3"]
    assert result.post(2).text == text


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("indent", [1, None])
def test_a_record_beyond_the_limit_is_passed_and_counted(
    indent: int | None, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (stream_module, json_records):
        monkeypatch.setattr(module, "MAX_RECORD_BYTES", 2 * 2**20)
    records = [message(1), message(3)]
    records.insert(place, message(2, text="@", more=["{", {"x": "]"}]))
    before, after = export_bytes(*records, indent=indent).split(b"@")

    def pieces() -> Iterator[bytes]:
        yield before
        yield from [rb"x\"{" * 2**18] * 8
        yield after

    plan = Plan(Path(), "json", (Document(Path("x"), "result.json"),))
    result = run(plan, lambda _: stream(pieces()))
    assert result.ids == ["1", "3"]
    assert [(p.code, p.post, p.offset) for p in result.problems] == [
        ("too_large", "2", before.rindex(b"{\n" if indent else b'{"id'))
    ]
    assert result.read == 3


def test_a_record_beyond_the_limit_that_is_cut_short_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (stream_module, json_records):
        monkeypatch.setattr(module, "MAX_RECORD_BYTES", 2**20)
    before, _ = export_bytes(message(1), message(2, text="@")).split(b"@")
    plan = Plan(Path(), "json", (Document(Path("x"), "result.json"),))
    result = run(plan, lambda _: stream([before, b"x" * (5 * 2**20)]))
    assert (result.ids, result.codes) == (["1"], ["cut_short"])


def _give(source: BinaryIO, _: Document) -> BinaryIO:
    return source


def test_memory_does_not_grow_with_the_document() -> None:
    record = json.dumps(message(7, text="слово " * 80), ensure_ascii=False, indent=1).replace("\n", "\n  ")
    piece = f",\n  {record}".encode() * 1000
    head, end, tail = export_bytes(message(1)).partition(b"\n ]")
    plan = Plan(Path(), "json", (Document(Path("x"), "result.json"),))
    peaks = []
    for count in (10, 100):
        source = stream([head, *[piece] * count, end + tail])
        tracemalloc.start()
        total = sum(
            len(event.body) if isinstance(event, Region) else 0
            for event in read_export(plan, partial(_give, source))
        )
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert total > len(piece) * count * 0.95
    assert peaks[1] < 6_000_000
    assert peaks[1] < peaks[0] * 1.5


def test_every_code_is_documented() -> None:
    assert set(RECORD_CODES) | set(REPAIR_CODES) <= set(PROBLEM_CODES)
    assert not set(RECORD_CODES) & set(REPAIR_CODES)
