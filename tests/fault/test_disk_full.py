"""A disk that is full in the middle of an import: one clear line, nothing sealed is harmed, the same command continues."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from bench.generate import generate
from holdfast.archive import Archive
from tests.archives import ORIGIN, new_archive, rows
from tests.fault.program import answers, doubt, run

POSTS = 3_000
QUERIES = ("пристань", "город OR дом", "has:photo", "the")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "ChatExport_2023-12-29"
    assert generate(folder, posts=POSTS, seed=11) == POSTS
    return folder


@pytest.fixture(scope="module")
def calm(export: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object]:
    """What the tables say, and what a search answers, after an import with room enough."""
    from holdfast.importing import import_export

    with new_archive(tmp_path_factory.mktemp("calm") / "vault") as archive:
        import_export(archive, export)
        return rows(archive, whole=False), answers(archive, *QUERIES)


class Disk(Protocol):
    """A place of little room for a vault."""

    vault: Path

    def run(self, *words: str, code: int = 0) -> tuple[str, str]: ...
    def make_room(self) -> None: ...
    def copy(self, target: Path) -> Path: ...


class SmallDisk:
    """A disk of its own in memory, which only the processes of one mount namespace see."""

    def __init__(self, folder: Path, size: int, unshare: Sequence[str]) -> None:
        self.vault = folder / "disk" / "vault"
        (folder / "disk").mkdir()
        script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && echo mounted && exec cat'
        self._keeper = subprocess.Popen(
            [*unshare, "sh", "-c", script, "sh", str(size), str(folder / "disk")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != "mounted\n":
            self.close()
            raise PermissionError("no mount namespace")
        user = ["--user", "--preserve-credentials"] if "--user" in unshare else []
        self._inside = ["nsenter", "--target", str(self._keeper.pid), *user, "--mount"]

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        return run(*words, code=code, wrapper=self._inside)

    def make_room(self) -> None:
        self._do("mount", "-o", "remount,size=500m", str(self.vault.parent))

    def copy(self, target: Path) -> Path:
        self._do("cp", "-a", str(self.vault), str(target))
        return target

    def _do(self, *words: str) -> None:
        subprocess.run([*self._inside, *words], check=True, stdin=subprocess.DEVNULL)

    def close(self) -> None:
        self._keeper.kill()
        self._keeper.communicate()


class LimitedFiles:
    """Where nothing may be mounted: no file may grow over a limit."""

    def __init__(self, folder: Path, size: int) -> None:
        self.vault = folder / "vault"
        self._limit: Callable[[], None] | None = lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (size // 8, resource.RLIM_INFINITY)
        )

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        return run(*words, code=code, before=self._limit)

    def make_room(self) -> None:
        self._limit = None

    def copy(self, target: Path) -> Path:
        shutil.copytree(self.vault, target)
        return target


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk of as many bytes as the test asks for."""
    size: int = request.param
    ways = [["unshare", "--mount"]] if os.geteuid() == 0 else []
    ways.append(["unshare", "--user", "--map-root-user", "--mount"])
    if shutil.which("unshare") and shutil.which("nsenter"):
        for number, unshare in enumerate(ways):
            folder = tmp_path / str(number)
            folder.mkdir()
            try:
                small = SmallDisk(folder, size, unshare)
            except PermissionError:
                continue
            try:
                yield small
            finally:
                small.close()
            return
    yield LimitedFiles(tmp_path, size)


# In the artefact, in the first entries, and further on; all of it is 4 MB.
@pytest.mark.parametrize("disk", [500_000, 1_700_000, 2_700_000], indirect=True)
def test_a_full_disk_is_one_line_and_a_remedy_and_with_room_the_same_command_continues(
    disk: Disk, export: Path, calm: tuple[object, object], tmp_path: Path
) -> None:
    disk.run("init", str(disk.vault), "--origin", ORIGIN)
    for _ in range(2):  # to try again without room changes nothing
        out, err = disk.run("import", str(export), "--vault", str(disk.vault), code=13)
        assert out == ""
        what, remedy = err.strip().splitlines()
        assert what.startswith("holdfast: ")
        assert "full" in what or "cannot" in what
        assert remedy.strip().startswith("what to do: ")
        assert "Traceback" not in err
        disk.run("verify", str(disk.vault))
        if isinstance(disk, SmallDisk):  # a limit on files holds for temporary ones elsewhere, too
            # Finding needs no more room in the vault than verifying.
            disk.run("find", "пристань", "--vault", str(disk.vault))
    wounded = disk.copy(tmp_path / "wounded")
    doubt(wounded)
    disk.make_room()
    disk.run("import", str(export), "--vault", str(disk.vault))
    disk.run("verify", str(disk.vault))
    vault = disk.copy(tmp_path / "whole")
    doubt(vault)
    with Archive.open(vault, workers=0) as archive:
        assert (rows(archive, whole=False), answers(archive, *QUERIES)) == calm
