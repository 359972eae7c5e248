"""Builds Telegram Desktop exports for tests, in the exporter's own formatting."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from holdfast.capture.contract import Chat, Coverage, Region
from holdfast.capture.telegram_export import (
    RECORD_CODES,
    CoverageBuilder,
    Document,
    Plan,
    parse_region,
    plan_export,
    read_export,
)
from holdfast.model import PostSeen, Problem

ARTEFACT = "ab" * 32


class Pieces(io.RawIOBase):
    """A forward-only stream of pieces that are made while it is read, and that come in their own sizes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def stream(pieces: Iterable[bytes]) -> BinaryIO:
    """A binary stream of `pieces`."""
    return cast("BinaryIO", Pieces(pieces))


class Imported(NamedTuple):
    """All that an import gave. `read` counts the records that were met."""

    chats: list[Chat]
    posts: list[PostSeen]
    problems: list[Problem]
    coverage: list[Coverage]
    read: int

    @property
    def ids(self) -> list[str]:
        return [post.post.id for post in self.posts]

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    def post(self, number: int | str) -> PostSeen:
        return next(post for post in self.posts if post.post.id == str(number))


def run(plan: Plan, open_document: Callable[[Document], BinaryIO], **options: bool) -> Imported:
    """Read and parse everything, as an archive would."""
    chats: dict[int, Chat] = {}
    builders: dict[int, CoverageBuilder] = {}
    posts: list[PostSeen] = []
    problems: list[Problem] = []
    read = 0
    for event in read_export(plan, open_document, **options):
        if isinstance(event, Chat):
            chats[event.index] = event
            builders[event.index] = CoverageBuilder()
        elif isinstance(event, Region):
            parsed = parse_region(event, chats[event.chat], ARTEFACT)
            builders[event.chat].add(parsed, event)
            posts += parsed.posts
            problems += parsed.problems
            read += parsed.read
        else:
            problems.append(event)
            read += event.code in RECORD_CODES
            for builder in builders.values():
                builder.note(event)
    kept = [builder.result() for builder in builders.values()]
    return Imported(list(chats.values()), posts, problems, kept, read)


def import_path(path: Path, **options: bool) -> Imported:
    return run(plan_export(path), lambda document: document.path.open("rb"), **options)


def import_bytes(content: bytes, name: str = "result.json", **options: bool) -> Imported:
    plan = Plan(Path(), "html" if name.endswith(".html") else "json", (Document(Path(name), name),))
    return run(plan, lambda _: io.BytesIO(content), **options)


def message(number: Any, **fields: Any) -> dict[str, Any]:
    record = {
        "id": number,
        "type": "message",
        "date": "2023-12-28T23:10:00",
        "date_unixtime": "1703794200",
        "from": "Путь домой",
        "from_id": "channel1700000001",
        "text": f"post {number}",
    }
    record.update(fields)
    return {key: value for key, value in record.items() if value is not ...}


def service(number: int, action: str, **fields: Any) -> dict[str, Any]:
    fields = {"actor": "Путь домой", "actor_id": "channel1700000001", "action": action, **fields}
    return message(number, **{"type": "service", "from": ..., "from_id": ..., "text": "", **fields})


def export_bytes(*records: dict[str, Any] | bytes, indent: int | None = 1, **header: Any) -> bytes:
    """A single-chat result.json. Bytes among `records` are put in as they are."""
    fields: dict[str, Any] = {"name": "Путь домой", "type": "public_channel", "id": 1700000001, **header}
    marks = [record if isinstance(record, dict) else f"@raw{n}@" for n, record in enumerate(records)]
    content = json.dumps({**fields, "messages": marks}, ensure_ascii=False, indent=indent).encode(
        errors="surrogatepass"
    )
    for n, record in enumerate(records):
        if isinstance(record, bytes):
            content = content.replace(f'"@raw{n}@"'.encode(), record)
    return content


def import_records(*records: dict[str, Any] | bytes, **options: Any) -> Imported:
    private = {"include_private": options.pop("include_private", False)}
    return import_bytes(export_bytes(*records, **options), **private)


def html_page(rows: str, title: str = "Путь домой") -> bytes:
    """One page as the exporter's template makes it."""
    return f"""<!DOCTYPE html>
<html>

 <head>

  <meta charset="utf-8"/>
<title>Exported Data</title>

 </head>

 <body onload="CheckLocation();">

  <div class="page_wrap">

   <div class="page_header">

    <div class="content">

     <div class="text bold">
{title}
     </div>

    </div>

   </div>

   <div class="page_body chat_page">

    <div class="history">

{rows}
    </div>

   </div>

  </div>

 </body>

</html>
""".encode()


def html_day(number: int, words: str) -> str:
    return html_service(-number, words)


def html_service(number: int, words: str) -> str:
    return f"""     <div class="message service" id="message{number}">

      <div class="body details">
{words}
      </div>

     </div>

"""


def html_row(
    number: int,
    inside: str,
    *,
    author: str | None = "Путь домой",
    time: str = "28.12.2023 23:10:00 UTC+03:00",
) -> str:
    name = "" if author is None else f'       <div class="from_name">\n{author} \n       </div>\n\n'
    joined = " joined" if author is None else ""
    return f"""     <div class="message default clearfix{joined}" id="message{number}">

      <div class="body">

       <div class="pull_right date details" title="{time}">
23:10
       </div>

{name}{inside}
      </div>

     </div>

"""


def html_text(words: str) -> str:
    return f'       <div class="text">\n{words}\n       </div>\n'
