"""Stands before every page: who asks, from where, and what an answer may do in a browser.

1. Host: the server answers to its own names only, so that a foreign name that is pointed at this machine (DNS rebinding) finds nobody.
2. Origin: what changes anything must come from a page of our own.
3. Session: without one there is the door, and nothing else. A viewer may look, an editor may change.
4. Headers: no script or style but ours, no request to anyone else, no frame, no guess at a type.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from holdfast.answers import failure
from holdfast.web.sessions import Sessions

__all__ = ["POLICY", "SANDBOX", "Guard"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Of archived bytes: even if a browser took them for a page, nothing in it would run or ask for anything."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it browsers send `Origin: null` from our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE = frozenset({"GET", "HEAD"})
OURS = frozenset({"same-origin", "none"})
"""Not "same-site": that is every other port of this machine."""
OPEN = ("/enter", "/sign-in", "/static/")
"""What is answered without a session."""


class Guard:
    """`hosts`: what a Host header may say, port included; `origins`: the same with their scheme. Both may still grow until the
    server listens. `has_users`: whether there is somebody to sign in as."""

    def __init__(
        self, app: ASGIApp, *, sessions: Sessions, hosts: set[str], origins: set[str], has_users: bool
    ) -> None:
        self.app, self.sessions = app, sessions
        self.hosts, self.origins, self.has_users = hosts, origins, has_users

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # nothing here speaks anything else

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Cache-Control", "no-store")
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why this is not answered; None if it is. Effects: puts the session into the scope."""
        headers = Headers(scope=scope)
        method, path = scope["method"], scope["path"]
        # 1.
        if (
            headers.getlist("host") != [headers.get("host", "")]
            or headers.get("host", "").lower() not in self.hosts
        ):
            return _refused(421, path, "this server does not answer to that name")
        # 2.
        if method not in SAFE:
            if headers.get("origin") not in self.origins:
                return _refused(403, path, "this did not come from a page of this server")
        elif (
            headers.get("sec-fetch-site", "none") not in OURS and headers.get("sec-fetch-mode") != "navigate"
        ):
            return _refused(403, path, "this did not come from a page of this server")
        # 3.
        session = self.sessions.find(cookie_of(headers.getlist("cookie"), self.sessions.cookie))
        scope["session_of_reader"] = session
        if session is None and not path.startswith(OPEN):
            if self.has_users and method in SAFE and not path.startswith("/api/"):
                return RedirectResponse("/sign-in", 303)
            return _refused(401, path, "sign in first: open the link that `holdfast serve` printed")
        if session is not None and session.role != "editor" and method not in SAFE and path not in ALWAYS:
            return _refused(403, path, "a viewer may look, an editor may change")
        return None


ALWAYS = frozenset({"/sign-out", "/language", "/sign-in"})
"""What a viewer may post too: it changes nothing but their own session."""


def cookie_of(cookies: Sequence[str], name: str) -> str | None:
    """The session's secret among a request's cookies."""
    for each in cookies:
        found = cookie_parser(each).get(name)
        if found:
            return found
    return None


def _refused(status: int, path: str, message: str) -> Response:
    if path.startswith("/api/"):
        code = {401: "unauthorised", 403: "forbidden", 421: "misdirected"}[status]
        return Response(failure(code, message, "see docs/web.md"), status, media_type="application/json")
    return PlainTextResponse(f"{message}\n", status)
