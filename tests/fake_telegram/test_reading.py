"""Scenario files: what they may say, and how a mistake in one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.errors import UsageError
from holdfast.fake_telegram import load_scenario, parse_scenario
from holdfast.fake_telegram.tables import parse_span
from tests.fake_telegram.scenes import CHANNEL, HEAD, START, scenario

POST = '[[channel.post]]\nat = "+1m"\n'
TEXT = POST + 'text = "a"\n'


def test_spans_are_days_hours_minutes_seconds_in_that_order() -> None:
    spans = ["+1d2h3m4s", "+90m", "-45s", "+0s", "1h", "+", "+h", "+1m1h", "+1.5h", ""]
    assert [parse_span(span) for span in spans] == [93_784, 5400, -45, 0, None, None, None, None, None, None]


def test_times_are_absolute_or_counted_from_the_start() -> None:
    told = scenario(
        """
[[channel.post]]
at = "-1h"
text = "a"
[[channel.post]]
at = "2023-11-15T01:13:20+03:00"
text = "b"
[[channel.post]]
at = 2023-11-15T00:13:20Z
text = "c"
"""
    )
    assert [post.at - START for post in told.channel(71).posts] == [-3600, 0, 7200]


def test_posts_without_ids_are_numbered_and_albums_take_one_id_each() -> None:
    album = 'media = [{kind = "photo"}, {kind = "video"}, {kind = "photo"}]\n'
    told = scenario(TEXT + POST + album + TEXT + POST + 'id = 100\ntext = "b"\n' + TEXT)
    assert [tuple(post.ids) for post in told.channel(71).posts] == [(1,), (2, 3, 4), (5,), (100,), (101,)]


def test_the_end_is_the_last_thing_that_happens() -> None:
    assert scenario(TEXT).end == START + 86_400
    assert scenario(TEXT + 'deleted_at = "+9d"\n').end == START + 9 * 86_400
    assert scenario(TEXT, head='end = "+2h"').end == START + 7200


@pytest.mark.parametrize(
    ("source", "message", "remedy"),
    [
        ("format = 1\nstart = ", "x.toml: is not TOML", "mend that line"),
        ("format = 2\n" + HEAD.replace("format = 1", "") + CHANNEL, '"format" is 2', "reads format 1"),
        (CHANNEL, '"format" is missing', "add format"),
        ("format = 1\n" + CHANNEL, '"start" is missing', "add start"),
        ("format = 1\nstart = 2023-11-14T22:13:20\n" + CHANNEL, "without its zone", "end it with Z"),
        ("format = 1\nstart = 2023-11-14\n" + CHANNEL, "not a time", "2023-11-16T07:00:00Z"),
        ("format = 1\nstart = 2023-11-14T22:13:20.5Z\n" + CHANNEL, "parts of a second", "whole seconds"),
        ('format = 1\nstart = "soon"\n' + CHANNEL, "'soon', which is no time", "2023-11-16T07:00:00Z"),
        (HEAD, '"channel" is missing', "add [[channel]]"),
        (HEAD + "channel = 3", '"channel" is no array of tables', "write [[channel]]"),
        (HEAD + "channel = [3]", "channel number 1: a table is expected", "key = value"),
        (HEAD + 'rounding = "up"' + CHANNEL, "\"rounding\" is 'up', which is unknown", "cut, round"),
        (HEAD + 'roundng = "cut"' + CHANNEL, '"roundng" is unknown', 'did you mean "rounding"?'),
        (HEAD + "seed = true" + CHANNEL, "not a whole number", "digits"),
        (HEAD + 'end = "-1h"' + CHANNEL, '"end" is before the start', "leave it out"),
        (HEAD + 'front_page = "https://x/\\r\\nA: b"' + CHANNEL, "holds a line break", "one address"),
        (HEAD + 'media_lifetime = "soon"' + CHANNEL, "not a span of time", "1h30m"),
        (HEAD + CHANNEL + "followers = 1", "is not TOML", "mend"),
        (HEAD + CHANNEL.replace("12", "-1"), 'channel Pier_News: "followers" is -1', "from 0"),
        (HEAD + CHANNEL.replace("12", "true"), '"followers" is true or false (True), not a whole number', "digits"),
        (HEAD + CHANNEL.replace("12", "[]"), '"followers" is a list ([]), not a list of pairs', "half_life"),
        (HEAD + CHANNEL.replace("12", "[[1]]"), '"followers" has no pair at place 1', "half_life"),
        (HEAD + CHANNEL.replace("12", '[["+2h", 1], ["+1h", 2]]'), "goes back in time at place 2", "in order"),
        (HEAD + CHANNEL.replace("12", "{to = 5}"), '"half_life" is missing or 0', "6h"),
        (HEAD + CHANNEL.replace("Pier_News", "@pier"), "channel @pier: \"username\" is '@pier'", "without the @"),
        (HEAD + CHANNEL.replace('"Pier"', "5"), '"title" is a number (5), not a text', "quotes"),
        (HEAD + CHANNEL + 'labels = ["Fake!"]', "\"labels\" is 'Fake!'", "lower-case"),
        (HEAD + CHANNEL + 'labels = "fake"', '"labels" is no list of texts', "["),
        (HEAD + CHANNEL + 'kind = "grup"', "\"kind\" is 'grup'", "did you mean 'group'?"),
        (HEAD + CHANNEL + 'kind = "user"\n' + TEXT, '"post" stands in a user', "only kind"),
        (HEAD + CHANNEL + CHANNEL.replace("Pier_News", "Other"), "have one id, 71", "its own"),
        (HEAD + CHANNEL + CHANNEL.replace("71", "72").replace("P", "p"), "leads to channels 71 and 72 at once", "gone"),
        (HEAD + CHANNEL + POST, '"text" is missing, and there are no media', "service"),
        (HEAD + CHANNEL + POST + "text = 5", '"text" is neither a text nor a list', "quotes"),
        (HEAD + CHANNEL + POST + 'text = [{type = "loud", text = "a"}]', "run 1: \"type\" is 'loud'", "known are: bold"),
        (HEAD + CHANNEL + TEXT + "txet = 1", 'channel Pier_News, post number 1: "txet" is unknown', 'did you mean "text"?'),
        (HEAD + CHANNEL + TEXT + 'deleted_at = "+1m"', "not after the post's own time", "before it vanishes"),
        (HEAD + CHANNEL + TEXT + "id = 5\n" + TEXT + "id = 5", 'post 5: "id" 5 is taken by post 5', "next free one is 6"),
        (HEAD + CHANNEL + TEXT + "reply = 9", '"reply" names post 9', "same channel"),
        (HEAD + CHANNEL + TEXT + "reactions = 3", '"reactions" is no table', "👍"),
        (HEAD + CHANNEL + TEXT + '[[channel.post.edit]]\nat = "+1m"', "edit 1: \"at\" is not after", "in order of time"),
        (
            HEAD + CHANNEL + TEXT + '[[channel.post.edit]]\nat = "+2m"\nmedia = [{kind = "photo"}, {kind = "photo"}]',
            '"media" has 2 items in place of 1',
            "replace media",
        ),
        (HEAD + CHANNEL + POST + 'media = [{kind = "photo"}, {kind = "poll"}]', '"answers" is missing', "add"),
        (HEAD + CHANNEL + POST + 'media = [{kind = "photo"}, {kind = "voice"}]', "album of other things", "its own post"),
        (HEAD + CHANNEL + POST + f'media = [{", ".join(["{kind = " + chr(34) + "photo" + chr(34) + "}"] * 11)}]', "has 11 items", "at most 10"),
        (HEAD + CHANNEL + POST + 'media = [{kind = "poll", question = "q", answers = ["a"]}]', "no pair at place 1", "Saturday"),
        (
            HEAD + CHANNEL + POST + 'media = [{kind = "location", latitude = "91", longitude = "0"}]',
            '"latitude" is no place on earth',
            "46.75",
        ),
        (HEAD + CHANNEL + POST + 'media = [{kind = "photo", too_big = 1}]', "not true or false", "true or false"),
        (HEAD + CHANNEL + POST + 'media = [{kind = "photo", size = 99999999}]', '"size" is 99999999', "to 16777216"),
        (HEAD + CHANNEL + '[[channel.event]]\nat = "+1h"\nwhat = "renamed"', "\"what\" is 'renamed'", "known are: title"),
        (HEAD + CHANNEL + '[[channel.event]]\nat = "+1h"\nwhat = "title"', 'event 1: "to" is missing', "add to"),
        (HEAD + CHANNEL + '[[channel.event]]\nat = "+1h"\nwhat = "gone"\nto = "x"', '"to" is unknown', "known here are"),
        (HEAD + CHANNEL + '[[fault]]\nkind = "status"\nfrom = "+2h"\nuntil = "+1h"', "fault 1: \"until\" is not after", "later"),
        (HEAD + CHANNEL + '[[fault]]\nkind = "status"\nprobability = 2', '"probability" is a number (2)', "0 to 1"),
        (HEAD + CHANNEL + '[[fault]]\nkind = "refuse"\npath = "/s/*"', "refuse knows no address", "use reset"),
        (HEAD + CHANNEL + '[[fault]]\nkind = "garbage"\nform = "loud"', "\"form\" is 'loud'", "body, answer"),
        (HEAD + CHANNEL + '[[fault]]\nkind = "slow"\nstatus = 500', '"status" is unknown', "known here are"),
    ],
)  # fmt: skip
def test_every_mistake_is_named_with_its_place_and_a_remedy(source: str, message: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_scenario(source, "x.toml")
    assert caught.value.message.startswith("x.toml")
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "pier.toml"
    path.write_text(HEAD + CHANNEL, encoding="utf-8")
    assert load_scenario(path).name == "pier.toml"


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_scenario(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(UsageError, match="is not UTF-8"):
        load_scenario(tmp_path / "latin.toml")


def test_a_file_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.fake_telegram.reading.MAX_SIZE_BYTES", 10)
    (tmp_path / "large.toml").write_text(HEAD + CHANNEL)
    with pytest.raises(UsageError, match="is larger than"):
        load_scenario(tmp_path / "large.toml")


def test_a_name_may_pass_to_another_channel_once_it_is_free() -> None:
    second = CHANNEL.replace("71", "72").replace('"Pier"', '"Squatter"')
    told = scenario(
        '[[channel.event]]\nat = "+1h"\nwhat = "username"\nto = "pier_two"\n'
        + second
        + 'appears_at = "+2h"\n'
    )
    holders = [told.holder("pier_news", START + 3600 * hour) for hour in (0, 1, 2)]
    assert [holder and holder.channel.id for holder in holders] == [71, None, 72]
    moved = told.holder("PIER_two", START + 3600)
    assert moved is not None
    assert moved.channel.id == 71


def test_a_channel_that_the_scenario_does_not_name_is_a_usage_error() -> None:
    told = scenario(TEXT)
    assert told.channel("pier_NEWS") is told.channel(71)
    for which in (72, "nobody"):
        with pytest.raises(UsageError, match="has no channel"):
            told.channel(which)


def test_a_channel_may_give_up_its_name_for_none() -> None:
    told = scenario(TEXT + '[[channel.event]]\nat = "+1h"\nwhat = "username"\nto = ""\n')
    assert told.holder("pier_news", START + 3600) is None
    assert told.state(71, START + 3600).username is None
