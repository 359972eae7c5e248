"""Draws what a verdict rests on: the readings around it, those that decided, the moment that is meant, and what the report says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from markupsafe import Markup

from holdfast.reports.check.outcome import time_slots, windows_of
from holdfast.reports.claim import Claim
from holdfast.reports.evidence import Point
from holdfast.reports.verdict import Pointer
from holdfast.web.drawing import (
    Words,
    bands_chart,
    count_words,
    drawn,
    interval_words,
    moved,
    ms,
    short,
    time_axis,
    widened,
)

__all__ = ["Meant", "Told", "evidence_svg", "meant_by", "told_svg"]

WIDTH, HEIGHT, ROW = 380, 120, 24
READINGS_MOST, ROWS_MOST, MEANT_MOST, PLACES_MOST = 500, 6, 6, 200
"""What is drawn of each; the table beside it has them all."""
LEAST_S = 3600
FIELDS = {"comments": "replies"}
"""Units of claims whose counter has another name."""
TIMES = ("published_at", "edited_at")
"""Fields whose value is a moment that the source claims."""


class Meant(msgspec.Struct, frozen=True):
    """A time that a claim may mean. Units: unix seconds."""

    start: int
    end: int


class Told(msgspec.Struct, frozen=True):
    """A number that a report gives, as of some time. `name`: the report's. Shapes: times in RFC 3339."""

    name: str
    start: str
    end: str
    low: int
    high: int


def meant_by(claim: Claim) -> list[Meant]:
    """The times that the check held a claim against: as of when its number was so, else when it says that something happened."""
    try:
        slots = windows_of(claim, claim.report.published) if claim.as_of is not None else time_slots(claim)
    except ValueError:
        return []  # sealed by another hand: what is no time is not drawn
    spans = dict.fromkeys((each.lo, max(each.lo, each.hi)) for each in slots)
    return [Meant(*each) for each in spans][:MEANT_MOST]


def evidence_svg(
    claim: Claim, evidence: Sequence[Pointer], readings: Sequence[Point], words: Words, language: str
) -> Markup:
    """One claim's evidence over time; empty where there is nothing to draw. `readings`: the counters that it may be about, if it is about any."""
    meant = meant_by(claim)
    places = _places(evidence)
    if not places or not meant:
        return Markup("")
    numbers = [each for each in places if each[2].low is not None and each[2].high is not None]
    domain = _domain(meant, places, readings if numbers else ())
    under = _meant_layer(meant, domain, words)
    if numbers:
        chart = _curve(claim, numbers, readings, domain, under, words)
    else:
        chart = _strip(places, domain, under, words)
    return drawn(chart, language, words["evidence drawing"])


def told_svg(
    told: Sequence[Told], curve: Sequence[Pointer], words: Words, language: str, *, narrow: bool
) -> Markup:
    """What reports say of one counter, each over the time that it may mean, on the readings; empty where there is nothing to draw."""
    held = [each for each in _places(curve) if each[2].low is not None and each[2].high is not None]
    boxes = []
    for each in told:
        start, end = _seconds(each.start), _seconds(each.end)
        if start is not None and end is not None:
            boxes.append((start, max(start, end), each))
    if not boxes or not held:
        return Markup("")
    domain = widened(min(start for start, *_ in (*boxes, *held)), max(end for _, end, _ in (*boxes, *held)))
    points = [Point(each.low or 0, each.high or 0, at, until, each) for at, until, each in held]
    bars, between = _readings(points, domain)
    chart = bands_chart(
        bars, between, WIDTH if narrow else WIDTH * 2, HEIGHT + 40, domain, narrow=True, zero=False
    )
    thin = max(1, (domain[1] - domain[0]) // WIDTH)
    levels: list[dict[str, Any]] = []
    names: dict[tuple[int, int], list[str]] = {}
    for start, end, each in boxes:
        end = max(end, start + thin)
        names.setdefault((end, each.high), []).append(each.name)
        levels += [
            {"a": ms(start), "b": ms(end), "l": level} for level in dict.fromkeys((each.low, each.high))
        ]
    marked = [
        {
            "a": ms(end),
            "l": level,
            "n": ", ".join(found),
            "tip": f"{words['report']} {', '.join(found)}: {level:,}",
        }
        for (end, level), found in names.items()
    ]
    y = {"field": "l", "type": "quantitative", "scale": {"zero": False, "nice": True}}
    x = time_axis("a", domain, narrow=True)
    chart["layer"] += [
        {
            "name": "on_told",
            "data": {"values": levels},
            "mark": "rule",
            "encoding": {"x": x, "x2": {"field": "b"}, "y": y},
        },
        {
            "name": "on_toldend",
            "data": {"values": marked},
            "mark": {"type": "point", "shape": "square", "filled": True, "size": 40, "opacity": 1},
            "encoding": {"x": x, "y": y, "description": {"field": "tip"}},
        },
        {
            "name": "on_toldname",
            "data": {"values": marked},
            "mark": {"type": "text", "align": "right", "dy": -9, "fontSize": 13, "fontWeight": "bold"},
            "encoding": {"x": x, "y": y, "text": {"field": "n"}},
        },
    ]
    return drawn(chart, language, words["told drawing"])


def _seconds(text: str | None) -> int | None:
    """RFC 3339 as unix seconds; None for what is no time."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def _places(evidence: Sequence[Pointer]) -> list[tuple[int, int, Pointer]]:
    """(from, to, pointer) of what has a time: when it was seen so, or the time itself where that is what was seen."""
    found = []
    for each in evidence[:PLACES_MOST]:
        said = _seconds(each.value) if each.field in TIMES else None
        at = _seconds(each.seen_at)
        if said is not None:
            found.append((said, said, each))
        elif at is not None:
            found.append((at, max(at, _seconds(each.held_until) or at), each))
    return found


def _domain(
    meant: Sequence[Meant], places: Sequence[tuple[int, int, Pointer]], readings: Sequence[Point]
) -> tuple[int, int]:
    """From when to when is drawn: all that was meant and seen, and a reading on either side if there is one near."""
    start = min([each.start for each in meant] + [at for at, _, _ in places])
    end = max([each.end for each in meant] + [until for _, until, _ in places])
    wide = max(LEAST_S, end - start)
    before = max((each.at for each in readings if start - wide <= each.at < start), default=start)
    after = min((each.at for each in readings if end < each.at <= end + wide), default=end)
    return widened(before, max(after, before + LEAST_S))


def _meant_layer(meant: Sequence[Meant], domain: tuple[int, int], words: Words) -> list[dict[str, Any]]:
    thin = (domain[1] - domain[0]) // WIDTH * 2
    values = [
        {
            "a": ms(each.start),
            "b": ms(max(each.end, each.start + thin)),
            "tip": f"{words['as of']}: {interval_words(each.start, each.end)}",
        }
        for each in meant
    ]
    return [
        {
            "name": "on_asof",
            "data": {"values": values},
            "mark": "rect",
            "encoding": {
                "x": {"field": "a", "type": "temporal", "scale": {"type": "utc"}},
                "x2": {"field": "b"},
                "description": {"field": "tip"},
            },
        }
    ]


def _curve(
    claim: Claim,
    places: Sequence[tuple[int, int, Pointer]],
    readings: Sequence[Point],
    domain: tuple[int, int],
    under: list[dict[str, Any]],
    words: Words,
) -> dict[str, Any]:
    held, between = _readings(readings, domain)
    chart = bands_chart(held, between, WIDTH, HEIGHT, domain, narrow=True, zero=False, under=under)
    y = {"field": "l", "type": "quantitative", "scale": {"zero": False, "nice": True}}
    # The layers share one scale: what the report says widens it where no reading came near.
    quantity = claim.quantity
    if quantity is not None and FIELDS.get(quantity.unit, quantity.unit) in {
        each.field for _, _, each in places
    }:
        level = [{"l": quantity.lo}, {"l": quantity.hi}]
        chart["layer"].append(
            {"name": "on_claimed", "data": {"values": level}, "mark": "rule", "encoding": {"y": y}}
        )
    values = []
    for at, until, each in places:
        low, high = each.low or 0, each.high or 0
        tip = f"{words['evidence']}: {interval_words(at, until)}: {count_words(low, high)}"
        values.append({"a": ms(at), "l": (low + high) / 2, "tip": tip})
    chart["layer"].append(
        {
            "name": "on_evidence",
            "data": {"values": values},
            "mark": {"type": "point", "shape": "circle", "filled": True, "size": 60, "opacity": 1},
            "encoding": {
                "x": {**time_axis("a", domain, narrow=True)},
                "y": y,
                "description": {"field": "tip"},
            },
        }
    )
    return chart


def _readings(
    readings: Sequence[Point], domain: tuple[int, int]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The readings within a time as bars, and what they moved through, of each source and counter for itself."""
    inside = [each for each in readings if domain[0] <= each.at <= domain[1]]
    inside = inside[:: max(1, len(inside) // READINGS_MOST)]
    held: list[dict[str, Any]] = []
    between: list[dict[str, Any]] = []
    last: dict[tuple[str | None, str | None, str | None], Point] = {}
    for each in inside:
        of = each.pointer.source, each.pointer.channel, each.pointer.post
        until = min(each.until, domain[1])
        tip = f"{interval_words(each.at, until)}: {count_words(each.low, each.high)}"
        held.append({"a": ms(each.at), "b": ms(until), "l": each.low, "h": each.high, "tip": tip})
        before = last.get(of)
        if before is not None:
            between += moved(
                len(between),
                min(before.until, each.at),
                before.low,
                before.high,
                each.at,
                each.low,
                each.high,
            )
        last[of] = each
    return held, between


def _strip(
    places: Sequence[tuple[int, int, Pointer]],
    domain: tuple[int, int],
    under: list[dict[str, Any]],
    words: Words,
) -> dict[str, Any]:
    """What is no number: one row for each thing that was seen, with each time that it was."""
    order: list[str] = []
    values = []
    thin = max(1, (domain[1] - domain[0]) // WIDTH * 3)
    for at, until, each in places:
        row = words.get(each.field) or words.get(f"={each.value}") or short(each.value or each.field)
        if row not in order:
            if len(order) == ROWS_MOST:
                continue
            order.append(row)
        tip = f"{row}: {interval_words(at, until)}"
        values.append({"r": row, "a": ms(at), "b": ms(max(until, at + thin)), "tip": tip})
    y = {
        "field": "r",
        "type": "nominal",
        "scale": {"domain": order, "paddingInner": 0.4, "paddingOuter": 0.3},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 90, "minExtent": 34},
    }
    seen = {
        "name": "on_evidence",
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": time_axis("a", domain, narrow=True),
            "x2": {"field": "b"},
            "y": y,
            "description": {"field": "tip"},
        },
    }
    return {"width": WIDTH, "height": len(order) * ROW, "layer": [*under, seen]}
