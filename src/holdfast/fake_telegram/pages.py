"""Writes a channel's page, and the page of one embedded post."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape

import msgspec

from holdfast.fake_telegram.counters import counted
from holdfast.fake_telegram.history import ChannelState, PostState, find_post, is_there, post_at
from holdfast.fake_telegram.media_markup import View
from holdfast.fake_telegram.parts import Channel, Media, Post
from holdfast.fake_telegram.post_markup import channel_picture, embedded_post, page_post, shown_count
from holdfast.fake_telegram.words import emoji_markup, marked_up

__all__ = ["PAGE_IDS", "channel_page", "document", "error_page", "labels_markup", "page_window", "post_page"]

PAGE_IDS = 20
"""How many ids a page holds: every member of an album counts, and so does a service post."""

MARKS = {"verified": "✔", "scam": "SCAM", "fake": "FAKE"}
"""What stands in the label's element. Real pages are known to have the first alone."""


def page_window(
    channel: Channel, at: float, *, before: int | None = None, after: int | None = None
) -> tuple[tuple[PostState, ...], bool, bool]:
    """The posts of one page by ascending id, whether there are older ones, and whether newer.

    `before`: only ids below it; `after`: only ids above it. An album is torn by these bounds alone, never by the page's own size.
    """
    there = [post for post in channel.posts if is_there(post, at)]
    low, high = -1 if after is None else after, 2**63 if before is None else before
    inside = [post for post in there if post.id < high and post.ids[-1] > low]
    chosen: list[PostState] = []
    count = 0
    for post in inside if after is not None else reversed(inside):
        state = post_at(post, at)
        assert state is not None  # it is there
        if state.members:
            kept = tuple(member for member in state.members if low < member[0] < high)
            state = msgspec.structs.replace(state, members=kept)
            if not kept:
                continue
        if count and count + len(state.ids) > PAGE_IDS:
            break
        chosen.append(state)
        count += len(state.ids)
    if not chosen:
        return (), False, False
    chosen.sort(key=lambda state: state.post.id)
    first, last = chosen[0].ids[0], chosen[-1].ids[-1]
    return tuple(chosen), _any_below(there, at, first), _any_above(there, at, last)


def _any_below(there: list[Post], at: float, number: int) -> bool:
    state = post_at(there[0], at)
    return state is not None and state.ids[0] < number


def _any_above(there: list[Post], at: float, number: int) -> bool:
    state = post_at(there[-1], at)
    return state is not None and state.ids[-1] > number


def channel_page(
    view: View,
    channel: ChannelState,
    *,
    before: int | None = None,
    after: int | None = None,
    empty: bool = False,
) -> str:
    """The page `/s/NAME`. `empty`: without its posts, as a server under strain has been seen to answer."""
    posts, older, newer = (
        ((), False, False) if empty else page_window(channel.channel, view.at, before=before, after=after)
    )
    name = channel.username
    head, blocks = "", []
    if posts:
        first, last = posts[0].ids[0], posts[-1].ids[-1]
        if older:
            head += f'<link rel="prev" href="/s/{name}?before={first}">\n'
            blocks.append(_more(name, "before", first))
        if newer:
            head += f'<link rel="next" href="/s/{name}?after={last}">\n'
        head += f'<link rel="canonical" href="/s/{name}?before={last + 1}">\n'
        blocks += [page_post(view, channel, state) for state in posts]
        if newer:
            blocks.append(_more(name, "after", last))
    else:
        blocks.append(
            '<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message_centered">'
            '<div class="tme_no_messages_found">No posts found</div></div></div>'
        )
    title = emoji_markup(channel.title)
    labels = labels_markup(channel)
    shown = shown_count(view, channel.followers)
    picture = (
        f'<i class="tgme_page_photo_image bgcolor2"><img src="{channel_picture(view, channel.channel)}"></i>'
    )
    description = channel.shown_description
    body = f"""<header class="tgme_header search_collapsed">
  <div class="tgme_container">
    <div class="tgme_header_right_column"><section class="tgme_right_column"><div class="tgme_channel_info">
      <div class="tgme_channel_info_header">
        {picture}
        <div class="tgme_channel_info_header_title_wrap">
          <div class="tgme_channel_info_header_title"><span dir="auto">{title}</span></div>
          <div class="tgme_channel_info_header_labels">{labels}</div>
        </div>
        <div class="tgme_channel_info_header_username"><a href="https://t.me/{name}">@{name}</a></div>
      </div>
      <div class="tgme_channel_info_counters">{_counters(view, channel)}</div>
      {f'<div class="tgme_channel_info_description">{_markup(description)}</div>' if description else ""}
    </div></section></div>
    <div class="tgme_header_info">
      <a class="tgme_header_link" href="https://t.me/{name}">
        {picture}
        <div class="tgme_header_title_wrap">
          <div class="tgme_header_title"><span dir="auto">{title}</span></div>
          <div class="tgme_header_labels">{labels}</div>
        </div>
        <div class="tgme_header_counter">{counted(shown, channel.followers, "subscriber")}</div>
      </a>
    </div>
  </div>
</header>
<main class="tgme_main" data-url="/{name}">
  <div class="tgme_container">
    <section class="tgme_channel_history js-message_history">
      {"".join(blocks)}
    </section>
  </div>
</main>"""
    head = social(channel.title, description, channel_picture(view, channel.channel)) + head
    return document(
        f"{channel.title} – Telegram", head, "widget_frame_base tgme_webpreview emoji_image", body
    )


def post_page(view: View, channel: ChannelState, number: int, *, single: bool = False) -> str:
    """The page `/NAME/ID?embed=1`: the post, or that it is not found."""
    state = find_post(channel.channel, number, view.at)
    if state is None:
        return error_page("Post not found")
    closed = channel.answer == "no preview"
    block = embedded_post(view, channel, state, single=number if single else None, closed=closed)
    return document(
        "Telegram Widget", "", "widget_frame_base tgme_widget body_widget_post emoji_image", block
    )


def error_page(words: str) -> str:
    """An embedded post that cannot be shown, in the source's words (markup)."""
    block = (
        '<div class="tgme_widget_message text_not_supported_wrap js-widget_message">\n'
        f'  <div class="tgme_widget_message_error">{words}</div>\n</div>'
    )
    return document(
        "Telegram Widget", "", "widget_frame_base tgme_widget body_widget_post emoji_image", block
    )


def document(title: str, head: str, kind: str, body: str) -> str:
    """A whole page around a body."""
    return (
        '<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset="utf-8">\n'
        f"    <title>{escape(title)}</title>\n{head}  </head>\n"
        f'  <body class="{kind}">\n{body}\n  </body>\n</html>\n'
    )


def social(title: str, description: str, picture: str) -> str:
    """What a page says of itself to those that show a link to it."""
    said = {"title": title, "image": picture, "site_name": "Telegram", "description": description}
    return "".join(
        f'<meta property="og:{key}" content="{escape(value)}">\n' for key, value in said.items() if value
    )


@lru_cache(maxsize=2048)
def _markup(text: str) -> str:
    return marked_up(text).html


def labels_markup(channel: ChannelState) -> str:
    """The marks of a channel that its scenario lets pages show."""
    return "".join(
        f'<i class="{label}-icon"> {MARKS.get(label, label.upper())}</i>'
        for label in channel.labels
        if label in channel.channel.shown_labels
    )


def _more(name: str | None, side: str, number: int) -> str:
    return (
        '<div class="tgme_widget_message_centered js-messages_more_wrap">'
        f'<a href="/s/{name}?{side}={number}" class="tme_messages_more js-messages_more" data-{side}="{number}"></a></div>'
    )


def _counters(view: View, state: ChannelState) -> str:
    channel = state.channel
    there = [post for post in channel.posts if is_there(post, view.at)]
    media = [item for post in there for item in post.media]
    counts = (
        ("subscriber", state.followers),
        ("photo", channel.photos + _of(media, ("photo",))),
        ("video", channel.videos + _of(media, ("video",))),
        ("file", channel.files + _of(media, ("document", "audio"))),
        ("link", channel.links + sum(post.text is not None and "://" in post.text.html for post in there)),
    )
    return "".join(
        f'<div class="tgme_channel_info_counter"><span class="counter_value">{shown_count(view, count)}</span>'
        f' <span class="counter_type">{noun if count == 1 else noun + "s"}</span></div>'
        for noun, count in counts
        if count or noun == "subscriber"
    )


def _of(media: Iterable[Media], kinds: tuple[str, ...]) -> int:
    return sum(item.kind in kinds for item in media)
