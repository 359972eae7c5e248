"""Holds quotations against posts and transcripts: found letter by letter or nearly, and never contradicted."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from holdfast.reports.check.matching import Match, Prepared, best_match, departures, prepare, script_of
from holdfast.reports.check.outcome import Context, Outcome
from holdfast.reports.check.subjects import post_candidates
from holdfast.reports.claim import Claim, Mention, SubjectCandidate
from holdfast.reports.evidence import PostAt, Words, unix
from holdfast.reports.extract import read_language
from holdfast.reports.resolve.naming import stands_in
from holdfast.reports.resolve.posts import media_of
from holdfast.reports.transcripts import transcript_words
from holdfast.reports.verdict import TRUE, UNKNOWN, Checked, Passage, Pointer
from holdfast.search.folding import any_keys
from holdfast.search.words import words

__all__ = ["QuoteChecker"]

SURE_WORDS = 40
"""Percent: below it a transcript's own confidence is too low to hold a quotation against it."""
_PASSAGES = 3
_PASSAGE_WORDS = 40


class _Source(msgspec.Struct, frozen=True):
    words: Words
    prepared: Prepared
    candidate: SubjectCandidate
    lang: str


class QuoteChecker:
    """Looks for quotations in the texts of a report's channels; opens each text once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._sources: list[_Source] | None = None
        self._recordings: list[tuple[PostAt, SubjectCandidate, bool]] = []

    def check(self, claim: Claim) -> Checked:
        """Supported where the words stand in a post or transcript of a claimed source; else not checkable, with the passages to look at."""
        outcome = Outcome(claim)
        quote = claim.quote or ""
        if not words(quote):
            return outcome.not_checkable("opinion or vague", "there are no words between the quotation marks")
        sources = self._all_sources()
        if not sources and not self._recordings:
            return outcome.not_checkable(
                "private speech" if _is_private(claim) else "no subject",
                "no post of a channel that the report names was captured before it",
                None if _is_private(claim) else "captures of the channel that is quoted",
            )
        script = script_of(quote)
        speaker = _named_speaker(claim)
        own = {each.id for each in self.context.finder.by(speaker)} if speaker is not None else set()
        best: tuple[Match, _Source] | None = None
        for source in sources:
            if script_of(source.words.text) != script:
                continue
            found = best_match(quote, source.prepared)
            if best is None or _rank(found, source, own) > _rank(*best, own):
                best = found, source
        if best is None or best[0].how == "none":
            return self._not_found(outcome, claim, quote, script, best)
        if speaker is not None and not self._is_by(speaker, own, best[1]):
            return self._of_another(outcome, speaker, *best)
        return self._found(outcome, quote, *best)

    # -- whose words ------------------------------------------------------------------------------

    def _is_by(self, speaker: Mention, own: set[str], source: _Source) -> bool:
        """Whether the one who is said to speak is the channel, or is named where the words stand."""
        channel = source.candidate.id.partition("/")[0]
        if own:
            return channel in own
        told = [each.words.text for each in self._all_sources() if each.candidate.id == source.candidate.id]
        return any(stands_in(speaker.name or speaker.text, text) for text in told)

    def _of_another(self, outcome: Outcome, speaker: Mention, match: Match, source: _Source) -> Checked:
        passage = source.words.text[match.start : match.end]
        pointer = _pointer(source.words, match.start, match.end)
        outcome.subject = [source.candidate]
        outcome.passages.append(Passage(passage, match.score, pointer))
        return outcome.not_checkable(
            "ambiguous subject",
            f"the words stand there, but nothing there shows that {speaker.name} says them",
            "a caption or the words of a recording that name who speaks",
        )

    # -- found ------------------------------------------------------------------------------------

    def _found(self, outcome: Outcome, quote: str, match: Match, source: _Source) -> Checked:
        passage = source.words.text[match.start : match.end]
        pointer = _pointer(source.words, match.start, match.end)
        outcome.subject = [source.candidate]
        outcome.passages.append(Passage(passage, match.score, pointer))
        choice = (("subject", source.candidate.id),)
        sure = source.words.confidence
        where = "the transcript of the recording" if source.words.is_transcript else "the post"
        if source.words.is_transcript and sure is not None and sure < SURE_WORDS:
            outcome.read(UNKNOWN, choice, [pointer], reason="low transcript confidence")
            outcome.detail = f"the words may stand in {where}, whose own confidence is {sure} %"
            outcome.settle = "a transcript that a person has corrected"
            return outcome.conclude()
        changed = departures(quote, passage) if match.how == "close" else []
        if changed:
            outcome.notes += changed
            outcome.read(UNKNOWN, choice, [pointer], reason="tolerance grey zone")
            outcome.detail = f"nearly these words stand in {where}, but {', '.join(changed)}"
            outcome.settle = "a person's look at the passage beside the quotation"
            return outcome.conclude()
        if match.far:
            outcome.notes.append("its parts stand far apart: they were joined")
        if len(words(quote)) <= 3:
            outcome.notes.append("so few words are easily found anywhere")
        outcome.read(
            TRUE, choice, [pointer], strength="exact point" if match.how == "verbatim" else "fuzzy quote"
        )
        outcome.detail = f"{match.how}: the words stand in {where}"
        outcome.notes.append("this shows that the words stand there, not that they are true, nor who speaks")
        if source.words.is_transcript:
            outcome.assume(
                "transcript", "the transcript is somebody's reading of the recording, sealed as it was given"
            )
        return outcome.conclude()

    # -- not found --------------------------------------------------------------------------------

    def _not_found(
        self, outcome: Outcome, claim: Claim, quote: str, script: str, best: tuple[Match, _Source] | None
    ) -> Checked:
        sources = self._all_sources()
        if _is_private(claim):
            return outcome.not_checkable(
                "private speech", "it was said to somebody; the archive holds what was published"
            )
        outcome.subject = [candidate for _, candidate, _ in self._recordings][:3]
        foreign = [source for source in sources if script_of(source.words.text) != script]
        heard = [each for each in self._recordings if each[2]]
        if self._recordings and not heard and not _is_written(claim):
            return outcome.not_checkable(
                "no transcript",
                "there is a recording that may hold these words, but nobody sealed what is said in it",
                f"a transcript of {self._recordings[0][1].id}: `holdfast check … --transcript {self._recordings[0][1].id}=FILE.srt`",
            )
        if foreign and (best is None or not self._is_spoken_in(script, heard)):
            outcome.passages += _to_look_at(quote, foreign)
            return outcome.not_checkable(
                "language gap",
                "it is quoted in another language than it was said in; the passages that come nearest are beside it",
                "a person who reads both, and their word on the passage",
            )
        if best is not None and best[0].score:
            match, source = best
            outcome.passages.append(
                Passage(
                    source.words.text[match.start : match.end],
                    match.score,
                    _pointer(source.words, match.start, match.end),
                )
            )
        return outcome.not_checkable(
            "coverage unknown",
            "the words were not found; they may stand elsewhere, or have been said off the platform",
            "captures of all that the source published before the report, with transcripts",
        )

    def _is_spoken_in(self, script: str, heard: Sequence[tuple[PostAt, SubjectCandidate, bool]]) -> bool:
        """Whether what is quoted was published in the script of the quotation at all: a transcript, or most of the posts."""
        sources = self._all_sources()
        spoken = [source for source in sources if source.words.is_transcript] if heard else sources
        same = sum(script_of(source.words.text) == script for source in spoken)
        return same * 2 > len(spoken)

    # -- what there is to look in -----------------------------------------------------------------

    def _all_sources(self) -> list[_Source]:
        """The texts and transcripts of the channels that the report names, up to the report."""
        if self._sources is not None:
            return self._sources
        context, self._sources = self.context, []
        last = unix(context.published.hi) if context.published is not None else None
        seen = set()
        for spot in context.finder.spots:
            if spot.channel in seen:
                continue
            seen.add(spot.channel)
            channel = context.finder.ids[spot.channel]
            posts = context.view.posts(spot.channel, None, last)
            by_number = {str(post.post): post for post in posts}
            for text in context.view.texts(spot.channel, posts):
                self._add(
                    text,
                    SubjectCandidate(
                        f"{channel}/{text.pointer.post}", f"{spot.how}: {spot.text}", spot.score
                    ),
                )
            for text in transcript_words(context.view, spot.channel, posts):
                self._add(
                    text,
                    SubjectCandidate(
                        f"{channel}/{text.pointer.post}", f"{spot.how}: {spot.text}", spot.score
                    ),
                )
            with_transcript = {
                source.words.pointer.post for source in self._sources if source.words.is_transcript
            }
            self._recordings += self._recordings_of(by_number, with_transcript)
        return self._sources

    def _recordings_of(
        self, posts: dict[str, PostAt], with_transcript: set[str | None]
    ) -> list[tuple[PostAt, SubjectCandidate, bool]]:
        """The recordings that the report speaks of, and whether there is a transcript of each."""
        found: dict[str, tuple[PostAt, SubjectCandidate, bool]] = {}
        for claim in self.context.claims:
            if claim.kind not in ("existence", "published", "views", "duration") or media_of(claim) not in (
                "video",
                "voice",
            ):
                continue
            candidates = post_candidates(self.context, claim, Outcome(claim))
            if len(candidates) != 1:
                continue
            post, candidate = candidates[0]
            if str(post.post) in posts:
                found[candidate.id] = post, candidate, str(post.post) in with_transcript
        return [found[each] for each in sorted(found)]

    def _add(self, text: Words, candidate: SubjectCandidate) -> None:
        assert self._sources is not None
        lang = text.lang or read_language(text.text)
        self._sources.append(_Source(text, prepare(text.text), candidate, lang))


_WROTE = re.compile(r"(?:wr[oi]te|written|writing|post(?:s|ed)?\b|пис|напис|пиш)", re.IGNORECASE)
_RANK = {"none": 0, "close": 1, "verbatim": 2}


def _rank(match: Match, source: _Source, own: set[str]) -> tuple[int, bool, int, int]:
    """What makes a place the one that is quoted: how it matches, then that its channel is said to speak."""
    return _RANK[match.how], source.candidate.id.partition("/")[0] in own, match.score, match.lead


def _named_speaker(claim: Claim) -> Mention | None:
    """Who is said to speak, where a name is known; the words of a role ("a soldier") name nobody."""
    speaker = claim.attribution[0].speaker if claim.attribution else None
    return speaker if speaker is not None and speaker.name else None


def _is_private(claim: Claim) -> bool:
    """Whether words were said to somebody: an outlet, a person, not to the public of a channel."""
    return any(
        link.to is not None and link.to.kind not in ("channel", "post", "platform")
        for link in claim.attribution
    )


def _is_written(claim: Claim) -> bool:
    """Whether the words are said to have been written: then no recording holds them."""
    return any(link.cue is not None and _WROTE.match(link.cue) for link in claim.attribution)


def _pointer(source: Words, start: int, end: int) -> Pointer:
    """A pointer to a stretch of a text; of a transcript, with the time range of the recording."""
    pointer = msgspec.structs.replace(source.pointer, offset=source.pointer.offset)
    inside = [each for at, each in enumerate(source.times) if _overlaps(source, at, start, end)]
    if inside:
        pointer = msgspec.structs.replace(pointer, media_start_ms=inside[0][1], media_end_ms=inside[-1][2])
    return pointer


def _overlaps(source: Words, at: int, start: int, end: int) -> bool:
    begin = source.times[at][0]
    stop = source.times[at + 1][0] if at + 1 < len(source.times) else len(source.text)
    return begin < end and start < stop


def _to_look_at(quote: str, sources: Sequence[_Source]) -> list[Passage]:
    """The passages of texts in another script that share most names and numbers with a quotation; transcripts first."""
    wanted = {
        key: word
        for word in words(quote)
        for key in any_keys(word)
        if len(word) > 4 or any(map(str.isdigit, word))
    }
    found: list[Passage] = []
    for source in sources:
        forms, spans = source.prepared.forms, source.prepared.spans
        for at in range(0, len(forms), _PASSAGE_WORDS // 2):
            window = forms[at : at + _PASSAGE_WORDS]
            matched = tuple(
                dict.fromkeys(form for form in window if any(key in wanted for key in any_keys(form)))
            )
            if not matched and not source.words.is_transcript:
                continue
            start, end = spans[at][0], spans[min(at + _PASSAGE_WORDS, len(spans)) - 1][1]
            score = min(100, 100 * len(matched) // max(1, len(words(quote))))
            found.append(
                Passage(source.words.text[start:end], score, _pointer(source.words, start, end), matched)
            )
    return sorted(
        found, key=lambda each: (-len(each.matched), each.pointer.media_start_ms is None, each.pointer.entry)
    )[:_PASSAGES]
