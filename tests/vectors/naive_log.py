"""A second, naive implementation of the formats of a log, sharing no code with the product."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    """The largest power of two smaller than n (RFC 6962 section 2.1)."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it stands there."""
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0])
    k = split(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:]))


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    n = len(entries)
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PROOF of RFC 6962 section 2.1.2."""

    def subproof(m: int, entries: Sequence[bytes], whole: bool) -> list[bytes]:
        n = len(entries)
        if m == n:
            return [] if whole else [mth(entries)]
        k = split(n)
        if m <= k:
            return [*subproof(m, entries[:k], whole), mth(entries[k:])]
        return [*subproof(m - k, entries[k:], False), mth(entries[:k])]

    return subproof(m, entries, True)


def number_path(n: int) -> str:
    """N of tlog-tiles: groups of three digits, all but the last behind an x."""
    text = f"{n % 1000:03}"
    while n >= 1000:
        n //= 1000
        text = f"x{n % 1000:03}/{text}"
    return text


def files(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Every tile and entry bundle of a log, by the definitions of tlog-tiles."""
    found: dict[str, bytes] = {}
    size = len(entries)
    for n in range(0, size, 256):
        part = entries[n : n + 256]
        suffix = "" if len(part) == 256 else f".p/{len(part)}"
        framed = b"".join(bytes([len(each) // 256, len(each) % 256]) + each for each in part)
        found[f"tile/entries/{number_path(n // 256)}{suffix}"] = framed
    level = 0
    while size // 256**level:
        count = size // 256**level
        for n in range(0, count, 256):
            width = min(256, count - n)
            hashes = b"".join(
                mth(entries[(n + i) * 256**level : (n + i + 1) * 256**level]) for i in range(width)
            )
            suffix = "" if width == 256 else f".p/{width}"
            found[f"tile/{level}/{number_path(n // 256)}{suffix}"] = hashes
        level += 1
    return found


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public)[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(bytes([kind]) + public)}"


def ed25519_public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def checkpoint_text(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{b64(root)}\n".encode()


def ed25519_line(name: str, seed: bytes, text: bytes) -> bytes:
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text)
    return f"— {name} {b64(key_id(name, 1, ed25519_public(seed)) + signature)}\n".encode()


def cosignature_line(name: str, seed: bytes, text: bytes, time: int) -> bytes:
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(b"cosignature/v1\ntime %d\n" % time + text)
    payload = key_id(name, 4, ed25519_public(seed)) + time.to_bytes(8, "big") + signature
    return f"— {name} {b64(payload)}\n".encode()


def ml_dsa_message(name: str, time: int, origin: str, size: int, root: bytes) -> bytes:
    """`cosigned_message` of tlog-cosignature for a checkpoint."""
    message = b"subtree/v1\n\x00"
    message += bytes([len(name.encode())]) + name.encode()
    message += time.to_bytes(8, "big")
    message += bytes([len(origin.encode())]) + origin.encode()
    message += (0).to_bytes(8, "big")
    message += size.to_bytes(8, "big")
    return message + root


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint: bytes, extra: bytes = b"") -> bytes:
    text = "c2sp.org/tlog-proof@v1\n"
    if extra:
        text += f"extra {b64(extra)}\n"
    text += f"index {index}\n"
    for each in hashes:
        text += b64(each) + "\n"
    return text.encode() + b"\n" + checkpoint
