"""Whatever a capture saw reads back from what was sealed, in three readings, with anything of it taken away."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from holdfast.model import UNITS
from holdfast.vault.canon import Sealed, open_body, open_element, parse_entry, parse_salt, seal, seal_posts
from holdfast.vault.private import encode_frame, parse_frame
from tests.vectors import naive_canon, naive_log

TIME = "2026-11-23T03:43:00Z"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
NAME = st.text(
    st.characters(codec="ascii", min_codepoint=32, exclude_characters='"\\\x7f'), min_size=1, max_size=32
)
FLAT = st.dictionaries(NAME.filter(lambda name: name not in ("_sd", "...")), VALUE, min_size=1, max_size=10)
POSTS = st.lists(st.tuples(*[VALUE] * 6), min_size=1, max_size=9)


def compact(value: Any) -> bytes:
    return naive_canon.compact(value).encode()


@given(st.from_regex(r"[a-z][a-z_]{0,31}", fullmatch=True).filter(lambda kind: kind != "posts"), FLAT)
def test_a_flat_record_reads_back(kind: str, values: dict[str, Any]) -> None:
    random = naive_canon.counted("flat")
    made = naive_canon.flat(kind, TIME, list(values.items()), naive_canon.counted("flat"))
    sealed = seal(kind, TIME, [(name, compact(value)) for name, value in values.items()], random=random)
    assert sealed == Sealed(made.entry, b"".join(made.salts), made.body.encode())
    entry = parse_entry(sealed.entry)
    assert (entry.kind, entry.ts, entry.elements) == (kind, TIME, ())
    opened = open_body(entry, *parse_frame(encode_frame(sealed.salts, sealed.body)))
    assert {one.name: one.value for one in opened.disclosures} == values
    assert [parse_salt(json.loads(one.text)[0]) for one in opened.disclosures] == made.salts
    assert opened.missing == ()


@given(VALUE, POSTS)
def test_posts_read_back(capture: Any, posts: list[tuple[Any, ...]]) -> None:
    random = naive_canon.counted("posts")
    made = naive_canon.posts(TIME, capture, posts, naive_canon.counted("posts"))
    sealed = seal_posts(TIME, compact(capture), [[*map(compact, post)] for post in posts], random=random)
    assert sealed == Sealed(made.entry, b"".join(made.salts), made.body.encode())
    entry = parse_entry(sealed.entry)
    opened = open_body(entry, *parse_frame(encode_frame(sealed.salts, sealed.body)))
    assert opened.value("capture") == capture
    for place, (element, post) in enumerate(zip(opened.elements, posts, strict=True)):
        assert [unit.name for unit in element.units] == list(UNITS)
        assert [unit.value for unit in element.units] == list(post)
        assert [json.loads(unit.raw_value()) for unit in element.units] == list(post)
        assert open_element(entry, sealed.salts, sealed.body, place) == element
    assert naive_log.mth([sealed.entry]) == naive_log.sha256(b"\0" + sealed.entry)


@given(POSTS, st.data())
def test_what_is_taken_away_is_missing_and_the_rest_reads_back(
    posts: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    made = naive_canon.posts(TIME, {"id": "1"}, posts, naive_canon.counted("thinned"))
    places = [(None, "capture"), *((at, name) for at in range(len(posts)) for name in ("*", *UNITS))]
    gone = data.draw(st.sets(st.sampled_from(places)))
    digests = [naive_canon.digest(each) for each in made.disclosures]
    salts, body = naive_canon.thinned(made.body, made.salts, digests, gone)
    entry = parse_entry(made.entry)
    opened = open_body(entry, *parse_frame(encode_frame(salts, body)))
    naive = naive_canon.open_body(made.entry, salts, body)
    assert naive is not None
    assert opened.value("capture") == (None if (None, "capture") in gone else {"id": "1"})
    assert [digest.decode() for digest in opened.missing] == naive["missing"]
    for at, (element, post) in enumerate(zip(opened.elements, posts, strict=True)):
        assert open_element(entry, salts, body, at) == element
        if (at, "*") in gone:
            assert (element.own, element.units, element.missing) == (None, (), (entry.elements[at],))
            continue
        held = [name for name in UNITS if (at, name) not in gone]
        assert {unit.name: unit.value for unit in element.units} == {
            name: value for name, value in zip(UNITS, post, strict=True) if name in held
        }
        assert len(element.missing) == 6 - len(held)
        assert element.own is not None
        assert element.own.value == {
            "_sd": sorted(
                digest.decode() for digest in (*element.missing, *(u.digest for u in element.units))
            )
        }
