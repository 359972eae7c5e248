"""What is drawn of a channel's events: intervals as intervals, silence as silence, and nothing but shapes and text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from holdfast.catalog.timeline import Event, Moment, Reading
from holdfast.web import drawing
from holdfast.web.lanes import Lanes, Mark, Span, lanes_of, points_of
from holdfast.web.language import translations
from holdfast.web.svg import SVG, to_markup
from holdfast.web.telling import drawing_words

WORDS = drawing_words(translations("en"))
DAY = 1_700_000_000


def at(hours: float, source: str | None = "telegram_web") -> Moment:
    seconds = DAY + int(hours * 3600)
    return Moment(f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}", 1, source)


def unix(hours: float) -> int:
    return DAY + int(hours * 3600)


def seen(
    kind: str, first: float, last: float | None = None, before: float | None = None, **what: object
) -> Event:
    source = str(what.pop("source", "telegram_web"))
    return Event(
        kind,
        at(first, source),
        last_after=None if last is None else at(last, source),
        last_before=None if before is None else at(before, source),
        **what,  # type: ignore[arg-type]  # the fields of an event, as a test names them
    )


def lanes(*events: Event) -> Lanes:
    found = lanes_of(events)
    assert found is not None
    return found


def spans(found: Lanes, kind: str) -> list[tuple[str, int, int]]:
    return [
        (each.state, (each.start - DAY) // 3600, (each.end - DAY) // 3600)
        for each in found.spans
        if each.kind == kind
    ]


# -- lanes --------------------------------------------------------------------------------------------


def test_where_no_time_is_known_nothing_is_drawn() -> None:
    assert lanes_of([]) is None
    assert lanes_of([Event("title", Moment("some day", 1, None), after="A")]) is None


def test_a_change_is_an_interval_and_not_a_point() -> None:
    found = lanes(seen("title", 0, 5, after="A"), seen("title", 6, 9, before=5, after="B"))
    assert spans(found, "title") == [("so", 0, 5), ("between", 5, 6), ("so", 6, 9)]
    assert [each.number for each in found.spans if each.kind == "title"] == [0, 1, 1]


def test_an_event_without_a_time_is_counted_and_not_drawn() -> None:
    lost = Event("title", Moment("", 1, "telegram_web"), after="B")
    found = lanes(seen("title", 0, 5, after="A"), lost, seen("title", 6, 9, after="C"))
    assert [each.value for each in found.spans if each.kind == "title"] == ["A", "C"]
    assert lanes(seen("followers", 0, 1, low=1, high=1), Event("followers", Moment("", 1, None), low=2, high=2)).bands  # fmt: skip


def test_labels_that_nobody_speaks_of_are_drawn_as_not_known() -> None:
    found = lanes(seen("standing", 0, 7, after="shown"), seen("standing", 8, 9, before=7, after="not found"))
    assert spans(found, "label") == [("not spoken of", 0, 7)]
    assert spans(found, "standing") == [("so", 0, 7), ("between", 7, 8), ("not so", 8, 9)]


def test_a_label_is_there_then_not_spoken_of_then_not_there() -> None:
    gone = seen("label", 0, 4, name="fake", after="there")
    silent = Event(
        "label", at(0), name="fake", after="there", last_after=at(4), unspoken_since=at(5)
    )  # fmt: skip
    found = lanes(silent, seen("title", 0, 9, after="A"))
    assert spans(found, "label") == [("so", 0, 4), ("not spoken of", 5, 9)], "as long as the source was asked"
    other = lanes(gone, seen("label", 6, 8, before=4, name="fake", after="not there"))
    assert spans(other, "label") == [("so", 0, 4), ("between", 4, 6), ("not so", 6, 8)]


def test_followers_move_between_readings_and_stand_while_they_are_held() -> None:
    found = lanes(
        seen("followers", 0, 3, low=100, high=199), seen("followers", 4, 6, before=3, low=200, high=299)
    )
    told = [((each.first.at - DAY) // 3600, (each.last.at - DAY) // 3600, each.is_held) for each in found.bands]  # fmt: skip
    assert told == [(0, 3, True), (3, 4, False), (4, 6, True)]


def test_while_nobody_looked_no_band_is_drawn() -> None:
    gap = seen("gap", 6, before=2, detail="rate limited")
    found = lanes(seen("followers", 0, 10, low=1, high=1), gap, seen("followers", 11, 12, low=5, high=5))
    held = [((each.first.at - DAY) // 3600, (each.last.at - DAY) // 3600) for each in found.bands if each.is_held]  # fmt: skip
    assert held == [(0, 2), (6, 10), (11, 12)]
    across = lanes(
        seen("followers", 0, 1, low=1, high=1), gap, seen("followers", 7, 8, before=1, low=9, high=9)
    )
    assert not [each for each in across.bands if not each.is_held], "no line leads over a gap"
    whole = lanes(seen("followers", 3, 5, low=1, high=1), seen("gap", 6, before=2))
    assert not whole.bands
    begins_inside = lanes(seen("followers", 3, 9, low=1, high=1), seen("gap", 6, before=2))
    assert [(each.first.at - DAY) // 3600 for each in begins_inside.bands] == [6]


def test_only_the_newest_marks_are_drawn_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.web.lanes.MARKS_MOST", 3)
    found = lanes(*(seen("edit", hour, before=hour - 1, post=hour) for hour in range(1, 6)))
    assert [each.post for each in found.marks] == [3, 4, 5]
    assert found.left_out == 2


def test_readings_without_a_number_or_a_time_are_no_points() -> None:
    odd = [seen("followers", 0), Event("followers", Moment("?", 1, None), low=1, high=1), seen("title", 0)]
    assert points_of(odd) == []
    assert len(points_of([seen("followers", 0, low=1, high=2)])) == 1


# -- drawings -----------------------------------------------------------------------------------------

LIFE: Sequence[Event] = (
    seen("followers", 0, 10, low=100, high=199),
    seen("followers", 20, 30, before=10, low=1000, high=1999),
    seen("standing", 0, 25, after="shown"),
    seen("standing", 26, 40, before=25, after="not found"),
    seen("title", 0, 12, after="Quiet shore"),
    seen("title", 13, 40, before=12, after='<script>alert(1)</script> & "\u202e\x00'),
    seen("username", 0, 40, after="quiet"),
    seen("label", 0, 40, name="fake", after="there"),
    seen("label", 0, 40, name="scam", after="not there"),
    seen("gap", 18, before=14, detail="rate limited"),
    seen("edit", 5, before=4, post=7, differs=("text",)),
    seen("disappearance", 8, before=7, post=9, after="not found"),
    seen("return", 9, before=8, post=9),
)


def drawn_texts(svg: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{{{SVG}}}text")]


def classes(svg: str) -> set[str]:
    return {name for each in ElementTree.fromstring(svg).iter() for name in each.get("class", "").split()}


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("language", ["en", "ru", "uk"])
def test_a_channels_life_is_drawn_with_everything_in_it(language: str, narrow: bool) -> None:
    words = drawing_words(translations(language))
    svg = str(drawing.timeline_svg(lanes(*LIFE), words, language, narrow=narrow))
    marks = {"held", "between", "so0", "so1", "notso", "gap", "interval", "edit", "disappearance", "return", "value"}  # fmt: skip
    assert {f"mark-{each}" for each in marks} <= classes(svg)
    told = drawn_texts(svg)
    assert words["standing"] in told
    assert "UTC" in told


def test_a_drawing_tells_without_a_word_of_help_what_stood_when() -> None:
    told = drawn_texts(str(drawing.timeline_svg(lanes(*LIFE), WORDS, "en")))
    for words in (
        "shown",
        "not found",
        "Quiet shore",
        "@quiet",
        "there",
        "not there",
        "7",
        "9",
        "Label: fake",
    ):
        assert words in told, words
    silent = lanes(seen("standing", 0, 40, after="shown"))
    assert "not known: the source does not speak of it" in drawn_texts(
        str(drawing.timeline_svg(silent, WORDS, "en"))
    )


def test_tips_say_the_interval_and_the_bounds() -> None:
    svg = str(drawing.timeline_svg(lanes(*LIFE), WORDS, "en"))
    tips = [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{{{SVG}}}title")]
    assert any(each.startswith("Followers: 100–199, 2023-11-14 22:13 UTC – ") for each in tips)
    assert any("Post 9: Disappearance" in each for each in tips)
    assert any(each.startswith("Title: it changed somewhere in here") for each in tips)


def test_what_was_archived_is_only_text_in_a_drawing() -> None:
    svg = str(drawing.timeline_svg(lanes(*LIFE), WORDS, "en"))
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert "\x00" not in svg
    assert "&lt;script&gt;" in svg
    for name in ("style=", "href", "url(http", "font-family", "onload", "<image", "foreignObject"):
        assert name not in svg.replace("&lt;script&gt;", ""), name


def test_two_sources_stand_in_rows_of_their_own() -> None:
    one = seen("title", 0, 9, after="A", source="telegram_web")
    other = seen("title", 0, 9, after="B", source="telegram_api")
    told = drawn_texts(str(drawing.timeline_svg(lanes(one, other), WORDS, "en")))
    assert {"Title · telegram_web", "Title · telegram_api"} <= set(told)
    assert "Title" in drawn_texts(str(drawing.timeline_svg(lanes(one), WORDS, "en")))


def test_words_stand_only_where_there_is_room_for_them() -> None:
    short = lanes(
        seen("title", 0, 0.01, after="A title of some length"), seen("title", 100, 200, after="Another")
    )
    told = drawn_texts(str(drawing.timeline_svg(short, WORDS, "en")))
    assert "Another" in told
    assert not [each for each in told if each.startswith("A t")]
    cut = lanes(seen("title", 0, 20, after="x" * 500), seen("title", 100, 200, after="y"))
    assert [each for each in drawn_texts(str(drawing.timeline_svg(cut, WORDS, "en"))) if each.endswith("x…")]


def test_many_marks_bear_no_numbers() -> None:
    many = lanes(*(seen("edit", hour, before=hour - 1, post=1000 + hour) for hour in range(1, 20)))
    assert "1005" not in drawn_texts(str(drawing.timeline_svg(many, WORDS, "en")))
    start = lanes(*(Event("edit", at(hour), post=1000 + hour) for hour in range(3)))
    assert "1001" in drawn_texts(str(drawing.timeline_svg(start, WORDS, "en"))), "nobody saw it as before"


def test_wide_and_narrow_drawings_of_one_page_share_no_pattern() -> None:
    found = lanes(*LIFE)
    names = set()
    for narrow in (False, True):
        root = ElementTree.fromstring(str(drawing.timeline_svg(found, WORDS, "en", narrow=narrow)))
        [pattern] = root.iter(f"{{{SVG}}}pattern")
        names.add(pattern.get("id"))
        assert {each.get("fill") for each in root.iter() if (each.get("fill") or "").startswith("url")} == {f"url(#{pattern.get('id')})"}  # fmt: skip
    assert len(names) == 2


def test_one_drawing_is_the_same_each_time() -> None:
    found = lanes(*LIFE)
    assert drawing.timeline_svg(found, WORDS, "en") == drawing.timeline_svg(found, WORDS, "en")


def test_many_spans_and_days_are_drawn_too() -> None:
    events = [seen("title", day * 24, day * 24 + 23, after=str(day)) for day in range(40)]
    events += [seen("followers", day * 24, low=day, high=day) for day in range(40)]
    assert "Nov" in "".join(drawn_texts(str(drawing.timeline_svg(lanes(*events), WORDS, "en"))))


def test_a_counters_readings_are_drawn_as_intervals() -> None:
    readings = [
        Reading("views", 100, 199, at(0), held_until=at(3).seen_at),
        Reading("views", 5, 5, Moment("no time", 1, None)),
        Reading("views", 1000, 1000, at(5)),
    ]
    svg = str(drawing.curve_svg(readings, WORDS, "en"))
    assert {"mark-held", "mark-between"} <= classes(svg)
    assert "100–199" in svg
    assert drawing.curve_svg(readings[1:2], WORDS, "en") == ""
    assert drawing.curve_svg(readings, WORDS, "en", narrow=True) != svg


def test_a_small_curve_needs_two_readings() -> None:
    events = [seen("followers", hour, low=hour, high=hour + 1) for hour in range(3)]
    assert drawing.small_svg(points_of(events[:1]), WORDS) == ""
    small = str(drawing.small_svg(points_of(events), WORDS))
    assert 'aria-label="Followers"' in small
    assert not drawn_texts(small)


def test_a_drawing_is_stripped_to_shapes_text_and_classes() -> None:
    svg = (
        f'<svg xmlns="{SVG}" width="9" height="9" viewBox="0 0 9 9" onload="x()"><style>*{{}}</style><script>x()</script>'
        '<g class="mark-rect role-mark gap_marks" style="x"><path d="M0,0" fill="#fff" stroke="none" aria-label="a tip"'
        ' onclick="x()"/></g><a href="javascript:x()"><text fill="red" font-family="x">no</text></a><text>yes</text>'
        '<image href="https://evil.example/"/><foreignObject/></svg>'
    )
    found = str(to_markup(svg, 'a "label"'))
    root = ElementTree.fromstring(found)
    assert {each.tag.partition("}")[2] for each in root.iter()} == {"svg", "g", "path", "title", "text", "defs", "pattern", "rect"}  # fmt: skip
    assert root.get("aria-label") == 'a "label"'
    assert "javascript" not in found
    assert "onclick" not in found
    assert [each.text for each in root.iter(f"{{{SVG}}}text")] == ["yes"]
    assert next(root.iter(f"{{{SVG}}}path")).get("fill", "").startswith("url(#hatch-")


def test_a_span_that_no_word_is_known_for_says_what_the_source_said() -> None:
    odd = Lanes(
        DAY, DAY + 1000, (), (Span("standing", None, None, "so", DAY, DAY + 1000, "something new"),), (), ()
    )
    assert "something new" in drawn_texts(str(drawing.timeline_svg(odd, WORDS, "en")))
    nothing = Lanes(DAY, DAY + 1000, (), (), (Mark("edit", 5, None, DAY),), ())
    assert "5" in drawn_texts(str(drawing.timeline_svg(nothing, WORDS, "en")))
