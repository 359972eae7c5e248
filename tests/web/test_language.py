"""Every sentence of the pages stands in every language, with the same places to fill, and the reader's language is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from holdfast.catalog.timeline import Event, Moment
from holdfast.model import Reading
from holdfast.web.language import LANGUAGES, choose, translations
from holdfast.web.showing import environment, time_tag
from holdfast.web.telling import KINDS, answer_name, drawing_words, group_of, kind_name, tell

WEB = Path(__file__).parents[2] / "src" / "holdfast" / "web"
OTHERS = sorted(set(LANGUAGES) - {"en"})
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_PLACE = re.compile(r"%\((\w+)\)[sd]|%%")


@pytest.fixture(scope="module")
def said() -> dict[str, tuple[str, ...]]:
    """What the pages say, as they stand in the source: singular -> all its forms."""
    found: dict[str, tuple[str, ...]] = {}
    for _, _, message, _, _ in extract_from_dir(str(WEB), METHODS, keywords=KEYWORDS):
        forms = tuple(map(str, message)) if isinstance(message, tuple) else (message,)
        found[forms[0]] = forms
    assert len(found) > 300
    return found


def catalog(language: str) -> Catalog:
    with (WEB / "locale" / language / "LC_MESSAGES" / "web.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def forms_of(found: Catalog) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for each in found:
        if each.id:
            ids = tuple(map(str, each.id)) if isinstance(each.id, list | tuple) else (each.id,)
            yield ids, tuple(map(str, each.string)) if isinstance(each.string, list | tuple) else (each.string or "",)  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_left_untranslated(language: str, said: dict[str, tuple[str, ...]]) -> None:
    found = dict(forms_of(catalog(language)))
    known = {ids[0] for ids in found}
    assert sorted(set(said) - known) == [], "run tools/locale, and translate"
    assert sorted(ids[0] for ids, forms in found.items() if not all(forms)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_is_kept_that_no_page_says(language: str, said: dict[str, tuple[str, ...]]) -> None:
    assert sorted(ids[0] for ids, _ in forms_of(catalog(language)) if ids[0] not in said) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_places_of_what_they_translate(language: str) -> None:
    found = catalog(language)
    for ids, forms in forms_of(found):
        expected = set(_PLACE.findall(ids[-1]))
        for each in forms:
            assert set(_PLACE.findall(each)) == expected, each
        assert len(forms) == (3 if len(ids) == 2 else 1), "Slavic languages have three plurals"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_hold_no_markup(language: str) -> None:
    assert [form for _, forms in forms_of(catalog(language)) for form in forms if "<" in form or ">" in form] == []  # fmt: skip


def test_plurals_are_those_of_the_language() -> None:
    for language, expected in (
        ("en", ("1 post", "2 posts", "5 posts", "21 posts")),
        ("ru", ("1 пост", "2 поста", "5 постов", "21 пост")),
        ("uk", ("1 допис", "2 дописи", "5 дописів", "21 допис")),
    ):
        t = translations(language)
        told = tuple(t.ngettext("%(num)d post", "%(num)d posts", n) % {"num": n} for n in (1, 2, 5, 21))
        assert told == expected


@pytest.mark.parametrize(
    ("chosen", "accepted", "expected"),
    [
        (None, "", "en"),
        (None, "ru", "ru"),
        (None, "uk-UA,uk;q=0.9,ru;q=0.8", "uk"),
        (None, "de,fr;q=0.9", "en"),
        (None, "de, ru;q=0.1", "ru"),
        (None, "ru;q=0, uk;q=0.2", "uk"),
        (None, "ru;q=nonsense,en;q=0.1", "en"),
        ("uk", "ru", "uk"),
        ("xx", "ru", "ru"),
        ("../..", "", "en"),
        (None, "x" * 100_000, "en"),
        (None, ";;,,;q=1,*", "en"),
    ],
)
def test_the_readers_language_is_what_they_chose_or_what_their_browser_accepts_best(
    chosen: str | None, accepted: str, expected: str
) -> None:
    assert choose(chosen, accepted) == expected


def test_only_our_own_languages_are_loaded() -> None:
    for language in ("xx", "../../etc", "en"):
        assert translations(language).gettext("Search") == "Search"


# -- events in words ----------------------------------------------------------------------------------


def event(kind: str, **what: object) -> Event:
    return Event(kind, Moment("2023-11-16T10:00:00Z", 1, "telegram_web"), **what)  # type: ignore[arg-type]  # as named


def told(each: Event, language: str = "en") -> str:
    return tell(each, translations(language), lambda count: f"{count:,}")


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (event("gap", detail="rate limited"), "Nobody could look: rate limited."),
        (event("gap"), "Nobody could look: –."),
        (event("followers", low=1000, high=1000), "Followers: 1,000"),
        (event("photos", low=1, high=9), "Photos: 1–9"),
        (event("followers"), "Followers: –"),
        (event("edit", post=1, differs=("text",), words=1), "Changed: text (1 word of the text)."),
        (event("edit", post=1, differs=("mark", "media")), "Changed: mark, media."),
        (event("disagreement", post=1, differs=("text",)), "Two sources do not show the same: text."),
        (event("disagreement", name="title", before="A", after="B"), "Two sources do not say the same of title: “A” and “B”."),
        (event("edit mark", post=1), "The source’s edit mark moved; nothing else that is kept differs."),
        (event("disappearance", post=1, after="not found"), "Missing; answered: not found."),
        (event("return", post=1), "There again."),
        (event("standing", after="shown"), "The channel: shown."),
        (event("standing", after="banned", before="shown"), "The channel: banned, before: shown."),
        (event("label", name="fake", after="there"), "Label “fake”: there"),
        (event("restriction", name="ios", after="something\u202enew"), "Restriction “ios”: something⟨U+202E⟩new"),
        (event("title", after="A"), "Title: “A”"),
        (event("title", before="A", after=None), "Title: “A” became –"),
        (event("description", after="x" * 400), f"Description: “{'x' * 299}…”"),
        (event("moved", before="1", after="2"), "Moved: “1” became “2”"),
    ],
)  # fmt: skip
def test_an_event_is_told_in_one_sentence(each: Event, expected: str) -> None:
    assert told(each) == expected


@pytest.mark.parametrize("language", OTHERS)
def test_events_are_told_in_every_language(language: str) -> None:
    for each in (
        event("gap", detail="x"),
        event("return"),
        event("standing", after="shown"),
        event("title", after="A"),
    ):
        assert told(each, language) != told(each)
        assert re.search(r"[а-яіїє]", told(each, language))


def test_names_that_nobody_knows_are_shown_as_they_stand_and_harmless() -> None:
    t = translations("en")
    assert kind_name("something\u202e", t) == "something⟨U+202E⟩"
    assert answer_name("odd\x00", t) == "odd⟨U+0000⟩"
    assert answer_name(None, t) == "–"
    assert group_of("nothing we know") == "disagreement"
    assert all(kind_name(each, t) for each in KINDS)
    assert all(drawing_words(t).values())


def test_times_are_utc_and_what_is_no_time_is_shown_as_it_stands() -> None:
    assert time_tag("2023-11-16T12:00:05+02:00") == '<time datetime="2023-11-16T10:00:05Z">2023-11-16 10:00:05 UTC</time>'  # fmt: skip
    assert time_tag(None) == "–"
    assert time_tag("<b>yesterday\u202e") == "&lt;b&gt;yesterday⟨U+202E⟩"


@pytest.mark.parametrize(
    ("filter_of", "value", "expected"),
    [
        ("number", 1234567, "1,234,567"),
        ("count", 5, "5"),
        ("range", (1, 1), "1"),
        ("range", (1000, 2000), "1,000–2,000"),
        ("bytes", 999, "999 B"),
        ("bytes", 1_500, "1.5 kB"),
        ("bytes", 10**16, "10,000.0 TB"),
        ("unix", None, "–"),
        ("unix", 0, '<time datetime="1970-01-01T00:00:00Z">1970-01-01 00:00 UTC</time>'),
        ("line", " a\n\n b ", "a b"),
        ("pretty", {"a": "б\u202e"}, '{\n "a": "б⟨U+202E⟩"\n}'),
    ],
)
def test_numbers_sizes_and_times_are_written_in_the_readers_way(
    filter_of: str, value: object, expected: str
) -> None:
    assert str(environment("en").filters[filter_of](value)) == expected


def test_a_count_with_bounds_is_shown_with_both() -> None:
    assert environment("ru").filters["count"](Reading(1000, 1999, "1K")) == "1\xa0000–1\xa0999"
