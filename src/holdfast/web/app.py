"""The application: which address leads to which page, and how errors are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from holdfast import answers
from holdfast.errors import HoldfastError
from holdfast.web import (
    channel,
    events,
    home,
    media,
    post,
    reports,
    reports_compare,
    search,
    sign_in,
    take_in,
    telling,
    vault,
)
from holdfast.web.desk import Answer, Ask, Desk
from holdfast.web.guard import Guard
from holdfast.web.openapi import Parameter, Twin, description
from holdfast.web.showing import number_words, path_of, render

__all__ = ["API", "TWINS", "application"]

API = "/api/v1"
THREADS = 3
"""Requests that read at once: each thread keeps some opened entries, and the machine has few cores anyway."""

PageOf = Callable[[Ask], Answer]

_FROM_TO = (
    Parameter("from", "first day, as 2023-12-28"),
    Parameter("to", "last day"),
    Parameter("kind", "what happened", values=("all", *telling.KINDS)),
    Parameter("skip", "events to pass over, newest first", "integer"),
)
_POSTS = (
    Parameter("before", "an id: posts below it", "integer"),
    Parameter("only", "which", values=("all", "revised", "absent", "media")),
)
_SEARCH = (
    Parameter("q", "what to find, as in `holdfast find`"),
    Parameter("match", "in which sense words match", values=("all", "exact", "stem", "any")),
    Parameter("sort", "in which order", values=("rank", "newest", "oldest")),
    Parameter("channel", "of this channel only"),
    Parameter("since", "from this day on"),
    Parameter("until", "up to this day"),
    Parameter("has", "with such a thing"),
    Parameter("offset", "hits to pass over", "integer"),
)

_CHECKS = (Parameter("before", "an entry: checks below it", "integer"),)
_COMPARED = (Parameter("check", "an entry of a check; repeat for each", "integer"),)
_CLAIMS = (Parameter("from", "number of the claim that the page begins with; the twin has all", "integer"),)

# The page's address, its twin's, what it answers with, and how the twin is described. Longer addresses stand first:
# a channel's id may hold a slash.
PAGES: tuple[tuple[str | None, str, PageOf, str, tuple[Parameter, ...], str | None], ...] = (
    ("/", "/status", home.home, "The channels, and how the vault stands", (), "status"),
    ("/search", "/search", search.search, "Posts by their words", _SEARCH, "find"),
    ("/vault", "/vault", vault.vault, "The checkpoint and its entries", (Parameter("from", "first entry", "integer"),), None),
    ("/entry/{entry:int}", "/entries/{entry:int}", vault.entry, "One entry with what is held of it", (), None),
    ("/take-in", "/take-in", take_in.take_in, "The watch list, and jobs", (), None),
    ("/job/{job}", "/jobs/{job}", reports.job, "One job", (), None),
    ("/reports", "/reports", reports.reports, "The checks of reports, newest first", _CHECKS, None),
    ("/reports/compare", "/reports/compare", reports_compare.compare, "Checked reports side by side", _COMPARED, None),
    ("/reports/{entry:int}", "/reports/{entry:int}", reports.report, "A check of a report, as it is sealed", _CLAIMS, "check"),
    ("/posts/{channel:path}", "/posts/{channel:path}", channel.posts, "A channel's posts, newest first", _POSTS, None),
    (None, "/proof/{post}/{channel:path}", post.proof, "The proof of a post", (), None),
    ("/post/{post}/{channel:path}", "/post/{post}/{channel:path}", post.post, "A post", (), "show"),
    ("/channel/{channel:path}", "/channel/{channel:path}", channel.channel, "A channel's timeline", _FROM_TO, "timeline"),
)  # fmt: skip
TWINS = tuple(Twin(f"{API}{twin}", summary, query, verb) for _, twin, _, summary, query, verb in PAGES)

STATUS = {
    "usage": 400,
    "locked": 503,
    "no_vault": 503,
    "storage": 507,
    "version": 503,
    "source": 422,
    "format": 422,
}


def application(desk: Desk, hosts: set[str], origins: set[str]) -> Starlette:
    """The whole server. `hosts`, `origins`: see Guard; both may be filled until the first request comes."""
    streams = events.Streams(desk.limits.streams)

    def html(page: PageOf) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            ask = Ask(desk, request)
            return _page(ask, page(ask))

        return endpoint

    def twin(page: PageOf) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            answer = page(Ask(desk, request))
            if answer.status >= 400:
                said = {name: str(answer.data.get(name, "")) for name in ("code", "message", "remedy")}
                return Response(answers.failure(**said), answer.status, media_type="application/json")
            return Response(answers.envelope(answer.data), media_type="application/json")

        return endpoint

    def does(act: Callable[[Desk, Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await act(desk, request)

        return endpoint

    def plain(answer: Callable[[Ask], Response]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            return answer(Ask(desk, request))

        return endpoint

    def served(request: Request) -> Response:
        return media.media_response(desk.shelf, request)

    async def streamed(request: Request) -> Response:
        return await events.stream(desk, streams, request)

    async def described(_request: Request) -> Response:
        return JSONResponse(description(TWINS, desk.sessions.cookie))

    routes: list[Any] = [
        Mount("/static", StaticFiles(packages=[("holdfast.web", "static")]), name="static"),
        Route("/enter", does(sign_in.enter)),
        Route("/sign-in", does(sign_in.sign_in), methods=["GET", "POST"]),
        Route("/sign-out", does(sign_in.sign_out), methods=["POST"]),
        Route("/language", does(sign_in.choose_language), methods=["POST"]),
        Route("/take-in/upload", does(take_in.upload), methods=["POST"]),
        Route("/take-in/watch", does(take_in.change_watch), methods=["POST"]),
        Route("/vault/verify", does(take_in.verify), methods=["POST"]),
        Route("/reports/check", does(reports.check), methods=["POST"]),
        Route("/job/{job}/stop", does(take_in.stop_job), methods=["POST"]),
        Route(f"{API}/jobs/{{job}}/events", streamed),
        Route(f"{API}/openapi.json", described),
        Route("/vault/log.zip", plain(vault.log_archive)),
        Route("/proof.zip/{post}/{channel:path}", plain(post.proof_archive)),
        Route("/media/{entry:int}/{element:int}/{digest}", served, methods=["GET", "HEAD"]),
    ]
    for path, twin_path, page, *_ in PAGES:
        if path is not None:
            routes.append(Route(path, html(page)))
        routes.append(Route(f"{API}{twin_path}", twin(page)))

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        desk.worker.start()
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(desk.worker.close)

    return Starlette(
        routes=routes,
        lifespan=life,
        middleware=[
            Middleware(
                Guard, sessions=desk.sessions, hosts=hosts, origins=origins, has_users=desk.users is not None
            )
        ],
        exception_handlers={
            HoldfastError: lambda request, error: _told(desk, request, error),
            HTTPException: lambda request, error: _refused(desk, request, error),
        },
    )


def _page(ask: Ask, answer: Answer, headers: dict[str, str] | None = None) -> Response:
    values = {
        "ask": ask,
        "data": answer.data,
        "path": ask.request.url.path,
        "query": dict(ask.query),
        "may_change": ask.may_change,
        "kind_name": lambda kind: telling.kind_name(kind, ask.t),
        "answer_name": lambda said: telling.answer_name(said, ask.t),
        "state_name": lambda state: telling.states(ask.t)[state],
        "tell": lambda event: telling.tell(event, ask.t, lambda count: number_words(count, ask.language)),
        "channel_path": lambda name: path_of("channel", name),
        "post_path": _post_path,
        **answer.view,
    }
    return HTMLResponse(render(answer.template, ask.language, values), answer.status, headers)


def _post_path(name: str, kind: str = "post") -> str:
    """Where a post named CHANNEL/ID is shown."""
    channel_id, _, number = name.rpartition("/")
    return path_of(kind, number, channel_id)


def _told(desk: Desk, request: Request, error: Exception) -> Response:
    """An error of ours: a page, or the JSON that every verb answers with."""
    assert isinstance(error, HoldfastError)
    status = STATUS.get(error.code, 500)
    if request.url.path.startswith(API):
        return Response(
            answers.failure(error.code, error.message, error.remedy), status, media_type="application/json"
        )
    said = {"code": error.code, "message": error.message, "remedy": error.remedy}
    return _page(Ask(desk, request), Answer("error.html", said, {}, status))


def _refused(desk: Desk, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {"code": "not_found", "message": "there is no such page", "remedy": "begin at the first page"}
    if error.status_code != 404:
        said = {"code": "refused", "message": str(error.detail), "remedy": "begin at the first page"}
    if request.url.path.startswith(API):
        return Response(answers.failure(**said), error.status_code, media_type="application/json")
    if request.scope.get("session_of_reader") is None:
        return RedirectResponse("/sign-in", 303)
    return _page(Ask(desk, request), Answer("error.html", said, {}, error.status_code))
