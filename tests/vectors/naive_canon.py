"""A second, naive implementation of entries, disclosures and private bundles, sharing no code with the product."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Random = Callable[[int], bytes]
UNITS = ["post", "author", "text", "media", "metrics", "raw"]


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digest(disclosure: str) -> str:
    """RFC 9901 section 4.2.3, over the JSON of a disclosure."""
    return base64url(hashlib.sha256(base64url(disclosure.encode()).encode("ascii")).digest())


def named(salt: bytes, name: str, value: Any) -> str:
    return compact([base64url(salt), name, value])


def element(salt: bytes, digests: Sequence[str]) -> str:
    return compact([base64url(salt), {"_sd": sorted(digests)}])


class Record:
    """An entry with everything that opens it: `disclosures` as JSON in the order in which salts were drawn."""

    def __init__(self, entry: dict[str, Any], salts: list[bytes], disclosures: list[str], body: str) -> None:
        self.entry = compact(dict(sorted(entry.items()))).encode("ascii")
        self.salts, self.disclosures, self.body = salts, disclosures, body


def entry_of(kind: str, ts: str, digests: Sequence[str]) -> dict[str, Any]:
    return {"v": 1, "t": kind, "ts": ts, "_sd_alg": "sha-256", "_sd": sorted(digests)}


def flat(kind: str, ts: str, units: Sequence[tuple[str, Any]], random: Random) -> Record:
    drawn = salts_of(random(16 * len(units)))
    disclosures = [named(salt, name, value) for salt, (name, value) in zip(drawn, units, strict=True)]
    body = "".join(f"{compact(name)},{compact(value)}]\n" for name, value in units)
    return Record(entry_of(kind, ts, [digest(each) for each in disclosures]), drawn, disclosures, body)


def posts(ts: str, capture: Any, values: Sequence[Sequence[Any]], random: Random) -> Record:
    drawn = salts_of(random(16 * (1 + 7 * len(values))))
    rest = iter(drawn)
    disclosures = [named(next(rest), "capture", capture)]
    entry = entry_of("posts", ts, [digest(disclosures[0])])
    entry["posts"] = []
    body = f'"capture",{compact(capture)}]\n'
    for post in values:
        own = next(rest)
        units = [named(next(rest), name, value) for name, value in zip(UNITS, post, strict=True)]
        whole = element(own, [digest(each) for each in units])
        disclosures += [whole, *units]
        entry["posts"].append({"...": digest(whole)})
        body += "+\n" + "".join(
            f"{compact(name)},{compact(value)}]\n" for name, value in zip(UNITS, post, strict=True)
        )
    return Record(entry, drawn, disclosures, body)


def salts_of(data: bytes) -> list[bytes]:
    return [data[at : at + 16] for at in range(0, len(data), 16)]


# --- opening a body ---------------------------------------------------------------------------------


def open_body(entry: bytes, salts: bytes, body: bytes) -> dict[str, Any] | None:
    """What is held: {"own": {name: text}, "posts": [None or (text, {name: text}, [digests not held])],
    "missing": [digests]}; None if anything is not as it should be. One line at a time, nothing clever.
    """
    parsed = json.loads(entry)
    rest = iter(salts_of(salts))
    lines = body.decode("utf-8", "surrogateescape").split("\n")
    if lines.pop() != "":
        return None
    own: dict[str, str] = {}
    missing = set(parsed["_sd"])
    elements = [each["..."] for each in parsed.get("posts", [])]
    found: list[tuple[bytes, dict[str, str], list[str]] | None] = []
    target = own
    for line in lines:
        if line == "-":
            found.append(None)
            target = {}
            continue
        salt = next(rest, None)
        if salt is None or len(salt) != 16:
            return None
        if line.startswith("+"):
            target = {}
            found.append((salt, target, [line[at : at + 43] for at in range(1, len(line), 43)]))
        elif line.startswith('"') and not (found and found[-1] is None):
            text = f'["{base64url(salt)}",{line}'
            try:
                name = json.loads(text)[1]
            except ValueError:
                return None
            if target is own:
                if raw_digest(text) not in missing:
                    return None
                missing.discard(raw_digest(text))
            target[name] = text
        else:
            return None
    if next(rest, None) is not None or (body and len(found) != len(elements)):
        return None
    opened: list[tuple[str, dict[str, str], list[str]] | None] = []
    for place, expected in enumerate(elements):
        group = found[place] if body else None
        if group is None:
            opened.append(None)
            continue
        salt, units, absent = group
        text = element(salt, [*map(raw_digest, units.values()), *absent])
        if raw_digest(text) != expected:
            return None
        opened.append((text, units, absent))
    return {"own": own, "posts": opened, "missing": sorted(missing)}


def raw_digest(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return base64url(hashlib.sha256(base64url(data).encode("ascii")).digest())


# --- private bundles --------------------------------------------------------------------------------


def skippable(magic: int, payload: bytes) -> bytes:
    return struct.pack("<II", magic, len(payload)) + payload


def zstd_raw(content: bytes) -> bytes:
    """A Zstandard frame of one raw block, by RFC 8878 section 3.1.1: single segment, size in 8 bytes."""
    assert 0 < len(content) < 1 << 17
    head = b"\x28\xb5\x2f\xfd" + bytes([0b1110_0000]) + struct.pack("<Q", len(content))
    block = 1 | 0 << 1 | len(content) << 3  # last block, raw, its size
    return head + struct.pack("<I", block)[:3] + content


def frame(salts: Sequence[bytes], body: bytes) -> bytes:
    return skippable(0x184D2A50, b"".join(salts)) + zstd_raw(body)


def index(frames: Sequence[bytes]) -> bytes:
    lengths = b"".join(struct.pack("<I", len(each)) for each in frames)
    return skippable(0x184D2A51, lengths + struct.pack("<I", len(frames)) + b"HFPRIV01")


def bundle(frames: Sequence[bytes]) -> bytes:
    return b"".join(frames) + index(frames)


def counted(seed: str) -> Random:
    """Bytes that anyone can draw again: SHA-256 of the seed and a counter."""

    def blocks() -> Iterator[bytes]:
        number = 0
        while True:
            yield hashlib.sha256(f"{seed} {number}".encode()).digest()[:16]
            number += 1

    stream = blocks()
    return lambda count: b"".join(next(stream) for _ in range(count // 16))


def thinned(
    body: str, salts: Sequence[bytes], digests: Sequence[str], gone: set[tuple[int | None, str]]
) -> tuple[bytes, bytes]:
    """(salts, body) of a whole body without some of it.

    Shapes: `digests` of every disclosure in the order of the salts; `gone` holds (None, name) of the entry's own,
    (post, unit) of a post's, (post, "*") of a whole post.
    """
    kept: list[bytes] = []
    lines: list[str] = []
    post: int | None = None
    head = -1
    for line, salt, digest_ in zip(body.split("\n")[:-1], salts, digests, strict=True):
        name = "*" if line == "+" else json.loads(f"[{line}")[0]
        if line == "+":
            post = 0 if post is None else post + 1
            head = len(lines)
        if (post, "*") in gone:
            if line == "+":
                lines.append("-")
        elif (post, name) in gone:
            if post is not None:
                lines[head] += digest_
        else:
            kept.append(salt)
            lines.append(line)
    return b"".join(kept), "".join(f"{line}\n" for line in lines).encode()
