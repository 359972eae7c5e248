"""Makes small sealed vaults to doubt: real keys, a real writer, a clock that only goes forwards."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from holdfast.archive import create
from holdfast.vault.blobs import Artefact, Blobs
from holdfast.vault.canon import Sealed, seal, seal_posts
from holdfast.vault.keys import load_signers
from holdfast.vault.log import Log
from holdfast.vault.reading import read_identity

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


def copy_of(vault: Path, folder: Path) -> Path:
    """A copy to wound, without the keys, the lock and the database that no check needs."""
    import shutil

    target = folder / "copy"
    shutil.copytree(vault, target, ignore=shutil.ignore_patterns("keys", "lock", "state.db*", "catalog"))
    for path in target.rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    return target


__all__ = [name for name in dir() if not name.startswith("_")]
_ = partial
