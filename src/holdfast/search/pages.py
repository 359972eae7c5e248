"""Gives back the memory that the index's mapped files take while segments are merged.

The engine maps whole files and merges them in the background. Their pages are the system's cache, but they count as
this process's memory, and grow with the index. Dropping them is safe: a page of a file mapped for reading comes back
from the cache when it is touched. Where the system has no such list of maps, nothing happens.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

__all__ = ["release_pages"]

_MAPS = Path("/proc/self/maps")
_MADV_DONTNEED = 4
"""Source: madvise(2) on Linux."""


def release_pages(folder: Path) -> int:
    """Drop the resident pages of files below `folder` that are mapped for reading. Returns their maps' size in bytes."""
    prefix = str(folder.resolve()) + "/"
    try:
        lines = _MAPS.read_text("utf-8", "surrogateescape").splitlines()
        madvise = ctypes.CDLL(None, use_errno=True).madvise
    except (OSError, AttributeError, TypeError):
        return 0
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    released = 0
    for line in lines:
        parts = line.split(maxsplit=5)
        # Only maps that cannot hold anything of their own: shared, and not writable.
        if len(parts) == 6 and parts[1] in ("r--s", "r--p") and parts[5].startswith(prefix):
            start, end = (int(each, 16) for each in parts[0].split("-"))
            if madvise(start, end - start, _MADV_DONTNEED) == 0:
                released += end - start
    return released
