"""Proof folders: whole, exact, silent about what is nobody's business, and harmless whatever was archived."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from holdfast.archive import Archive
from holdfast.capture.telegram_api import MEDIA_TYPE
from holdfast.cli import main
from holdfast.cli.demo import play_tour
from holdfast.errors import HoldfastError, StorageError, UsageError, VaultLockedError
from holdfast.fake_telegram import parse_scenario
from holdfast.fetch.warc_reading import parse_exchange
from holdfast.proofpage import entries_page
from holdfast.proving import ProofSummary, prove_entries, prove_post
from holdfast.vault.blobs import Blobs
from holdfast.vault.canon import seal
from holdfast.vault.format.key import encode_vkey, parse_vkey
from holdfast.vault.private import encode_frame
from holdfast.verify.findings import Verdict
from holdfast.verify.proof import verify_proof
from tests.archives import CHANNEL, new_archive, take, write_export
from tests.capture.exports import message


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "vault") as found:
        yield found


def proved(archive: Archive, post: str, out: Path, **options: object) -> ProofSummary:
    summary = prove_post(archive, post, out, **options)  # type: ignore[arg-type]  # each test gives what it names
    keys = [parse_vkey(line) for line in (out / "log.vkey").read_text().split()]
    for given in (None, keys):
        report = verify_proof(out, keys=given)
        assert report.verdict is Verdict.HOLDS, report.findings
        assert not report.findings, report.findings
    return summary


def holds(out: Path) -> None:
    report = verify_proof(out)
    assert report.verdict is Verdict.HOLDS, report.findings
    assert not report.findings, report.findings


def shown(out: Path) -> str:
    """Every disclosure of a proof folder, decoded, in one text."""
    from base64 import urlsafe_b64decode

    lines = [line for path in (out / "entries").glob("*.disclosures") for line in path.read_text().split()]
    return "\n".join(urlsafe_b64decode(line + "=" * (-len(line) % 4)).decode() for line in lines)


def test_a_proof_holds_every_observation_and_the_captures_that_looked(
    archive: Archive, tmp_path: Path
) -> None:
    export = write_export(tmp_path / "a", message(1, photo="1.jpg"), message(2))
    (export / "1.jpg").write_bytes(b"picture")
    take(archive, export)
    take(archive, write_export(tmp_path / "b", message(1, text="otherwise"), message(2)))
    take(archive, write_export(tmp_path / "c", message(0), message(2)))
    summary = proved(archive, f"{CHANNEL}/1", tmp_path / "proof")
    kinds = [row["type"] for row in summary.entries]
    assert kinds.count("posts") == 2
    assert kinds.count("absence") == 1
    assert kinds.count("capture") == 3
    assert [row["size_bytes"] for row in summary.artefacts] == [7]
    assert summary.keys == [encode_vkey(key) for key in archive.identity.keys]
    text = shown(tmp_path / "proof")
    assert "otherwise" in text
    assert '"route":"file"' not in text  # the collector's machine
    assert '"path":"' not in text.replace('"source_path":"', "")
    page = (tmp_path / "proof" / "index.html").read_text("utf-8")
    assert "Looked for and not there" in page
    assert all((tmp_path / "proof" / name).is_file() for name in summary.files)


@pytest.mark.parametrize("unit", ["author", "text", "media", "metrics", "raw"])
def test_a_unit_that_is_withheld_is_nowhere_in_the_folder(
    archive: Archive, tmp_path: Path, unit: str
) -> None:
    export = write_export(
        tmp_path / "a",
        message(1, text="the-text", author="the-author", photo="the-media.jpg",
                reactions=[{"type": "emoji", "count": 77123, "emoji": "👍"}]),
    )  # fmt: skip
    (export / "the-media.jpg").write_bytes(b"the-media")
    take(archive, export)
    digest = archive.post(f"{CHANNEL}/1").observations[0][1].raw.artefact  # type: ignore[union-attr]
    secret = {"metrics": "77123", "raw": digest}.get(unit, f"the-{unit}")
    summary = proved(archive, f"{CHANNEL}/1", tmp_path / "proof", withhold=(unit,))
    assert summary.withheld == [unit]
    folder = tmp_path / "proof"
    named = {path.name for path in folder.rglob("*")}
    texts = [path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()]
    if unit == "raw":
        # The capture's own account of its artefacts is withheld as well.
        assert '"artefacts"' not in shown(folder)
    assert secret not in shown(folder)
    assert not any(secret in text for text in texts if unit != "raw")
    assert not any(secret in name for name in named)
    assert "Withheld on purpose" in (folder / "index.html").read_text("utf-8")


def test_other_chats_of_an_account_are_not_shown(archive: Archive, tmp_path: Path) -> None:
    chats = [
        {"name": "Public", "type": "public_channel", "id": 5, "messages": [message(1)]},
        {"name": "Mother", "type": "personal_chat", "id": 6, "messages": [message(1)]},
    ]
    account = tmp_path / "account"
    account.mkdir()
    (account / "result.json").write_text(json.dumps({"chats": {"list": chats}}))
    take(archive, account)
    summary = proved(archive, "Public/1", tmp_path / "proof")
    assert "capture" in {row["type"] for row in summary.entries}
    assert "Mother" not in shown(tmp_path / "proof")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "proof").rglob("*") if path.is_file())
    assert b"Mother" not in everything


def test_media_can_be_left_out(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1, photo="1.jpg"))
    (export / "1.jpg").write_bytes(b"picture")
    take(archive, export)
    summary = proved(archive, f"{CHANNEL}/1", tmp_path / "proof", media=False)
    assert summary.artefacts == []
    assert not (tmp_path / "proof" / "artefacts").exists()


def test_thumbnails_go_with_their_media(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1, file="a.mp4", thumbnail="a_thumb.jpg"))
    (export / "a.mp4").write_bytes(b"film")
    (export / "a_thumb.jpg").write_bytes(b"small")
    take(archive, export)
    assert len(proved(archive, f"{CHANNEL}/1", tmp_path / "proof").artefacts) == 2


def test_a_post_that_stands_twice_in_one_entry_is_proved_twice(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1), message(1, text="otherwise")))
    summary = proved(archive, f"{CHANNEL}/1", tmp_path / "proof")
    places = [(row["index"], row["element"]) for row in summary.entries if row["type"] == "posts"]
    assert len(set(places)) == 2


def test_an_empty_folder_may_be_used_and_a_full_one_not(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1)))
    (tmp_path / "proof").mkdir()
    proved(archive, f"{CHANNEL}/1", tmp_path / "proof")
    with pytest.raises(UsageError, match="is there already"):
        prove_post(archive, f"{CHANNEL}/1", tmp_path / "proof")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is there already"):
        prove_post(archive, f"{CHANNEL}/1", tmp_path / "file")
    with pytest.raises(StorageError, match="cannot make"):
        prove_post(archive, f"{CHANNEL}/1", tmp_path / "file" / "below")
    assert not list(tmp_path.glob(".tmp-*"))


@pytest.mark.parametrize("unit", ["post", "everything", ""])
def test_only_units_can_be_withheld(archive: Archive, tmp_path: Path, unit: str) -> None:
    with pytest.raises(UsageError, match="cannot be withheld"):
        prove_post(archive, f"{CHANNEL}/1", tmp_path / "proof", withhold=[unit])


def test_what_is_not_published_yet_cannot_be_proved_yet(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1)))
    archive.engine()
    checkpoint = (archive.vault / "log" / "checkpoint").read_bytes()
    take(archive, write_export(tmp_path / "b", message(1), message(2)))
    (archive.vault / "log" / "checkpoint").write_bytes(checkpoint)
    with pytest.raises(VaultLockedError, match="not covered by the published checkpoint"):
        prove_post(archive, f"{CHANNEL}/2", tmp_path / "proof")
    assert not (tmp_path / "proof").exists()


def test_a_disk_that_refuses_leaves_nothing_behind(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(archive, write_export(tmp_path / "a", message(1)))
    import os

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(StorageError, match="cannot write the proof"):
        prove_post(archive, f"{CHANNEL}/1", tmp_path / "proof")
    assert not (tmp_path / "proof").exists()
    assert not list(tmp_path.glob(".tmp-*"))


def test_media_that_are_gone_from_the_vault_are_an_alarm(archive: Archive, tmp_path: Path) -> None:
    export = write_export(tmp_path / "a", message(1, photo="1.jpg"))
    (export / "1.jpg").write_bytes(b"picture")
    take(archive, export)
    for path in (archive.vault / "blobs").rglob("*"):
        if path.is_file() and path.suffix != ".zst":
            path.unlink()
    with pytest.raises(HoldfastError, match="keep this copy untouched"):
        prove_post(archive, f"{CHANNEL}/1", tmp_path / "proof")


# -- hostile content on the page ---------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</blockquote></body><iframe src='javascript:alert(1)'>",
    "]]><![CDATA[<b>",
    '"><a href="javascript:alert(1)">',
    "<!-- <style>*{display:none}</style>",
    "&lt;script&gt;&#60;b&#62;",
    "\x1b[2J\x07\x00\u202e\u2066",
    "<svg/onload=alert(1)>",
    "<meta http-equiv=refresh content='0;url=http://a.example'>",
]
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "strong", "blockquote", "table", "tbody", "tr",
    "th", "td", "code", "ol", "li", "pre", "br",
}  # fmt: skip


@pytest.mark.parametrize("evil", HOSTILE)
def test_archived_text_stands_on_the_page_as_text_only(archive: Archive, tmp_path: Path, evil: str) -> None:
    export = write_export(
        tmp_path / "a",
        message(1, text=evil, author=evil, photo=evil, file_name=evil, forwarded_from=evil),
        name=f"T{evil}",
    )
    take(archive, export)
    proved(archive, f"{CHANNEL}/1", tmp_path / "proof")
    page = LexborHTMLParser((tmp_path / "proof" / "index.html").read_bytes())
    tags = {node.tag for node in page.css("*")}
    assert tags <= ALLOWED, tags - ALLOWED
    assert not [node for node in page.css("*") if any(name.startswith("on") for name in node.attributes)]
    assert not page.css("[href], [src], [action]")
    assert len(page.css("meta")) == 3
    policy = page.css_first('meta[http-equiv="Content-Security-Policy"]')
    assert policy is not None
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    quote = page.css_first("blockquote")
    assert quote is not None
    kept = "".join("\ufffd" if ord(each) < 32 else each for each in evil)
    assert quote.text() == kept
    assert quote.child is not None
    assert quote.child.next is None  # one run of text


def test_a_post_without_words_or_times_has_a_page(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1, text="", date_unixtime=None)))
    proved(archive, f"{CHANNEL}/1", tmp_path / "proof")
    page = (tmp_path / "proof" / "index.html").read_text("utf-8")
    assert "It has no text." in page
    assert "zone is not recorded" in page


def test_a_post_of_five_megabytes_is_proved(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1, text="слово " * 900_000)))
    summary = proved(archive, f"{CHANNEL}/1", tmp_path / "proof")
    assert msgspec.json.decode((tmp_path / "proof" / "proof.json").read_bytes())["post"] == "1"
    assert summary.checkpoint_size == 3


# -- what was seen live --------------------------------------------------------------------------------------

EVIL = "<script>alert(1)</script>"
LIVE = f"""
format = 1
start = 2023-11-16T10:00:00Z
end = "+7h"

[[channel]]
id = 4000000081
username = "pier_demo"
title = "Pier {EVIL} (invented)"
description = "Ferries {EVIL}"
followers = [["+0h", 25180]]

[[channel.event]]
at = "+5h30m"
what = "preview off"

[[channel.post]]
at = "+0h"
text = "The ferry is late."
signature = "the-author"
views = 25199
media = [{{ kind = "photo", size = 3000, format = "png" }}]

[[channel.post.edit]]
at = "+2h30m"
text = "The ferry is here."

[[channel.post]]
at = "+20m"
text = "This one will vanish."
views = [["+20m", 10], ["+4h", 900]]
deleted_at = "+3h30m"

[[channel.post]]
at = "+30m"
text = "This one stays as it is."
views = 7
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Seven hours of a channel under watch: an edit, a post that vanishes, then no preview any more."""
    vault = tmp_path_factory.mktemp("live") / "vault"
    play_tour(vault, parse_scenario(LIVE.encode(), "pier"))
    with Archive.open(vault, workers=0) as found:
        yield found


def kinds(summary: ProofSummary) -> list[str]:
    return [row["type"] for row in summary.entries]


def records(live: Archive, out: Path) -> list[str]:
    """The pages that a proof holds: the body of every record that one of its posts was read from."""
    found = []
    for line in shown(out).splitlines():
        value = json.loads(line)
        if value[1:2] == ["raw"]:
            raw = value[2]
            data = (out / "artefacts" / raw["artefact"]).read_bytes()
            exchange = parse_exchange(data[raw["offset"] : raw["offset"] + raw["length"]])
            found.append(exchange.body().decode())
    return found


def test_a_post_seen_live_comes_with_the_pages_that_it_was_read_from(live: Archive, tmp_path: Path) -> None:
    summary = proved(live, "pier_demo/1", tmp_path / "proof")
    pages = records(live, tmp_path / "proof")
    assert len(pages) == kinds(summary).count("posts") >= 2
    assert any("The ferry is late." in page for page in pages)
    assert any("The ferry is here." in page for page in pages)
    said = shown(tmp_path / "proof")
    assert '"asked":["/s/pier_demo"]' in said
    assert '"answers":[["1",' in said
    assert '"collector"' not in said  # it names the machine
    page = (tmp_path / "proof" / "index.html").read_text("utf-8")
    assert "25,050 to 25,199 (shown as 25.1K)" in page
    assert "nobody has said whether it rounds or cuts" in page
    assert "answers as received (WARC)" in page
    assert "can speak of the ids 1–3" in page
    assert "labels: the source does not speak of them" in page
    photo = [row for row in summary.artefacts if row["name"] is not None]
    assert [row["size_bytes"] for row in photo] == [3000]


def test_the_collector_is_shown_where_it_names_no_machine(tmp_path: Path) -> None:
    short = LIVE.replace('end = "+7h"', 'end = "+1h"')
    play_tour(tmp_path / "vault", parse_scenario(short.encode(), "pier"), record_host=False)
    with Archive.open(tmp_path / "vault", workers=0) as nameless:
        proved(nameless, "pier_demo/1", tmp_path / "proof")
    said = shown(tmp_path / "proof")
    assert '"collector",{"tool":"holdfast"' in said
    assert '"route":"direct"' in said


def test_a_post_that_vanished_comes_with_the_absence_and_the_last_look_before_it(
    live: Archive, tmp_path: Path
) -> None:
    summary = proved(live, "4000000081/2", tmp_path / "proof")
    said = shown(tmp_path / "proof")
    assert kinds(summary).count("absence") == 1
    assert '"answered":"not found"' in said
    assert "the post's own page" in said
    page = (tmp_path / "proof" / "index.html").read_text("utf-8")
    assert "posts looked for and not there: 2; answered: not found" in page
    absent = next(row["index"] for row in summary.entries if row["type"] == "absence")
    view = live.post("4000000081/2")
    before = [entry for _, _, entry in view.covered if entry < absent]
    assert not before or before[-1] in {row["index"] for row in summary.entries}


def test_a_post_that_never_changed_is_proved_by_the_captures_that_covered_it(
    live: Archive, tmp_path: Path
) -> None:
    view = live.post("pier_demo/3")
    assert len(view.observations) < len(view.covered)
    summary = proved(live, "pier_demo/3", tmp_path / "proof")
    assert view.covered[-1][2] in {row["index"] for row in summary.entries}


@pytest.mark.parametrize("unit", ["author", "text", "media", "metrics", "raw"])
def test_withholding_a_unit_keeps_the_raw_pages_back_too(live: Archive, tmp_path: Path, unit: str) -> None:
    secret = {"author": b"the-author", "text": b"ferry is", "metrics": b'"views"'}.get(unit)
    summary = proved(live, "pier_demo/1", tmp_path / "proof", withhold=(unit,))
    folder = tmp_path / "proof"
    assert not [row for row in summary.artefacts if row["name"] is None]
    everything = shown(folder).encode() + b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".tlog-proof"
    )
    if secret is not None:
        assert secret not in everything
    if unit == "raw":
        assert '"artefacts"' not in shown(folder)
        assert '"raw"' not in shown(folder)


def test_some_entries_of_a_post_can_be_proved_alone(live: Archive, tmp_path: Path) -> None:
    view = live.post("pier_demo/1")
    edit = next(row for row, _ in view.observations if "text" in row.changed)
    summary = proved(live, "pier_demo/1", tmp_path / "proof", only=[edit.entry, 0])
    assert [row["index"] for row in summary.entries if row["type"] == "posts"] == [edit.entry]
    assert 0 in {row["index"] for row in summary.entries}  # the card that was named
    assert kinds(summary).count("capture") == 2
    page = (tmp_path / "proof" / "index.html").read_text("utf-8")
    assert "The ferry is here." in page
    own = {row.entry for row, _ in view.observations}
    wrong = next(row.entry for row, _ in live.post("pier_demo/2").observations if row.entry not in own)
    with pytest.raises(UsageError, match=f"entry {wrong} holds no observation of post 1"):
        prove_post(live, "pier_demo/1", tmp_path / "other", only=[wrong])
    assert not list(tmp_path.glob(".tmp-*"))


def entries_of(archive: Archive, kind: str) -> list[int]:
    size = archive.reader.checkpoint()[0].checkpoint.size
    return [index for index in range(size) if archive.reader.opened(index)[0].kind == kind]


def test_what_a_timeline_prints_can_be_proved_entry_by_entry(live: Archive, tmp_path: Path) -> None:
    cards, absences = entries_of(live, "channel"), entries_of(live, "absence")
    summary = prove_entries(live, [cards[-1], cards[0], absences[0]], tmp_path / "proof")
    holds(tmp_path / "proof")
    assert summary.post is None
    assert kinds(summary).count("capture") == 3
    contents = msgspec.json.decode((tmp_path / "proof" / "proof.json").read_bytes())
    assert (contents["channel"], contents["post"]) == ("4000000081", "")
    assert len(summary.artefacts) == 3
    page = (tmp_path / "proof" / "index.html").read_text("utf-8")
    assert "followers: 25,050 to 25,199 (shown as 25.1K)" in page
    assert "labels: the source does not speak of them; whether there were any is not known" in page
    assert "answered: no preview" in page
    assert "asked for: /s/pier_demo" in page
    tree = LexborHTMLParser(page)
    assert {node.tag for node in tree.css("*")} <= ALLOWED
    assert EVIL in tree.text()


def test_every_flat_entry_of_a_watch_can_be_proved_alone(live: Archive, tmp_path: Path) -> None:
    for kind in ("channel", "absence", "capture"):
        for index in entries_of(live, kind):
            summary = prove_entries(live, [index], tmp_path / str(index))
            holds(tmp_path / str(index))
            assert kinds(summary).count("capture") == 1
            assert [row["digest"] for row in summary.artefacts] == sorted(live_pages(live, summary))


def live_pages(live: Archive, summary: ProofSummary) -> list[str]:
    """Digests of the raw answers of the captures that a proof holds."""
    captures = [row["index"] for row in summary.entries if row["type"] == "capture"]
    return [each["digest"] for index in captures for each in live.reader.opened(index)[1].value("artefacts")]


def test_an_entry_of_posts_needs_a_post(live: Archive, tmp_path: Path) -> None:
    (first, *_) = entries_of(live, "posts")
    with pytest.raises(UsageError, match=f"entry {first} holds [0-9]+ posts") as told:
        prove_entries(live, [first], tmp_path / "proof")
    assert f"prove 4000000081/1 --entry {first}" in told.value.remedy
    with pytest.raises(VaultLockedError, match="not covered by the published checkpoint"):
        prove_entries(live, [10**9], tmp_path / "proof")
    assert not (tmp_path / "proof").exists()


def test_entries_of_several_channels_can_stand_in_one_folder_but_not_under_one_name(
    archive: Archive, tmp_path: Path
) -> None:
    take(archive, write_export(tmp_path / "a", message(1), id=5, name="One"))
    take(archive, write_export(tmp_path / "b", message(1), id=6, name="Other"))
    one, other = entries_of(archive, "channel")
    summary = prove_entries(archive, [one, other], tmp_path / "both")
    holds(tmp_path / "both")
    assert kinds(summary).count("capture") == 2
    contents = msgspec.json.decode((tmp_path / "both" / "proof.json").read_bytes())
    assert (contents["channel"], contents["post"]) == ("", "")
    with pytest.raises(UsageError, match=f"entry {other} is not of channel 5"):
        prove_entries(archive, [one, other], tmp_path / "one", channel="5")
    with pytest.raises(UsageError, match=f"entry {other} is not of channel 5"):
        prove_post(archive, "5/1", tmp_path / "one", only=[other])
    assert not (tmp_path / "one").exists()


def test_what_an_unended_capture_left_is_proved_without_its_capture(archive: Archive, tmp_path: Path) -> None:
    of = {"id": "f" * 32, "channel": "5", "seen_at": "2026-11-23T03:42:58Z", "source": "telegram_web"}
    units = [("capture", msgspec.json.encode(of)), ("standing", b'{"answered":"shown"}')]
    with archive.writing() as writing:
        for identity in ("f" * 32, "e" * 32):
            units[0] = ("capture", msgspec.json.encode({**of, "id": identity}))
            sealed = seal("channel", writing.log.time_now(), units)
            writing.log.append([(sealed.entry, encode_frame(sealed.salts, sealed.body))])
    for index in (0, 1):
        assert kinds(prove_entries(archive, [index], tmp_path / str(index))) == ["channel"]
        holds(tmp_path / str(index))


def test_what_an_account_was_answered_stays_out_of_the_folder(archive: Archive, tmp_path: Path) -> None:
    answer = b'{"telegram_api":1}\n and what is the account\'s alone'
    held = Blobs(archive.vault).add(BytesIO(answer), compress=False, name="answers.tl")
    of = {"id": "f" * 32, "channel": "5", "seen_at": "2026-11-23T03:42:58Z", "source": "telegram_api"}
    raw = {"digest": held.digest, "size_bytes": len(answer), "name": "answers.tl", "media_type": MEDIA_TYPE}
    collector = {"tool": "holdfast", "host": "a-machine", "account": None, "route": "account"}
    entries: list[tuple[str, dict[str, object]]] = [
        ("channel", {"capture": of, "labels": [{"name": "fake"}], "standing": {"answered": "shown"}}),
        (
            "capture",
            {"capture": of, "collector": collector, "request": {"asked": ["card"]}, "artefacts": [raw]},
        ),
    ]
    with archive.writing() as writing:
        for kind, values in entries:
            units = [(name, msgspec.json.encode(value)) for name, value in values.items()]
            sealed = seal(kind, writing.log.time_now(), units)
            writing.log.append([(sealed.entry, encode_frame(sealed.salts, sealed.body))])
    summary = prove_entries(archive, [0], tmp_path / "proof")
    holds(tmp_path / "proof")
    assert kinds(summary) == ["channel", "capture"]
    assert summary.artefacts == []
    said = shown(tmp_path / "proof")
    assert '"asked":["card"]' in said
    assert "a-machine" not in said
    assert "label fake: there" in (tmp_path / "proof" / "index.html").read_text("utf-8")


def test_entries_of_an_import_are_proved_without_the_exports_file(archive: Archive, tmp_path: Path) -> None:
    take(archive, write_export(tmp_path / "a", message(1), message(2)))
    take(archive, write_export(tmp_path / "b", message(0), message(2)))
    for index in [*entries_of(archive, "channel"), *entries_of(archive, "absence")]:
        summary = prove_entries(archive, [index], tmp_path / str(index))
        holds(tmp_path / str(index))
        assert "capture" in kinds(summary)
        assert summary.artefacts == []
        assert '"path":"' not in shown(tmp_path / str(index))


def test_the_verb_proves_a_post_an_entry_or_says_what_is_missing(
    live: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absence = entries_of(live, "absence")[0]
    vault = ["--vault", str(live.vault)]
    assert main(["prove", "pier_demo/1", "--out", str(tmp_path / "a"), *vault]) == 0
    told = capsys.readouterr().out
    assert "proof of 4000000081/1 in" in told
    holds(tmp_path / "a")
    # The channel has no preview any more, which is why the post is not visible to us.
    assert '"answered":"no preview"' in shown(tmp_path / "a")
    words = ["prove", "--entry", str(absence), "--entry", "0", "--out", str(tmp_path / "b"), *vault]
    assert main(words) == 0
    assert f"proof of entry {absence}, entry 0 in" in capsys.readouterr().out
    holds(tmp_path / "b")
    assert main(["prove", "pier_demo", "--entry", "0", "--out", str(tmp_path / "c"), *vault]) == 0
    for wrong in (["pier_demo"], [], ["nobody", "--entry", "0"], ["--entry", "-1"]):
        assert main(["prove", *wrong, "--out", str(tmp_path / "d"), *vault]) == 2, wrong
    assert not (tmp_path / "d").exists()


def test_the_pages_command_for_a_raw_answer_prints_it_as_received(live: Archive, tmp_path: Path) -> None:
    missing = [tool for tool in ("bash", "tail", "head", "gzip") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"these tools are not here: {', '.join(missing)}")
    proved(live, "pier_demo/1", tmp_path / "proof")
    page = LexborHTMLParser((tmp_path / "proof" / "index.html").read_text("utf-8"))
    (command,) = [node.text() for node in page.css("ol li pre") if "gzip" in node.text()]
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path / "proof", capture_output=True, timeout=60, check=True
    )
    assert done.stdout.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
    assert b"/s/pier_demo" in done.stdout


ABOUT = {"keys": ["a+b+c"], "size": 9, "root": bytes(32), "withheld": frozenset(), "raw": set()}
OF = {"id": "0" * 32, "channel": "5", "seen_at": "2023-11-16T10:00:00Z", "source": "telegram_api"}


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        (
            "channel",
            {
                "capture": OF,
                "followers": 38142,
                "labels": [{"name": "fake"}, {"name": "scam", "is_set": False}],
                "restrictions": [{"platform": "ios", "reason": "terms", "text": EVIL}],
            },
            ["followers: 38,142", "label fake: there", "label scam: not there", "restricted on ios: terms"],
        ),
        ("channel", {"followers": {"high": 2}}, ["followers: of an unknown shape"]),
        ("channel", {"labels": [EVIL]}, ["label None: there"]),
        (
            "capture",
            {
                "coverage": [{"spans": [], "unresolved": [str(post) for post in range(30)]}, EVIL],
                "request": {"asked": [EVIL] * 30},
                "outcome": {"state": "partial", "detail": EVIL},
            },
            ["could not be asked for: 0, 1, 2", "…", "outcome: partial"],
        ),
        ("capture", {"request": EVIL, "coverage": None, "outcome": None}, []),
        ("absence", {"absence": {"posts": ["1"], "answered": "not in export"}}, ["answered: not in export"]),
        ("erasure", {"erasure": {"reason": EVIL}}, []),
    ],
)
def test_an_entrys_page_says_what_it_holds_whatever_that_is(
    kind: str, values: dict[str, object], told: list[str]
) -> None:
    contents = {"entries": [{"index": 4, "type": kind}], "artefacts": []}
    page = LexborHTMLParser(entries_page(contents, ABOUT, {4: values}))
    assert {node.tag for node in page.css("*")} <= ALLOWED
    for part in told:
        assert part in page.text(), part
    assert "Proof of entries 4" in page.text()
