"""The posts of one answer, checked against what was asked and paired by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from holdfast.capture.contract import AnswerSeen, FileOffer
from holdfast.capture.telegram_api.files import FilePlace
from holdfast.capture.telegram_api.post import Mapped, map_post
from holdfast.capture.telegram_api.problems import skipped
from holdfast.capture.telegram_api.raw import Asked
from holdfast.capture.telegram_api.values import Peers, Unknown, kind_of, peer_id
from holdfast.model import Problem

__all__ = ["MISFIT", "ApiAnswer", "Listing", "Places", "Read"]

MISFIT: Final = (AttributeError, TypeError, ValueError)
"""What the mapping raises for objects that are built of parts that do not belong together."""

Places = tuple[tuple[FilePlace, ...], ...]
"""For each of a post's media, where its bytes can be had."""


class ApiAnswer(AnswerSeen, frozen=True, gc=False):
    """An answer of the API.

    `absent`: ids that were asked for one by one, or named as deleted, and of which the source says that there is no such
    post. `channel`: the bare id of the channel that the answer is about. `event`: "new", "edited" or "deleted" where the
    source told it unasked. `retry_after_s`: how long the source, or our own daily limit, asks us to wait.
    """

    absent: tuple[int, ...] = ()
    channel: str | None = None
    event: str | None = None
    retry_after_s: int | None = None


class Read:
    """An answer with what its reader needs next and nobody may keep: where files are, and who is who."""

    def __init__(
        self, seen: ApiAnswer, chats: Sequence[Any] = (), places: dict[int, Places] | None = None
    ) -> None:
        self.seen = seen
        self.chats = chats
        self.places = places or {}


class Listing:
    """The posts of one answer, checked against what was asked."""

    def __init__(self, asked: Asked, peers: Peers) -> None:
        self._asked = asked
        self._channel = int(asked.channel or 0)
        # An empty place names no channel.
        self._own = (None, f"channel{asked.channel}", f"chat{asked.channel}")
        self._peers = peers
        self._posts: dict[int, Mapped] = {}
        self._empty: set[int] = set()
        self._met: list[int] = []
        self._unknown = Unknown()
        self.problems: list[Problem] = []

    def take(self, messages: Sequence[Any]) -> None:
        wanted = set(self._asked.ids)
        for message in messages:
            number = getattr(message, "id", None)
            if not isinstance(number, int) or not kind_of(message).startswith("Message"):
                self.problems.append(skipped("bad_post"))
                continue
            if peer_id(message.peer_id) not in self._own:
                self.problems.append(skipped("foreign_post", post=number))
            elif wanted and number not in wanted:
                self.problems.append(skipped("not_asked", post=number))
            elif number in self._posts or number in self._empty:
                self.problems.append(skipped("repeated", post=number))
            else:
                self._take_one(number, message)

    def _take_one(self, number: int, message: Any) -> None:
        self._met.append(number)
        try:
            mapped = map_post(message, self._channel, self._peers, self._unknown)
        except MISFIT:
            self.problems.append(skipped("bad_post", post=number))
            return
        if mapped is None:
            self._empty.add(number)
        else:
            self._posts[number] = mapped

    def history(self, count: int | None) -> Read:
        """A run of the history: between its ends, an id that is not there was not given."""
        before = self._asked.before
        if not self._met:
            if not before and count:
                # It counts posts and gives none: whatever that means, it is not that there are none.
                return self.read("not understood", detail=f"counts {count} posts and gives none")
            return self.read("shown", is_start=True)
        inside = [number for number in self._met if before is None or number < before]
        if not inside:
            return self.read("not understood", detail="gives other posts than were asked for")
        first = min(inside)
        last = max(inside) if before is None else before - 1
        is_start = first <= 1
        return self.read(
            "shown",
            absent=tuple(sorted(self._empty)),
            first=first,
            last=last,
            older=None if is_start else first,
            is_start=is_start,
        )

    def by_id(self) -> Read:
        """Posts asked for one by one: paired by id, never by place. What is empty or left out is absent."""
        absent = tuple(sorted(set(self._asked.ids) - set(self._met) | self._empty))
        return self.read(
            "shown" if self._posts else "not found" if absent else "not understood", absent=absent
        )

    def broken(self, detail: str) -> Read:
        # The run ends at the last post that could be read; whoever asks on must look at what comes next one by one.
        older = min(self._met) if self._met and self._asked.what == "history" else None
        return self.read("not understood", older=older, detail=detail)

    def read(self, answered: str, *, absent: tuple[int, ...] = (), **told: Any) -> Read:
        numbers = sorted(self._posts)
        unread = {number for number in self._met if number not in self._posts and number not in self._empty}
        seen = ApiAnswer(
            answered,
            posts=tuple(self._posts[number].post for number in numbers),
            ids=tuple(sorted({*numbers, *unread})),
            files=tuple(offer for number in numbers for offer in _offers(number, self._posts[number])),
            problems=tuple(self.problems),
            unknown=tuple(sorted(self._unknown.items())),
            channel=self._asked.channel,
            absent=absent,
            **told,
        )
        return Read(seen, places={number: self._posts[number].places for number in numbers})


def _offers(number: int, mapped: Mapped) -> list[FileOffer]:
    """Files that `media` can fetch. There are no addresses: what stands for one names the file."""
    offers = []
    for position, (seen, places) in enumerate(zip(mapped.post.media or (), mapped.places, strict=True)):
        for place in places:
            is_small = place is not places[0]
            shown = seen.thumbnail if is_small else seen
            if shown is not None and shown.source_path is not None:
                url = f"telegram:{shown.source_path}"
                offers.append(FileOffer(number, position, url, seen.kind, is_small))
    return offers
