"""Follows reports, checks and transcripts into the tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from holdfast.catalog.rows import is_storable

__all__ = ["Checks"]


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
