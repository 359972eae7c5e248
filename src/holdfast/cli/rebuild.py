"""`holdfast rebuild`: makes the catalog anew from the vault alone."""

from __future__ import annotations

from holdfast.cli.call import Call

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
            f"{totals.followed} entries followed: {totals.posts} posts in {totals.channels} channels, {totals.captures} captures"
        )
        return 0
