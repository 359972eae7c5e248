"""Walks the HTML pages of an export: chats, and the regions of their rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import BinaryIO, Final

import msgspec

from holdfast.capture.contract import Chat, Region
from holdfast.capture.telegram_export.html_rows import ROW, Unsaid, bare_name, rows, text_inside, unsaid_after
from holdfast.capture.telegram_export.plan import Document, Plan, page_number
from holdfast.capture.telegram_export.problems import skipped
from holdfast.capture.telegram_export.stream import MAX_RECORD_BYTES, REGION_BYTES, read_on
from holdfast.errors import SourceError
from holdfast.model import ChannelSeen, Problem

__all__ = ["read_html"]

_HEAD_BYTES: Final = 64 * 1024

Opener = Callable[[Document], BinaryIO]
Event = Chat | Region | Problem

_TITLE = re.compile(rb'class="page_header".*?<div class="text bold">(.*?)</div>', re.DOTALL)
_SERVICE = re.compile(
    rb'class="message service" id="message[0-9]+"[^<>]*>\s*<div class="body details">(.{0,20000}?)</div>',
    re.DOTALL,
)
_FROM_NAME = re.compile(rb'<div class="from_name">(.{0,20000}?)</div>', re.DOTALL)
_OF_CHANNEL = re.compile(
    r"Channel «.*» created|Channel photo (?:changed|removed)|Channel title changed to «.*»", re.DOTALL
)
_OF_GROUP = re.compile(
    r".* (?:created group «.*|changed group (?:photo|title to «.*)|removed group photo"
    r"|joined group by (?:link from .*|request)|converted this group to a supergroup"
    r"|converted a basic group to this supergroup «.*»)",
    re.DOTALL,
)


class _Evidence:
    """What the pages of one chat say about its kind, which they do not state.

    A channel is a chat whose service rows speak of a channel; or whose rows all carry its own title as
    their author, with no service row of a group. A private chat in which only the other side wrote looks
    the same as the latter. Everything else is a group if its authors are named otherwise, or unclear.
    """

    def __init__(self) -> None:
        self.title: str | None = None
        self._own = self._others = 0
        self._channel_rows = self._group_rows = 0

    def add(self, body: bytes) -> None:
        for match in _SERVICE.finditer(body):
            words = text_inside(match[1])
            self._channel_rows += _OF_CHANNEL.fullmatch(words) is not None
            self._group_rows += _OF_GROUP.fullmatch(words) is not None
        for match in _FROM_NAME.finditer(body):
            if b"<span" in match[1]:
                continue  # whom a post was forwarded from
            name, _ = bare_name(text_inside(match[1]))
            if name is not None and name == self.title:
                self._own += 1
            else:
                self._others += 1

    def kind(self) -> str | None:
        """channel, group, or None if nothing tells."""
        if self._group_rows:
            return "group"
        if self._channel_rows:
            return "channel"
        if self._others:
            return "group"
        return "channel" if self._own else None


def read_html(plan: Plan, open_document: Opener, *, include_private: bool) -> Iterator[Event]:
    """The chats of an HTML export, each before the regions of its rows, page after page.

    Every page is opened twice: the kind of a chat shows only from all of them. Memory: a region.
    Errors: SourceError if no page has rows of posts.
    """
    index = 0
    for _, group in groupby(plan.documents, key=lambda document: document.name.rpartition("/")[0]):
        pages = list(group)
        evidence, readable = _survey(pages, open_document)
        if not readable:
            if len({page.name.rpartition("/")[0] for page in plan.documents}) == 1:
                raise _no_page(pages[0], open_document)
            yield skipped("bad_chat", "no page of posts", document=pages[0].name)
            continue
        kind = evidence.kind()
        title = evidence.title
        channel = ChannelSeen(id=f"title:{title or ''}", title=title, kind=kind or "private")
        chat = Chat(index, channel, included=kind == "channel" or include_private)
        index += 1
        if kind is None:
            yield skipped("kind_unknown", "no row tells whether this is a channel", document=pages[0].name)
        yield chat
        if chat.included:
            yield from _regions(chat, pages, readable, open_document)
        for page in pages:
            if page.name not in readable:
                yield skipped("bad_page", "no page of posts", document=page.name, offset=0)


def _no_page(document: Document, open_document: Opener) -> SourceError:
    with open_document(document) as stream:
        head = stream.read(4)
    if not head:
        return SourceError(
            f"{document.name} is empty", remedy="export the chat again, or copy the file again"
        )
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return SourceError(
            f"{document.name} is encoded in UTF-16; an export is UTF-8",
            remedy="import the file as Telegram Desktop wrote it: converting would change what is sealed",
        )
    return SourceError(
        f"{document.name} has no rows of posts as Telegram Desktop writes them",
        remedy="name the folder that Telegram Desktop wrote, its result.json, or its messages.html",
    )


def _survey(pages: list[Document], open_document: Opener) -> tuple[_Evidence, frozenset[str]]:
    evidence = _Evidence()
    readable = set()
    for page in pages:
        for piece in _cut_page(page, open_document):
            if piece.head and (match := _TITLE.search(piece.body)) is not None:
                evidence.title = evidence.title or text_inside(match[1]) or None
            if not piece.head and piece.problem is None:
                readable.add(page.name)
                evidence.add(piece.body)
            elif b"page_wrap" in piece.body and b"chat_page" in piece.body:
                readable.add(page.name)  # a chat without posts
    return evidence, frozenset(readable)


def _regions(
    chat: Chat, pages: list[Document], readable: frozenset[str], open_document: Opener
) -> Iterator[Event]:
    previous: int | None = None
    unsaid = Unsaid()
    for page in pages:
        if page.name not in readable:
            continue
        number = page_number(page.name)
        if previous is not None and number > previous + 1:
            missing = f"between pages {previous} and {number}"
            yield skipped("page_missing", missing, document=page.name, offset=0)
            unsaid = Unsaid()
        previous = number
        for piece in _cut_page(page, open_document):
            if piece.problem is not None:
                yield piece.problem
            elif not piece.head:
                context = msgspec.json.encode(unsaid).decode()
                yield Region(chat.index, page.name, piece.offset, piece.body, context)
                unsaid = unsaid_after(piece.body, unsaid)


class _Piece(msgspec.Struct, frozen=True):
    offset: int
    body: bytes
    head: bool = False
    problem: Problem | None = None


def _cut_page(page: Document, open_document: Opener) -> Iterator[_Piece]:
    """The page's head, then its rows in pieces of about a region; at last what is wrong with its end."""
    with open_document(page) as stream:
        data, base, ended, in_head = b"", 0, False, True
        while not ended:
            chunk = read_on(stream, len(data))
            ended = not chunk
            data += chunk
            if in_head:
                match = ROW.search(data)
                if match is None and not ended and len(data) <= MAX_RECORD_BYTES:
                    continue
                first = match.start() if match else len(data)
                yield _Piece(base, data[: min(first, _HEAD_BYTES)], head=True)
                data, base, in_head = data[first:], base + first, False
            if ended or len(data) < REGION_BYTES:
                continue
            last = data.rfind(b"<div", 0, len(data))
            while last > 0 and ROW.match(data, last) is None:
                last = data.rfind(b"<div", 0, last)
            if last > 0:
                yield _Piece(base, data[:last])
                data, base = data[last:], base + last
            elif len(data) > MAX_RECORD_BYTES:
                yield _too_large(page, base, data)
                data, base = b"", base + len(data)
        yield from _end_of_page(page, base, data)


def _too_large(page: Document, offset: int, data: bytes) -> _Piece:
    row = next(rows(data[:4096]), None)
    problem = skipped(
        "too_large",
        f"a row of more than {MAX_RECORD_BYTES} bytes",
        document=page.name,
        offset=offset,
        post=row.id if row else None,
    )
    return _Piece(offset, b"", problem=problem)


def _end_of_page(page: Document, base: int, data: bytes) -> Iterator[_Piece]:
    found = list(rows(data))
    last = found[-1] if found else None
    if last is not None and not last.whole:
        if last.start:
            yield _Piece(base, data[: last.start])
        detail = "the page ends inside this row"
        place = base + last.start
        problem = skipped("cut_short", detail, document=page.name, offset=place, post=last.id)
        yield _Piece(place, b"", problem=problem)
        return
    if last is not None:
        yield _Piece(base, data[: last.end])
    if b"</html>" not in data[last.end if last else 0 :][-4096:].lower():
        detail = "the page's closing tags are missing"
        problem = skipped("unfinished", detail, document=page.name, offset=base + len(data))
        yield _Piece(base + len(data), b"", problem=problem)
