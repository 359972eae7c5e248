"""Which statements of several reports speak of the same fact; pure."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from holdfast.reports.check.matching import script_of
from holdfast.reports.compare.statements import Statement
from holdfast.reports.resolve.naming import same_name
from holdfast.reports.resolve.posts import LOOK_BACK_S
from holdfast.search.words import words

__all__ = ["group_statements"]

ALIKE = 80
"""Percent of alike letters from which two quotations of one speaker are one speech."""
_APART_S = 3 * 86_400
"""Two reports of one happening off the platform come within so many days."""
_UNNAMED = ("views", "forwards", "comments", "reactions", "followers", "duration")
"""What is still laid side by side where no report names what it speaks of: "the video has …"."""
_QUOTE_WORDS = 4
"""Shorter quotations are too often alike by chance."""


def group_statements(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Groups of two statements and more, in order of their first; `statements` are in order of report and claim.

    A statement joins the first group in which it may be of one fact with every member, so that no two that cannot be one come together
    through a third. Two statements of one sentence are two facts, or one told twice in a breath.
    """
    groups: list[list[Statement]] = []
    for each in statements:
        home = next((group for group in groups if all(_may_be_one(each, other) for other in group)), None)
        if home is None:
            groups.append([each])
        else:
            home.append(each)
    return [group for group in groups if len(group) > 1]


def _may_be_one(one: Statement, other: Statement) -> bool:
    if one.metric != other.metric:
        return False
    if one.report == other.report and one.sentence == other.sentence:
        return False
    if one.metric == "quote":
        return _one_speech(one, other)
    if one.event is not None:
        return _near(one, other)
    if one.subject is not None or other.subject is not None:
        if one.subject is not None and other.subject is not None:
            return one.subject == other.subject
        # What one of them leaves open may be what the other means.
        sure, open_ = (one, other) if one.subject is not None else (other, one)
        return sure.subject in open_.candidates or (not open_.candidates and _called_alike(one, other))
    if one.candidates and other.candidates:
        return bool(one.candidates & other.candidates)
    if one.candidates or other.candidates:
        return False
    if one.channels and other.channels and not one.channels & other.channels:
        return False
    if one.name is not None and other.name is not None:
        return _called_alike(one, other)
    # Where no report names it, only what was told within days may be one thing.
    is_unnamed = one.name is None and other.name is None and one.metric in _UNNAMED
    return is_unnamed and one.lo is not None and other.lo is not None and _near(one, other, LOOK_BACK_S)


def _called_alike(one: Statement, other: Statement) -> bool:
    return one.name is not None and other.name is not None and same_name(one.name, other.name).may_be_one


def _near(one: Statement, other: Statement, apart_s: int = _APART_S) -> bool:
    """Whether two counts may be of one day's happening, or were told within so many seconds."""
    if one.lo is None or one.hi is None or other.lo is None or other.hi is None:
        return True
    apart = max(one.lo, other.lo) - min(one.hi, other.hi)
    return apart <= (0 if one.stated and other.stated and one.event is not None else apart_s)


def _one_speech(one: Statement, other: Statement) -> bool:
    if one.report == other.report:
        return False
    own, theirs = one.of.quote or one.of.span.exact, other.of.quote or other.of.span.exact
    if one.name is not None and other.name is not None:
        if not same_name(one.name, other.name, person=True).may_be_one:
            return False
    elif one.name != other.name and own != theirs:
        return False
    if min(len(words(own)), len(words(theirs))) < _QUOTE_WORDS:
        return words(own) == words(theirs)
    if script_of(own) != script_of(theirs):
        return one.name is not None and _may_translate(own, theirs)
    return fuzz.token_sort_ratio(own.casefold(), theirs.casefold()) >= ALIKE or _cut_from(own, theirs)


def _cut_from(own: str, theirs: str) -> bool:
    """Whether the words of the shorter quotation stand in the longer one, nearly."""
    short, long = sorted((own.casefold(), theirs.casefold()), key=len)
    return fuzz.partial_ratio(short, long) >= ALIKE + 10


def _may_translate(own: str, theirs: str) -> bool:
    """Whether two texts in two scripts may be one: of like length, with a number or a name in common."""
    short, long = sorted((len(own), len(theirs)))
    if long > 2 * short:
        return False
    ours, others = _anchors(own), _anchors(theirs)
    numbers = {each for each in ours if each.isdigit()}, {each for each in others if each.isdigit()}
    if numbers[0] != numbers[1]:
        return False
    if numbers[0]:
        return True
    return any(same_name(name, each).may_be_one for name in ours for each in others)


def _anchors(text: str) -> list[str]:
    """The numbers, and the words inside a sentence that begin with a capital letter."""
    found = []
    for at, word in enumerate(text.split()):
        bare = word.strip("“”«»\"'’.,;:!?…()[]")
        if bare.isdigit() or (
            at
            and len(bare) > 3
            and bare[:1].isupper()
            and not text.split()[at - 1].endswith((".", "!", "?", "…"))
        ):
            found.append(bare)
    return found
