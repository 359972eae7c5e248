"""`holdfast find`: finds posts in any spelling or script."""

from __future__ import annotations

import sys
from typing import Any, Literal

from holdfast.archive import Found
from holdfast.catalog.rows import searchable_text
from holdfast.cli.call import Call
from holdfast.cli.output import Output, day, plain
from holdfast.search.grammar import parse_query
from holdfast.search.snippet import Highlighter, snippet

__all__ = ["run"]


def run(
    query: str,
    /,
    *words: str,
    match: Literal["all", "exact", "stem", "any"] = "all",
    limit: int = 20,
    offset: int = 0,
    sort: Literal["rank", "newest", "oldest"] = "rank",
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Find posts by their words, in any spelling or script.

    Words must all occur; "in quotes" is a phrase; AND, OR, NOT and (brackets) combine; word* is a beginning;
    channel:NAME, since:2023-12-01, until:2023-12-31 and has:video (photo, media, link, poll, …) narrow.

    Parameters
    ----------
    query
        What to find; further words are added to it.
    match
        exact: as written; stem: also other endings; any: also other spellings and scripts; all: all three, best first.
    limit
        How many results to show.
    offset
        How many results to pass over.
    sort
        rank, or by the time of publication.
    """
    text = " ".join((query, *words))
    with call.output() as output, call.archive(output) as archive:
        hits = archive.find(text, match=match, limit=limit, offset=offset, sort=sort)
        found = archive.found(hits)
        marks = Highlighter(parse_query(text), match)
        if output.json:
            output.answer(
                {
                    "query": text,
                    "match": match,
                    "total": hits.total,
                    "offset": offset,
                    "hits": [_row(each, marks) for each in found],
                }
            )
            return 0
        for each in found:
            _show(each, marks, output)
        shown = f"{offset + 1}–{offset + len(found)} of " if found else ""
        output.note(f"{shown}{hits.total} {'post' if hits.total == 1 else 'posts'}")
        return 0


def _parts(each: Found, highlighter: Highlighter) -> list[tuple[str, bool]]:
    return snippet(searchable_text(each.seen), highlighter) if each.seen is not None else []


def _row(each: Found, highlighter: Highlighter) -> dict[str, Any]:
    facts = each.seen.post if each.seen is not None else None
    return {
        "post": f"{each.channel.id}/{each.hit.post}",
        "channel": {"id": each.channel.id, "title": each.channel.title, "username": each.channel.username},
        "published_at": facts.published_at if facts else None,
        "published_local": facts.published_local if facts else None,
        "matched": each.hit.matched,
        "score": round(each.hit.score, 3),
        "revision": each.hit.revision,
        "revisions": each.state.revision if each.state else None,
        "absent": bool(each.state and each.state.absent is not None),
        "entry": each.hit.entry,
        "element": each.hit.element,
        "snippet": [{"text": part, "hit": marked} for part, marked in _parts(each, highlighter)],
        "held": each.seen is not None,
    }


def _show(each: Found, highlighter: Highlighter, output: Output) -> None:
    tty = sys.stdout.isatty()
    on, off = ("\x1b[1m", "\x1b[0m") if tty else ("[", "]")
    row = each.state
    when = (
        day(row.earliest)
        if row and row.earliest == row.latest
        else (each.seen.post.published_local if each.seen else None) or "time not recorded"
    )
    marks = []
    if row and each.hit.revision < row.revision:
        marks.append("in an earlier revision")
    if row and row.absent is not None:
        marks.append("missing when last looked for")
    if each.hit.matched != "exact":
        marks.append({"stem": "other ending", "any": "other spelling or script"}[each.hit.matched])
    tail = f"  ({', '.join(marks)})" if marks else ""
    output.line(
        f"{each.channel.id}/{each.hit.post}  {when}  {plain(each.channel.title or '')}  entry {each.hit.entry}{tail}"
    )
    text = "".join(
        f"{on}{plain(part)}{off}" if marked else plain(part) for part, marked in _parts(each, highlighter)
    )
    output.line("    " + " ".join(text.split()) if text else "    (text not held)")
