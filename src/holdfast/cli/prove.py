"""`holdfast prove`: writes the proof of a post, or of entries, into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holdfast.archive import Archive
from holdfast.cli.call import Call
from holdfast.cli.output import plain
from holdfast.errors import UsageError
from holdfast.history import post_story
from holdfast.proving import ProofSummary, prove_entries, prove_post

__all__ = ["run"]


def run(
    post: str | None = None,
    /,
    *,
    out: Path,
    entry: Annotated[list[int] | None, Parameter(negative="")] = None,
    withhold: tuple[str, ...] = (),
    media: Annotated[bool, Parameter(negative="--no-media")] = True,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Write all that a stranger needs to check one post, or single entries, into a folder.

    Parameters
    ----------
    post
        CHANNEL/ID; the channel by id, username or title. Not needed with --entry, but for an entry of posts.
    out
        The folder to make; it must be new or empty.
    entry
        The number of an entry, as timeline and show print it (repeat for more): only these, and the captures they belong to.
    withhold
        A unit to leave out, such as author (repeat for more): the proof still verifies and says so. Raw pages, which
        would show it, are left out too.
    media
        Add the post's media files.
    """
    with call.output() as output, call.archive(output) as archive:
        summary = _prove(archive, post, out, entry or [], withhold, media)
        if output.json:
            output.answer(summary)
            return 0
        if summary.post is not None:
            output.line(f"proof of {plain(summary.post)} in {plain(summary.folder)}")
        else:
            output.line(
                f"proof of {', '.join(f'entry {index}' for index in entry or ())} in {plain(summary.folder)}"
            )
        for row in summary.entries:
            output.line(f"  entry {row['index']} ({row['type']})")
        for row in summary.artefacts:
            what = "media" if row["name"] else "file"
            output.line(f"  {what} {row['digest']} ({row['size_bytes']} bytes)")
        if summary.withheld:
            output.line(f"  withheld: {', '.join(summary.withheld)}")
        output.note(f"Check it with `holdfast verify {out}`, or by hand as {out / 'index.html'} explains.")
        return 0


def _prove(
    archive: Archive, post: str | None, out: Path, entries: list[int], withhold: tuple[str, ...], media: bool
) -> ProofSummary:
    if any(index < 0 for index in entries):
        raise UsageError("entries are counted from 0", remedy="take a number that timeline or show prints")
    if post is None or "/" not in post:
        if not entries:
            raise UsageError(
                "nothing is named that could be proved",
                remedy="name a post, such as 1878264527/6, or an entry with --entry",
            )
        channel = None if post is None else archive.channel(post).id
        return prove_entries(archive, entries, out, channel=channel, withhold=withhold)
    also: list[int] = []
    if not entries:
        view = archive.post(post)
        look = post_story(archive, view.channel.row, view.state.post).channel_look
        # Why it may not be visible to us: what was last answered for its channel.
        also = [look.moment.entry] if look is not None and look.answered != "shown" else []
    return prove_post(archive, post, out, withhold=withhold, media=media, only=entries, also=also)
