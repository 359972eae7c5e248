"""The file that proves one entry's place in a log (`.tlog-proof`); pure.

    c2sp.org/tlog-proof@v1
    extra <base64>            optional; here: the entry's bytes, trusted only after the proof is checked
    index <decimal>
    <base64 hash>             sibling hashes from the leaf to the root, one a line
    <empty line>
    <signed checkpoint, verbatim>

Source: C2SP tlog-proof.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.errors import FormatError
from holdfast.vault import merkle
from holdfast.vault.format.checkpoint import decode_base64, decode_decimal, encode_base64

__all__ = ["MAX_PROOF_BYTES", "TlogProof", "encode_proof", "parse_proof"]

MAX_PROOF_BYTES = 2_000_000
"""Twice the largest note: room for its signatures and an entry."""

_HEADER = b"c2sp.org/tlog-proof@v1"
_MAX_HASHES = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Shapes: `hashes` of 32 bytes; `checkpoint` a signed note, not yet read; `extra` empty if absent."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


def encode_proof(proof: TlogProof) -> bytes:
    """The file's bytes. Errors: ValueError if they would not read back."""
    lines = [_HEADER.decode()]
    if proof.extra:
        lines.append(f"extra {encode_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines.extend(map(encode_base64, proof.hashes))
    data = "\n".join(lines).encode() + b"\n\n" + proof.checkpoint
    try:
        parsed = parse_proof(data)
    except FormatError as error:
        raise ValueError(f"not a proof: {error}") from error
    # A prefix that reads back reads back as what was given: every line has one spelling.
    assert parsed == proof, "every line of a proof has one spelling"
    return data


def parse_proof(data: bytes) -> TlogProof:
    """Reads a proof without believing it. Errors: FormatError."""
    if len(data) > MAX_PROOF_BYTES:
        raise FormatError(f"proof: {len(data)} bytes, at most {MAX_PROOF_BYTES} are read")
    head, gap, checkpoint = data.partition(b"\n\n")
    if not gap or not checkpoint:
        raise FormatError("proof: no empty line with a checkpoint behind it")
    header, *rest = head.split(b"\n")
    if header != _HEADER:
        raise FormatError(f"proof: the first line is not {_HEADER.decode()}")
    try:
        lines = [line.decode("ascii") for line in rest]
    except UnicodeDecodeError as error:
        raise FormatError("proof: a line that is not ASCII") from error
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "), "proof extra")
        if not extra:
            raise FormatError("proof: an extra line without data")
    if not lines or not lines[0].startswith("index "):
        raise FormatError("proof: no index line")
    index = decode_decimal(lines.pop(0).removeprefix("index "), "proof index")
    if len(lines) > _MAX_HASHES:
        raise FormatError(f"proof: {len(lines)} hashes, more than any tree needs")
    hashes = tuple(decode_base64(line, "proof hash") for line in lines)
    if any(len(value) != merkle.HASH_BYTES for value in hashes):
        raise FormatError(f"proof: a hash is not {merkle.HASH_BYTES} bytes")
    return TlogProof(index, hashes, checkpoint, extra)
