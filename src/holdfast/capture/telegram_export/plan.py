"""Tells which documents of a folder or file make up one Telegram Desktop export."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final, Literal

import msgspec

from holdfast.errors import SourceError

__all__ = ["Document", "Plan", "page_number", "plan_export"]

_PAGE = re.compile(r"messages([0-9]{0,9})\.html", re.IGNORECASE)
_HINT = re.compile(
    r"(?<![0-9])(?:([0-9]{4})[-_.]([0-9]{2})[-_.]([0-9]{2})|([0-9]{2})[-_.]([0-9]{2})[-_.]([0-9]{4}))(?![0-9])"
)
_HEAD_BYTES: Final = 16 * 1024
_REMEDY: Final = "name the folder that Telegram Desktop wrote, its result.json, or its messages.html"


class Document(msgspec.Struct, frozen=True):
    """One file of an export. `name` is its path below the export's root, with slashes."""

    path: Path
    name: str


class Plan(msgspec.Struct, frozen=True):
    """What an export consists of.

    `documents` are to be parsed, in reading order; `spare` belong to the same export and say the same
    (HTML pages beside a result.json). `exported_hint` is the day in the folder's name: a claim.
    """

    root: Path
    format: Literal["json", "html"]
    documents: tuple[Document, ...]
    spare: tuple[Document, ...] = ()
    exported_hint: str | None = None


def plan_export(path: Path) -> Plan:
    """What there is to read at `path`: a folder, a JSON file, or the first or any HTML page.

    Effects: lists folders and reads the first bytes of a file. Errors: SourceError, if there is nothing
    that Telegram Desktop writes, or if a document is a link that leads out of its folder.
    """
    try:
        if path.is_dir():
            return _plan_folder(path)
        if not path.exists():
            raise SourceError(f"there is no file or folder at {path}", remedy=_REMEDY)
        if not path.is_file():
            raise SourceError(f"{path} is neither a file nor a folder", remedy=_REMEDY)
        return _plan_file(path)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error.__class__.__name__}",
            remedy="check the permissions of the folder and its files",
        ) from error


def page_number(name: str) -> int:
    """Which page of a chat an HTML document is: 1 for messages.html, messages1.html and index.html."""
    match = _PAGE.fullmatch(name.rpartition("/")[2])
    return int(match[1] or 1) if match else 1


def _plan_file(path: Path) -> Plan:
    head = _head(path)
    root = path.parent
    if path.suffix.lower() in (".html", ".htm") or head[:1] == b"<":
        if _PAGE.fullmatch(path.name):
            pages = _pages(root)
            return Plan(root, "html", _documents(root, pages), (), _hint(root))
        if not _is_page(head):
            raise SourceError(
                f"{path} is HTML, but no page of posts that Telegram Desktop wrote", remedy=_REMEDY
            )
        more = [page for page in _pages(root) if page_number(page.name) > 1]
        return Plan(root, "html", _documents(root, [path, *more]), (), _hint(root))
    if not head and path.stat().st_size == 0:
        raise SourceError(f"{path} is empty", remedy="export the chat again, or copy the file again")
    if path.suffix.lower() == ".json" or head[:1] in (b"{", b"["):
        return Plan(root, "json", (Document(path, path.name),), (), _hint(root))
    if head[:2] == b"PK" or path.suffix.lower() in (".zip", ".gz", ".7z", ".rar", ".tar", ".zst"):
        raise SourceError(f"{path} is packed", remedy="unpack it and name the folder that comes out")
    raise SourceError(f"{path} is neither JSON nor HTML", remedy=_REMEDY)


def _plan_folder(root: Path) -> Plan:
    pages = _pages(root)
    index = root / "index.html"
    has_first = any(page_number(page.name) == 1 for page in pages)
    if not has_first and _is_regular(index) and _is_page(_head(index)):
        pages.insert(0, index)
    result = root / "result.json"
    if _is_regular(result):
        return Plan(root, "json", _documents(root, [result]), _documents(root, pages), _hint(root))
    if pages:
        return Plan(root, "html", _documents(root, pages), (), _hint(root))
    whole_account = _account_pages(root)
    if whole_account:
        lists = [root / "export_results.html", *sorted((root / "lists").glob("*.html"))]
        spare = [page for page in lists if _is_regular(page)]
        return Plan(root, "html", _documents(root, whole_account), _documents(root, spare), _hint(root))
    others = sorted(entry for entry in root.glob("*.json") if _is_regular(entry))
    if len(others) == 1:
        return Plan(root, "json", _documents(root, others), (), _hint(root))
    if others:
        raise SourceError(
            f"{root} has no result.json, but {len(others)} other JSON files", remedy="name the one to import"
        )
    below = sorted(
        entry.name
        for entry in root.iterdir()
        if entry.is_dir() and ((entry / "result.json").is_file() or (entry / "messages.html").is_file())
    )
    if below:
        shown = ", ".join(below[:3]) + (", …" if len(below) > 3 else "")
        raise SourceError(
            f"{root} is no export, but holds {len(below)} of them: {shown}", remedy="import each of them"
        )
    raise SourceError(f"{root} holds neither result.json nor messages.html", remedy=_REMEDY)


def _account_pages(root: Path) -> list[Path]:
    """The pages of every chat of a whole-account export in HTML."""
    chats = root / "chats"
    if not chats.is_dir() or (chats.is_symlink() and not _inside(root, chats)):
        return []
    folders = sorted((entry for entry in chats.iterdir() if entry.is_dir()), key=lambda entry: entry.name)
    return [page for folder in folders for page in _pages(folder)]


def _pages(folder: Path) -> list[Path]:
    pages = [entry for entry in folder.iterdir() if _PAGE.fullmatch(entry.name) and _is_regular(entry)]
    return sorted(pages, key=lambda page: (page_number(page.name), page.name))


def _documents(root: Path, paths: Iterable[Path]) -> tuple[Document, ...]:
    documents = []
    for path in paths:
        if not _inside(root, path):
            raise SourceError(
                f"{path} is a link that leads out of the export's folder",
                remedy="replace the link by the file itself, if it belongs to the export",
            )
        documents.append(Document(path, path.relative_to(root).as_posix()))
    return tuple(documents)


def _inside(root: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())


def _is_regular(path: Path) -> bool:
    return path.is_file()


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_page(head: bytes) -> bool:
    return b"page_wrap" in head and (b'class="history"' in head or b"chat_page" in head)


def _hint(root: Path) -> str | None:
    """The day that Telegram Desktop put into the folder's name: year first, in older versions day first."""
    match = _HINT.search(root.resolve().name)
    if match is None:
        return None
    year, month, day = match[1] or match[6], match[2] or match[5], match[3] or match[4]
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
