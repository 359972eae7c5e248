"""Says how far a long call has come, as typed events to a callback."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

__all__ = ["Progress", "Report", "silent"]


class Progress(msgspec.Struct, frozen=True):
    """`done` of `total` units (None: unknown) of a stage: "artefacts", "posts", "catalog", "verify"."""

    stage: str
    done: int
    total: int | None
    unit: str


Report = Callable[[Progress], None]


def silent(_event: Progress) -> None:
    """A callback that shows nothing."""
