"""What is answered to a request at a time; pure: no socket, no clock of its own."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from holdfast.fake_telegram.filebytes import FileBytes
from holdfast.fake_telegram.files import find_file, token_holds
from holdfast.fake_telegram.landing import contact_page, front_page, landing_page
from holdfast.fake_telegram.media_markup import View
from holdfast.fake_telegram.pages import channel_page, error_page, post_page
from holdfast.fake_telegram.scenario import Scenario
from holdfast.fake_telegram.words import escaped

__all__ = ["Answer", "Request", "answer", "render_channel", "render_landing", "render_post"]

HTML = "text/html; charset=utf-8"
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A status, headers, and a body: bytes, or the part [`start`, `stop`) of a file too large to hold."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    file: FileBytes | None = None
    start: int = 0
    stop: int = 0

    @property
    def length(self) -> int:
        return len(self.body) if self.file is None else self.stop - self.start


class Request(msgspec.Struct, frozen=True, gc=False):
    """What was asked. `target` as it stood on the request's line; `headers` by lower-case name."""

    target: str
    method: str = "GET"
    headers: dict[str, str] = {}


def answer(
    scenario: Scenario, request: Request, at: float, *, origin: str = "", skew_s: int = 0, empty: bool = False
) -> Answer:
    """What the source answers at a time, when nothing goes wrong.

    `origin`: where this server stands ("http://127.0.0.1:8080"); `skew_s`: by how much its own clock is off; `empty`: a channel's page
    comes without posts.
    """
    if request.method not in ("GET", "HEAD"):
        return Answer(405, (("Allow", "GET, HEAD"),))
    try:
        parts = urlsplit(request.target)
    except ValueError:
        return Answer(400, ())
    query = (
        dict(parse_qsl(parts.query, max_num_fields=64, keep_blank_values=True))
        if parts.query.count("&") < 64
        else {}
    )
    view = View(scenario, origin, at, int(at) + skew_s)
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if not steps:
        return _page(front_page())
    if steps[0] == "file" and len(steps) == 3:
        return _file(view, steps[1], query.get("token", ""), request.headers)
    if steps[0] == "s" and len(steps) in (2, 3) and _NAME.fullmatch(steps[1]):
        around = _number(steps[2]) if len(steps) == 3 else None
        before = around + 10 if around is not None else _number(query.get("before", ""))
        return _channel(view, steps[1], before, _number(query.get("after", "")), empty=empty)
    if len(steps) == 1 and _NAME.fullmatch(steps[0]):
        return _landing(view, steps[0])
    if len(steps) == 2 and _NAME.fullmatch(steps[0]) and _NUMBER.fullmatch(steps[1]):
        if query.get("embed") == "1":
            return _post(view, steps[0], int(steps[1]), single="single" in query)
        return _landing(view, steps[0])
    return _page("<!DOCTYPE html>\n<html><body>Not Found</body></html>\n", 404)


def render_channel(
    scenario: Scenario, username: str, before: int | None, at: float, *, origin: str = "", skew_s: int = 0
) -> Answer:
    """The answer to `/s/USERNAME` or `/s/USERNAME?before=N`."""
    return _channel(View(scenario, origin, at, int(at) + skew_s), username, before, None)


def render_post(
    scenario: Scenario, username: str, number: int, at: float, *, origin: str = "", skew_s: int = 0, single: bool = False
) -> Answer:  # fmt: skip
    """The answer to `/USERNAME/NUMBER?embed=1`: the authority on whether a post is there."""
    return _post(View(scenario, origin, at, int(at) + skew_s), username, number, single=single)


def render_landing(scenario: Scenario, username: str, at: float, *, origin: str = "") -> Answer:
    """The answer to `/USERNAME`."""
    return _landing(View(scenario, origin, at, int(at)), username)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _page(text: str, status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", HTML), ("Cache-Control", "no-store")), text.encode())


def _moved(location: str) -> Answer:
    return Answer(302, (("Location", location), ("Content-Type", HTML)))


def _channel(
    view: View, username: str, before: int | None, after: int | None, *, empty: bool = False
) -> Answer:
    state = view.scenario.holder(username, view.at)
    if state is None:
        return _moved(view.scenario.front_page)
    if state.answer == "shown":
        return _page(channel_page(view, state, before=before, after=after, empty=empty))
    if view.scenario.landing == "redirect":
        return _moved(f"{view.origin}/{state.username}")
    return _page(landing_page(view, state))


def _landing(view: View, username: str) -> Answer:
    state = view.scenario.holder(username, view.at)
    return _page(contact_page(username) if state is None else landing_page(view, state))


def _post(view: View, username: str, number: int, *, single: bool) -> Answer:
    state = view.scenario.holder(username, view.at)
    if state is None:
        return _page(error_page(f"Channel with username <b>@{username}</b> not found"))
    if state.answer == "restricted":
        return _page(error_page(escaped(state.restriction)))
    if state.answer == "private":
        return _page(error_page("Channel is private"))
    if state.answer not in ("shown", "no preview"):
        return _page(error_page("Post not found"))
    return _page(post_page(view, state, number, single=single))


def _file(view: View, reference: str, token: str, headers: dict[str, str]) -> Answer:
    if not token_holds(view.scenario, reference, token, view.at):
        return _page("<!DOCTYPE html>\n<html><body>Forbidden</body></html>\n", 403)
    found = find_file(view.scenario, reference)
    if found is None:
        return _page("<!DOCTYPE html>\n<html><body>Not Found</body></html>\n", 404)
    size = found.content.size
    common = (("Content-Type", found.content_type), ("Accept-Ranges", "bytes"), ("ETag", found.etag))
    span = _RANGE.fullmatch(headers.get("range", ""))
    if span is None or headers.get("if-range", found.etag) != found.etag or span[0] == "bytes=-":
        return Answer(200, common, file=found.content, stop=size)
    if span[1]:
        start, stop = int(span[1]), min(size, int(span[2]) + 1) if span[2] else size
    else:
        start, stop = max(0, size - int(span[2])), size
    if start >= stop:
        return Answer(416, (*common, ("Content-Range", f"bytes */{size}")))
    return Answer(
        206,
        (*common, ("Content-Range", f"bytes {start}-{stop - 1}/{size}")),
        file=found.content,
        start=start,
        stop=stop,
    )
