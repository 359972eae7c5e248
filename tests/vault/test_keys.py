"""Signing keys: made private, opened by their owner alone, and never shown in an error."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from holdfast.errors import HoldfastError, IntegrityError, StorageError, UncheckedError, UsageError
from holdfast.vault import keys
from holdfast.vault.format import key as key_format
from holdfast.vault.format.key import KeyKind, Signer
from holdfast.vault.keys import FILES, load_signers, make_keys

ORIGIN = "archive.example.org/channel-watch"
SECRET = "соль и open sesame"
BOTH = key_format.ml_dsa_available()
ED25519 = FILES[KeyKind.ED25519]
TEXT = f"{ORIGIN}\n7\n{base64.b64encode(bytes(32)).decode()}\n".encode()


def never() -> str | None:
    pytest.fail("a passphrase was asked for")


def opened(vault: Path, made: list[Signer], passphrase: Callable[[], str | None] = never) -> list[Signer]:
    return load_signers(vault, tuple(each.verifier for each in made), passphrase)


def refused(
    vault: Path, made: list[Signer], kind: type[HoldfastError], passphrase: Callable[[], str | None] = never
) -> HoldfastError:
    """The error that opening ends with, which shows neither a key nor a passphrase."""
    secrets = [each._seed for each in made] + [SECRET.encode()]
    with pytest.raises(kind) as caught:
        opened(vault, made, passphrase)
    at: BaseException | None = caught.value
    while at is not None:
        said = f"{at} {at!r} {getattr(at, 'remedy', '')}"
        for secret in secrets:
            assert secret.hex() not in said
            assert base64.b64encode(secret).decode() not in said
            assert repr(secret) not in said
        assert SECRET not in said
        at = at.__cause__ or at.__context__
    assert caught.value.remedy
    return caught.value


def write(path: Path, pem: bytes) -> None:
    path.write_bytes(pem)
    path.chmod(0o600)


def test_keys_are_made_private_and_open_again(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        made = make_keys(tmp_path, ORIGIN, None)
    finally:
        os.umask(mask)
    assert [each.verifier.kind for each in made] == [KeyKind.ED25519] + [KeyKind.ML_DSA_44] * BOTH
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(
        Path(FILES[each.verifier.kind]).name for each in made
    )
    for each, again in zip(made, opened(tmp_path, made), strict=True):
        path = tmp_path / FILES[each.verifier.kind]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")
        assert again.verifier == each.verifier
        each.verifier.verify(TEXT, again.sign(TEXT).payload)


def test_two_vaults_never_share_a_key(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    found = [make_keys(tmp_path / name, ORIGIN, None) for name in "ab"]
    assert len({each.verifier.public_key for made in found for each in made}) == 2 + 2 * BOTH


def test_an_encrypted_key_asks_once_and_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    made = make_keys(tmp_path, ORIGIN, SECRET)
    assert b"ENCRYPTED" in (tmp_path / ED25519).read_bytes().splitlines()[0]
    asked = []

    def ask() -> str:
        asked.append(1)
        return SECRET

    assert [each.verifier for each in opened(tmp_path, made, ask)] == [each.verifier for each in made]
    assert asked == [1]
    assert "HOLDFAST_PASSPHRASE" in refused(tmp_path, made, UsageError, lambda: None).remedy
    refused(tmp_path, made, UsageError, lambda: "")
    refused(tmp_path, made, UsageError, lambda: "open sesame")
    refused(tmp_path, made, UsageError, lambda: "a" * 1_024)


@pytest.mark.parametrize("word", ["a" * 1_024, "\ud800"])
def test_a_passphrase_that_cannot_be_one_is_refused_before_a_key_is_made(tmp_path: Path, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_keys(tmp_path, ORIGIN, word)
    assert word not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert not list(tmp_path.iterdir())


def test_a_passphrase_in_another_encoding_opens_what_it_closed(tmp_path: Path) -> None:
    word = os.fsdecode("пароль".encode("koi8-r"))
    made = make_keys(tmp_path, ORIGIN, word)
    opened(tmp_path, made, lambda: word)


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o666, 0o601])
def test_a_key_that_others_can_reach_is_not_used(tmp_path: Path, mode: int) -> None:
    made = make_keys(tmp_path, ORIGIN, None)
    (tmp_path / ED25519).chmod(mode)
    error = refused(tmp_path, made, UsageError)
    assert error.exit_code == 2
    assert "chmod 600" in error.remedy


def test_a_missing_key_names_its_file_and_its_backup(tmp_path: Path) -> None:
    made = make_keys(tmp_path, ORIGIN, None)
    (tmp_path / ED25519).unlink()
    error = refused(tmp_path, made, StorageError)
    assert ED25519 in error.message
    assert "backup" in error.remedy


def test_another_logs_key_is_not_ours(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    made = make_keys(tmp_path / "a", ORIGIN, None)
    make_keys(tmp_path / "b", ORIGIN, None)
    write(tmp_path / "a" / ED25519, (tmp_path / "b" / ED25519).read_bytes())
    assert "vault.json" in refused(tmp_path / "a", made, IntegrityError).message


@pytest.mark.skipif(not BOTH, reason="this `cryptography` has no ML-DSA-44")
def test_swapped_keys_are_not_ours(tmp_path: Path) -> None:
    made = make_keys(tmp_path, ORIGIN, None)
    first, second = (tmp_path / name for name in FILES.values())
    pems = first.read_bytes(), second.read_bytes()
    write(first, pems[1])
    write(second, pems[0])
    refused(tmp_path, made, IntegrityError)


def pem_of(key: object) -> bytes:
    found: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        os.urandom(300),
        b"\n",
        pem_of(ec.generate_private_key(ec.SECP256R1())),
        pem_of(ed448.Ed448PrivateKey.generate()),
        pem_of(x25519.X25519PrivateKey.generate()),
        pem_of(ed25519.Ed25519PrivateKey.generate()),
        # Encrypted, in a way that its first line does not tell: it is not what Holdfast wrote.
        b"\n"
        + ed25519.Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")
        ),
    ],
)
def test_what_is_no_key_of_this_log_is_told_so(tmp_path: Path, pem: bytes) -> None:
    made = make_keys(tmp_path, ORIGIN, None)
    write(tmp_path / ED25519, pem)
    assert refused(tmp_path, made, IntegrityError).exit_code == 4


def test_a_cut_key_is_told_so(tmp_path: Path) -> None:
    made = make_keys(tmp_path, ORIGIN, None)
    pem = (tmp_path / ED25519).read_bytes()
    for end in range(0, len(pem) - 1, 7):
        write(tmp_path / ED25519, pem[:end])
        refused(tmp_path, made, IntegrityError)


def test_an_installation_without_the_second_kind_makes_one_key_and_cannot_open_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ml_dsa_available", lambda: False)
    made = make_keys(tmp_path, ORIGIN, None)
    assert [each.verifier.kind for each in made] == [KeyKind.ED25519]
    assert not (tmp_path / FILES[KeyKind.ML_DSA_44]).exists()
    opened(tmp_path, made)

    def too_old(pem: bytes, word: bytes | None) -> object:
        raise UnsupportedAlgorithm("of another time")

    monkeypatch.setattr(keys, "load_pem_private_key", too_old)
    error = refused(tmp_path, made, UncheckedError)
    assert error.exit_code == 5
    assert "cryptography" in error.remedy


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"in the way")
    with pytest.raises(StorageError) as caught:
        make_keys(tmp_path, ORIGIN, None)
    assert caught.value.exit_code == 13


def test_stock_openssl_reads_the_keys(tmp_path: Path) -> None:
    made = make_keys(tmp_path, ORIGIN, None)
    try:
        text = subprocess.run(
            ["openssl", "pkey", "-in", str(tmp_path / ED25519), "-pubout", "-outform", "DER"],
            capture_output=True,
            check=True,
        ).stdout
    except FileNotFoundError:
        pytest.skip("no openssl here")
    assert text.endswith(made[0].verifier.public_key)
