"""Lives of channels that nobody thought of: whatever happens in them, the timeline states it, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.watching.playing import HOUR, event, playing, post, scene
from tests.watching.truth import events_of, hold, receipts_open, told_lies

PHASES = (Phase.explicit, Phase.generate)
"""A life takes a second: a failing one is told as it was found, without looking for a smaller one."""
# Sweeps begin on the hour and are over in a minute: what happens, happens between them.
MINUTES = st.integers(2, 59).flatmap(lambda minute: st.integers(0, 14).map(lambda hour: 60 * hour + minute))
WORDS = st.sampled_from(["пристань", "ferry", "late", "café", "סירה", "море", "🚢", "**bold**", "x < y & z"])
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def moment(minutes: int) -> str:
    return f"+{minutes // 60}h{minutes % 60}m"


@st.composite
def posts(draw: st.DrawFn) -> str:
    """One post, with what becomes of it."""
    begins = draw(MINUTES)
    more: dict[str, object] = {"views": draw(st.integers(0, 90_000))}
    edits = sorted(
        draw(
            st.lists(
                st.tuples(st.integers(begins + 1, begins + 600), TEXTS), max_size=3, unique_by=lambda e: e[0]
            )
        )
    )
    if draw(st.booleans()):
        more["deleted_at"] = f'"{moment(draw(st.integers(begins + 1, begins + 700)))}"'
    if draw(st.integers(0, 5)) == 0:
        more["media"] = '[{ kind = "photo" }, { kind = "photo" }]'
    # On the hour itself the sweep and the life would happen at once, in an order that nobody knows.
    edits = [(at, text) for at, text in edits if at % 60 > 1]
    if "deleted_at" in more and str(more["deleted_at"]).endswith(('h0m"', 'h1m"')):
        del more["deleted_at"]
    return post(moment(begins), draw(TEXTS), *((moment(at), text) for at, text in edits), **more)


@st.composite
def doors(draw: st.DrawFn) -> str:
    """Times in which the channel answers otherwise, one after the other."""
    kinds = draw(st.lists(st.sampled_from(["preview", "private", "restricted"]), max_size=3))
    times = sorted(draw(st.sets(MINUTES, min_size=2 * len(kinds), max_size=2 * len(kinds))))
    parts = []
    for kind, begin, end in zip(kinds, times[::2], times[1::2], strict=True):
        before, after = {"preview": ("preview off", "preview on"), "private": ("private", "public")}.get(
            kind, ("restricted", "unrestricted")
        )
        words = {"text": "This channel can't be displayed."} if kind == "restricted" else {}
        parts += [event(moment(begin), before, **words), event(moment(end), after)]
    return "".join(parts)


NAMES = st.lists(st.tuples(MINUTES, TEXTS.filter(lambda text: "*" not in text)), max_size=3).map(
    lambda found: "".join(event(moment(at), "title", to=text) for at, text in sorted(found))
)
# A card without posts that bears another title is not known to be the channel's: a life has new titles or closed doors.
LIVES = st.tuples(
    st.just(post("+1m", "the first")),
    NAMES | doors(),
    st.lists(posts(), min_size=1, max_size=9).map("".join),
).map("".join)


@pytest.mark.slow
@given(LIVES)
@settings(max_examples=12, phases=PHASES)
def test_a_life_is_told_as_it_was(life: str) -> None:
    with tempfile.TemporaryDirectory() as folder, playing(scene(life), Path(folder)) as played:
        played.watch("pier_news", until=17 * HOUR)
        hold(played)


FAULT = st.tuples(
    st.sampled_from(["cut", "reset", "garbage", "empty", "layout", "charset", "status", "length"]),
    st.integers(0, 14),
    st.integers(1, 5),
    st.sampled_from(["/s/*", "*before=*", "/Pier_News/*", "*"]),
    st.sampled_from([0.3, 0.6, 1.0]),
).map(
    lambda each: (
        f'[[fault]]\nkind = "{each[0]}"\nfrom = "+{each[1]}h30m"\nuntil = "+{each[1] + each[2]}h30m"\n'
        f'path = "{each[3]}"\nprobability = {each[4]}\n'
        + {"status": "status = 503\n", "garbage": 'form = "body"\n', "layout": 'form = "renamed"\n'}.get(
            each[0], ""
        )
        + {"charset": 'form = "mislabelled"\n', "length": 'form = "longer"\n'}.get(each[0], "")
    )
)


@pytest.mark.slow
@given(LIVES, st.lists(FAULT, min_size=1, max_size=3).map("".join))
@settings(max_examples=12, phases=PHASES)
def test_no_life_is_told_wrongly_whatever_goes_wrong(life: str, faults: str) -> None:
    with tempfile.TemporaryDirectory() as folder, playing(scene(life + faults), Path(folder)) as played:
        played.watch("pier_news", until=22 * HOUR, policy={"retries": 1})
        events = events_of(played)
        told_lies(played, events, 71)
        with played.open() as archive:
            receipts_open(archive, "71", events)
        played.doubt()
