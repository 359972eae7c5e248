"""The table of other names that users keep: what a channel or person is called elsewhere."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import msgspec

from holdfast.errors import FormatError, UsageError
from holdfast.reports.extract.calendar import local_zone

__all__ = ["Aliases", "load_aliases", "parse_aliases"]

ALIASES_MAX_BYTES = 1 << 20


class Aliases(msgspec.Struct, frozen=True):
    """Other names by what they stand for. `channels`: (name as written, channel's id, username or title); `people`: sets of names
    of one person each. `zones`: (channel, time zone). `digest`: SHA-256 of the file, None without one."""

    channels: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[str, ...], ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    digest: str | None = None


def load_aliases(path: Path | None, vault: Path) -> Aliases:
    """The table in a file, by default `aliases.toml` in the vault's folder; an empty one where there is none.

    Errors: UsageError if a file that was named cannot be read or is not of the form.
    """
    file = path or vault / "aliases.toml"
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        if path is None:
            return Aliases()
        raise UsageError(f"{file} does not exist", remedy="name a file of aliases, or none") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", remedy="make it readable") from error
    try:
        return parse_aliases(raw)
    except FormatError as error:
        raise UsageError(f"{file}: {error.message}", remedy="see docs/reports.md for its form") from error


def parse_aliases(raw: bytes) -> Aliases:
    """The table of a TOML file. Errors: FormatError.

    `[channels]` maps a channel's id, username or title to a list of other names; `[people]` a name to other names of the same
    person; `[zones]` a channel to the time zone that its readers live in.
    """
    if len(raw) > ALIASES_MAX_BYTES:
        raise FormatError("a table of aliases is larger than a megabyte")
    try:
        found = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError("it is no TOML") from error
    unknown = sorted(set(found) - {"channels", "people", "zones"})
    if unknown:
        raise FormatError(f"unknown table {unknown[0]!r}; tables are channels, people and zones")
    channels = [(alias, of) for of, names in _lists(found, "channels") for alias in names]
    people = [(name, *names) for name, names in _lists(found, "people")]
    zones = found.get("zones", {})
    if not isinstance(zones, dict) or not all(isinstance(zone, str) for zone in zones.values()):
        raise FormatError("zones maps a channel to the name of a time zone")
    for zone in zones.values():
        local_zone(zone)  # a name that no table of zones has is a mistake that would stay unseen
    return Aliases(
        tuple(sorted(channels)),
        tuple(sorted(people)),
        tuple(sorted(zones.items())),
        hashlib.sha256(raw).hexdigest(),
    )


def _lists(found: dict[str, object], table: str) -> list[tuple[str, list[str]]]:
    part = found.get(table, {})
    if not isinstance(part, dict):
        raise FormatError(f"{table} is no table")
    rows = []
    for name, names in part.items():
        if not isinstance(names, list) or not all(isinstance(each, str) and each.strip() for each in names):
            raise FormatError(f"{table}: every name needs a list of other names")
        rows.append((str(name), list(names)))
    return rows
