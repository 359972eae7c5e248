"""Every system call of a writer fails, or is its last: the vault opens, continues and holds, and keeps its word.

By default a sample of the calls; all of them with HOLDFAST_FAULTS=all.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from hashlib import sha256
from pathlib import Path

import pytest

from holdfast.vault.founding import create
from holdfast.vault.reading import Reader
from holdfast.verify.findings import Severity, Verdict
from holdfast.verify.vault import verify_vault
from tests.fault.writer import BEGIN, ORIGIN, Clock, seal_all

CALLS = (
    "openat",
    "mkdir",
    "link",
    "rename",
    "fsync",
    "fdatasync",
    "write",
    "pwrite64",
    "read",
    "pread64",
    "ftruncate",
    "flock",
    "unlink",
    "close",
)
"""Families: what each machine calls them (linkat, renameat2, …) belongs to its family."""
FAMILY = {
    "mkdirat": "mkdir",
    "linkat": "link",
    "renameat": "rename",
    "renameat2": "rename",
    "unlinkat": "unlink",
}
SAMPLES = {"fsync": 3, "link": 2, "write": 2, "pwrite64": 2, "rename": 2}
"""How many occurrences of a family are tried by default; 1 of the others."""
TRACED = ",".join(f"?{name}" for name in (*CALLS, *FAMILY))
LINE = re.compile(r"^(?:\d+ +)?([a-z_0-9]+)\((.*)$")
EVERY = os.environ.get("HOLDFAST_FAULTS") == "all"  # read here: tests themselves see no such variables
LATER = 1_900_000_000


def trace(vault: Path, log: Path, inject: str | None, repository: Path) -> subprocess.CompletedProcess[str]:
    """The writer under strace; what it calls goes to `log`."""
    words = ["strace", "-f", "-y", "-qq", "-s", "256", "-o", str(log)]
    # Only what is traced can be injured. The filter lets all else run at its own speed, and loses signals.
    words += ["-e", f"trace={inject.partition(':')[0] if inject else TRACED}"]
    if inject:
        words += ["-e", f"inject={inject}"]
    if not inject or "signal" not in inject:
        words += ["--seccomp-bpf"]
    return subprocess.run(
        [*words, sys.executable, "-B", "-m", "tests.fault.writer", str(vault)],
        cwd=repository,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(repository), *filter(None, sys.path)]),
            "PYTHONHASHSEED": "0",
        },
        capture_output=True,
        text=True,
        timeout=300,  # a disk that others keep busy may take its time over a sync
        check=False,
    )


@pytest.fixture(scope="module")
def occurrences(
    tmp_path_factory: pytest.TempPathFactory, repository: Path
) -> dict[str, list[tuple[str, int]]]:
    """Of each family: (call, its ordinal from 1 in the whole run) of every call that the writer itself makes."""
    if shutil.which("strace") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("strace is missing: where CI=true faults must be injected (.ci/run installs it)")
        pytest.skip("no strace here")
    folder = tmp_path_factory.mktemp("calm")
    done = trace(folder / "vault", folder / "calls", None, repository)
    if "ptrace" in done.stderr.lower() and "not permitted" in done.stderr.lower():
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    begun = False
    for line in (folder / "calls").read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if match is None or "resumed>" in line:
            continue
        call, rest = match.groups()
        counts[call] += 1
        # Its own files: not a module that it loads late, nor what it says to us.
        if begun and str(folder) in rest:
            found[FAMILY.get(call, call)].append((call, counts[call]))
        begun = begun or BEGIN in rest
    assert begun
    for call in ("openat", "link", "fsync", "write", "pwrite64", "close", "rename"):
        assert len(found[call]) > 5, call
    return found


def keeps_its_word(vault: Path, said: list[str], *, after: str) -> None:
    """What the writer was told is committed stands at its index; what was signed is published."""
    reader = Reader(vault)
    size = reader.checkpoint()[0].checkpoint.size
    for line in said:
        match line.split():
            case ["entry", index, digest]:
                assert sha256(reader.raw(int(index))[0]).hexdigest() == digest, (after, line)
                assert int(index) < size, (after, line)
            case ["signed", signed]:
                assert int(signed) <= size, (after, line)
            case _:
                pytest.fail(f"{after}: the writer said {line!r}")


def doubt(vault: Path, after: str) -> None:
    report = verify_vault(vault)
    alarms = [each for each in report.findings if each.severity is not Severity.NOTE]
    assert (report.verdict, alarms) == (Verdict.HOLDS, []), after


def sampled(places: list[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    """Spread over the run, its ends among them."""
    if EVERY or len(places) <= count:
        return places
    return [places[(2 * at + 1) * len(places) // (2 * count)] for at in range(count)]


@pytest.mark.parametrize("fault", ["error=EIO", "signal=SIGKILL"])
@pytest.mark.parametrize("family", CALLS)
def test_a_call_that_fails_or_is_the_last_leaves_a_vault_that_holds_and_continues(
    family: str,
    fault: str,
    occurrences: dict[str, list[tuple[str, int]]],
    tmp_path: Path,
    repository: Path,
) -> None:
    for call, ordinal in sampled(occurrences[family], SAMPLES.get(family, 1)):
        after = f"{call}:{fault}:when={ordinal}"
        vault = tmp_path / f"{call}-{ordinal}"
        done = trace(vault, tmp_path / "calls", after, repository)
        # 1. It ended as it should: killed, or with an error of ours. A fault that does no harm may be borne.
        killed = done.returncode in (-9, 137)
        assert killed == (fault == "signal=SIGKILL"), (after, done.returncode, done.stderr)
        assert killed or "Traceback" not in done.stderr, (after, done.stderr)
        # 2. Before anything is written, what is there holds.
        if (vault / "vault.json").exists():
            doubt(vault, f"{after}, before the next start")
        else:
            create(vault, ORIGIN, clock=Clock())
        # 3. The normal code continues, and nothing that was promised is lost.
        seal_all(vault, Clock(LATER))
        doubt(vault, after)
        keeps_its_word(vault, done.stdout.splitlines(), after=after)
        left = [path for path in vault.rglob(".tmp-*") if path.is_file()]
        assert not left, after
        shutil.rmtree(vault)
