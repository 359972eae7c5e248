"""`holdfast find`: finds posts in any spelling or script."""

from __future__ import annotations

import sys
from typing import Literal

from holdfast.answers import found_json
from holdfast.archive import Found, Page
from holdfast.catalog.rows import searchable_text
from holdfast.cli.call import Call
from holdfast.cli.output import Output, day, many, plain, plain_line
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
    channel:NAME, since:2023-12-01, until:2023-12-31 and has:video (photo, media, link, poll, …) narrow. Put the whole
    query in single quotes, so that the shell leaves its marks alone.

    Parameters
    ----------
    query
        What to find; further words are added to it.
    match
        exact: as written; stem: also other endings; any: also other spellings and scripts; all: all three, best first.
    limit
        How many posts to show; 0 only counts them.
    offset
        How many posts to pass over.
    sort
        rank, or by the time of publication.
    """
    text = " ".join((query, *words))
    with call.output() as output, call.archive(output) as archive:
        page = archive.find_posts(text, match=match, limit=limit, offset=offset, sort=sort)
        marks = Highlighter(parse_query(text), match)
        if output.json:
            output.answer(found_json(page, marks, query=text, match=match, sort=sort, offset=offset))
            return 0
        for each in page.posts:
            _show(each, marks, output)
        output.note(_count(page, offset))
        if page.undated:
            output.note(
                f"{many(page.undated, 'more post')} would match, but the source records no time for them."
            )
        return 0


def _count(page: Page, offset: int) -> str:
    if page.bounded:
        total = f"{many(page.total, 'post')} or more (a word has more forms than are looked for)"
    elif page.is_exact:
        total = many(page.total, "post")
    else:
        total = f"at most {many(page.total, 'post')}"
    if not page.posts:
        return f"none of {total} from {offset + 1} on" if offset else total
    first, last = offset + 1, offset + len(page.posts)
    if page.is_exact and (first, last) == (1, page.total):
        return total
    return f"{first}–{last} of {total}"


def _parts(each: Found, highlighter: Highlighter) -> list[tuple[str, bool]]:
    return snippet(searchable_text(each.seen), highlighter) if each.seen is not None else []


def _show(each: Found, highlighter: Highlighter, output: Output) -> None:
    on, off = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("[", "]")
    marks = []
    if each.hit.revision < each.state.revision:
        marks.append("in an earlier revision")
    if each.state.absent is not None:
        marks.append("missing when last looked for")
    if each.hit.matched != "exact":
        marks.append({"stem": "other ending", "any": "other spelling or script"}[each.hit.matched])
    tail = f"  ({', '.join(marks)})" if marks else ""
    title = plain_line(each.channel.title or "")
    output.line(
        f"{plain_line(each.channel.id)}/{each.hit.post}  {_when(each)}  {title}  entry {each.hit.entry}{tail}"
    )
    text = "".join(
        f"{on}{plain(part)}{off}" if marked else plain(part) for part, marked in _parts(each, highlighter)
    )
    if each.seen is None:
        text = "(not held: withheld or erased)"
    output.line("    " + (" ".join(text.split()) or "(no words)"))


def _when(each: Found) -> str:
    if each.seen is not None and each.seen.post.published_at is None and each.seen.post.published_local:
        return f"{plain_line(each.seen.post.published_local)} (local)"
    return day(each.state.earliest)
