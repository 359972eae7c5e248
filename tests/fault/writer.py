"""A writer to injure: makes a vault, seals, publishes, and says on stdout what it was told is committed.

    python -m tests.fault.writer VAULT

Each line: `entry INDEX SHA-256` once an append returned, `signed SIZE` once a publication did.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.vault.blobs import Artefact, Blobs
from holdfast.vault.canon import Sealed, seal, seal_posts
from holdfast.vault.founding import create
from holdfast.vault.keys import load_signers
from holdfast.vault.log import Log
from holdfast.vault.reading import read_identity

Record = Callable[[str], Sealed]
ORIGIN = "archive.example.org/fault"
BEGIN = "/where-the-writer-begins"
"""A file that is nowhere: to ask for it divides what the interpreter loads from what the writer does."""
CONTENT = b"an export of no great length" * 1_000


class Clock:
    """Seconds since 1970 that go on by one each time they are read."""

    def __init__(self, now: int = 1_800_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now


def encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def card(number: int) -> Record:
    units = [("capture", encode({"id": "0" * 32})), ("channel", encode({"title": f"Путь домой {number}"}))]
    return lambda ts: seal("channel", ts, [*units, ("followers", b"null"), ("labels", b"null")])


def posts(count: int, export: Artefact) -> Record:
    raw = encode({"artefact": export.digest, "offset": 10, "length": 20})
    units = [
        (encode({"channel": "1", "id": str(number)}), b"null", encode("день"), b"null", b"null", raw)
        for number in range(count)
    ]
    return lambda ts: seal_posts(ts, encode({"id": "0" * 32}), units)


def closing(export: Artefact) -> Record:
    named = [{"digest": export.digest, "size_bytes": export.size_bytes, "name": "export", "parsed": True}]
    return lambda ts: seal("capture", ts, [("capture", b"{}"), ("artefacts", encode(named))])


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def seal_all(vault: Path, clock: Clock) -> None:
    """Continue the vault: an artefact, entries of every kind over a bundle's border, two checkpoints."""
    identity = read_identity(vault)
    with Log.open(vault, identity, load_signers(vault, identity.keys, lambda: None), clock=clock) as log:
        artefact = Blobs(vault).add(io.BytesIO(CONTENT), compress=False, name="export")
        append(log, posts(3, artefact), card(0))
        say("signed", signed_size(log))
        append(log, *map(card, range(260 - log.size % 256)))
        append(log, closing(artefact))
        say("signed", signed_size(log))


def append(log: Log, *records: Record) -> None:
    digests = []

    def noted(record: Record) -> Record:
        def listen(ts: str) -> Sealed:
            sealed = record(ts)
            digests.append(sha256(sealed.entry).hexdigest())
            return sealed

        return listen

    first = log.append([noted(record) for record in records])
    for at, digest in enumerate(digests):
        say("entry", first + at, digest)


def signed_size(log: Log) -> int:
    log.publish()
    return log.published_size


def main(vault: Path) -> int:
    with suppress(FileNotFoundError):
        os.close(os.open(BEGIN, os.O_RDONLY))
    clock = Clock()
    try:
        create(vault, ORIGIN, clock=clock)
        seal_all(vault, clock)
    except HoldfastError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
