"""Puts answers into pages: templates, and how times, counts and sizes are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from holdfast.catalog.timeline import Moment
from holdfast.model import Count
from holdfast.web.language import LANGUAGES, translations
from holdfast.web.text import runs_of, visible

__all__ = ["environment", "number_words", "path_of", "render", "time_tag"]


@cache
def environment(language: str) -> Environment:
    """The templates in a language. Whatever is put into them is text, unless this program built it as markup."""
    found = Environment(
        loader=PackageLoader("holdfast.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    found.globals.update(language=language, languages=LANGUAGES, path_of=path_of)
    found.filters.update(
        number=lambda value: number_words(value, language),
        count=lambda value: _count(value, language),
        range=lambda low_high: _range(low_high[0], low_high[1], language),
        bytes=lambda value: _bytes(value, language),
        time=time_tag,
        unix=lambda value: time_tag(
            None if value is None else datetime.fromtimestamp(value, UTC).isoformat()
        ),
        runs=runs_of,
        visible=lambda value: visible(str(value)),
        line=lambda value: " ".join(visible(str(value)).split()),
        pretty=lambda value: visible(json.dumps(value, ensure_ascii=False, indent=1)),
    )
    found.tests["counted"] = lambda name, counts: bool((counts or {}).get(name))
    return found


def render(template: str, language: str, values: Mapping[str, Any]) -> str:
    """A page's text."""
    return environment(language).get_template(template).render(**values)


def path_of(*parts: object) -> str:
    """An address below this server, each part escaped."""
    return "/" + "/".join(quote(str(each), safe="") for each in parts)


def time_tag(when: Moment | str | None) -> Markup:
    """A moment, in UTC; the page's script adds the reader's own zone. What is no time is shown as it stands."""
    text = when.seen_at if isinstance(when, Moment) else when
    if not text:
        return Markup("–")
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return escape(visible(text))
    seconds = f":{at:%S}" if at.second else ""
    return Markup('<time datetime="{}">{} UTC</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d %H:%M}{seconds}"
    )


def number_words(value: int, language: str) -> str:
    """A count in the reader's way."""
    return str(format_decimal(value, locale=language))


def _range(low: int, high: int, language: str) -> str:
    return (
        number_words(low, language)
        if low == high
        else f"{number_words(low, language)}–{number_words(high, language)}"
    )


def _count(value: Count, language: str) -> str:
    if isinstance(value, int):
        return number_words(value, language)
    return _range(value.low, value.high, language)


def _bytes(value: int, language: str) -> str:
    size, units = float(value), ["TB", "GB", "MB", "kB", "B"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop()
    digits = "#,##0" if units[-1] == "B" else "#,##0.0"
    return f"{format_decimal(size, digits, locale=language)} {units[-1]}"
