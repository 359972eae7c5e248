"""Bare vaults for tests of the writer: fixed keys, small entries, a clock that only goes forwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from holdfast.vault.canon import Sealed, seal, seal_posts
from holdfast.vault.durable import replace
from holdfast.vault.format.key import KeyKind, Signer
from holdfast.vault.identity import Identity, encode_identity
from holdfast.vault.log import Log
from tests.vectors import naive_vault

ORIGIN = "archive.example.org/writers"
SIGNERS = [
    Signer(ORIGIN, KeyKind.ED25519, bytes(range(32))),
    Signer(ORIGIN, KeyKind.ML_DSA_44, bytes(range(32))),
]
IDENTITY = Identity(ORIGIN, tuple(signer.verifier for signer in SIGNERS), "2026-11-23T03:43:00Z")
START = 1_795_405_380

Record = Callable[[str], Sealed]


class Clock:
    """Goes on by one second each time it is read, through every vault of a test."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now


def record(number: int) -> Record:
    """A small entry that names its number; every fifth is one of posts."""
    named = json.dumps({"id": f"{number:032x}"}, separators=(",", ":")).encode()
    if number % 5 == 4:
        return lambda ts: seal_posts(ts, named, [[b'"%d"' % number, *[b"null"] * 5]])
    return lambda ts: seal(
        "channel", ts, [("capture", named), ("channel", b'{"title":"secret %d"}' % number)]
    )


def records(start: int, count: int) -> list[Record]:
    return [record(number) for number in range(start, start + count)]


def new_vault(folder: Path, clock: Callable[[], int] | None = None) -> Path:
    """An empty vault with its first checkpoint; its keys are SIGNERS."""
    vault = folder / "vault"
    vault.mkdir(parents=True)
    Log.create(vault, IDENTITY)
    replace(vault / "vault.json", encode_identity(IDENTITY))
    open_log(vault, clock).close()
    return vault


def open_log(
    vault: Path, clock: Callable[[], int] | None = None, signers: Sequence[Signer] = SIGNERS[:1]
) -> Log:
    """`signers`: one by default, which is enough for a checkpoint and quicker than two."""
    return Log.open(vault, IDENTITY, signers, clock=clock or Clock())


def grow(vault: Path, count: int, clock: Callable[[], int], *, publish: bool = True) -> None:
    """Append `count` entries in one batch, and publish."""
    with open_log(vault, clock) as log:
        log.append(records(log.size, count))
        if publish:
            log.publish()


def doubt(vault: Path, size: int | None = None) -> naive_vault.Checked:
    """Everything published holds, by the naive implementation."""
    checked = naive_vault.check(vault)
    if size is not None:
        assert checked.size == size
    return checked
