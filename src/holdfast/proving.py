"""Gathers what proves a post into a folder that a stranger can check."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.archive import Archive, PostView
from holdfast.errors import StorageError, UsageError, VaultLockedError
from holdfast.model import UNITS, MediaSeen
from holdfast.proofpage import entries_page, post_page
from holdfast.sealing import load_post
from holdfast.vault import merkle
from holdfast.vault.canon import Disclosure, Entry, Opened, parse_entry
from holdfast.vault.durable import TEMPORARY
from holdfast.vault.format.key import encode_vkey
from holdfast.vault.format.proof import TlogProof, encode_proof
from holdfast.vault.format.tiles import TileHashes

__all__ = ["ProofSummary", "prove_entries", "prove_post"]

SHOWN_OF_A_CAPTURE = frozenset({"capture", "source", "coverage", "counts", "outcome", "clock"})
"""The collector's machine and the path that was asked for stay withheld: they say nothing about the post."""
SHOWN_OF_A_LIVE_CAPTURE = SHOWN_OF_A_CAPTURE | {"request", "problems"}
"""What a source was asked for is public, and belongs to what it answered; so does how well the answer was understood."""
OF_EVERY_CHAT = frozenset({"source", "coverage", "counts"})
"""Withheld too where a capture took in more than one chat: an account's other chats are nobody's business."""
RAW_SHOWN = frozenset({"application/warc"})
"""Raw answers that go along. An export's file does not: it holds a whole channel, and other chats perhaps. Answers to an
account do not: they hold what is that account's alone."""


class ProofSummary(msgspec.Struct, frozen=True):
    """What a proof folder holds. `post` None: it proves entries, and no one post. `withheld`: units left out on purpose."""

    folder: str
    post: str | None
    entries: list[dict[str, Any]]
    artefacts: list[dict[str, Any]]
    withheld: list[str]
    checkpoint_size: int
    keys: list[str]
    files: list[str]


def prove_post(
    archive: Archive,
    name: str,
    out: Path,
    *,
    withhold: Collection[str] = (),
    media: bool = True,
    only: Collection[int] = (),
    also: Collection[int] = (),
) -> ProofSummary:
    """Write the proof of a post: every observation of it, the captures that saw it, and their raw pages.

    `only`: of its entries just these; `also`: other entries that bear on it, such as what was answered for its channel.
    Effects: makes `out`, which must be new or empty; whole or not at all. Errors: UsageError; IntegrityError if
    the vault does not hold what it should.
    """
    _check_units(withhold)
    view = archive.post(name)
    proof = _Proof(archive, view.channel.id, frozenset(withhold), media)

    def gather() -> tuple[str | None, str]:
        _gather_post(proof, view, frozenset(only), also)
        page = post_page(view, proof.contents(str(view.state.post)), proof.about, proof.cited)
        return str(view.state.post), page

    return _written(out, proof, gather)


def prove_entries(
    archive: Archive,
    entries: Iterable[int],
    out: Path,
    *,
    channel: str | None = None,
    withhold: Collection[str] = (),
) -> ProofSummary:
    """Write the proof of entries that are not of one post: what a channel's card showed, an absence, a capture.

    Each comes with the capture that it belongs to, and its raw answers. `channel`: the id of the one that they must be of.
    Effects and errors as of `prove_post`.
    """
    _check_units(withhold)
    wanted = sorted(set(entries))
    proof = _Proof(archive, None, frozenset(withhold), False)
    for index in wanted:
        entry, opened = proof.opened(index)
        if entry.kind == "posts":
            raise UsageError(
                f"entry {index} holds {len(entry.elements)} posts",
                remedy=f"name one: holdfast prove {_first_post(archive, index)} --entry {index}",
            )
        _check_channel(index, opened, channel)
        proof.of_channel(opened)

    def gather() -> tuple[str | None, str]:
        for index in wanted:
            proof.flat(index)
            proof.captures(filter(None, [proof.capture_of(index)]))
        return None, entries_page(proof.contents(""), proof.about, proof.cited)

    return _written(out, proof, gather)


def _check_units(withhold: Collection[str]) -> None:
    for unit in withhold:
        if unit not in UNITS or unit == "post":
            raise UsageError(f"{unit!r} cannot be withheld", remedy=f"one or more of: {', '.join(UNITS[1:])}")


def _check_channel(index: int, opened: Opened, channel: str | None) -> None:
    """Errors: UsageError if an entry speaks of channels, and not of this one."""
    named = _channels_of(opened)
    # Before an answer gave its id, a channel was sealed under its username.
    if channel is None or not named or channel in named or any(":" in each for each in named):
        return
    raise UsageError(
        f"entry {index} is not of channel {channel}", remedy="leave the channel out, or name another entry"
    )


def _first_post(archive: Archive, index: int) -> str:
    seen = load_post(archive.reader, index, 0)
    return f"{seen.post.channel}/{seen.post.id}" if seen else "CHANNEL/ID"


def _written(out: Path, proof: _Proof, gather: Callable[[], tuple[str | None, str]]) -> ProofSummary:
    """The folder, made beside its place and then put there."""
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UsageError(f"{out} is there already", remedy="name a new or empty folder")
        out.parent.mkdir(parents=True, exist_ok=True)
        work = out.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        work.mkdir()
    except OSError as error:
        raise StorageError(f"cannot make {out}: {error.strerror}") from error
    try:
        proof.begin(work)
        post, page = gather()
        summary = proof.end(post, page)
        if out.exists():
            out.rmdir()
        os.rename(work, out)
    except OSError as error:
        raise StorageError(f"cannot write the proof to {out}: {error.strerror}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return msgspec.structs.replace(summary, folder=str(out))


def _gather_post(proof: _Proof, view: PostView, only: frozenset[int], also: Collection[int]) -> None:
    # 1. The observations of the post, and the absences that mention it.
    places = [(each.entry, each.element) for each, _ in view.observations]
    absences = [entry for entry, *_ in view.absences]
    captures = [*view.captures]
    if only:
        other = sorted(only - {entry for entry, _ in places} - set(absences))
        if wrong := [index for index in other if proof.opened(index)[0].kind == "posts"]:
            raise UsageError(
                f"entry {wrong[0]} holds no observation of post {view.state.post}",
                remedy=f"`holdfast show {view.channel.id}/{view.state.post}` lists those that do",
            )
        for index in other:
            _check_channel(index, proof.opened(index)[1], view.channel.id)
        also = [*also, *other]
        places = [place for place in places if place[0] in only]
        absences = [entry for entry in absences if entry in only]
        ids = {proof.capture_id(index) for index in [*absences, *(entry for entry, _ in places)]}
        captures = [entry for entry in captures if proof.capture_id(entry) in ids]
    for entry, element in places:
        proof.observation(entry, element)
    for entry in absences:
        proof.flat(entry)
    # 2. The captures that saw it or missed it, the last that looked, and the last that covered it before it was missed.
    if not only:
        captures += [entry for _, _, entry in view.covered[-1:]]
        before = [entry for _, _, entry in view.covered if view.absences and entry < view.absences[-1][0]]
        captures += before[-1:]
    proof.captures(captures)
    # 3. What the channel itself showed, when the post was first seen, and last.
    ends = sorted(set(captures))
    for entry in {*ends[:1], *ends[-1:]}:
        for card in proof.cards_of(entry):
            proof.flat(card)
    for entry in also:
        proof.flat(entry)
        proof.captures(filter(None, [proof.capture_of(entry)]))


class _Proof:
    """A folder in the making. `channel` None: entries of any."""

    def __init__(self, archive: Archive, channel: str | None, withhold: frozenset[str], media: bool) -> None:
        self.archive, self.channel, self.withhold, self.media = archive, channel, withhold, media
        verified, self.note = archive.reader.checkpoint()
        self.size = verified.checkpoint.size
        self.root = verified.checkpoint.root
        self.hashes = TileHashes(self.size, archive.reader.tile)
        self.keys = [encode_vkey(key) for key in archive.identity.keys]
        self.entries: list[dict[str, Any]] = []
        self.artefacts: dict[str, dict[str, Any]] = {}
        self.cited: dict[int, dict[str, Any]] = {}
        """What is shown of the entries that hold no posts, by name, for the page."""
        self.raw: set[str] = set()
        """Digests of raw answers."""
        self._channels: set[str] = set()

    def begin(self, folder: Path) -> None:
        self.folder = folder
        (folder / "entries").mkdir()

    @property
    def about(self) -> dict[str, Any]:
        """What the page says of the log and of this folder."""
        return {
            "keys": self.keys,
            "size": self.size,
            "root": self.root,
            "withheld": self.withhold,
            "raw": self.raw,
        }

    def contents(self, post: str) -> dict[str, Any]:
        """`proof.json`, as far as entries have been added."""
        only = next(iter(self._channels)) if len(self._channels) == 1 else ""
        return {
            "artefacts": [self.artefacts[digest] for digest in sorted(self.artefacts)],
            "channel": only if self.channel is None else self.channel,
            "entries": sorted(self.entries, key=lambda each: each["index"]),
            "format_version": 1,
            "origin": self.archive.identity.origin,
            "post": post,
        }

    def end(self, post: str | None, page: str) -> ProofSummary:
        """Write the files, the head, the keys, the table of contents and the page."""
        folder, contents = self.folder, self.contents(post or "")
        if self.artefacts:
            (folder / "artefacts").mkdir()
        for digest in self.artefacts:
            with (
                self.archive.reader.blobs.open(digest) as source,
                open(folder / "artefacts" / digest, "xb") as target,
            ):
                shutil.copyfileobj(source, target, 1 << 20)
        (folder / "checkpoint").write_bytes(self.note)
        (folder / "log.vkey").write_text("".join(f"{key}\n" for key in self.keys), encoding="utf-8")
        (folder / "proof.json").write_bytes(msgspec.json.encode(contents) + b"\n")
        (folder / "index.html").write_text(page, encoding="utf-8")
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        return ProofSummary(
            str(folder),
            None if post is None else f"{contents['channel']}/{post}",
            contents["entries"],
            contents["artefacts"],
            sorted(self.withhold),
            self.size,
            self.keys,
            files,
        )

    # -- what is shown ----------------------------------------------------------------------------

    def observation(self, index: int, place: int) -> None:
        """A post as one capture saw it, with its media."""
        entry, opened = self.opened(index)
        element = opened.elements[place]
        shown = [each for each in opened.disclosures if each.name == "capture"]
        if element.own is not None:
            shown.append(element.own)
            shown.extend(each for each in element.units if each.name not in self.withhold)
        self._file(index, entry, shown, place)
        if self.media and "media" not in self.withhold:
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

    def flat(self, index: int) -> None:
        """An entry without posts, with all that is held of it; of a capture what bears on what it saw."""
        entry, opened = self.opened(index)
        if entry.kind == "capture":
            self.captures([index])
            return
        self._cite(index, entry, [*opened.disclosures])

    def captures(self, indices: Iterable[int]) -> None:
        """Captures, and the raw answers of live ones."""
        for index in sorted(set(indices) - self.cited.keys()):
            entry, opened = self.opened(index)
            names = self._shown_of_capture(opened)
            self._cite(index, entry, [each for each in opened.disclosures if each.name in names])
            # What is withheld of a post stands in the page that it was read from.
            for raw in _raw_answers(opened) if not self.withhold else ():
                known = {"digest": raw["digest"], "name": None, "size_bytes": raw["size_bytes"]}
                self.artefacts.setdefault(raw["digest"], known)
                self.raw.add(raw["digest"])

    def _shown_of_capture(self, opened: Opened) -> frozenset[str]:
        """Which disclosures of a capture say nothing about chats that are not meant, nor about who collected."""
        shown = SHOWN_OF_A_CAPTURE
        if _is_live(opened):
            shown = SHOWN_OF_A_LIVE_CAPTURE | (frozenset() if self.withhold else {"artefacts"})
            collector = opened.value("collector") or {}
            if collector.get("host") is None and collector.get("account") is None:
                shown |= {"collector"}
            return shown
        named = _channels_of(opened)
        is_one_chat = named <= {self.channel} or (self.channel is None and len(named) < 2)
        return shown if is_one_chat else shown - OF_EVERY_CHAT

    # -- what belongs together --------------------------------------------------------------------

    def capture_id(self, index: int) -> str | None:
        """The id of the capture that an entry belongs to, or closes."""
        found = self.opened(index)[1].value("capture")
        return str(found["id"]) if found and found.get("id") else None

    def capture_of(self, index: int) -> int | None:
        """The entry that closes the capture of another. A capture's entries stand together, its own last."""
        wanted = self.capture_id(index)
        while wanted is not None and index < self.size:
            if self.opened(index)[0].kind == "capture":
                if self.capture_id(index) == wanted:
                    return index
            elif self.capture_id(index) != wanted:
                break
            index += 1
        return None

    def cards_of(self, index: int) -> list[int]:
        """The `channel` entries of a live capture that speak of the post's channel; `index` is the capture's own."""
        if not _is_live(self.opened(index)[1]):
            return []
        found, wanted = [], self.capture_id(index)
        while index > 0 and self.capture_id(index - 1) == wanted:
            index -= 1
            entry, opened = self.opened(index)
            if entry.kind == "channel" and (opened.value("capture") or {}).get("channel") == self.channel:
                found.append(index)
        return found

    def of_channel(self, opened: Opened) -> None:
        """Note which channels the entries of this proof speak of."""
        self._channels |= _channels_of(opened)

    def opened(self, index: int) -> tuple[Entry, Opened]:
        if not 0 <= index < self.size:
            raise VaultLockedError(
                f"entry {index} is not covered by the published checkpoint of {self.size} entries yet",
                remedy="wait until the running import or watch has ended; the next one signs what is left",
            )
        return self.archive.reader.opened(index)

    # -- files ------------------------------------------------------------------------------------

    def _cite(self, index: int, entry: Entry, shown: list[Disclosure]) -> None:
        self._file(index, entry, shown, None)
        self.cited[index] = {each.name: each.value for each in shown if each.name is not None}

    def _file(self, index: int, entry: Entry, shown: Sequence[Disclosure], element: int | None) -> None:
        raw = self.archive.reader.raw(index)[0]
        assert parse_entry(raw) == entry
        path = self.folder / "entries" / f"{index}.disclosures"
        lines = {each.encoded for each in shown}
        if path.exists():  # another observation of the same post in the same entry
            lines |= set(path.read_text("ascii").split())
        path.write_text("".join(f"{line}\n" for line in sorted(lines)), "ascii")
        proof = merkle.inclusion_proof(index, self.size, self.hashes)
        # Checked before it is handed over: a proof that we could not verify ourselves helps nobody.
        merkle.verify_inclusion(merkle.leaf_hash(raw), index, self.size, proof, self.root)
        data = encode_proof(TlogProof(index, tuple(proof), self.note, raw))
        (self.folder / "entries" / f"{index}.tlog-proof").write_bytes(data)
        row = {"index": index, "type": entry.kind, **({} if element is None else {"element": element})}
        if row not in self.entries:
            self.entries.append(row)


def _is_live(opened: Opened) -> bool:
    """Whether a capture asked a source, and did not read a file that somebody had."""
    return any("media_type" in each for each in opened.value("artefacts") or ())


def _raw_answers(opened: Opened) -> list[dict[str, Any]]:
    """The artefacts of a live capture that hold what was answered to anybody who asks."""
    return [each for each in opened.value("artefacts") or () if each.get("media_type") in RAW_SHOWN]


def _channels_of(opened: Opened) -> set[str]:
    """The channels that an entry speaks of."""
    named = {each.get("channel") for each in (opened.value("source") or {}).get("chats") or ()}
    named |= {each.get("channel") for each in opened.value("coverage") or ()}
    named.add((opened.value("capture") or {}).get("channel"))
    return {str(each) for each in named if each is not None}
