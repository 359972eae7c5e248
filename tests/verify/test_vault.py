"""A whole vault is doubted: what holds, what is wounded, what is merely unfinished, and what is only unreadable."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from holdfast import jobs
from holdfast.archive import create
from holdfast.errors import FormatError, NoVaultError, VersionError
from holdfast.progress import Progress
from holdfast.vault import merkle
from holdfast.vault.blobs import Artefact
from holdfast.vault.canon import Entry, seal
from holdfast.vault.format import key as key_format
from holdfast.vault.format import tiles
from holdfast.vault.format.checkpoint import Checkpoint
from holdfast.vault.format.key import KeyKind, Signer
from holdfast.vault.format.note import encode_note, parse_note, sign_checkpoint
from holdfast.vault.keys import load_signers
from holdfast.vault.private import encode_bundle, encode_frame, parse_bundle, private_path
from holdfast.vault.reading import read_identity
from holdfast.verify import findings as findings_module
from holdfast.verify.findings import Report, Severity, Verdict
from holdfast.verify.vault import verify_vault
from tests.verify.small_vault import (
    ORIGIN,
    START,
    Clock,
    append,
    capture_record,
    channel_record,
    copy_of,
    digests_of,
    encode,
    flat_record,
    keep,
    make_vault,
    open_log,
    post,
    posts_record,
    reframe,
    without,
)


def alarms(report: Report) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in report.of(Severity.ALARM)]


def notes(report: Report) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in report.of(Severity.NOTE)]


# --- what holds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["five", "many"])
def test_a_sealed_vault_holds_and_says_what_was_checked(name: str, request: pytest.FixtureRequest) -> None:
    vault: Path = request.getfixturevalue(name)
    report = verify_vault(vault)
    assert report.findings == ()
    assert (report.verdict, report.exit_code) == (Verdict.HOLDS, 0)
    assert report.head is not None
    size = {"five": 5, "many": 600}[name]
    assert (report.head.origin, report.head.size, len(report.head.signed_by)) == (ORIGIN, size, 2)
    assert report.keys_from == "vault"
    counts = report.counts
    # Two posts entries (1 + 7 a post), channel cards (4 each) and a capture (3).
    assert counts.disclosures == (1 + 3 * 7) + (1 + 5 * 7) + 4 * (size - 3) + 3
    assert (counts.entries, counts.posts, counts.withheld, counts.erased) == (size, 8, 0, 0)
    assert (counts.bundles, counts.tiles) == {"five": (1, 1), "many": (3, 4)}[name]
    assert (counts.artefacts, counts.artefact_bytes) == (3, 30_015 + 2_100)


def test_an_empty_vault_holds(tmp_path: Path) -> None:

    create(tmp_path / "vault", ORIGIN, clock=Clock())
    report = verify_vault(tmp_path / "vault")
    assert (report.verdict, report.findings, report.counts.entries) == (Verdict.HOLDS, (), 0)


def test_every_size_around_a_bundles_end_holds(tmp_path: Path) -> None:
    for size in (255, 256, 257, 512):
        report = verify_vault(make_vault(tmp_path / str(size), size))
        assert (report.findings, report.counts.entries) == ((), size)


def test_workers_find_what_one_process_finds(large: Path) -> None:
    path = large / "log" / tiles.tile_path(1, 0, 2)
    path.write_bytes(path.read_bytes()[::-1])
    with jobs.executor(2) as pool:
        assert verify_vault(large, pool=pool) == verify_vault(large)


def test_progress_counts_entries_and_then_bytes(many: Path) -> None:
    events: list[Progress] = []
    verify_vault(many, report=events.append)
    by_entries = [each for each in events if each.unit == "entries"]
    by_bytes = [each for each in events if each.unit == "bytes"]
    assert [each.done for each in by_entries] == sorted(each.done for each in by_entries)
    assert (by_entries[-1].done, by_entries[-1].total) == (600, 600)
    assert (
        by_bytes[-1].done
        == by_bytes[-1].total
        == sum(path.stat().st_size for path in (many / "blobs").rglob("*") if path.is_file())
    )


def test_many_and_large_artefacts_are_handed_out_in_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.verify.vault._FILES_AT_ONCE", 2)
    vault = make_vault(tmp_path)
    events: list[Progress] = []
    assert verify_vault(vault, report=events.append).counts.artefacts == 3
    assert len([each for each in events if each.unit == "bytes"]) == 2


def test_what_is_no_vault_is_told_apart_from_a_wounded_one(tmp_path: Path, small: Path) -> None:
    for folder in (tmp_path / "missing", tmp_path):
        with pytest.raises(NoVaultError):
            verify_vault(folder)
    path = small / "vault.json"
    path.write_bytes(path.read_bytes().replace(b'"format_version":1', b'"format_version":2'))
    with pytest.raises(VersionError):
        verify_vault(small)


# --- the head --------------------------------------------------------------------------------------


def test_keys_from_elsewhere_decide_over_those_of_the_vault(five: Path) -> None:
    keys = read_identity(five).keys
    assert verify_vault(five, keys=keys).keys_from == "reader"
    stranger = Signer(ORIGIN, KeyKind.ED25519, bytes(32)).verifier
    report = verify_vault(five, keys=[stranger])
    assert report.verdict is Verdict.DOES_NOT_HOLD
    assert ("vault.json", "keys") in alarms(report)
    assert ("log/checkpoint", "signature") in alarms(report)
    assert report.head is None


def test_a_vault_signed_anew_with_other_keys_is_caught_by_the_readers_keys(
    five: Path, tmp_path: Path
) -> None:
    forged = make_vault(tmp_path / "forged")
    assert verify_vault(forged).verdict is Verdict.HOLDS
    assert verify_vault(forged, keys=read_identity(five).keys).verdict is Verdict.DOES_NOT_HOLD


def test_a_missing_second_signature_is_named(small: Path) -> None:
    path = small / "log" / "checkpoint"
    note = parse_note(path.read_bytes())
    path.write_bytes(encode_note(note.text, note.signatures[:1]))
    report = verify_vault(small)
    assert alarms(report) == [("log/checkpoint", "signature")]
    assert report.head is not None
    assert len(report.head.signed_by) == 1


def test_where_ml_dsa_is_missing_the_vault_holds_by_its_first_signature(
    five: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_format.ml_dsa_available.cache_clear()
    monkeypatch.setattr(key_format, "_mldsa", None)
    report = verify_vault(five)
    keys = read_identity(five).keys
    alone = verify_vault(five, keys=keys[1:])
    key_format.ml_dsa_available.cache_clear()
    assert (report.verdict, notes(report)) == (Verdict.HOLDS, [("log/checkpoint", "signature")])
    assert [(one.place, one.code) for one in alone.of(Severity.UNCHECKED)] == [
        ("log/checkpoint", "signature")
    ]


def test_without_a_believable_head_the_rest_is_still_compared(large: Path) -> None:
    (large / "log" / "checkpoint").unlink()
    assert alarms(verify_vault(large)) == [("log/checkpoint", "missing")]
    path = large / "log" / tiles.bundle_path(1)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    report = verify_vault(large)
    # The tile above decides between the entries and their own tile.
    assert alarms(report) == [("log/checkpoint", "missing"), ("log/tile/entries/001 entry 256", "entry")]
    assert verify_vault(large, sample=5).head is None


def test_without_vault_json_the_signature_stays_open(small: Path) -> None:
    (small / "vault.json").unlink()
    report = verify_vault(small)
    assert alarms(report) == [("vault.json", "missing")]
    assert [(one.place, one.code) for one in report.of(Severity.UNCHECKED)] == [
        ("log/checkpoint", "signature")
    ]
    assert report.head is None


def test_vault_json_in_another_spelling_or_made_after_its_entries_is_named(small: Path) -> None:
    path = small / "vault.json"
    raw = path.read_bytes()
    for changed in (raw + b"\n", raw.replace(b"2026", b"2027", 1), b"{}", b"\xff"):
        path.write_bytes(changed)
        assert {place for place, _ in alarms(verify_vault(small))} == {"vault.json"}


def test_a_head_that_signs_another_tree_is_named_when_no_file_explains_it(five: Path, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    shutil.copytree(five, vault)

    identity = read_identity(vault)
    signers = load_signers(vault, identity.keys, lambda: None)
    other = Checkpoint(ORIGIN, 5, merkle.leaf_hash(b"another tree"))
    (vault / "log" / "checkpoint").write_bytes(sign_checkpoint(other, signers, time=START))
    assert alarms(verify_vault(vault)) == [("log/checkpoint", "root")]
    report = verify_vault(vault, sample=2)
    assert {code for _, code in alarms(report)} == {"entry"}
    # With a wounded entry besides, both stories are told: neither is the signed one.
    path = vault / "log" / tiles.bundle_path(0, 5)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"v":1}', b'"v":2}'))
    found = {place for place, _ in alarms(verify_vault(vault))}
    assert {"log/checkpoint", "log/tile/0/000.p/5", "log/tile/entries/000.p/5"} <= found


# --- entries and what opens them -------------------------------------------------------------------


def test_disclosures_that_are_gone_without_an_erasure_are_an_alarm(small: Path) -> None:
    reframe(small, 0, without((1, "text"), (2, "*")))
    reframe(small, 4, without((None, "outcome")))
    report = verify_vault(small)
    assert alarms(report) == [
        ("private/entries/000.p/5 entry 0", "missing"),
        ("private/entries/000.p/5 entry 4", "missing"),
    ]
    assert "2 of its disclosures are not held, of posts 1, 2" in report.findings[0].message


def erasure(vault: Path, index: int, *gone: tuple[int | None, str], artefacts: tuple[str, ...] = ()) -> None:
    entries = [{"index": index, "digests": digests_of(vault, index, *gone)}]
    value = {"entries": entries, "artefacts": list(artefacts), "reason": "consent withdrawn"}
    append(vault, flat_record("erasure", erasure=value))
    reframe(vault, index, without(*gone))


def test_what_an_erasure_entry_accounts_for_is_erased_and_no_alarm(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    erasure(vault, 0, (1, "text"), (2, "*"), (None, "capture"))
    report = verify_vault(vault)
    assert (report.verdict, alarms(report), report.counts.erased) == (Verdict.HOLDS, [], 3)
    # What goes missing beyond what was declared is an alarm again.
    reframe(vault, 0, without((0, "author")))
    report = verify_vault(vault)
    assert alarms(report) == [("private/entries/000.p/6 entry 0", "missing")]
    assert report.counts.erased == 3
    # A sample cannot know of an erasure elsewhere: it accuses nobody, and leaves the question open.
    assert verify_vault(copy_of(vault, tmp_path), sample=6).verdict is Verdict.NOT_CHECKED


def test_an_entry_erased_whole_and_an_artefact_erased_are_accounted_for(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    photo = keep(vault, b"\xff\xd8 not really a photo" * 100)
    names = [(None, "capture"), *((number, "*") for number in range(3))]
    erasure(vault, 0, *names, artefacts=(photo.digest,))
    reframe(vault, 0, lambda _entry, _salts, _body: (b"", b""))
    path = vault / "blobs" / "sha256" / photo.digest[:2] / photo.digest[2:4] / photo.digest
    path.unlink()
    report = verify_vault(vault)
    assert (alarms(report), report.counts.erased) == ([], 5)


def test_an_erasure_does_not_account_for_what_was_sealed_after_it(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    append(vault, flat_record("erasure", erasure={"entries": [{"index": 6, "digests": ["A" * 43]}]}))
    append(vault, channel_record(9), now=START + 20_000)
    reframe(vault, 6, without((None, "followers")))
    assert alarms(verify_vault(vault)) == [("private/entries/000.p/7 entry 6", "missing")]


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"entries": {}},
        {"entries": [{"index": "0", "digests": []}]},
        {"entries": [{"index": 0, "digests": ["short"]}]},
        {"entries": [{"index": 0}]},
        {"artefacts": "all"},
        {"artefacts": ["short"]},
    ],
)
def test_a_malformed_erasure_is_an_alarm_and_erases_nothing(tmp_path: Path, value: object) -> None:
    vault = make_vault(tmp_path)
    append(vault, flat_record("erasure", erasure=value))
    assert alarms(verify_vault(vault)) == [("private/entries/000.p/6 entry 5", "value")]


def sealed_as(units: list[tuple[str, bytes]], kind: str = "channel") -> Callable[[str], object]:
    return lambda ts: seal(kind, ts, units)


@pytest.mark.parametrize(
    ("kind", "units", "code"),
    [
        ("channel", [("channel", b'{"id":"1","id":"2"}')], "value"),
        ("channel", [("channel", b"1.5")], "value"),
        ("channel", [("channel", b"NaN")], "value"),
        ("channel", [("channel", b"{not json")], "value"),
        ("channel", [("channel", b"[" * 5_000 + b"]" * 5_000)], "value"),
        ("channel", [("_sd", b"[]")], "value"),
        ("channel", [("...", b"1")], "value"),
        ("channel", [("channel", b"1"), ("channel", b"2")], "repeated_name"),
        ("capture", [("artefacts", b'[{"digest":"x","size_bytes":1}]')], "value"),
        ("capture", [("artefacts", b'{"digest":"x"}')], "value"),
        ("capture", [("artefacts", b'["x"]')], "value"),
        ("capture", [("artefacts", b'[{"digest":"' + b"0" * 64 + b'","size_bytes":-1}]')], "value"),
    ],
)
def test_a_sealed_value_that_breaks_the_grammar_is_named(
    tmp_path: Path, kind: str, units: list[tuple[str, bytes]], code: str
) -> None:
    vault = make_vault(tmp_path)
    append(vault, sealed_as(units, kind))  # type: ignore[arg-type]  # a record like any other
    assert ("private/entries/000.p/6 entry 5", code) in alarms(verify_vault(vault))


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        (3, b'{"artefact":"x"}'),
        (3, b'[{"artefact":"x"}]'),
        (3, b'[{"thumbnail":[]}]'),
        (5, b"[]"),
        (5, b'{"artefact":null}'),
        (5, b'{"artefact":"' + b"0" * 64 + b'","offset":"1"}'),
        (5, b'{"artefact":"' + b"0" * 64 + b'","offset":true}'),
    ],
)
def test_a_post_that_names_its_bytes_wrongly_is_named(tmp_path: Path, unit: int, value: bytes) -> None:
    vault = make_vault(tmp_path)
    units = list(post(1, keep(vault, b"export" * 9)))
    units[unit] = value
    append(vault, posts_record([post(2, keep(vault, b"export" * 9)), units]))
    assert alarms(verify_vault(vault)) == [("private/entries/000.p/6 entry 5 post 1", "value")]


def test_values_that_only_look_unusual_hold(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    odd = [
        ("a", b'"\\ud800 alone"'),
        ("b", b'{"big":123456789012345678901234567890}'),
        ("c", b'"1.5, :2.5e3, [-1.0"'),
        ("d", rb'"\u0041 escaped"'),
        ("e", b"[" * 200 + b"]" * 200),
    ]
    append(vault, sealed_as(odd))  # type: ignore[arg-type]  # a record like any other
    assert alarms(verify_vault(vault)) == []


def test_times_that_go_backwards_are_named(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    late, early = (
        seal("channel", "2030-01-01T00:00:00Z", [("a", b"1")]),
        seal("channel", "2029-01-01T00:00:00Z", [("a", b"1")]),
    )

    clock = Clock(1_900_000_000)
    with open_log(vault, clock) as log:
        log.append([(late.entry, encode_frame(late.salts, late.body))])
        # The writer itself refuses; what forged it had the keys and not the scruples.
        log._ts = 0
        log.append([(early.entry, encode_frame(early.salts, early.body))])
        log.publish()
    assert alarms(verify_vault(vault)) == [("log/tile/entries/000.p/7 entry 6", "time")]


def test_an_entry_that_is_not_canonical_is_named_even_if_it_was_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = make_vault(tmp_path)

    sealed = seal("channel", "2027-01-01T00:00:00Z", [("a", b"1")])
    spaced = sealed.entry.replace(b'"_sd":[', b'"_sd":[ ')
    record = (spaced, encode_frame(sealed.salts, sealed.body))
    with open_log(vault, Clock(1_800_000_000)) as log, pytest.raises(FormatError):
        log.append([record])
    # Our own log refuses it; another writer with the same key may not.
    with open_log(vault, Clock(1_800_000_000)) as log:
        lenient = Entry("channel", "2027-01-01T00:00:00Z", (), ())
        monkeypatch.setattr("holdfast.vault.log.parse_entry", lambda _raw: lenient)
        log.append([record])
        log.publish()
    assert alarms(verify_vault(vault)) == [("log/tile/entries/000.p/6 entry 5", "entry")]


# --- artefacts -------------------------------------------------------------------------------------


def test_an_artefact_that_nothing_names_is_worth_a_note(small: Path) -> None:
    extra = keep(small, b"kept by a capture that was killed")
    report = verify_vault(small)
    path = f"blobs/sha256/{extra.digest[:2]}/{extra.digest[2:4]}/{extra.digest}"
    assert (report.verdict, notes(report), alarms(report)) == (Verdict.HOLDS, [(path, "unnamed")], [])


def test_where_an_entry_cannot_be_opened_nothing_is_called_unnamed(small: Path) -> None:
    (small / private_path(0, 5)).unlink()
    report = verify_vault(small)
    assert alarms(report) == [("private/entries/000.p/5", "missing")]
    assert notes(report) == [("blobs", "unnamed")]


def test_a_claim_about_an_artefacts_size_is_held_against_its_bytes(tmp_path: Path) -> None:

    vault = make_vault(tmp_path)
    photo = keep(vault, b"a photo")
    append(vault, posts_record([post(1, photo)]), capture_record(Artefact(photo.digest, 8)))
    report = verify_vault(vault)
    # post() points to bytes 10 to 30 of its export.
    assert alarms(report) == [("private/entries/000.p/7 entry 5", "claim")] * 2
    assert [one.message for one in report.findings] == [
        "states an artefact of 8 bytes, it has 7",
        "points to byte 30 of an artefact of 7 bytes",
    ]


def test_an_artefact_in_both_forms_must_hold_in_both(small: Path) -> None:
    keep(small, b"twice")
    (plain,) = [
        path for path in (small / "blobs").rglob("*") if path.is_file() and path.read_bytes() == b"twice"
    ]
    keep(small, b"another", compress=True)
    packed = next(path for path in (small / "blobs").rglob("*.zst") if path.stat().st_size < 100)
    twin = plain.with_name(plain.name + ".zst")
    shutil.copy(packed, twin)
    assert alarms(verify_vault(small)) == [(str(twin.relative_to(small)), "digest")]


# --- what is beside --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "log/readme",
        "log/tile/0/000.p/05",
        "log/tile/entries/x000/000",
        "private/notes.txt",
        "private/0/000",
        "private/tile/000",
        "private/entries/0",
        "blobs/notes.txt",
        "blobs/sha256/00/00/" + "1" * 64,
        "blobs/sha256/11/11/" + "1" * 63,
        "keys/other.pem",
        "vault.json.bak",
        "st\nrange",
    ],
)
def test_a_stranger_anywhere_is_named(small: Path, name: str) -> None:
    path = small / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"added")
    assert alarms(verify_vault(small)) == [(name if name.isprintable() else ascii(name), "added")]


def test_what_a_killed_write_leaves_is_a_note(small: Path) -> None:
    for name in (".tmp-1", "log/.tmp-1", "private/entries/.tmp-2", "blobs/sha256/.tmp-3", "keys/.tmp-4"):
        path = small / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    (small / ".tmp-catalog").mkdir()
    (small / "catalog").mkdir()
    (small / "catalog" / "anything").write_bytes(b"disposable")
    report = verify_vault(small)
    assert (report.verdict, {code for _, code in notes(report)}) == (Verdict.HOLDS, {"temporary"})
    assert len(report.findings) == 6


def test_a_lock_that_holds_bytes_is_named(small: Path) -> None:
    (small / "lock").write_bytes(b"x")
    assert alarms(verify_vault(small)) == [("lock", "added")]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_links_pipes_and_folders_are_not_read_as_files(small: Path, kind: str) -> None:
    for name in ("private/entries/000.p/5", "log/checkpoint", str(next(files_in(small, "blobs")))):
        path = small / name
        path.unlink()
        if kind == "link":
            path.symlink_to("/etc/hostname")
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
    found = dict(alarms(verify_vault(small)))
    # An empty folder in a file's place leaves the file missing.
    assert found["log/checkpoint"] == "not_a_file"
    assert found["private/entries/000.p/5"] == ("missing" if kind == "folder" else "not_a_file")
    if kind != "folder":
        assert found[name] == "not_a_file"


def files_in(vault: Path, part: str) -> Iterator[Path]:
    return (path.relative_to(vault) for path in sorted((vault / part).rglob("*")) if path.is_file())


def test_a_folder_that_is_a_file_is_named(small: Path) -> None:
    shutil.rmtree(small / "private" / "entries")
    shutil.rmtree(small / "private")
    (small / "private").write_bytes(b"")
    found = alarms(verify_vault(small))
    assert ("private", "not_a_folder") in found


class FailingDisk:
    """Makes the system calls on some paths fail as a dying disk does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, part: str, *calls: str) -> None:
        for call in calls:
            real = getattr(os, call)

            def fail(path: object, *rest: object, _real: object = real, **more: object) -> object:
                if str(path).endswith(part):
                    raise OSError(5, "Input/output error")
                return _real(path, *rest, **more)  # type: ignore[operator]  # the call that stood there

            monkeypatch.setattr(os, call, fail)


@pytest.mark.parametrize(
    ("part", "call", "place"),
    [
        ("log/checkpoint", "lstat", "log/checkpoint"),
        ("private/entries/000.p/5", "lstat", "private/entries/000.p/5"),
        ("log/tile/0/000.p/5", "lstat", "log/tile/0/000.p/5"),
        ("private/entries/000.p", "scandir", "private/entries/000.p"),
        ("copy", "scandir", "."),
        ("blobs/sha256", "scandir", "blobs/sha256"),
    ],
)
def test_what_cannot_be_read_leaves_the_question_open(
    small: Path, monkeypatch: pytest.MonkeyPatch, part: str, call: str, place: str
) -> None:
    with monkeypatch.context() as patch:
        FailingDisk(patch, part, call)
        report = verify_vault(small)
    unchecked = [(one.place, one.code) for one in report.of(Severity.UNCHECKED)]
    assert (place, "unreadable") in unchecked
    if call == "lstat":
        assert (report.verdict, report.exit_code) == (Verdict.NOT_CHECKED, 5)


def test_an_unreadable_artefact_is_unchecked_and_a_wound_elsewhere_still_decides(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = next(path for path in (small / "blobs").rglob("*") if path.is_file() and path.suffix == "")
    with monkeypatch.context() as patch:
        FailingDisk(patch, blob.name, "lstat")
        assert verify_vault(small).verdict is Verdict.NOT_CHECKED
        (small / "added").write_bytes(b"")
        assert verify_vault(small).verdict is Verdict.DOES_NOT_HOLD


def test_findings_beyond_the_limit_are_counted(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings_module, "MAX_FINDINGS", 3)
    for number in range(5):
        (small / f"stranger{number}").write_bytes(b"")
    report = verify_vault(small)
    assert (len(report.findings), report.unlisted, report.verdict) == (3, 2, Verdict.DOES_NOT_HOLD)


# --- a sample --------------------------------------------------------------------------------------


def test_a_sample_holds_and_says_that_it_is_one(many: Path) -> None:
    report = verify_vault(many, sample=7)
    assert (report.verdict, report.findings, report.sample) == (Verdict.HOLDS, (), 7)
    assert (report.counts.entries, report.counts.artefacts) == (7, 3)


def test_a_sample_of_everything_finds_a_wounded_entry_tile_or_artefact(large: Path) -> None:
    bundle, tile = large / "log" / tiles.bundle_path(1), large / "log" / tiles.tile_path(0, 0)
    whole = bundle.read_bytes()
    bundle.write_bytes(whole.replace(b'"v":1}', b'"v":2}', 1))
    found = alarms(verify_vault(large, sample=600))
    assert found == [("log/tile/entries/001 entry 256", "entry")]
    bundle.write_bytes(whole)
    data = bytearray(tile.read_bytes())
    data[0] ^= 1
    tile.write_bytes(data)
    assert {code for _, code in alarms(verify_vault(large, sample=600))} == {"entry"}
    tile.unlink()
    assert alarms(verify_vault(large, sample=600)) == [("log/tile/0/000", "missing")]


def test_a_sample_leaves_open_what_an_erasure_elsewhere_may_explain(small: Path) -> None:
    reframe(small, 0, without((1, "text")))
    for path in (small / "blobs").rglob("*.zst"):
        path.unlink()
    report = verify_vault(small, sample=5)
    (disclosure, artefact) = report.of(Severity.UNCHECKED)
    assert (disclosure.place, disclosure.code) == ("private/entries/000.p/5 entry 0", "missing")
    assert (artefact.place[:13], artefact.code) == ("blobs/sha256/", "missing")
    assert report.verdict is Verdict.NOT_CHECKED


def test_a_wounded_entry_is_not_asked_for_what_opens_it(small: Path) -> None:
    reframe(small, 0, without((1, "text")))
    path = small / "log" / tiles.bundle_path(0, 5)
    path.write_bytes(path.read_bytes().replace(b"03:43:0", b"03:42:0", 1))
    assert alarms(verify_vault(small)) == [("log/tile/entries/000.p/5 entry 0", "entry")]


def test_a_frame_of_an_impossible_size_is_not_read(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.verify.bundles.MAX_FRAME_BYTES", 100)
    assert alarms(verify_vault(small)) == [("private/entries/000.p/5", "oversized")]


def test_a_file_that_goes_away_while_it_is_listed_is_unchecked(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    @contextmanager
    def scandir(path: object) -> Iterator[list[os.DirEntry[str]]]:
        found = list(real(path))  # type: ignore[call-overload]  # whatever walk asks for
        for entry in found:
            if entry.name == "fleeting":
                os.unlink(entry.path)
        yield found

    (small / "log" / "fleeting").write_bytes(b"")
    monkeypatch.setattr("holdfast.verify.files.os.scandir", scandir)
    report = verify_vault(small)
    assert [(one.place, one.code) for one in report.of(Severity.UNCHECKED)] == [
        ("log/fleeting", "unreadable")
    ]


# --- earlier and later files -----------------------------------------------------------------------


def unsigned(tmp_path: Path, entries: int, more: int) -> Path:
    """A vault whose writer was killed between the files of `more` entries and their signature."""
    vault = make_vault(tmp_path, entries)
    signed = (vault / "log" / "checkpoint").read_bytes()
    before = copy_of(vault, tmp_path, "before")
    append(vault, *(channel_record(100 + number) for number in range(more)))
    (vault / "log" / "checkpoint").write_bytes(signed)
    # The partial files of the signed head are still there: nothing was removed before the new head was shown.
    for path in before.rglob("*"):
        target = vault / path.relative_to(before)
        if path.is_file() and not target.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    return copy_of(vault, tmp_path)


@pytest.mark.parametrize(("entries", "more"), [(5, 3), (5, 251), (5, 300), (250, 300), (256, 5), (510, 3)])
def test_files_beyond_the_head_that_continue_the_log_are_a_note(
    tmp_path: Path, entries: int, more: int
) -> None:
    report = verify_vault(unsigned(tmp_path, entries, more))
    assert (alarms(report), notes(report), report.verdict) == ([], [("log", "unsigned")], Verdict.HOLDS)
    assert report.counts.entries == entries


def test_where_the_full_files_replaced_the_partial_ones_the_head_still_holds(tmp_path: Path) -> None:
    vault = unsigned(tmp_path, 250, 10)
    for name in ("log/tile/entries/000.p", "log/tile/0/000.p", "private/entries/000.p"):
        shutil.rmtree(vault / name)
    report = verify_vault(vault)
    assert (alarms(report), report.counts.entries) == ([], 250)


def test_files_of_earlier_heads_hold_if_they_tell_the_same_story(tmp_path: Path) -> None:
    vault = make_vault(tmp_path, 5)
    older = copy_of(vault, tmp_path, "older")
    append(vault, channel_record(7))
    shutil.copy(older / private_path(0, 5), vault / private_path(0, 5))
    assert (vault / "log" / tiles.bundle_path(0, 5)).exists(), "the log keeps its earlier partial bundles"
    assert verify_vault(vault).findings == ()


@pytest.mark.parametrize(
    "name",
    ["log/tile/entries/000.p/5", "log/tile/0/000.p/5", "private/entries/000.p/5"],
)
def test_a_file_of_an_earlier_head_that_was_changed_is_named(tmp_path: Path, name: str) -> None:
    vault = make_vault(tmp_path, 5)
    older = copy_of(vault, tmp_path, "older")
    append(vault, channel_record(7))
    data = bytearray((older / name).read_bytes())
    data[60] ^= 1
    (vault / name).unlink(missing_ok=True)
    (vault / name).write_bytes(data)
    found = alarms(verify_vault(vault))
    assert {place.split(" ")[0] for place, _ in found} == {name}
    # Alone, without an entry bundle of its size beside it, a private bundle is opened with the newer entries.
    if name.startswith("private"):
        (vault / "log" / tiles.bundle_path(0, 5)).unlink()
        assert {place.split(" ")[0] for place, _ in alarms(verify_vault(vault))} == {name}


def wounded_later(vault: Path, name: str, change: Callable[[bytes], bytes]) -> list[tuple[str, str]]:
    path = vault / name
    path.write_bytes(change(path.read_bytes()))
    return [(place.split(" ")[0], code) for place, code in alarms(verify_vault(vault))]


def flip(data: bytes) -> bytes:
    return data[:20] + bytes([data[20] ^ 1]) + data[21:]


def test_a_later_file_that_does_not_continue_the_log_is_named(tmp_path: Path) -> None:
    vault = unsigned(tmp_path, 250, 10)
    for name, change, code in (
        ("log/tile/entries/000", flip, "bundle"),
        ("log/tile/entries/001.p/4", lambda data: data[:-1], "bundle"),
        ("log/tile/0/000", flip, "tile"),
        ("log/tile/0/001.p/4", flip, "tile"),
        ("log/tile/0/001.p/4", lambda data: data[:-1], "tile"),
        ("log/tile/0/001.p/4", lambda data: data + bytes(10_000), "oversized"),
        ("log/tile/1/000.p/1", flip, "tile"),
        ("private/entries/001.p/4", flip, "disclosure"),
    ):
        good = (vault / name).read_bytes()
        assert (name, code) in wounded_later(vault, name, change)
        (vault / name).write_bytes(good)
    assert alarms(verify_vault(vault)) == []


def test_a_later_entry_that_is_no_entry_is_named(tmp_path: Path) -> None:
    vault = unsigned(tmp_path, 5, 1)
    path = vault / "log" / tiles.bundle_path(0, 6)
    entries = tiles.split_bundle(path.read_bytes(), 6)
    path.write_bytes(tiles.join_bundle([*entries[:5], b"{}"]))
    found = alarms(verify_vault(vault))
    assert ("log/tile/entries/000.p/6 entry 5", "entry") in found


@pytest.mark.parametrize(
    "name",
    [
        "log/tile/0/000.p/9",
        "log/tile/0/007",
        "log/tile/1/000.p/1",
        "log/tile/5/000.p/3",
        "private/entries/000.p/9",
        "private/entries/003",
    ],
)
def test_a_later_file_without_the_entries_below_it_was_added(small: Path, name: str) -> None:
    path = small / name
    width = int(path.name) if path.parent.suffix == ".p" else 256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(32 * width))
    assert alarms(verify_vault(small)) == [(name, "added")]


def test_a_later_bundle_without_its_disclosures_is_what_a_killed_writer_leaves(tmp_path: Path) -> None:
    vault = unsigned(tmp_path, 5, 3)
    (vault / private_path(0, 8)).unlink()
    (vault / "log" / tiles.tile_path(0, 0, 8)).unlink()
    report = verify_vault(vault)
    assert (alarms(report), notes(report)) == ([], [("log", "unsigned")])


def test_a_wound_in_the_signed_entries_is_not_blamed_on_later_files(tmp_path: Path) -> None:
    vault = unsigned(tmp_path, 5, 3)
    path = vault / "log" / tiles.bundle_path(0, 5)
    path.write_bytes(path.read_bytes().replace(b'"v":1}', b'"v":2}', 1))
    assert alarms(verify_vault(vault)) == [("log/tile/entries/000.p/5 entry 0", "entry")]
    path.unlink()
    assert alarms(verify_vault(vault)) == [("log/tile/entries/000.p/5", "missing")]


def test_a_private_bundle_of_another_count_is_named(small: Path) -> None:
    path = small / private_path(0, 5)
    frames = parse_bundle(path.read_bytes())
    path.write_bytes(encode_bundle(frames[:4]))
    assert alarms(verify_vault(small)) == [("private/entries/000.p/5", "bundle")]


def test_the_names_of_units_do_not_matter_to_the_digests(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    append(vault, flat_record("later_type", anything={"artefact": "no claim in a type that is not known"}))
    assert verify_vault(vault).findings == ()
    assert encode({"a": 1}) == b'{"a":1}'
