"""Seals an act of taking something in: its entry, and the capture that names its artefacts."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from holdfast import __version__
from holdfast.archive import Archive, Writing
from holdfast.catalog.known import FollowedFlat
from holdfast.vault.blobs import Artefact
from holdfast.vault.canon import seal
from holdfast.vault.private import encode_frame

__all__ = ["Act", "append_flat", "seal_act"]


class Act:
    """One act of taking in, by an adapter. `seen_at` is when it began; `channel` whose, None for none."""

    def __init__(self, adapter: str, seen_at: str, channel: str | None = None, route: str = "file") -> None:
        self.id = secrets.token_hex(16)
        self.adapter, self.seen_at, self.channel, self.route = adapter, seen_at, channel, route

    def of(self) -> dict[str, Any]:
        """The `capture` disclosure of its entries."""
        found = {"id": self.id, "seen_at": self.seen_at, "source": self.adapter}
        return found if self.channel is None else {**found, "channel": self.channel}


def append_flat(writing: Writing, kind: str, *records: Mapping[str, Any]) -> int:
    """Append flat entries of one kind in one commit; the catalog follows. Returns the index of the first. Effects: one commit of the log."""
    ts = writing.log.time_now()
    sealed, values = [], []
    for units in records:
        encoded = tuple((name, msgspec.json.encode(value)) for name, value in units.items())
        one = seal(kind, ts, encoded)
        sealed.append((one.entry, encode_frame(one.salts, one.body)))
        values.append({name: msgspec.json.decode(value) for name, value in encoded})
    first = writing.log.append(sealed)
    writing.follower.apply([FollowedFlat(entry, ts, kind, each) for entry, each in enumerate(values, first)])
    return first


def seal_act(
    archive: Archive,
    writing: Writing,
    act: Act,
    kind: str,
    units: Mapping[str, Any],
    artefacts: Sequence[tuple[Artefact, str, bool]],
    request: Mapping[str, Any],
) -> int:
    """Seal an entry and the capture that it came by. Shapes: artefacts are (artefact, its name, whether it was read).

    Returns the entry's index. Effects: two commits of the log.
    """
    entry = append_flat(writing, kind, {"capture": act.of(), **units})
    finished = writing.log.time_now()
    append_flat(
        writing,
        "capture",
        {
            "capture": {"id": act.id, "seen_at": act.seen_at, "finished_at": finished},
            "source": {"adapter": act.adapter},
            "collector": {
                "tool": "holdfast",
                "version": __version__,
                "python": platform.python_version(),
                "host": platform.node() if archive.record_host else None,
                "account": None,
                "route": act.route,
            },
            "request": dict(request),
            "coverage": [],
            "artefacts": [
                {"digest": each.digest, "size_bytes": each.size_bytes, "name": name, "parsed": parsed}
                for each, name, parsed in artefacts
            ],
            "counts": {"read": 1},
            "problems": {"counts": {}, "first": []},
            "outcome": {"state": "complete"},
            "clock": {"started": act.seen_at, "finished": finished},
        },
    )
    return entry
