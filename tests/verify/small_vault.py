"""Makes small sealed vaults to doubt: real keys, a real writer, a clock that only goes forwards."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.archive import create
from holdfast.vault import merkle
from holdfast.vault.blobs import Artefact, Blobs
from holdfast.vault.canon import Disclosure, Entry, Sealed, open_body, parse_entry, seal, seal_posts
from holdfast.vault.format.key import encode_vkey
from holdfast.vault.format.proof import TlogProof, encode_proof
from holdfast.vault.format.tiles import TileHashes
from holdfast.vault.keys import load_signers
from holdfast.vault.log import Log
from holdfast.vault.private import encode_bundle, encode_frame, parse_bundle, parse_frame, private_path
from holdfast.vault.reading import Reader, read_identity

ORIGIN = "archive.example.org/small"
START = 1_795_405_380
CHANNEL = "1878264527"
Record = Callable[[str], Sealed]


class Clock:
    """Seconds since 1970 that go on by one each time they are read."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value)


def open_log(vault: Path, clock: Clock) -> Log:
    identity = read_identity(vault)
    return Log.open(vault, identity, load_signers(vault, identity.keys, lambda: None), clock=clock)


def keep(vault: Path, content: bytes, *, compress: bool = False) -> Artefact:
    return Blobs(vault).add(io.BytesIO(content), compress=compress, name="test")


def post(number: int, export: Artefact, media: Artefact | None = None) -> tuple[bytes, ...]:
    """The six units of a post."""
    files = None
    if media is not None:
        thumbnail = {"kind": "photo", "state": "sealed", "artefact": media.digest}
        files = [
            {
                "kind": "photo",
                "state": "sealed",
                "artefact": media.digest,
                "observed_size_bytes": media.size_bytes,
                "file_name": "photo_1@23-11-2026.jpg",
                "source_path": "photos/photo_1.jpg",
                "thumbnail": thumbnail,
            },
            {"kind": "video", "state": "not_included"},
        ]
    return (
        encode({"channel": CHANNEL, "id": str(number), "published_at": "2026-11-23T03:43:00Z"}),
        encode({"signature": "the desk"}),
        encode(f"Путь домой, день {number}. 1.5 and 2,5e3"),
        encode(files),
        encode({"views": None if number % 2 else 1000 + number}),
        encode({"artefact": export.digest, "offset": 10, "length": 20}),
    )


def capture_name(number: int = 0) -> dict[str, str]:
    return {
        "id": f"{number:032x}",
        "channel": CHANNEL,
        "seen_at": "2026-11-23T03:43:00Z",
        "source": "telegram_export",
    }


def posts_record(posts: Sequence[Sequence[bytes]]) -> Record:
    return lambda ts: seal_posts(ts, encode(capture_name()), posts)


def flat_record(kind: str, **units: Any) -> Record:
    return lambda ts: seal(kind, ts, [(name, encode(value)) for name, value in units.items()])


def channel_record(number: int) -> Record:
    return flat_record(
        "channel",
        capture=capture_name(number),
        channel={"id": CHANNEL, "title": f"Путь домой {number}"},
        followers=None,
        labels=None,
    )


def capture_record(*artefacts: Artefact) -> Record:
    named = [
        {"digest": each.digest, "size_bytes": each.size_bytes, "name": "result.json", "parsed": True}
        for each in artefacts
    ]
    return flat_record("capture", capture={"id": "0" * 32}, artefacts=named, outcome={"state": "complete"})


def make_vault(folder: Path, entries: int = 5) -> Path:
    """A vault of `entries` entries (at least 4), all published: posts, channel cards and a capture.

    Its artefacts: a compressed export, a verbatim photo and an empty file.
    """
    vault, clock = folder / "vault", Clock()
    create(vault, ORIGIN, clock=clock)
    export = keep(vault, b'{"messages":[' + b"0123456789" * 3_000 + b"]}", compress=True)
    photo = keep(vault, b"\xff\xd8 not really a photo" * 100)
    empty = keep(vault, b"")
    with open_log(vault, clock) as log:
        log.append([posts_record([post(number, export, photo) for number in range(3)])])
        log.publish()
        log.append([posts_record([post(number, export) for number in range(3, 8)])])
        log.append([channel_record(number) for number in range(entries - 3)])
        log.append([capture_record(export, photo, empty)])
        log.publish()
    return vault


def copy_of(vault: Path, folder: Path, name: str = "copy") -> Path:
    """A writable copy to wound, without what no check needs: keys, lock, database, catalog."""
    target = folder / name
    shutil.copytree(vault, target, ignore=shutil.ignore_patterns("keys", "lock", "state.db*", "catalog"))
    for path in target.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return target


# --- wounds and erasures ---------------------------------------------------------------------------


def reframe(vault: Path, index: int, change: Callable[[Entry, bytes, bytes], tuple[bytes, bytes]]) -> None:
    """Rewrite what opens entry `index`, in every private file that holds it: (entry, salts, body) -> (salts, body)."""
    raw, _, _ = Reader(vault).raw(index)
    number, place = divmod(index, 256)
    paths = [vault / private_path(number), *(vault / private_path(number)).parent.glob(f"{number:03}.p/*")]
    for path in paths:
        if path.exists():
            frames = parse_bundle(path.read_bytes())
            if place < len(frames):
                frames[place] = encode_frame(*change(parse_entry(raw), *parse_frame(frames[place])))
                path.chmod(0o644)
                path.write_bytes(encode_bundle(frames))


def without(*gone: tuple[int | None, str]) -> Callable[[Entry, bytes, bytes], tuple[bytes, bytes]]:
    """A change that takes out disclosures: (post or None for the entry's own, name); ("*") takes the whole post."""

    def change(entry: Entry, salts: bytes, body: bytes) -> tuple[bytes, bytes]:
        opened = open_body(entry, salts, body)
        rest = [salts[at : at + 16] for at in range(0, len(salts), 16)]
        kept: list[bytes] = []
        lines: list[bytes] = []

        def take(one: Disclosure, *, keep: bool) -> None:
            salt = rest.pop(0)
            if keep:
                kept.append(salt)
                lines.append(one.text[26:])

        for own in opened.disclosures:
            take(own, keep=(None, own.name) not in gone)
        for post, element in enumerate(opened.elements):
            if element.own is None:
                lines.append(b"-")
                continue
            whole = (post, "*") in gone
            units = [unit for unit in element.units if not whole and (post, unit.name) not in gone]
            salt = rest.pop(0)
            if whole:
                lines.append(b"-")
            else:
                kept.append(salt)
                lost = [unit.digest for unit in element.units if unit not in units]
                lines.append(b"+" + b"".join([*element.missing, *lost]))
            for unit in element.units:
                take(unit, keep=unit in units)
        return b"".join(kept), b"".join(line + b"\n" for line in lines)

    return change


def digests_of(vault: Path, index: int, *gone: tuple[int | None, str]) -> list[str]:
    """The digests that `without` the same names leaves unopened."""
    entry, opened = Reader(vault).opened(index)
    found = [own.digest for own in opened.disclosures if (None, own.name) in gone]
    for post, element in enumerate(opened.elements):
        if (post, "*") in gone:
            found.append(entry.elements[post])
        else:
            found += [unit.digest for unit in element.units if (post, unit.name) in gone]
    return [digest.decode() for digest in found]


def append(vault: Path, *records: Record, publish: bool = True, now: int = START + 10_000) -> None:
    with open_log(vault, Clock(now)) as log:
        log.append(list(records))
        if publish:
            log.publish()


# --- proofs ----------------------------------------------------------------------------------------


def make_proof(
    vault: Path, folder: Path, entries: Sequence[int], post_id: str, *, withhold: Sequence[str] = ()
) -> Path:
    """A proof folder for one post of the vault, written from docs/format.md section 10."""
    reader = Reader(vault)
    facts, note = reader.checkpoint()
    size = facts.checkpoint.size
    (folder / "entries").mkdir(parents=True)
    (folder / "artefacts").mkdir()
    rows: list[dict[str, Any]] = []
    artefacts: dict[str, dict[str, Any]] = {}
    for index in entries:
        raw, _, _ = reader.raw(index)
        entry, opened = reader.opened(index)
        shown = [own for own in opened.disclosures if own.name not in withhold]
        row: dict[str, Any] = {"index": index, "type": entry.kind}
        for place, element in enumerate(opened.elements):
            values = {unit.name: unit.value for unit in element.units}
            if values["post"]["id"] != post_id:
                continue
            assert element.own is not None
            row["element"] = place
            shown += [element.own, *(unit for unit in element.units if unit.name not in withhold)]
            for item in values["media"] or () if "media" not in withhold else ():
                if "artefact" in item:
                    artefacts[item["artefact"]] = {
                        "digest": item["artefact"],
                        "name": item.get("file_name"),
                        "size_bytes": item["observed_size_bytes"],
                    }
        rows.append(row)
        (folder / "entries" / f"{index}.disclosures").write_text(
            "".join(f"{each.encoded}\n" for each in shown)
        )
        path = merkle.inclusion_proof(index, size, TileHashes(size, reader.tile))
        data = encode_proof(TlogProof(index, tuple(path), note, raw))
        (folder / "entries" / f"{index}.tlog-proof").write_bytes(data)
    for digest in artefacts:
        with reader.blobs.open(digest) as source:
            (folder / "artefacts" / digest).write_bytes(source.read())
    contents = {
        "artefacts": list(artefacts.values()),
        "channel": CHANNEL,
        "entries": rows,
        "format_version": 1,
        "origin": ORIGIN,
        "post": post_id,
    }
    (folder / "proof.json").write_bytes(encode(contents) + b"\n")
    (folder / "checkpoint").write_bytes(note)
    (folder / "log.vkey").write_text("".join(encode_vkey(key) + "\n" for key in reader.identity.keys))
    (folder / "index.html").write_text("<p>never read by a check</p>")
    return folder
