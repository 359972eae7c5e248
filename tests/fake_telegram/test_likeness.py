"""The fake's pages against real ones: the same elements, and the same things told in either layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from holdfast.fake_telegram import demo_scenario, render_channel
from tests.fake_telegram.scenes import EVERYTHING, HOUR, ORIGIN, START, scenario, seen

# What stands on pages of kinds that no sample shows: the end of a channel, newer posts, sizes of documents without a sample.
UNSAMPLED = {"tme_no_messages_found"}


def classes(parser: LexborHTMLParser) -> set[str]:
    found: set[str] = set()
    for node in parser.css("[class]"):
        found |= set((node.attributes["class"] or "").split())
    # Numbers of photos and colours of users differ from page to page.
    return {
        name for name in found if not name[0].isdigit() and not name.startswith(("user-color", "bgcolor"))
    }


@pytest.fixture(scope="module")
def real(shared_data: Path) -> set[str]:
    found: set[str] = set()
    for path in sorted((shared_data / "pages").rglob("*.html")):
        found |= classes(LexborHTMLParser(path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("layout", ["2023", "2026"])
def test_every_class_on_the_fakes_pages_is_on_a_real_one(real: set[str], layout: str) -> None:
    told = scenario(EVERYTHING, head=f'layout = "{layout}"', channel='description = "d"\n')
    tour = demo_scenario()
    pages = [
        render_channel(told, "Pier_News", None, START + HOUR, origin=ORIGIN),
        render_channel(tour, "quiet_shore_demo", None, tour.start + 43 * HOUR, origin=ORIGIN),
        render_channel(tour, "quiet_shore_demo", 10, tour.start + 43 * HOUR, origin=ORIGIN),
    ]
    made: set[str] = set()
    for answer in pages:
        made |= classes(LexborHTMLParser(answer.body.decode()))
    assert made - real - UNSAMPLED == set()
    assert len(made) > 60


@pytest.mark.parametrize("layout", ["2023", "2026"])
def test_both_layouts_tell_the_same_of_every_kind_of_post(layout: str) -> None:
    told = scenario(EVERYTHING, head=f'layout = "{layout}"')
    shown = seen(render_channel(told, "Pier_News", None, START + HOUR, origin=ORIGIN))
    assert (shown.answered, shown.problems, shown.unknown) == ("shown", (), ())
    by_id = {int(post.post.id): post for post in shown.posts}
    kinds = [media.kind for post in shown.posts for media in post.media or ()]
    assert kinds == [
        "photo", "video", "video", "round_video", "voice", "audio", "document", "sticker", "animation", "poll", "location",
        "photo", "video", "photo",
    ]  # fmt: skip
    video, too_big = by_id[2].media, by_id[3].media
    assert video is not None
    assert too_big is not None
    assert (video[0].duration_s, too_big[0].duration_s, too_big[0].state) == (540, 3723, "too_big")
    assert by_id[10].metrics is not None
    assert (by_id[10].metrics.voters, by_id[10].metrics.shares) == (4, (("yes", 75), ("no", 25)))
    location = by_id[11].media
    assert location is not None
    assert (location[0].data or {})["latitude"] == "46.75"
    assert by_id[12].text == "an album"
    assert by_id[15].post.forward is not None
    assert by_id[15].author is None or by_id[15].author.signature is None
    assert by_id[16].author is not None
    assert by_id[16].author.signature == "A. Nobody"
    metrics = by_id[16].metrics
    assert metrics is not None
    assert dict(metrics.reactions or ()) == {"👍": 3, "paid": 1, "custom:5400": 2}
    assert {offer.post for offer in shown.files} == {1, 2, 3, 4, 5, 8, 9, 12, 13, 14}
