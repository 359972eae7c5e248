"""One thread that imports, watches, verifies and checks reports, one thing after the other: whoever writes holds the vault's lock meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

import msgspec

from holdfast import jobs
from holdfast.answers import import_json, sweep_json, verify_json
from holdfast.archive import Archive
from holdfast.catalog.timeline import FAILURES
from holdfast.errors import HoldfastError, StorageError, VaultLockedError
from holdfast.fetch import Door, Policy
from holdfast.importing import import_export
from holdfast.progress import Progress
from holdfast.schedule import CARD_S, Pattern, back_off_s
from holdfast.verify.findings import Report, Verdict
from holdfast.verify.vault import verify_vault
from holdfast.watching.clock import SystemClock
from holdfast.watching.memory import Watched
from holdfast.watching.run import Options, Sweep, watch
from holdfast.watching.web import WebSource, note_attempt
from holdfast.web.watchlist import WatchList

__all__ = ["Job", "JobKind", "JobState", "Stage", "Worker"]

JobState = Literal["waiting", "running", "done", "failed", "stopped"]
JobKind = Literal["import", "verify", "check"]
JOBS_KEPT = 30
WAITING_MOST = 20
LOCKED_S = 5.0
"""How long to wait for another process that writes, before looking again."""
SWEEP_S = 600
"""A round of sweeps ends after so long, so that an import does not wait for a channel's whole history."""
SWEEPS_KEPT = 20
AGAIN = 3
"""How often a vault is checked anew that was written to while it was checked."""


class Job(msgspec.Struct):
    """One piece of work. `stage`, `done`, `total`, `unit` as in Progress; `outcome` is what the verb of the same name answers."""

    id: str
    kind: JobKind
    name: str
    state: JobState = "waiting"
    stage: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    note: str | None = None
    outcome: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    made_at: int = 0
    version: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "stopped")


Stage = Callable[[str], None]
"""Told the name of what comes next; raises KeyboardInterrupt where the job was stopped."""


class _Task(msgspec.Struct):
    job: Job
    run: Callable[[Job], dict[str, Any]]
    tidy: Callable[[], None]


class Worker:
    """Takes jobs and, between them, sweeps the channels of the watch list that are due."""

    def __init__(
        self,
        vault: Path,
        watched: WatchList,
        *,
        policy: Policy | None,
        base: str,
        workers: int | None = None,
        passphrase: Callable[[], str | None] = lambda: None,
        record_host: bool = True,
    ) -> None:
        self.vault, self.watched, self.policy, self.base = vault, watched, policy, base
        self.workers, self._passphrase, self._record_host = workers, passphrase, record_host
        self.jobs: OrderedDict[str, Job] = OrderedDict()
        self.sweeps: dict[str, deque[dict[str, Any]]] = {}
        self.next_at: dict[str, int] = {}
        self.trouble: str | None = None
        """Why nothing is watched at the moment; None if all is well."""
        self.doing: str | None = None
        self._tasks: deque[_Task] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._stopped: set[str] = set()
        self._cancel: Callable[[], object] | None = None
        self._thread: threading.Thread | None = None

    # -- from other threads -----------------------------------------------------------------------

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="holdfast-worker", daemon=True)
        self._thread.start()

    def close(self, wait_s: float = 30.0) -> None:
        """End: what is under way is sealed as interrupted."""
        with self._changed:
            self._stopping = True
            self._stopped.update(self.jobs)
            self._changed.notify_all()
            if self._cancel is not None:
                self._cancel()
        if self._thread is not None:
            self._thread.join(wait_s)

    def take_in(
        self,
        find: Callable[[], Path],
        name: str,
        *,
        include_private: bool,
        channel: str | None,
        tidy: Callable[[], None],
    ) -> Job | None:
        """Import the export that `find` leads to. `tidy` is called at the end, whatever it is. Returns None if too much is waiting."""

        def run(job: Job) -> dict[str, Any]:
            with self._archive(job) as archive:
                self._tell(job, stage="unpacking")
                summary = import_export(archive, find(), include_private=include_private, channel=channel)
            return import_json(summary)

        return self._put("import", name, run, tidy)

    def verify(self) -> Job | None:
        """Check the whole vault. Returns None if too much is waiting; the job under way if there is one."""
        with self._changed:
            for each in self.jobs.values():
                if each.kind == "verify" and not each.is_over:
                    return each
        return self._put("verify", "", self._verify, lambda: None)

    def check(self, name: str, check: Callable[[Archive, Stage], dict[str, Any]]) -> Job | None:
        """Hold a report against the archive: `check` is given the open archive, and says at which stage it is. Returns None if too
        much is waiting."""

        def run(job: Job) -> dict[str, Any]:
            def stage(name: str) -> None:
                self._tell(job, stage=name)
                self._check(job)

            with self._archive(job) as archive:
                return check(archive, stage)

        return self._put("check", name, run, lambda: None)

    def stop(self, job: str) -> None:
        """End a job at the next place where nothing is half done."""
        with self._changed:
            self._stopped.add(job)
            self._changed.notify_all()

    def nudge(self) -> None:
        """The watch list changed: look at it."""
        with self._changed:
            self.next_at.clear()
            self._changed.notify_all()
            if self._cancel is not None:
                self._cancel()

    def _put(
        self, kind: JobKind, name: str, run: Callable[[Job], dict[str, Any]], tidy: Callable[[], None]
    ) -> Job | None:  # fmt: skip
        job = Job(secrets.token_hex(8), kind, name, made_at=int(time.time()))
        with self._changed:
            if self._stopping or len(self._tasks) >= WAITING_MOST:
                return None
            self.jobs[job.id] = job
            self._tasks.append(_Task(job, run, tidy))
            over = [each.id for each in self.jobs.values() if each.is_over]
            for old in over[: max(0, len(self.jobs) - JOBS_KEPT)]:
                del self.jobs[old]
            self._changed.notify_all()
            if self._cancel is not None:
                self._cancel()
        return job

    # -- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopping and not self._tasks and self._due_in() > 0:
                    self._changed.wait(self._due_in())
                task = self._tasks.popleft() if self._tasks else None
                if self._stopping and task is None:
                    return
            if task is not None:
                self._do(task)
            else:
                self._sweep()

    def _due_in(self) -> float:
        """Seconds until a channel is due; a long time if none is watched."""
        names = self.watched.active() if self.policy is not None else []
        if not names:
            return 3600.0
        return min(max(0.0, self.next_at.get(name, 0) - time.time()) for name in names)

    def _do(self, task: _Task) -> None:
        job = task.job
        try:
            while True:
                try:
                    self._check(job)
                    self._tell(job, state="running")
                    outcome = task.run(job)
                    self._tell(job, state="done", outcome=outcome, note=None)
                    return
                except VaultLockedError:
                    self._tell(job, state="waiting", note="locked")
                    with self._changed:
                        self._changed.wait_for(lambda: job.id in self._stopped, LOCKED_S)
        except KeyboardInterrupt:
            self._tell(job, state="stopped")
        except HoldfastError as error:
            found = {"code": error.code, "message": error.message, "remedy": error.remedy}
            self._tell(job, state="failed", error=found)
        except Exception as error:  # noqa: BLE001 (a bug in one job must not end the thread that does all of them)
            found = {
                "code": "bug",
                "message": f"a bug: {type(error).__name__}",
                "remedy": "please report this",
            }
            self._tell(job, state="failed", error=found)
        finally:
            task.tidy()

    def _tell(self, job: Job, **what: Any) -> None:
        for name, value in what.items():
            setattr(job, name, value)
        job.version += 1

    def _check(self, job: Job) -> None:
        if job.id in self._stopped:
            # What a first Ctrl-C is to the command line: the importer seals the capture as interrupted.
            raise KeyboardInterrupt

    def _archive(self, job: Job) -> Archive:
        def report(event: Progress) -> None:
            self._tell(job, stage=event.stage, done=event.done, total=event.total, unit=event.unit)
            self._check(job)

        return Archive.open(
            self.vault,
            passphrase=self._passphrase,
            workers=self.workers,
            report=report,
            record_host=self._record_host,
        )

    def _verify(self, job: Job) -> dict[str, Any]:
        def report(event: Progress) -> None:
            self._tell(job, stage=event.stage, done=event.done, total=event.total, unit=event.unit)
            self._check(job)

        workers = jobs.cores() if self.workers is None else self.workers
        full = (self.vault / "log" / "tile" / "entries" / "000").exists()
        found: Report
        for _ in range(AGAIN):
            before = self._head()
            with jobs.executor(workers if full else 0, preload=["holdfast.verify.vault"]) as pool:
                found = verify_vault(self.vault, pool=pool, ahead=2 * max(1, workers), report=report)
            if found.verdict is Verdict.HOLDS or self._head() == before:
                break
            # Another process wrote meanwhile: files came and went under the check.
        answer = verify_json(found)
        # The note is for the first page; where it cannot be written the verdict stands all the same.
        with contextlib.suppress(StorageError):
            self.watched.note_verified(answer, int(time.time()))
        return answer

    def _head(self) -> bytes | None:
        try:
            return (self.vault / "log" / "checkpoint").read_bytes()
        except OSError:
            return None

    # -- watching ---------------------------------------------------------------------------------

    def _sweep(self) -> None:
        """One round: the channels that are due, each looked at as often as it needs within the round."""
        now = int(time.time())
        names = [name for name in self.watched.active() if self.next_at.get(name, 0) <= now]
        self.doing = ", ".join(names)
        try:
            asyncio.run(self._watch(names, now))
            self.trouble = None
        except VaultLockedError:
            self.trouble = "locked"
            self._later(names, LOCKED_S)
        except HoldfastError as error:
            self.trouble = error.message
            self._later(names, 300)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 (a bug in one sweep must not end the thread that does everything)
            self.trouble = f"a bug: {type(error).__name__}"
            self._later(names, 300)
        finally:
            self.doing = None
        for name in names:
            self.next_at.setdefault(name, now + 60)

    def _later(self, names: list[str], wait_s: float) -> None:
        for name in names:
            self.next_at[name] = int(time.time() + wait_s)

    async def _watch(self, names: list[str], now: int) -> None:
        assert self.policy is not None
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        with self._changed:
            if self._tasks or self._stopping:
                return
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        clock = SystemClock()
        try:
            async with Door(self.policy, on_exchange=note_attempt) as door:
                source = WebSource(door, self.base, clock.now)
                with Archive.open(
                    self.vault,
                    passphrase=self._passphrase,
                    workers=self.workers,
                    record_host=self._record_host,
                ) as archive:
                    self._remember(archive, source, names, now)
                    due = [name for name in names if self.next_at[name] <= now]
                    if due:
                        options = Options(until=now + SWEEP_S, once=True)
                        await watch(archive, [(source, name) for name in due], options, report=self._swept)
        finally:
            with self._changed:
                self._cancel = None

    def _remember(self, archive: Archive, source: WebSource, names: list[str], now: int) -> None:
        """A restart asks no sooner than whoever watched before would have."""
        for name in names:
            if name not in self.next_at:
                watched = Watched(source, name, Pattern(), history=None, pages=1)
                watched.load(archive.engine(), now)
                self.next_at[name] = watched.next_at

    def _swept(self, sweep: Sweep) -> None:
        kept = self.sweeps.setdefault(sweep.name, deque(maxlen=SWEEPS_KEPT))
        found = sweep_json(sweep)
        found["says_nothing"] = sweep.answered in FAILURES
        kept.appendleft(found)
        failures = sum(1 for _ in takewhile(lambda each: each["says_nothing"], kept))
        if sweep.next_at is None:
            self.next_at[sweep.name] = sweep.started_at + back_off_s(failures, CARD_S)
        else:
            self.next_at[sweep.name] = sweep.next_at  # there is history left to ask for
