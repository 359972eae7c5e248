"""One full preview page, read by us and by BeautifulSoup: CPU time, one after the other, round by round."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from holdfast.capture.telegram_web import Asked, parse_answer
from tests.capture.web_pages import a_full_page

REAL_PAGE = (
    Path(__file__).resolve().parents[2] / "shared" / "data" / "pages" / "DUCKS_POKER_live_snapshot.html"
)
ROUNDS = 15
IN_A_ROW = 10


def soup_page(body: bytes) -> dict[str, Any]:
    """The same main fields as ours, as most programs of the field get them: BeautifulSoup with `html.parser`."""
    page = BeautifulSoup(body, "html.parser")
    counters = {}
    for counter in page.find_all("div", class_="tgme_channel_info_counter"):
        value, kind = (
            counter.find("span", class_="counter_value"),
            counter.find("span", class_="counter_type"),
        )
        counters[_words(kind)] = _words(value)
    more = page.find("a", class_="tme_messages_more")
    return {
        "title": _words(page.find("div", class_="tgme_channel_info_header_title")),
        "username": _words(page.find("div", class_="tgme_channel_info_header_username")),
        "description": _words(page.find("div", class_="tgme_channel_info_description")),
        "labels": [
            mark.get("class")
            for mark in page.select(".tgme_channel_info_header_labels i, .tgme_header_labels i")
        ],
        "counters": counters,
        "older": more.get("data-before") if more is not None else None,
        "posts": [_soup_post(block) for block in page.find_all("div", class_="tgme_widget_message")],
    }


def _words(node: Tag | None) -> str | None:
    return None if node is None else node.get_text().strip()


def _soup_post(block: Tag) -> dict[str, Any]:
    """One block: its ids, time, author, origin, text with its formatting, media, counters."""
    text = block.find("div", class_="js-message_text")
    moment = block.select_one("a.tgme_widget_message_date time")
    reply = block.find("a", class_="tgme_widget_message_reply")
    origin = block.find("a", class_="tgme_widget_message_forwarded_from_name")
    preview = block.find("a", class_="tgme_widget_message_link_preview")
    meta = block.find("span", class_="tgme_widget_message_meta")
    media = []
    for item in block.find_all(class_=_is_media):
        film, length, thumbnail = item.find("video"), item.find("time"), item.find("i")
        media.append(
            {
                "class": item.get("class"),
                "href": item.get("href"),
                "style": item.get("style"),
                "source": film.get("src") if film is not None else None,
                "length": length.get_text() if length is not None else None,
                "thumbnail": thumbnail.get("style") if thumbnail is not None else None,
            }
        )
    return {
        "post": block.get("data-post"),
        "view": block.get("data-view"),
        "time": moment.get("datetime") if moment is not None else None,
        "author": _words(block.find("a", class_="tgme_widget_message_owner_name")),
        "signature": _words(block.find("span", class_="tgme_widget_message_from_author")),
        "views": _words(block.find("span", class_="tgme_widget_message_views")),
        "is_edited": meta is not None and "edited" in meta.get_text(),
        "reply": reply.get("href") if reply is not None else None,
        "origin": (origin.get("href"), origin.get_text()) if origin is not None else None,
        "preview": preview.get("href") if preview is not None else None,
        "runs": _soup_runs(text) if text is not None else None,
        "media": media,
        "reactions": [
            (
                emoji.get("emoji-id") if (emoji := reaction.find("tg-emoji")) is not None else None,
                reaction.get_text(),
            )
            for reaction in block.find_all("span", class_="tgme_reaction")
        ],
    }


def _is_media(name: str | None) -> bool:
    return (
        name is not None
        and name.startswith("tgme_widget_message_")
        and name.endswith(("_player", "photo_wrap"))
    )


def _soup_runs(text: Tag) -> list[tuple[Any, ...]]:
    runs: list[tuple[Any, ...]] = []
    for child in text.children:
        if not isinstance(child, Tag):
            runs.append((None, str(child), None))
        elif child.name == "br":
            runs.append((None, "\n", None))
        else:
            for line_break in child.find_all("br"):
                line_break.replace_with("\n")
            runs.append((child.name, child.get_text(), child.get("href") or child.get("emoji-id")))
    return runs


def measure(path: Path | None = None) -> dict[str, Any]:
    """Median CPU seconds a page of both, over interleaved rounds, after one round to warm up.

    `path`: a saved page; without it the real one beside this repository, and without that one made up. In each round we
    read the page ten times in a row, so that both sides have their turn for about as long; `first_s` is the first of
    these, which finds the processor's caches full of the other side's objects.
    """
    source = path or (REAL_PAGE if REAL_PAGE.exists() else None)
    body = source.read_bytes() if source is not None else a_full_page()
    asked = Asked("channel", _name_on(body))
    first: list[float] = []
    ours: list[float] = []
    soup: list[float] = []
    for _ in range(ROUNDS + 1):
        gc.collect()  # each side pays for its own garbage only
        times = [_seconds(lambda: parse_answer(asked, 200, None, "text/html", body)) for _ in range(IN_A_ROW)]
        first.append(times[0])
        ours.append(statistics.fmean(times))
        gc.collect()
        soup.append(_seconds(lambda: soup_page(body)))
    answer = parse_answer(asked, 200, None, "text/html", body)
    ours_s, soup_s = statistics.median(ours[1:]), statistics.median(soup[1:])
    return {
        "page": "made up" if source is None else "real" if source == REAL_PAGE else "given",
        "page_bytes": len(body),
        "post_count": len(answer.posts),
        "ours_s": ours_s,
        "first_s": statistics.median(first[1:]),
        "beautifulsoup_s": soup_s,
        "times_as_fast": soup_s / ours_s,
    }


def _name_on(body: bytes) -> str:
    """The username that the page's posts are of."""
    return body.partition(b'data-post="')[2].partition(b"/")[0].decode()


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
