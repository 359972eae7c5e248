"""Says in Vega-Lite how timelines and curves are drawn. Every drawing stands beside a table that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from holdfast.catalog.timeline import Reading
from holdfast.web.lanes import SPANNED, Lanes, Point, Span, unix_s
from holdfast.web.svg import drawn

__all__ = [
    "Words",
    "bands_chart",
    "count_words",
    "curve_svg",
    "drawn",
    "interval_words",
    "moved",
    "ms",
    "short",
    "small_svg",
    "time_axis",
    "timeline_svg",
    "widened",
]

Words = Mapping[str, str]
"""What stands in a drawing, in the reader's language; keys as in `web.wording.drawing_words`."""

WIDE, NARROW = 880, 310
"""Widths in pixels: for a desk and for a phone."""
ROW = 24
LETTER, LETTERS_LEAST = 7.5, 5
"""Pixels that a letter takes at most, by and large, and how many letters a span has room for before it bears words."""
NUMBERED_MOST = 8
"""Marks of a kind whose posts are named beside them; more would cover each other."""
DAY_S = 86_400


def timeline_svg(lanes: Lanes, words: Words, language: str, *, narrow: bool = False) -> Markup:
    """A channel's life: followers as a band, what it was called and marked as spans, posts' events as marks, gaps."""
    width = NARROW if narrow else WIDE
    domain = widened(lanes.start, lanes.end)
    parts = []
    if lanes.bands:
        parts.append(_followers(lanes, words, width, domain, narrow=narrow))
    parts.append(_rows(lanes, words, width, domain, narrow=narrow))
    return drawn({"vconcat": parts, "spacing": 14}, language, words["timeline"])


def curve_svg(readings: Sequence[Reading], words: Words, language: str, *, narrow: bool = False) -> Markup:
    """A post's counter over time: each reading from its moment until it was last seen unchanged."""
    width = NARROW if narrow else WIDE
    held: list[dict[str, Any]] = []
    between: list[dict[str, Any]] = []
    last: tuple[int, Reading] | None = None
    for each in readings:
        at = unix_s(each.moment)
        if at is None:
            continue
        until = at
        if each.held_until:
            until = max(at, int(datetime.fromisoformat(each.held_until).timestamp()))
        tip = f"{_utc(at)}: {count_words(each.low, each.high)}"
        held.append({"a": ms(at), "b": ms(until), "l": each.low, "h": each.high, "tip": tip})
        if last is not None:
            between += moved(len(between), last[0], last[1].low, last[1].high, at, each.low, each.high)
        last = until, each
    if not held:
        return Markup("")
    domain = widened(min(each["a"] for each in held) // 1000, max(each["b"] for each in held) // 1000)
    chart = bands_chart(held, between, width, 120 if narrow else 170, domain, narrow=narrow, zero=True)
    return drawn(chart, language, words["curve"])


def small_svg(points: Sequence[Point], words: Words) -> Markup:
    """The follower curve in small, without axes."""
    if len(points) < 2:
        return Markup("")
    values = [{"t": ms(each.at), "l": each.low, "h": each.high} for each in points]
    spec = {
        "width": 150,
        "height": 34,
        "padding": 1,
        "data": {"values": values},
        "name": "held",
        "mark": {"type": "area", "interpolate": "step-after", "line": True},
        "encoding": {
            "x": {"field": "t", "type": "temporal", "axis": None, "scale": {"type": "utc"}},
            "y": {"field": "l", "type": "quantitative", "axis": None, "scale": {"zero": False}},
            "y2": {"field": "h"},
        },
    }
    return drawn(spec, "en", words["followers"])


# -- the parts of a timeline --------------------------------------------------------------------------


def _followers(
    lanes: Lanes, words: Words, width: int, domain: tuple[int, int], *, narrow: bool
) -> dict[str, Any]:
    held: list[dict[str, Any]] = []
    between: list[dict[str, Any]] = []
    for band in lanes.bands:
        first, last = band.first, band.last
        if band.is_held:
            tip = f"{words['followers']}: {count_words(first.low, first.high)}, {interval_words(first.at, last.at)}"
            held.append({"a": ms(first.at), "b": ms(last.at), "l": first.low, "h": first.high, "tip": tip})
        else:
            between += moved(len(between), first.at, first.low, first.high, last.at, last.low, last.high)
    return bands_chart(
        held, between, width, 110 if narrow else 150, domain, narrow=narrow, zero=False,
        under=_gap_layer(lanes, words, "on_gap"), title=words["followers"],
    )  # fmt: skip


def bands_chart(
    held: list[dict[str, Any]],
    between: list[dict[str, Any]],
    width: int,
    height: int,
    domain: tuple[int, int],
    *,
    narrow: bool,
    zero: bool,
    under: list[dict[str, Any]] | None = None,
    title: str | None = None,
) -> dict[str, Any]:
    """Held readings as bars of their interval's height, joined by what they moved through."""
    x = time_axis("a", domain, narrow=narrow)
    if title:
        x["axis"]["title"] = None  # another axis stands below and says it
    y = {
        "field": "l",
        "type": "quantitative",
        "scale": {"zero": zero, "nice": True},
        "axis": {"title": None, "tickCount": 4, "format": ",d" if not narrow else "~s", "minExtent": 64 if not narrow else 34},
    }  # fmt: skip
    layers = list(under or [])
    if between:
        layers.append(
            {
                "name": "on_between",
                "data": {"values": between},
                "mark": "area",
                "encoding": {
                    "x": {**x, "field": "t"},
                    "y": y,
                    "y2": {"field": "h"},
                    "detail": {"field": "n"},
                },
            }
        )
    # A reading that was seen once is a point in time: drawn two pixels wide so that it is seen at all.
    thin = max(1, (domain[1] - domain[0]) * 1000 // width * 3)
    bars = [{**each, "b": max(each["b"], each["a"] + thin)} for each in held]
    layers.append(
        {
            "name": "on_held",
            "data": {"values": bars},
            "mark": {"type": "rect", "minBandSize": 2},
            "encoding": {
                "x": x,
                "x2": {"field": "b"},
                "y": y,
                "y2": {"field": "h"},
                "description": {"field": "tip"},
            },
        }
    )
    chart: dict[str, Any] = {"width": width, "height": height, "layer": layers}
    if title:
        chart["title"] = {
            "text": title,
            "anchor": "start",
            "frame": "group",
            "fontSize": 12,
            "fontWeight": "normal",
            "offset": 4,
        }
    return chart


def _rows(lanes: Lanes, words: Words, width: int, domain: tuple[int, int], *, narrow: bool) -> dict[str, Any]:
    """One row for each thing that can stand, and one for what befell posts."""
    order: list[str] = []
    values, said = [], []
    sources: dict[tuple[str, str | None], set[str | None]] = {}
    for span in lanes.spans:
        sources.setdefault((span.kind, span.name), set()).add(span.source)
    for span in sorted(lanes.spans, key=lambda each: (SPANNED.index(each.kind), each.name or "")):
        row = _row_name(span, words)
        if len(sources[span.kind, span.name]) > 1:
            row += f" · {short(span.source or '–', 20)}"  # what one says must not cover what another says
        if row not in order:
            order.append(row)
        thin = max(span.end, span.start + (domain[1] - domain[0]) // width * 3)
        state = {"so": f"so{span.number % 2}", "not so": "notso", "between": "between"}.get(
            span.state, "unspoken"
        )
        value = _value_words(span, words)
        tip = f"{row}: {value}, {interval_words(span.start, span.end)}"
        letters = int(_room(span, lanes, domain, width) / LETTER)
        values.append({"r": row, "a": ms(span.start), "b": ms(thin), "s": state, "tip": tip})
        if letters >= LETTERS_LEAST and state != "between":
            said.append({"r": row, "a": ms(span.start), "s": state, "v": short(value, letters)})
    marks, points = [], []
    for mark in lanes.marks:
        row = words[mark.kind]
        if row not in order:
            order.append(row)
        tip = f"{words['post']} {mark.post}: {row}, {interval_words(mark.start or mark.end, mark.end)}"
        marks.append({"r": row, "a": ms(mark.start or mark.end), "b": ms(mark.end), "tip": tip})
        points.append({"r": row, "t": ms(mark.end), "k": mark.kind, "tip": tip, "v": str(mark.post)})
    x = time_axis("a", domain, narrow=narrow)
    # Times are those of the world, not of the reader: that is said where they are read.
    x["axis"] = {
        **x["axis"],
        "title": "UTC",
        "titleAnchor": "end",
        "titleFontWeight": "normal",
        "titlePadding": 0,
    }
    y = {
        "field": "r",
        "type": "nominal",
        "sort": order,
        "scale": {"domain": order, "paddingInner": 0.3, "paddingOuter": 0.2},
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 200 if not narrow else 110, "minExtent": 64 if not narrow else 34},
    }  # fmt: skip
    layers: list[dict[str, Any]] = []
    for state in ("so0", "so1", "notso", "between", "unspoken"):
        chosen = [each for each in values if each["s"] == state]
        if chosen:
            layers.append(_bars(state, chosen, x, y))
    # Over what stood before and after: while nobody looked, nobody knows.
    layers += _gap_layer(lanes, words, "gap")
    if marks:
        layers.append(_bars("interval", marks, x, y))
    for name, states in (("value", ("so0", "so1", "notso")), ("silence", ("unspoken",))):
        chosen = [each for each in said if each["s"] in states]
        if chosen:
            layers.append(_texts(name, chosen, x, y, dx=5))
    for kind, shape in (("edit", "diamond"), ("disappearance", "cross"), ("return", "triangle-up")):
        chosen = [each for each in points if each["k"] == kind]
        if chosen:
            layers.append(
                {
                    "name": kind,
                    "data": {"values": chosen},
                    "mark": {"type": "point", "shape": shape, "filled": True, "size": 70, "opacity": 1},
                    "encoding": {"x": {**x, "field": "t"}, "y": y, "description": {"field": "tip"}},
                }
            )
        if 0 < len(chosen) <= NUMBERED_MOST:
            layers.append(_texts(f"{kind}post", chosen, {**x, "field": "t"}, y, dx=9))
    return {"width": width, "height": max(1, len(order)) * ROW, "layer": layers}


def _value_words(span: Span, words: Words) -> str:
    """What stood, in words: what the source said as it said it, answers in the reader's language."""
    if span.state in ("between", "not spoken of"):
        return words[span.state]
    said = span.value or ""
    if span.kind in ("standing", "label", "restriction"):
        said = words.get(f"answer {said}", said)
    return short(f"@{said}" if span.kind == "username" else said)


def _room(span: Span, lanes: Lanes, domain: tuple[int, int], width: int) -> int:
    """Pixels for words at the beginning of a span, up to its end or to where nobody looked."""
    end = min([span.end, *(gap.start for gap in lanes.gaps if gap.end > span.start)])
    return (end - span.start) * width // max(1, domain[1] - domain[0]) - 10


def _texts(
    name: str, values: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any], dx: int
) -> dict[str, Any]:
    return {
        "name": name,
        "data": {"values": values},
        # Clipped, because the library takes letters for wider than they are and would shrink all else to make room.
        "mark": {
            "type": "text",
            "align": "left",
            "baseline": "middle",
            "dx": dx,
            "fontSize": 12,
            "clip": True,
        },
        "encoding": {"x": x, "y": y, "text": {"field": "v"}},
    }


def _bars(name: str, values: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {"x": x, "x2": {"field": "b"}, "y": y, "description": {"field": "tip"}},
    }


def _gap_layer(lanes: Lanes, words: Words, name: str) -> list[dict[str, Any]]:
    """Times in which nobody can say anything, behind all else."""
    if not lanes.gaps:
        return []
    values = [
        {"a": ms(gap.start), "b": ms(gap.end), "tip": f"{words['gap']}: {interval_words(gap.start, gap.end)}"}
        for gap in lanes.gaps
    ]
    return [
        {
            "name": name,
            "data": {"values": values},
            "mark": "rect",
            "encoding": {
                "x": {"field": "a", "type": "temporal", "scale": {"type": "utc"}},
                "x2": {"field": "b"},
                "description": {"field": "tip"},
            },
        }
    ]


def _row_name(span: Span, words: Words) -> str:
    name = words.get(span.kind, span.kind)
    return f"{name}: {short(span.name)}" if span.name else name


def time_axis(field: str, domain: tuple[int, int], *, narrow: bool) -> dict[str, Any]:
    """Times in UTC, which the axis says. Days where the drawing spans several, hours in between."""
    days = (domain[1] - domain[0]) / DAY_S
    hour = "%H:%M" if days <= 4 else "%d %b"
    label = f"hours(datum.value) == 0 ? utcFormat(datum.value, '%d %b') : utcFormat(datum.value, '{hour}')"
    return {
        "field": field,
        "type": "temporal",
        "scale": {"type": "utc", "domain": [ms(domain[0]), ms(domain[1])]},
        "axis": {
            "title": "UTC",
            "titleAnchor": "end",
            "titleFontWeight": "normal",
            "titlePadding": 0,
            "tickCount": 4 if narrow else 9,
            "labelExpr": label.replace("hours(", "utchours("),
            "labelOverlap": True,
        },
    }


# -- numbers and words --------------------------------------------------------------------------------


def moved(number: int, a: int, low: int, high: int, b: int, low2: int, high2: int) -> list[dict[str, Any]]:
    return [
        {"t": ms(a), "l": low, "h": high, "n": number},
        {"t": ms(b), "l": low2, "h": high2, "n": number},
    ]


def widened(start: int, end: int) -> tuple[int, int]:
    rest = max(60, (end - start) // 60)
    return start - rest, end + rest


def ms(at: int) -> int:
    return at * 1000


def _utc(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def interval_words(start: int, end: int) -> str:
    return _utc(start) if start == end else f"{_utc(start)} – {_utc(end)}"


def count_words(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def short(text: str, most: int = 60) -> str:
    """A text in one line of at most `most` letters."""
    shown = " ".join(_printable(text).split())
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text)
