"""The door: a one-time link, or a name and a password, becomes a session."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from holdfast.web.desk import LANGUAGE_COOKIE, Ask, Desk
from holdfast.web.guard import cookie_of
from holdfast.web.language import LANGUAGES
from holdfast.web.sessions import LIFE_S
from holdfast.web.showing import render
from holdfast.web.uploading import read_form

__all__ = ["choose_language", "enter", "sign_in", "sign_out"]


def _signed_in(desk: Desk, response: Response, secret: str) -> Response:
    response.set_cookie(
        desk.sessions.cookie, secret, max_age=LIFE_S, path="/", httponly=True, samesite="strict",
        secure=desk.is_secure,
    )  # fmt: skip
    return response


async def enter(desk: Desk, request: Request) -> Response:
    """A one-time token becomes a session. The page leads on by itself: after a click elsewhere, a browser sends a strict
    cookie only from the second request on."""
    ask = Ask(desk, request)
    secret = desk.sessions.enter(request.query_params.get("token", ""))
    if secret is None:
        return HTMLResponse(render("used.html", ask.language, {}), 403)
    return _signed_in(desk, HTMLResponse(render("entered.html", ask.language, {})), secret)


async def sign_in(desk: Desk, request: Request) -> Response:
    """The form, and what comes of it."""
    ask = Ask(desk, request)
    failed = False
    if request.method == "POST" and desk.users is not None:
        form = await read_form(request, desk.limits)
        user = await asyncio.to_thread(desk.users.check, form.get("name", ""), form.get("password", ""))
        if user is not None:
            secret = desk.sessions.begin(user.role, user.name)
            return _signed_in(desk, RedirectResponse("/", 303), secret)
        failed = True
    page = render("sign_in.html", ask.language, {"failed": failed, "has_users": desk.users is not None})
    return HTMLResponse(page, 403 if failed else 200)


async def sign_out(desk: Desk, request: Request) -> Response:
    """End the session, here and in the browser."""
    desk.sessions.end(cookie_of(request.headers.getlist("cookie"), desk.sessions.cookie))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(
        desk.sessions.cookie, path="/", httponly=True, samesite="strict", secure=desk.is_secure
    )
    return response


async def choose_language(desk: Desk, request: Request) -> Response:
    """Remember the reader's language, and lead back to the page."""
    form = await read_form(request, desk.limits)
    back = form.get("back", "/")
    # Only a path of ours: `//elsewhere` and `/\\elsewhere` are none.
    if not back.startswith("/") or back.startswith("//") or "\\" in back or not back.isprintable():
        back = "/"
    response = RedirectResponse(back, 303)
    if form.get("language") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, form["language"], max_age=365 * 86400, httponly=True, samesite="strict",
            secure=desk.is_secure,
        )  # fmt: skip
    return response
