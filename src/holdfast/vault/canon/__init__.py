"""One record <-> one entry's bytes and its disclosures."""

from holdfast.vault.canon.entry import Entry, parse_entry
from holdfast.vault.canon.opening import (
    Disclosure,
    Element,
    Opened,
    open_body,
    open_element,
    parse_disclosure,
)
from holdfast.vault.canon.sealing import ELEMENTS_MAX, ENTRY_MAX_BYTES, Sealed, seal, seal_posts
from holdfast.vault.canon.spelling import digest_of, encode_time, parse_json, parse_salt, parse_time

__all__ = [
    "ELEMENTS_MAX",
    "ENTRY_MAX_BYTES",
    "Disclosure",
    "Element",
    "Entry",
    "Opened",
    "Sealed",
    "digest_of",
    "encode_time",
    "open_body",
    "open_element",
    "parse_disclosure",
    "parse_entry",
    "parse_json",
    "parse_salt",
    "parse_time",
    "seal",
    "seal_posts",
]
