"""Preview pages of a channel that never was, in the shapes that real ones have: for tests and the bench."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from html import escape

__all__ = [
    "CHANNEL",
    "NAME",
    "SEEN_S",
    "a_full_page",
    "block",
    "channel_page",
    "embed",
    "footer",
    "landing",
    "photo",
    "side",
    "text",
    "view",
]

NAME = "Teahouse_on_the_hill"
CHANNEL = 1234567890
SEEN_S = 1_700_000_000
TAIL = (
    '<i class="tgme_widget_message_bubble_tail"><svg class="bubble_icon" width="9px" height="20px">'
    '<g fill="none"><path class="background" fill="#ffffff" d="M8,1 L9,1 Z"></path></g></svg></i>'
)


def view(post: int | str, chat: object = -CHANNEL, seen_s: object = SEEN_S) -> str:
    """The mark of a view, as the page writes it."""
    said = json.dumps({"c": chat, "p": post, "t": seen_s, "h": "0a1b2c"}, separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).rstrip(b"=").decode()


def text(words: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>'


def photo(
    number: int | str, address: str = "https://cdn.example/file/p.jpg", name: str = NAME, extra: str = ""
) -> str:
    return (
        f'<a class="tgme_widget_message_photo_wrap {extra}" href="https://t.me/{name}/{number}" '
        f"style=\"width:800px;background-image:url('{address}')\">"
        '<div class="tgme_widget_message_photo" style="padding-top:75%"></div></a>'
    )


def footer(
    number: int | str = 1,
    views: str | None = "12",
    moment: str = "2023-12-28T20:10:00+00:00",
    before: str = "",
    more: str = "",
) -> str:
    """The line below a post; `before` stands before its date, `more` before its views."""
    seen = (
        ""
        if views is None
        else f'<span class="tgme_widget_message_views">{views}</span><span class="copyonly"> views</span>'
    )
    return (
        '<div class="tgme_widget_message_footer compact js-message_footer">'
        f'<div class="tgme_widget_message_info short js-message_info">{more}{seen}'
        f'<span class="tgme_widget_message_meta">{before}<a class="tgme_widget_message_date" '
        f'href="https://t.me/{NAME}/{number}"><time datetime="{moment}" class="time">20:10</time></a></span></div></div>'
    )


def block(
    number: int | str,
    inside: str = "",
    *,
    name: str = NAME,
    mark: str | None = None,
    classes: str = "",
    attributes: str = "",
    below: str | None = None,
    author: str | None = None,
) -> str:
    """One post; `inside` stands between its author and its footer (`below`). `mark`: its view, "" for none."""
    mark = view(int(number) if str(number).isdigit() else number) if mark is None else mark
    seen = f' data-view="{mark}"' if mark else ""
    if author is None:
        author = (
            '<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name" '
            f'href="https://t.me/{name}"><span dir="auto">Teahouse</span></a></div>'
        )
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message text_not_supported_wrap {classes} js-widget_message" '
        f'data-post="{name}/{number}"{seen}{attributes}><div class="tgme_widget_message_user"><a href="/">x</a></div>'
        f'<div class="tgme_widget_message_bubble">{TAIL}{author}{inside}'
        f"{footer(number) if below is None else below}</div></div></div>\n"
    )


def side(
    counters: Iterable[tuple[str, str]] = (("38.1K", "subscribers"),),
    *,
    labels: str = "",
    username: str | None = NAME,
    description: str = "Tea &amp; talk<br/>every day",
    above: str | None = None,
) -> str:
    """The card of the channel, and the line above the page."""
    named = (
        ""
        if username is None
        else f'<div class="tgme_channel_info_header_username"><a href="https://t.me/{username}">@{username}</a></div>'
    )
    counted = "".join(
        f'<div class="tgme_channel_info_counter"><span class="counter_value">{value}</span> '
        f'<span class="counter_type">{kind}</span></div>'
        for value, kind in counters
    )
    line = "" if above is None else f'<div class="tgme_header_counter">{above}</div>'
    return (
        '<div class="tgme_channel_info"><div class="tgme_channel_info_header">'
        '<div class="tgme_channel_info_header_title_wrap"><div class="tgme_channel_info_header_title">'
        '<span dir="auto">Teahouse</span></div>'
        f'<div class="tgme_channel_info_header_labels">{labels}</div></div>{named}</div>'
        f'<div class="tgme_channel_info_counters">{counted}</div>'
        f'<div class="tgme_channel_info_description">{description}</div></div>'
        f'<div class="tgme_header_title"><span dir="auto">Teahouse</span></div><div class="tgme_header_labels"></div>{line}'
    )


def channel_page(
    *blocks: str,
    before: int | str | None = None,
    card: str | None = None,
    head: str = "",
    history: bool = True,
) -> bytes:
    """A channel's page; `before`: where its link to older posts leads."""
    more = ""
    if before is not None:
        more = (
            '<div class="tgme_widget_message_centered js-messages_more_wrap">'
            f'<a href="/s/{NAME}?before={before}" class="tme_messages_more js-messages_more" data-before="{before}"></a></div>'
        )
    inside = more + "".join(blocks)
    if history:
        inside = f'<section class="tgme_channel_history js-message_history">{inside}</section>'
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Teahouse</title>{head}</head><body>'
        f"{side() if card is None else card}<main>{inside}</main></body></html>\n<!-- page generated -->"
    ).encode()


def embed(inside: str) -> bytes:
    """The page of a single post."""
    return (
        f'<!DOCTYPE html><html><head></head><body class="widget_frame_base">{inside}</body></html>'.encode()
    )


def landing(
    title: str | None = "Teahouse",
    extra: str | None = None,
    description: str | None = None,
    action: str = "View in Telegram",
    *,
    link: str = f"tg://resolve?domain={NAME}",
    more: str = "",
    marks: str = "",
) -> bytes:
    """A landing page."""
    parts = [
        ""
        if title is None
        else f'<div class="tgme_page_title"><span dir="auto">{escape(title)}</span>{marks}</div>',
        "" if extra is None else f'<div class="tgme_page_extra">{extra}</div>',
        "" if description is None else f'<div class="tgme_page_description">{description}</div>',
        f'<div class="tgme_page_action"><a class="tgme_action_button_new" href="{link}">{action}</a></div>{more}',
    ]
    return f'<!DOCTYPE html><html><body><div class="tgme_page">{"".join(parts)}</div></body></html>'.encode()


def a_full_page() -> bytes:
    """A page of twenty posts as people write them: formatting, emoji, links, pictures, films, reactions."""
    emoji = '<i class="emoji" style="background-image:url(\'//cdn.example/e.png\')"><b>🔥</b></i>'
    own = f'<tg-emoji emoji-id="5818973781707722673">{emoji}</tg-emoji>'
    words = (
        f"{own} <b>Открыто каждый день</b> {emoji}<br/><br/>Приходите, расскажем о чае и дороге домой. {emoji}<br/>"
        f"<blockquote>{emoji} первый чай бесплатно<br/>{emoji} второй тоже<br/>{emoji} третий — как пойдёт</blockquote>"
        f'<br/><a href="https://tea.example/a?b=1&amp;c=2" target="_blank"><b>Записаться</b></a> '
        f'<a href="?q=%23tea">#tea</a> <a href="https://t.me/tea_master">@tea_master</a> {own}<b>До встречи</b> {own}'
    )
    reactions = (
        '<div class="tgme_widget_message_reactions js-message_reactions"><span class="tgme_reaction">'
        '<tg-emoji emoji-id="5789605753115384004"></tg-emoji>12</span><span class="tgme_reaction">'
        '<tg-emoji emoji-id="5767399728518007986"></tg-emoji>1.2K</span></div>'
    )
    posts = [
        block(
            number,
            f'<div class="media_supported_cont">{photo(number)}{text(words * 3)}</div>{reactions}',
            below=footer(number, "25.1K", before="edited &nbsp;" if number % 5 == 0 else ""),
        )
        for number in range(281, 301)
    ]
    return channel_page(*posts, before=281)
