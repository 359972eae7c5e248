"""Two observations of one post -> what differs between them; pure.

What one source did not record is no difference: an export without media beside it does not mean that
a post lost its video.
"""

from __future__ import annotations

from holdfast.model import Author, MediaSeen, Metrics, PostFacts, PostSeen, Text

__all__ = ["REVISING", "differences"]

REVISING = frozenset({"text", "media", "poll", "author", "forward", "reply", "published", "action", "kind"})
"""Differences that make a new revision. The others are readings ("reactions", "votes", "views", …), an "edit mark"
that moved without any content, "files" that one capture holds and the other does not, or "other" fields."""


def differences(old: PostSeen, new: PostSeen) -> frozenset[str]:
    """Names of what differs, empty where both say the same. A unit that is not held on one side is no difference."""
    found = set()
    if _text(old.text) != _text(new.text):
        found.add("text")
    found |= _facts(old.post, new.post)
    found |= _media(old.media or (), new.media or ())
    found |= _metrics(old.metrics or Metrics(), new.metrics or Metrics())
    if old.author is not None and new.author is not None and _person(old.author) != _person(new.author):
        found.add("author")
    return frozenset(found)


def _text(text: Text | None) -> list[tuple[object, ...]]:
    """Runs with their attributes, adjacent plain runs joined; custom emoji without the file they were saved to."""
    runs: list[tuple[object, ...]] = []
    for run in (text,) if isinstance(text, str) else text or ():
        if isinstance(run, str):
            each: tuple[object, ...] = ("plain", run, ())
        else:
            rest = sorted(
                (key, repr(value)) for key, value in run.items() if key not in ("type", "text", "document_id")
            )
            each = (run.get("type"), run.get("text"), tuple(rest))
        if each[0] == "plain" and runs and runs[-1][0] == "plain":
            each = ("plain", f"{runs.pop()[1]}{each[1]}", ())
        runs.append(each)
    return [run for run in runs if run[1] != "" or run[2]]


def _facts(old: PostFacts, new: PostFacts) -> set[str]:
    found = set()
    if old.kind != new.kind:
        found.add("kind")
    # An old export knows local time only; the zone of the exporter may differ, so the two are not compared.
    if old.published_at and new.published_at and old.published_at != new.published_at:
        found.add("published")
    if old.edited_at != new.edited_at and new.edited_at is not None:
        found.add("edit mark")
    if old.reply != new.reply:
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
    if old.other != new.other:
        found.add("other")
    return found


def _media(old: tuple[MediaSeen, ...], new: tuple[MediaSeen, ...]) -> set[str]:
    if len(old) != len(new):
        return {"media"}
    found = set()
    for before, after in zip(old, new, strict=True):
        same = (before.kind, before.title, before.performer, before.emoji, before.spoiler)
        if same != (after.kind, after.title, after.performer, after.emoji, after.spoiler):
            found.add("media")
        # Sizes and names are recorded by newer exports only, so one side may not know.
        known = (
            (before.mime, after.mime),
            (before.width, after.width),
            (before.height, after.height),
            (before.duration_s, after.duration_s),
            (before.size_bytes, after.size_bytes),
            (before.artefact, after.artefact),
        )
        if any(a is not None and b is not None and a != b for a, b in known):
            found.add("media")
        if before.data != after.data:
            found.add("poll" if after.kind == "poll" else "media")
        # "Not included" and "too big" are the exporter's settings; "unavailable" is what the source answered.
        lost = (before.state == "unavailable") != (after.state == "unavailable")
        if lost or (after.artefact is not None and before.artefact is None):
            found.add("files")
    return found


def _metrics(old: Metrics, new: Metrics) -> set[str]:
    found = set()
    for name in ("views", "forwards", "reactions", "votes", "voters"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after and not (after is None and name in ("views", "forwards")):
            found.add("votes" if name == "voters" else name)
    return found


def _person(author: Author) -> tuple[object, ...]:
    return (author.name, author.source_id, author.signature, author.via_bot)
