"""Keeps what entries proved until all are seen: order of times, erasures, and claims about artefacts."""

from __future__ import annotations

from holdfast.verify.disclosures import EntryFacts
from holdfast.verify.findings import Counts, Finding, Findings, Severity
from holdfast.verify.opening import NO_POST

__all__ = ["Claimed", "Ledger", "entry_place"]


def entry_place(name: str, index: int, post: int = NO_POST) -> str:
    """How a finding names an entry, or a post of it, in a file."""
    return f"{name} entry {index}" + ("" if post == NO_POST else f" post {post}")


class Claimed:
    """What all entries together say of one artefact. Units: bytes."""

    __slots__ = ("end", "entry", "sizes")

    def __init__(self, entry: int) -> None:
        self.entry = entry
        self.sizes: set[int] = set()
        self.end = 0


class Ledger:
    """Takes the facts of entries in any order of ranges, each range in order; then accounts for them."""

    def __init__(self, findings: Findings, counts: Counts) -> None:
        self._findings, self._counts = findings, counts
        self._wounds: list[tuple[int, str, str, EntryFacts]] = []
        self._backwards: list[tuple[int, str]] = []
        self._missing: list[tuple[int, str, list[tuple[int, bytes]]]] = []
        self._erasures: list[tuple[int, int, tuple[bytes, ...]]] = []
        self._erased_artefacts: list[tuple[int, str]] = []
        self.erased_artefacts: set[str] = set()
        self._last: tuple[int, str | None] = (-1, None)
        self.first_ts: str | None = None
        """When the log's first entry was sealed, once it was seen."""
        self.claims: dict[str, Claimed] = {}
        self.is_complete = True
        """Whether every entry was opened, so that what nothing names is really named by nothing."""

    def add(self, index: int, facts: EntryFacts, log: str, private: str | None) -> None:
        """The facts of entry `index`, read from the files `log` and `private`."""
        counts = self._counts
        counts.entries += 1
        counts.posts += facts.posts
        counts.disclosures += facts.disclosures
        if facts.entry_wounds or facts.private_wounds:
            self._wounds.append((index, log, private or "private", facts))
        if facts.kind is None or private is None or facts.private_wounds:
            self.is_complete = False
        before, ts = self._last
        if before == index - 1 and ts is not None and facts.ts is not None and facts.ts < ts:
            self._backwards.append((index, log))
        self._last = (index, facts.ts)
        if index == 0:
            self.first_ts = facts.ts
        if facts.missing:
            self._missing.append((index, private or "private", facts.missing))
        self._erasures += [(index, entry, digests) for entry, digests in facts.erased]
        self._erased_artefacts += [(index, digest) for digest in facts.erased_artefacts]
        self.claim(index, facts)

    def claim(self, index: int, facts: EntryFacts) -> None:
        """What entry `index` says of artefacts."""
        for claim in facts.claims:
            known = self.claims.get(claim.digest)
            if known is None:
                known = self.claims[claim.digest] = Claimed(index)
            if claim.size_bytes is not None:
                known.sizes.add(claim.size_bytes)
            known.end = max(known.end, claim.end)

    def account(self, wounded: set[int], *, is_whole: bool = True) -> None:
        """Turn what was kept into findings. `wounded`: entries whose bytes are not those that were signed, so
        that nothing else is to be blamed for not fitting them. `is_whole`: all entries were looked at, so that
        an erasure that was not found is not there."""
        for index, log, private, facts in self._wounds:
            if index in wounded:
                continue
            for code, message in facts.entry_wounds:
                self._findings.alarm(entry_place(log, index), code, message)
            for post, code, message in facts.private_wounds:
                self._findings.alarm(entry_place(private, index, post), code, message)
        for index, log in self._backwards:
            if not {index, index - 1} & wounded:
                self._findings.alarm(
                    entry_place(log, index), "time", "was sealed before the entry in front of it, by its time"
                )
        erased: dict[int, set[bytes]] = {}
        for source, entry, digests in self._erasures:
            # An erasure accounts for what was sealed before it, not for what comes after.
            if source not in wounded and entry < source:
                erased.setdefault(entry, set()).update(digests)
        self.erased_artefacts = {digest for at, digest in self._erased_artefacts if at not in wounded}
        for index, private, missing in self._missing:
            if index not in wounded:
                self._account_missing(index, private, missing, erased.get(index, set()), is_whole)

    def _account_missing(
        self, index: int, private: str, missing: list[tuple[int, bytes]], erased: set[bytes], is_whole: bool
    ) -> None:
        lost = [post for post, digest in missing if digest not in erased]
        self._counts.erased += len(missing) - len(lost)
        if not lost:
            return
        posts = sorted({post for post in lost if post != NO_POST})
        what = f", of posts {_some(posts)}" if posts else ""
        message = f"{len(lost)} of its disclosures are not held{what}"
        if is_whole:
            self._findings.alarm(
                entry_place(private, index), "missing", f"{message}, and no erasure entry accounts for them"
            )
        else:
            message = f"{message}; a full check tells whether they were erased"
            self._findings.add(Finding(entry_place(private, index), "missing", message, Severity.UNCHECKED))


def _some(numbers: list[int]) -> str:
    head = ", ".join(map(str, numbers[:10]))
    return head if len(numbers) <= 10 else f"{head} and {len(numbers) - 10} more"
