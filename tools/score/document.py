"""Puts the figures of reading and judging into docs/benchmarks.md, between their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.reports.verdict import CONTRADICTED
from tools.score.reading import ROOT, Score
from tools.score.verdicts import VerdictScores

__all__ = ["DOCUMENT", "figures", "written"]

DOCUMENT = ROOT / "docs" / "benchmarks.md"
MARKED = re.compile(r"(<!-- score -->\n)(.*?)(<!-- end -->)", re.DOTALL)
SECTION = "## Reading and judging reports"
WHAT = """`make score` writes these. *Own* passages were written for it, a third of them locked away while the rules were made; *shared* ones are sentences of real newspapers, read by
others, whose labels name no quotation where they looked for none. Verdicts are of reports on two invented worlds, watched in six ways, from every hour to once, and of twins in which one number,
comparator, day, zone, speaker, channel or negation is changed by a fixed rule. What the captures allow to say of each claim, and what is true, is worked out by a second implementation
that shares no code with the first (`tests/gold/truth.py`). The articles are judged by hand."""
NAMES = {
    "quantity": "number, comparator, unit",
    "time": "time, right reading in the set",
    "quote and speaker": "direct quotation and its speaker",
    "quote": "direct quotation",
}
AIMS = {
    "quantity": (0.97, 0.90),
    "time": (None, 0.92),
    "quote and speaker": (0.92, 0.85),
    "quote": (0.92, 0.85),
}


def figures(score: Score, verdicts: VerdictScores) -> str:
    """The tables, as Markdown. The same passages and rules give the same bytes."""
    lines = [
        "",
        "| read | language | passages | P | R | right / wrong / missed | aim P, R | aim is |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += _reading(score)
    lines += [
        "",
        "| judged | claims | macro-F1 | contradicted | P | R | contradicted that is false | supported that is not false | aim | aim is |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, each, aim in (
        ("given gold claims", verdicts.given, 0.95),
        ("from the text alone", verdicts.whole, 0.85),
        ("from the text alone, articles in many styles", verdicts.articles, 0.85),
    ):
        row = each.row()
        met = each.macro() >= aim and each.f1(CONTRADICTED)[0] >= 0.98
        lines.append(
            f"| {name} | {row['claims']} | {row['macro_f1']:.3f} | {row['contradicted']} | {row['contradicted_precision']:.3f} |"
            f" {row['contradicted_recall']:.3f} | {row['contradicted_and_false']:.3f} | {row['supported_and_not_false']:.3f} |"
            f" macro-F1 {aim:.2f}, contradicted P 0.98 | {_met(met)} |"
        )
    lines += [
        "",
        (
            f"{verdicts.reports} reports; {verdicts.pointers} evidence pointers, of which {verdicts.reverified} re-verify;"
            f" {score.quiet} passages that claim nothing, {score.fired} claims read out of them."
        ),
        "",
    ]
    return "\n".join(lines)


def _reading(score: Score) -> Iterator[str]:
    for (measure, lang, origin), tally in sorted(score.tallies.items()):
        if measure not in AIMS or not (tally.right + tally.missed):
            continue
        row = tally.row()
        precision, recall = AIMS[measure]
        met = (precision is None or (row["precision"] or 0) >= precision) and (row["recall"] or 0) >= recall
        size = f" (mean set size {row['mean_set_size']})" if "mean_set_size" in row else ""
        yield (
            f"| {NAMES[measure]}{size} | {lang} | {origin} | {_shown(row['precision'])} | {_shown(row['recall'])} |"
            f" {tally.right} / {tally.wrong} / {tally.missed} | {'–' if precision is None else precision}, {recall} | {_met(met)} |"
        )


def _shown(value: float | int | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _met(is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def written(document: str, text: str) -> str:
    """The document with the figures in their place; the section is put before "## Run it" where it is not there yet."""
    if MARKED.search(document) is None:
        block = f"{SECTION}\n\n{WHAT}\n\n<!-- score -->\n<!-- end -->\n\n"
        document = document.replace("## Run it\n", block + "## Run it\n", 1)
    return MARKED.sub(lambda found: f"{found[1]}{text}{found[3]}", document)
