"""Media files: bytes that are the same every time, addresses that run out."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.fake_telegram import Answer, Request, Scenario, answer, render_channel
from holdfast.fake_telegram import filebytes as made
from holdfast.fake_telegram.filebytes import FileBytes
from tests.fake_telegram.scenes import HOUR, ORIGIN, START, scenario, seen

POSTS = """
[[channel.post]]
at = "+1m"
media = [{kind = "photo", size = 5000}]
[[channel.post]]
at = "+1m"
media = [{kind = "video", size = 700000, duration = 540}]
[[channel.post]]
at = "+1m"
media = [{kind = "sticker"}]
[[channel.post]]
at = "+1m"
media = [{kind = "voice", size = 0}]
[[channel.post]]
at = "+1m"
media = [{kind = "photo", format = "png"}]
deleted_at = "+2h"
[[channel.post]]
at = "+1m"
media = [{kind = "video", too_big = true}]
[[channel.post]]
at = "+1m"
media = [{kind = "voice", size = 900}]
"""


@pytest.fixture(scope="module")
def told() -> Scenario:
    return scenario(POSTS)


def offers(told: Scenario, at: float = START + HOUR) -> dict[tuple[int, bool], str]:
    """The targets of the files that a page offers, by post, and whether it is the small picture."""
    found = seen(render_channel(told, "Pier_News", None, at, origin=ORIGIN)).files
    return {(offer.post, offer.thumbnail): offer.url.removeprefix(ORIGIN) for offer in found}


def get(told: Scenario, target: str, at: float = START + HOUR, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(told, Request(target, "GET", named), at, origin=ORIGIN)


def whole(reply: Answer) -> bytes:
    assert reply.file is not None
    return reply.file.read(reply.start, reply.stop)


def test_every_file_that_a_page_offers_is_there_with_its_type_and_size(told: Scenario) -> None:
    wanted = {
        (1, False): 5000,
        (2, False): 700_000,
        (2, True): 1024,
        (3, False): 2048,
        (4, False): 0,
        (5, False): 2048,
        (7, False): 900,
    }
    found = offers(told)
    assert {key: len(whole(get(told, target))) for key, target in found.items() if key != (6, True)} == wanted
    types = {key: dict(get(told, target).headers)["Content-Type"] for key, target in found.items()}
    assert [types[number, False] for number in range(1, 6)] == [
        "image/jpeg", "video/mp4", "image/webp", "audio/ogg", "image/png",
    ]  # fmt: skip


def test_a_file_too_big_for_the_page_cannot_be_had_by_guessing_its_address(told: Scenario) -> None:
    guessed = offers(told)[2, False].replace("/file/47-2-", "/file/47-6-")
    assert get(told, guessed).status == 403
    assert (6, False) not in offers(told)


def test_the_same_scenario_makes_the_same_bytes_and_another_seed_others(told: Scenario) -> None:
    other = scenario(POSTS, head="seed = 5")
    for key, target in offers(told).items():
        assert whole(get(told, target)) == whole(get(scenario(POSTS), target))
        if key != (4, False):
            assert whole(get(told, target)) != whole(get(other, offers(other)[key]))


def test_an_address_holds_for_a_lifetime_and_not_for_three(told: Scenario) -> None:
    target = offers(told)[1, False]
    assert get(told, target, START + 2 * HOUR).status == 200
    late = get(told, target, START + 4 * HOUR)
    assert (late.status, late.file) == (403, None)
    assert offers(told, START + 4 * HOUR)[1, False].split("?")[0] == target.split("?")[0]


def test_pages_of_one_lifetime_give_the_same_address() -> None:
    told = scenario(POSTS, head='media_lifetime = "1d"')
    day = START - START % 86_400 + 86_400
    early, late = offers(told, day), offers(told, day + 80_000)
    assert late.keys() < early.keys()  # one post vanished in between
    assert all(early[key] == late[key] for key in late)


@pytest.mark.parametrize("token", ["", "zz-1", "ffffffff-0000000000", "-", "ffffffff"])
def test_a_token_that_was_not_given_out_opens_nothing(told: Scenario, token: str) -> None:
    path = offers(told)[1, False].split("?")[0]
    assert get(told, f"{path}?token={token}").status == 403


def test_the_bytes_of_a_post_outlive_it_as_long_as_the_address_does() -> None:
    told = scenario(POSTS, head='media_lifetime = "1d"')
    target = offers(told)[5, False]
    assert (5, False) not in offers(told, START + 3 * HOUR)
    assert get(told, target, START + 3 * HOUR).status == 200


def test_an_edit_of_the_text_keeps_the_file_and_an_edit_of_the_media_changes_it() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\nmedia = [{kind = "photo"}]\n'
        '[[channel.post.edit]]\nat = "+10m"\ntext = "now with words"\n'
        '[[channel.post.edit]]\nat = "+20m"\nmedia = [{kind = "photo", size = 3000}]\n'
    )
    files = [whole(get(told, offers(told, START + at)[1, False])) for at in (599, 600, 1200)]
    assert files[0] == files[1]
    assert len(files[2]) == 3000


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [
        ("bytes=0-99", 206, 0, 100),
        ("bytes=4990-", 206, 4990, 5000),
        ("bytes=-10", 206, 4990, 5000),
        ("bytes=0-99999", 206, 0, 5000),
        ("bytes=5000-", 416, 0, 0),
        ("bytes=9-3", 416, 0, 0),
        ("bytes=-", 200, 0, 5000),
        ("bytes=0-1,3-4", 200, 0, 5000),
        ("lines=1-2", 200, 0, 5000),
    ],
)
def test_part_of_a_file_can_be_asked_for(
    told: Scenario, asked: str, status: int, start: int, stop: int
) -> None:
    target = offers(told)[1, False]
    reply = get(told, target, range=asked)
    assert reply.status == status
    if status == 416:
        assert dict(reply.headers)["Content-Range"] == "bytes */5000"
        return
    assert whole(reply) == whole(get(told, target))[start:stop]
    if status == 206:
        assert dict(reply.headers)["Content-Range"] == f"bytes {start}-{stop - 1}/5000"
        assert reply.length == stop - start


def test_part_of_another_version_is_not_given(told: Scenario) -> None:
    target = offers(told)[1, False]
    tag = dict(get(told, target).headers)["ETag"]
    assert get(told, target, range="bytes=0-1", if_range=tag).status == 206
    assert get(told, target, range="bytes=0-1", if_range='"other"').status == 200


@pytest.mark.parametrize(
    "reference",
    ["x", "47-1-0-0", "47-1-0-0-q", "47-1-9-0-f", "47-99-0-0-f", "48-1-0-0-f", "47-1-0-7-f", "47-6-0-0-f"],
)
def test_a_reference_that_leads_to_no_file_is_not_found_even_with_its_token(
    told: Scenario, reference: str
) -> None:
    from holdfast.fake_telegram.files import _token

    token = _token(told.seed, reference, START + 2 * HOUR)
    assert get(told, f"/file/{reference}/a.jpg?token={token}").status == 404


@given(st.integers(0, 400_000), st.integers(0, 400_000), st.integers(0, 300), st.integers(0, 300_000))
def test_any_part_of_a_large_file_is_that_part_of_the_whole(a: int, b: int, head: int, filler: int) -> None:
    file = FileBytes(b"h" * head, b"key", filler)
    whole = file.read(0, file.size)
    assert len(whole) == head + filler
    assert file.read(min(a, b), max(a, b)) == whole[min(a, b) : max(a, b)]


@pytest.mark.parametrize("size", [0, 300, 400, 401, 402, 403, 404, 66_000, 66_001, 66_005, 131_500])
def test_a_jpeg_is_whole_segments_up_to_its_size(size: int) -> None:
    data = made.jpeg(b"k", size, 37, 21).head
    assert len(data) == size or size < 300 or (size - len(data)) < 4
    place, markers = 2, []
    while data[place + 1] != 0xDA:
        assert data[place] == 0xFF
        markers.append(data[place + 1])
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    assert (data[:2], data[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    assert {0xE0, 0xDB, 0xC0, 0xC4} <= set(markers)


@pytest.mark.parametrize("size", [0, 200, 5000])
def test_a_png_is_whole_chunks_with_right_sums_up_to_its_size(size: int) -> None:
    data = made.png(b"k", size, 640, 10).head
    assert len(data) == max(size, 90) or size < 200
    place, kinds = 8, []
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 4 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0] == zlib.crc32(body)
        if kind == b"IDAT":
            assert len(zlib.decompress(body[4:])) == 10 * 65
        kinds.append(kind)
        place += 12 + length
    assert (kinds[0], kinds[-1], b"faKe" in kinds) == (b"IHDR", b"IEND", size > 150)


@pytest.mark.parametrize("size", [0, 5000, 2**33])
def test_a_film_is_boxes_that_end_where_the_file_ends(size: int) -> None:
    file = made.mp4(b"k", size, 540)
    place, kinds = 0, []
    while place < file.size:
        length, kind = struct.unpack(">I4s", file.read(place, place + 8))
        if length == 1:
            length = struct.unpack(">Q", file.read(place + 8, place + 16))[0]
        if kind == b"moov":
            assert struct.unpack(">II", file.read(place + 28, place + 36)) == (1000, 540_000)
        kinds.append(kind)
        place += length
    assert place == file.size
    assert kinds == [b"ftyp", b"moov", b"mdat"]
    assert file.size == size or size == 0


def test_other_kinds_begin_as_theirs_do_and_have_their_size() -> None:
    assert made.voice(b"k", 500).read(0, 4) == b"OggS"
    sticker = made.webp(b"k", 500)
    assert (sticker.head[:4], sticker.head[8:12]) == (b"RIFF", b"WEBP")
    assert struct.unpack("<I", sticker.head[4:8])[0] == len(sticker.head) - 8
    assert [each.size for each in (made.voice(b"k", 500), sticker)] == [500, 500]
    assert made.webp(b"k", 0).size < 60


def test_a_channel_has_a_picture_that_stays_the_same(told: Scenario) -> None:
    page = render_channel(told, "Pier_News", None, START + HOUR, origin=ORIGIN).body.decode()
    target = page.partition('<meta property="og:image" content="')[2].partition('"')[0].removeprefix(ORIGIN)
    assert whole(get(told, target))[:2] == b"\xff\xd8"
    assert get(told, target).headers == get(told, target, START + HOUR + 1).headers


def test_documents_and_music_are_named_and_not_offered() -> None:
    told = scenario(
        '[[channel.post]]\nat = "+1m"\nmedia = [{kind = "document", file_name = "a.txt", size = 12}]\n'
        '[[channel.post]]\nat = "+1m"\nmedia = [{kind = "audio", title = "Song", size = 12}]\n'
    )
    page = render_channel(told, "Pier_News", None, START + HOUR, origin=ORIGIN).body.decode()
    assert ">a.txt<" in page
    assert ">12 B<" in page
    assert offers(told) == {}
