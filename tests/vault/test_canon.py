"""Entries and disclosures: the worked example, strict reading, and bodies that hold less than all."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.errors import FormatError, IntegrityError
from holdfast.model import UNITS
from holdfast.vault import canon, merkle
from holdfast.vault.canon import (
    ELEMENTS_MAX,
    ENTRY_MAX_BYTES,
    Entry,
    Opened,
    Sealed,
    digest_of,
    encode_time,
    open_body,
    open_element,
    parse_disclosure,
    parse_entry,
    parse_json,
    parse_salt,
    parse_time,
    seal,
    seal_posts,
    spelling,
)
from holdfast.vault.format import tiles
from holdfast.vault.format.checkpoint import Checkpoint, encode_checkpoint
from holdfast.vault.format.key import KeyKind, Signer, encode_vkey
from holdfast.vault.format.note import sign_checkpoint
from holdfast.vault.private import Bundle, encode_bundle, parse_bundle, parse_frame
from tests.vectors import generate_canon, naive_canon

TIME = "2026-11-23T03:43:00Z"
POST = [b'{"id":"1"}', b"null", b'"a"', b"null", b"null", b"null"]


def compact(value: Any) -> bytes:
    return naive_canon.compact(value).encode()


def two_posts() -> tuple[Sealed, Entry]:
    sealed = seal_posts(TIME, b'{"id":"0"}', [POST, [b'{"id":"2"}', *POST[1:]]])
    return sealed, parse_entry(sealed.entry)


def replaced(**changes: Any) -> bytes:
    """A flat entry with other members (None: without it), in canonical form."""
    found = {"_sd": ["A" * 43, "B" * 43], "_sd_alg": "sha-256", "t": "channel", "ts": TIME, "v": 1, **changes}
    kept = {name: value for name, value in found.items() if value is not None}
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


# --- the worked example of docs/format.md ------------------------------------------------------------


@pytest.fixture(scope="module")
def blocks() -> dict[str, str]:
    return generate_canon.example(generate_canon.PATH.read_text(encoding="utf-8"))


def hexed(blocks: dict[str, str], name: str) -> bytes:
    return bytes.fromhex("".join(blocks[name].split()))


def test_the_worked_example_is_what_the_naive_implementation_makes(blocks: dict[str, str]) -> None:
    assert blocks == generate_canon.build(), "run `make vectors`"


def sealed_example(name: str, salts: bytes) -> Sealed:
    drawn: list[int] = []

    def random(count: int) -> bytes:
        drawn.append(count)
        return salts

    if name == "channel":
        units = [(unit, compact(value)) for unit, value in generate_canon.CHANNEL]
        sealed = seal("channel", generate_canon.TIMES[0], units, random=random)
    else:
        posts = [[compact(value) for value in post] for post in generate_canon.POSTS]
        sealed = seal_posts(generate_canon.TIMES[1], compact(generate_canon.CAPTURE), posts, random=random)
    assert drawn == [len(salts)]
    return sealed


@pytest.mark.parametrize("name", ["channel", "posts"])
def test_the_program_seals_and_opens_the_worked_example(blocks: dict[str, str], name: str) -> None:
    salts = hexed(blocks, f"{name}-salts")
    sealed = sealed_example(name, salts)
    assert sealed == Sealed(
        blocks[f"{name}-entry"].rstrip("\n").encode(), salts, blocks[f"{name}-body"].encode()
    )
    assert merkle.leaf_hash(sealed.entry).hex() == blocks[f"{name}-leaf"].strip()
    entry = parse_entry(sealed.entry)
    opened = open_body(entry, sealed.salts, sealed.body)
    shown = list(opened.disclosures)
    for element in opened.elements:
        assert element.own is not None
        shown += [element.own, *element.units]
    assert [one.encoded for one in shown] == blocks[f"{name}-disclosures"].split()
    assert [one.digest.decode() for one in shown] == blocks[f"{name}-digests"].split()
    assert [digest_of(one.text) for one in shown] == [one.digest for one in shown]
    assert opened.missing == ()


def test_the_program_reads_the_worked_examples_files(blocks: dict[str, str]) -> None:
    entries = [blocks[f"{name}-entry"].rstrip("\n").encode() for name in ("channel", "posts")]
    frame = hexed(blocks, "channel-frame")
    assert parse_frame(frame) == (hexed(blocks, "channel-salts"), blocks["channel-body"].encode())
    other = naive_canon.frame([hexed(blocks, "posts-salts")], blocks["posts-body"].encode())
    bundle = frame + other + hexed(blocks, "private-index")
    assert parse_bundle(bundle) == [frame, other]
    assert encode_bundle([frame, other]) == bundle
    assert Bundle(bundle, len(bundle)).spans == ((0, len(frame)), (len(frame), len(other)))
    assert tiles.join_bundle(entries)[:32] == hexed(blocks, "bundle-head")
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    assert tiles.join_tile(leaves) == hexed(blocks, "tile")
    assert merkle.root(leaves) == hexed(blocks, "root")
    head = Checkpoint(generate_canon.ORIGIN, 2, merkle.root(leaves))
    assert encode_checkpoint(head).decode() == blocks["checkpoint"]
    signer = Signer(generate_canon.ORIGIN, KeyKind.ED25519, generate_canon.SEED)
    assert encode_vkey(signer.verifier) + "\n" == blocks["vkey"]
    assert (
        sign_checkpoint(head, [signer], time=0).decode() == f"{blocks['checkpoint']}\n{blocks['signature']}"
    )


def test_the_example_of_what_is_not_held_opens_to_the_rest(blocks: dict[str, str]) -> None:
    salts = naive_canon.salts_of(hexed(blocks, "posts-salts"))
    digests = blocks["posts-digests"].split()
    gone: set[tuple[int | None, str]] = {(None, "capture"), (0, "author"), (1, "*")}
    kept, body = naive_canon.thinned(blocks["posts-body"], salts, digests, gone)
    assert body.decode() == blocks["posts-withheld-body"]
    entry = parse_entry(blocks["posts-entry"].rstrip("\n").encode())
    opened = open_body(entry, kept, body)
    assert opened.missing == (digests[0].encode(),)
    first, second = opened.elements
    assert first.missing == (digests[3].encode(),)
    assert [unit.name for unit in first.units] == ["post", "text", "media", "metrics", "raw"]
    assert second == canon.Element(None, (), (digests[8].encode(),))


# --- sealing ---------------------------------------------------------------------------------------


def test_every_disclosure_gets_a_fresh_salt() -> None:
    flat = seal("channel", TIME, [(name, b"null") for name in "abcd"])
    posts = seal_posts(TIME, b"null", [POST] * 3)
    salts = naive_canon.salts_of(flat.salts) + naive_canon.salts_of(posts.salts)
    assert len(set(salts)) == len(salts) == 4 + 1 + 3 * 7
    assert seal("channel", TIME, [("a", b"1")]).entry != seal("channel", TIME, [("a", b"1")]).entry


def test_an_entry_shows_nothing_of_its_values() -> None:
    sealed = seal_posts(TIME, b'"secret"', [[b'"secret"'] * 6] * 2)
    assert b"secret" not in sealed.entry
    assert sealed.body.count(b"secret") == 13


def test_the_count_of_digests_does_not_depend_on_the_content() -> None:
    full = seal_posts(TIME, b"null", [[b'"x"'] * 6])
    empty = seal_posts(TIME, b"null", [[b"null"] * 6])
    assert len(full.entry) == len(empty.entry)


def test_a_full_entry_of_posts_stays_far_below_the_cap() -> None:
    sealed = seal_posts(TIME, b"null", [[b'"x"'] * 6] * ELEMENTS_MAX)
    assert len(sealed.entry) < ENTRY_MAX_BYTES // 5
    assert len(parse_entry(sealed.entry).elements) == ELEMENTS_MAX


@pytest.mark.parametrize("count", [0, ELEMENTS_MAX + 1])
def test_an_entry_of_no_posts_or_too_many_is_refused(count: int) -> None:
    with pytest.raises(FormatError, match="1 to 128 posts"):
        seal_posts(TIME, b"null", [POST] * count)


def test_an_entry_past_the_cap_is_refused() -> None:
    with pytest.raises(FormatError, match="over the cap"):
        seal("capture", TIME, [(f"n{number}", b"1") for number in range(1_500)])


@pytest.mark.parametrize("name", ["", 'a"b', "a\\b", "a\nb", "é", "x" * 33])
def test_a_name_that_would_not_read_back_is_refused(name: str) -> None:
    with pytest.raises(FormatError, match="plain ASCII"):
        seal("channel", TIME, [("a", b"1"), (name, b"1")])


def test_an_entry_without_disclosures_is_refused() -> None:
    with pytest.raises(FormatError, match="needs disclosures"):
        seal("channel", TIME, [])


@pytest.mark.parametrize("value", [b'{"a":\n1}', b"1\n", b"\n"])
def test_a_value_with_a_line_feed_is_refused_before_it_is_sealed(value: bytes) -> None:
    with pytest.raises(FormatError, match="line feed"):
        seal("channel", TIME, [("a", value)])
    with pytest.raises(FormatError, match="line feed"):
        seal_posts(TIME, value, [POST])
    with pytest.raises(FormatError, match="line feed"):
        seal_posts(TIME, b"null", [[*POST[:5], value]])


# --- times -----------------------------------------------------------------------------------------


@given(st.integers(-62_135_596_800, 253_402_300_799))
@example(-62_135_596_800)
@example(253_402_300_799)
@example(0)
def test_a_time_reads_back(unix_s: int) -> None:
    text = encode_time(unix_s)
    assert len(text) == 20
    assert parse_time(text) == unix_s


@pytest.mark.parametrize("unix_s", [-62_135_596_801, 253_402_300_800, 2**63, -(2**63), 10**30])
def test_a_time_outside_the_years_1_to_9999_has_no_text(unix_s: int) -> None:
    with pytest.raises(FormatError, match="no calendar time"):
        encode_time(unix_s)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23T03:43:00",
        "2026-11-23T03:43:00z",
        "2026-11-23 03:43:00Z",
        "2026-11-23T03:43:00+00:00",
        "2026-11-23T03:43:00.0Z",
        "2026-11-23T03:43:00Z ",
        "2026-11-23T03:43:00Z\n",
        "2026-11-23T24:00:00Z",
        "2026-11-23T03:43:60Z",
        "2026-02-29T03:43:00Z",
        "0000-01-01T00:00:00Z",
        "2026-W48-1T00:00:00Z",
        "२०२६-11-23T03:43:00Z",
        "\ud800026-11-23T03:43:00Z",
    ],
)
def test_another_spelling_of_a_time_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse_time(text)


def test_midnight_at_the_end_of_a_day_is_refused_where_python_reads_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Newer(datetime):
        @classmethod
        def fromisoformat(cls, text: str) -> Newer:
            assert text == "2026-11-23T24:00:00"
            return cls(2026, 11, 24)

    monkeypatch.setattr(spelling, "datetime", Newer)
    with pytest.raises(FormatError, match="not a calendar time"):
        parse_time("2026-11-23T24:00:00Z")


# --- strict reading --------------------------------------------------------------------------------


def test_an_entry_reads_back() -> None:
    entry = parse_entry(replaced())
    assert entry == Entry("channel", TIME, (b"A" * 43, b"B" * 43), ())
    sealed, posts = two_posts()
    assert posts.kind == "posts"
    assert sealed.entry.count(b'{"...":"') == len(posts.elements) == 2


def test_an_entry_of_an_unknown_type_is_kept() -> None:
    assert parse_entry(replaced(t="erasure")).kind == "erasure"
    assert parse_entry(replaced(t="x" + "_" * 31, _sd=[])).digests == ()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"[]", "not a JSON object"),
        (b"{", "not JSON"),
        (replaced(v=2), "another version"),
        (replaced(_sd_alg="md5"), "another digest algorithm"),
        (replaced(more=1), "other keys"),
        (replaced() + b" ", "not in canonical form"),
        (replaced(_sd=["B" * 43, "A" * 43]), "not sorted"),
        (replaced(_sd=["A" * 43] * 2), "repeated"),
        (replaced(t="posts", posts=[{"...": "A" * 43}]), "repeated"),
        (replaced(t="posts", posts=[{"...": f"{n:043}"} for n in range(129)]), "1 to 128 posts"),
        (replaced(posts=[{"...": "C" * 43}]), "1 to 128 posts"),
        (replaced(t="posts"), "1 to 128 posts"),
        (replaced(ts="2026-13-01T00:00:00Z"), "not a calendar time"),
        (replaced(_sd=[f"{n:043}" for n in range(1_400)]), "over the cap"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said(raw: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse_entry(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"\xef\xbb\xbf" + replaced(),
        replaced() + b"\n",
        b" " + replaced(),
        replaced().replace(b":1}", b": 1}"),
        replaced().replace(b'"v":1', b'"v":1.0'),
        replaced().replace(b'"v":1', b'"v":1e0'),
        replaced().replace(b'"v":1', b'"v":NaN'),
        replaced().replace(b'"v":1', b'"v":' + b"9" * 5_000),
        replaced().replace(b'"v":1', b'"v":1,"v":1'),
        replaced().replace(b'"t"', b'"\\u0074"'),
        replaced().replace(b"{", b'{"a":' + b"[" * 100_000, 1),
        replaced(v=2),
        replaced(v=True),
        replaced(v="1"),
        replaced(v=None),
        replaced(_sd_alg="sha-512"),
        replaced(_sd_alg=None),
        replaced(t=None),
        replaced(t=1),
        replaced(t="Channel"),
        replaced(t="x" * 33),
        replaced(t="é"),
        replaced(t="\ud800"),
        replaced(ts=None),
        replaced(ts=1),
        replaced(ts="2026-11-23"),
        replaced(ts="\ud800"),
        replaced(more=1),
        replaced(_sd=None),
        replaced(_sd="A"),
        replaced(_sd={}),
        replaced(_sd=[1]),
        replaced(_sd=["A" * 42]),
        replaced(_sd=["A" * 42 + "="]),
        replaced(_sd=["A" * 42 + "é"]),
        replaced(_sd=["A" * 43 + "\n"]),
        replaced(_sd=["B" * 43, "A" * 43]),
        replaced(_sd=["A" * 43, "A" * 43]),
        replaced(posts=[{"...": "C" * 43}]),
        replaced(t="posts"),
        replaced(t="posts", posts=None),
        replaced(t="posts", posts={}),
        replaced(t="posts", posts=[]),
        replaced(t="posts", posts=["C" * 43]),
        replaced(t="posts", posts=[{}]),
        replaced(t="posts", posts=[{"...": 1}]),
        replaced(t="posts", posts=[{"...": "C" * 43, "x": 1}]),
        replaced(t="posts", posts=[{"...": "C" * 43}] * 2),
        replaced(t="posts", posts=[{"...": "A" * 43}]),
        replaced(t="posts", posts=[{"...": f"{n:043}"} for n in range(ELEMENTS_MAX + 1)]),
        replaced(_sd=[f"{n:043}" for n in range(1_400)]),
    ],
)
def test_what_is_not_exactly_an_entry_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_entry(raw)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b'["salt"]',
        b'["salt","a",1,2]',
        b'[1,"a",1]',
        b'["salt",1,1]',
        b'["salt",null,1]',
        b'["salt","_sd",1]',
        b'["salt","...",1]',
        b'["salt","a",1.5]',
        b'["salt","a",1e2]',
        b'["salt","a",-Infinity]',
        b'["salt","a",{"b":1,"b":1}]',
        b'["salt","a",{"b":{"c":1,"c":2}}]',
        b'["salt","a","\xff"]',
        b'["salt","a","\x01"]',
        b'["salt","a",' + b"[" * 100_000 + b"]" * 100_000 + b"]",
    ],
)
def test_what_is_no_disclosure_is_refused(text: bytes) -> None:
    with pytest.raises(FormatError):
        parse_disclosure(text)


def test_a_disclosure_reads_back() -> None:
    assert parse_disclosure(b'["s","a",{"b":[1,"x",null]}]') == ("s", "a", {"b": [1, "x", None]})
    assert parse_disclosure(b'["s",{"_sd":[]}]') == ("s", None, {"_sd": []})
    assert parse_disclosure(b'["s","a","\\ud800"]') == ("s", "a", "\ud800")


def test_a_salt_has_one_spelling() -> None:
    salt = bytes(range(16))
    assert parse_salt(naive_canon.base64url(salt)) == salt
    for text in (
        "",
        "A" * 21,
        "A" * 23,
        "A" * 24,
        "A" * 21 + "B",
        "A" * 21 + "=",
        "é" * 22,
        "+" * 22,
        "\ud800",
    ):
        with pytest.raises(FormatError):
            parse_salt(text)


def only_format_errors(parse: Callable[[Any], object], given_: Any) -> None:
    with contextlib.suppress(FormatError):
        parse(given_)


PARSERS: list[tuple[Callable[[Any], object], bytes]] = [
    (parse_entry, replaced()),
    (parse_entry, two_posts()[0].entry),
    (parse_disclosure, b'["AAAAAAAAAAAAAAAAAAAAAA","text",["a",{"type":"bold","text":"b"}]]'),
    (parse_json, b'{"a":[1,-2,true,null,"x\\ud83d\\ude00"]}'),
]


@given(st.sampled_from(PARSERS), st.binary(max_size=200))
def test_random_bytes_are_read_or_refused_with_a_format_error(
    case: tuple[Callable[[Any], object], bytes], data: bytes
) -> None:
    only_format_errors(case[0], data)


@given(st.sampled_from(PARSERS), st.data())
def test_mutated_bytes_are_read_or_refused_with_a_format_error(
    case: tuple[Callable[[Any], object], bytes], data: st.DataObject
) -> None:
    parse, valid = case
    raw = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    only_format_errors(parse, bytes(raw))


@given(st.text(max_size=40))
def test_random_texts_are_times_or_salts_or_format_errors(text: str) -> None:
    only_format_errors(parse_time, text)
    only_format_errors(parse_salt, text)


# --- bodies that hold less than all ------------------------------------------------------------------

NAMES: list[tuple[int | None, str]] = [
    (None, "capture"),
    *((post, name) for post in (0, 1) for name in ("*", *UNITS)),
]


def agree(entry: Entry, sealed: Sealed, salts: bytes, body: bytes) -> Opened | None:
    """What three readings say of a body; None if it is refused."""
    naive = naive_canon.open_body(sealed.entry, salts, body)
    try:
        opened = open_body(entry, salts, body)
    except (FormatError, IntegrityError):
        assert naive is None
        return None
    assert naive is not None
    assert {one.name: one.text.decode() for one in opened.disclosures} == naive["own"]
    assert [digest.decode() for digest in opened.missing] == naive["missing"]
    for place, element in enumerate(opened.elements):
        assert open_element(entry, salts, body, place) == element
        if naive["posts"][place] is None:
            assert element == canon.Element(None, (), (entry.elements[place],))
        else:
            text, units, absent = naive["posts"][place]
            assert element.own is not None
            assert element.own.text.decode() == text
            assert {one.name: one.text.decode() for one in element.units} == units
            assert [digest.decode() for digest in element.missing] == absent
    return opened


def thinned(sealed: Sealed, gone: set[tuple[int | None, str]]) -> tuple[bytes, bytes]:
    opened = open_body(parse_entry(sealed.entry), sealed.salts, sealed.body)
    digests = [one.digest.decode() for one in opened.disclosures]
    for element in opened.elements:
        assert element.own is not None
        digests += [element.own.digest.decode(), *(one.digest.decode() for one in element.units)]
    return naive_canon.thinned(sealed.body.decode(), naive_canon.salts_of(sealed.salts), digests, gone)


def test_every_combination_of_what_is_not_held_opens_to_the_rest() -> None:
    sealed, entry = two_posts()
    whole = open_body(entry, sealed.salts, sealed.body)
    checked = 0
    one_post = [(0, name) for name in ("*", *UNITS)]
    other = [(), ((1, "*"),), ((1, "raw"),), tuple((1, name) for name in UNITS)]
    own: list[tuple[tuple[int | None, str], ...]] = [(), ((None, "capture"),)]
    for size in range(len(one_post) + 1):
        for first, second, capture in itertools.product(itertools.combinations(one_post, size), other, own):
            gone: set[tuple[int | None, str]] = {*first, *second, *capture}
            salts, body = thinned(sealed, gone)
            opened = agree(entry, sealed, salts, body)
            assert opened is not None
            for post, (element, full) in enumerate(zip(opened.elements, whole.elements, strict=True)):
                held = [one for one in full.units if not gone & {(post, one.name), (post, "*")}]
                assert list(element.units) == held
                assert element.own == (None if (post, "*") in gone else full.own)
            assert opened.value("capture") == (None if capture else {"id": "0"})
            checked += 1
    assert checked == 2**7 * 4 * 2


def test_a_flat_entry_opens_with_any_of_its_disclosures() -> None:
    names = ["capture", "channel", "followers", "labels"]
    sealed = seal("channel", TIME, [(name, compact({"of": name})) for name in names])
    entry = parse_entry(sealed.entry)
    for size in range(5):
        for gone in itertools.combinations(names, size):
            salts, body = thinned(sealed, {(None, name) for name in gone})
            opened = agree(entry, sealed, salts, body)
            assert opened is not None
            assert len(opened.missing) == size
            assert {name: opened.value(name) for name in names} == {
                name: None if name in gone else {"of": name} for name in names
            }


def test_an_erased_entry_opens_to_nothing() -> None:
    sealed, entry = two_posts()
    opened = agree(entry, sealed, b"", b"")
    assert opened == Opened(
        (), tuple(canon.Element(None, (), (digest,)) for digest in entry.elements), entry.digests
    )


def test_values_are_read_from_their_own_bytes() -> None:
    value = b'{"a":"x,]\\"}","b":[1,2]}'
    sealed = seal("channel", TIME, [("one", value), ("two, three", b"null")])
    opened = open_body(parse_entry(sealed.entry), sealed.salts, sealed.body)
    assert [one.raw_value() for one in opened.disclosures] == [value, b"null"]
    assert opened.value("one") == {"a": 'x,]"}', "b": [1, 2]}
    posts, entry = two_posts()
    element = open_body(entry, posts.salts, posts.body).elements[0]
    assert element.own is not None
    assert json.loads(element.own.raw_value()) == element.own.value
    assert sorted(element.own.value["_sd"]) == [
        one.digest.decode() for one in sorted(element.units, key=_digest)
    ]


def _digest(one: canon.Disclosure) -> bytes:
    return one.digest


def test_a_value_that_was_sealed_broken_is_named_when_it_is_read() -> None:
    sealed = seal("channel", TIME, [("a", b"{broken")])
    opened = open_body(parse_entry(sealed.entry), sealed.salts, sealed.body)
    with pytest.raises(FormatError):
        opened.value("a")


SEALED, ENTRY = two_posts()
LINES = SEALED.body.split(b"\n")[:-1]


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("salts", "lines", "error", "message"),
    [
        (SEALED.salts[:-1], LINES, FormatError, "more or fewer salts"),
        (SEALED.salts[:-16], LINES, FormatError, "more or fewer salts"),
        (SEALED.salts + bytes(16), LINES, FormatError, "more or fewer salts"),
        (bytes(16), [], FormatError, "more or fewer salts"),
        (SEALED.salts[:128], LINES[:8], FormatError, "speaks of 1 posts"),
        (SEALED.salts, [*LINES, b"-"], FormatError, "speaks of 3 posts"),
        (SEALED.salts[:16], LINES[:1], FormatError, "speaks of 0 posts"),
        (
            SEALED.salts,
            [*LINES[:2], b"?" + LINES[2], *LINES[3:]],
            FormatError,
            "neither disclosure nor element",
        ),
        (SEALED.salts[:-112] + bytes(16), [*LINES[:8], b"", b"-"], FormatError, "neither disclosure"),
        (SEALED.salts, [*LINES[:1], b"+" + b"A" * 42, *LINES[2:]], FormatError, "half a digest"),
        (SEALED.salts, [*LINES[:1], b"+" + b"=" * 43, *LINES[2:]], FormatError, "no digest"),
        (SEALED.salts, [*LINES[:1], b"+" + b"\xff" * 43, *LINES[2:]], FormatError, "no digest"),
        (SEALED.salts, [*LINES[:2], b'"post"', *LINES[3:]], FormatError, "no name"),
        (SEALED.salts, [*LINES[:2], b'"', *LINES[3:]], FormatError, "no name"),
        (SEALED.salts, [*LINES[:2], b'"",1]', *LINES[3:]], FormatError, "no name"),
        (SEALED.salts, [*LINES[:2], b'"\\u0061",1]', *LINES[3:]], FormatError, "no name"),
        (SEALED.salts, [*LINES[:2], b'"\xff",1]', *LINES[3:]], FormatError, "no name"),
        (SEALED.salts, [*LINES[:2], b'"' + b"a" * 39 + b'",1]', *LINES[3:]], FormatError, "no name"),
        (SEALED.salts[:-16], [b"-", *LINES[2:]][:8] + LINES[8:], FormatError, "does not hold"),
        (SEALED.salts, [b'"capture",2]', *LINES[1:]], IntegrityError, "'capture' does not belong"),
        (SEALED.salts[:16] + SEALED.salts, [LINES[0], *LINES], IntegrityError, "'capture' does not belong"),
        (SEALED.salts, [*LINES[:2], b'"post",2]', *LINES[3:]], IntegrityError, "post 0 of the entry"),
        (SEALED.salts, [*LINES[:9], b'"post",2]', *LINES[10:]], IntegrityError, "post 1 of the entry"),
        (SEALED.salts, [*LINES[:1], b"+" + b"A" * 43, *LINES[2:]], IntegrityError, "post 0 of the entry"),
        (SEALED.salts, [LINES[0], *LINES[8:], *LINES[1:8]], IntegrityError, "post 0 of the entry"),
    ],
    # Salts are random: their bytes in a name would differ between processes that run the tests side by side.
    ids=lambda each: str(len(each)) if isinstance(each, bytes | list) else None,
)
def test_a_body_that_is_not_the_entrys_is_refused(
    salts: bytes, lines: list[bytes], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        open_body(ENTRY, salts, joined(lines))
    assert naive_canon.open_body(SEALED.entry, salts, joined(lines)) is None


def test_a_body_that_is_cut_is_refused() -> None:
    for end in range(1, len(SEALED.body)):
        with pytest.raises((FormatError, IntegrityError)):
            open_body(ENTRY, SEALED.salts, SEALED.body[:end])


def test_one_post_that_is_not_there_is_refused() -> None:
    for place in (-1, 2):
        with pytest.raises(FormatError, match="the entry holds 2 posts"):
            open_element(ENTRY, SEALED.salts, SEALED.body, place)
    with pytest.raises(FormatError, match="ends before"):
        open_element(ENTRY, SEALED.salts, joined(LINES[:8]), 1)
    with pytest.raises(FormatError, match="line feed"):
        open_element(ENTRY, SEALED.salts, SEALED.body[:-1], 0)


@given(st.data())
def test_a_mangled_body_is_refused_or_read_alike(data: st.DataObject) -> None:
    raw = bytearray(SEALED.body)
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b"\n", b"-", b"-\n", b"+\n", b'"', b'"a",1]\n', b"\xff", b"\x00"])
        )
    salts = SEALED.salts[: data.draw(st.sampled_from([len(SEALED.salts), 16, 128]))]
    agree_or_refuse(salts, bytes(raw))


def agree_or_refuse(salts: bytes, body: bytes) -> None:
    try:
        opened = open_body(ENTRY, salts, body)
    except (FormatError, IntegrityError):
        for place in range(2):
            try:
                one = open_element(ENTRY, salts, body, place)
            except (FormatError, IntegrityError):
                continue
            # The other post is broken: this one stands.
            assert one.own is None or one.own.digest == ENTRY.elements[place]
        return
    assert [open_element(ENTRY, salts, body, place) for place in range(2)] == list(opened.elements)


def test_sealing_draws_from_the_system_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    # The default is bound when the module is loaded: not even a patched os.urandom comes between.
    monkeypatch.setattr(os, "urandom", lambda count: bytes(count))
    assert len(set(naive_canon.salts_of(seal_posts(TIME, b"1", [POST]).salts))) == 8


def test_the_example_document_lies_where_it_is_looked_for(repository: Path) -> None:
    assert repository / "docs" / "format.md" == generate_canon.PATH
