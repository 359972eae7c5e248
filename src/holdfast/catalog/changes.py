"""Two observations of one post -> what differs between them; pure.

What one source did not record is no difference: an export without media beside it does not mean that
a post lost its video.
"""

from __future__ import annotations

import unicodedata

from holdfast.catalog.rows import bounds
from holdfast.model import Author, Count, MediaSeen, Metrics, PostFacts, PostSeen, Text, plain_text

__all__ = ["REVISING", "differences", "differences_across"]

REVISING = frozenset({"text", "media", "poll", "author", "forward", "reply", "published", "action", "kind"})
"""Differences that make a new revision. The others are readings ("reactions", "votes", "views", …), an "edit mark"
that moved without any content (an "older edit mark" besides, where it moved backwards), "files" that one capture holds
and the other does not, or "other" fields."""


def differences(old: PostSeen, new: PostSeen) -> frozenset[str]:
    """Names of what differs between two observations of one source, empty where both say the same."""
    found = set()
    if _text_differs(old.text, new.text):
        found.add("text")
    found |= _facts(old.post, new.post)
    found |= _media(old.media or (), new.media or ())
    found |= _metrics(old.metrics or Metrics(), new.metrics or Metrics())
    if _author_differs(old.author or Author(), new.author or Author()):
        found.add("author")
    return frozenset(found)


def differences_across(old: PostSeen, new: PostSeen) -> frozenset[str]:
    """Names of what two observations of different sources cannot both be right about at one time.

    Sources spell a post differently: marks of a text, sizes and names of files, who is named. Only what each of them
    records in full is compared: the words, the kinds of what is attached, the time of publication, what a poll asks.
    """
    found = set()
    if _words(old.text) != _words(new.text):
        found.add("text")
    if old.post.published_at and new.post.published_at and old.post.published_at != new.post.published_at:
        found.add("published")
    if old.post.kind != new.post.kind:
        found.add("kind")
    before, after = _attached(old), _attached(new)
    if before is not None and after is not None and before != after:
        found.add("media")
    if _poll(old) != _poll(new) and None not in (_poll(old), _poll(new)):
        found.add("poll")
    then, now = old.metrics or Metrics(), new.metrics or Metrics()
    for name in ("views", "forwards", "replies"):
        if _apart(getattr(then, name), getattr(now, name)):
            found.add(name)
    return frozenset(found)


def _words(text: Text | None) -> str:
    return " ".join(unicodedata.normalize("NFC", plain_text(text)).split())


_SEEN_ALIKE = {"round_video": "video", "animation": "video", "audio": "document", "venue": "location"}
"""What one source tells apart and another does not."""
_SAYS_NOTHING = frozenset({"other", "unsupported"})


def _attached(seen: PostSeen) -> tuple[str, ...] | None:
    """The kinds of what is attached, as every source tells them apart; None where one cannot be named."""
    kinds = [each.kind for each in seen.media or ()]
    if _SAYS_NOTHING & set(kinds):
        return None
    return tuple(_SEEN_ALIKE.get(kind, kind) for kind in kinds)


def _poll(seen: PostSeen) -> tuple[str, tuple[str, ...]] | None:
    for each in seen.media or ():
        if each.kind == "poll" and each.data:
            answers = each.data.get("answers") or ()
            texts = (str(one.get("text", one)) if isinstance(one, dict) else str(one) for one in answers)
            return " ".join(str(each.data.get("question", "")).split()), tuple(
                " ".join(text.split()) for text in texts
            )
    return None


def _apart(old: Count | None, new: Count | None) -> bool:
    """Whether two counters cannot have been the same number."""
    if old is None or new is None:
        return False
    (low, high), (other_low, other_high) = bounds(old), bounds(new)
    return high < other_low or other_high < low


_Run = tuple[object, str, dict[str, object]]


def _text_differs(old: Text | None, new: Text | None) -> bool:
    """Whether words or marks differ. Attributes of a mark (a language, a collapsed quote) count where both sides
    record them: pages and older exports do not."""
    before, after = _runs(old), _runs(new)
    if len(before) != len(after):
        return True
    return any(
        (one[0], one[1]) != (other[0], other[1])
        or any(one[2][key] != other[2][key] for key in one[2].keys() & other[2].keys())
        for one, other in zip(before, after, strict=True)
    )


def _runs(text: Text | None) -> list[_Run]:
    """Runs with their attributes, adjacent plain runs joined; custom emoji without the file they were saved to."""
    runs: list[_Run] = []
    for run in (text,) if isinstance(text, str) else text or ():
        if isinstance(run, str):
            each: _Run = ("plain", run, {})
        else:
            rest = {key: value for key, value in run.items() if key not in ("type", "text", "document_id")}
            each = (run.get("type"), str(run.get("text", "")), rest)
        if each[0] == "plain" and runs and runs[-1][0] == "plain":
            each = ("plain", f"{runs.pop()[1]}{each[1]}", {})
        runs.append(each)
    return [run for run in runs if run[1] or run[2]]


def _facts(old: PostFacts, new: PostFacts) -> set[str]:
    found = set()
    if old.kind != new.kind:
        found.add("kind")
    # An old export knows local time only; the zone of the exporter may differ, so the two are not compared.
    if old.published_at and new.published_at and old.published_at != new.published_at:
        found.add("published")
    if old.edited_at != new.edited_at and new.edited_at is not None:
        found.add("edit mark")
        # Marks only grow at the source, so this observation is of an earlier state, whenever it came to us.
        if old.edited_at is not None and new.edited_at < old.edited_at:
            found.add("older edit mark")
    if old.reply != new.reply and not (_replies_elsewhere(old) or _replies_elsewhere(new)):
        found.add("reply")
    if old.forward and new.forward:
        pairs = (
            (old.forward.name, new.forward.name),
            (old.forward.source_id, new.forward.source_id),
            (old.forward.published_at, new.forward.published_at),
        )
        if any(before and after and before != after for before, after in pairs):
            found.add("forward")
    elif (old.forward is None) != (new.forward is None):
        found.add("forward")
    if old.action != new.action:
        found.add("action")
    if (_EDITED in (old.other or {})) != (_EDITED in (new.other or {})):
        found.add("edit mark")
    if _other(old) != _other(new):
        found.add("other")
    return found


_REPLY = "reply_to"
"""Where a page says that a post answers one in another chat, without saying which."""


_EDITED = "edited_mark"
"""Where a page shows that a post was edited, without saying when."""


def _replies_elsewhere(facts: PostFacts) -> bool:
    return facts.reply is None and _REPLY in (facts.other or {})


def _other(facts: PostFacts) -> dict[str, object]:
    return {key: value for key, value in (facts.other or {}).items() if key not in (_REPLY, _EDITED)}


def _media(old: tuple[MediaSeen, ...], new: tuple[MediaSeen, ...]) -> set[str]:
    if len(old) != len(new):
        return {"media"}
    found = set()
    for before, after in zip(old, new, strict=True):
        if before.kind != after.kind:
            found.add("media")
        # Sizes and names are recorded by newer exports only and not on pages, so one side may not know.
        known = (
            (before.title, after.title),
            (before.performer, after.performer),
            (before.emoji, after.emoji),
            (before.spoiler, after.spoiler),
            (before.mime, after.mime),
            (before.width, after.width),
            (before.height, after.height),
            (before.duration_s, after.duration_s),
            (before.size_bytes, after.size_bytes),
            (before.artefact, after.artefact),
        )
        if any(a is not None and b is not None and a != b for a, b in known):
            found.add("media")
        if _data(before) != _data(after):
            found.add("poll" if after.kind == "poll" else "media")
        # "Not included" and "too big" are the exporter's settings; "unavailable" is what the source answered.
        lost = (before.state == "unavailable") != (after.state == "unavailable")
        if lost or _came(before, after) or _came(before.thumbnail, after.thumbnail):
            found.add("files")
    return found


def _came(before: MediaSeen | None, after: MediaSeen | None) -> bool:
    """Whether bytes are held now that were not held before."""
    return after is not None and after.artefact is not None and (before is None or before.artefact is None)


def _data(each: MediaSeen) -> dict[str, object]:
    """What is no file; the size in words that pages print belongs to the file."""
    return {key: value for key, value in (each.data or {}).items() if key != "size_text"}


def _metrics(old: Metrics, new: Metrics) -> set[str]:
    found = set()
    for name in ("views", "forwards", "replies", "reactions", "votes", "voters", "shares"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after and not (after is None and name in ("views", "forwards", "replies", "shares")):
            found.add("votes" if name in ("voters", "shares") else name)
    return found


def _author_differs(old: Author, new: Author) -> bool:
    """Pages name persons without their ids."""
    if (old.name, old.signature) != (new.name, new.signature):
        return True
    known = ((old.source_id, new.source_id), (old.via_bot, new.via_bot))
    return any(before and after and before != after for before, after in known)
