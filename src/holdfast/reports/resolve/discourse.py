"""Follows which channel a report is speaking of, sentence by sentence, and when it speaks of another one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence

import msgspec

from holdfast.reports.claim import Claim, Mention
from holdfast.reports.extract.cues import is_verb_like
from holdfast.reports.extract.events import MEDIA_WORD
from holdfast.reports.extract.names import find_names
from holdfast.reports.extract.plain import Plain, read_plain
from holdfast.reports.extract.quotation import Quoted, find_quoted, masked
from holdfast.reports.extract.sentences import cut_sentences, language_of
from holdfast.reports.extract.words import cut_words
from holdfast.reports.resolve.naming import core_words
from holdfast.reports.resolve.spotting import Spot

__all__ = ["ELSEWHERE", "HERE", "SPELLED", "Binding", "Discourse"]

SPELLED = 95
"""From this score on a spelling is surely that of the channel."""
FAR = 900
"""Characters after which "the channel" is not surely the one that was named last."""

ELSEWHERE = re.compile(
    r"(?<!\w)(?:youtube|ютуб\w*|ютьюб\w*|tik[- ]?tok|тик-?ток\w*|instagram|инстаграм\w*|facebook|фейсбук\w*|twitter|твиттер\w*|vkontakte|vk\.com|"
    r"вконтакте|вк|rutube|рутуб\w*|whatsapp|reddit|linkedin|twitch|одноклассник\w*|livejournal)(?!\w)",
    re.IGNORECASE,
)
HERE = re.compile(r"telegram|телеграм|t\.me/|(?<!\w)тг(?!\w)", re.IGNORECASE)
_CHANNEL = r"(?:telegram[ -]|телеграм-|тг-)?(?:channels?|канал(?:а|у|ом|е|ы|ов|ам|ах)?|паблик\w{0,3})"
_BESIDE = r"(?:chats?|chatrooms?|bots?|pages?|accounts?|groups?|blogs?|чат(?:а|у|ом|е|ы|ов)?|бот(?:а|у|ом|е|ы|ов)?|страниц\w{1,3}|аккаунт\w{0,3}|групп\w{1,3})"
_WORDS = r"(?:[^\s.;:!?]+\s+){0,4}?"
_INDEFINITE = re.compile(
    rf"(?<!\w)(?:an?|one|some|any|every|most|many|several|two|three|other|один|одного|одном|некий|некоего|какой-то|любой|каждый)\s+{_WORDS}(?:{_CHANNEL}|{_BESIDE})(?!\w)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[\s,:—–«“\"„(]*(?:called|named|titled|под названием)?[\s«“\"„]*", re.IGNORECASE)
_OTHER = re.compile(
    rf"(?<!\w)(?:another|other|(?:a\s+|the\s+)?(?:rival|second|third|separate|different|similar|competing|unrelated|anonymous|fan|fake|new)|друг(?:ой|ого|ому|им|ом|ие|их)|ещ[её]\s+один|ещ[её]\s+одного|"
    rf"чуж(?:ой|ого)|втор(?:ой|ого|ому|ым|ом)|трет(?:ий|ьего)|отдельн(?:ый|ого)|похож(?:ий|его)|анонимн(?:ый|ого)|конкурирующ(?:ий|его)|фанатск(?:ий|ого))\s+{_WORDS}{_CHANNEL}(?!\w)",
    re.IGNORECASE,
)
_RIVAL = re.compile(
    r"(?<!\w)(?:rivals?|competitors?|opponents?|namesakes?|clones?|copycats?|конкурент\w*|соперник\w*|оппонент\w*|двойник\w*|клон\w*)(?!\w)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?:[-–—•*]\s*)?\d{1,2}[:.]\d{2}(?![:.\d])")
_CLAUSE = re.compile(
    r"\s[—–-]\s|;|:\s|,\s(?:while|whereas|but|although|though|а|но|тогда как|хотя|в то время как)\s"
)
_OWNED = re.compile(
    rf"(?P<owner>[^\W\d_][\w-]*)[’']s?\s+{_WORDS}{_CHANNEL}(?!\w)|{_CHANNEL}\s+of\s+(?!\w+\s+(?:followers|subscribers|members))",
    re.IGNORECASE,
)
_GENITIVE = re.compile(rf"(?<!\w){_CHANNEL}\s+(?P<next>[а-яё-]+)", re.IGNORECASE)
_NO_GENITIVE = frozenset(
    "в во на с со к о об по за из от до для и или а но что как не также уже сейчас теперь тоже еще ещё сегодня вчера ныне всего лишь только снова больше более менее меньше около "
    "почти свыше примерно порядка был была было были есть нет удалили удален удалён заблокировали пометили где который которого котором которому которая доступен недоступен".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_BACK = re.compile(
    r"(?<!\w)(?:the|this|its|their|his|her|этот|это|эта|его|ее|её|их)\s+(?:[\w-]+\s+)?$", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"(?<!\w)(?:it|its|they|their|he|his|she|her|он|она|оно|они|его|ее|её|их|него|нее|неё|них|нем|ней|нём)(?!\w)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w’'])[A-ZА-ЯЁІЇЄҐ][\w-]*[\w](?:[’']s)?(?:\s+[A-ZА-ЯЁІЇЄҐ][\w-]*[\w])*")
_NO_NAME = frozenset(
    "the a an in on at by for with from as but and so if when while after before since it he she they we you i this that these those its his her their our my there here "
    "what who how why where no not now then today yesterday however meanwhile earlier later police according despite although over more than some nearly about only "
    "telegram телеграм youtube ютуб в во на с со к у о об по за из от до при для и а но или что как когда где это этот его её ее их он она оно они мы вы я у нее неё него них там тут здесь тогда потом после перед "
    "если хотя однако также уже еще сейчас сегодня вчера накануне всего более менее около почти свыше больше меньше "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december".split()
)


class Binding(msgspec.Struct, frozen=True):
    """What a claim speaks of: spots of our channels, best first. `is_sure`: nothing says that it may be another; `foreign`: it is
    surely none of ours; `why`, in words."""

    spots: tuple[Spot, ...] = ()
    is_sure: bool = False
    foreign: bool = False
    why: str = ""


class _Sentence(msgspec.Struct, frozen=True):
    start: int
    end: int
    text: str
    spots: tuple[Spot, ...]
    foreign: tuple[tuple[int, int], ...]
    """Places of words for channels that are none of those named; in the report's own characters."""


class Discourse:
    """The sentences of one report with the channels that they name."""

    def __init__(self, text: str, spots: Sequence[Spot]) -> None:
        self.text = text
        plain = read_plain(text)
        quoted = find_quoted(plain.text)
        named = _channels_named(plain, quoted)
        self._sentences: list[_Sentence] = []
        for each in cut_sentences(plain, quoted):
            start, end = plain.origin(each.start, each.end)
            inside = tuple(spot for spot in spots if start <= spot.start < end)
            others = [
                place
                for place in named
                if start <= place[0] < end
                and not any(spot.start < place[1] and place[0] < spot.end for spot in inside)
            ]
            said = text[start:end]
            foreign = tuple(sorted([*_foreign(said, start, inside), *others]))
            self._sentences.append(_Sentence(start, end, said, inside, foreign))
        self._starts = [each.start for each in self._sentences]

    def is_beside(self, place: int, other: int) -> bool:
        """Whether two places lie in one sentence."""
        return bisect_right(self._starts, place) == bisect_right(self._starts, other)

    def sentence_at(self, claim: Claim) -> tuple[int, int]:
        """Where a claim's sentence stands."""
        if not self._sentences:
            return claim.span.start, claim.span.end
        sentence = self._sentences[self._number(claim)]
        return sentence.start, max(sentence.end, claim.span.end)

    def spots_there(self, claim: Claim) -> tuple[Spot, ...]:
        """Our channels' names in a claim's sentence."""
        return self._sentences[self._number(claim)].spots if self._sentences else ()

    def _number(self, claim: Claim) -> int:
        return max(0, bisect_right(self._starts, claim.span.start) - 1)

    def is_of_chat(self, claim: Claim) -> bool:
        """Whether members are told that are those of a chat or page, not of a channel."""
        if claim.kind != "followers" or not self._sentences:
            return False
        start, _ = _clause(self._sentences[self._number(claim)], claim)
        return _is_beside(self.text[start : max(start, claim.span.start)])

    def binding(self, claim: Claim) -> Binding:
        """What a claim speaks of, by its own clause, its sentence, then by what was spoken of before."""
        if not self._sentences:
            return Binding()
        number = self._number(claim)
        sentence = self._sentences[number]
        start, end = _clause(sentence, claim)
        before = self.text[start : max(start, claim.span.start)]
        named = [spot for spot in sentence.spots if spot.end <= claim.span.start]
        lead = (
            self.text[max(start, self.text.rfind(",", start, named[-1].start) + 1) : named[-1].start]
            if named
            else ""
        )
        if named and _HAS.fullmatch(self.text[named[-1].end : claim.span.start]) and not _unknown_names(lead):
            return Binding((named[-1],), True)  # "Blue Meadow has 874"
        own = [spot for spot in sentence.spots if start <= spot.start < end]
        foreign = [each for each in sentence.foreign if start <= each[0] < min(end, claim.span.end)]
        mention = _inside(claim.mention, sentence.start, sentence.end)
        if own:
            return self._in_clause(claim, own, foreign, mention, before)
        if foreign:
            return Binding(foreign=True, why="another channel is meant")
        earlier = [spot for spot in sentence.spots if spot.start < start]
        if earlier:
            rows = {spot.channel for spot in earlier}
            spots = (earlier[-1],) if len(rows) == 1 else tuple(earlier)
            why = "" if len(rows) == 1 else "two channels are named there"
            return Binding(
                spots, not (why := why or _of_another(self.text, sentence, mention, spots)), why=why
            )
        stands_for = mention is None or mention.kind == "pronoun"
        if stands_for and _unknown_names(before):
            if not _PRONOUN.search(before):
                return Binding(foreign=True, why="somebody else is named")
            return self._spoken_of(number, claim, unsure="somebody else is named beside it")
        unsure = "another channel is named beside it" if sentence.spots or sentence.foreign else ""
        if mention is None and not _PRONOUN.search(before) and not _ANY_CHANNEL.search(before):
            unsure = unsure or "what has it is left out"
        return self._spoken_of(number, claim, unsure or _described(sentence.text))

    def _in_clause(
        self,
        claim: Claim,
        own: Sequence[Spot],
        foreign: Sequence[tuple[int, int]],
        mention: Mention | None,
        before: str,
    ) -> Binding:
        """What a claim speaks of whose clause names our channels: the one that is named last before it, or else the first after it."""
        nearest = ([spot for spot in own if spot.end <= claim.span.start] or [own[0]])[-1]
        # "Another channel, which Blue Meadow calls hostile, has 5,000 subscribers."
        if any(first < nearest.start for first, _ in foreign):
            return Binding(foreign=True, why="another channel is meant")
        around = self.text[max(0, own[0].start - 30) : own[-1].end + 60]
        rest = before
        for spot in own:
            rest = rest.replace(spot.text, " ")
        why = ""
        if len({spot.channel for spot in own}) > 1:
            why = "two channels are named there"
        elif _RIVAL.search(around):
            why = "it may be said of a rival"
        elif mention is None and _unknown_names(rest):
            why = "somebody else is named there"
        elif _OWNED.search(rest):
            why = "a channel is told there by whose it is"
        else:
            why = _of_another(self.text, self._sentences[self._number(claim)], mention, (nearest,))
        return Binding((nearest,), not why, why=why)

    def _spoken_of(self, number: int, claim: Claim, unsure: str) -> Binding:
        """The channel of the sentences before."""
        for at in range(number - 1, -1, -1):
            earlier = self._sentences[at]
            if _ITEM.match(self.text, self._sentences[at + 1].start):
                break  # each entry of a running report begins anew
            rows = {spot.channel for spot in earlier.spots if spot.score >= SPELLED}
            if not earlier.spots and not earlier.foreign:
                continue
            if ELSEWHERE.search(earlier.text) and not HERE.search(earlier.text):
                return Binding(foreign=True, why="another platform was spoken of last")
            if not earlier.spots:
                return Binding(foreign=True, why="another channel was spoken of last")
            near = claim.span.start - earlier.end < FAR
            alone = len({spot.channel for spot in earlier.spots}) == 1 and not earlier.foreign
            spots = (
                earlier.spots[:1] if alone else tuple({spot.channel: spot for spot in earlier.spots}.values())
            )
            return Binding(spots, bool(rows) and alone and near and not unsure, why=unsure)
        return Binding(why=unsure)


def _channels_named(plain: Plain, quoted: list[Quoted]) -> list[tuple[int, int]]:
    """Where channels are named, known to the archive or not; in the report's own characters."""
    low, blanked = masked(plain.low, quoted), masked(plain.text, quoted)
    names = find_names(plain.text, cut_words(plain, low), quoted, blanked, language_of(plain))
    return [plain.origin(each.start, each.end) for each in names if each.kind == "channel"]


def _foreign(said: str, offset: int, spots: Collection[Spot]) -> tuple[tuple[int, int], ...]:
    """Words for channels that are none of ours: of another platform, "another channel", "a rival channel" where none of our names follows."""
    found: list[tuple[int, int]] = []
    if not HERE.search(said):
        found += [(match.start() + offset, match.end() + offset) for match in ELSEWHERE.finditer(said)]
    for pattern in (_OTHER, _INDEFINITE):
        for match in pattern.finditer(said):
            first, last = match.start() + offset, match.end() + offset
            if any(
                first <= spot.start and _NAMED.fullmatch(said[last - offset : spot.start - offset])
                for spot in spots
            ):
                continue  # "another channel, Blue Meadow, …": it is named
            if pattern is _INDEFINITE and any(spot.end <= first for spot in spots):
                continue  # "Blue Meadow, a residents' channel": it is described
            found.append((first, last))
    return tuple(found)


def _clause(sentence: _Sentence, claim: Claim) -> tuple[int, int]:
    """The part of a sentence that a claim stands in."""
    start, end = sentence.start, sentence.end
    for match in _CLAUSE.finditer(sentence.text):
        if match.start() + sentence.start <= claim.span.start:
            start = max(start, match.end() + sentence.start)
        elif match.start() + sentence.start >= claim.span.end:
            return start, match.start() + sentence.start
    return min(start, claim.span.start), end


def _of_another(text: str, sentence: _Sentence, mention: Mention | None, spots: Sequence[Spot]) -> str:
    """Why a post may be another's than the channel named beside it: the name stands nearer to another post of the sentence."""
    if mention is None or mention.kind != "post":
        return ""
    nouns = [
        match.start() + sentence.start
        for match in _WORD.finditer(sentence.text)
        if MEDIA_WORD["en"].match(match[0].lower()) or MEDIA_WORD["ru"].match(match[0].lower())
    ]
    for spot in spots:
        nearest = min(nouns, key=lambda at: _gap(text, at, spot), default=mention.start)
        if not mention.start <= nearest < mention.end and not _BACK.search(
            text, max(0, mention.start - 24), mention.start
        ):
            return "the channel is named beside another post"
    return ""


def _gap(text: str, at: int, spot: Spot) -> int:
    """How far a noun is from a name; a comma keeps them farther apart."""
    between = text[spot.end : at] if at >= spot.end else text[at : spot.start]
    return len(between) + 40 * sum(map(between.count, ",;—("))


def _inside(mention: Mention | None, start: int, end: int) -> Mention | None:
    return mention if mention is not None and start <= mention.start < end else None


_SUBJECT_OF = re.compile(
    r"\s+(?:now\s+|already\s+|also\s+|уже\s+|сейчас\s+)?(?:has|have|had|boasts|counts|имеет|насчитывает)(?!\w)|\s*\(",
    re.IGNORECASE,
)


def _unknown_names(said: str) -> bool:
    """Whether a name stands there. One capital word at the beginning is one only where it has what is counted: "Meduza has"."""
    for match in _NAME.finditer(said):
        words = [word for word in core_words(match[0]) if word not in _NO_NAME]
        if not words:
            continue
        inside = said[: match.start()].strip(" «“\"'—–-•*")
        if inside or len(words) > 1 or _SUBJECT_OF.match(said, match.end()):
            return True
    return False


def _described(said: str) -> str:
    """Why a channel that is told by whose it is need not be the one that was named."""
    owned = _OWNED.search(said)
    if owned is not None and (owned["owner"] or "").casefold() not in ("it", "that"):
        return "it is told by whose it is, not by its name"
    for match in _GENITIVE.finditer(said):
        word = match["next"].casefold()
        if word not in _NO_GENITIVE and not is_verb_like(word, "ru"):
            return "it is told by whose it is, not by its name"
    return ""


_HAS = re.compile(
    r"(?:[’']s)?[»”\"]?\s*(?:(?:now|already|only|currently|уже|сейчас|теперь|всего|лишь|только)\s+)?"
    r"(?:has|have|had|boasts|counts|numbers|имеет|насчитывает|есть|—|–|:)?\s*",
    re.IGNORECASE,
)
_CHAT_OF = re.compile(rf"(?<!\w){_BESIDE}(?:\s+(?:of|for)(?:\s+the)?)?\s+{_CHANNEL}(?!\w)", re.IGNORECASE)
_CHAT = re.compile(rf"(?<!\w){_BESIDE}(?!\w)", re.IGNORECASE)
_ANY_CHANNEL = re.compile(rf"(?<!\w){_CHANNEL}(?!\w)", re.IGNORECASE)


def _is_beside(before: str) -> bool:
    """Whether members are those of a chat or page: one of the channel's, or one beside it."""
    if _CHAT_OF.search(before):
        return True
    return _CHAT.search(before) is not None and _ANY_CHANNEL.search(before) is None
