"""What a scenario is made of: channels, posts, events and faults, as frozen values."""

from __future__ import annotations

import msgspec

from holdfast.fake_telegram.curves import Curve

__all__ = [
    "EVENTS",
    "FAULTS",
    "KINDS",
    "MEDIA",
    "SERVICES",
    "Channel",
    "Edit",
    "Event",
    "Fault",
    "Forward",
    "Media",
    "Poll",
    "Post",
    "Reply",
    "Words",
]

KINDS = ("channel", "group", "user", "bot")
"""What a username leads to."""

MEDIA = (
    "photo",
    "video",
    "round_video",
    "voice",
    "audio",
    "document",
    "sticker",
    "animation",
    "poll",
    "location",
)

SERVICES = ("created", "title", "photo", "pinned")
"""What a service post says: the channel was created, renamed, given a picture, or a post was pinned."""

EVENTS = (
    "title",
    "username",
    "description",
    "label added",
    "label removed",
    "preview off",
    "preview on",
    "restricted",
    "unrestricted",
    "private",
    "public",
    "gone",
)
"""What can happen to a channel. "preview off": its posts are no longer shown to strangers; "gone": it is no more."""

FAULTS = (
    "status",
    "slow",
    "hang",
    "cut",
    "length",
    "garbage",
    "layout",
    "charset",
    "empty",
    "clock",
    "reset",
    "refuse",
)
"""What can go wrong with an answer; `docs/scenarios.md` says what each does."""


class Frozen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units: times in whole unix seconds, lengths in pixels, sizes in bytes."""


class Words(Frozen, frozen=True):
    """A text three ways, made once: as runs, without its formatting, and as a page's markup."""

    runs: tuple[str | dict[str, str], ...]
    plain: str
    html: str


class Poll(Frozen, frozen=True):
    """`answers` are (words, voters)."""

    question: str
    answers: tuple[tuple[str, Curve], ...]
    type: str = "Anonymous Poll"


class Media(Frozen, frozen=True):
    """One file or object of a post. `too_big`: the page names it, and offers no bytes."""

    kind: str
    width: int = 640
    height: int = 480
    duration_s: int = 0
    size_bytes: int = 2048
    file_name: str = ""
    title: str = ""
    performer: str = ""
    format: str = "jpeg"
    too_big: bool = False
    latitude: str = ""
    longitude: str = ""
    poll: Poll | None = None
    deleted_at: int | None = None
    """For a member of an album that vanishes alone."""


class Edit(Frozen, frozen=True):
    """`text` or `media` None: unchanged. `mark` False: the page does not say that the post was edited."""

    at: int
    text: Words | None = None
    media: tuple[Media, ...] | None = None
    mark: bool = True


class Forward(Frozen, frozen=True):
    """Where the post came from; without `username` it is a name alone."""

    name: str
    username: str | None = None
    post: int | None = None


class Reply(Frozen, frozen=True):
    """The post that is answered, by its number in the same channel."""

    post: int


class Post(Frozen, frozen=True):
    """One post, or an album: its media then bear the ids from `id` on, one each."""

    id: int
    at: int
    text: Words | None = None
    media: tuple[Media, ...] = ()
    forward: Forward | None = None
    reply: Reply | None = None
    signature: str | None = None
    reactions: tuple[tuple[str, Curve], ...] = ()
    views: Curve = Curve()
    edits: tuple[Edit, ...] = ()
    deleted_at: int | None = None
    service: str | None = None
    service_text: str = ""

    @property
    def ids(self) -> range:
        return range(self.id, self.id + max(1, len(self.media)))


class Event(Frozen, frozen=True):
    """Something that happens to a channel. `value`: the new title, the label, the words of a restriction, …;
    `warning`: what the platform puts into the description while a label is on."""

    at: int
    what: str
    value: str = ""
    warning: str = ""


class Channel(Frozen, frozen=True):
    """What a username leads to. `appears_at` None: it was there before the scenario starts.

    `photos`, `videos`, `files`, `links` are counted before the first post of the scenario. `shown_labels`: those that the page
    has a mark for; the others are true, and not to be seen there.
    """

    id: int
    username: str
    title: str
    kind: str = "channel"
    description: str = ""
    followers: Curve = Curve()
    online: int = 0
    labels: tuple[str, ...] = ()
    shown_labels: tuple[str, ...] = ("verified",)
    appears_at: int | None = None
    photos: int = 0
    videos: int = 0
    files: int = 0
    links: int = 0
    posts: tuple[Post, ...] = ()
    events: tuple[Event, ...] = ()


class Fault(Frozen, frozen=True):
    """What goes wrong in [`from_at`, `until_at`) for addresses like `path`. Units: waits and skew in seconds.

    `probability` is of each ask; `first`: only that many asks of one address inside the window are hit.
    """

    kind: str
    from_at: int
    until_at: int
    path: str = "*"
    probability: float = 1.0
    first: int | None = None
    status: int = 500
    retry_after_s: int | None = None
    retry_after_as: str = "seconds"
    wait_s: float = 0.0
    wait_by: str = "scenario"
    pieces: int = 1
    keep: float = 0.5
    skew_s: int = 0
    form: str = ""
