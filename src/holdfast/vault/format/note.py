"""Signed notes: a text with its signature lines, and a log's signed head among them; pure.

    <text, ends in a newline>
    <empty line>
    — <key name> <base64(4-byte key id ‖ signature)>      one line a signature

Lines of unknown keys are ignored; one bad line of a known key condemns the note.
Source: C2SP signed-note, tlog-checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from holdfast.errors import FormatError, IntegrityError, UncheckedError
from holdfast.vault import merkle
from holdfast.vault.format.checkpoint import (
    Checkpoint,
    decode_base64,
    encode_base64,
    encode_checkpoint,
    parse_checkpoint,
)
from holdfast.vault.format.key import Signature, Signer, Verifier

__all__ = [
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "Note",
    "Signed",
    "VerifiedCheckpoint",
    "VerifiedNote",
    "encode_note",
    "parse_note",
    "sign_checkpoint",
    "verify_checkpoint",
    "verify_note",
]

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_DASH = "— "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_NO_ML_DSA = "install a `cryptography` that has ML-DSA-44 (47 or newer) and verify again"

# --- notes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read, nothing verified. `text` ends in a newline."""

    text: bytes
    signatures: tuple[Signature, ...]


def parse_note(data: bytes) -> Note:
    """Reads a signed note strictly. Errors: FormatError.

    The text ends at the last empty line; all behind it must be well-formed signature lines, 1 to 100.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise FormatError(f"note: {len(data)} bytes, at most {MAX_NOTE_BYTES} are read")
    try:
        decoded = data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"note: not UTF-8 at offset {error.start}") from error
    control = _CONTROL.search(decoded)
    if control is not None:
        raise FormatError(f"note: control character at position {control.start()}")
    text, gap, tail = decoded.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise FormatError("note: no empty line with ended signature lines behind it")
    lines = tail.split("\n")[:-1]
    if len(lines) > MAX_SIGNATURES:
        raise FormatError(f"note: {len(lines)} signatures, at most {MAX_SIGNATURES} are read")
    return Note(f"{text}\n".encode(), tuple(map(_parse_line, lines)))


def _parse_line(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise FormatError("note: a line behind the text that is no signature line")
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not space or not _is_name(name):
        raise FormatError("note: a signature line without a proper key name")
    data = decode_base64(encoded, "note signature")
    if len(data) < 5:
        raise FormatError("note: a signature line without a signature")
    return Signature(name, data[:4], data[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def encode_note(text: bytes, signatures: Iterable[Signature]) -> bytes:
    """Bytes of a signed note. Errors: ValueError if they would not read back as given."""
    note = Note(text, tuple(signatures))
    lines = [
        f"{_DASH}{one.name} {encode_base64(one.key_id + one.payload)}\n".encode() for one in note.signatures
    ]
    data = text + b"\n" + b"".join(lines)
    try:
        parsed = parse_note(data)
    except FormatError as error:
        raise ValueError(f"not a note: {error}") from error
    if parsed != note:
        raise ValueError("not a note: its text or a signature does not read back")
    return data


# --- checking and signing --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that verified; `time` in seconds since 1970 where the kind carries one."""

    key: Verifier
    time: int | None


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """What a note proved: the keys whose lines hold, those that were expected and signed nothing, and
    those whose lines could not be checked here."""

    note: Note
    signed: tuple[Signed, ...]
    missing: tuple[Verifier, ...]
    unchecked: tuple[Verifier, ...]


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint(VerifiedNote):
    """A note proved to be a head signed by the log. `witnesses` cosigned it."""

    checkpoint: Checkpoint
    witnesses: tuple[Signed, ...]


def verify_note(data: bytes, keys: Sequence[Verifier]) -> VerifiedNote:
    """Checks every line of a known key; at least one must hold.

    Errors: FormatError for what is no note, or two keys that cannot be told apart; IntegrityError if a
    known key's line does not verify, or none of theirs is there; UncheckedError if the only ones that are
    there cannot be checked here.
    """
    note = parse_note(data)
    known: dict[tuple[str, bytes], Verifier] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise FormatError(f"two keys share the name and id {key.label}")
    signed: dict[Verifier, Signed] = {}
    unchecked: dict[Verifier, None] = {}
    for line in note.signatures:
        found = known.get((line.name, line.key_id))
        if found is None:
            continue
        if not found.available:
            unchecked[found] = None
            continue
        # A repeated line must verify too, and counts once.
        signed.setdefault(found, Signed(found, found.verify(note.text, line.payload)))
    if not signed and unchecked:
        raise UncheckedError("note: signed with ML-DSA-44 alone, not available here", remedy=_NO_ML_DSA)
    if not signed:
        raise IntegrityError("note: no signature of a known key")
    missing = tuple(key for key in known.values() if key not in signed and key not in unchecked)
    return VerifiedNote(note, tuple(signed.values()), missing, tuple(unchecked))


def verify_checkpoint(
    data: bytes, origin: str, log_keys: Sequence[Verifier], witnesses: Sequence[Verifier] = ()
) -> VerifiedCheckpoint:
    """A signed checkpoint of the log `origin`, by at least one of its keys.

    `missing` and `unchecked` name log keys only: which witnesses are enough is the caller's policy.
    Errors: as `verify_note`; IntegrityError for another origin, no log signature, or an empty tree with
    a root of its own.
    """
    facts = verify_note(data, [*log_keys, *witnesses])
    checkpoint = parse_checkpoint(facts.note.text)
    if checkpoint.origin != origin:
        raise IntegrityError("checkpoint: it is another log's")
    by_log = tuple(one for one in facts.signed if one.key in log_keys)
    unchecked = tuple(key for key in facts.unchecked if key in log_keys)
    if not by_log and unchecked:
        raise UncheckedError("checkpoint: the log's line is ML-DSA-44, not available here", remedy=_NO_ML_DSA)
    if not by_log:
        raise IntegrityError("checkpoint: not signed by the log")
    if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
        raise IntegrityError("checkpoint: an empty tree with another root than the empty tree's")
    return VerifiedCheckpoint(
        note=facts.note,
        signed=by_log,
        missing=tuple(key for key in facts.missing if key in log_keys),
        unchecked=unchecked,
        checkpoint=checkpoint,
        witnesses=tuple(one for one in facts.signed if one.key not in log_keys),
    )


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer], *, time: int) -> bytes:
    """The signed note, one line a signer in the order given. Units: `time` seconds since 1970.

    Errors: ValueError if the checkpoint or the time cannot be.
    """
    text = encode_checkpoint(checkpoint)
    return encode_note(text, [signer.sign(text, time=time) for signer in signers])
