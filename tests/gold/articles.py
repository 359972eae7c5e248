"""Reports in the manner of newspapers on the invented worlds, with the verdicts that a careful reader of the captures would give."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.gold.truth import Moment
from tests.gold.worlds import HOUR, REGIMES, Regime, load_scenario

__all__ = ["Article", "Expected", "load_articles"]

ARTICLES = Path(__file__).with_name("articles.toml")


class Expected(NamedTuple):
    """A claim where it stands in the text. Units: code points."""

    start: int
    end: int
    kind: str
    verdict: str


class Article(NamedTuple):
    """A report and what is to be said of it; a claim that is not among `expected` is not checkable."""

    id: str
    lang: str
    style: str
    regime: Regime
    moment: Moment
    text: str
    expected: tuple[Expected, ...]


def load_articles() -> list[Article]:
    """Every article. Errors: AssertionError if the words of a claim do not stand in its text."""
    found = []
    regimes = {regime.name: regime for regime in REGIMES}
    for each in tomllib.loads(ARTICLES.read_text("utf-8"))["article"]:
        regime = regimes[each["regime"]]
        at = load_scenario(regime.world).start + each["hour"] * HOUR
        moment = Moment(at, at + 59, regime.zone, at)
        text, rows, last = each["text"], [], dict[str, int]()
        for words, kind, verdict in each["expected"]:
            # The same words may stand there twice: claims are listed in their order.
            key = f"{kind} {words}"
            start = text.find(words, last.get(key, 0))
            assert start >= 0, f"{each['id']}: {words!r} is not in the text"
            last[key] = start + 1
            rows.append(Expected(start, start + len(words), kind, verdict))
        found.append(Article(each["id"], each["lang"], each["style"], regime, moment, text, tuple(rows)))
    return found
