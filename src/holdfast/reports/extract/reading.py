"""Reads a whole report: language, sentences, quotations, times, numbers, speech; then its claims in order."""

from __future__ import annotations

import hashlib
import re

from holdfast.errors import FormatError
from holdfast.reports.claim import Assumed, Claim, PublishedAt, Report
from holdfast.reports.extract.calendar import parse_published
from holdfast.reports.extract.frames import Framer
from holdfast.reports.extract.furniture import dateline_end, is_furniture
from holdfast.reports.extract.insertions import find_dialogue, open_insertions
from holdfast.reports.extract.names import find_names
from holdfast.reports.extract.plain import Plain, read_plain
from holdfast.reports.extract.quotation import find_quoted, masked
from holdfast.reports.extract.records import Recorder
from holdfast.reports.extract.sentences import LANGUAGES, cut_sentences, language_of
from holdfast.reports.extract.speakers import Speakers
from holdfast.reports.extract.speech import find_speech
from holdfast.reports.extract.subjects import Subjects
from holdfast.reports.extract.time_pieces import find_pieces
from holdfast.reports.extract.times import find_times
from holdfast.reports.extract.words import cut_words
from holdfast.reports.extract.zones import anchor_of

__all__ = ["extract", "find_dateline", "read_language"]


def read_language(text: str) -> str:
    """The language that `extract` takes a text for: en, ru, uk, be, or und."""
    return language_of(read_plain(text))


def extract(
    text: str,
    *,
    published: PublishedAt | None,
    lang: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
    channel_zone: str | None = None,
) -> list[Claim]:
    """The claims of a report, in order of their place; none for a language that is not read.

    `published`: against what "Thursday" is read; None takes a full date at the start of the text, else phrases without a year stay
    unresolved. `channel_zone`: a zone that times may be meant in besides the outlet's and UTC.
    Errors: FormatError for a zone that is not known, and for text that cannot be written as UTF-8. Effects: none; the same inputs give byte-identical records.
    """
    try:
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    except UnicodeEncodeError as error:
        raise FormatError(
            "the report holds half a character (a lone surrogate), which no text can"
        ) from error
    plain = read_plain(text)
    lang = lang or language_of(plain)
    if published is None:
        published = find_dateline(plain, lang)
    anchor = anchor_of(published, channel_zone)
    if lang not in LANGUAGES:
        return []
    report = Report(digest, published, outlet, url)
    quoted = open_insertions(plain.low, find_quoted(plain.text), lang)
    quoted = sorted([*quoted, *find_dialogue(plain.low, quoted, lang)])
    low, blanked = masked(plain.low, quoted), masked(plain.text, quoted)
    sentences = cut_sentences(plain, quoted)
    words = cut_words(plain, low)
    names = find_names(plain.text, words, quoted, blanked, lang)
    times = find_times(plain.text, low, lang, anchor, [sentence.start for sentence in sentences])
    said = find_speech(plain.text, plain.low, words, quoted, sentences, Speakers(names), lang)
    assumptions = (
        () if published is None or published.zone else (Assumed("zone", "no zone is known; UTC was taken"),)
    )
    recorder = Recorder(plain, report, lang, assumptions)
    subjects = Subjects(plain.text, words, names, lang)
    framer = Framer(plain, lang, published, words, times, said, subjects, Speakers(names), recorder)
    skip = dateline_end(plain.text)
    return [claim for sentence in sentences for claim in framer.claims_of(sentence, skip)]


_SENTENCE = re.compile(r"\w{2}[.!?…][»”\"’')]*\s*$")


def find_dateline(plain: Plain, lang: str) -> PublishedAt | None:
    """The date, with its year, that stands alone at the start of a report: not in a sentence that tells of a day."""
    line = plain.text[:200].partition("\n")[0]
    is_alone = len(line) < 60 and (not _SENTENCE.search(line) or is_furniture(plain.low[: len(line)]))
    end = dateline_end(plain.text) or (len(line) if is_alone else 0)
    if not end:
        return None
    for piece in find_pieces(plain.text[:end], plain.low[:end], lang):
        if piece.slot == "date" and piece.fields[0] is not None and not isinstance(piece.fields[3], int):
            year, month, day = piece.fields[:3]
            try:
                return parse_published(f"{year:04}-{month:02}-{day:02}", source="dateline")
            except (FormatError, ValueError):
                return None
    return None
