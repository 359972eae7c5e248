"""The text a log signs as its head, with the strict number and base64 spellings that notes use; pure.

    <origin>\\n<size>\\n<base64 root>\\n[<extension line>\\n…]

Source: C2SP tlog-checkpoint.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from dataclasses import dataclass

from holdfast.errors import FormatError
from holdfast.vault import merkle
from holdfast.vault.format.tiles import MAX_SIZE

__all__ = [
    "MAX_ORIGIN_BYTES",
    "Checkpoint",
    "decode_base64",
    "decode_decimal",
    "encode_base64",
    "encode_checkpoint",
    "parse_checkpoint",
    "parse_origin",
]

MAX_ORIGIN_BYTES = 255
"""An ML-DSA cosignature carries the origin behind a one-byte length."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head. Shapes: `root` 32 bytes; `size` leaves; `extensions` non-empty lines, ours have none."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def parse_origin(text: str) -> str:
    """A log's name, which its keys bear too: no space, no plus, no control character, at most 255 bytes.

    Errors: FormatError. Source: C2SP signed-note (key names), tlog-cosignature (length).
    """
    if not text or any(char.isspace() or char == "+" or not char.isprintable() for char in text):
        raise FormatError("a name must be non-empty, without spaces, plus or control characters")
    # isprintable has refused lone surrogates, so this cannot fail.
    if len(text.encode()) > MAX_ORIGIN_BYTES:
        raise FormatError(f"a name must not exceed {MAX_ORIGIN_BYTES} bytes")
    return text


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The note text. Errors: ValueError if a line would not read back."""
    lines = [checkpoint.origin, str(checkpoint.size), encode_base64(checkpoint.root), *checkpoint.extensions]
    text = "".join(f"{line}\n" for line in lines).encode()
    try:
        parsed = parse_checkpoint(text)
    except FormatError as error:
        raise ValueError(f"not a checkpoint: {error}") from error
    if parsed != checkpoint:
        raise ValueError("not a checkpoint: a line break within a line")
    return text


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Reads a note's text. Errors: FormatError; numbers and base64 have one spelling each."""
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise FormatError("checkpoint: not UTF-8") from error
    if len(lines) < 4 or lines.pop() != "":
        raise FormatError("checkpoint: fewer than three lines, or the last one is not ended")
    if "" in lines:
        raise FormatError("checkpoint: an empty line")
    origin, size, root, *extensions = lines
    hash_ = decode_base64(root, "checkpoint root")
    if len(hash_) != merkle.HASH_BYTES:
        raise FormatError(f"checkpoint root: {len(hash_)} bytes, expected {merkle.HASH_BYTES}")
    return Checkpoint(origin, decode_decimal(size, "checkpoint size"), hash_, tuple(extensions))


def decode_decimal(text: str, what: str) -> int:
    """0 to 2^63 - 1 in ASCII digits without a leading zero. Errors: FormatError naming `what`."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise FormatError(f"{what}: not a decimal number without leading zeros, below 2^63")
    return int(text)


def encode_base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def decode_base64(text: str, what: str) -> bytes:
    """Standard base64 in its one canonical spelling. Errors: FormatError naming `what`.

    Without the comparison two texts could stand for the same bytes (spare bits behind the last byte).
    """
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise FormatError(f"{what}: not base64") from error
    if encode_base64(data) != text:
        raise FormatError(f"{what}: not canonical base64")
    return data
