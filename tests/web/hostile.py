"""An export in which every field tries to be something else: script, markup, another address, another direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.archives import write_export
from tests.capture.exports import message

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>'
ID = "1700000666"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(4)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(5)</script>"
ARABIC = "مرحبا بالعالم"


def hostile_export(folder: Path) -> Path:
    """Effects: writes the export's folder with its files."""
    (folder / "files").mkdir(parents=True)
    for name, content in (("a.svg", SVG), ("b.html", HTML), ("c.jpg", HTML), ("d.png", SVG)):
        (folder / "files" / name).write_bytes(content)
    runs: list[Any] = [
        SCRIPT,
        {"type": "text_link", "text": "https://bank.example/login", "href": "https://evil.example/login"},
        {"type": "text_link", "text": "press here", "href": "javascript:alert(6)"},
        {"type": "text_link", "text": "data", "href": "data:text/html,<script>alert(7)</script>"},
        {"type": "link", "text": "https://xn--80ak6aa92e.example/\u202egpj.exe"},
        {"type": "link", "text": "https://аррӏе.example/"},
        {"type": "mention", "text": SCRIPT},
        {"type": "pre", "text": SCRIPT, "language": SCRIPT},
        {"type": SCRIPT, "text": "a kind that nobody knows"},
        "\u202eright to left\u202c and \u200bnothing",
    ]
    records = [
        message(1, text=runs, text_entities=[]),
        message(2, text=ARABIC, text_entities=[], author=SCRIPT, **{"from": SCRIPT, "forwarded_from": SCRIPT}),
        *(
            message(10 + at, text=f"file {name}", file=f"files/{name}", file_name=SCRIPT, mime_type="text/html")
            for at, name in enumerate(("a.svg", "b.html", "d.png"))
        ),
        message(20, text="a photo that is a page", photo="files/c.jpg", width=10, height=10),
        message(21, text="", poll={"question": SCRIPT, "closed": False, "total_voters": 1,
                                   "answers": [{"text": SCRIPT, "voters": 1, "chosen": False}]}),
    ]  # fmt: skip
    return write_export(folder, *records, name=SCRIPT, id=int(ID))
