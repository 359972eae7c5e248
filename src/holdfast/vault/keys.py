"""Makes, keeps and opens the log's signing keys."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from holdfast.errors import IntegrityError, StorageError, UsageError
from holdfast.vault.durable import replace
from holdfast.vault.format.key import SEED_BYTES, KeyKind, Signer, Verifier, ml_dsa_available

__all__ = ["FILES", "load_signers", "make_keys"]

FILES = {KeyKind.ED25519: "keys/ed25519.pem", KeyKind.ML_DSA_44: "keys/mldsa44.pem"}


def make_keys(vault: Path, origin: str, passphrase: str | None) -> list[Signer]:
    """Make an Ed25519 key and, where `cryptography` has it, an ML-DSA-44 key, as PKCS #8 PEM.

    Effects: writes two files of mode 0600 below `keys/`, a folder of mode 0700. Errors: StorageError.
    """
    how: KeySerializationEncryption = NoEncryption()
    if passphrase:
        how = BestAvailableEncryption(passphrase.encode())
    folder = vault / "keys"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {folder}: {error.strerror}") from error
    kinds = [KeyKind.ED25519] + ([KeyKind.ML_DSA_44] if ml_dsa_available() else [])
    signers = []
    for kind in kinds:
        seed = secrets.token_bytes(SEED_BYTES)
        key: Ed25519PrivateKey
        if kind == KeyKind.ED25519:
            key = Ed25519PrivateKey.from_private_bytes(seed)
        else:
            from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

            key = MLDSA44PrivateKey.from_seed_bytes(seed)  # type: ignore[assignment]  # same duties, no common type
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
        replace(vault / FILES[kind], pem, mode=0o600)
        signers.append(Signer(origin, kind, seed))
    return signers


def load_signers(
    vault: Path, verifiers: tuple[Verifier, ...], passphrase: Callable[[], str | None]
) -> list[Signer]:
    """Open the private halves of the vault's keys. `passphrase` is asked only if a key is encrypted.

    Errors: UsageError for a missing or wrong passphrase, or a key that others can read; StorageError if a key
    cannot be read; IntegrityError if a key is not the one that `vault.json` names.
    """
    signers = []
    for verifier in verifiers:
        path = vault / FILES[verifier.kind]
        try:
            pem = path.read_bytes()
            mode = path.stat().st_mode
        except OSError as error:
            raise StorageError(
                f"cannot read the signing key {path}: {error.strerror}",
                remedy="put the key back from its backup: without it the vault can be read and verified, not written",
            ) from error
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise UsageError(
                f"the signing key {path} can be read by others",
                remedy=f"chmod 600 {path}, and ask who may have it",
            )
        signer = Signer(verifier.name, verifier.kind, _seed(path, pem, passphrase))
        if signer.verifier != verifier:
            raise IntegrityError(f"{path} is not the key that vault.json names")
        signers.append(signer)
    return signers


def _seed(path: Path, pem: bytes, passphrase: Callable[[], str | None]) -> bytes:
    word: bytes | None = None
    if b"ENCRYPTED" in pem.split(b"\n", 1)[0]:
        given = passphrase()
        if not given:
            raise UsageError(
                f"the signing key {path} is encrypted", remedy="set HOLDFAST_PASSPHRASE, or run at a terminal"
            )
        word = given.encode()
    try:
        key = load_pem_private_key(pem, word)
        seed = key.private_bytes_raw()  # type: ignore[union-attr]  # the two kinds that Holdfast makes have it
    except (ValueError, TypeError, AttributeError) as error:
        if word is not None:
            raise UsageError(
                f"the passphrase does not open {path}", remedy="try again with the right one"
            ) from error
        raise IntegrityError(f"{path} does not hold a signing key") from error
    return bytes(seed)
