"""Reads the posts of a scenario file: texts, media, counters, edits."""

from __future__ import annotations

import re
from typing import Any

from holdfast.errors import UsageError
from holdfast.fake_telegram.curves import Curve
from holdfast.fake_telegram.filebytes import MAX_PICTURE
from holdfast.fake_telegram.parts import (
    MEDIA,
    SERVICES,
    Edit,
    Forward,
    Media,
    Poll,
    Post,
    Reply,
    Words,
)
from holdfast.fake_telegram.tables import Table
from holdfast.fake_telegram.words import NAMED_RUNS, marked_up, words_of_runs

__all__ = ["read_curve", "read_posts"]

RUN_TYPES = (*NAMED_RUNS, "text_link", "link", "mention", "hashtag", "custom_emoji")
CURVE_FORM = '[["+0h", 10], ["+24h", 500]], a number, or {from = 0, to = 500, half_life = "6h"}'
_DECIMAL = re.compile(r"-?\d{1,3}(\.\d{1,15})?")
_FORMATS = {"photo": ("jpeg", "png"), "animation": ("mp4",), "sticker": ("webp",)}
MAX_MEMBERS = 10


def read_posts(channel: Table) -> tuple[Post, ...]:
    """The posts of a channel, by ascending id. One without an id follows the one before."""
    posts: list[Post] = []
    taken: dict[int, int] = {}
    free = 1
    for table in channel.tables("post", lambda number, data: f"post {_number_or(data, number)}"):
        post = _read_post(table, free)
        for number in post.ids:
            if number in taken:
                raise table.wrong(
                    "id",
                    f"{number} is taken by post {taken[number]}",
                    f"the next free one is {free}; leave it out to take that",
                )
            taken[number] = post.id
        posts.append(post)
        free = max(free, post.ids.stop)
    posts.sort(key=lambda post: post.id)
    for post in posts:
        if post.reply is not None and post.reply.post not in taken:
            raise UsageError(
                f'{channel.place}, post {post.id}: "reply" names post {post.reply.post}, which is not in the scenario',
                remedy="name the id of a post of the same channel",
            )
    return tuple(posts)


def _number_or(data: Any, number: int) -> str:
    given = data.get("id") if isinstance(data, dict) else None
    return str(given) if isinstance(given, int) else f"number {number}"


def _read_post(table: Table, free: int) -> Post:
    at = table.time("at")
    media = _read_media(table, "media")
    service = table.text("service", one_of=SERVICES) if table.has("service") else None
    post = Post(
        id=table.number("id", free, low=1, high=2**53),
        at=at,
        text=_read_text(table, "text"),
        media=media,
        forward=_read_forward(table.table("forward")) if table.has("forward") else None,
        reply=Reply(post=table.number("reply", low=1)) if table.has("reply") else None,
        signature=table.optional_text("signature"),
        reactions=_read_reactions(table, at),
        views=read_curve(table, "views", at),
        edits=_read_edits(table, at, max(1, len(media))),
        deleted_at=table.optional_time("deleted_at"),
        service=service,
        service_text=table.text("service_text", ""),
    )
    if post.deleted_at is not None and post.deleted_at <= at:
        raise table.wrong(
            "deleted_at", "is not after the post's own time", "a post must be there before it vanishes"
        )
    if service is None and post.text is None and not media and post.forward is None:
        raise table.wrong("text", "is missing, and there are no media", "give a text, media, or service = …")
    table.done()
    return post


def _read_text(table: Table, key: str) -> Words | None:
    value = table.take(key, None)
    if value is None:
        return None
    if isinstance(value, str):
        return marked_up(value)
    if not isinstance(value, list):
        raise table.wrong(key, "is neither a text nor a list of runs", "put it in quotes")
    runs: list[str | dict[str, str]] = []
    for number, item in enumerate(value, start=1):
        if isinstance(item, str):
            runs.append(item)
            continue
        run = Table(item, f'{table.place}, "{key}", run {number}', table.start)
        kept = {"type": run.text("type", one_of=RUN_TYPES), "text": run.text("text")}
        if kept["type"] == "text_link":
            kept["href"] = run.text("href")
        if kept["type"] == "custom_emoji":
            kept["document_id"] = run.text("document_id")
        run.done()
        runs.append(kept)
    return words_of_runs(runs)


def read_curve(table: Table, key: str, start: int) -> Curve:
    """A counter: a number, points in time, or growth that begins at `start`."""
    return _curve(table, key, table.take(key, 0), start)


def _curve(table: Table, key: str, value: Any, start: int) -> Curve:
    if isinstance(value, dict):
        growth = Table(value, f'{table.place}, "{key}"', table.start)
        curve = Curve(
            times=(growth.time("start") if growth.has("start") else start,),
            values=(growth.number("from", 0), growth.number("to")),
            half_life_s=growth.seconds("half_life", 0.0),
        )
        growth.done()
        if not curve.half_life_s:
            raise growth.wrong(
                "half_life", "is missing or 0", 'give the time in which half of the rest is added: "6h"'
            )
        return curve
    if not isinstance(value, list):
        holder = Table({key: value}, table.place, table.start)
        return Curve(values=(holder.number(key),))
    times: list[int] = []
    values: list[int] = []
    for time, count in table.pairs(key, value, CURVE_FORM):
        point = Table({"time": time, "count": count}, f'{table.place}, "{key}"', table.start)
        times.append(point.time("time"))
        values.append(point.number("count"))
        if times[-1:] <= times[-2:-1]:
            raise table.wrong(
                key, f"goes back in time at place {len(times)}", "put the points in order of time"
            )
    return Curve(times=tuple(times), values=tuple(values))


def _read_reactions(table: Table, at: int) -> tuple[tuple[str, Curve], ...]:
    value = table.take("reactions", {})
    if not isinstance(value, dict):
        raise table.wrong(
            "reactions", "is no table", 'write reactions = {"👍" = 12, paid = 1, "custom:5400" = 2}'
        )
    return tuple((name, _curve(table, f"reactions.{name}", each, at)) for name, each in value.items())


def _read_forward(table: Table) -> Forward:
    forward = Forward(
        name=table.text("name"),
        username=table.optional_text("username"),
        post=table.optional_number("post", low=1),
    )
    table.done()
    return forward


def _read_edits(post: Table, at: int, width: int) -> tuple[Edit, ...]:
    edits = []
    for table in post.tables("edit", lambda number, _data: f"edit {number}"):
        media = _read_media(table, "media") if table.has("media") else None
        edit = Edit(
            at=table.time("at"), text=_read_text(table, "text"), media=media, mark=table.flag("mark", True)
        )
        table.done()
        if edit.at <= at:
            raise table.wrong(
                "at", "is not after the post's own time, or the edit before", "put edits in order of time"
            )
        if media is not None and max(1, len(media)) != width:
            raise table.wrong(
                "media",
                f"has {len(media)} items in place of {width}",
                "an edit may replace media, not add or take away posts",
            )
        at = edit.at
        edits.append(edit)
    return tuple(edits)


def _read_media(post: Table, key: str) -> tuple[Media, ...]:
    media = tuple(_read_item(table) for table in post.tables(key, lambda number, _data: f"media {number}"))
    if len(media) > MAX_MEMBERS:
        raise post.wrong(key, f"has {len(media)} items", f"an album holds at most {MAX_MEMBERS}")
    if len(media) > 1 and any(item.kind not in ("photo", "video") for item in media):
        raise post.wrong(key, "is an album of other things than photos and videos", "give each its own post")
    return media


def _read_item(table: Table) -> Media:
    kind = table.text("kind", one_of=MEDIA)
    formats = _FORMATS.get(kind, ("",))
    media = Media(
        kind=kind,
        width=table.number("width", 640, low=1, high=10_000),
        height=table.number("height", 480, low=1, high=10_000),
        duration_s=int(table.seconds("duration", 0)),
        size_bytes=table.number("size", 2048, high=MAX_PICTURE if kind in ("photo", "sticker") else 2**40),
        file_name=table.text("file_name", ""),
        title=table.text("title", ""),
        performer=table.text("performer", ""),
        format=table.text("format", formats[0], one_of=formats),
        too_big=table.flag("too_big", False),
        latitude=_degrees(table, "latitude", 90) if kind == "location" else "",
        longitude=_degrees(table, "longitude", 180) if kind == "location" else "",
        poll=_read_poll(table) if kind == "poll" else None,
        deleted_at=table.optional_time("deleted_at"),
    )
    table.done()
    return media


def _degrees(table: Table, key: str, most: int) -> str:
    value = table.text(key)
    if not _DECIMAL.fullmatch(value) or abs(float(value)) > most:
        raise table.wrong(
            key,
            "is no place on earth",
            f'write degrees as a text from "-{most}" to "{most}", such as "46.75"',
        )
    return value


def _read_poll(table: Table) -> Poll:
    answers = []
    for words, votes in table.pairs(
        "answers", table.take("answers"), '[["on Saturday", 41], ["on Sunday", 18]]'
    ):
        answer = Table({"answer": words}, f'{table.place}, "answers"', table.start)
        answers.append((answer.text("answer"), _curve(table, "answers", votes, table.start)))
    return Poll(
        question=table.text("question"),
        answers=tuple(answers),
        type=table.text("poll_type", "Anonymous Poll"),
    )
