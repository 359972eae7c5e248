"""Re-checks a whole vault, or a sample of it, and names what is wounded.

1. `vault.json` and the checkpoint: signatures, size and root.
2. What files lie there, against those a log of that size has.
3. Every entry with its disclosures, on all cores; every tile; the signed root (`verify.tree`).
4. What was written and not yet signed: later files must continue the same log.
5. Every artefact, and that those which disclosures name are there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from random import SystemRandom

from holdfast.errors import FormatError, IntegrityError, NoVaultError, UncheckedError
from holdfast.jobs import Inline, ordered
from holdfast.progress import Progress, silent
from holdfast.progress import Report as OnProgress
from holdfast.vault.format.checkpoint import Checkpoint, parse_checkpoint
from holdfast.vault.format.key import Verifier
from holdfast.vault.format.note import MAX_NOTE_BYTES, parse_note, verify_checkpoint
from holdfast.vault.format.tiles import ENTRIES, TILE_WIDTH, Tile
from holdfast.vault.identity import MAX_BYTES, Identity, encode_identity, parse_identity
from holdfast.verify.artefacts import ArtefactTask, check_artefacts
from holdfast.verify.entries import LogCheck
from holdfast.verify.files import read_file
from holdfast.verify.findings import Counts, Finding, Findings, Head, Report, Severity, Wound
from holdfast.verify.inventory import Inventory, artefact_files, implied_size, private_name, width_at
from holdfast.verify.ledger import Claimed, Ledger, entry_place

__all__ = ["verify_vault"]

_FILES_AT_ONCE = 256
_BYTES_AT_ONCE = 64 << 20


def verify_vault(
    vault: Path,
    *,
    keys: Sequence[Verifier] | None = None,
    pool: Executor | None = None,
    ahead: int = 4,
    sample: int | None = None,
    report: OnProgress = silent,
) -> Report:
    """Check the vault in a folder.

    `keys`: the log's keys from elsewhere, else those of `vault.json`; `pool` with at most `ahead` tasks under way;
    `sample`: that many entries and artefacts, drawn anew each time, instead of all.
    Effects: reads. Errors: NoVaultError, VersionError; everything else is a finding.
    """
    # The two together: an `init` that was killed leaves neither, so no vault yet, rather than a wounded one.
    if not (vault / "vault.json").exists() and not (vault / "log" / "tile").is_dir():
        raise NoVaultError(f"there is no vault at {vault}")
    return _Check(vault, keys, pool or Inline(), ahead, sample, report).run()


class _Check:
    def __init__(
        self,
        root: Path,
        keys: Sequence[Verifier] | None,
        pool: Executor,
        ahead: int,
        sample: int | None,
        report: OnProgress,
    ) -> None:
        self.root, self.keys, self.pool, self.ahead = root, keys, pool, ahead
        self.sample, self.report = sample, report
        self.findings = Findings()
        self.counts = Counts()
        self.ledger = Ledger(self.findings, self.counts)

    def run(self) -> Report:
        # 1.
        identity = self._identity()
        head, checkpoint = self._checkpoint(identity)
        # 2.
        self.inventory = Inventory(self.root, self.findings)
        self.size = checkpoint.size if checkpoint else implied_size(self.inventory.log)
        root = checkpoint.root if checkpoint else None
        # 3. and 4.
        log = LogCheck(self.root, self.inventory, self.size, root, self.findings, self.ledger)
        log.expect_files()
        if self.sample is None:
            wounded = log.check(self.pool, self.ahead, self.report)
        else:
            wounded = log.check_sample(self.sample, self.pool, self.ahead, self.report)
        self.counts.bundles, self.counts.tiles = log.bundle_count, log.tile_count
        self.ledger.account(wounded, is_whole=self.sample is None)
        first = self.ledger.first_ts
        if identity is not None and first is not None and 0 not in wounded and identity.created_at > first:
            self.findings.alarm(
                "vault.json", "time", "says that it was made after its first entry was sealed"
            )
        # 5.
        self._artefacts()
        return Report(
            "vault",
            self.findings.verdict,
            head,
            "vault" if self.keys is None else "reader",
            self.counts,
            self.findings.all(),
            self.findings.unlisted,
            self.sample,
        )

    # -- 1 ----------------------------------------------------------------------------------------

    def _identity(self) -> Identity | None:
        try:
            raw = read_file(self.root, "vault.json", MAX_BYTES)
            identity = parse_identity(raw)
            if encode_identity(identity) != raw:
                raise Wound("identity", "is not in the form in which it was written")
        except FormatError as error:
            self.findings.wound("vault.json", Wound.of("identity", error))
        except Wound as wound:
            self.findings.wound("vault.json", wound)
        else:
            if self.keys is not None and set(self.keys) != set(identity.keys):
                self.findings.alarm(
                    "vault.json", "keys", "names other keys than those it was to be checked with"
                )
            return identity
        return None

    def _checkpoint(self, identity: Identity | None) -> tuple[Head | None, Checkpoint | None]:
        """The signed head to report, and the one to check against: they part where no key is known."""
        place = "log/checkpoint"
        keys = self.keys if self.keys is not None else identity.keys if identity else ()
        try:
            note = read_file(self.root, place, MAX_NOTE_BYTES)
            if not keys:
                # vault.json is wounded, and that has been said: what it should have proved stays open.
                unproved = parse_checkpoint(parse_note(note).text)
                self.findings.add(
                    Finding(place, "signature", "no key to check it with is known", Severity.UNCHECKED)
                )
                return None, unproved
            facts = verify_checkpoint(note, identity.origin if identity else keys[0].name, keys)
        except Wound as wound:
            self.findings.wound(place, wound)
            return None, None
        except UncheckedError as error:
            self.findings.add(Finding(place, "signature", error.message, Severity.UNCHECKED))
            return None, None
        except (FormatError, IntegrityError) as error:
            self.findings.wound(place, Wound.of("signature", error))
            return None, None
        for key in facts.missing:
            self.findings.alarm(place, "signature", f"is not signed by the log's key {key.label}")
        for key in facts.unchecked:
            self.findings.note(
                place, "signature", f"its line of {key.label} (ML-DSA-44) cannot be checked here"
            )
        head = facts.checkpoint
        signed_by = tuple(one.key.label for one in facts.signed)
        return Head(head.origin, head.size, head.root.hex(), signed_by), head

    # -- 5 ----------------------------------------------------------------------------------------

    def _artefacts(self) -> None:
        listed = list(artefact_files(self.root, self.findings))
        there = {digest for digest, _, _ in listed}
        if self.sample is not None:
            listed = SystemRandom().sample(listed, min(self.sample, len(listed)))
        total = sum(size for _, _, size in listed)
        done = unnamed = 0
        sizes = {name: size for _, name, size in listed}
        for _, results in ordered(self.pool, check_artefacts, self._groups(listed), ahead=self.ahead):
            for result in results:
                done += sizes[result.name]
                if result.wound is not None:
                    code, message, severity = result.wound
                    self.findings.add(Finding(result.name, code, message, Severity(severity)))
                    continue
                self.counts.artefacts += 1
                self.counts.artefact_bytes += result.size_bytes
                digest = result.name.rpartition("/")[2].removesuffix(".zst")
                claimed = self.ledger.claims.get(digest)
                if claimed is not None:
                    self._check_claim(claimed, result.size_bytes)
                elif self.sample is None and self.ledger.is_complete:
                    self.findings.note(
                        result.name, "unnamed", "its bytes match its name, and no entry names it"
                    )
                else:
                    unnamed += 1
            self.report(Progress("verify", done, total, "bytes"))
        if unnamed and self.sample is None:
            message = f"{unnamed} artefacts are named by no entry that could be opened"
            self.findings.note("blobs", "unnamed", message)
        for digest, claimed in self.ledger.claims.items():
            if digest in there:
                continue
            if digest in self.ledger.erased_artefacts:
                self.counts.erased += 1
                continue
            place = f"blobs/sha256/{digest[:2]}/{digest[2:4]}/{digest}"
            message = f"is missing; entry {claimed.entry} names it"
            if self.sample is None:
                self.findings.alarm(place, "missing", message)
            else:
                message = f"{message}; a full check tells whether it was erased"
                self.findings.add(Finding(place, "missing", message, Severity.UNCHECKED))

    def _groups(self, listed: Sequence[tuple[str, str, int]]) -> Iterator[ArtefactTask]:
        names: list[str] = []
        size = 0
        for _, name, size_bytes in listed:
            names.append(name)
            size += size_bytes
            if len(names) == _FILES_AT_ONCE or size >= _BYTES_AT_ONCE:
                yield ArtefactTask(str(self.root), tuple(names))
                names, size = [], 0
        if names:
            yield ArtefactTask(str(self.root), tuple(names))

    def _check_claim(self, claimed: Claimed, size_bytes: int) -> None:
        number = claimed.entry // TILE_WIDTH
        bundle = Tile(ENTRIES, number, width_at(ENTRIES, number, self.size) or TILE_WIDTH)
        place = entry_place(private_name(bundle), claimed.entry)
        if claimed.sizes - {size_bytes}:
            stated = ", ".join(map(str, sorted(claimed.sizes - {size_bytes})))
            self.findings.alarm(place, "claim", f"states an artefact of {stated} bytes, it has {size_bytes}")
        if claimed.end > size_bytes:
            message = f"points to byte {claimed.end} of an artefact of {size_bytes} bytes"
            self.findings.alarm(place, "claim", message)
