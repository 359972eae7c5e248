"""Makes a new vault: its keys, its trusted lock, its name, and its first, empty checkpoint."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from holdfast.errors import StorageError, UsageError
from holdfast.vault.canon import encode_time
from holdfast.vault.durable import TEMPORARY, replace
from holdfast.vault.format.checkpoint import parse_origin
from holdfast.vault.identity import Identity, encode_identity
from holdfast.vault.keys import FILES, load_signers, make_keys
from holdfast.vault.log import Log, now, writer_lock

__all__ = ["create"]

_OURS = {
    "": {"keys", "lock", "log", "state.db", "state.db-journal", "state.db-wal", "state.db-shm"},
    "keys": {Path(name).name for name in FILES.values()},
    "log": {"checkpoint"},
}
"""What `create` writes before `vault.json`, by folder."""
_KEPT = {"keys", "lock", "log"}


def create(
    vault: Path, origin: str, *, passphrase: str | None = None, clock: Callable[[], int] = now
) -> Identity:
    """Make a new vault in `vault`, with its keys and its first, empty checkpoint.

    `vault.json` is written last: a folder without it is no vault, and a killed `create` can be run again.
    Errors: UsageError if something else lies there; FormatError for an impossible origin; VaultLockedError if
    another process makes one there; StorageError.
    """
    parse_origin(origin)
    _left_over(vault)
    try:
        vault.mkdir(
            mode=0o700, parents=True, exist_ok=True
        )  # what is sealed is not for other users of the machine
    except OSError as error:
        raise StorageError(f"cannot make {vault}: {error.strerror}") from error
    with writer_lock(vault):
        for path in _left_over(vault):  # looked at again: now nobody else is at it
            _remove(path)
        made = make_keys(vault, origin, passphrase)
        identity = Identity(origin, tuple(each.verifier for each in made), encode_time(clock()))
        Log.create(vault, identity)
    with Log.open(vault, identity, made, clock=clock):
        # What was written is what opens: better told now than before the first import.
        load_signers(vault, identity.keys, lambda: passphrase)
        replace(vault / "vault.json", encode_identity(identity))
    return identity


def _left_over(vault: Path) -> list[Path]:
    """The files that a killed `create` left in `vault`. Errors: UsageError if anything else lies there; StorageError."""
    names = {folder: _names(vault / folder) for folder in _OURS}
    if "vault.json" in names[""]:
        raise UsageError(f"{vault} already is a vault", remedy="use it, or name another folder")
    ours = all(
        name in _OURS[folder] or name.startswith(TEMPORARY)
        for folder, found in names.items()
        for name in found
    )
    # A log without a state is somebody else's, or that of a vault that was not made just now.
    if not ours or (names["log"] and "state.db" not in names[""]):
        raise UsageError(f"{vault} is not empty and no vault", remedy="name an empty or new folder")
    # The state goes last, so that a removal that is killed can be run again.
    return [
        vault / folder / name for folder in ("log", "keys", "") for name in names[folder] if name not in _KEPT
    ]


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(f"cannot make {folder}: {error.strerror}") from error


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise StorageError(f"cannot remove {path}: {error.strerror}") from error
