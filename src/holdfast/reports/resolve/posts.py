"""Finds which post a claim speaks of, by media, time, length and names, never by what the claim itself says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from holdfast.reports.claim import Claim, PublishedAt, SubjectCandidate
from holdfast.reports.evidence import PostAt, unix
from holdfast.reports.resolve.naming import same_word
from holdfast.search.words import words

__all__ = ["LOOK_BACK_S", "PostClues", "PostsFound", "clues_of", "groups_of", "narrow"]

BY_NAMES = 90
LOOK_BACK_S = 14 * 86_400
"""How long before a report a post may have been published, where the report does not say when."""

_VIDEO = re.compile(
    r"^(?:videos?|clips?|footage|recordings?|films?|documentary|testimony|plea|livestream|stream|trailer|monologue|reels?|видео\w*|ролик\w*|клип\w*|"
    r"кадр\w*|запис[ьиюей]\w*|фильм\w*|стрим\w*|эфир\w*|трейлер\w*|кружоч?к\w*|відео)$"
)
_PHOTO = re.compile(r"^(?:photos?|photographs?|pictures?|images?|фото\w*|снимк?\w*|карточк\w+)$")
_VOICE = re.compile(r"^(?:audio|podcasts?|аудио\w*|подкаст\w*|голосов\w+)$")
_KINDS = {
    "video": frozenset({"video", "round_video", "animation"}),
    "photo": frozenset({"photo"}),
    "voice": frozenset({"voice", "audio"}),
}
_ANOTHER = re.compile(
    r"(?:\b(?:another|second|third|other|separate|new|one more|different|later|earlier|previous)|друг\w+|втор\w+|трет\w+|ещ[её] одн\w+|нов\w+|предыдущ\w+|отдельн\w+)\s+(?:\S+\s+){0,3}$",
    re.IGNORECASE,
)
_INDEFINITE = re.compile(r"\b(?:a|an)\s+(?:[\w’'-]+\s+){0,4}$", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w’'])[A-ZА-ЯЁІЇЄҐ][\w’'-]{2,}(?:\s+[A-ZА-ЯЁІЇЄҐ][\w’'-]{2,}){0,2}")


class PostClues(msgspec.Struct, frozen=True):
    """What a report says of one post besides the claim at hand. `media`: video, photo, voice or None; `windows`: (lo, hi) in
    unix seconds; `durations`: (least, most) seconds; `names`: capitalised words around it."""

    media: str | None
    windows: tuple[tuple[int, int], ...]
    durations: tuple[tuple[int, int], ...]
    names: tuple[str, ...]


class PostsFound(msgspec.Struct, frozen=True):
    """Posts that a claim may speak of, with what speaks for each; `clues` tell how they were narrowed."""

    posts: tuple[tuple[PostAt, SubjectCandidate], ...]
    clues: tuple[str, ...]
    looked_back: bool


def media_of(claim: Claim) -> str | None:
    """What kind of file a claim's mention names."""
    said = claim.mention.text if claim.mention is not None else ""
    if claim.kind == "duration":
        said = said or "video"
    for word in words(said):
        for name, pattern in (("video", _VIDEO), ("photo", _PHOTO), ("voice", _VOICE)):
            if pattern.match(word):
                return name
    return None


def groups_of(
    text: str, claims: Sequence[Claim], channel_of: Callable[[Claim], str | None] = lambda _: None
) -> dict[str, int]:
    """Which claims speak of one post: the number of their group by claim id. `channel_of`: the channel that a claim speaks of.

    A mention begins a new group where the words say so ("another video", "a second clip"), or where it is indefinite and
    comes after a definite one of its kind; else it joins the last group of its kind and channel.
    """
    found: dict[str, int] = {}
    opened: dict[str | None, dict[str, int]] = {}
    places: dict[tuple[str | None, int], int] = {}
    count = 0
    for claim in sorted(
        claims, key=lambda each: (each.mention.start if each.mention else each.span.start, each.id)
    ):
        at = claim.mention.start if claim.mention is not None else None
        channel = channel_of(claim)
        open_ = opened.setdefault(channel, {})
        if at is not None and (channel, at) in places:
            found[claim.id] = places[channel, at]
            continue
        kind = media_of(claim) or "any"
        before = text[
            max(0, (at if at is not None else claim.span.start) - 60) : at
            if at is not None
            else claim.span.start
        ]
        before = re.split(r"[.!?;]\s", before)[-1]
        opens = bool(_ANOTHER.search(before)) or (bool(_INDEFINITE.search(before)) and kind in open_)
        if kind not in open_ and kind == "any" and open_:
            open_["any"] = open_[next(reversed(open_))]
        if kind not in open_ or opens:
            open_[kind] = count
            count += 1
        found[claim.id] = open_[kind]
        if at is not None:
            places[channel, at] = open_[kind]
    return found


def clues_of(
    text: str, claim: Claim, others: Sequence[Claim], length_of: Callable[[Claim], tuple[int, int] | None]
) -> PostClues:
    """What the claims of a post's group say of it, the claim at hand left out: no claim picks its own evidence.

    `length_of`: the lengths that a claim of duration allows, in seconds.
    """
    media = media_of(claim)
    windows, durations, names = [], [], []
    for other in [claim, *others]:
        media = media or media_of(other)
        around = text[max(0, other.span.start - 200) : other.span.end + 100]
        names += [each[0] for each in _NAME.finditer(around)]
        if other.id == claim.id:
            continue
        if other.kind == "published" and other.time and other.polarity == "affirmed":
            spans = [zone for reading in other.time for zone in (reading.zones or (reading,))]
            windows.append(
                (min(unix(each.wide_lo) for each in spans), max(unix(each.wide_hi) for each in spans))
            )
        elif other.kind == "duration" and other.about != "event" and (length := length_of(other)) is not None:
            durations.append(length)
    return PostClues(media, tuple(windows), tuple(durations), tuple(dict.fromkeys(names)))


def narrow(
    posts: Callable[[int | None, int | None], Sequence[PostAt]],
    clues: PostClues,
    published: PublishedAt | None,
    channel: SubjectCandidate,
    names_of_channel: Sequence[str],
) -> PostsFound:
    """The posts that fit the clues. `posts` gives those of a span of unix seconds, newest first.

    A clue narrows only where it leaves something: a report may be wrong in one of them.
    """
    told = []
    last = unix(published.hi) if published is not None else None
    first = unix(published.lo) - LOOK_BACK_S if published is not None else None
    looked_back = published is not None
    by_names = False
    found: list[PostAt] = []
    if clues.windows:
        lo, hi = max(lo for lo, _ in clues.windows), min(hi for _, hi in clues.windows)
        found = _of_kind(posts(lo, hi if last is None else min(hi, last)), clues.media)
        if found:
            told.append("published when the report says")
            looked_back = False
    if not found:
        found = _of_kind(posts(first, last), clues.media)
    if clues.media is not None and found:
        told.append(f"has a {clues.media}")
    for lo, hi in clues.durations:
        fitting = [
            post
            for post in found
            if any(lo <= length <= hi for _, length in post.media if length is not None)
        ]
        if fitting and len(found) > 1:
            found = fitting
            told.append("is as long as the report says")
    if len(found) > 1:
        wanted = _words_of(clues.names, names_of_channel)
        scores = [_shared(post.text, wanted) for post in found]
        if wanted and max(scores) > 0:
            best = max(scores)
            found = [post for post, score in zip(found, scores, strict=True) if score == best]
            told.append("names whom the report names")
            by_names = best == 1
    how = ", ".join(told) or "published before the report"
    score = channel.score if len(found) == 1 else min(channel.score, 100 // max(1, len(found)))
    if by_names:
        # One name in common may be chance: enough to support, not to contradict. Two are none.
        score = min(score, BY_NAMES)
    candidates = tuple(
        (post, SubjectCandidate(f"{channel.id}/{post.post}", f"{channel.how}; {how}", score))
        for post in found
    )
    return PostsFound(candidates, tuple(told), looked_back)


def _of_kind(posts: Sequence[PostAt], media: str | None) -> list[PostAt]:
    if media is None:
        return list(posts)
    return [post for post in posts if any(kind in _KINDS[media] for kind, _ in post.media)]


def _words_of(names: Sequence[str], names_of_channel: Sequence[str]) -> list[str]:
    """The words of names around a claim, without those of the channel's own."""
    own = [word for name in names_of_channel for word in words(name)]
    found = {bare for name in names for word in words(name) if len(bare := word.removesuffix("'s")) > 3}
    return sorted(word for word in found if not any(same_word(word, each) for each in own))


def _shared(text: str, wanted: Sequence[str]) -> int:
    """How many of the names stand in a text; one of the other gender is another person."""
    there = [word for word in dict.fromkeys(words(text)) if len(word) > 3]
    return sum(any(same_word(name, word) for word in there) for name in wanted)
