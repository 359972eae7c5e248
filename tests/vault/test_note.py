"""Signed notes, keys, checkpoints and proof files: published examples, our own, and everything malformed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import FormatError, IntegrityError, UncheckedError
from holdfast.vault import merkle
from holdfast.vault.format import checkpoint as checkpoint_format
from holdfast.vault.format import key as key_format
from holdfast.vault.format.checkpoint import (
    Checkpoint,
    decode_base64,
    decode_decimal,
    encode_checkpoint,
    parse_checkpoint,
    parse_origin,
)
from holdfast.vault.format.key import (
    KeyKind,
    Signature,
    Signer,
    Verifier,
    encode_signer,
    encode_vkey,
    parse_signer,
    parse_vkey,
    subtree_message,
)
from holdfast.vault.format.note import (
    MAX_NOTE_BYTES,
    encode_note,
    parse_note,
    sign_checkpoint,
    verify_checkpoint,
    verify_note,
)
from holdfast.vault.format.proof import MAX_PROOF_BYTES, TlogProof, encode_proof, parse_proof
from tests.vectors import generate
from tests.vectors import naive_log as naive

# The example of C2SP signed-note, "Verifier keys".
EXAMPLE_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_TEXT = b"This is an example message.\n"
EXAMPLE_SIGNATURE = (
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
)
EXAMPLE_LINE = f"— example.com/foo {EXAMPLE_SIGNATURE}\n".encode()
EXAMPLE = EXAMPLE_TEXT + b"\n" + EXAMPLE_LINE

ORIGIN = "log.example.org/vault"
HEAD = Checkpoint(ORIGIN, 5, merkle.leaf_hash(b"root"))
HEAD_TEXT = encode_checkpoint(HEAD)
TIME = 1_795_405_380
ED = Signer(ORIGIN, KeyKind.ED25519, bytes(range(32)))
ML = Signer(ORIGIN, KeyKind.ML_DSA_44, bytes(range(32)))
WITNESS = Signer("witness.example.org", KeyKind.ED25519_COSIGNATURE, bytes(range(1, 33)))
SIGNERS = {signer.verifier.kind: signer for signer in (ED, ML, WITNESS)}
LOG_KEYS = (ED.verifier, ML.verifier)
NOTE = sign_checkpoint(HEAD, [ED, ML, WITNESS], time=TIME)


@pytest.fixture
def no_ml_dsa(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation whose `cryptography` has no ML-DSA."""
    key_format.ml_dsa_available.cache_clear()
    monkeypatch.setattr(key_format, "_mldsa", None)
    yield
    key_format.ml_dsa_available.cache_clear()


def lines_of(note: bytes) -> tuple[bytes, list[bytes]]:
    text, _, tail = note.rpartition(b"\n\n")
    return text + b"\n", tail.splitlines(keepends=True)


# --- notes -----------------------------------------------------------------------------------------


def test_the_specifications_example_verifies() -> None:
    facts = verify_note(EXAMPLE, [parse_vkey(EXAMPLE_VKEY)])
    assert facts.note.text == EXAMPLE_TEXT
    assert [(one.key.label, one.time) for one in facts.signed] == [("example.com/foo+530d903a", None)]
    assert facts.missing == facts.unchecked == ()


def test_a_note_reads_back_as_it_was_written() -> None:
    for data in (EXAMPLE, NOTE):
        note = parse_note(data)
        assert encode_note(note.text, note.signatures) == data


def test_the_text_ends_at_the_last_empty_line() -> None:
    text = b"one\n\n\xe2\x80\x94 not.a/signature AAAAAAAA\n\nthree\n"
    signature = ED.sign(text)
    facts = verify_note(encode_note(text, [signature]), [ED.verifier])
    assert facts.note.text == text
    assert facts.note.signatures == (signature,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        EXAMPLE_TEXT,
        EXAMPLE_TEXT + b"\n",
        EXAMPLE_TEXT + EXAMPLE_LINE,
        EXAMPLE[:-1],
        EXAMPLE + b"\n",
        EXAMPLE + b"x\n",
        EXAMPLE + b"Unexpected line.\n",
        EXAMPLE + EXAMPLE_LINE.replace("—".encode(), b"-"),
        EXAMPLE + EXAMPLE_LINE.replace("— ".encode(), "—".encode()),
        EXAMPLE + EXAMPLE_LINE.replace(b"foo ", b"foo  "),
        EXAMPLE + EXAMPLE_LINE.replace(b"foo ", b"foo\t"),
        EXAMPLE + EXAMPLE_LINE.replace(b"/foo", b"+foo"),
        EXAMPLE + EXAMPLE_LINE.replace(b"/foo", "\u2003foo".encode()),
        EXAMPLE + EXAMPLE_LINE.replace(b"example.com/foo ", b""),
        EXAMPLE + EXAMPLE_LINE.replace(b"example.com/foo", b""),
        EXAMPLE + EXAMPLE_LINE.replace(b"=\n", b"\n"),
        EXAMPLE + EXAMPLE_LINE.replace(b"=\n", b"==\n"),
        EXAMPLE + EXAMPLE_LINE.replace(b"=\n", b"= \n"),
        EXAMPLE + EXAMPLE_LINE.replace(b"QM=\n", b"QN=\n"),
        EXAMPLE + EXAMPLE_LINE.replace(b"\n", b"\r\n"),
        EXAMPLE + EXAMPLE_LINE.replace(b"K7Z", b"K-_"),
        EXAMPLE + "— a AAAAAA==\n".encode(),
        EXAMPLE + "— a \n".encode(),
        EXAMPLE + "— a é\n".encode(),
        EXAMPLE + b"\n" + EXAMPLE_TEXT,
        b"\x00" + EXAMPLE,
        b"\x1f" + EXAMPLE,
        b"\t" + EXAMPLE,
        b"\xff" + EXAMPLE,
        b"\xed\xa0\x80" + EXAMPLE,
        EXAMPLE_TEXT + b"\n" + EXAMPLE_LINE * 101,
        bytes(b"x" * MAX_NOTE_BYTES) + EXAMPLE,
    ],
)
def test_a_malformed_note_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_note(data)


def test_a_hundred_signatures_are_read() -> None:
    assert len(parse_note(EXAMPLE_TEXT + b"\n" + EXAMPLE_LINE * 100).signatures) == 100


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_or_a_format_error(data: bytes) -> None:
    for candidate in (data, data + b"\n\n" + EXAMPLE_LINE, EXAMPLE + data):
        try:
            note = parse_note(candidate)
        except FormatError:
            continue
        assert encode_note(note.text, note.signatures) == candidate


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 255))
def test_a_changed_byte_never_leaves_all_signatures_and_the_same_head(at: int, value: int) -> None:
    changed = NOTE[:at] + bytes([value]) + NOTE[at + 1 :]
    try:
        facts = verify_checkpoint(changed, ORIGIN, LOG_KEYS, [WITNESS.verifier])
    except (FormatError, IntegrityError):
        return
    assert facts.checkpoint == HEAD
    assert changed == NOTE or facts.missing or not facts.witnesses


def test_what_would_not_read_back_is_not_written() -> None:
    good = ED.sign(b"text\n")
    for text, signatures in (
        (b"no line end", [good]),
        (b"text\n", []),
        (b"tab\t\n", [good]),
        (b"text\n", [Signature("a name", b"1234", b"5")]),
        (b"text\n", [Signature("a\n\n— b", b"1234", b"5")]),
        (b"text\n", [good] * 101),
    ):
        with pytest.raises(ValueError, match="not a note"):
            encode_note(text, signatures)


# --- verifying -------------------------------------------------------------------------------------


def test_lines_of_unknown_keys_are_ignored() -> None:
    stranger = Signer("stranger.example", KeyKind.ED25519, bytes(32)).sign(HEAD_TEXT)
    same_name = Signature(ORIGIN, b"\0\0\0\0", b"nonsense")
    same_id = Signature("other.example", ED.verifier.key_id, b"nonsense")
    data = encode_note(HEAD_TEXT, [stranger, same_name, same_id, ED.sign(HEAD_TEXT)])
    facts = verify_note(data, [ED.verifier])
    assert [one.key for one in facts.signed] == [ED.verifier]


def test_one_bad_line_of_a_known_key_condemns_the_note() -> None:
    good, bad = ED.sign(HEAD_TEXT), ED.sign(b"another text\n")
    for signatures in ([good, bad], [bad, good]):
        with pytest.raises(IntegrityError, match="does not verify"):
            verify_note(encode_note(HEAD_TEXT, signatures), [ED.verifier])
    for payload in (good.payload[:-1], good.payload + b"\0"):
        short = Signature(good.name, good.key_id, payload)
        with pytest.raises(IntegrityError, match="is not its length"):
            verify_note(encode_note(HEAD_TEXT, [good, short]), [ED.verifier])


def test_a_repeated_line_counts_once() -> None:
    facts = verify_note(encode_note(HEAD_TEXT, [ED.sign(HEAD_TEXT)] * 3), [ED.verifier, ED.verifier])
    assert [one.key for one in facts.signed] == [ED.verifier]


def test_a_note_without_a_known_keys_line_does_not_hold() -> None:
    for keys in ([], [parse_vkey(EXAMPLE_VKEY)]):
        with pytest.raises(IntegrityError, match="no signature of a known key"):
            verify_note(NOTE, keys)


def test_two_keys_that_share_name_and_id_are_refused() -> None:
    twin = Verifier(ED.verifier.name, KeyKind.ED25519, bytes(32))
    object.__setattr__(twin, "key_id", ED.verifier.key_id)
    with pytest.raises(FormatError, match="share the name and id"):
        verify_note(NOTE, [ED.verifier, twin])


# --- checkpoints -----------------------------------------------------------------------------------


def test_a_checkpoint_tells_who_signed_it_and_when() -> None:
    facts = verify_checkpoint(NOTE, ORIGIN, LOG_KEYS, [WITNESS.verifier])
    assert facts.checkpoint == HEAD
    assert [(one.key, one.time) for one in facts.signed] == [(ED.verifier, None), (ML.verifier, TIME)]
    assert [(one.key, one.time) for one in facts.witnesses] == [(WITNESS.verifier, TIME)]
    assert facts.missing == facts.unchecked == ()


def test_a_log_key_that_did_not_sign_is_named() -> None:
    facts = verify_checkpoint(sign_checkpoint(HEAD, [ED], time=TIME), ORIGIN, LOG_KEYS, [WITNESS.verifier])
    assert facts.missing == (ML.verifier,)
    assert facts.witnesses == ()


def test_a_witness_alone_makes_no_checkpoint() -> None:
    with pytest.raises(IntegrityError, match="not signed by the log"):
        verify_checkpoint(sign_checkpoint(HEAD, [WITNESS], time=TIME), ORIGIN, LOG_KEYS, [WITNESS.verifier])


def test_another_logs_checkpoint_is_refused_even_if_a_known_key_signed_it() -> None:
    data = sign_checkpoint(Checkpoint("other.example/log", 5, HEAD.root), [ED], time=TIME)
    with pytest.raises(IntegrityError, match="another log"):
        verify_checkpoint(data, ORIGIN, LOG_KEYS)


def test_an_empty_tree_has_the_empty_root() -> None:
    empty = Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)
    assert verify_checkpoint(sign_checkpoint(empty, [ED], time=0), ORIGIN, [ED.verifier]).checkpoint == empty
    lie = sign_checkpoint(Checkpoint(ORIGIN, 0, HEAD.root), [ED], time=0)
    with pytest.raises(IntegrityError, match="empty tree"):
        verify_checkpoint(lie, ORIGIN, [ED.verifier])


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(FormatError):
        verify_checkpoint(encode_note(b"text\n", [ED.sign(b"text\n")]), ORIGIN, LOG_KEYS)


def test_a_cosignature_over_a_text_that_is_no_checkpoint_does_not_verify() -> None:
    for signer in (ML, WITNESS):
        line = signer.sign(HEAD_TEXT, time=TIME)
        with pytest.raises(IntegrityError, match="does not verify"):
            signer.verifier.verify(b"text\n", line.payload)
        with pytest.raises(ValueError, match="only a checkpoint"):
            signer.sign(b"text\n", time=TIME)
    long = encode_checkpoint(Checkpoint("o" * 256, 5, HEAD.root))
    with pytest.raises(IntegrityError, match="does not verify"):
        ML.verifier.verify(long, ML.sign(HEAD_TEXT).payload)


def test_a_time_of_2_to_the_63_is_refused() -> None:
    late = (2**63).to_bytes(8, "big")
    for signer in (ML, WITNESS):
        line = signer.sign(HEAD_TEXT, time=TIME)
        with pytest.raises(IntegrityError):
            signer.verifier.verify(HEAD_TEXT, late + line.payload[8:])
    for time in (-1, 2**63):
        with pytest.raises(ValueError, match="no time"):
            ML.sign(HEAD_TEXT, time=time)


@given(
    st.builds(
        Checkpoint,
        st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=20),
        st.integers(0, 2**63 - 1),
        st.binary(min_size=32, max_size=32),
        st.lists(
            st.text(
                st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=9
            ),
            max_size=2,
        ).map(tuple),
    )
)
def test_a_checkpoint_reads_back(head: Checkpoint) -> None:
    assert parse_checkpoint(encode_checkpoint(head)) == head


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"o\n5\n",
        HEAD_TEXT[:-1],
        HEAD_TEXT + b"\n",
        b"\n" + HEAD_TEXT,
        HEAD_TEXT.replace(b"\n5\n", b"\n05\n"),
        HEAD_TEXT.replace(b"\n5\n", b"\n+5\n"),
        HEAD_TEXT.replace(b"\n5\n", b"\n-5\n"),
        HEAD_TEXT.replace(b"\n5\n", b"\n1_0\n"),
        HEAD_TEXT.replace(b"\n5\n", b"\n 5\n"),
        HEAD_TEXT.replace(b"\n5\n", b"\n5.0\n"),
        HEAD_TEXT.replace(b"\n5\n", "\n٥\n".encode()),
        HEAD_TEXT.replace(b"\n5\n", b"\n9223372036854775808\n"),
        HEAD_TEXT.replace(b"\n5\n", b"\n%s\n" % (b"9" * 5000)),
        b"o\n5\nAAAA\n",
        b"o\n5\n" + b"A" * 43 + b"\n",
        b"o\n5\n" + b"A" * 42 + b"B=\n",
        b"o\xff\n5\n" + b"A" * 43 + b"=\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: bytes) -> None:
    with pytest.raises(FormatError):
        parse_checkpoint(text)


def test_a_checkpoint_that_would_not_read_back_is_not_written() -> None:
    for head in (
        Checkpoint("", 5, HEAD.root),
        Checkpoint("o", -1, HEAD.root),
        Checkpoint("o", 5, b"short"),
        Checkpoint("o", 5, HEAD.root, ("",)),
        Checkpoint("o", 5, HEAD.root, ("a\nb",)),
    ):
        with pytest.raises(ValueError, match="not a checkpoint"):
            encode_checkpoint(head)


def test_numbers_and_base64_have_one_spelling() -> None:
    assert decode_decimal("9223372036854775807", "n") == 2**63 - 1
    assert decode_base64("AQI=", "b") == b"\1\2"
    assert decode_base64("", "b") == b""
    for text in ("AQI", "AQJ=", "AQI==", "A QI=", "AQI=\n", "A", "é", "=AQI", "AQ-_"):
        with pytest.raises(FormatError, match="thing"):
            decode_base64(text, "thing")


def test_a_name_is_printable_without_spaces_or_plus_and_at_most_255_bytes() -> None:
    for good in ("a", "archive.example.org/канал", "x" * 255):
        assert parse_origin(good) == good
    for bad in ("", "a b", "a+b", "a\u2003b", "a\x85b", "a\nb", "a\0b", "\ud800", "x" * 256, "я" * 128):
        with pytest.raises(FormatError):
            parse_origin(bad)
    assert checkpoint_format.MAX_ORIGIN_BYTES == 255


# --- keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", [ED, ML, WITNESS], ids=lambda signer: signer.verifier.kind.name)
def test_keys_read_back_and_sign_the_same(signer: Signer) -> None:
    assert parse_vkey(encode_vkey(signer.verifier)) == signer.verifier
    again = parse_signer(encode_signer(signer))
    assert again.verifier == signer.verifier
    assert signer.verifier.available
    expected = None if signer is ED else TIME
    assert signer.verifier.verify(HEAD_TEXT, again.sign(HEAD_TEXT, time=TIME).payload) == expected


def test_a_key_shows_its_label_and_never_its_seed() -> None:
    for signer in (ED, ML, WITNESS):
        assert repr(signer) == f"Signer({signer.verifier.label})"


def test_every_mangled_verifier_key_is_refused() -> None:
    for start in range(len(EXAMPLE_VKEY) + 1):
        for stop in range(start, len(EXAMPLE_VKEY) + 1):
            if stop - start < len(EXAMPLE_VKEY):
                with pytest.raises(FormatError):
                    parse_vkey(EXAMPLE_VKEY[start:stop])
    for at, char in enumerate(EXAMPLE_VKEY):
        with pytest.raises(FormatError):
            parse_vkey(EXAMPLE_VKEY[:at] + chr(ord(char) + 1) + EXAMPLE_VKEY[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        naive.vkey("name", 0x02, bytes(32)),
        naive.vkey("name", 0xFF, bytes(32)),
        naive.vkey("name", 0x01, bytes(31)),
        naive.vkey("name", 0x06, bytes(32)),
        naive.vkey("a name", 0x01, bytes(32)),
        "name+" + naive.key_id("name", 1, b"").hex() + "+",
        encode_vkey(ED.verifier).replace("+", "+0", 1),
        encode_vkey(ED.verifier).replace(ED.verifier.key_id.hex(), ED.verifier.key_id.hex().upper()),
    ],
)
def test_a_verifier_key_of_another_kind_or_length_is_refused(text: str) -> None:
    assert ED.verifier.key_id.hex() != ED.verifier.key_id.hex().upper(), "the last case needs a letter"
    with pytest.raises(FormatError):
        parse_vkey(text)


def test_every_mangled_private_key_is_refused() -> None:
    text = encode_signer(ED)
    assert text.startswith(f"PRIVATE+KEY+{ED.verifier.label}+")
    for bad in (
        text[1:],
        text.replace("PRIVATE+KEY+", "PRIVATE+KEY"),
        text[:-4],
        text[:-5] + "A" + text[-4:],
        text.replace(ED.verifier.key_id.hex(), "00000000"),
        encode_vkey(ED.verifier),
    ):
        with pytest.raises(FormatError):
            parse_signer(bad)
    with pytest.raises(FormatError):
        Signer("name", KeyKind.ED25519, bytes(31))
    with pytest.raises(FormatError):
        Signer("a name", KeyKind.ED25519, bytes(32))


def test_the_ml_dsa_message_is_the_specifications_structure() -> None:
    vectors = json.loads(generate.PATH.read_text(encoding="utf-8"))
    for case in vectors["checkpoints"]:
        message = subtree_message(
            vectors["origin"],
            vectors["time"],
            vectors["origin"],
            0,
            case["size"],
            bytes.fromhex(case["root"]),
        )
        assert message.hex() == case["ml_dsa_message"]
    assert subtree_message("c", 0, "o", 8, 13, bytes(32)).endswith(
        bytes(7) + b"\x08" + bytes(7) + b"\x0d" + bytes(32)
    )
    for name, time, origin, start in (("", 0, "o", 0), ("c", 0, "o" * 256, 0), ("c", 1, "o", 8)):
        with pytest.raises(ValueError, match=r"a name of 1 to 255 bytes|without a time"):
            subtree_message(name, time, origin, start, 13, bytes(32))


@pytest.mark.usefixtures("no_ml_dsa")
def test_without_ml_dsa_its_line_is_not_checked_and_the_others_hold() -> None:
    facts = verify_checkpoint(NOTE, ORIGIN, LOG_KEYS, [WITNESS.verifier])
    assert [one.key for one in facts.signed] == [ED.verifier]
    assert facts.unchecked == (ML.verifier,)
    assert facts.missing == ()
    with pytest.raises(UncheckedError):
        ML.verifier.verify(HEAD_TEXT, b"")
    with pytest.raises(UncheckedError):
        Signer(ORIGIN, KeyKind.ML_DSA_44, bytes(32))


@pytest.mark.usefixtures("no_ml_dsa")
def test_without_ml_dsa_a_note_that_only_it_signed_is_not_checked() -> None:
    text, lines = lines_of(NOTE)
    with pytest.raises(UncheckedError):
        verify_note(text + b"\n" + lines[1], LOG_KEYS)
    with pytest.raises(UncheckedError):
        verify_checkpoint(text + b"\n" + lines[1] + lines[2], ORIGIN, LOG_KEYS, [WITNESS.verifier])


def test_a_library_that_refuses_ml_dsa_counts_as_not_having_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        class MLDSA44PrivateKey:
            @staticmethod
            def from_seed_bytes(_seed: bytes) -> None:
                raise UnsupportedAlgorithm("not in this OpenSSL")

    key_format.ml_dsa_available.cache_clear()
    monkeypatch.setattr(key_format, "_mldsa", Refusing)
    assert not key_format.ml_dsa_available()
    assert not ML.verifier.available
    key_format.ml_dsa_available.cache_clear()


# --- proof files -----------------------------------------------------------------------------------


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(min_size=1),
    st.binary(max_size=100),
)
def test_a_proof_reads_back(index: int, hashes: list[bytes], checkpoint: bytes, extra: bytes) -> None:
    proof = TlogProof(index, tuple(hashes), checkpoint, extra)
    data = encode_proof(proof)
    assert parse_proof(data) == proof
    assert data == naive.tlog_proof(index, hashes, checkpoint, extra)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_proof_or_a_format_error(data: bytes) -> None:
    good = b"c2sp.org/tlog-proof@v1\nindex 1\n\ncheckpoint\n"
    for candidate in (data, good[:23] + data, good[:23] + data + good[23:]):
        try:
            proof = parse_proof(candidate)
        except FormatError:
            continue
        assert encode_proof(proof) == candidate


HASH_LINE = b"A" * 43 + b"=\n"
HEADER = b"c2sp.org/tlog-proof@v1\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"wrong-header\nindex 0\n\ncheckpoint\n",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n",
        b"\n" + HEADER + b"index 0\n\ncheckpoint\n",
        HEADER + b"extra !!notbase64!!\nindex 0\n\ncheckpoint\n",
        HEADER + b"extra \nindex 0\n\ncheckpoint\n",
        HEADER + b"extra AQI=\n\ncheckpoint\n",
        HEADER + b"index 0\nextra AQI=\n\ncheckpoint\n",
        HEADER + b"\n\ncheckpoint\n",
        HEADER + b"\ncheckpoint\n",
        HEADER + b"index notanumber\n\ncheckpoint\n",
        HEADER + b"index -5\n\ncheckpoint\n",
        HEADER + b"index +5\n\ncheckpoint\n",
        HEADER + b"index 1_0\n\ncheckpoint\n",
        HEADER + b"index 01\n\ncheckpoint\n",
        HEADER + b"index  1\n\ncheckpoint\n",
        HEADER + b"index 1 \n\ncheckpoint\n",
        HEADER + b"index 1\r\n\r\ncheckpoint\n",
        HEADER + b"index 9223372036854775808\n\ncheckpoint\n",
        HEADER + b"index 0\n!!notbase64!!\n\ncheckpoint\n",
        HEADER + b"index 0\nAAAA\n\ncheckpoint\n",
        HEADER + b"index 0\n" + HASH_LINE * 64 + b"\ncheckpoint\n",
        HEADER + b"index 0\n\xff\n\ncheckpoint\n",
        HEADER + b"index 0\n",
        HEADER + b"index 0\n\n",
        HEADER + b"index 0\n\n" + b"x" * MAX_PROOF_BYTES,
    ],
)
def test_a_malformed_proof_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_proof(data)


def test_a_proof_that_would_not_read_back_is_not_written() -> None:
    for proof in (TlogProof(-1, (), b"c"), TlogProof(0, (b"short",), b"c"), TlogProof(0, (), b"")):
        with pytest.raises(ValueError, match="not a proof"):
            encode_proof(proof)


def test_our_vectors_verify_from_proof_to_leaf() -> None:
    vectors = json.loads(generate.PATH.read_text(encoding="utf-8"))
    log, witness = parse_vkey(vectors["log_vkey"]), parse_vkey(vectors["witness_vkey"])
    signer = Signer(vectors["origin"], KeyKind.ED25519, bytes.fromhex(vectors["log_seed"]))
    cosigner = Signer(witness.name, KeyKind.ED25519_COSIGNATURE, bytes.fromhex(vectors["witness_seed"]))
    for case in vectors["checkpoints"]:
        head = Checkpoint(vectors["origin"], case["size"], bytes.fromhex(case["root"]))
        assert sign_checkpoint(head, [signer, cosigner], time=vectors["time"]) == case["note"].encode()
        facts = verify_checkpoint(case["note"].encode(), vectors["origin"], [log], [witness])
        assert facts.checkpoint == head
        assert facts.witnesses[0].time == vectors["time"]
    proof = parse_proof(vectors["tlog_proof"].encode())
    head = verify_checkpoint(proof.checkpoint, vectors["origin"], [log]).checkpoint
    assert proof.extra == generate.entry(proof.index)
    merkle.verify_inclusion(merkle.leaf_hash(proof.extra), proof.index, head.size, proof.hashes, head.root)


# --- published vectors -----------------------------------------------------------------------------

PUBLISHED_LOG_VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def test_every_checkpoint_of_the_published_log_verifies(published_vectors: Path) -> None:
    folder = published_vectors / "tessera" / "testdata" / "log"
    key = parse_vkey(PUBLISHED_LOG_VKEY)
    for size in range(16):
        data = (folder / f"checkpoint.{size}").read_bytes()
        facts = verify_checkpoint(data, key.name, [key])
        assert facts.checkpoint.size == size
        assert encode_note(facts.note.text, facts.note.signatures) == data
        with pytest.raises(IntegrityError):
            verify_checkpoint(data.replace(b"\n%d\n" % size, b"\n%d\n" % (size + 1), 1), key.name, [key])


@pytest.mark.parametrize("name", ["witness", "mirror"])
def test_the_published_cosignatures_verify(published_vectors: Path, name: str) -> None:
    folder = published_vectors / "sunlight" / "cmd" / "skylight" / "testdata" / "witness"
    folder = folder if name == "witness" else folder / "mirror"
    (stated,) = json.loads((folder / f"{name}.v0.json").read_text())["verifier_keys"]
    key = parse_vkey(stated)
    assert key.kind is KeyKind.ED25519_COSIGNATURE
    (note,) = (path / "checkpoint" for path in folder.iterdir() if path.is_dir() and len(path.name) == 64)
    facts = verify_note(note.read_bytes(), [key])
    assert [one.key for one in facts.signed] == [key]
    assert facts.signed[0].time == 1_767_139_200  # 2025-12-31T00:00:00Z
    head = parse_checkpoint(facts.note.text)
    assert (head.origin, head.size) == ("rome2026h1.example.org", 300)
    changed = note.read_bytes().replace(b"\n300\n", b"\n301\n", 1)
    with pytest.raises(IntegrityError):
        verify_note(changed, [key])
