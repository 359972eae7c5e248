"""Reads a scenario file; every mistake is named with its place and what to do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from holdfast.errors import UsageError
from holdfast.fake_telegram.parts import EVENTS, FAULTS, KINDS, Channel, Event, Fault
from holdfast.fake_telegram.reading_posts import read_curve, read_posts
from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.tables import Table

__all__ = ["load_scenario", "parse_scenario"]

FORMAT = 1
MAX_SIZE_BYTES = 64 * 1024 * 1024
NEVER = 2**62
DAY = 86_400
_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_LABEL = re.compile(r"[a-z][a-z0-9_]{0,30}")
_VALUE_KEY = {"title": "to", "username": "to", "description": "to", "restricted": "text"}
FORMS = {
    "garbage": ("body", "answer"),
    "layout": ("extra", "renamed"),
    "length": ("longer", "shorter"),
    "charset": ("windows-1251", "utf-16", "mislabelled"),
}


def load_scenario(path: Path) -> Scenario:
    """The scenario of a TOML file. Errors: UsageError that names the place and what to do. Effects: reads the file."""
    try:
        with path.open("rb") as file:
            source = file.read(MAX_SIZE_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"the scenario {path} cannot be read: {error.strerror or type(error).__name__}",
            remedy="check the path",
        ) from error
    if len(source) > MAX_SIZE_BYTES:
        raise UsageError(f"the scenario {path} is larger than 64 MiB", remedy="divide it into several")
    return parse_scenario(source, path.name)


def parse_scenario(source: str | bytes, place: str = "scenario") -> Scenario:
    """The scenario in a TOML text. `place` is what messages call it. Errors: UsageError."""
    try:
        data = tomllib.loads(source if isinstance(source, str) else source.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{place}: is not UTF-8 (byte {error.start})", remedy="save the file as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{place}: is not TOML: {error}", remedy="mend that line; see https://toml.io"
        ) from error
    return _read_scenario(Table(data, place))


def _read_scenario(table: Table) -> Scenario:
    version = table.number("format")
    if version != FORMAT:
        raise table.wrong("format", f"is {version}", f"this program reads format {FORMAT}")
    start = table.start = table.time("start")
    channels = tuple(
        _read_channel(each)
        for each in table.tables("channel", lambda number, data: f"channel {_name_or(data, number)}")
    )
    if not channels:
        raise table.wrong(
            "channel", "is missing: nothing would be shown", "add [[channel]] with id, username, title"
        )
    faults = tuple(
        _read_fault(each) for each in table.tables("fault", lambda number, _data: f"fault {number}")
    )
    scenario = Scenario(
        name=table.text("name", table.place),
        start=start,
        end=table.time("end") if table.has("end") else _last_moment(start, channels),
        seed=table.number("seed", 0),
        rounding=table.text("rounding", "cut", one_of=("cut", "round")),
        decimal_mark=table.text("decimal_mark", ".", one_of=(".", ",")),
        layout=table.text("layout", "2026", one_of=("2023", "2026")),
        landing=table.text("landing", "redirect", one_of=("redirect", "direct")),
        front_page=table.text("front_page", "https://telegram.org/"),
        media_lifetime_s=max(1, int(table.seconds("media_lifetime", 3600))),
        channels=channels,
        faults=faults,
    )
    table.done()
    if scenario.end < start:
        raise table.wrong(
            "end", "is before the start", "leave it out: it is then the last thing that happens"
        )
    if any(character in scenario.front_page for character in "\r\n\0"):
        raise table.wrong("front_page", "holds a line break", "give one address")
    _check_names(table.place, channels)
    return scenario


def _name_or(data: Any, number: int) -> str:
    given = data.get("username") if isinstance(data, dict) else None
    return given if isinstance(given, str) else f"number {number}"


def _last_moment(start: int, channels: tuple[Channel, ...]) -> int:
    moments = [start + DAY]
    for channel in channels:
        moments += channel.followers.times
        moments += (event.at for event in channel.events)
        for post in channel.posts:
            moments += [post.at, post.deleted_at or 0, *post.views.times, *(edit.at for edit in post.edits)]
    return max(moments)


def _username(table: Table, key: str) -> str:
    name = table.text(key)
    if not _USERNAME.fullmatch(name):
        raise table.wrong(
            key, f"is {name!r}", "4 to 32 Latin letters, digits and _ , a letter first, without the @"
        )
    return name


def _label(table: Table, key: str, value: str) -> str:
    if not _LABEL.fullmatch(value):
        raise table.wrong(
            key, f"is {value!r}", 'a label is lower-case Latin: "verified", "fake", "scam" or any other word'
        )
    return value


def _read_channel(table: Table) -> Channel:
    start = table.start
    channel = Channel(
        id=table.number("id", low=1, high=2**63 - 1),
        username=_username(table, "username"),
        title=table.text("title"),
        kind=table.text("kind", "channel", one_of=KINDS),
        description=table.text("description", ""),
        followers=read_curve(table, "followers", start),
        online=table.number("online", 0),
        labels=tuple(_label(table, "labels", each) for each in table.texts("labels")),
        shown_labels=tuple(
            _label(table, "shown_labels", each) for each in table.texts("shown_labels", ("verified",))
        ),
        appears_at=table.optional_time("appears_at"),
        photos=table.number("photos", 0),
        videos=table.number("videos", 0),
        files=table.number("files", 0),
        links=table.number("links", 0),
        posts=read_posts(table),
        events=tuple(
            sorted(
                (
                    _read_event(each)
                    for each in table.tables("event", lambda number, _data: f"event {number}")
                ),
                key=lambda event: event.at,
            )
        ),
    )
    table.done()
    if channel.posts and channel.kind != "channel":
        raise table.wrong("post", f"stands in a {channel.kind}", 'only kind = "channel" shows posts')
    return channel


def _read_event(table: Table) -> Event:
    what = table.text("what", one_of=EVENTS)
    value = warning = ""
    if what == "username":
        value = _username(table, "to") if table.take("to") else ""
    elif what in _VALUE_KEY:
        value = table.text(_VALUE_KEY[what])
    elif what.startswith("label "):
        value = _label(table, "label", table.text("label"))
        warning = table.text("warning", "") if what == "label added" else ""
    event = Event(at=table.time("at"), what=what, value=value, warning=warning)
    table.done()
    return event


def _read_fault(table: Table) -> Fault:
    kind = table.text("kind", one_of=FAULTS)
    forms = FORMS.get(kind, ("",))
    fault = Fault(
        kind=kind,
        from_at=table.time("from") if table.has("from") else -NEVER,
        until_at=table.time("until") if table.has("until") else NEVER,
        path=table.text("path", "*"),
        probability=table.share("probability", 1.0),
        first=table.optional_number("first", low=1),
        status=table.number("status", 500, low=400, high=599) if kind == "status" else 200,
        retry_after_s=table.optional_number("retry_after") if kind == "status" else None,
        retry_after_as=table.text("retry_after_as", "seconds", one_of=("seconds", "date"))
        if kind == "status"
        else "",
        wait_s=table.seconds("wait", 0),
        wait_by=table.text("wait_by", "scenario", one_of=("scenario", "real")),
        pieces=table.number("pieces", 1, low=1, high=10_000) if kind == "slow" else 1,
        keep=table.share("keep", 0.5) if kind in ("cut", "reset") else 0.5,
        skew_s=_skew(table) if kind == "clock" else 0,
        form=table.text("form", forms[0], one_of=forms) if kind in FORMS else "",
    )
    table.done()
    if fault.until_at <= fault.from_at:
        raise table.wrong("until", "is not after its beginning", "give a later time")
    if kind == "refuse" and (fault.path != "*" or fault.probability < 1 or fault.first is not None):
        raise table.wrong(
            "kind",
            "refuse knows no address yet when it happens",
            "leave out path, probability and first, or use reset",
        )
    return fault


def _skew(table: Table) -> int:
    most = 10 * 365 * DAY
    return table.number("skew", low=-most, high=most)


def _check_names(place: str, channels: tuple[Channel, ...]) -> None:
    ids: dict[int, str] = {}
    held: dict[str, list[tuple[int, int, Channel]]] = {}
    for channel in channels:
        if channel.id in ids:
            raise UsageError(
                f"{place}: channels {ids[channel.id]} and {channel.username} have one id, {channel.id}",
                remedy="give each its own",
            )
        ids[channel.id] = channel.username
        for name, since, until in _held(channel):
            for other_since, other_until, other in held.setdefault(name.casefold(), []):
                if since < other_until and other_since < until:
                    raise UsageError(
                        f"{place}: the username {name} leads to channels {other.id} and {channel.id} at once",
                        remedy='let the first give it up (event "username" or "gone") before the second has it'
                        " (appears_at, or an event)",
                    )
            held[name.casefold()].append((since, until, channel))


def _held(channel: Channel) -> list[tuple[str, int, int]]:
    """The names that a channel bears: (name, from, until)."""
    spans: list[tuple[str, int, int]] = []
    name, since = channel.username, -NEVER if channel.appears_at is None else channel.appears_at
    for event in channel.events:
        if event.what in ("username", "gone"):
            if name:
                spans.append((name, since, event.at))
            name, since = event.value if event.what == "username" else "", event.at
    return [*spans, (name, since, NEVER)] if name else spans
