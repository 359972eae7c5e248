"""Makes observations of the rows in one region of an HTML page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from holdfast.capture.contract import Chat, Parsed, Region
from holdfast.capture.telegram_export.html_media import Found, claimed_path, media_of
from holdfast.capture.telegram_export.html_rows import Unsaid, bare_name, day_of, rows
from holdfast.capture.telegram_export.html_service import service_row
from holdfast.capture.telegram_export.html_text import html_text, words_of
from holdfast.capture.telegram_export.json_record import View
from holdfast.capture.telegram_export.problems import PROBLEM_CODES, repaired, skipped
from holdfast.capture.telegram_export.values import bounded
from holdfast.model import (
    Author,
    Forward,
    MediaSeen,
    Metrics,
    PostFacts,
    PostSeen,
    Problem,
    RawRange,
    Reply,
    Text,
)

__all__ = ["parse_html"]

_TIME = re.compile(
    r"([0-9]{2})\.([0-9]{2})\.([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2})(?: UTC([+-])([0-9]{2}):([0-9]{2}))?"
)
_GO_TO = re.compile(r"(?:GoToMessage\(|go_to_message|/)([0-9]{1,20})\)?\Z")
_COUNT = re.compile(r"[0-9]{1,15}")


def parse_html(region: Region, chat: Chat, artefact: str) -> Parsed:
    """Every row of the region as a post or as a problem. Pure; lets out no error whatever the bytes."""
    view = View(chat)
    unsaid = _unsaid(region.context)
    posts: list[PostSeen] = []
    problems: list[Problem] = []
    read = 0
    for row in rows(region.body):
        written = region.body[row.start : row.end]
        place = region.offset + row.start
        if row.id is not None and row.id.startswith("-"):
            unsaid = msgspec.structs.replace(unsaid, day=_separator(written) or unsaid.day)
            continue
        read += 1
        if row.id is None:
            problems.append(
                skipped("bad_id", PROBLEM_CODES["bad_id"], document=region.document, offset=place)
            )
            continue
        repairs: tuple[str, ...] = ()
        try:
            markup = written.decode()
        except UnicodeDecodeError:
            markup = written.decode("utf-8", "replace")
            repairs = ("encoding",)
            problems.append(repaired(repairs, document=region.document, offset=place, post=row.id))
        node = LexborHTMLParser(markup).css_first("div.message")
        if node is None:
            problems.append(
                skipped("not_a_post", PROBLEM_CODES["not_a_post"], document=region.document, offset=place)
            )
            continue
        reader = _Row(node, view, region.document, unsaid)
        raw = RawRange(artefact, place, row.end - row.start)
        posts.append(reader.post(row.id, repairs, raw))
        unsaid = reader.unsaid
    return Parsed(tuple(posts), tuple(problems), read)


def _unsaid(context: str | None) -> Unsaid:
    try:
        return msgspec.json.decode(context or "{}", type=Unsaid)
    except msgspec.DecodeError:
        return Unsaid()


def _separator(written: bytes) -> str | None:
    tree = LexborHTMLParser(written.decode("utf-8", "replace"))
    return day_of(words_of(tree.css_first(".details")) or "")


def parse_time(title: str | None) -> tuple[str | None, str | None]:
    """(UTC, local) of a row's time: UTC where the export names its offset, else the exporter's wall clock."""
    match = _TIME.fullmatch((title or "").strip())
    if match is None:
        return None, None
    local = f"{match[3]}-{match[2]}-{match[1]}T{match[4]}"
    if match[5] is None:
        return None, local
    try:
        offset = timedelta(hours=int(match[6]), minutes=int(match[7]))
        moment = datetime.fromisoformat(local) + (-offset if match[5] == "+" else offset)
    except (ValueError, OverflowError):
        return None, local
    return moment.isoformat(timespec="seconds") + "Z", None


class _Row:
    """Collects what one row says; `unsaid` is then what the next may leave out."""

    def __init__(self, node: LexborNode, view: View, document: str, unsaid: Unsaid) -> None:
        self._node = node
        self._view = view
        self._document = document
        self.unsaid = unsaid
        self._classes = (node.attributes.get("class") or "").split()
        self._found = Found()
        self._media: list[MediaSeen] = []
        self._other: dict[str, Any] = {}
        self._text: Text | None = None
        self._published: tuple[str | None, str | None] = (None, None)
        self._name: str | None = None
        self._via: str | None = None
        self._signature: str | None = None
        self._forward: Forward | None = None
        self._forward_name: str | None = None
        self._reply: Reply | None = None
        self._reactions: tuple[tuple[str, int], ...] | None = None
        self._is_named = False

    def post(self, number: str, repairs: tuple[str, ...], raw: RawRange) -> PostSeen:
        if "service" in self._classes:
            return self._service(number, repairs, raw)
        for child in self._node.iter():
            if "body" in (child.attributes.get("class") or "").split():
                self._body(child, forwarded=False)
        if not self._is_named:
            self._name, self._via = self.unsaid.author, self.unsaid.via
        self.unsaid = msgspec.structs.replace(self.unsaid, author=self._name, via=self._via)
        if self._forward is not None and self._forward_name is None and self._forward == Forward():
            self._forward_name = self.unsaid.forward
        elif self._forward_name is not None:
            self.unsaid = msgspec.structs.replace(self.unsaid, forward=self._forward_name)
        name = None if self._view.is_own(self._name, None) else self._name
        author = Author(
            name=name,
            signature=self._signature,
            via_bot=self._via,
            forward_name=self._forward_name,
            persons=self._found.persons or None,
        )
        metrics = Metrics(reactions=self._reactions, votes=self._found.votes, voters=self._found.voters)
        facts = PostFacts(
            self._view.channel,
            number,
            published_at=self._published[0],
            published_local=self._published[1],
            reply=self._reply,
            forward=self._forward,
            other=self._other or None,
            repairs=repairs or None,
        )
        return PostSeen(
            facts,
            author if author != Author() else None,
            self._text,
            tuple(self._media) or None,
            metrics if metrics != Metrics() else None,
            raw,
        )

    def _service(self, number: str, repairs: tuple[str, ...], raw: RawRange) -> PostSeen:
        details = self._node.css_first(".details")
        link = details.css_first("a") if details is not None else None
        said = service_row(words_of(details) or "", _target(link), self._view)
        photo = self._node.css_first("a.userpic_link")
        path = claimed_path(self._document, photo.attributes.get("href")) if photo is not None else None
        facts = PostFacts(
            self._view.channel,
            number,
            said.kind,
            published_local=self.unsaid.day,
            action=said.action,
            other=said.other,
            repairs=repairs or None,
        )
        media = (MediaSeen("photo", source_path=path),) if path else None
        return PostSeen(facts, said.author, None, media, None, raw)

    def _body(self, body: LexborNode, *, forwarded: bool) -> None:
        for child in body.iter():
            classes = (child.attributes.get("class") or "").split()
            if "forwarded" in classes and "body" in classes:
                if not forwarded:
                    self._forward = Forward()
                    self._body(child, forwarded=True)
            elif "userpic_wrap" in classes:
                continue
            elif "date" in classes:
                self._published = parse_time(child.attributes.get("title"))
                if self._published == (None, None) and child.attributes.get("title"):
                    self._other["date"] = bounded(child.attributes.get("title"))
            elif "from_name" in classes:
                self._from_name(child, forwarded=forwarded)
            elif "reply_to" in classes:
                self._reply_to(child)
            elif "media_wrap" in classes:
                self._media += media_of(child, self._document, self._found)
            elif "text" in classes:
                self._text = html_text(child)
            elif "signature" in classes:
                self._signature = words_of(child)
            elif "reactions" in classes:
                self._react(child)
            else:
                words = words_of(child)
                name = " ".join(classes) or child.tag or "unknown"
                if words:
                    self._other[name] = bounded(words)

    def _from_name(self, node: LexborNode, *, forwarded: bool) -> None:
        span = node.css_first("span.date")
        claimed = parse_time(span.attributes.get("title")) if span is not None else (None, None)
        if span is not None:
            span.decompose()
        name, via = bare_name(words_of(node) or "")
        if forwarded:
            # A page does not say whether this is a person or a channel: the name must be erasable.
            self._forward = Forward(published_at=claimed[0], published_local=claimed[1])
            self._forward_name, self._via = name, self._via or via
        else:
            self._name, self._via, self._is_named = name, via, True

    def _reply_to(self, node: LexborNode) -> None:
        target = _target(node.css_first("a"))
        if target is not None:
            self._reply = Reply(target)
        else:
            self._other["reply_to"] = bounded(words_of(node))

    def _react(self, node: LexborNode) -> None:
        counted: list[tuple[str, int]] = []
        for reaction in node.css(".reaction"):
            shown = reaction.css_first(".emoji")
            is_picture = shown is not None and shown.css_first("a") is not None
            is_paid = "paid" in (reaction.attributes.get("class") or "").split()
            name = "paid" if is_paid else "custom" if is_picture else words_of(shown) or "unknown"
            count = words_of(reaction.css_first(".count"))
            faces = reaction.css(".userpic .initials")
            named = [face.attributes.get("title") for face in faces if face.attributes.get("title")]
            if named:
                self._found.persons.setdefault("reactions", []).append(
                    {"reaction": name, "recent": bounded(named)}
                )
            counted.append((name, int(count) if count and _COUNT.fullmatch(count) else max(len(faces), 1)))
        self._reactions = tuple(sorted(counted))


def _target(link: LexborNode | None) -> str | None:
    """The id of the post that a link leads to."""
    if link is None:
        return None
    for attribute in ("onclick", "href"):
        match = _GO_TO.search((link.attributes.get(attribute) or "").removeprefix("return "))
        if match is not None:
            return str(int(match[1]))
    return None
