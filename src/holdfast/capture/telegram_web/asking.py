"""What can be asked of the preview pages, and the path that asks it."""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from holdfast.errors import UsageError

__all__ = ["MAX_ID", "Asked", "landing_path", "path_of"]

MAX_ID: Final = 2**63 - 1
_NAME = re.compile(r"[A-Za-z0-9_]{2,32}", re.ASCII)


class Asked(msgspec.Struct, frozen=True):
    """One question: a channel's page (the newest, or the posts before an id), or a single post.

    `name` is the username as asked, without "@". `before` is an id that the page stays below (channels only), `post` the
    id of the post (posts only).
    """

    what: Literal["channel", "post"]
    name: str
    before: int | None = None
    post: int | None = None


def path_of(asked: Asked) -> str:
    """The path and query that ask it, to be put behind the base address.

    Errors: UsageError if the name is no username, or an id is missing, out of place or out of range.
    """
    name = _checked(asked.name)
    if asked.what == "post":
        if asked.post is None or asked.before is not None or not 0 < asked.post <= MAX_ID:
            raise UsageError("to ask for a post, give its id, a positive whole number", remedy="check the id")
        return f"/{name}/{asked.post}?embed=1&mode=tme"
    if asked.post is not None:
        raise UsageError("to ask for a channel, give no post", remedy="ask for the post instead")
    if asked.before is None:
        return f"/s/{name}"
    if not 0 < asked.before <= MAX_ID:
        raise UsageError("posts can be asked for before a positive id only", remedy="check the id")
    return f"/s/{name}?before={asked.before}"


def landing_path(name: str) -> str:
    """The path of a name's landing page, which is there with a preview or without. Errors: UsageError as `path_of`."""
    return f"/{_checked(name)}"


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise UsageError(
            "a username has 2 to 32 Latin letters, digits and underscores",
            remedy="write it as it stands behind t.me/, without @",
        )
    return name
