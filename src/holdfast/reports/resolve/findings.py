"""Finds what a report's names show by themselves: one name spelled in several ways, people who only look alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from holdfast.reports.extract.names import find_names
from holdfast.reports.extract.plain import read_plain
from holdfast.reports.extract.quotation import find_quoted, masked
from holdfast.reports.extract.words import cut_words
from holdfast.reports.resolve.clusters import alike_but_apart, find_clusters

__all__ = ["Finding", "find_names_apart"]

_GENITIVE = re.compile(r"['’]s$")


class Finding(msgspec.Struct, frozen=True):
    """`kind`: "spellings" (one name, written in several ways) or "alike" (names of people who are not one). `names` as
    they stand in the report."""

    kind: str
    names: tuple[str, ...]
    detail: str


def find_names_apart(
    text: str, lang: str, spots: Sequence[str] = (), same: Sequence[Sequence[str]] = ()
) -> list[Finding]:
    """What the names of a report show, in order of their places. `spots`: names of channels that stand in it, `same`: sets of
    names of one person, from a table of aliases."""
    plain = read_plain(text)
    quoted = find_quoted(plain.text)
    words = cut_words(plain, masked(plain.low, quoted))
    names = find_names(plain.text, words, quoted, masked(plain.text, quoted), lang)
    told = [("channel", _GENITIVE.sub("", spot)) for spot in spots]
    told += [("person", name.text) for name in names if name.kind == "person"]
    clusters = find_clusters(told, same)
    found = [
        Finding("spellings", each.spellings, f"one {each.kind} is named in {len(each.spellings)} ways")
        for each in clusters
        if len(each.spellings) > 1 and each.kind == "channel"
    ]
    found += [
        Finding("alike", pair, "these are two people: their names differ by more than an ending of grammar")
        for pair in alike_but_apart(clusters)
    ]
    return found
