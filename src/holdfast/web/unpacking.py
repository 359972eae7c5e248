"""Unpacks an uploaded zip into a new folder, within bounds: a small file must not become a full disk."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path

from holdfast.errors import FormatError, SourceError, StorageError

__all__ = ["export_root", "safe_place", "unpack"]

RATIO_MOST = 500
"""Bytes that come out for one that goes in. Exports of text reach 30; a bomb begins at 1,000."""
RATIO_FROM = 16 << 20
"""Below so many bytes the ratio is not looked at: a small file of blanks is no danger."""
DEPTH_MOST = 20
NAME_MOST = 255
CHUNK = 256 << 10
SPARE_BYTES = 256 << 20
"""What is left free on the disk, whatever is uploaded."""


def safe_place(root: Path, name: str) -> Path:
    """Where a file of the given name is put below `root`. Errors: FormatError if the name leads elsewhere."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or (parts and len(parts[0]) == 2 and parts[0][1] == ":"):
        raise FormatError("a file's name begins at the root of a disk")
    if len(parts) > DEPTH_MOST:
        raise FormatError("a file's name has too many folders")
    for part in parts:
        if part in ("", ".", "..") or len(part.encode("utf-8", "replace")) > NAME_MOST:
            raise FormatError("a file's name leads out of its folder, or is none")
        if not part.isprintable() or any(0xD800 <= ord(each) < 0xE000 for each in part):
            raise FormatError("a file's name holds signs that no name has")
    return root.joinpath(*parts)


def unpack(path: Path, root: Path, *, bytes_most: int, files_most: int) -> int:
    """Unpack a zip into `root`; returns how many bytes came out. Effects: writes below `root` only.

    Errors: FormatError if it is no zip, is encrypted, or a name in it leads elsewhere; SourceError if it holds more than is
    taken; StorageError. What was written before stays for the caller to delete.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpack(archive, path.stat().st_size, root, bytes_most, files_most)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise FormatError("this is no zip that can be read") from error
    except OSError as error:
        raise StorageError(f"cannot unpack the upload: {error.strerror or 'the disk refused'}") from error


def _unpack(archive: zipfile.ZipFile, packed: int, root: Path, bytes_most: int, files_most: int) -> int:
    items = archive.infolist()
    if len(items) > files_most:
        raise SourceError(
            f"the zip holds {len(items):,} files; {files_most:,} are taken", remedy="export less at once"
        )
    done = 0
    for item in items:
        if item.is_dir():
            continue
        mode = item.external_attr >> 16
        if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
            raise FormatError("the zip holds a link or a device")
        if item.flag_bits & 1:
            raise FormatError("the zip is encrypted")
        place = safe_place(root, item.filename)
        place.parent.mkdir(parents=True, exist_ok=True)
        # What a zip states about itself is not believed: bytes are counted as they come.
        with archive.open(item) as source, open(place, "xb") as target:
            while chunk := source.read(CHUNK):
                done += len(chunk)
                if done > bytes_most or (done > RATIO_FROM and done > RATIO_MOST * packed):
                    raise SourceError(
                        "the zip unpacks to more than is taken",
                        remedy="unpack it yourself and use `holdfast import`",
                    )
                if shutil.disk_usage(root).free < SPARE_BYTES:
                    raise StorageError("the disk is nearly full: the upload is not unpacked")
                target.write(chunk)
    return done


def export_root(root: Path) -> Path:
    """The folder of the export within an upload: down through folders that hold nothing but one folder."""
    at = root
    for _ in range(DEPTH_MOST):
        inside = [each for each in at.iterdir() if each.name not in ("__MACOSX", ".DS_Store")]
        if len(inside) != 1:
            break
        if inside[0].is_file():
            # One JSON file alone is what is meant; a page alone is found by its folder.
            return inside[0] if inside[0].suffix.lower() == ".json" else at
        at = inside[0]
    return at
