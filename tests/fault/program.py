"""The program as a user starts it, in a session of its own so that nothing of it is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from holdfast.archive import Archive
from holdfast.verify.findings import Severity, Verdict
from holdfast.verify.vault import verify_vault


def start(
    *words: str, wrapper: Sequence[str] = (), before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """`wrapper`: a command that runs it; `before`: what the new process does to itself first."""
    # What is killed or has no disk cannot write down its coverage either.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.Popen(
        [*wrapper, sys.executable, "-m", "holdfast", *words],
        env={**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=before,
    )


def run(
    *words: str, code: int = 0, wrapper: Sequence[str] = (), before: Callable[[], None] | None = None
) -> tuple[str, str]:
    """(stdout, stderr) of a run that ended with `code`."""
    process = start(*words, wrapper=wrapper, before=before)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (process.returncode, out, err)
    return out, err


def wait_until_gone(session: int, *, seconds: float = 20) -> None:
    """Workers end by themselves when their parent is killed. Errors: AssertionError if they do not."""
    end = time.monotonic() + seconds
    while left := _running(session):
        assert time.monotonic() < end, f"still running: {left}"
        time.sleep(0.02)


def _running(session: int) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(path.parent.name)
    return found


def doubt(vault: Path, *after: object) -> None:
    """The whole vault holds; artefacts that nothing names yet are no alarm."""
    report = verify_vault(vault)
    alarms = [each for each in report.findings if each.severity is not Severity.NOTE]
    assert (report.verdict, alarms) == (Verdict.HOLDS, []), after


def answers(archive: Archive, *queries: str) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """What a search finds, in the order of the ids: ranks may differ with what an index was made of before."""
    found = []
    for query in queries:
        page = archive.find_posts(query, limit=10_000)
        found.append((query, page.total, sorted((each.hit.post, each.hit.revision) for each in page.posts)))
    return found
