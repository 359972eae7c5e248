"""Reads a page of posts: which posts it shows, and which run of ids it speaks of."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from holdfast.capture.contract import AnswerSeen, FileOffer
from holdfast.capture.telegram_web.asking import MAX_ID, Asked
from holdfast.capture.telegram_web.card import SideSeen, read_side
from holdfast.capture.telegram_web.cutting import Pieces, readable_post
from holdfast.capture.telegram_web.mark import Mark, mark_of
from holdfast.capture.telegram_web.markup import tree_of
from holdfast.capture.telegram_web.post import BlockSeen, read_block
from holdfast.capture.telegram_web.problems import problem
from holdfast.model import CardSeen, ChannelSeen, PostSeen, Problem

__all__ = ["read_page"]

_BEFORE = re.compile(r"[?&]before=([0-9]{1,19})(?:[&#].*)?\Z", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_REPLACED: Final = "\ufffd".encode()


class _Block(NamedTuple):
    """One post's piece of the page, safe to be parsed, with its mark."""

    post: int
    name: str
    mark: Mark
    piece: bytes


class _Page:
    """Collects what the posts of one page say."""

    def __init__(self, asked: Asked, problems: list[Problem]) -> None:
        self.asked = asked
        self.problems = problems
        self.unknown: Counter[str] = Counter()
        self.posts: dict[int, PostSeen] = {}
        self.shown: set[int] = set()
        self.files: list[FileOffer] = []
        self.heads: list[int] = []
        self.seen_s: int | None = None
        self.restricted: str | None = None
        self.is_misread = False

    def ids(self) -> set[int]:
        """Every id that the page shows, read or not."""
        return self.shown | self.posts.keys()

    def add(self, block: BlockSeen) -> None:
        """Takes the posts of one block. The same id can stand on a page twice: the first one counts."""
        kept = set()
        for post in block.posts:
            which = int(post.post.id)
            if which in self.posts:
                self.problems.append(problem("repeated", "repeated", which))
                continue
            kept.add(which)
            self.posts[which] = post
        self.files += [offer for offer in block.files if offer.post in kept]
        self.problems += block.problems
        self.restricted = block.restricted or self.restricted


def read_page(
    asked: Asked,
    head: LexborHTMLParser,
    pieces: Pieces,
    problems: list[Problem],
    channel: str | None,
    base: str,
    mending: str | None,
) -> AnswerSeen:
    """What a page of posts shows. `pieces` are the page's; `head` is the tree of its first piece; `mending` what the bytes needed."""
    page = _Page(asked, problems)
    has_place = head.css_first(".tgme_channel_history, .tme_no_messages_found") is not None
    has_history = has_place or bool(pieces.posts)
    side = read_side(head, page.unknown)
    name = side.username or asked.name
    if name.casefold() != asked.name.casefold():
        problems.append(problem("other_name", "repaired"))
        channel = None  # whoever is known by the name that was asked for
    blocks = _blocks(page, pieces, {name.casefold(), asked.name.casefold()})
    known = next((block.mark.channel for block in blocks if block.mark.channel), None)
    identity = known or channel or f"username:{name.casefold()}"
    for block in blocks:
        _take(page, block, identity, known, base, mending)
    if pieces.left_out:
        page.is_misread = True
        problems.append(
            problem("too_many", "skipped", detail=f"{pieces.left_out} posts beyond what a page can hold")
        )

    if asked.what == "post":
        return _post_answer(page, asked)
    older, has_link = _older(page, head)
    answered, detail = _answered(page, side, has_history, pieces, has_link)
    first, last = _run(page, older, pieces.is_whole)
    is_start = pieces.is_whole and not has_link and has_place and answered == "shown" and not page.is_misread
    card = None
    if has_history and answered == "shown":
        # The card stands before the posts: once they have begun, it is whole.
        seen = ChannelSeen(identity, side.title, "channel", None, side.username, side.description)
        card = CardSeen(answered, seen, side.followers, side.labels, side.counters)
        problems += side.problems
    return AnswerSeen(
        answered,
        card,
        tuple(page.posts[which] for which in sorted(page.posts)),
        tuple(sorted(page.ids())),
        first,
        last,
        None if is_start else older,
        is_start,
        page.seen_s,
        tuple(page.files),
        tuple(problems),
        tuple(sorted(page.unknown.items())),
        detail,
    )


def _blocks(page: _Page, pieces: Pieces, names: set[str]) -> list[_Block]:
    """The posts of the asked channel, in the order of the page. The last post of a cut page is left out if it is cut too."""
    blocks: list[_Block] = []
    last = len(pieces.posts) - 1
    for position, piece in enumerate(pieces.posts):
        mark = mark_of(piece)
        is_own = mark is not None and mark.name is not None and mark.name.casefold() in names
        if position == last and not pieces.is_last_whole:
            number = mark.post if mark is not None and is_own else None
            page.shown |= {number} if number is not None else set()
            page.problems.append(problem("cut_short", "skipped", number))
        elif mark is None:
            page.unknown["data-post elsewhere"] += 1
        elif mark.post is None or mark.name is None:
            page.problems.append(problem("bad_id", "skipped"))
            page.is_misread = True
        elif not is_own:
            page.problems.append(problem("foreign_post", "skipped"))
        elif (readable := readable_post(piece)) is None:
            page.shown.add(mark.post)
            page.heads.append(mark.post)
            page.problems.append(problem("too_deep", "skipped", mark.post))
            page.is_misread = True  # if it is an album, its members are not known
        else:
            page.heads.append(mark.post)
            blocks.append(_Block(mark.post, mark.name, mark, readable))
    return blocks


def _take(
    page: _Page, block: _Block, identity: str, known: str | None, base: str, mending: str | None
) -> None:
    mark = block.mark
    if mark.channel is not None and mark.channel != known:
        page.problems.append(problem("foreign_post", "skipped", block.post))
        return
    if mark.is_bad:
        page.problems.append(problem("bad_view", "repaired", block.post))
    if mark.seen_s is not None:
        page.seen_s = max(page.seen_s or 0, mark.seen_s)
    repairs = ("encoding",) if mending == "encoding" and _REPLACED in block.piece else ()
    # The tree lives no longer than this call: its memory serves the next.
    tree = tree_of(block.piece).body
    node = tree.first_child if tree is not None else None
    if node is not None:
        seen = read_block(node, block.piece, identity, block.name, block.post, base, repairs, page.unknown)
        page.add(seen)


def _post_answer(page: _Page, asked: Asked) -> AnswerSeen:
    post = asked.post or 0
    ids = tuple(sorted(page.ids()))
    answered, detail = "shown", None
    if post not in page.posts:
        answered, detail = (
            "not understood",
            "the page shows another post" if ids else "the page shows no post",
        )
    elif page.restricted is not None:
        answered, detail = "restricted", page.restricted
    is_there = post in page.posts
    return AnswerSeen(
        answered,
        None,
        tuple(page.posts[which] for which in sorted(page.posts)),
        ids,
        post if is_there else None,
        post if is_there else None,
        source_time=page.seen_s,
        files=tuple(page.files),
        problems=tuple(page.problems),
        unknown=tuple(sorted(page.unknown.items())),
        detail=detail,
    )


def _answered(
    page: _Page, side: SideSeen, has_history: bool, pieces: Pieces, has_link: bool
) -> tuple[str, str | None]:
    """(answered, detail) of a channel page."""
    if page.posts:
        return "shown", None
    if not pieces.is_whole:
        return "not understood", "cut short"
    if pieces.posts:
        return "not understood", "none of the posts on the page is one of this channel that can be read"
    if not has_history:
        return "not understood", "the page has no place for posts"
    if has_link or (page.asked.before is None and side.shows_posts):
        return "not understood", "the page speaks of posts and shows none"
    return "shown", None


def _older(page: _Page, head: LexborHTMLParser) -> tuple[int | None, bool]:
    """(what to ask for the posts before, whether the page says that there are any)."""
    claims = [
        node.attributes.get("data-before") or node.attributes.get("href") or ""
        for node in head.css(
            'a.tme_messages_more[data-before], a.tme_messages_more[href*="before="], link[rel="prev"]'
        )
    ]
    if not claims:
        return None, False
    lowest = min(page.ids(), default=None)
    limit = page.asked.before
    for claim in claims:
        match = _NUMBER.fullmatch(claim) or _BEFORE.search(claim)
        number = int(match[match.re.groups]) if match is not None else 0
        if (
            0 < number <= MAX_ID
            and (lowest is None or number <= lowest)
            and (limit is None or number < limit)
        ):
            return number, True
    page.problems.append(problem("bad_link", "repaired"))
    return (lowest if lowest is not None and (limit is None or lowest < limit) else None), True


def _run(page: _Page, older: int | None, is_whole: bool) -> tuple[int | None, int | None]:
    """The first and last id that the page speaks of; none if it cannot be sure which posts stand between."""
    if page.heads != sorted(page.heads):
        page.problems.append(problem("out_of_order", "repaired"))
        return None, None
    if page.is_misread or not page.posts:
        return None, None
    first, last = min(page.posts), max(page.posts)
    before = page.asked.before
    if before is not None and last >= before:
        page.problems.append(problem("not_as_asked", "repaired"))
    elif before is not None and is_whole:
        last = before - 1
    return (first if older is None else min(first, older)), last
