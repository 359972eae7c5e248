"""Search: one box, three senses of a word, hits marked, an address that can be passed on."""

from __future__ import annotations

from typing import Any

from holdfast.answers import found_json
from holdfast.errors import UsageError
from holdfast.search.grammar import parse_query
from holdfast.search.snippet import Highlighter
from holdfast.web.desk import Answer, Ask

__all__ = ["search"]

HITS_SHOWN = 20
OFFSET_MOST = 10_000
QUERY_MOST = 1_000


def search(ask: Ask) -> Answer:
    """Posts that match `q`. `match`: all, exact, stem, any; `sort`: rank, newest, oldest; `channel`, `since`, `until`, `has`
    are added to the query; `offset` leafs."""
    text = ask.query.get("q", "")[:QUERY_MOST].strip()
    match = ask.one_of("match", "all", "exact", "stem", "any")
    sort = ask.one_of("sort", "rank", "newest", "oldest")
    offset = ask.number("offset", 0, most=OFFSET_MOST)
    chosen = {
        "channel": ask.query.get("channel", "")[:100],
        "since": ask.query.get("since", "")[:10],
        "until": ask.query.get("until", "")[:10],
        "has": ask.one_of("has", "", "media", "photo", "video", "audio", "voice", "document", "poll", "link"),
    }
    view: dict[str, Any] = {
        "q": text, "chosen": chosen, "channels": ask.desk.shelf.channels(), "trouble": None, "step": HITS_SHOWN,
    }  # fmt: skip
    nothing = {"query": text, "match": match, "sort": sort, "total": 0, "total_is_exact": True,
               "undated": 0, "offset": offset, "hits": []}  # fmt: skip
    filters = [f'{name}:"{_bare(value)}"' for name, value in chosen.items() if value]
    query = " ".join([f"({text})" if text and filters else text, *filters]).strip()
    if not query:
        return Answer("search.html", nothing, view)
    try:
        page = ask.desk.shelf.find(query, match, sort, offset, HITS_SHOWN)  # type: ignore[arg-type]  # one_of answers one of its words
        marks = Highlighter(parse_query(query), match)  # type: ignore[arg-type]  # as above
    except UsageError as error:
        trouble = {"code": error.code, "message": error.message, "remedy": error.remedy}
        return Answer("search.html", {**nothing, **trouble}, {**view, "trouble": trouble}, 400)
    data = found_json(page, marks, query=query, match=match, sort=sort, offset=offset)
    return Answer("search.html", data, view)


def _bare(value: str) -> str:
    return value.replace('"', " ").replace("\\", " ")
