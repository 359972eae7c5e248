"""Gathers what proves a post into a folder that a stranger can check."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from holdfast.archive import Archive, PostView
from holdfast.errors import StorageError, UsageError, VaultLockedError
from holdfast.model import UNITS, MediaSeen
from holdfast.proofpage import proof_page
from holdfast.sealing import load_post
from holdfast.vault import merkle
from holdfast.vault.canon import Disclosure, Entry, Opened, parse_entry
from holdfast.vault.durable import TEMPORARY
from holdfast.vault.format.key import encode_vkey
from holdfast.vault.format.proof import TlogProof, encode_proof
from holdfast.vault.format.tiles import TileHashes

__all__ = ["ProofSummary", "prove_post"]

SHOWN_OF_A_CAPTURE = frozenset({"capture", "source", "coverage", "counts", "outcome", "clock"})
"""The collector's machine and the path that was asked for stay withheld: they say nothing about the post."""
OF_EVERY_CHAT = frozenset({"source", "coverage", "counts"})
"""Withheld too where a capture took in more than one chat: an account's other chats are nobody's business."""


class ProofSummary(msgspec.Struct, frozen=True):
    """What a proof folder holds. `withheld` are the names of units that were left out on purpose."""

    folder: str
    post: str
    entries: list[dict[str, Any]]
    artefacts: list[dict[str, Any]]
    withheld: list[str]
    checkpoint_size: int
    keys: list[str]
    files: list[str]


def prove_post(
    archive: Archive, name: str, out: Path, *, withhold: Collection[str] = (), media: bool = True
) -> ProofSummary:
    """Write the proof of a post: every observation of it, and the captures that saw it.

    Effects: makes `out`, which must be new or empty; whole or not at all. Errors: UsageError; IntegrityError if
    the vault does not hold what it should.
    """
    for unit in withhold:
        if unit not in UNITS or unit == "post":
            raise UsageError(f"{unit!r} cannot be withheld", remedy=f"one or more of: {', '.join(UNITS[1:])}")
    view = archive.post(name)
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UsageError(f"{out} is there already", remedy="name a new or empty folder")
        out.parent.mkdir(parents=True, exist_ok=True)
        work = out.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        work.mkdir()
    except OSError as error:
        raise StorageError(f"cannot make {out}: {error.strerror}") from error
    try:
        summary = _Proof(archive, view, frozenset(withhold), media).write(work)
        if out.exists():
            out.rmdir()
        os.rename(work, out)
    except OSError as error:
        raise StorageError(f"cannot write the proof to {out}: {error.strerror}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return msgspec.structs.replace(summary, folder=str(out))


class _Proof:
    def __init__(self, archive: Archive, view: PostView, withhold: frozenset[str], media: bool) -> None:
        self.archive, self.view, self.withhold, self.media = archive, view, withhold, media
        verified, self.note = archive.reader.checkpoint()
        self.size = verified.checkpoint.size
        self.root = verified.checkpoint.root
        self.hashes = TileHashes(self.size, archive.reader.tile)
        self.entries: list[dict[str, Any]] = []
        self.artefacts: dict[str, dict[str, Any]] = {}

    def write(self, folder: Path) -> ProofSummary:
        (folder / "entries").mkdir()
        # 1. The observations of the post, and the absences that mention it.
        for each, _ in self.view.observations:
            self._observation(folder, each.entry, each.element)
        for entry, *_ in self.view.absences:
            self._flat(folder, entry, None)
        # 2. The captures that saw it or missed it, and the last that looked: when, how, over which ids.
        captures = {*self.view.captures, *(entry for _, _, entry in self.view.covered[-1:])}
        for entry in sorted(captures):
            self._flat(folder, entry, self._shown_of_capture(entry))
        # 3. Its media, verbatim.
        if self.media and self.artefacts:
            (folder / "artefacts").mkdir()
            for digest in self.artefacts:
                with (
                    self.archive.reader.blobs.open(digest) as source,
                    open(folder / "artefacts" / digest, "xb") as target,
                ):
                    shutil.copyfileobj(source, target, 1 << 20)
        # 4. The head, the keys, the table of contents, the page.
        identity = self.archive.identity
        keys = [encode_vkey(key) for key in identity.keys]
        contents: dict[str, Any] = {
            "artefacts": [self.artefacts[digest] for digest in sorted(self.artefacts)] if self.media else [],
            "channel": self.view.channel.id,
            "entries": sorted(self.entries, key=lambda each: each["index"]),
            "format_version": 1,
            "origin": identity.origin,
            "post": str(self.view.state.post),
        }
        (folder / "checkpoint").write_bytes(self.note)
        (folder / "log.vkey").write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
        (folder / "proof.json").write_bytes(msgspec.json.encode(contents) + b"\n")
        page = proof_page(self.view, contents, keys, self.size, self.root, self.withhold)
        (folder / "index.html").write_text(page, encoding="utf-8")
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        return ProofSummary(
            str(folder),
            f"{self.view.channel.id}/{self.view.state.post}",
            contents["entries"],
            contents["artefacts"],
            sorted(self.withhold),
            self.size,
            keys,
            files,
        )

    def _observation(self, folder: Path, index: int, place: int) -> None:
        entry, opened = self._opened(index)
        element = opened.elements[place]
        shown = [each for each in opened.disclosures if each.name == "capture"]
        if element.own is not None:
            shown.append(element.own)
            shown.extend(each for each in element.units if each.name not in self.withhold)
        self._file(folder, index, entry, shown, place)
        if "media" not in self.withhold:
            seen = load_post(self.archive.reader, index, place)
            for item in (seen.media if seen else None) or ():
                self._artefact(item)

    def _artefact(self, item: MediaSeen) -> None:
        if item.artefact is not None and item.observed_size_bytes is not None:
            self.artefacts[item.artefact] = {
                "digest": item.artefact,
                "name": item.file_name or (item.source_path or "").rpartition("/")[2] or None,
                "size_bytes": item.observed_size_bytes,
            }
        if item.thumbnail is not None:
            self._artefact(item.thumbnail)

    def _flat(self, folder: Path, index: int, names: frozenset[str] | None) -> None:
        entry, opened = self._opened(index)
        shown = [each for each in opened.disclosures if names is None or each.name in names]
        self._file(folder, index, entry, shown, None)

    def _shown_of_capture(self, index: int) -> frozenset[str]:
        """Which disclosures of a capture say nothing about chats that are not this post's."""
        _, opened = self._opened(index)
        named = {str(each.get("channel")) for each in (opened.value("source") or {}).get("chats") or ()}
        named |= {str(each.get("channel")) for each in opened.value("coverage") or ()}
        return SHOWN_OF_A_CAPTURE - (OF_EVERY_CHAT if named - {self.view.channel.id} else frozenset())

    def _opened(self, index: int) -> tuple[Entry, Opened]:
        if index >= self.size:
            raise VaultLockedError(
                f"entry {index} is not covered by the published checkpoint of {self.size} entries yet",
                remedy="wait until the running import has ended, or import again: it continues",
            )
        return self.archive.reader.opened(index)

    def _file(
        self, folder: Path, index: int, entry: Entry, shown: list[Disclosure], element: int | None
    ) -> None:
        raw = self.archive.reader.raw(index)[0]
        assert parse_entry(raw) == entry
        path = folder / "entries" / f"{index}.disclosures"
        lines = {each.encoded for each in shown}
        if path.exists():  # another observation of the same post in the same entry
            lines |= set(path.read_text("ascii").split())
        path.write_text("".join(f"{line}\n" for line in sorted(lines)), "ascii")
        proof = merkle.inclusion_proof(index, self.size, self.hashes)
        # Checked before it is handed over: a proof that we could not verify ourselves helps nobody.
        merkle.verify_inclusion(merkle.leaf_hash(raw), index, self.size, proof, self.root)
        data = encode_proof(TlogProof(index, tuple(proof), self.note, raw))
        (folder / "entries" / f"{index}.tlog-proof").write_bytes(data)
        row = {"index": index, "type": entry.kind, **({} if element is None else {"element": element})}
        if row not in self.entries:
            self.entries.append(row)
