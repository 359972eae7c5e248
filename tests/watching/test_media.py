"""Files of posts: fetched as wanted, sealed once, gone on with after a stop, and never taken for a change of the post."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast.history import channel_history
from holdfast.model import PostSeen
from holdfast.sealing import load_post
from holdfast.watching.media import MediaPolicy
from tests.watching.playing import HOUR, START, Playing, playing, post, scene

BODY = (
    post("+1m", "Снимок", media='[{ kind = "photo", width = 64, height = 48, size = 4000 }]')
    + post("+2m", "Девять минут", media='[{ kind = "video", duration = "9m", size = 90000 }]')
    + post(
        "+3m", "Слишком большое", media='[{ kind = "video", duration = "9m", size = 90000, too_big = true }]'
    )
    + post("+4m", "Запись", media='[{ kind = "document", file_name = "list.pdf", size = 30000 }]')
)


def latest(played: Playing, number: int) -> PostSeen:
    with played.open() as archive:
        view = archive.post(f"71/{number}")
        seen = load_post(archive.reader, view.state.entry, view.state.element)
        assert seen is not None
        return seen


def held(played: Playing) -> dict[int, set[str]]:
    """Kinds of the files whose bytes are sealed, by post; "small" for a picture that stands for a file."""
    found: dict[int, set[str]] = {}
    for number in range(1, 5):
        for each in latest(played, number).media or ():
            if each.artefact:
                found.setdefault(number, set()).add(each.kind)
            if each.thumbnail is not None and each.thumbnail.artefact:
                found.setdefault(number, set()).add("small")
    return found


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (MediaPolicy("none"), {}),
        (MediaPolicy("photos"), {1: {"photo"}, 2: {"small"}, 3: {"small"}}),
        (MediaPolicy("all"), {1: {"photo"}, 2: {"video"}, 3: {"small"}, 4: {"document"}}),
    ],
    ids=["none", "photos", "all"],
)
def test_what_is_wanted_is_fetched_and_a_picture_where_the_file_is_not_to_be_had(
    policy: MediaPolicy, expected: dict[int, set[str]], tmp_path: Path
) -> None:
    with playing(scene(BODY), tmp_path) as played:
        played.clock.set(START + HOUR)
        played.watch("pier_news", once=True, media=policy)
        found = held(played)
        # Pages of a document offer no file; what they offer is taken.
        found.pop(4, None)
        expected = {number: kinds for number, kinds in expected.items() if number != 4}
        assert found == expected
        played.doubt()


def test_a_file_over_the_limit_is_not_taken_and_what_stands_for_it_is(tmp_path: Path) -> None:
    with playing(scene(BODY), tmp_path) as played:
        played.clock.set(START + HOUR)
        played.watch("pier_news", once=True, media=MediaPolicy("all", 10_000))
        assert held(played)[1] == {"photo"}
        assert held(played)[2] == {"small"}
        assert not list((played.vault / "catalog" / "partial").iterdir())


def test_a_file_that_comes_later_is_no_revision_and_no_event(tmp_path: Path) -> None:
    with playing(scene(BODY), tmp_path) as played:
        played.watch("pier_news", until=3 * HOUR, media=MediaPolicy("all"))
        with played.open() as archive:
            events = channel_history(archive, archive.channel("71"))
            view = archive.post("71/1")
        assert not [each for each in events if each.post is not None]
        assert view.state.revision == 1
        assert any("files" in row.changed for row, _ in view.observations)
        assert held(played)[1] == {"photo"}
        # Sealed once: later sweeps ask for no file that is held.
        files = [each for each in played.server.journal.asks() if each.target.startswith("/file/")]
        assert len({each.target.partition("?")[0] for each in files}) == len(files)
        played.doubt()


@pytest.mark.parametrize(
    "fault",
    [
        'kind = "cut"\nkeep = 0.4\nfirst = 1',
        'kind = "status"\nstatus = 503\nuntil = "+5h"',
        'kind = "reset"\nuntil = "+5h"',
    ],
    ids=["cut", "refused", "broken off"],
)
def test_a_download_that_failed_is_made_up_for(fault: str, tmp_path: Path) -> None:
    spoilt = f'[[fault]]\n{fault}\npath = "/file/*"\n'
    with playing(scene(BODY + spoilt, head='media_lifetime = "30m"'), tmp_path) as played:
        played.watch("pier_news", until=30 * HOUR, media=MediaPolicy("all"))
        assert held(played)[1] == {"photo"}
        assert "video" in held(played)[2]
        played.doubt()


def test_a_watch_that_was_stopped_in_a_file_goes_on_with_it(tmp_path: Path) -> None:
    spoilt = '[[fault]]\nkind = "hang"\npath = "/file/*"\nuntil = "+2h"\n'
    with playing(scene(BODY + spoilt), tmp_path) as played:
        played.clock.set(START + HOUR)
        played.watch("pier_news", until=HOUR + 600, media=MediaPolicy("all"), policy={"read_timeout_s": 5})
        assert held(played) == {}
        played.watch("pier_news", until=12 * HOUR, media=MediaPolicy("all"))
        assert held(played)[1] == {"photo"}
        played.doubt()


def test_the_same_bytes_are_one_artefact(tmp_path: Path) -> None:
    with playing(scene(BODY), tmp_path) as played:
        played.watch("pier_news", until=2 * HOUR, media=MediaPolicy("all"))
        digests: list[Any] = [each.artefact for each in latest(played, 1).media or ()]
        stored = {
            path.name.partition(".")[0] for path in (played.vault / "blobs").rglob("*") if path.is_file()
        }
        assert set(digests) <= stored
