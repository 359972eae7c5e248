"""Keys of a log and its witnesses: how they are spelled and what each kind signs; pure.

A key is known by (name, id), never by its id alone: anyone can make a key with a given id.

    kind                      what is signed                               payload behind the id
    0x01 Ed25519              the note's text                              64-byte signature
    0x04 Ed25519 cosignature  "cosignature/v1\\ntime <t>\\n" ‖ the text      u64 t ‖ 64-byte signature
    0x06 ML-DSA-44            `subtree_message` of the text's checkpoint   u64 t ‖ 2,420-byte signature

ML-DSA-44 needs a `cryptography` that has it (47 or newer); where it is missing, such signatures count as
not checked. Source: C2SP signed-note ("Verifier keys"), tlog-cosignature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from hashlib import sha256
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from holdfast.errors import FormatError, IntegrityError, UncheckedError
from holdfast.vault.format.checkpoint import decode_base64, encode_base64, parse_checkpoint, parse_origin

_mldsa: Any
try:
    from cryptography.hazmat.primitives.asymmetric import mldsa as _mldsa
except ImportError:  # pragma: no cover - an older `cryptography`; the tests take `_mldsa` away instead
    _mldsa = None

__all__ = [
    "SEED_BYTES",
    "KeyKind",
    "Signature",
    "Signer",
    "Verifier",
    "encode_signer",
    "encode_vkey",
    "ml_dsa_available",
    "parse_signer",
    "parse_vkey",
    "subtree_message",
]

SEED_BYTES = 32
_MAX_TIME = 2**63 - 1
_HEX_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_NO_ML_DSA = "install a `cryptography` that has ML-DSA-44 (47 or newer) and try again"


class KeyKind(IntEnum):
    """The type byte of a key."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


_PUBLIC_BYTES = {KeyKind.ED25519: 32, KeyKind.ED25519_COSIGNATURE: 32, KeyKind.ML_DSA_44: 1_312}
_SIGNATURE_BYTES = {KeyKind.ED25519: 64, KeyKind.ED25519_COSIGNATURE: 64, KeyKind.ML_DSA_44: 2_420}


@cache
def ml_dsa_available() -> bool:
    """Whether the `cryptography` installed here, and the library below it, can do ML-DSA-44."""
    if _mldsa is None:
        return False
    try:
        _mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(SEED_BYTES))
    except UnsupportedAlgorithm:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note. Shapes: `key_id` 4 bytes; `payload` at least 1 byte."""

    name: str
    key_id: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name it signs under. Shapes: 32 bytes (Ed25519) or 1,312 (ML-DSA-44)."""

    name: str
    kind: KeyKind
    public_key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Errors: FormatError for a name or a key that cannot be."""
        parse_origin(self.name)
        if len(self.public_key) != _PUBLIC_BYTES[self.kind]:
            raise FormatError(f"key: {len(self.public_key)} bytes, expected {_PUBLIC_BYTES[self.kind]}")
        material = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        object.__setattr__(self, "key_id", sha256(material).digest()[:4])

    @property
    def label(self) -> str:
        """How messages name the key: `name+id`."""
        return f"{self.name}+{self.key_id.hex()}"

    @property
    def available(self) -> bool:
        """Whether this installation can check the key's signatures."""
        return self.kind != KeyKind.ML_DSA_44 or ml_dsa_available()

    def verify(self, text: bytes, payload: bytes) -> int | None:
        """The signature line's payload signs the note text; returns its time where it carries one.

        Units: seconds since 1970. Errors: IntegrityError if it does not; UncheckedError unless
        `available`.
        """
        if not self.available:
            raise UncheckedError(f"signature of {self.label}: no ML-DSA-44 here", remedy=_NO_ML_DSA)
        stamped = self.kind != KeyKind.ED25519
        if len(payload) != _SIGNATURE_BYTES[self.kind] + 8 * stamped:
            raise IntegrityError(f"signature of {self.label}: {len(payload)} bytes is not its length")
        time = int.from_bytes(payload[:8], "big") if stamped else None
        signature = payload[8:] if stamped else payload
        try:
            message = _message(self.kind, self.name, time, text)
            self._verify(signature, message)
        except (InvalidSignature, FormatError, ValueError) as error:
            # The last two: the kind signs only checkpoints, and the text is none that it could sign.
            raise IntegrityError(f"signature of {self.label} does not verify") from error
        return time

    def _verify(self, signature: bytes, message: bytes) -> None:
        if self.kind == KeyKind.ML_DSA_44:
            _mldsa.MLDSA44PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        else:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)


class _PublicKey(Protocol):
    def public_bytes_raw(self) -> bytes: ...


class _PrivateKey(Protocol):
    def sign(self, data: bytes, /) -> bytes: ...
    def public_key(self) -> _PublicKey: ...


class Signer:
    """A private key, made from its 32-byte seed, with the name it signs under."""

    __slots__ = ("_private", "_seed", "verifier")

    def __init__(self, name: str, kind: KeyKind, seed: bytes) -> None:
        """Errors: FormatError for an impossible name or seed; UncheckedError without ML-DSA-44."""
        if len(seed) != SEED_BYTES:
            raise FormatError(f"private key: a seed of {len(seed)} bytes, expected {SEED_BYTES}")
        if kind == KeyKind.ML_DSA_44:
            if not ml_dsa_available():
                raise UncheckedError("ML-DSA-44 is not available here", remedy=_NO_ML_DSA)
            self._private: _PrivateKey = _mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._seed = seed
        self.verifier = Verifier(name, kind, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.verifier.label})"

    def sign(self, text: bytes, *, time: int = 0) -> Signature:
        """A signature over a note text. `time` goes into the kinds that carry one. Units: seconds since 1970.

        ML-DSA-44 signatures differ each time; store what was signed. Errors: ValueError if the kind signs
        only checkpoints and the text is none, or `time` is out of range.
        """
        if not 0 <= time <= _MAX_TIME:
            raise ValueError(f"no time {time}")
        key = self.verifier
        stamp = b"" if key.kind == KeyKind.ED25519 else time.to_bytes(8, "big")
        try:
            message = _message(key.kind, key.name, time, text)
        except FormatError as error:
            raise ValueError(f"only a checkpoint can be signed with {key.label}: {error}") from error
        return Signature(key.name, key.key_id, stamp + self._private.sign(message))


def _message(kind: KeyKind, name: str, time: int | None, text: bytes) -> bytes:
    """What a key of `kind` signs for a note text. Errors: FormatError, ValueError if it cannot."""
    if kind == KeyKind.ED25519:
        return text
    if time is None or time > _MAX_TIME:
        raise ValueError("no time, or one of 2^63 or above")
    checkpoint = parse_checkpoint(text)
    if kind == KeyKind.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n".encode() + text
    return subtree_message(name, time, checkpoint.origin, 0, checkpoint.size, checkpoint.root)


def subtree_message(name: str, time: int, origin: str, start: int, end: int, hash_: bytes) -> bytes:
    """What an ML-DSA-44 cosignature signs; a checkpoint is the subtree from 0 to its size.

    Errors: ValueError if the name or the origin is not 1 to 255 bytes, or a time stands with a start
    above 0. Source: C2SP tlog-cosignature, "ML-DSA-44 signed message".
    """
    if start and time:
        raise ValueError("a subtree that does not start at 0 is signed without a time")
    parts = [b"subtree/v1\n\0"]
    for value, number in ((name.encode(), time), (origin.encode(), start)):
        if not 1 <= len(value) <= 255:
            raise ValueError("a name of 1 to 255 bytes is needed")
        parts += [bytes([len(value)]), value, number.to_bytes(8, "big")]
    return b"".join([*parts, end.to_bytes(8, "big"), hash_])


def encode_vkey(key: Verifier) -> str:
    """`name+id+base64(kind ‖ public key)`."""
    return f"{key.label}+{encode_base64(bytes([key.kind]) + key.public_key)}"


def parse_vkey(text: str) -> Verifier:
    """Reads a verifier key whose id must be the recommended one. Errors: FormatError."""
    name, key_id, kind, key = _parse_key(text, "verifier key")
    verifier = Verifier(name, kind, key)
    if verifier.key_id.hex() != key_id:
        raise FormatError("verifier key: its id is not that of its name and key")
    return verifier


def encode_signer(signer: Signer) -> str:
    """`PRIVATE+KEY+name+id+base64(kind ‖ seed)`, the secret itself: store it with mode 0600."""
    secret = bytes([signer.verifier.kind]) + signer._seed
    return f"PRIVATE+KEY+{signer.verifier.label}+{encode_base64(secret)}"


def parse_signer(text: str) -> Signer:
    """Inverse of `encode_signer`. Errors: FormatError; UncheckedError where ML-DSA-44 is not available."""
    prefix = "PRIVATE+KEY+"
    if not text.startswith(prefix):
        raise FormatError("private key: does not begin with PRIVATE+KEY+")
    name, key_id, kind, seed = _parse_key(text.removeprefix(prefix), "private key")
    signer = Signer(name, kind, seed)
    if signer.verifier.key_id.hex() != key_id:
        raise FormatError("private key: its id is not that of its name and key")
    return signer


def _parse_key(text: str, what: str) -> tuple[str, str, KeyKind, bytes]:
    # At most two splits: base64 has a plus of its own.
    parts = text.split("+", 2)
    if len(parts) != 3 or not _HEX_ID.fullmatch(parts[1]):
        raise FormatError(f"{what}: not name+id+key")
    data = decode_base64(parts[2], what)
    try:
        kind = KeyKind(data[0])
    except (IndexError, ValueError) as error:
        raise FormatError(f"{what}: of no kind that is known here") from error
    return parts[0], parts[1], kind, data[1:]
