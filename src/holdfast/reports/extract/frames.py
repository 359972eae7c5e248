"""Assembles what the rules found in a report into atomic claims."""

from __future__ import annotations

from bisect import bisect_right

from holdfast.reports.claim import AttributionLink, Claim, Mention, PublishedAt, Quantity, Window
from holdfast.reports.extract.attaching import attach_times
from holdfast.reports.extract.attribution import Ascribed, find_attribution
from holdfast.reports.extract.events import Event, find_events
from holdfast.reports.extract.furniture import is_furniture, is_modal, is_unreal
from holdfast.reports.extract.lengths import Length, find_lengths
from holdfast.reports.extract.plain import Plain
from holdfast.reports.extract.quantities import Found, find_quantities
from holdfast.reports.extract.records import Draft, Recorder, mention_of
from holdfast.reports.extract.sentences import Sentence
from holdfast.reports.extract.speakers import Speakers
from holdfast.reports.extract.speech import Said
from holdfast.reports.extract.subjects import Subjects
from holdfast.reports.extract.times import Phrase
from holdfast.reports.extract.wording import shortened, stated
from holdfast.reports.extract.words import Word, words_between

__all__ = ["Framer"]

_COUNTERS = frozenset({"views", "followers", "reactions", "posts"})
_WIDEST_CLAUSE = 16
_GO_ON = frozenset("it its they this он она оно они его ее их это".split())


class Framer:
    """Makes the claims of one report, sentence by sentence. Same inputs, same claims."""

    def __init__(
        self,
        plain: Plain,
        lang: str,
        published: PublishedAt | None,
        words: list[Word],
        times: list[Phrase],
        said: list[Said],
        subjects: Subjects,
        speakers: Speakers,
        recorder: Recorder,
    ) -> None:
        self._plain, self._lang, self._published = plain, lang, published
        self._words, self._times, self._said = words, times, said
        self._subjects, self._speakers, self._recorder = subjects, speakers, recorder
        self._said_starts = [item.span.start for item in said]
        self._time_starts = [phrase.start for phrase in times]
        self._last_unit: str | None = None
        self._has_topic = False
        self._paragraph = -1

    def claims_of(self, sentence: Sentence, skip: int) -> list[Claim]:
        """The claims of one sentence, in order of their place. `skip`: nothing before this place counts (a dateline)."""
        start = max(sentence.start, skip)
        if start >= sentence.end:
            return []
        low = self._plain.low[start : sentence.end]
        if sentence.paragraph != self._paragraph:
            self._paragraph, self._last_unit = sentence.paragraph, None
        if is_furniture(low):
            return []
        quotes = self._quotes(start, sentence.end)
        offset, stop = words_between(self._words, start, sentence.end)
        words = self._words[offset:stop]
        # What is asked is not told.
        asked = low.rstrip(" »”\"'").endswith("?") and not quotes
        drafts = (
            [] if asked else self._assemble(words, offset, low, start, sentence.end, has_quotes=bool(quotes))
        )
        # "It was published on Tuesday" speaks on of what was spoken of.
        goes_on = self._has_topic and bool(words) and words[0].low in _GO_ON
        self._has_topic = goes_on or self._subjects.speaks_of_posts(words)
        drafts = sorted([*drafts, *quotes], key=lambda draft: (draft.start, draft.end, draft.kind))
        return [self._recorder.record(draft) for draft in drafts]

    def _assemble(
        self, words: list[Word], offset: int, low: str, start: int, end: int, *, has_quotes: bool
    ) -> list[Draft]:
        lang = self._lang
        if not words:
            return []
        # 1. What has a length, what has a time; their words count nothing else.
        lengths = find_lengths(words, lang, self._has_topic)
        taken = {index for length in lengths for index in range(length.first, length.after)}
        times = []
        for phrase in self._times[_after(self._time_starts, start) : _after(self._time_starts, end)]:
            inside = range(*words_between(words, phrase.start, phrase.end))
            if taken.isdisjoint(inside):
                times.append(phrase)
        for phrase in times:
            taken.update(range(*words_between(words, phrase.start, phrase.end)))
        # 2. Numbers and happenings, without those that are only wished, feared or demanded.
        quantities = find_quantities(words, lang, taken, self._last_unit)
        counters = [item.unit for item in quantities if item.kind in _COUNTERS]
        self._last_unit = counters[-1] if counters else self._last_unit
        quantities = [item for item in quantities if not is_unreal(words, item.first, item.after, lang)]
        events = find_events(words, low, lang, self._has_topic)
        events = [event for event in events if not is_unreal(words, event.at, event.at + 1, lang)]
        # 3. Each with its time, and what is left of the times by itself.
        ascribed = find_attribution(words, self._speakers, lang)
        belongs = attach_times(words, quantities, events, times)
        drafts = [
            self._counted(words, offset, item, belongs.get(("quantity", index)), ascribed)
            for index, item in enumerate(quantities)
        ]
        drafts += [self._lasting(words, offset, length, ascribed) for length in lengths]
        drafts += [
            self._happened(words, offset, event, belongs.get(("event", index)), ascribed)
            for index, event in enumerate(events)
        ]
        used = {phrase.start for phrase in belongs.values()}
        for phrase in times:
            at = words_between(words, phrase.start, phrase.end)[0]
            if phrase.start not in used and not phrase.is_future and not is_unreal(words, at, at + 1, lang):
                drafts.append(self._dated(words, offset, at, phrase, ascribed))
        # 4. A statement in which nothing can be counted, dated or found.
        if not drafts and not has_quotes and ascribed is not None:
            drafts = self._told(words, offset, ascribed)
        return drafts

    def _counted(
        self, words: list[Word], offset: int, item: Found, phrase: Phrase | None, ascribed: Ascribed | None
    ) -> Draft:
        marks = item.marks
        if is_modal(words, item.first, self._lang):
            marks = (*marks, "modal")
        mention = self._subjects.of(item.kind, offset + item.first, offset, offset + len(words))
        quantity = Quantity(
            item.lo, item.hi, item.comparator, item.unit, item.granule, item.rules[0], item.noun or None
        )
        return Draft(
            kind=item.kind,
            start=item.start,
            end=item.end,
            text=stated(_subject_text(mention), item.comparator, item.lo, item.hi, item.unit),
            rules=item.rules,
            link=_link(ascribed, item.first),
            mention=mention,
            channel=self._subjects.channel(item.start),
            quantity=None if item.unread else quantity,
            phrase=phrase,
            as_of=self._as_of(phrase) if item.kind in _COUNTERS else None,
            is_denied="cmp.not_even" not in item.rules and _is_denied(words, item.first),
            vague=marks,
            unread=item.unread,
        )

    def _lasting(self, words: list[Word], offset: int, length: Length, ascribed: Ascribed | None) -> Draft:
        start, end = words[length.first].start, words[length.after - 1].end
        mention = self._subjects.following(offset + length.after) or self._subjects.of(
            "duration", offset + length.first, offset, offset + len(words)
        )
        quantity = Quantity(
            length.seconds, length.seconds, length.comparator, "seconds", length.granule, length.rules[0]
        )
        text = stated(_subject_text(mention), length.comparator, length.seconds, length.seconds, "seconds")
        return Draft(
            kind="duration",
            start=start,
            end=end,
            text=text,
            rules=length.rules,
            link=_link(ascribed, length.first),
            mention=mention,
            channel=self._subjects.channel(start),
            quantity=quantity,
            is_denied=_is_denied(words, length.first),
            about="media",
        )

    def _happened(
        self, words: list[Word], offset: int, event: Event, phrase: Phrase | None, ascribed: Ascribed | None
    ) -> Draft:
        start, end = self._clause(words, event.first, event.after, phrase)
        kind = "existence" if event.kind == "published" and phrase is None else event.kind
        mention = self._subjects.of(kind, offset + event.at, offset, offset + len(words))
        if kind == "label":
            mention = self._subjects.object_of(offset + event.at) or mention
        return Draft(
            kind=kind,
            start=start,
            end=end,
            text=shortened(self._plain.text[start:end]),
            rules=(event.rule,),
            link=_link(ascribed, event.at),
            mention=mention,
            channel=self._subjects.channel(start),
            quantity=Quantity(0, 0, "exact", "posts", 1, event.rule) if kind == "posts" else None,
            phrase=phrase,
            as_of=self._as_of(phrase) if kind == "label" else None,
            is_denied=event.is_denied,
            vague=event.marks,
            label=event.label,
            authority=event.authority,
        )

    def _dated(
        self, words: list[Word], offset: int, at: int, phrase: Phrase, ascribed: Ascribed | None
    ) -> Draft:
        start, end = self._clause(words, at, at + 1, phrase)
        return Draft(
            kind="date",
            start=start,
            end=end,
            text=shortened(self._plain.text[start:end]),
            rules=(phrase.why,),
            link=_link(ascribed, at),
            mention=self._subjects.of("date", offset + at, offset),
            channel=self._subjects.channel(start),
            phrase=phrase,
            is_denied=_is_denied(words, at),
        )

    def _told(self, words: list[Word], offset: int, ascribed: Ascribed) -> list[Draft]:
        """What someone is said to have said, kept as one claim."""
        speaker, at = ascribed.link.speaker, ascribed.at
        if speaker is None or (speaker.name is None and speaker.kind == "pronoun") or len(words) < 6:
            return []
        if (
            is_unreal(words, at, at + 1, self._lang)
            or is_modal(words, at, self._lang)
            or _is_denied(words, at)
        ):
            return []
        start, end = words[0].start, words[-1].end
        return [
            Draft(
                kind="other",
                start=start,
                end=end,
                text=shortened(self._plain.text[start:end]),
                rules=("claim.told",),
                link=(ascribed.link,),
                mention=self._subjects.of("other", offset + len(words), offset),
                channel=self._subjects.channel(start),
            )
        ]

    def _quotes(self, start: int, end: int) -> list[Draft]:
        drafts = []
        for item in self._said[_after(self._said_starts, start) : _after(self._said_starts, end)]:
            if item.role != "speech":
                continue
            span, text = item.span, self._plain.text
            inside = text[span.inner_start : span.inner_end]
            said = inside.strip()
            first = span.inner_start + len(inside) - len(inside.lstrip())
            speaker = mention_of(item.speaker)
            to = Mention(item.to, "outlet", span.end, span.end) if item.to else None
            who = (speaker.name or speaker.text) if speaker else None
            drafts.append(
                Draft(
                    kind="quote",
                    start=first,
                    end=first + len(said),
                    text=shortened(f"{who}: {said}" if who else said),
                    rules=(item.rule,),
                    link=(AttributionLink(item.mode, speaker, item.cue, to),),
                    mention=speaker,
                    vague=("few words",) if item.weak else (),
                    quote=said,
                )
            )
        return drafts

    def _clause(self, words: list[Word], first: int, after: int, phrase: Phrase | None) -> tuple[int, int]:
        """The characters of the clause around some words: their phrase of time taken in, no quotation cut in two."""
        if phrase is not None:
            begin, stop = words_between(words, phrase.start, phrase.end)
            first, after = min(first, begin), max(after, stop)
        low, high = max(0, first - _WIDEST_CLAUSE), min(len(words), after + _WIDEST_CLAUSE)
        while first > low and words[first - 1].low not in {",", ";", ":", "—", "(", "»", "”"}:
            first -= 1
        while after < high and words[after].low not in {",", ";", ":", "—", ")", "!", "?", "…"}:
            after += 1
        if after == len(words) and words[after - 1].low == "." and after - 1 > first:
            after -= 1
        start, end = words[first].start, words[after - 1].end
        at = _after(self._said_starts, end)
        for item in self._said[max(0, at - 8) : at]:
            if item.span.start < end < item.span.end:
                end = item.span.end
            if item.span.start < start < item.span.end:
                start = item.span.start
        return start, end

    def _as_of(self, phrase: Phrase | None) -> Window | None:
        if phrase is not None:
            return Window("stated", phrase.readings)
        published = self._published
        return Window("published", (), published.lo, published.hi) if published else None


def _after(starts: list[int], place: int) -> int:
    """How many begin before a place."""
    return bisect_right(starts, place - 1)


def _subject_text(mention: Mention | None) -> str | None:
    return (mention.name or mention.text) if mention else None


def _link(ascribed: Ascribed | None, at: int) -> tuple[AttributionLink, ...]:
    return (ascribed.link,) if ascribed is not None and at >= ascribed.first else ()


def _is_denied(words: list[Word], at: int) -> bool:
    """Whether the verb before is denied: "has not reached 25,000 views"."""
    for index in range(at - 1, max(-1, at - 6), -1):
        low = words[index].low
        if low in {",", ";", "—", "and", "but", "и", "но", "а"}:
            return False
        if low in {"not", "never", "не"} or low.endswith("n't"):
            return words[index + 1].low not in {"only", "только", "just"}
    return False
