"""Prints how well reports are read and judged, and writes the figures into docs/benchmarks.md.

`--json` prints JSON; `--misses` lists what went wrong in the passages that may be looked at (never in those marked "locked"); `--reading` leaves
the verdicts out. Only a whole run that prints its table, with the shared passages beside the repository, writes the document.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.score.document import DOCUMENT, figures, written
from tools.score.reading import SHARED, read_all, table
from tools.score.verdicts import VerdictScores, score_verdicts

__all__ = ["main"]

OF = 4
"""One report of so many is judged: two thousand claims."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.score", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--split", choices=("all", "open", "locked", "shared"), default="all")
    parser.add_argument(
        "--misses", action="store_true", help="list what went wrong, locked passages left out"
    )
    parser.add_argument("--reading", action="store_true", help="leave the verdicts out")
    parser.add_argument("--of", type=int, default=OF, metavar="N", help="judge one report of each N")
    options = parser.parse_args(arguments)
    score = read_all(options.split)
    result = table(score)
    verdicts = None
    if not options.reading:
        with tempfile.TemporaryDirectory() as folder:
            verdicts = score_verdicts(Path(folder), of=options.of)
        result["verdicts"] = {
            "given gold claims": verdicts.given.row(),
            "from the text": verdicts.whole.row(),
            "articles": verdicts.articles.row(),
            "reports": verdicts.reports,
            "pointers": verdicts.pointers,
            "pointers_that_reverify": verdicts.reverified,
        }
    if options.json:
        json.dump(result, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        return 0
    _print(result, verdicts)
    if options.misses:
        print(*score.misses, sep="\n")
        if verdicts is not None:
            print(*("given: " + miss for miss in verdicts.given.misses), sep="\n")
            print(*("whole: " + miss for miss in verdicts.whole.misses), sep="\n")
            print(*("article: " + miss for miss in verdicts.articles.misses), sep="\n")
    if verdicts is not None and options.split == "all" and options.of == OF and SHARED.exists():
        DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8"), figures(score, verdicts)), "utf-8")
        print(f"written into docs/{DOCUMENT.name}")
    return 0


def _print(result: dict[str, Any], verdicts: VerdictScores | None) -> None:
    print(
        f"{'measure · language · set':46} {'P':>6} {'R':>6} {'right':>6} {'wrong':>6} {'missed':>6}  set size"
    )
    for name, row in result["measures"].items():
        shown = ["  -  " if row[key] is None else f"{row[key]:.3f}" for key in ("precision", "recall")]
        print(
            f"{name:46} {shown[0]:>6} {shown[1]:>6} {row['right']:6} {row['wrong']:6} {row['missed']:6}  {row.get('mean_set_size', '')}"
        )
    print(
        f"passages without claims: {result['quiet_passages']}; claims made of them: {result['claims_in_quiet_passages']}"
    )
    if verdicts is None:
        return
    for name, each in (
        ("given gold claims", verdicts.given),
        ("from the text", verdicts.whole),
        ("articles", verdicts.articles),
    ):
        print(f"\nverdicts, {name}: " + ", ".join(f"{key} {value}" for key, value in each.row().items()))
        print(f"{'kind · language':24} {'claims':>7}   supported P R   contradicted P R   not checkable P R")
        for (kind, lang), pairs in sorted(each.by.items()):
            cells = [each.f1(label, pairs)[:2] for label in ("supported", "contradicted", "not checkable")]
            print(
                f"{kind + ' · ' + lang:24} {sum(pairs.values()):7}   "
                + "   ".join(f"{precision:.3f} {recall:.3f}" for precision, recall in cells)
            )
    print(
        f"\nreports: {verdicts.reports}; evidence pointers: {verdicts.pointers}, re-verified: {verdicts.reverified}"
    )


if __name__ == "__main__":
    sys.exit(main())
