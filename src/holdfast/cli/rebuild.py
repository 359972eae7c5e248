"""`holdfast rebuild`: makes the catalog anew from the vault alone."""

from __future__ import annotations

from holdfast.cli.call import Call
from holdfast.cli.output import many

__all__ = ["run"]


def run(*, call: Call = Call()) -> int:  # noqa: B008 (frozen)
    """Make the tables and the search index anew from the vault alone."""
    with call.output() as output, call.archive(output) as archive:
        totals = archive.rebuild()
        output.end_progress()
        if output.json:
            output.answer(totals)
            return 0
        output.line(
            f"{totals.followed} entries followed: {many(totals.posts, 'post')} in {many(totals.channels, 'channel')},"
            f" {many(totals.captures, 'capture')}"
        )
        return 0
