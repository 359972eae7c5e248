"""Which channel a claim speaks of: by its own words, its sentence, what was spoken of before; and when none of ours is meant."""

from __future__ import annotations

import pytest

from holdfast.errors import FormatError
from holdfast.reports.check.outcome import time_slots
from holdfast.reports.claim import Claim, Extraction, Mention, Report, Span
from holdfast.reports.extract import extract, parse_published
from holdfast.reports.resolve import Aliases, parse_aliases, same_name
from holdfast.reports.resolve.channels import ChannelFinder
from holdfast.reports.resolve.naming import same_word, stands_in
from holdfast.reports.resolve.posts import groups_of
from holdfast.reports.resolve.spotting import ChannelName, spot_channels

PUBLISHED = parse_published("2024-03-15T14:00+03:00", source="given")
NAMES = [
    ChannelName(1, "Blue Meadow", "title"),
    ChannelName(1, "blue_meadow", "username"),
    ChannelName(2, "Granite Lamp", "title"),
    ChannelName(3, "Тихая гавань", "title"),
    ChannelName(4, "Тихая гавань Юг", "title"),
]
IDS = {1: "11", 2: "22", 3: "33", 4: "44"}
SURE = 95


def found(text: str, words: str, aliases: Aliases = Aliases()) -> list[tuple[str, bool]]:  # noqa: B008 (frozen)
    """(channel, whether it is surely that one) for the claim in whose words something stands."""
    claims = extract(text, published=PUBLISHED)
    claim = next(each for each in claims if words in each.span.exact and each.quantity is not None)
    finder = ChannelFinder(text, NAMES, IDS, aliases)
    return [(each.id, each.score >= SURE) for each in finder.of(claim)]


BLUE, LAMP = [("11", True)], [("22", True)]
MAYBE_BLUE = [("11", False)]


@pytest.mark.parametrize(
    ("text", "words", "channels"),
    [
        ("Blue Meadow has 900 subscribers.", "900", BLUE),
        ("Blue Meadow spoke. It has 900 subscribers.", "900", BLUE),
        ("Blue Meadow spoke. The channel has 900 subscribers.", "900", BLUE),
        ("Granite Lamp has 5,000 followers; Blue Meadow has 900 followers.", "900", BLUE),
        ("Granite Lamp boasts 5,000 followers. Blue Meadow, by contrast, has 900.", "900", BLUE),
        ("Granite Lamp wrote of Blue Meadow: its channel has 900 subscribers.", "900", [("11", False), ("22", False)]),
        ("Blue Meadow spoke. Another Telegram channel has 900 subscribers.", "900", []),
        ("Blue Meadow spoke. A rival channel with 900 subscribers laughed.", "900", []),
        ("Another channel, Blue Meadow, has 900 subscribers.", "900", BLUE),
        ("Another channel, which Blue Meadow quotes, has 900 subscribers.", "900", []),
        ("Blue Meadow spoke. Another channel answered. The channel has 900 subscribers.", "900", []),
        ("Blue Meadow spoke. Portside Radio has 900 subscribers.", "900", []),
        ("Blue Meadow spoke. Portside Radio says it has 900 subscribers.", "900", MAYBE_BLUE),
        ("Blue Meadow spoke. The union’s channel has 900 subscribers.", "900", MAYBE_BLUE),
        ("Blue Meadow spoke. Down to 900 subscribers on Friday.", "900", MAYBE_BLUE),
        ("Blue Meadow spoke. The chat of the channel has 900 members.", "900", []),
        ("Blue Meadow spoke. The group has 900 members.", "900", []),
        ("Rivals of Blue Meadow reach 900 subscribers.", "900", MAYBE_BLUE),
        ("Blue Meadow spoke. Meduza has 900 subscribers.", "900", []),
        ("The union’s channel, Blue Meadow says, has 900 subscribers.", "900", MAYBE_BLUE),
        ("Lena Orlova of Blue Meadow reached 900 subscribers.", "900", MAYBE_BLUE),
        ("Blue Meadow’s YouTube channel is old. The channel has 900 subscribers.", "900", []),
        ("Granite Lamp and Blue Meadow spoke. The channel has 900 subscribers.", "900", [("11", False), ("22", False)]),
        ("12:10 Blue Meadow spoke.\n12:40 It has 900 subscribers.", "900", MAYBE_BLUE),
        ("Granite Lamp spoke.\n12:10 Blue Meadow spoke.\n12:40 It has 900 subscribers.", "900", []),
        ("The channel has 900 subscribers.", "900", []),
        ("The channel has 900 subscribers. Blue Meadow spoke.", "900", MAYBE_BLUE),
        ("A clip on Granite Lamp had 5,000 views, while a video that neighbours posted had 900 views. Blue Meadow spoke.", "900", [("22", False)]),
        ("Blue Meadow’s video had 5,000 views. The channel “Portside” has 900 subscribers.", "900", []),
    ],
)  # fmt: skip
def test_a_claim_is_bound_to_what_its_sentence_and_the_ones_before_name(
    text: str, words: str, channels: list[tuple[str, bool]]
) -> None:
    assert found(text, words) == channels


def test_what_was_named_long_before_is_not_surely_meant() -> None:
    filler = "The weather was fine and everybody went for a walk along the shore. " * 20
    assert found(f"Blue Meadow spoke. {filler}The channel has 900 subscribers.", "900") == MAYBE_BLUE


def test_what_a_user_named_is_meant_where_the_report_names_nothing() -> None:
    text = "Their channel has 900 subscribers."
    claim = next(each for each in extract(text, published=PUBLISHED) if each.kind == "followers")
    finder = ChannelFinder(text, NAMES, IDS, Aliases(), ("@blue_meadow", "nobody"))
    assert [(each.id, each.score) for each in finder.of(claim)] == [("11", 100)]


def test_a_claim_of_a_text_without_sentences_is_bound_to_nothing() -> None:
    finder = ChannelFinder("", NAMES, IDS, Aliases())
    claim = Claim("c", Report("0" * 64), Span(0, 0, ""), "en", "followers", "", Extraction(()))
    assert finder.of(claim) == []
    assert finder.discourse.sentence_at(claim) == (0, 0)
    assert finder.discourse.spots_there(claim) == ()
    assert not finder.discourse.is_of_chat(claim)


def test_a_mention_leads_to_a_channel_by_its_name_alone() -> None:
    finder = ChannelFinder("They spoke of it.", NAMES, IDS, Aliases())

    def by(name: str) -> list[str]:
        return [each.id for each in finder.by(Mention(name, "channel", 0, 4, name))]

    assert (by("Blue Meadow"), by("The channel"), by("Green Meadow")) == (["11"], [], [])


# -- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("«Тихая гавань» пишет", [3]),
        ("«Тихая гавань Юг» пишет", [4]),
        ("«Тихая гавань Север» пишет", []),
        ("Blue Meadow South has opened", []),
        ("Blue Meadow’s South office", [1]),
        ("Blue Meadow Friday opened", [1]),
        ("Blue Meadow Telegram channel", [1]),
        ("Strike At Blue Meadow Draws Many Thousand Viewers", [1]),
        ("“Blue Meadow is what we all should have called the place from its first day,” he said", [1]),
        ("see @blue_meadow South", [1]),
    ],
)
def test_a_part_of_a_longer_name_is_another_name(text: str, spots: list[int]) -> None:
    assert [each.channel for each in spot_channels(text, NAMES)] == spots


def test_a_name_after_a_capital_is_not_surely_whole() -> None:
    def scores(text: str) -> list[int]:
        return [each.score for each in spot_channels(text, NAMES)]

    assert scores("They read New Blue Meadow daily") == [80]
    assert scores("Yesterday Blue Meadow wrote") == [100]
    assert scores("They left. Quiet Blue Meadow wrote") == [100]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ishkova", "ишковой", True),
        ("ishkova", "ишковым", False),
        ("ishkov", "ишковым", True),
        ("ishkov", "ишковой", False),
        ("ishkova", "ишкова", True),
        ("tikhanovskaya", "тихановской", True),
        ("dombrovsky", "домбровскому", True),
        ("dombrovsky", "домбровской", False),
        ("ivanenko", "иваненко", True),
        ("berdiansk", "бердянска", True),
        ("ann", "anna", False),
    ],
)
def test_a_name_is_known_in_any_case_and_never_across_genders(one: str, other: str, same: bool) -> None:
    assert same_word(one, other) is same
    assert same_word(other, one) is same


def test_a_speaker_stands_in_a_text_that_names_them() -> None:
    assert stands_in("Maria Ishkova", "Обращение Марии Ишковой из Бердянска.")
    assert not stands_in("Maria Ishkova", "Вместе с Ишковым.")
    assert not stands_in("…", "anything")
    assert same_name("Maria Ishkova", "Мария Ишкова", person=True).may_be_one


# -- zones --------------------------------------------------------------------------------------------


def test_the_zone_of_a_channels_readers_is_one_more_that_may_be_meant() -> None:
    text = "Blue Meadow posted a video on Thursday."
    claim = next(each for each in extract(text, published=PUBLISHED) if each.kind == "published")
    plain, tokyo = time_slots(claim), time_slots(claim, "Asia/Tokyo")
    assert tokyo[: len(plain)] == plain
    assert dict(tokyo[-1].choice)["zone"] == "Asia/Tokyo"
    assert tokyo[-1].lo == plain[0].lo - 6 * 3600  # the day begins there six hours before Moscow's
    assert tokyo[-1].hi - tokyo[-1].lo == 86_400
    assert time_slots(claim, "UTC") == plain
    named = "Blue Meadow posted a video at 9:12 p.m. Moscow time on Thursday."
    claim = next(each for each in extract(named, published=PUBLISHED) if each.kind == "published")
    assert len(time_slots(claim, "Asia/Tokyo")) == 1


def test_the_table_of_zones_is_by_any_name_of_a_channel_and_knows_its_zones() -> None:
    aliases = parse_aliases(b'[zones]\n"@blue_meadow" = "Asia/Tokyo"\n"nobody" = "UTC"')
    assert ChannelFinder("", NAMES, IDS, aliases).zones == {"11": "Asia/Tokyo"}
    with pytest.raises(FormatError):
        parse_aliases(b'[zones]\n"Blue Meadow" = "Mars/Crater"')


def test_posts_of_two_channels_are_never_one_group() -> None:
    text = "The video on Blue Meadow has 900 views. The video on Granite Lamp has 800 views."
    claims = [each for each in extract(text, published=PUBLISHED) if each.kind == "views"]
    assert len(set(groups_of(text, claims).values())) == 1
    apart = groups_of(text, claims, lambda claim: "11" if "900" in claim.span.exact else "22")
    assert len(set(apart.values())) == 2
