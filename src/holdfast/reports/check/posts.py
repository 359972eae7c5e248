"""Holds claims about posts against what was captured of them: that they exist, their length, their time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from holdfast.catalog import facts
from holdfast.reports.check.outcome import Context, Outcome
from holdfast.reports.check.subjects import post_candidates
from holdfast.reports.check.tolerance import Bounds, judge, length_zones
from holdfast.reports.claim import Claim
from holdfast.reports.evidence import PostAt, unix, utc
from holdfast.reports.resolve.posts import LOOK_BACK_S, media_of
from holdfast.reports.verdict import FALSE, TRUE, UNKNOWN, Checked, Pointer

_REPOSTED = (
    "ambiguous subject",
    "it is told of a post that was passed on: which of the two is meant, and by whom, is not compared",
)
_ENDS = re.compile(
    r"[»”\"’']?(?:\s*(?:[.,;:!?…)]|$)|\s+(?:on|at|in|since|this|last|yesterday|today|в|во|с|со|вчера|сегодня|на)\s)"
)

__all__ = ["check_duration", "check_existence", "check_published"]


def check_existence(context: Context, claim: Claim) -> Checked:
    """That a post exists: found is supported; not found is contradicted only if no post can be missing from the archive."""
    outcome = Outcome(claim)
    if "reposted" in claim.vague:
        return outcome.not_checkable(*_REPOSTED)
    posts = post_candidates(context, claim, outcome)
    # Of a denied existence nothing captured can be proof but that there is none.
    found, missing = (TRUE, FALSE) if claim.polarity == "affirmed" else (FALSE, TRUE)
    if posts and found == FALSE and not _is_whole_noun(context.text, claim):
        return outcome.not_checkable(
            "ambiguous subject", "what is denied is narrower than that there is such a post at all"
        )
    if posts and found == TRUE and len(posts) < _how_many(context.text, claim):
        return outcome.not_checkable(
            "coverage unknown", f"{len(posts)} such post was captured, and more than one is told of"
        )
    if posts:
        for post, candidate in posts:
            pointer = _place(context, post, "post", "id", first=True)
            outcome.read(found, (("subject", candidate.id),), [pointer], strength="exact point")
        outcome.detail = (
            f"{len(posts)} such post was captured"
            if len(posts) == 1
            else f"{len(posts)} such posts were captured"
        )
        if len(posts) > 1 and found == TRUE:
            outcome.notes.append("more than one post may be meant")
        return outcome.conclude()
    if not outcome.subject:
        return outcome.not_checkable("no subject")
    channels = context.finder.of(claim)
    slots = context.slots(claim)
    if (
        len(channels) == 1
        and slots
        and all(_is_whole(context, channels[0].id, each.wide_lo, each.wide_hi) for each in slots)
    ):
        for slot in slots:
            outcome.read(missing, slot.choice, [], strength="bracketed")
        outcome.detail = (
            "every post of that time was captured, one id after the other, and none is such a post"
        )
        return outcome.conclude()
    return outcome.not_checkable("coverage unknown", outcome.detail, outcome.settle)


_SEVERAL = re.compile(
    r"(?:videos|clips|films|posts|photos|photographs|pictures|messages|recordings|ролики|посты|записи|клипы|снимки|фильмы)$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?<!\w)(two|three|four|five|six|seven|eight|nine|ten|\d{1,4}|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять)\s+(?:[\w-]+\s+)?$",
    re.IGNORECASE,
)
_NUMBERS = {
    word: number
    for words in (
        "two three four five six seven eight nine ten",
        "два три четыре пять шесть семь восемь девять десять",
    )
    for number, word in enumerate(words.split(), 2)
} | {"две": 2}


def _how_many(text: str, claim: Claim) -> int:
    """How many posts a claim of existence tells of at least: "two videos", "videos", "a video"."""
    mention = claim.mention
    if mention is None:
        return 1
    counted = _COUNTED.search(text, max(0, mention.start - 40), mention.start)
    if counted is not None:
        said = counted[1].casefold()
        return int(said) if said.isdecimal() else _NUMBERS[said]
    return 2 if _SEVERAL.search(mention.text) else 1


def _is_whole_noun(text: str, claim: Claim) -> bool:
    """Whether nothing narrows the noun of a post: "no video", not "no video longer than five minutes"."""
    mention = claim.mention
    return mention is not None and _ENDS.match(text, mention.end) is not None


def _is_whole(context: Context, channel: str, lo: int, hi: int) -> bool:
    """Whether every id from the last post before a span to the first one after it was captured: then none can be missing."""
    return facts.ids_are_whole(context.view.engine, context.row(channel), lo, hi, context.view.size)


def check_duration(context: Context, claim: Claim) -> Checked:
    """The length of a recording, as the source gives it."""
    outcome = Outcome(claim)
    if claim.about == "event":
        return outcome.not_checkable("offline event", "it is the length of an event, not of a recording")
    if claim.quantity is None or claim.extraction.unread:
        return outcome.not_checkable(
            "opinion or vague", claim.extraction.unread or "the text gives no length"
        )
    posts = post_candidates(context, claim, outcome)
    if not posts:
        return outcome.not_checkable("no subject")
    table = length_zones(claim.quantity)
    if claim.polarity == "denied":
        table = table.swapped()
    wanted = media_of(claim)
    last = unix(context.published.hi) if context.published is not None else None
    for post, candidate in posts:
        lengths = [
            (place, length)
            for place, (kind, length) in enumerate(_media_then(context, post))
            if length is not None and (wanted is None or _is(kind, wanted))
        ]
        if not lengths:
            outcome.read(
                UNKNOWN,
                (("subject", candidate.id),),
                [_place(context, post, "media", "media")],
                reason="coverage unknown",
            )
            outcome.detail = "the captures do not tell the length of the recording"
            outcome.settle = "a capture that shows the recording with its length"
        for place, length in lengths:
            pointer = _place(context, post, "media", f"media[{place}].duration_s", length)
            if last is not None and unix(pointer.seen_at) >= last:
                outcome.assume(
                    "not replaced",
                    "the recording was captured after the report, and is taken to be the one it speaks of",
                )
            choice = [("subject", candidate.id)]
            if len(lengths) > 1:
                choice.append(("recording", str(place + 1)))
            bounds = Bounds(length, length)
            result = judge(table, bounds)
            outcome.read(result, choice, [pointer], reason="tolerance grey zone", strength="exact point")
            outcome.detail = f"the source gives {length // 60}:{length % 60:02}; the words allow {table.rule}"
    return outcome.conclude()


def _is(kind: str, wanted: str) -> bool:
    return (
        kind == wanted
        or (wanted == "video" and kind in ("round_video", "animation"))
        or (wanted == "voice" and kind == "audio")
    )


def check_published(context: Context, claim: Claim) -> Checked:
    """When a post was published, as the source claims: inside the core of one zone's reading and the lenient one of all."""
    outcome = Outcome(claim)
    if "reposted" in claim.vague:
        return outcome.not_checkable(*_REPOSTED)
    slots = context.slots(claim)
    if not slots:
        if claim.time_phrase is not None or "undated" in claim.vague:
            return outcome.not_checkable(
                "reading-dependent",
                "the text's time cannot be placed without the report's date",
                "the report's publication date",
            )
        return check_existence(context, claim)
    posts = post_candidates(context, claim, outcome)
    if not posts:
        return outcome.not_checkable("no subject")
    core = False
    # Of what was published before the days that were looked through, the posts of those days say nothing.
    since = unix(context.published.lo) - LOOK_BACK_S if context.published is not None else None
    for post, candidate in posts:
        pointer = _time_pointer(context, post)
        if post.earliest is None or post.latest is None:
            outcome.read(UNKNOWN, (("subject", candidate.id),), [pointer], reason="coverage unknown")
            continue
        inside = [slot for slot in slots if slot.lo <= post.earliest and post.latest < slot.hi]
        core = bool(inside)
        for slot in slots:
            result = UNKNOWN
            if slot.wide_lo <= post.earliest and post.latest < slot.wide_hi and core:
                result = TRUE
            elif post.latest < slot.wide_lo or (
                post.earliest >= slot.wide_hi and (since is None or slot.wide_lo >= since)
            ):
                result = FALSE
            if claim.polarity == "denied":
                result = {TRUE: FALSE, FALSE: TRUE}.get(result, UNKNOWN)
            outcome.read(
                result,
                (("subject", candidate.id), *slot.choice),
                [pointer],
                reason="reading-dependent",
                strength="exact point",
            )
        outcome.detail = f"the source's own time of the post is {utc(post.earliest)}"
        texts = len(list(context.view.texts(post.channel, [post])))
        if texts > 1:
            outcome.notes.append(f"the post was captured with {texts} different texts: it was edited")
    outcome.assume(
        "server time", "the time of publication is the source's own; the archive saw the post later"
    )
    return outcome.conclude()


def _then(context: Context, post: PostAt) -> tuple[int, int]:
    """The last observation by the report's time; the first one after it where there is none; the last where no time is known."""
    if context.published is None:
        return post.places[-1]
    last = unix(context.published.hi)

    def seen_at(place: tuple[int, int]) -> int:
        return unix(context.view.place(post.channel, post.post, *place, "post", "id").seen_at)

    return post.places[max(0, bisect_right(post.places, last, key=seen_at) - 1)]


def _media_then(context: Context, post: PostAt) -> Sequence[tuple[str, int | None]]:
    """(kind, seconds) of what was attached to the post by the report's time: it may have been replaced since."""
    seen = context.view.seen(*_then(context, post))
    return post.media if seen is None else [(each.kind, each.duration_s) for each in seen.media or ()]


def _time_pointer(context: Context, post: PostAt) -> Pointer:
    return _place(context, post, "post", "published_at", post.earliest)


def _place(
    context: Context, post: PostAt, unit: str, field: str, value: int | None = None, *, first: bool = False
) -> Pointer:
    """A pointer to the post as it was seen by the report's time, or to its `first` observation; a number stands in it as its own
    bounds."""
    entry, element = post.places[0] if first else _then(context, post)
    pointer = context.view.place(post.channel, post.post, entry, element, unit, field)
    if value is None:
        return pointer
    if field == "published_at":
        return msgspec.structs.replace(pointer, value=utc(value))
    return msgspec.structs.replace(pointer, low=value, high=value)
