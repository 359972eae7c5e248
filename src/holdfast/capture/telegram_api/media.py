"""What is attached to a post -> media, persons kept apart."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from holdfast.capture.telegram_api.files import FilePlace, document_media, photo_media
from holdfast.capture.telegram_api.values import (
    Peers,
    Unknown,
    clipped,
    decimal,
    fields_of,
    kind_of,
    listed,
    number,
    peer_id,
    snake,
    utc,
    words,
)
from holdfast.model import MediaSeen, Metrics

__all__ = ["Attached", "attached_to"]

_PREFIX: Final = "MessageMedia"


class Attached(msgspec.Struct, gc=False):
    """What hangs on a post: `places` go with `media` (the same order; each a file and maybe its small picture)."""

    media: list[MediaSeen] = []
    places: list[tuple[FilePlace, ...]] = []
    persons: dict[str, Any] = {}
    metrics: Metrics | None = None
    link_preview: dict[str, Any] | None = None

    def add(self, seen: MediaSeen, places: tuple[FilePlace, ...] = ()) -> None:
        self.media.append(seen)
        self.places.append(places)


def attached_to(media: Any, peers: Peers, unknown: Unknown) -> Attached:
    """What the source attached. A kind that nobody here knows is kept as "other" with its plain fields, and counted."""
    found = Attached()
    kind = kind_of(media).removeprefix(_PREFIX)
    if media is None or kind == "Empty":
        return found
    match kind:
        case "Photo":
            found.add(
                *photo_media(media.photo, spoiler=media.spoiler or None, ttl_s=number(media.ttl_seconds))
            )
        case "Document":
            _document(media, found)
        case "Poll":
            _poll(media, found, unknown)
        case "Geo" | "GeoLive":
            live: dict[str, Any] = {"live_period_s": number(media.period)} if kind == "GeoLive" else {}
            found.add(MediaSeen("location", data={**_point(media.geo), **live} or None))
        case "Venue":
            place: dict[str, Any] = {**_point(media.geo), "address": clipped(media.address)}
            found.add(MediaSeen("venue", title=words(media.title), data=place))
        case "Contact":
            card = {
                key: words(getattr(media, key))
                for key in ("first_name", "last_name", "phone_number", "vcard")
            }
            card["user_id"] = f"user{media.user_id}" if media.user_id else None
            found.persons["contact"] = {key: value for key, value in card.items() if value is not None}
            found.add(MediaSeen("contact"))
        case "Game":
            data: dict[str, Any] = {
                "description": words(media.game.description),
                "short_name": words(media.game.short_name),
            }
            found.add(MediaSeen("game", title=words(media.game.title), data=data))
        case "Invoice":
            _invoice(media, found)
        case "Dice":
            data = {"dice": {"emoji": clipped(media.emoticon), "value": media.value}}
            found.add(MediaSeen("other", emoji=words(media.emoticon), data=data))
        case "Giveaway" | "GiveawayResults":
            key = "giveaway_information" if kind == "Giveaway" else "giveaway_results"
            found.add(MediaSeen("giveaway", data={key: fields_of(media, found.persons)}))
        case "Story":
            _story(media, found, peers)
        case "WebPage":
            found.link_preview = _link_preview(media.webpage)
        case "Unsupported":
            found.add(MediaSeen("other", data={"type": "unsupported"}))
        case "PaidMedia":
            _paid(media, found)
        case "ToDo":
            _todo(media, found)
        case _:
            unknown[kind_of(media)] += 1
            data = {"type": snake(kind), **fields_of(media, found.persons)}
            found.add(MediaSeen("other", data=data))
    return found


def _document(media: Any, found: Attached) -> None:
    seen, places = document_media(
        media.document, spoiler=media.spoiler or None, ttl_s=number(media.ttl_seconds)
    )
    if not places:
        # The file has expired; the wrapper still says what it was.
        for kind, flag in (("round_video", "round"), ("voice", "voice"), ("video", "video")):
            if getattr(media, flag, None):
                seen = msgspec.structs.replace(seen, kind=kind)
                break
    found.add(seen, places)


def _point(geo: Any) -> dict[str, Any]:
    if kind_of(geo) != "GeoPoint":
        return {}
    return {"latitude": decimal(geo.lat), "longitude": decimal(geo.long)}


def _poll(media: Any, found: Attached, unknown: Unknown) -> None:
    poll, results = media.poll, media.results
    data: dict[str, Any] = {"closed": bool(poll.closed)}
    for flag in ("public_voters", "multiple_choice", "quiz"):
        if getattr(poll, flag, None):
            data[flag] = True
    if utc(poll.close_date):
        data["close_date"] = utc(poll.close_date)
    data["question"] = words(poll.question) or ""
    data["answers"] = [words(answer.text) or "" for answer in poll.answers]
    solution = words(getattr(results, "solution", None))
    if solution is not None:
        data["solution"] = solution
    # Who voted for what, and what this account chose, is nothing of the post.
    counts = {}
    for each in listed(getattr(results, "results", None)):
        if kind_of(each) == "PollAnswerVoters":
            counts[each.option] = number(each.voters)
        else:
            unknown[kind_of(each)] += 1
    votes = [(words(answer.text) or "", counts.get(answer.option)) for answer in poll.answers]
    counted = tuple((answer, count) for answer, count in votes if count is not None)
    voters = number(getattr(results, "total_voters", None))
    is_whole = bool(votes) and len(counted) == len(votes)
    if is_whole or voters is not None:
        found.metrics = Metrics(votes=counted if is_whole else None, voters=voters)
    found.add(MediaSeen("poll", data=data))
    attached = getattr(media, "attached_media", None)
    if attached is not None:
        unknown[f"poll with {kind_of(attached)}"] += 1


def _invoice(media: Any, found: Attached) -> None:
    data: dict[str, Any] = {
        "description": words(media.description) or "",
        "currency": clipped(media.currency),
    }
    data["amount"] = number(media.total_amount)
    if media.receipt_msg_id is not None:
        data["receipt_message_id"] = str(media.receipt_msg_id)
    found.add(MediaSeen("invoice", title=words(media.title), data=data))
    if media.extended_media is not None:
        _extended(media.extended_media, found)


def _story(media: Any, found: Attached, peers: Peers) -> None:
    owner = peer_id(media.peer)
    data: dict[str, Any] = {"id": str(media.id)}
    if owner is not None and not owner.startswith("user"):
        data["channel"], data["name"] = owner, peers.name(owner)
    elif owner is not None:
        found.persons["story_of"] = {"id": owner, "name": peers.name(owner)}
    found.add(MediaSeen("story", data={"story": data}))


def _paid(media: Any, found: Attached) -> None:
    found.add(MediaSeen("paid", data={"paid_media": {"stars": number(media.stars_amount)}}))
    for each in media.extended_media:
        _extended(each, found)


def _extended(each: Any, found: Attached) -> None:
    """What is behind a price: the thing itself where it was paid for, else the little that is shown."""
    inner: Any = getattr(each, "media", None)
    match kind_of(inner).removeprefix(_PREFIX):
        case "Photo":
            found.add(*photo_media(inner.photo))
        case "Document":
            found.add(*document_media(inner.document))
        case _:
            length = number(getattr(each, "video_duration", None))
            found.add(
                MediaSeen(
                    "other" if length is None else "video",
                    state="unavailable",
                    width=number(getattr(each, "w", None)),
                    height=number(getattr(each, "h", None)),
                    duration_s=length,
                )
            )


def _todo(media: Any, found: Attached) -> None:
    done = {each.id for each in listed(media.completions) if kind_of(each) == "TodoCompletion"}
    answers = [
        {"id": str(each.id), "text": words(each.title) or "", "done": each.id in done}
        for each in media.todo.list
    ]
    found.add(
        MediaSeen("todo", data={"todo_list": {"title": words(media.todo.title) or "", "answers": answers}})
    )


def _link_preview(page: Any) -> dict[str, Any] | None:
    named = {"url": "url", "site": "site_name", "title": "title", "description": "description"}
    preview = {key: words(getattr(page, field, None)) for key, field in named.items()}
    return {key: value for key, value in preview.items() if value is not None} or None
