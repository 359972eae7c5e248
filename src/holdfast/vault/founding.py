"""Makes a new vault: its keys, its trusted lock, its name, and its first, empty checkpoint."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from holdfast.errors import StorageError, UsageError
from holdfast.vault.canon import encode_time
from holdfast.vault.durable import replace
from holdfast.vault.format.checkpoint import parse_origin
from holdfast.vault.identity import Identity, encode_identity
from holdfast.vault.keys import make_keys
from holdfast.vault.log import Log, now

__all__ = ["create"]


def create(
    vault: Path, origin: str, *, passphrase: str | None = None, clock: Callable[[], int] = now
) -> Identity:
    """Make a new vault in `vault`, with its keys and its first, empty checkpoint.

    `vault.json` is written last: a folder without it is no vault, and a killed `create` can be run again.
    Errors: UsageError if something else lies there; FormatError for an impossible origin; StorageError.
    """
    parse_origin(origin)
    ours = {"keys", "lock", "log", "state.db", "state.db-wal", "state.db-shm", "private", "blobs"}
    try:
        vault.mkdir(parents=True, exist_ok=True)
        there = set(os.listdir(vault))
    except OSError as error:
        raise StorageError(f"cannot make {vault}: {error.strerror}") from error
    if "vault.json" in there:
        raise UsageError(f"{vault} already is a vault", remedy="use it, or name another folder")
    if not there <= ours or {"private", "blobs"} & there:
        raise UsageError(f"{vault} is not empty and no vault", remedy="name an empty or new folder")
    for name in there - {"lock"}:  # an init that was killed before it wrote vault.json
        path = vault / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    signers = make_keys(vault, origin, passphrase)
    identity = Identity(origin, tuple(each.verifier for each in signers), encode_time(clock()))
    Log.create(vault, identity)
    replace(vault / "vault.json", encode_identity(identity))
    Log.open(vault, identity, signers, clock=clock).close()
    return identity
