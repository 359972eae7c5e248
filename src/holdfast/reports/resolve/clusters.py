"""Gathers the spellings of one name inside a report, and keeps apart what only looks alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from holdfast.reports.resolve.naming import LIKELY, core_words, gender_of_surname, same_name

__all__ = ["Cluster", "alike_but_apart", "find_clusters"]


class Cluster(msgspec.Struct, frozen=True):
    """Spellings of one name, as they stand in the report, in order of first appearance. `kind`: channel or person."""

    kind: str
    spellings: tuple[str, ...]
    score: int
    """The least likeness, in percent, by which a spelling joined."""


def find_clusters(names: Iterable[tuple[str, str]], same: Sequence[Sequence[str]] = ()) -> list[Cluster]:
    """Clusters of (kind, name) pairs, in order. `same`: sets of names that a user's table says are one.

    A name joins a cluster only if it may be one with every name in it: no chain leads from one person to another.
    """
    groups: list[tuple[str, list[str], int]] = []
    for kind, name in names:
        spelled = " ".join(name.split())
        if not core_words(spelled):
            continue
        for at, (of, members, score) in enumerate(groups):
            if of != kind:
                continue
            likeness = [_likeness(spelled, each, kind, same) for each in members]
            if min(likeness) >= LIKELY:
                if spelled not in members:
                    members.append(spelled)
                groups[at] = (of, members, min(score, *likeness))
                break
        else:
            groups.append((kind, [spelled], 100))
    return [Cluster(kind, tuple(members), score) for kind, members, score in groups]


def _likeness(one: str, other: str, kind: str, same: Sequence[Sequence[str]]) -> int:
    for names in same:
        if any(same_name(one, each).score == 100 for each in names) and any(
            same_name(other, each).score == 100 for each in names
        ):
            return 100
    found = same_name(one, other, person=kind == "person")
    return 0 if found.vetoes else found.score


def alike_but_apart(clusters: Sequence[Cluster]) -> list[tuple[str, str]]:
    """Pairs of people whose names look alike and who are not one: their surnames differ by gender, or their first names do."""
    people = [each for each in clusters if each.kind == "person"]
    found = []
    for at, one in enumerate(people):
        for other in people[at + 1 :]:
            pair = _longest(one), _longest(other)
            likeness = same_name(core_words(pair[0])[-1], core_words(pair[1])[-1], person=True)
            differ = gender_of_surname(pair[0]) != gender_of_surname(pair[1])
            if likeness.score >= LIKELY or (likeness.vetoes and differ and likeness.score >= 80):
                found.append(pair)
    return found


def _longest(cluster: Cluster) -> str:
    return max(cluster.spellings, key=lambda each: (len(core_words(each)), -cluster.spellings.index(each)))
