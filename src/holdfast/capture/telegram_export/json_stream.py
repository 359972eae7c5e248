"""Walks a JSON export from its first byte to its last: chats, and the regions of their posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from holdfast.capture.contract import Chat, Region
from holdfast.capture.telegram_export.chats import chat_from_header, is_known_type
from holdfast.capture.telegram_export.json_cut import next_span
from holdfast.capture.telegram_export.json_lenient import Unreadable, loads, post_id_hint
from holdfast.capture.telegram_export.json_records import cut_records
from holdfast.capture.telegram_export.json_window import CutShortError, NoJSONError, Window
from holdfast.capture.telegram_export.plan import Document
from holdfast.capture.telegram_export.problems import skipped
from holdfast.capture.telegram_export.stream import MAX_RECORD_BYTES
from holdfast.errors import SourceError
from holdfast.model import Problem

__all__ = ["read_json"]

_MAX_KEYS: Final = 100_000
_HEADER: Final = ("name", "type", "id")

Opener = Callable[[Document], BinaryIO]
Event = Chat | Region | Problem


def read_json(document: Document, open_document: Opener, *, include_private: bool) -> Iterator[Event]:
    """The chats of one JSON export, each before the regions of its posts, in the document's order.

    Memory: one region, or one record if that is longer. `open_document` is called a second time if a
    chat's name, type or id stand behind its posts. Errors: SourceError if the document is no export.
    """
    yield from _Walk(document, open_document, include_private=include_private).run()


class _Walk:
    def __init__(
        self, document: Document, open_document: Opener, *, include_private: bool, scan: bool = False
    ) -> None:
        self._document = document
        self._open = open_document
        self._include_private = include_private
        self._scan = scan  # only collect the headers
        self._behind: list[dict[str, Any]] | None = None
        self._told = 0
        self._top: dict[str, Any] = {}
        self.headers: list[dict[str, Any]] = []

    def run(self) -> Iterator[Event]:
        with self._open(self._document) as stream:
            self._window = Window(stream)
            try:
                self._begin()
                yield from self._object(self._top_member)
                yield from self._end()
            except CutShortError as error:
                if not self.headers:
                    raise self._no_export("it ends before its first post") from None
                if error.in_record:
                    detail = "the document ends inside this record"
                    yield self._problem("cut_short", detail, error.offset, error.post)
                else:
                    detail = "the document's closing brackets are missing"
                    yield self._problem("unfinished", detail, error.offset)
            except NoJSONError as error:
                if not self.headers:
                    raise self._no_export(f"no JSON at byte {error.offset}") from None
                yield self._problem("trailing_bytes", "no JSON from here to the end", error.offset)
            if not self.headers:
                raise self._no_export("it has neither `messages` nor a list of chats")

    # The frame -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        window = self._window
        while window.held < 4 and window.more():
            pass
        head = window.data[:4]
        if not head:
            raise SourceError(
                f"{self._document.name} is empty", remedy="export the chat again, or copy the file again"
            )
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:2] in (b"{\0", b"[\0", b"\0{", b"\0["):
            raise SourceError(
                f"{self._document.name} is encoded in UTF-16; an export is UTF-8",
                remedy="import the file as Telegram Desktop wrote it: converting would change what is sealed",
            )
        if head[:3] == b"\xef\xbb\xbf":
            window.at = 3
        try:
            first = window.peek()
        except CutShortError:
            raise self._no_export("it holds nothing but white space") from None
        if first != ord("{"):
            raise self._no_export("it begins with a list" if first == ord("[") else "it is no JSON object")

    def _end(self) -> Iterator[Event]:
        try:
            self._window.peek()
        except CutShortError:
            return
        yield self._problem("trailing_bytes", "bytes after the end of the export", self._window.offset)

    def _object(self, member: Callable[[str], Iterator[Event]]) -> Iterator[Event]:
        """Pass the object that begins here; `member` is told each key and passes its value."""
        window = self._window
        window.at += 1
        for _ in range(_MAX_KEYS):
            byte = window.peek()
            if byte == ord("}"):
                window.at += 1
                return
            if byte == ord(","):
                window.at += 1
                continue
            if byte != ord('"'):
                break
            key = window.take_string()
            if window.peek() != ord(":"):
                break
            window.at += 1
            window.peek()
            yield from member(key if isinstance(key, str) else "")
        raise NoJSONError(window.offset)

    def _opens(self, bracket: bytes) -> bool:
        return self._window.data[self._window.at : self._window.at + 1] == bracket

    def _top_member(self, key: str) -> Iterator[Event]:
        if key in ("chats", "left_chats") and self._opens(b"{"):
            yield from self._object(self._chats_member)
        elif key in ("chats", "left_chats") and self._opens(b"["):
            yield from self._chat_list()
        else:
            yield from self._chat_member(self._top, key)

    def _chats_member(self, key: str) -> Iterator[Event]:
        if key == "list" and self._opens(b"["):
            yield from self._chat_list()
        else:
            self._window.take_value()

    def _chat_list(self) -> Iterator[Event]:
        window = self._window
        window.at += 1
        while (byte := window.peek()) != ord("]"):
            offset = window.offset
            if byte == ord(","):
                window.at += 1
            elif byte == ord("{"):
                header: dict[str, Any] = {}
                before = len(self.headers)
                yield from self._object(lambda key, header=header: self._chat_member(header, key))  # type: ignore[misc]
                if len(self.headers) == before:
                    yield from self._chat_without_posts(header, offset)
            else:
                window.take_value()
                yield self._problem("bad_chat", "no object in the list of chats", offset)
        window.at += 1

    def _chat_without_posts(self, header: dict[str, Any], offset: int) -> Iterator[Event]:
        self.headers.append(header)
        if is_known_type(header.get("type")):
            yield self._tell(header)
        else:
            yield self._problem("bad_chat", "a chat without type and posts", offset)

    def _chat_member(self, header: dict[str, Any], key: str) -> Iterator[Event]:
        if key == "messages" and self._opens(b"["):
            self.headers.append(header)
            chat: Chat | None = None
            if not self._scan:
                for event in self._introduce(header):
                    yield event
                    chat = event if isinstance(event, Chat) else chat
            yield from self._posts(chat)
        elif key in _HEADER:
            header.setdefault(key, self._window.take_value())
        else:
            self._window.take_value()

    # Chats ---------------------------------------------------------------------------------------------

    def _introduce(self, header: dict[str, Any]) -> Iterator[Event]:
        """The chat whose posts begin here; SourceError or a problem if they are no posts of ours."""
        if header.get("type") is None or header.get("id") is None:
            header = self._with_what_stands_behind(header)
        if not is_known_type(header.get("type")):
            offset = self._window.offset
            if not self._a_post_comes_first():
                if len(self.headers) == 1:
                    raise self._no_export("its `messages` have another form")
                yield self._problem("bad_chat", "its posts have another form", offset)
                return
            yield self._problem("kind_unknown", "the export gives this chat no type that is known", offset)
        yield self._tell(header)

    def _tell(self, header: dict[str, Any]) -> Chat:
        index, self._told = self._told, self._told + 1
        return chat_from_header(index, header, include_private=self._include_private)

    def _with_what_stands_behind(self, header: dict[str, Any]) -> dict[str, Any]:
        """`header` and what a first pass over the whole document found for the same chat."""
        if self._behind is None:
            scan = _Walk(self._document, self._open, include_private=False, scan=True)
            for _ in scan.run():
                pass
            self._behind = scan.headers
        ordinal = len(self.headers) - 1
        behind = self._behind[ordinal] if ordinal < len(self._behind) else {}
        return {**behind, **{key: value for key, value in header.items() if value is not None}}

    def _a_post_comes_first(self) -> bool:
        """Whether the list that begins here begins with what Telegram Desktop writes for a post."""
        window = self._window
        while (span := next_span(window.data, window.at + 1, None, final=window.ended)) is None:
            if window.held > MAX_RECORD_BYTES or not window.more():
                return False
        try:
            record, _ = loads(window.data[span.start : span.end])
        except Unreadable:
            return False
        number = record.get("id")
        return (
            isinstance(number, int)
            and not isinstance(number, bool)
            and record.get("type") in ("message", "service", "unsupported")
        )

    def _posts(self, chat: Chat | None) -> Iterator[Event]:
        """Pass the list of posts that begins here; regions only of a chat that is included."""
        for cut in cut_records(self._window):
            if chat is None or not chat.included:
                continue
            if cut.too_large:
                detail = f"a record of more than {MAX_RECORD_BYTES} bytes"
                yield self._problem("too_large", detail, cut.offset, post_id_hint(cut.body))
            else:
                yield Region(chat.index, self._document.name, cut.offset, cut.body, cut.context)

    def _problem(self, code: str, detail: str, offset: int, post: str | None = None) -> Problem:
        return skipped(code, detail, document=self._document.name, offset=offset, post=post)

    def _no_export(self, why: str) -> SourceError:
        return SourceError(
            f"{self._document.name} is no Telegram Desktop export: {why}",
            remedy="name the result.json that Telegram Desktop wrote (with name, type, id and messages)",
        )
