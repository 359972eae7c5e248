"""The program killed, interrupted and out of disk: the vault opens, verifies and continues."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdfast.archive import Archive
from holdfast.catalog import queries
from holdfast.verify.findings import Verdict
from holdfast.verify.vault import verify_vault
from tests.archives import ORIGIN, new_archive, rows, write_export
from tests.capture.exports import message

POSTS = 3_000


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough for several processes: 4 MB."""
    records = [message(number, text=f"пост {number} " + "слово " * 100) for number in range(1, POSTS + 1)]
    return write_export(tmp_path_factory.mktemp("export") / "ChatExport_2023-12-29", *records)


@pytest.fixture(scope="module")
def undisturbed(
    export: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[object, ...]]]:
    """What the tables say of the posts after an import that nothing disturbed."""
    from holdfast.importing import import_export

    with new_archive(tmp_path_factory.mktemp("calm") / "vault") as archive:
        import_export(archive, export)
        return rows(archive, whole=False)


def start(*words: str, size_limit: int | None = None) -> subprocess.Popen[str]:
    def limit() -> None:
        if size_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size_limit, resource.RLIM_INFINITY))

    # What is killed or has no disk cannot write down its coverage either.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.Popen(
        [sys.executable, "-m", "holdfast", *words],
        env={**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limit,
    )


def run(*words: str, code: int = 0, size_limit: int | None = None) -> tuple[str, str]:
    process = start(*words, size_limit=size_limit)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code, (out, err)
    return out, err


def holds(vault: Path) -> None:
    report = verify_vault(vault)
    assert report.verdict is Verdict.HOLDS, report.findings


def left_of(session: int) -> list[str]:
    """Processes of a session that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(path.parent.name)
    return found


def wait_for(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def grown(vault: Path, size: int) -> bool:
    beside = vault / "state.db-wal"
    return beside.exists() and beside.stat().st_size > size


def test_kill_9_at_any_moment_leaves_a_vault_that_opens_verifies_and_continues(
    export: Path, undisturbed: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    # Before the first artefact, after it, and further and further into the entries.
    moments = [
        lambda: (vault / "blobs").exists(),
        lambda: any((vault / "blobs").rglob("*.zst")),
        *(lambda size=size: grown(vault, size) for size in (0, 60_000, 200_000, 350_000)),
    ]
    for moment in moments:
        process = start("import", str(export), "--vault", str(vault))
        wait_for(lambda process=process, moment=moment: process.poll() is not None or moment())
        process.kill()
        process.communicate()
        holds(vault)
        with Archive.open(vault, workers=0) as archive:  # reads, and catches up
            totals = queries.totals(archive.engine())
            if totals.posts:
                assert archive.find_posts("слово", limit=1).total == totals.posts
        if Path("/proc").exists():
            wait_for(lambda process=process: not left_of(process.pid))
    out, _ = run("import", str(export), "--vault", str(vault))
    assert f"{POSTS} records read" in out
    holds(vault)
    with Archive.open(vault, workers=0) as archive:
        assert rows(archive, whole=False) == undisturbed
        states = {each.state for each in queries.captures(archive.engine())}
        assert states <= {"complete", "interrupted"}
        archive.rebuild()
        assert rows(archive, whole=False) == undisturbed


def test_ctrl_c_ends_with_130_and_the_next_import_continues(
    export: Path, undisturbed: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    process = start("import", str(export), "--vault", str(vault), "--json")
    wait_for(lambda: process.poll() is not None or grown(vault, 30_000))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "interrupted" in err
    assert '"code":"interrupted"' in out
    assert "Traceback" not in err
    holds(vault)
    run("import", str(export), "--vault", str(vault))
    with Archive.open(vault, workers=0) as archive:
        assert rows(archive, whole=False) == undisturbed
        assert [each.state for each in queries.captures(archive.engine())] == ["complete", "interrupted"]


@pytest.mark.parametrize("limit", [20_000, 60_000, 200_000, 400_000])
def test_a_full_disk_is_one_clear_line_and_the_same_command_continues(
    export: Path, undisturbed: dict[str, list[tuple[object, ...]]], tmp_path: Path, limit: int
) -> None:
    vault = tmp_path / "vault"
    run("init", str(vault), "--origin", ORIGIN)
    _, err = run("import", str(export), "--vault", str(vault), code=13, size_limit=limit)
    assert len(err.strip().splitlines()) == 2, err
    assert err.startswith("holdfast: ")
    assert "what to do: " in err
    holds(vault)
    run("import", str(export), "--vault", str(vault))
    holds(vault)
    with Archive.open(vault, workers=0) as archive:
        assert rows(archive, whole=False) == undisturbed
