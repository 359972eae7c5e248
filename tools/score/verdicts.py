"""Scores verdicts on reports about invented worlds, whose truth a second implementation works out.

Two answers are wanted of each claim: what the captures allow to say, and what is true. Verdicts are held against the first, given gold claims
and from the text alone; what is contradicted or supported is also held against the second.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from holdfast.archive import Archive
from holdfast.errors import IntegrityError
from holdfast.reports.check import Checker
from holdfast.reports.claim import Claim
from holdfast.reports.evidence import Archived
from holdfast.reports.extract import extract
from holdfast.reports.pointers import recheck
from holdfast.reports.resolve import Aliases
from holdfast.reports.verdict import CONTRADICTED, NOT_CHECKABLE, SUPPORTED, Checked
from tests.gold.articles import Article, load_articles
from tests.gold.passages import Report, reports_on
from tests.gold.records import gold_claims, published_of
from tests.gold.truth import F, T, allowed, reality
from tests.gold.worlds import REGIMES, World, play
from tests.gold.writing import Gold

__all__ = ["LABELS", "Verdicts", "score_verdicts"]

LABELS = (SUPPORTED, CONTRADICTED, NOT_CHECKABLE)
NOT_READ = "not read"


class Verdicts:
    """Counts of (wanted, given) verdicts. `unsound`: contradicted and true, or supported and false."""

    def __init__(self) -> None:
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.by: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
        self.held: Counter[str] = Counter()
        self.unsound: Counter[str] = Counter()
        self.misses: list[str] = []

    def count(self, kind: str, lang: str, wanted: str, given: str, told: str) -> None:
        """One claim whose truth is the verdict that a reader would give."""
        self.pairs[wanted, given] += 1
        self.by[kind, lang][wanted, given] += 1
        if given in (SUPPORTED, CONTRADICTED):
            self.held[given] += 1
            opposite = CONTRADICTED if given == SUPPORTED else SUPPORTED
            self.unsound[given] += wanted == opposite
        if wanted != given:
            self.misses.append(told)

    def add(self, report: Report, gold: Gold, wanted: str, given: str, truth: str, told: str) -> None:
        self.pairs[wanted, given] += 1
        self.by[gold.fact.kind, report.lang][wanted, given] += 1
        is_unsound = (given, truth) in ((CONTRADICTED, T), (SUPPORTED, F))
        if given in (SUPPORTED, CONTRADICTED):
            self.held[given] += 1
            self.unsound[given] += is_unsound or (given == CONTRADICTED and truth != F)
        if wanted != given or is_unsound:
            self.misses.append(
                f"{report.key} {gold.fact.kind}: {wanted} ({truth}), found {given}: {told}\n    {report.text}"
            )

    def extra(self, report: Report, checked: Checked) -> None:
        """A verdict on what no gold claim says: a contradiction of nothing is a wrong one."""
        if checked.verdict.label == CONTRADICTED:
            self.pairs[NOT_CHECKABLE, CONTRADICTED] += 1
            self.held[CONTRADICTED] += 1
            self.unsound[CONTRADICTED] += 1
            self.misses.append(
                f"{report.key} {checked.claim.kind} {checked.claim.span.exact!r}: contradicted, and never claimed\n    {report.text}"
            )

    def f1(self, label: str, pairs: Counter[tuple[str, str]] | None = None) -> tuple[float, float, float]:
        """(precision, recall, F1) of one label; 1.0 where nothing was wanted and nothing given."""
        counted = self.pairs if pairs is None else pairs
        right = counted[label, label]
        given = sum(count for (_, found), count in counted.items() if found == label)
        wanted = sum(count for (want, _), count in counted.items() if want == label)
        if not wanted and not given:
            return 1.0, 1.0, 1.0
        precision, recall = right / given if given else 0.0, right / wanted if wanted else 0.0
        both = precision + recall
        return precision, recall, 2 * precision * recall / both if both else 0.0

    def macro(self) -> float:
        return sum(self.f1(label)[2] for label in LABELS) / len(LABELS)

    def soundness(self, label: str) -> float:
        """The share of verdicts of one label that the truth bears out."""
        return 1 - self.unsound[label] / self.held[label] if self.held[label] else 1.0

    def row(self) -> dict[str, Any]:
        precision, recall, _ = self.f1(CONTRADICTED)
        return {
            "claims": sum(self.pairs.values()),
            "macro_f1": round(self.macro(), 3),
            "contradicted": self.held[CONTRADICTED],
            "contradicted_precision": round(precision, 3),
            "contradicted_recall": round(recall, 3),
            "contradicted_and_false": round(self.soundness(CONTRADICTED), 3),
            "supported_and_not_false": round(self.soundness(SUPPORTED), 3),
        }


class VerdictScores:
    """`given` from gold claims, `whole` from the text alone, `articles` from reports in the manner of newspapers, judged by hand.
    `pointers`, `reverified`: evidence, each opened once more."""

    def __init__(self) -> None:
        self.given, self.whole, self.articles = Verdicts(), Verdicts(), Verdicts()
        self.pointers = self.reverified = self.reports = 0


def score_verdicts(folder: Path, *, keep: int = 1, of: int = 4) -> VerdictScores:
    """Judge the reports on every world; `keep` of each `of`, always the same. Effects: makes vaults in `folder`."""
    scores = VerdictScores()
    for regime in REGIMES:
        world = play(regime, folder)
        ticks = iter(range(1_800_000_000, 1_900_000_000))
        with Archive.open(world.vault, workers=0, clock=lambda ticks=ticks: next(ticks)) as archive:
            view = Archived(archive)
            for report in reports_on(world, keep=keep, of=of):
                _judge(scores, world, view, report)
            for article in load_articles():
                if article.regime == regime:
                    _judge_article(scores, view, article)
    return scores


def _judge(scores: VerdictScores, world: World, view: Archived, report: Report) -> None:
    published = published_of(report.moment)
    checker = Checker(view, Aliases())
    given = checker.check(report.text, gold_claims(report), published)
    claims = extract(report.text, published=published)
    whole = checker.check(report.text, claims, published)
    scores.reports += 1
    _recheck(scores, view, [*given, *whole])
    facts = [gold.fact for gold in report.claims]
    met: set[str] = set()
    for place, gold in enumerate(report.claims):
        found = _read_of(gold, whole)
        met |= {each.claim.id for each in found}
        if report.rule and gold.rule != report.rule:
            continue  # what was not altered is scored with the report as it was
        others = [*facts[:place], *facts[place + 1 :]]
        wanted = allowed(world, gold.fact, others, report.moment)
        truth = reality(world, gold.fact, others, report.moment)
        scores.given.add(report, gold, wanted, given[place].verdict.label, truth, _told(given[place]))
        best = found[0] if found else None
        label = best.verdict.label if best is not None else NOT_READ
        scores.whole.add(report, gold, wanted, label, truth, _told(best) if best is not None else "")
    for checked in whole:
        if checked.claim.id not in met:
            scores.whole.extra(report, checked)


def _judge_article(scores: VerdictScores, view: Archived, article: Article) -> None:
    published = published_of(article.moment)
    whole = Checker(view, Aliases()).check(
        article.text, extract(article.text, published=published), published
    )
    scores.reports += 1
    _recheck(scores, view, whole)
    met: set[str] = set()
    counts = scores.articles
    for expected in article.expected:
        found = next(
            (
                each
                for each in whole
                if each.claim.id not in met
                and _is_kind(each.claim, expected.kind)
                and each.claim.span.start < expected.end
                and expected.start < each.claim.span.end
            ),
            None,
        )
        label = NOT_READ
        if found is not None:
            met.add(found.claim.id)
            label = found.verdict.label
        words = article.text[expected.start : expected.end]
        told = f"{article.id} {expected.kind} {words!r}: {expected.verdict}, found {label}"
        counts.count(expected.kind, article.lang, expected.verdict, label, told)
    for checked in whole:
        if checked.claim.id not in met and checked.verdict.label != NOT_CHECKABLE:
            told = f"{article.id} {checked.claim.kind} {checked.claim.span.exact!r}: not listed, found {checked.verdict.label}"
            counts.count(checked.claim.kind, article.lang, NOT_CHECKABLE, checked.verdict.label, told)


def _recheck(scores: VerdictScores, view: Archived, found: Sequence[Checked]) -> None:
    """Open every pointer once more, whatever the check says of it."""
    for checked in found:
        for pointer in checked.evidence:
            scores.pointers += 1
            try:
                recheck(view, pointer)
            except IntegrityError:
                continue
            scores.reverified += 1


def _is_kind(claim: Claim, kind: str) -> bool:
    """What was published when exists, and is read as either."""
    return claim.kind == kind or {claim.kind, kind} == {"published", "existence"}


def _read_of(gold: Gold, whole: Sequence[Checked]) -> list[Checked]:
    """What was read where a gold claim stands, of its kind."""
    return list(_overlapping(gold, whole))


def _overlapping(gold: Gold, whole: Sequence[Checked]) -> Iterator[Checked]:
    for each in whole:
        claim = each.claim
        if _is_kind(claim, gold.fact.kind) and claim.span.start < gold.end and gold.start < claim.span.end:
            yield each


def _told(checked: Checked) -> str:
    verdict = checked.verdict
    return f"{verdict.reason or verdict.strength}; {verdict.detail}; {[(each.id, each.score) for each in checked.subject]}"
