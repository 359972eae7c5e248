"""States which post ids an import can speak of, so that an id it did not see may be called absent."""

from __future__ import annotations

from typing import Final, NamedTuple

from holdfast.capture.contract import Coverage, Parsed, Region
from holdfast.capture.telegram_export.plan import page_number
from holdfast.capture.telegram_export.problems import RECORD_CODES
from holdfast.model import Problem

__all__ = ["CoverageBuilder"]

_OUT_OF_ORDER: Final = "records out of order"
_UNREADABLE: Final = "an unreadable record"
_PAGE_MISSING: Final = "a page missing"
_ENDS_EARLY: Final = "cut short"


class _Run(NamedTuple):
    """Ascending ids [first, last]; or, if `first` is None, an unreadable record that seems to be `last`."""

    folder: str
    page: int
    offset: int
    first: int | None
    last: int | None


class CoverageBuilder:
    """Collects what was parsed of one chat, in any order. Memory: a few numbers a region.

    A span runs from the first id to the last one between two breaks: an export lists every post there
    is. Breaks are records that could not be read, ids that do not ascend, and missing pages.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._reasons: list[str] = []

    def add(self, parsed: Parsed, region: Region) -> None:
        """Count in one region of this chat, as `parse_region` gave it."""
        folder, page = region.document.rpartition("/")[0], page_number(region.document)
        places: list[tuple[int, int | None, str | None]] = []
        for position, post in enumerate(parsed.posts):
            raw = post.raw
            offset = raw.offset if raw is not None and raw.offset is not None else region.offset + position
            places.append((offset, int(post.post.id), None))
        lost = [problem for problem in parsed.problems if problem.outcome == "skipped"]
        for problem in lost:
            self._note_reason(_UNREADABLE)
            offset = problem.offset if problem.offset is not None else region.offset
            places.append((offset, None, problem.post))
        if lost:
            places.sort(key=lambda place: place[0])
        first: int | None = None
        last = 0
        start = region.offset
        for offset, number, hint in places:
            if number is not None and first is not None and number >= last:
                last = number
                continue
            if number is not None and first is not None:
                # A list that somebody sorted or merged may lack anything anywhere.
                self._note_reason(_OUT_OF_ORDER)
                return
            if first is not None:
                self._runs.append(_Run(folder, page, start, first, last))
            if number is None:
                self._runs.append(_Run(folder, page, offset, None, None if hint is None else int(hint)))
            first, last, start = number, number or 0, offset
        if first is not None:
            self._runs.append(_Run(folder, page, start, first, last))

    def merge(self, other: CoverageBuilder) -> None:
        """Count in what another builder collected of the same chat, in another process for example."""
        self._runs.extend(other._runs)
        for reason in other._reasons:
            self._note_reason(reason)

    def note(self, problem: Problem) -> None:
        """Count in a problem that `read_export` gave for this chat's document."""
        if problem.code in ("cut_short", "unfinished", "trailing_bytes"):
            self._note_reason(_ENDS_EARLY)
        elif problem.code == "page_missing":
            self._note_reason(_PAGE_MISSING)
        elif problem.code in RECORD_CODES and problem.document is not None:
            self._note_reason(_UNREADABLE)
            folder, page = problem.document.rpartition("/")[0], page_number(problem.document)
            hint = None if problem.post is None else int(problem.post)
            self._runs.append(_Run(folder, page, problem.offset or 0, None, hint))

    def result(self) -> Coverage:
        """What the capture can speak of."""
        spans: list[tuple[int, int]] = []
        unread: list[int] = []
        first: int | None = None
        highest: int | None = None
        previous: _Run | None = None
        runs = sorted(self._runs, key=lambda run: (run.folder, run.page, run.offset))
        following: list[int | None] = [None]  # the first id after each run
        for run in reversed(runs):
            following.append(following[-1] if run.first is None else run.first)
        for run, after in zip(runs, following[-2::-1], strict=True):
            apart = previous is not None and run.page > previous.page + 1 and run.folder == previous.folder
            previous = run
            seems = run.last if run.first is None and not apart else None
            if (
                seems is not None
                and (highest is None or highest < seems)
                and (after is None or seems < after)
            ):
                # The id that an unreadable record seems to have fits in here: it is there, not absent.
                unread.append(seems)
                continue
            if apart:
                self._note_reason(_PAGE_MISSING)
            if first is not None and highest is not None and (apart or run.first is None):
                spans.append((first, highest))
                first = None
            if run.first is None:
                continue
            if highest is not None and run.first < highest:
                self._note_reason(_OUT_OF_ORDER)
            highest = run.last
            first = run.first if first is None else first
        if first is not None and highest is not None:
            spans.append((first, highest))
        if _OUT_OF_ORDER in self._reasons:
            return Coverage((), self._reason())
        return Coverage(tuple(_without(spans, sorted(set(unread)))), self._reason())

    def _note_reason(self, reason: str) -> None:
        if reason not in self._reasons:
            self._reasons.append(reason)

    def _reason(self) -> str | None:
        return ", ".join(self._reasons) or None


def _without(spans: list[tuple[int, int]], ids: list[int]) -> list[tuple[int, int]]:
    """`spans` without single ids: a post that could not be read is there, so it is not absent."""
    kept: list[tuple[int, int]] = []
    position = 0
    for first, last in spans:
        while position < len(ids) and ids[position] < first:
            position += 1
        while position < len(ids) and ids[position] <= last:
            if first < ids[position]:
                kept.append((first, ids[position] - 1))
            first = ids[position] + 1
            position += 1
        if first <= last:
            kept.append((first, last))
    return kept
