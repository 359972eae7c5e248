"""Reads any export: a stream of chats and regions first, observations of one region on their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from holdfast.capture.contract import Chat, Parsed, Region
from holdfast.capture.telegram_export.html_parse import parse_html
from holdfast.capture.telegram_export.html_stream import read_html
from holdfast.capture.telegram_export.json_parse import parse_json
from holdfast.capture.telegram_export.json_stream import read_json
from holdfast.capture.telegram_export.plan import Document, Plan
from holdfast.model import Problem

__all__ = ["parse_region", "read_export"]


def read_export(
    plan: Plan, open_document: Callable[[Document], BinaryIO], *, include_private: bool = False
) -> Iterator[Chat | Region | Problem]:
    """What an export holds: each chat, then the regions of its posts, and problems where they are met.

    A chat that is no channel is told of with `included=False` and has no regions, unless
    `include_private`. `open_document` gives a forward-only binary stream, may be called more than once for
    a document, and what it gives is closed here. Memory: about a region (512 KiB), or one record if that
    is longer (up to 64 MiB). A problem whose code is in RECORD_CODES is a record that no region holds.
    Errors: SourceError, before any chat was told of, if a document is no export.
    """
    if plan.format == "json":
        for document in plan.documents:
            yield from read_json(document, open_document, include_private=include_private)
    else:
        yield from read_html(plan, open_document, include_private=include_private)


def parse_region(region: Region, chat: Chat, artefact: str) -> Parsed:
    """The observations in one region of `chat`; `artefact` is the document's SHA-256 in lowercase hex.

    Pure, and no bytes make it raise: what cannot be read is a problem of the result.
    """
    if region.document.lower().endswith((".html", ".htm")) or (region.context or "").startswith("{"):
        return parse_html(region, chat, artefact)
    return parse_json(region, chat, artefact)
