"""Holds branch coverage to the floors that pyproject.toml states.

Reads the combined data of `coverage run`, prints what is missing, and exits 1 when a floor is not met.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import coverage

ROOT = Path(__file__).resolve().parent.parent


def module_of(path: str) -> str:
    """Module name of a measured file: "src/holdfast/vault/canon.py" is "holdfast.vault.canon"."""
    parts = list(Path(path).with_suffix("").parts)
    parts = parts[len(parts) - parts[::-1].index("holdfast") - 1 :]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def belongs(module: str, names: list[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def check_floors(report: dict[str, Any], floors: dict[str, Any]) -> list[str]:
    """What is below its floor, one line each.

    Shapes: `report` is coverage's JSON report, `floors` the table `tool.holdfast.floors`.
    """
    names: list[str] = floors["trust_core_modules"]
    core = {m: f for path, f in report["files"].items() if belongs(m := module_of(path), names)}
    failures = [
        f"trust core: {name} is listed in pyproject.toml, but no such module was measured"
        for name in names
        if not any(belongs(module, [name]) for module in core)
    ]
    for module, measured in sorted(core.items()):
        summary = measured["summary"]
        total = summary["num_statements"] + summary["num_branches"]
        covered = summary["covered_lines"] + summary["covered_branches"]
        if covered * 100 < floors["trust_core"] * total:
            lines, branches = len(measured["missing_lines"]), len(measured["missing_branches"])
            failures.append(f"trust core: {module} misses {lines} lines, {branches} branches (listed above)")
    everything = report["totals"]["percent_covered"]
    if everything < floors["everything"]:
        failures.append(f"everything: {everything:.2f} % is below the floor of {floors['everything']} %")
    return failures


def main() -> int:
    floors = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["holdfast"]["floors"]
    measured = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    measured.report(file=sys.stdout)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "coverage.json"
        measured.json_report(outfile=str(out))
        report = json.loads(out.read_text())
    failures = check_floors(report, floors)
    for line in failures:
        print(f"coverage floor not met: {line}", file=sys.stderr)
    if not failures:
        total = report["totals"]["percent_covered"]
        print(
            f"coverage floors met: everything {total:.2f} % (floor {floors['everything']} %),"
            f" trust core {floors['trust_core']} %"
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
