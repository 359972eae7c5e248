"""Writes our own vectors anew from the naive implementation: `python -m tests.vectors.generate`.

Those of entries and disclosures are the worked example of docs/format.md (`generate_canon`).
A test holds `log.json` to what this makes, and the product to `log.json`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.vectors import generate_canon
from tests.vectors import naive_log as naive

PATH = Path(__file__).parent / "log.json"
ORIGIN = "log.example.org/vectors"
WITNESS = "witness.example.org/w"
INCLUSIONS = ((0, 1), (0, 2), (1, 3), (2, 3), (6, 7), (0, 256), (255, 256), (256, 257), (5, 300), (299, 300))
CONSISTENCIES = (
    (1, 1),
    (1, 2),
    (2, 3),
    (3, 7),
    (4, 8),
    (6, 8),
    (255, 256),
    (256, 257),
    (256, 300),
    (257, 300),
)
TIME = 1_795_405_380  # 2026-11-23T03:43:00Z


def entry(index: int) -> bytes:
    """Entry bytes of every length from 0 up; entry 5 is empty."""
    return b"" if index == 5 else (f"entry {index} " * (index % 7 + 1)).encode()


def seed(name: str) -> bytes:
    return hashlib.sha256(f"a public seed for tests: {name}".encode()).digest()


def build() -> dict[str, Any]:
    """The vectors as JSON: bytes in hex, signed texts as text."""
    entries = [entry(index) for index in range(300)]
    public = naive.ed25519_public(seed("log"))
    witness_public = naive.ed25519_public(seed("witness"))
    checkpoints = []
    for size in (0, 1, 2, 3, 255, 256, 257, 300):
        root = naive.mth(entries[:size])
        text = naive.checkpoint_text(ORIGIN, size, root)
        note = text + b"\n" + naive.ed25519_line(ORIGIN, seed("log"), text)
        note += naive.cosignature_line(WITNESS, seed("witness"), text, TIME)
        checkpoints.append(
            {
                "size": size,
                "root": root.hex(),
                "note": note.decode(),
                "ml_dsa_message": naive.ml_dsa_message(ORIGIN, TIME, ORIGIN, size, root).hex(),
            }
        )
    return {
        "about": "Entries 0 to 299 are entry(i) of generate.py; hashes in hex; signatures by public seeds.",
        "origin": ORIGIN,
        "time": TIME,
        "log_vkey": naive.vkey(ORIGIN, 1, public),
        "log_seed": seed("log").hex(),
        "witness_vkey": naive.vkey(WITNESS, 4, witness_public),
        "witness_seed": seed("witness").hex(),
        "entries_sha256": hashlib.sha256(b"\n".join(entries)).hexdigest(),
        "roots": [naive.mth(entries[:size]).hex() for size in range(301)],
        "inclusion": [
            {"index": i, "size": n, "proof": [each.hex() for each in naive.path(i, entries[:n])]}
            for i, n in INCLUSIONS
        ],
        "consistency": [
            {"size1": m, "size2": n, "proof": [each.hex() for each in naive.proof(m, entries[:n])]}
            for m, n in CONSISTENCIES
        ],
        "files": {
            str(n): {at: hashlib.sha256(data).hexdigest() for at, data in naive.files(entries[:n]).items()}
            for n in (1, 255, 256, 257, 300)
        },
        "checkpoints": checkpoints,
        "tlog_proof": naive.tlog_proof(6, naive.path(6, entries), note, entries[6]).decode(),
    }


def encoded() -> str:
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(encoded(), encoding="utf-8")
    generate_canon.write()
