"""Which channels this server is to watch, in `watch.json`: plain settings, which may be deleted at any time."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import msgspec

from holdfast.errors import UsageError
from holdfast.web.beside import folder_of, replace_file

__all__ = ["FILE", "Verified", "WatchList", "Watched"]

FILE = "watch.json"
CHANNELS_MOST = 500
_NAME = re.compile(r"(?:https?://)?(?:t\.me/(?:s/)?|@)?([A-Za-z0-9_]{2,64})/?", re.ASCII)


class Watched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    is_paused: bool = False


class Verified(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last full check from here: a note for the reader, and no evidence. Units: `at` in unix seconds."""

    at: int
    verdict: str
    size: int | None
    findings: int


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format_version: int = 1
    channels: tuple[Watched, ...] = ()
    verified: Verified | None = None


class WatchList:
    """Safe for several threads of one process. A file that is not ours to read counts as empty, and is named in `trouble`."""

    def __init__(self, vault: Path) -> None:
        self._path = folder_of(vault) / FILE
        self._lock = threading.Lock()
        self.trouble: str | None = None
        self._found = self._load()

    def _load(self) -> _File:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.MsgspecError):
            self.trouble = f"{FILE} cannot be read; it is written anew with the next change"
            return _File()
        if found.format_version != 1 or not all(_NAME.fullmatch(each.name) for each in found.channels):
            self.trouble = f"{FILE} is of another version; it is written anew with the next change"
            return _File()
        return found

    @property
    def channels(self) -> tuple[Watched, ...]:
        return self._found.channels

    @property
    def verified(self) -> Verified | None:
        return self._found.verified

    def active(self) -> list[str]:
        """The names that are to be watched now."""
        return [each.name for each in self._found.channels if not each.is_paused]

    def add(self, text: str) -> str:
        """Watch a channel; returns its name. Errors: UsageError, StorageError."""
        found = _NAME.fullmatch(text.strip()[:200])
        if found is None:
            raise UsageError("this names no channel", remedy="write it like @channel or t.me/channel")
        name = found[1]
        with self._lock:
            others = [each for each in self.channels if each.name.casefold() != name.casefold()]
            if len(others) >= CHANNELS_MOST:
                raise UsageError(f"{CHANNELS_MOST} channels are watched already", remedy="let one go first")
            self._store(channels=(*others, Watched(name)))
        return name

    def pause(self, name: str, *, is_paused: bool) -> None:
        with self._lock:
            self._store(
                channels=tuple(
                    Watched(each.name, is_paused) if each.name == name else each for each in self.channels
                )
            )

    def remove(self, name: str) -> None:
        """Watch a channel no more. What was sealed of it stays."""
        with self._lock:
            self._store(channels=tuple(each for each in self.channels if each.name != name))

    def note_verified(self, answer: dict[str, Any], at: int) -> None:
        """Remember how the last full check ended. `answer` is what `verify` answers."""
        head = answer["head"]
        found = Verified(at, answer["verdict"], head["size"] if head else None, len(answer["findings"]))
        with self._lock:
            self._store(verified=found)

    def _store(self, **what: Any) -> None:
        new = msgspec.structs.replace(self._found, **what)
        content = msgspec.json.format(msgspec.json.encode(new), indent=1) + b"\n"
        replace_file(self._path, content)
        self._found, self.trouble = new, None
