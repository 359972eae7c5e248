"""Holds what the timeline states against what truly happened, and every receipt against what is sealed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from holdfast.archive import Archive
from holdfast.catalog.timeline import FAILURES, Event, Moment
from holdfast.history import channel_history
from holdfast.model import plain_text
from holdfast.sealing import load_post
from holdfast.vault.canon import open_body, parse_entry
from tests.watching.playing import Playing

SWEEP_S = 900
"""Longer than any sweep of a test: what a sweep saw, it saw so soon after it began."""
TOLD_OF_THE_CHANNEL = ("title", "username", "description", "standing")
NAMED = {"shown_description": "description", "answer": "standing"}
TOLD_OF_POSTS = ("edit", "disappearance", "return")

Change = tuple[str, int | None, int, int, str | None, str | None]
"""(kind, post, last seen so, first seen otherwise, before, after): moments as the sweeps' beginnings."""


def unix(moment: Moment | None) -> int:
    assert moment is not None
    return int(datetime.fromisoformat(moment.seen_at).timestamp())


def events_of(playing: Playing, channel: str = "71") -> list[Event]:
    with playing.open() as archive:
        return channel_history(archive, archive.channel(channel))


def looks_of(playing: Playing, name: str = "pier_news") -> list[int]:
    """When the watch began those sweeps under a name that were answered at all."""
    return [each.started_at for each in playing.sweeps if each.name == name and each.answered not in FAILURES]


def true_changes(playing: Playing, looks: Sequence[int], which: int = 71) -> Iterator[Change]:
    """What a faultless observer would state who looked at these moments, and saw all that is shown each time."""
    scenario = playing.scenario
    state = {at: scenario.state(which, at) for at in looks}
    carded = [at for at in looks if state[at].answer in ("shown", "no preview")]
    shown = [at for at in looks if state[at].answer == "shown"]
    for kind, seen in (
        ("title", carded),
        ("username", carded),
        ("shown_description", carded),
        ("answer", looks),
    ):
        for before, after in itertools.pairwise(seen):
            was, now = (getattr(state[at], kind) for at in (before, after))
            if was != now:
                yield NAMED.get(kind, kind), None, before, after, was, now
    last: dict[int, tuple[int, str]] = {}
    missing: dict[int, int] = {}
    for at in shown:
        there = {
            number: each.text.plain if each.text and number == each.id else ""
            for each in scenario.posts(which, at)
            for number in each.ids
        }
        for number, text in there.items():
            if number in missing:
                yield "return", number, missing.pop(number), at, None, None
            if number in last and last[number][1] != text:
                yield "edit", number, last[number][0], at, last[number][1], text
            last[number] = at, text
        for number in last.keys() - there.keys() - missing.keys():
            missing[number] = at
            yield "disappearance", number, last[number][0], at, None, None


def stated_changes(events: Sequence[Event], looks: Sequence[int]) -> Iterator[Change]:
    """What the timeline states of the same, each moment as the beginning of the sweep that it lies in."""

    def began(moment: Moment | None) -> int:
        at = unix(moment)
        begin = max(each for each in looks if each <= at)
        assert at - begin < SWEEP_S, "a moment at which nobody looked"
        return begin

    for each in events:
        if each.last_before is None:
            continue  # the first time that something was seen is no change
        if each.kind in TOLD_OF_THE_CHANNEL:
            yield each.kind, None, began(each.last_before), began(each.first_after), each.before, each.after
        elif each.kind in TOLD_OF_POSTS:
            yield each.kind, each.post, began(each.last_before), began(each.first_after), None, None


def hold(playing: Playing, *, channel: str = "71", name: str = "pier_news") -> list[Event]:
    """The timeline states what truly happened, whole, within its intervals, and nothing else; its receipts open.

    For scenarios in which every post is looked at with every sweep: none older than two days, all within what is asked for.
    """
    looks = looks_of(playing, name)
    events = events_of(playing, channel)
    stated = list(stated_changes(events, looks))
    truth = list(true_changes(playing, looks, int(channel)))
    wanted = [(*each[:4], None, None) if each[0] == "edit" else each for each in truth]
    assert sorted(stated, key=repr) == sorted(wanted, key=repr)
    followers_hold(playing, events, int(channel))
    told_lies(playing, events, int(channel))
    with playing.open() as archive:
        receipts_open(archive, channel, events)
    playing.doubt()
    return events


def told_lies(playing: Playing, events: Sequence[Event], which: int) -> None:
    """Errors: AssertionError if anything is stated of a kind that was not meant to happen, or against the truth at its ends.

    Holds for any scenario, however little of it was seen.
    """
    scenario = playing.scenario
    for each in events:
        if each.kind in ("disappearance", "return", "edit"):
            before, after = unix(each.last_before), unix(each.first_after)
            assert before <= after
            posts = [
                {number: state for state in scenario.posts(which, at) for number in state.ids}
                for at in (before, after)
            ]
            was, now = (each.post in ids for ids in posts)
            assert (was, now) == {"disappearance": (True, False), "return": (False, True)}.get(
                each.kind, (True, True)
            )
            if each.kind == "edit":
                old, new = (ids[each.post or 0] for ids in posts)
                assert (old.revision, old.ids, old.id) != (new.revision, new.ids, new.id)
        elif each.kind in ("title", "username", "description") and each.last_before is not None:
            read = {"description": "shown_description"}.get(each.kind, each.kind)
            assert getattr(scenario.state(which, unix(each.last_before)), read) == each.before
            assert getattr(scenario.state(which, unix(each.first_after)), read) == each.after
        elif each.kind == "edit mark":
            assert any(
                edit.mark and edit.at <= unix(each.first_after)
                for post in scenario.channel(which).posts
                if post.id == each.post
                for edit in post.edits
            )


def followers_hold(playing: Playing, events: Sequence[Event], which: int) -> None:
    """Each reading holds the true number at both ends of the time in which it was seen so."""
    readings = [each for each in events if each.kind == "followers"]
    assert readings
    for each in readings:
        for moment in (each.first_after, each.last_after):
            true = playing.scenario.state(which, unix(moment)).followers
            assert each.low is not None
            assert each.high is not None
            assert each.low <= true <= each.high


# -- receipts ---------------------------------------------------------------------------------------


def opened(archive: Archive, entry: int) -> tuple[str, dict[str, Any]]:
    """(type, disclosures by name) of a sealed entry, its digests checked."""
    raw, salts, body = archive.reader.raw(entry)
    parsed = parse_entry(raw)
    found = open_body(parsed, salts, body)
    return parsed.kind, {each.name: each.value for each in found.disclosures if each.name is not None}


def receipts_open(archive: Archive, channel: str, events: Sequence[Event]) -> None:
    """Every moment of every event names an entry that was sealed, is under the checkpoint, and says what is stated."""
    size = archive.reader.checkpoint()[0].checkpoint.size
    for each in events:
        for moment in (each.first_after, each.last_before, each.last_after, each.unspoken_since):
            if moment is None:
                continue
            assert moment.entry < size
            _, values = opened(archive, moment.entry)
            assert moment.seen_at in str(values)
        _says(archive, channel, each)


def _says(archive: Archive, channel: str, each: Event) -> None:
    if each.kind in ("title", "username", "description"):
        for moment, value in ((each.last_before, each.before), (each.first_after, each.after)):
            if moment is not None:
                _, values = opened(archive, moment.entry)
                # Before a first post nothing says which channel a name leads to.
                assert values["channel"]["id"] in (channel, f"username:{values['standing']['name'].lower()}")
                assert values["channel"][each.kind] == value
    elif each.kind == "standing":
        for moment, value in ((each.last_before, each.before), (each.first_after, each.after)):
            if moment is not None:
                kind, values = opened(archive, moment.entry)
                assert (kind, values["standing"]["answered"]) == ("channel", value)
    elif each.kind == "disappearance":
        kind, values = opened(archive, each.first_after.entry)
        assert kind == "absence"
        assert values["absence"]["posts"] == [str(each.post)]
        assert values["absence"]["channel"] == channel
        _covers(archive, each)
    elif each.kind == "edit":
        old, new = (load_post(archive.reader, entry, element) for entry, element in each.places)
        assert old is not None
        assert new is not None
        assert {old.post.id, new.post.id} == {str(each.post)}
        if "text" in each.differs:
            assert plain_text(old.text) != plain_text(new.text)
        _covers(archive, each)


def _covers(archive: Archive, each: Event) -> None:
    """The entry of `last_before` shows the post, or says that its place was looked at and nothing new was there."""
    assert each.last_before is not None
    kind, values = opened(archive, each.last_before.entry)
    if kind == "capture":
        spans = [
            (int(first), int(last), when)
            for part in values["coverage"]
            for first, last, when in part["answers"]
        ]
        assert any(
            first <= (each.post or 0) <= last and when == each.last_before.seen_at
            for first, last, when in spans
        )
    else:
        assert kind == "posts"
