"""Take in: exports from the reader's machine, channels to watch, and what became of both."""

from __future__ import annotations

import secrets
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.errors import UsageError
from holdfast.web.desk import Answer, Ask, Desk, missing
from holdfast.web.unpacking import export_root, unpack
from holdfast.web.uploading import forget, read_form, receive
from holdfast.web.work import Job

__all__ = ["change_watch", "job", "job_json", "stop_job", "take_in", "upload", "verify"]

IMPORTS = "take-in"
BUSY = "too much is waiting already"


def take_in(ask: Ask) -> Answer:
    """The watch list with its last sweeps, and the jobs of this server since it was started."""
    worker = ask.desk.worker
    data = {
        "watched": [
            {
                "name": each.name,
                "is_paused": each.is_paused,
                "next_at": worker.next_at.get(each.name) or None,
                "sweeps": list(worker.sweeps.get(each.name, ()))[:5],
            }
            for each in worker.watched.channels
        ],
        "trouble": worker.trouble or worker.watched.trouble,
        "sweeping": worker.doing,
        "can_watch": worker.policy is not None,
        "jobs": [job_json(each) for each in reversed(worker.jobs.values())],
        "upload_bytes": ask.desk.limits.upload_bytes,
    }
    return Answer("take_in.html", data, {})


def job_json(each: Job) -> dict[str, Any]:
    """A job as pages, JSON and events show it."""
    return msgspec.structs.asdict(each)


def job(ask: Ask) -> Answer:
    """One job: how far it is, or what came of it."""
    found = ask.desk.worker.jobs.get(ask.path["job"])
    if found is None:
        return missing("there is no such job", "jobs are forgotten when the server ends")
    return Answer("job.html", job_json(found))


# -- what changes something ---------------------------------------------------------------------------


async def upload(desk: Desk, request: Request) -> Response:
    """Take an export: files of a folder, a zip, or one JSON file. Effects: files in a temporary folder, then a job."""
    root = Path(tempfile.mkdtemp(prefix="holdfast-upload-", dir=desk.uploads))
    try:
        received = await receive(request, root, desk.limits)
        if not received.files:
            raise UsageError("no file was chosen", remedy="choose a zip, a result.json or a folder")
        channel = received.fields.get("channel", "").strip() or None
        found = desk.worker.take_in(
            partial(_unpacked, root, desk),
            _name_of(root),
            include_private=received.fields.get("include_private") == "yes",
            channel=channel,
            tidy=partial(forget, root),
        )
        if found is None:
            raise UsageError(BUSY, remedy="wait until something has ended")
    except BaseException:
        forget(root)
        raise
    return RedirectResponse(f"/job/{found.id}", 303)


def _name_of(root: Path) -> str:
    inside = sorted(each.name for each in root.iterdir())
    return inside[0] if inside else ""


def _unpacked(root: Path, desk: Desk) -> Path:
    """The export within an upload, unpacked if it is a zip. Effects: writes below `root`."""
    inside = list(root.iterdir())
    if len(inside) == 1 and inside[0].is_file() and zipfile.is_zipfile(inside[0]):
        # The folder bears the zip's name: it may say on what day the export was made.
        target = root / secrets.token_hex(4) / (inside[0].stem or "export")
        target.mkdir(parents=True)
        unpack(inside[0], target, bytes_most=desk.limits.unpacked_bytes, files_most=desk.limits.upload_files)
        inside[0].unlink()
        return export_root(target)
    return export_root(root)


async def verify(desk: Desk, _request: Request) -> Response:
    """Begin a check of the whole vault. Effects: a job."""
    found = desk.worker.verify()
    if found is None:
        raise UsageError(BUSY, remedy="wait until something has ended")
    return RedirectResponse(f"/job/{found.id}", 303)


async def stop_job(desk: Desk, request: Request) -> Response:
    """End a job at the next place where nothing is half done."""
    desk.worker.stop(request.path_params["job"])
    return RedirectResponse(f"/job/{request.path_params['job']}", 303)


async def change_watch(desk: Desk, request: Request) -> Response:
    """Add a channel to the watch list, pause it, go on with it, or let it go. Effects: replaces `watch.json`."""
    form = await read_form(request, desk.limits)
    watched, name = desk.worker.watched, form.get("name", "")
    match form.get("do"):
        case "add":
            watched.add(name)
        case "pause":
            watched.pause(name, is_paused=True)
        case "resume":
            watched.pause(name, is_paused=False)
        case "remove":
            watched.remove(name)
        case _:
            raise UsageError("this asks for nothing that can be done")
    desk.worker.nudge()
    return RedirectResponse("/take-in#watched", 303)
