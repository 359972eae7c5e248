"""Fetches a report from its address through the one door, and seals what came back whether it can be read or not."""

from __future__ import annotations

import asyncio
import io
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from holdfast import __version__
from holdfast.archive import Archive, Writing
from holdfast.capture.article import ARTICLE_MAX_BYTES
from holdfast.catalog import facts
from holdfast.errors import FormatError, SourceError, UsageError
from holdfast.fetch import Door, Exchange, Policy, encode_warc, redirect_target
from holdfast.importing import close_interrupted
from holdfast.reports.checking import ADAPTER, Given, TakenIn, take_in
from holdfast.reports.keeping import Act, append_flat
from holdfast.vault.blobs import Blobs

__all__ = ["REDIRECTS_MAX", "fetch_report"]

REDIRECTS_MAX = 8
_PAGES = ("text/html", "application/xhtml+xml")
_READ = (*_PAGES, "text/plain")
_SPENT = "give a page that you saved instead, or try again later"


class _Fetched(msgspec.Struct, frozen=True):
    """What came of asking for an address. `exchanges`: every attempt, redirects and repetitions among them; `problem`: why it is no
    report, None where `body` may be one; `url`: where the last answer came from."""

    asked: str
    url: str
    exchanges: tuple[Exchange, ...]
    body: bytes = b""
    content_type: str | None = None
    problem: str | None = None


def fetch_report(archive: Archive, address: str, policy: Policy, given: Given, *, keep: bool) -> TakenIn:
    """Ask for an address, follow its redirects, and take in the report that is there.

    `policy` says which hosts may be asked, at every redirect anew. Effects: network; with `keep` takes the writer's lock and seals the
    exchanges (WARC), the body, the `report` entry where it is a new one, and the `capture` that they came by; of what is no report the
    exchanges and the capture alone. Errors: UsageError for an address that may not be asked; SourceError if no report came back.
    """
    given.check()
    fetched = asyncio.run(_fetch(address, policy, archive.clock))
    taken: TakenIn | None = None
    failure: SourceError | None = None
    if fetched.problem is not None:
        failure = SourceError(f"{fetched.url}: {fetched.problem}", remedy=_SPENT)
    else:
        own = msgspec.structs.replace(given, url=given.url or fetched.url)
        try:
            taken = take_in(
                fetched.body, _name(fetched), fetched.url, own, archive.clock(), fetched.content_type
            )
        except SourceError as error:
            failure = error
    if keep and fetched.exchanges:
        _seal(archive, fetched, taken, policy, failure)
    if taken is None:
        assert failure is not None
        raise failure
    return taken


async def _fetch(address: str, policy: Policy, clock: Callable[[], int]) -> _Fetched:
    """Never raises for what the network or a server does."""
    exchanges: list[Exchange] = []
    url = address
    async with Door(policy, on_exchange=exchanges.append, clock=clock, ticks=time.monotonic) as door:
        for _ in range(REDIRECTS_MAX + 1):
            try:
                exchange = await door.get(
                    url,
                    max_bytes=ARTICLE_MAX_BYTES,
                    accept="text/html, application/xhtml+xml, text/plain;q=0.9",
                )
            except UsageError as error:
                if not exchanges:
                    raise
                # The words of a server are no mistake of the user's.
                return _Fetched(
                    address, exchanges[-1].url, tuple(exchanges), problem=f"it leads on to an address that may not be asked: {error.message}"
                )  # fmt: skip
            url = exchange.url
            onward = redirect_target(exchange)
            if exchange.outcome != "answered" or onward is None:
                return _read(address, exchange, tuple(exchanges))
            url = onward
    return _Fetched(address, exchanges[-1].url, tuple(exchanges), problem="it leads in circles")


def _read(address: str, exchange: Exchange, exchanges: tuple[Exchange, ...]) -> _Fetched:
    """The body of the last answer, or why there is none to read."""
    found = _Fetched(address, exchange.url, exchanges)
    if exchange.outcome != "answered":
        detail = f" ({exchange.detail})" if exchange.detail else ""
        return msgspec.structs.replace(found, problem=f"no whole answer came: {exchange.outcome}{detail}")
    if exchange.status != 200:
        return msgspec.structs.replace(
            found, problem=f"the server answers {exchange.status}, which is no page"
        )
    content_type = exchange.header("content-type")
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and kind not in _READ:
        return msgspec.structs.replace(found, problem="what lies there is neither a page nor plain text")
    try:
        body = exchange.body(ARTICLE_MAX_BYTES)
    except FormatError as error:
        return msgspec.structs.replace(found, problem=error.message)
    return msgspec.structs.replace(found, body=body, content_type=content_type)


def _name(fetched: _Fetched) -> str:
    """A file's name for a body: the last part of its path, with an ending that tells what it is."""
    parts = urlsplit(fetched.url)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2], errors="replace")
    name = "".join(sign if sign.isprintable() and sign not in "\\/:" else "_" for sign in last)[:100]
    name = name or parts.hostname or "report"
    is_text = (fetched.content_type or "").strip().lower().startswith("text/plain")
    ending = ".txt" if is_text else ".html"
    known = (".txt",) if is_text else (".html", ".htm", ".xhtml")
    return name if name.lower().endswith(known) else name + ending


# -- sealing ------------------------------------------------------------------------------------------


def _seal(
    archive: Archive, fetched: _Fetched, taken: TakenIn | None, policy: Policy, failure: SourceError | None
) -> None:
    """Seal an act of fetching, in the order of a vault: what came back, what was read in it, the act itself."""
    first, last = fetched.exchanges[0], fetched.exchanges[-1]
    act = Act(ADAPTER, _utc(first.started_at), route="proxy" if policy.proxy else "direct")
    warc, _ = encode_warc(
        fetched.exchanges, software=f"Holdfast/{__version__}", created_at=float(int(first.started_at))
    )
    name = f"report-{datetime.fromtimestamp(int(first.started_at), UTC):%Y%m%dT%H%M%SZ}.warc.gz"
    with archive.writing() as writing:
        close_interrupted(archive, writing)
        blobs = Blobs(archive.vault)
        kept = blobs.add(io.BytesIO(warc), compress=False, name=name)
        artefacts: list[dict[str, Any]] = [
            {"digest": kept.digest, "size_bytes": kept.size_bytes, "name": name, "media_type": "application/warc", "parsed": taken is None}
        ]  # fmt: skip
        is_new = False
        if taken is not None:
            report = taken.report
            body = blobs.add(io.BytesIO(taken.raw), compress=True, name=report.name, probe=True)
            artefacts.append(
                {"digest": body.digest, "size_bytes": body.size_bytes, "name": report.name, "parsed": True}
            )
            is_new = _seal_report(archive, writing, act, taken)
        append_flat(
            writing,
            "capture",
            {
                "capture": {"id": act.id, "seen_at": act.seen_at, "finished_at": _utc(last.finished_at)},
                "source": {"adapter": act.adapter, "url": last.url, "user_agent": policy.user_agent},
                "collector": {
                    "tool": "holdfast",
                    "version": __version__,
                    "python": platform.python_version(),
                    "host": platform.node() if archive.record_host else None,
                    "account": None,
                    "route": act.route,
                },
                "request": {"url": first.url, "asked": list(dict.fromkeys(each.url for each in fetched.exchanges))},
                "coverage": [],
                "artefacts": artefacts,
                "counts": {"read": 1, "new" if is_new else "unchanged": 1} if taken else {"read": 0},
                "problems": {"counts": {}, "first": []},
                "outcome": {"state": "complete"}
                if failure is None
                else {"state": "failed", "detail": failure.message},
                "clock": {"started": act.seen_at, "finished": _utc(last.finished_at)},
            },
        )  # fmt: skip
        writing.log.publish()


def _seal_report(archive: Archive, writing: Writing, act: Act, taken: TakenIn) -> bool:
    """Seal the `report` entry unless the same report stands in the vault. Returns whether it was sealed."""
    report = taken.report
    writing.follower.commit()
    with archive.tables() as engine:
        if facts.sealed_report(engine, report.sha256, report.identity) is not None:
            return False
    units = {"report": msgspec.to_builtins(report), "text": taken.article.text}
    append_flat(writing, "report", {"capture": act.of(), **units})
    return True


def _utc(unix_s: float) -> str:
    return f"{datetime.fromtimestamp(int(unix_s), UTC):%Y-%m-%dT%H:%M:%SZ}"
