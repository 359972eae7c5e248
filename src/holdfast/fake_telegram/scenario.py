"""A whole scenario, and the truth of it at any time."""

from __future__ import annotations

import msgspec

from holdfast.errors import UsageError
from holdfast.fake_telegram.history import (
    ChannelState,
    PostState,
    TrueEvent,
    channel_at,
    posts_at,
    true_events,
)
from holdfast.fake_telegram.parts import Channel, Fault, Frozen

__all__ = ["Scenario"]


class Scenario(Frozen, frozen=True):
    """All that happens, and when. `end`: the last moment that something is said of.

    `rounding`: "cut" or "round", for counters above 999. `layout`: "2023" or "2026", whose pages these are like. `landing`:
    "redirect" or "direct", how `/s/NAME` answers when there is no preview. Units: unix seconds.
    """

    name: str
    start: int
    end: int
    seed: int = 0
    rounding: str = "cut"
    decimal_mark: str = "."
    layout: str = "2026"
    landing: str = "redirect"
    front_page: str = "https://telegram.org/"
    media_lifetime_s: int = 3600
    channels: tuple[Channel, ...] = ()
    faults: tuple[Fault, ...] = ()
    bearers: dict[str, tuple[Channel, ...]] = msgspec.field(default_factory=dict)
    """Every username that is ever borne, folded, and who bears it; made from `channels`."""

    def __post_init__(self) -> None:
        bearers: dict[str, tuple[Channel, ...]] = {}
        for channel in self.channels:
            events = (event.value for event in channel.events if event.what == "username")
            for name in {each.casefold() for each in (channel.username, *events) if each}:
                bearers[name] = (*bearers.get(name, ()), channel)
        msgspec.structs.force_setattr(self, "bearers", bearers)

    def channel(self, which: int | str) -> Channel:
        """The channel of this id, or that bore this username first. Errors: UsageError if there is none."""
        name = which.casefold() if isinstance(which, str) else None
        for channel in self.channels:
            if channel.id == which or (name is not None and channel.username.casefold() == name):
                return channel
        raise UsageError(
            f"the scenario has no channel {which}", remedy="ask by an id or a first username that it names"
        )

    def truth(self, which: int | str) -> tuple[TrueEvent, ...]:
        """All that truly happened to a channel and its posts, in order of time; counters are in the states."""
        return true_events(self.channel(which))

    def state(self, which: int | str, at: float) -> ChannelState:
        """What was truly so of a channel at a time: names, followers, labels, how it answers."""
        return channel_at(self.channel(which), at)

    def posts(self, which: int | str, at: float) -> tuple[PostState, ...]:
        """The posts that truly were there at a time, by ascending id, with their exact counters."""
        return posts_at(self.channel(which), at)

    def holder(self, username: str, at: float) -> ChannelState | None:
        """What a username leads to at a time; None: nothing. A private channel keeps answering to the name it had."""
        wanted = username.casefold()
        for channel in self.bearers.get(wanted, ()):
            state = channel_at(channel, at)
            if (
                state.answer != "not found"
                and state.username is not None
                and state.username.casefold() == wanted
            ):
                return state
        return None
