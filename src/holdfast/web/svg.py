"""Makes a drawing's SVG from its Vega-Lite specification, offline, in this process.

What comes out is only shapes and text, without a style, a script or a link of its own: colours come from the page's style
sheet, so that one drawing serves light and dark.
"""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Mapping
from typing import Any, Literal
from xml.etree import ElementTree

import vl_convert
from markupsafe import Markup

__all__ = ["drawn", "to_markup"]

LOCALES: Mapping[str, Literal["ru-RU", "uk-UA"]] = {"ru": "ru-RU", "uk": "uk-UA"}
KEPT_ATTRIBUTES = frozenset(
    {"class", "d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "viewBox", "text-anchor"}
    | {"opacity", "stroke-width", "stroke-dasharray", "font-size", "fill", "stroke", "cx", "cy", "r", "rx"}
)
KEPT_TAGS = frozenset({"svg", "g", "path", "line", "rect", "text", "tspan", "circle"})
SVG = "http://www.w3.org/2000/svg"
_NAMED = re.compile(r"(?:on_)?([a-z0-9]+)_marks")
"""Two layers of one drawing must not bear the same name: those of the upper part begin with `on_`."""
_one_at_a_time = threading.Lock()


def drawn(spec: dict[str, Any], language: str, label: str) -> Markup:
    """The drawing of a specification. `label`: what it shows, for whoever does not see it. One at a time: the library has one engine."""
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "config": {
            # Only measured with: the library brings it along, and the page's style sheet says what letters are drawn
            # with, which may be a little wider. An unknown font is taken for twice as wide.
            "font": "Liberation Sans",
            "view": {"stroke": None},
            "axis": {"labelFontSize": 13, "gridOpacity": 1, "domain": False, "ticks": False},
        },
        **spec,
    }
    with _one_at_a_time:
        svg = vl_convert.vegalite_to_svg(
            whole, time_format_locale=LOCALES.get(language), format_locale=LOCALES.get(language)
        )
    return to_markup(svg, label)


def to_markup(svg: str, label: str) -> Markup:
    """The drawing as it may stand in a page: shapes and text alone, what is drawn by class, tips as titles."""
    root = ElementTree.fromstring(svg)
    _cleaned(root)
    view = root.get("viewBox", "0 0 1 1")
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    root.attrib.update({"viewBox": view, "role": "img", "aria-label": label, "class": "drawing"})
    # A page has a wide drawing and a narrow one, of which one is hidden: a pattern of a hidden drawing draws nothing.
    _hatch(root, f"hatch-{zlib.crc32(ElementTree.tostring(root)):08x}")
    ElementTree.register_namespace("", SVG)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _hatch(root: ElementTree.Element, name: str) -> None:
    """Gaps are hatched, so that they are told from all else without colour, and what lies under them is dimmed."""
    gaps = [each for each in root.iter(f"{{{SVG}}}g") if each.get("class") == "mark-gap"]
    if not gaps:
        return
    pattern = ElementTree.SubElement(
        ElementTree.SubElement(root, f"{{{SVG}}}defs"),
        f"{{{SVG}}}pattern",
        {"id": name, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"},
    )
    ElementTree.SubElement(pattern, f"{{{SVG}}}rect", {"width": "6", "height": "6", "class": "dim"})
    ElementTree.SubElement(pattern, f"{{{SVG}}}path", {"d": "M0,6L6,0M-1,1L1,-1M5,7L7,5", "class": "hatch"})
    for gap in gaps:
        for path in gap.iter(f"{{{SVG}}}path"):
            path.set("fill", f"url(#{name})")


def _cleaned(node: ElementTree.Element) -> None:
    tip = (
        node.get("aria-label") if node.get("aria-roledescription") in ("rect mark", "bar", "point") else None
    )
    tip = tip or (node.get("aria-label") if node.tag == f"{{{SVG}}}path" else None)
    for name in list(node.attrib):
        if name not in KEPT_ATTRIBUTES:
            del node.attrib[name]
    if node.get("fill") not in (None, "none", "transparent"):
        del node.attrib["fill"]
    if node.get("stroke") not in (None, "none", "transparent"):
        del node.attrib["stroke"]
    names = node.get("class", "").split()
    kept = [f"mark-{found[1]}" for each in names for found in (_NAMED.fullmatch(each),) if found]
    kept += [
        each
        for each in names
        if each in ("role-axis-grid", "role-axis-label", "role-axis-tick", "role-title")
    ]
    node.attrib.pop("class", None)
    if kept:
        node.set("class", " ".join(kept))
    for child in list(node):
        if child.tag.removeprefix(f"{{{SVG}}}") not in KEPT_TAGS:
            node.remove(child)
        else:
            _cleaned(child)
    if tip:
        title = ElementTree.Element(f"{{{SVG}}}title")
        title.text = tip
        node.insert(0, title)
