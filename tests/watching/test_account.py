"""A watch with an account: the API's answers are sealed as pages are, and where the two disagree both are kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from holdfast.capture.telegram_api import PaceRules, parse_raw
from holdfast.errors import UsageError
from holdfast.history import channel_history
from holdfast.watching.account import account_source, opened
from holdfast.watching.media import MediaPolicy
from holdfast.watching.run import Options, Sweep, watch
from tests.watching.playing import HOUR, START, Playing, playing, post, scene

pytest.importorskip("telethon")
from tests.capture.test_telegram_api_fake import (
    FakeClient,
    a_channel,
    a_full,
    a_page,
    a_post,
    refusal,
    resolved,
    types,
)

AT_ONCE = PaceRules(gap_s=0, jitter_s=0, history_gap_s=0, chunk_gap_s=0)


def pier(**told: Any) -> Any:
    return a_channel(71, username="Pier_News", title="Pier", **told)


def asked(played: Playing, client: FakeClient, folder: Path, **options: Any) -> list[Sweep]:
    """One look by the API, at the time of the scenario's clock."""
    sweeps: list[Sweep] = []

    async def work() -> None:
        async with account_source(client, folder / "telegram.session", played.now, AT_ONCE) as source:
            with played.open() as archive:
                chosen = Options(**{"once": True, "media": MediaPolicy("none"), **options})
                await watch(archive, [(source, "pier_news")], chosen, report=sweeps.append)

    asyncio.run(work())
    return sweeps


def test_the_api_gives_exact_numbers_and_marks_both_ways_and_its_answers_are_sealed(tmp_path: Path) -> None:
    client = FakeClient(
        resolved(pier(fake=True)),
        a_full([pier(fake=True)], 71, participants_count=38_123),
        a_page(
            [a_post(2, "Zwei", 71, views=25_117, forwards=4), a_post(1, "Eins", 71)], chats=[pier(fake=True)]
        ),
    )
    with playing(scene(), tmp_path) as played:
        (sweep,) = asked(played, client, tmp_path)
        assert (sweep.answered, sweep.outcome, sweep.followers) == ("shown", "complete", 38_123)
        with played.open() as archive:
            events = channel_history(archive, archive.channel("pier_news"))
            view = archive.post("71/2")
            seen = view.observations[-1][1]
            assert seen is not None
            assert seen.metrics is not None
            assert seen.metrics.views == 25_117
            assert seen.raw is not None
            assert seen.raw.offset is not None
            assert seen.raw.length is not None
            with archive.reader.blobs.open(seen.raw.artefact) as raw:
                raw.seek(seen.raw.offset)
                exchange = parse_raw(raw.read(seen.raw.length))
        assert exchange.asked.what == "history"
        marks = {each.name: each.after for each in events if each.kind == "label"}
        assert marks["fake"] == "there"
        assert marks["scam"] == "not there"
        played.doubt()


def test_what_is_not_there_any_more_is_asked_for_alone_and_a_second_run_knows_the_channel(
    tmp_path: Path,
) -> None:
    client = FakeClient(
        resolved(pier()),
        a_full([pier()], 71),
        a_page([a_post(2, "Zwei", 71), a_post(1, "Eins", 71)], chats=[pier()]),
    )
    with playing(scene(), tmp_path) as played:
        asked(played, client, tmp_path)
        played.clock.set(START + HOUR)
        again = FakeClient(
            a_full([pier()], 71),
            a_page([a_post(2, "Zwei", 71)], chats=[pier()]),
            a_page([], chats=[pier()]),  # nothing stands before the second post
            a_page([types.MessageEmpty(1, None)], chats=[pier()]),
            a_full([pier()], 71),
            a_page([a_post(2, "Zwei", 71)], chats=[pier()]),
        )
        (sweep,) = asked(played, again, tmp_path)
        assert sweep.kept.counts.absent == 1
        with played.open() as archive:
            (gone,) = [
                each
                for each in channel_history(archive, archive.channel("71"))
                if each.kind == "disappearance"
            ]
        assert (gone.post, gone.after) == (1, "not found")
        played.doubt()


def test_two_sources_that_disagree_are_both_kept_and_it_is_told(tmp_path: Path) -> None:
    client = FakeClient(
        resolved(pier()),
        a_full([pier()], 71, participants_count=900),
        a_page([a_post(1, "Etwas anderes", 71, views=3, forwards=0)], chats=[pier()]),
    )
    with playing(scene(post("+1m", "Первая", views=3)), tmp_path) as played:
        played.clock.set(START + HOUR)
        played.watch("pier_news", once=True)
        asked(played, client, tmp_path)
        with played.open() as archive:
            events = channel_history(archive, archive.channel("71"))
            view = archive.post("71/1")
        (apart,) = [each for each in events if each.kind == "disagreement" and each.post == 1]
        assert "text" in apart.differs
        assert apart.detail == "telegram_web and telegram_api do not say the same"
        assert len(view.observations) == 2
        played.doubt()


def test_a_refusal_is_an_answer_and_a_lost_session_ends_the_watch(tmp_path: Path) -> None:
    with playing(scene(), tmp_path) as played:
        (sweep,) = asked(played, FakeClient(refusal("USERNAME_NOT_OCCUPIED")), tmp_path)
        assert sweep.answered == "not found"
        (sweep,) = asked(played, FakeClient(refusal("FLOOD_WAIT_90000", 420)), tmp_path)
        assert sweep.answered == "rate limited"
        assert sweep.outcome == "failed"
        played.doubt()


def test_without_a_session_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        opened(tmp_path / "none.session", lambda: None)
