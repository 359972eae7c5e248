"""Speaks the reader's language: English, Russian or Ukrainian, from catalogs that are compiled when they are first needed."""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib.resources import files

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["LANGUAGES", "choose", "translations"]

LANGUAGES = {"en": "English", "ru": "Русский", "uk": "Українська"}
"""Code -> the language's own name. English stands in the source."""
DOMAIN = "web.po"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalog of a language; English is what stands in the source."""
    folder = files("holdfast.web") / "locale" / language / "LC_MESSAGES" / DOMAIN
    if language not in LANGUAGES or language == "en":
        return gettext.NullTranslations()
    with folder.open("rb") as source:
        catalog = read_po(source, locale=language, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def choose(chosen: str | None, accepted: str) -> str:
    """The language of an answer: what the reader chose, else the best that the browser accepts (RFC 9110 section 12.5.4)."""
    if chosen in LANGUAGES:
        return str(chosen)
    best, weight = "en", 0.0
    for part in accepted[:500].split(","):
        tag, _, rest = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        quality = 1.0
        if rest.strip().startswith("q="):
            try:
                quality = float(rest.strip()[2:])
            except ValueError:
                quality = 0.0
        if code in LANGUAGES and quality > weight:
            best, weight = code, quality
    return best
