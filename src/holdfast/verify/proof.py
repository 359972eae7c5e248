"""Re-checks a proof folder: what a stranger was handed, against the keys they trust.

The steps are those of docs/format.md section 10.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdfast.errors import FormatError, IntegrityError, NoVaultError, UncheckedError
from holdfast.vault import merkle
from holdfast.vault.canon import Entry, parse_entry
from holdfast.vault.format.checkpoint import Checkpoint, parse_checkpoint
from holdfast.vault.format.key import Verifier, parse_vkey
from holdfast.vault.format.note import MAX_NOTE_BYTES, parse_note, verify_checkpoint
from holdfast.vault.format.proof import MAX_PROOF_BYTES, parse_proof
from holdfast.verify.artefacts import check_artefact
from holdfast.verify.contents import Contents
from holdfast.verify.files import read_file, walk
from holdfast.verify.findings import Counts, Finding, Findings, Head, Report, Severity, Wound, shown
from holdfast.verify.shown import Shown, resolve

__all__ = ["is_proof", "verify_proof"]

_MAX_CONTENTS_BYTES = 10_000_000
_MAX_KEYS_BYTES = 100_000
_MAX_DISCLOSURES_BYTES = 256 << 20
_ENTRY = re.compile(r"entries/(0|[1-9][0-9]{0,18})\.(tlog-proof|disclosures)", re.ASCII)
_ARTEFACT = re.compile(r"artefacts/([0-9a-f]{64})", re.ASCII)
_FILES = {"proof.json", "checkpoint", "log.vkey"}
_UNREAD = "index.html"


def is_proof(folder: Path) -> bool:
    """Whether a folder means to be a proof: it has a table of contents and no vault's."""
    return (folder / "proof.json").exists() and not (folder / "vault.json").exists()


def verify_proof(folder: Path, *, keys: Sequence[Verifier] | None = None) -> Report:
    """Check the proof in a folder. `keys`: the log's keys from elsewhere, else those that came with it.

    Effects: reads. Errors: NoVaultError if there is none; VersionError; everything else is a finding.
    """
    if not (folder / "proof.json").exists() and not (folder / "checkpoint").exists():
        raise NoVaultError(
            f"there is no proof at {folder}", remedy="name the folder that `holdfast prove` wrote"
        )
    return _Check(folder, keys).run()


class _Check:
    def __init__(self, folder: Path, keys: Sequence[Verifier] | None) -> None:
        self.folder, self.keys = folder, keys
        self.findings, self.counts = Findings(), Counts()
        self.claims: dict[str, set[int]] = {}
        self.names: dict[str, set[str]] = {}
        self.is_note_whole = True
        self.is_complete = True
        """Whether every entry could be opened, so that what is not shown is really not shown."""
        self.erased: set[tuple[int, bytes]] = set()
        self.withheld: list[tuple[int, bytes]] = []

    def run(self) -> Report:
        self._contents()
        # 1. and 2.
        self.known = self._keys()
        head, checkpoint = self._checkpoint(self.known)
        # 3. and 4.
        self._list()
        for index in self.indices:
            self._entry(index, checkpoint)
        self.counts.erased = sum(one in self.erased for one in self.withheld)
        self.counts.withheld = len(self.withheld) - self.counts.erased
        # 5.
        self._artefacts()
        return Report(
            "proof",
            self.findings.verdict,
            head,
            "folder" if self.keys is None else "reader",
            self.counts,
            self.findings.all(),
            self.findings.unlisted,
        )

    def _contents(self) -> None:
        self.contents: Contents | None = None
        try:
            self.contents = Contents(read_file(self.folder, "proof.json", _MAX_CONTENTS_BYTES))
        except FormatError as error:
            self.findings.wound("proof.json", Wound.of("contents", error))
        except Wound as wound:
            self.findings.wound("proof.json", wound)

    def _keys(self) -> Sequence[Verifier]:
        """Step 1."""
        place = "log.vkey"
        try:
            raw = read_file(self.folder, place, _MAX_KEYS_BYTES)
            lines = raw.decode().split("\n")
            if lines.pop() or not lines:
                raise FormatError("the last line is not ended, or there is none")
            found = [parse_vkey(line) for line in lines]
            if len(set(found)) != len(found):
                raise FormatError("a key stands there twice")
        except (FormatError, UnicodeDecodeError) as error:
            message = error.message if isinstance(error, FormatError) else "is not UTF-8"
            self.findings.alarm(place, "keys", message)
            return self.keys or ()
        except Wound as wound:
            self.findings.wound(place, wound)
            return self.keys or ()
        if self.keys is not None and not set(self.keys) & set(found):
            self.findings.alarm(place, "keys", "names none of the keys it was to be checked with")
        return found if self.keys is None else self.keys

    def _checkpoint(self, keys: Sequence[Verifier]) -> tuple[Head | None, Checkpoint | None]:
        """Step 2. None where nothing can be believed; then that has been said."""
        place = "checkpoint"
        self.note = b""
        try:
            self.note = read_file(self.folder, place, MAX_NOTE_BYTES)
            if not keys:
                parse_checkpoint(parse_note(self.note).text)
                raise Wound("signature", "no key to check it with is known", Severity.UNCHECKED)
            facts = verify_checkpoint(self.note, keys[0].name, keys)
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
            self.is_note_whole = False
        for key in facts.unchecked:
            self.findings.note(
                place, "signature", f"its line of {key.label} (ML-DSA-44) cannot be checked here"
            )
        head = facts.checkpoint
        if self.contents is not None and self.contents.origin != head.origin:
            self.findings.alarm("proof.json", "contents", "names another log than the one that signed")
        signed_by = tuple(one.key.label for one in facts.signed)
        return Head(head.origin, head.size, head.root.hex(), signed_by), head

    def _list(self) -> None:
        """Step 6, and which entries and artefacts are there."""
        there: dict[int, set[str]] = {}
        self.files: set[str] = set()
        for listed in walk(self.folder, ""):
            entry, artefact = _ENTRY.fullmatch(listed.name), _ARTEFACT.fullmatch(listed.name)
            if entry is not None:
                there.setdefault(int(entry[1]), set()).add(listed.name)
            elif artefact is not None:
                self.files.add(artefact[1])
            elif listed.name == _UNREAD or listed.name in _FILES:
                continue
            elif listed.wound is not None and listed.wound.severity is Severity.UNCHECKED:
                self.findings.wound(shown(listed.name) or ".", listed.wound)
            else:
                self.findings.alarm(shown(listed.name), "added", "is no part of a proof")
        named = self.contents.entries.keys() if self.contents is not None else there.keys()
        self.indices = sorted(there.keys())
        self._compare_names(
            {f"entries/{index}.tlog-proof" for index in named - there.keys()},
            {name for index in there.keys() - named for name in there[index]},
        )

    def _compare_names(self, missing: set[str], added: set[str]) -> None:
        """What proof.json names and what is there. Where both differ, the table is wrong, not the files."""
        if missing and added:
            self.findings.alarm("proof.json", "contents", "names other files than those that are there")
            return
        for name in sorted(missing):
            self.findings.alarm(name, "missing", "is missing; proof.json names it")
        for name in sorted(added):
            self.findings.alarm(name, "added", "is not named by proof.json")

    # -- 3 and 4 ----------------------------------------------------------------------------------

    def _entry(self, index: int, head: Checkpoint | None) -> None:
        place = f"entries/{index}.tlog-proof"
        entry: Entry | None = None
        try:
            proof = parse_proof(read_file(self.folder, place, MAX_PROOF_BYTES))
            if proof.index != index:
                raise Wound("proof", f"proves entry {proof.index}, expected {index}")
            if head is not None:
                if proof.checkpoint != self.note and not self._is_better(proof.checkpoint, head):
                    raise Wound("proof", "carries another checkpoint than the file `checkpoint`")
                leaf = merkle.leaf_hash(proof.extra)
                merkle.verify_inclusion(leaf, index, head.size, proof.hashes, head.root)
            entry = parse_entry(proof.extra)
        except (FormatError, IntegrityError) as error:
            self.findings.wound(place, Wound.of("proof", error))
        except Wound as wound:
            self.findings.wound(place, wound)
        place = f"entries/{index}.disclosures"
        try:
            data = read_file(self.folder, place, _MAX_DISCLOSURES_BYTES)
            if entry is not None:
                self._take(index, place, entry.kind, resolve(entry, data))
                return
        except Wound as wound:
            self.findings.wound(place, wound)
        self.is_complete = False

    def _is_better(self, note: bytes, head: Checkpoint) -> bool:
        """Whether it is the file `checkpoint` that lost a signature, and not this copy of it."""
        if self.is_note_whole:
            return False
        facts = verify_checkpoint(note, head.origin, self.known)
        return facts.checkpoint == head and not facts.missing

    def _take(self, index: int, place: str, kind: str, found: Shown) -> None:
        self.counts.entries += 1
        self.counts.posts += found.facts.posts
        self.counts.disclosures += found.facts.disclosures
        self.withheld += [(index, digest) for _, digest in found.withheld]
        self.erased |= {
            (at, digest) for at, digests in found.facts.erased for digest in digests if at < index
        }
        for claim in found.facts.claims:
            sizes = self.claims.setdefault(claim.digest, set())
            if claim.size_bytes is not None:
                sizes.add(claim.size_bytes)
        for units in found.posts.values():
            self._take_names(units.get("media"))
        if self.contents is None or index not in self.contents.entries:
            return
        stated, places = self.contents.entries[index]
        if stated != kind:
            self.findings.alarm(
                "proof.json", "contents", f"says that entry {index} is of another type than it is"
            )
        shown_posts = found.posts.keys()
        if shown_posts - places:
            self.findings.alarm("proof.json", "contents", f"names other posts than entry {index} shows")
        elif places - shown_posts:
            self.findings.alarm(place, "missing", "does not show a post that proof.json names")
            self.is_complete = False
        for units in found.posts.values():
            facts = units.get("post")
            if isinstance(facts, dict) and (facts.get("channel"), facts.get("id")) != (
                self.contents.channel,
                self.contents.post,
            ):
                self.findings.alarm(
                    "proof.json", "contents", f"entry {index} shows another post than it names"
                )

    def _take_names(self, media: Any) -> None:
        """What proved media say their files are called. `collect` has looked at the shapes."""
        for item in media or ():
            while item is not None:
                names = self.names.setdefault(item.get("artefact") or "", set())
                for name in (item.get("file_name"), item.get("source_path")):
                    if isinstance(name, str):
                        names |= {name, name.rpartition("/")[2]}
                item = item.get("thumbnail")

    # -- 5 ----------------------------------------------------------------------------------------

    def _artefacts(self) -> None:
        listed = self.contents.artefacts if self.contents is not None else None
        if listed is not None:
            self._compare_names(
                {f"artefacts/{digest}" for digest in listed.keys() - self.files},
                {f"artefacts/{digest}" for digest in self.files - listed.keys()},
            )
        for digest in sorted(self.files):
            place = f"artefacts/{digest}"
            try:
                size = check_artefact(self.folder, place)
            except Wound as wound:
                self.findings.wound(place, wound)
                continue
            self.counts.artefacts += 1
            self.counts.artefact_bytes += size
            if digest not in self.claims:
                if self.is_complete:
                    self.findings.alarm(place, "added", "no proved disclosure names it")
                continue
            if self.claims[digest] - {size}:
                self.findings.alarm(place, "claim", "a proved disclosure states another size")
            if listed is not None and digest in listed:
                stated, name = listed[digest]
                # A name can only be held against what was shown.
                known = {None, name} if not self.is_complete else {None, *self.names.get(digest, ())}
                if stated != size or name not in known:
                    message = "states another size or name of an artefact"
                    self.findings.alarm("proof.json", "contents", message)
