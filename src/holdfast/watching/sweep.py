"""Asks for one channel: its card, its newest posts, what is due, what was never covered, and each post that is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from holdfast.catalog.timeline import FAILURES
from holdfast.schedule import pages_for
from holdfast.watching.source import Answer, Source

__all__ = ["Missing", "Plan", "Swept", "Target", "sweep"]


class Target(msgspec.Struct, frozen=True):
    """A channel that is watched. `channel` is its id, None until an answer gave it."""

    name: str
    channel: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """What a sweep is to ask for besides the newest page.

    `due`: posts to look at, newest first. `gaps`: runs of ids never covered, newest first. `newest`: the newest id known. At most
    `pages` pages and `singles` single posts are asked for; the rest waits for the next sweep.
    """

    due: tuple[int, ...] = ()
    gaps: tuple[tuple[int, int], ...] = ()
    newest: int | None = None
    pages: int = 50
    singles: int = 40


class Missing(msgspec.Struct, frozen=True):
    """A known post that was not where it stood. `page`: the run of ids of the page that lacks it."""

    post: int
    answered: str
    page: tuple[int, int]
    seen_at: int


class Swept(msgspec.Struct):
    """What one sweep brought. `spans`: (first, last, unix seconds) of what can be spoken of; `unresolved`: known posts
    that a page lacks and that could not be asked for; `rest`: pages that were due and not asked for."""

    target: Target
    source: Source
    started_at: int
    answers: list[Answer]
    spans: list[tuple[int, int, int]]
    missing: list[Missing]
    unresolved: list[int]
    rest: int = 0
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
        return self.target.channel or f"username:{self.target.name.lower()}"


async def sweep(
    source: Source,
    target: Target,
    plan: Plan,
    known: Callable[[str, int, int], Sequence[int]],
    now: Callable[[], int],
) -> Swept:
    """Ask for a channel as planned. `known` gives the ids that stand between two, as last seen.

    Steps: 1 the card with the newest posts; 2 what came since the newest known post, then what was never covered; 3 what is
    due; 4 each known post that a page lacks, alone. A bad answer ends the step, is kept, and is told in `outcome`. What was
    answered so far is whole whenever this is cancelled: see `Asking.swept`.
    """
    asking = Asking(source, target, plan, known, now)
    await asking.run()
    return asking.swept


class Asking:
    """A sweep under way; `swept` is what it brought so far."""

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
        self.shown: set[int] = set()
        self.pages_left = plan.pages

    async def run(self) -> None:
        swept, plan = self.swept, self.plan
        # 1. The card with the newest posts.
        latest = await self.source.latest(swept.target.name, swept.target.channel)
        swept.answers.append(latest)
        if latest.seen.answered == "shown":
            self._cover(latest)
            # 2. What came since, then what was never covered.
            for first, last in self._runs(latest):
                if not await self._page_back(first, last):
                    break
            # 3. What is due and was not shown yet.
            waiting = [post for post in plan.due if not self._is_covered(post)]
            for before in pages_for(waiting, self.source.span).before:
                if not await self._page(before):
                    break
            # 4. Each known post that a page lacks, alone.
            await self._ask_for_missing()
        elif latest.seen.answered in FAILURES:
            swept.outcome, swept.detail = "failed", latest.seen.detail or latest.seen.answered
        self.close()

    def close(self) -> None:
        """Take what could not be resolved out of what can be spoken of."""
        swept = self.swept
        swept.finished_at = self.now()
        gone = {each.post for each in swept.missing}
        for first, last, _ in swept.spans:
            for post in self.known(swept.channel, first, last):
                if post not in self.shown and post not in gone and post not in swept.unresolved:
                    swept.unresolved.append(post)
        if swept.unresolved:
            swept.spans = [part for span in swept.spans for part in _without(span, swept.unresolved)]
            if swept.outcome == "complete":
                swept.outcome, swept.detail = (
                    "partial",
                    f"{len(swept.unresolved)} posts could not be asked for",
                )

    def _cover(self, answer: Answer) -> None:
        """Take over what a page is about."""
        seen = answer.seen
        self.shown.update(seen.ids)
        if seen.first is not None and seen.last is not None:
            self.swept.spans.append((seen.first, seen.last, answer.seen_at))

    def _is_covered(self, post: int) -> bool:
        return any(first <= post <= last for first, last, _ in self.swept.spans)

    def _runs(self, latest: Answer) -> list[tuple[int, int]]:
        first = latest.seen.first
        if first is None or latest.seen.is_start:
            return []
        newest = self.plan.newest or 0
        runs = [(newest + 1, first - 1)] if newest + 1 <= first - 1 else []
        for low, high in self.plan.gaps:
            if low < first:
                runs.append((low, min(high, first - 1)))
        return [run for at, run in enumerate(runs) if run not in runs[:at]]

    async def _page_back(self, first: int, last: int) -> bool:
        """Pages from `last` down to `first`. Returns whether to go on."""
        before = last + 1
        while before > first:
            if self._is_covered(before - 1):
                before = min(low for low, high, _ in self.swept.spans if low <= before - 1 <= high)
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
        self.pages_left -= 1
        answer = await self.source.before(swept.target.name, swept.channel, before)
        swept.answers.append(answer)
        if answer.seen.answered != "shown":
            swept.outcome, swept.detail = "partial", f"page before {before}: {answer.seen.answered}"
            return None
        self._cover(answer)
        return answer

    async def _ask_for_missing(self) -> None:
        swept = self.swept
        asked: set[int] = set()
        for first, last, _ in list(swept.spans):
            for post in self.known(swept.channel, first, last):
                if post in self.shown or post in asked:
                    continue
                if len(asked) >= self.plan.singles:
                    return
                asked.add(post)
                answer = await self.source.post(swept.target.name, swept.channel, post)
                swept.answers.append(answer)
                if answer.seen.answered == "shown" and post in answer.seen.ids:
                    self.shown.add(post)
                elif answer.seen.answered in ("not found", "restricted"):
                    swept.missing.append(Missing(post, answer.seen.answered, (first, last), answer.seen_at))
                elif answer.seen.answered in FAILURES:
                    swept.outcome, swept.detail = "partial", f"post {post}: {answer.seen.answered}"
                    return


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
