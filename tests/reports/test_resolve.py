"""Names lead to channels and people across scripts and spellings, and never from one person to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.errors import FormatError, UsageError
from holdfast.reports.claim import PublishedAt, SubjectCandidate
from holdfast.reports.evidence import PostAt
from holdfast.reports.extract import extract, parse_published
from holdfast.reports.resolve import Aliases, find_clusters, load_aliases, parse_aliases, same_name
from holdfast.reports.resolve.aliases import ALIASES_MAX_BYTES
from holdfast.reports.resolve.channels import ChannelFinder
from holdfast.reports.resolve.findings import find_names_apart
from holdfast.reports.resolve.naming import gender_of_surname
from holdfast.reports.resolve.posts import PostClues, groups_of, narrow
from holdfast.reports.resolve.spotting import ChannelName, spot_channels

PUBLISHED = parse_published("2023-12-29T14:00+03:00", source="given")

# -- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "person", "may_be_one"),
    [
        ("Путь домой", "Put' Domoy", False, True),
        ("Путь домой", "Put’ Dumoi", False, True),
        ("Путь домой", "Канал «Путь домой»", False, True),
        ("Ишкова", "Ishkova", True, True),
        ("Мария Ишкова", "Ishkova", True, True),
        ("Ishkova", "Ishkov", True, False),
        ("Мария Ишкова", "Илья Ишков", True, False),
        ("Maria Ishkova", "Marina Ishkova", True, False),
        ("Путь домой", "Путь вперёд", False, False),
        ("Путь", "Путь домой", False, False),
        ("", "Путь домой", False, False),
        ("Канал", "Канал", False, False),
        ("Ab", "Ac", False, False),
    ],
)
def test_two_names_may_be_one_or_not(one: str, other: str, person: bool, may_be_one: bool) -> None:
    assert same_name(one, other, person=person).may_be_one is may_be_one
    assert same_name(other, one, person=person).may_be_one is may_be_one


def test_a_surname_says_its_gender_or_nothing() -> None:
    assert [gender_of_surname(each) for each in ("Ишкова", "Ilya Ishkov", "Schmidt", "Ким", "")] == [
        "f",
        "m",
        None,
        None,
        None,
    ]


def test_spellings_of_one_name_gather_and_people_who_look_alike_stay_apart() -> None:
    told = [
        ("person", "Maria Ishkova"),
        ("person", "Ishkova"),
        ("person", "Ilya Ishkov"),
        ("channel", "Put’ Dumoi"),
        ("channel", "Put’ Domoi"),
        ("person", "…"),
    ]
    found = find_clusters(told)
    assert [each.spellings for each in found] == [
        ("Maria Ishkova", "Ishkova"),
        ("Ilya Ishkov",),
        ("Put’ Dumoi", "Put’ Domoi"),
    ]
    joined = find_clusters(
        [("person", "Катя Ишкова"), ("person", "Екатерина Ишкова")], [("Катя Ишкова", "Екатерина Ишкова")]
    )
    assert len(joined) == 1
    assert len(find_clusters([("person", "Катя Ишкова"), ("person", "Екатерина Ишкова")])) == 2


def test_a_report_shows_two_people_of_nearly_one_name() -> None:
    text = (
        "Maria Ishkova spoke. A complaint came from Ilya Ishkov. Put’ Dumoi and Put’ Domoi’s friends agreed."
    )
    found = find_names_apart(text, "en", ["Put’ Dumoi", "Put’ Domoi’s"])
    assert {(each.kind, each.names) for each in found} == {
        ("spellings", ("Put’ Dumoi", "Put’ Domoi")), ("alike", ("Maria Ishkova", "Ilya Ishkov")),
    }  # fmt: skip


# -- aliases ------------------------------------------------------------------------------------------


def test_a_table_of_aliases_is_read() -> None:
    found = parse_aliases(
        '[channels]\n"7" = ["Way Home"]\n[people]\n"А" = ["B"]\n[zones]\n"7" = "Europe/Moscow"'.encode()
    )
    assert found.channels == (("Way Home", "7"),)
    assert found.people == (("А", "B"),)
    assert found.zones == (("7", "Europe/Moscow"),)
    assert found.digest is not None


@pytest.mark.parametrize(
    "raw",
    [b"\xff", b"x =", b"[strange]\na=1", b"channels = 1", b'[channels]\na = "b"', b'[people]\na = [" "]', b"[zones]\na = 1", b"zones = 1",
     b" " * (ALIASES_MAX_BYTES + 1)],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_table_of_aliases_is_refused(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        parse_aliases(raw)
    (tmp_path / "aliases.toml").write_bytes(raw)
    with pytest.raises(UsageError):
        load_aliases(None, tmp_path)


def test_a_vault_without_aliases_has_none_and_a_named_file_must_be_there(tmp_path: Path) -> None:
    assert load_aliases(None, tmp_path) == Aliases()
    for path in (tmp_path / "nowhere.toml", tmp_path):
        with pytest.raises(UsageError):
            load_aliases(path, tmp_path)


# -- spots and channels -------------------------------------------------------------------------------

NAMES = [
    ChannelName(1, "Путь домой", "title"),
    ChannelName(1, "put_domoi_made_up", "username"),
    ChannelName(2, "Северный ветер", "title"),
    ChannelName(2, "north", "username"),
    ChannelName(2, "nor", "username"),
    ChannelName(3, "канал", "title"),
]


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("They read Put’ Domoi daily", [(1, "other spelling")]),
        ("Подписчики «Пути домой» молчат", [(1, "inflected")]),
        ("a put domoi in running text", []),
        ("see @north or t.me/north", [(2, "username"), (2, "username")]),
        ("go north", []),
        ("put_domoi_made_up said", [(1, "username")]),
        ("Put’ Dumoi said", [(1, "close")]),
        ("Путь домой", [(1, "title")]),
    ],
)
def test_names_of_channels_are_spotted_in_any_script(text: str, spots: list[tuple[int, str]]) -> None:
    assert [(each.channel, each.how) for each in spot_channels(text, NAMES)] == spots


NO_ALIASES = Aliases()


def subjects(
    text: str, kind: str = "followers", aliases: Aliases = NO_ALIASES, extra: tuple[str, ...] = ()
) -> list[tuple[str, int]]:
    finder = ChannelFinder(text, NAMES, {1: "11", 2: "22", 3: "33"}, aliases, extra)
    claim = next(each for each in extract(text, published=PUBLISHED) if each.kind == kind)
    return [(each.id, each.score) for each in finder.of(claim)]


def test_a_claim_is_about_the_channel_that_its_words_name() -> None:
    assert subjects("Put Domoi’s Telegram channel has 500 followers.") == [("11", 100)]
    assert subjects("Put Dumoi’s channel has 500 followers.")[0][1] < 95
    assert subjects("Put Domoi wrote. Put Dumoi’s channel has 500 followers.")[0][1] == 95
    assert subjects("Severny Veter’s YouTube channel has 500 followers.") == []
    assert subjects("Severny Veter’s YouTube and Telegram channels have 500 followers.")[0][1] < 95
    assert subjects("A YouTube star spoke. Their channel has 500 followers.") == []
    assert subjects("The Telegram channel “Dalny Svet” has 500 followers.") == []
    assert subjects("The channel has 500 followers.") == []
    assert subjects("The channel has 500 followers.", extra=("@north", "nobody")) == [("22", 100)]
    assert subjects(
        "Dalny Svet’s channel has 500 followers.",
        aliases=Aliases(channels=(("Dalny Svet", "@north"), ("X", "none"))),
    ) == [("22", 100)]


# -- posts --------------------------------------------------------------------------------------------


def post(number: int, at: int | None, *media: tuple[str, int | None], text: str = "") -> PostAt:
    return PostAt(1, number, at, at, media, text, ((number, 0),))


POSTS = [
    post(4, 400, ("video", 540), text="Мария Ишкова из Бердянска"),
    post(3, 300, ("video", 80), text="Илья Ишков"),
    post(2, 200, ("photo", None)),
    post(1, 100),
]
CHANNEL = SubjectCandidate("11", "title", 100)


def narrowed(media: str | None, windows: tuple[tuple[int, int], ...] = (), durations: tuple[tuple[int, int], ...] = (), names: tuple[str, ...] = (), when: PublishedAt | None = None) -> list[int]:  # fmt: skip
    found = narrow(
        lambda first, last: [each for each in POSTS if (first or 0) <= (each.earliest or 0) <= (last or 10**10)],
        PostClues(media, windows, durations, names), when, CHANNEL, ["Путь домой"],
    )  # fmt: skip
    assert all((candidate.score == 100) is (len(found.posts) == 1) for _, candidate in found.posts)
    return [each.post for each, _ in found.posts]


def test_a_post_is_narrowed_by_media_time_length_and_names_and_no_clue_leaves_nothing() -> None:
    assert narrowed(None) == [4, 3, 2, 1]
    assert narrowed("video") == [4, 3]
    assert narrowed("photo") == [2]
    assert narrowed("voice") == []
    assert narrowed("video", windows=((250, 350),)) == [3]
    assert narrowed("video", windows=((900, 950),)) == [4, 3]
    assert narrowed("video", durations=((480, 659),)) == [4]
    assert narrowed("video", durations=((7000, 9000),)) == [4, 3]
    assert narrowed("video", names=("Maria Ishkova",)) == [4]
    assert narrowed("video", names=("Put Domoi", "Xyz")) == [4, 3]
    assert narrowed(
        None, windows=((1, 500),), when=PublishedAt("1970-01-01T00:03:00Z", "1970-01-01T00:03:25Z")
    ) == [2, 1]


def test_another_video_is_another_post_and_the_video_is_the_same() -> None:
    text = (
        "Put Domoi published a video on Thursday. The video has gathered 500 views. Another video has gathered 700 views. "
        "The photo has gathered 20 views. Its post got 30 comments."
    )
    claims = [
        each
        for each in extract(text, published=PUBLISHED)
        if each.kind in ("published", "views", "reactions")
    ]
    found = groups_of(text, claims)
    groups = [found[each.id] for each in claims]
    assert groups[0] == groups[1] != groups[2]
    assert groups[3] not in groups[:3]
