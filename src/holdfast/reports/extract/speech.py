"""Tells spoken quotations from titles and scare quotes, and finds who said them."""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.reports.extract.cues import cue_at, is_cue, is_verb_like
from holdfast.reports.extract.quotation import Quoted
from holdfast.reports.extract.quote_roles import is_scare, other_role
from holdfast.reports.extract.sentences import Sentence
from holdfast.reports.extract.speakers import Speaker, Speakers, phrase_after, phrase_before
from holdfast.reports.extract.words import Word, words_between

__all__ = ["Said", "find_speech"]


class Said(NamedTuple):
    """A quotation and what it is. `role`: speech, title, scare, label. `mode`: direct or mixed. `rule`: what found the speaker."""

    span: Quoted
    role: str
    mode: str
    speaker: Speaker | None
    cue: str | None
    to: str | None
    rule: str
    weak: bool


def find_speech(
    text: str,
    low: str,
    words: list[Word],
    quoted: list[Quoted],
    sentences: list[Sentence],
    speakers: Speakers,
    lang: str,
) -> list[Said]:
    """What each outer quotation is, in order. `words` are of the text with quotations blanked."""
    found: list[Said] = []
    outer = [span for span in quoted if span.level == 0 and text[span.inner_start : span.inner_end].strip()]
    number = 0
    for index, span in enumerate(outer):
        while number + 1 < len(sentences) and sentences[number].end <= span.start:
            number += 1
        sentence = sentences[number]
        speakers.advance(span.start)
        previous = outer[index - 1] if index else None
        following = outer[index + 1] if index + 1 < len(outer) else None
        found.append(
            _read(
                text,
                low,
                words,
                span,
                sentence,
                previous,
                following,
                found,
                speakers,
                lang,
                sentences,
                number,
            )
        )
    return found


def _read(
    text: str,
    low: str,
    words: list[Word],
    span: Quoted,
    sentence: Sentence,
    previous: Quoted | None,
    following: Quoted | None,
    before: list[Said],
    speakers: Speakers,
    lang: str,
    sentences: list[Sentence],
    number: int,
) -> Said:
    inner = text[span.inner_start : span.inner_end].strip()
    count = len(re.findall(r"[^\W\d_]+", inner))
    weak = count <= 3
    tail = _tail(text, words, span, sentence, following, speakers, lang)
    if tail is not None:
        return Said(span, "speech", "direct", tail[0], tail[1], tail[2], "speech.tail", weak)
    if (
        previous is not None
        and before
        and before[-1].role == "speech"
        and previous.is_closed
        and text[span.start] not in "«“\"„‘'"
        and text[previous.end - 1] not in '»”"“'
    ):
        # The second half of «A, — said she. — B».
        last = before[-1]
        return Said(span, "speech", "direct", last.speaker, last.cue, last.to, "speech.inserted", weak)
    role = other_role(text, low, span, inner, count, lang)
    if role is not None:
        return Said(span, role, "mixed", None, None, None, f"speech.{role}", weak)
    head = _head(words, span, sentence, previous, before, speakers, lang)
    if head is not None:
        speaker, cue, to, mode, rule = head
        if mode == "mixed" and (count == 1 or (weak and is_scare(low, span, inner, lang))):
            return Said(span, "scare", "mixed", None, None, None, "speech.scare", weak)
        return Said(span, "speech", mode, speaker, cue, to, rule, weak)
    if _continues(text, span, sentence, before, sentences, number):
        last = before[-1]
        speaker = last.speaker._replace(confidence=min(last.speaker.confidence, 85)) if last.speaker else None
        return Said(span, "speech", "direct", speaker, last.cue, last.to, "speech.continued", weak)
    if count <= 3:
        role = "title" if inner[:1].isupper() else "scare"
        return Said(span, role, "mixed", None, None, None, f"speech.{role}", weak)
    return Said(
        span,
        "speech",
        "direct" if inner[:1].isupper() else "mixed",
        None,
        None,
        None,
        "speech.unattributed",
        weak,
    )


def _closed_for_tail(text: str, span: Quoted) -> bool:
    """Whether the quotation ends as speech does before "said X": a comma, a stop, a dash."""
    if text[span.inner_end - 1 : span.inner_end] in ",.!?…" or not span.is_closed:
        return True
    return bool(re.match(r"\s*(?:,|[—–-]\s)", text[span.end : span.end + 4]))


def _tail(
    text: str,
    words: list[Word],
    span: Quoted,
    sentence: Sentence,
    following: Quoted | None,
    speakers: Speakers,
    lang: str,
) -> tuple[Speaker | None, str, str | None] | None:
    """ "…," said X; "…," X said; «…», — сказал X."""
    if not _closed_for_tail(text, span):
        return None
    limit = min(
        sentence.end, following.start if following and following.start < sentence.end else sentence.end
    )
    first, stop = words_between(words, span.end, limit)
    # Who speaks may be named after a title: «…», — рассказала «Вестям» Анна Белова.
    close = words_between(words, span.end, sentence.end)[1]
    while (
        first < stop
        and words[first].kind == "sign"
        and words[first].low in {",", "—", "–", "-", "”", "»", '"', "'"}
    ):
        first += 1
    dash = bool(re.match(r"\s*,?\s*[—–-]\s", text[span.end : span.end + 6]))
    end = first
    reach = 12
    while end < stop and end - first < reach and words[end].low not in {";", "—", "–", ":"}:
        end += 1
    lows = [word.low for word in words[first:end]]
    if lows[:1] in (["as"], ["как"]):
        first += 1
        lows = lows[1:]
    for offset, low_word in enumerate(lows):
        if low_word in {"and", "but", "that", "while", "и", "но", "что", "когда"} and offset:
            break
        if cue_at(lows, offset, lang) and offset <= 1:
            step = cue_at(lows, offset, lang)
            return (
                phrase_after(words, first + offset + step, close, speakers, lang),
                " ".join(lows[offset : offset + step]),
                None,
            )
        if low_word == "came" and lows[offset + 1 : offset + 3] == ["the", "reply"]:
            return None, "came the reply", None
        if is_cue(low_word, lang):
            at = first + offset
            if offset and lows[offset + 1 : offset + 2] in (["that"], ["что"]):
                break  # what follows is what was said, not the quotation
            to = _told_whom(words, at, stop, lang)
            if offset == 0 or all(
                word in {"later", "then", "also", "позже", "затем", "тогда", "так"} for word in lows[:offset]
            ):
                return phrase_after(words, at + 1, close, speakers, lang, verb=low_word), low_word, to
            return phrase_before(words, first, at, speakers, lang), low_word, to
        if lang != "en" and not dash and offset > 6:
            break
    return None


def _told_whom(words: list[Word], cue: int, stop: int, lang: str) -> str | None:
    if words[cue].low not in {
        "told",
        "tells",
        "рассказал",
        "рассказала",
        "сообщил",
        "сообщила",
        "заявил",
        "заявила",
        "сказал",
        "сказала",
    }:
        return None
    at = cue + 1
    said: list[str] = []
    while (
        at < stop
        and words[at].kind == "word"
        and (words[at].is_capital or (not said and words[at].low == "the"))
    ):
        said.append(words[at].raw)
        at += 1
    return " ".join(said) if said and said != ["the"] and lang == "en" else None


HEAD_WORDS = 120
"""How far before a quotation who says it is looked for."""


def _head(
    words: list[Word],
    span: Quoted,
    sentence: Sentence,
    previous: Quoted | None,
    before: list[Said],
    speakers: Speakers,
    lang: str,
) -> tuple[Speaker | None, str, str | None, str, str] | None:
    """X said: "…"; X said that … "…"; according to X, … "…"."""
    first, stop = words_between(words, sentence.start, span.start)
    if first >= stop:
        return None
    first = max(first, stop - HEAD_WORDS)
    inside = previous if previous is not None and previous.end > sentence.start else None
    since = words_between(words, inside.end, span.start)[0] if inside else first
    last = words[stop - 1].low
    colon = last == ":" or (last in {"—", "–", "-"} and stop - 2 >= first and words[stop - 2].low == ":")
    comma = last == ","
    lows = [word.low for word in words[first:stop]]
    # The cue that is nearest before the quotation.
    for offset in range(len(lows) - 1, -1, -1):
        at = first + offset
        step = cue_at(lows, offset, lang)
        if step:
            speaker = phrase_after(words, at + step, stop, speakers, lang)
            return speaker, " ".join(lows[offset : offset + step]), None, "mixed", "speech.according"
        if not is_cue(lows[offset], lang) or _is_other_use(lows, offset, lang):
            continue
        direct = colon or (comma and stop - at <= 6)
        cue, mode = lows[offset], "direct" if direct else "mixed"
        to = _told_whom(words, at, stop, lang)
        begin = since if since <= at else first
        if (
            inside is not None
            and at >= since
            and before
            and before[-1].speaker is not None
            and before[-1].rule in {"speech.tail"}
        ):
            # “A,” said X, “B”: the same speaker.
            return before[-1].speaker, cue, to, mode, "speech.same_sentence"
        speaker = phrase_before(words, begin, at, speakers, lang)
        if speaker is None:
            speaker = phrase_after(words, at + 1, stop, speakers, lang, verb=cue)
        if speaker is None and inside is not None and before and before[-1].role == "speech":
            speaker = before[-1].speaker
        return speaker, cue, to, mode, "speech.head"
    if inside is not None and before and before[-1].role == "speech" and before[-1].speaker is not None:
        joined = [word.low for word in words[since:stop]]
        if len(joined) <= 8 or before[-1].rule in {"speech.head", "speech.according"}:
            return before[-1].speaker, before[-1].cue or "", before[-1].to, "mixed", "speech.same_sentence"
    if colon:
        notice = next(
            (word for word in reversed(words[max(first, stop - 4) : stop]) if _NOTICE.match(word.low)), None
        )
        if notice is not None and speakers.name_at(words[first].start, words[stop - 1].end) is None:
            # «появляется сообщение: "…"»: the words of a notice, whoever put it there.
            speaker = Speaker(notice.raw, "other", notice.start, notice.end, None, 70)
            return speaker, ":", None, "direct", "speech.notice"
        return (
            phrase_before(words, first, _first_verb(words, first, stop, lang), speakers, lang),
            ":",
            None,
            "direct",
            "speech.colon",
        )
    if lang != "en":
        return None
    for offset, word in enumerate(lows):
        # "pays with the words “…”": a noun of speech.
        if word in {"message", "statement", "letter", "caption", "post", "words"} and len(lows) - offset <= 3:
            return None, word, None, "mixed", "speech.noun"
    return None


_NOTICE = re.compile(
    r"^(?:message|notice|warning|label|banner|sign|caption|inscription|сообщени\w+|надпис\w+|пометк\w+|предупреждени\w+|плашк\w+|уведомлени\w+|табличк\w+|плакат\w*|подпис[ьи]\w*)$"
)


def _is_other_use(lows: list[str], offset: int, lang: str) -> bool:
    """Cue words that are no speech here: "the called-for", "reports", nouns after an article."""
    if lang != "en":
        return lows[offset] in {"слова"}
    before = lows[offset - 1] if offset else ""
    if lows[offset] in {
        "reports",
        "notes",
        "claims",
        "calls",
        "states",
        "says",
        "posted",
        "read",
        "reported",
        "called",
        "reads",
        "branded",
        "labelled",
    }:
        return before in {
            "the",
            "a",
            "an",
            "of",
            "these",
            "its",
            "was",
            "were",
            "been",
            "being",
            "has",
            "for",
            "so",
            "is",
            "are",
        } and not (lows[offset] in {"called"} and before in {"has"})
    return before in {"a", "the"}


def _first_verb(words: list[Word], first: int, stop: int, lang: str) -> int:
    for at in range(first + 1, stop):
        if words[at].kind == "word" and is_verb_like(words[at].low, lang) and not words[at].is_capital:
            return at
    return stop


def _continues(
    text: str, span: Quoted, sentence: Sentence, before: list[Said], sentences: list[Sentence], number: int
) -> bool:
    """A quotation that begins its sentence right after one that was attributed."""
    if not before or before[-1].role != "speech" or before[-1].speaker is None:
        return False
    last = before[-1]
    if last.span.end > sentence.start:
        return False
    if span.start - sentence.start > 2 or text[span.end : sentence.end].strip(" .,!?…"):
        return False
    if not last.span.is_closed:
        return True
    previous = sentences[number - 1] if number else None
    return (
        previous is not None
        and previous.start <= last.span.start
        and last.mode == "direct"
        and previous.paragraph == sentence.paragraph
    )
