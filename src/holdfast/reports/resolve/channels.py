"""Finds which channel of the archive a claim speaks of."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import msgspec

from holdfast.reports.claim import Claim, Mention, SubjectCandidate
from holdfast.reports.resolve.aliases import Aliases
from holdfast.reports.resolve.naming import LIKELY, core_words, same_name
from holdfast.reports.resolve.spotting import ChannelName, Spot, spot_channels

__all__ = ["ChannelFinder", "Found", "sentence_of"]

_ELSEWHERE = re.compile(
    r"(?<!\w)(?:youtube|ютуб\w*|ютьюб\w*|tik[- ]?tok|тик-?ток\w*|instagram|инстаграм\w*|facebook|фейсбук\w*|twitter|твиттер\w*|vkontakte|vk\.com|"
    r"вконтакте|вк|rutube|рутуб\w*|whatsapp|reddit|linkedin|twitch|одноклассник\w*|livejournal)(?!\w)",
    re.IGNORECASE,
)
_HERE = re.compile(r"telegram|телеграм|t\.me/|(?<!\w)тг(?!\w)", re.IGNORECASE)
_NEAR = 120
ONLY_ONE, SPELLED = 80, 95


class Found(list[SubjectCandidate]):
    """The channels that a claim may speak of, best first; `vetoes` say why there are none."""

    def __init__(self, found: Sequence[SubjectCandidate] = (), vetoes: Sequence[str] = ()) -> None:
        super().__init__(found)
        self.vetoes = tuple(vetoes)


class ChannelFinder:
    """Knows where a report names the archive's channels. `ids`: the id of each channel by its number."""

    def __init__(
        self,
        text: str,
        names: Sequence[ChannelName],
        ids: dict[int, str],
        aliases: Aliases,
        extra: Sequence[str] = (),
    ) -> None:
        self.text, self.ids = text, ids
        of = {name.name.casefold(): name.channel for name in names}
        of |= {channel.casefold(): row for row, channel in ids.items()}
        known = [*names]
        for alias, channel in aliases.channels:
            row = of.get(channel.casefold().removeprefix("@"))
            if row is not None:
                known.append(ChannelName(row, alias, "alias"))
        self.names = known
        spots = spot_channels(text, known)
        self.spots = _linked(spots, {spot.channel for spot in spots if spot.score >= SPELLED})
        self.forced = [
            row for name in extra if (row := of.get(name.casefold().removeprefix("@"))) is not None
        ]

    def of(self, claim: Claim) -> Found:
        """The channels that a claim may speak of."""
        named = self._named(claim)
        own = sentence_of(self.text, claim)
        elsewhere = _ELSEWHERE.search(own) is not None
        if elsewhere and not _HERE.search(own):
            return Found((), ("another platform is named",))
        found = self._of(claim, named)
        if not elsewhere:
            return found
        # Both platforms stand in one sentence: nothing is to be contradicted by ours alone.
        unsure = [msgspec.structs.replace(each, score=min(each.score, SPELLED - 1)) for each in found]
        return Found(unsure, found.vetoes)

    def _of(self, claim: Claim, named: Sequence[Mention]) -> Found:
        around = self.text[max(0, claim.span.start - _NEAR) : claim.span.end + _NEAR]
        if (
            _ELSEWHERE.search(around)
            and not _HERE.search(around)
            and not any(self._spots_of(each) for each in named)
        ):
            return Found((), ("another platform is named",))
        spots: list[Spot] = []
        for mention in named:
            spots = self._spots_of(mention)
            if spots:
                break
        if not spots:
            for mention in named:
                spots = self._alike(mention)
                if spots:
                    break
        if spots:
            return Found(self._candidates(spots))
        certain = [
            each for each in named if each.confidence >= LIKELY and each.kind == "channel" and each.name
        ]
        if certain:
            return Found((), ("a channel of another name is meant",))
        rows = sorted({spot.channel for spot in self.spots})
        if not rows and self.forced:
            return Found([SubjectCandidate(self.ids[row], "named by the user", 100) for row in self.forced])
        if len(rows) == 1:
            return Found(
                [
                    SubjectCandidate(
                        self.ids[rows[0]], "the only channel of the archive that the report names", ONLY_ONE
                    )
                ]
            )
        return Found(self._candidates(self._nearest(claim)), ())

    def _named(self, claim: Claim) -> list[Mention]:
        mentions = [claim.mention, claim.channel]
        return [
            each
            for each in mentions
            if each is not None and each.kind in ("channel", "organisation") and each.name
        ]

    def _spots_of(self, mention: Mention) -> list[Spot]:
        """Names of ours that stand where a mention stands, or run into it."""
        return [
            spot
            for spot in self.spots
            if spot.start < mention.end and mention.start < spot.end + (2 if spot.end <= mention.start else 0)
        ]

    def _alike(self, mention: Mention) -> list[Spot]:
        """Our channels by a mention's name alone."""
        name = mention.name or mention.text
        if not core_words(name):
            return []
        found = []
        for each in self.names:
            likeness = same_name(name, each.name)
            if likeness.may_be_one:
                how = each.how if likeness.how == "same" else likeness.how
                found.append(Spot(mention.start, mention.end, each.channel, name, how, likeness.score))
        return _linked(found, {spot.channel for spot in self.spots if spot.score >= SPELLED})

    def _nearest(self, claim: Claim) -> list[Spot]:
        """The channel named last before a claim, in the same stretch of text."""
        before = [
            spot for spot in self.spots if spot.end <= claim.span.end and claim.span.start - spot.end < 600
        ]
        return before[-1:]

    def _candidates(self, spots: Sequence[Spot]) -> list[SubjectCandidate]:
        best: dict[int, Spot] = {}
        for spot in spots:
            if spot.channel not in best or spot.score > best[spot.channel].score:
                best[spot.channel] = spot
        ranked = sorted(best.values(), key=lambda spot: (-spot.score, self.ids[spot.channel]))
        # A name that is exactly one channel's is no other's that only resembles it.
        if ranked and ranked[0].score >= SPELLED:
            ranked = [spot for spot in ranked if spot.score >= SPELLED]
        return [
            SubjectCandidate(self.ids[spot.channel], f"{spot.how}: {spot.text}", spot.score)
            for spot in ranked
        ]


def _linked(spots: list[Spot], sure: Collection[int]) -> list[Spot]:
    """A spelling that is only close counts for more where the same report names the channel rightly too (`sure`)."""
    return [
        Spot(spot.start, spot.end, spot.channel, spot.text, "spelled otherwise here", SPELLED)
        if spot.score < SPELLED and spot.channel in sure
        else spot
        for spot in spots
    ]


def sentence_of(text: str, claim: Claim) -> str:
    """The sentence that a claim stands in, roughly: up to the full stops around it."""
    before = text[: claim.span.start]
    start = max(before.rfind(sign) for sign in (". ", "! ", "? ", "\n"))
    ends = [at for sign in (". ", "! ", "? ", "\n") if (at := text.find(sign, claim.span.end)) >= 0]
    return text[start + 1 : min(ends, default=len(text))]
