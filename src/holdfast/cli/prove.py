"""`holdfast prove`: writes the proof of a post into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holdfast.cli.call import Call
from holdfast.cli.output import plain
from holdfast.proving import prove_post

__all__ = ["run"]


def run(
    post: str,
    /,
    *,
    out: Path,
    withhold: tuple[str, ...] = (),
    media: Annotated[bool, Parameter(negative="--no-media")] = True,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Write all that a stranger needs to check one post into a folder.

    Parameters
    ----------
    post
        CHANNEL/ID; the channel by id, username or title.
    out
        The folder to make; it must be new or empty.
    withhold
        A unit to leave out, such as author (repeat for more): the proof still verifies and says so.
    media
        Add the post's media files.
    """
    with call.output() as output, call.archive(output) as archive:
        summary = prove_post(archive, post, out, withhold=withhold, media=media)
        if output.json:
            output.answer(summary)
            return 0
        output.line(f"proof of {plain(summary.post)} in {plain(summary.folder)}")
        for row in summary.entries:
            output.line(f"  entry {row['index']} ({row['type']})")
        for row in summary.artefacts:
            output.line(f"  media {row['digest']} ({row['size_bytes']} bytes)")
        if summary.withheld:
            output.line(f"  withheld: {', '.join(summary.withheld)}")
        output.note(f"Check it with `holdfast verify {out}`, or by hand as {out / 'index.html'} explains.")
        return 0
