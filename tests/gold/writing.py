"""Writes one report on an invented world, sentence by sentence, with the gold claims that it makes, and alters one of them by a fixed rule."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holdfast.fake_telegram.history import PostState
from tests.gold.phrases import When, counted, fitted, granule, length, when_words
from tests.gold.truth import Fact, Moment
from tests.gold.worlds import World

__all__ = ["Gold", "Writer", "rules_for"]

NAMES = {
    5_000_000_001: ("Tikhaya Gavan", "Тихая гавань"),
    5_000_000_002: ("Severny Sklad", "Северный склад"),
    5_000_000_003: ("Tikhaya Gavan Yug", "Тихая гавань Юг"),
    5_100_000_001: ("Blue Meadow", "Blue Meadow"),
    5_100_000_002: ("Granite Lamp", "Granite Lamp"),
    5_100_000_003: ("Second Ferry", "Second Ferry"),
}
FLIPPED = {
    "over": "under",
    "under": "over",
    "at_least": "under",
    "nearly": "over",
    "about": "over",
    "exact": "under",
    "exactly": "under",
}


class Gold(NamedTuple):
    """A claim as a careful reader reads it. Places count code points; `mention` is the noun of a post, `named` the channel's name."""

    fact: Fact
    start: int
    end: int
    mention: tuple[int, int] | None
    named: tuple[int, int] | None
    rule: str


def rules_for(gold: Gold) -> tuple[str, ...]:
    """The ways in which a claim may be altered."""
    fact = gold.fact
    if fact.kind in ("views", "followers", "reactions"):
        return ("x1.5", "x3", "third", "comparator", "negation")
    if fact.kind == "duration":
        return ("x1.5", "x3")
    if fact.kind == "published":
        assert fact.when is not None
        return ("day before", "day after", *(("zone",) if fact.when.part == "clock" else ()))
    if fact.kind == "quote":
        return ("negation", "speaker")
    return ("negation",)


class Writer:
    """Puts a text together. `alter`: (which claim, rule) to alter; `swapped`: the channel that is named in the place of the true one."""

    def __init__(
        self,
        world: World,
        channel: int,
        moment: Moment,
        lang: str,
        style: int,
        alter: tuple[int, str] | None = None,
        swapped: int | None = None,
    ) -> None:
        self.world, self.channel, self.moment = world, channel, moment
        self.lang, self.style, self.alter = lang, style, alter
        self.called = swapped or channel
        self.text = ""
        self.claims: list[Gold] = []
        self._named: tuple[int, int] | None = None
        self._mention: tuple[int, int] | None = None
        self._rule = "channel" if swapped else ""
        posts = world.scenario.posts(channel, moment.at)
        self._posts = posts

    # -- words ------------------------------------------------------------------------------------

    def say(self, english: str, russian: str) -> None:
        self.text += english if self.lang == "en" else russian

    def name(self, which: int | None = None) -> None:
        """The name of the channel, in the script of the language."""
        called = which or self.called
        self._named = self._put(NAMES[called][self.lang == "ru"])

    def media(self, english: str, russian: str) -> None:
        """The noun for a post."""
        self._mention = self._put(english if self.lang == "en" else russian)

    def _put(self, words: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += words
        return start, len(self.text)

    def _add(self, fact: Fact, start: int, rule: str) -> None:
        mention = self._mention if fact.medium is not None else None
        self.claims.append(Gold(fact, start, len(self.text), mention, self._named, rule or self._rule))

    def _altered(self) -> str:
        return self.alter[1] if self.alter is not None and self.alter[0] == len(self.claims) else ""

    def post(self, medium: str) -> PostState | None:
        """The newest post with such a file at the time of the report."""
        having = [
            state for state in self._posts if any(media.kind == medium for _, media, _ in state.members)
        ]
        return having[-1] if having else None

    # -- claims -----------------------------------------------------------------------------------

    def count(
        self,
        kind: str,
        comparator: str,
        verbs: tuple[tuple[str, str], tuple[str, str]],
        *,
        tail: tuple[str, str] = ("", ""),
        denied: bool = False,
        of: int | None = None,
    ) -> None:
        """A number with its noun. `verbs`: the English and Russian words before it, affirmed and denied; `denied`: the true sentence
        says that there are not so many; `of`: another channel than the report's."""
        channel, at = of or self.channel, self.moment.at
        if kind == "followers":
            value, medium = self.world.scenario.state(channel, at).followers, None
        else:
            post = self.post("video")
            if post is None:
                return
            value = post.views if kind == "views" else sum(count for _, count in post.reactions)
            medium = "video"
        if value < 20:
            return
        said = fitted(value * 2 if denied else value, comparator)
        rule = self._altered()
        if rule in ("x1.5", "x3", "third"):
            scaled = {"x1.5": said * 3 // 2, "x3": said * 3, "third": max(1, said // 3)}[rule]
            place = 10 ** max(0, len(str(scaled)) - 3)
            said = scaled // place * place if comparator != "exactly" else scaled
        elif rule == "comparator":
            comparator = FLIPPED[comparator]
        is_denied = denied != (rule == "negation")
        self.text += verbs[is_denied][self.lang == "ru"]
        start = len(self.text)
        self.text += counted(said, comparator, kind, self.lang, self.style)
        self.text += tail[self.lang == "ru"]
        step = granule(said)
        fact = Fact(
            kind,
            of or self.called,
            medium,
            "exact" if comparator == "exactly" else comparator,
            said,
            step,
            is_denied,
        )
        self._add(fact, start, rule)

    def lasting(self) -> None:
        """ "nine-minute video"."""
        post = self.post("video")
        if post is None:
            self.media("video", "видео")
            return
        rule = self._altered()
        seconds = post.members[0][1].duration_s
        seconds = {"x1.5": seconds * 3 // 2, "x3": seconds * 3}.get(rule, seconds)
        before, after, said, step = length(seconds, self.lang, self.style)
        start = self._put(before)[0]
        self.media("video", "видео")
        start = start if before else len(self.text) + 1
        self.text += after
        self._add(Fact("duration", self.called, "video", "exact", said, step), start, rule)

    def exists(
        self, medium: str, verbs: tuple[tuple[str, str], tuple[str, str]], noun: tuple[str, str]
    ) -> None:
        """That it was published at all: the verb, then the noun."""
        rule = self._altered()
        start = self._put(verbs[rule == "negation"][self.lang == "ru"])[0]
        self.media(*noun)
        self._add(Fact("existence", self.called, medium, denied=rule == "negation"), start, rule)

    def when(self, medium: str, part: str) -> None:
        """When the post was published: "late on Thursday"."""
        post = self.post(medium)
        if post is None:
            self.say("recently", "недавно")
            return
        rule = self._altered()
        local = datetime.fromtimestamp(post.post.at, ZoneInfo(self.moment.zone))
        if part == "late" and not 20 <= local.hour < 24:
            part = "day"
        day = local.date() + timedelta(days={"day before": -1, "day after": 1}.get(rule, 0))
        zone = self.moment.zone if part == "clock" else None
        if rule == "zone":
            zone = "UTC"
        hour, minute = (local.hour, local.minute) if part == "clock" else (0, 0)
        said = When(day, part, hour, minute, zone)
        start = self._put(when_words(said, self.lang, self.style))[0]
        self._add(Fact("published", self.called, medium, when=said), start, rule)

    def labelled(self, label: str, verbs: tuple[tuple[str, str], tuple[str, str]]) -> None:
        """That the platform put a mark on the channel; `verbs` hold a {} for the mark."""
        rule = self._altered()
        state = self.world.scenario.state(self.channel, self.moment.at)
        denied = (label not in state.labels) != (rule == "negation")
        start = len(self.text)
        self.text += verbs[denied][self.lang == "ru"].format(label)
        self._add(Fact("label", self.called, label=label, denied=denied), start, rule)

    def gone(self, verbs: tuple[tuple[str, str], tuple[str, str]]) -> None:
        """That the channel was deleted, or was not."""
        rule = self._altered()
        is_gone = self.world.scenario.state(self.channel, self.moment.at).answer == "not found"
        denied = (not is_gone) != (rule == "negation")
        start = self._put(verbs[denied][self.lang == "ru"])[0]
        self._add(Fact("disappearance", self.called, denied=denied), start, rule)

    def edited(self, medium: str, verbs: tuple[tuple[str, str], tuple[str, str]]) -> None:
        rule = self._altered()
        post = self.post(medium)
        is_edited = post is not None and post.revision > 0
        denied = (not is_edited) != (rule == "negation")
        start = self._put(verbs[denied][self.lang == "ru"])[0]
        self._add(Fact("edit", self.called, medium, denied=denied), start, rule)

    def quote(self) -> None:
        """A sentence that the channel wrote, and that it wrote it."""
        texts = [
            state.text.plain
            for state in self._posts
            if state.text is not None and re.search(r"\b(?:не|not|никогда)\b", state.text.plain)
        ]
        if not texts:
            return
        rule = self._altered()
        said = texts[-1].rstrip(".")
        speaker = self.called
        if rule == "negation":
            said = re.sub(r"(?:\bне |\bnot )", "", said, count=1)
        elif rule == "speaker":
            speaker = next(
                each for each in NAMES if each // 10**8 == self.called // 10**8 and each != speaker
            )
        self.text += "“" if self.lang == "en" else "«"
        start = len(self.text) - 1
        self.text += said + (",” " if self.lang == "en" else "», — ")
        self._add(Fact("quote", speaker, quote=said), start, rule)
        if self.lang == "en":
            self.name(speaker)
            self.text += " wrote. "
        else:
            self.text += "написал телеграм-канал «"
            self.name(speaker)
            self.text += "». "
        gold = self.claims.pop()
        self.claims.append(gold._replace(named=self._named, end=gold.start + len(said) + 2))
