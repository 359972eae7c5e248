"""`holdfast watch`: keeps watching channels, or looks at them once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from cyclopts import Parameter

from holdfast.answers import sweep_json
from holdfast.archive import Archive
from holdfast.catalog import queries
from holdfast.catalog.rows import bounds
from holdfast.cli.call import Call, passphrase_from
from holdfast.cli.output import Output, many, plain_line
from holdfast.errors import IncompleteError, SourceError, UsageError
from holdfast.fetch import IDENTIFYING_USER_AGENT, PLAIN_USER_AGENT, Door, Policy
from holdfast.schedule import Pattern
from holdfast.settings import Settings, session_path
from holdfast.watching.account import account_source, opened
from holdfast.watching.clock import SystemClock
from holdfast.watching.media import MediaPolicy
from holdfast.watching.run import Options, Sweep, Watch, watch
from holdfast.watching.source import Source
from holdfast.watching.web import FILE_HOSTS, WebSource, note_attempt

__all__ = ["run"]

_NAME = re.compile(r"(?:https?://)?(?:t\.me/(?:s/)?|@)?([A-Za-z0-9_]{2,32})/?", re.ASCII)
SLOW_AT_ONCE = 64
_TIME = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SIZE = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def run(
    *channels: str,
    once: Annotated[bool, Parameter(negative="")] = False,
    every: str | None = None,
    media: Literal["none", "photos", "all"] = "all",
    max_media: str = "200M",
    history: str = "all",
    telegram_web: str | None = None,
    proxy: str | None = None,
    user_agent: str | None = None,
    rate: float | None = None,
    parallel: int = 8,
    api: Annotated[bool, Parameter(negative="")] = False,
    pages: bool = True,
    session: Path | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Keep watching channels: their posts, counters, labels, edits and disappearances.

    Asks the public preview pages, which need no account; with --api Telegram's API too. New posts are looked at every hour for 48 hours, then at growing
    intervals up to 30 days, then monthly; the channel itself every hour. Ctrl-C is safe: what was answered is sealed.

    Parameters
    ----------
    channels
        Usernames, with or without @, or addresses such as t.me/NAME. None: all that this vault has watched before.
    once
        Look at each channel once and end, as for cron.
    every
        Look at everything this often instead, such as 30m, 2h or 1d.
    media
        Which files of posts are fetched and sealed.
    max_media
        The largest file that is fetched, such as 50M or 2G.
    history
        How many ids back a channel's earlier posts are asked for: all, none, or a number.
    telegram_web
        Where the preview pages are asked for, such as a mirror; https://t.me by default.
    proxy
        Ask for everything through this proxy, such as socks5h://127.0.0.1:9050 for Tor.
    user_agent
        What the program calls itself: identifying (by default), plain (as an ordinary browser), or a text of yours.
    rate
        Requests a second that one host is asked at most; 1 by default.
    parallel
        Channels that are looked at side by side.
    api
        Ask Telegram's API too, with your account (see `holdfast login`): exact counters, and marks both ways.
    pages
        Ask the public preview pages.
    session
        Where `holdfast login` kept the session; in your configuration folder by default.
    """
    flags = {"telegram_web": telegram_web, "proxy": proxy, "user_agent": user_agent, "rate": rate}
    settings = call.settings(flags)
    options = Options(
        once=once,
        pattern=Pattern(None if every is None else _seconds(every)),
        media=MediaPolicy(media, _bytes(max_media)),
        history={"all": None, "none": 0}.get(history, None if history == "all" else _count(history)),
        parallel=max(1, parallel),
    )
    if not pages and not api:
        raise UsageError("nothing is to be asked", remedy="leave --no-pages out, or add --api")
    asking = _Asking(
        policy_of(settings),
        settings.telegram_web if pages else None,
        (session or session_path()) if api else None,
        lambda: passphrase_from(settings),
    )
    with call.output() as output, call.archive(output, flags) as archive:
        names = [_name(each) for each in channels] or _watched_before(archive)
        # Usernames are one whatever their case; the first spelling is kept.
        names = list({each.casefold(): each for each in reversed(names)}.values())[::-1]
        found = asyncio.run(_watch(archive, names, options, asking, output))
    if once and set(found.last.values()) - {"complete"}:
        if set(found.last.values()) == {"failed"}:
            raise SourceError(
                "no channel gave an answer that says anything",
                remedy="what was answered is sealed; try again later",
            )
        return IncompleteError.exit_code
    return 0


class _Asking(msgspec.Struct, frozen=True):
    """Whom to ask: the pages below a base address, the API with the session in a file, or both."""

    policy: Policy
    base: str | None
    session: Path | None
    passphrase: Callable[[], str | None]


async def _watch(
    archive: Archive, names: list[str], options: Options, asking: _Asking, output: Output
) -> Watch:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        sources: list[Source] = []
        if asking.session is not None:
            client = opened(asking.session, asking.passphrase)
            sources.append(await stack.enter_async_context(account_source(client, asking.session, clock.now)))
        if asking.base is not None:
            door = await stack.enter_async_context(Door(asking.policy, on_exchange=note_attempt))
            sources.append(WebSource(door, asking.base, clock.now))
        if not options.once and not output.json:
            output.note(f"watching {many(len(names), 'channel')}; Ctrl-C ends it safely")
        return await watch(
            archive,
            [(source, name) for name in names for source in sources],
            options,
            clock=clock,
            report=lambda each: show_sweep(each, output),
        )


def policy_of(settings: Settings) -> Policy:
    """How the door is to behave. A base address on this machine is allowed because it was asked for, no other is."""
    host = urlsplit(settings.telegram_web).hostname or ""
    agent = {"identifying": IDENTIFYING_USER_AGENT, "plain": PLAIN_USER_AGENT}.get(
        settings.user_agent, settings.user_agent
    )
    is_here = host == "localhost" or host.startswith("127.") or host == "::1"
    return Policy(
        allowed_hosts=(urlsplit(settings.telegram_web).netloc, *FILE_HOSTS),
        allow_private=is_here,
        proxy=settings.proxy,
        user_agent=agent,
        per_host_rate=settings.rate,
        # The rate alone is the pace: two answers that hang must not hold up all others.
        per_host_concurrency=SLOW_AT_ONCE,
    )


def show_sweep(sweep: Sweep, output: Output) -> None:
    """One sweep, as a line for people or as a line of JSON."""
    if output.json:
        output.answer(sweep_json(sweep))
        return
    counts = sweep.kept.counts
    parts = [
        f"{value} {label}"
        for label in ("new", "changed", "unchanged", "absent", "skipped")
        if (value := getattr(counts, label))
    ]
    if sweep.files:
        parts.append(many(sweep.files, "file"))
    if sweep.followers is not None:
        low, high = bounds(sweep.followers)
        parts.append(f"followers {low:,}" if low == high else f"followers {low:,}–{high:,}")
    if sweep.outcome != "complete":
        parts.append(f"{sweep.outcome}: {plain_line(sweep.detail or '')}".rstrip(": "))
    elif sweep.answered != "shown":
        parts.append(sweep.answered)
    when = f"{datetime.fromtimestamp(sweep.started_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    following = ""
    if sweep.next_at is not None and sweep.next_at > sweep.started_at:
        following = f"; next {datetime.fromtimestamp(sweep.next_at, UTC):%H:%M:%S}"
    if sweep.history_left and sweep.next_at is not None:
        parts.append(f"{sweep.history_left:,} earlier ids to go")
    told = ", ".join(parts) or "nothing new"
    output.line(f"{when}  @{plain_line(sweep.name)}: {told} (entry {sweep.kept.entry}){following}")
    output.flush()


def _watched_before(archive: Any) -> list[str]:
    names = queries.watched_names(archive.engine(), "telegram_web")
    if not names:
        raise UsageError("no channel is named", remedy="name one: holdfast watch @channel")
    return names


def _name(text: str) -> str:
    found = _NAME.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text!r} names no channel", remedy="write it like @channel or t.me/channel")
    return found[1]


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip().lower())
    seconds = int(found[1]) * _TIME[found[2]] if found else 0
    if not 1 <= seconds <= 366 * 86_400:
        raise UsageError(f"{text!r} is no length of time", remedy="write it like 30m, 2h or 1d")
    return seconds


def _bytes(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([kmg]?)b?", text.strip().lower())
    if found is None or not int(found[1]):
        raise UsageError(f"{text!r} is no size", remedy="write it like 500k, 50M or 2G")
    return int(found[1]) * _SIZE[found[2]]


def _count(text: str) -> int | None:
    if text == "none":
        return 0
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"{text!r} is no number of posts", remedy="write all, none, or a number such as 500")
    return int(text)
