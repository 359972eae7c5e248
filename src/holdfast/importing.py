"""Takes an export into the vault: artefacts, posts, absences, and the capture's own entry."""

from __future__ import annotations

import platform
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from holdfast import __version__, jobs
from holdfast.account import UNNAMED, ChatSummary, ChatWork, ImportSummary, notices_of
from holdfast.archive import Archive, Writing
from holdfast.capture.contract import Chat, Coverage, Region
from holdfast.capture.telegram_export import (
    RECORD_CODES,
    Document,
    Plan,
    plan_export,
    read_export,
)
from holdfast.catalog import queries
from holdfast.catalog.known import FollowedFlat, FollowedPosts
from holdfast.errors import IntegrityError, SourceError, UsageError
from holdfast.interruption import deferred_interrupt
from holdfast.model import Counts, Problem
from holdfast.progress import Progress
from holdfast.sealing import FlatTask, SealResult, SealTask, forget, seal_task, unpack_rows
from holdfast.vault.blobs import Artefact, Blobs

__all__ = ["ChatSummary", "ImportSummary", "close_interrupted", "import_export"]

_CHANNEL_ID = re.compile(r"-?[0-9]{1,20}", re.ASCII)
ADAPTER = "telegram_export"
SMALL_BYTES = 3 << 20
"""Exports below it are sealed in this process: a pool would cost more than it saves."""
PROBLEMS_SEALED = 200
ABSENT_AT_ONCE = 5_000
COMMIT_POSTS = 50_000
TASK_BYTES = 512 << 10
"""Regions are sealed together up to about this size: each task costs the log a commit that waits for the disk."""


class _Import:
    """One run, from the plan to the capture's entry."""

    def __init__(
        self,
        archive: Archive,
        plan: Plan,
        include_private: bool,
        channel: str | None,
        interrupted: Callable[[], None],
    ) -> None:
        self.archive, self.plan, self.include_private = archive, plan, include_private
        self.channel, self.interrupted = channel, interrupted
        self.capture = secrets.token_hex(16)
        self.chats: list[ChatWork] = []
        self.artefacts: list[tuple[Document, Artefact, bool]] = []
        self.problems: Counter[str] = Counter()
        self.examples: list[Problem] = []
        self.skipped = 0
        self.pending = 0

    # -- the story --------------------------------------------------------------------------------

    def run(self, writing: Writing) -> ImportSummary:
        self.writing = writing
        self.first_entry = writing.log.size
        self.seen_at = writing.log.time_now()
        state, detail, failure = "complete", None, None
        try:
            # 0. Nothing is kept of an export that holds only chats nobody asked for.
            if not self._is_left_out():
                # 1. Raw first: every document is sealed before any of it is parsed.
                self._seal_documents()
                # 2. Posts, in the order of the export.
                self._seal_posts()
                # 3. What was known, lies inside the coverage, and is not there.
                self._seal_absences()
            if self.skipped:
                state = "partial"
        except (KeyboardInterrupt, SourceError, UsageError) as error:
            # What was sealed so far stays, and the capture says how it ended.
            failure = error
            state = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            detail = None if isinstance(error, KeyboardInterrupt) else error.message
            if not writing.log.alive:
                raise
        # 4. The capture's own entry, after all that it led to.
        summary = self._close(state, detail)
        if failure is not None:
            raise failure
        return summary

    # -- 0. what nobody asked for -----------------------------------------------------------------

    def _is_left_out(self) -> bool:
        """Whether the export holds chats, and none that is wanted. Effects: then notes them for the summary.

        Reads no further than the first record that is wanted.
        """
        if self.include_private:
            return False
        chats: list[Chat] = []
        try:
            for item in read_export(self.plan, _open_original):
                self.interrupted()
                if isinstance(item, Region) or (isinstance(item, Chat) and item.included):
                    return False
                if isinstance(item, Chat):
                    chats.append(item)
        except (SourceError, OSError):
            return False  # the run proper seals what can be read, and says what could not
        self.chats = [ChatWork(chat, None) for chat in chats]
        return bool(chats)

    # -- 1. artefacts -----------------------------------------------------------------------------

    def _seal_documents(self) -> None:
        blobs = Blobs(self.archive.vault)
        documents = [(each, True) for each in self.plan.documents] + [
            (each, False) for each in self.plan.spare
        ]
        total = sum(each.path.stat().st_size for each, _ in documents if each.path.exists())
        done = 0
        for document, parsed in documents:

            def progress(count: int) -> None:
                nonlocal done
                done += count
                self.interrupted()
                self.archive.report(Progress("artefacts", done, total, "bytes"))

            try:
                with open(document.path, "rb") as handle:
                    artefact = blobs.add(handle, compress=True, name=document.name, progress=progress)
            except OSError as error:
                raise SourceError(f"cannot read {document.path}: {error.strerror}") from error
            if parsed:
                self._doubt(artefact.digest)
            self.artefacts.append((document, artefact, parsed))
        self.digests = {document.name: artefact.digest for document, artefact, _ in self.artefacts}
        self.sizes = {document.name: artefact.size_bytes for document, artefact, _ in self.artefacts}

    def _doubt(self, digest: str) -> None:
        """Hash a copy that was sealed before: posts parsed from damaged bytes would look like changed ones."""
        with self.archive.tables() as engine:
            if not queries.is_sealed(engine, digest):
                return
        found = sha256()
        with self.archive.reader.blobs.open(digest) as stored:
            while chunk := stored.read(1 << 20):
                found.update(chunk)
        if found.hexdigest() != digest:
            raise IntegrityError(f"artefact {digest} does not hash to its name any more")

    def _open(self, document: Document) -> BinaryIO:
        # Parsed from our sealed copy: what was hashed is what is read.
        return self.archive.reader.blobs.open(self.digests[document.name])

    # -- 2. posts ---------------------------------------------------------------------------------

    def _seal_posts(self) -> None:
        total = sum(self.sizes[each.name] for each in self.plan.documents)
        small = total < SMALL_BYTES
        workers = 0 if small else self.archive.workers
        # Enough that the workers have something to do while the log waits for the disk.
        ahead = 1 if small else 4 * (workers or jobs.cores())
        self.done = 0
        with jobs.executor(workers, preload=["holdfast.sealing"]) as pool:
            for task, result in jobs.ordered(pool, seal_task, self._tasks(), ahead=ahead):
                if isinstance(task, SealTask) and isinstance(result, SealResult):
                    self._take(task, result)
                elif isinstance(task, FlatTask) and isinstance(result, tuple):
                    self._append_sealed(task, result)
                self.archive.report(Progress("posts", self.done, total, "bytes"))
                self.interrupted()

    def _tasks(self) -> Iterator[SealTask | FlatTask]:
        regions: list[Region] = []
        size = 0
        for item in read_export(self.plan, self._open, include_private=self.include_private):
            if regions and (
                not isinstance(item, Region) or item.document != regions[0].document or size >= TASK_BYTES
            ):
                yield self._task(regions)
                regions, size = [], 0
            if isinstance(item, Chat):
                yield from self._begin(item)
            elif isinstance(item, Region):
                regions.append(item)
                size += len(item.body)
            else:
                self._note(item)
                if self.chats:
                    self.chats[-1].coverage.note(item)
                    self.chats[-1].counts[item.outcome] += 1
                    self.chats[-1].counts["read"] += item.code in RECORD_CODES
        if regions:
            yield self._task(regions)

    def _task(self, regions: list[Region]) -> SealTask:
        """Regions of one document that belong to the chat which came last."""
        work = self.chats[-1]
        return SealTask(
            self.archive.vault,
            tuple(regions),
            work.chat,
            self.digests[regions[0].document],
            self._of(work.chat.channel.id),
            self.writing.log.time_now(),
            self.plan.root,
            work.row,
        )

    def _of(self, channel: str) -> dict[str, str]:
        """The `capture` disclosure of entries that belong to this capture."""
        return {"id": self.capture, "channel": channel, "seen_at": self.seen_at, "source": ADAPTER}

    def _begin(self, chat: Chat) -> Iterator[FlatTask]:
        """Open the account of a chat; its card is sealed if it differs from the last one."""
        if self.channel is not None:
            chat = self._named(chat, self.channel)
        with self.archive.tables() as engine:
            found = next((each for each in queries.channels(engine) if each.id == chat.channel.id), None)
        self.chats.append(ChatWork(chat, found.row if found and found.posts else None))
        if not chat.included:
            return
        seen = chat.channel
        known = (found.title, found.kind, found.source_type, found.username) if found else None
        if known != (seen.title, seen.kind, seen.source_type, seen.username):
            units = {"capture": self._of(seen.id), "channel": seen, "followers": None, "labels": None}
            yield FlatTask("channel", self.writing.log.time_now(), _encoded(units))

    def _named(self, chat: Chat, channel: str) -> Chat:
        """The chat under the id that the caller knows it by. Errors: UsageError where the export says otherwise."""
        if chat.index:
            raise UsageError(
                f"--channel {channel} names one channel, the export holds several chats",
                remedy="leave --channel out",
            )
        if not chat.channel.id.startswith(UNNAMED) and chat.channel.id != channel:
            raise UsageError(
                f"the export is of {chat.channel.id}, by its own account, not of {channel}",
                remedy="leave --channel out: it is for exports that do not record their channel's id",
            )
        return msgspec.structs.replace(chat, channel=msgspec.structs.replace(chat.channel, id=channel))

    def _take(self, task: SealTask, result: SealResult) -> None:
        """Append what a worker sealed; the tables and the index follow at once."""
        work = self.chats[task.chat.index]
        log, follower = self.writing.log, self.writing.follower
        if result.entries:
            first = log.append(result.entries)
            changes = follower.apply(
                FollowedPosts(
                    first + at,
                    task.ts,
                    task.capture,
                    [*enumerate(unpack_rows(rows))],
                    () if at else result.words,
                )
                for at, rows in enumerate(result.rows)
            )
            work.changes.update(changes)
        work.see(result.posts)
        work.coverage.merge(result.coverage)
        for name in ("read", "new", "changed", "unchanged", "media_sealed", "media_missing"):
            work.counts[name] += getattr(result, name)
        for problem in result.problems:
            self._note(problem)
            work.counts[problem.outcome] += 1
        self.done += sum(len(region.body) for region in task.regions)
        self.pending += len(result.posts)
        if self.pending >= COMMIT_POSTS:
            follower.commit()
            self.pending = 0

    # -- 3. absences ------------------------------------------------------------------------------

    def _seal_absences(self) -> None:
        for work in self.chats:
            if work.row is None or not work.chat.included:
                continue
            # An export may list a channel twice: what stands in either part is there.
            same = [each for each in self.chats if each.chat.channel.id == work.chat.channel.id]
            gone: list[str] = []
            with self.archive.tables() as engine:
                for first, last in work.coverage.result().spans:
                    known = queries.known_ids(engine, work.row, first, last, self.first_entry)
                    gone.extend(str(post) for post in known if not any(post in each.seen for each in same))
            for at in range(0, len(gone), ABSENT_AT_ONCE):
                channel = work.chat.channel.id
                absence = {
                    "channel": channel,
                    "posts": gone[at : at + ABSENT_AT_ONCE],
                    "answered": "not in export",
                }
                self._append_flat("absence", {"capture": self._of(channel), "absence": absence})
            work.counts["absent"] += len(gone)

    # -- 4. the capture ---------------------------------------------------------------------------

    def _close(self, state: str, detail: str | None) -> ImportSummary:
        log = self.writing.log
        finished = log.time_now()
        with self.archive.tables() as engine:
            notices = notices_of(self.plan, self.chats, engine)
        chats = tuple(self._summary(work, state) for work in self.chats)
        counts = Counts(
            **{name: sum(getattr(each.counts, name) for each in chats) for name in Counts.__struct_fields__}
        )
        self._append_flat(
            "capture",
            {
                "capture": {"id": self.capture, "seen_at": self.seen_at, "finished_at": finished},
                "source": {
                    "adapter": ADAPTER,
                    "format": self.plan.format,
                    "exported_hint": self.plan.exported_hint,
                    "chats": [
                        {
                            "channel": each.channel,
                            # The names of chats that were left out are nobody's business.
                            **({"title": each.title} if each.included else {}),
                            "type": work.chat.channel.source_type,
                            "included": each.included,
                        }
                        for each, work in zip(chats, self.chats, strict=True)
                    ],
                },
                "collector": {
                    "tool": "holdfast",
                    "version": __version__,
                    "python": platform.python_version(),
                    "host": platform.node() if self.archive.record_host else None,
                    "account": None,
                    "route": "file",
                },
                "request": {
                    "path": self.plan.root.name,
                    "include_private": self.include_private,
                    **({"channel": self.channel} if self.channel is not None else {}),
                },
                "coverage": [
                    {
                        "channel": each.channel,
                        "spans": [[str(first), str(last)] for first, last in each.spans],
                        **({"reason": each.reason} if each.reason else {}),
                    }
                    for each in chats
                    if each.included
                ],
                "artefacts": [
                    {
                        "digest": artefact.digest,
                        "size_bytes": artefact.size_bytes,
                        "name": document.name,
                        "parsed": parsed,
                    }
                    for document, artefact, parsed in self.artefacts
                ],
                "counts": msgspec.structs.asdict(counts),
                "problems": {"counts": dict(sorted(self.problems.items())), "first": self.examples},
                "outcome": {"state": state, **({"detail": detail} if detail else {})},
                "clock": {"started": self.seen_at, "finished": finished},
            },
        )
        log.publish()
        return ImportSummary(
            self.capture,
            state,
            detail,
            self.plan.format,
            chats,
            counts,
            dict(sorted(self.problems.items())),
            tuple(self.examples),
            len(self.artefacts),
            sum(artefact.size_bytes for _, artefact, _ in self.artefacts),
            (self.first_entry, log.size - 1),
            log.published_size,
            notices,
        )

    def _summary(self, work: ChatWork, state: str) -> ChatSummary:
        channel, coverage = work.chat.channel, Coverage()
        if work.chat.included:
            coverage = work.coverage.result()
        if state not in ("complete", "partial"):
            # Absences were not looked for, so of no id can be said that it was there.
            coverage = Coverage((), state)
        changes = {
            name: count for name, count in sorted(work.changes.items()) if name not in ("new", "changed")
        }
        return ChatSummary(
            channel.id,
            channel.title,
            channel.kind,
            work.chat.included,
            work.total(),
            changes,
            coverage.spans,
            coverage.reason,
        )

    # -- parts ------------------------------------------------------------------------------------

    def _append_flat(self, kind: str, units: dict[str, Any]) -> None:
        task = FlatTask(kind, self.writing.log.time_now(), _encoded(units))
        result = seal_task(task)
        assert isinstance(result, tuple)
        self._append_sealed(task, result)

    def _append_sealed(self, task: FlatTask, sealed: tuple[bytes, bytes]) -> None:
        entry = self.writing.log.append([sealed])
        values = {name: msgspec.json.decode(value) for name, value in task.units}
        self.writing.follower.apply([FollowedFlat(entry, task.ts, task.kind, values)])

    def _note(self, problem: Problem) -> None:
        self.problems[problem.code] += 1
        self.skipped += problem.outcome == "skipped"
        if len(self.examples) < PROBLEMS_SEALED:
            self.examples.append(problem)


def _open_original(document: Document) -> BinaryIO:
    return open(document.path, "rb")


def _encoded(units: dict[str, Any]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, msgspec.json.encode(value)) for name, value in units.items())


def import_export(
    archive: Archive, path: Path, *, include_private: bool = False, channel: str | None = None
) -> ImportSummary:
    """Take a Telegram Desktop export into the vault: a folder, a `.json` file, or the first of its HTML pages.

    `channel`: the id of the channel, for exports that do not record it. Effects: takes the writer's lock; seals
    artefacts, posts, absences and the capture's entry; publishes. Errors: SourceError if there is no export (nothing
    is kept) or it cannot be read further (what was read is kept, and the capture says so); UsageError; VaultError;
    StorageError. Ctrl-C seals the capture as interrupted; a second one stops at once.
    """
    if channel is not None and not _CHANNEL_ID.fullmatch(channel):
        raise UsageError(f"{channel!r} is no channel's id", remedy="give the number, such as 1878264527")
    plan = plan_export(path)
    with archive.writing() as writing, deferred_interrupt() as interrupted:
        close_interrupted(archive, writing)
        try:
            return _Import(archive, plan, include_private, channel, interrupted).run(writing)
        finally:
            forget()


def close_interrupted(archive: Archive, writing: Writing) -> int:
    """Seal an ending for every capture whose writer was killed. Returns how many there were."""
    writing.follower.commit()
    with archive.tables() as engine:
        left = queries.open_captures(engine)
    for capture, source, seen_at, posts in left:
        ts = writing.log.time_now()
        units = _encoded(
            {
                "capture": {"id": capture, "seen_at": seen_at, "finished_at": None},
                "source": {"adapter": source},
                "collector": None,
                "request": None,
                "coverage": [],
                "artefacts": [],
                "counts": {"new": posts},
                "problems": {"counts": {}, "first": []},
                "outcome": {
                    "state": "interrupted",
                    "detail": "its writer was killed; closed by the next one",
                },
                "clock": {"started": seen_at, "finished": None},
            }
        )
        sealed = seal_task(FlatTask("capture", ts, units))
        assert isinstance(sealed, tuple)
        entry = writing.log.append([sealed])
        values = {name: msgspec.json.decode(value) for name, value in units}
        writing.follower.apply([FollowedFlat(entry, ts, "capture", values)])
    if left:
        writing.follower.commit()
    return len(left)
