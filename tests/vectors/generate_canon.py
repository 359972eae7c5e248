"""Writes the worked example of docs/format.md anew from the naive implementation: part of `make vectors`.

The example stands there in fenced blocks whose info string is `vector NAME`. A test holds the document to
what this makes, and the product to the document.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.vectors import naive_canon as naive
from tests.vectors import naive_log

PATH = Path(__file__).resolve().parent.parent.parent / "docs" / "format.md"
BLOCK = re.compile(r"^```vector ([a-z-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

ORIGIN = "archive.example.org/example"
SEED = naive_log.sha256(b"a public seed for the worked example")
TIMES = ("2026-11-23T03:43:00Z", "2026-11-23T03:43:07Z")
CAPTURE = {
    "id": "000102030405060708090a0b0c0d0e0f",
    "channel": "1878264527",
    "seen_at": "2026-11-23T03:42:58Z",
    "source": "telegram_export",
}
CHANNEL: list[tuple[str, Any]] = [
    ("capture", CAPTURE),
    ("channel", {"id": "1878264527", "title": "Путь домой", "source_type": "public_channel"}),
    ("followers", None),
    ("labels", None),
]
EXPORT = naive_log.sha256(b"the bytes of an export").hex()
POSTS: list[list[Any]] = [
    [
        {"channel": "1878264527", "id": "6", "published_at": "2023-12-28T19:04:11Z"},
        None,
        ["Свидетельство ", {"type": "bold", "text": "вдовы"}, ", девять минут."],
        [{"kind": "video", "state": "not_included", "mime": "video/mp4", "duration_s": 546}],
        {"reactions": [["❤", 12], ["🙏", 7]]},
        {"artefact": EXPORT, "offset": 312, "length": 417},
    ],
    [
        {"channel": "1878264527", "id": "7", "published_at": "2023-12-29T06:30:00Z", "reply": {"post": "6"}},
        {"signature": "the desk"},
        "Бердянск",
        None,
        None,
        {"artefact": EXPORT, "offset": 731, "length": 198},
    ],
]


def records() -> list[naive.Record]:
    """The two entries: a channel's card, then its two posts; all salts from one counted source."""
    random = naive.counted("a public seed for the worked example")
    return [
        naive.flat("channel", TIMES[0], CHANNEL, random),
        naive.posts(TIMES[1], CAPTURE, POSTS, random),
    ]


def build() -> dict[str, str]:
    """The body of every block, by name."""
    made = records()
    entries = [one.entry for one in made]
    frames = [naive.frame(one.salts, one.body.encode()) for one in made]
    public = naive_log.ed25519_public(SEED)
    checkpoint = naive_log.checkpoint_text(ORIGIN, 2, naive_log.mth(entries)).decode()
    blocks: dict[str, str] = {}
    for name, one in zip(("channel", "posts"), made, strict=True):
        blocks[f"{name}-salts"] = lines(salt.hex() for salt in one.salts)
        blocks[f"{name}-body"] = one.body
        blocks[f"{name}-disclosures"] = lines(naive.base64url(each.encode()) for each in one.disclosures)
        blocks[f"{name}-digests"] = lines(map(naive.digest, one.disclosures))
        blocks[f"{name}-entry"] = one.entry.decode() + "\n"
        blocks[f"{name}-leaf"] = naive_log.mth([one.entry]).hex() + "\n"
    blocks["channel-frame"] = wrapped(frames[0])
    blocks["private-index"] = wrapped(naive.index(frames))
    blocks["bundle-head"] = naive_log.files(entries)["tile/entries/000.p/2"][:32].hex() + "\n"
    blocks["tile"] = wrapped(naive_log.files(entries)["tile/0/000.p/2"])
    blocks["root"] = naive_log.mth(entries).hex() + "\n"
    blocks["checkpoint"] = checkpoint
    blocks["vkey"] = naive_log.vkey(ORIGIN, 1, public) + "\n"
    blocks["signature"] = naive_log.ed25519_line(ORIGIN, SEED, checkpoint.encode()).decode()
    blocks["posts-withheld-body"] = withheld(made[1])
    return blocks


def withheld(record: naive.Record) -> str:
    """The body of the posts entry when its capture, the author of the first post and the second post are not held."""
    rows = record.body.splitlines()
    digest = naive.digest(record.disclosures[3])
    first = [row for row in rows[2:8] if not row.startswith('"author"')]
    return lines([f"+{digest}", *first, "-"])


def lines(items: Any) -> str:
    return "".join(f"{each}\n" for each in items)


def wrapped(data: bytes) -> str:
    text = data.hex()
    return lines(text[at : at + 128] for at in range(0, len(text), 128))


def example(document: str) -> dict[str, str]:
    """The blocks as they stand in the document."""
    return {found[1]: found[2] for found in BLOCK.finditer(document)}


def rewritten(document: str) -> str:
    """The document with every block made anew."""
    made = build()
    assert made.keys() == example(document).keys(), "the document has other blocks than are made here"
    return BLOCK.sub(lambda found: f"```vector {found[1]}\n{made[found[1]]}```", document)


def write() -> None:
    PATH.write_text(rewritten(PATH.read_text(encoding="utf-8")), encoding="utf-8")
