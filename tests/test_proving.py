"""Proof folders: whole, exact, silent about what is nobody's business, and harmless whatever was archived."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from holdfast.archive import Archive
from holdfast.errors import HoldfastError, StorageError, UsageError, VaultLockedError
from holdfast.proving import ProofSummary, prove_post
from holdfast.vault.format.key import encode_vkey, parse_vkey
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
