"""Finds the words for what a claim is about: the video, the channel, "it"."""

from __future__ import annotations

from bisect import bisect_right

from holdfast.reports.claim import Mention
from holdfast.reports.extract.events import MEDIA_WORD
from holdfast.reports.extract.names import Name, is_channel_word
from holdfast.reports.extract.words import Word

__all__ = ["Subjects"]

_PRONOUNS = frozenset(
    "it its this he she his her their they who which который которая которое которые него нее него ней он она оно его ее их".split()
)
_OF = frozenset("of about from на о об из для против про".split())
_PASSIVE = frozenset("was were been being is are be".split())
_CHANNEL_KINDS = frozenset({"followers", "posts", "label"})
_REACH = 60
_SENTENCE_REACH = 200
"""Words. What a sentence is about is not looked for further back: no writer's sentence is longer, a hostile one is."""


class Subjects:
    """The posts and channels that a report speaks of, in order."""

    def __init__(self, text: str, words: list[Word], names: list[Name], lang: str) -> None:
        self._text = text
        self._words = words
        self._names = names
        self._name_starts = [name.start for name in names]
        self._media = MEDIA_WORD["en" if lang == "en" else "ru"]

    def of(self, kind: str, at: int, first: int, after: int | None = None) -> Mention | None:
        """The fitting words nearest to the word `at`: of its own sentence (from `first` to `after`), then of those before, then after it.

        What is published follows its verb ("posted a photo"), unless it was published ("the video was posted").
        """
        first = max(first, at - _SENTENCE_REACH)
        stop = min(len(self._words), at + 10, after if after is not None else at + 10)
        if kind in {"published", "existence"} and not self._is_passive(at):
            # "A parody of the video" is no video.
            near = next(
                (n for n in range(at, stop) if self._words[n].kind == "sign" or self._words[n].low in _OF),
                stop,
            )
            found = self._forward(kind, at, near)
            if found is not None:
                return found
        found = self._back(kind, at, first) or self._forward(kind, at, stop)
        if found is not None:
            return found
        pronoun = self._pronoun(at, first)
        return self._back(kind, first, max(0, at - _REACH)) or pronoun

    def _is_passive(self, at: int) -> bool:
        """ "was posted", "has been posted"; an adverb may stand between."""
        return any(word.low in _PASSIVE for word in self._words[max(0, at - 2) : at])

    def _back(self, kind: str, at: int, first: int) -> Mention | None:
        fits_channel = kind in _CHANNEL_KINDS
        for index in range(at - 1, first - 1, -1):
            word = self._words[index]
            if word.kind in {"user", "url"} and fits_channel:
                return Mention(word.raw, "channel", word.start, word.end, word.raw)
            if word.kind != "word":
                continue
            if is_channel_word(word.low) and (fits_channel or kind in {"disappearance", "edit"}):
                return self._named(index, "channel")
            if not fits_channel and self._media.match(word.low):
                return self._named(index, "post")
        return None

    def _forward(self, kind: str, at: int, stop: int) -> Mention | None:
        fits_channel = kind in _CHANNEL_KINDS
        for index in range(at, stop):
            word = self._words[index]
            if word.kind == "word" and (
                is_channel_word(word.low) if fits_channel else self._media.match(word.low)
            ):
                return self._named(index, "channel" if fits_channel else "post")
        return None

    def _pronoun(self, at: int, first: int) -> Mention | None:
        for word in reversed(self._words[first:at]):
            if word.kind == "word" and word.low in _PRONOUNS:
                return Mention(word.raw, "pronoun", word.start, word.end)
        return None

    def following(self, index: int) -> Mention | None:
        """The noun of a post that comes right after, adjectives between: "nine-minute-long video"."""
        for at in range(index, min(len(self._words), index + 4)):
            if self._words[at].kind != "word":
                return None
            if self._media.match(self._words[at].low):
                return self._named(at, "post")
        return None

    def speaks_of_posts(self, words: list[Word]) -> bool:
        """Whether some words name a post, a video or a channel."""
        return any(
            word.kind == "word" and (self._media.match(word.low) or is_channel_word(word.low))
            for word in words
        )

    def channel(self, place: int) -> Mention | None:
        """The channel named last before a place of the text, or first after it in the same stretch."""
        index = bisect_right(self._name_starts, place)
        for name in reversed(self._names[max(0, index - 40) : index]):
            if name.kind == "channel":
                near = place - name.end < 240
                return Mention(name.text, "channel", name.start, name.end, name.text, 90 if near else 60)
        for name in self._names[index : index + 6]:
            if name.kind == "channel" and name.start - place < 160:
                return Mention(name.text, "channel", name.start, name.end, name.text, 75)
        return None

    def _apart(self, start: int, end: int) -> bool:
        """Whether more than a space or a quotation mark lies between."""
        return any(
            sign not in " «»“”\"'’" for sign in self._text[start:end].replace("’s", "").replace("'s", "")
        )

    def object_of(self, at: int) -> Mention | None:
        """The name that comes within three words after a verb: "labelled Blue Barn a …"."""
        stop = self._words[min(at + 4, len(self._words) - 1)].start
        place = self._words[at].end
        index = bisect_right(self._name_starts, place - 1)
        for name in self._names[index : index + 2]:
            if name.start <= stop and name.kind not in {"platform", "place"}:
                return Mention(name.text, name.kind, name.start, name.end, name.text, 85)
        return None

    def _named(self, index: int, kind: str) -> Mention:
        """The noun with the name that touches it, if one does."""
        word = self._words[index]
        at = bisect_right(self._name_starts, word.start)
        for name in self._names[max(0, at - 2) : at + 2]:
            gap = name.start - word.end if name.start >= word.end else word.start - name.end
            if self._apart(min(word.end, name.end), max(word.start, name.start)):
                continue
            if 0 <= gap <= 4 and (name.kind in {"channel", "organisation", "other", "person"}):
                start, end = min(word.start, name.start), max(word.end, name.end)
                between = (
                    word.raw + " " + name.text if name.start > word.start else name.text + " " + word.raw
                )
                return Mention(between, kind, start, end, name.text, 90)
        return Mention(word.raw, kind, word.start, word.end)
