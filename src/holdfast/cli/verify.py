"""`holdfast verify`: re-checks a vault or a proof folder from bytes alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from holdfast import jobs
from holdfast.answers import verify_json
from holdfast.cli.call import Call
from holdfast.cli.output import Output, many, plain, size
from holdfast.errors import FormatError, UsageError
from holdfast.vault.format.key import Verifier, parse_vkey
from holdfast.verify.findings import Finding, Report, Severity, Verdict
from holdfast.verify.proof import is_proof, verify_proof
from holdfast.verify.vault import verify_vault

__all__ = ["run"]

SHOWN = 100
"""Findings that a person is shown; `--json` gives all that were listed."""


def run(
    path: Path | None = None,
    /,
    *,
    key: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    sample: int | None = None,
    call: Call = Call(),  # noqa: B008 (frozen)
) -> int:
    """Check a vault or a proof folder from its bytes alone, believing nothing that this program wrote.

    Ends with 0 if everything holds, 4 if something does not, 5 if something could not be checked.

    Parameters
    ----------
    path
        A vault, or a folder that `holdfast prove` wrote; the vault option's by default.
    key
        The log's public key (a vkey line) as you have it from elsewhere; repeat for more. Without it, the keys that
        came with the folder are used.
    sample
        Look at so many entries and artefacts, drawn at random, instead of all.
    """
    settings = call.settings()
    keys = tuple(_key(each) for each in key) or None
    if sample is not None and sample < 1:
        raise UsageError(f"a sample of {sample} checks nothing", remedy="give a number from 1 on, or none")
    folder = path or settings.vault
    with call.output() as output:
        if is_proof(folder):
            if sample is not None:
                raise UsageError("a proof is always checked whole", remedy="leave --sample out")
            report = verify_proof(folder, keys=keys)
        else:
            workers = jobs.cores() if settings.workers is None else settings.workers
            with jobs.executor(_useful(folder, workers), preload=["holdfast.verify.vault"]) as pool:
                report = verify_vault(
                    folder,
                    keys=keys,
                    pool=pool,
                    ahead=2 * max(1, workers),
                    sample=sample,
                    report=output.report,
                )
        output.end_progress()
        if output.json:
            output.answer(verify_json(report))
        else:
            _show(report, folder, output)
        return report.exit_code


def _key(text: str) -> Verifier:
    try:
        return parse_vkey(text.strip())
    except FormatError as error:
        raise UsageError(
            f"--key is no public key of a log: {error.message}",
            remedy="give the whole line, as in log.vkey: ORIGIN+HASH+KEY",
        ) from error


def _useful(vault: Path, workers: int) -> int:
    """How many processes are worth their start: none for a vault of a few bundles of small files."""
    full = vault / "log" / "tile" / "entries" / "000"
    return workers if full.exists() else 0


_VERDICTS = {
    Verdict.HOLDS: "HOLDS: every byte that was checked is what was signed",
    Verdict.DOES_NOT_HOLD: "DOES NOT HOLD: keep this copy untouched, and compare it with a backup or a mirror",
    Verdict.NOT_CHECKED: "NOT CHECKED to the end: make what is named below readable, and verify again",
}


def _show(report: Report, folder: Path, output: Output) -> None:
    what = "the vault" if report.subject == "vault" else "the proof"
    output.line(f"{what} in {plain(str(folder))}")
    output.line(_VERDICTS[report.verdict])
    for finding in report.findings[:SHOWN]:
        output.line(_finding(finding))
    more = len(report.findings) - SHOWN
    if more > 0 or report.unlisted:
        output.line(
            f"  … and {max(more, 0) + report.unlisted} findings more (--json lists {len(report.findings)})"
        )
    if report.head is not None:
        output.line(f"  log         {plain(report.head.origin)}, {report.head.size} entries")
        output.line(f"  root        {report.head.root}")
        signers = ", ".join(plain(each) for each in report.head.signed_by)
        output.line(f"  signed by   {signers} ({_keys(report)})")
    else:
        output.line("  signed by   no signature could be believed")
    output.line(f"  checked     {_counts(report)}")
    if report.sample is not None:
        output.note(f"Only a sample of {report.sample} was checked. Without --sample everything is.")


def _keys(report: Report) -> str:
    return {
        "reader": "the key you gave",
        "vault": "keys of vault.json: compare with what was published",
        "folder": "keys that came with the proof: compare with what the archive published",
    }[report.keys_from]


_WORDS = {
    Severity.ALARM: "alarm",
    Severity.UNCHECKED: "unchecked",
    Severity.NOTE: "note",
}


def _finding(finding: Finding) -> str:
    return f"  {_WORDS[finding.severity]:<11} {plain(finding.place)}: {plain(finding.message)}"


def _counts(report: Report) -> str:
    counts = report.counts
    parts = [many(counts.entries, "entry", "entries"), many(counts.posts, "post")]
    parts.append(many(counts.disclosures, "disclosure"))
    if counts.tiles:
        parts.append(many(counts.tiles, "tile"))
    if counts.artefacts:
        parts.append(f"{many(counts.artefacts, 'artefact')} ({size(counts.artefact_bytes)})")
    if counts.withheld:
        parts.append(f"{counts.withheld} withheld")
    if counts.erased:
        parts.append(f"{counts.erased} erased")
    return ", ".join(parts)
