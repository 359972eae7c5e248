"""Takes the claims of one report and gives each its verdict, in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from holdfast import __version__
from holdfast.reports.check.counters import check_followers, check_post_counter
from holdfast.reports.check.marks import check_disappearance, check_edit, check_label
from holdfast.reports.check.outcome import Context, Outcome
from holdfast.reports.check.plainness import what_blurs
from holdfast.reports.check.posts import check_duration, check_existence, check_published
from holdfast.reports.check.quotes import QuoteChecker
from holdfast.reports.claim import Claim, PublishedAt, Tool
from holdfast.reports.evidence import Archived
from holdfast.reports.pointers import recheck
from holdfast.reports.resolve.aliases import Aliases
from holdfast.reports.resolve.channels import ChannelFinder
from holdfast.reports.resolve.posts import groups_of
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, Assumption, Checked, Pointer, Verdict

__all__ = ["CheckOptions", "Checker"]

_CAUSE = re.compile(
    r"\b(?:because|led to|due to|as a result|following (?:a|an|the)|in response to|prompted|caused|triggered|after (?:a|an|the) complaint)\b|"
    r"(?:из-за|вследствие|в результате|после (?:жалоб|обращени|публикаци)\w*|привел\w* к|в ответ на|потому что)",
    re.IGNORECASE,
)


_UNSIGNED = Assumption(
    "not yet signed",
    "part of the evidence was sealed after the last checkpoint was signed: its digests hold, and no signature covers it yet",
)


class CheckOptions(msgspec.Struct, frozen=True):
    """`apart_s`: how far apart the captures on both sides of a moment may be, for what can fall or go. `channels`: those that the
    report is about, where it names none."""

    apart_s: int = 7 * 86_400
    channels: tuple[str, ...] = ()


class Checker:
    """Checks one report against one archive. Effects: reads the vault; nothing is written, no clock is asked."""

    def __init__(self, view: Archived, aliases: Aliases, options: CheckOptions = CheckOptions()) -> None:  # noqa: B008 (frozen)
        self.view, self.aliases, self.options = view, aliases, options
        self.tool = Tool(__version__, rules_digest(), f"{view.origin}@{view.size}")

    def check(self, text: str, claims: Sequence[Claim], published: PublishedAt | None) -> list[Checked]:
        """Every claim with its verdict, in order. Errors: IntegrityError if evidence that a verdict rests on does not re-verify."""
        ids = {row: each.id for row, each in self.view.channels.items()}
        finder = ChannelFinder(text, self.view.names, ids, self.aliases, self.options.channels)
        about_posts = [
            each
            for each in claims
            if each.kind not in ("followers", "label", "people", "quote", "date", "other")
        ]
        context = Context(
            text,
            self.view,
            finder,
            tuple(claims),
            groups_of(text, about_posts, lambda claim: next((each.id for each in finder.of(claim)), None)),
            published,
            self.options.apart_s,
        )
        quotes = QuoteChecker(context)
        found = []
        covered: dict[Pointer, bool] = {}
        for claim in claims:
            if claim.kind == "quote":
                checked = quotes.check(claim)
            else:
                checked = plainly(context, _KINDS.get(claim.kind, _offline)(context, claim))
            for pointer in checked.evidence:
                if pointer not in covered:
                    covered[pointer] = recheck(self.view, pointer)
            if not all(covered[pointer] for pointer in checked.evidence):
                checked = msgspec.structs.replace(checked, assumptions=(*checked.assumptions, _UNSIGNED))
            found.append(msgspec.structs.replace(checked, tool=self.tool))
        return found


def plainly(context: Context, checked: Checked) -> Checked:
    """The verdict, unless it contradicts a sentence that may speak of something else: then that decides nothing."""
    claim = checked.claim
    if checked.verdict.label != CONTRADICTED:
        return checked
    discourse = context.finder.discourse
    others = [each for each in context.claims if each.id != claim.id]
    word = what_blurs(context.text, discourse.sentence_at(claim), claim, discourse.spots_there(claim), others)
    if word is None:
        return checked
    verdict = Verdict(
        NOT_CHECKABLE,
        "reading-dependent",
        None,
        f"what was captured does not fit, but the sentence may speak of something else (“{word}”): {checked.verdict.detail}",
        "a person who reads the sentence",
        (),
        checked.verdict.notes,
    )
    return msgspec.structs.replace(checked, verdict=verdict)


def _offline(context: Context, claim: Claim) -> Checked:
    """What happened outside the channels, or between two things: extracted, never decided."""
    outcome = Outcome(claim)
    if claim.extraction.unread:
        return outcome.not_checkable("opinion or vague", claim.extraction.unread)
    start = context.text.rfind(".", 0, claim.span.start) + 1
    sentence = context.text[start : claim.span.end]
    if claim.kind == "date" and _CAUSE.search(sentence):
        return outcome.not_checkable(
            "cause", "the order of two things may be shown, not that one led to the other"
        )
    if claim.kind in ("people", "other", "date"):
        return outcome.not_checkable(
            "offline event", "the archive holds what channels published, not what happened"
        )
    return outcome.not_checkable(
        "coverage unknown", "posts of a span are not counted yet", "captures of every post of that time"
    )


_KINDS: dict[str, Callable[[Context, Claim], Checked]] = {
    "existence": check_existence,
    "views": check_post_counter,
    "reactions": check_post_counter,
    "followers": check_followers,
    "duration": check_duration,
    "published": check_published,
    "label": check_label,
    "edit": check_edit,
    "disappearance": check_disappearance,
}


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """The SHA-256 of the modules that read and check reports: another rule gives another digest."""
    digest = sha256()
    for name, raw in sorted(_modules(files("holdfast.reports"), "")):
        digest.update(f"{name}\n{len(raw)}\n".encode())
        digest.update(raw)
    return digest.hexdigest()


def _modules(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found = []
    for each in folder.iterdir():
        if each.is_dir():
            if each.name not in ("outputs", "__pycache__"):
                found += _modules(each, f"{prefix}{each.name}/")
        elif each.name.endswith(".py"):
            found.append((prefix + each.name, each.read_bytes()))
    return found
