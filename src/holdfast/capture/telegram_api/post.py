"""One post of the schema -> the observation that an export or a page of the same post would give."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from holdfast.capture.telegram_api.files import FilePlace, photo_media
from holdfast.capture.telegram_api.media import Attached, attached_to
from holdfast.capture.telegram_api.rich import words_of_blocks
from holdfast.capture.telegram_api.service import SAYS_WHICH_POST, action_of
from holdfast.capture.telegram_api.text import text_from_entities
from holdfast.capture.telegram_api.values import (
    Peers,
    Unknown,
    clipped,
    kind_of,
    listed,
    number,
    peer_id,
    restrictions,
    snake,
    utc,
    words,
)
from holdfast.model import Author, Forward, Metrics, PostFacts, PostSeen, Reply

__all__ = ["Mapped", "map_post", "post_from_message"]

_NOBODY: Final = Peers()


class Mapped(msgspec.Struct, frozen=True, gc=False):
    """A post and, for each of its media, where the bytes can be had."""

    post: PostSeen
    places: tuple[tuple[FilePlace, ...], ...]


def post_from_message(message: Any, channel_id: int, peers: Peers = _NOBODY) -> PostSeen | None:
    """The post that a `Message` or `MessageService` stands for; None for a `MessageEmpty`.

    `peers` are the users and chats of the same answer, by which ids get names. `raw` is left to the caller. Errors:
    AttributeError, TypeError or ValueError if the object was built of parts that do not belong together, as
    hostile bytes can.
    """
    mapped = map_post(message, channel_id, peers, Unknown())
    return None if mapped is None else mapped.post


def map_post(message: Any, channel_id: int, peers: Peers, unknown: Unknown) -> Mapped | None:
    """As `post_from_message`, with the places of files; classes without a name here are counted in `unknown`."""
    is_service = kind_of(message) == "MessageService"
    if not is_service and kind_of(message) != "Message":
        return None
    own = f"channel{channel_id}"
    other: dict[str, Any] = {}
    attached = Attached()
    action = text = None
    reply = _reply(message.reply_to, own, other, attached.persons, peers)
    if is_service:
        action = action_of(message.action, attached.persons, peers, unknown)
        label = SAYS_WHICH_POST.get(action.get("type", ""))
        if label is not None and reply is not None:
            action[label], reply = reply.post, None
        if kind_of(getattr(message.action, "photo", None)) == "Photo":
            attached.add(*photo_media(message.action.photo))
    else:
        attached = _with(attached, attached_to(message.media, peers, unknown))
        text = text_from_entities(message.message or "", message.entities, unknown)
        rich = getattr(message, "rich_message", None)
        if text is None and rich is not None:
            text = words_of_blocks(rich)
            other["rich"] = True
    forward, author = _speakers(message, own, other, attached.persons, peers)
    _flags(message, other, attached)
    facts = PostFacts(
        str(channel_id),
        str(message.id),
        "service" if is_service else "post",
        published_at=utc(message.date),
        edited_at=utc(getattr(message, "edit_date", None)),
        reply=reply,
        forward=forward,
        action=action,
        other=other or None,
    )
    metrics = _metrics(message, attached, unknown)
    persons = attached.persons or None
    author = msgspec.structs.replace(author, persons=persons) if persons else author
    post = PostSeen(
        facts,
        author if author != Author() else None,
        text,
        tuple(attached.media) or None,
        metrics if metrics != Metrics() else None,
        None,
    )
    return Mapped(post, tuple(attached.places))


def _with(first: Attached, second: Attached) -> Attached:
    second.persons = {**first.persons, **second.persons}
    return second


def _reply(
    header: Any, own: str, other: dict[str, Any], persons: dict[str, Any], peers: Peers
) -> Reply | None:
    if header is None:
        return None
    if kind_of(header) == "MessageReplyStoryHeader":
        owner = peer_id(header.peer) or ""
        other["reply_to_story"] = {"id": str(header.story_id)}
        if owner.startswith("user"):
            persons["reply_to_story_of"] = {"id": owner, "name": peers.name(owner)}
        else:
            other["reply_to_story"]["channel"] = owner.removeprefix("channel")
        return None
    if getattr(header, "quote", None) and words(header.quote_text):
        other["quote"] = words(header.quote_text)
    peer = peer_id(header.reply_to_peer_id)
    if peer is not None and peer.startswith("user"):
        persons["reply_to_peer_id"] = peer
        peer = None
    if header.reply_to_msg_id is None:
        # It answers something in a chat that this account is not told of.
        other["reply_to"] = {"elsewhere": True}
        return None
    elsewhere = None if peer is None or peer == own else peer.removeprefix("channel")
    return Reply(str(header.reply_to_msg_id), elsewhere)


def _speakers(
    message: Any, own: str, other: dict[str, Any], persons: dict[str, Any], peers: Peers
) -> tuple[Forward | None, Author]:
    """Where it was first published, and everyone who speaks; the channel itself is no author."""
    speaker = peer_id(message.from_id)
    if speaker == own:
        speaker = None
    signature = words(getattr(message, "post_author", None))
    via_bot = None
    if getattr(message, "via_bot_id", None):
        bot = f"user{message.via_bot_id}"
        username = peers.username(bot)
        via_bot = f"@{username}" if username else bot
    forward, name, identity = _forward(getattr(message, "fwd_from", None), other, persons, peers)
    return forward, Author(peers.name(speaker), speaker, signature, via_bot, name, identity)


def _forward(
    header: Any, other: dict[str, Any], persons: dict[str, Any], peers: Peers
) -> tuple[Forward | None, str | None, str | None]:
    """(forward, a person's name, a person's id) of a forwarded post."""
    if header is None:
        return None, None, None
    published_at = utc(header.date)
    origin = peer_id(header.from_id)
    if words(header.post_author):
        persons["forward_signature"] = words(header.post_author)
    if header.channel_post is not None:
        other["forward_post"] = str(header.channel_post)
    saved = peer_id(getattr(header, "saved_from_peer", None))
    if saved is not None:
        persons["saved_from_id"] = saved
        if peers.name(saved):
            persons["saved_from"] = peers.name(saved)
    if origin is not None and origin.startswith("channel"):
        name = peers.name(origin) or words(header.from_name)
        return Forward(name, origin.removeprefix("channel"), published_at), None, None
    # A name without an id may be a person's: it must be erasable with the author.
    return Forward(published_at=published_at), peers.name(origin) or words(header.from_name), origin


def _flags(message: Any, other: dict[str, Any], attached: Attached) -> None:
    if getattr(message, "edit_hide", None):
        other["edit_hidden"] = True
    if getattr(message, "grouped_id", None) is not None:
        other["album"] = str(message.grouped_id)
    if getattr(message, "noforwards", None):
        other["noforwards"] = True
    if getattr(message, "ttl_period", None):
        other["ttl_period_s"] = message.ttl_period
    withheld = restrictions(message)
    if withheld is not None:
        other["restrictions"] = [msgspec.to_builtins(each) for each in withheld]
    check = getattr(message, "factcheck", None)
    if check is not None:
        said = {"text": words(check.text), "country": words(check.country)}
        other["factcheck"] = {key: value for key, value in said.items() if value is not None}
        if check.need_check:
            other["factcheck"]["need_check"] = True
    if attached.link_preview is not None:
        other["link_preview"] = attached.link_preview
    buttons = _buttons(getattr(message, "reply_markup", None))
    if buttons:
        other["inline_bot_buttons"] = buttons


_BUTTONS: Final = ("InlineButtonType", "ButtonType", "KeyboardButton")
_TARGETS: Final = ("url", "copy_text", "query")


def _buttons(markup: Any) -> list[list[dict[str, Any]]]:
    """The rows of buttons below a post: their words, and the address or text that they lead to."""
    if kind_of(markup) != "ReplyInlineMarkup":
        return []
    rows = []
    for row in markup.rows:
        buttons = []
        for button in row.buttons:
            # Newer layers keep the type apart from the words.
            source = getattr(button, "type", button)
            kind = kind_of(source)
            for prefix in _BUTTONS:
                kind = kind.removeprefix(prefix)
            seen = {"type": snake(kind) or "default", "text": clipped(button.text)}
            target = next(filter(None, (words(getattr(source, key, None)) for key in _TARGETS)), None)
            if target:
                seen["data"] = target
            buttons.append(seen)
        rows.append(buttons)
    return rows


def _metrics(message: Any, attached: Attached, unknown: Unknown) -> Metrics:
    """Counters, each None where the source does not speak of it: views and forwards come together or not at all."""
    replies = getattr(message, "replies", None)
    poll = attached.metrics or Metrics()
    return Metrics(
        views=number(getattr(message, "views", None)),
        forwards=number(getattr(message, "forwards", None)),
        reactions=_reactions(getattr(message, "reactions", None), attached.persons, unknown),
        votes=poll.votes,
        voters=poll.voters,
        replies=number(getattr(replies, "replies", None)),
    )


def _reactions(
    reactions: Any, persons: dict[str, Any], unknown: Unknown
) -> tuple[tuple[str, int], ...] | None:
    if reactions is None:
        return None
    counted = []
    for each in reactions.results:
        name, count = _reaction(each.reaction, unknown), number(each.count)
        if count is not None:
            counted.append((name, count))
    recent = [
        {
            "reaction": _reaction(each.reaction, unknown),
            "from_id": peer_id(each.peer_id),
            "date": utc(each.date),
        }
        for each in listed(getattr(reactions, "recent_reactions", None))
        if kind_of(each) == "MessagePeerReaction"
    ]
    if recent:
        persons["reactions"] = recent
    return tuple(sorted(counted))


def _reaction(reaction: Any, unknown: Unknown) -> str:
    match kind_of(reaction):
        case "ReactionEmoji":
            return clipped(reaction.emoticon)
        case "ReactionCustomEmoji":
            return f"custom:{reaction.document_id}"
        case "ReactionPaid":
            return "paid"
        case name:
            unknown[name] += 1
            return "unknown"
