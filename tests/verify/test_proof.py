"""A proof folder is doubted by a stranger: everything shown is proved, everything else is named."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import FormatError, NoVaultError, VersionError
from holdfast.vault import merkle
from holdfast.vault.blobs import Artefact
from holdfast.vault.canon import Sealed, digest_of
from holdfast.vault.format import key as key_format
from holdfast.vault.format.key import KeyKind, Signer, encode_vkey
from holdfast.vault.format.note import encode_note, parse_note
from holdfast.vault.format.proof import TlogProof, encode_proof
from holdfast.vault.format.tiles import TileHashes
from holdfast.vault.private import encode_frame
from holdfast.vault.reading import Reader, read_identity
from holdfast.verify.contents import Contents
from holdfast.verify.findings import Report, Severity, Verdict
from holdfast.verify.proof import is_proof, verify_proof
from tests.verify.small_vault import (
    ORIGIN,
    Clock,
    append,
    digests_of,
    flat_record,
    keep,
    make_proof,
    make_vault,
    open_log,
    post,
    posts_record,
)


def alarms(report: Report) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in report.of(Severity.ALARM)]


def edit(path: Path, change: Callable[[Any], None]) -> None:
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found, separators=(",", ":")) + "\n")


def b64url(value: Any) -> bytes:
    text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


SALT = b64url(bytes(16)).decode()

# --- what holds ------------------------------------------------------------------------------------


def test_a_proof_holds_and_says_what_it_shows(proof: Path) -> None:
    report = verify_proof(proof)
    assert report.findings == ()
    assert (report.verdict, report.subject, report.keys_from) == (Verdict.HOLDS, "proof", "folder")
    assert report.head is not None
    assert (report.head.origin, report.head.size, len(report.head.signed_by)) == (ORIGIN, 5, 2)
    counts = report.counts
    # Entry 0: its own, the element and six units; entry 4, a capture: three.
    assert (counts.entries, counts.posts, counts.disclosures) == (2, 1, 1 + 7 + 3)
    assert (counts.withheld, counts.erased, counts.artefacts, counts.artefact_bytes) == (0, 0, 1, 2_100)
    assert is_proof(proof)


def test_what_is_withheld_is_counted_and_no_alarm(five: Path, tmp_path: Path) -> None:
    proof = make_proof(five, tmp_path / "proof", [0, 4], "1", withhold=["author", "text", "outcome"])
    report = verify_proof(proof)
    assert (report.findings, report.counts.withheld, report.counts.erased) == ((), 3, 0)


def test_what_a_proved_erasure_names_is_erased_and_not_withheld(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    gone = digests_of(vault, 0, (1, "text"))
    value = {"entries": [{"index": 0, "digests": gone}, {"index": 99, "digests": gone}]}
    append(vault, flat_record("erasure", erasure=value))
    proof = make_proof(vault, tmp_path / "proof", [0, 5], "1", withhold=["text", "author"])
    report = verify_proof(proof)
    assert (report.findings, report.counts.withheld, report.counts.erased) == ((), 1, 1)


def test_media_may_be_left_out(proof: Path) -> None:
    shutil.rmtree(proof / "artefacts")
    edit(proof / "proof.json", lambda found: found.update(artefacts=[]))
    assert verify_proof(proof).findings == ()


def test_two_observations_of_one_post_in_one_entry_hold(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    export = keep(vault, b"an export" * 9)
    append(vault, posts_record([post(1, export), post(2, export), post(1, export)]))
    proof = make_proof(vault, tmp_path / "proof", [5], "1")
    edit(
        proof / "proof.json",
        lambda found: found["entries"].append({"index": 5, "type": "posts", "element": 0}),
    )
    assert verify_proof(proof).findings == ()


def test_one_proof_is_checked_in_fifty_milliseconds(proof: Path) -> None:
    verify_proof(proof)
    best = min(elapsed(lambda: verify_proof(proof)) for _ in range(5))
    assert best < 0.05


def elapsed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def test_the_readers_keys_decide_over_those_that_came_along(proof: Path, five: Path, tmp_path: Path) -> None:
    keys = read_identity(five).keys
    assert verify_proof(proof, keys=keys[:1]).keys_from == "reader"
    assert verify_proof(proof, keys=keys[:1]).verdict is Verdict.HOLDS
    forged = make_proof(make_vault(tmp_path / "forged"), tmp_path / "other", [0], "1")
    assert verify_proof(forged).verdict is Verdict.HOLDS
    report = verify_proof(forged, keys=keys)
    assert alarms(report) == [("log.vkey", "keys"), ("checkpoint", "signature")]
    assert report.head is None


def test_what_is_no_proof_is_told_apart(tmp_path: Path, five: Path, proof: Path) -> None:
    with pytest.raises(NoVaultError):
        verify_proof(tmp_path)
    assert not is_proof(five)
    edit(proof / "proof.json", lambda found: found.update(format_version=2))
    with pytest.raises(VersionError):
        verify_proof(proof)


# --- keys and head ---------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\n", b"not a key\n", b"\xff\n", None])
def test_keys_that_cannot_be_read_leave_the_signature_open(
    proof: Path, five: Path, data: bytes | None
) -> None:
    path = proof / "log.vkey"
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    report = verify_proof(proof)
    assert {place for place, _ in alarms(report)} == {"log.vkey"}
    assert [one.place for one in report.of(Severity.UNCHECKED)] == ["checkpoint"]
    assert {place for place, _ in alarms(verify_proof(proof, keys=read_identity(five).keys))} == {"log.vkey"}


def test_a_missing_second_signature_is_named(proof: Path) -> None:
    path = proof / "checkpoint"
    note = parse_note(path.read_bytes())
    short = encode_note(note.text, note.signatures[:1])
    for each in proof.glob("entries/*.tlog-proof"):
        each.write_bytes(each.read_bytes().replace(path.read_bytes(), short))
    path.write_bytes(short)
    assert alarms(verify_proof(proof)) == [("checkpoint", "signature")]


def test_a_checkpoint_that_lost_a_signature_is_blamed_and_not_its_copies(proof: Path) -> None:
    path = proof / "checkpoint"
    note = parse_note(path.read_bytes())
    path.write_bytes(encode_note(note.text, note.signatures[:1]))
    assert alarms(verify_proof(proof)) == [("checkpoint", "signature")]
    copy = proof / "entries" / "0.tlog-proof"
    whole, other = (
        encode_note(note.text, signatures) for signatures in (note.signatures, note.signatures[1:])
    )
    copy.write_bytes(copy.read_bytes().replace(whole, other))
    assert alarms(verify_proof(proof)) == [("checkpoint", "signature"), ("entries/0.tlog-proof", "proof")]


def test_where_ml_dsa_is_missing_the_first_signature_is_enough(
    proof: Path, five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = read_identity(five).keys
    key_format.ml_dsa_available.cache_clear()
    monkeypatch.setattr(key_format, "_mldsa", None)
    report, alone = verify_proof(proof), verify_proof(proof, keys=keys[1:])
    key_format.ml_dsa_available.cache_clear()
    assert report.verdict is Verdict.HOLDS
    assert [one.place for one in report.of(Severity.NOTE)] == ["checkpoint"]
    assert [one.place for one in alone.of(Severity.UNCHECKED)] == ["checkpoint"]


def test_another_logs_checkpoint_or_a_copy_that_differs_is_named(proof: Path) -> None:
    path = proof / "entries" / "0.tlog-proof"
    stranger = Signer("stranger.example", KeyKind.ED25519, bytes(32))
    note = parse_note((proof / "checkpoint").read_bytes())
    extended = encode_note(note.text, [*note.signatures, stranger.sign(note.text)])
    path.write_bytes(path.read_bytes().replace((proof / "checkpoint").read_bytes(), extended))
    assert alarms(verify_proof(proof)) == [("entries/0.tlog-proof", "proof")]
    (proof / "log.vkey").write_text(encode_vkey(stranger.verifier) + "\n")
    assert ("checkpoint", "signature") in alarms(verify_proof(proof))


# --- entries and disclosures -----------------------------------------------------------------------


def test_a_proof_of_another_entry_under_its_name_is_named(proof: Path) -> None:
    shutil.copy(proof / "entries" / "4.tlog-proof", proof / "entries" / "0.tlog-proof")
    assert alarms(verify_proof(proof)) == [("entries/0.tlog-proof", "proof")]


def test_an_entry_that_is_missing_added_or_called_otherwise_is_named(proof: Path) -> None:
    entries = proof / "entries"
    (entries / "4.disclosures").rename(entries / "7.disclosures")
    (entries / "4.tlog-proof").rename(entries / "7.tlog-proof")
    # Both a missing and an added one: the table of contents differs, and the file proves another index.
    assert set(alarms(verify_proof(proof))) == {("proof.json", "contents"), ("entries/7.tlog-proof", "proof")}
    (entries / "7.disclosures").unlink()
    (entries / "7.tlog-proof").unlink()
    assert alarms(verify_proof(proof)) == [("entries/4.tlog-proof", "missing")]


def test_an_entry_that_the_contents_do_not_name_is_named(proof: Path) -> None:
    edit(proof / "proof.json", lambda found: found["entries"].pop())
    assert set(alarms(verify_proof(proof))) == {
        ("entries/4.tlog-proof", "added"),
        ("entries/4.disclosures", "added"),
    }


def test_missing_disclosures_are_named(proof: Path) -> None:
    (proof / "entries" / "0.disclosures").unlink()
    assert alarms(verify_proof(proof)) == [("entries/0.disclosures", "missing")]
    (proof / "entries" / "0.disclosures").write_bytes(b"")
    assert ("entries/0.disclosures", "missing") in alarms(verify_proof(proof))


def test_a_post_that_is_named_and_not_shown_is_missing(proof: Path) -> None:
    path = proof / "entries" / "0.disclosures"
    own = [
        line for line in path.read_bytes().split() if b'"capture",' in base64.urlsafe_b64decode(line + b"==")
    ]
    path.write_bytes(own[0] + b"\n")
    assert alarms(verify_proof(proof)) == [("entries/0.disclosures", "missing")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b64url([SALT, "added", 1]), "belong to nothing"),
        (b"not base64!", "not base64url"),
        (b"AQJ", "not canonical"),
        (b"AQI=", "not canonical"),
        (b"A", "not base64url"),
        (b"", "belong to nothing"),
        (b"A\r", "not base64url"),
    ],
)
def test_a_line_that_belongs_to_nothing_is_named(proof: Path, line: bytes, message: str) -> None:
    path = proof / "entries" / "4.disclosures"
    path.write_bytes(path.read_bytes() + line + b"\n")
    (found,) = verify_proof(proof).findings
    assert found.place == "entries/4.disclosures"
    assert message in found.message


def test_a_repeated_line_too_many_or_an_unended_one_is_named(proof: Path) -> None:
    path = proof / "entries" / "4.disclosures"
    data = path.read_bytes()
    for changed in (data + data.split(b"\n")[0] + b"\n", data[:-1], data + b"x\n" * 2_001):
        path.write_bytes(changed)
        assert alarms(verify_proof(proof)) == [("entries/4.disclosures", "disclosure")]


def forged_posts(
    tmp_path: Path, *disclosures: bytes, element: Any = None, own: bytes | None = None
) -> Report:
    """A proof of an entry whose digests were sealed over whatever is given here."""
    vault = make_vault(tmp_path)

    units = sorted(
        digest_of(base64.urlsafe_b64decode(each + b"=" * (-len(each) % 4))).decode() for each in disclosures
    )
    shown = b64url([SALT, {"_sd": units}] if element is None else element)
    entry = {
        "_sd": []
        if own is None
        else [digest_of(base64.urlsafe_b64decode(own + b"=" * (-len(own) % 4))).decode()],
        "_sd_alg": "sha-256",
        "posts": [{"...": digest_of(base64.urlsafe_b64decode(shown + b"=" * (-len(shown) % 4))).decode()}],
        "t": "posts",
        "ts": "2027-11-23T03:43:00Z",
        "v": 1,
    }
    sealed = Sealed(json.dumps(entry, separators=(",", ":")).encode(), b"", b"")
    with open_log(vault, Clock(1_900_000_000)) as log:
        log.append([(sealed.entry, encode_frame(b"", b""))])
        log.publish()
    proof = make_proof(vault, tmp_path / "proof", [4], "1")

    reader = Reader(vault)
    path = merkle.inclusion_proof(5, 6, TileHashes(6, reader.tile))
    note = (proof / "checkpoint").read_bytes()
    (proof / "entries" / "5.tlog-proof").write_bytes(
        encode_proof(TlogProof(5, tuple(path), note, sealed.entry))
    )
    lines = [shown, *dict.fromkeys([*disclosures, *([] if own is None else [own])])]
    (proof / "entries" / "5.disclosures").write_bytes(b"".join(each + b"\n" for each in lines))
    edit(
        proof / "proof.json",
        lambda found: found["entries"].append({"index": 5, "type": "posts", "element": 0}),
    )
    return verify_proof(proof)


GOOD = b64url([SALT, "post", {"channel": "1878264527", "id": "1"}])


def test_an_entry_forged_by_hand_holds_when_it_is_well_made(tmp_path: Path) -> None:
    assert forged_posts(tmp_path, GOOD).findings == ()


@pytest.mark.parametrize(
    ("disclosures", "element", "own", "code"),
    [
        ([GOOD, b64url([SALT, "post", 2])], None, None, "value"),
        ([GOOD, b64url([SALT, "_sd", 2])], None, None, "value"),
        ([GOOD, b64url([SALT, 2])], None, None, "value"),
        ([GOOD, b64url(["short", "a", 2])], None, None, "value"),
        ([GOOD, b64url(b'["' + SALT.encode() + b'","a",{"b":1,"b":2}]')], None, None, "value"),
        ([GOOD, b64url([SALT, "media", {"no": "list"}])], None, None, "value"),
        ([GOOD, GOOD], None, None, "repeated_digest"),
        ([GOOD], None, GOOD, "repeated_digest"),
        ([], [SALT, "named", {"_sd": []}], None, "value"),
        ([], [SALT, {"_sd": [], "more": 1}], None, "value"),
        ([], [SALT, ["_sd"]], None, "value"),
        ([], [SALT, {"_sd": "no list"}], None, "value"),
        ([], [SALT, {"_sd": [1]}], None, "value"),
        ([], [SALT, {"_sd": ["ж"]}], None, "value"),
        ([], [SALT, {"_sd": ["b", "a"]}], None, "value"),
        ([], ["short", {"_sd": []}], None, "value"),
    ],
)
def test_what_was_sealed_against_the_rules_is_named(
    tmp_path: Path, disclosures: list[bytes], element: Any, own: bytes | None, code: str
) -> None:
    report = forged_posts(tmp_path, *disclosures, element=element, own=own)
    assert ("entries/5.disclosures", code) in alarms(report)


def test_a_post_that_is_another_one_than_the_contents_name_is_named(tmp_path: Path) -> None:
    other = b64url([SALT, "post", {"channel": "1878264527", "id": "2"}])
    assert alarms(forged_posts(tmp_path, other)) == [("proof.json", "contents")]


def test_a_post_without_its_facts_or_of_another_shape_shows_nothing_of_another(tmp_path: Path) -> None:
    report = forged_posts(tmp_path, b64url([SALT, "post", None]), b64url([SALT, "media", [{"file_name": 5}]]))
    assert report.findings == ()


# --- the table of contents -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(post="2"),
        lambda found: found.update(channel="1"),
        lambda found: found.update(origin="another.example/log"),
        lambda found: found["entries"][0].update(type="channel"),
        lambda found: found["entries"][0].update(element=2),
        lambda found: found["entries"][0].pop("element"),
        lambda found: found["entries"][0].update(index=3),
        lambda found: found["entries"].append({"index": 0, "type": "absence"}),
        lambda found: found["entries"].append({"index": 0}),
        lambda found: found["entries"].append([]),
        lambda found: found["artefacts"][0].update(size_bytes=1),
        lambda found: found["artefacts"][0].update(size_bytes=-1),
        lambda found: found["artefacts"][0].update(name="another.jpg"),
        lambda found: found["artefacts"][0].update(digest="0" * 64),
        lambda found: found["artefacts"][0].update(digest="short"),
        lambda found: found["artefacts"][0].update(more=1),
        lambda found: found.update(more=1),
        lambda found: found.update(post=1),
        lambda found: found.update(entries={}),
        lambda found: found.update(format_version="1"),
    ],
)
def test_a_table_of_contents_that_lies_is_named_and_nothing_else(
    proof: Path, change: Callable[[Any], None]
) -> None:
    edit(proof / "proof.json", change)
    assert {place for place, _ in alarms(verify_proof(proof))} == {"proof.json"}


def test_a_proof_without_its_contents_is_still_checked(proof: Path) -> None:
    (proof / "proof.json").unlink()
    report = verify_proof(proof)
    assert alarms(report) == [("proof.json", "missing")]
    assert (report.counts.entries, report.counts.artefacts) == (2, 1)


def test_contents_that_are_no_object_are_refused() -> None:

    for raw in (b"[]", b"{", b"\xff", b'{"format_version":true}'):
        with pytest.raises(FormatError):
            Contents(raw)


# --- artefacts and strangers -----------------------------------------------------------------------


def test_an_artefact_that_is_missing_changed_or_added_is_named(proof: Path) -> None:
    (path,) = (proof / "artefacts").iterdir()
    name = f"artefacts/{path.name}"
    data = path.read_bytes()
    path.write_bytes(data + b"x")
    assert alarms(verify_proof(proof)) == [(name, "digest")]
    path.unlink()
    assert alarms(verify_proof(proof)) == [(name, "missing")]
    path.write_bytes(data)

    added = hashlib.sha256(b"added").hexdigest()
    (proof / "artefacts" / added).write_bytes(b"added")
    assert alarms(verify_proof(proof)) == [(f"artefacts/{added}", "added")] * 2
    # Where an entry cannot be opened, what it would have named stays open.
    (proof / "entries" / "0.disclosures").unlink()
    found = set(alarms(verify_proof(proof)))
    assert found == {(f"artefacts/{added}", "added"), ("entries/0.disclosures", "missing")}


def test_an_artefact_that_a_disclosure_states_otherwise_is_named(tmp_path: Path) -> None:

    vault = make_vault(tmp_path)
    photo = keep(vault, b"a photo of some bytes" * 3)
    append(vault, posts_record([post(1, photo, Artefact(photo.digest, photo.size_bytes + 1))]))
    proof = make_proof(vault, tmp_path / "proof", [5], "1")
    assert set(alarms(verify_proof(proof))) == {
        (f"artefacts/{photo.digest}", "claim"),
        ("proof.json", "contents"),
    }


@pytest.mark.parametrize(
    "name", ["readme.txt", "entries/0.txt", "entries/00.tlog-proof", "artefacts/x", "vault.db"]
)
def test_a_stranger_is_named(proof: Path, name: str) -> None:
    (proof / name).write_bytes(b"added")
    assert alarms(verify_proof(proof)) == [(name, "added")]


def test_what_cannot_be_listed_leaves_the_question_open(proof: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).endswith("artefacts"):
            raise OSError(5, "Input/output error")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        report = verify_proof(proof)
    assert ("artefacts", "unreadable") in [(one.place, one.code) for one in report.of(Severity.UNCHECKED)]


def test_the_explaining_page_is_never_read(proof: Path) -> None:
    (proof / "index.html").unlink()
    assert verify_proof(proof).findings == ()
