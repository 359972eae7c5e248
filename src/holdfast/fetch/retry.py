"""What to do after an exchange: hand it back, wait and ask again, or leave the host alone for a while; pure."""

from __future__ import annotations

import random
import re
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

from holdfast.fetch.exchange import Exchange
from holdfast.fetch.policy import Policy

__all__ = ["Step", "next_step", "parse_http_date", "retry_after_s"]

_PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
_PASSING_OUTCOMES = frozenset({"timed out", "refused", "cut", "network"})
_LONGEST_S = 366 * 86400.0  # a pause of more than a year is a slip, or spite; it is still as good as for ever


class Step(msgspec.Struct, frozen=True, gc=False):
    """`again`: ask once more, after `wait_s`. `hold_s`: nobody asks this host for so long. `asked_s`: the pause that
    the server asked for, None if it named none."""

    again: bool = False
    wait_s: float = 0.0
    hold_s: float = 0.0
    asked_s: float | None = None


def parse_http_date(text: str) -> float | None:
    """Unix seconds of an HTTP date, None if it is none. Source: RFC 9110 section 5.6.7."""
    try:
        found = parsedate_to_datetime(text)
        # Without a zone the old forms mean UTC too.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after_s(exchange: Exchange) -> float | None:
    """The pause that an answer asks for, from the moment it came; None if it names none that can be read.

    A date is measured against the server's own Date, so that a clock that is off, ours or theirs, does not matter.
    Source: RFC 9110 section 10.2.3.
    """
    text = (exchange.header("retry-after") or "").strip()
    if re.fullmatch(r"[0-9]{1,300}", text):
        return min(float(text), _LONGEST_S)
    until = parse_http_date(text)
    if until is None:
        return None
    theirs = parse_http_date(exchange.header("date") or "")
    return min(max(0.0, until - (exchange.finished_at if theirs is None else theirs)), _LONGEST_S)


def next_step(exchange: Exchange, attempt: int, policy: Policy, rng: random.Random) -> Step:
    """`attempt` counts from 0. Jitter is full: anything up to the backoff, which doubles with each attempt."""
    # A body that was cut is a reason of its own, whatever its status said.
    passing = exchange.status in _PASSING_STATUSES or exchange.outcome in _PASSING_OUTCOMES
    if not passing:
        return Step()
    more = attempt < policy.retries
    asked = retry_after_s(exchange) if exchange.status in _PASSING_STATUSES else None
    if asked is not None:
        return Step(more and asked <= policy.max_wait_s, 0.0, asked, asked)
    backoff = min(policy.backoff_max_s, policy.max_wait_s, policy.backoff_s * 2.0 ** min(attempt, 32))
    if exchange.status == 429:
        # Told to slow down but not for how long: everybody pauses, and not for nothing.
        return Step(more, 0.0, backoff * (0.5 + rng.random() / 2))
    return Step(more, backoff * rng.random(), 0.0)
