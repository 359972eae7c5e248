"""Asks for one channel: its card, its newest posts, what is due, what was never covered, and each post that is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from holdfast.catalog.timeline import FAILURES
from holdfast.model import ChannelSeen
from holdfast.schedule import pages_for
from holdfast.watching.source import UNNAMED, Answer, Source

__all__ = ["Asking", "Missing", "Plan", "Swept", "Target"]


class Target(msgspec.Struct, frozen=True):
    """A channel that is watched. `channel` is its id, None until an answer gave it."""

    name: str
    channel: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """What a sweep is to ask for besides the newest page.

    `due`: posts to look at, newest first. `gaps`: runs of ids never covered, newest first. `newest`: the newest id known; while
    there is none, `history` says how many ids back from the newest one are wanted, None for all. `card`: the channel's as last seen. At most `pages` pages and
    `singles` single posts are asked for; the rest waits for the next sweep.
    """

    due: tuple[int, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    newest: int | None = None
    history: int | None = None
    card: ChannelSeen | None = None
    pages: int = 50
    singles: int = 100


class Missing(msgspec.Struct, frozen=True):
    """A known post that was not where it stood. `page`: the run of ids of the page that lacks it, None if that shows no posts."""

    post: int
    answered: str
    page: tuple[int, int] | None
    seen_at: int


class Swept(msgspec.Struct):
    """What one sweep brought. `spans`: (first, last, unix seconds) of what can be spoken of; `unresolved`: known posts
    that a page lacks and that could not be asked for; `rest`: how much was due and waits for the next sweep; `bare`: the id that a page showed nothing before; `is_refused`: whether
    a page or post that was asked for could not be had."""

    target: Target
    source: Source
    started_at: int
    answers: list[Answer]
    spans: list[tuple[int, int, int]]
    missing: list[Missing]
    unresolved: list[int]
    rest: int = 0
    bare: int | None = None
    is_refused: bool = False
    finished_at: int = 0
    outcome: str = "complete"
    detail: str | None = None

    @property
    def card(self) -> Answer:
        return self.answers[0]

    @property
    def channel(self) -> str:
        """The channel's id as this sweep knows it."""
        card = self.card.seen.card
        if card is not None and card.channel is not None:
            return card.channel.id
        return self.target.channel or f"{UNNAMED}{self.target.name.lower()}"


class _Page(msgspec.Struct, frozen=True):
    """What one page is about, and what it shows of that. `span` None: it shows no posts below `before`."""

    span: tuple[int, int] | None
    before: int | None
    ids: frozenset[int]
    seen_at: int


class Asking:
    """A sweep under way; `swept` is what it brought so far. `known` gives the ids that stand between two, as last seen.

    Steps: 1 the card with the newest posts; 2 what came since the newest known post, then what was never covered; 3 what is
    due; 4 each known post that a page lacks, alone; 5 the channel once more, if posts are missing: while it is not there, nothing can
    be said of them. A bad answer ends the step, is kept, and is told in `outcome`. Whenever this is cancelled, `close` makes
    `swept` whole.
    """

    def __init__(
        self,
        source: Source,
        target: Target,
        plan: Plan,
        known: Callable[[str, int, int], Sequence[int]],
        now: Callable[[], int],
    ) -> None:
        self.source, self.plan, self.known, self.now = source, plan, known, now
        self.swept = Swept(target, source, now(), [], [], [], [])
        self.pages: list[_Page] = []
        self.pages_left = plan.pages
        self._alone: set[int] = set()

    async def run(self) -> None:
        """Ask. Errors: what the source or `known` raise; what was answered before stays in `swept`."""
        swept = self.swept
        # 1. The card with the newest posts.
        latest = self._identified(await self.source.latest(swept.target.name, swept.target.channel))
        swept.answers.append(latest)
        if latest.seen.answered == "shown":
            self._cover(latest, None)
            # 2. What came since, then what was never covered.
            for first, last in self._runs(latest):
                if not await self._page_back(first, last):
                    break
            # 3. What is due and was not shown yet.
            for before in pages_for(self._waiting(latest), self.source.span).before:
                await self._page(before)
            # 4. Each known post that a page lacks, alone.
            await self._ask_for_missing()
            # 5. The channel once more.
            if swept.missing:
                await self._confirm()
        elif latest.seen.answered in FAILURES:
            swept.outcome, swept.detail = "failed", latest.seen.detail or latest.seen.answered
        self.close()

    def close(self) -> None:
        """Take what could not be resolved out of what can be spoken of."""
        swept = self.swept
        swept.finished_at = self.now()
        gone = {each.post for each in swept.missing}
        # A page that shows no posts is about none, so there is nothing to take out.
        left = (post for post, page in self._lacking() if page.span is not None)
        swept.unresolved = list(dict.fromkeys(post for post in left if post not in self._alone | gone))
        swept.spans = [
            part
            for page in self.pages
            if page.span is not None
            for part in _without((*page.span, page.seen_at), swept.unresolved)
        ]
        if swept.unresolved and swept.outcome == "complete":
            swept.outcome = "partial"
            swept.detail = f"{len(swept.unresolved)} posts could not be asked for"

    def _identified(self, answer: Answer) -> Answer:
        """The answer with the channel's own id, where it names none and shows what that channel showed last."""
        replace = msgspec.structs.replace
        target, last, card = self.swept.target, self.plan.card, answer.seen.card
        if card is None or card.channel is None or target.channel is None or last is None:
            return answer
        now = card.channel
        is_alike = now.title == last.title or (bool(now.description) and now.description == last.description)
        if now.id == target.channel or not now.id.startswith(UNNAMED) or not is_alike:
            return answer
        known = replace(card, channel=replace(now, id=target.channel))
        return replace(answer, seen=replace(answer.seen, card=known))

    def _cover(self, answer: Answer, before: int | None) -> None:
        """Take over what a page is about."""
        seen = answer.seen
        if seen.first is not None and seen.last is not None:
            self.pages.append(_Page((seen.first, seen.last), before, frozenset(seen.ids), answer.seen_at))
        elif seen.is_start and not seen.ids:
            self.pages.append(_Page(None, before, frozenset(), answer.seen_at))
            self.swept.bare = before

    def _is_covered(self, post: int) -> bool:
        return any(span[0] <= post <= span[1] for span in self._spans())

    def _spans(self) -> list[tuple[int, int]]:
        return [page.span for page in self.pages if page.span is not None]

    def _runs(self, latest: Answer) -> list[tuple[int, int]]:
        first, last, plan = latest.seen.first, latest.seen.last, self.plan
        if first is None or latest.seen.is_start:
            return []
        lowest = (plan.newest or 0) + 1
        if plan.newest is None and plan.history is not None:
            lowest = max(1, (last or first) - plan.history + 1)
        runs = [(lowest, first - 1)] if lowest < first else []
        for low, high in plan.gaps:
            if low < first:
                runs.append((low, min(high, first - 1)))
        return [run for at, run in enumerate(runs) if run not in runs[:at]]

    def _waiting(self, latest: Answer) -> list[int]:
        """What is due and no page was about yet, newest first."""
        newest, last = self.plan.newest or 0, latest.seen.last or 0
        waiting = {post for post in self.plan.due if not self._is_covered(post)}
        if last < newest and latest.seen.ids:
            # The newest page ends before what is known: whatever its age, that is to be looked for.
            waiting |= set(self.known(self.swept.channel, last + 1, newest))
        return sorted(waiting, reverse=True)

    async def _page_back(self, first: int, last: int) -> bool:
        """Pages from `last` down to `first`. Returns whether to go on."""
        before = last + 1
        while before > first:
            if self._is_covered(before - 1):
                before = min(low for low, high in self._spans() if low <= before - 1 <= high)
                continue
            answer = await self._page(before)
            if answer is None:
                return False
            low = answer.seen.first
            if answer.seen.is_start or low is None or low >= before:
                return True
            before = low
        return True

    async def _page(self, before: int) -> Answer | None:
        """One page, kept whatever it says. None: it could not be had, or no more may be asked for."""
        swept = self.swept
        if self.pages_left <= 0:
            swept.rest += 1
            return None
        answer = await self.source.before(swept.target.name, swept.channel, before)
        swept.answers.append(answer)
        self.pages_left -= 1
        if answer.seen.answered != "shown":
            # Whoever refuses one page is not asked for the next.
            self.pages_left, swept.is_refused = 0, True
            swept.outcome, swept.detail = "partial", f"page before {before}: {answer.seen.answered}"
            return None
        self._cover(answer, before)
        return answer

    # -- what a page lacks --------------------------------------------------------------------------

    def _lacking(self) -> list[tuple[int, _Page]]:
        """Posts that stood where a page looked and that it does not show; newest first where a page shows none at all."""
        found = []
        met: set[int] = set()
        for page in self.pages:
            if page.span is None:
                last = (page.before or (self.plan.newest or 0) + 1) - 1
                stood = set(self.known(self.swept.channel, 1, last)) if last > 0 else set()
                found += [(post, page) for post in sorted(stood, reverse=True) if not self._is_covered(post)]
                continue
            first, last = page.span
            stood = {post for post in met if first <= post <= last}
            stood |= set(self.known(self.swept.channel, first, last))
            found += [(post, page) for post in sorted(stood - page.ids)]
            met |= page.ids
        return found

    async def _ask_for_missing(self) -> None:
        swept = self.swept
        asked: set[int] = set()
        is_contradicted = False
        for post, page in self._lacking():
            if post in asked or (page.span is None and is_contradicted):
                continue
            if len(asked) >= self.plan.singles:
                swept.rest += 1
                return
            asked.add(post)
            answer = await self.source.post(swept.target.name, swept.channel, post)
            swept.answers.append(answer)
            if answer.seen.answered == "shown" and post in answer.seen.ids:
                self._alone.add(post)
                if page.span is None:
                    # A page that shows none of what is there is not to be asked about the others.
                    is_contradicted = True
                    swept.outcome = "partial"
                    swept.detail = f"the channel's page shows no posts, though post {post} is there"
            elif answer.seen.answered in ("not found", "restricted"):
                swept.missing.append(Missing(post, answer.seen.answered, page.span, answer.seen_at))
            elif answer.seen.answered in FAILURES:
                swept.is_refused = True
                swept.outcome, swept.detail = "partial", f"post {post}: {answer.seen.answered}"
                return

    async def _confirm(self) -> None:
        """See that the name still leads to the channel: what is not found at another's, or nobody's, is not missing here."""
        swept = self.swept
        again = self._identified(await self.source.latest(swept.target.name, swept.channel))
        swept.answers.append(again)
        card = again.seen.card
        is_same = (
            again.seen.answered == "shown"
            and card is not None
            and card.channel is not None
            and card.channel.id == swept.channel
        )
        if not is_same:
            swept.missing.clear()
            swept.outcome, swept.is_refused = "partial", True
            swept.detail = f"while posts were asked for, the channel's answer became: {again.seen.answered}"
            return
        swept.missing = [each for each in swept.missing if each.post not in again.seen.ids]
        self._alone |= set(again.seen.ids)


def _without(span: tuple[int, int, int], posts: Sequence[int]) -> list[tuple[int, int, int]]:
    """A span cut at the ids that nothing can be said of."""
    first, last, when = span
    found = []
    for post in sorted(post for post in posts if first <= post <= last):
        if first < post:
            found.append((first, post - 1, when))
        first = post + 1
    if first <= last:
        found.append((first, last, when))
    return found
