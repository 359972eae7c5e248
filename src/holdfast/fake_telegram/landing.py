"""Writes the pages that stand where no posts are shown: landing pages of channels, groups, persons and bots."""

from __future__ import annotations

from html import escape

from holdfast.fake_telegram.counters import counted, spaced
from holdfast.fake_telegram.history import ChannelState
from holdfast.fake_telegram.media_markup import View
from holdfast.fake_telegram.pages import document, labels_markup, social
from holdfast.fake_telegram.post_markup import channel_picture
from holdfast.fake_telegram.words import emoji_markup, marked_up

__all__ = ["contact_page", "front_page", "landing_page"]


def landing_page(view: View, state: ChannelState) -> str:
    """The page `/NAME`: the card of what the name leads to, with an exact count of followers and no posts."""
    name, title = state.username or "", emoji_markup(state.title)
    extra, description, action, more = "", state.shown_description, "View in Telegram", ""
    if state.answer == "restricted":
        return _page(
            view,
            state,
            f'<div class="tgme_page_description">{_lines(state.restriction)}</div>',
            described=False,
        )
    if state.answer == "private":
        more = f"If you have <strong>Telegram</strong>, you can view and join <br><strong>{title}</strong> right away."
        action = "Join Channel"
        description = ""
    elif state.answer == "group":
        extra = counted(spaced(state.followers), state.followers, "member")
        extra += f", {spaced(state.channel.online)} online" if state.channel.online else ""
    elif state.answer == "bot":
        extra = counted(f"{spaced(state.followers)} monthly", state.followers, "user")
        action = "Start Bot"
    elif state.answer == "user":
        extra, action = f"@{name}", "Send Message"
    else:
        extra = counted(spaced(state.followers), state.followers, "subscriber")
    body = f'<div class="tgme_page_extra">{escape(extra)}</div>\n' if extra else ""
    if description:
        body += f'<div class="tgme_page_description" dir="auto">{_lines(description)}</div>\n'
    link = "" if state.answer == "private" else f' href="tg://resolve?domain={name}"'
    body += f'<div class="tgme_page_action">\n  <a class="tgme_action_button_new shine"{link}>{action}</a>\n</div>\n'
    if state.answer == "shown":
        body += (
            '<div class="tgme_page_context_link_wrap">'
            f'<a class="tgme_page_context_link" href="/s/{name}">Preview channel</a></div>\n'
        )
    if more:
        body += f'<div class="tgme_page_additional">{more}</div>\n'
    return _page(view, state, body)


def _page(view: View, state: ChannelState, inner: str, *, described: bool = True) -> str:
    picture = channel_picture(view, state.channel)
    name = state.username or ""
    said = f"You can view and join @{name} right away." if described and state.answer != "private" else ""
    body = (
        '<div class="tgme_page_wrap"><div class="tgme_body_wrap"><div class="tgme_page">\n'
        f'<div class="tgme_page_photo"><img class="tgme_page_photo_image" src="{picture}"></div>\n'
        f'<div class="tgme_page_title" dir="auto">\n  <span dir="auto">{emoji_markup(state.title)}</span>{labels_markup(state)}\n</div>\n'
        f"{inner}</div></div></div>"
    )
    return document(f"Telegram: View @{name}", social(state.title, said, picture), "no_transition", body)


def _lines(text: str) -> str:
    return marked_up(text).html


def contact_page(name: str) -> str:
    """The page `/NAME` of a name that leads to nothing: it says neither that nor anything else."""
    shown = escape(name)
    body = (
        '<div class="tgme_page_wrap"><div class="tgme_body_wrap"><div class="tgme_page">\n'
        '<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div>\n'
        '<div class="tgme_page_description">\n  If you have <strong>Telegram</strong>, you can contact '
        f'<a class="tgme_username_link" href="tg://resolve?domain={shown}">@{shown}</a> right away.\n</div>\n'
        f'<div class="tgme_page_action">\n  <a class="tgme_action_button_new shine" href="tg://resolve?domain={shown}">'
        "Send Message</a>\n</div>\n</div></div></div>"
    )
    head = social(f"Telegram: Contact @{name}", "", "https://telegram.org/img/t_logo_2x.png")
    return document(
        f"Telegram: Contact @{name}",
        head + '<meta name="robots" content="noindex, nofollow">\n',
        "no_transition",
        body,
    )


def front_page() -> str:
    """The page that names which lead to nothing end at."""
    head = social("Telegram – a new era of messaging", "", "https://telegram.org/img/t_logo_2x.png")
    return document(
        "Telegram Messenger", head, "preload", '<div class="tl_main_wrap">A front page of cardboard.</div>'
    )
