"""Two readings of the private format are held to each other, over sealed, thinned and mangled bodies."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError, IntegrityError
from holdfast.vault.canon import Entry, open_body, parse_entry, seal, seal_posts
from holdfast.verify.disclosures import check_entry
from holdfast.verify.opening import NO_POST, open_entry, strict_values
from tests.verify.small_vault import without

TIME = "2026-11-23T03:43:00Z"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)


def encode(value: Any) -> bytes:

    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def posts(values: list[Any]) -> tuple[Entry, bytes, bytes]:
    sealed = seal_posts(TIME, encode({"id": "1"}), [[encode(value) for value in values]] * 2)
    return parse_entry(sealed.entry), sealed.salts, sealed.body


def outcome(entry: Entry, salts: bytes, body: bytes) -> object:
    """What both readings agree on: the kind of error, or what is held and what is not."""
    results: list[object] = []
    for read in (open_body, open_entry):
        try:
            found: Any = read(entry, salts, body)
        except (FormatError, IntegrityError) as error:
            results.append(type(error))
            continue
        if read is open_entry:
            results.append((sorted(found.missing), len(found.lines)))
            continue
        missing = [(NO_POST, digest) for digest in found.missing]
        missing += [(post, digest) for post, each in enumerate(found.elements) for digest in each.missing]
        units = len(found.disclosures) + sum(len(each.units) for each in found.elements)
        results.append((sorted(missing), units))
    theirs, ours = results
    if isinstance(theirs, type) and isinstance(ours, type):
        # Both refuse; which fault of several is met first may differ.
        return "refused"
    assert theirs == ours
    return ours


@given(st.lists(VALUE, min_size=6, max_size=6))
def test_what_was_sealed_opens_in_both_readings_and_its_values_read_back(values: list[Any]) -> None:
    entry, salts, body = posts(values)
    assert outcome(entry, salts, body) == ([], 13)
    found = open_entry(entry, salts, body)
    read = strict_values(found.lines)
    assert [value for value in read if isinstance(value, FormatError)] == []
    assert [value[1] for value in read[1:7] if not isinstance(value, FormatError)] == values
    assert [(one.number, one.first, one.end) for one in found.objects] == [
        (NO_POST, 0, 1),
        (0, 1, 7),
        (1, 7, 13),
    ]
    assert len(set(found.digests)) == len(found.digests) == 1 + 2 + 12


@given(
    st.sets(
        st.tuples(st.sampled_from([None, 0, 1]), st.sampled_from(["capture", "post", "text", "raw", "*"])),
        max_size=4,
    )
)
def test_what_is_not_held_is_listed_alike(gone: set[tuple[int | None, str]]) -> None:
    entry, salts, body = posts([1, 2, 3, 4, 5, 6])
    outcome(entry, *without(*gone)(entry, salts, body))


@given(st.integers(0, 2**32))
def test_mangled_bodies_are_refused_or_read_alike(seed: int) -> None:
    chance = random.Random(seed)
    entry, salts, body = posts(["a", {"b": 1}, [2], None, "c", {"artefact": "d"}])
    for _ in range(chance.randint(1, 3)):
        kind = chance.randrange(6)
        lines = body.split(b"\n")
        at = chance.randrange(len(lines))
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, chance.choice([b"", b"-", b"+", b"+short", b'"text",1]', b"\xff", lines[at]]))
        elif kind == 2:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif kind == 3:
            salts = salts[: chance.randrange(len(salts) + 1)]
        elif kind == 4:
            salts += bytes(chance.choice([1, 16]))
        else:
            chance.shuffle(lines)
        body = b"\n".join(lines)
    outcome(entry, salts, body)


def test_each_way_to_break_the_grammar_is_named() -> None:
    entry, salts, body = posts([1, 2, 3, 4, 5, 6])
    lines = body.split(b"\n")
    for changed_salts, changed, message in (
        (salts, body[:-1], "does not end with a line feed"),
        (salts[:-1], body, "more or fewer salts"),
        (salts[:16], b"\n".join([lines[0], b""]), "ends before"),
        (salts, body + b"-\n", "goes on after"),
        (salts[: 16 * 8], b"\n".join([*lines[:8], b"?", b""]), "neither disclosure nor element"),
        (salts[: 16 * 9], b"\n".join([*lines[:8], b"+short", b""]), "neither disclosure nor element"),
    ):
        with pytest.raises(FormatError, match=message):
            open_entry(entry, changed_salts, changed)
    with pytest.raises(IntegrityError, match="post 0 does not open"):
        open_entry(entry, salts, body.replace(b'"text",3]', b'"text",4]', 1))
    with pytest.raises(IntegrityError, match="disclosure 0 does not belong"):
        open_entry(entry, salts, body.replace(b'{"id":"1"}', b'{"id":"2"}'))
    doubled = b"\n".join([lines[0], body])
    with pytest.raises(IntegrityError, match="disclosure 1 does not belong"):
        open_entry(entry, salts[:16] + salts, doubled)


def test_an_erased_frame_opens_to_nothing() -> None:
    entry, _, _ = posts([1, 2, 3, 4, 5, 6])
    found = open_entry(entry, b"", b"")
    assert found.missing == [(NO_POST, entry.digests[0]), *enumerate(entry.elements)]
    assert strict_values(found.lines) == []


@pytest.mark.parametrize(
    "line",
    [
        b'"a",{"b":1,"b":1}]',
        b'"a",1.0]',
        b'"a",1e3]',
        b'"a",NaN]',
        b'"a",-Infinity]',
        b'"_sd",1]',
        b'"...",1]',
        b'"a"]',
        b'"a",1,2]',
        b'"a",1],["b",2]',
        b'"a",[1',
        b'"a",',
        b'"a",1]x',
        b'"a",' + b"[" * 10_000 + b"]" * 10_000 + b"]",
        b'"a","\xff"]',
        b'"a","\x01"]',
    ],
)
def test_a_line_that_is_no_strict_disclosure_is_refused_alone(line: bytes) -> None:
    first, middle, last = strict_values([b'"x",1]', line, b'"y",{"z":[]}]'])
    assert (first, last) == (("x", 1), ("y", {"z": []}))
    assert isinstance(middle, FormatError)


def test_lines_that_only_together_make_json_are_refused_each() -> None:
    for lines in ([b'"a",[1,', b"2]]"], [b'"a",1],["b",2]', b'"c","x', b'y"]']):
        assert any(isinstance(value, FormatError) for value in strict_values(lines))


def test_other_spellings_of_the_same_value_are_read_by_the_slow_way() -> None:
    for line, value in (
        (rb'"a","\u0041"]', "A"),
        (rb'"a","\ud800"]', "\ud800"),
        (b'"a", 1 ]', 1),
        (b'"a",123456789012345678901234567890]', 123456789012345678901234567890),
    ):
        assert strict_values([line]) == [("a", value)]


def test_a_digest_that_occurs_twice_in_what_opens_an_entry_is_found() -> None:
    salt = bytes(range(16))
    one = [b"1", b"1", b"1", b"null", b"1", b"null"]
    other = [b"2", b"2", b"2", b"[]", b"2", b'{"artefact":"' + b"0" * 64 + b'"}']
    for second, codes in ((other, []), ([b"1", *other[1:]], ["repeated_digest"])):
        # The same salt throughout: the same unit with the same value in two posts has one digest.
        sealed = seal_posts(TIME, b"1", [one, second], random=lambda count: salt * (count // 16))
        facts = check_entry(sealed.entry, lambda sealed=sealed: (sealed.salts, sealed.body))  # type: ignore[misc]
        assert [code for _, code, _ in facts.private_wounds] == codes


def test_an_entry_without_what_opens_it_is_read_for_its_time() -> None:
    sealed = seal("channel", TIME, [("a", b"1")])
    facts = check_entry(sealed.entry, None)
    assert (facts.kind, facts.ts, facts.disclosures) == ("channel", TIME, 0)
    assert check_entry(b"{}", None).entry_wounds != []
    assert msgspec.json.encode(TIME) == f'"{TIME}"'.encode()
