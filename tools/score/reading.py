"""Scores the reading of reports into claims against passages that were read by hand."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from holdfast.reports.claim import Claim, TimeReading
from holdfast.reports.extract import extract, parse_published
from holdfast.reports.extract.calendar import local_zone

ROOT = Path(__file__).resolve().parent.parent.parent
OWN = ROOT / "tests" / "gold"
SHARED = ROOT.parent / "shared" / "data" / "reports-gold.jsonl"
COUNTED = frozenset(
    {"views", "followers", "duration", "reactions", "posts", "people", "other", "event-count"}
)
EVENTS = ("published", "label", "edit", "disappearance", "date")
_UNITS = {
    "groups and channels": {"groups and channels", "channels and groups", "groups", "channels", "accounts"},
    "posts and channels": {"posts and channels", "posts"},
    "comments": {"comments"},
}

Gold = dict[str, Any]


class Passage(NamedTuple):
    """One text to read. `when`: its publication, `context`: what is known of it from elsewhere, for claims that need it."""

    id: str
    origin: str
    lang: str
    text: str
    when: str | None
    context: str | None
    split: str
    claims: list[Gold]


class Tally:
    """Right, wrong and missing answers of one measure."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missed = 0
        self.sizes: list[int] = []

    def row(self) -> dict[str, float | int | None]:
        given, wanted = self.right + self.wrong, self.right + self.missed
        row: dict[str, float | int | None] = {
            "precision": round(self.right / given, 3) if given else None,
            "recall": round(self.right / wanted, 3) if wanted else None,
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
        }
        if self.sizes:
            row["mean_set_size"] = round(sum(self.sizes) / len(self.sizes), 2)
        return row


def read_all(split: str) -> Score:
    """The score over the passages of a split, "all" for every one."""
    score = Score()
    for passage in load_passages(split):
        score.add(passage)
    return score


def load_passages(split: str) -> Iterator[Passage]:
    """Our own passages, then the shared ones where they are present."""
    paths = [*sorted(OWN.glob("*.jsonl")), *([SHARED] if SHARED.exists() else [])]
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            own = "text" in record
            kept = record.get("split", "shared")
            if split not in {"all", kept}:
                continue
            text = record["text"] if own else "\n\n".join(record["excerpt_needed"])
            yield Passage(
                record["id"],
                "own" if own else "shared",
                record["lang"],
                text,
                record.get("published") or record.get("date"),
                record.get("context_date"),
                kept,
                record["claims"],
            )


class Score:
    """Every measure, over any number of passages."""

    def __init__(self) -> None:
        self.tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
        self.misses: list[str] = []
        self.fired = 0
        self.quiet = 0

    def add(self, passage: Passage) -> None:
        claims = read(passage, passage.when)
        needs = [gold for gold in passage.claims if gold.get("needs_article_date")]
        dated = read(passage, passage.context) if needs and passage.context else claims
        self._quantities(passage, claims)
        self._times(passage, claims, dated)
        self._quotes(passage, claims)
        self._events(passage, claims)
        if not [gold for gold in passage.claims if gold.get("is_claim", True)]:
            self.quiet += 1
            for claim in claims:
                if claim.kind == "date":
                    continue  # a dated event is one to leave uncheckable, not a misreading
                self.fired += 1
                self._note(passage, "must not fire", f"{claim.kind} {claim.span.exact!r}")

    def _tally(self, measure: str, passage: Passage) -> Tally:
        return self.tallies[measure, passage.lang, passage.origin]

    def _note(self, passage: Passage, what: str, detail: str) -> None:
        if passage.split != "locked":
            self.misses.append(f"{passage.id} {what}: {detail}")

    def _quantities(self, passage: Passage, claims: list[Claim]) -> None:
        tally = self._tally("quantity", passage)
        given = [claim for claim in claims if claim.quantity is not None]
        wanted = [gold for gold in passage.claims if is_counted(gold)]
        for gold in wanted:
            low, high = ends(gold["value"])
            same = [c for c in given if c.quantity and (c.quantity.lo, c.quantity.hi) == (low, high)]
            same = [c for c in same if overlaps(passage, c, gold)] or same
            if not same:
                tally.missed += 1
                self._note(
                    passage,
                    "quantity missed",
                    f"{gold['text']!r} {gold['comparator']} {gold['value']} {gold['unit']}",
                )
                continue
            claim = next((c for c in same if fits(c, gold)), same[0])
            given.remove(claim)
            if fits(claim, gold):
                tally.right += 1
                self._tally(f"quantity: {claim.kind}", passage).right += 1
            else:
                tally.wrong += 1
                tally.missed += 1
                quantity = claim.quantity
                shown = f"{quantity.comparator} {quantity.lo} {quantity.unit}" if quantity else ""
                self._note(
                    passage,
                    "quantity wrong",
                    f"{gold['text']!r} {gold['comparator']} {gold['unit']}: {claim.kind} {shown}",
                )
        for claim in given:
            if claim.quantity is None or claim.quantity.hi == 0:
                continue
            if any(
                fits(claim, gold) and ends(gold["value"]) == (claim.quantity.lo, claim.quantity.hi)
                for gold in wanted
            ):
                continue  # the passage says it twice
            tally.wrong += 1
            self._note(passage, "quantity extra", f"{claim.kind} {claim.span.exact!r}")

    def _times(self, passage: Passage, undated: list[Claim], dated: list[Claim]) -> None:
        tally = self._tally("time", passage)
        for gold in passage.claims:
            # Some phrases are put together from two places, with … between: they are arithmetic, not a phrase.
            if not gold.get("date_phrase") or "…" in gold["date_phrase"] or not gold.get("is_claim", True):
                continue
            claims = dated if gold.get("needs_article_date") else undated
            phrase = gold["date_phrase"]
            readings = readings_of(passage, claims, gold)
            if gold.get("resolved_date") is None:
                if passage.origin == "shared" and passage.when is None and readings:
                    self._note(passage, "time guessed", f"{phrase!r}")
                    self._tally("time: left open", passage).wrong += 1
                elif passage.origin == "shared":
                    self._tally("time: left open", passage).right += 1
                continue
            if any(same_time(reading, gold["resolved_date"]) for reading in readings):
                tally.right += 1
                tally.sizes.append(len(readings))
            else:
                tally.missed += 1
                tally.wrong += bool(readings)
                shown = [(reading.lo, reading.hi) for reading in readings]
                self._note(passage, "time", f"{phrase!r} is {gold['resolved_date']}, read {shown}")

    def _quotes(self, passage: Passage, claims: list[Claim]) -> None:
        tally = self._tally("quote and speaker" if passage.origin == "own" else "quote", passage)
        given = [claim for claim in claims if claim.kind == "quote"]
        for gold in passage.claims:
            if gold["kind"] != "quote":
                continue
            found = next((claim for claim in given if shares_words(claim, gold["text"])), None)
            if found is None:
                tally.missed += 1
                self._note(passage, "quote missed", repr(gold["text"]))
                continue
            given.remove(found)
            if "speaker" not in gold or same_speaker(found, gold["speaker"]):
                tally.right += 1
            else:
                tally.wrong += 1
                tally.missed += 1
                speaker = found.attribution[0].speaker if found.attribution else None
                self._note(
                    passage,
                    "speaker",
                    f"{gold['text']!r} by {gold['speaker']!r}, read {speaker and (speaker.name, speaker.text)}",
                )
        # The shared labels are of what can be checked: where they name no quotation, one that is read is not held against it.
        labelled = passage.origin == "own" or any(gold["kind"] == "quote" for gold in passage.claims)
        for claim in given:
            if labelled and claim.attribution and claim.attribution[0].speaker is not None:
                tally.wrong += 1
                self._note(passage, "quote extra", repr(claim.span.exact))

    def _events(self, passage: Passage, claims: list[Claim]) -> None:
        for kind in EVENTS:
            tally = self._tally(f"kind: {kind}", passage)
            # What has a date may be a claim of any kind; what was published without one exists.
            also = {"published": {"published", "existence"}, "date": {claim.kind for claim in claims}}
            # The shared passages call every word of a platform a label; that something is gone is none of ours.
            gone = passage.origin == "shared" and kind == "label"
            given = [claim for claim in claims if claim.kind in also.get(kind, {kind})]
            for gold in passage.claims:
                if gold["kind"] != kind or not gold.get("is_claim", True):
                    continue
                wanted = given
                if gone and gold.get("unit") in {"platform message", "cause stated by the platform"}:
                    wanted = [claim for claim in claims if claim.kind == "disappearance"]
                found = next((claim for claim in wanted if overlaps(passage, claim, gold)), None)
                if found is not None:
                    tally.right += 1
                else:
                    tally.missed += 1
                    self._note(passage, f"{kind} missed", repr(gold["text"]))


def read(passage: Passage, when: str | None) -> list[Claim]:
    published = parse_published(when, source="given") if when else None
    return extract(passage.text, published=published)


def is_counted(gold: Gold) -> bool:
    """Whether a gold claim has a number that is written in the text and belongs to no event's own length."""
    if gold["kind"] not in COUNTED or not gold.get("is_claim", True) or gold.get("about") == "event":
        return False
    if gold["kind"] == "duration" and gold.get("unit") not in {"s", "seconds"}:
        return False
    tags = gold.get("tags", ())
    if "derived-count" in tags or (gold["kind"] == "duration" and "trap-subject" in tags):
        return False
    return isinstance(gold.get("value"), int | float | list) and gold["value"] != 0


def ends(value: float | list[int]) -> tuple[int, int]:
    low, high = value if isinstance(value, list) else (value, value)
    return int(low), int(high)


def fits(claim: Claim, gold: Gold) -> bool:
    """Same comparator and unit. A unit that the source itself got wrong is the one it means."""
    quantity = claim.quantity
    if quantity is None or quantity.comparator != gold["comparator"]:
        return False
    kind, unit = gold["kind"], gold.get("unit")
    if kind == "event-count":
        return claim.kind in {"people", "other", "posts"} and (
            quantity.unit == unit
            or quantity.unit in _UNITS.get(str(unit), ())
            or (unit == "people" and claim.kind == "people")
        )
    if kind == "reactions" and unit == "comments":
        return quantity.unit == "comments"
    return claim.kind == str(kind)


def overlaps(passage: Passage, claim: Claim, gold: Gold) -> bool:
    """Whether a claim stands where the gold claim does; its phrase of time counts as part of it."""
    at = passage.text.find(gold["text"])
    if at < 0:
        return shares_words(claim, gold["text"])
    end = at + len(gold["text"])
    if claim.span.start < end and at < claim.span.end:
        return True
    phrase = claim.time_phrase
    return phrase is not None and phrase.start < end and at < phrase.end


def shares_words(claim: Claim, text: str) -> bool:
    ours, theirs = words_of(claim.span.exact), words_of(text)
    if not theirs or not ours:
        return False
    short, long = sorted((ours, theirs), key=len)
    return " ".join(short) in " ".join(long) and len(short) * 2 >= min(len(long), 6)


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("ё", "е"))


def same_speaker(claim: Claim, speaker: str) -> bool:
    found = claim.attribution[0].speaker if claim.attribution else None
    if found is None:
        return False
    wanted = {word[:5] for word in words_of(speaker)} - {"the", "my", "its"}
    return any(wanted & {word[:5] for word in words_of(text)} for text in (found.name, found.text) if text)


def readings_of(passage: Passage, claims: list[Claim], gold: Gold) -> tuple[TimeReading, ...]:
    """The readings of the phrase that the gold claim names, wherever a claim of ours holds it."""
    text, phrase = passage.text, gold["date_phrase"]
    inside = text.find(gold["text"])
    at = text.find(phrase, max(0, inside)) if inside >= 0 else text.find(phrase)
    at = at if at >= 0 else text.find(phrase)
    if at >= 0:
        for claim in claims:
            place = claim.time_phrase
            if place is not None and place.start < at + len(phrase) and at < place.end:
                return claim.time
    for claim in claims:
        if overlaps(passage, claim, gold) and (claim.time or claim.as_of):
            return claim.time or as_of_publication(claim)
    return ()


def as_of_publication(claim: Claim) -> tuple[TimeReading, ...]:
    """A counter without a phrase of time that can be read is claimed as of the publication."""
    published = claim.report.published
    if claim.as_of is None or claim.as_of.basis != "published" or published is None:
        return ()
    lo, hi = published.lo, published.hi
    return (TimeReading(lo, hi, published.zone or "UTC", "time.publication", lo, hi),)


def same_time(reading: TimeReading, wanted: str) -> bool:
    """Whether a reading is the day, month, year, interval or moment that was meant."""
    if wanted.endswith("Z"):
        return reading.lo[:16] == wanted[:16]
    first, last = days_of_gold(wanted)
    zone = local_zone(reading.zone)
    start = datetime.fromisoformat(reading.lo).astimezone(zone)
    stop = datetime.fromisoformat(reading.hi).astimezone(zone) - timedelta(seconds=1)
    days = (stop.date() - start.date()).days
    if reading.part_of_day is not None and first == last:
        return start.date() == first and days <= 1
    if reading.why == "time.since" and first == last:
        return start.date() == first
    slack = 1 if first != last else 0
    return abs((start.date() - first).days) <= slack and abs((stop.date() - last).days) <= slack


def days_of_gold(wanted: str) -> tuple[date, date]:
    first, _, last = wanted.partition("/")
    return edge(first, end=False), edge(last or first, end=True)


def edge(text: str, *, end: bool) -> date:
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return date(*parts)
    if len(parts) == 1:
        return date(parts[0], 12, 31) if end else date(parts[0], 1, 1)
    following = date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    return following - timedelta(days=1) if end else date(parts[0], parts[1], 1)


def table(score: Score) -> dict[str, Any]:
    """Every measure as a row, and what was read out of passages that claim nothing."""
    rows = {
        " · ".join(key): tally.row()
        for key, tally in sorted(score.tallies.items())
        if tally.right + tally.wrong + tally.missed
    }
    return {"measures": rows, "quiet_passages": score.quiet, "claims_in_quiet_passages": score.fired}
