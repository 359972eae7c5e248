"""The one thread that imports, watches and verifies: what goes wrong in one piece of work harms no other."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from holdfast.archive import Archive, create
from holdfast.catalog import queries
from holdfast.fetch import Policy
from holdfast.importing import import_export
from holdfast.vault.log import writer_lock
from holdfast.verify.vault import verify_vault
from holdfast.web import work
from holdfast.web.watchlist import WatchList
from holdfast.web.work import Job, Worker
from tests.archives import write_export
from tests.capture.exports import message
from tests.web.desks import until


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    create(tmp_path / "vault", "test.example/work")
    return tmp_path / "vault"


Make = Callable[..., Worker]


@pytest.fixture
def make(vault: Path) -> Iterator[Make]:
    """Workers over the vault; they are ended after the test."""
    made: list[Worker] = []

    def worker(*, start: bool = True, **how: Any) -> Worker:
        found = Worker(
            vault, WatchList(vault), **{"policy": None, "base": "https://t.me", "workers": 0, **how}
        )
        made.append(found)
        if start:
            found.start()
        return found

    yield worker
    for each in made:
        each.close()


def take(worker: Worker, find: Callable[[], Path], tidied: list[str] | None = None) -> Job:
    note = [] if tidied is None else tidied
    found = worker.take_in(
        find, "an export", include_private=False, channel=None, tidy=lambda: note.append("tidied")
    )
    assert found is not None
    return found


def export(folder: Path, posts: int = 3, name: str = "Posts") -> Path:
    return write_export(
        folder, *(message(number, text="x") for number in range(1, posts + 1)), id=9, name=name
    )


def over(job: Job) -> Job:
    until(lambda: job.is_over)
    return job


def test_a_bug_in_one_job_ends_no_other(make: Make, tmp_path: Path) -> None:
    worker = make()
    tidied: list[str] = []

    def broken() -> Path:
        raise ZeroDivisionError("a secret of the post")

    failed = over(take(worker, broken, tidied))
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["code"] == "bug"
    assert "secret" not in str(failed.error), "what a bug says may hold a post's words"
    until(lambda: tidied == ["tidied"])
    assert over(take(worker, lambda: export(tmp_path / "e"))).state == "done"


def test_what_is_stopped_before_it_begins_never_does(make: Make, tmp_path: Path) -> None:
    worker = make(start=False)
    job = take(worker, lambda: export(tmp_path / "e"))
    worker.stop(job.id)
    worker.start()
    assert over(job).state == "stopped"
    assert not (tmp_path / "e").exists()


def test_an_import_that_is_stopped_is_sealed_as_interrupted(make: Make, vault: Path, tmp_path: Path) -> None:
    worker = make(start=False)
    jobs: list[Job] = []

    def find() -> Path:
        worker.stop(jobs[0].id)
        return export(tmp_path / "e", posts=400)

    jobs.append(take(worker, find))
    worker.start()
    assert over(jobs[0]).state == "stopped"
    with Archive.open(vault, workers=0) as archive:
        assert [each.state for each in queries.captures(archive.engine(), limit=5)] == ["interrupted"]
    assert verify_vault(vault).verdict.value == "holds"


def test_closing_ends_what_is_under_way_and_takes_nothing_more(make: Make, tmp_path: Path) -> None:
    worker = make()
    begun, go_on = threading.Event(), threading.Event()

    def find() -> Path:
        begun.set()
        assert go_on.wait(30)
        return export(tmp_path / "e", posts=400)

    job = take(worker, find)
    waiting = take(worker, lambda: export(tmp_path / "f"))
    assert begun.wait(30)
    closing = threading.Thread(target=worker.close)
    closing.start()
    until(lambda: worker._stopping)
    assert worker.verify() is None
    go_on.set()
    closing.join(60)
    assert job.state == "stopped"
    assert waiting.state == "stopped"


def test_a_worker_that_never_began_can_be_closed(make: Make) -> None:
    make(start=False).close()


def test_old_jobs_are_forgotten_and_those_under_way_are_not(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(work, "JOBS_KEPT", 2)
    worker = make()
    made = [over(take(worker, lambda at=at: export(tmp_path / str(at)))) for at in range(4)]  # type: ignore[misc]  # mypy cannot see the default
    assert list(worker.jobs) == [each.id for each in made[-2:]]


# -- checks -------------------------------------------------------------------------------------------


def test_a_vault_that_was_written_to_while_it_was_checked_is_checked_again(
    make: Make, vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.open(vault, workers=0) as archive:
        import_export(archive, export(tmp_path / "e"))
    asked = []

    def meanwhile(path: Path, **how: Any) -> Any:
        """The real check, while another process moves a file and adds to the log."""
        asked.append(path)
        if len(asked) > 1:
            return verify_vault(path, **how)
        shutil.move(vault / "blobs", tmp_path / "blobs")
        found = verify_vault(path, **how)
        shutil.move(tmp_path / "blobs", vault / "blobs")
        with Archive.open(vault, workers=0) as archive:
            import_export(archive, export(tmp_path / "f", name="Renamed"))
        return found

    monkeypatch.setattr(work, "verify_vault", meanwhile)
    worker = make()
    job = worker.verify()
    assert job is not None
    assert over(job).outcome is not None
    assert job.outcome is not None
    assert job.outcome["verdict"] == "holds"
    assert len(asked) == 2


def test_a_vault_that_does_not_hold_is_checked_once_where_nobody_wrote(
    make: Make, vault: Path, tmp_path: Path
) -> None:
    (vault / "log" / "checkpoint").unlink()
    job = make().verify()
    assert job is not None
    over(job)
    assert job.outcome is not None
    assert job.outcome["verdict"] != "holds"


def test_a_verdict_stands_where_it_cannot_be_noted(make: Make, vault: Path) -> None:
    worker = make(start=False)
    vault.with_name("vault.web").write_bytes(b"no folder")
    worker.start()
    job = worker.verify()
    assert job is not None
    assert over(job).state == "done"
    assert job.outcome is not None
    assert job.outcome["verdict"] == "holds"
    assert worker.watched.verified is None


def test_a_check_can_be_stopped(
    make: Make, monkeypatch: pytest.MonkeyPatch, vault: Path, tmp_path: Path
) -> None:
    with Archive.open(vault, workers=0) as archive:
        import_export(archive, export(tmp_path / "e", posts=400))
    worker = make(start=False)
    job = worker.verify()
    assert job is not None

    def stopping(path: Path, **how: Any) -> Any:
        worker.stop(job.id)
        return verify_vault(path, **how)

    monkeypatch.setattr(work, "verify_vault", stopping)
    worker.start()
    assert over(job).state == "stopped"


# -- watching -----------------------------------------------------------------------------------------


@pytest.fixture
def silent() -> Iterator[tuple[socket.socket, Policy, str]]:
    """A source that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        policy = Policy(allowed_hosts=(host,), allow_private=True, per_host_rate=1000.0)
        yield listening, policy, f"http://{host}"


def test_a_job_does_not_wait_for_a_source_that_does_not_answer(
    make: Make, silent: tuple[socket.socket, Policy, str]
) -> None:
    listening, policy, base = silent
    worker = make(start=False, policy=policy, base=base)
    worker.watched.add("somebody")
    worker.start()
    asked, _ = listening.accept()
    with asked:
        assert worker.doing == "somebody"
        job = worker.verify()
        assert job is not None
        assert over(job).state == "done"
        # Afterwards it is asked again, and letting it go ends that.
        again, _ = listening.accept()
        with again:
            worker.watched.remove("somebody")
            worker.nudge()
            until(lambda: worker.doing is None)


def test_while_another_process_writes_a_sweep_waits_and_says_so(
    make: Make, vault: Path, silent: tuple[socket.socket, Policy, str]
) -> None:
    _, policy, base = silent
    worker = make(start=False, policy=policy, base=base)
    worker.watched.add("somebody")
    with writer_lock(vault):
        worker.start()
        until(lambda: worker.trouble == "locked")
    worker.watched.remove("somebody")


def test_a_vault_that_is_gone_is_told_and_the_thread_lives_on(
    make: Make, vault: Path, tmp_path: Path, silent: tuple[socket.socket, Policy, str]
) -> None:
    _, policy, base = silent
    worker = make(start=False, policy=policy, base=base)
    worker.watched.add("somebody")
    vault.rename(tmp_path / "away")
    worker.start()
    until(lambda: worker.trouble is not None)
    assert worker.next_at["somebody"] > 0
    (tmp_path / "away").rename(vault)
    worker.watched.remove("somebody")
    worker.nudge()
    job = worker.verify()
    assert job is not None
    assert over(job).state == "done"


def test_a_bug_in_a_sweep_is_told_and_the_thread_lives_on(
    make: Make, silent: tuple[socket.socket, Policy, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, policy, base = silent

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a secret of the post")

    monkeypatch.setattr(work, "WebSource", broken)
    worker = make(start=False, policy=policy, base=base)
    worker.watched.add("somebody")
    worker.start()
    until(lambda: worker.trouble == "a bug: ZeroDivisionError")
    job = worker.verify()
    assert job is not None
    assert over(job).state == "done"


def test_while_work_is_waiting_no_sweep_begins(
    make: Make, silent: tuple[socket.socket, Policy, str], vault: Path
) -> None:
    import asyncio

    _, policy, base = silent
    worker = make(start=False, policy=policy, base=base)
    assert worker.verify() is not None
    asyncio.run(worker._watch(["somebody"], 0))
    assert worker.next_at == {}
