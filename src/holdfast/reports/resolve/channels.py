"""Finds which channel of the archive a claim speaks of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from holdfast.reports.claim import Claim, Mention, SubjectCandidate
from holdfast.reports.resolve.aliases import Aliases
from holdfast.reports.resolve.discourse import ELSEWHERE, HERE, SPELLED, Discourse
from holdfast.reports.resolve.naming import LIKELY, core_words, same_name
from holdfast.reports.resolve.spotting import UNSURE, ChannelName, Spot, spot_channels

__all__ = ["ChannelFinder", "Found", "sentence_of"]


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
        self.zones = {
            ids[row]: zone
            for channel, zone in aliases.zones
            if (row := of.get(channel.casefold().removeprefix("@"))) is not None
        }
        """The time zone of a channel's readers, by its id, as the user's table has it."""
        spots = spot_channels(text, known)
        self.spots = _linked(spots, {spot.channel for spot in spots if spot.score >= SPELLED})
        self._found: dict[str, Found] = {}
        self.discourse = Discourse(text, self.spots)
        self.forced = [
            row for name in extra if (row := of.get(name.casefold().removeprefix("@"))) is not None
        ]

    def of(self, claim: Claim) -> Found:
        """The channels that a claim may speak of."""
        if claim.id not in self._found:
            self._found[claim.id] = self._find(claim)
        return self._found[claim.id]

    def _find(self, claim: Claim) -> Found:
        named = self._named(claim)
        own = sentence_of(self.text, claim)
        elsewhere = ELSEWHERE.search(own) is not None
        if elsewhere and not HERE.search(own):
            return Found((), ("another platform is named",))
        found = self._of(claim, named)
        if not elsewhere:
            return found
        # Both platforms stand in one sentence: nothing is to be contradicted by ours alone.
        unsure = [msgspec.structs.replace(each, score=min(each.score, SPELLED - 1)) for each in found]
        return Found(unsure, found.vetoes)

    def by(self, mention: Mention) -> Found:
        """The channels that a mention names, none where it names somebody else."""
        return Found(self._candidates(self._spots_of(mention) or self._alike(mention)))

    def _of(self, claim: Claim, named: Sequence[Mention]) -> Found:
        if self.discourse.is_of_chat(claim):
            return Found((), ("a chat or page beside the channel is meant",))
        for mention in named:
            # The name that a claim's own words bear goes before what its sentence names.
            if mention is not claim.channel and (spots := self._spots_of(mention)):
                return self._bound(spots, is_sure=True)
        binding = self.discourse.binding(claim)
        if binding.foreign:
            return Found((), (binding.why,))
        if binding.spots:
            return self._bound(binding.spots, is_sure=binding.is_sure, why=binding.why)
        for mention in named:
            if mention.confidence >= LIKELY:
                spots = self._alike(mention)
                return Found(
                    self._candidates(spots), () if spots else ("a channel of another name is meant",)
                )
        rows = sorted({spot.channel for spot in self.spots})
        if not rows and self.forced:
            return Found([SubjectCandidate(self.ids[row], "named by the user", 100) for row in self.forced])
        if len(rows) == 1:
            return Found(
                [
                    SubjectCandidate(
                        self.ids[rows[0]], "the only channel of the archive that the report names", UNSURE
                    )
                ]
            )
        return Found()

    def _bound(self, spots: Sequence[Spot], *, is_sure: bool, why: str = "") -> Found:
        found = self._candidates(spots)
        if is_sure:
            return Found(found)
        return Found(
            [
                msgspec.structs.replace(
                    each, score=min(each.score, UNSURE), how=f"{each.how}{'; ' + why if why else ''}"
                )
                for each in found
            ]
        )

    def _named(self, claim: Claim) -> list[Mention]:
        mentions = [claim.mention, claim.channel]
        return [
            each
            for each in mentions
            if each is not None
            and each.kind in ("channel", "organisation", "post")
            and each.name
            and self.discourse.is_beside(each.start, claim.span.start)
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
