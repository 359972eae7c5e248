"""What is attached to a post, whichever observation brought its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.archive import Archive
from holdfast.cli import main
from holdfast.model import MediaSeen, PostFacts, PostSeen
from holdfast.views import Attached, attached
from tests.reports.archives import pier_vault


def seen(*media: MediaSeen) -> PostSeen:
    return PostSeen(PostFacts(channel="1", id="7"), None, None, media, None, None)


PHOTO = MediaSeen("photo", width=640, height=480)
HELD = MediaSeen("photo", "sealed", "a" * 64, 12, width=640, height=480)
OTHER = MediaSeen("photo", "sealed", "b" * 64, 13, width=640, height=480)
SMALL = MediaSeen("video", thumbnail=MediaSeen("photo", "sealed", "c" * 64, 3))
VIDEO = MediaSeen("video")
WHOLE = MediaSeen("video", "sealed", "d" * 64, 99)


@pytest.mark.parametrize(
    ("now", "earlier", "expected"),
    [
        ((PHOTO,), [], [Attached(PHOTO, 9, 1)]),
        ((PHOTO,), [(3, 0, seen(HELD))], [Attached(HELD, 3, 0, True)]),
        ((HELD,), [(3, 0, seen(OTHER))], [Attached(HELD, 9, 1)]),
        ((PHOTO,), [(3, 0, seen(HELD)), (4, 0, seen(OTHER))], [Attached(OTHER, 4, 0, True)]),
        ((PHOTO,), [(3, 0, seen(VIDEO))], [Attached(PHOTO, 9, 1)]),
        ((VIDEO,), [(3, 0, seen(SMALL))], [Attached(SMALL, 3, 0, True)]),
        ((VIDEO,), [(3, 0, seen(SMALL)), (4, 2, seen(WHOLE))], [Attached(WHOLE, 4, 2, True)]),
        ((VIDEO,), [(4, 2, seen(WHOLE)), (5, 0, seen(SMALL))], [Attached(WHOLE, 4, 2, True)]),
        ((PHOTO,), [(9, 1, seen(HELD))], [Attached(PHOTO, 9, 1)]),
        ((PHOTO,), [(3, 0, seen(HELD, OTHER))], [Attached(HELD, 3, 0, True)]),
        ((PHOTO, VIDEO), [(3, 0, seen(HELD))], [Attached(HELD, 3, 0, True), Attached(VIDEO, 9, 1)]),
    ],
)
def test_files_are_taken_from_the_observation_that_brought_them(
    now: tuple[MediaSeen, ...], earlier: list[tuple[int, int, PostSeen]], expected: list[Attached]
) -> None:
    assert attached((9, 1), seen(*now), earlier) == expected


def test_a_watched_post_shows_the_file_that_its_later_looks_do_not_repeat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vault = pier_vault(tmp_path / "vault", files=True)
    with Archive.open(vault, workers=0) as archive:
        view = archive.post("quiet_shore_demo/8")
        latest = view.observations[-1][1]
        assert latest is not None
        assert latest.media is not None
        assert latest.media[0].artefact is None
        (found,) = view.attached()
        assert found.is_earlier
        assert found.item.artefact is not None
        with archive.reader.blobs.open(found.item.artefact) as handle:
            assert len(handle.read()) == found.item.observed_size_bytes
    assert main(["show", "quiet_shore_demo/8", "--vault", str(vault)]) == 0
    said = capsys.readouterr().out
    assert f"sealed as {found.item.artefact} (entry {found.entry})" in said
