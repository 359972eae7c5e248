"""Writes one post as a preview page or an embedded post does."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from html import escape

from holdfast.fake_telegram.counters import abbreviated, counted
from holdfast.fake_telegram.files import address
from holdfast.fake_telegram.history import ChannelState, PostState, find_post
from holdfast.fake_telegram.media_markup import View, media_markup, not_supported
from holdfast.fake_telegram.parts import Channel, Forward
from holdfast.fake_telegram.words import emoji_markup, escaped

__all__ = ["channel_picture", "embedded_post", "page_post", "shown_count"]

_ALONE = {"round_video": "roundvideo_media no_bubble ", "sticker": "sticker_media no_bubble "}
OPEN_TELEGRAM = "Please open Telegram to view this post"


def shown_count(view: View, count: int) -> str:
    """A counter in the scenario's way of writing it."""
    return abbreviated(count, view.scenario.rounding, view.scenario.decimal_mark)


def page_post(view: View, channel: ChannelState, state: PostState) -> str:
    """One block of a channel's page. An album is one block."""
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f"{_message(view, channel, state, embedded=False)}</div>"
    )


def embedded_post(
    view: View, channel: ChannelState, state: PostState, *, single: int | None, closed: bool
) -> str:
    """The block of an embedded post. `single`: only this member of an album; `closed`: its content is for the application alone."""
    return _message(view, channel, state, embedded=True, single=single, closed=closed)


def _message(
    view: View, channel: ChannelState, state: PostState, *, embedded: bool, single: int | None = None, closed: bool = False
) -> str:  # fmt: skip
    name = channel.username or ""
    number = single if single is not None else state.ids[0]
    grouped = len(state.post.media) > 1 and single is None
    kinds = "service_message " if state.post.service and not embedded else ""
    kinds += "service_message_photo " if state.post.service == "photo" and not embedded else ""
    kinds += _ALONE.get(state.post.media[0].kind, "") if state.members else ""
    kinds += "user-color-7 " if view.scenario.layout == "2026" else ""
    attributes = f' data-view="{_data_view(view, channel.channel.id, number, grouped)}"'
    if embedded:
        peer = _mark(view, f"peer/{channel.channel.id}")
        attributes += f' data-peer="c{channel.channel.id}_{int(peer, 16) >> 9}" data-peer-hash="{peer[:18]}" data-post-id="{number}"'
    if embedded and (state.post.service or closed):
        inner = not_supported(OPEN_TELEGRAM if closed else "Service message", f"https://t.me/{name}/{number}")
    elif state.post.service:
        inner = _service(view, channel, state)
    else:
        inner = _content(view, channel, state, single)
    reactions = _reactions(view, state) if not closed else ""
    footer = _footer(view, name, number, state, embedded=embedded, closed=closed)
    # Where there is no bubble the reactions stand under the footer.
    last = footer + reactions if "no_bubble" in kinds else reactions + footer
    return (
        f'<div class="tgme_widget_message text_not_supported_wrap {kinds}js-widget_message"'
        f' data-post="{name}/{number}"{attributes}>\n'
        f"  {_picture(view, channel)}\n"
        '  <div class="tgme_widget_message_bubble">\n'
        '    <i class="tgme_widget_message_bubble_tail"></i>\n'
        f'    <div class="tgme_widget_message_author accent_color">{_owner(channel)}</div>\n\n'
        f"{inner}\n{last}\n  </div>\n</div>"
    )


def _mark(view: View, text: str) -> str:
    return hashlib.blake2b(f"{view.scenario.seed}/{text}".encode(), digest_size=9).hexdigest()


def _data_view(view: View, channel_id: int, number: int, grouped: bool) -> str:
    """What the page gives back to its server when a post is looked at; it tells the time of the server's clock."""
    post = f'"{number}g"' if grouped else str(number)
    mark = _mark(view, f"{channel_id}/{number}/{view.server_time}")
    data = f'{{"c":-{channel_id},"p":{post},"t":{view.server_time},"h":"{mark}"}}'
    return urlsafe_b64encode(data.encode()).rstrip(b"=").decode()


def channel_picture(view: View, channel: Channel) -> str:
    return address(view.scenario, view.origin, view.at, channel.id, 0, 0, 0, None, "p")


def _picture(view: View, channel: ChannelState) -> str:
    return (
        f'<div class="tgme_widget_message_user"><a href="https://t.me/{channel.username}">'
        f'<i class="tgme_widget_message_user_photo bgcolor2" data-content="{escape(channel.title[:1])}">'
        f'<img src="{channel_picture(view, channel.channel)}"></i></a></div>'
    )


def _owner(channel: ChannelState) -> str:
    return (
        f'<a class="tgme_widget_message_owner_name" href="https://t.me/{channel.username}">'
        f'<span dir="auto">{emoji_markup(channel.title)}</span></a>'
    )


def _service(view: View, channel: ChannelState, state: PostState) -> str:
    post = state.post
    strong = (
        f'<span class="tgme_widget_service_strong_text" dir="auto">{emoji_markup(post.service_text)}</span>'
    )
    picture = ""
    if post.service == "pinned":
        author = (
            f'<a class="tgme_widget_message_author_name" href="https://t.me/{channel.username}">'
            f'<span dir="auto">{emoji_markup(channel.title)}</span></a>'
        )
        text = f"{author} pinned «{strong}»"
    elif post.service == "title":
        text = f"Channel name was changed to «{strong}»"
    elif post.service == "photo":
        text = "Channel photo updated"
        picture = (
            f'<a class="tgme_widget_message_service_photo" href="https://t.me/{channel.username}/{post.id}">'
            f'<img src="{channel_picture(view, channel.channel)}"></a>\n'
        )
    else:
        text = "Channel created"
    return f'{picture}<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'


def _content(view: View, channel: ChannelState, state: PostState, single: int | None) -> str:
    name = channel.username or ""
    post = state.post
    alone = bool(state.members) and state.members[0][1].kind in _ALONE
    media = media_markup(view, channel.channel.id, name, state, single=single)
    text = ""
    if state.text is not None:
        text = f'<div class="tgme_widget_message_text js-message_text" dir="auto">{state.text.html}</div>'
    modern = view.scenario.layout == "2026"
    if len(post.media) > 1 and single is None:
        if modern:
            media = (
                '<div class="tgme_widget_message_one_media js-message_media">'
                f'<div class="media_supported_cont">{media}{text}</div></div>'
            )
            text = ""
        elif text:
            # Older pages nest the caption of an album in a second element of the same class.
            text = f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'
    body = f"{media}\n{text}" if media else text
    if modern and not alone and body:
        link = f"https://t.me/{name}/{state.ids[0]}"
        body = (
            f'<div class="media_supported_cont">{body}</div>'
            f'<div class="media_not_supported_cont">{not_supported(OPEN_TELEGRAM, link)}</div>'
        )
    return _forward(post.forward) + _reply(view, channel, state) + body


def _forward(forward: Forward | None) -> str:
    if forward is None:
        return ""
    words = f'<span dir="auto">{emoji_markup(forward.name)}</span>'
    if forward.username is None:
        source = f'<span class="tgme_widget_message_forwarded_from_name">{words}</span>'
    else:
        link = f"https://t.me/{escaped(forward.username)}" + (f"/{forward.post}" if forward.post else "")
        source = f'<a class="tgme_widget_message_forwarded_from_name" href="{link}">{words}</a>'
    return (
        f'<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from&nbsp;{source}</div>\n'
    )


def _reply(view: View, channel: ChannelState, state: PostState) -> str:
    reply = state.post.reply
    answered = find_post(channel.channel, reply.post, view.at) if reply is not None else None
    if reply is None or answered is None:
        return ""  # a page says nothing of an answered post that is gone
    if answered.text is not None:
        words = answered.text.plain.replace("\n", " ")[:80]
    else:
        words = answered.members[0][1].kind.replace("_", " ").capitalize() if answered.members else "Message"
    thumbnail = ""
    if answered.members and answered.members[0][1].kind in ("photo", "video"):
        _, media, index = answered.members[0]
        picture = address(
            view.scenario, view.origin, view.at, channel.channel.id, answered.post.id, index, answered.media_revision, media, "t"
        )  # fmt: skip
        thumbnail = (
            f'<i class="tgme_widget_message_reply_thumb" style="background-image:url(\'{picture}\')"></i>'
        )
    kind = "tgme_widget_message_text" if view.scenario.layout == "2026" else "tgme_widget_message_metatext"
    return (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{channel.username}/{reply.post}">{thumbnail}\n'
        '<div class="tgme_widget_message_author accent_color">\n'
        f'  <span class="tgme_widget_message_author_name" dir="auto">{emoji_markup(channel.title)}</span>\n</div>\n'
        f'<div class="{kind} js-message_reply_text" dir="auto">{emoji_markup(words)}</div>\n</a>\n'
    )


def _reactions(view: View, state: PostState) -> str:
    if not state.reactions:
        return ""
    parts = []
    for name, count in state.reactions:
        kind, sign = "", emoji_markup(name)
        if name == "paid":
            kind, sign = " tgme_reaction_paid", '<i class="icon icon-telegram-stars"></i>'
        elif name.startswith("custom:"):
            sign = f'<tg-emoji emoji-id="{escaped(name.removeprefix("custom:"))}"></tg-emoji>'
        parts.append(f'<span class="tgme_reaction{kind}">{sign}{shown_count(view, count)}</span>')
    return f'<div class="tgme_widget_message_reactions js-message_reactions">{"".join(parts)}</div>'


def _footer(view: View, name: str, number: int, state: PostState, *, embedded: bool, closed: bool) -> str:
    counts = ""
    if state.poll_votes and not closed:
        total = sum(votes for _, votes in state.poll_votes)
        counts += (
            f'<span class="tgme_widget_message_voters">{shown_count(view, total)}</span>'
            f'<span class="copyonly"> {"voter" if total == 1 else "voters"}</span>'
        )
    if not state.post.service and not closed:
        shown = shown_count(view, state.views)
        noun = counted("", state.views, "view")
        counts += (
            f'<span class="tgme_widget_message_views">{shown}</span><span class="copyonly">{noun}</span>'
        )
    link = f"https://t.me/{name}/{number}"
    # The time stays that of the first version: a page never tells when a post was edited.
    moment = datetime.fromtimestamp(state.post.at, UTC)
    shown_time = f"{moment:%b} {moment.day}, {moment:%Y at %H:%M}" if embedded else f"{moment:%H:%M}"
    author = ""
    if state.post.signature is not None and not closed:
        author = f'<span class="tgme_widget_message_from_author" dir="auto">{emoji_markup(state.post.signature)}</span>,&nbsp;'
    edited = "edited &nbsp;" if state.edited and not closed else ""
    meta = (
        f'<span class="tgme_widget_message_meta">{author}{edited}<a class="tgme_widget_message_date" href="{link}">'
        f'<time datetime="{moment:%Y-%m-%dT%H:%M:%S}+00:00" class="{"datetime" if embedded else "time"}">{shown_time}</time></a></span>'
    )
    kind, line = (
        (" compact", "")
        if not embedded
        else (
            "",
            f'<div class="tgme_widget_message_link accent_color"><a href="{link}">t.me/{name}/{number}</a></div>\n',
        )
    )
    return (
        f'<div class="tgme_widget_message_footer{kind} js-message_footer">\n{line}'
        f'  <div class="tgme_widget_message_info{"" if embedded else " short"} js-message_info">\n'
        f"    {counts}{meta}\n  </div>\n</div>"
    )
