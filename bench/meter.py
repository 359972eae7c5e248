"""Runs a command and measures its wall time and the memory of its whole process tree.

Memory is sampled from /proc every 50 ms. PSS counts a page shared by n processes as 1/n in each, so that its
sum is what the tree really holds; RSS counts it n times. Without /proc only wall time is measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SAMPLE_S = 0.05


@dataclass(frozen=True)
class Run:
    """What one run of a command took. Units: seconds, bytes; memory is None where it cannot be measured."""

    wall_s: float
    peak_rss: int | None
    peak_pss: int | None
    output: str


class CommandFailed(Exception):
    """A measured command did not succeed; the figures would be of nothing."""


def _tree(root: int) -> list[int]:
    """The process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, stack = [root], [root]
    while stack:
        children = parents.get(stack.pop(), [])
        found += children
        stack += children
    return found


def _memory(pid: int) -> tuple[int, int]:
    """(RSS, PSS) of one process in bytes; zero once it has ended."""
    rss = pss = 0
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                rss = int(line.split()[1]) * 1024
            elif line.startswith("Pss:"):
                pss = int(line.split()[1]) * 1024
    except OSError:
        pass
    return rss, pss


class _Sampler(threading.Thread):
    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.done = threading.Event()
        self.peak_rss = self.peak_pss = 0

    def run(self) -> None:
        while not self.done.wait(SAMPLE_S):
            samples = [_memory(pid) for pid in _tree(self.pid)]
            self.peak_rss = max(self.peak_rss, sum(rss for rss, _ in samples))
            self.peak_pss = max(self.peak_pss, sum(pss for _, pss in samples))


@contextmanager
def sampled(pid: int) -> Iterator[_Sampler]:
    """Samples the memory of a process that runs already, with its descendants. Read the peaks after the block; 0 without /proc."""
    sampler = _Sampler(pid)
    if not (PROC / "self" / "smaps_rollup").exists():
        yield sampler
        return
    sampler.start()
    try:
        yield sampler
    finally:
        sampler.done.set()
        sampler.join()


def measure(command: list[str], environment: dict[str, str] | None = None) -> Run:
    """Runs the command to its end.

    Errors: CommandFailed with the end of what it printed. Effects: whatever the command does.
    """
    has_memory = (PROC / "self" / "smaps_rollup").exists()
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | (environment or {}),
    )
    sampler = _Sampler(process.pid)
    if has_memory:
        sampler.start()
    out, err = process.communicate()
    wall_s = time.perf_counter() - started
    sampler.done.set()
    if process.returncode:
        tail = (err or out).decode("utf-8", "replace")[-2000:]
        raise CommandFailed(f"{' '.join(command)} exited {process.returncode}:\n{tail}")
    if not has_memory:
        return Run(wall_s, None, None, out.decode())
    sampler.join()
    return Run(wall_s, sampler.peak_rss, sampler.peak_pss, out.decode())


def median(values: list[float]) -> float:
    return statistics.median(values)


def quantile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def folder_bytes(folder: Path) -> int:
    """Bytes of all files under a folder, as `ls` shows them (not blocks)."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
