"""Digests and nesting against RFC 9901: its own numbers, and the published examples that it was written from.

The examples are specifications with a random seed; the RFC prints what its reference code makes of them. So the
claims are read from the published files, disclosures are made as the reference code makes them, and the product's
digests of them must be the RFC's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.vault.canon import digest_of, parse_disclosure, parse_salt

# --- numbers printed in the RFC ----------------------------------------------------------------------

PRINTED = [
    # Section 4.2.1 and 4.2.3: a claim, and three other spellings of the same claim.
    (
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
        "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
    ),
    # Section 4.2.2 and 4.2.4.2: an element of an array.
    ("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"),
]
SIMPLE = [
    "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4",
    "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo",
    "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE",
    "PorFbpKuVu6xymJagvkFsFXAbRoc2JGlAUA2BA4o7cI",
    "XQ_3kPKt1XyX7KANkqVR6yZ2Va5NrPIvPYbyMvRKBMM",
    "XzFrzwscM6Gn6CJDc6vVK8BkMnfG8vOSKfpPIZdAfdE",
    "gbOsI4Edq2x2Kw-w5wPEzakob9hV1cRD0ATN3oQL9JM",
    "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI",
    "pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo",
    "7Cf6JkPudry3lcbwHgeZ8khAv1U1OSlerP0VkBJrWZ0",
]
STREETS = [
    "9gjVuXtdFROCgRrtNcGUXmF65rdezi_6Er_j76kmYyM",
    "6vh9bq-zS4GKM_7GpggVbYzzu6oOGXrmNVGPHP75Ud0",
    "KURDPh4ZC19-3tiz-Df39V8eidy1oV3a3H1Da2N0g88",
    "WN9r9dCBJ8HTCsS2jKASxTjEyW5m5x65_Z_2ro2jfXM",
]
BY_EXAMPLE = {
    "simple": SIMPLE,  # section 5.1
    "address_only_flat": ["fOBUSQvo46yQO-wRwXBcGqvnbKIueISEL961_Sjd4do"],  # section 6.1
    "address_only_structured": STREETS,  # section 6.2
    "address_only_structured_one_open": STREETS[:3],
    "address_only_recursive": [*STREETS, "HvrKX6fPV0v9K_yCVFBiLFHsMaxcD_114Em6VT8x1lg"],  # section 6.3
}
"""Digests in the order in which the disclosures are made."""


# --- a reader for the examples' YAML, as far as they use it ---------------------------------------------


class Hidden(str):
    """A key or an element that is selectively disclosable."""


def load(text: str) -> Any:
    rows = [
        (len(row) - len(row.lstrip()), row.strip())
        for row in text.splitlines()
        if row.strip() and not row.lstrip().startswith("#")
    ]
    value, rest = block(rows, 0)
    assert rest == len(rows)
    return value


def block(rows: list[tuple[int, str]], at: int) -> tuple[Any, int]:
    indent, first = rows[at]
    if first == "-" or first.startswith("- "):
        return sequence(rows, at, indent)
    found: dict[str, Any] = {}
    while at < len(rows) and rows[at][0] == indent and not rows[at][1].startswith("- "):
        row = rows[at][1]
        hidden = row.startswith("!sd ")
        match = re.match(r"""("[^"]*"|[^:"]+):(?: (.*))?$""", row.removeprefix("!sd "))
        assert match is not None, row
        key = match[1].strip('"')
        at += 1
        if match[2]:
            value = scalar(match[2])
        elif at < len(rows) and (
            rows[at][0] > indent or (rows[at][0] == indent and rows[at][1].startswith("-"))
        ):
            value, at = block(rows, at)
        else:
            value = None
        found[Hidden(key) if hidden else key] = value
    return found, at


def sequence(rows: list[tuple[int, str]], at: int, indent: int) -> tuple[Any, int]:
    items: list[Any] = []
    while at < len(rows) and rows[at][0] == indent and rows[at][1].startswith("-"):
        row = rows[at][1][1:].strip()
        hidden = row.startswith("!sd")
        row = row.removeprefix("!sd").strip()
        if row and ":" not in row.replace("://", ""):
            value: Any = scalar(row)
            at += 1
        elif row:
            rows[at] = (indent + 2, row)
            value, at = block(rows, at)
        else:
            value, at = block(rows, at + 1)
        items.append((Hidden(), value) if hidden else value)
    return items, at


def scalar(text: str) -> Any:
    text = text.split(" #")[0].strip()
    if text.startswith("["):
        parts = [part.strip() for part in text.strip("[]").split(",")]
        return [
            (Hidden(), scalar(part.removeprefix("!sd "))) if part.startswith("!sd ") else scalar(part)
            for part in parts
        ]
    if text[0] in "\"'":
        return text[1:-1]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if text == "{}":
        return {}
    return int(text) if re.fullmatch(r"-?\d+", text) else text


# --- issuing as the reference code does ------------------------------------------------------------------


class Issuer:
    """Disclosures in the order in which salts are drawn, each with the digest the product gives it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.disclosures: list[bytes] = []
        self.digests: list[str] = []

    def payload(self, claims: Any) -> Any:
        if isinstance(claims, dict):
            found: dict[str, Any] = {}
            hidden = []
            for key, value in claims.items():
                inner = self.payload(value)
                if isinstance(key, Hidden):
                    hidden.append(self._disclose([str(key), inner]))
                else:
                    found[key] = inner
            return {**found, "_sd": sorted(hidden)} if hidden else found
        if isinstance(claims, list):
            return [
                {"...": self._disclose([self.payload(each[1])])}
                if isinstance(each, tuple)
                else self.payload(each)
                for each in claims
            ]
        return claims

    def _disclose(self, parts: list[Any]) -> str:
        salt = bytes(self._random.getrandbits(8) for _ in range(16))
        spelled = base64.urlsafe_b64encode(salt).decode().rstrip("=")
        self.disclosures.append(json.dumps([spelled, *parts]).encode())
        self.digests.append(digest_of(self.disclosures[-1]).decode())
        return self.digests[-1]


def plain(claims: Any) -> Any:
    """The claims without their marks."""
    if isinstance(claims, dict):
        return {str(key): plain(value) for key, value in claims.items()}
    if isinstance(claims, list):
        return [plain(each[1] if isinstance(each, tuple) else each) for each in claims]
    return claims


def resolve(payload: Any, shown: dict[str, bytes]) -> Any:
    """RFC 9901 section 7.1, step 3, with the product's reading of disclosures."""
    if isinstance(payload, dict):
        found = {key: resolve(value, shown) for key, value in payload.items() if key != "_sd"}
        for digest in payload.get("_sd", []):
            if digest in shown:
                salt, name, value = parse_disclosure(shown[digest])
                assert len(parse_salt(salt)) == 16
                assert name is not None
                assert name not in found
                found[name] = resolve(value, shown)
        return found
    if isinstance(payload, list):
        items = []
        for each in payload:
            if not (isinstance(each, dict) and each.keys() == {"..."}):
                items.append(resolve(each, shown))
            elif each["..."] in shown:
                _, name, value = parse_disclosure(shown[each["..."]])
                assert name is None
                items.append(resolve(value, shown))
        return items
    return payload


def examples(folder: Path) -> Iterator[tuple[str, Any]]:
    """(name, claims with their marks) of each published example."""
    for path in sorted(folder.glob("*/specification.yml")):
        claims = re.search(r"^user_claims:\n((?:[ #].*\n|\n)+)", path.read_text("utf-8") + "\n", re.MULTILINE)
        assert claims is not None
        yield path.parent.name, load(claims[1])


@pytest.fixture(scope="module")
def folder(published_vectors: Path) -> Path:
    return published_vectors / "sd-jwt" / "examples"


def seed_of(folder: Path) -> int:
    found = re.search(r"^random_seed: (\d+)", (folder / "settings.yml").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


# --- the tests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("encoded", "digest"), PRINTED)
def test_a_disclosure_printed_in_the_rfc_has_the_digest_printed_there(encoded: str, digest: str) -> None:
    text = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    assert digest_of(text).decode() == digest
    parse_disclosure(text)


def test_every_spelling_of_a_disclosure_has_a_digest_of_its_own() -> None:
    # Section 4.2.1: the same claim with \u00f6, without spaces, with a line feed.
    spellings = [
        b'["_26bc4LT-ac6q2KI6cBW5es", "family_name", "M\\u00f6bius"]',
        '["_26bc4LT-ac6q2KI6cBW5es","family_name","Möbius"]'.encode(),
        '[\n"_26bc4LT-ac6q2KI6cBW5es",\n"family_name",\n"Möbius"\n]'.encode(),
    ]
    assert {parse_disclosure(each) for each in spellings} == {
        ("_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius")
    }
    assert len({digest_of(each) for each in spellings}) == 3


def test_the_published_examples_have_the_digests_that_the_rfc_prints(folder: Path) -> None:
    found = {}
    for name, claims in examples(folder):
        issuer = Issuer(seed_of(folder))
        issuer.payload(claims)
        found[name] = issuer.digests
    assert {name: found[name] for name in BY_EXAMPLE} == BY_EXAMPLE


def test_every_published_example_resolves_to_its_claims(folder: Path) -> None:
    names = []
    for name, claims in examples(folder):
        issuer = Issuer(seed_of(folder))
        payload = issuer.payload(claims)
        for text, digest in zip(issuer.disclosures, issuer.digests, strict=True):
            ascii_ = base64.urlsafe_b64encode(text).rstrip(b"=")
            assert base64.urlsafe_b64decode(digest + "=") == hashlib.sha256(ascii_).digest()
        shown = dict(zip(issuer.digests, issuer.disclosures, strict=True))
        assert resolve(payload, shown) == plain(claims), name
        # One disclosure less is one claim less, and all that is nested in it.
        for digest in issuer.digests:
            rest = {key: value for key, value in shown.items() if key != digest}
            assert resolve(payload, rest) != plain(claims)
        names.append(name)
    assert len(names) == 15


def test_a_nested_disclosure_says_nothing_without_its_parent(folder: Path) -> None:
    issuer = Issuer(seed_of(folder))
    payload = issuer.payload(dict(examples(folder))["address_only_recursive"])
    children = dict(zip(issuer.digests[:-1], issuer.disclosures[:-1], strict=True))
    assert "address" not in resolve(payload, children)
    whole = {**children, issuer.digests[-1]: issuer.disclosures[-1]}
    assert len(resolve(payload, whole)["address"]) == 4
    one = {issuer.digests[0]: issuer.disclosures[0], issuer.digests[-1]: issuer.disclosures[-1]}
    assert resolve(payload, one)["address"] == {"street_address": "Schulstr. 12"}
