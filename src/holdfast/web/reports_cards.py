"""A sealed check -> what its page shows: the text in marked pieces, and a card for each claim."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence

import msgspec
from markupsafe import Markup

from holdfast.archive import Archive
from holdfast.reports.evidence import Archived, Point
from holdfast.reports.verdict import Checked, Pointer
from holdfast.web.desk import Ask
from holdfast.web.reports_drawing import Meant, evidence_svg, meant_by
from holdfast.web.reports_sealed import SealedCheck
from holdfast.web.reports_words import SIGNS, Wording
from holdfast.web.showing import path_of
from holdfast.web.text import visible

__all__ = ["CARDS_SHOWN", "TEXT_SHOWN", "Card", "Piece", "cards_of", "path_of_subject", "pieces_of"]

TEXT_SHOWN = 500_000
"""Signs of a report's text that a page shows; the whole is sealed, and the entry's page shows it."""
CARDS_SHOWN = 100
DRAWN_MOST = 30
CURVES_MOST = 4
EVIDENCE_SHOWN = 4
"""Of each claim; the rest stands folded."""
_COUNTERS = ("views", "forwards", "replies", "reactions")


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text. `colour`: of the verdict on the narrowest claim that it belongs to, None for none; `ends`: (number, shape,
    verdict) of each claim that ends here."""

    text: str
    colour: str | None
    ends: tuple[tuple[int, str, str], ...]


class Card(msgspec.Struct, frozen=True):
    """One claim. `checked` is None where it is not held; `about`: what it is about, with the address of its page if it is here; `first`,
    `rest`: its evidence; `is_of_several`: of more than one thing."""

    number: int
    entry: int | None
    checked: Checked | None
    sign: str = "?"
    colour: str = "unknown"
    about: tuple[tuple[str, str | None], ...] = ()
    first: tuple[Pointer, ...] = ()
    rest: tuple[Pointer, ...] = ()
    drawn: Markup = Markup("")
    meant: tuple[Meant, ...] = ()
    is_of_several: bool = False


def sign_of(label: str) -> tuple[str, str]:
    """A verdict's shape and the name of its colour; an unknown one's are those of "not checkable", never of "supported"."""
    return SIGNS.get(label, ("?", "unknown"))


# -- the text -----------------------------------------------------------------------------------------


def pieces_of(text: str, claims: Sequence[Checked | None]) -> Iterator[Piece]:
    """The text cut wherever a claim begins or ends. Spans may overlap, and may be anything: they come from a sealed entry."""
    shown = min(len(text), TEXT_SHOWN)
    spans = []
    for number, each in enumerate(claims, 1):
        if each is not None and 0 <= each.claim.span.start < each.claim.span.end <= shown:
            spans.append((each.claim.span.start, each.claim.span.end, number, each.verdict.label))
    spans.sort()
    edges = sorted({0, shown, *(start for start, *_ in spans), *(end for _, end, *_ in spans)})
    ends: dict[int, list[tuple[int, str, str]]] = {}
    for _, end, number, label in spans:
        ends.setdefault(end, []).append((number, sign_of(label)[0], label))
    opened: list[tuple[int, int, str]] = []
    at = 0
    for start, end in itertools.pairwise(edges):
        while at < len(spans) and spans[at][0] <= start:
            lo, hi, _, label = spans[at]
            heapq.heappush(opened, (hi - lo, hi, label))
            at += 1
        while opened and opened[0][1] <= start:
            heapq.heappop(opened)
        # The narrowest that is over lies on top until it goes; a wider one that is over does not matter below it.
        colour = sign_of(opened[0][2])[1] if opened else None
        yield Piece(visible(text[start:end]), colour, tuple(ends.get(end, ())))


# -- the cards ----------------------------------------------------------------------------------------


def cards_of(ask: Ask, check: SealedCheck, first: int, words: Wording) -> list[Card]:
    """The cards from claim number `first` (from 1) on. Effects: reads the catalog and the vault for the curves."""
    shown = check.claims[first - 1 : first - 1 + CARDS_SHOWN]
    shelf = ask.desk.shelf
    drawn = shelf.kept(
        ("report drawings", check.entry, first, ask.language),
        lambda archive: _drawings(archive, check, shown, first, words, ask.language),
    )
    known = {each.id for each in shelf.channels()}
    return [
        _card(number, check, each, known, drawn.get(number, Markup("")))
        for number, each in enumerate(shown, first)
    ]


def _card(number: int, check: SealedCheck, each: Checked | None, known: set[str], drawn: Markup) -> Card:
    entry = check.claim_entries[number - 1]
    if each is None:
        return Card(number, entry, None)
    pointers = each.evidence
    cut = pointers if len(pointers) <= EVIDENCE_SHOWN + 1 else [*pointers[: EVIDENCE_SHOWN - 1], pointers[-1]]
    rest = () if len(cut) == len(pointers) else pointers[EVIDENCE_SHOWN - 1 : -1]
    about = tuple((subject.id, path_of_subject(subject.id, known)) for subject in each.subject[:5])
    return Card(
        number,
        entry,
        each,
        *sign_of(each.verdict.label),
        about,
        tuple(cut),
        rest,
        drawn,
        tuple(meant_by(each.claim)),
        len({(pointer.channel, pointer.post) for pointer in pointers}) > 1,
    )


def path_of_subject(subject: str, known: set[str]) -> str | None:
    """The page of a channel or of a post (CHANNEL/ID; a channel's id may hold a slash)."""
    if subject in known:
        return path_of("channel", subject)
    channel, _, post = subject.rpartition("/")
    return path_of("post", post, channel) if channel in known else None


def _drawings(
    archive: Archive,
    check: SealedCheck,
    shown: Sequence[Checked | None],
    first: int,
    words: Wording,
    language: str,
) -> dict[int, Markup]:
    view = Archived(archive)
    # What came later was not known to the check: a curve that shows it would not explain the verdict.
    view.size = min(view.size, check.size)
    curves: dict[tuple[str, str | None, str], Sequence[Point]] = {}
    found: dict[int, Markup] = {}
    for number, each in enumerate(shown, first):
        if each is None or len(found) == DRAWN_MOST:
            continue
        readings: list[Point] = []
        for key in _counters(each):
            if key not in curves:
                curves[key] = _curve(view, *key)
            readings += curves[key]
        readings.sort(key=lambda point: (point.at, point.pointer.entry))
        drawn = evidence_svg(each.claim, each.evidence, readings, words.drawing, language)
        if drawn:
            found[number] = drawn
    return found


def _counters(each: Checked) -> list[tuple[str, str | None, str]]:
    """(channel, post, field) of what the evidence is of: several where several posts may be meant."""
    keys = dict.fromkeys((pointer.channel or "", pointer.post, pointer.field) for pointer in each.evidence)
    return list(keys)[:CURVES_MOST]


def _curve(view: Archived, channel: str, post: str | None, field: str) -> Sequence[Point]:
    """The readings of the counter that evidence is of; none where it is no counter."""
    row = next((row for row, each in view.channels.items() if each.id == channel), None)
    if row is None:
        return ()
    if field == "followers" and post is None:
        return view.followers(row)
    if field in _COUNTERS and post is not None and len(post) < 19 and post.isascii() and post.isdigit():
        return view.counter(row, int(post), field)
    return ()
