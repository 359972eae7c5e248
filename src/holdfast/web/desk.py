"""What a page can reach: the archive, the worker, the sessions, and how this server is set."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request

from holdfast.web.guard import Guard
from holdfast.web.language import choose, translations
from holdfast.web.sessions import Session, Sessions
from holdfast.web.shelf import Shelf
from holdfast.web.users import Users
from holdfast.web.work import Worker

__all__ = ["LANGUAGE_COOKIE", "Answer", "Ask", "Desk", "Limits", "missing"]

LANGUAGE_COOKIE = "holdfast-language"


class Limits(msgspec.Struct, frozen=True):
    """What a request may cost. Units: bytes, seconds. `slowest_bytes_s`: below it, after a while, an upload is cut off."""

    upload_bytes: int = 10 << 30
    unpacked_bytes: int = 40 << 30
    upload_files: int = 200_000
    form_bytes: int = 64 << 10
    idle_s: float = 20.0
    slowest_bytes_s: float = 1_000.0
    streams: int = 16


class Desk:
    """One for the whole server. `limits` bound what a request may cost."""

    def __init__(
        self,
        shelf: Shelf,
        worker: Worker,
        sessions: Sessions,
        users: Users | None,
        *,
        limits: Limits | None = None,
        uploads: Path | None = None,
        is_secure: bool = False,
    ) -> None:
        self.shelf, self.worker, self.sessions, self.users = shelf, worker, sessions, users
        self.limits = limits or Limits()
        self.uploads = uploads
        self.is_secure = is_secure
        self.guard: Guard | None = None


class Ask:
    """One question: the desk, and what the reader asked for."""

    def __init__(self, desk: Desk, request: Request) -> None:
        self.desk, self.request = desk, request
        self.path: Mapping[str, str] = request.path_params
        self.query: Mapping[str, str] = request.query_params
        self.language = choose(
            request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")
        )
        self.session: Session | None = request.scope.get("session_of_reader")

    @property
    def t(self) -> NullTranslations:
        """The reader's catalog of words."""
        return translations(self.language)

    @property
    def may_change(self) -> bool:
        return self.session is not None and self.session.role == "editor"

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**62) -> int:
        """A whole number of the query, put within bounds; what is no number counts as not given."""
        text = self.query.get(name, "")
        digits = text.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 19:
            return default
        return max(least, min(most, int(text)))

    def one_of(self, name: str, *values: str) -> str:
        """A word of the query; the first of `values` where it is none of them."""
        found = self.query.get(name, "")
        return found if found in values else values[0]


class Answer(msgspec.Struct, frozen=True):
    """What a page answers: `data` is its JSON twin, `view` what its template needs besides."""

    template: str
    data: dict[str, Any]
    view: dict[str, Any] = {}
    status: int = 200


def missing(what: str, remedy: str) -> Answer:
    """There is no such page."""
    return Answer("error.html", {"code": "not_found", "message": what, "remedy": remedy}, {}, 404)
