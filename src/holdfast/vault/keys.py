"""Makes, keeps and opens the log's signing keys."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from holdfast.errors import IntegrityError, StorageError, UncheckedError, UsageError
from holdfast.vault.durable import replace
from holdfast.vault.format.key import SEED_BYTES, KeyKind, Signer, Verifier, ml_dsa_available

__all__ = ["FILES", "load_signers", "make_keys"]

_PEM_MAX_BYTES = 100_000
_WORD_MAX_BYTES = 1_023
"""What OpenSSL takes as a passphrase."""

FILES = {KeyKind.ED25519: "keys/ed25519.pem", KeyKind.ML_DSA_44: "keys/mldsa44.pem"}


def make_keys(vault: Path, origin: str, passphrase: str | None) -> list[Signer]:
    """Make an Ed25519 key and, where `cryptography` has it, an ML-DSA-44 key, as PKCS #8 PEM.

    Effects: writes two files of mode 0600 below `keys/`, a folder of mode 0700. Errors: UsageError for a
    passphrase that cannot be one; StorageError.
    """
    how: KeySerializationEncryption = NoEncryption()
    if passphrase:
        how = BestAvailableEncryption(_word(passphrase))
    folder = vault / "keys"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {folder}: {error.strerror}") from error
    kinds = [KeyKind.ED25519] + ([KeyKind.ML_DSA_44] if ml_dsa_available() else [])
    signers = []
    for kind in kinds:
        seed = secrets.token_bytes(SEED_BYTES)
        key: Any
        if kind == KeyKind.ED25519:
            key = Ed25519PrivateKey.from_private_bytes(seed)
        else:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

            key = MLDSA44PrivateKey.from_seed_bytes(seed)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
        replace(vault / FILES[kind], pem, mode=0o600)
        signers.append(Signer(origin, kind, seed))
    return signers


def load_signers(
    vault: Path, verifiers: tuple[Verifier, ...], passphrase: Callable[[], str | None]
) -> list[Signer]:
    """Open the private halves of the vault's keys. `passphrase` is asked once, and only if a key is encrypted.

    Errors: UsageError for a missing or wrong passphrase, or a key that others can read; StorageError if a key
    cannot be read; IntegrityError if a key is not the one that `vault.json` names; UncheckedError if this
    installation cannot use one.
    """
    word: bytes | None = None
    signers = []
    for verifier in verifiers:
        path = vault / FILES[verifier.kind]
        pem = _read(path)
        if b"ENCRYPTED" in pem.partition(b"\n")[0]:
            if word is None:
                given = passphrase()
                if not given:
                    raise UsageError(
                        f"the signing key {path} is encrypted",
                        remedy="set HOLDFAST_PASSPHRASE, or run at a terminal",
                    )
                word = _word(given)
            seed = _seed(path, pem, word)
        else:
            seed = _seed(path, pem, None)
        signer = Signer(verifier.name, verifier.kind, seed)
        if signer.verifier != verifier:
            raise IntegrityError(f"{path} is not the key that vault.json names")
        signers.append(signer)
    return signers


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb") as handle:
            mode = os.fstat(handle.fileno()).st_mode
            pem = handle.read(_PEM_MAX_BYTES)
    except OSError as error:
        raise StorageError(
            f"cannot read the signing key {path}: {error.strerror}",
            remedy="put the key back from its backup: without it the vault can be read and verified, not written",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(
            f"the signing key {path} can be read by others",
            remedy=f"chmod 600 {path}, and ask who may have it",
        )
    return pem


def _word(passphrase: str) -> bytes:
    """A passphrase as bytes. The errors that it may cause carry it, so they are not chained."""
    try:
        # What the environment held in another encoding comes as surrogates.
        word = passphrase.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        word = b""
    if not 1 <= len(word) <= _WORD_MAX_BYTES:
        raise UsageError(f"a passphrase is text of 1 to {_WORD_MAX_BYTES} bytes", remedy="choose another")
    return word


def _seed(path: Path, pem: bytes, word: bytes | None) -> bytes:
    try:
        key = load_pem_private_key(pem, word)
    except UnsupportedAlgorithm as error:
        raise UncheckedError(
            f"{path} holds a key that the `cryptography` installed here cannot use",
            remedy="install a `cryptography` that has ML-DSA-44 (47 or newer) and try again",
        ) from error
    except (ValueError, TypeError) as error:
        if word is not None:
            raise UsageError(
                f"the passphrase does not open {path}", remedy="try again with the right one"
            ) from error
        raise IntegrityError(f"{path} does not hold a signing key") from error
    try:
        # The two kinds that Holdfast makes have it, and 32 bytes of it; of other kinds it may be anything.
        seed = bytes(key.private_bytes_raw())  # type: ignore[union-attr]
    except AttributeError as error:
        raise IntegrityError(f"{path} does not hold a signing key") from error
    if len(seed) != SEED_BYTES:
        raise IntegrityError(f"{path} does not hold a signing key")
    return seed
