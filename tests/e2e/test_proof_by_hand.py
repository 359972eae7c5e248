"""The commands that a proof's page prints, run as they stand with the system's own tools."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from html import unescape
from pathlib import Path

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from holdfast.proving import prove_post
from holdfast.vault.canon import parse_entry
from tests.archives import CHANNEL, new_archive, take, write_export
from tests.capture.exports import message

TOOLS = ("bash", "sha256sum", "basenc", "base64", "openssl", "sed", "grep", "cut", "head", "tail", "tr")


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("by hand")
    export = write_export(folder / "export", message(1, photo="1.jpg", text="Здравствуйте"))
    (export / "1.jpg").write_bytes(b"picture")
    with new_archive(folder / "vault") as archive:
        take(archive, export)
        prove_post(archive, f"{CHANNEL}/1", folder / "proof")
    return folder / "proof"


@pytest.fixture(scope="module")
def commands(proof: Path) -> list[str]:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"these tools are not here: {', '.join(missing)}")
    page = LexborHTMLParser((proof / "index.html").read_text("utf-8"))
    return [unescape(node.text()) for node in page.css("ol li pre")]


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_media_hash_to_their_names(commands: list[str], proof: Path) -> None:
    digest = hashlib.sha256(b"picture").hexdigest()
    assert run(commands[0], proof) == f"{digest}  {digest}\n"


def test_disclosures_are_readable_and_their_digests_stand_in_the_entry(
    commands: list[str], proof: Path
) -> None:
    *lines, entry = run(commands[1], proof).splitlines()
    shown = dict(zip(lines[1::2], map(msgspec.json.decode, lines[::2]), strict=True))
    parsed = parse_entry(entry.encode())
    named = set(msgspec.json.decode(entry)["_sd"])
    opened = [each for each in shown.values() if len(each) == 2]
    inner = {digest for element in opened for digest in element[1]["_sd"]}
    outer = {each["..."] for each in msgspec.json.decode(entry)["posts"]}
    assert set(shown) == named | inner | outer
    assert any(each[1] == "text" and each[2] == "Здравствуйте" for each in shown.values() if len(each) == 3)
    assert parsed.kind == "posts"


def test_the_signature_is_openssls_to_confirm(commands: list[str], proof: Path, tmp_path: Path) -> None:
    work = tmp_path / "copy"
    shutil.copytree(proof, work)
    assert "Verified Successfully" in run(commands[2], work)
    checkpoint = work / "checkpoint"
    lines = checkpoint.read_bytes().split(b"\n")
    lines[1] = b"9"
    checkpoint.write_bytes(b"\n".join(lines))
    done = subprocess.run(
        ["bash", "-c", commands[2]], cwd=work, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Verified Successfully" not in done.stdout
