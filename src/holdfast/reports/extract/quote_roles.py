"""Tells titles, marks and scare quotes from what was said."""

from __future__ import annotations

import re

from holdfast.reports.extract.names import naming_kind
from holdfast.reports.extract.quotation import Quoted

__all__ = ["is_scare", "other_role"]


_SO_CALLED = re.compile(
    r"(?:so-called|self-styled|supposed|alleged|так называем\w+|т\.\s?н\.|якобы)\s+(?:\w+\s+)?$"
)


_LABEL_BEFORE = re.compile(
    r"(?:\b(?:as|labell?ed|branded|marked|designated|declared|a|an|the|with|tag|label|mark)\s+(?:an?\s+|as\s+)?|(?:плашк|пометк|метк|значк|ярлык|статус|отметк|лейбл)\w*\s+)$"
)


_AFTER_LINK = frozenset(
    "about over against into after before while from upon then now today again without and or but is are was were to for in on at by of with that if because who which when as has have had will would а и но или для в на с по что как был была было это".split()
)


def other_role(text: str, low: str, span: Quoted, inner: str, count: int, lang: str) -> str | None:
    """Title, label or scare quote by its own look and the words before."""
    before = low[max(0, span.start - 40) : span.start]
    if _SO_CALLED.search(before):
        return "scare"
    kind = naming_kind(text, span.start)
    if kind is not None and not (inner[:1].islower() and count > 4):
        return "title"
    ends = inner[-1:] in ".,!?…"
    colon = before.rstrip()[-1:] in {":", ","} or re.search(r"[:,]\s*[—–-]\s*$", before)
    if lang == "en":
        capital = [word for word in re.findall(r"[^\W\d_]+", inner) if len(word) > 3]
        if (
            count <= 5
            and not ends
            and not colon
            and count > 1
            and capital
            and all(word[0].isupper() for word in capital)
            and inner[0].isupper()
        ):
            return "title"
    elif inner[:1].isupper() and count <= 5 and not ends and before.rstrip()[-1:] not in {":"}:
        return "title"
    if (
        count <= 3
        and _LABEL_BEFORE.search(before)
        and re.search(
            r"(?:brand|label|mark|designat|declar|tag|fake|scam|плашк|пометк|метк|признал|назв\w+ иноаг|внес)",
            low[max(0, span.start - 90) : span.end + 30],
        )
    ):
        return "label"
    return None


_ADJECTIVE_RU = re.compile(r"(?:ый|ий|ой|ого|его|ому|ему|ым|им|ом|ем|ая|яя|ую|юю|ое|ее|ые|ие|ых|их|ыми|ими)$")


def is_scare(low: str, span: Quoted, inner: str, lang: str) -> bool:
    """A short quotation used as an adjective: “partial” mobilisation."""
    if lang != "en" and not _ADJECTIVE_RU.search(inner.lower()):
        return False
    after = re.match(r"\s+([^\W\d_]+)", low[span.end : span.end + 40])
    return bool(after) and after[1] not in _AFTER_LINK if after else False
