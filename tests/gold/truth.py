"""Works out what captures allow to say of a claim, and what is true of it: a second implementation, naive on purpose.

It knows the scenario and when somebody looked, never the vault, its tables or the checker's code. Numbers are tried one by one, posts are
filtered in a loop. The semantics are those of docs/reports.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holdfast.fake_telegram.counters import abbreviated
from holdfast.fake_telegram.history import PostState
from tests.gold.phrases import When, spans
from tests.gold.worlds import World

__all__ = ["Fact", "Moment", "allowed", "reality", "says"]

DAY = 86_400
LOOK_BACK_S = 3 * 3_600
APART_S = 7 * DAY
POST_WINDOW_S = 14 * DAY
T, F, OPEN = "true", "false", "open"
SUPPORTED, CONTRADICTED, NOT = "supported", "contradicted", "not checkable"


class Moment(NamedTuple):
    """When a report was published. Units: unix seconds, from the first moment to the last; `zone` is its outlet's; `at` when it truly was."""

    lo: int
    hi: int
    zone: str
    at: int


class Fact(NamedTuple):
    """What a gold claim says. `medium` None: it speaks of the channel itself. `value`, `granule` in the unit of its kind."""

    kind: str
    channel: int
    medium: str | None = None
    comparator: str = "exact"
    value: int = 0
    granule: int = 1
    denied: bool = False
    label: str | None = None
    when: When | None = None
    quote: str | None = None


# -- numbers ------------------------------------------------------------------------------------------


def says(fact: Fact, value: int) -> str:
    """Whether one number makes the words true, false, or neither: the tolerance table, row by row."""
    said, step = fact.value, fact.granule
    if fact.kind == "duration":
        unit = 3600 if step >= 3600 else 60 if step >= 60 else 1
        slack, above = (unit / 2, unit) if unit > 1 else (1, 2)
        good = said - slack <= value < said + above
        grey = said / 4 if step > unit else 0
        bad = value < said - max(unit, grey) or value >= said + max(2 * unit, grey)
    elif fact.comparator == "over":
        good, bad = value > said, value < said
    elif fact.comparator == "at_least":
        good, bad = value >= said, value < said
    elif fact.comparator == "under":
        good, bad = value < said, value > said
    elif fact.comparator == "nearly":
        good, bad = said * 9 <= value * 10 and value < said, value * 10 < said * 8 or value > said + step
    elif fact.comparator == "about":
        good = abs(value - said) <= max(said / 10, step / 2)
        bad = abs(value - said) * 4 > said and abs(value - said) > step
    elif step > 1:
        good = said - step / 2 <= value < said + step
        bad = abs(value - said) * 4 > said and abs(value - said) > step
    else:
        good, bad = value == said, value != said
    result = T if good else F if bad else OPEN
    return _not(result) if fact.denied else result


def _not(result: str) -> str:
    return {T: F, F: T}.get(result, OPEN)


HIGHEST = 10**10


def _between(fact: Fact, low: int | None, high: int | None) -> str:
    """Tries the numbers of a range: all of them where they are few, else a grid that is fine around what the words name."""
    first, last = (0 if low is None else low), (HIGHEST if high is None else high)
    tried = set(range(first, min(last, first + 400) + 1)) | set(range(max(first, last - 400), last + 1))
    for tenths in (*range(60), 100, 1_000, 10_000):
        around = fact.value * tenths // 10
        for near in (-1, 0, 1, -fact.granule, fact.granule, -fact.granule - 1, fact.granule + 1):
            tried.add(around + near)
    for part in (fact.granule // 2, fact.value // 4):
        tried |= {
            fact.value + sign * part + near
            for sign in (-1, 1)
            for near in (-fact.granule - 1, -1, 0, 1, fact.granule + 1)
        }
    results = {says(fact, value) for value in tried if first <= value <= last}
    return results.pop() if len(results) == 1 else OPEN


def _shown(count: int) -> tuple[int, int]:
    """What a counter may truly be that is shown so: whether it was cut or rounded, nobody knows."""
    text = abbreviated(count)
    found = re.fullmatch(r"(\d+)(?:\.(\d))?([KMB]?)", text)
    assert found is not None
    unit = {"": 1, "K": 1_000, "M": 1_000_000, "B": 10**9}[found[3]]
    if unit == 1:
        return count, count
    step = unit // 10 if found[2] else unit
    value = int(found[1]) * unit + int(found[2] or 0) * (unit // 10)
    return value - step // 2, value + step - 1


class Seen(NamedTuple):
    at: int
    low: int
    high: int


def _posts_seen(world: World, channel: int) -> list[tuple[int, PostState]]:
    """Every post that a look saw, as it was then."""
    found = []
    for look in world.looks:
        if look.channel == channel and look.what == "page":
            state = world.scenario.state(channel, look.at)
            if state.answer == "shown":
                found += [(look.at, post) for post in world.scenario.posts(channel, look.at)]
    return found


def _counter(world: World, fact: Fact, post: int | None) -> list[Seen]:
    if fact.kind == "followers":
        return [
            Seen(look.at, *_shown(world.scenario.state(fact.channel, look.at).followers))
            for look in world.looks
            if look.channel == fact.channel
            and look.what == "page"
            and world.scenario.state(fact.channel, look.at).answer == "shown"
        ]
    found = []
    for at, state in _posts_seen(world, fact.channel):
        if state.id == post:
            counts = [state.views] if fact.kind == "views" else [count for _, count in state.reactions]
            if fact.kind == "views" or counts:
                ends = [_shown(count) for count in counts]
                found.append(Seen(at, sum(low for low, _ in ends), sum(high for _, high in ends)))
    return found


def _numbers_allow(world: World, fact: Fact, post: int | None, moment: Moment) -> str:
    seen = _counter(world, fact, post)
    rises = fact.kind == "views" and not any(
        later.high < earlier.low for earlier in seen for later in seen if later.at > earlier.at
    )

    def at_moments(lo: int, hi: int) -> tuple[int | None, int | None] | None:
        if rises:
            return (
                max((each.low for each in seen if each.at <= lo), default=None),
                min((each.high for each in seen if each.at >= hi), default=None),
            )
        before = max((each.at for each in seen if each.at <= lo), default=None)
        after = min((each.at for each in seen if each.at >= hi), default=None)
        if before is None or after is None or after - before > APART_S:
            return None
        inside = [each for each in seen if before <= each.at <= after]
        return min(each.low for each in inside), max(each.high for each in inside)

    now = at_moments(moment.lo, moment.hi)
    if now is not None and _between(fact, *now) == T:
        return T
    looked = at_moments(moment.lo - LOOK_BACK_S, moment.hi) or now
    if rises:
        # Against the words stand only the captures next to that time and in it.
        since = moment.lo - LOOK_BACK_S
        last = max((each.at for each in seen if each.at <= since), default=None)
        first = min((each.at for each in seen if each.at >= moment.hi), default=None)
        inside = [each for each in seen if since < each.at < moment.hi]
        low = max((each.low for each in seen if each.at == last), default=None)
        high = min((each.high for each in seen if each.at == first), default=None)
        looked = (
            None if low is None else min([low, *(each.low for each in inside)]),
            None if high is None else max([high, *(each.high for each in inside)]),
        )
    if looked is not None and _between(fact, *looked) == F:
        return F
    return OPEN


def _number_is(world: World, fact: Fact, post: int | None, moment: Moment) -> str:
    """Whether it was true at any moment at which the reporter may have looked."""
    results = set()
    for at in {*range(moment.lo - LOOK_BACK_S, moment.hi, 300), moment.lo, moment.hi}:
        if fact.kind == "followers":
            value = world.scenario.state(fact.channel, at).followers
        else:
            state = next((each for each in world.scenario.posts(fact.channel, at) if each.id == post), None)
            if state is None:
                continue
            value = state.views if fact.kind == "views" else sum(count for _, count in state.reactions)
        results.add(says(fact, value))
    return T if T in results else F if results == {F} else OPEN


# -- posts --------------------------------------------------------------------------------------------


def _of_medium(states: Iterable[PostState], medium: str | None) -> dict[int, PostState]:
    return {
        state.id: state
        for state in states
        if medium is None or any(media.kind == medium for _, media, _ in state.members)
    }


def _times(fact: Fact, moment: Moment) -> list[tuple[str, int, int, int, int]]:
    assert fact.when is not None
    return spans(fact.when, (moment.zone, "UTC") if moment.zone != "UTC" else ("UTC",))


def _candidates(
    states: dict[int, PostState], fact: Fact, others: Sequence[Fact], moment: Moment
) -> list[PostState]:
    """The posts that may be meant: those that fit what else the report says of one; if none does, all of the days before."""
    last = moment.hi + 1
    near = [each for each in states.values() if moment.lo - POST_WINDOW_S <= each.post.at <= last]
    same = [each for each in others if each.channel == fact.channel and each.medium == fact.medium]
    for other in same:
        if other.kind == "published" and other.when is not None and not other.denied:
            told = _times(other, moment)
            lo, hi = min(each[3] for each in told), max(each[4] for each in told)
            near = [each for each in near if lo <= each.post.at <= min(hi, last)] or near
    for other in same:
        if other.kind == "duration" and len(near) > 1:
            near = [each for each in near if says(other, _length(each)) != F] or near
    return near


def _length(state: PostState) -> int:
    return next(media.duration_s for _, media, _ in state.members)


def _of_posts(posts: Sequence[PostState], of_one: Callable[[PostState], Iterable[str]]) -> str:
    results = [result for post in posts for result in of_one(post)]
    if results and set(results) == {T}:
        return T
    return F if results and set(results) == {F} and len(posts) == 1 else OPEN


def _published(fact: Fact, moment: Moment, post: PostState) -> list[str]:
    told = _times(fact, moment)
    at = post.post.at
    core = any(lo <= at < hi for _, lo, hi, _, _ in told)
    results = [
        T if wide_lo <= at < wide_hi and core else F if not wide_lo <= at < wide_hi else OPEN
        for _, _, _, wide_lo, wide_hi in told
    ]
    return [_not(result) for result in results] if fact.denied else results


# -- marks and presence -------------------------------------------------------------------------------


def _sides(seen: Sequence[tuple[int, bool]], moment: Moment) -> str:
    """Whether something was so at a moment: so before and after it, or so on its day."""
    before = [is_so for at, is_so in seen if at <= moment.lo][-1:]
    at_before = max((at for at, _ in seen if at <= moment.lo), default=0)
    inside = [is_so for at, is_so in seen if moment.lo < at < moment.hi]
    after = [(at, is_so) for at, is_so in seen if at >= moment.hi][:1]
    around = [*before, *inside, *(is_so for _, is_so in after)]
    if before and after:
        if all(around):
            return T
        if not any(around) and after[0][0] - at_before <= APART_S + moment.hi - moment.lo:
            return F
    day = datetime.fromtimestamp(moment.hi, ZoneInfo(moment.zone)).date()
    today = [
        is_so
        for at, is_so in seen
        if at <= moment.hi and datetime.fromtimestamp(at, ZoneInfo(moment.zone)).date() == day
    ]
    earlier = [
        is_so
        for at, is_so in seen
        if at <= moment.lo and datetime.fromtimestamp(at, ZoneInfo(moment.zone)).date() == day
    ]
    today = [*earlier[-1:], *today[len(earlier) :]]
    if today and all(today) and (not after or after[0][1]):
        return T
    return OPEN


def _begins(seen: Sequence[tuple[int, bool]], fact: Fact, moment: Moment) -> list[str]:
    """Whether something began in a stated time, and before the report: it was there already, or it came then, or it was looked for before and
    after and never seen."""
    first = min((at for at, is_so in seen if is_so), default=None)
    without = max((at for at, is_so in seen if not is_so and (first is None or at < first)), default=None)
    results = []
    for _, _, _, lo, hi in _times(fact, moment):
        end = max(lo, min(hi, moment.hi))
        before = max((at for at, _ in seen if at <= lo), default=None)
        after = min((at for at, _ in seen if at >= end), default=None)
        result = OPEN
        if first is not None and first < lo:
            result = F
        elif first is not None and without is not None and lo <= without and first <= hi:
            result = T
        elif fact.kind == "disappearance":
            recent = end >= moment.lo - POST_WINDOW_S
            result = F if without is not None and without >= end and recent else OPEN
        elif (
            before is not None
            and after is not None
            and after - before <= APART_S + end - lo
            and not any(is_so for at, is_so in seen if before <= at <= after)
        ):
            result = F
        results.append(result)
    return results


def _presence(world: World, channel: int) -> list[tuple[int, bool]]:
    answers = [
        (look.at, world.scenario.state(channel, look.at).answer)
        for look in world.looks
        if look.channel == channel and look.what in ("page", "landing")
    ]
    return [(at, answer in ("shown", "no preview", "group")) for at, answer in answers]


# -- the whole claim ----------------------------------------------------------------------------------


def allowed(world: World, fact: Fact, others: Sequence[Fact], moment: Moment) -> str:
    """The verdict that the looks allow."""
    result = _allowed(world, fact, others, moment)
    return {T: SUPPORTED, F: CONTRADICTED}.get(result, NOT)


def _allowed(world: World, fact: Fact, others: Sequence[Fact], moment: Moment) -> str:
    if fact.kind == "quote":
        wanted = _words(fact.quote or "")
        texts = [
            _words(state.text.plain)
            for _, state in _posts_seen(world, fact.channel)
            if state.text is not None and state.post.at <= moment.hi + 1
        ]
        return T if any(f" {wanted} " in f" {text} " for text in texts) else OPEN
    if fact.kind == "followers":
        return _numbers_allow(world, fact, None, moment)
    if fact.kind == "label":
        # A page shows a mark; that it shows none says nothing.
        seen = [
            (look.at, True)
            for look in world.looks
            if look.channel == fact.channel
            and (state := world.scenario.state(fact.channel, look.at)).answer == "shown"
            and fact.label in state.labels
            and fact.label in state.channel.shown_labels
        ]
        result = _all(_begins(seen, fact, moment)) if fact.when else _sides(seen, moment)
        return _not(result) if fact.denied else result
    if fact.kind == "disappearance":
        seen = _presence(world, fact.channel)
        if not any(there for _, there in seen):
            return OPEN
        gone = [(at, not there) for at, there in seen]
        result = _all(_begins(gone, fact, moment)) if fact.when else _sides(gone, moment)
        return _not(result) if fact.denied else result
    states = _of_medium((state for _, state in _posts_seen(world, fact.channel)), fact.medium)
    posts = _candidates(states, fact, others, moment)
    if fact.kind == "existence":
        return (F if fact.denied else T) if posts and (len(posts) == 1 or not fact.denied) else OPEN
    if fact.kind == "published":
        return _of_posts(posts, lambda post: _published(fact, moment, post))
    if fact.kind == "duration":
        return _of_posts(posts, lambda post: [says(fact, _length(post))])
    if fact.kind == "edit":
        return _of_posts(posts, lambda post: [_edited(world, fact, post.id, moment)])
    return _of_posts(posts, lambda post: [_numbers_allow(world, fact, post.id, moment)])


def _edited(world: World, fact: Fact, post: int, moment: Moment) -> str:
    texts = {
        state.text.plain
        for at, state in _posts_seen(world, fact.channel)
        if state.id == post and state.text is not None and at <= moment.hi
    }
    return (F if fact.denied else T) if len(texts) > 1 else OPEN


def _all(results: Sequence[str]) -> str:
    return results[0] if results and len(set(results)) == 1 else OPEN


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("ё", "е").replace("’", "'")))


def reality(world: World, fact: Fact, others: Sequence[Fact], moment: Moment) -> str:
    """What is true: "true" if any post that may be meant, at any moment that may be meant, makes it so; "false" if none does."""
    scenario = world.scenario
    at = moment.hi
    state = scenario.state(fact.channel, at)
    if fact.kind == "quote":
        wanted = _words(fact.quote or "")
        texts = [
            _words(post.text.plain) for post in scenario.posts(fact.channel, at) if post.text is not None
        ]
        return T if any(f" {wanted} " in f" {text} " for text in texts) else OPEN
    if fact.kind == "followers":
        return _number_is(world, fact, None, moment)
    if fact.kind in ("label", "disappearance"):
        event = "label added" if fact.kind == "label" else "gone"
        began = [each.at for each in state.channel.events if each.what == event]
        if fact.when is not None:
            so = any(lo <= each < hi for each in began for _, _, _, lo, hi in _times(fact, moment))
        else:
            so = any(each <= at for each in began) or fact.label in state.channel.labels
        return T if so != fact.denied else F
    states = _of_medium(scenario.posts(fact.channel, at), fact.medium)
    posts = _candidates(states, fact, others, moment)
    results: set[str] = set()
    for post in posts:
        if fact.kind == "existence":
            results.add(F if fact.denied else T)
        elif fact.kind == "published":
            results.add(
                T
                if any(lo <= post.post.at < hi for _, _, _, lo, hi in _times(fact, moment)) != fact.denied
                else F
            )
        elif fact.kind == "duration":
            results.add(says(fact, _length(post)))
        elif fact.kind == "edit":
            edited = any(edit.at <= at for edit in post.post.edits)
            results.add(T if edited != fact.denied else F)
        else:
            results.add(_number_is(world, fact, post.id, moment))
    return T if T in results else F if results == {F} else OPEN


def utc(at: int) -> str:
    """RFC 3339."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
