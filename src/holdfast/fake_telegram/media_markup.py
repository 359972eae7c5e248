"""Writes the media of a post as a preview page does."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from holdfast.fake_telegram.counters import duration
from holdfast.fake_telegram.files import address
from holdfast.fake_telegram.history import PostState
from holdfast.fake_telegram.parts import Media
from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.words import emoji_markup, escaped

__all__ = ["View", "media_markup"]

NOT_SUPPORTED = "This media is not supported in your browser"


class View(msgspec.Struct, frozen=True, gc=False):
    """One look at the scenario. `at`: the true time; `server_time`: what the server's own clock says it is; `origin`: its address."""

    scenario: Scenario
    origin: str
    at: float
    server_time: int


def media_markup(
    view: View, channel_id: int, name: str, state: PostState, *, single: int | None = None
) -> str:
    """The media of a post. `single`: the one member of an album that was asked for."""
    members = [each for each in state.members if single is None or each[0] == single]
    if not members:
        return ""
    if len(state.post.media) > 1 and single is None:
        return _album(view, channel_id, name, state)
    number, item, index = members[0]
    offer = _Offer(view, channel_id, state.post.id, index, state.media_revision, item)
    return _WRITERS[item.kind](offer, f"https://t.me/{name}/{number}", state)


class _Offer(msgspec.Struct, frozen=True, gc=False):
    """Where one file can be had."""

    view: View
    channel_id: int
    post: int
    index: int
    revision: int
    media: Media

    @property
    def file(self) -> str:
        return self._address("f")

    @property
    def thumbnail(self) -> str:
        return self._address("t")

    def _address(self, part: str) -> str:
        view = self.view
        return address(
            view.scenario, view.origin, view.at, self.channel_id, self.post, self.index, self.revision, self.media, part
        )  # fmt: skip


def not_supported(label: str, link: str = "", extra: str = "") -> str:
    """The hidden block that stands beside most media."""
    view = (
        f'<a href="{link}" class="message_media_view_in_telegram">VIEW IN TELEGRAM</a>'
        if link
        else '<span class="message_media_view_in_telegram">VIEW IN TELEGRAM</span>'
    )
    return (
        f'<div class="message_media_not_supported_wrap{extra}">\n  <div class="message_media_not_supported">\n'
        f'    <div class="message_media_not_supported_label">{label}</div>\n    {view}\n  </div>\n</div>'
    )


def _ratio(media: Media) -> str:
    return f"{100 * media.height / media.width:.6g}%"


def _photo(offer: _Offer, link: str, _state: PostState) -> str:
    media = offer.media
    return (
        f'<a class="tgme_widget_message_photo_wrap {offer.channel_id}{offer.post:06} {offer.post}_{offer.index}"'
        f' href="{link}" style="width:{media.width}px;background-image:url(\'{offer.file}\')">\n'
        f'  <div class="tgme_widget_message_photo" style="padding-top:{_ratio(media)}"></div>\n</a>'
    )


def _video(offer: _Offer, link: str, _state: PostState) -> str:
    media = offer.media
    if media.too_big:
        kind, film, label = "not_supported ", "", "Media is too big"
    else:
        kind, label = "", NOT_SUPPORTED
        loop = " autoplay loop muted" if media.kind == "animation" else ""
        film = (
            f'<video src="{offer.file}" class="tgme_widget_message_video js-message_video" width="100%"'
            f' height="100%"{loop}></video>\n'
        )
    return (
        f'<a class="tgme_widget_message_video_player {kind}js-message_video_player" href="{link}">'
        f'<i class="tgme_widget_message_video_thumb" style="background-image:url(\'{offer.thumbnail}\')"></i>\n'
        f'<div class="tgme_widget_message_video_wrap" style="width:{media.width}px;padding-top:{_ratio(media)}">\n'
        f"  {film}</div>\n"
        '<div class="message_video_play js-message_video_play"></div>\n'
        f'<time class="message_video_duration js-message_video_duration">{duration(media.duration_s)}</time>\n'
        f"{not_supported(label)}</a>"
    )


def _round_video(offer: _Offer, link: str, _state: PostState) -> str:
    return (
        '<div class="tgme_widget_message_roundvideo_player js-message_roundvideo_player">\n'
        '  <div class="tgme_widget_message_roundvideo_wrap">\n'
        f'    <i class="tgme_widget_message_roundvideo_thumb" style="background-image:url(\'{offer.thumbnail}\')"></i>\n'
        f'    <video class="tgme_widget_message_roundvideo js-message_roundvideo" src="{offer.file}" width="100%"'
        ' height="100%" preload muted autoplay loop playsinline></video>\n'
        '    <div class="tgme_widget_message_roundvideo_border"></div>\n  </div>\n'
        f"{not_supported(NOT_SUPPORTED, link, ' js-message_roundvideo_not_supported')}\n"
        '  <time class="tgme_widget_message_roundvideo_duration js-message_roundvideo_duration">'
        f"{duration(offer.media.duration_s)}</time>\n</div>"
    )


def _voice(offer: _Offer, link: str, _state: PostState) -> str:
    return (
        f'<a class="tgme_widget_message_voice_player js-message_voice_player" href="{link}">\n'
        f'<audio class="tgme_widget_message_voice js-message_voice" src="{offer.file}" data-ogg width="100%"'
        ' data-waveform="0,4,9,17,31,22,12,3,0"></audio>\n'
        '<div class="tgme_widget_message_voice_wrap">\n'
        '<time class="tgme_widget_message_voice_duration js-message_voice_duration">'
        f"{duration(offer.media.duration_s)}</time>\n</div></a>"
    )


def _document(offer: _Offer, link: str, _state: PostState) -> str:
    media = offer.media
    if media.kind == "audio":
        icon, title, extra = "accent_bg audio", media.title or media.file_name, media.performer
    else:
        icon, title, extra = "accent_bg", media.file_name or media.title, _size(media.size_bytes)
    return (
        f'<a class="tgme_widget_message_document_wrap" href="{link}">\n'
        f'  <div class="tgme_widget_message_document_icon {icon}"></div>\n'
        '  <div class="tgme_widget_message_document">\n'
        f'    <div class="tgme_widget_message_document_title accent_color" dir="auto">{emoji_markup(title)}</div>\n'
        f'    <div class="tgme_widget_message_document_extra" dir="auto">{emoji_markup(extra)}</div>\n'
        "  </div>\n</a>"
    )


def _size(count: int) -> str:
    for unit, name in ((2**30, "GB"), (2**20, "MB"), (2**10, "KB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} B"


def _sticker(offer: _Offer, link: str, _state: PostState) -> str:
    outline = quote('<svg xmlns="http://www.w3.org/2000/svg"/>', safe="")
    return (
        f"{not_supported(NOT_SUPPORTED, link, ' media_not_supported_cont')}\n"
        '<div class="tgme_widget_message_sticker_wrap media_supported_cont">'
        '<i class="tgme_widget_message_sticker js-sticker_image"'
        f" style=\"background-image:url('data:image/svg+xml,{outline}');width:256px;\""
        f' data-webp="{offer.file}"><div style="padding-top:{_ratio(offer.media)}"></div></i></div>'
    )


def _poll(offer: _Offer, link: str, state: PostState) -> str:
    poll = offer.media.poll
    assert poll is not None  # the reader gives every poll its question
    total = sum(votes for _, votes in state.poll_votes)
    options = "".join(
        '  <div class="tgme_widget_message_poll_option">\n'
        f'  <div class="tgme_widget_message_poll_option_percent">{share}%</div>\n'
        '  <div class="tgme_widget_message_poll_option_value">\n'
        f'    <div class="tgme_widget_message_poll_option_text">{emoji_markup(words)}</div>\n'
        f'    <div class="tgme_widget_message_poll_option_bar accent_bg" style="width:{share}%"></div>\n'
        "  </div>\n</div>"
        for words, votes in state.poll_votes
        for share in [(100 * votes + total // 2) // total if total else 0]
    )
    return (
        '<div class="tgme_widget_message_poll js-poll">\n'
        f'  <div class="tgme_widget_message_poll_question">{emoji_markup(poll.question)}</div>\n'
        f'  <div class="tgme_widget_message_poll_type">{escaped(poll.type)}</div>\n'
        f'  <a class="tgme_widget_message_poll_options" href="{link}">{options}</a>\n</div>'
    )


def _location(offer: _Offer, _link: str, _state: PostState) -> str:
    place = f"{offer.media.latitude},{offer.media.longitude}"
    picture = f"{offer.view.origin}/map?ll={offer.media.longitude},{offer.media.latitude}&amp;z=15"
    return (
        f'<a class="tgme_widget_message_location_wrap" href="https://maps.google.com/maps?q={place}&amp;ll={place}&amp;z=16">\n'
        f'  <div class="tgme_widget_message_location" style="background-image:url(\'{picture}\')"></div>\n</a>'
    )


def _album(view: View, channel_id: int, name: str, state: PostState) -> str:
    width = 453 // max(1, min(3, len(state.members)))
    parts = []
    for place, (number, item, index) in enumerate(state.members):
        offer = _Offer(view, channel_id, state.post.id, index, state.media_revision, item)
        link = f"https://t.me/{name}/{number}?single"
        box = f"left:{place % 3 * width}px;top:{place // 3 * 200}px;width:{width}px;height:200px;"
        ratio = f'data-ratio="{item.width / item.height:.14g}" href="{link}"'
        if item.kind == "photo":
            parts.append(
                '<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo"'
                f" style=\"{box}background-image:url('{offer.file}')\" {ratio}>\n"
                '  <div class="grouped_media_helper" style="top:0;bottom:0;left:0px;right:0px;">\n'
                '    <div class="tgme_widget_message_photo grouped_media" style="top:0;bottom:0;left:0px;right:0px;"></div>\n'
                "  </div>\n</a>"
            )
            continue
        film = (
            ""
            if item.too_big
            else f'<video src="{offer.file}" class="tgme_widget_message_video js-message_video" width="100%" height="100%"></video>'
        )
        parts.append(
            f'<a class="tgme_widget_message_video_player {"not_supported " if item.too_big else ""}grouped_media_wrap blured'
            f' js-message_video_player" style="{box}" {ratio}>\n'
            f'  <i class="tgme_widget_message_video_thumb" style="background-image:url(\'{offer.thumbnail}\')"></i>\n'
            '  <div class="tgme_widget_message_video_wrap grouped_media js-message_video_wrap" style="left:0;right:0;">\n'
            f"    {film}\n  </div>\n"
            f'  <time class="message_video_duration js-message_video_duration">{duration(item.duration_s)}</time>\n'
            f"{not_supported('Media is too big' if item.too_big else NOT_SUPPORTED)}</a>"
        )
    height = 200 * -(-len(state.members) // 3)
    return (
        '<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap" data-margin-w="2" data-margin-h="2"'
        ' style="width:453px;">\n'
        f'  <div class="tgme_widget_message_grouped js-message_grouped" style="padding-top:{100 * height / 453:.6g}%">\n'
        '    <div class="tgme_widget_message_grouped_layer js-message_grouped_layer"'
        f' style="width:453px;height:{height}px">\n      {"".join(parts)}\n    </div>\n  </div>\n</div>'
    )


_WRITERS = {
    "photo": _photo,
    "video": _video,
    "animation": _video,
    "round_video": _round_video,
    "voice": _voice,
    "audio": _document,
    "document": _document,
    "sticker": _sticker,
    "poll": _poll,
    "location": _location,
}
