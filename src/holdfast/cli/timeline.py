"""`holdfast timeline`: shows what changed of a channel and its posts, as intervals with receipts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from cyclopts import Parameter

from holdfast.answers import timeline_json
from holdfast.catalog.timeline import Event, Moment
from holdfast.cli.call import Call
from holdfast.cli.output import many, plain_line
from holdfast.cli.wording import interval, moment_of
from holdfast.errors import UsageError
from holdfast.history import channel_history

__all__ = ["run"]

READINGS_SHOWN = 12
"""Readings of one counter that people are shown; --all shows every one."""


def run(
    channel: str,
    /,
    *,
    kind: Annotated[list[str] | None, Parameter(negative="")] = None,
    all_readings: Annotated[bool, Parameter(name="--all", negative="")] = False,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Show what changed of a channel and its posts, as intervals with receipts.

    An interval says when something was last seen so and when it was first seen otherwise; when it happened in between,
    and why, nobody here knows.

    Parameters
    ----------
    channel
        The channel by id, username or title.
    kind
        Only these kinds: followers, label, title, username, description, standing, edit, disappearance, return, gap,
        restriction, disagreement, counter.
    all_readings
        Every reading of a counter, not only some of them.
    """
    with call.output() as output, call.archive(output) as archive:
        row = archive.channel(channel)
        events = channel_history(archive, row)
        if kind:
            wanted = {each.strip().lower() for each in kind}
            if strange := sorted(wanted - _KINDS):
                raise UsageError(
                    f"{strange[0]!r} is no kind of event", remedy=f"kinds are: {', '.join(sorted(_KINDS))}"
                )
            events = [each for each in events if _group(each) in wanted or each.kind in wanted]
            all_readings |= "counter" in wanted
        if output.json:
            size = archive.reader.checkpoint()[0].checkpoint.size
            output.answer(timeline_json(row, events, size))
            return 0
        output.line(f"{plain_line(row.title or row.id)} ({plain_line(row.id)})")
        for line in _lines(events, all_readings):
            output.line(line)
        if not events:
            output.line("  nothing was seen to change")
        output.note(
            "Times are when it was seen, by this machine's clock, in UTC. An interval begins with the last time it was seen"
            " as before and ends with the first time it was seen otherwise."
        )
        return 0


_KINDS = frozenset(
    "followers counter label title username description standing restriction edit disappearance return gap disagreement"
    " moved".split()
) | {"edit mark", "linked chat", "photos", "videos", "files", "links"}


def _group(event: Event) -> str:
    return "counter" if event.kind in _COUNTERS else event.kind


_COUNTERS = frozenset({"photos", "videos", "files", "links"})


def _lines(events: Sequence[Event], all_readings: bool) -> Iterator[str]:
    if not all_readings:
        events = [each for each in events if each.kind not in _COUNTERS]
    readings: dict[tuple[str, str | None], list[Event]] = {}
    for each in events:
        if each.low is not None:
            readings.setdefault((each.kind, each.first_after.source), []).append(each)
    shown = set()
    for group in readings.values():
        shown |= {id(each) for each in (group if all_readings else _sampled(group))}
    for each in events:
        if each.low is None or id(each) in shown:
            yield f"  {_line(each)}"
    for (name, _), group in readings.items():
        left = len(group) - sum(id(each) in shown for each in group)
        if left:
            yield f"  {name}: {many(left, 'reading')} more in between (--all shows them)"


def _sampled(group: list[Event]) -> list[Event]:
    """The first, the last, the lowest, the highest, and some in between."""
    if len(group) <= READINGS_SHOWN:
        return group
    step = (len(group) - 1) / (READINGS_SHOWN - 3)
    places = {round(at * step) for at in range(READINGS_SHOWN - 2)}
    places |= {
        min(range(len(group)), key=lambda at: group[at].low or 0),
        max(range(len(group)), key=lambda at: group[at].high or 0),
    }
    return [group[at] for at in sorted(places)]


def _line(each: Event) -> str:
    when = interval(each.last_before, each.first_after)
    receipt = _receipt(each.last_before, each.first_after)
    return f"{when}  {_told(each)}  {receipt}"


def _receipt(*moments: Moment | None) -> str:
    entries = [str(each.entry) for each in moments if each is not None]
    return f"[{'entry' if len(entries) == 1 else 'entries'} {' → '.join(entries)}]"


def _told(each: Event) -> str:
    if each.kind == "gap":
        return f"gap in the coverage: {each.detail}; {each.after}"
    if each.post is not None:
        return _post(each)
    name = f"{each.kind} {plain_line(each.name)}" if each.name else each.kind
    if each.kind == "disagreement":
        return (
            f"{plain_line(each.name or '')}: {each.detail}: {_quoted(each.before)} and {_quoted(each.after)}"
        )
    if each.low is not None:
        count = f"{each.low:,}" if each.low == each.high else f"{each.low:,}–{each.high:,}"
        shown = (each.after or "").partition("shown as ")[2].rstrip(")")
        return f"{name} {count}" + (f" (shown as {plain_line(shown)})" if shown else "")
    if each.kind in ("label", "restriction"):
        still = f", still so on {moment_of(each.last_after)}" if _went_on(each) else ""
        unspoken = (
            f"; since {moment_of(each.unspoken_since)} the source shows no such mark, which does not say that it is gone"
            if each.unspoken_since
            else ""
        )
        before = f", before {each.before}" if each.before else ""
        return f"{name}: {plain_line(each.after or '')}{before}{still}{unspoken}"
    if each.kind == "standing":
        detail = f" ({plain_line(each.detail)})" if each.detail else ""
        before = f", before {each.before}" if each.before else ""
        return f"the channel: {each.after}{detail}{before}"
    if each.before is None:
        return f"{name}: {_quoted(each.after)}"
    return f"{name}: {_quoted(each.before)} became {_quoted(each.after)}"


def _went_on(each: Event) -> bool:
    return each.last_after is not None and each.last_after.entry != each.first_after.entry


def _post(each: Event) -> str:
    if each.kind == "disappearance":
        asked = f" ({plain_line(each.detail)})" if each.detail else ""
        return f"post {each.post}: missing, answered {plain_line(each.after or 'nothing')}{asked}"
    if each.kind == "return":
        return f"post {each.post}: there again"
    words = "" if each.words is None else f" ({many(each.words, 'word')})"
    what = ", ".join(f"{name}{words}" if name == "text" else name for name in each.differs)
    detail = f"; {plain_line(each.detail)}" if each.detail else ""
    if each.kind == "edit mark":
        return f"post {each.post}: its edit mark moved, nothing else that is kept differs"
    verb = "differs in" if each.kind == "disagreement" else "changed:"
    return f"post {each.post}: {verb} {what}{detail}"


def _quoted(text: str | None) -> str:
    if text is None:
        return "nothing"
    shown = plain_line(text)
    return f"“{shown if len(shown) <= 120 else shown[:117] + '…'}”"
