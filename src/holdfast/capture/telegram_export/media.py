"""Finds the media file that a record names, without ever leaving the export's folder."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from pathlib import Path
from typing import Final

__all__ = ["media_file"]

_DRIVE = re.compile(r"[A-Za-z]:")
_FORMS: Final = ("NFC", "NFD")  # archivers of some systems write names in the other form


def media_file(root: Path, claim: str) -> Path | str:
    """The file below `root` that `claim` names, or the state of a medium whose bytes cannot be had.

    States: "outside" (a path that is absolute, has `..`, a backslash or a drive, or a link that leads
    out), "missing", "empty", "unreadable" (no permission, a folder, a device, a pipe).
    Effects: opens the file for reading and closes it; never blocks on a pipe.
    """
    if (
        claim.startswith("/")
        or "\\" in claim
        or "\0" in claim
        or _DRIVE.match(claim)
        or ".." in claim.split("/")
    ):
        return "outside"
    if not claim.strip("./ "):
        return "missing"
    state: Path | str = "missing"
    for form in ("", *_FORMS):
        spelled = unicodedata.normalize(form, claim) if form else claim  # type: ignore[arg-type]
        if form and spelled == claim:
            continue
        state = _state(root, spelled)
        if state != "missing":
            return state
    return state


def _state(root: Path, claim: str) -> Path | str:
    try:
        inside = root.resolve()
        path = (inside / claim).resolve()
        if not path.is_relative_to(inside):
            return "outside"
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode):
            return "unreadable"
        # Between this look and the reading the file may be replaced: the caller seals what it reads.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            facts = os.fstat(handle)
        finally:
            os.close(handle)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except UnicodeEncodeError:
        return "missing"  # no file name of this system
    except RuntimeError:
        return "unreadable"  # a loop of links, as Python 3.11 and 3.12 report it
    except OSError as error:
        return "missing" if error.errno == errno.ENAMETOOLONG else "unreadable"
    if not stat.S_ISREG(facts.st_mode):
        return "unreadable"
    return path if facts.st_size else "empty"
