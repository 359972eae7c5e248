"""Events, standings and answers in words, in the reader's language; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import Any

from holdfast.catalog.timeline import Event
from holdfast.web.text import visible

__all__ = ["KINDS", "drawing_words", "group_of", "kind_name", "tell"]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "followers": ("followers",),
    "names": ("title", "username", "description", "moved", "linked chat"),
    "labels": ("label", "restriction"),
    "standing": ("standing", "gap"),
    "posts": ("edit", "edit mark", "disappearance", "return"),
    "counters": ("photos", "videos", "files", "links"),
    "disagreement": ("disagreement",),
}
"""What a reader can filter by -> the kinds of events."""
KINDS = tuple(GROUPS)
QUOTED_MOST = 300


def group_of(kind: str) -> str:
    """The group that a kind of event belongs to."""
    return next((group for group, kinds in GROUPS.items() if kind in kinds), "disagreement")


def kind_name(kind: str, t: NullTranslations) -> str:
    """A kind of event, a group, or a thing that can stand, as people call it."""
    _ = t.gettext
    names = {
        "followers": _("Followers"),
        "names": _("Names"),
        "labels": _("Labels"),
        "posts": _("Posts"),
        "counters": _("Counters"),
        "standing": _("Standing"),
        "label": _("Label"),
        "restriction": _("Restriction"),
        "title": _("Title"),
        "username": _("Username"),
        "description": _("Description"),
        "moved": _("Moved"),
        "linked chat": _("Linked chat"),
        "edit": _("Edit"),
        "edit mark": _("Edit mark"),
        "disappearance": _("Disappearance"),
        "return": _("Return"),
        "gap": _("Not seen"),
        "photos": _("Photos"),
        "videos": _("Videos"),
        "files": _("Files"),
        "links": _("Links"),
        "disagreement": _("Disagreement"),
    }
    return names.get(kind, visible(kind))


def drawing_words(t: NullTranslations) -> dict[str, str]:
    """What stands in drawings."""
    _ = t.gettext
    kinds = ("followers", "standing", "label", "restriction", "title", "username", "description")
    return {
        **{kind: kind_name(kind, t) for kind in (*kinds, "edit", "disappearance", "return", "gap")},
        **{f"answer {each}": answer_name(each, t) for each in ANSWERS},
        "post": _("Post"),
        "between": _("it changed somewhere in here"),
        "not spoken of": _("not known: the source does not speak of it"),
        "timeline": _("What happened to this channel, over time. The table below says the same."),
        "curve": _("The view counter over time. The table below says the same."),
    }


ANSWERS = (
    "shown",
    "no preview",
    "private",
    "restricted",
    "not found",
    "banned",
    "blocked here",
    "there",
    "not there",
)
"""What a source answers for a channel or a mark, as observed."""


def answer_name(answered: str | None, t: NullTranslations) -> str:
    """What a source answered, as observed."""
    _ = t.gettext
    names = {
        "shown": _("shown"),
        "no preview": _("there, but not shown to strangers"),
        "private": _("private"),
        "restricted": _("restricted"),
        "not found": _("not found"),
        "banned": _("banned"),
        "blocked here": _("blocked for this network"),
        "not in export": _("not in the export"),
        "there": _("there"),
        "not there": _("not there"),
    }
    return names.get(answered or "", visible(answered or "–"))


def tell(each: Event, t: NullTranslations, number: Callable[[int], str]) -> str:
    """One event in a sentence, without its time. `number` writes a count in the reader's way."""
    _ = t.gettext
    match each.kind:
        case "gap":
            return _("Nobody could look: %(why)s.") % {"why": visible(each.detail or "–")}
        case "followers" | "photos" | "videos" | "files" | "links" if (
            each.low is not None and each.high is not None
        ):
            count = number(each.low) if each.low == each.high else f"{number(each.low)}–{number(each.high)}"
            return f"{kind_name(each.kind, t)}: {count}"
        case "edit" | "disagreement" if each.post is not None:
            return _edit(each, t)
        case "edit mark":
            return _("The source’s edit mark moved; nothing else that is kept differs.")
        case "disappearance":
            return _("Missing; answered: %(answer)s.") % {"answer": answer_name(each.after, t)}
        case "return":
            return _("There again.")
        case "standing":
            said = {"answer": answer_name(each.after, t), "before": answer_name(each.before, t)}
            return (
                _("The channel: %(answer)s, before: %(before)s.") % said
                if each.before
                else _("The channel: %(answer)s.") % said
            )
        case "label" | "restriction":
            name = visible(each.name or "")
            return f"{kind_name(each.kind, t)} “{name}”: {answer_name(each.after, t)}"
        case "disagreement":
            said = {
                "name": visible(each.name or ""),
                "one": _quoted(each.before),
                "other": _quoted(each.after),
            }
            return _("Two sources do not say the same of %(name)s: %(one)s and %(other)s.") % said
        case _ if each.before is None:
            return f"{kind_name(each.kind, t)}: {_quoted(each.after)}"
        case _:
            said = {
                "kind": kind_name(each.kind, t),
                "before": _quoted(each.before),
                "after": _quoted(each.after),
            }
            return _("%(kind)s: %(before)s became %(after)s") % said


def _edit(each: Event, t: NullTranslations) -> str:
    what = ", ".join(each.differs)
    if each.kind == "disagreement":
        return t.gettext("Two sources do not show the same: %(what)s.") % {"what": what}
    if each.words:
        words = t.ngettext("%(num)d word", "%(num)d words", each.words) % {"num": each.words}
        return t.gettext("Changed: %(what)s (%(words)s of the text).") % {"what": what, "words": words}
    return t.gettext("Changed: %(what)s.") % {"what": what}


def _quoted(text: str | None) -> str:
    if text is None:
        return "–"
    shown = visible(text)
    return f"“{shown if len(shown) <= QUOTED_MOST else shown[: QUOTED_MOST - 1] + '…'}”"


def states(t: NullTranslations) -> dict[str, Any]:
    """Where a post can stand, in words."""
    _ = t.gettext
    return {
        "present": _("present when last looked for"),
        "missing": _("missing from an export that covers its place"),
        "gone": _("gone: asked for itself, the source says there is none"),
        "not visible": _("not visible to whoever asked"),
    }
