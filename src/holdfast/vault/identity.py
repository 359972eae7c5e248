"""Which vault this is: format version, origin, public keys (`vault.json`); pure."""

from __future__ import annotations

import json

import msgspec

from holdfast.errors import FormatError, VersionError
from holdfast.vault.canon import parse_json, parse_time
from holdfast.vault.format.checkpoint import parse_origin
from holdfast.vault.format.key import KeyKind, Verifier, encode_vkey, parse_vkey

__all__ = ["FORMAT_VERSION", "Identity", "encode_identity", "parse_identity"]

FORMAT_VERSION = 1
MAX_BYTES = 100_000


class Identity(msgspec.Struct, frozen=True):
    """What `vault.json` says. `keys`: Ed25519 first, ML-DSA-44 second where there is one."""

    origin: str
    keys: tuple[Verifier, ...]
    created_at: str


def encode_identity(identity: Identity) -> bytes:
    """The bytes of `vault.json`. Source: docs/format.md section 1."""
    found = {
        "created_at": identity.created_at,
        "format_version": FORMAT_VERSION,
        "keys": [encode_vkey(key) for key in identity.keys],
        "origin": identity.origin,
    }
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def parse_identity(raw: bytes) -> Identity:
    """Inverse of encode_identity. Errors: FormatError; VersionError for another format version."""
    if len(raw) > MAX_BYTES:
        raise FormatError(f"vault.json is {len(raw)} bytes, at most {MAX_BYTES} are read")
    found = parse_json(raw)
    if not isinstance(found, dict) or type(found.get("format_version")) is not int:
        raise FormatError("vault.json states no format version")
    version = found["format_version"]
    if version != FORMAT_VERSION:
        raise VersionError(
            f"this vault has format {version}, this program reads format {FORMAT_VERSION}",
            remedy="open it with the version of Holdfast that wrote it"
            if version < FORMAT_VERSION
            else "open it with a newer version of Holdfast",
        )
    origin, created_at, keys = found.get("origin"), found.get("created_at"), found.get("keys")
    if found.keys() != {"created_at", "format_version", "keys", "origin"}:
        raise FormatError("vault.json has other keys than created_at, format_version, keys, origin")
    if not isinstance(origin, str) or not isinstance(created_at, str) or not isinstance(keys, list):
        raise FormatError("vault.json: a value is of the wrong type")
    parse_origin(origin)
    parse_time(created_at)
    if not all(isinstance(key, str) for key in keys):
        raise FormatError("vault.json: a key is no text")
    parsed = tuple(parse_vkey(key) for key in keys)
    if not parsed or parsed[0].kind != KeyKind.ED25519:
        raise FormatError("vault.json: the first key is not an Ed25519 key")
    if len(parsed) > 2 or (len(parsed) == 2 and parsed[1].kind != KeyKind.ML_DSA_44):
        raise FormatError("vault.json: a second key may only be an ML-DSA-44 key")
    if any(key.name != origin for key in parsed):
        raise FormatError("vault.json: a key bears another name than the origin")
    return Identity(origin, parsed, created_at)
