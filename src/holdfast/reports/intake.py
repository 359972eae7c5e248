"""Takes a report in: bytes to text, and what is known of it, as its user, its page or its first line say."""

from __future__ import annotations

import codecs
import hashlib
import re
from pathlib import Path

import msgspec

from holdfast.capture.article import ARTICLE_MAX_BYTES, Article, parse_article
from holdfast.capture.telegram_web.charset import as_utf8
from holdfast.errors import FormatError, SourceError, UsageError
from holdfast.reports.claim import PublishedAt
from holdfast.reports.evidence import unix
from holdfast.reports.extract import parse_published, read_language
from holdfast.reports.extract.plain import read_plain
from holdfast.reports.extract.reading import find_dateline

__all__ = ["TEXT_MAX", "Given", "ReportFacts", "TakenIn", "read_report", "take_in"]

TEXT_MAX = 200_000
"""Characters of a report's text; the longest that newspapers print have half as many."""
WORD_MAX = 5_000
"""Characters without a space between them; no text that people read has so many."""
NESTED_MAX = 5_000
"""Elements inside one another; real pages have some dozens."""
_TAG = re.compile(rb"<(/?)([a-zA-Z][^\s/>]{0,40})")
_FLAT = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd tr td th option thead tbody tfoot".split()
)
"""Elements that hold nothing, or that end where the next one begins."""
_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
AHEAD_S = 26 * 3600
"""How far a date may lie ahead of this machine's clock: somewhere it is tomorrow already."""


class Given(msgspec.Struct, frozen=True):
    """What a user says of a report; it goes before what the report says of itself."""

    published: str | None = None
    zone: str | None = None
    outlet: str | None = None
    url: str | None = None

    def check(self) -> None:
        """Errors: UsageError for a publication time or zone that is none."""
        if self.published is None and self.zone is None:
            return
        try:
            parse_published(self.published or "2000-01-01", source="given", zone=self.zone)
        except FormatError as error:
            raise UsageError(
                error.message, remedy="write 2023-12-29T14:05+03:00, or a day with --zone"
            ) from error


class ReportFacts(msgspec.Struct, frozen=True):
    """A report as it was taken in. `sha256` is of the text's UTF-8 bytes, `artefact` of the file's; `identity` stands for
    all of it. Everything but these is what the file or the user says."""

    sha256: str
    artefact: str
    identity: str
    name: str
    lang: str
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: PublishedAt | None = None


class TakenIn(msgspec.Struct, frozen=True):
    """A report before its check. `raw`: the bytes that are sealed; `not_used`: the time of publication that it claims, where that lies in
    the future and so cannot be right; `told`: what people call it in messages."""

    raw: bytes
    article: Article
    report: ReportFacts
    told: str
    not_used: str | None = None
    is_recoded: bool = False
    """Whether the text was read in another encoding than `raw` is in."""


def read_report(path: Path, given: Given, now: int) -> TakenIn:
    """The report in a file. Errors: SourceError, UsageError. Effects: reads the file."""
    given.check()
    try:
        with open(path, "rb") as handle:
            raw = handle.read(ARTICLE_MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
    return take_in(raw, path.name, str(path), given, now)


def take_in(
    raw: bytes, name: str, told: str, given: Given, now: int, content_type: str | None = None
) -> TakenIn:
    """A report from its bytes. `name`: of the file; `content_type`: what a server said that they are. Units: `now` in unix seconds.

    Errors: SourceError if it is no report, UsageError if what is given cannot be.
    """
    given.check()
    readable, problem = as_utf8(raw, content_type)
    # Where it had to be guessed at, the bytes are as good.
    is_recoded = problem == "charset" and "\ufffd".encode() not in readable
    if raw.startswith(_MARKS_16) and not name.lower().endswith((".html", ".htm", ".xhtml")):
        is_recoded = False  # plain text that says what it is in is read as it is
    if _depth(readable if is_recoded else raw) > NESTED_MAX:
        raise SourceError(
            f"{told} is no report: its markup is nested more than {NESTED_MAX:,} deep",
            remedy="save the text of the report as a .txt file, and check that",
        )
    try:
        article = parse_article(readable if is_recoded else raw, name)
    except FormatError as error:
        raise SourceError(
            f"{told} is no report: {error.message}", remedy="give a page saved as .html, or a text in UTF-8"
        ) from error
    _check_size(article.text, told)
    lang = read_language(article.text)
    when = _published(article, lang, given)
    not_used = None
    if when is not None and unix(when.lo) > now + AHEAD_S:
        if when.source == "given":
            raise UsageError(
                f"the publication time that was given, {when.lo}, lies in the future",
                remedy="give the time at which the report was published with --published",
            )
        not_used = when.lo
        when = None
    outlet, url = given.outlet or article.outlet, given.url or article.url
    facts_of = _facts(raw, name, article, lang, when, outlet, url)
    return TakenIn(raw, article, facts_of, told, not_used, is_recoded)


def _check_size(text: str, told: str) -> None:
    """Errors: SourceError for a text that nobody wrote as a report, and that would take minutes to read."""
    if len(text) > TEXT_MAX:
        raise SourceError(
            f"{told} is no report: its text is longer than {TEXT_MAX:,} characters",
            remedy="cut out the article that you mean, and check that",
        )
    if max(map(len, text.split())) > WORD_MAX:
        raise SourceError(
            f"{told} is no report: it has more than {WORD_MAX:,} characters without a space",
            remedy="cut out the article that you mean, and check that",
        )


def _depth(page: bytes) -> int:
    """How deep markup is nested at most, roughly. What takes a page apart takes ever longer the deeper it is."""
    depth = deepest = 0
    for tag in _TAG.finditer(page):
        if tag[2].lower() in _FLAT:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _published(article: Article, lang: str, given: Given) -> PublishedAt | None:
    """When the report was published: as the user says, else as the page does, else as a line at its beginning does."""
    if given.published is not None:
        return parse_published(given.published, source="given", zone=given.zone)
    if article.published is None:
        line = find_dateline(read_plain(article.text), lang)
        return (
            parse_published(line.lo[:10], source=line.source, zone=given.zone) if line is not None else None
        )
    try:
        return parse_published(article.published, source=article.published_source or "meta", zone=given.zone)
    except FormatError:
        return None  # a page may claim any date; one that the calendar lacks is none


def _facts(
    raw: bytes,
    name: str,
    article: Article,
    lang: str,
    published: PublishedAt | None,
    outlet: str | None,
    url: str | None,
) -> ReportFacts:
    text = hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()
    artefact = hashlib.sha256(raw).hexdigest()
    told = [text, artefact, lang, article.title, outlet, url, msgspec.to_builtins(published)]
    identity = hashlib.sha256(msgspec.json.encode(told)).hexdigest()
    return ReportFacts(text, artefact, identity, name, lang, article.title, outlet, url, published)
