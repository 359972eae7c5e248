"""vault.json: what it says comes back, and nothing that it cannot say is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError, VersionError
from holdfast.vault.format.key import KeyKind, Signer, Verifier, encode_vkey
from holdfast.vault.identity import FORMAT_VERSION, MAX_BYTES, Identity, encode_identity, parse_identity

ORIGIN = "archive.example.org/channel-watch"
CREATED_AT = "2026-11-23T03:43:00Z"
FIRST = Signer(ORIGIN, KeyKind.ED25519, bytes(32)).verifier
SECOND = Verifier(ORIGIN, KeyKind.ML_DSA_44, bytes(range(256)) * 5 + bytes(32))
BOTH = Identity(ORIGIN, (FIRST, SECOND), CREATED_AT)


def stating(**changes: Any) -> bytes:
    """A whole vault.json with other members (None: without it)."""
    found = {**json.loads(encode_identity(BOTH)), **changes}
    return json.dumps({name: value for name, value in found.items() if value is not None}).encode()


def vkeys(*keys: Verifier) -> list[str]:
    return [encode_vkey(key) for key in keys]


@pytest.mark.parametrize("keys", [(FIRST,), (FIRST, SECOND)])
def test_what_is_written_is_read_back(keys: tuple[Verifier, ...]) -> None:
    identity = Identity(ORIGIN, keys, CREATED_AT)
    assert parse_identity(encode_identity(identity)) == identity


def test_it_is_written_as_the_format_says() -> None:
    key = encode_vkey(FIRST)
    assert encode_identity(Identity(ORIGIN, (FIRST,), CREATED_AT)) == (
        f'{{"created_at":"{CREATED_AT}","format_version":1,"keys":["{key}"],"origin":"{ORIGIN}"}}\n'.encode()
    )


@pytest.mark.parametrize(
    ("version", "advice"),
    [(0, "that wrote it"), (-1, "that wrote it"), (2, "a newer version"), (10**30, "a newer version")],
)
def test_another_format_version_is_refused_with_what_to_open_it_with(version: int, advice: str) -> None:
    with pytest.raises(VersionError) as caught:
        parse_identity(stating(format_version=version))
    assert caught.value.exit_code == 12
    assert str(FORMAT_VERSION) in caught.value.message
    assert advice in caught.value.remedy


def test_another_version_is_told_from_damage_whatever_else_it_holds() -> None:
    with pytest.raises(VersionError):
        parse_identity(b'{"format_version":2,"vault":{"of":"another shape"}}')


OTHER = Signer("other.example.org/log", KeyKind.ED25519, bytes(32)).verifier
COSIGNER = Verifier(ORIGIN, KeyKind.ED25519_COSIGNATURE, FIRST.public_key)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 64,
        b"null",
        b"[]",
        b"{}",
        b'{"format_version":true}',
        b'{"format_version":"1"}',
        b'{"format_version":1.0}',
        b'{"format_version":1,"format_version":1}',
        b"[" * 50_000,
        encode_identity(BOTH)[:-3],
        encode_identity(BOTH) + b" " * MAX_BYTES,
        stating(created_at=None),
        stating(more=1),
        stating(origin=1),
        stating(origin="no spaces allowed"),
        stating(origin=""),
        stating(created_at=1),
        stating(created_at="2026-11-31T00:00:00Z"),
        stating(created_at="yesterday"),
        stating(keys={}),
        stating(keys=[]),
        stating(keys=[1]),
        stating(keys=["no key"]),
        stating(keys=[encode_vkey(FIRST)[:-4] + "AAAA"]),
        stating(keys=vkeys(SECOND)),
        stating(keys=vkeys(SECOND, FIRST)),
        stating(keys=vkeys(FIRST, FIRST)),
        stating(keys=vkeys(FIRST, COSIGNER)),
        stating(keys=vkeys(FIRST, SECOND, SECOND)),
        stating(keys=vkeys(OTHER)),
        stating(origin=OTHER.name),
    ],
)
def test_what_a_vault_json_cannot_be_is_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_identity(raw)


@given(st.binary(max_size=200))
def test_random_bytes_are_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse_identity(raw)


@given(st.data())
def test_a_wounded_vault_json_says_the_same_or_is_refused(data: st.DataObject) -> None:
    whole = encode_identity(Identity(ORIGIN, (FIRST,), CREATED_AT))
    at = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(at, min(len(whole), at + 3)))
    raw = whole[:at] + data.draw(st.binary(max_size=3)) + whole[end:]
    try:
        found = parse_identity(raw)
    except (FormatError, VersionError):
        return
    # What no signature guards may change, and a blank may: never a key or the name that it is bound to.
    assert (found.origin, found.keys) == (ORIGIN, (FIRST,))
