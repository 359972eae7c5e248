"""Follows reports, checks and transcripts into the tables, and lists the checks."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Engine

from holdfast.catalog.rows import is_storable

__all__ = ["CheckRow", "Checks", "check_at", "checks_before", "checks_of"]

_CHECKS = (
    "SELECT k.entry, k.report, k.digest, k.claims, k.ts, r.title, r.outlet, r.url, r.lang, r.published_lo,"
    " r.published_hi FROM checked k LEFT JOIN report r ON r.entry = k.report"
)


class CheckRow(msgspec.Struct, frozen=True):
    """A check of a report, as the tables know it. `entry`: the first that holds it; `report`: the report's entry; `labels`: (verdict,
    how many claims have it). What the report says of itself is None where it says nothing, and where the report is no longer held."""

    entry: int
    report: int | None
    digest: str
    claims: int
    ts: str
    title: str | None
    outlet: str | None
    url: str | None
    lang: str | None
    published_lo: str | None
    published_hi: str | None
    labels: tuple[tuple[str, int], ...] = ()


def checks_before(engine: Engine, before: int | None, limit: int) -> list[CheckRow]:
    """The checks below an entry (None: from the newest), newest first."""
    top = 2**63 - 1 if before is None else before
    return _rows(engine, f"{_CHECKS} WHERE k.entry < ? ORDER BY k.entry DESC LIMIT ?", (top, limit))


def checks_of(engine: Engine, report: int, limit: int) -> list[CheckRow]:
    """The checks of the report that an entry holds, newest first."""
    return _rows(engine, f"{_CHECKS} WHERE k.report = ? ORDER BY k.entry DESC LIMIT ?", (report, limit))


def check_at(engine: Engine, entry: int) -> int | None:
    """The first entry of the check that an entry is part of, or of the last check of the report that it holds; None if it is neither."""
    sql = (
        "SELECT max(entry) FROM checked WHERE entry = ?1 OR report = ?1 OR digest ="
        " (SELECT digest FROM claim WHERE entry = ?1 LIMIT 1)"
    )
    with engine.connect() as connection:
        found = connection.exec_driver_sql(sql, (entry,)).scalar()
    return None if found is None else int(found)


def _rows(engine: Engine, sql: str, values: tuple[Any, ...]) -> list[CheckRow]:
    # A check's parts follow each other, and none is without a claim but the first: they lie within as many entries as claims.
    counted = (
        "SELECT v.label, count(*) FROM claim c JOIN verdict v ON v.entry = c.entry AND v.number = c.number"
        " WHERE c.entry BETWEEN ? AND ? AND c.digest = ? GROUP BY v.label ORDER BY v.label"
    )
    found = []
    with engine.connect() as connection:
        for row in connection.exec_driver_sql(sql, values).fetchall():
            labels = connection.exec_driver_sql(counted, (row[0], row[0] + row[3], row[2])).fetchall()
            told = tuple((str(label), int(count)) for label, count in labels)
            values_of: list[Any] = [*row, told]
            found.append(CheckRow(*values_of))
    return found


class Checks:
    """The reports' part of the tables. What was erased or withheld leaves no row."""

    def __init__(self, connection: Connection) -> None:
        self._execute = connection.exec_driver_sql

    def follow(self, kind: str, entry: int, ts: str, values: dict[str, Any]) -> None:
        """Record a `report` or `check` entry."""
        if kind == "report":
            if values.get("report"):
                self._report(entry, values)
        elif values.get("check"):
            self._check(entry, ts, values)

    def _report(self, entry: int, values: dict[str, Any]) -> None:
        report = values["report"]
        published = report.get("published") or {}
        self._execute(
            "INSERT OR REPLACE INTO report VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                entry,
                str(report.get("sha256")),
                str(report.get("identity")),
                report.get("artefact"),
                report.get("url"),
                report.get("outlet"),
                report.get("title"),
                report.get("lang"),
                published.get("lo"),
                published.get("hi"),
                (values.get("capture") or {}).get("seen_at"),
            ),
        )

    def _check(self, entry: int, ts: str, values: dict[str, Any]) -> None:
        check = values["check"]
        digest = str(check.get("digest"))
        if check.get("part") == 1:
            self._execute(
                "INSERT OR REPLACE INTO checked VALUES (?,?,?,?,?,?)",
                (entry, check.get("report"), str(check.get("sha256")), digest, check.get("claims"), ts),
            )
        claims, verdicts = [], []
        for name, value in values.items():
            head, _, number = name.partition(" ")
            if head != "claim" or not number.isdigit() or not isinstance(value, dict):
                continue
            claim, verdict = value.get("claim") or {}, value.get("verdict") or {}
            span = claim.get("span") or {}
            subject = str((value.get("subject") or [{}])[0].get("id") or "")
            channel, _, post = subject.partition("/")
            row = (entry, int(number))
            claims.append(
                (
                    *row,
                    digest,
                    str(claim.get("id")),
                    str(claim.get("kind")),
                    span.get("start", 0),
                    span.get("end", 0),
                    str(claim.get("text")),
                )
            )
            verdicts.append(
                (
                    *row,
                    str(verdict.get("label")),
                    verdict.get("reason"),
                    verdict.get("strength"),
                    channel or None,
                    post or None,
                )
            )
        if claims:
            self._execute("INSERT OR REPLACE INTO claim VALUES (?,?,?,?,?,?,?,?)", claims)
            self._execute("INSERT OR REPLACE INTO verdict VALUES (?,?,?,?,?,?,?)", verdicts)

    def transcript(self, channel: int, entry: int, transcript: dict[str, Any], of: dict[str, Any]) -> None:
        """Record a `transcript` entry of the channel with number `channel`; `of` is its `capture` disclosure."""
        post = str(transcript.get("post"))
        seen_at = of.get("seen_at")
        if not seen_at or not post.isascii() or not post.isdigit() or not is_storable(int(post)):
            return
        self._execute(
            "INSERT OR REPLACE INTO transcript VALUES (?,?,?,?,?,?,?,?,?)",
            (
                channel,
                int(post),
                entry,
                str(transcript.get("artefact")),
                str(transcript.get("format")),
                transcript.get("lang"),
                seen_at,
                of.get("id"),
                transcript.get("confidence"),
            ),
        )
