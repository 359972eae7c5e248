"""What one report says of one fact, with the moments that it may speak of; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from holdfast.reports.check.outcome import SURE, windows_of
from holdfast.reports.claim import Claim, Mention, PublishedAt
from holdfast.reports.evidence import unix
from holdfast.reports.resolve.channels import sentence_of
from holdfast.reports.resolve.posts import groups_of
from holdfast.reports.verdict import Checked

__all__ = ["Statement", "statements_of"]

COUNTED = ("views", "followers", "reactions", "people", "other")
_OF_CHANNELS = frozenset({"followers", "label"})
_OF_POSTS = frozenset({"views", "reactions", "duration", "published", "edit"})
_KINDS = (*COUNTED, "duration", "published", "label", "edit", "disappearance", "quote")
_NAMING = ("channel", "organisation", "person", "post", "other")

# What was counted of people and things off the platform, in both languages.
_EVENTS = (
    ("detained", re.compile(r"detain|arrest|police van|prisoner transport|задерж|арест|автозак", re.IGNORECASE)),
    ("killed", re.compile(r"\bkill|\bdead\b|\bdied\b|погиб|убит", re.IGNORECASE)),
    ("injured", re.compile(r"injur|wound|ранен|пострадал", re.IGNORECASE)),
    ("signed", re.compile(r"\bsign(?:ed|atures?)\b|petition|петици|\bподпис(?:ал|ей)", re.IGNORECASE)),
    ("blocked", re.compile(r"\bblock|\bbanned|\bremoved|заблок|блокир|удалил", re.IGNORECASE)),
    ("gathered", re.compile(r"protest|rall(?:y|ied|ies)|gather|demonstrat|picket|\bmarch(?:ed|ers)|took part|митинг|собрал[аио]?с|\bакци|пикет|шеств|участник",
                            re.IGNORECASE)),
)  # fmt: skip
_NEAR = 90


class Statement(msgspec.Struct, frozen=True):
    """A claim as a statement of its report. `report`, `claim`: their numbers from 1. `metric`: what is told, such as "views". Units:
    `windows` in unix seconds, each moment that the number may be of, the last one inside; `stated`: whether the text says when.

    `subject`: what of the archive is meant, None unless it is one thing; `is_sure`: whether its name is surely that thing's;
    `candidates`: all that may be; `channels`: those of which it may be a post, where no post was found. `name`: the proper name that the report has for it; `event`: the kind of happening, of people.
    """

    report: int
    claim: int
    metric: str
    checked: Checked
    lang: str
    sentence: str
    windows: tuple[tuple[int, int], ...]
    stated: bool
    subject: str | None
    is_sure: bool
    candidates: frozenset[str]
    channels: frozenset[str]
    name: str | None
    event: str | None

    @property
    def of(self) -> Claim:
        return self.checked.claim

    @property
    def lo(self) -> int | None:
        return min((lo for lo, _ in self.windows), default=None)

    @property
    def hi(self) -> int | None:
        return max((hi for _, hi in self.windows), default=None)


def statements_of(
    report: int, text: str, checked: Sequence[Checked], published: PublishedAt | None
) -> list[Statement]:
    """The statements of one report, in order. What is told of a post that no capture could decide ("viewers") is of the post that
    the report's other words for the same post mean; that is never sure enough to contradict."""
    found = [
        statement
        for number, each in enumerate(checked, 1)
        if (statement := _statement(report, number, each, text, published)) is not None
    ]
    posts = groups_of(text, [each.claim for each in checked if each.claim.kind in _OF_POSTS])
    known: dict[int, str] = {}
    for each in found:
        if each.subject is not None and each.of.id in posts:
            known.setdefault(posts[each.of.id], each.subject)
    return [
        msgspec.structs.replace(each, subject=known[posts[each.of.id]])
        if each.subject is None
        and not each.candidates
        and not each.channels
        and posts.get(each.of.id) in known
        else each
        for each in found
    ]


def _statement(
    report: int, number: int, checked: Checked, text: str, published: PublishedAt | None
) -> Statement | None:
    """A claim as a statement; None for kinds that are not compared."""
    claim = checked.claim
    if claim.kind not in _KINDS:
        return None
    sentence = sentence_of(text, claim).strip()
    event = _event(text, claim) if claim.kind in ("people", "other") else None
    if claim.kind in ("people", "other") and (
        event is None or claim.quantity is None or claim.quantity.unit == "ordinal"
    ):
        return None
    metric = claim.kind
    if claim.kind == "reactions" and claim.quantity is not None:
        metric = claim.quantity.unit
    if claim.kind == "other" and claim.quantity is not None:
        metric = f"{event}: {claim.quantity.unit}"
    if claim.kind == "people":
        metric = f"people {event}"
    windows, stated = _windows(claim, published)
    told = [each.id for each in checked.subject]
    fits = [each for each in told if _fits(claim, each)]
    subject = told[0] if len(told) == len(fits) == 1 else None
    return Statement(
        report, number, metric, checked, claim.lang, sentence, windows, stated,
        subject, subject is not None and checked.subject[0].score >= SURE,
        frozenset(fits), frozenset(told) - frozenset(fits), _name(claim), event,
    )  # fmt: skip


def _event(text: str, claim: Claim) -> str | None:
    """What the people did or met with: the word for it that stands nearest to their number."""
    start, end = claim.span.start, claim.span.end
    before, after = text[max(0, start - _NEAR) : start], text[start : end + _NEAR]
    best: tuple[int, str] | None = None
    for name, words in _EVENTS:
        far = [len(before) - each.end() for each in words.finditer(before)]
        far += [max(0, each.start() - (end - start)) for each in words.finditer(after)]
        if far and (best is None or min(far) < best[0]):
            best = min(far), name
    return None if best is None else best[1]


def _windows(claim: Claim, published: PublishedAt | None) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Every moment that may be meant, and whether the text says it."""
    if claim.kind in ("published", "edit", "disappearance", "people", "other") and claim.time:
        found = [
            (unix(zone.wide_lo), unix(zone.wide_hi) - 1)
            for reading in claim.time
            for zone in reading.zones or (reading,)
        ]
        return tuple(dict.fromkeys(found)), True
    slots = windows_of(claim, published, both=True)
    stated = claim.as_of is not None and claim.as_of.basis == "stated" and bool(claim.as_of.readings)
    return tuple(dict.fromkeys((slot.lo, slot.hi) for slot in slots)), stated


def _fits(claim: Claim, subject: str) -> bool:
    """Whether something of the archive is what a claim is told of: a post for what is told of posts, else a channel."""
    if claim.kind in _OF_CHANNELS:
        return "/" not in subject
    return "/" in subject or claim.kind not in _OF_POSTS


def _name(claim: Claim) -> str | None:
    """The proper name that the report has for what it speaks of: of the channel for what is told of channels, else of the post."""
    if claim.kind == "quote":
        speakers: Sequence[Mention | None] = [link.speaker for link in claim.attribution]
        named = [each.name for each in speakers if each is not None and each.name]
        return named[0] if named else None
    if claim.kind in ("people", "other"):
        return None
    own = claim.mention
    if claim.kind in _OF_CHANNELS or claim.kind == "disappearance":
        if own is not None and own.kind in ("channel", "organisation") and own.name:
            return own.name
        if own is not None and own.kind == "post":
            return own.name
        return claim.channel.name if claim.channel is not None else None
    return own.name if own is not None and own.kind in _NAMING and own.name else None
